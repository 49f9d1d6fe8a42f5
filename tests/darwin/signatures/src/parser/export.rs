//! What a header exports: functions and variables.

use super::{Item, Parser};
use crate::c_type::Type;
use crate::declaration::{Function, Ownership, Parameter, Variable};
use crate::lexer::Token;
use crate::problem::{Location, Problem};

impl Parser<'_> {
    /// What follows `CF_EXPORT`, with its semicolon.
    pub(super) fn export(&mut self, location: &Location) -> Result<Item, Problem> {
        let declared = self.declared(location)?;
        let name = self
            .cursor
            .take_name()
            .ok_or_else(|| location.problem("CF_EXPORT is followed by a type and a name"))?;
        if self.cursor.take_mark(";") {
            let c_type = declared.c_type;
            return Ok(Item::Variable(Variable { name, c_type, location: location.clone() }));
        }
        if !self.cursor.take_mark("(") {
            return Err(
                location.problem(format_args!("{name} is followed by its parameters, or by a semicolon"))
            );
        }
        let (parameters, variadic) = self.parameters(&name, location)?;
        let ownership = self.ownership(&name, location)?;
        if !self.cursor.take_mark(";") {
            return Err(location.problem(format_args!("{name} is not followed by a semicolon")));
        }
        let result = declared.result();
        Ok(Item::Function(Function {
            name,
            parameters,
            variadic,
            result,
            ownership,
            location: location.clone(),
        }))
    }

    /// The parameters of `function`, with the closing parenthesis; and whether more may follow.
    fn parameters(&mut self, function: &str, location: &Location) -> Result<(Vec<Parameter>, bool), Problem> {
        let mut parameters = Vec::new();
        if self.cursor.take_mark(")") {
            return Err(
                location.problem(format_args!("{function} without parameters is declared with (void)"))
            );
        }
        loop {
            let place = self.cursor.location().unwrap_or(location).clone();
            if self.cursor.take_mark("...") {
                if !self.cursor.take_mark(")") {
                    return Err(place.problem(format_args!("`...` ends the parameters of {function}")));
                }
                return Ok((parameters, true));
            }
            let declared = self.declared(&place)?;
            if declared.c_type == Type::named("c_void") && parameters.is_empty() && self.cursor.take_mark(")")
            {
                return Ok((parameters, false));
            }
            let number = parameters.len() + 1;
            let name = match self.cursor.peek() {
                Some(Token::Mark("(")) => {
                    let message = format!("parameter {number} of {function} needs a typedef for its type");
                    return Err(place.problem(message));
                }
                Some(Token::Word(word)) if Ownership::of_word(word).is_none() => self.cursor.take_name(),
                _ => None,
            };
            let name = name
                .ok_or_else(|| place.problem(format_args!("parameter {number} of {function} has no name")))?;
            let c_type = self.passed(declared, &place)?;
            let ownership = self.ownership(&name, &place)?;
            parameters.push(Parameter { name, c_type, ownership });
            if self.cursor.take_mark(")") {
                return Ok((parameters, false));
            }
            if !self.cursor.take_mark(",") {
                let message = format!("parameter {number} of {function} is not followed by `,` or `)`");
                return Err(place.problem(message));
            }
        }
    }

    /// The word that may follow `name`.
    fn ownership(&mut self, name: &str, location: &Location) -> Result<Option<Ownership>, Problem> {
        let Some(word) = self.cursor.peek_word() else { return Ok(None) };
        let ownership = Ownership::of_word(word).ok_or_else(|| {
            location.problem(format_args!("{word} after {name} is no word of CFOwnership.h"))
        })?;
        self.cursor.next();
        match self.cursor.peek_word() {
            Some(second) => Err(location.problem(format_args!("{name} has {word} already, before {second}"))),
            None => Ok(Some(ownership)),
        }
    }
}
