//! POSIX mutexes, condition variables and the like.
//!
//! glibc's data fits in macOS's structs, but the contents differ before initialization: a static initializer is a
//! signature followed by zeros on macOS, and mostly zeros on Linux.

use std::ffi::{c_int, c_void};
use std::mem::offset_of;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use darwin_loader::{Export, exports};

use crate::errno;

pub(crate) fn exports() -> Vec<Export> {
    exports![
        cond_broadcast as "pthread_cond_broadcast",
        cond_destroy as "pthread_cond_destroy",
        cond_init as "pthread_cond_init",
        cond_signal as "pthread_cond_signal",
        cond_wait as "pthread_cond_wait",
        cond_wait_for as "pthread_cond_timedwait_relative_np",
        cond_wait_until as "pthread_cond_timedwait",
        mutex_destroy as "pthread_mutex_destroy",
        mutex_init as "pthread_mutex_init",
        mutex_lock as "pthread_mutex_lock",
        mutex_trylock as "pthread_mutex_trylock",
        mutex_unlock as "pthread_mutex_unlock",
        mutexattr_settype as "pthread_mutexattr_settype",
        once as "pthread_once",
        pthread_mutexattr_destroy,
        pthread_mutexattr_init,
        rwlock_destroy as "pthread_rwlock_destroy",
        rwlock_init as "pthread_rwlock_init",
        rwlock_rdlock as "pthread_rwlock_rdlock",
        rwlock_tryrdlock as "pthread_rwlock_tryrdlock",
        rwlock_trywrlock as "pthread_rwlock_trywrlock",
        rwlock_unlock as "pthread_rwlock_unlock",
        rwlock_wrlock as "pthread_rwlock_wrlock",
    ]
}

/// An object that a program may have initialized by itself.
trait Static: Sized {
    const DARWIN_SIZE: usize;

    /// Makes glibc's object of one that is macOS's, if it has one of the signatures.
    ///
    /// # Safety
    /// `object` must be valid for reads and writes, which may be atomic ones of other threads in the same function.
    unsafe fn adopt(object: *mut Self);
}

/// Clears a signature. glibc never has these values there.
///
/// # Safety
/// `object` must be valid for atomic reads and writes of 8 bytes.
unsafe fn clear<T>(object: *mut T, signature: u64) {
    // SAFETY: by the caller's promise.
    let first = unsafe { AtomicU64::from_ptr(object.cast()) };
    let _ = first.compare_exchange(signature, 0, Ordering::AcqRel, Ordering::Acquire);
}

/// Signatures of mutexes, and the kinds of mutex in glibc.
const MUTEXES: [(u64, c_int); 4] = [
    (0x32aa_aba7, libc::PTHREAD_MUTEX_NORMAL),
    (0x32aa_aba1, libc::PTHREAD_MUTEX_ERRORCHECK),
    (0x32aa_aba2, libc::PTHREAD_MUTEX_RECURSIVE),
    (0x32aa_aba3, libc::PTHREAD_MUTEX_NORMAL),
];

/// The beginning of glibc's mutex.
#[repr(C)]
struct LinuxMutex {
    lock: c_int,
    count: u32,
    owner: c_int,
    users: u32,
    kind: c_int,
}

impl Static for libc::pthread_mutex_t {
    const DARWIN_SIZE: usize = 64;

    unsafe fn adopt(object: *mut Self) {
        // SAFETY: by the caller's promise, the object is large enough and aligned to 8 bytes.
        unsafe {
            let signature = AtomicU64::from_ptr(object.cast()).load(Ordering::Acquire);
            if let Some((_, kind)) = MUTEXES.iter().find(|(other, _)| *other == signature) {
                // Before the signature goes, and all threads that see it write the same.
                let place = object.byte_add(offset_of!(LinuxMutex, kind)).cast();
                AtomicI32::from_ptr(place).store(*kind, Ordering::Relaxed);
                clear(object, signature);
            }
        }
    }
}

impl Static for libc::pthread_cond_t {
    const DARWIN_SIZE: usize = 48;

    unsafe fn adopt(object: *mut Self) {
        // SAFETY: by the caller's promise.
        unsafe { clear(object, 0x3cb0_b1bb) };
    }
}

impl Static for libc::pthread_rwlock_t {
    const DARWIN_SIZE: usize = 200;

    unsafe fn adopt(object: *mut Self) {
        // SAFETY: by the caller's promise.
        unsafe { clear(object, 0x2da8_b3b4) };
    }
}

const fn fits<T: Static>() -> bool {
    size_of::<T>() <= T::DARWIN_SIZE && align_of::<T>() <= 8
}

const _: () = assert!(fits::<libc::pthread_mutex_t>() && fits::<libc::pthread_cond_t>());
const _: () = assert!(fits::<libc::pthread_rwlock_t>() && size_of::<libc::pthread_mutexattr_t>() <= 16);

