//! What the macros write, kept in `golden/*.expanded.rs` beside what they were given. `BLESS=1` writes those files anew.

use crate::{expand, register_block, register_value, scalar, structure};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::path::Path;
use syn::{Attribute, File, Item};

/// Expands the items of a file, each by the one macro that stands on it.
fn expand(source: &str) -> String {
    let file: File = syn::parse_str(source).unwrap();
    let expanded: TokenStream = file.items.into_iter().map(expand_item).collect();
    prettyplease::unparse(&syn::parse2(expanded).unwrap())
}

fn expand_item(mut item: Item) -> TokenStream {
    let Some((name, arguments)) = take_macro(&mut item) else { panic!("no macro stands on this item") };
    let item = item.into_token_stream();
    match (name.as_str(), arguments.to_string().as_str()) {
        ("derive", "Structure") => structure::derive(item),
        ("derive", "Scalar") => scalar::derive(item),
        ("derive", "RegisterBlock") => register_block::derive(item),
        ("derive", "RegisterValue") => register_value::derive(item),
        _ => expand::user_client(arguments, item),
    }
}

/// Takes the macro off an item: its name and what it is given.
fn take_macro(item: &mut Item) -> Option<(String, TokenStream)> {
    let attrs = match item {
        Item::Trait(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        _ => return None,
    };
    let name = |attribute: &Attribute| Some(attribute.path().get_ident()?.to_string());
    let is_macro =
        |attribute: &Attribute| matches!(name(attribute).as_deref(), Some("user_client" | "derive"));
    let index = attrs.iter().position(is_macro)?;
    let attribute = attrs.remove(index);
    let arguments = attribute.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
    Some((name(&attribute)?, arguments))
}

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/golden");
    let source = std::fs::read_to_string(folder.join(name).with_extension("rs")).unwrap();
    let expanded = expand(&source);
    let path = folder.join(name).with_extension("expanded.rs");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, expanded).unwrap();
    } else {
        let expected = std::fs::read_to_string(path).unwrap_or_default();
        assert!(expanded == expected, "`{name}` expands to\n{expanded}\nRun with BLESS=1 if that is right.");
    }
}

#[test]
fn an_interface_expands_as_written_down() {
    check("interface");
    check("interface_with_every_key");
    check("interface_with_memory");
}

#[test]
fn an_interface_with_a_mistake_still_has_a_client_and_a_server() {
    check("interface_with_a_mistake");
}

#[test]
fn the_derives_expand_as_written_down() {
    check("structure");
    check("scalar");
    check("register_block");
    check("register_value");
}

#[test]
fn a_method_costs_at_most_40_lines() {
    let source = include_str!("golden/interface.rs");
    let given: File = syn::parse_str(source).unwrap();
    let Some(Item::Trait(item)) = given.items.first() else { panic!("not a trait") };
    let lines = expand(source).lines().count() - prettyplease::unparse(&given).lines().count();
    assert!(lines <= 40 * item.items.len(), "{lines} lines for {} methods", item.items.len());
}

/// Tokens without their groups, so that each can be dropped or doubled by its number.
fn count(tokens: TokenStream) -> usize {
    tokens.into_iter().map(|token| 1 + group(&token).map_or(0, |group| count(group.stream()))).sum()
}

fn group(token: &proc_macro2::TokenTree) -> Option<&proc_macro2::Group> {
    match token {
        proc_macro2::TokenTree::Group(group) => Some(group),
        _ => None,
    }
}

/// `tokens` with token number `target` replaced `copies` times.
fn with_token(tokens: TokenStream, target: usize, copies: usize, next: &mut usize) -> TokenStream {
    let mut changed = TokenStream::new();
    for token in tokens {
        let copies = if *next == target { copies } else { 1 };
        *next += 1;
        let token = match group(&token) {
            Some(old) => {
                let inner = with_token(old.stream(), target, if copies == 1 { copies } else { 1 }, next);
                proc_macro2::Group::new(old.delimiter(), inner).into()
            }
            None => token,
        };
        changed.extend(std::iter::repeat_n(token, copies));
    }
    changed
}

#[test]
fn no_input_makes_a_macro_panic() {
    let sources = [
        include_str!("golden/interface.rs"),
        include_str!("golden/interface_with_every_key.rs"),
        include_str!("golden/interface_with_memory.rs"),
        include_str!("golden/structure.rs"),
        include_str!("golden/scalar.rs"),
        include_str!("golden/register_block.rs"),
        include_str!("golden/register_value.rs"),
    ];
    let empty_trait = quote! { trait Driver {} };
    for source in sources {
        let tokens: TokenStream = source.parse().unwrap();
        for target in 0..count(tokens.clone()) {
            for copies in [0, 2] {
                let changed = with_token(tokens.clone(), target, copies, &mut 0);
                // What no longer is an item never reaches a macro that way, but may as arguments.
                expand::user_client(changed.clone(), empty_trait.clone());
                expand::user_client(TokenStream::new(), changed.clone());
                structure::derive(changed.clone());
                scalar::derive(changed.clone());
                register_block::derive(changed.clone());
                register_value::derive(changed.clone());
                let items = syn::parse2(changed).map_or_else(|_| Vec::new(), |file: File| file.items);
                let marked = items.into_iter().filter(|item| take_macro(&mut item.clone()).is_some());
                marked.map(expand_item).for_each(drop);
            }
        }
    }
}
