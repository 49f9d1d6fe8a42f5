//! The driver's end of a connection.

use super::device::Device;
use super::output::Measured;
use crate::wire::{LabSupply, MAX_SAMPLE_RATE, Protection, Registers, Sample, Setting};
use futures_core::Stream;
use iokit_uc::{
    CompletionSender, Completions, DataQueue, IoReturn, Mapping, ReadOnlyAccess, Result, completions,
};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// For how many samples the queue has room.
const QUEUE: usize = 1024;

/// The driver's end of a connection: what implements the interface.
#[derive(Debug)]
pub struct UserClient(Arc<Client>);

/// What belongs to one connection.
#[derive(Debug)]
pub(super) struct Client {
    device: Arc<Device>,
    own: Mutex<Own>,
}

#[derive(Debug)]
struct Own {
    trips: Vec<CompletionSender<(Protection, u32, u32)>>,
    samples: DataQueue<Sample>,
    sampling: Option<Sampling>,
}

#[derive(Debug)]
struct Sampling {
    rate: u32,
    elapsed: Duration,
    /// How many samples there have been.
    count: u64,
}

impl UserClient {
    pub(super) fn new(device: &Arc<Device>) -> Result<Self> {
        let samples = DataQueue::with_entries(QUEUE)?;
        let own = Mutex::new(Own { trips: Vec::new(), samples, sampling: None });
        let client = Arc::new(Client { device: Arc::clone(device), own });
        device.claim(&client)?;
        Ok(Self(client))
    }

    /// The service is going away: so has the supply.
    pub(super) fn supply_is_gone(&self) {
        self.0.device.unplug();
    }
}

impl Client {
    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time has passed, and this is what is at the output, or was when it tripped.
    pub(super) fn measured(&self, time: Duration, measured: Measured, protection: Option<Protection>) {
        let mut own = self.own();
        own.sample(time, measured);
        let Measured { millivolts, milliamps, .. } = measured;
        if let Some(protection) = protection {
            own.trips.retain(|trips| trips.send((protection, millivolts, milliamps)).is_ok());
        }
    }
}

impl Own {
    /// Takes the samples that are due.
    fn sample(&mut self, time: Duration, Measured { millivolts, milliamps, .. }: Measured) {
        let Some(Sampling { rate, elapsed, count }) = &mut self.sampling else { return };
        *elapsed += time;
        let due = u128::from(*rate) * elapsed.as_micros() / 1_000_000;
        while u128::from(*count) < due {
            let microseconds = (u128::from(*count) * 1_000_000 / u128::from(*rate)) as u64;
            // What finds no room is lost, which its number tells.
            let _ = self.samples.enqueue(&Sample { number: *count, microseconds, millivolts, milliamps });
            *count += 1;
        }
    }
}

impl LabSupply for UserClient {
    fn setting(&self) -> Result<Setting> {
        Ok(self.0.device.setting())
    }

    fn set(&self, setting: &Setting) -> Result<()> {
        self.0.device.set(*setting)
    }

    fn switch(&self, on: bool) -> Result<()> {
        self.0.device.switch(on);
        Ok(())
    }

    // Not an `async fn`: the supply begins before anybody waits.
    fn ramp(&self, millivolts: u32, millivolts_per_second: u32) -> impl Future<Output = Result<u32>> + Send {
        let arrival = self.0.device.ramp(millivolts, millivolts_per_second);
        async move {
            let mut arrival = arrival?;
            let arrived = poll_fn(|context| Pin::new(&mut arrival).poll_next(context)).await;
            // The supply always tells, unless it is freed before.
            arrived.unwrap_or(Err(IoReturn::NO_DEVICE.into()))
        }
    }

    fn trips(&self) -> Result<Completions<(Protection, u32, u32)>> {
        let (sender, trips) = completions();
        self.0.own().trips.push(sender);
        Ok(trips)
    }

    fn sample(&self, rate: u32) -> Result<()> {
        if rate > MAX_SAMPLE_RATE {
            return Err(IoReturn::BAD_ARGUMENT.into());
        }
        self.0.own().sampling = (rate > 0).then_some(Sampling { rate, elapsed: Duration::ZERO, count: 0 });
        Ok(())
    }

    fn registers(&self) -> Result<Mapping<Registers, ReadOnlyAccess>> {
        Mapping::of(&self.0.device.memory)
    }

    fn samples(&self) -> Result<DataQueue<Sample>> {
        self.0.own().samples.share()
    }
}
