#[allow(deprecated)]
const _: () = {
    use ::iokit_uc::__private as __uc;
    const __TYPE: &'static __uc::ScalarType = &__uc::ScalarType::enumeration(
        "Mode",
        "",
        <::core::primitive::u32 as __uc::Scalar>::TYPE,
        const {
            &[
                __uc::Variant::new("Off", "", Mode::Off as ::core::primitive::i128),
                __uc::Variant::new("On", "", Mode::On as ::core::primitive::i128),
            ]
        },
    );
    #[automatically_derived]
    impl __uc::Scalar for Mode {
        const TYPE: &'static __uc::ScalarType = __TYPE;
        #[inline]
        fn to_scalar(self) -> ::core::primitive::u64 {
            <::core::primitive::u32 as __uc::Scalar>::to_scalar(
                self as ::core::primitive::u32,
            )
        }
        #[inline]
        fn from_scalar(
            __uc_bits: ::core::primitive::u64,
        ) -> ::core::option::Option<Self> {
            let __uc_value = <::core::primitive::u32 as __uc::Scalar>::from_scalar(
                __uc_bits,
            )?;
            if __uc_value == Self::Off as ::core::primitive::u32 {
                return ::core::option::Option::Some(Self::Off);
            }
            if __uc_value == Self::On as ::core::primitive::u32 {
                return ::core::option::Option::Some(Self::On);
            }
            ::core::option::Option::None
        }
    }
    #[automatically_derived]
    impl __uc::Output for Mode {
        const SHAPE: __uc::OutputShape = __uc::OutputShape::scalar(__TYPE);
        type Buffer = ();
        #[inline]
        fn buffer() {}
        #[inline]
        fn bytes(_: &mut ()) -> &mut [::core::primitive::u8] {
            &mut []
        }
        #[inline]
        fn load(
            __uc_scalars: &mut __uc::Reader<'_>,
            _: (),
        ) -> ::core::result::Result<Self, __uc::BadScalar> {
            __uc_scalars.scalar()
        }
        #[inline]
        fn store(self, __uc_reply: &mut __uc::Writer<'_>) {
            __uc_reply.scalar(__uc::ScalarArgument::scalar(self));
        }
    }
};
#[allow(deprecated)]
const _: () = {
    use ::renamed::__private as __uc;
    const __TYPE: &'static __uc::ScalarType = &__uc::ScalarType::newtype(
        "Celsius",
        "",
        <i16 as __uc::Scalar>::TYPE,
    );
    #[automatically_derived]
    impl __uc::Scalar for Celsius {
        const TYPE: &'static __uc::ScalarType = __TYPE;
        #[inline]
        fn to_scalar(self) -> ::core::primitive::u64 {
            <i16 as __uc::Scalar>::to_scalar(self.0)
        }
        #[inline]
        fn from_scalar(
            __uc_bits: ::core::primitive::u64,
        ) -> ::core::option::Option<Self> {
            let __uc_value = <i16 as __uc::Scalar>::from_scalar(__uc_bits)?;
            ::core::option::Option::Some(Self { 0: __uc_value })
        }
    }
    #[automatically_derived]
    impl __uc::Output for Celsius {
        const SHAPE: __uc::OutputShape = __uc::OutputShape::scalar(__TYPE);
        type Buffer = ();
        #[inline]
        fn buffer() {}
        #[inline]
        fn bytes(_: &mut ()) -> &mut [::core::primitive::u8] {
            &mut []
        }
        #[inline]
        fn load(
            __uc_scalars: &mut __uc::Reader<'_>,
            _: (),
        ) -> ::core::result::Result<Self, __uc::BadScalar> {
            __uc_scalars.scalar()
        }
        #[inline]
        fn store(self, __uc_reply: &mut __uc::Writer<'_>) {
            __uc_reply.scalar(__uc::ScalarArgument::scalar(self));
        }
    }
};
