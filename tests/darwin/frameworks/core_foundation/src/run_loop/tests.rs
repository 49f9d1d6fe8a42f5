use super::*;
use crate::abi::*;
use crate::tests::{call, string, taken};
use darwin_libsystem::mach::{self, Watch};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

const FINISHED: i32 = 1;
const STOPPED: i32 = 2;
const TIMED_OUT: i32 = 3;
const HANDLED_SOURCE: i32 = 4;

/// So long that a test which waits for it has failed.
const LONG: f64 = 60.0;

/// What the program's functions were called for, and what they are to do.
#[derive(Default)]
struct Log {
    lines: Vec<String>,
    stop: bool,
    throw: bool,
    run_again: bool,
}

impl Log {
    fn info(&mut self) -> *mut c_void {
        (&raw mut *self).cast()
    }

    fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }
}

fn log(info: *mut c_void) -> &'static mut Log {
    // SAFETY: the test's own, which it does not use while it calls.
    unsafe { &mut *info.cast::<Log>() }
}

fn act(info: *mut c_void, line: &str) {
    log(info).lines.push(line.to_owned());
    if log(info).stop {
        call!(CFRunLoopStop(call!(CFRunLoopGetCurrent())));
    }
    if std::mem::take(&mut log(info).run_again) {
        let result = run(0.0, false);
        log(info).lines.push(format!("nested: {result}"));
    }
    if log(info).throw {
        std::panic::resume_unwind(Box::new("thrown"));
    }
}

unsafe extern "C-unwind" fn perform(info: *mut c_void) {
    act(info, "perform");
}

unsafe extern "C-unwind" fn schedule(info: *mut c_void, _run_loop: CFRunLoopRef, mode: CFRunLoopMode) {
    act(info, &format!("schedule {}", crate::tests::text(mode)));
}

unsafe extern "C-unwind" fn cancel(info: *mut c_void, _run_loop: CFRunLoopRef, mode: CFRunLoopMode) {
    act(info, &format!("cancel {}", crate::tests::text(mode)));
}

unsafe extern "C-unwind" fn retain(info: *const c_void) -> *const c_void {
    act(info.cast_mut(), "retain");
    info
}

unsafe extern "C-unwind" fn release(info: *const c_void) {
    act(info.cast_mut(), "release");
}

unsafe extern "C-unwind" fn fire(_timer: CFRunLoopTimerRef, info: *mut c_void) {
    act(info, "fire");
}

unsafe extern "C-unwind" fn observe(_observer: CFRunLoopObserverRef, activity: usize, info: *mut c_void) {
    act(info, &format!("activity {activity}"));
}

fn current() -> CFRunLoopRef {
    call!(CFRunLoopGetCurrent())
}

fn default_mode() -> CFStringRef {
    crate::init();
    kCFRunLoopDefaultMode.get()
}

fn run(seconds: f64, once: bool) -> i32 {
    call!(CFRunLoopRunInMode(default_mode(), seconds, once.into()))
}

fn source(order: isize, log: &mut Log) -> CFRunLoopSourceRef {
    let mut context = CFRunLoopSourceContext {
        version: 0,
        info: log.info(),
        retain: None,
        release: None,
        copyDescription: None,
        equal: None,
        hash: None,
        schedule: None,
        cancel: None,
        perform: Some(perform),
    };
    call!(CFRunLoopSourceCreate(ptr::null(), order, &raw mut context))
}

/// A source of the default mode of this thread's loop.
fn added(log: &mut Log) -> CFRunLoopSourceRef {
    let source = source(0, log);
    call!(CFRunLoopAddSource(current(), source, default_mode()));
    source
}

fn timer(seconds: f64, interval: f64, log: &mut Log) -> CFRunLoopTimerRef {
    let mut context = CFRunLoopTimerContext {
        version: 0,
        info: log.info(),
        retain: None,
        release: None,
        copyDescription: None,
    };
    let date = call!(CFAbsoluteTimeGetCurrent()) + seconds;
    call!(CFRunLoopTimerCreate(ptr::null(), date, interval, 0, 0, Some(fire), &raw mut context))
}

