//! The same accesses to the same registers: by volatile accesses, by this library, and by others that map registers.
//!
//! `benches/registers` compares the instructions.
#![allow(clippy::missing_safety_doc)]

/// Without a library.
#[repr(C)]
pub struct Raw {
    data: u32,
    status: u32,
    control: u32,
    _reserved: u32,
    bank: [u32; 16],
}

#[unsafe(no_mangle)]
pub unsafe fn raw_read(device: *mut Raw) -> u32 {
    // SAFETY: the caller's: the device is mapped.
    unsafe { (&raw const (*device).status).read_volatile() }
}

#[unsafe(no_mangle)]
pub unsafe fn raw_modify(device: *mut Raw) {
    // SAFETY: the caller's: the device is mapped.
    unsafe {
        let control = &raw mut (*device).control;
        control.write_volatile(control.read_volatile() | 0x10);
    }
}

#[unsafe(no_mangle)]
pub unsafe fn raw_poll(device: *mut Raw) -> u32 {
    let mut turns = 0;
    // SAFETY: the caller's: the device is mapped.
    while unsafe { (&raw const (*device).status).read_volatile() } & 1 != 0 {
        turns += 1;
    }
    turns
}

#[unsafe(no_mangle)]
pub unsafe fn raw_array(device: *mut Raw) {
    for index in 0..16 {
        // SAFETY: the caller's: the device is mapped; and there is such a number.
        unsafe { (&raw mut (*device).bank).cast::<u32>().add(index).write_volatile(index as u32 + 1) }
    }
}

#[unsafe(no_mangle)]
pub unsafe fn raw_index(device: *mut Raw, index: usize) -> Option<u32> {
    if index >= 16 {
        return None;
    }
    // SAFETY: the caller's: the device is mapped; and there is such a number.
    Some(unsafe { (&raw const (*device).bank).cast::<u32>().add(index).read_volatile() })
}

pub mod uc {
    use iokit_uc::RegisterBlock;
    use iokit_uc::memory::{ReadPure, ReadPureWrite, ReadWrite};

    #[derive(RegisterBlock)]
    #[repr(C)]
    pub struct Device {
        pub data: ReadWrite<u32>,
        pub status: ReadPure<u32>,
        pub control: ReadPureWrite<u32>,
        _reserved: u32,
        pub bank: [ReadPureWrite<u32>; 16],
    }

    #[unsafe(no_mangle)]
    pub fn uc_read(device: DeviceView<'_>) -> u32 {
        device.status().read()
    }

    #[unsafe(no_mangle)]
    pub fn uc_modify(mut device: DeviceViewMut<'_>) {
        device.control().modify(|control| control | 0x10);
    }

    #[unsafe(no_mangle)]
    pub fn uc_poll(device: DeviceView<'_>) -> u32 {
        let mut turns = 0;
        while device.status().read() & 1 != 0 {
            turns += 1;
        }
        turns
    }

    #[unsafe(no_mangle)]
    pub fn uc_array(mut device: DeviceViewMut<'_>) {
        for (mut register, value) in device.bank().iter().zip(1..) {
            register.write(value);
        }
    }

    #[unsafe(no_mangle)]
    pub fn uc_index(device: DeviceView<'_>, index: usize) -> Option<u32> {
        Some(device.bank().get(index)?.read())
    }
}

pub mod safe_mmio {
    use ::safe_mmio::fields::{ReadPure, ReadPureWrite, ReadWrite};
    use ::safe_mmio::{UniqueMmioPointer, field, field_shared};

    #[repr(C)]
    pub struct Device {
        pub data: ReadWrite<u32>,
        pub status: ReadPure<u32>,
        pub control: ReadPureWrite<u32>,
        _reserved: u32,
        pub bank: [ReadPureWrite<u32>; 16],
    }

    #[unsafe(no_mangle)]
    pub fn safe_mmio_read(device: UniqueMmioPointer<'_, Device>) -> u32 {
        field_shared!(device, status).read()
    }

    #[unsafe(no_mangle)]
    pub fn safe_mmio_modify(mut device: UniqueMmioPointer<'_, Device>) {
        field!(device, control).modify(|control| control | 0x10);
    }

