//! IOKitLib over the simulated kernel.

use super::keys::ObjectKey;
use super::names::{Full, Names, Released, Right, is_no_room};
use super::place::PlaneKey;
use super::queue::Queue;
use super::registry::{LONG_PATH, PATH};
use super::report::Misuse;
use super::shared::Locked;
use super::state::{Body, Port, PortKind, State};
use super::task::Task;
use super::task::external::Asynchronous;
use super::task::message::{Disposition, Message};
use crate::backend::{
    Backend, DEAD, MAIN_PORT_DEFAULT, MachTimespec, NULL, NotificationPortRef, PortName, PortRight,
    ScalarOutput, StructureOutput, VM_PROT_READ, VM_PROT_WRITE,
};
use crate::error::IoReturn;
use crate::value::Value;
use std::ffi::{CStr, CString};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// The longest `io_name_t` in bytes, without its NUL (CN-1).
const NAME_MAX: usize = 127;

/// The longest `io_string_t` in bytes, without its NUL (CN-1).
const STRING_MAX: usize = 511;

/// `io_string_inband_t` (CN-1).
const INBAND_SIZE: usize = 4096;

/// The most that is taken out of line (REG-14).
const OUT_OF_LINE_MAX: usize = 4096 * 1024;

/// A string as it arrives in an `io_name_t` field: cut without a word (P-8).
fn io_name(text: &CStr) -> String {
    let bytes = text.to_bytes();
    String::from_utf8_lossy(&bytes[..bytes.len().min(NAME_MAX)]).into_owned()
}

fn c_name(text: &str) -> CString {
    let bytes = text.as_bytes();
    let bytes = &bytes[..bytes.len().min(NAME_MAX)];
    CString::new(bytes.split(|&byte| byte == 0).next().unwrap_or_default()).unwrap_or_default()
}

fn one_entry(key: &str, value: impl Into<Value>) -> Value {
    Value::dictionary([(key, value)])
}

fn text(text: &CStr) -> String {
    text.to_string_lossy().into_owned()
}

impl Task {
    /// Changes the user references of a name by `change`, and records a name that the task does not have: that raises
    /// a guard exception (RC-1, RC-2).
    fn change_references(
        &self,
        function: &'static str,
        name: PortName,
        change: impl FnOnce(&mut Names) -> Result<Released, IoReturn>,
    ) -> IoReturn {
        let mut kernel = self.shared.lock();
        if !kernel.task(self.key).alive {
            return IoReturn::MACH_SEND_INVALID_DEST;
        }
        match change(kernel.names(self.key)) {
            Ok(released) => {
                kernel.released(released);
                self.shared.notify();
                IoReturn::SUCCESS
            }
            Err(code) => {
                if code == IoReturn::KERN_INVALID_NAME && name != NULL && name != DEAD {
                    let task = kernel.task(self.key).caller.name.clone();
                    kernel.misuses.push(Misuse::InvalidName { task, function, name });
                }
                code
            }
        }
    }

    /// An iterator over a copy of what there is around an entry; [`NULL`] for an unknown plane (REG-16, REG-24).
    fn list(
        &self,
        entry: PortName,
        plane: &CStr,
        items: fn(&State, ObjectKey, PlaneKey) -> Vec<ObjectKey>,
    ) -> Result<PortName, IoReturn> {
        let (mut kernel, entry) = self.send_to_entry(entry)?;
        let Some(plane) = kernel.plane(&io_name(plane)) else { return Ok(NULL) };
        let items = items(&kernel, entry, plane);
        let iterator = kernel.make_iterator(items);
        self.hand_over(kernel, iterator)
    }

    /// The first of what there is around an entry (REG-24, REG-26).
    fn first(
        &self,
        entry: PortName,
        plane: &CStr,
        first: fn(&State, ObjectKey, PlaneKey) -> Option<ObjectKey>,
    ) -> Result<PortName, IoReturn> {
        let (mut kernel, entry) = self.send_to_entry(entry)?;
        let plane = kernel.plane(&io_name(plane));
        let found = plane.and_then(|plane| first(&kernel, entry, plane)).ok_or(IoReturn::NO_DEVICE)?;
        kernel.vend(self.key, found)
    }

