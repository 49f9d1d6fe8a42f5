//! Entries in planes, to be walked and to be found by their paths.

use crate::Scene;
use crate::registry::PLANES;
use iokit_uc::Value;
use iokit_uc::sim::{EntryId, Machine, Nub};

/// The number of the registry's root.
pub(crate) const ROOT: EntryId = EntryId(0x1_0000_0100);

/// An entry that is no service, in one plane alone.
fn entry(class: &str, name: &str, plane: &str, parent: EntryId) -> Nub {
    Nub::new(class).superclass("IORegistryEntry").name(name).plane(plane).provider(parent)
}

/// `planes`: services `A` to `H`, which are attached side by side. In the plane Example the root is above `A`, that above `B`
/// and `C`, `B` above `D` and `E`, `C` above `E` and `F`, and `E` above `G`; `H` is nowhere.
///
/// `Labelled` is called "global" at 1F, but "example" at 2 in the plane Example, and "tree" in IODeviceTree; `ByProperty`
/// has the name "by property" in the property `IOName`, and `Both` has the name "given" too.
///
/// Commands: `attach_in` and `detach_in` with a plane's place in `PLANES`, a child and a parent, 1 unless that is refused;
/// `attach` makes one more `H`, which is not registered, and gives its number.
pub(crate) fn planes(scene: &mut Scene) {
    let machine = &scene.machine;
    machine.add_plane(PLANES[3]).expect("a name for a plane");
    let [a, b, c, d, e, f, g, _] =
        ["A", "B", "C", "D", "E", "F", "G", "H"].map(|class| machine.publish(Nub::new(class)));
    for (child, parent) in [(a, ROOT), (b, a), (c, a), (d, b), (e, b), (e, c), (f, c), (g, e)] {
        machine.attach_in(PLANES[3], child, parent).expect("both are there");
    }
    let labelled = Nub::new("Labelled").name("global").location("1F");
    let labelled = labelled.name_in(PLANES[3], "example").location_in(PLANES[3], "2");
    machine.publish(labelled.name_in("IODeviceTree", "tree"));
    machine.publish(Nub::new("ByProperty").property("IOName", "by property"));
    machine.publish(Nub::new("Both").property("IOName", "by property").name("given"));

    let mut on = |command, run: fn(&Machine, &str, EntryId, EntryId) -> bool| {
        let machine = scene.machine.clone();
        scene.on(command, move |arguments| {
            let plane = PLANES[arguments[0] as usize];
            run(&machine, plane, EntryId(arguments[1]), EntryId(arguments[2])).into()
        });
    };
    on("attach_in", |machine, plane, child, parent| machine.attach_in(plane, child, parent).is_ok());
    on("detach_in", |machine, plane, child, parent| machine.detach_in(plane, child, parent).is_ok());
    let machine = scene.machine.clone();
    scene.on("attach", move |_| machine.attach(Nub::new("H")).0);
}

/// `paths`: entries by name and location.
///
/// In IOService, by class: `First` is pci, `Second` pci@1F,2, `Third` pcie, `Fourth` pci@A:B; below `Second` are `Disk`,
/// disk@0A,0, and `Colon`, name:colon. `Elsewhere` is in the plane IOPower too, but not its root.
///
/// In IODeviceTree: the root is above aliases, chosen, and soc; soc above disk@1, that above part@2. The aliases are
/// `disk` and `d` for disk@1, `s` for soc, `via` for disk@1 by way of `s`, `loop` for itself, and `lost` for nothing.
///
/// `Long1`, `Long2` and `Long3`, one above the other, and below the last `Long509`, `Long510` and `Long511`: so many bytes
/// has the path of each. `Deep16381` and `Deep16382` likewise, below 127 others; `Deep4095` and `Deep4096`.
pub(crate) fn paths(scene: &mut Scene) {
    let machine = &scene.machine;
    machine.publish(Nub::new("First").name("pci"));
    let second = machine.publish(Nub::new("Second").name("pci").location("1F,2"));
    machine.publish(Nub::new("Third").name("pcie"));
    machine.publish(Nub::new("Fourth").name("pci").location("A:B"));
    machine.publish(Nub::new("Disk").name("disk").location("0A,0").provider(second));
    machine.publish(Nub::new("Colon").name("name:colon").provider(second));
    let top = machine.publish(Nub::new("Top"));
    let elsewhere = machine.publish(Nub::new("Elsewhere"));
    machine.attach_in("IOPower", elsewhere, top).expect("both are there");

    const TREE: &str = "IODeviceTree";
    let tree = machine.attach(entry("TreeRoot", "device-tree", TREE, ROOT));
    let aliases = [
        ("disk", "/soc/disk@1"),
        ("d", "/soc/disk@1"),
        ("s", "/soc"),
        ("via", "s/disk@1"),
        ("loop", "loop"),
        ("lost", "/nowhere"),
    ];
    let aliases = aliases.into_iter().fold(entry("Aliases", "aliases", TREE, tree), |entry, (name, path)| {
        entry.property(name, Value::data(format!("{path}\0")))
    });
    machine.attach(aliases);
    machine.attach(entry("Chosen", "chosen", TREE, tree));
    let soc = machine.attach(entry("Soc", "soc", TREE, tree));
    let disk = machine.attach(entry("TreeDisk", "disk", TREE, soc).location("1"));
    machine.attach(entry("Part", "part", TREE, disk).location("2"));

    let named = |class: &str, length: usize| Nub::new(class).name(class.repeat(127)[..length].to_owned());
    let long = machine.publish(named("Long1", 124));
    let long = machine.publish(named("Long2", 124).provider(long));
    let long = machine.publish(named("Long3", 124).provider(long));
    for (class, length) in [("Long509", 123), ("Long510", 124), ("Long511", 125)] {
        machine.publish(named(class, length).provider(long));
    }
    if scene.only.as_deref() != Some("Deep") {
        return;
    }
    let mut deep = machine.attach(named("Deep", 127));
    for depth in 1..127 {
        if depth == 31 {
            for (class, length) in [("Deep4095", 116), ("Deep4096", 117)] {
                machine.publish(named(class, length).provider(deep));
            }
        }
        deep = machine.attach(named("Deep", 127).provider(deep));
    }
    for (class, length) in [("Deep16381", 114), ("Deep16382", 115)] {
        machine.publish(named(class, length).provider(deep));
    }
}
