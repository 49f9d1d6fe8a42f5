//! IOKitLib as a trait: the same functions, the same in and out rules, the same codes, raw names.
//!
//! [`Kernel`](crate::Kernel) implements it for whichever I/O Kit it stands for. The safe API is written over it; use it
//! directly to do what no safe handle can say, such as calling with a dead name.
//!
//! Two habits differ from C. A buffer and its capacity are one slice, so a capacity cannot exceed its buffer; and
//! names of ports are plain numbers that this trait neither counts nor checks: who gets one owns one user reference.
//!
//! Most of these functions are safe although they take any name: a name is no address, and the kernel looks each one up.
//! Those that give up a user reference are not. The memory that was mapped through a connection may be unmapped with the
//! last reference to its name (MEM-9, TERM-6), so whoever gives one up must know what relies on it:
//!
//! # References
//!
//! To give up a user reference is sound if it is the caller's own: it came from a function of this trait or with a message,
//! has not been given up, and is nobody else's, such as a handle's of the safe API. Nor may the caller use memory any more
//! that was mapped through the connection, unless another reference, which stays, keeps it. A name of which the task has
//! no reference is nobody's: giving that up frees no memory, but may end the process with a guard exception (RC-1).

mod calls;

pub use calls::Function;
pub(crate) use calls::calls;

use crate::error::IoReturn;
use crate::value::Value;
use std::ffi::{CStr, CString};
use std::num::NonZeroUsize;
use std::time::Duration;

/// `mach_port_t`: the name of a port right in this task. `io_object_t`, `io_service_t`, `io_connect_t` and
/// `io_iterator_t` are names of send rights.
pub type PortName = u32;

/// `MACH_PORT_NULL`, `IO_OBJECT_NULL`: no port.
pub const NULL: PortName = 0;

/// `MACH_PORT_DEAD`.
pub const DEAD: PortName = u32::MAX;

/// `kIOMainPortDefault`: the host's I/O Kit (CN-3).
#[doc(alias = "IOMainPort")]
#[doc(alias = "IOMasterPort")]
pub const MAIN_PORT_DEFAULT: PortName = 0;

/// `kIOMapAnywhere`: the kernel finds room.
pub const MAP_ANYWHERE: u32 = 1;

/// `VM_PROT_READ`: memory can be read.
pub const VM_PROT_READ: i32 = 1;
/// `VM_PROT_WRITE`: memory can be written.
pub const VM_PROT_WRITE: i32 = 2;

/// `IONotificationPortRef`: a notification port of the library's, which on a Mac is the address of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NotificationPortRef(
    /// The address.
    pub NonZeroUsize,
);

/// `mach_timespec_t`: a time to wait. What it amounts to is `seconds` × 1e9 + `nanoseconds` (BQ-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MachTimespec {
    /// `tv_sec`
    pub seconds: u32,
    /// `tv_nsec`
    pub nanoseconds: i32,
}

/// `mach_port_right_t`: the kinds of right that a name can denote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PortRight {
    /// `MACH_PORT_RIGHT_SEND`
    Send,
    /// `MACH_PORT_RIGHT_RECEIVE`
    Receive,
    /// `MACH_PORT_RIGHT_DEAD_NAME`
    DeadName,
}

/// `output` and `outputCnt` of `IOConnectCallMethod`.
#[derive(Debug)]
pub struct ScalarOutput<'a> {
    /// The scalars; its length is the capacity.
    pub buffer: &'a mut [u64],
    /// Set to how many the driver returned, by a successful call and in EM-9. May then exceed the buffer's length.
    pub count: &'a mut u32,
}

/// `outputStruct` and `outputStructCnt` of `IOConnectCallMethod`.
#[derive(Debug)]
pub enum StructureOutput<'a> {
    /// A buffer of the caller's.
    Buffer {
        /// The bytes; its length is the capacity. More than 4096 travel out of line (EM-3).
        bytes: &'a mut [u8],
        /// Set to how many bytes the driver returned, by a successful call and in EM-9. May then exceed the buffer's
        /// length.
        size: &'a mut usize,
    },
    /// `kIOConnectMethodVarOutputSize`: as many bytes as the driver has. Set by every call, to none by one that fails
    /// (EM-4).
    Variable(&'a mut Vec<u8>),
}

