//! Return codes, and the error that every fallible operation of this crate returns.

#[macro_use]
mod causes;

use std::{fmt, io};

/// What an operation on I/O Kit returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// `IOReturn`, `kern_return_t`: a return code of I/O Kit, of a driver, of Mach or of MIG.
///
/// A code has 32 bits: the system that made it (6 bits), its subsystem (12 bits) and a number (14 bits).
/// Every value can be held, so a code that has no name here is never lost.
///
/// ```
/// # use iokit_uc::{ErrorKind, IoReturn};
/// let code = IoReturn::from_raw(-536870195);
/// assert_eq!(code, IoReturn::NOT_OPEN);
/// assert_eq!(code.kind(), ErrorKind::NotOpen);
/// assert_eq!(code.to_string(), "kIOReturnNotOpen (0xe00002cd, -536870195): device not open");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
#[doc(alias = "kern_return_t")]
pub struct IoReturn(i32);

impl IoReturn {
    const NUMBER: u32 = 0x3fff;
    const UNIX: u32 = 0xc000;

    /// The code that C holds in its signed `IOReturn`.
    pub const fn from_raw(raw: i32) -> Self {
        IoReturn(raw)
    }

    /// The code with these 32 bits, as headers write them: `0xe00002cd`.
    pub const fn from_code(code: u32) -> Self {
        IoReturn(code.cast_signed())
    }

    /// `unix_err`: the code that carries a Darwin `errno`, of which it holds the low 14 bits.
    #[doc(alias = "unix_err")]
    pub const fn unix(errno: i32) -> Self {
        IoReturn::from_code(Self::UNIX | errno.cast_unsigned() & Self::NUMBER)
    }

    /// The code as C holds it.
    pub const fn raw(self) -> i32 {
        self.0
    }

    /// The 32 bits of the code, unsigned.
    pub const fn code(self) -> u32 {
        self.0.cast_unsigned()
    }

    /// `err_get_system`: the system that made the code, 0 to 0x3f; one of the `SYSTEM_` constants if known.
    #[doc(alias = "err_get_system")]
    pub const fn system(self) -> u32 {
        self.code() >> 26
    }

    /// `err_get_sub`: the subsystem, 0 to 0xfff. In I/O Kit's system it tells the family.
    #[doc(alias = "err_get_sub")]
    pub const fn subsystem(self) -> u32 {
        self.code() >> 14 & 0xfff
    }

    /// `err_get_code`: the number within the subsystem, 0 to 0x3fff.
    #[doc(alias = "err_get_code")]
    pub const fn number(self) -> u32 {
        self.code() & Self::NUMBER
    }

    /// `iokit_family_err`, `iokit_vendor_specific_err`: another number in the same subsystem. Of the number
    /// the low 14 bits are taken.
    ///
    /// ```
    /// # use iokit_uc::IoReturn;
    /// const FIFO_STUCK: IoReturn = IoReturn::FAMILY_VENDOR_SPECIFIC.with_number(7);
    /// assert_eq!(FIFO_STUCK.code(), 0xe3ff8007);
    /// ```
    #[doc(alias = "iokit_family_err")]
    #[doc(alias = "iokit_vendor_specific_err")]
    pub const fn with_number(self, number: u32) -> Self {
        IoReturn::from_code(self.code() & !Self::NUMBER | number & Self::NUMBER)
    }

    /// Whether this is [`SUCCESS`](Self::SUCCESS), which is also `KERN_SUCCESS`.
    #[doc(alias = "KERN_SUCCESS")]
    pub const fn is_success(self) -> bool {
        self.0 == 0
    }

    /// `Ok` for success, the code itself for everything else.
    pub const fn result(self) -> std::result::Result<(), IoReturn> {
        if self.is_success() { Ok(()) } else { Err(self) }
    }

    /// The name in C: `kIOReturnNotOpen`, `MACH_SEND_INVALID_DEST`.
    pub fn name(self) -> Option<&'static str> {
        self.entry().map(|(name, ..)| name)
    }

    /// What a named code says, in a few words: `device not open`.
    pub fn meaning(self) -> Option<&'static str> {
        self.entry().map(|(_, meaning, ..)| meaning)
    }

    /// The kind to match on. Success and codes without a name are [`ErrorKind::Other`], but for `errno`
    /// values that have a kind of their own.
    pub fn kind(self) -> ErrorKind {
        match (self.entry(), self.unix_errno()) {
            (Some((.., kind, _)), _) => kind,
            (None, Some(errno)) => ErrorKind::of_errno(errno),
            (None, None) => ErrorKind::Other,
        }
    }

    /// `errnoFromReturn`: the `errno` that the BSD side of the kernel makes of this code: 0 for success, the
    /// value of a [`unix`](Self::unix) code, EIO (5) for what has no better one. The numbers are Darwin's on
    /// every machine: ENOTSUP is 45.
    #[doc(alias = "errnoFromReturn")]
    pub fn errno(self) -> i32 {
        let named = self.entry().map(|(.., errno)| errno);
        self.unix_errno().or(named).unwrap_or(EIO)
    }

    fn unix_errno(self) -> Option<i32> {
        (self.with_number(0).code() == Self::UNIX).then_some(self.number().cast_signed())
    }
}

impl fmt::Display for IoReturn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, raw) = (self.code(), self.raw());
        if let Some((name, meaning, ..)) = self.entry() {
            return write!(f, "{name} ({code:#010x}, {raw}): {meaning}");
        }
        if let Some(errno) = self.unix_errno() {
            return write!(f, "unix error {errno} ({code:#010x}, {raw})");
        }
        let number = self.number();
        match (self.family(), self.system_name(), self.subsystem()) {
            (Some(family), ..) => write!(f, "unknown code {number:#x} of the {family} family")?,
            (None, Some(system), 0) => write!(f, "unknown code {number:#x} of {system}")?,
            (None, Some(system), sub) => {
                write!(f, "unknown code {number:#x} of {system}, subsystem {sub:#x}")?
            }
            (None, None, _) => f.write_str("unknown code")?,
        }
        write!(f, " ({code:#010x}, {raw})")
    }
}

impl fmt::Debug for IoReturn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "IoReturn({name})"),
            None => write!(f, "IoReturn({:#010x})", self.code()),
        }
    }
}

impl std::error::Error for IoReturn {}

// Darwin's numbers, which this crate reports on every machine.
const OK: i32 = 0;
const EPERM: i32 = 1;
const ENOENT: i32 = 2;
const EINTR: i32 = 4;
const EIO: i32 = 5;
const ENXIO: i32 = 6;
const ENOMEM: i32 = 12;
const EACCES: i32 = 13;
const EFAULT: i32 = 14;
const EBUSY: i32 = 16;
const EEXIST: i32 = 17;
const ENODEV: i32 = 19;
const EINVAL: i32 = 22;
const ENOSPC: i32 = 28;
const EROFS: i32 = 30;
const EMSGSIZE: i32 = 40;
const ENOTSUP: i32 = 45;
const ETIMEDOUT: i32 = 60;
const ENOLCK: i32 = 77;
const EPWROFF: i32 = 82;
const EDEVERR: i32 = 83;
const EBADMACHO: i32 = 88;

