//! Devices that are plugged into the notebook's USB ports.

use iokit_uc::Result;
use iokit_uc::sim::{EntryId, Machine, Nub, TerminateOptions};

/// The plane of what is plugged in where.
pub(crate) const PLANE: &str = "IOUSB";

/// A port, and where what is plugged in there is in [`PLANE`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Port {
    pub(crate) entry: EntryId,
    /// The controller or the hub.
    pub(crate) parent: EntryId,
    pub(crate) location: u32,
}

/// A device as its descriptors tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Device {
    pub(crate) product: &'static str,
    pub(crate) vendor: &'static str,
    pub(crate) serial: Option<&'static str>,
    /// `idVendor`, `idProduct`.
    pub(crate) id: (u16, u16),
    /// In the device's descriptor, as a hub's 9; 0 for one whose interfaces tell theirs.
    pub(crate) class: u8,
    /// Class, subclass and protocol of each interface.
    pub(crate) interfaces: &'static [(u8, u8, u8)],
}

const HUB: u8 = 9;
const HID: u8 = 3;
const MASS_STORAGE: u8 = 8;

pub(crate) const KEYBOARD: Device = Device {
    product: "Apple Internal Keyboard / Trackpad",
    vendor: "Apple Inc.",
    serial: None,
    id: (0x05ac, 0x027a),
    class: 0,
    interfaces: &[(HID, 1, 1), (HID, 0, 2)],
};

pub(crate) const CAMERA: Device = Device {
    product: "FaceTime HD Camera (Built-in)",
    vendor: "Apple Inc.",
    serial: Some("CC2G951DHYF5KNAP"),
    id: (0x05ac, 0x8514),
    class: 0xef,
    interfaces: &[(0x0e, 1, 0), (0x0e, 2, 0)],
};

pub(crate) const USB_HUB: Device = Device {
    product: "USB2.0 Hub",
    vendor: "GenesysLogic",
    serial: None,
    id: (0x05e3, 0x0610),
    class: HUB,
    interfaces: &[(HUB, 0, 1)],
};

pub(crate) const MOUSE: Device = Device {
    product: "USB Optical Mouse",
    vendor: "Logitech",
    serial: None,
    id: (0x046d, 0xc077),
    class: 0,
    interfaces: &[(HID, 1, 2)],
};

pub(crate) const STICK: Device = Device {
    product: "Ultra Fit",
    vendor: "SanDisk",
    serial: Some("4C531001571112105234"),
    id: (0x0781, 0x5583),
    class: 0,
    interfaces: &[(MASS_STORAGE, 6, 0x50)],
};

/// Plugs a device in: it is there with its interfaces when this returns, and the drivers of these have been started.
pub(crate) fn plug(machine: &Machine, port: &Port, device: &Device) -> Result<EntryId> {
    let Port { entry, parent, location } = *port;
    let &Device { product, vendor, id: (vendor_id, product_id), class, .. } = device;
    let nub = Nub::new("IOUSBHostDevice")
        .name(product)
        .location(format!("{location:08x}"))
        .provider(entry)
        .property("USB Vendor Name", vendor)
        .property("USB Product Name", product)
        .property("idVendor", vendor_id)
        .property("idProduct", product_id)
        .property("bDeviceClass", class)
        .property("locationID", location)
        .property("PortNum", (location >> 20 & 0xf) as u8);
    let nub = match device.serial {
        Some(serial) => nub.property("USB Serial Number", serial),
        None => nub,
    };
    let nub = machine.attach(nub);
    machine.attach_in(PLANE, nub, parent)?;
    drop(machine.start_matching(nub));
    for (number, interface) in (0u8..).zip(device.interfaces) {
        publish_interface(machine, nub, device, number, *interface);
    }
    Ok(nub)
}

/// Pulls a device out, and whatever hangs on it.
pub(crate) fn unplug(machine: &Machine, device: EntryId) {
    machine.terminate(device, TerminateOptions::default());
}

/// A port of a hub that is plugged in.
pub(crate) fn port_of_hub(machine: &Machine, hub: EntryId, upstream: &Port, number: u8) -> Port {
    // Each hub on the way has four bits of the location.
    let depth = (upstream.location & 0xff_ffff).trailing_zeros() / 4;
    let location = upstream.location | u32::from(number) << (4 * depth.saturating_sub(1));
    let nub = Nub::new("AppleUSB20HubPort").location(format!("{location:08x}"));
    let entry = machine.publish(nub.provider(hub).property("port", u32::from(number)));
    Port { entry, parent: hub, location }
}

/// One of a device's interfaces, for which its driver is started.
fn publish_interface(
    machine: &Machine,
    provider: EntryId,
    device: &Device,
    number: u8,
    (class, subclass, protocol): (u8, u8, u8),
) {
    machine.publish(
        Nub::new("IOUSBHostInterface")
            .location(format!("{number:x}"))
            .provider(provider)
            .property("USB Product Name", device.product)
            .property("bInterfaceNumber", number)
            .property("bInterfaceClass", class)
            .property("bInterfaceSubClass", subclass)
            .property("bInterfaceProtocol", protocol)
            .property("idVendor", device.id.0)
            .property("idProduct", device.id.1),
    );
}
