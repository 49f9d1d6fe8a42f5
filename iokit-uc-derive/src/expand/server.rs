//! The driver's side: one function for each method, which takes a call apart and writes the answer, or asks for memory.

use super::{completion, memory, output, place, scalar, structure};
use crate::model::{ArgumentKind, Interface, Memory, Method, Output};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

pub(super) fn implementation(interface: &Interface) -> TokenStream {
    let Interface { item, client, .. } = interface;
    let name = &item.ident;
    // A generic trait is a mistake, and which of its instances a driver implements is not known.
    let bound = item.generics.params.is_empty().then(|| quote!(#name +));
    let functions = interface.methods.iter().map(|method| function(interface, method));
    let memory = interface.memory.iter().map(|memory| memory_function(interface, memory));
    let memory = (!interface.memory.is_empty())
        .then(|| quote!(const MEMORY: &'static [__uc::MemoryFunction<__Driver>] = &[#(#memory),*];));
    // A parameter called `T` would hide a type of that name from the methods.
    quote! {
        #[automatically_derived]
        impl<__Driver> __uc::Serves<__Driver> for #client
        where
            __Driver: #bound ::core::marker::Send + ::core::marker::Sync + 'static,
        {
            const INTERFACE: &'static __uc::Interface = Self::INTERFACE;
            const FUNCTIONS: &'static [__uc::Function<__Driver>] = &[#(#functions),*];
            #memory
        }
    }
}

fn function(interface: &Interface, method: &Method) -> TokenStream {
    let (trait_, name, cfgs) = (&interface.item.ident, method.name(), &method.cfgs);
    let is_async = method.is_async();
    // What is borrowed from the call does not outlive it, so a future has copies. And a buffer is lent out of
    // `__uc_call`, so the other inputs are taken before.
    let takes_inputs = is_async || matches!(method.output, Output::Filled(_));
    let (mut scalars, mut taken, mut inputs) = (0, TokenStream::new(), Vec::new());
    for (index, argument) in method.arguments.iter().enumerate() {
        let (borrow, input) = match &argument.kind {
            ArgumentKind::Scalar(ty) => {
                let (ty, index) = (scalar(ty), Literal::usize_unsuffixed(scalars));
                scalars += 1;
                (quote!(), quote!(#ty::input(__uc_call, #index)?))
            }
            ArgumentKind::Scalars => (quote!(), quote!(__uc::scalars_input(__uc_call)?)),
            ArgumentKind::Structure(ty) => {
                let ty = structure(ty);
                match is_async {
                    true => (quote!(&), quote!(#ty::owned_input(__uc_call)?)),
                    false => (quote!(&*), quote!(#ty::input(__uc_call)?)),
                }
            }
            ArgumentKind::Slice(ty) => {
                let ty = structure(ty);
                match is_async {
                    true => (quote!(&), quote!(#ty::owned_slice_input(__uc_call)?)),
                    false => (quote!(&*), quote!(#ty::slice_input(__uc_call)?)),
                }
            }
            ArgumentKind::Buffer(_) => {
                inputs.push(quote!(__uc_out));
                continue;
            }
        };
        let input = if takes_inputs {
            // A local named like a static of the user's would not compile, so all of them have reserved names.
            let local = format_ident!("__uc_input_{index}");
            taken.extend(quote!(let #local = #input;));
            local.into_token_stream()
        } else {
            input
        };
        inputs.push(quote!(#borrow #input));
    }
    // To be found where the client's call is.
    let place = place(&method.result);
    let driver = if is_async { quote!(&__uc_driver) } else { quote!(__uc_driver) };
    let awaited = is_async.then(|| quote!(.await));
    let call = quote_spanned! {place=>
        <_ as __uc::Returned>::result(<__Driver as #trait_>::#name(#driver, #(#inputs),*) #awaited)
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
        Output::Completion(ty) => {
            let ty = completion(ty);
            quote!({
                #taken
                let __uc_driver = ::core::clone::Clone::clone(__uc_driver);
                #ty::complete(__uc_call, async move { #call })
            })
        }
        Output::Mistaken => return TokenStream::new(),
    };
    quote!(#(#cfgs)* |__uc_driver, __uc_call| #body)
}

/// What the driver's method says of its memory.
fn memory_function(interface: &Interface, declared: &Memory) -> TokenStream {
    let (trait_, name, cfgs) = (&interface.item.ident, declared.name(), &declared.cfgs);
    let (ty, place) = (memory(declared), place(&declared.result));
    let call =
        quote_spanned!(place=> <_ as __uc::Returned>::result(<__Driver as #trait_>::#name(__uc_driver)));
    quote!(#(#cfgs)* |__uc_driver| #ty::serve(#call?))
}
