//! The test is a program for macOS, and the machine is what darwin-host shows it as its Mac: all goes through the
//! macOS backend, and the machine's own channel is in C (`simulated/machine.h`).

use iokit_uc::Kernel;
use std::ffi::{CString, c_char, c_int};

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
pub(super) struct Booted(());

impl Booted {
    pub(super) fn boot(machine: &str) -> Self {
        let name = CString::new(machine).expect("a machine's name");
        // SAFETY: a C string, which is copied.
        let code = unsafe { simulated_machine_boot(name.as_ptr()) };
        assert_eq!(code, 0, "the machine `{machine}` boots");
        Self(())
    }

    pub(super) fn kernel(&self) -> Kernel {
        Kernel::host().expect("this is macOS")
    }

    pub(super) fn command(&self, command: &str, arguments: &[u64]) -> Option<u64> {
        let command = CString::new(command).expect("a command's name");
        let mut answer = 0;
        // SAFETY: a C string, as many arguments as the count says, and a place for the answer, all good for the call.
        let code = unsafe {
            simulated_machine_command(command.as_ptr(), arguments.as_ptr(), arguments.len(), &mut answer)
        };
        (code == 0).then_some(answer)
    }

    pub(super) fn end(&self, checked: bool) {
        // SAFETY: takes a number.
        let complaints = unsafe { simulated_machine_end(checked.into()) };
        assert!(!checked || complaints == 0, "the machine is not clean: {complaints} complaints");
    }
}
