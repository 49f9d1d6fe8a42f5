//! The kernel's state: objects, ports, tasks, and the rights that tie them together.
//!
//! One lock guards all of it. No driver's code runs under that lock: what a change of state makes a driver do is put
//! off as [`Work`], and what it frees is dropped, when the lock is gone.

use super::busy_time::BusyTime;
use super::catalogue::Catalogue;
use super::class::Classes;
use super::client::Client;
use super::clock::Clock;
use super::hooks::Hooks;
use super::keys::{ClassKey, LinkKey, ObjectKey, PortKey, TaskKey};
use super::mapping::{Leftover, MemoryMap};
use super::names::{NO_ROOM_IN_BODY, Names, Released, Right};
use super::notifier::Interest;
use super::place::{Beyond, Link, Links, Planes, RegistryIterator};
use super::policy::{AllowAll, Policy};
use super::property_lock::PropertyLock;
use super::queue::{Carried, KERNEL_QUEUE_LIMIT, Queue, Queued, Woken};
use super::report::Misuse;
use super::round::Round;
use super::state_bits::States;
use super::subscriber::{Subscriber, Subscribers};
use super::termination::Termination;
use crate::backend::{DEAD, NULL, PortName};
use crate::error::IoReturn;
use crate::interface::{Caller, Driver, EntryId, Refusals};
use crate::value::{Dictionary, Value};
use slotmap::SlotMap;
use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A dictionary whose entries tasks see beside an entry's own (PR-1).
pub(super) const USER_SERVICE_PROPERTIES: &str = "IOUserServiceProperties";

pub(super) struct State {
    pub(super) clock: Arc<Clock>,
    pub(super) classes: Classes,
    pub(super) objects: SlotMap<ObjectKey, Object>,
    /// What is attached to what, in all planes.
    pub(super) links: SlotMap<LinkKey, Link>,
    pub(super) planes: Planes,
    pub(super) ports: SlotMap<PortKey, Port>,
    pub(super) tasks: Vec<TaskState>,
    pub(super) entries: HashMap<EntryId, ObjectKey>,
    pub(super) next_entry: u64,
    pub(super) root: ObjectKey,
    pub(super) platform: ObjectKey,
    pub(super) resources: ObjectKey,
    pub(super) user_resources: ObjectKey,
    /// The host's main port (CN-3).
    pub(super) main: PortKey,
    pub(super) subscribers: Subscribers,
    pub(super) catalogue: Catalogue,
    /// Services whose rounds of matching are left to the work loop (BQ-3).
    pub(super) rounds: VecDeque<ObjectKey>,
    pub(super) user_client_classes: HashMap<String, Arc<dyn Driver>>,
    pub(super) policy: Arc<dyn Policy>,
    pub(super) misuses: Vec<Misuse>,
    /// The entitlements that tasks do not get, whoever has them.
    pub(super) refusals: Arc<Refusals>,
    /// The last handle on the machine is gone.
    pub(super) is_dismantled: bool,
    /// Entries whose drivers set properties under their property locks, with the threads (PR-10).
    pub(super) property_locks: Vec<PropertyLock>,
    /// The mappings, in the order in which they were made.
    pub(super) maps: Vec<ObjectKey>,
    pub(super) leftovers: Vec<Leftover>,
    /// Threads that wait for a change.
    pub(super) blocked: usize,
    /// Those of them that are being woken, as time has been moved on: where they wait next is not known yet.
    pub(super) awakening: usize,
    /// Those of them that wait at ports that tasks receive from.
    pub(super) blocked_at_ports: usize,
    /// Threads that wait for others to be blocked.
    pub(super) watching_blocked: usize,
    /// What drivers have to be told, oldest first.
    pub(super) work: VecDeque<Work>,
    /// What waits for an external method to return (TERM-7, RC-10), for a hold to end (TERM-8), or for a client to go
    /// (TERM-10).
    pub(super) parked: Vec<Work>,
    /// How often something was given up that terminations wait for.
    pub(super) given_up: u64,
    /// What has been freed and may run a driver's code when it is dropped.
    pub(super) garbage: Vec<Box<dyn Any + Send>>,
    /// Threads at ports, to be woken when the lock is gone.
    pub(super) woken: Woken,
}

