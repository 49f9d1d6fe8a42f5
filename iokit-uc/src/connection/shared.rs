//! What a connection, its mappings and its data queues have in common.

use crate::backend::{Backend, NULL, PortName};
use crate::error::{IoReturn, Result};
use crate::kernel::Kernel;
use crate::notification::{Session, default_session};
use crate::object::{check, no_object};
use crate::service::Service;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering, fence};

/// An open connection: closed when the last one that has it lets go, if it is not before.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(super) kernel: Kernel,
    /// With one user reference, until it is given up.
    pub(super) name: PortName,
    given_up: AtomicBool,
    /// What it was opened on, if that was here.
    pub(super) opened: Option<Service>,
    /// Where its asynchronous calls complete, from the first of them on.
    pub(super) session: OnceLock<Session>,
}

impl Shared {
    /// # Safety
    ///
    /// `name` must denote a connect right in this task of `kernel`, with one user reference that nothing else will
    /// release.
    pub(super) unsafe fn new(kernel: Kernel, name: PortName, opened: Option<Service>) -> Self {
        Self { kernel, name, given_up: AtomicBool::new(false), opened, session: OnceLock::new() }
    }

    /// The name, which means the connection until that is given up.
    pub(crate) fn name(&self) -> PortName {
        self.name
    }

    pub(crate) fn session(&self) -> Result<&Session> {
        if let Some(session) = self.session.get() {
            return Ok(session);
        }
        let session = self.new_session(|service| default_session(&self.kernel, service))?;
        // Two threads may both be the first; one of the sessions has no calls, and goes.
        let session = self.session.get_or_init(|| session);
        // A data queue may ask when the connection is closed, or just then: whichever of the two is second sees the other.
        fence(Ordering::SeqCst);
        if self.given_up.load(Ordering::Relaxed) {
            session.end();
        }
        Ok(session)
    }

    pub(super) fn new_session(
        &self,
        make: impl FnOnce(Option<&Service>) -> Result<Session>,
    ) -> Result<Session> {
        match &self.opened {
            Some(service) => make(Some(service)),
            // Most drivers do not tell.
            None => make(self.service().ok().as_ref()),
        }
    }

    pub(super) fn service(&self) -> Result<Service> {
        let mut service = NULL;
        check("IOConnectGetService", self.kernel.io_connect_get_service(self.name, &mut service))?;
        Service::from_answer(&self.kernel, service).ok_or_else(|| no_object("IOConnectGetService"))
    }

    /// Closes, whoever else has it. Its asynchronous calls end.
    ///
    /// # Safety
    ///
    /// Nobody gives it up a second time.
    pub(super) unsafe fn close(&self) -> IoReturn {
        self.given_up.store(true, Ordering::Relaxed);
        // SAFETY: the reference is this connection's own, which gives it up once. What is mapped through it is kept by a
        // reference of its own (`mapping::table`).
        let code = unsafe { self.kernel.io_service_close(self.name) };
        self.end_session();
        code
    }

    /// Hands out the name with its reference. Its asynchronous calls end.
    pub(super) fn give_up(&self) -> PortName {
        self.given_up.store(true, Ordering::Relaxed);
        self.end_session();
        self.name
    }

    fn end_session(&self) {
        fence(Ordering::SeqCst);
        if let Some(session) = self.session.get() {
            session.end();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if !*self.given_up.get_mut() {
            // A close that fails leaves nothing to undo: the user reference is gone either way (OC-9).
            // SAFETY: it has not been given up, and goes.
            unsafe { self.close() };
        }
    }
}
