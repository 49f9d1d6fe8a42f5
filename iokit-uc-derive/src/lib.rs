//! The macros of `iokit-uc`. Use them through that crate, which documents the traits they implement.

mod attr;
mod errors;
mod expand;
#[cfg(test)]
mod golden;
mod model;
mod scalar;
mod structure;
mod validate;

use proc_macro::TokenStream;

/// TODO
#[proc_macro_attribute]
pub fn user_client(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::user_client(arguments.into(), item.into()).into()
}

/// TODO
#[proc_macro_derive(Structure, attributes(structure))]
pub fn derive_structure(item: TokenStream) -> TokenStream {
    structure::derive(item.into()).into()
}

/// TODO
#[proc_macro_derive(Scalar, attributes(scalar))]
pub fn derive_scalar(item: TokenStream) -> TokenStream {
    scalar::derive(item.into()).into()
}
