//! What can go wrong, and to which calls.

use super::filter::Filter;
use super::functions::{can_fail, is_method};
use super::queue::QueueDamage;
use crate::backend::Function;
use crate::error::IoReturn;
use std::fmt;
use std::time::Duration;

/// Something that is to go wrong, and the calls that it is to come to: see [`Machine::inject`](crate::sim::Machine::inject).
///
/// Without a filter that is every call of a function that can go wrong so. Filters are added by [`on`](Self::on),
/// [`selector`](Self::selector), [`memory_type`](Self::memory_type), [`class`](Self::class) and [`task`](Self::task), and a
/// call must pass all of them. Of the calls that do, [`nth`](Self::nth), [`times`](Self::times) and
/// [`with_probability`](Self::with_probability) choose.
///
/// `Display` writes it as the expression that makes it.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a fault does nothing until it is injected"]
pub struct Fault {
    pub(in crate::sim) kind: Kind,
    pub(in crate::sim) filter: Filter,
}

/// When something happens that a call is in the way of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// Before the kernel has seen anything of the call.
    Before,
    /// While the kernel works on it: as the driver is about to be called, with the connection's lock held where there is one
    /// (EM-15). For a function that calls no driver it is as good as [`Before`](Self::Before); a call that fails before its
    /// driver is called is over before it.
    During,
    /// When the call is done, and has not returned.
    After,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::sim) enum Kind {
    Fail(IoReturn),
    Delay(Duration),
    Hang,
    TruncateScalars(usize),
    TruncateStructure(usize),
    Terminate(When),
    KillTask(When),
    ExhaustPortNames,
    CorruptQueue(QueueDamage),
    FailCompletion(IoReturn),
    DropCompletion,
    DelayCompletion(Duration),
    DuplicateCompletion,
}

impl Kind {
    /// Whether a call that concerns no service is none of its, and not counted.
    pub(in crate::sim) fn needs_service(self) -> bool {
        matches!(self, Self::Terminate(_))
    }

    /// Whether it can come to a call of the function, if the test does not say of which.
    fn concerns(self, function: Function, selector: Option<u32>) -> bool {
        match self {
            Self::Fail(_) => can_fail(function),
            Self::TruncateScalars(_) | Self::TruncateStructure(_) => is_method(function),
            Self::CorruptQueue(_) if selector.is_some() => is_method(function),
            Self::CorruptQueue(_) => function == Function::IOConnectMapMemory64,
            Self::FailCompletion(_)
            | Self::DropCompletion
            | Self::DelayCompletion(_)
            | Self::DuplicateCompletion => function == Function::IOConnectCallAsyncMethod,
            Self::Delay(_) | Self::Hang | Self::Terminate(_) | Self::KillTask(_) | Self::ExhaustPortNames => {
                true
            }
        }
    }
}

impl Fault {
    /// Whether it can come to calls of the function.
    pub(in crate::sim) fn concerns(&self, function: Function) -> bool {
        let Filter { functions, selector, .. } = &self.filter;
        match &functions[..] {
            [] => self.kind.concerns(function, *selector),
            functions => functions.contains(&function),
        }
    }
}

/// What goes wrong.
impl Fault {
    fn of(kind: Kind) -> Self {
        Self { kind, filter: Filter::default() }
    }

    /// The call fails with `code`, and the kernel never sees it. What comes out of a failure is as documented for the
    /// function: a function that returns no code returns what stands for a failure.
    ///
    /// A call that gives up a reference gives it up nevertheless, as `IOServiceClose` does on a Mac (OC-9). A function that
    /// cannot fail does not. With `kIOReturnSuccess` the kernel lies: it says that it has done what it has not.
    pub fn fail(code: IoReturn) -> Self {
        Self::of(Kind::Fail(code))
    }

    /// The call takes longer by `time`, by the machine's clock. It does where a driver would take it: see [`When::During`].
    pub fn delay(time: Duration) -> Self {
        Self::of(Kind::Delay(time))
    }

    /// The call does not return, until the fault is [lifted](crate::sim::InjectedFault::lift), or the task is killed: then
    /// it goes on. It hangs where a driver would: see [`When::During`]. A close of the connection waits for it.
    pub fn hang() -> Self {
        Self::of(Kind::Hang)
    }

    /// An external method returns at most `count` scalars, as a driver may (EM-14).
    pub fn truncate_scalars(count: usize) -> Self {
        Self::of(Kind::TruncateScalars(count))
    }

    /// An external method returns at most `size` bytes of structure, as a driver may (EM-14).
    pub fn truncate_structure(size: usize) -> Self {
        Self::of(Kind::TruncateStructure(size))
    }

    /// The service that the call concerns is terminated, as if it were unplugged: the one that is called, or, of a
    /// connection, the one that it was opened on. A call that concerns no service is none of this fault's, nor counted.
    pub fn terminate(when: When) -> Self {
        Self::of(Kind::Terminate(when))
    }

    /// The calling task is killed: see [`Task::kill`](crate::sim::Task::kill). In reality its threads end; here they go on,
    /// and all their calls fail.
    pub fn kill_task(when: When) -> Self {
        Self::of(Kind::KillTask(when))
    }

