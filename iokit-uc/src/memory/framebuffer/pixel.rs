//! Pixels, as they lie in memory.

use super::format::PixelFormat;
use crate::wire::Structure;
use iokit_uc_derive::Structure;
use std::fmt;

/// A pixel as it lies in memory: [`Xrgb8888`], [`Xrgb2101010`], [`Xrgb1555`] or [`Indexed8`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no pixel of a framebuffer",
    note = "pixels are `Xrgb8888`, `Xrgb2101010`, `Xrgb1555` and `Indexed8`"
)]
pub trait Pixel: Structure + PartialEq + fmt::Debug + Send + Sync + sealed::Sealed {
    /// What a driver calls it.
    const FORMAT: PixelFormat;
}

mod sealed {
    pub trait Sealed {}
}

/// `value`, of `from` bits, in `to` bits: the nearest part of the maximum; there are no ties.
#[inline]
const fn scale(value: u32, from: u32, to: u32) -> u32 {
    let (from, to) = ((1 << from) - 1, (1 << to) - 1);
    (value * to + from / 2) / from
}

macro_rules! direct_pixel {
    (
        $(#[$doc:meta])*
        $Pixel:ident($Word:ident), $bits:literal bits of $Component:ident, from $($Other:ident)*
    ) => {
        $(#[$doc])*
        ///
        /// What is converted gets the nearest part of the maximum: white stays white, and what becomes wider can become
        /// narrower again without loss. The highest bits mean nothing: they are zero in what is made here, but `==` looks at them.
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Structure)]
        #[repr(transparent)]
        pub struct $Pixel(
            /// The word in memory.
            pub $Word,
        );

        impl $Pixel {
            const BITS: u32 = $bits;
            const MAX: $Component = $Component::MAX >> ($Component::BITS - Self::BITS);
            /// All components at zero.
            pub const BLACK: Self = Self::rgb(0, 0, 0);
            /// All components at their maximum.
            pub const WHITE: Self = Self::rgb(Self::MAX, Self::MAX, Self::MAX);

            #[doc = concat!("A colour by its components, of each the low ", stringify!($bits), " bits.")]
            #[inline]
            pub const fn rgb(red: $Component, green: $Component, blue: $Component) -> Self {
                let (red, green, blue) =
                    ((red & Self::MAX) as $Word, (green & Self::MAX) as $Word, (blue & Self::MAX) as $Word);
                Self(red << (2 * $bits) | green << $bits | blue)
            }

            #[doc = concat!("Red, ", stringify!($bits), " bits.")]
            #[inline]
            pub const fn red(self) -> $Component {
                (self.0 >> (2 * $bits)) as $Component & Self::MAX
            }

            #[doc = concat!("Green, ", stringify!($bits), " bits.")]
            #[inline]
            pub const fn green(self) -> $Component {
                (self.0 >> $bits) as $Component & Self::MAX
            }

            #[doc = concat!("Blue, ", stringify!($bits), " bits.")]
            #[inline]
            pub const fn blue(self) -> $Component {
                self.0 as $Component & Self::MAX
            }
        }

        impl sealed::Sealed for $Pixel {}

        impl Pixel for $Pixel {
            const FORMAT: PixelFormat = PixelFormat::$Pixel;
        }

        impl fmt::Debug for $Pixel {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($Pixel), "({:#0width$x})"), self.0, width = 2 + 2 * size_of::<$Word>())
            }
        }

        /// Red, green and blue of 8 bits.
        impl From<[u8; 3]> for $Pixel {
            #[inline]
            fn from(rgb: [u8; 3]) -> Self {
                let [red, green, blue] = rgb.map(|value| scale(value.into(), 8, Self::BITS) as $Component);
                Self::rgb(red, green, blue)
            }
        }

        /// Red, green and blue of 8 bits.
        impl From<$Pixel> for [u8; 3] {
            #[inline]
            fn from(pixel: $Pixel) -> Self {
                [pixel.red(), pixel.green(), pixel.blue()].map(|value| scale(value.into(), $Pixel::BITS, 8) as u8)
            }
        }

        $(
            impl From<$Other> for $Pixel {
                #[inline]
                fn from(other: $Other) -> Self {
                    let components = [other.red(), other.green(), other.blue()];
                    let [red, green, blue] =
                        components.map(|value| scale(value.into(), $Other::BITS, Self::BITS) as $Component);
                    Self::rgb(red, green, blue)
                }
            }
        )*
    };
}

direct_pixel! {
    /// `IO32BitDirectPixels`: 8 bits each of red, green and blue, in a word of 32 bits whose highest 8 mean nothing.
    #[doc(alias = "IO32BitDirectPixels")]
    Xrgb8888(u32), 8 bits of u8, from Xrgb2101010 Xrgb1555
}

