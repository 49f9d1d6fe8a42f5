//! The types of C that the headers use, by their names there.

pub use std::ffi::{c_char, c_int, c_void};

/// Names for one type.
macro_rules! names {
    ($($type:ty: $($name:ident)*;)*) => {$($(
        #[doc = concat!("`", stringify!($name), "`")]
        pub type $name = $type;
    )*)*};
}

names! {
    // Port names (CN-1).
    u32:
        mach_port_t mach_port_name_t task_port_t task_name_t ipc_space_t vm_map_t
        io_object_t io_connect_t io_iterator_t io_registry_entry_t io_service_t;
    i32:
        kern_return_t mach_error_t mach_msg_return_t mach_msg_option_t mach_port_delta_t vm_region_flavor_t IOReturn;
    u32:
        boolean_t IOOptionBits mach_msg_bits_t mach_msg_size_t mach_msg_timeout_t
        mach_msg_type_name_t mach_msg_type_number_t mach_port_right_t mach_port_type_t mach_port_urefs_t;
    u8: Boolean;
    u64: mach_vm_address_t mach_vm_size_t;
    usize: vm_address_t vm_size_t uintptr_t;
    // An argument that is an array is a pointer.
    *mut c_char: io_name_t io_string_t;
    *mut c_int: vm_region_info_t;
    // Memory that a driver writes to as well.
    c_void: IODataQueueMemory IODataQueueEntry;
    // Objects are looked up, never believed.
    *const c_void:
        CFTypeRef CFAllocatorRef CFStringRef CFDictionaryRef CFMutableDictionaryRef CFRunLoopSourceRef;
    *mut c_void: IONotificationPortRef dispatch_queue_t;
    // A number until it comes back in a message.
    usize: IOServiceInterestCallback IOServiceMatchingCallback;
}

/// `mach_msg_header_t`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct mach_msg_header_t {
    pub msgh_bits: mach_msg_bits_t,
    pub msgh_size: mach_msg_size_t,
    pub msgh_remote_port: mach_port_t,
    pub msgh_local_port: mach_port_t,
    pub msgh_voucher_port: mach_port_name_t,
    pub msgh_id: i32,
}

const _: () = assert!(size_of::<mach_msg_header_t>() == 24);

/// `mach_timespec_t`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct mach_timespec_t {
    pub tv_sec: u32,
    pub tv_nsec: i32,
}
