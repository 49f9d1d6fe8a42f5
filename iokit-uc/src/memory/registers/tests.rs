//! Views over memory of the tests' own. It is accessed through its address alone, as mapped memory is.

use super::{
    BlockLayout, FieldKind, ReadOnly, ReadPure, ReadPureWrite, ReadWrite, Reg, RegMut, RegisterBlock,
    RegisterKind, RegisterValue, WriteOnly,
};
use std::ptr::NonNull;
use std::thread;

/// A block of registers in memory of its own. It is never mapped, so nobody else has a view.
struct Memory<B: RegisterBlock> {
    base: NonNull<u64>,
    block: std::marker::PhantomData<B>,
}

impl<B: RegisterBlock> Memory<B> {
    const WORDS: usize = size_of::<B>().div_ceil(8);

    fn new() -> Self {
        assert!(align_of::<B>() <= 8);
        let words: Box<[u64]> = vec![0; Self::WORDS].into();
        Self { base: NonNull::from(Box::leak(words)).cast(), block: std::marker::PhantomData }
    }

    fn view(&self) -> B::View<'_> {
        // SAFETY: the memory is aligned, large enough, and there for as long as `self`.
        unsafe { B::view_at(self.base.cast()) }
    }

    fn view_mut(&mut self) -> B::ViewMut<'_> {
        // SAFETY: as for `view`.
        unsafe { B::view_mut_at(self.base.cast()) }
    }

    fn split(&mut self) -> B::Split<'_> {
        // SAFETY: as for `view`.
        unsafe { B::split_at(self.base.cast()) }
    }

    /// What the device sees.
    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the memory was allocated with this size, any bytes are `u8`s, and no view lives while it is borrowed so.
        unsafe { std::slice::from_raw_parts_mut(self.base.cast().as_ptr(), 8 * Self::WORDS) }
    }
}

impl<B: RegisterBlock> Drop for Memory<B> {
    fn drop(&mut self) {
        let words = NonNull::slice_from_raw_parts(self.base, Self::WORDS);
        // SAFETY: it came from a box, and no view lives.
        drop(unsafe { Box::from_raw(words.as_ptr()) });
    }
}

/// One of each kind and width.
#[derive(crate::RegisterBlock)]
#[repr(C)]
struct Kinds {
    /// A FIFO.
    data: ReadWrite<u8>,
    _gap: u8,
    #[reg(offset = 0x02)]
    count: ReadOnly<i16>,
    status: ReadPure<u32>,
    /// What is on.
    /// And what is off.
    #[reg(offset = 0x08)]
    control: ReadPureWrite<u64>,
    bell: WriteOnly<u32>,
    _reserved: [u8; 12],
    #[reg(offset = 4 * 8, unsafe_write)]
    address: ReadPureWrite<u64>,
}

/// A channel of a DMA engine.
#[derive(crate::RegisterBlock)]
#[repr(C)]
struct Channel {
    source: ReadPureWrite<u32>,
    length: ReadPureWrite<u16>,
    state: ReadPure<u8>,
    _reserved: u8,
}

/// A DMA engine.
#[derive(crate::RegisterBlock)]
#[repr(C)]
#[register_block(view = Shared, view_mut = Unique, split = Parts)]
struct Engine {
    r#type: ReadPure<u32>,
    #[reg(unsafe_write)]
    bells: [WriteOnly<u32>; 3],
    #[reg(offset = 0x10, stride = 0x10)]
    channels: [Channel; 3],
    _channels: [u32; 4],
    _and: [u32; 2],
    #[reg(offset = 0x40)]
    last: Channel,
    none: [Channel; 0],
}

#[test]
fn each_kind_is_read_and_written_where_it_is() {
    let mut memory = Memory::<Kinds>::new();
    let mut expected = [0; 40];
    for (byte, (number, wanted)) in memory.bytes().iter_mut().zip((1..).zip(&mut expected)) {
        (*byte, *wanted) = (number, number);
    }
    let mut kinds = memory.view_mut();
    assert_eq!(kinds.data().read(), 1);
    assert_eq!(kinds.count().read(), i16::from_ne_bytes([3, 4]));
    assert_eq!(kinds.status().read(), u32::from_ne_bytes([5, 6, 7, 8]));
    assert_eq!(kinds.control().read(), u64::from_ne_bytes([9, 10, 11, 12, 13, 14, 15, 16]));

    kinds.data().write(0xd0);
    kinds.data().modify(|data| data + 1);
    kinds.control().modify(|control| !control);
    kinds.bell().write(u32::from_ne_bytes([20, 21, 22, 23]));
    // SAFETY: there is no device.
    unsafe {
        kinds.address().write(u64::MAX);
        kinds.address().modify(|address| address << 8);
    }
    assert_eq!(kinds.address().read(), u64::MAX << 8);

    expected[0] = 0xd1;
    expected[8..16].iter_mut().for_each(|byte| *byte = !*byte);
    expected[16..20].copy_from_slice(&[20, 21, 22, 23]);
    expected[32..40].copy_from_slice(&(u64::MAX << 8).to_ne_bytes());
    assert_eq!(memory.bytes(), expected);
}

