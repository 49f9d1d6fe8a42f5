//! From messages to the program's functions (AS-8 … AS-13, AS-15).

use crate::abi::*;
use crate::machine::running;
use crate::ownership::consumed_right;
use crate::pointers::update;
use darwin_calls::misuse;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, DEAD, NULL, PortRight};
use std::mem::transmute;
use std::ptr;

/// `kOSNotificationMessageID`
const NOTIFICATION: i32 = 53;
/// `kOSAsyncCompleteMessageID`
const ASYNC_COMPLETE: i32 = 57;

/// Types of notifications, `kIOServicePublishNotificationType` and on.
mod kind {
    pub(super) const MASK: u32 = 0xfff;
    /// Iterators that have something new: published, matched and terminated services.
    pub(super) const FIRST_OF_ITERATORS: u32 = 100;
    pub(super) const LAST_OF_ITERATORS: u32 = 102;
    pub(super) const COMPLETION: u32 = 150;
    pub(super) const INTEREST: u32 = 160;
    /// Where the top bits are that say how many bytes of the payload are padding.
    pub(super) const PADDING_SHIFT: u32 = 30;
}

/// `OSNotificationHeader64`
#[repr(C, packed(4))]
#[derive(Clone, Copy)]
struct NotificationHeader {
    size: u32,
    kind: u32,
    reference: [u64; 8],
}

const _: () = assert!(size_of::<NotificationHeader>() == 72);

const IS_COMPLEX: mach_msg_bits_t = 0x8000_0000;
const MESSAGE_HEADER_SIZE: usize = size_of::<mach_msg_header_t>();
/// `mach_msg_body_t`
const COUNT_SIZE: usize = size_of::<u32>();
/// `mach_msg_port_descriptor_t`
const DESCRIPTOR_SIZE: usize = 12;

/// From this size on the payload of an interest message is passed as a pointer.
const POINTED_AT: usize = 16;

/// What the program gave as a callback.
type Function = *const c_void;

// What it may be. Programs in C++ may throw.
type IteratorCallback = unsafe extern "C-unwind" fn(*mut c_void, io_iterator_t);
type InterestCallback = unsafe extern "C-unwind" fn(*mut c_void, io_service_t, u32, *mut c_void);
type Completion0 = unsafe extern "C-unwind" fn(*mut c_void, i32);
type Completion1 = unsafe extern "C-unwind" fn(*mut c_void, i32, *mut c_void);
type Completion2 = unsafe extern "C-unwind" fn(*mut c_void, i32, *mut c_void, *mut c_void);
type CompletionN = unsafe extern "C-unwind" fn(*mut c_void, i32, *mut *mut c_void, u32);

/// A message that is a notification, taken apart.
struct Notification {
    header: NotificationHeader,
    remote_port: mach_port_t,
    descriptors: Vec<mach_port_t>,
    /// What follows the notification's header.
    payload: *mut u8,
    payload_size: usize,
}

/// # Safety
///
/// `at` must be fit to be read.
unsafe fn read<T: Copy>(at: *const u8) -> T {
    // SAFETY: by the caller's promise.
    unsafe { at.cast::<T>().read_unaligned() }
}

fn pointer(word: u64) -> *mut c_void {
    ptr::with_exposed_provenance_mut(word as usize)
}

impl Notification {
    /// None for a message of another identifier, or too short.
    ///
    /// # Safety
    ///
    /// `message` must be fit to be read for the size that its header says.
    unsafe fn parse(message: *mut u8) -> Option<Self> {
        // SAFETY: by the caller's promise, and within the size.
        unsafe {
            let mach_msg_header_t { msgh_bits, msgh_size, msgh_remote_port, msgh_id, .. } = read(message);
            if msgh_id != NOTIFICATION {
                return None;
            }
            let mut at = MESSAGE_HEADER_SIZE;
            let mut descriptors = Vec::new();
            if msgh_bits & IS_COMPLEX != 0 {
                let count: u32 = read(message.add(at));
                at += COUNT_SIZE;
                let name = |index| read::<mach_port_t>(message.add(at + index * DESCRIPTOR_SIZE));
                descriptors.extend((0..count as usize).map(name));
                at += descriptors.len() * DESCRIPTOR_SIZE;
            }
            let content = at + size_of::<NotificationHeader>();
            Some(Self {
                payload_size: (msgh_size as usize).checked_sub(content)?,
                header: read(message.add(at)),
                remote_port: msgh_remote_port,
                descriptors,
                payload: message.add(content),
            })
        }
    }

