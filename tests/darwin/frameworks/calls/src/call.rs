//! The functions of the frameworks that are running on each thread.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

thread_local! {
    /// The innermost function. The ones that called back the program to call it are in their [`Guard`]s.
    static FUNCTION: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Notes that `function` runs on this thread until the guard goes.
#[inline]
pub fn enter(function: &'static str) -> Guard {
    Guard { outer: FUNCTION.replace(Some(function)), thread: PhantomData }
}

/// A function of the frameworks that is running on this thread.
#[must_use = "the call ends when its guard is dropped"]
#[derive(Debug)]
pub struct Guard {
    outer: Option<&'static str>,
    /// Not another thread's to drop.
    thread: PhantomData<*const ()>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        FUNCTION.set(self.outer);
    }
}

/// A call of a function of the frameworks by the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function's name; empty if none was running.
    pub function: &'static str,
    /// The address in the program that the function returns to, if the program called it.
    pub caller: Option<usize>,
}

/// The innermost call on this thread. Walks the stack for the caller: for what is kept or reported, not for every call.
pub fn current() -> Call {
    Call { function: FUNCTION.get().unwrap_or_default(), caller: darwin_loader::caller() }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.function.is_empty() { "no function" } else { self.function })?;
        match self.caller {
            Some(address) => match darwin_loader::describe_call(address) {
                Some(place) => write!(f, " called from {place}"),
                None => write!(f, " called from {address:#x}"),
            },
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn no_function_runs_at_first() {
        assert_eq!(current().function, "");
    }

    #[test]
    fn a_call_lasts_until_its_guard_goes() {
        let outer = enter("CFArrayApplyFunction");
        {
            let _inner = enter("CFRetain");
            assert_eq!(current().function, "CFRetain");
        }
        assert_eq!(current().function, "CFArrayApplyFunction");
        drop(outer);
        assert_eq!(current().function, "");
    }

    #[test]
    fn a_call_that_unwinds_ends() {
        let _outer = enter("CFSetApplyFunction");
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            let _inner = enter("CFRelease");
            panic!("from a callback");
        }));
        assert!(unwound.is_err());
        assert_eq!(current().function, "CFSetApplyFunction");
    }

    #[test]
    fn every_thread_has_its_own_calls() {
        let _here = enter("CFRunLoopRun");
        let there = std::thread::spawn(|| current().function).join();
        assert_eq!(there.ok(), Some(""));
        assert_eq!(current().function, "CFRunLoopRun");
    }

    #[test]
    fn a_call_displays_its_function_and_caller() {
        let call = Call { function: "CFRelease", caller: None };
        assert_eq!(call.to_string(), "CFRelease");
        let call = Call { function: "CFRelease", caller: Some(0x10) };
        assert_eq!(call.to_string(), "CFRelease called from 0x10");
        assert_eq!(Call { function: "", caller: None }.to_string(), "no function");
    }
}
