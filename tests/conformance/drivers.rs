//! Drivers that are started by matching: MT-21, MT-9 and MT-16 as far as drivers go, NT-3 where drivers start others, BQ-3.

use iokit_uc::backend::Backend;
use iokit_uc::interface::{Arguments, UserClient};
use iokit_uc::sim::{
    DriverInstance, EntryId, Machine, Misuse, Nub, OpenRequest, Personality, RegisterOptions,
    TerminateOptions,
};
use iokit_uc::{IoReturn, Matching, Result, Service, Value};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// What drivers do, in order.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// A driver for nubs that notes what it does. It starts if `starts`.
    fn driver(&self, name: &'static str, starts: bool) -> Personality {
        let (probed, started, stopped) = (self.clone(), self.clone(), self.clone());
        Personality::new(name)
            .provider_class("Nub")
            .probe(move |_, _| {
                probed.note(format!("probe {name}"));
                true
            })
            .start(move |_| {
                started.note(format!("start {name}"));
                starts
            })
            .stop(move |_| stopped.note(format!("stop {name}")))
    }
}

/// The classes of what is attached to a service.
fn clients(machine: &Machine, service: EntryId) -> Vec<String> {
    let kernel = machine.task("looks").kernel();
    let matching = Value::dictionary([("IORegistryEntryID", service.0)]);
    let service = kernel.io_service_get_matching_service(0, Some(&matching));
    let mut iterator = 0;
    kernel.io_registry_entry_get_child_iterator(service, c"IOService", &mut iterator);
    std::iter::from_fn(|| Some(kernel.io_iterator_next(iterator)).filter(|&client| client != 0))
        .map(|client| kernel.io_object_copy_class(client).unwrap().into_string().unwrap())
        .collect()
}

/// A property of the first service of a class, registered or not.
fn property(machine: &Machine, nub: EntryId, key: &str) -> Option<Value> {
    let kernel = machine.task("looks").kernel();
    let matching = Value::dictionary([("IORegistryEntryID", nub.0)]);
    let service = kernel.io_service_get_matching_service(0, Some(&matching));
    let mut iterator = 0;
    kernel.io_registry_entry_get_child_iterator(service, c"IOService", &mut iterator);
    let client = kernel.io_iterator_next(iterator);
    kernel.io_registry_entry_create_cf_property(client, &std::ffi::CString::new(key).unwrap())
}

#[test]
fn mt_21_the_driver_with_the_highest_score_is_started() {
    let (machine, journal) = (Machine::new(), Journal::default());
    machine.add_driver(journal.driver("Low", true).probe_score(-1));
    machine.add_driver(journal.driver("High", true).probe_score(1000));
    machine.add_driver(journal.driver("Middle", true));
    let nub = machine.publish(Nub::new("Nub"));
    assert_eq!(journal.take(), ["probe High", "probe Middle", "probe Low", "start High"]);
    assert_eq!(clients(&machine, nub), ["High"]);
}

#[test]
fn mt_21_of_the_same_score_the_nearer_class_comes_first_and_then_the_older_driver() {
    let (machine, journal) = (Machine::new(), Journal::default());
    machine.define_class("Nub", "Base");
    machine.add_driver(journal.driver("Far", false).provider_class("IOService"));
    machine.add_driver(journal.driver("Near", false).provider_class("Base"));
    machine.add_driver(journal.driver("First", false));
    machine.add_driver(journal.driver("Second", false));
    journal.take();
    machine.publish(Nub::new("Nub"));
    let starts = journal.take().into_iter().filter(|line| line.starts_with("start"));
    assert!(starts.eq(["start First", "start Second", "start Near", "start Far"]));
}

#[test]
fn mt_21_if_a_driver_does_not_start_the_next_one_does() {
    let (machine, journal) = (Machine::new(), Journal::default());
    machine.add_driver(journal.driver("Best", false).probe_score(2));
    machine.add_driver(journal.driver("Next", true).probe_score(1));
    machine.add_driver(journal.driver("Last", true));
    let nub = machine.publish(Nub::new("Nub"));
    assert_eq!(journal.take()[3..], ["start Best", "start Next"]);
    assert_eq!(clients(&machine, nub), ["Next"]);
    assert_eq!(machine.busy(nub), 0);
}