    #[unsafe(no_mangle)]
    pub fn safe_mmio_poll(device: UniqueMmioPointer<'_, Device>) -> u32 {
        let mut turns = 0;
        while field_shared!(device, status).read() & 1 != 0 {
            turns += 1;
        }
        turns
    }

    #[unsafe(no_mangle)]
    pub fn safe_mmio_array(mut device: UniqueMmioPointer<'_, Device>) {
        let mut bank = field!(device, bank);
        for index in 0..16 {
            bank.get(index).unwrap().write(index as u32 + 1);
        }
    }

    #[unsafe(no_mangle)]
    pub fn safe_mmio_index(device: UniqueMmioPointer<'_, Device>, index: usize) -> Option<u32> {
        let bank = field_shared!(device, bank);
        bank.get(index).map(|register| register.read())
    }
}

pub mod derive_mmio {
    #[derive(::derive_mmio::Mmio)]
    #[repr(C)]
    pub struct Device {
        data: u32,
        #[mmio(PureRead)]
        status: u32,
        control: u32,
        _reserved: u32,
        bank: [u32; 16],
    }

    #[unsafe(no_mangle)]
    pub fn derive_mmio_read(device: MmioDevice<'_>) -> u32 {
        device.read_status()
    }

    #[unsafe(no_mangle)]
    pub fn derive_mmio_modify(mut device: MmioDevice<'_>) {
        device.modify_control(|control| control | 0x10);
    }

    #[unsafe(no_mangle)]
    pub fn derive_mmio_poll(device: MmioDevice<'_>) -> u32 {
        let mut turns = 0;
        while device.read_status() & 1 != 0 {
            turns += 1;
        }
        turns
    }

    #[unsafe(no_mangle)]
    pub fn derive_mmio_array(mut device: MmioDevice<'_>) {
        for index in 0..16 {
            device.write_bank(index, index as u32 + 1).unwrap();
        }
    }

    #[unsafe(no_mangle)]
    pub fn derive_mmio_index(device: MmioDevice<'_>, index: usize) -> Option<u32> {
        device.read_bank(index).ok()
    }
}

pub mod tock_registers {
    use ::tock_registers::interfaces::{ReadWriteable, Readable, Writeable};
    use ::tock_registers::registers::{ReadOnly, ReadWrite};
    use ::tock_registers::{register_bitfields, register_structs};

    register_bitfields![u32, Control [ENABLE OFFSET(4) NUMBITS(1) []]];

    register_structs! {
        pub Device {
            (0x0 => pub data: ReadWrite<u32>),
            (0x4 => pub status: ReadOnly<u32>),
            (0x8 => pub control: ReadWrite<u32, Control::Register>),
            (0xc => _reserved),
            (0x10 => pub bank: [ReadWrite<u32>; 16]),
            (0x50 => @END),
        }
    }

    #[unsafe(no_mangle)]
    pub fn tock_registers_read(device: &Device) -> u32 {
        device.status.get()
    }

    #[unsafe(no_mangle)]
    pub fn tock_registers_modify(device: &Device) {
        device.control.modify(Control::ENABLE::SET);
    }

    #[unsafe(no_mangle)]
    pub fn tock_registers_poll(device: &Device) -> u32 {
        let mut turns = 0;
        while device.status.get() & 1 != 0 {
            turns += 1;
        }
        turns
    }

    #[unsafe(no_mangle)]
    pub fn tock_registers_array(device: &Device) {
        for (register, value) in device.bank.iter().zip(1..) {
            register.set(value);
        }
    }

    #[unsafe(no_mangle)]
    pub fn tock_registers_index(device: &Device, index: usize) -> Option<u32> {
        device.bank.get(index).map(|register| register.get())
    }
}

/// Elements of an array are for nightly compilers.
pub mod volatile {
    use ::volatile::access::ReadOnly;
    use ::volatile::{VolatileFieldAccess, VolatilePtr};

    #[derive(VolatileFieldAccess)]
    #[repr(C)]
    pub struct Device {
        pub data: u32,
        #[access(ReadOnly)]
        pub status: u32,
        pub control: u32,
        _reserved: u32,
        pub bank: [u32; 16],
    }

