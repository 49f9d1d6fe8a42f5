//! A notebook, for the simulated kernel: what `ioreg`, `power`, `explore` and `hotplug` look at unless they are told otherwise.
//!
//! Classes, names and keys are those of a MacBookPro15,1, which has some two thousand entries more; figures are made up.

#![allow(dead_code, reason = "each program wants a part of it")]

mod battery;
mod classes;
mod display;
mod drivers;
#[path = "../smc/keys.rs"]
mod keys;
#[path = "../smc/protocol.rs"]
mod protocol;
#[path = "../smc/simulated.rs"]
mod smc;
pub(crate) mod usb;

use display::{Display, PanelServer};
use iokit_uc::interface::{Driver, UserClient};
use iokit_uc::sim::{EntryId, Machine, Nub, OpenRequest};
use iokit_uc::{IoReturn, Matching, RegistryEntry, Result, Service, Value};
use keys::KEYS;
use protocol::AppleSmcServer;
use smc::SimulatedSmc;
use std::sync::Arc;
use usb::Port;

/// The notebook, and its free ports.
pub(crate) struct Notebook {
    pub(crate) machine: Machine,
    pub(crate) left: Port,
    pub(crate) right: Port,
}

/// The machine alone.
pub(crate) fn machine() -> Result<Machine> {
    Ok(Notebook::new()?.machine)
}

impl Notebook {
    /// One whose clock stands still, so that no service has been busy for any time.
    pub(crate) fn new() -> Result<Self> {
        let machine = Machine::new();
        machine.freeze_clock();
        Self::on(machine)
    }

    /// The same on a machine that has nothing yet.
    pub(crate) fn on(machine: Machine) -> Result<Self> {
        classes::define(&machine);
        machine.add_plane(usb::PLANE)?;
        drivers::add(&machine);
        let board = Board::new(&machine)?;
        board.publish_display()?;
        board.publish_disk()?;
        board.publish_sensors();
        let controller = board.publish_usb()?;
        let [left, right, keyboard, camera] =
            [1, 2, 5, 7].map(|number| board.publish_port(controller, number));
        usb::plug(&machine, &keyboard, &usb::KEYBOARD)?;
        usb::plug(&machine, &camera, &usb::CAMERA)?;
        Ok(Self { machine, left, right })
    }
}

/// What is soldered in.
struct Board<'m> {
    machine: &'m Machine,
    /// The entry that stands for the notebook.
    platform: EntryId,
    /// The driver that stands for its firmware.
    acpi: EntryId,
    /// The bus that its chips are on.
    pci: EntryId,
    pci_driver: EntryId,
    power: EntryId,
}

const DEVICE_TREE: &str = "IODeviceTree";
const POWER: &str = "IOPower";

impl<'m> Board<'m> {
    fn new(machine: &'m Machine) -> Result<Self> {
        let platform = identify(machine)?;
        let acpi = machine.publish(
            Nub::new("AppleACPIPlatformExpert")
                .provider(platform)
                .property("IOClass", "AppleACPIPlatformExpert")
                .property("ACPI Statistics", Value::dictionary([("CpuIdle", 0u64)])),
        );
        let power = machine.publish(
            Nub::new("IOPMrootDomain")
                .provider(acpi)
                .property("AppleClamshellState", false)
                .property("AppleClamshellCausesSleep", true)
                .property("SleepDisabled", false)
                .property("Supported Features", Value::dictionary([("Hibernation", 196_618u32)]))
                .property("IOUserClientClass", "RootDomainUserClient"),
        );
        machine.attach_in(POWER, power, root(machine)?)?;
        let pci = machine.publish(
            Nub::new("IOACPIPlatformDevice")
                .name("PCI0")
                .location("0")
                .provider(acpi)
                .property("name", Value::data("PNP0A08\0"))
                .property("compatible", Value::data("PNP0A08\0PNP0A03\0"))
                .property("_UID", "0"),
        );
        machine.attach_in(DEVICE_TREE, pci, platform)?;
        let pci_driver =
            machine.attach(Nub::new("AppleACPIPCI").provider(pci).property("IOClass", "AppleACPIPCI"));
        Ok(Self { machine, platform, acpi, pci, pci_driver, power })
    }

    /// A chip on the bus.
    fn publish_chip(&self, name: &str, location: &str, ids: (u16, u16), class: u32) -> Result<EntryId> {
        let chip = self.machine.publish(
            Nub::new("IOPCIDevice")
                .name(name)
                .location(location)
                .name_in(DEVICE_TREE, name.to_ascii_lowercase())
                .location_in(DEVICE_TREE, location)
                .provider(self.pci_driver)
                .device_tree_names()
                .property("name", Value::data(format!("pci{:x},{:x}\0", ids.0, ids.1)))
                .property("vendor-id", Value::data(u32::from(ids.0).to_le_bytes()))
                .property("device-id", Value::data(u32::from(ids.1).to_le_bytes()))
                .property("class-code", Value::data(class.to_le_bytes()))
                .property("IOName", name),
        );
        self.machine.attach_in(DEVICE_TREE, chip, self.pci)?;
        self.machine.attach_in(POWER, chip, self.power)?;
        Ok(chip)
    }

