use iokit_uc::memory::ReadPure;
use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
pub struct Uart {
    status: ReadPure<u32>,
}

#[derive(RegisterBlock)]
#[repr(align(8))]
pub struct Timer {
    status: ReadPure<u32>,
}

fn nothing_follows(uart: UartView<'_>) -> u32 {
    uart.status().read()
}

fn main() {}
