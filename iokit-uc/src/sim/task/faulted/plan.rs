//! What comes to one call.

use crate::backend::PortName;
use crate::error::IoReturn;
use crate::interface::{EntryId, TerminateOptions};
use crate::memory::MemoryDescriptor;
use crate::sim::Task;
use crate::sim::fault::{Armed, Kind, Passed, Point, QueueDamage, When, is_queue, reaches_driver};
use crate::sim::keys::ObjectKey;
use crate::sim::state::{PortKind, State};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// The faults that come to a call, and what the record has to know of it.
pub(super) struct Plan {
    pub(super) task: Task,
    point: Point,
    /// What is called, and may be terminated.
    service: Option<EntryId>,
    faults: Vec<Arc<Armed>>,
    /// The call's number in the record.
    number: Option<usize>,
    /// What was to happen as the driver is called has happened.
    is_during: Cell<bool>,
    pub(super) seen: RefCell<Seen>,
}

/// What was seen of the call on its way.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) scalars: usize,
    pub(super) structure: usize,
    pub(super) mapped: Option<MemoryDescriptor>,
    pub(super) is_async: bool,
}

/// What a call is made of.
#[derive(Default)]
struct Subject {
    /// What its classes are looked for among.
    objects: [Option<ObjectKey>; 2],
    service: Option<EntryId>,
}

