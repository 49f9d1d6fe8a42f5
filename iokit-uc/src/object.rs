//! Objects of the kernel, held by a counted name.

use crate::backend::{Backend, NULL, PortName};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::Kernel;
use std::ffi::{CStr, CString};

/// `io_object_t`: a handle on an object of the kernel.
///
/// Owns one user reference on the name. Cloning adds one (`IOObjectRetain`), dropping gives it back
/// (`IOObjectRelease`).
#[derive(Debug)]
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

    /// What a call answered, owned; none for [`NULL`].
    pub(crate) fn from_answer(kernel: &Kernel, name: PortName) -> Option<Self> {
        (name != NULL).then(|| Self { kernel: kernel.clone(), name })
    }

    /// `IOObjectGetClass`: the name of the object's class.
    #[doc(alias = "IOObjectGetClass")]
    #[doc(alias = "IOObjectCopyClass")]
    pub fn class(&self) -> Result<String> {
        let mut class = CString::default();
        check("IOObjectGetClass", self.kernel.io_object_get_class(self.name, &mut class))?;
        text("IOObjectGetClass", class)
    }

    /// `IOObjectConformsTo`: whether the object is of `class` or of a class derived from it; false too for an object
    /// that is gone (RC-8).
    #[doc(alias = "IOObjectConformsTo")]
    pub fn conforms_to(&self, class: &str) -> Result<bool> {
        let class = c_string(Call::Function("IOObjectConformsTo"), "class name", class, NAME_MAX)?;
        Ok(self.kernel.io_object_conforms_to(self.name, &class))
    }

    /// `IOObjectIsEqualTo`: whether two handles of one kernel have one name. Right for objects that are alive; a service
    /// that has been terminated can have two (RC-4).
    #[doc(alias = "IOObjectIsEqualTo")]
    pub fn is_equal_to(&self, other: &Object) -> bool {
        self.kernel == other.kernel && self.kernel.io_object_is_equal_to(self.name, other.name)
    }

    /// `IOObjectGetUserRetainCount`: how many user references this task has on the name.
    #[doc(alias = "IOObjectGetUserRetainCount")]
    pub fn user_retain_count(&self) -> u32 {
        self.kernel.io_object_get_user_retain_count(self.name)
    }

    /// `IOObjectGetKernelRetainCount`: how many references the kernel has on the object, for diagnosis only; 0 if it
    /// is gone (RC-3).
    #[doc(alias = "IOObjectGetKernelRetainCount")]
    #[doc(alias = "IOObjectGetRetainCount")]
    pub fn kernel_retain_count(&self) -> u32 {
        self.kernel.io_object_get_kernel_retain_count(self.name)
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

/// `text` for C, refused if C would see less of it (P-8).
pub(crate) fn c_string(call: Call, what: &'static str, text: &str, max: usize) -> Result<CString> {
    let string = CString::new(text).map_err(|error| {
        let position = error.nul_position();
        Error::new(call, IoReturn::BAD_ARGUMENT).with_detail(Detail::InteriorNul { what, position })
    })?;
    if text.len() > max { Err(over_limit(call, what, max, text.len())) } else { Ok(string) }
}

/// Text that the kernel answered.
pub(crate) fn text(function: &'static str, answer: CString) -> Result<String> {
    answer.into_string().map_err(|error| {
        let shown = CStr::to_string_lossy(error.into_cstring().as_c_str()).into_owned();
        Error::new(Call::Function(function), IoReturn::IPC_ERROR)
            .with_detail(Detail::Text(format!("`{shown}` is not UTF-8").into()))
    })
}
