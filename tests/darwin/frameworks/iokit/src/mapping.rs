//! Memory of drivers' that the program has mapped (MEM-1 … MEM-11).

use crate::abi::*;
use crate::machine::running;
use crate::pointers::update;
use darwin_calls::{Call, current};
use iokit_uc::backend::Backend;
use iokit_uc::sim::MappedMemory;
use std::collections::HashMap;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which call mapped what, for reports. What is mapped is the machine's business.
#[derive(Default)]
pub(crate) struct Mapped(Mutex<HashMap<usize, Call>>);

impl Mapped {
    /// Memory that the program has, with the call that mapped it last.
    pub(crate) fn describe(&self, mapping: &MappedMemory) -> String {
        let MappedMemory { address, size, .. } = mapping;
        let by = self.lock().get(address).map(|call| format!(", mapped by {call}")).unwrap_or_default();
        format!("{size:#x} bytes of memory at {address:#x}{by}")
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<usize, Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// # Safety
///
/// `address` and `size` must be fit to be read and written.
pub(crate) unsafe fn IOConnectMapMemory64(
    connect: io_connect_t,
    memory_type: u32,
    into_task: task_port_t,
    address: *mut mach_vm_address_t,
    size: *mut mach_vm_size_t,
    options: IOOptionBits,
) -> kern_return_t {
    let map = |address: &mut mach_vm_address_t| {
        let running = running();
        let mut at = ptr::with_exposed_provenance_mut(*address as usize);
        let map = |size: &mut mach_vm_size_t| {
            running.task().io_connect_map_memory64(connect, memory_type, into_task, &mut at, size, options)
        };
        // SAFETY: by the caller's promise.
        let code = unsafe { update(size, "ofSize", map) };
        if code.is_success() {
            *address = at.expose_provenance() as u64;
            running.mapped.lock().insert(at.addr(), current());
        }
        code
    };
    // SAFETY: by the caller's promise.
    unsafe { update(address, "atAddress", map) }.raw()
}

pub(crate) use IOConnectMapMemory64 as IOConnectMapMemory;

/// # Safety
///
/// The program must not use the memory any more.
pub(crate) unsafe fn IOConnectUnmapMemory64(
    connect: io_connect_t,
    memory_type: u32,
    from_task: task_port_t,
    address: mach_vm_address_t,
) -> kern_return_t {
    let address = ptr::with_exposed_provenance_mut(address as usize);
    // SAFETY: by the caller's promise, and nothing in the host uses the memory.
    unsafe { running().task().io_connect_unmap_memory64(connect, memory_type, from_task, address) }.raw()
}

pub(crate) use IOConnectUnmapMemory64 as IOConnectUnmapMemory;
