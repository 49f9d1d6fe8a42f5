//! What a program is told about itself and where it runs.

use std::env;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::num::NonZero;

#[test]
fn the_target_is_macos() {
    assert_eq!(env::consts::OS, "macos");
}

#[test]
fn the_executable_is_the_programs() {
    let executable = env::current_exe().unwrap();
    let magic = std::fs::read(&executable).unwrap()[..4].to_vec();
    assert_eq!(magic, 0xfeed_facf_u32.to_le_bytes());
    assert_eq!(executable, std::fs::canonicalize(env::args().next().unwrap()).unwrap());
}

#[test]
fn the_size_of_the_executables_path_is_told_where_it_does_not_fit() {
    unsafe extern "C" {
        fn _NSGetExecutablePath(path: *mut c_char, size: *mut u32) -> c_int;
    }
    let mut path = [0; 4096];
    let mut size = 1;
    // SAFETY: there is room for as many bytes as the sizes say.
    unsafe {
        assert_eq!(_NSGetExecutablePath(path.as_mut_ptr(), &mut size), -1);
        let needed = size;
        assert_eq!(_NSGetExecutablePath(path.as_mut_ptr(), &mut size), 0);
        assert_eq!(CStr::from_ptr(path.as_ptr()).count_bytes() + 1, needed as usize);
        size = 4096;
        assert_eq!(_NSGetExecutablePath(path.as_mut_ptr(), &mut size), 0);
        assert_eq!(size, 4096, "it fits");
    }
}

#[test]
fn variables_can_be_set_and_removed() {
    // SAFETY: no other test changes variables or reads these by C's functions.
    unsafe { env::set_var("DARWIN_TEST", "value") };
    assert_eq!(env::var("DARWIN_TEST").as_deref(), Ok("value"));
    assert!(env::vars().any(|(name, value)| name == "DARWIN_TEST" && value == "value"));
    // SAFETY: as above.
    unsafe { env::remove_var("DARWIN_TEST") };
    assert_eq!(env::var_os("DARWIN_TEST"), None);
    assert!(env::vars().all(|(name, _)| name != "DARWIN_TEST"));
}

#[test]
fn processors_are_counted() {
    let count = std::thread::available_parallelism().map(NonZero::get).unwrap();
    // SAFETY: has no preconditions.
    assert_eq!(count as i64, unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) });
}

#[test]
fn configuration_has_macos_numbers() {
    // SAFETY: has no preconditions.
    unsafe {
        assert_eq!(libc::sysconf(libc::_SC_PAGESIZE), 4096);
        assert!(libc::sysconf(libc::_SC_OPEN_MAX) >= 20);
        assert_eq!(libc::sysconf(9999), -1);
    }
    assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EINVAL));
}

#[test]
fn the_system_is_darwin() {
    // SAFETY: `uname` fills in all names, which are C strings.
    unsafe {
        let mut names: libc::utsname = std::mem::zeroed();
        assert_eq!(libc::uname(&mut names), 0);
        assert_eq!(CStr::from_ptr(names.sysname.as_ptr()), c"Darwin");
        assert_eq!(CStr::from_ptr(names.machine.as_ptr()), c"x86_64");
    }
}

#[test]
fn the_programs_name_is_its_own() {
    unsafe extern "C" {
        fn getprogname() -> *const c_char;
    }
    // SAFETY: returns a C string that stays.
    let name = unsafe { CStr::from_ptr(getprogname()) }.to_str().unwrap();
    assert_eq!(env::current_exe().unwrap().file_name().unwrap(), name);
}

#[test]
fn symbols_are_found_by_name() {
    // SAFETY: the names are C strings.
    unsafe {
        assert_eq!(libc::dlsym(libc::RTLD_DEFAULT, c"getpid".as_ptr()), libc::getpid as *mut c_void);
        assert!(libc::dlsym(libc::RTLD_DEFAULT, c"no_such_function".as_ptr()).is_null());
    }
}

#[test]
fn libraries_are_not_found() {
    // SAFETY: the path is a C string, and so is the message.
    unsafe {
        assert!(libc::dlopen(c"/usr/lib/libobjc.dylib".as_ptr(), libc::RTLD_LAZY).is_null());
        let message = CStr::from_ptr(libc::dlerror()).to_str().unwrap();
        assert!(message.contains("/usr/lib/libobjc.dylib"), "{message}");
    }
}
