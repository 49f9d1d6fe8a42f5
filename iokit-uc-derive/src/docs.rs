//! Documentation as data.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The documentation in `attrs` as an expression, empty if there is none.
pub(crate) fn text(attrs: &[Attribute]) -> TokenStream {
    find(attrs).unwrap_or_else(|| quote!(""))
}

/// The documentation in `attrs` as an expression, if there is any.
pub(crate) fn find(attrs: &[Attribute]) -> Option<TokenStream> {
    let docs: Vec<_> = attrs.iter().filter_map(documentation).collect();
    if docs.is_empty() {
        return None;
    }
    let lines: Option<Vec<_>> = docs.iter().map(|doc| literal(doc)).collect();
    Some(match lines {
        Some(lines) => lines.join("\n").to_token_stream(),
        // `#[doc = include_str!("…")]`, or what a `macro_rules!` macro was given.
        None => quote!(::core::concat!(#(#docs, "\n"),*)),
    })
}

/// `/// …`, which is `#[doc = " …"]`
fn documentation(attribute: &Attribute) -> Option<&Expr> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => Some(&pair.value),
        _ => None,
    }
}

fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}
