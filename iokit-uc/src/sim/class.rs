//! The class tree: names, superclasses, and the instances that can be matched.

use super::chain::{Beside, Chain};
use super::keys::{ClassKey, MemberKey, ObjectKey};
use slotmap::{SecondaryMap, SlotMap};
use std::collections::HashMap;
use std::sync::Arc;

/// `OSMetaClass` of every class that the kernel knows.
#[derive(Debug)]
pub(super) struct Classes {
    classes: SlotMap<ClassKey, Class>,
    by_name: HashMap<Arc<str>, ClassKey>,
    members: SlotMap<MemberKey, Member>,
    of_instances: SecondaryMap<ObjectKey, MemberKey>,
}

#[derive(Debug)]
struct Class {
    name: Arc<str>,
    superclass: Option<ClassKey>,
    bundle: Option<String>,
    /// Registered instances and subclasses that have any, in the order in which each came first (MT-5).
    members: Chain<MemberKey>,
    /// What it is to its superclass, while it has members.
    membership: Option<MemberKey>,
}

#[derive(Debug)]
struct Member {
    who: Who,
    beside: Beside<MemberKey>,
}

#[derive(Clone, Copy, Debug)]
enum Who {
    Instance(ObjectKey),
    Subclass(ClassKey),
}

/// What `IOObjectCopyBundleIdentifierForClass` says of classes that are built into the kernel (RC-9).
const KERNEL_BUNDLE: &str = "__kernel__";

/// Classes of the kernel itself, superclasses first.
const BUILT_IN: &[(&str, Option<&str>)] = &[
    ("OSObject", None),
    ("OSIterator", Some("OSObject")),
    ("IOUserIterator", Some("OSIterator")),
    ("IOUserNotification", Some("OSIterator")),
    ("IOServiceUserNotification", Some("IOUserNotification")),
    ("IOServiceMessageUserNotification", Some("IOUserNotification")),
    ("IORegistryEntry", Some("OSObject")),
    ("IOService", Some("IORegistryEntry")),
    ("IOPlatformExpertDevice", Some("IOService")),
    ("IOResources", Some("IOService")),
    ("IOUserResources", Some("IOService")),
    ("IOUserClient", Some("IOService")),
    ("IOUserClient2022", Some("IOUserClient")),
];

impl Classes {
    pub(super) fn new() -> Self {
        let mut this = Self {
            classes: SlotMap::with_key(),
            by_name: HashMap::new(),
            members: SlotMap::with_key(),
            of_instances: SecondaryMap::new(),
        };
        for (name, superclass) in BUILT_IN {
            let class = this.define(name, superclass.unwrap_or("OSObject"));
            this.classes[class].bundle = Some(KERNEL_BUNDLE.into());
        }
        this
    }

    pub(super) fn find(&self, name: &str) -> Option<ClassKey> {
        self.by_name.get(name).copied()
    }

    /// The class, made if need be; a class that is known keeps its superclass.
    pub(super) fn define(&mut self, name: &str, superclass: &str) -> ClassKey {
        if let Some(class) = self.find(name) {
            return class;
        }
        let superclass = (name != superclass).then(|| self.define(superclass, "OSObject"));
        let name: Arc<str> = name.into();
        let class = self.classes.insert(Class {
            name: Arc::clone(&name),
            superclass,
            bundle: None,
            members: Chain::default(),
            membership: None,
        });
        self.by_name.insert(name, class);
        class
    }

    /// The first class of a path of superclasses, most derived first, that continues at `base`.
    pub(super) fn define_path<S: AsRef<str>>(&mut self, path: &[S], base: &str) -> ClassKey {
        let mut superclass = base;
        for name in path.iter().rev() {
            self.define(name.as_ref(), superclass);
            superclass = name.as_ref();
        }
        self.define(superclass, "OSObject")
    }

    pub(super) fn set_bundle(&mut self, class: ClassKey, bundle: &str) {
        self.classes[class].bundle = Some(bundle.into());
    }

    pub(super) fn name(&self, class: ClassKey) -> &str {
        &self.classes[class].name
    }

    pub(super) fn superclass(&self, class: ClassKey) -> Option<ClassKey> {
        self.classes[class].superclass
    }

    /// RC-9: a class that belongs to no kernel extension is "unknown".
    pub(super) fn bundle(&self, class: ClassKey) -> &str {
        self.classes[class].bundle.as_deref().unwrap_or("unknown")
    }