    /// The calling task has no room for another port name while the call lasts: see
    /// [`Task::limit_port_names`](crate::sim::Task::limit_port_names).
    pub fn exhaust_port_names() -> Self {
        Self::of(Kind::ExhaustPortNames)
    }

    /// The header of a data queue is damaged: of each queue that is mapped, when it is mapped. With [`on`](Self::on) or
    /// [`selector`](Self::selector), of the one that was mapped last since the fault was injected, when such a call is done.
    /// [`memory_type`](Self::memory_type) says which memory is meant; of others none is touched if it is too small for a
    /// queue.
    ///
    /// ```
    /// use iokit_uc::backend::Function;
    /// use iokit_uc::sim::{Fault, QueueDamage};
    ///
    /// // Whenever a message has come that says that there are entries.
    /// let fault = Fault::corrupt_queue(QueueDamage::Entry(u32::MAX)).on(Function::MachMsgReceive);
    /// # let _ = fault;
    /// ```
    pub fn corrupt_queue(damage: QueueDamage) -> Self {
        Self::of(Kind::CorruptQueue(damage))
    }

    /// The completions of an asynchronous call come with `code`, and without arguments.
    pub fn fail_completion(code: IoReturn) -> Self {
        Self::of(Kind::FailCompletion(code))
    }

    /// The completions of an asynchronous call never come, though the driver has sent them.
    pub fn drop_completion() -> Self {
        Self::of(Kind::DropCompletion)
    }

    /// The completions of an asynchronous call come later by `time`, by the machine's clock.
    pub fn delay_completion(time: Duration) -> Self {
        Self::of(Kind::DelayCompletion(time))
    }

    /// Each completion of an asynchronous call comes twice.
    pub fn duplicate_completion() -> Self {
        Self::of(Kind::DuplicateCompletion)
    }
}

/// To which calls.
impl Fault {
    /// Calls of this function alone; of several, if it is said more than once.
    pub fn on(mut self, function: Function) -> Self {
        self.filter.functions.push(function);
        self
    }

    /// Calls of the external method with this selector.
    pub fn selector(mut self, selector: u32) -> Self {
        self.filter.selector = Some(selector);
        self
    }

    /// Calls that map or unmap memory of this type. For [`corrupt_queue`](Self::corrupt_queue): the memory that is meant.
    pub fn memory_type(mut self, memory_type: u32) -> Self {
        self.filter.memory_type = Some(memory_type);
        self
    }

    /// Calls of an object of this class, or of a connection whose user client or service is, the classes that derive from it
    /// included.
    pub fn class(mut self, class: impl Into<String>) -> Self {
        self.filter.class = Some(class.into());
        self
    }

    /// From the `n`-th call on, which is number 1 if it is the first; that one alone, if [`times`](Self::times) does not say
    /// how many.
    pub fn nth(mut self, n: u64) -> Self {
        self.filter.nth = n;
        self
    }

    /// At most so many calls.
    pub fn times(mut self, times: u64) -> Self {
        self.filter.times = Some(times);
        self
    }

    /// Each call with this probability, from 0.0 to 1.0. The same seed gives the same choices.
    pub fn with_probability(mut self, probability: f64, seed: u64) -> Self {
        self.filter.probability = Some((probability, seed));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault::{}{}", self.kind, self.filter)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Fail(code) => write!(f, "fail({})", Expression(code)),
            Self::Delay(time) => write!(f, "delay({})", Expression(time)),
            Self::Hang => f.write_str("hang()"),
            Self::TruncateScalars(count) => write!(f, "truncate_scalars({count})"),
            Self::TruncateStructure(size) => write!(f, "truncate_structure({size})"),
            Self::Terminate(when) => write!(f, "terminate(When::{when:?})"),
            Self::KillTask(when) => write!(f, "kill_task(When::{when:?})"),
            Self::ExhaustPortNames => f.write_str("exhaust_port_names()"),
            Self::CorruptQueue(damage) => write!(f, "corrupt_queue(QueueDamage::{damage:?})"),
            Self::FailCompletion(code) => write!(f, "fail_completion({})", Expression(code)),
            Self::DropCompletion => f.write_str("drop_completion()"),
            Self::DelayCompletion(time) => write!(f, "delay_completion({})", Expression(time)),
            Self::DuplicateCompletion => f.write_str("duplicate_completion()"),
        }
    }
}

/// What makes a value, in Rust.
struct Expression<T>(T);

impl fmt::Display for Expression<IoReturn> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IoReturn::from_code({:#010x})", self.0.code())?;
        self.0.name().map_or(Ok(()), |name| write!(f, " /* {name} */"))
    }
}

impl fmt::Display for Expression<Duration> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = self.0.as_nanos();
        match (nanoseconds % 1_000_000, u64::try_from(nanoseconds)) {
            (0, Ok(nanoseconds)) => write!(f, "Duration::from_millis({})", nanoseconds / 1_000_000),
            (_, Ok(nanoseconds)) => write!(f, "Duration::from_nanos({nanoseconds})"),
            (_, Err(_)) => write!(f, "Duration::new({}, {})", self.0.as_secs(), self.0.subsec_nanos()),
        }
    }
}
