//! What the program's pointers are taken for. No function of I/O Kit's looks at a pointer before it reads or writes
//! there, and a pointer of C's need not be aligned.

use darwin_calls::misuse;
use std::ffi::{CStr, c_char};

/// The size of `io_name_t` in bytes (CN-1).
const NAME_SIZE: usize = 128;
/// The size of `io_string_t` in bytes (CN-1).
const STRING_SIZE: usize = 512;

/// Runs `call` on what is at `pointer`, and puts back what it becomes. `argument` is the pointer's name in C.
///
/// # Safety
///
/// `pointer` must be fit to be read and written, or null, which is misuse once something is written there: a call that
/// fails writes nothing (P-7).
pub(crate) unsafe fn update<T: Copy + Default + PartialEq, R>(
    pointer: *mut T,
    argument: &str,
    call: impl FnOnce(&mut T) -> R,
) -> R {
    if pointer.is_null() {
        let mut value = T::default();
        let result = call(&mut value);
        if value != T::default() {
            misuse(format_args!("`{argument}` is null, and written to"));
        }
        return result;
    }
    // SAFETY: not null, and so fit to be read by the caller's promise.
    let mut value = unsafe { pointer.read_unaligned() };
    let result = call(&mut value);
    // SAFETY: as above, and fit to be written.
    unsafe { pointer.write_unaligned(value) };
    result
}

/// A string that must be there. `argument` is its name in C.
///
/// # Safety
///
/// `pointer` must be null, which is misuse, or to a C string that stays as it is for `'a`.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, argument: &str) -> &'a CStr {
    // SAFETY: by the caller's promise.
    match unsafe { optional_text(pointer) } {
        Some(text) => text,
        None => misuse(format_args!("`{argument}` is null, and read")),
    }
}

/// A string, or none.
///
/// # Safety
///
/// `pointer` must be null, or to a C string that stays as it is for `'a`.
pub(crate) unsafe fn optional_text<'a>(pointer: *const c_char) -> Option<&'a CStr> {
    // SAFETY: not null, and so a C string by the caller's promise.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) })
}

/// Writes an `io_name_t` as the stubs do: up to its NUL. What comes after that stays as it is.
///
/// # Safety
///
/// `pointer` must be null, which is misuse, or to 128 bytes that can be written, or as many as the name has.
pub(crate) unsafe fn write_name(pointer: *mut c_char, argument: &str, name: &CStr) {
    // SAFETY: by the caller's promise.
    unsafe { write_text::<NAME_SIZE>(pointer, argument, name) };
}

/// The same for an `io_string_t`.
///
/// # Safety
///
/// `pointer` must be null, which is misuse, or to 512 bytes that can be written, or as many as the text has.
pub(crate) unsafe fn write_string(pointer: *mut c_char, argument: &str, text: &CStr) {
    // SAFETY: by the caller's promise.
    unsafe { write_text::<STRING_SIZE>(pointer, argument, text) };
}

/// # Safety
///
/// `pointer` must be null, which is misuse, or to `SIZE` bytes that can be written, or as many as the text has.
unsafe fn write_text<const SIZE: usize>(pointer: *mut c_char, argument: &str, text: &CStr) {
    if pointer.is_null() {
        misuse(format_args!("`{argument}` is null, and written to"));
    }
    let text = text.to_bytes();
    let length = text.len().min(SIZE - 1);
    // SAFETY: not null, and so with room for the text and its NUL, at most `SIZE` bytes, by the caller's promise.
    unsafe {
        pointer.copy_from_nonoverlapping(text.as_ptr().cast(), length);
        pointer.add(length).write(0);
    }
}

/// A copy of `count` elements. `argument` is the pointer's name in C.
///
/// # Safety
///
/// `pointer` must be fit to be read for `count` elements, or null, which is misuse unless the count is 0.
pub(crate) unsafe fn copy<T: Copy>(pointer: *const T, count: usize, argument: &str) -> Vec<T> {
    if count == 0 {
        return Vec::new();
    }
    if pointer.is_null() {
        misuse(format_args!("`{argument}` is null, and {count} elements are read there"));
    }
    // SAFETY: by the caller's promise there are `count` elements.
    (0..count).map(|index| unsafe { pointer.add(index).read_unaligned() }).collect()
}

