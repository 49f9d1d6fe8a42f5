//! What the C library has for threads to wait for each other, as programs in C initialize it.

use std::cell::UnsafeCell;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// An object of the C library that threads share.
struct Shared<T>(UnsafeCell<T>);

// SAFETY: the functions that take such objects may be called from any thread.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    const fn new(object: T) -> Self {
        Self(UnsafeCell::new(object))
    }

    fn get(&self) -> *mut T {
        self.0.get()
    }
}

/// A mutex as its static initializer leaves it: a signature, then zeros.
fn mutex(signature: u64) -> Shared<libc::pthread_mutex_t> {
    // SAFETY: zeros are valid for the struct, which is larger than its signature.
    unsafe {
        let mut mutex: libc::pthread_mutex_t = std::mem::zeroed();
        (&raw mut mutex).cast::<u64>().write(signature);
        Shared::new(mutex)
    }
}

#[test]
fn static_mutexes_exclude() {
    static MUTEX: Shared<libc::pthread_mutex_t> = Shared::new(libc::PTHREAD_MUTEX_INITIALIZER);
    static COUNT: Shared<u64> = Shared::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            // SAFETY: the count is used while the mutex is held.
            scope.spawn(|| unsafe {
                for _ in 0..10_000 {
                    assert_eq!(libc::pthread_mutex_lock(MUTEX.get()), 0);
                    *COUNT.get() += 1;
                    assert_eq!(libc::pthread_mutex_unlock(MUTEX.get()), 0);
                }
            });
        }
    });
    // SAFETY: the threads have ended.
    assert_eq!(unsafe { *COUNT.get() }, 40_000);
}

#[test]
fn static_mutexes_are_of_the_kind_of_their_initializers() {
    let (recursive, checking) = (mutex(0x32aa_aba2), mutex(0x32aa_aba1));
    // SAFETY: the mutexes are initialized.
    unsafe {
        assert_eq!(libc::pthread_mutex_lock(recursive.get()), 0);
        assert_eq!(libc::pthread_mutex_lock(recursive.get()), 0);
        assert_eq!(libc::pthread_mutex_lock(checking.get()), 0);
        assert_eq!(libc::pthread_mutex_lock(checking.get()), libc::EDEADLK);
        assert_eq!(libc::pthread_mutex_unlock(checking.get()), 0);
        assert_eq!(libc::pthread_mutex_unlock(checking.get()), libc::EPERM);
    }
}

#[test]
fn mutexes_are_of_the_kind_of_their_attributes() {
    // SAFETY: everything is initialized before it is used.
    unsafe {
        let mut attributes = std::mem::zeroed();
        let mut mutex = std::mem::zeroed();
        assert_eq!(libc::pthread_mutexattr_init(&mut attributes), 0);
        assert_eq!(libc::pthread_mutexattr_settype(&mut attributes, libc::PTHREAD_MUTEX_RECURSIVE), 0);
        assert_eq!(libc::pthread_mutex_init(&mut mutex, &attributes), 0);
        assert_eq!(libc::pthread_mutex_lock(&mut mutex), 0);
        assert_eq!(libc::pthread_mutex_trylock(&mut mutex), 0);
        assert_eq!(libc::pthread_mutex_unlock(&mut mutex), 0);
        assert_eq!(libc::pthread_mutex_unlock(&mut mutex), 0);
        assert_eq!(libc::pthread_mutex_destroy(&mut mutex), 0);
        assert_eq!(libc::pthread_mutexattr_destroy(&mut attributes), 0);
    }
}

#[test]
fn static_conditions_wake_and_time_out() {
    static MUTEX: Shared<libc::pthread_mutex_t> = Shared::new(libc::PTHREAD_MUTEX_INITIALIZER);
    static CHANGE: Shared<libc::pthread_cond_t> = Shared::new(libc::PTHREAD_COND_INITIALIZER);
    static READY: Shared<bool> = Shared::new(false);
    // SAFETY: what is shared is used while the mutex is held.
    unsafe {
        libc::pthread_mutex_lock(MUTEX.get());
        let waker = std::thread::spawn(|| {
            libc::pthread_mutex_lock(MUTEX.get());
            *READY.get() = true;
            libc::pthread_cond_signal(CHANGE.get());
            libc::pthread_mutex_unlock(MUTEX.get());
        });
        while !*READY.get() {
            assert_eq!(libc::pthread_cond_wait(CHANGE.get(), MUTEX.get()), 0);
        }
        let start = Instant::now();
        let past = libc::timespec { tv_sec: 1, tv_nsec: 0 };
        assert_eq!(libc::pthread_cond_timedwait(CHANGE.get(), MUTEX.get(), &past), libc::ETIMEDOUT);
        assert!(start.elapsed() < Duration::from_secs(10));
        libc::pthread_mutex_unlock(MUTEX.get());
        waker.join().unwrap();
    }
}