#[test]
fn a_loop_without_sources_finishes_at_once() {
    assert_eq!(run(LONG, false), FINISHED);
    call!(CFRunLoopRun());
    let unknown = string("unknown");
    assert_eq!(call!(CFRunLoopRunInMode(unknown, LONG, 0)), FINISHED);
    assert_eq!(call!(CFRunLoopRunInMode(kCFRunLoopCommonModes.get(), LONG, 0)), FINISHED);
    call!(CFRelease(unknown));
}

#[test]
fn a_thread_has_one_loop_that_goes_with_it() {
    let here = current();
    assert_eq!(here, current());
    assert_ne!(here, call!(CFRunLoopGetMain()));
    let there = thread::spawn(|| Opaque(current())).join().expect("no misuse").get();
    assert_ne!(here, there);
    let gone = crate::tests::misuse(|| call!(CFRunLoopWakeUp(there)));
    assert!(gone.contains("used after its last release: CFRunLoop"), "{gone}");
}

#[test]
fn a_run_times_out() {
    let mut log = Log::default();
    let source = added(&mut log);
    assert_eq!(run(0.0, false), TIMED_OUT);
    assert_eq!(run(-1.0, true), TIMED_OUT);
    let before = Instant::now();
    assert_eq!(run(0.05, false), TIMED_OUT);
    assert!(before.elapsed() >= Duration::from_millis(50));
    assert_eq!(log.take(), [""; 0]);
    call!(CFRelease(source));
}

#[test]
fn a_signalled_source_is_performed_once() {
    let mut log = Log::default();
    let source = added(&mut log);
    call!(CFRunLoopSourceSignal(source));
    assert_eq!(run(LONG, true), HANDLED_SOURCE);
    assert_eq!(run(0.0, false), TIMED_OUT);
    assert_eq!(log.take(), ["perform"]);
    call!(CFRelease(source));
}

#[test]
fn a_run_that_ends_with_a_source_performs_one_by_their_order() {
    let (mut first, mut second) = (Log::default(), Log::default());
    let (late, early) = (source(2, &mut second), source(1, &mut first));
    for source in [late, early] {
        call!(CFRunLoopAddSource(current(), source, default_mode()));
        call!(CFRunLoopSourceSignal(source));
    }
    assert_eq!(run(LONG, true), HANDLED_SOURCE);
    assert_eq!((first.take().len(), second.take().len()), (1, 0));
    assert_eq!(run(LONG, true), HANDLED_SOURCE);
    assert_eq!((first.take().len(), second.take().len()), (0, 1));
    call!(CFRelease(late));
    call!(CFRelease(early));
}

#[test]
fn a_loop_is_stopped_from_within() {
    let mut log = Log { stop: true, ..Log::default() };
    let source = added(&mut log);
    call!(CFRunLoopSourceSignal(source));
    assert_eq!(run(LONG, false), STOPPED);
    call!(CFRunLoopSourceSignal(source));
    call!(CFRunLoopRun());
    assert_eq!(log.take(), ["perform", "perform"]);
    call!(CFRelease(source));
}

#[test]
fn a_loop_that_does_not_run_is_not_stopped_later() {
    let mut log = Log::default();
    let source = added(&mut log);
    call!(CFRunLoopStop(current()));
    assert_eq!(run(0.0, false), TIMED_OUT);
    call!(CFRelease(source));
}

/// Waits until a loop waits.
fn until_waiting(run_loop: Opaque) {
    while call!(CFRunLoopIsWaiting(run_loop.get())) == 0 {
        thread::yield_now();
    }
}

#[test]
fn a_waiting_loop_is_woken_by_another_thread() {
    let (send, receive) = mpsc::channel();
    let running = thread::spawn(move || {
        let mut log = Log::default();
        let source = added(&mut log);
        send.send((Opaque(current()), Opaque(source))).expect("the test waits");
        let result = run(LONG, true);
        call!(CFRelease(source));
        (result, log.take())
    });
    let (run_loop, source) = receive.recv().expect("the loop is about to run");
    until_waiting(run_loop);
    call!(CFRunLoopSourceSignal(source.get()));
    call!(CFRunLoopWakeUp(run_loop.get()));
    assert_eq!(running.join().expect("no misuse"), (HANDLED_SOURCE, vec!["perform".to_owned()]));
}

