//! `#[derive(RegisterBlock)]`.
//!
//! It writes three views of the struct and an unsafe impl. What they access is right for these reasons:
//!
//! - *Where a field is.* Offsets are those that rustc gives the struct, by `offset_of!`. `repr(C)` is required, so that they
//!   are also those that C has, and `packed` is refused, so that each field is aligned as the struct is.
//! - *What a field is.* Its type is a `BlockField`, which has the views that may be had of it, or it is reserved, and there
//!   is none. Elements of an array whose stride is given are proved to lie before the next field. That the struct has a field
//!   of this type, aligned, is proved by borrowing it: an attribute macro below the derive may write another struct than the
//!   derive has seen.
//! - *Who has it.* A method of the shared view gives a shared view, one of the unique view borrows that uniquely, and
//!   `split`, which gives several unique views, consumes it and gives one for each field.

use crate::attr::Keys;
use crate::docs;
use crate::errors::Errors;
use crate::repr;
use crate::syntax;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Expr, Field, Fields, Ident, Type, Visibility};

/// The functions that every unique view has, beside those named after fields.
const TAKEN: &[&str] = &["as_view", "reborrow", "split"];

pub(crate) fn derive(tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let names = Names::parse(&mut errors, &input);
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(data) => {
            errors
                .error(data.enum_token, "`RegisterBlock` is for structs: registers lie one after the other");
            return errors.into_compile_errors();
        }
        Data::Union(data) => {
            let message = "`RegisterBlock` is for structs; for registers that mean one thing when they are read and \
                           another when they are written, take the one type and convert";
            errors.error(data.union_token, message);
            return errors.into_compile_errors();
        }
    };
    if !input.generics.params.is_empty() {
        errors.error(&input.generics, "a register block cannot be generic: it has one layout");
        return errors.into_compile_errors();
    }
    if let Fields::Unnamed(fields) = fields {
        errors.error(fields, "registers have names: use a struct with named fields");
        return errors.into_compile_errors();
    }
    check_repr(&mut errors, &input);
    let fields: Vec<_> = fields.iter().filter_map(|field| BlockField::parse(&mut errors, field)).collect();
    let is_right = errors.is_empty();
    let block = Block { input: &input, names, fields };
    let expansion = block.expand(is_right);
    let errors = errors.into_compile_errors();
    quote!(#expansion #errors)
}

fn check_repr(errors: &mut Errors, input: &DeriveInput) {
    let hints = repr::hints(&input.attrs);
    if !hints.iter().any(|hint| hint == "C") {
        errors.error(&input.ident, "`RegisterBlock` requires `#[repr(C)]`");
    }
    if let Some(packed) = hints.iter().find(|hint| *hint == "packed") {
        errors.error(
            packed,
            "a register block cannot be packed: a register is accessed in one instruction, aligned",
        );
    }
}

/// What the views are called, and where the library is.
struct Names {
    runtime: TokenStream,
    view: Ident,
    view_mut: Ident,
    split: Ident,
}

impl Names {
    fn parse(errors: &mut Errors, input: &DeriveInput) -> Self {
        const KEYS: &[&str] = &["crate", "view", "view_mut", "split"];
        let block = &input.ident;
        let mut keys = Keys::parse_helper(errors, "#[register_block]", "register_block", KEYS, &input.attrs);
        let runtime = keys.runtime(errors);
        let mut name = |key, suffix| {
            let name = || format_ident!("{}{suffix}", block.unraw(), span = block.span());
            keys.identifier(errors, key).unwrap_or_else(name)
        };
        let (view, view_mut, split) =
            (name("view", "View"), name("view_mut", "ViewMut"), name("split", "Split"));
        Self { runtime, view, view_mut, split }
    }
}

/// A field, with what `#[reg]` says about it.
struct BlockField<'a> {
    name: &'a Ident,
    field: &'a Field,
    is_reserved: bool,
    offset: Option<Expr>,
    stride: Option<Expr>,
    unsafe_write: bool,
}

