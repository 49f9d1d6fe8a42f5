//! Constant strings: structs in the program's own data, which compilers make of `CFSTR("...")`.

use super::Text;
use super::encoding::Encoding;
use crate::object::Object;
use std::mem::{align_of, size_of};
use std::ops::Range;
use std::ptr;
use std::slice;
use std::sync::Arc;

/// `__CFConstantStringClassReference`, whose address is the first word of every constant string.
pub(crate) static CLASS_REFERENCE: [usize; 16] = [0; 16];

#[repr(C)]
pub(super) struct Constant {
    pub(super) class: *const usize,
    pub(super) flags: u32,
    pub(super) text: *const u8,
    pub(super) length: isize,
}

/// The text is of bytes, or of units of UTF-16.
pub(super) const BYTES: u32 = 0x7c8;
pub(super) const UNITS: u32 = 0x7d0;

/// The constant string at `address`, if the program has one there.
pub(crate) fn constant(address: usize) -> Option<Arc<Object>> {
    let units = read(address, &image()?)?;
    Some(Object::immortal_at(address, Text::of_units(units)))
}

fn read(address: usize, image: &Range<usize>) -> Option<Vec<u16>> {
    let within = |start: usize, size: usize| -> Option<()> {
        let end = start.checked_add(size)?;
        (image.contains(&start) && end <= image.end).then_some(())
    };
    within(address, size_of::<Constant>())?;
    if !address.is_multiple_of(align_of::<Constant>()) {
        return None;
    }
    // SAFETY: aligned and within the program's image, which is mapped for as long as the process lives.
    let constant: &Constant = unsafe { &*ptr::with_exposed_provenance(address) };
    if !ptr::eq(constant.class, CLASS_REFERENCE.as_ptr()) {
        return None;
    }
    let length = usize::try_from(constant.length).ok()?;
    match constant.flags {
        BYTES => {
            within(constant.text.addr(), length)?;
            // SAFETY: within the program's image.
            let bytes = unsafe { slice::from_raw_parts(constant.text, length) };
            Encoding::MacRoman.decode(bytes, false)
        }
        UNITS => {
            within(constant.text.addr(), length.checked_mul(2)?)?;
            // SAFETY: within the program's image; read as bytes, whatever the alignment.
            let bytes = unsafe { slice::from_raw_parts(constant.text, length * 2) };
            Encoding::Utf16(super::Order::Host).decode(bytes, false)
        }
        _ => None,
    }
}

#[cfg(not(test))]
fn image() -> Option<Range<usize>> {
    darwin_loader::image()
}

#[cfg(test)]
fn image() -> Option<Range<usize>> {
    tests::image()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::OnceLock;

    /// A program's data.
    #[repr(C)]
    struct Data {
        text: [u8; 8],
        units: [u16; 4],
        strings: [Constant; 4],
    }

    /// So the program's data is never dropped.
    static IMAGE: OnceLock<(usize, Range<usize>)> = OnceLock::new();

    fn data() -> &'static (usize, Range<usize>) {
        IMAGE.get_or_init(|| {
            let none = || Constant { class: ptr::null(), flags: BYTES, text: ptr::null(), length: 3 };
            let data = Data {
                text: *b"abc\0\0\0\0\0",
                units: [0x61, 0x20ac, 0, 0],
                strings: [none(), none(), none(), none()],
            };
            let data = Box::leak(Box::new(data));
            let class = CLASS_REFERENCE.as_ptr();
            data.strings[0] = Constant { class, text: data.text.as_ptr(), ..none() };
            data.strings[1] = Constant { class, flags: UNITS, text: data.units.as_ptr().cast(), length: 2 };
            data.strings[2] = Constant { class, text: data.text.as_ptr(), length: 1 << 40, ..none() };
            data.strings[3] = Constant { text: data.text.as_ptr(), ..none() };
            let start = ptr::from_mut(data).expose_provenance();
            (ptr::from_ref(&data.strings).expose_provenance(), start..start + size_of::<Data>())
        })
    }

    pub(super) fn image() -> Option<Range<usize>> {
        Some(data().1.clone())
    }

    /// A constant string: "abc" and "a€" are there.
    pub(crate) fn string(place: usize) -> crate::abi::CFStringRef {
        ptr::with_exposed_provenance(data().0 + place * size_of::<Constant>())
    }

    #[test]
    fn constant_strings_are_of_bytes_or_units() {
        let text = |place| constant(string(place).addr()).map(|object| object.to_string());
        assert_eq!(text(0).as_deref(), Some("CFString \"abc\""));
        assert_eq!(text(1).as_deref(), Some("CFString \"a€\""));
    }

    #[test]
    fn what_is_no_constant_string_is_none() {
        let image = image().expect("there is a program in tests");
        assert!(constant(string(2).addr()).is_none(), "the text would reach beyond the image");
        assert!(constant(string(3).addr()).is_none(), "of another class");
        assert!(constant(string(0).addr() + 1).is_none());
        assert!(constant(image.end - 8).is_none());
        assert!(constant(image.end).is_none());
        assert!(constant(8).is_none());
    }
}
