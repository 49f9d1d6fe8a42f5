//! The functions of [`Backend`] that give up references, without `unsafe`.
//!
//! To give one up can unmap memory. Whatever references a test's task has are the test's, since it boots a machine of its
//! own. What these unmap it reaches by [`Mapped`](crate::mapped::Mapped) alone, of which each test must know that the memory
//! is still there: no connection whose names are given up here has a mapping of the library's own.

use iokit_uc::backend::{Backend, PortName, PortRight};
use iokit_uc::{IoReturn, Kernel};

pub fn io_object_release(kernel: &Kernel, object: PortName) -> IoReturn {
    // SAFETY: the reference is the test's own, and what is mapped is its own to look after.
    unsafe { kernel.io_object_release(object) }
}

pub fn io_service_close(kernel: &Kernel, connect: PortName) -> IoReturn {
    // SAFETY: the reference is the test's own, and what is mapped is its own to look after.
    unsafe { kernel.io_service_close(connect) }
}

pub fn io_connect_release(kernel: &Kernel, connect: PortName) -> IoReturn {
    // SAFETY: the reference is the test's own, and what is mapped is its own to look after.
    unsafe { kernel.io_connect_release(connect) }
}

pub fn mach_port_deallocate(kernel: &Kernel, name: PortName) -> IoReturn {
    // SAFETY: the reference is the test's own, and what is mapped is its own to look after.
    unsafe { kernel.mach_port_deallocate(name) }
}

pub fn mach_port_mod_refs(kernel: &Kernel, name: PortName, right: PortRight, delta: i32) -> IoReturn {
    // SAFETY: the reference is the test's own, and what is mapped is its own to look after.
    unsafe { kernel.mach_port_mod_refs(name, right, delta) }
}
