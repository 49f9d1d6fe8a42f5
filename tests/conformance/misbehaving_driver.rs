//! Drivers that come back to the kernel from within a call, panic where nobody expects it, or claim what is not so: the
//! call that brought it about returns, and the machine goes on.

use crate::releasing::{io_connect_release, io_service_close};
use crate::steps;
use iokit_uc::backend::{Backend, NULL, PortName};
use iokit_uc::interface::{Arguments, EntryId, OnClose, OpenRequest, TerminateOptions, UserClient};
use iokit_uc::sim::{Machine, Misuse, Nub, Task};
use iokit_uc::{Detail, IoReturn, Kernel, Result, Scalars, user_client};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

// ---- a driver that re-enters the kernel ----

type Inside = Arc<dyn Fn(u32) -> IoReturn + Send + Sync>;

/// A driver that runs in its external method what a test gives it.
#[derive(Clone, Default)]
struct Reentrant {
    inside: Arc<Mutex<Option<Inside>>>,
    single_thread: bool,
}

impl UserClient for Reentrant {
    fn external_method(&self, selector: u32, _: &mut Arguments<'_>) -> Result<()> {
        let inside = self.inside.lock().unwrap().clone();
        Ok(inside.map_or(IoReturn::SUCCESS, |inside| inside(selector)).result()?)
    }