/// The name in C: the constant's own, but for the codes of I/O Kit.
macro_rules! c_name {
    ($const:ident) => {
        stringify!($const)
    };
    ($const:ident $name:literal) => {
        $name
    };
}

macro_rules! codes {
    ($($code:literal $const:ident $($name:literal)?, $kind:ident, $errno:ident, $meaning:literal;)*) => {
        /// The named codes.
        impl IoReturn {
            $(
                #[doc = concat!(
                    "`", c_name!($const $($name)?), "` (", stringify!($code), "): ", $meaning, ".", causes!($const)
                )]
                $(#[doc(alias = $name)])?
                pub const $const: IoReturn = IoReturn::from_code($code);
            )*

            /// Name, meaning, kind and, by `errnoFromReturn`, Darwin's errno.
            const fn entry(self) -> Option<(&'static str, &'static str, ErrorKind, i32)> {
                Some(match self.code() {
                    $($code => (c_name!($const $($name)?), $meaning, ErrorKind::$kind, $errno),)*
                    _ => return None,
                })
            }
        }
    };
}

codes! {
    0x00000000 SUCCESS           "kIOReturnSuccess",          Other, OK, "success";
    0xe0000001 INVALID           "kIOReturnInvalid",          Other, EIO, "a code that must never appear";
    0xe00002bc ERROR             "kIOReturnError",            Other, EIO, "unspecified failure";
    0xe00002bd NO_MEMORY         "kIOReturnNoMemory",         NoMemory, ENOMEM, "memory not allocated";
    0xe00002be NO_RESOURCES      "kIOReturnNoResources",      NoResources, ENOMEM, "a resource ran out";
    0xe00002bf IPC_ERROR         "kIOReturnIPCError",         Other, EIO, "message to or from kernel failed";
    0xe00002c0 NO_DEVICE         "kIOReturnNoDevice",         NoDevice, ENXIO, "no such device";
    0xe00002c1 NOT_PRIVILEGED    "kIOReturnNotPrivileged",    NotPermitted, EACCES, "no privilege or entitlement";
    0xe00002c2 BAD_ARGUMENT      "kIOReturnBadArgument",      BadArgument, EINVAL, "invalid argument";
    0xe00002c3 LOCKED_READ       "kIOReturnLockedRead",       ExclusiveAccess, EACCES, "locked for reading";
    0xe00002c4 LOCKED_WRITE      "kIOReturnLockedWrite",      ExclusiveAccess, EACCES, "locked for writing";
    0xe00002c5 EXCLUSIVE_ACCESS  "kIOReturnExclusiveAccess",  ExclusiveAccess, EACCES, "already open exclusively";
    0xe00002c6 BAD_MESSAGE_ID    "kIOReturnBadMessageID",     BadArgument, EINVAL, "unexpected message id";
    0xe00002c7 UNSUPPORTED       "kIOReturnUnsupported",      Unsupported, ENOTSUP, "function not implemented";
    0xe00002c8 VM_ERROR          "kIOReturnVMError",          Other, EFAULT, "virtual memory failure";
    0xe00002c9 INTERNAL_ERROR    "kIOReturnInternalError",    Other, EIO, "internal failure";
    0xe00002ca IO_ERROR          "kIOReturnIOError",          DeviceFailure, EIO, "input or output failed";
    0xe00002cc CANNOT_LOCK       "kIOReturnCannotLock",       ExclusiveAccess, ENOLCK, "lock not obtained";
    0xe00002cd NOT_OPEN          "kIOReturnNotOpen",          NotOpen, EACCES, "device not open";
    0xe00002ce NOT_READABLE      "kIOReturnNotReadable",      NotPermitted, EACCES, "reading not possible";
    0xe00002cf NOT_WRITABLE      "kIOReturnNotWritable",      NotPermitted, EROFS, "writing not possible";
    0xe00002d0 NOT_ALIGNED       "kIOReturnNotAligned",       BadArgument, EINVAL, "misaligned address or size";
    0xe00002d1 BAD_MEDIA         "kIOReturnBadMedia",         DeviceFailure, ENXIO, "medium faulty";
    0xe00002d2 STILL_OPEN        "kIOReturnStillOpen",        Busy, EEXIST, "device still open";
    0xe00002d3 RLD_ERROR         "kIOReturnRLDError",         Other, EBADMACHO, "the loader failed";
    0xe00002d4 DMA_ERROR         "kIOReturnDMAError",         DeviceFailure, EIO, "direct memory access failed";
    0xe00002d5 BUSY              "kIOReturnBusy",             Busy, EBUSY, "device busy";
    0xe00002d6 TIMEOUT           "kIOReturnTimeout",          TimedOut, ETIMEDOUT, "timed out";
    0xe00002d7 OFFLINE           "kIOReturnOffline",          NotReady, EBUSY, "device offline";
    0xe00002d8 NOT_READY         "kIOReturnNotReady",         NotReady, EBUSY, "device not ready";
    0xe00002d9 NOT_ATTACHED      "kIOReturnNotAttached",      NoDevice, ENXIO, "device not attached";
    0xe00002da NO_CHANNELS       "kIOReturnNoChannels",       NoResources, EIO, "no DMA channel left";
    0xe00002db NO_SPACE          "kIOReturnNoSpace",          NoSpace, ENOSPC, "no room for the data";
    0xe00002dd PORT_EXISTS       "kIOReturnPortExists",       AlreadyExists, EEXIST, "port already exists";
    0xe00002de CANNOT_WIRE       "kIOReturnCannotWire",       NoMemory, ENOMEM, "memory not wired down";
    0xe00002df NO_INTERRUPT      "kIOReturnNoInterrupt",      Other, EIO, "no interrupt attached";
    0xe00002e0 NO_FRAMES         "kIOReturnNoFrames",         Underrun, EIO, "no DMA frames queued";
    0xe00002e1 MESSAGE_TOO_LARGE "kIOReturnMessageTooLarge",  TooLarge, EMSGSIZE, "oversized message or argument";
    0xe00002e2 NOT_PERMITTED     "kIOReturnNotPermitted",     NotPermitted, EPERM, "refused by policy";
    0xe00002e3 NO_POWER          "kIOReturnNoPower",          NotReady, EPWROFF, "device without power";
    0xe00002e4 NO_MEDIA          "kIOReturnNoMedia",          NotReady, ENXIO, "no medium present";
    0xe00002e5 UNFORMATTED_MEDIA "kIOReturnUnformattedMedia", NotReady, ENXIO, "medium not formatted";
    0xe00002e6 UNSUPPORTED_MODE  "kIOReturnUnsupportedMode",  Unsupported, EIO, "mode not supported";
    0xe00002e7 UNDERRUN          "kIOReturnUnderrun",         Underrun, EIO, "data underrun";
    0xe00002e8 OVERRUN           "kIOReturnOverrun",          Overrun, EIO, "data overrun";
    0xe00002e9 DEVICE_ERROR      "kIOReturnDeviceError",      DeviceFailure, EDEVERR, "device malfunction";
    0xe00002ea NO_COMPLETION     "kIOReturnNoCompletion",     BadArgument, EINVAL, "completion routine missing";
    0xe00002eb ABORTED           "kIOReturnAborted",          Aborted, EBUSY, "operation aborted";
    0xe00002ec NO_BANDWIDTH      "kIOReturnNoBandwidth",      NoResources, EIO, "bus bandwidth exceeded";
    0xe00002ed NOT_RESPONDING    "kIOReturnNotResponding",    TimedOut, EBUSY, "device does not respond";
    0xe00002ee ISO_TOO_OLD       "kIOReturnIsoTooOld",        Other, EIO, "isochronous request too late";
    0xe00002ef ISO_TOO_NEW       "kIOReturnIsoTooNew",        Other, EIO, "isochronous request too far ahead";
    0xe00002f0 NOT_FOUND         "kIOReturnNotFound",         NotFound, EIO, "not found";

    0x00000001 KERN_INVALID_ADDRESS,     BadArgument, EIO, "address not valid";
    0x00000002 KERN_PROTECTION_FAILURE,  NotPermitted, EIO, "memory protection forbids the access";
    0x00000003 KERN_NO_SPACE,            NoMemory, EIO, "no address space left";
    0x00000004 KERN_INVALID_ARGUMENT,    BadArgument, EIO, "invalid argument";
    0x00000005 KERN_FAILURE,             Other, EIO, "unspecified failure";
    0x00000006 KERN_RESOURCE_SHORTAGE,   NoMemory, EIO, "kernel resource or memory shortage";
    0x0000000d KERN_NAME_EXISTS,         AlreadyExists, EIO, "port name already in use";
    0x0000000e KERN_ABORTED,             Aborted, EIO, "operation aborted";
    0x0000000f KERN_INVALID_NAME,        InvalidHandle, EIO, "no such port name in the task";
    0x00000010 KERN_INVALID_TASK,        InvalidHandle, EIO, "not a task";
    0x00000011 KERN_INVALID_RIGHT,       InvalidHandle, EIO, "the name has no such right";
    0x00000012 KERN_INVALID_VALUE,       BadArgument, EIO, "value out of range";
    0x00000013 KERN_UREFS_OVERFLOW,      NoResources, EIO, "too many user references to one name";
    0x00000014 KERN_INVALID_CAPABILITY,  InvalidHandle, EIO, "not a capability of the wanted kind";
    0x00000025 KERN_TERMINATED,          Terminated, EIO, "the object is terminated";
    0x0000002e KERN_NOT_SUPPORTED,       Unsupported, EIO, "operation not supported";
    0x00000031 KERN_OPERATION_TIMED_OUT, TimedOut, EIO, "operation timed out";
    0x00000035 KERN_DENIED,              NotPermitted, EIO, "denied by security policy";

    0x10000002 MACH_SEND_INVALID_DATA,   BadArgument, EIO, "message data not valid";
    0x10000003 MACH_SEND_INVALID_DEST,   Terminated, EIO, "the port is dead, or the task has no such port";
    0x10000004 MACH_SEND_TIMED_OUT,      TimedOut, EIO, "sending timed out";
    0x10000007 MACH_SEND_INTERRUPTED,    Aborted, EIO, "sending interrupted";
    0x10000008 MACH_SEND_MSG_TOO_SMALL,  BadArgument, EIO, "message smaller than its header says";
    0x10000009 MACH_SEND_INVALID_REPLY,  InvalidHandle, EIO, "reply port not valid";
    0x1000000a MACH_SEND_INVALID_RIGHT,  InvalidHandle, EIO, "a port in the message lacks the right it needs";
    0x1000000c MACH_SEND_INVALID_MEMORY, BadArgument, EIO, "memory in the message not valid";
    0x1000000d MACH_SEND_NO_BUFFER,      NoMemory, EIO, "no message buffer left";
    0x1000000e MACH_SEND_TOO_LARGE,      TooLarge, EIO, "message too large for the port";
    0x1000000f MACH_SEND_INVALID_TYPE,   BadArgument, EIO, "descriptor type not valid";
    0x10000010 MACH_SEND_INVALID_HEADER, BadArgument, EIO, "message header not valid";

    0x10004002 MACH_RCV_INVALID_NAME,    InvalidHandle, EIO, "no such port to receive from";
    0x10004003 MACH_RCV_TIMED_OUT,       TimedOut, EIO, "receiving timed out";
    0x10004004 MACH_RCV_TOO_LARGE,       TooLarge, EIO, "message too large for the buffer";
    0x10004005 MACH_RCV_INTERRUPTED,     Aborted, EIO, "receiving interrupted";
    0x10004006 MACH_RCV_PORT_CHANGED,    InvalidHandle, EIO, "the port was moved into a set while receiving";
    0x10004009 MACH_RCV_PORT_DIED,       Terminated, EIO, "the port died while receiving";
    0x1000400a MACH_RCV_IN_SET,          InvalidHandle, EIO, "the port is a member of a set";
    0x1000400c MACH_RCV_BODY_ERROR,      InvalidReply, EIO, "what the message carries cannot be received";

    0xfffffed4 MIG_TYPE_ERROR,           InvalidReply, EIO, "message of the wrong type or size";
    0xfffffed3 MIG_REPLY_MISMATCH,       InvalidReply, EIO, "reply to another routine";
    0xfffffed2 MIG_REMOTE_ERROR,         Other, EIO, "the server found an error";
    0xfffffed1 MIG_BAD_ID,               Unsupported, EIO, "no routine of this number";
    0xfffffed0 MIG_BAD_ARGUMENTS,        BadArgument, EIO, "arguments of the wrong type or size";
    0xfffffecf MIG_NO_REPLY,             Other, EIO, "no reply is due";
    0xfffffece MIG_EXCEPTION,            Other, EIO, "the server raised an exception";
    0xfffffecd MIG_ARRAY_TOO_LARGE,      TooLarge, EIO, "array larger than the message allows";
    0xfffffecc MIG_SERVER_DIED,          Terminated, EIO, "the server died before it replied";
    0xfffffecb MIG_TRAILER_ERROR,        InvalidReply, EIO, "message trailer not as expected";

    0xf950c001 REPLAY_DIVERGED,          Other, EIO, "the program and the trace part; `Replay::finish` tells where";
}

