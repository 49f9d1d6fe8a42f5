//! What a connection, its mappings and its data queues have in common.

use crate::backend::{Backend, NULL, PortName};
use crate::description::Port;
use crate::error::{Call, Detail, Error, ErrorKind, IoReturn, Result};
use crate::kernel::Kernel;
use crate::notification::{Session, default_session};
use crate::object::{check, no_object};
use crate::service::Service;
use crate::spans::span;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering, fence};

/// An open connection: closed when the last one that has it lets go, if it is not before.
pub(crate) struct Shared {
    pub(super) kernel: Kernel,
    /// With one user reference, until it is given up.
    pub(super) name: PortName,
    given_up: AtomicBool,
    /// What it was opened on, if that was here.
    opened: Option<Opened>,
    /// Where its asynchronous calls complete, from the first of them on.
    pub(super) session: OnceLock<Session>,
}

/// What a connection was opened on, and how.
pub(super) struct Opened {
    pub(super) service: Service,
    pub(super) connection_type: u32,
    #[cfg(feature = "tracing")]
    class: OnceLock<Option<String>>,
}

impl Opened {
    pub(super) fn new(service: Service, connection_type: u32) -> Self {
        Self {
            service,
            connection_type,
            #[cfg(feature = "tracing")]
            class: OnceLock::new(),
        }
    }
}

impl Shared {
    /// # Safety
    ///
    /// `name` must denote a connect right in this task of `kernel`, with one user reference that nothing else will
    /// release.
    pub(super) unsafe fn new(kernel: Kernel, name: PortName, opened: Option<Opened>) -> Self {
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
            Some(opened) => make(Some(&opened.service)),
            // Most drivers do not tell.
            None => make(self.service().ok().as_ref()),
        }
    }

    /// The field `class` of spans.
    #[cfg(feature = "tracing")]
    pub(crate) fn class(&self) -> Option<&str> {
        let Opened { service, class, .. } = self.opened.as_ref()?;
        class.get_or_init(|| crate::spans::class(&self.kernel, service.as_raw())).as_deref()
    }

    pub(super) fn service(&self) -> Result<Service> {
        const FUNCTION: &str = "IOConnectGetService";
        let mut service = NULL;
        check(FUNCTION, self.kernel.io_connect_get_service(self.name, &mut service)).map_err(|error| {
            // A user client that is there and tells no service has another code (OC-16).
            let is_gone = error.code() == IoReturn::BAD_ARGUMENT;
            if is_gone { error.with_detail(Detail::Terminated) } else { error }
        })?;
        Service::from_answer(&self.kernel, service).ok_or_else(|| no_object(FUNCTION))
    }

    pub(super) fn is_terminated(&self) -> bool {
        self.service().is_err_and(|error| error.kind() == ErrorKind::Terminated)
    }

    /// Fails with the function's code.
    pub(super) fn check(&self, function: &'static str, code: IoReturn) -> Result<()> {
        if code.is_success() { Ok(()) } else { Err(self.failed(Call::Function(function), code)) }
    }

    /// What a call comes to that has failed with `code`.
    #[cold]
    pub(crate) fn failed(&self, call: Call, code: IoReturn) -> Error {
        let error = Error::new(call, code);
        // A connection that has ever mapped memory outlives its user client, and has this answer for everything (TERM-6).
        if code == IoReturn::BAD_ARGUMENT && self.is_terminated() {
            return error.with_detail(Detail::Terminated);
        }
        error
    }

    /// [`failed`](Self::failed) for an error that may be the kernel's.
    #[cold]
    pub(crate) fn explain(&self, error: Error) -> Error {
        match error.detail() {
            None => self.failed(error.call(), error.code()),
            Some(_) => error,
        }
    }

    /// Closes, whoever else has it. Its asynchronous calls end.
    ///
    /// # Safety
    ///
    /// Nobody gives it up a second time.
    pub(super) unsafe fn close(&self) -> IoReturn {
        self.given_up.store(true, Ordering::Relaxed);
        let span = span!("close", "IOServiceClose", connection = ?Port(self.name), class = self.class());
        // SAFETY: the reference is this connection's own, which gives it up once. What is mapped through it is kept by a
        // reference of its own (`mapping::table`).
        let code = span.run(|| unsafe { self.kernel.io_service_close(self.name) });
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

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Connection");
        if let Some(Opened { service, connection_type, .. }) = &self.opened {
            shown.field("service", service).field("connection_type", connection_type);
        }
        if self.given_up.load(Ordering::Relaxed) {
            shown.field("closed", &true);
        }
        shown.field("port", &Port(self.name)).finish()
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
