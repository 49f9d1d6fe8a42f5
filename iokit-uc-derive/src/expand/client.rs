//! The task's side: a connection with the trait's methods.

use super::{bounds, table};
use crate::model::{self, ArgumentKind, Interface, Method, Output, Target};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

/// The client and what can be done with it whatever the methods are. None of the functions takes `self`, so that
/// every name is free for the trait's methods.
pub(super) fn types(interface: &Interface) -> TokenStream {
    let Interface { item, client, runtime, .. } = interface;
    let (vis, name) = (&item.vis, item.ident.unraw());
    let about = format!(" Client of [`{name}`]: an open connection to its driver.");
    let connection_type = match &interface.connection_type {
        Some(value) => quote!(#value),
        None => quote!(0),
    };
    let target = target(interface);
    let (positions, names) = (table::positions(interface), table::names(interface));
    let open_first = interface.target.is_some().then(|| {
        quote! {
            /// Finds the first service of the interface and opens it.
            #vis fn open_first(kernel: &#runtime::Kernel) -> #runtime::Result<Self> {
                #runtime::open_first(kernel, #target, Self::CONNECTION_TYPE).map(Self::new)
            }
        }
    });
    quote! {
        #[doc = #about]
        #[derive(::core::fmt::Debug)]
        #[allow(dead_code)]
        #vis struct #client {
            connection: #runtime::Connection,
        }

        #positions

        #[allow(dead_code)]
        impl #client {
            const CONNECTION_TYPE: ::core::primitive::u32 = #connection_type;

            #names

            /// Speaks over a connection that is already open.
            #vis fn new(connection: #runtime::Connection) -> Self {
                Self { connection }
            }

            /// Opens a service.
            #vis fn open(service: &#runtime::Service) -> #runtime::Result<Self> {
                #runtime::Service::open(service, Self::CONNECTION_TYPE).map(Self::new)
            }

            #open_first
        }

        #[automatically_derived]
        impl ::core::convert::AsRef<#runtime::Connection> for #client {
            fn as_ref(&self) -> &#runtime::Connection {
                &self.connection
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<#client> for #runtime::Connection {
            fn from(client: #client) -> Self {
                client.connection
            }
        }
    }
}

/// `Target::Service("…")`
pub(super) fn target(interface: &Interface) -> Option<TokenStream> {
    let runtime = &interface.runtime;
    interface.target.as_ref().map(|target| match target {
        Target::Service(class) => quote!(#runtime::Target::Service(#class)),
        Target::Name(name) => quote!(#runtime::Target::Name(#name)),
    })
}

pub(super) fn implementation(interface: &Interface) -> TokenStream {
    let Interface { item, client, .. } = interface;
    let name = &item.ident;
    let bounds = bounds(interface);
    let methods = interface.methods.iter().enumerate().map(|(index, method)| call(interface, index, method));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #name for #client #bounds {
            #(#methods)*
        }
    }
}

fn call(interface: &Interface, index: usize, method: &Method) -> TokenStream {
    let runtime = &interface.runtime;
    let Method { cfgs, signature, .. } = method;
    let index = table::index(interface, index, method);
    let scalars = match method.unchecked_scalars() {
        Some(name) => quote!(&#name),
        None => {
            let scalars = method.scalars().map(|(name, ty)| quote!(#runtime::scalar::<#ty>(#name)));
            quote!(&[#(#scalars),*])
        }
    };
    let structure = match method.structure_input() {
        Some(argument) => {
            let name = &argument.name;
            match &argument.kind {
                ArgumentKind::Slice(ty) => quote!(#runtime::slice::<#ty>(#name)),
                _ => quote!(#runtime::structure(#name)),
            }
        }
        None => quote!(&[]),
    };
    let function = match &method.output {
        Some(Output::Filled) => quote!(call_into),
        Some(Output::Variable(_)) => quote!(call_variable),
        _ => quote!(call),
    };
    let buffer = method.buffer().map(|(name, _)| name).into_iter();
    quote! {
        #(#cfgs)*
        #[inline]
        #signature {
            #runtime::#function(
                &self.connection,
                const { &Self::INTERFACE.methods[#index] },
                #scalars,
                #structure,
                #(#buffer)*
            )
        }
    }
}

/// The client as an implementor of a trait with mistakes in it, if the trait's items can be repeated at all.
pub(super) fn placeholder(interface: &Interface) -> TokenStream {
    let Interface { item, client, .. } = interface;
    let (name, unsafety) = (&item.ident, &item.unsafety);
    let functions: Option<Vec<_>> = item.items.iter().map(model::repeatable).collect();
    let Some(functions) = functions.filter(|_| item.generics.params.is_empty()) else { return TokenStream::new() };
    let functions = functions.into_iter().map(|function| {
        let cfgs = function.attrs.iter().filter(|attribute| model::is_cfg(attribute));
        let signature = &function.sig;
        quote!(#(#cfgs)* #signature { ::core::unreachable!() })
    });
    quote! {
        #[allow(deprecated, unused_variables)]
        #unsafety impl #name for #client {
            #(#functions)*
        }
    }
}
