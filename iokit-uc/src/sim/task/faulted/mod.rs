//! Calls that a fault may come to: what [`Kernel`](crate::Kernel) makes of a task's calls while anything is injected.

mod answer;
mod during;
mod hooked;
mod plan;

use super::Task;
use crate::backend::{
    Backend, MachTimespec, NotificationPortRef, PortName, PortRight, ScalarOutput, StructureOutput, calls,
};
use crate::error::IoReturn;
use crate::sim::fault::{Point, gives_up};
use crate::value::Value;
use answer::{Answer, Out};
use hooked::Hooked;
use plan::Plan;
use std::ffi::{CStr, CString};
use std::time::Duration;

/// A task, with the faults of its machine.
pub(crate) struct Faulted<'a>(pub(crate) &'a Task);

impl Task {
    /// Whether calls have to look for faults.
    #[inline]
    pub(crate) fn is_faulted(&self) -> bool {
        self.shared.core().faults().are_armed()
    }
}

macro_rules! faulted {
    (() $($variant:ident $(($c_name:literal))? [$($qualifier:tt)?] fn $function:ident(
        $($argument:ident: $mode:ident $type:ty),*
    ) -> $result_mode:ident $result:ty;)*) => {
        impl Backend for Faulted<'_> {$(
            #[cold]
            $($qualifier)? fn $function(&self $(, $argument: $type)*) -> $result {
                #[allow(unused_mut, unused_assignments, reason = "not every function has what is looked for")]
                let (mut port, mut selector, mut memory_type) = (None, None, None);
                $(faulted!(@note port, selector, memory_type, $mode $argument $argument);)*
                let point = Point { function: crate::backend::Function::$variant, selector, memory_type };
                let task = Hooked(self.0);
                let Some(plan) = Plan::of(&task, point, port) else {
                    let call = || faulted!(@call task [$($qualifier)?] $function($($argument),*));
                    return during::with(None, call);
                };
                if let Some(code) = plan.begin() {
                    if !gives_up(point.function) {
                        $(faulted!(@fail $mode $argument point.function);)*
                        return plan.fail(<$result>::failure(code));
                    }
                    plan.run(|| during::with(Some(&plan), || faulted!(@call task [$($qualifier)?] $function($($argument),*))));
                    return <$result>::failure(code);
                }
                plan.run(|| during::with(Some(&plan), || faulted!(@call task [$($qualifier)?] $function($($argument),*))))
            }
        )*}
    };
    // The first port is what is called.
    (@note $port:ident, $selector:ident, $memory_type:ident, port $name:ident $value:ident) => {
        $port.get_or_insert($value);
    };
    (@note $port:ident, $selector:ident, $memory_type:ident, input selector $value:ident) => {
        $selector = Some($value);
    };
    (@note $port:ident, $selector:ident, $memory_type:ident, input memory_type $value:ident) => {
        $memory_type = Some($value);
    };
    (@note $port:ident, $selector:ident, $memory_type:ident, $mode:ident $name:ident $value:ident) => {};
    (@fail out $argument:ident $function:expr) => { Out::fail($argument, $function); };
    (@fail $mode:ident $argument:ident $function:expr) => {};
    (@call $task:ident [] $function:ident($($argument:ident),*)) => { $task.$function($($argument),*) };
    (@call $task:ident [unsafe] $function:ident($($argument:ident),*)) => {
        // SAFETY: the caller's promises are passed on as they are.
        unsafe { $task.$function($($argument),*) }
    };
}
calls!(faulted!());
