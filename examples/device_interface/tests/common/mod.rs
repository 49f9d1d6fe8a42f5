//! A program that uses a supply, for the tests to run without a kernel, with one, and with faults in it.

use lab_supply::wire::LabSupply;
use lab_supply::{Meter, Mode, Result, Setting, Supply};
use std::time::Duration;

/// For how long it waits for what is there already.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the program has seen.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) setting: Setting,
    pub(crate) before: Meter,
    pub(crate) ramp: Duration,
    pub(crate) after: Meter,
    pub(crate) samples: Vec<(u64, u32)>,
}

/// Sets the output, switches it on, moves its voltage, and measures. `advance` has time pass for the supply.
pub(crate) fn exercise<D: LabSupply>(supply: &Supply<D>, advance: impl Fn(Duration)) -> Result<Seen> {
    supply.set(Setting { millivolts: 2_000, milliamps: 500 })?;
    supply.switch(true)?;
    let before = supply.meter()?;

    let mut samples = supply.sample(100)?;
    let ramp = supply.ramp(3_000, 10_000);
    advance(Duration::from_millis(100));
    let ramp = ramp.wait_timeout(PATIENCE)?;
    let after = supply.meter()?;

    let mut fetched = Vec::new();
    for _ in 0..3 {
        let sample = samples.wait_timeout(PATIENCE).transpose()?;
        fetched.extend(sample.map(|sample| (sample.number, sample.millivolts)));
    }
    supply.switch(false)?;
    Ok(Seen { setting: supply.setting()?, before, ramp, after, samples: fetched })
}

/// What it has to see.
pub(crate) fn assert_right(seen: &Seen) {
    assert_eq!(seen.setting, Setting { millivolts: 3_000, milliamps: 500 });
    assert_eq!((seen.before.mode, seen.before.millivolts), (Mode::ConstantVoltage, 2_000));
    assert_eq!((seen.after.millivolts, seen.after.is_ramping), (3_000, false));
    assert_eq!(seen.ramp, Duration::from_millis(100));
    assert_eq!(seen.samples, [(0, 2_100), (1, 2_200), (2, 2_300)]);
}
