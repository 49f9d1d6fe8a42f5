//! What services tell their clients.

use std::fmt;

/// `kIOMessage…`: what happens, or is about to happen, to a service.
///
/// Families have types of their own besides these.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageType(
    /// The code.
    pub u32,
);

macro_rules! message_types {
    ($($name:ident = $code:literal, $c_name:literal, $doc:literal;)*) => {
        impl MessageType {
            $(
                #[doc = concat!("`", $c_name, "`: ", $doc)]
                #[doc(alias = $c_name)]
                pub const $name: Self = Self(0xe000_0000 | $code);
            )*

            /// The constant's name in C.
            fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($c_name),)*
                    _ => None,
                }
            }
        }
    };
}

// CN-10.
message_types! {
    SERVICE_IS_TERMINATED = 0x010, "kIOMessageServiceIsTerminated", "the service is gone for good.";
    SERVICE_IS_SUSPENDED = 0x020, "kIOMessageServiceIsSuspended", "the device does not answer for a while.";
    SERVICE_IS_RESUMED = 0x030, "kIOMessageServiceIsResumed", "the device answers again.";
    SERVICE_IS_REQUESTING_CLOSE = 0x100, "kIOMessageServiceIsRequestingClose",
        "the client that has the service open is asked to close it.";
    SERVICE_IS_ATTEMPTING_OPEN = 0x101, "kIOMessageServiceIsAttemptingOpen",
        "another client is about to open the service.";
    SERVICE_WAS_CLOSED = 0x110, "kIOMessageServiceWasClosed", "another client has closed the service.";
    SERVICE_BUSY_STATE_CHANGE = 0x120, "kIOMessageServiceBusyStateChange",
        "the service has become busy, argument 1, or quiet, 0.";
    CONSOLE_SECURITY_CHANGE = 0x128, "kIOMessageConsoleSecurityChange",
        "somebody has logged in at the console, or out.";
    SERVICE_PROPERTY_CHANGE = 0x130, "kIOMessageServicePropertyChange", "a property has changed.";
    CAN_DEVICE_POWER_OFF = 0x200, "kIOMessageCanDevicePowerOff", "may the device be powered down?";
    DEVICE_WILL_POWER_OFF = 0x210, "kIOMessageDeviceWillPowerOff", "the device is about to be powered down.";
    DEVICE_WILL_POWER_ON = 0x215, "kIOMessageDeviceWillPowerOn", "the device is about to be powered up.";
    DEVICE_WILL_NOT_POWER_OFF = 0x220, "kIOMessageDeviceWillNotPowerOff",
        "the device is not powered down after all.";
    DEVICE_HAS_POWERED_OFF = 0x225, "kIOMessageDeviceHasPoweredOff", "the device has been powered down.";
    DEVICE_HAS_POWERED_ON = 0x230, "kIOMessageDeviceHasPoweredOn", "the device has been powered up.";
    CAN_SYSTEM_POWER_OFF = 0x240, "kIOMessageCanSystemPowerOff", "may the system be shut down?";
    SYSTEM_WILL_POWER_OFF = 0x250, "kIOMessageSystemWillPowerOff", "the system is about to shut down.";
    SYSTEM_PAGING_OFF = 0x255, "kIOMessageSystemPagingOff", "the pager is about to stop.";
    SYSTEM_WILL_NOT_POWER_OFF = 0x260, "kIOMessageSystemWillNotPowerOff",
        "the system does not shut down after all.";
    CAN_SYSTEM_SLEEP = 0x270, "kIOMessageCanSystemSleep", "may the system go to sleep because it is idle?";
    SYSTEM_WILL_SLEEP = 0x280, "kIOMessageSystemWillSleep", "the system is about to sleep.";
    SYSTEM_WILL_NOT_SLEEP = 0x290, "kIOMessageSystemWillNotSleep", "the system does not go to sleep after all.";
    SYSTEM_HAS_POWERED_ON = 0x300, "kIOMessageSystemHasPoweredOn", "the system is awake.";
    SYSTEM_WILL_RESTART = 0x310, "kIOMessageSystemWillRestart", "the system is about to restart.";
    SYSTEM_WILL_POWER_ON = 0x320, "kIOMessageSystemWillPowerOn", "the system is waking up.";
    COPY_CLIENT_ID = 0x330, "kIOMessageCopyClientID", "the kernel asks for a client's name; it does not leave it.";
    SYSTEM_CAPABILITY_CHANGE = 0x340, "kIOMessageSystemCapabilityChange",
        "what the system can do in its state has changed.";
    DEVICE_SIGNALED_WAKEUP = 0x350, "kIOMessageDeviceSignaledWakeup", "the device has woken the system.";
    TASK_APP_SUSPENDED_CHANGE = 0x800, "kIOMessageTaskAppSuspendedChange",
        "the process that owns the client has been suspended or resumed.";
}

/// `kIOServiceSeize`: among the options of `IOService::open`, asks whoever has the service open to close it (TERM-12).
#[doc(alias = "kIOServiceSeize")]
pub const SERVICE_SEIZE: u32 = 1;

impl fmt::Debug for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "MessageType({:#x})", self.0),
        }
    }
}

/// What a message carries: `messageArgument`, and `argSize` if there are bytes behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageArgument<'a> {
    /// The pointer itself, as a number.
    Value(u64),
    /// What it points to. A task is shown 64 bytes at most (NT-14). None at all is as good as 0.
    Bytes(&'a [u8]),
}

impl From<u64> for MessageArgument<'_> {
    fn from(value: u64) -> Self {
        Self::Value(value)
    }
}

impl<'a> From<&'a [u8]> for MessageArgument<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}
