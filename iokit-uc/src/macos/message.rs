//! Messages: received whole, and handed to the library's dispatcher.

use super::{code, pointer};
use crate::backend::{NotificationPortRef, PortName};
use crate::error::IoReturn;
use io_kit_sys::IODispatchCalloutFromMessage;
use mach2::message::*;
use mach2::port::MACH_PORT_NULL;
use std::ffi::c_void;
use std::time::{Duration, Instant};
use std::{ptr, slice};

const HEADER: usize = size_of::<mach_msg_header_t>();
/// Header and count of descriptors.
const BASE: usize = size_of::<mach_msg_base_t>();
const DESCRIPTOR: usize = size_of::<mach_msg_port_descriptor_t>();
/// What the kernel puts behind a message that is received without options for more.
const TRAILER: usize = size_of::<mach_msg_trailer_t>();

/// Memory for so many bytes at least, aligned as C wants its messages. None if there is not so much.
fn allocate(size: usize) -> Option<Vec<u64>> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(size.div_ceil(size_of::<u64>())).ok()?;
    Some(memory)
}

/// [`Backend::mach_msg_receive`](crate::backend::Backend::mach_msg_receive)
pub(super) fn receive(
    port: PortName,
    message: &mut Vec<u8>,
    limit: usize,
    timeout: Option<Duration>,
) -> IoReturn {
    message.clear();
    let size = limit.saturating_add(TRAILER).try_into().unwrap_or(mach_msg_size_t::MAX);
    // A message that is too large leaves a header behind, whatever the limit.
    let Some(mut memory) = allocate((size as usize).max(BASE + TRAILER)) else { return IoReturn::NO_MEMORY };
    let header = memory.as_mut_ptr().cast::<mach_msg_header_t>();

    // SAFETY: there is room for `size` bytes, and for a header and a trailer.
    let returned = unsafe { receive_into(header, size, port, timeout) };
    if returned & !MACH_MSG_MASK == MACH_RCV_HEADER_ERROR {
        // There was no room for the name of the port to answer to: the kernel has destroyed the message (P-2a).
        return IoReturn::MACH_RCV_BODY_ERROR;
    }
    if returned & !MACH_MSG_MASK == MACH_RCV_BODY_ERROR {
        // SAFETY: what there was room for has been received, a whole message with null where a right should be.
        unsafe { mach_msg_destroy(header) };
        return IoReturn::MACH_RCV_BODY_ERROR;
    }
    if returned != MACH_MSG_SUCCESS {
        return code(returned);
    }
    // SAFETY: the kernel has written a message to `header`, of the size that it says, which is at most `limit`.
    match unsafe { received(header.cast()) } {
        Ok(received) => {
            message.extend_from_slice(received);
            IoReturn::SUCCESS
        }
        Err(code) => code,
    }
}

/// The message at `message`, if it carries nothing but port rights. One that carries memory is destroyed, with
/// `MACH_RCV_BODY_ERROR`.
///
/// # Safety
///
/// There must be a message as it was received, for as long as `'a`. Nobody may have taken a right or memory of it, nor do so
/// after an error.
pub(crate) unsafe fn received<'a>(message: *mut c_void) -> Result<&'a [u8], IoReturn> {
    let header = message.cast::<mach_msg_header_t>();
    // SAFETY: a message of the size that its header says, by the caller's promise.
    let received = unsafe { slice::from_raw_parts(header.cast::<u8>(), (*header).msgh_size as usize) };
    if carries_only_ports(received) {
        return Ok(received);
    }
    // SAFETY: the message as it was received, by the caller's promise.
    unsafe { mach_msg_destroy(header) };
    Err(IoReturn::MACH_RCV_BODY_ERROR)
}