macro_rules! systems {
    ($($const:ident $name:literal $system:literal $of:literal;)*) => {
        /// The systems of [`IoReturn::system`].
        impl IoReturn {
            $(
                #[doc = concat!("`", $name, "`: the codes of ", $of, ".")]
                pub const $const: u32 = $system;
            )*

            /// The words for the system, if it is a known one: `I/O Kit`, `the kernel`.
            pub const fn system_name(self) -> Option<&'static str> {
                Some(match self.system() {
                    $($system => $of,)*
                    _ => return None,
                })
            }
        }
    };
}

systems! {
    SYSTEM_KERNEL       "err_kern"     0x00 "the kernel";
    SYSTEM_USER_LIBRARY "err_us"       0x01 "a user library";
    SYSTEM_SERVER       "err_server"   0x02 "a server";
    SYSTEM_OLD_IPC      "err_ipc"      0x03 "the old IPC";
    SYSTEM_MACH_IPC     "err_mach_ipc" 0x04 "Mach IPC";
    SYSTEM_VM           "err_vm"       0x08 "virtual memory";
    SYSTEM_LIBKERN      "sys_libkern"  0x37 "libkern";
    SYSTEM_IOKIT        "sys_iokit"    0x38 "I/O Kit";
    SYSTEM_LOCAL        "err_local"    0x3e "a user-defined system";
}

