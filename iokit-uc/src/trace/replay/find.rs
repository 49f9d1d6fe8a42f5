//! Which call of the trace answers a call.

use super::ReplayMode;
use super::divergence::{Divergence, Made};
use super::kind::is_of_connection;
use super::plan::connection;
use super::player::{Found, Player, State};
use crate::backend::Function;

impl Player {
    pub(super) fn find(&self, state: &State, made: &Made<'_>) -> Result<Found, Divergence> {
        let plan = &self.plan;
        if self.mode == ReplayMode::Strict
            && is_of_connection(made.function)
            && let Some(connection) = connection(made.inputs)
        {
            let calls = plan.connections.get(&connection).map_or(&[][..], |calls| calls);
            let next = state.next_of.get(&connection).copied().unwrap_or(0);
            let Some(&call) = calls.get(next) else {
                return Err(Divergence::connection_over(plan, calls.last().copied(), made));
            };
            let is_it = plan.call(call).function == made.function
                && plan.calls[call].inputs == *made.inputs
                && state.has_its_ports(&plan.calls[call].inputs, made.inputs);
            return if is_it { Ok(Found::Call(call)) } else { Err(Divergence::different(plan, call, made)) };
        }
        let class = plan.class_of(made.function, made.inputs).or_else(|| self.class_like(state, made));
        let Some(class) = class else {
            return Err(Divergence::unknown(plan, self.nearest(state, made), made));
        };
        let calls = &plan.classes[class].calls;
        match self.mode {
            ReplayMode::Strict => {
                let left = calls[state.next[class].min(calls.len())..].iter().copied();
                let mut left = left.filter(|&call| !state.made[call]);
                left.find(|&call| state.has_its_ports(&plan.calls[call].inputs, made.inputs))
                    .map(Found::Call)
                    .ok_or_else(|| Divergence::all_made(plan, calls[calls.len() - 1], made))
            }
            // To give the last one again and again would be an iterator without an end.
            ReplayMode::ByContent
                if made.function == Function::IOIteratorNext && state.next[class] >= calls.len() =>
            {
                Ok(Found::NothingLeft)
            }
            ReplayMode::ByContent => Ok(Found::Call(calls[state.next[class].min(calls.len() - 1)])),
        }
    }

    /// By content another connection to a service is as good as the one that the call was recorded on, and so is whatever else was
    /// got by the same call.
    fn class_like(&self, state: &State, made: &Made<'_>) -> Option<usize> {
        if self.mode != ReplayMode::ByContent {
            return None;
        }
        let classes = || self.plan.classes_like(made.function, made.inputs);
        classes()
            .find(|&class| state.next[class] < self.plan.classes[class].calls.len())
            .or_else(|| classes().next())
    }

    /// Of the calls of one function that have not been made, the first that differs in the fewest arguments.
    fn nearest(&self, state: &State, made: &Made<'_>) -> Option<usize> {
        let plan = &self.plan;
        let difference = |call: &usize| {
            let pairs = plan.calls[*call].inputs.iter().zip(made.inputs);
            pairs.filter(|((_, its), (_, input))| its != input).count()
        };
        let of_it = |&call: &usize| plan.call(call).function == made.function;
        let left =
            (0..plan.calls.len()).filter(|&call| !state.made[call]).filter(of_it).min_by_key(difference);
        left.or_else(|| (0..plan.calls.len()).filter(of_it).min_by_key(difference))
    }
}