#[test]
fn mt_21_a_probe_changes_the_score_or_refuses() {
    let (machine, journal) = (Machine::new(), Journal::default());
    machine.add_driver(journal.driver("Modest", true).probe_score(5).probe(|_, score| {
        assert_eq!(*score, 5);
        *score = 1;
        true
    }));
    machine.add_driver(journal.driver("Keen", true).probe(|_, score| {
        *score = 2;
        true
    }));
    machine.add_driver(journal.driver("Refuses", true).probe_score(9).probe(|_, _| false));
    let nub = machine.publish(Nub::new("Nub"));
    assert_eq!(journal.take(), ["start Keen"]);
    assert_eq!(property(&machine, nub, "IOProbeScore"), Some(2.into()));
}

#[test]
fn mt_21_a_driver_is_attached_while_it_is_probed_and_not_between() {
    let machine = Machine::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (probing, starting, looks) = (Arc::clone(&seen), Arc::clone(&seen), machine.downgrade());
    let look = move |seen: &Mutex<Vec<_>>, driver: &DriverInstance| {
        let machine = looks.upgrade().unwrap();
        seen.lock().unwrap().push((machine.is_inactive(driver.driver), driver.driver));
        true
    };
    let look_again = look.clone();
    machine.add_driver(
        Personality::new("Driver")
            .provider_class("Nub")
            .probe(move |driver, _| look(&probing, driver))
            .start(move |driver| look_again(&starting, driver)),
    );
    machine.publish(Nub::new("Nub"));
    let seen = seen.lock().unwrap();
    let [(false, probed), (false, started)] = seen[..] else { panic!("it is in the registry: {seen:?}") };
    assert_eq!(probed, started, "one instance");
}

#[test]
fn mt_21_each_category_has_a_driver_and_one_that_has_is_left_alone() {
    let (machine, journal) = (Machine::new(), Journal::default());
    machine.add_driver(journal.driver("Sound", true).match_category("sound"));
    machine.add_driver(journal.driver("Light", true).match_category("light"));
    machine.add_driver(journal.driver("Plain", true));
    let nub = machine.publish(Nub::new("Nub"));
    let starts = journal.take().into_iter().filter(|line| line.starts_with("start"));
    assert!(starts.eq(["start Sound", "start Light", "start Plain"]));
    assert_eq!(property(&machine, nub, "IOMatchCategory"), Some("sound".into()));

    machine.add_driver(journal.driver("Louder", true).match_category("sound").probe_score(9));
    assert_eq!(journal.take(), [""; 0], "it is not even probed");
    assert_eq!(clients(&machine, nub), ["Sound", "Light", "Plain"]);
}

#[test]
fn mt_21_a_driver_has_its_personality_as_properties() {
    let machine = Machine::new();
    let keys = [("IOPropertyMatch", Value::dictionary([("Speed", 5)])), ("Colour", "red".into())];
    machine.add_driver(
        Personality::new("Driver")
            .provider_class("Nub")
            .name_match(Value::array(["other", "this one"]))
            .matching(&keys.into_iter().collect())
            .bundle("com.example.driver"),
    );
    let nub = machine.publish(Nub::new("Nub").name("this one").property("Speed", 5));
    for (key, value) in [
        ("IOClass", Value::from("Driver")),
        ("IOProviderClass", "Nub".into()),
        ("IOMatchCategory", "IODefaultMatchCategory".into()),
        ("IOProbeScore", 0.into()),
        ("IONameMatched", "this one".into()),
        ("Colour", "red".into()),
        ("CFBundleIdentifier", "com.example.driver".into()),
    ] {
        assert_eq!(property(&machine, nub, key), Some(value), "{key}");
    }
    let kernel = machine.task("looks").kernel();
    let bundle = kernel.io_object_copy_bundle_identifier_for_class(Some(c"Driver"));
    assert_eq!(bundle.as_deref(), Some(c"com.example.driver"));
}

#[test]
fn mt_09_a_name_of_the_device_tree_is_told_to_the_driver() {
    let machine = Machine::new();
    machine.add_driver(Personality::new("Driver").provider_class("Nub").name_match("example,uart*"));
    let compatible = Value::data(b"other\0example,uart-2\0");
    let nub = machine.publish(Nub::new("Nub").property("compatible", compatible).device_tree_names());
    assert_eq!(property(&machine, nub, "IONameMatched"), Some("example,uart-2".into()));
}

