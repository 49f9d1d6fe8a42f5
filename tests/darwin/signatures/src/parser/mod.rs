//! From a header's tokens to its declarations.
//!
//! Every declaration that begins with `CF_EXPORT` must be understood. Of the rest, types and constants are read as far as
//! their form is simple; all else is for compilers of C. Conditions of the preprocessor are taken as met, both ways.

mod c_type;
mod cursor;
mod export;
mod typedef;

use crate::c_type::{Type, of_name};
use crate::constant::{Enumerator, Macro};
use crate::declaration::{Alias, Callback, Function, Variable};
use crate::lexer::{Lexeme, Token};
use crate::problem::Problem;
use cursor::Cursor;
use std::collections::{HashMap, HashSet};

/// Something that a header declares.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Function(Function),
    Variable(Variable),
    Alias(Alias),
    /// The name of an array type, and the type of its elements.
    Array(String, Type),
    Callback(Callback),
    Macro(Macro),
    /// The constant of an enumeration.
    Enumerator(Enumerator),
}

/// What must be known of other declarations to understand one.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The types of arrays' elements: as a parameter, an array is a pointer to one.
    arrays: HashMap<String, Type>,
    /// Types that stand for references to objects, without saying so in their names.
    objects: HashSet<String>,
}

impl Known {
    /// What `items` tell of each other.
    pub(crate) fn of(items: &[Item]) -> Self {
        let mut known = Self::default();
        for item in items {
            match item {
                Item::Array(name, element) => {
                    known.arrays.insert(name.clone(), element.clone());
                }
                Item::Alias(Alias { name, target: Type::Object(_) }) => {
                    known.objects.insert(name.clone());
                }
                _ => {}
            }
        }
        known
    }

    fn named(&self, name: &str) -> Type {
        if (name.starts_with("CF") && name.ends_with("Ref")) || self.objects.contains(name) {
            Type::Object(name.to_owned())
        } else {
            Type::named(of_name(name))
        }
    }
}

/// Reads all that a header declares, and what is wrong with it.
pub(crate) fn items(lexemes: &[Lexeme], known: &Known, problems: &mut Vec<Problem>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut parser = Parser { cursor: Cursor::new(lexemes), known };
    while let Some(lexeme) = parser.cursor.next() {
        match &lexeme.token {
            Token::Directive(name, tokens) if name == "define" => {
                items.extend(Macro::parse(tokens).map(Item::Macro))
            }
            Token::Word(word) if word == "CF_EXPORT" => match parser.export(&lexeme.location) {
                Ok(item) => items.push(item),
                Err(problem) => {
                    problems.push(problem);
                    parser.cursor.skip_statement();
                }
            },
            Token::Word(word) if word == "typedef" => items.extend(parser.typedef(&lexeme.location)),
            Token::Word(word) if word == "enum" => {
                items.extend(parser.enumeration());
                parser.cursor.skip_statement();
            }
            Token::Word(word) if word == "extern" => match parser.cursor.next() {
                // Of what an `extern "C"` holds, only the braces are passed over.
                Some(Lexeme { token: Token::Text(_), .. }) => drop(parser.cursor.take_mark("{")),
                _ => problems
                    .push(lexeme.location.problem("what a framework exports is declared with CF_EXPORT")),
            },
            Token::Mark("{") => parser.cursor.skip_braces(),
            _ => {}
        }
    }
    items
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    known: &'a Known,
}
