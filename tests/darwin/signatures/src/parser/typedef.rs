//! Types that have names, and the constants of enumerations.

use super::{Item, Parser};
use crate::c_type::Type;
use crate::constant::Enumerator;
use crate::declaration::{Alias, Callback};
use crate::lexer::Token;
use crate::problem::Location;

impl Parser<'_> {
    /// What follows `typedef`, with its semicolon, as far as it is of use.
    pub(super) fn typedef(&mut self, location: &Location) -> Vec<Item> {
        let items = if self.cursor.take_word("enum") {
            self.named_enumeration()
        } else {
            self.simple_typedef(location).into_iter().collect()
        };
        self.cursor.skip_statement();
        items
    }

    /// A type, and what has its name: another name, an array, or a pointer to functions.
    fn simple_typedef(&mut self, location: &Location) -> Option<Item> {
        let declared = self.declared(location).ok()?;
        if self.cursor.take_mark("(") {
            if !self.cursor.take_mark("*") {
                return None;
            }
            let name = self.cursor.take_name()?;
            if !(self.cursor.take_mark(")") && self.cursor.take_mark("(")) {
                return None;
            }
            let parameters = self.callback_parameters(location)?;
            let result = declared.result();
            return Some(Item::Callback(Callback { name, parameters, result, location: location.clone() }));
        }
        let name = self.cursor.take_name()?;
        match self.cursor.peek() {
            Some(Token::Mark("[")) => Some(Item::Array(name, declared.c_type)),
            Some(Token::Mark(";")) => Some(Item::Alias(Alias { name, target: declared.c_type })),
            _ => None,
        }
    }

    /// The parameters of a callback, which need no names, with the closing parenthesis.
    fn callback_parameters(&mut self, location: &Location) -> Option<Vec<Type>> {
        let mut parameters = Vec::new();
        loop {
            let declared = self.declared(location).ok()?;
            if parameters.is_empty() && declared.c_type == Type::named("c_void") && self.cursor.take_mark(")")
            {
                return Some(parameters);
            }
            if self.cursor.peek_word().is_some() {
                self.cursor.next();
            }
            parameters.push(self.passed(declared, location).ok()?);
            if self.cursor.take_mark(")") {
                return Some(parameters);
            }
            if !self.cursor.take_mark(",") {
                return None;
            }
        }
    }

    /// An enumeration, after `typedef enum`: its constants, and its type.
    fn named_enumeration(&mut self) -> Vec<Item> {
        let mut items = self.enumeration();
        let name = self.cursor.take_name();
        items.extend(name.map(|name| Item::Alias(Alias { name, target: Type::named("c_uint") })));
        items
    }

    /// The constants of an enumeration, after `enum`, with the closing brace.
    pub(super) fn enumeration(&mut self) -> Vec<Item> {
        while self.cursor.peek_word().is_some() {
            self.cursor.next();
        }
        let mut items = Vec::new();
        if !self.cursor.take_mark("{") {
            return items;
        }
        let mut previous: Option<Enumerator> = None;
        while let Some(lexeme) = self.cursor.next() {
            match &lexeme.token {
                Token::Word(name) => {
                    let value = self.cursor.take_mark("=").then(|| self.cursor.expression());
                    let enumerator = Enumerator::new(name, &lexeme.location, value, previous.as_ref());
                    items.extend(previous.replace(enumerator).map(Item::Enumerator));
                }
                Token::Mark("}") => break,
                _ => {}
            }
        }
        items.extend(previous.map(Item::Enumerator));
        items
    }
}
