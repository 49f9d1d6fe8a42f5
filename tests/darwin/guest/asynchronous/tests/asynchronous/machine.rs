//! The machine `completions`, as darwin-host shows it to the program.

#[path = "../../../../../conformance/guest.rs"]
mod guest;

use guest::Booted;
use iokit_uc::Kernel;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT};
use std::thread;
use std::time::{Duration, Instant};

/// The one machine of this process.
pub(crate) struct Machine {
    pub(crate) kernel: Kernel,
    booted: Booted,
}

impl Machine {
    pub(crate) fn boot() -> Self {
        let booted = Booted::boot("completions");
        Self { kernel: booted.kernel(), booted }
    }

    pub(crate) fn command(&self, command: &str, arguments: &[u64]) -> u64 {
        self.booted.command(command, arguments).expect("the machine knows the command")
    }

    /// The registry's number of the service.
    pub(crate) fn completer(&self) -> u64 {
        let matching = self.kernel.io_service_matching(Some(c"Completer"));
        let service = self.kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref());
        let mut id = 0;
        assert!(self.kernel.io_registry_entry_get_registry_entry_id(service, &mut id).is_success());
        // SAFETY: the test's own reference, and nothing is mapped through it.
        unsafe { self.kernel.io_object_release(service) };
        id
    }

    /// The program has nothing of the machine's any more.
    pub(crate) fn end(self) {
        self.booted.end(true);
    }

    /// As [`end`](Self::end), once a dispatch queue has let go of what it had.
    pub(crate) fn end_once_quiet(self) {
        let began = Instant::now();
        while self.command("leaks", &[]) > 0 && began.elapsed() < Duration::from_secs(20) {
            thread::yield_now();
        }
        self.end();
    }
}
