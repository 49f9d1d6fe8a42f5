//! How bytes go in and out of mapped memory: by whatever is fastest, or word by word where the memory may be a device's.

use crate::arch;
use crate::memory::CacheMode;
use crate::wire::Structure;
use bytemuck::{bytes_of, pod_read_unaligned};
use std::mem::MaybeUninit;

/// How wide an access may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::memory) enum Width {
    /// Any: the memory is no device's, or [`arch::BYTEWISE`].
    Any,
    /// Bytes, which declare no width: aligned words of 64 bits, and single bytes at both ends.
    Bytes,
    /// Aligned words of 16 bits.
    Two,
    /// Aligned words of 32 bits.
    Four,
    /// Aligned words of 64 bits.
    Eight,
}

impl Width {
    /// What a `T` declares: the width of its widest field, which is its alignment.
    #[inline(always)]
    pub(in crate::memory) const fn of<T>(cache: CacheMode) -> Self {
        match align_of::<T>() {
            _ if arch::BYTEWISE || !cache.may_be_device() => Self::Any,
            1 => Self::Bytes,
            2 => Self::Two,
            4 => Self::Four,
            _ => Self::Eight,
        }
    }

    /// The same at an address that need not be aligned.
    #[inline(always)]
    fn at(self, address: usize) -> Self {
        match self {
            Self::Two | Self::Four | Self::Eight if !address.is_multiple_of(self.word()) => Self::Bytes,
            aligned => aligned,
        }
    }

    /// Bytes of the words in the middle.
    const fn word(self) -> usize {
        match self {
            Self::Any => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Bytes | Self::Eight => 8,
        }
    }
}

/// A part of what is accessed: `count` words of `width` bytes, from `offset` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    offset: usize,
    count: usize,
    width: usize,
}

/// The accesses to `length` bytes of a device's memory, in their order.
///
/// But for [`Width::Bytes`], address and length are multiples of the word.
#[inline]
fn stretches(width: Width, address: usize, length: usize) -> [Stretch; 3] {
    let word = width.word();
    let head = if width == Width::Bytes { (address.wrapping_neg() % word).min(length) } else { 0 };
    let words = (length - head) / word;
    let tail = head + words * word;
    [
        Stretch { offset: 0, count: head, width: 1 },
        Stretch { offset: head, count: words, width: word },
        Stretch { offset: tail, count: length - tail, width: 1 },
    ]
}

/// Copies out of mapped memory.
///
/// # Safety
///
/// `length` bytes at `from` are mapped for reading. Those at `to` are the caller's own, to be written. Unless
/// `width` is [`Width::Any`] or [`Width::Bytes`], `from` and `length` are multiples of its word.
#[inline(always)]
pub(in crate::memory) unsafe fn read(width: Width, from: *const u8, to: *mut u8, length: usize) {
    if width == Width::Any {
        // SAFETY: as the caller promises; `Any` is said of memory that is no device's, or where there are none.
        unsafe { arch::copy_out(from, to, length) }
    } else {
        // SAFETY: as the caller promises.
        unsafe { read_words(width, from, to, length) }
    }
}

/// # Safety
///
/// As for [`read`], and `width` is not [`Width::Any`].
#[inline(never)]
unsafe fn read_words(width: Width, from: *const u8, to: *mut u8, length: usize) {
    for Stretch { offset, count, width } in stretches(width, from.addr(), length) {
        // SAFETY: stretches lie within `length`, and those of words begin at multiples of them.
        unsafe {
            let (from, to) = (from.add(offset), to.add(offset));
            match width {
                1 => arch::copy_words_out::<u8>(from, to, count),
                2 => arch::copy_words_out::<u16>(from, to, count),
                4 => arch::copy_words_out::<u32>(from, to, count),
                _ => arch::copy_words_out::<u64>(from, to, count),
            }
        }
    }
}

/// Copies into mapped memory.
///
/// # Safety
///
/// `length` bytes at `to` are mapped for writing. Those at `from` are the caller's own, to be read. Unless
/// `width` is [`Width::Any`] or [`Width::Bytes`], `to` and `length` are multiples of its word.
#[inline(always)]
pub(in crate::memory) unsafe fn write(width: Width, from: *const u8, to: *mut u8, length: usize) {
    if width == Width::Any {
        // SAFETY: as the caller promises; `Any` is said of memory that is no device's, or where there are none.
        unsafe { arch::copy_in(from, to, length) }
    } else {
        // SAFETY: as the caller promises.
        unsafe { write_words(width, from, to, length) }
    }
}