    /// A live iterator (REG-17).
    fn iterate(
        &self,
        mut kernel: Locked<'_>,
        start: ObjectKey,
        plane: &CStr,
        options: u32,
    ) -> Result<PortName, IoReturn> {
        let plane = kernel.plane(&io_name(plane)).ok_or(IoReturn::BAD_ARGUMENT)?;
        let iterator = kernel.make_registry_iterator(start, plane, options);
        self.hand_over(kernel, iterator)
    }

    /// Gives an object to this task alone.
    fn hand_over(&self, mut kernel: Locked<'_>, object: ObjectKey) -> Result<PortName, IoReturn> {
        let name = kernel.vend(self.key, object);
        kernel.release(object);
        name
    }

    fn find_path(&self, main_port: PortName, path: &[u8]) -> PortName {
        let Ok(mut kernel) = self.send_to_main(main_port) else { return NULL };
        let entry = kernel.entry_at_path(path);
        entry.and_then(|entry| kernel.vend(self.key, entry).ok()).unwrap_or(NULL)
    }

    fn path(&self, entry: PortName, plane: &CStr, max: usize) -> Result<Vec<u8>, IoReturn> {
        let (kernel, entry) = self.send_to_entry(entry)?;
        let plane = kernel.plane(&io_name(plane)).ok_or(IoReturn::BAD_ARGUMENT)?;
        kernel.path_of(entry, plane, max).ok_or(IoReturn::BAD_ARGUMENT)
    }

    fn is_class(&self, object: PortName, class: &CStr) -> Result<bool, IoReturn> {
        let (kernel, object) = self.send_to_object(object)?;
        // The library compares the other name itself, and does not cut what it is asked for.
        let overridden = kernel.property(object, "IOClassNameOverride").and_then(Value::as_str);
        Ok(kernel.is_kind_of(object, &io_name(class)) || overridden.is_some_and(|name| name == text(class)))
    }
}

/// The code of a call whose answer has been written already.
fn code(result: Result<(), IoReturn>) -> IoReturn {
    result.err().unwrap_or(IoReturn::SUCCESS)
}

impl Backend for Task {
    // Matching (MT-20): dictionaries for the calls below. No name, no dictionary.

    fn io_service_matching(&self, class: Option<&CStr>) -> Option<Value> {
        Some(one_entry("IOProviderClass", text(class?)))
    }

    fn io_service_name_matching(&self, name: Option<&CStr>) -> Option<Value> {
        Some(one_entry("IONameMatch", text(name?)))
    }

    fn io_bsd_name_matching(&self, _: PortName, _: u32, name: Option<&CStr>) -> Option<Value> {
        Some(one_entry("BSD Name", text(name?)))
    }

    fn io_open_firmware_path_matching(&self, _: PortName, _: u32, path: Option<&CStr>) -> Option<Value> {
        const STRING_SIZE: usize = 512;
        let path = format!("IODeviceTree:{}", text(path?));
        (path.len() < STRING_SIZE).then(|| one_entry("IOPathMatch", path))
    }

    fn io_registry_entry_id_matching(&self, entry_id: u64) -> Option<Value> {
        Some(one_entry("IORegistryEntryID", entry_id as i64))
    }

    // Discovery.

    fn io_service_get_matching_service(&self, main_port: PortName, matching: Option<&Value>) -> PortName {
        self.first_matching(main_port, matching).unwrap_or(NULL)
    }

    fn io_service_get_matching_services(
        &self,
        main_port: PortName,
        matching: Option<&Value>,
        existing: &mut PortName,
    ) -> IoReturn {
        code(self.all_matching(main_port, matching).map(|iterator| *existing = iterator))
    }

