//! What an annotated trait says: an interface and its external methods.

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
    pub(crate) selector: Option<Selector>,
    pub(crate) entitlement: Option<LitStr>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) output: Output,
    /// `Result<MySampleStruct>`, where what is wrong with it is said: at the first of those that are written alike.
    pub(crate) result: Option<Type>,
}

/// `selector = 3` or `selector = selectors::OPEN`
pub(crate) struct Selector {
    pub(crate) value: Expr,
    /// The number, where the macro can see it.
    pub(crate) literal: Option<u32>,
    /// Whether the macro has compared it with the other selectors that it can see.
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
    pub(crate) fn selectors(&self) -> impl Iterator<Item = (&Method, &Selector)> {
        self.methods.iter().filter_map(|method| Some((method, method.selector.as_ref()?)))
    }

    pub(crate) fn is_legacy(&self) -> bool {
        self.table.as_ref().is_some_and(|table| table == "Legacy")
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
