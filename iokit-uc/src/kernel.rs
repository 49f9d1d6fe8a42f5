//! Which I/O Kit a program talks to.

use crate::backend::{
    Backend, MachTimespec, NotificationPortRef, PortName, PortRight, ScalarOutput, StructureOutput, calls,
};
use crate::error::{IoReturn, Result};
use crate::trace::{Recording, RecordingOptions, Replay};
use crate::value::Value;
use std::ffi::{CStr, CString};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

/// An I/O Kit: this Mac's, or a simulated one seen from one of its tasks.
///
/// Cheap to clone; every handle keeps the kernel that it belongs to.
/// Two kernels are equal if a name means the same in both: if they are one, seen from one task.
#[derive(Clone, Debug)]
pub struct Kernel(Inner);

#[derive(Clone, Debug)]
enum Inner {
    #[cfg(target_os = "macos")]
    Host(crate::macos::Host),
    #[cfg(feature = "sim")]
    Simulated(crate::sim::Task),
    Recording(Arc<Recording<Kernel>>),
    Replay(Replay),
}

impl PartialEq for Kernel {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Kernel {}

/// An address that no other kernel has: a simulated machine's, a recording's, a replay's, none for the host; and the number of
/// one of the machine's tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KernelId(usize, usize);

impl Kernel {
    /// This Mac's kernel. Fails with `kIOReturnUnsupported` on any other system.
    pub fn host() -> Result<Self> {
        #[cfg(target_os = "macos")]
        return Ok(Self(Inner::Host(crate::macos::Host)));
        #[cfg(not(target_os = "macos"))]
        {
            use crate::error::{Call, Detail, Error};
            let detail = Detail::Text("this system is not macOS".into());
            Err(Error::new(Call::Function("Kernel::host"), IoReturn::UNSUPPORTED).with_detail(detail))
        }
    }

    /// Tells this kernel from every other that exists at the same time, without keeping it.
    pub(crate) fn id(&self) -> KernelId {
        match &self.0 {
            #[cfg(target_os = "macos")]
            Inner::Host(_) => KernelId(0, 0),
            #[cfg(feature = "sim")]
            Inner::Simulated(task) => {
                let (machine, task) = task.id();
                KernelId(machine, task)
            }
            Inner::Recording(recording) => KernelId(Arc::as_ptr(recording).addr(), 0),
            Inner::Replay(replay) => KernelId(replay.id(), 0),
        }
    }

    /// A kernel of its own that does what `kernel` does, and writes every call to `sink` as a [trace](crate::trace).
    ///
    /// What is written goes to `sink` from a thread of its own, so that no call waits for it. It is complete when the last clone
    /// of the kernel is dropped, with all handles that belong to it; or, up to then,
    /// [flushed](Recording::flush) by way of [`as_recording`](Self::as_recording). Handles of this kernel and of `kernel`
    /// do not mix: they are two.
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// # use iokit_uc::sim::{Machine, Nub};
    /// use iokit_uc::trace::Trace;
    /// use iokit_uc::{Kernel, Matching, Service};
    ///
    /// # let machine = Machine::new();
    /// # machine.publish(Nub::new("com_example_Driver"));
    /// # let kernel = machine.task("client").kernel();
    /// # let path = std::env::temp_dir().join("iokit-uc-kernel-recording.trace");
    /// let kernel = Kernel::recording(kernel, std::fs::File::create(&path)?);
    /// let service = Service::expect_first(&kernel, &Matching::class("com_example_Driver"))?;
    /// drop((service, kernel));
    ///
    /// let trace = Trace::open(&path)?;
    /// let call = &trace.calls()[0];
    /// assert_eq!(call.function.c_name(), "IOServiceGetMatchingService");
    /// # std::fs::remove_file(path)?;
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recording(kernel: Kernel, sink: impl Write + Send + 'static) -> Self {
        Self::recording_with(kernel, sink, RecordingOptions::default())
    }

