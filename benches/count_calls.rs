//! Makes calls of one kind, for `benches/instructions` to count what they execute.
//!
//! `count-calls (stub | by-hand) (scalars | structure) CALLS`

use iokit_uc::Result;
use null::{Null, Sample, by_hand};
use std::hint::black_box;

const USAGE: &str = "usage: count-calls (stub | by-hand) (scalars | structure) CALLS";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [how, shape, calls] = &arguments[..] else { return Err(USAGE.into()) };
    let calls: u64 = calls.parse()?;
    let client = null::open()?;
    let connection = client.as_ref();
    let sample = Sample { time: 1, value: 2 };
    match (how.as_str(), shape.as_str()) {
        ("stub", "scalars") => repeat(calls, || client.scalars(black_box(1), black_box(2))),
        ("by-hand", "scalars") => repeat(calls, || by_hand::scalars(connection, black_box(1), black_box(2))),
        ("stub", "structure") => repeat(calls, || client.structure(black_box(&sample))),
        ("by-hand", "structure") => repeat(calls, || by_hand::structure(connection, black_box(&sample))),
        _ => Err(USAGE.into()),
    }
}

fn repeat<T>(calls: u64, call: impl Fn() -> Result<T>) -> Result<(), Box<dyn std::error::Error>> {
    for _ in 0..calls {
        black_box(call()?);
    }
    Ok(())
}
