//! A program runs on a trace, on any system, with whatever features.

use iokit_uc::backend::{Backend, Function, NULL, PortRight};
use iokit_uc::memory::CacheMode;
use iokit_uc::trace::{Divergence, Replay, ReplayMode, Trace};
use iokit_uc::{
    Interest, IoReturn, Kernel, Matching, NotificationPort, ReadOnlyAccess, Result, Service, ServiceEvent,
    ServiceNotification, user_client,
};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Far longer than anything takes: what has not come by then will never.
const LOST: Duration = Duration::from_secs(60);

#[user_client(service = "com_example_Supply")]
trait Supply {
    /// Millivolts.
    #[uc(selector = 0)]
    fn voltage(&self, channel: u32) -> Result<u32>;
    #[uc(selector = 1)]
    async fn settle(&self, millivolts: u32) -> Result<u32>;
}

/// Makes a trace of lines without their times.
fn trace(lines: &[&str]) -> Trace {
    let mut text = "iokit-uc trace 1\n".to_owned();
    for line in lines {
        writeln!(text, "0.000000000 {line}").unwrap();
    }
    Trace::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

const FOUND: &str = "t1 IOServiceGetMatchingService(main_port=@0x0, \
     matching={\"IOProviderClass\": \"com_example_Supply\"}) = @0x903 in 7ns";
const OPENS: [&str; 2] = [
    "t1 IOServiceOpen(service=@0x903, owning_task=@0x103, connection_type=0) ...1",
    "t1 ...1 IOServiceOpen = kIOReturnSuccess(0x0), connect=@0xa03",
];
const CLOSES: [&str; 2] =
    ["t1 IOServiceClose(connect=@0xa03) ...9", "t1 ...9 IOServiceClose = kIOReturnSuccess(0x0)"];

fn replay(lines: &[&str]) -> (Replay, Kernel) {
    let replay = Replay::new(trace(lines), ReplayMode::Strict);
    let kernel = Kernel::replay(replay.clone());
    (replay, kernel)
}

fn open(kernel: &Kernel) -> Result<SupplyClient> {
    SupplyClient::open(&Service::expect_first(kernel, &Matching::class("com_example_Supply"))?)
}

fn lines<'a>(middle: &[&'a str]) -> Vec<&'a str> {
    [&[FOUND], &OPENS[..], middle, &CLOSES].concat()
}

#[test]
fn a_program_runs_where_there_is_no_kernel_at_all() {
    let (replay, kernel) = replay(&lines(&[
        "t1 IOConnectCallMethod(connect=@0xa03, selector=0, input=[0x1], input_structure=<>, \
         output=capacity(1), output_structure=null) ...2",
        "t1 ...2 IOConnectCallMethod = kIOReturnSuccess(0x0), output=[0x3039]",
    ]));
    let supply = open(&kernel).unwrap();
    assert_eq!(supply.voltage(1), Ok(12345));
    assert_eq!(replay.finish().map_err(|divergence| divergence.line()), Err(Some(7)));
    drop(supply);
    assert_eq!(replay.finish(), Ok(()));
}

