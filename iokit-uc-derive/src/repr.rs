//! `#[repr(…)]`

use syn::{Attribute, Ident};

/// The hints of each `#[repr(…)]` in `attrs`: `C`, `transparent`, `packed`, `u32`.
pub(crate) fn hints(attrs: &[Attribute]) -> Vec<Ident> {
    let mut hints = Vec::new();
    for repr in attrs.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        // A `repr` that cannot be read is rustc's to report.
        let _ = repr.parse_nested_meta(|hint| {
            if hint.input.peek(syn::token::Paren) {
                hint.input.parse::<proc_macro2::Group>()?;
            }
            hints.extend(hint.path.get_ident().cloned());
            Ok(())
        });
    }
    hints
}
