//! Mappings: memory of a driver's, in this task.
//!
//! # Why a view never dangles
//!
//! A [`Mapping`] gives views that access memory by its address, without a further check. So the memory has to be there, and
//! be fit for what its type says, for as long as the mapping is alive. That a mapping which the kernel makes lies outside all
//! memory of Rust's, and is there for as long as MEM-9 says, is on trust. So is that a driver with one instance for all tasks
//! does not unmap through it, or through another user client, what it counts there for somebody else (MEM-10a): no task can
//! see that coming; the simulated kernel leaves such memory where it is. The rest is this:
//!
//! - **The name keeps it.** Whatever is mapped stays while the connect right's name has a reference (MEM-9, TERM-6). A mapping
//!   has a user reference of its own on the name (`io_connect_add_ref`), by way of the [table](table): so closing the
//!   connection, handing out its name, terminating the service, or closing another handle that has the same name takes
//!   nothing away. The name keeps its number too, and means nothing else meanwhile, even when it is dead.
//! - **Nothing is unmapped while a mapping of that name is alive.** Unmapping is by type, the driver is asked again what
//!   that is and may say another thing than before (MEM-8); two types may be one memory; mapping twice gives one address
//!   and keeps no count (MEM-6). So no single mapping can be undone without taking another one's memory: they all go
//!   together, when the last one does. Each type is unmapped as often as it was mapped, for the case in which the kernel
//!   does count (MEM-10a); once too often does nothing (MEM-8, MEM-8b).
//! - **By name, not by connection.** A driver may hand out one instance to all who open it, so that two
//!   [`Connection`]s of a task are one name. The table is the process's, and goes by kernel, task and name.
//! - **A call that maps counts as a mapping** while it is on its way, and waits while its name's mappings are undone. On the
//!   thread that undoes them, which the simulated kernel has run the driver's code, it fails with `kIOReturnBusy`.
//! - **What was mapped while the service ended is refused.** Such a mapping goes with the user client, whatever the name has
//!   (TERM-6a). So once mapped, the connection is asked whether it still has one: if so, the kernel had noted the mapping
//!   before the service ends.
//! - **References can be given up by those alone who have them**: the functions of [`Backend`] that do are `unsafe`, and so
//!   is unmapping.
//! - **What lies there is checked once**, when it is mapped: address, size, alignment, and by `mach_vm_region` the
//!   protection, since the driver decides it and the type only expects it.
//! - **No view has to be alone for memory to be safe.** All access is by [`arch`](crate::arch), as to memory that others
//!   change at any time. That there is one view for registers whose reading or writing does something is about the
//!   device.
//!
//! A mapping also keeps the connection open. When it goes, first the memory is unmapped, if it is the last one, then the
//! reference is given up, then the connection is closed, if nobody else has it.

mod check;
mod table;

use crate::backend::{Backend, MAP_ANYWHERE};
use crate::connection::{Connection, Shared};
use crate::error::{Call, Detail, Error, IoReturn, MemoryName, Result};
use crate::memory::{
    Access, Address, CacheMode, MappedLayout, MemoryDescriptor, ReadWriteAccess, RegisterBlock, SharedSlice,
    SharedSliceMut,
};
use crate::spans::span;
use crate::wire::Structure;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use table::User;

/// Memory of a driver's, mapped: registers, a framebuffer, a table that both sides share.
///
/// `T` is what lies there, a [`RegisterBlock`] or a slice of plain data, which is as long as the memory. Both sides access
/// it by views, which copy values in and out: others may change it at any time.
///
/// A task gets it by a method of a trait with `#[uc(memory = …)]`, or by [`Connection::map_memory`]; size, alignment and
/// protection have been checked then. A driver makes its own handle by [`Mapping::of`].
///
/// # How long it is there
///
/// As long as this is alive, whatever happens to the connection. A mapping keeps that open when it is dropped. If it is
/// closed, or the service is terminated, the memory can be accessed all the same; only that the device behind it is gone,
/// and what is read then is what the driver left there.
///
/// The kernel unmaps by the number of the memory and keeps no count, so the mappings of one connection are unmapped
/// together, when the last one goes. If the service was terminated, they go with the connection; with the task, if all
/// tasks share one instance of the user client (MEM-10), since nothing can unmap them any more.
#[doc(alias = "IOConnectMapMemory64")]
#[doc(alias = "IOMemoryMap")]
pub struct Mapping<T: ?Sized, A = ReadWriteAccess> {
    /// Where it begins: aligned for `T`, `size` bytes, mapped for as long as `owner` is there, and as `A` says.
    base: Address,
    size: usize,
    cache: CacheMode,
    owner: Owner,
    holds: PhantomData<fn(&T) -> A>,
}

/// Whose handle it is, and what keeps the memory there.
enum Owner {
    /// The driver's own.
    Driver(MemoryDescriptor),
    /// A task's. In this order: first the memory is unmapped, then the connection may be closed.
    Task { user: User, connection: Arc<Shared>, call: Call },
}

