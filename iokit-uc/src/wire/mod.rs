//! What may cross between a task and a driver, and how: scalars, structures, and results made of both.
//!
//! An external method carries at most [`SCALARS_MAX`] scalars of 64 bits each way and one structure each way.
//! A structure of up to [`INLINE_MAX`] bytes travels inside the message; a larger one travels out of line, which
//! neither the client nor the driver's author sees.

mod layout;
mod shape;

pub use layout::{Field, Layout, Shape};
pub(crate) use shape::{MIXED_SCALARS, TOO_LARGE, TWO_STRUCTURES, table_size};
pub use shape::{OutputShape, ScalarKind, ScalarType, Variant};

use bytemuck::Pod;

/// `kIOExternalMethodScalarInputCountMax`, `kIOExternalMethodScalarOutputCountMax`: the most scalars a call
/// carries each way (EM-1).
pub const SCALARS_MAX: usize = 16;

/// The size of `io_struct_inband_t` in bytes: the largest structure that travels inside the message (EM-1).
pub const INLINE_MAX: usize = 4096;

/// `kIOUCVariableStructureSize`: a count or size in a dispatch table that the kernel does not check (EM-18).
pub const VARIABLE: u32 = u32::MAX;

/// A value that travels as one 64-bit scalar.
///
/// Implemented for the fixed-width integers and `bool`, and by `#[derive(Scalar)]` for enums with an integer `repr`
/// and for newtypes over a scalar. `usize` is left out on purpose: it has no fixed width.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an IOKit scalar",
    label = "not a scalar of fixed width",
    note = "scalars are `bool`, `u8` … `u64`, `i8` … `i64`, and types with `#[derive(Scalar)]`; `usize` has no fixed width: use `u64`",
    note = "pass structures by reference: `&{Self}`"
)]
pub trait Scalar: Copy {
    /// The value's type, as errors name it.
    const NAME: &'static str = Self::TYPE.name();

    /// What the 64 bits stand for.
    const TYPE: &'static ScalarType;

    /// The 64 bits that travel: unsigned types zero-extended, signed types sign-extended.
    fn to_scalar(self) -> u64;

    /// The value that `bits` stand for, or `None` if there is no such value.
    ///
    /// Signed types take both sign-extended and zero-extended bits, because a legacy dispatch table extends what it
    /// passes with zeros (EM-27). `bool` takes any non-zero scalar as `true`, as C does.
    fn from_scalar(bits: u64) -> Option<Self>;
}

macro_rules! unsigned_scalar {
    ($($int:ident)*) => {$(
        impl Scalar for $int {
            const TYPE: &'static ScalarType = &ScalarType::integer(stringify!($int), $int::BITS, false);
            #[inline]
            fn to_scalar(self) -> u64 {
                self as u64
            }
            #[inline]
            fn from_scalar(bits: u64) -> Option<Self> {
                bits.try_into().ok()
            }
        }
    )*};
}

macro_rules! signed_scalar {
    ($($int:ident as $unsigned:ident)*) => {$(
        impl Scalar for $int {
            const TYPE: &'static ScalarType = &ScalarType::integer(stringify!($int), $int::BITS, true);
            #[inline]
            fn to_scalar(self) -> u64 {
                self as i64 as u64
            }
            #[inline]
            fn from_scalar(bits: u64) -> Option<Self> {
                let sign_extended = bits as $int as i64 as u64 == bits;
                let zero_extended_from = |width: u32| bits.checked_shr(width).unwrap_or(0) == 0;
                // From 32 bits too: what a legacy table makes of a sign-extended narrower value.
                let from_legacy = zero_extended_from(32) && (bits as i32) as $int as i32 == bits as i32;
                (sign_extended || zero_extended_from($unsigned::BITS) || from_legacy).then_some(bits as $int)
            }
        }
    )*};
}

unsigned_scalar!(u8 u16 u32 u64);
signed_scalar!(i8 as u8 i16 as u16 i32 as u32 i64 as u64);