/// # Safety
///
/// As for [`write`], and `width` is not [`Width::Any`].
#[inline(never)]
unsafe fn write_words(width: Width, from: *const u8, to: *mut u8, length: usize) {
    for Stretch { offset, count, width } in stretches(width, to.addr(), length) {
        // SAFETY: stretches lie within `length`, and those of words begin at multiples of them.
        unsafe {
            let (from, to) = (from.add(offset), to.add(offset));
            match width {
                1 => arch::copy_words_in::<u8>(from, to, count),
                2 => arch::copy_words_in::<u16>(from, to, count),
                4 => arch::copy_words_in::<u32>(from, to, count),
                _ => arch::copy_words_in::<u64>(from, to, count),
            }
        }
    }
}

/// Fills mapped memory with `count` times `value`.
///
/// # Safety
///
/// `to` is aligned for `T` and the first of `count` values that are mapped for writing; `width` is what `T` declares.
#[inline(always)]
pub(in crate::memory) unsafe fn fill<T: Structure>(width: Width, to: *mut u8, value: T, count: usize) {
    let bytes = bytes_of(&value);
    // SAFETY: as the caller promises; a width of words is the alignment of a `T`, here the size too.
    unsafe {
        match (width, size_of::<T>()) {
            (Width::Any, 1) => arch::fill::<u8>(to, bytes[0], count),
            (Width::Any, 2) => arch::fill::<u16>(to, pod_read_unaligned(bytes), count),
            (Width::Any, 4) => arch::fill::<u32>(to, pod_read_unaligned(bytes), count),
            (Width::Any, 8) => arch::fill::<u64>(to, pod_read_unaligned(bytes), count),
            (Width::Bytes, 1) => fill_bytes(to, bytes[0], count),
            (Width::Two, 2) => fill_words::<u16>(to, pod_read_unaligned(bytes), count),
            (Width::Four, 4) => fill_words::<u32>(to, pod_read_unaligned(bytes), count),
            (Width::Eight, 8) => fill_words::<u64>(to, pod_read_unaligned(bytes), count),
            (_, size) => {
                (0..count).for_each(|index| write(width, bytes.as_ptr(), to.add(index * size), size))
            }
        }
    }
}

/// # Safety
///
/// `count` aligned words at `to` are mapped for writing.
#[inline]
unsafe fn fill_words<W: arch::Word>(to: *mut u8, word: W, count: usize) {
    for index in 0..count {
        // SAFETY: the index is one of `count`.
        unsafe { arch::store::<W, 0>(to.add(index * size_of::<W>()), word) }
    }
}

/// # Safety
///
/// `count` bytes at `to` are mapped for writing.
#[inline(never)]
unsafe fn fill_bytes(to: *mut u8, byte: u8, count: usize) {
    let word = u64::from_ne_bytes([byte; 8]);
    let [head, words, tail] = stretches(Width::Bytes, to.addr(), count);
    // SAFETY: stretches lie within `count`, and that of words begins at a multiple of them.
    unsafe {
        fill_words(to.add(head.offset), byte, head.count);
        fill_words(to.add(words.offset), word, words.count);
        fill_words(to.add(tail.offset), byte, tail.count);
    }
}

/// Bytes on their way from mapped memory to mapped memory: few enough for the first level of any cache.
const CHUNK: usize = 4096;

/// Copies within mapped memory; the two places may overlap.
///
/// # Safety
///
/// As for [`read`] at `from`, and for [`write`] at `to`.
#[inline]
pub(in crate::memory) unsafe fn copy_within(width: Width, from: *const u8, to: *mut u8, length: usize) {
    let mut chunk = [MaybeUninit::<u64>::uninit(); CHUNK / size_of::<u64>()];
    let chunk = chunk.as_mut_ptr().cast::<u8>();
    let upwards = to.addr() <= from.addr();
    let mut done = 0;
    while done < length {
        let size = (length - done).min(CHUNK);
        let offset = if upwards { done } else { length - done - size };
        // SAFETY: as the caller promises; a chunk is a multiple of every word, so is what is left of a multiple.
        unsafe {
            read(width, from.add(offset), chunk, size);
            write(width, chunk, to.add(offset), size);
        }
        done += size;
    }
}

