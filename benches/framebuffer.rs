//! Filling and copying rectangles of pixels, beside `memset` and `memcpy` and two crates that do the like.
//!
//! All draw on the same memory, the mapping of a simulated driver's, 1920 × 1080 pixels of 32 bits, and copy from the same.
//! They take turns, in another order each time, so that what disturbs the machine hits them all; and each draws once before
//! it is timed, so that none pays for what the one before has left in the caches.

use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::{Point, Size};
use embedded_graphics_core::pixelcolor::Rgb888;
use embedded_graphics_core::primitives::Rectangle;
use embedded_graphics_framebuf::FrameBuf;
use embedded_graphics_framebuf::backends::FrameBufferBackend;
use iokit_uc::memory::{Framebuffer, Geometry, MemoryDescriptor, Rect, Xrgb8888};
use iokit_uc::{Mapping, Result};
use std::hint::black_box;
use std::time::{Duration, Instant};
use vm_memory::VolatileSlice;

const WIDTH: usize = 1920;
const HEIGHT: usize = 1080;
const STRIDE: usize = WIDTH * 4;
const BYTES: usize = STRIDE * HEIGHT;

/// How often each contender has its turn, and about how long that takes.
const TURNS: usize = 501;
const TURN: Duration = Duration::from_micros(200);

/// A rectangle to draw, in pixels.
#[derive(Clone, Copy)]
struct Task {
    name: &'static str,
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

const TASKS: [Task; 2] = [
    Task { name: "256 × 256", x: 100, y: 100, width: 256, height: 256 },
    Task { name: "full screen", x: 0, y: 0, width: WIDTH, height: HEIGHT },
];

impl Task {
    /// Where each row begins, in bytes.
    fn rows(self) -> impl Iterator<Item = usize> {
        (self.y..self.y + self.height).map(move |y| y * STRIDE + self.x * 4)
    }

    fn is_gapless(self) -> bool {
        self.width == WIDTH
    }

    fn rect(self) -> Rect {
        Rect::new(self.x as i32, self.y as i32, self.width as u32, self.height as u32)
    }

    fn rectangle(self) -> Rectangle {
        let size = Size::new(self.width as u32, self.height as u32);
        Rectangle::new(Point::new(self.x as i32, self.y as i32), size)
    }
}

/// The mapping, as each contender has it.
struct Screen {
    mapping: Mapping<[u8]>,
}

/// For `embedded-graphics-framebuf`: its own backends are arrays whose size is part of their type.
struct Pixels<'a>(&'a mut [Rgb888]);

impl FrameBufferBackend for Pixels<'_> {
    type Color = Rgb888;

    #[inline]
    fn set(&mut self, index: usize, colour: Rgb888) {
        self.0[index] = colour;
    }

    #[inline]
    fn get(&self, index: usize) -> Rgb888 {
        self.0[index]
    }

    #[inline]
    fn nr_elements(&self) -> usize {
        self.0.len()
    }
}

impl Screen {
    fn new() -> Result<Self> {
        Ok(Self { mapping: Mapping::of(&MemoryDescriptor::new(BYTES)?)? })
    }

    fn ours(&mut self) -> Framebuffer<'_, Xrgb8888> {
        let geometry = Geometry { width: WIDTH as u32, height: HEIGHT as u32, stride: STRIDE };
        Framebuffer::new(self.mapping.slice_mut(), geometry).expect("it fits")
    }

    fn raw(&mut self) -> *mut u8 {
        black_box(self.mapping.as_mut_ptr())
    }

    fn volatile(&mut self) -> VolatileSlice<'_> {
        // SAFETY: the memory is mapped as long as this is borrowed, and nothing else has it.
        unsafe { VolatileSlice::new(self.raw(), BYTES) }
    }

    fn framebuf(&mut self) -> FrameBuf<Rgb888, Pixels<'_>> {
        const { assert!(size_of::<Rgb888>() == 4) };
        // SAFETY: the memory is mapped as long as this is borrowed, aligned to a page, and nothing else has it; a `Rgb888`
        // is a word of 32 bits, and none is ever read.
        let pixels = unsafe { std::slice::from_raw_parts_mut(self.raw().cast::<Rgb888>(), WIDTH * HEIGHT) };
        FrameBuf::new(Pixels(pixels), WIDTH, HEIGHT)
    }
}

type Contender<'a> = (&'static str, Box<dyn FnMut(&mut Screen) + 'a>);

