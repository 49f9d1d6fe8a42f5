//! External methods and traps: what the library makes of C's pointers before the call and after it (EM-2 … EM-10).

use crate::abi::*;
use crate::machine::running;
use crate::memory;
use crate::pointers::{copy, deliver, update};
use darwin_calls::{complain, misuse};
use iokit_uc::backend::{Backend, NULL, ScalarOutput, StructureOutput};
use iokit_uc::wire::{INLINE_MAX, SCALARS_MAX};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{ptr, slice};

/// `(size_t)kIOConnectMethodVarOutputSize`
const VARIABLE: usize = usize::MAX - 2;
/// The most words of an asynchronous reference (EM-1).
const REFERENCE_MAX: usize = 8;
/// The most bytes that a descriptor describes (EM-12).
const DESCRIPTOR_MAX: usize = u32::MAX as usize;

/// The count of all calls that pass none. A driver can raise it, for all that follow (EM-9b).
static UNCOUNTED: AtomicU32 = AtomicU32::new(0);

/// The arguments of `IOConnectCallMethod`: what a shape of the call lacks is null and 0.
#[derive(Clone, Copy)]
struct Call {
    connection: mach_port_t,
    selector: u32,
    input: *const u64,
    input_count: u32,
    input_structure: *const c_void,
    input_structure_size: usize,
    output: *mut u64,
    output_count: *mut u32,
    output_structure: *mut c_void,
    output_structure_size: *mut usize,
}

/// What an asynchronous call has besides.
#[derive(Clone, Copy)]
struct Asynchronous {
    wake_port: mach_port_t,
    reference: *const u64,
    reference_count: u32,
}

/// Where the driver's structure goes.
enum Structure<'a> {
    /// Nowhere (EM-3, EM-10).
    None,
    /// Into the reply, and from there to the program.
    Inline(Vec<u8>),
    /// Into the program's memory.
    OutOfLine(&'a mut [u8]),
    /// Into memory of its own (EM-4).
    Variable(Vec<u8>),
    /// Nowhere: it is more than a descriptor takes (EM-12). An asynchronous call refuses variable output as that.
    TooLarge(Vec<u8>),
}

/// What no reply sets the count of scalars to, nor the size of a structure in line (EM-9a): the call has left it alone.
const UNTOUCHED: (u32, usize) = (u32::MAX, usize::MAX);

impl Call {
    /// A call with nothing in it, and no room for an answer.
    const fn to(connection: mach_port_t, selector: u32) -> Self {
        Self {
            connection,
            selector,
            input: ptr::null(),
            input_count: 0,
            input_structure: ptr::null(),
            input_structure_size: 0,
            output: ptr::null_mut(),
            output_count: ptr::null_mut(),
            output_structure: ptr::null_mut(),
            output_structure_size: ptr::null_mut(),
        }
    }

    /// # Safety
    ///
    /// The pointers must be null, or fit to be read or written for the counts that belong to them.
    unsafe fn make(self, asynchronous: Option<Asynchronous>) -> kern_return_t {
        // What goes in is copied, since what comes out may go to the same place.
        // SAFETY: by the caller's promise.
        let (input, input_structure, reference) = unsafe {
            (
                copy_at_most(self.input, self.input_count, SCALARS_MAX, "input"),
                self.input_structure(),
                asynchronous.and_then(|it| it.reference()),
            )
        };
        // SAFETY: by the caller's promise.
        let (mut structure, capacity) =
            unsafe { (self.output_structure(asynchronous.is_some()), self.scalar_capacity()) };
        // Without a wake port a call is not asynchronous (EM-22).
        let refused = matches!(structure, Structure::TooLarge(_)).then_some(NULL);
        let wake_port = asynchronous.map(|it| it.wake_port).or(refused);

        let (mut count, mut size) = UNTOUCHED;
        if let Structure::OutOfLine(bytes) = &structure {
            size = bytes.len();
        }
        let mut scalars = [0; SCALARS_MAX];
        let output = Some(ScalarOutput { buffer: &mut scalars[..capacity], count: &mut count });
        let output_structure = structure.output(&mut size);
        let (running, Self { connection, selector, .. }) = (running(), self);
        let task = running.task();
        let code = match wake_port {
            // SAFETY: whoever reads the wake port is the program, and the reference is its own.
            Some(wake_port) => unsafe {
                task.io_connect_call_async_method(
                    connection,
                    selector,
                    wake_port,
                    reference.as_deref(),
                    &input,
                    &input_structure,
                    output,
                    output_structure,
                )
            },
            None => task.io_connect_call_method(
                connection,
                selector,
                &input,
                &input_structure,
                output,
                output_structure,
            ),
        };
        // SAFETY: by the caller's promise.
        unsafe {
            self.deliver_structure(structure, size);
            self.deliver_scalars(&scalars[..capacity], count);
        }
        code.raw()
    }

