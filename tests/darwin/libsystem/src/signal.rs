//! `signal.h`. A `sigset_t` has 32 bits, the lowest for signal 1.

use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use darwin_loader::{Export, exports};

use crate::errno;
use crate::fault::FAULTS;

pub(crate) fn exports() -> Vec<Export> {
    exports![
        kill,
        process_mask as "pthread_sigmask",
        process_mask as "sigprocmask",
        raise,
        send_to_thread as "pthread_kill",
        sigaction,
        sigaddset,
        sigaltstack,
        sigdelset,
        sigemptyset,
        sigfillset,
        sigismember,
        signal,
        sigpending,
        sigsuspend,
    ]
}

const SIGNALS: usize = 32;

/// The numbers that differ: macOS's, then Linux's.
const DIFFERENT: [(c_int, c_int); 10] = [
    (10, libc::SIGBUS),
    (12, libc::SIGSYS),
    (16, libc::SIGURG),
    (17, libc::SIGSTOP),
    (18, libc::SIGTSTP),
    (19, libc::SIGCONT),
    (20, libc::SIGCHLD),
    (23, libc::SIGIO),
    (30, libc::SIGUSR1),
    (31, libc::SIGUSR2),
];

/// The numbers that are macOS's alone: `SIGEMT` and `SIGINFO`.
const UNKNOWN: [c_int; 2] = [7, 29];

fn to_linux(darwin: c_int) -> Option<c_int> {
    let exists = (1..SIGNALS as c_int).contains(&darwin) && !UNKNOWN.contains(&darwin);
    let different = DIFFERENT.iter().find(|(number, _)| *number == darwin);
    exists.then(|| different.map_or(darwin, |(_, linux)| *linux))
}

pub(crate) fn to_darwin(linux: c_int) -> c_int {
    let different = DIFFERENT.iter().find(|(_, number)| *number == linux);
    different.map_or(linux, |(darwin, _)| *darwin)
}

/// The program's handlers, by macOS's numbers.
static HANDLERS: [AtomicUsize; SIGNALS] = [const { AtomicUsize::new(libc::SIG_DFL) }; SIGNALS];

const KNOWN: [usize; 2] = [libc::SIG_DFL, libc::SIG_IGN];

/// The program's handler, unless it has been taken away meanwhile.
fn handler(darwin: c_int) -> Option<usize> {
    let handler = HANDLERS.get(darwin as usize)?.load(Ordering::Acquire);
    (!KNOWN.contains(&handler)).then_some(handler)
}

/// The handler of all signals, for the program's ones: calls them with macOS's numbers.
extern "C" fn deliver(linux: c_int) {
    let darwin = to_darwin(linux);
    if let Some(handler) = handler(darwin) {
        // SAFETY: `change` installs this for handlers only, and they have this type by its caller's promise.
        unsafe { std::mem::transmute::<usize, extern "C" fn(c_int)>(handler)(darwin) }
    }
}

/// The same for handlers that are told more. They do not get to see the registers.
///
/// # Safety
/// `linux_information` must be what the kernel says of the signal.
unsafe extern "C" fn deliver_with_information(
    linux: c_int,
    linux_information: *const libc::siginfo_t,
    _context: *mut c_void,
) {
    type Handler = extern "C" fn(c_int, *const Information, *mut c_void);
    let darwin = to_darwin(linux);
    if let Some(handler) = handler(darwin) {
        // SAFETY: by the caller's promise; the handler as above.
        unsafe {
            let information = Information::of(darwin, &*linux_information);
            std::mem::transmute::<usize, Handler>(handler)(darwin, &information, ptr::null_mut());
        }
    }
}

/// `siginfo_t`
#[repr(C)]
struct Information {
    signal: c_int,
    error: c_int,
    code: c_int,
    process: libc::pid_t,
    user: libc::uid_t,
    status: c_int,
    address: usize,
    value: usize,
    band: c_long,
    padding: [c_ulong; 7],
}

