//! A serial port with two channels.

use super::cli::Failure;
use bitfield_struct::bitfield;
use bitflags::bitflags;
use iokit_uc::memory::{ReadOnly, ReadPure, ReadPureWrite, WriteOnly, barrier};
use iokit_uc::{Kernel, Mapping, ReadOnlyAccess, RegisterBlock, RegisterValue, Result, user_client};
use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

/// The port's driver, which leaves the port to the program.
#[user_client(service = "com_example_Uart")]
pub(crate) trait UartDriver {
    /// Where the device reaches the memory of [`log`](Self::log).
    #[uc(selector = 0)]
    fn log_address(&self) -> Result<u64>;

    /// The port's registers.
    #[uc(memory = 0, cache = Inhibit)]
    fn registers(&self) -> Result<Mapping<Uart>>;

    /// Memory that the device writes to.
    #[uc(memory = 1)]
    fn log(&self) -> Result<Mapping<[u8], ReadOnlyAccess>>;
}

/// The port's registers. The kinds say who may touch them: what has an effect, whoever has it alone.
#[derive(RegisterBlock)]
#[repr(C)]
pub(crate) struct Uart {
    /// [`IDENTIFICATION`].
    #[reg(offset = 0x00)]
    identification: ReadPure<u32>,
    _reserved1: u32,
    /// Where the device writes its log. It writes there whatever this program has there.
    #[reg(offset = 0x08, unsafe_write)]
    log_address: ReadPureWrite<u64>,
    /// How many bytes it may write there.
    #[reg(offset = 0x10)]
    log_room: ReadPureWrite<u32>,
    /// How often it shall have written.
    #[reg(offset = 0x14)]
    log_doorbell: WriteOnly<u32>,
    /// How often it has.
    #[reg(offset = 0x18)]
    log_done: ReadPure<u32>,
    /// How many bytes it wrote then.
    #[reg(offset = 0x1c)]
    log_length: ReadPure<u32>,
    _reserved2: [u32; 8],
    #[reg(offset = 0x40, stride = 0x40)]
    channels: [Channel; 2],
    _channels: [[u32; 8]; 2],
}

/// What [`Uart::identification`] reads.
pub(crate) const IDENTIFICATION: u32 = u32::from_be_bytes(*b"UART");

/// The registers of a channel.
#[derive(RegisterBlock)]
#[repr(C)]
pub(crate) struct Channel {
    #[reg(offset = 0x00)]
    status: ReadPure<Status>,
    #[reg(offset = 0x04)]
    control: ReadPureWrite<Control>,
    #[reg(offset = 0x08)]
    transmitter: Transmitter,
    #[reg(offset = 0x14)]
    receiver: Receiver,
}

/// What a channel takes from this program, a byte at a time.
#[derive(RegisterBlock)]
#[repr(C)]
pub(crate) struct Transmitter {
    /// What goes into the device's FIFO.
    data: WriteOnly<u8>,
    _reserved: [u8; 3],
    /// How many bytes have been written to `data`.
    doorbell: WriteOnly<u32>,
    /// How many of them are in the FIFO.
    taken: ReadPure<u32>,
}

/// What a channel has for this program.
#[derive(RegisterBlock)]
#[repr(C)]
pub(crate) struct Receiver {
    /// What comes out of the FIFO: whoever reads it takes it away from everybody else.
    data: ReadOnly<u8>,
    _reserved: [u8; 3],
    /// How many bytes have been read from `data`.
    doorbell: WriteOnly<u32>,
    /// How many have been there.
    arrived: ReadPure<u32>,
}

bitflags! {
    /// What a channel is doing.
    #[derive(Clone, Copy, Debug, PartialEq, RegisterValue)]
    pub(crate) struct Status: u32 {
        /// It does as [`Control`] says.
        const ENABLED = 1 << 0;
        /// The FIFO is empty.
        const IDLE = 1 << 1;
    }
}

