//! Matching notifications: NT-1 … NT-11, NT-19, TERM-5 as far as notifications go, REG-27, RC-6, RC-7.

use crate::listener::{CALLBACK, Listener};
use crate::steps::{UNKNOWN, dead_name, id, is_known, name, references, release, service};
use crate::world::World;
use iokit_uc::backend::{Backend, DEAD, MAIN_PORT_DEFAULT, NULL, PortName, PortRight};
use iokit_uc::interface::MessageType;
use iokit_uc::{IoReturn, Kernel, Value};
use std::ffi::CStr;
use std::time::Duration;

const PUBLISH: &CStr = c"IOServicePublish";
const FIRST_PUBLISH: &CStr = c"IOServiceFirstPublish";
const MATCHED: &CStr = c"IOServiceMatched";
const FIRST_MATCH: &CStr = c"IOServiceFirstMatch";
const TERMINATED: &CStr = c"IOServiceTerminate";
const WILL_TERMINATE: &CStr = c"IOServiceWillTerminate";

const ALL: [&CStr; 6] = [PUBLISH, FIRST_PUBLISH, MATCHED, FIRST_MATCH, TERMINATED, WILL_TERMINATE];

const DEVICE: u64 = 0;
const CAMERA: u64 = 1;

/// How many services a notification's list holds.
const CAPACITY: u64 = 1024;

/// The machine `hotplug`, and a task that listens there.
struct Scene {
    listener: Listener,
    world: World,
}

impl std::ops::Deref for Scene {
    type Target = Listener;
    fn deref(&self) -> &Listener {
        &self.listener
    }
}

fn class(class: &str) -> Value {
    Value::dictionary([("IOProviderClass", class)])
}

impl Scene {
    fn boot() -> Self {
        let world = World::boot("hotplug");
        Self { listener: Listener::new(world.kernel()), world }
    }

    fn command(&self, command: &str, arguments: &[u64]) -> u64 {
        self.world.command(command, arguments)
    }

    fn plug(&self, class: u64) -> u64 {
        self.command("plug", &[class])
    }

    #[track_caller]
    fn unplug(&self, service: u64) {
        assert_eq!(self.command("terminate", &[service]), 1);
    }

    /// Registers for devices.
    #[track_caller]
    fn devices(&self, kind: &CStr, refcon: usize) -> PortName {
        self.subscribe(kind, &class("Device"), refcon).unwrap()
    }

    /// What a notification gives, by number, up to the end, which arms it.
    fn drain(&self, iterator: PortName) -> Vec<u64> {
        self.take(iterator, usize::MAX)
    }

    fn take(&self, iterator: PortName, count: usize) -> Vec<u64> {
        let next = || Some(self.kernel.io_iterator_next(iterator)).filter(|&item| item != NULL);
        let items = std::iter::from_fn(next).take(count);
        items
            .map(|item| {
                let id = id(&self.kernel, item);
                release(&self.kernel, item);
                id
            })
            .collect()
    }

    fn release_all(&self, names: impl IntoIterator<Item = PortName>) {
        names.into_iter().for_each(|name| release(&self.kernel, name));
    }
}

// ---- NT-1: the types ----

#[test]
fn nt_01_the_first_set_is_what_has_come_that_far() {
    let scene = Scene::boot();
    let matched = scene.plug(DEVICE);
    scene.command("attach", &[DEVICE]);
    let registered = scene.command("attach", &[DEVICE]);
    scene.command("start_matching", &[registered]);
    for (kind, there) in [
        (PUBLISH, vec![registered, matched]),
        (FIRST_PUBLISH, vec![registered, matched]),
        (MATCHED, vec![matched]),
        (FIRST_MATCH, vec![matched]),
        (TERMINATED, vec![]),
        (WILL_TERMINATE, vec![]),
    ] {
        let iterator = scene.devices(kind, 0);
        assert_eq!(scene.drain(iterator), there, "{kind:?}");
        release(&scene.kernel, iterator);
    }
    scene.command("finish_matching", &[]);
}

