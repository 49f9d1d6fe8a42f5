//! Where a test runs: a fresh machine by name, and the kernel as the test's own task sees it.

use iokit_uc::Kernel;
use iokit_uc::sim::{Machine, Task};
use iokit_uc_machines::Scene;

/// One test's machine. Checked for leaks and misuses when it is dropped.
pub struct World {
    scene: Scene,
    task: Task,
    checked: bool,
}

impl World {
    /// Boots the machine of this name.
    pub fn boot(name: &str) -> Self {
        let scene = iokit_uc_machines::boot(name);
        let task = scene.machine.task("conformance");
        Self { scene, task, checked: true }
    }

    /// Leaves out the check at the end, for tests that misuse or leak on purpose and look at the report themselves.
    pub fn unchecked(mut self) -> Self {
        self.checked = false;
        self
    }

    /// The kernel as the test's task sees it.
    pub fn kernel(&self) -> Kernel {
        self.task.kernel()
    }

    /// Tells the machine to do something, or asks it: numbers alone, so that it can be on the other side of a C
    /// interface.
    pub fn command(&self, command: &str, arguments: &[u64]) -> u64 {
        self.scene.command(command, arguments)
    }

    /// What the machine's drivers have noted, in order.
    pub fn journal(&self) -> Vec<String> {
        let line = |line| {
            let words =
                (0..).map(|word| self.command("journal", &[line, word])).take_while(|&word| word != 0);
            let bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).filter(|&byte| byte != 0).collect();
            String::from_utf8(bytes).expect("drivers note text")
        };
        (0..).map(line).take_while(|line| !line.is_empty()).collect()
    }

    /// The test's own task, for what a task cannot ask IOKitLib about itself.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The machine itself, for tests that run natively alone.
    pub fn machine(&self) -> &Machine {
        &self.scene.machine
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if self.checked && !std::thread::panicking() {
            self.scene.machine.assert_clean();
        }
    }
}
