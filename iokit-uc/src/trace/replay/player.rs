//! What a program has made of a trace so far, and what answers its next call.

use super::ReplayMode;
use super::answer::Answers;
use super::divergence::{Divergence, Made};
use super::kind::{is_local, is_of_connection};
use super::memory::{Mapped, SIZE_MAX};
use super::names::{Names, Released};
use super::plan::{Plan, connection};
use super::port::{Input, Inputs, Port, inputs};
use super::words::{self, Words};
use crate::backend::{Function, NULL, PortName};
use crate::error::IoReturn;
use crate::trace::{Field, TracedCall};
use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What is passed to a function, by its parameters.
pub(super) type Fields = Vec<(&'static str, Field)>;

/// A trace being answered from.
pub(super) struct Player {
    pub(super) plan: Plan,
    pub(super) mode: ReplayMode,
    state: Mutex<State>,
    /// Something has been called, or has come, or the program has parted from the trace.
    pub(super) changed: Condvar,
}

/// What the program has done.
pub(super) struct State {
    pub(super) names: Names,
    pub(super) memory: Mapped,
    /// Of each call of the trace, whether it has been made.
    pub(super) made: Vec<bool>,
    /// Of each class, how many have been made, or at least as many.
    pub(super) next: Vec<usize>,
    /// The same of each connection.
    pub(super) next_of: HashMap<Port, usize>,
    /// How many of those that drivers hear of have been made without one left out.
    pub(super) heard: usize,
    /// What the calls that ask for messages have given to have it back.
    pub(super) asked: HashMap<usize, Words>,
    /// Those of them that the trace never completes.
    pub(super) never: Vec<usize>,
    /// Which port of the program's stands for one of the recorded program's.
    pub(super) own: HashMap<usize, usize>,
    /// Of each port of the recorded program's, which messages have been delivered, and the first that has not.
    pub(super) delivered: Vec<(usize, Vec<bool>)>,
    divergence: Option<Divergence>,
    /// When something was called or delivered last.
    pub(super) moved: Instant,
    /// How long nothing may be called then, if something should be.
    pub(super) patience: Duration,
}

/// What answers a call.
pub(super) enum Found {
    Call(usize),
    /// There is nothing left in an iterator, though the recorded program has not gone so far.
    NothingLeft,
}

impl Player {
    pub(super) fn new(plan: Plan, mode: ReplayMode) -> Self {
        let state = State {
            names: Names::new(),
            memory: Mapped::default(),
            made: vec![false; plan.calls.len()],
            next: vec![0; plan.classes.len()],
            next_of: HashMap::new(),
            heard: 0,
            asked: HashMap::new(),
            never: Vec::new(),
            own: HashMap::new(),
            delivered: plan.rights.iter().map(|messages| (0, vec![false; messages.len()])).collect(),
            divergence: None,
            moved: Instant::now(),
            patience: Duration::from_secs(30),
        };
        Self { plan, mode, state: Mutex::new(state), changed: Condvar::new() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is locked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a call. None if there is no answer: the program has parted from the trace.
    pub(super) fn call(&self, function: Function, fields: &Fields) -> Option<Answers> {
        if function == Function::MachMsgReceive {
            return Some(self.receive(fields));
        }
        let mut state = self.lock();
        let answers = if is_local(function) {
            Some(state.answer_itself(&self.plan, function, fields))
        } else {
            self.answer(&mut state, function, fields)
        };
        if function == Function::IOServiceClose {
            // Whatever the code (OC-9).
            state.release(port(fields, "connect"));
        }
        drop(state);
        self.changed.notify_all();
        answers
    }

    fn answer(&self, state: &mut State, function: Function, fields: &Fields) -> Option<Answers> {
        if state.has_diverged() {
            return None;
        }
        let inputs = inputs(function, fields, &mut &state.names);
        let made = Made { function, inputs: &inputs, fields };
        let answers = self.find(state, &made).and_then(|found| match found {
            Found::Call(call) => self.play(state, call, &made),
            Found::NothingLeft => Ok(Answers::default().with("", Field::Port(NULL))),
        });
        answers.map_err(|divergence| state.diverge(divergence)).ok()
    }

    /// The program has parted from the trace, if it had not before.
    pub(super) fn diverge(&self, divergence: Divergence) {
        self.lock().diverge(divergence);
        self.changed.notify_all();
    }

    pub(super) fn set_patience(&self, patience: Duration) {
        self.lock().patience = patience;
        self.changed.notify_all();
    }

    pub(super) fn divergence(&self) -> Option<Divergence> {
        self.lock().divergence.clone()
    }

    fn play(&self, state: &mut State, index: usize, made: &Made<'_>) -> Result<Answers, Divergence> {
        let (call, planned) = (self.plan.call(index), &self.plan.calls[index]);
        if call.ended.is_none() {
            return Err(Divergence::no_return(&self.plan, index));
        }
        let mapped = self.map(state, index, made)?;
        let is_repeat = std::mem::replace(&mut state.made[index], true);
        self.count(state, index, made);
        state.take_ports(&planned.inputs, made.inputs);
        if let Some(given) = words::words(made.function, made.fields) {
            if is_repeat && made.function == Function::IOConnectCallAsyncMethod {
                self.complete_again(state, index, &given, made);
            } else {
                state.asked.insert(index, given);
            }
            if !is_repeat && self.plan.is_never_completed(index) {
                state.never.push(index);
            }
        }
        if is_repeat {
            self.rewind(state, index);
        }
        if call.function == Function::IOConnectUnmapMemory64 && succeeded(call) {
            state.memory.unmap(port(made.fields, "connect"), number(made.fields, "memory_type"));
        }
        let mut answers = Answers::of_trace(index, mapped);
        for (output, field) in &call.outputs {
            let given = planned.gives.iter().find(|(its, _)| its == output);
            let field = match given {
                Some((_, port)) => Field::Port(state.names.give(*port, false)),
                None => field.clone(),
            };
            answers.push(output, field);
        }
        Ok(answers)
    }

    fn map(
        &self,
        state: &mut State,
        index: usize,
        made: &Made<'_>,
    ) -> Result<Option<NonNull<u8>>, Divergence> {
        let Some(place) = self.plan.calls[index].memory else { return Ok(None) };
        let memory = &self.plan.memories[place];
        let (connect, memory_type) = (port(made.fields, "connect"), number(made.fields, "memory_type"));
        match state.memory.map(connect, memory_type, (place, memory)) {
            Some(address) => Ok(Some(address)),
            None => {
                let what = match memory.size {
                    0 => "no memory is of 0 bytes".into(),
                    size if size > SIZE_MAX => format!("{size} bytes are more than are mapped here"),
                    size => format!("the system has not the {size} bytes of memory"),
                };
                Err(Divergence::damaged(&self.plan, index, what))
            }
        }
    }

    /// A call has been made.
    fn count(&self, state: &mut State, index: usize, made: &Made<'_>) {
        let plan = &self.plan;
        if let Some(class) = plan.calls[index].class {
            let calls = &plan.classes[class].calls;
            let next = &mut state.next[class];
            match self.mode {
                ReplayMode::Strict => {
                    while calls.get(*next).is_some_and(|&call| state.made[call]) {
                        *next += 1;
                    }
                }
                ReplayMode::ByContent => *next = (*next + 1).min(calls.len()),
            }
        }
        if let Some(connection) = connection(made.inputs).filter(|_| is_of_connection(made.function)) {
            *state.next_of.entry(connection).or_default() += 1;
        }
        while plan.drivers.get(state.heard).is_some_and(|&call| state.made[call]) {
            state.heard += 1;
        }
        state.moved = Instant::now();
    }

    /// What a call gives that is made once more is as it was when it came: an iterator begins anew, and so does a connection.
    fn rewind(&self, state: &mut State, index: usize) {
        let given = self.plan.calls[index].gives.iter().map(|(_, port)| port);
        let reset = self.plan.calls[index].inputs.iter().filter_map(|(_, input)| match input {
            Input::Port(port) => Some(port),
            _ => None,
        });
        let is_reset = self.plan.call(index).function == Function::IOIteratorReset;
        for port in given.chain(reset.filter(|_| is_reset)) {
            let Port::Object(object) = port else { continue };
            for &class in self.plan.classes_on.get(object).into_iter().flatten() {
                state.next[class] = 0;
            }
        }
    }

    /// The calls that the program could have made and has not: those that are about what it was given.
    pub(super) fn unmade(&self) -> Option<Divergence> {
        if self.mode == ReplayMode::ByContent {
            return None;
        }
        let state = self.lock();
        let is_known = |call: usize| {
            self.plan.calls[call].inputs.iter().all(|(_, input)| match input {
                Input::Port(Port::Object(object)) => state.names.knows(*object),
                _ => true,
            })
        };
        let left = (0..self.plan.calls.len()).filter(|&call| {
            self.plan.calls[call].class.is_some() && !state.made[call] && !self.plan.is_of_notification(call)
        });
        let unmade: Vec<usize> = left.filter(|&call| is_known(call)).collect();
        Divergence::left_out(&self.plan, &unmade)
    }
}

impl State {
    pub(super) fn diverge(&mut self, divergence: Divergence) {
        self.divergence.get_or_insert(divergence);
    }

    pub(super) fn has_diverged(&self) -> bool {
        self.divergence.is_some()
    }

    /// Whether the ports of its own that the program passes are those that stand for the recorded ones, as far as any do.
    pub(super) fn has_its_ports(&self, recorded: &Inputs, made: &Inputs) -> bool {
        own_ports(recorded, made).all(|(its, own)| match self.own.get(&its) {
            Some(&known) => known == own,
            None => !self.own.values().any(|&known| known == own),
        })
    }

    fn take_ports(&mut self, recorded: &Inputs, made: &Inputs) {
        for (its, own) in own_ports(recorded, made) {
            self.own.insert(its, own);
        }
    }

    /// One reference less.
    pub(super) fn release(&mut self, name: PortName) -> IoReturn {
        self.change_references(name, -1)
    }

    pub(super) fn change_references(&mut self, name: PortName, delta: i32) -> IoReturn {
        match self.names.change_sends(name, delta) {
            Ok(Released::Last) => {
                self.memory.unmap_all(name);
                IoReturn::SUCCESS
            }
            Ok(Released::Reference) => IoReturn::SUCCESS,
            Err(code) => code,
        }
    }

    /// A port of the program's own goes.
    pub(super) fn destroy(&mut self, name: PortName, delta: i32) -> IoReturn {
        let code = self.names.change_receive(name, delta);
        if delta != 0
            && code.is_success()
            && let Port::Own(own) = self.names.port(name)
        {
            self.own.retain(|_, its| *its != own);
        }
        code
    }

    /// Whether a name is dead by now, as far as can be seen from the trace.
    pub(super) fn is_dead(&self, plan: &Plan, name: PortName) -> bool {
        match self.names.port(name) {
            Port::Object(object) => plan.objects[object].dead.is_some_and(|heard| self.heard >= heard),
            _ => false,
        }
    }
}

/// The ports of the program's own in two calls that are alike.
fn own_ports<'a>(recorded: &'a Inputs, made: &'a Inputs) -> impl Iterator<Item = (usize, usize)> + 'a {
    recorded.iter().zip(made).filter_map(|((_, its), (_, input))| match (its, input) {
        (Input::Port(Port::Own(its)), Input::Port(Port::Own(own))) => Some((*its, *own)),
        _ => None,
    })
}

fn succeeded(call: &TracedCall) -> bool {
    matches!(call.returned(), Some(Field::Code(code)) if code.is_success())
}

pub(super) fn port(fields: &[(&'static str, Field)], parameter: &str) -> PortName {
    match fields.iter().find(|(its, _)| *its == parameter) {
        Some((_, Field::Port(name))) => *name,
        // A notification port's address is its name.
        Some((_, Field::Address(address))) => PortName::try_from(*address).unwrap_or(NULL),
        _ => NULL,
    }
}

pub(super) fn number(fields: &[(&'static str, Field)], parameter: &str) -> i128 {
    match fields.iter().find(|(its, _)| *its == parameter) {
        Some((_, Field::Number(number))) => *number,
        _ => 0,
    }
}
