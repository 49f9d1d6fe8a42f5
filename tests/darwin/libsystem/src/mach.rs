//! Mach's ports, as far as run loops and dispatch sources wait there. The kernel is of a floor above.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use darwin_calls::misuse;

/// What is called when a message may have come. It waits for nothing, and asks for nothing of a port.
pub type Watcher = dyn Fn() + Send + Sync;

/// Lasts until it is dropped.
pub type Watch = Arc<dyn Any + Send + Sync>;

/// The ports that the program receives from.
pub trait Ports: Send + Sync {
    /// Has `watcher` called whenever a message comes, from any thread.
    fn watch(&self, port: u32, watcher: Box<Watcher>) -> Watch;

    /// Whether a message waits.
    fn has_message(&self, port: u32) -> bool;

    /// Takes a message that waits. None if none does.
    fn receive(&self, port: u32) -> Option<Received>;
}

/// A message, with its trailer, aligned as C has it.
pub struct Received {
    /// The memory that it is in.
    pub memory: Vec<u64>,
    /// How many bytes it has without its trailer.
    pub size: usize,
}

static PORTS: OnceLock<&'static dyn Ports> = OnceLock::new();

/// Has the program's ports be these. The first ones to be given stay.
pub fn serve_ports(ports: &'static dyn Ports) {
    PORTS.get_or_init(|| ports);
}

/// The ports of the process, which a program without any cannot ask for.
pub fn ports() -> &'static dyn Ports {
    PORTS.get().copied().unwrap_or_else(|| misuse("there are no ports here"))
}
