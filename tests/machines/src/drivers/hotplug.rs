//! Devices that are plugged in and out.

use crate::Scene;
use iokit_uc::interface::MessageType;
use iokit_uc::sim::{EntryId, InterestKind, Machine, Nub};
use iokit_uc::{Dictionary, IoReturn, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is to be done, on a machine, with a way to number devices, and the bus.
type Command = fn(&Machine, &dyn Fn(Nub) -> Nub, EntryId, &[u64]) -> u64;

/// A device of a class: `Device`, or `Camera`, which is one.
fn device(class: u64) -> Nub {
    match class {
        0 => Nub::new("Device"),
        _ => Nub::new("Camera").superclass("Device"),
    }
}

/// `hotplug`: a bus, `Bus`, without devices. A device is a `Device`, or a `Camera`, which is one too; it has the property
/// `Number`, its own.
///
/// Commands, with the numbers of entries, and a class, 0 or 1:
/// - `plug` with a class publishes a device below the bus, `plug_below` with a provider and a class, `plug_many` with how
///   many, below hubs of their own: the number of the last;
/// - `attach` with a class attaches one that is not registered; `attach_below` with a provider and a class;
/// - `plug_picky` publishes a camera whose family takes queries with the key `Wheels` if that is 4, and counts how often it
///   is asked (`asked`); `plug_reckless` one whose family panics; `plug_probed` one that
///   adds up the options that it is probed with (`probed`), and says that it is busy if they are 8;
/// - `ask_for_attempts` with a service and how many attempts to wait for it are to be made;
/// - `message_interested` with a service, a kind of interest by its place among them, a type and an argument.
pub(crate) fn furnish(scene: &mut Scene) {
    let machine = &scene.machine;
    let bus = machine.publish(Nub::new("Bus"));
    let count = Arc::new(AtomicU64::new(0));
    let numbered = move |nub: Nub| nub.property("Number", count.fetch_add(1, Ordering::Relaxed));
    let numbered = Arc::new(numbered);
    let mut on = |command, run: Command| {
        let (machine, numbered) = (scene.machine.clone(), Arc::clone(&numbered));
        scene.on(command, move |arguments| run(&machine, &*numbered, bus, arguments));
    };
    on("plug", |machine, numbered, bus, arguments| {
        machine.publish(numbered(device(arguments[0])).provider(bus)).0
    });
    on("plug_below", |machine, numbered, _, arguments| {
        machine.publish(numbered(device(arguments[1])).provider(EntryId(arguments[0]))).0
    });
    on("plug_many", |machine, numbered, bus, arguments| {
        // A service takes a thousand clients, and no more at once (BQ-1a).
        let plugged = (0..arguments[0]).scan(bus, |hub, number| {
            if number % 1000 == 0 {
                *hub = machine.publish(Nub::new("Hub").provider(bus));
            }
            Some(machine.publish(numbered(device(0)).provider(*hub)).0)
        });
        plugged.last().unwrap_or(0)
    });
    on("attach", |machine, numbered, bus, arguments| {
        machine.attach(numbered(device(arguments[0])).provider(bus)).0
    });
    on("attach_below", |machine, numbered, _, arguments| {
        machine.attach(numbered(device(arguments[1])).provider(EntryId(arguments[0]))).0
    });
    on("ask_for_attempts", |machine, _, _, arguments| {
        let asked = arguments[1] as u32;
        machine.set_property(EntryId(arguments[0]), "IOServiceBusyTimeoutExtensions", asked).is_ok().into()
    });
    on("plug_reckless", |machine, numbered, bus, _| {
        machine.publish(numbered(device(1)).provider(bus).on_match(|_, _| panic!("told to panic"))).0
    });
    on("message_interested", |machine, _, _, arguments| {
        let kinds = [
            InterestKind::General,
            InterestKind::Busy,
            InterestKind::AppPowerState,
            InterestKind::PriorityPowerState,
            InterestKind::ConsoleSecurity,
        ];
        let (service, kind) = (EntryId(arguments[0]), kinds[arguments[1] as usize]);
        machine
            .message_interested(service, kind, MessageType(arguments[2] as u32), arguments[3])
            .is_ok()
            .into()
    });
    let (machine, probed) = (scene.machine.clone(), Arc::new(AtomicU64::new(0)));
    let probes = Arc::clone(&probed);
    scene.on("plug_probed", move |_| {
        let probes = Arc::clone(&probes);
        let probe = move |options: u32| {
            probes.fetch_add(options.into(), Ordering::Relaxed);
            if options == 8 { Err(IoReturn::BUSY.into()) } else { Ok(()) }
        };
        machine.publish(device(1).provider(bus).on_request_probe(probe)).0
    });
    scene.on("probed", move |_| probed.load(Ordering::Relaxed));
    let asked = Arc::new(AtomicU64::new(0));
    let (machine, asks) = (scene.machine.clone(), Arc::clone(&asked));
    scene.on("plug_picky", move |_| {
        let (asks, own) = (Arc::clone(&asks), machine.downgrade());
        let takes = move |query: &Dictionary, _: &mut i64| {
            asks.fetch_add(1, Ordering::Relaxed);
            // It may ask the machine whatever it likes.
            let is_there = own.upgrade().is_some_and(|machine| !machine.is_inactive(bus));
            is_there && query.get("Wheels").is_none_or(|wheels| *wheels == Value::from(4u32))
        };
        machine.publish(numbered(device(1)).provider(bus).on_match(takes)).0
    });
    scene.on("asked", move |_| asked.load(Ordering::Relaxed));
}
