//! Signals, whose numbers are macOS's.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicI32, Ordering};

#[test]
fn handlers_get_the_numbers_of_macos() {
    static RECEIVED: AtomicI32 = AtomicI32::new(0);
    extern "C" fn handle(signal: i32) {
        RECEIVED.store(signal, Ordering::Relaxed);
    }
    // SAFETY: the handler takes a signal, and does what handlers may.
    unsafe {
        assert_eq!(libc::signal(libc::SIGUSR1, handle as *const () as usize), libc::SIG_DFL);
        assert_eq!(libc::raise(libc::SIGUSR1), 0);
        assert_eq!(RECEIVED.load(Ordering::Relaxed), 30);
        assert_eq!(libc::signal(libc::SIGUSR1, libc::SIG_IGN), handle as *const () as usize);
        assert_eq!(libc::raise(libc::SIGUSR1), 0);
        assert_eq!(libc::signal(libc::SIGUSR1, libc::SIG_DFL), libc::SIG_IGN);
    }
}

#[test]
fn a_blocked_signal_waits() {
    static COUNT: AtomicI32 = AtomicI32::new(0);
    extern "C" fn handle(_: i32) {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
    // SAFETY: the handler does what handlers may; the sets are initialized before they are used.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handle as *const () as usize;
        assert_eq!(libc::sigaction(libc::SIGUSR2, &action, null_mut()), 0);
        let (mut set, mut old) = (0, 0);
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGUSR2);
        assert_eq!(set, 1 << (31 - 1));
        assert_eq!(libc::pthread_sigmask(libc::SIG_BLOCK, &set, &mut old), 0);
        libc::pthread_kill(libc::pthread_self(), libc::SIGUSR2);
        assert_eq!(COUNT.load(Ordering::Relaxed), 0);
        assert_eq!(libc::pthread_sigmask(libc::SIG_SETMASK, &old, &mut set), 0);
        assert_ne!(set & 1 << (31 - 1), 0);
        assert_eq!(COUNT.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn unknown_signals_are_refused() {
    // SAFETY: sends nothing.
    assert_eq!(unsafe { libc::raise(99) }, -1);
    assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EINVAL));
}