/// IOKitLib, and the few Mach calls that its users need.
///
/// Every function behaves as `docs/kernel-semantics.md` says, by the rules named beside it. Names that a function
/// returns carry one user reference each (RC-5). Strings longer than a message field are cut, as the user stubs cut
/// them (P-8).
pub trait Backend {
    // Matching (MT-20): dictionaries for the calls below. No name, no dictionary.

    /// `IOServiceMatching`: `{IOProviderClass: class}`.
    fn io_service_matching(&self, class: Option<&CStr>) -> Option<Value>;
    /// `IOServiceNameMatching`: `{IONameMatch: name}`.
    fn io_service_name_matching(&self, name: Option<&CStr>) -> Option<Value>;
    /// `IOBSDNameMatching`: `{BSD Name: name}`.
    fn io_bsd_name_matching(&self, main_port: PortName, options: u32, name: Option<&CStr>) -> Option<Value>;
    /// `IOOpenFirmwarePathMatching`: `{IOPathMatch: "IODeviceTree:" + path}`; none if that takes 512 bytes or more.
    fn io_open_firmware_path_matching(
        &self,
        main_port: PortName,
        options: u32,
        path: Option<&CStr>,
    ) -> Option<Value>;
    /// `IORegistryEntryIDMatching`: `{IORegistryEntryID: id}`.
    fn io_registry_entry_id_matching(&self, entry_id: u64) -> Option<Value>;

    // Discovery.

    /// `IOServiceGetMatchingService`: the first match, or [`NULL`] (MT-1 … MT-5). C consumes the dictionary; here it
    /// stays the caller's.
    fn io_service_get_matching_service(&self, main_port: PortName, matching: Option<&Value>) -> PortName;
    /// `IOServiceGetMatchingServices`: an iterator over all matches in `existing`, [`NULL`] with success if there are
    /// none (MT-3).
    fn io_service_get_matching_services(
        &self,
        main_port: PortName,
        matching: Option<&Value>,
        existing: &mut PortName,
    ) -> IoReturn;
    /// `IOServiceMatchPropertyTable`: whether one service matches, whatever its state (MT-19). C does not consume the
    /// dictionary. `matches` is set by success alone.
    fn io_service_match_property_table(
        &self,
        service: PortName,
        matching: Option<&Value>,
        matches: &mut bool,
    ) -> IoReturn;
    /// `IOIteratorNext`: the next object, or [`NULL`] at the end and on any error (REG-23).
    fn io_iterator_next(&self, iterator: PortName) -> PortName;
    /// `IOIteratorReset`.
    fn io_iterator_reset(&self, iterator: PortName);
    /// `IOIteratorIsValid`: false for [`NULL`] (REG-23).
    fn io_iterator_is_valid(&self, iterator: PortName) -> bool;

    // Objects (RC-1 … RC-9).

