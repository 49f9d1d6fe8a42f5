use super::protocol::{Alarm, Motor, Pump, Sample, Status, Step};
use iokit_uc::memory::MemoryDescriptor;
use iokit_uc::{CompletionSender, Completions, DataQueue, IoReturn, Mapping, Result, completions};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A pump without hardware.
pub struct Model {
    motor: MemoryDescriptor,
    state: Mutex<State>,
}

struct State {
    status: Status,
    programmes: Vec<Vec<Step>>,
    watchers: Vec<CompletionSender<Alarm>>,
    flow: DataQueue<Sample>,
}

impl Model {
    /// A pump with so much in its reservoir.
    pub fn new(reservoir: u64) -> Result<Self> {
        let state = State {
            status: Status::new(reservoir, 0),
            programmes: Vec::new(),
            watchers: Vec::new(),
            flow: DataQueue::with_entries(64)?,
        };
        Ok(Self { motor: MemoryDescriptor::new(12)?, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pump for Model {
    fn set_rate(&self, rate: u32) -> Result<()> {
        if rate > 500 {
            return Err(IoReturn::BAD_ARGUMENT.into());
        }
        self.state().status.rate = rate;
        Ok(())
    }

    fn status(&self) -> Result<Status> {
        Ok(self.state().status)
    }

    fn load(&self, programme: &[Step]) -> Result<u32> {
        let mut state = self.state();
        state.programmes.push(programme.to_vec());
        Ok(state.programmes.len() as u32)
    }

    async fn dose(&self, volume: u32) -> Result<u32> {
        let mut state = self.state();
        let given = state.status.reservoir.min(volume.into());
        state.status.reservoir -= given;
        if given < volume.into() {
            // Who has gone away need not be told any more.
            state.watchers.retain(|watcher| watcher.send(Alarm::Empty).is_ok());
        }
        // A driver cannot wait for room: who does not read in time loses.
        let _ = state.flow.enqueue(&Sample { nanoseconds: 0, flow: given });
        Ok(given as u32)
    }

    fn alarms(&self) -> Result<Completions<Alarm>> {
        let (watcher, alarms) = completions();
        self.state().watchers.push(watcher);
        Ok(alarms)
    }

    fn motor(&self) -> Result<Mapping<Motor>> {
        Mapping::of(&self.motor)
    }

    fn flow(&self) -> Result<DataQueue<Sample>> {
        self.state().flow.share()
    }
}
