//! `docs/kernel-semantics.md` says of each rule which tests hold it, or why the simulator does not have it. That is
//! held against the tests themselves: those whose name begins with the number of a rule, `em_09a_…` for EM-9a.
//!
//! `BLESS=1 cargo test -p iokit-uc-tests --test rules` writes the names anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// Where the tests are.
const SOURCES: &[&str] = &["tests", "iokit-uc/src"];

/// The heading under which the rules are listed that the simulator does not have.
const NOT_MODELLED: &str = "## 16. What the simulator does not model";

/// What begins the names of tests at the end of a rule's first line.
const MARK: &str = " *Tests: ";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn document() -> PathBuf {
    root().join("docs/kernel-semantics.md")
}

/// `EM-9a`: the family, the number, the letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rule(String, u32, String);

impl Rule {
    fn parse(family: &str, number: &str) -> Option<Self> {
        let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        let (number, letter) = number.split_at(digits);
        let is_name = !family.is_empty() && family.chars().all(|c| c.is_ascii_alphabetic());
        let is_letter = letter.len() <= 1 && letter.chars().all(|c| c.is_ascii_lowercase());
        let number = number.parse().ok().filter(|_| is_name && is_letter)?;
        Some(Self(family.to_ascii_uppercase(), number, letter.to_owned()))
    }

    /// The rule that begins in a line of the document: `- **EM-9a** …`.
    fn of_line(line: &str) -> Option<Self> {
        let (name, _) = line.strip_prefix("- **")?.split_once("**")?;
        let (family, number) = name.split_once('-')?;
        Self::parse(family, number)
    }

    /// The families of rules.
    const FAMILIES: [&str; 15] =
        ["P", "EM", "AS", "OC", "MEM", "REG", "PR", "MT", "NT", "BQ", "RC", "TERM", "DQ", "ERR", "CN"];

    /// The rule that a test is named after: `em_09a_…`.
    fn of_test(name: &str) -> Option<Self> {
        let mut words = name.split('_');
        let (family, number) = (words.next()?, words.next()?);
        words.next()?;
        let is_written_so = number.trim_end_matches(|c: char| c.is_ascii_lowercase()).len() == 2;
        let rule = Self::parse(family, number).filter(|_| is_written_so);
        rule.filter(|Self(family, ..)| Self::FAMILIES.contains(&family.as_str()))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}{}", self.0, self.1, self.2)
    }
}

/// The names of all tests in a file: functions with `#[test]`.
fn tests_in(source: &str) -> impl Iterator<Item = &str> {
    let mut is_test = false;
    source.lines().filter_map(move |line| {
        let line = line.trim_start();
        match line.strip_prefix("fn ") {
            Some(function) => {
                std::mem::take(&mut is_test).then(|| function.split(['(', '<']).next().unwrap())
            }
            None => {
                // Other attributes may come between; anything else may not.
                is_test = line == "#[test]" || (is_test && line.starts_with(['#', '/']));
                None
            }
        }
    })
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.extension() {
            _ if path.is_dir() && !path.ends_with("target") => sources(&path, found),
            Some(extension) if extension == "rs" => found.push(path),
            _ => {}
        }
    }
}

/// The tests that are named after a rule, by the rule.
fn tests() -> BTreeMap<Rule, BTreeSet<String>> {
    let mut files = Vec::new();
    SOURCES.iter().for_each(|directory| sources(&root().join(directory), &mut files));
    let mut tests = BTreeMap::<_, BTreeSet<_>>::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for name in tests_in(&source) {
            if let Some(rule) = Rule::of_test(name) {
                tests.entry(rule).or_default().insert(name.to_owned());
            }
        }
    }
    tests
}

/// The rules that the document has, and those that it says the simulator does not have.
fn rules(document: &str) -> (BTreeSet<Rule>, BTreeSet<Rule>) {
    let (rules, left_out) = document.split_once(NOT_MODELLED).expect("the heading");
    let of = |text: &str| text.lines().filter_map(Rule::of_line).collect();
    (of(rules), of(left_out))
}

/// The document with the tests of each rule at the end of the rule's first line.
fn marked(document: &str, tests: &BTreeMap<Rule, BTreeSet<String>>) -> String {
    let (rules, left_out) = document.split_once(NOT_MODELLED).expect("the heading");
    let mark = |line: &str| {
        let rule = Rule::of_line(line);
        let bare = if rule.is_some() { line.split(MARK).next().unwrap() } else { line };
        let names: Vec<_> = rule.and_then(|rule| tests.get(&rule)).into_iter().flatten().collect();
        match names.as_slice() {
            [] => format!("{bare}\n"),
            names => {
                let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                format!("{bare}{MARK}{}*\n", names.join(", "))
            }
        }
    };
    let rules: String = rules.lines().map(mark).collect();
    format!("{rules}{NOT_MODELLED}{left_out}")
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn every_rule_has_a_test_or_is_said_not_to_be_modelled() {
    let (rules, left_out) = rules(&std::fs::read_to_string(document()).unwrap());
    let tests = tests();
    let held: BTreeSet<_> = tests.keys().cloned().collect();
    let names =
        |rules: &mut dyn Iterator<Item = &Rule>| rules.map(Rule::to_string).collect::<Vec<_>>().join(", ");
    let claimed: BTreeSet<_> = rules.difference(&left_out).cloned().collect();
    println!("{} rules, {} with tests, {} not modelled", rules.len(), claimed.len(), left_out.len());
    assert_eq!(names(&mut claimed.difference(&held)), "", "these have no test");
    assert_eq!(
        names(&mut left_out.intersection(&held)),
        "",
        "these have tests, and are said not to be modelled"
    );
    assert_eq!(
        names(&mut left_out.difference(&rules)),
        "",
        "these are said not to be modelled, and are no rules"
    );
    assert_eq!(names(&mut held.difference(&rules)), "", "tests are named after these, which are no rules");
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn the_document_names_the_tests_of_each_rule() {
    let before = std::fs::read_to_string(document()).unwrap();
    let after = marked(&before, &tests());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(document(), after).unwrap();
    } else {
        let differs = before.lines().zip(after.lines()).find(|(before, after)| before != after);
        assert_eq!(differs, None, "the first line that differs; BLESS=1 writes them anew");
    }
}

#[test]
fn rules_and_tests_are_known_by_their_numbers() {
    let rule = Rule::parse("EM", "9a");
    assert!(rule.is_some());
    assert_eq!(Rule::of_line("- **EM-9a** A driver count above 16"), rule);
    assert_eq!(Rule::of_test("em_09a_too_many"), rule);
    for other in ["em_9a_one_digit", "em_09a", "em_09ab_two_letters", "base_64_text", "every_rule_has_a_test"]
    {
        assert_eq!(Rule::of_test(other), None, "{other}");
    }
    let source = "#[test]\nfn one() {}\nfn none() {}\n    #[test]\n    #[ignore]\n    fn two<T>() {}\n#[test]\n;fn no() {}";
    assert_eq!(tests_in(source).collect::<Vec<_>>(), ["one", "two"]);
}