impl Information {
    /// # Safety
    /// The kernel must have filled in `linux`.
    unsafe fn of(signal: c_int, linux: &libc::siginfo_t) -> Self {
        let code = match linux.si_code {
            libc::SI_USER | libc::SI_TKILL => 0x1_0001,
            libc::SI_QUEUE => 0x1_0002,
            libc::SI_TIMER => 0x1_0003,
            // What made a process stop or end.
            same => same,
        };
        // SAFETY: by the caller's promise; what the signal does not have is zero, or what else the kernel says there.
        unsafe {
            Self {
                signal,
                error: errno::to_darwin(linux.si_errno),
                code,
                process: linux.si_pid(),
                user: linux.si_uid(),
                status: linux.si_status(),
                address: 0,
                value: linux.si_value().sival_ptr.addr(),
                band: 0,
                padding: [0; 7],
            }
        }
    }
}

/// Replaces what is done about a signal, if there is something new, and returns what was done.
///
/// # Safety
/// The new handler must be `SIG_DFL`, `SIG_IGN`, or a function of the type that goes with its flags.
unsafe fn change(signal: c_int, new: Option<&Action>) -> Option<Action> {
    let linux = to_linux(signal);
    let linux = linux.or_else(|| {
        errno::set(libc::EINVAL);
        None
    })?;
    // The faults are the host's to report. Rust asks for their handlers, to install its own one for overflows of
    // the stack if nobody has, and leaves it at that when it hears of one that ignores them.
    if FAULTS.contains(&linux) {
        return Some(Action { handler: libc::SIG_IGN, mask: 0, flags: 0 });
    }
    let handler = &HANDLERS[signal as usize];
    let old_handler = match new {
        Some(new) => handler.swap(new.handler, Ordering::AcqRel),
        None => handler.load(Ordering::Acquire),
    };
    let new = new.map(|new| {
        // SAFETY: zeros are an action.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = match new.handler {
            known if KNOWN.contains(&known) => known,
            _ if new.flags & DARWIN_SA_SIGINFO != 0 => deliver_with_information as *const () as usize,
            _ => deliver as *const () as usize,
        };
        action.sa_flags = translated(new.flags, |(darwin, linux)| (darwin, linux));
        action.sa_mask = set_to_linux(new.mask);
        action
    });
    let new = new.as_ref().map_or(ptr::null(), ptr::from_ref);
    let mut old = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: the handler takes the signal's number; glibc fills in the old action if it succeeds.
    unsafe {
        if libc::sigaction(linux, new, old.as_mut_ptr()) != 0 {
            return None;
        }
        let old = old.assume_init_ref();
        let flags = translated(old.sa_flags, |(darwin, linux)| (linux, darwin));
        Some(Action { handler: old_handler, mask: set_to_darwin(&old.sa_mask), flags })
    }
}

unsafe extern "C" fn signal(signal: c_int, handler: usize) -> usize {
    let new = Action { handler, mask: 0, flags: DARWIN_SA_RESTART };
    // SAFETY: by the caller's promise.
    unsafe { change(signal, Some(&new)) }.map_or(libc::SIG_ERR, |old| old.handler)
}

#[repr(C)]
struct Action {
    handler: usize,
    mask: u32,
    flags: c_int,
}

/// `SA_*` flags: macOS's, then Linux's.
const FLAGS: [(c_int, c_int); 7] = [
    (0x01, libc::SA_ONSTACK),
    (DARWIN_SA_RESTART, libc::SA_RESTART),
    (0x04, libc::SA_RESETHAND),
    (0x08, libc::SA_NOCLDSTOP),
    (0x10, libc::SA_NODEFER),
    (0x20, libc::SA_NOCLDWAIT),
    (DARWIN_SA_SIGINFO, libc::SA_SIGINFO),
];

const DARWIN_SA_RESTART: c_int = 0x02;
const DARWIN_SA_SIGINFO: c_int = 0x40;

/// The flags of the one system for those of the other.
fn translated(flags: c_int, direction: fn((c_int, c_int)) -> (c_int, c_int)) -> c_int {
    FLAGS
        .into_iter()
        .map(direction)
        .filter(|(from, _)| flags & from != 0)
        .fold(0, |flags, (_, to)| flags | to)
}

unsafe extern "C" fn sigaction(signal: c_int, new: *const Action, old: *mut Action) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        let Some(action) = change(signal, new.as_ref()) else { return -1 };
        if !old.is_null() {
            old.write(action);
        }
    }
    0
}

