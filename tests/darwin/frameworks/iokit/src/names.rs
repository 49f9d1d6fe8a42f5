//! Which call gave the program each of its port names, and which took one away: for reports. The rights themselves are
//! the machine's business.

use darwin_calls::{Call, current};
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, DEAD, NULL, PortName, PortRight};
use iokit_uc::sim::{Leak, Task};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known of the names that a task has or had.
#[derive(Default)]
pub(crate) struct Names(Mutex<HashMap<PortName, History>>);

#[derive(Default)]
struct History {
    /// The calls that gave references since the task last had none, each once.
    given: Vec<Call>,
    /// The call that last took a reference.
    taken: Option<Call>,
}

impl Names {
    /// The running call has given the task a reference of `name`.
    pub(crate) fn given(&self, task: &Task, name: PortName) {
        if name == NULL || name == DEAD {
            return;
        }
        let is_new = references(task, name) == Some(1);
        let call = current();
        let mut names = self.lock();
        let history = names.entry(name).or_default();
        if is_new {
            *history = History::default();
        }
        if !history.given.contains(&call) {
            history.given.push(call);
        }
    }

    /// The running call has taken a reference of `name`.
    pub(crate) fn taken(&self, name: PortName) {
        self.lock().entry(name).or_default().taken = Some(current());
    }

    /// Says so if the task has no such name: to change its references raises a guard exception on a Mac (RC-1, RC-2).
    /// The machine counts it among its misuses.
    pub(crate) fn expect(&self, task: &Task, name: PortName) {
        if name == NULL || name == DEAD || references(task, name).is_some() {
            return;
        }
        let taken = self.lock().get(&name).and_then(|history| history.taken);
        let last = taken.map(|call| format!("; its last reference went to {call}")).unwrap_or_default();
        darwin_loader::say(format_args!(
            "darwin-host: {}: {name:#x} is no name of the task{last}",
            current()
        ));
    }

    /// A name that the task holds, with the calls that gave it.
    pub(crate) fn describe(&self, leak: &Leak) -> String {
        let Leak { name, what, references, .. } = leak;
        let mut line = match references {
            0 => format!("{name:#x} ({what})"),
            1 => format!("{name:#x} ({what}, 1 reference)"),
            _ => format!("{name:#x} ({what}, {references} references)"),
        };
        let names = self.lock();
        let given = names.get(name).map(|history| history.given.as_slice()).unwrap_or_default();
        for (index, call) in given.iter().enumerate() {
            // A `String` takes everything.
            let _ = write!(line, "{} {call}", if index == 0 { ", given by" } else { "," });
        }
        line
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PortName, History>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// User references of all rights that a name denotes; none if the task has no such name.
fn references(task: &Task, name: PortName) -> Option<u32> {
    let mut sum = 0;
    for right in [PortRight::Send, PortRight::Receive, PortRight::DeadName] {
        let mut references = 0;
        if task.mach_port_get_refs(name, right, &mut references) != IoReturn::SUCCESS {
            return None;
        }
        sum += references;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::c::*;
    use crate::machine::{on, report};
    use crate::ownership;
    use crate::releasing::IOObjectRelease;
    use darwin_calls::enter;

    fn root() -> PortName {
        let root = IORegistryGetRootEntry(NULL);
        ownership::returned_right(root);
        root
    }

    #[test]
    fn every_call_that_gave_a_reference_is_named_once() {
        on("empty", || {
            let name = {
                let _call = enter("IORegistryGetRootEntry");
                root();
                root()
            };
            let _call = enter("IOObjectRetain");
            IOObjectRetain(name);
            let given = "given by IORegistryGetRootEntry, IOObjectRetain";
            assert_eq!(report(), [format!("{name:#x} (IORegistryEntry, 3 references), {given}")]);
        });
    }

    #[test]
    fn a_name_released_too_often_is_a_misuse_of_the_machine() {
        on("empty", || {
            let name = root();
            assert_eq!(IOObjectRelease(name), 0);
            assert_eq!(IOObjectRelease(name), IoReturn::KERN_INVALID_NAME.raw());
            assert!(
                matches!(&report()[..], [line] if line.contains("IOObjectRelease the name")),
                "{:?}",
                report()
            );
        });
    }
}
