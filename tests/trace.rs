//! Recordings: what a program and its kernel say to each other, written down and read again.

use iokit_uc::backend::{
    Backend, DEAD, Function, MAIN_PORT_DEFAULT, MachTimespec, NULL, PortRight, ScalarOutput, StructureOutput,
};
use iokit_uc::interface::{Arguments, UserClient};
use iokit_uc::memory::MemoryDescriptor;
use iokit_uc::sim::{Fault, Machine, Nub, Task, When};
use iokit_uc::trace::{Field, Recording, RecordingOptions, Redaction, Replay, Trace, TracedCall};
use iokit_uc::{
    IoReturn, Kernel, Mapping, Matching, NotificationPort, Plane, Result, Service, ServiceNotification,
    Structure, Value, user_client,
};
use std::io::{self, Write};
use std::panic::panic_any;
use std::sync::{Arc, Condvar, Mutex, OnceLock, Weak, mpsc};
use std::thread;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
struct Sample {
    left: u16,
    right: u16,
}

#[user_client(service = "com_example_Recorder")]
trait Recorder {
    #[uc(selector = 0)]
    fn add(&self, a: u32, b: u32) -> Result<u32>;
    #[uc(selector = 1)]
    fn swap(&self, sample: &Sample) -> Result<Sample>;
    #[uc(selector = 2)]
    fn fail(&self) -> Result<()>;
    #[uc(selector = 3)]
    async fn later(&self, number: u64) -> Result<u64>;
    /// Waits until the test lets it go on.
    #[uc(selector = 4)]
    fn wait(&self) -> Result<()>;
    #[uc(selector = 5)]
    fn serial(&self, out: &mut [u8]) -> Result<usize>;
    #[uc(memory = 9)]
    fn table(&self) -> Result<Mapping<[u8]>>;
}

const SERIAL: &[u8; 12] = b"C02XK0AAJG5H";

type Gate = Arc<(Mutex<bool>, Condvar)>;

struct Driver {
    gate: Gate,
    table: MemoryDescriptor,
}

fn open(gate: &Gate) {
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
}

impl Recorder for Driver {
    fn add(&self, a: u32, b: u32) -> Result<u32> {
        a.checked_add(b).ok_or_else(|| IoReturn::OVERRUN.into())
    }

    fn swap(&self, sample: &Sample) -> Result<Sample> {
        Ok(Sample { left: sample.right, right: sample.left })
    }

    fn fail(&self) -> Result<()> {
        Err(IoReturn::FAMILY_VENDOR_SPECIFIC.with_number(7).into())
    }

    async fn later(&self, number: u64) -> Result<u64> {
        Ok(number + 1)
    }

    fn wait(&self) -> Result<()> {
        let (is_open, opened) = &*self.gate;
        drop(opened.wait_while(is_open.lock().unwrap(), |is_open| !*is_open).unwrap());
        Ok(())
    }

    fn serial(&self, out: &mut [u8]) -> Result<usize> {
        out[..SERIAL.len()].copy_from_slice(SERIAL);
        Ok(SERIAL.len())
    }

    fn table(&self) -> Result<Mapping<[u8]>> {
        Mapping::of(&self.table)
    }
}

/// A machine with that driver, and a task that is to be the program's.
fn machine() -> (Machine, Task, Gate) {
    let (machine, gate) = (Machine::new(), Gate::default());
    let table = MemoryDescriptor::new(4096).unwrap();
    Mapping::<[u8]>::of(&table).unwrap().slice_mut().fill(0x5a);
    let driver = Driver { gate: Arc::clone(&gate), table };
    let nub = Nub::new("com_example_Recorder").driver(RecorderServer::new(driver));
    let nub = nub.property("Serial Number", &*String::from_utf8_lossy(SERIAL));
    let session =
        Value::dictionary([("kCGSSessionUserNameKey", Value::from("melusine")), ("Index", 3u32.into())]);
    let nub = nub.property("Sessions", Value::array([session])).property("Path", "/Users/melusine/Library");
    machine.publish(nub.property("IOMACAddress", Value::data([0x00, 0x1b, 0x63, 0x84, 0x45, 0xe6])));
    let task = machine.task("program");
    (machine, task, gate)
}

/// What has been written, which a test can look at; the sender goes when nothing more comes.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>, Option<mpsc::Sender<()>>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn trace(&self) -> Trace {
        Trace::read(self.text().as_bytes()).unwrap()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a program does, and the trace of it.
fn recorded(options: RecordingOptions, program: impl FnOnce(&Kernel)) -> (String, Trace) {
    let (_machine, task, _gate) = machine();
    let (goes, gone) = mpsc::channel();
    let mut page = Page(Arc::default(), Some(goes));
    let kernel = Kernel::recording_with(task.kernel(), page.clone(), options);
    page.1 = None;
    program(&kernel);
    drop(kernel);
    // Another thread may have had it last.
    gone.recv().unwrap_err();
    let trace = page.trace();
    assert!(trace.is_finished() && !trace.is_cut() && trace.lost().is_empty());
    (page.text(), trace)
}

