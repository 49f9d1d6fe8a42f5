//! How long things take.

use iokit_uc::memory::Rect;
use std::fmt;
use std::time::{Duration, Instant};

/// What was timed, in the order in which it first happened.
#[derive(Default)]
pub(crate) struct Stopwatch {
    laps: Vec<Lap>,
}

struct Lap {
    name: &'static str,
    times: u32,
    bytes: u64,
    time: Duration,
}

impl Stopwatch {
    /// Does `work`, and tells how fast that is if it moves the pixels of some area, of four bytes each.
    pub(crate) fn time<T>(
        &mut self,
        name: &'static str,
        area: impl Into<Option<Rect>>,
        work: impl FnOnce() -> T,
    ) -> T {
        let start = Instant::now();
        let result = work();
        let time = start.elapsed();
        let index = self.laps.iter().position(|lap| lap.name == name).unwrap_or(self.laps.len());
        if index == self.laps.len() {
            self.laps.push(Lap { name, times: 0, bytes: 0, time: Duration::ZERO });
        }
        let lap = &mut self.laps[index];
        lap.times += 1;
        lap.bytes += area.into().map_or(0, |area| 4 * u64::from(area.width) * u64::from(area.height));
        lap.time += time;
        result
    }
}

impl fmt::Display for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Lap { name, times, bytes, time } in &self.laps {
            write!(f, "{name:<16} {times:>3} × {:>9.3} ms", time.as_secs_f64() * 1e3 / f64::from(*times))?;
            match bytes {
                0 => writeln!(f)?,
                _ => writeln!(f, " {:>7.0} MB/s", *bytes as f64 / time.as_secs_f64() / 1e6)?,
            }
        }
        Ok(())
    }
}
