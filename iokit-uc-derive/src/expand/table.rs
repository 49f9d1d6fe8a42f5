//! The interface as data, and what is proved about it when the trait is compiled.

use super::{Role, Wire, bounds, located_at, wire_types};
use crate::model::{ArgumentKind, Interface, Locking, Method, Output};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::HashSet;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::Ident;

/// `{Trait}Client::INTERFACE`, in an impl of its own that has the bounds.
pub(super) fn table(interface: &Interface) -> TokenStream {
    let Interface { item, client, runtime, entitlement, .. } = interface;
    let (vis, name) = (&item.vis, item.ident.unraw().to_string());
    let about = format!(" What [`{name}`] looks like to the kernel.");
    let target = optional(super::client::target(interface));
    let table = match &interface.table {
        Some(table) => quote!(#table),
        None => quote!(Dispatch2022),
    };
    let entitlement = optional(entitlement.as_ref());
    let locking = locking(interface);
    let bounds = bounds(interface);
    let methods = interface.methods.iter().enumerate().map(|(index, method)| record(interface, index, method));
    quote! {
        #[allow(dead_code)]
        impl #client #bounds {
            #[doc = #about]
            #vis const INTERFACE: &'static #runtime::Interface = &#runtime::Interface {
                name: #name,
                target: #target,
                connection_type: Self::CONNECTION_TYPE,
                table: #runtime::Table::#table,
                entitlement: #entitlement,
                locking: #locking,
                methods: &[#(#methods),*],
            };
        }
    }
}

