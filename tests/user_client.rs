//! What the macros make of a trait, seen from both sides of a simulated kernel.

use iokit_uc::interface::{Locking, Table, Target};
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::wire::Shape;
use iokit_uc::{Connection, IoReturn, Matching, Result, Scalar, Scalars, Service, Structure, user_client};

/// A connection to `driver` on a machine of its own.
fn connect(driver: impl iokit_uc::interface::Driver) -> Connection {
    let machine = Machine::new();
    machine.publish(Nub::new("com_example_Driver").driver(driver));
    let kernel = machine.task("client").kernel();
    Service::expect_first(&kernel, &Matching::class("com_example_Driver")).unwrap().open(0).unwrap()
}

mod shapes {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Structure)]
    #[repr(C)]
    pub(super) struct Sample {
        field1: u64,
        field2: [u16; 4],
    }

    #[derive(Clone, Copy, Debug, PartialEq, Structure)]
    #[repr(transparent)]
    pub(super) struct Word(u32);

    #[derive(Clone, Copy, Debug, PartialEq, Scalar)]
    #[repr(i16)]
    pub(super) enum Mode {
        Off = -1,
        On = 1 << 4,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Scalar)]
    pub(super) struct Celsius(i8);

    type Temperature = Celsius;

    #[user_client(service = "com_example_Driver")]
    pub(super) trait Shapes {
        #[uc(selector = 0)]
        fn nothing(&self) -> Result<()>;
        #[uc(selector = 1)]
        fn scalars(
            &self,
            a: u8,
            b: i64,
            c: bool,
            d: Mode,
            e: Temperature,
        ) -> Result<(Celsius, Mode, bool, i64, u8)>;
        #[uc(selector = 2)]
        fn between(&self, before: u32, sample: &Sample, after: u32) -> Result<(u32, Sample, u32)>;
        #[uc(selector = 3)]
        fn slice(&self, samples: &[Sample]) -> Result<[u64; 2]>;
        #[uc(selector = 4)]
        fn fill(&self, out: &mut [Sample], from: u64) -> Result<usize>;
        #[uc(selector = 5)]
        fn variable(&self, count: u32) -> Result<Vec<Word>>;
        #[uc(selector = 6)]
        fn unchecked(&self, values: Scalars) -> Result<Scalars>;
        #[uc(selector = 7)]
        fn large(&self, bytes: &[u8; 10_000]) -> Result<[u8; 10_000]>;
        #[uc(selector = 0xffff_ffff)]
        fn fails(&self) -> Result<u32>;
    }

    struct Driver;

    impl Shapes for Driver {
        fn nothing(&self) -> Result<()> {
            Ok(())
        }
        fn scalars(
            &self,
            a: u8,
            b: i64,
            c: bool,
            d: Mode,
            e: Celsius,
        ) -> Result<(Celsius, Mode, bool, i64, u8)> {
            Ok((e, d, c, b, a))
        }
        fn between(&self, before: u32, sample: &Sample, after: u32) -> Result<(u32, Sample, u32)> {
            Ok((after, *sample, before))
        }
        fn slice(&self, samples: &[Sample]) -> Result<[u64; 2]> {
            Ok([samples.len() as u64, samples.iter().map(|sample| sample.field1).sum()])
        }
        fn fill(&self, out: &mut [Sample], from: u64) -> Result<usize> {
            let count = out.len().min(2);
            for (field1, sample) in (from..).zip(&mut out[..count]) {
                *sample = Sample { field1, field2: [7; 4] };
            }
            Ok(count)
        }
        fn variable(&self, count: u32) -> Result<Vec<Word>> {
            Ok((0..count).map(Word).collect())
        }
        fn unchecked(&self, values: Scalars) -> Result<Scalars> {
            let reversed: Vec<_> = values.iter().rev().copied().collect();
            Ok(Scalars::try_from(&reversed[..]).unwrap())
        }
        fn large(&self, bytes: &[u8; 10_000]) -> Result<[u8; 10_000]> {
            let mut reversed = *bytes;
            reversed.reverse();
            Ok(reversed)
        }
        fn fails(&self) -> Result<u32> {
            Err(IoReturn::NO_MEDIA.into())
        }
    }

    fn exercise(shapes: &impl Shapes) {
        assert_eq!(shapes.nothing(), Ok(()));
        assert_eq!(
            shapes.scalars(255, i64::MIN, true, Mode::Off, Celsius(-40)),
            Ok((Celsius(-40), Mode::Off, true, i64::MIN, 255))
        );
        let sample = Sample { field1: u64::MAX, field2: [1, 2, 3, 4] };
        assert_eq!(shapes.between(1, &sample, 2), Ok((2, sample, 1)));
        assert_eq!(shapes.slice(&[]), Ok([0, 0]));
        assert_eq!(shapes.slice(&[Sample { field1: 5, ..sample }; 300]), Ok([300, 1500]));
        let mut out = [sample; 3];
        assert_eq!(shapes.fill(&mut out, 40), Ok(2));
        assert_eq!(out.map(|sample| sample.field1), [40, 41, u64::MAX]);
        assert_eq!(shapes.variable(3), Ok(vec![Word(0), Word(1), Word(2)]));
        assert_eq!(shapes.variable(0), Ok(vec![]));
        assert_eq!(shapes.unchecked([1, 2, 3].into()), Ok([3, 2, 1].into()));
        assert_eq!(shapes.unchecked(Scalars::new()), Ok(Scalars::new()));
        let mut bytes = [0; 10_000];
        bytes[0] = 1;
        assert_eq!(shapes.large(&bytes).map(|bytes| bytes[9_999]), Ok(1));
        assert_eq!(shapes.fails().unwrap_err().code(), IoReturn::NO_MEDIA);
    }

    #[test]
    fn every_shape_crosses_as_if_the_driver_were_called_directly() {
        exercise(&Driver);
        exercise(&ShapesClient::new(connect(ShapesServer::new(Driver))));
    }

    #[test]
    fn an_error_names_the_trait_the_method_and_the_selector() {
        let client = ShapesClient::new(connect(ShapesServer::new(Driver)));
        let error = client.fails().unwrap_err().to_string();
        assert!(error.starts_with("Shapes::fails (selector 4294967295): kIOReturnNoMedia"), "{error}");
    }

    #[test]
    fn the_client_opens_the_service_that_the_trait_names() {
        let machine = Machine::new();
        let kernel = machine.task("client").kernel();
        assert_eq!(ShapesClient::open_first(&kernel).unwrap_err().code(), IoReturn::NOT_FOUND);
        machine.publish(Nub::new("com_example_Driver").driver(ShapesServer::new(Driver)));
        assert_eq!(ShapesClient::open_first(&kernel).unwrap().nothing(), Ok(()));
        let service = Service::expect_first(&kernel, &Matching::class("com_example_Driver")).unwrap();
        assert_eq!(ShapesClient::open(&service).unwrap().nothing(), Ok(()));
    }

    #[test]
    fn the_table_states_counts_and_sizes() {
        let checks = |selector| ShapesClient::INTERFACE.method(selector).unwrap().checks;
        let counts = |selector| {
            let checks = checks(selector);
            let [inputs, outputs] = [checks.scalar_inputs, checks.scalar_outputs];
            (inputs, checks.structure_input, outputs, checks.structure_output)
        };
        const ANY: u32 = u32::MAX;
        assert_eq!(counts(0), (0, 0, 0, 0));
        assert_eq!(counts(1), (5, 0, 5, 0));
        assert_eq!(counts(2), (2, 16, 2, 16));
        assert_eq!(counts(3), (0, ANY, 0, 16));
        assert_eq!(counts(4), (1, 0, 0, ANY));
        assert_eq!(counts(5), (1, 0, 0, ANY));
        assert_eq!(counts(6), (ANY, 0, ANY, 0));
        assert_eq!(counts(7), (0, 10_000, 0, 10_000));
    }

    #[test]
    fn a_structure_knows_its_layout() {
        let layout = Sample::LAYOUT;
        assert_eq!((layout.name(), layout.size(), layout.align()), ("Sample", 16, 8));
        let Shape::Struct(fields) = layout.shape() else { panic!("{layout:?}") };
        let fields: Vec<_> =
            fields.iter().map(|field| (field.name, field.offset, field.layout.size())).collect();
        assert_eq!(fields, [("field1", 0, 8), ("field2", 8, 8)]);
        let Shape::Struct([word]) = Word::LAYOUT.shape() else { panic!("{:?}", Word::LAYOUT) };
        assert_eq!((word.name, word.layout.name()), ("0", "u32"));
    }

    #[test]
    fn a_scalar_enum_takes_the_numbers_of_its_variants_and_no_others() {
        assert_eq!(Mode::from_scalar(Mode::Off.to_scalar()), Some(Mode::Off));
        assert_eq!(
            Mode::from_scalar(u64::from(u32::MAX)),
            Some(Mode::Off),
            "-1, extended from 32 bits with zeros"
        );
        assert_eq!(Mode::from_scalar(16), Some(Mode::On));
        assert_eq!(Mode::from_scalar(0), None);
        assert_eq!(Mode::from_scalar(1 << 16 | 16), None);
    }

    #[test]
    fn a_newtype_takes_what_its_scalar_takes() {
        assert_eq!(Celsius::from_scalar(Celsius(-40).to_scalar()), Some(Celsius(-40)));
        assert_eq!(Celsius::from_scalar(300), None);
        assert_eq!((Celsius::NAME, Mode::NAME), ("Celsius", "Mode"));
    }
}