#[test]
fn a_waiting_loop_is_stopped_by_another_thread() {
    let (send, receive) = mpsc::channel();
    let running = thread::spawn(move || {
        let mut log = Log::default();
        let source = added(&mut log);
        send.send(Opaque(current())).expect("the test waits");
        let result = run(LONG, false);
        call!(CFRelease(source));
        result
    });
    let run_loop = receive.recv().expect("the loop is about to run");
    until_waiting(run_loop);
    call!(CFRunLoopStop(run_loop.get()));
    assert_eq!(running.join().expect("no misuse"), STOPPED);
}

/// A port of numbers.
struct Numbers(Mutex<mpsc::Receiver<u32>>, mpsc::Sender<u32>);

impl Port for Numbers {
    fn receive(&self) -> Option<Delivery> {
        let number = self.0.lock().ok()?.try_recv().ok()?;
        let delivered = self.1.clone();
        Some(Box::new(move || delivered.send(number).expect("the test waits")))
    }
}

#[test]
fn what_another_thread_sends_to_a_port_is_delivered_on_the_loops_thread() {
    let (send, received) = mpsc::channel();
    let (deliver, delivered) = mpsc::channel();
    crate::init();
    let source = Arc::new(Source::new(0, Arc::new(Numbers(Mutex::new(received), deliver))));
    call!(CFRunLoopAddSource(current(), source.reference(), default_mode()));
    assert_eq!(run(0.0, true), TIMED_OUT);
    let sender = {
        let source = source.clone();
        thread::spawn(move || {
            for number in 1..=100 {
                send.send(number).expect("the port is there");
                source.arrived();
            }
        })
    };
    for _ in 0..100 {
        assert_eq!(run(LONG, true), HANDLED_SOURCE);
    }
    sender.join().expect("no misuse");
    assert!(delivered.try_iter().eq(1..=100));
    source.invalidate();
    assert_eq!(run(LONG, true), FINISHED);
}

#[test]
fn a_timer_fires_once_and_is_gone() {
    let mut log = Log::default();
    let timer = timer(0.01, 0.0, &mut log);
    call!(CFRunLoopAddTimer(current(), timer, default_mode()));
    assert_eq!(call!(CFRunLoopTimerDoesRepeat(timer)), 0);
    assert_eq!(run(LONG, true), FINISHED, "a timer is no source");
    assert_eq!((log.take(), call!(CFRunLoopTimerIsValid(timer))), (vec!["fire".to_owned()], 0));
    assert_eq!(call!(CFRunLoopContainsTimer(current(), timer, default_mode())), 0);
    call!(CFRelease(timer));
}

#[test]
fn a_timer_fires_again_and_again_until_it_is_invalid() {
    let mut log = Log::default();
    let timer = timer(0.0, 0.001, &mut log);
    call!(CFRunLoopAddTimer(current(), timer, default_mode()));
    while log.lines.len() < 3 {
        assert_eq!(run(0.002, false), TIMED_OUT);
    }
    assert!(call!(CFRunLoopGetNextTimerFireDate(current(), default_mode())) > 0.0);
    call!(CFRunLoopTimerInvalidate(timer));
    log.take();
    assert_eq!(run(LONG, false), FINISHED);
    assert_eq!(log.take(), [""; 0]);
    call!(CFRelease(timer));
}

#[test]
fn a_timer_that_is_set_anew_fires_then() {
    let mut log = Log::default();
    let timer = timer(LONG, 0.0, &mut log);
    call!(CFRunLoopAddTimer(current(), timer, default_mode()));
    assert_eq!(run(0.0, false), TIMED_OUT);
    call!(CFRunLoopTimerSetNextFireDate(timer, call!(CFAbsoluteTimeGetCurrent())));
    assert_eq!(run(LONG, false), FINISHED);
    assert_eq!(log.take(), ["fire"]);
    call!(CFRelease(timer));
}

#[test]
fn a_timer_does_not_fire_while_it_fires() {
    let mut log = Log { run_again: true, ..Log::default() };
    let timer = timer(0.0, 0.0, &mut log);
    call!(CFRunLoopAddTimer(current(), timer, default_mode()));
    assert_eq!(run(LONG, false), FINISHED);
    assert_eq!(log.take(), ["fire", "nested: 3"]);
    call!(CFRelease(timer));
}

