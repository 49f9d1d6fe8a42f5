//! A backend that answers from a trace.

mod answer;
mod difference;
mod divergence;
mod find;
mod kind;
mod local;
mod memory;
mod names;
mod plan;
mod planner;
mod player;
mod port;
mod receive;
mod words;

pub use difference::Difference;
pub use divergence::Divergence;

use super::{Trace, crossing};
use crate::backend::*;
use crate::error::IoReturn;
use crate::trace::Field;
use crate::value::Value;
use answer::{Returned, Unfit};
use plan::Plan;
use player::{Fields, Player};
use std::ffi::{CStr, CString};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A kernel that answers as another one did when the trace was recorded. Clones are one.
///
/// ```
/// # #[cfg(feature = "sim")] {
/// use iokit_uc::Kernel;
/// use iokit_uc::trace::{Replay, ReplayMode, Trace};
///
/// # fn program(_: &Kernel) -> iokit_uc::Result<()> { Ok(()) }
/// # let file = &b"iokit-uc trace 1\n"[..];
/// let replay = Replay::new(Trace::read(file)?, ReplayMode::Strict);
/// program(&Kernel::replay(replay.clone()))?;
/// replay.finish()?;
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What is compared
///
/// What a call is made on and what is passed to it, with how much room there is for an answer. Ports are compared by what they stand
/// for, since a kernel has other names for it in every run: "what line 7 gave". Not compared is what is another in every run: where
/// memory is, the references that come back with messages, and for how long a call may wait.
///
/// Answers are those of the trace, byte by byte, but for names, addresses and references. What counts references is not looked up
/// there, for handles are dropped in another order in every run; the replay counts them itself. So does it make ports to receive from
/// ([`NotificationPort`](crate::NotificationPort)), which stand for the recorded ones from the first call that they are passed to.
///
/// # Messages
///
/// A completion, or a notification, comes when the call that asked for it has been made, and all the calls on connections that the
/// recorded program had begun by then. Time does not matter: what came a minute later comes at once. Who waits longer than
/// [`patience`](Self::patience) for a message that comes after a call which nobody makes has parted from the trace;
/// [by content](ReplayMode::ByContent), where a completion waits for its own call alone, the message comes then.
///
/// # Memory
///
/// What was mapped is new memory of the same size, with what was in it at that time if that was
/// [recorded](super::RecordingOptions::contents), else with zeros; where the kernel has room, also if the program asks for a place. The
/// device behind it is not there: what the program writes it reads back, and nothing else happens. So a
/// [`DataQueue`](crate::DataQueue) can be mapped if its memory was recorded, and gets no entries that were not in it by then. Memory
/// is there until its connection unmaps it, or has been given up, and no longer than the replay is.
///
/// # When a program does something else
///
/// The first call that the trace has no answer to fails with [`IoReturn::REPLAY_DIVERGED`], and so do all after it, and whoever waits
/// for a message; what has no code to fail with returns nothing. Handles can still be dropped. [`finish`](Self::finish) tells what was
/// different.
#[derive(Clone)]
pub struct Replay {
    player: Arc<Player>,
}

/// What a program may do otherwise than the recorded one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayMode {
    /// Nothing: the same calls, in the same order for each connection. Calls that are on none, such as those that look for a service
    /// or read properties, may come in any order; those that are the same are answered in theirs. So threads that each open the same
    /// service have to do so in the order in which they did: where that is chance, it is [`ByContent`](Self::ByContent).
    #[default]
    Strict,
    /// The order, and how often it calls: each call is answered as one of the same content was. Of several those answers come in
    /// their order, and then the last one again and again; what is opened or iterated once more begins anew. A call that was not
    /// made on this handle, but on another that was got by the same call, is answered as that was.
    ByContent,
}

impl Replay {
    /// Answers from `trace`.
    pub fn new(trace: Trace, mode: ReplayMode) -> Self {
        Self { player: Arc::new(Player::new(Plan::new(trace), mode)) }
    }

