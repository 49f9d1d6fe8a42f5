//! The properties of registry entries.

use crate::backend::Backend;
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::object::{NAME_MAX, c_string, check, interior_nul, over_limit};
use crate::registry::{IterateOptions, Plane, RegistryEntry};
use crate::spans::span;
#[cfg(feature = "serde")]
use crate::value::ValueError;
use crate::value::{Dictionary, Unfit, Value};
use std::ffi::CString;

const COPY_ONE: &str = "IORegistryEntryCreateCFProperty";
const COPY_ALL: &str = "IORegistryEntryCreateCFProperties";
const SEARCH: &str = "IORegistryEntrySearchCFProperty";
const BYTES: &str = "IORegistryEntryGetProperty";

/// Where [`search_property`](RegistryEntry::search_property) goes from an entry that does not have the property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Search {
    /// Down: its children, and theirs, each before the next beside it.
    #[doc(alias = "kIORegistryIterateRecursively")]
    Children,
    /// Up: its parents, and theirs.
    #[doc(alias = "kIORegistryIterateParents")]
    Parents,
}

/// Properties.
///
/// They can be read as long as the entry's name is good, whatever state a service is in (PR-12). A key has at most 127 bytes where one
/// is asked for. `kIOReturnBadArgument` says that it has more, or a NUL, or that what is to be set is a value that no kernel
/// takes as it is, and where.
impl RegistryEntry {
    /// `IORegistryEntryCreateCFProperty`: the value of a property as it is now, or `None`.
    ///
    /// The entry's own come first, then those in `IOUserServiceProperties` (PR-2). The key `IORegistryEntryPropertyKeys` gives an array of the
    /// keys.
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// # use iokit_uc::sim::{Machine, Nub};
    /// # use iokit_uc::{Matching, Service, Value};
    /// # let machine = Machine::new();
    /// # machine.publish(Nub::new("AppleSmartBattery").property("Voltage", 12_600u32));
    /// # let kernel = machine.task("client").kernel();
    /// let battery = Service::expect_first(&kernel, &Matching::class("AppleSmartBattery"))?;
    /// assert_eq!(battery.property("Voltage")?, Some(Value::from(12_600)));
    /// assert_eq!(battery.property("Colour")?, None);
    ///
    /// let error = battery.expect_property("Colour").unwrap_err().to_string();
    /// assert!(error.ends_with("`AppleSmartBattery` (ID 0x100000104) has no property `Colour`"), "{error}");
    /// # }
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    #[doc(alias = "IORegistryEntryCreateCFProperty")]
    pub fn property(&self, key: &str) -> Result<Option<Value>> {
        let c_key = self::key(COPY_ONE, key)?;
        let ask = || self.kernel().io_registry_entry_create_cf_property(self.as_raw(), &c_key);
        if let Some(value) = ask() {
            return Ok(Some(value));
        }
        // C says nothing of why there is none; the function for its bytes does.
        self.check_alive(COPY_ONE)?;
        match self.kernel().io_registry_entry_get_property(self.as_raw(), &c_key, &mut [0], &mut 0) {
            IoReturn::NO_RESOURCES => Ok(None),
            // There is one. Either it has come meanwhile, or it is what the library cannot make a value of.
            IoReturn::SUCCESS | IoReturn::IPC_ERROR | IoReturn::BAD_ARGUMENT => match ask() {
                Some(value) => Ok(Some(value)),
                None => {
                    let problem = "it is there, but IOKitLib makes no value of it".into();
                    Err(self.unfit_property(COPY_ONE, key.into(), problem))
                }
            },
            code => Err(Error::new(Call::Function(COPY_ONE), code)),
        }
    }

    /// [`property`](Self::property), for programs that cannot go on without: fails with `kIOReturnNotFound`, naming the key and
    /// the entry.
    pub fn expect_property(&self, key: &str) -> Result<Value> {
        self.property(key)?.ok_or_else(|| self.no_property(COPY_ONE, IoReturn::NOT_FOUND, key.into()))
    }