#[test]
fn sources_are_told_of_the_modes_that_they_are_in() {
    let mut log = Log::default();
    let mut context = CFRunLoopSourceContext {
        version: 0,
        info: log.info(),
        retain: Some(retain),
        release: Some(release),
        copyDescription: None,
        equal: None,
        hash: None,
        schedule: Some(schedule),
        cancel: Some(cancel),
        perform: Some(perform),
    };
    let source = call!(CFRunLoopSourceCreate(ptr::null(), 0, &raw mut context));
    let other = string("other");
    call!(CFRunLoopAddSource(current(), source, other));
    call!(CFRunLoopAddSource(current(), source, other));
    call!(CFRunLoopAddSource(current(), source, default_mode()));
    call!(CFRunLoopRemoveSource(current(), source, default_mode()));
    assert_eq!(call!(CFRunLoopContainsSource(current(), source, other)), 1);
    assert_eq!(call!(CFRunLoopContainsSource(current(), source, default_mode())), 0);
    call!(CFRunLoopSourceInvalidate(source));
    assert_eq!(
        (call!(CFRunLoopSourceIsValid(source)), call!(CFRunLoopContainsSource(current(), source, other))),
        (0, 0)
    );
    call!(CFRunLoopAddSource(current(), source, other));
    call!(CFRelease(source));
    let lines = [
        "retain",
        "schedule other",
        "schedule kCFRunLoopDefaultMode",
        "cancel kCFRunLoopDefaultMode",
        "cancel other",
        "release",
    ];
    assert_eq!(log.take(), lines);
    call!(CFRelease(other));
}

#[test]
fn a_source_leaves_the_loop_of_a_thread_that_ends() {
    let mut log = Log::default();
    let info = Opaque(log.info());
    let source = thread::spawn(move || {
        let mut context = CFRunLoopSourceContext {
            version: 0,
            info: info.get_mut(),
            retain: None,
            release: None,
            copyDescription: None,
            equal: None,
            hash: None,
            schedule: None,
            cancel: Some(cancel),
            perform: None,
        };
        let source = call!(CFRunLoopSourceCreate(ptr::null(), 0, &raw mut context));
        call!(CFRunLoopAddSource(current(), source, default_mode()));
        Opaque(source)
    })
    .join()
    .expect("no misuse");
    assert_eq!(log.take(), ["cancel kCFRunLoopDefaultMode"]);
    assert_eq!(call!(CFGetRetainCount(source.get())), 1);
    call!(CFRelease(source.get()));
}

#[test]
fn what_is_in_the_common_modes_is_in_each_of_them() {
    let mut log = Log::default();
    let (source, late) = (source(0, &mut log), string("late"));
    let common = kCFRunLoopCommonModes.get();
    call!(CFRunLoopAddSource(current(), source, common));
    assert_eq!(call!(CFRunLoopContainsSource(current(), source, default_mode())), 1);
    assert_eq!(call!(CFRunLoopContainsSource(current(), source, common)), 1);
    call!(CFRunLoopAddCommonMode(current(), late));
    call!(CFRunLoopSourceSignal(source));
    assert_eq!(call!(CFRunLoopRunInMode(late, LONG, 1)), HANDLED_SOURCE);
    let modes = call!(CFRunLoopCopyAllModes(current()));
    assert_eq!(call!(CFArrayGetCount(modes)), 2);
    call!(CFRunLoopRemoveSource(current(), source, common));
    assert_eq!(call!(CFRunLoopRunInMode(late, LONG, 1)), FINISHED);
    assert_eq!(run(LONG, true), FINISHED);
    for object in [source, late, modes] {
        call!(CFRelease(object));
    }
}