mod asynchronous {
    use super::*;
    use iokit_uc::wire::VARIABLE;
    use iokit_uc::{CompletionSender, Completions, completions};
    use pollster::block_on;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, Mutex, mpsc};
    use std::task::Poll;
    use std::thread;
    use std::time::Duration;

    #[derive(Clone, Copy, Debug, PartialEq, Structure)]
    #[repr(C)]
    struct Sample {
        field1: u64,
        field2: [u16; 4],
    }

    #[derive(Clone, Copy, Debug, PartialEq, Scalar)]
    #[repr(i16)]
    enum Mode {
        Off = -1,
        On = 1,
    }

    type Modes<T> = Completions<(T, Mode)>;

    #[user_client(service = "com_example_Driver")]
    trait Asynchronous {
        #[uc(selector = 0)]
        async fn nothing(&self) -> Result<()>;
        #[uc(selector = 1)]
        async fn scalars(&self, a: u8, b: i64, c: bool, d: Mode) -> Result<(Mode, bool, i64, u8)>;
        #[uc(selector = 2)]
        async fn structure(&self, before: u32, sample: &Sample, after: u32) -> Result<(u32, u64)>;
        #[uc(selector = 3)]
        async fn slice(&self, samples: &[Sample]) -> Result<u64>;
        #[uc(selector = 4)]
        async fn unchecked(&self, values: Scalars) -> Result<Scalars>;
        #[uc(selector = 5)]
        async fn large(&self, bytes: &[u8; 10_000]) -> Result<u64>;
        #[uc(selector = 6)]
        async fn fails(&self) -> Result<u32>;
        #[uc(selector = 7)]
        fn watch(&self, count: u32) -> Result<Completions<u32>>;
        #[uc(selector = 8)]
        fn answer_and_watch(&self, sample: &Sample) -> Result<(Sample, Modes<i8>)>;
        #[uc(selector = 9)]
        fn answers_and_watch(&self, a: u32) -> Result<((u32, Sample, u64), Completions<()>)>;
        #[uc(selector = 10)]
        fn refuses(&self) -> Result<Completions<u32>>;
        #[cfg(any())]
        #[uc(selector = 11)]
        async fn absent(&self, unknown: &Unknown) -> Result<Unknown>;
        #[uc(selector = 12, entitlement = "com.example.driver")]
        async fn r#await(&self) -> Result<u32>;
    }

    #[derive(Default)]
    struct Driver {
        calls: AtomicU32,
        senders: Mutex<Vec<CompletionSender<u32>>>,
    }

    impl Driver {
        fn called(&self) {
            self.calls.fetch_add(1, Ordering::SeqCst);
        }
    }

    impl Asynchronous for Driver {
        async fn nothing(&self) -> Result<()> {
            self.called();
            Ok(())
        }
        async fn scalars(&self, a: u8, b: i64, c: bool, d: Mode) -> Result<(Mode, bool, i64, u8)> {
            later().await;
            Ok((d, c, b, a))
        }
        async fn structure(&self, before: u32, sample: &Sample, after: u32) -> Result<(u32, u64)> {
            later().await;
            Ok((before + after, sample.field1))
        }
        async fn slice(&self, samples: &[Sample]) -> Result<u64> {
            later().await;
            Ok(samples.iter().map(|sample| sample.field1).sum())
        }
        async fn unchecked(&self, values: Scalars) -> Result<Scalars> {
            later().await;
            let reversed: Vec<_> = values.iter().rev().copied().collect();
            Ok(Scalars::try_from(&reversed[..]).unwrap())
        }
        async fn large(&self, bytes: &[u8; 10_000]) -> Result<u64> {
            later().await;
            Ok(bytes.iter().copied().map(u64::from).sum())
        }
        async fn fails(&self) -> Result<u32> {
            later().await;
            Err(IoReturn::NO_MEDIA.into())
        }
        fn watch(&self, count: u32) -> Result<Completions<u32>> {
            self.called();
            let (sender, completions) = completions();
            (0..count).try_for_each(|number| sender.send(number))?;
            sender.fail(IoReturn::NO_MEDIA)?;
            self.senders.lock().unwrap().push(sender);
            Ok(completions)
        }
        fn answer_and_watch(&self, sample: &Sample) -> Result<(Sample, Modes<i8>)> {
            let (sender, completions) = completions();
            sender.send((-5, Mode::Off))?;
            Ok((*sample, completions))
        }
        fn answers_and_watch(&self, a: u32) -> Result<((u32, Sample, u64), Completions<()>)> {
            let (sender, completions) = completions();
            sender.send(())?;
            Ok(((a, Sample { field1: 1, field2: [2; 4] }, 3), completions))
        }
        fn refuses(&self) -> Result<Completions<u32>> {
            Err(IoReturn::NO_SPACE.into())
        }
        async fn r#await(&self) -> Result<u32> {
            Ok(12)
        }
    }

    /// Pending once: what comes after it happens after the call has returned.
    async fn later() {
        let mut is_late = false;
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut is_late, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    async fn exercise(driver: &impl Asynchronous) {
        assert_eq!(driver.nothing().await, Ok(()));
        assert_eq!(
            driver.scalars(255, i64::MIN, true, Mode::Off).await,
            Ok((Mode::Off, true, i64::MIN, 255))
        );
        let sample = Sample { field1: u64::MAX, field2: [1, 2, 3, 4] };
        assert_eq!(driver.structure(1, &sample, 2).await, Ok((3, u64::MAX)));
        assert_eq!(driver.slice(&[]).await, Ok(0));
        assert_eq!(driver.slice(&[Sample { field1: 5, ..sample }; 300]).await, Ok(1500));
        assert_eq!(driver.unchecked([1, 2, 3].into()).await, Ok([3, 2, 1].into()));
        assert_eq!(driver.unchecked(Scalars::new()).await, Ok(Scalars::new()));
        assert_eq!(driver.large(&[2; 10_000]).await, Ok(20_000));
        assert_eq!(driver.fails().await.unwrap_err().code(), IoReturn::NO_MEDIA);
        let mut numbers = driver.watch(2).unwrap();
        assert_eq!((numbers.wait(), numbers.wait()), (Some(Ok(0)), Some(Ok(1))));
        assert_eq!(numbers.wait().unwrap().unwrap_err().code(), IoReturn::NO_MEDIA);
        let (answer, mut modes) = driver.answer_and_watch(&sample).unwrap();
        assert_eq!((answer, modes.wait()), (sample, Some(Ok((-5, Mode::Off)))));
        let ((a, sample, b), mut nothing) = driver.answers_and_watch(7).unwrap();
        assert_eq!((a, sample.field2, b, nothing.wait()), (7, [2; 4], 3, Some(Ok(()))));
        assert_eq!(driver.refuses().unwrap_err().code(), IoReturn::NO_SPACE);
    }

    fn client(driver: &Arc<Driver>) -> AsynchronousClient {
        AsynchronousClient::new(connect(AsynchronousServer::shared(Arc::clone(driver))))
    }

    #[test]
    fn every_shape_crosses_as_if_the_driver_were_called_directly() {
        block_on(exercise(&Driver::default()));
        block_on(exercise(&client(&Arc::default())));
    }

    #[test]
    fn the_clients_completions_can_be_waited_for_without_an_executor() {
        let client = client(&Arc::default());
        let (first, second) = (client.slice(&[]), client.scalars(1, 2, false, Mode::On));
        assert_eq!(second.wait(), Ok((Mode::On, false, 2, 1)));
        assert_eq!(first.wait(), Ok(0));
    }

    #[test]
    fn futures_of_any_implementor_may_cross_threads() {
        fn is_send<T: Send>(value: T) -> T {
            value
        }
        async fn both(driver: &(impl Asynchronous + Sync)) -> Result<u64> {
            driver.nothing().await?;
            driver.slice(&[]).await
        }
        let driver = Arc::default();
        let client = client(&driver);
        thread::scope(|scope| {
            let on_the_driver = is_send(both(&*driver));
            let on_the_client = is_send(both(&client));
            let on_the_driver = scope.spawn(|| block_on(on_the_driver));
            assert_eq!(block_on(on_the_client), Ok(0));
            assert_eq!(on_the_driver.join().unwrap(), Ok(0));
        });
    }

    #[test]
    fn the_call_is_made_when_the_method_is_called() {
        struct Telling(mpsc::Sender<u32>);

        #[user_client(service = "com_example_Driver")]
        trait Tells {
            #[uc(selector = 0)]
            async fn tell(&self, value: u32) -> Result<()>;
        }

        impl Tells for Telling {
            async fn tell(&self, value: u32) -> Result<()> {
                self.0.send(value).unwrap();
                Ok(())
            }
        }

        let (sender, told) = mpsc::channel();
        let client = TellsClient::new(connect(TellsServer::new(Telling(sender))));
        let never_polled = client.tell(1);
        assert_eq!(told.recv(), Ok(1));
        drop(never_polled);
        drop(client.tell(2));
        assert_eq!(told.recv(), Ok(2));
    }

    #[test]
    fn an_error_of_the_call_is_in_the_completion_at_once() {
        let client = client(&Arc::default());
        let error = client.r#await().wait_timeout(Duration::ZERO).unwrap().unwrap_err();
        assert_eq!(error.code(), IoReturn::NOT_PRIVILEGED);
        let text = error.to_string();
        assert!(text.starts_with("Asynchronous::await (selector 12): kIOReturnNotPrivileged"), "{text}");
    }

    #[test]
    fn an_error_of_the_driver_names_the_trait_the_method_and_the_selector() {
        let text = client(&Arc::default()).fails().wait().unwrap_err().to_string();
        assert!(text.starts_with("Asynchronous::fails (selector 6): kIOReturnNoMedia"), "{text}");
    }

    #[test]
    fn a_caller_without_a_wake_port_is_refused_and_the_driver_does_not_hear_of_it() {
        let driver = Arc::default();
        let client = client(&driver);
        let connection: &Connection = client.as_ref();
        assert_eq!(connection.call(0).send().unwrap_err().code(), IoReturn::BAD_ARGUMENT);
        assert_eq!(connection.call(7).scalars(&[1]).send().unwrap_err().code(), IoReturn::BAD_ARGUMENT);
        assert_eq!(driver.calls.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_classic_table_checks_no_wake_port_but_the_server_does() {
        #[user_client(service = "com_example_Driver", table = Classic)]
        trait Counts {
            #[uc(selector = 0)]
            async fn count(&self) -> Result<u32>;
            #[uc(selector = 1)]
            fn synchronous(&self) -> Result<u32>;
        }

        #[derive(Default)]
        struct Counter(AtomicU32);

        impl Counts for Counter {
            async fn count(&self) -> Result<u32> {
                Ok(self.0.fetch_add(1, Ordering::SeqCst))
            }
            fn synchronous(&self) -> Result<u32> {
                Ok(self.0.load(Ordering::SeqCst))
            }
        }

        let client = CountsClient::new(connect(CountsServer::new(Counter::default())));
        let connection: &Connection = client.as_ref();
        assert_eq!(connection.call(0).send().unwrap_err().code(), IoReturn::BAD_ARGUMENT);
        assert_eq!(client.synchronous(), Ok(0));
        assert_eq!(client.count().wait(), Ok(0));
        assert_eq!(client.synchronous(), Ok(1));
    }

    #[test]
    fn the_table_states_what_goes_in_and_that_a_wake_port_may_come_with_it() {
        let method = |selector| AsynchronousClient::INTERFACE.method(selector).unwrap();
        let counts = |selector| {
            let checks = method(selector).checks;
            let [inputs, outputs] = [checks.scalar_inputs, checks.scalar_outputs];
            (inputs, checks.structure_input, outputs, checks.structure_output, checks.allow_async)
        };
        assert_eq!(counts(0), (0, 0, 0, 0, true));
        assert_eq!(counts(1), (4, 0, 0, 0, true));
        assert_eq!(counts(2), (2, 16, 0, 0, true));
        assert_eq!(counts(3), (0, VARIABLE, 0, 0, true));
        assert_eq!(counts(4), (VARIABLE, 0, 0, 0, true));
        assert_eq!(counts(7), (1, 0, 0, 0, true));
        assert_eq!(counts(8), (0, 16, 0, 16, true));
        assert_eq!(counts(9), (1, 0, 2, 16, true));
        let completion = |selector| {
            let completion = method(selector).completion.unwrap();
            (completion.scalars, completion.many)
        };
        assert_eq!([0, 1, 2, 4].map(completion), [(0, false), (4, false), (2, false), (VARIABLE, false)]);
        assert_eq!([7, 8, 9].map(completion), [(1, true), (2, true), (0, true)]);
        assert_eq!(super::shapes::ShapesClient::INTERFACE.methods[0].completion, None);
        assert!(!super::shapes::ShapesClient::INTERFACE.methods[0].checks.allow_async);
    }
}

mod names {
    use super::*;

    // What the client is made by has these names too.
    #[user_client(service = "com_example_Driver")]
    #[allow(clippy::new_ret_no_self, clippy::wrong_self_convention)]
    trait Names {
        #[uc(selector = 0)]
        fn open(&self) -> Result<u32>;
        #[uc(selector = 1)]
        fn new(&self) -> Result<u32>;
        #[uc(selector = 2)]
        fn open_first(&self) -> Result<u32>;
        #[uc(selector = 3)]
        fn from(&self) -> Result<u32>;
    }

    struct Driver;

    impl Names for Driver {
        fn open(&self) -> Result<u32> {
            Ok(0)
        }
        fn new(&self) -> Result<u32> {
            Ok(1)
        }
        fn open_first(&self) -> Result<u32> {
            Ok(2)
        }
        fn from(&self) -> Result<u32> {
            Ok(3)
        }
    }

    #[test]
    fn methods_may_be_called_like_the_clients_own_functions() {
        let client = NamesClient::new(connect(NamesServer::new(Driver)));
        assert_eq!(
            (client.open(), client.new(), client.open_first(), client.from()),
            (Ok(0), Ok(1), Ok(2), Ok(3))
        );
    }

    #[test]
    fn the_connection_can_be_borrowed_and_taken_back() {
        let client = NamesClient::new(connect(NamesServer::new(Driver)));
        let by_hand =
            |connection: &Connection| connection.call(3).scalar_capacity(1).send().unwrap().scalars()[0];
        assert_eq!(by_hand(client.as_ref()), 3);
        assert_eq!(by_hand(&Connection::from(client)), 3);
    }
}

mod keys {
    use super::*;

    const TYPE: u32 = 23;

    #[user_client(
        name = "driver",
        type = TYPE,
        table = Classic,
        entitlement = "com.example.driver",
        set_properties_locking = false,
        single_thread = true,
        client = Client,
        server = UserClient,
    )]
    trait Keys {
        #[uc(selector = 4, entitlement = "com.example.method")]
        fn call(&self) -> Result<()>;
    }

    #[user_client]
    trait NoKeys {}

    #[test]
    fn every_key_is_in_the_interface() {
        let interface = Client::INTERFACE;
        assert_eq!(interface.name, "Keys");
        assert_eq!(interface.target, Some(Target::Name("driver")));
        assert_eq!(interface.connection_type, 23);
        assert_eq!(interface.table, Table::Classic);
        assert_eq!(interface.entitlement, Some("com.example.driver"));
        assert_eq!(interface.locking, Locking { default: true, set_properties: false, single_thread: true });
        assert_eq!(interface.method(4).unwrap().checks.entitlement, Some("com.example.method"));
        let _: Option<UserClient<()>> = None;
    }

    #[test]
    fn without_keys_the_interface_is_the_usual_one() {
        let interface = NoKeysClient::INTERFACE;
        assert_eq!((interface.target, interface.connection_type), (None, 0));
        assert_eq!((interface.table, interface.locking), (Table::Dispatch2022, Locking::DEFAULT));
        assert_eq!((interface.entitlement, interface.methods.len()), (None, 0));
    }
}

