//! What the compiler says about mistakes: one file for each, named after it. What looks like a mistake and is none is a program
//! in `pass`, each a test of its own: so nothing here is compiled further than to its errors.

use std::process::Command;

/// The compiler whose words are written down in `fail/*.stderr`. Other versions lay the same errors out in other
/// ways, so on them there is nothing to compare.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn mistakes_are_explained() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout);
    if version.starts_with(COMPILER) {
        trybuild::TestCases::new().compile_fail("fail/*.rs");
    } else {
        println!("skipped fail: it is written for {COMPILER}x, this is {}", version.trim());
    }
}
