//! What reading and writing a register do.

use super::{RegisterKind, RegisterValue};
use std::fmt;

/// A register: one of the kinds.
pub trait Register: Sized + 'static {
    type Value: RegisterValue;
    const KIND: RegisterKind;
    const UNSAFE_WRITE: bool;
    /// It has the size and the alignment of the word that its value is.
    const PROOF: () = assert!(
        size_of::<Self>() == size_of::<<Self::Value as RegisterValue>::Word>()
            && align_of::<Self>() == align_of::<<Self::Value as RegisterValue>::Word>(),
        "what a register holds is not as large as the word that it is loaded from"
    );
}

macro_rules! kinds {
    ($($(#[$docs:meta])* $name:ident)*) => {$(
        $(#[$docs])*
        ///
        /// It stands in a struct with `#[derive(RegisterBlock)]`, and there is no other way to have one.
        #[repr(transparent)]
        pub struct $name<T>(T);

        impl<T: RegisterValue> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "<{}>"), T::NAME)
            }
        }

        impl<T: RegisterValue> Register for $name<T> {
            type Value = T;
            const KIND: RegisterKind = RegisterKind::$name;
            const UNSAFE_WRITE: bool = false;
        }
    )*};
}

kinds! {
    /// A register that is read, with an effect: a FIFO, or bits that reading clears.
    ReadOnly
    /// A register that is read, without any effect.
    ReadPure
    /// A register that is written, and cannot be read.
    WriteOnly
    /// A register that is written, and read with an effect.
    ReadWrite
    /// A register that is written, and read without any effect.
    ReadPureWrite
}

/// A register that only `unsafe` code may write: `#[reg(unsafe_write)]` on one of another kind.
///
/// For what makes a device write into this task's memory, where the value may be an address.
#[repr(transparent)]
pub struct UnsafeWrite<R>(R);

impl<R: fmt::Debug> fmt::Debug for UnsafeWrite<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UnsafeWrite").field(&self.0).finish()
    }
}

impl<R: Register> Register for UnsafeWrite<R> {
    type Value = R::Value;
    const KIND: RegisterKind = R::KIND;
    const UNSAFE_WRITE: bool = true;
}
