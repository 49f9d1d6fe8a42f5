//! Running a test under every fault: what it finds, and how it tells.

use crate::instrument::{CLASS, Instrument, InstrumentClient, plug_in, selector};
use iokit_uc::backend::Function;
use iokit_uc::sim::{Fault, FaultFailure, FaultOutcome, FaultRun, Injection, Machine, Nub};
use iokit_uc::{IoReturn, Kernel, Matching, RegistryEntry, Result, Service};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

fn client(machine: &Machine) -> Result<InstrumentClient> {
    plug_in(machine);
    InstrumentClient::open_first(&machine.task("client").kernel())
}

#[track_caller]
fn failure<T: std::fmt::Debug>(found: std::result::Result<T, FaultFailure>) -> (String, FaultOutcome) {
    let failure = found.unwrap_err();
    (failure.injection().map(ToString::to_string).unwrap_or_default(), failure.outcome().clone())
}

#[test]
fn who_hands_on_every_error_passes() {
    let summary = Machine::for_each_fault(|machine| client(machine)?.measure()).unwrap();
    assert!(summary.calls() >= 5 && summary.runs() > 3 * summary.calls(), "{summary}");
    assert_eq!((summary.missed(), summary.left_out()), (&[][..], 0));
}

#[test]
fn the_runs_are_the_same_each_time() {
    let injections = || FaultRun::new().injections(|machine| client(machine)?.measure()).unwrap();
    let first = injections();
    assert_eq!(first, injections());
    let measured =
        Fault::fail(IoReturn::NO_RESOURCES).on(Function::IOConnectCallMethod).selector(selector::MEASURE);
    assert!(first.contains(&Injection::Fault(measured.nth(1))), "{first:#?}");
}

#[test]
fn who_takes_a_call_for_granted_panics() {
    let only = |injection: &Injection| injection.to_string().contains("Fault::fail(");
    let run = FaultRun::new().only(only).run(|machine| {
        let client = client(machine)?;
        client.measure()?;
        client.measure().map(|(value, _)| assert_eq!(value, 20, "it was measured twice"))?;
        client.latest().expect("that it has measured");
        Ok::<_, iokit_uc::Error>(())
    });
    let (injection, outcome) = failure(run);
    let FaultOutcome::Panicked(message) = outcome else { panic!("{outcome}") };
    assert!(message.starts_with("that it has measured"), "{message}");
    assert!(injection.ends_with(".selector(1).nth(1));"), "{injection}");
}

/// Nobody else hears of an assertion in a model, where the program takes the error for another.
#[test]
fn a_model_that_asserts_in_vain_is_told_of() {
    let (injection, outcome) = failure(Machine::for_each_fault(|machine| {
        machine.publish(Nub::new("Model").on_request_probe(|options| {
            assert_eq!(options, 1, "the program asked for something else");
            Ok(())
        }));
        let kernel = machine.task("client").kernel();
        let _ = Service::expect_first(&kernel, &Matching::class("Model"))?.request_probe(2);
        Ok::<_, iokit_uc::Error>(())
    }));
    assert_eq!(injection, "");
    assert!(format!("{outcome}").contains("a driver panicked in requestProbe"), "{outcome}");
}

#[test]
fn what_panics_under_a_fault_does_so_under_that_one_alone() {
    fn test(machine: &Machine) -> Result<()> {
        client(machine)?.latest().expect("a reading");
        Ok(())
    }
    let found = Machine::for_each_fault(test).unwrap_err();
    let injection = found.injection().unwrap().clone();
    let alone = FaultRun::new().only(move |other| *other == injection).run(test).unwrap_err();
    assert_eq!((alone.injection(), alone.outcome()), (found.injection(), found.outcome()));
    assert_eq!(alone.runs(), 0);
}

#[test]
fn who_waits_for_ever_hangs() {
    let run = FaultRun::new().time_limit(Duration::from_millis(300));
    let (injection, outcome) = failure(run.run(|machine| {
        let measured = client(machine)?.measure();
        if measured.is_err() {
            // For somebody who never comes.
            Barrier::new(2).wait();
        }
        measured
    }));
    assert!(matches!(outcome, FaultOutcome::Hung(..)), "{outcome}");
    assert!(injection.contains("When::After).on(Function::IOServiceOpen)"), "{injection}");
}