macro_rules! families {
    ($($const:ident $name:literal $base:literal $family:literal;)*) => {
        /// The families of I/O Kit: each constant is the base to which a family adds its
        /// [numbers](IoReturn::with_number).
        impl IoReturn {
            $(
                #[doc = concat!("`", $name, "` (", stringify!($base), "): base of the ", $family, " family.")]
                #[doc(alias = $name)]
                pub const $const: IoReturn = IoReturn::from_code($base);
            )*

            /// The I/O Kit family that the code belongs to, if it is a known one: `USB`.
            pub const fn family(self) -> Option<&'static str> {
                Some(match self.with_number(0).code() {
                    $($base => $family,)*
                    _ => return None,
                })
            }
        }
    };
}

families! {
    FAMILY_USB                   "sub_iokit_usb"                   0xe0004000 "USB";
    FAMILY_FIREWIRE              "sub_iokit_firewire"              0xe0008000 "FireWire";
    FAMILY_BLOCK_STORAGE         "sub_iokit_block_storage"         0xe0010000 "block storage";
    FAMILY_GRAPHICS              "sub_iokit_graphics"              0xe0014000 "graphics";
    FAMILY_NETWORKING            "sub_iokit_networking"            0xe0018000 "networking";
    FAMILY_BLUETOOTH             "sub_iokit_bluetooth"             0xe0020000 "Bluetooth";
    FAMILY_PMU                   "sub_iokit_pmu"                   0xe0024000 "PMU";
    FAMILY_ACPI                  "sub_iokit_acpi"                  0xe0028000 "ACPI";
    FAMILY_SMBUS                 "sub_iokit_smbus"                 0xe002c000 "SMBus";
    FAMILY_AHCI                  "sub_iokit_ahci"                  0xe0030000 "AHCI";
    FAMILY_POWER_MANAGEMENT      "sub_iokit_powermanagement"       0xe0034000 "power management";
    FAMILY_HID_SYSTEM            "sub_iokit_hidsystem"             0xe0038000 "HID system";
    FAMILY_SCSI                  "sub_iokit_scsi"                  0xe0040000 "SCSI";
    FAMILY_USB_AUDIO             "sub_iokit_usbaudio"              0xe0044000 "USB audio";
    FAMILY_WIRELESS_CHARGING     "sub_iokit_wirelesscharging"      0xe0048000 "wireless charging";
    FAMILY_NVME                  "sub_iokit_nvme"                  0xe0070000 "NVMe";
    FAMILY_THUNDERBOLT           "sub_iokit_thunderbolt"           0xe0074000 "Thunderbolt";
    FAMILY_GRAPHICS_ACCELERATION "sub_iokit_graphics_acceleration" 0xe0078000 "graphics acceleration";
    FAMILY_KEYSTORE              "sub_iokit_keystore"              0xe007c000 "keystore";
    FAMILY_SMC                   "sub_iokit_smc"                   0xe0080000 "SMC";
    FAMILY_APFS                  "sub_iokit_apfs"                  0xe0084000 "APFS";
    FAMILY_ACPI_EC               "sub_iokit_acpiec"                0xe0088000 "ACPI EC";
    FAMILY_TIME_SYNC             "sub_iokit_timesync_avb"          0xe008c000 "time sync";
    FAMILY_PLATFORM              "sub_iokit_platform"              0xe00a8000 "platform";
    FAMILY_AUDIO_VIDEO           "sub_iokit_audio_video"           0xe0114000 "audio/video";
    FAMILY_CEC                   "sub_iokit_cec"                   0xe0118000 "CEC";
    FAMILY_ARC                   "sub_iokit_arc"                   0xe011c000 "ARC";
    FAMILY_BASEBAND              "sub_iokit_baseband"              0xe0200000 "baseband";
    FAMILY_HDA                   "sub_iokit_HDA"                   0xe03f8000 "HDA";
    FAMILY_HSIC                  "sub_iokit_hsic"                  0xe051c000 "HSIC";
    FAMILY_SDIO                  "sub_iokit_sdio"                  0xe05d0000 "SDIO";
    FAMILY_WLAN                  "sub_iokit_wlan"                  0xe0820000 "WLAN";
    FAMILY_VENDOR_SPECIFIC       "sub_iokit_vendor_specific"       0xe3ff8000 "vendor-specific";
    FAMILY_RESERVED              "sub_iokit_reserved"              0xe3ffc000 "reserved";
}