/// Something that a change of state makes a driver do.
pub(super) enum Work {
    /// The last send right to a connection is gone (OC-11).
    ClientDied(Arc<Client>),
    /// The same, as the task that had it exits: nobody waits for the external methods that still run, and it comes to
    /// pass when they have returned (RC-10).
    TaskExited(Arc<Client>),
    /// Phases 2 and 3 of a termination (TERM-8 … TERM-10).
    Terminate(Termination),
    /// A user client is gone that nobody has stopped, as it was never attached (OC-7).
    Freed(ObjectKey),
}

pub(super) struct TaskState {
    pub(super) caller: Arc<Caller>,
    pub(super) names: Names,
    /// The task's own port, `mach_task_self`.
    pub(super) self_name: PortName,
    pub(super) alive: bool,
}

pub(super) struct Port {
    pub(super) kind: PortKind,
    /// Send rights: one for each task that has one, and those that drivers hold.
    pub(super) senders: u32,
}

pub(super) enum PortKind {
    /// OBJECT (P-1): services, registry entries, iterators, mappings.
    Object(ObjectKey),
    /// CONNECT (P-1): user clients.
    Connect(Arc<Client>),
    /// CONNECT, of a user client that is gone: the mappings that it had (TERM-6).
    Mappings(Vec<ObjectKey>),
    /// The host's main port.
    Main,
    /// A task's own port.
    Task(TaskKey),
    /// A port that a task receives from, with the messages that wait there.
    Queue(Queue),
}

impl PortKind {
    /// Whether it is of the kind CONNECT, whose rights do not leave their task (P-4a).
    pub(super) fn is_connection(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::Mappings(_))
    }
}

/// An object of the kernel that can have ports. What a walk of the registry touches is in one place, at its start.
#[repr(C)]
pub(super) struct Object {
    pub(super) retains: u32,
    pub(super) object_port: Option<PortKey>,
    pub(super) class: ClassKey,
    pub(super) body: Body,
}

pub(super) enum Body {
    Entry(Entry),
    /// An iterator over a copy (REG-16).
    Iterator {
        items: Vec<ObjectKey>,
        next: usize,
    },
    /// An iterator that follows what becomes of the registry (REG-17).
    Registry(RegistryIterator),
    /// A matching notification (NT-4).
    Subscriber(Box<Subscriber>),
    /// An interest notification (NT-12).
    Interest(Interest),
    /// A mapping (MEM-10).
    Map(MemoryMap),
}

/// An entry of the registry, and a service if its class says so.
#[derive(Default)]
#[repr(C)]
pub(super) struct Entry {
    /// Its place in the plane IOService.
    pub(super) links: Links,
    /// What concerns other planes, or its names in one.
    pub(super) beyond: Option<Box<Beyond>>,
    pub(super) id: Option<EntryId>,
    /// The global name and location (REG-5).
    pub(super) name: Option<Arc<str>>,
    pub(super) location: Option<Arc<str>>,
    pub(super) properties: Dictionary,
    pub(super) states: States,
    pub(super) busy: u32,
    pub(super) busy_time: BusyTime,
    pub(super) round: Round,
    /// A task has been given it by a notification of its end, and its OBJECT port outlives that (NT-9).
    pub(super) keeps_port: bool,
    /// Matching rounds and opens that are under way: phase 2 of a termination waits for them (TERM-8).
    pub(super) holds: u32,
    /// The client that has the service open (TERM-12).
    pub(super) owner: Option<ObjectKey>,
    /// The interest notifications, in the order in which they were registered.
    pub(super) interested: Vec<ObjectKey>,
    pub(super) ending: Ending,
    pub(super) device_tree_names: bool,
    pub(super) hooks: Option<Box<Hooks>>,
    pub(super) client: Option<Arc<Client>>,
    pub(super) connect_port: Option<PortKey>,
    /// The mappings that the user client keeps for its task (MEM-9), once there has been one.
    #[expect(clippy::box_collection, reason = "most entries are no user clients")]
    pub(super) mappings: Option<Box<Vec<ObjectKey>>>,
}