    fn io_service_match_property_table(
        &self,
        service: PortName,
        matching: Option<&Value>,
        matches: &mut bool,
    ) -> IoReturn {
        code(self.match_property_table(service, matching).map(|answer| *matches = answer))
    }

    fn io_iterator_next(&self, iterator: PortName) -> PortName {
        let Ok((mut kernel, iterator)) = self.send_to_object(iterator) else { return NULL };
        let item = match &mut kernel.objects[iterator].body {
            Body::Subscriber(_) => return kernel.vend_arrived(self.key, iterator),
            Body::Iterator { items, next } => items.get(*next).copied().inspect(|_| *next += 1),
            _ => kernel.with_registry_iterator(iterator, State::next_entry).ok().flatten(),
        };
        item.and_then(|item| kernel.vend(self.key, item).ok()).unwrap_or(NULL)
    }

    fn io_iterator_reset(&self, iterator: PortName) {
        let Ok((mut kernel, iterator)) = self.send_to_object(iterator) else { return };
        if let Body::Iterator { next, .. } = &mut kernel.objects[iterator].body {
            *next = 0;
        } else {
            // A notification stays as it is (REG-27).
            let _ = kernel.with_registry_iterator(iterator, State::restart);
        }
    }

    fn io_iterator_is_valid(&self, iterator: PortName) -> bool {
        // A notification is an iterator that is always valid, and gives nothing (REG-27, NT-13).
        self.send_to_object(iterator).is_ok_and(|(kernel, iterator)| match &kernel.objects[iterator].body {
            Body::Iterator { .. } | Body::Subscriber(_) | Body::Interest(_) => true,
            Body::Registry(iterator) => kernel.is_valid(iterator),
            Body::Entry(_) | Body::Map(_) => false,
        })
    }

    // Objects (RC-1 … RC-9).

    fn io_object_retain(&self, object: PortName) -> IoReturn {
        self.change_references("IOObjectRetain", object, |names| match names.change_sends(object, 1) {
            Err(IoReturn::KERN_INVALID_RIGHT) => names.change_dead(object, 1).map(|()| Released::Reference),
            result => result,
        })
    }

    unsafe fn io_object_release(&self, object: PortName) -> IoReturn {
        self.change_references("IOObjectRelease", object, |names| names.deallocate(object))
    }

    fn io_object_get_kernel_retain_count(&self, object: PortName) -> u32 {
        // The call has a reference of its own while it looks.
        self.send_to_object(object)
            .map_or(0, |(kernel, object)| (kernel.objects[object].retains + 1).min(0xffff))
    }

    fn io_object_get_retain_count(&self, object: PortName) -> u32 {
        self.io_object_get_kernel_retain_count(object)
    }

    fn io_object_get_user_retain_count(&self, object: PortName) -> u32 {
        let mut references = 0;
        self.mach_port_get_refs(object, PortRight::Send, &mut references);
        references
    }

    fn io_object_get_class(&self, object: PortName, class: &mut CString) -> IoReturn {
        code(self.send_to_object(object).map(|(kernel, object)| {
            let overridden = kernel.property(object, "IOClassNameOverride").and_then(Value::as_str);
            // One that does not fit is as good as none.
            let overridden = overridden.filter(|name| name.len() <= NAME_MAX);
            *class = c_name(overridden.unwrap_or_else(|| kernel.classes.name(kernel.objects[object].class)));
        }))
    }

    fn io_object_copy_class(&self, object: PortName) -> Option<CString> {
        let mut class = CString::default();
        self.io_object_get_class(object, &mut class).is_success().then_some(class)
    }

    fn io_object_copy_superclass_for_class(&self, class: Option<&CStr>) -> Option<CString> {
        let kernel = self.send_to_main(NULL).ok()?;
        let class = kernel.classes.find(&io_name(class?))?;
        Some(c_name(kernel.classes.name(kernel.classes.superclass(class)?)))
    }

