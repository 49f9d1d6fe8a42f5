//! What the kernel tells of the object behind a name: for `Debug` of handles, and for spans.
//!
//! Only functions are called that the kernel answers by itself, so that no driver's code runs, and no reference comes or
//! goes. They are not part of what a program does: a recording does not write them down, a replay is not asked, and no fault
//! comes to them.

use crate::backend::{Backend, NULL, PortName};
use crate::error::IoReturn;
use crate::kernel::Kernel;
use std::ffi::{CStr, CString};
use std::fmt;

/// The name of a port: `0x1203`.
pub(crate) struct Port(pub(crate) PortName);

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// The object behind a name, shown as a handle of this `kind`.
///
/// Of one that is gone the kernel tells nothing, and is asked once.
pub(crate) struct Shown<'a> {
    pub(crate) kind: &'static str,
    pub(crate) kernel: &'a Kernel,
    pub(crate) name: PortName,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(self.kind);
        if let Some(kernel) = self.kernel.aside().filter(|_| self.name != NULL) {
            match class(kernel, self.name) {
                Ok(class) => {
                    shown.field("class", &class);
                    if let Ok(id) = id(kernel, self.name) {
                        entry(&mut shown, kernel, self.name, id);
                    }
                }
                Err(code) => {
                    shown.field("error", &code);
                }
            }
        }
        shown.field("port", &Port(self.name)).finish()
    }
}

/// What an entry of the registry has besides.
fn entry(shown: &mut fmt::DebugStruct<'_, '_>, kernel: &dyn Backend, entry: PortName, id: u64) {
    let mut name = CString::default();
    if kernel.io_registry_entry_get_name(entry, &mut name).is_success() {
        shown.field("name", &name.to_string_lossy());
    }
    shown.field("id", &format_args!("{id:#x}"));
    if let Some(path) = path(kernel, entry) {
        shown.field("path", &path);
    }
}

/// `IOObjectGetClass`, of whatever is in the text.
pub(crate) fn class(kernel: &dyn Backend, object: PortName) -> Result<String, IoReturn> {
    let mut class = CString::default();
    kernel.io_object_get_class(object, &mut class).result()?;
    Ok(class.to_string_lossy().into_owned())
}

/// `IORegistryEntryGetRegistryEntryID`. An error for what is no entry.
pub(crate) fn id(kernel: &dyn Backend, entry: PortName) -> Result<u64, IoReturn> {
    let mut id = 0;
    kernel.io_registry_entry_get_registry_entry_id(entry, &mut id).result()?;
    Ok(id)
}

/// The planes that every kernel has.
const PLANES: [&CStr; 3] = [c"IOService", c"IODeviceTree", c"IOPower"];

/// The path in the first of the planes that the entry is in.
fn path(kernel: &dyn Backend, entry: PortName) -> Option<String> {
    let plane = PLANES.iter().find(|plane| kernel.io_registry_entry_in_plane(entry, plane))?;
    path_in(kernel, entry, plane)
}

fn path_in(kernel: &dyn Backend, entry: PortName, plane: &CStr) -> Option<String> {
    let mut path = CString::default();
    match kernel.io_registry_entry_get_path(entry, plane, &mut path) {
        IoReturn::SUCCESS => Some(path.to_string_lossy().into_owned()),
        // It may be too long for that function.
        _ => kernel.io_registry_entry_copy_path(entry, plane),
    }
}