#[test]
fn a_shared_view_sees_what_is_written() {
    let mut memory = Memory::<Kinds>::new();
    let mut kinds = memory.view_mut();
    kinds.control().write(7);
    let shared = kinds.as_view();
    let (control, again) = (shared.control(), shared.control());
    assert_eq!((control.read(), again.read()), (7, 7));
    kinds.control().modify(|control| control * 6);
    assert_eq!(memory.view().control().read(), 42);
}

#[test]
fn a_reborrowed_view_gives_the_registers_back() {
    fn start(mut kinds: KindsViewMut<'_>) {
        kinds.control().write(1);
    }
    fn increment(mut control: RegMut<'_, ReadPureWrite<u64>>) {
        control.modify(|control| control + 1);
    }
    fn read<const OFFSET: usize>(control: Reg<'_, ReadPureWrite<u64>, OFFSET>) -> u64 {
        control.read()
    }
    let mut memory = Memory::<Kinds>::new();
    let mut kinds = memory.view_mut();
    start(kinds.reborrow());
    let mut control = kinds.control();
    increment(control.reborrow().without_offset());
    increment(control.reborrow().without_offset());
    assert_eq!((read(control.as_reg()), read(control.as_reg().without_offset())), (3, 3));
}

#[test]
fn an_array_has_the_registers_that_it_has() {
    let mut memory = Memory::<Engine>::new();
    let mut engine = memory.view_mut();
    let mut bells = engine.bells();
    assert_eq!((bells.len(), bells.is_empty(), bells.get(3).is_none()), (3, false, true));
    // SAFETY: there is no device.
    unsafe {
        bells.at::<0>().write(0x11);
        bells.get(1).unwrap().write(0x22);
        bells.iter().next_back().unwrap().write(0x33);
    }
    let none = engine.none();
    assert_eq!((none.len(), none.is_empty(), none.as_view().iter().len()), (0, true, 0));
    let words: Vec<u32> =
        memory.bytes()[4..16].chunks(4).map(|word| u32::from_ne_bytes(word.try_into().unwrap())).collect();
    assert_eq!(words, [0x11, 0x22, 0x33]);
}

