//! The machine is in this process, and the test's task is one of its tasks.
//!
//! With `IOKIT_UC_TESTS_RECORD` set, the task's kernel is a recording: what the rules say then has to hold through that, and
//! each test's trace has to be one.

use iokit_uc::Kernel;
use iokit_uc::trace::Trace;
use iokit_uc_machines::Scene;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

pub(super) struct Booted(pub(super) Scene, Kernel, Page);

impl Booted {
    pub(super) fn boot(machine: &str) -> Self {
        let scene = iokit_uc_machines::boot(machine).unwrap_or_else(|error| panic!("{error}"));
        let (kernel, page) = (scene.task.kernel(), Page::default());
        match std::env::var_os("IOKIT_UC_TESTS_RECORD") {
            Some(_) => Self(scene, Kernel::recording(kernel, page.clone()), page),
            None => Self(scene, kernel, page),
        }
    }

    pub(super) fn kernel(&self) -> Kernel {
        self.1.clone()
    }

    pub(super) fn command(&self, command: &str, arguments: &[u64]) -> Option<u64> {
        self.0.command(command, arguments)
    }

    pub(super) fn end(&self, checked: bool) {
        if let Some(recording) = self.1.as_recording().filter(|_| !std::thread::panicking()) {
            recording.flush().unwrap();
            self.2.check();
        }
        if checked {
            self.0.machine.assert_clean();
        }
    }
}

/// The text of a trace.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    /// Whether it can be read, and says the same when it is written again.
    fn check(&self) {
        let text = self.0.lock().unwrap();
        let trace = Trace::read(&text[..]).unwrap_or_else(|error| panic!("{error}"));
        let again = Trace::read(trace.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        assert!(trace.lost().is_empty() && !trace.is_cut());
        assert_eq!(again.calls().len(), trace.calls().len());
        for (again, call) in again.calls().iter().zip(trace.calls()) {
            assert_eq!((again.function, again.thread, again.at), (call.function, call.thread, call.at));
            assert_eq!((&again.inputs, &again.outputs), (&call.inputs, &call.outputs));
        }
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
