//! What the kernel has been asked to tell of, and where it tells it.

use super::interest::{self, Interest, InterestMessage, InterestWatch};
use super::port::Port;
use super::right::Right;
use super::services::{self, ServiceEvent, ServiceNotification, ServiceWatch};
use super::slot::Slot;
use super::thread::Background;
use crate::completion::{Inbox, Token, Wake};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::Kernel;
use crate::service::Service;
use crate::value::Value;
use std::sync::Arc;

/// A port to be told at.
#[derive(Clone, Debug)]
pub(super) struct At {
    port: Arc<Port>,
    /// For the library's own port.
    _background: Option<Arc<Background>>,
}

impl At {
    /// A port of the program's.
    pub(super) fn port(port: &Arc<Port>) -> Self {
        Self { port: Arc::clone(port), _background: None }
    }

    /// The library's own port of `kernel`.
    pub(super) fn background(kernel: &Kernel) -> Result<Self> {
        let background = Background::of(kernel)?;
        Ok(Self { port: Arc::clone(background.port()), _background: Some(background) })
    }

    /// `IOServiceAddMatchingNotification`: what there is already is in the inbox on return. If there was any, whoever waits
    /// at the inbox has yet to be woken.
    pub(super) fn services(
        &self,
        kind: ServiceNotification,
        matching: &Value,
        inbox: &Arc<Inbox<ServiceEvent>>,
    ) -> Result<(Registration, Option<Wake>)> {
        let watch = Arc::new(ServiceWatch::new(inbox, kind));
        let (registration, right) = self.register(services::CALL, Slot::Services(Arc::clone(&watch)))?;
        let wake = kind
            .span(matching)
            .attempt(|| watch.begin(&self.port.kernel, &right, matching, registration.token))?;
        Ok((registration, wake))
    }

    /// `IOServiceAddInterestNotification`
    pub(super) fn interest(
        &self,
        service: &Service,
        kind: Interest,
        inbox: &Arc<Inbox<InterestMessage>>,
    ) -> Result<(Registration, Option<Wake>)> {
        if *service.kernel() != self.port.kernel {
            let detail = Detail::Text("the port belongs to another task".into());
            return Err(Error::new(interest::CALL, IoReturn::BAD_ARGUMENT).with_detail(detail));
        }
        let watch = Arc::new(InterestWatch::new(inbox, service, kind));
        let (registration, right) = self.register(interest::CALL, Slot::Interest(Arc::clone(&watch)))?;
        kind.span(service).attempt(|| watch.begin(&right, registration.token))?;
        Ok((registration, None))
    }

    /// Something that messages are for, from now on until the registration is dropped.
    ///
    /// It is in the table before the kernel knows of it: the first message may be there before the kernel has answered.
    fn register(&self, call: Call, slot: Slot) -> Result<(Registration, Arc<Right>)> {
        let (token, right) = self.port.add(slot).map_err(|end| end.error(call))?;
        Ok((Registration { at: self.clone(), token }, right))
    }
}

/// A place in the table of a port. The kernel's object goes with it.
#[derive(Debug)]
pub(super) struct Registration {
    // The thread that receives from the port goes with it, last.
    at: At,
    token: Token,
}

impl Registration {
    /// Has `wake` be woken by whoever receives from the port.
    pub(super) fn put_off(&self, wake: Wake) {
        self.at.port.put_off(wake);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.at.port.remove(self.token);
    }
}
