//! Notifications, as a program has them: services that come and go, and what happens to them.

use iokit_uc::backend::{Backend, NULL, PortRight};
use iokit_uc::interface::{
    Arguments, AsyncReference, EntryId, MessageType, OnClose, SendOptions, UserClient,
};
use iokit_uc::sim::{InterestKind, Machine, Nub, Task, TerminateOptions};
use iokit_uc::{
    Error, Interest, InterestArgument, InterestMessage, IoReturn, Kernel, Matching, NotificationPort,
    Notifications, Result, Service, ServiceEvent, ServiceEvents, ServiceNotification, Subscription,
};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

/// Far longer than anything takes: what has not come by then will never.
const LOST: Duration = Duration::from_secs(60);
const NOW: Duration = Duration::ZERO;
const CLASS: &str = "com_example_Device";

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> IoReturn {
    result.unwrap_err().code()
}

fn devices() -> Matching {
    Matching::class(CLASS)
}

struct Scene {
    machine: Machine,
    task: Task,
}

impl Scene {
    fn new() -> Self {
        let machine = Machine::new();
        let task = machine.task("client");
        Self { machine, task }
    }

    fn kernel(&self) -> Kernel {
        self.task.kernel()
    }

    fn port(&self) -> NotificationPort {
        NotificationPort::new(&self.kernel()).unwrap()
    }

    fn plug(&self, name: impl Into<String>) -> EntryId {
        self.machine.publish(Nub::new(CLASS).name(name))
    }

    /// So many devices, named by their numbers, at as many hubs as it takes: a provider has 1023 clients at most (BQ-1a).
    fn plug_many(&self, count: usize) {
        let mut hub = None;
        for number in 0..count {
            if number % 1000 == 0 {
                hub = Some(self.machine.publish(Nub::new("com_example_Hub")));
            }
            let device = Nub::new(CLASS).name(number.to_string()).provider(hub.unwrap());
            self.machine.publish(device);
        }
    }

    fn unplug(&self, device: EntryId) {
        assert!(self.machine.terminate(device, TerminateOptions::default()));
    }

    /// A service that is there already, by its name.
    fn service(&self, name: &str) -> Service {
        Service::expect_first(&self.kernel(), &Matching::name(name)).unwrap()
    }

    fn watch(&self, kind: ServiceNotification) -> ServiceEvents {
        Service::watch(&self.kernel(), kind, &devices()).unwrap()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.machine.assert_clean();
        }
    }
}

/// The name of the service that has come, or "…" for those that may have been lost.
fn name(event: ServiceEvent) -> String {
    match event {
        ServiceEvent::Service(service) => service.name().unwrap(),
        ServiceEvent::MayHaveLost => "…".into(),
        other => panic!("{other:?}"),
    }
}

/// The next event, which somebody else receives.
fn next(events: &mut ServiceEvents) -> String {
    match events.wait_timeout(LOST) {
        Poll::Ready(Some(Ok(event))) => name(event),
        other => panic!("{other:?}"),
    }
}

/// All that is there.
fn all<T: std::fmt::Debug>(events: &mut Notifications<T>) -> Vec<T> {
    let mut all = Vec::new();
    while let Poll::Ready(Some(event)) = events.wait_timeout(NOW) {
        all.push(event.unwrap());
    }
    all
}

fn names(events: &mut ServiceEvents) -> Vec<String> {
    all(events).into_iter().map(name).collect()
}

/// A function for a subscription, which sends the names that it is called with, or the code of the end.
fn sending()
-> (impl FnMut(Result<ServiceEvent>) + Send + 'static, mpsc::Receiver<std::result::Result<String, IoReturn>>)
{
    let (sender, receiver) = mpsc::channel();
    let function = move |event: Result<ServiceEvent>| {
        let _ = sender.send(event.map(name).map_err(|error: Error| error.code()));
    };
    (function, receiver)
}

fn sent(receiver: &mpsc::Receiver<std::result::Result<String, IoReturn>>) -> Vec<String> {
    receiver.try_iter().map(|event| event.unwrap_or_else(|code| format!("{code:?}"))).collect()
}

// ---- services ----

#[test]
fn what_is_there_comes_first_and_then_what_is_plugged_in() {
    let scene = Scene::new();
    for name in ["a", "b", "c"] {
        scene.plug(name);
    }
    let mut arrivals = scene.watch(ServiceNotification::FirstMatch);
    // They have been fetched.
    assert_eq!(names(&mut arrivals), ["a", "b", "c"]);
    assert!(arrivals.wait_timeout(NOW).is_pending());
    scene.machine.publish(Nub::new("com_example_Other"));
    for name in ["d", "e"] {
        scene.plug(name);
        assert_eq!(next(&mut arrivals), name);
    }
    assert!(arrivals.wait_timeout(NOW).is_pending());
    drop(arrivals);
}

#[test]
fn a_thread_waits_for_the_next() {
    let scene = Scene::new();
    let arrivals = scene.watch(ServiceNotification::FirstMatch);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let mut arrivals = arrivals;
            let first: Vec<_> =
                (&mut arrivals).into_iter().take(1).map(|event| name(event.unwrap())).collect();
            let others = arrivals.into_iter().take(2).map(|event| name(event.unwrap()));
            [first, others.collect()].concat()
        });
        for name in ["a", "b", "c"] {
            scene.plug(name);
        }
        // What comes while others are fetched may stand before them.
        let mut seen = waiting.join().unwrap();
        seen.sort();
        assert_eq!(seen, ["a", "b", "c"]);
    });
}

