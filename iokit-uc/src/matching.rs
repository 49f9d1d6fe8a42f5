//! What to look for.

use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::object::{CLASS_NAME, NAME_MAX, c_string};
use crate::property::all_to_set;
use crate::registry::plane_of_path;
use crate::value::{Dictionary, Value};
use std::slice;

/// A matching dictionary: what a service must be to be found. All that is said must be so.
///
/// ```
/// # #[cfg(feature = "sim")] {
/// use iokit_uc::sim::{Machine, Nub};
/// use iokit_uc::{Matching, Service};
///
/// let machine = Machine::new();
/// let keyboard = Nub::new("IOUSBHostDevice").property("idVendor", 0x05ac).property("idProduct", 0x0250);
/// machine.publish(keyboard.name("Keyboard"));
/// machine.publish(Nub::new("IOUSBHostDevice").property("idVendor", 0x046d).name("Mouse"));
/// let kernel = machine.task("client").kernel();
///
/// let apples = Matching::class("IOUSBHostDevice").property("idVendor", 0x05ac);
/// assert_eq!(Service::expect_first(&kernel, &apples)?.name()?, "Keyboard");
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
///
/// Nothing here fails. What the kernel would not take, or would take for something else, is told where the dictionary is used, or
/// by [`value`](Self::value): the first such thing, with figures. That is a text with a NUL, where the kernel would see its end,
/// or longer than it can be; a value that is nested [too deep](Value::MAX_NESTING) or is [too large](Value::MAX_SERIALIZED) by
/// itself; and a key that is given two values, of which the kernel would know one. A dictionary that is too large as a whole is
/// refused by the kernel where a notification is made of it (PR-8).
///
/// ```
/// # use iokit_uc::Matching;
/// let error = Matching::class("IOMedia").location("1").location("2").value().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "Matching::location: kIOReturnBadArgument (0xe00002c2, -536870206): invalid argument; \
///      `IOLocationMatch` is given two values, of which the kernel would know one",
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Matching {
    /// Always a dictionary.
    dictionary: Value,
    /// What was wrong first, to be told where the dictionary is used.
    flaw: Option<Error>,
}

const PROVIDER_CLASS: &str = "IOProviderClass";
const NAME_MATCH: &str = "IONameMatch";
const BSD_NAME: &str = "BSD Name";
const ENTRY_ID: &str = "IORegistryEntryID";
const PATH_MATCH: &str = "IOPathMatch";
const PROPERTY_MATCH: &str = "IOPropertyMatch";
const PROPERTY_EXISTS: &str = "IOPropertyExistsMatch";
const RESOURCE_MATCH: &str = "IOResourceMatch";

/// What begins a path in the device tree, which takes one `io_string_t` in all (MT-20).
const DEVICE_TREE: &str = "IODeviceTree:";
const OPEN_FIRMWARE_PATH_MAX: usize = 511 - DEVICE_TREE.len();

/// What to begin with.
impl Matching {
    /// Every service that is registered and matched (MT-6).
    pub fn any() -> Self {
        Self { dictionary: Dictionary::default().into(), flaw: None }
    }

    /// `IOServiceMatching`: services of `class`, or of a class derived from it (MT-8).
    ///
    /// Of `IOResources` there is one: what is said of it alone is asked of it alone (MT-7).
    #[doc(alias = "IOServiceMatching")]
    #[doc(alias = "kIOProviderClassKey")]
    pub fn class(class: &str) -> Self {
        Self::any().name_of("IOServiceMatching", PROVIDER_CLASS, CLASS_NAME, class)
    }

    /// `IOServiceNameMatching`: services with this name (MT-9). One that the device tree describes goes by the names in its
    /// properties `name`, `compatible`, `device_type` and `model` too, and the name that is looked for may end in a `*`.
    #[doc(alias = "IOServiceNameMatching")]
    #[doc(alias = "kIONameMatchKey")]
    pub fn name(name: &str) -> Self {
        Self::any().name_of("IOServiceNameMatching", NAME_MATCH, SERVICE_NAME, name)
    }

