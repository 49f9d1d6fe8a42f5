//! What an annotated trait says: an interface and its external methods.

use crate::attr::{Keys, peel};
use crate::errors::Errors;
use crate::validate;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use std::collections::HashMap;
use syn::{
    Attribute, Expr, ExprLit, FnArg, GenericArgument, Ident, ItemTrait, Lit, LitBool, LitStr, Pat, PatType,
    Path, PathArguments, ReturnType, Signature, TraitItem, TraitItemFn, Type, TypeParamBound,
};

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
    /// `#[cfg(…)]`, without which the method is not there.
    pub(crate) cfgs: Vec<Attribute>,
    /// `None` if it is missing or wrong, which has been reported.
    pub(crate) selector: Option<Selector>,
    pub(crate) entitlement: Option<LitStr>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) output: Output,
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
    /// Something else, which has been reported.
    Mistaken,
}

const INTERFACE_KEYS: &[&str] = &[
    "service",
    "name",
    "type",
    "table",
    "entitlement",
    "default_locking",
    "set_properties_locking",
    "single_thread",
    "client",
    "server",
    "crate",
];
const METHOD_KEYS: &[&str] = &["selector", "entitlement", "memory", "queue", "cache"];
const TABLES: &[&str] = &["Dispatch2022", "Classic", "Legacy"];

impl Interface {
    pub(crate) fn parse(errors: &mut Errors, arguments: TokenStream, mut item: ItemTrait) -> Self {
        let mut keys = Keys::parse_tokens(errors, "#[user_client]", INTERFACE_KEYS, arguments);
        let service = keys.string(errors, "service");
        let name = keys.string(errors, "name");
        let target = validate::target(errors, service.map(Target::Service), name.map(Target::Name));
        let connection_type = keys.expression(errors, "type", "a `u32`: `type = 0`");
        let default = |suffix| format_ident!("{}{}", item.ident, suffix, span = item.ident.span());
        let client = keys.identifier(errors, "client").unwrap_or_else(|| default("Client"));
        let server = keys.identifier(errors, "server").unwrap_or_else(|| default("Server"));
        let table = keys.choice(errors, "table", TABLES);
        let locking = Locking {
            default: keys.boolean(errors, "default_locking"),
            set_properties: keys.boolean(errors, "set_properties_locking"),
            single_thread: keys.boolean(errors, "single_thread"),
        };
        let entitlement = keys.string(errors, "entitlement");
        let runtime = keys.runtime(errors);
        validate::interface(errors, &item);
        let methods = item.items.iter_mut().filter_map(|item| Method::parse(errors, item)).collect();
        let mut interface = Self {
            item,
            client,
            server,
            runtime,
            target,
            connection_type,
            table,
            entitlement,
            locking,
            methods,
        };
        validate::selectors(errors, &mut interface.methods);
        interface.unify_types();
        interface
    }

    /// Lets a type that stands in several places stand where it was seen first, so that it is one mistake if it cannot
    /// cross. `$crate` may mean different things that are written alike.
    fn unify_types(&mut self) {
        let mut first = HashMap::new();
        for method in &mut self.methods {
            let arguments = method.arguments.iter_mut().filter_map(|argument| match &mut argument.kind {
                ArgumentKind::Scalar(ty) => Some((0, ty)),
                ArgumentKind::Structure(ty) | ArgumentKind::Slice(ty) | ArgumentKind::Buffer(ty) => {
                    Some((1, ty))
                }
                ArgumentKind::Scalars => None,
            });
            let output = match &mut method.output {
                Output::Filled(ty) | Output::Variable(ty) => Some((1, ty)),
                Output::Fixed(ty) => Some((2, ty)),
                Output::Mistaken => None,
            };
            for (role, ty) in arguments.chain(output) {
                let text = ty.to_token_stream().to_string();
                if !text.contains('$') {
                    ty.clone_from(first.entry((role, text)).or_insert_with(|| ty.clone()));
                }
            }
        }
    }

    /// The methods that have a selector: all of them, unless the trait has mistakes.
    pub(crate) fn selectors(&self) -> impl Iterator<Item = (&Method, &Selector)> {
        self.methods.iter().filter_map(|method| Some((method, method.selector.as_ref()?)))
    }

    pub(crate) fn is_legacy(&self) -> bool {
        self.table.as_ref().is_some_and(|table| table == "Legacy")
    }
}