#[test]
fn static_locks_of_readers_and_writers_let_readers_share_and_writers_be_alone() {
    static LOCK: Shared<libc::pthread_rwlock_t> = Shared::new(libc::PTHREAD_RWLOCK_INITIALIZER);
    // SAFETY: the lock is initialized.
    unsafe {
        assert_eq!(libc::pthread_rwlock_rdlock(LOCK.get()), 0);
        let there = || {
            let read = libc::pthread_rwlock_tryrdlock(LOCK.get());
            let write = libc::pthread_rwlock_trywrlock(LOCK.get());
            if read == 0 {
                assert_eq!(libc::pthread_rwlock_unlock(LOCK.get()), 0);
            }
            (read, write)
        };
        assert_eq!(std::thread::spawn(there).join().unwrap(), (0, libc::EBUSY));
        assert_eq!(libc::pthread_rwlock_unlock(LOCK.get()), 0);
        assert_eq!(libc::pthread_rwlock_trywrlock(LOCK.get()), 0);
        assert_eq!(std::thread::spawn(there).join().unwrap(), (libc::EBUSY, libc::EBUSY));
        assert_eq!(libc::pthread_rwlock_unlock(LOCK.get()), 0);
    }
}

#[test]
fn what_is_done_once_is_done_once() {
    #[repr(C)]
    struct Once {
        signature: i64,
        opaque: [u8; 8],
    }
    unsafe extern "C" {
        fn pthread_once(once: *mut Once, initialize: extern "C" fn()) -> i32;
    }
    static ONCE: Shared<Once> = Shared::new(Once { signature: 0x30b1_bcba, opaque: [0; 8] });
    static COUNT: AtomicU32 = AtomicU32::new(0);
    extern "C" fn count() {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
    for _ in 0..3 {
        // SAFETY: the object is initialized.
        assert_eq!(unsafe { pthread_once(ONCE.get(), count) }, 0);
    }
    assert_eq!(COUNT.load(Ordering::Relaxed), 1);
}

#[test]
fn keys_hold_a_value_for_each_thread_and_destroy_it() {
    static DESTROYED: AtomicU32 = AtomicU32::new(0);
    unsafe extern "C" fn destroy(value: *mut libc::c_void) {
        DESTROYED.fetch_add(value.addr() as u32, Ordering::Relaxed);
    }
    let mut key = u64::MAX;
    // SAFETY: the key is created before it is used.
    unsafe {
        assert_eq!(libc::pthread_key_create(&mut key, Some(destroy)), 0);
        assert!(key < 1 << 32);
        std::thread::spawn(move || libc::pthread_setspecific(key, ptr::without_provenance(5)))
            .join()
            .unwrap();
        assert!(libc::pthread_getspecific(key).is_null());
        assert_eq!(libc::pthread_key_delete(key), 0);
    }
    assert_eq!(DESTROYED.load(Ordering::Relaxed), 5);
}

#[test]
fn unfair_locks_exclude() {
    // SAFETY: zeros are an unlocked lock.
    static LOCK: Shared<libc::os_unfair_lock> = Shared::new(unsafe { std::mem::zeroed() });
    static COUNT: Shared<u64> = Shared::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            // SAFETY: the count is used while the lock is held.
            scope.spawn(|| unsafe {
                for _ in 0..10_000 {
                    libc::os_unfair_lock_lock(LOCK.get());
                    *COUNT.get() += 1;
                    libc::os_unfair_lock_unlock(LOCK.get());
                }
            });
        }
    });
    // SAFETY: the threads have ended.
    unsafe {
        assert_eq!(*COUNT.get(), 40_000);
        assert!(libc::os_unfair_lock_trylock(LOCK.get()));
        assert!(!std::thread::spawn(|| libc::os_unfair_lock_trylock(LOCK.get())).join().unwrap());
        libc::os_unfair_lock_unlock(LOCK.get());
    }
}
