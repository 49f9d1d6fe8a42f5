//! All that the headers of some directories export.

use crate::c_type::{Type, integer};
use crate::check;
use crate::constant::{Constant, Definitions};
use crate::declaration::{Alias, Callback, Function, Variable};
use crate::lexer::tokens;
use crate::parser::{Item, Known, items};
use crate::problem::{Location, Problem};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What they declare, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What can be called.
    pub functions: Vec<Function>,
    /// What can be read.
    pub variables: Vec<Variable>,
    /// Types that are other types.
    pub aliases: Vec<Alias>,
    /// Types of functions.
    pub callbacks: Vec<Callback>,
    /// Numbers and texts.
    pub constants: Vec<Constant>,
}

impl Table {
    /// Reads every header of `directories`, and of the directories within.
    ///
    /// # Errors
    /// All that is wrong with the headers.
    pub fn read<'a>(directories: impl IntoIterator<Item = &'a Path>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut texts = Vec::new();
        for directory in directories {
            if let Err(error) = headers(directory, &mut texts) {
                problems.push(Location { header: Arc::from(directory), line: 1 }.problem(error));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Self::parse(texts.iter().map(|(header, text)| (header.as_path(), text.as_str())))
    }

    /// Reads headers given as their names and contents.
    ///
    /// # Errors
    /// All that is wrong with the headers.
    pub fn parse<'a>(headers: impl IntoIterator<Item = (&'a Path, &'a str)>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut lexed = Vec::new();
        for (header, text) in headers {
            match tokens(&Arc::from(header), text) {
                Ok(lexemes) => lexed.push(lexemes),
                Err(problem) => problems.push(problem),
            }
        }
        // Twice, since a declaration may use types that a later header defines.
        let every = |known: &Known, problems: &mut Vec<Problem>| -> Vec<Item> {
            lexed.iter().flat_map(|lexemes| items(lexemes, known, problems)).collect()
        };
        let known = Known::of(&every(&Known::default(), &mut Vec::new()));
        let items = every(&known, &mut problems);

        let mut table = Self::default();
        let mut definitions = Definitions::default();
        for item in items {
            match item {
                Item::Function(function) => {
                    check::function(&function, &mut problems);
                    table.functions.push(function);
                }
                Item::Variable(variable) => table.variables.push(variable),
                Item::Alias(alias) => table.aliases.push(alias),
                Item::Callback(callback) => table.callbacks.push(callback),
                Item::Array(..) => {}
                Item::Macro(defined) => definitions.define(defined),
                Item::Enumerator(enumerator) => definitions.enumerate(enumerator),
            }
        }
        table.constants = definitions.constants(&table.variables, &mut problems);
        table.functions.sort_by(|a, b| a.name.cmp(&b.name));
        table.variables.sort_by(|a, b| a.name.cmp(&b.name));
        table.refuse_duplicates(&mut problems);
        if problems.is_empty() { Ok(table) } else { Err(problems) }
    }

    /// The size of the integer type `name`, and whether it is signed, if all definitions agree that it is one.
    pub(crate) fn integer(&self, name: &str) -> Option<(usize, bool)> {
        let mut targets =
            self.aliases.iter().filter(|alias| alias.name == name).map(|alias| match &alias.target {
                Type::Named(target) => integer(target).or_else(|| self.integer(target)),
                _ => None,
            });
        let first = targets.next()??;
        targets.all(|other| other == Some(first)).then_some(first)
    }

    /// The integer types by their names that functions and variables have.
    pub(crate) fn integers(&self) -> BTreeMap<&str, (usize, bool)> {
        let functions = self.functions.iter().flat_map(Function::types);
        let types = functions.chain(self.variables.iter().map(|variable| &variable.c_type));
        let names: BTreeSet<&str> = types.map(Type::innermost).collect();
        names.into_iter().filter_map(|name| Some((name, self.integer(name)?))).collect()
    }

    fn refuse_duplicates(&self, problems: &mut Vec<Problem>) {
        let functions = self.functions.iter().map(|function| (&function.name, &function.location));
        let variables = self.variables.iter().map(|variable| (&variable.name, &variable.location));
        let mut first: HashMap<&str, &Location> = HashMap::new();
        for (name, location) in functions.chain(variables) {
            if let Some(earlier) = first.insert(name, location) {
                problems.push(location.problem(format_args!("{name} is declared at {earlier} too")));
            }
        }
    }
}

/// Adds the headers in `directory` with their contents, in order of their paths.
fn headers(directory: &Path, texts: &mut Vec<(PathBuf, String)>) -> io::Result<()> {
    let mut entries =
        fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            headers(&path, texts)?;
        } else if path.extension().is_some_and(|extension| extension == "h") {
            let text = fs::read_to_string(&path)?;
            texts.push((path, text));
        }
    }
    Ok(())
}