    /// `IORegistryEntryCreateCFProperties`: all properties as they are now, with those in `IOUserServiceProperties` merged over the
    /// rest (PR-1).
    #[doc(alias = "IORegistryEntryCreateCFProperties")]
    pub fn all_properties(&self) -> Result<Dictionary> {
        let mut properties = None;
        let code = self.kernel().io_registry_entry_create_cf_properties(self.as_raw(), &mut properties);
        check(COPY_ALL, code)?;
        let properties = properties.as_ref().map(Dictionary::try_from);
        match properties {
            Some(Ok(properties)) => Ok(properties),
            Some(Err(error)) => Err(self.unfit_property(COPY_ALL, "".into(), error.problem())),
            None => Err(self.unfit_property(COPY_ALL, "".into(), "success, but none came with it".into())),
        }
    }

    /// `IORegistryEntrySearchCFProperty`: the entry's own property of this key, or that of the first entry of those above or
    /// below it in a plane that has one (PR-3).
    #[doc(alias = "IORegistryEntrySearchCFProperty")]
    pub fn search_property(&self, plane: &Plane, key: &str, search: Search) -> Result<Option<Value>> {
        let c_key = self::key(SEARCH, key)?;
        plane.check(SEARCH, self.kernel())?;
        let options = match search {
            Search::Children => IterateOptions::DESCENDANTS,
            Search::Parents => IterateOptions::ANCESTORS,
        };
        let found = self.kernel().io_registry_entry_search_cf_property(
            self.as_raw(),
            plane.as_c_str(),
            &c_key,
            options.bits(),
        );
        if found.is_none() {
            self.check_alive(SEARCH)?;
        }
        Ok(found)
    }

    /// `IORegistryEntryGetProperty`: a property as bytes, of which there are 4096 at most: of data, of a string with a NUL behind it, of
    /// `Yes` or `No` with a NUL, of a number (PR-9). `kIOReturnBadArgument` for a property of another type.
    #[doc(alias = "IORegistryEntryGetProperty")]
    pub fn property_bytes(&self, key: &str) -> Result<Vec<u8>> {
        const MOST: usize = 4096;
        let c_key = self::key(BYTES, key)?;
        let mut bytes = vec![0; MOST];
        let get = |bytes: &mut [u8], size: &mut u32| {
            self.kernel().io_registry_entry_get_property(self.as_raw(), &c_key, bytes, size)
        };
        let mut size = 0;
        let problem = match get(&mut bytes, &mut size) {
            IoReturn::SUCCESS => {
                bytes.truncate(size as usize);
                // No data at all come as so many zeros as there is room for (PR-9a): they would fit anywhere.
                let may_be_none = bytes.len() == MOST && bytes.iter().all(|&byte| byte == 0);
                if may_be_none && get(&mut [0], &mut size).is_success() {
                    bytes.clear();
                }
                return Ok(bytes);
            }
            IoReturn::NO_RESOURCES => {
                return Err(self.no_property(BYTES, IoReturn::NO_RESOURCES, key.into()));
            }
            code @ IoReturn::BAD_ARGUMENT => (code, "it is no data, no string, no boolean, and no number"),
            code @ IoReturn::IPC_ERROR => (code, "it has more than 4096 bytes"),
            code => return Err(Error::new(Call::Function(BYTES), code)),
        };
        let (code, problem) = problem;
        self.check_alive(BYTES)?;
        Err(Error::new(Call::Function(BYTES), code).with_detail(Detail::Property {
            entry: self.described(),
            key: key.into(),
            problem: problem.into(),
        }))
    }

