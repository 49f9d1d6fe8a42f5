//! What stands behind a connection, and what makes it when a task opens a service.

use super::{Arguments, Caller, MessageArgument, MessageType, SendRight};
use crate::error::{IoReturn, Result};
use crate::memory::{MapOptions, MemoryDescriptor};
use crate::value::Value;
use std::any::Any;
use std::sync::Arc;

/// `IORegistryEntryID`: the number of an entry of the registry, unique in one kernel while that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(
    /// The number.
    pub u64,
);

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// `IOUserClient`: the driver's end of a connection.
///
/// The kernel may run [`external_method`](Self::external_method) on several threads at once. A panic in any of these
/// functions ends the call with `kIOReturnInternalError` and harms nothing else.
pub trait UserClient: Any + Send + Sync {
    /// `externalMethod`: answers one call.
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()>;

    /// `getExternalTrapForIndex` and the trap itself. `None` if there is no such trap, which the caller sees as
    /// success (EM-32).
    fn external_trap(&self, index: u32, parameters: [usize; 6]) -> Option<Result<()>> {
        let _ = (index, parameters);
        None
    }

    /// The class of the user client and its superclasses, most derived first, up to `IOUserClient` or `IOUserClient2022`.
    fn class(&self) -> &'static [&'static str] {
        &["IOUserClient"]
    }

    /// Properties that the user client sets on itself before it is opened: its locking policy (OC-4), the
    /// entitlement it asks for (OC-5), or any other.
    fn properties(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// `initWithTask`: false refuses the open with `kIOReturnBadArgument` (OC-2).
    fn init_with_task(&self, request: &OpenRequest<'_>) -> bool {
        let _ = request;
        true
    }

    /// `start`: false refuses the open with `kIOReturnUnsupported` (OC-2).
    fn start(&self, provider: EntryId) -> bool {
        let _ = provider;
        true
    }

    /// `clientClose`: the task has closed its connection (OC-10). By default nothing happens and the user client goes
    /// on answering (OC-13); most drivers terminate here (OC-14).
    fn client_close(&self) -> OnClose {
        OnClose::Stay
    }

    /// `clientDied`: the last send right is gone (OC-11). `closed` tells whether `clientClose` has run; by default it
    /// runs now if it has not.
    fn client_died(&self, closed: bool) -> OnClose {
        if closed { OnClose::Stay } else { self.client_close() }
    }

    /// `getService`: the service that `IOConnectGetService` gives; by default none, `kIOReturnUnsupported` (OC-16).
    fn get_service(&self) -> Option<EntryId> {
        None
    }

    /// `setProperties`: takes what a task gives the connection to set (OC-19); `kIOReturnUnsupported` by default.
    #[doc(alias = "IOConnectSetCFProperties")]
    fn set_properties(&self, caller: &Caller, properties: &Value) -> Result<()> {
        let _ = (caller, properties);
        Err(IoReturn::UNSUPPORTED.into())
    }

    /// `connectClient`: `IOConnectAddClient` names a second user client; by default `kIOReturnUnsupported` (OC-17).
    fn connect_client(&self, client: &Arc<dyn UserClient>) -> Result<()> {
        let _ = client;
        Err(IoReturn::UNSUPPORTED.into())
    }

    /// `registerNotificationPort`: `IOConnectSetNotificationPort` gives the driver a send right to a port of the task's, or
    /// none, and a number to go with it (OC-18). The right is the driver's to keep if it returns success. By default
    /// `kIOReturnUnsupported`.
    #[doc(alias = "IOConnectSetNotificationPort")]
    fn register_notification_port(
        &self,
        port: Option<SendRight>,
        port_type: u32,
        reference: u64,
    ) -> Result<()> {
        let _ = (port, port_type, reference);
        Err(IoReturn::UNSUPPORTED.into())
    }

    /// `clientMemoryForType`: the memory behind a number, and how tasks may map it. It is asked at every map, and again at
    /// every unmap (MEM-8): whoever answers with another descriptor each time maps what nothing can unmap (MEM-7).
    ///
    /// The task hears of no error but `kIOReturnBadArgument` (MEM-1). By default `kIOReturnUnsupported`.
    #[doc(alias = "IOConnectMapMemory")]
    fn client_memory_for_type(
        &self,
        memory_type: u32,
        options: &mut MapOptions,
        memory: &mut Option<MemoryDescriptor>,
    ) -> Result<()> {
        let _ = (memory_type, options, memory);
        Err(IoReturn::UNSUPPORTED.into())
    }

    /// `message`: the provider tells its clients something (NT-16), or asks the one that has it open to close it
    /// (TERM-12). By default `kIOReturnUnsupported`, which is how a client keeps its provider open.
    fn message(&self, message: MessageType, provider: EntryId, argument: MessageArgument<'_>) -> Result<()> {
        let _ = (message, provider, argument);
        Err(IoReturn::UNSUPPORTED.into())
    }

    /// `willTerminate`: the provider is going away.
    fn will_terminate(&self, provider: EntryId) {
        let _ = provider;
    }

    /// `didTerminate`: everything above the provider has been told. A user client that has the provider open is then
    /// asked to close it, and is stopped when it has, at once or later (TERM-9). One that sets `defer` is not asked: it
    /// has something to finish first, and closes the provider when that is done.
    fn did_terminate(&self, provider: EntryId, defer: &mut bool) {
        let _ = (provider, defer);
    }

    /// `stop`: the user client is detached from its provider next.
    fn stop(&self, provider: EntryId) {
        let _ = provider;
    }

    /// `finalize`: nothing uses the user client any more.
    fn finalize(&self) {}
}

