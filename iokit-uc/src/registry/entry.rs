//! One entry of the registry, and those around it.

use super::plane::Plane;
use crate::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName};
use crate::error::{IoReturn, Result};
use crate::kernel::Kernel;
use crate::object::{Object, ObjectIterator, check, no_object, text};
use std::ffi::{CStr, CString};
use std::fmt;
use std::ops::Deref;

/// `io_registry_entry_t`: an entry of the I/O Registry, which is an [`Object`].
///
/// ```
/// # #[cfg(feature = "sim")] {
/// use iokit_uc::sim::{Machine, Nub};
/// use iokit_uc::{Plane, RegistryEntry};
///
/// let machine = Machine::new();
/// machine.publish(Nub::new("com_example_Driver"));
/// let kernel = machine.task("client").kernel();
///
/// let entry = RegistryEntry::from_path(&kernel, "IOService:/com_example_Driver")?.unwrap();
/// assert_eq!(entry.name()?, "com_example_Driver");
/// let provider = entry.parent(&Plane::SERVICE)?.unwrap();
/// assert_eq!(provider.path(&Plane::SERVICE)?, "IOService:/");
/// assert!(provider.children(&Plane::SERVICE)?.any(|child| child == entry));
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
///
/// Every function fails with `MACH_SEND_INVALID_DEST` ([`ErrorKind::Terminated`](crate::ErrorKind::Terminated)) if the entry is
/// gone; and every one that takes a plane with `kIOReturnNotFound` if the kernel has no such plane.
#[derive(Clone, PartialEq)]
#[doc(alias = "io_registry_entry_t")]
pub struct RegistryEntry(Object);

const LOCATION: &str = "IORegistryEntryGetLocationInPlane";

