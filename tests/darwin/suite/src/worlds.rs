//! One test program in two worlds.

use crate::report::{Outcome, Report};
use crate::test_program::TestProgram;
use std::collections::BTreeMap;

/// The module of the guest whose tests each stand for a module that there is natively alone, and say why.
const NATIVE_ONLY: &str = "native_only::";

/// Runs every test in both worlds. They must have the same tests but for those that the guest gives a reason for, and
/// every test must pass wherever it runs.
pub(crate) fn compare(native: &TestProgram, guest: &TestProgram) -> Report {
    let mut report = Report::default();
    match (native.run(), guest.run()) {
        (Ok(natively), Ok(as_guest)) => {
            for (test, outcome) in agree(natively, as_guest) {
                report.line(native.name(), &test, &outcome);
            }
        }
        (natively, as_guest) => {
            for error in [natively.err(), as_guest.err()].into_iter().flatten() {
                report.line(native.name(), "(the list of tests)", &Outcome::Failed(error));
            }
        }
    }
    report
}

type Outcomes = BTreeMap<String, Outcome>;

fn agree(natively: Outcomes, mut as_guest: Outcomes) -> Outcomes {
    let (modules, rest): (Outcomes, Outcomes) = as_guest
        .into_iter()
        .partition(|(test, outcome)| test.starts_with(NATIVE_ONLY) && matches!(outcome, Outcome::Ignored(_)));
    as_guest = rest;
    let module_of = |test: &str| {
        let (module, _) = test.split_once("::")?;
        modules.get_key_value(&format!("{NATIVE_ONLY}{module}"))
    };
    let mut stale: Vec<&str> = modules.keys().map(String::as_str).collect();
    let mut outcomes = Outcomes::new();
    for (test, outcome) in natively {
        let guests = as_guest.remove(&test).or_else(|| {
            let (module, excuse) = module_of(&test)?;
            stale.retain(|other| other != module);
            Some(excuse.clone())
        });
        let agreed = match (outcome, guests) {
            (Outcome::Failed(output), Some(Outcome::Failed(guests))) => {
                Outcome::Failed(format!("natively: {output}\nfor macOS: {guests}"))
            }
            (Outcome::Failed(output), _) => Outcome::Failed(format!("natively: {output}")),
            (_, Some(Outcome::Failed(output))) => Outcome::Failed(format!("for macOS: {output}")),
            (Outcome::Passed, Some(Outcome::Ignored(reason))) if reason.is_empty() => {
                Outcome::Failed("for macOS it is ignored without a reason".into())
            }
            (Outcome::Passed, Some(Outcome::Ignored(reason))) => Outcome::NativeOnly(reason),
            (Outcome::Ignored(_), Some(Outcome::Passed)) => {
                Outcome::Failed("natively it is ignored, and for macOS it passes".into())
            }
            (outcome, Some(_)) => outcome,
            (_, None) => Outcome::Failed("for macOS there is no such test".into()),
        };
        outcomes.insert(test, agreed);
    }
    for test in as_guest.into_keys() {
        outcomes.insert(test, Outcome::Failed("natively there is no such test".into()));
    }
    for module in stale {
        outcomes
            .insert(module.into(), Outcome::Failed("no test of such a module runs natively alone".into()));
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed(natively: &[(&str, Outcome)], as_guest: &[(&str, Outcome)]) -> Vec<(String, Outcome)> {
        let outcomes = |list: &[(&str, Outcome)]| {
            list.iter().map(|(test, outcome)| (test.to_string(), outcome.clone())).collect()
        };
        agree(outcomes(natively), outcomes(as_guest)).into_iter().collect()
    }

    fn passed(test: &str) -> (&str, Outcome) {
        (test, Outcome::Passed)
    }

    fn ignored(test: &str) -> (&str, Outcome) {
        (test, Outcome::Ignored("one task".into()))
    }

    #[track_caller]
    fn expect_failure(natively: &[(&str, Outcome)], as_guest: &[(&str, Outcome)], reason: &str) {
        let outcomes = agreed(natively, as_guest);
        let [(_, Outcome::Failed(output))] = &outcomes[..] else { panic!("{outcomes:?}") };
        assert!(output.contains(reason), "{output}");
    }

    #[test]
    fn a_test_that_passes_in_both_worlds_passes() {
        assert_eq!(agreed(&[passed("m::t")], &[passed("m::t")]), [("m::t".into(), Outcome::Passed)]);
    }

    #[test]
    fn a_test_that_fails_in_either_world_fails() {
        let failed = ("m::t", Outcome::Failed("broken".into()));
        expect_failure(&[passed("m::t")], std::slice::from_ref(&failed), "for macOS: broken");
        expect_failure(std::slice::from_ref(&failed), &[passed("m::t")], "natively: broken");
        expect_failure(&[failed], &[ignored("m::t")], "natively: broken");
    }

    #[test]
    fn a_test_that_is_in_one_world_alone_fails() {
        expect_failure(&[passed("m::t")], &[], "for macOS there is no such test");
        expect_failure(&[], &[passed("m::t")], "natively there is no such test");
    }

    #[test]
    fn a_test_that_the_guest_gives_a_reason_for_is_native_only() {
        let native_only = |test: &str| [(test.to_owned(), Outcome::NativeOnly("one task".into()))];
        assert_eq!(agreed(&[passed("m::t")], &[ignored("m::t")]), native_only("m::t"));
        assert_eq!(agreed(&[passed("m::t")], &[ignored("native_only::m")]), native_only("m::t"));
        let silent = ("m::t", Outcome::Ignored(String::new()));
        expect_failure(&[passed("m::t")], &[silent], "without a reason");
    }

    #[test]
    fn a_reason_for_what_there_is_not_fails() {
        expect_failure(&[], &[ignored("native_only::m")], "no test of such a module runs natively alone");
    }

    #[test]
    fn a_reason_for_what_runs_in_both_worlds_fails() {
        let outcomes = agreed(&[passed("m::t")], &[passed("m::t"), ignored("native_only::m")]);
        let reason = Outcome::Failed("no test of such a module runs natively alone".into());
        assert_eq!(outcomes, [("m::t".into(), Outcome::Passed), ("native_only::m".into(), reason)]);
    }

    #[test]
    fn a_test_that_runs_is_no_reason() {
        let outcomes = agreed(&[passed("m::t")], &[passed("native_only::m")]);
        let [(_, Outcome::Failed(missing)), (_, Outcome::Failed(unknown))] = &outcomes[..] else {
            panic!("{outcomes:?}")
        };
        assert_eq!(missing, "for macOS there is no such test");
        assert_eq!(unknown, "natively there is no such test");
    }
}
