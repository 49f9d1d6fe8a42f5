//! Finding one's way on a machine, with the safe API alone: objects, the registry, matching, services and busy states.

mod matching;
mod names;
mod objects;
mod paths;
mod registry;
mod services;

use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{Detail, Error, ErrorKind, IoReturn, Kernel, Matching, RegistryEntry, Service};

/// A bus with two devices, one of which has a child.
///
/// ```text
/// IOService:/bus@A         com_example_Bus
///   keys@1                 com_example_Keyboard
///     light                com_example_Light
///   keys@2                 com_example_Keyboard
/// ```
struct Desk {
    machine: Machine,
    kernel: Kernel,
}

impl Desk {
    fn new() -> Self {
        let machine = Machine::new();
        let bus = machine.publish(Nub::new("com_example_Bus").name("bus").location("A"));
        let keyboard = |location: &str| {
            let nub = Nub::new("com_example_Keyboard").superclass("com_example_Device").provider(bus);
            machine.publish(nub.name("keys").location(location).property("idVendor", 0x05ac))
        };
        let first = keyboard("1");
        machine.publish(Nub::new("com_example_Light").name("light").provider(first));
        keyboard("2");
        let kernel = machine.task("client").kernel();
        Self { machine, kernel }
    }

    fn service(&self, matching: Matching) -> Service {
        Service::expect_first(&self.kernel, &matching).unwrap()
    }

    fn at(&self, path: &str) -> RegistryEntry {
        RegistryEntry::from_path(&self.kernel, path).unwrap().unwrap()
    }

    /// A service that has been terminated.
    fn gone(&self) -> Service {
        let light = self.service(Matching::class("com_example_Light"));
        self.terminate(&light);
        light
    }

    fn terminate(&self, entry: &RegistryEntry) {
        let id = iokit_uc::interface::EntryId(entry.id().unwrap());
        assert!(self.machine.terminate(id, Default::default()));
    }
}

/// What is left when a test is done.
impl Drop for Desk {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.machine.assert_clean();
        }
    }
}

fn names(entries: impl IntoIterator<Item = RegistryEntry>) -> Vec<String> {
    entries.into_iter().map(|entry| entry.name().unwrap()).collect()
}

#[track_caller]
fn assert_gone<T: std::fmt::Debug>(result: Result<T, Error>) {
    let error = result.unwrap_err();
    assert_eq!((error.code(), error.kind()), (IoReturn::MACH_SEND_INVALID_DEST, ErrorKind::Terminated));
}

/// That a text with a NUL, and one that is longer than `limit`, are refused with figures.
#[track_caller]
fn assert_text_is_checked<T: std::fmt::Debug>(
    name: &str,
    limit: usize,
    with: impl Fn(&str) -> Result<T, Error>,
) {
    let error = with("ab\0c").unwrap_err();
    assert_eq!(error, IoReturn::BAD_ARGUMENT);
    assert!(
        matches!(error.detail(), Some(Detail::InteriorNul { what, position: 2 }) if *what == name),
        "{error}"
    );
    let longest = with(&"a".repeat(limit)).err();
    assert!(!matches!(longest.as_ref().and_then(Error::detail), Some(Detail::Limit { .. })), "{longest:?}");
    let error = with(&"a".repeat(limit + 1)).unwrap_err();
    let (given, limit) = (limit as u64 + 1, limit as u64);
    assert_eq!(error, IoReturn::BAD_ARGUMENT);
    assert!(
        error.to_string().ends_with(&format!("; {given} bytes of {name}, at most {limit} can be passed")),
        "{error}"
    );
}
