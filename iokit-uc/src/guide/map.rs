//! Map its memory: registers, tables and data queues.
//!
//! A driver can map memory of its own, or the device's registers, into the task that has it open. Each piece has a number,
//! the *memory type*. In the trait it is a method with `memory` or `queue`, which takes nothing but `&self`:
//!
//! | in the trait | what lies there |
//! |---|---|
//! | `#[uc(memory = 0, cache = Inhibit)] fn motor(&self) -> Result<Mapping<Motor>>` | registers |
//! | `#[uc(memory = 2)] fn history(&self) -> Result<Mapping<[Sample]>>` | as many values as there is room for |
//! | `#[uc(memory = 3)] fn page(&self) -> Result<Mapping<[u8], ReadOnlyAccess>>` | bytes that tasks may only read |
//! | `#[uc(queue = 1)] fn flow(&self) -> Result<DataQueue<Sample>>` | a data queue |
//!
//! # Why there are no references
//!
//! The other side changes the memory whenever it likes, so a Rust reference into it would be undefined behaviour. A
//! [`Mapping`] gives views instead. A view copies values in and out, each with one access of the width that is declared,
//! and the types say what can be done there. Nothing of that is `unsafe`.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::{Mapping, Result};
//! use pump::{Motor, Pump, PumpClient};
//!
//! /// Moves the motor by so many steps.
//! fn step(motor: &mut Mapping<Motor>, steps: u32) {
//!     let mut registers = motor.view_mut();
//!     let position = registers.position().read();
//!     registers.target().write(position.wrapping_add(steps));
//! }
//! # use iokit_uc::sim::{Machine, Nub};
//! # use pump::{PumpServer, model::Model};
//! # let machine = Machine::new();
//! # machine.publish(Nub::new("com_example_Pump").driver(PumpServer::new(Model::new(900)?)));
//! # let pump = PumpClient::open_first(&machine.task("client").kernel())?;
//!
//! let mut motor = pump.motor()?;
//! step(&mut motor, 200);
//! assert_eq!(motor.view().target().read(), 200);
//! # drop((motor, pump));
//! # machine.assert_clean();
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! # Registers
//!
//! A block is a `#[repr(C)]` struct with [`#[derive(RegisterBlock)]`](derive@crate::RegisterBlock). Every register says what
//! reading and writing it does, which is in the device's documentation and nowhere else:
//!
//! | type | the register |
//! |---|---|
//! | [`ReadPure<T>`](crate::memory::ReadPure) | is read, and reading changes nothing: status |
//! | [`ReadOnly<T>`](crate::memory::ReadOnly) | is read, and reading does something: a FIFO, bits that reading clears |
//! | [`WriteOnly<T>`](crate::memory::WriteOnly) | is written: commands, doorbells |
//! | [`ReadPureWrite<T>`](crate::memory::ReadPureWrite) | is written, and reading changes nothing: configuration |
//! | [`ReadWrite<T>`](crate::memory::ReadWrite) | is written, and reading does something |
//!
//! What has no effect can be read through a shared view, [`view`](crate::Mapping::view). What has one, and what is written, needs the
//! one view that there is, [`view_mut`](crate::Mapping::view_mut): so a read-modify-write is not torn by another thread of yours.
//! [`split`](crate::Mapping::split) gives each register to whoever is to have it.
//!
//! Holes are declared, `_reserved`, and `#[reg(offset = 0x08)]` has the compiler prove where a register is. A field may be a
//! block itself, or an array of them. A value may be a type of `bitfield-struct` or `bitflags`: see
//! [`RegisterValue`](derive@crate::RegisterValue).
//!
//! A register through which a device can be made to write to an address of the task's gets `#[reg(unsafe_write)]`: no safe
//! code may write that one.
//!
//! # Tables and framebuffers
//!
//! A `Mapping<[T]>` has as many `T` as fit. [`slice`](crate::Mapping::slice) reads, [`slice_mut`](crate::Mapping::slice_mut) writes, one
//! value at a time or many. Bytes become a [`Framebuffer`](crate::memory::Framebuffer), which fills, copies, scrolls and
//! converts pixels.
//!
//! Values are copied one by one, so a table can be half new and half old, and only the driver's own protocol can tell. A
//! device that reads memory after a doorbell is rung has to find it there, and what it has written is to be read after it has
//! said so: [`memory::barrier`](crate::memory::barrier) goes between the two.
//!
//! # Data queues
//!
//! A [`DataQueue`](crate::DataQueue) passes entries without a call for each. The driver puts them in, and whoever waits is
//! told through a port.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::Result;
//! use pump::{Pump, PumpClient, Sample};
//!
//! fn volume_of(pump: &PumpClient, doses: u32) -> Result<u64> {
//!     let mut flow = pump.flow()?;
//!     for _ in 0..doses {
//!         pump.dose(30).wait()?;
//!     }
//!     let mut volume = 0;
//!     while let Some(sample) = flow.dequeue()? {
//!         volume += sample.flow;
//!     }
//!     Ok(volume)
//! }
//! # use iokit_uc::sim::{Machine, Nub};
//! # use pump::{PumpServer, model::Model};
//! # let machine = Machine::new();
//! # machine.publish(Nub::new("com_example_Pump").driver(PumpServer::new(Model::new(900)?)));
//!
//! let pump = PumpClient::open_first(&machine.task("client").kernel())?;
//! assert_eq!(volume_of(&pump, 3)?, 90);
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! [`dequeue`](crate::DataQueue::dequeue) waits for nothing; [`wait`](crate::DataQueue::wait) and the stream do, and give the
//! driver a port for it the first time. A driver that has no use for a port has to be polled.
//!
//! - A driver cannot wait for room. Who reads too late loses entries, and only a number in the entries tells that.
//! - One thread takes out at a time. A task that maps the queue twice has two handles on one queue.
//! - The queue's indices lie in memory that both sides write. Nonsense there is an error, and no byte outside the queue is
//!   read.
//!
//! # How long it is there
//!
//! As long as the handle. A mapping keeps the connection open, and the memory stays valid when the device is unplugged: what
//! is read then is what the driver left, or what the bus answers. Hear of the end by other means, as in
//! [`wait`](super::wait).
//!
//! The kernel unmaps by number and keeps no count, so the library unmaps what belongs to a connection together, when the last
//! handle goes.
//!
//! # How it is cached
//!
//! `cache = …` is the task's choice, of which the driver does not hear. Registers want `Inhibit`. A framebuffer that is only
//! written wants `WriteCombine`. What is mapped once is not mapped in another way at the same address: the same memory with
//! another [`CacheMode`](crate::memory::CacheMode) is a second mapping.
//!
//! # When it fails
//!
//! The kernel turns every error of the driver's into `kIOReturnBadArgument` here (MEM-1). So that code means anything: the
//! driver does not know the number, the memory is not there yet, the task may not have it, address space ran out. It hides
//! what a model got wrong too: call the method on the bare model, and it tells. The other codes come from this library, and
//! tell figures:
//!
//! | code | what |
//! |---|---|
//! | `kIOReturnIPCError` | the memory is too small for the type, or does not end with an element |
//! | `kIOReturnNotAligned` | it begins where no such type can lie |
//! | `kIOReturnNotWritable` | tasks may only read it: declare `Mapping<T, ReadOnlyAccess>` |
//! | `kIOReturnNoDevice` | the service ended while the memory was being mapped |
//!
//! [`Mapping`]: crate::Mapping
