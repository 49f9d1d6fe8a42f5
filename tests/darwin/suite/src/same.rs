//! One program in two worlds.

use crate::process::{self, End, Finished};
use crate::report::{Outcome, Report};
use std::path::Path;
use std::process::Command;

/// How much of what is printed has to be the same.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Compared {
    All,
    /// Times and what depends on them differ: of words with a figure in them, that they are there.
    ButForFigures,
    /// CoreFoundation keeps no order in dictionaries, and the kernel does: the words, wherever they are.
    ButForOrder,
}

impl Compared {
    fn of(self, finished: Finished) -> Finished {
        let kept: fn(&str) -> String = match self {
            Self::All => return finished,
            Self::ButForFigures => without_figures,
            Self::ButForOrder => words_in_order,
        };
        Finished { out: kept(&finished.out), complaints: kept(&finished.complaints), ..finished }
    }
}

fn words_in_order(text: &str) -> String {
    let mut words: Vec<_> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.join("\n")
}

fn without_figures(text: &str) -> String {
    let hide = |word| if str::contains(word, |c: char| c.is_ascii_digit()) { "…" } else { word };
    text.lines().map(|line| line.split_whitespace().map(hide).collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// Runs a command natively and another under the host: what they print, and where they print it, must be the same, and
/// both must exit with `status`. The arguments of `guest` are the host's.
pub(crate) fn compare(
    compared: Compared,
    status: i32,
    label: &str,
    native: &[&str],
    host: &Path,
    guest: &[&str],
) -> Report {
    let outcome = (|| {
        let native = compared.of(process::run(Command::new(native[0]).args(&native[1..]))?);
        let guest = compared.of(process::run(Command::new(host).arg("--strict").args(guest))?);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_words_is_hidden_and_not_how_many_there_are() {
        let [one, other, more] = ["{a=1,b=2}", "{b=2,a=1}", "{a=1,b=2,b=2}"].map(words_in_order);
        assert_eq!(one, "1\n2\na\nb");
        assert!(one == other && one != more);
    }

    #[test]
    fn words_with_figures_are_hidden_and_the_others_stay() {
        let text = "fill  3 ×  1.234 ms\n   latency 17.3µs, lost none\n";
        assert_eq!(without_figures(text), "fill … × … ms\nlatency … lost none\n");
    }
}
