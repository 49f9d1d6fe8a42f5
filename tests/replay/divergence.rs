//! Programs that do something else than what was recorded.

use super::*;
use iokit_uc::backend::Function;
use iokit_uc::{Matching, NotificationPort, Service};
use std::time::Instant;

/// What is said of a program that does something else, and where.
fn parted<T>(recorded_program: impl FnOnce(&Kernel), program: impl FnOnce(&Kernel) -> T) -> (T, Divergence) {
    let (_, trace) = recorded(&machine(), recorded_program);
    let (outcome, finished) = replayed(&trace, ReplayMode::Strict, program);
    (outcome, finished.unwrap_err())
}

fn add(kernel: &Kernel, sums: &[(u32, u32)]) -> Vec<Result<u32>> {
    let device = DeviceClient::open_first(kernel).unwrap();
    sums.iter().map(|&(a, b)| device.add(a, b)).collect()
}

#[test]
fn other_inputs_are_told_by_line_and_parameter() {
    let (sums, divergence) = parted(
        |kernel| drop(add(kernel, &[(1, 2), (3, 4)])),
        |kernel| add(kernel, &[(1, 2), (3, 5), (1, 2)]),
    );
    assert_eq!(sums[0], Ok(3));
    for sum in &sums[1..] {
        let error = sum.as_ref().unwrap_err();
        assert_eq!(error.code(), IoReturn::REPLAY_DIVERGED);
        assert!(error.to_string().contains("Replay::finish"), "{error}");
    }
    assert_eq!(divergence.recorded(), divergence.called());
    assert_eq!(divergence.called(), Some(Function::IOConnectCallMethod));
    let [difference] = divergence.differences() else { panic!("{divergence}") };
    let texts = [&*difference.parameter, &*difference.recorded, &*difference.made];
    assert_eq!(texts, ["input", "[0x3, 0x4]", "[0x3, 0x5]"]);
    let line = divergence.line().unwrap();
    assert!(divergence.to_string().contains(&format!("line {line} ")), "{divergence}");
}

#[test]
fn another_call_is_told_with_the_one_that_was_to_come() {
    let (_, divergence) = parted(
        |kernel| drop(add(kernel, &[(1, 2)])),
        |kernel| DeviceClient::open_first(kernel).unwrap().table().unwrap_err(),
    );
    assert_eq!(divergence.called(), Some(Function::IOConnectMapMemory64), "{divergence}");
    assert_eq!(divergence.recorded(), Some(Function::IOConnectCallMethod));
}

#[test]
fn one_call_more_on_a_connection_is_told() {
    let (sums, divergence) =
        parted(|kernel| drop(add(kernel, &[(1, 2)])), |kernel| add(kernel, &[(1, 2), (1, 2)]));
    assert!(sums[1].is_err());
    // The connection was to be closed.
    assert_eq!(divergence.recorded(), Some(Function::IOServiceClose), "{divergence}");
}

#[test]
fn the_nearest_call_is_told_with_what_differs() {
    let find = |kernel: &Kernel, name: &str| {
        let matching = Matching::class(CLASS).property("serial", name);
        Service::first(kernel, &matching).map(|service| service.is_some())
    };
    let (found, divergence) = parted(|kernel| drop(find(kernel, "first")), |kernel| find(kernel, "second"));
    assert_eq!(found.unwrap_err().code(), IoReturn::REPLAY_DIVERGED);
    let expected =
        "matching[\"IOPropertyMatch\"][\"serial\"]: \"first\" in the trace, \"second\" in the call";
    assert!(divergence.to_string().contains(expected), "{divergence}");
}

#[test]
fn one_call_more_that_is_on_no_connection_is_told() {
    let look = |kernel: &Kernel| Service::expect_first(kernel, &Matching::class(CLASS)).map(drop);
    let (_, divergence) =
        parted(|kernel| look(kernel).unwrap(), |kernel| (look(kernel), look(kernel).is_err()));
    assert_eq!(divergence.called(), Some(Function::IOServiceGetMatchingService));
    assert!(divergence.to_string().contains("once more"), "{divergence}");
}