#[test]
fn observers_are_told_what_the_loop_does() {
    let mut log = Log::default();
    let mut context = CFRunLoopObserverContext {
        version: 0,
        info: log.info(),
        retain: None,
        release: None,
        copyDescription: None,
    };
    let create = |activities, repeats, context: &mut CFRunLoopObserverContext| {
        call!(CFRunLoopObserverCreate(ptr::null(), activities, repeats, 0, Some(observe), &raw mut *context))
    };
    let all = create(0x0fff_ffff, 1, &mut context);
    let mut other = Log::default();
    let source = added(&mut other);
    call!(CFRunLoopAddObserver(current(), all, default_mode()));
    assert_eq!(run(0.01, false), TIMED_OUT);
    assert_eq!(log.take(), [1, 2, 4, 32, 64, 128].map(|activity| format!("activity {activity}")));
    assert_eq!(run(0.0, false), TIMED_OUT);
    assert_eq!(log.take(), [1, 2, 4, 128].map(|activity| format!("activity {activity}")), "it does not wait");
    call!(CFRunLoopObserverInvalidate(all));
    let once = create(1, 0, &mut context);
    call!(CFRunLoopAddObserver(current(), once, default_mode()));
    run(0.0, false);
    run(0.0, false);
    assert_eq!((log.take(), call!(CFRunLoopObserverIsValid(once))), (vec!["activity 1".to_owned()], 0));
    for object in [all, source, once] {
        call!(CFRelease(object));
    }
}

#[test]
fn a_loop_runs_in_the_mode_that_it_says() {
    let mut log = Log { stop: true, ..Log::default() };
    let source = added(&mut log);
    assert!(call!(CFRunLoopCopyCurrentMode(current())).is_null());
    unsafe extern "C-unwind" fn say(_timer: CFRunLoopTimerRef, _info: *mut c_void) {
        assert_eq!(taken(call!(CFRunLoopCopyCurrentMode(current()))), "kCFRunLoopDefaultMode");
        call!(CFRunLoopStop(current()));
    }
    let timer = call!(CFRunLoopTimerCreate(ptr::null(), 0.0, 0.0, 0, 0, Some(say), ptr::null_mut()));
    call!(CFRunLoopAddTimer(current(), timer, default_mode()));
    assert_eq!(run(LONG, false), STOPPED);
    call!(CFRelease(timer));
    call!(CFRelease(source));
}

#[test]
fn a_loop_survives_what_throws_through_it() {
    let mut log = Log { throw: true, ..Log::default() };
    let source = added(&mut log);
    call!(CFRunLoopSourceSignal(source));
    assert!(catch_unwind(AssertUnwindSafe(|| run(LONG, false))).is_err());
    assert!(call!(CFRunLoopCopyCurrentMode(current())).is_null(), "it is not running");
    log.throw = false;
    call!(CFRunLoopSourceSignal(source));
    assert_eq!(run(LONG, true), HANDLED_SOURCE);
    call!(CFRelease(source));
}

#[test]
fn a_loop_holds_its_sources() {
    let mut log = Log::default();
    let source = added(&mut log);
    call!(CFRelease(source));
    call!(CFRunLoopSourceSignal(source));
    assert_eq!(run(LONG, true), HANDLED_SOURCE);
    call!(CFRunLoopRemoveSource(current(), source, default_mode()));
    let gone = crate::tests::misuse(|| call!(CFRunLoopSourceSignal(source)));
    assert!(gone.contains("used after its last release"), "{gone}");
}

#[test]
fn a_source_knows_what_it_was_made_of() {
    let mut log = Log::default();
    let source = source(7, &mut log);
    let mut context = std::mem::MaybeUninit::<CFRunLoopSourceContext>::uninit();
    // SAFETY: all of it may be anything, but the version, which the caller sets.
    unsafe { (&raw mut (*context.as_mut_ptr()).version).write(0) };
    call!(CFRunLoopSourceGetContext(source, context.as_mut_ptr()));
    // SAFETY: the function has written all of it.
    let context = unsafe { context.assume_init() };
    assert_eq!((context.info, context.version), (log.info(), 0));
    assert!(context.perform.is_some() && context.cancel.is_none());
    assert_eq!(call!(CFRunLoopSourceGetOrder(source)), 7);
    call!(CFRelease(source));
}

/// Mach ports whose messages are a number each.
#[derive(Default)]
struct Ports(Mutex<BTreeMap<u32, At>>);

#[derive(Default)]
struct At {
    messages: Vec<u64>,
    watcher: Option<std::sync::Weak<Box<mach::Watcher>>>,
}

