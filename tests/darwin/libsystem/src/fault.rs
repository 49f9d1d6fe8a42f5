//! Says where in the program a fault has happened before the process ends of it.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;

use darwin_loader::{caller, describe};

/// The signals that a processor's faults raise.
pub(crate) const FAULTS: [c_int; 4] = [libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGSEGV];

/// Begins to watch the process, and this thread for overflows of its stack.
pub(crate) fn watch() {
    watch_thread();
    for signal in FAULTS {
        // SAFETY: the handler has the type that the flags ask for; zeros are an action with an empty mask.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = report as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND;
            libc::sigaction(signal, &action, ptr::null_mut());
        }
    }
}

/// A stack for [`report`], where a thread's own has overflowed.
struct AlternateStack(Cell<*mut c_void>);

const STACK_SIZE: usize = 0x10000;

thread_local!(static STACK: AlternateStack = const { AlternateStack(Cell::new(ptr::null_mut())) });

/// Watches this thread for overflows of its stack.
pub(crate) fn watch_thread() {
    let memory = map_stack();
    if memory == libc::MAP_FAILED {
        return;
    }
    let stack = libc::stack_t { ss_sp: memory, ss_flags: 0, ss_size: STACK_SIZE };
    // SAFETY: the memory is the thread's until its last use of thread-local variables, when it is given back.
    unsafe { libc::sigaltstack(&stack, ptr::null_mut()) };
    STACK.with(|stack| stack.0.set(memory));
}

fn map_stack() -> *mut c_void {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: maps fresh memory.
    unsafe {
        libc::mmap(ptr::null_mut(), STACK_SIZE, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
    }
}

impl Drop for AlternateStack {
    fn drop(&mut self) {
        let none = libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
        // SAFETY: `watch_thread` has mapped the memory for this thread, which does not use it after the first call.
        unsafe {
            libc::sigaltstack(&none, ptr::null_mut());
            libc::munmap(self.0.get(), STACK_SIZE);
        }
    }
}

/// Reports a fault and ends the process of it. It may happen anywhere, so this can fail, by another fault; the lock
/// that it needs, of stderr, is held for moments only.
extern "C" fn report(signal: c_int, information: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes both for handlers with SA_SIGINFO.
    let (is_fault, address, stack_pointer) = unsafe {
        let registers = &(*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs;
        let stack_pointer = registers[libc::REG_RSP as usize] as usize;
        ((*information).si_code > 0, (*information).si_addr() as usize, stack_pointer)
    };
    if is_fault {
        let near_stack = stack_pointer.wrapping_sub(0x10000)..stack_pointer.saturating_add(0x1000);
        let what = match signal {
            libc::SIGFPE => "a division by zero, or of what does not fit".to_owned(),
            libc::SIGILL => "an illegal instruction".to_owned(),
            _ if near_stack.contains(&address) => "the stack has overflowed".to_owned(),
            _ => format!("no such access to {address:#x}"),
        };
        match caller().and_then(describe) {
            Some(place) => darwin_loader::say(format_args!("darwin-host: {what}, at {place}")),
            None => darwin_loader::say(format_args!("darwin-host: {what}")),
        }
    }
    // SAFETY: has no preconditions. SA_RESETHAND has removed this handler.
    unsafe { libc::raise(signal) };
}
