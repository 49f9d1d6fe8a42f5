//! The way through a trace: what its names stand for at each line.

use super::kind;
use super::plan::{Memory, Message, Object, Plan, Planned, connection};
use super::port::{Input, Inputs, Port, Resolve, Role, inputs, is_no_port};
use super::words::{self, Kind};
use crate::backend::{Function, PortName, PortRight, VM_PROT_READ, VM_PROT_WRITE};
use crate::error::IoReturn;
use crate::trace::{Field, Trace, TracedCall};
use std::collections::HashMap;

/// What a name of the recorded program's stands for.
struct Held {
    port: Port,
    references: i64,
}

impl Plan {
    pub(super) fn new(trace: Trace) -> Self {
        let mut plan = Planner::read(&trace);
        plan.index();
        plan.trace = trace;
        plan
    }
}

/// A notification port of the recorded program's.
struct NotificationPort {
    port: Port,
    /// What its right has been called.
    names: Vec<PortName>,
}

/// For the words of a reference, of what a driver sends to a port that it was given.
const OF_DRIVER: [u64; 3] = [u64::MAX; 3];

/// What is known of the recorded program on the way through the trace.
#[derive(Default)]
pub(super) struct Planner {
    plan: Plan,
    names: HashMap<PortName, Held>,
    notification_ports: HashMap<u64, NotificationPort>,
    /// The calls that have asked for completions, by the port and the first words of the reference.
    asked: HashMap<(usize, Vec<u64>), usize>,
    /// The calls that gave objects.
    given_by: HashMap<usize, usize>,
    /// The first object that was given by calls that are alike, as an output.
    alike: HashMap<(usize, &'static str), usize>,
    /// What is mapped where, by which connection and as which type.
    mapped: HashMap<u64, (usize, Port, i128)>,
    /// How many empty messages the program has sent itself.
    sent: HashMap<(usize, u32), usize>,
    line: usize,
}

impl Resolve for Planner {
    fn port(&mut self, name: PortName, role: Role) -> Port {
        match self.names.get(&name) {
            _ if is_no_port(name) => Port::Name(name),
            Some(held) => held.port,
            // The trace does not say where it came from, and it can be nothing else.
            None if role == Role::Task => Port::Task,
            None if role == Role::Own => self.own(name),
            None => Port::Name(name),
        }
    }

    fn notification_port(&mut self, address: u64) -> Port {
        match self.notification_ports.get(&address) {
            Some(known) => known.port,
            None => self.new_notification_port(address),
        }
    }
}

impl Planner {
    /// What a trace says, but for the trace itself.
    fn read(trace: &Trace) -> Plan {
        let calls = trace.calls();
        let mut planner = Self::default();
        planner.plan.calls.resize_with(calls.len(), Planned::default);
        let mut events: Vec<(usize, usize, bool)> = Vec::with_capacity(2 * calls.len());
        for (index, call) in calls.iter().enumerate() {
            events.push((call.line, index, false));
            events.extend(call.ended.map(|line| (line, index, true)));
        }
        events.sort_unstable();
        for (line, index, is_end) in events {
            planner.line = line;
            if is_end { planner.ends(calls, index) } else { planner.begins(calls, index) }
        }
        planner.look_for_senders();
        planner.forget_own_messages();
        planner.plan
    }

    fn begins(&mut self, calls: &[TracedCall], index: usize) {
        let call = &calls[index];
        let inputs = inputs(call.function, &call.inputs, self);
        self.asks(index, call, &inputs);
        if !kind::is_local(call.function) {
            let plan = &mut self.plan;
            let class = plan
                .class_among(calls, call.function, &inputs)
                .unwrap_or_else(|| plan.add_class(calls, call.function, &inputs));
            plan.classes[class].calls.push(index);
            plan.calls[index].class = Some(class);
            if kind::is_of_connection(call.function) {
                plan.drivers.push(index);
                if let Some(connection) = connection(&inputs) {
                    plan.connections.entry(connection).or_default().push(index);
                }
            }
        }
        self.plan.calls[index].inputs = inputs;
    }