    fn io_object_copy_bundle_identifier_for_class(&self, class: Option<&CStr>) -> Option<CString> {
        let kernel = self.send_to_main(NULL).ok()?;
        let class = kernel.classes.find(&io_name(class?))?;
        Some(c_name(kernel.classes.bundle(class)))
    }

    fn io_object_conforms_to(&self, object: PortName, class: &CStr) -> bool {
        self.is_class(object, class).unwrap_or(false)
    }

    fn io_object_is_equal_to(&self, object: PortName, other: PortName) -> bool {
        object == other
    }

    // Registry (REG-1 … REG-27).

    fn io_registry_get_root_entry(&self, main_port: PortName) -> PortName {
        self.send_to_main(main_port).map_or(NULL, |mut kernel| {
            let root = kernel.root;
            kernel.vend(self.key, root).unwrap_or(NULL)
        })
    }

    fn io_registry_entry_get_name(&self, entry: PortName, name: &mut CString) -> IoReturn {
        code(self.send_to_entry(entry).map(|(kernel, entry)| *name = c_name(kernel.name_of(entry))))
    }

    fn io_registry_entry_get_registry_entry_id(&self, entry: PortName, entry_id: &mut u64) -> IoReturn {
        code(self.send_to_entry(entry).map(|(kernel, entry)| *entry_id = kernel.id_of(entry).0))
    }

    fn io_registry_entry_get_child_iterator(
        &self,
        entry: PortName,
        plane: &CStr,
        iterator: &mut PortName,
    ) -> IoReturn {
        let listed = self.list(entry, plane, |kernel, entry, plane| kernel.children(entry, plane).collect());
        code(listed.map(|name| *iterator = name))
    }

    fn io_registry_entry_get_parent_entry(
        &self,
        entry: PortName,
        plane: &CStr,
        parent: &mut PortName,
    ) -> IoReturn {
        let first = self.first(entry, plane, State::parent);
        code(first.map(|name| *parent = name))
    }

    fn io_registry_create_iterator(
        &self,
        main_port: PortName,
        plane: &CStr,
        options: u32,
        iterator: &mut PortName,
    ) -> IoReturn {
        code(self.send_to_main(main_port).and_then(|kernel| {
            let root = kernel.root;
            *iterator = self.iterate(kernel, root, plane, options)?;
            Ok(())
        }))
    }

    fn io_registry_entry_create_iterator(
        &self,
        entry: PortName,
        plane: &CStr,
        options: u32,
        iterator: &mut PortName,
    ) -> IoReturn {
        code(self.send_to_entry(entry).and_then(|(kernel, entry)| {
            *iterator = self.iterate(kernel, entry, plane, options)?;
            Ok(())
        }))
    }

    fn io_registry_iterator_enter_entry(&self, iterator: PortName) -> IoReturn {
        code(
            self.send_to_object(iterator).and_then(|(mut kernel, iterator)| {
                kernel.with_registry_iterator(iterator, State::enter_entry)
            }),
        )
    }

    fn io_registry_iterator_exit_entry(&self, iterator: PortName) -> IoReturn {
        code(self.send_to_object(iterator).and_then(|(mut kernel, iterator)| {
            let left = kernel.with_registry_iterator(iterator, State::exit_entry)?;
            left.then_some(()).ok_or(IoReturn::NO_DEVICE)
        }))
    }

    fn io_registry_entry_from_path(&self, main_port: PortName, path: &CStr) -> PortName {
        let path = path.to_bytes();
        self.find_path(main_port, &path[..path.len().min(STRING_MAX)])
    }

    fn io_registry_entry_copy_from_path(&self, main_port: PortName, path: &str) -> PortName {
        let mut path = path.as_bytes();
        if path.len() == INBAND_SIZE {
            // The last byte has to make room for a NUL (REG-14).
            path = &path[..INBAND_SIZE - 1];
        }
        if path.len() > OUT_OF_LINE_MAX { NULL } else { self.find_path(main_port, path) }
    }

