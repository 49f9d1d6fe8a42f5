//! `IOConnectMapMemory64` and `IOConnectUnmapMemory64` (MEM-1 … MEM-11).

use super::Task;
use crate::backend::PortName;
use crate::error::IoReturn;
use crate::interface::code_of;
use crate::memory::{MapOptions, MemoryDescriptor};
use crate::sim::client::Client;
use crate::sim::keys::TaskKey;
use crate::sim::mapping::{MappedMemory, lookup_options, merge_options};
use crate::sim::names::Names;
use crate::sim::report::Misuse;
use crate::sim::shared::settle_pending;
use crate::sim::thread;
use std::ptr::NonNull;
use std::sync::Arc;

/// What a driver says of its memory.
struct Answer {
    code: IoReturn,
    options: MapOptions,
    memory: Option<MemoryDescriptor>,
    panicked: bool,
}

impl Task {
    /// What the task has mapped, by address: by connections that it has open, by those whose service is gone (TERM-6), and
    /// by others into it (MEM-10).
    pub fn mappings(&self) -> Vec<MappedMemory> {
        self.shared.lock().mappings_of(self.key)
    }

    /// `IOMemoryDescriptor::withAddressRange`: memory of the task's, for a driver. Mapped into the same task, it is where it
    /// is (MEM-5); into another, or at another place, is not simulated.
    ///
    /// # Safety
    ///
    /// As long as a handle on the descriptor or a mapping of it lives, the memory is allocated, and nobody has a reference
    /// into it: it is accessed as a mapping is. If Rust has allocated it, no thread writes there while another one accesses
    /// it: these accesses may be volatile.
    #[doc(alias = "withAddressRange")]
    pub unsafe fn describe_memory(&self, address: NonNull<u8>, length: usize) -> MemoryDescriptor {
        // SAFETY: the caller's promise.
        unsafe { MemoryDescriptor::of_task(self.id(), address, length) }
    }

    /// `is_io_connect_map_memory_into_task`.
    pub(in crate::sim) fn map_memory(
        &self,
        connect: PortName,
        memory_type: u32,
        into_task: PortName,
        address: &mut *mut u8,
        size: &mut u64,
        options: u32,
    ) -> Result<(), IoReturn> {
        let (client, target) = self.client_and_task(connect, into_task)?;
        let mapped = client.exclusively_by_default(&self.shared, || {
            self.driver_is_called();
            let answer = ask(&client, memory_type);
            if answer.panicked {
                // The task hears of nothing but a bad argument.
                self.shared.panicked("clientMemoryForType");
            }
            let memory = answer.memory.filter(|_| answer.code.is_success())?;
            let options = merge_options(answer.options, options);
            let mut kernel = self.shared.lock();
            let owner = self.sibling_id(target);
            let map = kernel.create_mapping(&memory, owner, target, address.addr(), options)?;
            let extent = kernel.extent(map);
            if client.is_shared_instance() || target != self.key {
                kernel.count_mapping(client.object, map, true);
                // Nobody asks whether there was room for the name.
                let _ = kernel.vend(target, map);
                kernel.release(map);
            } else {
                kernel.keep_mapping(client.object, map);
            }
            drop(kernel);
            self.memory_is_mapped(&memory, memory_type);
            extent
        });
        self.shared.let_go(client);
        settle_pending();
        let (mapped, length) = mapped.ok_or(IoReturn::BAD_ARGUMENT)?;
        (*address, *size) = (mapped.0.as_ptr(), length as u64);
        Ok(())
    }

    /// `is_io_connect_unmap_memory_from_task`. The address does not matter (MEM-8).
    pub(in crate::sim) fn unmap_memory(
        &self,
        connect: PortName,
        memory_type: u32,
        from_task: PortName,
    ) -> Result<(), IoReturn> {
        let (client, target) = self.client_and_task(connect, from_task)?;
        let result = client.exclusively_by_default(&self.shared, || {
            self.driver_is_called();
            let answer = ask(&client, memory_type);
            answer.code.result()?;
            match answer.memory {
                Some(memory) => self.unmap(&client, target, memory_type, &memory, answer.options),
                None => Ok(()),
            }
        });
        self.shared.let_go(client);
        settle_pending();
        result
    }

    fn unmap(
        &self,
        client: &Arc<Client>,
        target: TaskKey,
        memory_type: u32,
        memory: &MemoryDescriptor,
        options: MapOptions,
    ) -> Result<(), IoReturn> {
        let mut kernel = self.shared.lock();
        if options.contains(MapOptions::UNIQUE) {
            kernel.misuses.push(Misuse::UniqueUnmap { memory_type });
            return Err(IoReturn::BAD_ARGUMENT);
        }
        let owner = self.sibling_id(target);
        let map = kernel.create_mapping(memory, owner, target, 0, lookup_options(options));
        let map = map.ok_or(IoReturn::BAD_ARGUMENT)?;
        kernel.forget_mapping(client.object, map);
        if client.is_shared_instance() || target != self.key {
            kernel.count_mapping(client.object, map, false);
            match kernel.vend(target, map) {
                Ok(name) => {
                    kernel.unmap_with_name(map);
                    kernel.release(map);
                    // The one that was just made, and one that a map made.
                    if let Ok(released) = Names::change_sends(kernel.names(target), name, -2) {
                        kernel.released(released);
                    }
                }
                Err(_) => kernel.release(map),
            }
        } else {
            if let Some(port) = kernel.objects[map].object_port {
                kernel.destroy_port(port);
            }
            kernel.release(map);
        }
        Ok(())
    }

    /// What both calls begin with.
    fn client_and_task(&self, connect: PortName, task: PortName) -> Result<(Arc<Client>, TaskKey), IoReturn> {
        let kernel = self.send(connect)?;
        let task = kernel.task_argument(self.key, task)?;
        let client = kernel.connection(self.key, connect)?;
        Ok((Arc::clone(client), task.ok_or(IoReturn::BAD_ARGUMENT)?))
    }

    /// What descriptors know another task of this machine by.
    fn sibling_id(&self, task: TaskKey) -> (usize, usize) {
        (self.id().0, task.0)
    }
}

fn ask(client: &Client, memory_type: u32) -> Answer {
    let (mut options, mut memory) = (MapOptions::default(), None);
    let asked = thread::in_driver(std::ptr::null(), || {
        client.user_client.client_memory_for_type(memory_type, &mut options, &mut memory)
    });
    let panicked = asked.is_err();
    Answer { code: asked.map_or_else(|panicked| panicked, code_of), options, memory, panicked }
}
