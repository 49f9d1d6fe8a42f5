//! What the tool has seen of the events.

use super::cli::Failure;
use super::{Event, Totals, now};
use std::io::Write;
use std::time::Duration;

#[derive(Debug, Default)]
pub(crate) struct Tally {
    received: u64,
    lost: u64,
    /// Rows of lost events.
    gaps: u64,
    /// The number of the next event if none is lost.
    next: u64,
    latency: Latency,
}

/// How long after they were posted events were taken out, in nanoseconds.
#[derive(Debug, Default)]
struct Latency {
    least: u64,
    most: u64,
    sum: u64,
}

impl Tally {
    /// Counts an event in, and those that are missing before it.
    pub(crate) fn add(&mut self, event: &Event) -> Result<(), Failure> {
        self.skip_to(event.number)?;
        self.next += 1;
        // The clock may have been set in between.
        let latency = now().saturating_sub(event.time);
        let Latency { least, most, sum } = &mut self.latency;
        *least = if self.received == 0 { latency } else { latency.min(*least) };
        *most = latency.max(*most);
        *sum = sum.saturating_add(latency);
        self.received += 1;
        Ok(())
    }

    /// Counts in those that are missing at the end. The driver must have lost as many as are missing.
    pub(crate) fn finish(&mut self, totals: Totals) -> Result<(), Failure> {
        self.skip_to(totals.events)?;
        let (lost, overruns) = (self.lost, totals.overruns);
        if lost == overruns {
            return Ok(());
        }
        Err(format!("{lost} events are missing, but the driver found no room for {overruns}").into())
    }

    fn skip_to(&mut self, number: u64) -> Result<(), Failure> {
        let Some(missing) = number.checked_sub(self.next) else {
            return Err(format!("event {number} comes where {} was to be", self.next).into());
        };
        self.lost += missing;
        self.gaps += u64::from(missing > 0);
        self.next = number;
        Ok(())
    }

    /// Tells what came in `elapsed`.
    pub(crate) fn write(&self, elapsed: Duration, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { received, lost, gaps, next, latency } = self;
        let rate = *received as f64 / elapsed.as_secs_f64();
        let megabytes = rate * size_of::<Event>() as f64 / 1e6;
        writeln!(out, "received {received} of {next}: {rate:.0} a second, {megabytes:.2} MB/s")?;
        if let Some(mean) = latency.sum.checked_div(*received) {
            let [least, mean, most] = [latency.least, mean, latency.most].map(Duration::from_nanos);
            writeln!(out, "latency {least:.1?} at least, {mean:.1?} on average, {most:.1?} at most")?;
        }
        match lost {
            0 => writeln!(out, "lost none")?,
            _ => writeln!(out, "lost {lost} in {gaps} gaps: the driver found the queue full as often")?,
        }
        Ok(())
    }
}
