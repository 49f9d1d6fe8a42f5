//! Data queues, from a driver through the kernel to a task and back.

use futures_core::stream::FusedStream;
use futures_lite::StreamExt;
use iokit_uc::interface::{Arguments, EntryId, OnClose, SendOptions, SendRight, UserClient};
use iokit_uc::memory::{MapOptions, MemoryDescriptor};
use iokit_uc::sim::{Machine, Nub, OpenRequest, TerminateOptions};
use iokit_uc::{
    Connection, DataQueue, Detail, ErrorKind, IoReturn, Kernel, Mapping, Matching, NotificationPort, Result,
    Service, Structure, user_client,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

const NOW: Duration = Duration::ZERO;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

// ---- a driver by a trait ----

#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
struct Event {
    number: u32,
    code: u32,
    time: u64,
}

impl Event {
    fn of(number: u32) -> Self {
        Self { number, code: !number, time: u64::from(number) << 32 }
    }
}

#[user_client(service = "com_example_Events")]
trait Events {
    /// Posts as many events, and returns how many found room.
    #[uc(selector = 0)]
    fn post(&self, count: u32) -> Result<u32>;
    /// Takes out what has been put into `orders`, and answers with it in `records`.
    #[uc(selector = 1)]
    fn echo(&self) -> Result<u32>;
    #[uc(queue = 1)]
    fn events(&self) -> Result<DataQueue<Event>>;
    #[uc(queue = 2)]
    fn records(&self) -> Result<DataQueue<[u8]>>;
    #[uc(queue = 3)]
    fn orders(&self) -> Result<DataQueue<[u8]>>;
}

struct Driver {
    events: Mutex<DataQueue<Event>>,
    posted: Mutex<u32>,
    records: Mutex<DataQueue<[u8]>>,
    orders: Mutex<DataQueue<[u8]>>,
}

impl Driver {
    fn new() -> Self {
        Self {
            events: Mutex::new(DataQueue::with_entries(8).unwrap()),
            posted: Mutex::default(),
            records: Mutex::new(DataQueue::with_capacity(100).unwrap()),
            orders: Mutex::new(DataQueue::with_capacity(100).unwrap()),
        }
    }
}

impl Events for Driver {
    fn post(&self, count: u32) -> Result<u32> {
        let (mut events, mut posted) = (lock(&self.events), lock(&self.posted));
        let first = *posted;
        for _ in 0..count {
            match events.enqueue(&Event::of(*posted)) {
                Ok(_) => *posted += 1,
                Err(error) => assert_eq!(error.code(), IoReturn::OVERRUN),
            }
        }
        Ok(*posted - first)
    }

    fn echo(&self) -> Result<u32> {
        let mut count = 0;
        while let Some(order) = lock(&self.orders).dequeue()? {
            lock(&self.records).enqueue(&order)?;
            count += 1;
        }
        Ok(count)
    }

    fn events(&self) -> Result<DataQueue<Event>> {
        lock(&self.events).share()
    }

    fn records(&self) -> Result<DataQueue<[u8]>> {
        lock(&self.records).share()
    }

    fn orders(&self) -> Result<DataQueue<[u8]>> {
        lock(&self.orders).share()
    }
}

/// A machine with the driver, its number, and a client of it.
fn machine() -> (Machine, EntryId, EventsClient) {
    let machine = Machine::new();
    let id = machine.publish(Nub::new("com_example_Events").driver(EventsServer::new(Driver::new())));
    let client = EventsClient::open_first(&machine.task("client").kernel()).unwrap();
    (machine, id, client)
}

/// The same for the driver alone and for the driver behind a kernel.
fn both(test: impl Fn(&(dyn Events + Sync))) {
    test(&Driver::new());
    let (machine, _, client) = machine();
    test(&client);
    drop(client);
    machine.assert_clean();
}

fn poll<T: iokit_uc::QueueEntry + ?Sized>(
    queue: &mut DataQueue<T>,
    waker: &Waker,
) -> Poll<Option<Result<T::Item>>> {
    queue.poll_next(&mut Context::from_waker(waker))
}

#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

// ---- entries ----

#[test]
fn events_come_in_order_and_those_that_find_no_room_are_the_driver_s_to_count() {
    both(|driver| {
        let mut events = driver.events().unwrap();
        assert_eq!(events.capacity(), 9 * 20);
        assert_eq!(driver.post(20), Ok(9));
        for number in 0..5 {
            assert_eq!(events.dequeue(), Ok(Some(Event::of(number))));
        }
        assert_eq!(driver.post(20), Ok(4));
        let rest: Vec<_> = std::iter::from_fn(|| events.dequeue().unwrap()).collect();
        assert_eq!(rest, (5..13).map(Event::of).collect::<Vec<_>>());
    });
}

#[test]
fn a_thread_waits_for_events() {
    both(|driver| {
        let mut events = driver.events().unwrap();
        let rounds = if cfg!(miri) { 5 } else { 500 };
        thread::scope(|scope| {
            let reading = scope.spawn(|| {
                let taken: Result<Vec<_>> = (&mut events).into_iter().take(4 * rounds as usize).collect();
                taken.unwrap()
            });
            let mut posted = 0;
            while posted < 4 * rounds {
                posted += driver.post((4 * rounds - posted).min(4)).unwrap();
            }
            assert_eq!(reading.join().unwrap(), (0..4 * rounds).map(Event::of).collect::<Vec<_>>());
        });
        assert_eq!(events.wait_timeout(NOW), Poll::Pending);
    });
}

#[test]
fn what_a_task_puts_in_the_driver_takes_out_when_it_is_told() {
    both(|driver| {
        let (mut orders, mut records) = (driver.orders().unwrap(), driver.records().unwrap());
        for round in 0..10 {
            assert_eq!(orders.enqueue(&[round; 3]), Ok(true));
            assert_eq!(orders.enqueue(&[]), Ok(false));
            assert_eq!(driver.echo(), Ok(2));
            assert_eq!(records.wait(), Some(Ok(vec![round; 3])));
            assert_eq!(records.wait(), Some(Ok(vec![])));
        }
        let error = orders.enqueue(&[0; 97]).unwrap_err();
        assert_eq!(error.code(), IoReturn::OVERRUN);
        assert!(error.to_string().contains("an entry of 97 bytes in a data queue of 100"), "{error}");
    });
}

#[test]
fn whoever_polls_is_woken() {
    both(|driver| {
        let mut events = driver.events().unwrap();
        driver.post(1).unwrap();
        let first = pollster::block_on(events.next());
        assert_eq!(first, Some(Ok(Event::of(0))));
        thread::scope(|scope| {
            let reading = scope.spawn(|| pollster::block_on(events.next()));
            driver.post(1).unwrap();
            assert_eq!(reading.join().unwrap(), Some(Ok(Event::of(1))));
        });
        assert!(!events.is_terminated());
    });
}

// ---- a port of the program's own ----

#[test]
fn a_program_receives_for_its_queues_itself() {
    let (machine, _, client) = machine();
    let port = NotificationPort::new(client.as_ref().kernel()).unwrap();
    client.as_ref().notify_on(&port).unwrap();
    let (mut events, mut records) = (client.events().unwrap(), client.records().unwrap());
    let counters = [Arc::<Counter>::default(), Arc::default()];
    let [first, second] = counters.clone().map(Waker::from);
    let woken = || counters.each_ref().map(|counter| counter.0.load(Ordering::SeqCst));
    assert_eq!((poll(&mut events, &first), poll(&mut records, &second)), (Poll::Pending, Poll::Pending));

    // One message, for the first of them; nobody but the queues themselves knows whose it was.
    client.post(3).unwrap();
    assert_eq!((woken(), port.dispatch(None), woken()), ([0, 0], Ok(1), [1, 1]));
    assert_eq!(poll(&mut records, &second), Poll::Pending);
    assert_eq!(poll(&mut events, &first), Poll::Ready(Some(Ok(Event::of(0)))));
    // It is not empty: no message.
    client.post(1).unwrap();
    assert_eq!(port.dispatch(Some(NOW)), Ok(0));
    assert_eq!(port.dropped(), Default::default());

    drop(port);
    for number in 1..4 {
        assert_eq!(poll(&mut events, &first), Poll::Ready(Some(Ok(Event::of(number)))));
    }
    let error = events.wait().unwrap().unwrap_err();
    assert_eq!(error.code(), IoReturn::ABORTED);
    assert!(error.to_string().contains("Events::events (memory type 1)"), "{error}");
    assert!(error.to_string().contains("the notification port was dropped"), "{error}");
    assert_eq!((events.wait(), events.is_terminated()), (None, true));
    drop((events, records, client));
    machine.assert_clean();
}

#[test]
fn a_message_that_comes_when_nobody_waits_any_more_is_stale() {
    let (machine, _, client) = machine();
    let port = NotificationPort::new(client.as_ref().kernel()).unwrap();
    client.as_ref().notify_on(&port).unwrap();
    let mut events = client.events().unwrap();
    assert_eq!(events.wait_timeout(NOW), Poll::Pending);
    client.post(1).unwrap();
    drop(events);
    assert_eq!(port.dispatch(None), Ok(1));
    assert_eq!((port.dropped().stale, port.dropped().unknown), (1, 0));

    // The driver has been told to send no more.
    let mut events = client.events().unwrap();
    assert_eq!(events.dequeue(), Ok(Some(Event::of(0))));
    client.post(1).unwrap();
    assert_eq!(port.dispatch(Some(NOW)), Ok(0));
    assert_eq!(events.wait_timeout(NOW), Poll::Ready(Some(Ok(Event::of(1)))));
    drop((events, port, client));
    machine.assert_clean();
}

#[test]
fn of_two_handles_on_a_queue_one_goes_and_the_other_hears_on() {
    let (machine, _, client) = machine();
    let (mut kept, mut dropped) = (client.events().unwrap(), client.events().unwrap());
    assert_eq!((kept.wait_timeout(NOW), dropped.wait_timeout(NOW)), (Poll::Pending, Poll::Pending));
    drop(dropped);
    thread::scope(|scope| {
        let reading = scope.spawn(|| kept.wait());
        client.post(1).unwrap();
        assert_eq!(reading.join().unwrap(), Some(Ok(Event::of(0))));
    });
    drop((kept, client));
    machine.assert_clean();
}

// ---- the end ----

#[test]
fn what_lies_in_the_queue_of_a_terminated_service_comes_before_its_end() {
    let (machine, id, client) = machine();
    let (mut events, mut records) = (client.events().unwrap(), client.records().unwrap());
    assert_eq!(events.wait_timeout(NOW), Poll::Pending);
    client.post(2).unwrap();
    machine.terminate(id, TerminateOptions::default());
    for number in 0..2 {
        assert_eq!(events.wait(), Some(Ok(Event::of(number))));
    }
    let ended =
        |error: iokit_uc::Error| (error.code(), error.kind(), error.to_string().contains("terminated"));
    let expected = (IoReturn::NO_DEVICE, ErrorKind::NoDevice, true);
    assert_eq!(ended(events.wait().unwrap().unwrap_err()), expected);
    assert_eq!((events.wait(), poll(&mut events, Waker::noop())), (None, Poll::Ready(None)));
    // The memory is there still (TERM-6), and who waits for the first time hears of the end too.
    assert_eq!(records.dequeue(), Ok(None));
    assert_eq!(ended(records.wait().unwrap().unwrap_err()), expected);
    assert_eq!(records.wait(), None);
    drop((events, records, client));
    machine.assert_clean();
}

#[test]
fn a_thread_that_waits_hears_of_the_end() {
    let (machine, id, client) = machine();
    let mut events = client.events().unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| events.wait());
        machine.terminate(id, TerminateOptions::default());
        assert_eq!(waiting.join().unwrap().unwrap().unwrap_err().code(), IoReturn::NO_DEVICE);
    });
    drop((events, client));
    machine.assert_clean();
}

