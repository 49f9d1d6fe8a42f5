//! Commands for any machine.

use crate::Scene;
use iokit_uc::backend::PortName;
use iokit_uc::sim::{EntryId, Machine, RegisterOptions, Task, TerminateOptions};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a test waits for what must happen before it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Adds the commands that any machine knows:
///
/// - with a registry entry's number: `terminate` and `terminate_synchronously`, 1 unless the service was gone already;
///   `is_inactive`, `busy`; `start_matching`, whose round `finish_matching` ends; with a second number,
///   `set_colour`, which sets the property `Colour`, and `adjust_busy`; `register`, with 1 for synchronously or 2 for
///   asynchronously;
/// - about the work loop: `wait_until_idle`, 1 unless that takes too long; `publish_resource` with its number;
/// - about the clock: `freeze_clock`, `advance` by seconds;
/// - with a number of threads: `wait_until_blocked`, 1 unless that takes too long;
/// - with a name of the test's task: `send_rights`, `queued_messages`, `wait_for_message`;
/// - of the report: `leaks` and `user_clients` count, `misuse` is text.
pub(crate) fn add(scene: &mut Scene) {
    let mut on = |command, run: fn(&Machine, EntryId, &[u64]) -> u64| {
        let machine = scene.machine.clone();
        scene.on(command, move |arguments| run(&machine, EntryId(arguments[0]), arguments));
    };
    on("terminate", |machine, id, _| machine.terminate(id, TerminateOptions::default()).into());
    on("terminate_synchronously", |machine, id, _| {
        machine.terminate(id, TerminateOptions { synchronous: true }).into()
    });
    on("is_inactive", |machine, id, _| machine.is_inactive(id).into());
    on("busy", |machine, id, _| machine.busy(id).into());
    on("adjust_busy", |machine, id, arguments| machine.adjust_busy(id, arguments[1] as i32).is_ok().into());
    on("register", |machine, id, arguments| {
        let options = arguments[1];
        let options = RegisterOptions { synchronous: options & 1 != 0, asynchronous: options & 2 != 0 };
        machine.register(id, options).into()
    });
    on("set_colour", |machine, id, arguments| {
        machine.set_property(id, "Colour", arguments[1] as u32).is_ok().into()
    });

    let round = std::sync::Arc::new(Mutex::new(None));
    let (machine, begun) = (scene.machine.clone(), std::sync::Arc::clone(&round));
    scene.on("start_matching", move |arguments| {
        let started = machine.start_matching(EntryId(arguments[0]));
        begun.lock().unwrap_or_else(PoisonError::into_inner).replace(started);
        0
    });
    scene.on("finish_matching", move |_| {
        let begun = round.lock().unwrap_or_else(PoisonError::into_inner).take();
        begun.is_some().into()
    });

    let mut on = |command, run: fn(&Machine, &[u64]) -> u64| {
        let machine = scene.machine.clone();
        scene.on(command, move |arguments| run(&machine, arguments));
    };
    on("freeze_clock", |machine, _| {
        machine.freeze_clock();
        0
    });
    on("advance", |machine, arguments| {
        machine.advance(Duration::from_secs(arguments[0]));
        0
    });
    on("wait_until_idle", |machine, _| machine.wait_until_idle(PATIENCE).into());
    on("publish_resource", |machine, arguments| {
        machine.publish_resource(format!("Resource {}", arguments[0]), true);
        0
    });
    on("wait_until_blocked", |machine, arguments| {
        machine.wait_until_blocked(arguments[0] as usize, PATIENCE).into()
    });
    on("leaks", |machine, _| machine.report().leaks.len() as u64);
    on("user_clients", |machine, _| machine.report().user_clients.len() as u64);
    let machine = scene.machine.clone();
    scene.on_text("misuse", move || machine.report().misuses.iter().map(ToString::to_string).collect());

    let mut on = |command, run: fn(&Task, PortName) -> u64| {
        let task = scene.task.clone();
        scene.on(command, move |arguments| run(&task, arguments[0] as PortName));
    };
    on("send_rights", |task, name| task.send_rights(name).into());
    on("queued_messages", |task, name| task.queued_messages(name) as u64);
    on("wait_for_message", |task, name| {
        task.wait_for_message(name);
        0
    });
}
