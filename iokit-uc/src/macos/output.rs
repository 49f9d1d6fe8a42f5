//! Where an external method's output goes, and how much of it C says there is.

use super::task;
use crate::backend::{ScalarOutput, StructureOutput};
use crate::error::IoReturn;
use crate::wire::INLINE_MAX;
use io_kit_sys::types::kIOConnectMethodVarOutputSize;
use mach2::vm::mach_vm_deallocate;
use std::ffi::c_void;
use std::{ptr, slice};

/// `(size_t) kIOConnectMethodVarOutputSize`. No buffer has this size: it is above `isize::MAX`.
const VARIABLE_SIZE: usize = kIOConnectMethodVarOutputSize as usize;

const _: () = assert!(VARIABLE_SIZE == usize::MAX - 2);

/// The last four arguments of `IOConnectCallMethod`, good for one call.
///
/// `scalars` has room for `*scalar_count` scalars. `structure` has room for `*structure_size` bytes, or for a pointer
/// if that is [`VARIABLE_SIZE`]; if the driver is to return no structure, both are null.
pub(super) struct Pointers {
    pub(super) scalars: *mut u64,
    pub(super) scalar_count: *mut u32,
    pub(super) structure: *mut c_void,
    pub(super) structure_size: *mut usize,
}

/// A count of scalars for C. What does not fit is too much for C, and so is what it becomes.
pub(super) fn count(length: usize) -> u32 {
    length.try_into().unwrap_or(u32::MAX)
}