/// Whether a value goes by one instruction: it is as large as a word, aligned to its size, and not made of narrower words
/// where these may be a device's.
#[inline(always)]
fn is_word<T>(cache: CacheMode, address: usize) -> bool {
    let (size, declared) = (size_of::<T>(), align_of::<T>());
    !arch::BYTEWISE
        && matches!(size, 1 | 2 | 4 | 8)
        && address.is_multiple_of(size)
        && (declared == size || declared == 1 || !cache.may_be_device())
}

/// Loads one value: by one instruction if it is a word, aligned to its size.
///
/// # Safety
///
/// `size_of::<T>()` bytes at `from` are mapped for reading.
#[inline(always)]
pub(in crate::memory) unsafe fn load<T: Structure>(cache: CacheMode, from: *const u8) -> T {
    let is_word = is_word::<T>(cache, from.addr());
    // SAFETY: as the caller promises; a word is aligned.
    unsafe {
        match size_of::<T>() {
            1 if is_word => bytemuck::cast(arch::load::<u8, 0>(from)),
            2 if is_word => bytemuck::cast(arch::load::<u16, 0>(from)),
            4 if is_word => bytemuck::cast(arch::load::<u32, 0>(from)),
            8 if is_word => bytemuck::cast(arch::load::<u64, 0>(from)),
            _ => {
                let mut value = T::zeroed();
                let width = Width::of::<T>(cache).at(from.addr());
                read(width, from, (&raw mut value).cast(), size_of::<T>());
                value
            }
        }
    }
}

