//! Which names have mappings, and when these are undone.

use crate::backend::{Backend, PortName};
use crate::error::IoReturn;
use crate::kernel::{Kernel, KernelId};
use crate::spans::span;
use std::collections::HashMap;
use std::ptr;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

/// A connect right's name, in one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Name {
    kernel: KernelId,
    connect: PortName,
}

/// What is known of a name that has mappings.
#[derive(Debug, Default)]
struct Entry {
    /// Mappings that are alive, and calls that may make one.
    users: usize,
    /// What was mapped, by its type, also what is in no use any more.
    mapped: Vec<Mapped>,
    /// The thread that undoes it all.
    unmapping: Option<ThreadId>,
}

#[derive(Debug)]
struct Mapped {
    memory_type: u32,
    /// Where: by each cache mode somewhere else (MEM-6), and always if the driver's memory is new each time (MEM-7).
    addresses: Vec<usize>,
    times: usize,
}

#[derive(Default)]
struct Table {
    entries: Mutex<HashMap<Name, Entry>>,
    /// An entry has gone.
    gone: Condvar,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::default);

impl Table {
    fn lock(&self) -> MutexGuard<'_, HashMap<Name, Entry>> {
        // Nothing panics while it is locked.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more user of a name. The first takes a reference by `add_reference`; waits while the name's mappings are undone.
    ///
    /// `kIOReturnBusy` if this very thread is about that: the kernel has it run the driver, which comes here.
    fn enter(&self, name: Name, add_reference: impl FnOnce() -> IoReturn) -> Result<(), IoReturn> {
        let mut entries = self.lock();
        while let Some(entry) = entries.get_mut(&name) {
            match entry.unmapping {
                None => {
                    entry.users += 1;
                    return Ok(());
                }
                Some(thread) if thread == thread::current().id() => return Err(IoReturn::BUSY),
                Some(_) => entries = self.gone.wait(entries).unwrap_or_else(PoisonError::into_inner),
            }
        }
        add_reference().result()?;
        entries.insert(name, Entry { users: 1, ..Entry::default() });
        Ok(())
    }

    /// A user has mapped something.
    fn record(&self, name: Name, memory_type: u32, address: usize) {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(&name) else { return };
        match entry.mapped.iter_mut().find(|mapped| mapped.memory_type == memory_type) {
            Some(mapped) => {
                mapped.times += 1;
                if !mapped.addresses.contains(&address) {
                    mapped.addresses.push(address);
                }
            }
            None => entry.mapped.push(Mapped { memory_type, addresses: vec![address], times: 1 }),
        }
    }

    /// A user goes. The last one undoes what they have mapped by `unmap`, and gives up the reference by `release`.
    ///
    /// Returns what there was to tell of the memory at `address`: success if it is unmapped.
    fn leave(
        &self,
        name: Name,
        address: usize,
        mut unmap: impl FnMut(u32, usize) -> IoReturn,
        release: impl FnOnce(),
    ) -> Option<IoReturn> {
        let mut entries = self.lock();
        let entry = entries.get_mut(&name)?;
        entry.users -= 1;
        if entry.users > 0 {
            return None;
        }
        entry.unmapping = Some(thread::current().id());
        let mapped = std::mem::take(&mut entry.mapped);
        drop(entries);

        // The entry goes, and the reference, though the driver panics.
        let _undone = Undone { table: self, name, release: Some(release) };
        let mut told: Option<IoReturn> = None;
        for mapped in mapped {
            // The address that is passed does not matter, and one turn may undo another address (MEM-8).
            let mut turns = mapped.addresses.iter().cycle().take(mapped.times);
            let mut undone = 0;
            // What is not found once is not found again (MEM-8).
            let failed = turns.find_map(|&address| {
                let code = unmap(mapped.memory_type, address);
                undone += usize::from(code.is_success());
                (!code.is_success()).then_some(code)
            });
            if mapped.addresses.contains(&address) && !told.is_some_and(IoReturn::is_success) {
                told = failed.filter(|_| undone < mapped.addresses.len()).or(Some(IoReturn::SUCCESS));
            }
        }
        told
    }
}

/// Removes an entry, tells those who wait for that, and gives up the reference.
struct Undone<'a, R: FnOnce()> {
    table: &'a Table,
    name: Name,
    release: Option<R>,
}

impl<R: FnOnce()> Drop for Undone<'_, R> {
    fn drop(&mut self) {
        let entry = self.table.lock().remove(&self.name);
        drop(entry);
        self.table.gone.notify_all();
        // Whoever has come since has a reference of its own, and until here the name could mean nothing else.
        if let Some(release) = self.release.take() {
            release();
        }
    }
}

/// A user of a name: a mapping, or a call that may make one.
#[derive(Debug)]
pub(super) struct User {
    kernel: Kernel,
    name: Name,
    /// Where its mapping is, when it has one.
    address: usize,
    left: bool,
}

impl User {
    /// The caller has a reference on `connect`, so that it means one connection throughout.
    pub(super) fn new(kernel: &Kernel, connect: PortName) -> Result<Self, IoReturn> {
        let name = Name { kernel: kernel.id(), connect };
        TABLE.enter(name, || kernel.io_connect_add_ref(connect))?;
        Ok(Self { kernel: kernel.clone(), name, address: 0, left: false })
    }

    /// What it has mapped.
    pub(super) fn record(&mut self, memory_type: u32, address: usize) {
        self.address = address;
        TABLE.record(self.name, memory_type, address);
    }

    /// Goes, and tells how its memory was unmapped if it was the last user.
    pub(super) fn leave(mut self) -> Option<IoReturn> {
        self.go()
    }

    fn go(&mut self) -> Option<IoReturn> {
        self.left = true;
        let (kernel, connect) = (&self.kernel, self.name.connect);
        let unmap = |memory_type, address| {
            let address = ptr::without_provenance_mut(address);
            let span = span!(
                "unmap",
                "IOConnectUnmapMemory64",
                connection = ?crate::description::Port(connect),
                memory_type,
                address = ?address,
            );
            // SAFETY: the table has no user of the name any more and lets none in until this is over, so no mapping of the
            // connection's is alive.
            span.run(|| unsafe {
                kernel.io_connect_unmap_memory64(connect, memory_type, kernel.mach_task_self(), address)
            })
        };
        // The name may be dead, and then has references of another kind (OC-12, RC-1).
        // SAFETY: the reference is the one that the first user has taken, and no mapping needs it any more.
        let release = || unsafe {
            kernel.io_object_release(connect);
        };
        TABLE.leave(self.name, self.address, unmap, release)
    }
}

impl Drop for User {
    fn drop(&mut self) {
        if !self.left {
            // Nobody is left to hear of a failure; what stays mapped goes with the connection (MEM-9).
            self.go();
        }
    }
}