#[test]
fn nt_01_what_is_terminated_is_in_no_first_set() {
    let scene = Scene::boot();
    let device = scene.plug(DEVICE);
    scene.command("start_matching", &[device]);
    scene.unplug(device);
    for kind in ALL {
        let iterator = scene.devices(kind, 0);
        assert_eq!(scene.drain(iterator), [], "{kind:?}");
        release(&scene.kernel, iterator);
    }
    scene.command("finish_matching", &[]);
}

#[test]
fn nt_01_any_other_type_is_unsupported() {
    let scene = Scene::boot();
    for kind in [c"", c"IOServicePublished", c"ioservicepublish", c"IOGeneralInterest"] {
        assert_eq!(scene.subscribe(kind, &class("Device"), 0), Err(IoReturn::UNSUPPORTED), "{kind:?}");
    }
    assert_eq!(scene.world.send_rights(scene.port()), 0, "P-7b");
}

// ---- NT-2, NT-3: rounds ----

/// `IOServiceGetState`.
fn state(kernel: &Kernel, service: PortName) -> u64 {
    let mut state = 0;
    let code = kernel.io_service_get_busy_state_and_time(service, &mut state, &mut 0, &mut 0);
    assert_eq!(code, IoReturn::SUCCESS);
    state
}

#[test]
fn nt_02_the_bits_say_how_far_a_service_has_come() {
    let scene = Scene::boot();
    let ended = scene.devices(TERMINATED, 0);
    let device = scene.command("attach", &[DEVICE]);
    let bus = service(&scene.kernel, "Bus");
    let [name] = crate::steps::children(&scene.kernel, bus)[..] else { panic!("one device is attached") };
    assert_eq!(state(&scene.kernel, name), 0);
    scene.command("start_matching", &[device]);
    assert_eq!(state(&scene.kernel, name), 2 | 8);
    scene.command("finish_matching", &[]);
    assert_eq!(state(&scene.kernel, name), 2 | 4 | 8 | 0x10);
    scene.unplug(device);
    assert_eq!(state(&scene.kernel, name), 1);
    scene.release_all([ended, bus, name]);
}

#[test]
fn nt_03_a_first_round_tells_of_publishing_and_then_of_matching() {
    let scene = Scene::boot();
    let iterators: Vec<_> = (0..).zip(ALL).map(|(refcon, kind)| scene.devices(kind, refcon)).collect();
    iterators.iter().for_each(|&iterator| assert_eq!(scene.drain(iterator), []));
    let device = scene.command("attach", &[DEVICE]);
    assert_eq!(scene.pings(), []);
    scene.command("start_matching", &[device]);
    assert_eq!(scene.pings(), [1, 0], "first publish, publish");
    scene.command("finish_matching", &[]);
    assert_eq!(scene.pings(), [2, 3], "matched, first match");
    for &iterator in &iterators[..4] {
        assert_eq!(scene.drain(iterator), [device]);
    }
    scene.release_all(iterators);
}

#[test]
fn nt_03_later_rounds_tell_of_no_first_time() {
    let scene = Scene::boot();
    let device = scene.plug(DEVICE);
    let iterators: Vec<_> = (0..).zip(ALL).map(|(refcon, kind)| scene.devices(kind, refcon)).collect();
    iterators.iter().for_each(|&iterator| drop(scene.drain(iterator)));
    scene.command("start_matching", &[device]);
    assert_eq!(scene.pings(), [0]);
    scene.command("finish_matching", &[]);
    assert_eq!(scene.pings(), [2]);
    scene.release_all(iterators);
}

