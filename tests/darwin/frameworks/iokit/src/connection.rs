//! Connections: opening and closing them, and what they are asked beside external methods.

use crate::abi::*;
use crate::machine::running;
use crate::ownership::{consumed_right, expect, returned_right};
use crate::pointers::update;
use iokit_uc::backend::{Backend, NULL};

/// # Safety
///
/// `connect` must be fit to be read and written.
pub(crate) unsafe fn IOServiceOpen(
    service: io_service_t,
    owning_task: task_port_t,
    connection_type: u32,
    connect: *mut io_connect_t,
) -> kern_return_t {
    let open = |connect: &mut io_connect_t| {
        let before = *connect;
        let code = running().task().io_service_open(service, owning_task, connection_type, connect);
        // A driver that fails and yet leaves a user client leaks it to the program (OC-7).
        if !code.is_success() && *connect != NULL && *connect != before {
            returned_right(*connect);
        }
        code
    };
    // SAFETY: by the caller's promise.
    unsafe { update(connect, "connect", open) }.raw()
}

/// # Safety
///
/// The reference must be the program's own to give up.
pub(crate) unsafe fn IOServiceClose(connect: io_connect_t) -> kern_return_t {
    expect(connect);
    // SAFETY: by the caller's promise.
    let code = unsafe { running().task().io_service_close(connect) };
    // The reference goes whatever the kernel says (OC-9).
    if !code.is_success() {
        consumed_right(connect);
    }
    code.raw()
}

pub(crate) fn IOServiceRequestProbe(service: io_service_t, options: u32) -> kern_return_t {
    running().task().io_service_request_probe(service, options).raw()
}

pub(crate) fn IOConnectAddRef(connect: io_connect_t) -> kern_return_t {
    expect(connect);
    let code = running().task().io_connect_add_ref(connect);
    if code.is_success() {
        returned_right(connect);
    }
    code.raw()
}

/// # Safety
///
/// The reference must be the program's own to give up.
pub(crate) unsafe fn IOConnectRelease(connect: io_connect_t) -> kern_return_t {
    expect(connect);
    // SAFETY: by the caller's promise.
    unsafe { running().task().io_connect_release(connect) }.raw()
}

/// # Safety
///
/// `service` must be fit to be read and written.
pub(crate) unsafe fn IOConnectGetService(connect: io_connect_t, service: *mut io_service_t) -> kern_return_t {
    let get = |service: &mut io_service_t| running().task().io_connect_get_service(connect, service);
    // SAFETY: by the caller's promise.
    unsafe { update(service, "service", get) }.raw()
}

pub(crate) fn IOConnectSetNotificationPort(
    connect: io_connect_t,
    port_type: u32,
    port: mach_port_t,
    reference: uintptr_t,
) -> kern_return_t {
    running().task().io_connect_set_notification_port(connect, port_type, port, reference).raw()
}

pub(crate) fn IOConnectAddClient(connect: io_connect_t, client: io_connect_t) -> kern_return_t {
    running().task().io_connect_add_client(connect, client).raw()
}
