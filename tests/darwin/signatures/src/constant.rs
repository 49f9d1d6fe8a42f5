//! The constants of the headers: `#define NAME value`, and those of enumerations.

use crate::declaration::Variable;
use crate::expression::{self, Names};
use crate::lexer::{Lexeme, Token};
use crate::problem::{Location, Problem};
use std::collections::{HashMap, HashSet};

/// What a constant is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An integer, as the arithmetic of unlimited numbers has it: which width it is cut to is the business of who uses it.
    Number(i128),
    /// A string.
    Text(String),
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Where it is defined.
    pub location: Location,
}

/// A `#define`.
#[derive(Clone, Debug)]
pub(crate) struct Macro {
    name: String,
    /// `None` if it takes none, not even an empty list.
    pub(crate) parameters: Option<Vec<String>>,
    pub(crate) body: Vec<Lexeme>,
    location: Location,
}

impl Macro {
    /// The tokens after `#define`. `None` if nothing is defined that has a value.
    pub(crate) fn parse(lexemes: &[Lexeme]) -> Option<Self> {
        let (first, mut body) = lexemes.split_first()?;
        let Token::Word(name) = &first.token else { return None };
        let mut parameters = None;
        if body.first().is_some_and(|next| next.adjacent && next.token == Token::Mark("(")) {
            let end = body.iter().position(|lexeme| lexeme.token == Token::Mark(")"))?;
            let words = body[1..end].iter().filter_map(|lexeme| match &lexeme.token {
                Token::Word(word) => Some(word.clone()),
                _ => None,
            });
            parameters = Some(words.collect());
            body = &body[end + 1..];
        }
        if body.is_empty() {
            return None;
        }
        let location = first.location.clone();
        Some(Self { name: name.clone(), parameters, body: body.to_vec(), location })
    }
}

/// A constant of an enumeration.
#[derive(Clone, Debug)]
pub(crate) struct Enumerator {
    name: String,
    /// The last value that is written out, at this constant or an earlier one.
    pub(crate) base: Option<Vec<Lexeme>>,
    /// How much later this one is; from 0 if none is written out.
    pub(crate) offset: i128,
    location: Location,
}

impl Enumerator {
    pub(crate) fn new(
        name: &str,
        location: &Location,
        value: Option<&[Lexeme]>,
        previous: Option<&Enumerator>,
    ) -> Self {
        let (base, offset) = match (value, previous) {
            (Some(value), _) => (Some(value.to_vec()), 0),
            (None, Some(previous)) => (previous.base.clone(), previous.offset + 1),
            (None, None) => (None, 0),
        };
        Self { name: name.to_owned(), base, offset, location: location.clone() }
    }
}

/// All that the headers define.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    macros: Vec<Macro>,
    enumerators: Vec<Enumerator>,
}

impl Definitions {
    pub(crate) fn define(&mut self, defined: Macro) {
        self.macros.push(defined);
    }

    pub(crate) fn enumerate(&mut self, enumerator: Enumerator) {
        self.enumerators.push(enumerator);
    }

    /// Those that have one value, sorted by name. One that is named like a constant, `kName`, must have one.
    pub(crate) fn constants(&self, variables: &[Variable], problems: &mut Vec<Problem>) -> Vec<Constant> {
        let names = Names {
            macros: self.macros.iter().map(|defined| (defined.name.as_str(), defined)).collect(),
            enumerators: self.enumerators.iter().map(|constant| (constant.name.as_str(), constant)).collect(),
        };
        let variables: HashSet<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
        let renames_a_variable = |body: &[Lexeme]| match body {
            [Lexeme { token: Token::Word(word), .. }] => variables.contains(word.as_str()),
            _ => false,
        };
        let macros = self.macros.iter().filter(|defined| defined.parameters.is_none());
        let macros = macros.filter(|defined| !renames_a_variable(&defined.body));
        let macros = macros.map(|defined| (&defined.name, &defined.location, names.of_macro(defined)));
        let enumerators = self
            .enumerators
            .iter()
            .map(|enumerator| (&enumerator.name, &enumerator.location, names.of_enumerator(enumerator)));

        let mut found: HashMap<&str, Constant> = HashMap::new();
        let mut ambiguous = HashSet::new();
        for (name, location, value) in macros.chain(enumerators) {
            match value {
                Ok(value) => {
                    let constant = Constant { name: name.clone(), value, location: location.clone() };
                    let value = constant.value.clone();
                    if found.insert(name, constant).is_some_and(|earlier| earlier.value != value) {
                        ambiguous.insert(name.as_str());
                    }
                }
                Err(expression::Error(message)) if is_constant_name(name) => {
                    problems.push(
                        location.problem(format_args!("{name} has no value that can be told: {message}")),
                    );
                }
                Err(_) => {}
            }
        }
        let mut constants: Vec<_> =
            found.into_values().filter(|constant| !ambiguous.contains(constant.name.as_str())).collect();
        constants.sort_by(|a, b| a.name.cmp(&b.name));
        constants
    }
}

fn is_constant_name(name: &str) -> bool {
    name.strip_prefix('k').is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_uppercase()))
}
