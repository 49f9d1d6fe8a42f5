//! A driver that does what it should not: its caller gets an error or the answer, nothing is read past what was
//! written, and the connection stays usable.
//!
//! native: most of it is about what the typed client makes of an answer.

use crate::steps;
use crate::world::World;
use iokit_uc::backend::{Backend, NULL, PortName};
use iokit_uc::interface::{Arguments, EntryId, OnClose, OpenRequest, TerminateOptions, UserClient};
use iokit_uc::sim::{Machine, Misuse, Nub, Task};
use iokit_uc::{Connection, Detail, Error, IoReturn, Kernel, Result, Scalar, Scalars, Service, user_client};
use iokit_uc_machines::locking::{PASSES, WAITS};
use iokit_uc_machines::methods::{BYTES_WRITTEN, scalar_written};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

#[derive(Clone, Copy, Debug, Scalar)]
#[repr(u64)]
enum Mode {
    Only = 1,
}

/// What the driver `Raw` is believed to offer.
#[user_client(service = "Raw")]
trait Believed {
    #[uc(selector = 0)]
    fn nothing(&self) -> Result<()>;
    #[uc(selector = 1)]
    fn pair(&self) -> Result<(u64, u64)>;
    #[uc(selector = 2)]
    fn block(&self) -> Result<[u32; 4]>;
    #[uc(selector = 3)]
    fn large(&self) -> Result<[u8; 5000]>;
    #[uc(selector = 4)]
    fn both(&self) -> Result<(u64, [u32; 4])>;
    #[uc(selector = 5)]
    fn fill(&self, out: &mut [u32]) -> Result<usize>;
    #[uc(selector = 6)]
    fn list(&self) -> Result<Vec<u32>>;
    #[uc(selector = 7)]
    fn any(&self) -> Result<Scalars>;
    #[uc(selector = 8)]
    fn mode(&self) -> Result<Mode>;
}

/// The driver, told to answer in its own way, and a client that expects another.
struct Believing {
    client: BelievedClient,
    world: World,
}

impl Believing {
    fn on(world: World) -> Self {
        Self { client: BelievedClient::open_first(&world.kernel()).unwrap(), world }
    }

    fn new() -> Self {
        Self::on(World::boot("methods"))
    }

    /// Lets the driver answer so, makes a call, and sees that the next call works again.
    #[track_caller]
    fn with<R>(&self, orders: &[(&str, u64)], call: impl FnOnce(&BelievedClient) -> R) -> R {
        for &(order, number) in orders {
            self.world.command(order, &[number]);
        }
        let result = call(&self.client);
        self.world.command("answer_as_asked", &[]);
        assert_eq!(self.client.pair().unwrap(), (scalar_written(0), scalar_written(1)));
        result
    }
}

/// The figures of an answer that the driver called a success and that does not fit.
#[track_caller]
fn misfit(error: Error) -> (&'static str, u64, u64) {
    assert_eq!(error.code(), IoReturn::IPC_ERROR, "{error}");
    match error.detail() {
        Some(&Detail::Reply { what, expected, actual }) => (what, expected, actual),
        Some(&Detail::PartialElement { actual, element }) => ("elements", element, actual),
        _ => panic!("{error} tells no figures"),
    }
}

fn element_written(index: usize) -> u32 {
    u32::from_ne_bytes([0, 1, 2, 3].map(|byte| BYTES_WRITTEN[4 * index + byte]))
}

#[test]
fn a_driver_that_answers_as_asked_is_believed() {
    let it = Believing::new();
    assert_eq!(it.client.block().unwrap(), [0, 1, 2, 3].map(element_written));
    assert_eq!(it.client.any().unwrap().len(), 16);
    it.client.nothing().unwrap();
}

#[test]
fn more_scalars_than_there_is_room_for_are_too_large() {
    let it = Believing::new();
    let error = it.with(&[("answer_scalars", 3)], |client| client.pair()).unwrap_err();
    assert_eq!(error.code(), IoReturn::MIG_ARRAY_TOO_LARGE);
    assert!(error.to_string().starts_with("Believed::pair (selector 1): MIG_ARRAY_TOO_LARGE"), "{error}");
    let error = it.with(&[("answer_scalars", 1)], |client| client.nothing()).unwrap_err();
    assert_eq!(error.code(), IoReturn::MIG_ARRAY_TOO_LARGE);
}

#[test]
fn more_bytes_than_there_is_room_for_are_too_large() {
    let it = Believing::new();
    for error in [
        it.with(&[("answer_structure", 17)], |client| client.block()).unwrap_err(),
        it.with(&[("answer_structure", 1)], |client| client.nothing()).unwrap_err(),
        it.with(&[("answer_structure", 9)], |client| client.fill(&mut [0; 2])).unwrap_err(),
    ] {
        assert_eq!(error.code(), IoReturn::MIG_ARRAY_TOO_LARGE, "{error}");
    }
}

