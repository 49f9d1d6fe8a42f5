//! Where a program and a trace part, for a person to read.

use super::difference::{Difference, described, differences};
use super::plan::Plan;
use super::port::Inputs;
use crate::backend::Function;
use crate::trace::Field;
use std::fmt;

/// Where a program and a trace part.
#[derive(Clone, PartialEq)]
pub struct Divergence(Box<Parts>);

#[derive(Clone, PartialEq)]
struct Parts {
    reason: Reason,
    /// The trace's call that was to come, or is the nearest.
    recorded: Option<Line>,
    made: Option<Function>,
    differences: Vec<Difference>,
    /// What was passed, as text, if there is nothing to compare it with.
    passed: Vec<(&'static str, String)>,
    unmade: Vec<Line>,
    /// Calls that the trace lacks.
    lost: u64,
}

/// A call of the trace.
#[derive(Clone, Copy, PartialEq)]
struct Line(usize, Function);

#[derive(Clone, PartialEq)]
enum Reason {
    /// Another call was to come on the connection.
    Different,
    /// All calls on the connection have been made.
    ConnectionOver,
    /// There is none with these inputs.
    Unknown,
    /// All with these inputs have been made.
    AllMade,
    /// It did not return.
    NoReturn,
    /// What it returned cannot be returned.
    Damaged(String),
    /// A message is to come after a call that is not made; so long was waited for it.
    Waiting(usize),
    /// No completion came.
    NoCompletion,
    Unmade,
}

impl Divergence {
    fn new(plan: &Plan, reason: Reason, recorded: Option<usize>) -> Self {
        Self(Box::new(Parts {
            reason,
            recorded: recorded.map(|call| Line::of(plan, call)),
            made: None,
            differences: Vec::new(),
            passed: Vec::new(),
            unmade: Vec::new(),
            lost: plan.trace.lost().iter().map(|lost| lost.calls).fold(0, u64::saturating_add),
        }))
    }

    /// With the call that was made. It is compared with what was recorded, if that is a call of the same function.
    fn made(mut self, plan: &Plan, with: Option<usize>, call: &Made<'_>) -> Self {
        let same = with.filter(|&with| plan.call(with).function == call.function);
        self.0.made = Some(call.function);
        match same {
            Some(with) => {
                self.0.differences = differences(plan, with, call.inputs, call.fields);
            }
            None => {
                let passed = call.inputs.iter().zip(call.fields);
                self.0.passed = passed
                    .map(|((name, input), (_, field))| (*name, described(plan, input, field)))
                    .collect();
            }
        }
        self
    }

    /// On a connection another call was to come.
    pub(super) fn different(plan: &Plan, next: usize, made: &Made<'_>) -> Self {
        Self::new(plan, Reason::Different, Some(next)).made(plan, Some(next), made)
    }

    pub(super) fn connection_over(plan: &Plan, last: Option<usize>, made: &Made<'_>) -> Self {
        Self::new(plan, Reason::ConnectionOver, last).made(plan, None, made)
    }

    /// No call is like this; one of those that have not been made is the `nearest`.
    pub(super) fn unknown(plan: &Plan, nearest: Option<usize>, made: &Made<'_>) -> Self {
        Self::new(plan, Reason::Unknown, nearest).made(plan, nearest, made)
    }

    pub(super) fn all_made(plan: &Plan, last: usize, made: &Made<'_>) -> Self {
        Self::new(plan, Reason::AllMade, Some(last)).made(plan, None, made)
    }

    pub(super) fn no_return(plan: &Plan, call: usize) -> Self {
        Self::new(plan, Reason::NoReturn, Some(call))
    }

    pub(super) fn damaged(plan: &Plan, call: usize, what: String) -> Self {
        Self::new(plan, Reason::Damaged(what), Some(call))
    }

    /// A message of `line` waits for a call.
    pub(super) fn waiting(plan: &Plan, line: usize, unmade: usize) -> Self {
        Self::new(plan, Reason::Waiting(line), Some(unmade))
    }

    pub(super) fn no_completion(plan: &Plan, call: usize) -> Self {
        Self::new(plan, Reason::NoCompletion, Some(call))
    }

