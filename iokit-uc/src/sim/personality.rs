//! Drivers that are started by matching (MT-21).

use super::hooks::{DriverInstance, Hooks, NubDriver, Stop};
use super::query::{Origin, Query};
use crate::interface::Driver;
use crate::value::{Dictionary, Value};
use std::fmt;
use std::sync::Arc;

pub(super) type Probe = dyn Fn(&DriverInstance, &mut i32) -> bool + Send + Sync;
pub(super) type Start = dyn Fn(&DriverInstance) -> bool + Send + Sync;

/// A personality of a driver, as a kernel extension has them in its `IOKitPersonalities`: which services it is for, and
/// what it does with one.
///
/// ```
/// use iokit_uc::sim::{Machine, Nub, Personality};
/// use iokit_uc::{Matching, Service};
///
/// let machine = Machine::new();
/// let nub = machine.publish(Nub::new("com_example_Nub"));
/// let disks = machine.downgrade();
/// machine.add_driver(Personality::new("com_example_Driver").provider_class("com_example_Nub").start(move |driver| {
///     let Some(machine) = disks.upgrade() else { return false };
///     machine.publish(Nub::new("com_example_Disk").provider(driver.driver));
///     true
/// }));
/// assert!(Service::first(&machine.task("client").kernel(), &Matching::class("com_example_Disk"))?.is_some());
/// # Ok::<(), iokit_uc::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Personality {
    pub(super) class: String,
    pub(super) superclass: String,
    pub(super) bundle: Option<String>,
    pub(super) properties: Dictionary,
    pub(super) probe: Option<Arc<Probe>>,
    pub(super) start: Option<Arc<Start>>,
    pub(super) stop: Option<Arc<Stop>>,
    pub(super) new_user_client: NubDriver,
}

pub(super) const MATCH_CATEGORY: &str = "IOMatchCategory";
const DEFAULT_CATEGORY: &str = "IODefaultMatchCategory";
const PROBE_SCORE: &str = "IOProbeScore";
const NAME_MATCH: &str = "IONameMatch";
const NAME_MATCHED: &str = "IONameMatched";

impl Personality {
    /// A driver of `class`, which is made a subclass of `IOService` if the machine does not know it.
    pub fn new(class: impl Into<String>) -> Self {
        let class = class.into();
        Self {
            properties: [("IOClass", class.as_str())].into_iter().collect(),
            class,
            superclass: "IOService".into(),
            bundle: None,
            probe: None,
            start: None,
            stop: None,
            new_user_client: NubDriver::Default,
        }
    }

    /// The class's superclass, which is made a subclass of `IOService` if the machine does not know it.
    pub fn superclass(mut self, superclass: impl Into<String>) -> Self {
        self.superclass = superclass.into();
        self
    }

    /// `CFBundleIdentifier`: the kernel extension that the driver is from (RC-9).
    pub fn bundle(mut self, bundle: impl Into<String>) -> Self {
        let bundle = bundle.into();
        self.bundle = Some(bundle.clone());
        self.property("CFBundleIdentifier", bundle)
    }

    /// `IOProviderClass`: the class of the services that it is for, or one above. A personality without it is for none.
    #[doc(alias = "IOProviderClass")]
    pub fn provider_class(self, class: impl Into<String>) -> Self {
        self.property("IOProviderClass", class.into())
    }

    /// `IONameMatch`: a name, or several. Which of them it was is the driver's property `IONameMatched` (MT-9).
    #[doc(alias = "IONameMatch")]
    pub fn name_match(self, names: impl Into<Value>) -> Self {
        self.property(NAME_MATCH, names)
    }

    /// Keys to match by (MT-8 … MT-17), and any others: the driver has them all as properties.
    pub fn matching(mut self, keys: &Dictionary) -> Self {
        self.properties.extend(keys.iter().map(|(key, value)| (key, value.clone())));
        self
    }

    /// One of them.
    pub fn property(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.properties.insert(key, value);
        self
    }

    /// `IOProbeScore`: of several drivers for a service the one with the highest is started first; 0 unless set.
    #[doc(alias = "IOProbeScore")]
    pub fn probe_score(self, score: i32) -> Self {
        self.property(PROBE_SCORE, score)
    }

    /// `IOMatchCategory`: drivers of different categories do not compete for a service.
    #[doc(alias = "IOMatchCategory")]
    pub fn match_category(self, category: impl Into<String>) -> Self {
        self.property(MATCH_CATEGORY, category.into())
    }

    /// `probe`: has a look at the service, and may change the score. A driver that returns false is not started.
    pub fn probe(
        mut self,
        probe: impl Fn(&DriverInstance, &mut i32) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.probe = Some(Arc::new(probe));
        self
    }

    /// `start`: begins to drive the service. If it returns false the next driver of the category is started.
    pub fn start(mut self, start: impl Fn(&DriverInstance) -> bool + Send + Sync + 'static) -> Self {
        self.start = Some(Arc::new(start));
        self
    }

    /// `stop`: the driver has been terminated (TERM-10).
    pub fn stop(mut self, stop: impl Fn(&DriverInstance) + Send + Sync + 'static) -> Self {
        self.stop = Some(Arc::new(stop));
        self
    }

    /// `newUserClient` of the driver: what tasks open is the driver, once it has registered itself
    /// ([`Machine::register`](super::Machine::register)).
    pub fn driver(mut self, driver: impl Driver) -> Self {
        self.new_user_client = NubDriver::Long(Arc::new(driver));
        self
    }

    pub(super) fn category(&self) -> &str {
        self.properties.get(MATCH_CATEGORY).and_then(Value::as_str).unwrap_or(DEFAULT_CATEGORY)
    }

    pub(super) fn provider_class_name(&self) -> Option<&str> {
        self.properties.get("IOProviderClass").and_then(Value::as_str)
    }

    pub(super) fn score(&self) -> i64 {
        let score = self.properties.get(PROBE_SCORE).and_then(Value::as_number);
        score.and_then(|score| score.as_i64()).unwrap_or(0)
    }

    /// None of a dictionary that the kernel cannot decode (PR-7).
    pub(super) fn query(&self) -> Option<Arc<Query>> {
        let is_fit = Value::from(self.properties.clone()).undecodable().is_none();
        is_fit.then(|| Query::new(&self.properties, Origin::Kernel))
    }

    /// The names that it matches by.
    pub(super) fn names(&self) -> Option<&Value> {
        self.properties.get(NAME_MATCH)
    }

    /// The properties of an instance: the dictionary, as matching leaves it.
    pub(super) fn instance_properties(&self, score: i64, name: Option<String>) -> Dictionary {
        let mut properties = self.properties.clone();
        name.into_iter().for_each(|name| drop(properties.insert(NAME_MATCHED, name)));
        set_score(&mut properties, score);
        properties.insert(MATCH_CATEGORY, self.category().to_owned());
        properties
    }

    pub(super) fn hooks(&self) -> Hooks {
        Hooks { driver: self.new_user_client.clone(), stop: self.stop.clone(), ..Hooks::default() }
    }
}

/// The score, which the kernel keeps in 32 bits.
pub(super) fn set_score(properties: &mut Dictionary, score: i64) {
    properties.insert(PROBE_SCORE, score as i32);
}

impl fmt::Debug for Personality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Personality").field("properties", &self.properties).finish_non_exhaustive()
    }
}
