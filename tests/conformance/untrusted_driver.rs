//! A driver that does what it should not: its caller gets an error or the answer, nothing is read past what was
//! written, and the connection stays usable.

use crate::steps;
use crate::world::World;
use iokit_uc::{Connection, Detail, Error, IoReturn, Kernel, Result, Scalar, Scalars, Service, user_client};
use iokit_uc_machines::locking::{PASSES, WAITS};
use iokit_uc_machines::methods::{BYTES_WRITTEN, scalar_written};
use std::thread;

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
    let misuses = it.world.misuses();
    assert_eq!(misuses.len(), 4);
    assert!(
        misuses.iter().all(|misuse| misuse.contains("more than the kernel's buffers hold")),
        "{misuses:?}"
    );
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
    let it = Believing::on(World::boot("methods").unchecked());
    let error = it.with(&[("answer_panic", 1)], |client| client.block()).unwrap_err();
    assert_eq!(error.code(), IoReturn::INTERNAL_ERROR);
    assert!(error.to_string().starts_with("Believed::block (selector 2): kIOReturnInternalError"), "{error}");
    assert_eq!(it.world.misuses(), ["a driver panicked in externalMethod"]);
}

// ---- a driver that blocks ----

fn open(kernel: &Kernel, class: &str) -> Connection {
    let matching = iokit_uc::Matching::class(class);
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
