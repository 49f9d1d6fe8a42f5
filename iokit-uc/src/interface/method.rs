//! An interface as data.

use crate::error::{MemoryName, MethodName};
use crate::memory::{CacheMode, Content};
use crate::wire::{Layout, OutputShape, ScalarType, VARIABLE, table_size};

/// Everything static about an interface: `{Trait}Client::INTERFACE`.
///
/// What a driver is written against is made from it: [`c_header`](Self::c_header) for its author, and
/// [`assert_abi`](Self::assert_abi) for the test that notices when it changes.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Interface {
    /// The trait's name.
    pub name: &'static str,
    /// The trait's documentation.
    pub docs: &'static str,
    /// Which services offer it, where the trait says so.
    pub target: Option<Target>,
    /// `type` of `IOServiceOpen`.
    pub connection_type: u32,
    /// Which of the kernel's ways of dispatching the driver uses.
    pub table: Table,
    /// `IOUserClientEntitlements`: what a task must be entitled to before it may open the service (OC-5).
    pub entitlement: Option<&'static str>,
    /// What the kernel locks for the driver (OC-4).
    pub locking: Locking,
    /// The external methods, in the order of the trait.
    pub methods: &'static [Method],
    /// The memory and the data queues, in the order of the trait.
    pub memory: &'static [Memory],
}

/// Memory that tasks can map, or a data queue: what a number means to `clientMemoryForType`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Memory {
    /// Trait, method, and number.
    pub name: MemoryName,
    /// The method's documentation.
    pub docs: &'static str,
    /// What lies there.
    pub content: Content,
    /// Whether tasks may only read: whether the driver sets `kIOMapReadOnly` (MEM-2).
    pub read_only: bool,
    /// How the client maps it, which the driver has no say in (MEM-2).
    pub cache: CacheMode,
}

impl Memory {
    /// Whether it is a data queue.
    pub const fn is_queue(&self) -> bool {
        matches!(self.content, Content::Queue(_))
    }
}

impl Interface {
    /// The memory or the data queue with the number `memory_type`.
    pub fn memory_type(&self, memory_type: u32) -> Option<&'static Memory> {
        self.memory_position(memory_type).map(|index| &self.memory[index])
    }

    /// Where the memory with the number `memory_type` stands.
    pub(super) fn memory_position(&self, memory_type: u32) -> Option<usize> {
        self.memory.iter().position(|memory| memory.name.memory_type == memory_type)
    }

    /// The method with `selector`.
    #[inline]
    pub fn method(&self, selector: u32) -> Option<&'static Method> {
        self.position(selector).map(|index| &self.methods[index])
    }

    /// Where the method with `selector` stands; at once where selectors are 0, 1, 2 … in the order of the trait.
    #[inline]
    pub(super) fn position(&self, selector: u32) -> Option<usize> {
        let is_it = |method: &Method| method.name.selector == selector;
        match self.methods.get(selector as usize) {
            Some(method) if is_it(method) => Some(selector as usize),
            _ => self.methods.iter().position(is_it),
        }
    }

    /// The length of the driver's table: one more than the highest selector.
    pub(super) fn table_length(&self) -> u64 {
        self.methods.iter().map(|method| u64::from(method.name.selector) + 1).max().unwrap_or(0)
    }
}

/// How the services of an interface are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// By class, as `IOServiceMatching` does.
    Service(&'static str),
    /// By the name of the registry entry, as `IOServiceNameMatching` does.
    Name(&'static str),
}

/// Which of the kernel's three ways of dispatching a driver uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Table {
    /// `IOUserClient2022::dispatchExternalMethod`: counts, asynchronous use and entitlements are checked (EM-21).
    #[default]
    Dispatch2022,
    /// `IOUserClient::externalMethod` with an `IOExternalMethodDispatch`: counts alone are checked (EM-18).
    Classic,
    /// `getTargetAndMethodForIndex` with an `IOExternalMethod`: scalars of 32 bits, no large structures (EM-24).
    Legacy,
}

/// The locking policy that a user client states in its properties (OC-4, EM-15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locking {
    /// `IOUserClientDefaultLocking`: closing waits for external methods that run, and keeps new ones out.
    pub default: bool,
    /// `IOUserClientDefaultLockingSetProperties`: the same for setting properties.
    pub set_properties: bool,
    /// `IOUserClientDefaultLockingSingleThreadExternalMethod`: one external method at a time.
    pub single_thread: bool,
}

