pub trait Driver {
    fn open(&self, mode: Mode) -> Result<()>;
    fn read(&self, position: u64) -> Result<Sample>;
}
///Client of [`Driver`]: an open connection to its driver.
#[derive(::core::fmt::Debug)]
#[allow(dead_code)]
pub struct DriverClient {
    connection: ::iokit_uc::__private::Connection,
}
#[allow(dead_code)]
impl DriverClient {
    const CONNECTION_TYPE: ::core::primitive::u32 = 0;
    const NAMES: &'static [::iokit_uc::__private::MethodName] = &[
        ::iokit_uc::__private::MethodName {
            interface: "Driver",
            method: "read",
            selector: 1,
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
                ::iokit_uc::__private::Target::Service("com_example_Driver"),
                Self::CONNECTION_TYPE,
            )
            .map(Self::new)
    }
}
#[automatically_derived]
impl ::core::convert::AsRef<::iokit_uc::__private::Connection> for DriverClient {
    fn as_ref(&self) -> &::iokit_uc::__private::Connection {
        &self.connection
    }
}
#[automatically_derived]
impl ::core::convert::From<DriverClient> for ::iokit_uc::__private::Connection {
    fn from(client: DriverClient) -> Self {
        client.connection
    }
}
#[allow(dead_code)]
impl DriverClient {
    ///What [`Driver`] looks like to the kernel.
    pub const INTERFACE: &'static ::iokit_uc::__private::Interface = &::iokit_uc::__private::Interface {
        name: "Driver",
        target: ::core::option::Option::Some(
            ::iokit_uc::__private::Target::Service("com_example_Driver"),
        ),
        connection_type: Self::CONNECTION_TYPE,
        table: ::iokit_uc::__private::Table::Dispatch2022,
        entitlement: ::core::option::Option::None,
        locking: ::iokit_uc::__private::Locking::DEFAULT,
        methods: &[],
    };
}
#[allow(deprecated, unused_variables)]
impl Driver for DriverClient {
    fn open(&self, mode: Mode) -> Result<()> {
        ::core::unreachable!()
    }
    fn read(&self, position: u64) -> Result<Sample> {
        ::core::unreachable!()
    }
}
///User client over a driver that implements [`Driver`].
#[allow(dead_code)]
pub type DriverServer<T> = ::iokit_uc::__private::Server<DriverClient, T>;
#[automatically_derived]
#[allow(deprecated)]
impl<__Driver: Driver + 'static> ::iokit_uc::__private::Serves<__Driver>
for DriverClient {
    const INTERFACE: &'static ::iokit_uc::__private::Interface = Self::INTERFACE;
    const FUNCTIONS: &'static [::iokit_uc::__private::Function<__Driver>] = &[];
}
#[allow(deprecated)]
const _: () = {
    const _: () = ::iokit_uc::__private::assert_scalar::<Mode>();
    const _: () = ::iokit_uc::__private::assert_output::<()>();
    const _: () = ::iokit_uc::__private::assert_scalar::<u64>();
    const _: () = ::iokit_uc::__private::assert_output::<Sample>();
};
::core::compile_error! {
    "unknown `#[uc]` key `selektor`; did you mean `selector`? (expected one of `selector`, `entitlement`, `memory`, `queue`, `cache`)"
}