/// What went wrong, coarsely, for `match`. The exact code is [`Error::code`].
///
/// What a program can do:
///
/// | kind | |
/// |---|---|
/// | `NotFound`, `NoDevice`, `Terminated` | say that the device is not there, and [wait](crate::guide::wait) for it |
/// | `NotPermitted` | say who refuses, and [what helps](crate::guide::ship) |
/// | `ExclusiveAccess` | say that another program or driver has the device |
/// | `Busy`, `NotReady`, `TimedOut` | try again after a while, a few times |
/// | `BadArgument`, `TooLarge`, `Unsupported`, `InvalidReply` | compare the trait with the driver, of that version: [`guide::describe`](crate::guide::describe) |
/// | `NotOpen` | call the driver's method that opens the device first |
/// | `NoSpace`, `Underrun`, `Overrun` | pass more room, or read more often |
/// | `Aborted` | nothing: what was closed or cancelled is over |
/// | `InvalidHandle` | look for the bug, in what handles raw names |
///
/// The usual causes of a code are told at its constant of [`IoReturn`]. `kIOReturn` is left out of the names below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was asked for does not exist: NotFound, ENOENT.
    NotFound,
    /// The device is not there: NoDevice, NotAttached, ENXIO, ENODEV.
    NoDevice,
    /// Privilege, entitlement, policy or mode forbids it: NotPermitted, NotPrivileged, NotReadable,
    /// NotWritable, `KERN_PROTECTION_FAILURE`, `KERN_DENIED`, EPERM, EACCES.
    NotPermitted,
    /// Someone else holds it: ExclusiveAccess, LockedRead, LockedWrite, CannotLock.
    ExclusiveAccess,
    /// It is there already: PortExists, `KERN_NAME_EXISTS`, EEXIST.
    AlreadyExists,
    /// The driver wants to be opened first: NotOpen.
    NotOpen,
    /// An argument was refused: BadArgument, BadMessageID, NotAligned, NoCompletion, `KERN_INVALID_ADDRESS`,
    /// `KERN_INVALID_ARGUMENT`, `KERN_INVALID_VALUE`, `MIG_BAD_ARGUMENTS`, `MACH_SEND_INVALID_DATA`,
    /// `MACH_SEND_INVALID_MEMORY`, `MACH_SEND_INVALID_TYPE`, `MACH_SEND_INVALID_HEADER`,
    /// `MACH_SEND_MSG_TOO_SMALL`, EINVAL.
    BadArgument,
    /// More than a message holds: MessageTooLarge, `MIG_ARRAY_TOO_LARGE` (17 scalars, say),
    /// `MACH_SEND_TOO_LARGE`, `MACH_RCV_TOO_LARGE`.
    TooLarge,
    /// There is no such operation: Unsupported, UnsupportedMode, `KERN_NOT_SUPPORTED`, `MIG_BAD_ID`, ENOTSUP.
    Unsupported,
    /// In use, try later: Busy, StillOpen, EBUSY.
    Busy,
    /// The device cannot work now: NotReady, Offline, NoPower, NoMedia, UnformattedMedia.
    NotReady,
    /// No answer in time: Timeout, NotResponding, `KERN_OPERATION_TIMED_OUT`, `MACH_SEND_TIMED_OUT`,
    /// `MACH_RCV_TIMED_OUT`, ETIMEDOUT.
    TimedOut,
    /// The service or connection behind the name is gone: `MACH_SEND_INVALID_DEST`, `MIG_SERVER_DIED`,
    /// `KERN_TERMINATED`, `MACH_RCV_PORT_DIED`; BadArgument, if the detail is [`Detail::Terminated`].
    Terminated,
    /// Memory ran out: NoMemory, CannotWire, `KERN_NO_SPACE`, `KERN_RESOURCE_SHORTAGE`,
    /// `MACH_SEND_NO_BUFFER`, ENOMEM.
    NoMemory,
    /// Something other than memory ran out: NoResources, NoChannels, NoBandwidth, `KERN_UREFS_OVERFLOW`.
    NoResources,
    /// The data does not fit where it should go: NoSpace, ENOSPC.
    NoSpace,
    /// There is no data, or too little: Underrun, NoFrames.
    Underrun,
    /// There is no room for more data: Overrun.
    Overrun,
    /// Given up before it was done: Aborted, `KERN_ABORTED`, `MACH_SEND_INTERRUPTED`, `MACH_RCV_INTERRUPTED`,
    /// EINTR.
    Aborted,
    /// A port name without the right that the call needs: `KERN_INVALID_NAME`, `KERN_INVALID_TASK`,
    /// `KERN_INVALID_RIGHT`, `KERN_INVALID_CAPABILITY`, `MACH_SEND_INVALID_REPLY`, `MACH_SEND_INVALID_RIGHT`,
    /// `MACH_RCV_INVALID_NAME`, `MACH_RCV_PORT_CHANGED`, `MACH_RCV_IN_SET`.
    InvalidHandle,
    /// What came back is not what was declared: `MIG_TYPE_ERROR`, `MIG_REPLY_MISMATCH`, `MIG_TRAILER_ERROR`,
    /// `MACH_RCV_BODY_ERROR`, and any code with a [`Detail`] that says the reply did not fit.
    InvalidReply,
    /// The device or its medium failed: IOError, DeviceError, DMAError, BadMedia, EIO.
    DeviceFailure,
    /// Everything else.
    Other,
}

impl ErrorKind {
    fn of_errno(darwin: i32) -> Self {
        match darwin {
            EPERM | EACCES => Self::NotPermitted,
            ENOENT => Self::NotFound,
            EINTR => Self::Aborted,
            EIO => Self::DeviceFailure,
            ENXIO | ENODEV => Self::NoDevice,
            ENOMEM => Self::NoMemory,
            EBUSY => Self::Busy,
            EEXIST => Self::AlreadyExists,
            EINVAL => Self::BadArgument,
            ENOSPC => Self::NoSpace,
            ENOTSUP => Self::Unsupported,
            ETIMEDOUT => Self::TimedOut,
            _ => Self::Other,
        }
    }
}

impl From<ErrorKind> for io::ErrorKind {
    /// The nearest kind of the standard library. An aborted call is not `Interrupted`, which would make
    /// `std::io`'s loops call again.
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::NotFound | ErrorKind::NoDevice => Self::NotFound,
            ErrorKind::NotPermitted => Self::PermissionDenied,
            ErrorKind::ExclusiveAccess | ErrorKind::Busy => Self::ResourceBusy,
            ErrorKind::AlreadyExists => Self::AlreadyExists,
            ErrorKind::NotOpen => Self::NotConnected,
            ErrorKind::BadArgument | ErrorKind::TooLarge | ErrorKind::InvalidHandle => Self::InvalidInput,
            ErrorKind::Unsupported => Self::Unsupported,
            ErrorKind::TimedOut => Self::TimedOut,
            ErrorKind::Terminated => Self::BrokenPipe,
            ErrorKind::NoMemory => Self::OutOfMemory,
            ErrorKind::NoSpace => Self::StorageFull,
            ErrorKind::Aborted => Self::ConnectionAborted,
            ErrorKind::InvalidReply => Self::InvalidData,
            _ => Self::Other,
        }
    }
}

/// The name of an external method in the trait that declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MethodName {
    /// The trait: `SimpleDriver`.
    pub interface: &'static str,
    /// The method: `scalar_i_struct_i`.
    pub method: &'static str,
    /// The selector that goes over the wire.
    pub selector: u32,
}

/// Which memory of a driver's a method maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemoryName {
    /// The trait: `SimpleDriver`.
    pub interface: &'static str,
    /// The method: `registers`.
    pub method: &'static str,
    /// The `memoryType` of `IOConnectMapMemory64`.
    pub memory_type: u32,
}

impl fmt::Display for MemoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MemoryName { interface, method, memory_type } = self;
        write!(f, "{interface}::{method} (memory type {memory_type})")
    }
}

impl fmt::Display for MethodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MethodName { interface, method, selector } = self;
        write!(f, "{interface}::{method} (selector {selector})")
    }
}

/// The call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Call {
    /// None has been named: the error comes from a driver's own code, and no caller has seen it yet.
    Unnamed,
    /// A function of IOKitLib or of Mach, by its name in C.
    Function(&'static str),
    /// An external method called by its number.
    Selector {
        /// The function in C: `IOConnectCallMethod`.
        function: &'static str,
        /// The selector.
        selector: u32,
    },
    /// An external method called through its trait.
    Method(&'static MethodName),
    /// Memory mapped by its number.
    MemoryType {
        /// The function in C: `IOConnectMapMemory64`.
        function: &'static str,
        /// The number.
        memory_type: u32,
    },
    /// Memory mapped through a trait.
    Memory(&'static MemoryName),
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Unnamed => f.write_str("unnamed call"),
            Call::Function(function) => f.write_str(function),
            Call::Selector { function, selector } => write!(f, "{function} (selector {selector})"),
            Call::Method(method) => method.fmt(f),
            Call::MemoryType { function, memory_type } => write!(f, "{function} (memory type {memory_type})"),
            Call::Memory(memory) => memory.fmt(f),
        }
    }
}

