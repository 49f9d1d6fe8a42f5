//! The functions that give up references, for tests, without `unsafe`.

use crate::abi::*;
use crate::c;

macro_rules! safe {
    ($($name:ident($($parameter:ident: $type:ty),*);)*) => {$(
        pub(crate) fn $name($($parameter: $type),*) -> kern_return_t {
            // SAFETY: a test's references are its own, and it uses no memory that it has mapped.
            unsafe { c::$name($($parameter),*) }
        }
    )*};
}

safe! {
    IOObjectRelease(object: io_object_t);
    mach_port_mod_refs(task: ipc_space_t, name: mach_port_name_t, right: mach_port_right_t, delta: mach_port_delta_t);
    mach_port_deallocate(task: ipc_space_t, name: mach_port_name_t);
    mach_port_destroy(task: ipc_space_t, name: mach_port_name_t);
}