#[test]
fn nt_03_registering_in_a_round_publishes_again_and_matches_once() {
    let scene = Scene::boot();
    let device = scene.plug(DEVICE);
    let (published, matched) = (scene.devices(PUBLISH, 0), scene.devices(MATCHED, 1));
    assert_eq!([published, matched].map(|iterator| scene.drain(iterator)), [[device]; 2]);
    scene.command("start_matching", &[device]);
    for options in [0, 1] {
        assert_eq!(scene.command("register", &[device, options]), 1);
    }
    assert_eq!(scene.drain(published), [device], "the first loop");
    assert_eq!(scene.command("busy", &[device]), 1);
    scene.command("finish_matching", &[]);
    assert_eq!(scene.drain(published), [device], "one more, however often it was registered");
    assert_eq!(scene.drain(matched), [device]);
    assert_eq!(scene.command("busy", &[device]), 0);
    scene.pings();
    scene.release_all([published, matched]);
}

#[test]
fn nt_03_a_service_that_goes_away_in_its_round_is_not_matched() {
    let scene = Scene::boot();
    let matched = scene.devices(MATCHED, 0);
    assert_eq!(scene.drain(matched), []);
    let device = scene.command("attach", &[DEVICE]);
    scene.command("start_matching", &[device]);
    assert_eq!(scene.command("register", &[device, 0]), 1);
    scene.unplug(device);
    scene.command("finish_matching", &[]);
    assert_eq!((scene.drain(matched), scene.pings()), (vec![], vec![]));
    release(&scene.kernel, matched);
}

// ---- NT-4 … NT-6: the list ----

#[test]
fn nt_04_there_is_an_iterator_even_if_nothing_matches() {
    let scene = Scene::boot();
    let iterator = scene.devices(PUBLISH, 0);
    assert_ne!(iterator, NULL);
    assert_eq!(scene.drain(iterator), []);
    release(&scene.kernel, iterator);
}

#[test]
fn nt_04_nothing_is_lost_between_the_first_set_and_what_comes() {
    const DEVICES: u64 = if cfg!(miri) { 4 } else { 100 };
    let scene = Scene::boot();
    std::thread::scope(|scope| {
        scope.spawn(|| scene.command("plug_many", &[DEVICES]));
        let iterators = [(); 20].map(|()| scene.devices(PUBLISH, 0));
        let mut seen = iterators.map(|iterator| scene.drain(iterator));
        while seen.iter().any(|seen| seen.len() < DEVICES as usize) {
            scene.command("wait_for_message", &[scene.port().into()]);
            scene.pings();
            for (iterator, seen) in iterators.iter().zip(&mut seen) {
                seen.extend(scene.drain(*iterator));
            }
        }
        for seen in &mut seen {
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), DEVICES as usize);
        }
        scene.pings();
        scene.release_all(iterators);
    });
}

#[test]
fn nt_05_the_last_comes_out_first_and_the_first_set_backwards() {
    let scene = Scene::boot();
    let mut devices: Vec<_> = [DEVICE, CAMERA, DEVICE].map(|class| scene.plug(class)).into();
    let iterator = scene.devices(MATCHED, 0);
    devices.extend([CAMERA, DEVICE].map(|class| scene.plug(class)));
    // By class, devices before cameras, which came second.
    let [first, camera, third, fourth, last] = devices[..] else { unreachable!() };
    assert_eq!(scene.drain(iterator), [last, fourth, third, camera, first]);
    release(&scene.kernel, iterator);
}

#[test]
fn nt_05_a_service_can_be_there_twice() {
    let scene = Scene::boot();
    let iterator = scene.devices(PUBLISH, 0);
    let device = scene.plug(DEVICE);
    scene.command("register", &[device, 1]);
    assert_eq!(scene.drain(iterator), [device, device]);
    release(&scene.kernel, iterator);
}

