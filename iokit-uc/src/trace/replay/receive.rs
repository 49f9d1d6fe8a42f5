//! What comes to the ports that a program receives from, and when.

use super::ReplayMode;
use super::answer::Answers;
use super::divergence::{Divergence, Made};
use super::plan::Message;
use super::player::{Fields, Player, State, number, port};
use super::port::{Input, Port};
use super::words::{self, Kind, Words};
use crate::backend::{Function, PortName};
use crate::error::IoReturn;
use crate::trace::Field;
use std::sync::PoisonError;
use std::time::Instant;

/// A message of the trace: the recorded program's port that it came to, and its place among what came there.
type Place = (usize, usize);

type Received = Result<Vec<u8>, IoReturn>;

/// What should be, if the program did what the recorded one has done.
#[derive(Clone, Copy)]
enum Overdue {
    /// A call, after which a message came.
    Call { before: Place, call: usize },
    /// A completion, which the trace has not.
    Completion { of: usize },
}

impl Player {
    /// `mach_msg` with `MACH_RCV_MSG`.
    pub(super) fn receive(&self, fields: &Fields) -> Answers {
        let name = port(fields, "port");
        let limit = usize::try_from(number(fields, "limit")).unwrap_or(usize::MAX);
        let deadline = match fields.iter().find(|(parameter, _)| *parameter == "timeout") {
            Some((_, Field::Time(timeout))) => Instant::now().checked_add(*timeout),
            _ => None,
        };
        let (code, message) = match self.wait_for_message(name, limit, deadline) {
            Ok(message) => (IoReturn::SUCCESS, message),
            Err(code) => (code, Vec::new()),
        };
        Answers::of(code).with("message", Field::Bytes(message))
    }

