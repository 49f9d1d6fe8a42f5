//! The built-in display: memory to map, and external methods with scalars.

use iokit_uc::memory::{MemoryDescriptor, PixelFormat, PixelInformation};
use iokit_uc::{IoReturn, Mapping, Result, user_client};

/// What the notebook's framebuffer can be asked.
#[user_client(service = "AppleIntelFramebuffer")]
pub(super) trait Panel {
    /// What a pixel is, how many there are, and how far apart the rows begin.
    #[uc(selector = 0)]
    fn pixel_information(&self) -> Result<PixelInformation>;

    /// The colour of a pixel.
    #[uc(selector = 1)]
    fn pixel(&self, x: u32, y: u32) -> Result<u32>;

    /// Sets the colour of a pixel, and returns what it was.
    #[uc(selector = 2)]
    fn set_pixel(&self, x: u32, y: u32, colour: u32) -> Result<u32>;

    /// `kIOFBVRAMMemory`: the pixels.
    #[uc(memory = 110)]
    fn vram(&self) -> Result<Mapping<[u8]>>;
}

const WIDTH: u32 = 320;
const HEIGHT: u32 = 200;
/// More than the 1280 bytes of a row's pixels.
const BYTES_PER_ROW: u32 = 1536;

/// Eight bars, from white to black.
const BARS: [u32; 8] = [0xff_ffff, 0xff_ff00, 0x00_ffff, 0x00_ff00, 0xff_00ff, 0xff_0000, 0x00_00ff, 0];

/// A display that shows colour bars.
pub(super) struct Display {
    vram: MemoryDescriptor,
}

impl Display {
    pub(super) fn new() -> Result<Self> {
        let display = Self { vram: MemoryDescriptor::new((BYTES_PER_ROW * HEIGHT) as usize)? };
        let mut pixels = display.pixels()?;
        let mut pixels = pixels.slice_mut();
        for row in 0..HEIGHT {
            for column in 0..WIDTH {
                let bar = (column * BARS.len() as u32 / WIDTH) as usize;
                pixels.set(place(column, row)?, BARS[bar])?;
            }
        }
        Ok(display)
    }

    fn pixels(&self) -> Result<Mapping<[u32]>> {
        Mapping::of(&self.vram)
    }
}

/// The index of a pixel's word.
fn place(x: u32, y: u32) -> Result<usize> {
    let inside = x < WIDTH && y < HEIGHT;
    if inside { Ok((y * BYTES_PER_ROW / 4 + x) as usize) } else { Err(IoReturn::BAD_ARGUMENT.into()) }
}

impl Panel for Display {
    fn pixel_information(&self) -> Result<PixelInformation> {
        Ok(PixelInformation::new(PixelFormat::Xrgb8888, WIDTH, HEIGHT, BYTES_PER_ROW))
    }

    fn pixel(&self, x: u32, y: u32) -> Result<u32> {
        self.pixels()?.slice().get(place(x, y)?).ok_or_else(|| IoReturn::BAD_ARGUMENT.into())
    }

    fn set_pixel(&self, x: u32, y: u32, colour: u32) -> Result<u32> {
        let before = self.pixel(x, y)?;
        self.pixels()?.slice_mut().set(place(x, y)?, colour)?;
        Ok(before)
    }

    fn vram(&self) -> Result<Mapping<[u8]>> {
        Mapping::of(&self.vram)
    }
}
