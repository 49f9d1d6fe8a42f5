//! Memory of which there is one view, the driver's, which is everybody's.

#[cfg(feature = "sim")]
use super::Memory;
use crate::memory::Address;
use std::alloc::Layout;
use std::ptr::NonNull;
#[cfg(feature = "sim")]
use std::sync::Arc;

/// What a page is where there are none.
const PAGE: usize = 0x4000;

/// As aligned as a page.
#[repr(align(0x4000))]
struct Page;

/// Memory that looks like pages.
pub(super) struct Pages {
    start: Address,
    layout: Layout,
}

/// What a task sees of it.
#[cfg(feature = "sim")]
pub(crate) struct MappedRange {
    start: Address,
    size: usize,
    _memory: Arc<Memory>,
}

/// What the kernel maps by.
#[cfg(feature = "sim")]
pub(crate) fn page_size() -> usize {
    PAGE
}

impl Pages {
    pub(super) fn new(length: usize) -> Option<Self> {
        let layout = Layout::from_size_align(length.checked_next_multiple_of(PAGE)?, PAGE).ok()?;
        let start = if layout.size() == 0 {
            NonNull::<Page>::dangling().cast()
        } else {
            // SAFETY: the size is not 0.
            unsafe { host::allocate(layout) }?
        };
        Some(Self { start: Address(start), layout })
    }

    pub(super) fn base(&self) -> NonNull<u8> {
        self.start.0
    }

    /// A view of `size` bytes from `first` on: at the one place there is, or none.
    #[cfg(feature = "sim")]
    pub(super) fn map(
        &self,
        memory: &Arc<Memory>,
        first: usize,
        size: usize,
        place: Option<usize>,
        _is_writable: bool,
        _guard: usize,
    ) -> Option<MappedRange> {
        // SAFETY: the caller's part lies within the memory.
        let start = unsafe { self.start.0.add(first) };
        let fits = place.is_none_or(|place| place == start.addr().get());
        fits.then(|| MappedRange { start: Address(start), size, _memory: Arc::clone(memory) })
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        if self.layout.size() > 0 {
            // SAFETY: allocated in `new` with this layout, and who accesses it keeps the value.
            unsafe { host::free(self.start.0, self.layout) };
        }
    }
}

#[cfg(feature = "sim")]
impl MappedRange {
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start.0
    }

    /// In bytes: whole pages.
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

/// Memory that `arch` accesses by volatile instructions on some Macs, which may race only outside of what Rust allocates.
#[cfg(all(target_os = "macos", not(miri)))]
mod host {
    use mach2::kern_return::KERN_SUCCESS;
    use mach2::traps::mach_task_self;
    use mach2::vm::{mach_vm_allocate, mach_vm_deallocate};
    use mach2::vm_statistics::VM_FLAGS_ANYWHERE;
    use std::alloc::Layout;
    use std::ptr::{self, NonNull};

    /// Zeroed pages.
    ///
    /// # Safety
    ///
    /// The size is whole pages, and not 0.
    pub(super) unsafe fn allocate(layout: Layout) -> Option<NonNull<u8>> {
        let mut address = 0;
        let size = layout.size() as u64;
        // SAFETY: it writes to `address` only, and takes no addresses that are taken.
        let code = unsafe { mach_vm_allocate(mach_task_self(), &mut address, size, VM_FLAGS_ANYWHERE) };
        if code != KERN_SUCCESS {
            return None;
        }
        // Memory that the kernel has made, which no pointer leads to yet.
        NonNull::new(ptr::with_exposed_provenance_mut(address as usize))
    }

    /// # Safety
    ///
    /// The memory was allocated with this layout, and nobody accesses it any more.
    pub(super) unsafe fn free(start: NonNull<u8>, layout: Layout) {
        // SAFETY: by the caller's promise, the pages are nobody's. The kernel refuses no whole allocation.
        let _ =
            unsafe { mach_vm_deallocate(mach_task_self(), start.addr().get() as u64, layout.size() as u64) };
    }
}

/// Memory that `arch` accesses by atomics alone.
#[cfg(not(all(target_os = "macos", not(miri))))]
mod host {
    use std::alloc::{self, Layout};
    use std::ptr::NonNull;

    /// # Safety
    ///
    /// The size is not 0.
    pub(super) unsafe fn allocate(layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        NonNull::new(unsafe { alloc::alloc_zeroed(layout) })
    }

    /// # Safety
    ///
    /// The memory was allocated with this layout, and nobody accesses it any more.
    pub(super) unsafe fn free(start: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { alloc::dealloc(start.as_ptr(), layout) };
    }
}
