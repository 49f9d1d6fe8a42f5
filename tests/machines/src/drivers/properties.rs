//! Services with properties of every kind, and drivers that are given properties to set.

use super::journal::{Gates, Journal};
use crate::Scene;
use iokit_uc::interface::{Arguments, OnClose, OpenRequest, UserClient};
use iokit_uc::sim::{Caller, Nub};
use iokit_uc::{Dictionary, IoReturn, Result, Value};
use std::sync::Mutex;

const ALLOWABLE: &str = "IORegistryEntryAllowableSetProperties";
const DEFAULT_LOCKING: &str = "IORegistryEntryDefaultLockingSetProperties";
const USER_PROPERTIES: &str = "IOUserServiceProperties";

/// `properties`: what is read, and what is set.
///
/// To be read: `Every` has a property of every type; `Merged` a few beside those for users alone, and `Unmerged` something else there;
/// `Top` > `Middle` > `Bottom` and `Top` > `Side`, which `Bottom` is below too, are searched.
///
/// To be set: `Taking` notes what it is given, `Busy` fails with `kIOReturnBusy`, `Panicking` panics, `Deaf` takes nothing; `Picky` takes
/// `Mode` and `Level`, `OddlyPicky` says so with a string; `Locked` and `Unlocked` wait at gate 0, under their property lock or not.
/// User clients of `Client` note what they are given, and wait at gate 1 if that is their connection's type; those of `LockedClient` do
/// so under their lock, those of `PickyClient` take `Mode` alone.
///
/// Commands: `attach` makes a service that is not registered, and gives its number; `change_copy` has the driver of `Merged` change its own
/// copy of the dictionary `Inner` that it has published, and `replace` publishes what it has made of it.
pub(crate) fn furnish(scene: &mut Scene) {
    let (journal, gates) = (Journal::of(scene), Gates::of(scene));
    publish_readable(scene);
    publish_settable(scene, &journal, &gates);
    publish_clients(scene, &journal, &gates);
    let machine = scene.machine.clone();
    scene.on("attach", move |_| machine.attach(Nub::new("Unregistered").property("Colour", "grey")).0);
}

fn publish_readable(scene: &mut Scene) {
    let machine = &scene.machine;
    let deep = (0..70).fold(Value::from("bottom"), |value, _| Value::array([value]));
    machine.publish(
        Nub::new("Every")
            .property("True", true)
            .property("False", false)
            .property("Int8", 0xffu8)
            .property("Int16", 0xfffeu16)
            .property("Int32", u32::MAX)
            .property("Int64", 1u64 << 40)
            .property("Huge", u64::MAX)
            .property("Float32", 0.1f32)
            .property("Float64", -2.75f64)
            .property("NaN", f64::NAN)
            .property("Text", "Größe 🜁")
            .property("Cut", "before\0after")
            .property("Data", Value::data([0, 1, 0xff]))
            .property("NoData", Value::data([]))
            .property("Page", Value::data([7; 4096]))
            .property("MoreThanAPage", Value::data([7; 4097]))
            .property("Array", Value::array([Value::from(1u8), "two".into(), Value::array([0u8; 0])]))
            .property("Set", Value::set(["a", "b"]))
            .property(
                "Dictionary",
                Value::dictionary([("In8", Value::from(0x80u8)), ("In\0visible", 1u32.into())]),
            )
            .property("Deep", deep)
            .property("Größe", "a key in UTF-8")
            .property("K".repeat(127), "the longest key"),
    );
    let for_users = Value::dictionary([("Colour", "red"), ("Shape", "round")]);
    let inner: Dictionary = [("a", 1u32)].into_iter().collect();
    let merged = machine.publish(
        Nub::new("Merged")
            .property("Colour", "green")
            .property(USER_PROPERTIES, for_users)
            .property("Inner", inner.clone()),
    );
    machine.publish(Nub::new("Unmerged").property("Colour", "green").property(USER_PROPERTIES, "none"));

    let top = machine.publish(Nub::new("Top").property("Level", 1u32));
    let middle = machine.publish(Nub::new("Middle").provider(top).property("Level", 2u32));
    let side = machine.publish(
        Nub::new("Side")
            .provider(top)
            .property("Level", 20u32)
            .property("Mark", "side")
            .property("OnlySide", true),
    );
    machine.publish(
        Nub::new("Bottom")
            .provider(middle)
            .provider(side)
            .property(USER_PROPERTIES, Value::dictionary([("Mark", "bottom")])),
    );

    let inner = std::sync::Arc::new(Mutex::new(inner));
    let own = std::sync::Arc::clone(&inner);
    scene.on("change_copy", move |_| {
        let mut own = own.lock().expect("nobody panics with it");
        own.insert("a", 2u32);
        own.len() as u64
    });
    let machine = scene.machine.clone();
    scene.on("replace", move |_| {
        let own = inner.lock().expect("nobody panics with it").clone();
        machine.set_property(merged, "Inner", own).is_ok().into()
    });
}