#[test]
fn elements_are_as_far_apart_as_their_stride() {
    let mut memory = Memory::<Engine>::new();
    let mut engine = memory.view_mut();
    for (number, mut channel) in (1..).zip(engine.channels().iter()) {
        channel.source().write(number);
        channel.length().write(0x100 * number as u16);
    }
    engine.channels().at::<1>().length().modify(|length| length + 1);
    engine.last().source().write(9);

    let shared = engine.as_view();
    assert_eq!(
        shared.channels().iter().map(|channel| channel.source().read()).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(shared.channels().at::<1>().length().read(), 0x201);
    assert_eq!(shared.channels().get(2).unwrap().length().read(), 0x300);
    assert!(shared.channels().get(3).is_none());

    let sources = [0x10, 0x20, 0x30, 0x40].map(|offset| memory.bytes()[offset..][..4].to_vec());
    assert_eq!(sources, [1_u32, 2, 3, 9].map(|source| source.to_ne_bytes().to_vec()));
}

#[test]
fn threads_have_the_parts_of_a_block() {
    let mut memory = Memory::<Engine>::new();
    let Parts { channels, mut last, .. } = memory.split();
    thread::scope(|scope| {
        for (number, mut channel) in (1..).zip(channels.split()) {
            scope.spawn(move || (0..100).for_each(|_| channel.source().modify(|source| source + number)));
        }
        scope.spawn(move || (0..100).for_each(|_| last.source().modify(|source| source + 4)));
    });
    let engine = memory.view();
    let shared = thread::scope(|scope| {
        let readers = [0, 1, 2].map(|number| {
            scope.spawn(move || engine.channels().get(number).map(|channel| channel.source().read()))
        });
        readers.map(|reader| reader.join().unwrap())
    });
    assert_eq!(shared, [Some(100), Some(200), Some(300)]);
    assert_eq!(engine.last().source().read(), 400);
}

#[test]
fn a_split_view_has_each_register_once() {
    let mut memory = Memory::<Kinds>::new();
    let KindsSplit { mut data, count: _, status, mut control, mut bell, mut address, .. } =
        memory.view_mut().split();
    thread::scope(|scope| {
        scope.spawn(move || data.write(1));
        scope.spawn(move || control.write(u64::from(status.read()) + 2));
        scope.spawn(move || bell.write(3));
        // SAFETY: there is no device.
        scope.spawn(move || unsafe { address.write(4) });
    });
    let mut kinds = memory.view_mut();
    assert_eq!((kinds.data().read(), kinds.control().read()), (1, 2));
    assert_eq!(kinds.address().read(), 4);
}

#[test]
fn what_is_printed_of_a_view_is_its_address() {
    let mut memory = Memory::<Engine>::new();
    let at = |offset| format!("{:?}", memory.base.as_ptr().wrapping_byte_add(offset));
    let (base, ty, last) = (at(0), at(0), at(0x40));
    let (second, channels) = (at(8), at(0x10));
    assert_eq!(format!("{:?}", memory.view()), format!("Shared({base})"));
    assert_eq!(format!("{:?}", memory.view().r#type()), format!("Reg({ty})"));
    assert_eq!(format!("{:?}", memory.view().last()), format!("ChannelView({last})"));
    let expected = format!("RegArray {{ first: {channels}, length: 3 }}");
    assert_eq!(format!("{:?}", memory.view().channels()), expected);
    assert_eq!(format!("{:?}", memory.view_mut()), format!("Unique({base})"));
    assert_eq!(format!("{:?}", memory.view_mut().bells().at::<1>()), format!("RegMut({second})"));
}

#[test]
fn a_block_is_told_as_data() {
    let BlockLayout { name, docs, size, align, fields, .. } = *Kinds::LAYOUT;
    assert_eq!((name, docs, size, align), ("Kinds", " One of each kind and width.", 40, 8));
    let rows: Vec<_> =
        fields.iter().map(|field| (field.name, field.offset, field.array, field.kind)).collect();
    let register = |value, bits, kind| FieldKind::Register { value, bits, kind, unsafe_write: false };
    let address =
        FieldKind::Register { value: "u64", bits: 64, kind: RegisterKind::ReadPureWrite, unsafe_write: true };
    assert_eq!(
        rows,
        [
            ("data", 0, None, register("u8", 8, RegisterKind::ReadWrite)),
            ("count", 2, None, register("i16", 16, RegisterKind::ReadOnly)),
            ("status", 4, None, register("u32", 32, RegisterKind::ReadPure)),
            ("control", 8, None, register("u64", 64, RegisterKind::ReadPureWrite)),
            ("bell", 16, None, register("u32", 32, RegisterKind::WriteOnly)),
            ("address", 32, None, address),
        ]
    );
    assert_eq!((fields[0].docs, fields[3].docs), (" A FIFO.", " What is on.\n And what is off."));

    let rows: Vec<_> =
        Engine::LAYOUT.fields.iter().map(|field| (field.name, field.offset, field.array)).collect();
    assert_eq!(
        rows,
        [
            ("type", 0, None),
            ("bells", 4, Some((3, 4))),
            ("channels", 0x10, Some((3, 0x10))),
            ("last", 0x40, None),
            ("none", 0x48, Some((0, 8))),
        ]
    );
    assert_eq!(Engine::LAYOUT.fields[2].kind, FieldKind::Block(Channel::LAYOUT));
    assert!(matches!(
        Engine::LAYOUT.fields[1].kind,
        FieldKind::Register { kind: RegisterKind::WriteOnly, unsafe_write: true, .. }
    ));
}

#[test]
fn every_word_is_a_value() {
    #[derive(Clone, Copy, Debug, PartialEq, crate::RegisterValue)]
    struct Level(i16);

    #[derive(Clone, Copy, Debug, PartialEq, crate::RegisterValue)]
    struct Named {
        level: Level,
    }

    assert_eq!((Level::NAME, Named::NAME, i64::NAME), ("Level", "Named", "i64"));
    for word in 0..=u16::MAX {
        assert_eq!(Level::from_word(word), Level(word as i16));
        assert_eq!(Named::from_word(word).level.to_word(), word);
        assert_eq!(i16::from_word(word).to_word(), word);
    }
    assert_eq!((i8::from_word(0xff), (-2_i64).to_word()), (-1, u64::MAX - 1));
}