/// A completion as the kernel lays it out: the words of its reference, its result and one argument.
fn completion(words: [u64; 2], result: u32, argument: u64) -> String {
    let mut message = Vec::new();
    let header = [17 << 8, 112, 0, 0xb03, 0, 53, 12, 150];
    message.extend(header.iter().flat_map(|word: &u32| word.to_ne_bytes()));
    let reference = [0, words[0], words[1], 0, 0, 0, 0, 0];
    message.extend(reference.iter().flat_map(|word| word.to_ne_bytes()));
    message.extend(result.to_ne_bytes());
    message.extend(argument.to_ne_bytes());
    message.extend([0; 4]);
    hex(&message)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

const SETTLES: [&str; 2] = [
    "t1 IOConnectCallAsyncMethod(connect=@0xa03, selector=1, wake_port=@0xb03, reference=[0x0, 0x77, 0x5], \
     input=[0x1388], input_structure=<>, output=capacity(0), output_structure=null) ...3",
    "t1 ...3 IOConnectCallAsyncMethod = kIOReturnSuccess(0x0), output=[]",
];
const HEARS: &str = "t1 IOServiceAddInterestNotification(port=&0x1000, service=@0x903, \
     interest_type=\"IOGeneralInterest\", callback=9, refcon=4) = kIOReturnSuccess(0x0), notification=@0xc03 in 7ns";

#[test]
fn completions_find_the_call_that_waits_for_them() {
    let received = format!(
        "t2 ...4 mach_msg_receive = kIOReturnSuccess(0x0), message=<{}>",
        completion([0x77, 5], 0, 5001)
    );
    let (replay, kernel) = replay(&lines(&[
        "t1 IONotificationPortCreate(main_port=@0x0) = &0x1000 in 7ns",
        "t1 IONotificationPortGetMachPort(port=&0x1000) = @0xb03 in 7ns",
        HEARS,
        "t2 mach_msg_receive(port=@0xb03, limit=8124, timeout=null) ...4",
        SETTLES[0],
        // Before the call has returned.
        &received,
        SETTLES[1],
    ]));
    let supply = open(&kernel).unwrap();
    assert_eq!(supply.settle(5000).wait(), Ok(5001));
    drop(supply);
    assert_eq!(replay.finish(), Ok(()));
}

#[test]
fn a_notification_may_be_written_down_before_the_call_that_asked_for_it() {
    let mut message = Vec::new();
    let header = [17 | 17 << 8, 96u32, 0xc03, 0xb03, 0, 53, 0, 100];
    message.extend(header.iter().flat_map(|word| word.to_ne_bytes()));
    message.extend([0, 9, 4, 0, 0, 0, 0, 0].iter().flat_map(|word: &u64| word.to_ne_bytes()));
    let received = format!("t2 ...4 mach_msg_receive = kIOReturnSuccess(0x0), message=<{}>", hex(&message));
    let (replay, kernel) = replay(&[
        "t1 IONotificationPortCreate(main_port=@0x0) = &0x1000 in 7ns",
        "t1 IONotificationPortGetMachPort(port=&0x1000) = @0xb03 in 7ns",
        "t2 mach_msg_receive(port=@0xb03, limit=8124, timeout=null) ...4",
        &received,
        "t1 IOServiceAddMatchingNotification(port=&0x1000, notification_type=\"IOServiceFirstMatch\", \
         matching={\"IOProviderClass\": \"com_example_Supply\"}, callback=9, refcon=4) = \
         kIOReturnSuccess(0x0), iterator=@0xc03 in 7ns",
        "t1 IOIteratorNext(iterator=@0xc03) = @0x0 in 7ns",
        "t2 IOIteratorNext(iterator=@0xc03) = @0x903 in 7ns",
        "t2 IOIteratorNext(iterator=@0xc03) = @0x0 in 7ns",
        "t1 IORegistryEntryGetName(entry=@0x903) = kIOReturnSuccess(0x0), name=\"supply\" in 7ns",
    ]);
    let port = NotificationPort::new(&kernel).unwrap();
    let matching = Matching::class("com_example_Supply");
    let mut arrivals = port.services(ServiceNotification::FirstMatch, &matching).unwrap();
    assert!(arrivals.wait_timeout(Duration::ZERO).is_pending());
    assert_eq!(port.dispatch(Some(LOST)), Ok(1));
    let std::task::Poll::Ready(Some(Ok(ServiceEvent::Service(service)))) =
        arrivals.wait_timeout(Duration::ZERO)
    else {
        panic!("{replay:?}")
    };
    assert_eq!(service.name().as_deref(), Ok("supply"));
    drop((arrivals, service, port));
    assert_eq!(replay.finish(), Ok(()));
}

#[test]
fn a_trace_that_ends_within_a_call_has_no_answer_to_it() {
    let crashed = [
        &[FOUND],
        &OPENS[..],
        &["t1 IOConnectCallMethod(connect=@0xa03, selector=0, input=[0x1], input_structure=<>, \
           output=capacity(1), output_structure=null) ...2"],
    ]
    .concat();
    let (replay, kernel) = replay(&crashed);
    assert_eq!(open(&kernel).unwrap().voltage(1).unwrap_err().code(), IoReturn::REPLAY_DIVERGED);
    let divergence = replay.finish().unwrap_err();
    assert_eq!((divergence.line(), divergence.called()), (Some(5), None));
    assert!(divergence.to_string().contains("did not return"), "{divergence}");
}

/// What is said of a program that maps memory which the trace has so.
fn mapped(outputs: &str) -> (Result<usize>, Result<(), Divergence>) {
    let ended = format!("t1 ...2 IOConnectMapMemory64 = kIOReturnSuccess(0x0){outputs}");
    let (replay, kernel) = replay(&lines(&[
        "t1 IOConnectMapMemory64(connect=@0xa03, memory_type=0, into_task=@0x103, address=&0x0, size=0, \
         options=1) ...2",
        &ended,
        "t1 IOConnectGetService(connect=@0xa03) = kIOReturnUnsupported(0xe00002c7) in 7ns",
        "t1 IOConnectUnmapMemory64(connect=@0xa03, memory_type=0, from_task=@0x103, address=&0x10000) ...3",
        "t1 ...3 IOConnectUnmapMemory64 = kIOReturnSuccess(0x0)",
    ]));
    let supply = open(&kernel).unwrap();
    let memory = supply.as_ref().map_memory::<[u32], iokit_uc::ReadWriteAccess>(0, CacheMode::Default);
    drop(supply);
    let size = memory.map(|mut memory| {
        memory.slice_mut().fill(7);
        let last = memory.slice().len() - 1;
        assert_eq!(memory.slice().get(last), Some(7));
        memory.size()
    });
    (size, replay.finish())
}

#[test]
fn memory_is_there_without_a_device() {
    assert_eq!(mapped(", address=&0x10008, size=4096"), (Ok(4096), Ok(())));
    // More contents than memory.
    assert_eq!(mapped(", address=&0x10000, size=4, contents=<0102030405060708>"), (Ok(4), Ok(())));
}

#[test]
fn memory_that_cannot_be_is_refused_with_the_line() {
    for outputs in [
        ", address=&0x10000, size=18446744073709551615",
        ", address=&0x10000, size=1152921504606846976",
        ", address=&0x10000, size=0",
    ] {
        let (size, finished) = mapped(outputs);
        assert_eq!(size.unwrap_err().code(), IoReturn::REPLAY_DIVERGED, "{outputs}");
        let divergence = finished.unwrap_err();
        assert_eq!(divergence.recorded(), Some(Function::IOConnectMapMemory64), "{outputs}: {divergence}");
    }
    // The kernel says that it has mapped, and not where.
    assert_eq!(mapped(", size=8").0.unwrap_err().code(), IoReturn::IPC_ERROR);
}

#[test]
fn a_right_to_receive_is_the_programs_own() {
    let (replay, kernel) = replay(&[]);
    let mut port = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
    assert_eq!(kernel.mach_msg_send_empty(port, 7), IoReturn::SUCCESS);
    let mut message = Vec::new();
    assert_eq!(kernel.mach_msg_receive(port, &mut message, 23, None), IoReturn::MACH_RCV_TOO_LARGE);
    assert_eq!(kernel.mach_msg_send_empty(port, 7), IoReturn::SUCCESS);
    assert_eq!(kernel.mach_msg_receive(port, &mut message, 24, None), IoReturn::SUCCESS);
    assert_eq!((message.len(), message[20]), (24, 7));
    let soon = Some(Duration::from_millis(1));
    assert_eq!(kernel.mach_msg_receive(port, &mut message, 24, soon), IoReturn::MACH_RCV_TIMED_OUT);
    assert!(message.is_empty());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| kernel.mach_msg_receive(port, &mut Vec::new(), 24, None));
        // SAFETY: the reference is the test's own, and no memory is mapped through it.
        let code = unsafe { kernel.mach_port_mod_refs(port, PortRight::Receive, -1) };
        assert_eq!(code, IoReturn::SUCCESS);
        let ended = waiting.join().unwrap();
        assert!([IoReturn::MACH_RCV_PORT_DIED, IoReturn::MACH_RCV_INVALID_NAME].contains(&ended));
    });
    assert_eq!(replay.finish(), Ok(()));
}

