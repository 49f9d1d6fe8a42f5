//! Third: the library with faults in the kernel. Nothing that a driver, a system or a user may do to it makes it panic, hang,
//! or leave something behind; and what its users are told is what has happened.

mod common;

use iokit_uc::IoReturn;
use iokit_uc::backend::Function;
use iokit_uc::sim::{Fault, FaultFailure, FaultRun, Injection, Machine, QueueDamage, When};
use lab_supply::simulated::{Bench, SimulatedSupply};
use lab_supply::{ErrorKind, Event, Hotplug, Setting, Supply};
use std::time::Duration;

/// For how long to wait for what a fault may have taken away.
const PATIENCE: Duration = Duration::from_secs(1);
const SETTING: Setting = Setting { millivolts: 1_000, milliamps: 100 };

/// A bench with a supply, and a program that uses it.
fn opened() -> (Bench, Supply) {
    let bench = Bench::new();
    bench.plug(&SimulatedSupply::new("LS-0017"));
    let supply = Supply::open_first(&bench.kernel()).unwrap();
    (bench, supply)
}

// ---- everything that can happen ----

/// Finds a supply, and does with it what can be done. What succeeds is right, whatever the fault.
fn use_a_supply(machine: &Machine) -> lab_supply::Result<()> {
    let bench = Bench::on(machine);
    bench.plug(&SimulatedSupply::new("LS-0017"));
    let supply = Supply::open_first(&bench.kernel())?;
    let trips = supply.trips()?;
    common::assert_right(&common::exercise(&supply, |time| bench.advance(time))?);
    drop(trips);
    Ok(())
}

#[test]
#[ignore = "once it span for ever in one of some hundred runs: to be found"]
fn no_single_fault_does_harm() -> Result<(), FaultFailure> {
    let summary = Machine::for_each_fault(use_a_supply)?;
    assert!(summary.runs() > 100, "{summary}");
    Ok(())
}

#[test]
fn a_ramp_whose_end_is_never_told_is_given_up() -> Result<(), FaultFailure> {
    let is_one = |injection: &Injection| injection.to_string().contains("drop_completion");
    let summary =
        FaultRun::new().with_hangs().only(is_one).time_limit(Duration::from_secs(20)).run(use_a_supply)?;
    assert_eq!(summary.runs(), 2, "a ramp and a watch for trips");
    Ok(())
}

#[test]
#[ignore = "once it span for ever in one of some hundred runs: to be found"]
fn no_single_fault_does_harm_to_who_watches() -> Result<(), FaultFailure> {
    let summary = Machine::for_each_fault(|machine| -> lab_supply::Result<()> {
        let bench = Bench::on(machine);
        let plugged = bench.plug(&SimulatedSupply::new("LS-0017"));
        let mut hotplug = Hotplug::watch(&bench.kernel())?;
        let arrived = hotplug.wait_timeout(PATIENCE).transpose()?;
        bench.unplug(plugged);
        if let Some(Event::Arrived(_)) = arrived {
            hotplug.wait_timeout(PATIENCE).transpose()?;
        }
        Ok(())
    })?;
    assert!(summary.runs() > 20, "{summary}");
    Ok(())
}

// ---- what users are told of some of it ----

#[test]
fn a_supply_that_does_not_answer_is_told_from_one_that_is_gone() {
    let (bench, supply) = opened();
    let fault = bench.machine().inject(Fault::fail(IoReturn::NOT_RESPONDING).selector(1).nth(1));
    assert_eq!(supply.set(SETTING).unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(fault.hits(), 1);
    supply.set(SETTING).unwrap();
}

#[test]
fn a_driver_of_another_version_is_told_as_one() {
    let (bench, supply) = opened();
    let fault = bench.machine().inject(Fault::truncate_structure(4).selector(0));
    let error = supply.setting().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    fault.lift();
    let fault = bench.machine().inject(Fault::fail(IoReturn::BAD_ARGUMENT).selector(0));
    let error = supply.setting().unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Incompatible,
        "the kernel's word for sizes that are not the driver's"
    );
    fault.lift();
    assert_eq!(supply.setting().unwrap(), Setting::default());
}

