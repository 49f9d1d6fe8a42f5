//! Discovery, properties, opening, external methods.

use super::*;
use iokit_uc::backend::{Backend, DEAD, NULL};
use iokit_uc::{ErrorKind, Matching, Plane, RegistryEntry, Service, Value};

#[test]
fn external_methods_answer_as_they_did() {
    let outcome = same(&machine(), |kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        let sample = |first| Sample { first, second: u64::MAX };
        (
            device.add(2, 3),
            [device.store(&sample(1)), device.store(&sample(1)), device.store(&sample(2))],
            [1, 1, 2].map(|first| device.samples(first)),
            device.refuse(),
        )
    });
    assert_eq!(outcome.0, Ok(5));
    assert_eq!(outcome.1[1], Ok(Sample { first: 1, second: u64::MAX }));
    assert_eq!(outcome.2[1].as_ref().unwrap().0, 2);
    assert_eq!(outcome.2[2].as_ref().unwrap().1[299], Sample { first: 2, second: 299 });
    assert_eq!(outcome.3.unwrap_err(), IoReturn::NOT_READY);
}

#[test]
fn services_are_found_and_told_apart_as_they_were() {
    let machine = machine();
    machine.publish(device("second"));
    let outcome = same(&machine, |kernel| {
        let matching = Matching::class(CLASS);
        let all: Vec<String> =
            Service::all(kernel, &matching).unwrap().map(|service| service.name().unwrap()).collect();
        let serials: Vec<Option<Value>> = Service::all(kernel, &matching)
            .unwrap()
            .map(|service| service.property("serial").unwrap())
            .collect();
        let first = Service::expect_first(kernel, &matching).unwrap();
        let again = Service::expect_first(kernel, &matching).unwrap();
        let none = Service::first(kernel, &Matching::class("com_example_Other")).unwrap();
        (all, serials, first == again, first.send_rights(), none.is_none(), first.path(&Plane::SERVICE))
    });
    assert_eq!(outcome.0, ["first", "second"]);
    assert!(outcome.2 && outcome.4);
    assert_eq!(outcome.3, Ok(2));
}

#[test]
fn the_registry_is_gone_through_as_it_was() {
    let paths = same(&machine(), |kernel| {
        let root = RegistryEntry::root(kernel).unwrap();
        let entries = root.descendants(&Plane::SERVICE).unwrap();
        entries.map(|entry| entry.and_then(|entry| entry.path(&Plane::SERVICE))).collect::<Vec<_>>()
    });
    assert!(paths.iter().any(|path| path.as_ref().is_ok_and(|path| path.contains("first"))), "{paths:?}");
}

#[test]
fn handles_may_be_dropped_in_another_order() {
    let machine = machine();
    let matching = Matching::class(CLASS);
    let two = |kernel: &Kernel| {
        let one = Service::expect_first(kernel, &matching).unwrap();
        (one.clone(), one)
    };
    let (_, trace) = recorded(&machine, |kernel| {
        let (one, other) = two(kernel);
        assert_eq!(one.name().as_deref(), Ok("first"));
        drop(one);
        assert_eq!(other.class().as_deref(), Ok(CLASS));
        drop(other);
        // The kernel gives the name away, or another.
        let again = Service::expect_first(kernel, &matching).unwrap();
        assert!(again.conforms_to("IOService").unwrap());
    });
    let (kept, finished) = replayed(&trace, ReplayMode::Strict, |kernel| {
        let (one, other) = two(kernel);
        drop(one.clone());
        assert_eq!((one.name().as_deref(), other.class().as_deref()), (Ok("first"), Ok(CLASS)));
        let again = Service::expect_first(kernel, &matching).unwrap();
        assert!(again.conforms_to("IOService").unwrap());
        (one.send_rights(), again.user_retain_count())
    });
    assert_eq!((kept, finished), ((Ok(2), 1), Ok(())));
}

#[test]
fn names_that_a_kernel_gives_again_are_told_apart() {
    let machine = machine();
    machine.publish(device("second"));
    let names = same(&machine, |kernel| {
        let mut names = Vec::new();
        for name in ["first", "second", "first"] {
            // Each has been released before the next is looked for, so that it may have the same name.
            for _ in 0..70 {
                let service = Service::expect_first(kernel, &Matching::class(CLASS).property("serial", name));
                names.push(service.and_then(|service| service.name()).unwrap());
            }
        }
        names
    });
    assert!(names[..70].iter().all(|name| name == "first") && names[70] == "second");
}

