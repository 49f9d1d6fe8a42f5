//! What every object tells, and its references.

use super::{Desk, assert_gone, assert_text_is_checked};
use iokit_uc::sim::Nub;
use iokit_uc::{Matching, RegistryEntry};

#[test]
fn an_object_tells_its_class_and_all_that_it_derives_from() {
    let desk = Desk::new();
    let keyboard = desk.service(Matching::class("com_example_Keyboard"));
    assert_eq!(keyboard.class().unwrap(), "com_example_Keyboard");
    let classes = ["com_example_Keyboard", "com_example_Device", "IOService", "IORegistryEntry", "OSObject"];
    assert_eq!(keyboard.inheritance().unwrap(), classes);
    assert_eq!(RegistryEntry::root(&desk.kernel).unwrap().inheritance().unwrap(), classes[3..]);
}

#[test]
fn a_class_by_another_name_has_no_known_ancestors() {
    let desk = Desk::new();
    desk.machine.publish(Nub::new("com_example_Modest").property("IOClassNameOverride", "com_example_Great"));
    let great = desk.service(Matching::class("com_example_Modest"));
    assert_eq!(great.inheritance().unwrap(), ["com_example_Great"]);
    assert_eq!(great.bundle().unwrap(), None);
}

#[test]
fn classes_tell_what_they_derive_from_and_where_they_come_from() {
    let desk = Desk::new();
    desk.machine.publish(Nub::new("com_example_Mouse").bundle("com.example.mice"));
    let superclass = |class| desk.kernel.superclass_of(class).unwrap();
    assert_eq!(superclass("com_example_Keyboard").as_deref(), Some("com_example_Device"));
    assert_eq!((superclass("OSObject"), superclass("com_example_Unknown")), (None, None));
    let bundle = |class| desk.kernel.bundle_of(class).unwrap();
    assert_eq!(bundle("com_example_Mouse").as_deref(), Some("com.example.mice"));
    assert_eq!(bundle("IOService").as_deref(), Some("__kernel__"));
    assert_eq!(bundle("com_example_Unknown"), None);
    let mouse = desk.service(Matching::class("com_example_Mouse"));
    assert_eq!(mouse.bundle().unwrap(), bundle("com_example_Mouse"));
}

#[test]
fn the_name_of_a_class_is_checked() {
    let desk = Desk::new();
    let bus = desk.service(Matching::class("com_example_Bus"));
    assert_text_is_checked("class name", 127, |class| bus.conforms_to(class));
    assert_text_is_checked("class name", 127, |class| desk.kernel.superclass_of(class));
    assert_text_is_checked("class name", 127, |class| desk.kernel.bundle_of(class));
}

#[test]
fn an_object_conforms_to_its_class_and_all_that_it_derives_from() {
    let desk = Desk::new();
    let keyboard = desk.service(Matching::class("com_example_Keyboard"));
    let conforms = |class| keyboard.conforms_to(class).unwrap();
    assert!(conforms("com_example_Keyboard") && conforms("com_example_Device") && conforms("OSObject"));
    assert!(!conforms("com_example_Bus") && !conforms("com_example_Unknown"));
}

#[test]
fn an_object_that_is_gone_says_so() {
    let desk = Desk::new();
    let light = desk.gone();
    assert_gone(light.class());
    assert_gone(light.inheritance());
    assert_gone(light.bundle());
    assert_gone(light.conforms_to("com_example_Light"));
    assert_eq!((light.user_retain_count(), light.kernel_retain_count()), (0, 0));
    assert_eq!(light.send_rights(), Ok(0));
}

#[test]
fn references_are_counted() {
    let desk = Desk::new();
    let bus = desk.service(Matching::class("com_example_Bus"));
    assert_eq!((bus.user_retain_count(), bus.send_rights()), (1, Ok(1)));
    let again = desk.service(Matching::name("bus"));
    assert_eq!(bus, again);
    assert_eq!((bus.user_retain_count(), again.send_rights()), (2, Ok(2)));
    let clone = bus.clone();
    assert_eq!((bus.user_retain_count(), clone.send_rights()), (3, Ok(3)));
    drop((again, clone));
    assert_eq!((bus.user_retain_count(), bus.send_rights()), (1, Ok(1)));
    assert!(bus.kernel_retain_count() > 0);
}

#[test]
fn objects_of_two_tasks_are_not_compared_by_their_names() {
    let desk = Desk::new();
    let bus = desk.service(Matching::class("com_example_Bus"));
    let other = desk.machine.task("other").kernel();
    let theirs = iokit_uc::Service::expect_first(&other, &Matching::class("com_example_Bus")).unwrap();
    assert_ne!(bus, theirs);
    assert_eq!(bus.id(), theirs.id());
}
