//! A supply, and what happens to it.

use super::output::{Ended, Measured, Output};
use super::user_client::{self, UserClient};
use crate::discovery::{Information, Limits};
use crate::error::Result;
use crate::supply::Supply;
use crate::wire::{GONE, IDENTIFICATION, Setting, Status};
use iokit_uc::memory::{MemoryDescriptor, ReadPureWrite, barrier};
use iokit_uc::{Completions, IoReturn, Mapping, RegisterBlock, completions};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// A supply that is not there: a model of the hardware.
///
/// Clones are handles on the same supply. Time passes for it as its [`Bench`](super::Bench) says; one that is plugged in
/// nowhere goes by [`step`](Self::step).
#[derive(Clone, Debug)]
pub struct SimulatedSupply(Arc<Device>);

#[derive(Debug)]
pub(super) struct Device {
    pub(super) information: Arc<Information>,
    /// What tasks map.
    pub(super) memory: MemoryDescriptor,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    output: Output,
    registers: Mapping<DeviceRegisters>,
    sequence: u32,
    /// How often it has been plugged in, and out.
    plugs: u64,
    /// Nobody answers on the bus.
    is_dark: bool,
    /// Whoever uses it.
    client: Weak<user_client::Client>,
}

/// The registers for the device, which writes what programs read.
#[derive(Debug, RegisterBlock)]
#[repr(C)]
struct DeviceRegisters {
    #[reg(offset = 0x00)]
    identification: ReadPureWrite<u32>,
    #[reg(offset = 0x04)]
    sequence: ReadPureWrite<u32>,
    #[reg(offset = 0x08)]
    status: ReadPureWrite<Status>,
    #[reg(offset = 0x0c)]
    millivolts: ReadPureWrite<u32>,
    #[reg(offset = 0x10)]
    milliamps: ReadPureWrite<u32>,
    #[reg(offset = 0x14)]
    temperature: ReadPureWrite<i32>,
}

impl SimulatedSupply {
    /// A supply of 30 V and 5 A, whose output is off.
    ///
    /// # Panics
    ///
    /// If there is no memory for its registers.
    pub fn new(serial: &str) -> Self {
        let information = Information {
            model: "LS 3005".into(),
            serial: serial.into(),
            firmware: "2.4".into(),
            calibrated: Some("2025-11-03".into()),
            limits: Limits { millivolts: 30_000, milliamps: 5_000 },
        };
        Device::new(information).map_or_else(|error| panic!("{error}"), |device| Self(Arc::new(device)))
    }

    /// What it says of itself.
    pub fn information(&self) -> &Arc<Information> {
        &self.0.information
    }

    /// The supply as programs use it, without a kernel between.
    ///
    /// # Errors
    ///
    /// [`InUse`](crate::ErrorKind::InUse) while somebody uses it.
    pub fn bare(&self) -> Result<Supply<UserClient>> {
        let client = self.user_client().map_err(crate::Error::of("open it"))?;
        Supply::new(client, Arc::clone(&self.0.information))
    }

    /// What is at the output: whether it is on, millivolts, and milliamperes.
    pub fn output(&self) -> (bool, u32, u32) {
        let state = self.0.lock();
        let Measured { millivolts, milliamps, .. } = state.output.measure();
        (state.output.is_on(), millivolts, milliamps)
    }

    /// Connects a resistor of so many milliohms, instead of what was connected.
    pub fn connect_load(&self, milliohms: u32) {
        self.0.change(|output| output.load = Some(milliohms));
    }

    /// Disconnects what is connected.
    pub fn disconnect_load(&self) {
        self.0.change(|output| output.load = None);
    }

    /// Makes it so hot, in tenths of a degree Celsius.
    pub fn set_temperature(&self, tenths: i32) {
        self.0.change(|output| output.temperature = tenths);
    }

    /// Lets time pass.
    pub fn step(&self, time: Duration) {
        self.0.step(time);
    }

    /// For a task that opens it.
    pub(super) fn user_client(&self) -> iokit_uc::Result<UserClient> {
        UserClient::new(&self.0)
    }

    pub(super) fn downgrade(&self) -> Weak<Device> {
        Arc::downgrade(&self.0)
    }

    /// It is plugged in. Returns what tells this time from others.
    pub(super) fn plug(&self) -> u64 {
        let mut state = self.0.lock();
        state.plugs += 1;
        state.is_dark = false;
        state.measure();
        state.plugs
    }

    /// It is not plugged in any more, or about to be so.
    pub(super) fn unplug(&self) {
        self.0.unplug();
    }
}