#[test]
fn a_call_that_failed_fails_with_its_code() {
    let machine = machine();
    machine.publish(Nub::new("com_example_Closed"));
    let outcome = same(&machine, |kernel| {
        let closed = Service::expect_first(kernel, &Matching::class("com_example_Closed")).unwrap();
        let error = closed.open(0).unwrap_err();
        let path = RegistryEntry::from_path(kernel, "IOService:/nowhere").unwrap().is_none();
        (error.kind(), error.code(), path)
    });
    assert_eq!(outcome, (ErrorKind::Unsupported, IoReturn::UNSUPPORTED, true));
}

#[test]
fn names_that_mean_nothing_are_asked_and_counted_as_in_a_kernel() {
    same(&machine(), |kernel| {
        let mut references = 7;
        (
            [NULL, DEAD, 0xdead03].map(|name| kernel.io_object_retain(name)),
            [NULL, DEAD, 0xdead03].map(|name| kernel.io_object_get_user_retain_count(name)),
            kernel.mach_port_get_refs(0xdead03, iokit_uc::backend::PortRight::Send, &mut references),
            references,
            [NULL, 0xdead03].map(|name| kernel.io_object_get_class(name, &mut c"".into())),
            kernel.io_connect_add_ref(NULL),
        )
    });
}

#[test]
fn a_device_that_is_opened_again_is_another_connection() {
    let outcome = same(&machine(), |kernel| {
        let sums: Vec<_> =
            (0..3).map(|number| DeviceClient::open_first(kernel).unwrap().add(number, 1)).collect();
        let (one, other) =
            (DeviceClient::open_first(kernel).unwrap(), DeviceClient::open_first(kernel).unwrap());
        (sums, other.add(1, 1), one.add(5, 5), one.refuse().is_err())
    });
    assert_eq!(outcome, (vec![Ok(1), Ok(2), Ok(3)], Ok(2), Ok(10), true));
}

#[test]
fn connections_do_not_wait_for_one_another() {
    let program = |turn: bool| {
        move |kernel: &Kernel| {
            let one = DeviceClient::open_first(kernel).unwrap();
            let other = DeviceClient::open_first(kernel).unwrap();
            if turn {
                let sum = other.add(3, 4);
                (one.add(1, 2), sum)
            } else {
                (one.add(1, 2), other.add(3, 4))
            }
        }
    };
    let (outcome, trace) = recorded(&machine(), program(false));
    assert_eq!(replayed(&trace, ReplayMode::Strict, program(true)), (outcome, Ok(())));
}

#[test]
fn threads_share_a_replay() {
    const THREADS: u32 = 4;
    let program = |kernel: &Kernel| {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| {
                    scope.spawn(move || {
                        let device = DeviceClient::open_first(kernel).unwrap();
                        (0..20).map(|number| device.add(thread, number).unwrap()).sum::<u32>()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        })
    };
    // Which thread opens which connection is chance, so only by content is the same the same.
    let (outcome, trace) = recorded(&machine(), program);
    assert_eq!(replayed(&trace, ReplayMode::ByContent, program), (outcome, Ok(())));
}

#[test]
fn by_content_one_handle_is_as_good_as_another_that_was_got_alike() {
    let program = |is_other: bool| {
        move |kernel: &Kernel| {
            let devices = [0; 2].map(|_| DeviceClient::open_first(kernel).unwrap());
            devices[usize::from(is_other)].add(3, 4)
        }
    };
    let (_, trace) = recorded(&machine(), program(false));
    assert_eq!(replayed(&trace, ReplayMode::ByContent, program(true)), (Ok(7), Ok(())));
    let (sum, finished) = replayed(&trace, ReplayMode::Strict, program(true));
    assert_eq!((sum.unwrap_err().code(), finished.is_err()), (IoReturn::REPLAY_DIVERGED, true));
}

#[test]
fn a_recording_of_a_replay_is_the_same_again() {
    let program = |kernel: &Kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        (device.add(2, 3), device.double(4).wait(), device.table().unwrap().size())
    };
    let (outcome, trace) = recorded(&machine(), program);
    let sink = Sink::default();
    let replay = Replay::new(trace, ReplayMode::Strict);
    let again = program(&Kernel::recording(Kernel::replay(replay.clone()), sink.clone()));
    assert_eq!((&again, replay.finish()), (&outcome, Ok(())));
    assert_eq!(replayed(&sink.trace(), ReplayMode::Strict, program), (outcome, Ok(())));
}
