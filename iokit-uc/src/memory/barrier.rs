//! The order of accesses to memory of different kinds.

use crate::arch;

/// `OSSynchronizeIO`: what this thread has accessed before, mapped memory and any other, is accessed before what it accesses
/// later, for other processors and for devices.
///
/// A device's registers keep their order among themselves where they are not cached. But what lies in other memory has to be
/// there before the device is told of it, and is looked at only after the device has said that it is done:
///
/// ```
/// use iokit_uc::Mapping;
/// use iokit_uc::memory::{RegMut, WriteOnly, barrier};
///
/// fn post(commands: &mut Mapping<[u64]>, doorbell: &mut RegMut<'_, WriteOnly<u32>>) -> iokit_uc::Result<()> {
///     commands.slice_mut().copy_from_slice(&[1, 2, 3])?;
///     barrier();
///     doorbell.write(1);
///     Ok(())
/// }
/// ```
#[doc(alias = "OSSynchronizeIO")]
#[inline]
pub fn barrier() {
    arch::barrier();
}
