//! The thread that receives where a program does not.
//!
//! There is one for each kernel, from the first asynchronous call or notification on a port that is nobody's own to the end
//! of the last connection that made one, and of the last notification.
//!
//! Whoever ends the last of them waits for the thread's end, so that nothing is left of it, but not for ever: the thread
//! may run code of the user's, a waker for one, and that may wait for what the other holds. It may be the other, for a
//! waker can drop a connection. So the thread says when it runs such code, and asks before; told to stop, it begins none. If
//! what it runs has not returned in a while, it is left to end by itself, as it does when that returns.

use super::port::Port;
use crate::completion::End;
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::{Kernel, KernelId};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The default port of a kernel, and the thread that receives from it.
#[derive(Debug)]
pub(crate) struct Background {
    port: Arc<Port>,
    turn: Arc<Turn>,
    /// In a mutex for the sake of `RefUnwindSafe`.
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Weak: a port and its thread are there for as long as somebody uses them. Another kernel's is not even looked at: who
/// does may be left with the last handle on it.
static BACKGROUNDS: Mutex<Vec<(KernelId, Weak<Background>)>> = Mutex::new(Vec::new());

impl Background {
    /// The one of `kernel`, made if there is none.
    pub(super) fn of(kernel: &Kernel) -> Result<Arc<Self>> {
        let id = kernel.id();
        let mut backgrounds = BACKGROUNDS.lock().unwrap_or_else(PoisonError::into_inner);
        backgrounds.retain(|(_, background)| background.strong_count() > 0);
        let mut known = backgrounds.iter().filter(|(its, _)| *its == id);
        if let Some(background) = known.find_map(|(_, background)| background.upgrade()) {
            return Ok(background);
        }
        let background = Arc::new(Self::start(kernel)?);
        backgrounds.push((id, Arc::downgrade(&background)));
        Ok(background)
    }

    fn start(kernel: &Kernel) -> Result<Self> {
        let port = Arc::new(Port::new(kernel)?);
        let turn = Arc::new(Turn::default());
        let thread = thread::Builder::new().name("iokit-uc notifications".into()).spawn({
            let (port, turn) = (Arc::clone(&port), Arc::clone(&turn));
            move || run(&port, &turn)
        });
        let thread = thread.map_err(|error| {
            Error::new(Call::Function("pthread_create"), IoReturn::NO_RESOURCES)
                .with_detail(Detail::Text(error.to_string().into()))
        })?;
        Ok(Self { port, turn, thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn port(&self) -> &Arc<Port> {
        &self.port
    }
}

fn run(port: &Port, turn: &Turn) {
    let mut message = Vec::new();
    // The right is not held while the user's code runs: whoever ends the port then gives it back.
    while let Ok(right) = port.right() {
        let code = right.receive(&mut message, None);
        drop(right);
        if !turn.begin() {
            // What woke it may be another message than the one that is to. A receive that fails leaves none.
            port.release(&message, 0);
            return;
        }
        let accepted = catch_unwind(AssertUnwindSafe(|| {
            let (wakes, accepted) = port.accept(code, &message);
            wakes.wake();
            accepted
        }));
        let go_on = match accepted {
            Ok(accepted) => accepted.is_ok(),
            // A waker's panic is not this thread's, and has been reported. What it carries may panic too, and what that
            // leaves is all that must be forgotten.
            Err(panic) => {
                catch_unwind(AssertUnwindSafe(|| drop(panic))).unwrap_or_else(std::mem::forget);
                true
            }
        };
        if !turn.end() || !go_on {
            return;
        }
    }
}

impl Background {
    /// How long the user's code may run before it is thought to wait for who waits for it.
    const PATIENCE: Duration = Duration::from_millis(100);
}

impl Drop for Background {
    fn drop(&mut self) {
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(thread) = thread.take() else { return };
        let is_this_thread = thread.thread().id() == thread::current().id();
        let patience = if is_this_thread { Duration::ZERO } else { Self::PATIENCE };
        // This thread runs none any more when it drops what it leaves behind, and cannot wait for itself.
        if self.turn.stop(patience) && !is_this_thread {
            // If the port is gone, the thread knows.
            let told = self.port.right().map_or(IoReturn::SUCCESS, |right| right.knock(0));
            // If the queue is full, there is something to receive.
            if told.is_success() || told == IoReturn::MACH_SEND_TIMED_OUT {
                // It catches what panics.
                let _ = thread.join();
            }
        }
        self.port.close(End { code: IoReturn::ABORTED, reason: "nobody uses the port" });
    }
}

/// Whether the thread runs code of the user's, and whether it still may.
#[derive(Debug, Default)]
struct Turn {
    state: Mutex<State>,
    over: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    running: bool,
}

impl Turn {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the thread may run code of the user's.
    fn begin(&self) -> bool {
        let mut state = self.lock();
        state.running = !state.stopped;
        state.running
    }

    /// It has run it. Whether it is to go on.
    fn end(&self) -> bool {
        let mut state = self.lock();
        state.running = false;
        let stopped = state.stopped;
        drop(state);
        if stopped {
            self.over.notify_one();
        }
        !stopped
    }

    /// From now on the thread begins no code of the user's. Whether it runs none when `patience` is over.
    fn stop(&self, patience: Duration) -> bool {
        let mut state = self.lock();
        state.stopped = true;
        let waited = self.over.wait_timeout_while(state, patience, |state| state.running);
        !waited.unwrap_or_else(PoisonError::into_inner).0.running
    }
}