/// `mach_msg`, until something comes, the port goes or `timeout` is over. `size` includes the trailer.
///
/// # Safety
///
/// At `header` there must be room for `size` bytes, aligned as C wants its messages, and for a header with a trailer, which C
/// writes where `size` is too little.
unsafe fn receive_into(
    header: *mut mach_msg_header_t,
    size: mach_msg_size_t,
    port: PortName,
    timeout: Option<Duration>,
) -> mach_msg_return_t {
    // What no clock can tell is as good as never.
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let left = || deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    loop {
        let (options, milliseconds) = match left() {
            None => (MACH_RCV_MSG, MACH_MSG_TIMEOUT_NONE),
            Some(left) => (MACH_RCV_MSG | MACH_RCV_TIMEOUT, milliseconds(left)),
        };
        // SAFETY: takes any name, and writes to `header` what the caller has room for.
        let returned = unsafe { mach_msg(header, options, 0, size, port, milliseconds, 0) };
        match returned {
            MACH_RCV_INTERRUPTED => {}
            // More time than C can count.
            MACH_RCV_TIMED_OUT if left() > Some(Duration::ZERO) => {}
            _ => return returned,
        }
    }
}

/// [`Backend::mach_msg_send_empty`](crate::backend::Backend::mach_msg_send_empty)
pub(super) fn send_empty(port: PortName, id: i32) -> IoReturn {
    let mut header = mach_msg_header_t {
        msgh_bits: MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
        msgh_size: HEADER as mach_msg_size_t,
        msgh_remote_port: port,
        msgh_local_port: MACH_PORT_NULL,
        msgh_voucher_port: MACH_PORT_NULL,
        msgh_id: id,
    };
    let options = MACH_SEND_MSG | MACH_SEND_TIMEOUT;
    // SAFETY: takes any name, and reads the header, which is all that the message has.
    let returned =
        unsafe { mach_msg(&mut header, options, header.msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL) };
    code(returned)
}

/// Not less than the time, unless that is too much for C.
fn milliseconds(time: Duration) -> mach_msg_timeout_t {
    time.as_nanos().div_ceil(1_000_000).try_into().unwrap_or(mach_msg_timeout_t::MAX)
}

/// Whether all descriptors of a message are of port rights.
fn carries_only_ports(message: &[u8]) -> bool {
    let word =
        |at: usize| message.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_ne_bytes);
    if word(0).is_none_or(|bits| bits & MACH_MSGH_BITS_COMPLEX == 0) {
        return true;
    }
    let (Some(count), Some(descriptors)) = (word(HEADER), message.get(BASE..)) else { return false };
    // The kind is at the same place in descriptors of all kinds.
    let ports = descriptors
        .chunks_exact(DESCRIPTOR)
        .take_while(|descriptor| u32::from(descriptor[DESCRIPTOR - 1]) == MACH_MSG_PORT_DESCRIPTOR);
    ports.take(count as usize).count() == count as usize
}

