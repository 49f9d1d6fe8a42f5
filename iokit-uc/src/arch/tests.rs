//! Every width, offset, alignment and length, in memory that begins and ends with bytes that must stay as they are.

use super::*;

const SIZE: usize = 512;

/// Bytes that stand for a mapping, of which each place has its own at first.
#[repr(align(64))]
struct Memory([u8; SIZE]);

impl Memory {
    fn new() -> Self {
        Self(BACKGROUND)
    }

    fn at(&mut self, place: usize) -> *mut u8 {
        assert!(place <= SIZE);
        (&raw mut self.0).cast::<u8>().wrapping_add(place)
    }
}

const BACKGROUND: [u8; SIZE] = {
    let mut bytes = [0; SIZE];
    let mut place = 0;
    while place < SIZE {
        bytes[place] = (place as u8).wrapping_mul(31) ^ 0x80 | 1;
        place += 1;
    }
    bytes
};

/// What `Memory` is when `bytes` were written at `place`.
fn with(place: usize, bytes: &[u8]) -> [u8; SIZE] {
    let mut all = BACKGROUND;
    all[place..place + bytes.len()].copy_from_slice(bytes);
    all
}

macro_rules! of_each_width {
    ($($width:ident: $word:literal)*) => {$(
        mod $width {
            use super::*;

            const WIDTH: usize = size_of::<$width>();

            #[test]
            fn a_load_takes_the_word_at_its_offset() {
                fn check<const OFFSET: usize>(memory: &mut Memory) {
                    let expected = BACKGROUND[OFFSET..][..WIDTH].try_into().unwrap();
                    for base in [0, WIDTH, 7 * WIDTH] {
                        let place = memory.at(OFFSET).wrapping_sub(base);
                        // SAFETY: what is `base` before the word, plus `base`, is the word, which is within.
                        let word: $width = unsafe { load::<$width, 0>(place.wrapping_add(base)) };
                        assert_eq!(word, $width::from_ne_bytes(expected));
                    }
                    // SAFETY: the word is within.
                    assert_eq!(unsafe { load::<$width, OFFSET>(memory.at(0)) }, $width::from_ne_bytes(expected));
                }
                let mut memory = Memory::new();
                check::<0>(&mut memory);
                check::<{ WIDTH }>(&mut memory);
                check::<{ 5 * WIDTH }>(&mut memory);
                check::<{ SIZE - WIDTH }>(&mut memory);
            }

            #[test]
            fn a_store_changes_the_word_at_its_offset_alone() {
                fn check<const OFFSET: usize>() {
                    let mut memory = Memory::new();
                    // SAFETY: the word is within.
                    unsafe { store::<$width, OFFSET>(memory.at(0), $word) }
                    assert_eq!(memory.0, with(OFFSET, &<$width>::to_ne_bytes($word)));
                }
                check::<0>();
                check::<{ WIDTH }>();
                check::<{ 5 * WIDTH }>();
                check::<{ SIZE - WIDTH }>();
            }

            /// Whether or not it fits an instruction: the base is chosen so that the word is within.
            #[test]
            fn offsets_of_any_size_are_added() {
                fn check<const OFFSET: usize>() {
                    let mut memory = Memory::new();
                    let base = memory.at(64).wrapping_sub(OFFSET);
                    let expected = BACKGROUND[64..][..WIDTH].try_into().unwrap();
                    // SAFETY: `base + OFFSET` is within, and aligned.
                    unsafe {
                        assert_eq!(load::<$width, OFFSET>(base), $width::from_ne_bytes(expected));
                        store::<$width, OFFSET>(base, $word);
                    }
                    assert_eq!(memory.0, with(64, &<$width>::to_ne_bytes($word)));
                }
                check::<1>();
                check::<{ WIDTH + 1 }>();
                check::<4095>();
                check::<4096>();
                check::<{ 4095 * WIDTH }>();
                check::<{ 4096 * WIDTH }>();
                check::<0x12_3456>();
                check::<0x7654_3210_0000>();
            }

            #[test]
            fn a_fill_repeats_the_word_wherever_it_starts_and_changes_nothing_else() {
                for start in 64..64 + if cfg!(miri) { 4 } else { 17 } {
                    for count in 0..=LENGTH / WIDTH {
                        let mut memory = Memory::new();
                        // SAFETY: the words are within.
                        unsafe { fill::<$width>(memory.at(start), $word, count) }
                        assert_eq!(memory.0, with(start, &<$width>::to_ne_bytes($word).repeat(count)));
                    }
                }
            }

            #[test]
            fn words_are_copied_out_and_in_whatever_the_alignment_of_their_copy() {
                for skew in 0..WIDTH {
                    for count in 0..=LENGTH / WIDTH {
                        let length = count * WIDTH;
                        let mut memory = Memory::new();
                        let mut copy = vec![0xEE; skew + length + 1];
                        // SAFETY: the words are within, in both.
                        unsafe { copy_words_out::<$width>(memory.at(64), copy[skew..].as_mut_ptr(), count) }
                        assert_eq!(copy[skew..skew + length], BACKGROUND[64..64 + length]);
                        assert!(copy[..skew].iter().chain(&copy[skew + length..]).all(|&byte| byte == 0xEE));
                        copy.reverse();
                        // SAFETY: the words are within, in both.
                        unsafe { copy_words_in::<$width>(copy[1..].as_ptr(), memory.at(128), count) }
                        assert_eq!(memory.0, with(128, &copy[1..1 + length]));
                    }
                }
            }
        }
    )*};
}

