//! A machine that tests talk to.

use iokit_uc::sim::{Caller, Machine, Task};

/// A machine, set up, with the task that a test or a program is.
pub struct Scene {
    /// The machine.
    pub machine: Machine,
    /// The task.
    pub task: Task,
    /// The one service that a machine of many is to have.
    pub(crate) only: Option<String>,
    commands: Vec<(&'static str, Command)>,
}

type Command = Box<dyn Fn(&[u64]) -> u64 + Send + Sync>;

impl Scene {
    /// A machine, and a task of it with these credentials.
    pub(crate) fn new(machine: Machine, caller: Caller) -> Self {
        let task = machine.task_of(caller);
        Self { machine, task, only: None, commands: Vec::new() }
    }

    /// Adds something that a test can tell the machine to do, or ask it.
    pub(crate) fn on(&mut self, command: &'static str, run: impl Fn(&[u64]) -> u64 + Send + Sync + 'static) {
        self.commands.push((command, Box::new(run)));
    }

    /// Adds lines of text that a test can ask for: the word `arguments[1]` of the line `arguments[0]`, eight bytes of
    /// UTF-8 each; 0 past the end.
    pub(crate) fn on_text(
        &mut self,
        command: &'static str,
        lines: impl Fn() -> Vec<String> + Send + Sync + 'static,
    ) {
        self.on(command, move |arguments| {
            let (line, word) = (arguments[0] as usize, arguments[1] as usize);
            let lines = lines();
            let text = lines.get(line).map(String::as_bytes).unwrap_or_default();
            let mut bytes = [0; 8];
            for (byte, &letter) in bytes.iter_mut().zip(text.iter().skip(8 * word)) {
                *byte = letter;
            }
            u64::from_le_bytes(bytes)
        });
    }

    /// Tells the machine to do something, or asks it. None if the machine knows no such command.
    ///
    /// # Panics
    ///
    /// If the command takes more arguments.
    pub fn command(&self, command: &str, arguments: &[u64]) -> Option<u64> {
        let (_, run) = self.commands.iter().find(|(name, _)| *name == command)?;
        Some(run(arguments))
    }
}
