//! What generated code calls. Not for use by hand: it changes with every version, and the macro crate of the same
//! version is the only one that knows it.

mod asynchronous;
mod memory;
mod record;
mod registers;

pub use crate::completion::{Completion, Completions};
pub use crate::connection::Connection;
pub use crate::error::{Error, MemoryName, MethodName, Result};
pub use crate::interface::{
    Arguments, Checks, Function, Interface, Locking, Memory, MemoryFunction, Method, Parameter,
    ParameterKind, Server, Serves, Table, Target,
};
pub use crate::kernel::Kernel;
pub use crate::memory::{
    BlockLayout, CacheMode, FieldKind, FieldLayout, RegisterBlock, RegisterValue, UnsafeWrite,
};
pub use crate::service::Service;
pub use crate::wire::{
    BadScalar, Field, Layout, Output, OutputShape, Reader, Scalar, ScalarType, Scalars, Structure, VARIABLE,
    Variant, Writer,
};
pub use asynchronous::{CompletionResult, assert_result};
pub use bytemuck;
pub use memory::{MemoryResult, QueueResult, assert_content};
pub use record::{Declaration, MemoryDeclaration, interface, memory, methods, parameter};
pub use registers::{
    Base, BaseMut, BlockField, Part, ReservedField, WritableField, assert_block, assert_offset, assert_stride,
};
pub use std::option::Option::{None, Some};

use crate::backend::{ScalarOutput, StructureOutput};
use crate::error::{Call, IoReturn};
use crate::matching::Matching;
use crate::reply;
use crate::wire::{MIXED_SCALARS, SCALARS_MAX, TOO_LARGE, TWO_STRUCTURES, table_size};
use std::mem::MaybeUninit;
use std::ops::Deref;

// ---- the client's side of a call ----
//
// Every call passes a count of scalars, be it zero: a driver that returns scalars to a caller without a count leaves its
// number in the library, for the next such caller to trip over (EM-9b).

/// Calls a method whose answer has a fixed size.
#[inline]
fn call<O: Output>(
    connection: &Connection,
    method: &'static Method,
    scalars: &[u64],
    structure: &[u8],
) -> Result<O> {
    exchange(method, |output, structure_output| {
        let (call, selector) = (Call::Method(&method.name), method.name.selector);
        let code = connection.call_method(call, selector, scalars, structure, output, structure_output);
        if code.is_success() { Ok(()) } else { Err(failed(connection, method, code)) }
    })
    .map(|(answer, ())| answer)
}

/// Calls by `send` with room for an answer of a fixed size. What that returns goes with the answer.
#[inline]
fn exchange<O: Output, R>(
    method: &'static Method,
    send: impl FnOnce(ScalarOutput<'_>, Option<StructureOutput<'_>>) -> Result<R>,
) -> Result<(O, R)> {
    let mut room = [const { MaybeUninit::<u64>::uninit() }; SCALARS_MAX];
    let capacity = const {
        assert_output(<O as MethodResult>::DECLARATION.counts());
        if O::SCALARS == VARIABLE { SCALARS_MAX } else { O::SCALARS as usize }
    };
    let scalar_output = zeroed(&mut room[..capacity]);
    let mut scalar_count = 0;
    let mut buffer = O::buffer();
    let mut structure_size = 0;
    let has_structure = const { O::STRUCTURE != 0 };
    let sent = send(
        ScalarOutput { buffer: scalar_output, count: &mut scalar_count },
        has_structure
            .then(|| StructureOutput::Buffer { bytes: O::bytes(&mut buffer), size: &mut structure_size }),
    )?;
    let expected = if O::SCALARS == VARIABLE { scalar_count.min(SCALARS_MAX as u32) } else { O::SCALARS };
    if scalar_count != expected {
        return Err(reply::wrong_scalars(Call::Method(&method.name), expected, scalar_count));
    }
    if structure_size != O::STRUCTURE as usize {
        return Err(reply::wrong_structure(
            Call::Method(&method.name),
            O::STRUCTURE as usize,
            structure_size,
        ));
    }
    let scalars = &scalar_output[..expected as usize];
    let answer = O::load(&mut Reader::new(scalars), buffer)
        .map_err(|bad| reply::bad_scalar(Call::Method(&method.name), bad))?;
    Ok((answer, sent))
}

