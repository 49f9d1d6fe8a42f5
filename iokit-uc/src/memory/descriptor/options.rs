//! How a task may map memory, as far as the driver has a say.

use std::ops::{BitOr, BitOrAssign};

/// Options of a mapping that the driver decides (MEM-2): those above the low twelve bits, which are the task's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias = "IOOptionBits")]
pub struct MapOptions(
    /// The bits, as C has them.
    pub u32,
);

impl MapOptions {
    /// `kIOMapReadOnly`: the task may not write.
    #[doc(alias = "kIOMapReadOnly")]
    pub const READ_ONLY: Self = Self(0x1000);
    /// `kIOMapUnique`: the mapping is shared with no other (MEM-6). It can never be unmapped, and a task that tries brings
    /// the kernel down (MEM-8a): it goes with the user client.
    #[doc(alias = "kIOMapUnique")]
    pub const UNIQUE: Self = Self(0x0400_0000);
    /// `kIOMapGuardedSmall`: a page that cannot be accessed lies before and behind.
    #[doc(alias = "kIOMapGuardedSmall")]
    pub const GUARDED_SMALL: Self = Self(0x4000_0000);
    /// `kIOMapGuardedLarge`: 64 KiB that cannot be accessed lie before and behind.
    #[doc(alias = "kIOMapGuardedLarge")]
    pub const GUARDED_LARGE: Self = Self(0x8000_0000);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for MapOptions {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for MapOptions {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}