impl Method {
    /// Reads a method and takes `#[uc]` off it.
    fn parse(errors: &mut Errors, item: &mut TraitItem) -> Option<Self> {
        let TraitItem::Fn(function) = item else {
            errors.error(&*item, "only methods are allowed in a `#[user_client]` trait");
            take_uc(item);
            return None;
        };
        let marks = take_marks(&mut function.attrs);
        let Some(mark) = marks.first() else {
            errors.error(&function.sig.ident, missing(&function.sig.ident));
            return None;
        };
        if let Some(second) = marks.get(1) {
            errors.error(second, "`#[uc]` is given twice; put all keys in one");
        }
        let mut keys = Keys::parse_attribute(errors, "#[uc]", METHOD_KEYS, mark);
        if validate::is_later_work(errors, &mut keys, function) {
            return None;
        }
        let selector = keys.expression(errors, "selector", "a `u32`: `selector = 0`");
        if selector.is_none() && !keys.flawed {
            errors.error(mark.path(), missing(&function.sig.ident));
        }
        let selector = selector.and_then(|value| Selector::parse(errors, value));
        let entitlement = keys.string(errors, "entitlement");
        validate::function(errors, function);

        let arguments = function.sig.inputs.iter_mut();
        let arguments: Vec<_> = arguments.filter_map(|argument| Argument::parse(errors, argument)).collect();
        let output = Output::parse(errors, &function.sig, &arguments);
        validate::arguments(errors, &function.sig, &arguments);
        let cfgs = function.attrs.iter().filter(|attribute| is_cfg(attribute)).cloned().collect();
        let signature = function.sig.clone();
        Some(Self { signature, cfgs, selector, entitlement, arguments, output })
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
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

fn missing(method: &Ident) -> String {
    format!("missing `#[uc(selector = ...)]` or `#[uc(memory = ...)]` on `{method}`")
}

impl Selector {
    fn parse(errors: &mut Errors, value: Expr) -> Option<Self> {
        let literal = match peel(&value) {
            Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => match int.base10_parse() {
                Ok(literal) => Some(literal),
                Err(_) => {
                    errors.error(&value, "a selector is a `u32`: at most 4294967295");
                    return None;
                }
            },
            Expr::Lit(_) | Expr::Unary(_) => {
                errors.error(&value, "a selector is a `u32`: a number or a constant");
                return None;
            }
            _ => None,
        };
        Some(Self { value, literal, compared: false })
    }
}

impl Argument {
    /// Reads an argument; a pattern that is not a plain name is reported and taken out of the trait, where rustc
    /// would report it again.
    fn parse(errors: &mut Errors, argument: &mut FnArg) -> Option<Self> {
        let FnArg::Typed(argument) = argument else { return None };
        let name = validate::argument_name(errors, argument);
        let kind = ArgumentKind::parse(errors, argument)?;
        Some(Self { name: name?, kind })
    }
}

impl ArgumentKind {
    fn parse(errors: &mut Errors, argument: &PatType) -> Option<Self> {
        let ty = peel_type(&argument.ty);
        let kind = match ty {
            Type::Reference(reference) => match (peel_type(&reference.elem), reference.mutability) {
                (Type::Slice(slice), Some(_)) => Self::Buffer((*slice.elem).clone()),
                (_, Some(_)) => {
                    let message =
                        "`&mut T` is not a wire type; return the structure instead, or take `&mut [T]`";
                    errors.error(ty, message);
                    return None;
                }
                (Type::Slice(slice), None) => Self::Slice((*slice.elem).clone()),
                (structure, None) => Self::Structure(structure.clone()),
            },
            _ if last_segment(ty).is_some_and(|(name, _)| name == "Scalars") => Self::Scalars,
            _ => Self::Scalar(ty.clone()),
        };
        validate::argument_type(errors, ty, &kind).then_some(kind)
    }
}

impl Output {
    fn parse(errors: &mut Errors, signature: &Signature, arguments: &[Argument]) -> Self {
        const BARE: &str =
            "external methods return `iokit_uc::Result<T>`: every call can fail with an `IOReturn`";
        let ReturnType::Type(_, ty) = &signature.output else {
            errors.error(&signature.ident, BARE);
            return Self::Mistaken;
        };
        let Some(ok) = only_argument(ty, "Result") else {
            let message = if is_future(ty) {
                "external methods cannot return a future; write `async fn` for an asynchronous external method"
            } else {
                BARE
            };
            errors.error(ty, message);
            return Self::Mistaken;
        };
        let buffer = arguments.iter().find_map(|argument| match &argument.kind {
            ArgumentKind::Buffer(element) => Some(element),
            _ => None,
        });
        if let Some(element) = buffer {
            if last_segment(ok).is_some_and(|(name, _)| name == "usize") {
                return Self::Filled(element.clone());
            }
            errors.error(ok, "a method with `&mut [T]` returns `Result<usize>`: how many elements it wrote");
            return Self::Mistaken;
        }
        if !validate::output_type(errors, ok) {
            return Self::Mistaken;
        }
        match only_argument(ok, "Vec") {
            Some(element) => Self::Variable(element.clone()),
            None => Self::Fixed(ok.clone()),
        }
    }
}

/// A type without parentheses and without the invisible group that a `macro_rules!` argument comes in.
pub(crate) fn peel_type(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel_type(&group.elem),
        Type::Paren(paren) => peel_type(&paren.elem),
        _ => ty,
    }
}

/// `Result` and `<T>` of `iokit_uc::Result<T>`.
pub(crate) fn last_segment(ty: &Type) -> Option<(&Ident, &PathArguments)> {
    match peel_type(ty) {
        Type::Path(path) => last_of(&path.path),
        _ => None,
    }
}

fn last_of(path: &Path) -> Option<(&Ident, &PathArguments)> {
    path.segments.last().map(|segment| (&segment.ident, &segment.arguments))
}

/// `T` of `Result<T>`, if it is the only argument.
fn only_argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let (segment, PathArguments::AngleBracketed(arguments)) = last_segment(ty)? else { return None };
    let mut arguments = arguments.args.iter();
    match (segment == name, arguments.next(), arguments.next()) {
        (true, Some(GenericArgument::Type(ty)), None) => Some(ty),
        _ => None,
    }
}

