//! This Mac's I/O Kit: [`Backend`] over IOKitLib.

mod busy;
mod message;
mod name;
mod notification;
mod output;
mod value;

pub use message::io_dispatch_callout_from_message;
pub(crate) use message::received;

use crate::backend::{
    Backend, MachTimespec, NULL, NotificationPortRef, PortName, PortRight, ScalarOutput, StructureOutput,
    VM_PROT_READ, VM_PROT_WRITE,
};
use crate::error::IoReturn;
use crate::value::Value;
use core_foundation::base::{TCFType, kCFAllocatorDefault};
use core_foundation::dictionary::CFMutableDictionaryRef;
use core_foundation::string::{CFString, CFStringRef};
use io_kit_sys::types::{IOOptionBits, io_object_t};
use io_kit_sys::*;
use mach2::boolean::boolean_t;
use mach2::kern_return::{KERN_SUCCESS, kern_return_t};
use mach2::mach_port::{
    mach_port_allocate, mach_port_deallocate, mach_port_insert_right, mach_port_mod_refs,
};
use mach2::mach_types::ipc_space_t;
use mach2::message::MACH_MSG_TYPE_MAKE_SEND;
use mach2::port::{
    MACH_PORT_NULL, MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_RIGHT_SEND,
    mach_port_name_t, mach_port_right_t,
};
use mach2::traps::mach_task_self;
use mach2::vm::mach_vm_region;
use mach2::vm_region::{VM_REGION_BASIC_INFO_64, vm_region_basic_info_64};
use std::ffi::{CStr, CString};
use std::num::NonZeroUsize;
use std::ptr;
use std::time::Duration;

/// The kernel that this process runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Host;

unsafe extern "C" {
    // In libSystem, and in no binding that this crate uses.
    fn mach_port_get_refs(
        task: ipc_space_t,
        name: mach_port_name_t,
        right: mach_port_right_t,
        references: *mut u32,
    ) -> kern_return_t;
}

// The bindings' types are what this module takes them for (CN-1).
const _: fn(io_object_t) -> PortName = |name| name;
const _: fn(mach_port_name_t) -> PortName = |name| name;
const _: fn(IOOptionBits) -> u32 = |options| options;
const _: fn(kern_return_t) -> i32 = |code| code;
const _: () = assert!(size_of::<usize>() == 8);

/// The most `u64` that the reference of an asynchronous call can have (EM-1).
const REFERENCE_MAX: usize = 8;

impl Backend for Host {
    // Matching (MT-20): dictionaries for the calls below. No name, no dictionary.

    fn io_service_matching(&self, class: Option<&CStr>) -> Option<Value> {
        // SAFETY: a C string, which is copied. No name takes no call: there is no dictionary for it (MT-20).
        matching(unsafe { IOServiceMatching(class?.as_ptr()) })
    }

    fn io_service_name_matching(&self, name: Option<&CStr>) -> Option<Value> {
        // SAFETY: as for `IOServiceMatching`.
        matching(unsafe { IOServiceNameMatching(name?.as_ptr()) })
    }

    fn io_bsd_name_matching(&self, main_port: PortName, options: u32, name: Option<&CStr>) -> Option<Value> {
        // SAFETY: as for `IOServiceMatching`.
        matching(unsafe { IOBSDNameMatching(main_port, options, name?.as_ptr()) })
    }

    fn io_open_firmware_path_matching(
        &self,
        main_port: PortName,
        options: u32,
        path: Option<&CStr>,
    ) -> Option<Value> {
        // SAFETY: as for `IOServiceMatching`. A path too long for the function's buffer is refused (MT-20).
        matching(unsafe { IOOpenFirmwarePathMatching(main_port, options, path?.as_ptr()) })
    }

    fn io_registry_entry_id_matching(&self, entry_id: u64) -> Option<Value> {
        // SAFETY: takes a number.
        matching(unsafe { IORegistryEntryIDMatching(entry_id) })
    }

    // Discovery.