impl<T: ?Sized + MappedLayout, A: Access> Mapping<T, A> {
    /// The driver's own handle on memory of its own, which it can write whatever tasks may do.
    ///
    /// Fails if a `T` cannot lie there: `kIOReturnIPCError` with the figures for its size, `kIOReturnNotAligned` for its
    /// address.
    pub fn of(descriptor: &MemoryDescriptor) -> Result<Self> {
        let base = Address(descriptor.base());
        let call = Call::Function("Mapping::of");
        let size = check::size::<T>(call, base.0.addr().get(), descriptor.length() as u64)?;
        // Plain memory, whatever it stands for.
        let cache = CacheMode::Copyback;
        Ok(Self { base, size, cache, owner: Owner::Driver(descriptor.clone()), holds: PhantomData })
    }

    /// The descriptor, if it is the driver's own handle.
    pub fn descriptor(&self) -> Option<&MemoryDescriptor> {
        match &self.owner {
            Owner::Driver(descriptor) => Some(descriptor),
            Owner::Task { .. } => None,
        }
    }

    /// The size in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// How it is cached: as it was asked for; as plain memory is, if it is the driver's own handle.
    pub fn cache_mode(&self) -> CacheMode {
        self.cache
    }

    /// Where it begins, for code that takes an address.
    ///
    /// Whatever accesses it has to expect that others change it at any time: a Rust reference there is undefined behaviour.
    pub fn as_ptr(&self) -> *const u8 {
        self.base.0.as_ptr()
    }

    /// Where it begins.
    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base.0
    }

    /// `IOConnectUnmapMemory64`: drops it, and tells how that went. If another mapping of the connection's is alive, that is
    /// success, and the memory is unmapped with the last one.
    ///
    /// `kIOReturnBadArgument` if the driver says by now that this memory is another one, or has mapped it so that it cannot
    /// be unmapped singly (MEM-7, MEM-8a), or if the service was terminated: the memory then goes with the connection.
    /// `MACH_SEND_INVALID_DEST` if the service was terminated whose user client all tasks shared: the memory stays with the
    /// task (MEM-10).
    #[doc(alias = "IOConnectUnmapMemory")]
    #[doc(alias = "IOConnectUnmapMemory64")]
    pub fn unmap(self) -> Result<()> {
        let Owner::Task { user, connection, call } = self.owner else { return Ok(()) };
        let code = user.leave().unwrap_or(IoReturn::SUCCESS);
        // Closed after that, if this was the last that had it.
        drop(connection);
        code.result().map_err(|code| {
            let call = match call {
                Call::MemoryType { memory_type, .. } => {
                    Call::MemoryType { function: "IOConnectUnmapMemory64", memory_type }
                }
                call => call,
            };
            let detail = match code {
                IoReturn::MACH_SEND_INVALID_DEST => "not unmapped: the memory stays with the task",
                _ => "not unmapped: the memory goes with the connection",
            };
            Error::new(call, code).with_detail(Detail::Text(detail.into()))
        })
    }
}

impl<T: ?Sized + MappedLayout> Mapping<T> {
    /// [`as_ptr`](Self::as_ptr), to write.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.base.0.as_ptr()
    }
}

impl<T: RegisterBlock, A: Access> Mapping<T, A> {
    /// The registers, to read those whose reading does nothing else.
    #[inline]
    pub fn view(&self) -> T::View<'_> {
        // SAFETY: size and alignment were checked when it was made, and it stays mapped for as long as this is borrowed.
        unsafe { T::view_at(self.base.0) }
    }
}

impl<T: RegisterBlock> Mapping<T> {
    /// The registers, to read and write.
    #[inline]
    pub fn view_mut(&mut self) -> T::ViewMut<'_> {
        // SAFETY: as for `view`; it can be written, and this is borrowed by the only view there is.
        unsafe { T::view_mut_at(self.base.0) }
    }

    /// The registers, each in a field of its own, to hand to threads.
    #[inline]
    pub fn split(&mut self) -> T::Split<'_> {
        // SAFETY: as for `view_mut`.
        unsafe { T::split_at(self.base.0) }
    }
}

impl<T: Structure, A: Access> Mapping<[T], A> {
    /// The elements, to read.
    #[inline]
    pub fn slice(&self) -> SharedSlice<'_, T> {
        // SAFETY: as for `view`; so many whole elements fit into the size.
        unsafe { SharedSlice::new(self.base.0, self.size / size_of::<T>(), self.cache) }
    }
}

impl<T: Structure> Mapping<[T]> {
    /// The elements, to read and write.
    #[inline]
    pub fn slice_mut(&mut self) -> SharedSliceMut<'_, T> {
        // SAFETY: as for `view_mut`; so many whole elements fit into the size.
        unsafe { SharedSliceMut::new(self.base.0, self.size / size_of::<T>(), self.cache) }
    }
}