/// How far the end of a service has come (TERM-9, TERM-10).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ending {
    /// Phase 3: from here on a client that closes the service is to be stopped.
    pub(super) phase_3: bool,
    pub(super) finalized: bool,
    /// It is being stopped and detached from a provider.
    pub(super) stopping: bool,
}

/// What a driver has left in an entry, to be dropped.
fn left_by(client: Option<Arc<Client>>, hooks: Option<Box<Hooks>>) -> Option<Box<dyn Any + Send>> {
    (client.is_some() || hooks.is_some()).then(|| Box::new((client, hooks)) as _)
}

impl State {
    pub(super) fn task(&self, task: TaskKey) -> &TaskState {
        &self.tasks[task.0]
    }

    pub(super) fn names(&mut self, task: TaskKey) -> &mut Names {
        &mut self.tasks[task.0].names
    }

    pub(super) fn entry(&self, object: ObjectKey) -> Option<&Entry> {
        match &self.objects.get(object)?.body {
            Body::Entry(entry) => Some(entry),
            _ => None,
        }
    }

    pub(super) fn entry_mut(&mut self, object: ObjectKey) -> Option<&mut Entry> {
        match &mut self.objects.get_mut(object)?.body {
            Body::Entry(entry) => Some(entry),
            _ => None,
        }
    }

    pub(super) fn is_kind_of(&self, object: ObjectKey, class: &str) -> bool {
        self.classes
            .find(class)
            .is_some_and(|class| self.classes.is_kind_of(self.objects[object].class, class))
    }

    // ---- objects ----

    pub(super) fn make_object(&mut self, class: ClassKey, body: Body) -> ObjectKey {
        self.objects.insert(Object { class, retains: 1, object_port: None, body })
    }

    pub(super) fn retain(&mut self, object: ObjectKey) {
        self.objects[object].retains += 1;
    }

    pub(super) fn release(&mut self, object: ObjectKey) {
        let retains = &mut self.objects[object].retains;
        *retains -= 1;
        if *retains > 0 {
            return;
        }
        let Some(freed) = self.objects.remove(object) else { return };
        match freed.body {
            Body::Entry(entry) => {
                // One that was detached without being terminated is among them still.
                self.classes.remove_instance(freed.class, object);
                if let Some(id) = entry.id {
                    self.entries.remove(&id);
                }
                if entry.client.is_some() {
                    self.work.push_back(Work::Freed(object));
                }
                self.garbage.extend(left_by(entry.client, entry.hooks));
                entry.mappings.into_iter().flat_map(|maps| *maps).for_each(|map| self.release(map));
            }
            Body::Iterator { items, .. } => items.into_iter().for_each(|item| self.release(item)),
            Body::Registry(iterator) => self.end_iteration(iterator),
            Body::Subscriber(subscriber) => self.lose_subscriber(object, *subscriber),
            Body::Interest(interest) => self.lose_interest(object, &interest),
            Body::Map(map) => self.free_map(object, map),
        }
    }

    /// A new iterator over a copy of `items`, owned by whoever asked.
    pub(super) fn make_iterator(&mut self, items: Vec<ObjectKey>) -> ObjectKey {
        items.iter().for_each(|&item| self.retain(item));
        let class = self.classes.define("IOUserIterator", "OSIterator");
        self.make_object(class, Body::Iterator { items, next: 0 })
    }

