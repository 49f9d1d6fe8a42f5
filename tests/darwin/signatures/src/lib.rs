//! The signature table of the frameworks: the declarations of `include/`, read by a parser that takes no more C than they
//! need, and what is generated from them.
//!
//! A header declares a function as C does, with words of `CFOwnership.h` that say who owns what:
//!
//! ```c
//! CF_EXPORT CFArrayRef CFArrayCreate(CFAllocatorRef allocator, const void **values, CFIndex count,
//!                                    const CFArrayCallBacks *callBacks) CF_RETURNS_RETAINED;
//! CF_EXPORT const CFStringRef kCFRunLoopDefaultMode;
//! ```
//!
//! [`exports`] makes the wrappers that a framework exports, [`assertions`](fn@assertions) what the compiler is to check of
//! the bindings. A build fails with everything that is wrong with the headers, each problem with its file and line.

mod assertions;
mod c_type;
mod check;
mod constant;
mod declaration;
mod exceptions;
mod expression;
mod foreign;
mod lexer;
mod parser;
mod problem;
mod table;
mod wrappers;

pub use assertions::Face;
pub use c_type::Type;
pub use constant::{Constant, Value};
pub use declaration::{Alias, Callback, Function, Ownership, Parameter, Variable};
pub use foreign::Source;
pub use problem::{Location, Problem};
pub use table::Table;
pub use wrappers::wrappers;

use exceptions::Exceptions;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// For the build script of a framework whose headers are in `directories`: writes `exports.rs` to cargo's `OUT_DIR`.
///
/// The crate takes it in at its root, `include!(concat!(env!("OUT_DIR"), "/exports.rs"));`, and has by it `exports()`. It
/// provides `crate::c` with the functions and variables by their names, `crate::abi` with the types of the headers,
/// and `crate::ownership` with `returned`, `consumed`, and for port names `returned_right` and `consumed_right`, as far as
/// the headers use them. Null and 0 are not told to those.
pub fn exports(directories: &[&str]) -> ExitCode {
    build(directories, "exports.rs", |table| Ok(wrappers(table)))
}

/// For the build script of a crate that has the bindings compared with the headers: writes `assertions.rs` to `OUT_DIR`.
///
/// `exceptions` is the file that lists where the bindings differ, `sources` are programs with declarations of their own.
pub fn assertions(faces: &[Face<'_>], sources: &[Source<'_>], exceptions: &str) -> ExitCode {
    let directories: Vec<_> = faces.iter().flat_map(|face| face.directories).copied().collect();
    for input in sources.iter().map(|source| source.path).chain([exceptions]) {
        println!("cargo::rerun-if-changed={input}");
    }
    build(&directories, "assertions.rs", |table| {
        let path = Path::new(exceptions);
        let text = fs::read_to_string(path)
            .map_err(|error| vec![Location { header: path.into(), line: 1 }.problem(error)])?;
        let mut problems = Vec::new();
        let mut exceptions = Exceptions::parse(path, &text, &mut problems);
        let mut assertions = String::new();
        for face in faces {
            assertions += &assertions::assertions(face, table, &mut exceptions, &mut problems);
        }
        for source in sources {
            match foreign::declarations(*source) {
                Ok(declarations) => assertions += &declarations,
                Err(problem) => problems.push(problem),
            }
        }
        exceptions.finish(&mut problems);
        if problems.is_empty() { Ok(assertions) } else { Err(problems) }
    })
}

/// Reads the headers of `directories` and writes what `generate` makes of them to `name` in `OUT_DIR`.
fn build(
    directories: &[&str],
    name: &str,
    generate: impl FnOnce(&Table) -> Result<String, Vec<Problem>>,
) -> ExitCode {
    for directory in directories {
        println!("cargo::rerun-if-changed={directory}");
    }
    let generated = Table::read(directories.iter().map(Path::new)).and_then(|table| generate(&table));
    let problems = match generated.map(|text| write(name, &text)) {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) => vec![error.to_string()],
        Err(problems) => problems.iter().map(Problem::to_string).collect(),
    };
    for problem in problems {
        println!("cargo::error={problem}");
    }
    ExitCode::FAILURE
}

fn write(name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let directory = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: this is for build scripts")?;
    Ok(fs::write(PathBuf::from(directory).join(name), text)?)
}
