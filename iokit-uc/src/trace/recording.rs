//! A backend that writes down what crosses it.

use super::crossing::{Answer, End, Input, Output, Written};
use super::field::{Field, FieldRef};
use super::line::{self, HEADER};
use super::options::RecordingOptions;
use super::queue::Queue;
use super::redact::{Context, Redactor};
use crate::arch;
use crate::backend::*;
use crate::error::IoReturn;
use crate::value::Value;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::fmt;
use std::io::{self, Write};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A kernel whose calls are written to a [trace](super).
///
/// Each call is passed on as it is, on the thread that makes it and under no lock, and answered as it was answered. What is written
/// goes to the sink from a thread of the recording's own: a caller never waits for it.
///
/// When this is dropped, it waits until the sink has everything, and drops the sink.
pub struct Recording<B> {
    backend: B,
    queue: Queue,
    /// Types of memory whose contents are recorded.
    contents: BTreeSet<u32>,
    /// What a panic in a function of the user's leaves of it is in order.
    redactor: Option<AssertUnwindSafe<Redactor>>,
    /// How many calls have begun that may wait.
    begun: AtomicU64,
    /// If the backend is a kernel, whose word on what it has mapped is taken: whom to ask beside what the program asks.
    aside: Option<Aside<B>>,
}

/// Gives the backend beneath others that write down or compare what they are asked; none for one that keeps what it has mapped.
type Aside<B> = fn(&B) -> Option<&dyn Backend>;

impl<B: Backend> Recording<B> {
    /// Writes to `sink` from now on. [Contents of memory](RecordingOptions::contents) are not recorded: a backend that is not a
    /// [`Kernel`](crate::Kernel) may say what it likes of addresses.
    pub fn new(backend: B, sink: impl Write + Send + 'static, options: RecordingOptions) -> Self {
        let platform = format!("iokit-uc {}, {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS);
        let header = format!("{HEADER}\n# {platform}, {}\n", std::env::consts::ARCH);
        let queue = Queue::new(sink, options.buffer, header);
        let redactor = options.redaction.map(Redactor::new).map(AssertUnwindSafe);
        Self { backend, queue, contents: options.contents, redactor, begun: AtomicU64::new(0), aside: None }
    }

    /// [`new`](Self::new), with contents of memory.
    ///
    /// # Safety
    ///
    /// `kernel` is one whose word on addresses is taken on trust: what it says it has mapped is there, outside all memory of Rust's, for as
    /// long as MEM-9 says. So is that of what `aside` gives, where names and addresses mean the same.
    pub(crate) unsafe fn of_kernel(
        kernel: B,
        sink: impl Write + Send + 'static,
        options: RecordingOptions,
        aside: fn(&B) -> Option<&dyn Backend>,
    ) -> Self {
        Self { aside: Some(aside), ..Self::new(kernel, sink, options) }
    }

    /// The kernel behind it.
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// Waits until all calls that have ended are with the sink, and flushes that.
    ///
    /// # Errors
    ///
    /// What the sink failed with, now or before.
    pub fn flush(&self) -> Result<(), Arc<io::Error>> {
        self.queue.flush()
    }

    /// What the sink failed with. Nothing has been recorded since; the program goes on.
    pub fn error(&self) -> Option<Arc<io::Error>> {
        self.queue.error()
    }

    /// How many calls are not in the trace, because the sink was too slow for the [buffer](RecordingOptions::buffer).
    pub fn lost(&self) -> u64 {
        self.queue.lost()
    }

    fn begin(&self, function: Function) -> CallInProgress<'_> {
        let (queue, redactor) = (&self.queue, self.redactor.as_deref());
        let mut call = CallInProgress {
            queue,
            function,
            redactor,
            context: Context::default(),
            text: String::new(),
            stage: Stage::Unrecorded,
        };
        if !queue.has_failed() {
            call.text = SCRATCH.try_with(Cell::take).unwrap_or_default();
            line::write_start(&mut call.text, queue.epoch().elapsed(), queue.thread());
            line::write_function(&mut call.text, function);
            call.stage = Stage::Whole;
        }
        call
    }