impl<'a> BlockField<'a> {
    fn parse(errors: &mut Errors, field: &'a Field) -> Option<Self> {
        const KEYS: &[&str] = &["offset", "stride", "unsafe_write"];
        let name = field.ident.as_ref()?;
        let text = name.unraw().to_string();
        if TAKEN.contains(&text.as_str()) {
            let message = format!(
                "`{text}` is a function that every view has: call the register otherwise, such as `{text}_`"
            );
            errors.error(name, message);
            return None;
        }
        let mut keys = Keys::parse_helper(errors, "#[reg]", "reg", KEYS, &field.attrs);
        let is_reserved = text.starts_with('_');
        if is_reserved && let Some(key) = keys.given(&["stride", "unsafe_write"]).first() {
            errors.error(key, "a field whose name begins with `_` is reserved: only its offset can be given");
        }
        let mut number = |key| keys.expression(errors, key, &format!("a number of bytes: `{key} = 0x10`"));
        let (offset, stride) = (number("offset"), number("stride"));
        let unsafe_write = keys.take("unsafe_write");
        if let Some(value) = unsafe_write.as_ref().and_then(|key| key.value.as_ref()) {
            errors.error(value, "`unsafe_write` takes no value");
        }
        Some(Self { name, field, is_reserved, offset, stride, unsafe_write: unsafe_write.is_some() })
    }

    fn text(&self) -> String {
        self.name.unraw().to_string()
    }

    /// The documentation of what stands for the field.
    fn docs(&self) -> TokenStream {
        let docs: Vec<_> = self.field.attrs.iter().filter(|at| at.path().is_ident("doc")).collect();
        if docs.is_empty() {
            let text = format!("`{}`", self.text());
            return quote!(#[doc = #text]);
        }
        quote!(#(#docs)*)
    }

    /// Lint levels, and that it is deprecated.
    fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        let names = ["allow", "warn", "deny", "expect", "deprecated"];
        self.field.attrs.iter().filter(move |at| names.iter().any(|name| at.path().is_ident(name)))
    }
}

struct Block<'a> {
    input: &'a DeriveInput,
    names: Names,
    fields: Vec<BlockField<'a>>,
}

