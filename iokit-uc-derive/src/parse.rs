//! Reading an annotated trait.

use crate::attr::{Keys, peel};
use crate::docs;
use crate::errors::Errors;
use crate::model::{
    Argument, ArgumentKind, Interface, Locking, Memory, MemoryKind, Method, Number, Output, Target,
};
use crate::syntax::{
    self, is_future, last_segment, only_argument, peel_type, take_conditional_marks, take_marks, take_uc,
};
use crate::validate;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use std::collections::HashMap;
use syn::{
    Expr, ExprLit, FnArg, ItemTrait, Lit, PatType, ReturnType, Signature, TraitItem, TraitItemFn, Type,
};

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
/// The keys that say what a method is, of which it has one.
const NUMBER_KEYS: &[&str] = &["selector", "memory", "queue"];
const CACHE_MODES: &[&str] = &["Default", "Inhibit", "WriteThru", "Copyback", "WriteCombine"];
const TABLES: &[&str] = &["Dispatch2022", "Classic", "Legacy"];

impl Interface {
    pub(crate) fn parse(errors: &mut Errors, arguments: TokenStream, mut item: ItemTrait) -> Self {
        let mut keys = Keys::parse_tokens(errors, "#[user_client]", INTERFACE_KEYS, arguments);
        let service = keys.string(errors, "service");
        let name = keys.string(errors, "name");
        let target = validate::target(errors, service.map(Target::Service), name.map(Target::Name));
        let connection_type = keys.expression(errors, "type", "a `u32`: `type = 0`");
        let default = |suffix| format_ident!("{}{}", item.ident, suffix, span = item.ident.span());
        let (client, server) = (keys.identifier(errors, "client"), keys.identifier(errors, "server"));
        let default_server = default("Server");
        let other = if server.is_none() { &default_server } else { &item.ident };
        let client = validate::free_name(errors, client, &[&item.ident, other]);
        let client = client.unwrap_or_else(|| default("Client"));
        let server = validate::free_name(errors, server, &[&item.ident, &client]).unwrap_or(default_server);
        let table = keys.choice(errors, "table", TABLES);
        let locking = Locking {
            default: keys.boolean(errors, "default_locking"),
            set_properties: keys.boolean(errors, "set_properties_locking"),
            single_thread: keys.boolean(errors, "single_thread"),
        };
        let entitlement = keys.string(errors, "entitlement");
        let runtime = keys.runtime(errors);
        validate::interface(errors, &mut item);
        validate::names(errors, &mut item);
        let (mut methods, mut memory) = (Vec::new(), Vec::new());
        for item in &mut item.items {
            match Declared::parse(errors, item) {
                Some(Declared::Method(method)) => methods.push(method),
                Some(Declared::Memory(declared)) => memory.push(declared),
                None => {}
            }
        }
        // What a macro would expand to is not known; it has been reported.
        item.items.retain(|item| !matches!(item, TraitItem::Macro(_)));
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
            memory,
            has_mistakes: false,
        };
        validate::selectors(errors, &mut interface.methods);
        validate::memory_types(errors, &mut interface.memory);
        validate::completions(errors, &interface);
        interface.unify_types();
        interface.has_mistakes = !errors.is_empty();
        interface
    }

    /// Lets a type that stands in several places stand where it was seen first, so that it is one mistake if it cannot
    /// cross. `$crate` may mean different things that are written alike.
    fn unify_types(&mut self) {
        let mut first = HashMap::new();
        let mut unify = |role, ty: &mut Type| {
            let text = ty.to_token_stream().to_string();
            if !text.contains('$') {
                ty.clone_from(first.entry((role, text)).or_insert_with(|| ty.clone()));
            }
        };
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
                Output::Completion(ty) => Some((4, ty)),
                Output::Mistaken => None,
            };
            let result = method.result.as_mut().map(|ty| (3, ty));
            arguments.chain(output).chain(result).for_each(|(role, ty)| unify(role, ty));
        }
        for Memory { kind, content, result, .. } in &mut self.memory {
            unify(if *kind == MemoryKind::Queue { 5 } else { 6 }, content);
            unify(3, result);
        }
    }
}

/// What one item of a trait declares.
enum Declared {
    Method(Method),
    Memory(Memory),
}

impl Declared {
    /// Reads a method, and leaves it in the trait as rustc is to see it.
    fn parse(errors: &mut Errors, item: &mut TraitItem) -> Option<Self> {
        let TraitItem::Fn(function) = item else {
            errors.error(&*item, "only methods are allowed in a `#[user_client]` trait");
            take_uc(item);
            return None;
        };
        let method = Self::parse_function(errors, function);
        syntax::desugar_async(&mut function.sig);
        method
    }