#[test]
#[cfg_attr(miri, ignore = "1024 services take minutes")]
fn nt_05_what_comes_to_a_full_list_is_lost_without_a_word() {
    let scene = Scene::boot();
    let iterator = scene.devices(PUBLISH, 0);
    assert_eq!(scene.drain(iterator), []);
    let last = scene.command("plug_many", &[CAPACITY]);
    scene.command("plug_many", &[3]);
    assert_eq!(scene.pings(), [0]);
    let there = scene.drain(iterator);
    assert_eq!((there.len() as u64, there[0]), (CAPACITY, last));
    // So is what does not fit into the first set.
    let full = scene.devices(PUBLISH, 0);
    let there = scene.drain(full);
    assert_eq!((there.len() as u64, there[0]), (CAPACITY, last), "the first that there are");
    let next = scene.plug(DEVICE);
    assert_eq!((scene.drain(iterator), scene.drain(full)), (vec![next], vec![next]));
    scene.pings();
    scene.release_all([iterator, full]);
}

#[test]
fn nt_06_a_notification_is_armed_by_the_end_of_its_list_alone() {
    let scene = Scene::boot();
    let iterator = scene.devices(PUBLISH, 7);
    scene.plug(DEVICE);
    assert_eq!(scene.pings(), [], "it begins unarmed");
    assert_eq!(scene.drain(iterator).len(), 1);

    scene.plug(DEVICE);
    assert_eq!(scene.pings(), [7]);
    scene.plug(DEVICE);
    assert_eq!(scene.pings(), [], "one message for all that comes");
    assert_eq!(scene.take(iterator, 1).len(), 1);
    scene.plug(DEVICE);
    assert_eq!(scene.take(iterator, 2).len(), 2);
    scene.plug(DEVICE);
    assert_eq!(scene.pings(), [], "a list that was left without a look at its end is not armed");

    assert_eq!(scene.drain(iterator).len(), 1);
    scene.kernel.io_iterator_reset(iterator);
    assert!(scene.kernel.io_iterator_is_valid(iterator));
    scene.plug(DEVICE);
    assert_eq!(scene.pings(), [7]);
    release(&scene.kernel, iterator);
}

#[test]
fn reg_27_a_notification_is_not_reset_and_always_valid() {
    let scene = Scene::boot();
    let device = scene.plug(DEVICE);
    let iterator = scene.devices(MATCHED, 0);
    assert_eq!(scene.drain(iterator), [device]);
    scene.unplug(device);
    scene.kernel.io_iterator_reset(iterator);
    assert!(scene.kernel.io_iterator_is_valid(iterator));
    assert_eq!(scene.drain(iterator), []);
    assert_eq!(scene.kernel.io_registry_iterator_enter_entry(iterator), IoReturn::BAD_ARGUMENT);
    release(&scene.kernel, iterator);
}

#[test]
fn rc_07_the_class_of_a_matching_notification() {
    let scene = Scene::boot();
    let iterator = scene.devices(PUBLISH, 0);
    let class = scene.kernel.io_object_copy_class(iterator);
    assert_eq!(class.as_deref(), Some(c"IOServiceUserNotification"));
    for class in [c"IOUserNotification", c"OSIterator"] {
        assert!(scene.kernel.io_object_conforms_to(iterator, class), "{class:?}");
    }
    release(&scene.kernel, iterator);
}

// ---- NT-7: the message ----

#[test]
fn nt_07_a_message_is_a_header_with_the_reference_and_the_iterator() {
    let scene = Scene::boot();
    let types = [100, 100, 101, 101, 102, 102];
    for (kind, message_type) in ALL.into_iter().zip(types) {
        let iterator = scene.devices(kind, 0x2222);
        scene.drain(iterator);
        let device = scene.plug(DEVICE);
        scene.unplug(device);
        let message = scene.receive().unwrap();
        assert_eq!(message.bytes.len(), 96);
        assert_eq!(message.word(0) >> 31, 0, "it carries no descriptor");
        assert_eq!([message.word(4), message.word(20)], [96, 53]);
        assert_eq!([message.word(24), message.word(28)], [0, message_type], "{kind:?}");
        let reference: Vec<u64> = (0..8).map(|slot| message.long(32 + 8 * slot)).collect();
        assert_eq!(reference, [0, CALLBACK as u64, 0x2222, 0, 0, 0, 0, 0]);
        assert_eq!(message.remote_port(), iterator);
        assert_eq!(references(&scene.kernel, iterator), (2, 0), "the owner's and the message's");
        scene.release_all([iterator, iterator]);
        assert!(scene.receive().is_none());
    }
}

