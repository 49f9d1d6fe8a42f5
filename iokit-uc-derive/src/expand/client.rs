//! The task's side: a connection with the trait's methods.

use super::{output, scalar, structure, table};
use crate::model::{Argument, ArgumentKind, Interface, Method, Output};
use crate::syntax;
use proc_macro2::TokenStream;
use quote::quote;

/// What the client has besides the trait's methods. None of its functions takes `self`, so that every name is free for
/// those.
pub(super) fn inherent(interface: &Interface, selectors: &TokenStream) -> TokenStream {
    let Interface { item, client, .. } = interface;
    let vis = &item.vis;
    let connection_type = match &interface.connection_type {
        Some(value) => quote!(#value),
        None => quote!(0),
    };
    let target = table::target(interface);
    let table = table::table(interface);
    let open_first = interface.target.is_some().then(|| {
        quote! {
            /// Finds the first service of the interface and opens it.
            #vis fn open_first(kernel: &__uc::Kernel) -> __uc::Result<Self> {
                __uc::open_first(kernel, #target, Self::CONNECTION_TYPE).map(Self::new)
            }
        }
    });
    quote! {
        impl #client {
            const CONNECTION_TYPE: ::core::primitive::u32 = #connection_type;

            #selectors
            #table

            /// Speaks over a connection that is already open.
            #vis fn new(connection: __uc::Connection) -> Self {
                Self { connection }
            }

            /// Opens a service.
            #vis fn open(service: &__uc::Service) -> __uc::Result<Self> {
                __uc::Service::open(service, Self::CONNECTION_TYPE).map(Self::new)
            }

            #open_first
        }

        #[automatically_derived]
        impl ::core::convert::AsRef<__uc::Connection> for #client {
            fn as_ref(&self) -> &__uc::Connection {
                &self.connection
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<#client> for __uc::Connection {
            fn from(client: #client) -> Self {
                client.connection
            }
        }
    }
}

pub(super) fn implementation(interface: &Interface) -> TokenStream {
    let Interface { item, client, .. } = interface;
    let name = &item.ident;
    let methods = interface.methods.iter().enumerate().map(|(index, method)| call(interface, index, method));
    quote! {
        #[automatically_derived]
        impl #name for #client {
            #(#methods)*
        }
    }
}

fn call(interface: &Interface, index: usize, method: &Method) -> TokenStream {
    let Method { cfgs, signature, .. } = method;
    let index = table::index(interface, index, method);
    let mut scalars = Vec::new();
    let mut all_scalars = None;
    let mut input = quote!(&[]);
    let mut buffer = None;
    for Argument { name, kind } in &method.arguments {
        match kind {
            ArgumentKind::Scalar(ty) => {
                let ty = scalar(ty);
                scalars.push(quote!(#ty::scalar(#name)));
            }
            ArgumentKind::Scalars => all_scalars = Some(quote!(&#name)),
            ArgumentKind::Structure(ty) => {
                let ty = structure(ty);
                input = quote!(#ty::bytes(#name));
            }
            ArgumentKind::Slice(ty) => {
                let ty = structure(ty);
                input = quote!(#ty::slice_bytes(#name));
            }
            ArgumentKind::Buffer(_) => buffer = Some(name),
        }
    }
    let scalars = all_scalars.unwrap_or_else(|| quote!(&[#(#scalars),*]));
    let function = match &method.output {
        Output::Fixed(ty) => {
            let ty = output(ty);
            quote!(#ty::call)
        }
        Output::Filled(ty) => {
            let ty = structure(ty);
            quote!(#ty::call_into)
        }
        Output::Variable(ty) => {
            let ty = structure(ty);
            quote!(#ty::call_variable)
        }
        Output::Mistaken => return TokenStream::new(),
    };
    let buffer = buffer.into_iter();
    quote! {
        #(#cfgs)*
        #[inline]
        #signature {
            #function(&self.connection, &Self::INTERFACE.methods[#index], #scalars, #input, #(#buffer)*)
        }
    }
}

/// The client as an implementor of a trait with mistakes in it, if the trait's items can be repeated at all.
pub(super) fn placeholder(interface: &Interface) -> TokenStream {
    let Interface { item, client, .. } = interface;
    let (name, unsafety) = (&item.ident, &item.unsafety);
    let functions: Option<Vec<_>> = item.items.iter().map(syntax::repeatable).collect();
    let Some(functions) = functions.filter(|_| item.generics.params.is_empty()) else {
        return TokenStream::new();
    };
    let functions = functions.into_iter().map(|function| {
        let cfgs = function.attrs.iter().filter(|attribute| syntax::is_cfg(attribute));
        let signature = &function.sig;
        quote!(#(#cfgs)* #signature { ::core::unreachable!() })
    });
    quote! {
        #[allow(unused_variables)]
        #unsafety impl #name for #client {
            #(#functions)*
        }
    }
}