impl Ports {
    fn at<R>(&self, port: u32, look: impl FnOnce(&mut At) -> R) -> R {
        look(self.0.lock().unwrap().entry(port).or_default())
    }

    fn send(&self, port: u32, message: u64) {
        let watcher = self.at(port, |at| {
            at.messages.push(message);
            at.watcher.clone()
        });
        if let Some(watcher) = watcher.and_then(|watcher| watcher.upgrade()) {
            watcher();
        }
    }
}

impl mach::Ports for Ports {
    fn watch(&self, port: u32, watcher: Box<mach::Watcher>) -> Watch {
        let watcher = Arc::new(watcher);
        self.at(port, |at| at.watcher = Some(Arc::downgrade(&watcher)));
        watcher
    }

    fn has_message(&self, port: u32) -> bool {
        self.at(port, |at| !at.messages.is_empty())
    }

    fn receive(&self, port: u32) -> Option<mach::Received> {
        let message = self.at(port, |at| (!at.messages.is_empty()).then(|| at.messages.remove(0)))?;
        Some(mach::Received { memory: vec![message, 0], size: 8 })
    }
}

fn ports() -> &'static Ports {
    static PORTS: OnceLock<Ports> = OnceLock::new();
    let ports = PORTS.get_or_init(Ports::default);
    mach::serve_ports(ports);
    ports
}

/// One that no other test has meanwhile.
unsafe extern "C-unwind" fn port_of_log(info: *mut c_void) -> u32 {
    info.addr() as u32
}

unsafe extern "C-unwind" fn perform_message(
    message: *mut c_void,
    size: CFIndex,
    _allocator: CFAllocatorRef,
    info: *mut c_void,
) -> *mut c_void {
    // SAFETY: a message of the ports above.
    let number = unsafe { message.cast::<u64>().read() };
    act(info, &format!("message {number} of {size} bytes"));
    ptr::null_mut()
}

fn context_of_messages(log: &mut Log) -> CFRunLoopSourceContext1 {
    CFRunLoopSourceContext1 {
        version: 1,
        info: log.info(),
        retain: Some(retain),
        release: Some(release),
        copyDescription: None,
        equal: None,
        hash: None,
        getPort: Some(port_of_log),
        perform: Some(perform_message),
    }
}

#[test]
fn a_source_of_a_mach_port_performs_with_each_message() {
    let (ports, mut log) = (ports(), Log::default());
    let mut context = context_of_messages(&mut log);
    let port = log.info().addr() as u32;
    let source = call!(CFRunLoopSourceCreate(ptr::null(), 0, (&raw mut context).cast()));
    ports.send(port, 1);
    call!(CFRunLoopAddSource(current(), source, default_mode()));
    ports.send(port, 2);
    assert_eq!(run(LONG, true), HANDLED_SOURCE);
    assert_eq!(log.take(), ["retain", "message 1 of 8 bytes"]);
    assert_eq!((run(LONG, true), run(0.0, true)), (HANDLED_SOURCE, TIMED_OUT));
    assert_eq!(log.take(), ["message 2 of 8 bytes"]);
    call!(CFRunLoopSourceInvalidate(source));
    ports.send(port, 3);
    assert_eq!(run(LONG, true), FINISHED);
    call!(CFRelease(source));
    assert_eq!(log.take(), ["release"]);
}

#[test]
fn a_message_wakes_the_loop_that_waits_for_it() {
    let (ports, mut log) = (ports(), Log { stop: true, ..Log::default() });
    let mut context = context_of_messages(&mut log);
    let port = log.info().addr() as u32;
    let source = call!(CFRunLoopSourceCreate(ptr::null(), 0, (&raw mut context).cast()));
    call!(CFRunLoopAddSource(current(), source, default_mode()));
    let run_loop = Opaque(current());
    let sender = thread::spawn(move || {
        while call!(CFRunLoopIsWaiting(run_loop.get())) == 0 {
            thread::yield_now();
        }
        ports.send(port, 7);
    });
    assert_eq!(run(LONG, false), STOPPED);
    sender.join().expect("it has sent");
    call!(CFRunLoopSourceInvalidate(source));
    call!(CFRelease(source));
    assert_eq!(log.take(), ["retain", "message 7 of 8 bytes", "release"]);
}

