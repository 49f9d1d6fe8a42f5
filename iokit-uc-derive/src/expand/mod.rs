//! What `#[user_client]` writes: the trait, a client, a server, and the table between them.

mod client;
mod server;
mod table;

use crate::errors::Errors;
use crate::model::{Interface, Memory, MemoryKind};
use crate::syntax;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Item, Type};

pub(crate) fn user_client(arguments: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let item = match syn::parse2(tokens.clone()) {
        Ok(Item::Trait(item)) => item,
        Ok(mut other) => {
            syntax::clean(&mut other);
            errors.push(syn::Error::new(Span::call_site(), "`#[user_client]` goes on a trait"));
            let errors = errors.into_compile_errors();
            return quote!(#other #errors);
        }
        Err(error) => {
            let error = error.to_compile_error();
            return quote!(#tokens #error);
        }
    };
    let mut interface = Interface::parse(&mut errors, arguments, item);
    let types = types(&interface);
    let positions = table::positions(&interface);
    let numbers = table::numbers(&interface);
    let assertions = table::assertions(&interface);
    let client = if interface.has_mistakes {
        // After a mistake the trait, its client and its server are still there, so that what uses them has no errors
        // of its own; but no method is looked into again.
        interface.methods.clear();
        interface.memory.clear();
        client::placeholder(&interface)
    } else {
        client::implementation(&interface)
    };
    let inherent = client::inherent(&interface, &numbers);
    let server = server::implementation(&interface);
    let Interface { item, runtime, .. } = &interface;
    let errors = errors.into_compile_errors();
    quote! {
        #item
        #types
        #[allow(dead_code, deprecated, non_camel_case_types, non_snake_case)]
        const _: () = {
            use #runtime as __uc;
            #positions
            #inherent
            #client
            #server
            #assertions
        };
        #errors
    }
}

/// The client and the server.
fn types(interface: &Interface) -> TokenStream {
    let Interface { item, client, server, runtime, .. } = interface;
    let (vis, name) = (&item.vis, item.ident.unraw());
    let inherited: Vec<_> = syntax::inherited(&item.attrs).collect();
    let about_client = format!(" Client of [`{name}`]: an open connection to its driver.");
    let about_server = format!(" User client over a driver that implements [`{name}`].");
    quote! {
        #[doc = #about_client]
        #(#inherited)*
        #[derive(::core::fmt::Debug)]
        #[allow(dead_code)]
        #vis struct #client {
            connection: #runtime::Connection,
        }

        #[doc = #about_server]
        #(#inherited)*
        #[allow(dead_code, deprecated)]
        #vis type #server<T> = #runtime::Server<#client, T>;
    }
}

/// `<u32 as ScalarArgument>`.
///
/// Generated code uses a type in this one way, or in one of those below. So if the type cannot cross, rustc says the
/// same thing at each use, and prints it once.
fn scalar(ty: &Type) -> TokenStream {
    quote!(<#ty as __uc::ScalarArgument>)
}

/// `<MySampleStruct as StructureArgument>`, also for the elements of slices.
fn structure(ty: &Type) -> TokenStream {
    quote!(<#ty as __uc::StructureArgument>)
}

/// `<(u32, u64) as MethodResult>`
fn output(ty: &Type) -> TokenStream {
    quote!(<#ty as __uc::MethodResult>)
}

/// `<(u32, u64) as CompletionResult>`
fn completion(ty: &Type) -> TokenStream {
    quote!(<#ty as __uc::CompletionResult>)
}

/// `<Mapping<Registers> as MemoryResult>`
fn memory(memory: &Memory) -> TokenStream {
    let (ty, place) = (&memory.content, place(&memory.result));
    match memory.kind {
        MemoryKind::Mapping => quote_spanned!(place=> <#ty as __uc::MemoryResult>),
        MemoryKind::Queue => quote_spanned!(place=> <#ty as __uc::QueueResult>),
    }
}

/// The place of a method's result.
fn place(result: &impl ToTokens) -> Span {
    Span::call_site().located_at(result.span())
}

/// The library's name in generated code, to be found at `span` when rustc has something to say about it.
fn uc(span: Span) -> Ident {
    Ident::new("__uc", span)
}
