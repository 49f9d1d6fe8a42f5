//! What goes over the wire to a display's driver.

use iokit_uc::memory::{FramebufferView, PixelInformation, Xrgb8888};
use iokit_uc::{Mapping, Result, user_client};

/// A display whose memory programs draw in.
#[user_client(service = "com_example_Display")]
pub(crate) trait Display {
    /// What a pixel is, how many there are, and how far apart the rows begin.
    #[uc(selector = 0)]
    fn pixel_information(&self) -> Result<PixelInformation>;

    /// A [checksum] of what the display shows.
    #[uc(selector = 1)]
    fn checksum(&self) -> Result<u64>;

    /// `kIOFBVRAMMemory`: the pixels. Writes are combined, which makes drawing fast, and reading slow.
    #[uc(memory = 110, cache = WriteCombine)]
    fn vram(&self) -> Result<Mapping<[u8]>>;
}

/// FNV-1a over the pixels that are seen, a pixel at a time.
pub(crate) fn checksum(screen: FramebufferView<'_, Xrgb8888>) -> u64 {
    let pixels = screen.rows().flat_map(|row| row.to_vec());
    pixels.fold(0xcbf2_9ce4_8422_2325, |sum, pixel| (sum ^ u64::from(pixel.0)).wrapping_mul(0x100_0000_01b3))
}