#[test]
fn a_source_of_a_mach_port_knows_what_it_was_made_of() {
    let mut log = Log::default();
    let mut context = context_of_messages(&mut log);
    let source = call!(CFRunLoopSourceCreate(ptr::null(), 0, (&raw mut context).cast()));
    let mut known = CFRunLoopSourceContext1 { info: ptr::null_mut(), getPort: None, ..context };
    call!(CFRunLoopSourceGetContext(source, (&raw mut known).cast()));
    assert_eq!((known.version, known.info, known.getPort.is_some()), (1, log.info(), true));
    call!(CFRelease(source));
}

#[test]
fn a_source_of_an_unknown_version_has_no_stand_in() {
    let mut log = Log::default();
    let mut context = CFRunLoopSourceContext1 { version: 2, ..context_of_messages(&mut log) };
    let create = || call!(CFRunLoopSourceCreate(ptr::null(), 0, (&raw mut context).cast()));
    let message = crate::tests::misuse(create);
    assert!(message.ends_with("a run loop source of version 2 has no stand-in"), "{message}");
}

#[test]
fn a_timer_knows_what_it_was_made_of() {
    let mut log = Log::default();
    let timer = timer(LONG, 2.0, &mut log);
    let date = call!(CFRunLoopTimerGetNextFireDate(timer)) - call!(CFAbsoluteTimeGetCurrent());
    assert!((0.0..=LONG).contains(&date));
    assert_eq!((call!(CFRunLoopTimerGetInterval(timer)), call!(CFRunLoopTimerGetOrder(timer))), (2.0, 0));
    assert_eq!((call!(CFRunLoopTimerDoesRepeat(timer)), call!(CFRunLoopTimerGetTolerance(timer))), (1, 0.0));
    call!(CFRunLoopTimerSetTolerance(timer, 5.0));
    assert_eq!(call!(CFRunLoopTimerGetTolerance(timer)), 1.0, "half of the interval at most");
    let mut context = CFRunLoopTimerContext {
        version: 0,
        info: ptr::null_mut(),
        retain: None,
        release: None,
        copyDescription: None,
    };
    call!(CFRunLoopTimerGetContext(timer, &raw mut context));
    assert_eq!(context.info, log.info());
    call!(CFRunLoopAddTimer(current(), timer, default_mode()));
    call!(CFRunLoopRemoveTimer(current(), timer, default_mode()));
    assert_eq!(call!(CFRunLoopContainsTimer(current(), timer, default_mode())), 0);
    assert_eq!(call!(CFRunLoopTimerIsValid(timer)), 1);
    call!(CFRelease(timer));
}

#[test]
fn a_timer_is_in_one_loop_only() {
    let mut log = Log::default();
    let timer = timer(LONG, 0.0, &mut log);
    call!(CFRunLoopAddTimer(current(), timer, default_mode()));
    let timer = Opaque(timer);
    let elsewhere = thread::spawn(move || {
        call!(CFRunLoopAddTimer(current(), timer.get(), default_mode()));
        call!(CFRunLoopContainsTimer(current(), timer.get(), default_mode()))
    });
    assert_eq!(elsewhere.join().expect("no misuse"), 0);
    call!(CFRelease(timer.get()));
}

#[test]
fn an_observer_knows_what_it_was_made_of() {
    let observer = call!(CFRunLoopObserverCreate(ptr::null(), 5, 1, 3, Some(observe), ptr::null_mut()));
    assert_eq!(call!(CFRunLoopObserverGetActivities(observer)), 5);
    assert_eq!(
        (call!(CFRunLoopObserverDoesRepeat(observer)), call!(CFRunLoopObserverGetOrder(observer))),
        (1, 3)
    );
    call!(CFRunLoopAddObserver(current(), observer, default_mode()));
    assert_eq!(call!(CFRunLoopContainsObserver(current(), observer, default_mode())), 1);
    assert_eq!(run(LONG, false), FINISHED, "an observer is nothing to wait for");
    call!(CFRunLoopRemoveObserver(current(), observer, default_mode()));
    assert_eq!(call!(CFRunLoopContainsObserver(current(), observer, default_mode())), 0);
    call!(CFRelease(observer));
}