    #[unsafe(no_mangle)]
    pub fn volatile_read(device: VolatilePtr<'_, Device>) -> u32 {
        device.status().read()
    }

    #[unsafe(no_mangle)]
    pub fn volatile_modify(device: VolatilePtr<'_, Device>) {
        device.control().update(|control| control | 0x10);
    }

    #[unsafe(no_mangle)]
    pub fn volatile_poll(device: VolatilePtr<'_, Device>) -> u32 {
        let status = device.status();
        let mut turns = 0;
        while status.read() & 1 != 0 {
            turns += 1;
        }
        turns
    }
}

pub mod vm_memory {
    use ::vm_memory::{VolatileMemory, VolatileSlice};

    #[unsafe(no_mangle)]
    pub fn vm_memory_read(device: VolatileSlice<'_>) -> u32 {
        device.get_ref::<u32>(4).unwrap().load()
    }

    #[unsafe(no_mangle)]
    pub fn vm_memory_modify(device: VolatileSlice<'_>) {
        let control = device.get_ref::<u32>(8).unwrap();
        control.store(control.load() | 0x10);
    }

    #[unsafe(no_mangle)]
    pub fn vm_memory_poll(device: VolatileSlice<'_>) -> u32 {
        let status = device.get_ref::<u32>(4).unwrap();
        let mut turns = 0;
        while status.load() & 1 != 0 {
            turns += 1;
        }
        turns
    }

    #[unsafe(no_mangle)]
    pub fn vm_memory_array(device: VolatileSlice<'_>) {
        let bank = device.get_array_ref::<u32>(16, 16).unwrap();
        for index in 0..16 {
            bank.store(index, index as u32 + 1);
        }
    }

    #[unsafe(no_mangle)]
    pub fn vm_memory_index(device: VolatileSlice<'_>, index: usize) -> Option<u32> {
        let bank = device.get_array_ref::<u32>(16, 16).unwrap();
        (index < bank.len()).then(|| bank.load(index))
    }
}

/// As Fuchsia's `mmio`, which is not on crates.io: offset and alignment are checked at each access.
pub mod each_access_checked {
    use std::ptr::NonNull;

    pub struct Region {
        base: NonNull<u8>,
        length: usize,
    }

    impl Region {
        #[inline]
        fn word(&self, offset: usize) -> Option<NonNull<u32>> {
            let end = offset.checked_add(4)?;
            if end > self.length {
                return None;
            }
            // SAFETY: the region has that many bytes.
            let word = unsafe { self.base.add(offset) }.cast::<u32>();
            word.is_aligned().then_some(word)
        }

        #[inline]
        fn load(&self, offset: usize) -> Option<u32> {
            // SAFETY: the word is mapped and aligned.
            Some(unsafe { self.word(offset)?.read_volatile() })
        }

        #[inline]
        fn store(&mut self, offset: usize, word: u32) -> Option<()> {
            // SAFETY: the word is mapped and aligned.
            unsafe { self.word(offset)?.write_volatile(word) };
            Some(())
        }
    }

    #[unsafe(no_mangle)]
    pub fn each_access_checked_read(device: &Region) -> u32 {
        device.load(4).unwrap()
    }

    #[unsafe(no_mangle)]
    pub fn each_access_checked_modify(device: &mut Region) {
        let control = device.load(8).unwrap();
        device.store(8, control | 0x10).unwrap();
    }

    #[unsafe(no_mangle)]
    pub fn each_access_checked_poll(device: &Region) -> u32 {
        let mut turns = 0;
        while device.load(4).unwrap() & 1 != 0 {
            turns += 1;
        }
        turns
    }

    #[unsafe(no_mangle)]
    pub fn each_access_checked_array(device: &mut Region) {
        for index in 0..16 {
            device.store(16 + 4 * index, index as u32 + 1).unwrap();
        }
    }

    #[unsafe(no_mangle)]
    pub fn each_access_checked_index(device: &Region, index: usize) -> Option<u32> {
        (index < 16).then(|| device.load(16 + 4 * index).unwrap())
    }
}