#[test]
fn mt_21_every_key_must_match() {
    let (machine, journal) = (Machine::new(), Journal::default());
    machine.add_driver(
        journal.driver("Fast", true).property("IOPropertyMatch", Value::dictionary([("Speed", 9)])),
    );
    machine.add_driver(journal.driver("Elsewhere", true).property("IOLocationMatch", "7"));
    machine.add_driver(journal.driver("Other", true).provider_class("Other"));
    machine.add_driver(Personality::new("Nowhere").start(|_| panic!("a driver for no class")));
    machine.publish(Nub::new("Nub").property("Speed", 5));
    assert_eq!(journal.take(), [""; 0]);
}

#[test]
fn mt_21_the_family_has_a_say_in_the_score_and_in_whether_it_matches_at_all() {
    let (machine, journal) = (Machine::new(), Journal::default());
    machine.add_driver(journal.driver("Wide", true).probe_score(5).property("Width", 9));
    machine.add_driver(journal.driver("Narrow", true).property("Width", 1));
    machine.add_driver(journal.driver("Refused", true).probe_score(99).property("Width", 0));
    let family = |query: &iokit_uc::Dictionary, score: &mut i64| {
        match query.get("Width").and_then(Value::as_number).and_then(|width| width.as_u64()) {
            Some(0) => return false,
            Some(1) => *score += 100,
            _ => {}
        }
        true
    };
    let nub = machine.publish(Nub::new("Nub").on_match(family));
    assert_eq!(journal.take(), ["probe Narrow", "probe Wide", "start Narrow"]);
    assert_eq!(property(&machine, nub, "IOProbeScore"), Some(100.into()));
}

#[test]
fn mt_21_a_driver_can_wait_for_a_resource() {
    let (machine, journal) = (Machine::new(), Journal::default());
    let waits = || journal.driver("Waits", true).provider_class("IOResources");
    machine.add_driver(waits().property("IOResourceMatch", "Clock"));
    machine.add_driver(waits().property("IOResourceMatched", "Clock").match_category("symbols"));
    assert_eq!(journal.take(), [""; 0]);
    machine.publish_resource("Other", true);
    assert_eq!(journal.take(), [""; 0]);
    machine.publish_resource("Clock", true);
    assert_eq!(journal.take(), ["probe Waits", "start Waits"]);
    machine.publish_resource("Other", false);
    assert_eq!(
        journal.take(),
        ["probe Waits", "start Waits"],
        "MT-16: the symbol is among those matched before"
    );
}

#[test]
fn mt_21_a_driver_stops_with_its_provider() {
    let (machine, journal) = (Machine::new(), Journal::default());
    machine.add_driver(journal.driver("Driver", true));
    let nub = machine.publish(Nub::new("Nub"));
    journal.take();
    assert!(machine.terminate(nub, TerminateOptions::default()));
    assert_eq!(journal.take(), ["stop Driver"]);
    assert_eq!(machine.busy(nub), 0);
}

#[test]
fn nt_03_a_new_driver_is_matched_with_what_is_there() {
    let (machine, journal) = (Machine::new(), Journal::default());
    let nub = machine.publish(Nub::new("Nub"));
    let attached = machine.attach(Nub::new("Nub"));
    machine.add_driver(journal.driver("Driver", true));
    assert_eq!(journal.take(), ["probe Driver", "start Driver"], "for the one that is registered");
    assert_eq!(clients(&machine, nub), ["Driver"]);
    drop(machine.start_matching(attached));
    assert_eq!(journal.take(), ["probe Driver", "start Driver"]);
}

#[test]
fn nt_03_a_catalogue_that_changes_in_a_round_is_looked_at_again_and_nothing_is_published_again() {
    let (machine, journal) = (Machine::new(), Journal::default());
    let kernel = machine.task("listens").kernel();
    let nub = machine.publish(Nub::new("Nub"));
    let matching = Value::dictionary([("IOProviderClass", "Nub")]);
    let drain = |iterator| {
        std::iter::from_fn(|| Some(kernel.io_iterator_next(iterator)).filter(|&item| item != 0)).count()
    };
    let iterators = [c"IOServicePublish", c"IOServiceMatched"].map(|kind| {
        let mut iterator = 0;
        let code = kernel.io_service_add_notification(0, kind, Some(&matching), 0, 0, &mut iterator);
        assert_eq!((code, drain(iterator)), (IoReturn::SUCCESS, 1));
        iterator
    });
    let round = machine.start_matching(nub);
    assert_eq!(iterators.map(drain), [1, 0]);
    machine.add_driver(journal.driver("Late", true));
    assert_eq!(journal.take(), [""; 0], "the round sees for itself");
    drop(round);
    assert_eq!(journal.take(), ["probe Late", "start Late"]);
    assert_eq!(iterators.map(drain), [0, 1]);
}

