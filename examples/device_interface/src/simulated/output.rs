//! What an output does as time passes.

use crate::wire::{Mode, Protection, Setting};
use iokit_uc::{CompletionSender, IoReturn};
use std::time::Duration;

/// How long the load may take all the current that it may.
const OVERLOAD: Duration = Duration::from_millis(100);
/// Tenths of a degree above which the supply is too hot.
const TOO_HOT: i32 = 850;

/// The output of a supply, and what is connected to it.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) setting: Setting,
    is_on: bool,
    has_tripped: bool,
    ramp: Option<Ramp>,
    /// For how long the load has taken all the current that it may.
    overload: Duration,
    /// In milliohms; nothing is connected if there is none.
    pub(super) load: Option<u32>,
    /// In tenths of a degree.
    pub(super) temperature: i32,
}

#[derive(Debug)]
struct Ramp {
    from: u32,
    to: u32,
    millivolts_per_second: u32,
    elapsed: Duration,
    arrival: Arrival,
}

/// Who waits for the end of a ramp.
pub(super) type Arrival = CompletionSender<u32>;

/// What is at the output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) mode: Mode,
    pub(super) millivolts: u32,
    pub(super) milliamps: u32,
}

/// What has come of a ramp, to be told when nothing is locked.
#[derive(Debug)]
#[must_use]
pub(super) enum Ended {
    Nothing,
    Arrived { arrival: Arrival, milliseconds: u32 },
    Interrupted { arrival: Arrival, code: IoReturn },
}

impl Ended {
    /// Tells whoever waits.
    pub(super) fn tell(self) {
        // Who waits no longer has no need to know.
        let _ = match self {
            Self::Nothing => Ok(()),
            Self::Arrived { arrival, milliseconds } => arrival.send(milliseconds),
            Self::Interrupted { arrival, code } => arrival.fail(code),
        };
    }
}

impl Default for Output {
    fn default() -> Self {
        Self {
            setting: Setting::default(),
            is_on: false,
            has_tripped: false,
            ramp: None,
            overload: Duration::ZERO,
            load: None,
            temperature: 230,
        }
    }
}

impl Output {
    pub(super) fn is_on(&self) -> bool {
        self.is_on
    }

    pub(super) fn is_ramping(&self) -> bool {
        self.ramp.is_some()
    }

    pub(super) fn set(&mut self, setting: Setting) -> Ended {
        self.setting = setting;
        self.interrupt(IoReturn::ABORTED)
    }

    pub(super) fn switch(&mut self, on: bool) -> Ended {
        (self.is_on, self.has_tripped, self.overload) = (on, false, Duration::ZERO);
        self.interrupt(IoReturn::ABORTED)
    }

    pub(super) fn ramp(&mut self, to: u32, millivolts_per_second: u32, arrival: Arrival) {
        let (from, elapsed) = (self.setting.millivolts, Duration::ZERO);
        self.ramp = Some(Ramp { from, to, millivolts_per_second, elapsed, arrival });
    }

    /// The supply loses its power.
    pub(super) fn power_off(&mut self) -> Ended {
        self.is_on = false;
        self.interrupt(IoReturn::NO_DEVICE)
    }

    fn interrupt(&mut self, code: IoReturn) -> Ended {
        self.ramp.take().map_or(Ended::Nothing, |ramp| Ended::Interrupted { arrival: ramp.arrival, code })
    }

    /// Time passes. Tells whether the output has tripped.
    pub(super) fn step(&mut self, time: Duration) -> (Ended, Option<Protection>) {
        let ended = match self.ramp.take_if(|ramp| ramp.step(time, &mut self.setting.millivolts)) {
            None => Ended::Nothing,
            Some(Ramp { elapsed, arrival, .. }) => {
                let milliseconds = elapsed.as_millis().try_into().unwrap_or(u32::MAX);
                Ended::Arrived { arrival, milliseconds }
            }
        };
        let is_limiting = self.measure().mode == Mode::ConstantCurrent;
        self.overload = if is_limiting { self.overload + time } else { Duration::ZERO };
        let protection = match self.is_on {
            true if self.temperature > TOO_HOT => Protection::Overtemperature,
            true if self.overload >= OVERLOAD => Protection::Overcurrent,
            _ => return (ended, None),
        };
        (ended, Some(protection))
    }

    pub(super) fn trip(&mut self) -> Ended {
        (self.is_on, self.has_tripped) = (false, true);
        self.interrupt(IoReturn::ABORTED)
    }

    pub(super) fn measure(&self) -> Measured {
        let Setting { millivolts, milliamps } = self.setting;
        if !self.is_on {
            let mode = if self.has_tripped { Mode::Tripped } else { Mode::Off };
            return Measured { mode, millivolts: 0, milliamps: 0 };
        }
        let Some(load) = self.load.map(u64::from) else {
            return Measured { mode: Mode::ConstantVoltage, millivolts, milliamps: 0 };
        };
        // What the load takes, unless it is a short circuit.
        let taken = (u64::from(millivolts) * 1000).checked_div(load);
        match taken.and_then(|taken| u32::try_from(taken).ok()).filter(|taken| *taken <= milliamps) {
            Some(taken) => Measured { mode: Mode::ConstantVoltage, millivolts, milliamps: taken },
            None => {
                let millivolts = (u64::from(milliamps) * load / 1000).min(millivolts.into());
                Measured { mode: Mode::ConstantCurrent, millivolts: millivolts as u32, milliamps }
            }
        }
    }
}

impl Ramp {
    /// Time passes. Whether the voltage has been reached.
    fn step(&mut self, time: Duration, millivolts: &mut u32) -> bool {
        self.elapsed += time;
        let moved = u128::from(self.millivolts_per_second) * self.elapsed.as_micros() / 1_000_000;
        let distance = self.from.abs_diff(self.to);
        let moved = u32::try_from(moved).unwrap_or(u32::MAX).min(distance);
        *millivolts = if self.from < self.to { self.from + moved } else { self.from - moved };
        moved == distance
    }
}
