//! One program in two worlds.

use crate::process::{self, End};
use crate::report::{Outcome, Report};
use std::path::Path;
use std::process::Command;

/// Runs a command natively and another under the host: what they print, and where they print it, must be the same, and
/// both must exit with `status`. The arguments of `guest` are the host's.
pub(crate) fn compare(status: i32, label: &str, native: &[&str], host: &Path, guest: &[&str]) -> Report {
    let outcome = (|| {
        let native = process::run(Command::new(native[0]).args(&native[1..]))?;
        let guest = process::run(Command::new(host).arg("--strict").args(guest))?;
        let expected = native.end == End::Exited(status);
        Ok::<_, std::io::Error>(if native == guest && expected {
            Outcome::Passed
        } else {
            Outcome::Failed(format!("natively: {}for macOS: {}", native.to_text(), guest.to_text()))
        })
    })();
    let mut report = Report::default();
    report.line("same", label, &outcome.unwrap_or_else(|error| Outcome::Failed(error.to_string())));
    report
}
