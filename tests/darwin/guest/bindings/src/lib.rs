//! The bindings that programs in Rust use declare what the headers declare: if this crate compiles, they do, but for what
//! `exceptions` lists.
//!
//! The headers are what the simulator's functions are made from, so that a program's calls and the simulator agree.

#![allow(deprecated, reason = "what Apple has deprecated is there still")]

mod check;

/// Everything that the binding of CoreFoundation declares.
#[allow(unused_imports)]
mod core_foundation {
    pub(crate) use core_foundation_sys::{
        array::*, base::*, data::*, date::*, dictionary::*, error::*, locale::*, number::*, propertylist::*,
        runloop::*, set::*, stream::*, string::*, url::*, uuid::*,
    };
}

/// Everything that the binding of I/O Kit declares, and the types of others that its functions use.
#[allow(unused_imports)]
mod io_kit {
    pub(crate) use core_foundation_sys::base::{CFAllocatorRef, CFTypeRef};
    pub(crate) use core_foundation_sys::dictionary::{CFDictionaryRef, CFMutableDictionaryRef};
    pub(crate) use core_foundation_sys::runloop::CFRunLoopSourceRef;
    pub(crate) use core_foundation_sys::string::CFStringRef;
    pub(crate) use io_kit_sys::{base::*, keys::*, ret::*, types::*, *};
    pub(crate) use mach2::boolean::boolean_t;
    pub(crate) use mach2::clock_types::mach_timespec_t;
    pub(crate) use mach2::kern_return::kern_return_t;
    pub(crate) use mach2::mach_types::task_port_t;
    pub(crate) use mach2::message::mach_msg_header_t;
    pub(crate) use mach2::port::mach_port_t;
    pub(crate) use mach2::vm_types::{mach_vm_address_t, mach_vm_size_t, vm_size_t};
}

/// Everything that the binding of Mach declares, and what the library adds to it.
#[allow(unused_imports)]
mod mach {
    pub(crate) use crate::library::*;
    pub(crate) use mach2::{
        boolean::*, bootstrap::*, kern_return::*, mach_init::*, mach_port::*, mach_types::*, message::*,
        port::*, task::*, traps::*, vm::*, vm_page_size::*, vm_region::*, vm_types::*,
    };
}

include!(concat!(env!("OUT_DIR"), "/assertions.rs"));