mod configurations {
    use super::*;

    #[user_client(service = "com_example_Driver")]
    trait Configured {
        #[cfg(any())]
        #[uc(selector = 0)]
        fn absent(&self, unknown: Unknown) -> Result<Unknown>;
        #[uc(selector = 1)]
        fn first(&self) -> Result<u32>;
        #[cfg_attr(all(), cfg(any()))]
        #[uc(selector = 2)]
        fn absent_too(&self, unknown: &Unknown) -> Result<(Unknown, Unknown)>;
        #[cfg(test)]
        #[uc(selector = 3)]
        fn second(&self, value: u32) -> Result<u32>;
        #[cfg(any())]
        #[uc(selector = 3)]
        fn second(&self, value: Unknown) -> Result<Unknown>;
        #[uc(selector = 5)]
        fn third(&self) -> Result<u32>;
    }

    struct Driver;

    impl Configured for Driver {
        fn first(&self) -> Result<u32> {
            Ok(1)
        }
        fn second(&self, value: u32) -> Result<u32> {
            Ok(value)
        }
        fn third(&self) -> Result<u32> {
            Ok(3)
        }
    }

    #[test]
    fn methods_that_are_configured_away_leave_no_trace() {
        let client = ConfiguredClient::new(connect(ConfiguredServer::new(Driver)));
        assert_eq!((client.first(), client.second(2), client.third()), (Ok(1), Ok(2), Ok(3)));
        let names: Vec<_> =
            ConfiguredClient::INTERFACE.methods.iter().map(|method| method.name.method).collect();
        assert_eq!(names, ["first", "second", "third"]);
    }
}