/// Calls a method that fills the caller's slice; returns how many elements it wrote.
#[inline]
fn call_into<T: Structure>(
    connection: &Connection,
    method: &'static Method,
    scalars: &[u64],
    structure: &[u8],
    out: &mut [T],
) -> Result<usize> {
    let bytes = bytemuck::cast_slice_mut(out);
    let capacity = bytes.len();
    let mut size = 0;
    let code = connection.call_method(
        Call::Method(&method.name),
        method.name.selector,
        scalars,
        structure,
        ScalarOutput { buffer: &mut [], count: &mut 0 },
        Some(StructureOutput::Buffer { bytes, size: &mut size }),
    );
    if !code.is_success() {
        return Err(failed(connection, method, code));
    }
    if size > capacity {
        return Err(reply::wrong_structure(Call::Method(&method.name), capacity, size));
    }
    whole_elements::<T>(method, size)
}

/// Calls a method that returns as many elements as the driver has.
fn call_variable<T: Structure>(
    connection: &Connection,
    method: &'static Method,
    scalars: &[u64],
    structure: &[u8],
) -> Result<Vec<T>> {
    let mut bytes = Vec::new();
    let code = connection.call_method(
        Call::Method(&method.name),
        method.name.selector,
        scalars,
        structure,
        ScalarOutput { buffer: &mut [], count: &mut 0 },
        Some(StructureOutput::Variable(&mut bytes)),
    );
    if !code.is_success() {
        return Err(failed(connection, method, code));
    }
    whole_elements::<T>(method, bytes.len())?;
    Ok(cast_vec(bytes))
}

#[cold]
fn failed(connection: &Connection, method: &'static Method, code: IoReturn) -> Error {
    connection.shared().failed(Call::Method(&method.name), code)
}

fn whole_elements<T: Structure>(method: &'static Method, size: usize) -> Result<usize> {
    let element = const {
        assert!(size_of::<T>() != 0, "a structure of no bytes cannot be counted");
        size_of::<T>()
    };
    if size.is_multiple_of(element) {
        Ok(size / element)
    } else {
        Err(reply::partial_element(Call::Method(&method.name), element, size))
    }
}

fn zeroed(room: &mut [MaybeUninit<u64>]) -> &mut [u64] {
    for slot in room.iter_mut() {
        slot.write(0);
    }
    // SAFETY: the loop has written every element, and `MaybeUninit<u64>` has the layout of `u64`.
    unsafe { &mut *(std::ptr::from_mut(room) as *mut [u64]) }
}

/// The same bytes as a vector of another type; copied only where the alignment differs.
fn cast_vec<A: Structure, B: Structure>(vec: Vec<A>) -> Vec<B> {
    bytemuck::allocation::try_cast_vec(vec)
        .unwrap_or_else(|(_, vec)| bytemuck::allocation::pod_collect_to_vec(&vec))
}

// ---- opening ----

/// Finds the first service of an interface and opens it.
pub fn open_first(kernel: &Kernel, target: Target, connection_type: u32) -> Result<Connection> {
    let matching = match target {
        Target::Name(name) => Matching::name(name),
        Target::Service(class) => Matching::class(class),
    };
    Service::expect_first(kernel, &matching)?.open(connection_type)
}

// ---- the driver's side of a call ----

/// All scalar inputs.
pub fn scalars_input(arguments: &Arguments<'_>) -> Result<Scalars> {
    Scalars::try_from(arguments.scalar_input()).map_err(|_| IoReturn::BAD_ARGUMENT.into())
}

/// Structures as they came if they lie aligned, else a copy of them.
pub enum Aligned<'a, T> {
    /// As they came.
    Borrowed(&'a [T]),
    /// A copy.
    Owned(Vec<T>),
}

