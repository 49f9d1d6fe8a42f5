//! A program built with libtest: what tests it has, and how each ends.

use crate::process::{self, End};
use crate::report::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

/// A program, native, or for macOS and run by a host.
pub(crate) struct TestProgram {
    path: PathBuf,
    host: Option<PathBuf>,
}

impl TestProgram {
    pub(crate) fn new(path: PathBuf, host: Option<PathBuf>) -> Self {
        Self { path, host }
    }

    /// What cargo called the program, before it added a hash.
    pub(crate) fn name(&self) -> &str {
        let stem = self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("?");
        stem.rsplit_once('-').map_or(stem, |(name, _)| name)
    }

    /// Every test with its outcome.
    pub(crate) fn run(&self) -> Result<BTreeMap<String, Outcome>, String> {
        let ignored = self.list(&["--ignored"])?;
        let mut outcomes = self.reasons(&ignored)?;
        let wanted: Vec<_> = self.list(&[])?.into_iter().filter(|test| !ignored.contains(test)).collect();
        let queue = Mutex::new(wanted.into_iter());
        let next = || queue.lock().ok().and_then(|mut queue| queue.next());
        let done = Mutex::new(&mut outcomes);
        let work = || {
            while let Some(test) = next() {
                let outcome = self.run_one(&test);
                if let Ok(mut done) = done.lock() {
                    done.insert(test, outcome);
                }
            }
        };
        thread::scope(|scope| {
            let threads = thread::available_parallelism().map_or(1, usize::from);
            (0..threads).for_each(|_| drop(scope.spawn(work)));
        });
        Ok(outcomes)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = match &self.host {
            None => Command::new(&self.path),
            Some(host) => {
                let mut command = Command::new(host);
                command.arg("--strict").arg(&self.path);
                command
            }
        };
        command.args(arguments);
        command
    }

    /// What the program prints, which must succeed at it.
    fn ask(&self, arguments: &[&str]) -> Result<String, String> {
        let told = process::run(&mut self.command(arguments))
            .map_err(|error| format!("{}: {error}", self.path.display()))?;
        if told.end == End::Exited(0) { Ok(told.out) } else { Err(told.to_text()) }
    }

    fn list(&self, which: &[&str]) -> Result<BTreeSet<String>, String> {
        let listed = self.ask(&[&["--list", "--format", "terse"], which].concat())?;
        Ok(listed.lines().filter_map(|line| Some(line.strip_suffix(": test")?.to_owned())).collect())
    }

    /// Tests that are ignored, with what the program says of each when it is asked for them.
    fn reasons(&self, ignored: &BTreeSet<String>) -> Result<BTreeMap<String, Outcome>, String> {
        if ignored.is_empty() {
            return Ok(BTreeMap::new());
        }
        let names: Vec<&str> = ignored.iter().map(String::as_str).collect();
        let told = self.ask(&[&["--exact", "--test-threads", "1"], &names[..]].concat())?;
        let reason = |test: &str| {
            let begin = format!("test {test} ... ignored");
            let rest = told.lines().find_map(|line| line.strip_prefix(&begin));
            let rest = rest.ok_or_else(|| format!("`{test}` is ignored, and is not:\n{told}"))?;
            Ok::<_, String>(Outcome::Ignored(rest.trim_start_matches(", ").to_owned()))
        };
        ignored.iter().map(|test| Ok((test.clone(), reason(test)?))).collect()
    }

    fn run_one(&self, test: &str) -> Outcome {
        let finished = match process::run(&mut self.command(&["--exact", test])) {
            Ok(finished) => finished,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        // A program that finds no test of this name passes as well.
        if finished.end == End::Exited(0) && finished.out.contains("test result: ok. 1 passed; ") {
            Outcome::Passed
        } else {
            Outcome::Failed(finished.to_text())
        }
    }
}
