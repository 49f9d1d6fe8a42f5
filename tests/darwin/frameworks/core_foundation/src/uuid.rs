//! `CFUUID`: the names of plug-ins and their interfaces.

use crate::abi::{CFAllocatorRef, CFStringRef, CFTypeID, CFUUIDBytes, CFUUIDRef, UInt8};
use crate::object::{Class, Contents, Kind, Object, make, of};
use crate::string::{self, Text};
use darwin_calls::misuse;
use std::collections::HashMap;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

struct Uuid([u8; 16]);

pub(crate) static CLASS: Class = Class { name: "CFUUID", id: 43 };

impl Contents for Uuid {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn equal(&self, other: &Object) -> bool {
        other.downcast::<Uuid>().is_some_and(|other| self.0 == other.0)
    }

    fn hash(&self) -> Option<usize> {
        let (low, high) =
            (u128::from_be_bytes(self.0) as usize, (u128::from_be_bytes(self.0) >> 64) as usize);
        Some(low ^ high)
    }

    fn description(&self) -> String {
        self.text()
    }

    fn summary(&self) -> String {
        self.text()
    }
}

impl Kind for Uuid {
    const CLASS: &'static Class = &CLASS;
}

impl Uuid {
    fn text(&self) -> String {
        let groups = [0..4, 4..6, 6..8, 8..10, 10..16];
        let group = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
        groups.map(|range| group(&self.0[range])).join("-")
    }

    fn parse(text: &str) -> Option<Self> {
        let groups: Vec<&str> = text.split('-').collect();
        if !groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) {
            return None;
        }
        let digits = groups.concat();
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        Some(Uuid(u128::from_str_radix(&digits, 16).ok()?.to_be_bytes()))
    }

    /// A new one, of random numbers.
    fn random() -> Self {
        let mut bytes = [0; 16];
        // SAFETY: room for 16 bytes.
        if unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) } != 16 {
            misuse("the system has no random numbers")
        }
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Uuid(bytes)
    }
}

impl CFUUIDBytes {
    fn array(self) -> [u8; 16] {
        let Self { byte0, byte1, byte2, byte3, byte4, byte5, byte6, byte7, .. } = self;
        let Self { byte8, byte9, byte10, byte11, byte12, byte13, byte14, byte15, .. } = self;
        [
            byte0, byte1, byte2, byte3, byte4, byte5, byte6, byte7, byte8, byte9, byte10, byte11, byte12,
            byte13, byte14, byte15,
        ]
    }

    fn of(bytes: [u8; 16]) -> Self {
        let [byte0, byte1, byte2, byte3, byte4, byte5, byte6, byte7, rest @ ..] = bytes;
        let [byte8, byte9, byte10, byte11, byte12, byte13, byte14, byte15] = rest;
        Self {
            byte0,
            byte1,
            byte2,
            byte3,
            byte4,
            byte5,
            byte6,
            byte7,
            byte8,
            byte9,
            byte10,
            byte11,
            byte12,
            byte13,
            byte14,
            byte15,
        }
    }
}

pub(crate) fn CFUUIDCreate(allocator: CFAllocatorRef) -> CFUUIDRef {
    make(allocator, Uuid::random())
}

pub(crate) fn CFUUIDCreateFromUUIDBytes(allocator: CFAllocatorRef, bytes: CFUUIDBytes) -> CFUUIDRef {
    make(allocator, Uuid(bytes.array()))
}

/// Null if the string names none.
pub(crate) fn CFUUIDCreateFromString(allocator: CFAllocatorRef, string: CFStringRef) -> CFUUIDRef {
    Uuid::parse(&string::text(string)).map_or(ptr::null(), |uuid| make(allocator, uuid))
}

pub(crate) fn CFUUIDCreateString(allocator: CFAllocatorRef, uuid: CFUUIDRef) -> CFStringRef {
    make(allocator, Text::new(&of::<Uuid>(uuid).text()))
}

pub(crate) fn CFUUIDGetUUIDBytes(uuid: CFUUIDRef) -> CFUUIDBytes {
    CFUUIDBytes::of(of::<Uuid>(uuid).0)
}

macro_rules! with_bytes {
    ($($byte:ident)*) => {
        #[allow(clippy::too_many_arguments)]
        pub(crate) fn CFUUIDCreateWithBytes(allocator: CFAllocatorRef, $($byte: UInt8),*) -> CFUUIDRef {
            make(allocator, Uuid([$($byte),*]))
        }

        /// One that never dies, the same for the same bytes.
        #[allow(clippy::too_many_arguments)]
        pub(crate) fn CFUUIDGetConstantUUIDWithBytes(_allocator: CFAllocatorRef, $($byte: UInt8),*) -> CFUUIDRef {
            static CONSTANTS: Mutex<Option<HashMap<[u8; 16], Arc<Object>>>> = Mutex::new(None);
            let bytes = [$($byte),*];
            let mut constants = CONSTANTS.lock().unwrap_or_else(PoisonError::into_inner);
            let constant = constants.get_or_insert_default().entry(bytes);
            constant.or_insert_with(|| Object::immortal(Uuid(bytes))).reference()
        }
    };
}

with_bytes!(a b c d e f g h i j k l m n o p);

pub(crate) fn CFUUIDGetTypeID() -> CFTypeID {
    CLASS.id
}