#[test]
fn no_call_of_an_empty_trace_has_an_answer() {
    let (replay, kernel) = replay(&[]);
    assert_eq!(Service::first(&kernel, &Matching::any()).unwrap_err().code(), IoReturn::REPLAY_DIVERGED);
    let divergence = replay.finish().unwrap_err();
    assert_eq!((divergence.line(), divergence.differences().len()), (None, 0));
    assert_eq!(divergence, replay.divergence().unwrap());
    let expected = "IOServiceGetMatchingService was called, of which the trace has nothing\n  \
         main_port: no port\n  matching: {}";
    assert_eq!(divergence.to_string(), expected);
}

#[test]
fn whoever_waits_at_a_port_of_their_own_hears_of_the_end() {
    let (_, kernel) = replay(&[FOUND, HEARS]);
    let service = Service::expect_first(&kernel, &Matching::class("com_example_Supply")).unwrap();
    let port = NotificationPort::new(&kernel).unwrap();
    let mut messages = port.interest(&service, Interest::General).unwrap();
    let started = Instant::now();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| port.dispatch(Some(LOST)));
        assert!(service.name().is_err());
        assert_eq!(waiting.join().unwrap().unwrap_err().code(), IoReturn::REPLAY_DIVERGED);
    });
    assert!(started.elapsed() < LOST && messages.wait_timeout(LOST).is_ready());
}

