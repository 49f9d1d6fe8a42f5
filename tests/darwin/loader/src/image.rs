//! Lays a program out in memory, at the addresses that it was linked for: so none of its pointers needs to be
//! rebased.

use std::ffi::c_int;
use std::io;
use std::ptr;

use crate::Result;
use crate::bind::Bindings;
use crate::macho::MachO;

/// Maps the segments and sets the imported pointers.
///
/// # Safety
/// The bindings must be those of this file.
pub(crate) unsafe fn load(macho: &MachO, bindings: &Bindings) -> Result<()> {
    for segment in macho.mapped_segments() {
        let memory = allocate_at(segment.address, segment.size)?;
        // SAFETY: the memory is fresh, and `MachO` has checked that the contents fit in the segment's size.
        unsafe { memory.copy_from_nonoverlapping(segment.contents.as_ptr(), segment.contents.len()) };
    }
    for (location, address) in bindings {
        // SAFETY: `MachO` has checked that the pointer is in a segment, which is writable still.
        unsafe { (*location as *mut usize).write_unaligned(*address) };
    }
    for segment in macho.mapped_segments() {
        // SAFETY: the range has been mapped above, and nothing of this process refers to its contents.
        unsafe { set_protection(segment.address, segment.size, segment.protection)? };
    }
    Ok(())
}

/// Allocates zeroed, writable memory.
pub(crate) fn allocate(size: usize) -> Result<*mut u8> {
    map(ptr::null_mut(), size, 0).map_err(|error| format!("cannot be given {size:#x} bytes: {error}").into())
}

/// Allocates zeroed, writable memory at `address`, where nothing may be mapped yet.
pub(crate) fn allocate_at(address: usize, size: usize) -> Result<*mut u8> {
    map(ptr::without_provenance_mut(address), size, libc::MAP_FIXED_NOREPLACE)
        .map_err(|error| format!("cannot be mapped at {address:#x}: {error}").into())
}

fn map(address: *mut u8, size: usize, flags: c_int) -> io::Result<*mut u8> {
    let flags = flags | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: without MAP_FIXED, no existing mapping is touched.
    match unsafe { libc::mmap(address.cast(), size, protection, flags, -1, 0) } {
        libc::MAP_FAILED => Err(io::Error::last_os_error()),
        memory => Ok(memory.cast()),
    }
}

/// # Safety
/// The range must be memory that this loader has mapped, and not be used in a way that its protection forbids.
pub(crate) unsafe fn set_protection(address: usize, size: usize, protection: c_int) -> Result<()> {
    // SAFETY: the caller owns the range.
    match unsafe { libc::mprotect(ptr::without_provenance_mut(address), size, protection) } {
        0 => Ok(()),
        _ => Err(format!("cannot be protected at {address:#x}: {}", io::Error::last_os_error()).into()),
    }
}
