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
///Client of [`SimpleDriver`]: an open connection to its driver.
#[derive(::core::fmt::Debug)]
#[allow(dead_code)]
pub struct SimpleDriverClient {
    connection: ::iokit_uc::__private::Connection,
}
#[allow(dead_code)]
impl SimpleDriverClient {
    const CONNECTION_TYPE: ::core::primitive::u32 = 0;
    const NAMES: &'static [::iokit_uc::__private::MethodName] = &[
        ::iokit_uc::__private::MethodName {
            interface: "SimpleDriver",
            method: "open",
            selector: 0,
        },
        ::iokit_uc::__private::MethodName {
            interface: "SimpleDriver",
            method: "close",
            selector: 1,
        },
        ::iokit_uc::__private::MethodName {
            interface: "SimpleDriver",
            method: "scalar_i_struct_i",
            selector: 2,
        },
        ::iokit_uc::__private::MethodName {
            interface: "SimpleDriver",
            method: "scalar_i_struct_o",
            selector: 3,
        },
        ::iokit_uc::__private::MethodName {
            interface: "SimpleDriver",
            method: "scalar_i_scalar_o",
            selector: 4,
        },
        ::iokit_uc::__private::MethodName {
            interface: "SimpleDriver",
            method: "struct_i_struct_o",
            selector: 5,
        },
        ::iokit_uc::__private::MethodName {
            interface: "SimpleDriver",
            method: "transfer",
            selector: 6,
        },
        ::iokit_uc::__private::MethodName {
            interface: "SimpleDriver",
            method: "read_log",
            selector: 7,
        },
        ::iokit_uc::__private::MethodName {
            interface: "SimpleDriver",
            method: "whole_log",
            selector: 8,
        },
        ::iokit_uc::__private::MethodName {
            interface: "SimpleDriver",
            method: "unchecked",
            selector: 9,
        },
    ];
    /// Speaks over a connection that is already open.
    pub fn new(connection: ::iokit_uc::__private::Connection) -> Self {
        Self { connection }
    }
    /// Opens a service.
    pub fn open(
        service: &::iokit_uc::__private::Service,
    ) -> ::iokit_uc::__private::Result<Self> {
        ::iokit_uc::__private::Service::open(service, Self::CONNECTION_TYPE)
            .map(Self::new)
    }
    /// Finds the first service of the interface and opens it.
    pub fn open_first(
        kernel: &::iokit_uc::__private::Kernel,
    ) -> ::iokit_uc::__private::Result<Self> {
        ::iokit_uc::__private::open_first(
                kernel,
                ::iokit_uc::__private::Target::Service(
                    "com_apple_dts_driver_SimpleDriver",
                ),
                Self::CONNECTION_TYPE,
            )
            .map(Self::new)
    }
}
#[automatically_derived]
impl ::core::convert::AsRef<::iokit_uc::__private::Connection> for SimpleDriverClient {
    fn as_ref(&self) -> &::iokit_uc::__private::Connection {
        &self.connection
    }
}
#[automatically_derived]
impl ::core::convert::From<SimpleDriverClient> for ::iokit_uc::__private::Connection {
    fn from(client: SimpleDriverClient) -> Self {
        client.connection
    }
}
#[allow(dead_code)]
impl SimpleDriverClient
where
    for<'uc> (): ::iokit_uc::__private::Output,
    for<'uc> u32: ::iokit_uc::__private::Scalar,
    for<'uc> MySampleStruct: ::iokit_uc::__private::Structure,
    for<'uc> MySampleStruct: ::iokit_uc::__private::Output,
    for<'uc> u32: ::iokit_uc::__private::Output,
    for<'uc> (u32, u64): ::iokit_uc::__private::Output,
    for<'uc> u64: ::iokit_uc::__private::Scalar,
    for<'uc> Filter: ::iokit_uc::__private::Structure,
    for<'uc> LogEntry: ::iokit_uc::__private::Structure,
    for<'uc> Scalars: ::iokit_uc::__private::Output,
{
    ///What [`SimpleDriver`] looks like to the kernel.
    pub const INTERFACE: &'static ::iokit_uc::__private::Interface = &::iokit_uc::__private::Interface {
        name: "SimpleDriver",
        target: ::core::option::Option::Some(
            ::iokit_uc::__private::Target::Service("com_apple_dts_driver_SimpleDriver"),
        ),
        connection_type: Self::CONNECTION_TYPE,
        table: ::iokit_uc::__private::Table::Dispatch2022,
        entitlement: ::core::option::Option::None,
        locking: ::iokit_uc::__private::Locking::DEFAULT,
        methods: &[
            ::iokit_uc::__private::method::<()>(Self::NAMES[0], 0, 0),
            ::iokit_uc::__private::method::<()>(Self::NAMES[1], 0, 0),
            ::iokit_uc::__private::method::<
                (),
            >(
                Self::NAMES[2],
                1,
                ::iokit_uc::__private::structure_size::<MySampleStruct>(),
            ),
            ::iokit_uc::__private::method::<MySampleStruct>(Self::NAMES[3], 2, 0),
            ::iokit_uc::__private::method::<u32>(Self::NAMES[4], 2, 0),
            ::iokit_uc::__private::method::<
                MySampleStruct,
            >(
                Self::NAMES[5],
                0,
                ::iokit_uc::__private::structure_size::<MySampleStruct>(),
            ),
            ::iokit_uc::__private::entitled(
                ::iokit_uc::__private::method::<
                    (u32, u64),
                >(Self::NAMES[6], 0, ::iokit_uc::__private::VARIABLE),
                "com.example.transfer",
            ),
            ::iokit_uc::__private::method_variable(
                Self::NAMES[7],
                1,
                ::iokit_uc::__private::structure_size::<Filter>(),
            ),
            ::iokit_uc::__private::method_variable(Self::NAMES[8], 0, 0),
            ::iokit_uc::__private::method::<
                Scalars,
            >(Self::NAMES[9], ::iokit_uc::__private::VARIABLE, 0),
        ],
    };
}
#[automatically_derived]
#[allow(deprecated)]
impl SimpleDriver for SimpleDriverClient
where
    for<'uc> (): ::iokit_uc::__private::Output,
    for<'uc> u32: ::iokit_uc::__private::Scalar,
    for<'uc> MySampleStruct: ::iokit_uc::__private::Structure,
    for<'uc> MySampleStruct: ::iokit_uc::__private::Output,
    for<'uc> u32: ::iokit_uc::__private::Output,
    for<'uc> (u32, u64): ::iokit_uc::__private::Output,
    for<'uc> u64: ::iokit_uc::__private::Scalar,
    for<'uc> Filter: ::iokit_uc::__private::Structure,
    for<'uc> LogEntry: ::iokit_uc::__private::Structure,
    for<'uc> Scalars: ::iokit_uc::__private::Output,
{
    fn open(&self) -> Result<()> {
        ::iokit_uc::__private::call(
            &self.connection,
            const { &Self::INTERFACE.methods[0] },
            &[],
            &[],
        )
    }
    fn close(&self) -> Result<()> {
        ::iokit_uc::__private::call(
            &self.connection,
            const { &Self::INTERFACE.methods[1] },
            &[],
            &[],
        )
    }
    fn scalar_i_struct_i(&self, value: u32, sample: &MySampleStruct) -> Result<()> {
        ::iokit_uc::__private::call(
            &self.connection,
            const { &Self::INTERFACE.methods[2] },
            &[::iokit_uc::__private::scalar::<u32>(value)],
            ::iokit_uc::__private::structure(sample),
        )
    }
    fn scalar_i_struct_o(&self, a: u32, b: u32) -> Result<MySampleStruct> {
        ::iokit_uc::__private::call(
            &self.connection,
            const { &Self::INTERFACE.methods[3] },
            &[
                ::iokit_uc::__private::scalar::<u32>(a),
                ::iokit_uc::__private::scalar::<u32>(b),
            ],
            &[],
        )
    }
    fn scalar_i_scalar_o(&self, a: u32, b: u32) -> Result<u32> {
        ::iokit_uc::__private::call(
            &self.connection,
            const { &Self::INTERFACE.methods[4] },
            &[
                ::iokit_uc::__private::scalar::<u32>(a),
                ::iokit_uc::__private::scalar::<u32>(b),
            ],
            &[],
        )
    }
    fn struct_i_struct_o(&self, sample: &MySampleStruct) -> Result<MySampleStruct> {
        ::iokit_uc::__private::call(
            &self.connection,
            const { &Self::INTERFACE.methods[5] },
            &[],
            ::iokit_uc::__private::structure(sample),
        )
    }
    fn transfer(&self, samples: &[MySampleStruct]) -> Result<(u32, u64)> {
        ::iokit_uc::__private::call(
            &self.connection,
            const { &Self::INTERFACE.methods[6] },
            &[],
            ::iokit_uc::__private::slice::<MySampleStruct>(samples),
        )
    }
    fn read_log(
        &self,
        cursor: u64,
        filter: &Filter,
        out: &mut [LogEntry],
    ) -> Result<usize> {
        ::iokit_uc::__private::call_into(
            &self.connection,
            const { &Self::INTERFACE.methods[7] },
            &[::iokit_uc::__private::scalar::<u64>(cursor)],
            ::iokit_uc::__private::structure(filter),
            out,
        )
    }
    fn whole_log(&self) -> Result<Vec<LogEntry>> {
        ::iokit_uc::__private::call_variable(
            &self.connection,
            const { &Self::INTERFACE.methods[8] },
            &[],
            &[],
        )
    }
    fn unchecked(&self, values: Scalars) -> Result<Scalars> {
        ::iokit_uc::__private::call(
            &self.connection,
            const { &Self::INTERFACE.methods[9] },
            &values,
            &[],
        )
    }
}
///User client over a driver that implements [`SimpleDriver`].
#[allow(dead_code)]
pub type SimpleDriverServer<T> = ::iokit_uc::__private::Server<SimpleDriverClient, T>;
#[automatically_derived]
#[allow(deprecated)]
impl<__Driver: SimpleDriver + 'static> ::iokit_uc::__private::Serves<__Driver>
for SimpleDriverClient
where
    for<'uc> (): ::iokit_uc::__private::Output,
    for<'uc> u32: ::iokit_uc::__private::Scalar,
    for<'uc> MySampleStruct: ::iokit_uc::__private::Structure,
    for<'uc> MySampleStruct: ::iokit_uc::__private::Output,
    for<'uc> u32: ::iokit_uc::__private::Output,
    for<'uc> (u32, u64): ::iokit_uc::__private::Output,
    for<'uc> u64: ::iokit_uc::__private::Scalar,
    for<'uc> Filter: ::iokit_uc::__private::Structure,
    for<'uc> LogEntry: ::iokit_uc::__private::Structure,
    for<'uc> Scalars: ::iokit_uc::__private::Output,
{
    const INTERFACE: &'static ::iokit_uc::__private::Interface = Self::INTERFACE;
    const FUNCTIONS: &'static [::iokit_uc::__private::Function<__Driver>] = &[
        |driver, arguments| ::iokit_uc::__private::reply(
            arguments,
            <__Driver as SimpleDriver>::open(driver)?,
        ),
        |driver, arguments| ::iokit_uc::__private::reply(
            arguments,
            <__Driver as SimpleDriver>::close(driver)?,
        ),
        |driver, arguments| ::iokit_uc::__private::reply(
            arguments,
            <__Driver as SimpleDriver>::scalar_i_struct_i(
                driver,
                ::iokit_uc::__private::scalar_input::<u32>(arguments, 0)?,
                &*::iokit_uc::__private::structure_input::<MySampleStruct>(arguments)?,
            )?,
        ),
        |driver, arguments| ::iokit_uc::__private::reply(
            arguments,
            <__Driver as SimpleDriver>::scalar_i_struct_o(
                driver,
                ::iokit_uc::__private::scalar_input::<u32>(arguments, 0)?,
                ::iokit_uc::__private::scalar_input::<u32>(arguments, 1)?,
            )?,
        ),
        |driver, arguments| ::iokit_uc::__private::reply(
            arguments,
            <__Driver as SimpleDriver>::scalar_i_scalar_o(
                driver,
                ::iokit_uc::__private::scalar_input::<u32>(arguments, 0)?,
                ::iokit_uc::__private::scalar_input::<u32>(arguments, 1)?,
            )?,
        ),
        |driver, arguments| ::iokit_uc::__private::reply(
            arguments,
            <__Driver as SimpleDriver>::struct_i_struct_o(
                driver,
                &*::iokit_uc::__private::structure_input::<MySampleStruct>(arguments)?,
            )?,
        ),
        |driver, arguments| ::iokit_uc::__private::reply(
            arguments,
            <__Driver as SimpleDriver>::transfer(
                driver,
                &*::iokit_uc::__private::slice_input::<MySampleStruct>(arguments)?,
            )?,
        ),
        |driver, arguments| {
            let input_0 = ::iokit_uc::__private::scalar_input::<u64>(arguments, 0)?;
            let input_1 = &*::iokit_uc::__private::structure_input::<Filter>(arguments)?;
            ::iokit_uc::__private::reply_into(
                arguments,
                |out| <__Driver as SimpleDriver>::read_log(driver, input_0, input_1, out),
            )
        },
        |driver, arguments| ::iokit_uc::__private::reply_variable(
            arguments,
            <__Driver as SimpleDriver>::whole_log(driver)?,
        ),
        |driver, arguments| ::iokit_uc::__private::reply(
            arguments,
            <__Driver as SimpleDriver>::unchecked(
                driver,
                ::iokit_uc::__private::scalars_input(arguments)?,
            )?,
        ),
    ];
}
#[allow(deprecated)]
const _: () = {
    const _: () = ::iokit_uc::__private::assert_output::<()>();
    const _: () = ::iokit_uc::__private::assert_scalar::<u32>();
    const _: () = ::iokit_uc::__private::assert_structure::<MySampleStruct>();
    const _: () = ::iokit_uc::__private::assert_output::<MySampleStruct>();
    const _: () = ::iokit_uc::__private::assert_output::<u32>();
    const _: () = ::iokit_uc::__private::assert_output::<(u32, u64)>();
    const _: () = ::iokit_uc::__private::assert_scalar::<u64>();
    const _: () = ::iokit_uc::__private::assert_structure::<Filter>();
    const _: () = ::iokit_uc::__private::assert_structure::<LogEntry>();
    const _: () = ::iokit_uc::__private::assert_output::<Scalars>();
};