    fn io_registry_entry_get_name_in_plane(
        &self,
        entry: PortName,
        plane: &CStr,
        name: &mut CString,
    ) -> IoReturn {
        code(self.send_to_entry(entry).map(|(kernel, entry)| {
            let plane = kernel.plane(&io_name(plane));
            *name = c_name(kernel.name_in(entry, plane));
        }))
    }

    fn io_registry_entry_get_location_in_plane(
        &self,
        entry: PortName,
        plane: &CStr,
        location: &mut CString,
    ) -> IoReturn {
        code(self.send_to_entry(entry).and_then(|(kernel, entry)| {
            let plane = kernel.plane(&io_name(plane));
            *location = c_name(kernel.location_in(entry, plane).ok_or(IoReturn::NOT_FOUND)?);
            Ok(())
        }))
    }

    fn io_registry_entry_get_path(&self, entry: PortName, plane: &CStr, path: &mut CString) -> IoReturn {
        code(self.path(entry, plane, PATH).map(|found| *path = CString::new(found).unwrap_or_default()))
    }

    fn io_registry_entry_copy_path(&self, entry: PortName, plane: &CStr) -> Option<String> {
        let path = self.path(entry, plane, LONG_PATH).ok()?;
        Some(String::from_utf8_lossy(&path).into_owned())
    }

    fn io_registry_entry_in_plane(&self, entry: PortName, plane: &CStr) -> bool {
        self.send_to_entry(entry).is_ok_and(|(kernel, entry)| {
            let plane = kernel.plane(&io_name(plane));
            kernel.is_in_plane(entry, plane)
        })
    }

    fn io_registry_entry_get_child_entry(
        &self,
        entry: PortName,
        plane: &CStr,
        child: &mut PortName,
    ) -> IoReturn {
        let first = self.first(entry, plane, |kernel, entry, plane| kernel.children(entry, plane).next());
        code(first.map(|name| *child = name))
    }

    fn io_registry_entry_get_parent_iterator(
        &self,
        entry: PortName,
        plane: &CStr,
        iterator: &mut PortName,
    ) -> IoReturn {
        let listed = self.list(entry, plane, |kernel, entry, plane| kernel.parents(entry, plane).collect());
        code(listed.map(|name| *iterator = name))
    }

    // Properties (PR-1 … PR-13).

    fn io_registry_entry_create_cf_property(&self, entry: PortName, key: &CStr) -> Option<Value> {
        self.copy_property(entry, "", key, 0).ok()
    }

    fn io_registry_entry_create_cf_properties(
        &self,
        entry: PortName,
        properties: &mut Option<Value>,
    ) -> IoReturn {
        *properties = None;
        code(self.copy_properties(entry).map(|copied| *properties = Some(copied)))
    }

    fn io_registry_entry_search_cf_property(
        &self,
        entry: PortName,
        plane: &CStr,
        key: &CStr,
        options: u32,
    ) -> Option<Value> {
        self.copy_property(entry, &io_name(plane), key, options).ok()
    }

    fn io_registry_entry_get_property(
        &self,
        entry: PortName,
        key: &CStr,
        bytes: &mut [u8],
        size: &mut u32,
    ) -> IoReturn {
        code(self.property_bytes(entry, key, bytes, size))
    }

    fn io_registry_entry_set_cf_properties(&self, entry: PortName, properties: &Value) -> IoReturn {
        code(self.set_properties(entry, properties))
    }

    fn io_registry_entry_set_cf_property(&self, entry: PortName, key: &CStr, value: &Value) -> IoReturn {
        code(self.set_properties(entry, &one_entry(&text(key), value.clone())))
    }

    // Busy states (BQ-1 … BQ-7).

    fn io_service_get_busy_state(&self, service: PortName, busy: &mut u32) -> IoReturn {
        self.io_service_get_busy_state_and_time(service, &mut 0, busy, &mut 0)
    }

