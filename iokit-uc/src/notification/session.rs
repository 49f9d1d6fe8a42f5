//! What a connection has of a notification port.

use super::interest::{Interest, InterestNotification, is_gone};
use super::port::Port;
use super::queue::QueueId;
use super::queue_watch::QueueWatch;
use super::slot::Completes;
use super::thread::Background;
use crate::backend::PortName;
use crate::completion::{End, Inbox, Receiver, Token};
use crate::error::{Call, Error, IoReturn, Result};
use crate::service::Service;
use crate::spans::Waiting;
use std::sync::Arc;

/// A connection at a port. Its calls end with it.
#[derive(Debug)]
pub(crate) struct Session {
    port: Arc<Port>,
    token: Token,
    /// For the default port. The thread that receives goes last.
    _background: Option<Arc<Background>>,
}

const CLOSED: End = End { code: IoReturn::ABORTED, reason: "the connection was closed" };

impl Session {
    /// `service` is what the connection was opened on, if that is known: its termination ends the session's calls.
    pub(super) fn new(
        port: Arc<Port>,
        background: Option<Arc<Background>>,
        service: Option<&Service>,
    ) -> Result<Self> {
        // It is in the table before it is made: the service's end may be told before the kernel has answered.
        let interest = Arc::<InterestNotification>::default();
        let token = port.add_session(Arc::clone(&interest));
        let session = Self { port, token, _background: background };
        // A port that receives nothing any more refuses every call.
        if let (Some(service), Ok(right)) = (service, session.port.right()) {
            let made = Interest::General
                .span(service)
                .attempt(|| interest.make(&right, service, Interest::General, token));
            match made {
                Ok(()) => {}
                Err(error) if is_gone(error.code()) => session.port.terminated(token),
                Err(error) => return Err(error),
            }
        }
        Ok(session)
    }

    pub(crate) fn port(&self) -> &Arc<Port> {
        &self.port
    }

    /// Has a data queue's driver send its notifications here.
    pub(crate) fn watch_queue(&self, call: Call, id: QueueId) -> Result<QueueWatch> {
        QueueWatch::new(&self.port, self.token, call, id)
    }

    /// Makes a call by `send`, to which it gives the wake port and the reference. An error is the call's own.
    ///
    /// The call is in the table before it is made: its completion may be there before its answer (AS-5).
    pub(crate) fn start(
        &self,
        call: Call,
        completes: Completes,
        span: Waiting,
        send: impl FnOnce(PortName, &[u64]) -> IoReturn,
    ) -> Result<Receiver> {
        let inbox = Arc::<Inbox>::default();
        let registered = self
            .port
            .add_call(self.token, completes, Arc::clone(&inbox), span)
            .map_err(|end| end.error(call))?;
        let token = registered.token;
        let receiver = Receiver::new(call, inbox, Arc::clone(&self.port) as _, token);
        let code = send(registered.right.name(), &[0, token.generation as u64, token.index as u64]);
        if !code.is_success() {
            return Err(Error::new(call, code));
        }
        if let Some(end) = registered.ended {
            self.port.end_call(token, end);
        }
        Ok(receiver)
    }

    /// The connection is closed: its calls end, and those that are made from now on.
    pub(crate) fn end(&self) {
        self.port.end_session(self.token, CLOSED);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // First no message comes any more: the notification goes with its place in the table.
        self.port.remove(self.token);
        self.port.end_session(self.token, CLOSED);
    }
}
