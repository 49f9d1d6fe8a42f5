//! The driver's side: one function for each method, which takes a call apart and writes the answer.

use super::{output, place, scalar, structure};
use crate::model::{ArgumentKind, Interface, Method, Output};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

pub(super) fn implementation(interface: &Interface) -> TokenStream {
    let Interface { item, client, .. } = interface;
    let name = &item.ident;
    // A generic trait is a mistake, and which of its instances a driver implements is not known.
    let bound = item.generics.params.is_empty().then(|| quote!(#name +));
    let functions = interface.methods.iter().map(|method| function(interface, method));
    // A parameter called `T` would hide a type of that name from the methods.
    quote! {
        #[automatically_derived]
        impl<__Driver: #bound 'static> __uc::Serves<__Driver> for #client {
            const INTERFACE: &'static __uc::Interface = Self::INTERFACE;
            const FUNCTIONS: &'static [__uc::Function<__Driver>] = &[#(#functions),*];
        }
    }
}

fn function(interface: &Interface, method: &Method) -> TokenStream {
    let (trait_, name, cfgs) = (&interface.item.ident, method.name(), &method.cfgs);
    let mut scalars = 0;
    // A local named like a static of the user's would not compile, so all of them have reserved names.
    let inputs = method.arguments.iter().map(|argument| match &argument.kind {
        ArgumentKind::Scalar(ty) => {
            let (ty, index) = (scalar(ty), Literal::usize_unsuffixed(scalars));
            scalars += 1;
            quote!(#ty::input(__uc_call, #index)?)
        }
        ArgumentKind::Scalars => quote!(__uc::scalars_input(__uc_call)?),
        ArgumentKind::Structure(ty) => {
            let ty = structure(ty);
            quote!(&*#ty::input(__uc_call)?)
        }
        ArgumentKind::Slice(ty) => {
            let ty = structure(ty);
            quote!(&*#ty::slice_input(__uc_call)?)
        }
        ArgumentKind::Buffer(_) => quote!(__uc_out),
    });
    let mut inputs: Vec<_> = inputs.collect();
    let mut taken = TokenStream::new();
    if let Output::Filled(_) = method.output {
        // The buffer is lent out of `__uc_call`, so the inputs are taken before.
        for (index, (input, argument)) in inputs.iter_mut().zip(&method.arguments).enumerate() {
            if !matches!(argument.kind, ArgumentKind::Buffer(_)) {
                let local = format_ident!("__uc_input_{index}").into_token_stream();
                let input = std::mem::replace(input, local.clone());
                taken.extend(quote!(let #local = #input;));
            }
        }
    }
    // To be found where the client's call is.
    let call = quote_spanned! {place(method)=>
        <_ as __uc::Returned>::result(<__Driver as #trait_>::#name(__uc_driver, #(#inputs),*))
    };
    let body = match &method.output {
        Output::Fixed(ty) => {
            let ty = output(ty);
            quote!(#ty::reply(#call?, __uc_call))
        }
        Output::Filled(ty) => {
            let ty = structure(ty);
            quote!({ #taken #ty::reply_into(__uc_call, |__uc_out| #call) })
        }
        Output::Variable(ty) => {
            let ty = structure(ty);
            quote!(#ty::reply_variable(__uc_call, #call?))
        }
        Output::Mistaken => return TokenStream::new(),
    };
    quote!(#(#cfgs)* |__uc_driver, __uc_call| #body)
}
