//! Notification ports: receive rights of the library's, with what serves them (AS-14).

use crate::abi::*;
use crate::callout;
use crate::mach_message;
use crate::machine::running;
use crate::ownership::{consumed_right, returned_right};
use darwin_calls::misuse;
use darwin_core_foundation::run_loop::{self, Delivery};
use darwin_libsystem::dispatch;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, NotificationPortRef};
use std::collections::HashMap;
use std::ptr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

pub(crate) struct NotificationPort {
    port: NotificationPortRef,
    name: mach_port_t,
    served: Mutex<Served>,
}

/// What receives from a port.
#[derive(Default)]
struct Served {
    run_loops: Option<ByRunLoops>,
    queue: Option<Arc<dispatch::Source>>,
}

struct ByRunLoops {
    source: Arc<run_loop::Source>,
    /// Has the source look for messages when one comes.
    _watch: darwin_libsystem::mach::Watch,
}

/// Messages for run loops.
struct Messages(mach_port_t);

impl run_loop::Port for Messages {
    fn receive(&self) -> Option<Delivery> {
        let mut received = mach_message::receive(self.0, usize::MAX).ok()?;
        // SAFETY: a message of the kernel's, with its trailer, in memory of its own.
        Some(Box::new(move || unsafe { callout::dispatch(received.memory.as_mut_ptr().cast()) }))
    }
}

/// The most bytes that a queue receives with a message: the rest of the buffer is for the trailer.
const QUEUE_LIMIT: usize = 8192 - mach_message::TRAILER_SIZE;

/// The ports that there are, by the pointers that stand for them. Nothing is ever mapped there.
static PORTS: LazyLock<Mutex<Ports>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Ports {
    alive: HashMap<usize, Arc<NotificationPort>>,
    made: usize,
}

const FIRST: usize = 0x6100_0000_0000;

fn ports() -> MutexGuard<'static, Ports> {
    PORTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The port that the program means.
pub(crate) fn find(notify: IONotificationPortRef) -> Arc<NotificationPort> {
    let found = {
        let ports = ports();
        let was_made = (FIRST..FIRST + 16 * ports.made).contains(&notify.addr());
        ports.alive.get(&notify.addr()).cloned().ok_or(was_made)
    };
    found.unwrap_or_else(|was_made| match was_made {
        true => misuse(format_args!("{notify:p} was a notification port, and has been destroyed")),
        false => misuse(format_args!("{notify:p} is no notification port")),
    })
}

impl NotificationPort {
    /// The machine's own.
    pub(crate) fn reference(&self) -> NotificationPortRef {
        self.port
    }

    fn served(&self) -> MutexGuard<'_, Served> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is the one that `notify` stands for still.
    fn is_alive(&self) -> bool {
        ports().alive.values().any(|port| ptr::eq(&raw const **port, self))
    }

    /// Calls what all messages that wait are for, on a queue.
    fn drain(&self) {
        // What is called may destroy the port.
        while self.is_alive() {
            match mach_message::receive(self.name, QUEUE_LIMIT) {
                // SAFETY: a message of the kernel's, with its trailer, in memory of its own.
                Ok(mut received) => unsafe { callout::dispatch(received.memory.as_mut_ptr().cast()) },
                Err(IoReturn::MACH_RCV_TOO_LARGE) => {}
                Err(_) => break,
            }
        }
    }
}

impl Drop for NotificationPort {
    fn drop(&mut self) {
        let Served { run_loops, queue } =
            std::mem::take(self.served.get_mut().unwrap_or_else(PoisonError::into_inner));
        if let Some(run_loops) = run_loops {
            run_loops.source.invalidate();
        }
        if let Some(queue) = queue {
            queue.cancel();
        }
    }
}

/// The machine has ended, and its ports with it.
pub(crate) fn forget_all() {
    let forgotten = std::mem::take(&mut ports().alive);
    drop(forgotten);
}

pub(crate) fn IONotificationPortCreate(main_port: mach_port_t) -> IONotificationPortRef {
    let running = running();
    let Some(port) = running.task().io_notification_port_create(main_port) else { return ptr::null_mut() };
    // SAFETY: it has just been made.
    let name = unsafe { running.task().io_notification_port_get_mach_port(port) };
    returned_right(name);
    let mut ports = ports();
    let address = FIRST + 16 * ports.made;
    ports.made += 1;
    ports.alive.insert(address, Arc::new(NotificationPort { port, name, served: Mutex::default() }));
    ptr::without_provenance_mut(address)
}

pub(crate) fn IONotificationPortDestroy(notify: IONotificationPortRef) {
    let port = find(notify);
    ports().alive.remove(&notify.addr());
    // SAFETY: it was made by the machine, and nobody finds it any more.
    unsafe { running().task().io_notification_port_destroy(port.port) };
    consumed_right(port.name);
}

pub(crate) fn IONotificationPortGetRunLoopSource(notify: IONotificationPortRef) -> CFRunLoopSourceRef {
    let port = find(notify);
    let mut served = port.served();
    let run_loops = served.run_loops.get_or_insert_with(|| {
        let source = Arc::new(run_loop::Source::new(0, Arc::new(Messages(port.name))));
        let waiting = Arc::downgrade(&source);
        let arrived = move || {
            if let Some(source) = waiting.upgrade() {
                source.arrived();
            }
        };
        let watch = darwin_libsystem::mach::ports().watch(port.name, Box::new(arrived));
        ByRunLoops { source, _watch: watch }
    });
    run_loops.source.reference()
}

pub(crate) fn IONotificationPortGetMachPort(notify: IONotificationPortRef) -> mach_port_t {
    find(notify).name
}

/// There are no priorities.
pub(crate) fn IONotificationPortSetImportanceReceiver(notify: IONotificationPortRef) -> kern_return_t {
    find(notify);
    IoReturn::SUCCESS.raw()
}

pub(crate) fn IONotificationPortSetDispatchQueue(notify: IONotificationPortRef, queue: dispatch_queue_t) {
    let port = find(notify);
    let queue = (!queue.is_null()).then(|| {
        let drained = Arc::downgrade(&port);
        dispatch::Source::new(port.name, dispatch::queue(queue), move || {
            if let Some(port) = drained.upgrade() {
                port.drain();
            }
        })
    });
    let before = std::mem::replace(&mut port.served().queue, queue);
    if let Some(before) = before {
        before.cancel();
    }
}