impl<T> Deref for Aligned<'_, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match self {
            Self::Borrowed(slice) => slice,
            Self::Owned(vec) => vec,
        }
    }
}

impl<T: Structure> Aligned<'_, T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::Borrowed(slice) => slice.to_vec(),
            Self::Owned(vec) => vec,
        }
    }
}

/// The structure input as a slice.
#[inline]
fn slice_input<'a, T: Structure>(arguments: &Arguments<'a>) -> Result<Aligned<'a, T>> {
    let bytes = arguments.structure_input();
    match bytemuck::try_cast_slice(bytes) {
        Ok(slice) => Ok(Aligned::Borrowed(slice)),
        Err(bytemuck::PodCastError::TargetAlignmentGreaterAndInputNotAligned)
            if bytes.len().is_multiple_of(size_of::<T>()) =>
        {
            Ok(Aligned::Owned(bytemuck::allocation::pod_collect_to_vec(bytes)))
        }
        Err(_) => Err(IoReturn::BAD_ARGUMENT.into()),
    }
}

/// The one structure of the structure input.
pub struct One<'a, T>(Aligned<'a, T>);

impl<T> Deref for One<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0[0]
    }
}

/// The structure input.
#[inline]
fn structure_input<'a, T: Structure>(arguments: &Arguments<'a>) -> Result<One<'a, T>> {
    let structures = slice_input(arguments)?;
    if structures.len() == 1 { Ok(One(structures)) } else { Err(IoReturn::BAD_ARGUMENT.into()) }
}

/// Writes a method's result to the answer.
#[inline]
fn reply<O: Output>(arguments: &mut Arguments<'_>, result: O) -> Result<()> {
    arguments.write(|writer| result.store(writer));
    Ok(())
}

/// Lets a method fill the caller's buffer. The count that it returns is believed, and checked by whoever called.
#[inline]
fn reply_into<T: Structure>(
    arguments: &mut Arguments<'_>,
    fill: impl FnOnce(&mut [T]) -> Result<usize>,
) -> Result<()> {
    let bytes = arguments.structure_output();
    let whole = bytes.len() / size_of::<T>() * size_of::<T>();
    let written = match bytemuck::try_cast_slice_mut(&mut bytes[..whole]) {
        Ok(out) => fill(out)?,
        Err(_) => {
            let mut aligned: Vec<T> = bytemuck::allocation::pod_collect_to_vec(&bytes[..whole]);
            let written = fill(&mut aligned)?;
            bytes[..whole].copy_from_slice(bytemuck::cast_slice(&aligned));
            written
        }
    };
    arguments.set_structure_output_size(written.saturating_mul(size_of::<T>()));
    Ok(())
}

/// Answers with as many elements as there are. A caller that brought a buffer instead of asking for variable output
/// gets them there if they fit, else `kIOReturnNoSpace`.
fn reply_variable<T: Structure>(arguments: &mut Arguments<'_>, elements: Vec<T>) -> Result<()> {
    let Err(bytes) = arguments.set_variable_output(cast_vec(elements)) else { return Ok(()) };
    let room = arguments.structure_output().get_mut(..bytes.len()).ok_or(IoReturn::NO_SPACE)?;
    room.copy_from_slice(&bytes);
    arguments.set_structure_output_size(bytes.len());
    Ok(())
}

// ---- what is proved when the trait is compiled ----

/// A structure has a size that a table can state.
#[track_caller]
pub const fn assert_structure(size: u32) {
    assert!(size != 0 && size != VARIABLE, "a structure of no bytes, or of 4 GiB or more, cannot be passed");
}

