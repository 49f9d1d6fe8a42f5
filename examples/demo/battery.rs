//! The battery's properties, those of one that is being discharged.

use iokit_uc::sim::Nub;
use iokit_uc::{Dictionary, Value};

/// Charge is in per cent here and in mAh in the keys that begin with `AppleRaw`, voltage in mV, current in mA and below 0 as the
/// battery discharges, temperature in hundredths of a degree Celsius, time in minutes; 65535 minutes are none.
pub(super) fn battery() -> Nub {
    let adapter: [(&str, Value); 1] = [("FamilyCode", 0u32.into())];
    let data: [(&str, Value); 6] = [
        ("CellVoltage", Value::array([4021u32, 4019, 4023])),
        ("DesignCapacity", 7336u32.into()),
        ("CycleCount", 142u32.into()),
        ("StateOfCharge", 78u32.into()),
        ("Voltage", 12063u32.into()),
        ("ManufactureDate", Value::data(*b"\x1c\x4e")),
    ];
    let properties: [(&str, Value); 30] = [
        ("IOClass", "AppleSmartBattery".into()),
        ("DeviceName", "bq20z451".into()),
        ("Manufacturer", "SMP".into()),
        ("Serial", "F5D9262A1XYPXAC2Z".into()),
        ("BatteryInstalled", true.into()),
        ("ExternalConnected", false.into()),
        ("ExternalChargeCapable", false.into()),
        ("AppleRawExternalConnected", false.into()),
        ("IsCharging", false.into()),
        ("FullyCharged", false.into()),
        ("AtCriticalLevel", false.into()),
        ("CurrentCapacity", 78u32.into()),
        ("MaxCapacity", 100u32.into()),
        ("AppleRawCurrentCapacity", 5377u32.into()),
        ("AppleRawMaxCapacity", 6894u32.into()),
        ("NominalChargeCapacity", 7001u32.into()),
        ("DesignCapacity", 7336u32.into()),
        ("CycleCount", 142u32.into()),
        ("DesignCycleCount9C", 1000u32.into()),
        ("PermanentFailureStatus", 0u32.into()),
        ("Voltage", 12063u32.into()),
        ("Amperage", (-1289i64).into()),
        ("InstantAmperage", (-1302i64).into()),
        ("Temperature", 3047u32.into()),
        ("TimeRemaining", 250u32.into()),
        ("AvgTimeToEmpty", 250u32.into()),
        ("AvgTimeToFull", 65535u32.into()),
        ("UpdateTime", 1_700_000_000u64.into()),
        ("AdapterDetails", Value::dictionary(adapter)),
        ("BatteryData", Value::dictionary(data)),
    ];
    let properties: Dictionary = properties.into_iter().collect();
    properties
        .iter()
        .fold(Nub::new("AppleSmartBattery"), |nub, (key, value)| nub.property(key, value.clone()))
}
