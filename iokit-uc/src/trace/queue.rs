//! What has been recorded and not been written, and the thread that writes it.

use super::line;
use std::any::Any;
use std::cell::RefCell;
use std::io::{self, Write};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// Lines on their way to a sink. Whoever has some never waits for it.
pub(super) struct Queue {
    shared: Arc<Shared>,
    /// In a lock because a panic elsewhere does it no harm, which a handle by itself does not say.
    writer: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    /// Tells it from all others that there ever are.
    id: u64,
    epoch: Instant,
    limit: usize,
    state: Mutex<State>,
    /// There is something for the writer to do.
    work: Condvar,
    /// What was to be flushed has been.
    flushed: Condvar,
    /// Whether the sink has failed.
    failed: AtomicBool,
}

#[derive(Default)]
struct State {
    text: String,
    /// The bytes that the writer has taken and not written yet.
    in_writing: usize,
    /// Calls that were lost, and those of them that have no line yet.
    lost: u64,
    lost_since: u64,
    threads: u32,
    /// How often it was to be flushed, and how often it has been.
    to_flush: u64,
    flushed: u64,
    is_writer_waiting: bool,
    is_closing: bool,
    error: Option<Arc<io::Error>>,
}

/// Buffers that have become larger are given back once they are empty.
const KEPT: usize = 1 << 20;

impl Queue {
    /// A queue that is written to `sink`, of `limit` bytes, and that begins with `header`.
    pub(super) fn new(mut sink: impl Write + Send + 'static, limit: usize, header: String) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(0);
        let shared = Arc::new(Shared {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            epoch: Instant::now(),
            limit,
            state: Mutex::new(State { text: header, ..State::default() }),
            work: Condvar::new(),
            flushed: Condvar::new(),
            failed: AtomicBool::new(false),
        });
        let writer = Arc::clone(&shared);
        let writer = thread::Builder::new().name("iokit-uc trace".into()).spawn(move || {
            // What the sink panicked with may panic when it is dropped, and then once more.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| writer.write(&mut sink))) {
                mem::forget(panic);
                writer.fail(&mut writer.lock(), io::Error::other("what the sink panicked with panicked"));
            }
        });
        let writer = writer.map_err(|error| shared.fail(&mut shared.lock(), error)).ok();
        Self { shared, writer: Mutex::new(writer) }
    }

    pub(super) fn epoch(&self) -> Instant {
        self.shared.epoch
    }

    /// Whether there is no use in recording.
    pub(super) fn has_failed(&self) -> bool {
        self.shared.failed.load(Ordering::Relaxed)
    }

    pub(super) fn error(&self) -> Option<Arc<io::Error>> {
        self.shared.lock().error.clone()
    }

    pub(super) fn lost(&self) -> u64 {
        self.shared.lock().lost
    }

    /// Puts in the line of a call, if there is room; if there is none the call is lost, which is counted.
    pub(super) fn put(&self, line: &str) -> bool {
        let mut state = self.shared.lock();
        let pending = state.text.len() + state.in_writing;
        if pending > 0 && pending + line.len() > self.shared.limit {
            state.lost += 1;
            state.lost_since += 1;
            return false;
        }
        self.shared.push(state, line);
        true
    }

    /// Puts in the end of a call whose beginning was put in, for which there is always room.
    pub(super) fn put_end(&self, line: &str) {
        self.shared.push(self.shared.lock(), line);
    }

    /// Waits until all that was put in so far has been written and the sink has been flushed.
    pub(super) fn flush(&self) -> Result<(), Arc<io::Error>> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.as_ref().is_some_and(is_this_thread) {
            return Err(Arc::new(io::Error::new(io::ErrorKind::Deadlock, "the sink waits for itself")));
        }
        drop(writer);
        let mut state = self.shared.lock();
        state.to_flush += 1;
        let mine = state.to_flush;
        self.shared.work.notify_one();
        while state.flushed < mine && state.error.is_none() {
            state = self.shared.flushed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.error.clone().map_or(Ok(()), Err)
    }

    /// The number of the calling thread, from 1 by the order in which they first ask.
    pub(super) fn thread(&self) -> u32 {
        thread_local! {
            /// By the queues' IDs; the one that was asked for last comes last.
            static NUMBERS: RefCell<Vec<(u64, u32)>> = const { RefCell::new(Vec::new()) };
        }
        let id = self.shared.id;
        let known = |numbers: &RefCell<Vec<(u64, u32)>>| {
            let numbers = numbers.borrow();
            numbers.iter().rev().find(|(other, _)| *other == id).map(|(_, number)| *number)
        };
        if let Ok(Some(number)) = NUMBERS.try_with(known) {
            return number;
        }
        let number = {
            let mut state = self.shared.lock();
            state.threads += 1;
            state.threads
        };
        // A thread that is past its end, as a destructor of what is local to it may be, has a new one for each call.
        let _ = NUMBERS.try_with(|numbers| numbers.borrow_mut().push((id, number)));
        number
    }
}

impl Drop for Queue {
    /// Waits until the sink has everything.
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.is_closing = true;
            self.shared.note_lost(&mut state);
            line::write_finished(&mut state.text, self.shared.epoch.elapsed());
            self.shared.work.notify_one();
        }
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // A sink may have had the last handle, and have dropped it while it was written to.
        if let Some(writer) = writer.filter(|writer| !is_this_thread(writer)) {
            // It cannot have panicked but for want of memory, and where the sink was dropped; whatever else that did is in `error`.
            let _ = writer.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is locked but for want of memory.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, mut state: MutexGuard<'_, State>, line: &str) {
        if state.error.is_some() {
            return;
        }
        self.note_lost(&mut state);
        state.text.push_str(line);
        let is_writer_waiting = mem::take(&mut state.is_writer_waiting);
        drop(state);
        if is_writer_waiting {
            self.work.notify_one();
        }
    }

    /// Puts in a line for the calls that were lost.
    fn note_lost(&self, state: &mut State) {
        match mem::take(&mut state.lost_since) {
            0 => {}
            lost => line::write_lost(&mut state.text, self.epoch.elapsed(), lost),
        }
    }

    fn fail(&self, state: &mut State, error: io::Error) {
        state.error = Some(Arc::new(error));
        state.text = String::new();
        self.failed.store(true, Ordering::Relaxed);
        self.flushed.notify_all();
    }

    /// What the writer does.
    fn write(&self, sink: &mut impl Write) {
        let mut chunk = String::new();
        let mut state = self.lock();
        loop {
            while state.text.is_empty() && state.flushed == state.to_flush && !state.is_closing {
                state.is_writer_waiting = true;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.text.is_empty() && state.flushed == state.to_flush {
                return;
            }
            mem::swap(&mut chunk, &mut state.text);
            state.in_writing = chunk.len();
            let to_flush = state.to_flush;
            drop(state);

            let written = catch_unwind(AssertUnwindSafe(|| {
                sink.write_all(chunk.as_bytes())?;
                sink.flush()
            }));
            let written = written.unwrap_or_else(|panic| Err(io::Error::other(panic_message(&*panic))));
            chunk.clear();
            chunk.shrink_to(KEPT);

            state = self.lock();
            state.in_writing = 0;
            if let Err(error) = written {
                return self.fail(&mut state, error);
            }
            state.flushed = to_flush;
            self.flushed.notify_all();
        }
    }
}

fn is_this_thread(thread: &JoinHandle<()>) -> bool {
    thread.thread().id() == thread::current().id()
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let message = panic.downcast_ref::<&str>().copied();
    let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("the sink panicked: {}", message.unwrap_or("it does not say why"))
}
