//! Makes the exports from the headers.

use std::process::ExitCode;

fn main() -> ExitCode {
    const INCLUDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../include");
    const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/table");
    let directories = [
        format!("{INCLUDE}/IOKit"),
        format!("{INCLUDE}/mach"),
        format!("{INCLUDE}/simulated"),
        TABLE.to_owned(),
    ];
    darwin_signatures::exports(&directories.each_ref().map(String::as_str))
}
