//! Objects of the kernel, held by a counted name.

use crate::backend::{Backend, NULL, PortName, PortRight};
use crate::description::{Port, Shown};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::Kernel;
use std::ffi::{CStr, CString};
use std::fmt::{self, Debug};

/// `io_object_t`: a handle on an object of the kernel.
///
/// Owns one user reference on the name. Cloning adds one (`IOObjectRetain`), dropping gives it back
/// (`IOObjectRelease`).
///
/// `Debug` asks the kernel, and shows the object's class; of an entry of the registry name, ID and path too.
#[doc(alias = "io_object_t")]
pub struct Object {
    kernel: Kernel,
    name: PortName,
}

impl Object {
    /// Takes over a name that something else has obtained.
    ///
    /// # Safety
    ///
    /// `name` must denote a send right to an object of `kernel` in this task, with one user reference that nothing
    /// else will release: releasing a name that is not held can end the process (RC-1).
    pub unsafe fn from_raw(kernel: Kernel, name: PortName) -> Self {
        Self { kernel, name }
    }

    /// The name with its user reference: whoever takes it must release it.
    pub fn into_raw(mut self) -> PortName {
        std::mem::replace(&mut self.name, NULL)
    }

    /// The name, which stays this handle's own.
    pub fn as_raw(&self) -> PortName {
        self.name
    }

    /// The kernel that the object belongs to.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// `Debug` of a handle of this kind.
    pub(crate) fn show(&self, kind: &'static str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown { kind, kernel: &self.kernel, name: self.name }.fmt(f)
    }

    /// What a call answered, owned; none for [`NULL`].
    pub(crate) fn from_answer(kernel: &Kernel, name: PortName) -> Option<Self> {
        (name != NULL).then(|| Self { kernel: kernel.clone(), name })
    }

    /// `IOObjectGetClass`: the name of the object's class. A driver can have its entries give another (RC-7).
    ///
    /// # Errors
    ///
    /// `MACH_SEND_INVALID_DEST` if the object is gone.
    #[doc(alias = "IOObjectGetClass")]
    #[doc(alias = "IOObjectCopyClass")]
    pub fn class(&self) -> Result<String> {
        let mut class = CString::default();
        check("IOObjectGetClass", self.kernel.io_object_get_class(self.name, &mut class))?;
        text("IOObjectGetClass", class)
    }

    /// The object's class and all that it derives from: its own first, `OSObject` last.
    ///
    /// A class that the kernel does not know, because a driver has its entries give another name than they have, stands
    /// alone.
    ///
    /// # Errors
    ///
    /// Those of [`class`](Self::class).
    pub fn inheritance(&self) -> Result<Vec<String>> {
        let mut classes = vec![self.class()?];
        while let Some(superclass) = self.kernel.superclass_of(&classes[classes.len() - 1])? {
            classes.push(superclass);
        }
        Ok(classes)
    }

    /// The identifier of the kernel extension that the object's class comes from: [`Kernel::bundle_of`] its
    /// [`class`](Self::class).
    ///
    /// # Errors
    ///
    /// Those of [`class`](Self::class).
    pub fn bundle(&self) -> Result<Option<String>> {
        self.kernel.bundle_of(&self.class()?)
    }

    /// `IOObjectConformsTo`: whether the object is of `class` or of a class derived from it (RC-8); false for a class that
    /// the kernel does not know.
    ///
    /// C says no, too, of an object that is gone; this does not.
    ///
    /// # Errors
    ///
    /// `MACH_SEND_INVALID_DEST` if the object is gone, and `kIOReturnBadArgument` for a `class` of more than 127 bytes
    /// or with a NUL.
    #[doc(alias = "IOObjectConformsTo")]
    pub fn conforms_to(&self, class: &str) -> Result<bool> {
        let class = c_string(Call::Function("IOObjectConformsTo"), CLASS_NAME, class, NAME_MAX)?;
        let conforms = self.kernel.io_object_conforms_to(self.name, &class);
        if !conforms {
            let code = self.kernel.io_object_get_class(self.name, &mut CString::default());
            check("IOObjectConformsTo", code)?;
        }
        Ok(conforms)
    }

    /// `IOObjectIsEqualTo`: whether two handles of one kernel have one name; `==` is the same. Right for objects that are
    /// alive; a service that has been terminated can have two (RC-4), and [`RegistryEntry::id`](crate::RegistryEntry::id)
    /// tells that they are one.
    #[doc(alias = "IOObjectIsEqualTo")]
    pub fn is_equal_to(&self, other: &Object) -> bool {
        self.kernel == other.kernel && self.kernel.io_object_is_equal_to(self.name, other.name)
    }