mod size {
    use super::*;

    macro_rules! wide {
        ($($name:ident)*) => {
            #[repr(u32)]
            #[allow(non_camel_case_types)]
            enum Selector { $($name),* }

            #[user_client(service = "com_example_Driver")]
            trait Wide {
                $(#[uc(selector = Selector::$name as u32)]
                fn $name(&self, value: u32) -> Result<(u32, u32)>;)*
            }

            impl Wide for Driver {
                $(fn $name(&self, value: u32) -> Result<(u32, u32)> {
                    Ok((Selector::$name as u32, value))
                })*
            }
        };
    }

    struct Driver;

    wide! {
        m000 m001 m002 m003 m004 m005 m006 m007 m008 m009 m010 m011 m012 m013 m014 m015
        m016 m017 m018 m019 m020 m021 m022 m023 m024 m025 m026 m027 m028 m029 m030 m031
        m032 m033 m034 m035 m036 m037 m038 m039 m040 m041 m042 m043 m044 m045 m046 m047
        m048 m049 m050 m051 m052 m053 m054 m055 m056 m057 m058 m059 m060 m061 m062 m063
        m064 m065 m066 m067 m068 m069 m070 m071 m072 m073 m074 m075 m076 m077 m078 m079
        m080 m081 m082 m083 m084 m085 m086 m087 m088 m089 m090 m091 m092 m093 m094 m095
        m096 m097 m098 m099 m100 m101 m102 m103 m104 m105 m106 m107 m108 m109 m110 m111
        m112 m113 m114 m115 m116 m117 m118 m119 m120 m121 m122 m123 m124 m125 m126 m127
        m128 m129 m130 m131 m132 m133 m134 m135 m136 m137 m138 m139 m140 m141 m142 m143
        m144 m145 m146 m147 m148 m149 m150 m151 m152 m153 m154 m155 m156 m157 m158 m159
        m160 m161 m162 m163 m164 m165 m166 m167 m168 m169 m170 m171 m172 m173 m174 m175
        m176 m177 m178 m179 m180 m181 m182 m183 m184 m185 m186 m187 m188 m189 m190 m191
        m192 m193 m194 m195 m196 m197 m198 m199 m200 m201 m202 m203 m204 m205 m206 m207
        m208 m209 m210 m211 m212 m213 m214 m215 m216 m217 m218 m219 m220 m221 m222 m223
        m224 m225 m226 m227 m228 m229 m230 m231 m232 m233 m234 m235 m236 m237 m238 m239
        m240 m241 m242 m243 m244 m245 m246 m247 m248 m249 m250 m251 m252 m253 m254 m255
        m256
    }

