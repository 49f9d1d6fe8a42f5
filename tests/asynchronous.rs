//! Asynchronous external methods, from a client's future through the kernel to a driver's and back.

use iokit_uc::backend::Backend;
use iokit_uc::interface::{
    Arguments, AsyncReference, EntryId, MessageType, OnClose, SendOptions, UserClient,
};
use iokit_uc::sim::{Machine, Nub, Task, TerminateOptions};
use iokit_uc::{
    Completion, CompletionSender, Completions, Connection, ErrorKind, IoReturn, Matching, NotificationPort,
    Result, Scalars, Service, Structure, completions, user_client,
};
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

/// Far longer than anything takes: what has not come by then will never.
const LOST: Duration = Duration::from_secs(60);
const NOW: Duration = Duration::ZERO;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

// ---- a driver by a trait ----

#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
struct Span {
    first: u32,
    last: u32,
}

#[user_client(service = "com_example_Driver")]
trait Example {
    #[uc(selector = 0)]
    async fn add(&self, a: u32, b: u32) -> Result<u32>;
    /// How many calls there have been before it completes.
    #[uc(selector = 1)]
    fn calls(&self) -> Result<u32>;
    #[uc(selector = 2)]
    async fn never(&self) -> Result<()>;
    #[uc(selector = 3)]
    async fn fail(&self, code: i32) -> Result<(u64, u64)>;
    /// Every number of the span, and how many they are at once.
    #[uc(selector = 4)]
    fn count(&self, span: &Span) -> Result<(u32, Completions<u32>)>;
    /// What is published from now on.
    #[uc(selector = 5)]
    fn watch(&self) -> Result<Completions<(i32, bool)>>;
    #[uc(selector = 6)]
    async fn sum(&self, spans: &[Span], scalars: Scalars) -> Result<Scalars>;
    #[uc(selector = 7)]
    fn refuse(&self) -> Result<Completions<u32>>;
}

#[derive(Default)]
struct Driver {
    calls: AtomicU32,
    watchers: Mutex<Vec<CompletionSender<(i32, bool)>>>,
}

impl Driver {
    fn publish(&self, number: i32) {
        for watcher in &*lock(&self.watchers) {
            watcher.send((number, number < 0)).unwrap();
        }
    }
}

impl Example for Driver {
    async fn add(&self, a: u32, b: u32) -> Result<u32> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        a.checked_add(b).ok_or_else(|| IoReturn::OVERRUN.into())
    }

    fn calls(&self) -> Result<u32> {
        Ok(self.calls.load(Ordering::Relaxed))
    }

    async fn never(&self) -> Result<()> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        std::future::pending().await
    }

    async fn fail(&self, code: i32) -> Result<(u64, u64)> {
        Err(IoReturn::from_raw(code).into())
    }

    fn count(&self, span: &Span) -> Result<(u32, Completions<u32>)> {
        let (sender, numbers) = completions();
        (span.first..=span.last).try_for_each(|number| sender.send(number))?;
        Ok((span.last - span.first + 1, numbers))
    }

    fn watch(&self) -> Result<Completions<(i32, bool)>> {
        let (sender, numbers) = completions();
        sender.send((0, false))?;
        lock(&self.watchers).push(sender);
        Ok(numbers)
    }

    async fn sum(&self, spans: &[Span], scalars: Scalars) -> Result<Scalars> {
        let sums = spans.iter().map(|span| u64::from(span.first) + u64::from(span.last));
        Ok(Scalars::try_from(&*sums.chain(scalars.iter().copied()).collect::<Vec<_>>()).unwrap())
    }

    fn refuse(&self) -> Result<Completions<u32>> {
        let (sender, _completions) = completions();
        sender.send(1)?;
        Err(IoReturn::NOT_READY.into())
    }
}

struct Scene {
    machine: Machine,
    driver: Arc<Driver>,
    service: EntryId,
    task: Task,
}

impl Scene {
    fn new() -> Self {
        let machine = Machine::new();
        let driver = Arc::<Driver>::default();
        let server = ExampleServer::shared(Arc::clone(&driver));
        let service = machine.publish(Nub::new("com_example_Driver").driver(server));
        let task = machine.task("client");
        Self { machine, driver, service, task }
    }

    fn client(&self) -> ExampleClient {
        ExampleClient::open_first(&self.task.kernel()).unwrap()
    }

    fn client_on(&self, port: &NotificationPort) -> ExampleClient {
        let client = self.client();
        client.as_ref().notify_on(port).unwrap();
        client
    }

    fn port(&self) -> NotificationPort {
        NotificationPort::new(&self.task.kernel()).unwrap()
    }

    fn terminate(&self) {
        assert!(self.machine.terminate(self.service, TerminateOptions::default()));
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.machine.assert_clean();
        }
    }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> IoReturn {
    result.unwrap_err().code()
}

// ---- a driver by hand ----

/// Keeps the reference of each call, and does as the selector says.
#[derive(Clone, Default)]
struct Hand(Arc<Mutex<Vec<AsyncReference>>>);

impl Hand {
    const KEEP: u32 = 0;
    /// Completes with its arguments before it answers.
    const COMPLETE: u32 = 1;
    /// The same, and answers with an error.
    const COMPLETE_AND_FAIL: u32 = 2;
    /// Answers with its arguments, then completes twice with them.
    const TWICE: u32 = 3;

