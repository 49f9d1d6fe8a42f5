//! `<mach/mach_vm.h>`: memory.

use crate::abi::*;
use crate::mach_port::own;
use crate::memory::{self, Place};
use crate::pointers::update;
use darwin_calls::misuse;
use iokit_uc::IoReturn;
use std::ffi::c_int;
use std::sync::atomic::AtomicUsize;

/// `VM_FLAGS_ANYWHERE`; without it `VM_FLAGS_FIXED`.
const ANYWHERE: c_int = 1;
/// `VM_FLAGS_ALIAS_MASK`: a label of the program's own.
const LABEL: c_int = 0xff00_0000u32.cast_signed();

pub(crate) static vm_page_size: AtomicUsize = AtomicUsize::new(memory::PAGE);

/// # Safety
///
/// `address` must be fit to be read and written.
pub(crate) unsafe fn mach_vm_allocate(
    target: vm_map_t,
    address: *mut mach_vm_address_t,
    size: mach_vm_size_t,
    flags: c_int,
) -> kern_return_t {
    if let Err(code) = own(target) {
        return code.raw();
    }
    if flags & !(ANYWHERE | LABEL) != 0 {
        misuse(format_args!("not simulated: flags {flags:#x}"));
    }
    let allocate = |address: &mut mach_vm_address_t| {
        if size == 0 {
            *address = 0;
            return IoReturn::SUCCESS;
        }
        let place = if flags & ANYWHERE == 0 { Place::At(*address as usize) } else { Place::Anywhere };
        match memory::allocate(place, size as usize) {
            Ok(allocated) => {
                *address = allocated as u64;
                IoReturn::SUCCESS
            }
            Err(code) => code,
        }
    };
    // SAFETY: by the caller's promise.
    unsafe { update(address, "address", allocate) }.raw()
}

pub(crate) fn mach_vm_deallocate(
    target: vm_map_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
) -> kern_return_t {
    own(target).err().unwrap_or_else(|| memory::deallocate(address as usize, size as usize)).raw()
}

/// # Safety
///
/// As for [`mach_vm_allocate`].
pub(crate) unsafe fn vm_allocate(
    target: vm_map_t,
    address: *mut vm_address_t,
    size: vm_size_t,
    flags: c_int,
) -> kern_return_t {
    // SAFETY: the caller's promise is passed on.
    unsafe { mach_vm_allocate(target, address.cast(), size as u64, flags) }
}

pub(crate) fn vm_deallocate(target: vm_map_t, address: vm_address_t, size: vm_size_t) -> kern_return_t {
    mach_vm_deallocate(target, address as u64, size as u64)
}
