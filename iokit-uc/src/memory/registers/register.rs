//! Views of one register.

use super::base::{Base, BaseMut};
use super::kinds::{ReadOnly, ReadPure, ReadPureWrite, ReadWrite, Register, UnsafeWrite, WriteOnly};
use super::value::RegisterValue;
use crate::arch;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// A register that others see too: it is read, if reading has no effect.
///
/// `R` is the register as the block has it, such as `ReadPure<u32>`. `OFFSET` is where it is in its block, in bytes; as part
/// of the type it becomes part of the instruction.
#[must_use = "a register is touched when it is read"]
#[repr(transparent)]
pub struct Reg<'m, R, const OFFSET: usize = 0> {
    base: Base<'m>,
    register: PhantomData<fn() -> R>,
}

/// A register that nobody else has: it is read and written, as far as its kind allows.
///
/// `R` and `OFFSET` are as in [`Reg`]. It moves to other threads, but is not shared with them; [`as_reg`](Self::as_reg) is.
///
/// A function that takes any register of a kind is generic over where it is:
///
/// ```
/// use iokit_uc::memory::{RegMut, WriteOnly};
///
/// fn send<const OFFSET: usize>(fifo: &mut RegMut<'_, WriteOnly<u8>, OFFSET>, bytes: &[u8]) {
///     for &byte in bytes {
///         fifo.write(byte);
///     }
/// }
/// ```
#[must_use = "a register is touched when it is read or written"]
#[repr(transparent)]
pub struct RegMut<'m, R, const OFFSET: usize = 0> {
    base: BaseMut<'m>,
    register: PhantomData<fn() -> R>,
}

impl<R, const OFFSET: usize> Clone for Reg<'_, R, OFFSET> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, const OFFSET: usize> Copy for Reg<'_, R, OFFSET> {}

impl<'m, R: Register, const OFFSET: usize> Reg<'m, R, OFFSET> {
    /// # Safety
    ///
    /// The block that begins at `base` has such a register at this offset, aligned.
    #[inline(always)]
    pub(super) unsafe fn new(base: Base<'m>) -> Self {
        const { R::PROOF };
        Self { base, register: PhantomData }
    }

    #[inline(always)]
    fn load(&self) -> R::Value {
        // SAFETY: `new` was told that a register of this word lies there, aligned, and the base that it stays mapped for `'m`.
        R::Value::from_word(unsafe { arch::load::<_, OFFSET>(self.base.address().as_ptr()) })
    }

    /// The same register, by its address alone: a type that does not depend on where in its block it is.
    #[inline]
    pub fn without_offset(self) -> Reg<'m, R> {
        // SAFETY: the register belongs to the block.
        let base = unsafe { self.base.add(OFFSET) };
        // SAFETY: it is the one that `new` was told of.
        unsafe { Reg::new(base) }
    }

    fn address(&self) -> NonNull<u8> {
        // SAFETY: the register belongs to the block.
        unsafe { self.base.add(OFFSET) }.address()
    }
}

impl<'m, R: Register, const OFFSET: usize> RegMut<'m, R, OFFSET> {
    /// # Safety
    ///
    /// The block that begins at `base` has such a register at this offset, aligned.
    #[inline(always)]
    pub(super) unsafe fn new(base: BaseMut<'m>) -> Self {
        const { R::PROOF };
        Self { base, register: PhantomData }
    }

    #[inline(always)]
    fn load(&self) -> R::Value {
        // SAFETY: `new` was told that a register of this word lies there, aligned, and the base that it stays mapped for `'m`.
        R::Value::from_word(unsafe { arch::load::<_, OFFSET>(self.base.address().as_ptr()) })
    }

    #[inline(always)]
    fn store(&mut self, value: R::Value) {
        // SAFETY: as for `load`; the base was told that it is mapped for writing too.
        unsafe { arch::store::<_, OFFSET>(self.base.address().as_ptr(), value.to_word()) }
    }

    /// The same register, to read for as long as nobody writes it.
    #[inline]
    pub fn as_reg(&self) -> Reg<'_, R, OFFSET> {
        // SAFETY: it is the one that `new` was told of.
        unsafe { Reg::new(self.base.shared()) }
    }

    /// The same register, for someone else to have for a while.
    #[inline]
    pub fn reborrow(&mut self) -> RegMut<'_, R, OFFSET> {
        // SAFETY: it is the one that `new` was told of.
        unsafe { RegMut::new(self.base.reborrow()) }
    }

    /// The same register, by its address alone: a type that does not depend on where in its block it is.
    #[inline]
    pub fn without_offset(self) -> RegMut<'m, R> {
        // SAFETY: the register belongs to the block.
        let base = unsafe { self.base.add(OFFSET) };
        // SAFETY: it is the one that `new` was told of.
        unsafe { RegMut::new(base) }
    }
}

