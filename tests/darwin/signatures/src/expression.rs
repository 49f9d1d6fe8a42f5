//! The value of an expression of constants.

use crate::constant::{Enumerator, Macro, Value};
use crate::lexer::{Lexeme, Token};
use std::collections::HashMap;

/// Why an expression has no value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Error(pub(crate) String);

fn error(message: impl Into<String>) -> Error {
    Error(message.into())
}

/// Definitions that name each other no deeper than this.
const DEPTH: usize = 64;

/// What the names in expressions stand for.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    pub(crate) macros: HashMap<&'a str, &'a Macro>,
    pub(crate) enumerators: HashMap<&'a str, &'a Enumerator>,
}

impl Names<'_> {
    /// The value of one without parameters.
    pub(crate) fn of_macro(&self, defined: &Macro) -> Result<Value, Error> {
        self.evaluate(&defined.body, &HashMap::new(), 0)
    }

    pub(crate) fn of_enumerator(&self, enumerator: &Enumerator) -> Result<Value, Error> {
        self.enumerator(enumerator, 0)
    }

    fn enumerator(&self, enumerator: &Enumerator, depth: usize) -> Result<Value, Error> {
        let base = match &enumerator.base {
            Some(base) => number(self.evaluate(base, &HashMap::new(), depth)?)?,
            None => 0,
        };
        Ok(Value::Number(base + enumerator.offset))
    }

    fn evaluate(
        &self,
        body: &[Lexeme],
        arguments: &HashMap<&str, Value>,
        depth: usize,
    ) -> Result<Value, Error> {
        if depth > DEPTH {
            return Err(error("it is defined by itself"));
        }
        let mut evaluation = Evaluation { rest: body, names: self, arguments, depth };
        let value = evaluation.binary(0)?;
        match evaluation.rest {
            [] => Ok(value),
            [next, ..] => Err(error(format!("{:?} is not understood", next.token))),
        }
    }
}

struct Evaluation<'a> {
    rest: &'a [Lexeme],
    names: &'a Names<'a>,
    arguments: &'a HashMap<&'a str, Value>,
    depth: usize,
}

/// The operators, each line binding tighter than the one before it.
const OPERATORS: [&[&str]; 6] = [&["|"], &["^"], &["&"], &["<<", ">>"], &["+", "-"], &["*", "/", "%"]];

