//! `<mach/message.h>`: messages, with send rights in them, between ports that the program receives from.

use crate::abi::*;
use crate::mach_port::{COPY_SEND, MAKE_SEND};
use crate::machine::running;
use crate::ownership::{consumed_right, returned_right};
use darwin_calls::misuse;
use darwin_libsystem::mach::Received;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, DEAD, NULL};
use iokit_uc::sim::{Disposition, Message};
use std::time::Duration;

// Options of `mach_msg`.
pub(crate) const SEND_MSG: mach_msg_option_t = 0x1;
pub(crate) const RCV_MSG: mach_msg_option_t = 0x2;
const RCV_LARGE: mach_msg_option_t = 0x4;
pub(crate) const SEND_TIMEOUT: mach_msg_option_t = 0x10;
const SEND_INTERRUPT: mach_msg_option_t = 0x40;
const RCV_TIMEOUT: mach_msg_option_t = 0x100;
const RCV_INTERRUPT: mach_msg_option_t = 0x400;
const RCV_VOUCHER: mach_msg_option_t = 0x800;
/// Those that are simulated, or change nothing here: no signal interrupts a wait, and no message has a voucher.
const KNOWN: mach_msg_option_t = SEND_MSG
    | RCV_MSG
    | RCV_LARGE
    | SEND_TIMEOUT
    | SEND_INTERRUPT
    | RCV_TIMEOUT
    | RCV_INTERRUPT
    | RCV_VOUCHER;

/// `MACH_MSG_TYPE_MOVE_SEND`, and `MACH_MSG_TYPE_PORT_SEND` of a right received.
const MOVE_SEND: mach_msg_type_name_t = 17;

/// Bits of `msgh_bits`: the kinds of the remote and the local right, and what makes a message complex.
const REMOTE: mach_msg_bits_t = 0x1f;
const LOCAL: mach_msg_bits_t = 0x1f00;
const LOCAL_SHIFT: u32 = 8;
const COMPLEX: mach_msg_bits_t = 0x8000_0000;

const HEADER_SIZE: usize = size_of::<mach_msg_header_t>();
/// `mach_msg_body_t`
const COUNT_SIZE: usize = size_of::<u32>();

/// `mach_msg_trailer_t`: format 0, and its own size.
const TRAILER: [u32; 2] = [0, 8];
pub(crate) const TRAILER_SIZE: usize = size_of_val(&TRAILER);

/// `mach_msg_port_descriptor_t`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct PortDescriptor {
    name: mach_port_t,
    pad1: u32,
    pad2: u16,
    disposition: u8,
    /// `MACH_MSG_PORT_DESCRIPTOR`, which is 0, or that of something else.
    kind: u8,
}

const DESCRIPTOR_SIZE: usize = size_of::<PortDescriptor>();

/// # Safety
///
/// `message` must be to a message that is fit to be read for `send_size` bytes if one is sent, and to be written for
/// `receive_size` bytes if one is received.
pub(crate) unsafe fn mach_msg(
    message: *mut mach_msg_header_t,
    options: mach_msg_option_t,
    send_size: mach_msg_size_t,
    receive_size: mach_msg_size_t,
    receive_name: mach_port_name_t,
    timeout: mach_msg_timeout_t,
    notify: mach_port_name_t,
) -> mach_msg_return_t {
    if options & !KNOWN != 0 || notify != NULL {
        misuse(format_args!("not simulated: the options {options:#x} with the notify port {notify:#x}"));
    }
    if message.is_null() && options & (SEND_MSG | RCV_MSG) != 0 {
        misuse("`msg` is null");
    }
    let limit = |option| (options & option != 0).then(|| Duration::from_millis(timeout.into()));
    let exchange = || {
        // SAFETY: by the caller's promise.
        unsafe {
            if options & SEND_MSG != 0 {
                send(message, send_size as usize, limit(SEND_TIMEOUT))?;
            }
            if options & RCV_MSG != 0 {
                let keep_large = options & RCV_LARGE != 0;
                receive_to(message, receive_size as usize, receive_name, keep_large, limit(RCV_TIMEOUT))?;
            }
        }
        Ok(())
    };
    exchange().err().unwrap_or(IoReturn::SUCCESS).raw()
}