/// `{Trait}Client::NAMES`, which no type is part of, so that selectors are compared even if a type is wrong.
pub(super) fn names(interface: &Interface) -> TokenStream {
    let runtime = &interface.runtime;
    let name = interface.item.ident.unraw().to_string();
    let names = interface.selectors().map(|(method, selector)| {
        let (cfgs, method, value) = (&method.cfgs, method.name().unraw().to_string(), &selector.value);
        quote!(#(#cfgs)* #runtime::MethodName { interface: #name, method: #method, selector: #value })
    });
    quote! {
        const NAMES: &'static [#runtime::MethodName] = &[#(#names),*];
    }
}

/// Where the methods stand in the table, for a trait some of whose methods are there in some configurations only.
pub(super) fn positions(interface: &Interface) -> Option<TokenStream> {
    let name = positions_name(interface)?;
    let positions = interface.selectors().map(|(method, _)| {
        let (cfgs, name) = (&method.cfgs, method.name());
        quote!(#(#cfgs)* #name)
    });
    Some(quote! {
        #[allow(dead_code, non_camel_case_types)]
        enum #name {
            #(#positions),*
        }
    })
}

fn positions_name(interface: &Interface) -> Option<Ident> {
    let is_configured = interface.methods.iter().any(|method| !method.cfgs.is_empty());
    is_configured.then(|| format_ident!("__{}Position", interface.item.ident))
}

/// Where a method stands in the table: `index`, unless methods before it may be missing.
pub(super) fn index(interface: &Interface, index: usize, method: &Method) -> TokenStream {
    let name = method.name();
    match positions_name(interface) {
        Some(positions) => quote!(#positions::#name as ::core::primitive::usize),
        None => Literal::usize_unsuffixed(index).into_token_stream(),
    }
}

fn record(interface: &Interface, index: usize, method: &Method) -> TokenStream {
    let runtime = &interface.runtime;
    let cfgs = &method.cfgs;
    let index = self::index(interface, index, method);
    let scalars = scalar_inputs(interface, method);
    let structure = match method.structure_input().map(|argument| &argument.kind) {
        Some(ArgumentKind::Structure(ty)) => quote!(#runtime::structure_size::<#ty>()),
        Some(_) => quote!(#runtime::VARIABLE),
        None => quote!(0),
    };
    let function = match &method.output {
        Some(Output::Fixed(ty)) => quote!(method::<#ty>),
        _ => quote!(method_variable),
    };
    let record = quote!(#runtime::#function(Self::NAMES[#index], #scalars, #structure));
    let record = match &method.entitlement {
        Some(entitlement) => quote!(#runtime::entitled(#record, #entitlement)),
        None => record,
    };
    quote!(#(#cfgs)* #record)
}

fn scalar_inputs(interface: &Interface, method: &Method) -> TokenStream {
    let runtime = &interface.runtime;
    match method.unchecked_scalars() {
        Some(_) => quote!(#runtime::VARIABLE),
        None => Literal::usize_unsuffixed(method.scalars().count()).into_token_stream(),
    }
}

fn locking(interface: &Interface) -> TokenStream {
    let runtime = &interface.runtime;
    let Locking { default, set_properties, single_thread } = &interface.locking;
    let fields = [("default", default), ("set_properties", set_properties), ("single_thread", single_thread)];
    let given = fields.iter().filter_map(|(name, value)| {
        let (name, value) = (format_ident!("{name}"), value.as_ref()?);
        Some(quote!(#name: #value,))
    });
    let given: TokenStream = given.collect();
    if given.is_empty() {
        return quote!(#runtime::Locking::DEFAULT);
    }
    quote!(#runtime::Locking { #given ..#runtime::Locking::DEFAULT })
}

fn optional(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// What rustc is asked about the trait, each question at the place of its answer.
pub(super) fn assertions(interface: &Interface) -> TokenStream {
    let types = types(interface);
    let legacy = legacy(interface);
    let selectors = selectors(interface);
    quote! {
        #[allow(deprecated)]
        const _: () = {
            #types
            #legacy
            #selectors
        };
    }
}

/// Each type can cross. One that stands in several methods is asked about once.
fn types(interface: &Interface) -> TokenStream {
    let mut seen = HashSet::new();
    let mut assertions = TokenStream::new();
    for method in &interface.methods {
        let cfgs = &method.cfgs;
        for wire in wire_types(method) {
            // A legacy table's question about a result includes this one.
            let is_asked = wire.role == Role::Output && interface.is_legacy() || seen.contains(&wire.key());
            if is_asked {
                continue;
            }
            if cfgs.is_empty() {
                seen.insert(wire.key());
            }
            let Wire { role, ty } = wire;
            let runtime = located_at(&interface.runtime, ty.span());
            let assert = format_ident!("assert_{}", role.name().to_lowercase(), span = ty.span());
            assertions.extend(quote_spanned!(ty.span()=> #(#cfgs)* const _: () = #runtime::#assert::<#ty>();));
        }
    }
    assertions
}

/// Each method fits a type of legacy method.
fn legacy(interface: &Interface) -> TokenStream {
    let methods = interface.methods.iter().filter(|_| interface.is_legacy());
    let assertions = methods.map(|method| {
        let (cfgs, span) = (&method.cfgs, method.name().span());
        let runtime = located_at(&interface.runtime, span);
        let scalars = scalar_inputs(interface, method);
        let structures = method.structure_input().is_some();
        let assertion = match &method.output {
            Some(Output::Fixed(ty)) => quote_spanned!(span=> assert_legacy::<#ty>(#scalars, #structures)),
            Some(_) => quote_spanned!(span=> assert_legacy_variable(#scalars, #structures)),
            None => return TokenStream::new(),
        };
        quote_spanned!(span=> #(#cfgs)* const _: () = #runtime::#assertion;)
    });
    assertions.collect()
}

/// No two methods use one selector, where the macro has not seen both numbers.
fn selectors(interface: &Interface) -> TokenStream {
    let client = &interface.client;
    let mut all_compared = true;
    let assertions = interface.selectors().enumerate().map(|(index, (method, selector))| {
        all_compared &= selector.compared;
        if all_compared || index == 0 {
            return TokenStream::new();
        }
        let (cfgs, span) = (&method.cfgs, selector.value.span());
        let runtime = located_at(&interface.runtime, span);
        let index = self::index(interface, index, method);
        quote_spanned!(span=> #(#cfgs)* const _: () = #runtime::assert_unique_selector(#client::NAMES, #index);)
    });
    assertions.collect()
}