impl Default for Locking {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Locking {
    /// External methods run together, closing waits for them.
    pub const DEFAULT: Self = Self { default: true, set_properties: true, single_thread: false };
}

/// One external method.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Method {
    /// Trait, method, and selector.
    pub name: MethodName,
    /// The method's documentation.
    pub docs: &'static str,
    /// What the kernel checks before the method runs.
    pub checks: Checks,
    /// What the caller passes, in the order of the method's parameters.
    pub parameters: &'static [Parameter],
    /// What comes back with the call.
    pub reply: Reply,
    /// What an asynchronous call completes with; None for a method that answers in its reply alone.
    pub completion: Option<CompletionShape>,
}

/// One parameter of an external method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// How it is passed.
    pub kind: ParameterKind,
}

/// How a [`Parameter`] is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterKind {
    /// `value: u32`: the next scalar.
    Scalar(&'static ScalarType),
    /// `values: Scalars`: all scalars, as many as the caller likes.
    Scalars,
    /// `sample: &T`: the structure input.
    Structure(&'static Layout),
    /// `samples: &[T]`: as many structures as the caller likes, in the structure input.
    Slice(&'static Layout),
    /// `out: &mut [T]`: room for so many structures, which the driver fills through the structure output.
    Buffer(&'static Layout),
}

/// What comes back with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// Scalars, and at most one structure.
    Values(OutputShape),
    /// Structures in the caller's [buffer](ParameterKind::Buffer).
    Filled,
    /// As many structures as the driver has (EM-4).
    Variable(&'static Layout),
}

/// What the driver sends when an asynchronous call is done (AS-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompletionShape {
    /// How many scalars come with a completion; [`VARIABLE`] if that is up to the driver.
    pub scalars: u32,
    /// Whether a call completes as often as the driver likes, or once.
    pub many: bool,
    /// What the scalars stand for.
    pub values: OutputShape,
}

impl Method {
    /// `checkScalarInputCount` and `checkStructureInputSize` for what goes in.
    const fn inputs(parameters: &[Parameter]) -> (u32, u32) {
        let (mut scalars, mut structure) = (0, 0);
        let mut index = 0;
        while index < parameters.len() {
            match parameters[index].kind {
                ParameterKind::Scalar(_) => scalars += 1,
                ParameterKind::Scalars => scalars = VARIABLE,
                ParameterKind::Structure(layout) => structure = table_size(layout.size()),
                ParameterKind::Slice(_) => structure = VARIABLE,
                ParameterKind::Buffer(_) => {}
            }
            index += 1;
        }
        (scalars, structure)
    }

    /// A method as the macro knows it.
    pub(crate) const fn new(
        name: MethodName,
        docs: &'static str,
        entitlement: Option<&'static str>,
        parameters: &'static [Parameter],
        reply: Reply,
        completion: Option<CompletionShape>,
    ) -> Self {
        let (scalar_inputs, structure_input) = Self::inputs(parameters);
        let (scalar_outputs, structure_output) = match &reply {
            Reply::Values(shape) => (shape.scalar_count(), shape.structure_size()),
            Reply::Filled | Reply::Variable(_) => (0, VARIABLE),
        };
        let checks = Checks {
            scalar_inputs,
            structure_input,
            scalar_outputs,
            structure_output,
            allow_async: completion.is_some(),
            entitlement,
        };
        Self { name, docs, checks, parameters, reply, completion }
    }
}

/// What a dispatch table makes the kernel check: `IOExternalMethodDispatch2022` without its function.
///
/// Every count must be equal to the caller's, or [`VARIABLE`] (EM-18, EM-23).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// `checkScalarInputCount`.
    pub scalar_inputs: u32,
    /// `checkStructureInputSize`, in bytes.
    pub structure_input: u32,
    /// `checkScalarOutputCount`.
    pub scalar_outputs: u32,
    /// `checkStructureOutputSize`, in bytes.
    pub structure_output: u32,
    /// `allowAsync`: whether a wake port may come with the call.
    pub allow_async: bool,
    /// `checkEntitlement`: what the calling task must be entitled to.
    pub entitlement: Option<&'static str>,
}

impl Checks {
    /// Checks that let everything pass but asynchronous calls.
    pub const UNCHECKED: Self = Self {
        scalar_inputs: VARIABLE,
        structure_input: VARIABLE,
        scalar_outputs: VARIABLE,
        structure_output: VARIABLE,
        allow_async: false,
        entitlement: None,
    };
}