    /// `IOObjectRetain`: one more user reference on the name.
    fn io_object_retain(&self, object: PortName) -> IoReturn;
    /// `IOObjectRelease`: one user reference less.
    ///
    /// # Safety
    ///
    /// The reference is [the caller's own](self#references).
    unsafe fn io_object_release(&self, object: PortName) -> IoReturn;
    /// `IOObjectGetKernelRetainCount`: references to the object inside the kernel; 0 on error.
    fn io_object_get_kernel_retain_count(&self, object: PortName) -> u32;
    /// `IOObjectGetRetainCount`: the older name of [`io_object_get_kernel_retain_count`](Self::io_object_get_kernel_retain_count)
    /// (RC-3).
    fn io_object_get_retain_count(&self, object: PortName) -> u32;
    /// `IOObjectGetUserRetainCount`: user references of this task's name; 1 for [`NULL`].
    fn io_object_get_user_retain_count(&self, object: PortName) -> u32;
    /// `IOObjectGetClass`: the class's name.
    fn io_object_get_class(&self, object: PortName, class: &mut CString) -> IoReturn;
    /// `IOObjectCopyClass`: the class's name, none on error.
    fn io_object_copy_class(&self, object: PortName) -> Option<CString>;
    /// `IOObjectCopySuperclassForClass`: none for an unknown class and for one without a superclass.
    fn io_object_copy_superclass_for_class(&self, class: Option<&CStr>) -> Option<CString>;
    /// `IOObjectCopyBundleIdentifierForClass`: none for an unknown class.
    fn io_object_copy_bundle_identifier_for_class(&self, class: Option<&CStr>) -> Option<CString>;
    /// `IOObjectConformsTo`: whether the object is of the class or a class derived from it.
    fn io_object_conforms_to(&self, object: PortName, class: &CStr) -> bool;
    /// `IOObjectIsEqualTo`: whether two names are the same.
    fn io_object_is_equal_to(&self, object: PortName, other: PortName) -> bool;

    // Registry (REG-1 … REG-27).

    /// `IORegistryGetRootEntry`.
    fn io_registry_get_root_entry(&self, main_port: PortName) -> PortName;
    /// `IORegistryEntryGetName`: the name, or the class of an entry that has none (REG-5).
    fn io_registry_entry_get_name(&self, entry: PortName, name: &mut CString) -> IoReturn;
    /// `IORegistryEntryGetRegistryEntryID` (REG-2).
    fn io_registry_entry_get_registry_entry_id(&self, entry: PortName, entry_id: &mut u64) -> IoReturn;
    /// `IORegistryEntryGetChildIterator` (REG-16, REG-24).
    fn io_registry_entry_get_child_iterator(
        &self,
        entry: PortName,
        plane: &CStr,
        iterator: &mut PortName,
    ) -> IoReturn;
    /// `IORegistryEntryGetParentEntry`: the first parent in the plane (REG-26).
    fn io_registry_entry_get_parent_entry(
        &self,
        entry: PortName,
        plane: &CStr,
        parent: &mut PortName,
    ) -> IoReturn;
    /// `IORegistryCreateIterator`: a live iterator over the registry, which starts at its root (REG-17, REG-18).
    fn io_registry_create_iterator(
        &self,
        main_port: PortName,
        plane: &CStr,
        options: u32,
        iterator: &mut PortName,
    ) -> IoReturn;
    /// `IORegistryEntryCreateIterator`: a live iterator that starts at an entry (REG-17, REG-18).
    fn io_registry_entry_create_iterator(
        &self,
        entry: PortName,
        plane: &CStr,
        options: u32,
        iterator: &mut PortName,
    ) -> IoReturn;
    /// `IORegistryIteratorEnterEntry`: the entry that was returned last is iterated next (REG-22).
    fn io_registry_iterator_enter_entry(&self, iterator: PortName) -> IoReturn;
    /// `IORegistryIteratorExitEntry`: back to the level above; `kIOReturnNoDevice` at the outermost (REG-22).
    fn io_registry_iterator_exit_entry(&self, iterator: PortName) -> IoReturn;
    /// `IORegistryEntryFromPath`: [`NULL`] if there is no such entry (REG-10 … REG-14). Cut to 511 bytes (P-8).
    fn io_registry_entry_from_path(&self, main_port: PortName, path: &CStr) -> PortName;
    /// `IORegistryEntryCopyFromPath`: the same for longer paths (REG-14).
    fn io_registry_entry_copy_from_path(&self, main_port: PortName, path: &str) -> PortName;
    /// `IORegistryEntryGetNameInPlane`: the name there, else the global one (REG-5).
    fn io_registry_entry_get_name_in_plane(
        &self,
        entry: PortName,
        plane: &CStr,
        name: &mut CString,
    ) -> IoReturn;
    /// `IORegistryEntryGetLocationInPlane`: the location there, else the global one, else `kIOReturnNotFound` (REG-5).
    fn io_registry_entry_get_location_in_plane(
        &self,
        entry: PortName,
        plane: &CStr,
        location: &mut CString,
    ) -> IoReturn;
    /// `IORegistryEntryGetPath`: at most 509 bytes of it (REG-7 … REG-9).
    fn io_registry_entry_get_path(&self, entry: PortName, plane: &CStr, path: &mut CString) -> IoReturn;
    /// `IORegistryEntryCopyPath`: about 16 KiB of it; none for every error (REG-8).
    fn io_registry_entry_copy_path(&self, entry: PortName, plane: &CStr) -> Option<String>;
    /// `IORegistryEntryInPlane`: whether it has a parent there (REG-24, REG-25); false on error.
    fn io_registry_entry_in_plane(&self, entry: PortName, plane: &CStr) -> bool;
    /// `IORegistryEntryGetChildEntry`: the first child in the plane (REG-26).
    fn io_registry_entry_get_child_entry(
        &self,
        entry: PortName,
        plane: &CStr,
        child: &mut PortName,
    ) -> IoReturn;
    /// `IORegistryEntryGetParentIterator` (REG-16, REG-24).
    fn io_registry_entry_get_parent_iterator(
        &self,
        entry: PortName,
        plane: &CStr,
        iterator: &mut PortName,
    ) -> IoReturn;

