//! The machine `completions`, as darwin-host shows it to the program.

use iokit_uc::Kernel;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT};
use std::ffi::{CString, c_char, c_int};
use std::thread;
use std::time::{Duration, Instant};

unsafe extern "C" {
    fn simulated_machine_boot(name: *const c_char) -> c_int;
    fn simulated_machine_command(
        command: *const c_char,
        arguments: *const u64,
        count: usize,
        answer: *mut u64,
    ) -> c_int;
    fn simulated_machine_end(checked: c_int) -> usize;
}

/// The one machine of this process.
pub(crate) struct Machine {
    pub(crate) kernel: Kernel,
}

impl Machine {
    pub(crate) fn boot() -> Self {
        // SAFETY: a C string, which is copied.
        assert_eq!(unsafe { simulated_machine_boot(c"completions".as_ptr()) }, 0, "the machine boots");
        Self { kernel: Kernel::host().expect("this is macOS") }
    }

    pub(crate) fn command(&self, command: &str, arguments: &[u64]) -> u64 {
        let name = CString::new(command).expect("a command's name");
        let mut answer = 0;
        // SAFETY: a C string, as many arguments as the count says, and a place for the answer, all good for the call.
        let code = unsafe {
            simulated_machine_command(name.as_ptr(), arguments.as_ptr(), arguments.len(), &mut answer)
        };
        assert_eq!(code, 0, "the machine knows the command `{command}`");
        answer
    }

    /// The registry's number of the service.
    pub(crate) fn completer(&self) -> u64 {
        let matching = self.kernel.io_service_matching(Some(c"Completer"));
        let service = self.kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref());
        let mut id = 0;
        assert!(self.kernel.io_registry_entry_get_registry_entry_id(service, &mut id).is_success());
        self.kernel.io_object_release(service);
        id
    }

    /// The program has nothing of the machine's any more.
    pub(crate) fn end(self) {
        // SAFETY: takes a number.
        assert_eq!(unsafe { simulated_machine_end(1) }, 0, "the machine is clean");
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
