//! Semaphores. Rust parks threads with them.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use darwin_calls::{enter, misuse};
use darwin_loader::{Export, exports};

use super::object::{self, Header, Object};
use super::time::Deadline;

pub(super) fn exports() -> Vec<Export> {
    exports![
        create as "dispatch_semaphore_create",
        signal as "dispatch_semaphore_signal",
        wait as "dispatch_semaphore_wait",
    ]
}

struct Semaphore {
    header: Header,
    first: isize,
    state: Mutex<State>,
    raised: Condvar,
}

struct State {
    value: isize,
    waiting: usize,
}

impl Semaphore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Object for Semaphore {
    const KIND: &'static str = "semaphore";

    fn header(&self) -> &Header {
        &self.header
    }

    /// A Mac would not survive that either.
    fn check_release(&self) {
        let (value, first) = (self.state().value, self.first);
        if value < first {
            misuse(format_args!("the semaphore is in use: its value is {value}, and was {first} at first"));
        }
    }
}

extern "C" fn create(value: isize) -> *mut c_void {
    if value < 0 {
        return ptr::null_mut();
    }
    let state = Mutex::new(State { value, waiting: 0 });
    object::add(Arc::new(Semaphore {
        header: Header::default(),
        first: value,
        state,
        raised: Condvar::new(),
    }))
}

/// Returns whether a thread was waiting.
extern "C" fn signal(semaphore: *const c_void) -> isize {
    let _call = enter("dispatch_semaphore_signal");
    let semaphore = object::get::<Semaphore>(semaphore);
    let mut state = semaphore.state();
    state.value += 1;
    semaphore.raised.notify_one();
    (state.waiting > 0).into()
}

/// Returns 0, or another number after the deadline.
extern "C" fn wait(semaphore: *const c_void, deadline: Deadline) -> isize {
    let _call = enter("dispatch_semaphore_wait");
    let semaphore = object::get::<Semaphore>(semaphore);
    let is_down = |state: &mut State| state.value <= 0;
    let mut state = semaphore.state();
    state.waiting += 1;
    state = match deadline.left() {
        None => semaphore.raised.wait_while(state, is_down).unwrap_or_else(PoisonError::into_inner),
        Some(left) => {
            semaphore
                .raised
                .wait_timeout_while(state, left, is_down)
                .unwrap_or_else(PoisonError::into_inner)
                .0
        }
    };
    state.waiting -= 1;
    if is_down(&mut state) {
        return 1;
    }
    state.value -= 1;
    0
}