/// A result has at most 16 scalars and one structure.
#[track_caller]
pub const fn assert_output((scalars, structure): (u32, u32)) {
    assert!(
        scalars != MIXED_SCALARS,
        "`Scalars` holds all the scalars of a result: no other scalar may stand beside it"
    );
    assert!(
        scalars == VARIABLE || scalars as usize <= SCALARS_MAX,
        "a method returns at most 16 scalars (`kIOExternalMethodScalarOutputCountMax`); return the rest in a structure"
    );
    assert!(structure != TOO_LARGE, "a structure of 4 GiB or more cannot be returned");
    assert!(
        structure != TWO_STRUCTURES,
        "a method returns at most one structure; group the fields in one #[derive(Structure)] struct"
    );
}

/// Method `position` has a selector that none before it has.
#[track_caller]
pub const fn assert_unique_selector(methods: &[(&'static str, u32)], position: usize) {
    assert_unique("selector ", methods, position);
}

/// The same for the numbers of memory and data queues, which are of one kind.
#[track_caller]
pub const fn assert_unique_memory_type(memory: &[(&'static str, u32)], position: usize) {
    assert_unique("memory type ", memory, position);
}

#[track_caller]
const fn assert_unique(what: &str, methods: &[(&'static str, u32)], position: usize) {
    let (method, number) = methods[position];
    let mut earlier = 0;
    while earlier < position {
        if methods[earlier].1 == number {
            let message = Message::new()
                .text(what)
                .number(number)
                .text(" of `")
                .text(method)
                .text("` is already used by `")
                .text(methods[earlier].0)
                .text("`");
            panic!("{}", message.as_str());
        }
        earlier += 1;
    }
}

/// A legacy table has a type for the method.
#[track_caller]
pub const fn assert_legacy(scalar_inputs: u32, structure_input: bool, declaration: Declaration) {
    assert!(
        declaration.completion_counts().is_none(),
        "legacy methods cannot be asynchronous: the kernel cuts the reference to 32 bits, and the wake port is \
         lost"
    );
    let (scalar_outputs, structure_output) = declaration.counts();
    let checks = Checks {
        scalar_inputs,
        structure_input: structure_input as u32,
        scalar_outputs,
        structure_output,
        ..Checks::UNCHECKED
    };
    assert!(
        checks.legacy().is_some(),
        "a legacy table has no type for this method: it takes scalars and scalars, scalars and one structure, or \
         two structures, six arguments at most"
    );
}

/// The text of a panic in a constant, which can print one text only. What does not fit is cut off.
struct Message {
    bytes: [u8; 256],
    length: usize,
}

impl Message {
    const fn new() -> Self {
        Self { bytes: [0; 256], length: 0 }
    }

    const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = text[index];
            self.length += 1;
            index += 1;
        }
        self
    }

    const fn number(self, number: u32) -> Self {
        let this = if number >= 10 { self.number(number / 10) } else { self };
        let digit = [b'0' + (number % 10) as u8];
        match std::str::from_utf8(&digit) {
            Ok(digit) => this.text(digit),
            Err(_) => this,
        }
    }

    const fn as_str(&self) -> &str {
        let mut length = self.length;
        loop {
            match std::str::from_utf8(self.bytes.split_at(length).0) {
                Ok(text) => return text,
                // Cut within a character.
                Err(_) => length -= 1,
            }
        }
    }
}

// ---- what a type is asked ----
//
// Generated code does everything with a type through these traits and by one path, `<T as ScalarArgument>`. So rustc has one
// and the same thing to say wherever a type that cannot cross stands, and says it once.

/// A type that is passed as a scalar.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an IOKit scalar",
    label = "not a scalar of fixed width",
    note = "scalars are `bool`, `u8` … `u64`, `i8` … `i64`, and types with `#[derive(Scalar)]`; `usize` has no fixed width: use `u64`",
    note = "pass structures by reference: `&{Self}`"
)]
pub trait ScalarArgument: Sized {
    /// Nothing, for types that cross.
    const CROSSES: () = ();
    /// How `value: T` is passed.
    const ONE: ParameterKind;
    /// The scalar that the value travels as.
    fn scalar(self) -> u64;
    /// Scalar input `index` of a call.
    fn input(arguments: &Arguments<'_>, index: usize) -> Result<Self>;
}

impl<T: Scalar> ScalarArgument for T {
    const ONE: ParameterKind = ParameterKind::Scalar(T::TYPE);
    #[inline]
    fn scalar(self) -> u64 {
        self.to_scalar()
    }
    #[inline]
    fn input(arguments: &Arguments<'_>, index: usize) -> Result<Self> {
        let scalar = arguments.scalar_input().get(index).and_then(|&bits| T::from_scalar(bits));
        scalar.ok_or_else(|| IoReturn::BAD_ARGUMENT.into())
    }
}

/// A type that is passed as a structure, or several of which are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed as an IOKit structure",
    label = "not plain data with a fixed layout",
    note = "derive it: `#[derive(Clone, Copy, Structure)] #[repr(C)]` on `{Self}`"
)]
pub trait StructureArgument: Sized {
    /// The size as a table states it.
    const SIZE: u32;
    /// How `sample: &T` is passed.
    const ONE: ParameterKind;
    /// How `samples: &[T]` is passed.
    const SLICE: ParameterKind;
    /// How `out: &mut [T]` is passed.
    const BUFFER: ParameterKind;
    /// A method that returns `Result<Vec<T>>`.
    const VECTOR: Declaration;
    /// The bytes that the value travels as.
    fn bytes(&self) -> &[u8];
    /// The bytes that several values travel as.
    fn slice_bytes(values: &[Self]) -> &[u8];
    /// The structure input of a call.
    fn input<'a>(arguments: &Arguments<'a>) -> Result<One<'a, Self>>;
    /// The structure input of a call as a slice.
    fn slice_input<'a>(arguments: &Arguments<'a>) -> Result<Aligned<'a, Self>>;
    /// The structure input of a call, to outlive it.
    fn owned_input(arguments: &Arguments<'_>) -> Result<Self>;
    /// The structure input of a call as a slice, to outlive it.
    fn owned_slice_input(arguments: &Arguments<'_>) -> Result<Vec<Self>>;
    /// Calls a method that fills the caller's slice; returns how many elements it wrote.
    fn call_into(
        connection: &Connection,
        method: &'static Method,
        scalars: &[u64],
        structure: &[u8],
        out: &mut [Self],
    ) -> Result<usize>;
    /// Calls a method that returns as many elements as the driver has.
    fn call_variable(
        connection: &Connection,
        method: &'static Method,
        scalars: &[u64],
        structure: &[u8],
    ) -> Result<Vec<Self>>;
    /// Lets a method fill the caller's buffer.
    fn reply_into(
        arguments: &mut Arguments<'_>,
        fill: impl FnOnce(&mut [Self]) -> Result<usize>,
    ) -> Result<()>;
    /// Answers with as many elements as there are.
    fn reply_variable(arguments: &mut Arguments<'_>, elements: Vec<Self>) -> Result<()>;
}

impl<T: Structure> StructureArgument for T {
    const SIZE: u32 = table_size(size_of::<T>());
    const ONE: ParameterKind = ParameterKind::Structure(T::LAYOUT);
    const SLICE: ParameterKind = ParameterKind::Slice(T::LAYOUT);
    const BUFFER: ParameterKind = ParameterKind::Buffer(T::LAYOUT);
    const VECTOR: Declaration = Declaration::variable(T::LAYOUT);
    #[inline]
    fn bytes(&self) -> &[u8] {
        bytemuck::bytes_of(self)
    }
    #[inline]
    fn slice_bytes(values: &[Self]) -> &[u8] {
        bytemuck::cast_slice(values)
    }
    #[inline]
    fn input<'a>(arguments: &Arguments<'a>) -> Result<One<'a, Self>> {
        structure_input(arguments)
    }
    #[inline]
    fn slice_input<'a>(arguments: &Arguments<'a>) -> Result<Aligned<'a, Self>> {
        slice_input(arguments)
    }
    #[inline]
    fn owned_input(arguments: &Arguments<'_>) -> Result<Self> {
        structure_input(arguments).map(|structure| *structure)
    }
    #[inline]
    fn owned_slice_input(arguments: &Arguments<'_>) -> Result<Vec<Self>> {
        slice_input(arguments).map(Aligned::into_vec)
    }
    #[inline]
    fn call_into(
        connection: &Connection,
        method: &'static Method,
        scalars: &[u64],
        structure: &[u8],
        out: &mut [Self],
    ) -> Result<usize> {
        call_into(connection, method, scalars, structure, out)
    }
    fn call_variable(
        connection: &Connection,
        method: &'static Method,
        scalars: &[u64],
        structure: &[u8],
    ) -> Result<Vec<Self>> {
        call_variable(connection, method, scalars, structure)
    }
    #[inline]
    fn reply_into(
        arguments: &mut Arguments<'_>,
        fill: impl FnOnce(&mut [Self]) -> Result<usize>,
    ) -> Result<()> {
        reply_into(arguments, fill)
    }
    fn reply_variable(arguments: &mut Arguments<'_>, elements: Vec<Self>) -> Result<()> {
        reply_variable(arguments, elements)
    }
}