#[test]
fn cn_09_the_type_says_which_kind_of_notification_it_is() {
    let scene = Scene::boot();
    let (matched, terminated) = (scene.devices(MATCHED, 0), scene.devices(TERMINATED, 0));
    scene.drain(matched);
    scene.drain(terminated);
    let device = scene.plug(DEVICE);
    let interest = scene.listener.watch("Device", c"IOGeneralInterest", 0);
    scene.unplug(device);
    let mut types = Vec::new();
    while let Some(message) = scene.receive() {
        let is_interest = message.bytes.len() > 96;
        types.push(message.word(if is_interest { 44 } else { 28 }));
        if is_interest {
            scene.listener.discard(&message)
        } else {
            release(&scene.kernel, message.remote_port())
        }
    }
    assert_eq!(types, [101, 102, 160]);
    scene.release_all([matched, terminated, interest]);
}

// ---- NT-8, RC-6: the end ----

#[test]
fn nt_08_the_last_reference_ends_it() {
    let scene = Scene::boot();
    let device = scene.plug(DEVICE);
    let iterator = scene.devices(PUBLISH, 0);
    assert_eq!(scene.world.send_rights(scene.port()), 1);
    assert_eq!(scene.kernel.io_object_retain(iterator), IoReturn::SUCCESS);
    release(&scene.kernel, iterator);
    assert_eq!(scene.drain(iterator), [device]);
    scene.plug(DEVICE);
    assert_eq!(scene.pings(), [0]);
    release(&scene.kernel, iterator);
    assert!(!is_known(&scene.kernel, iterator));
    assert_eq!(scene.world.send_rights(scene.port()), 0);
    scene.plug(DEVICE);
    assert_eq!(scene.pings(), []);
}

#[test]
fn nt_08_a_message_that_waits_keeps_it() {
    let scene = Scene::boot();
    let iterator = scene.devices(PUBLISH, 0);
    scene.drain(iterator);
    let device = scene.plug(DEVICE);
    release(&scene.kernel, iterator);
    assert_eq!(scene.world.send_rights(scene.port()), 1);
    let message = scene.receive().unwrap();
    let left = message.remote_port();
    assert_eq!(references(&scene.kernel, left), (1, 0), "AS-9: the message's alone");
    assert_eq!(scene.drain(left), [device]);
    release(&scene.kernel, left);
    assert_eq!(scene.world.send_rights(scene.port()), 0);
}

#[test]
fn nt_08_services_in_the_list_go_with_it() {
    let scene = Scene::boot();
    let device = scene.plug(DEVICE);
    let iterator = scene.devices(PUBLISH, 0);
    scene.unplug(device);
    let count = |id: u64| scene.command("register", &[id, 0]);
    assert_eq!(count(device), 0);
    assert_eq!(scene.kernel.io_object_retain(iterator), IoReturn::SUCCESS);
    scene.release_all([iterator, iterator]);
    assert_eq!(scene.command("is_inactive", &[device]), 1);
}

