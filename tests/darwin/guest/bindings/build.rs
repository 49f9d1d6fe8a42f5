//! Makes assertions of the headers.

use darwin_signatures::{Face, Source};
use std::process::ExitCode;

/// Which headers each binding is for: the modules of `src/lib.rs`, and one of the sources.
const FACES: [Face<'_>; 4] = [
    Face { module: "core_foundation", directories: &["../../include/CoreFoundation"] },
    Face { module: "io_kit", directories: &["../../include/IOKit"] },
    Face { module: "mach", directories: &["../../include/mach", "../../frameworks/iokit/table"] },
    Face { module: "simulated", directories: &["../../include/simulated"] },
];

/// What declares functions that the bindings lack.
const SOURCES: [Source<'_>; 2] = [
    Source { module: "library", path: "../../../../iokit-uc/src/macos/mod.rs", types: "mach" },
    Source { module: "simulated", path: "../../../conformance/guest.rs", types: "mach" },
];

fn main() -> ExitCode {
    darwin_signatures::assertions(&FACES, &SOURCES, "exceptions")
}