    /// How long a message is waited for that comes after a call which nobody makes, and a completion that never comes; half a minute
    /// if this is not called. The time begins anew with each call.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        self.player.set_patience(patience);
        self
    }

    /// The trace.
    pub fn trace(&self) -> &Trace {
        &self.player.plan.trace
    }

    /// The first call that the trace has no answer to.
    pub fn divergence(&self) -> Option<Divergence> {
        self.player.divergence()
    }

    /// Whether the program has done what the trace has: an error tells the first difference, or what it has left undone.
    ///
    /// To be asked when the program has let go of its handles, for connections are closed by that. Nothing has to be done of what
    /// follows from a notification that has not been received, and nothing at all [by content](ReplayMode::ByContent).
    ///
    /// # Errors
    ///
    /// The [`divergence`](Self::divergence), or one that tells of the calls that have not been made.
    pub fn finish(&self) -> Result<(), Divergence> {
        match self.player.divergence().or_else(|| self.player.unmade()) {
            Some(divergence) => Err(divergence),
            None => Ok(()),
        }
    }

    /// Tells it from every other that lives.
    pub(crate) fn id(&self) -> usize {
        Arc::as_ptr(&self.player).addr()
    }

    /// An output of a call of the trace is not what the function has.
    #[cold]
    fn damaged(&self, call: Option<usize>, Unfit(output): Unfit) {
        let what = match output {
            "" => "what it returned is missing, or of another kind".into(),
            output => format!("`{output}` is not what the function has there"),
        };
        self.player.diverge(Divergence::damaged(&self.player.plan, call.unwrap_or_default(), what));
    }
}

impl From<Trace> for Replay {
    fn from(trace: Trace) -> Self {
        Self::new(trace, ReplayMode::default())
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("calls", &self.trace().calls().len())
            .field("divergence", &self.divergence())
            .finish_non_exhaustive()
    }
}

/// What is passed, by the parameters that something is passed by.
fn passed<const N: usize>(fields: [Option<(&'static str, Field)>; N]) -> Fields {
    fields.into_iter().flatten().collect()
}

macro_rules! replay {
    (() $($variant:ident $(($c_name:literal))? [$($qualifier:tt)?] fn $function:ident(
        $($argument:ident: $mode:ident $type:ty),*
    ) -> $result_mode:ident $result:ty;)*) => {
        impl Backend for Replay {$(
            $($qualifier)? fn $function(&self $(, $argument: $type)*) -> $result {
                let fields = passed([$(replay!(@pass $mode $argument)),*]);
                let Some(mut answers) = self.player.call(Function::$variant, &fields) else {
                    return Returned::none();
                };
                $(replay!(@write answers $mode $argument);)*
                answers.returned().unwrap_or_else(|unfit| {
                    self.damaged(answers.call, unfit);
                    Returned::none()
                })
            }
        )*}
    };
    (@pass port $argument:ident) => {
        Some((stringify!($argument), Field::Port($argument)))
    };
    (@pass input $argument:ident) => {
        Some((stringify!($argument), crossing::Input::field(&$argument).to_field()))
    };
    (@pass inout $argument:ident) => {
        Some((stringify!($argument), crossing::Input::field(&*$argument).to_field()))
    };
    (@pass out $argument:ident) => {
        crossing::Output::capacity(&$argument).map(|capacity| (stringify!($argument), capacity.to_field()))
    };
    (@pass out_port $argument:ident) => { None };
    (@write $answers:ident port $argument:ident) => {};
    (@write $answers:ident input $argument:ident) => {};
    (@write $answers:ident $mode:ident $argument:ident) => {{
        const SURPLUS: &[&str] = &[concat!(stringify!($argument), "_count"), concat!(stringify!($argument), "_size")];
        let mut place = $argument;
        $answers.write(stringify!($argument), SURPLUS, &mut place);
    }};
}
calls!(replay!());