fn is_future(ty: &Type) -> bool {
    match peel_type(ty) {
        Type::ImplTrait(opaque) => opaque.bounds.iter().any(|bound| match bound {
            TypeParamBound::Trait(bound) => last_of(&bound.path).is_some_and(|(name, _)| name == "Future"),
            _ => false,
        }),
        ty => last_segment(ty).is_some_and(|(name, _)| name == "Pin"),
    }
}

/// `#[cfg(…)]`, and `#[cfg_attr(…, cfg(…))]` that comes to one.
pub(crate) fn is_cfg(attribute: &Attribute) -> bool {
    if attribute.path().is_ident("cfg") {
        return true;
    }
    let Ok(list) = attribute.meta.require_list() else { return false };
    let is_cfg = |(index, meta): (usize, &syn::Meta)| index > 0 && meta.path().is_ident("cfg");
    attribute.path().is_ident("cfg_attr")
        && list
            .parse_args_with(syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated)
            .is_ok_and(|metas| metas.iter().enumerate().any(is_cfg))
}

fn take_marks(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    attrs.extract_if(.., |attribute| attribute.path().is_ident("uc")).collect()
}

/// Takes `#[uc]` off an item that is not a method, where it would be an attribute that rustc does not know.
fn take_uc(item: &mut TraitItem) {
    let attrs = match item {
        TraitItem::Const(item) => &mut item.attrs,
        TraitItem::Type(item) => &mut item.attrs,
        TraitItem::Macro(item) => &mut item.attrs,
        _ => return,
    };
    take_marks(attrs);
}

/// The name that a pattern consists of.
pub(crate) fn plain_name(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(plain)
            if plain.by_ref.is_none() && plain.mutability.is_none() && plain.subpat.is_none() =>
        {
            Some(&plain.ident)
        }
        _ => None,
    }
}

/// Takes `#[uc]` off the methods of an `impl` or of anything else that the attribute was put on by mistake.
pub(crate) fn clean(item: &mut syn::Item) {
    if let syn::Item::Impl(item) = item {
        for item in &mut item.items {
            if let syn::ImplItem::Fn(function) = item {
                take_marks(&mut function.attrs);
            }
        }
    }
}

/// A method whose signature can be repeated in an `impl`.
pub(crate) fn repeatable(item: &TraitItem) -> Option<&TraitItemFn> {
    let TraitItem::Fn(function) = item else { return None };
    let opaque = |ty: &Type| matches!(peel_type(ty), Type::ImplTrait(_));
    let returns_opaque = matches!(&function.sig.output, ReturnType::Type(_, ty) if opaque(ty));
    (!returns_opaque).then_some(function)
}
