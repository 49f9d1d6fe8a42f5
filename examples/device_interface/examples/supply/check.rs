//! Has each supply do what it can.

use lab_supply::{Information, Kernel, Setting};
use std::error::Error;
use std::io::Write;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);

/// What a supply says of itself.
pub(crate) fn describe(information: &Information) -> String {
    let Information { model, serial, firmware, .. } = information;
    let calibrated = information.calibrated.as_deref().unwrap_or("never");
    format!("{model}, serial number {serial}, firmware {firmware}, calibrated: {calibrated}")
}

/// Checks each supply, and leaves it switched off and set as it was.
pub(crate) fn check(kernel: &Kernel, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    for supply in lab_supply::supplies(kernel)? {
        let supply = supply?;
        writeln!(out, "{}", describe(supply.information()))?;
        let supply = supply.open()?;
        let meter = supply.meter()?;
        writeln!(out, "  {} mV, {} mA, {:?}", meter.millivolts, meter.milliamps, meter.mode)?;

        let before = supply.setting()?;
        let mut trips = supply.trips()?;
        supply.set(Setting { millivolts: 0, milliamps: 100 })?;
        supply.switch(true)?;
        let time = supply.ramp(1_000, 10_000).wait_timeout(PATIENCE)?;
        writeln!(out, "  ramped to {} mV in {time:?}", supply.setting()?.millivolts)?;
        supply.switch(false)?;
        supply.set(before)?;
        if let Some(Ok(trip)) = trips.wait_timeout(Duration::ZERO) {
            writeln!(out, "  tripped: {trip:?}")?;
        }
    }
    Ok(())
}
