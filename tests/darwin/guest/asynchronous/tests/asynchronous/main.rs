//! Completions through the macOS backend, whoever receives them: the library's own thread, a run loop, a dispatch queue,
//! the caller.

mod machine;

use core_foundation::base::TCFType;
use core_foundation::runloop::{
    CFRunLoop, CFRunLoopIsWaiting, CFRunLoopRunResult, CFRunLoopSource, kCFRunLoopDefaultMode,
};
use core_foundation::string::CFStringRef;
use iokit_uc::backend::{Backend, PortRight};
use iokit_uc::{
    Completion, Completions, DispatchSource, ErrorKind, IoReturn, NotificationPort, Result, user_client,
};
use machine::Machine;
use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread;
use std::time::Duration;

/// Longer than any test takes that passes.
const PATIENCE: Duration = Duration::from_secs(20);
const NOW: Duration = Duration::ZERO;

/// The driver of the machine `completions`.
#[user_client(service = "Completer")]
trait Completer {
    /// Completes before the call returns.
    #[uc(selector = 0)]
    async fn complete_now(&self, result: u64, a: u64, b: u64) -> Result<(u64, u64)>;

    /// Completes when the machine is told to.
    #[uc(selector = 1)]
    fn watch(&self) -> Result<Completions<(u64, u64)>>;
}

fn client(machine: &Machine) -> CompleterClient {
    CompleterClient::open_first(&machine.kernel).expect("there is a Completer")
}

/// A client, and the port that its completions come to.
fn client_on_port(machine: &Machine) -> (CompleterClient, NotificationPort) {
    let client = client(machine);
    let port = NotificationPort::new(&machine.kernel).expect("there is a port");
    client.as_ref().notify_on(&port).expect("no call has been made yet");
    (client, port)
}

fn default_mode() -> CFStringRef {
    // SAFETY: a constant, which is set before the program runs.
    unsafe { kCFRunLoopDefaultMode }
}

/// A port's source, in this thread's run loop until it is dropped.
struct InRunLoop(CFRunLoopSource);

impl InRunLoop {
    fn new(port: &NotificationPort) -> Self {
        let source = port.run_loop_source().expect("the port is this Mac's");
        CFRunLoop::get_current().add_source(&source, default_mode());
        Self(source)
    }
}

impl Drop for InRunLoop {
    fn drop(&mut self) {
        CFRunLoop::get_current().remove_source(&self.0, default_mode());
    }
}

/// Runs this thread's loop until it has handled a source; for a moment only if none is expected.
fn run(time: Duration) -> bool {
    matches!(CFRunLoop::run_in_mode(default_mode(), time, true), CFRunLoopRunResult::HandledSource)
}

fn on_default_queue(port: &NotificationPort) -> DispatchSource {
    // SAFETY: null stands for a queue of libdispatch's.
    unsafe { port.dispatch_on(std::ptr::null_mut()) }.expect("the port is this Mac's")
}

fn is_pending<T: iokit_uc::wire::Output>(completion: &mut Completion<T>) -> bool {
    completion.wait_timeout(NOW).is_none()
}

#[test]
fn the_librarys_own_thread_receives_by_default() {
    let machine = Machine::boot();
    let client = client(&machine);
    assert_eq!(client.complete_now(0, 2, 3).wait(), Ok((2, 3)));
    let busy = client.complete_now(IoReturn::BUSY.code().into(), 0, 0).wait().expect_err("it is busy");
    assert_eq!(busy.code(), IoReturn::BUSY);
    drop(client);
    machine.end();
}

#[test]
fn a_run_loop_completes_a_future() {
    let machine = Machine::boot();
    let (client, port) = client_on_port(&machine);
    let in_run_loop = InRunLoop::new(&port);
    let mut completion = client.complete_now(0, 2, 3);
    assert!(is_pending(&mut completion));
    assert!(run(PATIENCE));
    assert_eq!(completion.wait_timeout(NOW), Some(Ok((2, 3))));
    drop((in_run_loop, completion, client, port));
    machine.end();
}

#[test]
fn a_completion_from_another_thread_wakes_the_run_loop() {
    let machine = Machine::boot();
    let (client, port) = client_on_port(&machine);
    let in_run_loop = InRunLoop::new(&port);
    let mut completions = client.watch().expect("the driver keeps the call");
    assert!(!run(NOW));
    let run_loop = CFRunLoop::get_current();
    thread::scope(|scope| {
        scope.spawn(|| {
            // SAFETY: a run loop.
            while unsafe { CFRunLoopIsWaiting(run_loop.as_concrete_TypeRef()) } == 0 {
                thread::yield_now();
            }
            machine.command("complete", &[0, 4, 5]);
        });
        assert!(run(PATIENCE));
    });
    assert_eq!(completions.wait_timeout(NOW), Poll::Ready(Some(Ok((4, 5)))));

    // One message makes the loop take all that are there.
    machine.command("complete", &[0, 6, 7]);
    machine.command("complete", &[0, 8, 9]);
    assert!(run(PATIENCE));
    assert_eq!(completions.wait_timeout(NOW), Poll::Ready(Some(Ok((6, 7)))));
    assert_eq!(completions.wait_timeout(NOW), Poll::Ready(Some(Ok((8, 9)))));
    machine.command("let_go", &[]);
    drop((in_run_loop, run_loop, completions, client, port));
    machine.end();
}