    fn scene(service: Option<EntryId>) -> (Self, Machine, EntryId, Connection) {
        let machine = Machine::new();
        let hand = Self::default();
        let kept = hand.clone();
        let published =
            machine.publish(Nub::new("Hand").user_client(move |_| Ok(HandClient(kept.clone(), service))));
        let kernel = machine.task("client").kernel();
        let found = Service::expect_first(&kernel, &Matching::class("Hand")).unwrap();
        (hand, machine, published, found.open(0).unwrap())
    }

    fn last(&self) -> AsyncReference {
        lock(&self.0).pop().unwrap()
    }
}

struct HandClient(Hand, Option<EntryId>);

impl UserClient for HandClient {
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        let reference = arguments.async_reference().ok_or(IoReturn::BAD_ARGUMENT)?;
        let scalars = arguments.scalar_input();
        let complete = || assert_eq!(reference.send_result(IoReturn::SUCCESS, scalars), IoReturn::SUCCESS);
        match selector {
            Hand::KEEP => {}
            Hand::COMPLETE => complete(),
            Hand::COMPLETE_AND_FAIL => {
                complete();
                return Err(IoReturn::NOT_READY.into());
            }
            Hand::TWICE => {
                complete();
                complete();
                arguments.scalar_output()[..scalars.len()].copy_from_slice(scalars);
            }
            _ => return Err(IoReturn::UNSUPPORTED.into()),
        }
        lock(&self.0.0).push(reference);
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }

    fn get_service(&self) -> Option<EntryId> {
        self.1
    }
}

fn begin(connection: &Connection, selector: u32, scalars: &[u64]) -> Completions<Scalars> {
    connection.call(selector).scalars(scalars).send_async().unwrap().1
}

// ---- calls ----

#[test]
fn a_completion_is_waited_for() {
    let scene = Scene::new();
    let client = scene.client();
    assert_eq!(client.add(2, 3).wait(), Ok(5));
    let mut sum = client.add(u32::MAX, 0);
    assert_eq!(sum.wait_timeout(LOST), Some(Ok(u32::MAX)));
    let spans = [Span { first: 1, last: 2 }, Span { first: 3, last: 4 }];
    assert_eq!(client.sum(&spans, [9].into()).wait(), Ok([3, 7, 9].into()));
    assert_eq!(client.as_ref().dropped_messages(), Default::default());
    drop(client);
}

#[test]
fn a_call_is_made_when_it_is_called_and_not_when_it_is_polled() {
    let scene = Scene::new();
    let client = scene.client();
    let pending = client.never();
    // The driver's future is polled on the kernel's work loop.
    assert!(scene.machine.wait_until_idle(LOST));
    assert_eq!(client.calls(), Ok(1));
    drop((pending, client));
}

#[test]
fn a_driver_s_error_names_the_method_and_has_no_figures() {
    let scene = Scene::new();
    let client = scene.client();
    let error = client.fail(IoReturn::OFFLINE.raw()).wait().unwrap_err();
    let text = "Example::fail (selector 3): kIOReturnOffline (0xe00002d7, -536870185): device offline";
    assert_eq!(error.to_string(), text);
    // A driver that fails with success has made a mistake.
    assert_eq!(code(client.fail(0).wait()), IoReturn::INTERNAL_ERROR);
    assert_eq!(code(client.add(u32::MAX, 1).wait()), IoReturn::OVERRUN);
    drop(client);
}

#[test]
fn a_call_that_fails_has_its_error_at_once() {
    let scene = Scene::new();
    let client = scene.client();
    scene.terminate();
    let mut context = Context::from_waker(Waker::noop());
    let polled = Pin::new(&mut client.add(1, 2)).poll(&mut context);
    assert_eq!(polled.map(code), Poll::Ready(IoReturn::MACH_SEND_INVALID_DEST));
    assert_eq!(code(client.watch()), IoReturn::MACH_SEND_INVALID_DEST);
    drop(client);
}

#[test]
fn a_method_that_answers_and_completes_does_both() {
    let scene = Scene::new();
    let client = scene.client();
    let (count, numbers) = client.count(&Span { first: 3, last: 7 }).unwrap();
    let numbers: Result<Vec<_>> = numbers.into_iter().take(count as usize).collect();
    assert_eq!(numbers, Ok(vec![3, 4, 5, 6, 7]));
    drop(client);
}

#[test]
fn what_is_sent_before_the_method_returns_comes_first() {
    let scene = Scene::new();
    let client = scene.client();
    let mut numbers = client.watch().unwrap();
    for number in [1, -2, 3] {
        scene.driver.publish(number);
    }
    lock(&scene.driver.watchers)[0].fail(IoReturn::BUSY).unwrap();
    scene.driver.publish(4);
    for expected in [(0, false), (1, false), (-2, true), (3, false)] {
        assert_eq!(numbers.wait(), Some(Ok(expected)));
    }
    // An error is one among others.
    assert_eq!(numbers.wait().map(code), Some(IoReturn::BUSY));
    assert_eq!(numbers.wait(), Some(Ok((4, false))));
    assert_eq!(numbers.wait_timeout(NOW), Poll::Pending);
    // The wire says nothing of a sender that is gone.
    lock(&scene.driver.watchers).clear();
    assert_eq!(numbers.wait_timeout(NOW), Poll::Pending);
    drop((numbers, client));
}

#[test]
fn a_method_that_fails_sends_nothing() {
    let scene = Scene::new();
    let port = scene.port();
    let client = scene.client_on(&port);
    assert_eq!(code(client.refuse()), IoReturn::NOT_READY);
    assert_eq!(port.dispatch(Some(NOW)), Ok(0));
    drop((client, port));
}