    pub(super) fn is_kind_of(&self, class: ClassKey, ancestor: ClassKey) -> bool {
        std::iter::successors(Some(class), |&class| self.superclass(class)).any(|class| class == ancestor)
    }

    /// A service has registered for the first time.
    pub(super) fn add_instance(&mut self, class: ClassKey, instance: ObjectKey) {
        let member = self.add_member(class, Who::Instance(instance));
        self.of_instances.insert(instance, member);
        let mut class = class;
        while self.classes[class].membership.is_none()
            && let Some(superclass) = self.superclass(class)
        {
            self.classes[class].membership = Some(self.add_member(superclass, Who::Subclass(class)));
            class = superclass;
        }
    }

    fn add_member(&mut self, class: ClassKey, who: Who) -> MemberKey {
        let member = self.members.insert(Member { who, beside: Beside::default() });
        self.classes[class].members.push(member, &mut self.members, |member| &mut member.beside);
        member
    }

    /// A service can no longer be matched.
    pub(super) fn remove_instance(&mut self, class: ClassKey, instance: ObjectKey) {
        let Some(member) = self.of_instances.remove(instance) else { return };
        let (mut class, mut member) = (class, member);
        loop {
            let members = &mut self.classes[class].members;
            members.remove(member, &mut self.members, |member| &mut member.beside);
            self.members.remove(member);
            if !self.classes[class].members.is_empty() {
                return;
            }
            let (membership, superclass) = (self.classes[class].membership.take(), self.superclass(class));
            let Some(next) = membership.zip(superclass) else { return };
            (member, class) = next;
        }
    }

    /// The registered instances of a class and its subclasses, in the order of MT-5. It takes time for what it yields
    /// alone.
    pub(super) fn instances(&self, class: ClassKey) -> impl Iterator<Item = ObjectKey> {
        // The class that is walked, and where.
        let (mut walked, mut next) = (class, self.classes[class].members.first());
        std::iter::from_fn(move || {
            loop {
                let Some(member) = next else {
                    if walked == class {
                        return None;
                    }
                    next =
                        self.classes[walked].membership.and_then(|member| self.members[member].beside.next());
                    walked = self.superclass(walked)?;
                    continue;
                };
                match self.members[member].who {
                    Who::Instance(instance) => {
                        next = self.members[member].beside.next();
                        return Some(instance);
                    }
                    Who::Subclass(subclass) => {
                        (walked, next) = (subclass, self.classes[subclass].members.first());
                    }
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects<const N: usize>() -> [ObjectKey; N] {
        let mut keys = SlotMap::with_key();
        [(); N].map(|()| keys.insert(()))
    }

    #[test]
    fn mt_05_a_class_lists_its_own_and_its_subclasses_instances_by_first_registration() {
        let mut classes = Classes::new();
        let animal = classes.define("Animal", "IOService");
        let [cat, dog] = ["Cat", "Dog"].map(|name| classes.define(name, "Animal"));
        let puppy = classes.define("Puppy", "Dog");
        let [a, b, c, d, e] = objects();
        for (class, instance) in [(cat, a), (animal, b), (puppy, c), (dog, d), (cat, e)] {
            classes.add_instance(class, instance);
        }
        let listed = |classes: &Classes, class| classes.instances(class).collect::<Vec<_>>();
        assert_eq!(listed(&classes, animal), [a, e, b, c, d]);
        assert_eq!(listed(&classes, dog), [c, d]);
        classes.remove_instance(cat, a);
        classes.remove_instance(puppy, c);
        classes.remove_instance(puppy, c);
        assert_eq!(listed(&classes, animal), [e, b, d]);
        assert_eq!(listed(&classes, puppy), []);
        classes.remove_instance(dog, d);
        classes.remove_instance(cat, e);
        classes.add_instance(cat, a);
        assert_eq!(listed(&classes, animal), [b, a], "a list that was empty comes last");
        assert_eq!(listed(&classes, classes.find("OSObject").unwrap()), [b, a]);
    }

    #[test]
    fn depth_costs_no_stack() {
        let mut classes = Classes::new();
        let depth = if cfg!(miri) { 50 } else { 100_000 };
        let names: Vec<String> = (0..depth).map(|level| format!("Level{level}")).collect();
        let deepest = classes.define_path(&names, "IOService");
        let [instance] = objects();
        classes.add_instance(deepest, instance);
        let service = classes.find("IOService").unwrap();
        assert!(classes.is_kind_of(deepest, service));
        assert!(classes.instances(service).eq([instance]));
        classes.remove_instance(deepest, instance);
        assert!(classes.instances(service).next().is_none());
    }
}