/// The figures behind an error, where the code alone does not tell them.
///
/// A `what` is a plural: "bytes of structure", "scalar inputs".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// Nothing matched; what was looked for, in words: "class `AppleSMC`".
    NoService(Box<str>),
    /// The driver returned another amount than the caller declared.
    Reply {
        /// What is counted.
        what: &'static str,
        /// How many the caller declared.
        expected: u64,
        /// How many the driver returned.
        actual: u64,
    },
    /// The driver returned a structure that ends within an element.
    PartialElement {
        /// Bytes returned.
        actual: u64,
        /// Bytes of an element.
        element: u64,
    },
    /// The driver returned a scalar that its declared type does not have.
    ScalarOutput {
        /// Which one, from 0.
        index: usize,
        /// What came.
        value: u64,
        /// The name of the type.
        type_name: &'static str,
    },
    /// An argument is more than a call can take.
    Limit {
        /// What is counted.
        what: &'static str,
        /// How many were given.
        given: u64,
        /// How many a call takes.
        limit: u64,
    },
    /// A string that would end early in C.
    InteriorNul {
        /// Which string: "class name".
        what: &'static str,
        /// The byte, from 0, that is NUL.
        position: usize,
    },
    /// Mapped memory has less bytes than what is to lie there.
    MemorySize {
        /// The bytes that it has.
        actual: u64,
        /// The least that it must have.
        least: u64,
    },
    /// Mapped memory ends within an element.
    MemoryElements {
        /// The bytes that it has.
        actual: u64,
        /// Bytes of an element.
        element: u64,
    },
    /// Mapped memory begins where what is to lie there cannot.
    MemoryAlignment {
        /// Where it begins.
        address: u64,
        /// What that must be a multiple of.
        alignment: u64,
    },
    /// Mapped memory ends past the end of the address space.
    MemoryRange {
        /// Where it begins.
        address: u64,
        /// The bytes that it is said to have.
        size: u64,
    },
    /// A data queue has no room for an entry.
    QueueFull {
        /// The bytes of the entry.
        entry: u64,
        /// The bytes of the queue, of which an entry takes 4 more than it has.
        size: u32,
        /// Where the next entry is taken out.
        head: u32,
        /// Where the next entry is put in.
        tail: u32,
    },
    /// What lies in a data queue contradicts itself: one of its sides has broken it.
    QueueCorrupt {
        /// The bytes of the queue.
        size: u32,
        /// Where the next entry is taken out.
        head: u32,
        /// Where the next entry is put in.
        tail: u32,
        /// The bytes that the next entry claims to have, if the indices alone are in order.
        entry: Option<u32>,
    },
    /// An entry of a data queue has another size than its type. It has been taken out.
    Entry {
        /// The size of the type.
        expected: u64,
        /// The bytes of the entry.
        actual: u64,
    },
    /// An entry of the registry does not have a property, or a property not what was looked for in it.
    NoProperty {
        /// The entry, in words.
        entry: Box<str>,
        /// The key, after those that lead to it: `BatteryData.CellVoltage`.
        key: Box<str>,
    },
    /// A property is not what was expected.
    Property {
        /// The entry, in words.
        entry: Box<str>,
        /// The key and what leads from there to what is wrong: `BatteryData.CellVoltage[2]`; empty for all properties together.
        key: Box<str>,
        /// What is wrong with it.
        problem: Box<str>,
    },
    /// The user client is gone, though the code is one that it may have answered with itself: a connection that has ever
    /// mapped memory answers everything with `kIOReturnBadArgument` when its service is terminated (TERM-6).
    Terminated,
    /// The registry changed under an iteration, which is not complete.
    RegistryChanged {
        /// How many entries had come.
        returned: u64,
    },
    /// Anything else, in words.
    Text(Box<str>),
}

/// A count and its plural: "1 byte of structure" for 1 and "bytes of structure".
struct Count(u64, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count(count, what) = *self;
        let head = what.find(" of ").unwrap_or(what.len());
        match what[..head].strip_suffix('s') {
            Some(singular) if count == 1 => write!(f, "1 {singular}{}", &what[head..]),
            _ => write!(f, "{count} {what}"),
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Detail::NoService(ref sought) => write!(f, "no service matches {sought}"),
            Detail::Reply { what, expected, actual } => {
                let were = if expected == 1 { "was" } else { "were" };
                let actual = Count(actual, what);
                write!(f, "the driver returned {actual}, {expected} {were} expected")
            }
            Detail::PartialElement { actual, element } => {
                let actual = Count(actual, "bytes of structure");
                write!(f, "the driver returned {actual}, not a whole number of {element}-byte elements")
            }
            Detail::ScalarOutput { index, value, type_name } => {
                write!(f, "scalar output {index} is {value}, which is no value of `{type_name}`")
            }
            Detail::Limit { what, given, limit } => {
                write!(f, "{}, at most {limit} can be passed", Count(given, what))
            }
            Detail::InteriorNul { what, position } => write!(f, "the {what} has a NUL at byte {position}"),
            Detail::MemorySize { actual, least } => {
                write!(f, "the memory has {}, at least {least} are needed", Count(actual, "bytes"))
            }
            Detail::MemoryElements { actual, element } => {
                let actual = Count(actual, "bytes");
                write!(f, "the memory has {actual}, not a whole number of {element}-byte elements")
            }
            Detail::MemoryAlignment { address, alignment } => {
                write!(f, "the memory is at {address:#x}, which is not a multiple of {alignment}")
            }
            Detail::MemoryRange { address, size } => {
                write!(f, "no address space has {} at {address:#x}", Count(size, "bytes"))
            }
            Detail::QueueFull { entry, size, head, tail } => {
                let entry = Count(entry, "bytes");
                write!(
                    f,
                    "no room for an entry of {entry} in a data queue of {size}: head {head}, tail {tail}"
                )
            }
            Detail::QueueCorrupt { size, head, tail, entry } => {
                write!(f, "a broken data queue of {size} bytes: head {head}, tail {tail}")?;
                match entry {
                    Some(entry) => write!(f, ", and an entry of {} there", Count(entry.into(), "bytes")),
                    None => Ok(()),
                }
            }
            Detail::Entry { expected, actual } => {
                let were = if expected == 1 { "was" } else { "were" };
                write!(f, "the entry has {}, {expected} {were} expected", Count(actual, "bytes"))
            }
            Detail::NoProperty { ref entry, ref key } => write!(f, "{entry} has no property `{key}`"),
            Detail::Property { ref entry, ref key, ref problem } => match &**key {
                "" => write!(f, "the properties of {entry}: {problem}"),
                key => write!(f, "property `{key}` of {entry}: {problem}"),
            },
            Detail::Terminated => f.write_str("the user client is gone: its service was terminated"),
            Detail::RegistryChanged { returned } => {
                let entries = if returned == 1 { "entry" } else { "entries" };
                write!(f, "the registry changed while it was iterated, after {returned} {entries}")
            }
            Detail::Text(ref text) => f.write_str(text),
        }
    }
}