    /// Everything that drivers have left here, to be dropped.
    pub(super) fn dismantle(&mut self) -> Vec<Box<dyn Any + Send>> {
        self.is_dismantled = true;
        let mut left = std::mem::take(&mut self.garbage);
        left.extend(self.catalogue.dismantle());
        self.leftovers.clear();
        let (work, parked) = (std::mem::take(&mut self.work), std::mem::take(&mut self.parked));
        left.extend(work.into_iter().chain(parked).map(|work| Box::new(work) as Box<dyn Any + Send>));
        left.extend(self.ports.drain().map(|(_, port)| Box::new(port.kind) as Box<dyn Any + Send>));
        for (_, object) in self.objects.drain() {
            if let Body::Entry(entry) = object.body {
                left.extend(left_by(entry.client, entry.hooks));
            }
        }
        left.push(Box::new(std::mem::replace(&mut self.policy, Arc::new(AllowAll))));
        left.extend(
            self.user_client_classes.drain().map(|(_, class)| Box::new(class) as Box<dyn Any + Send>),
        );
        left
    }

    // ---- ports and rights ----

    /// The object's OBJECT port, made if need be (P-2, P-3).
    pub(super) fn object_port(&mut self, object: ObjectKey) -> PortKey {
        if let Some(port) = self.objects[object].object_port {
            return port;
        }
        self.retain(object);
        let port = self.ports.insert(Port { kind: PortKind::Object(object), senders: 0 });
        self.objects[object].object_port = Some(port);
        port
    }

    /// The user client's CONNECT port, made if need be.
    fn connect_port(&mut self, client: &Arc<Client>) -> PortKey {
        let object = client.object;
        if let Some(port) = self.entry(object).and_then(|entry| entry.connect_port) {
            return port;
        }
        self.retain(object);
        let port = self.ports.insert(Port { kind: PortKind::Connect(Arc::clone(client)), senders: 0 });
        if let Some(entry) = self.entry_mut(object) {
            entry.connect_port = Some(port);
        }
        port
    }

    /// Gives a task a reference on the object's name (RC-5).
    pub(super) fn vend(&mut self, task: TaskKey, object: ObjectKey) -> Result<PortName, IoReturn> {
        let port = self.object_port(object);
        self.give_send(task, port)
    }

    /// Gives a task a reference on the name of the user client's connection.
    pub(super) fn vend_connection(
        &mut self,
        task: TaskKey,
        client: &Arc<Client>,
    ) -> Result<PortName, IoReturn> {
        let port = self.connect_port(client);
        self.give_send(task, port)
    }

    /// A task that is dead gets nothing, and the right is gone at once. So it is if there is no room for its name (P-2a).
    pub(super) fn give_send(&mut self, task: TaskKey, port: PortKey) -> Result<PortName, IoReturn> {
        self.ports[port].senders += 1;
        if !self.task(task).alive {
            self.drop_send(port);
            return Ok(NULL);
        }
        let Ok((name, is_new)) = self.names(task).add_send(port) else {
            self.drop_send(port);
            return Err(NO_ROOM_IN_BODY);
        };
        if !is_new {
            self.ports[port].senders -= 1;
        }
        Ok(name)
    }

    /// Does what letting go of a reference comes to.
    pub(super) fn released(&mut self, released: Released) {
        match released {
            Released::Reference => {}
            Released::SendRight(port) => self.drop_send(port),
            Released::ReceiveRight(port) => self.destroy_port(port),
        }
    }

    /// One send right less; the last one is the kernel's no-senders event (P-4).
    pub(super) fn drop_send(&mut self, port: PortKey) {
        let Some(Port { kind, senders }) = self.ports.get_mut(port) else { return };
        *senders -= 1;
        if *senders > 0 {
            return;
        }
        match kind {
            PortKind::Object(object) => {
                let object = *object;
                self.lose_name(object);
                self.destroy_port(port);
            }
            PortKind::Mappings(_) => self.destroy_port(port),
            PortKind::Connect(client) => {
                let client = Arc::clone(client);
                self.destroy_port(port);
                self.work.push_back(Work::ClientDied(client));
            }
            PortKind::Main | PortKind::Task(_) | PortKind::Queue(_) => {}
        }
    }

