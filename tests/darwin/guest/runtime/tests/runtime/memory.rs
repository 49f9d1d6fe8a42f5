//! Memory, and small functions that work on it.

use std::collections::HashMap;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

#[test]
fn mapped_memory_is_zeroed_and_can_be_protected() {
    // SAFETY: the memory is used as its protection allows, and not after it is unmapped.
    unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
        let memory = libc::mmap(ptr::null_mut(), 8192, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        assert_ne!(memory, libc::MAP_FAILED);
        assert_eq!(*memory.cast::<[u8; 8192]>(), [0; 8192]);
        memory.cast::<u8>().write(7);
        assert_eq!(libc::mprotect(memory, 8192, libc::PROT_READ), 0);
        assert_eq!(*memory.cast::<u8>(), 7);
        assert_eq!(libc::munmap(memory, 8192), 0);
    }
}

#[test]
fn files_can_be_mapped() {
    use std::os::fd::AsRawFd;
    let directory = crate::Directory::new();
    std::fs::write(directory.join("file"), b"mapped").unwrap();
    let file = std::fs::File::open(directory.join("file")).unwrap();
    // SAFETY: the file has six bytes, and nobody changes it.
    unsafe {
        let memory = libc::mmap(ptr::null_mut(), 6, libc::PROT_READ, libc::MAP_SHARED, file.as_raw_fd(), 0);
        assert_eq!(*memory.cast::<[u8; 6]>(), *b"mapped");
        assert_eq!(libc::munmap(memory, 6), 0);
    }
}

#[test]
fn unknown_kinds_of_mapping_are_refused() {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON | 0x2000_0000;
    // SAFETY: maps nothing.
    let memory = unsafe { libc::mmap(ptr::null_mut(), 4096, libc::PROT_READ, flags, -1, 0) };
    assert_eq!(memory, libc::MAP_FAILED);
    assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EINVAL));
}

#[test]
fn allocations_are_aligned_and_sized() {
    // SAFETY: the memory is freed once.
    unsafe {
        let mut memory = ptr::null_mut();
        assert_eq!(libc::posix_memalign(&mut memory, 4096, 100), 0);
        assert_eq!(memory.addr() % 4096, 0);
        assert!(libc::malloc_size(memory) >= 100);
        libc::free(memory);
    }
}

#[test]
fn random_bytes_differ() {
    let mut bytes = [[0_u8; 200]; 2];
    // SAFETY: the buffers are of the length given.
    unsafe {
        assert_eq!(libc::getentropy(bytes[0].as_mut_ptr().cast(), 200), 0);
        libc::arc4random_buf(bytes[1].as_mut_ptr().cast(), 200);
        assert!((0..1000).all(|_| libc::arc4random_uniform(10) < 10));
    }
    assert_ne!(bytes[0], bytes[1]);
    // Hashed by random keys.
    assert_eq!(HashMap::from([("key", 1)])["key"], 1);
}

#[test]
fn patterns_fill_memory_to_its_end() {
    unsafe extern "C" {
        fn memset_pattern4(to: *mut c_void, pattern: *const c_void, size: usize);
    }
    let mut memory = [0_u8; 12];
    // SAFETY: the memory has more than ten bytes, the pattern four.
    unsafe { memset_pattern4(memory.as_mut_ptr().cast(), [1_u8, 2, 3, 4].as_ptr().cast(), 10) };
    assert_eq!(memory, [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 0, 0]);
}

#[test]
fn bounded_copies_end_in_nul_and_say_how_long_the_text_is() {
    unsafe extern "C" {
        fn strlcpy(to: *mut c_char, from: *const c_char, size: usize) -> usize;
        fn strlcat(to: *mut c_char, from: *const c_char, size: usize) -> usize;
    }
    let mut buffer = [1_i8; 6];
    // SAFETY: the buffer has six bytes, and the texts are C strings.
    unsafe {
        assert_eq!(strlcpy(buffer.as_mut_ptr(), c"ab".as_ptr(), 6), 2);
        assert_eq!(strlcat(buffer.as_mut_ptr(), c"cdefg".as_ptr(), 6), 7);
    }
    assert_eq!(buffer.map(|byte| byte as u8), *b"abcde\0");
}

#[test]
fn sorting_passes_its_argument_first() {
    extern "C" fn compare(sign: *mut c_void, one: *const c_void, other: *const c_void) -> c_int {
        // SAFETY: the argument and the items are those below.
        unsafe { *sign.cast::<c_int>() * (*one.cast::<c_int>() - *other.cast::<c_int>()) }
    }
    unsafe extern "C" {
        fn qsort_r(
            items: *mut c_void,
            count: usize,
            size: usize,
            argument: *mut c_void,
            compare: extern "C" fn(*mut c_void, *const c_void, *const c_void) -> c_int,
        );
    }
    let (mut items, mut sign) = ([3, 1, 2], -1);
    // SAFETY: the comparison fits the three items and the argument.
    unsafe { qsort_r(items.as_mut_ptr().cast(), 3, size_of::<c_int>(), (&raw mut sign).cast(), compare) };
    assert_eq!(items, [3, 2, 1]);
}

#[test]
fn mathematics_is_there() {
    let angle = std::hint::black_box(0.5_f64);
    let (sine, cosine) = angle.sin_cos();
    assert!((sine * sine + cosine * cosine - 1.0).abs() < 1e-12);
    assert_eq!(std::hint::black_box(7.5_f64) % 2.0, 1.5);
    assert!((std::hint::black_box(2.0_f64).powf(0.5) - 2.0_f64.sqrt()).abs() < 1e-12);
}
