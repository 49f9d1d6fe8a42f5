//! Connections: a user client, opened.

mod asynchronous;
mod call;
mod properties;
mod shared;

pub(crate) use asynchronous::AsyncCall;
pub use call::{Answer, ExternalCall};
use shared::Opened;
pub(crate) use shared::Shared;

use crate::backend::{Backend, NULL, PortName, ScalarOutput, StructureOutput};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::Kernel;
use crate::object::{check, no_object, over_limit};
use crate::service::Service;
use crate::spans::span;
use std::fmt;
use std::sync::Arc;

/// `io_connect_t`: an open connection to a driver's user client.
///
/// It is closed when dropped, or when the last [`Mapping`](crate::Mapping) and [`DataQueue`](crate::DataQueue) that was made
/// with it is. It cannot be cloned, because a close is not counted; share it by reference or in an `Arc`: every method
/// takes `&self`, and the kernel serves calls from several threads at once.
///
/// Asynchronous calls that wait for their completion end with `kIOReturnAborted` when the connection is closed, and with
/// `kIOReturnNoDevice` when the service that it was opened on is terminated: the connection keeps a handle on that, and
/// asks for its notification at the first asynchronous call. A driver that lets the service be and ends the connection's
/// user client alone leaves them waiting: of that a task hears only when it calls again.
///
/// The last connection whose calls the library's own thread receives ends that thread, and waits for its end; a tenth of a
/// second at most if the thread runs a waker meanwhile.
///
/// `Debug` shows the service that it was opened on, as the kernel tells of it now.
pub struct Connection(Arc<Shared>);

impl Connection {
    /// Takes over a connection that something else has opened.
    ///
    /// # Safety
    ///
    /// `name` must denote a connect right in this task of `kernel`, with one user reference that nothing else will
    /// release. Closing a right of another kind, or one reference too many, can end the process (OC-15).
    ///
    /// Of the service's termination it hears only if the driver [tells](Self::service) which service that is.
    pub unsafe fn from_raw(kernel: Kernel, name: PortName) -> Self {
        // SAFETY: by the caller's promise.
        Self(Arc::new(unsafe { Shared::new(kernel, name, None) }))
    }

    /// The name, still open: whoever takes it must close it. Asynchronous calls that wait for their completion end with
    /// `kIOReturnAborted`; mappings stay.
    pub fn into_raw(self) -> PortName {
        self.0.give_up()
    }

    /// The name, which stays this handle's own.
    #[inline]
    pub fn as_raw(&self) -> PortName {
        self.0.name
    }

    /// The kernel that the connection belongs to.
    #[inline]
    pub fn kernel(&self) -> &Kernel {
        &self.0.kernel
    }

    /// What keeps it open.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// `IOServiceClose`: closes now and tells how that went; dropping closes too.
    ///
    /// Mappings stay as they are: the memory is there until the last one goes. Whoever waits at a data queue gets
    /// `kIOReturnAborted`.
    #[doc(alias = "IOServiceClose")]
    pub fn close(self) -> Result<()> {
        // SAFETY: whoever has a connection has not given it up, and this takes it.
        check("IOServiceClose", unsafe { self.0.close() })
    }

    /// `IOConnectGetService`: the service that the connection was opened on, if the driver tells;
    /// `kIOReturnUnsupported` by default.
    #[doc(alias = "IOConnectGetService")]
    pub fn service(&self) -> Result<Service> {
        self.0.service()
    }

    /// `IOConnectAddClient`: makes a second connection known to the first one's driver; `kIOReturnUnsupported` by
    /// default, `kIOReturnBadArgument` for connections of different tasks.
    #[doc(alias = "IOConnectAddClient")]
    pub fn add_client(&self, client: &Connection) -> Result<()> {
        if self.kernel() != client.kernel() {
            let detail = Detail::Text("the connections belong to different tasks".into());
            return Err(
                Error::new(Call::Function("IOConnectAddClient"), IoReturn::BAD_ARGUMENT).with_detail(detail)
            );
        }
        let span = span!(
            "add_client",
            "IOConnectAddClient",
            connection = ?crate::description::Port(self.as_raw()),
            class = self.0.class(),
            client = ?crate::description::Port(client.as_raw()),
        );
        let code = span.run(|| self.kernel().io_connect_add_client(self.as_raw(), client.as_raw()));
        self.0.check("IOConnectAddClient", code)
    }

    /// `IOConnectCallMethod`. [`failed`](Shared::failed) makes an error of what is no success.
    #[inline(always)]
    pub(crate) fn call_method(
        &self,
        call: Call,
        selector: u32,
        scalars: &[u64],
        structure: &[u8],
        output: ScalarOutput<'_>,
        structure_output: Option<StructureOutput<'_>>,
    ) -> IoReturn {
        // What spans alone ask for.
        let _ = call;
        let span = span!(
            "call",
            "IOConnectCallMethod",
            connection = ?crate::description::Port(self.as_raw()),
            class = self.0.class(),
            selector,
            method = crate::spans::method(call),
            scalars_in = scalars.len(),
            bytes_in = structure.len(),
            scalars_out = tracing::field::Empty,
            bytes_out = tracing::field::Empty,
        );
        span.exchange(
            output,
            structure_output,
            #[inline(always)]
            |output, structure_output| {
                self.kernel().io_connect_call_method(
                    self.as_raw(),
                    selector,
                    scalars,
                    structure,
                    Some(output),
                    structure_output,
                )
            },
        )
    }

