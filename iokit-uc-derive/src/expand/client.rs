//! The task's side: a connection with the trait's methods.

use super::{memory, place, scalar, structure, table};
use crate::model::{Argument, ArgumentKind, Interface, Memory, Method, Output};
use crate::syntax;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, ReturnType, Signature, Token, TraitItem, Type, parse_quote_spanned};

/// What the client has besides the trait's methods. None of its functions takes `self`, so that every name is free for
/// those.
pub(super) fn inherent(interface: &Interface, numbers: &TokenStream) -> TokenStream {
    let client = &interface.client;
    let connection_type = match &interface.connection_type {
        Some(value) => quote!(#value),
        None => quote!(0),
    };
    let table = table::table(interface);
    let constructors = constructors(interface);
    quote! {
        impl #client {
            const __CONNECTION_TYPE: ::core::primitive::u32 = #connection_type;

            #numbers
            #table
        }

        #constructors

        #[automatically_derived]
        impl ::core::convert::AsRef<__uc::Connection> for #client {
            fn as_ref(&self) -> &__uc::Connection {
                &self.connection
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<#client> for __uc::Connection {
            fn from(__uc_client: #client) -> Self {
                __uc_client.connection
            }
        }
    }
}

/// How a client is made. The parameters have the names that the documentation shows; a parameter may hide a function but
/// not a static, so functions of these names stand before those that the user may have.
fn constructors(interface: &Interface) -> TokenStream {
    let Interface { item, client, .. } = interface;
    let vis = &item.vis;
    let open_first = match table::target(interface) {
        Some(target) => quote! {
            /// Finds the first service of the interface and opens it.
            #vis fn open_first(kernel: &__uc::Kernel) -> __uc::Result<Self> {
                __uc::open_first(kernel, #target, Self::__CONNECTION_TYPE).map(Self::new)
            }
        },
        // The mistake may be in the key that would say what to look for.
        None if interface.has_mistakes => quote! {
            #vis fn open_first(_: &__uc::Kernel) -> __uc::Result<Self> {
                ::core::unreachable!()
            }
        },
        None => TokenStream::new(),
    };
    quote! {
        const _: () = {
            fn connection() {}
            fn service() {}
            fn kernel() {}

            impl #client {
                /// Speaks over a connection that is already open.
                #vis fn new(connection: __uc::Connection) -> Self {
                    Self { connection }
                }

                /// Opens a service.
                #vis fn open(service: &__uc::Service) -> __uc::Result<Self> {
                    __uc::Service::open(service, Self::__CONNECTION_TYPE).map(Self::new)
                }

                #open_first
            }
        };
    }
}

pub(super) fn implementation(interface: &Interface) -> TokenStream {
    let Interface { item, client, .. } = interface;
    let name = &item.ident;
    let methods = interface.methods.iter().enumerate().map(|(index, method)| call(interface, index, method));
    let memory = interface.memory.iter().enumerate().map(|(index, memory)| open(interface, index, memory));
    quote! {
        #[automatically_derived]
        #[allow(refining_impl_trait)]
        impl #name for #client {
            #(#methods)*
            #(#memory)*
        }
    }
}

