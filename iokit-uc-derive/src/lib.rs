//! The macros of `iokit-uc`. Use them through that crate, which documents the traits they implement.

mod attr;
mod docs;
mod errors;
mod expand;
#[cfg(test)]
mod golden;
mod model;
mod parse;
mod scalar;
mod structure;
mod syntax;
mod validate;

use proc_macro::TokenStream;

/// Makes a client and a server of a trait that describes what goes over the wire to a driver's user client.
///
/// The trait stays as it is, without `#[uc]`. Beside it stand
///
/// - `{Trait}Client`, a [`Connection`] that implements the trait by calling the driver: `new`, `open`, with a service to
///   look for `open_first`, and the interface as data, `INTERFACE`: an [`Interface`], of which [`c_header`] is the header
///   for the driver's author, and [`assert_abi`] a test that notices when it changes. It is `AsRef<Connection>` and
///   `Into<Connection>`: through the former it does what a connection does besides, through the latter it is closed by
///   hand, with the result of closing, where dropping it closes without one;
/// - `{Trait}Server<T>`, a [`Server`] of a driver `T` that implements the trait, for the simulated kernel.
///
/// So code that takes `&impl Trait` runs on the bare driver, through a simulated kernel, and through a real one.
///
/// ```
/// use iokit_uc::{Connection, Result, Structure, user_client};
///
/// #[derive(Clone, Copy, Structure)]
/// #[repr(C)]
/// pub struct Sample {
///     pub field1: u64,
///     pub field2: u64,
/// }
///
/// /// A driver that adds and remembers.
/// #[user_client(service = "com_example_Driver")]
/// pub trait Example {
///     /// The sum of two numbers.
///     #[uc(selector = 0)]
///     fn add(&self, a: u32, b: u32) -> Result<u32>;
///     /// Fills `out` with samples from `cursor` on; returns how many there were.
///     #[uc(selector = 1, entitlement = "com.example.samples")]
///     fn samples(&self, cursor: u64, out: &mut [Sample]) -> Result<usize>;
/// }
///
/// struct Driver;
///
/// impl Example for Driver {
///     fn add(&self, a: u32, b: u32) -> Result<u32> {
///         Ok(a + b)
///     }
///     fn samples(&self, _: u64, _: &mut [Sample]) -> Result<usize> {
///         Ok(0)
///     }
/// }
///
/// fn five(example: &impl Example) -> Result<u32> {
///     example.add(2, 3)
/// }
///
/// fn five_from_the_kernel(connection: Connection) -> Result<u32> {
///     five(&ExampleClient::new(connection))
/// }
///
/// assert_eq!(five(&Driver)?, 5);
/// # Ok::<(), iokit_uc::Error>(())
/// ```
///
/// # Methods
///
/// A method takes `&self`, has no type parameters, and returns [`Result`]. **By value is a scalar, by reference is a
/// structure:**
///
/// | in the trait | on the wire |
/// |---|---|
/// | `value: u32` | a scalar input: an integer of fixed width, `bool`, or a type with `#[derive(Scalar)]`; at most 16 |
/// | `values: Scalars` | all scalar inputs, 0 to 16 of them, not checked by the table |
/// | `sample: &T` | the structure input, of a type with `#[derive(Structure)]`; at most one |
/// | `samples: &[T]` | the structure input, of any length |
/// | `out: &mut [T]`, `-> Result<usize>` | the structure output, into the caller's buffer; the number of elements written |
/// | `-> Result<T>` | `()`, a scalar, a structure, or a tuple of at most 16 scalars and one structure, in any order |
/// | `-> Result<Scalars>` | as many scalars as the driver returns, at most 16 |
/// | `-> Result<Vec<T>>` | variable output: as many elements as the driver has (`kIOConnectMethodVarOutputSize`) |
/// | `async fn`, `-> Result<T>` | an asynchronous call, whose completion carries `()`, a scalar, a tuple of at most 16, or `Scalars` |
/// | `-> Result<Completions<T>>` | an asynchronous call with any number of completions, each of them such a `T` |
/// | `-> Result<(R, Completions<T>)>` | the same, where the call itself answers with `R`, which is any result above without a `Vec` |
///
/// `Result`, `Vec`, `Scalars` and `usize` are recognised by name; what a type crosses as is decided by the traits that it
/// implements, so aliases work. A structure of more than 4096 bytes travels out of line, which neither side sees.
///
/// # Asynchronous methods
///
/// An `async fn` completes once. In the trait it becomes `fn … -> impl Future<Output = Result<T>> + Send`, which a driver
/// implements by an `async fn` of its own. Its future crosses threads, so the driver is `Sync`, and holds nothing across
/// an `.await` that is not `Send`. There is no `dyn` of such a trait.
///
/// - The client makes the call (`IOConnectCallAsyncMethod`) when the method is called, not when the future is first
///   polled. Its methods return [`Completion`], which is a future, and waits without an executor too:
///   `client.transfer(512).wait()`. If the call fails, the completion has its error already.
/// - The driver's future is polled by the simulated kernel, on its own thread, and completes with `sendAsyncResult64`.
///   That thread polls every driver's futures, so one that blocks holds up all of them. A future's inputs are copies of the
///   caller's, since it outlives the call. It is dropped when the user client stops.
///
/// A method that completes many times is no `async fn`: the call returns at once, with a [`Completions`], which is a
/// stream, and can be iterated over. A driver makes it by [`completions()`], and keeps the other end.
///
/// A caller without a wake port gets `kIOReturnBadArgument` from either kind, and the driver does not hear of it. A
/// legacy table has neither.
///
/// ```
/// use iokit_uc::sim::{Machine, Nub};
/// use iokit_uc::{CompletionSender, Completions, IoReturn, Result, completions, user_client};
/// use std::sync::Mutex;
///
/// /// A drive with a thermometer.
/// #[user_client(service = "com_example_Drive")]
/// pub trait Drive {
///     /// Reads some bytes; completes with how many there were.
///     #[uc(selector = 0)]
///     async fn read(&self, bytes: u32) -> Result<u32>;
///     /// The temperature now, and from now on every other.
///     #[uc(selector = 1)]
///     fn temperatures(&self) -> Result<(i32, Completions<i32>)>;
/// }
///
/// #[derive(Default)]
/// struct Model {
///     watchers: Mutex<Vec<CompletionSender<i32>>>,
/// }
///
/// impl Drive for Model {
///     async fn read(&self, bytes: u32) -> Result<u32> {
///         for watcher in &*self.watchers.lock().unwrap() {
///             watcher.send(40)?;
///         }
///         if bytes == 0 { Err(IoReturn::BAD_ARGUMENT.into()) } else { Ok(bytes.min(512)) }
///     }
///     fn temperatures(&self) -> Result<(i32, Completions<i32>)> {
///         let (watcher, temperatures) = completions();
///         self.watchers.lock().unwrap().push(watcher);
///         Ok((20, temperatures))
///     }
/// }
///
/// let machine = Machine::new();
/// machine.publish(Nub::new("com_example_Drive").driver(DriveServer::new(Model::default())));
///
/// let drive = DriveClient::open_first(&machine.task("client").kernel())?;
/// let (now, mut temperatures) = drive.temperatures()?;
/// let (first, second) = (drive.read(4096), drive.read(0));
/// assert_eq!(second.wait().unwrap_err().code(), IoReturn::BAD_ARGUMENT);
/// assert_eq!(first.wait(), Ok(512));
/// assert_eq!((now, temperatures.wait()), (20, Some(Ok(40))));
///
/// // On either side of the trait, under any executor:
/// async fn read_twice(drive: &impl Drive) -> Result<u32> {
///     Ok(drive.read(1).await? + drive.read(2).await?)
/// }
/// assert_eq!(pollster::block_on(read_twice(&drive)), Ok(3));
/// assert_eq!(pollster::block_on(read_twice(&Model::default())), Ok(3));
/// # Ok::<(), iokit_uc::Error>(())
/// ```
///
/// # Keys
///
/// Of the trait, all optional:
///
/// | key | meaning |
/// |---|---|
/// | `service = "…"` | the class that services are found by (`IOServiceMatching`) |
/// | `name = "…"` | the name that services are found by instead (`IOServiceNameMatching`) |
/// | `type = 0` | `type` of `IOServiceOpen`, a `u32` |
/// | `table = Dispatch2022` | how the driver finds the function of a selector: [`Dispatch2022`], [`Classic`] or [`Legacy`] |
/// | `entitlement = "…"` | `IOUserClientEntitlements`: what a task needs in order to open the service |
/// | `default_locking = true`, `set_properties_locking = true`, `single_thread = false` | the driver's [`Locking`] |
/// | `client = Ident`, `server = Ident` | other names for what is made |
/// | `crate = ::path` | where this crate is, if not at `::iokit_uc` |
///
/// Of a method, in `#[uc(…)]`: `selector = N`, a literal or a constant, which no other method may have, and
/// `entitlement = "…"`, what a task needs in order to call it. `memory`, `queue` and `cache` are reserved.
///
/// `#[cfg]` on a method holds for everything that is made of it. Lint levels, `#[deprecated]` and `#[doc(hidden)]` on the
/// trait hold for the client and the server too. The macro needs edition 2018 or later.
///
/// [`Completion`]: struct.Completion.html
/// [`Completions`]: struct.Completions.html
/// [`completions()`]: fn.completions.html
/// [`Connection`]: struct.Connection.html
/// [`Server`]: interface/struct.Server.html
/// [`Interface`]: interface/struct.Interface.html
/// [`c_header`]: interface/struct.Interface.html#method.c_header
/// [`assert_abi`]: interface/struct.Interface.html#method.assert_abi
/// [`Result`]: type.Result.html
/// [`Dispatch2022`]: interface/enum.Table.html#variant.Dispatch2022
/// [`Classic`]: interface/enum.Table.html#variant.Classic
/// [`Legacy`]: interface/enum.Table.html#variant.Legacy
/// [`Locking`]: interface/struct.Locking.html
#[proc_macro_attribute]
pub fn user_client(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::user_client(arguments.into(), item.into()).into()
}