#[test]
fn a_selector_that_completes_is_refused_without_a_port_to_complete_to() {
    let scene = Scene::new();
    let client = scene.client();
    for selector in [0, 2, 4, 5, 6] {
        let call = client.as_ref().call(selector);
        let refused = match selector {
            0 => call.scalars(&[1, 2]).send(),
            4 => call.structure(&[0; 8]).scalar_capacity(1).send(),
            _ => call.send(),
        };
        assert_eq!(code(refused), IoReturn::BAD_ARGUMENT, "{selector}");
    }
    // And the other way round (EM-21).
    assert_eq!(code(client.as_ref().call(1).scalar_capacity(1).send_async()), IoReturn::BAD_ARGUMENT);
    assert_eq!(client.calls(), Ok(0));
    drop(client);
}

#[test]
fn without_a_kernel_the_same_trait_runs_on_the_driver_alone() {
    async fn total(example: &impl Example) -> Result<u32> {
        let (count, mut numbers) = example.count(&Span { first: 1, last: 3 })?;
        let mut total = 0;
        for _ in 0..count {
            total = example.add(total, numbers.wait().unwrap()?).await?;
        }
        Ok(total)
    }
    assert_eq!(pollster::block_on(total(&Driver::default())), Ok(6));
    let scene = Scene::new();
    assert_eq!(pollster::block_on(total(&scene.client())), Ok(6));
}

#[test]
fn a_driver_may_be_the_client_of_another() {
    struct Relay(ExampleClient);
    impl Example for Relay {
        async fn add(&self, a: u32, b: u32) -> Result<u32> {
            self.0.add(b, a).await
        }
        fn calls(&self) -> Result<u32> {
            self.0.calls()
        }
        async fn never(&self) -> Result<()> {
            self.0.never().await
        }
        async fn fail(&self, code: i32) -> Result<(u64, u64)> {
            self.0.fail(code).await
        }
        fn count(&self, span: &Span) -> Result<(u32, Completions<u32>)> {
            self.0.count(span)
        }
        fn watch(&self) -> Result<Completions<(i32, bool)>> {
            self.0.watch()
        }
        async fn sum(&self, spans: &[Span], scalars: Scalars) -> Result<Scalars> {
            self.0.sum(spans, scalars).await
        }
        fn refuse(&self) -> Result<Completions<u32>> {
            self.0.refuse()
        }
    }

    let scene = Scene::new();
    let outer = Machine::new();
    let relay = ExampleServer::new(Relay(scene.client()));
    outer.publish(Nub::new("com_example_Driver").driver(relay));
    let client = ExampleClient::open_first(&outer.task("client").kernel()).unwrap();

    assert_eq!(client.add(1, 2).wait(), Ok(3));
    let (_, mut numbers) = client.count(&Span { first: 1, last: 2 }).unwrap();
    assert_eq!((numbers.wait(), numbers.wait()), (Some(Ok(1)), Some(Ok(2))));
    let mut watched = client.watch().unwrap();
    scene.driver.publish(-5);
    assert_eq!((watched.wait(), watched.wait()), (Some(Ok((0, false))), Some(Ok((-5, true)))));
    // The end of the inner one comes to the outer one as an error, after which nothing comes.
    scene.terminate();
    assert_eq!(watched.wait().map(code), Some(IoReturn::NO_DEVICE));
    assert_eq!(watched.wait_timeout(NOW), Poll::Pending);
    drop((client, numbers, watched));
    outer.assert_clean();
    drop(outer);
}

// ---- executors ----

/// The next of a stream, for executors that have no word for it.
async fn next<T>(completions: &mut Completions<T>) -> Option<Result<T>>
where
    Completions<T>: smol::stream::Stream<Item = Result<T>>,
{
    smol::stream::StreamExt::next(completions).await
}

async fn everything(client: &ExampleClient) -> Result<()> {
    assert_eq!(client.add(2, 3).await, Ok(5));
    let (a, b) = (client.add(1, 1), client.add(2, 2));
    assert_eq!((b.await, a.await), (Ok(4), Ok(2)));
    let (_, mut numbers) = client.count(&Span { first: 1, last: 2 })?;
    assert_eq!(next(&mut numbers).await, Some(Ok(1)));
    assert_eq!(next(&mut numbers).await, Some(Ok(2)));
    let mut watched = client.watch()?;
    assert_eq!(next(&mut watched).await, Some(Ok((0, false))));
    Ok(())
}

#[test]
fn under_pollster() {
    let scene = Scene::new();
    assert_eq!(pollster::block_on(everything(&scene.client())), Ok(()));
}

#[test]
#[cfg_attr(miri, ignore = "Miri knows none of tokio's system calls")]
fn under_tokio_on_one_thread_and_on_many() {
    let scene = Scene::new();
    let one = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    assert_eq!(one.block_on(everything(&scene.client())), Ok(()));

    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_time().build().unwrap();
    let client = Arc::new(scene.client());
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let client = Arc::clone(&client);
            many.spawn(async move {
                for _ in 0..50 {
                    assert_eq!(client.add(number, 1).await, Ok(number + 1));
                }
                // Given up half-way.
                let pending = tokio::time::timeout(Duration::from_millis(1), client.never()).await;
                assert!(pending.is_err());
            })
        })
        .collect();
    many.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    drop((client, many));
}

