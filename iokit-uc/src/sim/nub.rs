//! Services to be published.

use super::hooks::{Hooks, NubDriver};
use crate::error::Result;
use crate::interface::{Caller, Driver, EntryId, MessageArgument, MessageType, OpenRequest, UserClient};
use crate::value::{Dictionary, Value};
use std::fmt;
use std::sync::Arc;

/// A service to be published: a nub, which drivers and tasks can find.
#[derive(Clone)]
pub struct Nub {
    pub(super) class: String,
    pub(super) superclass: String,
    pub(super) bundle: Option<String>,
    pub(super) name: Option<String>,
    pub(super) location: Option<String>,
    pub(super) properties: Dictionary,
    pub(super) providers: Vec<EntryId>,
    pub(super) plane: Option<String>,
    /// Planes, each with a name and a location for it.
    pub(super) labels: Vec<(String, Option<String>, Option<String>)>,
    pub(super) device_tree_names: bool,
    pub(super) hooks: Option<Hooks>,
}

impl Nub {
    /// A service of `class`, which is made a subclass of `IOService` if the machine does not know it.
    pub fn new(class: impl Into<String>) -> Self {
        Self {
            class: class.into(),
            superclass: "IOService".into(),
            bundle: None,
            name: None,
            location: None,
            properties: Dictionary::default(),
            providers: Vec::new(),
            plane: None,
            labels: Vec::new(),
            device_tree_names: false,
            hooks: None,
        }
    }

    /// The class's superclass, which is made a subclass of `IOService` if the machine does not know it.
    #[must_use]
    pub fn superclass(mut self, superclass: impl Into<String>) -> Self {
        self.superclass = superclass.into();
        self
    }

    /// The identifier of the kernel extension that the class is from (RC-9).
    #[must_use]
    pub fn bundle(mut self, bundle: impl Into<String>) -> Self {
        self.bundle = Some(bundle.into());
        self
    }

    /// The entry's name. Without one it is that in the property `IOName`, and without that the class's (REG-5).
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Where the entry is, by which it is told from others of its name: hexadecimal numbers with commas between (REG-12).
    #[must_use]
    #[doc(alias = "setLocation")]
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// The entry's name in one plane (REG-5).
    #[must_use]
    pub fn name_in(mut self, plane: impl Into<String>, name: impl Into<String>) -> Self {
        self.labels.push((plane.into(), Some(name.into()), None));
        self
    }

    /// Where the entry is in one plane (REG-5).
    #[must_use]
    pub fn location_in(mut self, plane: impl Into<String>, location: impl Into<String>) -> Self {
        self.labels.push((plane.into(), None, Some(location.into())));
        self
    }

    /// The plane in which the entry is attached to its provider; IOService unless set.
    /// [`Machine::attach_in`](super::Machine::attach_in) attaches it in more.
    #[must_use]
    #[doc(alias = "attachToParent")]
    pub fn plane(mut self, plane: impl Into<String>) -> Self {
        self.plane = Some(plane.into());
        self
    }

    /// A property.
    #[must_use]
    pub fn property(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.properties.insert(key, value);
        self
    }

    /// What the service is attached to; the machine itself unless set. A second provider is added to the first.
    #[must_use]
    pub fn provider(mut self, provider: EntryId) -> Self {
        self.providers.push(provider);
        self
    }

    /// Makes user clients when tasks open the service: `newUserClient`. Without a driver the property
    /// `IOUserClientClass` decides (OC-2).
    #[must_use]
    pub fn driver(mut self, driver: impl Driver) -> Self {
        self.hooks().driver = NubDriver::Long(Arc::new(driver));
        self
    }

    /// [`driver`](Self::driver) for a closure, which makes a user client for each connection.
    #[must_use]
    pub fn user_client<F, U>(self, make: F) -> Self
    where
        F: Fn(&OpenRequest<'_>) -> Result<U> + Send + Sync + 'static,
        U: UserClient,
    {
        self.driver(make)
    }

    /// The old `newUserClient` with four arguments: an error of it is not passed on, but lets the property
    /// `IOUserClientClass` decide (OC-2).
    #[must_use]
    pub fn short_driver(mut self, driver: impl Driver) -> Self {
        self.hooks().driver = NubDriver::Short(Arc::new(driver));
        self
    }

    /// Compares names as nubs of the device tree do: with the strings in the properties `name`, `compatible`,
    /// `device_type` and `model` too (MT-9).
    #[must_use]
    pub fn device_tree_names(mut self) -> Self {
        self.device_tree_names = true;
        self
    }

    /// `setProperties`: takes what a task gives the service to set (PR-10); `kIOReturnUnsupported` without it. Locks are the
    /// driver's own business.
    #[must_use]
    #[doc(alias = "setProperties")]
    pub fn on_set_properties(
        mut self,
        set: impl Fn(&Caller, &Value) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.hooks().set_properties = Some(Arc::new(set));
        self
    }

    /// `matchPropertyTable`: what the service's family makes of keys that the kernel does not know (MT-16). It may change the
    /// score of a driver that is being matched (MT-21).
    ///
    /// It is asked with no lock held, and before what depends on its answer happens: it may be asked more than once about one
    /// thing. If it panics, or looks for services in a way that has it asked again, that is a no and a
    /// [`Misuse`](super::Misuse).
    #[must_use]
    #[doc(alias = "matchPropertyTable")]
    pub fn on_match(
        mut self,
        matches: impl Fn(&Dictionary, &mut i64) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.hooks().match_property_table = Some(Arc::new(matches));
        self
    }

    /// `requestProbe`: looks for hardware again (OC-20); `kIOReturnUnsupported` without it.
    #[must_use]
    #[doc(alias = "requestProbe")]
    pub fn on_request_probe(mut self, probe: impl Fn(u32) -> Result<()> + Send + Sync + 'static) -> Self {
        self.hooks().request_probe = Some(Arc::new(probe));
        self
    }

    /// `message`: a provider tells the service something (NT-16), or asks it to close (TERM-12), by
    /// [`Machine::close_service`](super::Machine::close_service). Without it the answer is `kIOReturnUnsupported`.
    #[must_use]
    #[doc(alias = "message")]
    pub fn on_message(
        mut self,
        message: impl Fn(MessageType, EntryId, MessageArgument<'_>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.hooks().message = Some(Arc::new(message));
        self
    }

    fn hooks(&mut self) -> &mut Hooks {
        self.hooks.get_or_insert_default()
    }
}

impl fmt::Debug for Nub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, superclass, name, properties, .. } = self;
        f.debug_struct("Nub")
            .field("class", class)
            .field("superclass", superclass)
            .field("name", name)
            .field("properties", properties)
            .finish_non_exhaustive()
    }
}
