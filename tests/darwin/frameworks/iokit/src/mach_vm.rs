//! `<mach/mach_vm.h>`: memory.

use crate::abi::*;
use crate::mach_port::own;
use crate::machine::running;
use crate::memory::{self, Place};
use crate::pointers::{deliver, update};
use darwin_calls::misuse;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, NULL};
use std::ffi::c_int;
use std::sync::atomic::AtomicUsize;

/// `VM_FLAGS_ANYWHERE`; without it `VM_FLAGS_FIXED`.
const ANYWHERE: c_int = 1;
/// `VM_FLAGS_ALIAS_MASK`: a label of the program's own.
const LABEL: c_int = 0xff00_0000u32.cast_signed();

/// `VM_REGION_BASIC_INFO_64`, and the older flavor that is taken for it.
const BASIC_INFO: [vm_region_flavor_t; 2] = [9, 10];

/// `vm_region_basic_info_64`, packed to four bytes, as integers.
type BasicInfo = [c_int; 9];

const READ: c_int = 1;
const WRITE: c_int = 2;
/// `VM_PROT_ALL`
const ALL: c_int = 7;

/// `VM_INHERIT_COPY` and `VM_INHERIT_NONE`
const INHERIT_COPY: c_int = 1;
const INHERIT_NONE: c_int = 2;

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

/// Part of the program's address space.
struct Region {
    start: u64,
    size: u64,
    protection: c_int,
    max_protection: c_int,
    inheritance: c_int,
}

impl Region {
    /// The one that holds `address`, or the next above.
    fn at(address: u64) -> Option<Self> {
        let allocated = memory::region(address as usize).map(|(start, size)| Self {
            start: start as u64,
            size: size as u64,
            protection: READ | WRITE,
            max_protection: ALL,
            inheritance: INHERIT_COPY,
        });
        let (mut start, mut size, mut protection) = (address, 0, 0);
        let is_mapped = running().task().mach_vm_region(&mut start, &mut size, &mut protection).is_success();
        let (max_protection, inheritance) = (protection, INHERIT_NONE);
        let mapped = is_mapped.then_some(Self { start, size, protection, max_protection, inheritance });
        // They are disjoint: the one that holds the address begins at it, or below.
        allocated.into_iter().chain(mapped).min_by_key(|region| region.start)
    }

    fn info(&self) -> BasicInfo {
        let Self { protection, max_protection, inheritance, .. } = *self;
        // Not shared with another task, at offset 0 of its object, used in the default way, and not wired by the program.
        [protection, max_protection, inheritance, 0, 0, 0, 0, 0, 0]
    }
}

/// Knows memory that was allocated or mapped, and of the program nothing else.
///
/// # Safety
///
/// `address`, `size`, `count` and `object_name` must be fit to be read and written, and `info` to be written for `*count`
/// integers.
pub(crate) unsafe fn mach_vm_region(
    target: vm_map_t,
    address: *mut mach_vm_address_t,
    size: *mut mach_vm_size_t,
    flavor: vm_region_flavor_t,
    info: vm_region_info_t,
    count: *mut mach_msg_type_number_t,
    object_name: *mut mach_port_t,
) -> kern_return_t {
    if let Err(code) = own(target) {
        return code.raw();
    }
    if !BASIC_INFO.contains(&flavor) {
        misuse(format_args!("not simulated: the flavor {flavor}"));
    }
    let find = |count: &mut u32| {
        if (*count as usize) < size_of::<BasicInfo>() / size_of::<c_int>() {
            return Err(IoReturn::KERN_INVALID_ARGUMENT);
        }
        // SAFETY: by the caller's promise, and there is room for as many integers.
        unsafe {
            let region = update(address, "address", |address| {
                let region = Region::at(*address).ok_or(IoReturn::KERN_INVALID_ADDRESS)?;
                *address = region.start;
                Ok(region)
            })?;
            update(size, "size", |size| *size = region.size);
            update(object_name, "object_name", |name| *name = NULL);
            deliver(&region.info(), info, "info");
            *count = region.info().len() as u32;
        }
        Ok(())
    };
    // SAFETY: by the caller's promise.
    unsafe { update(count, "infoCnt", find) }.err().unwrap_or(IoReturn::SUCCESS).raw()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::on;

    /// Code, start, size, and the first three of the information.
    fn region(address: u64) -> (IoReturn, u64, u64, [c_int; 3]) {
        let (mut start, mut size, mut info, mut count, mut name) = (address, 77, [77; 9], 9, 77);
        // SAFETY: variables, and room for nine integers.
        let code = unsafe {
            let task = running().task().mach_task_self();
            mach_vm_region(task, &mut start, &mut size, 9, info.as_mut_ptr(), &mut count, &mut name)
        };
        assert!(code != 0 || (count == 9 && name == NULL && info[3..] == [0; 6]));
        (IoReturn::from_raw(code), start, size, [info[0], info[1], info[2]])
    }

    #[test]
    fn a_region_is_the_one_that_holds_the_address_or_the_next_above() {
        on("empty", || {
            const PAGE: usize = memory::PAGE;
            let start = memory::allocate(Place::Anywhere, 3 * PAGE).unwrap();
            memory::deallocate(start + PAGE, PAGE);
            let [first, second] = [start, start + 2 * PAGE].map(|start| {
                (IoReturn::SUCCESS, start as u64, PAGE as u64, [READ | WRITE, ALL, INHERIT_COPY])
            });
            assert_eq!(region(start as u64), first);
            assert_eq!(region((start + PAGE - 1) as u64), first);
            assert_eq!(region((start + PAGE) as u64), second);
            assert_eq!(region((start + 3 * PAGE - 1) as u64), second);
            memory::deallocate(start, 3 * PAGE);
        });
    }

    #[test]
    fn above_all_regions_there_is_none_and_nothing_is_written() {
        on("empty", || {
            let nothing = (IoReturn::KERN_INVALID_ADDRESS, u64::MAX, 77, [77; 3]);
            assert_eq!(region(u64::MAX), nothing);
        });
    }

    #[test]
    fn there_must_be_room_for_the_whole_answer() {
        on("empty", || {
            let address = memory::allocate(Place::Anywhere, 1).unwrap();
            let (mut start, mut size, mut info, mut count, mut name) = (address as u64, 0, [0; 9], 8, 0);
            // SAFETY: variables, and room for nine integers.
            let code = unsafe {
                let task = running().task().mach_task_self();
                mach_vm_region(task, &mut start, &mut size, 9, info.as_mut_ptr(), &mut count, &mut name)
            };
            assert_eq!((IoReturn::from_raw(code), count), (IoReturn::KERN_INVALID_ARGUMENT, 8));
            memory::deallocate(address, 1);
        });
    }
}