impl RegistryEntry {
    /// Takes over a name that something else has obtained.
    ///
    /// # Safety
    ///
    /// As for [`Object::from_raw`].
    pub unsafe fn from_raw(kernel: Kernel, name: PortName) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { Object::from_raw(kernel, name) })
    }

    /// The name with its user reference: whoever takes it must release it.
    pub fn into_raw(self) -> PortName {
        self.0.into_raw()
    }

    pub(crate) fn from_answer(kernel: &Kernel, name: PortName) -> Option<Self> {
        Object::from_answer(kernel, name).map(Self)
    }

    /// The entry that an object is said to be by whatever gave it.
    pub(crate) fn from_object(object: Object) -> Self {
        Self(object)
    }

    /// `IORegistryGetRootEntry`: the registry's root, above the roots of all planes (REG-1, REG-4).
    ///
    /// # Errors
    ///
    /// `kIOReturnIPCError` if the kernel gives none, which C says no more of.
    #[doc(alias = "IORegistryGetRootEntry")]
    pub fn root(kernel: &Kernel) -> Result<Self> {
        let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
        Self::from_answer(kernel, root).ok_or_else(|| no_object("IORegistryGetRootEntry"))
    }

    /// `IORegistryEntryIDMatching`: the service with this [`id`](Self::id); `None` if there is none.
    ///
    /// It is looked for by matching, which finds services alone, and those that have been registered and matched
    /// (REG-15).
    ///
    /// # Errors
    ///
    /// Whatever the kernel says.
    #[doc(alias = "IORegistryEntryIDMatching")]
    pub fn from_id(kernel: &Kernel, id: u64) -> Result<Option<Self>> {
        let matching = kernel.io_registry_entry_id_matching(id);
        // Of the two functions that match, this is the one that says why it fails.
        let mut iterator = NULL;
        let code =
            kernel.io_service_get_matching_services(MAIN_PORT_DEFAULT, matching.as_ref(), &mut iterator);
        // Ours even beside a code that is not success (P-7a).
        let found = ObjectIterator::from_answer(kernel, iterator);
        check("IOServiceGetMatchingServices", code)?;
        Ok(found.and_then(|found| found.next()).map(Self))
    }

    /// `IORegistryEntryGetName`: the entry's name, or its class if it has none (REG-5). Of a longer one, the kernel gives
    /// 127 bytes (REG-6).
    #[doc(alias = "IORegistryEntryGetName")]
    pub fn name(&self) -> Result<String> {
        let mut name = CString::default();
        check("IORegistryEntryGetName", self.kernel().io_registry_entry_get_name(self.as_raw(), &mut name))?;
        text("IORegistryEntryGetName", name)
    }

    /// `IORegistryEntryGetNameInPlane`: the entry's name in `plane`, or [the one](Self::name) that it has elsewhere.
    #[doc(alias = "IORegistryEntryGetNameInPlane")]
    pub fn name_in(&self, plane: &Plane) -> Result<String> {
        const FUNCTION: &str = "IORegistryEntryGetNameInPlane";
        plane.check(FUNCTION, self.kernel())?;
        let (plane, mut name) = (plane.as_c_str(), CString::default());
        check(FUNCTION, self.kernel().io_registry_entry_get_name_in_plane(self.as_raw(), plane, &mut name))?;
        text(FUNCTION, name)
    }

    /// `IORegistryEntryGetLocationInPlane`, in no plane: where the entry is among those beside it, such as the number of a
    /// port; `None` if it has no location (REG-5). Of a longer one, the kernel gives 127 bytes (REG-6).
    pub fn location(&self) -> Result<Option<String>> {
        // No plane has this name, which asks for the location that is the same in all.
        self.location_by_plane(c"")
    }

    /// `IORegistryEntryGetLocationInPlane`: the entry's location in `plane`, or [the one](Self::location) that it has
    /// elsewhere; `None` if it has none.
    #[doc(alias = "IORegistryEntryGetLocationInPlane")]
    pub fn location_in(&self, plane: &Plane) -> Result<Option<String>> {
        plane.check(LOCATION, self.kernel())?;
        self.location_by_plane(plane.as_c_str())
    }

    fn location_by_plane(&self, plane: &CStr) -> Result<Option<String>> {
        let (kernel, mut location) = (self.kernel(), CString::default());
        match kernel.io_registry_entry_get_location_in_plane(self.as_raw(), plane, &mut location) {
            IoReturn::NOT_FOUND => Ok(None),
            code => check(LOCATION, code).and_then(|()| text(LOCATION, location)).map(Some),
        }
    }

    /// `IORegistryEntryGetRegistryEntryID`: the entry's number, unique while the kernel runs; 0 for an entry that has never
    /// been attached to another (REG-2).
    #[doc(alias = "IORegistryEntryGetRegistryEntryID")]
    pub fn id(&self) -> Result<u64> {
        self.ask_id("IORegistryEntryGetRegistryEntryID")
    }

    fn ask_id(&self, function: &'static str) -> Result<u64> {
        let mut id = 0;
        check(function, self.kernel().io_registry_entry_get_registry_entry_id(self.as_raw(), &mut id))?;
        Ok(id)
    }

    /// `IORegistryEntryInPlane`: whether the entry has a parent in `plane`. The registry's root has none anywhere (REG-25).
    ///
    /// C says no, too, of an entry that is gone; this does not.
    #[doc(alias = "IORegistryEntryInPlane")]
    pub fn in_plane(&self, plane: &Plane) -> Result<bool> {
        const FUNCTION: &str = "IORegistryEntryInPlane";
        plane.check(FUNCTION, self.kernel())?;
        let there = self.kernel().io_registry_entry_in_plane(self.as_raw(), plane.as_c_str());
        if !there {
            self.ask_id(FUNCTION)?;
        }
        Ok(there)
    }

    /// `IORegistryEntryGetChildEntry`: the entry's first child in `plane`; `None` if it has none (REG-26).
    #[doc(alias = "IORegistryEntryGetChildEntry")]
    pub fn child(&self, plane: &Plane) -> Result<Option<RegistryEntry>> {
        let mut child = NULL;
        let code =
            self.kernel().io_registry_entry_get_child_entry(self.as_raw(), plane.as_c_str(), &mut child);
        self.neighbour("IORegistryEntryGetChildEntry", plane, code, child)
    }

    /// `IORegistryEntryGetParentEntry`: the entry's first parent in `plane`; `None` if it has none (REG-26).
    #[doc(alias = "IORegistryEntryGetParentEntry")]
    pub fn parent(&self, plane: &Plane) -> Result<Option<RegistryEntry>> {
        let mut parent = NULL;
        let code =
            self.kernel().io_registry_entry_get_parent_entry(self.as_raw(), plane.as_c_str(), &mut parent);
        self.neighbour("IORegistryEntryGetParentEntry", plane, code, parent)
    }

    fn neighbour(
        &self,
        function: &'static str,
        plane: &Plane,
        code: IoReturn,
        entry: PortName,
    ) -> Result<Option<RegistryEntry>> {
        if code == IoReturn::NO_DEVICE {
            // So the kernel says of a plane that it does not have, too (REG-24).
            return plane.check(function, self.kernel()).map(|()| None);
        }
        check(function, code)?;
        Self::from_answer(self.kernel(), entry).map(Some).ok_or_else(|| no_object(function))
    }
}

impl fmt::Debug for RegistryEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("RegistryEntry", f)
    }
}

impl Deref for RegistryEntry {
    type Target = Object;
    fn deref(&self) -> &Object {
        &self.0
    }
}
