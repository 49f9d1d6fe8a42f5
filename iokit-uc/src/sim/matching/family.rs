//! What services' families are asked while something is matched (MT-16).
//!
//! A family is a driver, and no driver's code runs under the kernel's lock. So what it takes to decide is found out
//! first: whoever decides stops at a question that is not answered, gives up the lock, has the families asked, and begins
//! again with the answers. What then happens, happens in one piece.

use crate::sim::hooks::MatchPropertyTable;
use crate::sim::keys::ObjectKey;
use crate::sim::query::Query;
use crate::sim::report::Misuse;
use crate::sim::shared::{Locked, Shared};
use crate::sim::thread;
use std::collections::HashMap;
use std::sync::Arc;

/// What families have answered while one thing is decided, and what they are to be asked.
#[derive(Default)]
pub(in crate::sim) struct Families {
    answers: HashMap<(ObjectKey, *const Query), Answer>,
    open: Vec<Question>,
    /// Whoever is asked about stays what it is, address and all.
    asked: Vec<Arc<Query>>,
}

#[derive(Clone, Copy)]
pub(super) struct Answer {
    pub(super) matches: bool,
    /// The score of the driver that is being matched (MT-21).
    pub(super) score: i64,
}

struct Question {
    service: ObjectKey,
    query: Arc<Query>,
    hook: Arc<MatchPropertyTable>,
}

impl Families {
    /// The family's answer. None if it is to be asked first.
    pub(super) fn answer(
        &mut self,
        service: ObjectKey,
        query: &Arc<Query>,
        hook: &Arc<MatchPropertyTable>,
    ) -> Option<Answer> {
        let answer = self.answers.get(&(service, Arc::as_ptr(query))).copied();
        if answer.is_none() {
            let (query, hook) = (Arc::clone(query), Arc::clone(hook));
            self.open.push(Question { service, query, hook });
        }
        answer
    }

    /// The score that a driver has, once its query has passed.
    pub(in crate::sim) fn score(&self, service: ObjectKey, query: &Arc<Query>) -> i64 {
        self.answers.get(&(service, Arc::as_ptr(query))).map_or_else(|| query.score(), |answer| answer.score)
    }

    /// Whether everything is answered.
    pub(in crate::sim) fn are_settled(&self) -> bool {
        self.open.is_empty()
    }

    /// Asks. A family that panics, and one that has the kernel ask it again while it is asked, says no.
    fn ask(&mut self, shared: &Arc<Shared>) {
        for Question { service, query, hook } in std::mem::take(&mut self.open) {
            let mut score = query.score();
            let own = Arc::as_ptr(&hook).cast();
            let answered = if thread::is_inside(own) {
                Err(Misuse::FamilyAskedItself)
            } else {
                thread::in_driver(own, || hook(&query.table, &mut score))
                    .map_err(|_| Misuse::Panic("matchPropertyTable"))
            };
            // The last one goes where its drop may do what it likes.
            let hook: Box<dyn std::any::Any + Send> = Box::new(hook);
            let mut kernel = shared.lock();
            kernel.garbage.push(hook);
            let matches = answered.unwrap_or_else(|misuse| {
                kernel.misuses.push(misuse);
                false
            });
            drop(kernel);
            self.answers.insert((service, Arc::as_ptr(&query)), Answer { matches, score });
            self.asked.push(query);
        }
    }
}

impl Shared {
    /// Decides something under the lock, and does it. `decide` gives nothing, and has done nothing, for as long as
    /// families are to be asked.
    pub(in crate::sim) fn decide<R>(
        self: &Arc<Self>,
        mut decide: impl FnMut(&mut Locked<'_>, &mut Families) -> Option<R>,
    ) -> R {
        let mut families = Families::default();
        loop {
            if let Some(decided) = decide(&mut self.lock(), &mut families) {
                return decided;
            }
            debug_assert!(!families.are_settled(), "whoever decides nothing has a question");
            families.ask(self);
        }
    }
}
