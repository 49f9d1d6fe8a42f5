use super::{SharedSlice, SharedSliceMut};
use crate::Structure;
use crate::error::{IoReturn, Result};
use crate::memory::CacheMode;
use std::ptr::NonNull;

pub(in crate::memory) const CACHE_MODES: [CacheMode; 5] = [
    CacheMode::Default,
    CacheMode::Inhibit,
    CacheMode::WriteThru,
    CacheMode::Copyback,
    CacheMode::WriteCombine,
];

/// Memory as if it were mapped: no reference points there while it is in use.
pub(in crate::memory) struct Memory {
    words: NonNull<[u64]>,
}

impl Memory {
    /// At least `length` bytes of `byte`, aligned to 8.
    pub(in crate::memory) fn new(length: usize, byte: u8) -> Self {
        let words = vec![u64::from_ne_bytes([byte; 8]); length.div_ceil(8)].into_boxed_slice();
        Self { words: NonNull::from(Box::leak(words)) }
    }

    pub(in crate::memory) fn base(&self) -> NonNull<u8> {
        self.words.cast()
    }

    /// `length` elements from the byte `offset` on, which is a multiple of their alignment.
    pub(in crate::memory) fn slice<T: Structure>(
        &mut self,
        offset: usize,
        length: usize,
        cache: CacheMode,
    ) -> SharedSliceMut<'_, T> {
        assert!(offset + length * size_of::<T>() <= self.words.len() * 8);
        // SAFETY: the elements lie within the allocation, which outlives the borrow; the base is aligned to 8.
        unsafe { SharedSliceMut::new(self.base().add(offset), length, cache) }
    }

    /// A copy of the bytes.
    pub(in crate::memory) fn bytes(&mut self) -> Vec<u8> {
        let length = self.words.len() * 8;
        self.slice::<u8>(0, length, CacheMode::Copyback).read_back().to_vec()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: it was leaked by `new`, and nothing that borrows it is left.
        drop(unsafe { Box::from_raw(self.words.as_ptr()) });
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
struct Sample {
    a: u32,
    b: [u16; 4],
}

#[test]
fn what_is_written_is_read_back_and_nothing_else_is_touched() {
    fn check<T: Structure + PartialEq + std::fmt::Debug>(values: [T; 5], cache: CacheMode, offset: usize) {
        let mut memory = Memory::new(96, 0xa5);
        let mut slice = memory.slice::<T>(offset, 5, cache);
        slice.copy_from_slice(&values).expect("the same length");
        assert_eq!(slice.read_back().to_vec(), values);
        assert_eq!(
            slice.read_back().iter().rev().collect::<Vec<_>>(),
            values.iter().rev().copied().collect::<Vec<_>>()
        );
        slice.set(1, values[3]).expect("there are five");
        assert_eq!(slice.read_back().get(1), Some(values[3]));
        let mut two = [T::zeroed(); 2];
        let middle = slice.read_back().subslice(1..=2).expect("within");
        middle.copy_to_slice(&mut two).expect("the same length");
        assert_eq!(two, [values[3], values[2]]);
        slice.reborrow().subslice(..4).expect("within").fill(values[4]);
        assert_eq!(slice.read_back().to_vec(), [values[4]; 5]);
        let bytes = memory.bytes();
        let end = offset + 5 * size_of::<T>();
        assert!(bytes[..offset].iter().chain(&bytes[end..]).all(|byte| *byte == 0xa5), "{cache:?}, {offset}");
    }
    for cache in CACHE_MODES {
        for offset in [0, 8, 16] {
            check([1_u8, 2, 3, 4, 5], cache, offset + 3);
            check([1_i16, -2, 3, -4, 5], cache, offset + 2);
            check([1.5_f32, 2.5, 3.5, 4.5, 5.5], cache, offset + 4);
            check([1, 2, 3, 4, u64::MAX], cache, offset);
            check([[1_u8, 2, 3], [4; 3], [5; 3], [6; 3], [7; 3]], cache, offset + 1);
            check([[1_u32, 2], [3, 4], [5, 6], [7, 8], [9, 10]], cache, offset + 4);
            check([1, 2, 3, 4, 5].map(|a| Sample { a, b: [a as u16; 4] }), cache, offset + 4);
        }
    }
}

#[test]
fn overlapping_places_are_copied_as_if_all_was_read_first() {
    // More than a chunk of 4096 bytes, in both directions.
    let length = if cfg!(miri) { 40 } else { 5000 };
    let model: Vec<u16> = (0..length as u16).collect();
    for cache in CACHE_MODES {
        for (range, to) in
            [(0..length - 3, 3), (3..length, 0), (5..9, 5), (0..2, 20), (7..7, 0), (1..length, 0)]
        {
            let mut memory = Memory::new(2 * length, 0);
            let mut slice = memory.slice::<u16>(0, length, cache);
            slice.copy_from_slice(&model).expect("the same length");
            slice.copy_within(range.clone(), to).expect("within");
            let mut expected = model.clone();
            expected.copy_within(range.clone(), to);
            assert_eq!(slice.read_back().to_vec(), expected, "{range:?} to {to}, {cache:?}");
        }
    }
}

#[test]
fn structures_lie_at_any_byte() {
    let sample = Sample { a: 0x0102_0304, b: [5, 6, 7, 8] };
    for cache in CACHE_MODES {
        for offset in 0..12 {
            let mut memory = Memory::new(24, 0);
            let mut bytes = memory.slice::<u8>(0, 24, cache);
            bytes.write(offset, &sample).expect("within");
            assert_eq!(bytes.read_back().read::<Sample>(offset), Ok(sample));
            let mut expected = [0; 24];
            expected[offset..offset + 12].copy_from_slice(bytemuck::bytes_of(&sample));
            assert_eq!(memory.bytes(), expected);
        }
        let mut memory = Memory::new(24, 0);
        let mut bytes = memory.slice::<u8>(0, 24, cache);
        bytes.write(3, &0x1122_3344_u32).expect("within");
        assert_eq!(bytes.read_back().read::<[u8; 4]>(3), Ok(0x1122_3344_u32.to_ne_bytes()));
    }
}

#[test]
fn what_does_not_fit_is_an_error_with_the_figures() {
    fn figures<T>(result: Result<T>) -> String {
        let error = result.err().expect("it does not fit");
        assert_eq!(error.code(), IoReturn::BAD_ARGUMENT);
        error.to_string().replace("kIOReturnBadArgument (0xe00002c2, -536870206): invalid argument; ", "")
    }
    let mut memory = Memory::new(16, 0);
    let mut slice = memory.slice::<u32>(0, 4, CacheMode::Default);
    let shared = slice.read_back();
    assert_eq!(shared.get(4), None);
    let reversed = (std::ops::Bound::Included(3), std::ops::Bound::Excluded(2));
    let errors = [
        figures(shared.subslice(2..5)),
        figures(shared.subslice(reversed)),
        figures(shared.subslice(..=usize::MAX)),
        figures(shared.split_at(5)),
        figures(shared.copy_to_slice(&mut [0; 3])),
    ];
    let expected = [
        "SharedSlice::subslice: the range 2..5 does not lie within 0..4",
        "SharedSlice::subslice: the range 3..2 does not lie within 0..4",
        "SharedSlice::subslice: the range 0..18446744073709551615 does not lie within 0..4",
        "SharedSlice::split_at: the range 0..5 does not lie within 0..4",
        "SharedSlice::copy_to_slice: the mapped slice has 4 elements, the other 3",
    ];
    assert_eq!(errors, expected);
    let errors = [
        figures(slice.set(4, 1)),
        figures(slice.copy_from_slice(&[0; 5])),
        figures(slice.copy_within(1..4, 2)),
        figures(slice.copy_within(1..4, usize::MAX)),
        figures(slice.reborrow().split_at(6)),
    ];
    let expected = [
        "SharedSliceMut::set: there is no element 4 among 4",
        "SharedSliceMut::copy_from_slice: the mapped slice has 4 elements, the other 5",
        "SharedSliceMut::copy_within: the range 2..5 does not lie within 0..4",
        "SharedSliceMut::copy_within: the range 18446744073709551615..18446744073709551615 does not lie within 0..4",
        "SharedSliceMut::split_at: the range 0..6 does not lie within 0..4",
    ];
    assert_eq!(errors, expected);
    let mut bytes = memory.slice::<u8>(0, 16, CacheMode::Default);
    let errors = [figures(bytes.read_back().read::<u64>(9)), figures(bytes.write(usize::MAX, &1_u32))];
    let expected = [
        "SharedSlice::read: 8 bytes at offset 9 do not lie within 16 bytes",
        "SharedSliceMut::write: 4 bytes at offset 18446744073709551615 do not lie within 16 bytes",
    ];
    assert_eq!(errors, expected);
}

#[test]
fn parts_are_adjacent_and_can_go_to_threads() {
    let mut memory = Memory::new(64, 0);
    let slice = memory.slice::<u64>(0, 8, CacheMode::Copyback);
    let (mut head, mut tail) = slice.split_at(3).expect("within");
    std::thread::scope(|scope| {
        scope.spawn(|| head.fill(1));
        scope.spawn(|| tail.fill(2));
    });
    let shared: SharedSlice<'_, u64> = tail.read_back();
    assert_eq!((head.len(), shared.len(), shared.into_iter().nth(4)), (3, 5, Some(2)));
    assert_eq!(memory.slice::<u64>(0, 8, CacheMode::Default).read_back().to_vec(), [1, 1, 1, 2, 2, 2, 2, 2]);
}