#[test]
fn a_dispatch_queue_completes_futures() {
    let machine = Machine::boot();
    let (client, port) = client_on_port(&machine);
    let source = on_default_queue(&port);
    for number in 0..100 {
        assert_eq!(client.complete_now(0, number, 3).wait_timeout(PATIENCE), Some(Ok((number, 3))));
    }
    drop((source, client, port));
    machine.end_once_quiet();
}

#[test]
fn without_its_queue_a_port_is_received_from_by_hand() {
    let machine = Machine::boot();
    let (client, port) = client_on_port(&machine);
    drop(on_default_queue(&port));
    let mut completion = client.complete_now(0, 2, 3);
    assert!(is_pending(&mut completion));
    assert_eq!(port.dispatch(Some(NOW)), Ok(1));
    assert_eq!(completion.wait_timeout(NOW), Some(Ok((2, 3))));
    drop((completion, client, port));
    machine.end_once_quiet();
}

#[test]
fn term_13_the_end_of_the_service_ends_what_waits() {
    let machine = Machine::boot();
    let (client, port) = client_on_port(&machine);
    let in_run_loop = InRunLoop::new(&port);
    let mut completions = client.watch().expect("the driver keeps the call");
    machine.command("complete", &[0, 4, 5]);
    assert_eq!(machine.command("terminate", &[machine.completer()]), 1);
    assert!(run(PATIENCE));
    assert_eq!(completions.wait_timeout(NOW), Poll::Ready(Some(Ok((4, 5)))));
    let Poll::Ready(Some(Err(end))) = completions.wait_timeout(NOW) else { panic!("it has ended") };
    assert_eq!((end.code(), end.kind()), (IoReturn::NO_DEVICE, ErrorKind::NoDevice));
    assert_eq!(completions.wait_timeout(NOW), Poll::Ready(None));
    machine.command("let_go", &[]);
    drop((in_run_loop, completions, client, port));
    machine.end();
}

#[test]
fn a_port_may_go_while_a_run_loop_and_a_queue_have_it() {
    let machine = Machine::boot();
    let (client, port) = client_on_port(&machine);
    let (in_run_loop, source) = (InRunLoop::new(&port), on_default_queue(&port));
    let completions = client.watch().expect("the driver keeps the call");
    drop(port);
    machine.command("complete", &[0, 4, 5]);
    run(NOW);
    let ends: Vec<_> = completions.into_iter().map(|end| end.map_err(|end| end.code())).collect();
    assert_eq!(ends, [Err(IoReturn::ABORTED)]);
    machine.command("let_go", &[]);
    drop((source, in_run_loop, client));
    machine.end_once_quiet();
}

#[test]
fn futures_are_dropped_with_their_completions_on_the_way() {
    let machine = Machine::boot();
    let (client, port) = client_on_port(&machine);
    let in_run_loop = InRunLoop::new(&port);
    for number in 0..100 {
        drop(client.complete_now(0, number, number));
    }
    let mut last = client.complete_now(0, 1, 2);
    while is_pending(&mut last) {
        assert!(run(PATIENCE));
    }
    assert_eq!(port.dropped().stale, 100);
    drop((in_run_loop, last, client, port));
    machine.end();
}

#[test]
fn a_thread_that_waits_for_messages_ends_with_the_port() {
    let machine = Machine::boot();
    let mut name = 0;
    assert_eq!(machine.kernel.mach_port_allocate(PortRight::Receive, &mut name), IoReturn::SUCCESS);
    let (sender, receiver) = channel();
    let kernel = machine.kernel.clone();
    let thread = thread::spawn(move || {
        sender.send(()).expect("the test waits");
        kernel.mach_msg_receive(name, &mut Vec::new(), 100, None)
    });
    receiver.recv().expect("the thread runs");
    assert_eq!(machine.command("wait_until_blocked", &[1]), 1);
    // SAFETY: the test's own reference, and nothing is mapped through it.
    unsafe { machine.kernel.mach_port_mod_refs(name, PortRight::Receive, -1) };
    assert_eq!(thread.join().expect("it does not panic"), IoReturn::MACH_RCV_PORT_DIED);
    machine.end();
}