/// What a user client does when its task has closed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnClose {
    /// It terminates itself, so that every name the task still has for it dies.
    Terminate,
    /// It stays, and goes on answering whoever still has a name for it.
    Stay,
}

/// One `IOServiceOpen`, as the service's driver sees it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OpenRequest<'a> {
    /// The task that opens.
    pub caller: &'a Caller,
    /// `type`, which means what the driver wants it to mean.
    pub connection_type: u32,
    /// The service that is opened.
    pub provider: EntryId,
}

#[cfg(feature = "sim")]
impl<'a> OpenRequest<'a> {
    pub(crate) fn new(caller: &'a Caller, connection_type: u32, provider: EntryId) -> Self {
        Self { caller, connection_type, provider }
    }
}

/// `IOService::newUserClient`: makes the user client when a task opens the service.
///
/// Implemented for closures, which make one user client a connection, and for [`Server`](super::Server), whose
/// connections share one driver.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not make user clients",
    label = "neither a server nor a closure that makes user clients",
    note = "a driver that implements an annotated trait is served by `{{Trait}}Server::new(…)`",
    note = "the driver must be `Send`, `Sync` and `'static`: the kernel calls it from any thread"
)]
pub trait Driver: Send + Sync + 'static {
    /// Makes the user client and leaves it in `client`. One instance can be handed out for several opens of one service:
    /// it is one user client with one port then. The kernel passes an error on as it is (OC-1), and sees
    /// success without a user client as `kIOReturnError`.
    fn new_user_client(
        &self,
        request: &OpenRequest<'_>,
        client: &mut Option<Arc<dyn UserClient>>,
    ) -> Result<()>;
}

impl<F, U> Driver for F
where
    F: Fn(&OpenRequest<'_>) -> Result<U> + Send + Sync + 'static,
    U: UserClient,
{
    fn new_user_client(
        &self,
        request: &OpenRequest<'_>,
        client: &mut Option<Arc<dyn UserClient>>,
    ) -> Result<()> {
        *client = Some(Arc::new(self(request)?));
        Ok(())
    }
}

/// Options of `IOService::terminate` (TERM-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TerminateOptions {
    /// `kIOServiceSynchronous`: wait until the service is no longer busy, 15 seconds at most.
    pub synchronous: bool,
}

/// The code that a driver's result stands for. An error that says success is a driver's mistake, and none of the
/// caller's.
#[cfg(feature = "sim")]
pub(crate) fn code_of(result: Result<()>) -> IoReturn {
    match result.map_err(|error| error.code()) {
        Ok(()) => IoReturn::SUCCESS,
        Err(IoReturn::SUCCESS) => IoReturn::INTERNAL_ERROR,
        Err(code) => code,
    }
}
