//! Which I/O Kit a program talks to.

use crate::backend::{
    Backend, MachTimespec, NotificationPortRef, PortName, PortRight, ScalarOutput, StructureOutput,
};
use crate::error::{IoReturn, Result};
use crate::value::Value;
use std::ffi::{CStr, CString};
use std::time::Duration;

/// An I/O Kit: this Mac's, or a simulated one seen from one of its tasks.
///
/// Cheap to clone; every handle keeps the kernel that it belongs to.
/// Two kernels are equal if a name means the same in both: if they are one, seen from one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel(Inner);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Inner {
    #[cfg(target_os = "macos")]
    Host(crate::macos::Host),
    #[cfg(feature = "sim")]
    Simulated(crate::sim::Task),
    /// Keeps the enum a type where there is no other backend.
    #[allow(dead_code, reason = "never made")]
    None(std::convert::Infallible),
}

/// The address of a simulated machine, which the host has none of, and the number of one of its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KernelId(usize, usize);

impl Kernel {
    /// This Mac's kernel. Fails with `kIOReturnUnsupported` on any other system.
    pub fn host() -> Result<Self> {
        #[cfg(target_os = "macos")]
        return Ok(Self(Inner::Host(crate::macos::Host)));
        #[cfg(not(target_os = "macos"))]
        {
            use crate::error::{Call, Detail, Error};
            let detail = Detail::Text("this system is not macOS".into());
            Err(Error::new(Call::Function("Kernel::host"), IoReturn::UNSUPPORTED).with_detail(detail))
        }
    }

    /// Tells this kernel from every other that exists at the same time, without keeping it.
    pub(crate) fn id(&self) -> KernelId {
        match &self.0 {
            #[cfg(target_os = "macos")]
            Inner::Host(_) => KernelId(0, 0),
            #[cfg(feature = "sim")]
            Inner::Simulated(task) => {
                let (machine, task) = task.id();
                KernelId(machine, task)
            }
            Inner::None(never) => match *never {},
        }
    }

    /// Whether its ports are ones that this process has.
    #[cfg(target_os = "macos")]
    pub(crate) fn is_host(&self) -> bool {
        matches!(self.0, Inner::Host(_))
    }
}

#[cfg(feature = "sim")]
impl crate::sim::Task {
    /// The I/O Kit that this task sees.
    pub fn kernel(&self) -> Kernel {
        Kernel(Inner::Simulated(self.clone()))
    }
}

/// Passes a call on to whichever backend there is.
macro_rules! to_backend {
    ($kernel:ident, $backend:ident => $call:expr) => {
        match &$kernel.0 {
            #[cfg(target_os = "macos")]
            Inner::Host($backend) => $call,
            #[cfg(feature = "sim")]
            Inner::Simulated($backend) => $call,
            Inner::None(never) => match *never {},
        }
    };
}

macro_rules! forward {
    ($(fn $function:ident(&self $(, $argument:ident: $type:ty)*) $(-> $result:ty)?;)*) => {$(
        #[inline]
        fn $function(&self $(, $argument: $type)*) $(-> $result)? {
            to_backend!(self, backend => backend.$function($($argument),*))
        }
    )*};
    ($(unsafe fn $function:ident(&self $(, $argument:ident: $type:ty)*) $(-> $result:ty)?;)*) => {$(
        #[inline]
        unsafe fn $function(&self $(, $argument: $type)*) $(-> $result)? {
            // SAFETY: the caller's promises are passed on as they are.
            to_backend!(self, backend => unsafe { backend.$function($($argument),*) })
        }
    )*};
}

