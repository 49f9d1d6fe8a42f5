//! `CFBoolean`: there are two.

use crate::abi::{Boolean, CFBooleanRef, CFTypeID};
use crate::constant::Constant;
use crate::object::{Class, Contents, Kind, of};

pub(crate) static kCFBooleanTrue: Constant = Constant::null();
pub(crate) static kCFBooleanFalse: Constant = Constant::null();

pub(crate) struct Truth(pub(crate) bool);

pub(crate) static CLASS: Class = Class { name: "CFBoolean", id: 21 };

impl Contents for Truth {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn description(&self) -> String {
        format!("value = {}", self.0)
    }

    fn formatted(&self) -> Option<String> {
        Some(self.0.to_string())
    }

    fn summary(&self) -> String {
        self.0.to_string()
    }
}

impl Kind for Truth {
    const CLASS: &'static Class = &CLASS;
}

pub(crate) fn init() {
    kCFBooleanTrue.set(Truth(true));
    kCFBooleanFalse.set(Truth(false));
}

pub(crate) fn reference(value: bool) -> CFBooleanRef {
    if value { kCFBooleanTrue.get() } else { kCFBooleanFalse.get() }
}

pub(crate) fn CFBooleanGetValue(boolean: CFBooleanRef) -> Boolean {
    of::<Truth>(boolean).0.into()
}

pub(crate) fn CFBooleanGetTypeID() -> CFTypeID {
    CLASS.id
}