impl Scalar for bool {
    const TYPE: &'static ScalarType = &ScalarType::BOOL;
    #[inline]
    fn to_scalar(self) -> u64 {
        u64::from(self)
    }
    #[inline]
    fn from_scalar(bits: u64) -> Option<Self> {
        Some(bits != 0)
    }
}

/// Plain data of one fixed layout, which travels as a structure: every bit pattern is a value, and there is no padding.
///
/// Implemented for the fixed-width numbers and arrays of structures, and by `#[derive(Structure)]` for
/// `#[repr(C)]` and `#[repr(transparent)]` structs, which also makes them [`bytemuck::Pod`].
///
/// # Safety
///
/// Implement it by derive only. [`LAYOUT`](Self::LAYOUT) must state the type's size, alignment and fields as the
/// compiler lays them out: headers and decoders for drivers are made from it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed as an IOKit structure",
    label = "not plain data with a fixed layout",
    note = "derive it: `#[derive(Clone, Copy, Structure)] #[repr(C)]` on `{Self}`"
)]
pub unsafe trait Structure: Pod {
    /// Size, alignment and fields.
    const LAYOUT: &'static Layout;
}

macro_rules! number_structure {
    ($($number:ident)*) => {$(
        // SAFETY: the layout is computed by the compiler from the type itself, which has no fields.
        unsafe impl Structure for $number {
            const LAYOUT: &'static Layout = &Layout::of_number::<$number>(stringify!($number));
        }
    )*};
}

number_structure!(u8 u16 u32 u64 i8 i16 i32 i64 f32 f64);

// SAFETY: an array is `N` elements one after the other without gaps (Rust reference, "Array layout").
unsafe impl<T: Structure, const N: usize> Structure for [T; N]
where
    [T; N]: Pod,
{
    const LAYOUT: &'static Layout = &Layout::of_array(T::LAYOUT, N);
}

/// What an external method returns: nothing, a scalar, a structure, or a tuple of up to 16 scalars and at most one
/// structure.
///
/// Implemented by the derives beside [`Scalar`] and [`Structure`]; its items are the generated code's business.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by an external method",
    label = "not a scalar, a structure, or a tuple of scalars with at most one structure",
    note = "for a structure, add `#[derive(Clone, Copy, Structure)] #[repr(C)]` to `{Self}`",
    note = "for an enum or a newtype, add `#[derive(Scalar)]`; `usize` has no fixed width: use `u64`"
)]
pub trait Output: Sized {
    /// What it is made of.
    const SHAPE: OutputShape;

    /// How many scalars it takes; [`VARIABLE`] for [`Scalars`].
    const SCALARS: u32 = Self::SHAPE.scalar_count();

    /// The size of its structure in bytes, 0 if it has none.
    const STRUCTURE: u32 = Self::SHAPE.structure_size();

    /// Where the kernel writes the structure.
    #[doc(hidden)]
    type Buffer;

    /// A zeroed buffer.
    #[doc(hidden)]
    fn buffer() -> Self::Buffer;

    /// The buffer's bytes, [`STRUCTURE`](Self::STRUCTURE) of them.
    #[doc(hidden)]
    fn bytes(buffer: &mut Self::Buffer) -> &mut [u8];

    /// Takes the result out of a reply whose counts have been checked.
    #[doc(hidden)]
    fn load(scalars: &mut Reader<'_>, buffer: Self::Buffer) -> Result<Self, BadScalar>;

    /// Writes the result to a reply.
    #[doc(hidden)]
    fn store(self, reply: &mut Writer<'_>);
}

/// A scalar that is no value of its type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct BadScalar {
    pub index: usize,
    pub bits: u64,
    pub type_name: &'static str,
}

/// The scalars of a reply, taken one by one.
#[doc(hidden)]
pub struct Reader<'a> {
    scalars: &'a [u64],
    next: usize,
}

impl<'a> Reader<'a> {
    #[inline]
    pub(crate) fn new(scalars: &'a [u64]) -> Self {
        Self { scalars, next: 0 }
    }

    /// The next scalar; zero past the end, which the checked counts rule out.
    #[inline]
    pub fn scalar<T: Scalar>(&mut self) -> Result<T, BadScalar> {
        let index = self.next;
        let bits = self.scalars.get(index).copied().unwrap_or(0);
        self.next += 1;
        T::from_scalar(bits).ok_or(BadScalar { index, bits, type_name: T::NAME })
    }

