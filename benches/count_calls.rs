//! Makes calls of one kind, for `benches/instructions` to count what they execute.
//!
//! `count-calls (stub | by-hand) (scalars | structure) CALLS`

mod null;

use iokit_uc::{Connection, Result};
use null::{Null, NullClient, Sample, by_hand};
use std::hint::black_box;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [how, shape, calls] = arguments.each_ref().map(String::as_str) else {
    };
    ExitCode::SUCCESS
}
