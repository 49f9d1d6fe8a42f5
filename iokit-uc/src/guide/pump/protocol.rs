use iokit_uc::memory::{ReadPure, ReadPureWrite};
use iokit_uc::{Completions, DataQueue, Mapping, RegisterBlock, Result, Scalar, Structure, user_client};

/// A dosing pump. Volumes are in microlitres, rates in microlitres a second.
#[user_client(service = "com_example_Pump")]
pub trait Pump {
    /// Sets the rate; `kIOReturnBadArgument` above 500.
    #[uc(selector = 0)]
    fn set_rate(&self, rate: u32) -> Result<()>;

    /// What the pump does now.
    #[uc(selector = 1)]
    fn status(&self) -> Result<Status>;

    /// Loads a programme; returns the number by which it is started.
    #[uc(selector = 2)]
    fn load(&self, programme: &[Step]) -> Result<u32>;

    /// Gives a dose; completes with the volume that was given.
    #[uc(selector = 3)]
    async fn dose(&self, volume: u32) -> Result<u32>;

    /// Every alarm from now on.
    #[uc(selector = 4)]
    fn alarms(&self) -> Result<Completions<Alarm>>;

    /// The registers of the motor.
    #[uc(memory = 0, cache = Inhibit)]
    fn motor(&self) -> Result<Mapping<Motor>>;

    /// The flow, as the sensor measures it.
    #[uc(queue = 1)]
    fn flow(&self) -> Result<DataQueue<Sample>>;
}

#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub struct Status {
    /// What there is in the reservoir.
    pub reservoir: u64,
    pub rate: u32,
    _reserved: [u8; 4],
}

impl Status {
    pub fn new(reservoir: u64, rate: u32) -> Self {
        Self { reservoir, rate, _reserved: [0; 4] }
    }
}

/// A rate, and for how long it is held.
#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub struct Step {
    pub rate: u32,
    pub milliseconds: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Scalar)]
#[repr(u32)]
pub enum Alarm {
    /// Nothing is left in the reservoir.
    Empty = 1,
    /// The line is blocked.
    Blocked = 2,
}

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Motor {
    /// Where it is, in steps.
    pub position: ReadPure<u32>,
    _reserved: u32,
    /// Where it is to go.
    #[reg(offset = 0x08)]
    pub target: ReadPureWrite<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub struct Sample {
    pub nanoseconds: u64,
    pub flow: u64,
}
