//! What completions and notifications have in common (AS-6, NT-7, NT-14).

/// `kOSNotificationMessageID` (CN-2).
pub(super) const MESSAGE_ID: i32 = 53;

/// The size of `OSNotificationHeader64` (CN-2).
const HEADER_SIZE: usize = 72;

/// `OSNotificationHeader64`, the start of a message's body, with room for `room` bytes after it. `size` is what it says of
/// its content.
pub(super) fn header(size: u32, kind: u32, reference: &[u64; 8], room: usize) -> Vec<u8> {
    let mut body = Vec::with_capacity(HEADER_SIZE + room);
    body.extend_from_slice(bytemuck::cast_slice(&[size, kind]));
    // The port in slot 0 is the kernel's own business.
    body.extend_from_slice(&[0; size_of::<u64>()]);
    body.extend_from_slice(bytemuck::cast_slice(&reference[1..]));
    body
}

/// The body of a matching notification, all header, with the reference as it was registered (NT-7, NT-11).
pub(super) fn header_as_registered(kind: u32, reference: &[u64; 8]) -> Vec<u8> {
    let mut body = header(0, kind, reference, 0);
    body[size_of::<u64>()..2 * size_of::<u64>()].copy_from_slice(&reference[0].to_ne_bytes());
    body
}