    #[test]
    fn a_trait_may_have_257_methods() {
        let client = WideClient::new(connect(WideServer::new(Driver)));
        assert_eq!(WideClient::INTERFACE.methods.len(), 257);
        assert_eq!((client.m000(1), client.m256(2)), (Ok((0, 1)), Ok((256, 2))));
    }
}

mod memory {
    use super::*;
    use iokit_uc::interface::{ClientMemory, Serves};
    use iokit_uc::memory::{
        CacheMode, MapOptions, MemoryDescriptor, ReadOnly, ReadPure, ReadPureWrite, WriteOnly,
    };
    use iokit_uc::{DataQueue, Mapping, ReadOnlyAccess, RegisterBlock};
    use std::sync::{Arc, Mutex};

    #[derive(RegisterBlock)]
    #[repr(C)]
    pub(super) struct Registers {
        pub(super) fifo: ReadOnly<u32>,
        pub(super) status: ReadPure<u32>,
        #[reg(offset = 0x08)]
        pub(super) control: ReadPureWrite<u32>,
        pub(super) doorbell: WriteOnly<u32>,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Structure)]
    #[repr(C)]
    pub(super) struct Event {
        number: u32,
        value: u32,
    }

    type Palette = Mapping<[[u16; 4]], ReadOnlyAccess>;

    /// A number without a place in a small table.
    const PALETTE: u32 = 0x8000_0000;

    #[user_client(service = "com_example_Driver")]
    pub(super) trait Display {
        #[uc(selector = 3)]
        fn post(&self, value: u32) -> Result<()>;
        /// What the device is controlled by.
        #[uc(memory = 3, cache = Inhibit)]
        fn registers(&self) -> Result<Mapping<Registers>>;
        #[cfg(any())]
        #[uc(memory = 4)]
        fn absent(&self) -> Result<Mapping<Unknown>>;
        #[uc(memory = PALETTE)]
        fn palette(&self) -> Result<Palette>;
        #[cfg(not(target_os = "none"))]
        #[uc(memory = 4, cache = WriteCombine)]
        fn framebuffer(&self) -> Result<Mapping<[u8]>>;
        #[uc(queue = 5)]
        fn events(&self) -> Result<DataQueue<Event>>;
        #[uc(queue = 6)]
        fn log(&self) -> Result<DataQueue<[u8]>>;
        #[uc(memory = 9)]
        fn broken(&self) -> Result<Mapping<[u8]>>;
    }

    struct Driver {
        registers: MemoryDescriptor,
        palette: MemoryDescriptor,
        framebuffer: MemoryDescriptor,
        events: DataQueue<Event>,
        log: DataQueue<[u8]>,
        posted: Mutex<(DataQueue<Event>, DataQueue<[u8]>)>,
    }

    impl Driver {
        fn new() -> Self {
            let events = DataQueue::with_entries(8).unwrap();
            let log = DataQueue::with_capacity(256).unwrap();
            let posted = Mutex::new((events.share().unwrap(), log.share().unwrap()));
            let driver = Self {
                registers: MemoryDescriptor::new(size_of::<Registers>()).unwrap(),
                palette: MemoryDescriptor::new(64).unwrap(),
                framebuffer: MemoryDescriptor::new(10_000).unwrap(),
                events,
                log,
                posted,
            };
            Mapping::<[u32]>::of(&driver.registers)
                .unwrap()
                .slice_mut()
                .copy_from_slice(&[7, 1, 0, 0])
                .unwrap();
            Mapping::<[u64]>::of(&driver.palette).unwrap().slice_mut().set(1, 0x0004_0003_0002_0001).unwrap();
            driver
        }
    }

    impl Display for Driver {
        fn post(&self, value: u32) -> Result<()> {
            let (events, log) = &mut *self.posted.lock().unwrap();
            events.enqueue(&Event { number: 1, value })?;
            log.enqueue(&vec![0x55; value as usize][..])?;
            Ok(())
        }
        fn registers(&self) -> Result<Mapping<Registers>> {
            Mapping::of(&self.registers)
        }
        fn palette(&self) -> Result<Palette> {
            Mapping::of(&self.palette)
        }
        fn framebuffer(&self) -> Result<Mapping<[u8]>> {
            Mapping::of(&self.framebuffer)
        }
        fn events(&self) -> Result<DataQueue<Event>> {
            self.events.share()
        }
        fn log(&self) -> Result<DataQueue<[u8]>> {
            self.log.share()
        }
        fn broken(&self) -> Result<Mapping<[u8]>> {
            Err(IoReturn::NO_MEMORY.into())
        }
    }

    fn exercise(display: &impl Display) {
        let mut registers = display.registers().unwrap();
        assert_eq!(registers.view().status().read(), 1);
        registers.view_mut().control().modify(|control| control | 0x10);
        assert_eq!(registers.view_mut().fifo().read(), 7);
        assert_eq!(display.registers().unwrap().view().control().read(), 0x10);

        let palette = display.palette().unwrap();
        assert_eq!(palette.slice().get(1), Some([1, 2, 3, 4]));
        assert_eq!((palette.size(), palette.slice().len()), (64, 8));

        let mut framebuffer = display.framebuffer().unwrap();
        framebuffer.slice_mut().fill(0xaa);
        assert_eq!(framebuffer.slice().to_vec(), [0xaa; 10_000]);

        let (mut events, mut log) = (display.events().unwrap(), display.log().unwrap());
        assert_eq!(events.dequeue(), Ok(None));
        display.post(3).unwrap();
        assert_eq!(events.wait(), Some(Ok(Event { number: 1, value: 3 })));
        assert_eq!(log.dequeue(), Ok(Some(vec![0x55; 3])));
    }

    #[test]
    fn memory_and_queues_are_the_same_on_the_driver_and_through_the_kernel() {
        exercise(&Driver::new());
        exercise(&DisplayClient::new(connect(DisplayServer::new(Driver::new()))));
    }

    #[test]
    fn what_a_task_writes_the_driver_sees() {
        let driver = Arc::new(Driver::new());
        let client = DisplayClient::new(connect(DisplayServer::shared(Arc::clone(&driver))));
        let (mut task, driver) = (client.registers().unwrap(), driver.registers().unwrap());
        task.view_mut().control().write(0x1234);
        assert_eq!(driver.view().control().read(), 0x1234);
    }

    #[test]
    fn the_client_maps_as_the_trait_says() {
        let client = DisplayClient::new(connect(DisplayServer::new(Driver::new())));
        assert_eq!(client.registers().unwrap().cache_mode(), CacheMode::Inhibit);
        assert_eq!(client.framebuffer().unwrap().cache_mode(), CacheMode::WriteCombine);
        assert_eq!(client.palette().unwrap().cache_mode(), CacheMode::Default);
    }

    #[test]
    fn an_error_tells_the_memory_and_not_what_the_driver_said() {
        let client = DisplayClient::new(connect(DisplayServer::new(Driver::new())));
        let error = client.broken().map(drop).unwrap_err();
        assert_eq!(error.code(), IoReturn::BAD_ARGUMENT);
        assert!(error.to_string().contains("Display::broken (memory type 9)"), "{error}");
    }

    fn serve(driver: &Arc<impl Display + Send + Sync + 'static>, memory_type: u32) -> Result<ClientMemory> {
        fn of<I: Serves<T>, T: 'static>(driver: &Arc<T>, index: usize) -> Result<ClientMemory> {
            I::MEMORY[index](driver)
        }
        let memory = DisplayClient::INTERFACE.memory;
        let index = memory.iter().position(|memory| memory.name.memory_type == memory_type).unwrap();
        of::<DisplayClient, _>(driver, index)
    }

    #[test]
    fn the_kernel_is_given_the_descriptor_and_whether_tasks_may_write() {
        let driver = Arc::new(Driver::new());
        let registers = serve(&driver, 3).unwrap();
        assert!(registers.descriptor.is(&driver.registers) && registers.bell.is_none());
        assert_eq!(registers.options, MapOptions::default());
        let palette = serve(&driver, PALETTE).unwrap();
        assert!(palette.descriptor.is(&driver.palette) && palette.bell.is_none());
        assert_eq!(palette.options, MapOptions::READ_ONLY);
        let events = serve(&driver, 5).unwrap();
        assert!(events.descriptor.is(driver.events.descriptor().unwrap()) && events.bell.is_some());
        assert_eq!(events.options, MapOptions::default());
        assert_eq!(serve(&driver, 9).unwrap_err().code(), IoReturn::NO_MEMORY);
    }

    #[test]
    fn what_a_driver_has_as_a_task_is_not_its_to_give() {
        // A driver that passes on what another one has.
        let client = DisplayClient::new(connect(DisplayServer::new(Driver::new())));
        let driver = Arc::new(client);
        for memory_type in [3, PALETTE, 4, 5, 6] {
            assert_eq!(serve(&driver, memory_type).unwrap_err().code(), IoReturn::UNSUPPORTED);
        }
    }

    #[test]
    fn what_is_configured_away_leaves_no_hole() {
        let memory = DisplayClient::INTERFACE.memory;
        let types: Vec<_> =
            memory.iter().map(|memory| (memory.name.method, memory.name.memory_type)).collect();
        assert_eq!(
            types,
            [
                ("registers", 3),
                ("palette", PALETTE),
                ("framebuffer", 4),
                ("events", 5),
                ("log", 6),
                ("broken", 9)
            ]
        );
        assert_eq!(<DisplayClient as Serves<Driver>>::MEMORY.len(), types.len());
    }

    #[user_client(service = "com_example_Driver", table = Legacy)]
    trait OnlyMemory {
        #[uc(memory = 0)]
        fn bytes(&self) -> Result<Mapping<[u8]>>;
    }

    struct Bytes(MemoryDescriptor);

    impl OnlyMemory for Bytes {
        fn bytes(&self) -> Result<Mapping<[u8]>> {
            Mapping::of(&self.0)
        }
    }

    #[test]
    fn an_interface_may_be_memory_alone_and_have_a_legacy_table() {
        let driver = Bytes(MemoryDescriptor::new(100).unwrap());
        let client = OnlyMemoryClient::new(connect(OnlyMemoryServer::new(driver)));
        assert_eq!(client.bytes().unwrap().size(), 100);
    }
}
