//! A subscriber that keeps what it is told.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

/// What a span or an event has, as text.
pub(crate) type Fields = BTreeMap<&'static str, String>;

/// A span or an event.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) name: String,
    pub(crate) level: Level,
    pub(crate) target: String,
    pub(crate) fields: Fields,
    /// The span that it is in.
    pub(crate) parent: Option<String>,
}

impl Told {
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_else(|| panic!("{self:?} has no field `{name}`"))
    }

    /// The fields but for how long it took, which has to be told, and numbers of ports, which only have to be some.
    pub(crate) fn line(&self) -> String {
        let mut line = self.name.clone();
        for (name, value) in &self.fields {
            match *name {
                "duration_ns" => assert!(value.parse::<u64>().is_ok(), "{self:?}"),
                "connection" | "client" | "address" => {
                    assert!(value.starts_with("0x") && value.len() > 2, "{self:?}");
                    write!(line, " {name}=#").unwrap();
                }
                name => write!(line, " {name}={value}").unwrap(),
            }
        }
        line
    }
}

/// What has been told, in order: events as they come, spans as they end.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Told>>>);

impl Log {
    pub(crate) fn all(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }

    /// What has been told since it was last asked.
    pub(crate) fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Those of a name.
    pub(crate) fn named(&self, name: &str) -> Vec<Told> {
        self.all().into_iter().filter(|told| told.name == name).collect()
    }

    /// The only one of a name.
    pub(crate) fn one(&self, name: &str) -> Told {
        let named = self.named(name);
        assert_eq!(named.len(), 1, "{name}: {:#?}", self.all());
        named[0].clone()
    }
}

/// Keeps what comes from the library at `level` or above it, and calls a function with each event.
pub(crate) struct Collector {
    log: Log,
    level: Level,
    on_event: Box<dyn Fn() + Send + Sync>,
    when_asked: Box<dyn Fn() + Send + Sync>,
    next: AtomicU64,
    /// Those that have not ended.
    spans: Mutex<HashMap<u64, Span>>,
}

struct Span {
    /// How many have it.
    handles: usize,
    told: Told,
}

thread_local! {
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

impl Collector {
    pub(crate) fn new(log: &Log, level: Level) -> Self {
        Self {
            log: log.clone(),
            level,
            on_event: Box::new(|| {}),
            when_asked: Box::new(|| {}),
            next: AtomicU64::new(1),
            spans: Mutex::default(),
        }
    }

    pub(crate) fn on_event(self, function: impl Fn() + Send + Sync + 'static) -> Self {
        Self { on_event: Box::new(function), ..self }
    }

    /// Calls a function whenever it is asked whether it wants something.
    pub(crate) fn when_asked(self, function: impl Fn() + Send + Sync + 'static) -> Self {
        Self { when_asked: Box::new(function), ..self }
    }

    fn current(&self) -> Option<String> {
        let id = ENTERED.with_borrow(|entered| entered.last().copied())?;
        Some(self.spans.lock().unwrap()[&id].told.name.clone())
    }

    fn change(&self, id: &Id, change: impl FnOnce(&mut Span)) {
        change(self.spans.lock().unwrap().get_mut(&id.into_u64()).expect("a span that is there"));
    }
}

struct Texts<'a>(&'a mut Fields);

impl Visit for Texts<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Subscriber for Collector {
    /// It is to be asked each time.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        (self.when_asked)();
        *metadata.level() <= self.level
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut fields = Fields::new();
        attributes.record(&mut Texts(&mut fields));
        let metadata = attributes.metadata();
        let told = Told {
            name: metadata.name().to_owned(),
            level: *metadata.level(),
            target: metadata.target().to_owned(),
            fields,
            parent: self.current(),
        };
        self.spans.lock().unwrap().insert(id, Span { handles: 1, told });
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        self.change(id, |span| values.record(&mut Texts(&mut span.told.fields)));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Texts(&mut fields));
        let metadata = event.metadata();
        let told = Told {
            name: fields.remove("message").unwrap_or_default(),
            level: *metadata.level(),
            target: metadata.target().to_owned(),
            fields,
            parent: self.current(),
        };
        self.log.0.lock().unwrap().push(told);
        (self.on_event)();
    }

    fn enter(&self, id: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(id.into_u64()));
    }

    fn exit(&self, id: &Id) {
        assert_eq!(ENTERED.with_borrow_mut(Vec::pop), Some(id.into_u64()));
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.change(id, |span| span.handles += 1);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut left = 0;
        self.change(&id, |span| {
            span.handles -= 1;
            left = span.handles;
        });
        if left == 0 {
            let span = self.spans.lock().unwrap().remove(&id.into_u64());
            self.log.0.lock().unwrap().extend(span.map(|span| span.told));
        }
        left == 0
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}