    fn io_service_get_matching_service(&self, main_port: PortName, matching: Option<&Value>) -> PortName {
        let Some(matching) = matching.and_then(value::dictionary) else { return NULL };
        // SAFETY: a dictionary with a reference that the function consumes, whatever it returns (MT-4).
        unsafe { IOServiceGetMatchingService(main_port, matching) }
    }

    fn io_service_get_matching_services(
        &self,
        main_port: PortName,
        matching: Option<&Value>,
        existing: &mut PortName,
    ) -> IoReturn {
        // What the library says to null, and the kernel to what is no dictionary or nests too deep (MT-4, PR-8).
        let Some(matching) = matching.and_then(value::dictionary) else { return IoReturn::BAD_ARGUMENT };
        // SAFETY: as for `IOServiceGetMatchingService`; it writes to `existing` only.
        code(unsafe { IOServiceGetMatchingServices(main_port, matching, existing) })
    }

    fn io_service_match_property_table(
        &self,
        service: PortName,
        matching: Option<&Value>,
        matches: &mut bool,
    ) -> IoReturn {
        let Some(matching) = matching.and_then(value::object) else { return IoReturn::BAD_ARGUMENT };
        let mut matched = boolean_t::default();
        // SAFETY: takes any name (MT-19), and an object that stays ours, and writes to `matched` only.
        let code = code(unsafe {
            IOServiceMatchPropertyTable(service, matching.as_CFTypeRef().cast(), &mut matched)
        });
        if code.is_success() {
            *matches = matched != 0;
        }
        code
    }

    fn io_iterator_next(&self, iterator: PortName) -> PortName {
        // SAFETY: takes any name (P-5, P-6).
        unsafe { IOIteratorNext(iterator) }
    }

    fn io_iterator_reset(&self, iterator: PortName) {
        // SAFETY: takes any name (P-5, P-6).
        unsafe { IOIteratorReset(iterator) }
    }

    fn io_iterator_is_valid(&self, iterator: PortName) -> bool {
        // SAFETY: takes any name (P-5, P-6).
        unsafe { IOIteratorIsValid(iterator) != 0 }
    }

    // Objects (RC-1 … RC-9).

    fn io_object_retain(&self, object: PortName) -> IoReturn {
        // SAFETY: takes any name (RC-2).
        code(unsafe { IOObjectRetain(object) })
    }

    unsafe fn io_object_release(&self, object: PortName) -> IoReturn {
        // SAFETY: takes any name (RC-1), and the caller vouches for the reference.
        code(unsafe { IOObjectRelease(object) })
    }

    fn io_object_get_kernel_retain_count(&self, object: PortName) -> u32 {
        // SAFETY: takes any name (RC-3).
        unsafe { IOObjectGetKernelRetainCount(object) }
    }

    fn io_object_get_retain_count(&self, object: PortName) -> u32 {
        // SAFETY: takes any name (RC-3).
        unsafe { IOObjectGetRetainCount(object) }
    }

    fn io_object_get_user_retain_count(&self, object: PortName) -> u32 {
        // SAFETY: takes any name (RC-3).
        unsafe { IOObjectGetUserRetainCount(object) }
    }

    fn io_object_get_class(&self, object: PortName, class: &mut CString) -> IoReturn {
        name::read(class, |buffer| {
            // SAFETY: takes any name (P-5, P-6), and writes an `io_name_t` at most, for which the buffer has room.
            code(unsafe { IOObjectGetClass(object, buffer) })
        })
    }

    /// By `IOObjectGetClass`: the C function makes a string of a buffer that it leaves uninitialised if the name is no
    /// object's (RC-9).
    fn io_object_copy_class(&self, object: PortName) -> Option<CString> {
        let mut class = CString::default();
        self.io_object_get_class(object, &mut class).is_success().then_some(class)
    }

    fn io_object_copy_superclass_for_class(&self, class: Option<&CStr>) -> Option<CString> {
        let class = value::class_name(class?)?;
        // SAFETY: a string of at most 127 bytes in UTF-8, as the function's buffer takes. It stays ours.
        string(unsafe { IOObjectCopySuperclassForClass(class.as_concrete_TypeRef()) })
    }

