//! A driver that implements an annotated trait, as a user client.

use super::user_client::OpenRequest;
use super::{
    Arguments, Checks, Driver, EntryId, Interface, Legacy, Memory, OnClose, QueueBell, SendRight, Table,
    UserClient,
};
use crate::error::{IoReturn, Result};
use crate::memory::{MapOptions, MemoryDescriptor};
use crate::value::Value;
use std::marker::PhantomData;
use std::sync::Arc;

/// A function of a dispatch table: takes a call apart, runs the driver's method, and writes the answer.
pub type Function<T> = fn(&Arc<T>, &mut Arguments<'_>) -> Result<()>;

/// What the macro knows about a trait that `T` implements. Implemented by the generated client, which stands for the
/// interface.
pub trait Serves<T: 'static> {
    /// The trait as data.
    const INTERFACE: &'static Interface;
    /// One function for each of the interface's methods, in the same order.
    const FUNCTIONS: &'static [Function<T>];
    /// One function for each of the interface's memory and queues, in the same order.
    const MEMORY: &'static [MemoryFunction<T>] = &[];
}

/// Asks the driver's method for its memory.
pub type MemoryFunction<T> = fn(&Arc<T>) -> Result<ClientMemory>;

/// What a driver's method says of its memory.
#[derive(Debug)]
pub struct ClientMemory {
    /// The memory.
    pub descriptor: MemoryDescriptor,
    /// How tasks may map it.
    pub options: MapOptions,
    /// Who is told of entries, if it is a data queue.
    pub bell: Option<Arc<QueueBell>>,
}

/// The user client of a driver that implements an annotated trait. `{Trait}Server<T>` is its name for one trait.
///
/// It checks what comes in with the dispatch table that the trait describes, and terminates when its task closes it,
/// as most drivers do (OC-14). As a [`Driver`] it gives every connection a user client over the same `T`; for state of
/// each connection's own, publish a closure that makes a server instead:
///
/// ```
/// # #[cfg(feature = "sim")] {
/// use iokit_uc::sim::{Machine, Nub};
/// use iokit_uc::{Result, user_client};
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// #[user_client(service = "com_example_Counter")]
/// trait Counter {
///     /// How often this connection has called.
///     #[uc(selector = 0)]
///     fn count(&self) -> Result<u32>;
/// }
///
/// #[derive(Default)]
/// struct PerConnection {
///     calls: AtomicU32,
/// }
///
/// impl Counter for PerConnection {
///     fn count(&self) -> Result<u32> {
///         Ok(self.calls.fetch_add(1, Ordering::Relaxed) + 1)
///     }
/// }
///
/// let machine = Machine::new();
/// machine.publish(
///     Nub::new("com_example_Counter").user_client(|_| Ok(CounterServer::new(PerConnection::default()))),
/// );
///
/// let kernel = machine.task("client").kernel();
/// let (first, second) = (CounterClient::open_first(&kernel)?, CounterClient::open_first(&kernel)?);
/// assert_eq!((first.count()?, first.count()?, second.count()?), (1, 2, 1));
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
pub struct Server<I, T> {
    driver: Arc<T>,
    on_close: Option<Hook<T>>,
    on_terminate: Option<Hook<T>>,
    on_stop: Option<Hook<T>>,
    service: Option<EntryId>,
    closing: OnClose,
    class: &'static [&'static str],
    interface: PhantomData<fn() -> I>,
}

type Hook<T> = Arc<dyn Fn(&T) + Send + Sync>;

impl<I, T> Clone for Server<I, T> {
    fn clone(&self) -> Self {
        Self {
            driver: Arc::clone(&self.driver),
            on_close: self.on_close.clone(),
            on_terminate: self.on_terminate.clone(),
            on_stop: self.on_stop.clone(),
            service: self.service,
            closing: self.closing,
            class: self.class,
            interface: PhantomData,
        }
    }
}

impl<I, T> std::fmt::Debug for Server<I, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("interface", &std::any::type_name::<I>()).finish_non_exhaustive()
    }
}

impl<I: Serves<T>, T: Send + Sync + 'static> Server<I, T> {
    /// Serves `driver`.
    pub fn new(driver: T) -> Self {
        Self::shared(Arc::new(driver))
    }

    /// Serves a driver that others hold too.
    pub fn shared(driver: Arc<T>) -> Self {
        let class: &[&str] = match I::INTERFACE.table {
            Table::Dispatch2022 => &["IOUserClient2022", "IOUserClient"],
            Table::Classic | Table::Legacy => &["IOUserClient"],
        };
        Self {
            driver,
            on_close: None,
            on_terminate: None,
            on_stop: None,
            service: None,
            closing: OnClose::Terminate,
            class,
            interface: PhantomData,
        }
    }

    /// Runs `on_close` when the task has closed the connection or died (`clientClose`). A connection whose service is
    /// terminated is not closed (TERM-7): see [`on_stop`](Self::on_stop).
    #[must_use]
    pub fn on_close(mut self, on_close: impl Fn(&T) + Send + Sync + 'static) -> Self {
        self.on_close = Some(Arc::new(on_close));
        self
    }

    /// Runs `on_terminate` when the service is going away (`willTerminate`), while external methods may still run: the
    /// time to wake those that wait for the hardware.
    #[must_use]
    pub fn on_terminate(mut self, on_terminate: impl Fn(&T) + Send + Sync + 'static) -> Self {
        self.on_terminate = Some(Arc::new(on_terminate));
        self
    }

    /// Runs `on_stop` when the user client is detached from its service (`stop`): the last that it hears, whether it was
    /// closed or terminated.
    #[must_use]
    pub fn on_stop(mut self, on_stop: impl Fn(&T) + Send + Sync + 'static) -> Self {
        self.on_stop = Some(Arc::new(on_stop));
        self
    }

    /// Names the service that `IOConnectGetService` gives (`getService`).
    #[must_use]
    pub fn service(mut self, service: EntryId) -> Self {
        self.service = Some(service);
        self
    }

    /// Keeps the user client alive after a close, for as long as a task has a name for it (OC-13).
    #[must_use]
    pub fn stay_after_close(mut self) -> Self {
        self.closing = OnClose::Stay;
        self
    }

    /// Names the class of the user client and its superclasses, most derived first, up to `IOUserClient` or
    /// `IOUserClient2022`.
    #[must_use]
    pub fn class_path(mut self, class: &'static [&'static str]) -> Self {
        self.class = class;
        self
    }

    /// The driver.
    pub fn driver(&self) -> &Arc<T> {
        &self.driver
    }
}