type Mutex = *mut libc::pthread_mutex_t;
type Cond = *mut libc::pthread_cond_t;
type RwLock = *mut libc::pthread_rwlock_t;

/// Defines functions that call glibc's on an adopted object.
macro_rules! adopting {
    ($($name:ident($object:ty) = $function:ident;)*) => {$(
        /// # Safety
        /// As of glibc's function.
        unsafe extern "C" fn $name(object: $object) -> c_int {
            // SAFETY: by the caller's promise.
            unsafe {
                Static::adopt(object);
                errno::to_darwin(libc::$function(object))
            }
        }
    )*};
}

adopting! {
    mutex_destroy(Mutex) = pthread_mutex_destroy;
    mutex_lock(Mutex) = pthread_mutex_lock;
    mutex_trylock(Mutex) = pthread_mutex_trylock;
    mutex_unlock(Mutex) = pthread_mutex_unlock;
    cond_broadcast(Cond) = pthread_cond_broadcast;
    cond_destroy(Cond) = pthread_cond_destroy;
    cond_signal(Cond) = pthread_cond_signal;
    rwlock_destroy(RwLock) = pthread_rwlock_destroy;
    rwlock_rdlock(RwLock) = pthread_rwlock_rdlock;
    rwlock_tryrdlock(RwLock) = pthread_rwlock_tryrdlock;
    rwlock_trywrlock(RwLock) = pthread_rwlock_trywrlock;
    rwlock_unlock(RwLock) = pthread_rwlock_unlock;
    rwlock_wrlock(RwLock) = pthread_rwlock_wrlock;
}

returning_errno! {
    pthread_mutexattr_destroy(attributes: *mut libc::pthread_mutexattr_t);
    pthread_mutexattr_init(attributes: *mut libc::pthread_mutexattr_t);
}

unsafe extern "C" fn mutex_init(mutex: Mutex, attributes: *const libc::pthread_mutexattr_t) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::pthread_mutex_init(mutex, attributes) })
}

unsafe extern "C" fn mutexattr_settype(attributes: *mut libc::pthread_mutexattr_t, darwin: c_int) -> c_int {
    let kind = match darwin {
        0 => libc::PTHREAD_MUTEX_NORMAL,
        1 => libc::PTHREAD_MUTEX_ERRORCHECK,
        2 => libc::PTHREAD_MUTEX_RECURSIVE,
        _ => return libc::EINVAL,
    };
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::pthread_mutexattr_settype(attributes, kind) })
}

/// macOS has no attributes of condition variables worth having.
unsafe extern "C" fn cond_init(cond: Cond, _attributes: *const c_void) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::pthread_cond_init(cond, ptr::null()) })
}

unsafe extern "C" fn rwlock_init(lock: RwLock, _attributes: *const c_void) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::pthread_rwlock_init(lock, ptr::null()) })
}

unsafe extern "C" fn cond_wait(cond: Cond, mutex: Mutex) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        Static::adopt(cond);
        Static::adopt(mutex);
        errno::to_darwin(libc::pthread_cond_wait(cond, mutex))
    }
}

unsafe extern "C" fn cond_wait_until(cond: Cond, mutex: Mutex, deadline: *const libc::timespec) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        Static::adopt(cond);
        Static::adopt(mutex);
        errno::to_darwin(libc::pthread_cond_timedwait(cond, mutex, deadline))
    }
}

unsafe extern "C" {
    fn pthread_cond_clockwait(
        cond: Cond,
        mutex: Mutex,
        clock: libc::clockid_t,
        deadline: *const libc::timespec,
    ) -> c_int;
}

/// Waits for a duration, whatever is done to the time of day.
unsafe extern "C" fn cond_wait_for(cond: Cond, mutex: Mutex, duration: *const libc::timespec) -> c_int {
    const NANOSECONDS: i64 = 1_000_000_000;
    // SAFETY: by the caller's promise; the clock exists, so the time is filled in.
    unsafe {
        let mut deadline: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut deadline);
        let nanoseconds = deadline.tv_nsec.saturating_add((*duration).tv_nsec);
        let seconds = (*duration).tv_sec.saturating_add(nanoseconds / NANOSECONDS);
        deadline.tv_sec = deadline.tv_sec.saturating_add(seconds);
        deadline.tv_nsec = nanoseconds % NANOSECONDS;
        Static::adopt(cond);
        Static::adopt(mutex);
        errno::to_darwin(pthread_cond_clockwait(cond, mutex, libc::CLOCK_MONOTONIC, &deadline))
    }
}

/// `pthread_once_t`: a signature, then glibc's, which is 0 at first in both.
#[repr(C)]
struct Once {
    signature: u64,
    linux: c_int,
}

unsafe extern "C" fn once(once: *mut Once, initialize: extern "C" fn()) -> c_int {
    unsafe extern "C" {
        fn pthread_once(once: *mut c_int, initialize: extern "C" fn()) -> c_int;
    }
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { pthread_once(&raw mut (*once).linux, initialize) })
}
