//! What goes over the wire: one external method, one structure of 80 bytes both ways.

use iokit_uc::{Result, Structure, user_client};
use std::fmt;
use std::str::FromStr;

/// The driver of the System Management Controller.
#[user_client(service = "AppleSMC")]
pub(crate) trait AppleSmc {
    /// `kSMCHandleYPCEvent`: carries out the command in [`SmcParam::data8`] and answers in a structure of the
    /// same kind. Success means that the SMC has answered; what it says is in [`SmcParam::result`].
    #[uc(selector = 2)]
    fn handle_ypc_event(&self, request: &SmcParam) -> Result<SmcParam>;
}

/// `SMCParamStruct`: a command to the SMC, and its answer.
///
/// The holes that a C compiler leaves at 10, 37 and 43 are fields here, so that no byte goes over undefined.
#[derive(Clone, Copy, Debug, Default, Structure)]
#[repr(C)]
pub(crate) struct SmcParam {
    /// The key that is meant, or the one found by index.
    pub(crate) key: FourCc,
    pub(crate) version: SmcVersion,
    pub(crate) _pad10: [u8; 2],
    pub(crate) p_limit: SmcPLimit,
    pub(crate) key_info: SmcKeyInfo,
    /// How it went: see [`result`].
    pub(crate) result: u8,
    pub(crate) status: u8,
    /// What to do: see [`command`].
    pub(crate) data8: u8,
    pub(crate) _pad43: u8,
    /// The index of a key.
    pub(crate) data32: u32,
    /// The key's value, [`SmcKeyInfo::size`] bytes of it.
    pub(crate) bytes: [u8; VALUE_MAX],
}

/// The most bytes that a value has.
pub(crate) const VALUE_MAX: usize = 32;

/// `SMCVersion`, which reading keys does not need.
#[derive(Clone, Copy, Debug, Default, Structure)]
#[repr(C)]
pub(crate) struct SmcVersion {
    pub(crate) major: u8,
    pub(crate) minor: u8,
    pub(crate) build: u8,
    pub(crate) reserved: u8,
    pub(crate) release: u16,
}

/// `SMCPLimitData`, which reading keys does not need.
#[derive(Clone, Copy, Debug, Default, Structure)]
#[repr(C)]
pub(crate) struct SmcPLimit {
    pub(crate) version: u16,
    pub(crate) length: u16,
    pub(crate) cpu: u32,
    pub(crate) gpu: u32,
    pub(crate) memory: u32,
}

/// `SMCKeyInfoData`: what a key's value looks like.
#[derive(Clone, Copy, Debug, Default, Structure)]
#[repr(C)]
pub(crate) struct SmcKeyInfo {
    /// The value's size in bytes.
    pub(crate) size: u32,
    /// The value's type, such as `sp78`.
    pub(crate) kind: FourCc,
    /// See [`attribute`].
    pub(crate) attributes: u8,
    pub(crate) _pad9: [u8; 3],
}

/// Commands of [`SmcParam::data8`].
pub(crate) mod command {
    /// Reads the value of `key`; `key_info.size` must be the value's.
    pub(crate) const READ_KEY: u8 = 5;
    /// Finds the key with index `data32`.
    pub(crate) const KEY_AT_INDEX: u8 = 8;
    /// Tells size, type and attributes of `key`.
    pub(crate) const KEY_INFO: u8 = 9;
}

/// Answers in [`SmcParam::result`].
pub(crate) mod result {
    pub(crate) const SUCCESS: u8 = 0;
    pub(crate) const ERROR: u8 = 1;
    pub(crate) const BAD_COMMAND: u8 = 130;
    pub(crate) const KEY_NOT_FOUND: u8 = 132;
    pub(crate) const KEY_NOT_READABLE: u8 = 133;
    pub(crate) const KEY_SIZE_MISMATCH: u8 = 135;
    pub(crate) const KEY_INDEX_RANGE: u8 = 184;
}

/// Bits of [`SmcKeyInfo::attributes`].
pub(crate) mod attribute {
    /// On Apple silicon: integers are little-endian. Intel Macs use the bit for something else.
    pub(crate) const LITTLE_ENDIAN: u8 = 0x04;
    /// The key can be read.
    pub(crate) const READABLE: u8 = 0x80;
}

/// Four characters in an integer, the first one in the highest byte: the name of a key, or of a type.
#[derive(Clone, Copy, Default, PartialEq, Eq, Structure)]
#[repr(transparent)]
pub(crate) struct FourCc(u32);

impl FourCc {
    pub(crate) const fn new(characters: &[u8; 4]) -> Self {
        Self(u32::from_be_bytes(*characters))
    }

    pub(crate) const fn characters(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.characters().escape_ascii().to_string())
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FourCc(b\"{self}\")")
    }
}

impl FromStr for FourCc {
    type Err = NotAKey;

    fn from_str(text: &str) -> std::result::Result<Self, NotAKey> {
        match text.as_bytes().try_into() {
            Ok(characters) if text.is_ascii() => Ok(Self::new(characters)),
            _ => Err(NotAKey(text.into())),
        }
    }
}

/// A text that is no key.
#[derive(Debug)]
pub(crate) struct NotAKey(String);

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no key: keys have four ASCII characters", self.0)
    }
}
