//! Attributes: lists of keys, `key` or `key = value`.

use crate::errors::Errors;
use crate::syntax;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, ExprPath, Ident, Lit, LitBool, LitStr, Token};

/// One key of a list: `selector = 3`.
pub(crate) struct Key {
    pub(crate) name: Ident,
    pub(crate) value: Option<Expr>,
}

impl Parse for Key {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?.unraw();
        let value = if input.parse::<Option<Token![=]>>()?.is_some() {
            Some(input.parse()?)
        } else if input.is_empty() || input.peek(Token![,]) {
            None
        } else {
            return Err(input.error(format!("expected `{name} = …`")));
        };
        Ok(Self { name, value })
    }
}

/// The keys of one attribute, each of them known and given once.
pub(crate) struct Keys {
    /// How messages name the attribute: `#[uc]`.
    attribute: &'static str,
    keys: Vec<Key>,
    /// Whether some of the list was wrong, so that what is missing may just be misspelt.
    pub(crate) flawed: bool,
}

impl Keys {
    pub(crate) fn parse(
        errors: &mut Errors,
        attribute: &'static str,
        allowed: &[&str],
        list: syn::Result<Punctuated<Key, Token![,]>>,
    ) -> Self {
        let mut keys = Self { attribute, keys: Vec::new(), flawed: false };
        match list {
            Ok(list) => list.into_iter().for_each(|key| keys.add(errors, allowed, key)),
            Err(error) => {
                errors.push(error);
                keys.flawed = true;
            }
        }
        keys
    }

    pub(crate) fn parse_tokens(
        errors: &mut Errors,
        attribute: &'static str,
        allowed: &[&str],
        tokens: TokenStream,
    ) -> Self {
        let list = Punctuated::parse_terminated.parse2(tokens);
        Self::parse(errors, attribute, allowed, list)
    }

    pub(crate) fn parse_attribute(
        errors: &mut Errors,
        attribute: &'static str,
        allowed: &[&str],
        at: &Attribute,
    ) -> Self {
        let list = at.parse_args_with(Punctuated::parse_terminated);
        Self::parse(errors, attribute, allowed, list)
    }

    /// The keys of a derive's helper attribute, which may be missing.
    pub(crate) fn parse_helper(
        errors: &mut Errors,
        attribute: &'static str,
        name: &str,
        allowed: &[&str],
        attrs: &[Attribute],
    ) -> Self {
        let mut given = attrs.iter().filter(|at| at.path().is_ident(name));
        let keys = match given.next() {
            Some(at) => Self::parse_attribute(errors, attribute, allowed, at),
            None => Self { attribute, keys: Vec::new(), flawed: false },
        };
        for at in given {
            errors.error(at, format!("`{attribute}` is given twice"));
        }
        keys
    }

    fn add(&mut self, errors: &mut Errors, allowed: &[&str], key: Key) {
        let Self { attribute, .. } = *self;
        let name = key.name.to_string();
        if !allowed.contains(&name.as_str()) {
            errors.error(
                &key.name,
                format!("unknown `{attribute}` key `{name}`{}", suggestion(&name, allowed)),
            );
            self.flawed = true;
        } else if self.keys.iter().any(|given| given.name == key.name) {
            errors.error(&key.name, format!("`{attribute}` key `{name}` is given twice"));
        } else {
            self.keys.push(key);
        }
    }

    /// Which of `names` are given, in this order.
    pub(crate) fn given(&self, names: &[&str]) -> Vec<Ident> {
        let keys = self.keys.iter().map(|key| &key.name);
        keys.filter(|name| names.iter().any(|wanted| *name == wanted)).cloned().collect()
    }

    /// Takes the key `name` out of the list.
    pub(crate) fn take(&mut self, name: &str) -> Option<Key> {
        let index = self.keys.iter().position(|key| key.name == name)?;
        Some(self.keys.swap_remove(index))
    }

    /// The value of key `name` as `read` understands it, `expected` in words.
    fn value<T>(
        &mut self,
        errors: &mut Errors,
        name: &str,
        expected: &str,
        read: impl FnOnce(&Expr) -> Option<T>,
    ) -> Option<T> {
        let key = self.take(name)?;
        let value = key.value.as_ref().and_then(|value| read(peel(value)));
        if value.is_none() {
            let message = format!("`{name}` takes {expected}");
            match &key.value {
                Some(wrong) => errors.error(wrong, message),
                None => errors.error(&key.name, message),
            }
            self.flawed = true;
        }
        value
    }