    fn publish_display(&self) -> Result<()> {
        let chip = self.publish_chip("IGPU", "2", (0x8086, 0x3e9b), 0x03_0000)?;
        let display = Nub::new("AppleIntelFramebuffer")
            .location("0")
            .bundle("com.apple.driver.AppleIntelCFLGraphicsFramebuffer")
            .provider(chip)
            .driver(PanelServer::new(Display::new()?))
            .property("IOClass", "AppleIntelFramebuffer")
            .property("IOFBDependentIndex", 0u64)
            .property("IOFBMemorySize", 307_200u64)
            .property("IOFBTransform", 0u64)
            .property("model", "Color LCD");
        let display = self.machine.publish(display);
        self.machine.attach_in(POWER, display, chip)
    }

    fn publish_disk(&self) -> Result<()> {
        let chip = self.publish_chip("ANS2", "1d", (0x106b, 0x2005), 0x01_8002)?;
        let controller = Nub::new("AppleANS2Controller").property("Physical Interconnect", "Apple Fabric");
        let controller = self.machine.attach(controller.provider(chip));
        let disk = drivers::block_storage("IONVMeBlockStorageDevice", "APPLE SSD AP0512M", 500_277_790_720);
        self.machine.publish(disk.location("1").provider(controller));
        Ok(())
    }

    fn publish_sensors(&self) {
        let device = |name: &str, hardware_id: &str| {
            let nub = Nub::new("IOACPIPlatformDevice").name(name).provider(self.acpi);
            self.machine.publish(nub.property("name", Value::data(format!("{hardware_id}\0"))))
        };
        let driver = AppleSmcServer::new(SimulatedSmc { keys: &KEYS });
        let smc = Nub::new("AppleSMC").provider(device("SMC", "APP0001")).driver(driver);
        self.machine.publish(smc.bundle("com.apple.driver.AppleSMC").property("IOClass", "AppleSMC"));

        let manager = Nub::new("AppleSmartBatteryManager").provider(device("SBS0", "ACPI0001"));
        let manager = self.machine.attach(manager);
        self.machine.publish(battery::battery().provider(manager));
    }

    fn publish_usb(&self) -> Result<EntryId> {
        let chip = self.publish_chip("XHC1", "14", (0x8086, 0xa36d), 0x0c_0330)?;
        let controller = self.machine.publish(
            Nub::new("AppleUSBXHCIPCI")
                .location("14000000")
                .provider(chip)
                // For the kernel's own drivers alone.
                .driver(Refusing(IoReturn::NOT_PRIVILEGED))
                .property("locationID", 0x1400_0000u32)
                .property("Revision", Value::data([0, 3])),
        );
        self.machine.attach_in(usb::PLANE, controller, root(self.machine)?)?;
        self.machine.attach_in(POWER, controller, chip)?;
        Ok(controller)
    }

    fn publish_port(&self, controller: EntryId, number: u8) -> Port {
        let location = 0x1400_0000 | u32::from(number) << 20;
        let nub =
            Nub::new("AppleUSB20XHCIPort").name(format!("HS{number:02}")).location(format!("{location:08x}"));
        let entry = self.machine.publish(nub.provider(controller).property("port", u32::from(number)));
        Port { entry, parent: controller, location }
    }
}

/// Names the entry that stands for the machine.
fn identify(machine: &Machine) -> Result<EntryId> {
    let kernel = machine.task("firmware").kernel();
    let platform = EntryId(Service::expect_first(&kernel, &Matching::class("IOPlatformExpertDevice"))?.id()?);
    let texts =
        [("model", "MacBookPro15,1"), ("manufacturer", "Apple Inc."), ("board-id", "Mac-937A206F2EE63C01")];
    for (key, text) in texts {
        machine.set_property(platform, key, Value::data(format!("{text}\0")))?;
    }
    machine.set_property(platform, "IOPlatformSerialNumber", "C02Z1234LVCG")?;
    machine.set_property(platform, "IOPlatformUUID", "00000000-0000-1000-8000-ACDE48001122")?;
    machine.set_name(platform, "MacBookPro15,1")?;
    machine.attach_in(DEVICE_TREE, platform, root(machine)?)?;
    Ok(platform)
}

/// The entry that all planes have in common.
fn root(machine: &Machine) -> Result<EntryId> {
    RegistryEntry::root(&machine.task("firmware").kernel())?.id().map(EntryId)
}

/// Makes no user client, and says why.
struct Refusing(IoReturn);

impl Driver for Refusing {
    fn new_user_client(&self, _: &OpenRequest<'_>, _: &mut Option<Arc<dyn UserClient>>) -> Result<()> {
        Err(self.0.into())
    }
}
