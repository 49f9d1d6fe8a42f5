#!/usr/bin/env python3
"""Makes the registries in this folder: two machines that do not exist, in the forms in which `ioreg` shows a registry.

    python3 make.py

The forms are written by this script and by Python's plistlib, and by nothing of the crate, so that the crate's readers are
tested against something else than the crate's writers.

    apple_silicon.txt    ioreg -l -w0
    apple_silicon.xml    ioreg -a -l -i
    apple_silicon.dt.txt ioreg -p IODeviceTree -l -w0
    intel.txt            ioreg -l -i -w0
    intel.bplist         ioreg -a -l, then plutil -convert binary1
    intel.hex.txt        ioreg -l -x -w0
    intel.80.txt         ioreg -l in a terminal of 80 columns
"""

import pathlib
import plistlib
import random

HERE = pathlib.Path(__file__).parent

REGISTRY = ["IORegistryEntry"]
SERVICE = REGISTRY + ["IOService"]
CHAINS = {
    "IORegistryEntry": REGISTRY,
    "IOPlatformExpertDevice": SERVICE,
    "AppleARMPE": SERVICE + ["IOPlatformExpert", "IODTPlatformExpert"],
    "AppleACPIPlatformExpert": SERVICE + ["IOPlatformExpert", "IODTPlatformExpert", "IOACPIPlatformExpert"],
    "AppleARMIODevice": SERVICE + ["IOPlatformDevice"],
    "IOPlatformDevice": SERVICE,
    "IOPCIDevice": SERVICE,
    "IOPCI2PCIBridge": SERVICE + ["IOPCIBridge"],
    "AppleACPIPCI": SERVICE + ["IOPCIBridge"],
    "IOUSBHostDevice": SERVICE,
    "IOUSBHostInterface": SERVICE,
    "AppleT8112USBXHCI": SERVICE + ["IOUSBHostController", "AppleUSBXHCI"],
    "AppleUSBXHCIPCI": SERVICE + ["IOUSBHostController", "AppleUSBXHCI"],
    "AppleUSB20XHCIPort": SERVICE + ["AppleUSBHostPort", "AppleUSBXHCIPort"],
    "IOBlockStorageDriver": SERVICE + ["IOStorage"],
    "IOMedia": SERVICE + ["IOStorage"],
    "IOHIDEventServiceUserClient": SERVICE + ["IOUserClient"],
    "AppleSMCClient": SERVICE + ["IOUserClient"],
    "RootDomainUserClient": SERVICE + ["IOUserClient"],
}


class Set(list):
    """An OSSet: `ioreg -a` makes an array of it."""


class Entry:
    next_id = 0x100000100

    def __init__(self, name, cls, location=None, registered=True, matched=True, busy=0, busy_time=0, retains=7, **props):
        self.name, self.cls, self.location = name, cls, location
        self.registered, self.matched, self.busy, self.busy_time, self.retains = registered, matched, busy, busy_time, retains
        self.props = {key.replace("__", "-"): value for key, value in props.items()}
        self.children = []
        self.id = Entry.next_id
        Entry.next_id += 1

    def put(self, more):
        self.props.update(more)
        return self

    def add(self, name, cls, location=None, **rest):
        child = Entry(name, cls, location, **rest)
        self.children.append(child)
        return child

    def chain(self):
        return CHAINS.get(self.cls, SERVICE) + ([self.cls] if self.cls not in REGISTRY else [])

    def is_service(self):
        return "IOService" in self.chain()


def client(random, of, cls):
    pid, task = random.choice([(1, "launchd"), (88, "powerd"), (142, "WindowServer"), (301, "coreaudiod"), (977, "bluetoothd")])
    creator = {"IOUserClientCreator": f"pid {pid}, {task}", "IOUserClientDefaultLocking": True}
    return of.add(cls, cls, registered=False, matched=False, retains=5).put(creator)