#[test]
fn calls_that_are_left_out_are_told_by_their_lines() {
    let (_, divergence) =
        parted(|kernel| drop(add(kernel, &[(1, 2), (3, 4)])), |kernel| add(kernel, &[(1, 2)]));
    // The close came too early.
    assert_eq!(divergence.called(), Some(Function::IOServiceClose));

    let (_, divergence) = parted(
        |kernel| drop((add(kernel, &[(1, 2)]), Service::first(kernel, &Matching::name("none")))),
        |kernel| add(kernel, &[(1, 2)]),
    );
    assert_eq!(divergence.called(), None);
    // That looks in two ways.
    let line = divergence.line().unwrap();
    assert_eq!(divergence.unmade().collect::<Vec<_>>(), [line, line + 1]);
    assert_eq!(divergence.recorded(), Some(Function::IOServiceGetMatchingService));
}

#[test]
fn by_content_order_and_number_are_the_programs() {
    let (_, trace) = recorded(&machine(), |kernel| add(kernel, &[(1, 2), (3, 4)]));
    let sums =
        replayed(&trace, ReplayMode::ByContent, |kernel| add(kernel, &[(3, 4), (3, 4), (1, 2), (3, 4)]));
    assert_eq!(sums, (vec![Ok(7), Ok(7), Ok(3), Ok(7)], Ok(())));
    let (sums, finished) = replayed(&trace, ReplayMode::ByContent, |kernel| add(kernel, &[(5, 5)]));
    assert_eq!((sums[0].as_ref().unwrap_err().code(), finished.is_err()), (IoReturn::REPLAY_DIVERGED, true));
}

#[test]
fn by_content_answers_come_in_order_and_the_last_stays() {
    let ask = |times| {
        move |kernel: &Kernel| {
            let device = DeviceClient::open_first(kernel).unwrap();
            (0..times).map(|_| device.samples(1).unwrap().0).collect::<Vec<_>>()
        }
    };
    let (_, trace) = recorded(&machine(), ask(2));
    assert_eq!(replayed(&trace, ReplayMode::ByContent, ask(4)), (vec![1, 2, 2, 2], Ok(())));
}

#[test]
fn by_content_what_is_iterated_once_more_begins_anew() {
    let machine = machine();
    machine.publish(device("second"));
    let all = |times| {
        move |kernel: &Kernel| {
            let names = |_| {
                let services = Service::all(kernel, &Matching::class(CLASS)).unwrap();
                services.map(|service| service.name().unwrap()).collect::<Vec<_>>()
            };
            (0..times).map(names).collect::<Vec<_>>()
        }
    };
    let (_, trace) = recorded(&machine, all(1));
    let (names, finished) = replayed(&trace, ReplayMode::ByContent, all(3));
    assert_eq!((names, finished), (vec![vec!["first".to_owned(), "second".into()]; 3], Ok(())));
}

#[test]
fn whoever_waits_hears_of_the_end() {
    let program = |second: (u32, u32)| {
        move |kernel: &Kernel| {
            let device = DeviceClient::open_first(kernel).unwrap();
            let never = device.never();
            let sum = device.add(second.0, second.1);
            let ended = if sum.is_ok() { None } else { Some(never.wait().unwrap_err().code()) };
            (sum.is_ok(), ended)
        }
    };
    let ((is_ok, waited), divergence) = parted(|kernel| assert!(program((1, 2))(kernel).0), program((2, 2)));
    assert_eq!((is_ok, waited), (false, Some(IoReturn::REPLAY_DIVERGED)), "{divergence}");
    assert_eq!(divergence.called(), Some(Function::IOConnectCallMethod));
}

#[test]
fn a_message_that_comes_after_a_call_that_nobody_makes_is_waited_for_with_patience() {
    let (_, trace) = recorded(&machine(), |kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        let other = DeviceClient::open_first(kernel).unwrap();
        let port = NotificationPort::new(kernel).unwrap();
        device.as_ref().notify_on(&port).unwrap();
        let mut double = device.double(4);
        other.add(1, 2).unwrap();
        port.dispatch(Some(LOST)).unwrap();
        double.wait_timeout(NOW).unwrap().unwrap()
    });
    let replay = Replay::new(trace, ReplayMode::Strict).patience(Duration::from_millis(500));
    let kernel = Kernel::replay(replay.clone());
    let device = DeviceClient::open_first(&kernel).unwrap();
    let _other = DeviceClient::open_first(&kernel).unwrap();
    let started = Instant::now();
    let code = device.double(4).wait().unwrap_err().code();
    assert_eq!(code, IoReturn::REPLAY_DIVERGED);
    assert!(started.elapsed() < LOST);
    let divergence = replay.finish().unwrap_err();
    assert_eq!(divergence.recorded(), Some(Function::IOConnectCallMethod), "{divergence}");
    assert_eq!(divergence.called(), None);
    assert!(divergence.to_string().contains("the message of line"), "{divergence}");
}