/// The lines of calls, without times.
fn lines(text: &str) -> Vec<String> {
    let is_call = |line: &&str| line.contains(" t");
    let untimed = |line: &str| {
        let line = &line[line.find(' ').unwrap() + 1..];
        line.rsplit_once(" in ").map_or(line, |(before, _)| before).to_owned()
    };
    text.lines().skip(1).filter(|line| !line.starts_with('#')).filter(is_call).map(untimed).collect()
}

fn calls(trace: &Trace, function: Function) -> Vec<&TracedCall> {
    trace.calls().iter().filter(|call| call.function == function).collect()
}

#[test]
fn a_program_s_calls_are_in_the_trace_with_what_went_in_and_what_came_back() {
    let (text, trace) = recorded(RecordingOptions::new(), |kernel| {
        let service = Service::expect_first(kernel, &Matching::class("com_example_Recorder")).unwrap();
        let connection = service.open(0).unwrap();
        let client = RecorderClient::new(connection);
        assert_eq!(client.add(2, 3).unwrap(), 5);
        assert_eq!(client.swap(&Sample { left: 1, right: 2 }).unwrap(), Sample { left: 2, right: 1 });
        assert_eq!(client.fail().unwrap_err(), IoReturn::from_code(0xe3ff8007));
        assert_eq!(client.add(u32::MAX, 1).unwrap_err(), IoReturn::OVERRUN);
    });
    assert!(text.starts_with("iokit-uc trace 1\n# iokit-uc "), "{text}");
    let lines = lines(&text);
    let expected = [
        "t1 IOServiceGetMatchingService(main_port=@0x0, matching={\"IOProviderClass\": \"com_example_Recorder\"}) = @0x203",
        "t1 IOServiceOpen(service=@0x203, owning_task=@0x103, connection_type=0) ...1",
        "t1 ...1 IOServiceOpen = kIOReturnSuccess(0x0), connect=@0x303",
        "t1 IOConnectCallMethod(connect=@0x303, selector=0, input=[0x2, 0x3], input_structure=<>, output=capacity(1), \
         output_structure=null) ...2",
        "t1 ...2 IOConnectCallMethod = kIOReturnSuccess(0x0), output=[0x5]",
        "t1 IOConnectCallMethod(connect=@0x303, selector=1, input=[], input_structure=<01000200>, output=capacity(0), \
         output_structure=capacity(4)) ...3",
        "t1 ...3 IOConnectCallMethod = kIOReturnSuccess(0x0), output=[], output_structure=<02000100>",
        "t1 ...4 IOConnectCallMethod = code(0xe3ff8007)",
        "t1 ...5 IOConnectCallMethod = kIOReturnOverrun(0xe00002e8)",
        "t1 ...6 IOServiceClose = kIOReturnSuccess(0x0)",
    ];
    let mut rest = lines.iter();
    for line in expected {
        assert!(rest.any(|other| other == line), "there is no\n{line}\nin\n{text}");
    }
    let methods = calls(&trace, Function::IOConnectCallMethod);
    assert_eq!(methods.len(), 4);
    let add = methods[0];
    assert_eq!(add.input("selector"), Some(&Field::Number(0)));
    assert_eq!(add.output("output"), Some(&Field::Words(vec![5])));
    assert_eq!(add.returned(), Some(&Field::Code(IoReturn::SUCCESS)));
    assert!(add.ended > Some(add.line) && add.took.is_some());
    assert_eq!(methods[3].outputs, [("", Field::Code(IoReturn::OVERRUN))]);
}

#[test]
fn a_trace_that_is_written_again_says_the_same() {
    let (text, trace) = recorded(RecordingOptions::new(), a_program);
    let again = Trace::read(trace.to_string().as_bytes()).unwrap();
    assert_eq!(again.calls().len(), trace.calls().len());
    for (again, call) in again.calls().iter().zip(trace.calls()) {
        let mut again = again.clone();
        // There is no comment in it.
        (again.line, again.ended) = (again.line + 1, again.ended.map(|line| line + 1));
        assert_eq!(&again, call);
    }
    assert_eq!(lines(&text).len(), lines(&trace.to_string()).len());
    assert!(again.is_finished());
}

/// Something of everything.
fn a_program(kernel: &Kernel) {
    let service = Service::expect_first(kernel, &Matching::class("com_example_Recorder")).unwrap();
    service.all_properties().unwrap();
    service.class().unwrap();
    service.path(&Plane::SERVICE).unwrap();
    let client = RecorderClient::open(&service).unwrap();
    client.add(2, 3).unwrap();
    client.fail().unwrap_err();
    client.serial(&mut [0; 20]).unwrap();
    assert_eq!(client.table().unwrap().slice().get(4095), Some(0x5a));
    assert_eq!(pollster::block_on(client.later(7)).unwrap(), 8);
    let port = NotificationPort::new(kernel).unwrap();
    let watch =
        port.services(ServiceNotification::FirstMatch, &Matching::class("com_example_Recorder")).unwrap();
    drop(watch);
    // What no handle does.
    let mut refs = 0;
    let code = kernel.mach_port_get_refs(DEAD, PortRight::DeadName, &mut refs);
    assert!(!code.is_success());
    let timeout = MachTimespec { seconds: 0, nanoseconds: -1 };
    kernel.io_service_wait_quiet(NULL, Some(timeout));
    kernel.io_kit_wait_quiet(MAIN_PORT_DEFAULT, Some(MachTimespec { seconds: 1, nanoseconds: 5 }));
    kernel.mach_msg_receive(NULL, &mut Vec::new(), 100, Some(Duration::from_nanos(1_000_000_001)));
    kernel.io_service_matching(None);
    kernel.io_bsd_name_matching(MAIN_PORT_DEFAULT, 7, Some(c"\xff\"\n\\ ü"));
}