impl<I, T> UserClient for Server<I, T>
where
    I: Serves<T> + 'static,
    T: Send + Sync + 'static,
{
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        let interface = I::INTERFACE;
        let position = interface.position(selector);
        if interface.table == Table::Legacy {
            return self.legacy(position, arguments);
        }
        // A selector that the trait skips is a record of zeros in the driver's table, without a function.
        let unused = Checks::default();
        let checks = match position {
            Some(index) => &interface.methods[index].checks,
            None if u64::from(selector) < interface.table_length() => &unused,
            None => return Err(IoReturn::BAD_ARGUMENT.into()),
        };
        match interface.table {
            Table::Dispatch2022 => checks.check_2022(arguments)?,
            _ => checks.check_counts(arguments)?,
        }
        let index = position.ok_or(IoReturn::NO_COMPLETION)?;
        // The caller would wait for completions in vain.
        if interface.methods[index].completion.is_some() && !arguments.is_async() {
            return Err(IoReturn::BAD_ARGUMENT.into());
        }
        I::FUNCTIONS[index](&self.driver, arguments)
    }

    fn class(&self) -> &'static [&'static str] {
        self.class
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        let Interface { locking, entitlement, table, .. } = *I::INTERFACE;
        let mut properties = vec![
            ("IOUserClientDefaultLocking", locking.default.into()),
            ("IOUserClientDefaultLockingSetProperties", locking.set_properties.into()),
            ("IOUserClientDefaultLockingSingleThreadExternalMethod", locking.single_thread.into()),
        ];
        match entitlement {
            Some(entitlement) => properties.push(("IOUserClientEntitlements", entitlement.into())),
            // A client of the 2022 kind must say that it asks for none.
            None if table == Table::Dispatch2022 => {
                properties.push(("IOUserClientEntitlements", false.into()))
            }
            None => {}
        }
        properties
    }

    fn client_close(&self) -> OnClose {
        self.run(&self.on_close);
        self.closing
    }

    fn get_service(&self) -> Option<EntryId> {
        self.service
    }

    /// The port type is the queue's memory type; there is nothing to do with the reference (DQ-10).
    fn register_notification_port(&self, port: Option<SendRight>, port_type: u32, _: u64) -> Result<()> {
        if !I::INTERFACE.memory.iter().any(Memory::is_queue) {
            return Err(IoReturn::UNSUPPORTED.into());
        }
        let asked = self.memory(port_type).unwrap_or(Err(IoReturn::BAD_ARGUMENT.into()))?;
        asked.bell.ok_or(IoReturn::BAD_ARGUMENT)?.set_port(port);
        Ok(())
    }

    fn client_memory_for_type(
        &self,
        memory_type: u32,
        options: &mut MapOptions,
        memory: &mut Option<MemoryDescriptor>,
    ) -> Result<()> {
        let asked = self.memory(memory_type).unwrap_or(Err(IoReturn::UNSUPPORTED.into()))?;
        (*options, *memory) = (asked.options, Some(asked.descriptor));
        Ok(())
    }

    fn will_terminate(&self, _: EntryId) {
        self.run(&self.on_terminate);
    }

    fn stop(&self, _: EntryId) {
        self.run(&self.on_stop);
    }
}

impl<I: Serves<T>, T: 'static> Server<I, T> {
    fn run(&self, hook: &Option<Hook<T>>) {
        if let Some(hook) = hook {
            hook(&self.driver);
        }
    }

    /// Asks the driver for its memory of a type, if the trait has any.
    fn memory(&self, memory_type: u32) -> Option<Result<ClientMemory>> {
        let function = I::MEMORY.get(I::INTERFACE.memory_position(memory_type)?)?;
        Some(function(&self.driver))
    }

    fn legacy(&self, position: Option<usize>, arguments: &mut Arguments<'_>) -> Result<()> {
        let record = position.and_then(|index| {
            let (flags, count0, count1) = I::INTERFACE.methods[index].checks.legacy()?;
            Some(Legacy { flags, count0, count1, function: I::FUNCTIONS[index] })
        });
        // No method of such a trait is asynchronous, so the table for asynchronous calls is empty.
        let asynchronous = arguments.is_async();
        match record {
            _ if arguments.has_descriptor() => Err(IoReturn::IPC_ERROR.into()),
            Some(record) if !asynchronous => record.run(&self.driver, arguments),
            _ => Err(IoReturn::UNSUPPORTED.into()),
        }
    }
}

impl<I, T> Driver for Server<I, T>
where
    I: Serves<T> + 'static,
    T: Send + Sync + 'static,
{
    fn new_user_client(&self, _: &OpenRequest<'_>, client: &mut Option<Arc<dyn UserClient>>) -> Result<()> {
        *client = Some(Arc::new(self.clone()));
        Ok(())
    }
}
