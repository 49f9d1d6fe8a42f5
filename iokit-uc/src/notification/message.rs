//! Taking a message apart (AS-6 … AS-12, NT-14).
//!
//! Whoever has a send right to the port can put any bytes there: nothing is believed but what the kernel itself has
//! written, which is the rights in the header and in the descriptors.

use crate::backend::{DEAD, NULL, PortName, PortRight};
use crate::completion::{Completed, Token};
use crate::error::IoReturn;
use crate::interface::{MessageArgument, MessageType};
use crate::wire::Scalars;
use std::ops::RangeInclusive;

/// What a message says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    /// `kIOAsyncCompletionNotificationType`
    Completion(Token, Completed),
    /// `kIOServiceMessageNotificationType`
    Interest(Token, MessageType, MessageArgument<'a>),
    /// `kIOServicePublishNotificationType`, or one of the two others of that kind: there are services.
    Services(Token),
    /// A header and no more, as a driver sends it when it has put an entry into an empty data queue (DQ-10). It does not say
    /// which.
    DataAvailable,
    /// Sent by this library, for the port to be looked at.
    PutOff,
    /// Anything else that a port may get.
    Unknown,
    /// It contradicts itself, or breaks off.
    Malformed,
}

/// A right that came with a message, and is the receiver's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Right {
    pub(super) name: PortName,
    pub(super) kind: PortRight,
}

const HEADER: usize = 24;
const DESCRIPTOR: usize = 12;
const NOTIFICATION_HEADER: usize = 72;

/// `MACH_MSGH_BITS_COMPLEX`
const COMPLEX: u32 = 1 << 31;
/// `MACH_MSGH_BITS_REMOTE_MASK`
const REMOTE: u32 = 0x1f;
/// `MACH_MSG_TYPE_PORT_RECEIVE`
const RECEIVE: u32 = 16;
/// `MACH_MSG_PORT_DESCRIPTOR`
const PORT: u32 = 0;

/// `kOSNotificationMessageID`
const NOTIFICATION: u32 = 53;
/// The number of a data queue's message.
const DATA_AVAILABLE: u32 = 0;
/// The number of the message that this library sends itself.
pub(super) const PUT_OFF: i32 = 0x5543_0001;
/// `kOSNotificationMessageTypeMask`-like: what lies above is of no use here.
const TYPE: u32 = 0xfff;
/// How many bytes the last four of a service message's argument are, in the two bits from here on; 0 for all four.
const ADJUSTMENT: u32 = 30;
/// `kIOServicePublishNotificationType` … `kIOServiceTerminatedNotificationType`
const SERVICES: RangeInclusive<u32> = 100..=102;
const ASYNC_COMPLETION: u32 = 150;
const SERVICE_MESSAGE: u32 = 160;

fn word(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_ne_bytes)
}

fn long(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes.get(offset..)?.first_chunk().copied().map(u64::from_ne_bytes)
}

/// The descriptors and what follows them. None if any is not of a port: those have other sizes, and what comes after them
/// would be looked for where the sender may have put anything.
fn descriptors(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = message.get(HEADER..)?;
    if word(message, 0)? & COMPLEX == 0 {
        return Some((&[], body));
    }
    let size = DESCRIPTOR.checked_mul(word(body, 0)? as usize)?;
    let (descriptors, content) = body.get(4..)?.split_at_checked(size)?;
    let of_port = |descriptor| word(descriptor, 8).is_some_and(|bits| bits >> 24 == PORT);
    descriptors.chunks_exact(DESCRIPTOR).all(of_port).then_some((descriptors, content))
}

impl Right {
    fn new(name: PortName, disposition: u32) -> Option<Self> {
        let kind = if disposition == RECEIVE { PortRight::Receive } else { PortRight::Send };
        (name != NULL && name != DEAD).then_some(Self { name, kind })
    }
}

/// The right that came as the one to answer to: of a notification the kernel's object that has sent it (NT-7, NT-14).
pub(super) fn remote(message: &[u8]) -> Option<Right> {
    Right::new(word(message, 8)?, word(message, 0)? & REMOTE)
}

/// The rights in a message's descriptors.
pub(super) fn carried(message: &[u8]) -> impl Iterator<Item = Right> {
    let (descriptors, _) = descriptors(message).unwrap_or_default();
    descriptors
        .chunks_exact(DESCRIPTOR)
        .filter_map(|descriptor| Right::new(word(descriptor, 0)?, word(descriptor, 8)? >> 16 & 0xff))
}