def root(version):
    top = Entry("Root", "IORegistryEntry", retains=23)
    planes = ["IOService", "IODeviceTree", "IOPower", "IOAudio", "IOUSB"]
    return top.put({
        "IOKitBuildVersion": version,
        "IORegistryPlanes": {plane: plane for plane in planes},
        "IOKitDiagnostics": {"Container allocation": 12_345_678, "Instance allocation": 4_294_967_295, "Classes": {"IOService": 0}},
        "OS Build Version": "24A335",
        "IOConsoleUsers": [{"kCGSSessionUserNameKey": "jo", "kCGSSessionOnConsoleKey": True, "kCGSSessionUserIDKey": 501}],
    })


def resources(machine, random):
    below = machine.add("IOResources", "IOResources", retains=48).put({
        "IOKit": "IOService", "IOBSD": True, "boot-uuid-media": "AppleAPFSVolume is not serializable",
        "IONVRAM": True, "com.apple.iokit.SCSITaskUserClient": 1,
    })
    below.add("IOTimeSyncRootService", "IOTimeSyncRootService", retains=9)
    hid = below.add("IOHIDSystem", "IOHIDSystem", retains=31, busy_time=14_500_000)
    hid.put({"IOGeneralInterest": "IOCommand is not serializable", "HIDIdleTime": 2_719_333_708, "HIDParameters": {
        "HIDKeyRepeat": 83333333, "HIDScrollZoomModifierMask": 262144, "HIDDefaultParameters": True, "HIDPointerAcceleration": 45056,
    }})
    for _ in range(6):
        client(random, hid, "IOHIDEventServiceUserClient")
    domain = below.add("IOPMrootDomain", "IOPMrootDomain", retains=63, busy_time=980_000)
    domain.put({"Supported Features": {"DeepSleep": Set([7, 11]), "DisplaySleepUsesDim": 12}, "SleepRequestedByPID": -1,
                "AppleClamshellState": False, "Wake Reason": "", "System Sleep Type": 0xFFFFFFFF})
    for _ in range(4):
        client(random, domain, "RootDomainUserClient")
    return hid


def usb(port, random, vendor, product, name, interfaces, location):
    device = port.add(name, "IOUSBHostDevice", location, retains=35, busy_time=random.randrange(10**9))
    device.put({
        "sessionID": random.randrange(10**12), "idVendor": vendor, "idProduct": product, "bcdDevice": 0x131, "locationID": int(location, 16),
        "USB Product Name": name, "kUSBProductString": name, "bDeviceClass": 0, "Device Speed": 2,
        "kUSBContainerID": "", "IOServiceDEXTEntitlements": [["com.apple.developer.driverkit.transport.usb"]],
        "UsbDeviceSignature": bytes([vendor & 255, vendor >> 8, product & 255, product >> 8, 0x31, 1]) + b"\0" * 3,
    })
    for number, (kind, driver) in enumerate(interfaces):
        interface = device.add("IOUSBHostInterface", "IOUSBHostInterface", str(number), retains=12, busy_time=3_100_000)
        interface.put({"bInterfaceNumber": number, "bInterfaceClass": kind, "bAlternateSetting": 0, "idVendor": vendor})
        interface.add(driver, driver, registered=False, retains=6).put({"IOClass": driver, "IOProbeScore": 90_000 + number,
                                                                       "IOMatchCategory": "IODefaultMatchCategory"})
    return device