    /// Calls that ask for messages.
    fn asks(&mut self, index: usize, call: &TracedCall, inputs: &Inputs) {
        let Some(words) = words::words(call.function, &call.inputs) else { return };
        let key = match call.function {
            Function::IOConnectCallAsyncMethod => own(inputs, "wake_port")
                .map(|own| (own, words.iter().take(2).map(|(_, word)| *word).collect())),
            Function::IOConnectSetNotificationPort => own(inputs, "port").map(|own| (own, OF_DRIVER.into())),
            _ => None,
        };
        if let Some(key) = key {
            self.asked.insert(key, index);
        }
        self.plan.calls[index].words = Some(words);
    }

    fn ends(&mut self, calls: &[TracedCall], index: usize) {
        let call = &calls[index];
        for (output, field) in &call.outputs {
            if let Field::Port(name) = field {
                let port = self.give(call, index, *name);
                self.plan.calls[index].gives.push((*output, port));
                if call.function != Function::IOIteratorNext {
                    self.compare(index, output, port);
                }
            }
        }
        let code = match call.returned() {
            Some(Field::Code(code)) => *code,
            _ => IoReturn::SUCCESS,
        };
        self.count_references(call, code);
        self.look_for_death(call, code);
        match call.function {
            Function::IONotificationPortCreate => {
                if let Some(Field::Address(address)) = call.returned() {
                    self.new_notification_port(*address);
                }
            }
            Function::IONotificationPortDestroy => {
                // Its name and its address may be another one's from now on.
                if let Some(Field::Address(address)) = call.input("port")
                    && let Some(NotificationPort { port, names }) = self.notification_ports.remove(address)
                {
                    for name in names {
                        if self.names.get(&name).is_some_and(|held| held.port == port) {
                            self.names.remove(&name);
                        }
                    }
                }
            }
            Function::MachMsgSendEmpty if code.is_success() => {
                if let (Some(Port::Own(right)), Some(Field::Number(id))) =
                    (self.input_port(call, "port"), call.input("id"))
                {
                    *self.sent.entry((right, *id as u32)).or_default() += 1;
                }
            }
            Function::MachMsgReceive => self.received(call, code),
            Function::IOConnectMapMemory64 if code.is_success() => self.mapped(call, index),
            Function::IOConnectUnmapMemory64 if code.is_success() => {
                if let (Some(connect), Some(Field::Number(memory_type))) =
                    (self.input_port(call, "connect"), call.input("memory_type"))
                {
                    self.mapped.retain(|_, (_, its, its_type)| (*its, *its_type) != (connect, *memory_type));
                }
            }
            Function::MachVmRegion if code.is_success() => self.region(call),
            _ => {}
        }
    }

    // ---- names ----

    fn own(&mut self, name: PortName) -> Port {
        self.plan.rights.push(Vec::new());
        let port = Port::Own(self.plan.rights.len() - 1);
        self.names.insert(name, Held { port, references: 0 });
        port
    }

    fn new_notification_port(&mut self, address: u64) -> Port {
        self.plan.rights.push(Vec::new());
        let port = Port::Own(self.plan.rights.len() - 1);
        self.notification_ports.insert(address, NotificationPort { port, names: Vec::new() });
        port
    }

    /// A name comes with a call that has ended.
    fn give(&mut self, call: &TracedCall, index: usize, name: PortName) -> Port {
        if is_no_port(name) {
            return Port::Name(name);
        }
        let known = match call.function {
            Function::MachTaskSelf => Some(Port::Task),
            Function::MachPortAllocate => return self.own(name),
            Function::IONotificationPortGetMachPort => match call.input("port") {
                Some(Field::Address(address)) => {
                    let port = self.notification_port(*address);
                    self.notification_ports.entry(*address).and_modify(|known| known.names.push(name));
                    Some(port)
                }
                _ => None,
            },
            _ => None,
        };
        match known {
            Some(port) => {
                self.names.insert(name, Held { port, references: 0 });
                port
            }
            None => self.give_object(name, index),
        }
    }

    /// Whether an object is like one before.
    fn compare(&mut self, by: usize, output: &'static str, port: Port) {
        let Port::Object(object) = port else { return };
        let is_new = self.given_by.get(&object) == Some(&by);
        let Some(class) = self.plan.calls[by].class.filter(|_| is_new) else { return };
        let like = self.plan.classes[class].like;
        self.plan.objects[object].like = *self.alike.entry((like, output)).or_insert(object);
    }

