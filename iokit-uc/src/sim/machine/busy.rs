//! Busy states (BQ-1 … BQ-7).

use super::Machine;
use crate::backend::{MachTimespec, PortName};
use crate::error::{IoReturn, Result};
use crate::interface::{EntryId, MessageArgument, MessageType};
use crate::sim::busy_time::BusyTime;
use crate::sim::failure::no_entry;
use crate::sim::keys::ObjectKey;
use crate::sim::notifier::InterestKind;
use crate::sim::report::Misuse;
use crate::sim::shared::Locked;
use crate::sim::state::State;
use crate::sim::task::Task;
use crate::value::Value;
use std::time::Duration;

/// The most that a busy count goes to (BQ-1).
const BUSY_MAX: u32 = 1023;

/// How often a wait of [`LONG`] is made before it fails (BQ-6).
const ATTEMPTS: u64 = if cfg!(target_arch = "x86_64") { 4 } else { 1 };
/// The most that a busy service can ask for, by a property.
const MAX_ATTEMPTS: u64 = 8;
const ATTEMPTS_KEY: &str = "IOServiceBusyTimeoutExtensions";
const LONG: Duration = Duration::from_secs(41);

impl Machine {
    /// `adjustBusy`, as a driver calls it: raises or lowers a service's busy count (BQ-1). Where that begins or ends at 0,
    /// the count of the provider goes up or down by one, and so on to the root (BQ-2, BQ-2a).
    #[doc(alias = "adjustBusy")]
    pub fn adjust_busy(&self, service: EntryId, delta: i32) -> Result<()> {
        let mut kernel = self.shared.lock();
        let object = kernel.entries.get(&service).copied();
        let object = object.ok_or_else(|| no_entry("Machine::adjust_busy", service))?;
        kernel.change_busy(object, delta);
        self.shared.notify();
        Ok(())
    }
}

impl Task {
    /// `io_service_get_state`: state bits, busy count, nanoseconds (BQ-4).
    pub(in crate::sim) fn busy_state(&self, service: PortName) -> Result<(u64, u32, u64), IoReturn> {
        let (kernel, service) = self.send_to_service(service)?;
        let entry = kernel.entry(service).ok_or(IoReturn::BAD_ARGUMENT)?;
        Ok((entry.states.bits(), entry.busy, nanoseconds(kernel.accumulated_busy(service))))
    }

    /// `IOKitGetBusyState`: that of the plane's root (BQ-5).
    pub(in crate::sim) fn busy_state_of_all(&self, main_port: PortName) -> Result<u32, IoReturn> {
        let kernel = self.send_to_main(main_port)?;
        Ok(kernel.entry(kernel.platform).map_or(0, |root| root.busy))
    }

    /// `IOServiceWaitQuiet` (BQ-6, BQ-7).
    pub(in crate::sim) fn wait_quiet(&self, service: PortName, timeout: Option<MachTimespec>) -> IoReturn {
        match self.send_to_service(service) {
            Ok((kernel, service)) => wait_quiet(kernel, service, timeout),
            Err(code) => code,
        }
    }

    /// `IOKitWaitQuiet` (BQ-5).
    pub(in crate::sim) fn wait_quiet_of_all(
        &self,
        main_port: PortName,
        timeout: Option<MachTimespec>,
    ) -> IoReturn {
        match self.send_to_main(main_port) {
            Ok(kernel) => {
                let root = kernel.platform;
                wait_quiet(kernel, root, timeout)
            }
            Err(code) => code,
        }
    }
}

/// `waitQuiet`. The service lives as long as this takes.
fn wait_quiet(mut kernel: Locked<'_>, service: ObjectKey, timeout: Option<MachTimespec>) -> IoReturn {
    kernel.retain(service);
    let timeout = timeout.and_then(duration);
    let (mut attempts, mut attempt) = (ATTEMPTS, 1);
    let quiet = loop {
        let is_quiet;
        (kernel, is_quiet) = kernel.until_quiet(service, timeout);
        if is_quiet || timeout.is_some_and(|timeout| timeout < LONG) {
            break is_quiet;
        }
        attempts = attempts.max(kernel.attempts_asked_for(service));
        if attempt >= attempts {
            break false;
        }
        attempt += 1;
    };
    kernel.release(service);
    if quiet { IoReturn::SUCCESS } else { IoReturn::TIMEOUT }
}

/// A time as C gives it. None is for ever: {0, -1}, all bits set when it is made one number (BQ-6).
fn duration(MachTimespec { seconds, nanoseconds }: MachTimespec) -> Option<Duration> {
    let total = u64::from(seconds) * 1_000_000_000;
    let total = total.wrapping_add_signed(nanoseconds.into());
    (total != u64::MAX).then(|| Duration::from_nanos(total))
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Locked<'_> {
    /// Waits until a service is not busy, for `timeout` at most, by the machine's clock.
    pub(in crate::sim) fn until_quiet(
        mut self,
        service: ObjectKey,
        timeout: Option<Duration>,
    ) -> (Self, bool) {
        let mut left = timeout;
        while self.entry(service).is_some_and(|entry| entry.busy > 0) {
            if left == Some(Duration::ZERO) {
                return (self, false);
            }
            (self, left) = self.wait_for_work(left);
        }
        (self, true)
    }
}

