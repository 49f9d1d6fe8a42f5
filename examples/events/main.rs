//! A driver that posts events to a data queue, and a tool that tells how many came, how late, and how many were lost.
//!
//! ```text
//! cargo run --example events                              on a simulated kernel: 1000 events a second
//! cargo run --example events -- --rate 100000             more of them
//! cargo run --example events -- --rate 5000 --burst 1000  so many at once that the queue has no room for all
//! cargo run --example events -- --stream                  as a `Stream`, on an executor of 20 lines
//! cargo run --example events -- --host                    on this Mac, with such a driver loaded
//! ```
//!
//! The queue lies in memory that both sides have mapped: an event costs no call of the kernel, and a message only if the
//! queue was empty. The driver never waits for the tool. When there is no room it drops the event and counts it, and the
//! tool finds the gap in the numbers: both have to come to the same sum. `driver.rs` has the other side.

#[path = "../cli.rs"]
pub(crate) mod cli;
pub(crate) mod driver;
mod executor;
pub(crate) mod tally;

use cli::{Failure, Place, Program};
use executor::block_on;
use futures_lite::StreamExt;
use iokit_uc::{DataQueue, Kernel, Result, Structure, user_client};
use std::io::Write;
use std::process::ExitCode;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tally::Tally;

/// A device that reports events as long as it runs.
#[user_client(service = "com_example_EventSource")]
pub(crate) trait EventSource {
    /// Posts `rate` events a second, `burst` of them at once, beginning at number 0 and at once; `kIOReturnBadArgument` if
    /// either is 0 or more than a million. Takes the place of a run that goes on.
    #[uc(selector = 0)]
    fn start(&self, rate: u32, burst: u32) -> Result<()>;

    /// Posts no more, and returns what has come of the events since [`start`](Self::start). Those that found room are in
    /// the queue.
    #[uc(selector = 1)]
    fn stop(&self) -> Result<Totals>;

    /// The events. Each connection has a queue of its own.
    #[uc(queue = 0)]
    fn events(&self) -> Result<DataQueue<Event>>;
}

/// An entry of the queue: 64 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub(crate) struct Event {
    /// From 0. An event that is lost has had a number too.
    pub(crate) number: u64,
    /// When it was posted, as [`now`] tells it.
    pub(crate) time: u64,
    /// What was measured, one a channel.
    pub(crate) samples: [i32; 12],
}

/// What has come of a run's events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Structure)]
#[repr(C)]
pub(crate) struct Totals {
    /// How many there were.
    pub(crate) events: u64,
    /// How many of them the queue did not take: `kIOReturnOverrun`, as long as the task leaves the queue whole.
    pub(crate) overruns: u64,
}

/// The time that driver and tool share, in nanoseconds since 1970: a driver's `clock_get_calendar_nanotime`.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64)
}

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: events [--machine | --host] [--rate HZ] [--burst COUNT] [--seconds SECONDS] [--stream]

  --machine  watch a simulated driver (default)
  --host     watch the driver on this Mac
  --rate     how many events a second (default: 1000)
  --burst    how many of them at once (default: 1)
  --seconds  for how long (default: 1)
  --stream   read the queue as a stream
",
    flags: &["--rate", "--burst", "--seconds", "--stream"],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

/// What the command line asks for.
struct Command {
    rate: u32,
    burst: u32,
    time: Duration,
    as_stream: bool,
}

impl Command {
    fn parse(words: &[&str]) -> Result<Self, Failure> {
        let mut command = Self { rate: 1000, burst: 1, time: Duration::from_secs(1), as_stream: false };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let mut value = |what| match words.next() {
                Some(&value) => Ok(value),
                None => Err(Failure::Usage(format!("`{word}` wants {what}"))),
            };
            match word {
                "--rate" => command.rate = count(value("a number of events")?)?,
                "--burst" => command.burst = count(value("a number of events")?)?,
                "--seconds" => command.time = seconds(value("a number of seconds")?)?,
                "--stream" => command.as_stream = true,
                _ => return Err(Failure::Usage(format!("unexpected argument `{word}`"))),
            }
        }
        Ok(command)
    }
}

fn count(word: &str) -> Result<u32, Failure> {
    match word.parse() {
        Ok(count) if driver::COUNTS.contains(&count) => Ok(count),
        _ => Err(Failure::Usage(format!("`{word}` is no number of events from 1 to a million"))),
    }
}

fn seconds(word: &str) -> Result<Duration, Failure> {
    match word.parse() {
        Ok(seconds @ 0.0..=3600.0) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(Failure::Usage(format!("`{word}` is no number of seconds up to an hour"))),
    }
}

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    let command = Command::parse(words)?;
    match place {
        Place::Host => watch(&EventSourceClient::open_first(&Kernel::host()?)?, &command, out),
        Place::Machine => {
            let machine = driver::machine();
            let kernel = machine.task("events").kernel();
            watch(&EventSourceClient::open_first(&kernel)?, &command, out)?;
            machine.assert_clean();
            Ok(())
        }
    }
}

fn watch(source: &impl EventSource, command: &Command, out: &mut dyn Write) -> Result<(), Failure> {
    let &Command { rate, burst, time, as_stream } = command;
    let mut events = source.events()?;
    // In the queue each has its size before it.
    let room = events.capacity() / (size_of::<u32>() + size_of::<Event>());
    writeln!(out, "{rate} events a second, {burst} at once, for {time:?}; the queue has room for {room}")?;

    let mut tally = Tally::default();
    let began = Instant::now();
    source.start(rate, burst)?;
    let read = if as_stream { read_stream } else { read_blocking };
    read(&mut events, &mut tally, began + time)?;
    let totals = source.stop()?;
    let elapsed = began.elapsed();
    // Whatever was posted before the driver stopped lies in the queue by now.
    while let Some(event) = events.dequeue()? {
        tally.add(&event)?;
    }
    tally.finish(totals)?;
    tally.write(elapsed, out)
}

/// Reads until `end`, and blocks this thread when there is nothing to read.
fn read_blocking(events: &mut DataQueue<Event>, tally: &mut Tally, end: Instant) -> Result<(), Failure> {
    while let Some(left) = end.checked_duration_since(Instant::now())
        && let Poll::Ready(Some(event)) = events.wait_timeout(left)
    {
        tally.add(&event?)?;
    }
    Ok(())
}

/// The same for whoever has an executor.
fn read_stream(events: &mut DataQueue<Event>, tally: &mut Tally, end: Instant) -> Result<(), Failure> {
    let reading = async {
        while Instant::now() < end
            && let Some(event) = events.next().await
        {
            tally.add(&event?)?;
        }
        Ok(())
    };
    block_on(reading, end).unwrap_or(Ok(()))
}
