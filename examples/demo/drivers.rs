//! Drivers that the notebook starts for whatever is published that they match.

use super::Refusing;
use iokit_uc::sim::{DriverInstance, EntryId, Machine, Nub, Personality, RegisterOptions};
use iokit_uc::{IoReturn, Plane, RegistryEntry, Result, Value};
use std::sync::atomic::{AtomicU32, Ordering};

pub(super) fn add(machine: &Machine) {
    let has = |keys: &[(&str, u8)]| Value::dictionary(keys.iter().copied());
    machine.add_driver(
        Personality::new("AppleUSBHostCompositeDevice")
            .provider_class("IOUSBHostDevice")
            .property("IOPropertyMatch", has(&[("bDeviceClass", 0)])),
    );
    machine.add_driver(
        Personality::new("AppleUSBHub")
            .provider_class("IOUSBHostInterface")
            .property("IOPropertyMatch", has(&[("bInterfaceClass", 9)])),
    );
    let start = starting(machine, |machine, hid| {
        machine.set_property(hid.driver, "Transport", "USB")?;
        machine.register(hid.driver, RegisterOptions { synchronous: true, ..Default::default() });
        Ok(())
    });
    machine.add_driver(
        Personality::new("IOUSBHostHIDDevice")
            .superclass("IOHIDDevice")
            .provider_class("IOUSBHostInterface")
            .property("IOPropertyMatch", has(&[("bInterfaceClass", 3)]))
            .start(start),
    );
    machine.add_driver(
        Personality::new("IOUSBMassStorageDriver")
            .provider_class("IOUSBHostInterface")
            .property("IOPropertyMatch", has(&[("bInterfaceClass", 8), ("bInterfaceSubClass", 6)]))
            .start(starting(machine, publish_stick)),
    );
    let disks = AtomicU32::new(0);
    machine.add_driver(
        Personality::new("IOBlockStorageDriver")
            .provider_class("IOBlockStorageDevice")
            .start(starting(machine, move |machine, disk| publish_media(machine, disk, &disks))),
    );
}

/// A driver's `start`, of which an error is no start.
fn starting(
    machine: &Machine,
    start: impl Fn(&Machine, &DriverInstance) -> Result<()> + Send + Sync + 'static,
) -> impl Fn(&DriverInstance) -> bool + Send + Sync + 'static {
    let machine = machine.downgrade();
    move |driver| machine.upgrade().is_some_and(|machine| start(&machine, driver).is_ok())
}

/// The device behind an interface for mass storage.
fn publish_stick(machine: &Machine, driver: &DriverInstance) -> Result<()> {
    let product = property(machine, driver.provider, "USB Product Name")?;
    let disk = block_storage("IOBlockStorageServices", product.as_str().unwrap_or("USB"), 30_752_000_000);
    machine.publish(disk.provider(driver.driver));
    Ok(())
}

/// A device that stores blocks. Its medium follows.
pub(super) fn block_storage(class: &str, product: &str, size: u64) -> Nub {
    let characteristics = [("Product Name", Value::from(product)), ("Capacity", size.into())];
    Nub::new(class)
        .superclass("IOBlockStorageDevice")
        .property("Device Characteristics", Value::dictionary(characteristics))
}

/// A disk without partitions.
fn publish_media(machine: &Machine, driver: &DriverInstance, disks: &AtomicU32) -> Result<()> {
    let characteristics = property(machine, driver.provider, "Device Characteristics")?;
    let characteristic = |key| characteristics.as_dictionary().and_then(|keys| keys.get(key));
    let product = characteristic("Product Name").and_then(Value::as_str).unwrap_or("Untitled");
    let size = characteristic("Capacity").and_then(|size| size.as_number()?.as_u64()).unwrap_or(0);
    let media = Nub::new("IOMedia")
        .name(format!("{product} Media"))
        .provider(driver.driver)
        // The file system has it open.
        .driver(Refusing(IoReturn::EXCLUSIVE_ACCESS))
        .property("BSD Name", format!("disk{}", disks.fetch_add(1, Ordering::Relaxed)))
        .property("Size", size)
        .property("Preferred Block Size", 512u64)
        .property("Whole", true)
        .property("Writable", true);
    machine.publish(media);
    Ok(())
}

/// A property of a service that drivers are being looked for, which no matching finds yet.
fn property(machine: &Machine, service: EntryId, key: &str) -> Result<Value> {
    let root = RegistryEntry::root(&machine.task("kernel_task").kernel())?;
    for entry in root.descendants(&Plane::SERVICE)? {
        let entry = entry?;
        if entry.id()? == service.0 {
            return entry.expect_property(key);
        }
    }
    Err(IoReturn::NOT_FOUND.into())
}
