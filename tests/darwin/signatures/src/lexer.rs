//! A header's tokens, each with its line.

use crate::problem::{Location, Problem};
use std::mem;
use std::path::Path;
use std::sync::Arc;

/// One token of C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A name or keyword.
    Word(String),
    /// A number as it is written.
    Number(String),
    /// A string's contents as they are written, without the quotes.
    Text(String),
    /// A character constant's contents as they are written.
    Character(String),
    /// Punctuation: one character, or `...`, `<<`, `>>`, `##`.
    Mark(&'static str),
    /// The name of a preprocessor directive, and its tokens.
    Directive(String, Vec<Lexeme>),
}

/// A token and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lexeme {
    pub(crate) token: Token,
    pub(crate) location: Location,
    /// Nothing is between the token and the one before it.
    pub(crate) adjacent: bool,
}

const MARKS: [&str; 35] = [
    "...", "<<", ">>", "##", "&&", "||", "(", ")", "{", "}", "[", "]", ";", ",", "*", "=", "+", "-", "~",
    "!", "/", "%", "&", "|", "^", "<", ">", "?", ":", ".", "@", "\\", "$", "`", "#",
];

/// The tokens of `text`, the contents of `header`.
pub(crate) fn tokens(header: &Arc<Path>, text: &str) -> Result<Vec<Lexeme>, Problem> {
    Lexer { header, rest: text, line: 1, at_line_start: true, adjacent: false }.all(false)
}

struct Lexer<'a> {
    header: &'a Arc<Path>,
    rest: &'a str,
    line: usize,
    at_line_start: bool,
    adjacent: bool,
}

impl<'a> Lexer<'a> {
    /// The tokens up to the end of the line, if a directive's, or of the text.
    fn all(&mut self, directive: bool) -> Result<Vec<Lexeme>, Problem> {
        let mut lexemes = Vec::new();
        while let Some(next) = self.rest.chars().next() {
            let location = self.location();
            let at_line_start = mem::replace(&mut self.at_line_start, false);
            let adjacent = mem::replace(&mut self.adjacent, false);
            if next == '\n' {
                if directive {
                    break;
                }
                self.take(1);
                self.at_line_start = true;
            } else if next.is_whitespace() {
                self.take(next.len_utf8());
                self.at_line_start = at_line_start;
            } else if self.rest.starts_with("\\\n") {
                self.take(2);
            } else if self.rest.starts_with("//") {
                self.take_while(|c| c != '\n');
            } else if self.rest.starts_with("/*") {
                let end = self.rest.find("*/").ok_or_else(|| location.problem("a comment without end"))?;
                self.take(end + 2);
                self.at_line_start = at_line_start;
            } else if next == '#' && at_line_start && !directive {
                self.take(1);
                self.take_while(|c| c == ' ' || c == '\t');
                let name = self.take_while(is_word).to_owned();
                let token = Token::Directive(name, self.all(true)?);
                lexemes.push(Lexeme { token, location, adjacent });
            } else {
                let token = self.token(next)?;
                lexemes.push(Lexeme { token, location, adjacent });
                self.adjacent = true;
            }
        }
        Ok(lexemes)
    }

    fn token(&mut self, next: char) -> Result<Token, Problem> {
        if next == '"' || next == '\'' {
            return self.quoted(next);
        }
        if next.is_ascii_digit() {
            return Ok(Token::Number(self.take_while(|c| is_word(c) || c == '.').to_owned()));
        }
        if is_word(next) {
            return Ok(Token::Word(self.take_while(is_word).to_owned()));
        }
        match MARKS.iter().find(|mark| self.rest.starts_with(**mark)) {
            Some(mark) => {
                self.take(mark.len());
                Ok(Token::Mark(mark))
            }
            None => Err(self.location().problem(format_args!("`{next}` is not C"))),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Token, Problem> {
        let mut escaped = false;
        for (index, character) in self.rest.char_indices().skip(1) {
            match character {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if character == quote => {
                    let contents = self.rest[1..index].to_owned();
                    self.take(index + 1);
                    return Ok(if quote == '"' { Token::Text(contents) } else { Token::Character(contents) });
                }
                _ => {}
            }
        }
        Err(self.location().problem(format_args!("{quote} without end")))
    }

    fn location(&self) -> Location {
        Location { header: Arc::clone(self.header), line: self.line }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        self.take(self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len()))
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lex(text: &str) -> Result<Vec<(Token, usize)>, String> {
        let header = Arc::from(Path::new("h"));
        match tokens(&header, text) {
            Ok(lexemes) => {
                Ok(lexemes.into_iter().map(|lexeme| (lexeme.token, lexeme.location.line)).collect())
            }
            Err(problem) => Err(problem.to_string()),
        }
    }

    fn word(text: &str) -> Token {
        Token::Word(text.to_owned())
    }

    #[test]
    fn comments_are_skipped_and_their_lines_counted() {
        let lexed = lex("/* one\n two */ a // b\nc");
        assert_eq!(lexed, Ok(vec![(word("a"), 2), (word("c"), 3)]));
    }

    #[test]
    fn a_directive_goes_on_after_a_backslash() {
        let lexed = lex("#define A \\\n 1\nb").expect("it is C");
        assert_eq!(lexed[1], (word("b"), 3));
        let (Token::Directive(name, tokens), 1) = &lexed[0] else { panic!("{lexed:?}") };
        assert_eq!(name, "define");
        assert_eq!(
            tokens.iter().map(|l| &l.token).collect::<Vec<_>>(),
            [&word("A"), &Token::Number("1".into())]
        );
    }

    #[test]
    fn a_directive_may_be_indented() {
        for text in ["#define A", "  #  define A", "#\tdefine A", "/* a */ #define A"] {
            let lexed = lex(text).expect("it is C");
            assert!(
                matches!(&lexed[..], [(Token::Directive(name, _), 1)] if name == "define"),
                "{text}: {lexed:?}"
            );
        }
    }

    #[test]
    fn strings_may_have_quotes_escaped() {
        assert_eq!(lex(r#""a\"b""#), Ok(vec![(Token::Text(r#"a\"b"#.to_owned()), 1)]));
    }

    #[test]
    fn what_does_not_end_is_refused_where_it_begins() {
        assert_eq!(lex("a\n/* b"), Err("h:2: a comment without end".to_owned()));
        assert_eq!(lex("\n\n\"b\nc\""), Err("h:3: \" without end".to_owned()));
    }

    #[test]
    fn what_is_not_c_is_refused() {
        assert_eq!(lex("int é;"), Err("h:1: `é` is not C".to_owned()));
    }
}