direct_pixel! {
    /// `kIO30BitDirectPixels`: 10 bits each of red, green and blue, in a word of 32 bits whose highest 2 mean nothing.
    #[doc(alias = "kIO30BitDirectPixels")]
    Xrgb2101010(u32), 10 bits of u16, from Xrgb8888 Xrgb1555
}

direct_pixel! {
    /// `IO16BitDirectPixels`: 5 bits each of red, green and blue, in a word of 16 bits whose highest means nothing.
    #[doc(alias = "IO16BitDirectPixels")]
    Xrgb1555(u16), 5 bits of u8, from Xrgb8888 Xrgb2101010
}

/// `IO8BitIndexedPixels`: an index into a [`Palette`](super::Palette) of 256 colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Structure)]
#[repr(transparent)]
#[doc(alias = "IO8BitIndexedPixels")]
pub struct Indexed8(
    /// The index.
    pub u8,
);

impl sealed::Sealed for Indexed8 {}

impl Pixel for Indexed8 {
    const FORMAT: PixelFormat = PixelFormat::Indexed8;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_lie_where_the_format_says() {
        assert_eq!(Xrgb8888::rgb(0x12, 0x34, 0x56).0, 0x0012_3456);
        assert_eq!(Xrgb2101010::rgb(0x3ff, 0, 0).0, 0x3ff0_0000);
        assert_eq!(Xrgb2101010::rgb(0, 0x3ff, 1).0, 0x000f_fc01);
        assert_eq!(Xrgb1555::rgb(31, 0, 0).0, 0x7c00);
        assert_eq!(Xrgb1555::rgb(0, 31, 1).0, 0x03e1);
        let pixel = Xrgb2101010(0xffff_ffff);
        assert_eq!((pixel.red(), pixel.green(), pixel.blue()), (1023, 1023, 1023));
        assert_eq!(Xrgb1555::rgb(0xff, 0x20, 0), Xrgb1555::rgb(31, 0, 0));
        assert_eq!(
            format!("{:?} {:?}", Xrgb8888(0xff), Xrgb1555(0xff)),
            "Xrgb8888(0x000000ff) Xrgb1555(0x00ff)"
        );
    }

    /// The nearest, found by trying all.
    fn nearest(value: u32, from: u32, to: u32) -> u32 {
        let (from, to) = ((1u32 << from) - 1, (1u32 << to) - 1);
        (0..=to).min_by_key(|candidate| (candidate * from).abs_diff(value * to)).unwrap_or(0)
    }

    #[test]
    fn a_component_becomes_the_nearest_one() {
        let depths = [5, 8, 10];
        let pairs = depths.iter().flat_map(|from| depths.map(|to| (*from, to)));
        for (from, to) in pairs.filter(|pair| !cfg!(miri) || *pair == (8, 5)) {
            for value in 0..1 << from {
                assert_eq!(
                    scale(value, from, to),
                    nearest(value, from, to),
                    "{value} of {from} bits in {to}"
                );
            }
        }
    }

    #[test]
    fn every_pixel_of_16_bits_survives_what_is_wider() {
        for word in (0..0x8000).step_by(if cfg!(miri) { 1021 } else { 1 }) {
            let pixel = Xrgb1555(word);
            assert_eq!(Xrgb1555::from(Xrgb8888::from(pixel)), pixel);
            assert_eq!(Xrgb1555::from(Xrgb2101010::from(pixel)), pixel);
            assert_eq!(Xrgb1555::from(Xrgb8888::from(Xrgb2101010::from(pixel))), pixel);
            assert_eq!(Xrgb1555::from(<[u8; 3]>::from(pixel)), pixel);
        }
    }

    #[test]
    fn every_value_of_8_bits_survives_10_in_every_component() {
        for value in 0..=255 {
            let other = 255 - value;
            for rgb in [[value, other, 7], [7, value, other], [other, 7, value]] {
                let pixel = Xrgb8888::from(rgb);
                assert_eq!(<[u8; 3]>::from(pixel), rgb);
                assert_eq!(Xrgb8888::from(Xrgb2101010::from(pixel)), pixel);
            }
        }
    }

    #[test]
    fn black_and_white_are_the_same_in_every_format() {
        assert_eq!([Xrgb1555::from(Xrgb8888::BLACK), Xrgb2101010::BLACK.into()], [Xrgb1555::BLACK; 2]);
        assert_eq!([Xrgb1555::from(Xrgb8888::WHITE), Xrgb2101010::WHITE.into()], [Xrgb1555(0x7fff); 2]);
        assert_eq!(
            [Xrgb2101010::from(Xrgb8888::WHITE), Xrgb1555::WHITE.into()],
            [Xrgb2101010(0x3fff_ffff); 2]
        );
    }
}
