//! Asynchronous calls.

use super::Connection;
use crate::backend::{Backend, ScalarOutput, StructureOutput};
use crate::completion::Receiver;
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::notification::{Completes, Dropped, NotificationPort};
use crate::spans::span;

/// What an asynchronous call sends, and where its answer goes.
pub(crate) struct AsyncCall<'a> {
    /// What errors name.
    pub(crate) call: Call,
    pub(crate) completes: Completes,
    pub(crate) selector: u32,
    pub(crate) scalars: &'a [u64],
    pub(crate) structure: &'a [u8],
    pub(crate) output: ScalarOutput<'a>,
    pub(crate) structure_output: Option<StructureOutput<'a>>,
}

impl Connection {
    /// Has the connection's asynchronous calls complete at `port`, which the program receives from itself. It is to be
    /// called before the first of them, and once: `kIOReturnPortExists` after that, `kIOReturnBadArgument` for a port of
    /// another kernel.
    ///
    /// A typed client has it by [`as_ref`](AsRef::as_ref): `client.as_ref().notify_on(&port)`.
    pub fn notify_on(&self, port: &NotificationPort) -> Result<()> {
        let refused = |code, reason: &str| {
            Error::new(Call::Function("Connection::notify_on"), code).with_detail(Detail::Text(reason.into()))
        };
        if self.kernel() != port.kernel() {
            return Err(refused(IoReturn::BAD_ARGUMENT, "the port belongs to another task"));
        }
        let taken = || refused(IoReturn::PORT_EXISTS, "the connection uses a notification port already");
        let shared = self.shared();
        if shared.session.get().is_some() {
            return Err(taken());
        }
        shared.session.set(shared.new_session(|service| port.session(service))?).map_err(|_| taken())
    }

    /// How many messages have been dropped, by the reason, at the port where the connection's asynchronous calls complete;
    /// with those of other connections that use it, as all do that have not [chosen](Self::notify_on) one.
    pub fn dropped_messages(&self) -> Dropped {
        self.shared().session.get().map(|session| session.port().dropped()).unwrap_or_default()
    }

    /// `IOConnectCallAsyncMethod`. An error is the call's own, whatever may have arrived by then.
    pub(crate) fn call_async(&self, call: AsyncCall<'_>) -> Result<Receiver> {
        let AsyncCall { call, completes, selector, scalars, structure, output, structure_output } = call;
        let session = self.shared().session().map_err(|error| error.at(call))?;
        let span = span!(
            "call",
            "IOConnectCallAsyncMethod",
            connection = ?crate::description::Port(self.as_raw()),
            class = self.shared().class(),
            selector,
            method = crate::spans::method(call),
            scalars_in = scalars.len(),
            bytes_in = structure.len(),
            scalars_out = tracing::field::Empty,
            bytes_out = tracing::field::Empty,
        );
        let started = session.start(call, completes, span.last(), |wake_port, reference| {
            span.exchange(output, structure_output, |output, structure_output| {
                // SAFETY: nothing in this library reads the port with `IODispatchCalloutFromMessage`, and who learns its
                // name is told not to (`NotificationPort::mach_port`).
                unsafe {
                    self.kernel().io_connect_call_async_method(
                        self.as_raw(),
                        selector,
                        wake_port,
                        Some(reference),
                        scalars,
                        structure,
                        Some(output),
                        structure_output,
                    )
                }
            })
        });
        started.map_err(|error| self.shared().explain(error))
    }
}