/// Stores one value: by one instruction if it is a word, aligned to its size.
///
/// # Safety
///
/// `size_of::<T>()` bytes at `to` are mapped for writing.
#[inline(always)]
pub(in crate::memory) unsafe fn store<T: Structure>(cache: CacheMode, to: *mut u8, value: T) {
    let is_word = is_word::<T>(cache, to.addr());
    // SAFETY: as the caller promises; a word is aligned.
    unsafe {
        match size_of::<T>() {
            1 if is_word => arch::store::<u8, 0>(to, bytemuck::cast(value)),
            2 if is_word => arch::store::<u16, 0>(to, bytemuck::cast(value)),
            4 if is_word => arch::store::<u32, 0>(to, bytemuck::cast(value)),
            8 if is_word => arch::store::<u64, 0>(to, bytemuck::cast(value)),
            _ => {
                let width = Width::of::<T>(cache).at(to.addr());
                write(width, (&raw const value).cast(), to, size_of::<T>());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [Width; 3] = [Width::Two, Width::Four, Width::Eight];

    /// The bytes that a plan touches, in their order, after each stretch has been held against its rules.
    fn bytes(width: Width, address: usize, length: usize) -> Vec<usize> {
        let mut bytes = Vec::new();
        for stretch in stretches(width, address, length) {
            let Stretch { offset, count, width } = stretch;
            assert!(count == 0 || (address + offset).is_multiple_of(width), "{stretch:?} at {address:#x}");
            bytes.extend(offset..offset + count * width);
        }
        bytes
    }

    #[test]
    fn every_byte_is_accessed_once_and_upwards_by_aligned_words() {
        for address in 0..16 {
            for length in 0..40 {
                assert!(
                    bytes(Width::Bytes, address, length).into_iter().eq(0..length),
                    "{length} at {address}"
                );
            }
        }
        for (width, word) in WORDS.into_iter().zip([2, 4, 8]) {
            for length in (0..5).map(|count| count * word) {
                assert!(bytes(width, 5 * word, length).into_iter().eq(0..length), "{width:?}, {length}");
            }
        }
    }

    #[test]
    fn a_devices_memory_sees_no_word_but_the_declared_one() {
        for (width, word) in WORDS.into_iter().zip([2, 4, 8]) {
            let plan = stretches(width, 3 * word, 7 * word);
            let words: Vec<_> = plan.into_iter().filter(|stretch| stretch.count > 0).collect();
            assert_eq!(words, [Stretch { offset: 0, count: 7, width: word }]);
        }
    }

    #[test]
    fn bytes_go_by_words_of_64_bits_between_their_ends() {
        let counts = |address, length| {
            let plan = stretches(Width::Bytes, address, length);
            assert_eq!(plan.map(|stretch| stretch.width), [1, 8, 1]);
            plan.map(|stretch| stretch.count)
        };
        assert_eq!(counts(0, 24), [0, 3, 0]);
        assert_eq!(counts(3, 24), [5, 2, 3]);
        assert_eq!(counts(3, 4), [4, 0, 0]);
        assert_eq!(counts(7, 8), [1, 0, 7]);
    }

    #[test]
    fn words_are_copied_and_filled_where_they_belong() {
        let pattern: [u8; 48] = std::array::from_fn(|index| index as u8 + 1);
        for (width, offsets) in
            [(Width::Bytes, 0..9), (Width::Two, 2..3), (Width::Four, 4..5), (Width::Eight, 8..9)]
        {
            for (offset, length) in offsets.flat_map(|offset| [0, 8, 24, 32].map(|length| (offset, length))) {
                let memory = crate::memory::shared::tests::Memory::new(64, 0);
                let mut copy = [0; 32];
                // SAFETY: the memory has 64 bytes, and offset and length are multiples of the word.
                unsafe {
                    let base = memory.base().as_ptr().add(offset);
                    write_words(width, pattern.as_ptr(), base, length);
                    read_words(width, base, copy.as_mut_ptr(), length);
                    assert_eq!(copy[..length], pattern[..length], "{width:?}, {length} at {offset}");
                    match width {
                        Width::Two => fill_words(base, 0x0707_u16, length / 2),
                        Width::Four => fill_words(base, 0x0707_0707_u32, length / 4),
                        Width::Eight => fill_words(base, 0x0707_0707_0707_0707_u64, length / 8),
                        Width::Any | Width::Bytes => fill_bytes(base, 7, length),
                    }
                    read_words(width, base, copy.as_mut_ptr(), length);
                }
                assert_eq!(copy[..length], [7; 32][..length], "{width:?}, {length} at {offset}");
            }
        }
    }

    #[test]
    #[cfg_attr(any(miri, iokit_uc_atomics, not(feature = "sim")), ignore = "all goes byte by byte")]
    fn a_value_is_one_word_if_its_type_declares_no_narrower_one() {
        use CacheMode::{Copyback, Inhibit};
        assert!(is_word::<u64>(Inhibit, 0x1008) && is_word::<f32>(Inhibit, 0x1004));
        assert!(is_word::<[u8; 8]>(Inhibit, 0x1008), "bytes declare no width");
        assert!(!is_word::<u64>(Inhibit, 0x1004) && !is_word::<[u8; 3]>(Inhibit, 0x1000));
        assert!(!is_word::<[u32; 2]>(Inhibit, 0x1008), "a device may have no register of 64 bits there");
        assert!(is_word::<[u32; 2]>(Copyback, 0x1008));
    }

    #[test]
    #[cfg_attr(any(miri, iokit_uc_atomics, not(feature = "sim")), ignore = "all goes byte by byte")]
    fn the_width_is_what_the_type_declares_where_memory_may_be_a_devices() {
        use CacheMode::{Copyback, Default, Inhibit, WriteCombine, WriteThru};
        for cache in [Default, Inhibit] {
            let widths = [
                Width::of::<u8>(cache),
                Width::of::<[u8; 4]>(cache),
                Width::of::<i16>(cache),
                Width::of::<f32>(cache),
                Width::of::<[u32; 2]>(cache),
                Width::of::<u64>(cache),
            ];
            use Width::{Bytes, Eight, Four, Two};
            assert_eq!(widths, [Bytes, Bytes, Two, Four, Four, Eight]);
        }
        for cache in [WriteThru, Copyback, WriteCombine] {
            assert_eq!(Width::of::<u32>(cache), Width::Any);
        }
        assert_eq!(Width::Four.at(0x1004), Width::Four);
        assert_eq!(Width::Four.at(0x1002), Width::Bytes);
        assert_eq!(Width::Any.at(0x1001), Width::Any);
    }
}
