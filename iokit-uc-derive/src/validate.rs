//! The rules of an external method, and what a trait that breaks one is told.
//!
//! What rustc says better is left to it: which types can cross is decided by traits, in assertions that the expansion
//! puts at each type.

use crate::attr::Keys;
use crate::errors::Errors;
use crate::model::{Argument, ArgumentKind, Interface, Memory, MemoryKind, Method, Number, Target};
use crate::syntax::{self, last_segment, peel_type, plain_name};
use quote::ToTokens;
use std::collections::{HashMap, HashSet};
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, FnArg, Ident, ItemTrait, Lifetime, LitStr, Pat, PatType, Path, ReceiverKind, ReturnType,
    Safety, Signature, TraitItem, TraitItemFn, Type, TypeImplTrait, TypeReference, TypeTraitObject,
    parse_quote,
};

const SCALARS_MAX: usize = 16;

/// The size of `io_name_t`, with its NUL.
const NAME_MAX: usize = 128;

const GENERIC: &str = "external methods cannot be generic: a selector has one wire layout";
const REFERENCE: &str =
    "a reference crosses only as a whole argument, `&T` or `&[T]`; put the data itself here";
const LIFETIME: &str = "external methods name no lifetimes: a call borrows its arguments until it returns";
const COMPLETION: &str =
    "completions carry at most 16 scalars, no structure; fetch data with a second method or shared memory";
pub(crate) const FUTURE: &str =
    "external methods cannot return a future; write `async fn` for an asynchronous external method";
const RECEIVER: &str = "external methods take `&self`: a connection is shared by every thread of the task";

/// At most one way to find the services, which the kernel can compare with a name of its own.
pub(crate) fn target(errors: &mut Errors, service: Option<Target>, name: Option<Target>) -> Option<Target> {
    if let (Some(_), Some(Target::Name(name))) = (&service, &name) {
        errors.error(name, "`service` and `name` exclude each other: services are found by class or by name");
    }
    let target = service.or(name)?;
    let (Target::Service(text) | Target::Name(text)) = &target;
    check_name(errors, text);
    Some(target)
}

fn check_name(errors: &mut Errors, text: &LitStr) {
    let value = text.value();
    if value.is_empty() || value.len() >= NAME_MAX || value.contains('\0') {
        let message = format!(
            "no service has this name: it takes 1 to {} bytes without a NUL (`io_name_t`)",
            NAME_MAX - 1
        );
        errors.error(text, message);
    }
}

/// What the client or the server is called, if the name is none of those `taken`.
pub(crate) fn free_name(errors: &mut Errors, given: Option<Ident>, taken: &[&Ident]) -> Option<Ident> {
    given.filter(|given| {
        let is_taken = taken.iter().any(|taken| taken.unraw() == given.unraw());
        if is_taken {
            errors.error(given, "the trait, its client and its server need three different names");
        }
        !is_taken
    })
}

/// What the trait is besides its methods. What rustc would report once more, or call unknown, is taken off.
pub(crate) fn interface(errors: &mut Errors, item: &mut ItemTrait) {
    for attribute in item.attrs.extract_if(.., |attribute| syntax::is_ours(attribute)) {
        let message = if attribute.path().is_ident("uc") {
            "`#[uc]` goes on a method; what is said about the whole trait goes into `#[user_client]`"
        } else {
            "`#[user_client]` is given twice; put all keys in one"
        };
        errors.error(attribute, message);
    }
    if !item.generics.params.is_empty() {
        errors.error(
            &item.generics,
            "a `#[user_client]` trait cannot be generic: its dispatch table is a constant",
        );
    }
    if let Some(clause) = &item.generics.where_clause {
        errors.error(
            clause,
            "a `#[user_client]` trait has no where clause; a bound on `Self` can be a supertrait",
        );
    }
    if let Some(token) = &item.unsafety {
        errors.error(token, "a `#[user_client]` trait is safe: the kernel checks what crosses");
    }
}

/// No two methods have one name. A second one is taken out of the trait, where rustc would report it again.
pub(crate) fn names(errors: &mut Errors, item: &mut ItemTrait) {
    let mut names = HashSet::new();
    item.items.retain(|item| {
        let TraitItem::Fn(function) = item else { return true };
        let name = &function.sig.ident;
        // Methods of different configurations may share a name.
        let is_new = !syntax::cfgs(&function.attrs).is_empty() || names.insert(name.unraw());
        if !is_new {
            errors.error(name, format!("there are two methods called `{name}`"));
        }
        is_new
    });
}