    /// # Safety
    ///
    /// As for [`make`](Self::make).
    unsafe fn input_structure(&self) -> Vec<u8> {
        let Self { input_structure, input_structure_size: size, .. } = *self;
        // No descriptor, where more than goes in line needs one (EM-10).
        if input_structure.is_null() && size > INLINE_MAX {
            return Vec::new();
        }
        if size > isize::MAX.cast_unsigned() {
            misuse(format_args!("`inputStruct` cannot have {size:#x} bytes"));
        }
        // SAFETY: by the caller's promise.
        unsafe { copy(input_structure.cast(), size, "inputStruct") }
    }

    /// # Safety
    ///
    /// As for [`make`](Self::make), and nobody else may refer to the output structure for `'a`.
    unsafe fn output_structure<'a>(&self, is_async: bool) -> Structure<'a> {
        let Self { output_structure, output_structure_size, .. } = *self;
        if output_structure_size.is_null() {
            return Structure::None;
        }
        // SAFETY: not null, and so fit to be read.
        match unsafe { output_structure_size.read_unaligned() } {
            VARIABLE if !is_async => Structure::Variable(Vec::new()),
            size @ ..=INLINE_MAX => Structure::Inline(vec![0; size]),
            _ if output_structure.is_null() => Structure::None,
            size @ ..=DESCRIPTOR_MAX => {
                // SAFETY: not null, and so fit to be written for its size, which is below `isize::MAX`. Bytes are
                // aligned everywhere, and nobody else refers to them.
                Structure::OutOfLine(unsafe { slice::from_raw_parts_mut(output_structure.cast(), size) })
            }
            _ => Structure::TooLarge(Vec::new()),
        }
    }

    /// How many scalars there is room for (EM-5, EM-7).
    ///
    /// # Safety
    ///
    /// As for [`make`](Self::make).
    unsafe fn scalar_capacity(&self) -> usize {
        let count = if self.output_count.is_null() {
            UNCOUNTED.load(Ordering::Relaxed)
        } else {
            // SAFETY: not null, and so fit to be read.
            unsafe { self.output_count.read_unaligned() }
        };
        SCALARS_MAX.min(count as usize)
    }

    /// # Safety
    ///
    /// As for [`make`](Self::make).
    unsafe fn deliver_structure(&self, structure: Structure<'_>, size: usize) {
        // SAFETY: by the caller's promise; there is a size where there is a structure.
        unsafe {
            let size = match structure {
                Structure::Inline(bytes) if size != UNTOUCHED.1 => {
                    let delivered = &bytes[..bytes.len().min(size)];
                    deliver(delivered, self.output_structure.cast(), "outputStruct");
                    size
                }
                Structure::OutOfLine(_) => size,
                Structure::Variable(bytes) => {
                    let memory = if bytes.is_empty() { Ok(0) } else { memory::allocate_bytes(&bytes) };
                    let memory = memory.unwrap_or_else(|code| misuse(format_args!("no memory: {code}")));
                    update(self.output_structure.cast(), "outputStruct", |pointer| *pointer = memory);
                    bytes.len()
                }
                Structure::None | Structure::Inline(_) | Structure::TooLarge(_) => return,
            };
            self.output_structure_size.write_unaligned(size);
        }
    }