#[test]
fn a_port_of_one_s_own_brings_events_when_it_is_dispatched() {
    let scene = Scene::new();
    scene.plug("a");
    let port = scene.port();
    let mut arrivals = port.services(ServiceNotification::FirstMatch, &devices()).unwrap();
    assert_eq!(names(&mut arrivals), ["a"]);
    for names in [["b", "c"], ["d", "e"]] {
        for name in names {
            scene.plug(name);
        }
        assert!(arrivals.wait_timeout(NOW).is_pending());
        // One message for all that has come since (NT-6).
        assert_eq!(port.dispatch(None), Ok(1));
        assert_eq!(self::names(&mut arrivals), names);
    }
    assert_eq!(port.dropped(), Default::default());
    drop((arrivals, port));
}

#[test]
fn each_kind_brings_what_it_says() {
    use ServiceNotification::*;
    let scene = Scene::new();
    let port = scene.port();
    let mut kinds = [Publish, FirstPublish, Matched, FirstMatch, Terminated, WillTerminate]
        .map(|kind| port.services(kind, &devices()).unwrap());
    let mut brought = || {
        port.dispatch(Some(NOW)).unwrap();
        kinds.each_mut().map(|events| names(events).len())
    };
    let device = scene.machine.attach(Nub::new(CLASS));
    assert_eq!(brought(), [0; 6]);
    let round = scene.machine.start_matching(device);
    assert_eq!(brought(), [1, 1, 0, 0, 0, 0]);
    drop(round);
    assert_eq!(brought(), [0, 0, 1, 1, 0, 0]);
    // Again.
    drop(scene.machine.start_matching(device));
    assert_eq!(brought(), [1, 0, 1, 0, 0, 0]);
    scene.unplug(device);
    assert_eq!(brought(), [0, 0, 0, 0, 1, 1]);
    drop((kinds, port));
}

#[test]
fn what_is_there_already_is_what_is_in_that_state() {
    use ServiceNotification::*;
    let scene = Scene::new();
    let port = scene.port();
    scene.machine.attach(Nub::new(CLASS).name("attached"));
    let registered = scene.machine.attach(Nub::new(CLASS).name("registered"));
    let round = scene.machine.start_matching(registered);
    scene.plug("matched");
    for (kind, expected) in [
        (Publish, &["registered", "matched"][..]),
        (FirstPublish, &["registered", "matched"]),
        (Matched, &["matched"]),
        (FirstMatch, &["matched"]),
        (Terminated, &[]),
        (WillTerminate, &[]),
    ] {
        let mut events = port.services(kind, &devices()).unwrap();
        assert_eq!(names(&mut events), expected, "{kind:?}");
    }
    drop((round, port));
}

#[test]
fn a_subtree_that_is_unplugged_goes_from_its_root_on_and_can_still_be_read() {
    let scene = Scene::new();
    let hub = scene.machine.publish(Nub::new(CLASS).name("hub").property("ports", 4_u32));
    for name in ["mouse", "keyboard"] {
        let device = scene.machine.publish(Nub::new(CLASS).name(name).provider(hub));
        scene.machine.publish(Nub::new(CLASS).name(format!("{name} interface")).provider(device));
    }
    scene.plug("stays");
    let mut departures = scene.watch(ServiceNotification::Terminated);
    scene.unplug(hub);
    let gone: Vec<_> = (0..5).map(|_| next(&mut departures)).collect();
    let index = |name: &str| gone.iter().position(|gone| gone == name).unwrap();
    assert_eq!(index("hub"), 0);
    for name in ["mouse", "keyboard"] {
        assert!(index(name) < index(&format!("{name} interface")), "{gone:?}");
    }
    assert!(departures.wait_timeout(NOW).is_pending());
    drop(departures);
}

#[test]
fn a_service_that_is_gone_has_its_name_class_and_id() {
    let scene = Scene::new();
    let device = scene.plug("device");
    let mut departures = scene.watch(ServiceNotification::Terminated);
    let id = scene.service("device").id().unwrap();
    scene.unplug(device);
    let Poll::Ready(Some(Ok(ServiceEvent::Service(gone)))) = departures.wait_timeout(LOST) else { panic!() };
    assert_eq!(gone.name().unwrap(), "device");
    assert_eq!((gone.class().unwrap(), gone.id().unwrap()), (CLASS.to_owned(), id));
    drop((gone, departures));
}

#[test]
fn subscribers_are_told_each_on_its_own() {
    let scene = Scene::new();
    let port = scene.port();
    let mut subscribers: Vec<_> =
        (0..10).map(|_| port.services(ServiceNotification::FirstMatch, &devices()).unwrap()).collect();
    let expected: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    for name in &expected {
        scene.plug(name);
    }
    assert_eq!(port.dispatch(None), Ok(10));
    for subscriber in &mut subscribers {
        assert_eq!(names(subscriber), expected);
    }
    drop((subscribers, port));
}

#[test]
fn what_a_matching_is_made_of_may_be_wrong() {
    let scene = Scene::new();
    let port = scene.port();
    let wrong = Matching::class("a\0b");
    let kind = ServiceNotification::Publish;
    assert_eq!(code(Service::watch(&scene.kernel(), kind, &wrong)), IoReturn::BAD_ARGUMENT);
    assert_eq!(code(Service::watch_with(&scene.kernel(), kind, &wrong, drop)), IoReturn::BAD_ARGUMENT);
    assert_eq!(code(port.services(kind, &wrong)), IoReturn::BAD_ARGUMENT);
    assert_eq!(code(port.on_services(kind, &wrong, drop)), IoReturn::BAD_ARGUMENT);
    drop(port);
}

// ---- bursts ----

/// The most services that the kernel keeps for a program (NT-5).
const CAPACITY: usize = 1024;

