//! Devices that come and go, and what can be read of services and set on them.

use crate::Scene;
use iokit_uc::interface::{Arguments, Caller, EntryId, OnClose, OpenRequest, UserClient};
use iokit_uc::sim::{Machine, Nub, WeakMachine};
use iokit_uc::{Dictionary, IoReturn, Result, Value};
use std::sync::{Arc, OnceLock};

/// Sets what it is given as properties of a service; but of what is `Forbidden` it refuses all.
#[derive(Clone)]
struct Setter {
    machine: WeakMachine,
    service: Arc<OnceLock<EntryId>>,
}

impl Setter {
    fn set(&self, properties: &Value, prefix: &str) -> Result<()> {
        let properties: &Dictionary = properties.as_dictionary().ok_or(IoReturn::BAD_ARGUMENT)?;
        if properties.get("Forbidden").is_some() {
            return Err(IoReturn::NOT_PERMITTED.into());
        }
        let machine = self.machine.upgrade().ok_or(IoReturn::OFFLINE)?;
        let service = *self.service.get().ok_or(IoReturn::NOT_READY)?;
        for (key, value) in properties.iter() {
            machine.set_property(service, format!("{prefix}{key}"), value.clone())?;
        }
        Ok(())
    }
}

impl UserClient for Setter {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Err(IoReturn::UNSUPPORTED.into())
    }

    fn set_properties(&self, _: &Caller, properties: &Value) -> Result<()> {
        self.set(properties, "Client")
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

fn device(hub: EntryId, number: u64) -> Nub {
    Nub::new("Device")
        .name(format!("device {number}"))
        .location(format!("{number:x}"))
        .property("Number", number)
        .provider(hub)
}

/// `devices`: `Hub`, with the devices 1 and 2, below `Bus`; `Everything` has a property of each type; `Settings` takes
/// properties from tasks, and its user clients do with the prefix "Client". It takes `Colour`, `Size` and `Forbidden` alone
/// if the command `only_some` was given.
///
/// Commands: `plug` with a number: a device of this number, of which it gives the entry's; `attach_device`: one that is
/// not registered.
pub(crate) fn furnish(scene: &mut Scene) {
    let machine = &scene.machine;
    let bus = machine.publish(Nub::new("Bus").name("bus").location("0"));
    let hub =
        machine.publish(Nub::new("Hub").superclass("Bus").name("hub").location("14200000").provider(bus));
    machine.publish(device(hub, 1));
    machine.publish(device(hub, 2));
    machine.publish(everything());

    let setter = Setter { machine: machine.downgrade(), service: Arc::default() };
    let (by_entry, by_client) = (setter.clone(), setter.clone());
    let nub = Nub::new("Settings")
        .on_set_properties(move |_, properties| by_entry.set(properties, ""))
        .user_client(move |_: &OpenRequest<'_>| Ok(by_client.clone()));
    let settings = machine.publish(nub);
    // Nobody else has set it.
    let _ = setter.service.set(settings);

    let mut on = |command, run: fn(&Machine, EntryId, u64) -> u64| {
        let machine = scene.machine.clone();
        scene.on(command, move |arguments| run(&machine, hub, arguments.first().copied().unwrap_or(0)));
    };
    on("plug", |machine, hub, number| machine.publish(device(hub, number)).0);
    on("attach_device", |machine, hub, number| machine.attach(device(hub, number)).0);
    let machine = scene.machine.clone();
    scene.on("only_some", move |_| {
        let keys = Value::array(["Colour", "Size", "Forbidden"]);
        machine.set_property(settings, "IORegistryEntryAllowableSetProperties", keys).is_ok().into()
    });
}

fn everything() -> Nub {
    let numbers = Value::array([
        Value::from(-1i8),
        Value::from(0xffffu16),
        Value::from(-70_000i32),
        Value::from(i64::MIN),
        Value::from(u64::MAX),
    ]);
    let nested = Value::dictionary([
        ("Empty array", Value::array([0u8; 0])),
        ("Empty dictionary", Value::dictionary([("", 0u8); 0])),
        ("Levels", Value::array([Value::array([Value::array(["innermost"])])])),
    ]);
    Nub::new("Everything")
        .property("Yes", true)
        .property("No", false)
        .property("Numbers", numbers)
        .property("Half", 0.5f64)
        .property("Quarter", 0.25f32)
        .property("Byte", 0xc8u8)
        .property("Word", 0x1234_5678u32)
        .property("Text", "Größe < 3 & mehr")
        .property("Lines", "one\ntwo\n")
        .property("Data", Value::data((0..100).collect::<Vec<u8>>()))
        .property("Nothing", Value::data([]))
        .property("Nested", nested)
}