#[test]
fn a_queue_keeps_its_connection_open_and_a_close_ends_its_waits() {
    let (machine, _, client) = machine();
    let mut events = client.events().unwrap();
    client.post(1).unwrap();
    drop(client);
    assert_eq!(events.wait(), Some(Ok(Event::of(0))));
    assert_eq!(machine.report().user_clients.len(), 1);
    drop(events);
    assert_eq!(machine.report().user_clients.len(), 0);

    let client = EventsClient::open_first(&machine.task("other").kernel()).unwrap();
    let (mut events, mut records) = (client.events().unwrap(), client.records().unwrap());
    assert_eq!(records.wait_timeout(NOW), Poll::Pending);
    client.post(1).unwrap();
    Connection::from(client).close().unwrap();
    assert_eq!(events.wait(), Some(Ok(Event::of(1))));
    for error in [events.wait().unwrap().unwrap_err(), records.wait().unwrap().unwrap_err()] {
        assert_eq!((error.code(), error.kind()), (IoReturn::ABORTED, ErrorKind::Aborted));
    }
    assert_eq!((events.wait(), records.wait()), (None, None));
    drop((events, records));
    machine.assert_clean();
}

// ---- a driver by hand ----

/// The memory types of the driver by hand.
mod kind {
    /// A queue of entries of any size; as bytes, the same memory.
    pub(crate) const QUEUE: u32 = 0;
    pub(crate) const READ_ONLY: u32 = 1;
    pub(crate) const SHORT: u32 = 2;
    pub(crate) const NO_SIZE: u32 = 3;
    pub(crate) const TOO_LARGE: u32 = 4;
    pub(crate) const TINY: u32 = 5;
    pub(crate) const ODD: u32 = 6;
    pub(crate) const NONE: u32 = 7;
}

