//! Spans and events: with the feature `tracing`, `cargo test -p iokit-uc-tests --features tracing --test spans`.

mod collector;

use collector::{Collector, Log};
use iokit_uc::interface::{
    Arguments, AsyncReference, Caller, EntryId, MessageType, OnClose, SendRight, UserClient,
};
use iokit_uc::memory::{CacheMode, MapOptions, MemoryDescriptor};
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{
    Completions, DataQueue, Interest, IoReturn, Kernel, Mapping, Matching, NotificationPort, Result, Service,
    ServiceNotification, Value, completions, user_client,
};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use tracing::Level;
use tracing::subscriber::with_default;

const CLASS: &str = "com_example_Driver";

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(10);

#[user_client(service = "com_example_Driver")]
trait Example {
    #[uc(selector = 0)]
    fn add(&self, a: u32, b: u32) -> Result<u32>;
    #[uc(selector = 1)]
    fn fail(&self, code: u32) -> Result<()>;
    #[uc(selector = 2)]
    fn fill(&self, bytes: &mut [u8]) -> Result<usize>;
    #[uc(selector = 3)]
    fn list(&self) -> Result<Vec<u32>>;
    #[uc(selector = 4)]
    async fn later(&self, a: u32, b: u32) -> Result<(u32, u32)>;
    #[uc(selector = 5)]
    fn many(&self) -> Result<Completions<u64>>;
    #[uc(memory = 7)]
    fn memory(&self) -> Result<Mapping<[u8]>>;
}

struct Driver {
    memory: MemoryDescriptor,
}

impl Example for Driver {
    fn add(&self, a: u32, b: u32) -> Result<u32> {
        tracing::info!("the driver adds");
        Ok(a + b)
    }