/// # Safety
///
/// `message` must be fit to be read for `size` bytes.
unsafe fn send(
    message: *const mach_msg_header_t,
    size: usize,
    timeout: Option<Duration>,
) -> Result<(), IoReturn> {
    if size < HEADER_SIZE || !size.is_multiple_of(4) {
        return Err(IoReturn::MACH_SEND_MSG_TOO_SMALL);
    }
    // SAFETY: by the caller's promise, a header and what follows it.
    let (header, body) = unsafe {
        let body = message.cast::<u8>().add(HEADER_SIZE);
        (message.read_unaligned(), crate::pointers::copy(body, size - HEADER_SIZE, "msg"))
    };
    let mach_msg_header_t { msgh_bits: bits, msgh_remote_port: to, msgh_local_port: reply, .. } = header;
    if bits & !(REMOTE | LOCAL | COMPLEX) != 0 || header.msgh_voucher_port != NULL {
        misuse(format_args!("not simulated: a message with the bits {bits:#x}"));
    }
    let (descriptors, body) = if bits & COMPLEX == 0 { (Vec::new(), body) } else { descriptors(&body)? };
    let disposition = disposition(bits & REMOTE).ok_or(IoReturn::MACH_SEND_INVALID_HEADER)?;
    let reply_disposition = match ((bits & LOCAL) >> LOCAL_SHIFT, reply) {
        (0, NULL) => Disposition::CopySend,
        (0, _) => return Err(IoReturn::MACH_SEND_INVALID_HEADER),
        (kind, _) => self::disposition(kind).ok_or(IoReturn::MACH_SEND_INVALID_HEADER)?,
    };
    let message = Message { id: header.msgh_id, reply_port: reply, descriptors, body };
    running().task().send_message(to, disposition, reply_disposition, message, timeout).result()?;
    for (name, disposition) in [(to, disposition), (reply, reply_disposition)] {
        if disposition == Disposition::MoveSend && name != NULL {
            consumed_right(name);
        }
    }
    Ok(())
}

/// The names in the descriptors that a message begins with, and what follows them.
fn descriptors(body: &[u8]) -> Result<(Vec<mach_port_t>, Vec<u8>), IoReturn> {
    let (count, rest) = body.split_first_chunk().ok_or(IoReturn::MACH_SEND_MSG_TOO_SMALL)?;
    let size = (u32::from_ne_bytes(*count) as usize).saturating_mul(DESCRIPTOR_SIZE);
    let (descriptors, body) = rest.split_at_checked(size).ok_or(IoReturn::MACH_SEND_MSG_TOO_SMALL)?;
    let name = |descriptor: &[u8]| {
        // SAFETY: as many bytes as a descriptor has, which is made of integers.
        let descriptor = unsafe { descriptor.as_ptr().cast::<PortDescriptor>().read_unaligned() };
        match descriptor {
            PortDescriptor { name, disposition, kind: 0, .. } if u32::from(disposition) == COPY_SEND => name,
            _ => misuse(format_args!("not simulated: {descriptor:?} in a message")),
        }
    };
    Ok((descriptors.chunks_exact(DESCRIPTOR_SIZE).map(name).collect(), body.to_vec()))
}

/// What a kind of right stands for; none if it is no kind that a header can have.
fn disposition(kind: mach_msg_type_name_t) -> Option<Disposition> {
    const SEND_ONCE: [mach_msg_type_name_t; 2] = [18, 21];
    match kind {
        MOVE_SEND => Some(Disposition::MoveSend),
        COPY_SEND => Some(Disposition::CopySend),
        MAKE_SEND => Some(Disposition::MakeSend),
        kind if SEND_ONCE.contains(&kind) => misuse("not simulated: a send-once right"),
        _ => None,
    }
}

