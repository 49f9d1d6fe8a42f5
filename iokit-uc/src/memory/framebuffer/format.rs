//! What drivers tell of their pixels.

use super::geometry::Geometry;
use crate::error::{Call, Detail, Error, IoReturn, Result};
use iokit_uc_derive::Structure;

/// The formats that are known here, of those that drivers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PixelFormat {
    /// `IO32BitDirectPixels`: [`Xrgb8888`](super::Xrgb8888).
    Xrgb8888,
    /// `kIO30BitDirectPixels`: [`Xrgb2101010`](super::Xrgb2101010).
    Xrgb2101010,
    /// `IO16BitDirectPixels`: [`Xrgb1555`](super::Xrgb1555).
    Xrgb1555,
    /// `IO8BitIndexedPixels`: [`Indexed8`](super::Indexed8).
    Indexed8,
}

impl PixelFormat {
    const ALL: [Self; 4] = [Self::Xrgb8888, Self::Xrgb2101010, Self::Xrgb1555, Self::Indexed8];

    /// `IOPixelEncoding`: a letter for each bit, from the highest on.
    #[doc(alias = "IOPixelEncoding")]
    pub const fn encoding(self) -> &'static str {
        match self {
            Self::Xrgb8888 => "--------RRRRRRRRGGGGGGGGBBBBBBBB",
            Self::Xrgb2101010 => "--RRRRRRRRRRGGGGGGGGGGBBBBBBBBBB",
            Self::Xrgb1555 => "-RRRRRGGGGGBBBBB",
            Self::Indexed8 => "PPPPPPPP",
        }
    }

    /// `bitsPerPixel`: with those that mean nothing.
    #[doc(alias = "bitsPerPixel")]
    pub const fn bits_per_pixel(self) -> u32 {
        self.encoding().len() as u32
    }

    /// The format that a driver calls so. What comes after a NUL does not count.
    ///
    /// ```
    /// use iokit_uc::memory::PixelFormat;
    ///
    /// assert_eq!(PixelFormat::parse(b"-RRRRRGGGGGBBBBB\0\0")?, PixelFormat::Xrgb1555);
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `kIOReturnUnsupported` if it is none of these, with the string.
    pub fn parse(encoding: &[u8]) -> Result<Self> {
        let text = encoding.split(|byte| *byte == 0).next().unwrap_or_default();
        Self::ALL.into_iter().find(|format| format.encoding().as_bytes() == text).ok_or_else(|| {
            let figures = format!("no pixel format \"{}\" is known", text.escape_ascii());
            Error::new(Call::Function("PixelFormat::parse"), IoReturn::UNSUPPORTED)
                .with_detail(Detail::Text(figures.into()))
        })
    }
}

/// `IOPixelInformation`: what a framebuffer's driver tells of its pixels.
///
/// Its [`Geometry`] and its [format](Self::format) are all that a [`Framebuffer`](super::Framebuffer) needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Structure)]
#[repr(C)]
#[doc(alias = "IOPixelInformation")]
pub struct PixelInformation {
    /// `bytesPerRow`: from where a row begins to where the next one begins.
    pub bytes_per_row: u32,
    /// `bytesPerPlane`: not used.
    pub bytes_per_plane: u32,
    /// `bitsPerPixel`: with those that mean nothing.
    pub bits_per_pixel: u32,
    /// `pixelType`: `kIOCLUTPixels` (0) for indexed ones, `kIORGBDirectPixels` (2) for direct ones.
    pub pixel_type: u32,
    /// `componentCount`: 1 for indexed pixels, 3 for direct ones.
    pub component_count: u32,
    /// `bitsPerComponent`
    pub bits_per_component: u32,
    /// `componentMasks`: the bits of each component; red, green and blue for direct pixels.
    pub component_masks: [u32; 16],
    /// `pixelFormat`: an `IOPixelEncoding`, which ends with a NUL.
    pub pixel_format: [u8; 64],
    /// `flags`: zero.
    pub flags: u32,
    /// `activeWidth`: visible pixels of a row.
    pub active_width: u32,
    /// `activeHeight`: visible rows.
    pub active_height: u32,
    /// `reserved`: zero.
    pub reserved: [u32; 2],
}

impl PixelInformation {
    /// What a driver tells of such pixels.
    pub fn new(format: PixelFormat, width: u32, height: u32, bytes_per_row: u32) -> Self {
        let (pixel_type, masks): (_, &[u32]) = match format {
            PixelFormat::Xrgb8888 => (2, &[0xff_0000, 0xff00, 0xff]),
            PixelFormat::Xrgb2101010 => (2, &[0x3ff0_0000, 0xf_fc00, 0x3ff]),
            PixelFormat::Xrgb1555 => (2, &[0x7c00, 0x3e0, 0x1f]),
            PixelFormat::Indexed8 => (0, &[0xff]),
        };
        let mut component_masks = [0; 16];
        component_masks[..masks.len()].copy_from_slice(masks);
        let mut pixel_format = [0; 64];
        pixel_format[..format.encoding().len()].copy_from_slice(format.encoding().as_bytes());
        Self {
            bytes_per_row,
            bytes_per_plane: 0,
            bits_per_pixel: format.bits_per_pixel(),
            pixel_type,
            component_count: masks.len() as u32,
            bits_per_component: masks[0].count_ones(),
            component_masks,
            pixel_format,
            flags: 0,
            active_width: width,
            active_height: height,
            reserved: [0; 2],
        }
    }

    /// The format of its pixels.
    ///
    /// # Errors
    ///
    /// `kIOReturnUnsupported` if it is none of those known here, with the string.
    pub fn format(&self) -> Result<PixelFormat> {
        PixelFormat::parse(&self.pixel_format)
    }

    /// How they lie in memory; [`Framebuffer::new`](super::Framebuffer::new) checks it.
    pub fn geometry(&self) -> Geometry {
        let (width, height) = (self.active_width, self.active_height);
        Geometry { width, height, stride: self.bytes_per_row as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_encoding() {
        for format in PixelFormat::ALL {
            let information = PixelInformation::new(format, 640, 480, 4096);
            assert_eq!(information.format(), Ok(format));
            assert_eq!(information.geometry(), Geometry { width: 640, height: 480, stride: 4096 });
            let masks = information.component_masks.map(u32::count_ones);
            let mut expected = [0; 16];
            expected[..information.component_count as usize].fill(information.bits_per_component);
            assert_eq!(masks, expected);
            for (letter, mask) in "RGB".chars().zip(information.component_masks) {
                let bit = |at: char| u32::from(at == letter);
                let of_letter = format.encoding().chars().fold(0, |bits, at| bits << 1 | bit(at));
                assert!(of_letter == mask || format == PixelFormat::Indexed8, "{letter} of {format:?}");
            }
        }
        let bits = PixelFormat::ALL.map(PixelFormat::bits_per_pixel);
        assert_eq!((bits, size_of::<PixelInformation>()), ([32, 32, 16, 8], 172));
    }

    #[test]
    fn an_unknown_encoding_is_an_error_that_quotes_it() {
        let error = PixelFormat::parse(b"-16R16G16B16\0\xff").expect_err("not known here");
        assert_eq!(error, IoReturn::UNSUPPORTED);
        assert!(error.to_string().ends_with("no pixel format \"-16R16G16B16\" is known"), "{error}");
        let error = PixelFormat::parse(&[b'P', 0xff]).expect_err("no encoding at all");
        assert!(error.to_string().contains("\"P\\xff\""), "{error}");
        assert!(PixelFormat::parse(b"").is_err() && PixelFormat::parse(b"PPPPPPPPP").is_err());
    }
}
