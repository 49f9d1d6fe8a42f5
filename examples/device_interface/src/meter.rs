//! What a supply measures, read from its registers.

use crate::error::{Error, ErrorKind, Result};
use crate::wire::{self, GONE, IDENTIFICATION, Mode};
use iokit_uc::memory::barrier;
use iokit_uc::{Mapping, ReadOnlyAccess};
use std::thread;

/// What a supply measures at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meter {
    /// What the output does.
    pub mode: Mode,
    /// Whether the voltage is being moved.
    pub is_ramping: bool,
    /// Millivolts at the output.
    pub millivolts: u32,
    /// Milliamperes through it.
    pub milliamps: u32,
    /// The supply's temperature in tenths of a degree Celsius.
    pub temperature: i32,
}

#[derive(Debug)]
pub(crate) struct Registers(Mapping<wire::Registers, ReadOnlyAccess>);

const ACTION: &str = "read its meter";

/// How often the registers may change while they are read.
const ATTEMPTS: usize = 100;

impl Registers {
    pub(crate) fn new(registers: Mapping<wire::Registers, ReadOnlyAccess>) -> Self {
        Self(registers)
    }

    /// The registers as they were together: the supply writes one after the other.
    pub(crate) fn read(&self) -> Result<Meter> {
        let registers = self.0.view();
        for _ in 0..ATTEMPTS {
            // The memory outlives the supply. What is there then is what the bus reads where nobody answers.
            match registers.identification().read() {
                IDENTIFICATION => {}
                GONE => return Err(Error::new(ErrorKind::Unplugged, ACTION)),
                other => {
                    let problem = format!("its registers begin with {other:#010x}, a supply's do not");
                    return Err(Error::new(ErrorKind::Incompatible, ACTION).with_problem(problem));
                }
            }
            let sequence = registers.sequence().read();
            barrier();
            let status = registers.status().read();
            let (millivolts, milliamps) = (registers.millivolts().read(), registers.milliamps().read());
            let temperature = registers.temperature().read();
            barrier();
            if sequence % 2 == 0 && registers.sequence().read() == sequence {
                let Some(mode) = status.mode() else {
                    let problem = format!("it is doing what this library does not know: {status:x?}");
                    return Err(Error::new(ErrorKind::Incompatible, ACTION).with_problem(problem));
                };
                let is_ramping = status.is_ramping();
                return Ok(Meter { mode, is_ramping, millivolts, milliamps, temperature });
            }
            thread::yield_now();
        }
        let problem = format!("its registers changed while they were read, {ATTEMPTS} times in a row");
        Err(Error::new(ErrorKind::Faulty, ACTION).with_problem(problem))
    }
}