    /// `IORegistryEntrySetCFProperty`: gives the entry's driver one property to set, whatever it makes of it. By default a
    /// service takes none: `kIOReturnUnsupported` (PR-10).
    #[doc(alias = "IORegistryEntrySetCFProperty")]
    pub fn set_property(&self, key: &str, value: impl Into<Value>) -> Result<()> {
        const FUNCTION: &str = "IORegistryEntrySetCFProperty";
        let (key, value) = one_to_set(FUNCTION, key, value.into())?;
        let span = span!(
            "set",
            FUNCTION,
            class = crate::spans::class(self.kernel(), self.as_raw()),
            id = crate::spans::id(self.kernel(), self.as_raw()),
            key = %key.to_string_lossy(),
        );
        let code = span.run(|| self.kernel().io_registry_entry_set_cf_property(self.as_raw(), &key, &value));
        check(FUNCTION, code)
    }

    /// `IORegistryEntrySetCFProperties`: gives the entry's driver something to set, most often a dictionary (PR-10).
    #[doc(alias = "IORegistryEntrySetCFProperties")]
    pub fn set_properties(&self, properties: impl Into<Value>) -> Result<()> {
        const FUNCTION: &str = "IORegistryEntrySetCFProperties";
        let properties = all_to_set(FUNCTION, properties.into())?;
        let span = span!(
            "set",
            FUNCTION,
            class = crate::spans::class(self.kernel(), self.as_raw()),
            id = crate::spans::id(self.kernel(), self.as_raw()),
        );
        let code = span.run(|| self.kernel().io_registry_entry_set_cf_properties(self.as_raw(), &properties));
        check(FUNCTION, code)
    }

    /// Fails if the entry is gone, or is none, where a function has a result for all failures.
    fn check_alive(&self, function: &'static str) -> Result<()> {
        check(function, self.kernel().io_registry_entry_get_registry_entry_id(self.as_raw(), &mut 0))
    }

    /// The entry in words, as far as it tells: `BAT0` (AppleSmartBattery, ID 0x100000108).
    #[cold]
    fn described(&self) -> Box<str> {
        let (name, class, id) = (self.name().ok(), self.class().ok(), self.id().ok());
        let class = class.filter(|class| name.as_ref() != Some(class));
        let id = id.map(|id| format!("ID {id:#x}"));
        let beside: Vec<String> = class.into_iter().chain(id).collect();
        format!("`{}` ({})", name.as_deref().unwrap_or("?"), beside.join(", ")).into()
    }

    #[cold]
    fn no_property(&self, function: &'static str, code: IoReturn, key: Box<str>) -> Error {
        let detail = Detail::NoProperty { entry: self.described(), key };
        Error::new(Call::Function(function), code).with_detail(detail)
    }

    #[cold]
    fn unfit_property(&self, function: &'static str, key: Box<str>, problem: String) -> Error {
        let detail = Detail::Property { entry: self.described(), key, problem: problem.into() };
        Error::new(Call::Function(function), IoReturn::IPC_ERROR).with_detail(detail)
    }
}

