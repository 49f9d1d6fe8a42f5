//! Spans and events, for whoever has to see what a program does on a machine that is not there: with the feature `tracing`,
//! by the crate of that name.
//!
//! Without the feature nothing of this is compiled. With it, and no subscriber that wants them, a span is one look at a
//! variable. Every span and event has the target [`TARGET`], and the level `DEBUG` unless another is told here. None
//! has what a driver is sent or what comes back, only how much of it: a [trace](crate::trace) has that. But `matching` is all that
//! is looked for, be it a serial number.
//!
//! # Spans
//!
//! A span is the time in which one function of IOKitLib runs, as the program sees it. These call drivers, look for services,
//! or ask the kernel to tell of something; other questions to the registry have none.
//!
//! | Span | Made by | Fields besides those of all |
//! |---|---|---|
//! | `find` | [`Service::first`], [`all`] and what uses them | `matching`; `found` |
//! | `open` | [`Service::open`] | `class`, `id`, `connection_type`; `connection` |
//! | `close` | [`Connection::close`], and the drop of the last that has it | `connection`, `class` |
//! | `call` | every external method, by a trait or by hand | `connection`, `class`, `selector`, `method`, `scalars_in`, `bytes_in`; `scalars_out`, `bytes_out` |
//! | `trap` | [`Connection::trap`] | `connection`, `class`, `index` |
//! | `map` | [`Connection::map_memory`], mappings and data queues of a trait | `connection`, `class`, `memory_type`, `method`; `address`, `size` |
//! | `unmap` | the last [`Mapping`] of a connection, once for each memory | `connection`, `memory_type`, `address` |
//! | `set_port` | a [`DataQueue`] that is waited for | `connection`, `memory_type` |
//! | `add_client` | [`Connection::add_client`] | `connection`, `class`, `client` |
//! | `set` | `set_property`, `set_properties` of a connection, or of an entry | `connection` and `class`, or `class` and `id`; `key` |
//! | `wait` | [`Service::wait_quiet`], [`Kernel::wait_quiet`] | `class` and `id` of the service; `timeout` |
//! | `probe` | [`Service::request_probe`] | `class`, `id`, `options` |
//! | `watch` | [`Service::watch`] and its like | `kind`, `matching` |
//! | `interest` | [`Service::interest`] and its like; the first asynchronous call of a connection | `kind`, `class`, `id` |
//!
//! All have `function`, its name in C; and when it has returned `code`, the name of what it returned, and `duration_ns`, how
//! many nanoseconds it took. `connection` is the port's name; `class` and `id` are those of the service that was opened, or
//! of the entry itself, as far as the kernel tells; `method` is the trait and its method, where there is one. `find` has
//! `found` in place of a code if the function returns no code.
//!
//! A span of an asynchronous call lasts until the call is completed, or until nobody waits for it any more.
//!
//! # Events
//!
//! Where they are in no span that says it, they say themselves what they are about.
//!
//! | Event | When | Fields |
//! |---|---|---|
//! | `completion` | a completion has come, in the span of its `call` | `code`, `arguments`: how many; `duration_ns`: since the call |
//! | `end` | a call that waits ends without one, in its span | `code`, `reason`, `duration_ns` |
//! | `service` | a service has come or gone, for whoever watches | `kind`, `class`, `id` |
//! | `lost` | services may have come or gone that nobody hears of: `WARN` | `kind` |
//! | `message` | a service has told something | `message_type`, `class`, `id` |
//! | `terminated` | a connection's service is gone | `class`, `id` |
//! | `dropped` | a message was for nobody, or was none: see [`Dropped`] | `reason` |
//! | `misfit` | a driver has answered something else than was declared | `call`, `detail` |
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! use iokit_uc::sim::{Machine, Nub};
//! use iokit_uc::{Matching, Service};
//!
//! // Any subscriber: `tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).init()`.
//! let machine = Machine::new();
//! machine.publish(Nub::new("com_example_Driver"));
//! let kernel = machine.task("client").kernel();
//!
//! // find{function="IOServiceGetMatchingService" matching=IOProviderClass `com_example_Driver` duration_ns=1500 found=true}
//! let service = Service::expect_first(&kernel, &Matching::class("com_example_Driver"))?;
//! // open{function="IOServiceOpen" class="com_example_Driver" … code="kIOReturnUnsupported" duration_ns=900}
//! assert!(service.open(0).is_err());
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! A subscriber is called by whichever thread does what it is told of, when no lock of the library's is held; so it may use the
//! library itself. But like a waker it must not wait for messages at the port where one has just come: they come one after the
//! other. A panic of it is reported by the panic hook and ends there, so that nobody loses what has been done.
//!
//! [`Service::first`]: crate::Service::first
//! [`all`]: crate::Service::all
//! [`Service::open`]: crate::Service::open
//! [`Service::wait_quiet`]: crate::Service::wait_quiet
//! [`Service::request_probe`]: crate::Service::request_probe
//! [`Service::watch`]: crate::Service::watch
//! [`Service::interest`]: crate::Service::interest
//! [`Kernel::wait_quiet`]: crate::Kernel::wait_quiet
//! [`Connection::close`]: crate::Connection::close
//! [`Connection::trap`]: crate::Connection::trap
//! [`Connection::map_memory`]: crate::Connection::map_memory
//! [`Connection::add_client`]: crate::Connection::add_client
//! [`Mapping`]: crate::Mapping
//! [`DataQueue`]: crate::DataQueue
//! [`Dropped`]: crate::Dropped

