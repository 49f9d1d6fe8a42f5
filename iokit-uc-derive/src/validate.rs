//! The rules of an external method, and what a trait that breaks one is told.
//!
//! What rustc says better is left to it: which types can cross is decided by traits, in assertions that the expansion
//! puts at each type.

use crate::attr::Keys;
use crate::errors::Errors;
use crate::model::{Argument, ArgumentKind, Method, Target};
use crate::syntax::{last_segment, plain_name};
use quote::ToTokens;
use std::collections::HashMap;
use syn::visit::{self, Visit};
use syn::{
    FnArg, Ident, ItemTrait, Lifetime, LitStr, Pat, PatType, Path, ReceiverKind, Safety, Signature,
    TraitItemFn, Type, TypeImplTrait, TypeReference, TypeTraitObject,
};

const SCALARS_MAX: usize = 16;

/// The size of `io_name_t`, with its NUL.
const NAME_MAX: usize = 128;

const GENERIC: &str = "external methods cannot be generic: a selector has one wire layout";
const REFERENCE: &str =
    "a reference crosses only as a whole argument, `&T` or `&[T]`; put the data itself here";
const LIFETIME: &str = "external methods name no lifetimes: a call borrows its arguments until it returns";
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

pub(crate) fn interface(errors: &mut Errors, item: &ItemTrait) {
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

/// Reports what is not supported yet, once for a method.
pub(crate) fn is_later_work(errors: &mut Errors, keys: &mut Keys, function: &TraitItemFn) -> bool {
    for name in ["memory", "queue", "cache"] {
        if let Some(key) = keys.take(name) {
            errors.error(&key.name, format!("`#[uc({name} = ...)]` is not supported yet"));
            return true;
        }
    }
    if let Some(token) = &function.sig.asyncness {
        errors.error(token, "`async fn` external methods are not supported yet");
        return true;
    }
    false
}

/// What a method is besides its arguments and its result. What rustc would report once more is taken off.
pub(crate) fn function(errors: &mut Errors, function: &mut TraitItemFn) {
    let TraitItemFn { sig, default, .. } = function;
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
    match sig.inputs.first() {
        Some(FnArg::Receiver(receiver)) => {
            if !matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) {
                errors.error(receiver, RECEIVER);
            }
        }
        _ => errors.error(&sig.ident, RECEIVER),
    }
    if let Some(variadic) = sig.variadic.take() {
        errors.error(variadic, "external methods cannot be variadic: a selector has one wire layout");
    }
    if let Some(body) = default {
        errors.error(body, "external methods cannot have a default body: the body lives in the driver");
    }
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
pub(crate) fn output_type(errors: &mut Errors, ty: &Type) -> bool {
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
    if let Some(second) = those(|kind| matches!(kind, ArgumentKind::Buffer(_))).nth(1) {
        errors.error(of(&second.name), "a method has at most one structure output: take one `&mut [T]`");
    }
}

/// No two methods use one number, as far as the macro can see the numbers. The rest is compared in constants.
pub(crate) fn selectors(errors: &mut Errors, methods: &mut [Method]) {
    let mut users: HashMap<u32, (usize, bool)> = HashMap::new();
    for index in 0..methods.len() {
        let method = &methods[index];
        // A method that is not there in this configuration uses nothing.
        let literal = method.selector.as_ref().filter(|_| method.cfgs.is_empty()).and_then(|it| it.literal);
        let Some(literal) = literal else { continue };
        if let Some((first, reported)) = users.get_mut(&literal) {
            let (first, selector) = (&methods[*first], &method.selector);
            errors.error(
                selector.as_ref().map(|it| &it.value),
                format!("selector {literal} is already used by `{}`", first.name()),
            );
            if !std::mem::replace(reported, true) {
                let first = first.selector.as_ref().map(|it| &it.value);
                errors.error(first, format!("selector {literal} is first used here"));
            }
        } else {
            users.insert(literal, (index, false));
        }
        if let Some(selector) = &mut methods[index].selector {
            selector.compared = true;
        }
    }
}