/// A message that waits at a port, if it has at most `limit` bytes: else it is lost.
pub(crate) fn receive(name: mach_port_name_t, limit: usize) -> Result<Received, IoReturn> {
    let message = next(name, limit, false, &mut 0, Some(Duration::ZERO))?;
    let size = message.size();
    let mut bytes = Vec::with_capacity(size + TRAILER_SIZE);
    message.write(name, &mut bytes);
    bytes.extend(TRAILER.iter().flat_map(|word| word.to_ne_bytes()));
    let mut memory = vec![0; bytes.len().div_ceil(size_of::<u64>())];
    // SAFETY: there is room for as many bytes.
    unsafe { memory.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    Ok(Received { memory, size })
}

/// Waits for a message, whose rights are the program's from then on.
fn next(
    name: mach_port_name_t,
    limit: usize,
    keep_large: bool,
    size: &mut usize,
    timeout: Option<Duration>,
) -> Result<Message, IoReturn> {
    let message = running().task().receive_message(name, limit, keep_large, size, timeout)?;
    for &right in message.descriptors.iter().chain([&message.reply_port]).filter(|right| **right != NULL) {
        returned_right(right);
    }
    Ok(message)
}

/// # Safety
///
/// `message` must be fit to be written for `size` bytes.
unsafe fn receive_to(
    message: *mut mach_msg_header_t,
    size: usize,
    name: mach_port_name_t,
    keep_large: bool,
    timeout: Option<Duration>,
) -> Result<(), IoReturn> {
    let mut received_size = 0;
    match next(name, size.saturating_sub(TRAILER_SIZE), keep_large, &mut received_size, timeout) {
        Ok(received) => {
            let mut bytes = Vec::with_capacity(received.size());
            received.write(name, &mut bytes);
            // SAFETY: by the caller's promise there is room for message and trailer, as much as was asked for.
            unsafe {
                let to = message.cast::<u8>();
                to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                to.add(bytes.len()).cast::<[u32; 2]>().write_unaligned(TRAILER);
            }
            Ok(())
        }
        Err(IoReturn::MACH_RCV_TOO_LARGE) => {
            let msgh_size = received_size as u32;
            // What it would have taken (MACH_RCV_LARGE), or what was lost.
            let header = mach_msg_header_t { msgh_local_port: name, msgh_size, ..Default::default() };
            if size >= HEADER_SIZE {
                // SAFETY: by the caller's promise there is room for a header.
                unsafe { message.write_unaligned(header) };
            }
            Err(IoReturn::MACH_RCV_TOO_LARGE)
        }
        Err(code) => Err(code),
    }
}

/// # Safety
///
/// `message` must be fit to be read for the size that its header says.
pub(crate) unsafe fn mach_msg_send(message: *mut mach_msg_header_t) -> mach_msg_return_t {
    // SAFETY: the caller's promise is passed on; null is misuse there.
    unsafe {
        let size = if message.is_null() { 0 } else { message.read_unaligned().msgh_size };
        mach_msg(message, SEND_MSG, size, 0, NULL, 0, NULL)
    }
}

/// # Safety
///
/// `message` must be fit to be written for the size that its header says.
pub(crate) unsafe fn mach_msg_receive(message: *mut mach_msg_header_t) -> mach_msg_return_t {
    // SAFETY: the caller's promise is passed on; null is misuse there.
    unsafe {
        let (size, name) = match message.is_null() {
            true => (0, NULL),
            false => (message.read_unaligned().msgh_size, message.read_unaligned().msgh_local_port),
        };
        mach_msg(message, RCV_MSG, 0, size, name, 0, NULL)
    }
}

/// # Safety
///
/// `message` must be fit to be read for the size that its header says, and the rights in it be the program's own to give up.
pub(crate) unsafe fn mach_msg_destroy(message: *mut mach_msg_header_t) {
    if message.is_null() {
        misuse("`msg` is null");
    }
    // SAFETY: not null, and so a header by the caller's promise.
    let header = unsafe { message.read_unaligned() };
    // The local port is the receiver's own. A right that is made of another one has not been made yet.
    // SAFETY: by the caller's promise, the message's.
    unsafe { destroy(header.msgh_remote_port, header.msgh_bits & REMOTE) };
    if header.msgh_bits & COMPLEX != 0 {
        // SAFETY: by the caller's promise, a count follows the header, and as many descriptors.
        unsafe {
            let count = message.add(1).cast::<u32>();
            let descriptors = count.cast::<u8>().add(COUNT_SIZE).cast::<PortDescriptor>();
            for index in 0..count.read_unaligned() as usize {
                match descriptors.add(index).read_unaligned() {
                    PortDescriptor { name, disposition, kind: 0, .. } => destroy(name, disposition.into()),
                    descriptor => misuse(format_args!("not simulated: {descriptor:?} in a message")),
                }
            }
        }
    }
}

/// # Safety
///
/// The reference must have come with a message of the program's, and must not be used again.
unsafe fn destroy(name: mach_port_name_t, disposition: mach_msg_type_name_t) {
    let is_there = name != NULL && name != DEAD && disposition == MOVE_SEND;
    // SAFETY: by the caller's promise.
    if is_there && unsafe { running().task().mach_port_deallocate(name) }.is_success() {
        consumed_right(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::c::mach_port_allocate;
    use crate::machine::{on, report};
    use crate::releasing::{IOObjectRelease, mach_port_destroy};
    use darwin_calls::catch;
    use std::ptr;

    #[repr(C)]
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    struct Ping {
        header: mach_msg_header_t,
        number: u64,
        trailer: [u32; 2],
    }

    fn task() -> mach_port_t {
        running().task().mach_task_self()
    }

    fn port() -> mach_port_t {
        let mut port = 0;
        // SAFETY: a variable.
        assert_eq!(unsafe { mach_port_allocate(task(), 1, &mut port) }, 0);
        port
    }

    fn ping(port: mach_port_t) -> Ping {
        let header = mach_msg_header_t {
            msgh_bits: MAKE_SEND,
            msgh_size: 32,
            msgh_remote_port: port,
            msgh_id: 99,
            ..Default::default()
        };
        Ping { header, number: 0x1122_3344, ..Default::default() }
    }

    fn exchange(message: &mut Ping, options: i32, receive_size: u32, port: mach_port_t) -> IoReturn {
        // SAFETY: room for a header, a number and a trailer.
        let code = unsafe { mach_msg((&raw mut *message).cast(), options, 32, receive_size, port, 0, NULL) };
        IoReturn::from_raw(code)
    }

    #[test]
    fn a_message_sent_to_a_port_is_received_there_with_a_trailer() {
        on("empty", || {
            let port = port();
            let mut message = ping(port);
            assert_eq!(exchange(&mut message, SEND_MSG, 0, NULL), IoReturn::SUCCESS);
            let mut received = Ping::default();
            assert_eq!(exchange(&mut received, RCV_MSG | RCV_TIMEOUT, 40, port), IoReturn::SUCCESS);
            let header = mach_msg_header_t {
                msgh_bits: MOVE_SEND << LOCAL_SHIFT,
                msgh_size: 32,
                msgh_local_port: port,
                msgh_id: 99,
                ..Default::default()
            };
            assert_eq!(received, Ping { header, number: 0x1122_3344, trailer: [0, 8] });
            let empty = exchange(&mut received, RCV_MSG | RCV_TIMEOUT, 40, port);
            assert_eq!(empty, IoReturn::MACH_RCV_TIMED_OUT);
            mach_port_destroy(task(), port);
            assert!(report().is_empty());
        });
    }

    #[test]
    fn one_call_sends_and_receives() {
        on("empty", || {
            let port = port();
            let mut message = ping(port);
            assert_eq!(exchange(&mut message, SEND_MSG | RCV_MSG, 40, port), IoReturn::SUCCESS);
            assert_eq!((message.number, message.header.msgh_local_port), (0x1122_3344, port));
        });
    }

    #[test]
    fn a_buffer_too_small_for_message_and_trailer_is_told_the_size() {
        on("empty", || {
            let port = port();
            exchange(&mut ping(port), SEND_MSG, 0, NULL);
            let mut received = Ping::default();
            let code = exchange(&mut received, RCV_MSG | RCV_LARGE, 39, port);
            assert_eq!((code, received.header.msgh_size), (IoReturn::MACH_RCV_TOO_LARGE, 32));
            assert_eq!(received.number, 0);
            assert_eq!(exchange(&mut received, RCV_MSG, 40, port), IoReturn::SUCCESS);
        });
    }

    #[test]
    fn a_reply_port_comes_as_a_send_right() {
        on("empty", || {
            let (port, reply) = (port(), port());
            let mut message = ping(port);
            message.header.msgh_bits |= MAKE_SEND << LOCAL_SHIFT;
            message.header.msgh_local_port = reply;
            assert_eq!(exchange(&mut message, SEND_MSG | RCV_MSG, 40, port), IoReturn::SUCCESS);
            assert_eq!(message.header.msgh_remote_port, reply);
            assert_eq!(message.header.msgh_bits, MOVE_SEND << LOCAL_SHIFT | MOVE_SEND);
            assert_eq!(running().task().io_object_get_user_retain_count(reply), 1);
            // SAFETY: a header.
            unsafe { mach_msg_destroy(&mut message.header) };
            assert_eq!(running().task().io_object_get_user_retain_count(reply), 0);
        });
    }

    #[test]
    fn what_cannot_be_sent_says_why() {
        on("empty", || {
            let port = port();
            let with = |bits, reply| {
                let mut message = ping(port);
                message.header.msgh_bits = bits;
                message.header.msgh_local_port = reply;
                exchange(&mut message, SEND_MSG | SEND_TIMEOUT, 0, NULL)
            };
            assert_eq!(with(COPY_SEND, NULL), IoReturn::MACH_SEND_INVALID_DEST);
            assert_eq!(with(0, NULL), IoReturn::MACH_SEND_INVALID_HEADER);
            assert_eq!(with(MAKE_SEND, port), IoReturn::MACH_SEND_INVALID_HEADER);
            assert_eq!(with(MAKE_SEND | COPY_SEND << LOCAL_SHIFT, port), IoReturn::MACH_SEND_INVALID_REPLY);
            // SAFETY: a header, of which too little is sent.
            let code = unsafe { mach_msg(&mut ping(port).header, SEND_MSG, 20, 0, NULL, 0, NULL) };
            assert_eq!(IoReturn::from_raw(code), IoReturn::MACH_SEND_MSG_TOO_SMALL);
            assert_eq!(exchange(&mut ping(port), RCV_MSG, 40, 0xdead_0003), IoReturn::MACH_RCV_INVALID_NAME);
        });
    }

    #[repr(C)]
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    struct Complex {
        header: mach_msg_header_t,
        count: u32,
        descriptors: [PortDescriptor; 2],
        number: u32,
        trailer: [u32; 2],
    }

    fn exchange_complex(
        message: &mut Complex,
        options: i32,
        receive_size: u32,
        port: mach_port_t,
    ) -> IoReturn {
        // SAFETY: room for a header, two descriptors, a number and a trailer.
        let code = unsafe { mach_msg((&raw mut *message).cast(), options, 56, receive_size, port, 0, NULL) };
        IoReturn::from_raw(code)
    }

    fn complex(port: mach_port_t, disposition: u32, carried: mach_port_t) -> Complex {
        let mut header = ping(port).header;
        header.msgh_bits |= COMPLEX;
        let descriptor =
            PortDescriptor { name: carried, disposition: disposition as u8, ..Default::default() };
        let nothing = PortDescriptor { name: NULL, ..descriptor };
        Complex { header, count: 2, descriptors: [descriptor, nothing], number: 7, trailer: [0; 2] }
    }

    #[test]
    fn a_complex_message_brings_a_reference_of_each_right() {
        on("nubs", || {
            let (port, root) = (port(), crate::c::IORegistryGetRootEntry(NULL));
            let mut message = complex(port, COPY_SEND, root);
            assert_eq!(exchange_complex(&mut message, SEND_MSG, 0, NULL), IoReturn::SUCCESS);
            let mut small = Complex::default();
            let code = exchange_complex(&mut small, RCV_MSG | RCV_LARGE, 63, port);
            assert_eq!((code, small.header.msgh_size), (IoReturn::MACH_RCV_TOO_LARGE, 56));

            let mut received = Complex::default();
            assert_eq!(exchange_complex(&mut received, RCV_MSG, 64, port), IoReturn::SUCCESS);
            let header = mach_msg_header_t {
                msgh_bits: COMPLEX | MOVE_SEND << LOCAL_SHIFT,
                msgh_size: 56,
                msgh_local_port: port,
                msgh_id: 99,
                ..Default::default()
            };
            let mut expected = Complex { header, trailer: TRAILER, ..complex(port, MOVE_SEND, root) };
            assert_eq!(received, expected);
            assert_eq!(running().task().io_object_get_user_retain_count(root), 2);
            // SAFETY: a message.
            unsafe { mach_msg_destroy(&raw mut expected.header) };
            assert_eq!(running().task().io_object_get_user_retain_count(root), 1);
            IOObjectRelease(root);
            mach_port_destroy(task(), port);
            assert!(report().is_empty(), "{:?}", report());
        });
    }

    #[test]
    fn a_count_of_descriptors_that_are_not_there_is_too_small_a_message() {
        on("empty", || {
            let mut message = complex(port(), COPY_SEND, NULL);
            for count in [3, u32::MAX] {
                message.count = count;
                let code = exchange_complex(&mut message, SEND_MSG, 0, NULL);
                assert_eq!(code, IoReturn::MACH_SEND_MSG_TOO_SMALL);
            }
        });
    }

    #[test]
    fn what_is_not_simulated_says_so() {
        on("empty", || {
            let port = port();
            let mut voucher = ping(port);
            voucher.header.msgh_bits |= 0x0011_0000;
            let misuse = catch(|| exchange(&mut voucher, SEND_MSG, 0, NULL)).unwrap_err();
            assert!(misuse.contains("not simulated"), "{misuse}");
            let mut moved = complex(port, MOVE_SEND, port);
            let misuse = catch(|| exchange_complex(&mut moved, SEND_MSG, 0, NULL)).unwrap_err();
            assert!(misuse.contains("not simulated"), "{misuse}");
            let misuse = catch(|| exchange(&mut voucher, RCV_MSG | 0x0300_0000, 40, NULL)).unwrap_err();
            assert!(misuse.contains("not simulated"), "{misuse}");
            // SAFETY: null.
            let null = catch(|| unsafe { mach_msg(ptr::null_mut(), SEND_MSG, 24, 0, NULL, 0, NULL) });
            assert!(null.unwrap_err().contains("`msg` is null"));
        });
    }
}
