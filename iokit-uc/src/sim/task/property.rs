//! Properties: what tasks read of them, and what they give drivers to set (PR-1 … PR-12, OC-19).

use super::Task;
use crate::backend::PortName;
use crate::error::{IoReturn, Result};
use crate::interface::Privilege;
use crate::sim::client::Client;
use crate::sim::keys::ObjectKey;
use crate::sim::property_lock::PropertyLock;
use crate::sim::registry::iterator::RECURSIVELY;
use crate::sim::shared::{Locked, settle_pending};
use crate::sim::state::{State, USER_SERVICE_PROPERTIES};
use crate::value::{Dictionary, Number, Unfit, Value};
use std::ffi::CStr;
use std::sync::Arc;

/// Not a property: the keys of all that are.
const KEYS: &str = "IORegistryEntryPropertyKeys";
const ALLOWABLE: &str = "IORegistryEntryAllowableSetProperties";
const DEFAULT_LOCKING: &str = "IORegistryEntryDefaultLockingSetProperties";
/// What lets others than root publish resources.
const PUBLISH_RESOURCES: &str = "com.apple.private.iokit.ioresources.setproperty";

/// The longest key in bytes (P-8).
const KEY_MAX: usize = 127;
/// The most that `IORegistryEntryGetProperty` returns (PR-9).
const RAW_MAX: usize = 4096;
/// The deepest value that IOKitLib decodes.
const DECODED_NESTING: usize = 64 * 1024 - 1;

/// A key as it arrives (PR-4). The keys of entries are text, and what is none, or is cut within a character, is none of them.
fn key_of(key: &CStr) -> Option<&str> {
    let bytes = key.to_bytes();
    std::str::from_utf8(&bytes[..bytes.len().min(KEY_MAX)]).ok()
}

/// The text up to a NUL, if it has one.
fn up_to_nul(text: &str) -> Option<&str> {
    text.split_once('\0').map(|(before, _)| before)
}

/// A property as a task decodes it (PR-5). None if it cannot.
fn decoded(value: &Value) -> Option<Value> {
    let leaf = |value: &Value| match value.as_number() {
        Some(number) if number.bits() < 32 => Some(Number::from(number.as_u64()? as u32).into()),
        Some(_) => None,
        None => value.as_str().and_then(up_to_nul).map(Value::from),
    };
    (value.nesting() <= DECODED_NESTING).then(|| value.replace(leaf, up_to_nul))
}

/// What a task gives to be set, as the kernel decodes it (PR-7, PR-8).
fn encoded(value: &Value) -> Result<Value, IoReturn> {
    match value.unfit() {
        Some(Unfit::Size(_)) => Err(IoReturn::MESSAGE_TOO_LARGE),
        Some(Unfit::Nesting(_) | Unfit::String { .. }) => Err(IoReturn::BAD_ARGUMENT),
        None => Ok(value.replace(|value| value.as_str().and_then(up_to_nul).map(Value::from), up_to_nul)),
    }
}

/// The bytes of a property (PR-9); none of what has no bytes.
fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    if let Some(bytes) = value.as_data() {
        return Some(bytes.to_vec());
    }
    if let Some(boolean) = value.as_bool() {
        return Some(if boolean { b"Yes\0".to_vec() } else { b"No\0".to_vec() });
    }
    if let Some(number) = value.as_number() {
        return Some(number.kernel_value().to_le_bytes()[..number.bits() as usize / 8].to_vec());
    }
    // An object that is no property list is told by its text alone (PR-6).
    let text = value.as_str().filter(|text| !text.ends_with(" is not serializable"))?;
    let text = up_to_nul(text).unwrap_or(text);
    Some([text.as_bytes(), &[0]].concat())
}

impl State {
    /// All properties as tasks see them (PR-1).
    fn all_properties(&self, object: ObjectKey) -> Option<Dictionary> {
        let mut all = self.entry(object)?.properties.clone();
        if all.get(USER_SERVICE_PROPERTIES).is_some_and(|value| value.as_dictionary().is_some())
            && let Some(merged) = all.remove(USER_SERVICE_PROPERTIES)
        {
            let merged = merged.as_dictionary().into_iter().flat_map(Dictionary::iter);
            merged.for_each(|(key, value)| drop(all.insert(key, value.clone())));
        }
        Some(all)
    }