/// The address; nothing is read.
impl<R: Register, const OFFSET: usize> fmt::Debug for Reg<'_, R, OFFSET> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reg").field(&self.address()).finish()
    }
}

/// The address; nothing is read.
impl<R: Register, const OFFSET: usize> fmt::Debug for RegMut<'_, R, OFFSET> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RegMut").field(&self.as_reg().address()).finish()
    }
}

macro_rules! read_without_effect {
    ($($register:ty)*) => {$(
        impl<T: RegisterValue, const OFFSET: usize> Reg<'_, $register, OFFSET> {
            /// Reads the register.
            #[inline(always)]
            pub fn read(&self) -> T {
                self.load()
            }
        }

        impl<T: RegisterValue, const OFFSET: usize> RegMut<'_, $register, OFFSET> {
            /// Reads the register.
            #[inline(always)]
            pub fn read(&self) -> T {
                self.load()
            }
        }
    )*};
}

macro_rules! read_with_effect {
    ($($register:ty)*) => {$(
        impl<T: RegisterValue, const OFFSET: usize> RegMut<'_, $register, OFFSET> {
            /// Reads the register, to what effect that may have.
            #[inline(always)]
            pub fn read(&mut self) -> T {
                self.load()
            }
        }
    )*};
}

macro_rules! write {
    ($($register:ty)*) => {$(
        impl<T: RegisterValue, const OFFSET: usize> RegMut<'_, $register, OFFSET> {
            /// Writes the register.
            #[inline(always)]
            pub fn write(&mut self, value: T) {
                self.store(value);
            }
        }
    )*};
}

macro_rules! modify {
    ($($register:ty)*) => {$(
        impl<T: RegisterValue, const OFFSET: usize> RegMut<'_, $register, OFFSET> {
            /// Reads the register, and writes what `change` makes of it.
            #[inline(always)]
            pub fn modify(&mut self, change: impl FnOnce(T) -> T) {
                let value = change(self.load());
                self.store(value);
            }
        }
    )*};
}

macro_rules! write_unsafely {
    ($($register:ty)*) => {$(
        impl<T: RegisterValue, const OFFSET: usize> RegMut<'_, $register, OFFSET> {
            /// Writes the register.
            ///
            /// # Safety
            ///
            /// Whatever the device does then leaves memory alone that is none of its business. Its documentation says when
            /// that is so.
            #[inline(always)]
            pub unsafe fn write(&mut self, value: T) {
                self.store(value);
            }
        }
    )*};
}

macro_rules! modify_unsafely {
    ($($register:ty)*) => {$(
        impl<T: RegisterValue, const OFFSET: usize> RegMut<'_, $register, OFFSET> {
            /// Reads the register, and writes what `change` makes of it.
            ///
            /// # Safety
            ///
            /// As for [`write`](Self::write).
            #[inline(always)]
            pub unsafe fn modify(&mut self, change: impl FnOnce(T) -> T) {
                let value = change(self.load());
                self.store(value);
            }
        }
    )*};
}

read_without_effect! { ReadPure<T> ReadPureWrite<T> UnsafeWrite<ReadPureWrite<T>> }
read_with_effect! { ReadOnly<T> ReadWrite<T> UnsafeWrite<ReadWrite<T>> }
write! { WriteOnly<T> ReadWrite<T> ReadPureWrite<T> }
modify! { ReadWrite<T> ReadPureWrite<T> }
write_unsafely! { UnsafeWrite<WriteOnly<T>> UnsafeWrite<ReadWrite<T>> UnsafeWrite<ReadPureWrite<T>> }
modify_unsafely! { UnsafeWrite<ReadWrite<T>> UnsafeWrite<ReadPureWrite<T>> }

const _: () = {
    assert!(size_of::<Reg<'_, ReadPure<u8>>>() == size_of::<usize>());
    assert!(size_of::<RegMut<'_, WriteOnly<u64>, 8>>() == size_of::<usize>());
};