    /// `IOBSDNameMatching`: the service behind a device of the BSD side: `disk0`, `en0` (MT-15).
    #[doc(alias = "IOBSDNameMatching")]
    #[doc(alias = "kIOBSDNameKey")]
    pub fn bsd_name(name: &str) -> Self {
        Self::any().set("IOBSDNameMatching", BSD_NAME, name)
    }

    /// `IORegistryEntryIDMatching`: the service with this [`RegistryEntry::id`](crate::RegistryEntry::id) (MT-13).
    #[doc(alias = "IORegistryEntryIDMatching")]
    #[doc(alias = "kIORegistryEntryIDKey")]
    pub fn entry_id(id: u64) -> Self {
        Self::any().set("IORegistryEntryIDMatching", ENTRY_ID, id)
    }

    /// `IOOpenFirmwarePathMatching`: the service at a path in the device tree, such as `/cpus/cpu0` (MT-12, MT-20).
    #[doc(alias = "IOOpenFirmwarePathMatching")]
    pub fn open_firmware_path(path: &str) -> Self {
        const FUNCTION: &str = "IOOpenFirmwarePathMatching";
        Self::any().change(|entries| {
            c_string(Call::Function(FUNCTION), "bytes of path", path, OPEN_FIRMWARE_PATH_MAX)?;
            insert(FUNCTION, entries, PATH_MATCH, format!("{DEVICE_TREE}{path}").into())
        })
    }

    /// The dictionary.
    ///
    /// # Errors
    ///
    /// What was wrong first with what it was made of.
    pub fn value(&self) -> Result<&Value> {
        match &self.flaw {
            None => Ok(&self.dictionary),
            Some(flaw) => Err(flaw.clone()),
        }
    }
}

/// What to add.
impl Matching {
    /// `IOProviderClass`: of this class, or of a class derived from it (MT-8).
    pub fn and_class(self, class: &str) -> Self {
        self.name_of("Matching::and_class", PROVIDER_CLASS, CLASS_NAME, class)
    }

    /// `IONameMatch`: with this name, as [`name`](Self::name) has it (MT-9).
    pub fn named(self, name: &str) -> Self {
        self.name_of("Matching::named", NAME_MATCH, SERVICE_NAME, name)
    }