#[test]
#[cfg_attr(miri, ignore = "thousands of services take minutes")]
fn nt_05_a_burst_that_may_have_lost_some_says_so() {
    for (count, expected) in [(CAPACITY - 1, false), (CAPACITY, true), (CAPACITY + 500, true)] {
        let scene = Scene::new();
        let port = scene.port();
        let mut arrivals = port.services(ServiceNotification::FirstMatch, &devices()).unwrap();
        scene.plug_many(count);
        assert_eq!(port.dispatch(None), Ok(1));
        let mut came = names(&mut arrivals);
        assert_eq!(came.pop_if(|last| last == "…").is_some(), expected, "{count}");
        // In the order in which they came; those that came last are lost.
        let kept: Vec<_> = (0..count.min(CAPACITY)).map(|number| number.to_string()).collect();
        assert!(came == kept, "{count}");
        // It goes on.
        scene.plug("another");
        assert_eq!(port.dispatch(None), Ok(1));
        assert_eq!(names(&mut arrivals), ["another"]);
        drop((arrivals, port));
    }
}

#[test]
#[cfg_attr(miri, ignore = "thousands of services take minutes")]
fn nt_05_more_than_1024_that_are_there_already_may_have_lost_some() {
    let scene = Scene::new();
    scene.plug_many(CAPACITY + 1);
    let mut arrivals = scene.watch(ServiceNotification::FirstMatch);
    let came = names(&mut arrivals);
    assert_eq!((came.len(), came.last().unwrap().as_str()), (CAPACITY + 1, "…"));
    drop(arrivals);
}

#[test]
fn nothing_is_lost_while_services_come_and_go() {
    let scene = Scene::new();
    let arrivals = scene.watch(ServiceNotification::FirstMatch);
    let departures = scene.watch(ServiceNotification::Terminated);
    let (port, called) = (scene.port(), Arc::new(Mutex::new(Vec::new())));
    let subscription = port.on_services(ServiceNotification::FirstMatch, &devices(), {
        let called = Arc::clone(&called);
        move |event| lock(&called).push(name(event.unwrap()))
    });
    let count = if cfg!(miri) { 6 } else { 2000 };
    let expected: HashSet<_> = (0..count).map(|number| number.to_string()).collect();
    let done = AtomicBool::new(false);
    let (took, may_go) = mpsc::sync_channel::<()>(if cfg!(miri) { 2 } else { 500 });
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    port.dispatch(Some(Duration::from_millis(1))).unwrap();
                }
            });
        }
        let came = scope.spawn(|| {
            arrivals.into_iter().take(count).map(|event| name(event.unwrap())).collect::<HashSet<_>>()
        });
        let left = scope.spawn(move || {
            let left = departures.into_iter().take(count).map(|event| {
                may_go.recv().unwrap();
                name(event.unwrap())
            });
            left.collect::<HashSet<_>>()
        });
        for number in 0..count {
            let device = scene.plug(number.to_string());
            // No more than the kernel keeps are on their way.
            took.send(()).unwrap();
            scene.unplug(device);
        }
        assert_eq!((came.join().unwrap(), left.join().unwrap()), (expected.clone(), expected.clone()));
        done.store(true, Ordering::Relaxed);
    });
    port.dispatch(Some(NOW)).unwrap();
    assert_eq!(lock(&called).drain(..).collect::<HashSet<_>>(), expected);
    drop((subscription, port));
}

// ---- executors ----

async fn following(scene: &Scene, events: &mut ServiceEvents) {
    use smol::stream::StreamExt;
    for number in 0..3 {
        scene.plug(number.to_string());
        assert_eq!(name(events.next().await.unwrap().unwrap()), number.to_string());
    }
}

#[test]
fn under_pollster() {
    let scene = Scene::new();
    let mut arrivals = scene.watch(ServiceNotification::FirstMatch);
    pollster::block_on(following(&scene, &mut arrivals));
    drop(arrivals);
}

#[test]
#[cfg_attr(miri, ignore = "Miri knows none of smol's system calls")]
fn under_smol() {
    let scene = Scene::new();
    let mut arrivals = scene.watch(ServiceNotification::FirstMatch);
    smol::block_on(following(&scene, &mut arrivals));
    drop(arrivals);
}

#[test]
#[cfg_attr(miri, ignore = "Miri knows none of tokio's system calls")]
fn under_tokio_on_one_thread_and_on_many() {
    use smol::stream::StreamExt;
    let scene = Scene::new();
    let mut arrivals = scene.watch(ServiceNotification::FirstMatch);
    let one = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    one.block_on(following(&scene, &mut arrivals));

    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_time().build().unwrap();
    let watchers: Vec<_> = (0..5)
        .map(|_| {
            let mut departures = scene.watch(ServiceNotification::Terminated);
            many.spawn(async move {
                let gone = name(departures.next().await.unwrap().unwrap());
                // Given up half-way.
                let pending = tokio::time::timeout(Duration::from_millis(1), departures.next()).await;
                assert!(pending.is_err());
                gone
            })
        })
        .collect();
    let device = scene.plug("device");
    scene.unplug(device);
    many.block_on(async {
        for watcher in watchers {
            assert_eq!(watcher.await.unwrap(), "device");
        }
    });
    drop((arrivals, many));
}

// ---- functions ----