    fn rest(&mut self) -> Scalars {
        let rest = self.scalars.get(self.next..).unwrap_or_default();
        self.next = self.scalars.len();
        Scalars::try_from(rest).unwrap_or_default()
    }
}

/// Where a driver's result goes: the reply's scalars and structure, and how much of each there was to write.
///
/// What does not fit is counted and not written, as by a driver that raises its counts (EM-9).
#[doc(hidden)]
pub struct Writer<'a> {
    scalars: &'a mut [u64],
    structure: &'a mut [u8],
    pub(crate) scalar_count: u32,
    pub(crate) structure_size: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(scalars: &'a mut [u64], structure: &'a mut [u8]) -> Self {
        Self { scalars, structure, scalar_count: 0, structure_size: 0 }
    }

    /// Appends a scalar.
    #[inline]
    pub fn scalar(&mut self, bits: u64) {
        if let Some(slot) = self.scalars.get_mut(self.scalar_count as usize) {
            *slot = bits;
        }
        self.scalar_count += 1;
    }

    /// Writes the structure.
    #[inline]
    pub fn structure(&mut self, bytes: &[u8]) {
        let fits = bytes.len().min(self.structure.len());
        self.structure[..fits].copy_from_slice(&bytes[..fits]);
        self.structure_size += bytes.len();
    }
}

/// The part of [`Output`] that says: no structure.
macro_rules! without_structure {
    () => {
        type Buffer = ();
        #[inline]
        fn buffer() {}
        #[inline]
        fn bytes(_: &mut ()) -> &mut [u8] {
            &mut []
        }
    };
}

macro_rules! scalar_output {
    ($($scalar:ident)*) => {$(
        impl Output for $scalar {
            const SHAPE: OutputShape = OutputShape::scalar(Self::TYPE);
            without_structure!();
            #[inline]
            fn load(scalars: &mut Reader<'_>, _: ()) -> Result<Self, BadScalar> {
                scalars.scalar()
            }
            #[inline]
            fn store(self, reply: &mut Writer<'_>) {
                reply.scalar(self.to_scalar());
            }
        }
    )*};
}

scalar_output!(u8 u16 u32 u64 i8 i16 i32 i64 bool);

// What `#[derive(Structure)]` writes for a struct, here for arrays.
impl<T: Structure, const N: usize> Output for [T; N]
where
    [T; N]: Pod,
{
    const SHAPE: OutputShape = OutputShape::structure(Self::LAYOUT);
    type Buffer = Self;
    #[inline]
    fn buffer() -> Self {
        bytemuck::Zeroable::zeroed()
    }
    #[inline]
    fn bytes(buffer: &mut Self) -> &mut [u8] {
        bytemuck::bytes_of_mut(buffer)
    }
    #[inline]
    fn load(_: &mut Reader<'_>, buffer: Self) -> Result<Self, BadScalar> {
        Ok(buffer)
    }
    #[inline]
    fn store(self, reply: &mut Writer<'_>) {
        reply.structure(bytemuck::bytes_of(&self));
    }
}

impl Output for () {
    const SHAPE: OutputShape = OutputShape::EMPTY;
    without_structure!();
    #[inline]
    fn load(_: &mut Reader<'_>, _: ()) -> Result<Self, BadScalar> {
        Ok(())
    }
    #[inline]
    fn store(self, _: &mut Writer<'_>) {}
}

macro_rules! tuple_output {
    ($($part:ident $index:tt),+) => {
        impl<$($part: Output),+> Output for ($($part,)+) {
            const SHAPE: OutputShape = OutputShape::EMPTY$(.and($part::SHAPE))+;
            type Buffer = ($($part::Buffer,)+);
            #[inline]
            fn buffer() -> Self::Buffer {
                ($($part::buffer(),)+)
            }
            #[inline]
            fn bytes(buffer: &mut Self::Buffer) -> &mut [u8] {
                $(if $part::STRUCTURE != 0 {
                    return $part::bytes(&mut buffer.$index);
                })+
                &mut []
            }
            #[inline]
            fn load(scalars: &mut Reader<'_>, buffer: Self::Buffer) -> Result<Self, BadScalar> {
                Ok(($($part::load(scalars, buffer.$index)?,)+))
            }
            #[inline]
            fn store(self, reply: &mut Writer<'_>) {
                $(self.$index.store(reply);)+
            }
        }
    };
}

tuple_output!(A 0);
tuple_output!(A 0, B 1);
tuple_output!(A 0, B 1, C 2);
tuple_output!(A 0, B 1, C 2, D 3);
tuple_output!(A 0, B 1, C 2, D 3, E 4);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15);
tuple_output!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16);