/// A failed operation: which call, the code it returned, and the figures where they help.
///
/// ```
/// # use iokit_uc::{Call, Error, IoReturn};
/// let error = Error::new(Call::Function("IOServiceOpen"), IoReturn::EXCLUSIVE_ACCESS);
/// assert_eq!(
///     error.to_string(),
///     "IOServiceOpen: kIOReturnExclusiveAccess (0xe00002c5, -536870203): already open exclusively",
/// );
/// assert_eq!(error, IoReturn::EXCLUSIVE_ACCESS);
/// ```
///
/// A driver fails with a bare code; the client's side [names the call](Error::at). An error without a detail
/// allocates nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    call: Call,
    code: IoReturn,
    detail: Option<Box<Detail>>,
}

impl Error {
    /// The error of a call that returned `code`.
    pub const fn new(call: Call, code: IoReturn) -> Self {
        let detail = None;
        Error { call, code, detail }
    }

    /// Adds the figures.
    #[must_use]
    pub fn with_detail(self, detail: Detail) -> Self {
        let detail = Some(Box::new(detail));
        Error { detail, ..self }
    }

    /// Names the call that failed; code and detail stay.
    #[must_use]
    pub fn at(self, call: Call) -> Self {
        Error { call, ..self }
    }

    /// The call that failed.
    pub const fn call(&self) -> Call {
        self.call
    }

    /// What it returned.
    pub const fn code(&self) -> IoReturn {
        self.code
    }

    /// The figures, if there are any.
    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_deref()
    }

    /// The kind to match on: that of the code, but [`ErrorKind::InvalidReply`] if the detail says that the
    /// reply did not fit, [`ErrorKind::NotFound`] if it says that a property is missing, and [`ErrorKind::Terminated`] if it
    /// says that the user client is gone.
    pub fn kind(&self) -> ErrorKind {
        match self.detail() {
            Some(
                Detail::Reply { .. }
                | Detail::PartialElement { .. }
                | Detail::ScalarOutput { .. }
                | Detail::MemorySize { .. }
                | Detail::MemoryElements { .. }
                | Detail::MemoryAlignment { .. }
                | Detail::MemoryRange { .. }
                | Detail::QueueCorrupt { .. }
                | Detail::Entry { .. }
                | Detail::Property { .. },
            ) => ErrorKind::InvalidReply,
            Some(Detail::NoProperty { .. }) => ErrorKind::NotFound,
            Some(Detail::Terminated) => ErrorKind::Terminated,
            _ => self.code.kind(),
        }
    }

    /// [`IoReturn::errno`] of the code.
    pub fn errno(&self) -> i32 {
        self.code.errno()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.call != Call::Unnamed {
            write!(f, "{}: ", self.call)?;
        }
        self.code.fmt(f)?;
        match &self.detail {
            Some(detail) => write!(f, "; {detail}"),
            None => Ok(()),
        }
    }
}

/// Without a source: the text of the code is in the error's own.
impl std::error::Error for Error {}

impl From<IoReturn> for Error {
    fn from(code: IoReturn) -> Self {
        Error::new(Call::Unnamed, code)
    }
}

impl PartialEq<IoReturn> for Error {
    fn eq(&self, code: &IoReturn) -> bool {
        self.code == *code
    }
}