/// What a message says.
pub(super) fn parse(message: &[u8]) -> Content<'_> {
    if word(message, 4).is_none_or(|size| size as usize != message.len()) {
        return Content::Malformed;
    }
    match word(message, 20) {
        Some(NOTIFICATION) => notification(message).unwrap_or(Content::Malformed),
        Some(DATA_AVAILABLE) if message.len() == HEADER => Content::DataAvailable,
        Some(id) if id as i32 == PUT_OFF && message.len() == HEADER => Content::PutOff,
        Some(_) => Content::Unknown,
        None => Content::Malformed,
    }
}

/// `OSNotificationHeader64` and its content.
fn notification(message: &[u8]) -> Option<Content<'_>> {
    let (_, notification) = descriptors(message)?;
    let (header, content) = notification.split_at_checked(NOTIFICATION_HEADER)?;
    let (size, kind) = (word(header, 0)? as usize, word(header, 4)?);
    // Slot 0 is the kernel's.
    let (generation, index) = (long(header, 16)?, long(header, 24)?);
    // A word that is too long is in no token.
    let token = usize::try_from(generation).ok().zip(usize::try_from(index).ok());
    let token = token.map(|(generation, index)| Token { generation, index });
    match kind & TYPE {
        ASYNC_COMPLETION => {
            // The count is the message's own, by IOKitLib's rule (AS-10); the size of the content must be within it.
            let arguments = content.get(4..)?.chunks_exact(8);
            let mut scalars = Scalars::new();
            for argument in arguments {
                scalars.push(u64::from_ne_bytes(argument.try_into().ok()?)).ok()?;
            }
            if size > content.len() {
                return None;
            }
            let result = IoReturn::from_code(word(content, 0)?);
            Some(Content::Completion(token?, Completed { result, arguments: scalars }))
        }
        SERVICE_MESSAGE => {
            let argument = argument(content.get(4..)?, kind >> ADJUSTMENT)?;
            Some(Content::Interest(token?, MessageType(word(content, 0)?), argument))
        }
        kind if SERVICES.contains(&kind) => Some(Content::Services(token?)),
        _ => Some(Content::Unknown),
    }
}