    // Properties (PR-1 … PR-13).

    /// `IORegistryEntryCreateCFProperty`: none for every error (PR-2).
    fn io_registry_entry_create_cf_property(&self, entry: PortName, key: &CStr) -> Option<Value>;
    /// `IORegistryEntryCreateCFProperties`: all of them, a dictionary (PR-1). `properties` is set to none by a failure.
    fn io_registry_entry_create_cf_properties(
        &self,
        entry: PortName,
        properties: &mut Option<Value>,
    ) -> IoReturn;
    /// `IORegistryEntrySearchCFProperty`: with `kIORegistryIterateRecursively` among the `options` the entry's, or the first that
    /// an iteration with these options comes upon (PR-3); none for every error.
    fn io_registry_entry_search_cf_property(
        &self,
        entry: PortName,
        plane: &CStr,
        key: &CStr,
        options: u32,
    ) -> Option<Value>;
    /// `IORegistryEntryGetProperty`: a property's bytes (PR-9). `size` is set to how many there are by success alone.
    fn io_registry_entry_get_property(
        &self,
        entry: PortName,
        key: &CStr,
        bytes: &mut [u8],
        size: &mut u32,
    ) -> IoReturn;
    /// `IORegistryEntrySetCFProperties`: gives a driver properties to set (PR-10, PR-11).
    fn io_registry_entry_set_cf_properties(&self, entry: PortName, properties: &Value) -> IoReturn;
    /// `IORegistryEntrySetCFProperty`: a dictionary of one key.
    fn io_registry_entry_set_cf_property(&self, entry: PortName, key: &CStr, value: &Value) -> IoReturn;

    // Busy states (BQ-1 … BQ-7).

    /// `IOServiceGetBusyState`: the service's busy count (BQ-4), 0 on error.
    fn io_service_get_busy_state(&self, service: PortName, busy: &mut u32) -> IoReturn;
    /// `IOServiceGetBusyStateAndTime`: state bits (NT-2), busy count, and for how many nanoseconds it has been busy in all (BQ-4);
    /// all 0 on error. In no public header of Apple's: on macOS it is looked up when it is called, and `kIOReturnUnsupported`
    /// if it is not there.
    fn io_service_get_busy_state_and_time(
        &self,
        service: PortName,
        state: &mut u64,
        busy: &mut u32,
        accumulated: &mut u64,
    ) -> IoReturn;
    /// `IOServiceWaitQuiet`: waits until the busy count is 0, for `timeout` at most; for ever without one (BQ-6).
    fn io_service_wait_quiet(&self, service: PortName, timeout: Option<MachTimespec>) -> IoReturn;
    /// `IOKitGetBusyState`: that of the whole registry (BQ-5).
    fn io_kit_get_busy_state(&self, main_port: PortName, busy: &mut u32) -> IoReturn;
    /// `IOKitWaitQuiet`: for the whole registry (BQ-5, BQ-6).
    fn io_kit_wait_quiet(&self, main_port: PortName, timeout: Option<MachTimespec>) -> IoReturn;