    fn io_service_get_busy_state_and_time(
        &self,
        service: PortName,
        state: &mut u64,
        busy: &mut u32,
        accumulated: &mut u64,
    ) -> IoReturn {
        let asked = self.busy_state(service);
        (*state, *busy, *accumulated) = asked.unwrap_or_default();
        code(asked.map(drop))
    }

    fn io_service_wait_quiet(&self, service: PortName, timeout: Option<MachTimespec>) -> IoReturn {
        self.wait_quiet(service, timeout)
    }

    fn io_kit_get_busy_state(&self, main_port: PortName, busy: &mut u32) -> IoReturn {
        let asked = self.busy_state_of_all(main_port);
        *busy = asked.unwrap_or(0);
        code(asked.map(drop))
    }

    fn io_kit_wait_quiet(&self, main_port: PortName, timeout: Option<MachTimespec>) -> IoReturn {
        self.wait_quiet_of_all(main_port, timeout)
    }

    // Opening and closing (OC-1 … OC-17, OC-20).

    fn io_service_open(
        &self,
        service: PortName,
        owning_task: PortName,
        connection_type: u32,
        connect: &mut PortName,
    ) -> IoReturn {
        code(self.open(service, owning_task, connection_type, connect))
    }

    unsafe fn io_service_close(&self, connect: PortName) -> IoReturn {
        let client = self.send(connect).and_then(|kernel| match kernel.connection(self.key, connect) {
            Ok(client) => Ok(Some(Arc::clone(client))),
            // One that is gone but for its mappings is closed already (OC-10).
            Err(_) if kernel.has_mappings(self.key, connect) => Ok(None),
            Err(code) => Err(code),
        });
        let closed = client.map(|client| {
            if let Some(client) = client {
                self.shared.close_client(&client);
                self.shared.let_go(client);
            }
        });
        // The reference goes whatever the kernel said (OC-9).
        self.change_references("IOServiceClose", connect, |names| names.deallocate(connect));
        code(closed)
    }

    fn io_service_request_probe(&self, service: PortName, options: u32) -> IoReturn {
        self.request_probe(service, options)
    }

    fn io_connect_add_ref(&self, connect: PortName) -> IoReturn {
        self.change_references("IOConnectAddRef", connect, |names| names.change_sends(connect, 1))
    }

    unsafe fn io_connect_release(&self, connect: PortName) -> IoReturn {
        self.change_references("IOConnectRelease", connect, |names| names.change_sends(connect, -1))
    }

    fn io_connect_get_service(&self, connect: PortName, service: &mut PortName) -> IoReturn {
        code(self.get_service(connect).map(|name| *service = name))
    }

    fn io_connect_add_client(&self, connect: PortName, client: PortName) -> IoReturn {
        code(self.add_client(connect, client))
    }

    fn io_connect_set_cf_properties(&self, connect: PortName, properties: &Value) -> IoReturn {
        code(self.set_client_properties(connect, properties))
    }

    fn io_connect_set_cf_property(&self, connect: PortName, key: &CStr, value: &Value) -> IoReturn {
        code(self.set_client_properties(connect, &one_entry(&text(key), value.clone())))
    }

    // External methods (EM-1 … EM-32).

    fn io_connect_call_method(
        &self,
        connect: PortName,
        selector: u32,
        input: &[u64],
        input_structure: &[u8],
        output: Option<ScalarOutput<'_>>,
        output_structure: Option<StructureOutput<'_>>,
    ) -> IoReturn {
        self.call_method::<false>(connect, selector, None, input, input_structure, output, output_structure)
    }

    unsafe fn io_connect_call_async_method(
        &self,
        connect: PortName,
        selector: u32,
        wake_port: PortName,
        reference: Option<&[u64]>,
        input: &[u64],
        input_structure: &[u8],
        output: Option<ScalarOutput<'_>>,
        output_structure: Option<StructureOutput<'_>>,
    ) -> IoReturn {
        let asynchronous = Some(Asynchronous { wake_port, reference });
        self.call_method::<false>(
            connect,
            selector,
            asynchronous,
            input,
            input_structure,
            output,
            output_structure,
        )
    }