#[test]
#[cfg_attr(miri, ignore = "reads thousands of traces")]
fn a_trace_cut_anywhere_is_read_as_far_as_its_last_whole_line() {
    let (text, trace) = recorded(RecordingOptions::new(), a_program);
    let ends: Vec<usize> = text.match_indices('\n').map(|(place, _)| place + 1).collect();
    for end in 1..text.len() {
        let cut = Trace::read(&text.as_bytes()[..end]).unwrap();
        assert_eq!(cut.is_cut(), !ends.contains(&end), "cut at {end}");
        assert!(!cut.is_finished());
        let lines = text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count();
        let whole = trace.calls().iter().take_while(|call| call.line <= lines);
        assert_eq!(cut.calls().len(), whole.count());
        assert!(cut.calls().iter().all(|call| call.ended.is_none_or(|ended| ended <= lines)));
    }
}

#[test]
#[cfg_attr(miri, ignore = "reads thousands of traces")]
fn a_trace_that_is_damaged_is_an_error_and_no_panic() {
    let (text, _) = recorded(RecordingOptions::new(), a_program);
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = |most: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % most as u64) as usize
    };
    let (mut refused, mut read) = (0, 0);
    for _ in 0..3000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=next(3) {
            let (from, to) = (next(bytes.len()), next(bytes.len()));
            match next(4) {
                0 => bytes[from] = next(256) as u8,
                1 => bytes[from] = bytes[to],
                2 => drop(bytes.remove(from)),
                _ => {
                    let piece = bytes[from.min(to)..from.max(to).min(from.min(to) + 40)].to_vec();
                    bytes.splice(from..from, piece);
                }
            }
        }
        match Trace::read(&bytes[..]) {
            Ok(trace) => {
                read += 1;
                // What it makes of it is a trace too.
                Trace::read(trace.to_string().as_bytes()).unwrap();
            }
            Err(error) => {
                refused += 1;
                assert!(error.line().is_some() && !error.reason().is_empty());
            }
        }
    }
    assert!(refused > 1000 && read > 10, "{refused} refused, {read} read");
}

#[test]
fn a_line_that_makes_no_sense_is_told_with_its_place_and_why() {
    let call = "0.000000001 t1 mach_task_self() = @0x103 in 5ns";
    let begun = "0.000000001 t1 IOServiceClose(connect=@0x1) ...1";
    for (lines, error) in [
        (
            &["0.000000001 t1 mach_task_self( = @0x103 in 5ns"][..],
            "line 2, column 31: `)` was expected before ` = @0x103 in 5ns`",
        ),
        (
            &[call, "0.000000001 t1 mach_task() = @0x103 in 5ns"],
            "line 3, column 16: there is no function `mach_task`",
        ),
        (
            &["0.000000001 t1 IOServiceClose(connection=@0x1) ...1"],
            "line 2, column 38: `=` was expected before `ion=@0x1) ...1`",
        ),
        (
            &["0.000000001 t1 IOServiceClose(connect=7) ...1"],
            "line 2, column 39: `@` was expected before `7) ...1`",
        ),
        (
            &["0.5 t1 mach_task_self() = @0x103 in 5ns"],
            "line 2, column 3: nine digits are expected after the point",
        ),
        (&[begun, begun], "line 3: call 1 has begun before, and has not ended"),
        (&["0.000000001 t1 ...1 IOServiceClose = kIOReturnSuccess(0x0)"], "line 2: no call 1 has begun"),
        (
            &[begun, "0.000000001 t2 ...1 IOServiceClose = kIOReturnSuccess(0x0)"],
            "line 3: call 1 is one of `IOServiceClose` by thread 1",
        ),
        (
            &["0.000000001 t1 IOIteratorIsValid(iterator=@0x1) = true, next=@0x1 in 5ns"],
            "line 2, column 57: `IOIteratorIsValid` has no output `next`, or not after the one before",
        ),
        (&["0.000000001 finished", call], "line 3: there is more after the line that finishes the trace"),
        (
            &["0.000000001 t1 IOServiceMatching(class=\"a\\x00\") = null in 5ns"],
            "line 2, column 40: C ends a string at a NUL",
        ),
        (
            &["0.000000001 t4294967296 mach_task_self() = @0x103 in 5ns"],
            "line 2, column 14: the number is too large or too small for what it is",
        ),
    ] {
        let text = format!("iokit-uc trace 1\n{}\n", lines.join("\n"));
        assert_eq!(Trace::read(text.as_bytes()).unwrap_err().to_string(), error);
    }
    for (text, error) in [
        ("", "line 1: a trace begins with `iokit-uc trace 1`, and this is empty"),
        ("#!/bin/sh\n", "line 1: a trace begins with `iokit-uc trace 1`"),
        ("iokit-uc trace 2\n", "line 1: the trace is of version 2, and this library reads version 1"),
    ] {
        assert_eq!(Trace::read(text.as_bytes()).unwrap_err().to_string(), error);
    }
    let windows = format!("iokit-uc trace 1\r\n{call}\r\n");
    assert_eq!(Trace::read(windows.as_bytes()).unwrap().calls().len(), 1);
    let missing = Trace::open("/nowhere/at/all.trace").unwrap_err();
    assert!(missing.line().is_none() && std::error::Error::source(&missing).is_some());
}

