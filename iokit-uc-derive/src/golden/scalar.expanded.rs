#[allow(deprecated)]
const _: () = {
    use ::iokit_uc::__private as __uc;
    #[automatically_derived]
    impl __uc::Scalar for Mode {
        const NAME: &'static ::core::primitive::str = "Mode";
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
    #[automatically_derived]
    impl __uc::Scalar for Celsius {
        const NAME: &'static ::core::primitive::str = "Celsius";
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