    /// `IONameMatch`: with any of these names (MT-9).
    pub fn any_name<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        const FUNCTION: &str = "Matching::any_name";
        let name = |name: N| {
            let name = name.as_ref();
            c_string(Call::Function(FUNCTION), SERVICE_NAME, name, NAME_MAX).map(|_| Value::from(name))
        };
        self.change(|entries| {
            let names = names.into_iter().map(name).collect::<Result<Vec<Value>>>()?;
            insert(FUNCTION, entries, NAME_MATCH, Value::array(names))
        })
    }

    /// `IOPropertyMatch`: with a property that is equal to `value` (MT-11), as the kernel has it:
    /// [`Value::kernel_eq`]. Given again for another property, both must be so.
    ///
    /// A number is compared with one of any width by its bits without a sign: -1 of 32 bits is 4294967295, and not -1 of 16
    /// bits (PR-13).
    #[doc(alias = "kIOPropertyMatchKey")]
    pub fn property(self, key: &str, value: impl Into<Value>) -> Self {
        self.all_of("Matching::property", [(key, value.into())])
    }

    /// `IOPropertyMatch`: with all of these properties, as [`property`](Self::property) has it (MT-11).
    pub fn properties(self, properties: Dictionary) -> Self {
        self.all_of("Matching::properties", properties.iter().map(|(key, value)| (key, value.clone())))
    }

    /// `IOPropertyMatch`: with all of the properties in any of these dictionaries (MT-11). It cannot be had together with
    /// [`property`](Self::property) and [`properties`](Self::properties), which are one such dictionary.
    pub fn any_properties(self, properties: impl IntoIterator<Item = Dictionary>) -> Self {
        self.set("Matching::any_properties", PROPERTY_MATCH, Value::array(properties))
    }

    /// `IOPropertyExistsMatch`: with a property of this name, whatever its value (MT-11).
    #[doc(alias = "kIOPropertyExistsMatchKey")]
    pub fn property_exists(self, key: &str) -> Self {
        self.set("Matching::property_exists", PROPERTY_EXISTS, key)
    }

    /// `IOPropertyExistsMatch`: with any property of these names (MT-11).
    pub fn any_property_exists<K: AsRef<str>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        let keys = keys.into_iter().map(|key| Value::from(key.as_ref()));
        self.set("Matching::any_property_exists", PROPERTY_EXISTS, Value::array(keys))
    }

    /// `IOLocationMatch`: with this [location](crate::RegistryEntry::location), to the letter (MT-10).
    #[doc(alias = "kIOLocationMatchKey")]
    pub fn location(self, location: &str) -> Self {
        self.set("Matching::location", "IOLocationMatch", location)
    }

    /// `IOPathMatch`: at this path in the registry, as [`RegistryEntry::from_path`](crate::RegistryEntry::from_path) takes it
    /// (MT-12).
    #[doc(alias = "kIOPathMatchKey")]
    pub fn path(self, path: &str) -> Self {
        const FUNCTION: &str = "Matching::path";
        self.change(|entries| {
            plane_of_path(Call::Function(FUNCTION), path)?;
            insert(FUNCTION, entries, PATH_MATCH, path.into())
        })
    }

    /// `IOParentMatch`: below a service that matches `parent`, at whatever depth (MT-17). That service need not be
    /// registered.
    ///
    /// ```
    /// # use iokit_uc::Matching;
    /// let hub = Matching::class("IOUSBHostDevice").property("bDeviceClass", 9);
    /// let behind_a_hub = Matching::class("IOUSBHostInterface").parent(hub);
    /// ```
    #[doc(alias = "kIOParentMatchKey")]
    pub fn parent(self, parent: Matching) -> Self {
        self.change(|entries| match parent.flaw {
            None => insert("Matching::parent", entries, "IOParentMatch", parent.dictionary),
            Some(flaw) => Err(flaw),
        })
    }

    /// `BSD Major`: with this number of a BSD driver (MT-15).
    #[doc(alias = "kIOBSDMajorKey")]
    pub fn bsd_major(self, major: u32) -> Self {
        self.set("Matching::bsd_major", "BSD Major", major)
    }

    /// `BSD Minor`: with this number of a device of a BSD driver's (MT-15).
    #[doc(alias = "kIOBSDMinorKey")]
    pub fn bsd_minor(self, minor: u32) -> Self {
        self.set("Matching::bsd_minor", "BSD Minor", minor)
    }

    /// `BSD Unit`: with this number of a BSD device among its like (MT-15).
    #[doc(alias = "kIOBSDUnitKey")]
    pub fn bsd_unit(self, unit: u32) -> Self {
        self.set("Matching::bsd_unit", "BSD Unit", unit)
    }

    /// `IOMatchedServiceCountMatch`: with so many drivers on it (MT-14).
    #[doc(alias = "kIOMatchedServiceCountMatchKey")]
    pub fn client_count(self, count: u32) -> Self {
        self.set("Matching::client_count", "IOMatchedServiceCountMatch", count)
    }

    /// `IOResourceMatch`: with this resource published. Given again for another, both must be. It is for
    /// `Matching::class("IOResources")` and `"IOUserResources"`; other services do not look at it (MT-16).
    #[doc(alias = "kIOResourceMatchKey")]
    pub fn resource(self, resource: &str) -> Self {
        const FUNCTION: &str = "Matching::resource";
        self.change(|entries| {
            let before = entries.remove(RESOURCE_MATCH);
            let before = before.as_ref().map(|before| before.as_array().unwrap_or(slice::from_ref(before)));
            let resources = match before {
                None => Value::from(resource),
                Some(before) => Value::array(before.iter().cloned().chain([resource.into()])),
            };
            insert(FUNCTION, entries, RESOURCE_MATCH, resources)
        })
    }

    /// Any key, for those that have no function here: what the services' family makes of it (MT-16). A key that neither the
    /// kernel nor the family knows changes nothing.
    pub fn key(self, key: &str, value: impl Into<Value>) -> Self {
        self.set("Matching::key", key, value)
    }
}

