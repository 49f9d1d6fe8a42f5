//! What state a service is in, and whether anything is still happening to it.

use super::Service;
use crate::backend::{Backend, MAIN_PORT_DEFAULT, MachTimespec};
use crate::error::Result;
use crate::kernel::Kernel;
use crate::object::check;
use crate::spans::span;
use std::time::Duration;

/// How far a service has come (NT-2, NT-3), and whether it is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ServiceState {
    /// `kIOServiceInactiveState`: it is being terminated, or has been.
    pub inactive: bool,
    /// `kIOServiceRegisteredState`: its driver has registered it.
    pub registered: bool,
    /// `kIOServiceMatchedState`: drivers have been looked for, and those that were found are started.
    pub matched: bool,
    /// `kIOServiceFirstPublishState`: it has been told to those who wait for what registers for the first time.
    pub first_published: bool,
    /// `kIOServiceFirstMatchState`: it has been told to those who wait for what is matched for the first time.
    pub first_matched: bool,
    /// How many things are happening to it: drivers are looked for, it is being terminated, or something below it is busy
    /// (BQ-1, BQ-2).
    pub busy: u32,
    /// For how long it has been busy in all, what goes on now included (BQ-4).
    pub busy_time: Duration,
    /// All that the kernel says, with bits that have no name here.
    pub bits: u64,
}

impl Service {
    /// `IOServiceGetBusyState`: how many things are happening to the service; 0 if it is quiet (BQ-1).
    ///
    /// # Errors
    ///
    /// `MACH_SEND_INVALID_DEST` if the service is gone.
    #[doc(alias = "IOServiceGetBusyState")]
    pub fn busy_state(&self) -> Result<u32> {
        let mut busy = 0;
        let code = self.kernel().io_service_get_busy_state(self.as_raw(), &mut busy);
        check("IOServiceGetBusyState", code)?;
        Ok(busy)
    }

    /// `IOServiceGetState`, `IOServiceGetBusyStateAndTime`: how far the service has come, and whether it is busy.
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// use iokit_uc::sim::{Machine, Nub};
    /// use iokit_uc::{Matching, Service};
    ///
    /// let machine = Machine::new();
    /// machine.publish(Nub::new("com_example_Driver"));
    /// let kernel = machine.task("client").kernel();
    ///
    /// let service = Service::expect_first(&kernel, &Matching::class("com_example_Driver"))?;
    /// let state = service.state()?;
    /// assert!(state.registered && state.matched && !state.inactive);
    /// assert_eq!(state.busy, 0);
    /// # }
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `MACH_SEND_INVALID_DEST` if the service is gone; `kIOReturnUnsupported` on a Mac whose IOKit has no such function:
    /// it is in none of Apple's public headers.
    #[doc(alias = "IOServiceGetState")]
    #[doc(alias = "IOServiceGetBusyStateAndTime")]
    pub fn state(&self) -> Result<ServiceState> {
        let (mut bits, mut busy, mut accumulated) = (0, 0, 0);
        let code = self.kernel().io_service_get_busy_state_and_time(
            self.as_raw(),
            &mut bits,
            &mut busy,
            &mut accumulated,
        );
        check("IOServiceGetBusyStateAndTime", code)?;
        Ok(ServiceState {
            inactive: bits & 0x01 != 0,
            registered: bits & 0x02 != 0,
            matched: bits & 0x04 != 0,
            first_published: bits & 0x08 != 0,
            first_matched: bits & 0x10 != 0,
            busy,
            busy_time: Duration::from_nanos(accumulated),
            bits,
        })
    }

    /// `IOServiceWaitQuiet`: waits until the service is not busy, for `timeout` at most, and without one for as long as it takes
    /// (BQ-6). A timeout of zero only asks.
    ///
    /// On Intel, a kernel may wait for a timeout of 41 seconds or more several times over before it gives up. One of more than
    /// 2³² seconds, which are 136 years, is that long.
    ///
    /// # Errors
    ///
    /// `kIOReturnTimeout` ([`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut)) if it is still busy then;
    /// `MACH_SEND_INVALID_DEST` if the service is gone.
    #[doc(alias = "IOServiceWaitQuiet")]
    pub fn wait_quiet(&self, timeout: Option<Duration>) -> Result<()> {
        let span = span!(
            "wait",
            "IOServiceWaitQuiet",
            class = crate::spans::class(self.kernel(), self.as_raw()),
            id = crate::spans::id(self.kernel(), self.as_raw()),
            timeout = timeout.map(tracing::field::debug),
        );
        let timeout = timeout.map(timespec);
        let code = span.run(|| self.kernel().io_service_wait_quiet(self.as_raw(), timeout));
        check("IOServiceWaitQuiet", code)
    }
}

/// The busy state of the whole registry: that of the root of its service plane (BQ-5).
impl Kernel {
    /// `IOKitGetBusyState`: how many things are happening in the whole registry; 0 if it is quiet.
    ///
    /// # Errors
    ///
    /// Whatever the kernel says.
    #[doc(alias = "IOKitGetBusyState")]
    pub fn busy_state(&self) -> Result<u32> {
        let mut busy = 0;
        check("IOKitGetBusyState", self.io_kit_get_busy_state(MAIN_PORT_DEFAULT, &mut busy))?;
        Ok(busy)
    }

    /// `IOKitWaitQuiet`: waits until nothing in the whole registry is busy, as [`Service::wait_quiet`] does for one
    /// service.
    ///
    /// # Errors
    ///
    /// `kIOReturnTimeout` ([`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut)) if something still is at the end.
    #[doc(alias = "IOKitWaitQuiet")]
    pub fn wait_quiet(&self, timeout: Option<Duration>) -> Result<()> {
        let span = span!("wait", "IOKitWaitQuiet", timeout = timeout.map(tracing::field::debug));
        let timeout = timeout.map(timespec);
        check("IOKitWaitQuiet", span.run(|| self.io_kit_wait_quiet(MAIN_PORT_DEFAULT, timeout)))
    }
}

/// As much of a duration as fits.
fn timespec(duration: Duration) -> MachTimespec {
    match u32::try_from(duration.as_secs()) {
        Ok(seconds) => MachTimespec { seconds, nanoseconds: duration.subsec_nanos().cast_signed() },
        Err(_) => MachTimespec { seconds: u32::MAX, nanoseconds: 999_999_999 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_time_to_wait_up_to_136_years() {
        let times = [
            Duration::ZERO,
            Duration::new(41, 999_999_999),
            Duration::new(u32::MAX.into(), 1),
            Duration::from_secs(1 << 32),
            Duration::MAX,
        ];
        let expected =
            [(0, 0), (41, 999_999_999), (u32::MAX, 1), (u32::MAX, 999_999_999), (u32::MAX, 999_999_999)];
        assert_eq!(
            times.map(timespec).map(|MachTimespec { seconds, nanoseconds }| (seconds, nanoseconds)),
            expected
        );
    }
}