#[test]
fn a_call_that_does_not_return_is_seen_in_the_trace_all_the_same() {
    let (_machine, task, gate) = machine();
    let page = Page::default();
    let kernel = Kernel::recording(task.kernel(), page.clone());
    let client = RecorderClient::open_first(&kernel).unwrap();
    let waiting = thread::spawn(move || client.wait());
    let recording = kernel.as_recording().unwrap();
    let hung = loop {
        recording.flush().unwrap();
        let trace = page.trace();
        let methods = calls(&trace, Function::IOConnectCallMethod);
        if let [hung] = methods[..] {
            break hung.clone();
        }
        thread::yield_now();
    };
    assert_eq!((hung.ended, hung.took, &hung.outputs[..]), (None, None, &[][..]));
    assert_eq!((hung.input("selector"), hung.thread), (Some(&Field::Number(4)), 2));
    assert!(hung.to_string().ends_with(" did not end"));
    open(&gate);
    waiting.join().unwrap().unwrap();
    recording.flush().unwrap();
    let methods = page.trace();
    assert!(calls(&methods, Function::IOConnectCallMethod)[0].ended.is_some());
}

/// A sink that waits for a test.
struct Slow(Gate, Page, mpsc::Sender<()>);

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.2.send(());
        let (is_open, opened) = &*self.0;
        drop(opened.wait_while(is_open.lock().unwrap(), |is_open| !*is_open).unwrap());
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_slow_sink_keeps_nobody_waiting_and_what_is_lost_is_counted() {
    let (_machine, task, _) = machine();
    let (page, gate) = (Page::default(), Gate::default());
    let (writes, written) = mpsc::channel();
    let sink = Slow(Arc::clone(&gate), page.clone(), writes);
    let kernel = Kernel::recording_with(task.kernel(), sink, RecordingOptions::new().buffer(4000));
    let client = RecorderClient::open_first(&kernel).unwrap();
    written.recv().unwrap();
    // Nothing is written before the gate opens.
    for number in 0..100 {
        assert_eq!(client.add(number, 1).unwrap(), number + 1);
    }
    assert_eq!(page.text(), "");
    open(&gate);
    kernel.as_recording().unwrap().flush().unwrap();
    assert_eq!(client.add(1000, 1).unwrap(), 1001);
    let counted = kernel.as_recording().unwrap().lost();
    drop((client, kernel));
    let trace = page.trace();
    let lost: u64 = trace.lost().iter().map(|lost| lost.calls).sum();
    let methods = calls(&trace, Function::IOConnectCallMethod);
    assert_eq!(lost, counted);
    assert!(lost > 50 && trace.is_finished(), "{lost} lost of\n{}", page.text());
    assert_eq!(methods.len() as u64 + lost, 101);
    assert!(trace.calls().iter().all(|call| call.ended.is_some()));
    assert_eq!(methods.last().unwrap().output("output"), Some(&Field::Words(vec![1001])));
    // The line for them stands where they would.
    let position = trace.lost()[0].line;
    assert!(methods[methods.len() - 2].line < position && position < methods[methods.len() - 1].line);
    assert_eq!(Trace::read(trace.to_string().as_bytes()).unwrap().lost()[0].calls, trace.lost()[0].calls);
}

/// A sink that fails after so many bytes.
struct Failing(usize, fn() -> io::Result<usize>);

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(rest) => {
                self.0 = rest;
                Ok(bytes.len())
            }
            None => (self.1)(),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What panics again when the panic is over.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a bomb");
    }
}

/// A sink that flushes the recording which is written to it.
struct Impatient(Arc<OnceLock<Weak<Recording<Kernel>>>>, mpsc::Sender<io::ErrorKind>);

