//! Services are watched at the library's own port.

use super::interest::{self, Interest, InterestMessage};
use super::registration::At;
use super::services::{self, ServiceEvent, ServiceNotification};
use super::stream::{InterestMessages, Notifications, ServiceEvents};
use super::subscription::Subscription;
use crate::error::Result;
use crate::kernel::Kernel;
use crate::matching::Matching;
use crate::service::Service;

impl Service {
    /// `IOServiceAddMatchingNotification` at the library's own port: services that match, as they come or go; first those
    /// that there are already.
    #[doc(alias = "IOServiceAddMatchingNotification")]
    #[doc(alias = "IOServiceAddNotification")]
    pub fn watch(kernel: &Kernel, kind: ServiceNotification, matching: &Matching) -> Result<ServiceEvents> {
        let matching = matching.value()?;
        let at = At::background(kernel)?;
        Notifications::new(services::CALL, |inbox| at.services(kind, matching, inbox))
    }

    /// The same for a function, which the library's own thread calls: it should not take long, nor wait for anything that
    /// this thread receives. See [`NotificationPort::on_services`](crate::NotificationPort::on_services).
    pub fn watch_with(
        kernel: &Kernel,
        kind: ServiceNotification,
        matching: &Matching,
        function: impl FnMut(Result<ServiceEvent>) + Send + 'static,
    ) -> Result<Subscription> {
        let matching = matching.value()?;
        let at = At::background(kernel)?;
        Subscription::new(services::CALL, function, |inbox| at.services(kind, matching, inbox))
    }

    /// `IOServiceAddInterestNotification` at the library's own port: what happens to the service. Fails for one that has been
    /// terminated.
    #[doc(alias = "IOServiceAddInterestNotification")]
    pub fn interest(&self, kind: Interest) -> Result<InterestMessages> {
        let at = At::background(self.kernel())?;
        Notifications::new(interest::CALL, |inbox| at.interest(self, kind, inbox))
    }

    /// The same for a function, which the library's own thread calls: it should not take long, nor wait for anything that
    /// this thread receives. See [`NotificationPort::on_interest`](crate::NotificationPort::on_interest).
    pub fn interest_with(
        &self,
        kind: Interest,
        function: impl FnMut(Result<InterestMessage>) + Send + 'static,
    ) -> Result<Subscription> {
        let at = At::background(self.kernel())?;
        Subscription::new(interest::CALL, function, |inbox| at.interest(self, kind, inbox))
    }
}
