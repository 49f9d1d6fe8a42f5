//! The display, for the simulated kernel.

use super::display::{Display, DisplayServer, checksum};
use iokit_uc::memory::{FramebufferView, MemoryDescriptor, PixelFormat, PixelInformation};
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{Mapping, Result};

const WIDTH: u32 = 1920;
const HEIGHT: u32 = 1080;
/// More than the 7680 bytes of a row's pixels.
const BYTES_PER_ROW: u32 = 8192;

/// A machine with a display of 1920 × 1080 pixels, all black.
pub(crate) fn machine() -> Result<Machine> {
    let vram = MemoryDescriptor::new((BYTES_PER_ROW * HEIGHT) as usize)?;
    let machine = Machine::new();
    machine.publish(Nub::new("com_example_Display").driver(DisplayServer::new(SimulatedDisplay { vram })));
    Ok(machine)
}

struct SimulatedDisplay {
    vram: MemoryDescriptor,
}

impl Display for SimulatedDisplay {
    fn pixel_information(&self) -> Result<PixelInformation> {
        Ok(PixelInformation::new(PixelFormat::Xrgb8888, WIDTH, HEIGHT, BYTES_PER_ROW))
    }

    fn checksum(&self) -> Result<u64> {
        let vram = self.vram()?;
        let screen = FramebufferView::new(vram.slice(), self.pixel_information()?.geometry())?;
        Ok(checksum(screen))
    }

    fn vram(&self) -> Result<Mapping<[u8]>> {
        Mapping::of(&self.vram)
    }
}