impl Write for Impatient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(recording) = self.0.get().and_then(Weak::upgrade)
            && let Err(error) = recording.flush()
        {
            // The test has seen one.
            let _ = self.1.send(error.kind());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_sink_that_waits_for_itself_is_told_so() {
    let (_machine, task, _) = machine();
    let (place, (told, kinds)) = (Arc::new(OnceLock::new()), mpsc::channel());
    let sink = Impatient(Arc::clone(&place), told);
    let recording = Arc::new(Recording::new(task.kernel(), sink, RecordingOptions::new()));
    place.set(Arc::downgrade(&recording)).unwrap();
    recording.mach_task_self();
    assert_eq!(kinds.recv(), Ok(io::ErrorKind::Deadlock));
}

#[test]
fn a_sink_that_fails_is_told_and_the_program_goes_on() {
    for (failure, expected) in [
        ((|| Err(io::ErrorKind::StorageFull.into())) as fn() -> io::Result<usize>, "no storage space"),
        (|| Ok(0), "failed to write whole buffer"),
        (|| panic!("out of paper"), "the sink panicked: out of paper"),
        (|| panic_any(Bomb), "what the sink panicked with panicked"),
    ] {
        let (_machine, task, _) = machine();
        let kernel = Kernel::recording(task.kernel(), Failing(100, failure));
        let recording = kernel.as_recording().unwrap();
        let client = RecorderClient::open_first(&kernel).unwrap();
        let error = recording.flush().unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(client.add(2, 3).unwrap(), 5);
        assert_eq!(recording.error().unwrap().to_string(), expected);
        assert!(format!("{recording:?}").contains("error"));
    }
}

#[test]
fn threads_have_numbers_and_calls_of_several_are_told_apart() {
    let (_, trace) = recorded(RecordingOptions::new(), |kernel| {
        let client = Arc::new(RecorderClient::open_first(kernel).unwrap());
        thread::scope(|scope| {
            for thread in 0..4 {
                let client = Arc::clone(&client);
                scope.spawn(move || {
                    (0..50)
                        .for_each(|number| assert_eq!(client.add(thread, number).unwrap(), thread + number))
                });
            }
        });
    });
    let methods = calls(&trace, Function::IOConnectCallMethod);
    assert_eq!(methods.len(), 200);
    let mut threads: Vec<u32> = methods.iter().map(|call| call.thread).collect();
    threads.sort_unstable();
    assert_eq!(threads, [2, 3, 4, 5].map(|thread| [thread; 50]).concat());
    for call in methods {
        let (Some(Field::Words(input)), Some(Field::Words(output))) =
            (call.input("input"), call.output("output"))
        else {
            panic!("{call}");
        };
        assert_eq!(input[0] + input[1], output[0]);
    }
}

#[test]
fn completions_are_in_the_trace_as_the_messages_that_they_are() {
    let (_, trace) = recorded(RecordingOptions::new(), |kernel| {
        let client = RecorderClient::open_first(kernel).unwrap();
        assert_eq!(pollster::block_on(client.later(0x1122_3344_5566_7788)).unwrap(), 0x1122_3344_5566_7789);
    });
    let [call] = calls(&trace, Function::IOConnectCallAsyncMethod)[..] else { panic!("{trace}") };
    let Some(Field::Words(reference)) = call.input("reference") else { panic!("{call}") };
    assert!(reference.len() >= 3);
    let argument = 0x1122_3344_5566_7789u64.to_le_bytes();
    let holds_it = |call: &&TracedCall| match call.output("message") {
        // AS-6: at byte 100.
        Some(Field::Bytes(message)) => message.get(100..108) == Some(&argument),
        _ => false,
    };
    assert_eq!(calls(&trace, Function::MachMsgReceive).into_iter().filter(holds_it).count(), 1, "{trace}");
}

#[test]
fn what_lies_in_memory_is_recorded_if_that_was_asked_for() {
    let program = |kernel: &Kernel| {
        let client = RecorderClient::open_first(kernel).unwrap();
        client.table().unwrap();
    };
    for (options, contents) in [
        (RecordingOptions::new(), None),
        (RecordingOptions::new().contents(8), None),
        (RecordingOptions::new().contents(9), Some(Field::Bytes(vec![0x5a; 4096]))),
    ] {
        let (_, trace) = recorded(options, program);
        let [call] = calls(&trace, Function::IOConnectMapMemory64)[..] else { panic!("{trace}") };
        assert_eq!(call.output("contents"), contents.as_ref());
        assert_eq!(call.output("size"), Some(&Field::Number(4096)));
        assert!(matches!(call.output("address"), Some(Field::Address(address)) if *address != 0));
    }
}

#[test]
fn reading_contents_asks_nothing_that_a_recording_or_a_replay_beneath_would_take_for_the_program_s() {
    let program = |kernel: &Kernel| {
        let client = RecorderClient::open_first(kernel).unwrap();
        client.table().unwrap().slice().get(7)
    };
    let options = || RecordingOptions::new().contents(9);
    let (_, trace) = recorded(RecordingOptions::new(), |kernel| {
        let above = Kernel::recording_with(kernel.clone(), Page::default(), options());
        assert_eq!(program(&above), Some(0x5a));
    });
    let replay = Replay::from(trace);
    let page = Page::default();
    let above = Kernel::recording_with(Kernel::replay(replay.clone()), page.clone(), options());
    assert_eq!(program(&above), Some(0));
    drop(above);
    assert_eq!(replay.finish(), Ok(()));
    let trace = page.trace();
    let [call] = calls(&trace, Function::IOConnectMapMemory64)[..] else { panic!("{trace}") };
    assert_eq!(call.output("contents"), Some(&Field::Bytes(vec![0; 4096])));
}

#[test]
fn memory_that_went_with_its_service_is_not_read_whatever_the_driver_says_of_that() {
    let (machine, task, _gate) = machine();
    let page = Page::default();
    let kernel = Kernel::recording_with(task.kernel(), page.clone(), RecordingOptions::new().contents(9));
    let client = RecorderClient::open_first(&kernel).unwrap();
    machine.inject(Fault::terminate(When::During).on(Function::IOConnectMapMemory64));
    machine.inject(Fault::fail(IoReturn::NOT_READY).on(Function::IOConnectGetService));
    assert_eq!(client.table().unwrap_err(), IoReturn::NOT_READABLE);
    kernel.as_recording().unwrap().flush().unwrap();
    assert!(!page.text().contains("contents="), "{}", page.text());
}

/// A user client that says there is more than it was asked for, or as much as there is.
struct Boastful;

impl UserClient for Boastful {
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        match selector {
            0 => {
                arguments.scalar_output()[0] = 7;
                arguments.set_scalar_output_count(3);
            }
            1 => arguments.set_structure_output_size(9),
            _ => arguments.set_variable_output(vec![1, 2, 3]).unwrap(),
        }
        Ok(())
    }
}