#[test]
#[cfg_attr(miri, ignore = "Miri knows none of smol's system calls")]
fn under_smol() {
    let scene = Scene::new();
    let client = Arc::new(scene.client());
    smol::block_on(async {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let client = Arc::clone(&client);
                smol::spawn(async move { everything(&client).await })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await, Ok(()));
        }
    });
    let (_, numbers) = client.count(&Span { first: 1, last: 5 }).unwrap();
    let squares = smol::stream::StreamExt::map(numbers, |number| number.map(|number| number * number));
    let squares = smol::block_on(async {
        smol::stream::StreamExt::collect::<Vec<_>>(smol::stream::StreamExt::take(squares, 5)).await
    });
    assert_eq!(squares, [1, 4, 9, 16, 25].map(Ok));
    drop(client);
}

#[test]
fn many_threads_call_at_once_over_one_connection() {
    let scene = Scene::new();
    let client = scene.client();
    let rounds = if cfg!(miri) { 5 } else { 300 };
    thread::scope(|scope| {
        for thread in 0..4 {
            let client = &client;
            scope.spawn(move || {
                for round in 0..rounds {
                    let (a, b) = (client.add(thread, round), client.add(round, 1));
                    assert_eq!((b.wait(), a.wait()), (Ok(round + 1), Ok(thread + round)));
                }
            });
        }
    });
    assert_eq!(client.calls(), Ok(4 * 2 * rounds));
    drop(client);
}

// ---- ports ----

#[test]
fn a_port_of_one_s_own_delivers_when_it_is_dispatched() {
    let scene = Scene::new();
    let port = scene.port();
    let (first, second) = (scene.client_on(&port), scene.client_on(&port));
    assert_eq!(port.dispatch(Some(NOW)), Ok(0));
    let (_, mut numbers) = first.count(&Span { first: 1, last: 3 }).unwrap();
    let (_, mut others) = second.count(&Span { first: 8, last: 8 }).unwrap();
    assert_eq!(numbers.wait_timeout(NOW), Poll::Pending);
    assert_eq!(port.dispatch(None), Ok(4));
    for number in 1..=3 {
        assert_eq!(numbers.wait_timeout(NOW), Poll::Ready(Some(Ok(number))));
    }
    assert_eq!(others.wait_timeout(NOW), Poll::Ready(Some(Ok(8))));
    // Waits for what is yet to come.
    let mut sum = first.add(1, 2);
    assert_eq!(port.dispatch(Some(LOST)), Ok(1));
    assert_eq!(sum.wait_timeout(NOW), Some(Ok(3)));
    assert_eq!(port.dropped(), Default::default());
    drop((first, second, port));
}

#[test]
fn a_port_is_dispatched_by_several_threads_and_streams_stay_in_order() {
    let scene = Scene::new();
    let port = scene.port();
    let client = scene.client_on(&port);
    let done = AtomicBool::new(false);
    let count = if cfg!(miri) { 5 } else { 2000 };
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    port.dispatch(Some(Duration::from_millis(1))).unwrap();
                }
            });
        }
        for _ in 0..5 {
            let (_, numbers) = client.count(&Span { first: 1, last: count }).unwrap();
            let numbers: Result<Vec<_>> = numbers.into_iter().take(count as usize).collect();
            assert_eq!(numbers, Ok((1..=count).collect()));
        }
        done.store(true, Ordering::Relaxed);
    });
    drop((client, port));
}

#[test]
fn a_connection_has_one_port_and_it_is_of_its_own_task() {
    let scene = Scene::new();
    let (port, client) = (scene.port(), scene.client());
    let elsewhere = NotificationPort::new(&scene.machine.task("other").kernel()).unwrap();
    assert_eq!(code(client.as_ref().notify_on(&elsewhere)), IoReturn::BAD_ARGUMENT);
    client.as_ref().notify_on(&port).unwrap();
    assert_eq!(code(client.as_ref().notify_on(&port)), IoReturn::PORT_EXISTS);
    let other = scene.client();
    assert_eq!(other.add(1, 1).wait(), Ok(2));
    assert_eq!(code(other.as_ref().notify_on(&port)), IoReturn::PORT_EXISTS);
    drop((port, client, elsewhere, other));
}

#[test]
fn each_task_has_a_port_of_the_library_s_for_as_long_as_it_calls() {
    let scene = Scene::new();
    for _ in 0..3 {
        let other = scene.machine.task("other");
        let (a, b) = (scene.client(), ExampleClient::open_first(&other.kernel()).unwrap());
        let c = scene.client();
        assert_eq!((a.add(1, 1).wait(), b.add(2, 2).wait(), c.add(3, 3).wait()), (Ok(2), Ok(4), Ok(6)));
        drop((a, b));
        assert_eq!(c.add(3, 3).wait(), Ok(6));
        drop(c);
        scene.machine.assert_clean();
    }
}

// ---- ends ----

#[test]
fn closing_a_connection_ends_what_it_waits_for() {
    let scene = Scene::new();
    type Close = fn(ExampleClient);
    let ways: [Close; 3] = [
        drop,
        |client| Connection::from(client).close().unwrap(),
        |client| {
            let connection = Connection::from(client);
            let kernel = connection.kernel().clone();
            let name = connection.into_raw();
            // SAFETY: the reference is the connection's, which has given it up.
            drop(unsafe { Connection::from_raw(kernel, name) });
        },
    ];
    for close in ways {
        let client = scene.client();
        let (pending, mut watched, other) = (client.never(), client.watch().unwrap(), scene.client());
        let others = other.never();
        assert_eq!(watched.wait(), Some(Ok((0, false))));
        close(client);
        let error = pending.wait().unwrap_err();
        let text = "Example::never (selector 2): kIOReturnAborted (0xe00002eb, -536870165): operation aborted; \
                    the connection was closed";
        assert_eq!(error.to_string(), text);
        assert_eq!(watched.wait().map(code), Some(IoReturn::ABORTED));
        assert_eq!((watched.wait(), watched.wait_timeout(LOST)), (None, Poll::Ready(None)));
        // Those of another connection go on.
        let mut others = others;
        assert_eq!(others.wait_timeout(NOW), None);
        lock(&scene.driver.watchers).clear();
        drop(other);
        assert_eq!(code(others.wait()), IoReturn::ABORTED);
    }
}