    fn properties(&self) -> Vec<(&'static str, iokit_uc::Value)> {
        let single_thread = "IOUserClientDefaultLockingSingleThreadExternalMethod";
        vec![("IOUserClientDefaultLocking", true.into()), (single_thread, self.single_thread.into())]
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

/// A machine with one such driver, open.
struct Entered {
    machine: Machine,
    task: Task,
    service: EntryId,
    connect: PortName,
    driver: Reentrant,
}

impl Entered {
    fn new(driver: Reentrant) -> Self {
        let machine = Machine::new();
        let published = driver.clone();
        let nub = Nub::new("Reentrant").driver(move |_: &OpenRequest<'_>| Ok(published.clone()));
        let service = machine.publish(nub);
        let task = machine.task("client");
        let connect = crate::raw::open(&task.kernel(), "Reentrant");
        Self { machine, task, service, connect, driver }
    }

    /// Makes call `selector`, in which the driver runs `inside` with the selector.
    fn call(&self, selector: u32, inside: impl Fn(u32) -> IoReturn + Send + Sync + 'static) -> IoReturn {
        *self.driver.inside.lock().unwrap() = Some(Arc::new(inside));
        let code = self.call_again(selector);
        // What runs inside may keep the machine, which keeps the driver.
        *self.driver.inside.lock().unwrap() = None;
        code
    }

    fn call_again(&self, selector: u32) -> IoReturn {
        call(&self.task.kernel(), self.connect, selector)
    }

    fn close(&self) -> IoReturn {
        io_service_close(&self.task.kernel(), self.connect)
    }
}

fn call(kernel: &Kernel, connect: PortName, selector: u32) -> IoReturn {
    kernel.io_connect_call_scalar_method(connect, selector, &[], None)
}

#[test]
fn a_driver_may_call_itself() {
    let it = Entered::new(Reentrant::default());
    let (kernel, connect) = (it.task.kernel(), it.connect);
    let inside = move |selector| match selector {
        0 => IoReturn::BUSY,
        _ => call(&kernel, connect, selector - 1),
    };
    // Deeper than any driver should.
    assert_eq!(it.call(20, inside), IoReturn::BUSY);
    assert_eq!(it.close(), IoReturn::SUCCESS);
    it.machine.assert_clean();
}

#[test]
fn a_driver_that_runs_one_call_at_a_time_and_calls_itself_is_a_deadlock() {
    let it = Entered::new(Reentrant { single_thread: true, ..Reentrant::default() });
    let (kernel, connect) = (it.task.kernel(), it.connect);
    let inside = move |selector| if selector == 0 { IoReturn::BUSY } else { call(&kernel, connect, 0) };
    assert_eq!(it.call(1, inside), IoReturn::BUSY);
    assert_eq!(it.machine.report().misuses, [Misuse::SelfDeadlock]);
    assert_eq!(it.close(), IoReturn::SUCCESS);
}

#[test]
fn a_driver_may_open_and_close_another_connection_to_itself() {
    let it = Entered::new(Reentrant::default());
    let kernel = it.task.kernel();
    let code = it.call(0, move |_| {
        let connect = crate::raw::open(&kernel, "Reentrant");
        io_service_close(&kernel, connect)
    });
    assert_eq!(code, IoReturn::SUCCESS);
    assert_eq!(it.close(), IoReturn::SUCCESS);
    it.machine.assert_clean();
}

#[test]
fn a_driver_that_closes_its_own_connection_is_a_deadlock_and_the_call_returns() {
    let it = Entered::new(Reentrant::default());
    let (kernel, connect) = (it.task.kernel(), it.connect);
    let closed = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&closed);
    let code = it.call(0, move |_| {
        *seen.lock().unwrap() = Some(io_service_close(&kernel, connect));
        IoReturn::BUSY
    });
    assert_eq!((code, *closed.lock().unwrap()), (IoReturn::BUSY, Some(IoReturn::SUCCESS)));
    assert_eq!(it.call_again(0), IoReturn::MACH_SEND_INVALID_DEST);
    let report = it.machine.report();
    assert_eq!(report.misuses, [Misuse::SelfDeadlock]);
    assert!(report.leaks.is_empty() && report.user_clients.is_empty(), "{report}");
}

#[test]
fn a_driver_whose_last_name_goes_while_it_runs_is_closed_afterwards() {
    let it = Entered::new(Reentrant::default());
    let (kernel, connect) = (it.task.kernel(), it.connect);
    assert_eq!(it.call(0, move |_| io_connect_release(&kernel, connect)), IoReturn::SUCCESS);
    assert_eq!(it.call_again(0), IoReturn::MACH_SEND_INVALID_DEST);
    it.machine.assert_clean();
}

#[test]
fn a_driver_that_terminates_its_own_service_still_returns() {
    let it = Entered::new(Reentrant::default());
    let (machine, service) = (it.machine.downgrade(), it.service);
    let code = it.call(0, move |_| {
        assert!(machine.upgrade().unwrap().terminate(service, TerminateOptions::default()));
        IoReturn::BUSY
    });
    assert_eq!(code, IoReturn::BUSY);
    assert!(it.machine.is_inactive(it.service));
    assert_eq!(it.call_again(0), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(it.close(), IoReturn::MACH_SEND_INVALID_DEST);
    it.machine.assert_clean();
}

#[test]
fn a_driver_that_waits_for_the_end_of_its_own_service_waits_15_seconds() {
    let it = Entered::new(Reentrant::default());
    it.machine.freeze_clock();
    let (machine, service) = (it.machine.downgrade(), it.service);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            it.call(0, move |_| {
                machine.upgrade().unwrap().terminate(service, TerminateOptions { synchronous: true });
                IoReturn::BUSY
            })
        });
        assert!(it.machine.wait_until_blocked(1, Duration::from_secs(20)));
        it.machine.advance(Duration::from_secs(15));
        assert_eq!(waiting.join().unwrap(), IoReturn::BUSY);
    });
    assert_eq!(it.close(), IoReturn::MACH_SEND_INVALID_DEST);
    it.machine.assert_clean();
}

#[test]
fn a_driver_may_kill_the_task_that_called_it() {
    let it = Entered::new(Reentrant::default());
    let task = it.task.clone();
    it.call(0, move |_| {
        task.kill();
        IoReturn::SUCCESS
    });
    assert_eq!(it.call_again(0), IoReturn::MACH_SEND_INVALID_DEST);
    it.machine.assert_clean();
}

