//! Services that come and go, and what is told of them.

use super::*;
use iokit_uc::interface::{MessageArgument, MessageType};
use iokit_uc::sim::InterestKind;
use iokit_uc::{
    Interest, InterestArgument, Matching, NotificationPort, Service, ServiceEvent, ServiceNotification,
};
use std::sync::mpsc;
use std::task::Poll;

const ARRIVAL: ServiceNotification = ServiceNotification::FirstMatch;

fn matching() -> Matching {
    Matching::class(CLASS)
}

fn name(event: Result<ServiceEvent>) -> String {
    match event.unwrap() {
        ServiceEvent::Service(service) => service.name().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Runs a program while something happens on a machine, and then on the trace, where it only seems to.
fn same_while<T: PartialEq + Debug>(
    machine: &Machine,
    happens: impl Fn(u32),
    program: impl Fn(&Kernel, &dyn Fn(u32)) -> T,
) -> T {
    let (outcome, trace) = recorded(machine, |kernel| program(kernel, &happens));
    for mode in MODES {
        let (again, finished) = replayed(&trace, mode, |kernel| program(kernel, &|_| {}));
        assert_eq!(finished, Ok(()), "{mode:?}");
        assert_eq!(again, outcome, "{mode:?}");
    }
    outcome
}

#[test]
fn services_come_as_they_came() {
    let machine = machine();
    let plug = |number: u32| {
        machine.publish(device(&format!("plugged {number}")));
    };
    let names = same_while(&machine, plug, |kernel, plug| {
        let arrivals = Service::watch(kernel, ARRIVAL, &matching()).unwrap();
        let mut arrivals = arrivals.into_iter();
        let mut names = vec![name(arrivals.next().unwrap())];
        for number in 0..3 {
            plug(number);
            names.push(name(arrivals.next().unwrap()));
        }
        names
    });
    assert_eq!(names, ["first", "plugged 0", "plugged 1", "plugged 2"]);
}

#[test]
fn callbacks_are_called() {
    let machine = machine();
    let plug = |_: u32| {
        machine.publish(device("plugged"));
    };
    let names = same_while(&machine, plug, |kernel, plug| {
        let (told, names) = mpsc::channel();
        let _subscription = Service::watch_with(kernel, ARRIVAL, &matching(), move |event| {
            told.send(name(event)).unwrap();
        });
        let first = names.recv_timeout(LOST).unwrap();
        plug(0);
        [first, names.recv_timeout(LOST).unwrap()]
    });
    assert_eq!(names, ["first", "plugged"]);
}

#[test]
fn a_service_that_has_come_can_be_used() {
    let machine = Machine::new();
    let plug = |_: u32| {
        machine.publish(device("plugged"));
    };
    let sum = same_while(&machine, plug, |kernel, plug| {
        let port = NotificationPort::new(kernel).unwrap();
        let mut arrivals = port.services(ARRIVAL, &matching()).unwrap();
        assert!(arrivals.wait_timeout(NOW).is_pending());
        plug(0);
        let service = loop {
            match arrivals.wait_timeout(NOW) {
                Poll::Ready(Some(Ok(ServiceEvent::Service(service)))) => break service,
                Poll::Ready(other) => panic!("{other:?}"),
                Poll::Pending => drop(port.dispatch(Some(LOST)).unwrap()),
            }
        };
        DeviceClient::open(&service).unwrap().add(20, 22)
    });
    assert_eq!(sum, Ok(42));
}

#[test]
fn what_is_told_of_a_service_is_told_again() {
    let machine = Machine::new();
    let service = machine.publish(device("first"));
    let tell = |number: u32| match number {
        0 => {
            let argument = MessageArgument::Bytes(&[7; 20]);
            machine
                .message_interested(service, InterestKind::General, MessageType(0xe000_4001), argument)
                .unwrap();
        }
        _ => assert!(machine.terminate(service, Default::default())),
    };
    let told = same_while(&machine, tell, |kernel, tell| {
        let service = Service::expect_first(kernel, &matching()).unwrap();
        let mut messages = service.interest(Interest::General).unwrap().into_iter();
        tell(0);
        let first = messages.next().unwrap().unwrap();
        tell(1);
        let second = messages.next().unwrap().unwrap();
        assert_eq!(first.service, service);
        (first.message, first.argument, second.message, second.service.name(), service.name().is_err())
    });
    assert_eq!(told.0, MessageType(0xe000_4001));
    assert_eq!(told.1, InterestArgument::Bytes([7; 20].into()));
    assert_eq!((told.2, told.3.as_deref()), (MessageType::SERVICE_IS_TERMINATED, Ok("first")));
    assert!(told.4);
}

#[test]
fn a_message_waits_for_the_calls_that_came_before_it() {
    let machine = machine();
    let plug = |_: u32| {
        machine.publish(device("plugged"));
    };
    let outcome = same_while(&machine, plug, |kernel, plug| {
        let port = NotificationPort::new(kernel).unwrap();
        let _arrivals = port.services(ARRIVAL, &matching()).unwrap();
        let device = DeviceClient::open_first(kernel).unwrap();
        let nothing = port.dispatch(Some(NOW));
        let sum = device.add(1, 1);
        plug(0);
        (nothing, sum, port.dispatch(Some(LOST)))
    });
    assert_eq!(outcome, (Ok(0), Ok(2), Ok(1)));
}

#[test]
fn by_content_a_message_comes_at_last_though_a_call_before_it_is_left_out() {
    let machine = machine();
    let program = |kernel: &Kernel, calls: &dyn Fn(&DeviceClient)| {
        let mut arrivals = Service::watch(kernel, ARRIVAL, &matching()).unwrap().into_iter();
        let first = name(arrivals.next().unwrap());
        calls(&DeviceClient::open_first(kernel).unwrap());
        [first, name(arrivals.next().unwrap())]
    };
    let (names, trace) = recorded(&machine, |kernel| {
        program(kernel, &|device| {
            device.add(1, 2).unwrap();
            machine.publish(super::device("plugged"));
        })
    });
    let replay = Replay::new(trace, ReplayMode::ByContent).patience(Duration::from_millis(10));
    assert_eq!(program(&Kernel::replay(replay.clone()), &|_| {}), names);
    assert_eq!(replay.finish(), Ok(()));
}

#[test]
fn a_program_that_asks_for_less_is_not_told_more() {
    let machine = machine();
    let both = |kernel: &Kernel, plug: &dyn Fn()| {
        let arrivals = Service::watch(kernel, ARRIVAL, &matching()).unwrap();
        let mut arrivals = arrivals.into_iter();
        let first = name(arrivals.next().unwrap());
        plug();
        (first, name(arrivals.next().unwrap()))
    };
    let (_, trace) = recorded(&machine, |kernel| {
        both(kernel, &|| {
            machine.publish(device("plugged"));
        })
    });
    // It looks and does not wait.
    let (first, finished) = replayed(&trace, ReplayMode::Strict, |kernel| {
        let port = NotificationPort::new(kernel).unwrap();
        let mut arrivals = port.services(ARRIVAL, &matching()).unwrap();
        match arrivals.wait_timeout(NOW) {
            Poll::Ready(Some(event)) => name(event),
            other => panic!("{other:?}"),
        }
    });
    // What follows from a message that has not been received need not be done.
    assert_eq!((&*first, finished), ("first", Ok(())));
}