impl Plan {
    /// None if the call goes as it would without faults, and nobody writes it down.
    pub(super) fn of(task: &Task, point: Point, port: Option<PortName>) -> Option<Rc<Self>> {
        let kernel = task.shared.lock();
        let subject = port.map(|port| kernel.subject(task, port)).unwrap_or_default();
        let (injected, number) = task.shared.core().faults().begin(&point, subject.service.is_some());
        let comes = |armed: &Arc<Armed>| {
            kernel.passes_filter(task, &point, &subject, armed)
                && (subject.service.is_some() || !armed.fault.kind.needs_service())
                && armed.choose()
        };
        let faults: Vec<_> = injected.into_iter().filter(comes).collect();
        if !faults.is_empty() {
            // Somebody may wait for a hit.
            task.shared.notify();
        }
        drop(kernel);
        let (task, service) = (task.clone(), subject.service);
        (number.is_some() || !faults.is_empty()).then(|| {
            let (is_during, seen) = (Cell::new(false), RefCell::default());
            Rc::new(Self { task, point, service, faults, number, is_during, seen })
        })
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = (Kind, &Arc<Armed>)> {
        self.faults.iter().map(|armed| (armed.fault.kind, armed))
    }

    /// What comes before the call. Gives the code that it fails with, if it is not to be made.
    pub(super) fn begin(&self) -> Option<IoReturn> {
        self.happen(When::Before);
        if !reaches_driver(self.point.function) {
            self.happen_during();
        }
        self.kinds().find_map(|(kind, _)| match kind {
            Kind::Fail(code) => Some(code),
            _ => None,
        })
    }

    /// The call is not made: what was to come while it is, and after it, comes now.
    pub(super) fn fail<R>(&self, failure: R) -> R {
        self.happen_during();
        self.end(false);
        failure
    }

    /// Makes the call, which is to come upon the plan by itself.
    pub(super) fn run<R>(&self, call: impl FnOnce() -> R) -> R {
        let names_before = self.task.shared.lock().names(self.task.key).made();
        let exhausts = self.kinds().any(|(kind, _)| kind == Kind::ExhaustPortNames);
        if exhausts {
            self.task.shared.lock().names(self.task.key).close();
        }
        let result = call();
        let mut kernel = self.task.shared.lock();
        let names = kernel.names(self.task.key);
        if exhausts {
            names.reopen();
        }
        let made_name = names.made() != names_before;
        drop(kernel);
        self.end(made_name);
        result
    }

    fn end(&self, made_name: bool) {
        let seen = self.seen.take();
        if let Some(number) = self.number {
            let mapped_queue = seen.mapped.as_ref().is_some_and(is_queue);
            let reached_driver = self.is_during.get() && reaches_driver(self.point.function);
            self.task.shared.core().faults().end(number, |passed: &mut Passed| {
                let Seen { scalars, structure, is_async, .. } = seen;
                (passed.scalars, passed.structure, passed.is_async) = (scalars, structure, is_async);
                (passed.reached_driver, passed.made_name) = (reached_driver, made_name);
                passed.mapped_queue = mapped_queue;
            });
        }
        self.happen(When::After);
        for (kind, armed) in self.kinds() {
            if let Kind::CorruptQueue(damage) = kind {
                damage_queue(armed, damage);
            }
        }
    }

    /// What was to happen while the call is made, once.
    pub(super) fn happen_during(&self) {
        if self.is_during.replace(true) {
            return;
        }
        for (kind, armed) in self.kinds() {
            match kind {
                Kind::Delay(time) => self.wait(armed, Some(time)),
                Kind::Hang => self.wait(armed, None),
                _ => {}
            }
        }
        self.happen(When::During);
    }

    fn happen(&self, now: When) {
        for (kind, _) in self.kinds() {
            match (kind, self.service) {
                (Kind::Terminate(when), Some(service)) if when == now => {
                    self.task.terminate(service);
                }
                (Kind::KillTask(when), _) if when == now => self.task.kill(),
                _ => {}
            }
        }
    }

    /// Waits until the fault is lifted, the task is killed, or the time has passed.
    fn wait(&self, armed: &Armed, time: Option<Duration>) {
        let mut kernel = self.task.shared.lock();
        let mut left = time;
        while !armed.is_lifted() && kernel.task(self.task.key).alive && left != Some(Duration::ZERO) {
            (kernel, left) = kernel.wait_for_change_within(left);
        }
    }

    /// The least that a truncation leaves.
    pub(super) fn room(&self, room: impl Fn(Kind) -> Option<usize>) -> usize {
        self.kinds().filter_map(|(kind, _)| room(kind)).min().unwrap_or(usize::MAX)
    }
}

/// Damages the queue that was mapped last.
fn damage_queue(armed: &Armed, damage: QueueDamage) {
    let queue = armed.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(queue) = queue {
        // Of memory that is no queue nothing is damaged.
        let _ = damage.apply(&queue);
    }
}

impl Task {
    fn terminate(&self, service: EntryId) {
        let object = self.shared.lock().entries.get(&service).copied();
        if let Some(object) = object {
            self.shared.terminate(object, TerminateOptions::default());
        }
    }
}

impl State {
    fn subject(&self, task: &Task, name: PortName) -> Subject {
        let Ok(port) = self.destination(task.key, name) else { return Subject::default() };
        let object = match &self.ports[port].kind {
            PortKind::Object(object) => *object,
            PortKind::Connect(client) => client.object,
            _ => return Subject::default(),
        };
        let is_client = self.entry(object).is_some_and(|entry| entry.client.is_some());
        let service = if is_client { self.provider(object) } else { Some(object) };
        let stays = [self.root, self.platform, self.resources, self.user_resources];
        let service = service.filter(|&service| self.is_kind_of(service, "IOService"));
        let unpluggable = service.filter(|service| !stays.contains(service));
        Subject { objects: [Some(object), service], service: unpluggable.map(|service| self.id_of(service)) }
    }

    fn passes_filter(&self, task: &Task, point: &Point, subject: &Subject, armed: &Armed) -> bool {
        let (filter, kind) = (&armed.fault.filter, armed.fault.kind);
        let is_class = |class: &String| {
            subject
                .objects
                .iter()
                .flatten()
                .any(|&object| self.objects.contains_key(object) && self.is_kind_of(object, class))
        };
        // Where no memory is mapped, it says which queue is meant.
        let memory_type = match (kind, point.memory_type) {
            (Kind::CorruptQueue(_), None) => None,
            _ => filter.memory_type,
        };
        armed.fault.concerns(point.function)
            && filter.selector.is_none_or(|selector| point.selector == Some(selector))
            && memory_type.is_none_or(|memory_type| point.memory_type == Some(memory_type))
            && filter.task.as_ref().is_none_or(|filtered| filtered.id == task.id())
            && filter.class.as_ref().is_none_or(is_class)
    }
}
