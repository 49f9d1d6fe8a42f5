//! What a program can ask its loader: its arguments, its image, and symbols by name.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::OnceLock;

use crate::macho::MachO;
use crate::symbols::SymbolTable;
use crate::{Export, Result, exports, thread_local};

/// The functions that programs ask their loader with.
pub fn dyld_exports() -> Vec<Export> {
    let mut exports = exports![
        argc as "_NSGetArgc",
        argv as "_NSGetArgv",
        environment as "_NSGetEnviron",
        executable_path as "_NSGetExecutablePath",
        image_count as "_dyld_image_count",
        image_header as "_dyld_get_image_header",
        image_name as "_dyld_get_image_name",
        image_slide as "_dyld_get_image_vmaddr_slide",
        bind_lazily as "dyld_stub_binder",
        open_library as "dlopen",
        close_library as "dlclose",
        last_error as "dlerror",
        symbol_address as "dlsym",
    ];
    exports.push(Export { name: "environ", address: &raw const environ as usize });
    exports.extend(thread_local::exports());
    exports
}

/// What the program is told about itself.
pub(crate) struct Process {
    path: CString,
    argc: c_int,
    /// Pointers to the arguments, then a null.
    argv: *const *const c_char,
    /// The strings that the macOS kernel passes after the environment, then a null.
    apple: *const *const c_char,
    header: usize,
    symbols: SymbolTable,
}

// SAFETY: nothing changes after `Process::new`, and the pointers are to memory that is never freed.
unsafe impl Send for Process {}
// SAFETY: as above.
unsafe impl Sync for Process {}

static PROCESS: OnceLock<Process> = OnceLock::new();

fn process() -> &'static Process {
    PROCESS.get().expect("published before the program runs")
}

unsafe extern "C" {
    static mut environ: *const *const c_char;
    static mut program_invocation_short_name: *const c_char;
}

impl Process {
    pub(crate) fn new(
        program: &Path,
        arguments: Vec<CString>,
        macho: &MachO,
        symbols: SymbolTable,
    ) -> Result<Self> {
        let path = program.canonicalize()?;
        let path = path.as_os_str().as_bytes();
        Ok(Self {
            path: CString::new(path)?,
            argc: c_int::try_from(arguments.len())?,
            argv: leak(arguments),
            apple: leak(vec![CString::new([b"executable_path=", path].concat())?]),
            header: macho.header,
            symbols,
        })
    }

    /// Makes this the process that the program asks about, and the one that glibc names in messages.
    pub(crate) fn publish(self) -> &'static Self {
        let process = PROCESS.get_or_init(|| self);
        // SAFETY: the arguments end with a null, and are C strings that stay; glibc reads its variable in functions
        // that the program has yet to call.
        unsafe {
            let path = *process.argv;
            if !path.is_null() {
                let directories = CStr::from_ptr(path).to_bytes().iter().rposition(|byte| *byte == b'/');
                program_invocation_short_name = path.add(directories.map_or(0, |slash| slash + 1));
            }
        }
        process
    }

    /// Calls a function with what `main` and initializers are called with.
    ///
    /// # Safety
    /// There must be a function of this type at the address.
    pub(crate) unsafe fn call(&self, function: usize) -> c_int {
        type Main =
            extern "C" fn(c_int, *const *const c_char, *const *const c_char, *const *const c_char) -> c_int;
        // SAFETY: by the caller's promise.
        let function: Main = unsafe { std::mem::transmute(function) };
        // SAFETY: reads the pointer as it is now; changing it is up to the program.
        function(self.argc, self.argv, unsafe { environ }, self.apple)
    }
}

/// Pointers to the strings, then a null: never freed, since the program may keep them.
fn leak(strings: Vec<CString>) -> *const *const c_char {
    let pointers = strings.into_iter().map(|string| string.into_raw().cast_const());
    pointers.chain([ptr::null()]).collect::<Vec<_>>().leak().as_ptr()
}

extern "C" fn argc() -> *const c_int {
    &raw const process().argc
}

extern "C" fn argv() -> *const *const *const c_char {
    &raw const process().argv
}

extern "C" fn environment() -> *const *const *const c_char {
    &raw const environ
}

/// # Safety
/// `buffer` must have room for `size` bytes.
unsafe extern "C" fn executable_path(buffer: *mut c_char, size: *mut u32) -> c_int {
    let path = process().path.as_bytes_with_nul();
    // SAFETY: by the caller's promise, once the size is known to be enough.
    unsafe {
        if path.len() > *size as usize {
            *size = path.len() as u32;
            return -1;
        }
        buffer.copy_from_nonoverlapping(path.as_ptr().cast(), path.len());
    }
    0
}

extern "C" fn image_count() -> u32 {
    1
}

extern "C" fn image_header(index: u32) -> usize {
    if index == 0 { process().header } else { 0 }
}

extern "C" fn image_name(index: u32) -> *const c_char {
    if index == 0 { process().path.as_ptr() } else { ptr::null() }
}

extern "C" fn image_slide(_index: u32) -> isize {
    0
}

extern "C" fn bind_lazily() -> ! {
    unreachable!("all imports are bound before the program runs")
}

/// The libraries of the system that can be asked for, though their functions are there all the time.
const LIBRARIES: [&str; 3] = ["CoreFoundation", "IOKit", "libSystem.B.dylib"];

/// The handle of all libraries, and of the program.
const LIBRARY: *mut c_void = ptr::without_provenance_mut(1);

thread_local! {
    /// What this thread's last failed call has to say, until it is asked, and after.
    static ERROR: RefCell<(Option<CString>, CString)> = RefCell::default();
}

/// # Safety
/// `path` must be null, for the program, or a C string.
unsafe extern "C" fn open_library(path: *const c_char, _mode: c_int) -> *mut c_void {
    if path.is_null() {
        return LIBRARY;
    }
    // SAFETY: by the caller's promise.
    let path = unsafe { CStr::from_ptr(path) };
    let name = path.to_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if LIBRARIES.iter().any(|library| library.as_bytes() == name) {
        return LIBRARY;
    }
    fail("there is no such library", path);
    ptr::null_mut()
}

extern "C" fn close_library(_library: *mut c_void) -> c_int {
    0
}

fn fail(message: &str, what: &CStr) {
    let message = CString::new(format!("{}: {message}", what.to_string_lossy()));
    ERROR.with_borrow_mut(|error| error.0 = message.ok());
}

extern "C" fn last_error() -> *const c_char {
    ERROR.with_borrow_mut(|(news, told)| match news.take() {
        Some(message) => {
            *told = message;
            told.as_ptr()
        }
        None => ptr::null(),
    })
}

/// # Safety
/// `name` must be a C string.
unsafe extern "C" fn symbol_address(_library: *mut c_void, name: *const c_char) -> usize {
    // SAFETY: by the caller's promise.
    let name = unsafe { CStr::from_ptr(name) };
    let address = name.to_str().ok().and_then(|name| process().symbols.address(name));
    address.unwrap_or_else(|| {
        fail("there is no such symbol", name);
        0
    })
}
