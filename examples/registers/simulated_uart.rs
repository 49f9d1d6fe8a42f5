//! The serial port and its driver, for the simulated kernel.
//!
//! The device is a task of the machine's work loop, which looks at the registers every now and then: memory tells nobody
//! that it is read or written, so whatever happens goes by counts.

use super::uart::{Control, IDENTIFICATION, Status, Uart, UartDriver, UartDriverServer};
use iokit_uc::memory::{MemoryDescriptor, ReadPureWrite, barrier};
use iokit_uc::sim::{Machine, Nub, WeakMachine};
use iokit_uc::{Mapping, ReadOnlyAccess, RegisterBlock, Result};
use std::collections::VecDeque;
use std::iter;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How long the device takes to notice anything.
const PERIOD: Duration = Duration::from_micros(20);
/// How many bytes a FIFO holds.
const DEPTH: usize = 16;
/// Where the device reaches the log.
const LOG_ADDRESS: u64 = 0x8000_0000;

/// Adds the driver to a machine.
pub(crate) fn publish(machine: &Machine) {
    let weak = machine.downgrade();
    machine.publish(Nub::new("com_example_Uart").user_client(move |_| {
        let driver =
            UartUserClient { registers: MemoryDescriptor::new(0x1000)?, log: MemoryDescriptor::new(256)? };
        let mut device = Device {
            registers: Mapping::of(&driver.registers)?,
            log: Mapping::of(&driver.log)?,
            channels: Default::default(),
        };
        device.registers.view_mut().identification().write(IDENTIFICATION);
        let server = UartDriverServer::new(driver);
        if let Some(machine) = weak.upgrade() {
            machine.spawn(run(weak.clone(), Arc::downgrade(server.driver()), device));
        }
        Ok(server)
    }));
}

/// The driver's end of one connection, which has a port of its own.
struct UartUserClient {
    registers: MemoryDescriptor,
    log: MemoryDescriptor,
}

impl UartDriver for UartUserClient {
    fn log_address(&self) -> Result<u64> {
        Ok(LOG_ADDRESS)
    }

    fn registers(&self) -> Result<Mapping<Uart>> {
        Mapping::of(&self.registers)
    }

    fn log(&self) -> Result<Mapping<[u8], ReadOnlyAccess>> {
        Mapping::of(&self.log)
    }
}

/// The registers for the device, which reads what the program writes, and writes what it reads.
#[derive(RegisterBlock)]
#[repr(C)]
pub(crate) struct DeviceUart {
    identification: ReadPureWrite<u32>,
    _reserved1: u32,
    log_address: ReadPureWrite<u64>,
    log_room: ReadPureWrite<u32>,
    log_doorbell: ReadPureWrite<u32>,
    log_done: ReadPureWrite<u32>,
    log_length: ReadPureWrite<u32>,
    _reserved2: [u32; 8],
    #[reg(offset = 0x40, stride = 0x40)]
    channels: [DeviceChannel; 2],
    _channels: [[u32; 8]; 2],
}

/// The registers of a channel, for the device.
#[derive(RegisterBlock)]
#[repr(C)]
pub(crate) struct DeviceChannel {
    status: ReadPureWrite<Status>,
    control: ReadPureWrite<Control>,
    /// `Transmitter`
    sent: ReadPureWrite<u8>,
    _sent: [u8; 3],
    sent_doorbell: ReadPureWrite<u32>,
    sent_taken: ReadPureWrite<u32>,
    /// `Receiver`
    received: ReadPureWrite<u8>,
    _received: [u8; 3],
    received_doorbell: ReadPureWrite<u32>,
    received_arrived: ReadPureWrite<u32>,
}

/// The device behind the registers.
struct Device {
    registers: Mapping<DeviceUart>,
    log: Mapping<[u8]>,
    channels: [Wire; 2],
}

/// A channel's FIFO, whose end is connected to its beginning.
#[derive(Default)]
struct Wire {
    fifo: VecDeque<u8>,
    taken: u32,
    arrived: u32,
}

/// The device's life, as long as the driver's.
async fn run(machine: WeakMachine, driver: Weak<UartUserClient>, mut device: Device) {
    while driver.strong_count() > 0 {
        device.step();
        machine.sleep(PERIOD).await;
    }
}

impl Device {
    fn step(&mut self) {
        let mut port = self.registers.view_mut();
        for (mut channel, wire) in iter::zip(port.channels().iter(), &mut self.channels) {
            wire.step(&mut channel);
        }
        let rung = port.log_doorbell().read();
        if rung != port.log_done().read() {
            barrier();
            let lines = iter::zip(0.., &self.channels)
                .map(|(index, wire)| format!("channel {index}: {} bytes\n", wire.arrived));
            let text: String = lines.collect();
            let room = (port.log_room().read() as usize).min(self.log.size());
            // There is nothing at any other address.
            let length = if port.log_address().read() == LOG_ADDRESS { text.len().min(room) } else { 0 };
            if let Ok(mut log) = self.log.slice_mut().subslice(..length) {
                // As long as what is copied.
                let _ = log.copy_from_slice(&text.as_bytes()[..length]);
            }
            port.log_length().write(length as u32);
            barrier();
            port.log_done().write(rung);
        }
    }
}

impl Wire {
    fn step(&mut self, channel: &mut DeviceChannelViewMut<'_>) {
        let control = channel.control().read();
        let idle = if self.fifo.is_empty() { Status::IDLE } else { Status::empty() };
        let enabled = if control.enable() { Status::ENABLED } else { Status::empty() };
        channel.status().write(idle | enabled);
        if !control.enable() {
            return;
        }
        let rung = channel.sent_doorbell().read();
        if rung != self.taken && self.fifo.len() < DEPTH {
            barrier();
            let byte = channel.sent().read();
            self.fifo.push_back(if control.upper_case() { byte.to_ascii_uppercase() } else { byte });
            barrier();
            self.taken = rung;
            channel.sent_taken().write(rung);
        }
        if channel.received_doorbell().read() == self.arrived
            && let Some(byte) = self.fifo.pop_front()
        {
            barrier();
            channel.received().write(byte);
            barrier();
            self.arrived = self.arrived.wrapping_add(1);
            channel.received_arrived().write(self.arrived);
        }
    }
}
