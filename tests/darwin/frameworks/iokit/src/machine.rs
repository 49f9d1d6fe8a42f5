//! The machine that is running: this process is one of its tasks.

use crate::mapping::Mapped;
use crate::names::Names;
use crate::{mach_message, memory, notification_port};
use darwin_calls::misuse;
use darwin_libsystem::mach;
use iokit_uc::backend::Backend;
use iokit_uc::sim::Task;
use iokit_uc_machines::Scene;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// What boots when a program asks for something before any machine has been booted.
const DEFAULT: &str = "empty";

/// `mach_task_self_`. A program reads it without a call, so before the first machine boots it is what a task that is
/// the first of its machine calls itself.
pub(crate) static TASK: AtomicU32 = AtomicU32::new(0x103);

static RUNNING: RwLock<Option<Arc<Running>>> = RwLock::new(None);

/// A machine with what is known of the program's names there.
pub(crate) struct Running {
    name: String,
    scene: Scene,
    pub(crate) names: Names,
    pub(crate) mapped: Mapped,
    /// How much the process had complained about when it booted.
    complaints: usize,
}

impl Running {
    /// The task that this process is.
    pub(crate) fn task(&self) -> &Task {
        &self.scene.task
    }

    /// What is left or was done wrong on the machine, a line each.
    fn complaints(&self) -> Vec<String> {
        let report = self.scene.machine.report();
        let leaks = report.leaks.iter().map(|leak| {
            if leak.task == self.task().caller().name { self.names.describe(leak) } else { leak.to_string() }
        });
        let mappings = report.mappings.iter().map(|(_, mapping)| self.mapped.describe(mapping));
        let user_clients =
            report.user_clients.iter().map(|class| format!("a user client is attached: {class}"));
        let misuses = report.misuses.iter().map(ToString::to_string);
        leaks.chain(mappings).chain(user_clients).chain(misuses).collect()
    }
}

/// Boots the machine of this name, with this process as its task.
///
/// # Errors
///
/// In words, if there is no such machine, or if one is running.
pub fn boot(machine: &str) -> Result<(), String> {
    start(&mut RUNNING.write().unwrap_or_else(PoisonError::into_inner), machine)?;
    Ok(())
}

fn start(slot: &mut Option<Arc<Running>>, name: &str) -> Result<Arc<Running>, String> {
    if let Some(running) = slot {
        return Err(format!("the machine `{}` is running", running.name));
    }
    mach::serve_ports(&MachinesPorts);
    let scene = iokit_uc_machines::boot(name)?;
    TASK.store(scene.task.mach_task_self(), Ordering::Relaxed);
    let (names, mapped) = (Names::default(), Mapped::default());
    let complaints = darwin_calls::complaints();
    let running = Arc::new(Running { name: name.into(), scene, names, mapped, complaints });
    Ok(Arc::clone(slot.insert(running)))
}

/// The machine that is running.
pub(crate) fn running() -> Arc<Running> {
    if let Some(running) = &*RUNNING.read().unwrap_or_else(PoisonError::into_inner) {
        return Arc::clone(running);
    }
    let mut slot = RUNNING.write().unwrap_or_else(PoisonError::into_inner);
    match &*slot {
        Some(running) => Arc::clone(running),
        None => start(&mut slot, DEFAULT).unwrap_or_else(|error| misuse(error)),
    }
}

/// The ports of the process, for what waits there: those of the machine that is running.
struct MachinesPorts;

impl mach::Ports for MachinesPorts {
    fn watch(&self, port: u32, watcher: Box<mach::Watcher>) -> mach::Watch {
        let watcher = Arc::new(watcher);
        running().task().watch_messages(port, &watcher);
        watcher
    }

    fn has_message(&self, port: u32) -> bool {
        // On a thread of its own, which may be late.
        let running = RUNNING.read().unwrap_or_else(PoisonError::into_inner).clone();
        running.is_some_and(|running| running.task().queued_messages(port) > 0)
    }

    fn receive(&self, port: u32) -> Option<mach::Received> {
        mach_message::receive(port, usize::MAX).ok()
    }
}

/// What the program has left undone or done wrong with I/O Kit and Mach, a line each: names that it holds with the
/// calls that gave them, memory not unmapped, user clients still attached, misuses of the machine, memory not deallocated.
pub fn report() -> Vec<String> {
    let running = RUNNING.read().unwrap_or_else(PoisonError::into_inner).clone();
    let mut lines = running.map(|running| running.complaints()).unwrap_or_default();
    lines.extend(memory::report());
    lines
}

/// Ends the machine, if one runs, and forgets it. What there is to complain about, the program's objects included, and
/// how much that is together with what has been complained about since it booted.
fn end() -> (Vec<String>, usize) {
    let mut lines = report();
    lines.extend(darwin_core_foundation::ownership::alive());
    // Its drivers go outside of the lock.
    notification_port::forget_all();
    let ended = RUNNING.write().unwrap_or_else(PoisonError::into_inner).take();
    let said = ended.map_or(0, |ended| darwin_calls::complaints() - ended.complaints);
    let count = lines.len() + said;
    (lines, count)
}

