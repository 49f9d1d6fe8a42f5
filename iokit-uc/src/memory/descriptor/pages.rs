//! Pages of the host's, of which there can be several views, each with an address and a protection of its own.

use super::Memory;
use crate::memory::Address;
use rustix::fd::OwnedFd;
use rustix::mm::{self, MapFlags, ProtFlags};
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

/// Pages, and the driver's view of them.
pub(super) struct Pages {
    /// None if there are no bytes.
    file: Option<OwnedFd>,
    view: Range,
}

/// Addresses that are taken, and given back when this is dropped.
struct Range {
    start: Address,
    size: usize,
}

/// A view of pages for a task.
pub(crate) struct MappedRange {
    start: Address,
    size: usize,
    /// With the guards.
    _taken: Range,
    /// The pages stay as long as anything can see them.
    _memory: Arc<Memory>,
}

/// What the kernel maps by.
pub(crate) fn page_size() -> usize {
    rustix::param::page_size()
}

impl Pages {
    pub(super) fn new(length: usize) -> Option<Self> {
        if length == 0 {
            return Some(Self { file: None, view: Range::EMPTY });
        }
        let size =
            length.checked_next_multiple_of(page_size()).filter(|&size| isize::try_from(size).is_ok())?;
        let file = anonymous_file()?;
        rustix::fs::ftruncate(&file, size as u64).ok()?;
        let view = Range::of_file(&file, 0, size, None, true)?;
        Some(Self { file: Some(file), view })
    }

    pub(super) fn base(&self) -> NonNull<u8> {
        self.view.start.0
    }

    /// A view of `size` bytes from `first` on, whole pages both. `memory` is what these pages are in.
    pub(super) fn map(
        &self,
        memory: &Arc<Memory>,
        first: usize,
        size: usize,
        place: Option<usize>,
        is_writable: bool,
        guard: usize,
    ) -> Option<MappedRange> {
        let file = self.file.as_ref()?;
        let (taken, start) = if guard == 0 {
            let range = Range::of_file(file, first, size, place, is_writable)?;
            let start = range.start;
            (range, start)
        } else {
            let range = Range::inaccessible(size.checked_add(guard.checked_mul(2)?)?)?;
            // SAFETY: the range has a guard at its beginning, more than which it is long.
            let start = unsafe { range.start.0.add(guard) };
            // SAFETY: that is amid the range, which is this function's own and of which nobody knows.
            let mapped = unsafe {
                let (protection, flags) = (protection(is_writable), MapFlags::SHARED | MapFlags::FIXED);
                mm::mmap(start.as_ptr().cast(), size, protection, flags, file, first as u64)
            };
            mapped.ok()?;
            (range, Address(start))
        };
        taken.keep_from_children();
        Some(MappedRange { start, size, _taken: taken, _memory: Arc::clone(memory) })
    }
}

impl MappedRange {
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start.0
    }

    /// In bytes: whole pages.
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

impl Range {
    const EMPTY: Self = Self { start: Address(NonNull::<Page>::dangling().cast()), size: 0 };

    /// A new view of a file, at `place` if anywhere is not good enough.
    fn of_file(
        file: &OwnedFd,
        first: usize,
        size: usize,
        place: Option<usize>,
        is_writable: bool,
    ) -> Option<Self> {
        let hint = std::ptr::without_provenance_mut(place.unwrap_or(0));
        // SAFETY: where it must be is left to the host, which takes no address that is taken.
        let mapped =
            unsafe { mm::mmap(hint, size, protection(is_writable), MapFlags::SHARED, file, first as u64) };
        let range = Self::new(mapped, size)?;
        // The host takes the place for a hint: it gives another if that is not free.
        place.is_none_or(|place| range.start.0.addr().get() == place).then_some(range)
    }

    /// Addresses that nobody can access.
    fn inaccessible(size: usize) -> Option<Self> {
        // SAFETY: where it must be is left to the host, which takes no address that is taken.
        let mapped =
            unsafe { mm::mmap_anonymous(std::ptr::null_mut(), size, ProtFlags::empty(), MapFlags::PRIVATE) };
        Self::new(mapped, size)
    }

    fn new(mapped: rustix::io::Result<*mut c_void>, size: usize) -> Option<Self> {
        Some(Self { start: Address(NonNull::new(mapped.ok()?.cast())?), size })
    }

    /// Child processes do not inherit it (MEM-11), where the host can be told so.
    fn keep_from_children(&self) {
        #[cfg(target_os = "linux")]
        // SAFETY: the range is this value's own, and the advice changes nothing in this process.
        unsafe {
            // One who is refused has a mapping that children see, which is harmless.
            let _ = mm::madvise(self.start.0.as_ptr().cast(), self.size, mm::Advice::LinuxDontFork);
        }
    }
}

impl Drop for Range {
    fn drop(&mut self) {
        if self.size > 0 {
            // SAFETY: what was mapped by this value's constructor, and who accesses it keeps the value. The host refuses
            // no whole mapping.
            let _ = unsafe { mm::munmap(self.start.0.as_ptr().cast(), self.size) };
        }
    }
}

/// As aligned as any page.
#[repr(align(0x1_0000))]
struct Page;

fn protection(is_writable: bool) -> ProtFlags {
    if is_writable { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ }
}

/// A file that has no name and no bytes.
#[cfg(target_os = "linux")]
fn anonymous_file() -> Option<OwnedFd> {
    rustix::fs::memfd_create(c"iokit-uc", rustix::fs::MemfdFlags::CLOEXEC).ok()
}

/// A file that has no name and no bytes: it loses its name as soon as it is there.
#[cfg(not(target_os = "linux"))]
fn anonymous_file() -> Option<OwnedFd> {
    use rustix::fs::Mode;
    use rustix::shm::{OFlags, open, unlink};
    use std::sync::atomic::{AtomicU32, Ordering};

    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        // A name on macOS has at most 31 bytes.
        let name = format!("/iouc.{:x}.{:x}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR;
        match open(name.as_str(), flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => {
                unlink(name.as_str()).ok()?;
                return Some(file);
            }
            // Left there by a process of the same number that was killed between the two.
            Err(rustix::io::Errno::EXIST) => {}
            Err(_) => return None,
        }
    }
}