#[test]
fn an_answer_beyond_the_room_is_in_the_trace_with_how_much_it_would_have_been() {
    let machine = Machine::new();
    machine.publish(Nub::new("com_example_Boastful").user_client(|_| Ok(Boastful)));
    let task = machine.task("program");
    let page = Page::default();
    let kernel = Kernel::recording(task.kernel(), page.clone());
    let service = Service::expect_first(&kernel, &Matching::class("com_example_Boastful")).unwrap();
    let connection = service.open(0).unwrap();
    let connect = connection.as_raw();
    let (mut buffer, mut count) = ([0], 1);
    let output = Some(ScalarOutput { buffer: &mut buffer, count: &mut count });
    let code = kernel.io_connect_call_method(connect, 0, &[], &[], output, None);
    assert_eq!((code, buffer, count), (IoReturn::MIG_ARRAY_TOO_LARGE, [7], 3));
    let (mut bytes, mut size) = ([0; 4], 77);
    let output = Some(StructureOutput::Buffer { bytes: &mut bytes, size: &mut size });
    assert_eq!(
        kernel.io_connect_call_method(connect, 1, &[], &[], None, output),
        IoReturn::MIG_ARRAY_TOO_LARGE
    );
    assert_eq!(size, 9);
    let mut bytes = Vec::new();
    let output = Some(StructureOutput::Variable(&mut bytes));
    assert_eq!(kernel.io_connect_call_method(connect, 2, &[], &[], None, output), IoReturn::SUCCESS);
    assert_eq!(bytes, [1, 2, 3]);
    // A call that fails leaves the counts as they are.
    let (mut buffer, mut count, mut size) = ([5], 44, 55);
    let output = Some(ScalarOutput { buffer: &mut buffer, count: &mut count });
    let output_structure = Some(StructureOutput::Buffer { bytes: &mut [], size: &mut size });
    let code = kernel.io_connect_call_method(NULL, 0, &[], &[], output, output_structure);
    assert!(!code.is_success());
    assert_eq!((buffer, count, size), ([5], 44, 55));
    kernel.as_recording().unwrap().flush().unwrap();
    let trace = page.trace();
    let methods = calls(&trace, Function::IOConnectCallMethod);
    assert_eq!(methods[0].output("output"), Some(&Field::Words(vec![7])));
    assert_eq!(methods[0].output("output_count"), Some(&Field::Number(3)));
    assert_eq!(methods[1].input("output_structure"), Some(&Field::Capacity(Some(4))));
    assert_eq!(methods[1].output("output_structure_size"), Some(&Field::Number(9)));
    assert_eq!(methods[2].input("output_structure"), Some(&Field::Capacity(None)));
    assert_eq!(methods[2].output("output_structure"), Some(&Field::Bytes(vec![1, 2, 3])));
    assert_eq!(methods[3].outputs.len(), 1);
}

#[test]
fn a_recording_is_a_kernel_of_its_own() {
    let (_machine, task, _) = machine();
    let kernel = Kernel::recording(task.kernel(), io::sink());
    assert_ne!(kernel, task.kernel());
    assert_eq!(kernel, kernel.clone());
    assert!(task.kernel().as_recording().is_none());
    assert_eq!(kernel.as_recording().unwrap().backend(), &task.kernel());
    let twice = Kernel::recording(kernel.clone(), io::sink());
    assert_eq!(RecorderClient::open_first(&twice).unwrap().add(1, 2).unwrap(), 3);
}

#[test]
fn any_backend_can_be_recorded() {
    let (_machine, task, _) = machine();
    let page = Page::default();
    let recording = Recording::new(task.kernel(), page.clone(), RecordingOptions::new());
    assert_eq!(recording.mach_task_self(), task.kernel().mach_task_self());
    drop(recording);
    assert_eq!(page.trace().calls()[0].function, Function::MachTaskSelf);
}

/// What a program does that has to do with secrets: all that it has seen.
fn a_curious_program(kernel: &Kernel) -> (Value, Vec<u8>, Vec<u8>) {
    let service = Service::expect_first(kernel, &Matching::class("com_example_Recorder")).unwrap();
    let all = service.all_properties().unwrap();
    let bytes = service.property_bytes("IOMACAddress").unwrap();
    let serial = service.property("Serial Number").unwrap().unwrap();
    let client = RecorderClient::open(&service).unwrap();
    let mut answer = [0; 20];
    let length = client.serial(&mut answer).unwrap();
    assert_eq!(serial.as_str().unwrap().as_bytes(), &answer[..length]);
    let _ =
        Service::first(kernel, &Matching::class("com_example_Recorder").property("Serial Number", serial));
    let _ = Service::first(
        kernel,
        &Matching::name("melusine's 00:1b:63:84:45:e7 at 0xffffff8012345678, 0x12345678"),
    );
    (all.into(), bytes, answer[..length].to_vec())
}

