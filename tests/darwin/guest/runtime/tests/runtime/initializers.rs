//! What runs before `main`.

use std::ffi::{CStr, c_char};
use std::sync::atomic::{AtomicUsize, Ordering};

static ARGUMENT_COUNT: AtomicUsize = AtomicUsize::new(0);
static FIRST_ARGUMENT: AtomicUsize = AtomicUsize::new(0);

extern "C" fn initialize(argc: i32, argv: *const *const c_char) {
    ARGUMENT_COUNT.store(argc as usize, Ordering::Relaxed);
    // SAFETY: the first argument is the program's name.
    FIRST_ARGUMENT.store(unsafe { *argv }.addr(), Ordering::Relaxed);
}

#[used]
#[unsafe(link_section = "__DATA,__mod_init_func,mod_init_funcs")]
static INITIALIZER: extern "C" fn(i32, *const *const c_char) = initialize;

#[test]
fn initializers_run_before_main_with_its_arguments() {
    assert_eq!(ARGUMENT_COUNT.load(Ordering::Relaxed), std::env::args().count());
    let first: *const c_char = std::ptr::with_exposed_provenance(FIRST_ARGUMENT.load(Ordering::Relaxed));
    // SAFETY: arguments stay.
    let first = unsafe { CStr::from_ptr(first) };
    assert_eq!(first.to_str().ok(), std::env::args().next().as_deref());
}
