//! The arguments of variadic functions.

use super::{CFStringAppendFormatAndArguments, CFStringCreateWithFormatAndArguments};
use crate::abi::{CFAllocatorRef, CFDictionaryRef, CFMutableStringRef, CFStringRef, va_list};
use crate::ownership;
use darwin_libsystem::variadic;

/// What is left of the arguments of a call, as compilers for x86_64 pass them on.
#[repr(C)]
pub struct VaList {
    integers_used: u32,
    floats_used: u32,
    stack: *const u64,
    registers: *const u8,
}

impl VaList {
    const INTEGERS: u32 = 6 * 8;
    const FLOATS: u32 = Self::INTEGERS + 8 * 16;

    /// # Safety
    ///
    /// The next argument must be an integer or a pointer.
    pub(super) unsafe fn integer(&mut self) -> u64 {
        if self.integers_used >= Self::INTEGERS {
            // SAFETY: by the caller's promise there is one more, and it is on the stack.
            return unsafe { self.on_stack() };
        }
        let place = self.integers_used as usize;
        self.integers_used += 8;
        // SAFETY: by the caller's promise there is one more, and it is among the saved registers.
        unsafe { self.registers.add(place).cast::<u64>().read_unaligned() }
    }

    /// # Safety
    ///
    /// The next argument must be a `double`.
    pub(super) unsafe fn float(&mut self) -> f64 {
        if self.floats_used >= Self::FLOATS {
            // SAFETY: by the caller's promise there is one more, and it is on the stack.
            return f64::from_bits(unsafe { self.on_stack() });
        }
        let place = self.floats_used as usize;
        self.floats_used += 16;
        // SAFETY: by the caller's promise there is one more, and it is among the saved registers.
        unsafe { self.registers.add(place).cast::<f64>().read_unaligned() }
    }

    unsafe fn on_stack(&mut self) -> u64 {
        // SAFETY: by the caller's promise the next argument is there.
        unsafe {
            let value = self.stack.read();
            self.stack = self.stack.add(1);
            value
        }
    }
}

/// What the wrappers of functions that are not variadic do.
unsafe extern "C-unwind" fn create_with_format(
    allocator: CFAllocatorRef,
    options: CFDictionaryRef,
    format: CFStringRef,
    arguments: va_list,
) -> CFStringRef {
    let _call = darwin_calls::enter("CFStringCreateWithFormat");
    // SAFETY: by the caller's promise.
    let string = unsafe { CFStringCreateWithFormatAndArguments(allocator, options, format, arguments) };
    ownership::returned(string);
    string
}

unsafe extern "C-unwind" fn append_format(
    string: CFMutableStringRef,
    options: CFDictionaryRef,
    format: CFStringRef,
    arguments: va_list,
) {
    let _call = darwin_calls::enter("CFStringAppendFormat");
    // SAFETY: by the caller's promise.
    unsafe { CFStringAppendFormatAndArguments(string, options, format, arguments) }
}

variadic!(pub(crate) CFStringCreateWithFormat, 3 named, create_with_format, "lea rcx, [rsp + 176]");
variadic!(pub(crate) CFStringAppendFormat, 3 named, append_format, "lea rcx, [rsp + 176]");