impl From<Error> for io::Error {
    /// Keeps the whole error inside: `io.get_ref()?.downcast_ref::<Error>()`.
    fn from(error: Error) -> Self {
        io::Error::new(error.kind().into(), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_prints_its_name_its_figures_and_its_meaning() {
        let codes = [-536870195, 0x10000003, -307, 15].map(IoReturn::from_raw);
        let expected = [
            "kIOReturnNotOpen (0xe00002cd, -536870195): device not open",
            "MACH_SEND_INVALID_DEST (0x10000003, 268435459): the port is dead, or the task has no such port",
            "MIG_ARRAY_TOO_LARGE (0xfffffecd, -307): array larger than the message allows",
            "KERN_INVALID_NAME (0x0000000f, 15): no such port name in the task",
        ];
        assert_eq!(codes.map(|code| code.to_string()), expected);
        assert_eq!(format!("{:?}", codes[0]), "IoReturn(kIOReturnNotOpen)");
        assert_eq!(
            (codes[0].name(), codes[0].meaning()),
            (Some("kIOReturnNotOpen"), Some("device not open"))
        );
    }

    #[test]
    fn an_unnamed_code_prints_where_it_comes_from() {
        let codes = [0xe0004051, 0xe3ff8007, 0xe00002cb, 0xdc004001, 0xffffffff, 0xc00d];
        let expected = [
            "unknown code 0x51 of the USB family (0xe0004051, -536854447)",
            "unknown code 0x7 of the vendor-specific family (0xe3ff8007, -469794809)",
            "unknown code 0x2cb of I/O Kit (0xe00002cb, -536870197)",
            "unknown code 0x1 of libkern, subsystem 0x1 (0xdc004001, -603963391)",
            "unknown code (0xffffffff, -1)",
            "unix error 13 (0x0000c00d, 49165)",
        ];
        assert_eq!(codes.map(|code| IoReturn::from_code(code).to_string()), expected);
        assert_eq!(format!("{:?}", IoReturn::from_raw(42)), "IoReturn(0x0000002a)");
    }

    #[test]
    fn err_01_a_code_comes_apart_into_system_subsystem_and_number() {
        let parts = |code: IoReturn| (code.system(), code.subsystem(), code.number());
        let code = IoReturn::FAMILY_VENDOR_SPECIFIC.with_number(0xffff_0051);
        assert_eq!(parts(code), (IoReturn::SYSTEM_IOKIT, 0xffe, 0x51));
        assert_eq!(parts(IoReturn::MACH_RCV_TIMED_OUT), (IoReturn::SYSTEM_MACH_IPC, 1, 3));
        assert_eq!(parts(IoReturn::unix(13)), (IoReturn::SYSTEM_KERNEL, 3, 13));
    }

    #[test]
    fn err_07_every_code_has_darwins_errno() {
        let named = [IoReturn::SUCCESS, IoReturn::NOT_PRIVILEGED, IoReturn::UNSUPPORTED];
        assert_eq!(named.map(IoReturn::errno), [0, 13, 45]);
        let all_others = [IoReturn::NOT_FOUND, IoReturn::KERN_DENIED, IoReturn::from_raw(42)];
        assert_eq!(all_others.map(IoReturn::errno), [5; 3]);
        let unix = [35, 0, -1].map(IoReturn::unix);
        assert_eq!(unix.map(IoReturn::errno), [35, 0, 0x3fff]);
    }

    #[test]
    fn success_is_the_only_ok() {
        assert_eq!(IoReturn::SUCCESS.result(), Ok(()));
        assert_eq!(IoReturn::from_raw(1).result(), Err(IoReturn::KERN_INVALID_ADDRESS));
    }

    #[test]
    fn a_unix_code_has_the_kind_of_its_errno() {
        let errnos = [1, 2, 4, 5, 6, 12, 13, 16, 17, 19, 22, 28, 35, 45, 60].map(IoReturn::unix);
        assert_eq!(
            errnos.map(|code| format!("{:?}", code.kind())).join(" "),
            "NotPermitted NotFound Aborted DeviceFailure NoDevice NoMemory NotPermitted Busy AlreadyExists \
             NoDevice BadArgument NoSpace Other Unsupported TimedOut",
        );
    }

    #[test]
    fn an_error_names_its_call_its_code_and_the_figures() {
        static METHOD: MethodName =
            MethodName { interface: "SimpleDriver", method: "scalar_i_struct_i", selector: 2 };
        let (function, selector) = ("IOConnectCallMethod", 7);
        let bare = Error::from(IoReturn::NOT_OPEN);
        assert!(bare == IoReturn::NOT_OPEN && bare != IoReturn::SUCCESS && bare.errno() == 13);
        let named = bare.clone().at(Call::Method(&METHOD));
        let detailed = named.clone().with_detail(Detail::Text("the door is shut".into()));
        let renamed = detailed.clone().at(Call::Selector { function, selector });
        let text = "kIOReturnNotOpen (0xe00002cd, -536870195): device not open";
        let expected = [
            text.to_string(),
            format!("SimpleDriver::scalar_i_struct_i (selector 2): {text}"),
            format!("SimpleDriver::scalar_i_struct_i (selector 2): {text}; the door is shut"),
            format!("IOConnectCallMethod (selector 7): {text}; the door is shut"),
        ];
        assert_eq!([bare, named, detailed, renamed].map(|error| error.to_string()), expected);
    }

    fn reply(expected: u64, actual: u64) -> Detail {
        let what = "bytes of structure";
        Detail::Reply { what, expected, actual }
    }

    fn limit(given: u64, limit: u64) -> Detail {
        let what = "scalar inputs";
        Detail::Limit { what, given, limit }
    }

    #[test]
    fn details_state_their_figures() {
        let (actual, element) = (20, 16);
        let (index, value, type_name) = (1, 7, "Mode");
        let (what, position) = ("class name", 3);
        let details = [
            Detail::NoService("class `X`".into()),
            reply(16, 8),
            reply(1, 1),
            Detail::PartialElement { actual, element },
            Detail::ScalarOutput { index, value, type_name },
            limit(17, 16),
            Detail::InteriorNul { what, position },
            Detail::MemorySize { actual: 1, least: 16 },
            Detail::MemoryElements { actual: 20, element: 16 },
            Detail::MemoryAlignment { address: 0x1004, alignment: 16 },
            Detail::MemoryRange { address: 0x1000, size: u64::MAX },
            Detail::QueueFull { entry: 64, size: 340, head: 0, tail: 340 },
            Detail::QueueCorrupt { size: 340, head: 341, tail: 0, entry: None },
            Detail::QueueCorrupt { size: 340, head: 0, tail: 8, entry: Some(u32::MAX) },
            Detail::Entry { expected: 16, actual: 1 },
            Detail::NoProperty { entry: "`BAT0` (ID 0x7)".into(), key: "a.b".into() },
            Detail::Property {
                entry: "`BAT0` (ID 0x7)".into(),
                key: "a[2]".into(),
                problem: "it rusts".into(),
            },
            Detail::Property { entry: "`BAT0` (ID 0x7)".into(), key: "".into(), problem: "they rust".into() },
        ];
        let expected = [
            "no service matches class `X`",
            "the driver returned 8 bytes of structure, 16 were expected",
            "the driver returned 1 byte of structure, 1 was expected",
            "the driver returned 20 bytes of structure, not a whole number of 16-byte elements",
            "scalar output 1 is 7, which is no value of `Mode`",
            "17 scalar inputs, at most 16 can be passed",
            "the class name has a NUL at byte 3",
            "the memory has 1 byte, at least 16 are needed",
            "the memory has 20 bytes, not a whole number of 16-byte elements",
            "the memory is at 0x1004, which is not a multiple of 16",
            "no address space has 18446744073709551615 bytes at 0x1000",
            "no room for an entry of 64 bytes in a data queue of 340: head 0, tail 340",
            "a broken data queue of 340 bytes: head 341, tail 0",
            "a broken data queue of 340 bytes: head 0, tail 8, and an entry of 4294967295 bytes there",
            "the entry has 1 byte, 16 were expected",
            "`BAT0` (ID 0x7) has no property `a.b`",
            "property `a[2]` of `BAT0` (ID 0x7): it rusts",
            "the properties of `BAT0` (ID 0x7): they rust",
        ];
        assert_eq!(details.map(|detail| detail.to_string()), expected);
    }

    #[test]
    fn a_reply_that_does_not_fit_is_an_invalid_reply_whatever_the_code() {
        let kind = |code, detail| Error::from(code).with_detail(detail).kind();
        assert_eq!(Error::from(IoReturn::UNDERRUN).kind(), ErrorKind::Underrun);
        assert_eq!(kind(IoReturn::UNDERRUN, reply(2, 1)), ErrorKind::InvalidReply);
        assert_eq!(kind(IoReturn::MIG_ARRAY_TOO_LARGE, limit(17, 16)), ErrorKind::TooLarge);
    }

    #[test]
    fn an_io_error_keeps_the_whole_error() {
        let error = Error::new(Call::Function("IOServiceOpen"), IoReturn::NOT_PRIVILEGED);
        let io = io::Error::from(error.clone());
        assert_eq!(io.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(io.to_string(), error.to_string());
        assert_eq!(io.get_ref().unwrap().downcast_ref::<Error>(), Some(&error));
    }

    #[test]
    fn an_io_error_has_the_nearest_kind() {
        let io_kind = |kind: ErrorKind| format!("{kind:?}: {:?}", io::ErrorKind::from(kind));
        use ErrorKind::*;
        let kinds = [NotFound, NoDevice, NotPermitted, ExclusiveAccess, Busy, AlreadyExists, NotOpen];
        assert_eq!(
            kinds.map(io_kind).join(", "),
            "NotFound: NotFound, NoDevice: NotFound, NotPermitted: PermissionDenied, \
             ExclusiveAccess: ResourceBusy, Busy: ResourceBusy, AlreadyExists: AlreadyExists, \
             NotOpen: NotConnected",
        );
        let kinds = [BadArgument, TooLarge, InvalidHandle, Unsupported, TimedOut, Terminated, NoMemory];
        assert_eq!(
            kinds.map(io_kind).join(", "),
            "BadArgument: InvalidInput, TooLarge: InvalidInput, InvalidHandle: InvalidInput, \
             Unsupported: Unsupported, TimedOut: TimedOut, Terminated: BrokenPipe, NoMemory: OutOfMemory",
        );
        let kinds = [NoSpace, Aborted, InvalidReply, DeviceFailure];
        assert_eq!(
            kinds.map(io_kind).join(", "),
            "NoSpace: StorageFull, Aborted: ConnectionAborted, InvalidReply: InvalidData, DeviceFailure: Other",
        );
    }

    #[test]
    fn an_error_is_small_and_can_be_sent() {
        fn size_of_sendable<T: Send + Sync + 'static>() -> usize {
            size_of::<T>()
        }
        assert!(size_of_sendable::<Error>() <= 40);
        assert!(size_of_sendable::<Result<()>>() <= 40);
    }
}