#[test]
fn a_completion_that_never_came_is_waited_for_with_patience() {
    let (_, trace) = recorded(&machine(), |kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        drop(device.never());
    });
    let replay = Replay::new(trace, ReplayMode::Strict).patience(Duration::from_millis(500));
    let device = DeviceClient::open_first(&Kernel::replay(replay.clone())).unwrap();
    assert_eq!(device.never().wait().unwrap_err().code(), IoReturn::REPLAY_DIVERGED);
    let divergence = replay.finish().unwrap_err();
    assert_eq!(divergence.recorded(), Some(Function::IOConnectCallAsyncMethod), "{divergence}");
}

#[test]
fn handles_are_dropped_as_ever_when_a_program_has_parted_from_the_trace() {
    let (_, divergence) = parted(
        |kernel| {
            let device = DeviceClient::open_first(kernel).unwrap();
            drop((device.table().unwrap(), device.double(1).wait()));
        },
        |kernel| {
            let device = DeviceClient::open_first(kernel).unwrap();
            let mut table = device.table().unwrap();
            assert!(device.add(1, 2).is_err());
            table.slice_mut().fill(3);
            assert!(device.double(1).wait().is_err());
            drop(device);
            assert_eq!(table.slice().get(0), Some(3));
            assert!(Service::first(kernel, &Matching::any()).is_err());
        },
    );
    assert_eq!(divergence.called(), Some(Function::IOConnectCallMethod), "{divergence}");
}

#[test]
fn only_the_first_difference_is_told() {
    let (_, trace) = recorded(&machine(), |kernel| drop(add(kernel, &[(1, 2)])));
    let replay = Replay::new(trace, ReplayMode::Strict);
    let kernel = Kernel::replay(replay.clone());
    assert_eq!(replay.divergence(), None);
    let _ = add(&kernel, &[(2, 2), (3, 3)]);
    let first = replay.divergence().unwrap();
    let _ = Service::first(&kernel, &Matching::name("other"));
    assert_eq!((replay.divergence(), replay.finish()), (Some(first.clone()), Err(first)));
}

#[test]
fn long_inputs_are_told_by_the_part_that_differs() {
    let store = |second: u64| {
        move |kernel: &Kernel| {
            let device = DeviceClient::open_first(kernel).unwrap();
            device.store(&Sample { first: 1, second }).is_ok()
        }
    };
    let (_, divergence) = parted(|kernel| assert!(store(0x0102)(kernel)), store(0x0103));
    let [difference] = divergence.differences() else { panic!("{divergence}") };
    assert_eq!(difference.parameter, "input_structure");
    assert_eq!(difference.recorded, "<01000000000000000201000000000000>");
    assert_eq!(difference.made, "<01000000000000000301000000000000>");
}

#[test]
fn a_large_trace_is_answered_from_in_no_time() {
    const CALLS: u32 = if cfg!(miri) { 50 } else { 20_000 };
    let program = |kernel: &Kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        let sums: u32 = (0..CALLS).map(|number| device.add(number % 7, 1).unwrap()).sum();
        let doubled: u32 = (0..CALLS / 100).map(|number| device.double(number % 3).wait().unwrap()).sum();
        let names = (0..CALLS / 10).map(|_| Service::expect_first(kernel, &Matching::class(CLASS)).unwrap());
        (sums, doubled, names.map(|service| service.name().unwrap().len()).sum::<usize>())
    };
    let (outcome, trace) = recorded(&machine(), program);
    for mode in MODES {
        let started = Instant::now();
        assert_eq!(replayed(&trace, mode, program), (outcome, Ok(())));
        assert!(started.elapsed() < LOST, "{:?}", started.elapsed());
    }
}
