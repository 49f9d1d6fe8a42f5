//! `CFNull`: a value that stands for none.

use crate::abi::CFTypeID;
use crate::constant::Constant;
use crate::object::{Class, Contents, Kind};

pub(crate) static kCFNull: Constant = Constant::null();

struct Null;

pub(crate) static CLASS: Class = Class { name: "CFNull", id: 16 };

impl Contents for Null {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn formatted(&self) -> Option<String> {
        Some("<null>".to_owned())
    }
}

impl Kind for Null {
    const CLASS: &'static Class = &CLASS;
}

pub(crate) fn init() {
    kCFNull.set(Null);
}

pub(crate) fn CFNullGetTypeID() -> CFTypeID {
    CLASS.id
}
