//! What lies in a data queue.

use crate::memory::queue::{Entry, QueueMemory};
use crate::wire::{Layout, Structure};

/// The entries of a data queue: a [`Structure`] that each of them is, or `[u8]` if they have any size.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an entry of a data queue",
    label = "not plain data with a fixed layout",
    note = "derive it: `#[derive(Clone, Copy, Structure)] #[repr(C)]` on `{Self}`",
    note = "entries of any size are `[u8]`"
)]
pub trait QueueEntry: sealed::Sealed {
    /// What is taken out: the structure, or a `Vec<u8>`.
    type Item;

    /// How an entry lies in memory; `None` for entries of any size.
    #[doc(hidden)]
    const LAYOUT: Option<&'static Layout>;

    /// The bytes to put in.
    #[doc(hidden)]
    fn bytes(&self) -> &[u8];

    /// The bytes of an entry, as what they are.
    #[doc(hidden)]
    fn read<M: QueueMemory>(entry: &Entry<'_, M>) -> Result<Self::Item, Misfit>;
}

/// Why an entry cannot be taken for what it is to be.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Misfit {
    Size { expected: usize, actual: usize },
    NoMemory,
}

impl<T: Structure> QueueEntry for T {
    type Item = T;
    const LAYOUT: Option<&'static Layout> = Some(T::LAYOUT);

    #[inline]
    fn bytes(&self) -> &[u8] {
        bytemuck::bytes_of(self)
    }

    #[inline(always)]
    fn read<M: QueueMemory>(entry: &Entry<'_, M>) -> Result<T, Misfit> {
        let misfit = Misfit::Size { expected: size_of::<T>(), actual: entry.len() };
        // SAFETY: all bytes have been written, and any are a `T`, which is plain data (`Pod`).
        entry.read().map(|item| unsafe { item.assume_init() }).ok_or(misfit)
    }
}

impl QueueEntry for [u8] {
    type Item = Vec<u8>;
    const LAYOUT: Option<&'static Layout> = None;

    #[inline]
    fn bytes(&self) -> &[u8] {
        self
    }

    fn read<M: QueueMemory>(entry: &Entry<'_, M>) -> Result<Vec<u8>, Misfit> {
        let mut bytes = Vec::new();
        read_into(entry, &mut bytes)?;
        Ok(bytes)
    }
}

/// Replaces what is in `bytes` by the entry.
pub(super) fn read_into<M: QueueMemory>(entry: &Entry<'_, M>, bytes: &mut Vec<u8>) -> Result<(), Misfit> {
    bytes.clear();
    bytes.try_reserve(entry.len()).map_err(|_| Misfit::NoMemory)?;
    let copied = entry.copy_to(&mut bytes.spare_capacity_mut()[..entry.len()]);
    // SAFETY: so many bytes are initialized by `copy_to`, and there is room for them.
    unsafe { bytes.set_len(copied) };
    Ok(())
}

mod sealed {
    pub trait Sealed {}
    impl<T: crate::wire::Structure> Sealed for T {}
    impl Sealed for [u8] {}
}
