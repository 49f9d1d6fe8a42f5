//! The classes of the notebook's services, each after its superclass.

use iokit_uc::sim::Machine;

/// Makes them known to a machine.
pub(super) fn define(machine: &Machine) {
    for (class, superclass) in CLASSES {
        machine.define_class(class, superclass);
    }
}

const CLASSES: [(&str, &str); 36] = [
    ("IOPlatformExpert", "IOService"),
    ("IODTPlatformExpert", "IOPlatformExpert"),
    ("IOACPIPlatformExpert", "IODTPlatformExpert"),
    ("AppleACPIPlatformExpert", "IOACPIPlatformExpert"),
    ("IOPlatformDevice", "IOService"),
    ("IOACPIPlatformDevice", "IOPlatformDevice"),
    ("IOPMrootDomain", "IOService"),
    ("IOPCIBridge", "IOService"),
    ("AppleACPIPCI", "IOPCIBridge"),
    ("IOPCIDevice", "IOService"),
    ("IOGraphicsDevice", "IOService"),
    ("IOFramebuffer", "IOGraphicsDevice"),
    ("AppleIntelFramebuffer", "IOFramebuffer"),
    ("IONVMeController", "IOService"),
    ("AppleANS2Controller", "IONVMeController"),
    ("IOBlockStorageDevice", "IOService"),
    ("IOStorage", "IOService"),
    ("IOBlockStorageDriver", "IOStorage"),
    ("IOMedia", "IOStorage"),
    ("IOPMPowerSource", "IOService"),
    ("AppleSmartBattery", "IOPMPowerSource"),
    ("AppleUSBHostController", "IOService"),
    ("AppleUSBXHCI", "AppleUSBHostController"),
    ("AppleUSBXHCIPCI", "AppleUSBXHCI"),
    ("AppleUSBHostPort", "IOService"),
    ("AppleUSB20XHCIPort", "AppleUSBHostPort"),
    ("AppleUSB20HubPort", "AppleUSBHostPort"),
    ("IOUSBNub", "IOService"),
    ("IOUSBDevice", "IOUSBNub"),
    ("IOUSBHostDevice", "IOUSBDevice"),
    ("IOUSBInterface", "IOUSBNub"),
    ("IOUSBHostInterface", "IOUSBInterface"),
    ("IOHIDDevice", "IOService"),
    ("IOSCSIProtocolInterface", "IOService"),
    ("IOSCSIProtocolServices", "IOSCSIProtocolInterface"),
    ("IOUSBMassStorageDriver", "IOSCSIProtocolServices"),
];