#[test]
fn terminating_the_service_ends_what_waits_and_what_came_before_comes_first() {
    for own in [false, true] {
        let scene = Scene::new();
        let port = scene.port();
        let client = if own { scene.client_on(&port) } else { scene.client() };
        let (pending, mut watched) = (client.never(), client.watch().unwrap());
        scene.driver.publish(-1);
        scene.terminate();
        if own {
            assert_eq!(port.dispatch(Some(LOST)), Ok(3));
        }
        let error = pending.wait().unwrap_err();
        let text = "Example::never (selector 2): kIOReturnNoDevice (0xe00002c0, -536870208): no such device; the \
                    service was terminated";
        assert_eq!((error.to_string().as_str(), error.kind()), (text, ErrorKind::NoDevice));
        assert_eq!(watched.wait(), Some(Ok((0, false))));
        assert_eq!(watched.wait(), Some(Ok((-1, true))));
        assert_eq!(watched.wait().map(code), Some(IoReturn::NO_DEVICE));
        assert_eq!(watched.wait(), None);
        assert_eq!(code(client.add(1, 2).wait()), IoReturn::MACH_SEND_INVALID_DEST);
        drop((client, watched));
        drop(port);
    }
}

#[test]
fn terminating_the_service_wakes_whoever_waits() {
    let scene = Scene::new();
    let client = scene.client();
    let (pending, awaited) = (client.never(), client.never());
    thread::scope(|scope| {
        let waits = scope.spawn(|| code(pending.wait()));
        let polls = scope.spawn(|| code(pollster::block_on(awaited)));
        scene.terminate();
        assert_eq!(
            (waits.join().unwrap(), polls.join().unwrap()),
            (IoReturn::NO_DEVICE, IoReturn::NO_DEVICE)
        );
    });
    drop(client);
}

#[test]
fn a_connection_taken_over_hears_of_termination_if_the_driver_tells_its_service() {
    for tells in [false, true] {
        let machine = Machine::new();
        let attached = machine.publish(Nub::new("Other"));
        let hand = Hand::default();
        let kept = hand.clone();
        let told = tells.then_some(attached);
        machine.publish(Nub::new("Hand").user_client(move |_| Ok(HandClient(kept.clone(), told))));
        let kernel = machine.task("client").kernel();
        let service = Service::expect_first(&kernel, &Matching::class("Hand")).unwrap();
        let name = service.open(0).unwrap().into_raw();
        // SAFETY: the reference is the connection's, which has given it up.
        let connection = unsafe { Connection::from_raw(kernel, name) };
        let mut pending = begin(&connection, Hand::KEEP, &[]);
        if tells {
            machine.terminate(attached, TerminateOptions::default());
            assert_eq!(pending.wait().map(code), Some(IoReturn::NO_DEVICE));
            // The connection itself lives on, but nothing would end what it waits for.
            let mut later = begin(&connection, Hand::KEEP, &[]);
            assert_eq!(later.wait().map(code), Some(IoReturn::NO_DEVICE));
        } else {
            hand.last().send_result(IoReturn::SUCCESS, &[1]);
            assert_eq!(pending.wait(), Some(Ok([1].into())));
        }
        drop(connection);
        lock(&hand.0).clear();
        drop(service);
        machine.assert_clean();
    }
}

#[test]
fn killing_the_task_ends_what_it_waits_for() {
    let scene = Scene::new();
    let client = scene.client();
    let (pending, mut watched) = (client.never(), client.watch().unwrap());
    assert_eq!(watched.wait(), Some(Ok((0, false))));
    scene.task.kill();
    assert_eq!(code(pending.wait()), IoReturn::MACH_RCV_PORT_DIED);
    assert_eq!(watched.wait().map(code), Some(IoReturn::MACH_RCV_PORT_DIED));
    assert_eq!(watched.wait(), None);
    assert!(client.add(1, 2).wait().is_err());
    drop(client);
}

#[test]
fn killing_the_task_ends_a_dispatch() {
    let scene = Scene::new();
    let port = scene.port();
    let client = scene.client_on(&port);
    let pending = client.never();
    thread::scope(|scope| {
        let dispatching = scope.spawn(|| port.dispatch(None));
        assert!(scene.machine.wait_until_blocked(1, LOST));
        scene.task.kill();
        assert_eq!(
            dispatching.join().unwrap().map_err(|error| error.code()),
            Err(IoReturn::MACH_RCV_PORT_DIED)
        );
    });
    assert_eq!(code(pending.wait()), IoReturn::MACH_RCV_PORT_DIED);
    assert_eq!(code(port.dispatch(None)), IoReturn::MACH_RCV_PORT_DIED);
    assert!(client.add(1, 2).wait().is_err());
    drop((client, port));
}