    /// # Safety
    ///
    /// As for [`make`](Self::make).
    unsafe fn deliver_scalars(&self, scalars: &[u64], count: u32) {
        if count == UNTOUCHED.0 {
            return;
        }
        let delivered = &scalars[..scalars.len().min(count as usize)];
        // SAFETY: by the caller's promise.
        unsafe { deliver(delivered, self.output, "output") };
        if !self.output_count.is_null() {
            // SAFETY: not null, and so fit to be written.
            return unsafe { self.output_count.write_unaligned(count) };
        }
        UNCOUNTED.store(count, Ordering::Relaxed);
        if count > 0 {
            complain(format_args!(
                "the driver returned scalars where `outputCnt` is null: all later calls without it have room for {count}"
            ));
        }
    }
}

impl Structure<'_> {
    fn output<'b>(&'b mut self, size: &'b mut usize) -> Option<StructureOutput<'b>> {
        match self {
            Self::None => None,
            Self::Inline(bytes) => Some(StructureOutput::Buffer { bytes, size }),
            Self::OutOfLine(bytes) => Some(StructureOutput::Buffer { bytes, size }),
            Self::Variable(bytes) | Self::TooLarge(bytes) => Some(StructureOutput::Variable(bytes)),
        }
    }
}

impl Asynchronous {
    /// None for null and 0, which stand for one word of the library's (AS-1).
    ///
    /// # Safety
    ///
    /// `reference` must be null or fit to be read for its count.
    unsafe fn reference(&self) -> Option<Vec<u64>> {
        let Self { reference, reference_count, .. } = *self;
        let is_given = !reference.is_null() || reference_count > 0;
        // SAFETY: by the caller's promise.
        is_given.then(|| unsafe { copy_at_most(reference, reference_count, REFERENCE_MAX, "reference") })
    }
}

/// A copy of `count` words. Of more than `limit` the stub reads none, and refuses them (EM-6): as one more than that.
///
/// # Safety
///
/// `words` must be null or fit to be read for `count` words.
unsafe fn copy_at_most(words: *const u64, count: u32, limit: usize, argument: &str) -> Vec<u64> {
    match count as usize {
        // SAFETY: by the caller's promise.
        count if count <= limit => unsafe { copy(words, count, argument) },
        _ => vec![0; limit + 1],
    }
}

/// # Safety
///
/// As for [`Call::make`].
#[expect(clippy::too_many_arguments, reason = "as many as the C function has")]
pub(crate) unsafe fn IOConnectCallMethod(
    connection: mach_port_t,
    selector: u32,
    input: *const u64,
    input_count: u32,
    input_structure: *const c_void,
    input_structure_size: usize,
    output: *mut u64,
    output_count: *mut u32,
    output_structure: *mut c_void,
    output_structure_size: *mut usize,
) -> kern_return_t {
    let call = Call {
        connection,
        selector,
        input,
        input_count,
        input_structure,
        input_structure_size,
        output,
        output_count,
        output_structure,
        output_structure_size,
    };
    // SAFETY: the caller's promise is passed on.
    unsafe { call.make(None) }
}

/// # Safety
///
/// As for [`Call::make`].
pub(crate) unsafe fn IOConnectCallStructMethod(
    connection: mach_port_t,
    selector: u32,
    input_structure: *const c_void,
    input_structure_size: usize,
    output_structure: *mut c_void,
    output_structure_size: *mut usize,
) -> kern_return_t {
    let call = Call {
        input_structure,
        input_structure_size,
        output_structure,
        output_structure_size,
        ..Call::to(connection, selector)
    };
    // SAFETY: the caller's promise is passed on.
    unsafe { call.make(None) }
}