impl Evaluation<'_> {
    fn peek(&self) -> Option<&Token> {
        self.rest.first().map(|lexeme| &lexeme.token)
    }

    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    fn take(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Mark(found)) if *found == mark);
        if found {
            self.skip();
        }
        found
    }

    fn binary(&mut self, level: usize) -> Result<Value, Error> {
        let Some(operators) = OPERATORS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = operators.iter().find(|operator| self.take(operator)) {
            let right = number(self.binary(level + 1)?)?;
            left = Value::Number(operate(operator, number(left)?, right)?);
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Value, Error> {
        if self.take("-") {
            return Ok(Value::Number(-number(self.unary()?)?));
        }
        if self.take("~") {
            return Ok(Value::Number(!number(self.unary()?)?));
        }
        if !self.take("(") {
            return self.primary();
        }
        if self.is_cast() {
            while !self.take(")") {
                self.skip();
            }
            return self.unary();
        }
        let value = self.binary(0)?;
        if self.take(")") { Ok(value) } else { Err(error("`(` without `)`")) }
    }

    /// Whether what follows the parenthesis is a type: names of nothing else, and stars.
    fn is_cast(&self) -> bool {
        let end = self.rest.iter().position(|lexeme| lexeme.token == Token::Mark(")"));
        end.is_some_and(|end| {
            end > 0
                && self.rest[..end].iter().all(|lexeme| match &lexeme.token {
                    Token::Word(word) => !self.is_value(word),
                    token => *token == Token::Mark("*"),
                })
        })
    }

    fn is_value(&self, word: &str) -> bool {
        self.arguments.contains_key(word)
            || self.names.macros.contains_key(word)
            || self.names.enumerators.contains_key(word)
    }

    fn primary(&mut self) -> Result<Value, Error> {
        let Some((first, rest)) = self.rest.split_first() else { return Err(error("a value is missing")) };
        self.rest = rest;
        match &first.token {
            Token::Number(text) => {
                integer(text).map(Value::Number).ok_or_else(|| error(format!("{text} is no integer")))
            }
            Token::Character(text) => character(text).map(Value::Number),
            Token::Text(text) => {
                let mut whole = unescaped(text)?;
                while let Some(Token::Text(next)) = self.peek() {
                    whole += &unescaped(next)?;
                    self.skip();
                }
                Ok(Value::Text(whole))
            }
            Token::Word(word) => self.named(word),
            token => Err(error(format!("{token:?} is not understood"))),
        }
    }

    fn named(&mut self, word: &str) -> Result<Value, Error> {
        if let Some(value) = self.arguments.get(word) {
            return Ok(value.clone());
        }
        if let Some(enumerator) = self.names.enumerators.get(word) {
            return self.names.enumerator(enumerator, self.depth + 1);
        }
        let Some(defined) = self.names.macros.get(word) else {
            return Err(error(format!("{word} is not known")));
        };
        let mut arguments = HashMap::new();
        if let Some(parameters) = &defined.parameters {
            if !self.take("(") {
                return Err(error(format!("{word} takes arguments")));
            }
            for (index, parameter) in parameters.iter().enumerate() {
                if index > 0 && !self.take(",") {
                    return Err(error(format!("{word} takes {} arguments", parameters.len())));
                }
                arguments.insert(parameter.as_str(), self.binary(0)?);
            }
            if !self.take(")") {
                return Err(error(format!("{word} takes {} arguments", parameters.len())));
            }
        }
        self.names.evaluate(&defined.body, &arguments, self.depth + 1)
    }
}

fn number(value: Value) -> Result<i128, Error> {
    match value {
        Value::Number(number) => Ok(number),
        Value::Text(text) => Err(error(format!("{text:?} is no number"))),
    }
}

fn operate(operator: &str, left: i128, right: i128) -> Result<i128, Error> {
    let shift = || u32::try_from(right).ok().filter(|shift| *shift < 64);
    let result = match operator {
        "|" => Some(left | right),
        "^" => Some(left ^ right),
        "&" => Some(left & right),
        "<<" => shift().map(|shift| left << shift),
        ">>" => shift().map(|shift| left >> shift),
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        "*" => left.checked_mul(right),
        "/" => left.checked_div(right),
        "%" => left.checked_rem(right),
        _ => None,
    };
    result.ok_or_else(|| error(format!("{left} {operator} {right} has no value")))
}

fn integer(text: &str) -> Option<i128> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = match hexadecimal {
        Some(digits) => (digits, 16),
        None if text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    let digits = digits.trim_end_matches(['u', 'U', 'l', 'L']);
    if digits.is_empty() && radix == 8 {
        Some(0)
    } else {
        u64::from_str_radix(digits, radix).ok().map(i128::from)
    }
}

/// One character, or four of them as Apple's compilers take them.
fn character(text: &str) -> Result<i128, Error> {
    let text = unescaped(text)?;
    if !matches!(text.len(), 1 | 4) || !text.is_ascii() {
        return Err(error(format!("'{text}' has neither one character nor four")));
    }
    Ok(text.bytes().fold(0, |value, byte| value << 8 | i128::from(byte)))
}

fn unescaped(text: &str) -> Result<String, Error> {
    let mut characters = text.chars();
    let mut result = String::new();
    while let Some(character) = characters.next() {
        result.push(match character {
            '\\' => match characters.next() {
                Some(quoted @ ('\\' | '"' | '\'')) => quoted,
                Some('n') => '\n',
                Some('t') => '\t',
                Some('0') => '\0',
                _ => return Err(error(format!("{text:?} has an escape that is not understood"))),
            },
            character => character,
        });
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;
    use std::path::Path;

    /// The value of `kSubject`.
    fn value(header: &str) -> Result<Value, String> {
        let table =
            Table::parse([(Path::new("h"), header)]).map_err(|problems| problems[0].message.clone())?;
        let subject = table.constants.into_iter().find(|constant| constant.name == "kSubject");
        Ok(subject.ok_or("it is no constant")?.value)
    }

    fn number(expression: &str) -> Result<i128, String> {
        value(&format!("#define kSubject {expression}"))
            .and_then(|value| super::number(value).map_err(|error| error.0))
    }

    #[test]
    fn integers_have_suffixes_and_radixes() {
        assert_eq!(number("0x10UL"), Ok(16));
        assert_eq!(number("010"), Ok(8));
        assert_eq!(number("0"), Ok(0));
        assert_eq!(number("0u"), Ok(0));
        assert_eq!(number("18446744073709551615ull"), Ok(u64::MAX.into()));
    }

    #[test]
    fn operators_bind_as_in_c() {
        assert_eq!(number("1 | 2 << 2 + 1"), Ok(17));
        assert_eq!(number("~0 & 0xff"), Ok(255));
        assert_eq!(number("7 - 2 - 1"), Ok(4));
        assert_eq!(number("-(2 * 3) % 4"), Ok(-2));
        assert_eq!(number("1 ^ 3 & 6"), Ok(3));
        assert_eq!(number("5 | 6 ^ 6"), Ok(5));
        assert_eq!(number("5 | 4"), Ok(5));
        assert_eq!(number("0x100 >> 4 / 2"), Ok(0x40));
    }

    #[test]
    fn four_characters_are_a_number() {
        assert_eq!(number("'\\0'"), Ok(0));
        assert_eq!(number("'esuc'"), Ok(0x6573_7563));
        assert!(number("'abc'").is_err());
    }

    #[test]
    fn a_cast_does_not_change_a_value() {
        assert_eq!(number("((IOReturn)0xe00002bc)"), Ok(0xe000_02bc));
        assert_eq!(number("(const char *) 0"), Ok(0));
    }

    #[test]
    fn a_name_in_parentheses_is_no_cast() {
        assert_eq!(value("#define one 1\n#define kSubject (one) - 1"), Ok(Value::Number(0)));
    }

    #[test]
    fn macros_take_arguments() {
        let header = "#define err_system(x) (((x) & 0x3f) << 26)\n#define kSubject err_system(0x38) | 0x2bc";
        assert_eq!(value(header), Ok(Value::Number(0xe000_02bc)));
    }

    #[test]
    fn macros_take_as_many_arguments_as_they_have() {
        let family = "#define family(x, y) ((x) << 4 | (y))\n#define kSubject ";
        assert_eq!(value(&format!("{family}family(1, 2)")), Ok(Value::Number(0x12)));
        for arguments in ["family(1)", "family(1, 2, 3)", "family(1 2)"] {
            let reason = "kSubject has no value that can be told: family takes 2 arguments";
            assert_eq!(value(&format!("{family}{arguments}")), Err(reason.to_owned()));
        }
        let reason = "kSubject has no value that can be told: family takes arguments";
        assert_eq!(value(&format!("{family}family")), Err(reason.to_owned()));
        assert_eq!(value("#define none() 3\n#define kSubject none()"), Ok(Value::Number(3)));
    }

    #[test]
    fn escapes_are_single_characters() {
        let text = r#""\"\\\n\t\0""#;
        assert_eq!(value(&format!("#define kSubject {text}")), Ok(Value::Text("\"\\\n\t\0".to_owned())));
        assert!(value(r#"#define kSubject "\x41""#).is_err());
    }

    #[test]
    fn definitions_may_name_each_other() {
        let chain: String = (1..60).map(|n| format!("#define K{n} K{}\n", n - 1)).collect();
        assert_eq!(value(&format!("#define K0 7\n{chain}#define kSubject K59")), Ok(Value::Number(7)));
    }

    #[test]
    fn strings_are_joined() {
        assert_eq!(value("#define kSubject \"IO\" \"USB\""), Ok(Value::Text("IOUSB".to_owned())));
    }

    #[test]
    fn enumerators_count_on() {
        let header = "enum { kFirst = 3, kSecond, kSubject };";
        assert_eq!(value(header), Ok(Value::Number(5)));
        assert_eq!(value("enum { kFirst, kSubject };"), Ok(Value::Number(1)));
        let reason = "kFirst has no value that can be told: `(` without `)`";
        assert_eq!(value("enum { kFirst = (1, 2), kSubject };"), Err(reason.to_owned()));
        let reason = "kSubject has no value that can be told: it is defined by itself";
        assert_eq!(value("enum { kSubject = kSubject };"), Err(reason.to_owned()));
    }

    #[test]
    fn what_has_no_value_says_why() {
        for (expression, reason) in [
            ("kSubject", "it is defined by itself"),
            ("unknown", "unknown is not known"),
            ("1 / 0", "1 / 0 has no value"),
            ("1 << 64", "1 << 64 has no value"),
            ("\"a\" + 1", "\"a\" is no number"),
            ("1.5", "1.5 is no integer"),
            ("(1", "`(` without `)`"),
            ("1 +", "a value is missing"),
            ("()", "Mark(\")\") is not understood"),
            ("1 2", "Number(\"2\") is not understood"),
        ] {
            assert_eq!(number(expression), Err(format!("kSubject has no value that can be told: {reason}")));
        }
    }
}
