use super::pixel::{Indexed8, Xrgb8888};
use std::fmt;
use std::ops::{Index, IndexMut};

/// The colours that [`Indexed8`] pixels stand for.
///
/// The hardware has a table of its own, which a driver sets; this one is for who draws and for who reads back.
#[derive(Clone, PartialEq, Eq)]
#[doc(alias = "CLUT")]
pub struct Palette([Xrgb8888; 256]);

impl Palette {
    /// A palette of these colours.
    pub const fn new(colours: [Xrgb8888; 256]) -> Self {
        Self(colours)
    }

    /// 256 shades from black to white.
    pub fn grey() -> Self {
        Self(std::array::from_fn(|index| Xrgb8888::from([index as u8; 3])))
    }

    /// The index of the colour that is nearest: by the sum of the squares of the components' differences, and the first of
    /// those that are equally near. It looks at all of them.
    pub fn nearest(&self, colour: impl Into<Xrgb8888>) -> Indexed8 {
        let sought = <[u8; 3]>::from(colour.into());
        let distance = |colour: Xrgb8888| -> u32 {
            let pairs = <[u8; 3]>::from(colour).into_iter().zip(sought);
            pairs.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
        };
        (0..=255).map(Indexed8).min_by_key(|index| distance(self[*index])).unwrap_or_default()
    }
}

impl Index<Indexed8> for Palette {
    type Output = Xrgb8888;

    #[inline]
    fn index(&self, index: Indexed8) -> &Xrgb8888 {
        &self.0[usize::from(index.0)]
    }
}

impl IndexMut<Indexed8> for Palette {
    #[inline]
    fn index_mut(&mut self, index: Indexed8) -> &mut Xrgb8888 {
        &mut self.0[usize::from(index.0)]
    }
}

impl fmt::Debug for Palette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Palette").field(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_colour_is_found_and_the_first_of_equals() {
        let mut palette = Palette::grey();
        assert_eq!(palette.nearest(Xrgb8888::rgb(9, 9, 9)), Indexed8(9));
        assert_eq!(palette.nearest(Xrgb8888::rgb(10, 9, 9)), Indexed8(9));
        palette[Indexed8(200)] = Xrgb8888::rgb(255, 0, 0);
        palette[Indexed8(201)] = Xrgb8888::rgb(255, 0, 0);
        assert_eq!(palette.nearest([250, 3, 3]), Indexed8(200));
        assert_eq!(palette[Indexed8(201)], Xrgb8888(0xff_0000));
    }
}
