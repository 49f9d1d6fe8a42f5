//! Second: the library on a simulated kernel. What is new are discovery, who may do what, and that supplies go away.

mod common;

use futures_lite::StreamExt;
use iokit_uc::sim::Nub;
use lab_supply::simulated::{Bench, SimulatedSupply};
use lab_supply::wire::CLASS;
use lab_supply::{ErrorKind, Event, Hotplug, Listed, Setting, Supply, supplies};
use std::error::Error as _;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);

fn plugged() -> (Bench, SimulatedSupply) {
    let (bench, device) = (Bench::new(), SimulatedSupply::new("LS-0017"));
    bench.plug(&device);
    (bench, device)
}

#[test]
fn a_program_sees_the_same_through_a_kernel() {
    let (bench, _) = plugged();
    let supply = Supply::open_first(&bench.kernel()).unwrap();
    common::assert_right(&common::exercise(&supply, |time| bench.advance(time)).unwrap());
    drop(supply);
    bench.assert_clean();
}

#[test]
fn supplies_are_found_with_what_they_say_of_themselves() {
    let bench = Bench::new();
    assert_eq!(supplies(&bench.kernel()).unwrap().count(), 0);
    let devices = ["LS-0017", "LS-0018"].map(SimulatedSupply::new);
    devices.iter().for_each(|device| drop(bench.plug(device)));

    let listed: Vec<Listed> = supplies(&bench.kernel()).unwrap().map(Result::unwrap).collect();
    let mut found: Vec<_> = listed.iter().map(Listed::information).collect();
    found.sort_by(|a, b| a.serial.cmp(&b.serial));
    assert_eq!(found, [devices[0].information(), devices[1].information()]);

    let second = Supply::open(&bench.kernel(), "LS-0018").unwrap();
    assert_eq!(second.information().serial, "LS-0018");
    let error = Supply::open(&bench.kernel(), "LS-0019").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "lab supply LS-0019: cannot find it: there is none");
    drop((listed, second));
    bench.assert_clean();
}

#[test]
fn a_supply_that_describes_itself_wrongly_keeps_nobody_from_the_others() {
    let bench = Bench::new();
    bench.machine().publish(Nub::new(CLASS).property("Model", "LS 3005").property("Serial Number", 17));
    let mut hotplug = Hotplug::watch(&bench.kernel()).unwrap();
    bench.plug(&SimulatedSupply::new("LS-0018"));

    let found: Vec<_> = supplies(&bench.kernel()).unwrap().collect();
    let (right, wrong): (Vec<_>, Vec<_>) = found.into_iter().partition(Result::is_ok);
    assert_eq!((right.len(), wrong.len()), (1, 1));
    let error = wrong.into_iter().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    assert!(error.source().unwrap().to_string().contains("Serial Number"), "{:?}", error.source());
    assert_eq!(Supply::open(&bench.kernel(), "LS-0018").unwrap().information().serial, "LS-0018");
    let error = Supply::open(&bench.kernel(), "LS-0017").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible, "it may be the one that does not say so");

    let told: Vec<_> = (0..2).map(|_| hotplug.wait_timeout(PATIENCE).unwrap()).collect();
    assert!(told.iter().any(|event| matches!(event, Ok(Event::Arrived(_)))), "{told:?}");
    assert!(told.iter().any(|event| matches!(event, Err(error) if error.kind() == ErrorKind::Incompatible)));
}

