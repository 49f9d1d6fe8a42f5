//! What programs get of the loader and of libSystem's stand-ins.

mod blocks;
mod dispatch;
mod ends;
mod environment;
mod errors;
mod faults;
mod files;
mod imports;
mod initializers;
mod malformed;
mod memory;
mod processes;
mod signals;
mod synchronization;
mod thread_locals;
mod threads;
mod time;
mod unwinding;

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs the program `child` with arguments to its end.
fn child(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_child")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A directory of a test's own, which goes with it.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("darwin-runtime-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}
