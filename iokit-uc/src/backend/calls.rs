//! The functions of [`Backend`](super::Backend) as a table, for what does something to all of them alike: [`Kernel`](crate::Kernel)
//! passes them on, a recording writes them down, a replay answers them, and faults are injected into them.

/// Gives the table to a macro, after what else that is to have.
///
/// An entry is the name in C, as an identifier (and as it is, where that is no name of a type); `unsafe`, if the function is; and its
/// signature. Every parameter has a mode:
///
/// - `port`: the name of a port. `mach_task_self` is one too.
/// - `input`: anything else that is passed to the function.
/// - `out`, `out_port`: a place for what comes back, which is written only as the function says; `out_port` with a user reference.
/// - `inout`: a place that is read too.
///
/// So has what is returned: `code`, a `port` with a user reference (or `NULL`), any other `answer`, or `nothing`.
macro_rules! calls {
    ($callback:ident!($($context:tt)*)) => {
        $callback! {
            ($($context)*)
            IOServiceMatching [] fn io_service_matching(class: input Option<&CStr>) -> answer Option<Value>;
            IOServiceNameMatching [] fn io_service_name_matching(name: input Option<&CStr>) -> answer Option<Value>;
            IOBSDNameMatching [] fn io_bsd_name_matching(main_port: port PortName, options: input u32, name: input Option<&CStr>) -> answer Option<Value>;
            IOOpenFirmwarePathMatching [] fn io_open_firmware_path_matching(main_port: port PortName, options: input u32, path: input Option<&CStr>) -> answer Option<Value>;
            IORegistryEntryIDMatching [] fn io_registry_entry_id_matching(entry_id: input u64) -> answer Option<Value>;
            IOServiceGetMatchingService [] fn io_service_get_matching_service(main_port: port PortName, matching: input Option<&Value>) -> port PortName;
            IOServiceGetMatchingServices [] fn io_service_get_matching_services(main_port: port PortName, matching: input Option<&Value>, existing: out_port &mut PortName) -> code IoReturn;
            IOServiceMatchPropertyTable [] fn io_service_match_property_table(service: port PortName, matching: input Option<&Value>, matches: out &mut bool) -> code IoReturn;
            IOIteratorNext [] fn io_iterator_next(iterator: port PortName) -> port PortName;
            IOIteratorReset [] fn io_iterator_reset(iterator: port PortName) -> nothing ();
            IOIteratorIsValid [] fn io_iterator_is_valid(iterator: port PortName) -> answer bool;
            IOObjectRetain [] fn io_object_retain(object: port PortName) -> code IoReturn;
            IOObjectRelease [unsafe] fn io_object_release(object: port PortName) -> code IoReturn;
            IOObjectGetKernelRetainCount [] fn io_object_get_kernel_retain_count(object: port PortName) -> answer u32;
            IOObjectGetRetainCount [] fn io_object_get_retain_count(object: port PortName) -> answer u32;
            IOObjectGetUserRetainCount [] fn io_object_get_user_retain_count(object: port PortName) -> answer u32;
            IOObjectGetClass [] fn io_object_get_class(object: port PortName, class: out &mut CString) -> code IoReturn;
            IOObjectCopyClass [] fn io_object_copy_class(object: port PortName) -> answer Option<CString>;
            IOObjectCopySuperclassForClass [] fn io_object_copy_superclass_for_class(class: input Option<&CStr>) -> answer Option<CString>;
            IOObjectCopyBundleIdentifierForClass [] fn io_object_copy_bundle_identifier_for_class(class: input Option<&CStr>) -> answer Option<CString>;
            IOObjectConformsTo [] fn io_object_conforms_to(object: port PortName, class: input &CStr) -> answer bool;
            IOObjectIsEqualTo [] fn io_object_is_equal_to(object: port PortName, other: port PortName) -> answer bool;
            IORegistryGetRootEntry [] fn io_registry_get_root_entry(main_port: port PortName) -> port PortName;
            IORegistryEntryGetName [] fn io_registry_entry_get_name(entry: port PortName, name: out &mut CString) -> code IoReturn;
            IORegistryEntryGetRegistryEntryID [] fn io_registry_entry_get_registry_entry_id(entry: port PortName, entry_id: out &mut u64) -> code IoReturn;
            IORegistryEntryGetChildIterator [] fn io_registry_entry_get_child_iterator(entry: port PortName, plane: input &CStr, iterator: out_port &mut PortName) -> code IoReturn;
            IORegistryEntryGetParentEntry [] fn io_registry_entry_get_parent_entry(entry: port PortName, plane: input &CStr, parent: out_port &mut PortName) -> code IoReturn;
            IORegistryCreateIterator [] fn io_registry_create_iterator(main_port: port PortName, plane: input &CStr, options: input u32, iterator: out_port &mut PortName) -> code IoReturn;
            IORegistryEntryCreateIterator [] fn io_registry_entry_create_iterator(entry: port PortName, plane: input &CStr, options: input u32, iterator: out_port &mut PortName) -> code IoReturn;
            IORegistryIteratorEnterEntry [] fn io_registry_iterator_enter_entry(iterator: port PortName) -> code IoReturn;
            IORegistryIteratorExitEntry [] fn io_registry_iterator_exit_entry(iterator: port PortName) -> code IoReturn;
            IORegistryEntryFromPath [] fn io_registry_entry_from_path(main_port: port PortName, path: input &CStr) -> port PortName;
            IORegistryEntryCopyFromPath [] fn io_registry_entry_copy_from_path(main_port: port PortName, path: input &str) -> port PortName;
            IORegistryEntryGetNameInPlane [] fn io_registry_entry_get_name_in_plane(entry: port PortName, plane: input &CStr, name: out &mut CString) -> code IoReturn;
            IORegistryEntryGetLocationInPlane [] fn io_registry_entry_get_location_in_plane(entry: port PortName, plane: input &CStr, location: out &mut CString) -> code IoReturn;
            IORegistryEntryGetPath [] fn io_registry_entry_get_path(entry: port PortName, plane: input &CStr, path: out &mut CString) -> code IoReturn;
            IORegistryEntryCopyPath [] fn io_registry_entry_copy_path(entry: port PortName, plane: input &CStr) -> answer Option<String>;
            IORegistryEntryInPlane [] fn io_registry_entry_in_plane(entry: port PortName, plane: input &CStr) -> answer bool;
            IORegistryEntryGetChildEntry [] fn io_registry_entry_get_child_entry(entry: port PortName, plane: input &CStr, child: out_port &mut PortName) -> code IoReturn;
            IORegistryEntryGetParentIterator [] fn io_registry_entry_get_parent_iterator(entry: port PortName, plane: input &CStr, iterator: out_port &mut PortName) -> code IoReturn;
            IORegistryEntryCreateCFProperty [] fn io_registry_entry_create_cf_property(entry: port PortName, key: input &CStr) -> answer Option<Value>;
            IORegistryEntryCreateCFProperties [] fn io_registry_entry_create_cf_properties(entry: port PortName, properties: out &mut Option<Value>) -> code IoReturn;
            IORegistryEntrySearchCFProperty [] fn io_registry_entry_search_cf_property(entry: port PortName, plane: input &CStr, key: input &CStr, options: input u32) -> answer Option<Value>;
            IORegistryEntryGetProperty [] fn io_registry_entry_get_property(entry: port PortName, key: input &CStr, bytes: out &mut [u8], size: out &mut u32) -> code IoReturn;
            IORegistryEntrySetCFProperties [] fn io_registry_entry_set_cf_properties(entry: port PortName, properties: input &Value) -> code IoReturn;
            IORegistryEntrySetCFProperty [] fn io_registry_entry_set_cf_property(entry: port PortName, key: input &CStr, value: input &Value) -> code IoReturn;
            IOServiceGetBusyState [] fn io_service_get_busy_state(service: port PortName, busy: out &mut u32) -> code IoReturn;
            IOServiceGetBusyStateAndTime [] fn io_service_get_busy_state_and_time(service: port PortName, state: out &mut u64, busy: out &mut u32, accumulated: out &mut u64) -> code IoReturn;
            IOServiceWaitQuiet [] fn io_service_wait_quiet(service: port PortName, timeout: input Option<MachTimespec>) -> code IoReturn;
            IOKitGetBusyState [] fn io_kit_get_busy_state(main_port: port PortName, busy: out &mut u32) -> code IoReturn;
            IOKitWaitQuiet [] fn io_kit_wait_quiet(main_port: port PortName, timeout: input Option<MachTimespec>) -> code IoReturn;
            IOServiceOpen [] fn io_service_open(service: port PortName, owning_task: port PortName, connection_type: input u32, connect: out_port &mut PortName) -> code IoReturn;
            IOServiceClose [unsafe] fn io_service_close(connect: port PortName) -> code IoReturn;
            IOServiceRequestProbe [] fn io_service_request_probe(service: port PortName, options: input u32) -> code IoReturn;
            IOConnectAddRef [] fn io_connect_add_ref(connect: port PortName) -> code IoReturn;
            IOConnectRelease [unsafe] fn io_connect_release(connect: port PortName) -> code IoReturn;
            IOConnectGetService [] fn io_connect_get_service(connect: port PortName, service: out_port &mut PortName) -> code IoReturn;
            IOConnectAddClient [] fn io_connect_add_client(connect: port PortName, client: port PortName) -> code IoReturn;
            IOConnectSetCFProperties [] fn io_connect_set_cf_properties(connect: port PortName, properties: input &Value) -> code IoReturn;
            IOConnectSetCFProperty [] fn io_connect_set_cf_property(connect: port PortName, key: input &CStr, value: input &Value) -> code IoReturn;
            IOConnectCallMethod [] fn io_connect_call_method(connect: port PortName, selector: input u32, input: input &[u64], input_structure: input &[u8], output: out Option<ScalarOutput<'_>>, output_structure: out Option<StructureOutput<'_>>) -> code IoReturn;
            IOConnectCallAsyncMethod [unsafe] fn io_connect_call_async_method(connect: port PortName, selector: input u32, wake_port: port PortName, reference: input Option<&[u64]>, input: input &[u64], input_structure: input &[u8], output: out Option<ScalarOutput<'_>>, output_structure: out Option<StructureOutput<'_>>) -> code IoReturn;
            IOConnectCallScalarMethod [] fn io_connect_call_scalar_method(connect: port PortName, selector: input u32, input: input &[u64], output: out Option<ScalarOutput<'_>>) -> code IoReturn;
            IOConnectCallStructMethod [] fn io_connect_call_struct_method(connect: port PortName, selector: input u32, input_structure: input &[u8], output_structure: out Option<StructureOutput<'_>>) -> code IoReturn;
            IOConnectTrap0 [unsafe] fn io_connect_trap(connect: port PortName, index: input u32, parameters: input [usize; 6]) -> code IoReturn;
            IOConnectMapMemory64 [] fn io_connect_map_memory64(connect: port PortName, memory_type: input u32, into_task: port PortName, address: inout &mut *mut u8, size: inout &mut u64, options: input u32) -> code IoReturn;
            IOConnectUnmapMemory64 [unsafe] fn io_connect_unmap_memory64(connect: port PortName, memory_type: input u32, from_task: port PortName, address: input *mut u8) -> code IoReturn;
            MachVmRegion("mach_vm_region") [] fn mach_vm_region(address: inout &mut u64, size: inout &mut u64, protection: out &mut i32) -> code IoReturn;
            IOConnectSetNotificationPort [] fn io_connect_set_notification_port(connect: port PortName, port_type: input u32, port: port PortName, reference: input usize) -> code IoReturn;
            IONotificationPortCreate [] fn io_notification_port_create(main_port: port PortName) -> answer Option<NotificationPortRef>;
            IONotificationPortDestroy [unsafe] fn io_notification_port_destroy(port: input NotificationPortRef) -> nothing ();
            IONotificationPortGetMachPort [unsafe] fn io_notification_port_get_mach_port(port: input NotificationPortRef) -> port PortName;
            IOServiceAddInterestNotification [unsafe] fn io_service_add_interest_notification(port: input NotificationPortRef, service: port PortName, interest_type: input &CStr, callback: input usize, refcon: input usize, notification: out_port &mut PortName) -> code IoReturn;
            IOServiceAddNotification [] fn io_service_add_notification(main_port: port PortName, notification_type: input &CStr, matching: input Option<&Value>, wake_port: port PortName, reference: input usize, iterator: out_port &mut PortName) -> code IoReturn;
            IOServiceAddMatchingNotification [unsafe] fn io_service_add_matching_notification(port: input NotificationPortRef, notification_type: input &CStr, matching: input Option<&Value>, callback: input usize, refcon: input usize, iterator: out_port &mut PortName) -> code IoReturn;
            MachMsgReceive("mach_msg") [] fn mach_msg_receive(port: port PortName, message: out &mut Vec<u8>, limit: input usize, timeout: input Option<Duration>) -> code IoReturn;
            MachMsgSendEmpty("mach_msg") [] fn mach_msg_send_empty(port: port PortName, id: input i32) -> code IoReturn;
            MachTaskSelf("mach_task_self") [] fn mach_task_self() -> port PortName;
            MachPortAllocate("mach_port_allocate") [] fn mach_port_allocate(right: input PortRight, name: out_port &mut PortName) -> code IoReturn;
            MachPortInsertRight("mach_port_insert_right") [] fn mach_port_insert_right(name: port PortName) -> code IoReturn;
            MachPortGetRefs("mach_port_get_refs") [] fn mach_port_get_refs(name: port PortName, right: input PortRight, references: out &mut u32) -> code IoReturn;
            MachPortModRefs("mach_port_mod_refs") [unsafe] fn mach_port_mod_refs(name: port PortName, right: input PortRight, delta: input i32) -> code IoReturn;
            MachPortDeallocate("mach_port_deallocate") [unsafe] fn mach_port_deallocate(name: port PortName) -> code IoReturn;
        }
    };
}
pub(crate) use calls;

macro_rules! define_function {
    (() $($variant:ident $(($c_name:literal))? [$($qualifier:tt)?] fn $function:ident($($rest:tt)*) -> $mode:ident $result:ty;)*) => {
        /// A function of [`Backend`](super::Backend), by its name in C.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Function {$(
            #[doc = concat!("[`", stringify!($function), "`](super::Backend::", stringify!($function), ")")]
            $variant,
        )*}

        impl Function {
            /// All of them, in the order of the trait.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name of the method of [`Backend`](super::Backend).
            pub const fn method(self) -> &'static str {
                match self {$(Self::$variant => stringify!($function),)*}
            }

            /// The name in C. `mach_msg` is one for two.
            pub const fn c_name(self) -> &'static str {
                match self {$(Self::$variant => define_function!(@name $variant $($c_name)?),)*}
            }
        }
    };
    (@name $variant:ident) => { stringify!($variant) };
    (@name $variant:ident $c_name:literal) => { $c_name };
}
calls!(define_function!());

impl std::fmt::Display for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.c_name())
    }
}
