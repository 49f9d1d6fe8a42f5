//! The simulated machines that tests run on, each by its name.
//!
//! A test sees a machine through IOKitLib, and through [`Scene::command`], which carries numbers alone: so the same
//! test can run where the machine is on the other side of a C interface.

pub mod clients;
mod journal;
pub mod locking;
pub mod methods;
mod services;
pub mod traps;

use iokit_uc::sim::Machine;

/// A machine, set up.
pub struct Scene {
    /// The machine.
    pub machine: Machine,
    commands: Vec<(&'static str, Command)>,
}

type Command = Box<dyn Fn(&[u64]) -> u64 + Send + Sync>;

impl Scene {
    /// A machine without anything of its own.
    pub fn new() -> Self {
        Self { machine: Machine::new(), commands: Vec::new() }
    }

    /// Adds something that a test can tell the machine to do, or ask it.
    pub fn on(&mut self, command: &'static str, run: impl Fn(&[u64]) -> u64 + Send + Sync + 'static) {
        self.commands.push((command, Box::new(run)));
    }

    /// Tells the machine to do something, or asks it.
    ///
    /// # Panics
    ///
    /// If the machine knows no such command.
    pub fn command(&self, command: &str, arguments: &[u64]) -> u64 {
        let found = self.commands.iter().find(|(name, _)| *name == command);
        let (_, run) = found.unwrap_or_else(|| panic!("this machine has no command `{command}`"));
        run(arguments)
    }
}

/// Boots the machine of this name.
///
/// # Panics
///
/// If there is none.
pub fn boot(name: &str) -> Scene {
    match name {
        "empty" => Scene::new(),
        "locking" => locking::boot(),
        "methods" => methods::boot(),
        "nubs" => services::nubs(),
        "family" => services::family(),
        "names" => services::names(),
        "long_names" => services::long_names(),
        "openings" => clients::openings(),
        "closings" => clients::closings(),
        "tree" => clients::tree(),
        "traps" => traps::boot(),
        _ => panic!("there is no machine `{name}`"),
    }
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}