    /// The program has left calls out.
    pub(super) fn left_out(plan: &Plan, calls: &[usize]) -> Option<Self> {
        let mut divergence = Self::new(plan, Reason::Unmade, Some(*calls.first()?));
        divergence.0.unmade = calls.iter().map(|&call| Line::of(plan, call)).collect();
        Some(divergence)
    }

    /// The trace's line that was to come, or that is most like the call that was made; none if nothing in the trace is.
    pub fn line(&self) -> Option<usize> {
        self.0.recorded.map(|Line(line, _)| line)
    }

    /// What was called in that line.
    pub fn recorded(&self) -> Option<Function> {
        self.0.recorded.map(|Line(_, function)| function)
    }

    /// What the program has called; none if it has left something out, or cannot be answered.
    pub fn called(&self) -> Option<Function> {
        self.0.made
    }

    /// In what the call differs from that line, if both are of one function.
    pub fn differences(&self) -> &[Difference] {
        &self.0.differences
    }

    /// The lines of the calls that the program could have made, and has not. Only [`Replay::finish`](super::Replay::finish)
    /// tells of them.
    pub fn unmade(&self) -> impl ExactSizeIterator<Item = usize> {
        self.0.unmade.iter().map(|Line(line, _)| *line)
    }
}

/// A call of the program's.
pub(super) struct Made<'a> {
    pub(super) function: Function,
    pub(super) inputs: &'a Inputs,
    pub(super) fields: &'a [(&'static str, Field)],
}

impl Line {
    fn of(plan: &Plan, call: usize) -> Self {
        let call = plan.call(call);
        Self(call.line, call.function)
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { reason, recorded, made, differences, passed, unmade, lost } = &*self.0;
        let called = made.map_or("nothing", Function::c_name);
        match (reason, recorded) {
            (Reason::Different, Some(Line(line, function))) if Some(*function) == *made => {
                write!(
                    f,
                    "{called} differs from line {line} of the trace, which was to come on its connection"
                )?;
            }
            (Reason::Different, Some(Line(line, function))) => {
                write!(
                    f,
                    "{called} was called where {function} was to come on the connection, by line {line} of the trace"
                )?;
            }
            (Reason::ConnectionOver, Some(Line(line, _))) => {
                write!(
                    f,
                    "{called} was called when the trace had no more on its connection: the last was line {line}"
                )?;
            }
            (Reason::Unknown, Some(Line(line, _))) => {
                write!(f, "{called} was called as the trace never has it; the nearest is line {line}")?;
            }
            (Reason::AllMade, Some(Line(line, _))) => {
                write!(f, "{called} was called once more than the trace has it: the last was line {line}")?;
            }
            (Reason::NoReturn, Some(Line(line, function))) => {
                write!(f, "{function} of line {line} did not return before the trace ended")?;
            }
            (Reason::Damaged(what), Some(Line(line, function))) => {
                write!(f, "{function} of line {line} cannot be answered: {what}")?;
            }
            (Reason::Waiting(message), Some(Line(line, function))) => {
                write!(
                    f,
                    "the message of line {message} came after {function} of line {line}, which has not been called; nothing has been for a while"
                )?;
            }
            (Reason::NoCompletion, Some(Line(line, function))) => {
                write!(
                    f,
                    "{function} of line {line} is never completed in the trace, and the program waits"
                )?;
            }
            (Reason::Unmade, Some(Line(line, function))) => {
                write!(f, "{function} of line {line} was not called")?;
            }
            (_, None) => write!(f, "{called} was called, of which the trace has nothing")?,
        }
        for difference in differences {
            write!(f, "\n  {difference}")?;
        }
        for (parameter, field) in passed {
            write!(f, "\n  {parameter}: {field}")?;
        }
        const SHOWN: usize = 10;
        for Line(line, function) in unmade.iter().skip(1).take(SHOWN) {
            write!(f, "\n  nor {function} of line {line}")?;
        }
        if let Some(more) = unmade.len().checked_sub(SHOWN + 1).filter(|&more| more > 0) {
            write!(f, "\n  and {more} more")?;
        }
        if *lost > 0 {
            write!(f, "\n  the trace lacks {lost} calls, which its sink was too slow for")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Divergence({self})")
    }
}

impl std::error::Error for Divergence {}
