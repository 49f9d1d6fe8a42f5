//! The two ends of a queue: whom its entries are told to, and by whom one is told of them.

use crate::completion::End;
use crate::connection::{Connection, Shared};
use crate::error::{Call, Result};
use crate::interface::QueueBell;
use crate::mapping::Mapping;
use crate::memory::MemoryDescriptor;
use crate::memory::queue::Waiter;
use crate::notification::{Listener, QueueId, QueueWatch};
use std::ops::Deref;
use std::sync::Arc;

/// Which end of a queue a handle is.
pub(super) enum Side {
    Driver(DriverEnd),
    Task(TaskEnd),
}

/// A handle of the driver's own, with no kernel between it and others of them.
pub(super) struct DriverEnd {
    pub(super) descriptor: MemoryDescriptor,
    pub(super) bell: Arc<QueueBell>,
    waiter: Option<Arc<Waiter>>,
}

impl DriverEnd {
    pub(super) fn new(descriptor: MemoryDescriptor, bell: Arc<QueueBell>) -> Self {
        bell.add_handle();
        Self { descriptor, bell, waiter: None }
    }

    pub(super) fn share(&self) -> Self {
        Self::new(self.descriptor.clone(), Arc::clone(&self.bell))
    }
}

impl Drop for DriverEnd {
    fn drop(&mut self) {
        self.bell.remove_handle();
    }
}

/// A task's.
pub(super) struct TaskEnd {
    // In this order: the mapping keeps the connection's name what it is.
    watch: Option<QueueWatch>,
    mapping: Mapping<[u8]>,
    connection: Arc<Shared>,
    memory_type: u32,
}

impl TaskEnd {
    pub(super) fn new(connection: &Connection, mapping: Mapping<[u8]>, memory_type: u32) -> Self {
        Self { watch: None, mapping, connection: Arc::clone(connection.shared()), memory_type }
    }

    pub(super) fn mapping(&self) -> &Mapping<[u8]> {
        &self.mapping
    }

    fn watch(&self, call: Call) -> Result<QueueWatch> {
        let id = QueueId { connect: self.connection.name(), memory_type: self.memory_type };
        let session = self.connection.session().map_err(|error| error.at(call))?;
        session.watch_queue(call, id).map_err(|error| self.connection.explain(error))
    }
}

/// How one hears of entries.
pub(super) enum Listening {
    Bell(Arc<Waiter>),
    Port(Arc<Listener>),
}

impl Deref for Listening {
    type Target = Waiter;

    fn deref(&self) -> &Waiter {
        match self {
            Self::Bell(waiter) => waiter,
            Self::Port(listener) => listener.waiter(),
        }
    }
}

impl Side {
    /// Has been listening since, or begins to. The task's end gives the driver a port at the first time; an error is the
    /// driver's.
    pub(super) fn listen(&mut self, call: Call) -> Result<Listening> {
        Ok(match self {
            Self::Driver(driver) => {
                Listening::Bell(Arc::clone(driver.waiter.get_or_insert_with(|| driver.bell.add_waiter())))
            }
            Self::Task(task) => {
                let watch = match task.watch.take() {
                    Some(watch) => watch,
                    None => task.watch(call)?,
                };
                Listening::Port(Arc::clone(task.watch.insert(watch).listener()))
            }
        })
    }

    /// Whether nothing more is told, and the reason if there is one to give. Everything that was told before is in the queue
    /// when this says so.
    pub(super) fn ended(&self) -> Option<Option<End>> {
        match self {
            Self::Driver(driver) => driver.bell.is_last_handle().then_some(None),
            Self::Task(task) => task.watch.as_ref()?.listener().ended().map(Some),
        }
    }
}
