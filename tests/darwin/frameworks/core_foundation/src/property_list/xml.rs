//! Property lists as XML, in the form in which a Mac writes them.

use plist::Value;
use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
"#;

pub(super) fn text(value: &Value) -> String {
    let mut text = HEAD.to_owned();
    append(&mut text, value, 0);
    text.push_str("</plist>\n");
    text
}

fn append(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Array(elements) if elements.is_empty() => line(text, indent, "<array/>"),
        Value::Array(elements) => {
            line(text, indent, "<array>");
            elements.iter().for_each(|element| append(text, element, indent + 1));
            line(text, indent, "</array>");
        }
        Value::Dictionary(entries) if entries.is_empty() => line(text, indent, "<dict/>"),
        Value::Dictionary(entries) => {
            line(text, indent, "<dict>");
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            for (key, value) in entries {
                line(text, indent + 1, &format!("<key>{}</key>", escaped(key)));
                append(text, value, indent + 1);
            }
            line(text, indent, "</dict>");
        }
        Value::Boolean(true) => line(text, indent, "<true/>"),
        Value::Boolean(false) => line(text, indent, "<false/>"),
        Value::Data(bytes) => {
            line(text, indent, "<data>");
            base64(bytes, indent, |part| line(text, indent.min(8), part));
            line(text, indent, "</data>");
        }
        Value::Date(date) => {
            let date = plist::Date::from(whole_seconds((*date).into()));
            line(text, indent, &format!("<date>{}</date>", date.to_xml_format()));
        }
        Value::Real(float) => {
            let number = crate::number::Number::Float64(*float).text();
            line(text, indent, &format!("<real>{number}</real>"));
        }
        Value::Integer(integer) => line(text, indent, &format!("<integer>{integer}</integer>")),
        Value::String(string) => line(text, indent, &format!("<string>{}</string>", escaped(string))),
        value => unreachable!("no object is made of {value:?}"),
    }
}

fn line(text: &mut String, indent: usize, line: &str) {
    text.extend((0..indent).map(|_| '\t'));
    text.push_str(line);
    text.push('\n');
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The same text without CDATA sections, which the crate `plist` passes over.
pub(super) fn without_cdata(mut text: &[u8]) -> Vec<u8> {
    const BEGIN: &[u8] = b"<![CDATA[";
    const END: &[u8] = b"]]>";
    let mut plain = Vec::with_capacity(text.len());
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|part| part == what);
    while let Some(begin) = find(text, BEGIN)
        && let Some(length) = find(&text[begin + BEGIN.len()..], END)
    {
        let (before, section) = text.split_at(begin);
        let (section, after) = section[BEGIN.len()..].split_at(length);
        plain.extend_from_slice(before);
        for &byte in section {
            match byte {
                b'&' => plain.extend_from_slice(b"&amp;"),
                b'<' => plain.extend_from_slice(b"&lt;"),
                byte => plain.push(byte),
            }
        }
        text = &after[END.len()..];
    }
    plain.extend_from_slice(text);
    plain
}

/// Lines of base 64: 76 columns, where a tab counts for 8, of which there are 8 at most.
fn base64(bytes: &[u8], indent: usize, mut line: impl FnMut(&str)) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let in_line = (76 - 8 * indent.min(8)) / 4 * 3;
    for bytes in bytes.chunks(in_line) {
        let mut text = String::new();
        for group in bytes.chunks(3) {
            let byte = |place| u32::from(group.get(place).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for place in 0..4 {
                let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
                let _ = write!(text, "{}", if place <= group.len() { char::from(digit) } else { '=' });
            }
        }
        line(&text);
    }
}

/// No fractions are written.
fn whole_seconds(time: SystemTime) -> SystemTime {
    let after = |time: SystemTime| time.duration_since(UNIX_EPOCH).ok();
    match after(time) {
        Some(since) => UNIX_EPOCH + Duration::from_secs(since.as_secs()),
        None => {
            let before = UNIX_EPOCH.duration_since(time).unwrap_or_default();
            let seconds = before.as_secs() + u64::from(before.subsec_nanos() > 0);
            UNIX_EPOCH.checked_sub(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8], indent: usize) -> Vec<String> {
        let mut lines = Vec::new();
        base64(bytes, indent, |line| lines.push(line.to_owned()));
        lines
    }

    #[test]
    fn cdata_is_text() {
        let plain = |text: &str| String::from_utf8(without_cdata(text.as_bytes())).unwrap();
        assert_eq!(plain("<a>b</a>"), "<a>b</a>");
        assert_eq!(plain("<a>b<![CDATA[<c>&]]]]><![CDATA[>]]>d</a>"), "<a>b&lt;c>&amp;]]>d</a>");
        assert_eq!(plain("<a><![CDATA[b</a>"), "<a><![CDATA[b</a>");
    }

    #[test]
    fn base_64_is_filled_up() {
        assert_eq!(lines(b"", 0), [""; 0]);
        assert_eq!(lines(b"\xca", 0), ["yg=="]);
        assert_eq!(lines(b"\xca\xfe", 0), ["yv4="]);
        assert_eq!(lines(b"\xca\xfe\xba", 0), ["yv66"]);
    }

    #[test]
    fn lines_of_base_64_are_shorter_the_deeper_they_are() {
        let lengths = |indent| lines(&[0; 100], indent).iter().map(String::len).collect::<Vec<_>>();
        assert_eq!(lengths(0), [76, 60]);
        assert_eq!(lengths(1), [68, 68]);
        assert_eq!(lengths(8), [12; 11].into_iter().chain([4]).collect::<Vec<_>>());
        assert_eq!(lengths(20), lengths(8));
    }

    #[test]
    fn dates_have_whole_seconds() {
        let text = |time| {
            let mut text = String::new();
            append(&mut text, &Value::Date(plist::Date::from(time)), 0);
            text
        };
        assert_eq!(text(UNIX_EPOCH + Duration::from_millis(1500)), "<date>1970-01-01T00:00:01Z</date>\n");
        assert_eq!(text(UNIX_EPOCH - Duration::from_millis(500)), "<date>1969-12-31T23:59:59Z</date>\n");
    }
}