    /// One more reference of a name, which is a new one unless the program has references of it.
    fn give_object(&mut self, name: PortName, by: usize) -> Port {
        if let Some(held) = self.names.get_mut(&name)
            && (held.references > 0 || !matches!(held.port, Port::Object(_)))
        {
            held.references += 1;
            let port = held.port;
            // A message may come, and be written down, before the call is that has asked for it.
            if let Port::Object(object) = port
                && self.asks_for_messages(by)
            {
                self.given_by.insert(object, by);
            }
            return port;
        }
        let object = self.plan.objects.len();
        self.plan.objects.push(Object { line: self.line, dead: None, like: object });
        self.given_by.insert(object, by);
        self.names.insert(name, Held { port: Port::Object(object), references: 1 });
        Port::Object(object)
    }

    fn count_references(&mut self, call: &TracedCall, code: IoReturn) {
        use Function::*;
        let (parameter, change) = match call.function {
            IOServiceClose => ("connect", -1),
            _ if !code.is_success() => return,
            IOObjectRetain => ("object", 1),
            IOObjectRelease => ("object", -1),
            IOConnectAddRef => ("connect", 1),
            IOConnectRelease => ("connect", -1),
            MachPortDeallocate => ("name", -1),
            MachPortModRefs => match (call.input("right"), call.input("delta")) {
                (Some(Field::Right(PortRight::Receive)), _) => {
                    if let Some(Field::Port(name)) = call.input("name") {
                        self.names.remove(name);
                    }
                    return;
                }
                (_, Some(Field::Number(delta))) => ("name", *delta as i64),
                _ => return,
            },
            _ => return,
        };
        let Some(Field::Port(name)) = call.input(parameter) else { return };
        let Some(held) = self.names.get_mut(name) else { return };
        held.references = held.references.saturating_add(change).max(0);
        let (port, is_gone) = (held.port, held.references == 0);
        if is_gone && matches!(port, Port::Object(_)) {
            self.mapped.retain(|_, (_, connect, _)| *connect != port);
        }
    }

    /// A name is dead from now on, if this is what is said of a dead one.
    fn look_for_death(&mut self, call: &TracedCall, code: IoReturn) {
        use Function::*;
        let is_dead = match call.function {
            IOConnectAddRef | IOConnectRelease => code == IoReturn::KERN_INVALID_RIGHT,
            MachPortGetRefs => {
                code.is_success()
                    && call.input("right") == Some(&Field::Right(PortRight::Send))
                    && call.output("references") == Some(&Field::Number(0))
            }
            IOObjectGetUserRetainCount => call.returned() == Some(&Field::Number(0)),
            _ => code == IoReturn::MACH_SEND_INVALID_DEST,
        };
        if let Some((parameter, Field::Port(_))) = call.inputs.first().filter(|_| is_dead)
            && let Some(Port::Object(object)) = self.input_port(call, parameter)
        {
            let heard = self.plan.drivers.len();
            self.plan.objects[object].dead.get_or_insert(heard);
        }
    }

    fn input_port(&self, call: &TracedCall, parameter: &str) -> Option<Port> {
        match call.input(parameter)? {
            Field::Port(name) => self.names.get(name).map(|held| held.port),
            _ => None,
        }
    }

    // ---- messages ----

    fn received(&mut self, call: &TracedCall, code: IoReturn) {
        let Some(Field::Port(name)) = call.input("port") else { return };
        let Port::Own(right) = self.port(*name, Role::Own) else { return };
        let (line, after) = (self.line, self.plan.drivers.len());
        let message = match (code, call.output("message")) {
            (IoReturn::SUCCESS, Some(Field::Bytes(bytes))) => {
                let index = self.plan.calls.len();
                let carried = words::carried(bytes);
                let ports: Vec<_> = carried
                    .into_iter()
                    .filter(|carried| !is_no_port(carried.name))
                    .map(|carried| (carried.at, self.give_object(carried.name, index), carried.is_receive))
                    .collect();
                let asked = self.asked_for(right, bytes);
                Message { line, after, asked, received: Ok(bytes.clone()), ports }
            }
            (IoReturn::MACH_RCV_TOO_LARGE | IoReturn::MACH_RCV_BODY_ERROR, _) => {
                Message { line, after, asked: None, received: Err(code), ports: Vec::new() }
            }
            _ => return,
        };
        self.plan.rights[right].push(message);
    }