    /// Whether the program still has the object that the message is from: the message itself carries a reference of it.
    fn is_wanted(&self) -> bool {
        let mut references = 0;
        self.remote_port == NULL
            || running().task().mach_port_get_refs(self.remote_port, PortRight::Send, &mut references)
                == IoReturn::SUCCESS
                && references >= 2
    }

    /// Calls the program's function.
    ///
    /// # Safety
    ///
    /// Slot 1 of the reference must be a function for what the notification is, and slot 2 fit for it. The payload must
    /// be fit to be read and written, with as many bytes behind it as a trailer has.
    unsafe fn call_out(&self) {
        let NotificationHeader { kind, reference, .. } = self.header;
        let function: Function = ptr::with_exposed_provenance(reference[1] as usize);
        let refcon = pointer(reference[2]);
        if function.is_null() {
            misuse("the callback is null");
        }
        // SAFETY: by the caller's promise.
        unsafe {
            match kind & kind::MASK {
                kind::FIRST_OF_ITERATORS..=kind::LAST_OF_ITERATORS => {
                    transmute::<Function, IteratorCallback>(function)(refcon, self.remote_port);
                }
                kind::COMPLETION => self.complete(function, refcon),
                kind::INTEREST => {
                    let service = match self.descriptors.first() {
                        None | Some(&NULL) => reference[3] as io_service_t,
                        Some(&service) => service,
                    };
                    let argument = self.payload.add(size_of::<u32>());
                    let padding = (kind >> kind::PADDING_SHIFT) as usize;
                    let size = self.payload_size.saturating_sub(size_of::<u32>() + padding);
                    let argument = if size < POINTED_AT { pointer(read(argument)) } else { argument.cast() };
                    transmute::<Function, InterestCallback>(function)(
                        refcon,
                        service,
                        read(self.payload),
                        argument,
                    );
                }
                _ => {}
            }
        }
    }

    /// # Safety
    ///
    /// As for [`call_out`](Self::call_out).
    unsafe fn complete(&self, function: Function, refcon: *mut c_void) {
        let count = self.payload_size.saturating_sub(size_of::<i32>()) / size_of::<u64>();
        // SAFETY: by the caller's promise. The arguments of many are where they are in the message, aligned to 4.
        unsafe {
            let result: i32 = read(self.payload);
            let arguments = self.payload.add(size_of::<i32>());
            let argument = |index| pointer(read(arguments.add(index * size_of::<u64>())));
            match count {
                0 => transmute::<Function, Completion0>(function)(refcon, result),
                1 => transmute::<Function, Completion1>(function)(refcon, result, argument(0)),
                2 => transmute::<Function, Completion2>(function)(refcon, result, argument(0), argument(1)),
                _ => transmute::<Function, CompletionN>(function)(
                    refcon,
                    result,
                    arguments.cast(),
                    count as u32,
                ),
            }
        }
    }

    /// Drops what the message has brought.
    fn release(&self) {
        for &name in self.descriptors.iter().chain([&self.remote_port]) {
            if name == NULL || name == DEAD {
                continue;
            }
            // SAFETY: the reference came with the message, which is done with.
            if unsafe { running().task().mach_port_deallocate(name) }.is_success() {
                consumed_right(name);
            }
        }
    }
}

/// Does what a message is for.
///
/// # Safety
///
/// `message` must be to a message as it was received, with its trailer, and fit to be written to. Slot 1 of its reference
/// must be a function for what the message is, and slot 2 fit for it.
pub(crate) unsafe fn dispatch(message: *mut u8) {
    // SAFETY: by the caller's promise.
    unsafe {
        let Some(notification) = Notification::parse(message) else { return };
        if notification.is_wanted() {
            notification.call_out();
        }
        notification.release();
    }
}

