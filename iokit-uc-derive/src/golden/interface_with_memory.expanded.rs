/// A display with registers of its own.
pub trait Display {
    fn enable(&self, on: bool) -> Result<()>;
    /// What the device is controlled by.
    fn registers(&self) -> Result<Mapping<Registers>>;
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
    #[cfg(feature = "palette")]
    fn palette(&self) -> Result<Mapping<[Color], ReadOnlyAccess>>;
    /// What has happened.
    fn events(&self) -> Result<DataQueue<Event>>;
}
/// Client of [`Display`]: an open connection to its driver.
#[derive(::core::fmt::Debug)]
#[allow(dead_code)]
pub struct DisplayClient {
    connection: ::iokit_uc::__private::Connection,
}
/// User client over a driver that implements [`Display`].
#[allow(dead_code, deprecated)]
pub type DisplayServer<T> = ::iokit_uc::__private::Server<DisplayClient, T>;
#[allow(dead_code, deprecated, non_camel_case_types, non_snake_case)]
const _: () = {
    use ::iokit_uc::__private as __uc;
    enum __MemoryPosition {
        registers,
        framebuffer,
        #[cfg(feature = "palette")]
        palette,
        events,
    }
    impl DisplayClient {
        const __CONNECTION_TYPE: ::core::primitive::u32 = 0;
        const __SELECTORS: &'static [(
            &'static ::core::primitive::str,
            ::core::primitive::u32,
        )] = &[("enable", 0)];
        const __MEMORY_TYPES: &'static [(
            &'static ::core::primitive::str,
            ::core::primitive::u32,
        )] = &[
            ("registers", 0),
            ("framebuffer", FRAMEBUFFER),
            #[cfg(feature = "palette")]
            ("palette", 3),
            ("events", 2),
        ];
        const __PARAMETERS: &'static [&'static [__uc::Parameter]] = &[
            &[__uc::parameter("on", <bool as __uc::ScalarArgument>::ONE)],
        ];
        const __DECLARATIONS: &'static [__uc::Declaration] = &[
            <() as __uc::MethodResult>::DECLARATION,
        ];
        const __METHODS: &'static [__uc::Method] = &__uc::methods::<
            { Self::__DECLARATIONS.len() },
        >("Display", Self::__SELECTORS, Self::__PARAMETERS, Self::__DECLARATIONS);
        const __MEMORY: &'static [__uc::Memory] = &__uc::memory::<
            { Self::__MEMORY_TYPES.len() },
        >(
            "Display",
            Self::__MEMORY_TYPES,
            &[
                <Mapping<Registers> as __uc::MemoryResult>::DECLARATION
                    .documented(" What the device is controlled by.")
                    .cached(__uc::CacheMode::Inhibit),
                <Mapping<[u8]> as __uc::MemoryResult>::DECLARATION
                    .cached(__uc::CacheMode::WriteCombine),
                #[cfg(feature = "palette")]
                <Mapping<[Color], ReadOnlyAccess> as __uc::MemoryResult>::DECLARATION,
                <DataQueue<Event> as __uc::QueueResult>::DECLARATION
                    .documented(" What has happened."),
            ],
        );
        /// What [`Display`] looks like to the kernel.
        pub const INTERFACE: &'static __uc::Interface = &__uc::interface(
            ("Display", " A display with registers of its own."),
            __uc::Some(__uc::Target::Service("com_example_Display")),
            Self::__CONNECTION_TYPE,
            __uc::Table::Dispatch2022,
            __uc::None,
            __uc::Locking::DEFAULT,
            (Self::__METHODS, Self::__MEMORY),
        );
    }
    const _: () = {
        fn connection() {}
        fn service() {}
        fn kernel() {}
        impl DisplayClient {
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
                        __uc::Target::Service("com_example_Display"),
                        Self::__CONNECTION_TYPE,
                    )
                    .map(Self::new)
            }
        }
    };
    #[automatically_derived]
    impl ::core::convert::AsRef<__uc::Connection> for DisplayClient {
        fn as_ref(&self) -> &__uc::Connection {
            &self.connection
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<DisplayClient> for __uc::Connection {
        fn from(__uc_client: DisplayClient) -> Self {
            __uc_client.connection
        }
    }
    #[automatically_derived]
    #[allow(refining_impl_trait)]
    impl Display for DisplayClient {
        #[inline]
        fn enable(&self, on: bool) -> Result<()> {
            <_ as __uc::Returned>::of(
                <() as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE.methods[0],
                    &[<bool as __uc::ScalarArgument>::scalar(on)],
                    &[],
                ),
            )
        }
        #[inline]
        fn registers(&self) -> Result<Mapping<Registers>> {
            <_ as __uc::Returned>::of(
                <Mapping<
                    Registers,
                > as __uc::MemoryResult>::open(
                    &self.connection,
                    &Self::INTERFACE
                        .memory[__MemoryPosition::registers as ::core::primitive::usize],
                ),
            )
        }
        #[inline]
        fn framebuffer(&self) -> Result<Mapping<[u8]>> {
            <_ as __uc::Returned>::of(
                <Mapping<
                    [u8],
                > as __uc::MemoryResult>::open(
                    &self.connection,
                    &Self::INTERFACE
                        .memory[__MemoryPosition::framebuffer
                        as ::core::primitive::usize],
                ),
            )
        }
        #[cfg(feature = "palette")]
        #[inline]
        fn palette(&self) -> Result<Mapping<[Color], ReadOnlyAccess>> {
            <_ as __uc::Returned>::of(
                <Mapping<
                    [Color],
                    ReadOnlyAccess,
                > as __uc::MemoryResult>::open(
                    &self.connection,
                    &Self::INTERFACE
                        .memory[__MemoryPosition::palette as ::core::primitive::usize],
                ),
            )
        }
        #[inline]
        fn events(&self) -> Result<DataQueue<Event>> {
            <_ as __uc::Returned>::of(
                <DataQueue<
                    Event,
                > as __uc::QueueResult>::open(
                    &self.connection,
                    &Self::INTERFACE
                        .memory[__MemoryPosition::events as ::core::primitive::usize],
                ),
            )
        }
    }
    #[automatically_derived]
    impl<__Driver> __uc::Serves<__Driver> for DisplayClient
    where
        __Driver: Display + ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        const INTERFACE: &'static __uc::Interface = Self::INTERFACE;
        const FUNCTIONS: &'static [__uc::Function<__Driver>] = &[
            |__uc_driver, __uc_call| <() as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(
                    <__Driver as Display>::enable(
                        __uc_driver,
                        <bool as __uc::ScalarArgument>::input(__uc_call, 0)?,
                    ),
                )?,
                __uc_call,
            ),
        ];
        const MEMORY: &'static [__uc::MemoryFunction<__Driver>] = &[
            |__uc_driver| <Mapping<
                Registers,
            > as __uc::MemoryResult>::serve(
                <_ as __uc::Returned>::result(
                    <__Driver as Display>::registers(__uc_driver),
                )?,
            ),
            |__uc_driver| <Mapping<
                [u8],
            > as __uc::MemoryResult>::serve(
                <_ as __uc::Returned>::result(
                    <__Driver as Display>::framebuffer(__uc_driver),
                )?,
            ),
            #[cfg(feature = "palette")]
            |__uc_driver| <Mapping<
                [Color],
                ReadOnlyAccess,
            > as __uc::MemoryResult>::serve(
                <_ as __uc::Returned>::result(
                    <__Driver as Display>::palette(__uc_driver),
                )?,
            ),
            |__uc_driver| <DataQueue<
                Event,
            > as __uc::QueueResult>::serve(
                <_ as __uc::Returned>::result(
                    <__Driver as Display>::events(__uc_driver),
                )?,
            ),
        ];
    }
    const _: () = <bool as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_result(<() as __uc::MethodResult>::DECLARATION);
    const _: () = __uc::assert_content(
        <Mapping<Registers> as __uc::MemoryResult>::DECLARATION,
    );
    const _: () = __uc::assert_content(
        <Mapping<[u8]> as __uc::MemoryResult>::DECLARATION,
    );
    #[cfg(feature = "palette")]
    const _: () = __uc::assert_content(
        <Mapping<[Color], ReadOnlyAccess> as __uc::MemoryResult>::DECLARATION,
    );
    const _: () = __uc::assert_content(
        <DataQueue<Event> as __uc::QueueResult>::DECLARATION,
    );
    const _: () = __uc::assert_unique_memory_type(
        DisplayClient::__MEMORY_TYPES,
        __MemoryPosition::framebuffer as ::core::primitive::usize,
    );
    #[cfg(feature = "palette")]
    const _: () = __uc::assert_unique_memory_type(
        DisplayClient::__MEMORY_TYPES,
        __MemoryPosition::palette as ::core::primitive::usize,
    );
    const _: () = __uc::assert_unique_memory_type(
        DisplayClient::__MEMORY_TYPES,
        __MemoryPosition::events as ::core::primitive::usize,
    );
};
