//! A place among a header's tokens.

use crate::c_type::is_specifier;
use crate::lexer::{Lexeme, Token};
use crate::problem::Location;

pub(super) struct Cursor<'a> {
    rest: &'a [Lexeme],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(rest: &'a [Lexeme]) -> Self {
        Self { rest }
    }

    pub(super) fn next(&mut self) -> Option<&'a Lexeme> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Where the next token is.
    pub(super) fn location(&self) -> Option<&'a Location> {
        self.rest.first().map(|lexeme| &lexeme.location)
    }

    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.rest.first().map(|lexeme| &lexeme.token)
    }

    pub(super) fn peek_word(&self) -> Option<&'a str> {
        match self.peek() {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(super) fn take_mark(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Mark(found)) if *found == mark);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek_word() == Some(word);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn take_name(&mut self) -> Option<String> {
        let word = self.peek_word().filter(|word| !is_specifier(word))?;
        self.next();
        Some(word.to_owned())
    }

    /// To the next semicolon outside braces, or the next directive.
    pub(super) fn skip_statement(&mut self) {
        while self.peek().is_some_and(|token| !matches!(token, Token::Directive(..))) && !self.take_mark(";")
        {
            if self.take_mark("{") {
                self.skip_braces();
            } else {
                self.next();
            }
        }
    }

    /// To the end of a block whose first brace is taken.
    pub(super) fn skip_braces(&mut self) {
        let mut depth = 1_usize;
        while depth > 0
            && let Some(lexeme) = self.next()
        {
            match lexeme.token {
                Token::Mark("{") => depth += 1,
                Token::Mark("}") => depth -= 1,
                _ => {}
            }
        }
    }

    /// The tokens up to the comma or brace that ends an enumerator's value.
    pub(super) fn expression(&mut self) -> &'a [Lexeme] {
        let mut depth = 0_usize;
        let end = self.rest.iter().position(|lexeme| {
            match lexeme.token {
                Token::Mark("(") => depth += 1,
                Token::Mark(")") => depth = depth.saturating_sub(1),
                Token::Mark("," | "}") if depth == 0 => return true,
                _ => {}
            }
            false
        });
        let (expression, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        expression
    }
}