impl Device {
    fn new(information: Information) -> iokit_uc::Result<Self> {
        let memory = MemoryDescriptor::new(size_of::<DeviceRegisters>())?;
        let registers = Mapping::of(&memory)?;
        let (output, client) = (Output::default(), Weak::new());
        let mut state = State { output, registers, sequence: 0, plugs: 0, is_dark: false, client };
        state.measure();
        Ok(Self { information: Arc::new(information), memory, state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the output, and measures what has become of it.
    fn change<R>(&self, change: impl FnOnce(&mut Output) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state.output);
        state.measure();
        result
    }

    /// Whether it has been plugged in all the time since.
    pub(super) fn is_plugged_since(&self, plug: u64) -> bool {
        self.lock().plugs == plug
    }

    /// Makes `client` the one that uses it, unless there is one.
    pub(super) fn claim(&self, client: &Arc<user_client::Client>) -> iokit_uc::Result<()> {
        let mut state = self.lock();
        if state.client.strong_count() > 0 {
            return Err(IoReturn::EXCLUSIVE_ACCESS.into());
        }
        state.client = Arc::downgrade(client);
        Ok(())
    }

    pub(super) fn setting(&self) -> Setting {
        self.lock().output.setting
    }

    pub(super) fn set(&self, setting: Setting) -> iokit_uc::Result<()> {
        let Limits { millivolts, milliamps } = self.information.limits;
        if setting.millivolts > millivolts || setting.milliamps > milliamps {
            return Err(IoReturn::BAD_ARGUMENT.into());
        }
        self.change(|output| output.set(setting)).tell();
        Ok(())
    }

    pub(super) fn switch(&self, on: bool) {
        self.change(|output| output.switch(on)).tell();
    }

    /// Begins a ramp, and returns what comes when it ends.
    pub(super) fn ramp(
        &self,
        millivolts: u32,
        millivolts_per_second: u32,
    ) -> iokit_uc::Result<Completions<u32>> {
        if millivolts > self.information.limits.millivolts || millivolts_per_second == 0 {
            return Err(IoReturn::BAD_ARGUMENT.into());
        }
        self.change(|output| match (output.is_on(), output.is_ramping()) {
            (false, _) => Err(IoReturn::NOT_READY.into()),
            (true, true) => Err(IoReturn::BUSY.into()),
            (true, false) => {
                let (sender, arrival) = completions();
                output.ramp(millivolts, millivolts_per_second, sender);
                Ok(arrival)
            }
        })
    }

    pub(super) fn step(&self, time: Duration) {
        let mut state = self.lock();
        let (ended, protection) = state.output.step(time);
        let measured = state.output.measure();
        let interrupted = protection.map_or(Ended::Nothing, |_| state.output.trip());
        state.measure();
        let client = state.client.upgrade();
        drop(state);
        // Whoever is told may do something with the supply.
        ended.tell();
        interrupted.tell();
        if let Some(client) = client {
            client.measured(time, measured, protection);
        }
    }

    /// From now on, nobody answers on the bus.
    pub(super) fn unplug(&self) {
        let mut state = self.lock();
        state.plugs += 1;
        let ended = state.output.power_off();
        state.go_dark();
        drop(state);
        ended.tell();
    }
}

impl State {
    /// Writes what is at the output to the registers.
    fn measure(&mut self) {
        if self.is_dark {
            return;
        }
        let Measured { mode, millivolts, milliamps } = self.output.measure();
        self.write(Status::new(mode, self.output.is_ramping()), millivolts, milliamps);
    }

    fn write(&mut self, status: Status, millivolts: u32, milliamps: u32) {
        let mut registers = self.registers.view_mut();
        // Whoever reads meanwhile sees that it is odd, or another number afterwards.
        registers.sequence().write(self.sequence.wrapping_add(1));
        barrier();
        registers.identification().write(IDENTIFICATION);
        registers.status().write(status);
        registers.millivolts().write(millivolts);
        registers.milliamps().write(milliamps);
        registers.temperature().write(self.output.temperature);
        barrier();
        self.sequence = self.sequence.wrapping_add(2);
        registers.sequence().write(self.sequence);
    }

    fn go_dark(&mut self) {
        self.is_dark = true;
        let mut registers = self.registers.view_mut();
        registers.identification().write(GONE);
        registers.sequence().write(GONE);
        barrier();
        registers.millivolts().write(GONE);
        registers.milliamps().write(GONE);
    }
}