/// The whole of what a method returns: [`Result`] of this library, be it by another name.
#[diagnostic::on_unimplemented(
    message = "external methods return `iokit_uc::Result<T>`: every call can fail with an `IOReturn`",
    label = "this is `{Self}`"
)]
pub trait Returned: Sized {
    /// What is returned if all goes well.
    type Ok;
    /// What is returned at once if the method is asynchronous.
    type Completion;
    /// What a method returns for what its call came to.
    fn of(result: Result<Self::Ok>) -> Self;
    /// What a call comes to for what its method returned.
    fn result(self) -> Result<Self::Ok>;
}

impl<T> Returned for Result<T, Error> {
    type Ok = T;
    type Completion = Completion<T>;
    #[inline]
    fn of(result: Result<T>) -> Self {
        result
    }
    #[inline]
    fn result(self) -> Result<T> {
        self
    }
}

/// A type that a field of a structure has.
///
/// # Safety
///
/// Every implementor is a [`Structure`]: a struct is plain data because its fields are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of an IOKit structure",
    label = "not plain data with a fixed layout",
    note = "for a structure, add `#[derive(Clone, Copy, Structure)] #[repr(C)]` to `{Self}`",
    note = "`bool`: use `u8`; `usize`: use `u64`; an enum: store its integer"
)]
pub unsafe trait StructureField {
    /// How it lies in memory.
    const LAYOUT: &'static Layout;
}