#[test]
fn a_redacted_recording_tells_no_secrets_and_the_program_sees_them() {
    let redaction = Redaction::new().structures(|place, bytes| {
        if (place.function, place.parameter, place.selector)
            == (Function::IOConnectCallMethod, "input_structure", Some(1))
        {
            bytes[0] = 0xee;
        }
    });
    let (text, trace) = recorded(RecordingOptions::new().redaction(redaction), |kernel| {
        let (all, bytes, _) = a_curious_program(kernel);
        assert_eq!(all.as_dictionary().unwrap().get("Serial Number").unwrap().as_str(), Some("C02XK0AAJG5H"));
        assert_eq!(bytes, [0x00, 0x1b, 0x63, 0x84, 0x45, 0xe6]);
        let client = RecorderClient::open_first(kernel).unwrap();
        assert_eq!(client.swap(&Sample { left: 1, right: 2 }).unwrap(), Sample { left: 2, right: 1 });
    });
    let hexadecimal = SERIAL.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for secret in ["C02XK0AAJG5H", &hexadecimal, "001b638445e6", "melusine", "00:1b:63", "ffffff8012345678"] {
        assert!(!text.contains(secret), "{secret} is in\n{text}");
    }
    assert!(text.contains("0x12345678") && text.contains("com_example_Recorder"));
    // One pseudonym, in a property, in a structure and in a dictionary to match by.
    let properties = &calls(&trace, Function::IORegistryEntryCreateCFProperties)[0].output("properties");
    let Some(Field::Value(properties)) = properties else { panic!("{trace}") };
    let properties = properties.as_dictionary().unwrap();
    let serial = properties.get("Serial Number").unwrap().as_str().unwrap();
    assert_eq!(serial.len(), 12);
    let is_of_the_same_kind = |(a, b): (u8, &u8)| {
        a.is_ascii_digit() == b.is_ascii_digit() && a.is_ascii_uppercase() == b.is_ascii_uppercase()
    };
    assert!(serial.bytes().zip(SERIAL).all(is_of_the_same_kind), "{serial}");
    let answers = calls(&trace, Function::IOConnectCallMethod);
    let Some(Field::Bytes(answer)) = answers[0].output("output_structure") else { panic!("{trace}") };
    assert_eq!(answer, serial.as_bytes());
    let matchings = calls(&trace, Function::IOServiceGetMatchingService);
    assert!(matchings.iter().any(|call| call.to_string().contains(serial)));
    let session = properties.get("Sessions").unwrap().as_array().unwrap()[0].as_dictionary().unwrap();
    let user = session.get("kCGSSessionUserNameKey").unwrap().as_str().unwrap();
    assert_eq!(properties.get("Path").unwrap().as_str(), Some(&*format!("/Users/{user}/Library")));
    assert_eq!(session.get("Index"), Some(&3u32.into()));
    let mac = properties.get("IOMACAddress").unwrap().as_data().unwrap();
    let read = calls(&trace, Function::IORegistryEntryGetProperty);
    assert!(read.iter().any(|call| call.output("bytes") == Some(&Field::Bytes(mac.to_vec()))), "{trace}");
    assert_eq!(answers.last().unwrap().input("input_structure"), Some(&Field::Bytes(vec![0xee, 0, 2, 0])));
}

#[test]
fn a_property_s_bytes_tell_no_more_than_the_property() {
    let machine = Machine::new();
    let (address, number) = ([0x00, 0x1b, 0x63, 0x84, 0x45, 0xe6], 0x11_2233_4455_6677u64);
    let secrets = [
        ("Home", Value::from("/Users/bob/x")),
        ("Written", "00:1b:63:84:45:e6".into()),
        ("IOMACAddress", Value::data(address)),
        ("Digits", "001B638445E6".into()),
        ("UniqueChipID", number.into()),
        ("Chip", format!("{number:#x}").into()),
        ("Model", Value::data(number.to_ne_bytes())),
        ("Wide", "C02XK0AAJG5H".into()),
        ("serial-number", Value::data(b"c02xk0aajg5h\0\0")),
    ];
    let nub = Nub::new("com_example_Device");
    machine.publish(secrets.iter().fold(nub, |nub, (key, value)| nub.property(*key, value.clone())));
    let page = Page::default();
    let kernel = Kernel::recording(machine.task("program").kernel(), page.clone());
    let device = Service::expect_first(&kernel, &Matching::class("com_example_Device")).unwrap();
    let read = |key| (device.property(key).unwrap(), device.property_bytes(key).unwrap());
    let before: Vec<_> = secrets.iter().map(|(key, _)| read(key)).collect();
    kernel.as_recording().unwrap().flush().unwrap();
    let mut trace = page.trace();
    trace.redact(&Redaction::new().text("bob"));
    let function = Function::IORegistryEntryCreateCFProperty;
    let values = calls(&trace, function).into_iter().map(|call| call.returned().unwrap().clone());
    let bytes: Vec<_> = calls(&trace, Function::IORegistryEntryGetProperty);
    let bytes: Vec<_> = bytes.into_iter().filter_map(|call| call.output("bytes")).collect();
    assert_eq!(bytes.len(), secrets.len());
    for (((key, _), (value, was)), (other, now)) in secrets.iter().zip(before).zip(values.zip(bytes)) {
        assert_ne!(Field::Value(value.unwrap()), other, "{key}");
        let Field::Bytes(now) = now else { panic!("{now}") };
        assert!(*now != was && now.len() == was.len(), "{key}");
    }
}

