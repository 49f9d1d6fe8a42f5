/// Apple's SimpleUserClient sample, with the shapes that it does not use.
pub trait SimpleDriver {
    /// Opens the driver for exclusive use.
    fn open(&self) -> Result<()>;
    fn close(&self) -> Result<()>;
    fn scalar_i_struct_i(&self, value: u32, sample: &MySampleStruct) -> Result<()>;
    fn scalar_i_struct_o(&self, a: u32, b: u32) -> Result<MySampleStruct>;
    fn scalar_i_scalar_o(&self, a: u32, b: u32) -> Result<u32>;
    fn struct_i_struct_o(&self, sample: &MySampleStruct) -> Result<MySampleStruct>;
    fn transfer(&self, samples: &[MySampleStruct]) -> Result<(u32, u64)>;
    /// Fills `out` from `cursor` on; returns how many entries were written.
    fn read_log(
        &self,
        cursor: u64,
        filter: &Filter,
        out: &mut [LogEntry],
    ) -> Result<usize>;
    fn whole_log(&self) -> Result<Vec<LogEntry>>;
    fn unchecked(&self, values: Scalars) -> Result<Scalars>;
}
/// Client of [`SimpleDriver`]: an open connection to its driver.
#[derive(::core::fmt::Debug)]
#[allow(dead_code)]
pub struct SimpleDriverClient {
    connection: ::iokit_uc::__private::Connection,
}
/// User client over a driver that implements [`SimpleDriver`].
#[allow(dead_code)]
pub type SimpleDriverServer<T> = ::iokit_uc::__private::Server<SimpleDriverClient, T>;
#[allow(dead_code, deprecated, non_camel_case_types)]
const _: () = {
    use ::iokit_uc::__private as __uc;
    impl SimpleDriverClient {
        const CONNECTION_TYPE: ::core::primitive::u32 = 0;
        const SELECTORS: &'static [(
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
        ];
        /// What [`SimpleDriver`] looks like to the kernel.
        pub const INTERFACE: &'static __uc::Interface = &__uc::Interface {
            name: "SimpleDriver",
            target: ::core::option::Option::Some(
                __uc::Target::Service("com_apple_dts_driver_SimpleDriver"),
            ),
            connection_type: Self::CONNECTION_TYPE,
            table: __uc::Table::Dispatch2022,
            entitlement: ::core::option::Option::None,
            locking: __uc::Locking::DEFAULT,
            methods: &[
                __uc::method(
                    "SimpleDriver",
                    Self::SELECTORS[0],
                    (0, 0),
                    <() as __uc::MethodResult>::COUNTS,
                ),
                __uc::method(
                    "SimpleDriver",
                    Self::SELECTORS[1],
                    (0, 0),
                    <() as __uc::MethodResult>::COUNTS,
                ),
                __uc::method(
                    "SimpleDriver",
                    Self::SELECTORS[2],
                    (1, <MySampleStruct as __uc::StructureArgument>::SIZE),
                    <() as __uc::MethodResult>::COUNTS,
                ),
                __uc::method(
                    "SimpleDriver",
                    Self::SELECTORS[3],
                    (2, 0),
                    <MySampleStruct as __uc::MethodResult>::COUNTS,
                ),
                __uc::method(
                    "SimpleDriver",
                    Self::SELECTORS[4],
                    (2, 0),
                    <u32 as __uc::MethodResult>::COUNTS,
                ),
                __uc::method(
                    "SimpleDriver",
                    Self::SELECTORS[5],
                    (0, <MySampleStruct as __uc::StructureArgument>::SIZE),
                    <MySampleStruct as __uc::MethodResult>::COUNTS,
                ),
                __uc::entitled(
                    __uc::method(
                        "SimpleDriver",
                        Self::SELECTORS[6],
                        (0, __uc::VARIABLE),
                        <(u32, u64) as __uc::MethodResult>::COUNTS,
                    ),
                    "com.example.transfer",
                ),
                __uc::method(
                    "SimpleDriver",
                    Self::SELECTORS[7],
                    (1, <Filter as __uc::StructureArgument>::SIZE),
                    (0, __uc::VARIABLE),
                ),
                __uc::method(
                    "SimpleDriver",
                    Self::SELECTORS[8],
                    (0, 0),
                    (0, __uc::VARIABLE),
                ),
                __uc::method(
                    "SimpleDriver",
                    Self::SELECTORS[9],
                    (__uc::VARIABLE, 0),
                    <Scalars as __uc::MethodResult>::COUNTS,
                ),
            ],
        };
        /// Speaks over a connection that is already open.
        pub fn new(connection: __uc::Connection) -> Self {
            Self { connection }
        }
        /// Opens a service.
        pub fn open(service: &__uc::Service) -> __uc::Result<Self> {
            __uc::Service::open(service, Self::CONNECTION_TYPE).map(Self::new)
        }
        /// Finds the first service of the interface and opens it.
        pub fn open_first(kernel: &__uc::Kernel) -> __uc::Result<Self> {
            __uc::open_first(
                    kernel,
                    __uc::Target::Service("com_apple_dts_driver_SimpleDriver"),
                    Self::CONNECTION_TYPE,
                )
                .map(Self::new)
        }
    }
    #[automatically_derived]
    impl ::core::convert::AsRef<__uc::Connection> for SimpleDriverClient {
        fn as_ref(&self) -> &__uc::Connection {
            &self.connection
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<SimpleDriverClient> for __uc::Connection {
        fn from(client: SimpleDriverClient) -> Self {
            client.connection
        }
    }
    #[automatically_derived]
    impl SimpleDriver for SimpleDriverClient {
        #[inline]
        fn open(&self) -> Result<()> {
            <() as __uc::MethodResult>::call(
                &self.connection,
                &Self::INTERFACE.methods[0],
                &[],
                &[],
            )
        }
        #[inline]
        fn close(&self) -> Result<()> {
            <() as __uc::MethodResult>::call(
                &self.connection,
                &Self::INTERFACE.methods[1],
                &[],
                &[],
            )
        }
        #[inline]
        fn scalar_i_struct_i(&self, value: u32, sample: &MySampleStruct) -> Result<()> {
            <() as __uc::MethodResult>::call(
                &self.connection,
                &Self::INTERFACE.methods[2],
                &[<u32 as __uc::ScalarArgument>::scalar(value)],
                <MySampleStruct as __uc::StructureArgument>::bytes(sample),
            )
        }
        #[inline]
        fn scalar_i_struct_o(&self, a: u32, b: u32) -> Result<MySampleStruct> {
            <MySampleStruct as __uc::MethodResult>::call(
                &self.connection,
                &Self::INTERFACE.methods[3],
                &[
                    <u32 as __uc::ScalarArgument>::scalar(a),
                    <u32 as __uc::ScalarArgument>::scalar(b),
                ],
                &[],
            )
        }
        #[inline]
        fn scalar_i_scalar_o(&self, a: u32, b: u32) -> Result<u32> {
            <u32 as __uc::MethodResult>::call(
                &self.connection,
                &Self::INTERFACE.methods[4],
                &[
                    <u32 as __uc::ScalarArgument>::scalar(a),
                    <u32 as __uc::ScalarArgument>::scalar(b),
                ],
                &[],
            )
        }
        #[inline]
        fn struct_i_struct_o(&self, sample: &MySampleStruct) -> Result<MySampleStruct> {
            <MySampleStruct as __uc::MethodResult>::call(
                &self.connection,
                &Self::INTERFACE.methods[5],
                &[],
                <MySampleStruct as __uc::StructureArgument>::bytes(sample),
            )
        }
        #[inline]
        fn transfer(&self, samples: &[MySampleStruct]) -> Result<(u32, u64)> {
            <(
                u32,
                u64,
            ) as __uc::MethodResult>::call(
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
            <LogEntry as __uc::StructureArgument>::call_into(
                &self.connection,
                &Self::INTERFACE.methods[7],
                &[<u64 as __uc::ScalarArgument>::scalar(cursor)],
                <Filter as __uc::StructureArgument>::bytes(filter),
                out,
            )
        }
        #[inline]
        fn whole_log(&self) -> Result<Vec<LogEntry>> {
            <LogEntry as __uc::StructureArgument>::call_variable(
                &self.connection,
                &Self::INTERFACE.methods[8],
                &[],
                &[],
            )
        }
        #[inline]
        fn unchecked(&self, values: Scalars) -> Result<Scalars> {
            <Scalars as __uc::MethodResult>::call(
                &self.connection,
                &Self::INTERFACE.methods[9],
                &values,
                &[],
            )
        }
    }
    #[automatically_derived]
    impl<__Driver: SimpleDriver + 'static> __uc::Serves<__Driver>
    for SimpleDriverClient {
        const INTERFACE: &'static __uc::Interface = Self::INTERFACE;
        const FUNCTIONS: &'static [__uc::Function<__Driver>] = &[
            |driver, arguments| <() as __uc::MethodResult>::reply(
                <__Driver as SimpleDriver>::open(driver)?,
                arguments,
            ),
            |driver, arguments| <() as __uc::MethodResult>::reply(
                <__Driver as SimpleDriver>::close(driver)?,
                arguments,
            ),
            |driver, arguments| <() as __uc::MethodResult>::reply(
                <__Driver as SimpleDriver>::scalar_i_struct_i(
                    driver,
                    <u32 as __uc::ScalarArgument>::input(arguments, 0)?,
                    &*<MySampleStruct as __uc::StructureArgument>::input(arguments)?,
                )?,
                arguments,
            ),
            |driver, arguments| <MySampleStruct as __uc::MethodResult>::reply(
                <__Driver as SimpleDriver>::scalar_i_struct_o(
                    driver,
                    <u32 as __uc::ScalarArgument>::input(arguments, 0)?,
                    <u32 as __uc::ScalarArgument>::input(arguments, 1)?,
                )?,
                arguments,
            ),
            |driver, arguments| <u32 as __uc::MethodResult>::reply(
                <__Driver as SimpleDriver>::scalar_i_scalar_o(
                    driver,
                    <u32 as __uc::ScalarArgument>::input(arguments, 0)?,
                    <u32 as __uc::ScalarArgument>::input(arguments, 1)?,
                )?,
                arguments,
            ),
            |driver, arguments| <MySampleStruct as __uc::MethodResult>::reply(
                <__Driver as SimpleDriver>::struct_i_struct_o(
                    driver,
                    &*<MySampleStruct as __uc::StructureArgument>::input(arguments)?,
                )?,
                arguments,
            ),
            |driver, arguments| <(
                u32,
                u64,
            ) as __uc::MethodResult>::reply(
                <__Driver as SimpleDriver>::transfer(
                    driver,
                    &*<MySampleStruct as __uc::StructureArgument>::slice_input(
                        arguments,
                    )?,
                )?,
                arguments,
            ),
            |driver, arguments| {
                let input_0 = <u64 as __uc::ScalarArgument>::input(arguments, 0)?;
                let input_1 = &*<Filter as __uc::StructureArgument>::input(arguments)?;
                <LogEntry as __uc::StructureArgument>::reply_into(
                    arguments,
                    |out| <__Driver as SimpleDriver>::read_log(
                        driver,
                        input_0,
                        input_1,
                        out,
                    ),
                )
            },
            |driver, arguments| <LogEntry as __uc::StructureArgument>::reply_variable(
                arguments,
                <__Driver as SimpleDriver>::whole_log(driver)?,
            ),
            |driver, arguments| <Scalars as __uc::MethodResult>::reply(
                <__Driver as SimpleDriver>::unchecked(
                    driver,
                    __uc::scalars_input(arguments)?,
                )?,
                arguments,
            ),
        ];
    }
    const _: () = __uc::assert_output(<() as __uc::MethodResult>::COUNTS);
    const _: () = <u32 as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_structure(
        <MySampleStruct as __uc::StructureArgument>::SIZE,
    );
    const _: () = __uc::assert_output(<MySampleStruct as __uc::MethodResult>::COUNTS);
    const _: () = __uc::assert_output(<u32 as __uc::MethodResult>::COUNTS);
    const _: () = __uc::assert_output(<(u32, u64) as __uc::MethodResult>::COUNTS);
    const _: () = <u64 as __uc::ScalarArgument>::CROSSES;
    const _: () = __uc::assert_structure(<Filter as __uc::StructureArgument>::SIZE);
    const _: () = __uc::assert_structure(<LogEntry as __uc::StructureArgument>::SIZE);
    const _: () = __uc::assert_output(<Scalars as __uc::MethodResult>::COUNTS);
};
