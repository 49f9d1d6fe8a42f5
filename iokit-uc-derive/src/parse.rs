//! Reading an annotated trait.

use crate::attr::{Keys, peel};
use crate::docs;
use crate::errors::Errors;
use crate::model::{Argument, ArgumentKind, Interface, Locking, Method, Output, Selector, Target};
use crate::syntax::{
    self, is_future, last_segment, only_argument, peel_type, take_conditional_marks, take_marks, take_uc,
};
use crate::validate;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use std::collections::HashMap;
use syn::{
    Expr, ExprLit, FnArg, Ident, ItemTrait, Lit, PatType, ReturnType, Signature, TraitItem, TraitItemFn, Type,
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
        let methods = item.items.iter_mut().filter_map(|item| Method::parse(errors, item)).collect();
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
            has_mistakes: false,
        };
        validate::selectors(errors, &mut interface.methods);
        validate::completions(errors, &interface);
        interface.unify_types();
        interface.has_mistakes = !errors.is_empty();
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
                Output::Completion(ty) => Some((4, ty)),
                Output::Mistaken => None,
            };
            let result = method.result.as_mut().map(|ty| (3, ty));
            for (role, ty) in arguments.chain(output).chain(result) {
                let text = ty.to_token_stream().to_string();
                if !text.contains('$') {
                    ty.clone_from(first.entry((role, text)).or_insert_with(|| ty.clone()));
                }
            }
        }
    }
}

impl Method {
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
            errors.error(&function.sig.ident, missing(&function.sig.ident));
            return None;
        };
        if let Some(second) = marks.get(1) {
            errors.error(second, "`#[uc]` is given twice; put all keys in one");
        }
        let mut keys = Keys::parse_attribute(errors, "#[uc]", METHOD_KEYS, mark);
        if validate::is_later_work(errors, &mut keys) {
            return None;
        }
        let selector = keys.expression(errors, "selector", "a `u32`: `selector = 0`");
        if selector.is_none() && !keys.flawed {
            errors.error(mark.path(), missing(&function.sig.ident));
        }
        let selector = selector.and_then(|value| Selector::parse(errors, value));
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
            let message = if is_future(ty) { validate::FUTURE } else { BARE };
            errors.error(ty, message);
            return Self::Mistaken;
        };
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