#[test]
fn a_function_is_called_by_whoever_dispatches_the_port_and_by_nobody_else() {
    let scene = Scene::new();
    scene.plug("a");
    let port = scene.port();
    let threads = Arc::new(Mutex::new(Vec::new()));
    let (mut function, called) = sending();
    let subscription = port.on_services(ServiceNotification::FirstMatch, &devices(), {
        let threads = Arc::clone(&threads);
        move |event| {
            lock(&threads).push(thread::current().id());
            function(event);
        }
    });
    scene.plug("b");
    assert_eq!(sent(&called), [""; 0]);
    let dispatcher = thread::scope(|scope| {
        let dispatching = scope.spawn(|| {
            port.dispatch(None).unwrap();
            thread::current().id()
        });
        dispatching.join().unwrap()
    });
    assert_eq!(sent(&called), ["a", "b"]);
    scene.plug("c");
    port.dispatch(None).unwrap();
    assert_eq!(sent(&called), ["c"]);
    assert_eq!(*lock(&threads), [dispatcher, dispatcher, thread::current().id()]);
    drop((subscription, port));
}

#[test]
fn a_function_without_a_port_is_called_by_the_library_s_own_thread() {
    let scene = Scene::new();
    let device = scene.plug("a");
    let (called, calls) = mpsc::channel();
    let also = called.clone();
    let kind = ServiceNotification::FirstMatch;
    let arrivals = Service::watch_with(&scene.kernel(), kind, &devices(), move |event| {
        called.send((name(event.unwrap()), thread::current().id())).unwrap();
    });
    let interest = scene.service("a").interest_with(Interest::General, move |message| {
        let message = message.unwrap();
        also.send((format!("{:?}", message.message), thread::current().id())).unwrap();
    });
    let (first, its) = calls.recv_timeout(LOST).unwrap();
    assert_eq!(first, "a");
    assert_ne!(its, thread::current().id());
    scene.unplug(device);
    assert_eq!(calls.recv_timeout(LOST), Ok(("kIOMessageServiceIsTerminated".into(), its)));
    scene.plug("b");
    assert_eq!(calls.recv_timeout(LOST), Ok(("b".into(), its)));
    drop((arrivals, interest));
}

#[test]
fn a_function_is_called_no_more_when_its_subscription_is_dropped() {
    let scene = Scene::new();
    scene.plug("a");
    let port = scene.port();
    let (function, called) = sending();
    let subscription = port.on_services(ServiceNotification::FirstMatch, &devices(), function).unwrap();
    // Nobody has dispatched what is there already.
    drop(subscription);
    port.dispatch(Some(NOW)).unwrap();
    assert_eq!(called.recv(), Err(mpsc::RecvError));

    let (function, called) = sending();
    let subscription = port.on_services(ServiceNotification::FirstMatch, &devices(), function).unwrap();
    port.dispatch(None).unwrap();
    assert_eq!(sent(&called), ["a"]);
    // The message is on its way.
    scene.plug("b");
    drop(subscription);
    scene.plug("c");
    assert_eq!((port.dispatch(Some(NOW)), port.dropped().stale), (Ok(1), 1));
    assert_eq!(called.recv(), Err(mpsc::RecvError));
    drop(port);
}

/// A place for what a function of its own drops.
type Own<T> = Arc<Mutex<Option<T>>>;

#[test]
fn a_function_may_drop_its_own_subscription() {
    let scene = Scene::new();
    for name in ["a", "b", "c"] {
        scene.plug(name);
    }
    let port = scene.port();
    let own = Own::<Subscription>::default();
    let (mut function, called) = sending();
    let subscription = port.on_services(ServiceNotification::FirstMatch, &devices(), {
        let own = Arc::clone(&own);
        move |event| {
            drop(lock(&own).take());
            function(event);
        }
    });
    *lock(&own) = Some(subscription.unwrap());
    port.dispatch(None).unwrap();
    assert_eq!(called.iter().collect::<Vec<_>>(), [Ok("a".to_owned())]);
    assert_eq!(Arc::strong_count(&own), 1);
    drop(port);
}

#[test]
fn a_function_of_the_library_s_own_thread_may_drop_its_subscription() {
    let scene = Scene::new();
    let own = Own::<Subscription>::default();
    let (mut function, called) = sending();
    let kind = ServiceNotification::FirstMatch;
    let subscription = Service::watch_with(&scene.kernel(), kind, &devices(), {
        let own = Arc::clone(&own);
        move |event| {
            drop(lock(&own).take());
            function(event);
        }
    });
    *lock(&own) = Some(subscription.unwrap());
    scene.plug("a");
    // Until the function is gone, and its sender with it.
    assert_eq!(called.iter().collect::<Vec<_>>(), [Ok("a".to_owned())]);
    // The thread ends by itself.
    while Arc::strong_count(&own) > 1 || !scene.machine.report().is_clean() {
        thread::yield_now();
    }
}

#[test]
fn a_function_may_drop_a_port_whose_functions_are_told_of_its_end() {
    let scene = Scene::new();
    let (port, other) = (scene.port(), scene.port());
    let kind = ServiceNotification::FirstMatch;
    let own = Own::<Subscription>::default();
    let (mut function, called) = sending();
    let ended = other.on_services(kind, &devices(), {
        let own = Arc::clone(&own);
        move |event| {
            // The end comes while the port is dropped.
            drop(lock(&own).take());
            function(event);
        }
    });
    *lock(&own) = Some(ended.unwrap());
    let other = Mutex::new(Some(other));
    let (mut function, calls) = sending();
    let subscription = port.on_services(kind, &devices(), move |event| {
        drop(lock(&other).take());
        function(event);
    });
    scene.plug("a");
    port.dispatch(None).unwrap();
    assert_eq!(sent(&calls), ["a"]);
    // What the dropped port has not received is lost with it.
    assert_eq!(called.iter().collect::<Vec<_>>(), [Err(IoReturn::ABORTED)]);
    drop((subscription, port));
}