#[test]
fn nt_08_whoever_subscribes_plugs_and_lets_go_at_the_same_time_nothing_is_left() {
    const ROUNDS: u64 = if cfg!(miri) { 3 } else { 100 };
    let scene = Scene::boot();
    let world = &scene.world;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(move || {
                for class in (0..ROUNDS).map(|round| round % 2) {
                    let device = world.command("plug", &[class]);
                    world.command("terminate", &[device]);
                }
            });
            scope.spawn(move || {
                for kind in (0..ROUNDS).map(|round| ALL[round as usize % ALL.len()]) {
                    let listener = Listener::new(world.kernel());
                    let iterator = listener.subscribe(kind, &class("Device"), 0).unwrap();
                    loop {
                        match listener.kernel.io_iterator_next(iterator) {
                            NULL => break,
                            service => release(&listener.kernel, service),
                        }
                    }
                    listener.pings();
                    release(&listener.kernel, iterator);
                }
            });
        }
    });
}

#[test]
fn as_14_a_notification_outlives_its_port_and_goes_on_to_fill() {
    let mut scene = Scene::boot();
    let iterator = scene.devices(PUBLISH, 0);
    scene.drain(iterator);
    scene.listener.destroy_port();
    let device = scene.plug(DEVICE);
    assert_eq!(references(&scene.kernel, iterator), (1, 0));
    assert_eq!(scene.drain(iterator), [device]);
    release(&scene.kernel, iterator);
}

// ---- NT-9, NT-10, NT-19, TERM-5: terminations ----

#[test]
fn nt_09_any_service_is_told_of_registered_or_not() {
    let scene = Scene::boot();
    let iterators = [scene.devices(TERMINATED, 0), scene.devices(WILL_TERMINATE, 1)];
    assert_eq!(iterators.map(|iterator| scene.drain(iterator)), [[0u64; 0]; 2]);
    let hidden = scene.command("attach", &[DEVICE]);
    scene.unplug(hidden);
    assert_eq!(iterators.map(|iterator| scene.drain(iterator)), [vec![hidden], vec![hidden]]);
    assert_eq!(scene.pings(), [0, 1]);
    let bus = service(&scene.kernel, "Bus");
    scene.unplug(id(&scene.kernel, bus));
    assert_eq!(iterators.map(|iterator| scene.drain(iterator)), [vec![], vec![]], "the keys count");
    scene.release_all(iterators.into_iter().chain([bus]));
}

#[test]
fn nt_09_term_05_a_service_whose_end_has_been_told_of_keeps_its_name() {
    let scene = Scene::boot();
    let (told, untold) = (scene.plug(CAMERA), scene.plug(DEVICE));
    let [told_name, untold_name] = ["Camera", "Device"].map(|class| {
        let matching = Value::dictionary([("IOProviderClass", "Device"), ("IONameMatch", class)]);
        scene.kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&matching))
    });
    // Another task's notification would keep it too.
    let iterator = scene.subscribe(TERMINATED, &class("Camera"), 0).unwrap();
    scene.unplug(told);
    scene.unplug(untold);
    assert_eq!(references(&scene.kernel, told_name), (1, 0));
    assert_eq!(references(&scene.kernel, untold_name), (0, 1));
    let service = scene.kernel.io_iterator_next(iterator);
    assert_eq!(service, told_name);
    assert_eq!(references(&scene.kernel, told_name), (2, 0));
    scene.release_all([service, told_name, untold_name, iterator]);
}

#[test]
fn nt_09_a_notification_of_what_will_end_keeps_no_name() {
    let scene = Scene::boot();
    let device = scene.plug(DEVICE);
    let before = service(&scene.kernel, "Device");
    let iterator = scene.devices(WILL_TERMINATE, 0);
    scene.unplug(device);
    assert_eq!(references(&scene.kernel, before), (0, 1));
    let after = scene.kernel.io_iterator_next(iterator);
    assert_ne!(after, before);
    assert_eq!(id(&scene.kernel, after), device);
    scene.release_all([before, after, iterator]);
}

