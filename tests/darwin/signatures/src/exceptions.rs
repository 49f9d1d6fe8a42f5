//! Where the bindings differ from the headers: a list for people, each group with its reason.
//!
//! ```text
//! ## io-kit-sys has nothing that is newer than macOS 11
//! undeclared IOMainPort kIOMainPortDefault
//!
//! ## io-kit-sys takes what is only read for writable
//! function IORegistryEntryFromPath fn(mach_port_t, *mut c_char) -> io_registry_entry_t
//! constant kIOMapCacheMask 0x700
//! integer CFNumberType u32
//! type CFStreamStatus isize
//! ```

use crate::problem::{Location, Problem};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// How the bindings differ in one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// They have nothing of this name.
    Undeclared,
    /// They have a function, a callback or a variable of this type in Rust.
    Type(String),
    /// They have a constant of this value in Rust.
    Constant(String),
    /// They have an integer of this type in Rust.
    Integer(String),
    /// They have no type of this name, but use this one.
    NoName(String),
}

/// The list.
#[derive(Debug, Default)]
pub(crate) struct Exceptions(HashMap<String, Exception>);

#[derive(Debug)]
struct Exception {
    difference: Difference,
    location: Location,
    used: bool,
}

impl Exceptions {
    /// Reads the contents of the file at `path`.
    pub(crate) fn parse(path: &Path, text: &str, problems: &mut Vec<Problem>) -> Self {
        let header: Arc<Path> = Arc::from(path);
        let mut exceptions = Self::default();
        let mut reason = false;
        for (index, line) in text.lines().enumerate() {
            let location = Location { header: Arc::clone(&header), line: index + 1 };
            let mut refuse = |message: &str| problems.push(location.problem(message));
            let line = line.trim();
            if let Some(text) = line.strip_prefix("##") {
                reason = !text.trim().is_empty();
                continue;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if !reason {
                refuse("an exception needs a reason: a line that begins with ##");
            }
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            let (name, text) = rest.split_once(' ').unwrap_or((rest, ""));
            let text = text.trim().to_owned();
            match kind {
                "undeclared" => {
                    for name in rest.split_whitespace() {
                        exceptions.add(name, Difference::Undeclared, &location, problems);
                    }
                }
                _ if text.is_empty() => refuse("an exception has a kind, a name, and what the bindings have"),
                "function" | "callback" | "variable" => {
                    exceptions.add(name, Difference::Type(text), &location, problems);
                }
                "constant" => exceptions.add(name, Difference::Constant(text), &location, problems),
                "integer" => exceptions.add(name, Difference::Integer(text), &location, problems),
                "type" => exceptions.add(name, Difference::NoName(text), &location, problems),
                _ => refuse(
                    "the kinds are undeclared, function, callback, variable, constant, integer and type",
                ),
            }
        }
        exceptions
    }

    fn add(&mut self, name: &str, difference: Difference, location: &Location, problems: &mut Vec<Problem>) {
        let exception = Exception { difference, location: location.clone(), used: false };
        if let Some(earlier) = self.0.insert(name.to_owned(), exception) {
            problems.push(location.problem(format_args!("{name} is excepted at {} too", earlier.location)));
        }
    }

    /// How the bindings differ in `name`, if they do.
    pub(crate) fn take(&mut self, name: &str) -> Option<Difference> {
        self.take_if(name, |_| true)
    }

    /// The same, if the difference is one of those that are `wanted`.
    pub(crate) fn take_if(
        &mut self,
        name: &str,
        wanted: impl FnOnce(&Difference) -> bool,
    ) -> Option<Difference> {
        let exception = self.0.get_mut(name).filter(|exception| wanted(&exception.difference))?;
        exception.used = true;
        Some(exception.difference.clone())
    }

    /// Refuses exceptions that nobody has asked for.
    pub(crate) fn finish(self, problems: &mut Vec<Problem>) {
        let unused = self.0.iter().filter(|(_, exception)| !exception.used);
        let problem = |(name, Exception { location, .. }): (&String, &Exception)| {
            location.problem(format_args!("no header has {name}, or not as what this says it is"))
        };
        let mut unused: Vec<_> = unused.map(problem).collect();
        unused.sort_by(|a, b| (a.location.line, &a.message).cmp(&(b.location.line, &b.message)));
        problems.extend(unused);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        Exceptions::parse(Path::new("exceptions"), text, &mut problems);
        problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn differences_are_read() {
        let text = "# about\n\n## why\nundeclared a b\nfunction f fn(u8) -> u8\nconstant c 1 + 1\ninteger i u16\ntype t u8\n";
        let mut problems = Vec::new();
        let mut exceptions = Exceptions::parse(Path::new("exceptions"), text, &mut problems);
        assert_eq!(problems, []);
        for (name, difference) in [
            ("a", Difference::Undeclared),
            ("b", Difference::Undeclared),
            ("f", Difference::Type("fn(u8) -> u8".to_owned())),
            ("c", Difference::Constant("1 + 1".to_owned())),
            ("i", Difference::Integer("u16".to_owned())),
            ("t", Difference::NoName("u8".to_owned())),
        ] {
            assert_eq!(exceptions.take(name), Some(difference));
        }
        assert_eq!(exceptions.take("g"), None);
    }

    #[test]
    fn an_exception_has_a_reason() {
        let problem = "exceptions:1: an exception needs a reason: a line that begins with ##";
        assert_eq!(problems("undeclared a"), [problem]);
        assert_eq!(problems("undeclared a\n## later\nundeclared b"), [problem]);
        assert_eq!(
            problems("##\nundeclared a"),
            ["exceptions:2: an exception needs a reason: a line that begins with ##"]
        );
    }

    #[test]
    fn a_name_is_excepted_once() {
        assert_eq!(
            problems("## why\nundeclared a\nconstant a 1"),
            ["exceptions:3: a is excepted at exceptions:2 too"]
        );
    }

    #[test]
    fn what_is_no_exception_is_refused() {
        let incomplete = "exceptions:2: an exception has a kind, a name, and what the bindings have";
        assert_eq!(problems("## why\nconstant a"), [incomplete]);
        let unknown = "exceptions:2: the kinds are undeclared, function, callback, variable, constant, integer and type";
        assert_eq!(problems("## why\nconstnat a 1"), [unknown]);
    }
}
