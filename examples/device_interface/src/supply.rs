//! A supply that this program uses.

use crate::discovery::Information;
use crate::error::{Error, ErrorKind, Result};
use crate::meter::{Meter, Registers};
use crate::ramp::Ramp;
use crate::samples::Samples;
use crate::trips::Trips;
use crate::wire::{LabSupply, LabSupplyClient, MAX_SAMPLE_RATE, Setting};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A supply that this program uses, as long as this or [`Samples`] of it exist.
///
/// Threads may share it. A method returns when the driver has done what it says; the system has no way to give up on a
/// driver that does not return. What takes the supply time is a [`Ramp`] or a stream, which can be given up.
///
/// `D` is the driver: a client of the system's, unless tests put another there.
///
/// ```
/// use lab_supply::simulated::{Bench, SimulatedSupply};
/// use lab_supply::{Mode, Setting, Supply};
///
/// let bench = Bench::new(); // without: let kernel = Kernel::host()?;
/// bench.plug(&SimulatedSupply::new("LS-0017"));
///
/// let supply = Supply::open_first(&bench.kernel())?;
/// supply.set(Setting { millivolts: 5_000, milliamps: 500 })?;
/// supply.switch(true)?;
/// let meter = supply.meter()?;
/// assert_eq!((meter.mode, meter.millivolts), (Mode::ConstantVoltage, 5_000));
/// # Ok::<(), lab_supply::Error>(())
/// ```
#[derive(Debug)]
pub struct Supply<D = LabSupplyClient> {
    shared: Arc<Shared<D>>,
}

/// What a supply and its samples have in common.
#[derive(Debug)]
pub(crate) struct Shared<D> {
    pub(crate) driver: D,
    pub(crate) information: Arc<Information>,
    registers: Registers,
    /// Whether somebody takes samples: the driver has one queue.
    pub(crate) is_sampling: AtomicBool,
}

impl<D: LabSupply> Supply<D> {
    /// A supply over a driver. Programs have it by [`Listed::open`](crate::Listed::open).
    pub fn new(driver: D, information: Arc<Information>) -> Result<Self> {
        let registers = driver.registers().map_err(information.failed("see what it measures"))?;
        let shared =
            Shared { driver, information, registers: Registers::new(registers), is_sampling: false.into() };
        let supply = Self { shared: Arc::new(shared) };
        // Whether this is a supply at all.
        supply.meter()?;
        Ok(supply)
    }

    /// What it says of itself.
    pub fn information(&self) -> &Information {
        &self.shared.information
    }

    /// What its output is set to.
    pub fn setting(&self) -> Result<Setting> {
        self.shared.driver.setting().map_err(self.information().failed("tell what it is set to"))
    }

    /// Sets the output, whether it is on or not. A [ramp](Self::ramp) that goes on ends.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`](ErrorKind::OutOfRange) beyond its [limits](crate::Limits).
    pub fn set(&self, setting: Setting) -> Result<()> {
        const ACTION: &str = "set its output";
        self.check("mV", setting.millivolts, self.information().limits.millivolts, ACTION)?;
        self.check("mA", setting.milliamps, self.information().limits.milliamps, ACTION)?;
        self.shared.driver.set(&setting).map_err(self.information().failed(ACTION))
    }

    /// Switches the output on or off. On, it has not tripped any more; and a [ramp](Self::ramp) that goes on ends.
    pub fn switch(&self, on: bool) -> Result<()> {
        self.shared.driver.switch(on).map_err(self.information().failed("switch its output"))
    }

    /// What it measures now. It costs no call of the driver's.
    ///
    /// # Errors
    ///
    /// [`Unplugged`](ErrorKind::Unplugged); and [`Faulty`](ErrorKind::Faulty) if its registers do not come to rest.
    pub fn meter(&self) -> Result<Meter> {
        self.shared.registers.read().map_err(|error| error.with_supply(&self.information().serial))
    }

    /// Moves the voltage of an output that is on to `millivolts`, by so many a second. The supply begins with that now,
    /// whenever the ramp is waited for, and goes on with it if nobody does.
    ///
    /// # Errors
    ///
    /// The ramp's: [`OutOfRange`](ErrorKind::OutOfRange), [`OutputOff`](ErrorKind::OutputOff), and [`Busy`](ErrorKind::Busy)
    /// during another ramp; [`Interrupted`](ErrorKind::Interrupted) if the output is set or switched meanwhile, or trips.
    pub fn ramp(&self, millivolts: u32, millivolts_per_second: u32) -> Ramp<'_> {
        const ACTION: &str = "ramp its voltage";
        let checked = self.check("mV", millivolts, self.information().limits.millivolts, ACTION);
        let checked = checked.and_then(|()| match millivolts_per_second {
            0 => Err(self.out_of_range("at 0 mV a second it gets nowhere".into(), ACTION)),
            _ => Ok(()),
        });
        let call = checked.map(|()| self.shared.driver.ramp(millivolts, millivolts_per_second));
        Ramp::new(call, Arc::clone(&self.shared.information), ACTION)
    }

    /// Every trip from now on.
    pub fn trips(&self) -> Result<Trips> {
        const ACTION: &str = "watch for trips";
        let trips = self.shared.driver.trips().map_err(self.information().failed(ACTION))?;
        Ok(Trips::new(trips, Arc::clone(&self.shared.information), ACTION))
    }

    /// Begins to take `rate` samples a second.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`](ErrorKind::OutOfRange) for a rate of 0 or of more than 10,000; [`Busy`](ErrorKind::Busy) while other
    /// samples of this supply are being taken.
    pub fn sample(&self, rate: u32) -> Result<Samples<D>> {
        const ACTION: &str = "take samples";
        if rate == 0 {
            return Err(self.out_of_range("0 samples a second are none".into(), ACTION));
        }
        self.check("samples a second", rate, MAX_SAMPLE_RATE, ACTION)?;
        if self.shared.is_sampling.swap(true, Ordering::Acquire) {
            return Err(self.information().error(ErrorKind::Busy, ACTION));
        }
        // From here on, whatever fails ends it.
        Samples::begin(Arc::clone(&self.shared), rate, ACTION)
    }

    fn check(&self, unit: &str, asked: u32, limit: u32, action: &'static str) -> Result<()> {
        match asked <= limit {
            true => Ok(()),
            false => Err(self.out_of_range(format!("{asked} {unit} are more than its {limit}"), action)),
        }
    }

    fn out_of_range(&self, problem: String, action: &'static str) -> Error {
        self.information().error(ErrorKind::OutOfRange, action).with_problem(problem)
    }
}