use crate::backend::{PortName, ScalarOutput, StructureOutput};
use crate::description;
use crate::error::{Call, Error, IoReturn, Result};
use crate::kernel::Kernel;
use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Level;
use tracing::dispatcher::with_default;
use tracing::field::{DebugValue, DisplayValue, debug, display};
use tracing::level_filters::LevelFilter;

/// What every span and event has for its target.
pub const TARGET: &str = "iokit_uc";

/// A span with a name, fields, and those of all.
macro_rules! span {
    ($name:literal, $function:expr $(, $($fields:tt)*)?) => {
        $crate::spans::Span::new(|| {
            ::tracing::debug_span!(
                target: $crate::spans::TARGET,
                $name,
                function = $function,
                code = ::tracing::field::Empty,
                duration_ns = ::tracing::field::Empty,
                $($($fields)*)?
            )
        })
    };
}
pub(crate) use span;

/// An event with fields.
macro_rules! event {
    ($name:literal, $($fields:tt)*) => {
        $crate::spans::tell(::tracing::Level::DEBUG, || {
            ::tracing::debug!(target: $crate::spans::TARGET, message = $name, $($fields)*);
        })
    };
}
pub(crate) use event;

/// An event that a program's author should hear of.
macro_rules! warning {
    ($name:literal, $($fields:tt)*) => {
        $crate::spans::tell(::tracing::Level::WARN, || {
            ::tracing::warn!(target: $crate::spans::TARGET, message = $name, $($fields)*);
        })
    };
}
pub(crate) use warning;

/// Calls a subscriber, unless none wants this level.
#[inline]
pub(crate) fn tell(level: Level, event: impl FnOnce()) {
    ask(level, event);
}

/// [`tell`] for its answer, if it gives one.
#[inline]
fn ask<R>(level: Level, question: impl FnOnce() -> R) -> Option<R> {
    if level <= LevelFilter::current() { shielded(question) } else { None }
}

/// Calls a subscriber, whose panic has been reported and ends here: what is being done goes on.
fn shielded<R>(run: impl FnOnce() -> R) -> Option<R> {
    // What a panic carries may panic when it is dropped, and what that leaves is all that must be forgotten.
    let drop_it = |panic| catch_unwind(AssertUnwindSafe(|| drop(panic))).unwrap_or_else(std::mem::forget);
    catch_unwind(AssertUnwindSafe(run)).map_err(drop_it).ok()
}

/// The time in which one function runs.
pub(crate) struct Span(tracing::Span);

impl Span {
    #[inline]
    pub(crate) fn new(span: impl FnOnce() -> tracing::Span) -> Self {
        Self(ask(Level::DEBUG, span).unwrap_or_else(tracing::Span::none))
    }

    fn record(&self, record: impl FnOnce(&tracing::Span) -> &tracing::Span) {
        if !self.0.is_disabled() {
            shielded(|| record(&self.0));
        }
    }

    /// Calls within the span, which then has the time that it took.
    #[inline]
    pub(crate) fn time<R>(&self, call: impl FnOnce() -> R) -> R {
        if self.0.is_disabled() {
            return call();
        }
        let begin = Instant::now();
        let entered = shielded(|| self.0.enter());
        let result = call();
        shielded(|| drop(entered));
        self.record(|span| span.record("duration_ns", nanoseconds(begin.elapsed())));
        result
    }

    /// The same for a function that returns a code, which the span has too.
    #[inline]
    pub(crate) fn run(&self, call: impl FnOnce() -> IoReturn) -> IoReturn {
        let code = self.time(call);
        self.record(|span| span.record("code", &*name(code)));
        code
    }

    /// The same for what returns a code as an error.
    #[inline]
    pub(crate) fn attempt<T>(&self, call: impl FnOnce() -> Result<T>) -> Result<T> {
        let result = self.time(call);
        self.record(|span| {
            let code = result.as_ref().map_or_else(Error::code, |_| IoReturn::SUCCESS);
            span.record("code", &*name(code))
        });
        result
    }

