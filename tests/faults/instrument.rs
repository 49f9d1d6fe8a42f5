//! A device with everything that a fault can come to.

use iokit_uc::memory::MemoryDescriptor;
use iokit_uc::sim::{EntryId, Machine, Nub};
use iokit_uc::{Completions, DataQueue, Mapping, Result, Structure, completions, user_client};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Far longer than anything takes: what has not come by then will never.
pub(crate) const LOST: Duration = Duration::from_secs(60);
pub(crate) const CLASS: &str = "com_example_Instrument";

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub(crate) struct Reading {
    pub(crate) number: u32,
    pub(crate) value: u32,
}

pub(crate) mod selector {
    pub(crate) const MEASURE: u32 = 0;
    pub(crate) const LATEST: u32 = 1;
    pub(crate) const HISTORY: u32 = 2;
    pub(crate) const SETTLE: u32 = 3;
    pub(crate) const RECORD: u32 = 5;
}

pub(crate) mod memory {
    pub(crate) const QUEUE: u32 = 1;
}

#[user_client(service = "com_example_Instrument")]
pub(crate) trait Instrument {
    /// The next value, and how many there have been.
    #[uc(selector = 0)]
    fn measure(&self) -> Result<(u32, u32)>;
    #[uc(selector = 1)]
    fn latest(&self) -> Result<Reading>;
    #[uc(selector = 2)]
    fn history(&self, count: u32) -> Result<Vec<Reading>>;
    /// Comes back when it has settled, which is at once.
    #[uc(selector = 3)]
    async fn settle(&self, value: u32) -> Result<u32>;
    /// Every number up to `last`.
    #[uc(selector = 4)]
    fn sweep(&self, last: u32) -> Result<Completions<u32>>;
    /// Puts a reading into the queue.
    #[uc(selector = 5)]
    fn record(&self) -> Result<()>;
    #[uc(queue = 1)]
    fn readings(&self) -> Result<DataQueue<Reading>>;
    #[uc(memory = 2)]
    fn registers(&self) -> Result<Mapping<[u32]>>;
}

pub(crate) struct Driver {
    measured: AtomicU32,
    readings: Mutex<DataQueue<Reading>>,
    registers: MemoryDescriptor,
}

impl Driver {
    pub(crate) fn new() -> Self {
        Self {
            measured: AtomicU32::new(0),
            readings: Mutex::new(DataQueue::with_entries(8).unwrap()),
            registers: MemoryDescriptor::new(64).unwrap(),
        }
    }

    fn reading(number: u32) -> Reading {
        Reading { number, value: 10 * number }
    }
}

impl Instrument for Driver {
    fn measure(&self) -> Result<(u32, u32)> {
        let number = self.measured.fetch_add(1, Ordering::Relaxed) + 1;
        Ok((10 * number, number))
    }

    fn latest(&self) -> Result<Reading> {
        Ok(Self::reading(self.measured.load(Ordering::Relaxed)))
    }

    fn history(&self, count: u32) -> Result<Vec<Reading>> {
        Ok((1..=count).map(Self::reading).collect())
    }

    async fn settle(&self, value: u32) -> Result<u32> {
        Ok(value)
    }

    fn sweep(&self, last: u32) -> Result<Completions<u32>> {
        let (sender, numbers) = completions();
        (1..=last).try_for_each(|number| sender.send(number))?;
        Ok(numbers)
    }

    fn record(&self) -> Result<()> {
        let number = self.measured.load(Ordering::Relaxed);
        lock(&self.readings).enqueue(&Self::reading(number)).map(drop)
    }

    fn readings(&self) -> Result<DataQueue<Reading>> {
        lock(&self.readings).share()
    }

    fn registers(&self) -> Result<Mapping<[u32]>> {
        Mapping::of(&self.registers)
    }
}

/// Plugs the instrument in.
pub(crate) fn plug_in(machine: &Machine) -> EntryId {
    machine.publish(Nub::new(CLASS).property("Serial", "A17").driver(InstrumentServer::new(Driver::new())))
}

/// A machine with the instrument, its number, and a client of it.
pub(crate) fn machine() -> (Machine, EntryId, InstrumentClient) {
    let machine = Machine::new();
    let id = plug_in(&machine);
    let client = InstrumentClient::open_first(&machine.task("client").kernel()).unwrap();
    (machine, id, client)
}