    /// The port goes, every name for it dies, and its object loses the port's reference (P-3, TERM-5).
    pub(super) fn destroy_port(&mut self, port: PortKey) {
        let Some(Port { kind, senders }) = self.ports.remove(port) else { return };
        // The name of a port without senders is that of its receive right, if it can have one.
        if senders > 0 || matches!(kind, PortKind::Queue(_)) {
            for task in &mut self.tasks {
                task.names.port_died(port);
            }
        }
        match kind {
            PortKind::Object(object) => {
                self.objects[object].object_port = None;
                self.release(object);
            }
            PortKind::Connect(client) => {
                if let Some(entry) = self.entry_mut(client.object) {
                    entry.connect_port = None;
                }
                self.release(client.object);
                self.garbage.push(Box::new(client));
            }
            PortKind::Mappings(mappings) => mappings.into_iter().for_each(|map| self.release(map)),
            PortKind::Queue(queue) => {
                self.woken.add(queue.changed);
                self.woken.tell(&queue.watchers);
                queue.messages.into_iter().for_each(|message| self.discard(message));
            }
            PortKind::Main | PortKind::Task(_) => {}
        }
    }

    /// The queue of a port that a task receives from; none for any other port, and for one that is gone.
    pub(super) fn queue_at(&mut self, port: PortKey) -> Option<&mut Queue> {
        match &mut self.ports.get_mut(port)?.kind {
            PortKind::Queue(queue) => Some(queue),
            _ => None,
        }
    }

    /// Puts a message where it waits to be received, however many there are. At a port that is gone it is lost.
    pub(super) fn queue(&mut self, port: PortKey, message: Queued) {
        match self.queue_at(port) {
            Some(queue) => {
                queue.messages.push_back(message);
                self.wake(port);
            }
            None => self.discard(message),
        }
    }

    /// Sends a message of the kernel's own, whose success says nothing about a receiver (AS-4). The queue's limit
    /// counts if the message `can_drop`.
    pub(super) fn send(&mut self, port: PortKey, message: Queued, can_drop: bool) -> IoReturn {
        let code = match self.queue_at(port) {
            Some(queue) if can_drop && queue.is_full() => IoReturn::MACH_SEND_TIMED_OUT,
            Some(queue) if queue.messages.len() >= KERNEL_QUEUE_LIMIT => IoReturn::MACH_SEND_NO_BUFFER,
            _ => {
                self.queue(port, message);
                return IoReturn::SUCCESS;
            }
        };
        self.discard(message);
        code
    }

    /// A message that nobody receives: its rights go back.
    pub(super) fn discard(&mut self, message: Queued) {
        message.rights().for_each(|right| self.drop_send(right));
    }

    /// A send right for a message to carry.
    pub(super) fn carry(&mut self, port: PortKey) -> Carried {
        match self.ports.get_mut(port) {
            Some(port) => port.senders += 1,
            None => return Carried::Dead,
        }
        Carried::Send(port)
    }

    /// Time has passed: every thread that waits at a port looks how much.
    pub(super) fn wake_all_ports(&mut self) {
        for port in self.ports.keys().collect::<Vec<_>>() {
            self.wake(port);
        }
    }

    /// Something has changed at a port that a task receives from: who waits there is woken when the lock goes.
    pub(super) fn wake(&mut self, port: PortKey) {
        let Some(Port { kind: PortKind::Queue(queue), .. }) = self.ports.get(port) else { return };
        if queue.waiting > 0 {
            self.woken.add(Arc::clone(&queue.changed));
        }
        self.woken.tell(&queue.watchers);
    }

    /// The task's rights go back (RC-10).
    pub(super) fn kill(&mut self, task: TaskKey) {
        self.tasks[task.0].alive = false;
        self.lose_address_space(task);
        let put_off_before = self.work.len();
        for right in self.names(task).clear() {
            match right {
                Right::Port { port, receive: true, .. } => self.destroy_port(port),
                // The task's own port dies with it, whoever else has a name for it.
                Right::Port { port, .. } if matches!(self.ports[port].kind, PortKind::Task(own) if own == task) =>
                {
                    self.destroy_port(port);
                }
                Right::Port { port, .. } => self.drop_send(port),
                Right::Dead { .. } => {}
            }
        }
        for work in self.work.iter_mut().skip(put_off_before) {
            if let Work::ClientDied(client) = work {
                *work = Work::TaskExited(Arc::clone(client));
            }
        }
    }