/// The program's channel to the machine.
pub(crate) mod channel {
    use super::*;
    use crate::abi::*;
    use crate::pointers;

    /// # Safety
    ///
    /// `name` must be a C string.
    pub(crate) unsafe fn simulated_machine_boot(name: *const c_char) -> c_int {
        // SAFETY: by the caller's promise.
        let name = unsafe { pointers::text(name, "name") };
        match boot(&name.to_string_lossy()) {
            Ok(()) => 0,
            Err(error) => {
                darwin_loader::say(format_args!("darwin-host: {}: {error}", darwin_calls::current()));
                -1
            }
        }
    }

    /// # Safety
    ///
    /// `command` must be a C string, `arguments` have `count` elements, and `answer` be fit to be written.
    pub(crate) unsafe fn simulated_machine_command(
        command: *const c_char,
        arguments: *const u64,
        count: usize,
        answer: *mut u64,
    ) -> c_int {
        // SAFETY: by the caller's promise.
        let (command, arguments) =
            unsafe { (pointers::text(command, "command"), pointers::copy(arguments, count, "arguments")) };
        let running = running();
        let command = command.to_string_lossy();
        let answered = catch_unwind(AssertUnwindSafe(|| running.scene.command(&command, &arguments)))
            .unwrap_or_else(|_| misuse(format_args!("the command `{command}` panicked")));
        let Some(answered) = answered else { return -1 };
        // SAFETY: by the caller's promise.
        unsafe { pointers::update(answer, "answer", |answer| *answer = answered) };
        0
    }

    pub(crate) fn simulated_machine_end(checked: c_int) -> usize {
        let (lines, count) = end();
        if checked != 0 {
            lines.iter().for_each(|line| darwin_loader::say(format_args!("darwin-host: {line}")));
        }
        count
    }
}

/// Runs a test on a machine of its own. The process has one machine, so one test runs at a time.
#[cfg(test)]
pub(crate) fn on<R>(machine: &str, test: impl FnOnce() -> R) -> R {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    darwin_core_foundation::init();
    end();
    boot(machine).unwrap();
    let result = test();
    end();
    result
}

#[cfg(test)]
mod tests {
    use super::channel::*;
    use super::*;
    use std::ffi::CStr;

    fn command(command: &CStr, arguments: &[u64]) -> (i32, u64) {
        let mut answer = 77;
        // SAFETY: a C string, a slice, a variable.
        let code = unsafe {
            simulated_machine_command(command.as_ptr(), arguments.as_ptr(), arguments.len(), &mut answer)
        };
        (code, answer)
    }

    #[test]
    fn one_machine_runs_at_a_time() {
        on("nubs", || {
            assert!(boot("empty").unwrap_err().contains("`nubs` is running"));
            // SAFETY: a C string.
            assert_eq!(unsafe { simulated_machine_boot(c"empty".as_ptr()) }, -1);
            assert_eq!(simulated_machine_end(1), 0);
            // SAFETY: a C string.
            assert_eq!(unsafe { simulated_machine_boot(c"empty".as_ptr()) }, 0);
        });
    }

    #[test]
    fn there_must_be_a_machine_of_that_name() {
        on("empty", || {
            end();
            assert!(boot("no such machine").is_err());
            // SAFETY: a C string.
            assert_eq!(unsafe { simulated_machine_boot(c"no such machine".as_ptr()) }, -1);
        });
    }

    #[test]
    fn without_a_machine_an_empty_one_boots() {
        on("nubs", || {
            end();
            assert_eq!(running().name, DEFAULT);
        });
    }

    #[test]
    fn the_task_is_known_before_a_machine_boots() {
        let fresh = iokit_uc_machines::boot(DEFAULT).unwrap();
        assert_eq!(fresh.task.mach_task_self(), 0x103);
        on("empty", || assert_eq!(TASK.load(Ordering::Relaxed), running().task().mach_task_self()));
    }

    #[test]
    fn a_command_answers_and_an_unknown_one_does_not() {
        on("methods", || {
            assert_eq!(command(c"calls", &[]), (0, 0));
            assert_eq!(command(c"no such command", &[]), (-1, 77));
        });
    }

    #[test]
    fn what_is_left_is_counted_and_told_with_the_call_that_gave_it() {
        on("nubs", || {
            let _call = darwin_calls::enter("IORegistryGetRootEntry");
            let root = crate::c::IORegistryGetRootEntry(0);
            crate::ownership::returned_right(root);
            let expected =
                format!("{root:#x} (IORegistryEntry, 1 reference), given by IORegistryGetRootEntry");
            assert_eq!(report(), [expected]);
            assert_eq!(simulated_machine_end(0), 1);
            assert!(report().is_empty());
        });
    }
}
