pub trait Driver {
    fn open(&self, mode: Mode) -> Result<()>;
    fn read(&self, position: u64) -> Result<Sample>;
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
        )] = &[("read", 1)];
        /// What [`Driver`] looks like to the kernel.
        pub const INTERFACE: &'static __uc::Interface = &__uc::Interface {
            name: "Driver",
            target: ::core::option::Option::Some(
                __uc::Target::Service("com_example_Driver"),
            ),
            connection_type: Self::__CONNECTION_TYPE,
            table: __uc::Table::Dispatch2022,
            entitlement: ::core::option::Option::None,
            locking: __uc::Locking::DEFAULT,
            methods: &[],
        };
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
    #[allow(unused_variables)]
    impl Driver for DriverClient {
        fn open(&self, mode: Mode) -> Result<()> {
            ::core::unreachable!()
        }
        fn read(&self, position: u64) -> Result<Sample> {
            ::core::unreachable!()
        }
    }
    #[automatically_derived]
    impl<__Driver: Driver + 'static> __uc::Serves<__Driver> for DriverClient {
        const INTERFACE: &'static __uc::Interface = Self::INTERFACE;
        const FUNCTIONS: &'static [__uc::Function<__Driver>] = &[];
    }
    const _: () = <Mode as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_output(<() as __uc::MethodResult>::COUNTS);
    const _: () = <u64 as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_output(<Sample as __uc::MethodResult>::COUNTS);
};
::core::compile_error! {
    "unknown `#[uc]` key `selektor`; did you mean `selector`? (expected one of `selector`, `entitlement`, `memory`, `queue`, `cache`)"
}