const SERVICE_NAME: &str = "bytes of service name";

impl Matching {
    /// Changes the dictionary, or keeps why that cannot be.
    fn change(mut self, change: impl FnOnce(&mut Dictionary) -> Result<()>) -> Self {
        if self.flaw.is_none() {
            let mut entries = self.dictionary.as_dictionary().cloned().unwrap_or_default();
            // Held by nobody else from here on, the entries are changed where they are, and not copied first.
            self.dictionary = Value::from(false);
            self.flaw = change(&mut entries).err();
            self.dictionary = entries.into();
        }
        self
    }

    /// Sets a key that has no other value.
    fn set(self, function: &'static str, key: &str, value: impl Into<Value>) -> Self {
        self.change(|entries| insert(function, entries, key, value.into()))
    }

    /// Sets a key to a name, which is limited.
    fn name_of(self, function: &'static str, key: &str, what: &'static str, name: &str) -> Self {
        self.change(|entries| {
            c_string(Call::Function(function), what, name, NAME_MAX)?;
            insert(function, entries, key, name.into())
        })
    }

    /// Adds to the one dictionary of properties.
    fn all_of<'a>(
        self,
        function: &'static str,
        properties: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Self {
        self.change(|entries| {
            let before = entries.insert(PROPERTY_MATCH, Dictionary::default());
            let mut all = match before.as_ref().map(Value::as_dictionary) {
                None => Dictionary::default(),
                Some(Some(all)) => all.clone(),
                Some(None) => return Err(given_twice(function, PROPERTY_MATCH)),
            };
            drop(before);
            for (key, value) in properties {
                insert_in(Some(PROPERTY_MATCH), function, &mut all, key, value)?;
            }
            entries.insert(PROPERTY_MATCH, all);
            Ok(())
        })
    }
}

/// Sets a key that has no other value.
fn insert(function: &'static str, entries: &mut Dictionary, key: &str, value: Value) -> Result<()> {
    insert_in(None, function, entries, key, value)
}

/// Sets a key that has no other value, in a dictionary that is the value of a key itself.
fn insert_in(
    outer: Option<&str>,
    function: &'static str,
    entries: &mut Dictionary,
    key: &str,
    value: Value,
) -> Result<()> {
    if entries.get(key).is_some_and(|before| *before != value) {
        return Err(given_twice(function, key));
    }
    let entry = Value::dictionary([(key, value.clone())]);
    all_to_set(function, outer.into_iter().fold(entry, |entry, outer| Value::dictionary([(outer, entry)])))?;
    entries.insert(key, value);
    Ok(())
}

#[cold]
fn given_twice(function: &'static str, key: &str) -> Error {
    let text = format!("`{key}` is given two values, of which the kernel would know one");
    Error::new(Call::Function(function), IoReturn::BAD_ARGUMENT).with_detail(Detail::Text(text.into()))
}

/// A dictionary with keys of the kernel's own, as C has it.
impl From<Dictionary> for Matching {
    fn from(dictionary: Dictionary) -> Self {
        Self::any().change(|entries| {
            dictionary
                .iter()
                .try_for_each(|(key, value)| insert("Matching::from", entries, key, value.clone()))
        })
    }
}

impl std::fmt::Display for Matching {
    /// ``IOProviderClass `AppleSMC` ``.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entries = self.dictionary.as_dictionary().into_iter().flat_map(|dictionary| dictionary.iter());
        let mut separator = "";
        for (key, value) in entries {
            match value.as_str() {
                Some(text) => write!(f, "{separator}{key} `{text}`")?,
                None => write!(f, "{separator}{key} {value:?}")?,
            }
            separator = ", ";
        }
        // An empty dictionary matches all there is.
        if separator.is_empty() { f.write_str("anything") } else { Ok(()) }
    }
}
