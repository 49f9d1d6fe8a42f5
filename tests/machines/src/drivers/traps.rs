//! A driver with traps.

use crate::Scene;
use crate::traps::{IS_BUSY, NONE, PANICS, SUCCEEDS};
use iokit_uc::interface::{Arguments, OnClose, OpenRequest, UserClient};
use iokit_uc::sim::{Caller, Filter, FilteredCall, Nub, Policy};
use iokit_uc::{IoReturn, Result};
use std::sync::{Arc, Mutex, PoisonError};

/// `traps`: the services `Traps`, and `NoTraps`, whose driver has none.
///
/// Commands: `refuse_none` has the connections that are opened from then on refuse the trap [`NONE`]; `traps` and
/// `parameter` tell what the driver saw.
pub(crate) fn furnish(scene: &mut Scene) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let traps = Arc::clone(&seen);
    scene.machine.publish(Nub::new("Traps").driver(move |_: &OpenRequest<'_>| Ok(Traps(Arc::clone(&traps)))));
    scene.machine.publish(Nub::new("NoTraps").driver(|_: &OpenRequest<'_>| Ok(NoTraps)));

    let traps = Arc::clone(&seen);
    scene.on("traps", move |_| lock(&traps).len() as u64);
    scene.on("parameter", move |index| {
        lock(&seen).last().map_or(0, |parameters| parameters[index[0] as usize] as u64)
    });
    let machine = scene.machine.clone();
    scene.on("refuse_none", move |_| {
        machine.set_policy(RefusesNone);
        0
    });
}

/// Refuses the trap [`NONE`] and lets everything else through.
struct RefusesNone;

impl Policy for RefusesNone {
    fn filter(&self, _: &Caller, _: &str, _: u32) -> Result<Option<Filter>, IoReturn> {
        Ok(Some(Arc::new(|call| match call {
            FilteredCall::Trap { index: NONE, .. } => IoReturn::NOT_PERMITTED,
            _ => IoReturn::SUCCESS,
        })))
    }
}

fn lock(seen: &Mutex<Vec<[usize; 6]>>) -> std::sync::MutexGuard<'_, Vec<[usize; 6]>> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Traps(Arc<Mutex<Vec<[usize; 6]>>>);

impl UserClient for Traps {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn external_trap(&self, index: u32, parameters: [usize; 6]) -> Option<Result<()>> {
        if index < NONE {
            lock(&self.0).push(parameters);
        }
        match index {
            SUCCEEDS => Some(Ok(())),
            IS_BUSY => Some(Err(IoReturn::BUSY.into())),
            PANICS => panic!("the trap that panics"),
            _ => None,
        }
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

struct NoTraps;

impl UserClient for NoTraps {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}