    // ---- names as arguments ----

    /// The destination of a message: the port behind the name of a live send right (P-5).
    pub(super) fn destination(&self, task: TaskKey, name: PortName) -> Result<PortKey, IoReturn> {
        match self.task(task).names.get(name) {
            Some(Right::Port { port, sends, .. }) if sends > 0 => Ok(port),
            _ => Err(IoReturn::MACH_SEND_INVALID_DEST),
        }
    }

    /// The object behind an OBJECT right; `kIOReturnBadArgument` for a right of another kind (P-6).
    pub(super) fn object(&self, task: TaskKey, name: PortName) -> Result<ObjectKey, IoReturn> {
        match self.ports[self.destination(task, name)?].kind {
            PortKind::Object(object) => Ok(object),
            _ => Err(IoReturn::BAD_ARGUMENT),
        }
    }

    /// The registry entry behind an OBJECT right (P-6).
    pub(super) fn registry_entry(&self, task: TaskKey, name: PortName) -> Result<ObjectKey, IoReturn> {
        let object = self.object(task, name)?;
        self.entry(object).map(|_| object).ok_or(IoReturn::BAD_ARGUMENT)
    }

    /// The user client behind a CONNECT right (P-6).
    #[inline]
    pub(super) fn connection(&self, task: TaskKey, name: PortName) -> Result<&Arc<Client>, IoReturn> {
        match &self.ports[self.destination(task, name)?].kind {
            PortKind::Connect(client) => Ok(client),
            _ => Err(IoReturn::BAD_ARGUMENT),
        }
    }

    /// Whether a right denotes what is left of a connection through which memory was mapped (TERM-6).
    pub(super) fn has_mappings(&self, task: TaskKey, name: PortName) -> bool {
        self.destination(task, name).is_ok_and(|port| matches!(self.ports[port].kind, PortKind::Mappings(_)))
    }

    /// A send right as an argument: `None` for no port or a dead name (P-5a).
    pub(super) fn send_argument(&self, task: TaskKey, name: PortName) -> Result<Option<PortKey>, IoReturn> {
        if name == NULL || name == DEAD {
            return Ok(None);
        }
        match self.task(task).names.get(name) {
            Some(Right::Port { port, sends, .. }) if sends > 0 => Ok(Some(port)),
            Some(Right::Dead { .. }) => Ok(None),
            _ => Err(IoReturn::MACH_SEND_INVALID_RIGHT),
        }
    }

    /// A receive right as an argument, of which the kernel makes itself a send right (P-5a, AS-2).
    pub(super) fn receive_argument(
        &self,
        task: TaskKey,
        name: PortName,
    ) -> Result<Option<PortKey>, IoReturn> {
        if name == NULL {
            return Ok(None);
        }
        match self.task(task).names.get(name) {
            Some(Right::Port { port, receive: true, .. }) => Ok(Some(port)),
            _ => Err(IoReturn::MACH_SEND_INVALID_RIGHT),
        }
    }

    /// `task` as an argument of `IOServiceOpen`.
    pub(super) fn task_argument(&self, task: TaskKey, name: PortName) -> Result<Option<TaskKey>, IoReturn> {
        Ok(match self.send_argument(task, name)?.map(|port| &self.ports[port].kind) {
            Some(PortKind::Task(named)) => Some(*named),
            _ => None,
        })
    }

    // ---- properties ----

    /// A property of an entry, own or merged in from `IOUserServiceProperties` (PR-2).
    pub(super) fn property(&self, object: ObjectKey, key: &str) -> Option<&Value> {
        let own = &self.entry(object)?.properties;
        own.get(key).or_else(|| own.get(USER_SERVICE_PROPERTIES)?.as_dictionary()?.get(key))
    }
}