#[test]
fn nt_03_drivers_start_after_their_nub_is_published_and_before_it_is_matched() {
    let machine = Machine::new();
    let kernel = machine.task("looks").kernel();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (sees, looks) = (Arc::clone(&seen), machine.downgrade());
    machine.add_driver(Personality::new("Driver").provider_class("Nub").start(move |_| {
        let looks = looks.upgrade().unwrap().task("driver").kernel();
        let first = Service::first(&looks, &Matching::class("Nub")).unwrap();
        let matching = Value::dictionary([("IOProviderClass", "Nub")]);
        let mut iterator = 0;
        looks.io_service_add_notification(0, c"IOServicePublish", Some(&matching), 0, 0, &mut iterator);
        sees.lock().unwrap().push((first.is_some(), looks.io_iterator_next(iterator) != 0));
        true
    }));
    machine.publish(Nub::new("Nub"));
    assert_eq!(*seen.lock().unwrap(), [(false, true)]);
    assert!(Service::first(&kernel, &Matching::class("Nub")).unwrap().is_some());
}

/// Drivers on drivers: a bus's publishes a device each time it starts, whose driver opens to tasks.
#[test]
fn mt_21_a_driver_publishes_what_it_finds_and_tasks_open_it() {
    struct Echo;
    impl UserClient for Echo {
        fn external_method(&self, _: u32, arguments: &mut Arguments<'_>) -> Result<()> {
            arguments.scalar_output()[0] = arguments.scalar_input()[0];
            Ok(())
        }
    }
    let machine = Machine::new();
    let finds = machine.downgrade();
    machine.add_driver(Personality::new("BusDriver").provider_class("Bus").start(move |driver| {
        finds.upgrade().unwrap().publish(Nub::new("Device").provider(driver.driver));
        true
    }));
    let registers = machine.downgrade();
    machine.add_driver(
        Personality::new("DeviceDriver")
            .provider_class("Device")
            .start(move |driver| {
                registers.upgrade().unwrap().register(driver.driver, RegisterOptions::default())
            })
            .driver(|_: &OpenRequest<'_>| Ok(Echo)),
    );
    let bus = machine.publish(Nub::new("Bus"));
    assert!(machine.wait_until_idle(PATIENCE));
    let kernel = machine.task("client").kernel();
    let service = Service::expect_first(&kernel, &Matching::class("DeviceDriver")).unwrap();
    let connection = service.open(0).unwrap();
    assert_eq!(connection.call(0).scalars(&[7]).scalar_capacity(1).send().unwrap().scalars(), [7]);
    drop(connection);
    drop(service);
    assert!(machine.terminate(bus, TerminateOptions { synchronous: true }));
    assert!(Service::first(&kernel, &Matching::class("DeviceDriver")).unwrap().is_none());
}

#[test]
fn mt_21_a_driver_that_panics_is_passed_over_and_recorded() {
    let (machine, journal) = (Machine::new(), Journal::default());
    machine.add_driver(journal.driver("Probes", true).probe_score(3).probe(|_, _| panic!("told to")));
    machine.add_driver(journal.driver("Starts", true).probe_score(2).start(|_| panic!("told to")));
    machine.add_driver(journal.driver("Sound", true).stop(|_| panic!("told to")));
    let nub = machine.publish(Nub::new("Nub"));
    assert_eq!(clients(&machine, nub), ["Sound"]);
    machine.terminate(nub, TerminateOptions::default());
    assert_eq!(machine.report().misuses, ["probe", "start", "stop"].map(Misuse::Panic));
}

#[test]
fn mt_21_a_nub_that_its_driver_takes_away_goes_when_the_round_is_over() {
    let (machine, journal) = (Machine::new(), Journal::default());
    let takes = machine.downgrade();
    machine.add_driver(journal.driver("Driver", true).start(move |driver| {
        assert!(takes.upgrade().unwrap().terminate(driver.provider, TerminateOptions::default()));
        true
    }));
    let nub = machine.publish(Nub::new("Nub"));
    assert_eq!(journal.take(), ["probe Driver", "stop Driver"]);
    assert!(machine.is_inactive(nub));
    assert_eq!(machine.busy(nub), 0);
}

#[test]
fn mt_16_a_family_that_has_itself_asked_is_recorded_and_says_no() {
    let machine = Machine::new();
    let odd = || Value::dictionary([("IOProviderClass", "Nub"), ("Colour", "red")]);
    let asks = machine.downgrade();
    machine.publish(Nub::new("Nub").on_match(move |_, _| {
        let kernel = asks.upgrade().unwrap().task("family").kernel();
        assert_eq!(kernel.io_service_get_matching_service(0, Some(&odd())), 0);
        true
    }));
    let kernel = machine.task("user").kernel();
    assert_ne!(kernel.io_service_get_matching_service(0, Some(&odd())), 0);
    assert_eq!(machine.report().misuses, [Misuse::FamilyAskedItself]);
}

#[test]
fn bq_03_a_synchronous_registration_waits_for_what_drivers_have_begun() {
    let machine = Machine::new();
    machine.freeze_clock();
    let begins = machine.downgrade();
    machine.add_driver(Personality::new("Driver").provider_class("Nub").start(move |driver| {
        let machine = begins.upgrade().unwrap();
        let (driver, later, ends) = (driver.driver, machine.sleep(Duration::from_secs(5)), begins.clone());
        machine.adjust_busy(driver, 1).unwrap();
        machine.spawn(async move {
            later.await;
            ends.upgrade().unwrap().adjust_busy(driver, -1).unwrap();
        });
        true
    }));
    let nub = machine.attach(Nub::new("Nub"));
    let options = RegisterOptions { synchronous: true, ..RegisterOptions::default() };
    std::thread::scope(|scope| {
        let registers = scope.spawn(|| machine.register(nub, options));
        assert!(machine.wait_until_blocked(1, PATIENCE));
        assert_eq!(machine.busy(nub), 1);
        machine.advance(Duration::from_secs(5));
        assert!(registers.join().unwrap());
    });
    assert_eq!(machine.busy(nub), 0);
}

#[test]
fn bq_03_a_registration_on_the_work_loop_does_what_it_waits_for_itself() {
    let (machine, journal) = (Machine::new(), Journal::default());
    let finds = machine.downgrade();
    machine.add_driver(journal.driver("Bus driver", true).provider_class("Bus").start(move |driver| {
        let machine = finds.upgrade().unwrap();
        let nub = machine.attach(Nub::new("Nub").provider(driver.driver));
        machine.register(nub, RegisterOptions { asynchronous: true, ..RegisterOptions::default() })
    }));
    machine.add_driver(journal.driver("Driver", true));
    let bus = machine.attach(Nub::new("Bus"));
    let (registers, notes) = (machine.downgrade(), journal.clone());
    machine.spawn(async move {
        let options = RegisterOptions { synchronous: true, ..RegisterOptions::default() };
        assert!(registers.upgrade().unwrap().register(bus, options));
        notes.note("registered");
    });
    assert!(machine.wait_until_idle(PATIENCE));
    assert_eq!(journal.take(), ["probe Bus driver", "probe Driver", "start Driver", "registered"]);
}

/// Whether a driver's `start` comes to an end that does this with a service below its own that it has just terminated. What that
/// has put off the driver's thread would do when `start` is over.
fn ends(with_terminated: fn(&Machine, EntryId, EntryId)) -> bool {
    let (ended, end) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let machine = Machine::new();
        let starts = machine.downgrade();
        machine.add_driver(Personality::new("Driver").provider_class("Nub").start(move |driver| {
            let machine = starts.upgrade().unwrap();
            let child = machine.attach(Nub::new("Child").provider(driver.driver));
            let terminated = machine.attach(Nub::new("Terminated").provider(child));
            assert!(machine.terminate(terminated, TerminateOptions::default()));
            with_terminated(&machine, child, terminated);
            true
        }));
        machine.publish(Nub::new("Nub"));
        machine.assert_clean();
        let _ = ended.send(());
    });
    end.recv_timeout(PATIENCE).is_ok()
}

