//! The interface as data, and what is proved about it when the trait is compiled.

use super::{completion, memory, output, scalar, structure, uc};
use crate::docs;
use crate::model::{Argument, ArgumentKind, Interface, Locking, Memory, Method, Number, Output, Target};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::HashSet;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Type};

/// `{Trait}Client::INTERFACE`
pub(super) fn table(interface: &Interface) -> TokenStream {
    let Interface { item, entitlement, .. } = interface;
    let (vis, name, docs) = (&item.vis, item.ident.unraw().to_string(), docs::text(&item.attrs));
    let about = format!(" What [`{name}`] looks like to the kernel.");
    let target = optional(target(interface));
    let table = match &interface.table {
        Some(table) => quote!(#table),
        None => quote!(Dispatch2022),
    };
    let entitlement = optional(entitlement.as_ref());
    let locking = locking(interface);
    let parameters = interface.methods.iter().map(parameters);
    let declarations = interface.methods.iter().map(declaration);
    let (memory, its_name) = match interface.memory.is_empty() {
        true => (None, quote!(&[])),
        false => (Some(memory_table(interface, &name)), quote!(Self::__MEMORY)),
    };
    quote! {
        const __PARAMETERS: &'static [&'static [__uc::Parameter]] = &[#(#parameters),*];
        const __DECLARATIONS: &'static [__uc::Declaration] = &[#(#declarations),*];
        const __METHODS: &'static [__uc::Method] = &__uc::methods::<{ Self::__DECLARATIONS.len() }>(
            #name,
            Self::__SELECTORS,
            Self::__PARAMETERS,
            Self::__DECLARATIONS,
        );
        #memory

        #[doc = #about]
        #vis const INTERFACE: &'static __uc::Interface = &__uc::interface(
            (#name, #docs),
            #target,
            Self::__CONNECTION_TYPE,
            __uc::Table::#table,
            #entitlement,
            #locking,
            (Self::__METHODS, #its_name),
        );
    }
}

/// `{Trait}Client::__MEMORY`
fn memory_table(interface: &Interface, name: &str) -> TokenStream {
    let declarations = interface.memory.iter().map(memory_declaration);
    quote! {
        const __MEMORY: &'static [__uc::Memory] = &__uc::memory::<{ Self::__MEMORY_TYPES.len() }>(
            #name,
            Self::__MEMORY_TYPES,
            &[#(#declarations),*],
        );
    }
}

/// What is declared of memory besides its name and its number.
fn memory_declaration(declared: &Memory) -> TokenStream {
    let (cfgs, ty) = (&declared.cfgs, memory(declared));
    let docs = declared.docs.as_ref().map(|docs| quote!(.documented(#docs)));
    let cache = declared.cache.as_ref().map(|cache| quote!(.cached(__uc::CacheMode::#cache)));
    quote!(#(#cfgs)* #ty::DECLARATION #docs #cache)
}

/// `Target::Service("…")`
pub(super) fn target(interface: &Interface) -> Option<TokenStream> {
    interface.target.as_ref().map(|target| match target {
        Target::Service(class) => quote!(__uc::Target::Service(#class)),
        Target::Name(name) => quote!(__uc::Target::Name(#name)),
    })
}

/// `{Trait}Client::__SELECTORS` and `__MEMORY_TYPES`, of which no type is a part, so that they are compared even if a
/// type is wrong.
pub(super) fn numbers(interface: &Interface) -> TokenStream {
    let numbers = |name: TokenStream, numbers: Vec<TokenStream>| {
        quote! {
            const #name: &'static [(&'static ::core::primitive::str, ::core::primitive::u32)] = &[#(#numbers),*];
        }
    };
    let number = |cfgs: &[Attribute], method: &Ident, number: &Number| {
        let (method, value) = (method.unraw().to_string(), &number.value);
        quote!(#(#cfgs)* (#method, #value))
    };
    let selectors = interface.selectors().map(|(method, it)| number(&method.cfgs, method.name(), it));
    let selectors = numbers(quote!(__SELECTORS), selectors.collect());
    if interface.memory.is_empty() {
        return selectors;
    }
    let types = interface.memory_types().map(|(memory, it)| number(&memory.cfgs, memory.name(), it));
    let types = numbers(quote!(__MEMORY_TYPES), types.collect());
    quote!(#selectors #types)
}

/// Where the methods stand in the table, for a trait some of whose methods are there in some configurations only; and
/// the same of memory.
pub(super) fn positions(interface: &Interface) -> TokenStream {
    let variant = |cfgs: &[Attribute], name: &Ident| quote!(#(#cfgs)* #name);
    let methods = interface.selectors().map(|(method, _)| variant(&method.cfgs, method.name()));
    let methods = is_configured(interface).then(|| quote!(enum __Position { #(#methods),* }));
    let memory = interface.memory_types().map(|(memory, _)| variant(&memory.cfgs, memory.name()));
    let memory = is_memory_configured(interface).then(|| quote!(enum __MemoryPosition { #(#memory),* }));
    quote!(#methods #memory)
}

fn is_configured(interface: &Interface) -> bool {
    interface.methods.iter().any(|method| !method.cfgs.is_empty())
}

fn is_memory_configured(interface: &Interface) -> bool {
    interface.memory.iter().any(|memory| !memory.cfgs.is_empty())
}

/// Where a method stands in the table: `index`, unless methods before it may be missing.
pub(super) fn index(interface: &Interface, index: usize, method: &Method) -> TokenStream {
    let name = method.name();
    match is_configured(interface) {
        true => quote!(__Position::#name as ::core::primitive::usize),
        false => Literal::usize_unsuffixed(index).into_token_stream(),
    }
}

/// The same of memory.
pub(super) fn memory_index(interface: &Interface, index: usize, memory: &Memory) -> TokenStream {
    let name = memory.name();
    match is_memory_configured(interface) {
        true => quote!(__MemoryPosition::#name as ::core::primitive::usize),
        false => Literal::usize_unsuffixed(index).into_token_stream(),
    }
}

/// What is declared of a method besides its name, its selector and its parameters.
fn declaration(method: &Method) -> TokenStream {
    let (cfgs, declaration) = (&method.cfgs, declared(method));
    let docs = method.docs.as_ref().map(|docs| quote!(.documented(#docs)));
    let entitlement = method.entitlement.as_ref().map(|entitlement| quote!(.entitled(#entitlement)));
    quote!(#(#cfgs)* #declaration #docs #entitlement)
}

/// What a method's result declares.
fn declared(method: &Method) -> TokenStream {
    match &method.output {
        Output::Fixed(ty) => {
            let ty = output(ty);
            quote!(#ty::DECLARATION)
        }
        Output::Filled(_) => quote!(__uc::Declaration::FILLED),
        Output::Variable(ty) => {
            let ty = structure(ty);
            quote!(#ty::VECTOR)
        }
        Output::Completion(ty) => {
            let ty = completion(ty);
            quote!(#ty::DECLARATION)
        }
        Output::Mistaken => TokenStream::new(),
    }
}

fn parameters(method: &Method) -> TokenStream {
    let (cfgs, parameters) = (&method.cfgs, method.arguments.iter().map(parameter));
    quote!(#(#cfgs)* &[#(#parameters),*])
}

fn parameter(argument: &Argument) -> TokenStream {
    let name = argument.name.unraw().to_string();
    let kind = match &argument.kind {
        ArgumentKind::Scalar(ty) => {
            let ty = scalar(ty);
            quote!(#ty::ONE)
        }
        ArgumentKind::Scalars => quote!(__uc::ParameterKind::Scalars),
        ArgumentKind::Structure(ty) => {
            let ty = structure(ty);
            quote!(#ty::ONE)
        }
        ArgumentKind::Slice(ty) => {
            let ty = structure(ty);
            quote!(#ty::SLICE)
        }
        ArgumentKind::Buffer(ty) => {
            let ty = structure(ty);
            quote!(#ty::BUFFER)
        }
    };
    quote!(__uc::parameter(#name, #kind))
}

fn scalar_inputs(method: &Method) -> TokenStream {
    match method.scalar_inputs() {
        Some(count) => Literal::usize_unsuffixed(count).into_token_stream(),
        None => quote!(__uc::VARIABLE),
    }
}

fn locking(interface: &Interface) -> TokenStream {
    let Locking { default, set_properties, single_thread } = &interface.locking;
    let fields = [("default", default), ("set_properties", set_properties), ("single_thread", single_thread)];
    let given = fields.iter().filter_map(|(name, value)| {
        let (name, value) = (format_ident!("{name}"), value.as_ref()?);
        Some(quote!(#name: #value,))
    });
    let given: TokenStream = given.collect();
    if given.is_empty() {
        return quote!(__uc::Locking::DEFAULT);
    }
    quote!(__uc::Locking { #given ..__uc::Locking::DEFAULT })
}

fn optional(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(__uc::Some(#value)),
        None => quote!(__uc::None),
    }
}

/// What rustc is asked about the trait, each question at the place of its answer.
pub(super) fn assertions(interface: &Interface) -> TokenStream {
    let (types, legacy, unique) = (types(interface), legacy(interface), unique(interface));
    quote!(#types #legacy #unique)
}

/// Each type can cross. One that stands in several methods is asked about once.
fn types(interface: &Interface) -> TokenStream {
    let mut asked = HashSet::new();
    let mut ask = |cfgs: &[Attribute], ty: &Type, question: TokenStream| {
        // Without its method the question may never be asked, so it does not count.
        let is_new = if cfgs.is_empty() {
            asked.insert(question.to_string())
        } else {
            !asked.contains(&question.to_string())
        };
        is_new.then(|| quote_spanned!(ty.span()=> #(#cfgs)* const _: () = #question;))
    };
    let mut assertions = TokenStream::new();
    for Method { cfgs, arguments, output: result, .. } in &interface.methods {
        for argument in arguments {
            assertions.extend(match &argument.kind {
                ArgumentKind::Scalar(ty) => {
                    let crossing = scalar(ty);
                    ask(cfgs, ty, quote!(#crossing::CROSSES))
                }
                ArgumentKind::Structure(ty) | ArgumentKind::Slice(ty) | ArgumentKind::Buffer(ty) => {
                    ask(cfgs, ty, structure_question(ty))
                }
                ArgumentKind::Scalars => None,
            });
        }
        assertions.extend(match result {
            Output::Fixed(ty) => ask(cfgs, ty, output_question(ty)),
            Output::Variable(ty) => ask(cfgs, ty, structure_question(ty)),
            Output::Completion(ty) => ask(cfgs, ty, completion_question(ty)),
            Output::Filled(_) | Output::Mistaken => None,
        });
    }
    for declared in &interface.memory {
        assertions.extend(ask(&declared.cfgs, &declared.content, memory_question(declared)));
    }
    assertions
}

fn structure_question(ty: &Type) -> TokenStream {
    let (uc, crossing) = (uc(ty.span()), structure(ty));
    quote_spanned!(ty.span()=> #uc::assert_structure(#crossing::SIZE))
}

fn output_question(ty: &Type) -> TokenStream {
    let (uc, crossing) = (uc(ty.span()), output(ty));
    quote_spanned!(ty.span()=> #uc::assert_result(#crossing::DECLARATION))
}

fn completion_question(ty: &Type) -> TokenStream {
    let (uc, crossing) = (uc(ty.span()), completion(ty));
    quote_spanned!(ty.span()=> #uc::assert_result(#crossing::DECLARATION))
}

fn memory_question(declared: &Memory) -> TokenStream {
    let span = declared.content.span();
    let (uc, content) = (uc(span), memory(declared));
    quote_spanned!(span=> #uc::assert_content(#content::DECLARATION))
}

/// Each method fits a type of legacy method.
fn legacy(interface: &Interface) -> TokenStream {
    let methods = interface.methods.iter().filter(|_| interface.is_legacy());
    // What is asynchronous has been reported.
    let methods = methods.filter(|it| !matches!(it.output, Output::Completion(_) | Output::Mistaken));
    let assertions = methods.map(|method| {
        let (cfgs, span) = (&method.cfgs, method.name().span());
        let uc = uc(span);
        let inputs = scalar_inputs(method);
        let has_structure = method.structure_input().is_some();
        let declaration = declared(method);
        quote_spanned! {span=>
            #(#cfgs)* const _: () = #uc::assert_legacy(#inputs, #has_structure, #declaration);
        }
    });
    assertions.collect()
}

/// No two methods use one selector, where the macro has not seen both numbers; nor two of memory one type.
fn unique(interface: &Interface) -> TokenStream {
    let client = &interface.client;
    let selectors = interface
        .selectors()
        .enumerate()
        .map(|(index, (method, number))| (&method.cfgs[..], number, self::index(interface, index, method)));
    let selectors = compared(
        selectors,
        |uc, index| quote_spanned!(uc.span()=> #uc::assert_unique_selector(#client::__SELECTORS, #index)),
    );
    let types = interface
        .memory_types()
        .enumerate()
        .map(|(index, (memory, number))| (&memory.cfgs[..], number, memory_index(interface, index, memory)));
    let types = compared(
        types,
        |uc, index| quote_spanned!(uc.span()=> #uc::assert_unique_memory_type(#client::__MEMORY_TYPES, #index)),
    );
    quote!(#selectors #types)
}

/// An assertion for each number from the first on that the macro cannot see.
fn compared<'a>(
    numbers: impl Iterator<Item = (&'a [Attribute], &'a Number, TokenStream)>,
    assertion: impl Fn(Ident, TokenStream) -> TokenStream,
) -> TokenStream {
    let mut all_compared = true;
    let assertions = numbers.enumerate().map(|(position, (cfgs, number, index))| {
        all_compared &= number.compared;
        if all_compared || position == 0 {
            return TokenStream::new();
        }
        let span = number.value.span();
        let assertion = assertion(uc(span), index);
        quote_spanned!(span=> #(#cfgs)* const _: () = #assertion;)
    });
    assertions.collect()
}
