//! What the kernel's things are known by inside it.

use std::hash::Hasher;

slotmap::new_key_type! {
    /// A class.
    pub(super) struct ClassKey;
    /// What a class counts among its own: an instance, or a subclass.
    pub(super) struct MemberKey;
    /// An object that can have ports.
    pub(super) struct ObjectKey;
    /// A child and a parent, in one plane.
    pub(super) struct LinkKey;
    /// A port.
    pub(super) struct PortKey;
}

/// A task, by its place in the kernel's list. Tasks are never removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TaskKey(pub(super) usize);

/// Keys are numbers that differ in their low bits, where those of things that were made together are neighbours. They stay
/// so in a table, and are found in one part of memory; the high bits tell apart those that come to be in one place.
#[derive(Debug, Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(byte.into()));
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed & !u64::from(u32::MAX) | number & u64::from(u32::MAX);
    }
}