    // Opening and closing (OC-1 … OC-17, OC-20).

    /// `IOServiceOpen`: `owning_task` is the caller's own, see [`mach_task_self`](Self::mach_task_self). `connect` is
    /// set to [`NULL`] by an open that the driver refuses, and left alone by one that does not get so far (OC-7).
    fn io_service_open(
        &self,
        service: PortName,
        owning_task: PortName,
        connection_type: u32,
        connect: &mut PortName,
    ) -> IoReturn;
    /// `IOServiceClose`: closes, and drops one user reference of the name whatever the code (OC-9, OC-15).
    ///
    /// # Safety
    ///
    /// The reference is [the caller's own](self#references).
    unsafe fn io_service_close(&self, connect: PortName) -> IoReturn;
    /// `IOServiceRequestProbe` (OC-20).
    fn io_service_request_probe(&self, service: PortName, options: u32) -> IoReturn;
    /// `IOConnectAddRef` (OC-12).
    #[doc(alias = "IOConnectAddRef")]
    fn io_connect_add_ref(&self, connect: PortName) -> IoReturn;
    /// `IOConnectRelease`: the last one closes (OC-12).
    ///
    /// # Safety
    ///
    /// The reference is [the caller's own](self#references).
    #[doc(alias = "IOConnectRelease")]
    unsafe fn io_connect_release(&self, connect: PortName) -> IoReturn;
    /// `IOConnectGetService` (OC-16).
    fn io_connect_get_service(&self, connect: PortName, service: &mut PortName) -> IoReturn;
    /// `IOConnectAddClient` (OC-17).
    fn io_connect_add_client(&self, connect: PortName, client: PortName) -> IoReturn;
    /// `IOConnectSetCFProperties`: gives the user client properties to set (OC-19).
    fn io_connect_set_cf_properties(&self, connect: PortName, properties: &Value) -> IoReturn;
    /// `IOConnectSetCFProperty`: a dictionary of one key.
    fn io_connect_set_cf_property(&self, connect: PortName, key: &CStr, value: &Value) -> IoReturn;

    // External methods (EM-1 … EM-32).

