/// Apple's SimpleUserClient sample, with the shapes that it does not use.
pub trait SimpleDriver {
    /// Opens the driver for exclusive use.
    fn open(&self) -> Result<()>;
    fn close(&self) -> Result<()>;
    fn scalar_i_struct_i(&self, value: u32, sample: &MySampleStruct) -> Result<()>;
    fn scalar_i_struct_o(&self, a: u32, b: u32) -> Result<MySampleStruct>;
    fn scalar_i_scalar_o(&self, a: u32, b: u32) -> Result<u32>;
    fn struct_i_struct_o(&self, sample: &MySampleStruct) -> Result<MySampleStruct>;
    fn transfer(
        &self,
        samples: &[MySampleStruct],
    ) -> impl ::core::future::Future<Output = Result<(u32, u64)>> + ::core::marker::Send;
    /// Fills `out` from `cursor` on; returns how many entries were written.
    fn read_log(
        &self,
        cursor: u64,
        filter: &Filter,
        out: &mut [LogEntry],
    ) -> Result<usize>;
    fn whole_log(&self) -> Result<Vec<LogEntry>>;
    fn unchecked(&self, values: Scalars) -> Result<Scalars>;
    /// Completes when the device is in another mode.
    fn change_mode(
        &self,
        mode: Mode,
        sample: &MySampleStruct,
    ) -> impl ::core::future::Future<Output = Result<()>> + ::core::marker::Send;
    fn watch(&self, mask: u32) -> Result<(MySampleStruct, Completions<(u64, u64, u64)>)>;
}
/// Client of [`SimpleDriver`]: an open connection to its driver.
#[derive(::core::fmt::Debug)]
#[allow(dead_code)]
pub struct SimpleDriverClient {
    connection: ::iokit_uc::__private::Connection,
}
/// User client over a driver that implements [`SimpleDriver`].
#[allow(dead_code, deprecated)]
pub type SimpleDriverServer<T> = ::iokit_uc::__private::Server<SimpleDriverClient, T>;
#[allow(dead_code, deprecated, non_camel_case_types, non_snake_case)]
const _: () = {
    use ::iokit_uc::__private as __uc;
    impl SimpleDriverClient {
        const __CONNECTION_TYPE: ::core::primitive::u32 = 0;
        const __SELECTORS: &'static [(
            &'static ::core::primitive::str,
            ::core::primitive::u32,
        )] = &[
            ("open", 0),
            ("close", 1),
            ("scalar_i_struct_i", 2),
            ("scalar_i_struct_o", 3),
            ("scalar_i_scalar_o", 4),
            ("struct_i_struct_o", 5),
            ("transfer", 6),
            ("read_log", 7),
            ("whole_log", 8),
            ("unchecked", 9),
            ("change_mode", 10),
            ("watch", 11),
        ];
        const __PARAMETERS: &'static [&'static [__uc::Parameter]] = &[
            &[],
            &[],
            &[
                __uc::parameter("value", <u32 as __uc::ScalarArgument>::ONE),
                __uc::parameter(
                    "sample",
                    <MySampleStruct as __uc::StructureArgument>::ONE,
                ),
            ],
            &[
                __uc::parameter("a", <u32 as __uc::ScalarArgument>::ONE),
                __uc::parameter("b", <u32 as __uc::ScalarArgument>::ONE),
            ],
            &[
                __uc::parameter("a", <u32 as __uc::ScalarArgument>::ONE),
                __uc::parameter("b", <u32 as __uc::ScalarArgument>::ONE),
            ],
            &[
                __uc::parameter(
                    "sample",
                    <MySampleStruct as __uc::StructureArgument>::ONE,
                ),
            ],
            &[
                __uc::parameter(
                    "samples",
                    <MySampleStruct as __uc::StructureArgument>::SLICE,
                ),
            ],
            &[
                __uc::parameter("cursor", <u64 as __uc::ScalarArgument>::ONE),
                __uc::parameter("filter", <Filter as __uc::StructureArgument>::ONE),
                __uc::parameter("out", <LogEntry as __uc::StructureArgument>::BUFFER),
            ],
            &[],
            &[__uc::parameter("values", __uc::ParameterKind::Scalars)],
            &[
                __uc::parameter("mode", <Mode as __uc::ScalarArgument>::ONE),
                __uc::parameter(
                    "sample",
                    <MySampleStruct as __uc::StructureArgument>::ONE,
                ),
            ],
            &[__uc::parameter("mask", <u32 as __uc::ScalarArgument>::ONE)],
        ];
        const __DECLARATIONS: &'static [__uc::Declaration] = &[
            <() as __uc::MethodResult>::DECLARATION
                .documented(" Opens the driver for exclusive use."),
            <() as __uc::MethodResult>::DECLARATION,
            <() as __uc::MethodResult>::DECLARATION,
            <MySampleStruct as __uc::MethodResult>::DECLARATION,
            <u32 as __uc::MethodResult>::DECLARATION,
            <MySampleStruct as __uc::MethodResult>::DECLARATION,
            <(u32, u64) as __uc::CompletionResult>::DECLARATION
                .entitled("com.example.transfer"),
            __uc::Declaration::FILLED
                .documented(
                    " Fills `out` from `cursor` on; returns how many entries were written.",
                ),
            <LogEntry as __uc::StructureArgument>::VECTOR,
            <Scalars as __uc::MethodResult>::DECLARATION,
            <() as __uc::CompletionResult>::DECLARATION
                .documented(" Completes when the device is in another mode."),
            <(
                MySampleStruct,
                Completions<(u64, u64, u64)>,
            ) as __uc::MethodResult>::DECLARATION,
        ];
        const __METHODS: &'static [__uc::Method] = &__uc::methods::<
            { Self::__DECLARATIONS.len() },
        >("SimpleDriver", Self::__SELECTORS, Self::__PARAMETERS, Self::__DECLARATIONS);
        /// What [`SimpleDriver`] looks like to the kernel.
        pub const INTERFACE: &'static __uc::Interface = &__uc::interface(
            (
                "SimpleDriver",
                " Apple's SimpleUserClient sample, with the shapes that it does not use.",
            ),
            __uc::Some(__uc::Target::Service("com_apple_dts_driver_SimpleDriver")),
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
        impl SimpleDriverClient {
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
                        __uc::Target::Service("com_apple_dts_driver_SimpleDriver"),
                        Self::__CONNECTION_TYPE,
                    )
                    .map(Self::new)
            }
        }
    };
    #[automatically_derived]
    impl ::core::convert::AsRef<__uc::Connection> for SimpleDriverClient {
        fn as_ref(&self) -> &__uc::Connection {
            &self.connection
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<SimpleDriverClient> for __uc::Connection {
        fn from(__uc_client: SimpleDriverClient) -> Self {
            __uc_client.connection
        }
    }
    #[automatically_derived]
    #[allow(refining_impl_trait)]
    impl SimpleDriver for SimpleDriverClient {
        #[inline]
        fn open(&self) -> Result<()> {
            <_ as __uc::Returned>::of(
                <() as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE.methods[0],
                    &[],
                    &[],
                ),
            )
        }
        #[inline]
        fn close(&self) -> Result<()> {
            <_ as __uc::Returned>::of(
                <() as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE.methods[1],
                    &[],
                    &[],
                ),
            )
        }
        #[inline]
        fn scalar_i_struct_i(&self, value: u32, sample: &MySampleStruct) -> Result<()> {
            <_ as __uc::Returned>::of(
                <() as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE.methods[2],
                    &[<u32 as __uc::ScalarArgument>::scalar(value)],
                    <MySampleStruct as __uc::StructureArgument>::bytes(sample),
                ),
            )
        }
        #[inline]
        fn scalar_i_struct_o(&self, a: u32, b: u32) -> Result<MySampleStruct> {
            <_ as __uc::Returned>::of(
                <MySampleStruct as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE.methods[3],
                    &[
                        <u32 as __uc::ScalarArgument>::scalar(a),
                        <u32 as __uc::ScalarArgument>::scalar(b),
                    ],
                    &[],
                ),
            )
        }
        #[inline]
        fn scalar_i_scalar_o(&self, a: u32, b: u32) -> Result<u32> {
            <_ as __uc::Returned>::of(
                <u32 as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE.methods[4],
                    &[
                        <u32 as __uc::ScalarArgument>::scalar(a),
                        <u32 as __uc::ScalarArgument>::scalar(b),
                    ],
                    &[],
                ),
            )
        }
        #[inline]
        fn struct_i_struct_o(&self, sample: &MySampleStruct) -> Result<MySampleStruct> {
            <_ as __uc::Returned>::of(
                <MySampleStruct as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE.methods[5],
                    &[],
                    <MySampleStruct as __uc::StructureArgument>::bytes(sample),
                ),
            )
        }
        #[inline]
        fn transfer(&self, samples: &[MySampleStruct]) -> __uc::Completion<(u32, u64)> {
            <(
                u32,
                u64,
            ) as __uc::CompletionResult>::call(
                &self.connection,
                &Self::INTERFACE.methods[6],
                &[],
                <MySampleStruct as __uc::StructureArgument>::slice_bytes(samples),
            )
        }
        #[inline]
        fn read_log(
            &self,
            cursor: u64,
            filter: &Filter,
            out: &mut [LogEntry],
        ) -> Result<usize> {
            <_ as __uc::Returned>::of(
                <LogEntry as __uc::StructureArgument>::call_into(
                    &self.connection,
                    &Self::INTERFACE.methods[7],
                    &[<u64 as __uc::ScalarArgument>::scalar(cursor)],
                    <Filter as __uc::StructureArgument>::bytes(filter),
                    out,
                ),
            )
        }
        #[inline]
        fn whole_log(&self) -> Result<Vec<LogEntry>> {
            <_ as __uc::Returned>::of(
                <LogEntry as __uc::StructureArgument>::call_variable(
                    &self.connection,
                    &Self::INTERFACE.methods[8],
                    &[],
                    &[],
                ),
            )
        }
        #[inline]
        fn unchecked(&self, values: Scalars) -> Result<Scalars> {
            <_ as __uc::Returned>::of(
                <Scalars as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE.methods[9],
                    &values,
                    &[],
                ),
            )
        }
        #[inline]
        fn change_mode(
            &self,
            mode: Mode,
            sample: &MySampleStruct,
        ) -> __uc::Completion<()> {
            <() as __uc::CompletionResult>::call(
                &self.connection,
                &Self::INTERFACE.methods[10],
                &[<Mode as __uc::ScalarArgument>::scalar(mode)],
                <MySampleStruct as __uc::StructureArgument>::bytes(sample),
            )
        }
        #[inline]
        fn watch(
            &self,
            mask: u32,
        ) -> Result<(MySampleStruct, Completions<(u64, u64, u64)>)> {
            <_ as __uc::Returned>::of(
                <(
                    MySampleStruct,
                    Completions<(u64, u64, u64)>,
                ) as __uc::MethodResult>::call(
                    &self.connection,
                    &Self::INTERFACE.methods[11],
                    &[<u32 as __uc::ScalarArgument>::scalar(mask)],
                    &[],
                ),
            )
        }
    }
    #[automatically_derived]
    impl<__Driver> __uc::Serves<__Driver> for SimpleDriverClient
    where
        __Driver: SimpleDriver + ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        const INTERFACE: &'static __uc::Interface = Self::INTERFACE;
        const FUNCTIONS: &'static [__uc::Function<__Driver>] = &[
            |__uc_driver, __uc_call| <() as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(
                    <__Driver as SimpleDriver>::open(__uc_driver),
                )?,
                __uc_call,
            ),
            |__uc_driver, __uc_call| <() as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(
                    <__Driver as SimpleDriver>::close(__uc_driver),
                )?,
                __uc_call,
            ),
            |__uc_driver, __uc_call| <() as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(
                    <__Driver as SimpleDriver>::scalar_i_struct_i(
                        __uc_driver,
                        <u32 as __uc::ScalarArgument>::input(__uc_call, 0)?,
                        &*<MySampleStruct as __uc::StructureArgument>::input(__uc_call)?,
                    ),
                )?,
                __uc_call,
            ),
            |__uc_driver, __uc_call| <MySampleStruct as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(
                    <__Driver as SimpleDriver>::scalar_i_struct_o(
                        __uc_driver,
                        <u32 as __uc::ScalarArgument>::input(__uc_call, 0)?,
                        <u32 as __uc::ScalarArgument>::input(__uc_call, 1)?,
                    ),
                )?,
                __uc_call,
            ),
            |__uc_driver, __uc_call| <u32 as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(
                    <__Driver as SimpleDriver>::scalar_i_scalar_o(
                        __uc_driver,
                        <u32 as __uc::ScalarArgument>::input(__uc_call, 0)?,
                        <u32 as __uc::ScalarArgument>::input(__uc_call, 1)?,
                    ),
                )?,
                __uc_call,
            ),
            |__uc_driver, __uc_call| <MySampleStruct as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(
                    <__Driver as SimpleDriver>::struct_i_struct_o(
                        __uc_driver,
                        &*<MySampleStruct as __uc::StructureArgument>::input(__uc_call)?,
                    ),
                )?,
                __uc_call,
            ),
            |__uc_driver, __uc_call| {
                let __uc_input_0 = <MySampleStruct as __uc::StructureArgument>::owned_slice_input(
                    __uc_call,
                )?;
                let __uc_driver = ::core::clone::Clone::clone(__uc_driver);
                <(
                    u32,
                    u64,
                ) as __uc::CompletionResult>::complete(
                    __uc_call,
                    async move {
                        <_ as __uc::Returned>::result(
                            <__Driver as SimpleDriver>::transfer(
                                    &__uc_driver,
                                    &__uc_input_0,
                                )
                                .await,
                        )
                    },
                )
            },
            |__uc_driver, __uc_call| {
                let __uc_input_0 = <u64 as __uc::ScalarArgument>::input(__uc_call, 0)?;
                let __uc_input_1 = <Filter as __uc::StructureArgument>::input(
                    __uc_call,
                )?;
                <LogEntry as __uc::StructureArgument>::reply_into(
                    __uc_call,
                    |__uc_out| <_ as __uc::Returned>::result(
                        <__Driver as SimpleDriver>::read_log(
                            __uc_driver,
                            __uc_input_0,
                            &*__uc_input_1,
                            __uc_out,
                        ),
                    ),
                )
            },
            |__uc_driver, __uc_call| <LogEntry as __uc::StructureArgument>::reply_variable(
                __uc_call,
                <_ as __uc::Returned>::result(
                    <__Driver as SimpleDriver>::whole_log(__uc_driver),
                )?,
            ),
            |__uc_driver, __uc_call| <Scalars as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(
                    <__Driver as SimpleDriver>::unchecked(
                        __uc_driver,
                        __uc::scalars_input(__uc_call)?,
                    ),
                )?,
                __uc_call,
            ),
            |__uc_driver, __uc_call| {
                let __uc_input_0 = <Mode as __uc::ScalarArgument>::input(__uc_call, 0)?;
                let __uc_input_1 = <MySampleStruct as __uc::StructureArgument>::owned_input(
                    __uc_call,
                )?;
                let __uc_driver = ::core::clone::Clone::clone(__uc_driver);
                <() as __uc::CompletionResult>::complete(
                    __uc_call,
                    async move {
                        <_ as __uc::Returned>::result(
                            <__Driver as SimpleDriver>::change_mode(
                                    &__uc_driver,
                                    __uc_input_0,
                                    &__uc_input_1,
                                )
                                .await,
                        )
                    },
                )
            },
            |__uc_driver, __uc_call| <(
                MySampleStruct,
                Completions<(u64, u64, u64)>,
            ) as __uc::MethodResult>::reply(
                <_ as __uc::Returned>::result(
                    <__Driver as SimpleDriver>::watch(
                        __uc_driver,
                        <u32 as __uc::ScalarArgument>::input(__uc_call, 0)?,
                    ),
                )?,
                __uc_call,
            ),
        ];
    }
    const _: () = __uc::assert_result(<() as __uc::MethodResult>::DECLARATION);
    const _: () = <u32 as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_structure(
        <MySampleStruct as __uc::StructureArgument>::SIZE,
    );
    const _: () = __uc::assert_result(
        <MySampleStruct as __uc::MethodResult>::DECLARATION,
    );
    const _: () = __uc::assert_result(<u32 as __uc::MethodResult>::DECLARATION);
    const _: () = __uc::assert_result(
        <(u32, u64) as __uc::CompletionResult>::DECLARATION,
    );
    const _: () = <u64 as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_structure(<Filter as __uc::StructureArgument>::SIZE);
    const _: () = __uc::assert_structure(<LogEntry as __uc::StructureArgument>::SIZE);
    const _: () = __uc::assert_result(<Scalars as __uc::MethodResult>::DECLARATION);
    const _: () = <Mode as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_result(<() as __uc::CompletionResult>::DECLARATION);
    const _: () = __uc::assert_result(
        <(
            MySampleStruct,
            Completions<(u64, u64, u64)>,
        ) as __uc::MethodResult>::DECLARATION,
    );
};
