//! What is public in the crates that are published, held against the lists beside this file: no change of it passes
//! unseen.
//!
//! `tests/api/check` compares, and `BLESS=1 tests/api/check` writes the lists anew.

mod list;
mod rustdoc;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

const CRATES: [&str; 2] = ["iokit-uc", "iokit-uc-derive"];
const MACOS: &str = "aarch64-apple-darwin";

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for name in CRATES {
        if let Err(error) = check(name) {
            eprintln!("{name}: {error}");
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// Compares the list of a crate with what the crate has.
fn check(name: &str) -> Result<(), String> {
    let source = rustdoc::Source::find(name)?;
    let systems: &[_] = if source.is_macros {
        &[("", None)]
    } else {
        &[(", but on macOS", None), (", on macOS", Some(MACOS))]
    };
    let systems = systems.iter().map(|(system, target)| Ok((*system, source.document(*target)?)));
    let made = list::of(&systems.collect::<Result<Vec<_>, String>>()?)?;

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).with_extension("txt");
    let on_disk = |error| format!("{}: {error}", path.display());
    if env::var_os("BLESS").is_some() {
        return fs::write(&path, made).map_err(on_disk);
    }
    let changes = list::changes(&fs::read_to_string(&path).map_err(on_disk)?, &made);
    if changes.is_empty() {
        println!("ok: {name}");
        return Ok(());
    }
    Err(format!("what is public is not what is listed; `BLESS=1 tests/api/check` lists it anew\n\n{changes}"))
}
