#[automatically_derived]
#[allow(clippy::undocumented_unsafe_blocks, deprecated)]
unsafe impl ::iokit_uc::__private::bytemuck::Zeroable for Sample {}
#[automatically_derived]
#[allow(clippy::undocumented_unsafe_blocks, deprecated)]
unsafe impl ::iokit_uc::__private::bytemuck::Pod for Sample {}
#[automatically_derived]
#[allow(clippy::undocumented_unsafe_blocks, deprecated)]
unsafe impl ::iokit_uc::__private::Structure for Sample
where
    for<'uc> Sample: ::core::marker::Copy,
{
    const LAYOUT: &'static ::iokit_uc::__private::Layout = &::iokit_uc::__private::Layout::of_struct::<
        Self,
    >(
        "Sample",
        "",
        const {
            &[
                ::iokit_uc::__private::Field::new(
                    "field1",
                    "",
                    ::core::mem::offset_of!(Self, field1),
                    <u64 as ::iokit_uc::__private::StructureField>::LAYOUT,
                ),
                ::iokit_uc::__private::Field::new(
                    "type",
                    "",
                    ::core::mem::offset_of!(Self, r#type),
                    <[u8; 8] as ::iokit_uc::__private::StructureField>::LAYOUT,
                ),
            ]
        },
    );
}
#[allow(deprecated)]
const _: fn(Sample) -> u64 = |__uc_structure| __uc_structure.field1;
#[allow(deprecated)]
const _: fn(Sample) -> [u8; 8] = |__uc_structure| __uc_structure.r#type;
#[allow(deprecated)]
const _: () = ::core::assert!(
    ::core::mem::size_of:: < Sample > () == ::core::mem::size_of:: < u64 > () +
    ::core::mem::size_of:: < [u8; 8] > (),
    "`Sample` has padding bytes; order the fields by size or add explicit `_pad` fields"
);
#[automatically_derived]
#[allow(deprecated)]
impl ::iokit_uc::__private::Output for Sample
where
    for<'uc> Sample: ::core::marker::Copy,
{
    const SHAPE: ::iokit_uc::__private::OutputShape = ::iokit_uc::__private::OutputShape::structure(
        <Self as ::iokit_uc::__private::Structure>::LAYOUT,
    );
    type Buffer = Self;
    #[inline]
    fn buffer() -> Self {
        ::iokit_uc::__private::bytemuck::Zeroable::zeroed()
    }
    #[inline]
    fn bytes(__uc_buffer: &mut Self) -> &mut [::core::primitive::u8] {
        ::iokit_uc::__private::bytemuck::bytes_of_mut(__uc_buffer)
    }
    #[inline]
    fn load(
        _: &mut ::iokit_uc::__private::Reader<'_>,
        __uc_buffer: Self,
    ) -> ::core::result::Result<Self, ::iokit_uc::__private::BadScalar> {
        ::core::result::Result::Ok(__uc_buffer)
    }
    #[inline]
    fn store(self, __uc_reply: &mut ::iokit_uc::__private::Writer<'_>) {
        __uc_reply.structure(::iokit_uc::__private::bytemuck::bytes_of(&self));
    }
}