impl<T: ?Sized + MappedLayout, A: Access> fmt::Debug for Mapping<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mapping");
        shown
            .field("type", &std::any::type_name::<T>())
            .field("address", &self.base.0)
            .field("size", &self.size)
            .field("cache", &self.cache)
            .field("read_only", &A::IS_READ_ONLY);
        match &self.owner {
            Owner::Driver(_) => shown.field("owner", &"driver"),
            Owner::Task { connection, call, .. } => {
                shown.field("memory", &format_args!("{call}")).field("connection", connection)
            }
        };
        shown.finish()
    }
}

impl Connection {
    /// `IOConnectMapMemory64`: maps memory that no trait describes, where the kernel finds room for it.
    ///
    /// `kIOReturnBadArgument` if the driver has no memory of this type, and for whatever else it or the kernel may fail of
    /// (MEM-1). `kIOReturnIPCError` with the figures if no `T` fits into the memory, `kIOReturnNotAligned` if none can
    /// lie there, `kIOReturnNotWritable` if the driver lets tasks only read it and `A` is not
    /// [`ReadOnlyAccess`](crate::ReadOnlyAccess). Memory that was mapped in vain is unmapped, if no other mapping of the
    /// connection's is alive; if one is, with that.
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// use iokit_uc::memory::CacheMode;
    /// use iokit_uc::{Connection, Mapping, Result};
    ///
    /// fn first_word(connection: &Connection) -> Result<Option<u32>> {
    ///     let memory: Mapping<[u32]> = connection.map_memory(0, CacheMode::Default)?;
    ///     Ok(memory.slice().get(0))
    /// }
    /// # }
    /// ```
    #[doc(alias = "IOConnectMapMemory")]
    #[doc(alias = "IOConnectMapMemory64")]
    pub fn map_memory<T: ?Sized + MappedLayout, A: Access>(
        &self,
        memory_type: u32,
        cache: CacheMode,
    ) -> Result<Mapping<T, A>> {
        self.map(Call::MemoryType { function: "IOConnectMapMemory64", memory_type }, memory_type, cache)
    }

    /// The same for a method of a trait.
    pub(crate) fn map_method<T: ?Sized + MappedLayout, A: Access>(
        &self,
        name: &'static MemoryName,
        cache: CacheMode,
    ) -> Result<Mapping<T, A>> {
        self.map(Call::Memory(name), name.memory_type, cache)
    }

    fn map<T: ?Sized + MappedLayout, A: Access>(
        &self,
        call: Call,
        memory_type: u32,
        cache: CacheMode,
    ) -> Result<Mapping<T, A>> {
        let (kernel, connect) = (self.kernel(), self.as_raw());
        // Whatever fails from here on drops it, which unmaps.
        let mut user = User::new(kernel, connect).map_err(|code| refused(call, code))?;
        let (mut address, mut size) = (ptr::null_mut(), 0);
        let (task, options) = (kernel.mach_task_self(), MAP_ANYWHERE | cache.bits());
        let span = span!(
            "map",
            "IOConnectMapMemory64",
            connection = ?crate::description::Port(connect),
            class = self.shared().class(),
            memory_type,
            method = crate::spans::method(call),
            address = tracing::field::Empty,
            size = tracing::field::Empty,
        );
        span.run(|| {
            kernel.io_connect_map_memory64(connect, memory_type, task, &mut address, &mut size, options)
        })
        .result()
        .map_err(|code| self.not_mapped(call, code))?;
        user.record(memory_type, address.addr());
        span.mapped(address.addr(), size);
        check::connected(call, self.service())?;
        let size = check::size::<T>(call, address.addr(), size)?;
        check::access::<A>(kernel, call, address.addr(), size)?;
        // Not null, by the first of the checks.
        let base = Address(NonNull::new(address).ok_or_else(|| Error::new(call, IoReturn::IPC_ERROR))?);
        let owner = Owner::Task { user, connection: Arc::clone(self.shared()), call };
        Ok(Mapping { base, size, cache, owner, holds: PhantomData })
    }

    #[cold]
    fn not_mapped(&self, call: Call, code: IoReturn) -> Error {
        let error = self.shared().failed(call, code);
        if code != IoReturn::BAD_ARGUMENT || error.detail().is_some() {
            return error;
        }
        let detail = "the driver has no memory of this type, or cannot map it now: of its own code the kernel tells nothing";
        error.with_detail(Detail::Text(detail.into()))
    }
}

/// Why there is no room in the table, or no reference.
#[cold]
fn refused(call: Call, code: IoReturn) -> Error {
    match code {
        IoReturn::BUSY => {
            let detail = "the connection's memory is being unmapped, and this is the driver's answer to that";
            Error::new(call, code).with_detail(Detail::Text(detail.into()))
        }
        // A dead name: what the call itself would say.
        IoReturn::KERN_INVALID_RIGHT => Error::new(call, IoReturn::MACH_SEND_INVALID_DEST),
        code => Error::new(call, code),
    }
}