#[test]
fn a_function_may_register_another_and_dispatch_the_port() {
    let scene = Scene::new();
    scene.plug("a");
    let port = Arc::new(scene.port());
    let others = Arc::<Mutex<Vec<Subscription>>>::default();
    let (other, called) = sending();
    let other = Arc::new(Mutex::new(other));
    let subscription = port.on_services(ServiceNotification::FirstMatch, &devices(), {
        let (port, others) = (Arc::downgrade(&port), Arc::clone(&others));
        move |event| {
            let (port, other) = (port.upgrade().unwrap(), Arc::clone(&other));
            let kind = ServiceNotification::FirstMatch;
            let function = move |event| (lock(&other))(event);
            lock(&others).push(port.on_services(kind, &devices(), function).unwrap());
            port.dispatch(Some(LOST)).unwrap();
            drop(event);
        }
    });
    port.dispatch(None).unwrap();
    // Within the function.
    assert_eq!(sent(&called), ["a"]);
    lock(&others).clear();
    drop((subscription, port));
}

#[test]
fn a_function_that_panics_is_called_again_and_stops_nobody_else() {
    let scene = Scene::new();
    let port = scene.port();
    let calls = Arc::new(AtomicUsize::new(0));
    let panics = port.on_services(ServiceNotification::FirstMatch, &devices(), {
        let calls = Arc::clone(&calls);
        move |_| {
            calls.fetch_add(1, Ordering::Relaxed);
            panic!("a function of the test's");
        }
    });
    let (function, called) = sending();
    let other = port.on_services(ServiceNotification::FirstMatch, &devices(), function);
    for round in 1..3 {
        scene.plug("a");
        scene.plug("b");
        let panicked =
            (0..2).filter(|_| catch_unwind(AssertUnwindSafe(|| port.dispatch(Some(NOW)).unwrap())).is_err());
        assert_eq!(panicked.count(), 1);
        assert_eq!((calls.load(Ordering::Relaxed), sent(&called)), (2 * round, vec!["a".into(), "b".into()]));
    }
    drop((panics, other, port));
}

#[test]
fn a_function_that_panics_on_the_library_s_own_thread_ends_nothing() {
    let scene = Scene::new();
    let kind = ServiceNotification::FirstMatch;
    let (called, calls) = mpsc::channel();
    let subscription = Service::watch_with(&scene.kernel(), kind, &devices(), move |event| {
        called.send(name(event.unwrap())).unwrap();
        panic!("a function of the test's");
    });
    for name in ["a", "b"] {
        scene.plug(name);
        assert_eq!(calls.recv_timeout(LOST).unwrap(), name);
    }
    drop(subscription);
}

#[test]
fn dropping_a_subscription_does_not_wait_for_the_function_that_runs() {
    let scene = Scene::new();
    let port = scene.port();
    let held = Arc::new(Mutex::new(()));
    let (began, begun) = mpsc::channel();
    let subscription = port
        .on_services(ServiceNotification::FirstMatch, &devices(), {
            let held = Arc::clone(&held);
            move |_| {
                began.send(()).unwrap();
                drop(lock(&held));
            }
        })
        .unwrap();
    scene.plug("a");
    thread::scope(|scope| {
        let guard = lock(&held);
        let dispatching = scope.spawn(|| port.dispatch(None));
        begun.recv_timeout(LOST).unwrap();
        // It waits for what is held here.
        drop(subscription);
        scene.plug("b");
        drop(guard);
        dispatching.join().unwrap().unwrap();
    });
    port.dispatch(Some(NOW)).unwrap();
    // It was called once, and is gone.
    assert_eq!((begun.try_recv(), Arc::strong_count(&held)), (Err(mpsc::TryRecvError::Disconnected), 1));
    drop(port);
}

#[test]
fn functions_are_called_in_order_whichever_thread_dispatches() {
    let scene = Scene::new();
    let port = scene.port();
    let count = if cfg!(miri) { 5 } else { 800 };
    let (function, called) = sending();
    let subscription = port.on_services(ServiceNotification::FirstMatch, &devices(), function);
    let done = AtomicBool::new(false);
    let came: Vec<_> = thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    port.dispatch(Some(Duration::from_millis(1))).unwrap();
                }
            });
        }
        for number in 0..count {
            scene.plug(number.to_string());
        }
        let came = called.iter().take(count).map(|event| event.unwrap()).collect();
        done.store(true, Ordering::Relaxed);
        came
    });
    let mut sorted = came.clone();
    sorted.sort_by_key(|name| name.parse::<usize>().unwrap());
    // What comes while others are fetched may stand before them, and nothing comes twice.
    let misplaced = came.iter().zip(&sorted).filter(|(came, sorted)| came != sorted).count();
    assert_eq!(sorted, (0..count).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(misplaced < count, "{came:?}");
    drop((subscription, port));
}

// ---- what happens to a service ----

fn told(message: &InterestMessage) -> (MessageType, InterestArgument) {
    (message.message, message.argument.clone())
}

#[test]
fn messages_are_typed_and_unknown_ones_are_kept() {
    let scene = Scene::new();
    let device = scene.plug("device");
    let port = scene.port();
    let mut messages = port.interest(&scene.service("device"), Interest::General).unwrap();
    let family = MessageType(0xe001_4007);
    scene.machine.message_clients(device, MessageType::SERVICE_IS_SUSPENDED, 0).unwrap();
    scene.machine.message_clients(device, family, 0xfedc_ba98_7654_3210).unwrap();
    assert_eq!(port.dispatch(None), Ok(2));
    let messages: Vec<_> = all(&mut messages).iter().map(told).collect();
    let expected = [
        (MessageType::SERVICE_IS_SUSPENDED, InterestArgument::Value(0)),
        (family, InterestArgument::Value(0xfedc_ba98_7654_3210)),
    ];
    assert_eq!(messages, expected);
    drop(port);
}