/// Programs that install handlers for faults do not get them: they need no stacks for them either.
unsafe extern "C" fn sigaltstack(_new: *const c_void, old: *mut libc::stack_t) -> c_int {
    if old.is_null() { 0 } else { unsupported() }
}

fn unsupported() -> c_int {
    errno::set(libc::ENOSYS);
    -1
}

pub(crate) fn set_to_linux(darwin: u32) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `sigemptyset` initializes the set.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in (1..SIGNALS as c_int).filter(|signal| darwin & bit(*signal) != 0).filter_map(to_linux) {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        set.assume_init()
    }
}

fn set_to_darwin(linux: &libc::sigset_t) -> u32 {
    // SAFETY: the set is initialized, and the signal exists.
    let has = |signal: c_int| unsafe { libc::sigismember(linux, signal) } == 1;
    let in_set = |signal: &c_int| to_linux(*signal).is_some_and(has);
    (1..SIGNALS as c_int).filter(in_set).fold(0, |set, signal| set | bit(signal))
}

fn bit(darwin: c_int) -> u32 {
    1 << ((darwin - 1) & 31)
}

unsafe extern "C" fn process_mask(how: c_int, new: *const u32, old: *mut u32) -> c_int {
    let how = match how {
        1 => libc::SIG_BLOCK,
        2 => libc::SIG_UNBLOCK,
        3 => libc::SIG_SETMASK,
        _ if !new.is_null() => return libc::EINVAL,
        _ => libc::SIG_BLOCK,
    };
    // SAFETY: by the caller's promise; glibc fills in the old set if it succeeds.
    unsafe {
        let new = new.as_ref().map(|new| set_to_linux(*new));
        let mut linux = MaybeUninit::uninit();
        let result =
            libc::pthread_sigmask(how, new.as_ref().map_or(ptr::null(), |new| new), linux.as_mut_ptr());
        if result == 0 && !old.is_null() {
            old.write(set_to_darwin(linux.assume_init_ref()));
        }
        errno::to_darwin(result)
    }
}

unsafe extern "C" fn sigpending(set: *mut u32) -> c_int {
    let mut linux = MaybeUninit::uninit();
    // SAFETY: by the caller's promise; glibc fills in the set if it succeeds.
    unsafe {
        let result = libc::sigpending(linux.as_mut_ptr());
        if result == 0 {
            set.write(set_to_darwin(linux.assume_init_ref()));
        }
        result
    }
}

unsafe extern "C" fn sigsuspend(set: *const u32) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { libc::sigsuspend(&set_to_linux(*set)) }
}

unsafe extern "C" fn sigemptyset(set: *mut u32) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { set.write(0) };
    0
}

unsafe extern "C" fn sigfillset(set: *mut u32) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { set.write(u32::MAX) };
    0
}

unsafe extern "C" fn sigaddset(set: *mut u32, signal: c_int) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { *set |= bit(signal) };
    0
}

unsafe extern "C" fn sigdelset(set: *mut u32, signal: c_int) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { *set &= !bit(signal) };
    0
}

unsafe extern "C" fn sigismember(set: *const u32, signal: c_int) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { (*set & bit(signal) != 0).into() }
}

/// Calls `send` with Linux's number; 0 only asks whether it could.
fn with_number(signal: c_int, send: impl FnOnce(c_int) -> c_int) -> c_int {
    match if signal == 0 { Some(0) } else { to_linux(signal) } {
        Some(linux) => send(linux),
        None => {
            errno::set(libc::EINVAL);
            -1
        }
    }
}

extern "C" fn kill(process: c_int, signal: c_int) -> c_int {
    // SAFETY: has no preconditions.
    with_number(signal, |signal| unsafe { libc::kill(process, signal) })
}

extern "C" fn raise(signal: c_int) -> c_int {
    // SAFETY: has no preconditions.
    with_number(signal, |signal| unsafe { libc::raise(signal) })
}

unsafe extern "C" fn send_to_thread(thread: libc::pthread_t, signal: c_int) -> c_int {
    // SAFETY: by the caller's promise.
    to_linux(signal)
        .map_or(libc::EINVAL, |signal| errno::to_darwin(unsafe { libc::pthread_kill(thread, signal) }))
}