def storage(below, random, vendor):
    driver = below.add("IOBlockStorageDriver", "IOBlockStorageDriver", retains=8, busy_time=220_000_000)
    names = ["Bytes (Read)", "Bytes (Write)", "Operations (Read)", "Errors (Write)", "Latency Time (Read)"]
    driver.put({"Statistics": {name: random.randrange(2**44) for name in names}})
    disk = driver.add(f"{vendor} Media", "IOMedia", retains=11, busy_time=64_000_000)
    disk.put({"BSD Name": "disk0", "BSD Major": 1, "BSD Minor": 0, "Size": 500_277_792_768, "Whole": True, "Content": "GUID_partition_scheme",
              "Preferred Block Size": 4096, "Physical Block Size": 4096, "UUID": "7A0E6F44-0C12-4D49-9F0C-4B8C39F5A1D2"})
    scheme = disk.add("IOGUIDPartitionScheme", "IOGUIDPartitionScheme", registered=False, retains=7)
    scheme.put({"IOPropertyMatch": {"Whole": True}, "UUID": "0A81F3B2-51D5-4389-8A46-5FEF1A6B2A9C", "Content Mask": "GUID_partition_scheme"})
    for index, name in enumerate(["iBootSystemContainer", "Container", "RecoveryOSContainer"], 1):
        part = scheme.add(name, "IOMedia", str(index), retains=10).put({"BSD Name": f"disk0s{index}", "Partition ID": index, "Whole": False})
        part.add("AppleAPFSContainerScheme", "AppleAPFSContainerScheme", registered=False, retains=9).put(
            {"IOProbeScore": 2000, "IOClass": "AppleAPFSContainerScheme", "Sizes": [4096, 2**40, 2**63 - 1]})


