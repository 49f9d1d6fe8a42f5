//! Services to be published.

use super::state::NubDriver;
use crate::error::Result;
use crate::interface::{Driver, EntryId, OpenRequest, UserClient};
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
    pub(super) properties: Dictionary,
    pub(super) providers: Vec<EntryId>,
    pub(super) driver: NubDriver,
    pub(super) device_tree_names: bool,
}

impl Nub {
    /// A service of `class`, which is made a subclass of `IOService` if the machine does not know it.
    pub fn new(class: impl Into<String>) -> Self {
        Self {
            class: class.into(),
            superclass: "IOService".into(),
            bundle: None,
            name: None,
            properties: Dictionary::default(),
            providers: Vec::new(),
            driver: NubDriver::Default,
            device_tree_names: false,
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

    /// The entry's name; the class's name without one (REG-5).
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
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
        self.driver = NubDriver::Long(Arc::new(driver));
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
        self.driver = NubDriver::Short(Arc::new(driver));
        self
    }

    /// Compares names as nubs of the device tree do: with the strings in the properties `name`, `compatible`,
    /// `device_type` and `model` too (MT-9).
    #[must_use]
    pub fn device_tree_names(mut self) -> Self {
        self.device_tree_names = true;
        self
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
