//! Drivers whose external methods wait at a gate, one for each locking policy.

use super::commands::PATIENCE;
use crate::Scene;
use crate::locking::{CLOSE_WAITS, PASSES, WAITS};
use iokit_uc::interface::{Arguments, EntryId, OnClose, OpenRequest, UserClient};
use iokit_uc::sim::{Caller, Filter, FilteredCall, Nub, Policy};
use iokit_uc::{IoReturn, Result, Value};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// `locking`: one gate, at which the methods of all services wait.
///
/// Commands: `wait_until_inside`, 1 unless it takes too long until as many threads wait at the gate; `open_gate`;
/// `filter` has the connections that are opened from then on refuse every method but [`WAITS`]; the rest tell what
/// the drivers saw.
pub(crate) fn furnish(scene: &mut Scene) {
    let gate = Arc::new(Gate::default());
    for (class, policy) in [
        // A classic user client that states nothing.
        ("SharedLock", &[] as &'static [(&str, bool)]),
        ("ExclusiveLock", &[(DEFAULT_LOCKING, true), (SINGLE_THREAD, true)]),
        ("SingleThreadAlone", &[(DEFAULT_LOCKING, false), (SINGLE_THREAD, true)]),
        ("NoLock", &[(DEFAULT_LOCKING, false)]),
        ("NoLockSharedInstance", &[(DEFAULT_LOCKING, false), ("IOUserClientSharedInstance", true)]),
    ] {
        let gate = Arc::clone(&gate);
        scene.machine.publish(Nub::new(class).driver(move |request: &OpenRequest<'_>| {
            let closing_waits = request.connection_type == CLOSE_WAITS;
            Ok(Waiting { gate: Arc::clone(&gate), provider: request.provider, policy, closing_waits })
        }));
    }

    let ask = |scene: &mut Scene, question, answer: fn(&State) -> u64| {
        let gate = Arc::clone(&gate);
        scene.on(question, move |_| answer(&gate.lock()));
    };
    ask(scene, "most_inside", |state| state.most_inside);
    ask(scene, "passed", |state| state.passed);
    ask(scene, "passed_after_close", |state| state.passed_after_close);
    ask(scene, "closes", |state| state.closes);
    ask(scene, "inside_at_close", |state| state.inside_at_close);
    ask(scene, "clients", |state| state.clients);
    ask(scene, "inside_at_add_client", |state| state.inside_at_add_client);
    ask(scene, "traps", |state| state.traps);

    let waited_for = Arc::clone(&gate);
    scene.on("wait_until_inside", move |threads| waited_for.wait_until_inside(threads[0]).into());
    scene.on("open_gate", move |_| {
        gate.lock().is_open = true;
        gate.changed.notify_all();
        0
    });
    let machine = scene.machine.clone();
    scene.on("filter", move |_| {
        machine.set_policy(WaitsAlone);
        0
    });
}

/// Lets the waiting method pass and nothing else.
struct WaitsAlone;

impl Policy for WaitsAlone {
    fn filter(&self, _: &Caller, _: &str, _: u32) -> Result<Option<Filter>, IoReturn> {
        Ok(Some(Arc::new(|call| match call {
            FilteredCall::Method { selector: WAITS, .. } => IoReturn::SUCCESS,
            _ => IoReturn::NOT_PERMITTED,
        })))
    }
}

const DEFAULT_LOCKING: &str = "IOUserClientDefaultLocking";
const SINGLE_THREAD: &str = "IOUserClientDefaultLockingSingleThreadExternalMethod";

#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_open: bool,
    /// Threads at the gate.
    inside: u64,
    most_inside: u64,
    passed: u64,
    passed_after_close: u64,
    closes: u64,
    inside_at_close: u64,
    clients: u64,
    inside_at_add_client: u64,
    traps: u64,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self) {
        let mut state = self.lock();
        state.inside += 1;
        state.most_inside = state.most_inside.max(state.inside);
        self.changed.notify_all();
        let waited = self.changed.wait_timeout_while(state, PATIENCE, |state| !state.is_open);
        waited.unwrap_or_else(PoisonError::into_inner).0.inside -= 1;
    }

    /// Whether as many threads come to the gate.
    fn wait_until_inside(&self, threads: u64) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), PATIENCE, |state| state.inside < threads);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

struct Waiting {
    gate: Arc<Gate>,
    provider: EntryId,
    policy: &'static [(&'static str, bool)],
    closing_waits: bool,
}

impl UserClient for Waiting {
    fn external_method(&self, selector: u32, _: &mut Arguments<'_>) -> Result<()> {
        match selector {
            WAITS => self.gate.wait(),
            PASSES => {
                let mut state = self.gate.lock();
                state.passed += 1;
                state.passed_after_close += u64::from(state.closes > 0);
            }
            _ => return Err(IoReturn::BAD_ARGUMENT.into()),
        }
        Ok(())
    }

    fn external_trap(&self, _: u32, _: [usize; 6]) -> Option<Result<()>> {
        self.gate.lock().traps += 1;
        Some(Ok(()))
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        self.policy.iter().map(|&(key, value)| (key, value.into())).collect()
    }

    fn client_close(&self) -> OnClose {
        if self.closing_waits {
            self.gate.wait();
        }
        let mut state = self.gate.lock();
        state.closes += 1;
        state.inside_at_close = state.inside;
        OnClose::Terminate
    }

    fn get_service(&self) -> Option<EntryId> {
        Some(self.provider)
    }

    fn connect_client(&self, _: &Arc<dyn UserClient>) -> Result<()> {
        let mut state = self.gate.lock();
        state.clients += 1;
        state.inside_at_add_client = state.inside;
        Ok(())
    }
}
