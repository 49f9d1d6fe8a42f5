//! The functions and variables that a program's imports are bound to.

use std::collections::HashMap;

/// A function or variable that stands in for one of macOS's libraries.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// The name in C: a Mach-O symbol without its leading underscore.
    pub name: &'static str,
    /// Where it is in this process.
    pub address: usize,
}

impl Export {
    /// An export of a variable.
    pub fn variable<T>(name: &'static str, variable: &'static T) -> Self {
        Self { name, address: &raw const *variable as usize }
    }
}

/// Lists functions as [`Export`]s under their own names or, with `as`, under another one.
#[macro_export]
macro_rules! exports {
    ($($function:ident $(as $name:literal)?),* $(,)?) => {
        vec![$($crate::Export {
            name: $crate::exports!(@name $function $($name)?),
            address: $function as *const () as usize,
        }),*]
    };
    (@name $function:ident) => { stringify!($function) };
    (@name $function:ident $name:literal) => { $name };
}

pub(crate) struct SymbolTable(HashMap<&'static str, usize>);

impl SymbolTable {
    pub(crate) fn new(exports: impl IntoIterator<Item = Export>) -> Self {
        Self(exports.into_iter().map(|export| (export.name, export.address)).collect())
    }

    pub(crate) fn address(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }
}