    fn io_object_copy_bundle_identifier_for_class(&self, class: Option<&CStr>) -> Option<CString> {
        let class = value::class_name(class?)?;
        // SAFETY: as for `IOObjectCopySuperclassForClass`.
        string(unsafe { IOObjectCopyBundleIdentifierForClass(class.as_concrete_TypeRef()) })
    }

    fn io_object_conforms_to(&self, object: PortName, class: &CStr) -> bool {
        // SAFETY: takes any name (RC-8) and a C string, which is copied.
        unsafe { IOObjectConformsTo(object, class.as_ptr()) != 0 }
    }

    fn io_object_is_equal_to(&self, object: PortName, other: PortName) -> bool {
        // SAFETY: takes any names (RC-4).
        unsafe { IOObjectIsEqualTo(object, other) != 0 }
    }

    // Registry (REG-1 … REG-27).

    fn io_registry_get_root_entry(&self, main_port: PortName) -> PortName {
        // SAFETY: takes any name (P-5, P-6).
        unsafe { IORegistryGetRootEntry(main_port) }
    }

    fn io_registry_entry_get_name(&self, entry: PortName, name: &mut CString) -> IoReturn {
        name::read(name, |buffer| {
            // SAFETY: as for `IOObjectGetClass`.
            code(unsafe { IORegistryEntryGetName(entry, buffer) })
        })
    }

