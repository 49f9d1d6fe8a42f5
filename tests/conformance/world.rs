//! Where a test runs: a fresh machine by name, and the kernel as the test's own task sees it.

#[cfg_attr(not(darwin_host), path = "native.rs")]
#[cfg_attr(darwin_host, path = "guest.rs")]
mod booted;

use booted::Booted;
use iokit_uc::Kernel;

/// One test's machine. Checked for leaks and misuses when it is dropped.
pub struct World {
    booted: Booted,
    checked: bool,
}

impl World {
    /// Boots the machine of this name.
    pub fn boot(machine: &str) -> Self {
        Self { booted: Booted::boot(machine), checked: true }
    }

    /// Boots a machine for a task with credentials of its own, by both names.
    pub fn boot_as(machine: &str, task: &str) -> Self {
        Self::boot(&format!("{machine} as {task}"))
    }

    /// Leaves out the check at the end, for tests that misuse or leak on purpose and look at the report themselves.
    pub fn unchecked(mut self) -> Self {
        self.checked = false;
        self
    }

    /// The kernel as the test's task sees it.
    pub fn kernel(&self) -> Kernel {
        self.booted.kernel()
    }

    /// Tells the machine to do something, or asks it: numbers alone, so that it can be on the other side of a C
    /// interface.
    #[track_caller]
    pub fn command(&self, command: &str, arguments: &[u64]) -> u64 {
        let answer = self.booted.command(command, arguments);
        answer.unwrap_or_else(|| panic!("this machine has no command `{command}`"))
    }

    /// What the machine's drivers have noted, in order.
    pub fn journal(&self) -> Vec<String> {
        self.text("journal")
    }

    /// What was done wrong on the machine, in words.
    pub fn misuses(&self) -> Vec<String> {
        self.text("misuse")
    }

    /// How many send rights there are to the port that a name of the test's task denotes.
    pub fn send_rights(&self, name: iokit_uc::backend::PortName) -> u64 {
        self.command("send_rights", &[name.into()])
    }

    fn text(&self, command: &str) -> Vec<String> {
        let line = |line| {
            let words = (0..).map(|word| self.command(command, &[line, word])).take_while(|&word| word != 0);
            let bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).filter(|&byte| byte != 0).collect();
            String::from_utf8(bytes).expect("machines talk in UTF-8")
        };
        (0..).map(line).take_while(|line| !line.is_empty()).collect()
    }
}

#[cfg(not(darwin_host))]
impl World {
    /// The test's own task, for what no task can ask about itself.
    pub fn task(&self) -> &iokit_uc::sim::Task {
        &self.booted.0.task
    }

    /// The machine itself.
    pub fn machine(&self) -> &iokit_uc::sim::Machine {
        &self.booted.0.machine
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.booted.end(self.checked && !std::thread::panicking());
    }
}
