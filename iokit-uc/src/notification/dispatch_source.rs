//! A dispatch queue that receives.

use super::NotificationPort;
use super::watched::Watched;
use crate::error::{Call, Error, IoReturn, Result};
use std::ffi::c_void;
use std::fmt;
use std::ptr::NonNull;

/// A dispatch queue that receives from a [`NotificationPort`], until this is dropped.
///
/// Made by [`NotificationPort::dispatch_on`]. What the queue has begun it ends.
pub struct DispatchSource(NonNull<c_void>);

// SAFETY: functions of libdispatch take a source on any thread.
unsafe impl Send for DispatchSource {}
// SAFETY: nothing is done through a reference.
unsafe impl Sync for DispatchSource {}

/// `dispatch_function_t`
type Function = extern "C" fn(*mut c_void);

/// `struct dispatch_source_type_s`, which only libdispatch looks into.
#[repr(C)]
struct SourceType([u8; 0]);

// libSystem, which every program is linked with.
unsafe extern "C" {
    #[link_name = "_dispatch_source_type_mach_recv"]
    static MACH_RECEIVE: SourceType;
    fn dispatch_source_create(
        kind: *const SourceType,
        handle: usize,
        mask: usize,
        queue: *mut c_void,
    ) -> *mut c_void;
    fn dispatch_source_set_event_handler_f(source: *mut c_void, handler: Function);
    fn dispatch_source_set_cancel_handler_f(source: *mut c_void, handler: Function);
    fn dispatch_source_cancel(source: *mut c_void);
    fn dispatch_set_context(object: *mut c_void, context: *mut c_void);
    fn dispatch_resume(object: *mut c_void);
    fn dispatch_release(object: *mut c_void);
}

impl NotificationPort {
    /// Has a dispatch queue receive what comes, and wake the futures and streams that it is for. For a port of this Mac's
    /// kernel; `kIOReturnUnsupported` for a simulated one's.
    ///
    /// Takes the place of `IONotificationPortSetDispatchQueue`, which would have the queue call the words of a message's
    /// reference.
    ///
    /// # Safety
    ///
    /// `queue` must be a `dispatch_queue_t`, or null for the default one.
    #[doc(alias = "IONotificationPortSetDispatchQueue")]
    pub unsafe fn dispatch_on(&self, queue: *mut c_void) -> Result<DispatchSource> {
        const FUNCTION: &str = "dispatch_source_create";
        let watched = Box::new(Watched::new(self, FUNCTION)?);
        // SAFETY: by the caller's promise; the port is there for as long as `watched` is.
        let source =
            unsafe { dispatch_source_create(&raw const MACH_RECEIVE, watched.name() as usize, 0, queue) };
        let source =
            NonNull::new(source).ok_or_else(|| Error::new(Call::Function(FUNCTION), IoReturn::NO_MEMORY))?;
        // SAFETY: a source that has just been created, and does not run before it is resumed. Its context is what its
        // handlers take it for. It is theirs from here on: `canceled` frees it, which runs once, after every `event`.
        unsafe {
            dispatch_set_context(source.as_ptr(), Box::into_raw(watched).cast());
            dispatch_source_set_event_handler_f(source.as_ptr(), event);
            dispatch_source_set_cancel_handler_f(source.as_ptr(), canceled);
            dispatch_resume(source.as_ptr());
        }
        Ok(DispatchSource(source))
    }
}

extern "C" fn event(context: *mut c_void) {
    // SAFETY: the context is a `Watched`, which `canceled` frees when no `event` runs any more.
    unsafe { &*context.cast::<Watched>() }.deliver(None);
}

extern "C" fn canceled(context: *mut c_void) {
    // SAFETY: the context is the box that `dispatch_on` has left, and this runs once.
    drop(unsafe { Box::from_raw(context.cast::<Watched>()) });
}

impl Drop for DispatchSource {
    fn drop(&mut self) {
        // SAFETY: the source is this handle's own, and is not used again.
        unsafe {
            dispatch_source_cancel(self.0.as_ptr());
            dispatch_release(self.0.as_ptr());
        }
    }
}

impl fmt::Debug for DispatchSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DispatchSource").field(&self.0).finish()
    }
}
