//! Registers as a program has them: in memory that a driver maps, with bits that well-kept crates give names.

use bitfield_struct::bitfield;
use bitflags::bitflags;
use iokit_uc::memory::{
    BlockLayout, FieldKind, MemoryDescriptor, ReadPure, ReadPureWrite, ReadWrite, RegisterValue,
};
use iokit_uc::{Mapping, RegisterBlock, Result};

bitflags! {
    /// What the port is doing.
    #[derive(Clone, Copy, Debug, PartialEq, iokit_uc::RegisterValue)]
    struct Status: u32 {
        const RECEIVED = 1;
        const SENT = 2;
    }
}

/// What has gone wrong.
#[derive(Clone, Copy, Debug, PartialEq, iokit_uc::RegisterValue)]
struct Faults(u16);

bitflags! {
    impl Faults: u16 {
        const PARITY = 1;
        const OVERRUN = 0x8000;
    }
}

#[bitfield(u32)]
#[derive(PartialEq, iokit_uc::RegisterValue)]
struct Control {
    enable: bool,
    #[bits(3)]
    level: u8,
    #[bits(28)]
    _rest: u32,
}

#[derive(Debug, PartialEq)]
enum Parity {
    None,
    Even,
}

impl Control {
    fn parity(self) -> Option<Parity> {
        match self.level() {
            0 => Some(Parity::None),
            1 => Some(Parity::Even),
            _ => None,
        }
    }
}

/// A serial port.
#[derive(RegisterBlock)]
#[repr(C)]
struct Port {
    #[reg(offset = 0x00)]
    status: ReadPureWrite<Status>,
    #[reg(offset = 0x04)]
    control: ReadPureWrite<Control>,
    #[reg(offset = 0x08)]
    faults: ReadWrite<Faults>,
    _reserved: u16,
    #[reg(offset = 0x0c)]
    revision: ReadPure<u32>,
}

fn port() -> Result<Mapping<Port>> {
    Mapping::of(&MemoryDescriptor::new(size_of::<Port>())?)
}

#[test]
fn bits_without_a_name_are_kept() {
    assert_eq!(Status::from_word(u32::MAX).to_word(), u32::MAX);
    assert_eq!(Faults::from_word(0x1234).to_word(), 0x1234);
    assert_eq!(Control::from_word(0xdead_beef).to_word(), 0xdead_beef);

    let mut port = port().unwrap();
    let mut port = port.view_mut();
    port.status().write(Status::from_bits_retain(0xf000_0000));
    port.status().modify(|status| status | Status::SENT);
    assert_eq!(port.status().read().bits(), 0xf000_0002);
    port.faults().write(Faults::from_bits_retain(0x0100));
    port.faults().modify(|faults| faults | Faults::OVERRUN);
    assert_eq!(port.faults().read(), Faults(0x8100));
}

#[test]
fn a_bit_is_read_and_written_by_its_name() {
    let mut port = port().unwrap();
    port.view_mut().control().modify(|control| control.with_enable(true).with_level(1));
    let control = port.view().control().read();
    assert_eq!((control.enable(), control.parity(), control.to_word()), (true, Some(Parity::Even), 3));
    port.view_mut().control().write(Control::from_bits(0x0e));
    assert_eq!(port.view().control().read().parity(), None);
}

#[test]
fn memory_is_zero_and_stays_as_it_is_written() {
    let mut port = port().unwrap();
    assert_eq!((port.view().revision().read(), port.view().status().read()), (0, Status::empty()));
    port.view_mut().status().write(Status::RECEIVED);
    assert_eq!(port.view().status().read(), Status::RECEIVED);
}

#[test]
fn threads_share_a_mapping_of_registers() {
    let mut port = port().unwrap();
    let PortSplit { mut status, mut control, .. } = port.split();
    std::thread::scope(|scope| {
        scope.spawn(move || status.write(Status::SENT));
        scope.spawn(move || control.write(Control::new().with_level(5)));
    });
    let port = &port;
    let seen = std::thread::scope(|scope| {
        let readers =
            [(); 2].map(|()| scope.spawn(|| (port.view().status().read(), port.view().control().read())));
        readers.map(|reader| reader.join().unwrap())
    });
    assert_eq!(seen, [(Status::SENT, Control::new().with_level(5)); 2]);
}

#[test]
fn registers_are_called_by_what_they_hold() {
    let BlockLayout { fields, .. } = Port::LAYOUT;
    let values: Vec<_> = fields
        .iter()
        .map(|field| match field.kind {
            FieldKind::Register { value, bits, .. } => (value, bits),
            _ => unreachable!("a port has registers"),
        })
        .collect();
    assert_eq!(values, [("Status", 32), ("Control", 32), ("Faults", 16), ("u32", 32)]);
}
