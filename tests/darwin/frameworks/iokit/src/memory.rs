//! Memory of the program's own that it gets in whole pages, and has to give back: by `mach_vm_allocate`, and with the variable
//! output of external methods (EM-16).

use darwin_calls::{Call, complain, current};
use iokit_uc::IoReturn;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes in a page.
pub(crate) const PAGE: usize = 4096;

/// Blocks by their addresses, which are disjoint. Whole pages all.
static BLOCKS: Mutex<BTreeMap<usize, Block>> = Mutex::new(BTreeMap::new());

#[derive(Clone, Copy)]
struct Block {
    size: usize,
    allocated: Call,
}

fn blocks() -> MutexGuard<'static, BTreeMap<usize, Block>> {
    BLOCKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a block is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Anywhere,
    At(usize),
}

/// Zeroed memory of at least `size` bytes, which must not be 0. `KERN_NO_SPACE` if there is none, or if the place is
/// taken.
pub(crate) fn allocate(place: Place, size: usize) -> Result<usize, IoReturn> {
    let size = size.checked_next_multiple_of(PAGE).ok_or(IoReturn::KERN_NO_SPACE)?;
    let (address, flags) = match place {
        Place::Anywhere => (0, 0),
        Place::At(address) => (address & !(PAGE - 1), libc::MAP_FIXED_NOREPLACE),
    };
    let flags = flags | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // Under the lock, so that no block is known before the one that was in its place is forgotten.
    let mut blocks = blocks();
    // SAFETY: maps fresh memory where nothing is mapped.
    let memory =
        unsafe { libc::mmap(address as *mut _, size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        return Err(IoReturn::KERN_NO_SPACE);
    }
    blocks.insert(memory.addr(), Block { size, allocated: current() });
    Ok(memory.addr())
}

/// Memory with these bytes at its start.
pub(crate) fn allocate_bytes(bytes: &[u8]) -> Result<usize, IoReturn> {
    let address = allocate(Place::Anywhere, bytes.len())?;
    // SAFETY: fresh memory of at least as many bytes.
    unsafe { (address as *mut u8).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    Ok(address)
}

/// Gives the pages of a range back. What of it did not come from here stays, and is complained about: a Mac would take
/// it away from whoever has it.
pub(crate) fn deallocate(address: usize, size: usize) -> IoReturn {
    let Some(end) = address.checked_add(size).and_then(|end| end.checked_next_multiple_of(PAGE)) else {
        return IoReturn::KERN_INVALID_ARGUMENT;
    };
    let start = address & !(PAGE - 1);
    if size == 0 {
        return IoReturn::SUCCESS;
    }
    let freed = take(&mut blocks(), start, end);
    if freed < end - start {
        let foreign = end - start - freed;
        complain(format_args!(
            "{foreign:#x} of the {:#x} bytes at {start:#x} are freed already, or were never allocated so",
            end - start
        ));
    }
    IoReturn::SUCCESS
}

/// Unmaps what of a range is in blocks, and tells how much that was.
fn take(blocks: &mut BTreeMap<usize, Block>, start: usize, end: usize) -> usize {
    let touched: Vec<(usize, Block)> = blocks
        .range(..end)
        .rev()
        .take_while(|(block, it)| *block + it.size > start)
        .map(|(block, it)| (*block, *it))
        .collect();
    let mut freed = 0;
    for (block, Block { size, allocated }) in touched {
        let (from, to) = (start.max(block), end.min(block + size));
        // SAFETY: `allocate` mapped the whole block, and nothing in the host refers to it.
        let unmapped = unsafe { libc::munmap(from as *mut _, to - from) };
        assert_eq!(unmapped, 0, "munmap of whole pages: {}", io::Error::last_os_error());
        blocks.remove(&block);
        if block < from {
            blocks.insert(block, Block { size: from - block, allocated });
        }
        if to < block + size {
            blocks.insert(to, Block { size: block + size - to, allocated });
        }
        freed += to - from;
    }
    freed
}

/// Where the block that holds `address` begins, or the next above, and its size.
pub(crate) fn region(address: usize) -> Option<(usize, usize)> {
    let blocks = blocks();
    let holds = |(block, it): &(&usize, &Block)| address < **block + it.size;
    let found = blocks.range(..=address).next_back().filter(holds).or_else(|| blocks.range(address..).next());
    found.map(|(block, it)| (*block, it.size))
}

/// The memory that the program still has, a line a block.
pub(crate) fn report() -> Vec<String> {
    blocks()
        .iter()
        .map(|(block, Block { size, allocated })| {
            format!("{size:#x} bytes of memory at {block:#x}, allocated by {allocated}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::on;

    fn is_allocated(address: usize) -> bool {
        blocks().range(..=address).next_back().is_some_and(|(block, it)| address < block + it.size)
    }

    #[test]
    fn memory_is_zeroed_whole_pages_until_it_is_deallocated() {
        on("empty", || {
            let address = allocate(Place::Anywhere, PAGE + 1).unwrap();
            // SAFETY: two pages.
            let bytes = unsafe { std::slice::from_raw_parts(address as *const u8, 2 * PAGE) };
            assert!(bytes.iter().all(|&byte| byte == 0));
            assert!(is_allocated(address) && is_allocated(address + 2 * PAGE - 1));
            assert_eq!(deallocate(address, PAGE + 1), IoReturn::SUCCESS);
            assert!(!is_allocated(address) && !is_allocated(address + PAGE));
        });
    }

    #[test]
    fn a_hole_in_a_block_leaves_its_ends() {
        on("empty", || {
            let address = allocate(Place::Anywhere, 3 * PAGE).unwrap();
            assert_eq!(deallocate(address + PAGE, 1), IoReturn::SUCCESS);
            assert!(
                is_allocated(address) && !is_allocated(address + PAGE) && is_allocated(address + 2 * PAGE)
            );
            assert_eq!(deallocate(address, PAGE), IoReturn::SUCCESS);
            assert_eq!(deallocate(address + 2 * PAGE, PAGE), IoReturn::SUCCESS);
            assert!(!is_allocated(address) && !is_allocated(address + 2 * PAGE));
        });
    }

    #[test]
    fn memory_deallocated_twice_is_complained_about_and_left_alone() {
        on("empty", || {
            let address = allocate(Place::Anywhere, PAGE).unwrap();
            deallocate(address, PAGE);
            let before = darwin_calls::complaints();
            assert_eq!(deallocate(address, PAGE), IoReturn::SUCCESS);
            assert!(darwin_calls::complaints() > before);
        });
    }

    #[test]
    fn a_place_that_is_taken_is_no_place() {
        on("empty", || {
            let address = allocate(Place::Anywhere, PAGE).unwrap();
            assert_eq!(allocate(Place::At(address), PAGE), Err(IoReturn::KERN_NO_SPACE));
            deallocate(address, PAGE);
            assert_eq!(allocate(Place::At(address), PAGE), Ok(address));
            deallocate(address, PAGE);
        });
    }

    #[test]
    fn a_range_past_the_end_of_memory_is_refused() {
        on("empty", || {
            assert_eq!(deallocate(usize::MAX - 1, 10), IoReturn::KERN_INVALID_ARGUMENT);
            assert_eq!(allocate(Place::Anywhere, usize::MAX), Err(IoReturn::KERN_NO_SPACE));
        });
    }

    #[test]
    fn what_is_still_allocated_is_reported() {
        on("empty", || {
            let address = allocate_bytes(b"data").unwrap();
            assert!(
                report().iter().any(|line| line.contains(&format!("0x1000 bytes of memory at {address:#x}")))
            );
            deallocate(address, 4);
            assert!(!report().iter().any(|line| line.contains(&format!("{address:#x}"))));
        });
    }
}