/// # Safety
///
/// As for [`Call::make`].
pub(crate) unsafe fn IOConnectCallScalarMethod(
    connection: mach_port_t,
    selector: u32,
    input: *const u64,
    input_count: u32,
    output: *mut u64,
    output_count: *mut u32,
) -> kern_return_t {
    let call = Call { input, input_count, output, output_count, ..Call::to(connection, selector) };
    // SAFETY: the caller's promise is passed on.
    unsafe { call.make(None) }
}

/// # Safety
///
/// As for [`Call::make`].
#[expect(clippy::too_many_arguments, reason = "as many as the C function has")]
pub(crate) unsafe fn IOConnectCallAsyncMethod(
    connection: mach_port_t,
    selector: u32,
    wake_port: mach_port_t,
    reference: *mut u64,
    reference_count: u32,
    input: *const u64,
    input_count: u32,
    input_structure: *const c_void,
    input_structure_size: usize,
    output: *mut u64,
    output_count: *mut u32,
    output_structure: *mut c_void,
    output_structure_size: *mut usize,
) -> kern_return_t {
    let call = Call {
        connection,
        selector,
        input,
        input_count,
        input_structure,
        input_structure_size,
        output,
        output_count,
        output_structure,
        output_structure_size,
    };
    let asynchronous = Asynchronous { wake_port, reference, reference_count };
    // SAFETY: the caller's promise is passed on.
    unsafe { call.make(Some(asynchronous)) }
}

/// # Safety
///
/// As for [`Call::make`].
#[expect(clippy::too_many_arguments, reason = "as many as the C function has")]
pub(crate) unsafe fn IOConnectCallAsyncStructMethod(
    connection: mach_port_t,
    selector: u32,
    wake_port: mach_port_t,
    reference: *mut u64,
    reference_count: u32,
    input_structure: *const c_void,
    input_structure_size: usize,
    output_structure: *mut c_void,
    output_structure_size: *mut usize,
) -> kern_return_t {
    let call = Call {
        input_structure,
        input_structure_size,
        output_structure,
        output_structure_size,
        ..Call::to(connection, selector)
    };
    let asynchronous = Asynchronous { wake_port, reference, reference_count };
    // SAFETY: the caller's promise is passed on.
    unsafe { call.make(Some(asynchronous)) }
}

/// # Safety
///
/// As for [`Call::make`].
#[expect(clippy::too_many_arguments, reason = "as many as the C function has")]
pub(crate) unsafe fn IOConnectCallAsyncScalarMethod(
    connection: mach_port_t,
    selector: u32,
    wake_port: mach_port_t,
    reference: *mut u64,
    reference_count: u32,
    input: *const u64,
    input_count: u32,
    output: *mut u64,
    output_count: *mut u32,
) -> kern_return_t {
    let call = Call { input, input_count, output, output_count, ..Call::to(connection, selector) };
    let asynchronous = Asynchronous { wake_port, reference, reference_count };
    // SAFETY: the caller's promise is passed on.
    unsafe { call.make(Some(asynchronous)) }
}

/// # Safety
///
/// The parameters must be what the driver's trap takes: it may take one for an address.
unsafe fn trap(connect: io_connect_t, index: u32, given: &[uintptr_t]) -> kern_return_t {
    let mut parameters = [0; 6];
    parameters[..given.len()].copy_from_slice(given);
    // SAFETY: by the caller's promise.
    unsafe { running().task().io_connect_trap(connect, index, parameters) }.raw()
}

/// The functions, by their parameters.
macro_rules! traps {
    ($($function:ident($($parameter:ident),*);)*) => {$(
        /// # Safety
        ///
        /// As for [`trap`].
        #[allow(clippy::too_many_arguments, reason = "as many as the C function has")]
        pub(crate) unsafe fn $function(
            connect: io_connect_t,
            index: u32,
            $($parameter: uintptr_t),*
        ) -> kern_return_t {
            // SAFETY: the caller's promise is passed on.
            unsafe { trap(connect, index, &[$($parameter),*]) }
        }
    )*};
}