    /// `IOObjectGetUserRetainCount`: how many user references this task has on the name; 0 if the object is gone
    /// (RC-3). Handles of one object share a name, so it counts them all.
    #[doc(alias = "IOObjectGetUserRetainCount")]
    pub fn user_retain_count(&self) -> u32 {
        self.kernel.io_object_get_user_retain_count(self.name)
    }

    /// `IOObjectGetKernelRetainCount`, and `IOObjectGetRetainCount`, which is its older name: how many references the
    /// kernel has on the object, for diagnosis only; 0 if it is gone (RC-3).
    #[doc(alias = "IOObjectGetKernelRetainCount")]
    #[doc(alias = "IOObjectGetRetainCount")]
    pub fn kernel_retain_count(&self) -> u32 {
        self.kernel.io_object_get_kernel_retain_count(self.name)
    }

    /// `mach_port_get_refs`: how many user references this task has on its send right to the object, which is what
    /// grows when a program leaks handles; 0 if the object is gone, since the name denotes no send right then.
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// use iokit_uc::sim::{Machine, Nub};
    /// use iokit_uc::{Matching, Service};
    ///
    /// let machine = Machine::new();
    /// machine.publish(Nub::new("com_example_Driver"));
    /// let service = Service::expect_first(&machine.task("client").kernel(), &Matching::class("com_example_Driver"))?;
    /// let again = service.clone();
    /// assert_eq!(service.send_rights()?, 2);
    /// drop(again);
    /// assert_eq!(service.send_rights()?, 1);
    /// # }
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `KERN_INVALID_NAME` for a clone that got no name.
    #[doc(alias = "mach_port_get_refs")]
    pub fn send_rights(&self) -> Result<u32> {
        let mut references = 0;
        let code = self.kernel.mach_port_get_refs(self.name, PortRight::Send, &mut references);
        check("mach_port_get_refs", code)?;
        Ok(references)
    }
}

/// Classes.
impl Kernel {
    /// `IOObjectCopySuperclassForClass`: the class that `class` derives from; `None` if it derives from none, as `OSObject`
    /// does, and if the kernel knows no such class (RC-9).
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// # let kernel = iokit_uc::sim::Machine::new().task("client").kernel();
    /// assert_eq!(kernel.superclass_of("IOService")?.as_deref(), Some("IORegistryEntry"));
    /// assert_eq!(kernel.superclass_of("OSObject")?, None);
    /// # }
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` for a `class` of more than 127 bytes or with a NUL.
    #[doc(alias = "IOObjectCopySuperclassForClass")]
    pub fn superclass_of(&self, class: &str) -> Result<Option<String>> {
        const FUNCTION: &str = "IOObjectCopySuperclassForClass";
        let class = c_string(Call::Function(FUNCTION), CLASS_NAME, class, NAME_MAX)?;
        let superclass = self.io_object_copy_superclass_for_class(Some(&class));
        superclass.map(|superclass| text(FUNCTION, superclass)).transpose()
    }

    /// `IOObjectCopyBundleIdentifierForClass`: the identifier of the kernel extension that `class` comes from:
    /// `__kernel__` for a class of the kernel's own; `None` if the kernel knows no such class (RC-9).
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` for a `class` of more than 127 bytes or with a NUL.
    #[doc(alias = "IOObjectCopyBundleIdentifierForClass")]
    pub fn bundle_of(&self, class: &str) -> Result<Option<String>> {
        const FUNCTION: &str = "IOObjectCopyBundleIdentifierForClass";
        let class = c_string(Call::Function(FUNCTION), CLASS_NAME, class, NAME_MAX)?;
        let bundle = self.io_object_copy_bundle_identifier_for_class(Some(&class));
        bundle.map(|bundle| text(FUNCTION, bundle)).transpose()
    }
}

impl Clone for Object {
    /// `IOObjectRetain`.
    ///
    /// A name can take 65,534 references. Past that the kernel stops counting, and the task keeps the name for good; older
    /// kernels refuse, and the clone gets no name: every call on it fails, and dropping it does nothing.
    #[doc(alias = "IOObjectRetain")]
    fn clone(&self) -> Self {
        let retained = self.kernel.io_object_retain(self.name).is_success();
        Self { kernel: self.kernel.clone(), name: if retained { self.name } else { NULL } }
    }
}

impl Drop for Object {
    #[doc(alias = "IOObjectRelease")]
    fn drop(&mut self) {
        // Releasing a name that is held cannot fail, and releasing NULL does nothing (RC-1).
        // SAFETY: the reference is this handle's own: `from_raw` demands one, and so does a call's answer come with one.
        unsafe { self.kernel.io_object_release(self.name) };
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.is_equal_to(other)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show("Object", f)
    }
}

