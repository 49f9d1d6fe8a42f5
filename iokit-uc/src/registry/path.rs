//! Paths: where an entry is in a plane, as text.

use super::entry::RegistryEntry;
use super::plane::Plane;
use crate::backend::{Backend, MAIN_PORT_DEFAULT};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::Kernel;
use crate::object::{c_string, check, text};
use std::ffi::CString;

/// The longest `io_string_t` in bytes, without its NUL (CN-1).
const STRING_MAX: usize = 511;

/// The longest path that the kernel takes in bytes (REG-14).
const PATH_MAX: usize = 4096 * 1024;

/// The one length of which the last byte gets lost on the way (REG-14).
const LOSES_A_BYTE: usize = 4096;

const GET_PATH: &str = "IORegistryEntryGetPath";

/// What a path begins with.
pub(crate) fn plane_of_path(call: Call, path: &str) -> Result<&str> {
    match path.split_once(':') {
        Some((plane, _)) => Ok(plane),
        None => {
            Err(refused(call, "a path begins with the name of a plane and a colon, as `IOService:/` does"))
        }
    }
}

#[cold]
fn refused(call: Call, text: &str) -> Error {
    Error::new(call, IoReturn::BAD_ARGUMENT).with_detail(Detail::Text(text.into()))
}

impl RegistryEntry {
    /// `IORegistryEntryFromPath`, or for a path of more than 511 bytes `IORegistryEntryCopyFromPath`: the entry at `path`, such
    /// as `IOService:/AppleARMPE/arm-io`; `None` if there is none.
    ///
    /// A path is the name of a plane, a colon, and from its root on a `/` and a name for each entry, with an `@` and its
    /// location if it has one. Names may be left out, and locations (REG-11). In the device tree the first may be an
    /// alias, without `/` (REG-9). The kernel finds nothing at a path that says more than that, if no more than a
    /// `/` at its end (REG-13).
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` for a path without a colon, with a NUL, of more than 4 MiB, and of 4096 bytes exactly, of which
    /// IOKitLib would lose one. `kIOReturnNotFound` if the kernel has no such plane.
    #[doc(alias = "IORegistryEntryFromPath")]
    #[doc(alias = "IORegistryEntryCopyFromPath")]
    pub fn from_path(kernel: &Kernel, path: &str) -> Result<Option<Self>> {
        let function = match path.len() {
            ..=STRING_MAX => "IORegistryEntryFromPath",
            _ => "IORegistryEntryCopyFromPath",
        };
        let call = Call::Function(function);
        let refused =
            |text: &str| Err(Error::new(call, IoReturn::BAD_ARGUMENT).with_detail(Detail::Text(text.into())));
        let c_path = c_string(call, "bytes of path", path, PATH_MAX)?;
        let Some((plane, _)) = path.split_once(':') else {
            return refused("a path begins with the name of a plane and a colon, as `IOService:/` does");
        };
        if path.len() == LOSES_A_BYTE {
            return refused("of a path of exactly 4096 bytes, IOKitLib would lose the last");
        }
        let entry = match path.len() {
            ..=STRING_MAX => kernel.io_registry_entry_from_path(MAIN_PORT_DEFAULT, &c_path),
            _ => kernel.io_registry_entry_copy_from_path(MAIN_PORT_DEFAULT, path),
        };
        match Self::from_answer(kernel, entry) {
            Some(entry) => Ok(Some(entry)),
            // C does not say what there is none of.
            None => Plane::find(kernel, plane).map(|_| None).map_err(|error| error.at(call)),
        }
    }

    /// `IORegistryEntryGetPath`, or for a path of more than 509 bytes `IORegistryEntryCopyPath`: where the entry is in
    /// `plane`, by first parents (REG-7). [`from_path`](Self::from_path) finds it there, if no entry before it goes by the
    /// same name and location, and if no name on the way has more than 127 bytes, of which the kernel tells no more (REG-6).
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` for an entry that is not in the plane, or no longer connected to its root; for the
    /// registry's root itself, which is above all planes; and for a path of more than about 16 KiB (REG-8).
    #[doc(alias = "IORegistryEntryGetPath")]
    #[doc(alias = "IORegistryEntryCopyPath")]
    pub fn path(&self, plane: &Plane) -> Result<String> {
        let mut path = CString::default();
        let code = self.kernel().io_registry_entry_get_path(self.as_raw(), plane.as_c_str(), &mut path);
        if code != IoReturn::BAD_ARGUMENT {
            return check(GET_PATH, code).and_then(|()| text(GET_PATH, path));
        }
        match self.kernel().io_registry_entry_copy_path(self.as_raw(), plane.as_c_str()) {
            Some(path) => Ok(path),
            None => Err(self.without_path(plane)),
        }
    }

    /// Why the entry has no path, which C does not say.
    #[cold]
    fn without_path(&self, plane: &Plane) -> Error {
        let text = match self.in_plane(plane) {
            Err(error) => return error.at(Call::Function(GET_PATH)),
            Ok(false) => format!("the entry is not in the plane {plane}"),
            Ok(true) => {
                format!(
                    "the entry is not connected to the root of {plane}, or its path has more than about 16 KiB"
                )
            }
        };
        refused(Call::Function("IORegistryEntryCopyPath"), &text)
    }
}
