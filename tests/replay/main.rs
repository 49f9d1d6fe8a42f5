//! Programs that are recorded on a simulated machine and then run again on the trace alone.

mod asynchronous;
mod calls;
mod damaged;
mod divergence;
mod memory;
mod notifications;
mod queue;

use iokit_uc::memory::MemoryDescriptor;
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::trace::{Divergence, RecordingOptions, Replay, ReplayMode, Trace};
use iokit_uc::{Completions, IoReturn, Kernel, Mapping, Result, Structure, completions, user_client};
use std::fmt::Debug;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// Far longer than anything takes: what has not come by then will never.
const LOST: Duration = Duration::from_secs(60);
const NOW: Duration = Duration::ZERO;

const CLASS: &str = "com_example_Device";
const MODES: [ReplayMode; 2] = [ReplayMode::Strict, ReplayMode::ByContent];

#[derive(Clone, Copy, Debug, Default, PartialEq, Structure)]
#[repr(C)]
struct Sample {
    first: u64,
    second: u64,
}

#[user_client(service = "com_example_Device")]
trait Device {
    #[uc(selector = 0)]
    fn add(&self, a: u32, b: u32) -> Result<u32>;
    /// Stores a sample and returns the one before it.
    #[uc(selector = 1)]
    fn store(&self, sample: &Sample) -> Result<Sample>;
    /// How often this has been asked, and more than fits into a message.
    #[uc(selector = 2)]
    fn samples(&self, first: u64) -> Result<(u32, [Sample; 300])>;
    #[uc(selector = 3)]
    fn refuse(&self) -> Result<()>;
    #[uc(selector = 4)]
    async fn double(&self, number: u32) -> Result<u32>;
    #[uc(selector = 5)]
    async fn never(&self) -> Result<()>;
    /// The numbers up to that one.
    #[uc(selector = 6)]
    fn count(&self, to: u32) -> Result<Completions<u32>>;
    #[uc(memory = 0)]
    fn table(&self) -> Result<Mapping<[u32]>>;
}

#[derive(Default)]
struct Driver {
    stored: Mutex<Sample>,
    asked: AtomicU32,
    table: OnceLock<MemoryDescriptor>,
}

impl Device for Driver {
    fn add(&self, a: u32, b: u32) -> Result<u32> {
        Ok(a + b)
    }

    fn store(&self, sample: &Sample) -> Result<Sample> {
        Ok(std::mem::replace(&mut self.stored.lock().unwrap(), *sample))
    }

    fn samples(&self, first: u64) -> Result<(u32, [Sample; 300])> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        Ok((asked, std::array::from_fn(|index| Sample { first, second: index as u64 })))
    }

    fn refuse(&self) -> Result<()> {
        Err(IoReturn::NOT_READY.into())
    }

    async fn double(&self, number: u32) -> Result<u32> {
        number.checked_mul(2).ok_or_else(|| IoReturn::OVERRUN.into())
    }

    async fn never(&self) -> Result<()> {
        std::future::pending().await
    }

    fn count(&self, to: u32) -> Result<Completions<u32>> {
        let (sender, completions) = completions();
        for number in 0..to {
            sender.send(number)?;
        }
        Ok(completions)
    }

    fn table(&self) -> Result<Mapping<[u32]>> {
        let memory = self.table.get_or_init(|| MemoryDescriptor::new(4096).unwrap());
        let mut table: Mapping<[u32]> = Mapping::of(memory)?;
        for index in 0..table.slice().len() {
            table.slice_mut().set(index, 3 * index as u32)?;
        }
        Ok(table)
    }
}

/// A machine with a device.
fn machine() -> Machine {
    let machine = Machine::new();
    machine.publish(device("first"));
    machine
}

fn device(name: &str) -> Nub {
    Nub::new(CLASS).name(name).property("serial", name).driver(DeviceServer::new(Driver::default()))
}

/// What has been written.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Sink {
    fn trace(&self) -> Trace {
        let text = self.0.lock().unwrap();
        Trace::read(&**text).unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&text)))
    }
}

/// What a program comes to on a machine, and the trace of that.
fn recorded<T>(machine: &Machine, program: impl FnOnce(&Kernel) -> T) -> (T, Trace) {
    recorded_with(machine, RecordingOptions::default(), program)
}

fn recorded_with<T>(
    machine: &Machine,
    options: RecordingOptions,
    program: impl FnOnce(&Kernel) -> T,
) -> (T, Trace) {
    let sink = Sink::default();
    let kernel = Kernel::recording_with(machine.task("client").kernel(), sink.clone(), options);
    let outcome = program(&kernel);
    drop(kernel);
    (outcome, sink.trace())
}

/// What a program comes to on a trace.
fn replayed<T>(
    trace: &Trace,
    mode: ReplayMode,
    program: impl FnOnce(&Kernel) -> T,
) -> (T, Result<(), Divergence>) {
    let replay = Replay::new(trace.clone(), mode);
    let outcome = program(&Kernel::replay(replay.clone()));
    (outcome, replay.finish())
}

/// Runs a program on a machine, and then on the trace, where it must come to the same.
fn same<T: PartialEq + Debug>(machine: &Machine, program: impl Fn(&Kernel) -> T) -> T {
    let (outcome, trace) = recorded(machine, &program);
    for mode in MODES {
        let (again, finished) = replayed(&trace, mode, &program);
        assert_eq!(finished, Ok(()), "{mode:?}");
        assert_eq!(again, outcome, "{mode:?}");
    }
    outcome
}