/// What the driver by hand has registered, in order: type, and whether there was a port.
#[derive(Clone)]
struct ByHand {
    queue: Arc<Mutex<DataQueue<[u8]>>>,
    others: Arc<Vec<(u32, MemoryDescriptor)>>,
    registered: Arc<Mutex<Vec<(u32, bool)>>>,
    port: Arc<Mutex<Option<SendRight>>>,
    answer: IoReturn,
}

impl ByHand {
    fn new(answer: IoReturn) -> Self {
        let memory = |length, size: u32| {
            let descriptor = MemoryDescriptor::new(length).unwrap();
            Mapping::<[u8]>::of(&descriptor).unwrap().slice_mut().write(0, &size).unwrap_or_default();
            descriptor
        };
        let odd = MemoryDescriptor::new(100).unwrap();
        let others = vec![
            (kind::SHORT, memory(11, 4)),
            (kind::NO_SIZE, memory(100, 0)),
            (kind::TOO_LARGE, memory(100, 89)),
            (kind::TINY, memory(100, 19)),
            (kind::ODD, odd.sub_range(2, 60).unwrap()),
        ];
        let queue = Arc::new(Mutex::new(DataQueue::with_capacity(80).unwrap()));
        Self { queue, others: Arc::new(others), registered: Arc::default(), port: Arc::default(), answer }
    }

