//! `power`: what it makes of batteries, and of none.

use super::power::cli::Failure;
use super::power::{PROGRAM, demo, tell};
use iokit_uc::archive::Archive;
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{Plane, RegistryEntry, Value};

every_example!();

#[test]
fn tells_of_the_notebook() {
    let expected = "\
AppleSmartBattery
  model    SMP bq20z451
  serial   F5D9262A1XYPXAC2Z
  charge   78 %, 5377 of 6894 mAh
  state    discharging, 4:10 h until empty
  health   94.0 %, designed for 7336 mAh
  cycles   142, designed for 1000
  heat     30.5 °C
  power    12.06 V, -1.29 A, -15.5 W
  adapter  none

IOPMrootDomain
  lid      open
  sleep    enabled
";
    assert_eq!(run(&[]), (0, expected.into(), String::new()));
}

#[test]
fn tells_the_same_of_what_was_written_to_a_file() {
    let machine = demo::machine().unwrap();
    let root = RegistryEntry::root(&machine.task("test").kernel()).unwrap();
    let archive = Archive::capture(&root, &Plane::SERVICE).unwrap();
    for (name, keeps_inheritance) in [("whole", true), ("plain", false)] {
        let mut archive = archive.clone();
        if !keeps_inheritance {
            archive.entries.iter_mut().for_each(|entry| entry.inheritance = None);
        }
        let mut list = Vec::new();
        archive.write_xml(&mut list).unwrap();
        let file = std::env::temp_dir().join(format!("iokit-uc-power-{}-{name}", std::process::id()));
        std::fs::write(&file, list).unwrap();
        let told = run(&[file.to_str().unwrap()]);
        // What is left over there bothers nobody.
        let _ = std::fs::remove_file(&file);
        assert_eq!(told, run(&[]), "{name}");
    }
}

/// What is told of a machine with this battery, or why nothing is.
fn told(battery: Option<Nub>) -> Result<String, String> {
    let machine = Machine::new();
    machine.define_class("AppleSmartBattery", "IOPMPowerSource");
    battery.map(|battery| machine.publish(battery));
    let mut out = Vec::new();
    let told = tell(&machine.task("test").kernel(), &mut out);
    machine.assert_clean();
    match told {
        Ok(()) => Ok(String::from_utf8(out).unwrap()),
        Err(Failure::Error(error)) => Err(error.to_string()),
        Err(Failure::Usage(_)) => panic!("the command line was right"),
    }
}

fn battery<V: Into<Value>>(properties: impl IntoIterator<Item = (&'static str, V)>) -> Option<Nub> {
    let nub = Nub::new("AppleSmartBattery");
    Some(properties.into_iter().fold(nub, |nub, (key, value)| nub.property(key, value)))
}

#[test]
fn a_machine_without_a_battery_is_an_error_that_says_so() {
    assert_eq!(told(None), Err("there is no battery: no service of class `IOPMPowerSource`".into()));
}

#[test]
fn what_is_missing_is_not_shown() {
    assert_eq!(told(battery([("CycleCount", 3u32)])), Ok("AppleSmartBattery\n  cycles   3\n\n".into()));
    assert_eq!(told(battery::<u32>([])), Ok("AppleSmartBattery\n\n".into()));
    let taken_out = "AppleSmartBattery\n  charge   no battery is installed\n\n";
    assert_eq!(told(battery([("BatteryInstalled", false)])), Ok(taken_out.into()));
}

#[test]
fn older_macs_tell_charge_in_mah() {
    let keys = [("CurrentCapacity", 2500u32), ("MaxCapacity", 5000), ("DesignCapacity", 6000)];
    let expected = "\
AppleSmartBattery
  charge   50 %, 2500 of 5000 mAh
  health   83.3 %, designed for 6000 mAh

";
    assert_eq!(told(battery(keys)), Ok(expected.into()));
}

#[test]
fn tells_what_charges_it_and_how_long_that_takes() {
    let adapter = |adapter: &[(&str, Value)]| Value::dictionary(adapter.iter().cloned());
    let whole = [
        ("Name", Value::from("61W USB-C Power Adapter")),
        ("Watts", 60u32.into()),
        ("AdapterVoltage", 20_300u32.into()),
        ("Current", 2980u32.into()),
    ];
    let properties: [(&str, Value); 6] = [
        ("ExternalConnected", true.into()),
        ("IsCharging", true.into()),
        ("AvgTimeToFull", 65535u32.into()),
        ("Voltage", 12_500u32.into()),
        ("Amperage", 2000i64.into()),
        ("AdapterDetails", adapter(&whole)),
    ];
    let expected = "\
AppleSmartBattery
  state    charging, time not known yet
  power    12.50 V, 2.00 A, 25.0 W
  adapter  61W USB-C Power Adapter, 60 W, 20.3 V, 2.98 A

";
    assert_eq!(told(battery(properties.clone())), Ok(expected.into()));
    let soon = properties.into_iter().chain([("AvgTimeToFull", Value::from(65u32))]);
    assert!(told(battery(soon)).unwrap().contains("  state    charging, 1:05 h until full\n"));
}

#[test]
fn a_key_of_another_type_is_an_error_that_names_key_and_entry() {
    let error = told(battery([("CycleCount", "many")])).unwrap_err();
    assert!(error.contains("CycleCount") && error.contains("AppleSmartBattery"), "{error}");
    let error = told(battery([("CycleCount", -1i64)])).unwrap_err();
    assert!(error.contains("CycleCount"), "{error}");
}

#[test]
fn complains_of_a_command_line_that_makes_no_sense() {
    for (arguments, complaint) in [
        (&["a", "b"][..], "unexpected argument `b`"),
        (&["-l"], "unknown flag `-l`"),
        (&["--host", "a"], "a file and `--host` exclude each other"),
    ] {
        let expected = format!("error: {complaint}\n\n{}", PROGRAM.usage);
        assert_eq!(run(arguments), (2, String::new(), expected));
    }
}