#[test]
fn dropping_the_port_ends_what_waits_on_it_and_every_call_after() {
    let scene = Scene::new();
    let port = scene.port();
    let client = scene.client_on(&port);
    let (pending, mut watched) = (client.never(), client.watch().unwrap());
    drop(port);
    let error = pending.wait().unwrap_err();
    assert_eq!(error.code(), IoReturn::ABORTED);
    assert!(error.to_string().ends_with("the notification port was dropped"), "{error}");
    assert_eq!(watched.wait().map(code), Some(IoReturn::ABORTED));
    assert_eq!(code(client.add(1, 2).wait()), IoReturn::ABORTED);
    // The driver was asked once, for what was pending.
    assert!(scene.machine.wait_until_idle(LOST));
    assert_eq!(client.calls(), Ok(1));
    drop((client, watched));
}

/// All orders of `things`.
fn permutations(things: &[usize]) -> Vec<Vec<usize>> {
    if things.is_empty() {
        return vec![Vec::new()];
    }
    let rest = |index: usize| [&things[..index], &things[index + 1..]].concat();
    let all = (0..things.len()).flat_map(|index| {
        permutations(&rest(index)).into_iter().map(move |order| [&[things[index]], &order[..]].concat())
    });
    all.collect()
}

#[test]
fn everything_may_be_dropped_in_any_order() {
    for own in [false, true] {
        for order in permutations(&[0, 1, 2, 3, 4, 5]) {
            // Of 720 orders the rotations of one, where each step costs seconds.
            if cfg!(miri) && order.windows(2).any(|pair| pair[1] != (pair[0] + 1) % 6) {
                continue;
            }
            let (hand, machine, service, connection) = Hand::scene(None);
            let port = NotificationPort::new(connection.kernel()).unwrap();
            if own {
                connection.notify_on(&port).unwrap();
            }
            let pending = begin(&connection, Hand::KEEP, &[1]);
            let completed = begin(&connection, Hand::COMPLETE, &[2]);
            let (mut connection, mut port) = (Some(connection), Some(port));
            let (mut pending, mut completed) = (Some(pending), Some(completed));
            for step in order {
                match step {
                    0 => drop(pending.take()),
                    1 => drop(completed.take()),
                    2 => drop(connection.take()),
                    3 => drop(port.take()),
                    4 => {
                        machine.terminate(service, TerminateOptions::default());
                    }
                    _ => {
                        for reference in lock(&hand.0).drain(..) {
                            assert_eq!(reference.send_result(IoReturn::SUCCESS, &[3]), IoReturn::SUCCESS);
                        }
                    }
                }
            }
            machine.assert_clean();
        }
    }
}

#[test]
fn what_is_left_over_is_no_leak_when_the_machine_goes_first() {
    let (hand, machine, _, connection) = Hand::scene(None);
    let pending = begin(&connection, Hand::KEEP, &[1]);
    drop(machine);
    assert_eq!(hand.last().send_result(IoReturn::SUCCESS, &[]), IoReturn::SUCCESS);
    drop(connection);
    drop(pending);
}

// ---- completions that are not as they should be ----

#[test]
fn a_completion_may_come_before_the_answer() {
    let (_hand, machine, _, connection) = Hand::scene(None);
    let mut completions = begin(&connection, Hand::COMPLETE, &[4, 5]);
    assert_eq!(completions.wait(), Some(Ok([4, 5].into())));
    let (answer, mut completions) =
        connection.call(Hand::TWICE).scalars(&[6]).scalar_capacity(1).send_async().unwrap();
    assert_eq!(answer.scalars(), [6]);
    assert_eq!(completions.wait(), Some(Ok([6].into())));
    assert_eq!(completions.wait(), Some(Ok([6].into())));
    drop(connection);
    machine.assert_clean();
}

#[test]
fn the_error_of_a_call_counts_whatever_it_has_completed_with() {
    let (_hand, machine, _, connection) = Hand::scene(None);
    let port = NotificationPort::new(connection.kernel()).unwrap();
    connection.notify_on(&port).unwrap();
    let failed = connection.call(Hand::COMPLETE_AND_FAIL).send_async();
    assert_eq!(code(failed), IoReturn::NOT_READY);
    assert_eq!((port.dispatch(None), port.dropped().stale), (Ok(1), 1));
    drop((connection, port));
    machine.assert_clean();
}

/// What a driver by hand does, seen through a trait that promises something else.
#[user_client(service = "Hand")]
trait Promised {
    #[uc(selector = 0)]
    async fn pair(&self) -> Result<(u8, u8)>;
}

#[test]
fn a_completion_that_is_not_as_declared_is_an_error() {
    let (hand, machine, _, connection) = Hand::scene(None);
    let client = PromisedClient::new(connection);
    let answer = |arguments: &[u64]| {
        let pair = client.pair();
        assert_eq!(hand.last().send_result(IoReturn::SUCCESS, arguments), IoReturn::SUCCESS);
        pair.wait()
    };
    assert_eq!(answer(&[1, 2]), Ok((1, 2)));
    for arguments in [&[][..], &[1], &[1, 2, 3], &[1, 256], &[0; 16]] {
        let error = answer(arguments).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidReply, "{error}");
        assert!(error.to_string().starts_with("Promised::pair (selector 0): "), "{error}");
    }
    drop(client);
    machine.assert_clean();
}

