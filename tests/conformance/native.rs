//! The machine is in this process, and the test's task is one of its tasks.

use iokit_uc::Kernel;
use iokit_uc_machines::Scene;

pub(super) struct Booted(pub(super) Scene);

impl Booted {
    pub(super) fn boot(machine: &str) -> Self {
        Self(iokit_uc_machines::boot(machine).unwrap_or_else(|error| panic!("{error}")))
    }

    pub(super) fn kernel(&self) -> Kernel {
        self.0.task.kernel()
    }

    pub(super) fn command(&self, command: &str, arguments: &[u64]) -> Option<u64> {
        self.0.command(command, arguments)
    }

    pub(super) fn end(&self, checked: bool) {
        if checked {
            self.0.machine.assert_clean();
        }
    }
}