/// Has `call` write output, and passes on what it wrote.
pub(super) fn receive(
    mut output: Option<ScalarOutput<'_>>,
    mut output_structure: Option<StructureOutput<'_>>,
    call: impl FnOnce(Pointers) -> IoReturn,
) -> IoReturn {
    // A count of 0 where a null pointer would do (EM-5): for that, C has one count for all threads, which a driver
    // can raise for all later calls (EM-9b).
    let scalars = output.as_mut().map_or(&mut [][..], |output| &mut *output.buffer);
    let scalar_capacity = count(scalars.len());
    let mut scalar_count = scalar_capacity;

    let mut memory: *mut c_void = ptr::null_mut();
    let (structure, structure_capacity) = match &mut output_structure {
        None => (ptr::null_mut(), 0),
        Some(StructureOutput::Buffer { bytes, .. }) => (bytes.as_mut_ptr().cast(), bytes.len()),
        Some(StructureOutput::Variable(_)) => ((&raw mut memory).cast(), VARIABLE_SIZE),
    };
    let mut structure_size = structure_capacity;

    let code = call(Pointers {
        scalars: scalars.as_mut_ptr(),
        scalar_count: &raw mut scalar_count,
        structure,
        structure_size: if structure.is_null() { ptr::null_mut() } else { &raw mut structure_size },
    });

    // The counts went in as capacities. After an error they are the driver's only in EM-9, and there not always both.
    let too_large = code == IoReturn::MIG_ARRAY_TOO_LARGE;
    let scalars_too_large = too_large && scalar_count > scalar_capacity;
    let structure_too_large = too_large && structure_size > structure_capacity;

    if let Some(output) = output
        && (code.is_success() || scalars_too_large)
    {
        *output.count = scalar_count;
    }
    match output_structure {
        None => {}
        Some(StructureOutput::Buffer { size, .. }) => {
            let inline = structure_capacity <= INLINE_MAX;
            if code.is_success() || structure_too_large || scalars_too_large && inline {
                *size = structure_size;
            }
        }
        Some(StructureOutput::Variable(bytes)) => {
            bytes.clear();
            if !memory.is_null() {
                // SAFETY: a pointer that C has set, in EM-4, is to `structure_size` bytes that are this task's own.
                let returned = unsafe { slice::from_raw_parts(memory.cast::<u8>(), structure_size) };
                if code.is_success() {
                    bytes.extend_from_slice(returned);
                }
                // SAFETY: the memory came to this task with the reply and is the caller's to free (EM-16). Nothing
                // refers to it any more. It cannot fail for memory that is mapped.
                unsafe { mach_vm_deallocate(task(), memory.addr() as u64, structure_size as u64) };
            }
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What C may have done before it returned `code`: written to the counts, or not.
    fn returned(
        code: IoReturn,
        scalar_count: Option<u32>,
        structure_size: Option<usize>,
    ) -> (IoReturn, u32, usize) {
        let (mut scalars, mut bytes) = ([0; 2], [0; 4]);
        let (mut count, mut size) = (77, 77);
        let code = receive(
            Some(ScalarOutput { buffer: &mut scalars, count: &mut count }),
            Some(StructureOutput::Buffer { bytes: &mut bytes, size: &mut size }),
            |to| {
                // SAFETY: `receive` gives two pointers that can be read and written.
                unsafe {
                    assert_eq!((*to.scalar_count, *to.structure_size), (2, 4));
                    scalar_count.inspect(|&count| *to.scalar_count = count);
                    structure_size.inspect(|&size| *to.structure_size = size);
                }
                code
            },
        );
        (code, count, size)
    }

    #[test]
    fn em_14_the_driver_s_counts_come_back() {
        assert_eq!(returned(IoReturn::SUCCESS, Some(1), Some(3)), (IoReturn::SUCCESS, 1, 3));
        assert_eq!(returned(IoReturn::SUCCESS, Some(2), Some(4)), (IoReturn::SUCCESS, 2, 4));
    }

    #[test]
    fn em_08_an_error_leaves_the_counts_alone() {
        assert_eq!(returned(IoReturn::NOT_OPEN, None, None), (IoReturn::NOT_OPEN, 77, 77));
    }

    #[test]
    fn em_06_too_much_input_leaves_the_counts_alone() {
        let code = IoReturn::MIG_ARRAY_TOO_LARGE;
        assert_eq!(returned(code, None, None), (code, 77, 77));
    }

    #[test]
    fn em_09_a_structure_too_large_hides_the_scalars() {
        let code = IoReturn::MIG_ARRAY_TOO_LARGE;
        assert_eq!(returned(code, None, Some(5)), (code, 77, 5));
    }

    #[test]
    fn em_09_scalars_too_many_come_after_the_structure() {
        let code = IoReturn::MIG_ARRAY_TOO_LARGE;
        assert_eq!(returned(code, Some(3), Some(1)), (code, 3, 1));
        assert_eq!(returned(code, Some(3), Some(4)), (code, 3, 4));
    }

    #[test]
    fn em_03_no_structure_output_is_two_null_pointers() {
        let code = receive(None, None, |to| {
            assert!(to.structure.is_null() && to.structure_size.is_null());
            IoReturn::SUCCESS
        });
        assert_eq!(code, IoReturn::SUCCESS);
    }

    #[test]
    fn em_09b_no_scalar_output_is_a_count_of_its_own() {
        let code = receive(None, None, |to| {
            assert!(!to.scalars.is_null());
            // SAFETY: `receive` gives a pointer to a count, always.
            assert_eq!(unsafe { *to.scalar_count }, 0);
            IoReturn::SUCCESS
        });
        assert_eq!(code, IoReturn::SUCCESS);
    }

    #[test]
    fn em_04_a_variable_output_is_none_after_an_error() {
        let mut bytes = vec![1, 2, 3];
        let code = receive(None, Some(StructureOutput::Variable(&mut bytes)), |to| {
            // SAFETY: `receive` gives a pointer to a size.
            unsafe {
                assert_eq!(*to.structure_size, VARIABLE_SIZE);
                *to.structure_size = 0;
            }
            IoReturn::NOT_OPEN
        });
        assert_eq!((code, &*bytes), (IoReturn::NOT_OPEN, &[][..]));
    }

    #[test]
    fn em_04_a_variable_output_is_copied_and_freed() {
        let mut bytes = vec![1, 2, 3];
        let mut address = 0;
        let code = receive(None, Some(StructureOutput::Variable(&mut bytes)), |to| {
            // SAFETY: as the library does it: new memory, its address where the structure goes, its size to the size.
            unsafe {
                let flags = mach2::vm_statistics::VM_FLAGS_ANYWHERE;
                assert_eq!(mach2::vm::mach_vm_allocate(task(), &mut address, 5000, flags), 0);
                (address as *mut u8).write_bytes(7, 5000);
                to.structure.cast::<*mut u8>().write(address as *mut u8);
                to.structure_size.write(5000);
            }
            IoReturn::SUCCESS
        });
        assert_eq!((code, &*bytes), (IoReturn::SUCCESS, &[7; 5000][..]));
    }
}