    fn fail(&self, code: u32) -> Result<()> {
        Err(IoReturn::from_code(code).into())
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<usize> {
        Ok(bytes.len() / 2)
    }

    fn list(&self) -> Result<Vec<u32>> {
        Ok(vec![1, 2, 3])
    }

    async fn later(&self, a: u32, b: u32) -> Result<(u32, u32)> {
        if a > b { Err(IoReturn::OFFLINE.into()) } else { Ok((a, b)) }
    }

    fn many(&self) -> Result<Completions<u64>> {
        let (sender, completions) = completions();
        for number in 0..3 {
            sender.send(number)?;
        }
        Ok(completions)
    }

    fn memory(&self) -> Result<Mapping<[u8]>> {
        Mapping::of(&self.memory)
    }
}

/// A machine with the driver, and what its client is told to tell.
fn boot() -> (Machine, EntryId, Kernel, Log) {
    let machine = Machine::new();
    let driver = Driver { memory: MemoryDescriptor::new(4096).unwrap() };
    let entry = machine.publish(Nub::new(CLASS).driver(ExampleServer::new(driver)));
    let kernel = machine.task("client").kernel();
    (machine, entry, kernel, Log::default())
}

fn collect<R>(log: &Log, run: impl FnOnce() -> R) -> R {
    with_default(Collector::new(log, Level::TRACE), run)
}

/// The spans and events of a name, as lines.
fn lines(log: &Log, name: &str) -> Vec<String> {
    log.named(name).iter().map(|told| told.line()).collect()
}

#[test]
fn what_leads_to_a_connection_is_in_spans_and_its_close_too() {
    let (_machine, entry, kernel, log) = boot();
    collect(&log, || {
        let client = ExampleClient::open_first(&kernel).unwrap();
        drop(client);
        let matching = Matching::class("com_example_Other");
        assert_eq!(Service::first(&kernel, &matching).unwrap(), None);
    });
    let find =
        |function, class, end| format!("find {end} function={function} matching=IOProviderClass `{class}`");
    // Those that have `found` have no code.
    let found: Vec<String> = lines(&log, "find");
    assert_eq!(
        found,
        [
            format!("find found=true function=IOServiceGetMatchingService matching=IOProviderClass `{CLASS}`"),
            "find found=false function=IOServiceGetMatchingService matching=IOProviderClass `com_example_Other`".into(),
            find("IOServiceGetMatchingServices", "com_example_Other", "code=kIOReturnSuccess"),
        ]
    );
    let opened = format!(
        "open class={CLASS} code=kIOReturnSuccess connection=# connection_type=0 function=IOServiceOpen id={entry}"
    );
    assert_eq!(log.one("open").line(), opened);
    let closed = format!("close class={CLASS} code=kIOReturnSuccess connection=# function=IOServiceClose");
    assert_eq!(log.one("close").line(), closed);
    assert_eq!(log.one("close").field("connection"), log.one("open").field("connection"));
    let all = log.all();
    assert!(all.iter().all(|told| told.target == "iokit_uc" && told.level == Level::DEBUG), "{all:#?}");
}

#[test]
fn an_open_that_fails_has_the_code_and_no_connection() {
    let machine = Machine::new();
    let code = IoReturn::FAMILY_VENDOR_SPECIFIC.with_number(7);
    machine.publish(Nub::new(CLASS).user_client(move |_| Err::<Hand, _>(code.into())));
    let service = Service::expect_first(&machine.task("client").kernel(), &Matching::class(CLASS)).unwrap();
    let log = Log::default();
    collect(&log, || service.open(5).unwrap_err());
    let open = log.one("open");
    assert_eq!((open.field("code"), open.field("connection_type")), ("0xe3ff8007", "5"));
    assert!(!open.fields.contains_key("connection"), "{open:?}");
}

#[test]
fn a_call_is_a_span_with_its_method_its_sizes_and_its_code() {
    let (_machine, _, kernel, log) = boot();
    let client = ExampleClient::open_first(&kernel).unwrap();
    collect(&log, || {
        assert_eq!(client.add(2, 3), Ok(5));
        client.fail(0xe000_02cd).unwrap_err();
        assert_eq!(client.fill(&mut [0; 10]), Ok(5));
        assert_eq!(client.list(), Ok(vec![1, 2, 3]));
        client.as_ref().call(0).scalars(&[1, 2]).scalar_capacity(1).send().unwrap();
    });
    let call = |sizes_in: &str, end: &str, method: &str, selector| {
        let method = if method.is_empty() { String::new() } else { format!(" method=Example::{method}") };
        let (bytes_in, scalars_in) = sizes_in.split_once(' ').unwrap();
        let (before, after) = end.split_once('|').unwrap();
        format!(
            "call bytes_in={bytes_in}{before} connection=# function=IOConnectCallMethod{method} scalars_in={scalars_in}{after} selector={selector}"
        )
    };
    let ok = |bytes_out: &str, scalars_out| {
        let bytes_out = if bytes_out.is_empty() { String::new() } else { format!(" bytes_out={bytes_out}") };
        format!("{bytes_out} class={CLASS} code=kIOReturnSuccess| scalars_out={scalars_out}")
    };
    let failed = format!(" class={CLASS} code=kIOReturnNotOpen|");
    let expected = [
        call("0 2", &ok("", 1), "add", 0),
        call("0 1", &failed, "fail", 1),
        call("0 0", &ok("5", 0), "fill", 2),
        call("0 0", &ok("12", 0), "list", 3),
        call("0 2", &ok("", 1), "", 0),
    ];
    assert_eq!(lines(&log, "call"), expected);
}

#[test]
fn the_simulated_driver_runs_within_the_span_of_its_call() {
    let (_machine, _, kernel, log) = boot();
    let client = ExampleClient::open_first(&kernel).unwrap();
    collect(&log, || client.add(2, 3).unwrap());
    let driver = log.one("the driver adds");
    assert_eq!(driver.parent.as_deref(), Some("call"));
}

#[test]
fn an_asynchronous_call_lasts_until_it_is_completed() {
    let (_machine, _, kernel, log) = boot();
    collect(&log, || {
        let client = ExampleClient::open_first(&kernel).unwrap();
        let port = NotificationPort::new(&kernel).unwrap();
        client.as_ref().notify_on(&port).unwrap();
        let mut sum = client.later(1, 2);
        assert!(log.named("call").is_empty(), "it has not ended: {:#?}", log.all());
        while port.dispatch(None).unwrap() == 0 {}
        assert_eq!(sum.wait_timeout(Duration::ZERO), Some(Ok((1, 2))));
        let completion = log.one("completion");
        assert_eq!(completion.line(), "completion arguments=2 code=kIOReturnSuccess");
        assert_eq!(completion.parent.as_deref(), Some("call"));
        let call = log.one("call");
        assert_eq!(call.field("function"), "IOConnectCallAsyncMethod");
        assert_eq!((call.field("method"), call.field("selector")), ("Example::later", "4"));

        log.take();
        let mut refused = client.later(2, 1);
        while port.dispatch(None).unwrap() == 0 {}
        assert_eq!(refused.wait_timeout(Duration::ZERO).unwrap().unwrap_err(), IoReturn::OFFLINE);
        assert_eq!(log.one("completion").line(), "completion arguments=0 code=kIOReturnOffline");
    });
}

#[test]
fn whoever_made_the_call_is_told_of_its_completion_on_the_librarys_own_thread_too() {
    let (_machine, _, kernel, log) = boot();
    collect(&log, || {
        let client = ExampleClient::open_first(&kernel).unwrap();
        assert_eq!(client.later(1, 2).wait(), Ok((1, 2)));
    });
    assert_eq!(log.one("completion").parent.as_deref(), Some("call"));
    let interest = log.one("interest");
    assert_eq!(interest.field("kind"), "IOGeneralInterest");
}

#[test]
fn each_completion_of_many_is_told_and_so_is_an_end_that_is_none() {
    let (_machine, _, kernel, log) = boot();
    collect(&log, || {
        let client = ExampleClient::open_first(&kernel).unwrap();
        let port = NotificationPort::new(&kernel).unwrap();
        client.as_ref().notify_on(&port).unwrap();
        let mut many = client.many().unwrap();
        let mut came = 0;
        while came < 3 {
            port.dispatch(None).unwrap();
            while let std::task::Poll::Ready(Some(_)) = many.wait_timeout(Duration::ZERO) {
                came += 1;
            }
        }
        assert_eq!(log.named("completion").len(), 3);
        assert!(log.named("call").is_empty());
        drop(client);
        assert_eq!(log.one("end").line(), "end code=kIOReturnAborted reason=the connection was closed");
        assert_eq!(log.one("end").parent.as_deref(), Some("call"));
        assert_eq!(log.named("call").len(), 1);
    });
}

#[test]
fn mapped_memory_is_told_of_as_it_comes_and_goes() {
    let (_machine, _, kernel, log) = boot();
    let client = ExampleClient::open_first(&kernel).unwrap();
    collect(&log, || {
        let memory = client.memory().unwrap();
        let again: Mapping<[u8]> = client.as_ref().map_memory(7, CacheMode::Default).unwrap();
        drop((memory, again));
        client.as_ref().map_memory::<[u8], iokit_uc::ReadWriteAccess>(8, CacheMode::Default).unwrap_err();
    });
    let map = |end, method, memory_type| {
        format!(
            "map{end} connection=# function=IOConnectMapMemory64 memory_type={memory_type}{method}",
            end = end
        )
    };
    let there = format!(" address=# class={CLASS} code=kIOReturnSuccess");
    let missing = format!(" class={CLASS} code=kIOReturnBadArgument");
    let maps = lines(&log, "map");
    assert_eq!(
        maps,
        [
            map(&there, " method=Example::memory size=4096", 7),
            map(&there, " size=4096", 7),
            map(&missing, "", 8)
        ]
    );
    let unmap =
        "unmap address=# code=kIOReturnSuccess connection=# function=IOConnectUnmapMemory64 memory_type=7";
    // Where it is mapped twice the kernel may keep no count, and has no more to unmap then.
    assert_eq!(lines(&log, "unmap")[0], unmap);
    assert_eq!(log.named("unmap")[0].field("address"), log.named("map")[0].field("address"));
}

/// A user client and a driver written by hand, which take whatever they are given.
struct Hand {
    queue: DataQueue<u32>,
}

impl UserClient for Hand {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn external_trap(&self, index: u32, _: [usize; 6]) -> Option<Result<()>> {
        Some(if index == 0 { Ok(()) } else { Err(IoReturn::NOT_READY.into()) })
    }

