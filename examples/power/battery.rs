//! What a battery's driver publishes.

use serde::Deserialize;
use std::fmt::{self, Display, Formatter};

/// `AppleSmartBattery`, as far as it is of interest. The keys are the names of the fields: `CurrentCapacity`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Battery {
    manufacturer: Option<String>,
    device_name: Option<String>,
    #[serde(alias = "BatterySerialNumber")]
    serial: Option<String>,
    battery_installed: Option<bool>,

    /// In per cent of [`max_capacity`](Self::max_capacity) on Apple silicon, in mAh on older Macs.
    current_capacity: Option<u32>,
    /// 100 on Apple silicon, in mAh on older Macs.
    max_capacity: Option<u32>,
    /// In mAh, as the following ones.
    apple_raw_current_capacity: Option<u32>,
    apple_raw_max_capacity: Option<u32>,
    design_capacity: Option<u32>,

    cycle_count: Option<u32>,
    #[serde(rename = "DesignCycleCount9C")]
    design_cycle_count: Option<u32>,
    permanent_failure_status: Option<u32>,

    /// In mV.
    voltage: Option<i32>,
    /// In mA; below 0 when the battery is being discharged.
    amperage: Option<i32>,
    /// In hundredths of a degree Celsius.
    temperature: Option<i32>,

    external_connected: Option<bool>,
    is_charging: Option<bool>,
    fully_charged: Option<bool>,
    /// In minutes, as the following ones; [`UNKNOWN_TIME`] if it is not known yet.
    avg_time_to_empty: Option<u32>,
    avg_time_to_full: Option<u32>,
    adapter_details: Option<Adapter>,
}

/// What is at the other end of the cable.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Adapter {
    name: Option<String>,
    description: Option<String>,
    /// In W, as agreed with it.
    watts: Option<u32>,
    /// In mV, and mA.
    #[serde(alias = "Voltage")]
    adapter_voltage: Option<u32>,
    current: Option<u32>,
}

const UNKNOWN_TIME: u32 = 65535;

impl Battery {
    /// How full it is, in per cent.
    fn charge(&self) -> Option<f64> {
        percentage(self.current_capacity?, self.max_capacity?)
    }

    /// What it holds, and what it can hold, in mAh.
    fn capacity(&self) -> (Option<u32>, Option<u32>) {
        let is_per_cent = self.max_capacity == Some(100);
        let older = |capacity: Option<u32>| capacity.filter(|_| !is_per_cent);
        (
            self.apple_raw_current_capacity.or(older(self.current_capacity)),
            self.apple_raw_max_capacity.or(older(self.max_capacity)),
        )
    }

    /// What it can hold, of what it could when it was new, in per cent.
    fn health(&self) -> Option<f64> {
        percentage(self.capacity().1?, self.design_capacity?)
    }

    fn state(&self) -> Option<String> {
        let time = |minutes: Option<u32>, what| match minutes {
            None => String::new(),
            Some(UNKNOWN_TIME) => ", time not known yet".into(),
            Some(minutes) => format!(", {}:{:02} h until {what}", minutes / 60, minutes % 60),
        };
        Some(match (self.external_connected?, self.is_charging, self.fully_charged) {
            (false, ..) => format!("discharging{}", time(self.avg_time_to_empty, "empty")),
            (true, Some(true), _) => format!("charging{}", time(self.avg_time_to_full, "full")),
            (true, _, Some(true)) => "full".into(),
            (true, ..) => "not charging".into(),
        })
    }
}

/// A part of a whole that is there.
fn percentage(part: u32, whole: u32) -> Option<f64> {
    (whole != 0).then(|| f64::from(part) / f64::from(whole) * 100.0)
}

/// A thousandth of the unit.
fn unit(thousandths: impl Into<f64>) -> f64 {
    thousandths.into() / 1000.0
}

impl Display for Battery {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.battery_installed == Some(false) {
            return line(f, "charge", Some("no battery is installed"));
        }
        let (holds, can_hold) = self.capacity();
        let amount = match (holds, can_hold) {
            (Some(holds), Some(can_hold)) => Some(format!("{holds} of {can_hold} mAh")),
            (Some(holds), None) => Some(format!("{holds} mAh")),
            _ => None,
        };
        line(f, "model", words([&self.manufacturer, &self.device_name]))?;
        line(f, "serial", self.serial.as_ref())?;
        let charge = self.charge().map(|charge| format!("{charge:.0} %"));
        line(f, "charge", list([charge, amount]))?;
        line(f, "state", self.state())?;
        let health = self.health().map(|health| format!("{health:.1} %"));
        let designed = self.design_capacity.map(|capacity| format!("designed for {capacity} mAh"));
        let failed = self.permanent_failure_status.filter(|status| *status != 0);
        let failed = failed.map(|status| format!("permanent failure {status:#x}"));
        line(f, "health", list([health, designed, failed]))?;
        let cycles = self.cycle_count.map(|count| count.to_string());
        let designed = self.design_cycle_count.map(|count| format!("designed for {count}"));
        line(f, "cycles", list([cycles, designed]))?;
        line(
            f,
            "heat",
            self.temperature.map(|hundredths| format!("{:.1} °C", f64::from(hundredths) / 100.0)),
        )?;
        let voltage = self.voltage.map(|voltage| format!("{:.2} V", unit(voltage)));
        let current = self.amperage.map(|current| format!("{:.2} A", unit(current)));
        let power = self.voltage.zip(self.amperage);
        let power = power.map(|(voltage, current)| format!("{:.1} W", unit(voltage) * unit(current)));
        line(f, "power", list([voltage, current, power]))?;
        match (self.external_connected, &self.adapter_details) {
            (Some(false), _) => line(f, "adapter", Some("none")),
            (_, adapter) => line(f, "adapter", adapter.as_ref().and_then(Adapter::describe)),
        }
    }
}

impl Adapter {
    fn describe(&self) -> Option<String> {
        let name = self.name.as_ref().or(self.description.as_ref()).cloned();
        let watts = self.watts.map(|watts| format!("{watts} W"));
        let voltage = self.adapter_voltage.map(|voltage| format!("{:.1} V", unit(voltage)));
        let current = self.current.map(|current| format!("{:.2} A", unit(current)));
        list([name, watts, voltage, current])
    }
}

/// What is there of these, one after the other.
fn list<const N: usize>(parts: [Option<String>; N]) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn words<const N: usize>(parts: [&Option<String>; N]) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A line, if there is something to be told.
fn line(f: &mut Formatter<'_>, what: &str, value: Option<impl Display>) -> fmt::Result {
    match value {
        Some(value) => writeln!(f, "  {what:<8} {value}"),
        None => Ok(()),
    }
}

/// `IOPMrootDomain`: what decides about sleep.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Sleep {
    #[serde(rename = "AppleClamshellState")]
    lid_is_closed: Option<bool>,
    sleep_disabled: Option<bool>,
}

impl Display for Sleep {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        line(f, "lid", self.lid_is_closed.map(|closed| if closed { "closed" } else { "open" }))?;
        line(f, "sleep", self.sleep_disabled.map(|disabled| if disabled { "disabled" } else { "enabled" }))
    }
}
