//! `#[derive(RegisterValue)]`: newtypes, whoever writes them.
//!
//! What `bitfield-struct` makes of a struct is a newtype of an integer, and so is what stands above `bitflags! { impl … }`.
//! `bitflags! { struct … }` makes a newtype of a type of its own, which is reached through the trait `Flags`.

use crate::attr;
use crate::errors::Errors;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Member, Path, Type, TypePath};

pub(crate) fn derive(tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let runtime = attr::helper(&mut errors, "#[register_value]", "register_value", &input.attrs);
    if !input.generics.params.is_empty() {
        errors.error(&input.generics, "what a register holds cannot be generic: it is one kind of word");
        return errors.into_compile_errors();
    }
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(data) => {
            let message = "a register cannot hold an enum: hardware may answer with bits that are no variant; derive \
                           `RegisterValue` for a newtype of an integer, with a function that makes an `Option` or a \
                           `Result` of it";
            errors.error(data.enum_token, message);
            return errors.into_compile_errors();
        }
        Data::Union(data) => {
            errors.error(data.union_token, "`RegisterValue` is for newtypes: a union has no one value");
            return errors.into_compile_errors();
        }
    };
    for field in fields {
        attr::no_helper(&mut errors, "#[register_value]", "register_value", &field.attrs);
    }
    let Some((member, ty)) = newtype(fields) else {
        let is_bitfield = |path: &Path| path.segments.last().is_some_and(|last| last.ident == "bitfield");
        let message = match input.attrs.iter().find(|attribute| is_bitfield(attribute.path())) {
            Some(_) => "what stands above `#[bitfield]` sees the struct without it: put the derive below",
            None => {
                "what a register holds has one field, an integer; its parts are bits of that, as \
                 `#[bitfield(u32)]` of the crate `bitfield-struct` makes them"
            }
        };
        errors.error(&input.ident, message);
        return errors.into_compile_errors();
    };
    let implementation = implementation(&input, &runtime, &member, ty);
    let errors = errors.into_compile_errors();
    quote!(#implementation #errors)
}

/// The only field.
fn newtype(fields: &Fields) -> Option<(Member, &Type)> {
    let mut members = fields.members().zip(fields);
    match (members.next(), members.next()) {
        (Some((member, field)), None) => Some((member, &field.ty)),
        _ => None,
    }
}

/// `$crate` of `<Status as $crate::__private::PublicFlags>::Internal`, the type of the field that `bitflags!` writes.
fn bitflags(ty: &Type) -> Option<TokenStream> {
    let Type::Path(TypePath { qself: Some(_), path, .. }) = ty else { return None };
    let is_theirs = |name: &str| path.segments.iter().any(|segment| segment.ident == name);
    if !(is_theirs("PublicFlags") && is_theirs("Internal")) {
        return None;
    }
    let library = path.segments.iter().map(|segment| &segment.ident).take_while(|name| *name != "__private");
    let colons = path.leading_colon;
    Some(quote!(#colons #(#library)::*))
}

fn implementation(input: &DeriveInput, runtime: &TokenStream, member: &Member, ty: &Type) -> TokenStream {
    let name = &input.ident;
    let text = name.unraw().to_string();
    let (inner, from_inner, to_inner) = match bitflags(ty) {
        // Bits that have no name are kept: the register is written back with what it held.
        Some(bitflags) => (
            quote!(<Self as #bitflags::Flags>::Bits),
            quote!(<Self as #bitflags::Flags>::from_bits_retain(__uc_inner)),
            quote!(<Self as #bitflags::Flags>::bits(&self)),
        ),
        None => (ty.to_token_stream(), quote!(Self { #member: __uc_inner }), quote!(self.#member)),
    };
    // The one way to the inner type: what rustc says of a wrong one is the same everywhere, so it says it once.
    let value = quote!(<#inner as #runtime::RegisterValue>);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #runtime::RegisterValue for #name {
            type Word = #value::Word;
            const NAME: &'static ::core::primitive::str = #text;
            #[inline]
            fn from_word(__uc_word: #value::Word) -> Self {
                let __uc_inner = #value::from_word(__uc_word);
                #from_inner
            }
            #[inline]
            fn to_word(self) -> #value::Word {
                #value::to_word(#to_inner)
            }
        }
    }
}
