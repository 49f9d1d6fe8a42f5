//! Services: entries of the registry that drivers publish.

mod busy;

pub use busy::ServiceState;

use crate::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::Kernel;
use crate::matching::Matching;
use crate::object::{ObjectIterator, check};
use crate::registry::RegistryEntry;
use crate::spans::span;
use std::fmt;
use std::ops::Deref;

/// `io_service_t`: a service, which is a [`RegistryEntry`], which is an [`Object`](crate::Object).
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
/// let service = Service::first(&kernel, &Matching::class("com_example_Driver"))?.unwrap();
/// assert_eq!(service.class()?, "com_example_Driver");
/// assert!(service.conforms_to("IOService")?);
/// assert_eq!(Service::first(&kernel, &Matching::class("com_example_Other"))?, None);
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[doc(alias = "io_service_t")]
pub struct Service(RegistryEntry);

impl Service {
    /// Takes over a name that something else has obtained.
    ///
    /// # Safety
    ///
    /// As for [`Object::from_raw`](crate::Object::from_raw); the object must be a service.
    pub unsafe fn from_raw(kernel: Kernel, name: PortName) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { RegistryEntry::from_raw(kernel, name) })
    }

    /// The name with its user reference: whoever takes it must release it.
    pub fn into_raw(self) -> PortName {
        self.0.into_raw()
    }

    pub(crate) fn from_answer(kernel: &Kernel, name: PortName) -> Option<Self> {
        RegistryEntry::from_answer(kernel, name).map(Self)
    }

    /// The service that an entry of the registry is.
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// use iokit_uc::{Plane, RegistryEntry, Service};
    /// # let kernel = iokit_uc::sim::Machine::new().task("client").kernel();
    ///
    /// let root = RegistryEntry::root(&kernel)?;
    /// let platform = Service::from_entry(root.child(&Plane::SERVICE)?.unwrap())?;
    /// assert!(platform.conforms_to("IOPlatformExpertDevice")?);
    /// let error = Service::from_entry(root).unwrap_err();
    /// assert!(error.to_string().ends_with("an IORegistryEntry is no IOService"));
    /// # }
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if it is none, with its class; `MACH_SEND_INVALID_DEST` if it is gone.
    pub fn from_entry(entry: RegistryEntry) -> Result<Self> {
        if entry.conforms_to("IOService")? {
            return Ok(Self(entry));
        }
        let text = format!("an {} is no IOService", entry.class()?);
        Err(Error::new(Call::Function("IOObjectConformsTo"), IoReturn::BAD_ARGUMENT)
            .with_detail(Detail::Text(text.into())))
    }

    /// `IOServiceGetMatchingService`: the first service that matches, of those that [`all`](Self::all) gives; `None` if there
    /// is none.
    ///
    /// # Errors
    ///
    /// What was wrong with `matching`, or whatever the kernel says.
    #[doc(alias = "IOServiceGetMatchingService")]
    pub fn first(kernel: &Kernel, matching: &Matching) -> Result<Option<Self>> {
        match Self::from_answer(kernel, Self::find(kernel, matching)?) {
            Some(service) => Ok(Some(service)),
            // C says nothing of why there is none; the function for all of them does.
            None => Self::all(kernel, matching).map(|mut all| all.next()),
        }
    }

    /// `IOServiceGetMatchingService` alone.
    fn find(kernel: &Kernel, matching: &Matching) -> Result<PortName> {
        let value = matching.value()?;
        let span = span!(
            "find",
            "IOServiceGetMatchingService",
            %matching,
            found = tracing::field::Empty,
        );
        let found = || kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(value));
        let name = span.time(found);
        span.found(name != NULL);
        Ok(name)
    }

    /// [`first`](Self::first), for programs that cannot go on without: fails with `kIOReturnNotFound`, naming what was
    /// looked for.
    ///
    /// # Errors
    ///
    /// Those of [`first`](Self::first), and `kIOReturnNotFound`.
    pub fn expect_first(kernel: &Kernel, matching: &Matching) -> Result<Self> {
        Self::first(kernel, matching)?.ok_or_else(|| {
            Error::new(Call::Function("IOServiceGetMatchingService"), IoReturn::NOT_FOUND)
                .with_detail(Detail::NoService(matching.to_string().into()))
        })
    }

    /// `IOServiceGetMatchingServices`: all services that match, as they are now (REG-16), in the kernel's order
    /// (MT-5). A service is found when its drivers have been looked for once after it registered, until it is terminated
    /// (MT-1, MT-2).
    ///
    /// # Errors
    ///
    /// What was wrong with `matching`, or whatever the kernel says.
    #[doc(alias = "IOServiceGetMatchingServices")]
    pub fn all(kernel: &Kernel, matching: &Matching) -> Result<Services> {
        let mut iterator = NULL;
        let value = matching.value()?;
        let span = span!("find", "IOServiceGetMatchingServices", %matching);
        let code = span
            .run(|| kernel.io_service_get_matching_services(MAIN_PORT_DEFAULT, Some(value), &mut iterator));
        // Ours even beside a code that is not success (P-7a).
        let services = Services(ObjectIterator::from_answer(kernel, iterator));
        check("IOServiceGetMatchingServices", code)?;
        // Success without an iterator means that nothing matches (MT-3).
        Ok(services)
    }

    /// `IOServiceMatchPropertyTable`: whether this service matches, registered or not (MT-19).
    ///
    /// # Errors
    ///
    /// What was wrong with `matching`, or whatever the kernel says.
    #[doc(alias = "IOServiceMatchPropertyTable")]
    pub fn matches(&self, matching: &Matching) -> Result<bool> {
        let mut matches = false;
        let code = self.kernel().io_service_match_property_table(
            self.as_raw(),
            Some(matching.value()?),
            &mut matches,
        );
        check("IOServiceMatchPropertyTable", code)?;
        Ok(matches)
    }

    /// `IOServiceRequestProbe`: asks the driver to look for its hardware again, with options of its family's (OC-20).
    ///
    /// # Errors
    ///
    /// `kIOReturnUnsupported` from drivers that do not do that, which is most.
    #[doc(alias = "IOServiceRequestProbe")]
    pub fn request_probe(&self, options: u32) -> Result<()> {
        let span = span!(
            "probe",
            "IOServiceRequestProbe",
            class = crate::spans::class(self.kernel(), self.as_raw()),
            id = crate::spans::id(self.kernel(), self.as_raw()),
            options,
        );
        let code = span.run(|| self.kernel().io_service_request_probe(self.as_raw(), options));
        check("IOServiceRequestProbe", code)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show("Service", f)
    }
}

impl Deref for Service {
    type Target = RegistryEntry;
    fn deref(&self) -> &RegistryEntry {
        &self.0
    }
}

/// The services that matched, one after the other.
#[derive(Debug)]
pub struct Services(Option<ObjectIterator>);

impl Services {
    /// `IOIteratorReset`: starts anew, with the same services.
    #[doc(alias = "IOIteratorReset")]
    pub fn reset(&mut self) {
        if let Some(iterator) = &self.0 {
            iterator.reset();
        }
    }
}

impl Iterator for Services {
    type Item = Service;

    #[doc(alias = "IOIteratorNext")]
    fn next(&mut self) -> Option<Service> {
        let service = self.0.as_ref()?.next()?;
        Some(Service(RegistryEntry::from_object(service)))
    }
}