/// Makes a struct a structure that external methods take and return.
///
/// The struct is `#[repr(C)]` or `#[repr(transparent)]`, `Clone` and `Copy`, has no parameters and no padding, and all its
/// fields are structures themselves: numbers of fixed width, arrays of structures, or structs with this derive. Where C
/// leaves holes, declare them: `_pad: [u8; 4]`. `#[repr(C, packed)]` is allowed.
///
/// The struct becomes [`bytemuck::Pod`](https://docs.rs/bytemuck/1/bytemuck/trait.Pod.html) too, by `unsafe impl`s whose
/// conditions rustc checks where the struct stands. A crate with `#![forbid(unsafe_code)]` may use the derive: the lint
/// does not look into what macros of other crates write.
///
/// `#[structure(crate = ::path)]` says where this crate is, if not at `::iokit_uc`.
///
/// ```
/// use iokit_uc::Structure;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Structure)]
/// #[repr(C)]
/// pub struct Version {
///     pub major: u8,
///     pub minor: u8,
///     pub release: u16,
///     _reserved: [u8; 4],
///     pub address: u64,
/// }
///
/// assert_eq!(Version::LAYOUT.size(), 16);
/// ```
///
/// Padding does not compile:
///
/// ```compile_fail
/// #[derive(Clone, Copy, iokit_uc::Structure)]
/// #[repr(C)]
/// pub struct Version {
///     pub major: u8,
///     pub address: u64,
/// }
/// ```
#[proc_macro_derive(Structure, attributes(structure))]
pub fn derive_structure(item: TokenStream) -> TokenStream {
    structure::derive(item.into()).into()
}