    /// What lies in memory that has just been mapped, if it is to be recorded.
    fn contents(
        &self,
        connect: PortName,
        memory_type: u32,
        into_task: PortName,
        address: *mut u8,
        size: u64,
    ) -> Option<Vec<u8>> {
        let aside = self.aside.filter(|_| self.contents.contains(&memory_type))?;
        if address.is_null() || into_task != self.backend.mach_task_self() {
            return None;
        }
        if !aside(&self.backend).is_none_or(|kernel| keeps(kernel, connect, address, size)) {
            return None;
        }
        let size = usize::try_from(size).ok()?;
        let mut contents = Vec::new();
        contents.try_reserve_exact(size).ok()?;
        contents.resize(size, 0);
        // SAFETY: `aside` says that it is taken on trust of the backend that `size` bytes at `address` are
        // mapped, outside all memory of Rust's, for as long as MEM-9 says. The connection keeps them until they are unmapped or its
        // name's last reference goes, and whoever does either promises that nothing accesses them, as does a call that maps them
        // and has not returned. `contents` has room for them.
        unsafe { arch::copy_words_out::<u8>(address, contents.as_mut_ptr(), size) };
        Some(contents)
    }
}

/// Whether memory that a connection has just mapped is there, can be read, and stays.
fn keeps(kernel: &dyn Backend, connect: PortName, address: *mut u8, size: u64) -> bool {
    // What was mapped while the service ended goes with it (TERM-6a): only a connection that still has one has kept it.
    let mut service = NULL;
    let code = kernel.io_connect_get_service(connect, &mut service);
    if service != NULL {
        // SAFETY: the reference has just been returned, and nothing else has it.
        unsafe { kernel.io_object_release(service) };
    }
    // Most drivers do not tell which service it is; what is left of a connection is told by the kernel (TERM-6).
    if matches!(code, IoReturn::BAD_ARGUMENT | IoReturn::MACH_SEND_INVALID_DEST) {
        return false;
    }
    let mut at = address.addr() as u64;
    let Some(end) = at.checked_add(size) else { return false };
    // One region, unless the kernel has put together what it mapped.
    while at < end {
        let (mut start, mut bytes, mut protection) = (at, 0, 0);
        let code = kernel.mach_vm_region(&mut start, &mut bytes, &mut protection);
        let next = start.saturating_add(bytes);
        if !code.is_success() || start > at || next <= at || protection & VM_PROT_READ == 0 {
            return false;
        }
        at = next;
    }
    true
}

impl<B: fmt::Debug> fmt::Debug for Recording<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("of", &self.backend)
            .field("error", &self.queue.error())
            .finish_non_exhaustive()
    }
}

thread_local! {
    /// Text that has been put into the queue, to write the next call in.
    static SCRATCH: Cell<String> = const { Cell::new(String::new()) };
}

/// A longer text is not kept for the next call.
const KEPT: usize = 1 << 16;

/// A call that is being written down.
struct CallInProgress<'a> {
    queue: &'a Queue,
    function: Function,
    redactor: Option<&'a Redactor>,
    context: Context,
    text: String,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// It is to be one line.
    Whole,
    /// The line of its beginning has been put in, with this number.
    Begun(u64),
    /// It is not to be in the trace.
    Unrecorded,
}