fn call(interface: &Interface, index: usize, method: &Method) -> TokenStream {
    let Method { cfgs, signature, .. } = method;
    let index = table::index(interface, index, method);
    let this = this(signature);
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
    // The call is to be found at the method's result, where rustc says once what is wrong with its type.
    let place = place(&method.result);
    let function = match &method.output {
        Output::Fixed(ty) => quote_spanned!(place=> <#ty as __uc::MethodResult>::call),
        Output::Filled(ty) => quote_spanned!(place=> <#ty as __uc::StructureArgument>::call_into),
        Output::Variable(ty) => quote_spanned!(place=> <#ty as __uc::StructureArgument>::call_variable),
        Output::Completion(ty) => quote_spanned!(place=> <#ty as __uc::CompletionResult>::call),
        Output::Mistaken => return TokenStream::new(),
    };
    let buffer = buffer.into_iter();
    let mut call = quote_spanned! {place=>
        #function(&#this.connection, &Self::INTERFACE.methods[#index], #scalars, #input, #(#buffer)*)
    };
    let mut signature = signature.clone();
    if let (true, Some(result)) = (method.is_async(), &method.result) {
        signature.asyncness = None;
        signature.output = completion(interface, result);
    } else {
        call = quote_spanned!(place=> <_ as __uc::Returned>::of(#call));
    }
    quote! {
        #(#cfgs)*
        #[inline]
        #signature {
            #call
        }
    }
}

/// `registers` of the client: maps the memory, or opens the queue.
fn open(interface: &Interface, index: usize, declared: &Memory) -> TokenStream {
    let Memory { cfgs, signature, result, .. } = declared;
    let index = table::memory_index(interface, index, declared);
    let (this, ty, place) = (this(signature), memory(declared), place(result));
    let open = quote_spanned!(place=> #ty::open(&#this.connection, &Self::INTERFACE.memory[#index]));
    let opened = quote_spanned!(place=> <_ as __uc::Returned>::of(#open));
    quote! {
        #(#cfgs)*
        #[inline]
        #signature {
            #opened
        }
    }
}

/// `self`, taken from the signature: where a `macro_rules!` macro writes the attribute and its caller the methods, a
/// `self` with the attribute's span is not theirs.
fn this(signature: &Signature) -> Token![self] {
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => receiver.self_token,
        _ => Default::default(),
    }
}

/// What an asynchronous method of the client returns: more than the trait promises, because a completion can be waited
/// for without an executor.
///
/// Documentation shows it as it is written here. But a `Result` that may be another library's is asked what it is, for
/// else rustc would say of that mistake, besides what is wrong, that the completion is one of ours.
fn completion(interface: &Interface, result: &Type) -> ReturnType {
    let place = Span::call_site().located_at(result.span());
    match syntax::only_argument(result, "Result") {
        Some(ok) if !syntax::is_foreign(result, &interface.runtime) => {
            parse_quote_spanned!(place=> -> __uc::Completion<#ok>)
        }
        _ => parse_quote_spanned!(place=> -> <#result as __uc::Returned>::Completion),
    }
}

/// The client as an implementor of a trait with mistakes in it, if the trait's items can be repeated at all.
pub(super) fn placeholder(interface: &Interface) -> TokenStream {
    let Interface { item, client, .. } = interface;
    let (name, unsafety) = (&item.ident, &item.unsafety);
    let (parameters, arguments, clause) = item.generics.split_for_impl();
    let Some(items) = item.items.iter().map(|item| stand_in(interface, item)).collect::<Option<Vec<_>>>()
    else {
        return TokenStream::new();
    };
    quote! {
        #[allow(refining_impl_trait, unused_variables)]
        #unsafety impl #parameters #name #arguments for #client #clause {
            #(#items)*
        }
    }
}

/// What fulfils the demand of a trait's item, and nothing else.
fn stand_in(interface: &Interface, item: &TraitItem) -> Option<TokenStream> {
    match item {
        TraitItem::Fn(function) => {
            let (cfgs, mut signature) = (syntax::cfgs(&function.attrs), function.sig.clone());
            let mut body = quote!(::core::unreachable!());
            if let ReturnType::Type(_, ty) = &signature.output
                && syntax::is_opaque(ty)
            {
                match syntax::future_output(ty).filter(|ty| syntax::only_argument(ty, "Result").is_some()) {
                    Some(result) => signature.output = completion(interface, result),
                    None if syntax::is_opaque_future(ty) => body = quote!(::core::future::pending()),
                    None => return None,
                }
            }
            Some(quote!(#(#cfgs)* #signature { #body }))
        }
        TraitItem::Const(constant) if constant.default.is_none() => {
            let (cfgs, name, ty) = (syntax::cfgs(&constant.attrs), &constant.ident, &constant.ty);
            Some(quote!(#(#cfgs)* const #name: #ty = ::core::unreachable!();))
        }
        TraitItem::Const(_) => Some(TokenStream::new()),
        TraitItem::Type(alias) => {
            let (cfgs, name, generics) = (syntax::cfgs(&alias.attrs), &alias.ident, &alias.generics);
            let clause = &generics.where_clause;
            Some(quote!(#(#cfgs)* type #name #generics = () #clause;))
        }
        _ => None,
    }
}