/// Up to 16 scalars whose number the driver does not fix: input or result of an unchecked scalar method, such as
/// selector 0 of Apple's NullDriver sample.
///
/// ```
/// use iokit_uc::Scalars;
///
/// let scalars: Scalars = [1, 2, 3].into();
/// assert_eq!(scalars.iter().sum::<u64>(), 6);
/// ```
#[derive(Clone, Copy)]
pub struct Scalars {
    values: [u64; SCALARS_MAX],
    count: usize,
}

impl Scalars {
    /// No scalars.
    pub const fn new() -> Self {
        Self { values: [0; SCALARS_MAX], count: 0 }
    }

    /// Appends `scalar`; gives it back if there are 16 already.
    pub fn push<T: Scalar>(&mut self, scalar: T) -> Result<(), T> {
        let Some(slot) = self.values.get_mut(self.count) else { return Err(scalar) };
        *slot = scalar.to_scalar();
        self.count += 1;
        Ok(())
    }
}

impl std::ops::Deref for Scalars {
    type Target = [u64];
    fn deref(&self) -> &[u64] {
        &self.values[..self.count]
    }
}

impl Default for Scalars {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Scalars {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Scalars {}

impl std::fmt::Debug for Scalars {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<const N: usize> From<[u64; N]> for Scalars {
    /// The scalars of an array of at most 16; a longer one does not compile.
    fn from(array: [u64; N]) -> Self {
        const { assert!(N <= SCALARS_MAX, "a call carries at most 16 scalars") };
        let mut scalars = Self::new();
        scalars.values[..N].copy_from_slice(&array);
        scalars.count = N;
        scalars
    }
}

/// A slice of more than 16 scalars, which no call can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyScalars(
    /// How many there were.
    pub usize,
);

impl std::fmt::Display for TooManyScalars {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} scalars, at most {SCALARS_MAX} can be passed", self.0)
    }
}

impl std::error::Error for TooManyScalars {}

impl TryFrom<&[u64]> for Scalars {
    type Error = TooManyScalars;
    fn try_from(slice: &[u64]) -> Result<Self, TooManyScalars> {
        let mut scalars = Self::new();
        scalars.values.get_mut(..slice.len()).ok_or(TooManyScalars(slice.len()))?.copy_from_slice(slice);
        scalars.count = slice.len();
        Ok(scalars)
    }
}