    /// Whether there is no user client behind the connection any more: its service was terminated, or it has ended itself.
    ///
    /// A call says the same by its error, which is of kind [`Terminated`](crate::ErrorKind::Terminated). Mapped memory does
    /// not: it can be accessed as before.
    pub fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }

    /// `IOConnectCallMethod` by hand: an external method that no trait describes.
    ///
    /// ```no_run
    /// # fn main() -> iokit_uc::Result<()> {
    /// # let connection: iokit_uc::Connection = unimplemented!();
    /// let answer = connection.call(4).scalars(&[10, 32768]).scalar_capacity(1).send()?;
    /// assert_eq!(answer.scalars(), [327_680]);
    /// # Ok(()) }
    /// ```
    #[doc(alias = "IOConnectCallMethod")]
    #[doc(alias = "IOConnectCallScalarMethod")]
    #[doc(alias = "IOConnectCallStructMethod")]
    pub fn call(&self, selector: u32) -> ExternalCall<'_> {
        ExternalCall::new(self, selector)
    }

    /// `IOConnectTrap0` … `IOConnectTrap6`: calls a trap with up to six parameters. A trap that the driver does not
    /// have answers with success (EM-32).
    ///
    /// # Safety
    ///
    /// A driver may take a parameter for an address in this task and read or write there. Each must be what the
    /// driver's trap `index` expects.
    #[doc(alias = "IOConnectTrap0")]
    #[doc(alias = "IOConnectTrap1")]
    #[doc(alias = "IOConnectTrap2")]
    #[doc(alias = "IOConnectTrap3")]
    #[doc(alias = "IOConnectTrap4")]
    #[doc(alias = "IOConnectTrap5")]
    #[doc(alias = "IOConnectTrap6")]
    pub unsafe fn trap(&self, index: u32, parameters: &[usize]) -> Result<()> {
        let mut all = [0; 6];
        let Some(given) = all.get_mut(..parameters.len()) else {
            return Err(over_limit(Call::Function("IOConnectTrap6"), "trap parameters", 6, parameters.len()));
        };
        given.copy_from_slice(parameters);
        let span = span!(
            "trap",
            "IOConnectTrap6",
            connection = ?crate::description::Port(self.as_raw()),
            class = self.0.class(),
            index,
        );
        // SAFETY: the caller's promise about the parameters is passed on; those that are added are 0, as in C.
        let code = span.run(|| unsafe { self.kernel().io_connect_trap(self.as_raw(), index, all) });
        self.0.check("IOConnectTrap6", code)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Service {
    /// `IOServiceOpen`: opens a connection to the service's driver.
    ///
    /// `connection_type` means what the driver wants it to mean, mostly 0. Usual failures: `kIOReturnNotPermitted`
    /// (sandbox), `kIOReturnNotPrivileged` (entitlement), `kIOReturnExclusiveAccess` (another client has it),
    /// `kIOReturnUnsupported` (the service has no user client).
    #[doc(alias = "IOServiceOpen")]
    pub fn open(&self, connection_type: u32) -> Result<Connection> {
        let kernel = self.kernel();
        let mut connect = NULL;
        let span = span!(
            "open",
            "IOServiceOpen",
            class = crate::spans::class(kernel, self.as_raw()),
            id = crate::spans::id(kernel, self.as_raw()),
            connection_type,
            connection = tracing::field::Empty,
        );
        let code = span.run(|| {
            kernel.io_service_open(self.as_raw(), kernel.mach_task_self(), connection_type, &mut connect)
        });
        if !code.is_success() && connect != NULL {
            // A driver that refuses and yet hands out its user client leaves a name behind (OC-7).
            // SAFETY: the reference came with the name, which nobody has been given.
            unsafe { kernel.io_service_close(connect) };
        }
        check("IOServiceOpen", code).map_err(|error| match self.class() {
            Ok(class) => error.with_detail(Detail::Text(format!("the service is of class `{class}`").into())),
            Err(_) => error,
        })?;
        if connect == NULL {
            return Err(no_object("IOServiceOpen"));
        }
        span.opened(connect);
        let service = Some(self.clone()).filter(|service| service.as_raw() != NULL);
        let opened = service.map(|service| Opened::new(service, connection_type));
        // SAFETY: a successful open gives this task one user reference on a connect right (RC-5).
        Ok(Connection(Arc::new(unsafe { Shared::new(kernel.clone(), connect, opened) })))
    }
}
