//! The macros of `iokit-uc`. Use them through that crate, which documents the traits they implement.

mod attr;
mod docs;
mod errors;
mod expand;
#[cfg(test)]
mod golden;
mod model;
mod parse;
mod register_block;
mod register_value;
mod repr;
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
/// A method takes `&self`, has no type parameters, and returns [`Result`]. For an external method, **by value is a
/// scalar, by reference is a structure:**
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
/// # Memory and data queues
///
/// A method with `memory` or `queue` takes nothing but `&self` and returns a handle:
///
/// | in the trait | what it is |
/// |---|---|
/// | `-> Result<Mapping<T>>` | memory with registers, of a type with `#[derive(RegisterBlock)]` |
/// | `-> Result<Mapping<[T]>>` | memory with as many structures, or bytes, as there is room for |
/// | `-> Result<Mapping<T, ReadOnlyAccess>>` | either, for tasks that may only read it (`kIOMapReadOnly`) |
/// | `-> Result<DataQueue<T>>`, `-> Result<DataQueue<[u8]>>` | a data queue, with entries of one type or of any size |
///
/// The client maps the memory with each call (`IOConnectMapMemory64`), and it is unmapped when the last handle goes. A
/// driver makes a [`MemoryDescriptor`] or a [`DataQueue`] once, and returns a handle of its own on it each time, by
/// [`Mapping::of`] or [`DataQueue::share`]: the kernel asks it when memory is mapped, and again when it is unmapped, and
/// what is not the same then stays mapped. A handle that the driver itself has as a task is not its to give
/// (`kIOReturnUnsupported`); but the task hears of any error as `kIOReturnBadArgument`.
///
/// The kernel checks no entitlement when memory is mapped, only when the service is opened. How a mapping is cached is
/// the task's choice, of which the driver does not hear.
///
/// ```
/// use iokit_uc::memory::MemoryDescriptor;
/// use iokit_uc::sim::{Machine, Nub};
/// use iokit_uc::{DataQueue, Mapping, ReadOnlyAccess, Result, user_client};
///
/// /// A thermometer that keeps what it has measured.
/// #[user_client(service = "com_example_Thermometer")]
/// pub trait Thermometer {
///     /// The last measurements.
///     #[uc(memory = 0)]
///     fn history(&self) -> Result<Mapping<[i32], ReadOnlyAccess>>;
///     /// Every measurement from now on.
///     #[uc(queue = 1)]
///     fn measurements(&self) -> Result<DataQueue<i32>>;
/// }
///
/// struct Model {
///     history: MemoryDescriptor,
///     measurements: DataQueue<i32>,
/// }
///
/// impl Thermometer for Model {
///     fn history(&self) -> Result<Mapping<[i32], ReadOnlyAccess>> {
///         Mapping::of(&self.history)
///     }
///     fn measurements(&self) -> Result<DataQueue<i32>> {
///         self.measurements.share()
///     }
/// }
///
/// /// Works on the driver itself, and on a client of it.
/// fn oldest(thermometer: &impl Thermometer) -> Result<Option<i32>> {
///     Ok(thermometer.history()?.slice().get(0))
/// }
///
/// let model = Model { history: MemoryDescriptor::new(4096)?, measurements: DataQueue::with_entries(16)? };
/// Mapping::<[i32]>::of(&model.history)?.slice_mut().set(0, 36)?;
/// let mut sensor = model.measurements.share()?;
/// assert_eq!(oldest(&model)?, Some(36));
///
/// let machine = Machine::new();
/// machine.publish(Nub::new("com_example_Thermometer").driver(ThermometerServer::new(model)));
/// let thermometer = ThermometerClient::open_first(&machine.task("client").kernel())?;
/// assert_eq!(oldest(&thermometer)?, Some(36));
///
/// let mut measurements = thermometer.measurements()?;
/// sensor.enqueue(&37)?;
/// assert_eq!(measurements.dequeue()?, Some(37));
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
/// Of a method, in `#[uc(…)]`, one of the first three:
///
/// | key | meaning |
/// |---|---|
/// | `selector = N` | the external method of this number, a literal or a constant, which no other may have |
/// | `memory = N` | the memory of this number, which no other memory and no queue may have |
/// | `queue = N` | the data queue of this number, which is one of memory too |
/// | `entitlement = "…"` | what a task needs in order to call the external method |
/// | `cache = WriteCombine` | how the client maps the memory: a [`CacheMode`] |
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
/// [`CacheMode`]: memory/enum.CacheMode.html
/// [`MemoryDescriptor`]: memory/struct.MemoryDescriptor.html
/// [`DataQueue`]: struct.DataQueue.html
/// [`DataQueue::share`]: struct.DataQueue.html#method.share
/// [`Mapping::of`]: struct.Mapping.html#method.of
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