#[test]
fn nt_14_a_structure_comes_with_its_size_up_to_64_bytes() {
    let scene = Scene::new();
    let device = scene.plug("device");
    let port = scene.port();
    let mut messages = port.interest(&scene.service("device"), Interest::General).unwrap();
    let bytes: Vec<u8> = (1..=100).collect();
    for size in [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 63, 64, 65, 100] {
        scene.machine.message_clients(device, MessageType(7), &bytes[..size]).unwrap();
        port.dispatch(None).unwrap();
        let argument = all(&mut messages).remove(0).argument;
        let first =
            u64::from_ne_bytes(std::array::from_fn(|index| if index < size { bytes[index] } else { 0 }));
        assert_eq!(argument.value(), first);
        let expected = match size {
            // One does not see that it is none.
            8 => InterestArgument::Value(first),
            _ => InterestArgument::Bytes(bytes[..size.min(64)].into()),
        };
        assert_eq!(argument, expected);
    }
    drop((messages, port));
}

#[test]
fn each_kind_of_interest_hears_of_its_own() {
    const ALL: [Interest; 5] = [
        Interest::General,
        Interest::Busy,
        Interest::AppPowerState,
        Interest::PriorityPowerState,
        Interest::ConsoleSecurity,
    ];
    let scene = Scene::new();
    let device = scene.plug("device");
    let (port, service) = (scene.port(), scene.service("device"));
    let mut all_kinds = ALL.map(|kind| port.interest(&service, kind).unwrap());
    let mut heard = || {
        port.dispatch(Some(NOW)).unwrap();
        all_kinds.each_mut().map(|messages| all(messages).iter().map(told).collect::<Vec<_>>())
    };
    scene.machine.message_clients(device, MessageType(7), 1).unwrap();
    let general = (MessageType(7), InterestArgument::Value(1));
    assert_eq!(heard(), [vec![general], vec![], vec![], vec![], vec![]]);
    let busy = |value| (MessageType::SERVICE_BUSY_STATE_CHANGE, InterestArgument::Value(value));
    scene.machine.adjust_busy(device, 1).unwrap();
    scene.machine.adjust_busy(device, 1).unwrap();
    scene.machine.adjust_busy(device, -2).unwrap();
    assert_eq!(heard(), [vec![], vec![busy(1), busy(0)], vec![], vec![], vec![]]);
    let kinds =
        [InterestKind::AppPowerState, InterestKind::PriorityPowerState, InterestKind::ConsoleSecurity];
    for kind in kinds {
        let argument = kind as u64;
        scene.machine.message_interested(device, kind, MessageType(0xe000_0999), argument).unwrap();
    }
    let own = kinds.map(|kind| vec![(MessageType(0xe000_0999), InterestArgument::Value(kind as u64))]);
    let [app, priority, console] = own;
    assert_eq!(heard(), [vec![], vec![], app, priority, console]);
    drop((all_kinds, port, service));
}

#[test]
fn the_end_of_the_service_is_the_last_of_general_interest_and_names_it_anew() {
    let scene = Scene::new();
    let device = scene.plug("device");
    let service = scene.service("device");
    let messages = service.interest(Interest::General).unwrap();
    let (called, calls) = mpsc::channel();
    let subscription =
        service.interest_with(Interest::General, move |message| called.send(message.unwrap()).unwrap());
    scene.machine.message_clients(device, MessageType(7), 1).unwrap();
    scene.unplug(device);
    let messages: Vec<_> = messages.into_iter().map(|message| message.unwrap()).collect();
    assert_eq!(
        messages.iter().map(|message| message.message).collect::<Vec<_>>(),
        [MessageType(7), MessageType::SERVICE_IS_TERMINATED]
    );
    assert_eq!(messages[0].service, service);
    assert_eq!(code(service.class()), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(messages[1].service.name().unwrap(), "device");
    // The function is gone, and its sender with it.
    assert_eq!(
        calls.iter().map(|message| message.message).collect::<Vec<_>>(),
        [MessageType(7), MessageType::SERVICE_IS_TERMINATED]
    );
    assert!(subscription.unwrap().is_over());
    drop(messages);
}

#[test]
fn a_service_that_is_gone_is_of_no_interest() {
    let scene = Scene::new();
    let device = scene.plug("device");
    let (service, port) = (scene.service("device"), scene.port());
    let mut departures = port.services(ServiceNotification::Terminated, &devices()).unwrap();
    let other = scene.plug("other");
    let kept = scene.service("other");
    drop(departures);
    scene.unplug(device);
    departures = port.services(ServiceNotification::Terminated, &devices()).unwrap();
    scene.unplug(other);
    for (service, code) in [(&service, IoReturn::MACH_SEND_INVALID_DEST), (&kept, IoReturn::UNSUPPORTED)] {
        for error in [
            service.interest(Interest::General).unwrap_err(),
            port.interest(service, Interest::Busy).unwrap_err(),
            port.on_interest(service, Interest::General, drop).unwrap_err(),
        ] {
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains("the service has been terminated"), "{error}");
        }
    }
    drop((departures, port, service, kept));
}

#[test]
fn a_port_takes_services_of_its_own_task() {
    let scene = Scene::new();
    scene.plug("device");
    let elsewhere = NotificationPort::new(&scene.machine.task("other").kernel()).unwrap();
    let service = scene.service("device");
    assert_eq!(code(elsewhere.interest(&service, Interest::General)), IoReturn::BAD_ARGUMENT);
    drop((elsewhere, service));
}

