//! The driver's side: one function for each method, which takes a call apart and writes the answer.

use super::bounds;
use crate::model::{ArgumentKind, Interface, Method, Output};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;

pub(super) fn alias(interface: &Interface) -> TokenStream {
    let Interface { item, client, server, runtime, .. } = interface;
    let (vis, name) = (&item.vis, item.ident.unraw());
    let about = format!(" User client over a driver that implements [`{name}`].");
    quote! {
        #[doc = #about]
        #[allow(dead_code)]
        #vis type #server<T> = #runtime::Server<#client, T>;
    }
}

pub(super) fn implementation(interface: &Interface) -> TokenStream {
    let Interface { item, client, runtime, .. } = interface;
    let name = &item.ident;
    let bounds = bounds(interface);
    let functions = interface.methods.iter().map(|method| function(interface, method));
    // A parameter called `T` would hide a type of that name from the methods.
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl<__Driver: #name + 'static> #runtime::Serves<__Driver> for #client #bounds {
            const INTERFACE: &'static #runtime::Interface = Self::INTERFACE;
            const FUNCTIONS: &'static [#runtime::Function<__Driver>] = &[#(#functions),*];
        }
    }
}

fn function(interface: &Interface, method: &Method) -> TokenStream {
    let Interface { item, runtime, .. } = interface;
    let (trait_, name, cfgs) = (&item.ident, method.name(), &method.cfgs);
    let mut scalar = 0;
    let inputs = method.arguments.iter().map(|argument| match &argument.kind {
        ArgumentKind::Scalar(ty) => {
            let index = Literal::usize_unsuffixed(scalar);
            scalar += 1;
            quote!(#runtime::scalar_input::<#ty>(arguments, #index)?)
        }
        ArgumentKind::Scalars => quote!(#runtime::scalars_input(arguments)?),
        ArgumentKind::Structure(ty) => quote!(&*#runtime::structure_input::<#ty>(arguments)?),
        ArgumentKind::Slice(ty) => quote!(&*#runtime::slice_input::<#ty>(arguments)?),
        ArgumentKind::Buffer(_) => quote!(out),
    });
    let call = |inputs: &[TokenStream]| quote!(<__Driver as #trait_>::#name(driver, #(#inputs),*));
    let mut inputs: Vec<_> = inputs.collect();
    let body = match &method.output {
        Some(Output::Filled) => {
            // The buffer is lent out of `arguments`, so the inputs are taken before.
            let mut taken = TokenStream::new();
            for (index, (input, argument)) in inputs.iter_mut().zip(&method.arguments).enumerate() {
                if !matches!(argument.kind, ArgumentKind::Buffer(_)) {
                    let local = format_ident!("input_{index}").into_token_stream();
                    let input = std::mem::replace(input, local.clone());
                    taken.extend(quote!(let #local = #input;));
                }
            }
            let call = call(&inputs);
            quote!({ #taken #runtime::reply_into(arguments, |out| #call) })
        }
        Some(Output::Variable(_)) => {
            let call = call(&inputs);
            quote!(#runtime::reply_variable(arguments, #call?))
        }
        _ => {
            let call = call(&inputs);
            quote!(#runtime::reply(arguments, #call?))
        }
    };
    quote!(#(#cfgs)* |driver, arguments| #body)
}
