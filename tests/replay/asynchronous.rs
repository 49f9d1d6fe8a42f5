//! Completions, whoever receives them.

use super::*;
use iokit_uc::ServiceNotification::FirstMatch;
use iokit_uc::{ErrorKind, Matching, NotificationPort, Service, ServiceEvent};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::mpsc;
use std::thread;

#[test]
fn completions_come_as_they_came() {
    let outcome = same(&machine(), |kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        let numbers: Vec<_> = device.count(5).unwrap().into_iter().take(5).collect();
        (device.double(21).wait(), device.double(u32::MAX).wait(), numbers, device.double(1).wait())
    });
    assert_eq!((outcome.0, outcome.3), (Ok(42), Ok(2)));
    assert_eq!(outcome.1.unwrap_err(), IoReturn::OVERRUN);
    assert_eq!(outcome.2, (0..5).map(Ok).collect::<Vec<_>>());
}

#[test]
fn futures_are_woken() {
    let outcome = same(&machine(), |kernel| {
        pollster::block_on(async {
            let device = DeviceClient::open_first(kernel).unwrap();
            let (first, second) = (device.double(1), device.double(2));
            let sum = second.await.unwrap() + first.await.unwrap();
            let mut numbers = device.count(3).unwrap();
            let mut all = Vec::new();
            for _ in 0..3 {
                let next =
                    poll_fn(|context| futures_core::Stream::poll_next(Pin::new(&mut numbers), context));
                all.push(next.await.unwrap().unwrap());
            }
            (sum, all)
        })
    });
    assert_eq!(outcome, (6, vec![0, 1, 2]));
}

#[test]
fn a_port_of_the_programs_own_is_received_from() {
    let outcome = same(&machine(), |kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        let port = NotificationPort::new(kernel).unwrap();
        device.as_ref().notify_on(&port).unwrap();
        let mut double = device.double(4);
        let mut received = 0;
        let doubled = loop {
            if let Some(result) = double.wait_timeout(NOW) {
                break result;
            }
            received += port.dispatch(Some(LOST)).unwrap();
        };
        let again = port.dispatch(Some(Duration::from_millis(1)));
        (doubled, received, again, port.dropped())
    });
    assert_eq!((outcome.0, outcome.1, outcome.2), (Ok(8), 1, Ok(0)));
}

#[test]
fn calls_that_wait_together_complete_each_with_its_own() {
    let sums = same(&machine(), |kernel| {
        let devices = [0; 2].map(|_| DeviceClient::open_first(kernel).unwrap());
        let waiting: Vec<_> = (0..40).map(|number| devices[number as usize % 2].double(number)).collect();
        waiting.into_iter().map(|completion| completion.wait().unwrap()).collect::<Vec<_>>()
    });
    assert!(sums.iter().enumerate().all(|(index, &sum)| sum == 2 * index as u32));
}

#[test]
fn a_session_of_several_threads_comes_to_the_same_each_time() {
    const THREADS: usize = 3;
    let names: Vec<String> = (0..THREADS).map(|number| format!("device {number}")).collect();
    let machine = Machine::new();
    for name in &names {
        machine.publish(device(name));
    }
    let works = |kernel: &Kernel, number: usize| {
        let matching = Matching::class(CLASS).property("serial", &*names[number]);
        let rounds = (0..3).map(|round| {
            let service = Service::expect_first(kernel, &matching).unwrap();
            let device = DeviceClient::open(&service).unwrap();
            let doubles: Vec<_> =
                (0..4).map(|call| device.double(10 * number as u32 + round + call)).collect();
            let doubled = pollster::block_on(async {
                let mut all = Vec::new();
                for double in doubles.into_iter().rev() {
                    all.push(double.await.unwrap());
                }
                all
            });
            let numbers: Vec<_> = device.count(5).unwrap().into_iter().take(5).collect();
            (device.add(round, 1), doubled, numbers)
        });
        rounds.collect::<Vec<_>>()
    };
    let program = |kernel: &Kernel| {
        let (told, arrived) = mpsc::channel();
        let watched = Service::watch_with(kernel, FirstMatch, &Matching::class(CLASS), move |event| {
            if let ServiceEvent::Service(service) = event.unwrap() {
                told.send(service.name().unwrap()).unwrap();
            }
        });
        let worked: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..THREADS).map(|number| scope.spawn(move || works(kernel, number))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let arrived: Vec<String> = (0..THREADS).map(|_| arrived.recv_timeout(LOST).unwrap()).collect();
        drop(watched);
        (worked, arrived)
    };
    let (outcome, trace) = recorded(&machine, program);
    let rounds = if cfg!(miri) { 1 } else { 50 };
    for mode in MODES.into_iter().cycle().take(2 * rounds) {
        assert_eq!(replayed(&trace, mode, program), (outcome.clone(), Ok(())), "{mode:?}");
    }
}

#[test]
fn by_content_a_call_completes_as_often_as_it_is_made() {
    let program = |times| {
        move |kernel: &Kernel| {
            let device = DeviceClient::open_first(kernel).unwrap();
            (0..times).map(|_| device.double(3).wait().unwrap()).collect::<Vec<_>>()
        }
    };
    let (_, trace) = recorded(&machine(), program(1));
    assert_eq!(replayed(&trace, ReplayMode::ByContent, program(4)), (vec![6; 4], Ok(())));
    let together = |kernel: &Kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        let waiting = [(); 3].map(|()| device.double(3));
        waiting.map(|completion| completion.wait().unwrap())
    };
    assert_eq!(replayed(&trace, ReplayMode::ByContent, together), ([6; 3], Ok(())));
}

#[test]
fn a_completion_that_was_given_up_is_given_up_again() {
    let code = same(&machine(), |kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        let never = device.never();
        drop(device);
        never.wait().unwrap_err().kind()
    });
    assert_eq!(code, ErrorKind::Aborted);
}

#[test]
fn the_end_of_the_service_ends_what_waits() {
    let machine = Machine::new();
    let service = machine.publish(device("first"));
    let run = |kernel: &Kernel, unplug: &dyn Fn()| {
        let device = DeviceClient::open_first(kernel).unwrap();
        let never = device.never();
        let sum = device.add(1, 2);
        unplug();
        let ended = never.wait().unwrap_err().code();
        (sum, ended, device.add(1, 2).unwrap_err().code())
    };
    let (outcome, trace) = recorded(&machine, |kernel| {
        run(kernel, &|| {
            machine.terminate(service, Default::default());
        })
    });
    assert_eq!(outcome, (Ok(3), IoReturn::NO_DEVICE, IoReturn::MACH_SEND_INVALID_DEST));
    for mode in MODES {
        assert_eq!(
            replayed(&trace, mode, |kernel| run(kernel, &|| {})),
            (outcome.clone(), Ok(())),
            "{mode:?}"
        );
    }
}
