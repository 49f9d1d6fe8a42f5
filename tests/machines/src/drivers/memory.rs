//! Drivers with memory.

use super::journal::Gates;
use crate::Scene;
use crate::memory::memory_type::*;
use crate::memory::{PART_OFFSET, PART_SIZE, SIZE};
use iokit_uc::interface::{Arguments, Driver, OnClose, OpenRequest, UserClient};
use iokit_uc::memory::{MapOptions, MemoryDescriptor};
use iokit_uc::sim::Nub;
use iokit_uc::{IoReturn, Mapping, Result, Value};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The memory of all the drivers.
struct Board {
    plain: MemoryDescriptor,
    part: MemoryDescriptor,
    empty: MemoryDescriptor,
    counter: MemoryDescriptor,
    gates: Gates,
    is_mended: AtomicBool,
    /// How often `clientMemoryForType` was called.
    asked: AtomicU64,
}

/// `memory`: services whose user clients all show the same memory. What sets them apart is their names: `Terminating`, as
/// most do when they are closed; `Staying`; `SharedInstance`; `NoLock`. Those of `NoMemory` have none.
///
/// Commands: `peek` and `poke`, with an offset, look at a byte of [`PLAIN`] from the driver's side, and change it; `mappings`
/// counts what the test's task has mapped; `asked` tells how often a driver was asked for memory; `start_counting` is for
/// [`COUNTER`], and `mend` for [`BUSY`].
pub(crate) fn furnish(scene: &mut Scene) {
    let plain = memory(SIZE);
    let board = Arc::new(Board {
        part: plain.sub_range(PART_OFFSET as usize, PART_SIZE as usize).expect("a part of it"),
        plain,
        empty: memory(0),
        counter: memory(1),
        gates: Gates::of(scene),
        is_mended: AtomicBool::new(false),
        asked: AtomicU64::new(0),
    });
    let only = scene.only.clone();
    let machine = scene.machine.clone();
    let publish = |nub: &'static str, driver: Maker| {
        if only.as_deref().is_none_or(|only| only == nub) {
            machine.publish(Nub::new(nub).driver(driver));
        }
    };
    let client = |on_close, property| Showing { board: Arc::clone(&board), on_close, property };
    publish("Terminating", Maker::each(client(OnClose::Terminate, None)));
    publish("Staying", Maker::each(client(OnClose::Stay, None)));
    publish("NoLock", Maker::each(client(OnClose::Terminate, Some(("IOUserClientDefaultLocking", false)))));
    publish("SharedInstance", Maker::one(client(OnClose::Stay, Some(("IOUserClientSharedInstance", true)))));
    if only.as_deref().is_none_or(|only| only == "NoMemory") {
        machine.publish(Nub::new("NoMemory").driver(|_: &OpenRequest<'_>| Ok(NoMemory)));
    }

    let seen = Arc::new(Mutex::new(Mapping::<[u8]>::of(&board.plain).expect("bytes")));
    let poked = Arc::clone(&seen);
    scene.on("peek", move |arguments| {
        let bytes = seen.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.slice().get(arguments[0] as usize).map_or(u64::MAX, u64::from)
    });
    scene.on("poke", move |arguments| {
        let mut bytes = poked.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.slice_mut().set(arguments[0] as usize, arguments[1] as u8).is_ok().into()
    });
    let task = scene.task.clone();
    scene.on("mappings", move |_| task.mappings().len() as u64);
    let asked = Arc::clone(&board);
    scene.on("asked", move |_| asked.asked.load(Ordering::Relaxed));
    let (machine, counter) = (scene.machine.clone(), board.counter.clone());
    scene.on("start_counting", move |_| {
        let mut bytes = Mapping::<[u8]>::of(&counter).expect("a byte");
        let timer = machine.downgrade();
        machine.spawn(async move {
            for count in 1..=u8::MAX {
                bytes.slice_mut().set(0, count).expect("it is there");
                timer.sleep(Duration::from_millis(1)).await;
            }
        });
        0
    });
    scene.on("mend", move |_| {
        board.is_mended.store(true, Ordering::Relaxed);
        0
    });
}

fn memory(length: u64) -> MemoryDescriptor {
    MemoryDescriptor::new(length as usize).expect("memory")
}

/// A user client that shows the board's memory.
#[derive(Clone)]
struct Showing {
    board: Arc<Board>,
    on_close: OnClose,
    property: Option<(&'static str, bool)>,
}

impl UserClient for Showing {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn client_memory_for_type(
        &self,
        memory_type: u32,
        options: &mut MapOptions,
        memory: &mut Option<MemoryDescriptor>,
    ) -> Result<()> {
        let Board { plain, part, empty, counter, gates, is_mended, asked } = &*self.board;
        asked.fetch_add(1, Ordering::Relaxed);
        match memory_type {
            PLAIN => {}
            READ_ONLY => *options = MapOptions::READ_ONLY,
            BOLD => *options = MapOptions(0xfff),
            UNIQUE => *options = MapOptions::UNIQUE,
            GUARDED => *options = MapOptions::GUARDED_SMALL,
            BUSY if !is_mended.load(Ordering::Relaxed) => return Err(IoReturn::BUSY.into()),
            BUSY => {}
            WAITS => gates.wait(0),
            PANICS => panic!("told to panic"),
            NOTHING => return Ok(()),
            PART | FRESH | EMPTY | COUNTER => {}
            _ => return Err(IoReturn::UNSUPPORTED.into()),
        }
        *memory = Some(match memory_type {
            PART => part.clone(),
            FRESH => MemoryDescriptor::new(16)?,
            EMPTY => empty.clone(),
            COUNTER => counter.clone(),
            _ => plain.clone(),
        });
        Ok(())
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        self.property.iter().map(|&(key, value)| (key, value.into())).collect()
    }

    fn client_close(&self) -> OnClose {
        self.on_close
    }
}

/// Makes a user client for each connection, or one for all.
struct Maker {
    model: Arc<Showing>,
    is_one_for_all: bool,
}

impl Maker {
    fn each(model: Showing) -> Self {
        Self { model: Arc::new(model), is_one_for_all: false }
    }

    fn one(model: Showing) -> Self {
        Self { model: Arc::new(model), is_one_for_all: true }
    }
}

impl Driver for Maker {
    fn new_user_client(&self, _: &OpenRequest<'_>, client: &mut Option<Arc<dyn UserClient>>) -> Result<()> {
        let one = Arc::clone(&self.model);
        *client = Some(if self.is_one_for_all { one } else { Arc::new(Showing::clone(&one)) });
        Ok(())
    }
}

/// A user client that overrides nothing.
struct NoMemory;

impl UserClient for NoMemory {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}
