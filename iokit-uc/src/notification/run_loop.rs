//! A run loop that receives.

use super::NotificationPort;
use super::watched::Watched;
use crate::backend::PortName;
use crate::error::{Call, Error, IoReturn, Result};
use crate::macos::received;
use core_foundation::base::{CFAllocatorRef, CFIndex, TCFType};
use core_foundation::runloop::{
    CFRunLoopSource, CFRunLoopSourceContext, CFRunLoopSourceContext1, CFRunLoopSourceCreate,
};
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

impl NotificationPort {
    /// A source for run loops: whichever has it receives what comes, and wakes the futures and streams that it is for on
    /// its thread. For a port of this Mac's kernel; `kIOReturnUnsupported` for a simulated one's.
    ///
    /// A run loop takes a message before it hands it over: where two of them, or one and [`dispatch`](Self::dispatch) on
    /// another thread, receive from one port, a stream may get its completions out of order.
    ///
    /// Takes the place of `IONotificationPortGetRunLoopSource`, whose source would call the words of a message's reference.
    #[doc(alias = "IONotificationPortGetRunLoopSource")]
    pub fn run_loop_source(&self) -> Result<CFRunLoopSource> {
        const FUNCTION: &str = "CFRunLoopSourceCreate";
        let watched = Arc::new(Watched::new(self, FUNCTION)?);
        let mut context = CFRunLoopSourceContext1 {
            version: 1,
            info: Arc::as_ptr(&watched).cast_mut().cast(),
            retain: Some(retain),
            release: Some(release),
            copyDescription: None,
            equal: None,
            hash: None,
            getPort: get_port,
            perform,
        };
        // SAFETY: a context of version 1 is passed by a pointer to one of version 0, and copied. `info` is what its functions
        // take it for: retained by `retain` for the source before the call returns.
        let source = unsafe {
            CFRunLoopSourceCreate(ptr::null(), 0, (&raw mut context).cast::<CFRunLoopSourceContext>())
        };
        if source.is_null() {
            return Err(Error::new(Call::Function(FUNCTION), IoReturn::NO_MEMORY));
        }
        // SAFETY: a source that has just been created, with one reference.
        Ok(unsafe { CFRunLoopSource::wrap_under_create_rule(source) })
    }
}

extern "C" fn retain(info: *const c_void) -> *const c_void {
    // SAFETY: `info` came from an `Arc<Watched>`, of which the caller holds a reference.
    unsafe { Arc::increment_strong_count(info.cast::<Watched>()) };
    info
}

extern "C" fn release(info: *const c_void) {
    // SAFETY: `info` came from an `Arc<Watched>`, of which the caller gives up the reference that `retain` made.
    unsafe { Arc::decrement_strong_count(info.cast::<Watched>()) };
}

extern "C" fn get_port(info: *mut c_void) -> PortName {
    // SAFETY: `info` is a `Watched` that the source has retained.
    unsafe { &*info.cast::<Watched>() }.name()
}

extern "C" fn perform(message: *mut c_void, _: CFIndex, _: CFAllocatorRef, info: *mut c_void) -> *mut c_void {
    // SAFETY: `info` is a `Watched` that the source has retained. The run loop does not release it while this runs, unless
    // the code that this runs invalidates the source: so it is retained once more.
    let watched = unsafe {
        Arc::increment_strong_count(info.cast::<Watched>());
        Arc::from_raw(info.cast::<Watched>())
    };
    let message = (!message.is_null()).then(|| {
        // SAFETY: the run loop passes the message that it has received until this returns, and leaves what it carries.
        unsafe { received(message) }
    });
    watched.deliver(message);
    // No reply.
    ptr::null_mut()
}