    pub(crate) fn expression(&mut self, errors: &mut Errors, name: &str, expected: &str) -> Option<Expr> {
        let value = self.value(errors, name, expected, |value| Some(value.clone()))?;
        // Where the value is written down, `Self` is the client, or a view.
        let Some(place) = syntax::find_self(value.to_token_stream()) else { return Some(value) };
        errors.error(place, format!("`Self` means nothing in `{name}`: name a constant outside the item"));
        self.flawed = true;
        None
    }

    pub(crate) fn string(&mut self, errors: &mut Errors, name: &str) -> Option<LitStr> {
        self.value(errors, name, "a string: `\"…\"`", |value| match value {
            Expr::Lit(ExprLit { lit: Lit::Str(string), .. }) => Some(string.clone()),
            _ => None,
        })
    }

    pub(crate) fn boolean(&mut self, errors: &mut Errors, name: &str) -> Option<LitBool> {
        self.value(errors, name, "`true` or `false`", |value| match value {
            Expr::Lit(ExprLit { lit: Lit::Bool(boolean), .. }) => Some(boolean.clone()),
            _ => None,
        })
    }

    pub(crate) fn identifier(&mut self, errors: &mut Errors, name: &str) -> Option<Ident> {
        self.value(errors, name, "a name", identifier)
    }

    pub(crate) fn choice(&mut self, errors: &mut Errors, name: &str, choices: &[&str]) -> Option<Ident> {
        let given = self.value(errors, name, &one_of(choices), identifier)?;
        if choices.iter().any(|choice| given == choice) {
            return Some(given);
        }
        let suggestion = suggestion(&given.to_string(), choices);
        errors.error(&given, format!("unknown `{name}` `{given}`{suggestion}"));
        None
    }

    /// The path to what generated code calls: the default, or below `crate = ::path`.
    pub(crate) fn runtime(&mut self, errors: &mut Errors) -> TokenStream {
        let path = self.value(errors, "crate", "a path: `::path`", |value| match value {
            Expr::Path(ExprPath { qself: None, path, .. }) => Some(path.clone()),
            _ => None,
        });
        match path {
            Some(path) => quote!(#path::__private),
            None => quote!(::iokit_uc::__private),
        }
    }
}

/// The runtime path that a derive's helper attribute chooses.
pub(crate) fn helper(
    errors: &mut Errors,
    attribute: &'static str,
    name: &str,
    attrs: &[Attribute],
) -> TokenStream {
    Keys::parse_helper(errors, attribute, name, &["crate"], attrs).runtime(errors)
}

/// Reports a derive's helper attribute on a part of the type, where it says nothing.
pub(crate) fn no_helper(errors: &mut Errors, attribute: &str, name: &str, attrs: &[Attribute]) {
    for at in attrs.iter().filter(|at| at.path().is_ident(name)) {
        errors.error(at, format!("`{attribute}` goes on the whole type, above it"));
    }
}

/// An expression without the invisible group that a `macro_rules!` argument comes in.
pub(crate) fn peel(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => peel(&group.expr),
        _ => value,
    }
}

fn identifier(value: &Expr) -> Option<Ident> {
    match value {
        Expr::Path(ExprPath { qself: None, path, .. }) => {
            // `Self` is a path, but no name.
            path.get_ident().filter(|name| syn::parse_str::<Ident>(&name.to_string()).is_ok()).cloned()
        }
        _ => None,
    }
}

/// "; did you mean `selector`? (expected one of `selector`, `entitlement`)".
fn suggestion(given: &str, known: &[&str]) -> String {
    let nearest = known.iter().map(|known| (distance(given, known), known)).min();
    let hint = match nearest {
        Some((distance, known)) if distance <= 2 && distance < given.len() => {
            format!("; did you mean `{known}`?")
        }
        _ => String::new(),
    };
    format!("{hint} (expected {})", one_of(known))
}

fn one_of(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match &names[..] {
        [only] => only.clone(),
        _ => format!("one of {}", names.join(", ")),
    }
}

/// How many characters must be inserted, removed or replaced to get from `a` to `b` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_suggested_and_a_stranger_is_not() {
        let known = ["selector", "entitlement"];
        assert_eq!(
            suggestion("selektor", &known),
            "; did you mean `selector`? (expected one of `selector`, `entitlement`)"
        );
        assert_eq!(suggestion("priority", &known), " (expected one of `selector`, `entitlement`)");
        assert_eq!(suggestion("id", &["up"]), " (expected `up`)");
    }

    #[test]
    fn distance_counts_insertions_removals_and_replacements() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("selectr", "selector"), 1);
        assert_eq!(distance("sselector", "selector"), 1);
        assert_eq!(distance("größe", "grosse"), 3);
    }
}
