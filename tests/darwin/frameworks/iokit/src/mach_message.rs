//! `<mach/message.h>`: simple messages, between ports that the program receives from.

use crate::abi::*;
use crate::mach_port::{COPY_SEND, MAKE_SEND};
use crate::machine::running;
use crate::ownership::{consumed_right, returned_right};
use darwin_calls::misuse;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, NULL};
use iokit_uc::sim::{Disposition, Message};
use std::time::Duration;

// Options of `mach_msg`.
const SEND_MSG: mach_msg_option_t = 0x1;
const RCV_MSG: mach_msg_option_t = 0x2;
const RCV_LARGE: mach_msg_option_t = 0x4;
const SEND_TIMEOUT: mach_msg_option_t = 0x10;
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

const HEADER_SIZE: usize = size_of::<mach_msg_header_t>();

/// `mach_msg_trailer_t`: format 0, and its own size.
const TRAILER: [u32; 2] = [0, 8];

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
                send(message, send_size as usize, limit(SEND_TIMEOUT)).result()?;
            }
            if options & RCV_MSG != 0 {
                let keep_large = options & RCV_LARGE != 0;
                receive(message, receive_size as usize, receive_name, keep_large, limit(RCV_TIMEOUT))?;
            }
        }
        Ok(())
    };
    exchange().err().unwrap_or(IoReturn::SUCCESS).raw()
}

/// # Safety
///
/// `message` must be fit to be read for `size` bytes.
unsafe fn send(message: *const mach_msg_header_t, size: usize, timeout: Option<Duration>) -> IoReturn {
    if size < HEADER_SIZE || !size.is_multiple_of(4) {
        return IoReturn::MACH_SEND_MSG_TOO_SMALL;
    }
    // SAFETY: by the caller's promise, a header and what follows it.
    let (header, body) = unsafe {
        let body = message.cast::<u8>().add(HEADER_SIZE);
        (message.read_unaligned(), crate::pointers::copy(body, size - HEADER_SIZE, "msg"))
    };
    let mach_msg_header_t { msgh_bits: bits, msgh_remote_port: to, msgh_local_port: reply, .. } = header;
    if bits & !(REMOTE | LOCAL) != 0 || header.msgh_voucher_port != NULL {
        misuse(format_args!("not simulated: a message with the bits {bits:#x}"));
    }
    let Some(disposition) = disposition(bits & REMOTE) else { return IoReturn::MACH_SEND_INVALID_HEADER };
    let reply_disposition = match ((bits & LOCAL) >> LOCAL_SHIFT, reply) {
        (0, NULL) => Disposition::CopySend,
        (0, _) => return IoReturn::MACH_SEND_INVALID_HEADER,
        (kind, _) => match self::disposition(kind) {
            Some(disposition) => disposition,
            None => return IoReturn::MACH_SEND_INVALID_HEADER,
        },
    };
    let message = Message { id: header.msgh_id, reply_port: reply, body };
    let code = running().task().mach_msg_send(to, disposition, reply_disposition, message, timeout);
    if code.is_success() {
        for (name, disposition) in [(to, disposition), (reply, reply_disposition)] {
            if disposition == Disposition::MoveSend && name != NULL {
                consumed_right(name);
            }
        }
    }
    code
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

/// # Safety
///
/// `message` must be fit to be written for `size` bytes.
unsafe fn receive(
    message: *mut mach_msg_header_t,
    size: usize,
    name: mach_port_name_t,
    keep_large: bool,
    timeout: Option<Duration>,
) -> Result<(), IoReturn> {
    let overhead = HEADER_SIZE + size_of_val(&TRAILER);
    // A Mac says so when a message comes.
    let room = size.checked_sub(overhead).ok_or(IoReturn::MACH_RCV_TOO_LARGE)?;
    let mut body_size = 0;
    let received = running().task().mach_msg_receive(name, room, keep_large, &mut body_size, timeout);
    let mut header = mach_msg_header_t { msgh_local_port: name, ..Default::default() };
    match received {
        Ok(Message { id, reply_port, body }) => {
            header.msgh_id = id;
            header.msgh_remote_port = reply_port;
            header.msgh_size = (HEADER_SIZE + body.len()) as u32;
            header.msgh_bits = MOVE_SEND << LOCAL_SHIFT;
            if reply_port != NULL {
                header.msgh_bits |= MOVE_SEND;
                returned_right(reply_port);
            }
            // SAFETY: by the caller's promise there is room for header, body and trailer, as much as was asked for.
            unsafe {
                message.write_unaligned(header);
                let after = message.cast::<u8>().add(HEADER_SIZE);
                after.copy_from_nonoverlapping(body.as_ptr(), body.len());
                after.add(body.len()).cast::<[u32; 2]>().write_unaligned(TRAILER);
            }
            Ok(())
        }
        Err(IoReturn::MACH_RCV_TOO_LARGE) => {
            // What it would have taken (MACH_RCV_LARGE), or what was lost.
            header.msgh_size = (HEADER_SIZE + body_size) as u32;
            // SAFETY: by the caller's promise there is room for a header.
            unsafe { message.write_unaligned(header) };
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
/// `message` must be to a message's header.
pub(crate) unsafe fn mach_msg_destroy(message: *mut mach_msg_header_t) {
    if message.is_null() {
        misuse("`msg` is null");
    }
    // SAFETY: not null, and so a header by the caller's promise.
    let header = unsafe { message.read_unaligned() };
    // The local port is the receiver's own. A right that is made of another one has not been made yet.
    let name = header.msgh_remote_port;
    if header.msgh_bits & REMOTE == MOVE_SEND && running().task().mach_port_deallocate(name).is_success() {
        consumed_right(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::c::{mach_port_allocate, mach_port_destroy};
    use crate::machine::{on, report};
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

    #[test]
    fn what_is_not_simulated_says_so() {
        on("empty", || {
            let mut complex = ping(port());
            complex.header.msgh_bits |= 0x8000_0000;
            let misuse = catch(|| exchange(&mut complex, SEND_MSG, 0, NULL)).unwrap_err();
            assert!(misuse.contains("not simulated"), "{misuse}");
            let misuse = catch(|| exchange(&mut complex, RCV_MSG | 0x0300_0000, 40, NULL)).unwrap_err();
            assert!(misuse.contains("not simulated"), "{misuse}");
            // SAFETY: null.
            let null = catch(|| unsafe { mach_msg(ptr::null_mut(), SEND_MSG, 24, 0, NULL, 0, NULL) });
            assert!(null.unwrap_err().contains("`msg` is null"));
        });
    }
}