#[test]
fn a_trace_is_redacted_afterwards_and_read_again() {
    let (text, mut trace) = recorded(RecordingOptions::new(), |kernel| {
        // Before anything tells that it is a secret.
        let _ = Service::first(kernel, &Matching::name("disk C02XK0AAJG5H"));
        a_curious_program(kernel);
    });
    assert!(text.contains("C02XK0AAJG5H"));
    let before = trace.clone();
    trace.redact(&Redaction::nothing());
    assert_eq!(trace.calls(), before.calls());
    trace.redact(&Redaction::new().scalars(|_, words| words.fill(0)));
    let mut redacted = Vec::new();
    trace.write(&mut redacted).unwrap();
    let redacted = String::from_utf8(redacted).unwrap();
    assert!(!redacted.contains("C02XK0AAJG5H") && !redacted.contains("melusine"), "{redacted}");
    let again = Trace::read(redacted.as_bytes()).unwrap();
    assert_eq!(again.calls().len(), before.calls().len());
    for (again, before) in again.calls().iter().zip(before.calls()) {
        assert_eq!(
            (again.function, again.returned().is_some()),
            (before.function, before.returned().is_some())
        );
    }
}

#[test]
fn what_is_under_a_key_of_a_secret_is_one_at_any_depth_and_small_numbers_are_not() {
    let (text, _) = recorded(
        RecordingOptions::new().redaction(Redaction::nothing().key("Tag").keys_with("se-cret")),
        |kernel| {
            let tags = Value::array([
                Value::from("alpha7"),
                Value::dictionary([("deep", Value::data([1, 2, 3, 4]))]),
                70_000u32.into(),
                12u8.into(),
            ]);
            let hidden = Value::dictionary([("Tag", tags.clone())]);
            let wide = (0..20).fold(hidden, |value, _| Value::array([value.clone(), value]));
            let value = Value::dictionary([
                ("Tag", tags.clone()),
                ("My SECRET thing", "delta9".into()),
                ("Open", "alpha7 delta9 gamma1".into()),
                (
                    "Deep",
                    (0..5000).fold(Value::dictionary([("Tag", "omega5")]), |value, _| Value::array([value])),
                ),
                ("Wide", Value::set([wide])),
            ]);
            kernel.io_registry_entry_set_cf_properties(NULL, &value);
        },
    );
    for secret in ["alpha7", "01020304", "70000u32", "delta9", "omega5"] {
        assert!(!text.contains(secret), "{secret} is in it");
    }
    assert!(text.contains("12u8") && text.contains(" gamma1") && text.len() < 100_000);
}

#[test]
fn a_trace_is_decoded_with_names_and_values_of_the_interface() {
    let (_, trace) = recorded(RecordingOptions::new(), |kernel| {
        let services = Service::all(kernel, &Matching::class("com_example_Recorder")).unwrap();
        let client = RecorderClient::open(&services.into_iter().next().unwrap()).unwrap();
        client.add(2, 3).unwrap();
        client.swap(&Sample { left: 1, right: 2 }).unwrap();
        client.fail().unwrap_err();
        client.serial(&mut [0; 20]).unwrap();
        pollster::block_on(client.later(7)).unwrap();
        client.table().unwrap();
    });
    let decoded = trace.decode(&[RecorderClient::INTERFACE]);
    let text = decoded.to_string();
    for expected in [
        " t1 Recorder::add(a: 2, b: 3) = 5 in ",
        " t1 Recorder::swap(sample: Sample { left: 1, right: 2 }) = Sample { left: 2, right: 1 } in ",
        " t1 Recorder::fail() = code(0xe3ff8007) in ",
        " t1 Recorder::serial(out: [u8; 20]) = <433032584b3041414a473548> in ",
        " t1 Recorder::later(number: 7) = () in ",
        "completion of Recorder::later = 8 in ",
        " t1 IOConnectMapMemory64 Recorder::table = kIOReturnSuccess(0x0), address=&0x",
        " t1 IOServiceGetMatchingServices(main_port=@0x0, ",
    ] {
        assert!(text.contains(expected), "no {expected} in\n{text}");
    }
    assert_eq!(
        decoded
            .calls()
            .filter(|call| call.method().is_some_and(|method| method.name.method == "later"))
            .count(),
        2
    );
    assert_eq!(decoded.calls().filter(|call| call.memory().is_some()).count(), 2);
    // Nothing is known of a service of another class.
    let plain = trace.decode(&[OtherClient::INTERFACE]).to_string();
    assert!(!plain.contains("Other::") && !plain.contains("Recorder::"), "{plain}");
}

#[user_client(service = "com_example_Other")]
trait Other {
    #[uc(selector = 0)]
    fn other(&self) -> Result<()>;
}
