//! Registrations: for services that come and go, and for what services tell (NT-1 … NT-20).

use crate::abi::*;
use crate::machine::running;
use crate::matching::Consumed;
use crate::notification_port::find;
use crate::pointers::{text, update};
use darwin_calls::misuse;
use iokit_uc::IoReturn;
use iokit_uc::backend::Backend;

/// # Safety
///
/// `notification_type` must be a C string, and `iterator` be fit to be read and written.
pub(crate) unsafe fn IOServiceAddMatchingNotification(
    notify: IONotificationPortRef,
    notification_type: *const c_char,
    matching: CFDictionaryRef,
    callback: IOServiceMatchingCallback,
    refcon: *mut c_void,
    iterator: *mut io_iterator_t,
) -> kern_return_t {
    let matching = Consumed(matching).value();
    if notify.is_null() {
        misuse("`notifyPort` is null, and read");
    }
    let port = find(notify);
    // SAFETY: by the caller's promise. The port is alive. Whoever dispatches its messages is the program or does it for the
    // program, whose function `callback` is.
    unsafe {
        let notification_type = text(notification_type, "notificationType");
        update(iterator, "notification", |iterator| {
            running().task().io_service_add_matching_notification(
                port.reference(),
                notification_type,
                matching.as_ref(),
                callback,
                refcon.expose_provenance(),
                iterator,
            )
        })
        .raw()
    }
}

/// # Safety
///
/// `notification_type` must be a C string, and `iterator` be fit to be read and written.
pub(crate) unsafe fn IOServiceAddNotification(
    main_port: mach_port_t,
    notification_type: *const c_char,
    matching: CFDictionaryRef,
    wake_port: mach_port_t,
    reference: uintptr_t,
    iterator: *mut io_iterator_t,
) -> kern_return_t {
    let matching = Consumed(matching).value();
    // SAFETY: by the caller's promise.
    unsafe {
        let notification_type = text(notification_type, "notificationType");
        update(iterator, "notification", |iterator| {
            running().task().io_service_add_notification(
                main_port,
                notification_type,
                matching.as_ref(),
                wake_port,
                reference,
                iterator,
            )
        })
        .raw()
    }
}

/// # Safety
///
/// `interest_type` must be a C string, and `notification` be fit to be read and written.
pub(crate) unsafe fn IOServiceAddInterestNotification(
    notify: IONotificationPortRef,
    service: io_service_t,
    interest_type: *const c_char,
    callback: IOServiceInterestCallback,
    refcon: *mut c_void,
    notification: *mut io_object_t,
) -> kern_return_t {
    if notify.is_null() {
        return IoReturn::BAD_ARGUMENT.raw();
    }
    let port = find(notify);
    // SAFETY: by the caller's promise. The port is alive. Whoever dispatches its messages is the program or does it for the
    // program, whose function `callback` is.
    unsafe {
        let interest_type = text(interest_type, "interestType");
        update(notification, "notification", |notification| {
            running().task().io_service_add_interest_notification(
                port.reference(),
                service,
                interest_type,
                callback,
                refcon.expose_provenance(),
                notification,
            )
        })
        .raw()
    }
}
