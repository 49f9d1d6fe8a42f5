//! Asynchronous calls from several threads at once, with whatever can be dropped dropped at any moment.
//!
//! A few thousand calls by default. `IOKIT_UC_STRESS_CALLS` sets another number; `.ci/run tsan` makes 100,000 under
//! ThreadSanitizer.

use iokit_uc::interface::EntryId;
use iokit_uc::sim::{Machine, Nub, TerminateOptions};
use iokit_uc::wire::Output;
use iokit_uc::{
    Completion, CompletionSender, Completions, IoReturn, NotificationPort, Result, completions, user_client,
};
use std::fmt::Debug;
use std::future::pending;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

const THREADS: u64 = 4;

fn calls() -> u64 {
    match std::env::var("IOKIT_UC_STRESS_CALLS") {
        Ok(number) => number.parse().expect("IOKIT_UC_STRESS_CALLS is a number"),
        Err(_) if cfg!(miri) => 40,
        Err(_) => 4_000,
    }
}

/// A driver that completes at once, late, several times, or never.
#[user_client(service = "Stressed")]
trait Stressed {
    /// The number and its double, at once.
    #[uc(selector = 0)]
    async fn at_once(&self, value: u64) -> Result<(u64, u64)>;

    /// The number, when the next such call comes or the driver goes.
    #[uc(selector = 1)]
    fn late(&self, value: u64) -> Result<Completions<u64>>;

    /// The numbers below, one by one.
    #[uc(selector = 2)]
    fn count(&self, value: u64) -> Result<Completions<u64>>;

    /// Nothing.
    #[uc(selector = 3)]
    async fn never(&self) -> Result<()>;

    /// An error.
    #[uc(selector = 4)]
    async fn fail(&self) -> Result<u64>;
}

#[derive(Default)]
struct Driver {
    last: Mutex<Option<(CompletionSender<u64>, u64)>>,
}

impl Stressed for Driver {
    async fn at_once(&self, value: u64) -> Result<(u64, u64)> {
        Ok((value, value.wrapping_mul(2)))
    }

    fn late(&self, value: u64) -> Result<Completions<u64>> {
        let (sender, completions) = completions();
        let before = self.last.lock().unwrap_or_else(PoisonError::into_inner).replace((sender, value));
        if let Some((sender, value)) = before {
            // Whoever asked may be gone.
            let _ = sender.send(value);
        }
        Ok(completions)
    }

    fn count(&self, value: u64) -> Result<Completions<u64>> {
        let (sender, completions) = completions();
        for number in 0..value {
            let _ = sender.send(number);
        }
        Ok(completions)
    }

    async fn never(&self) -> Result<()> {
        pending().await
    }

    async fn fail(&self) -> Result<u64> {
        Err(IoReturn::OFFLINE.into())
    }
}

/// A small generator of numbers that look random: xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Far longer than anything takes: what has not come by then will never.
const LOST: Duration = Duration::from_secs(120);

/// What a call may fail with if its connection, its port, its task or the service goes away meanwhile.
fn is_an_end(code: IoReturn) -> bool {
    const ENDS: [IoReturn; 8] = [
        IoReturn::ABORTED,
        IoReturn::NO_DEVICE,
        // A task that has been killed gets no port.
        IoReturn::NO_RESOURCES,
        IoReturn::NOT_FOUND,
        IoReturn::MACH_SEND_INVALID_DEST,
        IoReturn::MACH_SEND_INVALID_RIGHT,
        IoReturn::MACH_RCV_PORT_DIED,
        IoReturn::MACH_RCV_INVALID_NAME,
    ];
    ENDS.contains(&code)
}

/// Waits for what `poll` gives when its time is up or something is there: by the library's thread, or by dispatching
/// the port.
#[track_caller]
fn wait_for<R>(port: Option<&NotificationPort>, mut poll: impl FnMut(Duration) -> Option<R>) -> R {
    let Some(port) = port else { return in_time(|| poll(LOST)).expect("what is waited for comes") };
    loop {
        if let Some(came) = poll(Duration::ZERO) {
            return came;
        }
        match in_time(|| port.dispatch(Some(LOST))) {
            Ok(0) => panic!("nothing comes"),
            Ok(_) => {}
            Err(error) => assert!(is_an_end(error.code()), "{error}"),
        }
    }
}

/// Whoever is not woken finds what has come when the time is up.
#[track_caller]
fn in_time<R>(wait: impl FnOnce() -> R) -> R {
    let began = Instant::now();
    let came = wait();
    assert!(began.elapsed() < LOST, "what comes wakes whoever waits");
    came
}

/// Waits for a completion, and looks at what comes: it is `expected`, or the end.
#[track_caller]
fn wait<T: Output + PartialEq + Debug>(
    port: Option<&NotificationPort>,
    mut completion: Completion<T>,
    expected: Result<T, IoReturn>,
) {
    let came = wait_for(port, |timeout| completion.wait_timeout(timeout));
    match came.map_err(|error| error.code()) {
        Err(code) if is_an_end(code) => {}
        came => assert_eq!(came, expected),
    }
}

/// Something that is dropped on another thread.
type Dropped = Box<dyn Send>;

struct Stress {
    machine: Machine,
    service: Mutex<EntryId>,
    /// A connection that the threads share, until one of them takes it away.
    shared: Mutex<Option<Arc<StressedClient>>>,
    left: AtomicU64,
    completed: AtomicU64,
}

impl Stress {
    fn new(calls: u64) -> Self {
        let machine = Machine::new();
        let service = Mutex::new(publish(&machine));
        Self { machine, service, shared: Mutex::default(), left: calls.into(), completed: 0.into() }
    }

