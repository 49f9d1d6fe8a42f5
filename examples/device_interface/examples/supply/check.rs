//! Has each supply do what it can.

use lab_supply::{Information, Kernel, Setting, Supply};
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

/// Checks each supply, and leaves it switched off and set as it was, also if something fails.
pub(crate) fn check(kernel: &Kernel, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    for supply in lab_supply::supplies(kernel)? {
        let supply = supply?;
        writeln!(out, "{}", describe(supply.information()))?;
        let supply = supply.open()?;
        let meter = supply.meter()?;
        writeln!(out, "  {} mV, {} mA, {:?}", meter.millivolts, meter.milliamps, meter.mode)?;

        let before = supply.setting()?;
        let mut trips = supply.trips()?;
        let ramped = ramp(&supply);
        supply.switch(false)?;
        supply.set(before)?;
        let (millivolts, time) = ramped?;
        writeln!(out, "  ramped to {millivolts} mV in {time:?}")?;
        if let Some(Ok(trip)) = trips.wait_timeout(Duration::ZERO) {
            writeln!(out, "  tripped: {trip:?}")?;
        }
    }
    Ok(())
}

/// Switches the output on, and moves its voltage; tells where that has come to, and how long it took.
fn ramp(supply: &Supply) -> lab_supply::Result<(u32, Duration)> {
    supply.set(Setting { millivolts: 0, milliamps: 100 })?;
    supply.switch(true)?;
    let time = supply.ramp(1_000, 10_000).wait_timeout(PATIENCE)?;
    Ok((supply.setting()?.millivolts, time))
}