    fn io_registry_entry_get_registry_entry_id(&self, entry: PortName, entry_id: &mut u64) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6), and writes to `entry_id` only.
        code(unsafe { IORegistryEntryGetRegistryEntryID(entry, entry_id) })
    }

    fn io_registry_entry_get_child_iterator(
        &self,
        entry: PortName,
        plane: &CStr,
        iterator: &mut PortName,
    ) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6) and a C string, which is copied, and writes to `iterator` only.
        code(unsafe { IORegistryEntryGetChildIterator(entry, plane.as_ptr(), iterator) })
    }

    fn io_registry_entry_get_parent_entry(
        &self,
        entry: PortName,
        plane: &CStr,
        parent: &mut PortName,
    ) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6) and a C string, which is copied, and writes to `parent` only.
        code(unsafe { IORegistryEntryGetParentEntry(entry, plane.as_ptr(), parent) })
    }

    fn io_registry_create_iterator(
        &self,
        main_port: PortName,
        plane: &CStr,
        options: u32,
        iterator: &mut PortName,
    ) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6) and a C string, which is copied, and writes to `iterator` only.
        code(unsafe { IORegistryCreateIterator(main_port, plane.as_ptr(), options, iterator) })
    }

    fn io_registry_entry_create_iterator(
        &self,
        entry: PortName,
        plane: &CStr,
        options: u32,
        iterator: &mut PortName,
    ) -> IoReturn {
        // SAFETY: as for `IORegistryCreateIterator`.
        code(unsafe { IORegistryEntryCreateIterator(entry, plane.as_ptr(), options, iterator) })
    }

    fn io_registry_iterator_enter_entry(&self, iterator: PortName) -> IoReturn {
        // SAFETY: takes any name (REG-22).
        code(unsafe { IORegistryIteratorEnterEntry(iterator) })
    }

    fn io_registry_iterator_exit_entry(&self, iterator: PortName) -> IoReturn {
        // SAFETY: takes any name (REG-22).
        code(unsafe { IORegistryIteratorExitEntry(iterator) })
    }

    fn io_registry_entry_from_path(&self, main_port: PortName, path: &CStr) -> PortName {
        // SAFETY: takes any name (P-5, P-6) and a C string, which is copied, though the binding has it writable.
        unsafe { IORegistryEntryFromPath(main_port, path.as_ptr().cast_mut()) }
    }

    fn io_registry_entry_copy_from_path(&self, main_port: PortName, path: &str) -> PortName {
        let path = CFString::new(path);
        // SAFETY: takes any name (P-5, P-6) and a string that stays ours.
        unsafe { IORegistryEntryCopyFromPath(main_port, path.as_concrete_TypeRef()) }
    }

    fn io_registry_entry_get_name_in_plane(
        &self,
        entry: PortName,
        plane: &CStr,
        name: &mut CString,
    ) -> IoReturn {
        name::read(name, |buffer| {
            // SAFETY: as for `IOObjectGetClass`, and it takes a C string, which is copied.
            code(unsafe { IORegistryEntryGetNameInPlane(entry, plane.as_ptr(), buffer) })
        })
    }

    fn io_registry_entry_get_location_in_plane(
        &self,
        entry: PortName,
        plane: &CStr,
        location: &mut CString,
    ) -> IoReturn {
        name::read(location, |buffer| {
            // SAFETY: as for `IORegistryEntryGetNameInPlane`.
            code(unsafe { IORegistryEntryGetLocationInPlane(entry, plane.as_ptr(), buffer) })
        })
    }

    fn io_registry_entry_get_path(&self, entry: PortName, plane: &CStr, path: &mut CString) -> IoReturn {
        name::read_string(path, |buffer| {
            // SAFETY: takes any name (P-5, P-6) and a C string, which is copied, and writes an `io_string_t` at most, for
            // which the buffer has room.
            code(unsafe { IORegistryEntryGetPath(entry, plane.as_ptr(), buffer) })
        })
    }

    fn io_registry_entry_copy_path(&self, entry: PortName, plane: &CStr) -> Option<String> {
        // SAFETY: takes any name (P-5, P-6) and a C string, which is copied.
        text(unsafe { IORegistryEntryCopyPath(entry, plane.as_ptr()) })
    }

    fn io_registry_entry_in_plane(&self, entry: PortName, plane: &CStr) -> bool {
        // SAFETY: takes any name (REG-25) and a C string, which is copied.
        unsafe { IORegistryEntryInPlane(entry, plane.as_ptr()) != 0 }
    }

    fn io_registry_entry_get_child_entry(
        &self,
        entry: PortName,
        plane: &CStr,
        child: &mut PortName,
    ) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6) and a C string, which is copied, and writes to `child` only.
        code(unsafe { IORegistryEntryGetChildEntry(entry, plane.as_ptr(), child) })
    }

    fn io_registry_entry_get_parent_iterator(
        &self,
        entry: PortName,
        plane: &CStr,
        iterator: &mut PortName,
    ) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6) and a C string, which is copied, and writes to `iterator` only.
        code(unsafe { IORegistryEntryGetParentIterator(entry, plane.as_ptr(), iterator) })
    }

    // Properties (PR-1 … PR-13).

    fn io_registry_entry_create_cf_property(&self, entry: PortName, key: &CStr) -> Option<Value> {
        let key = value::key(key)?;
        // SAFETY: takes any name (P-5, P-6), a string that stays ours, and the default allocator, which is null.
        let property = unsafe {
            IORegistryEntryCreateCFProperty(entry, key.as_concrete_TypeRef(), kCFAllocatorDefault, 0)
        };
        // SAFETY: null, or an object of the caller's, made of objects (PR-5).
        unsafe { value::take(property) }
    }

    fn io_registry_entry_create_cf_properties(
        &self,
        entry: PortName,
        properties: &mut Option<Value>,
    ) -> IoReturn {
        let mut dictionary: CFMutableDictionaryRef = ptr::null_mut();
        // SAFETY: takes any name (P-5, P-6) and the default allocator, which is null, and writes to `dictionary` only.
        let code = code(unsafe {
            IORegistryEntryCreateCFProperties(entry, &mut dictionary, kCFAllocatorDefault, 0)
        });
        // SAFETY: null, or a dictionary of the caller's, made of objects (PR-5).
        *properties = unsafe { value::take(dictionary.cast_const().cast()) };
        // What does not decode is an error there, and so it is here (PR-1).
        if code.is_success() && properties.is_none() { IoReturn::INTERNAL_ERROR } else { code }
    }

    fn io_registry_entry_search_cf_property(
        &self,
        entry: PortName,
        plane: &CStr,
        key: &CStr,
        options: u32,
    ) -> Option<Value> {
        let key = value::key(key)?;
        // SAFETY: takes any name (P-5, P-6), a C string, which is copied, a string that stays ours, and the default
        // allocator, which is null.
        let property = unsafe {
            IORegistryEntrySearchCFProperty(
                entry,
                plane.as_ptr(),
                key.as_concrete_TypeRef(),
                kCFAllocatorDefault,
                options,
            )
        };
        // SAFETY: null, or an object of the caller's, made of objects (PR-5).
        unsafe { value::take(property) }
    }

    fn io_registry_entry_get_property(
        &self,
        entry: PortName,
        key: &CStr,
        bytes: &mut [u8],
        size: &mut u32,
    ) -> IoReturn {
        let mut length = output::count(bytes.len());
        // SAFETY: takes any name (P-5, P-6) and a C string, which is copied, though the binding has it writable. Writes
        // as many bytes as `length` says at most (PR-9), for which there is room, and to `length`.
        #[expect(deprecated, reason = "what io-kit-sys recommends in its place does not give bytes")]
        let code = code(unsafe {
            IORegistryEntryGetProperty(entry, key.as_ptr().cast_mut(), bytes.as_mut_ptr().cast(), &mut length)
        });
        if code.is_success() {
            *size = length;
        }
        code
    }

    fn io_registry_entry_set_cf_properties(&self, entry: PortName, properties: &Value) -> IoReturn {
        // What nests too deep the kernel cannot decode (PR-8).
        let Some(properties) = value::object(properties) else { return IoReturn::BAD_ARGUMENT };
        // SAFETY: takes any name (PR-10), and an object that stays ours.
        code(unsafe { IORegistryEntrySetCFProperties(entry, properties.as_CFTypeRef()) })
    }

    fn io_registry_entry_set_cf_property(&self, entry: PortName, key: &CStr, value: &Value) -> IoReturn {
        let Some(value) = value::object(value) else { return IoReturn::BAD_ARGUMENT };
        let key = value::new_key(key);
        // SAFETY: takes any name (PR-10), and two objects that stay ours.
        code(unsafe { IORegistryEntrySetCFProperty(entry, key.as_concrete_TypeRef(), value.as_CFTypeRef()) })
    }

    // Busy states (BQ-1 … BQ-7).

    fn io_service_get_busy_state(&self, service: PortName, busy: &mut u32) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6), and writes to `busy` only, 0 if it fails (BQ-4).
        code(unsafe { IOServiceGetBusyState(service, busy) })
    }

    fn io_service_get_busy_state_and_time(
        &self,
        service: PortName,
        state: &mut u64,
        busy: &mut u32,
        accumulated: &mut u64,
    ) -> IoReturn {
        busy::state_and_time(service, state, busy, accumulated)
    }

    fn io_service_wait_quiet(&self, service: PortName, timeout: Option<MachTimespec>) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6), and null or a time.
        busy::wait(timeout, |timeout| unsafe { IOServiceWaitQuiet(service, timeout) })
    }

    fn io_kit_get_busy_state(&self, main_port: PortName, busy: &mut u32) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6), and writes to `busy` only.
        code(unsafe { IOKitGetBusyState(main_port, busy) })
    }

    fn io_kit_wait_quiet(&self, main_port: PortName, timeout: Option<MachTimespec>) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6), and null or a time.
        busy::wait(timeout, |timeout| unsafe { IOKitWaitQuiet(main_port, timeout) })
    }

    // Opening and closing (OC-1 … OC-17, OC-20).

    fn io_service_open(
        &self,
        service: PortName,
        owning_task: PortName,
        connection_type: u32,
        connect: &mut PortName,
    ) -> IoReturn {
        // SAFETY: takes any names (OC-1), and writes to `connect` only.
        code(unsafe { IOServiceOpen(service, owning_task, connection_type, connect) })
    }

    unsafe fn io_service_close(&self, connect: PortName) -> IoReturn {
        // SAFETY: takes any name (OC-9, OC-15), and the caller vouches for the reference.
        code(unsafe { IOServiceClose(connect) })
    }

    fn io_service_request_probe(&self, service: PortName, options: u32) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6).
        code(unsafe { IOServiceRequestProbe(service, options) })
    }

    fn io_connect_add_ref(&self, connect: PortName) -> IoReturn {
        // SAFETY: takes any name (OC-12).
        code(unsafe { IOConnectAddRef(connect) })
    }

    unsafe fn io_connect_release(&self, connect: PortName) -> IoReturn {
        // SAFETY: takes any name (OC-12), and the caller vouches for the reference.
        code(unsafe { IOConnectRelease(connect) })
    }

    fn io_connect_get_service(&self, connect: PortName, service: &mut PortName) -> IoReturn {
        // SAFETY: takes any name (P-5, P-6), and writes to `service` only.
        code(unsafe { IOConnectGetService(connect, service) })
    }

    fn io_connect_add_client(&self, connect: PortName, client: PortName) -> IoReturn {
        // SAFETY: takes any names (OC-17).
        code(unsafe { IOConnectAddClient(connect, client) })
    }

    fn io_connect_set_cf_properties(&self, connect: PortName, properties: &Value) -> IoReturn {
        // What nests too deep the kernel cannot decode (PR-8).
        let Some(properties) = value::object(properties) else { return IoReturn::BAD_ARGUMENT };
        // SAFETY: takes any name (OC-19), and an object that stays ours.
        code(unsafe { IOConnectSetCFProperties(connect, properties.as_CFTypeRef()) })
    }

    fn io_connect_set_cf_property(&self, connect: PortName, key: &CStr, value: &Value) -> IoReturn {
        let Some(value) = value::object(value) else { return IoReturn::BAD_ARGUMENT };
        let key = value::new_key(key);
        // SAFETY: takes any name (OC-19), and two objects that stay ours.
        code(unsafe { IOConnectSetCFProperty(connect, key.as_concrete_TypeRef(), value.as_CFTypeRef()) })
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
        output::receive(output, output_structure, |to| {
            // SAFETY: takes any name (P-5, P-6). Of `input` and `input_structure` it reads as much as their lengths
            // say, and nothing of more than 16 scalars (EM-6), so that cutting their count to 32 bits reads no more
            // either. It writes where `to` points, which holds what EM-3, EM-4 and EM-9 let it write there.
            code(unsafe {
                IOConnectCallMethod(
                    connect,
                    selector,
                    input.as_ptr(),
                    output::count(input.len()),
                    input_structure.as_ptr().cast(),
                    input_structure.len(),
                    to.scalars,
                    to.scalar_count,
                    to.structure,
                    to.structure_size,
                )
            })
        })
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
        // C may write to the words, and refuses more than it can send without reading them (EM-6).
        let mut words = [0; REFERENCE_MAX + 1];
        let (reference, reference_count) = match reference {
            Some(reference) => {
                let count = reference.len().min(words.len());
                words[..count].copy_from_slice(&reference[..count]);
                (words.as_mut_ptr(), output::count(count))
            }
            None => (ptr::null_mut(), 0),
        };
        output::receive(output, output_structure, |to| {
            // SAFETY: the caller vouches for the reference. Else as for `IOConnectCallMethod`, and it takes any name for `wake_port` (P-5a). `words` holds
            // `reference_count` words; null with a count of 0 is allowed (AS-1). A variable output gets no memory
            // here but the code for one of 4 GiB or more (EM-4, EM-12), before anything is written.
            code(unsafe {
                IOConnectCallAsyncMethod(
                    connect,
                    selector,
                    wake_port,
                    reference,
                    reference_count,
                    input.as_ptr(),
                    output::count(input.len()),
                    input_structure.as_ptr().cast(),
                    input_structure.len(),
                    to.scalars,
                    to.scalar_count,
                    to.structure,
                    to.structure_size,
                )
            })
        })
    }

    unsafe fn io_connect_trap(&self, connect: PortName, index: u32, parameters: [usize; 6]) -> IoReturn {
        let [p1, p2, p3, p4, p5, p6] = parameters;
        // SAFETY: takes any name (EM-31); the caller vouches for the parameters.
        code(unsafe { IOConnectTrap6(connect, index, p1, p2, p3, p4, p5, p6) })
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
        let mut at = address.addr() as u64;
        // SAFETY: takes any names (MEM-1), writes to `at` and `size` only, and maps where nothing is (MEM-3): none of the
        // caller's options is to put it over what is there (MEM-2).
        let mapped = unsafe { IOConnectMapMemory64(connect, memory_type, into_task, &mut at, size, options) };
        if mapped == KERN_SUCCESS {
            // Memory that the kernel has made, which no pointer leads to yet.
            *address = ptr::with_exposed_provenance_mut(at as usize);
        }
        code(mapped)
    }

    unsafe fn io_connect_unmap_memory64(
        &self,
        connect: PortName,
        memory_type: u32,
        from_task: PortName,
        address: *mut u8,
    ) -> IoReturn {
        // SAFETY: takes any names (MEM-8) and any address; the caller vouches for those that may use the memory.
        code(unsafe { IOConnectUnmapMemory64(connect, memory_type, from_task, address.addr() as u64) })
    }

    fn mach_vm_region(&self, address: &mut u64, size: &mut u64, protection: &mut i32) -> IoReturn {
        let mut info = vm_region_basic_info_64::default();
        let (mut count, mut object) = (vm_region_basic_info_64::count(), MACH_PORT_NULL);
        // SAFETY: at `info` there is room for as many words as `count` says, of the kind that the flavor names; it writes
        // there and to the other arguments only. The name of the object is always null.
        let found = unsafe {
            mach_vm_region(
                task(),
                address,
                size,
                VM_REGION_BASIC_INFO_64,
                (&raw mut info).cast(),
                &mut count,
                &mut object,
            )
        };
        if found == KERN_SUCCESS {
            *protection = info.protection & (VM_PROT_READ | VM_PROT_WRITE);
        }
        code(found)
    }

    fn io_connect_set_notification_port(
        &self,
        connect: PortName,
        port_type: u32,
        port: PortName,
        reference: usize,
    ) -> IoReturn {
        // SAFETY: takes any names (P-5, P-5a), and numbers.
        code(unsafe { IOConnectSetNotificationPort(connect, port_type, port, reference) })
    }

    // Notifications (AS-8 … AS-15, NT-1 … NT-19).

    fn io_notification_port_create(&self, main_port: PortName) -> Option<NotificationPortRef> {
        // SAFETY: takes any name.
        let port = unsafe { IONotificationPortCreate(main_port) };
        NonZeroUsize::new(port.expose_provenance()).map(NotificationPortRef)
    }

    unsafe fn io_notification_port_destroy(&self, port: NotificationPortRef) {
        // SAFETY: the caller's promise: the library made it, and has it still.
        unsafe { IONotificationPortDestroy(pointer(port)) }
    }

    unsafe fn io_notification_port_get_mach_port(&self, port: NotificationPortRef) -> PortName {
        // SAFETY: the caller's promise: the library made it, and has it still.
        unsafe { IONotificationPortGetMachPort(pointer(port)) }
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
        let interest_type = interest_type.as_ptr();
        // SAFETY: the caller's promise for the port, and for what reads the numbers. Takes any name (NT-12) and a C string,
        // which is copied, and writes to `notification` only.
        code(unsafe {
            notification::IOServiceAddInterestNotification(
                pointer(port),
                service,
                interest_type,
                callback,
                refcon,
                notification,
            )
        })
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
        let Some(matching) = matching.and_then(value::dictionary) else { return IoReturn::BAD_ARGUMENT };
        let notification_type = notification_type.as_ptr();
        // SAFETY: takes any names (P-5a), a C string, which is copied, a dictionary with a reference that the function
        // consumes, whatever it returns (MT-4), and a number, and writes to `iterator` only.
        code(unsafe {
            IOServiceAddNotification(main_port, notification_type, matching, wake_port, reference, iterator)
        })
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
        let Some(matching) = matching.and_then(value::dictionary) else { return IoReturn::BAD_ARGUMENT };
        let notification_type = notification_type.as_ptr();
        // SAFETY: the caller's promise for the port, and for what reads the numbers. Takes a C string, which is copied, and a
        // dictionary with a reference that the function consumes, whatever it returns (MT-4), and writes to `iterator` only.
        code(unsafe {
            notification::IOServiceAddMatchingNotification(
                pointer(port),
                notification_type,
                matching,
                callback,
                refcon,
                iterator,
            )
        })
    }

    // Mach.

    fn mach_msg_receive(
        &self,
        port: PortName,
        message: &mut Vec<u8>,
        limit: usize,
        timeout: Option<Duration>,
    ) -> IoReturn {
        message::receive(port, message, limit, timeout)
    }

    fn mach_msg_send_empty(&self, port: PortName, id: i32) -> IoReturn {
        message::send_empty(port, id)
    }

    fn mach_task_self(&self) -> PortName {
        task()
    }

    fn mach_port_allocate(&self, right: PortRight, name: &mut PortName) -> IoReturn {
        // SAFETY: takes any kind of right, and writes to `name` only.
        code(unsafe { mach_port_allocate(task(), kind(right), name) })
    }

    fn mach_port_insert_right(&self, name: PortName) -> IoReturn {
        // SAFETY: takes any name; the port goes in and comes out under the same one.
        code(unsafe { mach_port_insert_right(task(), name, name, MACH_MSG_TYPE_MAKE_SEND) })
    }

    fn mach_port_get_refs(&self, name: PortName, right: PortRight, references: &mut u32) -> IoReturn {
        // SAFETY: takes any name and kind of right, and writes to `references` only. In libSystem, and declared as in
        // <mach/mach_port.h>.
        code(unsafe { mach_port_get_refs(task(), name, kind(right), references) })
    }

    unsafe fn mach_port_mod_refs(&self, name: PortName, right: PortRight, delta: i32) -> IoReturn {
        // SAFETY: takes any name and kind of right, and the caller vouches for the references.
        code(unsafe { mach_port_mod_refs(task(), name, kind(right), delta) })
    }

    unsafe fn mach_port_deallocate(&self, name: PortName) -> IoReturn {
        // SAFETY: takes any name, and the caller vouches for the reference.
        code(unsafe { mach_port_deallocate(task(), name) })
    }
}

