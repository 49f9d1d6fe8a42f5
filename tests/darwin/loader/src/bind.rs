//! Decides what each of a program's imported pointers will point to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::macho::MachO;
use crate::missing;
use crate::symbols::SymbolTable;
use crate::{Import, Result};

/// The values of imported pointers, by the pointers' addresses.
pub(crate) type Bindings = HashMap<usize, usize>;

/// Binds all imports, the lazy ones included. Functions that are not in the table are bound to stubs that name them
/// when they are called; a variable can have no such stub, and is an error.
pub(crate) fn resolve(macho: &MachO, symbols: &SymbolTable) -> Result<Bindings> {
    let is_missing = |import: &Import| !import.weak && symbols.address(&import.name).is_none();
    let missing = imports(macho).into_iter().filter(is_missing);
    let (functions, variables): (Vec<_>, Vec<_>) = missing.partition(|import| import.is_function);
    if !variables.is_empty() {
        let names: Vec<_> = variables.into_iter().map(|variable| variable.name).collect();
        return Err(format!("needs variables that have no stand-in: {}", names.join(", ")).into());
    }
    let stubs = missing::stubs(functions.into_iter().map(|function| function.name).collect())?;
    let address = |import: &crate::macho::Import| match symbols
        .address(import.name)
        .or(stubs.get(import.name).copied())
    {
        Some(address) => address.wrapping_add_signed(import.addend as isize),
        None => 0,
    };
    Ok(macho.imports.iter().map(|import| (import.location, address(import))).collect())
}

/// What the program imports, each name once and in their order.
///
/// Linkers bind functions that are called lazily, and everything else when the program is loaded: a name that is
/// not bound lazily anywhere is a variable, or in rare programs a function whose address is all they use.
pub(crate) fn imports(macho: &MachO) -> Vec<Import> {
    let lazy: BTreeSet<_> =
        macho.imports.iter().filter(|import| import.lazy).map(|import| import.name).collect();
    let mut weak = BTreeMap::new();
    for import in &macho.imports {
        *weak.entry(import.name).or_insert(true) &= import.weak;
    }
    let import =
        |(name, weak): (&str, bool)| Import { name: name.into(), is_function: lazy.contains(name), weak };
    weak.into_iter().map(import).collect()
}
