//! Fourth: the library on a recording. What a user's supply did is a test from then on, on any machine.
//!
//! `check.trace` was written by
//!
//! ```text
//! cargo run --example supply -- --record tests/check.trace
//! ```

#[path = "../examples/supply/check.rs"]
mod check;

use iokit_uc::IoReturn;
use iokit_uc::backend::Function;
use iokit_uc::sim::{Fault, Machine};
use iokit_uc::trace::{RecordingOptions, Replay, ReplayMode, Trace};
use lab_supply::simulated::{Bench, SimulatedSupply};
use lab_supply::wire::LabSupplyClient;
use lab_supply::{ErrorKind, Kernel, Setting, Supply};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

fn recorded() -> Trace {
    Trace::open("tests/check.trace").unwrap()
}

/// Runs what was recorded.
fn checked(kernel: &Kernel) -> String {
    let mut out = Vec::new();
    check::check(kernel, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_program_sees_what_was_recorded() {
    let replay = Replay::new(recorded(), ReplayMode::Strict);
    let text = checked(&Kernel::replay(replay.clone()));
    let (supply, rest) = text.split_once('\n').unwrap();
    assert_eq!(rest, "  0 mV, 0 mA, Off\n  ramped to 1000 mV in 100ms\n");
    // Of which supply it was there is no telling.
    assert!(supply.starts_with("LS 3005, serial number ") && !supply.contains("0017"), "{supply}");
    replay.finish().unwrap();
}

#[test]
fn a_recording_is_told_in_the_words_of_the_interface() {
    let trace = recorded();
    let told: Vec<String> =
        trace.decode(&[LabSupplyClient::INTERFACE]).calls().map(|call| call.to_string()).collect();
    let tells = |what| told.iter().any(|call| call.contains(what));
    assert!(tells("LabSupply::set(setting: Setting { millivolts: 0, milliamps: 100 }) = ()"), "{told:#?}");
    assert!(tells("completion of LabSupply::ramp = 100"), "{told:#?}");
}

#[test]
fn a_program_that_does_something_else_hears_where() {
    let replay = Replay::new(recorded(), ReplayMode::Strict);
    let supply = Supply::open_first(&Kernel::replay(replay.clone())).unwrap();
    let _ = supply.setting().unwrap();
    let _trips = supply.trips().unwrap();
    let error = supply.set(Setting { millivolts: 1, milliamps: 100 }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Other);

    let divergence = replay.finish().unwrap_err();
    let line = divergence.line().unwrap();
    let text = std::fs::read_to_string("tests/check.trace").unwrap();
    assert!(text.lines().nth(line - 1).unwrap().contains("IOConnectCallMethod"), "line {line}\n{divergence}");
    let text = divergence.to_string();
    assert!(text.contains("<0000000064000000> in the trace, <0100000064000000> in the call"), "{text}");
}

#[test]
fn a_program_that_leaves_something_out_hears_what() {
    let replay = Replay::new(recorded(), ReplayMode::Strict);
    let supply = Supply::open_first(&Kernel::replay(replay.clone())).unwrap();
    let divergence = replay.finish().unwrap_err();
    assert_eq!(divergence.called(), None, "all that it has done is right: {divergence}");
    assert!(divergence.unmade().len() > 0, "{divergence}");

    // To close the supply is not what was to come.
    drop(supply);
    let divergence = replay.finish().unwrap_err();
    let parted = (divergence.recorded(), divergence.called());
    let expected = (Function::IOConnectCallMethod, Function::IOConnectUnmapMemory64);
    assert_eq!(parted, (Some(expected.0), Some(expected.1)), "{divergence}");
}

#[test]
fn what_failed_for_a_user_fails_here() {
    let sink = Sink::default();
    let reported = {
        let bench = Bench::in_real_time(&Machine::new());
        bench.plug(&SimulatedSupply::new("LS-0018"));
        bench.machine().inject(Fault::fail_completion(IoReturn::OVERRUN).selector(3));
        check::check(&record(bench.kernel(), &sink), &mut io::sink()).unwrap_err().to_string()
    };
    assert_eq!(reported, "lab supply LS-0018: cannot ramp its voltage: the system refuses");
    let replay = Replay::new(sink.trace(), ReplayMode::Strict);
    let error = check::check(&Kernel::replay(replay.clone()), &mut io::sink()).unwrap_err();
    assert_eq!(error.to_string(), reported);
    assert!(error.source().unwrap().to_string().contains("kIOReturnOverrun"), "{:?}", error.source());
    replay.finish().unwrap();
}

#[test]
fn a_check_that_fails_leaves_the_supply_off_and_set_as_it_was() {
    let (bench, device) = (Bench::in_real_time(&Machine::new()), SimulatedSupply::new("LS-0017"));
    bench.plug(&device);
    let setting = Setting { millivolts: 3_300, milliamps: 250 };
    Supply::open_first(&bench.kernel()).unwrap().set(setting).unwrap();
    bench.machine().inject(Fault::fail_completion(IoReturn::OVERRUN).selector(3));
    check::check(&bench.kernel(), &mut io::sink()).unwrap_err();
    assert_eq!(device.output(), (false, 0, 0));
    assert_eq!(Supply::open_first(&bench.kernel()).unwrap().setting().unwrap(), setting);
}

/// A sink that the test can read.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink {
    /// What was recorded, when the recording is done.
    fn trace(&self) -> Trace {
        let trace = Trace::read(self.0.lock().unwrap().as_slice()).unwrap();
        assert!(trace.is_finished() && trace.lost().is_empty());
        trace
    }
}

fn record(kernel: Kernel, sink: &Sink) -> Kernel {
    Kernel::recording_with(kernel, sink.clone(), RecordingOptions::new().contents(0))
}

#[test]
fn what_is_recorded_today_can_be_replayed_today() {
    let sink = Sink::default();
    let text = {
        let bench = Bench::in_real_time(&Machine::new());
        bench.plug(&SimulatedSupply::new("LS-0018"));
        let text = checked(&record(bench.kernel(), &sink));
        bench.assert_clean();
        text
    };
    let replay = Replay::new(sink.trace(), ReplayMode::Strict);
    assert_eq!(checked(&Kernel::replay(replay.clone())), text);
    replay.finish().unwrap();
}
