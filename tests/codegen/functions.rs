//! What accesses to mapped memory compile to: each `uc_` through the library, and its `raw_` by volatile accesses.
//!
//! `tests/codegen/check` compares the instructions.
#![allow(missing_docs, clippy::missing_safety_doc)]

use iokit_uc::memory::{ReadOnly, ReadPure, ReadPureWrite, SharedSlice, SharedSliceMut, WriteOnly};
use iokit_uc::{RegisterBlock, Result};

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Device {
    pub received: ReadOnly<u8>,
    _received: [u8; 3],
    pub status: ReadPure<u32>,
    pub control: ReadPureWrite<u32>,
    pub send: WriteOnly<u16>,
    _send: u16,
    pub bank: [ReadPureWrite<u32>; 16],
    _far: [u32; 0x2000],
    pub address: ReadPureWrite<u64>,
}

#[repr(C)]
pub struct RawDevice {
    received: u8,
    _received: [u8; 3],
    status: u32,
    control: u32,
    send: u16,
    _send: u16,
    bank: [u32; 16],
    _far: [u32; 0x2000],
    address: u64,
}

const _: () = assert!(size_of::<Device>() == size_of::<RawDevice>());

#[unsafe(no_mangle)]
pub fn uc_read(device: DeviceView<'_>) -> u32 {
    device.status().read()
}

#[unsafe(no_mangle)]
pub unsafe fn raw_read(device: *mut RawDevice) -> u32 {
    // SAFETY: the caller's: the device is mapped.
    unsafe { (&raw const (*device).status).read_volatile() }
}

#[unsafe(no_mangle)]
pub fn uc_read_with_effect(mut device: DeviceViewMut<'_>) -> u8 {
    device.received().read()
}

#[unsafe(no_mangle)]
pub unsafe fn raw_read_with_effect(device: *mut RawDevice) -> u8 {
    // SAFETY: the caller's: the device is mapped.
    unsafe { (&raw const (*device).received).read_volatile() }
}

#[unsafe(no_mangle)]
pub fn uc_write(mut device: DeviceViewMut<'_>, value: u16) {
    device.send().write(value);
}

#[unsafe(no_mangle)]
pub unsafe fn raw_write(device: *mut RawDevice, value: u16) {
    // SAFETY: the caller's: the device is mapped.
    unsafe { (&raw mut (*device).send).write_volatile(value) }
}

/// A constant of which aarch64 has a register, that asm! cannot name.
#[unsafe(no_mangle)]
pub fn uc_write_zero(mut device: DeviceViewMut<'_>) {
    device.send().write(0);
}

#[unsafe(no_mangle)]
pub unsafe fn raw_write_zero(device: *mut RawDevice) {
    // SAFETY: the caller's: the device is mapped.
    unsafe { (&raw mut (*device).send).write_volatile(0) }
}

#[unsafe(no_mangle)]
pub fn uc_modify(mut device: DeviceViewMut<'_>) {
    device.control().modify(|control| control | 0x10);
}

#[unsafe(no_mangle)]
pub unsafe fn raw_modify(device: *mut RawDevice) {
    // SAFETY: the caller's: the device is mapped.
    unsafe {
        let control = &raw mut (*device).control;
        control.write_volatile(control.read_volatile() | 0x10);
    }
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
pub unsafe fn raw_poll(device: *mut RawDevice) -> u32 {
    let mut turns = 0;
    // SAFETY: the caller's: the device is mapped.
    while unsafe { (&raw const (*device).status).read_volatile() } & 1 != 0 {
        turns += 1;
    }
    turns
}

/// An offset that no instruction of aarch64 has room for.
#[unsafe(no_mangle)]
pub fn uc_modify_far(mut device: DeviceViewMut<'_>) {
    device.address().modify(|address| address + 1);
}

#[unsafe(no_mangle)]
pub unsafe fn raw_modify_far(device: *mut RawDevice) {
    // SAFETY: the caller's: the device is mapped.
    unsafe {
        let address = &raw mut (*device).address;
        address.write_volatile(address.read_volatile().wrapping_add(1));
    }
}

#[unsafe(no_mangle)]
pub fn uc_index(device: DeviceView<'_>, index: usize) -> Option<u32> {
    Some(device.bank().get(index)?.read())
}

#[unsafe(no_mangle)]
pub unsafe fn raw_index(device: *mut RawDevice, index: usize) -> Option<u32> {
    if index >= 16 {
        return None;
    }
    // SAFETY: the caller's: the device is mapped; and there is such a number.
    Some(unsafe { (&raw const (*device).bank).cast::<u32>().add(index).read_volatile() })
}

#[unsafe(no_mangle)]
pub fn uc_array(mut device: DeviceViewMut<'_>) {
    for (mut register, value) in device.bank().iter().zip(1..) {
        register.write(value);
    }
}

#[unsafe(no_mangle)]
pub unsafe fn raw_array(device: *mut RawDevice) {
    for index in 0..16 {
        // SAFETY: the caller's: the device is mapped; and there is such a number.
        unsafe { (&raw mut (*device).bank).cast::<u32>().add(index).write_volatile(index as u32 + 1) }
    }
}

#[unsafe(no_mangle)]
pub fn uc_array_from(mut device: DeviceViewMut<'_>, values: &[u32]) {
    for (mut register, &value) in device.bank().iter().zip(values) {
        register.write(value);
    }
}

#[unsafe(no_mangle)]
pub unsafe fn raw_array_from(device: *mut RawDevice, values: &[u32]) {
    for (index, &value) in (0..16).zip(values) {
        // SAFETY: the caller's: the device is mapped; and there is such a number.
        unsafe { (&raw mut (*device).bank).cast::<u32>().add(index).write_volatile(value) }
    }
}

#[unsafe(no_mangle)]
pub fn uc_copy_out(memory: SharedSlice<'_, u64>, to: &mut [u64]) -> Result<()> {
    memory.copy_to_slice(to)
}

#[unsafe(no_mangle)]
pub unsafe fn raw_copy_out(memory: *const u64, to: &mut [u64]) {
    for (index, to) in to.iter_mut().enumerate() {
        // SAFETY: the caller's: as many are mapped.
        *to = unsafe { memory.add(index).read_volatile() };
    }
}

#[unsafe(no_mangle)]
pub fn uc_copy_in(mut memory: SharedSliceMut<'_, u64>, from: &[u64]) -> Result<()> {
    memory.copy_from_slice(from)
}

#[unsafe(no_mangle)]
pub unsafe fn raw_copy_in(memory: *mut u64, from: &[u64]) {
    for (index, &from) in from.iter().enumerate() {
        // SAFETY: the caller's: as many are mapped.
        unsafe { memory.add(index).write_volatile(from) }
    }
}

#[unsafe(no_mangle)]
pub fn uc_fill(mut memory: SharedSliceMut<'_, u64>, value: u64) {
    memory.fill(value);
}

#[unsafe(no_mangle)]
pub unsafe fn raw_fill(memory: *mut u64, length: usize, value: u64) {
    for index in 0..length {
        // SAFETY: the caller's: as many are mapped.
        unsafe { memory.add(index).write_volatile(value) }
    }
}