#[test]
fn more_bytes_than_a_descriptor_has_are_a_misfit() {
    let it = Believing::new();
    let error = it.with(&[("answer_structure", 5001)], |client| client.large()).unwrap_err();
    assert_eq!(misfit(error), ("bytes of structure", 5000, 5001));
    let error = it.with(&[("answer_structure", 8004)], |client| client.fill(&mut [0; 2000])).unwrap_err();
    assert_eq!(misfit(error), ("bytes of structure", 8000, 8004));
    let error = it.with(&[("answer_structure", u64::MAX)], |client| client.fill(&mut [0; 2000])).unwrap_err();
    assert_eq!(misfit(error), ("bytes of structure", 8000, u64::MAX));
}

#[test]
fn fewer_scalars_than_declared_are_a_misfit() {
    let it = Believing::new();
    for count in [0, 1] {
        let error = it.with(&[("answer_scalars", count)], |client| client.pair()).unwrap_err();
        assert_eq!(misfit(error), ("scalars", 2, count));
    }
}

#[test]
fn a_structure_shorter_than_declared_is_a_misfit() {
    let it = Believing::new();
    for size in [0, 15] {
        let error = it.with(&[("answer_structure", size)], |client| client.block()).unwrap_err();
        assert_eq!(misfit(error), ("bytes of structure", 16, size));
        let error = it.with(&[("answer_structure", size)], |client| client.both()).unwrap_err();
        assert_eq!(misfit(error), ("bytes of structure", 16, size));
    }
    let error = it.with(&[("answer_structure", 4999)], |client| client.large()).unwrap_err();
    assert_eq!(misfit(error), ("bytes of structure", 5000, 4999));
}

#[test]
fn a_buffer_is_filled_as_far_as_the_driver_says() {
    let it = Believing::new();
    let mut out = [7; 4];
    let filled = it.with(&[("answer_structure", 8)], |client| client.fill(&mut out)).unwrap();
    assert_eq!((filled, out), (2, [element_written(0), element_written(1), 7, 7]));
}

#[test]
fn an_element_that_is_cut_short_is_a_misfit() {
    let it = Believing::new();
    let error = it.with(&[("answer_structure", 6)], |client| client.fill(&mut [0; 4])).unwrap_err();
    assert_eq!(misfit(error), ("elements", 4, 6));
    let error = it.with(&[("answer_variable", 6)], |client| client.list()).unwrap_err();
    assert_eq!(misfit(error), ("elements", 4, 6));
}

#[test]
fn a_list_that_the_driver_does_not_supply_is_an_underrun() {
    let it = Believing::new();
    let error = it.with(&[], |client| client.list()).unwrap_err();
    assert_eq!(error.code(), IoReturn::UNDERRUN);
    assert_eq!(it.with(&[("answer_variable", 8)], |client| client.list()).unwrap().len(), 2);
}

#[test]
fn a_scalar_that_its_type_does_not_have_is_a_misfit() {
    let it = Believing::new();
    let error = it.with(&[], |client| client.mode()).unwrap_err();
    assert_eq!(error.code(), IoReturn::IPC_ERROR);
    let detail = Detail::ScalarOutput { index: 0, value: scalar_written(0), type_name: "Mode" };
    assert_eq!(error.detail(), Some(&detail));
}

#[test]
fn seventeen_scalars_or_too_many_bytes_are_a_type_error() {
    let it = Believing::on(World::boot("methods").unchecked());
    let seventeen = [("answer_scalars", 17)];
    let beyond = [("answer_structure", 4097)];
    for error in [
        it.with(&seventeen, |client| client.any()).unwrap_err(),
        it.with(&seventeen, |client| client.nothing()).unwrap_err(),
        it.with(&beyond, |client| client.block()).unwrap_err(),
        it.with(&beyond, |client| client.fill(&mut [0; 1024])).unwrap_err(),
    ] {
        assert_eq!(error.code(), IoReturn::MIG_TYPE_ERROR, "{error}");
    }
    let misuses = it.world.machine().report().misuses;
    assert_eq!(misuses.len(), 4);
    assert!(misuses.iter().all(|misuse| matches!(misuse, Misuse::KernelOverrun { .. })));
}

#[test]
fn a_driver_that_claims_too_much_and_fails_gives_its_own_code() {
    let it = Believing::new();
    let orders =
        [("answer_scalars", 17), ("answer_structure", 17), ("answer_code", IoReturn::BUSY.code().into())];
    assert_eq!(it.with(&orders, |client| client.block()).unwrap_err(), IoReturn::BUSY);
}

#[test]
fn a_driver_that_panics_gives_an_internal_error() {
    let it = Believing::new();
    let error = it.with(&[("answer_panic", 1)], |client| client.block()).unwrap_err();
    assert_eq!(error.code(), IoReturn::INTERNAL_ERROR);
    assert!(error.to_string().starts_with("Believed::block (selector 2): kIOReturnInternalError"), "{error}");
}

/// A driver of the trait itself, whose counts lie.
struct Liar;

