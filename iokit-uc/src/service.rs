//! Services: entries of the registry that drivers publish.

use crate::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::Kernel;
use crate::matching::Matching;
use crate::object::{Object, check};
use crate::registry::RegistryEntry;
use std::ops::Deref;

/// `io_service_t`: a service, which is a [`RegistryEntry`], which is an [`Object`].
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
/// let service = Service::first(&kernel, &Matching::class("com_example_Driver")?)?.unwrap();
/// assert_eq!(service.class()?, "com_example_Driver");
/// assert!(service.conforms_to("IOService")?);
/// assert_eq!(Service::first(&kernel, &Matching::class("com_example_Other")?)?, None);
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "io_service_t")]
pub struct Service(RegistryEntry);

impl Service {
    /// Takes over a name that something else has obtained.
    ///
    /// # Safety
    ///
    /// As for [`Object::from_raw`]; the object must be a service.
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

    /// `IOServiceGetMatchingService`: the first service that matches; `None` if there is none.
    #[doc(alias = "IOServiceGetMatchingService")]
    pub fn first(kernel: &Kernel, matching: &Matching) -> Result<Option<Self>> {
        let name = kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(matching.as_value()));
        match Self::from_answer(kernel, name) {
            Some(service) => Ok(Some(service)),
            // C says nothing of why there is none; the function for all of them does.
            None => Self::all(kernel, matching).map(|mut all| all.next()),
        }
    }

    /// [`first`](Self::first), for programs that cannot go on without: fails with `kIOReturnNotFound`, naming what was
    /// looked for.
    pub fn expect_first(kernel: &Kernel, matching: &Matching) -> Result<Self> {
        Self::first(kernel, matching)?.ok_or_else(|| {
            Error::new(Call::Function("IOServiceGetMatchingService"), IoReturn::NOT_FOUND)
                .with_detail(Detail::NoService(matching.to_string().into()))
        })
    }

    /// `IOServiceGetMatchingServices`: all services that match, as they are now (REG-16), in the kernel's order
    /// (MT-5).
    #[doc(alias = "IOServiceGetMatchingServices")]
    pub fn all(kernel: &Kernel, matching: &Matching) -> Result<Services> {
        let mut iterator = NULL;
        let code = kernel.io_service_get_matching_services(
            MAIN_PORT_DEFAULT,
            Some(matching.as_value()),
            &mut iterator,
        );
        check("IOServiceGetMatchingServices", code)?;
        // Success without an iterator means that nothing matches (MT-3).
        Ok(Services(Object::from_answer(kernel, iterator)))
    }

    /// `IOServiceRequestProbe`: asks the driver to look for its hardware again; `kIOReturnUnsupported` by default.
    #[doc(alias = "IOServiceRequestProbe")]
    pub fn request_probe(&self, options: u32) -> Result<()> {
        check("IOServiceRequestProbe", self.kernel().io_service_request_probe(self.as_raw(), options))
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
pub struct Services(Option<Object>);

impl Iterator for Services {
    type Item = Service;

    #[doc(alias = "IOIteratorNext")]
    fn next(&mut self) -> Option<Service> {
        let iterator = self.0.as_ref()?;
        let next = iterator.kernel().io_iterator_next(iterator.as_raw());
        Service::from_answer(iterator.kernel(), next)
    }
}