// SAFETY: it is implemented for structures only.
unsafe impl<T: Structure> StructureField for T {
    const LAYOUT: &'static Layout = <T as Structure>::LAYOUT;
}

/// A type that a method returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by an external method",
    label = "not a scalar, a structure, or a tuple of scalars with at most one structure",
    note = "a structure has `#[derive(Clone, Copy, Structure)] #[repr(C)]`",
    note = "an enum or a newtype has `#[derive(Scalar)]`; `usize` has no fixed width: use `u64`",
    note = "completions carry a scalar, or a tuple of at most 16; they may stand behind an answer"
)]
pub trait MethodResult: Sized {
    /// A method that returns it.
    const DECLARATION: Declaration;
    /// Calls a method whose answer has a fixed size.
    fn call(
        connection: &Connection,
        method: &'static Method,
        scalars: &[u64],
        structure: &[u8],
    ) -> Result<Self>;
    /// Writes the result to the answer.
    fn reply(self, arguments: &mut Arguments<'_>) -> Result<()>;
}

impl<O: Output> MethodResult for O {
    const DECLARATION: Declaration = Declaration::returning(O::SHAPE);
    #[inline]
    fn call(
        connection: &Connection,
        method: &'static Method,
        scalars: &[u64],
        structure: &[u8],
    ) -> Result<Self> {
        call(connection, method, scalars, structure)
    }
    #[inline]
    fn reply(self, arguments: &mut Arguments<'_>) -> Result<()> {
        reply(arguments, self)
    }
}
