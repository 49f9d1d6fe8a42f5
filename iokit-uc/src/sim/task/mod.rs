//! Tasks, and the requests that they send.

pub(super) mod external;
pub(crate) mod faulted;
mod interest;
mod map_memory;
pub(super) mod message;
mod notification_port;
mod open;
mod property;

use super::keys::{ObjectKey, PortKey, TaskKey};
use super::names::Right;
use super::queue::Queued;
use super::shared::{Locked, Shared};
use super::state::PortKind;
use crate::backend::{NULL, PortName};
use crate::error::{Call, Error, IoReturn, Result};
use crate::interface::Caller;
use std::fmt;
use std::sync::Arc;

/// A task of a [`Machine`](super::Machine): a process with a name table of its own.
///
/// Clones are handles on the same task, and keep its machine. The machine keeps its drivers, so none of them is freed
/// while one of them keeps a task.
#[derive(Clone)]
pub struct Task {
    pub(super) shared: Arc<Shared>,
    pub(super) key: TaskKey,
    pub(super) caller: Arc<Caller>,
}

impl PartialEq for Task {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl Eq for Task {}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("name", &self.caller.name).finish_non_exhaustive()
    }
}

impl Task {
    /// The task's credentials.
    pub fn caller(&self) -> Arc<Caller> {
        Arc::clone(&self.caller)
    }

    /// Tells this task from every other that exists at the same time, by the address of its machine and its own number.
    pub(crate) fn id(&self) -> (usize, usize) {
        (Arc::as_ptr(&self.shared).addr(), self.key.0)
    }

    /// The task exits: all its rights go back, and what only it had opened is closed (RC-10). Its calls fail from now
    /// on with `MACH_SEND_INVALID_DEST`. Those that run go on; the driver hears of the exit when they have returned.
    ///
    /// What it has mapped is out of the kernel's books at once. In this process it stays where it is until the last handle
    /// on the machine goes: code of the task's may still look at it.
    pub fn kill(&self) {
        let mut kernel = self.shared.lock();
        kernel.kill(self.key);
        // Before the lock goes: what is done when it does may wait for those who wait for this.
        self.shared.notify();
    }

    /// From now on the task can have `limit` port names at most, besides its own, as where a Mac's has as many as it may have: what
    /// it holds stays. `usize::MAX` is no limit.
    ///
    /// A port that it cannot be given any more is let go of. A call that was to bring one fails with `MACH_RCV_BODY_ERROR` and the bit
    /// `MACH_MSG_IPC_SPACE`, which is [`IoReturn::from_code`]`(0x1000600c)`; one that returns the name itself returns no port;
    /// `mach_port_allocate` fails with `KERN_NO_SPACE`, and a message that brings one is lost as it is received, with
    /// `MACH_RCV_BODY_ERROR` (P-2a).
    pub fn limit_port_names(&self, limit: usize) {
        self.shared.lock().names(self.key).limit(limit);
    }

    /// Sends a copy of a send right to another task, in a message, and returns its name there.
    /// `MACH_SEND_INVALID_RIGHT` for a connection, which cannot leave its task (P-4a), for a name without a send right,
    /// and for a task of another machine.
    pub fn send_right_to(&self, name: PortName, other: &Task) -> Result<PortName> {
        let call = Call::Function("mach_msg");
        let mut kernel = self.shared.lock();
        let port = match kernel.send_argument(self.key, name) {
            Ok(Some(port))
                if !kernel.ports[port].kind.is_connection() && Arc::ptr_eq(&self.shared, &other.shared) =>
            {
                port
            }
            _ => return Err(Error::new(call, IoReturn::MACH_SEND_INVALID_RIGHT)),
        };
        kernel.give_send(other.key, port).map_err(|code| Error::new(call, code))
    }

    /// The name of a send right to the host's main port, which `IOMainPort` gives.
    #[doc(hidden)]
    pub fn io_main_port(&self) -> PortName {
        let mut kernel = self.shared.lock();
        let main = kernel.main;
        kernel.give_send(self.key, main).unwrap_or(NULL)
    }