/// A method without any `#[uc]`, or with one that does not say what it is.
pub(crate) fn unmarked(errors: &mut Errors, at: impl ToTokens, method: &Ident) {
    let message = format!(
        "missing `#[uc(selector = ...)]`, `#[uc(memory = ...)]` or `#[uc(queue = ...)]` on `{method}`"
    );
    errors.error(at, message);
}

/// The same of a method whose `#[uc]` is there. A key that is wrong or alone may be the one that is missing.
pub(crate) fn no_number(errors: &mut Errors, keys: &mut Keys, mark: &Attribute, method: &Ident) {
    if !keys.flawed {
        no_cache(errors, keys);
    }
    if !keys.flawed {
        unmarked(errors, mark.path(), method);
        keys.flawed = true;
    }
}

/// A method is one thing.
pub(crate) fn exclusive(errors: &mut Errors, first: &Ident, second: &Ident) {
    let message = format!(
        "`{first}` and `{second}` exclude each other: a method calls the driver, maps its memory, or opens its queue"
    );
    errors.error(second, message);
}

/// Only memory is mapped in one way or another.
pub(crate) fn no_cache(errors: &mut Errors, keys: &mut Keys) {
    if let Some(key) = keys.take("cache") {
        errors
            .error(&key.name, "`cache` goes with `memory = ...`: it says how the processor caches a mapping");
        keys.flawed = true;
    }
}

/// The kernel asks for none where memory is mapped (MEM-1).
pub(crate) fn no_entitlement(errors: &mut Errors, keys: &mut Keys, kind: MemoryKind) {
    if let Some(key) = keys.take("entitlement") {
        let message = format!(
            "`{}` has no entitlement: the kernel checks none at IOConnectMapMemory, but it does when the service is \
             opened: `#[user_client(entitlement = \"...\")]`",
            kind.key()
        );
        errors.error(&key.name, message);
    }
}

/// What a method with memory takes: nothing. Arguments that are wrong themselves are mended, where rustc would report
/// them again.
pub(crate) fn memory_signature(errors: &mut Errors, signature: &mut Signature, kind: MemoryKind) {
    let key = kind.key();
    if let Some(token) = signature.asyncness {
        errors.error(
            token,
            format!(
                "a method with `{key}` is not `async`: the memory is there when IOConnectMapMemory returns"
            ),
        );
    }
    let mut arguments = signature.inputs.iter_mut().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    });
    let Some(first) = arguments.next() else { return };
    let message = format!(
        "a method with `{key}` takes nothing but `&self`: IOConnectMapMemory passes the driver the number alone"
    );
    errors.error(&*first, message);
    for argument in std::iter::once(first).chain(arguments) {
        argument.attrs.clear();
        if plain_name(&argument.pat).is_none() {
            *argument.pat = Pat::Verbatim(quote::quote!(_));
        }
    }
}