#[test]
fn supplies_are_told_as_they_come_and_go() {
    let bench = Bench::new();
    let device = SimulatedSupply::new("LS-0017");
    let first = bench.plug(&device);
    let mut hotplug = Hotplug::watch(&bench.kernel()).unwrap();
    let mut next = || match hotplug.wait_timeout(PATIENCE).unwrap().unwrap() {
        Event::Arrived(supply) => ("arrived", supply.information().serial.clone()),
        Event::Departed(information) => ("departed", information.serial.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(next(), ("arrived", "LS-0017".into()));
    bench.plug(&SimulatedSupply::new("LS-0018"));
    assert_eq!(next(), ("arrived", "LS-0018".into()));
    bench.unplug(first);
    assert_eq!(next(), ("departed", "LS-0017".into()));
    bench.plug(&device);
    assert_eq!(next(), ("arrived", "LS-0017".into()));
    assert_eq!(hotplug.wait_timeout(Duration::ZERO).unwrap().unwrap_err().kind(), ErrorKind::TimedOut);
    drop(hotplug);
    bench.assert_clean();
}

#[test]
fn what_comes_and_goes_is_a_stream() {
    let bench = Bench::new();
    let mut hotplug = Hotplug::watch(&bench.kernel()).unwrap();
    let plugged = bench.plug(&SimulatedSupply::new("LS-0017"));
    pollster::block_on(async {
        let Some(Ok(Event::Arrived(supply))) = hotplug.next().await else { panic!("it is there") };
        let supply = supply.open().unwrap();
        bench.unplug(plugged);
        assert!(matches!(hotplug.next().await, Some(Ok(Event::Departed(_)))));
        assert_eq!(supply.setting().unwrap_err().kind(), ErrorKind::Unplugged);
    });
}

#[test]
fn a_program_without_the_entitlement_is_told_what_it_needs() {
    let (bench, _) = plugged();
    let error = Supply::open_first(&bench.machine().task("stranger").kernel()).unwrap_err();
    assert_eq!((error.kind(), error.supply()), (ErrorKind::NotPermitted, Some("LS-0017")));
    assert!(error.to_string().contains("needs the entitlement `com.example.lab-supply`"), "{error}");
    bench.assert_clean();
}

#[test]
fn a_supply_is_in_use_until_the_last_who_uses_it_is_done() {
    let (bench, _) = plugged();
    let supply = Supply::open_first(&bench.kernel()).unwrap();
    let refused = || Supply::open_first(&bench.other_kernel()).map(drop).unwrap_err().kind();
    assert_eq!(refused(), ErrorKind::InUse);
    let samples = supply.sample(100).unwrap();
    drop(supply);
    assert_eq!(refused(), ErrorKind::InUse);
    drop(samples);
    assert!(Supply::open_first(&bench.other_kernel()).is_ok());
    bench.assert_clean();
}

#[test]
fn a_program_that_dies_leaves_the_supply_to_others() {
    let (bench, _) = plugged();
    let supply = Supply::open_first(&bench.kernel()).unwrap();
    bench.program().kill();
    assert_eq!(supply.setting().unwrap_err().kind(), ErrorKind::Unplugged);
    assert!(Supply::open_first(&bench.other_kernel()).is_ok());
}

#[test]
fn when_a_supply_is_unplugged_everything_says_so_and_ends() {
    let (bench, device) = (Bench::new(), SimulatedSupply::new("LS-0017"));
    let plugged = bench.plug(&device);
    let supply = Supply::open_first(&bench.kernel()).unwrap();
    let (mut trips, mut samples) = (supply.trips().unwrap(), supply.sample(100).unwrap());
    supply.set(Setting { millivolts: 0, milliamps: 10 }).unwrap();
    supply.switch(true).unwrap();
    let ramp = supply.ramp(1_000, 1);
    bench.advance(Duration::from_millis(20));
    bench.unplug(plugged);

    let errors = [
        ramp.wait_timeout(PATIENCE).unwrap_err(),
        trips.wait_timeout(PATIENCE).unwrap().unwrap_err(),
        supply.meter().unwrap_err(),
        supply.setting().unwrap_err(),
        supply.ramp(2_000, 1).wait_timeout(PATIENCE).unwrap_err(),
    ];
    assert_eq!(errors.map(|error| error.kind()), [ErrorKind::Unplugged; 5]);
    assert!(trips.wait().is_none());
    // What was measured before is there all the same.
    let mut left: Vec<_> = std::iter::from_fn(|| samples.wait_timeout(PATIENCE)).collect();
    assert_eq!(left.pop().unwrap().unwrap_err().kind(), ErrorKind::Unplugged);
    assert_eq!(left.len(), 2);

    drop((samples, supply, trips));
    bench.assert_clean();
}

#[test]
fn a_supply_that_is_unplugged_stays_so_whatever_is_done_to_it() {
    let (bench, device) = (Bench::new(), SimulatedSupply::new("LS-0017"));
    let plugged = bench.plug(&device);
    let supply = Supply::open_first(&bench.kernel()).unwrap();
    bench.unplug(plugged);
    device.connect_load(1_000);
    device.step(Duration::from_secs(1));
    assert_eq!(supply.meter().unwrap_err().kind(), ErrorKind::Unplugged);
}

#[test]
fn a_supply_that_is_plugged_in_again_is_another_one() {
    let (bench, device) = (Bench::new(), SimulatedSupply::new("LS-0017"));
    let plugged = bench.plug(&device);
    let before = Supply::open_first(&bench.kernel()).unwrap();
    bench.unplug(plugged);
    bench.plug(&device);
    assert_eq!(before.setting().unwrap_err().kind(), ErrorKind::Unplugged);
    // The old one is to be let go first.
    drop(before);
    assert!(Supply::open_first(&bench.kernel()).unwrap().meter().is_ok());
}
