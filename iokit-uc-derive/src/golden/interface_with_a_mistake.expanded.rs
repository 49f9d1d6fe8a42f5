pub trait Driver {
    fn open(&self, mode: Mode) -> Result<()>;
    fn read(&self, position: u64) -> Result<Sample>;
    fn transfer(
        &self,
        bytes: u32,
    ) -> impl ::core::future::Future<Output = Result<u64>> + ::core::marker::Send;
}
/// Client of [`Driver`]: an open connection to its driver.
#[derive(::core::fmt::Debug)]
#[allow(dead_code)]
pub struct DriverClient {
    connection: ::iokit_uc::__private::Connection,
}
/// User client over a driver that implements [`Driver`].
#[allow(dead_code, deprecated)]
pub type DriverServer<T> = ::iokit_uc::__private::Server<DriverClient, T>;
#[allow(dead_code, deprecated, non_camel_case_types, non_snake_case)]
const _: () = {
    use ::iokit_uc::__private as __uc;
    impl DriverClient {
        const __CONNECTION_TYPE: ::core::primitive::u32 = 0;
        const __SELECTORS: &'static [(
            &'static ::core::primitive::str,
            ::core::primitive::u32,
        )] = &[("read", 1), ("transfer", 2)];
        const __PARAMETERS: &'static [&'static [__uc::Parameter]] = &[];
        const __DECLARATIONS: &'static [__uc::Declaration] = &[];
        const __METHODS: &'static [__uc::Method] = &__uc::methods::<
            { Self::__DECLARATIONS.len() },
        >("Driver", Self::__SELECTORS, Self::__PARAMETERS, Self::__DECLARATIONS);
        /// What [`Driver`] looks like to the kernel.
        pub const INTERFACE: &'static __uc::Interface = &__uc::interface(
            ("Driver", ""),
            __uc::Some(__uc::Target::Service("com_example_Driver")),
            Self::__CONNECTION_TYPE,
            __uc::Table::Dispatch2022,
            __uc::None,
            __uc::Locking::DEFAULT,
            (Self::__METHODS, &[]),
        );
    }
    const _: () = {
        fn connection() {}
        fn service() {}
        fn kernel() {}
        impl DriverClient {
            /// Speaks over a connection that is already open.
            pub fn new(connection: __uc::Connection) -> Self {
                Self { connection }
            }
            /// Opens a service.
            pub fn open(service: &__uc::Service) -> __uc::Result<Self> {
                __uc::Service::open(service, Self::__CONNECTION_TYPE).map(Self::new)
            }
            /// Finds the first service of the interface and opens it.
            pub fn open_first(kernel: &__uc::Kernel) -> __uc::Result<Self> {
                __uc::open_first(
                        kernel,
                        __uc::Target::Service("com_example_Driver"),
                        Self::__CONNECTION_TYPE,
                    )
                    .map(Self::new)
            }
        }
    };
    #[automatically_derived]
    impl ::core::convert::AsRef<__uc::Connection> for DriverClient {
        fn as_ref(&self) -> &__uc::Connection {
            &self.connection
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<DriverClient> for __uc::Connection {
        fn from(__uc_client: DriverClient) -> Self {
            __uc_client.connection
        }
    }
    #[allow(refining_impl_trait, unused_variables)]
    impl Driver for DriverClient {
        fn open(&self, mode: Mode) -> Result<()> {
            ::core::unreachable!()
        }
        fn read(&self, position: u64) -> Result<Sample> {
            ::core::unreachable!()
        }
        fn transfer(&self, bytes: u32) -> __uc::Completion<u64> {
            ::core::unreachable!()
        }
    }
    #[automatically_derived]
    impl<__Driver> __uc::Serves<__Driver> for DriverClient
    where
        __Driver: Driver + ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        const INTERFACE: &'static __uc::Interface = Self::INTERFACE;
        const FUNCTIONS: &'static [__uc::Function<__Driver>] = &[];
    }
    const _: () = <Mode as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_result(<() as __uc::MethodResult>::DECLARATION);
    const _: () = <u64 as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_result(<Sample as __uc::MethodResult>::DECLARATION);
    const _: () = <u32 as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_result(<u64 as __uc::CompletionResult>::DECLARATION);
};
::core::compile_error! {
    "unknown `#[uc]` key `selektor`; did you mean `selector`? (expected one of `selector`, `entitlement`, `memory`, `queue`, `cache`)"
}