#[cfg_attr(
    not(any(target_os = "macos", feature = "sim")),
    allow(unused_variables, reason = "there is no backend to pass anything to")
)]
impl Backend for Kernel {
    forward! {
        fn io_service_matching(&self, class: Option<&CStr>) -> Option<Value>;
        fn io_service_name_matching(&self, name: Option<&CStr>) -> Option<Value>;
        fn io_bsd_name_matching(&self, main_port: PortName, options: u32, name: Option<&CStr>) -> Option<Value>;
        fn io_open_firmware_path_matching(&self, main_port: PortName, options: u32, path: Option<&CStr>) -> Option<Value>;
        fn io_registry_entry_id_matching(&self, entry_id: u64) -> Option<Value>;
        fn io_service_get_matching_service(&self, main_port: PortName, matching: Option<&Value>) -> PortName;
        fn io_service_get_matching_services(&self, main_port: PortName, matching: Option<&Value>, existing: &mut PortName) -> IoReturn;
        fn io_service_match_property_table(&self, service: PortName, matching: Option<&Value>, matches: &mut bool) -> IoReturn;
        fn io_iterator_next(&self, iterator: PortName) -> PortName;
        fn io_iterator_reset(&self, iterator: PortName);
        fn io_iterator_is_valid(&self, iterator: PortName) -> bool;
        fn io_object_retain(&self, object: PortName) -> IoReturn;
        fn io_object_get_kernel_retain_count(&self, object: PortName) -> u32;
        fn io_object_get_retain_count(&self, object: PortName) -> u32;
        fn io_object_get_user_retain_count(&self, object: PortName) -> u32;
        fn io_object_get_class(&self, object: PortName, class: &mut CString) -> IoReturn;
        fn io_object_copy_class(&self, object: PortName) -> Option<CString>;
        fn io_object_copy_superclass_for_class(&self, class: Option<&CStr>) -> Option<CString>;
        fn io_object_copy_bundle_identifier_for_class(&self, class: Option<&CStr>) -> Option<CString>;
        fn io_object_conforms_to(&self, object: PortName, class: &CStr) -> bool;
        fn io_object_is_equal_to(&self, object: PortName, other: PortName) -> bool;
        fn io_registry_get_root_entry(&self, main_port: PortName) -> PortName;
        fn io_registry_entry_get_name(&self, entry: PortName, name: &mut CString) -> IoReturn;
        fn io_registry_entry_get_registry_entry_id(&self, entry: PortName, entry_id: &mut u64) -> IoReturn;
        fn io_registry_entry_get_child_iterator(&self, entry: PortName, plane: &CStr, iterator: &mut PortName) -> IoReturn;
        fn io_registry_entry_get_parent_entry(&self, entry: PortName, plane: &CStr, parent: &mut PortName) -> IoReturn;
        fn io_registry_create_iterator(&self, main_port: PortName, plane: &CStr, options: u32, iterator: &mut PortName) -> IoReturn;
        fn io_registry_entry_create_iterator(&self, entry: PortName, plane: &CStr, options: u32, iterator: &mut PortName) -> IoReturn;
        fn io_registry_iterator_enter_entry(&self, iterator: PortName) -> IoReturn;
        fn io_registry_iterator_exit_entry(&self, iterator: PortName) -> IoReturn;
        fn io_registry_entry_from_path(&self, main_port: PortName, path: &CStr) -> PortName;
        fn io_registry_entry_copy_from_path(&self, main_port: PortName, path: &str) -> PortName;
        fn io_registry_entry_get_name_in_plane(&self, entry: PortName, plane: &CStr, name: &mut CString) -> IoReturn;
        fn io_registry_entry_get_location_in_plane(&self, entry: PortName, plane: &CStr, location: &mut CString) -> IoReturn;
        fn io_registry_entry_get_path(&self, entry: PortName, plane: &CStr, path: &mut CString) -> IoReturn;
        fn io_registry_entry_copy_path(&self, entry: PortName, plane: &CStr) -> Option<String>;
        fn io_registry_entry_in_plane(&self, entry: PortName, plane: &CStr) -> bool;
        fn io_registry_entry_get_child_entry(&self, entry: PortName, plane: &CStr, child: &mut PortName) -> IoReturn;
        fn io_registry_entry_get_parent_iterator(&self, entry: PortName, plane: &CStr, iterator: &mut PortName) -> IoReturn;
        fn io_registry_entry_create_cf_property(&self, entry: PortName, key: &CStr) -> Option<Value>;
        fn io_registry_entry_create_cf_properties(&self, entry: PortName, properties: &mut Option<Value>) -> IoReturn;
        fn io_registry_entry_search_cf_property(&self, entry: PortName, plane: &CStr, key: &CStr, options: u32) -> Option<Value>;
        fn io_registry_entry_get_property(&self, entry: PortName, key: &CStr, bytes: &mut [u8], size: &mut u32) -> IoReturn;
        fn io_registry_entry_set_cf_properties(&self, entry: PortName, properties: &Value) -> IoReturn;
        fn io_registry_entry_set_cf_property(&self, entry: PortName, key: &CStr, value: &Value) -> IoReturn;
        fn io_service_get_busy_state(&self, service: PortName, busy: &mut u32) -> IoReturn;
        fn io_service_get_busy_state_and_time(&self, service: PortName, state: &mut u64, busy: &mut u32, accumulated: &mut u64) -> IoReturn;
        fn io_service_wait_quiet(&self, service: PortName, timeout: Option<MachTimespec>) -> IoReturn;
        fn io_kit_get_busy_state(&self, main_port: PortName, busy: &mut u32) -> IoReturn;
        fn io_kit_wait_quiet(&self, main_port: PortName, timeout: Option<MachTimespec>) -> IoReturn;
        fn io_service_open(&self, service: PortName, owning_task: PortName, connection_type: u32, connect: &mut PortName) -> IoReturn;
        fn io_service_request_probe(&self, service: PortName, options: u32) -> IoReturn;
        fn io_connect_add_ref(&self, connect: PortName) -> IoReturn;
        fn io_connect_get_service(&self, connect: PortName, service: &mut PortName) -> IoReturn;
        fn io_connect_add_client(&self, connect: PortName, client: PortName) -> IoReturn;
        fn io_connect_set_cf_properties(&self, connect: PortName, properties: &Value) -> IoReturn;
        fn io_connect_set_cf_property(&self, connect: PortName, key: &CStr, value: &Value) -> IoReturn;
        fn io_connect_call_method(
            &self,
            connect: PortName,
            selector: u32,
            input: &[u64],
            input_structure: &[u8],
            output: Option<ScalarOutput<'_>>,
            output_structure: Option<StructureOutput<'_>>
        ) -> IoReturn;
        fn io_connect_call_scalar_method(&self, connect: PortName, selector: u32, input: &[u64], output: Option<ScalarOutput<'_>>) -> IoReturn;
        fn io_connect_call_struct_method(
            &self,
            connect: PortName,
            selector: u32,
            input_structure: &[u8],
            output_structure: Option<StructureOutput<'_>>
        ) -> IoReturn;
        fn io_connect_map_memory64(&self, connect: PortName, memory_type: u32, into_task: PortName, address: &mut *mut u8, size: &mut u64, options: u32) -> IoReturn;
        fn mach_vm_region(&self, address: &mut u64, size: &mut u64, protection: &mut i32) -> IoReturn;
        fn io_connect_set_notification_port(&self, connect: PortName, port_type: u32, port: PortName, reference: usize) -> IoReturn;
        fn io_notification_port_create(&self, main_port: PortName) -> Option<NotificationPortRef>;
        fn io_service_add_notification(&self, main_port: PortName, notification_type: &CStr, matching: Option<&Value>, wake_port: PortName, reference: usize, iterator: &mut PortName) -> IoReturn;
        fn mach_msg_receive(&self, port: PortName, message: &mut Vec<u8>, limit: usize, timeout: Option<Duration>) -> IoReturn;
        fn mach_msg_send_empty(&self, port: PortName, id: i32) -> IoReturn;
        fn mach_task_self(&self) -> PortName;
        fn mach_port_allocate(&self, right: PortRight, name: &mut PortName) -> IoReturn;
        fn mach_port_insert_right(&self, name: PortName) -> IoReturn;
        fn mach_port_get_refs(&self, name: PortName, right: PortRight, references: &mut u32) -> IoReturn;
    }

    forward! {
        unsafe fn io_object_release(&self, object: PortName) -> IoReturn;
        unsafe fn io_service_close(&self, connect: PortName) -> IoReturn;
        unsafe fn io_connect_release(&self, connect: PortName) -> IoReturn;
        unsafe fn io_connect_call_async_method(
            &self,
            connect: PortName,
            selector: u32,
            wake_port: PortName,
            reference: Option<&[u64]>,
            input: &[u64],
            input_structure: &[u8],
            output: Option<ScalarOutput<'_>>,
            output_structure: Option<StructureOutput<'_>>
        ) -> IoReturn;
        unsafe fn io_connect_trap(&self, connect: PortName, index: u32, parameters: [usize; 6]) -> IoReturn;
        unsafe fn io_connect_unmap_memory64(&self, connect: PortName, memory_type: u32, from_task: PortName, address: *mut u8) -> IoReturn;
        unsafe fn io_notification_port_destroy(&self, port: NotificationPortRef);
        unsafe fn io_notification_port_get_mach_port(&self, port: NotificationPortRef) -> PortName;
        unsafe fn io_service_add_interest_notification(
            &self,
            port: NotificationPortRef,
            service: PortName,
            interest_type: &CStr,
            callback: usize,
            refcon: usize,
            notification: &mut PortName
        ) -> IoReturn;
        unsafe fn io_service_add_matching_notification(&self, port: NotificationPortRef, notification_type: &CStr, matching: Option<&Value>, callback: usize, refcon: usize, iterator: &mut PortName) -> IoReturn;
        unsafe fn mach_port_mod_refs(&self, name: PortName, right: PortRight, delta: i32) -> IoReturn;
        unsafe fn mach_port_deallocate(&self, name: PortName) -> IoReturn;
    }
}
