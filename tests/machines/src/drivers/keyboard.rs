//! A keyboard: what is typed comes by a data queue, and its lights are set by another.

use crate::Scene;
use iokit_uc::sim::{Nub, WeakMachine};
use iokit_uc::{DataQueue, IoReturn, Result, user_client};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The keyboard's external methods and its queues, by the numbers that the programs in C have for them.
#[user_client(service = "Keyboard")]
trait Keyboard {
    /// Puts an entry into [`events`](Self::events), and tells whether there was room.
    #[uc(selector = 0)]
    fn post(&self, entry: &[u8]) -> Result<bool>;
    /// Takes an entry out of [`lights`](Self::lights). `kIOReturnUnderrun` if there is none.
    #[uc(selector = 1)]
    fn take(&self, entry: &mut [u8]) -> Result<usize>;
    /// Has so many keys typed while the program goes on: an entry each, its number and up to seven bytes of that.
    #[uc(selector = 2)]
    fn type_keys(&self, count: u32) -> Result<()>;

    /// What the keyboard tells.
    #[uc(queue = 0)]
    fn events(&self) -> Result<DataQueue<[u8]>>;
    /// What it is told.
    #[uc(queue = 1)]
    fn lights(&self) -> Result<DataQueue<[u8]>>;
}

/// Bytes of each queue.
const CAPACITY: usize = 64;

struct Keys {
    machine: WeakMachine,
    events: Arc<Mutex<DataQueue<[u8]>>>,
    lights: Mutex<DataQueue<[u8]>>,
}

fn lock(queue: &Mutex<DataQueue<[u8]>>) -> MutexGuard<'_, DataQueue<[u8]>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether there was room.
fn put(queue: &Mutex<DataQueue<[u8]>>, entry: &[u8]) -> Result<bool> {
    match lock(queue).enqueue(entry) {
        Ok(_) => Ok(true),
        Err(error) if error.code() == IoReturn::OVERRUN => Ok(false),
        Err(error) => Err(error),
    }
}

impl Keyboard for Keys {
    fn post(&self, entry: &[u8]) -> Result<bool> {
        put(&self.events, entry)
    }

    fn take(&self, entry: &mut [u8]) -> Result<usize> {
        let taken = lock(&self.lights).dequeue()?.ok_or(IoReturn::UNDERRUN)?;
        entry.get_mut(..taken.len()).ok_or(IoReturn::NO_SPACE)?.copy_from_slice(&taken);
        Ok(taken.len())
    }

    fn type_keys(&self, count: u32) -> Result<()> {
        let machine = self.machine.upgrade().ok_or(IoReturn::OFFLINE)?;
        let (timer, events) = (self.machine.clone(), Arc::clone(&self.events));
        machine.spawn(async move {
            for number in 0..count {
                let mut entry = number.to_ne_bytes().to_vec();
                entry.resize(4 + number as usize % 8, number as u8);
                while let Ok(false) = put(&events, &entry) {
                    let Some(machine) = timer.upgrade() else { return };
                    let soon = machine.sleep(Duration::from_micros(100));
                    drop(machine);
                    soon.await;
                }
            }
        });
        Ok(())
    }

    fn events(&self) -> Result<DataQueue<[u8]>> {
        lock(&self.events).share()
    }

    fn lights(&self) -> Result<DataQueue<[u8]>> {
        lock(&self.lights).share()
    }
}

/// `keyboard`: the service `Keyboard`.
pub(crate) fn furnish(scene: &mut Scene) {
    let queue = || Mutex::new(DataQueue::with_capacity(CAPACITY).expect("memory for a queue"));
    let keys =
        Arc::new(Keys { machine: scene.machine.downgrade(), events: Arc::new(queue()), lights: queue() });
    scene
        .machine
        .publish(Nub::new("Keyboard").user_client(move |_| Ok(KeyboardServer::shared(Arc::clone(&keys)))));
}
