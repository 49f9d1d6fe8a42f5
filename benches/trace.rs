//! What it costs a caller that its call is recorded: into a sink that takes nothing, into a file, and without secrets.
//!
//! A loop that does nothing but call makes more trace in a second than a disk takes. What the sink has not taken by then waits, so
//! that each of these has a limit that none of its samples reaches; that no call was lost is checked at the end.

use divan::{Bencher, black_box};
use iokit_uc::Kernel;
use iokit_uc::trace::{RecordingOptions, Redaction};
use null::{Null, NullClient, Sample};
use std::fs::{self, File};
use std::io::{self, Write};

const CALLS: u32 = 1_000;

fn main() {
    divan::main();
}

#[divan::bench(sample_size = CALLS)]
fn unrecorded(bencher: Bencher) {
    let client = null::open().expect("the machine has the service");
    bencher.bench(|| client.scalars(black_box(1), black_box(2)));
}

#[divan::bench(sample_size = CALLS)]
fn recorded_into_nothing(bencher: Bencher) {
    recorded(bencher, io::sink(), options(), |client| drop(client.scalars(black_box(1), black_box(2))));
}

#[divan::bench(sample_size = CALLS)]
fn recorded_into_a_file(bencher: Bencher) {
    let path = std::env::temp_dir().join(format!("iokit-uc-bench-{}.trace", std::process::id()));
    let file = File::create(&path).expect("there is a directory for temporary files");
    recorded(bencher, file, options(), |client| drop(client.scalars(black_box(1), black_box(2))));
    fs::remove_file(path).expect("nobody else has removed it");
}

#[divan::bench(sample_size = CALLS)]
fn recorded_a_structure(bencher: Bencher) {
    let sample = Sample { time: 1, value: 2 };
    recorded(bencher, io::sink(), options(), |client| drop(client.structure(black_box(&sample))));
}

#[divan::bench(sample_size = CALLS)]
fn recorded_without_secrets(bencher: Bencher) {
    let options = options().redaction(Redaction::new());
    recorded(bencher, io::sink(), options, |client| drop(client.scalars(black_box(1), black_box(2))));
}

fn options() -> RecordingOptions {
    RecordingOptions::new().buffer(1 << 30)
}

fn recorded(
    bencher: Bencher,
    sink: impl Write + Send + 'static,
    options: RecordingOptions,
    call: impl Fn(&NullClient) + Sync,
) {
    let kernel = Kernel::recording_with(null::kernel(), sink, options);
    let client = NullClient::open_first(&kernel).expect("the machine has the service");
    bencher.bench(|| call(&client));
    let recording = kernel.as_recording().expect("it is one");
    recording.flush().expect("the sink takes everything");
    assert_eq!(recording.lost(), 0, "calls were lost, which costs less than to record them");
}