/// `IODispatchCalloutFromMessage`: calls the C function that slot 1 of the message's reference holds, with slot 2 and
/// what has come (AS-8 … AS-12), and gives back the rights that the message carries. On macOS alone.
///
/// For drivers and services whose callbacks are written in C; this crate's own
/// [`NotificationPort`](crate::NotificationPort) never calls through a message. `port` is where the message came from.
/// `message` is left empty. One that is no notification of I/O Kit's calls nothing.
///
/// ```no_run
/// # use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT};
/// # use iokit_uc::io_dispatch_callout_from_message;
/// # let kernel = iokit_uc::Kernel::host().expect("this is macOS");
/// let port = kernel.io_notification_port_create(MAIN_PORT_DEFAULT).expect("a port is left");
/// // SAFETY: `port` has just been made.
/// let name = unsafe { kernel.io_notification_port_get_mach_port(port) };
/// // … calls and registrations with callbacks …
/// let mut message = Vec::new();
/// while kernel.mach_msg_receive(name, &mut message, 8192, None).is_success() {
///     // SAFETY: the message has just come to `port`, where only calls with callbacks were made.
///     unsafe { io_dispatch_callout_from_message(port, &mut message) };
/// }
/// ```
///
/// # Safety
///
/// `port` must come from [`io_notification_port_create`] and not be destroyed yet. `message` must be as
/// [`mach_msg_receive`] has left it, and no right in it may have been released. Of every asynchronous call and
/// registration that sends to the port, slot 1 of the reference must be a function of C of the type that IOKitLib expects
/// there — for a completion that is by the number of its arguments, which the driver chooses (AS-10) —, and that function
/// must be fit to be called with slot 2 on this thread.
///
/// [`io_notification_port_create`]: crate::backend::Backend::io_notification_port_create
/// [`mach_msg_receive`]: crate::backend::Backend::mach_msg_receive
pub unsafe fn io_dispatch_callout_from_message(port: NotificationPortRef, message: &mut Vec<u8>) {
    if message.is_empty() {
        return;
    }
    // The argument of an interest notification is read as eight bytes, of which some may be the trailer's (AS-11).
    message.resize(message.len() + TRAILER, 0);
    let mut memory = vec![0_u64; message.len().div_ceil(size_of::<u64>())];
    let bytes = memory.as_mut_ptr().cast::<u8>();
    // SAFETY: there is room for as many bytes, in memory of their own.
    unsafe { bytes.copy_from_nonoverlapping(message.as_ptr(), message.len()) };
    message.clear();
    // SAFETY: a message as it was received, by the caller's promise, at an address that suits it. The caller vouches for
    // what is called.
    unsafe { IODispatchCalloutFromMessage(ptr::null_mut(), bytes.cast(), pointer(port).cast()) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortRight};
    use crate::macos::{Host, task};

    const NOW: Option<Duration> = Some(Duration::ZERO);

    fn port() -> PortName {
        let mut name = NULL;
        assert_eq!(Host.mach_port_allocate(PortRight::Receive, &mut name), IoReturn::SUCCESS);
        name
    }

    fn close(port: PortName) {
        // SAFETY: the test's own reference, and nothing is mapped through it.
        assert_eq!(unsafe { Host.mach_port_mod_refs(port, PortRight::Receive, -1) }, IoReturn::SUCCESS);
    }

    /// Sends `body` after a header.
    fn send(port: PortName, id: i32, body: &[u8]) {
        let size = HEADER + body.len();
        let mut memory = allocate(size).unwrap();
        let header = memory.as_mut_ptr().cast::<mach_msg_header_t>();
        // SAFETY: there is room for header and body.
        let returned = unsafe {
            *header = mach_msg_header_t {
                msgh_bits: MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
                msgh_size: size as u32,
                msgh_remote_port: port,
                msgh_id: id,
                ..Default::default()
            };
            header.add(1).cast::<u8>().copy_from_nonoverlapping(body.as_ptr(), body.len());
            mach_msg(header, MACH_SEND_MSG, size as u32, 0, 0, 0, 0)
        };
        assert_eq!(returned, MACH_MSG_SUCCESS);
    }

    #[test]
    fn a_message_comes_with_its_header_and_without_its_trailer() {
        let port = port();
        send(port, 99, b"twelve bytes");
        let mut message = vec![7; 100];
        assert_eq!(receive(port, &mut message, 36, None), IoReturn::SUCCESS);
        let words: Vec<_> =
            message[..24].chunks(4).map(|word| u32::from_ne_bytes(word.try_into().unwrap())).collect();
        assert_eq!(words, [MACH_MSGH_BITS(0, MACH_MSG_TYPE_MOVE_SEND), 36, NULL, port, 0, 99]);
        assert_eq!(message[24..], *b"twelve bytes");
        close(port);
    }

    #[test]
    fn a_message_too_large_is_lost() {
        let port = port();
        for limit in [35, 23, 0] {
            send(port, 99, b"twelve bytes");
            let mut message = vec![7];
            assert_eq!(receive(port, &mut message, limit, NOW), IoReturn::MACH_RCV_TOO_LARGE);
            assert!(message.is_empty());
            assert_eq!(receive(port, &mut message, 100, NOW), IoReturn::MACH_RCV_TIMED_OUT);
        }
        close(port);
    }

    #[test]
    fn only_a_receive_right_receives() {
        let mut message = vec![7];
        for name in [NULL, task(), 0xdead_0003] {
            assert_eq!(receive(name, &mut message, 100, NOW), IoReturn::MACH_RCV_INVALID_NAME);
            assert!(message.is_empty());
        }
    }

    #[test]
    fn a_timeout_is_not_cut_short() {
        for (time, expected) in [
            (Duration::ZERO, 0),
            (Duration::from_nanos(1), 1),
            (Duration::from_millis(3), 3),
            (Duration::from_micros(3001), 4),
            (Duration::MAX, u32::MAX),
        ] {
            assert_eq!(milliseconds(time), expected);
        }
        let (port, began) = (port(), Instant::now());
        let time = Duration::from_micros(1500);
        assert_eq!(receive(port, &mut Vec::new(), 100, Some(time)), IoReturn::MACH_RCV_TIMED_OUT);
        assert!(began.elapsed() >= time);
        close(port);
    }

    extern "C" fn add_up(sum: *mut i64, result: i32, first: i64, second: i64) {
        // SAFETY: the test's own variable.
        unsafe { *sum += i64::from(result) + first + second };
    }

    #[test]
    fn as_10_a_completion_calls_the_function_of_its_reference() {
        let port = Host.io_notification_port_create(MAIN_PORT_DEFAULT).unwrap();
        // SAFETY: it has just been made.
        let name = unsafe { Host.io_notification_port_get_mach_port(port) };
        let mut sum = 0_i64;
        let function = add_up as extern "C" fn(*mut i64, i32, i64, i64);
        let mut reference = [0; 8];
        (reference[1], reference[2]) = (function as usize as u64, (&raw mut sum).expose_provenance() as u64);
        let completion = |kind: u32| {
            let mut body = [20, kind].map(u32::to_ne_bytes).concat();
            reference.iter().for_each(|word| body.extend(word.to_ne_bytes()));
            body.extend(3_i32.to_ne_bytes());
            [40_i64, 500].iter().for_each(|argument| body.extend(argument.to_ne_bytes()));
            body.extend([0; 4]);
            body
        };
        // A completion, one of another identifier, and a notification of no type.
        for (id, kind, expected) in [(53, 150, 543), (57, 150, 543), (53, 199, 543), (53, 150, 1086)] {
            send(name, id, &completion(kind));
            let mut message = Vec::new();
            assert_eq!(Host.mach_msg_receive(name, &mut message, 8192, NOW), IoReturn::SUCCESS);
            // SAFETY: the message has just come, and the function is one for two arguments.
            unsafe { io_dispatch_callout_from_message(port, &mut message) };
            assert!(message.is_empty());
            assert_eq!(sum, expected);
            // SAFETY: of no message there is nothing to call.
            unsafe { io_dispatch_callout_from_message(port, &mut message) };
            assert_eq!(sum, expected);
        }
        // SAFETY: it is used no more.
        unsafe { Host.io_notification_port_destroy(port) };
    }

    #[test]
    fn a_descriptor_of_memory_is_told_from_those_of_ports() {
        let message = |bits: u32, kinds: &[u8]| {
            let mut message = bits.to_ne_bytes().to_vec();
            message.resize(HEADER, 0);
            message.extend((kinds.len() as u32).to_ne_bytes());
            for &kind in kinds {
                message.extend([0; DESCRIPTOR - 1]);
                message.push(kind);
            }
            message
        };
        assert!(carries_only_ports(&message(0, &[1])));
        assert!(carries_only_ports(&message(MACH_MSGH_BITS_COMPLEX, &[])));
        assert!(carries_only_ports(&message(MACH_MSGH_BITS_COMPLEX, &[0, 0])));
        for kind in 1..=4 {
            assert!(!carries_only_ports(&message(MACH_MSGH_BITS_COMPLEX, &[0, kind])));
        }
        let cut = message(MACH_MSGH_BITS_COMPLEX, &[0, 0]);
        assert!(!carries_only_ports(&cut[..BASE + DESCRIPTOR]));
        assert!(!carries_only_ports(&cut[..HEADER]));
    }
}
