//! A task that listens to services: a notification port, and interest messages taken apart by hand.

use crate::steps::{UNKNOWN, release, service};
use iokit_uc::backend::{Backend, DEAD, MAIN_PORT_DEFAULT, NotificationPortRef, PortName};
use iokit_uc::{IoReturn, Kernel, Value};
use std::ffi::CStr;
use std::time::Duration;

/// What is put where a function's address goes. Nobody calls it.
pub const CALLBACK: usize = 0x1111;

/// A task's notification port, destroyed when dropped.
pub struct Listener {
    pub kernel: Kernel,
    port: Option<NotificationPortRef>,
    name: PortName,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.destroy_port();
    }
}

impl Listener {
    pub fn new(kernel: Kernel) -> Self {
        let port = kernel.io_notification_port_create(MAIN_PORT_DEFAULT).expect("there are ports left");
        // SAFETY: it has just been made.
        let name = unsafe { kernel.io_notification_port_get_mach_port(port) };
        Self { kernel, port: Some(port), name }
    }

    /// The name of the port's receive right.
    pub fn port(&self) -> PortName {
        self.name
    }

    /// `IONotificationPortDestroy`.
    pub fn destroy_port(&mut self) {
        if let Some(port) = self.port.take() {
            // SAFETY: made by this kernel, and not used any more.
            unsafe { self.kernel.io_notification_port_destroy(port) };
        }
    }

    /// Leaves the library's structure as it is, whose port is gone already.
    pub fn forget_port(mut self) {
        self.port = None;
    }

    /// `IOServiceAddInterestNotification`.
    pub fn add(&self, service: PortName, interest: &CStr, refcon: usize) -> Result<PortName, IoReturn> {
        let port = self.port.expect("the port is there");
        let mut notification = UNKNOWN;
        // SAFETY: the port is there, and nobody calls what the reference names.
        let code = unsafe {
            self.kernel.io_service_add_interest_notification(
                port,
                service,
                interest,
                CALLBACK,
                refcon,
                &mut notification,
            )
        };
        match code {
            IoReturn::SUCCESS => Ok(notification),
            code => {
                assert_eq!(notification, UNKNOWN, "P-7");
                Err(code)
            }
        }
    }

    /// Registers an interest in the first service of a class.
    #[track_caller]
    pub fn watch(&self, class: &str, interest: &CStr, refcon: usize) -> PortName {
        let service = service(&self.kernel, class);
        let notification = self.add(service, interest, refcon);
        release(&self.kernel, service);
        notification.unwrap()
    }

    /// `IOServiceAddMatchingNotification`.
    pub fn subscribe(&self, kind: &CStr, matching: &Value, refcon: usize) -> Result<PortName, IoReturn> {
        let port = self.port.expect("the port is there");
        let mut iterator = UNKNOWN;
        // SAFETY: the port is there, and nobody calls what the reference names.
        let code = unsafe {
            self.kernel.io_service_add_matching_notification(
                port,
                kind,
                Some(matching),
                CALLBACK,
                refcon,
                &mut iterator,
            )
        };
        match code {
            IoReturn::SUCCESS => Ok(iterator),
            code => {
                assert_eq!(iterator, UNKNOWN, "P-7");
                Err(code)
            }
        }
    }

    /// The refcons of all matching notifications that have something to tell, in the order of their messages.
    pub fn pings(&self) -> Vec<u64> {
        let mut pings = Vec::new();
        while let Some(message) = self.receive() {
            pings.push(message.long(24 + 8 + 2 * 8));
            release(&self.kernel, message.remote_port());
        }
        pings
    }

    /// The next message, if one waits.
    pub fn receive(&self) -> Option<InterestMessage> {
        let mut bytes = Vec::new();
        match self.kernel.mach_msg_receive(self.name, &mut bytes, 1024, Some(Duration::ZERO)) {
            IoReturn::SUCCESS => Some(InterestMessage { bytes }),
            code => {
                assert_eq!((code, bytes), (IoReturn::MACH_RCV_TIMED_OUT, vec![]));
                None
            }
        }
    }

    /// All that waits: refcon, type, argument.
    pub fn messages(&self) -> Vec<(u64, u32, u64)> {
        let mut messages = Vec::new();
        while let Some(message) = self.receive() {
            messages.push((message.reference(2), message.message_type(), message.value()));
            self.discard(&message);
        }
        messages
    }

    /// Lets go of the rights that a message has brought.
    #[track_caller]
    pub fn discard(&self, message: &InterestMessage) {
        release(&self.kernel, message.remote_port());
        if message.service() != DEAD {
            release(&self.kernel, message.service());
        }
    }
}

/// An interest message as received (NT-14).
pub struct InterestMessage {
    pub bytes: Vec<u8>,
}

impl InterestMessage {
    pub fn word(&self, offset: usize) -> u32 {
        u32::from_ne_bytes(self.bytes[offset..offset + 4].try_into().unwrap())
    }

    pub fn long(&self, offset: usize) -> u64 {
        u64::from_ne_bytes(self.bytes[offset..offset + 8].try_into().unwrap())
    }

    pub fn remote_port(&self) -> PortName {
        self.word(8)
    }

    pub fn service(&self) -> PortName {
        self.word(28)
    }

    pub fn reference(&self, slot: usize) -> u64 {
        self.long(48 + 8 * slot)
    }

    pub fn message_type(&self) -> u32 {
        self.word(112)
    }

    pub fn argument(&self) -> &[u8] {
        &self.bytes[116..]
    }

    /// An argument that is no structure.
    pub fn value(&self) -> u64 {
        assert_eq!(self.bytes.len(), 124);
        self.long(116)
    }
}
