//! What the program did wrong, said on stderr.

use crate::call::current;
use std::cell::Cell;
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

static COMPLAINTS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Misuse on this thread unwinds to [`catch`].
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// The misuse that [`catch`] catches.
struct Misuse(String);

/// Ends the process: the program has done what a Mac would not survive, or what no program may do.
pub fn misuse(what: impl Display) -> ! {
    let message = format!("{}: {what}", current());
    if CAUGHT.get() {
        panic::resume_unwind(Box::new(Misuse(message)));
    }
    darwin_loader::say(format_args!("darwin-host: {message}"));
    darwin_loader::flush_output();
    process::abort()
}

/// Says what the program has done wrong and goes on, as a Mac does.
pub fn complain(what: impl Display) {
    COMPLAINTS.fetch_add(1, Ordering::Relaxed);
    darwin_loader::say(format_args!("darwin-host: {}: {what}", current()));
}

/// How often the process has [`complain`]ed.
pub fn complaints() -> usize {
    COMPLAINTS.load(Ordering::Relaxed)
}

/// Runs `test`, in which [`misuse`] on this thread ends only `test`: the error is the message, without the host's name.
/// For unit tests of the frameworks.
pub fn catch<R>(test: impl FnOnce() -> R) -> Result<R, String> {
    let outer = CAUGHT.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(test));
    CAUGHT.set(outer);
    result.map_err(|payload| match payload.downcast::<Misuse>() {
        Ok(misuse) => misuse.0,
        Err(payload) => panic::resume_unwind(payload),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enter;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn misuse_names_the_function() {
        let misused = catch(|| {
            let _call = enter("CFRelease");
            misuse(format_args!("{:#x} is no object", 0x10))
        });
        let misused: Result<(), String> = misused;
        assert_eq!(misused, Err("CFRelease: 0x10 is no object".to_owned()));
    }

    #[test]
    fn misuse_flushes_what_is_printed_and_aborts() {
        const TEST: &str = "report::tests::misuse_flushes_what_is_printed_and_aborts";
        const CHILD: &str = "DARWIN_CALLS_MISUSE";
        if std::env::var_os(CHILD).is_some() {
            let _call = enter("CFRelease");
            // SAFETY: a C string.
            unsafe { libc::printf(c"printed".as_ptr()) };
            misuse("once too often");
        }
        let mut child = process::Command::new(std::env::current_exe().expect("this process has a program"));
        let child = child.args(["--exact", TEST, "--nocapture"]).env(CHILD, "").output().expect("it runs");
        assert_eq!(child.status.signal(), Some(libc::SIGABRT));
        assert!(child.stdout.ends_with(b"printed"), "{child:?}");
        assert_eq!(child.stderr.trim_ascii(), b"darwin-host: CFRelease: once too often");
    }

    #[test]
    fn caught_misuse_ends_the_call() {
        let _ = catch(|| {
            let _call = enter("CFRelease");
            misuse("once too often")
        });
        assert_eq!(current().function, "");
    }

    #[test]
    fn a_test_that_passes_has_its_result() {
        assert_eq!(catch(|| 42), Ok(42));
    }

    #[test]
    fn another_panic_goes_on() {
        let panicked = panic::catch_unwind(|| catch(|| panic!("other")));
        assert!(panicked.is_err());
    }

    #[test]
    fn complaints_are_counted() {
        let before = complaints();
        complain("released too often");
        assert!(complaints() > before);
    }
}
