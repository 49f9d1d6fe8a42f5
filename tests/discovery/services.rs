//! Services, their states, and waiting for quiet.

use super::{Desk, assert_gone, names};
use iokit_uc::interface::EntryId;
use iokit_uc::sim::Nub;
use iokit_uc::{Detail, Error, ErrorKind, IoReturn, Matching, Plane, RegistryEntry, Service};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

fn id(entry: &RegistryEntry) -> EntryId {
    EntryId(entry.id().unwrap())
}

#[test]
fn the_first_service_is_the_first_of_all() {
    let desk = Desk::new();
    let keyboards = Matching::class("com_example_Device");
    let mut all = Service::all(&desk.kernel, &keyboards).unwrap();
    assert_eq!(Service::first(&desk.kernel, &keyboards).unwrap(), all.next());
    assert_eq!(all.by_ref().count(), 1);
    assert_eq!(all.next(), None);
    all.reset();
    assert_eq!(all.count(), 2);
}

#[test]
fn where_nothing_matches_there_is_none() {
    let desk = Desk::new();
    let mice = Matching::class("com_example_Mouse").property("buttons", 3);
    assert_eq!(Service::first(&desk.kernel, &mice), Ok(None));
    let mut none = Service::all(&desk.kernel, &mice).unwrap();
    none.reset();
    assert_eq!(none.count(), 0);
    let error = Service::expect_first(&desk.kernel, &mice).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let sought =
        "no service matches IOProviderClass `com_example_Mouse`, IOPropertyMatch {\"buttons\": 3u32}";
    assert!(error.to_string().ends_with(sought), "{error}");
}

#[test]
fn why_nothing_can_be_found_is_told() {
    let desk = Desk::new();
    let task = desk.machine.task("brief");
    let kernel = task.kernel();
    task.kill();
    let everything = Matching::any();
    for error in [
        Service::first(&kernel, &everything).unwrap_err(),
        Service::all(&kernel, &everything).unwrap_err(),
        RegistryEntry::from_id(&kernel, 1).unwrap_err(),
        kernel.busy_state().unwrap_err(),
        kernel.wait_quiet(None).unwrap_err(),
    ] {
        assert_eq!(error, IoReturn::MACH_SEND_INVALID_DEST, "{error}");
    }
    for error in [
        RegistryEntry::root(&kernel).unwrap_err(),
        Plane::all(&kernel).unwrap_err(),
        RegistryEntry::from_path(&kernel, "IOService:/").unwrap_err(),
    ] {
        assert_eq!(error, IoReturn::IPC_ERROR, "{error}");
    }
}

#[test]
fn an_entry_is_a_service_or_says_what_else_it_is() {
    let desk = Desk::new();
    let platform = desk.at("IOService:/");
    assert_eq!(*Service::from_entry(platform.clone()).unwrap(), platform);
    let error = Service::from_entry(RegistryEntry::root(&desk.kernel).unwrap()).unwrap_err();
    assert_eq!(error, IoReturn::BAD_ARGUMENT);
    assert!(error.to_string().ends_with("an IORegistryEntry is no IOService"), "{error}");
    let light = desk.gone();
    assert_gone(Service::from_entry(RegistryEntry::clone(&light)));
}

#[test]
fn one_service_is_matched_whether_registered_or_not() {
    let desk = Desk::new();
    let bus = desk.service(Matching::class("com_example_Bus"));
    assert_eq!(bus.matches(&Matching::class("com_example_Bus").location("A")), Ok(true));
    assert_eq!(bus.matches(&Matching::class("com_example_Bus").location("B")), Ok(false));
    desk.machine.attach(Nub::new("com_example_Mouse").provider(id(&bus)));
    let mouse = bus.children(&Plane::SERVICE).unwrap().last().unwrap();
    assert_eq!(Service::from_entry(mouse).unwrap().matches(&Matching::class("com_example_Mouse")), Ok(true));
    let light = desk.gone();
    assert_gone(light.matches(&Matching::any()));
    let flaw = bus.matches(&Matching::class("a\0b")).unwrap_err();
    assert!(matches!(flaw.detail(), Some(Detail::InteriorNul { .. })));
}

#[test]
fn a_probe_reaches_the_driver() {
    let desk = Desk::new();
    let asked = Arc::new(AtomicU32::new(0));
    let driver = asked.clone();
    let nub = Nub::new("com_example_Mouse").on_request_probe(move |options| {
        driver.store(options, Ordering::SeqCst);
        if options == 7 { Ok(()) } else { Err(IoReturn::NOT_READY.into()) }
    });
    desk.machine.publish(nub);
    let mouse = desk.service(Matching::class("com_example_Mouse"));
    assert_eq!(mouse.request_probe(7), Ok(()));
    assert_eq!(mouse.request_probe(9).unwrap_err(), IoReturn::NOT_READY);
    assert_eq!(asked.load(Ordering::SeqCst), 9);
    let bus = desk.service(Matching::class("com_example_Bus"));
    assert_eq!(bus.request_probe(0).unwrap_err().kind(), ErrorKind::Unsupported);
    assert_gone(desk.gone().request_probe(0));
}