#[test]
fn messages_that_are_for_nobody_are_counted_and_harm_nobody() {
    let (hand, machine, _, connection) = Hand::scene(None);
    let port = NotificationPort::new(connection.kernel()).unwrap();
    connection.notify_on(&port).unwrap();
    let client = PromisedClient::new(connection);
    let waiting = client.pair();
    let reference = hand.last();
    let wake_port = reference.wake_port();
    let send =
        |id, body: &[u8]| assert_eq!(wake_port.send(id, body, SendOptions::default()), IoReturn::SUCCESS);

    // A notification with any words in its reference: forged ones, and those of the call with one bit changed.
    let notification = |kind: u32, words: [u64; 8]| {
        let mut body = [12u32.to_ne_bytes(), kind.to_ne_bytes()].concat();
        body.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
        body.extend([0; 16]);
        body
    };
    let mut words = [0; 8];
    words[..reference.words().len()].copy_from_slice(reference.words());
    let mut stale = 0;
    for (slot, bit) in [(1, 0), (1, 63), (2, 0), (2, 5), (2, 63)] {
        let mut forged = words;
        forged[slot] ^= 1 << bit;
        send(53, &notification(150, forged));
        stale += 1;
    }
    send(53, &notification(150, [u64::MAX; 8]));
    send(53, &notification(150, [0; 8]));
    // A service message with a call's reference.
    send(53, &notification(160, words));
    stale += 3;
    // Unknown.
    send(57, &[]);
    send(53, &notification(199, words));
    // Malformed, oversized.
    send(53, &[]);
    send(53, &notification(150, words)[..70]);
    send(53, &[0; 9000]);

    assert_eq!(port.dispatch(None), Ok(13));
    let dropped = port.dropped();
    assert_eq!((dropped.stale, dropped.unknown, dropped.malformed), (stale, 2, 2));
    assert_eq!(dropped.oversized, 1);
    assert_eq!(client.as_ref().dropped_messages(), dropped);
    assert!(format!("{port:?}").contains(&format!("{dropped:?}")), "{port:?}");

    // Completed twice: the second is for nobody.
    for _ in 0..2 {
        assert_eq!(reference.send_result(IoReturn::SUCCESS, &[1, 2]), IoReturn::SUCCESS);
    }
    assert_eq!(port.dispatch(None), Ok(2));
    assert_eq!((waiting.wait(), port.dropped().stale), (Ok((1, 2)), stale + 1));
    drop((reference, wake_port, client, port));
    machine.assert_clean();
}

#[test]
fn the_end_of_the_service_is_not_believed_of_whoever_has_a_send_right_to_the_port() {
    let (hand, machine, published, connection) = Hand::scene(None);
    let kernel = connection.kernel().clone();
    let port = NotificationPort::new(&kernel).unwrap();
    connection.notify_on(&port).unwrap();
    let client = PromisedClient::new(connection);
    let waiting = client.pair();
    let reference = hand.last();

    machine.message_clients(published, MessageType(7), 0).unwrap();
    let mut raw = Vec::new();
    assert_eq!(kernel.mach_msg_receive(port.mach_port(), &mut raw, 8192, None), IoReturn::SUCCESS);
    for right in [8..12, 28..32] {
        let name = u32::from_ne_bytes(raw[right].try_into().unwrap());
        // SAFETY: the right has come with the message, and is nobody else's.
        unsafe { kernel.mach_port_deallocate(name) };
    }
    // The kernel's words to the connection, but for what happens, and with nothing that proves them the kernel's.
    raw[112..116].copy_from_slice(&MessageType::SERVICE_IS_TERMINATED.0.to_ne_bytes());
    assert_eq!(reference.wake_port().send(53, &raw[40..], SendOptions::default()), IoReturn::SUCCESS);
    assert_eq!((port.dispatch(None), port.dropped().stale), (Ok(1), 1));

    assert_eq!(reference.send_result(IoReturn::SUCCESS, &[1, 2]), IoReturn::SUCCESS);
    assert_eq!((port.dispatch(None), waiting.wait()), (Ok(1), Ok((1, 2))));
    drop((reference, client, port));
    machine.assert_clean();
}

#[test]
fn a_completion_for_a_future_that_is_gone_does_not_reach_the_next_in_its_place() {
    let (hand, machine, _, connection) = Hand::scene(None);
    let port = NotificationPort::new(connection.kernel()).unwrap();
    connection.notify_on(&port).unwrap();
    drop(begin(&connection, Hand::KEEP, &[]));
    let old = hand.last();
    let mut completions = begin(&connection, Hand::KEEP, &[]);
    let new = hand.last();
    assert_eq!(old.words()[2], new.words()[2]);
    old.send_result(IoReturn::SUCCESS, &[1]);
    new.send_result(IoReturn::SUCCESS, &[2]);
    assert_eq!((port.dispatch(None), port.dropped().stale), (Ok(2), 1));
    assert_eq!(completions.wait(), Some(Ok([2].into())));
    drop((connection, port, old, new));
    machine.assert_clean();
}

// ---- wakers ----

/// Runs when it is woken.
struct Woken<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for Woken<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn poll_with<T>(completion: &mut Completion<T>, woken: impl Fn() + Send + Sync + 'static) -> Poll<Result<T>> {
    Pin::new(completion).poll(&mut Context::from_waker(&Arc::new(Woken(woken)).into()))
}

#[test]
fn a_waker_may_drop_the_connection_on_the_library_s_own_thread() {
    let (hand, machine, _, connection) = Hand::scene(None);
    let client = PromisedClient::new(connection);
    let mut pair = client.pair();
    let client = Mutex::new(Some(client));
    let (dropped, was_dropped) = mpsc::channel();
    let polled = poll_with(&mut pair, move || {
        drop(lock(&client).take());
        dropped.send(thread::current().id()).unwrap();
    });
    assert!(polled.is_pending());
    hand.last().send_result(IoReturn::SUCCESS, &[1, 2]);
    assert_ne!(was_dropped.recv_timeout(LOST), Ok(thread::current().id()));
    assert_eq!(pair.wait(), Ok((1, 2)));
    machine.assert_clean();
}

