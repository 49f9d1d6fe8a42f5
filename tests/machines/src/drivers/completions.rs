//! A driver that completes asynchronous calls with what it is told.

use crate::Scene;
use crate::completions::selector;
use iokit_uc::interface::{Arguments, AsyncReference, Legacy, OnClose, OpenRequest, SendOptions, UserClient};
use iokit_uc::sim::Nub;
use iokit_uc::{IoReturn, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The references that are kept, by all connections.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<AsyncReference>>>);

impl Kept {
    fn lock(&self) -> MutexGuard<'_, Vec<AsyncReference>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends a completion: the result first, then the arguments.
fn send(reference: &AsyncReference, completion: &[u64], options: SendOptions) -> IoReturn {
    match completion {
        [result, arguments @ ..] => {
            reference.send_result_with_options(IoReturn::from_code(*result as u32), arguments, options)
        }
        [] => IoReturn::BAD_ARGUMENT,
    }
}

struct Completer {
    kept: Kept,
}

impl UserClient for Completer {
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        let reference = arguments.async_reference().ok_or(IoReturn::BAD_ARGUMENT)?;
        match selector {
            selector::COMPLETE_NOW => {
                let sent = send(&reference, arguments.scalar_input(), SendOptions::default());
                sent.result().map_err(Into::into)
            }
            selector::COMPLETE_NOW_AND_FAIL => {
                send(&reference, arguments.scalar_input(), SendOptions::default());
                self.kept.lock().push(reference);
                Err(IoReturn::BUSY.into())
            }
            selector::COMPLETE_LATER => {
                self.kept.lock().push(reference);
                Ok(())
            }
            _ => Err(IoReturn::UNSUPPORTED.into()),
        }
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

/// Answers by legacy tables, of which the synchronous one is empty.
struct LegacyCompleter;

type Record = Legacy<LegacyCompleter>;

/// In the order of the selectors.
const LEGACY_TABLE: [Record; 2] = [
    Legacy {
        flags: Record::SCALAR_I_SCALAR_O,
        count0: 0,
        count1: 1,
        function: |_, arguments| {
            let reference = arguments.async_reference().ok_or(IoReturn::BAD_ARGUMENT)?;
            arguments.scalar_output()[0] = reference.send_result(IoReturn::SUCCESS, &[]).code().into();
            Ok(())
        },
    },
    Legacy {
        flags: Record::SCALAR_I_SCALAR_O,
        count0: 0,
        count1: 0,
        function: |_, _| Err(IoReturn::BUSY.into()),
    },
];

impl UserClient for LegacyCompleter {
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        Legacy::dispatch(&[], &LEGACY_TABLE, self, selector, arguments)
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

/// `completions`: the services `Completer` and `LegacyCompleter`.
///
/// Commands: `complete` sends a result and arguments on the reference that was kept first, and answers what comes of it;
/// `complete_if_there_is_room` does with the option to drop them; `dead` counts the references that are dead; `let_go`
/// drops all that are kept.
pub(crate) fn furnish(scene: &mut Scene) {
    let kept = Kept::default();
    for (command, can_drop) in [("complete", false), ("complete_if_there_is_room", true)] {
        let references = kept.clone();
        scene.on(command, move |completion| {
            let first = references.lock().first().cloned();
            let sent = first.map(|reference| send(&reference, completion, SendOptions { can_drop }));
            sent.unwrap_or(IoReturn::NOT_FOUND).code().into()
        });
    }
    let references = kept.clone();
    scene
        .on("dead", move |_| references.lock().iter().filter(|reference| reference.is_dead()).count() as u64);
    let references = kept.clone();
    scene.on("let_go", move |_| {
        let references = std::mem::take(&mut *references.lock());
        references.len() as u64
    });
    scene.machine.publish(
        Nub::new("Completer").driver(move |_: &OpenRequest<'_>| Ok(Completer { kept: kept.clone() })),
    );
    scene.machine.publish(Nub::new("LegacyCompleter").driver(|_: &OpenRequest<'_>| Ok(LegacyCompleter)));
}