    /// `IOConnectCallMethod`. `None` is C's null pointer for the count.
    fn io_connect_call_method(
        &self,
        connect: PortName,
        selector: u32,
        input: &[u64],
        input_structure: &[u8],
        output: Option<ScalarOutput<'_>>,
        output_structure: Option<StructureOutput<'_>>,
    ) -> IoReturn;
    /// `IOConnectCallAsyncMethod`. `reference` is what comes back with the completion: its slot 0 is the kernel's
    /// (AS-3), and `None` stands for a null pointer with a count of 0 (AS-1).
    ///
    /// # Safety
    ///
    /// To whoever reads `wake_port` with `IODispatchCalloutFromMessage`, slots 1 and 2 of `reference` are a function and
    /// its argument (AS-3), and it calls them. If the port is read so, they must be fit to be called.
    #[expect(clippy::too_many_arguments, reason = "as many as the C function has")]
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
    ) -> IoReturn;
    /// `IOConnectCallScalarMethod`: [`io_connect_call_method`](Self::io_connect_call_method) without structures.
    fn io_connect_call_scalar_method(
        &self,
        connect: PortName,
        selector: u32,
        input: &[u64],
        output: Option<ScalarOutput<'_>>,
    ) -> IoReturn {
        self.io_connect_call_method(connect, selector, input, &[], output, None)
    }
    /// `IOConnectCallStructMethod`: [`io_connect_call_method`](Self::io_connect_call_method) without scalars.
    fn io_connect_call_struct_method(
        &self,
        connect: PortName,
        selector: u32,
        input_structure: &[u8],
        output_structure: Option<StructureOutput<'_>>,
    ) -> IoReturn {
        self.io_connect_call_method(connect, selector, &[], input_structure, None, output_structure)
    }
    /// `IOConnectTrap0` … `IOConnectTrap6`: absent parameters are 0 (EM-31).
    ///
    /// # Safety
    ///
    /// A driver may take a parameter for an address in this task and read or write there. Each must be what the
    /// driver's trap `index` expects.
    unsafe fn io_connect_trap(&self, connect: PortName, index: u32, parameters: [usize; 6]) -> IoReturn;

    /// `IOConnectMapMemory64`: maps memory of the driver's into the task whose port `into_task` names (MEM-1 … MEM-7). With
    /// `kIOMapAnywhere` among the `options`, `address` is where on return alone; without, it is where to map.
    ///
    /// The address is a pointer here, so that it may be used as one on every backend.
    fn io_connect_map_memory64(
        &self,
        connect: PortName,
        memory_type: u32,
        into_task: PortName,
        address: &mut *mut u8,
        size: &mut u64,
        options: u32,
    ) -> IoReturn;
    /// `IOConnectUnmapMemory64`: undoes the mapping of this memory, wherever that is (MEM-8).
    ///
    /// # Safety
    ///
    /// Nothing accesses the memory of any mapping of the connection's any more; of this one's alone, if it is known that the
    /// driver means by `memory_type` what it meant when it was mapped, since it is asked again.
    /// A call of [`io_connect_map_memory64`](Self::io_connect_map_memory64) that has not returned may be one that accesses what it
    /// maps, for a [recording](crate::trace::RecordingOptions::contents).
    unsafe fn io_connect_unmap_memory64(
        &self,
        connect: PortName,
        memory_type: u32,
        from_task: PortName,
        address: *mut u8,
    ) -> IoReturn;
    /// `mach_vm_region` of this task, with `VM_REGION_BASIC_INFO_64`: the region that holds `address`, or the next above:
    /// where it begins, its size, and its protection, which is made of `VM_PROT_READ` and `VM_PROT_WRITE`.
    /// `KERN_INVALID_ADDRESS` if there is none.
    fn mach_vm_region(&self, address: &mut u64, size: &mut u64, protection: &mut i32) -> IoReturn;

    /// `IOConnectSetNotificationPort`: gives the driver a send right to `port`, of which the task has the receive right,
    /// and a number to go with it (OC-18).
    fn io_connect_set_notification_port(
        &self,
        connect: PortName,
        port_type: u32,
        port: PortName,
        reference: usize,
    ) -> IoReturn;

    // Notifications (AS-8 … AS-15, NT-1 … NT-19).

    /// `IONotificationPortCreate`: none if there is no port left to make one of (AS-14).
    fn io_notification_port_create(&self, main_port: PortName) -> Option<NotificationPortRef>;
    /// `IONotificationPortDestroy` (AS-14).
    ///
    /// # Safety
    ///
    /// `port` must come from [`io_notification_port_create`](Self::io_notification_port_create) of this backend, and
    /// must not be used again.
    unsafe fn io_notification_port_destroy(&self, port: NotificationPortRef);
    /// `IONotificationPortGetMachPort`: the name of its receive right.
    ///
    /// # Safety
    ///
    /// `port` must come from [`io_notification_port_create`](Self::io_notification_port_create) of this backend, and
    /// must not be destroyed yet.
    unsafe fn io_notification_port_get_mach_port(&self, port: NotificationPortRef) -> PortName;
    /// `IOServiceAddInterestNotification` (NT-12). `callback` and `refcon` come back in slots 1 and 2 of each
    /// message's reference (AS-3).
    ///
    /// # Safety
    ///
    /// `port` must come from [`io_notification_port_create`](Self::io_notification_port_create) of this backend, and
    /// must not be destroyed yet. To whoever reads it with `IODispatchCalloutFromMessage`, `callback` is a function and
    /// `refcon` its argument: if the port is read so, they must be fit to be called.
    unsafe fn io_service_add_interest_notification(
        &self,
        port: NotificationPortRef,
        service: PortName,
        interest_type: &CStr,
        callback: usize,
        refcon: usize,
        notification: &mut PortName,
    ) -> IoReturn;
    /// `IOServiceAddNotification`: the older form, with a wake port of the caller's, of which the task has the receive right, and a
    /// reference of one number (NT-11).
    fn io_service_add_notification(
        &self,
        main_port: PortName,
        notification_type: &CStr,
        matching: Option<&Value>,
        wake_port: PortName,
        reference: usize,
        iterator: &mut PortName,
    ) -> IoReturn;
    /// `IOServiceAddMatchingNotification`: an iterator over what matches, and a message when more does (NT-1 … NT-10). `callback` and
    /// `refcon` come back in slots 1 and 2 of each message's reference. C consumes the dictionary; here it stays the caller's.
    ///
    /// # Safety
    ///
    /// As for [`io_service_add_interest_notification`](Self::io_service_add_interest_notification).
    unsafe fn io_service_add_matching_notification(
        &self,
        port: NotificationPortRef,
        notification_type: &CStr,
        matching: Option<&Value>,
        callback: usize,
        refcon: usize,
        iterator: &mut PortName,
    ) -> IoReturn;

    // Mach.

    /// `mach_msg` with `MACH_RCV_MSG`: waits until a message is there, for `timeout` at most, and puts it into
    /// `message` whole: header, descriptors, body, without its trailer. The rights in it are the caller's from then on.
    ///
    /// `limit` is the most bytes that it may have, 24 of header included; a larger one is lost with
    /// `MACH_RCV_TOO_LARGE`. One that carries anything but port rights is destroyed with `MACH_RCV_BODY_ERROR`, and so is one with
    /// rights that the task has no room for (P-2a).
    /// Every failure leaves `message` empty: `MACH_RCV_TIMED_OUT`, `MACH_RCV_INVALID_NAME` for a name that is
    /// no receive right, `MACH_RCV_PORT_DIED` if it goes away meanwhile.
    fn mach_msg_receive(
        &self,
        port: PortName,
        message: &mut Vec<u8>,
        limit: usize,
        timeout: Option<Duration>,
    ) -> IoReturn;
    /// `mach_msg` with `MACH_SEND_MSG`: sends a header and no more to a port that the task has the receive right of
    /// (`MACH_MSG_TYPE_MAKE_SEND`). It never waits: `MACH_SEND_TIMED_OUT` if the queue is full.
    fn mach_msg_send_empty(&self, port: PortName, id: i32) -> IoReturn;
    /// `mach_task_self`: the calling task's own port.
    fn mach_task_self(&self) -> PortName;
    /// `mach_port_allocate` of a receive right, for wake ports.
    fn mach_port_allocate(&self, right: PortRight, name: &mut PortName) -> IoReturn;
    /// `mach_port_insert_right` with `MACH_MSG_TYPE_MAKE_SEND`: a send right to a port that the task receives from,
    /// under the receive right's own name.
    fn mach_port_insert_right(&self, name: PortName) -> IoReturn;
    /// `mach_port_get_refs`: user references of one kind of right; 0 with success if the name denotes another kind.
    fn mach_port_get_refs(&self, name: PortName, right: PortRight, references: &mut u32) -> IoReturn;
    /// `mach_port_mod_refs`: adds `delta` user references of one kind of right. Dropping the last reference of a
    /// receive right destroys the port.
    ///
    /// # Safety
    ///
    /// References that are given up are [the caller's own](self#references).
    unsafe fn mach_port_mod_refs(&self, name: PortName, right: PortRight, delta: i32) -> IoReturn;
    /// `mach_port_deallocate`: drops one user reference of a send right or a dead name.
    ///
    /// # Safety
    ///
    /// The reference is [the caller's own](self#references).
    unsafe fn mach_port_deallocate(&self, name: PortName) -> IoReturn;
}