of_each_width! {
    u8: 0xA5
    u16: 0xA55A
    u32: 0xDEAD_BEEF
    u64: 0x0123_4567_89AB_CDEF
}

/// Up to which length everything is tried; under Miri less, where each byte takes long.
const LENGTH: usize = if cfg!(miri) { 19 } else { 130 };

/// Of any length and alignment.
fn each_copy(mut check: impl FnMut(usize, usize, usize)) {
    let skews: &[usize] = if cfg!(miri) { &[0, 3] } else { &[0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 33] };
    for &mapped in skews {
        for &own in skews {
            for length in (0..=LENGTH).chain([64, 191, 192, 193, 255, 256, 257, 320]) {
                check(64 + mapped, own, length);
            }
        }
    }
}

#[test]
fn a_copy_out_is_of_these_bytes_alone() {
    let mut memory = Memory::new();
    each_copy(|place, skew, length| {
        let mut copy = [0xEE; SIZE];
        // SAFETY: the bytes are within, in both.
        unsafe { copy_out(memory.at(place), copy[skew..].as_mut_ptr(), length) }
        let mut expected = [0xEE; SIZE];
        expected[skew..skew + length].copy_from_slice(&BACKGROUND[place..place + length]);
        assert_eq!(copy, expected, "{length} bytes at {place} to {skew}");
    });
    assert_eq!(memory.0, BACKGROUND);
}

#[test]
fn a_value_is_read_from_these_bytes_alone() {
    fn check<const LENGTH: usize>() {
        let mut memory = Memory::new();
        for skew in [0, 1, 3, 4, 8, 15] {
            // Where the memory ends is where the value does.
            for place in [64 + skew, SIZE - LENGTH - skew] {
                // SAFETY: the bytes are within, and any are an array of them.
                let value = unsafe { read::<[u8; LENGTH]>(memory.at(place)).assume_init() };
                assert_eq!(value, BACKGROUND[place..place + LENGTH], "{LENGTH} bytes at {place}");
            }
        }
        assert_eq!(memory.0, BACKGROUND);
    }
    check::<0>();
    check::<1>();
    check::<2>();
    check::<3>();
    check::<4>();
    check::<7>();
    check::<8>();
    check::<15>();
    check::<16>();
    check::<17>();
    check::<47>();
    check::<64>();
    check::<127>();
    check::<128>();
    check::<129>();
    check::<300>();
}

#[test]
fn a_copy_in_is_of_these_bytes_alone() {
    let own: [u8; SIZE] = std::array::from_fn(|place| (place as u8).wrapping_mul(7) & 0xFE);
    each_copy(|place, skew, length| {
        let mut memory = Memory::new();
        // SAFETY: the bytes are within, in both.
        unsafe { copy_in(own[skew..].as_ptr(), memory.at(place), length) }
        assert_eq!(memory.0, with(place, &own[skew..skew + length]));
    });
}