/// Makes an enum or a newtype a scalar that external methods take and return.
///
/// The enum has variants without fields and an integer `repr` of fixed width, such as `#[repr(u32)]`. A scalar from the
/// other side that is the number of no variant is an error: `kIOReturnBadArgument` for the caller of a driver, an
/// [`Error`](struct.Error.html) that tells the number for the caller of a client. The newtype has one field that is a
/// scalar. Both are `Clone` and `Copy`.
///
/// `#[scalar(crate = ::path)]` says where this crate is, if not at `::iokit_uc`.
///
/// ```
/// use iokit_uc::Scalar;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Scalar)]
/// #[repr(u32)]
/// pub enum Mode {
///     Off = 0,
///     On = 1,
/// }
///
/// #[derive(Clone, Copy, Debug, PartialEq, Scalar)]
/// pub struct Celsius(pub i16);
///
/// assert_eq!(Mode::from_scalar(1), Some(Mode::On));
/// assert_eq!(Mode::from_scalar(2), None);
/// assert_eq!(Celsius::from_scalar(Celsius(-40).to_scalar()), Some(Celsius(-40)));
/// ```
#[proc_macro_derive(Scalar, attributes(scalar))]
pub fn derive_scalar(item: TokenStream) -> TokenStream {
    scalar::derive(item.into()).into()
}