    unsafe fn io_connect_trap(&self, connect: PortName, index: u32, parameters: [usize; 6]) -> IoReturn {
        self.trap(connect, index, parameters)
    }

    fn io_connect_map_memory64(
        &self,
        connect: PortName,
        memory_type: u32,
        into_task: PortName,
        address: &mut *mut u8,
        size: &mut u64,
        options: u32,
    ) -> IoReturn {
        code(self.map_memory(connect, memory_type, into_task, address, size, options))
    }

    unsafe fn io_connect_unmap_memory64(
        &self,
        connect: PortName,
        memory_type: u32,
        from_task: PortName,
        _address: *mut u8,
    ) -> IoReturn {
        code(self.unmap_memory(connect, memory_type, from_task))
    }

    fn mach_vm_region(&self, address: &mut u64, size: &mut u64, protection: &mut i32) -> IoReturn {
        let kernel = self.shared.lock();
        let region = usize::try_from(*address).ok().and_then(|address| kernel.region(self.key, address));
        let Some(region) = region else { return IoReturn::KERN_INVALID_ADDRESS };
        (*address, *size) = (region.start as u64, region.size as u64);
        *protection = if region.is_writable { VM_PROT_READ | VM_PROT_WRITE } else { VM_PROT_READ };
        IoReturn::SUCCESS
    }

    fn io_connect_set_notification_port(
        &self,
        connect: PortName,
        port_type: u32,
        port: PortName,
        reference: usize,
    ) -> IoReturn {
        self.set_notification_port(connect, port_type, port, reference as u64)
    }

    // Notifications (AS-8 … AS-15, NT-1 … NT-19).

    fn io_notification_port_create(&self, main_port: PortName) -> Option<NotificationPortRef> {
        drop(self.send_to_main(main_port).ok()?);
        let mut name = NULL;
        self.mach_port_allocate(PortRight::Receive, &mut name).result().ok()?;
        // The library's structure is nothing here but its port.
        NonZeroUsize::new(name as usize).map(NotificationPortRef)
    }

    unsafe fn io_notification_port_destroy(&self, port: NotificationPortRef) {
        // SAFETY: the port's only receive right, which came with it and goes with it.
        unsafe { self.mach_port_mod_refs(port.0.get() as PortName, PortRight::Receive, -1) };
    }

    unsafe fn io_notification_port_get_mach_port(&self, port: NotificationPortRef) -> PortName {
        port.0.get() as PortName
    }

    unsafe fn io_service_add_interest_notification(
        &self,
        port: NotificationPortRef,
        service: PortName,
        interest_type: &CStr,
        callback: usize,
        refcon: usize,
        notification: &mut PortName,
    ) -> IoReturn {
        let interest_type = io_name(interest_type);
        let (port, callback, refcon) = (port.0.get() as PortName, callback as u64, refcon as u64);
        let added = self.add_interest_notification(port, service, &interest_type, callback, refcon);
        code(added.map(|name| *notification = name))
    }

    fn io_service_add_notification(
        &self,
        main_port: PortName,
        notification_type: &CStr,
        matching: Option<&Value>,
        wake_port: PortName,
        reference: usize,
        iterator: &mut PortName,
    ) -> IoReturn {
        // The reference is the first slot of the kernel's (NT-11).
        let reference = [reference as u64, 0, 0, 0, 0, 0, 0, 0];
        let kind = io_name(notification_type);
        let added = self.add_matching_notification(main_port, &kind, matching, wake_port, reference);
        code(added.map(|name| *iterator = name))
    }

