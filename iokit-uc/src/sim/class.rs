//! The class tree: names, superclasses, and the instances that can be matched.

use super::keys::{ClassKey, ObjectKey};
use slotmap::SlotMap;
use std::collections::HashMap;

/// `OSMetaClass` of every class that the kernel knows.
#[derive(Debug)]
pub(super) struct Classes {
    classes: SlotMap<ClassKey, Class>,
    by_name: HashMap<String, ClassKey>,
}

#[derive(Debug)]
struct Class {
    name: String,
    superclass: Option<ClassKey>,
    bundle: Option<String>,
    /// Registered instances and subclasses that have any, in the order in which each came first (MT-5).
    members: Vec<Member>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
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
        let mut this = Self { classes: SlotMap::with_key(), by_name: HashMap::new() };
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
        let class = Class { name: name.into(), superclass, bundle: None, members: Vec::new() };
        let class = self.classes.insert(class);
        self.by_name.insert(name.into(), class);
        class
    }

    /// The first class of a path of superclasses, most derived first, that continues at `base`.
    pub(super) fn define_path(&mut self, path: &[&str], base: &str) -> ClassKey {
        let mut superclass = base;
        for name in path.iter().rev() {
            self.define(name, superclass);
            superclass = name;
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
        self.add_member(class, Member::Instance(instance));
    }

    fn add_member(&mut self, class: ClassKey, member: Member) {
        if self.classes[class].members.is_empty()
            && let Some(superclass) = self.superclass(class)
        {
            self.add_member(superclass, Member::Subclass(class));
        }
        self.classes[class].members.push(member);
    }

    /// A service can no longer be matched.
    pub(super) fn remove_instance(&mut self, class: ClassKey, instance: ObjectKey) {
        self.remove_member(class, Member::Instance(instance));
    }

    fn remove_member(&mut self, class: ClassKey, member: Member) {
        let members = &mut self.classes[class].members;
        let Some(position) = members.iter().position(|&other| other == member) else { return };
        members.remove(position);
        if members.is_empty()
            && let Some(superclass) = self.superclass(class)
        {
            self.remove_member(superclass, Member::Subclass(class));
        }
    }

    /// The registered instances of a class and its subclasses, in the order of MT-5.
    pub(super) fn instances(&self, class: ClassKey) -> Vec<ObjectKey> {
        let mut found = Vec::new();
        self.collect(class, &mut found);
        found
    }

    fn collect(&self, class: ClassKey, found: &mut Vec<ObjectKey>) {
        for member in &self.classes[class].members {
            match *member {
                Member::Instance(instance) => found.push(instance),
                Member::Subclass(subclass) => self.collect(subclass, found),
            }
        }
    }
}
