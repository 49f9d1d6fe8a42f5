//! What a program gives the kernel to have it back with each message, and messages as the kernel lays them out (AS-6, NT-7, NT-14).

use crate::backend::{Function, PortName};
use crate::trace::Field;

/// Words of a reference, by their slots (AS-3).
pub(super) type Words = Vec<(usize, u64)>;

/// What the messages that a call asks for bring back.
pub(super) fn words(function: Function, inputs: &[(&'static str, Field)]) -> Option<Words> {
    let field = |name| inputs.iter().find(|(parameter, _)| *parameter == name).map(|(_, field)| field);
    let number = |name| match field(name) {
        Some(Field::Number(number)) => *number as u64,
        Some(Field::Address(address)) => *address,
        Some(Field::Port(name)) => u64::from(*name),
        _ => 0,
    };
    Some(match function {
        Function::IOConnectCallAsyncMethod => match field("reference") {
            // Slot 0 is the kernel's.
            Some(Field::Words(words)) => words.iter().copied().enumerate().take(SLOTS).skip(1).collect(),
            _ => Words::new(),
        },
        Function::IOServiceAddInterestNotification => {
            vec![(1, number("callback")), (2, number("refcon")), (3, number("service"))]
        }
        Function::IOServiceAddMatchingNotification => vec![(1, number("callback")), (2, number("refcon"))],
        Function::IOServiceAddNotification => vec![(0, number("reference"))],
        Function::IOConnectSetNotificationPort => Words::new(),
        _ => return None,
    })
}

const SLOTS: usize = 8;
pub(super) const HEADER: usize = 24;
const COUNT: usize = 4;
const DESCRIPTOR: usize = 12;
/// From the beginning of `OSNotificationHeader64`.
const REFERENCE: usize = 8;

/// `msgh_remote_port`
pub(super) const REMOTE: usize = 8;
/// `msgh_local_port`
pub(super) const LOCAL: usize = 12;
const ID: usize = 20;

/// `MACH_MSGH_BITS_COMPLEX`
const COMPLEX: u32 = 1 << 31;
/// `MACH_MSG_TYPE_PORT_RECEIVE`
const RECEIVE: u32 = 16;
/// `MACH_MSG_PORT_DESCRIPTOR`
const PORT: u32 = 0;
/// `kOSNotificationMessageID`
const NOTIFICATION: u32 = 53;

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `kIOAsyncCompletionNotificationType`
    Completion,
    /// Any other notification, whose sender is in the header.
    Notification,
    /// A header and no more.
    Empty,
    Other,
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_ne_bytes)
}

/// A port in a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carried {
    /// Where its name is.
    pub(super) at: usize,
    pub(super) name: PortName,
    pub(super) is_receive: bool,
}

/// How many descriptors a message has; none if it has not even room for their count.
fn descriptors(message: &[u8]) -> Option<usize> {
    let is_complex = word(message, 0)? & COMPLEX != 0;
    is_complex.then(|| word(message, HEADER).map(|count| count as usize)).flatten()
}

/// The rights that come with a message, up to the first that is of no port.
pub(super) fn carried(message: &[u8]) -> Vec<Carried> {
    let mut carried = Vec::new();
    if let (Some(bits), Some(name)) = (word(message, 0), word(message, REMOTE)) {
        carried.push(Carried { at: REMOTE, name, is_receive: bits & 0x1f == RECEIVE });
    }
    for index in 0..descriptors(message).unwrap_or(0) {
        // It ends where the message does, long before this could overflow.
        let at = HEADER + COUNT + index * DESCRIPTOR;
        let (Some(name), Some(bits)) = (word(message, at), word(message, at + 8)) else { break };
        if bits >> 24 != PORT {
            break;
        }
        carried.push(Carried { at, name, is_receive: bits >> 16 & 0xff == RECEIVE });
    }
    carried
}

/// Where `OSNotificationHeader64` begins, if the message has one.
fn notification(message: &[u8]) -> Option<usize> {
    if word(message, ID)? != NOTIFICATION {
        return None;
    }
    let at = match descriptors(message) {
        None => HEADER,
        Some(count) => count.checked_mul(DESCRIPTOR)?.checked_add(HEADER + COUNT)?,
    };
    (message.len() >= at.checked_add(REFERENCE + SLOTS * size_of::<u64>())?).then_some(at)
}

pub(super) fn kind(message: &[u8]) -> Kind {
    const TYPE: u32 = 0xfff;
    const COMPLETION: u32 = 150;
    match notification(message) {
        Some(at) if word(message, at + 4).is_some_and(|kind| kind & TYPE == COMPLETION) => Kind::Completion,
        Some(_) => Kind::Notification,
        None if message.len() == HEADER => Kind::Empty,
        None => Kind::Other,
    }
}

/// `msgh_id`
pub(super) fn id(message: &[u8]) -> Option<u32> {
    word(message, ID)
}

/// One slot of a notification's reference.
pub(super) fn slot(message: &[u8], slot: usize) -> Option<u64> {
    let at = notification(message)? + REFERENCE + slot * size_of::<u64>();
    message.get(at..)?.first_chunk().copied().map(u64::from_ne_bytes)
}

/// Puts in what the program has given, for what the recorded one had.
pub(super) fn set_words(message: &mut [u8], recorded: &Words, given: &Words) {
    let Some(start) = notification(message) else { return };
    for ((at, before), (_, now)) in recorded.iter().zip(given) {
        if *at < SLOTS && slot(message, *at) == Some(*before) {
            let at = start + REFERENCE + at * size_of::<u64>();
            message[at..at + size_of::<u64>()].copy_from_slice(&now.to_ne_bytes());
        }
    }
}

pub(super) fn set_name(message: &mut [u8], at: usize, name: PortName) {
    if let Some(place) = message.get_mut(at..at + size_of::<PortName>()) {
        place.copy_from_slice(&name.to_ne_bytes());
    }
}

/// A header and no more, as a task that has sent it to itself receives it.
pub(super) fn empty(port: PortName, id: i32) -> Vec<u8> {
    const SEND: u32 = 17;
    [SEND << 8, HEADER as u32, 0, port, 0, id.cast_unsigned()]
        .iter()
        .flat_map(|word| word.to_ne_bytes())
        .collect()
}