/// Makes a struct a block of registers in mapped memory.
///
/// The struct is `#[repr(C)]`. Nobody ever has one: it says what lies where in a [`Mapping`], of which there are views.
///
/// ```
/// use iokit_uc::memory::{ReadPure, ReadPureWrite, ReadWrite, WriteOnly};
/// use iokit_uc::{Mapping, RegisterBlock, RegisterValue};
///
/// /// What the port is doing.
/// #[derive(Clone, Copy, PartialEq, RegisterValue)]
/// pub struct Status(u32);
///
/// impl Status {
///     pub fn has_received(self) -> bool {
///         self.0 & 1 != 0
///     }
/// }
///
/// /// A serial port.
/// #[derive(RegisterBlock)]
/// #[repr(C)]
/// pub struct Uart {
///     /// What is received and sent: reading takes a byte out of a FIFO.
///     data: ReadWrite<u8>,
///     _reserved: [u8; 3],
///     /// Whether there is something to do.
///     status: ReadPure<Status>,
///     #[reg(offset = 0x08)]
///     control: ReadPureWrite<u32>,
///     divisors: [WriteOnly<u16>; 2],
///     /// Where received bytes are to be written. The device believes it.
///     #[reg(offset = 0x10, unsafe_write)]
///     buffer: ReadPureWrite<u64>,
/// }
///
/// fn receive(port: &mut Mapping<Uart>) -> u8 {
///     let mut port = port.view_mut();
///     port.control().modify(|control| control | 1);
///     while !port.status().read().has_received() {}
///     port.data().read()
/// }
///
/// // Whoever only looks shares the mapping.
/// fn is_done(port: &Mapping<Uart>) -> bool {
///     port.view().status().read().has_received()
/// }
/// ```
///
/// # Fields
///
/// | field | is |
/// |---|---|
/// | `name: ReadPure<u32>` | a register, of [one of the kinds](#kinds) |
/// | `name: Block` | another struct with this derive |
/// | `name: [ReadPure<u32>; 8]`, `name: [Block; 8]` | several of them, one after the other |
/// | `_name: u32`, `_name: [u8; 12]` | reserved: there is no way to access it |
///
/// What a register holds is an integer of 8 to 64 bits, or a type with [`#[derive(RegisterValue)]`](derive@RegisterValue).
/// It is loaded and stored by one instruction of that width.
///
/// # Kinds
///
/// | kind | reading | writing |
/// |---|---|---|
/// | `ReadPure` | has no effect: shared views can | |
/// | `ReadOnly` | has an effect: only a unique view can | |
/// | `ReadPureWrite` | has no effect | only a unique view can |
/// | `ReadWrite` | has an effect | only a unique view can |
/// | `WriteOnly` | | only a unique view can |
///
/// # What is made
///
/// | for `Uart` | comes from | has for each field |
/// |---|---|---|
/// | `UartView<'_>`: `Copy`, `Send`, `Sync` | [`Mapping::view`], `as_view` | a method that returns a [`Reg`], a [`RegArray`], or the view of a block |
/// | `UartViewMut<'_>`: `Send` | [`Mapping::view_mut`], `reborrow` | a method that borrows it, and returns a [`RegMut`], a [`RegArrayMut`], or the unique view of a block |
/// | `UartSplit<'_>`: `Send` | [`Mapping::split`], `UartViewMut::split` | a field with the same, for different threads to have |
///
/// There is no way from a shared view to a unique one. Methods and fields are as visible as the field that they stand for,
/// and have its documentation.
///
/// # Keys
///
/// Of a field, in `#[reg(…)]`, all optional:
///
/// | key | meaning |
/// |---|---|
/// | `offset = 0x08` | the field is there, in bytes: proved by the compiler, not moved there |
/// | `stride = 0x10` | the elements of an array are that far apart, in bytes |
/// | `unsafe_write` | writing is an `unsafe fn`: it may make the device write to memory of this task. It guards this view; who maps the same memory as bytes can write there |
///
/// With a stride, elements lie further apart than the array of the struct has them. So the struct has a reserved field
/// behind it, for the rest: elements must not reach the next field.
///
/// ```
/// use iokit_uc::RegisterBlock;
/// use iokit_uc::memory::ReadPureWrite;
///
/// #[derive(RegisterBlock)]
/// #[repr(C)]
/// pub struct Channel {
///     source: ReadPureWrite<u32>,
///     length: ReadPureWrite<u32>,
/// }
///
/// #[derive(RegisterBlock)]
/// #[repr(C)]
/// pub struct Engine {
///     control: ReadPureWrite<u32>,
///     _reserved: [u32; 3],
///     #[reg(offset = 0x10, stride = 0x10)]
///     channels: [Channel; 4],
///     _channels: [[u32; 2]; 4],
///     #[reg(offset = 0x50)]
///     last: ReadPureWrite<u32>,
/// }
///
/// fn start(engine: &mut EngineViewMut<'_>, lengths: [u32; 4]) {
///     for (mut channel, length) in engine.channels().iter().zip(lengths) {
///         channel.length().write(length);
///     }
///     engine.channels().at::<0>().source().write(0x1000);
///     engine.control().write(1);
/// }
/// ```
///
/// Of the struct, in `#[register_block(…)]`: `view = Ident`, `view_mut = Ident` and `split = Ident`, other names for what is
/// made, and `crate = ::path`, where this crate is, if not at `::iokit_uc`.
///
/// A crate with `#![forbid(unsafe_code)]` may use the derive: the lint does not look into what macros of other crates
/// write.
///
/// [`Mapping`]: struct.Mapping.html
/// [`Mapping::view`]: struct.Mapping.html#method.view
/// [`Mapping::view_mut`]: struct.Mapping.html#method.view_mut
/// [`Mapping::split`]: struct.Mapping.html#method.split
/// [`Reg`]: memory/struct.Reg.html
/// [`RegMut`]: memory/struct.RegMut.html
/// [`RegArray`]: memory/struct.RegArray.html
/// [`RegArrayMut`]: memory/struct.RegArrayMut.html
#[proc_macro_derive(RegisterBlock, attributes(register_block, reg))]
pub fn derive_register_block(item: TokenStream) -> TokenStream {
    register_block::derive(item.into()).into()
}

