//! The types of parameters, results and variables.

use super::Parser;
use crate::c_type::{Type, is_specifier, of_specifiers};
use crate::lexer::Token;
use crate::problem::{Location, Problem};

/// A type, and whether its outermost level is `const`.
pub(super) struct Declared {
    pub(super) c_type: Type,
    constant: bool,
}

impl Declared {
    /// As a result: `None` is `void`.
    pub(super) fn result(self) -> Option<Type> {
        (self.c_type != Type::named("c_void")).then_some(self.c_type)
    }
}

impl Parser<'_> {
    /// A type: `const` and the words or the name, then stars, each with its own `const`.
    pub(super) fn declared(&mut self, location: &Location) -> Result<Declared, Problem> {
        let mut constant = false;
        let mut specifiers = Vec::new();
        let mut name = None;
        while let Some(word) = self.cursor.peek_word() {
            if word == "const" {
                constant = true;
            } else if matches!(word, "struct" | "union" | "enum") {
                return Err(location.problem(format_args!("{word} types need a typedef here")));
            } else if is_specifier(word) && name.is_none() {
                specifiers.push(word);
            } else if specifiers.is_empty() && name.is_none() {
                name = Some(word);
            } else {
                break;
            }
            self.cursor.next();
        }
        let mut c_type = match name {
            Some(name) => self.known.named(name),
            None if specifiers.is_empty() => return Err(location.problem("a type is missing")),
            None => of_specifiers(&specifiers)
                .map(Type::named)
                .ok_or_else(|| location.problem(format_args!("`{}` is no type", specifiers.join(" "))))?,
        };
        while self.cursor.take_mark("*") {
            c_type = Type::pointer(c_type, constant);
            constant = self.cursor.take_word("const");
        }
        Ok(Declared { c_type, constant })
    }

    /// The type that a parameter is passed as: arrays are pointers to their first elements.
    pub(super) fn passed(&mut self, declared: Declared, location: &Location) -> Result<Type, Problem> {
        if self.cursor.take_mark("[") {
            if matches!(self.cursor.peek(), Some(Token::Number(_) | Token::Word(_))) {
                self.cursor.next();
            }
            if !self.cursor.take_mark("]") {
                return Err(location.problem("`[` without `]`"));
            }
            return Ok(Type::pointer(declared.c_type, declared.constant));
        }
        if declared.c_type == Type::named("c_void") {
            return Err(location.problem("a parameter cannot be void"));
        }
        let element = declared.c_type.name().and_then(|name| self.known.arrays.get(name));
        Ok(match element {
            Some(element) => Type::pointer(element.clone(), declared.constant),
            None => declared.c_type,
        })
    }
}
