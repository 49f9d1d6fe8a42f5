//! Services for every key of a matching dictionary.

use crate::Scene;
use iokit_uc::Value;
use iokit_uc::sim::{EntryId, Nub};

/// `matches`: `Hub` > `Disk` > `Slice` > `Volume`, and apart from them `Twin`, `Alias` and `Wanderer`, each below a service of
/// its own.
///
/// `Hub` is at "1", `Disk` at "1,0" in general and at "2" in the plane IOService, and has properties of every type;
/// `Twin` has the same as what users alone see, in place of others of its own. `Volume` has the `IOPath` "nowhere", and a
/// category. `Alias` says that `Slice` is another of its parents (MT-17a), and `Wanderer`, below `Lost`, says the same of
/// itself of `Lost`, which says it of `Wanderer`.
///
/// Commands: `categorize` with an entry gives it a category.
pub(crate) fn furnish(scene: &mut Scene) {
    let machine = &scene.machine;
    let properties = || {
        [
            ("BSD Name", Value::from("disk0")),
            ("BSD Major", 1u32.into()),
            ("BSD Minor", 5u64.into()),
            ("BSD Unit", 0u8.into()),
            ("Text", "abc".into()),
            ("Bytes", Value::data(b"abc")),
            ("Number", 255u8.into()),
            ("Flag", true.into()),
            ("List", Value::array([1u32, 2])),
            ("Nested", Value::dictionary([("a", 1u32), ("b", 2)])),
        ]
    };
    let hub = machine.publish(Nub::new("Hub").location("1").property("Ports", 4u32));
    let disk = Nub::new("Disk").provider(hub).location("1,0").location_in("IOService", "2");
    let disk = properties().into_iter().fold(disk, |nub, (key, value)| nub.property(key, value));
    let disk = machine.publish(disk);
    let slice = machine.publish(Nub::new("Slice").provider(disk).property("Order", 1u32));
    let volume = Nub::new("Volume").provider(slice).property("IOPath", "nowhere");
    machine.publish(volume.property("IOMatchCategory", "volumes"));

    let twin = Nub::new("Twin").property("Text", "its own").property("Rest", 1u32);
    machine.publish(twin.property("IOUserServiceProperties", Value::dictionary(properties())));

    const OTHER: &str = "IOServiceLegacyMatchingRegistryID";
    let apart = machine.publish(Nub::new("Apart"));
    machine.publish(Nub::new("Alias").provider(apart).property(OTHER, slice.0));
    let lost = machine.publish(Nub::new("Lost"));
    let wanderer = machine.publish(Nub::new("Wanderer").provider(lost).property(OTHER, lost.0));
    machine.set_property(lost, OTHER, wanderer.0).expect("it has just been published");

    let machine = scene.machine.clone();
    scene.on("categorize", move |arguments| {
        machine.set_property(EntryId(arguments[0]), "IOMatchCategory", "any").is_ok().into()
    });
}
