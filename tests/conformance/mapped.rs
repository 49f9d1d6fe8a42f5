//! Memory mapped through the raw functions.

use iokit_uc::backend::{Backend, MAP_ANYWHERE, PortName};
use iokit_uc::{IoReturn, Kernel};
use std::sync::atomic::{AtomicU8, Ordering};

/// What an address holds that no call has written.
pub const UNTOUCHED_ADDRESS: usize = 0x10;

/// What a size holds that no call has written.
pub const UNTOUCHED_SIZE: u64 = 0xaaaa;

/// What came of a call that maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    pub code: IoReturn,
    pub address: *mut u8,
    pub size: u64,
}

/// `IOConnectMapMemory64` into the caller's own task, anywhere.
#[track_caller]
pub fn map(kernel: &Kernel, connect: PortName, memory_type: u32) -> Mapped {
    map_with(kernel, connect, memory_type, MAP_ANYWHERE, UNTOUCHED_ADDRESS).expect_success()
}

/// The same with options, and an address to map at.
pub fn map_with(kernel: &Kernel, connect: PortName, memory_type: u32, options: u32, at: usize) -> Mapped {
    map_into(kernel, connect, memory_type, kernel.mach_task_self(), options, at)
}

/// The same into any task.
pub fn map_into(
    kernel: &Kernel,
    connect: PortName,
    memory_type: u32,
    task: PortName,
    options: u32,
    at: usize,
) -> Mapped {
    let (mut address, mut size) = (std::ptr::without_provenance_mut(at), UNTOUCHED_SIZE);
    let code = kernel.io_connect_map_memory64(connect, memory_type, task, &mut address, &mut size, options);
    Mapped { code, address, size }
}

/// `IOConnectUnmapMemory64` from the caller's own task. Where does not matter (MEM-8), so it is a place where nothing is.
pub fn unmap(kernel: &Kernel, connect: PortName, memory_type: u32) -> IoReturn {
    unmap_from(kernel, connect, memory_type, kernel.mach_task_self())
}

/// The same from any task.
pub fn unmap_from(kernel: &Kernel, connect: PortName, memory_type: u32, task: PortName) -> IoReturn {
    let nowhere = std::ptr::without_provenance_mut(UNTOUCHED_ADDRESS);
    // SAFETY: a test reaches memory by `Mapped` alone, which it uses only as long as that is mapped.
    unsafe { kernel.io_connect_unmap_memory64(connect, memory_type, task, nowhere) }
}

/// Where the region of an address begins, its size, and its protection.
pub fn region(kernel: &Kernel, address: usize) -> Option<(u64, u64, i32)> {
    let (mut start, mut size, mut protection) = (address as u64, 0, 0);
    match kernel.mach_vm_region(&mut start, &mut size, &mut protection) {
        IoReturn::SUCCESS => Some((start, size, protection)),
        code => {
            assert_eq!(code, IoReturn::KERN_INVALID_ADDRESS);
            None
        }
    }
}

// SAFETY: the memory is for every thread of the task, and bytes are read and written atomically.
unsafe impl Send for Mapped {}

impl Mapped {
    /// Fails unless the call succeeded.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        assert_eq!(self.code, IoReturn::SUCCESS);
        assert!(!self.address.is_null());
        self
    }

    /// Fails unless the call failed with this code, and left address and size alone (MEM-4).
    #[track_caller]
    pub fn expect_failure(self, code: IoReturn, address: usize) {
        assert_eq!((self.code, self.address.addr(), self.size), (code, address, UNTOUCHED_SIZE));
    }

    /// Fails unless the call failed with `kIOReturnBadArgument`, as all do that fail (MEM-1).
    #[track_caller]
    pub fn expect_bad_argument(self) {
        self.expect_failure(IoReturn::BAD_ARGUMENT, UNTOUCHED_ADDRESS);
    }

    /// The byte at an offset. The test knows that it is mapped still.
    #[track_caller]
    pub fn read(&self, offset: u64) -> u64 {
        self.byte(offset).load(Ordering::Relaxed).into()
    }

    /// Changes the byte at an offset. The test knows that it is mapped still, to be written.
    #[track_caller]
    pub fn write(&self, offset: u64, value: u8) {
        // Not a store: Miri fails on one over part of a word that was stored as a whole (rust-lang/miri#5185).
        self.byte(offset).swap(value, Ordering::Relaxed);
    }

    fn byte(&self, offset: u64) -> &AtomicU8 {
        assert!(self.code.is_success() && offset < self.size, "{offset} is within the mapping");
        // SAFETY: the byte lies in the mapping, and whoever else accesses it in this process does so by atomic
        // operations, of its size if at the same time, or by instructions that no compiler looks at.
        unsafe { AtomicU8::from_ptr(self.address.add(offset as usize)) }
    }
}