    /// The asynchronous call that a completion is of, or the one that gave the driver the port.
    fn asked_for(&self, right: usize, message: &[u8]) -> Option<usize> {
        match words::kind(message) {
            Kind::Completion => (0..=2).rev().find_map(|count| {
                let words = (1..=count).map(|slot| words::slot(message, slot)).collect::<Option<_>>()?;
                self.asked.get(&(right, words)).copied()
            }),
            Kind::Notification | Kind::Empty | Kind::Other => {
                self.asked.get(&(right, OF_DRIVER.into())).copied()
            }
        }
    }

    /// The sender of a notification is what the call gave that has asked for it.
    fn look_for_senders(&mut self) {
        let Self { plan, given_by, asked, .. } = self;
        for (right, messages) in plan.rights.iter_mut().enumerate() {
            for message in messages {
                let sender = match message.ports.first() {
                    Some((words::REMOTE, Port::Object(object), _)) => given_by.get(object).copied(),
                    _ => None,
                };
                let sender = sender
                    .filter(|&call| plan.calls.get(call).is_some_and(|call| call.words.is_some()))
                    .filter(|_| {
                        let bytes = message.received.as_deref();
                        bytes.is_ok_and(|bytes| words::kind(bytes) == Kind::Notification)
                    });
                let given = || match &message.received {
                    Ok(bytes) if words::kind(bytes) != Kind::Completion => {
                        asked.get(&(right, OF_DRIVER.into())).copied()
                    }
                    _ => None,
                };
                message.asked = sender.or(message.asked).or_else(given);
            }
        }
    }

    fn asks_for_messages(&self, call: usize) -> bool {
        self.plan.calls.get(call).is_some_and(|call| call.words.is_some())
    }

    // ---- memory ----

    fn mapped(&mut self, call: &TracedCall, index: usize) {
        let (Some(Field::Address(address)), Some(Field::Number(size))) =
            (call.output("address"), call.output("size"))
        else {
            return;
        };
        let size = u64::try_from(*size).unwrap_or(u64::MAX);
        let known = self.mapped.get(address).map(|(memory, ..)| *memory);
        let memory = known.filter(|&memory| self.plan.memories[memory].size == size).unwrap_or_else(|| {
            let contents = match call.output("contents") {
                Some(Field::Bytes(bytes)) => Some(bytes.clone()),
                _ => None,
            };
            let protection = VM_PROT_READ | VM_PROT_WRITE;
            self.plan.memories.push(Memory { size, address: *address, protection, contents });
            self.plan.memories.len() - 1
        });
        self.plan.calls[index].memory = Some(memory);
        if let (Some(connect), Some(Field::Number(memory_type))) =
            (self.input_port(call, "connect"), call.input("memory_type"))
        {
            self.mapped.insert(*address, (memory, connect, *memory_type));
        }
    }

    /// How memory that was mapped can be accessed.
    fn region(&mut self, call: &TracedCall) {
        if let (Some(Field::Number(address)), Some(Field::Number(protection))) =
            (call.input("address"), call.output("protection"))
            && let Some((memory, ..)) = u64::try_from(*address).ok().and_then(|at| self.mapped.get(&at))
        {
            self.plan.memories[*memory].protection = *protection as i32;
        }
    }

    /// What a program sends itself it sends again. The last that came are its own, for it does that to wake a thread that is to end.
    fn forget_own_messages(&mut self) {
        for (&(right, id), &count) in &self.sent {
            let messages = &mut self.plan.rights[right];
            let is_like_it = |message: &Message| {
                let bytes = message.received.as_ref();
                bytes.is_ok_and(|bytes| words::kind(bytes) == Kind::Empty && words::id(bytes) == Some(id))
            };
            let mut others =
                messages.iter().filter(|message| is_like_it(message)).count().saturating_sub(count);
            messages.retain(|message| {
                let is_kept = !is_like_it(message) || others > 0;
                others -= usize::from(is_kept && is_like_it(message));
                is_kept
            });
        }
    }
}

fn own(inputs: &Inputs, parameter: &str) -> Option<usize> {
    inputs.iter().find_map(|(its, input)| match input {
        Input::Port(Port::Own(own)) if *its == parameter => Some(*own),
        _ => None,
    })
}
