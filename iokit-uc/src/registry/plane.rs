//! The planes of the I/O Registry.

use crate::backend::{Backend, MAIN_PORT_DEFAULT};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::{Kernel, KernelId};
use crate::object::{Object, c_string, no_object};
use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A plane of the I/O Registry: one of several trees that the same entries stand in, by its name.
///
/// Every kernel has the three that are constants here; drivers make others, which [`find`](Self::find) finds.
///
/// ```
/// # #[cfg(feature = "sim")] {
/// use iokit_uc::Plane;
/// # let kernel = iokit_uc::sim::Machine::new().task("client").kernel();
///
/// assert_eq!(Plane::find(&kernel, "IOService")?, Plane::SERVICE);
/// let error = Plane::find(&kernel, "IOCoffee").unwrap_err();
/// assert!(error.to_string().ends_with("there is no plane `IOCoffee`, but IOService, IOPower, IODeviceTree"));
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
///
/// IOKitLib answers many questions about a plane that does not exist as if it had been asked something else (REG-24). Here
/// that is `kIOReturnNotFound` everywhere, also for a plane that another kernel has.
#[derive(Clone)]
pub struct Plane {
    name: Cow<'static, CStr>,
    found: Found,
}

/// Which kernels have the plane.
#[derive(Clone, Copy)]
enum Found {
    Everywhere,
    /// Planes are made, and never go away.
    In(KernelId),
}

/// The longest name of a plane in bytes (REG-3). A path has room for one less (REG-10).
const PLANE_MAX: usize = 32;

impl Plane {
    /// `kIOServicePlane`: who provides for whom. All services are there.
    #[doc(alias = "kIOServicePlane")]
    pub const SERVICE: Plane = Plane::everywhere(c"IOService");
    /// `kIOPowerPlane`: who powers whom.
    #[doc(alias = "kIOPowerPlane")]
    pub const POWER: Plane = Plane::everywhere(c"IOPower");
    /// `kIODeviceTreePlane`: the device tree of the firmware.
    #[doc(alias = "kIODeviceTreePlane")]
    pub const DEVICE_TREE: Plane = Plane::everywhere(c"IODeviceTree");

    const fn everywhere(name: &'static CStr) -> Self {
        Self { name: Cow::Borrowed(name), found: Found::Everywhere }
    }

    /// The plane of this name, which is one of those that the registry's root lists in its property `IORegistryPlanes`
    /// (REG-1).
    ///
    /// # Errors
    ///
    /// `kIOReturnNotFound` if there is none: the detail names those that there are. `kIOReturnBadArgument` for a name of more
    /// than 32 bytes or with a NUL.
    #[doc(alias = "kIORegistryPlanesKey")]
    pub fn find(kernel: &Kernel, name: &str) -> Result<Plane> {
        let name = c_string(Call::Function("Plane::find"), "bytes of plane name", name, PLANE_MAX)?;
        let plane = Plane { name: Cow::Owned(name), found: Found::In(kernel.id()) };
        plane.look_up(kernel, "Plane::find")?;
        Ok(plane)
    }

    /// All planes that the registry has now.
    ///
    /// # Errors
    ///
    /// `kIOReturnIPCError` if the kernel does not tell.
    pub fn all(kernel: &Kernel) -> Result<Vec<Plane>> {
        let plane = |name: String| {
            let name = c_string(Call::Function("Plane::all"), "bytes of plane name", &name, PLANE_MAX)?;
            Ok(Plane { name: Cow::Owned(name), found: Found::In(kernel.id()) })
        };
        names(kernel)?.into_iter().map(plane).collect()
    }

    /// Its name: `IOService`.
    pub fn name(&self) -> &str {
        self.name.to_str().expect("made of text")
    }

    pub(crate) fn as_c_str(&self) -> &CStr {
        &self.name
    }

    /// Fails, as `function` does, if `kernel` has no such plane.
    pub(crate) fn check(&self, function: &'static str, kernel: &Kernel) -> Result<()> {
        match self.found {
            Found::Everywhere => Ok(()),
            Found::In(found) if found == kernel.id() => Ok(()),
            Found::In(_) => self.look_up(kernel, function),
        }
    }

    fn look_up(&self, kernel: &Kernel, function: &'static str) -> Result<()> {
        let names = names(kernel)?;
        if names.iter().any(|name| name == self.name()) {
            return Ok(());
        }
        let text = format!("there is no plane `{self}`, but {}", names.join(", "));
        let error = Error::new(Call::Function(function), IoReturn::NOT_FOUND);
        Err(error.with_detail(Detail::Text(text.into())))
    }
}

/// What the registry's root lists.
fn names(kernel: &Kernel) -> Result<Vec<String>> {
    const KEY: &CStr = c"IORegistryPlanes";
    let root = Object::from_answer(kernel, kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT));
    let root = root.ok_or_else(|| no_object("IORegistryGetRootEntry"))?;
    let planes = kernel.io_registry_entry_create_cf_property(root.as_raw(), KEY);
    match planes.as_ref().and_then(|planes| planes.as_dictionary()) {
        Some(planes) => Ok(planes.keys().map(str::to_owned).collect()),
        None => Err(Error::new(Call::Function("IORegistryEntryCreateCFProperty"), IoReturn::IPC_ERROR)
            .with_detail(Detail::Text("the registry's root does not list its planes".into()))),
    }
}

impl fmt::Debug for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Plane").field(&self.name()).finish()
    }
}

impl fmt::Display for Plane {
    /// The name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// By name.
impl PartialEq for Plane {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Plane {}

impl Hash for Plane {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
