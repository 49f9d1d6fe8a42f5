//! `#[derive(Structure)]`.
//!
//! It writes four impls, three of them unsafe: `bytemuck::Zeroable`, `bytemuck::Pod` and `Structure`. They are sound
//! for these reasons, each of which the expansion makes rustc check:
//!
//! - *Every bit pattern is a value, zeros too.* A struct without generics is the product of its fields, and each field's
//!   type is a `Structure`, which is `Pod`: naming its `LAYOUT` needs that bound, under the name `StructureField`, which
//!   exactly the structures have. That the struct has a field of this type is proved by taking it out: an attribute macro
//!   below the derive may write another struct than the derive has seen.
//! - *No byte is padding.* The size of the struct is the sum of the sizes of its fields; an assertion compares them.
//! - *The layout is the one written down.* `repr(C)` or `repr(transparent)` is required, with `packed` and `align` besides.
//! - *It is `Copy` and `'static`.* `Pod` requires it, and a struct without lifetimes is `'static`.
//! - *`LAYOUT` is true.* Size, alignment and offsets are computed by rustc from the struct itself.
//!
//! The fields' types are named where the struct stands and not in a block with names of our own, in which they might
//! mean something else. What `crate = …` names is taken to be this library.

use crate::attr;
use crate::docs;
use crate::errors::Errors;
use crate::repr;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Member};

pub(crate) fn derive(tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let runtime = attr::helper(&mut errors, "#[structure]", "structure", &input.attrs);
    let name = &input.ident;
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(data) => {
            errors.error(
                data.enum_token,
                "`Structure` is for structs: not every bit pattern is a value of an enum",
            );
            return errors.into_compile_errors();
        }
        Data::Union(data) => {
            errors.error(
                data.union_token,
                "`Structure` is for structs: the bytes of a union have no one layout",
            );
            return errors.into_compile_errors();
        }
    };
    if !input.generics.params.is_empty() {
        errors.error(&input.generics, "a structure cannot be generic: it has one wire layout");
        return errors.into_compile_errors();
    }
    for field in fields {
        attr::no_helper(&mut errors, "#[structure]", "structure", &field.attrs);
    }
    if !repr::hints(&input.attrs).iter().any(|hint| hint == "C" || hint == "transparent") {
        errors.error(name, "`Structure` requires `#[repr(C)]` or `#[repr(transparent)]`");
    }
    let implementation = implementation(&input, fields, &runtime, errors.is_empty());
    let errors = errors.into_compile_errors();
    quote!(#implementation #errors)
}

/// The impls. After a mistake they are written too, so that what uses the structure has no errors of its own; the
/// program does not compile in any case.
fn implementation(
    input: &DeriveInput,
    fields: &Fields,
    runtime: &TokenStream,
    is_right: bool,
) -> TokenStream {
    let name = &input.ident;
    let (text, docs) = (name.unraw().to_string(), docs::text(&input.attrs));
    let records = fields.members().zip(fields).map(|(member, field)| {
        let text = match &member {
            Member::Named(name) => name.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        };
        let ty = &field.ty;
        // The one place where a field's type must be a structure: one error for one that is not.
        let layout = quote!(<#ty as #runtime::StructureField>::LAYOUT);
        let docs = docs::text(&field.attrs);
        quote!(#runtime::Field::new(#text, #docs, ::core::mem::offset_of!(Self, #member), #layout))
    });
    let proofs = is_right.then(|| {
        let taken = fields.members().zip(fields).map(|(member, field)| {
            let ty = &field.ty;
            quote!(const _: fn(#name) -> #ty = |__uc_structure| __uc_structure.#member;)
        });
        let mut types = fields.iter().map(|field| &field.ty).peekable();
        let message =
            format!("`{text}` has padding bytes; order the fields by size or add explicit `_pad` fields");
        let sum = match types.peek() {
            Some(_) => quote!(#(::core::mem::size_of::<#types>())+*),
            None => quote!(0),
        };
        // By `core` alone, so that no other meaning of `crate = …` can answer for it.
        let padding = quote_spanned! {name.span()=>
            #[allow(deprecated)]
            const _: () = ::core::assert!(::core::mem::size_of::<#name>() == #sum, #message);
        };
        quote!(#(#[allow(deprecated)] #taken)* #padding)
    });
    // `Pod` asks for `Copy`. Where it is missing the other impls leave it to that one to say so.
    let copy = quote!(where for<'uc> #name: ::core::marker::Copy);
    quote! {
        #[automatically_derived]
        #[allow(clippy::undocumented_unsafe_blocks, deprecated)]
        unsafe impl #runtime::bytemuck::Zeroable for #name {}

        #[automatically_derived]
        #[allow(clippy::undocumented_unsafe_blocks, deprecated)]
        unsafe impl #runtime::bytemuck::Pod for #name {}

        #[automatically_derived]
        #[allow(clippy::undocumented_unsafe_blocks, deprecated)]
        unsafe impl #runtime::Structure for #name #copy {
            const LAYOUT: &'static #runtime::Layout =
                &#runtime::Layout::of_struct::<Self>(#text, #docs, const { &[#(#records),*] });
        }

        #proofs

        #[automatically_derived]
        #[allow(deprecated)]
        impl #runtime::Output for #name #copy {
            const SHAPE: #runtime::OutputShape =
                #runtime::OutputShape::structure(<Self as #runtime::Structure>::LAYOUT);
            type Buffer = Self;
            #[inline]
            fn buffer() -> Self {
                #runtime::bytemuck::Zeroable::zeroed()
            }
            #[inline]
            fn bytes(__uc_buffer: &mut Self) -> &mut [::core::primitive::u8] {
                #runtime::bytemuck::bytes_of_mut(__uc_buffer)
            }
            #[inline]
            fn load(
                _: &mut #runtime::Reader<'_>,
                __uc_buffer: Self,
            ) -> ::core::result::Result<Self, #runtime::BadScalar> {
                ::core::result::Result::Ok(__uc_buffer)
            }
            #[inline]
            fn store(self, __uc_reply: &mut #runtime::Writer<'_>) {
                __uc_reply.structure(#runtime::bytemuck::bytes_of(&self));
            }
        }
    }
}