    fn is_locked_elsewhere(&self, entry: ObjectKey) -> bool {
        self.property_locks.iter().any(|lock| lock.entry == entry && lock.is_elsewhere())
    }

    /// Whether a task may set these (PR-10).
    fn may_set(&self, object: ObjectKey, properties: &Value) -> Result<(), IoReturn> {
        let allowed = self.entry(object).and_then(|entry| entry.properties.get(ALLOWABLE));
        let Some(allowed) = allowed else { return Ok(()) };
        let (Some(allowed), Some(properties)) = (allowed.as_array(), properties.as_dictionary()) else {
            return Err(IoReturn::NOT_PERMITTED);
        };
        let is_allowed = |key: &str| allowed.iter().any(|allowed| allowed.as_str() == Some(key));
        if properties.keys().all(is_allowed) { Ok(()) } else { Err(IoReturn::BAD_ARGUMENT) }
    }
}

impl Task {
    /// An entry whose properties are to be read: whoever has its property lock is waited for.
    fn send_to_properties(&self, entry: PortName) -> Result<(Locked<'_>, ObjectKey), IoReturn> {
        loop {
            let (kernel, object) = self.send_to_entry(entry)?;
            if !kernel.is_locked_elsewhere(object) {
                return Ok((kernel, object));
            }
            drop(kernel.wait());
        }
    }

    /// `is_io_registry_entry_get_properties_bin_buf`.
    pub(in crate::sim) fn copy_properties(&self, entry: PortName) -> Result<Value, IoReturn> {
        let (kernel, object) = self.send_to_properties(entry)?;
        let all = kernel.all_properties(object);
        drop(kernel);
        decoded(&all.unwrap_or_default().into()).ok_or(IoReturn::INTERNAL_ERROR)
    }

    /// `is_io_registry_entry_get_property_bin_buf`: with options, of the first entry that an iteration comes upon (PR-3). The code
    /// is lost in the library.
    pub(in crate::sim) fn copy_property(
        &self,
        entry: PortName,
        plane: &str,
        key: &CStr,
        options: u32,
    ) -> Result<Value, IoReturn> {
        let (mut kernel, object) = self.send_to_properties(entry)?;
        let key = key_of(key).ok_or(IoReturn::NOT_FOUND)?;
        if key == KEYS {
            let properties = kernel.entry(object).map(|entry| entry.properties.clone());
            return Ok(Value::array(properties.unwrap_or_default().keys()));
        }
        let mut found = kernel.property(object, key).cloned();
        if found.is_none()
            && options & RECURSIVELY != 0
            && let Some(plane) = kernel.plane(plane)
        {
            let mut iterator = kernel.iterate(object, plane, options);
            while found.is_none()
                && let Some(next) = kernel.next_entry(&mut iterator)
            {
                while kernel.is_locked_elsewhere(next) {
                    kernel = kernel.wait();
                }
                found = kernel.property(next, key).cloned();
            }
            kernel.end_iteration(iterator);
        }
        drop(kernel);
        found.as_ref().and_then(decoded).ok_or(IoReturn::NOT_FOUND)
    }

    /// `is_io_registry_entry_get_property_bytes` (PR-9).
    pub(in crate::sim) fn property_bytes(
        &self,
        entry: PortName,
        key: &CStr,
        buffer: &mut [u8],
        size: &mut u32,
    ) -> Result<(), IoReturn> {
        let (kernel, object) = self.send_to_properties(entry)?;
        let capacity = buffer.len().min(RAW_MAX);
        let property =
            key_of(key).and_then(|key| kernel.property(object, key)).ok_or(IoReturn::NO_RESOURCES)?;
        let bytes = bytes_of(property).ok_or(IoReturn::BAD_ARGUMENT)?;
        drop(kernel);
        if bytes.is_empty() {
            // The size stays what it was, and the buffer of the reply with it (PR-9a).
            buffer[..capacity].fill(0);
            *size = capacity as u32;
            return Ok(());
        }
        if bytes.len() > capacity {
            return Err(IoReturn::IPC_ERROR);
        }
        buffer[..bytes.len()].copy_from_slice(&bytes);
        *size = bytes.len() as u32;
        Ok(())
    }