#[test]
fn a_waker_may_wait_for_whoever_drops_the_connection() {
    let (hand, machine, _, connection) = Hand::scene(None);
    let client = PromisedClient::new(connection);
    let mut pair = client.pair();
    let held = Arc::new(Mutex::new(()));
    let (woken, was_woken) = mpsc::channel();
    let guard = lock(&held);
    let polled = poll_with(&mut pair, {
        let held = Arc::clone(&held);
        move || {
            woken.send(()).unwrap();
            drop(lock(&held));
        }
    });
    assert!(polled.is_pending());
    hand.last().send_result(IoReturn::SUCCESS, &[1, 2]);
    was_woken.recv_timeout(LOST).unwrap();
    drop(client);
    drop(guard);
    assert_eq!(pair.wait(), Ok((1, 2)));
    machine.assert_clean();
    // Gone with the thread.
    while Arc::strong_count(&held) > 1 {
        thread::yield_now();
    }
}

#[test]
fn a_waker_may_dispatch_and_call() {
    let scene = Scene::new();
    let port = Arc::new(scene.port());
    let client = Arc::new(scene.client_on(&port));
    let mut first = client.add(1, 2);
    let (came, comes) = mpsc::channel();
    let polled = poll_with(&mut first, {
        let (port, client) = (Arc::clone(&port), Arc::clone(&client));
        move || {
            let mut second = client.add(3, 4);
            assert_eq!(port.dispatch(Some(LOST)), Ok(1));
            came.send(second.wait_timeout(NOW)).unwrap();
        }
    });
    assert!(polled.is_pending());
    assert_eq!(port.dispatch(None), Ok(1));
    assert_eq!((comes.try_recv(), first.wait()), (Ok(Some(Ok(7))), Ok(3)));
    drop(client);
}

#[test]
fn a_waker_that_panics_stops_nobody_else() {
    let scene = Scene::new();
    let client = scene.client();
    let mut panics = client.never();
    let mut pending = [client.never(), client.never()];
    let (woken, was_woken) = mpsc::channel();
    assert!(poll_with(&mut panics, || panic!("a waker of the test's")).is_pending());
    for pending in &mut pending {
        let woken = woken.clone();
        assert!(poll_with(pending, move || woken.send(()).unwrap()).is_pending());
    }
    scene.terminate();
    for pending in pending {
        was_woken.recv_timeout(LOST).unwrap();
        assert_eq!(code(pending.wait()), IoReturn::NO_DEVICE);
    }
    drop((client, panics));
}

#[test]
#[cfg_attr(miri, ignore = "what the last panic carries is forgotten, which is a leak")]
fn a_waker_whose_panic_panics_stops_nobody_else() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("what a waker of the test's has thrown");
        }
    }
    let scene = Scene::new();
    let client = scene.client();
    let mut panics = [client.never(), client.never(), client.never()];
    for panics in &mut panics {
        assert!(poll_with(panics, || std::panic::panic_any(Panics)).is_pending());
    }
    let mut pending = client.never();
    let (woken, was_woken) = mpsc::channel();
    assert!(poll_with(&mut pending, move || woken.send(()).unwrap()).is_pending());
    scene.terminate();
    assert_eq!(was_woken.recv_timeout(LOST), Ok(()));
    drop((client, panics));
}

#[test]
fn the_last_connection_may_go_with_the_library_s_own_thread() {
    thread_local! {
        static KEPT: RefCell<Option<(ExampleClient, mpsc::Sender<()>)>> = const { RefCell::new(None) };
    }
    let scene = Scene::new();
    let client = scene.client();
    let mut pending = client.never();
    let (gone, is_gone) = mpsc::channel();
    let kept = Mutex::new(Some((client, gone)));
    assert!(poll_with(&mut pending, move || KEPT.set(lock(&kept).take())).is_pending());
    scene.task.kill();
    assert_eq!(is_gone.recv_timeout(LOST), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_future_is_polled_with_one_waker_after_the_other() {
    let (hand, machine, _, connection) = Hand::scene(None);
    let client = PromisedClient::new(connection);
    let mut pair = client.pair();
    let (woken, was_woken) = mpsc::channel();
    for number in 0..3 {
        let woken = woken.clone();
        assert!(poll_with(&mut pair, move || woken.send(number).unwrap()).is_pending());
    }
    drop(woken);
    hand.last().send_result(IoReturn::SUCCESS, &[1, 2]);
    // The last of them, once.
    assert_eq!(was_woken.iter().collect::<Vec<_>>(), [2]);
    assert_eq!(pair.wait(), Ok((1, 2)));
    drop(client);
    machine.assert_clean();
}

#[test]
fn what_a_panic_leaves_can_be_used() {
    fn usable<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    usable::<Connection>();
    usable::<Completion<u32>>();
    usable::<Completions<u32>>();
    usable::<NotificationPort>();
}

#[test]
fn a_completion_and_its_stream_cross_threads() {
    let scene = Scene::new();
    let client = scene.client();
    let (sum, numbers) = (client.add(1, 2), client.count(&Span { first: 1, last: 3 }).unwrap().1);
    let cell = Cell::new(0);
    let (sum, numbers) =
        thread::spawn(move || (sum.wait(), numbers.into_iter().take(3).collect::<Result<Vec<_>>>()))
            .join()
            .unwrap();
    cell.set(sum.unwrap());
    assert_eq!((cell.get(), numbers), (3, Ok(vec![1, 2, 3])));
    drop(client);
}