#[test]
#[cfg_attr(miri, ignore = "1024 services take minutes")]
fn nt_09_a_full_list_keeps_names_all_the_same() {
    let scene = Scene::boot();
    let iterator = scene.devices(TERMINATED, 0);
    for _ in 0..CAPACITY {
        let device = scene.plug(DEVICE);
        scene.unplug(device);
    }
    let device = scene.plug(DEVICE);
    let name = service(&scene.kernel, "Device");
    scene.unplug(device);
    assert_eq!(references(&scene.kernel, name), (1, 0));
    release(&scene.kernel, iterator);
    assert_eq!(id(&scene.kernel, name), device);
    release(&scene.kernel, name);
}

#[test]
fn nt_10_what_a_notification_of_the_end_gives_is_inactive_and_can_be_asked() {
    let scene = Scene::boot();
    let iterator = scene.devices(TERMINATED, 0);
    let device = scene.plug(CAMERA);
    // A matching round puts the end of a termination off (TERM-8).
    scene.command("start_matching", &[device]);
    scene.unplug(device);
    let gone = scene.kernel.io_iterator_next(iterator);
    assert_eq!((name(&scene.kernel, gone).as_str(), id(&scene.kernel, gone)), ("Camera", device));
    assert_eq!(state(&scene.kernel, gone) & 1, 1);
    let class = scene.kernel.io_object_copy_class(gone);
    assert_eq!(class.as_deref(), Some(c"Camera"));
    let number = || scene.kernel.io_registry_entry_create_cf_property(gone, c"Number");
    assert!(number().is_some());
    let path = || scene.kernel.io_registry_entry_copy_path(gone, c"IOService");
    assert_eq!(path().as_deref(), Some("IOService:/Bus/Camera"));
    scene.command("finish_matching", &[]);
    assert_eq!(path(), None);
    assert!(number().is_some());
    scene.release_all([gone, iterator]);
}

#[test]
fn nt_19_the_steps_of_an_end_are_told_of_in_order() {
    let scene = Scene::boot();
    let device = scene.plug(DEVICE);
    let camera = scene.command("plug_below", &[device, CAMERA]);
    let (ended, will_end) = (scene.devices(TERMINATED, 1), scene.devices(WILL_TERMINATE, 2));
    assert_eq!([ended, will_end].map(|iterator| scene.drain(iterator)), [[0u64; 0]; 2]);
    let interest = ["Device", "Camera"].map(|class| scene.watch(class, c"IOGeneralInterest", class.len()));
    scene.unplug(device);

    let mut heard = Vec::new();
    while let Some(message) = scene.receive() {
        if message.bytes.len() == 96 {
            heard.push(message.long(48));
            release(&scene.kernel, message.remote_port());
        } else {
            assert_eq!(message.message_type(), MessageType::SERVICE_IS_TERMINATED.0);
            heard.push(message.reference(2));
            assert_ne!(message.service(), DEAD);
            scene.discard(&message);
        }
    }
    // Two classes of the same length tell themselves apart by their order: clients first.
    assert_eq!(heard, [1, 2, 6, 6]);
    assert_eq!([ended, will_end].map(|iterator| scene.drain(iterator)), [[camera, device]; 2]);
    scene.release_all(interest.into_iter().chain([ended, will_end]));
}

// ---- NT-11, MT-4: registering ----

