//! What generated code calls for methods with memory and data queues.

use super::{Connection, Memory, MemoryDeclaration, Result};
use crate::data_queue::{DataQueue, QueueEntry};
use crate::error::IoReturn;
use crate::interface::ClientMemory;
use crate::mapping::Mapping;
use crate::memory::{Access, Content, MapOptions, MappedLayout, MemoryDescriptor};

// ---- what is proved when the trait is compiled ----

/// Elements of memory, and entries of a queue, have a size.
#[track_caller]
pub const fn assert_content(declaration: MemoryDeclaration) {
    let (Content::Slice(layout) | Content::Queue(Some(layout))) = declaration.content else { return };
    assert!(layout.size() != 0, "structures of no bytes cannot be counted");
}

// ---- what a type is asked ----

/// A type that a method with `#[uc(memory = …)]` returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by a method with `#[uc(memory = ...)]`",
    label = "not a mapping",
    note = "memory is a `Mapping<T>`, or a `Mapping<T, ReadOnlyAccess>` if tasks may only read it",
    note = "a method with `#[uc(queue = ...)]` returns a data queue; one with `#[uc(selector = ...)]` returns values"
)]
pub trait MemoryResult: Sized {
    /// A method that returns it.
    const DECLARATION: MemoryDeclaration;
    /// Maps it.
    fn open(connection: &Connection, memory: &'static Memory) -> Result<Self>;
    /// What the kernel is to map, for what the driver's method has returned.
    fn serve(self) -> Result<ClientMemory>;
}

impl<T: ?Sized + MappedLayout, A: Access> MemoryResult for Mapping<T, A> {
    const DECLARATION: MemoryDeclaration = MemoryDeclaration::new(T::CONTENT, A::IS_READ_ONLY);

    #[inline]
    fn open(connection: &Connection, memory: &'static Memory) -> Result<Self> {
        connection.map_method(&memory.name, memory.cache)
    }

    fn serve(self) -> Result<ClientMemory> {
        let options = if A::IS_READ_ONLY { MapOptions::READ_ONLY } else { MapOptions::default() };
        Ok(ClientMemory { descriptor: own(self.descriptor())?, options, bell: None })
    }
}

/// A type that a method with `#[uc(queue = …)]` returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by a method with `#[uc(queue = ...)]`",
    label = "not a data queue",
    note = "a queue is a `DataQueue<T>`, or a `DataQueue<[u8]>` if its entries have any size",
    note = "a method with `#[uc(memory = ...)]` returns a mapping; one with `#[uc(selector = ...)]` returns values"
)]
pub trait QueueResult: Sized {
    /// A method that returns it.
    const DECLARATION: MemoryDeclaration;
    /// Opens it.
    fn open(connection: &Connection, memory: &'static Memory) -> Result<Self>;
    /// What the kernel is to map, for what the driver's method has returned, and who is told of entries.
    fn serve(self) -> Result<ClientMemory>;
}

impl<T: ?Sized + QueueEntry> QueueResult for DataQueue<T> {
    const DECLARATION: MemoryDeclaration = MemoryDeclaration::new(Content::Queue(T::LAYOUT), false);

    fn open(connection: &Connection, memory: &'static Memory) -> Result<Self> {
        Self::open_method(connection, &memory.name)
    }

    fn serve(self) -> Result<ClientMemory> {
        let descriptor = own(self.descriptor())?;
        Ok(ClientMemory { descriptor, options: MapOptions::default(), bell: self.bell().cloned() })
    }
}

/// The descriptor of a handle of the driver's own. What a driver has mapped or opened as a client is not its to give.
fn own(descriptor: Option<&MemoryDescriptor>) -> Result<MemoryDescriptor> {
    descriptor.cloned().ok_or_else(|| IoReturn::UNSUPPORTED.into())
}
