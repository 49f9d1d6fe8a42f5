//! `os/lock.h` and `libkern/OSSpinLockDeprecated.h`: locks of 32 bits, 0 while nobody holds them.

use std::sync::atomic::{AtomicU32, Ordering};

use darwin_calls::{enter, misuse};
use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    exports![
        unfair_lock as "os_unfair_lock_lock",
        unfair_try as "os_unfair_lock_trylock",
        unfair_unlock as "os_unfair_lock_unlock",
        spin_lock as "OSSpinLockLock",
        spin_try as "OSSpinLockTry",
        spin_unlock as "OSSpinLockUnlock",
    ]
}

/// Set while threads may wait, beside the number of the thread that holds the lock.
const CONTENDED: u32 = 1 << 31;

fn this_thread() -> u32 {
    // SAFETY: has no preconditions.
    unsafe { libc::gettid() as u32 }
}

fn try_lock(lock: &AtomicU32) -> bool {
    lock.compare_exchange(0, this_thread(), Ordering::Acquire, Ordering::Relaxed).is_ok()
}

fn lock(lock: &AtomicU32) {
    if try_lock(lock) {
        return;
    }
    // Whoever has waited cannot tell whether others still do.
    while let Err(held) =
        lock.compare_exchange(0, this_thread() | CONTENDED, Ordering::Acquire, Ordering::Relaxed)
    {
        let contended = held | CONTENDED;
        if lock.compare_exchange(held, contended, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            futex(lock, libc::FUTEX_WAIT, contended);
        }
    }
}

fn unlock(lock: &AtomicU32) {
    if lock.swap(0, Ordering::Release) & CONTENDED != 0 {
        futex(lock, libc::FUTEX_WAKE, 1);
    }
}

fn futex(lock: &AtomicU32, operation: i32, value: u32) {
    let operation = operation | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the lock lives through the call; without a timeout, both operations take no other pointer.
    unsafe {
        libc::syscall(libc::SYS_futex, lock.as_ptr(), operation, value, std::ptr::null::<libc::timespec>())
    };
}

fn is_held(lock: &AtomicU32) -> bool {
    lock.load(Ordering::Relaxed) & !CONTENDED == this_thread()
}

extern "C" fn unfair_lock(unfair: &AtomicU32) {
    if is_held(unfair) {
        let _call = enter("os_unfair_lock_lock");
        misuse("this thread holds the lock already");
    }
    lock(unfair);
}

extern "C" fn unfair_try(unfair: &AtomicU32) -> bool {
    try_lock(unfair)
}

extern "C" fn unfair_unlock(unfair: &AtomicU32) {
    if !is_held(unfair) {
        let _call = enter("os_unfair_lock_unlock");
        misuse("this thread does not hold the lock");
    }
    unlock(unfair);
}

extern "C" fn spin_lock(spin: &AtomicU32) {
    lock(spin);
}

extern "C" fn spin_try(spin: &AtomicU32) -> bool {
    try_lock(spin)
}

/// Any thread may unlock it.
extern "C" fn spin_unlock(spin: &AtomicU32) {
    unlock(spin);
}
