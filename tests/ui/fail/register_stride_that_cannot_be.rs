use iokit_uc::memory::ReadPureWrite;
use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Channel {
    source: ReadPureWrite<u64>,
    length: ReadPureWrite<u32>,
}

#[derive(RegisterBlock)]
#[repr(C)]
pub struct TooClose {
    #[reg(stride = 8)]
    channels: [Channel; 2],
    _room: [u64; 8],
}

#[derive(RegisterBlock)]
#[repr(C)]
pub struct NotAligned {
    #[reg(stride = 0x14)]
    channels: [Channel; 2],
    _room: [u64; 8],
}

#[derive(RegisterBlock)]
#[repr(C)]
pub struct IntoTheNext {
    status: ReadPureWrite<u64>,
    #[reg(stride = 0x40)]
    channels: [Channel; 4],
    _room: [u64; 8],
    control: ReadPureWrite<u32>,
}

#[derive(RegisterBlock)]
#[repr(C)]
pub struct BeyondTheEnd {
    #[reg(stride = 0x20)]
    channels: [Channel; 4],
}

#[derive(RegisterBlock)]
#[repr(C)]
pub struct NoArray {
    #[reg(stride = 0x20)]
    channel: Channel,
    _room: [u64; 8],
}

#[derive(RegisterBlock)]
#[repr(C)]
pub struct FarTooLong {
    #[reg(stride = 0x4000_0000_0000_0000)]
    channels: [Channel; 9],
}

fn main() {}
