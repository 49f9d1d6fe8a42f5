//! From an asynchronous call to its completion, and the same way there and back between two threads by channels.
//!
//! The call goes from the caller's thread to the machine's work loop, which polls the driver, and its completion by the
//! thread that the library keeps for its notification port back to the caller. The channels do without that third
//! thread.

use divan::{Bencher, black_box, counter::ItemsCount};
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{Result, user_client};
use std::sync::{LazyLock, mpsc};
use tokio::sync::oneshot;

const IN_FLIGHT: [u64; 2] = [1, 64];

/// Round trips a sample.
const ROUND_TRIPS: u64 = 6400;

/// Answers a number with itself.
#[user_client(service = "Echo")]
trait Echo {
    /// The number.
    #[uc(selector = 0)]
    async fn echo(&self, value: u64) -> Result<u64>;
}

struct Driver;

impl Echo for Driver {
    async fn echo(&self, value: u64) -> Result<u64> {
        Ok(value)
    }
}

static CLIENT: LazyLock<EchoClient> = LazyLock::new(|| {
    let machine = Machine::new();
    machine.publish(Nub::new("Echo").driver(EchoServer::new(Driver)));
    EchoClient::open_first(&machine.task("benchmark").kernel()).expect("a simulated machine has the service")
});

fn main() {
    divan::main();
}

/// Runs `round_trips` as often as makes a sample, each with `in_flight` on their way at once.
fn sample(bencher: Bencher, in_flight: u64, mut round_trips: impl FnMut(u64)) {
    bencher.counter(ItemsCount::new(ROUND_TRIPS)).bench_local(|| {
        for _ in 0..ROUND_TRIPS / in_flight {
            round_trips(in_flight);
        }
    });
}

#[divan::bench(args = IN_FLIGHT, sample_size = 1)]
fn completion(bencher: Bencher, in_flight: u64) {
    let client = &*CLIENT;
    let mut calls = Vec::new();
    sample(bencher, in_flight, |count| {
        calls.extend((0..count).map(|value| client.echo(black_box(value))));
        for (value, call) in (0..).zip(calls.drain(..)) {
            assert_eq!(call.wait(), Ok(value));
        }
    });
}

#[divan::bench(args = IN_FLIGHT, sample_size = 1)]
fn std_mpsc(bencher: Bencher, in_flight: u64) {
    let (call, calls) = mpsc::channel::<u64>();
    let (answer, answers) = mpsc::channel::<u64>();
    let thread = std::thread::spawn(move || calls.into_iter().try_for_each(|value| answer.send(value)));
    sample(bencher, in_flight, |count| {
        for value in 0..count {
            call.send(black_box(value)).expect("the thread runs");
        }
        for value in 0..count {
            assert_eq!(answers.recv(), Ok(value));
        }
    });
    drop(call);
    thread.join().expect("the thread does not panic").expect("nothing is left to answer");
}

#[divan::bench(args = IN_FLIGHT, sample_size = 1)]
fn tokio_oneshot(bencher: Bencher, in_flight: u64) {
    let (call, calls) = mpsc::channel::<(u64, oneshot::Sender<u64>)>();
    let thread = std::thread::spawn(move || {
        calls.into_iter().try_for_each(|(value, answer)| answer.send(value)).expect("somebody waits");
    });
    let mut answers = Vec::new();
    sample(bencher, in_flight, |count| {
        answers.extend((0..count).map(|value| {
            let (answer, receiver) = oneshot::channel();
            call.send((black_box(value), answer)).expect("the thread runs");
            receiver
        }));
        for (value, answer) in (0..).zip(answers.drain(..)) {
            assert_eq!(answer.blocking_recv(), Ok(value));
        }
    });
    drop(call);
    thread.join().expect("the thread does not panic");
}