/// The machine is left as it should be, but for drivers' panics.
fn assert_panicked(machine: &Machine, functions: &[&'static str]) {
    let mut report = machine.report();
    let panics: Vec<_> = functions.iter().copied().map(Misuse::Panic).collect();
    assert_eq!(std::mem::take(&mut report.misuses), panics);
    assert!(report.is_clean(), "{report}");
}

#[test]
fn a_driver_that_panics_while_it_makes_a_user_client_refuses_the_open() {
    let machine = Machine::new();
    machine
        .publish(Nub::new("Panics").driver(|_: &OpenRequest<'_>| -> Result<Reentrant> { panic!("told to") }));
    let kernel = machine.task("client").kernel();
    let (code, connect) = steps::try_open(&kernel, "Panics", 0);
    assert_eq!((code, connect), (IoReturn::INTERNAL_ERROR, NULL));
    assert_panicked(&machine, &["newUserClient"]);
}

/// What a panic carries away, and panics itself when it is dropped.
#[cfg(not(miri))]
struct Grenade;

#[cfg(not(miri))]
impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("told to, again");
    }
}

#[cfg(not(miri))] // The second payload is leaked, as it must be.
#[test]
fn a_panic_whose_payload_panics_is_one_internal_error() {
    let it = Entered::new(Reentrant::default());
    assert_eq!(it.call(0, |_| std::panic::panic_any(Grenade)), IoReturn::INTERNAL_ERROR);
    assert_eq!(it.call_again(0), IoReturn::SUCCESS);
    assert_eq!(it.close(), IoReturn::SUCCESS);
    assert_panicked(&it.machine, &["externalMethod"]);
}

/// A driver that panics when it is closed, told that it goes, and dropped.
struct PanicsAtItsEnd;

impl UserClient for PanicsAtItsEnd {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }
    fn client_close(&self) -> OnClose {
        panic!("told to")
    }
    fn did_terminate(&self, _: EntryId, _: &mut bool) {
        panic!("told to")
    }
}

impl Drop for PanicsAtItsEnd {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic!("told to");
        }
    }
}

#[test]
fn a_driver_that_panics_at_its_end_is_reported_and_goes() {
    let machine = Machine::new();
    let service = machine.publish(Nub::new("Panics").driver(|_: &OpenRequest<'_>| Ok(PanicsAtItsEnd)));
    let kernel = machine.task("client").kernel();
    let connect = crate::raw::open(&kernel, "Panics");
    assert_eq!(io_service_close(&kernel, connect), IoReturn::SUCCESS);
    assert!(machine.terminate(service, TerminateOptions::default()));
    let report = machine.report();
    let panics = ["clientClose", "didTerminate", "drop"].map(Misuse::Panic);
    assert_eq!(report.misuses, panics);
    assert!(report.leaks.is_empty() && report.user_clients.is_empty(), "{report}");
}

// ---- a driver whose counts lie ----

#[user_client(service = "Liar")]
trait Lies {
    #[uc(selector = 0)]
    fn pair(&self) -> Result<(u64, u64)>;
    #[uc(selector = 1)]
    fn block(&self) -> Result<[u32; 4]>;
    #[uc(selector = 2)]
    fn fill(&self, out: &mut [u32]) -> Result<usize>;
    #[uc(selector = 3)]
    fn list(&self) -> Result<Vec<u32>>;
    #[uc(selector = 4)]
    fn any(&self) -> Result<Scalars>;
}

struct Liar;

impl Lies for Liar {
    fn pair(&self) -> Result<(u64, u64)> {
        Ok((1, 2))
    }
    fn block(&self) -> Result<[u32; 4]> {
        panic!("told to")
    }
    fn fill(&self, out: &mut [u32]) -> Result<usize> {
        out.fill(3);
        Ok(out.len() + 1)
    }
    fn list(&self) -> Result<Vec<u32>> {
        Ok(Vec::new())
    }
    fn any(&self) -> Result<Scalars> {
        Ok(Scalars::new())
    }
}

#[test]
fn a_typed_driver_that_claims_more_elements_than_it_has_is_not_believed() {
    let machine = Machine::new();
    machine.publish(Nub::new("Liar").driver(LiesServer::new(Liar)));
    let client = LiesClient::open_first(&machine.task("client").kernel()).unwrap();
    assert_eq!(client.fill(&mut [0; 2]).unwrap_err(), IoReturn::MIG_ARRAY_TOO_LARGE);
    let error = client.fill(&mut [0; 2000]).unwrap_err();
    assert_eq!(error.code(), IoReturn::IPC_ERROR);
    let detail = Detail::Reply { what: "bytes of structure", expected: 8000, actual: 8004 };
    assert_eq!(error.detail(), Some(&detail));
    assert_eq!(client.block().unwrap_err(), IoReturn::INTERNAL_ERROR);
    assert_eq!(client.list().unwrap(), []);
    assert_eq!(client.any().unwrap().len(), 0);
    assert_eq!(client.pair().unwrap(), (1, 2));
    drop(client);
    // `block` of the driver's.
    assert_panicked(&machine, &["externalMethod"]);
}
