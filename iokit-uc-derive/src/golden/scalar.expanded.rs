#[automatically_derived]
#[allow(deprecated)]
impl ::iokit_uc::__private::Scalar for Mode {
    const NAME: &'static ::core::primitive::str = "Mode";
    #[inline]
    fn to_scalar(self) -> ::core::primitive::u64 {
        ::iokit_uc::__private::scalar(self as ::core::primitive::u32)
    }
    #[inline]
    fn from_scalar(bits: ::core::primitive::u64) -> ::core::option::Option<Self> {
        let value = <::core::primitive::u32 as ::iokit_uc::__private::Scalar>::from_scalar(
            bits,
        )?;
        if value == Self::Off as ::core::primitive::u32 {
            return ::core::option::Option::Some(Self::Off);
        }
        if value == Self::On as ::core::primitive::u32 {
            return ::core::option::Option::Some(Self::On);
        }
        ::core::option::Option::None
    }
}
#[automatically_derived]
#[allow(deprecated)]
impl ::iokit_uc::__private::Output for Mode {
    const SCALARS: ::core::primitive::u32 = 1;
    const STRUCTURE: ::core::primitive::u32 = 0;
    type Buffer = ();
    #[inline]
    fn buffer() {}
    #[inline]
    fn bytes(_: &mut ()) -> &mut [::core::primitive::u8] {
        &mut []
    }
    #[inline]
    fn load(
        scalars: &mut ::iokit_uc::__private::Reader<'_>,
        _: (),
    ) -> ::core::result::Result<Self, ::iokit_uc::__private::BadScalar> {
        scalars.scalar()
    }
    #[inline]
    fn store(self, reply: &mut ::iokit_uc::__private::Writer<'_>) {
        reply.scalar(::iokit_uc::__private::scalar(self));
    }
}
#[automatically_derived]
#[allow(deprecated)]
impl ::renamed::__private::Scalar for Celsius {
    const NAME: &'static ::core::primitive::str = "Celsius";
    #[inline]
    fn to_scalar(self) -> ::core::primitive::u64 {
        <i16 as ::renamed::__private::Scalar>::to_scalar(self.0)
    }
    #[inline]
    fn from_scalar(bits: ::core::primitive::u64) -> ::core::option::Option<Self> {
        let value = <i16 as ::renamed::__private::Scalar>::from_scalar(bits)?;
        ::core::option::Option::Some(Self { 0: value })
    }
}
#[automatically_derived]
#[allow(deprecated)]
impl ::renamed::__private::Output for Celsius {
    const SCALARS: ::core::primitive::u32 = 1;
    const STRUCTURE: ::core::primitive::u32 = 0;
    type Buffer = ();
    #[inline]
    fn buffer() {}
    #[inline]
    fn bytes(_: &mut ()) -> &mut [::core::primitive::u8] {
        &mut []
    }
    #[inline]
    fn load(
        scalars: &mut ::renamed::__private::Reader<'_>,
        _: (),
    ) -> ::core::result::Result<Self, ::renamed::__private::BadScalar> {
        scalars.scalar()
    }
    #[inline]
    fn store(self, reply: &mut ::renamed::__private::Writer<'_>) {
        reply.scalar(::renamed::__private::scalar(self));
    }
}