    /// Reads a method and takes `#[uc]` off it.
    fn parse_function(errors: &mut Errors, function: &mut TraitItemFn) -> Option<Self> {
        if let Some(mark) = take_conditional_marks(&mut function.attrs).first() {
            errors.error(mark, "`#[uc]` cannot stand in `#[cfg_attr]`: put `#[cfg]` on the method instead");
            take_marks(&mut function.attrs);
            return None;
        }
        let marks = take_marks(&mut function.attrs);
        let Some(mark) = marks.first() else {
            validate::unmarked(errors, &function.sig.ident, &function.sig.ident);
            return None;
        };
        if let Some(second) = marks.get(1) {
            errors.error(second, "`#[uc]` is given twice; put all keys in one");
        }
        let mut keys = Keys::parse_attribute(errors, "#[uc]", METHOD_KEYS, mark);
        let given = keys.given(NUMBER_KEYS);
        let kind = match &given[..] {
            [] => None,
            [key] => MemoryKind::of(key),
            [first, second, ..] => {
                validate::exclusive(errors, first, second);
                return None;
            }
        };
        if given.is_empty() {
            validate::no_number(errors, &mut keys, mark, &function.sig.ident);
            if syntax::is_memory(&function.sig.output) {
                // What is missing was not a selector, so the rest is not read as an external method's.
                return None;
            }
        }
        match kind {
            Some(kind) => Memory::parse(errors, function, keys, kind).map(Self::Memory),
            None => Method::parse(errors, function, keys).map(Self::Method),
        }
    }
}

impl Method {
    fn parse(errors: &mut Errors, function: &mut TraitItemFn, mut keys: Keys) -> Option<Self> {
        validate::no_cache(errors, &mut keys);
        let selector = Number::parse(errors, &mut keys, "selector", "selector");
        let entitlement = keys.string(errors, "entitlement");
        if !validate::function(errors, function) {
            return None;
        }

        let arguments = function.sig.inputs.iter_mut();
        let arguments: Vec<_> = arguments.filter_map(|argument| Argument::parse(errors, argument)).collect();
        let output = Output::parse(errors, &function.sig, &arguments);
        validate::arguments(errors, &function.sig, &arguments);
        let cfgs = syntax::cfgs(&function.attrs);
        let docs = docs::find(&function.attrs);
        let signature = function.sig.clone();
        let result = match &signature.output {
            ReturnType::Type(_, ty) => Some((**ty).clone()),
            ReturnType::Default => None,
        };
        Some(Self { signature, docs, cfgs, selector, entitlement, arguments, output, result })
    }
}

impl Memory {
    fn parse(
        errors: &mut Errors,
        function: &mut TraitItemFn,
        mut keys: Keys,
        kind: MemoryKind,
    ) -> Option<Self> {
        let number = Number::parse(errors, &mut keys, kind.key(), "memory type");
        if kind == MemoryKind::Queue {
            validate::no_cache(errors, &mut keys);
        }
        let cache = keys.choice(errors, "cache", CACHE_MODES);
        validate::no_entitlement(errors, &mut keys, kind);
        validate::memory_signature(errors, &mut function.sig, kind);
        if !validate::function(errors, function) {
            return None;
        }

        let content = ok_type(errors, &function.sig)?.clone();
        if !validate::wire_type(errors, &content) {
            return None;
        }
        let ReturnType::Type(_, result) = &function.sig.output else { return None };
        let (cfgs, docs) = (syntax::cfgs(&function.attrs), docs::find(&function.attrs));
        let (signature, result) = (function.sig.clone(), (**result).clone());
        Some(Self { signature, docs, cfgs, kind, number, cache, content, result })
    }
}

impl Number {
    /// Reads the value of `key`, which is `what`.
    fn parse(errors: &mut Errors, keys: &mut Keys, key: &str, what: &str) -> Option<Self> {
        let value = keys.expression(errors, key, &format!("a `u32`: `{key} = 0`"))?;
        let literal = match peel(&value) {
            Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => match int.base10_parse() {
                Ok(literal) => Some(literal),
                Err(_) => {
                    errors.error(&value, format!("a {what} is a `u32`: at most 4294967295"));
                    return None;
                }
            },
            Expr::Lit(_) | Expr::Unary(_) => {
                errors.error(&value, format!("a {what} is a `u32`: a number or a constant"));
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
        let Some(ok) = ok_type(errors, signature) else { return Self::Mistaken };
        let is_async = signature.asyncness.is_some();
        let buffer = arguments.iter().find_map(|argument| match &argument.kind {
            ArgumentKind::Buffer(element) => Some(element),
            _ => None,
        });
        if let Some(element) = buffer {
            if is_async {
                // Reported at the argument.
                return Self::Mistaken;
            }
            if last_segment(ok).is_some_and(|(name, _)| name == "usize") {
                return Self::Filled(element.clone());
            }
            errors.error(ok, "a method with `&mut [T]` returns `Result<usize>`: how many elements it wrote");
            return Self::Mistaken;
        }
        if !validate::output_type(errors, ok, is_async) {
            return Self::Mistaken;
        }
        match only_argument(ok, "Vec") {
            _ if is_async => Self::Completion(ok.clone()),
            Some(element) => Self::Variable(element.clone()),
            None => Self::Fixed(ok.clone()),
        }
    }
}

/// `T` of the `Result<T>` that a method returns.
fn ok_type<'a>(errors: &mut Errors, signature: &'a Signature) -> Option<&'a Type> {
    const BARE: &str =
        "external methods return `iokit_uc::Result<T>`: every call can fail with an `IOReturn`";
    let ReturnType::Type(_, ty) = &signature.output else {
        errors.error(&signature.ident, BARE);
        return None;
    };
    let ok = only_argument(ty, "Result");
    if ok.is_none() {
        errors.error(ty, if is_future(ty) { validate::FUTURE } else { BARE });
    }
    ok
}