impl State {
    /// The busy count of a service; 0 if it is gone.
    pub(in crate::sim) fn busy(&self, service: EntryId) -> u32 {
        self.entries.get(&service).and_then(|&service| self.entry(service)).map_or(0, |entry| entry.busy)
    }

    /// For how long a service has been busy in all (BQ-4).
    pub(in crate::sim) fn accumulated_busy(&self, service: ObjectKey) -> Duration {
        let Some(entry) = self.entry(service) else { return Duration::ZERO };
        let BusyTime { since, before } = entry.busy_time;
        let now = if entry.busy > 0 { self.clock.now().saturating_sub(since) } else { Duration::ZERO };
        before + now
    }

    /// A service as it was when its registry was written down: its provider has its own count.
    #[cfg(feature = "archive")]
    pub(in crate::sim) fn restore_busy(&mut self, service: ObjectKey, busy: u32, accumulated: Duration) {
        let now = self.clock.now();
        if let Some(entry) = self.entry_mut(service) {
            entry.busy = busy.min(BUSY_MAX);
            entry.busy_time = BusyTime { since: now, before: accumulated };
        }
    }

    /// Raises or lowers a busy count by one.
    pub(in crate::sim) fn adjust_busy(&mut self, service: ObjectKey, up: bool) {
        self.change_busy(service, if up { 1 } else { -1 });
    }

    /// Changes a busy count. A change from or to 0 raises or lowers the first provider's by one, and is told to whoever has
    /// registered an interest in it (BQ-1 … BQ-2a, NT-18).
    pub(in crate::sim) fn change_busy(&mut self, service: ObjectKey, delta: i32) {
        let (mut next, mut delta) = (Some(service), delta);
        let now = self.clock.now();
        while let Some(service) = next.filter(|_| delta != 0) {
            let Some(entry) = self.entry_mut(service) else { return };
            let before = entry.busy;
            // A count that cannot go further stays.
            let is_stuck = if delta < 0 { before == 0 } else { before == BUSY_MAX };
            let wanted = if is_stuck { i64::from(before) } else { i64::from(before) + i64::from(delta) };
            entry.busy = wanted.clamp(0, BUSY_MAX.into()) as u32;
            let (was_quiet, is_quiet) = (before == 0, entry.busy == 0);
            match (was_quiet, is_quiet) {
                (true, false) => entry.busy_time.since = now,
                (false, true) => entry.busy_time.before += now.saturating_sub(entry.busy_time.since),
                _ => {}
            }
            if i64::from(entry.busy) != wanted {
                self.misuses.push(Misuse::BusyCount { count: before, delta });
            }
            if !(was_quiet || is_quiet) {
                return;
            }
            let argument = MessageArgument::Value(was_quiet.into());
            let message = MessageType::SERVICE_BUSY_STATE_CHANGE;
            self.tell_interested(service, InterestKind::Busy, message, argument);
            delta = if is_quiet { -1 } else { 1 };
            next = self.service_above(service);
        }
    }

    /// How many attempts a busy service, or one above it, asks for (BQ-6).
    fn attempts_asked_for(&self, service: ObjectKey) -> u64 {
        let asked = |service| {
            let asked = self.property(service, ATTEMPTS_KEY).and_then(Value::as_number)?.as_u64()?;
            (asked <= MAX_ATTEMPTS).then_some(asked)
        };
        let above = std::iter::successors(self.service_above(service), |&place| self.service_above(place));
        let mut most = above.filter_map(asked).max().unwrap_or(0);
        let mut busy = vec![service];
        while let Some(service) = busy.pop() {
            most = most.max(asked(service).unwrap_or(0));
            let clients = self.clients(service);
            busy.extend(clients.filter(|&client| self.entry(client).is_some_and(|entry| entry.busy > 0)));
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bq_06_a_time_of_no_seconds_and_minus_one_nanosecond_is_for_ever() {
        let time = |seconds, nanoseconds| duration(MachTimespec { seconds, nanoseconds });
        assert_eq!(time(0, -1), None);
        assert_eq!(time(0, 0), Some(Duration::ZERO));
        assert_eq!(time(2, 5), Some(Duration::new(2, 5)));
        assert_eq!(time(1, -1), Some(Duration::from_nanos(999_999_999)));
        assert_eq!(time(0, -2), Some(Duration::from_nanos(u64::MAX - 1)));
        assert_eq!(time(u32::MAX, 0), Some(Duration::from_secs(u32::MAX.into())));
    }
}
