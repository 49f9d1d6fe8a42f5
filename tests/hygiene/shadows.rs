//! Nothing is in scope, and what generated code might want to name is something else.

#![no_implicit_prelude]
#![allow(warnings, clippy::all)]

use ::renamed::memory::{ReadPure, ReadPureWrite};
use ::renamed::{RegisterBlock, RegisterValue, Scalar, Scalars, Structure, user_client};

/// Not the standard library.
pub mod core {}

/// Not the standard library.
pub mod std {}

/// Not the library.
pub mod iokit_uc {}

/// Not the one that methods return.
pub type Result = ();
/// Not `Option`.
pub struct Option;
/// Not a constructor.
pub fn Ok() {}
/// Not a constructor.
pub fn Some() {}
/// Not a constructor.
pub const None: () = ();
/// Not the generated parameter.
pub struct T;
/// Not the number.
pub struct usize;
/// Not the handle.
pub struct Connection;
/// Not the table.
pub struct Interface;
/// Not the trait of futures.
pub struct Future;
/// Not the trait that threads ask for.
pub struct Send;
/// Not that one either.
pub struct Sync;
/// Not a completion.
pub struct Completion;

/// What a method call would find before it finds what is meant.
pub trait Everything {
    /// Not a copy of a slice.
    fn to_vec(&self) {}
    /// Not a copy of a handle.
    fn clone(&self) {}
}

impl<A: ?::core::marker::Sized> Everything for A {}

/// Not a local of generated code: a local may not be named like one of these.
pub static driver: () = ();
/// Not the arguments of a call.
pub static arguments: () = ();
/// Not the buffer of a method.
pub static out: () = ();
/// Not an input.
pub static input_0: () = ();
/// Not a parameter.
pub static connection: () = ();
/// Not a parameter.
pub static kernel: () = ();
/// Not a parameter.
pub static service: () = ();
/// Not a parameter.
pub static client: () = ();
/// Not a value.
pub const value: () = ();
/// Not a scalar.
pub const bits: () = ();
/// Not the scalars of an answer.
pub const scalars: () = ();
/// Not an answer.
pub struct reply;
/// Not the room for an answer.
pub struct buffer;

/// A structure.
#[derive(::core::clone::Clone, ::core::marker::Copy, Structure)]
#[structure(crate = ::renamed)]
#[repr(C)]
pub struct Sample {
    /// A field.
    pub field: u64,
    /// A field with a name that is not one.
    pub r#type: [u8; 8],
}

/// A scalar.
#[derive(::core::clone::Clone, ::core::marker::Copy, Scalar)]
#[scalar(crate = ::renamed)]
#[repr(u8)]
pub enum Mode {
    /// A variant with the name of a constructor.
    Some = 1,
    /// Another.
    None = 2,
}

/// A newtype.
#[derive(::core::clone::Clone, ::core::marker::Copy, Scalar)]
#[scalar(crate = ::renamed)]
pub struct Celsius(i16);

/// What a register holds.
#[derive(::core::clone::Clone, ::core::marker::Copy, RegisterValue)]
#[register_value(crate = ::renamed)]
pub struct Word(u32);

/// Not the offset of a block.
pub const OFFSET: () = ();
/// Not what a view consists of.
pub struct Base;

/// Not how memory is cached.
pub struct CacheMode;
/// Not memory.
pub struct Mapping;
/// Not a queue.
pub struct DataQueue;

/// A block, whose registers are called like what is made of it.
#[derive(RegisterBlock)]
#[register_block(crate = ::renamed)]
#[repr(C)]
pub struct r#struct {
    /// A register with a name that is not one.
    #[reg(offset = 0)]
    pub r#type: ReadPure<Word>,
    /// A register with the name of a function.
    pub view: ReadPureWrite<u32>,
    /// Registers with the name of another.
    #[reg(unsafe_write)]
    pub view_mut: [ReadPureWrite<u32>; 2],
    _0: u32,
}

/// A block of blocks.
#[derive(RegisterBlock)]
#[register_block(crate = ::renamed, view = Seen, view_mut = Written, split = Parts)]
#[repr(C)]
pub struct Blocks {
    /// One.
    pub one: r#struct,
    /// Several.
    #[reg(stride = 0x20)]
    pub new: [r#struct; 2],
    _pad: [[u8; 8]; 3],
}

/// A trait with a place to look for its service.
#[user_client(service = "com_example_Driver", crate = ::renamed)]
pub trait Found {}

/// A trait without a place to look for its service, called as no trait should be.
#[user_client(crate = ::renamed)]
pub trait r#trait {
    /// A method with the name of the client's constructor.
    #[uc(selector = 0)]
    fn new(&self) -> ::renamed::Result<()>;
    /// A method with the name of a function of the client.
    #[uc(selector = 1)]
    fn open(&self, mode: Mode, celsius: Celsius) -> ::renamed::Result<(Mode, Sample)>;
    /// A method whose name is a keyword.
    #[uc(selector = 2)]
    fn r#match(
        &self,
        input: &Sample,
        r#in: u32,
        room: &mut [Sample],
    ) -> ::renamed::Result<::core::primitive::usize>;
    /// A method with the name of a trait's method.
    #[uc(selector = 3)]
    fn as_ref(&self, slice: &[Sample]) -> ::renamed::Result<::std::vec::Vec<Sample>>;
    /// A method of which some configurations know nothing.
    #[cfg(any())]
    #[uc(selector = 3)]
    fn absent(&self, unknown: Unknown) -> ::renamed::Result<Unknown>;
    /// A method with the name of what it is made of.
    #[uc(selector = 5)]
    async fn r#await(&self, r#async: u32, many: &[Sample]) -> ::renamed::Result<(Mode, u32)>;
    /// A method of one structure.
    #[uc(selector = 7)]
    async fn one(&self, one: &Sample, all: Scalars) -> ::renamed::Result<()>;
    /// An asynchronous method that some configurations have in another way.
    #[cfg(any())]
    #[uc(selector = 6)]
    async fn watch(&self, unknown: Unknown) -> ::renamed::Result<Unknown>;
    /// A method that completes many times.
    #[cfg(all())]
    #[uc(selector = 6)]
    fn watch(&self) -> ::renamed::Result<(Sample, ::renamed::Completions<Celsius>)>;
    /// Any number of scalars.
    #[uc(selector = 4)]
    fn from(&self, all: Scalars) -> ::renamed::Result<Scalars>;
    /// Memory with the name of a module.
    #[uc(memory = 0, cache = Default)]
    fn memory(&self) -> ::renamed::Result<::renamed::Mapping<r#struct>>;
    /// Memory that some configurations do not have.
    #[cfg(any())]
    #[uc(memory = 0)]
    fn absent_memory(&self) -> ::renamed::Result<::renamed::Mapping<Unknown>>;
    /// Memory with a name that is not one.
    #[cfg(all())]
    #[uc(memory = 1)]
    fn r#move(&self) -> ::renamed::Result<::renamed::Mapping<[Sample], ::renamed::ReadOnlyAccess>>;
    /// A queue with the name of what it is made by.
    #[uc(queue = 2)]
    fn open_method(&self) -> ::renamed::Result<::renamed::DataQueue<Sample>>;
}

/// A trait that is not there.
#[user_client(crate = ::renamed)]
#[cfg(any())]
pub trait Absent {
    /// A method.
    #[uc(selector = 0)]
    fn absent(&self, unknown: Unknown) -> Result<Unknown>;
}
