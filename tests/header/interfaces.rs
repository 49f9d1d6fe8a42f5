//! Interfaces of every shape, and of names that C would rather not see.

#![allow(dead_code, reason = "they are looked at as data")]

use iokit_uc::memory::{ReadOnly, ReadPure, ReadPureWrite, ReadWrite, WriteOnly};
use iokit_uc::{
    Completions, DataQueue, Mapping, ReadOnlyAccess, RegisterBlock, RegisterValue, Result, Scalar, Scalars,
    Structure, user_client,
};

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub(crate) struct Inner {
    pub(crate) a: u8,
    pub(crate) _pad: [u8; 3],
    pub(crate) b: f32,
}

/// Structures in structures.
///
/// ```c
/// /* and a comment in a comment */
/// ```
#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub(crate) struct Nested {
    /// The first.
    pub(crate) first: Inner,
    /// Many, in two
    /// dimensions.
    pub(crate) grid: [[Inner; 3]; 2],
    pub(crate) i: i64,
    pub(crate) f: f64,
    pub(crate) bytes: [[u8; 2]; 4],
}

#[derive(Clone, Copy, Structure)]
#[repr(C, packed)]
pub(crate) struct Packed {
    pub(crate) a: u8,
    pub(crate) b: u64,
    pub(crate) c: [Inner; 2],
    pub(crate) d: i16,
}

#[derive(Clone, Copy, Structure)]
#[repr(C, packed(2))]
pub(crate) struct HalfPacked {
    pub(crate) a: u16,
    pub(crate) b: u64,
    pub(crate) packed: [Packed; 2],
}

#[derive(Clone, Copy, Structure)]
#[repr(C, align(16))]
pub(crate) struct Aligned {
    pub(crate) a: u64,
    pub(crate) b: u64,
}

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub(crate) struct Nothing {}

/// Has fields of no size, one of which aligns the whole.
#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub(crate) struct Marked {
    pub(crate) align: [u64; 0],
    pub(crate) a: u32,
    pub(crate) marker: Nothing,
    pub(crate) b: u32,
}

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub(crate) struct Whole {
    pub(crate) aligned: [Aligned; 2],
    pub(crate) marked: Marked,
    pub(crate) word: Word,
    pub(crate) half: HalfPacked,
    pub(crate) _pad: [u8; 4],
}

#[derive(Clone, Copy, Structure)]
#[repr(transparent)]
pub(crate) struct Word(pub(crate) u32);

/// How it runs.
#[derive(Clone, Copy, Scalar)]
#[repr(i16)]
pub(crate) enum Mode {
    /// Not at all.
    Off = -1,
    On = 1 << 4,
}

#[derive(Clone, Copy, Scalar)]
#[repr(u64)]
pub(crate) enum Wide {
    None = 0,
    All = u64::MAX,
}

#[derive(Clone, Copy, Scalar)]
#[repr(i64)]
pub(crate) enum Low {
    Lowest = i64::MIN,
    Negative = -5_000_000_000,
    Highest = i64::MAX,
}

#[derive(Clone, Copy, Scalar)]
pub(crate) struct Celsius(i8);

#[derive(Clone, Copy, Scalar)]
pub(crate) struct Temperature(Celsius);

#[derive(Clone, Copy, Scalar)]
pub(crate) struct Flag(bool);

/// Everything there is.
#[user_client(service = "com_example_Every*/thing", type = 23)]
pub(crate) trait Everything {
    /// Ends a comment */ and begins one /*, ??/
    /// 	with a tab, and \
    #[uc(selector = 0)]
    fn nothing(&self) -> Result<()>;
    #[uc(selector = 1, entitlement = "com.example.\"quoted\\ ??/ é")]
    fn scalars(&self, a: u8, b: i64, c: bool, d: Mode, e: Temperature)
    -> Result<(Wide, Low, Flag, i32, u16)>;
    #[uc(selector = 2)]
    fn structures(&self, before: u32, nested: &Nested, after: u32) -> Result<(u32, Packed, u32)>;
    #[uc(selector = 3)]
    fn slice(&self, halves: &[HalfPacked]) -> Result<[[Inner; 2]; 3]>;
    #[uc(selector = 4)]
    fn fill(&self, out: &mut [Aligned], from: u64) -> Result<usize>;
    #[uc(selector = 5)]
    fn variable(&self, count: u32) -> Result<Vec<[u16; 3]>>;
    #[uc(selector = 6)]
    fn unchecked(&self, values: Scalars) -> Result<Scalars>;
    #[uc(selector = 9)]
    fn whole(&self, whole: &Whole) -> Result<Marked>;
    #[uc(selector = 10)]
    async fn once(&self, mode: Mode) -> Result<(Celsius, u64)>;
    #[uc(selector = 11)]
    fn many(&self) -> Result<Completions<(u32, bool)>>;
    #[uc(selector = 12)]
    fn answered(&self, bytes: &[u8; 4104]) -> Result<(Inner, Completions<()>)>;
    #[uc(selector = 13)]
    async fn anything(&self) -> Result<Scalars>;
}

/// Names that C and C++ keep for themselves, and names that they cannot tell apart.
pub(crate) mod hostile {
    #![allow(non_camel_case_types, non_snake_case)]

    use super::*;

    #[derive(Clone, Copy, Structure)]
    #[repr(C)]
    pub(crate) struct int {
        pub(crate) class: u32,
        pub(crate) class_: u32,
        pub(crate) r#type: u32,
        pub(crate) r#struct: u32,
        pub(crate) int: u32,
        pub(crate) NULL: u32,
        pub(crate) unix: u32,
        pub(crate) größe: u32,
        pub(crate) IOKIT_UC_ASSERT: u32,
        pub(crate) khostile_names_of_c_switch: u32,
        pub(crate) wide_all: u32,
        pub(crate) SIZE_MAX: u32,
        pub(crate) __LINE__: u32,
    }

