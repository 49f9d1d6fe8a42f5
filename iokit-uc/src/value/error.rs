//! What a value is not.

use super::Value;
use super::print::Found;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A value is not what was asked for, or not what can be passed on: where in it, what was expected, and what was there.
///
/// ```
/// # use iokit_uc::Value;
/// let error = bool::try_from(Value::from("Yes")).unwrap_err();
/// assert_eq!(error.to_string(), r#"expected a boolean, found the string "Yes""#);
/// assert_eq!(error.expected(), Some("a boolean"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    /// Innermost first: it grows outwards.
    path: Vec<Step>,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(Arc<str>),
    Index(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Mistyped { expected: Cow<'static, str>, found: String },
    Missing,
    Other(String),
}

impl ValueError {
    fn new(problem: Problem) -> Self {
        Self(Box::new(Inner { path: Vec::new(), problem }))
    }

    #[cold]
    pub(super) fn mistyped(expected: impl Into<Cow<'static, str>>, found: &Value) -> Self {
        Self::new(Problem::Mistyped { expected: expected.into(), found: Found(found).to_string() })
    }

    #[cold]
    pub(super) fn other(problem: impl fmt::Display) -> Self {
        Self::new(Problem::Other(problem.to_string()))
    }

    /// The same, within what this step leads into.
    #[cold]
    pub(super) fn within(mut self, step: Step) -> Self {
        self.0.path.push(step);
        self
    }

    /// Where in the value: `BatteryData.CellVoltage[2]`; empty for the value as a whole. Keys that would not be told apart so, or
    /// not be seen, are in brackets, quoted.
    pub fn path(&self) -> String {
        let is_quoted = |it: char| matches!(it, '.' | '[' | ']' | '"') || it.is_control();
        let mut path = String::new();
        for step in self.0.path.iter().rev() {
            match step {
                Step::Key(key) if key.is_empty() || key.contains(is_quoted) => {
                    path += &format!("[{key:?}]");
                }
                Step::Key(key) => {
                    path += if path.is_empty() { "" } else { "." };
                    path += key;
                }
                Step::Index(index) => path += &format!("[{index}]"),
            }
        }
        path
    }

    /// Whether there is nothing under the key that the [path](Self::path) ends with.
    pub fn is_missing(&self) -> bool {
        self.0.problem == Problem::Missing
    }

    /// What was expected, where that can be said: "an unsigned 16-bit integer".
    pub fn expected(&self) -> Option<&str> {
        match &self.0.problem {
            Problem::Mistyped { expected, .. } => Some(expected),
            _ => None,
        }
    }

    /// What was there, where that can be said: "the number 70000".
    pub fn found(&self) -> Option<&str> {
        match &self.0.problem {
            Problem::Mistyped { found, .. } => Some(found),
            _ => None,
        }
    }

    /// What is wrong, without where.
    pub(crate) fn problem(&self) -> String {
        self.0.problem.to_string()
    }
}

#[cfg(feature = "serde")]
impl ValueError {
    pub(super) fn missing(key: &str) -> Self {
        Self::new(Problem::Missing).within(Step::Key(key.into()))
    }

    pub(super) fn unexpected(expected: String, found: String) -> Self {
        Self::new(Problem::Mistyped { expected: expected.into(), found })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Mistyped { expected, found } => write!(f, "expected {expected}, found {found}"),
            Problem::Missing => f.write_str("it is missing"),
            Problem::Other(problem) => f.write_str(problem),
        }
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.path(), &self.0.problem) {
            (path, problem) if path.is_empty() => problem.fmt(f),
            (path, Problem::Missing) => write!(f, "`{path}` is missing"),
            (path, problem) => write!(f, "`{path}`: {problem}"),
        }
    }
}

impl std::error::Error for ValueError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_keys_apart() {
        let steps = [
            Step::Index(2),
            Step::Key("a.b".into()),
            Step::Key("".into()),
            Step::Key("BSD Name".into()),
            Step::Index(0),
            Step::Key("Legend".into()),
        ];
        let error = steps.into_iter().fold(ValueError::mistyped("a boolean", &1.into()), ValueError::within);
        assert_eq!(error.path(), r#"Legend[0].BSD Name[""]["a.b"][2]"#);
        let text = r#"`Legend[0].BSD Name[""]["a.b"][2]`: expected a boolean, found the number 1"#;
        assert_eq!(error.to_string(), text);
        assert_eq!((error.expected(), error.found()), (Some("a boolean"), Some("the number 1")));
        assert!(!error.is_missing());
        let other = ValueError::other("out of coffee");
        assert_eq!(
            (other.to_string(), other.path(), other.expected()),
            ("out of coffee".into(), "".into(), None)
        );
    }
}
