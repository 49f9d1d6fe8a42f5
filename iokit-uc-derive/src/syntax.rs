//! Questions about pieces of Rust.

use syn::{
    Attribute, GenericArgument, Ident, Pat, Path, PathArguments, ReturnType, TraitItem, TraitItemFn, Type,
    TypeParamBound,
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

pub(crate) fn is_future(ty: &Type) -> bool {
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

/// A method whose signature can be repeated in an `impl`.
pub(crate) fn repeatable(item: &TraitItem) -> Option<&TraitItemFn> {
    let TraitItem::Fn(function) = item else { return None };
    let opaque = |ty: &Type| matches!(peel_type(ty), Type::ImplTrait(_));
    let returns_opaque = matches!(&function.sig.output, ReturnType::Type(_, ty) if opaque(ty));
    (!returns_opaque).then_some(function)
}
