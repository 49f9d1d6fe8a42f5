//! Notifications of what happens to a service (NT-12 … NT-19).

use super::port::Right;
use crate::backend::{Backend, NULL};
use crate::completion::Token;
use crate::error::{Call, Error, IoReturn, Result};
use crate::object::{Object, no_object};
use crate::service::Service;
use std::ffi::CStr;

/// `kIOGeneralInterest`
pub(super) const GENERAL: &CStr = c"IOGeneralInterest";

/// A notification that is there until it is dropped. What is on its way by then is stale.
#[derive(Debug)]
pub(super) struct Interest {
    _notification: Object,
}

impl Interest {
    /// `IOServiceAddInterestNotification`: messages come to the slot of `token`. `None` for a service that has been
    /// terminated.
    pub(super) fn add(
        right: &Right,
        service: &Service,
        interest_type: &CStr,
        token: Token,
    ) -> Result<Option<Self>> {
        const FUNCTION: &str = "IOServiceAddInterestNotification";
        let kernel = service.kernel();
        let mut notification = NULL;
        // SAFETY: the port is not destroyed while `right` is there. Nothing reads it with `IODispatchCalloutFromMessage`:
        // its name is in no interface of this library.
        let code = unsafe {
            kernel.io_service_add_interest_notification(
                right.port,
                service.as_raw(),
                interest_type,
                token.generation,
                token.index,
                &mut notification,
            )
        };
        match code {
            // Inactive, or its port is gone with it (NT-12).
            IoReturn::UNSUPPORTED | IoReturn::MACH_SEND_INVALID_DEST => Ok(None),
            IoReturn::SUCCESS => match Object::from_answer(kernel, notification) {
                Some(notification) => Ok(Some(Self { _notification: notification })),
                None => Err(no_object(FUNCTION)),
            },
            code => Err(Error::new(Call::Function(FUNCTION), code)),
        }
    }
}
