//! Stand-ins for the functions of macOS's libSystem that command-line programs in Rust, C and C++ call, made of
//! glibc's.
//!
//! Where the two libraries agree on a function, down to the numbers of flags and the layout of structs, the program
//! gets glibc's own (`same!`), variadic ones and `va_list` included. They may still disagree on the numbers in
//! `errno`, which the module `errno` translates for all of them. The other functions are ours, and are exported under
//! their names only to the program: under its own name in this process, `open` would replace glibc's.
//!
//! The functions have the contracts of their man pages, which a program is trusted to keep; the safety comments
//! call that the caller's promise.

/// Lists functions of glibc that programs get as they are, as [`Export`]s.
macro_rules! same {
    ($($function:ident $(as $name:literal)?),* $(,)?) => {{
        // Declared without their parameters, since only their addresses are taken.
        #[allow(clashing_extern_declarations)]
        unsafe extern "C" {
            $(fn $function();)*
        }
        darwin_loader::exports![$($function $(as $name)?),*]
    }};
}

/// Defines functions that call glibc's of the same name and translate the error number that it returns.
macro_rules! returning_errno {
    ($($function:ident($($argument:ident: $type:ty),*);)*) => {$(
        /// # Safety
        /// As of glibc's function.
        unsafe extern "C" fn $function($($argument: $type),*) -> std::ffi::c_int {
            // SAFETY: by the caller's promise.
            crate::errno::to_darwin(unsafe { libc::$function($($argument),*) })
        }
    )*};
}

#[macro_use]
mod variadic;

mod assert;
mod atomic;
mod blocks;
mod copyfile;
mod ctype;
mod directory;
pub mod dispatch;
mod err;
mod errno;
mod fault;
mod file;
mod getopt;
mod locale;
mod locks;
pub mod mach;
mod math;
mod memory;
mod poll;
mod process;
mod random;
mod setjmp;
mod signal;
mod spawn;
mod stdio;
mod stdlib;
mod string;
mod sync;
mod sysctl;
mod thread;
mod time;
mod unwind;

use darwin_loader::Export;

pub use errno::{error_text, to_darwin};
pub use file::descriptor;

/// Begins to report faults of the program before the process ends of them.
pub fn watch_faults() {
    fault::watch();
}

/// All of the stand-ins.
pub fn exports() -> Vec<Export> {
    let modules = [
        assert::exports(),
        atomic::exports(),
        blocks::exports(),
        copyfile::exports(),
        ctype::exports(),
        directory::exports(),
        dispatch::exports(),
        err::exports(),
        errno::exports(),
        file::exports(),
        getopt::exports(),
        locale::exports(),
        locks::exports(),
        math::exports(),
        memory::exports(),
        poll::exports(),
        process::exports(),
        random::exports(),
        setjmp::exports(),
        signal::exports(),
        spawn::exports(),
        stdio::exports(),
        stdlib::exports(),
        string::exports(),
        sync::exports(),
        sysctl::exports(),
        thread::exports(),
        time::exports(),
        unwind::exports(),
    ];
    modules.concat()
}
