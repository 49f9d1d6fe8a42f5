//! `libkern/OSAtomic.h`: the atomic operations from before C had its own.

use std::ffi::c_int;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering, fence};

use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    exports![
        add_32 as "OSAtomicAdd32",
        add_32 as "OSAtomicAdd32Barrier",
        add_64 as "OSAtomicAdd64",
        add_64 as "OSAtomicAdd64Barrier",
        increment_32 as "OSAtomicIncrement32",
        increment_32 as "OSAtomicIncrement32Barrier",
        increment_64 as "OSAtomicIncrement64",
        increment_64 as "OSAtomicIncrement64Barrier",
        decrement_32 as "OSAtomicDecrement32",
        decrement_32 as "OSAtomicDecrement32Barrier",
        decrement_64 as "OSAtomicDecrement64",
        decrement_64 as "OSAtomicDecrement64Barrier",
        swap_32 as "OSAtomicCompareAndSwap32",
        swap_32 as "OSAtomicCompareAndSwap32Barrier",
        swap_32 as "OSAtomicCompareAndSwapInt",
        swap_32 as "OSAtomicCompareAndSwapIntBarrier",
        swap_64 as "OSAtomicCompareAndSwap64",
        swap_64 as "OSAtomicCompareAndSwap64Barrier",
        swap_64 as "OSAtomicCompareAndSwapLong",
        swap_64 as "OSAtomicCompareAndSwapLongBarrier",
        swap_64 as "OSAtomicCompareAndSwapPtr",
        swap_64 as "OSAtomicCompareAndSwapPtrBarrier",
        barrier as "OSMemoryBarrier",
    ]
}

/// Defines the operations on integers of a size. All are barriers, which those without one in their names may be.
macro_rules! operations {
    ($($integer:ty, $atomic:ty, $add:ident, $increment:ident, $decrement:ident, $swap:ident;)*) => {$(
        extern "C" fn $add(amount: $integer, value: &$atomic) -> $integer {
            value.fetch_add(amount, Ordering::SeqCst).wrapping_add(amount)
        }

        extern "C" fn $increment(value: &$atomic) -> $integer {
            $add(1, value)
        }

        extern "C" fn $decrement(value: &$atomic) -> $integer {
            $add(-1, value)
        }

        extern "C" fn $swap(old: $integer, new: $integer, value: &$atomic) -> c_int {
            value.compare_exchange(old, new, Ordering::SeqCst, Ordering::SeqCst).is_ok().into()
        }
    )*};
}

operations! {
    i32, AtomicI32, add_32, increment_32, decrement_32, swap_32;
    i64, AtomicI64, add_64, increment_64, decrement_64, swap_64;
}

extern "C" fn barrier() {
    fence(Ordering::SeqCst);
}