    /// `is_io_registry_entry_set_properties` (PR-10).
    pub(in crate::sim) fn set_properties(&self, entry: PortName, properties: &Value) -> Result<(), IoReturn> {
        let (kernel, object) = self.send_to_entry(entry)?;
        let properties = encoded(properties)?;
        match kernel.client_of(object) {
            Some(client) => self.set_of_client(kernel, client, &properties),
            None => self.set_of_entry(kernel, object, &properties),
        }
    }

    /// `is_io_connect_set_properties`: the same, of the user client (OC-19).
    pub(in crate::sim) fn set_client_properties(
        &self,
        connect: PortName,
        properties: &Value,
    ) -> Result<(), IoReturn> {
        let kernel = self.send(connect)?;
        let client = Arc::clone(kernel.connection(self.key, connect)?);
        let properties = encoded(properties)?;
        self.set_of_client(kernel, client, &properties)
    }

    fn set_of_client(
        &self,
        kernel: Locked<'_>,
        client: Arc<Client>,
        properties: &Value,
    ) -> Result<(), IoReturn> {
        let allowed = kernel.may_set(client.object, properties);
        drop(kernel);
        let set = || self.in_driver(|| client.user_client.set_properties(&self.caller, properties));
        let result = allowed.and_then(|()| match client.locking().set_properties {
            true => client.exclusively(&self.shared, set),
            false => set(),
        });
        self.shared.let_go(client);
        settle_pending();
        result
    }

    fn set_of_entry(
        &self,
        mut kernel: Locked<'_>,
        object: ObjectKey,
        properties: &Value,
    ) -> Result<(), IoReturn> {
        kernel.may_set(object, properties)?;
        if object == kernel.resources {
            return self.publish_resources(kernel, properties);
        }
        let entry = kernel.entry(object);
        let set = entry.and_then(|entry| entry.hooks.as_ref()?.set_properties.clone());
        let set = set.ok_or(IoReturn::UNSUPPORTED)?;
        let locks = entry.and_then(|entry| entry.properties.get(DEFAULT_LOCKING)?.as_bool()) == Some(true);
        kernel.retain(object);
        if locks {
            while kernel.is_locked_elsewhere(object) {
                kernel = kernel.wait();
            }
            kernel.property_locks.push(PropertyLock::here(object));
        }
        drop(kernel);
        let result = self.in_driver(|| set(&self.caller, properties));
        let mut kernel = self.shared.lock();
        if locks {
            // One: a driver that sets properties of its own service has the lock twice.
            if let Some(own) = kernel.property_locks.iter().rposition(|lock| lock.entry == object) {
                kernel.property_locks.remove(own);
            }
            self.shared.notify();
        }
        kernel.release(object);
        // It may be the last to have the driver's closure.
        kernel.garbage.push(Box::new(set));
        drop(kernel);
        settle_pending();
        result
    }

    /// `IOResources::setProperties` (PR-11).
    fn publish_resources(&self, mut kernel: Locked<'_>, properties: &Value) -> Result<(), IoReturn> {
        if !self.caller.has_entitlement(PUBLISH_RESOURCES) {
            self.caller.require(Privilege::Administrator)?;
        }
        let properties = properties.as_dictionary().ok_or(IoReturn::BAD_ARGUMENT)?;
        let resources = kernel.resources;
        if let Some(entry) = kernel.entry_mut(resources) {
            properties.iter().for_each(|(key, value)| drop(entry.properties.insert(key, value.clone())));
        }
        let id = kernel.id_of(resources);
        drop(kernel);
        self.shared.match_now(id);
        Ok(())
    }

    /// Runs `setProperties`.
    fn in_driver(&self, set: impl FnOnce() -> Result<()>) -> Result<(), IoReturn> {
        self.driver_is_called();
        self.shared.run_driver("setProperties", set).result()
    }
}