    /// Takes part of what is left to do.
    fn take(&self, calls: u64) -> bool {
        let take = |left: u64| left.checked_sub(calls).or((left > 0).then_some(0));
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    fn run(&self, seed: u64, elsewhere: &mpsc::Sender<Dropped>) {
        let mut dice = Dice(seed);
        let mut task = self.machine.task("stress");
        loop {
            let Ok(own) = StressedClient::open_first(&task.kernel()) else {
                // The service is just being replaced.
                std::thread::yield_now();
                continue;
            };
            if !self.take(Self::EPISODE) {
                return;
            }
            let port = (dice.roll(4) == 0).then(|| {
                let port = NotificationPort::new(&task.kernel()).expect("there is no end of ports");
                own.as_ref().notify_on(&port).expect("it has made no call yet");
                port
            });
            let client = match dice.roll(4) {
                0 if port.is_none() => {
                    let mut shared = lock(&self.shared);
                    let before = shared.replace(Arc::new(own));
                    before.unwrap_or_else(|| Arc::clone(shared.as_ref().expect("it has just been put there")))
                }
                1 if port.is_none() => lock(&self.shared).clone().unwrap_or_else(|| Arc::new(own)),
                _ => Arc::new(own),
            };
            // With another connection that calls, the library's thread goes on when this one is closed.
            let another = (dice.roll(2) == 0).then(|| StressedClient::open_first(&task.kernel()));
            if let Some(Ok(another)) = &another {
                drop(another.never());
            }
            // Nobody else gets at it, then.
            let is_own = Arc::strong_count(&client) == 1;
            let mut kept: Vec<Dropped> = Vec::new();
            let mut pending = Vec::new();
            for _ in 0..Self::EPISODE {
                self.call(&mut dice, &client, port.as_ref(), elsewhere, &mut kept, &mut pending);
            }
            if dice.roll(32) == 0 {
                let mut service = lock(&self.service);
                self.machine.terminate(*service, TerminateOptions::default());
                *service = publish(&self.machine);
            }
            match dice.roll(3) {
                0 => drop((port, client)),
                1 => drop((client, port)),
                _ => elsewhere.send(Box::new((client, port))).expect("somebody drops"),
            }
            if dice.roll(32) == 0 {
                task.kill();
                task = self.machine.task("stress");
            }
            // They end with their connection, which may be dropped elsewhere just now. It may be another thread's too.
            let patience = if is_own { LOST } else { Duration::ZERO };
            for mut completion in pending {
                match in_time(|| Completion::wait_timeout(&mut completion, patience)) {
                    Some(came) => assert!(is_an_end(came.expect_err("it never completes").code())),
                    None => assert!(!is_own, "what ends wakes whoever waits"),
                }
            }
        }
    }

    /// How many calls a connection makes.
    const EPISODE: u64 = 16;

    fn call(
        &self,
        dice: &mut Dice,
        client: &StressedClient,
        port: Option<&NotificationPort>,
        elsewhere: &mpsc::Sender<Dropped>,
        kept: &mut Vec<Dropped>,
        pending: &mut Vec<Completion<()>>,
    ) {
        let value = dice.roll(1 << 40);
        match dice.roll(12) {
            0 => match client.late(value) {
                Ok(late) => kept.push(Box::new(late)),
                Err(error) => assert!(is_an_end(error.code()), "{error}"),
            },
            1 | 2 => match client.count(value % 9) {
                Ok(numbers) => self.count(dice, numbers, value % 9, port),
                Err(error) => assert!(is_an_end(error.code()), "{error}"),
            },
            3 => pending.push(client.never()),
            4 => {
                let failing = client.fail();
                wait(port, failing, Err(IoReturn::OFFLINE));
            }
            _ => {
                let mut call = client.at_once(value);
                match dice.roll(6) {
                    0 => drop(call),
                    1 => elsewhere.send(Box::new(call)).expect("somebody drops"),
                    2 => kept.push(Box::new(call)),
                    3 => {
                        let polled = Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop()));
                        if let Poll::Ready(Ok(numbers)) = polled {
                            assert_eq!(numbers, (value, 2 * value));
                        }
                    }
                    _ => {
                        wait(port, call, Ok((value, 2 * value)));
                        self.completed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        }
    }

    /// They come in order, and none is missing before the end.
    fn count(
        &self,
        dice: &mut Dice,
        mut numbers: Completions<u64>,
        count: u64,
        port: Option<&NotificationPort>,
    ) {
        for expected in 0..dice.roll(count + 1) {
            let next = wait_for(port, |timeout| match numbers.wait_timeout(timeout) {
                Poll::Ready(next) => Some(next),
                Poll::Pending => None,
            });
            match next.expect("a stream does not end without a word") {
                Ok(number) => assert_eq!(number, expected),
                Err(error) => {
                    assert!(is_an_end(error.code()), "{error}");
                    assert_eq!(numbers.wait_timeout(Duration::ZERO), Poll::Ready(None));
                    return;
                }
            }
        }
    }
}

fn publish(machine: &Machine) -> EntryId {
    machine.publish(Nub::new("Stressed").user_client(|_| Ok(StressedServer::new(Driver::default()))))
}

#[test]
fn whatever_is_dropped_at_any_moment_nothing_is_lost_and_nothing_left() {
    let stress = Stress::new(calls());
    let (elsewhere, dropped) = mpsc::channel::<Dropped>();
    std::thread::scope(|scope| {
        scope.spawn(|| dropped.into_iter().for_each(drop));
        for seed in 1..=THREADS {
            let (stress, elsewhere) = (&stress, elsewhere.clone());
            scope.spawn(move || stress.run(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed), &elsewhere));
        }
        drop(elsewhere);
    });
    let Stress { machine, shared, completed, .. } = stress;
    drop(shared);
    assert!(completed.into_inner() > 0, "some calls completed");
    machine.assert_clean();
}