    fn connect(&self) -> (Machine, Connection) {
        let machine = Machine::new();
        let driver = self.clone();
        machine.publish(Nub::new("com_example_ByHand").driver(move |_: &OpenRequest<'_>| Ok(driver.clone())));
        let kernel: Kernel = machine.task("client").kernel();
        let class = Matching::class("com_example_ByHand");
        let connection = Service::expect_first(&kernel, &class).unwrap().open(0).unwrap();
        (machine, connection)
    }

    fn enqueue(&self, entry: &[u8]) {
        lock(&self.queue).enqueue(entry).unwrap();
    }
}

impl UserClient for ByHand {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Err(IoReturn::UNSUPPORTED.into())
    }

    fn register_notification_port(&self, port: Option<SendRight>, port_type: u32, _: u64) -> Result<()> {
        lock(&self.registered).push((port_type, port.is_some()));
        lock(&self.queue).set_notification_port(port.clone());
        *lock(&self.port) = port;
        self.answer.result().map_err(Into::into)
    }

    fn client_memory_for_type(
        &self,
        memory_type: u32,
        options: &mut MapOptions,
        memory: &mut Option<MemoryDescriptor>,
    ) -> Result<()> {
        if memory_type == kind::READ_ONLY {
            *options = MapOptions::READ_ONLY;
        }
        *memory = match memory_type {
            kind::QUEUE | kind::READ_ONLY => lock(&self.queue).descriptor().cloned(),
            _ => self.others.iter().find(|(its, _)| *its == memory_type).map(|(_, memory)| memory.clone()),
        };
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

#[test]
fn memory_that_holds_no_queue_is_an_error_that_tells_the_figures() {
    let (machine, connection) = ByHand::new(IoReturn::SUCCESS).connect();
    let error = |memory_type| connection.data_queue::<Event>(memory_type).unwrap_err().to_string();
    for (memory_type, figures) in [
        (kind::SHORT, &["11 bytes", "12"][..]),
        (kind::NO_SIZE, &["`queueSize` is 0"]),
        (kind::TOO_LARGE, &["`queueSize` is 89", "88 bytes after the header"]),
        (kind::TINY, &["`queueSize` is 19", "an entry takes 20 bytes"]),
        (kind::ODD, &["multiple of 4"]),
    ] {
        let error = error(memory_type);
        assert!(error.contains(&format!("(memory type {memory_type})")), "{error}");
        assert!(figures.iter().all(|figure| error.contains(figure)), "{error}");
    }
    let error = connection.data_queue::<[u8]>(kind::READ_ONLY).unwrap_err();
    assert_eq!(error.code(), IoReturn::NOT_WRITABLE);
    let error = connection.data_queue::<[u8]>(kind::NONE).unwrap_err();
    assert_eq!(error.code(), IoReturn::BAD_ARGUMENT, "MEM-1");
    drop(connection);
    machine.assert_clean();
}

#[test]
fn a_driver_that_breaks_the_queue_is_found_out() {
    let driver = ByHand::new(IoReturn::SUCCESS);
    let (machine, connection) = driver.connect();
    let mut queue = connection.data_queue::<[u8]>(kind::QUEUE).unwrap();
    let mut memory = Mapping::<[u8]>::of(queue_memory(&driver).as_ref().unwrap()).unwrap();
    driver.enqueue(&[1; 4]);
    memory.slice_mut().write(8, &1000u32).unwrap();
    let detail = Detail::QueueCorrupt { size: 80, head: 0, tail: 1000, entry: None };
    let error = queue.dequeue().unwrap_err();
    assert_eq!((error.code(), error.kind()), (IoReturn::ERROR, ErrorKind::InvalidReply));
    assert_eq!(error.detail(), Some(&detail));
    assert!(error.to_string().contains("IODataQueueDequeue (memory type 0)"), "{error}");
    assert_eq!(queue.wait(), Some(Err(error)));
    assert_eq!((queue.wait(), queue.is_terminated()), (None, true));
    drop((queue, connection));
    machine.assert_clean();
}

fn queue_memory(driver: &ByHand) -> Option<MemoryDescriptor> {
    lock(&driver.queue).descriptor().cloned()
}

#[test]
fn an_entry_of_another_size_than_the_task_expects_is_one_error() {
    let driver = ByHand::new(IoReturn::SUCCESS);
    let (machine, connection) = driver.connect();
    let mut queue = connection.data_queue::<u32>(kind::QUEUE).unwrap();
    for entry in [&[1; 4][..], &[2; 5], &[3; 4]] {
        driver.enqueue(entry);
    }
    assert_eq!(queue.wait(), Some(Ok(0x0101_0101)));
    let error = queue.wait().unwrap().unwrap_err();
    assert_eq!(error.detail(), Some(&Detail::Entry { expected: 4, actual: 5 }));
    assert_eq!(queue.wait(), Some(Ok(0x0303_0303)));
    drop((queue, connection));
    machine.assert_clean();
}

#[test]
fn a_driver_is_given_a_port_at_the_first_wait_and_none_when_the_last_handle_goes() {
    let driver = ByHand::new(IoReturn::SUCCESS);
    let (machine, connection) = driver.connect();
    let mut queues = [0; 2].map(|_| connection.data_queue::<[u8]>(kind::QUEUE).unwrap());
    driver.enqueue(&[1]);
    assert_eq!(queues[0].wait(), Some(Ok(vec![1])), "there is something without a wait");
    assert_eq!(*lock(&driver.registered), []);
    for queue in &mut queues {
        assert_eq!(queue.wait_timeout(NOW), Poll::Pending);
        assert_eq!(queue.wait_timeout(NOW), Poll::Pending);
    }
    assert_eq!(*lock(&driver.registered), [(kind::QUEUE, true); 2]);
    let [first, second] = queues;
    drop(first);
    assert_eq!(lock(&driver.registered).len(), 2);
    drop(second);
    assert_eq!(lock(&driver.registered)[2..], [(kind::QUEUE, false)]);
    drop(connection);
    machine.assert_clean();
}

#[test]
fn a_driver_that_takes_no_port_is_an_error_and_then_the_end_and_its_queue_can_be_looked_at() {
    let driver = ByHand::new(IoReturn::UNSUPPORTED);
    let (machine, connection) = driver.connect();
    for polled in [false, true] {
        let mut queue = connection.data_queue::<[u8]>(kind::QUEUE).unwrap();
        let end = match polled {
            false => queue.wait(),
            true => match poll(&mut queue, Waker::noop()) {
                Poll::Ready(end) => end,
                Poll::Pending => panic!("nobody would wake it"),
            },
        };
        let error = end.unwrap().unwrap_err();
        assert_eq!(error.code(), IoReturn::UNSUPPORTED);
        assert!(error.to_string().contains("IOConnectSetNotificationPort (memory type 0)"), "{error}");
        assert_eq!((queue.wait(), queue.is_terminated()), (None, true));
        driver.enqueue(&[1]);
        assert_eq!(queue.dequeue(), Ok(Some(vec![1])));
    }
    // A port that the driver has refused is not its own any more.
    lock(&driver.queue).set_notification_port(None);
    *lock(&driver.port) = None;
    drop(connection);
    let report = machine.report();
    assert!(report.user_clients.is_empty(), "{report}");
}

#[test]
#[cfg_attr(miri, ignore = "65,534 messages take minutes")]
fn a_notification_that_finds_the_port_full_of_other_messages_is_not_missed() {
    let driver = ByHand::new(IoReturn::SUCCESS);
    let (machine, connection) = driver.connect();
    let port = NotificationPort::new(connection.kernel()).unwrap();
    connection.notify_on(&port).unwrap();
    let mut queue = connection.data_queue::<[u8]>(kind::QUEUE).unwrap();
    let counter = Arc::<Counter>::default();
    let waker = Waker::from(Arc::clone(&counter));
    assert_eq!(poll(&mut queue, &waker), Poll::Pending);
    // What else comes to the port: as many messages as it holds.
    let others = lock(&driver.port).clone().unwrap();
    let can_drop = SendOptions { can_drop: true };
    let sent = (0..).take_while(|_| others.send(57, [], can_drop).is_success()).count();
    driver.enqueue(&[1]);
    assert_eq!(counter.0.load(Ordering::SeqCst), 0);
    let mut received = port.dispatch(None).unwrap();
    assert_eq!(counter.0.load(Ordering::SeqCst), 1);
    assert_eq!(poll(&mut queue, &waker), Poll::Ready(Some(Ok(vec![1]))));
    while received < sent {
        received += port.dispatch(None).unwrap();
    }
    assert_eq!(port.dispatch(Some(NOW)), Ok(0), "the notification itself is lost");
    assert_eq!((port.dropped().unknown, port.dropped().stale), (sent as u64, 0));
    drop((queue, port, connection));
    machine.assert_clean();
}

#[test]
fn whatever_message_comes_whoever_waits_takes_a_look() {
    let driver = ByHand::new(IoReturn::SUCCESS);
    let (machine, connection) = driver.connect();
    let port = NotificationPort::new(connection.kernel()).unwrap();
    connection.notify_on(&port).unwrap();
    let mut queue = connection.data_queue::<[u8]>(kind::QUEUE).unwrap();
    let counter = Arc::<Counter>::default();
    let waker = Waker::from(Arc::clone(&counter));
    assert_eq!(poll(&mut queue, &waker), Poll::Pending);
    let others = lock(&driver.port).clone().unwrap();
    // Its own notification is lost, as when it finds the port full.
    lock(&driver.queue).set_notification_port(None);
    // Of an unknown kind, malformed, and too large to be received.
    for (wakes, (id, body)) in (1..).zip([(57, &[][..]), (53, &[]), (53, &[0; 9000])]) {
        driver.enqueue(&[1]);
        assert_eq!(others.send(id, body, SendOptions::default()), IoReturn::SUCCESS);
        assert_eq!(port.dispatch(None), Ok(1));
        assert_eq!(counter.0.load(Ordering::SeqCst), wakes, "{id} {}", body.len());
        assert_eq!(poll(&mut queue, &waker), Poll::Ready(Some(Ok(vec![1]))));
        assert_eq!(poll(&mut queue, &waker), Poll::Pending);
    }
    drop((queue, port, connection));
    machine.assert_clean();
}
