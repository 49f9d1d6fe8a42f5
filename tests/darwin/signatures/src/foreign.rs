//! The functions that a program in Rust declares itself.

use crate::problem::{Location, Problem};
use std::fs;
use std::path::Path;

/// A source in Rust with declarations of its own.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The module that is to have them.
    pub module: &'a str,
    /// The file.
    pub path: &'a str,
    /// A module at the root of the crate that has the types they use.
    pub types: &'a str,
}

const BLOCK: &str = "unsafe extern \"C\" {\n";

/// The module with the functions that the source declares.
pub(crate) fn declarations(source: Source<'_>) -> Result<String, Problem> {
    let location = Location { header: Path::new(source.path).into(), line: 1 };
    let text = fs::read_to_string(source.path).map_err(|error| location.problem(error))?;
    module(source, &text).ok_or_else(|| location.problem("no block that begins with `unsafe extern \"C\" {`"))
}

fn module(Source { module, path, types }: Source<'_>, text: &str) -> Option<String> {
    let blocks = blocks(text)?;
    Some(format!(
        "
/// What {path} declares.
#[allow(unused_imports)]
mod {module} {{
    use crate::{types}::*;
    use std::ffi::*;
{blocks}}}
"
    ))
}

/// The blocks of foreign functions, which are public in the result. `None` if there are none.
fn blocks(text: &str) -> Option<String> {
    let mut blocks = String::new();
    for (index, _) in text.match_indices(BLOCK).filter(|(index, _)| text[..*index].ends_with('\n')) {
        let block = text[index..].split_inclusive("\n}").next()?;
        blocks += &block.replace("\n    fn ", "\n    pub(crate) fn ");
        blocks.push('\n');
    }
    (!blocks.is_empty()).then_some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Source<'_> = Source { module: "library", path: "lib.rs", types: "mach" };

    #[test]
    fn the_functions_of_all_blocks_are_in_the_module() {
        let text = "\nunsafe extern \"C\" {\n    // One.\n    fn a(b: c_int);\n}\n\nfn c() {}\n\n\
                    unsafe extern \"C\" {\n    fn d();\n}\n";
        let module = module(SOURCE, text).expect("there are two");
        assert!(module.contains("mod library {\n    use crate::mach::*;"), "{module}");
        assert!(
            module.contains("    pub(crate) fn a(b: c_int);") && module.contains("    pub(crate) fn d();")
        );
        assert!(!module.contains("fn c"), "{module}");
    }

    #[test]
    fn a_source_without_blocks_has_no_module() {
        assert_eq!(module(SOURCE, "fn main() {}\n"), None);
        assert_eq!(module(SOURCE, "\n    unsafe extern \"C\" {\n    }\n"), None);
    }

    #[test]
    fn a_source_that_is_not_there_is_a_problem() {
        let problem =
            declarations(Source { path: "nowhere.rs", ..SOURCE }).expect_err("there is no such file");
        assert!(problem.to_string().starts_with("nowhere.rs:1: "), "{problem}");
    }
}