#[test]
fn a_service_tells_how_far_it_has_come() {
    let desk = Desk::new();
    desk.machine.freeze_clock();
    let bus = desk.service(Matching::class("com_example_Bus"));
    let mouse = desk.machine.attach(Nub::new("com_example_Mouse").provider(id(&bus)));
    let service = bus.children(&Plane::SERVICE).unwrap().last().unwrap();
    let service = Service::from_entry(service).unwrap();
    let state = service.state().unwrap();
    assert_eq!((state.bits & 0x1f, state.busy), (0, 0));
    assert!(!state.registered && !state.matched && !state.inactive);
    assert!(!state.first_published && !state.first_matched);

    let round = desk.machine.start_matching(mouse);
    let state = service.state().unwrap();
    assert!(state.registered && state.first_published && !state.matched && !state.first_matched);
    assert_eq!((state.busy, service.busy_state()), (1, Ok(1)));
    assert_eq!((bus.busy_state(), desk.kernel.busy_state()), (Ok(1), Ok(1)));
    desk.machine.advance(Duration::from_millis(250));
    assert_eq!(service.state().unwrap().busy_time, state.busy_time + Duration::from_millis(250));

    drop(round);
    let state = service.state().unwrap();
    assert!(state.registered && state.matched && state.first_matched && !state.inactive);
    assert_eq!((state.busy, state.busy_time), (0, Duration::from_millis(250)));
    assert_eq!(state.bits & 0x1f, 0x1e);
    assert_eq!(desk.kernel.busy_state(), Ok(0));
}

#[test]
fn a_service_that_is_gone_has_no_state() {
    let desk = Desk::new();
    let light = desk.gone();
    assert_gone(light.state());
    assert_gone(light.busy_state());
    assert_gone(light.wait_quiet(None));
}

#[track_caller]
fn assert_times_out(waited: Result<(), Error>) {
    let error = waited.unwrap_err();
    assert_eq!((error.code(), error.kind()), (IoReturn::TIMEOUT, ErrorKind::TimedOut));
}

#[test]
fn waiting_for_quiet_ends_with_the_last_round_or_with_the_timeout() {
    let desk = Desk::new();
    desk.machine.freeze_clock();
    let bus = desk.service(Matching::class("com_example_Bus"));
    assert_eq!(
        (bus.wait_quiet(Some(Duration::ZERO)), desk.kernel.wait_quiet(Some(Duration::ZERO))),
        (Ok(()), Ok(()))
    );

    let mouse = desk.machine.attach(Nub::new("com_example_Mouse").provider(id(&bus)));
    let round = desk.machine.start_matching(mouse);
    assert_times_out(bus.wait_quiet(Some(Duration::ZERO)));
    assert_times_out(desk.kernel.wait_quiet(Some(Duration::ZERO)));

    let (machine, kernel) = (desk.machine.clone(), desk.kernel.clone());
    std::thread::scope(|scope| {
        let short = scope.spawn(|| bus.wait_quiet(Some(Duration::from_millis(1500))));
        let forever = scope.spawn(|| bus.wait_quiet(None));
        let long = scope.spawn(|| kernel.wait_quiet(Some(Duration::MAX)));
        assert!(machine.wait_until_blocked(3, Duration::from_secs(60)));
        machine.advance(Duration::from_millis(1500));
        assert_times_out(short.join().unwrap());
        drop(round);
        assert_eq!((forever.join().unwrap(), long.join().unwrap()), (Ok(()), Ok(())));
    });
}

#[test]
fn handles_can_be_used_and_dropped_by_any_thread() {
    let desk = Desk::new();
    let (sender, receiver) = mpsc::channel();
    let keyboards = Service::all(&desk.kernel, &Matching::class("com_example_Keyboard")).unwrap();
    let below = desk.at("IOService:/bus").descendants(&Plane::SERVICE).unwrap();
    let thread = std::thread::spawn(move || {
        sender
            .send(keyboards.map(|service| service.location().unwrap().unwrap()).collect::<Vec<_>>())
            .unwrap();
        names(below.map(Result::unwrap)).len()
    });
    assert_eq!(receiver.recv().unwrap(), ["1", "2"]);
    assert_eq!(thread.join().unwrap(), 3);
}