#[test]
fn nt_11_the_older_form_has_a_port_and_a_reference_of_one_number() {
    let scene = Scene::boot();
    let kernel = &scene.kernel;
    let mut port = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
    let mut iterator = NULL;
    let add = |wake_port, iterator: &mut PortName| {
        kernel.io_service_add_notification(
            MAIN_PORT_DEFAULT,
            MATCHED,
            Some(&class("Device")),
            wake_port,
            0x7777_7777_7777,
            iterator,
        )
    };
    assert_eq!(add(port, &mut iterator), IoReturn::SUCCESS);
    assert_eq!(scene.drain(iterator), []);
    let device = scene.plug(DEVICE);
    let mut bytes = Vec::new();
    let code = kernel.mach_msg_receive(port, &mut bytes, 1024, Some(Duration::ZERO));
    assert_eq!((code, bytes.len()), (IoReturn::SUCCESS, 96));
    assert_eq!(bytes[28..32], 101u32.to_ne_bytes());
    assert_eq!(bytes[32..40], 0x7777_7777_7777u64.to_ne_bytes(), "the first slot");
    assert_eq!(bytes[8..12], iterator.to_ne_bytes());
    assert_eq!(scene.drain(iterator), [device]);
    scene.release_all([iterator, iterator]);

    // Without a port nobody is told.
    assert_eq!(add(NULL, &mut iterator), IoReturn::SUCCESS);
    assert_eq!(scene.drain(iterator), [device]);
    let next = scene.plug(DEVICE);
    assert_eq!(scene.drain(iterator), [next]);
    release(kernel, iterator);

    // P-5a.
    let mut untouched = UNKNOWN;
    assert_eq!(add(UNKNOWN, &mut untouched), IoReturn::MACH_SEND_INVALID_RIGHT);
    assert_eq!(untouched, UNKNOWN);
    let gone = crate::releasing::mach_port_mod_refs(kernel, port, PortRight::Receive, -1);
    assert_eq!(gone, IoReturn::SUCCESS);
}

#[test]
fn mt_04_what_is_no_dictionary_is_not_registered() {
    let scene = Scene::boot();
    let kernel = &scene.kernel;
    for matching in [Value::from("Device"), Value::array(["Device"])] {
        assert_eq!(scene.subscribe(PUBLISH, &matching, 0), Err(IoReturn::BAD_ARGUMENT));
    }
    let dead = dead_name(&scene.world, "Bus", 1);
    let resources = service(kernel, "IOResources");
    let mut iterator = UNKNOWN;
    for (main_port, matching, code) in [
        (MAIN_PORT_DEFAULT, None, IoReturn::BAD_ARGUMENT),
        (dead, Some(class("Device")), IoReturn::MACH_SEND_INVALID_DEST),
        (resources, Some(class("Device")), IoReturn::NOT_PRIVILEGED),
    ] {
        let answer = kernel.io_service_add_notification(
            main_port,
            PUBLISH,
            matching.as_ref(),
            scene.port(),
            0,
            &mut iterator,
        );
        assert_eq!((answer, iterator), (code, UNKNOWN));
    }
    assert_eq!(scene.world.send_rights(scene.port()), 0);
    scene.release_all([dead, resources]);
}

#[test]
fn mt_16_a_family_is_asked_about_what_comes_and_goes() {
    let scene = Scene::boot();
    let wheels = |wheels: u32| {
        Value::dictionary([("IOProviderClass", Value::from("Camera")), ("Wheels", wheels.into())])
    };
    let four =
        [PUBLISH, MATCHED, TERMINATED, WILL_TERMINATE].map(|kind| scene.subscribe(kind, &wheels(4), 0));
    let four = four.map(Result::unwrap);
    let three = [PUBLISH, TERMINATED].map(|kind| scene.subscribe(kind, &wheels(3), 0).unwrap());
    let camera = scene.command("plug_picky", &[]);
    scene.unplug(camera);
    assert_eq!(four.map(|iterator| scene.drain(iterator)), [[camera]; 4]);
    assert_eq!(three.map(|iterator| scene.drain(iterator)), [[0u64; 0]; 2]);
    scene.release_all(four.into_iter().chain(three));
}

#[test]
fn mt_17_what_comes_may_have_to_be_below_another() {
    let scene = Scene::boot();
    let below_camera = Value::dictionary([("IOParentMatch", class("Camera"))]);
    let iterator = scene.subscribe(PUBLISH, &below_camera, 0).unwrap();
    let (device, camera) = (scene.plug(DEVICE), scene.plug(CAMERA));
    scene.command("plug_below", &[device, DEVICE]);
    let below = scene.command("plug_below", &[camera, DEVICE]);
    assert_eq!(scene.drain(iterator), [below]);
    release(&scene.kernel, iterator);
}