    /// How many send rights there are to the port that `name` denotes, in all tasks and in drivers' hands; 0 for any
    /// other name.
    pub fn send_rights(&self, name: PortName) -> u32 {
        let kernel = self.shared.lock();
        match kernel.task(self.key).names.get(name) {
            Some(Right::Port { port, .. }) => kernel.ports[port].senders,
            _ => 0,
        }
    }

    /// How many messages wait at the port that `name` is the receive right of.
    pub fn queued_messages(&self, name: PortName) -> usize {
        let kernel = self.shared.lock();
        match kernel.receive_argument(self.key, name) {
            Ok(Some(port)) => match kernel.ports[port].kind {
                PortKind::Queue(ref queue) => queue.messages.len(),
                _ => 0,
            },
            _ => 0,
        }
    }

    /// Waits until a message waits at the port that `name` is the receive right of.
    pub fn wait_for_message(&self, name: PortName) {
        let mut kernel = self.shared.lock();
        while let Ok(Some(port)) = kernel.receive_argument(self.key, name)
            && kernel.queue_at(port).is_some_and(|queue| queue.messages.is_empty())
        {
            (kernel, _) = kernel.wait_at(port, None);
        }
    }

    /// `mach_port_set_attributes` with `MACH_PORT_LIMITS_INFO`: how many messages a task can send to the port that `name` is
    /// the receive right of before one is received.
    #[doc(hidden)]
    pub fn set_queue_limit(&self, name: PortName, limit: usize) -> IoReturn {
        let mut kernel = self.shared.lock();
        let Ok(Some(port)) = kernel.receive_argument(self.key, name) else {
            return IoReturn::KERN_INVALID_RIGHT;
        };
        if let Some(queue) = kernel.queue_at(port) {
            queue.limit = limit;
            kernel.wake(port);
        }
        IoReturn::SUCCESS
    }

    /// Has `watcher` called whenever a message has come to the port that `name` is the receive right of, and at the
    /// port's end, for as long as it lives. It is to wait for nothing, and to make no calls of this kernel's.
    #[doc(hidden)]
    pub fn watch_messages(&self, name: PortName, watcher: &Arc<impl Fn() + Send + Sync + 'static>) {
        let mut kernel = self.shared.lock();
        if let Ok(Some(port)) = kernel.receive_argument(self.key, name)
            && let Some(queue) = kernel.queue_at(port)
        {
            let watcher = Arc::downgrade(watcher);
            queue.watchers.retain(|watcher| watcher.strong_count() > 0);
            queue.watchers.push(watcher);
        }
    }
}

impl Task {
    /// Sends a request to the port that `name` denotes: its answer is looked for under the lock.
    ///
    /// A port that a task receives from takes the message and never answers it: the caller waits until the port is
    /// gone (P-6a).
    #[inline]
    pub(super) fn send(&self, name: PortName) -> Result<Locked<'_>, IoReturn> {
        let kernel = self.shared.lock();
        let port = kernel.destination(self.key, name)?;
        match kernel.ports[port].kind {
            PortKind::Queue(_) => Err(self.wait_for_reply(kernel, port)),
            _ => Ok(kernel),
        }
    }

    #[cold]
    fn wait_for_reply(&self, mut kernel: Locked<'_>, port: PortKey) -> IoReturn {
        kernel.queue(port, Queued::request());
        while kernel.ports.contains_key(port) && kernel.task(self.key).alive {
            kernel = kernel.wait();
        }
        IoReturn::MIG_SERVER_DIED
    }

    pub(super) fn send_to_object(&self, name: PortName) -> Result<(Locked<'_>, ObjectKey), IoReturn> {
        let kernel = self.send(name)?;
        let object = kernel.object(self.key, name)?;
        Ok((kernel, object))
    }

    pub(super) fn send_to_entry(&self, name: PortName) -> Result<(Locked<'_>, ObjectKey), IoReturn> {
        let kernel = self.send(name)?;
        let entry = kernel.registry_entry(self.key, name)?;
        Ok((kernel, entry))
    }

    pub(super) fn send_to_main(&self, main_port: PortName) -> Result<Locked<'_>, IoReturn> {
        let kernel = if main_port == NULL { self.shared.lock() } else { self.send(main_port)? };
        kernel.main_port(self.key, main_port)?;
        Ok(kernel)
    }
}
