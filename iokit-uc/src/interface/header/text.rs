//! Comments and literals of C.

/// `docs` as the lines of a comment: what would end the comment, or what compilers warn about in one, is taken apart, and
/// links to other items of Rust are their text alone.
pub(super) fn comment_lines(docs: &str) -> Vec<String> {
    let lines = docs.lines().map(|line| {
        let line: String = line.strip_prefix(' ').unwrap_or(line).chars().filter_map(printable).collect();
        let line = without_links(&line).replace("*/", "* /").replace("/*", "/ *").replace("??/", "? ?/");
        line.trim_end().to_owned()
    });
    let mut lines: Vec<_> = lines.collect();
    let used = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    lines.truncate(used);
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(0);
    lines.split_off(first)
}

/// ``[`Sample`](crate::Sample)`` and ``[`Sample`]`` as `` `Sample` ``.
fn without_links(line: &str) -> String {
    let (mut text, mut rest) = (String::new(), line);
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, after)) = after.split_once("`]") else { break };
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        text.extend([before, "`", name, "`"]);
        rest = target.map_or(after, |(_, after)| after);
    }
    text + rest
}

/// None for what changes the direction of text, a space for control characters.
fn printable(char: char) -> Option<char> {
    match char {
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        char if char.is_control() => Some(' '),
        char => Some(char),
    }
}

/// A comment on lines of its own, `indent` spaces in; nothing for no lines.
pub(super) fn comment(indent: usize, lines: &[String]) -> String {
    let space = " ".repeat(indent);
    match lines {
        [] => String::new(),
        [line] => format!("{space}/* {line} */\n"),
        lines => {
            let mut comment = format!("{space}/*\n");
            for line in lines {
                comment.push_str(format!("{space} * {line}").trim_end());
                comment.push('\n');
            }
            comment + &space + " */\n"
        }
    }
}

/// A string literal.
pub(super) fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | b'?' => literal.extend(['\\', char::from(byte)]),
            b' '..=b'~' => literal.push(char::from(byte)),
            // Always three digits, so that a digit after it is not a part of it.
            _ => literal.push_str(&format!("\\{byte:03o}")),
        }
    }
    literal.push('"');
    literal
}

/// An integer whose value is `value`, in a `#define` of any compiler.
pub(super) fn integer(value: i128) -> String {
    if value > i128::from(i64::MAX) {
        format!("UINT64_C({value})")
    } else if value == i128::from(i64::MIN) {
        // There is no literal of its magnitude that is signed.
        format!("(-INT64_C({}) - 1)", i64::MAX)
    } else if value < 0 {
        format!("(-INT64_C({}))", -value)
    } else {
        format!("INT64_C({value})")
    }
}

/// The same of 32 bits without a sign: a selector, or a memory type.
pub(super) fn unsigned(value: i128) -> String {
    format!("UINT32_C({value})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_ends_where_it_should() {
        let lines = comment_lines(" a */ b /* c */*\n\n*/*/ ??/\n ");
        assert_eq!(lines, ["a * / b / * c * / *", "", "* / * / ? ?/"]);
        assert!(lines.iter().all(|line| !line.contains("*/") && !line.contains("/*")));
    }

    #[test]
    fn a_comment_holds_nothing_that_a_reader_does_not_see() {
        assert_eq!(comment_lines("a\u{0}b\u{202e}c\u{1b}"), ["a bc"]);
        assert_eq!(comment_lines(""), [""; 0]);
        assert_eq!(comment_lines("\n \n x\n\n"), ["x"]);
    }

    #[test]
    fn a_link_is_its_text() {
        let docs = "A [`Sample`] of [`f`](Self::f), [`g`](x::g()[1], [`h";
        assert_eq!(comment_lines(docs), ["A `Sample` of `f`, `g`[1], [`h"]);
        assert_eq!(comment_lines("[`a`](b"), ["`a`(b"]);
    }

    #[test]
    fn a_literal_is_one_text_whatever_is_in_it() {
        assert_eq!(literal("a\"b\\c??/\n1é"), r#""a\"b\\c\?\?/\0121\303\251""#);
    }

    #[test]
    fn the_least_integer_is_written_as_a_difference() {
        assert_eq!(integer(i64::MIN.into()), "(-INT64_C(9223372036854775807) - 1)");
        assert_eq!(integer(u64::MAX.into()), "UINT64_C(18446744073709551615)");
        assert_eq!(integer(-1), "(-INT64_C(1))");
    }
}