impl Block<'_> {
    fn expand(&self, is_right: bool) -> TokenStream {
        let implementation = self.implementation();
        let view = self.view();
        let view_mut = self.view_mut();
        let split = self.split();
        let proofs = is_right.then(|| self.proofs());
        quote!(#implementation #view #view_mut #split #proofs)
    }

    fn registers(&self) -> impl Iterator<Item = &BlockField<'_>> {
        self.fields.iter().filter(|field| !field.is_reserved)
    }

    /// The field as the views have it.
    fn ty(&self, field: &BlockField<'_>) -> TokenStream {
        let (ty, runtime) = (&field.field.ty, &self.names.runtime);
        match (field.unsafe_write, syntax::peel_type(ty)) {
            (false, _) => ty.to_token_stream(),
            (true, Type::Array(array)) => {
                let (element, length) = (&array.elem, &array.len);
                quote!([#runtime::UnsafeWrite<#element>; #length])
            }
            (true, _) => quote!(#runtime::UnsafeWrite<#ty>),
        }
    }

    fn offset(&self, field: &BlockField<'_>) -> TokenStream {
        let (block, name) = (&self.input.ident, field.name);
        quote!(::core::mem::offset_of!(#block, #name))
    }

    fn stride(&self, field: &BlockField<'_>) -> TokenStream {
        match &field.stride {
            Some(stride) => stride.to_token_stream(),
            None => {
                let path = self.path(field);
                quote!(#path::SIZE)
            }
        }
    }

    /// The one way to a field's type: what rustc says of a wrong one is the same everywhere, so it says it once.
    fn path(&self, field: &BlockField<'_>) -> TokenStream {
        let (ty, runtime) = (self.ty(field), &self.names.runtime);
        quote_spanned!(field.field.ty.span()=> <#ty as #runtime::BlockField>)
    }

    /// What `View` and `view` of a field are given.
    fn place(&self, field: &BlockField<'_>) -> TokenStream {
        let (offset, stride) = (self.offset(field), self.stride(field));
        quote!({ #offset }, { #stride })
    }

    fn implementation(&self) -> TokenStream {
        let Names { runtime, view, view_mut, split } = &self.names;
        let name = &self.input.ident;
        let (text, docs) = (name.unraw().to_string(), docs::text(&self.input.attrs));
        let records = self.registers().map(|field| {
            let (path, offset, stride) = (self.path(field), self.offset(field), self.stride(field));
            let (text, docs) = (field.text(), docs::text(&field.field.attrs));
            quote!(#runtime::FieldLayout::new(#text, #docs, #offset, #path::LENGTH, #stride, #path::KIND))
        });
        quote! {
            #[automatically_derived]
            #[allow(clippy::undocumented_unsafe_blocks, deprecated)]
            unsafe impl #runtime::RegisterBlock for #name {
                type View<'uc> = #view<'uc>;
                type ViewMut<'uc> = #view_mut<'uc>;
                type Split<'uc> = #split<'uc>;
                const LAYOUT: &'static #runtime::BlockLayout =
                    &#runtime::BlockLayout::of::<Self>(#text, #docs, const { &[#(#records),*] });
                #[inline]
                unsafe fn view_at<'uc>(
                    __uc_base: ::core::ptr::NonNull<::core::primitive::u8>,
                ) -> #view<'uc> {
                    #view(unsafe { #runtime::Base::new(__uc_base) })
                }
                #[inline]
                unsafe fn view_mut_at<'uc>(
                    __uc_base: ::core::ptr::NonNull<::core::primitive::u8>,
                ) -> #view_mut<'uc> {
                    #view_mut(unsafe { #runtime::BaseMut::new(__uc_base) })
                }
                #[inline]
                unsafe fn split_at<'uc>(
                    __uc_base: ::core::ptr::NonNull<::core::primitive::u8>,
                ) -> #split<'uc> {
                    #view_mut(unsafe { #runtime::BaseMut::new(__uc_base) }).split()
                }
            }

            #[automatically_derived]
            #[allow(clippy::undocumented_unsafe_blocks, deprecated)]
            unsafe impl #runtime::Part for #name {
                type View<'uc, const __UC_OFFSET: ::core::primitive::usize> = #view<'uc>;
                type ViewMut<'uc, const __UC_OFFSET: ::core::primitive::usize> = #view_mut<'uc>;
                const KIND: #runtime::FieldKind =
                    #runtime::FieldKind::Block(<Self as #runtime::RegisterBlock>::LAYOUT);
                #[inline]
                unsafe fn view<'uc, const __UC_OFFSET: ::core::primitive::usize>(
                    __uc_base: #runtime::Base<'uc>,
                ) -> #view<'uc> {
                    #view(unsafe { __uc_base.block::<Self, __UC_OFFSET>() })
                }
                #[inline]
                unsafe fn view_mut<'uc, const __UC_OFFSET: ::core::primitive::usize>(
                    __uc_base: #runtime::BaseMut<'uc>,
                ) -> #view_mut<'uc> {
                    #view_mut(unsafe { __uc_base.block::<Self, __UC_OFFSET>() })
                }
            }
        }
    }

    fn view(&self) -> TokenStream {
        let (Names { runtime, view, .. }, block) = (&self.names, &self.input.ident);
        let Visible { vis, docs, inherited } = self.visible("to read what can be read without effect");
        let methods = self.registers().map(|field| {
            let (name, path, place) = (field.name, self.path(field), self.place(field));
            let (vis, docs, attributes) = (&field.field.vis, field.docs(), field.attributes());
            quote! {
                #docs
                #(#attributes)*
                #[inline]
                #vis fn #name(&self) -> #path::View<'uc, #place> {
                    unsafe { #path::view::<#place>(self.0.of_fields()) }
                }
            }
        });
        quote! {
            #docs
            #inherited
            #[allow(dead_code, deprecated)]
            #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
            #vis struct #view<'uc>(#runtime::Base<'uc, #block>);

            #[automatically_derived]
            #[allow(clippy::undocumented_unsafe_blocks, dead_code, deprecated)]
            impl<'uc> #view<'uc> {
                #(#methods)*
            }
        }
    }

    fn view_mut(&self) -> TokenStream {
        let (Names { runtime, view, view_mut, split }, block) = (&self.names, &self.input.ident);
        let Visible { vis, docs, inherited } = self.visible("to read and to write");
        let methods = self.registers().map(|field| {
            let (name, path, place) = (field.name, self.path(field), self.place(field));
            let (vis, docs, attributes) = (&field.field.vis, field.docs(), field.attributes());
            quote! {
                #docs
                #(#attributes)*
                #[inline]
                #vis fn #name(&mut self) -> #path::ViewMut<'_, #place> {
                    unsafe { #path::view_mut::<#place>(self.0.reborrow().of_fields()) }
                }
            }
        });
        let parts = self.registers().map(|field| {
            let (name, path, place) = (field.name, self.path(field), self.place(field));
            quote!(#name: unsafe { #path::view_mut::<#place>(self.0.duplicate().of_fields()) })
        });
        quote! {
            #docs
            #inherited
            #[allow(dead_code, deprecated)]
            #[derive(::core::fmt::Debug)]
            #vis struct #view_mut<'uc>(#runtime::BaseMut<'uc, #block>);

            #[automatically_derived]
            #[allow(clippy::undocumented_unsafe_blocks, dead_code, deprecated)]
            impl<'uc> #view_mut<'uc> {
                #(#methods)*

                /// The same registers, to read for as long as nobody writes them.
                #[inline]
                #vis fn as_view(&self) -> #view<'_> {
                    #view(self.0.shared())
                }

                /// The same registers, for someone else to have for a while.
                #[inline]
                #vis fn reborrow(&mut self) -> #view_mut<'_> {
                    #view_mut(self.0.reborrow())
                }

                /// Each register for itself, for different threads to have.
                #[inline]
                #vis fn split(self) -> #split<'uc> {
                    #split { #(#parts,)* __uc_block: ::core::marker::PhantomData }
                }
            }
        }
    }

    fn split(&self) -> TokenStream {
        let Names { runtime, split, .. } = &self.names;
        let Visible { vis, docs, inherited } = self.visible("each for itself");
        let text = split.unraw().to_string();
        let parts = self.registers().map(|field| {
            let (name, path, place) = (field.name, self.path(field), self.place(field));
            let (vis, docs, attributes) = (&field.field.vis, field.docs(), field.attributes());
            quote! {
                #docs
                #(#attributes)*
                #vis #name: #path::ViewMut<'uc, #place>
            }
        });
        quote! {
            #docs
            #inherited
            #[allow(dead_code, deprecated)]
            #vis struct #split<'uc> {
                #(#parts,)*
                __uc_block: ::core::marker::PhantomData<#runtime::BaseMut<'uc>>,
            }

            #[automatically_derived]
            impl ::core::fmt::Debug for #split<'_> {
                fn fmt(&self, __uc_f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::core::fmt::Formatter::debug_struct(__uc_f, #text).finish_non_exhaustive()
                }
            }
        }
    }

    /// What a view has of the struct.
    fn visible(&self, purpose: &str) -> Visible<'_> {
        let docs = format!("The registers of [`{}`], {purpose}.", self.input.ident.unraw());
        let inherited = syntax::inherited(&self.input.attrs);
        Visible { vis: &self.input.vis, docs: quote!(#[doc = #docs]), inherited: quote!(#(#inherited)*) }
    }

    /// What is asserted of the struct, each at the place that says it.
    fn proofs(&self) -> TokenStream {
        let Self { input: DeriveInput { ident: block, .. }, names: Names { runtime, .. }, .. } = self;
        let layout = quote!(<#block as #runtime::RegisterBlock>::LAYOUT);
        let size = assertion(runtime, block.span(), quote!(assert_block(#layout)));
        let fields = self.fields.iter().enumerate().map(|(index, field)| {
            let (text, ty, offset) = (field.text(), &field.field.ty, self.offset(field));
            let is_reserved = field.is_reserved.then(|| quote!(<#ty as #runtime::ReservedField>::MAY));
            let is_writable = field.unsafe_write.then(|| match syntax::peel_type(ty) {
                Type::Array(array) => array.elem.to_token_stream(),
                ty => ty.to_token_stream(),
            });
            let is_writable = is_writable.map(|register| quote!(<#register as #runtime::WritableField>::MAY));
            let kinds = is_reserved.into_iter().chain(is_writable);
            let place = field.offset.as_ref().map(|declared| {
                assertion(runtime, declared.span(), quote!(assert_offset(#text, #offset, #declared)))
            });
            let stride = field.stride.as_ref().map(|stride| {
                let next = self.fields[index + 1..].iter().find(|field| !field.is_reserved);
                let (next, end) = match next {
                    Some(next) => (format!("`{}`", next.text()), self.offset(next)),
                    None => ("the end of the block".to_owned(), quote!(::core::mem::size_of::<#block>())),
                };
                let path = self.path(field);
                let elements = quote!((#path::LENGTH, #path::SIZE, #path::ALIGN));
                let call = quote!(assert_stride(#text, #offset, #elements, #stride, #next, #end));
                assertion(runtime, stride.span(), call)
            });
            let name = field.name;
            let borrowed = quote!(const _: fn(&#block) -> &#ty = |__uc_block| &__uc_block.#name;);
            quote!(#borrowed #(const _: () = #kinds;)* #place #stride)
        });
        quote! {
            #[allow(deprecated)]
            const _: () = {
                #size
                #(#fields)*
            };
        }
    }
}

struct Visible<'a> {
    vis: &'a Visibility,
    docs: TokenStream,
    inherited: TokenStream,
}

/// A call in a constant, whose failure is reported at `span`.
fn assertion(runtime: &TokenStream, span: Span, call: TokenStream) -> TokenStream {
    let call = quote!(#runtime::#call).into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    quote!(const _: () = #(#call)*;)
}