#[test]
fn bq_03_a_driver_that_registers_synchronously_does_not_wait_for_what_it_has_put_off() {
    assert!(ends(|machine, child, _| {
        machine.add_driver(Personality::new("Busy").provider_class("Child").start({
            let starts = machine.downgrade();
            move |driver| {
                let machine = starts.upgrade().unwrap();
                let short = machine.attach(Nub::new("Short").provider(driver.driver));
                machine.terminate(short, TerminateOptions::default())
            }
        }));
        let options = RegisterOptions { synchronous: true, ..RegisterOptions::default() };
        assert!(machine.register(child, options));
        assert_eq!(machine.busy(child), 0);
    }));
}

#[test]
fn bq_06_a_driver_that_waits_for_quiet_does_not_wait_for_what_it_has_put_off() {
    assert!(ends(|machine, _, terminated| {
        assert_eq!(machine.busy(terminated), 1);
        assert!(machine.wait_quiet(terminated, PATIENCE));
    }));
}

#[test]
fn term_10_a_client_that_is_off_its_provider_is_quiet_while_the_next_one_stops() {
    let machine = Machine::new();
    machine.freeze_clock();
    let (quiet, is_quiet) = std::sync::mpsc::channel::<bool>();
    let (stopped, is_quiet) = (machine.downgrade(), Mutex::new(is_quiet));
    machine.add_driver(Personality::new("First driver").provider_class("First").stop(move |_| {
        assert!(is_quiet.lock().unwrap().recv_timeout(PATIENCE).unwrap());
    }));
    // It is stopped first, as what came last goes first.
    machine.add_driver(Personality::new("Second driver").provider_class("Second").stop(move |driver| {
        let (machine, driver, quiet) = (stopped.upgrade().unwrap(), driver.driver, quiet.clone());
        let waits = machine.clone();
        std::thread::spawn(move || quiet.send(waits.wait_quiet(driver, PATIENCE)));
        assert!(machine.wait_until_blocked(1, PATIENCE));
    }));
    let bus = machine.publish(Nub::new("Bus"));
    machine.publish(Nub::new("First").provider(bus));
    machine.publish(Nub::new("Second").provider(bus));
    machine.terminate(bus, TerminateOptions::default());
    machine.assert_clean();
}

