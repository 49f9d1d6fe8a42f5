use iokit_uc::memory::ReadPureWrite;
use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Uart {
    status: u32,
    control: ReadPureWrite<u32>,
    grid: [[ReadPureWrite<u32>; 2]; 2],
    channel: Channel,
    channels: [Channel; 2],
    _reserved: [u32; 4],
}

#[repr(C)]
pub struct Channel {
    source: ReadPureWrite<u32>,
}

fn nothing_follows(mut uart: UartViewMut<'_>) {
    uart.control().write(1);
}

fn main() {}