impl CallInProgress<'_> {
    fn input(&mut self, name: &str, field: FieldRef<'_>) {
        if self.stage == Stage::Unrecorded {
            return;
        }
        if let Some(redactor) = self.redactor {
            redactor.note(&mut self.context, name, &field);
        }
        match self.redacted(name, false, &field) {
            Some(other) => line::write_input(&mut self.text, name, &other.borrow()),
            None => line::write_input(&mut self.text, name, &field),
        }
    }

    /// What is to be written instead, if there are secrets in it.
    fn redacted(&self, name: &str, is_output: bool, field: &FieldRef<'_>) -> Option<Field> {
        let redactor = self.redactor?;
        redactor.learn(&self.context, field);
        redactor.redact(self.function, &self.context, name, is_output, field)
    }

    /// All inputs are written. Puts in that it begins, if the function may wait.
    fn begun(&mut self, calls: &AtomicU64) {
        if self.stage == Stage::Whole && waits(self.function) {
            let number = calls.fetch_add(1, Ordering::Relaxed) + 1;
            line::write_begun(&mut self.text, number);
            self.stage = if self.queue.put(&self.text) { Stage::Begun(number) } else { Stage::Unrecorded };
            self.text.clear();
        }
    }

    fn returned(&mut self, field: Option<FieldRef<'_>>) {
        match self.stage {
            Stage::Unrecorded => return,
            Stage::Whole => self.text.push(')'),
            Stage::Begun(number) => {
                line::write_start(&mut self.text, self.queue.epoch().elapsed(), self.queue.thread());
                line::write_ended(&mut self.text, self.function, number);
            }
        }
        let other = field.as_ref().and_then(|field| self.redacted("", true, field));
        match &other {
            Some(other) => line::write_returned(&mut self.text, Some(&other.borrow())),
            None => line::write_returned(&mut self.text, field.as_ref()),
        }
    }

    fn output(&mut self, name: &str, surplus: &str, written: Option<Written<'_>>) {
        let Some(Written { field, surplus: count }) = written else { return };
        if self.stage == Stage::Unrecorded {
            return;
        }
        match self.redacted(name, true, &field) {
            Some(other) => line::write_output(&mut self.text, name, &other.borrow()),
            None => line::write_output(&mut self.text, name, &field),
        }
        if let Some(count) = count {
            line::write_output(&mut self.text, surplus, &FieldRef::Number(count.into()));
        }
    }

    fn end(mut self, took: Duration) {
        match self.stage {
            Stage::Unrecorded => {}
            Stage::Whole => {
                line::write_took(&mut self.text, took);
                self.queue.put(&self.text);
            }
            Stage::Begun(_) => {
                self.text.push('\n');
                self.queue.put_end(&self.text);
            }
        }
        if self.text.capacity() <= KEPT {
            self.text.clear();
            let _ = SCRATCH.try_with(|scratch| scratch.set(self.text));
        }
    }
}

/// Whether a function is one in which a driver can keep its caller, or a message that does not come.
fn waits(function: Function) -> bool {
    matches!(
        function,
        Function::IOServiceMatchPropertyTable
            | Function::IORegistryEntrySetCFProperties
            | Function::IORegistryEntrySetCFProperty
            | Function::IOServiceWaitQuiet
            | Function::IOKitWaitQuiet
            | Function::IOServiceOpen
            | Function::IOServiceClose
            | Function::IOServiceRequestProbe
            | Function::IOConnectRelease
            | Function::IOConnectAddClient
            | Function::IOConnectSetCFProperties
            | Function::IOConnectSetCFProperty
            | Function::IOConnectCallMethod
            | Function::IOConnectCallAsyncMethod
            | Function::IOConnectCallScalarMethod
            | Function::IOConnectCallStructMethod
            | Function::IOConnectTrap0
            | Function::IOConnectMapMemory64
            | Function::IOConnectUnmapMemory64
            | Function::IOConnectSetNotificationPort
            | Function::MachMsgReceive
    )
}

