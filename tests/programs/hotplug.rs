//! `hotplug`: what it tells of a notebook on which somebody is busy.

use super::hotplug::PROGRAM;
use super::hotplug::demo::{Notebook, usb};
use super::hotplug::watch::Watch;
use iokit_uc::sim::{Machine, Nub};
use std::time::Duration;

every_example!();

const EVENTS: &str = "\
here     Apple Internal Keyboard / Trackpad <IOUSBHostDevice at 14500000, 05ac:027a>
here     FaceTime HD Camera (Built-in) <IOUSBHostDevice at 14700000, 05ac:8514, serial CC2G951DHYF5KNAP>
arrived  USB2.0 Hub <IOUSBHostDevice at 14100000, 05e3:0610>
arrived  USB Optical Mouse <IOUSBHostDevice at 14110000, 046d:c077>
arrived  Ultra Fit <IOUSBHostDevice at 14120000, 0781:5583, serial 4C531001571112105234>
message  USB Optical Mouse <IOUSBHostDevice at 14110000, 046d:c077>: kIOMessageServiceIsSuspended
message  USB Optical Mouse <IOUSBHostDevice at 14110000, 046d:c077>: kIOMessageServiceIsResumed
departed USB Optical Mouse <IOUSBHostDevice at 14110000, 046d:c077>
arrived  USB Optical Mouse <IOUSBHostDevice at 14200000, 046d:c077>
departed USB2.0 Hub <IOUSBHostDevice at 14100000, 05e3:0610>
departed Ultra Fit <IOUSBHostDevice at 14120000, 0781:5583, serial 4C531001571112105234>
departed USB Optical Mouse <IOUSBHostDevice at 14200000, 046d:c077>
";

#[test]
fn explains_itself() {
    assert_eq!(run(&["--help"]), (0, PROGRAM.usage.into(), String::new()));
}

#[test]
fn tells_what_comes_and_goes_as_it_happens() {
    assert_eq!(run(&[]), (0, EVENTS.into(), String::new()));
}

#[test]
fn ends_after_so_many_events_of_which_what_was_there_is_none() {
    for (count, lines) in [("1", 3), ("3", 5), ("8", 10), ("9", 11), ("10", 12), ("11", 12)] {
        let expected: String = EVENTS.split_inclusive('\n').take(lines).collect();
        assert_eq!(run(&["--events", count]), (0, expected, String::new()), "{count}");
    }
}

#[test]
fn a_disk_comes_and_goes_with_its_device() {
    let expected = "\
here     APPLE SSD AP0512M Media <IOMedia, disk disk0>
arrived  Ultra Fit Media <IOMedia, disk disk1>
departed Ultra Fit Media <IOMedia, disk disk1>
";
    assert_eq!(run(&["--class", "IOMedia"]), (0, expected.into(), String::new()));
}

fn told(watch: &mut Watch) -> String {
    let mut out = Vec::new();
    assert!(watch.tell(Some(Duration::ZERO), &mut out).is_ok());
    String::from_utf8(out).unwrap()
}

#[test]
fn what_has_gone_again_when_it_is_told_of_is_no_error() {
    let Notebook { machine, left, .. } = Notebook::new().unwrap();
    let mut watch = Watch::new(&machine.task("test").kernel(), "IOUSBHostDevice", None).unwrap();
    assert_eq!(told(&mut watch).lines().count(), 2);
    let mouse = usb::plug(&machine, &left, &usb::MOUSE).unwrap();
    let arrival = told(&mut watch);
    assert!(arrival.starts_with("arrived  USB Optical Mouse "), "{arrival}");
    usb::unplug(&machine, mouse);
    let departure = told(&mut watch);
    assert_eq!(departure, arrival.replace("arrived ", "departed"));
    assert_eq!(told(&mut watch), "");
    usb::unplug(&machine, usb::plug(&machine, &left, &usb::MOUSE).unwrap());
    let both: Vec<_> = told(&mut watch).lines().map(|line| line[..8].to_owned()).collect();
    assert_eq!(both, ["arrived ", "departed"]);
    drop(watch);
    machine.assert_clean();
}

#[test]
fn more_than_the_kernel_keeps_is_told_to_be_missing() {
    let machine = Machine::new();
    machine.freeze_clock();
    let mut watch = Watch::new(&machine.task("test").kernel(), "Device", None).unwrap();
    assert_eq!(told(&mut watch), "");
    // One service takes 1020 clients at most.
    for _ in 0..11 {
        let bus = machine.publish(Nub::new("Bus"));
        for _ in 0..100 {
            machine.publish(Nub::new("Device").provider(bus));
        }
    }
    let told = told(&mut watch);
    assert_eq!(told.matches("arrived  Device <Device>\n").count(), 1024);
    assert!(told.ends_with("too much has happened at once: some of it may be missing\n"), "{told}");
    drop(watch);
    machine.assert_clean();
}

#[test]
fn complains_of_a_command_line_that_makes_no_sense() {
    for (arguments, complaint) in [
        (&["--class"][..], "`--class` wants a class"),
        (&["--events"], "`--events` wants a number of events"),
        (&["--events", "0"], "`0` is no number of events from 1 up"),
        (&["--events", "all"], "`all` is no number of events from 1 up"),
        (&["IOMedia"], "unexpected argument `IOMedia`"),
        (&["-n"], "unknown flag `-n`"),
    ] {
        let expected = format!("error: {complaint}\n\n{}", PROGRAM.usage);
        assert_eq!(run(arguments), (2, String::new(), expected));
    }
}