impl Output for Scalars {
    const SHAPE: OutputShape = OutputShape::ANY_SCALARS;
    without_structure!();
    #[inline]
    fn load(scalars: &mut Reader<'_>, _: ()) -> Result<Self, BadScalar> {
        Ok(scalars.rest())
    }
    #[inline]
    fn store(self, reply: &mut Writer<'_>) {
        self.iter().for_each(|&bits| reply.scalar(bits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load<O: Output>(scalars: &[u64], structure: &[u8]) -> Option<O> {
        let mut buffer = O::buffer();
        O::bytes(&mut buffer).copy_from_slice(structure);
        O::load(&mut Reader::new(scalars), buffer).ok()
    }

    fn store<O: Output>(output: O) -> (Vec<u64>, Vec<u8>) {
        let (mut scalars, mut structure) = ([0; SCALARS_MAX], [0; 64]);
        let mut writer = Writer::new(&mut scalars, &mut structure);
        output.store(&mut writer);
        let (count, size) = (writer.scalar_count as usize, writer.structure_size);
        (scalars[..count].to_vec(), structure[..size].to_vec())
    }

    #[test]
    fn an_unsigned_scalar_takes_what_fits_and_nothing_else() {
        assert_eq!(u8::from_scalar(255), Some(255));
        assert_eq!(u8::from_scalar(256), None);
        assert_eq!(u32::from_scalar(u64::from(u32::MAX)), Some(u32::MAX));
        assert_eq!(u32::from_scalar(1 << 32), None);
    }

    #[test]
    fn a_signed_scalar_takes_both_extensions_of_its_bits() {
        for scalar in [(-1i64) as u64, 0xffff_ffff] {
            assert_eq!(i32::from_scalar(scalar), Some(-1));
        }
        for scalar in [(-2i64) as u64, 0xffff_fffe, 0xfe] {
            assert_eq!(i8::from_scalar(scalar), Some(-2), "{scalar:#x}");
        }
        assert_eq!(i64::from_scalar(u64::MAX), Some(-1));
        assert_eq!((-1i32).to_scalar(), u64::MAX);
    }

    #[test]
    fn a_signed_scalar_refuses_what_is_no_extension_of_its_bits() {
        for scalar in [0x100, 0x1ff, 0xffff_fe7f, 0x1_0000_00ff, (-129i64) as u64] {
            assert_eq!(i8::from_scalar(scalar), None, "{scalar:#x}");
        }
        assert_eq!(i32::from_scalar(0x1_0000_0000), None);
        assert_eq!(i32::from_scalar(0xffff_fffe_ffff_ffff), None);
    }

    #[test]
    fn any_scalar_but_zero_is_true() {
        assert_eq!(
            [0, 1, 2, u64::MAX].map(bool::from_scalar),
            [Some(false), Some(true), Some(true), Some(true)]
        );
    }

    #[test]
    fn a_tuple_travels_as_its_scalars_in_order_and_its_structure() {
        type Tuple = (u32, [u8; 2], i64);
        assert_eq!((Tuple::SCALARS, Tuple::STRUCTURE), (2, 2));
        assert_eq!(store::<Tuple>((7, [8, 9], -1)), (vec![7, u64::MAX], vec![8, 9]));
        assert_eq!(load::<Tuple>(&[7, u64::MAX], &[8, 9]), Some((7, [8, 9], -1)));
    }

    #[test]
    fn a_bad_scalar_is_named_by_its_place() {
        let bad = <(u32, u8)>::load(&mut Reader::new(&[1, 300]), ((), ())).unwrap_err();
        assert_eq!((bad.index, bad.bits, bad.type_name), (1, 300, "u8"));
    }

    #[test]
    fn sixteen_scalars_and_a_structure_fit_a_result() {
        type Full = (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, [u32; 2]);
        assert_eq!((Full::SCALARS, Full::STRUCTURE), (16, 8));
    }

    #[test]
    fn what_does_not_fit_a_reply_is_counted_and_not_written() {
        let (mut scalars, mut structure) = ([0; 1], [0; 3]);
        let mut writer = Writer::new(&mut scalars, &mut structure);
        (1u8, 2u8, [3u8; 4]).store(&mut writer);
        assert_eq!((writer.scalar_count, writer.structure_size), (2, 4));
        assert_eq!((scalars, structure), ([1], [3; 3]));
    }

    #[test]
    fn scalars_hold_sixteen() {
        let mut scalars = Scalars::from([1; 15]);
        assert_eq!(scalars.push(2u8), Ok(()));
        assert_eq!(scalars.push(3u8), Err(3));
        assert_eq!((scalars.len(), scalars[15]), (16, 2));
        assert_eq!(Scalars::try_from(&[0; 17][..]), Err(TooManyScalars(17)));
    }

    #[test]
    fn a_layout_tells_sizes_of_arrays_of_arrays() {
        let layout = <[[u16; 3]; 2]>::LAYOUT;
        assert_eq!((layout.size(), layout.align(), layout.name()), (12, 2, "u16"));
        let Shape::Array { element, length: 2 } = layout.shape() else { panic!("{layout:?}") };
        assert_eq!(element.size(), 6);
    }
}
