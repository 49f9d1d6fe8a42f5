pub(crate) trait Driver: Send + Sync {
    fn open(&self) -> Result<()>;
    #[cfg(feature = "log")]
    #[deprecated]
    fn read_log(&self, cursor: u32) -> Result<LogEntry>;
    fn close(&self) -> Result<()>;
}
///Client of [`Driver`]: an open connection to its driver.
#[derive(::core::fmt::Debug)]
#[allow(dead_code)]
pub(crate) struct Client {
    connection: ::renamed::__private::Connection,
}
#[allow(dead_code, non_camel_case_types)]
enum __DriverPosition {
    open,
    #[cfg(feature = "log")]
    read_log,
    close,
}
#[allow(dead_code)]
impl Client {
    const CONNECTION_TYPE: ::core::primitive::u32 = TYPE;
    const NAMES: &'static [::renamed::__private::MethodName] = &[
        ::renamed::__private::MethodName {
            interface: "Driver",
            method: "open",
            selector: selectors::OPEN,
        },
        #[cfg(feature = "log")]
        ::renamed::__private::MethodName {
            interface: "Driver",
            method: "read_log",
            selector: 1,
        },
        ::renamed::__private::MethodName {
            interface: "Driver",
            method: "close",
            selector: 2,
        },
    ];
    /// Speaks over a connection that is already open.
    pub(crate) fn new(connection: ::renamed::__private::Connection) -> Self {
        Self { connection }
    }
    /// Opens a service.
    pub(crate) fn open(
        service: &::renamed::__private::Service,
    ) -> ::renamed::__private::Result<Self> {
        ::renamed::__private::Service::open(service, Self::CONNECTION_TYPE)
            .map(Self::new)
    }
    /// Finds the first service of the interface and opens it.
    pub(crate) fn open_first(
        kernel: &::renamed::__private::Kernel,
    ) -> ::renamed::__private::Result<Self> {
        ::renamed::__private::open_first(
                kernel,
                ::renamed::__private::Target::Name("driver"),
                Self::CONNECTION_TYPE,
            )
            .map(Self::new)
    }
}
#[automatically_derived]
impl ::core::convert::AsRef<::renamed::__private::Connection> for Client {
    fn as_ref(&self) -> &::renamed::__private::Connection {
        &self.connection
    }
}
#[automatically_derived]
impl ::core::convert::From<Client> for ::renamed::__private::Connection {
    fn from(client: Client) -> Self {
        client.connection
    }
}
#[allow(dead_code)]
impl Client
where
    for<'uc> (): ::renamed::__private::Output,
{
    ///What [`Driver`] looks like to the kernel.
    pub(crate) const INTERFACE: &'static ::renamed::__private::Interface = &::renamed::__private::Interface {
        name: "Driver",
        target: ::core::option::Option::Some(
            ::renamed::__private::Target::Name("driver"),
        ),
        connection_type: Self::CONNECTION_TYPE,
        table: ::renamed::__private::Table::Legacy,
        entitlement: ::core::option::Option::Some("com.example.driver"),
        locking: ::renamed::__private::Locking {
            set_properties: false,
            single_thread: true,
            ..::renamed::__private::Locking::DEFAULT
        },
        methods: &[
            ::renamed::__private::method::<
                (),
            >(Self::NAMES[__DriverPosition::open as ::core::primitive::usize], 0, 0),
            #[cfg(feature = "log")]
            ::renamed::__private::method::<
                LogEntry,
            >(Self::NAMES[__DriverPosition::read_log as ::core::primitive::usize], 1, 0),
            ::renamed::__private::method::<
                (),
            >(Self::NAMES[__DriverPosition::close as ::core::primitive::usize], 0, 0),
        ],
    };
}
#[automatically_derived]
#[allow(deprecated)]
impl Driver for Client
where
    for<'uc> (): ::renamed::__private::Output,
{
    fn open(&self) -> Result<()> {
        ::renamed::__private::call(
            &self.connection,
            const {
                &Self::INTERFACE
                    .methods[__DriverPosition::open as ::core::primitive::usize]
            },
            &[],
            &[],
        )
    }
    #[cfg(feature = "log")]
    fn read_log(&self, cursor: u32) -> Result<LogEntry> {
        ::renamed::__private::call(
            &self.connection,
            const {
                &Self::INTERFACE
                    .methods[__DriverPosition::read_log as ::core::primitive::usize]
            },
            &[::renamed::__private::scalar::<u32>(cursor)],
            &[],
        )
    }
    fn close(&self) -> Result<()> {
        ::renamed::__private::call(
            &self.connection,
            const {
                &Self::INTERFACE
                    .methods[__DriverPosition::close as ::core::primitive::usize]
            },
            &[],
            &[],
        )
    }
}
///User client over a driver that implements [`Driver`].
#[allow(dead_code)]
pub(crate) type Server<T> = ::renamed::__private::Server<Client, T>;
#[automatically_derived]
#[allow(deprecated)]
impl<__Driver: Driver + 'static> ::renamed::__private::Serves<__Driver> for Client
where
    for<'uc> (): ::renamed::__private::Output,
{
    const INTERFACE: &'static ::renamed::__private::Interface = Self::INTERFACE;
    const FUNCTIONS: &'static [::renamed::__private::Function<__Driver>] = &[
        |driver, arguments| ::renamed::__private::reply(
            arguments,
            <__Driver as Driver>::open(driver)?,
        ),
        #[cfg(feature = "log")]
        |driver, arguments| ::renamed::__private::reply(
            arguments,
            <__Driver as Driver>::read_log(
                driver,
                ::renamed::__private::scalar_input::<u32>(arguments, 0)?,
            )?,
        ),
        |driver, arguments| ::renamed::__private::reply(
            arguments,
            <__Driver as Driver>::close(driver)?,
        ),
    ];
}
#[allow(deprecated)]
const _: () = {
    #[cfg(feature = "log")]
    const _: () = ::renamed::__private::assert_scalar::<u32>();
    const _: () = ::renamed::__private::assert_legacy::<()>(0, false);
    #[cfg(feature = "log")]
    const _: () = ::renamed::__private::assert_legacy::<LogEntry>(1, false);
    const _: () = ::renamed::__private::assert_legacy::<()>(0, false);
    #[cfg(feature = "log")]
    const _: () = ::renamed::__private::assert_unique_selector(
        Client::NAMES,
        __DriverPosition::read_log as ::core::primitive::usize,
    );
    const _: () = ::renamed::__private::assert_unique_selector(
        Client::NAMES,
        __DriverPosition::close as ::core::primitive::usize,
    );
};