/// Properties through `serde`.
#[cfg(feature = "serde")]
impl RegistryEntry {
    /// [`all_properties`](Self::all_properties) as a type of one's own, by the rules of [`Value::deserialize_as`]. An error
    /// names the key that is missing or of another type, with all that leads to it, and the entry.
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// # use iokit_uc::sim::{Machine, Nub};
    /// # use iokit_uc::{Matching, Service, Value};
    /// # let machine = Machine::new();
    /// # let data = Value::dictionary([("CellVoltage", Value::array([4200u32, 4199]))]);
    /// # machine.publish(
    /// #     Nub::new("AppleSmartBattery")
    /// #         .property("Voltage", 8_399u32)
    /// #         .property("IsCharging", false)
    /// #         .property("BatteryData", data),
    /// # );
    /// # let kernel = machine.task("client").kernel();
    /// #[derive(serde::Deserialize)]
    /// #[serde(rename_all = "PascalCase")]
    /// struct Battery {
    ///     voltage: u32,
    ///     is_charging: bool,
    ///     time_remaining: Option<u32>,
    ///     battery_data: BatteryData,
    /// }
    ///
    /// #[derive(serde::Deserialize)]
    /// #[serde(rename_all = "PascalCase")]
    /// struct BatteryData {
    ///     cell_voltage: Vec<u16>,
    /// }
    ///
    /// let entry = Service::expect_first(&kernel, &Matching::class("AppleSmartBattery"))?;
    /// let battery: Battery = entry.properties()?;
    /// assert_eq!((battery.voltage, battery.is_charging, battery.time_remaining), (8_399, false, None));
    /// assert_eq!(battery.battery_data.cell_voltage, [4200, 4199]);
    /// # }
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    #[doc(alias = "IORegistryEntryCreateCFProperties")]
    pub fn properties<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        let properties = Value::from(self.all_properties()?);
        properties.deserialize_as().map_err(|error| self.not_deserialized(COPY_ALL, error))
    }

    /// [`property`](Self::property) as a type of one's own. One that is missing is `None` for an `Option`, and else an error as
    /// of [`expect_property`](Self::expect_property).
    #[doc(alias = "IORegistryEntryCreateCFProperty")]
    pub fn property_as<T: serde::de::DeserializeOwned>(&self, key: &str) -> Result<T> {
        let property = self.property(key)?;
        let made = Value::deserialize_entry(key, property.as_ref());
        made.map_err(|error| self.not_deserialized(COPY_ONE, error))
    }

    #[cold]
    fn not_deserialized(&self, function: &'static str, error: ValueError) -> Error {
        let path = error.path().into();
        if error.is_missing() {
            return self.no_property(function, IoReturn::NOT_FOUND, path);
        }
        self.unfit_property(function, path, error.problem())
    }
}

fn key(function: &'static str, key: &str) -> Result<CString> {
    c_string(Call::Function(function), "bytes of key", key, NAME_MAX)
}

/// A key and a value to be set. The key goes the way of the value, and may be as long as a string there.
pub(crate) fn one_to_set(function: &'static str, key: &str, value: Value) -> Result<(CString, Value)> {
    let call = Call::Function(function);
    if let Some(position) = key.bytes().position(|byte| byte == 0) {
        return Err(interior_nul(call, "key", position));
    }
    let all = all_to_set(function, Value::dictionary([(key, value)]))?;
    let value = all.as_dictionary().and_then(|all| all.get(key)).cloned();
    let key = c_string(call, "bytes of key", key, Value::MAX_STRING)?;
    value.map(|value| (key, value)).ok_or_else(|| Error::new(call, IoReturn::BAD_ARGUMENT))
}

/// Something to be set, which the kernel takes as it is (PR-7, PR-8).
pub(crate) fn all_to_set(function: &'static str, properties: Value) -> Result<Value> {
    let call = Call::Function(function);
    let refused =
        |problem: String| Error::new(call, IoReturn::BAD_ARGUMENT).with_detail(Detail::Text(problem.into()));
    match properties.unfit() {
        Some(Unfit::Size(given)) => {
            let (given, limit) = (given as u64, Value::MAX_SERIALIZED as u64);
            let detail = Detail::Limit { what: "bytes of serialized properties", given, limit };
            Err(Error::new(call, IoReturn::MESSAGE_TOO_LARGE).with_detail(detail))
        }
        Some(Unfit::Nesting(given)) => {
            Err(over_limit(call, "collections within one another", Value::MAX_NESTING, given))
        }
        Some(Unfit::String { what, length, path }) => {
            let at = if path.is_empty() { String::new() } else { format!(" at `{path}`") };
            let limit = Value::MAX_STRING;
            Err(refused(format!("the {what}{at} has {length} bytes, at most {limit} can be passed")))
        }
        None => match properties.interior_nul() {
            Some(error) => Err(refused(error.to_string())),
            None => Ok(properties),
        },
    }
}