/// # Safety
///
/// As for [`dispatch`], or null, which is misuse.
pub(crate) unsafe fn IODispatchCalloutFromMessage(
    _unused: *mut c_void,
    message: *mut mach_msg_header_t,
    _reference: *mut c_void,
) {
    if message.is_null() {
        misuse("`msg` is null");
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { dispatch(message.cast()) };
}

/// A complex message's descriptors are taken for what follows them (AS-13).
///
/// # Safety
///
/// `message` must be to a message, and the other pointers fit to be written, or null.
pub(crate) unsafe fn OSGetNotificationFromMessage(
    message: *mut mach_msg_header_t,
    index: u32,
    kind: *mut u32,
    reference: *mut uintptr_t,
    content: *mut *mut c_void,
    size: *mut vm_size_t,
) -> kern_return_t {
    const CONTENT: usize = MESSAGE_HEADER_SIZE + size_of::<NotificationHeader>();
    if message.is_null() {
        misuse("`msg` is null");
    }
    // SAFETY: by the caller's promise, and within the size.
    unsafe {
        let message = message.cast::<u8>();
        let mach_msg_header_t { msgh_size, msgh_id, .. } = read(message);
        if msgh_id != NOTIFICATION {
            return IoReturn::BAD_MESSAGE_ID.raw();
        }
        if (msgh_size as usize) < CONTENT || index != 0 {
            return IoReturn::NO_RESOURCES.raw();
        }
        let header: NotificationHeader = read(message.add(MESSAGE_HEADER_SIZE));
        set(kind, header.kind);
        set(reference, header.reference[0] as usize);
        set(size, header.size as usize);
        set(content, if header.size == 0 { ptr::null_mut() } else { message.add(CONTENT).cast() });
    }
    IoReturn::SUCCESS.raw()
}

/// # Safety
///
/// `pointer` must be null or fit to be written.
unsafe fn set<T>(pointer: *mut T, value: T) {
    if !pointer.is_null() {
        // SAFETY: by the caller's promise.
        unsafe { pointer.write_unaligned(value) };
    }
}

/// # Safety
///
/// `port` must be fit to be written.
pub(crate) unsafe fn IOCreateReceivePort(id: u32, port: *mut mach_port_t) -> kern_return_t {
    if ![NOTIFICATION, ASYNC_COMPLETE].contains(&id.cast_signed()) {
        return IoReturn::BAD_ARGUMENT.raw();
    }
    let allocate = |port: &mut mach_port_t| running().task().mach_port_allocate(PortRight::Receive, port);
    // SAFETY: by the caller's promise.
    unsafe { update(port, "recvPort", allocate) }.raw()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::c::IORegistryGetRootEntry;
    use crate::machine::{on, report};
    use crate::releasing::mach_port_mod_refs;
    use darwin_calls::catch;

    /// What a callback was called with.
    #[derive(Debug, Default, PartialEq)]
    struct Called {
        object: u32,
        message_type: u32,
        argument: u64,
    }

    fn called(refcon: *mut c_void, called: Called) {
        // SAFETY: the test's own, which it does not use while it dispatches.
        unsafe { *refcon.cast::<Option<Called>>() = Some(called) };
    }

    unsafe extern "C-unwind" fn on_iterator(refcon: *mut c_void, object: io_iterator_t) {
        called(refcon, Called { object, ..Default::default() });
    }

    unsafe extern "C-unwind" fn on_interest(
        refcon: *mut c_void,
        object: io_service_t,
        message_type: u32,
        argument: *mut c_void,
    ) {
        called(refcon, Called { object, message_type, argument: argument.addr() as u64 });
    }

    /// A message, in memory that suits it, with a trailer of eights.
    fn message(
        id: i32,
        remote_port: mach_port_t,
        descriptors: &[mach_port_t],
        kind: u32,
        reference: [u64; 8],
        payload: &[u8],
    ) -> Vec<u64> {
        let mut bytes = Vec::new();
        let mut words = |words: &[u32]| words.iter().for_each(|word| bytes.extend(word.to_ne_bytes()));
        let complex =
            if descriptors.is_empty() { 0 } else { COUNT_SIZE + descriptors.len() * DESCRIPTOR_SIZE };
        let size = (MESSAGE_HEADER_SIZE + complex + size_of::<NotificationHeader>() + payload.len()) as u32;
        let bits = if descriptors.is_empty() { 0 } else { IS_COMPLEX };
        words(&[bits, size, remote_port, NULL, NULL, id.cast_unsigned()]);
        if !descriptors.is_empty() {
            words(&[descriptors.len() as u32]);
        }
        descriptors.iter().for_each(|&name| words(&[name, 0, 17 << 16]));
        words(&[payload.len() as u32, kind]);
        reference.iter().for_each(|&word| words(&[word as u32, (word >> 32) as u32]));
        bytes.extend(payload);
        bytes.extend([8; 8]);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.chunks_exact(8).map(|word| u64::from_ne_bytes(word.try_into().unwrap())).collect()
    }

    /// Dispatches a message to a callback, and returns what that was called with.
    fn dispatched(
        callback: *const (),
        service: u64,
        message: impl FnOnce([u64; 8]) -> Vec<u64>,
    ) -> Option<Called> {
        let mut called = None;
        let refcon = (&raw mut called).expose_provenance() as u64;
        let mut message = message([0, callback.expose_provenance() as u64, refcon, service, 0, 0, 0, 0]);
        // SAFETY: a message with its trailer, and a function for it.
        unsafe {
            IODispatchCalloutFromMessage(ptr::null_mut(), message.as_mut_ptr().cast(), ptr::null_mut())
        };
        called
    }

    fn sends(name: mach_port_t) -> u32 {
        running().task().io_object_get_user_retain_count(name)
    }

    const ON_ITERATOR: *const () = on_iterator as IteratorCallback as *const ();
    const ON_INTEREST: *const () = on_interest as InterestCallback as *const ();

    #[test]
    fn as_09_who_has_let_go_of_the_notification_is_not_called_and_the_rights_go() {
        on("empty", || {
            let object = IORegistryGetRootEntry(NULL);
            let arrive = || dispatched(ON_ITERATOR, 0, |words| message(53, object, &[], 101, words, &[]));
            // One reference is the message's.
            assert_eq!(arrive(), None);
            assert_eq!(sends(object), 0);

            let object = IORegistryGetRootEntry(NULL);
            assert_eq!(IORegistryGetRootEntry(NULL), object);
            let arrive = || dispatched(ON_ITERATOR, 0, |words| message(53, object, &[], 101, words, &[]));
            assert_eq!(arrive(), Some(Called { object, ..Default::default() }));
            assert_eq!((sends(object), arrive(), sends(object)), (1, None, 0));
            assert!(report().is_empty(), "{:?}", report());
        });
    }

    #[test]
    fn as_10_the_type_says_how_the_callback_is_called() {
        on("empty", || {
            let object = IORegistryGetRootEntry(NULL);
            mach_port_mod_refs(running().task().mach_task_self(), object, 0, 10);
            for kind in [100, 101, 102, 0x1000 | 100] {
                let called = dispatched(ON_ITERATOR, 0, |words| message(53, object, &[], kind, words, &[]));
                assert_eq!(called, Some(Called { object, ..Default::default() }));
            }
            for kind in [0, 99, 103, 149, 159, 199] {
                assert_eq!(dispatched(ON_ITERATOR, 0, |words| message(53, 0, &[], kind, words, &[])), None);
            }
        });
    }

    #[test]
    fn as_08_another_identifier_or_too_little_is_left_alone() {
        on("empty", || {
            let object = IORegistryGetRootEntry(NULL);
            assert_eq!(dispatched(ON_ITERATOR, 0, |words| message(57, object, &[], 100, words, &[])), None);
            let cut = |words| {
                let mut message = message(53, object, &[], 100, words, &[]);
                message[0] = 95 << 32;
                message
            };
            assert_eq!(dispatched(ON_ITERATOR, 0, cut), None);
            assert_eq!(sends(object), 1);
        });
    }

    #[test]
    fn as_11_few_bytes_are_the_argument_and_many_are_pointed_at() {
        on("empty", || {
            let argument = |size: usize, padding: u32| {
                let payload: Vec<u8> = 7_u32.to_ne_bytes().into_iter().chain(1..=size as u8).collect();
                let kind = padding << 30 | 160;
                let called = dispatched(ON_INTEREST, 5, |words| message(53, 0, &[], kind, words, &payload));
                called.unwrap().argument.to_ne_bytes()
            };
            assert_eq!(argument(8, 0), [1, 2, 3, 4, 5, 6, 7, 8]);
            // What is behind the message is its trailer.
            assert_eq!(argument(4, 3), [1, 2, 3, 4, 8, 8, 8, 8]);
            // Fifteen bytes, and one to make words of them.
            assert_eq!(argument(16, 3), [1, 2, 3, 4, 5, 6, 7, 8]);
            assert_ne!(argument(16, 0), [1, 2, 3, 4, 5, 6, 7, 8]);
            assert_ne!(argument(64, 0), [1, 2, 3, 4, 5, 6, 7, 8]);
        });
    }

    #[test]
    fn as_12_the_service_is_the_descriptors_or_the_references() {
        on("empty", || {
            let service = IORegistryGetRootEntry(NULL);
            let payload = [7_u32, 9, 0].map(u32::to_ne_bytes).concat();
            let interest = |descriptors: &[mach_port_t]| {
                dispatched(ON_INTEREST, 5, |words| message(53, 0, descriptors, 160, words, &payload))
            };
            let told = |object| Some(Called { object, message_type: 7, argument: 9 });
            assert_eq!(interest(&[NULL]), told(5));
            assert_eq!(interest(&[]), told(5));
            assert_eq!((interest(&[service]), sends(service)), (told(service), 0));
        });
    }

    #[test]
    fn a_null_callback_is_misuse() {
        on("empty", || {
            let null = || dispatched(ptr::null(), 0, |words| message(53, 0, &[], 100, words, &[]));
            assert!(catch(null).unwrap_err().contains("the callback is null"));
        });
    }

    #[test]
    fn as_13_a_simple_message_is_taken_apart() {
        on("empty", || {
            let take = |message: &mut [u64], index| {
                let (mut kind, mut reference, mut content, mut size) = (1, 1, ptr::null_mut(), 1);
                // SAFETY: a message, and variables.
                let code = unsafe {
                    OSGetNotificationFromMessage(
                        message.as_mut_ptr().cast(),
                        index,
                        &mut kind,
                        &mut reference,
                        &mut content,
                        &mut size,
                    )
                };
                let offset = content.addr().checked_sub(message.as_ptr().addr());
                IoReturn::from_raw(code).result().map(|()| (kind, reference, offset, size))
            };
            let mut empty = message(53, 0, &[], 101, [9; 8], &[]);
            assert_eq!(take(&mut empty, 0), Ok((101, 9, None, 0)));
            assert_eq!(take(&mut empty, 1), Err(IoReturn::NO_RESOURCES));
            let mut full = message(53, 0, &[], 150, [9; 8], &[1; 12]);
            assert_eq!(take(&mut full, 0), Ok((150, 9, Some(96), 12)));
            full[0] = 95 << 32;
            assert_eq!(take(&mut full, 0), Err(IoReturn::NO_RESOURCES));
            assert_eq!(take(&mut message(57, 0, &[], 150, [9; 8], &[]), 0), Err(IoReturn::BAD_MESSAGE_ID));
        });
    }

    #[test]
    fn as_15_there_are_ports_for_two_identifiers() {
        on("empty", || {
            for id in 50..60 {
                let mut port = NULL;
                // SAFETY: a variable.
                let code = IoReturn::from_raw(unsafe { IOCreateReceivePort(id, &mut port) });
                let expected = if id == 53 || id == 57 { IoReturn::SUCCESS } else { IoReturn::BAD_ARGUMENT };
                assert_eq!((code, port != NULL), (expected, code.is_success()));
            }
        });
    }
}
