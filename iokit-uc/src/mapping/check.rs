//! What is checked once, so that views need not.

use crate::backend::{Backend, VM_PROT_READ, VM_PROT_WRITE};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::Kernel;
use crate::memory::{Access, MappedLayout};
use crate::service::Service;

/// The size of memory at `address`, if a `T` can lie there.
pub(super) fn size<T: ?Sized + MappedLayout>(call: Call, address: usize, size: u64) -> Result<usize> {
    const { assert!(T::ELEMENT != 0, "elements without a size cannot be counted") };
    let wrong = |code, detail| Err(Error::new(call, code).with_detail(detail));
    if address == 0 {
        return wrong(IoReturn::IPC_ERROR, Detail::Text("success, but no address came with it".into()));
    }
    let bytes = usize::try_from(size).ok().filter(|&bytes| {
        // No more than a slice could have, which pointers can be moved within.
        bytes <= isize::MAX as usize && address.checked_add(bytes).is_some()
    });
    let Some(bytes) = bytes else {
        return wrong(IoReturn::IPC_ERROR, Detail::MemoryRange { address: address as u64, size });
    };
    let least = T::SIZE.max(1);
    if bytes < least {
        return wrong(IoReturn::IPC_ERROR, Detail::MemorySize { actual: size, least: least as u64 });
    }
    if !bytes.is_multiple_of(T::ELEMENT) {
        let element = T::ELEMENT as u64;
        return wrong(IoReturn::IPC_ERROR, Detail::MemoryElements { actual: size, element });
    }
    if !address.is_multiple_of(T::ALIGN) {
        let (address, alignment) = (address as u64, T::ALIGN as u64);
        return wrong(IoReturn::NOT_ALIGNED, Detail::MemoryAlignment { address, alignment });
    }
    Ok(bytes)
}

/// Whether memory that this task has mapped can be accessed as `A` says.
pub(super) fn access<A: Access>(kernel: &Kernel, call: Call, address: usize, size: usize) -> Result<()> {
    let wrong = |code, reason: &str| Err(Error::new(call, code).with_detail(Detail::Text(reason.into())));
    let (mut at, end) = (address as u64, address as u64 + size as u64);
    // One region, unless the kernel has put together what it mapped.
    while at < end {
        let (mut start, mut bytes, mut protection) = (at, 0, 0);
        let code = kernel.mach_vm_region(&mut start, &mut bytes, &mut protection);
        if !code.is_success() || start > at || start.saturating_add(bytes) <= at {
            return wrong(IoReturn::NOT_READABLE, "there is no memory where the kernel says that it is");
        }
        if protection & VM_PROT_READ == 0 {
            return wrong(IoReturn::NOT_READABLE, "the memory cannot be read");
        }
        if !A::IS_READ_ONLY && protection & VM_PROT_WRITE == 0 {
            let reason = "the driver lets tasks only read the memory: it is a mapping with `ReadOnlyAccess`";
            return wrong(IoReturn::NOT_WRITABLE, reason);
        }
        at = start.saturating_add(bytes);
    }
    Ok(())
}

/// Whether the connection, asked for its service, still has a user client: neither is its name dead, nor does it denote what is
/// left of one (TERM-6), of which the kernel itself says what no driver's `getService` does.
pub(super) fn connected(call: Call, service: Result<Service>) -> Result<()> {
    match service.map_err(|error| error.code()) {
        Err(IoReturn::BAD_ARGUMENT | IoReturn::MACH_SEND_INVALID_DEST) => {
            let detail = "the service was terminated while its memory was mapped";
            Err(Error::new(call, IoReturn::NO_DEVICE).with_detail(Detail::Text(detail.into())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: Call = Call::Function("IOConnectMapMemory64");

    fn detail<T: ?Sized + MappedLayout>(address: usize, bytes: u64) -> Option<Detail> {
        size::<T>(CALL, address, bytes).unwrap_err().detail().cloned()
    }

    #[test]
    fn memory_that_fits_has_the_size_that_the_kernel_says() {
        assert_eq!(size::<[u8]>(CALL, 1, 7), Ok(7));
        assert_eq!(size::<[u64]>(CALL, 16, 24), Ok(24));
    }

    #[test]
    fn memory_without_an_address_or_a_byte_is_refused() {
        assert!(matches!(detail::<[u8]>(0, 8), Some(Detail::Text(_))));
        assert_eq!(detail::<[u8]>(8, 0), Some(Detail::MemorySize { actual: 0, least: 1 }));
    }

    #[test]
    fn memory_past_the_end_of_the_address_space_is_refused() {
        for (address, bytes) in [(usize::MAX, 1), (8, u64::MAX), (8, isize::MAX as u64 + 1)] {
            let expected = Detail::MemoryRange { address: address as u64, size: bytes };
            assert_eq!(detail::<[u8]>(address, bytes), Some(expected));
        }
    }

    #[test]
    fn a_part_of_an_element_is_refused_with_both_figures() {
        let expected = Detail::MemoryElements { actual: 12, element: 8 };
        assert_eq!(detail::<[u64]>(16, 12), Some(expected.clone()));
        let Detail::MemoryElements { element, .. } = expected else { unreachable!() };
        assert_eq!(
            detail::<[u64]>(16, element - 1),
            Some(Detail::MemoryElements { actual: element - 1, element })
        );
    }

    #[test]
    fn an_address_that_does_not_suit_the_type_is_refused_with_both_figures() {
        let expected = Detail::MemoryAlignment { address: 0x1004, alignment: 8 };
        assert_eq!(detail::<[u64]>(0x1004, 8), Some(expected));
        assert_eq!(size::<[u64]>(CALL, 0x1004, 8).unwrap_err(), IoReturn::NOT_ALIGNED);
    }
}