fn code(code: kern_return_t) -> IoReturn {
    IoReturn::from_raw(code)
}

fn kind(right: PortRight) -> mach_port_right_t {
    match right {
        PortRight::Send => MACH_PORT_RIGHT_SEND,
        PortRight::Receive => MACH_PORT_RIGHT_RECEIVE,
        PortRight::DeadName => MACH_PORT_RIGHT_DEAD_NAME,
    }
}

/// The library's structure, of which only the address goes through this crate.
fn pointer(port: NotificationPortRef) -> IONotificationPortRef {
    ptr::with_exposed_provenance_mut(port.0.get())
}

fn task() -> PortName {
    // SAFETY: reads a variable that libSystem sets before any code of this process runs, and again only in the one
    // thread of a forked child.
    unsafe { mach_task_self() }
}

/// What one of the functions that make matching dictionaries has returned.
fn matching(dictionary: CFMutableDictionaryRef) -> Option<Value> {
    // SAFETY: null, or a dictionary of the caller's, made of objects (MT-20).
    unsafe { value::take(dictionary.cast_const().cast()) }
}

/// What one of the `IOObjectCopy…` functions has returned.
fn string(string: CFStringRef) -> Option<CString> {
    CString::new(text(string)?).ok()
}

/// The text of what a function has returned by the Copy rule.
fn text(string: CFStringRef) -> Option<String> {
    // SAFETY: null, or a string that is the caller's by the Copy rule.
    unsafe { value::take(string.cast()) }?.as_str().map(str::to_owned)
}
