//! A display whose memory programs draw in.

use crate::Scene;
use iokit_uc::memory::MemoryDescriptor;
use iokit_uc::sim::Nub;
use iokit_uc::{Mapping, ReadOnlyAccess, Result, Structure, user_client};
use std::sync::{Arc, Mutex, PoisonError};

/// What the screen looks like in memory: `IOPixelInformation`, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
struct Geometry {
    bytes_per_row: u32,
    bits_per_pixel: u32,
    width: u32,
    height: u32,
}

/// Rows are longer than what is seen of them, and the memory ends amid a page.
const GEOMETRY: Geometry = Geometry { bytes_per_row: 1344, bits_per_pixel: 32, width: 320, height: 200 };

/// The display's external methods and its memory, by the numbers that the programs in C have for them.
#[user_client(service = "Display")]
trait Display {
    #[uc(selector = 0)]
    fn geometry(&self) -> Result<Geometry>;
    /// A checksum of what is seen: FNV-1a, of 64 bits.
    #[uc(selector = 1)]
    fn checksum(&self) -> Result<u64>;
    /// The display begins a new frame.
    #[uc(selector = 2)]
    fn vertical_blank(&self) -> Result<()>;

    /// `kIOFBVRAMMemory`
    #[uc(memory = 110, cache = WriteCombine)]
    fn vram(&self) -> Result<Mapping<[u8]>>;
    /// The number of the frame that is seen, which programs can only read.
    #[uc(memory = 1)]
    fn frame(&self) -> Result<Mapping<[u32], ReadOnlyAccess>>;
}

struct Screen {
    vram: MemoryDescriptor,
    frame: MemoryDescriptor,
    /// For one to change it at a time.
    counter: Mutex<Mapping<[u32]>>,
}

impl Screen {
    fn new() -> Result<Self> {
        let vram = MemoryDescriptor::new((GEOMETRY.bytes_per_row * GEOMETRY.height) as usize)?;
        let frame = MemoryDescriptor::new(size_of::<u32>())?;
        let counter = Mutex::new(Mapping::of(&frame)?);
        Ok(Self { vram, frame, counter })
    }
}

impl Display for Screen {
    fn geometry(&self) -> Result<Geometry> {
        Ok(GEOMETRY)
    }

    fn checksum(&self) -> Result<u64> {
        let vram = Mapping::<[u8]>::of(&self.vram)?;
        let Geometry { bytes_per_row, bits_per_pixel, width, height } = GEOMETRY;
        let mut checksum = 0xcbf2_9ce4_8422_2325_u64;
        for row in 0..height {
            let start = (row * bytes_per_row) as usize;
            let seen = vram.slice().subslice(start..start + (width * bits_per_pixel / 8) as usize)?;
            for byte in seen.to_vec() {
                checksum = (checksum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
        Ok(checksum)
    }

    fn vertical_blank(&self) -> Result<()> {
        let mut counter = self.counter.lock().unwrap_or_else(PoisonError::into_inner);
        let frame = counter.slice().get(0).unwrap_or_default();
        counter.slice_mut().set(0, frame + 1)
    }

    fn vram(&self) -> Result<Mapping<[u8]>> {
        Mapping::of(&self.vram)
    }

    fn frame(&self) -> Result<Mapping<[u32], ReadOnlyAccess>> {
        Mapping::of(&self.frame)
    }
}

/// `display`: the service `Display`, of 320 × 200 pixels of 32 bits.
pub(crate) fn furnish(scene: &mut Scene) {
    let screen = Arc::new(Screen::new().expect("memory for a screen"));
    scene
        .machine
        .publish(Nub::new("Display").user_client(move |_| Ok(DisplayServer::shared(Arc::clone(&screen)))));
}
