//! `#[derive(Scalar)]`: enums whose variants are numbers, and newtypes.

use crate::attr;
use crate::docs;
use crate::errors::Errors;
use crate::repr;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DataEnum, DeriveInput, Fields, Ident};

const INTEGERS: &[&str] = &["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"];

pub(crate) fn derive(tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let runtime = attr::helper(&mut errors, "#[scalar]", "scalar", &input.attrs);
    if !input.generics.params.is_empty() {
        errors.error(&input.generics, "a scalar cannot be generic: it stands for one kind of number");
        return errors.into_compile_errors();
    }
    let parts: Vec<_> = match &input.data {
        Data::Enum(data) => data.variants.iter().map(|variant| &variant.attrs).collect(),
        Data::Struct(data) => data.fields.iter().map(|field| &field.attrs).collect(),
        Data::Union(_) => Vec::new(),
    };
    for attrs in parts {
        attr::no_helper(&mut errors, "#[scalar]", "scalar", attrs);
    }
    let conversion = match &input.data {
        Data::Enum(data) => enumeration(&mut errors, &input, data),
        Data::Struct(data) => newtype(&mut errors, &input, &data.fields),
        Data::Union(data) => {
            errors.error(data.union_token, "`Scalar` is for enums and newtypes: a union has no one value");
            None
        }
    };
    // After a mistake the impls are written too, so that what uses the type has no errors of its own.
    let conversion = conversion.unwrap_or_else(|| Conversion {
        ty: quote!(<::core::primitive::u64 as __uc::Scalar>::TYPE),
        to_scalar: quote!(::core::unreachable!()),
        from_scalar: quote!(::core::unreachable!()),
    });
    let implementation = implementation(&input.ident, &runtime, conversion);
    let errors = errors.into_compile_errors();
    quote!(#implementation #errors)
}

/// What the scalar stands for, and the bodies of the two conversions, over `self` and over `__uc_bits`.
struct Conversion {
    ty: TokenStream,
    to_scalar: TokenStream,
    from_scalar: TokenStream,
}

fn enumeration(errors: &mut Errors, input: &DeriveInput, data: &DataEnum) -> Option<Conversion> {
    let mut fieldless = true;
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.error(variant, "a variant with fields is no scalar; pass a structure beside the enum");
            fieldless = false;
        }
    }
    let integer = integer(errors, &input.ident, &input.attrs).filter(|_| fieldless)?;
    let name = input.ident.unraw().to_string();
    let docs = docs::text(&input.attrs);
    let variants = data.variants.iter().map(|variant| &variant.ident);
    let records = data.variants.iter().map(|variant| {
        let (name, docs) = (variant.ident.unraw().to_string(), docs::text(&variant.attrs));
        let (ty, variant) = (&input.ident, &variant.ident);
        quote!(__uc::Variant::new(#name, #docs, #ty::#variant as ::core::primitive::i128))
    });
    let inner = quote!(<::core::primitive::#integer as __uc::Scalar>::TYPE);
    Some(Conversion {
        ty: quote!(&__uc::ScalarType::enumeration(#name, #docs, #inner, const { &[#(#records),*] })),
        to_scalar: quote!(<::core::primitive::#integer as __uc::Scalar>::to_scalar(self as ::core::primitive::#integer)),
        from_scalar: quote! {
            let __uc_value = <::core::primitive::#integer as __uc::Scalar>::from_scalar(__uc_bits)?;
            #(if __uc_value == Self::#variants as ::core::primitive::#integer {
                return ::core::option::Option::Some(Self::#variants);
            })*
            ::core::option::Option::None
        },
    })
}

/// The integer of `#[repr(u32)]`.
fn integer(errors: &mut Errors, name: &Ident, attrs: &[Attribute]) -> Option<Ident> {
    let hints = repr::hints(attrs);
    let integer = hints.iter().find(|hint| INTEGERS.iter().any(|integer| hint == integer));
    if integer.is_none() {
        match hints.first() {
            Some(hint) => errors.error(
                hint,
                format!("`{hint}` is no scalar of fixed width; use one of `u8` … `u64`, `i8` … `i64`"),
            ),
            None => errors
                .error(name, "an enum that is a scalar requires an integer `repr`, such as `#[repr(u32)]`"),
        }
    }
    integer.cloned()
}

fn newtype(errors: &mut Errors, input: &DeriveInput, fields: &Fields) -> Option<Conversion> {
    let mut members = fields.members().zip(fields);
    let (Some((member, field)), None) = (members.next(), members.next()) else {
        let message = "a struct that is a scalar has one field; derive `Structure` for more";
        errors.error(&input.ident, message);
        return None;
    };
    let ty = &field.ty;
    let inner = quote!(<#ty as __uc::Scalar>);
    let (name, docs) = (input.ident.unraw().to_string(), docs::text(&input.attrs));
    Some(Conversion {
        ty: quote!(&__uc::ScalarType::newtype(#name, #docs, #inner::TYPE)),
        to_scalar: quote!(#inner::to_scalar(self.#member)),
        from_scalar: quote! {
            let __uc_value = #inner::from_scalar(__uc_bits)?;
            ::core::option::Option::Some(Self { #member: __uc_value })
        },
    })
}

fn implementation(name: &Ident, runtime: &TokenStream, conversion: Conversion) -> TokenStream {
    let Conversion { ty, to_scalar, from_scalar } = conversion;
    quote! {
        #[allow(deprecated)]
        const _: () = {
            use #runtime as __uc;

            // No part of an impl: where the type is not `Copy`, both would ask why.
            const __TYPE: &'static __uc::ScalarType = #ty;

            #[automatically_derived]
            impl __uc::Scalar for #name {
                const TYPE: &'static __uc::ScalarType = __TYPE;
                #[inline]
                fn to_scalar(self) -> ::core::primitive::u64 {
                    #to_scalar
                }
                #[inline]
                fn from_scalar(__uc_bits: ::core::primitive::u64) -> ::core::option::Option<Self> {
                    #from_scalar
                }
            }

            #[automatically_derived]
            impl __uc::Output for #name {
                const SHAPE: __uc::OutputShape = __uc::OutputShape::scalar(__TYPE);
                type Buffer = ();
                #[inline]
                fn buffer() {}
                #[inline]
                fn bytes(_: &mut ()) -> &mut [::core::primitive::u8] {
                    &mut []
                }
                #[inline]
                fn load(
                    __uc_scalars: &mut __uc::Reader<'_>,
                    _: (),
                ) -> ::core::result::Result<Self, __uc::BadScalar> {
                    __uc_scalars.scalar()
                }
                #[inline]
                fn store(self, __uc_reply: &mut __uc::Writer<'_>) {
                    __uc_reply.scalar(__uc::ScalarArgument::scalar(self));
                }
            }
        };
    }
}
