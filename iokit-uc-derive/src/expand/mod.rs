//! What `#[user_client]` writes: the trait, a client, a server, and the table between them.

mod client;
mod server;
mod table;

use crate::errors::Errors;
use crate::model::{self, ArgumentKind, Interface, Method, Output};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use std::collections::HashSet;
use syn::{Item, Type};

pub(crate) fn user_client(arguments: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let item = match syn::parse2(tokens.clone()) {
        Ok(Item::Trait(item)) => item,
        Ok(mut other) => {
            model::clean(&mut other);
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
    let types = client::types(&interface);
    let alias = server::alias(&interface);
    let assertions = table::assertions(&interface);
    let client = if errors.is_empty() {
        client::implementation(&interface)
    } else {
        // After a mistake the trait, its client and its server are still there, so that what uses them has no errors
        // of its own; but no method is looked into again.
        interface.methods.clear();
        client::placeholder(&interface)
    };
    // A generic trait is a mistake, after which neither side can be said to implement it.
    let is_generic = !interface.item.generics.params.is_empty();
    let table = table::table(&interface);
    let server = (!is_generic).then(|| server::implementation(&interface));
    let (item, errors) = (&interface.item, errors.into_compile_errors());
    quote!(#item #types #table #client #alias #server #assertions #errors)
}

/// The bounds that the generated impls assume, one for each type that crosses.
///
/// `for<'uc>` makes rustc put off the question whether they hold. So a type that cannot cross is reported once, by
/// its assertion, and not again by each function that uses it. A where clause cannot be subject to `#[cfg]`, so methods
/// that are go without.
fn bounds(interface: &Interface) -> TokenStream {
    let runtime = &interface.runtime;
    let mut seen = HashSet::new();
    let methods = interface.methods.iter().filter(|method| method.cfgs.is_empty());
    let uses = methods.flat_map(wire_types).filter(|wire| seen.insert(wire.key()));
    let bounds: Vec<_> = uses
        .map(|Wire { role, ty }| {
            let role = format_ident!("{}", role.name());
            quote!(for<'uc> #ty: #runtime::#role)
        })
        .collect();
    if bounds.is_empty() { TokenStream::new() } else { quote!(where #(#bounds),*) }
}

/// A type that crosses, and as what.
struct Wire<'a> {
    role: Role,
    ty: &'a Type,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    Scalar,
    Structure,
    Output,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Scalar => "Scalar",
            Self::Structure => "Structure",
            Self::Output => "Output",
        }
    }
}

impl Wire<'_> {
    fn key(&self) -> (Role, String) {
        (self.role, self.ty.to_token_stream().to_string())
    }
}

fn wire_types(method: &Method) -> impl Iterator<Item = Wire<'_>> {
    let inputs = method.arguments.iter().filter_map(|argument| match &argument.kind {
        ArgumentKind::Scalar(ty) => Some(Wire { role: Role::Scalar, ty }),
        ArgumentKind::Structure(ty) | ArgumentKind::Slice(ty) | ArgumentKind::Buffer(ty) => {
            Some(Wire { role: Role::Structure, ty })
        }
        ArgumentKind::Scalars => None,
    });
    let output = match &method.output {
        Some(Output::Fixed(ty)) => Some(Wire { role: Role::Output, ty }),
        Some(Output::Variable(ty)) => Some(Wire { role: Role::Structure, ty }),
        Some(Output::Filled) | None => None,
    };
    inputs.chain(output)
}

/// The same tokens, to be found at `span` when rustc has something to say about them.
pub(crate) fn located_at(tokens: &TokenStream, span: Span) -> TokenStream {
    let locate = |mut token: TokenTree| {
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.clone().into_iter().map(locate).collect()
}