/// `io_iterator_t`: an iterator of the kernel's.
pub(crate) struct ObjectIterator(Object);

impl ObjectIterator {
    /// What a call answered, owned; none for [`NULL`].
    pub(crate) fn from_answer(kernel: &Kernel, name: PortName) -> Option<Self> {
        Object::from_answer(kernel, name).map(Self)
    }

    pub(crate) fn object(&self) -> &Object {
        &self.0
    }

    /// None at the end, and if the kernel does not say why not (REG-23).
    pub(crate) fn next(&self) -> Option<Object> {
        let Object { kernel, name } = &self.0;
        Object::from_answer(kernel, kernel.io_iterator_next(*name))
    }

    pub(crate) fn reset(&self) {
        self.0.kernel.io_iterator_reset(self.0.name);
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.0.kernel.io_iterator_is_valid(self.0.name)
    }
}

impl fmt::Debug for ObjectIterator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Object { kernel, name } = &self.0;
        let mut shown = f.debug_struct("Iterator");
        if let Some(kernel) = kernel.aside() {
            shown.field("valid", &kernel.io_iterator_is_valid(*name));
        }
        shown.field("port", &Port(*name)).finish()
    }
}

/// Fails with the function's code.
pub(crate) fn check(function: &'static str, code: IoReturn) -> Result<()> {
    if code.is_success() { Ok(()) } else { Err(Error::new(Call::Function(function), code)) }
}

/// Success, but no object came with it.
#[cold]
pub(crate) fn no_object(function: &'static str) -> Error {
    Error::new(Call::Function(function), IoReturn::IPC_ERROR)
        .with_detail(Detail::Text("success, but no object came with it".into()))
}

/// More than a call can take.
#[cold]
pub(crate) fn over_limit(call: Call, what: &'static str, limit: usize, given: usize) -> Error {
    Error::new(call, IoReturn::BAD_ARGUMENT).with_detail(Detail::Limit {
        what,
        given: given as u64,
        limit: limit as u64,
    })
}

/// The longest `io_name_t` in bytes, without its NUL (CN-1).
pub(crate) const NAME_MAX: usize = 127;

/// What is counted, of the name of a class.
pub(crate) const CLASS_NAME: &str = "bytes of class name";

/// `text` for C, refused if C would see less of it (P-8). `what` is counted: "bytes of class name".
pub(crate) fn c_string(call: Call, what: &'static str, text: &str, max: usize) -> Result<CString> {
    let string = CString::new(text).map_err(|error| interior_nul(call, what, error.nul_position()))?;
    if text.len() > max { Err(over_limit(call, what, max, text.len())) } else { Ok(string) }
}

/// A NUL, where C would see the end.
#[cold]
pub(crate) fn interior_nul(call: Call, what: &'static str, position: usize) -> Error {
    let what = what.strip_prefix("bytes of ").unwrap_or(what);
    Error::new(call, IoReturn::BAD_ARGUMENT).with_detail(Detail::InteriorNul { what, position })
}

/// Text that the kernel answered.
pub(crate) fn text(function: &'static str, answer: CString) -> Result<String> {
    let (error, answer) = match answer.into_string() {
        Ok(text) => return Ok(text),
        Err(error) => (error.utf8_error(), error.into_cstring()),
    };
    let shown = CStr::to_string_lossy(&answer);
    // A longer name is cut where it may be within a character (REG-6).
    if error.error_len().is_none() && answer.as_bytes().len() == NAME_MAX {
        return Ok(shown.trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned());
    }
    Err(Error::new(Call::Function(function), IoReturn::IPC_ERROR)
        .with_detail(Detail::Text(format!("`{shown}` is not UTF-8").into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf_8_but_for_a_character_that_the_kernel_cut() {
        let answer = |bytes: &[u8]| text("IORegistryEntryGetName", CString::new(bytes).unwrap());
        let umlauts = "ü".repeat(64);
        assert_eq!(answer(&umlauts.as_bytes()[..NAME_MAX]), Ok("ü".repeat(63)));
        assert_eq!(answer("ü".as_bytes()), Ok("ü".into()));
        let error = answer(&umlauts.as_bytes()[..3]).unwrap_err();
        assert_eq!(error.to_string().split("; ").nth(1), Some("`ü\u{fffd}` is not UTF-8"));
        let mut within = umlauts.into_bytes();
        within.truncate(NAME_MAX);
        within[1] = b'u';
        assert!(answer(&within).is_err());
    }
}
