//! What the assertions are made with. All of it is for the compiler.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;

/// Two types.
pub(crate) struct Pair<A, B>(PhantomData<(A, B)>);

impl<T> Pair<T, T> {
    pub(crate) const SAME: bool = true;
}

/// What two types are if the constant of the same name above is not theirs.
pub(crate) trait Different {
    const SAME: bool = false;
}

impl<A, B> Different for Pair<A, B> {}

/// A type, which may be an integer.
pub(crate) struct Integer<T>(PhantomData<T>);

/// What a type is if none of the constants of the same name below are its own: an enumeration.
pub(crate) trait NoInteger {
    const SIGNED: Option<bool> = None;
}

impl<T> NoInteger for Integer<T> {}

macro_rules! integers {
    ($signed:literal: $($integer:ty)*) => {$(
        // Those that no header has are here all the same.
        #[allow(dead_code)]
        impl Integer<$integer> {
            pub(crate) const SIGNED: Option<bool> = Some($signed);
        }
    )*};
}

integers!(true: i8 i16 i32 i64 isize);
integers!(false: u8 u16 u32 u64 usize);

/// Whether a type has a size, and, unless it is an enumeration, a sign.
macro_rules! is_integer {
    ($name:ty, $size:literal, $signed:literal) => {
        size_of::<$name>() == $size && !matches!(Integer::<$name>::SIGNED, Some(signed) if signed != $signed)
    };
}
pub(crate) use is_integer;

/// A pointer to a function of the program, which bindings may have as optional or as unsafe to call.
pub(crate) trait Callback {
    /// The parameters and the result.
    type Signature;
}

macro_rules! callbacks {
    ($(($($parameter:ident),*))*) => {$(
        impl<$($parameter,)* R> Callback for extern "C" fn($($parameter),*) -> R {
            type Signature = fn($($parameter),*) -> R;
        }
        impl<$($parameter,)* R> Callback for unsafe extern "C" fn($($parameter),*) -> R {
            type Signature = fn($($parameter),*) -> R;
        }
    )*};
}

callbacks!(()(A)(A, B)(A, B, C)(A, B, C, D)(A, B, C, D, E)(A, B, C, D, E, F));

impl<F: Callback> Callback for Option<F> {
    type Signature = F::Signature;
}

/// Whether a constant of a binding is a number of a header, both cut to 32 or to 64 bits: C has no type for it, and the
/// binding may have one of either sign.
pub(crate) const fn same_number(binding: i128, header: i128) -> bool {
    binding == header
        || (fits(binding, 32) && fits(header, 32) && binding as u32 == header as u32)
        || (fits(binding, 64) && fits(header, 64) && binding as u64 == header as u64)
}

const fn fits(number: i128, bits: u32) -> bool {
    -(1 << (bits - 1)) <= number && number < 1 << bits
}

/// Whether a constant of a binding is a text of a header.
///
/// # Safety
/// `binding` points to a C string.
pub(crate) const unsafe fn same_text(binding: *const c_char, header: &CStr) -> bool {
    // SAFETY: the caller's promise.
    let (binding, header) = (unsafe { CStr::from_ptr(binding) }.to_bytes(), header.to_bytes());
    if binding.len() != header.len() {
        return false;
    }
    let mut index = 0;
    while index < header.len() {
        if binding[index] != header[index] {
            return false;
        }
        index += 1;
    }
    true
}

// The tools themselves.
const _: () = {
    assert!(Pair::<fn(u32) -> i32, fn(u32) -> i32>::SAME);
    assert!(!Pair::<fn(*const u8), fn(*mut u8)>::SAME);

    assert!(is_integer!(std::ffi::c_uint, 4, false));
    assert!(!is_integer!(u32, 4, true) && !is_integer!(u32, 8, false));
    assert!(is_integer!(std::cmp::Ordering, 1, true));

    assert!(Pair::<<extern "C" fn(u8) as Callback>::Signature, fn(u8)>::SAME);
    assert!(Pair::<<Option<unsafe extern "C" fn(u8)> as Callback>::Signature, fn(u8)>::SAME);

    assert!(same_number(-536_870_212, 0xe000_02bc) && same_number(-3, 0xffff_ffff_ffff_fffd));
    assert!(!same_number(1, 0x1_0000_0001) && !same_number(0, 1));

    // SAFETY: C strings.
    unsafe {
        assert!(same_text(c"IOService".as_ptr(), c"IOService"));
        assert!(!same_text(c"IOServic".as_ptr(), c"IOService"));
        assert!(!same_text(c"IOServicf".as_ptr(), c"IOService"));
    }
};