#[test]
fn long_copies_and_fills_are_of_these_bytes_alone() {
    for length in if cfg!(miri) { [200, 1003] } else { [70_001, 3_000_003] } {
        let own: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
        let mut mapped = vec![0xEE; length + 2];
        let base = mapped.as_mut_ptr().wrapping_add(1);
        let mut copy = vec![0; length];
        // SAFETY: the bytes are within, in all.
        unsafe {
            copy_in(own.as_ptr(), base, length);
            copy_out(base, copy.as_mut_ptr(), length);
        }
        assert!(copy == own);
        assert_eq!((mapped[0], mapped[length + 1]), (0xEE, 0xEE));
        let base = mapped.as_mut_ptr().wrapping_add(1);
        // SAFETY: the words are within.
        unsafe { fill::<u32>(base, 0x0403_0201, length / 4) }
        assert!(
            mapped[1..].chunks_exact(4).take(length / 4).all(|word| word == 0x0403_0201_u32.to_ne_bytes())
        );
        assert_eq!(mapped[1 + length / 4 * 4..length + 1], own[length / 4 * 4..]);
        assert_eq!((mapped[0], mapped[length + 1]), (0xEE, 0xEE));
    }
}

#[test]
fn what_was_stored_before_a_release_is_seen_after_the_acquire_that_sees_it() {
    const ROUNDS: u32 = if cfg!(miri) { 20 } else { 2000 };
    /// A word of data and two of control.
    #[derive(Clone, Copy)]
    struct Shared(*mut u8);
    // SAFETY: both threads access it as mapped memory only.
    unsafe impl Send for Shared {}
    impl Shared {
        fn control(self, word: usize) -> *mut u32 {
            self.0.wrapping_add(64 * word).cast()
        }
    }

    let mut memory = Memory::new();
    let shared = Shared(memory.at(0));
    // SAFETY: the words are within, and aligned.
    unsafe {
        store::<u32, 64>(shared.0, 0);
        store::<u32, 128>(shared.0, 0);
    }
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let shared = shared;
            for round in 1..=ROUNDS {
                // SAFETY: the words are within, and aligned.
                unsafe {
                    store::<u32, 0>(shared.0, round.wrapping_mul(0x9E37_79B9));
                    store_release(shared.control(1), round);
                    while load_acquire(shared.control(2)) != round {
                        std::thread::yield_now();
                    }
                }
            }
        });
        for round in 1..=ROUNDS {
            // SAFETY: the words are within, and aligned.
            unsafe {
                while load_acquire(shared.control(1)) != round {
                    std::thread::yield_now();
                }
                assert_eq!(load::<u32, 0>(shared.0), round.wrapping_mul(0x9E37_79B9));
                store_release(shared.control(2), round);
            }
        }
    });
}

/// Each of two threads stores its word and loads the other's: with fences between, one sees the other.
#[test]
fn a_fence_keeps_a_store_before_a_load() {
    const ROUNDS: u32 = if cfg!(miri) { 20 } else { 2000 };
    #[derive(Clone, Copy)]
    struct Shared(*mut u8);
    // SAFETY: both threads access it as mapped memory only.
    unsafe impl Send for Shared {}
    // SAFETY: as above.
    unsafe impl Sync for Shared {}

    let mut memory = Memory::new();
    let shared = &Shared(memory.at(0));
    let barrier = &std::sync::Barrier::new(2);
    // SAFETY: the words are within, and aligned.
    unsafe {
        store::<u32, 0>(shared.0, 0);
        store::<u32, 64>(shared.0, 0);
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(move || {
            let base = { shared }.0;
            (1..=ROUNDS)
                .map(|round| {
                    barrier.wait();
                    // SAFETY: the words are within, and aligned.
                    unsafe {
                        store::<u32, 64>(base, round);
                        fence();
                        load::<u32, 0>(base)
                    }
                })
                .collect::<Vec<u32>>()
        });
        let mine: Vec<u32> = (1..=ROUNDS)
            .map(|round| {
                barrier.wait();
                // SAFETY: the words are within, and aligned.
                unsafe {
                    store::<u32, 0>(shared.0, round);
                    fence();
                    load::<u32, 64>(shared.0)
                }
            })
            .collect();
        for ((round, mine), other) in (1..).zip(mine).zip(other.join().unwrap()) {
            assert!(mine >= round || other >= round, "in round {round}, they saw {mine} and {other}");
        }
    });
}