fn fill(task: Task) -> Vec<Contender<'static>> {
    let line = vec![0x2a_u8; task.width * 4];
    vec![
        (
            "memset",
            Box::new(move |screen| {
                let base = screen.raw();
                let (bytes, rows) =
                    if task.is_gapless() { (BYTES, 1) } else { (task.width * 4, task.height) };
                for row in task.rows().take(rows) {
                    // SAFETY: the row lies within the mapping.
                    unsafe { libc::memset(base.add(row).cast(), 0x2a, black_box(bytes)) };
                }
            }),
        ),
        (
            "iokit-uc",
            Box::new(move |screen| screen.ours().fill(black_box(task.rect()), Xrgb8888(0x2a2a2a2a))),
        ),
        (
            "vm-memory",
            Box::new(move |screen| {
                let screen = screen.volatile();
                for row in task.rows() {
                    screen.subslice(row, task.width * 4).expect("it fits").copy_from(&line);
                }
            }),
        ),
        (
            "embedded-graphics-framebuf",
            Box::new(move |screen| {
                let colour = Rgb888::new(0x2a, 0x2a, 0x2a);
                let Ok(()) = screen.framebuf().fill_solid(&black_box(task.rectangle()), colour);
            }),
        ),
    ]
}

fn blit<'a>(task: Task, source: &'a [u32], colours: &'a [Rgb888]) -> Vec<Contender<'a>> {
    let bytes: &[u8] = bytemuck::cast_slice(source);
    let pixels: &[Xrgb8888] = bytemuck::cast_slice(source);
    let row_bytes = task.width * 4;
    vec![
        (
            "memcpy",
            Box::new(move |screen| {
                let base = screen.raw();
                let row_bytes = if task.is_gapless() { BYTES } else { row_bytes };
                for (row, source) in task.rows().zip(bytes.chunks_exact(row_bytes)) {
                    // SAFETY: the row lies within the mapping, and is as long as the source's.
                    unsafe {
                        libc::memcpy(base.add(row).cast(), source.as_ptr().cast(), black_box(row_bytes))
                    };
                }
            }),
        ),
        (
            "iokit-uc",
            Box::new(move |screen| {
                let mut screen = screen.ours();
                screen.blit(black_box(task.rect()), pixels, task.width).expect("it is long enough");
            }),
        ),
        (
            "vm-memory",
            Box::new(move |screen| {
                let screen = screen.volatile();
                for (row, source) in task.rows().zip(bytes.chunks_exact(row_bytes)) {
                    screen.subslice(row, row_bytes).expect("it fits").copy_from(source);
                }
            }),
        ),
        (
            "embedded-graphics-framebuf",
            Box::new(move |screen| {
                let colours = colours.iter().copied();
                let Ok(()) = screen.framebuf().fill_contiguous(&black_box(task.rectangle()), colours);
            }),
        ),
    ]
}

/// Prints how fast each is, the first being the measure.
fn compare(name: &str, task: Task, screen: &mut Screen, mut contenders: Vec<Contender<'_>>) {
    let mut repeats = Vec::new();
    for (_, draw) in &mut contenders {
        draw(screen);
        let start = Instant::now();
        draw(screen);
        repeats.push((TURN.as_nanos() / start.elapsed().as_nanos().max(1)).clamp(1, 10_000) as u32);
    }
    let mut times = vec![Vec::new(); contenders.len()];
    for turn in 0..TURNS {
        for place in 0..contenders.len() {
            let step = if turn % 2 == 0 { place } else { contenders.len() - place };
            let at = (turn + step) % contenders.len();
            contenders[at].1(screen);
            let start = Instant::now();
            for _ in 0..repeats[at] {
                contenders[at].1(screen);
            }
            times[at].push(start.elapsed() / repeats[at]);
        }
    }
    println!("{name} {}", task.name);
    let bytes = (task.width * task.height * 4) as f64;
    let mut measure = None;
    for ((contender, _), mut times) in contenders.into_iter().zip(times) {
        times.sort();
        let [best, median] = [times[0], times[TURNS / 2]].map(|time| time.as_secs_f64());
        let (best_measure, median_measure) = *measure.get_or_insert((best, median));
        println!(
            "  {contender:26} best {:8.2} µs {:6.1} GB/s ({:5.2})   median {:8.2} µs {:6.1} GB/s ({:5.2})",
            best * 1e6,
            bytes / best / 1e9,
            best_measure / best,
            median * 1e6,
            bytes / median / 1e9,
            median_measure / median,
        );
    }
}

fn main() -> Result<()> {
    // `cargo test --benches` asks for nothing to be measured.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let mut screen = Screen::new()?;
    println!("In brackets: speed as a part of that of memset or memcpy.");
    for task in TASKS {
        compare("fill", task, &mut screen, fill(task));
    }
    for task in TASKS {
        let source: Vec<u32> =
            (0..(task.width * task.height) as u32).map(|index| index & 0xff_ffff).collect();
        let colour = |word: &u32| Rgb888::new((word >> 16) as u8, (word >> 8) as u8, *word as u8);
        let colours: Vec<Rgb888> = source.iter().map(colour).collect();
        compare("blit", task, &mut screen, blit(task, &source, &colours));
    }
    Ok(())
}