/// Copies elements to the program. `argument` is the pointer's name in C.
///
/// # Safety
///
/// `pointer` must be fit to be written for as many elements, or null, which is misuse unless there are none.
pub(crate) unsafe fn deliver<T: Copy>(elements: &[T], pointer: *mut T, argument: &str) {
    if elements.is_empty() {
        return;
    }
    if pointer.is_null() {
        misuse(format_args!("`{argument}` is null, and the driver's {} elements go there", elements.len()));
    }
    for (index, &element) in elements.iter().enumerate() {
        // SAFETY: by the caller's promise there is room for all elements.
        unsafe { pointer.add(index).write_unaligned(element) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use darwin_calls::catch;
    use std::ptr;

    #[test]
    fn a_name_is_written_up_to_its_nul() {
        let mut buffer = [0x55u8; 12];
        // SAFETY: the buffer has room.
        unsafe { write_name(buffer.as_mut_ptr().cast(), "name", c"IOService") };
        assert_eq!(&buffer, b"IOService\0\x55\x55");
    }

    #[test]
    fn a_name_too_long_is_cut_and_terminated() {
        let mut buffer = [0x55u8; NAME_SIZE + 1];
        let name = std::ffi::CString::new([b'x'; 300]).unwrap();
        // SAFETY: the buffer has room.
        unsafe { write_name(buffer.as_mut_ptr().cast(), "name", &name) };
        assert_eq!(buffer[NAME_SIZE - 2..], [b'x', 0, 0x55]);
    }

    #[test]
    fn a_path_has_more_room_than_a_name() {
        let mut buffer = [0x55u8; STRING_SIZE + 1];
        let path = std::ffi::CString::new([b'x'; 600]).unwrap();
        // SAFETY: the buffer has room.
        unsafe { write_string(buffer.as_mut_ptr().cast(), "path", &path) };
        assert_eq!(buffer[STRING_SIZE - 2..], [b'x', 0, 0x55]);
    }

    #[test]
    fn null_is_misuse_that_names_the_argument() {
        // SAFETY: null is allowed.
        let result = catch(|| unsafe { update(ptr::null_mut(), "connect", |connect| *connect = 0x1203) });
        assert!(result.unwrap_err().contains("`connect` is null"));
        // SAFETY: as above.
        let result = catch(|| unsafe { write_name(ptr::null_mut(), "className", c"IOService") });
        assert!(result.unwrap_err().contains("`className` is null"));
        // SAFETY: as above.
        let result = catch(|| unsafe { text(ptr::null(), "plane").to_owned() });
        assert!(result.unwrap_err().contains("`plane` is null"));
        // SAFETY: as above.
        let result = catch(|| unsafe { copy(ptr::null::<u64>(), 2, "input") });
        assert!(result.unwrap_err().contains("`input` is null"));
        // SAFETY: as above.
        let result = catch(|| unsafe { deliver(&[1u64], ptr::null_mut(), "output") });
        assert!(result.unwrap_err().contains("`output` is null"));
    }

    #[test]
    fn null_for_nothing_is_no_misuse() {
        // SAFETY: null where nothing is written.
        assert_eq!(unsafe { update(ptr::null_mut::<u32>(), "connect", |_| 5) }, 5);
        // SAFETY: null for no elements.
        assert!(unsafe { copy(ptr::null::<u64>(), 0, "input") }.is_empty());
        // SAFETY: as above.
        unsafe { deliver::<u64>(&[], ptr::null_mut(), "output") };
    }

    #[test]
    fn what_a_call_leaves_alone_stays_and_what_it_writes_arrives() {
        let mut value = 5u32;
        // SAFETY: a variable.
        unsafe { update(&mut value, "value", |_| ()) };
        assert_eq!(value, 5);
        // SAFETY: a variable.
        unsafe { update(&mut value, "value", |value| *value = 6) };
        assert_eq!(value, 6);
    }

    #[test]
    fn unaligned_elements_are_read_and_written() {
        let mut bytes = [0u8; 17];
        // SAFETY: sixteen bytes from the second on are two elements.
        unsafe {
            let at = bytes.as_mut_ptr().add(1).cast::<u64>();
            deliver(&[1, u64::MAX], at, "output");
            assert_eq!(copy(at, 2, "input"), [1, u64::MAX]);
        }
    }
}