/// The argument of a service message, which is sent in words of four bytes.
fn argument(sent: &[u8], of_the_last: u32) -> Option<MessageArgument<'_>> {
    let unused = (4 - of_the_last as usize) % 4;
    let bytes = &sent[..sent.len().checked_sub(unused)?];
    let value = <[u8; 8]>::try_from(bytes).ok();
    Some(
        value
            .map_or(MessageArgument::Bytes(bytes), |value| MessageArgument::Value(u64::from_ne_bytes(value))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(message: &[u8]) -> impl Iterator<Item = Right> {
        remote(message).into_iter().chain(carried(message))
    }

    const TOKEN: Token = Token { generation: 0x0102_0304, index: 9 };

    /// The message of AS-6.
    fn completion(result: IoReturn, arguments: &[u64]) -> Vec<u8> {
        let mut body = Vec::new();
        body.extend((4 + 8 * arguments.len() as u32).to_ne_bytes());
        body.extend(150u32.to_ne_bytes());
        for word in [0, TOKEN.generation as u64, TOKEN.index as u64, 4, 5, 6, 7, 8] {
            body.extend(u64::to_ne_bytes(word));
        }
        body.extend(result.raw().to_ne_bytes());
        body.extend(arguments.iter().flat_map(|argument| argument.to_ne_bytes()));
        body.extend([0; 4]);
        message(17, NULL, 53, None, &body)
    }

    /// The message of NT-14.
    fn interest(message_type: u32, adjustment: u32) -> Vec<u8> {
        let mut body = Vec::new();
        body.extend(76u32.to_ne_bytes());
        body.extend((160 | adjustment << 30).to_ne_bytes());
        for word in [0, TOKEN.generation as u64, TOKEN.index as u64, 0, 0, 0, 0, 0] {
            body.extend(u64::to_ne_bytes(word));
        }
        body.extend(message_type.to_ne_bytes());
        body.extend([0; 8]);
        message(17, 0x903, 53, Some(&[(0x1203, 17)]), &body)
    }

    fn message(
        remote: u32,
        name: PortName,
        id: i32,
        descriptors: Option<&[(PortName, u32)]>,
        body: &[u8],
    ) -> Vec<u8> {
        let mut message = Vec::new();
        let complex = if descriptors.is_some() { COMPLEX } else { 0 };
        for word in [remote | 17 << 8 | complex, 0, name, 0xb03, 0] {
            message.extend(u32::to_ne_bytes(word));
        }
        message.extend(id.to_ne_bytes());
        if let Some(descriptors) = descriptors {
            message.extend((descriptors.len() as u32).to_ne_bytes());
            for &(name, disposition) in descriptors {
                for word in [name, 0, disposition << 16] {
                    message.extend(u32::to_ne_bytes(word));
                }
            }
        }
        message.extend(body);
        resize(&mut message);
        message
    }

    /// Has the header tell the size that there is.
    fn resize(message: &mut [u8]) {
        let size = message.len() as u32;
        message[4..8].copy_from_slice(&size.to_ne_bytes());
    }

    #[test]
    fn as_06_a_completion_is_read_with_any_number_of_arguments() {
        for count in 0..=16 {
            let arguments: Vec<u64> = (0..count).map(|index| u64::MAX - index).collect();
            let message = completion(IoReturn::BUSY, &arguments);
            assert_eq!(message.len(), 104 + 8 * arguments.len());
            let Content::Completion(token, completed) = parse(&message) else { panic!("{message:?}") };
            assert_eq!((token, completed.result), (TOKEN, IoReturn::BUSY));
            assert_eq!(*completed.arguments, arguments);
            assert_eq!(rights(&message).count(), 0);
        }
        assert!(matches!(parse(&completion(IoReturn::SUCCESS, &[0; 17])), Content::Malformed));
    }

    #[test]
    fn nt_14_a_service_message_is_read_whatever_the_size_of_its_argument() {
        for adjustment in 0..4 {
            let message = interest(0xe000_0010, adjustment);
            assert_eq!(message.len(), 124);
            let Content::Interest(token, kind, argument) = parse(&message) else { panic!("{message:?}") };
            assert_eq!((token, kind), (TOKEN, MessageType::SERVICE_IS_TERMINATED));
            let expected = [MessageArgument::Value(0), [0; 5].as_slice().into(), [0; 6].as_slice().into()];
            let seven = MessageArgument::Bytes(&[0; 7]);
            assert_eq!(argument, expected.into_iter().chain([seven]).nth(adjustment as usize).unwrap());
        }
    }

    #[test]
    fn nt_14_an_argument_has_the_size_that_the_sender_gave_it() {
        let bytes: Vec<u8> = (1..=64).collect();
        for size in (1..=64).filter(|&size| size != 8) {
            let mut padded = bytes[..size].to_vec();
            padded.resize(size.next_multiple_of(4), 0);
            assert_eq!(argument(&padded, size as u32 & 3), Some(MessageArgument::Bytes(&bytes[..size])));
        }
        assert_eq!(argument(&7u64.to_ne_bytes(), 0), Some(MessageArgument::Value(7)));
        assert_eq!(argument(&[], 0), Some(MessageArgument::Bytes(&[])));
        // Less than is said to be unused.
        assert_eq!(argument(&[1, 2], 1), None);
    }

    #[test]
    fn nt_07_a_message_of_services_says_for_whom_it_is_and_who_has_sent_it() {
        for kind in 100u32..=102 {
            let mut body = [0u32.to_ne_bytes(), kind.to_ne_bytes()].concat();
            for word in [0, TOKEN.generation as u64, TOKEN.index as u64, 0, 0, 0, 0, 0] {
                body.extend(u64::to_ne_bytes(word));
            }
            let message = message(17, 0x903, 53, None, &body);
            assert_eq!(message.len(), 96);
            assert!(matches!(parse(&message), Content::Services(TOKEN)));
            assert_eq!(remote(&message), Some(Right { name: 0x903, kind: PortRight::Send }));
            assert_eq!(carried(&message).count(), 0);
        }
    }

    #[test]
    fn rights_are_told_by_what_they_are() {
        let send = |name| Right { name, kind: PortRight::Send };
        assert_eq!(rights(&interest(0, 0)).collect::<Vec<_>>(), [send(0x903), send(0x1203)]);
        let descriptors = [(0x103, 17), (NULL, 17), (0x203, RECEIVE), (DEAD, 17), (0x303, 18)];
        let message = message(18, 0x403, 1, Some(&descriptors), &[]);
        let receive = Right { name: 0x203, kind: PortRight::Receive };
        let expected = [send(0x403), send(0x103), receive, send(0x303)];
        assert_eq!(rights(&message).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_a_sender_wrote_is_not_taken_for_a_right() {
        // Memory, of 0x203 bytes: its descriptor is longer than that of the port after it.
        let memory: [u32; 4] = [0, 0, 1 << 24, 0x203];
        let port = [0x103, 0, 17 << 16];
        let words = [&[2][..], &memory, &port, &[0; 25]].concat();
        let body: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        let mut message = message(17, 0x903, 53, None, &body);
        message[..4].copy_from_slice(&(COMPLEX | 17).to_ne_bytes());
        assert_eq!(rights(&message).map(|right| right.name).collect::<Vec<_>>(), [0x903]);
        assert!(matches!(parse(&message), Content::Malformed));
    }

    #[test]
    fn messages_of_other_kinds_are_unknown() {
        assert!(matches!(parse(&message(0, NULL, 57, None, &[0; 90])), Content::Unknown));
        for kind in [0u32, 99, 103, 199, 0xfff] {
            let mut message = completion(IoReturn::SUCCESS, &[]);
            message[28..32].copy_from_slice(&kind.to_ne_bytes());
            assert!(matches!(parse(&message), Content::Unknown), "{kind}");
        }
    }

    #[test]
    fn a_message_that_breaks_off_is_malformed_wherever_it_does() {
        for whole in [completion(IoReturn::SUCCESS, &[1, 2]), interest(0xe000_0010, 0)] {
            for length in 0..whole.len() {
                // Told by the size in the header, or by what there is.
                assert!(matches!(parse(&whole[..length]), Content::Malformed), "{length}");
                if length >= HEADER {
                    let mut cut = whole[..length].to_vec();
                    resize(&mut cut);
                    let needed = whole.len() - if whole.len() == 124 { 8 } else { 4 + 16 };
                    let read = !matches!(parse(&cut), Content::Malformed);
                    assert!(!read || length >= needed, "{length} of {}", whole.len());
                }
            }
        }
    }

    #[test]
    fn sizes_and_counts_that_contradict_the_message_are_malformed() {
        let mut larger = completion(IoReturn::SUCCESS, &[1]);
        larger[24..28].copy_from_slice(&1000u32.to_ne_bytes());
        assert!(matches!(parse(&larger), Content::Malformed));

        for count in [2, 9, 1 << 20, u32::MAX / 12, u32::MAX] {
            let mut more = interest(0xe000_0010, 0);
            more[24..28].copy_from_slice(&u32::to_ne_bytes(count));
            assert!(!matches!(parse(&more), Content::Interest(TOKEN, ..)), "{count}");
        }
    }

    /// A small generator of numbers that look random: xorshift.
    fn random(state: &mut u64) -> usize {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state as usize
    }

    #[test]
    fn whatever_is_in_a_message_taking_it_apart_ends() {
        let whole = [
            completion(IoReturn::SUCCESS, &[]),
            completion(IoReturn::SUCCESS, &[7; 16]),
            interest(0xe000_0010, 3),
            message(17, 0x103, 53, Some(&[(0x203, 16), (0x303, 17), (0x403, 18)]), &[1; 100]),
        ];
        let interesting =
            [0u32, 1, 4, 12, 53, 72, 150, 160, 0x7fff_ffff, 0x8000_0000, u32::MAX - 3, u32::MAX];
        let mut state = 0x853c_49e6_748f_ea9b;
        let rounds = if cfg!(miri) { 300 } else { 100_000 };
        for round in 0..rounds {
            let mut message = whole[round % whole.len()].clone();
            for _ in 0..1 + random(&mut state) % 4 {
                let at = random(&mut state) % message.len();
                match random(&mut state) % 4 {
                    0 => message[at] ^= 1 << (random(&mut state) % 8),
                    1 => message.truncate(at + 1),
                    2 => message.extend_from_within(at..),
                    _ => {
                        let word = interesting[random(&mut state) % interesting.len()].to_ne_bytes();
                        let end = message.len().min(at / 4 * 4 + 4);
                        message[at / 4 * 4..end].copy_from_slice(&word[..end - at / 4 * 4]);
                    }
                }
            }
            if random(&mut state).is_multiple_of(2) && message.len() >= HEADER {
                resize(&mut message);
            }
            let carried = rights(&message).count();
            assert!(carried <= 1 + message.len() / DESCRIPTOR);
            if let Content::Completion(_, completed) = parse(&message) {
                assert!(completed.arguments.len() <= 16 && 8 * completed.arguments.len() < message.len());
            }
        }
    }
}
