//! What generated code says of a trait: the interface and its methods as data.

use super::{CacheMode, Locking, Memory, MemoryName, Method, MethodName, Table, Target};
use crate::interface::{CompletionShape, Interface, Parameter, ParameterKind, Reply};
use crate::memory::Content;
use crate::wire::{Layout, OutputShape};

/// What is declared of a method besides its name, its selector and its parameters.
#[derive(Clone, Copy)]
pub struct Declaration {
    docs: &'static str,
    entitlement: Option<&'static str>,
    reply: Reply,
    completion: Option<CompletionShape>,
}

impl Declaration {
    /// A method that returns `Result<usize>` beside `out: &mut [T]`.
    pub const FILLED: Self = Self::new(Reply::Filled);

    const fn new(reply: Reply) -> Self {
        Self { docs: "", entitlement: None, reply, completion: None }
    }

    /// A method that returns `Result<T>`.
    pub(super) const fn returning(shape: OutputShape) -> Self {
        Self::new(Reply::Values(shape))
    }

    /// A method that returns `Result<Vec<T>>`.
    pub(super) const fn variable(layout: &'static Layout) -> Self {
        Self::new(Reply::Variable(layout))
    }

    /// The method with completions of these scalars, one or many.
    pub(super) const fn completing(self, values: OutputShape, many: bool) -> Self {
        let completion = CompletionShape { scalars: values.scalar_count(), many, values };
        Self { completion: Some(completion), ..self }
    }

    /// The method with what is written about it.
    pub const fn documented(self, docs: &'static str) -> Self {
        Self { docs, ..self }
    }

    /// The method, for tasks with an entitlement only.
    pub const fn entitled(self, entitlement: &'static str) -> Self {
        Self { entitlement: Some(entitlement), ..self }
    }

    /// How many scalars the reply takes, and the size of its structure.
    pub(super) const fn counts(&self) -> (u32, u32) {
        match &self.reply {
            Reply::Values(shape) => counts(shape),
            Reply::Filled | Reply::Variable(_) => (0, super::VARIABLE),
        }
    }

    /// The same of each completion.
    pub(super) const fn completion_counts(&self) -> Option<(u32, u32)> {
        match &self.completion {
            Some(completion) => Some(counts(&completion.values)),
            None => None,
        }
    }
}

/// What is declared of memory, or of a data queue, besides its name and its number.
#[derive(Clone, Copy)]
pub struct MemoryDeclaration {
    docs: &'static str,
    pub(super) content: Content,
    read_only: bool,
    cache: CacheMode,
}

impl MemoryDeclaration {
    /// A method that returns a mapping or a data queue of this content.
    pub(super) const fn new(content: Content, read_only: bool) -> Self {
        Self { docs: "", content, read_only, cache: CacheMode::Default }
    }

    /// The memory with what is written about it.
    pub const fn documented(self, docs: &'static str) -> Self {
        Self { docs, ..self }
    }

    /// The memory, mapped in this way.
    pub const fn cached(self, cache: CacheMode) -> Self {
        Self { cache, ..self }
    }
}

const fn counts(shape: &OutputShape) -> (u32, u32) {
    (shape.scalar_count(), shape.structure_size())
}

/// `value: u32`
pub const fn parameter(name: &'static str, kind: ParameterKind) -> Parameter {
    Parameter { name, kind }
}

/// The methods of a trait, of which the arguments tell in one and the same order.
///
/// Their parameters are not in the declarations, because what is borrowed in a constant lives for ever, but not as a
/// function's argument.
pub const fn methods<const N: usize>(
    interface: &'static str,
    selectors: &[(&'static str, u32)],
    parameters: &[&'static [Parameter]],
    declarations: &[Declaration],
) -> [Method; N] {
    let mut methods = [NOT_YET; N];
    let mut index = 0;
    while index < N {
        let (method, selector) = selectors[index];
        let Declaration { docs, entitlement, reply, completion } = declarations[index];
        let name = MethodName { interface, method, selector };
        methods[index] = Method::new(name, docs, entitlement, parameters[index], reply, completion);
        index += 1;
    }
    methods
}

const NOT_YET: Method =
    Method::new(MethodName { interface: "", method: "", selector: 0 }, "", None, &[], Reply::Filled, None);

/// The memory and the data queues of a trait, of which the arguments tell in one and the same order.
pub const fn memory<const N: usize>(
    interface: &'static str,
    types: &[(&'static str, u32)],
    declarations: &[MemoryDeclaration],
) -> [Memory; N] {
    let mut memory = [NO_MEMORY_YET; N];
    let mut index = 0;
    while index < N {
        let (method, memory_type) = types[index];
        let MemoryDeclaration { docs, content, read_only, cache } = declarations[index];
        let name = MemoryName { interface, method, memory_type };
        memory[index] = Memory { name, docs, content, read_only, cache };
        index += 1;
    }
    memory
}

const NO_MEMORY_YET: Memory = Memory {
    name: MemoryName { interface: "", method: "", memory_type: 0 },
    docs: "",
    content: Content::Queue(None),
    read_only: false,
    cache: CacheMode::Default,
};

/// `#[user_client(service = "…", type = 1, table = Classic, entitlement = "…")]`
pub const fn interface(
    (name, docs): (&'static str, &'static str),
    target: Option<Target>,
    connection_type: u32,
    table: Table,
    entitlement: Option<&'static str>,
    locking: Locking,
    (methods, memory): (&'static [Method], &'static [Memory]),
) -> Interface {
    Interface { name, docs, target, connection_type, table, entitlement, locking, methods, memory }
}