#[test]
fn memory_that_could_only_be_read_is_said_to_be() {
    let (_, kernel) = replay(&lines(&[
        "t1 IOConnectMapMemory64(connect=@0xa03, memory_type=0, into_task=@0x103, address=&0x0, size=0, \
         options=1) ...2",
        "t1 ...2 IOConnectMapMemory64 = kIOReturnSuccess(0x0), address=&0x10000, size=8, contents=<0700>",
        "t1 IOConnectGetService(connect=@0xa03) = kIOReturnUnsupported(0xe00002c7) in 7ns",
        "t1 mach_vm_region(address=65536, size=0) = kIOReturnSuccess(0x0), address=65536, size=4096, \
         protection=1 in 7ns",
        "t1 IOConnectUnmapMemory64(connect=@0xa03, memory_type=0, from_task=@0x103, address=&0x10000) ...3",
        "t1 ...3 IOConnectUnmapMemory64 = kIOReturnSuccess(0x0)",
    ]));
    let supply = open(&kernel).unwrap();
    let memory = supply.as_ref().map_memory::<[u16], ReadOnlyAccess>(0, CacheMode::Default).unwrap();
    assert_eq!((memory.slice().get(0), memory.slice().get(1)), (Some(7), Some(0)));
    let (mut address, mut size, mut protection) = (memory.as_ptr().addr() as u64, 0, 0);
    let code = kernel.mach_vm_region(&mut address, &mut size, &mut protection);
    assert_eq!((code, protection), (IoReturn::SUCCESS, 1));
}

#[test]
fn a_name_that_is_given_again_stands_for_something_else() {
    let named = |name| {
        format!("t1 IORegistryEntryGetName(entry=@0x903) = kIOReturnSuccess(0x0), name=\"{name}\" in 7ns")
    };
    let found = |class| {
        format!(
            "t1 IOServiceGetMatchingService(main_port=@0x0, matching={{\"IOProviderClass\": \"{class}\"}}) = @0x903 in 7ns"
        )
    };
    let released = "t1 IOObjectRelease(object=@0x903) = kIOReturnSuccess(0x0) in 7ns";
    let (first, second) = (found("com_example_First"), found("com_example_Second"));
    let (replay, kernel) = replay(&[
        "t1 IONotificationPortCreate(main_port=@0x0) = &0x1000 in 7ns",
        "t1 IONotificationPortGetMachPort(port=&0x1000) = @0x903 in 7ns",
        "t1 IONotificationPortDestroy(port=&0x1000) = void in 7ns",
        &first,
        &named("first"),
        released,
        &second,
        &named("second"),
        released,
    ]);
    drop(NotificationPort::new(&kernel).unwrap());
    let find = |class| Service::expect_first(&kernel, &Matching::class(class)).unwrap();
    // Both at once, and asked the other way round.
    let (first, second) = (find("com_example_First"), find("com_example_Second"));
    assert_ne!(first, second);
    let names = [second.name(), first.name()].map(Result::unwrap);
    assert_eq!((names, replay.finish()), (["second".to_owned(), "first".into()], Ok(())));
}