    fn set_properties(&self, _: &Caller, _: &Value) -> Result<()> {
        Ok(())
    }

    fn connect_client(&self, _: &Arc<dyn UserClient>) -> Result<()> {
        Ok(())
    }

    fn register_notification_port(&self, port: Option<SendRight>, _: u32, _: u64) -> Result<()> {
        self.queue.set_notification_port(port);
        Ok(())
    }

    fn client_memory_for_type(
        &self,
        _: u32,
        _: &mut MapOptions,
        memory: &mut Option<MemoryDescriptor>,
    ) -> Result<()> {
        *memory = self.queue.descriptor().cloned();
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

fn by_hand() -> (Machine, EntryId, Service) {
    let machine = Machine::new();
    let entry =
        machine.publish(Nub::new(CLASS).user_client(|_| Ok(Hand { queue: DataQueue::with_entries(4)? })));
    let service = Service::expect_first(&machine.task("client").kernel(), &Matching::class(CLASS)).unwrap();
    (machine, entry, service)
}

#[test]
fn everything_else_that_drivers_are_asked_is_in_spans() {
    let (_machine, entry, service) = by_hand();
    let (connection, other) = (service.open(0).unwrap(), service.open(0).unwrap());
    let log = Log::default();
    collect(&log, || {
        connection.set_property("Colour", 3).unwrap();
        connection.set_properties(Value::dictionary([("Colour", 3)])).unwrap();
        service.set_property("Colour", 3).unwrap_err();
        service.set_properties(Value::dictionary([("Colour", 3)])).unwrap_err();
        service.request_probe(9).unwrap_err();
        service.wait_quiet(Some(Duration::from_secs(2))).unwrap();
        service.kernel().wait_quiet(None).unwrap();
        connection.add_client(&other).unwrap();
        // SAFETY: the driver's traps look at no parameter.
        unsafe {
            connection.trap(0, &[]).unwrap();
            connection.trap(1, &[]).unwrap_err();
        }
        let mut queue = connection.data_queue::<u32>(2).unwrap();
        assert!(queue.wait_timeout(Duration::ZERO).is_pending());
    });
    let (ok, refused) = ("code=kIOReturnSuccess", "code=kIOReturnUnsupported");
    let of = format!("class={CLASS}");
    assert_eq!(
        lines(&log, "set"),
        [
            format!("set {of} {ok} connection=# function=IOConnectSetCFProperty key=Colour"),
            format!("set {of} {ok} connection=# function=IOConnectSetCFProperties"),
            format!("set {of} {refused} function=IORegistryEntrySetCFProperty id={entry} key=Colour"),
            format!("set {of} {refused} function=IORegistryEntrySetCFProperties id={entry}"),
        ]
    );
    let probe = format!("probe {of} {refused} function=IOServiceRequestProbe id={entry} options=9");
    assert_eq!(log.one("probe").line(), probe);
    assert_eq!(
        lines(&log, "wait"),
        [
            format!("wait {of} {ok} function=IOServiceWaitQuiet id={entry} timeout=2s"),
            format!("wait {ok} function=IOKitWaitQuiet"),
        ]
    );
    let add = format!("add_client {of} client=# {ok} connection=# function=IOConnectAddClient");
    assert_eq!(log.one("add_client").line(), add);
    assert_eq!(
        lines(&log, "trap"),
        [
            format!("trap {of} {ok} connection=# function=IOConnectTrap6 index=0"),
            format!("trap {of} code=kIOReturnNotReady connection=# function=IOConnectTrap6 index=1"),
        ]
    );
    // Given, and taken back.
    let set = format!("set_port {ok} connection=# function=IOConnectSetNotificationPort memory_type=2");
    assert_eq!(lines(&log, "set_port"), [set.clone(), set]);
}

#[test]
fn services_that_come_and_go_are_told_of_one_by_one() {
    let machine = Machine::new();
    let kernel = machine.task("client").kernel();
    let log = Log::default();
    let first = machine.publish(Nub::new(CLASS));
    collect(&log, || {
        let port = NotificationPort::new(&kernel).unwrap();
        let matching = Matching::class(CLASS);
        let _came = port.services(ServiceNotification::FirstMatch, &matching).unwrap();
        let _gone = port.services(ServiceNotification::Terminated, &matching).unwrap();
        let second = machine.publish(Nub::new(CLASS));
        machine.terminate(second, Default::default());
        while log.named("service").len() < 3 {
            port.dispatch(None).unwrap();
        }
        let service = |kind, id| format!("service class={CLASS} id={id} kind={kind}");
        let told: BTreeSet<String> = lines(&log, "service").into_iter().collect();
        assert_eq!(
            told,
            [
                service("IOServiceFirstMatch", first),
                service("IOServiceFirstMatch", second),
                service("IOServiceTerminate", second),
            ]
            .into()
        );
    });
    let watched = log.named("watch");
    assert_eq!(watched.len(), 2);
    assert_eq!(
        (watched[0].field("kind"), watched[0].field("code")),
        ("IOServiceFirstMatch", "kIOReturnSuccess")
    );
    assert!(watched[0].field("matching").contains(CLASS), "{watched:?}");
}

#[test]
fn what_a_service_tells_is_told_and_so_is_its_end() {
    let (machine, entry, kernel, log) = boot();
    let service = Service::expect_first(&kernel, &Matching::class(CLASS)).unwrap();
    collect(&log, || {
        let port = NotificationPort::new(&kernel).unwrap();
        let client = ExampleClient::new(service.open(0).unwrap());
        client.as_ref().notify_on(&port).unwrap();
        let _messages = port.interest(&service, Interest::General).unwrap();
        machine.message_clients(entry, MessageType::SERVICE_PROPERTY_CHANGE, 7).unwrap();
        // Before the service is gone, of which the kernel then tells no more.
        while log.named("message").is_empty() {
            port.dispatch(None).unwrap();
        }
        machine.terminate(entry, Default::default());
        while log.named("message").len() < 2 || log.named("terminated").is_empty() {
            port.dispatch(None).unwrap();
        }
    });
    let message = |kind| format!("message class={CLASS} id={entry} message_type={kind}");
    let kinds = [MessageType::SERVICE_PROPERTY_CHANGE, MessageType::SERVICE_IS_TERMINATED];
    assert_eq!(lines(&log, "message"), kinds.map(|kind| message(format!("{kind:?}"))));
    assert_eq!(log.one("terminated").line(), format!("terminated class={CLASS} id={entry}"));
    assert_eq!(log.named("interest").len(), 2);
}

#[test]
fn messages_that_are_for_nobody_and_answers_that_do_not_fit_are_told() {
    /// Completes whatever it is asked once more than it should, and returns less than whole elements.
    struct Twice(Mutex<Vec<AsyncReference>>);

    impl UserClient for Twice {
        fn external_method(&self, _: u32, arguments: &mut Arguments<'_>) -> Result<()> {
            match arguments.async_reference() {
                Some(reference) => self.0.lock().unwrap().push(reference),
                None => arguments.set_variable_output(vec![0; 3]).unwrap(),
            }
            for reference in self.0.lock().unwrap().drain(..) {
                let _ = reference.send_result(IoReturn::SUCCESS, &[1, 2]);
                let _ = reference.send_result(IoReturn::SUCCESS, &[1, 2]);
            }
            Ok(())
        }
    }

    let machine = Machine::new();
    machine.publish(Nub::new(CLASS).user_client(|_| Ok(Twice(Mutex::default()))));
    let kernel = machine.task("client").kernel();
    let client = ExampleClient::open_first(&kernel).unwrap();
    let log = Log::default();
    collect(&log, || {
        let port = NotificationPort::new(&kernel).unwrap();
        client.as_ref().notify_on(&port).unwrap();
        let _later = client.later(1, 2);
        while log.named("dropped").is_empty() {
            port.dispatch(None).unwrap();
        }
        client.list().unwrap_err();
    });
    assert_eq!(log.one("dropped").line(), "dropped reason=stale");
    let misfit = log.one("misfit");
    assert_eq!(misfit.field("call"), "Example::list (selector 3)");
    assert!(!misfit.field("detail").is_empty());
}

#[test]
fn who_does_not_want_this_level_is_told_nothing() {
    let (_machine, _, kernel, log) = boot();
    with_default(Collector::new(&log, Level::INFO), || {
        let client = ExampleClient::open_first(&kernel).unwrap();
        client.add(2, 3).unwrap();
        client.later(1, 2).wait().unwrap();
    });
    let names: Vec<_> = log.all().into_iter().map(|told| told.name).collect();
    assert_eq!(names, ["the driver adds"]);
}

#[test]
fn a_subscriber_may_use_the_library_whatever_it_is_told_of() {
    let (machine, entry, kernel, log) = boot();
    let service = Service::expect_first(&kernel, &Matching::class(CLASS)).unwrap();
    let port = Arc::new(NotificationPort::new(&kernel).unwrap());
    let uses = {
        let (port, service) = (Arc::clone(&port), service.clone());
        move || {
            assert!(!format!("{service:?} {port:?}").is_empty());
            let _ = port.interest(&service, Interest::General);
        }
    };
    let collector = Collector::new(&log, Level::TRACE).on_event(uses);
    with_default(collector, || {
        let client = ExampleClient::new(service.open(0).unwrap());
        client.as_ref().notify_on(&port).unwrap();
        let _came = port.services(ServiceNotification::FirstMatch, &Matching::class(CLASS)).unwrap();
        let _messages = port.interest(&service, Interest::General).unwrap();
        let mut later = client.later(1, 2);
        let _many = client.many().unwrap();
        while later.wait_timeout(Duration::ZERO).is_none() {
            port.dispatch(None).unwrap();
        }
        machine.publish(Nub::new(CLASS));
        machine.message_clients(entry, MessageType::SERVICE_PROPERTY_CHANGE, 7).unwrap();
        machine.terminate(entry, Default::default());
        while log.named("terminated").is_empty() || log.named("end").is_empty() {
            port.dispatch(None).unwrap();
        }
    });
    for name in ["completion", "end", "service", "message", "terminated"] {
        assert!(!log.named(name).is_empty(), "{name}");
    }
}

#[test]
fn a_subscriber_may_use_the_library_when_it_is_asked_what_it_wants() {
    let (machine, _, kernel, log) = boot();
    let port = Arc::new(NotificationPort::new(&kernel).unwrap());
    let came = port.services(ServiceNotification::FirstMatch, &Matching::class(CLASS)).unwrap();
    let asked = Arc::clone(&port);
    let collector = Collector::new(&log, Level::DEBUG).when_asked(move || {
        let _ = asked.dispatch(Some(Duration::ZERO));
    });
    with_default(collector, || {
        machine.publish(Nub::new(CLASS));
        let _more = port.services(ServiceNotification::FirstPublish, &Matching::class(CLASS)).unwrap();
        machine.publish(Nub::new(CLASS));
        port.dispatch(Some(Duration::ZERO)).unwrap();
    });
    drop(came);
    assert!(!log.named("service").is_empty());
}

#[test]
fn a_subscriber_that_panics_keeps_no_completion_from_whoever_waits() {
    let (machine, entry, kernel, log) = boot();
    let panics = || panic!("a subscriber that panics, as this test wants");
    with_default(Collector::new(&log, Level::DEBUG).on_event(panics), || {
        let client = ExampleClient::open_first(&kernel).unwrap();
        assert_eq!(client.later(1, 2).wait_timeout(PATIENCE), Some(Ok((1, 2))));
        let (mut many, mut others) = (client.many().unwrap(), client.many().unwrap());
        machine.terminate(entry, Default::default());
        for calls in [&mut many, &mut others] {
            let came = std::iter::from_fn(|| match calls.wait_timeout(PATIENCE) {
                Poll::Ready(next) => next,
                Poll::Pending => panic!("nothing comes"),
            });
            assert_eq!(came.last().unwrap().unwrap_err(), IoReturn::NO_DEVICE);
        }
    });
    machine.assert_clean();
}

/// The names in the tables of `iokit_uc::spans`, and those in the code.
#[test]
fn every_span_and_event_is_in_the_documentation_and_no_other() {
    const DOCS: &str = include_str!("../../iokit-uc/src/spans/mod.rs");
    let rows = DOCS.lines().filter_map(|line| line.strip_prefix("//! | `")?.split('`').next());
    let documented: BTreeSet<String> = rows.map(str::to_owned).collect();
    let mut made = BTreeSet::new();
    let mut directories = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/../iokit-uc/src").into()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir::<std::path::PathBuf>(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let source = std::fs::read_to_string(path).unwrap();
                for kind in ["span!(", "event!(", "warning!("] {
                    let names = source.split(kind).skip(1);
                    let quoted =
                        names.filter_map(|after| after.trim_start().strip_prefix('"')?.split('"').next());
                    made.extend(quoted.map(str::to_owned));
                }
            }
        }
    }
    assert!(made.len() > 15, "{made:?}");
    assert_eq!(documented, made);
}