    /// [`recording`](Self::recording) with a say in what is written.
    pub fn recording_with(
        kernel: Kernel,
        sink: impl Write + Send + 'static,
        options: RecordingOptions,
    ) -> Self {
        // SAFETY: a kernel's word on addresses is what is taken on trust (see the crate's documentation); a replay's mappings are its own.
        let recording = unsafe { Recording::of_kernel(kernel, sink, options, Kernel::aside) };
        Self(Inner::Recording(Arc::new(recording)))
    }

    /// The recording that it is, if it is one.
    pub fn as_recording(&self) -> Option<&Recording<Kernel>> {
        match &self.0 {
            Inner::Recording(recording) => Some(recording),
            _ => None,
        }
    }

    /// A kernel that answers from a trace: a [`Trace`](crate::trace::Trace), or a [`Replay`] of one.
    pub fn replay(source: impl Into<Replay>) -> Self {
        Self(Inner::Replay(source.into()))
    }

    /// What to ask for what only describes a handle, which is no part of what a program does: beneath a recording, and past
    /// faults; none behind a replay, which knows what the program asked for and no more.
    pub(crate) fn aside(&self) -> Option<&dyn Backend> {
        match &self.0 {
            #[cfg(target_os = "macos")]
            Inner::Host(host) => Some(host),
            #[cfg(feature = "sim")]
            Inner::Simulated(task) => Some(task),
            Inner::Recording(recording) => recording.backend().aside(),
            Inner::Replay(_) => None,
        }
    }

    /// Whether its ports are ones that this process has.
    #[cfg(target_os = "macos")]
    pub(crate) fn is_host(&self) -> bool {
        match &self.0 {
            Inner::Host(_) => true,
            Inner::Recording(recording) => recording.backend().is_host(),
            _ => false,
        }
    }
}

#[cfg(feature = "sim")]
impl crate::sim::Task {
    /// The I/O Kit that this task sees.
    pub fn kernel(&self) -> Kernel {
        Kernel(Inner::Simulated(self.clone()))
    }
}

/// Passes a call on to whichever backend there is.
macro_rules! to_backend {
    ($kernel:ident, $backend:ident => $call:expr) => {
        match &$kernel.0 {
            #[cfg(target_os = "macos")]
            Inner::Host($backend) => $call,
            #[cfg(feature = "sim")]
            Inner::Simulated($backend) => $call,
            Inner::Recording($backend) => $call,
            Inner::Replay($backend) => $call,
        }
    };
}

macro_rules! forward {
    (() $($variant:ident $(($c_name:literal))? [$($qualifier:tt)?] fn $function:ident(
        $($argument:ident: $mode:ident $type:ty),*
    ) -> $result_mode:ident $result:ty;)*) => {
        impl Backend for Kernel {$(
            #[inline]
            $($qualifier)? fn $function(&self $(, $argument: $type)*) -> $result {
                #[cfg(feature = "sim")]
                if let Inner::Simulated(task) = &self.0
                    && task.is_faulted()
                {
                    let faulted = crate::sim::Faulted(task);
                    return forward!(@faulted faulted [$($qualifier)?] $function($($argument),*));
                }
                forward!(@call self [$($qualifier)?] $function($($argument),*))
            }
        )*}
    };
    (@faulted $faulted:ident [] $function:ident($($argument:ident),*)) => { $faulted.$function($($argument),*) };
    (@faulted $faulted:ident [unsafe] $function:ident($($argument:ident),*)) => {
        // SAFETY: the caller's promises are passed on as they are.
        unsafe { $faulted.$function($($argument),*) }
    };
    (@call $kernel:ident [] $function:ident($($argument:ident),*)) => {
        to_backend!($kernel, backend => backend.$function($($argument),*))
    };
    (@call $kernel:ident [unsafe] $function:ident($($argument:ident),*)) => {
        // SAFETY: the caller's promises are passed on as they are.
        to_backend!($kernel, backend => unsafe { backend.$function($($argument),*) })
    };
}
calls!(forward!());