    fn wait_for_message(&self, name: PortName, limit: usize, deadline: Option<Instant>) -> Received {
        let mut state = self.lock();
        if !state.names.receives(name) {
            return Err(IoReturn::MACH_RCV_INVALID_NAME);
        }
        loop {
            if !state.names.receives(name) {
                return Err(IoReturn::MACH_RCV_PORT_DIED);
            }
            if let Some(message) = state.names.receive(name) {
                return state.take_over(message, limit);
            }
            if state.has_diverged() {
                return Err(IoReturn::REPLAY_DIVERGED);
            }
            if let Some(place) = self.arrived(&state, name) {
                let message = self.deliver(&mut state, place, name)?;
                return state.take_over(message, limit);
            }
            // So long as nothing is called there is nothing to wait for but the end of patience, if something should have been.
            let now = Instant::now();
            let overdue = self.overdue(&state, name);
            let patience = overdue.and_then(|_| state.moved.checked_add(state.patience));
            match overdue.filter(|_| patience.is_some_and(|patience| patience <= now)) {
                Some(Overdue::Call { before, .. }) if self.mode == ReplayMode::ByContent => {
                    let message = self.deliver(&mut state, before, name)?;
                    return state.take_over(message, limit);
                }
                Some(overdue) => {
                    state.diverge(match overdue {
                        Overdue::Call { before, call } => {
                            Divergence::waiting(&self.plan, self.message(before).line, call)
                        }
                        Overdue::Completion { of } => Divergence::no_completion(&self.plan, of),
                    });
                    self.changed.notify_all();
                    continue;
                }
                None => {}
            }
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Err(IoReturn::MACH_RCV_TIMED_OUT);
            }
            state = match deadline.into_iter().chain(patience).min() {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let waited = self.changed.wait_timeout(state, until.saturating_duration_since(now));
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn message(&self, (right, index): Place) -> &Message {
        &self.plan.rights[right][index]
    }

    /// The messages that may come next to a port: of a strict replay the first, else all that have been asked for.
    fn waiting<'a>(&'a self, state: &'a State, name: PortName) -> impl Iterator<Item = Place> + use<'a> {
        let own = match state.names.port(name) {
            Port::Own(own) => Some(own),
            _ => None,
        };
        let rights = state.own.iter().filter(move |(_, its)| Some(**its) == own).map(|(right, _)| *right);
        rights.flat_map(move |right| {
            let (first, delivered) = &state.delivered[right];
            let left = (*first..delivered.len()).filter(|&index| !delivered[index]);
            let left = left.map(move |index| (right, index));
            let is_strict = self.mode == ReplayMode::Strict;
            let may_come = move |place: &Place| {
                is_strict || self.message(*place).asked.is_none_or(|call| state.made[call])
            };
            left.filter(may_come).take(if is_strict { 1 } else { usize::MAX })
        })
    }

    /// The call that is to be made before a message can come.
    fn missing(&self, state: &State, message: &Message) -> Option<usize> {
        if let Some(call) = message.asked.filter(|&call| !state.made[call]) {
            return Some(call);
        }
        let is_completion = |call| self.plan.call(call).function == Function::IOConnectCallAsyncMethod;
        if self.mode == ReplayMode::ByContent && message.asked.is_some_and(is_completion) {
            return None;
        }
        self.plan.drivers.get(state.heard).copied().filter(|_| state.heard < message.after)
    }

    /// The first message that can come to a port by now.
    fn arrived(&self, state: &State, name: PortName) -> Option<Place> {
        self.waiting(state, name).find(|&place| self.missing(state, self.message(place)).is_none())
    }

    /// What is wrong if a port is waited at for long.
    fn overdue(&self, state: &State, name: PortName) -> Option<Overdue> {
        if let Some(before) = self.waiting(state, name).next() {
            let missing = self.missing(state, self.message(before));
            return missing.map(|call| Overdue::Call { before, call });
        }
        let Port::Own(own) = state.names.port(name) else { return None };
        let completes_here = |call: &&usize| {
            self.plan.calls[**call].inputs.iter().any(|(parameter, input)| match input {
                Input::Port(Port::Own(right)) => {
                    *parameter == "wake_port" && state.own.get(right) == Some(&own)
                }
                _ => false,
            })
        };
        state.never.iter().find(completes_here).map(|&of| Overdue::Completion { of })
    }

    /// A message comes.
    fn deliver(&self, state: &mut State, place @ (right, index): Place, name: PortName) -> Received {
        let (first, delivered) = &mut state.delivered[right];
        delivered[index] = true;
        while delivered.get(*first).is_some_and(|&delivered| delivered) {
            *first += 1;
        }
        state.moved = Instant::now();
        let message = self.message(place);
        let given = message.asked.and_then(|call| state.asked.get(&call)).cloned();
        message
            .received
            .as_ref()
            .map(|bytes| self.write(state, message, bytes, name, given.as_ref()))
            .map_err(|code| *code)
    }

    /// A message as it comes to a port of the program's, with what that has given to have it back.
    fn write(
        &self,
        state: &mut State,
        message: &Message,
        bytes: &[u8],
        name: PortName,
        given: Option<&Words>,
    ) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let recorded = message.asked.and_then(|call| self.plan.calls[call].words.as_ref());
        if let (Some(recorded), Some(given)) = (recorded, given) {
            words::set_words(&mut bytes, recorded, given);
        }
        for &(at, port, is_receive) in &message.ports {
            words::set_name(&mut bytes, at, state.names.give(port, is_receive));
        }
        words::set_name(&mut bytes, words::LOCAL, name);
        bytes
    }

    /// An asynchronous call is made once more: so it completes once more.
    pub(super) fn complete_again(&self, state: &mut State, call: usize, given: &Words, made: &Made<'_>) {
        let to = port(made.fields, "wake_port");
        for &place in self.plan.brought.get(&call).into_iter().flatten() {
            let message = self.message(place);
            if let Ok(bytes) = &message.received
                && words::kind(bytes) == Kind::Completion
            {
                let bytes = self.write(state, message, bytes, to, Some(given));
                state.names.deliver(to, bytes);
            }
        }
    }
}

impl State {
    /// A message that fits, or what `mach_msg` does with one that does not: it is lost, with the rights in it.
    fn take_over(&mut self, message: Vec<u8>, limit: usize) -> Received {
        if message.len() <= limit {
            return Ok(message);
        }
        for right in words::carried(&message) {
            if right.is_receive {
                self.destroy(right.name, -1)
            } else {
                self.release(right.name)
            };
        }
        Err(IoReturn::MACH_RCV_TOO_LARGE)
    }
}
