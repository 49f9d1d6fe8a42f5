//! What programs import that the host does not export.

use crate::process::{self, End};
use crate::report::{Outcome, Report};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A missing import of such a name is always wrong: it is misspelt, or a declaration is missing from the headers.
const OURS: [&str; 8] = ["CF", "IO", "kCF", "kIO", "mach_", "simulated_", "dispatch_", "_dispatch_"];

/// The names that may be missing, each with the line that lists it.
type Known = BTreeMap<String, usize>;

/// The names that programs import, each with whether it is missing.
type Imports = BTreeMap<String, bool>;

/// Looks for what programs for macOS import and the host does not export. That is listed in the file at `list`, and
/// what is listed there is missing.
pub(crate) fn check(host: &Path, list: &str, programs: &[&str]) -> Report {
    const LIST: &str = "(the list of what is missing)";
    let mut report = Report::default();
    let text = fs::read_to_string(list).map_err(|error| format!("{list}: {error}"));
    let known = match text.and_then(|text| known(&text)) {
        Ok(known) => known,
        Err(error) => {
            report.line("imports", LIST, &Outcome::Failed(error));
            return report;
        }
    };
    let mut all = Imports::new();
    for program in programs {
        let complaints = imports(host, program).map(|imports| {
            let complaints = missing(&imports, &known);
            all.extend(imports);
            complaints
        });
        let name = Path::new(program).file_name().unwrap_or_default().to_string_lossy();
        report.line("imports", &name, &complaints.map_or_else(Outcome::Failed, outcome));
    }
    report.line("imports", LIST, &outcome(stale(&all, &known)));
    report
}

fn outcome(complaints: Vec<String>) -> Outcome {
    if complaints.is_empty() { Outcome::Passed } else { Outcome::Failed(complaints.join("\n")) }
}

/// What is wrong with a program's imports.
fn missing(imports: &Imports, known: &Known) -> Vec<String> {
    let missing = imports.iter().filter(|(_, is_missing)| **is_missing);
    let complaint = |name: &String| match known.get(name) {
        Some(line) if is_ours(name) => {
            Some(format!("{name} is missing, which line {line} of the list cannot excuse"))
        }
        Some(_) => None,
        None => Some(format!("{name} is missing, and not in the list")),
    };
    missing.filter_map(|(name, _)| complaint(name)).collect()
}

/// What is wrong with the list.
fn stale(imports: &Imports, known: &Known) -> Vec<String> {
    let complaint = |(name, line): (&String, &usize)| match imports.get(name) {
        Some(true) => None,
        Some(false) => Some(format!("line {line}: {name} is not missing any more")),
        None => Some(format!("line {line}: no program imports {name}")),
    };
    known.iter().filter_map(complaint).collect()
}

fn is_ours(name: &str) -> bool {
    OURS.iter().any(|prefix| name.starts_with(prefix))
}

/// The names in a list in which each group of names follows its reason, a line that begins with `##`.
fn known(text: &str) -> Result<Known, String> {
    let mut known = Known::new();
    let mut has_reason = false;
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(reason) = line.strip_prefix("##") {
            has_reason = !reason.trim().is_empty();
        } else if !line.starts_with('#') {
            for name in line.split_whitespace() {
                if !has_reason {
                    return Err(format!(
                        "line {number}: {name} has no reason, a line before it that begins with ##"
                    ));
                }
                if let Some(earlier) = known.insert(name.to_owned(), number) {
                    return Err(format!("line {number}: {name} is in line {earlier} already"));
                }
            }
        }
    }
    Ok(known)
}

/// What a program imports, by the host. What a program can do without is not missing.
fn imports(host: &Path, program: &str) -> Result<Imports, String> {
    let finished = process::run(Command::new(host).args(["--imports", program]))
        .map_err(|error| format!("{}: {error}", host.display()))?;
    match finished.end {
        End::Exited(0) => parse(&finished.out),
        _ => Err(finished.to_text()),
    }
}

/// Lines of a name, its kind, and words on it.
fn parse(lines: &str) -> Result<Imports, String> {
    let import = |line: &str| {
        let (name, words) = line.split_once(' ').ok_or_else(|| format!("no import: {line}"))?;
        let has = |wanted| words.split(' ').any(|word| word == wanted);
        Ok((name.to_owned(), has("missing") && !has("weak")))
    };
    let imports: Imports = lines.lines().map(import).collect::<Result<_, String>>()?;
    // Every program has some: this one was not understood.
    if imports.is_empty() { Err("no imports".to_owned()) } else { Ok(imports) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(names: &[(&str, bool)]) -> Imports {
        names.iter().map(|(name, is_missing)| ((*name).to_owned(), *is_missing)).collect()
    }

    #[test]
    fn the_lines_of_the_host_are_read() {
        let lines =
            "close function\nenviron variable missing\nfork function weak missing\nopen function weak\n";
        let expected = imports(&[("close", false), ("environ", true), ("fork", false), ("open", false)]);
        assert_eq!(parse(lines), Ok(expected));
    }

    #[test]
    fn what_is_no_list_of_imports_is_refused() {
        assert_eq!(parse(""), Err("no imports".to_owned()));
        assert_eq!(parse("close"), Err("no import: close".to_owned()));
    }

    #[test]
    fn a_listed_import_may_be_missing() {
        let known = known("## std imports it\nfork\n").expect("the list is right");
        assert_eq!(missing(&imports(&[("fork", true), ("open", false)]), &known), Vec::<String>::new());
    }

    #[test]
    fn another_import_may_not() {
        let complaints = missing(&imports(&[("opne", true)]), &Known::new());
        assert_eq!(complaints, ["opne is missing, and not in the list"]);
    }

    #[test]
    fn a_list_excuses_no_function_of_the_frameworks() {
        let known = known("## misspelt\nIOServiceOpne\n").expect("the list is right");
        let complaints = missing(&imports(&[("IOServiceOpne", true)]), &known);
        assert_eq!(complaints, ["IOServiceOpne is missing, which line 2 of the list cannot excuse"]);
    }

    #[test]
    fn a_list_has_nothing_that_is_not_missing() {
        let known = known("## old\nopen fork\nvfork\n").expect("the list is right");
        let complaints = stale(&imports(&[("fork", true), ("open", false)]), &known);
        assert_eq!(complaints, ["line 2: open is not missing any more", "line 3: no program imports vfork"]);
    }

    #[test]
    fn a_list_has_reasons_and_every_name_once() {
        let reason = "line 1: fork has no reason, a line before it that begins with ##";
        assert_eq!(known("fork").expect_err("why?"), reason);
        assert!(known("##\nfork").is_err());
        let twice = known("## a\nfork\nfork").expect_err("twice");
        assert_eq!(twice, "line 3: fork is in line 2 already");
    }
}