traps! {
    IOConnectTrap0();
    IOConnectTrap1(p1);
    IOConnectTrap2(p1, p2);
    IOConnectTrap3(p1, p2, p3);
    IOConnectTrap4(p1, p2, p3, p4);
    IOConnectTrap5(p1, p2, p3, p4, p5);
    IOConnectTrap6(p1, p2, p3, p4, p5, p6);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::c::{mach_vm_deallocate, simulated_machine_command};
    use crate::machine::on;
    use darwin_calls::{catch, complaints};
    use iokit_uc::IoReturn;
    use iokit_uc::backend::PortName;
    use iokit_uc_machines::methods::{BYTES_WRITTEN, scalar_written};
    use std::ffi::CStr;

    /// Opens the driver that answers as it is told.
    fn open() -> PortName {
        let (running, mut connect) = (running(), NULL);
        let task = running.task();
        let matching = task.io_service_matching(Some(c"Raw"));
        let service = task.io_service_get_matching_service(NULL, matching.as_ref());
        let code = task.io_service_open(service, task.mach_task_self(), 0, &mut connect);
        assert_eq!(code, IoReturn::SUCCESS);
        connect
    }

    fn ask(command: &CStr, arguments: &[u64]) -> u64 {
        let mut answer = 0;
        // SAFETY: a C string, a slice, a variable.
        let code = unsafe {
            simulated_machine_command(command.as_ptr(), arguments.as_ptr(), arguments.len(), &mut answer)
        };
        assert_eq!(code, 0, "{command:?}");
        answer
    }

    #[test]
    fn em_04_variable_output_is_new_memory_and_after_an_error_none() {
        on("methods", || {
            let mut call = Call::to(open(), 0);
            let (mut pointer, mut size) = (ptr::null::<u8>(), VARIABLE);
            call.output_structure = (&raw mut pointer).cast();
            call.output_structure_size = &raw mut size;
            ask(c"answer_variable", &[5000]);
            // SAFETY: pointers to variables that live.
            assert_eq!(unsafe { call.make(None) }, 0);
            // SAFETY: the call has written that many bytes there.
            assert_eq!(unsafe { slice::from_raw_parts(pointer, size) }, &BYTES_WRITTEN[..5000]);
            let task = running().task().mach_task_self();
            assert_eq!(mach_vm_deallocate(task, pointer.addr() as u64, size as u64), 0);

            ask(c"answer_code", &[u64::from(IoReturn::BUSY.code())]);
            size = VARIABLE;
            // SAFETY: as above.
            assert_eq!(unsafe { call.make(None) }, IoReturn::BUSY.raw());
            assert_eq!((pointer, size), (ptr::null(), 0));
        });
    }

    #[test]
    fn em_12_more_than_a_descriptor_takes_is_refused_before_the_driver_is_asked() {
        on("methods", || {
            let mut call = Call::to(open(), 0);
            let mut byte = 0u8;
            call.output_structure = (&raw mut byte).cast();
            let asynchronous = Asynchronous { wake_port: NULL, reference: ptr::null(), reference_count: 0 };
            for (mut size, asynchronous) in
                [(1 << 32, None), (1 << 32, Some(asynchronous)), (VARIABLE, Some(asynchronous))]
            {
                let before = size;
                call.output_structure_size = &raw mut size;
                // SAFETY: pointers to variables that live; nothing is written past the byte.
                assert_eq!(unsafe { call.make(asynchronous) }, IoReturn::IPC_ERROR.raw());
                assert_eq!(size, before);
            }
            assert_eq!(ask(c"calls", &[]), 0);
        });
    }

    #[test]
    fn em_06_too_many_scalars_are_not_read() {
        on("methods", || {
            let call = Call { input_count: 17, ..Call::to(open(), 0) };
            // SAFETY: null.
            assert_eq!(unsafe { call.make(None) }, IoReturn::MIG_ARRAY_TOO_LARGE.raw());
            assert_eq!(ask(c"calls", &[]), 0);
        });
    }

    #[test]
    fn em_10_null_is_misuse_where_something_is_read_or_written() {
        on("methods", || {
            let to = Call::to(open(), 0);
            let (mut count, mut size) = (2, 8);
            let (count, size) = (&raw mut count, &raw mut size);
            for (call, argument) in [
                (Call { input_count: 1, ..to }, "`input`"),
                (Call { input_structure_size: 4096, ..to }, "`inputStruct`"),
                (Call { output_count: count, ..to }, "`output`"),
                (Call { output_structure_size: size, ..to }, "`outputStruct`"),
            ] {
                // SAFETY: null, or pointers to variables that live.
                let misuse = catch(|| unsafe { call.make(None) }).unwrap_err();
                assert!(misuse.contains(argument), "{misuse}");
            }
        });
    }

    #[test]
    fn em_10_null_is_no_descriptor_where_that_is_needed() {
        on("methods", || {
            let mut size = 4097;
            let call = Call {
                input_structure_size: 4097,
                output_structure_size: &raw mut size,
                ..Call::to(open(), 0)
            };
            // SAFETY: null, or a pointer to a variable that lives.
            assert_eq!(unsafe { call.make(None) }, 0);
            assert_eq!(size, 4097);
            assert_eq!((ask(c"structure_input", &[]), ask(c"structure_room", &[])), (0, 0));
        });
    }

    #[test]
    fn em_09b_scalars_without_a_count_count_for_the_next_call() {
        on("methods", || {
            let call = Call::to(open(), 0);
            ask(c"answer_scalars", &[2]);
            let before = complaints();
            // SAFETY: null.
            assert_eq!(unsafe { call.make(None) }, IoReturn::MIG_ARRAY_TOO_LARGE.raw());
            assert!(complaints() > before);

            let mut scalars = [0; 2];
            let with_room = Call { output: scalars.as_mut_ptr(), ..call };
            // SAFETY: room for two scalars.
            assert_eq!(unsafe { with_room.make(None) }, 0);
            assert_eq!(scalars, [scalar_written(0), scalar_written(1)]);
            // SAFETY: null.
            assert!(catch(|| unsafe { call.make(None) }).unwrap_err().contains("`output`"));

            ask(c"answer_scalars", &[0]);
            // SAFETY: null.
            assert_eq!(unsafe { call.make(None) }, 0);
            assert_eq!(UNCOUNTED.load(Ordering::Relaxed), 0);
        });
    }

    #[test]
    fn a_structure_may_go_out_where_it_came_in() {
        on("methods", || {
            for length in [16, 5000] {
                let (mut bytes, mut size) = (vec![0xaa_u8; length], length);
                let call = Call {
                    input_structure: bytes.as_ptr().cast(),
                    input_structure_size: length,
                    output_structure: bytes.as_mut_ptr().cast(),
                    output_structure_size: &raw mut size,
                    ..Call::to(open(), 0)
                };
                // SAFETY: pointers to memory of that size.
                assert_eq!(unsafe { call.make(None) }, 0);
                assert_eq!(ask(c"structure_input_byte", &[length as u64 - 1]), 0xaa);
                assert_eq!(bytes, &BYTES_WRITTEN[..length]);
            }
        });
    }

    #[test]
    fn em_09_what_came_before_the_overflow_is_delivered() {
        on("methods", || {
            let (mut scalars, mut count, mut bytes, mut size) = ([7; 2], 1, [7u8; 4], 4);
            let call = Call {
                output: scalars.as_mut_ptr(),
                output_count: &raw mut count,
                output_structure: bytes.as_mut_ptr().cast(),
                output_structure_size: &raw mut size,
                ..Call::to(open(), 0)
            };
            ask(c"answer_scalars", &[3]);
            ask(c"answer_structure", &[2]);
            // SAFETY: pointers to variables with room for what their counts say.
            assert_eq!(unsafe { call.make(None) }, IoReturn::MIG_ARRAY_TOO_LARGE.raw());
            assert_eq!((scalars, count), ([scalar_written(0), 7], 3));
            assert_eq!((bytes, size), ([BYTES_WRITTEN[0], BYTES_WRITTEN[1], 7, 7], 2));
        });
    }
}