#[test]
fn a_function_hears_of_what_happens_to_a_service() {
    let scene = Scene::new();
    let device = scene.plug("device");
    let port = scene.port();
    let (called, calls) = mpsc::channel();
    let subscription = port
        .on_interest(&scene.service("device"), Interest::General, move |message| {
            called.send(message.map(|message| told(&message))).unwrap();
        })
        .unwrap();
    for number in 0..3 {
        scene.machine.message_clients(device, MessageType(7), number).unwrap();
    }
    assert_eq!(calls.try_recv(), Err(mpsc::TryRecvError::Empty));
    assert_eq!(port.dispatch(None), Ok(3));
    for number in 0..3 {
        assert_eq!(calls.try_recv(), Ok(Ok((MessageType(7), InterestArgument::Value(number)))));
    }
    drop(port);
    assert_eq!(calls.recv().unwrap().map_err(|error| error.code()), Err(IoReturn::ABORTED));
    assert_eq!(calls.recv(), Err(mpsc::RecvError));
    assert!(subscription.is_over());
}

// ---- messages of others ----

/// Keeps the reference of every call.
struct Keeps(Arc<Mutex<Option<AsyncReference>>>);

impl UserClient for Keeps {
    fn external_method(&self, _: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        *lock(&self.0) = arguments.async_reference();
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

#[test]
fn a_message_that_the_kernel_has_not_sent_is_for_nobody() {
    let scene = Scene::new();
    let kept = Arc::<Mutex<Option<AsyncReference>>>::default();
    let device = scene.machine.publish({
        let kept = Arc::clone(&kept);
        Nub::new(CLASS).name("driver").user_client(move |_| Ok(Keeps(Arc::clone(&kept))))
    });
    let (kernel, port) = (scene.kernel(), scene.port());
    let connection = scene.service("driver").open(0).unwrap();
    connection.notify_on(&port).unwrap();
    // The driver has a send right to the port from here on.
    let call = connection.call(0).send_async().unwrap();
    let reference = lock(&kept).take().unwrap();
    drop((call, connection));

    let mut messages = port.interest(&scene.service("driver"), Interest::General).unwrap();
    let mut arrivals = port.services(ServiceNotification::FirstMatch, &devices()).unwrap();
    assert_eq!(names(&mut arrivals), ["driver"]);
    scene.machine.message_clients(device, MessageType(7), 1).unwrap();
    scene.plug("another");
    let mut raw = Vec::new();
    let mut forge = |rights: &[std::ops::Range<usize>], body: usize| {
        assert_eq!(kernel.mach_msg_receive(port.mach_port(), &mut raw, 8192, Some(NOW)), IoReturn::SUCCESS);
        for right in rights {
            let name = u32::from_ne_bytes(raw[right.clone()].try_into().unwrap());
            // SAFETY: the right has come with the message, and is nobody else's.
            unsafe { kernel.mach_port_deallocate(name) };
        }
        // The kernel's very words, with nothing that proves them the kernel's.
        assert_eq!(reference.wake_port().send(53, &raw[body..], SendOptions::default()), IoReturn::SUCCESS);
    };
    // The notification and the service, before the header and its body; then the iterator.
    forge(&[8..12, 28..32], 40);
    forge(std::slice::from_ref(&(8..12)), 24);
    assert_eq!((port.dispatch(None), port.dropped().stale), (Ok(2), 2));
    assert!(messages.wait_timeout(NOW).is_pending() && arrivals.wait_timeout(NOW).is_pending());
    // What they were of goes on: the iterator has what the stolen message told of, and is not armed.
    scene.machine.message_clients(device, MessageType(8), 1).unwrap();
    assert_eq!(port.dispatch(Some(NOW)).map(|_| all(&mut messages).len()), Ok(1));
    drop((reference, messages, arrivals, port));
}

#[test]
fn the_name_of_a_port_is_that_of_its_receive_right() {
    let scene = Scene::new();
    let port = scene.port();
    let mut references = 0;
    let code = scene.kernel().mach_port_get_refs(port.mach_port(), PortRight::Receive, &mut references);
    assert_eq!((code, references), (IoReturn::SUCCESS, 1));
    assert_eq!(scene.kernel().mach_msg_send_empty(port.mach_port(), 99), IoReturn::SUCCESS);
    assert_eq!((port.dispatch(Some(NOW)), port.dropped().unknown), (Ok(1), 1));
    drop(port);
}

#[test]
fn what_a_panic_leaves_can_be_used_on_any_thread() {
    fn usable<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe + Send + Sync>() {}
    usable::<ServiceEvents>();
    usable::<Notifications<InterestMessage>>();
    usable::<Subscription>();
    usable::<NotificationPort>();
}

// ---- ends ----

#[test]
fn dropping_what_is_watched_releases_what_waits_in_it() {
    let scene = Scene::new();
    let device = scene.plug("a");
    let port = scene.port();
    let arrivals = port.services(ServiceNotification::FirstMatch, &devices()).unwrap();
    let messages = port.interest(&scene.service("a"), Interest::General).unwrap();
    let (function, _called) = sending();
    let subscription = port.on_services(ServiceNotification::FirstMatch, &devices(), function);
    scene.plug("b");
    scene.machine.message_clients(device, MessageType::SERVICE_PROPERTY_CHANGE, 1).unwrap();
    port.dispatch(None).unwrap();
    // More is on its way.
    scene.plug("c");
    scene.machine.message_clients(device, MessageType::SERVICE_PROPERTY_CHANGE, 2).unwrap();
    drop((arrivals, messages, subscription));
    assert_eq!((port.dispatch(Some(NOW)), port.dropped().stale), (Ok(3), 3));
    // All but the port's own right.
    let clean = scene.machine.report();
    drop(port);
    assert!(!clean.is_clean());
}

#[test]
fn dropping_the_port_ends_what_waits_with_one_error() {
    let scene = Scene::new();
    scene.plug("a");
    let port = scene.port();
    let mut arrivals = port.services(ServiceNotification::FirstMatch, &devices()).unwrap();
    let mut messages = port.interest(&scene.service("a"), Interest::General).unwrap();
    let (function, called) = sending();
    let subscription = port.on_services(ServiceNotification::Publish, &devices(), function).unwrap();
    assert!(!subscription.is_over());
    drop(port);
    assert!(subscription.is_over());
    // What was there comes first.
    assert_eq!(called.iter().collect::<Vec<_>>(), [Ok("a".to_owned()), Err(IoReturn::ABORTED)]);
    assert_eq!(next(&mut arrivals), "a");
    let error = arrivals.wait().unwrap().unwrap_err();
    assert_eq!(error.code(), IoReturn::ABORTED);
    assert!(error.to_string().contains("the notification port was dropped"), "{error}");
    assert_eq!(messages.wait().map(code), Some(IoReturn::ABORTED));
    assert!(arrivals.wait().is_none() && messages.wait().is_none());
    drop(subscription);
}

#[test]
fn killing_the_task_ends_what_waits() {
    let scene = Scene::new();
    let port = scene.port();
    let mut own = port.services(ServiceNotification::FirstMatch, &devices()).unwrap();
    let mut arrivals = scene.watch(ServiceNotification::FirstMatch);
    scene.task.kill();
    assert_eq!(arrivals.wait().map(code), Some(IoReturn::MACH_RCV_PORT_DIED));
    assert!(arrivals.wait().is_none());
    assert_eq!(code(port.dispatch(None)), IoReturn::MACH_RCV_PORT_DIED);
    assert_eq!(own.wait().map(code), Some(IoReturn::MACH_RCV_PORT_DIED));
    assert!(own.wait().is_none());
    let kind = ServiceNotification::FirstMatch;
    assert_eq!(code(port.services(kind, &devices())), IoReturn::MACH_RCV_PORT_DIED);
    assert_eq!(code(port.on_services(kind, &devices(), drop)), IoReturn::MACH_RCV_PORT_DIED);
    assert_eq!(port.mach_port(), NULL);
    drop((own, arrivals, port));
}

#[test]
fn whatever_goes_first_when_the_machine_goes_is_no_leak() {
    let scene = Scene::new();
    scene.plug("a");
    let arrivals = scene.watch(ServiceNotification::FirstMatch);
    let port = scene.port();
    let subscription = port.on_services(ServiceNotification::FirstMatch, &devices(), drop);
    drop(scene.machine.downgrade());
    drop((port, subscription));
    drop(arrivals);
}

#[test]
fn everything_may_be_dropped_at_any_moment_on_any_thread() {
    let (rounds, turns) = if cfg!(miri) { (2, 1) } else { (60, 10) };
    for _ in 0..rounds {
        let scene = Scene::new();
        scene.plug("there");
        let port = scene.port();
        let owned = Arc::new(());
        let stop = AtomicBool::new(false);
        let while_others = |work: &(dyn Fn() + Sync)| {
            while !stop.load(Ordering::Relaxed) {
                work();
                thread::yield_now();
            }
        };
        thread::scope(|scope| {
            let come_and_go = || {
                let device = scene.plug("device");
                scene.machine.message_clients(device, MessageType(7), 1).unwrap();
                scene.unplug(device);
            };
            scope.spawn(move || while_others(&come_and_go));
            scope.spawn(|| while_others(&|| _ = port.dispatch(Some(NOW)).unwrap()));
            let (dropped, drops) = mpsc::channel::<Box<dyn Send>>();
            let watchers: Vec<_> = [ServiceNotification::FirstMatch, ServiceNotification::Terminated]
                .map(|kind| {
                    let (scene, port, owned, dropped) = (&scene, &port, &owned, dropped.clone());
                    scope.spawn(move || {
                        for turn in 0..turns {
                            let (own, its) = (Arc::clone(owned), Arc::clone(owned));
                            let there = scene.service("there");
                            let mut events = port.services(kind, &devices()).unwrap();
                            let mut all: Vec<Box<dyn Send>> = vec![
                                Box::new(port.on_services(kind, &devices(), move |_| _ = &own).unwrap()),
                                Box::new(Service::watch_with(&scene.kernel(), kind, &devices(), move |_| {
                                    _ = &its
                                })),
                                Box::new(scene.watch(kind)),
                                Box::new(there.interest(Interest::General).unwrap()),
                                Box::new(port.on_interest(&there, Interest::General, drop).unwrap()),
                            ];
                            if turn % 2 == 0 {
                                let _ = events.wait_timeout(Duration::from_millis(1));
                            }
                            all.push(Box::new(events));
                            for (index, handle) in all.into_iter().enumerate() {
                                match (turn + index) % 3 {
                                    0 => drop(handle),
                                    _ => dropped.send(handle).unwrap(),
                                }
                            }
                        }
                    })
                })
                .into();
            drop(dropped);
            scope.spawn(move || drops.into_iter().for_each(drop)).join().unwrap();
            watchers.into_iter().for_each(|watcher| watcher.join().unwrap());
            stop.store(true, Ordering::Relaxed);
        });
        drop(port);
        // The library's own thread may end by itself, with what it has just called.
        while Arc::strong_count(&owned) > 1 || !scene.machine.report().is_clean() {
            thread::yield_now();
        }
    }
}