/// What a method is besides its arguments and its result. What rustc would report once more is taken off.
///
/// Returns whether it has no parameters of its own, which types in it might name.
pub(crate) fn function(errors: &mut Errors, function: &mut TraitItemFn) -> bool {
    let TraitItemFn { attrs, sig, default, .. } = function;
    if let Some(token) = sig.constness.take() {
        errors.error(token, "external methods cannot be `const`: every call enters the kernel");
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.error(token, "external methods are safe: the kernel checks what crosses");
    }
    if let Some(abi) = &sig.abi {
        errors.error(
            abi,
            "external methods have no ABI of their own: arguments cross as scalars and structures",
        );
    }
    if !sig.generics.params.is_empty() {
        let only_lifetimes = sig.generics.lifetimes().count() == sig.generics.params.len();
        errors.error(&sig.generics, if only_lifetimes { LIFETIME } else { GENERIC });
    }
    if let Some(clause) = &sig.generics.where_clause {
        errors.error(clause, "external methods have no where clause: a selector has one wire layout");
    }
    match sig.inputs.first_mut() {
        Some(FnArg::Receiver(receiver)) => {
            match &mut receiver.kind {
                // One that the method declares has been reported with the declaration.
                ReceiverKind::Reference(_, lifetime, None) => {
                    if let (Some(name), true) = (&*lifetime, sig.generics.params.is_empty()) {
                        errors.error(name, LIFETIME);
                        // Any other name is not declared.
                        lifetime.take_if(|name| name.ident != "static");
                    }
                }
                _ => errors.error(&*receiver, RECEIVER),
            }
        }
        _ => errors.error(&sig.ident, RECEIVER),
    }
    if let Some(variadic) = sig.variadic.take() {
        errors.error(variadic, "external methods cannot be variadic: a selector has one wire layout");
    }
    if let Some(body) = default {
        errors.error(&*body, "external methods cannot have a default body: the body lives in the driver");
        // The method keeps a body, because drivers may rely on it, but one in which nothing is wrong.
        let is_future = match &sig.output {
            ReturnType::Type(_, ty) => sig.asyncness.is_some() || syntax::is_opaque_future(ty),
            ReturnType::Default => sig.asyncness.is_some(),
        };
        *body = match is_future {
            true => parse_quote!({ ::core::future::pending() }),
            false => parse_quote!({ ::core::unreachable!() }),
        };
        attrs.push(parse_quote!(#[allow(unused_variables)]));
    }
    sig.generics.params.is_empty()
}

/// The name of an argument. Anything else is replaced by `_`, because rustc reports patterns too.
pub(crate) fn argument_name(errors: &mut Errors, argument: &mut PatType) -> Option<Ident> {
    if let Some(attribute) = argument.attrs.first() {
        errors.error(attribute, "arguments of external methods take no attributes");
        argument.attrs.clear();
    }
    let name = plain_name(&argument.pat).cloned();
    if name.is_none() {
        errors.error(&argument.pat, "external methods name their arguments: expected a plain name");
        *argument.pat = Pat::Verbatim(quote::quote!(_));
    }
    name
}

/// What can be seen to be wrong with an argument's type without asking rustc.
pub(crate) fn argument_type(errors: &mut Errors, ty: &Type, kind: &ArgumentKind) -> bool {
    if let ArgumentKind::Structure(target) = kind
        && last_segment(target).is_some_and(|(name, _)| name == "str")
    {
        errors.error(ty, "text has no fixed layout; pass its bytes: `&[u8]`, or an array in a structure");
        return false;
    }
    Shape::check(errors, ty, true)
}

/// What can be seen to be wrong with a result's type without asking rustc.
pub(crate) fn output_type(errors: &mut Errors, ty: &Type, is_async: bool) -> bool {
    let names = |ty: &Type, wanted: &str| last_segment(ty).is_some_and(|(name, _)| name == wanted);
    let members = match peel_type(ty) {
        Type::Tuple(tuple) => Vec::from_iter(&tuple.elems),
        ty => vec![ty],
    };
    if let Some(key) = syntax::memory_key(ty) {
        let message = format!("no call returns this: it is mapped by a method with `#[uc({key} = ...)]`");
        errors.error(ty, message);
        return false;
    }
    let streams: Vec<_> = members.iter().map(|ty| names(ty, "Completions")).collect();
    let message = if members.iter().any(|ty| names(ty, "Completion")) {
        FUTURE
    } else if is_async && streams.contains(&true) {
        "a method that completes many times is not `async`: the call answers, `Completions` is what follows"
    } else if is_async && names(ty, "Vec") {
        COMPLETION
    } else if !matches!(streams[..], [_] | [false, _]) && streams.contains(&true) {
        "`Completions` stands alone or behind one answer, `(R, Completions<T>)`; where more is answered, `R` is a tuple"
    } else {
        return wire_type(errors, ty);
    };
    errors.error(ty, message);
    false
}

/// The same of anything that a method returns.
pub(crate) fn wire_type(errors: &mut Errors, ty: &Type) -> bool {
    Shape::check(errors, ty, false)
}

/// Looks for the first part of a type that no wire type has.
struct Shape {
    /// Whether one reference is allowed: the one that makes an argument a structure.
    reference: bool,
    found: Option<syn::Error>,
}

impl Shape {
    fn check(errors: &mut Errors, ty: &Type, reference: bool) -> bool {
        let mut shape = Self { reference, found: None };
        shape.visit_type(ty);
        match shape.found {
            Some(error) => {
                errors.push(error);
                false
            }
            None => true,
        }
    }

    fn found(&mut self, at: impl ToTokens, message: &str) {
        self.found.get_or_insert_with(|| syn::Error::new_spanned(at, message));
    }
}

impl Visit<'_> for Shape {
    fn visit_lifetime(&mut self, lifetime: &Lifetime) {
        self.found(lifetime, LIFETIME);
    }

    fn visit_type_impl_trait(&mut self, ty: &TypeImplTrait) {
        self.found(ty, GENERIC);
    }

    fn visit_type_trait_object(&mut self, ty: &TypeTraitObject) {
        self.found(ty, "a trait object cannot cross: pass a structure, plain data of one layout");
    }

    fn visit_type_reference(&mut self, reference: &TypeReference) {
        if !std::mem::take(&mut self.reference) {
            self.found(reference, REFERENCE);
        }
        visit::visit_type_reference(self, reference);
    }

    fn visit_path(&mut self, path: &Path) {
        if path.segments.first().is_some_and(|segment| segment.ident == "Self") {
            self.found(path, "`Self` is the client or the driver, and neither can cross");
        }
        visit::visit_path(self, path);
    }
}

/// How many of each kind there may be (EM-1).
pub(crate) fn arguments(errors: &mut Errors, signature: &Signature, arguments: &[Argument]) {
    let of = |name: &Ident| {
        let arguments = signature.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        });
        let mut arguments = arguments.filter(move |argument| plain_name(&argument.pat) == Some(name));
        arguments.next().map(ToTokens::to_token_stream)
    };
    let those =
        |is_it: fn(&ArgumentKind) -> bool| arguments.iter().filter(move |argument| is_it(&argument.kind));

    let is_scalar = |kind: &ArgumentKind| matches!(kind, ArgumentKind::Scalar(_));
    if let Some(excess) = those(is_scalar).nth(SCALARS_MAX) {
        let message = format!(
            "this is scalar input {}; IOKit passes at most {SCALARS_MAX} (`kIOExternalMethodScalarInputCountMax`), \
             pass the rest in a structure",
            SCALARS_MAX + 1
        );
        errors.error(of(&excess.name), message);
    }
    let is_scalars = |kind: &ArgumentKind| matches!(kind, ArgumentKind::Scalar(_) | ArgumentKind::Scalars);
    let all = those(|kind| matches!(kind, ArgumentKind::Scalars)).next();
    if let (Some(_), Some(other)) = (all, those(is_scalars).nth(1)) {
        let message =
            "`Scalars` holds all the scalar inputs of a method: no other scalar may stand beside it";
        errors.error(of(&other.name), message);
    }
    let is_structure =
        |kind: &ArgumentKind| matches!(kind, ArgumentKind::Structure(_) | ArgumentKind::Slice(_));
    if let Some(second) = those(is_structure).nth(1) {
        let message =
            "a method has at most one structure input; group the fields in one #[derive(Structure)] struct";
        errors.error(of(&second.name), message);
    }
    let mut buffers = those(|kind| matches!(kind, ArgumentKind::Buffer(_)));
    if signature.asyncness.is_some() {
        if let Some(buffer) = buffers.next() {
            errors.error(of(&buffer.name), COMPLETION);
        }
    } else if let Some(second) = buffers.nth(1) {
        errors.error(of(&second.name), "a method has at most one structure output: take one `&mut [T]`");
    }
}