/// Makes a newtype what a register holds.
///
/// The newtype is `Clone` and `Copy`, and its one field is an integer of 8 to 64 bits, or another such newtype. Every
/// pattern of bits is a value, because hardware may answer with any. So an enum is none: make a newtype, with a function
/// that returns an `Option` of the enum.
///
/// Types of the crates `bitfield-struct` and `bitflags` are such newtypes. The derive stands below `#[bitfield(u32)]`, or
/// inside `bitflags!`; bits that have no name there are kept.
///
/// `#[register_value(crate = ::path)]` says where this crate is, if not at `::iokit_uc`.
///
/// ```
/// use iokit_uc::RegisterValue;
///
/// #[derive(Debug, PartialEq)]
/// pub enum Mode {
///     Off,
///     On,
/// }
///
/// #[derive(Clone, Copy, RegisterValue)]
/// pub struct Control(u32);
///
/// impl Control {
///     pub fn mode(self) -> Option<Mode> {
///         match self.0 & 3 {
///             0 => Some(Mode::Off),
///             1 => Some(Mode::On),
///             _ => None,
///         }
///     }
/// }
///
/// assert_eq!(Control::from_word(0x11).mode(), Some(Mode::On));
/// assert_eq!(Control::from_word(u32::MAX).mode(), None);
/// assert_eq!(Control(7).to_word(), 7);
/// ```
#[proc_macro_derive(RegisterValue, attributes(register_value))]
pub fn derive_register_value(item: TokenStream) -> TokenStream {
    register_value::derive(item.into()).into()
}
