pub(crate) trait Driver: Send + Sync {
    fn open(&self) -> Result<()>;
    #[cfg(feature = "log")]
    #[deprecated]
    fn read_log(&self, cursor: u32) -> Result<LogEntry>;
    fn close(&self) -> Result<()>;
}
/// Client of [`Driver`]: an open connection to its driver.
#[derive(::core::fmt::Debug)]
#[allow(dead_code)]
pub(crate) struct Client {
    connection: ::renamed::__private::Connection,
}
/// User client over a driver that implements [`Driver`].
#[allow(dead_code, deprecated)]
pub(crate) type Server<T> = ::renamed::__private::Server<Client, T>;
#[allow(dead_code, deprecated, non_camel_case_types, non_snake_case)]
const _: () = {
    use ::renamed::__private as __uc;
    enum __Position {
        open,
        #[cfg(feature = "log")]
        read_log,
        close,
    }
    impl Client {
        const __CONNECTION_TYPE: ::core::primitive::u32 = TYPE;
        const __SELECTORS: &'static [(
            &'static ::core::primitive::str,
            ::core::primitive::u32,
        )] = &[
            ("open", selectors::OPEN),
            #[cfg(feature = "log")]
            ("read_log", 1),
            ("close", 2),
        ];
        const __PARAMETERS: &'static [&'static [__uc::Parameter]] = &[
            &[],
            #[cfg(feature = "log")]
            &[__uc::parameter("cursor", <u32 as __uc::ScalarArgument>::ONE)],
            &[],
        ];
        const __DECLARATIONS: &'static [__uc::Declaration] = &[
            <() as __uc::MethodResult>::DECLARATION,
            #[cfg(feature = "log")]
            <LogEntry as __uc::MethodResult>::DECLARATION,
            <() as __uc::MethodResult>::DECLARATION,
        ];
        const __METHODS: &'static [__uc::Method] = &__uc::methods::<
            { Self::__DECLARATIONS.len() },
        >("Driver", Self::__SELECTORS, Self::__PARAMETERS, Self::__DECLARATIONS);
        /// What [`Driver`] looks like to the kernel.
        pub(crate) const INTERFACE: &'static __uc::Interface = &__uc::interface(
            ("Driver", ""),
            __uc::Some(__uc::Target::Name("driver")),
            Self::__CONNECTION_TYPE,
            __uc::Table::Legacy,
            __uc::Some("com.example.driver"),
            __uc::Locking {
                set_properties: false,
                single_thread: true,
                ..__uc::Locking::DEFAULT
            },
            (Self::__METHODS, &[]),
        );
    }
    const _: () = {
        fn connection() {}
        fn service() {}
        fn kernel() {}
        impl Client {
            /// Speaks over a connection that is already open.
            pub(crate) fn new(connection: __uc::Connection) -> Self {
                Self { connection }
            }
            /// Opens a service.
            pub(crate) fn open(service: &__uc::Service) -> __uc::Result<Self> {
                __uc::Service::open(service, Self::__CONNECTION_TYPE).map(Self::new)
            }
            /// Finds the first service of the interface and opens it.
            pub(crate) fn open_first(kernel: &__uc::Kernel) -> __uc::Result<Self> {
                __uc::open_first(
                        kernel,
                        __uc::Target::Name("driver"),
                        Self::__CONNECTION_TYPE,
                    )
                    .map(Self::new)
            }
        }
    };
    #[automatically_derived]
    impl ::core::convert::AsRef<__uc::Connection> for Client {
        fn as_ref(&self) -> &__uc::Connection {
            &self.connection
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<Client> for __uc::Connection {
        fn from(__uc_client: Client) -> Self {
            __uc_client.connection
        }
    }
    #[automatically_derived]
    #[allow(refining_impl_trait)]
    impl Driver for Client {
        #[inline]
        fn open(&self) -> Result<()> {
            <_ as __uc::Returned>::of(
                <() as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE
                        .methods[__Position::open as ::core::primitive::usize],
                    &[],
                    &[],
                ),
            )
        }
        #[cfg(feature = "log")]
        #[inline]
        fn read_log(&self, cursor: u32) -> Result<LogEntry> {
            <_ as __uc::Returned>::of(
                <LogEntry as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE
                        .methods[__Position::read_log as ::core::primitive::usize],
                    &[<u32 as __uc::ScalarArgument>::scalar(cursor)],
                    &[],
                ),
            )
        }
        #[inline]
        fn close(&self) -> Result<()> {
            <_ as __uc::Returned>::of(
                <() as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE
                        .methods[__Position::close as ::core::primitive::usize],
                    &[],
                    &[],
                ),
            )
        }
    }
    #[automatically_derived]
    impl<__Driver> __uc::Serves<__Driver> for Client
    where
        __Driver: Driver + ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        const INTERFACE: &'static __uc::Interface = Self::INTERFACE;
        const FUNCTIONS: &'static [__uc::Function<__Driver>] = &[
            |__uc_driver, __uc_call| <() as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(<__Driver as Driver>::open(__uc_driver))?,
                __uc_call,
            ),
            #[cfg(feature = "log")]
            |__uc_driver, __uc_call| <LogEntry as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(
                    <__Driver as Driver>::read_log(
                        __uc_driver,
                        <u32 as __uc::ScalarArgument>::input(__uc_call, 0)?,
                    ),
                )?,
                __uc_call,
            ),
            |__uc_driver, __uc_call| <() as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(<__Driver as Driver>::close(__uc_driver))?,
                __uc_call,
            ),
        ];
    }
    const _: () = __uc::assert_result(<() as __uc::MethodResult>::DECLARATION);
    #[cfg(feature = "log")]
    const _: () = <u32 as __uc::ScalarArgument>::CROSSES;
    #[cfg(feature = "log")]
    const _: () = __uc::assert_result(<LogEntry as __uc::MethodResult>::DECLARATION);
    const _: () = __uc::assert_legacy(0, false, <() as __uc::MethodResult>::DECLARATION);
    #[cfg(feature = "log")]
    const _: () = __uc::assert_legacy(
        1,
        false,
        <LogEntry as __uc::MethodResult>::DECLARATION,
    );
    const _: () = __uc::assert_legacy(0, false, <() as __uc::MethodResult>::DECLARATION);
    #[cfg(feature = "log")]
    const _: () = __uc::assert_unique_selector(
        Client::__SELECTORS,
        __Position::read_log as ::core::primitive::usize,
    );
    const _: () = __uc::assert_unique_selector(
        Client::__SELECTORS,
        __Position::close as ::core::primitive::usize,
    );
};