def apple_silicon():
    random_ = random.Random(8112)
    Entry.next_id = 0x100000100
    top = root("Darwin Kernel Version 24.0.0: Tue Aug 13 18:31:04 PDT 2024; root:xnu-11215.1.10~2/RELEASE_ARM64_T8112")
    machine = top.add("J413AP", "IOPlatformExpertDevice", retains=39, busy_time=5_230_100_200).put({
        "compatible": b"J413AP\0Mac14,2\0AppleARM\0", "model": b"Mac14,2\0", "manufacturer": b"Apple Inc.\0", "IOPolledInterface": "AppleARMWatchdogTimerHibernateHandler is not serializable",
        "IOPlatformSerialNumber": "SYNTHETIC1", "IOPlatformUUID": "00000000-1111-2222-3333-444444444444", "clock-frequency": bytes([0, 0x36, 0x6E, 1]),
        "secure-root-prefix": b"md\0", "target-type": b"J413\0", "region-info": b"LL/A" + b"\0" * 28, "#address-cells": b"\2\0\0\0",
    })
    hid = resources(machine, random_)
    expert = machine.add("AppleARMPE", "AppleARMPE", retains=31, busy_time=5_100_000_000)
    io = expert.add("arm-io", "AppleARMIODevice", "10F00000", retains=104, busy_time=4_970_000_000).put(
        {"compatible": b"arm-io,t8112\0", "device_type": b"t8112-io\0", "ranges": bytes(range(64)), "IODeviceMemory": [[{"address": 0x2_0000_0000, "length": 2**33}]]})
    for index in range(3):
        uart = io.add(f"uart{index}", "AppleARMIODevice", f"{0x35200000 + index * 0x4000:X}").put(
            {"compatible": b"uart-1,samsung\0", "AAPL,phandle": bytes([0x40 + index, 0, 0, 0]), "interrupts": bytes([0x5D + index, 2, 0, 0])})
        uart.add("AppleSamsungSerial", "AppleSamsungSerial", registered=False, retains=6, busy_time=900_000)
    for index in range(30):
        dart = io.add(f"dart-{index}", "AppleARMIODevice", f"{0x82F00000 + index * 0x10000:X}").put(
            {"compatible": b"dart,t8110\0", "vm-base": b"\0\0\0\x80\0\0\0\0", "page-size": bytes([0, 64, 0, 0]), "instance": b"TRADDART\0\0\0\0\1\0\0\0"})
        driver = dart.add("AppleT8110DART", "AppleT8110DART", retains=9, busy_time=2_700_000)
        driver.add(f"mapper-{index}", "IODARTMapperNub", "0").add("IODARTMapper", "IODARTMapper", retains=8).put({"Mapping Count": index * 17})
    for index in range(5):
        bus = io.add(f"i2c{index}", "AppleARMIODevice", f"{0x35010000 + index * 0x4000:X}").put({"compatible": b"i2c,t8101\0i2c,s5l8940x\0"})
        control = bus.add("AppleS5L8940XI2CController", "AppleS5L8940XI2CController", retains=13, busy_time=36_000_000)
        for address in (0x38, 0x4C, 0x6B)[: index % 3 + 1]:
            control.add(["audio-speaker", "hpmBusManager", "tps6598x"][index % 3], "AppleARMIICDevice", f"{address:X}").put(
                {"reg": bytes([address, 0, 0, 0]), "IODeviceMemory": []})
    smc = io.add("smc", "AppleARMIODevice", "90400000").put({"compatible": b"iop,ascwrap-v4\0", "role": b"SMC\0", "firmware-name": b"\0"})
    buddy = smc.add("RTBuddy(SMC)", "RTBuddy", retains=17).add("AppleSMCKeysEndpoint", "AppleSMCKeysEndpoint", retains=24, busy_time=41_000_000)
    for _ in range(3):
        client(random_, buddy, "AppleSMCClient")
    battery = buddy.add("AppleSmartBatteryManager", "AppleSmartBatteryManager", retains=11)
    battery.add("AppleSmartBattery", "AppleSmartBattery", retains=13, busy_time=9_000_000).put({
        "CurrentCapacity": 87, "MaxCapacity": 100, "IsCharging": False, "ExternalConnected": True, "FullyCharged": False, "Amperage": -1403, "InstantAmperage": 2**64 - 1398 - 2**64,
        "CellVoltage": [4211, 4212, 4209], "DeviceName": "bq40z651", "Serial": "F8Y0000000SYNTH", "BatteryData": {"CycleCount": 211, "DesignCapacity": 4563,
        "LifetimeData": {"TotalOperatingTime": 9105, "Raw": bytes(range(200, 232))}, "ManufacturerData": b"\0" * 4 + b"0004", "Qmax": [5103, 5080, 5099]},
        "AdapterDetails": {"Watts": 67, "Description": "pd charger", "IsWireless": False, "Name": "67W USB-C Power Adapter"}, "UpdateTime": 1_722_000_000,
    })
    for index in range(2):
        drd = io.add(f"usb-drd{index}", "AppleARMIODevice", f"{0x82280000 + index * 0x80000000:X}")
        xhci = drd.add("AppleT8112USBXHCI", "AppleT8112USBXHCI", f"0{index}000000", retains=41, busy_time=1_400_000_000).put({"kUSBSleepPortCurrentLimit": 3000})
        for number in range(1, 3):
            port = xhci.add(f"usb-drd{index}-port-hs", "AppleUSB20XHCIPort", f"0{index}{number}00000", retains=16).put({"port": bytes([number, 0, 0, 0])})
            if (index, number) == (0, 1):
                usb(port, random_, 0x05AC, 0x0342, "Keyboard \u2013 Jo\u00eblle", [(3, "AppleUserUSBHostHIDDevice"), (3, "AppleUserUSBHostHIDDevice")], "01100000")
            if (index, number) == (1, 2):
                usb(port, random_, 0x0BDA, 0x5411, "USB2.1 Hub", [(9, "AppleUSB20Hub")], "11200000")
    nvme = io.add("ans", "AppleARMIODevice", "77BC0000").add("RTBuddy(ANS2)", "RTBuddy", retains=18).add("AppleANS3CGv2Controller", "AppleANS3CGv2Controller", retains=40, busy_time=310_000_000)
    nvme.put({"Model Number": "APPLE SSD SYN512", "Serial Number": "0ba0000000000000", "Vendor Name": "Apple", "IOMaximumByteCountRead": 1_048_576, "Log": "boot: ok\nnamespace 1: ok\n\nready"})
    storage(nvme.add("NS_01", "IONVMeBlockStorageDevice", "1", retains=12).put({"Physical Interconnect": "Apple Fabric", "NamespaceUUID": b"\x9a\xf1" * 8}), random_, "APPLE SSD SYN512")
    for core in range(8):
        cpu = expert.add(f"cpu{core}", "IOPlatformDevice", f"{core:X}").put({"cpu-id": bytes([core, 0, 0, 0]), "cluster-type": b"EP"[core // 4 : core // 4 + 1] + b"\0", "state": b"running\0" if core == 0 else b"waiting\0"})
        cpu.add("AppleARMCPU", "AppleARMCPU", retains=12).put({"IOCPUID": bytes([core] + [0] * 7)})
    # What listens to two providers hangs below both.
    listener = Entry("IOHIDEventDriver", "IOHIDEventDriver", retains=19, busy_time=1_000_000).put({"PrimaryUsage": 6, "Product": "Internal Keyboard / Trackpad"})
    hid.children.append(listener)
    io.children[0].children.append(listener)
    plain = machine.add("going", "IOPlatformDevice", registered=False, matched=False, busy=2, busy_time=77_000_000)
    plain.inactive = True
    return top


def intel():
    random_ = random.Random(8086)
    Entry.next_id = 0x100000100
    top = root("Darwin Kernel Version 21.6.0: Wed Aug 10 14:25:27 PDT 2022; root:xnu-8020.141.5~2/RELEASE_X86_64")
    machine = top.add("MacBookPro16,1", "IOPlatformExpertDevice", retains=37, busy_time=31_000_000_000).put({
        "model": b"MacBookPro16,1\0", "manufacturer": b"Apple Inc.\0", "product-name": b"MacBookPro16,1\0", "board-id": b"Mac-SYNTHETIC\0", "version": b"1.0\0", "clock-frequency": b"\x80\x25\x90\x9a",
        "system-type": b"\2", "IOPlatformSerialNumber": "SYNTHETIC2", "IOBusyInterest": "IOCommand is not serializable", "IOInterruptSpecifiers": [b"\0\0\0\0\7\0\0\0"],
    })
    resources(machine, random_)
    expert = machine.add("AppleACPIPlatformExpert", "AppleACPIPlatformExpert", retains=118, busy_time=30_200_000_000)
    expert.put({"ACPI Statistics": {"Gpe": 0x1_0000_0001, "FixedEvents": 2}, "ACPI Tables": {"FACP": bytes([0x46, 0x41, 0x43, 0x50, 0xF4, 0, 0, 0]), "DSDT": b"\x44\x53\x44\x54" + bytes(60)}})
    for core in range(12):
        cpu = expert.add(f"CPU{core:X}", "IOPlatformDevice", f"{core:X}").put({"processor-id": core, "processor-number": core, "processor-lapic": core * 2, "name": b"processor\0"})
        cpu.add("AppleACPICPU", "AppleACPICPU", retains=8).put({"IOCPUID": random_.randrange(2**64) - 2**63, "timebase-frequency": b"\0\xca\x9a\x3b"})
    bus = expert.add("PCI0", "IOPlatformDevice", "0").put({"_UID": "0", "name": b"PNP0A08\0", "compatible": b"pnp0a03\0"}).add("AppleACPIPCI", "AppleACPIPCI", retains=73, busy_time=29_900_000_000)
    devices = [("IGPU", "2", 0x3E9B, "AppleIntelFramebufferController"), ("XHC1", "14", 0xA36D, "AppleUSBXHCIPCI"), ("SBUS", "1F,4", 0xA323, "AppleSMBusPCI"), ("LPCB", "1F", 0xA313, "AppleLPC"),
               ("HDEF", "1F,3", 0xA348, "AppleHDAController"), ("HECI", "16", 0xA360, "IntelHECI"), ("SATA", "17", 0xA353, "AppleIntelPchSeriesAHCI"), ("SPI0", "1E,2", 0xA32A, "AppleIntelLpssSpi"),
               ("UAR0", "1E", 0xA328, "AppleIntelLpssUart"), ("GSPI", "1E,3", 0xA32B, "AppleIntelLpssSpi")]
    for name, location, device, driver in devices:
        pci = bus.add(name, "IOPCIDevice", location, retains=19, busy_time=random_.randrange(3 * 10**9)).put({
            "vendor-id": b"\x86\x80\0\0", "device-id": device.to_bytes(4, "little"), "class-code": b"\0\x30\x0c\0", "IOName": f"pci8086,{device:x}", "IOPCIExpressLinkStatus": 0x1043,
            "reg": bytes(20), "assigned-addresses": bytes(random_.randrange(256) for _ in range(20)), "name": f"pci8086,{device:x}".encode() + b"\0", "acpi-path": f"IOACPIPlane:/_SB/PCI0@0/{name}@{location.replace(',', '')}",
            "IOPCIResourced": True, "compatible": f"pci106b,{device:x}\0pci8086,{device:x}\0pciclass,0c0330\0".encode(),
        })
        below = pci.add(driver, driver, location if driver == "AppleUSBXHCIPCI" else None, retains=21, busy_time=random_.randrange(10**9)).put({"IOClass": driver, "IOProbeScore": 20_000, "IOPCIMatch": "0xa36d8086"})
        if name == "XHC1":
            for number in range(1, 15):
                port = below.add(f"HS{number:02}", "AppleUSB20XHCIPort", f"14{number:X}00000").put({"port": bytes([number, 0, 0, 0]), "UsbConnector": 0})
                if number == 3:
                    usb(port, random_, 0x046D, 0xC52B, "USB Receiver", [(3, "IOUSBHostHIDDevice"), (3, "IOUSBHostHIDDevice"), (3, "IOUSBHostHIDDevice")], "14300000")
                if number == 5:
                    usb(port, random_, 0x0781, 0x5583, "Ultra \"Fit\", 64 GB", [(8, "IOUSBMassStorageDriver")], "14500000")
    for number in range(12):
        bridge = bus.add(f"RP{number + 1:02}", "IOPCIDevice", f"{0x1B + number // 4:X},{number % 4}", retains=13).put({"vendor-id": b"\x86\x80\0\0", "IOPCIConfigured": True, "pcidebug": f"0:29:{number}(1:1)"})
        below = bridge.add("IOPP", "IOPCI2PCIBridge", registered=False, retains=12, busy_time=1_000_000)
        if number == 0:
            nvme = below.add("SSD0", "IOPCIDevice", "0", retains=16).put({"IOName": "pci144d,a808", "built-in": b"\0"})
            control = nvme.add("AppleNVMeController", "IONVMeController", retains=20).put({"Model Number": "SYNTH NVMe", "Firmware Revision": "1.2\n(beta)", "IOCommandPoolSize": 64, "AC Power": 1.5})
            storage(control.add("IONVMeBlockStorageDevice", "IONVMeBlockStorageDevice", "1"), random_, "SYNTH NVMe")
        else:
            below.add("ARPT", "IOPCIDevice", "0").put({"name": b"ethernet\0", "device_type": b"Air\xc3\xa9Port Extreme\0", "subsystem-id": b"\x12\0\0\0"})
    return top


# ---- as ioreg does ----


def text_of(value, hexadecimal):
    """A value, as bytes; what is no ASCII string is not printed, and no float that is no integer."""
    join = lambda values: b",".join(text_of(value, hexadecimal) for value in values)
    if isinstance(value, bool):
        return b"Yes" if value else b"No"
    if isinstance(value, int):
        return (b"0x%x" if hexadecimal else b"%d") % (value & (2**64 - 1))
    if isinstance(value, float):
        return text_of(int(value), hexadecimal) if value == int(value) else b""
    if isinstance(value, str):
        return b'"' + value.encode() + b'"' if value.isascii() else b""
    if isinstance(value, dict):
        return b"{" + b",".join(text_of(key, False) + b"=" + text_of(item, hexadecimal) for key, item in value.items()) + b"}"
    if isinstance(value, Set):
        return b"[" + join(value) + b"]"
    if isinstance(value, list):
        return b"(" + join(value) + b")"
    strings = value.rstrip(b"\0").split(b"\0")
    normal = sum(32 <= byte < 127 for string in strings for byte in string)
    symbols = sum(128 <= byte <= 254 for string in strings for byte in string)
    shown = normal + symbols == sum(map(len, strings)) and all(strings) and normal // 4 >= symbols and normal
    if shown and len(value) > 1 and not hexadecimal:
        return b"<" + b",".join(b'"' + string + b'"' for string in strings) + b">"
    return b"<" + value.hex().encode() + b">"


def text(top, listed=True, inheritance=False, hexadecimal=False, width=0):
    lines = []

    def line(content):
        if width:
            content = content.replace(b"\n", b" ")
            content = content[: width - 1] + b"$" if len(content) >= width else content
        lines.append(content)

    def show(entry, depth, bars):
        head = b"".join(b"| " if bar else b"  " for bar in bars[:depth])
        body = b"".join(b"| " if bar else b"  " for bar in bars + [bool(entry.children)])
        name = entry.name.encode() + (b"@" + entry.location.encode() if entry.location else b"")
        cls = ":".join(entry.chain()) if inheritance else entry.cls
        facts = [f"class {cls}", f"id {entry.id:#x}"]
        if entry.is_service():
            inactive = getattr(entry, "inactive", False)
            facts += [("" if entry.registered else "!") + "registered", ("" if entry.matched else "!") + "matched", "inactive" if inactive else "active"]
            facts += [f"busy {entry.busy}" + (f" ({entry.busy_time // 10**6} ms)" if entry.busy_time else "")]
        facts += [f"retain {entry.retains}"]
        line(head + b"+-o " + name + b"  <" + ", ".join(facts).encode() + b">")
        if listed:
            line(body + b"{")
            for key, value in entry.props.items():
                line(body + b"  " + text_of(key, False) + b" = " + text_of(value, hexadecimal))
            line(body + b"}")
            line(body)
        for index, child in enumerate(entry.children):
            show(child, depth + 1, bars + [index + 1 < len(entry.children)])

    show(top, 0, [False])
    return b"\n".join(lines) + b"\n"


def archive(entry, inheritance=False):
    plain = lambda value: {k: plain(v) for k, v in value.items()} if isinstance(value, dict) else [plain(v) for v in value] if isinstance(value, list) else value
    found = plain(entry.props)
    found |= {"IORegistryEntryName": entry.name, "IORegistryEntryID": entry.id, "IOObjectClass": entry.cls, "IOObjectRetainCount": entry.retains}
    if entry.location:
        found["IORegistryEntryLocation"] = entry.location
    if inheritance:
        found["IOObjectInheritance"] = entry.chain()
    if entry.is_service():
        state = 1 if getattr(entry, "inactive", False) else 2 * entry.registered | 4 * entry.matched | 8 * entry.registered | 16 * entry.matched
        found |= {"IOServiceState": state, "IOServiceBusyState": entry.busy, "IOServiceBusyTime": entry.busy_time}
    if entry.children:
        found["IORegistryEntryChildren"] = [archive(child, inheritance) for child in entry.children]
    return found


def device_tree(top):
    """The plane IODeviceTree: the entries that have the properties of a device tree, under Root."""
    plane = Entry.__new__(Entry)
    plane.__dict__ = dict(top.__dict__, children=[])

    def walk(entry, below):
        here = below
        if isinstance(entry.props.get("compatible", entry.props.get("model")), bytes):
            here = Entry.__new__(Entry)
            here.__dict__ = dict(entry.__dict__, children=[], name="device-tree" if below is plane else entry.name.lower())
            below.children.append(here)
        for child in entry.children:
            walk(child, here)

    walk(top, plane)
    return plane


def main():
    write = lambda name, content: (HERE / name).write_bytes(content)
    apple, x86 = apple_silicon(), intel()
    write("apple_silicon.txt", text(apple))
    write("apple_silicon.xml", plistlib.dumps(archive(apple, inheritance=True), sort_keys=False))
    write("apple_silicon.dt.txt", text(device_tree(apple)))
    write("intel.txt", text(x86, inheritance=True))
    write("intel.bplist", plistlib.dumps(archive(x86), fmt=plistlib.FMT_BINARY, sort_keys=False))
    write("intel.hex.txt", text(x86, hexadecimal=True))
    write("intel.80.txt", text(x86, width=80))


if __name__ == "__main__":
    main()
