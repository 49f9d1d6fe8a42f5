//! What `#[derive(RegisterBlock)]` needs: what a field can be, and what is proved when the block is compiled.

pub use crate::memory::registers::{Base, BaseMut, BlockField, Part, ReservedField, WritableField};

use super::Message;
use crate::memory::BlockLayout;

/// A block has bytes, and its layout can be told.
#[track_caller]
pub const fn assert_block(layout: &BlockLayout) {
    assert!(layout.size != 0, "a register block of no bytes cannot be mapped");
}

/// A field is where it is said to be.
#[track_caller]
pub const fn assert_offset(field: &str, offset: usize, declared: usize) {
    if offset != declared {
        let message = Message::new().text("`").text(field).text("` is at offset ");
        let message = hexadecimal(hexadecimal(message, offset).text(", not at "), declared);
        panic!("{}", message.as_str());
    }
}

/// `length` elements of this size and alignment, `stride` bytes apart, do not overlap, are aligned, and all lie before
/// `end`, where `next` begins.
#[track_caller]
pub const fn assert_stride(
    field: &str,
    offset: usize,
    (length, size, align): (Option<usize>, usize, usize),
    stride: usize,
    next: &str,
    end: usize,
) {
    let Some(length) = length else {
        panic!("`stride` is how far apart the elements of an array are, and this is no array")
    };
    let message = Message::new().text("`").text(field).text("` has elements of ");
    let message = hexadecimal(message, size).text(" bytes, aligned to ");
    let message = hexadecimal(hexadecimal(message, align).text(": they cannot be "), stride);
    let message = message.text(" bytes apart");
    assert!(stride >= size && stride.is_multiple_of(align), "{}", message.as_str());

    let last = match length {
        0 => return,
        length => stride.saturating_mul(length - 1).saturating_add(size),
    };
    let message = Message::new().text("with this stride `").text(field).text("` reaches from ");
    let message = hexadecimal(message, offset).text(" to ");
    let message = hexadecimal(message, offset.saturating_add(last)).text(", but ").text(next).text(" is at ");
    let message = hexadecimal(message, end).text(": follow it by a field `_reserved: [u8; ");
    let message = hexadecimal(message, last.saturating_sub(size * length)).text("]` or more");
    assert!(offset.saturating_add(last) <= end, "{}", message.as_str());
}

const fn hexadecimal(message: Message, number: usize) -> Message {
    const fn digits(message: Message, number: usize) -> Message {
        let message = if number >= 16 { digits(message, number / 16) } else { message };
        let (_, digit) = "0123456789abcdef".split_at(number % 16);
        message.text(digit.split_at(1).0)
    }
    digits(message.text("0x"), number)
}