macro_rules! record {
    (() $($variant:ident $(($c_name:literal))? [$($qualifier:tt)?] fn $function:ident(
        $($argument:ident: $mode:ident $type:ty),*
    ) -> $result_mode:ident $result:ty;)*) => {
        impl<B: Backend> Backend for Recording<B> {$(
            $($qualifier)? fn $function(&self $(, $argument: $type)*) -> $result {
                let mut call = self.begin(Function::$variant);
                $(record!(@input $mode call $argument);)*
                call.begun(&self.begun);
                $(record!(@keep $mode $argument);)*
                let began = Instant::now();
                let result = record!(@call self [$($qualifier)?] $function($($mode $argument),*));
                let took = began.elapsed();
                call.returned(record!(@returned $result_mode result));
                #[allow(unused_variables)]
                let end = End {
                    success: record!(@success $result_mode result),
                    count: None$(.or(record!(@count $mode $argument)))*,
                };
                $(record!(@output $mode call $argument end);)*
                record!(@contents $variant self call result ($($argument)*));
                call.end(took);
                result
            }
        )*}
    };
    (@input port $call:ident $argument:ident) => { $call.input(stringify!($argument), FieldRef::Port($argument)) };
    (@input input $call:ident $argument:ident) => { $call.input(stringify!($argument), Input::field(&$argument)) };
    (@input inout $call:ident $argument:ident) => { $call.input(stringify!($argument), Input::field(&*$argument)) };
    (@input out $call:ident $argument:ident) => {
        if let Some(capacity) = Output::capacity(&$argument) {
            $call.input(stringify!($argument), capacity);
        }
    };
    (@input out_port $call:ident $argument:ident) => {};
    (@keep port $argument:ident) => {};
    (@keep input $argument:ident) => {};
    // Shadowed by itself, and what is kept.
    (@keep $mode:ident $argument:ident) => {
        let mut $argument = {
            let mut place = $argument;
            let kept = Output::keep(&mut place);
            (place, kept)
        };
    };
    (@call $recording:ident [] $function:ident($($mode:ident $argument:ident),*)) => {
        $recording.backend.$function($(record!(@pass $mode $argument)),*)
    };
    (@call $recording:ident [unsafe] $function:ident($($mode:ident $argument:ident),*)) => {
        // SAFETY: the caller's promises are passed on as they are.
        unsafe { $recording.backend.$function($(record!(@pass $mode $argument)),*) }
    };
    (@pass port $argument:ident) => { $argument };
    (@pass input $argument:ident) => { $argument };
    (@pass $mode:ident $argument:ident) => { Output::lend(&mut $argument.0) };
    (@returned port $result:ident) => { Some(FieldRef::Port($result)) };
    (@returned $mode:ident $result:ident) => { Answer::returned(&$result) };
    (@success code $result:ident) => { $result.is_success() };
    (@success $mode:ident $result:ident) => { true };
    (@count out $argument:ident) => { Output::count(&$argument.0) };
    (@count $mode:ident $argument:ident) => { None };
    (@output port $call:ident $argument:ident $end:ident) => {};
    (@output input $call:ident $argument:ident $end:ident) => {};
    (@output out_port $call:ident $argument:ident $end:ident) => {
        let written = Output::written(&mut $argument.0, $argument.1, $end).is_some();
        $call.output(stringify!($argument), "", written.then(|| FieldRef::Port(*$argument.0).into()));
    };
    (@output out $call:ident $argument:ident $end:ident) => {
        let surplus = if stringify!($argument) == "output" { "output_count" } else { "output_structure_size" };
        $call.output(stringify!($argument), surplus, Output::written(&mut $argument.0, $argument.1, $end));
    };
    (@output inout $call:ident $argument:ident $end:ident) => {
        $call.output(stringify!($argument), "", Output::written(&mut $argument.0, $argument.1, $end));
    };
    (@contents IOConnectMapMemory64 $recording:ident $call:ident $result:ident (
        $connect:ident $memory_type:ident $into_task:ident $address:ident $size:ident $options:ident
    )) => {
        if $result.is_success() {
            let contents = $recording.contents($connect, $memory_type, $into_task, *$address.0, *$size.0);
            let contents = contents.as_deref().map(|contents| FieldRef::Bytes(contents).into());
            $call.output(super::crossing::CONTENTS, "", contents);
        }
    };
    (@contents $variant:ident $($rest:tt)*) => {};
}
calls!(record!());
