//! What goes over the wire between this library and the driver.
//!
//! Programs need none of it. Whoever writes the driver does: `LabSupplyClient::INTERFACE.c_header()` is its header.

use iokit_uc::memory::ReadPure;
use iokit_uc::{
    Completions, DataQueue, Mapping, ReadOnlyAccess, RegisterBlock, RegisterValue, Result, Scalar, Structure,
    user_client,
};

/// The class of a supply's service.
pub const CLASS: &str = "com_example_LabSupply";

/// The user client of a supply. One task at a time has it: `kIOReturnExclusiveAccess` for others.
#[user_client(service = "com_example_LabSupply", entitlement = "com.example.lab-supply")]
pub trait LabSupply {
    /// What the output is set to.
    #[uc(selector = 0)]
    fn setting(&self) -> Result<Setting>;

    /// Sets the output, whether it is on or not, and ends a ramp; `kIOReturnBadArgument` beyond the supply's limits.
    #[uc(selector = 1)]
    fn set(&self, setting: &Setting) -> Result<()>;

    /// Switches the output on or off. On, it has not tripped any more.
    #[uc(selector = 2)]
    fn switch(&self, on: bool) -> Result<()>;

    /// Moves the voltage evenly. Completes when it has arrived, with the milliseconds that it took; with
    /// `kIOReturnAborted` when the output is set or switched before that, or trips. `kIOReturnNotReady` if it is off,
    /// `kIOReturnBusy` during another ramp, `kIOReturnBadArgument` beyond the supply's limits and for a rate of 0.
    #[uc(selector = 3)]
    async fn ramp(&self, millivolts: u32, millivolts_per_second: u32) -> Result<u32>;

    /// Every trip from now on: why, and millivolts and milliamperes just before it.
    #[uc(selector = 4)]
    fn trips(&self) -> Result<Completions<(Protection, u32, u32)>>;

    /// Puts so many samples a second into the queue, beginning at number 0; none for 0. `kIOReturnBadArgument` above
    /// [`MAX_SAMPLE_RATE`].
    #[uc(selector = 5)]
    fn sample(&self, rate: u32) -> Result<()>;

    /// What the supply measures.
    #[uc(memory = 0, cache = Inhibit)]
    fn registers(&self) -> Result<Mapping<Registers, ReadOnlyAccess>>;

    /// The samples. What finds no room is dropped, but has had a number.
    #[uc(queue = 1)]
    fn samples(&self) -> Result<DataQueue<Sample>>;
}

/// The most samples a second.
pub const MAX_SAMPLE_RATE: u32 = 10_000;

/// What the output is to keep to: it has one of these, and less of the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Structure)]
#[repr(C)]
pub struct Setting {
    /// The voltage, in millivolts.
    pub millivolts: u32,
    /// The current, in milliamperes.
    pub milliamps: u32,
}

/// What was measured at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Structure)]
#[repr(C)]
pub struct Sample {
    /// From 0, one more each time. A sample that was lost has had a number too.
    pub number: u64,
    /// Microseconds since sampling began.
    pub microseconds: u64,
    /// Millivolts at the output.
    pub millivolts: u32,
    /// Milliamperes through it.
    pub milliamps: u32,
}

/// What makes a supply switch its output off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Scalar)]
#[repr(u32)]
#[non_exhaustive]
pub enum Protection {
    /// The load has taken all the current that it may for too long.
    Overcurrent = 1,
    /// The supply is too hot.
    Overtemperature = 2,
}

/// The supply's registers, which nobody but the supply writes.
#[derive(RegisterBlock)]
#[repr(C)]
pub struct Registers {
    /// [`IDENTIFICATION`], or all ones when the supply is no longer there.
    #[reg(offset = 0x00)]
    pub identification: ReadPure<u32>,
    /// Odd while the supply writes the others, and another number when it has.
    #[reg(offset = 0x04)]
    pub sequence: ReadPure<u32>,
    /// What it is doing.
    #[reg(offset = 0x08)]
    pub status: ReadPure<Status>,
    /// Millivolts at the output.
    #[reg(offset = 0x0c)]
    pub millivolts: ReadPure<u32>,
    /// Milliamperes through it.
    #[reg(offset = 0x10)]
    pub milliamps: ReadPure<u32>,
    /// The supply's temperature in tenths of a degree Celsius.
    #[reg(offset = 0x14)]
    pub temperature: ReadPure<i32>,
}

/// What [`Registers::identification`] reads.
pub const IDENTIFICATION: u32 = u32::from_be_bytes(*b"LABS");

/// What every register of a device reads that is not there.
pub const GONE: u32 = u32::MAX;

/// What a supply is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, RegisterValue)]
pub struct Status(u32);

impl Status {
    const MODE: u32 = 0x7;
    const RAMPING: u32 = 1 << 8;

    /// As a supply writes it.
    pub const fn new(mode: Mode, is_ramping: bool) -> Self {
        Self(mode as u32 | if is_ramping { Self::RAMPING } else { 0 })
    }

    /// What the output does; `None` for what this version of the library does not know.
    pub const fn mode(self) -> Option<Mode> {
        Some(match self.0 & Self::MODE {
            0 => Mode::Off,
            1 => Mode::ConstantVoltage,
            2 => Mode::ConstantCurrent,
            3 => Mode::Tripped,
            _ => return None,
        })
    }

    /// Whether the voltage is being moved.
    pub const fn is_ramping(self) -> bool {
        self.0 & Self::RAMPING != 0
    }
}

/// What an output does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// It is off.
    Off = 0,
    /// It has the voltage that it is set to.
    ConstantVoltage = 1,
    /// It has the current that it is set to, because the load would take more.
    ConstantCurrent = 2,
    /// The supply has switched it off.
    Tripped = 3,
}
