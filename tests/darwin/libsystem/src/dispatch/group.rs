//! Groups of work, whose end can be waited for.

use std::ffi::c_void;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use darwin_calls::{enter, misuse};
use darwin_loader::{Export, exports};

use super::calls::{block, function};
use super::object::{self, Function, Header, Object};
use super::pool::Work;
use super::queue::Queue;
use super::time::Deadline;
use crate::blocks::Block;

pub(super) fn exports() -> Vec<Export> {
    exports![
        create as "dispatch_group_create",
        enter_group as "dispatch_group_enter",
        leave_group as "dispatch_group_leave",
        wait as "dispatch_group_wait",
        async_block as "dispatch_group_async",
        async_function as "dispatch_group_async_f",
        notify_block as "dispatch_group_notify",
        notify_function as "dispatch_group_notify_f",
    ]
}

struct Group {
    header: Header,
    state: Mutex<State>,
    empty: Condvar,
}

#[derive(Default)]
struct State {
    members: usize,
    /// What is to be done when there are no members left.
    notices: Vec<(Arc<Queue>, Work)>,
}

impl Object for Group {
    const KIND: &'static str = "group";

    fn header(&self) -> &Header {
        &self.header
    }
}

impl Group {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self) {
        let notices = {
            let mut state = self.state();
            let left = state.members.checked_sub(1);
            left.map(|members| {
                state.members = members;
                if members == 0 { std::mem::take(&mut state.notices) } else { Vec::new() }
            })
        };
        let Some(notices) = notices else { misuse("the group has no members") };
        self.empty.notify_all();
        for (queue, work) in notices {
            queue.submit(false, work);
        }
    }

    fn run(self: Arc<Self>, queue: &Arc<Queue>, work: Work) {
        self.state().members += 1;
        queue.run(move || {
            work();
            self.leave();
        });
    }

    fn notify(&self, queue: Arc<Queue>, work: Work) {
        let mut state = self.state();
        if state.members > 0 {
            state.notices.push((queue, work));
        } else {
            drop(state);
            queue.submit(false, work);
        }
    }
}

extern "C" fn create() -> *mut c_void {
    object::add(Arc::new(Group { header: Header::default(), state: Mutex::default(), empty: Condvar::new() }))
}

extern "C" fn enter_group(group: *mut c_void) {
    let _call = enter("dispatch_group_enter");
    object::get::<Group>(group).state().members += 1;
}

extern "C" fn leave_group(group: *mut c_void) {
    let _call = enter("dispatch_group_leave");
    object::get::<Group>(group).leave();
}

/// Returns 0, or another number after the deadline.
extern "C" fn wait(group: *mut c_void, deadline: Deadline) -> isize {
    let _call = enter("dispatch_group_wait");
    let group = object::get::<Group>(group);
    let has_members = |state: &mut State| state.members > 0;
    let state = group.state();
    let mut state = match deadline.left() {
        None => group.empty.wait_while(state, has_members).unwrap_or_else(PoisonError::into_inner),
        Some(left) => {
            group.empty.wait_timeout_while(state, left, has_members).unwrap_or_else(PoisonError::into_inner).0
        }
    };
    has_members(&mut state).into()
}

extern "C" fn async_function(group: *mut c_void, queue: *mut c_void, context: *mut c_void, work: Function) {
    let _call = enter("dispatch_group_async_f");
    object::get::<Group>(group).run(&object::get(queue), function(work, context));
}

unsafe extern "C" fn async_block(group: *mut c_void, queue: *mut c_void, work: *const Block) {
    let _call = enter("dispatch_group_async");
    // SAFETY: by the caller's promise.
    object::get::<Group>(group).run(&object::get(queue), unsafe { block(work) });
}

extern "C" fn notify_function(group: *mut c_void, queue: *mut c_void, context: *mut c_void, work: Function) {
    let _call = enter("dispatch_group_notify_f");
    object::get::<Group>(group).notify(object::get(queue), function(work, context));
}

unsafe extern "C" fn notify_block(group: *mut c_void, queue: *mut c_void, work: *const Block) {
    let _call = enter("dispatch_group_notify");
    // SAFETY: by the caller's promise.
    object::get::<Group>(group).notify(object::get(queue), unsafe { block(work) });
}