/// What a channel shall do.
#[bitfield(u32)]
#[derive(PartialEq, RegisterValue)]
pub(crate) struct Control {
    /// Send and receive.
    pub(crate) enable: bool,
    /// Receive capital letters for small ones.
    pub(crate) upper_case: bool,
    #[bits(30)]
    _reserved: u32,
}

/// Sends a text through each channel at the same time, and has the device write its log.
pub(crate) fn run(kernel: &Kernel, out: &mut dyn Write) -> Result<(), Failure> {
    let driver = UartDriverClient::open_first(kernel)?;
    let mut registers = driver.registers()?;
    let identification = registers.view().identification().read();
    if identification != IDENTIFICATION {
        return Err(format!("this is no serial port: {identification:#010x}").into());
    }
    writeln!(
        out,
        "com_example_Uart\n  {} bytes of registers, {:?}",
        registers.size(),
        registers.cache_mode()
    )?;

    // Each part of a mapping can go to a thread of its own, and each part of that.
    let [first, second] = registers.split().channels.split();
    let echoes = thread::scope(|scope| {
        let channels = [
            (first, Control::new().with_enable(true), "what is sent comes back"),
            (second, Control::new().with_enable(true).with_upper_case(true), "in capital letters"),
        ];
        let threads = channels
            .map(|(channel, control, text)| scope.spawn(move || echo(channel, control, text.as_bytes())));
        threads.map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    for (index, echo) in echoes.into_iter().enumerate() {
        writeln!(out, "  channel {index}: {}", echo?.escape_ascii())?;
    }

    let log = driver.log()?;
    let address = driver.log_address()?;
    let mut port = registers.view_mut();
    port.log_room().write(u32::try_from(log.size())?);
    // SAFETY: the driver says that this is its log, which has as much room, and of which this program has copies alone.
    unsafe { port.log_address().write(address) };
    barrier();
    port.log_doorbell().write(1);
    poll("the log is written", || registers.view().log_done().read() == 1)?;
    barrier();
    let port = registers.view();
    let written = log.slice().subslice(..port.log_length().read() as usize)?.to_vec();
    for line in String::from_utf8_lossy(&written).lines() {
        writeln!(out, "  log: {line}")?;
    }
    Ok(())
}

/// Sends bytes through a channel on one thread, and receives as many on another.
fn echo(channel: ChannelViewMut<'_>, control: Control, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let ChannelSplit { status, control: mut controlled, transmitter, receiver, .. } = channel.split();
    controlled.write(control);
    poll("the channel is enabled", || status.read().contains(Status::ENABLED))?;
    let echo = thread::scope(|scope| {
        let sender = scope.spawn(|| send(transmitter, bytes));
        let echo = receive(receiver, bytes.len());
        sender.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(echo)
    })?;
    poll("the FIFO is empty", || status.read().contains(Status::IDLE))?;
    controlled.modify(|control| control.with_enable(false));
    poll("the channel is disabled", || !status.read().contains(Status::ENABLED))?;
    Ok(echo)
}

fn send(mut transmitter: TransmitterViewMut<'_>, bytes: &[u8]) -> Result<(), String> {
    for (&byte, count) in bytes.iter().zip(1..) {
        transmitter.data().write(byte);
        barrier();
        transmitter.doorbell().write(count);
        poll("a byte is sent", || transmitter.as_view().taken().read() == count)?;
    }
    Ok(())
}

fn receive(mut receiver: ReceiverViewMut<'_>, length: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(length);
    for count in (1..).take(length) {
        poll("a byte arrives", || receiver.as_view().arrived().read() == count)?;
        barrier();
        bytes.push(receiver.data().read());
        barrier();
        receiver.doorbell().write(count);
    }
    Ok(bytes)
}

/// Looks until something is so, and lets other threads go first.
fn poll(what: &str, mut is_so: impl FnMut() -> bool) -> Result<(), String> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() > PATIENCE {
            return Err(format!("waited {} s in vain until {what}", PATIENCE.as_secs()));
        }
        thread::yield_now();
    }
    Ok(())
}
