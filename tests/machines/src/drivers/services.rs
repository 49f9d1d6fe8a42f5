//! Services that can be found and taken away. Most have no driver.

use crate::Scene;
use iokit_uc::Value;
use iokit_uc::sim::Nub;

/// `nubs`: services without a driver.
///
/// `First`; `Second`, from an extension, named "the second"; three that call themselves another class: `Renamed` with a
/// string, `Numbered` with a number, `Overlong` with a string that is too long for a name; and `Painted`, green, and red
/// and round in what users alone see.
pub(crate) fn nubs(scene: &mut Scene) {
    scene.machine.publish(Nub::new("First"));
    scene
        .machine
        .publish(Nub::new("Second").superclass("Base").name("the second").bundle("com.example.second"));
    scene.machine.publish(Nub::new("Renamed").property("IOClassNameOverride", "Override"));
    scene.machine.publish(Nub::new("Numbered").property("IOClassNameOverride", 5u32));
    scene.machine.publish(Nub::new("Overlong").property("IOClassNameOverride", "O".repeat(128)));
    let for_users = Value::dictionary([("Colour", "red"), ("Shape", "round")]);
    scene.machine.publish(
        Nub::new("Painted").property("Colour", "green").property("IOUserServiceProperties", for_users),
    );
}

/// `family`: what the order and the visibility of matches depend on.
///
/// Classes: `Animal` > `Cat`, `Animal` > `Dog` > `Puppy`. In the order in which they registered:
/// cat 1, animal 2, puppy 3, dog 4, cat 5.
///
/// Commands: `attach_cat` makes a cat that is not registered; `publish_cat`, `publish_dog`: one more. They give the
/// numbers of entries.
pub(crate) fn family(scene: &mut Scene) {
    let cat = || Nub::new("Cat").superclass("Animal");
    let dog = || Nub::new("Dog").superclass("Animal");
    for nub in [cat().name("cat 1"), Nub::new("Animal").name("animal 2")] {
        scene.machine.publish(nub);
    }
    scene.machine.define_class("Dog", "Animal");
    for nub in [Nub::new("Puppy").superclass("Dog").name("puppy 3"), dog().name("dog 4"), cat().name("cat 5")]
    {
        scene.machine.publish(nub);
    }
    let machine = scene.machine.clone();
    scene.on("attach_cat", move |_| machine.attach(cat().name("a cat")).0);
    let machine = scene.machine.clone();
    scene.on("publish_cat", move |_| machine.publish(cat().name("another cat")).0);
    let machine = scene.machine.clone();
    scene.on("publish_dog", move |_| machine.publish(dog().name("another dog")).0);
}

/// `names`: nubs to be found by name.
///
/// `Plain` has no name of its own, `Named` is "thing"; `Tree` is made from the device tree, with several names of its
/// own and the global name "node", and `Leaf`, "leaf", has the same properties. `ForUsers` has a name in what users
/// alone see. `MoreResources` is a subclass of IOResources. `OnPlatform`,
/// "on the platform", is two below an `IOPlatformDevice`, "platform device".
pub(crate) fn names(scene: &mut Scene) {
    let device_tree = |nub: Nub| {
        nub.name("node")
            .property("name", Value::data(b"uart0\0"))
            .property("compatible", Value::data(b"example,uart-2\0example,uart\0"))
            .property("device_type", "serial")
            .property("model", "UART")
    };
    scene.machine.publish(Nub::new("Plain"));
    scene.machine.publish(Nub::new("Named").name("thing"));
    scene.machine.publish(device_tree(Nub::new("Tree")).device_tree_names());
    scene.machine.publish(device_tree(Nub::new("Leaf")).name("leaf"));
    let for_users = Value::dictionary([("name", "for users")]);
    scene
        .machine
        .publish(Nub::new("ForUsers").property("IOUserServiceProperties", for_users).device_tree_names());
    scene.machine.publish(Nub::new("MoreResources").superclass("IOResources"));
    let platform = Nub::new("IOPlatformDevice").name("platform device");
    let platform = scene.machine.publish(platform);
    let between = scene.machine.publish(Nub::new("Between").provider(platform));
    scene.machine.publish(Nub::new("OnPlatform").name("on the platform").provider(between));
}

/// `long_names`: a service whose class is 127 times "L", with a property 127 times "K", named 128 times "N".
pub(crate) fn long_names(scene: &mut Scene) {
    let nub = Nub::new("L".repeat(127)).name("N".repeat(128)).bundle("B".repeat(128));
    scene.machine.publish(nub.property("K".repeat(127), true));
}