#[test]
fn a_failure_of_the_system_s_ends_what_watches_and_is_no_departure() {
    for function in [Function::IORegistryEntryCreateCFProperties, Function::IORegistryEntryGetRegistryEntryID]
    {
        let bench = Bench::new();
        bench.plug(&SimulatedSupply::new("LS-0017"));
        let mut hotplug = Hotplug::watch(&bench.kernel()).unwrap();
        assert!(matches!(hotplug.wait_timeout(PATIENCE), Some(Ok(Event::Arrived(_)))));
        let fault = bench.machine().inject(Fault::fail(IoReturn::NO_RESOURCES).on(function));
        bench.plug(&SimulatedSupply::new("LS-0018"));
        let error = hotplug.wait_timeout(PATIENCE).unwrap().unwrap_err();
        assert_eq!((error.kind(), fault.hits()), (ErrorKind::Other, 1));
        assert!(hotplug.wait_timeout(PATIENCE).is_none());
    }
}

#[test]
fn a_supply_that_is_pulled_out_during_a_call_is_gone_after_it() {
    let (bench, supply) = opened();
    bench.machine().inject(Fault::terminate(When::During).selector(1));
    // The driver was asked, and has answered, or not.
    let _ = supply.set(SETTING);
    assert_eq!(supply.setting().unwrap_err().kind(), ErrorKind::Unplugged);
    assert_eq!(supply.meter().unwrap_err().kind(), ErrorKind::Unplugged);
    drop(supply);
    bench.assert_clean();
}

#[test]
fn a_program_that_is_signed_without_the_entitlement_is_told_what_it_needs() {
    let bench = Bench::new();
    bench.plug(&SimulatedSupply::new("LS-0017"));
    bench.machine().refuse_entitlement("com.example.lab-supply");
    let error = Supply::open_first(&bench.kernel()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotPermitted);
    assert!(error.to_string().contains("com.example.lab-supply"), "{error}");
}

#[test]
fn a_supply_that_others_have_can_be_opened_when_they_are_done() {
    let bench = Bench::new();
    bench.plug(&SimulatedSupply::new("LS-0017"));
    let fault = Fault::fail(IoReturn::EXCLUSIVE_ACCESS).on(Function::IOServiceOpen).nth(1);
    bench.machine().inject(fault);
    assert_eq!(Supply::open_first(&bench.kernel()).unwrap_err().kind(), ErrorKind::InUse);
    assert!(Supply::open_first(&bench.kernel()).is_ok());
}

#[test]
fn a_queue_that_is_broken_ends_the_samples_and_nothing_else() {
    let (bench, supply) = opened();
    let broken = Fault::corrupt_queue(QueueDamage::Tail(u32::MAX)).memory_type(1);
    let broken = bench.machine().inject(broken);
    let error =
        supply.sample(100).and_then(|mut samples| samples.wait_timeout(PATIENCE).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    assert_eq!(broken.hits(), 1);
    assert!(supply.meter().is_ok());
}

#[test]
fn a_program_that_can_have_no_more_ports_fails_until_it_can() {
    let bench = Bench::new();
    bench.plug(&SimulatedSupply::new("LS-0017"));
    let kernel = bench.kernel();
    // To be told that there is no other service, and to have no room for it, are one and the same in `IOIteratorNext`.
    let expected = [ErrorKind::Other, ErrorKind::NotFound];
    let opens_with = |names| {
        bench.program().limit_port_names(names);
        let opened = Supply::open_first(&kernel).map(drop).map_err(|error| error.kind());
        assert!(opened.is_ok() || expected.contains(&opened.unwrap_err()), "{names} names: {opened:?}");
        opened.is_ok()
    };
    let enough = (0..20).find(|&names| opens_with(names)).unwrap();
    assert_eq!(enough, 2, "an iterator and a service, and then the service and a connection");
    bench.assert_clean();
}
