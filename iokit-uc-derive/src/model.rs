//! What an annotated trait says: an interface, its external methods, and its memory.

use proc_macro2::TokenStream;
use syn::{Attribute, Expr, Ident, ItemTrait, LitBool, LitStr, Signature, Type};

/// `#[user_client(service = "…")] pub trait SimpleDriver { … }`
pub(crate) struct Interface {
    /// The trait without `#[uc]`, as it is written back.
    pub(crate) item: ItemTrait,
    /// `SimpleDriverClient`
    pub(crate) client: Ident,
    /// `SimpleDriverServer`
    pub(crate) server: Ident,
    /// `::iokit_uc::__private`
    pub(crate) runtime: TokenStream,
    pub(crate) target: Option<Target>,
    /// `type = 23`
    pub(crate) connection_type: Option<Expr>,
    /// `table = Classic`
    pub(crate) table: Option<Ident>,
    pub(crate) entitlement: Option<LitStr>,
    pub(crate) locking: Locking,
    pub(crate) methods: Vec<Method>,
    pub(crate) memory: Vec<Memory>,
    /// Whether any of it is wrong, which has been reported.
    pub(crate) has_mistakes: bool,
}

/// `service = "com_example_Driver"` or `name = "entry"`
pub(crate) enum Target {
    Service(LitStr),
    Name(LitStr),
}

/// `default_locking = true`, `set_properties_locking = true`, `single_thread = false`
pub(crate) struct Locking {
    pub(crate) default: Option<LitBool>,
    pub(crate) set_properties: Option<LitBool>,
    pub(crate) single_thread: Option<LitBool>,
}

/// `#[uc(selector = 3)] fn scalar_i_struct_o(&self, a: u32, b: u32) -> Result<MySampleStruct>;`
pub(crate) struct Method {
    pub(crate) signature: Signature,
    /// What is written about it, as an expression.
    pub(crate) docs: Option<TokenStream>,
    /// `#[cfg(…)]`, without which the method is not there.
    pub(crate) cfgs: Vec<Attribute>,
    /// `None` if it is missing or wrong, which has been reported.
    pub(crate) selector: Option<Number>,
    pub(crate) entitlement: Option<LitStr>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) output: Output,
    /// `Result<MySampleStruct>`, where what is wrong with it is said: at the first of those that are written alike.
    pub(crate) result: Option<Type>,
}

/// `#[uc(memory = 0, cache = Inhibit)] fn registers(&self) -> Result<Mapping<Registers>>;`
pub(crate) struct Memory {
    pub(crate) signature: Signature,
    /// What is written about it, as an expression.
    pub(crate) docs: Option<TokenStream>,
    /// `#[cfg(…)]`, without which it is not there.
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) kind: MemoryKind,
    /// `None` if it is missing or wrong, which has been reported.
    pub(crate) number: Option<Number>,
    /// `cache = Inhibit`
    pub(crate) cache: Option<Ident>,
    /// `Mapping<Registers>`
    pub(crate) content: Type,
    /// `Result<Mapping<Registers>>`, as in a [`Method`].
    pub(crate) result: Type,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum MemoryKind {
    /// `memory = 0`
    Mapping,
    /// `queue = 2`
    Queue,
}

/// `selector = 3` or `selector = selectors::OPEN`, or the same of `memory` and `queue`.
pub(crate) struct Number {
    pub(crate) value: Expr,
    /// The number, where the macro can see it.
    pub(crate) literal: Option<u32>,
    /// Whether the macro has compared it with the others that it can see.
    pub(crate) compared: bool,
}

pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) kind: ArgumentKind,
}

pub(crate) enum ArgumentKind {
    /// `value: u32`
    Scalar(Type),
    /// `values: Scalars`
    Scalars,
    /// `sample: &T`
    Structure(Type),
    /// `samples: &[T]`
    Slice(Type),
    /// `out: &mut [T]`
    Buffer(Type),
}

pub(crate) enum Output {
    /// `-> Result<T>`
    Fixed(Type),
    /// `-> Result<usize>` beside `out: &mut [T]`
    Filled(Type),
    /// `-> Result<Vec<T>>`
    Variable(Type),
    /// `-> Result<T>` of an `async fn`: what its completion carries
    Completion(Type),
    /// Something else, which has been reported.
    Mistaken,
}

impl Interface {
    /// The methods that have a selector: all of them, unless the trait has mistakes.
    pub(crate) fn selectors(&self) -> impl Iterator<Item = (&Method, &Number)> {
        self.methods.iter().filter_map(|method| Some((method, method.selector.as_ref()?)))
    }

    /// The same of memory and data queues.
    pub(crate) fn memory_types(&self) -> impl Iterator<Item = (&Memory, &Number)> {
        self.memory.iter().filter_map(|memory| Some((memory, memory.number.as_ref()?)))
    }

    pub(crate) fn is_legacy(&self) -> bool {
        self.table.as_ref().is_some_and(|table| table == "Legacy")
    }
}

impl Memory {
    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }
}

impl MemoryKind {
    /// What a method with this key maps, if it is no external method.
    pub(crate) fn of(key: &Ident) -> Option<Self> {
        [Self::Mapping, Self::Queue].into_iter().find(|kind| key == kind.key())
    }

    /// The key that says so.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Mapping => "memory",
            Self::Queue => "queue",
        }
    }
}

impl Method {
    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }

    /// `async fn`: the call answers at once, and with nothing; what it comes to is sent later.
    pub(crate) fn is_async(&self) -> bool {
        matches!(self.output, Output::Completion(_))
    }

    /// How many scalars go in; `None` if that is up to the caller.
    pub(crate) fn scalar_inputs(&self) -> Option<usize> {
        let kinds = || self.arguments.iter().map(|argument| &argument.kind);
        let is_unchecked = kinds().any(|kind| matches!(kind, ArgumentKind::Scalars));
        (!is_unchecked).then(|| kinds().filter(|kind| matches!(kind, ArgumentKind::Scalar(_))).count())
    }

    /// The structure input, one or many.
    pub(crate) fn structure_input(&self) -> Option<&ArgumentKind> {
        let is_it =
            |kind: &&ArgumentKind| matches!(kind, ArgumentKind::Structure(_) | ArgumentKind::Slice(_));
        self.arguments.iter().map(|argument| &argument.kind).find(is_it)
    }
}
