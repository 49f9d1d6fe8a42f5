//! What one instruction loads or stores.

/// An unsigned integer that one instruction loads or stores: `u8`, `u16`, `u32` or `u64`.
pub trait Word: Copy + Into<u64> + Instructions + 'static {}

impl Word for u8 {}
impl Word for u16 {}
impl Word for u32 {}
impl Word for u64 {}

/// The instructions for one width. Each machine's module has them for all four.
pub trait Instructions: Sized {
    /// # Safety
    ///
    /// As for [`load`](super::load).
    unsafe fn load<const OFFSET: usize>(base: *const u8) -> Self;
    /// # Safety
    ///
    /// As for [`store`](super::store).
    unsafe fn store<const OFFSET: usize>(self, base: *mut u8);
}
