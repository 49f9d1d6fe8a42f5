//! Record it: what a real driver answered, as a test and as what a user sends in.
//!
//! A model says what its author thinks that the driver does. A *trace* says what the driver did. It is a text with a line for
//! each call that a program made of I/O Kit: what went in, what came back, when, on which thread. It can be read, compared,
//! kept in a repository, and answered from.
//!
//! # Record
//!
//! [`Kernel::recording`] is a kernel that does what another one does, and writes it down. Your library takes a
//! [`Kernel`] anyway, so nothing in it changes. Let a variable of the environment say where the trace goes, and any user can make
//! one:
//!
//! ```
//! use iokit_uc::Kernel;
//! use std::fs::File;
//!
//! /// This Mac's kernel; with a trace of it, if `PUMP_TRACE` names a file.
//! fn kernel() -> Result<Kernel, Box<dyn std::error::Error>> {
//!     let host = Kernel::host()?;
//!     Ok(match std::env::var_os("PUMP_TRACE") {
//!         Some(path) => Kernel::recording(host, File::create_new(path)?),
//!         None => host,
//!     })
//! }
//! # let _ = kernel();
//! ```
//!
//! No call waits for the file: a thread of the recording's own writes it. The trace is complete when the last handle of that
//! kernel is dropped, and up to then after [`flush`](crate::trace::Recording::flush), by way of [`Kernel::as_recording`]. A
//! program that crashes leaves what had been written, with the beginning of the call that it was in. If the file cannot be
//! written any more, the program goes on, and [`error`](crate::trace::Recording::error) tells. If the disk is slower than the
//! program for long, calls are left out, and counted in the trace.
//!
//! What passes through mapped memory is not in a trace: what lay there at first only if
//! [asked for](crate::trace::RecordingOptions::contents), and what is read and written later never, registers and data queues
//! among it. Nor are messages that a run loop of macOS receives.
//!
//! # Read
//!
//! ```text
//! iokit-uc trace 1
//! 0.000176517 t1 IOServiceGetMatchingService(main_port=@0x0, matching={"IOProviderClass": "com_example_Pump"}) = @0x203 in 69560ns
//! 0.000296193 t1 IOServiceOpen(service=@0x203, owning_task=@0x103, connection_type=0) ...1
//! 0.000361782 t1 ...1 IOServiceOpen = kIOReturnSuccess(0x0), connect=@0x303
//! 0.000383419 t1 IOConnectCallMethod(connect=@0x303, selector=0, input=[0x14], …) ...2
//! 0.000406139 t1 ...2 IOConnectCallMethod = kIOReturnSuccess(0x0), output=[]
//! ```
//!
//! A call that can wait for a driver has two lines. One that has only the first is where the program hung or crashed: that
//! is the most useful line of many a report. The format is told at [`trace`](crate::trace); [`Trace::open`] reads it, and
//! [`Trace::decode`] prints it in the words of your traits, `Pump::set_rate(rate: 20) = ()`. What it prints stands in the
//! order in which it was begun: a completion where its thread began to wait, which is often before the call that it completes.
//! The repository's example `cargo run --example trace -- show FILE` is such a program, for Apple's SMC, to be copied.
//!
//! # Replay
//!
//! [`Kernel::replay`] answers from a trace, on any machine, without a driver and without the feature `sim`. So a trace of the
//! device on your desk, made once, is a test in CI for ever:
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::trace::{Replay, ReplayMode, Trace};
//! use iokit_uc::{IoReturn, Kernel, Result};
//! use pump::{Pump, PumpClient};
//! # use iokit_uc::sim::{Machine, Nub};
//! # use pump::{PumpServer, model::Model};
//! # use std::fs::File;
//!
//! /// What is to be tested.
//! fn prime(kernel: &Kernel, volume: u32) -> Result<u32> {
//!     let pump = PumpClient::open_first(kernel)?;
//!     pump.set_rate(20)?;
//!     pump.dose(volume).wait()
//! }
//! # let machine = Machine::new();
//! # machine.publish(Nub::new("com_example_Pump").driver(PumpServer::new(Model::new(250)?)));
//! # let path = std::env::temp_dir().join(format!("iokit-uc-guide-{}.trace", std::process::id()));
//! # let host = machine.task("pump").kernel();
//!
//! // Once, where the device is:
//! prime(&Kernel::recording(host, File::create(&path)?), 30)?;
//!
//! // #[test]
//! let trace = Trace::open(&path)?; // tests/prime.trace
//! let decoded = trace.decode(&[&PumpClient::INTERFACE]).to_string();
//! assert!(decoded.contains("Pump::set_rate(rate: 20)"), "{decoded}");
//! let replay = Replay::new(trace.clone(), ReplayMode::Strict);
//! assert_eq!(prime(&Kernel::replay(replay.clone()), 30)?, 30);
//! replay.finish()?; // and nothing is left undone
//!
//! // A program that does something else is told where, and what.
//! let replay = Replay::new(trace, ReplayMode::Strict);
//! let error = prime(&Kernel::replay(replay.clone()), 40).unwrap_err();
//! assert_eq!(error.code(), IoReturn::REPLAY_DIVERGED);
//! let divergence = replay.finish().unwrap_err().to_string();
//! assert!(divergence.contains("input: [0x1e] in the trace, [0x28] in the call"), "{divergence}");
//! # std::fs::remove_file(path)?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Strict`](crate::trace::ReplayMode::Strict) holds the program to the order of the calls on each connection: for tests, where
//! another order is another program. [`ByContent`](crate::trace::ReplayMode::ByContent) answers each call as one like it was
//! answered, in any order and as often as is asked: for looking at what a user's device says, with a tool that the user did
//! not run. Completions and notifications come when the calls are made that they came after; time is not replayed.
//!
//! Keep such a trace small: one for each thing that the device does, made by a program that does just that. Note in it how it
//! was made; lines that begin with `#` are comments. When the library changes what it calls, the trace is made anew, and the
//! difference of the two files is what a reviewer reads.
//!
//! # Redact
//!
//! A trace has serial numbers in it, names of users, addresses of the kernel. [`Redaction`] puts pseudonyms in their place, of
//! the same type and length, and the same one for the same secret, so that a redacted trace still replays. Do it while
//! recording, so that the secrets are never written, or afterwards:
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! use iokit_uc::trace::{RecordingOptions, Redaction, Trace};
//! use iokit_uc::{Kernel, Matching, Service};
//! use std::fs::File;
//! # use iokit_uc::sim::{Machine, Nub};
//! # let machine = Machine::new();
//! # machine.publish(Nub::new("com_example_Pump").property("Serial", "PX-0042").property("Clinic", "St Mary"));
//! # let host = machine.task("pump").kernel();
//! # let path = std::env::temp_dir().join(format!("iokit-uc-guide-redacted-{}.trace", std::process::id()));
//!
//! let redaction = Redaction::new().key("Clinic"); // beside serial numbers and the like
//! let options = RecordingOptions::new().redaction(redaction.clone());
//! let kernel = Kernel::recording_with(host, File::create(&path)?, options);
//! # let pump = Service::expect_first(&kernel, &Matching::class("com_example_Pump"))?;
//! # assert_eq!(pump.property("Clinic")?.unwrap().as_str(), Some("St Mary"));
//! # assert_eq!(pump.property("Serial")?.unwrap().as_str(), Some("PX-0042"));
//! # drop((pump, kernel));
//!
//! let mut trace = Trace::open(&path)?;
//! trace.redact(&redaction); // or afterwards: this knows the whole trace
//! # let text = trace.to_string();
//! # assert!(text.contains("Clinic") && !text.contains("Mary") && !text.contains("0042"), "{text}");
//! # std::fs::remove_file(path)?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is secret in a structure of yours only you know: [`Redaction::structures`] is a function for that. Ask users to read a
//! trace before they send it, all the same: it is text.
//!
//! [`Kernel`]: crate::Kernel
//! [`Kernel::as_recording`]: crate::Kernel::as_recording
//! [`Kernel::recording`]: crate::Kernel::recording
//! [`Kernel::replay`]: crate::Kernel::replay
//! [`Redaction`]: crate::trace::Redaction
//! [`Redaction::structures`]: crate::trace::Redaction::structures
//! [`Trace::decode`]: crate::trace::Trace::decode
//! [`Trace::open`]: crate::trace::Trace::open
