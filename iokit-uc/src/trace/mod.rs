//! What a program and its kernel say to each other, written down; read, redacted, decoded, and answered from.
//!
//! [`Kernel::recording`](crate::Kernel::recording) makes of a kernel one that writes every call to a *trace*: what went in, what
//! came back, when and how fast. [`Trace`] reads it. From there it can be [redacted](Trace::redact), [decoded](Trace::decode) with
//! the names of methods and fields, and [replayed](Replay): a program runs on it as it ran on the kernel, on any machine.
//!
//! # What is in a trace
//!
//! Every call of a function of [`Backend`](crate::backend::Backend), which is everything that passes between a program and
//! IOKitLib: discovery, properties, opens, external methods, notifications, the references to ports. What an asynchronous method
//! completes with, and what notifications bring, is in the messages that are received. Calls that may wait have two lines, one
//! when they begin and one when they end, so that a trace shows where a program hangs, or was when it crashed.
//!
//! Not in it is what passes through mapped memory: a trace has where memory was mapped, how large it is, and
//! [if that was asked for](RecordingOptions::contents), what lay there at that time. What is read and written later, registers and
//! data queues among it, crosses no function. Nor are messages in it that something else receives, as a run loop of macOS does for
//! its sources.
//!
//! # What it costs, and what can be lost
//!
//! A call is written down by the thread that makes it, in memory; a thread of the recording's own passes that on to the sink as soon
//! as it comes. So a call takes about a microsecond longer, and never waits for the sink. If the sink is so slow that
//! [more than a certain number of bytes](RecordingOptions::buffer) wait for it, calls are left out until there is room again: the
//! trace has a line that says how many ([`Trace::lost`]), and so does the [recording](Recording::lost). If the sink fails, nothing
//! more is recorded, and [`Recording::error`] says why; the program goes on either way.
//!
//! What was not yet with the sink when a process dies is lost with it: that is what was called in the last moments, the fewer the
//! faster the sink. [`Recording::flush`] waits until the sink has everything. A trace that ends as it should has a line that says
//! so ([`Trace::is_finished`]); a last line that is cut off is left out ([`Trace::is_cut`]).
//!
//! # The format
//!
//! Text in UTF-8, whose lines end with a line feed:
//!
//! ```text
//! iokit-uc trace 1
//! # iokit-uc 0.1.0, macos, aarch64
//! 0.000061286 t1 IOServiceGetMatchingService(main_port=@0x0, matching={"IOProviderClass": "AppleSMC"}) = @0x1203 in 35703ns
//! 0.000131674 t1 IOServiceOpen(service=@0x1203, owning_task=@0x203, connection_type=0) ...1
//! 0.000175917 t1 ...1 IOServiceOpen = kIOReturnSuccess(0x0), connect=@0x1303
//! 0.000190060 t1 IOConnectCallMethod(connect=@0x1303, selector=2, input=[0x7], input_structure=<00ff>, output=capacity(1), output_structure=null) ...2
//! 0.000209781 t1 ...2 IOConnectCallMethod = kIOReturnOverrun(0xe00002e8)
//! 0.000332179 finished
//! ```
//!
//! The first line names the version. A reader of one version reads no other. Lines that are empty or begin with `#` say nothing.
//! Every other line is made so, where `x?` may be missing and `x*` be there any number of times:
//!
//! ```text
//! line      = time " " ( thread " " ( whole | begun | ended ) | "lost " number | "finished" )
//! whole     = call " = " results " in " number "ns"      how long it took
//! begun     = call " ..." number                         a number of its own
//! ended     = "..." number " " function " = " results
//! call      = function "(" inputs? ")"
//! inputs    = name "=" field ( ", " name "=" field )*
//! results   = ( field | "void" ) ( ", " name "=" field )*
//! time      = seconds "." nine digits                    since the recording began
//! thread    = "t" number                                 from 1, by their first calls
//! ```
//!
//! A *function* has its name in C, but for the two that are `mach_msg` there, `mach_msg_receive` and `mach_msg_send_empty`. Inputs
//! are all parameters of the method of `Backend` that are read, by its names and in its order, and for a buffer its
//! [capacity](Field::Capacity). Results are what is returned, and then what was written to outputs: if the call succeeded all of
//! them, otherwise those that are others than before. An output that did not fit has [another](TracedCall::outputs) beside it.
//!
//! Lines are in the order in which calls began and ended; of calls at the same time on several threads, in one of the possible
//! orders. A line that says `lost` stands for so many calls, which would be somewhere before the next line.
//!
//! A field is written by its kind, which the function and the name tell:
//!
//! | kind | for example |
//! |---|---|
//! | nothing, where a pointer is null | `null` |
//! | port | `@0x1303` |
//! | number | `7`, `-1`, `0x10` |
//! | boolean | `true` |
//! | code | `kIOReturnOverrun(0xe00002e8)`, `code(0xe3ff8007)` |
//! | string | `"text"` |
//! | scalars | `[0x7, 0xffffffffffffffff]` |
//! | bytes | `<00ff>` |
//! | capacity | `capacity(16)`, `capacity(variable)` |
//! | address | `&0x7fff00000000` |
//! | time | `1.000000000s`, `timespec(1, 0)` |
//! | right | `MACH_PORT_RIGHT_SEND` |
//! | property list | see below |
//!
//! Of a code the number counts; its name is for the reader. In a string `\n`, `\r`, `\t`, `\"` and `\\` are escaped, and
//! everything that is not UTF-8 or not seen, byte by byte: `\x7f`.
//!
//! ```text
//! value     = string | bytes | "true" | "false" | integer | float | array | set | dictionary | labelled | "*" number
//! integer   = digits ( "u8" | "u16" | "u32" | "u64" )    its bits, unsigned
//! float     = decimal ( "f32" | "f64" ) | ( "f32(" | "f64(" ) number ")"    the bits of what is not finite
//! array     = "[" ( value ( ", " value )* )? "]"
//! set       = "set[" ( value ( ", " value )* )? "]"
//! dictionary = "{" ( string ": " value ( ", " string ": " value )* )? "}"
//! labelled  = "*" number "=" value
//! ```
//!
//! A value that is large and there several times is written once, with a label; elsewhere the label stands for it. Values nest as
//! deep as they like, but have no more than 16,777,216 others in them, were all written out.

mod call;
mod crossing;
mod cursor;
mod decode;
mod error;
mod field;
mod line;
mod notation;
mod options;
mod queue;
mod read;
mod recording;
mod redact;
mod replay;
mod value_text;
mod write;

pub use call::{Lost, Trace, TracedCall};
pub use decode::{Decoded, DecodedCall};
pub use error::TraceError;
pub use field::Field;
pub use options::RecordingOptions;
pub use recording::Recording;
pub use redact::{Redaction, RedactionPlace};
pub use replay::{Difference, Divergence, Replay, ReplayMode};