    /// The same for an external method, whose span has how much it returned.
    #[inline]
    pub(crate) fn exchange(
        &self,
        output: ScalarOutput<'_>,
        structure_output: Option<StructureOutput<'_>>,
        call: impl FnOnce(ScalarOutput<'_>, Option<StructureOutput<'_>>) -> IoReturn,
    ) -> IoReturn {
        if self.0.is_disabled() {
            return call(output, structure_output);
        }
        let ScalarOutput { buffer, count } = output;
        let mut structure_output = structure_output;
        let code = self.run(|| {
            let structure = structure_output.as_mut().map(|output| match output {
                StructureOutput::Buffer { bytes, size } => StructureOutput::Buffer { bytes, size },
                StructureOutput::Variable(bytes) => StructureOutput::Variable(bytes),
            });
            call(ScalarOutput { buffer, count: &mut *count }, structure)
        });
        if code.is_success() {
            self.record(|span| {
                span.record("scalars_out", *count);
                match structure_output {
                    Some(StructureOutput::Buffer { size, .. }) => span.record("bytes_out", *size),
                    Some(StructureOutput::Variable(bytes)) => span.record("bytes_out", bytes.len()),
                    None => span,
                }
            });
        }
        code
    }

    /// What an open has come to.
    pub(crate) fn opened(&self, connection: PortName) {
        self.record(|span| span.record("connection", debug(description::Port(connection))));
    }

    /// Where memory has been mapped.
    pub(crate) fn mapped(&self, address: usize, size: u64) {
        self.record(|span| span.record("address", debug(Hex(address as u64))).record("size", size));
    }

    /// Whether there was what was looked for.
    pub(crate) fn found(&self, found: bool) {
        self.record(|span| span.record("found", found));
    }

    /// The span, from now on for as long as its call waits to be completed.
    pub(crate) fn last(&self) -> Waiting {
        let span = if self.0.is_disabled() { None } else { shielded(|| Self(self.0.clone())) };
        Waiting(span.map(|span| Arc::new((span, Instant::now()))))
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if !self.0.is_disabled() {
            let span = std::mem::replace(&mut self.0, tracing::Span::none());
            shielded(|| drop(span));
        }
    }
}

/// The span of a call that has not been completed. It may be cloned under a lock, and must not be dropped there.
#[derive(Clone)]
pub(crate) struct Waiting(Option<Arc<(Span, Instant)>>);

impl Waiting {
    /// A completion has come.
    pub(crate) fn completed(&self, code: IoReturn, arguments: usize) {
        self.tell(|duration_ns| event!("completion", code = &*name(code), arguments, duration_ns));
    }

    /// None will come.
    pub(crate) fn ended(&self, code: IoReturn, reason: &str) {
        self.tell(|duration_ns| event!("end", code = &*name(code), reason, duration_ns));
    }

    /// Tells whoever the span was told to, which on the thread that receives may be somebody else.
    fn tell(&self, event: impl FnOnce(u64)) {
        let Some((span, begin)) = self.0.as_deref() else { return };
        let duration_ns = nanoseconds(begin.elapsed());
        shielded(|| {
            span.0.with_subscriber(|(_, dispatch)| {
                with_default(dispatch, || span.0.in_scope(|| event(duration_ns)));
            })
        });
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waiting")
    }
}

/// Services that have come or gone, as they are described while they are fetched, under a lock, to be told of afterwards; none
/// if nobody wants to know.
pub(crate) struct Came(Option<Vec<Described>>);

/// The fields `class` and `id`.
type Described = (Option<String>, Option<DebugValue<Hex>>);

impl Came {
    /// Asks whether anybody wants to know: when no lock is held.
    pub(crate) fn wanted() -> Self {
        let wanted = || tracing::event_enabled!(target: TARGET, Level::DEBUG, kind, class, id);
        Self(ask(Level::DEBUG, wanted).is_some_and(|wanted| wanted).then(Vec::new))
    }

    /// Describes them, for [`tell`](Self::tell).
    pub(crate) fn describe(&mut self, kernel: &Kernel, services: impl Iterator<Item = PortName>) {
        if let Some(came) = &mut self.0 {
            came.extend(services.map(|service| (class(kernel, service), id(kernel, service))));
        }
    }

    pub(crate) fn tell(self, kind: &CStr) {
        for (class, id) in self.0.into_iter().flatten() {
            event!("service", kind = &*kind.to_string_lossy(), class, id);
        }
    }
}

/// `0x100000104`
pub(crate) struct Hex(u64);

impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// The field `class`.
pub(crate) fn class(kernel: &Kernel, object: PortName) -> Option<String> {
    description::class(kernel.aside()?, object).ok()
}

/// The field `id`.
pub(crate) fn id(kernel: &Kernel, entry: PortName) -> Option<DebugValue<Hex>> {
    description::id(kernel.aside()?, entry).ok().map(|id| debug(Hex(id)))
}

/// The field `method`.
pub(crate) fn method(call: Call) -> Option<DisplayValue<impl fmt::Display>> {
    let (interface, method) = match call {
        Call::Method(name) => (name.interface, name.method),
        Call::Memory(name) => (name.interface, name.method),
        _ => return None,
    };
    Some(display(format!("{interface}::{method}")))
}

/// The field `code`: `kIOReturnNotOpen`, or `0xe3ff8007` for one that has no name.
fn name(code: IoReturn) -> Cow<'static, str> {
    code.name().map_or_else(|| format!("{:#010x}", code.code()).into(), Cow::Borrowed)
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