fn publish_settable(scene: &Scene, journal: &Journal, gates: &Gates) {
    let noting = |name: &'static str| {
        let journal = journal.clone();
        Nub::new(name).on_set_properties(move |caller, properties| {
            note(&journal, name, caller, properties);
            Ok(())
        })
    };
    let machine = &scene.machine;
    machine.publish(noting("Taking"));
    machine.publish(noting("Picky").property(ALLOWABLE, Value::array(["Mode", "Level"])));
    machine.publish(noting("OddlyPicky").property(ALLOWABLE, "Mode"));
    machine.publish(Nub::new("Deaf"));
    machine.publish(Nub::new("Busy").on_set_properties(|_, _| Err(IoReturn::BUSY.into())));
    machine.publish(Nub::new("Panicking").on_set_properties(|_, _| panic!("told to panic")));
    for (name, locks) in [("Locked", true), ("Unlocked", false)] {
        let (journal, gates) = (journal.clone(), gates.clone());
        let nub = Nub::new(name).property(DEFAULT_LOCKING, locks).property("Colour", "blue");
        machine.publish(nub.on_set_properties(move |caller, properties| {
            gates.wait(0);
            note(&journal, name, caller, properties);
            Ok(())
        }));
    }
}

fn publish_clients(scene: &Scene, journal: &Journal, gates: &Gates) {
    let services: [(&str, &[(&str, Value)]); 3] = [
        ("Client", &[]),
        (
            "LockedClient",
            &[
                ("IOUserClientDefaultLocking", true.into()),
                ("IOUserClientDefaultLockingSetProperties", true.into()),
            ],
        ),
        ("PickyClient", &[(ALLOWABLE, Value::array(["Mode"]))]),
    ];
    for (name, properties) in services {
        let properties = properties.to_vec();
        let (journal, gates) = (journal.clone(), gates.clone());
        scene.machine.publish(Nub::new(name).user_client(move |request: &OpenRequest<'_>| {
            Ok(Settable {
                name,
                connection_type: request.connection_type,
                properties: properties.clone(),
                journal: journal.clone(),
                gates: gates.clone(),
            })
        }));
    }
}

/// Notes `name: what was given (by whom)`.
fn note(journal: &Journal, name: &str, caller: &Caller, properties: &Value) {
    journal.note(format!("{name}: {properties:?} (by {})", caller.name));
}

struct Settable {
    name: &'static str,
    connection_type: u32,
    properties: Vec<(&'static str, Value)>,
    journal: Journal,
    gates: Gates,
}

impl UserClient for Settable {
    /// Notes that it has been called.
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        self.journal.note(format!("{}: a method", self.name));
        Ok(())
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        self.properties.clone()
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }

    fn set_properties(&self, caller: &Caller, properties: &Value) -> Result<()> {
        if self.connection_type == 1 {
            self.gates.wait(1);
        }
        note(&self.journal, self.name, caller, properties);
        Ok(())
    }
}