    unsafe fn io_service_add_matching_notification(
        &self,
        port: NotificationPortRef,
        notification_type: &CStr,
        matching: Option<&Value>,
        callback: usize,
        refcon: usize,
        iterator: &mut PortName,
    ) -> IoReturn {
        let reference = [0, callback as u64, refcon as u64, 0, 0, 0, 0, 0];
        let (port, kind) = (port.0.get() as PortName, io_name(notification_type));
        let added = self.add_matching_notification(MAIN_PORT_DEFAULT, &kind, matching, port, reference);
        code(added.map(|name| *iterator = name))
    }

    // Mach.

    fn mach_msg_receive(
        &self,
        port: PortName,
        message: &mut Vec<u8>,
        limit: usize,
        timeout: Option<Duration>,
    ) -> IoReturn {
        message.clear();
        let received = self.receive_message(port, limit, false, &mut 0, timeout);
        match received.map(|received| received.write(port, message)) {
            Err(code) if is_no_room(code) => IoReturn::MACH_RCV_BODY_ERROR,
            received => code(received),
        }
    }

    fn mach_msg_send_empty(&self, port: PortName, id: i32) -> IoReturn {
        let (message, at_once) = (Message { id, ..Message::default() }, Some(Duration::ZERO));
        self.send_message(port, Disposition::MakeSend, Disposition::CopySend, message, at_once)
    }

    fn mach_task_self(&self) -> PortName {
        self.shared.lock().task(self.key).self_name
    }

    fn mach_port_allocate(&self, right: PortRight, name: &mut PortName) -> IoReturn {
        if right != PortRight::Receive {
            return IoReturn::KERN_INVALID_VALUE;
        }
        let mut kernel = self.shared.lock();
        if !kernel.task(self.key).alive {
            return IoReturn::MACH_SEND_INVALID_DEST;
        }
        let port = kernel.ports.insert(Port { kind: PortKind::Queue(Queue::default()), senders: 0 });
        match kernel.names(self.key).add_receive(port) {
            Ok(added) => {
                *name = added;
                IoReturn::SUCCESS
            }
            Err(Full) => {
                kernel.destroy_port(port);
                IoReturn::KERN_NO_SPACE
            }
        }
    }

    fn mach_port_insert_right(&self, name: PortName) -> IoReturn {
        let mut kernel = self.shared.lock();
        match kernel.task(self.key).names.get(name) {
            Some(Right::Port { port, receive: true, .. }) => {
                kernel.give_send(self.key, port).err().unwrap_or(IoReturn::SUCCESS)
            }
            Some(_) => IoReturn::KERN_INVALID_RIGHT,
            None => IoReturn::KERN_INVALID_NAME,
        }
    }

    fn mach_port_get_refs(&self, name: PortName, right: PortRight, references: &mut u32) -> IoReturn {
        if name == NULL || name == DEAD {
            // A null name passes for a send right with one reference (RC-3).
            return match right {
                PortRight::Send => {
                    *references = 1;
                    IoReturn::SUCCESS
                }
                _ => IoReturn::KERN_INVALID_NAME,
            };
        }
        let kernel = self.shared.lock();
        let Some(held) = kernel.task(self.key).names.get(name) else { return IoReturn::KERN_INVALID_NAME };
        *references = match (right, held) {
            (PortRight::Send, Right::Port { sends, .. }) => sends,
            (PortRight::Receive, Right::Port { receive, .. }) => receive.into(),
            (PortRight::DeadName, Right::Dead { references }) => references,
            _ => 0,
        };
        IoReturn::SUCCESS
    }

    unsafe fn mach_port_mod_refs(&self, name: PortName, right: PortRight, delta: i32) -> IoReturn {
        self.change_references("mach_port_mod_refs", name, |names| match right {
            PortRight::Send => names.change_sends(name, delta),
            PortRight::Receive => names.change_receive(name, delta),
            PortRight::DeadName => names.change_dead(name, delta).map(|()| Released::Reference),
        })
    }

    unsafe fn mach_port_deallocate(&self, name: PortName) -> IoReturn {
        self.change_references("mach_port_deallocate", name, |names| names.deallocate(name))
    }
}
