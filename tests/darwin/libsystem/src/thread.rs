//! POSIX threads and what only macOS's have. macOS has room for glibc's attributes in its struct.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::mem::MaybeUninit;
use std::ptr;

use darwin_loader::{Export, exports};

use crate::{errno, fault};

pub(crate) fn exports() -> Vec<Export> {
    [
        same![pthread_atfork, pthread_equal, pthread_exit, pthread_getname_np, pthread_self],
        exports![
            attr_setdetachstate as "pthread_attr_setdetachstate",
            create as "pthread_create",
            getspecific as "pthread_getspecific",
            is_main as "pthread_main_np",
            key_create as "pthread_key_create",
            key_delete as "pthread_key_delete",
            mach_thread as "pthread_mach_thread_np",
            pthread_attr_destroy,
            pthread_attr_getstacksize,
            pthread_attr_init,
            pthread_attr_setstacksize,
            pthread_detach,
            pthread_join,
            sched_yield,
            set_name as "pthread_setname_np",
            set_quality as "pthread_set_qos_class_self_np",
            setspecific as "pthread_setspecific",
            stack_end as "pthread_get_stackaddr_np",
            stack_size as "pthread_get_stacksize_np",
            thread_id as "pthread_threadid_np",
            sched_yield as "pthread_yield_np",
        ],
    ]
    .concat()
}

const _: () = assert!(size_of::<libc::pthread_attr_t>() <= 64);

returning_errno! {
    pthread_attr_destroy(attributes: *mut libc::pthread_attr_t);
    pthread_attr_getstacksize(attributes: *const libc::pthread_attr_t, size: *mut usize);
    pthread_attr_init(attributes: *mut libc::pthread_attr_t);
    pthread_attr_setstacksize(attributes: *mut libc::pthread_attr_t, size: usize);
    pthread_detach(thread: libc::pthread_t);
    pthread_join(thread: libc::pthread_t, result: *mut *mut c_void);
    sched_yield();
}

unsafe extern "C" fn attr_setdetachstate(attributes: *mut libc::pthread_attr_t, darwin: c_int) -> c_int {
    let state = match darwin {
        1 => libc::PTHREAD_CREATE_JOINABLE,
        2 => libc::PTHREAD_CREATE_DETACHED,
        _ => return libc::EINVAL,
    };
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::pthread_attr_setdetachstate(attributes, state) })
}

/// What a thread of the program runs.
struct Start {
    function: extern "C-unwind" fn(*mut c_void) -> *mut c_void,
    argument: *mut c_void,
}

unsafe extern "C" fn create(
    thread: *mut libc::pthread_t,
    attributes: *const libc::pthread_attr_t,
    function: extern "C-unwind" fn(*mut c_void) -> *mut c_void,
    argument: *mut c_void,
) -> c_int {
    unsafe extern "C" {
        fn pthread_create(
            thread: *mut libc::pthread_t,
            attributes: *const libc::pthread_attr_t,
            function: unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void,
            argument: *mut c_void,
        ) -> c_int;
    }
    /// `pthread_exit` unwinds through this, which has nothing to drop by then.
    unsafe extern "C-unwind" fn start(start: *mut c_void) -> *mut c_void {
        fault::watch_thread();
        // SAFETY: `start` is the box below, given to this thread alone.
        let Start { function, argument } = *unsafe { Box::from_raw(start.cast::<Start>()) };
        function(argument)
    }
    let argument = Box::into_raw(Box::new(Start { function, argument }));
    // SAFETY: by the caller's promise.
    let result = unsafe { pthread_create(thread, attributes, start, argument.cast()) };
    if result != 0 {
        // SAFETY: no thread has been given it.
        drop(unsafe { Box::from_raw(argument) });
    }
    errno::to_darwin(result)
}

/// `pthread_key_t` has 64 bits on macOS.
unsafe extern "C" fn key_create(
    key: *mut u64,
    destructor: Option<unsafe extern "C" fn(*mut c_void)>,
) -> c_int {
    let mut linux = 0;
    // SAFETY: by the caller's promise.
    unsafe {
        let result = libc::pthread_key_create(&mut linux, destructor);
        if result == 0 {
            key.write(linux.into());
        }
        errno::to_darwin(result)
    }
}

unsafe extern "C" fn key_delete(key: u64) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::pthread_key_delete(key as libc::pthread_key_t) })
}

unsafe extern "C" fn getspecific(key: u64) -> *mut c_void {
    // SAFETY: by the caller's promise.
    unsafe { libc::pthread_getspecific(key as libc::pthread_key_t) }
}

unsafe extern "C" fn setspecific(key: u64, value: *const c_void) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::pthread_setspecific(key as libc::pthread_key_t, value) })
}

/// The lowest address and the size of a thread's stack.
fn stack(thread: libc::pthread_t) -> (*mut c_void, usize) {
    let mut attributes = MaybeUninit::uninit();
    let mut address = ptr::null_mut();
    let mut size = 0;
    // SAFETY: the attributes are read only if glibc has filled them in.
    unsafe {
        if libc::pthread_getattr_np(thread, attributes.as_mut_ptr()) == 0 {
            libc::pthread_attr_getstack(attributes.as_ptr(), &mut address, &mut size);
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
        }
    }
    (address, size)
}

extern "C" fn stack_end(thread: libc::pthread_t) -> *mut c_void {
    let (address, size) = stack(thread);
    address.wrapping_byte_add(size)
}

extern "C" fn stack_size(thread: libc::pthread_t) -> usize {
    stack(thread).1
}

/// Names this thread, as far as Linux has room.
unsafe extern "C" fn set_name(name: *const c_char) -> c_int {
    const LONGEST_NAME: usize = 15;
    // SAFETY: by the caller's promise; the copy ends in a NUL.
    unsafe {
        let name = CStr::from_ptr(name).to_bytes();
        let length = name.len().min(LONGEST_NAME);
        let mut copy = [0; LONGEST_NAME + 1];
        copy[..length].copy_from_slice(&name[..length]);
        errno::to_darwin(libc::pthread_setname_np(libc::pthread_self(), copy.as_ptr().cast()))
    }
}

/// The number of this thread. Nobody knows those of the others.
unsafe extern "C" fn thread_id(thread: libc::pthread_t, id: *mut u64) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        if thread != 0 && thread != libc::pthread_self() {
            return libc::ESRCH;
        }
        id.write(libc::gettid() as u64);
    }
    0
}

/// The port of this thread, by which programs tell threads apart.
extern "C" fn mach_thread(_thread: libc::pthread_t) -> c_uint {
    // SAFETY: has no preconditions.
    unsafe { libc::gettid() as c_uint }
}

extern "C" fn is_main() -> c_int {
    is_main_thread().into()
}

pub(crate) fn is_main_thread() -> bool {
    // SAFETY: have no preconditions.
    unsafe { libc::gettid() == libc::getpid() }
}

/// All threads are as good.
extern "C" fn set_quality(_class: c_uint, _relative_priority: c_int) -> c_int {
    0
}