/// A driver with a legacy table cannot complete a call (EM-29).
pub(crate) fn completions(errors: &mut Errors, interface: &Interface) {
    let tokens = interface.methods.iter().filter_map(|method| method.signature.asyncness);
    for token in tokens.filter(|_| interface.is_legacy()) {
        errors.error(
            token,
            "legacy methods cannot be asynchronous: the kernel cuts the reference to 32 bits, and the wake port is \
             lost",
        );
    }
}

/// No two methods use one number, as far as the macro can see the numbers. The rest is compared in constants.
pub(crate) fn selectors(errors: &mut Errors, methods: &mut [Method]) {
    let numbers = methods.iter_mut().filter_map(|method| {
        let Method { signature, cfgs, selector, .. } = method;
        Some((&signature.ident, &cfgs[..], selector.as_mut()?))
    });
    unique(errors, "selector", numbers);
}

/// The same of memory and data queues, whose numbers are of one kind.
pub(crate) fn memory_types(errors: &mut Errors, memory: &mut [Memory]) {
    let numbers = memory.iter_mut().filter_map(|memory| {
        let Memory { signature, cfgs, number, .. } = memory;
        Some((&signature.ident, &cfgs[..], number.as_mut()?))
    });
    unique(errors, "memory type", numbers);
}

fn unique<'a>(
    errors: &mut Errors,
    what: &str,
    numbers: impl Iterator<Item = (&'a Ident, &'a [Attribute], &'a mut Number)>,
) {
    let mut users: HashMap<u32, (&Ident, &Expr, bool)> = HashMap::new();
    for (name, cfgs, number) in numbers {
        // A method that is not there in this configuration uses nothing.
        let Some(literal) = number.literal.filter(|_| cfgs.is_empty()) else { continue };
        number.compared = true;
        let Some((first, value, reported)) = users.get_mut(&literal) else {
            users.insert(literal, (name, &number.value, false));
            continue;
        };
        errors.error(&number.value, format!("{what} {literal} is already used by `{first}`"));
        if !std::mem::replace(reported, true) {
            errors.error(value, format!("{what} {literal} is first used here"));
        }
    }
}