#[test]
fn a_call_that_does_not_return_is_named() {
    let run = FaultRun::new()
        .with_hangs()
        .time_limit(Duration::from_millis(300))
        .only(|injection| injection.to_string().contains("hang()"));
    let (injection, outcome) = failure(run.run(|machine| client(machine)?.measure()));
    let FaultOutcome::Hung(_, calls) = outcome else { panic!("{outcome}") };
    let [call] = &calls[..] else { panic!("{calls:?}") };
    assert!(injection.contains(&format!("Function::{call}")), "{injection}: {call}");
}

#[test]
fn a_name_that_is_left_behind_is_a_leak() {
    let run = FaultRun::new().time_limit(Duration::from_millis(300));
    let (injection, outcome) = failure(run.run(|machine| {
        let client = client(machine)?;
        if client.measure().is_err() {
            // Too early: it is not closed.
            iokit_uc::Connection::from(client).into_raw();
        }
        Ok::<_, iokit_uc::Error>(())
    }));
    assert!(matches!(&outcome, FaultOutcome::Unclean(report) if report.leaks.len() == 1), "{outcome}");
    assert!(injection.contains("When::After).on(Function::IOServiceOpen)"), "{injection}");
}

#[test]
fn a_handle_that_is_kept_keeps_the_machine() {
    let kept: Arc<Mutex<Vec<Kernel>>> = Arc::default();
    let run = FaultRun::new().time_limit(Duration::from_millis(300));
    let (injection, outcome) = failure(run.run(move |machine| {
        let kernel = machine.task("client").kernel();
        if Service::first(&kernel, &Matching::class("Any")).is_err() {
            kept.lock().unwrap().push(kernel);
        }
    }));
    assert_eq!(outcome, FaultOutcome::Kept);
    assert!(injection.contains("Function::IOService"), "{injection}");
}

#[test]
fn a_test_that_fails_without_a_fault_says_so() {
    let found = Machine::for_each_fault(|_| Err::<(), _>("the lamp is dark"));
    let found = found.unwrap_err();
    assert_eq!(found.to_string(), "without any fault the test fails: the lamp is dark");
    assert_eq!(found.injection(), None);
}

#[test]
fn runs_can_be_few_and_chosen_and_fail_with_codes_that_are_asked_for() {
    let run = FaultRun::new().code(IoReturn::NO_POWER).code(IoReturn::OFFLINE);
    let run = run.only(|injection| injection.to_string().contains("Fault::fail("));
    let test = |machine: &Machine| client(machine)?.measure();
    let injections = run.injections(test).unwrap();
    let codes =
        |code: &str| injections.iter().filter(|injection| injection.to_string().contains(code)).count();
    assert!(codes("kIOReturnNoPower") > 3);
    assert_eq!(codes("kIOReturnNoPower") + codes("kIOReturnOffline"), injections.len());
    let summary = run.at_most(3).run(test).unwrap();
    assert_eq!((summary.runs(), summary.left_out()), (3, injections.len() - 3));
}

#[test]
fn a_failure_shows_the_line_that_makes_it() {
    let found = Machine::for_each_fault(|machine| client(machine).map(|client| client.measure().unwrap()));
    let text = format!("{:?}", found.unwrap_err());
    assert!(text.starts_with("under one fault the test panics: "), "{text}");
    assert!(text.contains("\n    machine.inject(Fault::terminate(When::After)"), "{text}");
}

#[test]
fn a_service_is_unplugged_at_its_own_calls_whatever_else_calls_alike() {
    let summary = Machine::for_each_fault(|machine| {
        plug_in(machine);
        let kernel = machine.task("client").kernel();
        // The root cannot be unplugged.
        RegistryEntry::root(&kernel)?.name()?;
        Service::expect_first(&kernel, &Matching::class(CLASS))?.name()
    });
    assert_eq!(summary.unwrap().missed(), []);
}

#[test]
fn what_describes_a_handle_is_no_call_of_the_programs() {
    let calls = |describes: bool| {
        let run = FaultRun::new().injections(move |machine| {
            let client = client(machine)?;
            if describes {
                assert!(format!("{client:?}").contains(CLASS));
            }
            client.measure()
        });
        run.unwrap()
    };
    assert_eq!(calls(false), calls(true));
}
