//! The driver, for the simulated kernel.

use super::{Event, EventSource, EventSourceServer, Totals, now};
use iokit_uc::sim::{Machine, Nub, WeakMachine};
use iokit_uc::{DataQueue, IoReturn, Result};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many events a second there can be, and how many at once.
pub(crate) const COUNTS: RangeInclusive<u32> = 1..=1_000_000;

/// For how many events a queue has room at least.
pub(crate) const ROOM: usize = 256;

/// A machine with the driver.
pub(crate) fn machine() -> Machine {
    let machine = Machine::new();
    let timer = machine.downgrade();
    machine.publish(Nub::new("com_example_EventSource").user_client(move |_| {
        let output = Mutex::new(Output { events: DataQueue::with_entries(ROOM)?, totals: Totals::default() });
        let source = Arc::new(Source { run: AtomicU32::new(0), output });
        Ok(EventSourceServer::new(EventSourceUserClient { machine: timer.clone(), source }))
    }));
    machine
}

/// The driver's end of one connection.
struct EventSourceUserClient {
    machine: WeakMachine,
    source: Arc<Source>,
}

/// What a run posts to.
struct Source {
    /// Which run it is the turn of: of none that there has been, after a stop.
    run: AtomicU32,
    output: Mutex<Output>,
}

struct Output {
    events: DataQueue<Event>,
    totals: Totals,
}

impl Source {
    /// Ends the run that goes on, and waits until it is over. Returns the number of the next one.
    fn next_run(&self) -> (u32, MutexGuard<'_, Output>) {
        let run = self.run.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        (run, self.output.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Posts so many events, if it still is the run's turn.
    fn post(&self, run: u32, burst: u32) -> bool {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = self.run.load(Ordering::Relaxed) == run;
        if goes_on {
            (0..burst).for_each(|_| output.post());
        }
        goes_on
    }
}

impl Output {
    /// Posts an event. A driver cannot wait for room: who does not read in time loses.
    fn post(&mut self) {
        let number = self.totals.events;
        let samples = std::array::from_fn(|channel| (number as i32).wrapping_mul(channel as i32));
        self.totals.events += 1;
        if self.events.enqueue(&Event { number, time: now(), samples }).is_err() {
            self.totals.overruns += 1;
        }
    }
}

impl EventSource for EventSourceUserClient {
    fn start(&self, rate: u32, burst: u32) -> Result<()> {
        if !(COUNTS.contains(&rate) && COUNTS.contains(&burst)) {
            return Err(IoReturn::BAD_ARGUMENT.into());
        }
        let machine = self.machine.upgrade().ok_or(IoReturn::NOT_ATTACHED)?;
        let (run, mut output) = self.source.next_run();
        output.totals = Totals::default();

        let (timer, source) = (self.machine.clone(), Arc::downgrade(&self.source));
        let period = Duration::from_secs(burst.into()) / rate;
        machine.spawn(async move {
            let (began, mut due) = (Instant::now(), Duration::ZERO);
            // Until the run is over, or the connection is closed.
            while source.upgrade().is_some_and(|source| source.post(run, burst)) {
                due += period;
                timer.sleep(due.saturating_sub(began.elapsed())).await;
            }
        });
        Ok(())
    }

    fn stop(&self) -> Result<Totals> {
        let (_, output) = self.source.next_run();
        Ok(output.totals)
    }

    fn events(&self) -> Result<DataQueue<Event>> {
        self.source.output.lock().unwrap_or_else(PoisonError::into_inner).events.share()
    }
}