#[test]
fn mt_21_a_personality_that_the_kernel_cannot_decode_is_none() {
    let nested = |levels| {
        let innermost = Value::dictionary([("IOProviderClass", "IOPlatformExpertDevice")]);
        (0..levels).fold(innermost, |value, _| Value::dictionary([("IOParentMatch", value)]))
    };
    let (machine, journal) = (Machine::new(), Journal::default());
    machine.add_driver(journal.driver("Deep", true).property("IOParentMatch", nested(100_000)));
    machine.add_driver(journal.driver("Long", true).property("Text", "x".repeat(300_000)));
    machine.add_driver(journal.driver("Flat", true).property("IOParentMatch", nested(0)));
    machine.publish(Nub::new("Nub"));
    assert_eq!(journal.take(), ["probe Flat", "start Flat"]);
    let class = |class: &str| Misuse::Personality { class: class.into() };
    assert_eq!(machine.report().misuses, ["Deep", "Long"].map(class));
}

#[test]
fn bq_03_to_be_asynchronous_is_what_counts_if_both_are_asked_for() {
    let machine = Machine::new();
    let nub = machine.attach(Nub::new("Nub"));
    let (registers, busy) = (machine.downgrade(), Arc::new(Mutex::new(None)));
    let seen = Arc::clone(&busy);
    // The work loop does the round when it is done with this.
    machine.spawn(async move {
        let machine = registers.upgrade().unwrap();
        assert!(machine.register(nub, RegisterOptions { synchronous: true, asynchronous: true }));
        *seen.lock().unwrap() = Some(machine.busy(nub));
    });
    assert!(machine.wait_until_idle(PATIENCE));
    assert_eq!((*busy.lock().unwrap(), machine.busy(nub)), (Some(1), 0));
}

#[test]
fn bq_03_a_round_that_is_put_off_does_not_keep_its_machine() {
    let machine = Machine::new();
    let nub = machine.attach(Nub::new("Nub"));
    assert!(machine.register(nub, RegisterOptions::default()));
    drop(machine);
}
