//! A driver with data queues.

use crate::Scene;
use crate::data_queues::ENTRY;
use iokit_uc::interface::{Arguments, OnClose, OpenRequest, SendRight, UserClient};
use iokit_uc::memory::{MapOptions, MemoryDescriptor};
use iokit_uc::sim::Nub;
use iokit_uc::{DataQueue, IoReturn, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The queues, at the places that are their memory types: of one size, and of any.
#[derive(Clone)]
struct Queues(Arc<[Mutex<DataQueue<[u8]>>; 2]>);

impl Queues {
    fn get(&self, memory_type: u32) -> Result<MutexGuard<'_, DataQueue<[u8]>>> {
        let queue = self.0.get(memory_type as usize).ok_or(IoReturn::BAD_ARGUMENT)?;
        Ok(queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What an operation comes to, as a number: its own, or the code of its error beyond 32 bits.
    fn run(
        &self,
        memory_type: u64,
        operation: impl FnOnce(&mut DataQueue<[u8]>) -> Result<Option<u64>>,
    ) -> u64 {
        let done = self.get(memory_type as u32).and_then(|mut queue| operation(&mut queue));
        match done {
            Ok(Some(number)) => number,
            Ok(None) => u64::MAX,
            Err(error) => u64::from(error.code().code()) << 32,
        }
    }
}

impl UserClient for Queues {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Err(IoReturn::UNSUPPORTED.into())
    }

    fn register_notification_port(&self, port: Option<SendRight>, port_type: u32, _: u64) -> Result<()> {
        self.get(port_type)?.set_notification_port(port);
        Ok(())
    }

    fn client_memory_for_type(
        &self,
        memory_type: u32,
        _: &mut MapOptions,
        memory: &mut Option<MemoryDescriptor>,
    ) -> Result<()> {
        *memory = self.get(memory_type)?.descriptor().cloned();
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

/// `data_queues`: the service `Queues`, with a queue of each kind.
///
/// Commands, each for the queue of the memory type that is the first argument: `enqueue` puts in as many bytes as the second
/// says, each the third, and answers whether the queue was empty; `dequeue` takes an entry out and answers its size, and
/// `peek` leaves it there, `u64::MAX` if there is none. An error is its code, shifted by 32 bits.
pub(crate) fn furnish(scene: &mut Scene) {
    // Of one size only in how much room it has: what is put in is the test's affair.
    let sized = DataQueue::<[u8; ENTRY]>::with_entries(4).expect("there is memory").capacity();
    let queue = |bytes| Mutex::new(DataQueue::with_capacity(bytes).expect("there is memory"));
    let queues = Queues(Arc::new([sized, 40].map(queue)));
    let its = queues.clone();
    scene.on("enqueue", move |arguments| {
        let entry = vec![arguments[2] as u8; arguments[1] as usize];
        its.run(arguments[0], |queue| queue.enqueue(&entry).map(|was_empty| Some(was_empty.into())))
    });
    let its = queues.clone();
    scene.on("dequeue", move |arguments| {
        its.run(arguments[0], |queue| Ok(queue.dequeue()?.map(|entry| entry.len() as u64)))
    });
    let its = queues.clone();
    scene.on("peek", move |arguments| {
        its.run(arguments[0], |queue| Ok(queue.peek()?.map(|entry| entry.len() as u64)))
    });
    scene.machine.publish(Nub::new("Queues").driver(move |_: &OpenRequest<'_>| Ok(queues.clone())));
}
