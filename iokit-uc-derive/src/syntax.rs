//! Questions about pieces of Rust.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, GenericArgument, Ident, Meta, MetaList, Pat, Path, PathArguments, ReturnType, Signature,
    Token, TraitItem, Type, TypeParamBound, TypePath, parse_quote_spanned,
};

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
pub(crate) fn only_argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let (segment, PathArguments::AngleBracketed(arguments)) = last_segment(ty)? else { return None };
    let mut arguments = arguments.args.iter();
    match (segment == name, arguments.next(), arguments.next()) {
        (true, Some(GenericArgument::Type(ty)), None) => Some(ty),
        _ => None,
    }
}

/// `Result<Mapping<T>>` and `Result<DataQueue<T>>`, as far as they are written so.
pub(crate) fn is_memory(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else { return false };
    only_argument(ty, "Result").and_then(memory_key).is_some()
}

/// The key of a method that returns this type, if it is `Mapping<T>` or `DataQueue<T>`.
pub(crate) fn memory_key(ty: &Type) -> Option<&'static str> {
    match last_segment(ty)? {
        (name, PathArguments::AngleBracketed(_)) if name == "Mapping" => Some("memory"),
        (name, PathArguments::AngleBracketed(_)) if name == "DataQueue" => Some("queue"),
        _ => None,
    }
}

/// Whether a path to a type starts elsewhere than at the library whose path is given.
pub(crate) fn is_foreign(ty: &Type, library: &TokenStream) -> bool {
    let Type::Path(TypePath { path, .. }) = peel_type(ty) else { return true };
    let mut library = library.clone().into_iter();
    let ours = library.find_map(|token| match token {
        TokenTree::Ident(name) => Some(name),
        _ => None,
    });
    path.segments.len() > 1 && path.segments.first().map(|segment| &segment.ident) != ours.as_ref()
}

pub(crate) fn is_future(ty: &Type) -> bool {
    is_opaque_future(ty) || last_segment(ty).is_some_and(|(name, _)| name == "Pin" || name == "Completion")
}

/// `impl Trait`
pub(crate) fn is_opaque(ty: &Type) -> bool {
    matches!(peel_type(ty), Type::ImplTrait(_))
}

/// `impl Future`
pub(crate) fn is_opaque_future(ty: &Type) -> bool {
    future_arguments(ty).is_some()
}

/// `T` of `impl Future<Output = T>`
pub(crate) fn future_output(ty: &Type) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = future_arguments(ty)? else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == "Output" => Some(&output.ty),
        _ => None,
    })
}

fn future_arguments(ty: &Type) -> Option<&PathArguments> {
    let Type::ImplTrait(opaque) = peel_type(ty) else { return None };
    opaque.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            last_of(&bound.path).filter(|(name, _)| *name == "Future").map(|(_, arguments)| arguments)
        }
        _ => None,
    })
}

/// Lets `async fn f() -> T` be a function that returns a future which may cross threads: what every `async fn` of an
/// implementor is checked against. One that says so itself is left as it is.
pub(crate) fn desugar_async(signature: &mut Signature) {
    let Some(token) = signature.asyncness.take() else { return };
    let output = match &signature.output {
        ReturnType::Type(_, ty) if is_opaque(ty) => return,
        ReturnType::Type(_, ty) => ty.to_token_stream(),
        ReturnType::Default => quote!(()),
    };
    let span = Span::call_site().located_at(token.span);
    signature.output = parse_quote_spanned! {span=>
        -> impl ::core::future::Future<Output = #output> + ::core::marker::Send
    };
}

/// Each `#[cfg(…)]`, and of each `#[cfg_attr(…)]` the `cfg`s in it.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    let of = |attribute: &Attribute| {
        let meta = part(&attribute.meta, "cfg")?;
        Some(Attribute { meta, ..attribute.clone() })
    };
    attrs.iter().filter_map(of).collect()
}

/// The attribute if it is called `name`; of `#[cfg_attr(…)]` what is called so.
fn part(meta: &Meta, name: &str) -> Option<Meta> {
    if meta.path().is_ident(name) {
        return Some(meta.clone());
    }
    let list = meta.require_list().ok().filter(|list| list.path.is_ident("cfg_attr"))?;
    let (condition, metas) = list.parse_args_with(conditional).ok()?;
    let parts: Vec<_> = metas.iter().filter_map(|meta| part(meta, name)).collect();
    let tokens = quote!(#condition, #(#parts),*);
    (!parts.is_empty()).then(|| Meta::List(MetaList { tokens, ..list.clone() }))
}

/// What stands in `#[cfg_attr(…)]`: a condition, which need not look like an attribute, and attributes.
fn conditional(input: ParseStream<'_>) -> syn::Result<(TokenStream, Punctuated<Meta, Token![,]>)> {
    let mut condition = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        condition.extend([input.parse::<TokenTree>()?]);
    }
    input.parse::<Token![,]>()?;
    Ok((condition, Punctuated::parse_terminated(input)?))
}

/// What a trait's attributes say about its client and its server too: lint levels, that it is deprecated, that it is
/// not documented.
pub(crate) fn inherited(attrs: &[Attribute]) -> impl Iterator<Item = TokenStream> {
    attrs.iter().filter_map(|attribute| {
        let path = attribute.path();
        let is_hidden =
            |list: Punctuated<Meta, Token![,]>| list.iter().any(|meta| meta.path().is_ident("hidden"));
        if path.is_ident("doc") {
            let list = attribute.parse_args_with(Punctuated::parse_terminated);
            return list.is_ok_and(is_hidden).then(|| quote!(#[doc(hidden)]));
        }
        let names = ["allow", "warn", "deny", "deprecated"];
        names.iter().any(|name| path.is_ident(name)).then(|| quote!(#attribute))
    })
}

/// `#[uc]` or `#[user_client]`
pub(crate) fn is_ours(attribute: &Attribute) -> bool {
    attribute.path().is_ident("uc")
        || last_of(attribute.path()).is_some_and(|(name, _)| name == "user_client")
}

/// `#[cfg_attr(…, uc(…))]`, which rustc would call unknown.
pub(crate) fn take_conditional_marks(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    let is_it =
        |attribute: &mut Attribute| !attribute.path().is_ident("uc") && part(&attribute.meta, "uc").is_some();
    attrs.extract_if(.., is_it).collect()
}

/// The first `Self` among some tokens.
pub(crate) fn find_self(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(name) => (name == "Self").then_some(name),
        TokenTree::Group(group) => find_self(group.stream()),
        _ => None,
    })
}

pub(crate) fn take_marks(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    attrs.extract_if(.., |attribute| attribute.path().is_ident("uc")).collect()
}

/// Takes `#[uc]` off an item that is not a method, where it would be an attribute that rustc does not know.
pub(crate) fn take_uc(item: &mut TraitItem) {
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