impl Believed for Liar {
    fn nothing(&self) -> Result<()> {
        Ok(())
    }
    fn pair(&self) -> Result<(u64, u64)> {
        Ok((1, 2))
    }
    fn block(&self) -> Result<[u32; 4]> {
        panic!("told to")
    }
    fn large(&self) -> Result<[u8; 5000]> {
        Ok([9; 5000])
    }
    fn both(&self) -> Result<(u64, [u32; 4])> {
        Ok((1, [2; 4]))
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
    fn mode(&self) -> Result<Mode> {
        Ok(Mode::Only)
    }
}

#[test]
fn a_typed_driver_that_claims_more_elements_than_it_has_is_not_believed() {
    let machine = Machine::new();
    machine.publish(Nub::new("Raw").driver(BelievedServer::new(Liar)));
    let client = BelievedClient::open_first(&machine.task("client").kernel()).unwrap();
    let mut out = [0; 2];
    assert_eq!(client.fill(&mut out).unwrap_err(), IoReturn::MIG_ARRAY_TOO_LARGE);
    assert_eq!(misfit(client.fill(&mut [0; 2000]).unwrap_err()), ("bytes of structure", 8000, 8004));
    assert_eq!(client.block().unwrap_err(), IoReturn::INTERNAL_ERROR);
    assert_eq!(client.list().unwrap(), []);
    assert_eq!(client.any().unwrap().len(), 0);
    assert_eq!(client.pair().unwrap(), (1, 2));
    drop(client);
    machine.assert_clean();
}

// ---- a driver that blocks ----

fn open(kernel: &Kernel, class: &str) -> Connection {
    let matching = iokit_uc::Matching::class(class).unwrap();
    Service::expect_first(kernel, &matching).unwrap().open(0).unwrap()
}

#[test]
fn a_driver_that_blocks_keeps_nobody_else_waiting() {
    let world = World::boot("locking");
    let kernel = world.kernel();
    let connection = open(&kernel, "SharedLock");
    thread::scope(|scope| {
        let blocked = scope.spawn(|| connection.call(WAITS).send());
        assert_eq!(world.command("wait_until_inside", &[1]), 1);
        connection.call(PASSES).send().unwrap();
        let other = open(&kernel, "ExclusiveLock");
        other.call(PASSES).send().unwrap();
        drop(other);
        assert!(!blocked.is_finished());
        world.command("open_gate", &[]);
        blocked.join().unwrap().unwrap();
    });
    connection.call(PASSES).send().unwrap();
}

#[test]
fn term_07_a_call_that_runs_while_its_service_goes_returns_its_own_result() {
    let world = World::boot("locking");
    let kernel = world.kernel();
    let connection = open(&kernel, "SharedLock");
    let service = steps::service(&kernel, "SharedLock");
    thread::scope(|scope| {
        let running = scope.spawn(|| connection.call(WAITS).send());
        assert_eq!(world.command("wait_until_inside", &[1]), 1);
        steps::terminate(&world, service);
        assert_eq!(connection.call(PASSES).send().unwrap_err(), IoReturn::MACH_SEND_INVALID_DEST);
        world.command("open_gate", &[]);
        running.join().unwrap().unwrap();
    });
    assert_eq!(connection.call(PASSES).send().unwrap_err(), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(world.command("closes", &[]), 0);
    steps::release(&kernel, service);
    assert_eq!(connection.close().unwrap_err(), IoReturn::MACH_SEND_INVALID_DEST);
}

#[test]
fn a_task_is_killed_while_its_driver_blocks_and_closed_when_it_returns() {
    let world = World::boot("locking");
    let task = world.machine().task("killed");
    let connect = crate::raw::open(&task.kernel(), "SharedLock");
    thread::scope(|scope| {
        let kernel = task.kernel();
        scope.spawn(move || crate::raw::Call::new(kernel, connect, WAITS).send());
        assert_eq!(world.command("wait_until_inside", &[1]), 1);
        task.kill();
        assert_eq!(world.command("closes", &[]), 0);
        world.command("open_gate", &[]);
    });
    assert_eq!((world.command("closes", &[]), world.command("inside_at_close", &[])), (1, 0));
}

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
        self.task.kernel().io_service_close(self.connect)
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
        kernel.io_service_close(connect)
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
        *seen.lock().unwrap() = Some(kernel.io_service_close(connect));
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
    assert_eq!(it.call(0, move |_| kernel.io_connect_release(connect)), IoReturn::SUCCESS);
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

#[test]
fn a_driver_that_panics_while_it_makes_a_user_client_refuses_the_open() {
    let machine = Machine::new();
    machine
        .publish(Nub::new("Panics").driver(|_: &OpenRequest<'_>| -> Result<Reentrant> { panic!("told to") }));
    let kernel = machine.task("client").kernel();
    let (code, connect) = steps::try_open(&kernel, "Panics", 0);
    assert_eq!((code, connect), (IoReturn::INTERNAL_ERROR, NULL));
    machine.assert_clean();
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
    it.machine.assert_clean();
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
    fn did_terminate(&self, _: EntryId) {
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
    assert_eq!(kernel.io_service_close(connect), IoReturn::SUCCESS);
    assert!(machine.terminate(service, TerminateOptions::default()));
    let report = machine.report();
    let panics = ["clientClose", "didTerminate", "drop"].map(Misuse::Panic);
    assert_eq!(report.misuses, panics);
    assert!(report.leaks.is_empty() && report.user_clients.is_empty(), "{report}");
}