    pub(crate) mod other {
        use super::*;

        #[derive(Clone, Copy, Structure)]
        #[repr(C)]
        pub(crate) struct int(pub(crate) super::int, pub(crate) [u8; 3], pub(crate) u8);
    }

    #[derive(Clone, Copy, Scalar)]
    #[repr(u8)]
    pub(crate) enum uint8_t {
        default,
        r#static = 9,
    }

    /// Its variants are macros in C.
    #[derive(Clone, Copy, Scalar)]
    #[repr(u64)]
    pub(crate) enum wide {
        all = u64::MAX,
    }

    #[derive(Clone, Copy, Scalar)]
    #[repr(u8)]
    pub(crate) enum hostile_names_of {
        c_switch,
        c_table,
    }

    #[user_client]
    pub(crate) trait hostile_names_of_c {
        #[uc(selector = 1)]
        fn r#switch(&self, class: &int) -> Result<other::int>;
        #[uc(selector = 0)]
        fn r#virtual(&self, r#struct: uint8_t, int: hostile_names_of) -> Result<wide>;
        #[uc(selector = 2)]
        fn table(&self) -> Result<()>;
        #[uc(selector = 3)]
        fn öffne(&self) -> Result<()>;
    }
}

#[user_client(name = "classic", table = Classic)]
pub(crate) trait ClassicDriver {
    #[uc(selector = 2)]
    fn last(&self, samples: &[Inner], a: u32) -> Result<(u32, Word)>;
    #[uc(selector = 0)]
    fn first(&self) -> Result<Completions<u64>>;
}

#[user_client(table = Legacy)]
pub(crate) trait LegacyDriver {
    #[uc(selector = 0)]
    fn scalars(&self, a: u32, b: u32) -> Result<u32>;
    #[uc(selector = 1)]
    fn output(&self, a: u32) -> Result<Inner>;
    #[uc(selector = 3)]
    fn input(&self, a: u32, word: &Word) -> Result<()>;
    #[uc(selector = 4)]
    fn both(&self, words: &[Word]) -> Result<Inner>;
}

#[user_client]
pub(crate) trait Sparse {
    #[uc(selector = 0)]
    fn near(&self) -> Result<()>;
    /// Far away.
    #[uc(selector = 0xffff_ffff)]
    fn far(&self, mode: Mode) -> Result<Nested>;
}

#[user_client]
pub(crate) trait Empty {}

/// What it is doing.
#[derive(Clone, Copy, RegisterValue)]
pub(crate) struct Status(u16);

/// One of several, smaller than the place it has.
#[derive(RegisterBlock)]
#[repr(C)]
pub(crate) struct Channel {
    pub(crate) level: ReadPureWrite<i32>,
    pub(crate) _gap: u8,
    /// What is written here is played.
    pub(crate) sample: WriteOnly<u16>,
}

/// Registers of every kind, with gaps of every kind.
#[derive(RegisterBlock)]
#[repr(C)]
pub(crate) struct Device {
    pub(crate) _before: u8,
    /// Takes a byte out. */
    pub(crate) fifo: ReadOnly<u8>,
    pub(crate) status: ReadPure<Status>,
    pub(crate) _reserved: [u32; 3],
    /// Where the device writes to.
    #[reg(offset = 0x10, unsafe_write)]
    pub(crate) buffer: ReadPureWrite<u64>,
    pub(crate) bank: [ReadWrite<u32>; 5],
    pub(crate) packed: [Channel; 2],
    /// As far apart as they are.
    #[reg(stride = 0x10)]
    pub(crate) channels: [Channel; 3],
    pub(crate) _room: [u8; 16],
    pub(crate) after: ReadPure<u8>,
    #[reg(stride = 4)]
    pub(crate) masks: [ReadPureWrite<u16>; 4],
    pub(crate) _last: [u16; 4],
    pub(crate) nothing: [ReadPure<u64>; 0],
}

/// Aligned to more than any of its registers.
#[derive(RegisterBlock)]
#[repr(C, align(64))]
pub(crate) struct Page {
    pub(crate) class: ReadPureWrite<u32>,
    pub(crate) device: Device,
}

/// Memory of every kind.
#[user_client]
pub(crate) trait Mapped {
    #[uc(selector = 0)]
    fn reset(&self, inner: &Inner) -> Result<()>;
    /// All of the device. */
    #[uc(memory = 5, cache = Inhibit)]
    fn page(&self) -> Result<Mapping<Page>>;
    #[uc(memory = 3)]
    fn statistics(&self) -> Result<Mapping<Device, ReadOnlyAccess>>;
    #[uc(memory = 1, cache = WriteCombine)]
    fn r#virtual(&self) -> Result<Mapping<[u8]>>;
    #[uc(memory = 0)]
    fn tables(&self) -> Result<Mapping<[[Nested; 2]], ReadOnlyAccess>>;
    #[uc(queue = 2)]
    fn words(&self) -> Result<DataQueue<Word>>;
    /// Anything.
    #[uc(queue = 4)]
    fn log(&self) -> Result<DataQueue<[u8]>>;
}

/// Nothing but memory.
#[user_client(table = Legacy)]
pub(crate) trait OnlyMemory {
    #[uc(memory = 0x8000_0000)]
    fn channel(&self) -> Result<Mapping<Channel>>;
    #[uc(queue = 1)]
    fn pairs(&self) -> Result<DataQueue<[f32; 2]>>;
}
