//! Reads keys.

use super::protocol::{AppleSmc, AppleSmcClient, FourCc, SmcKeyInfo, SmcParam, VALUE_MAX};
use super::protocol::{attribute, command, result};
use super::value::{ByteOrder, Value, unit};
use iokit_uc::{Kernel, Matching, Service};
use std::fmt;

/// The System Management Controller of a Mac.
pub(crate) struct Smc {
    driver: AppleSmcClient,
    /// Whether a key's attributes tell the byte order of its integers.
    attributes_tell_order: bool,
}

/// The service's name on Apple silicon.
const KEYS_ENDPOINT: &str = "AppleSMCKeysEndpoint";

const KEY_COUNT: FourCc = FourCc::new(b"#KEY");

impl Smc {
    /// Opens the SMC of `kernel`: a service of class `AppleSMC`, or else the one with its name on Apple silicon.
    pub(crate) fn open(kernel: &Kernel) -> iokit_uc::Result<Self> {
        let service = match Service::first(kernel, &Matching::class("AppleSMC"))? {
            Some(service) => service,
            None => Service::expect_first(kernel, &Matching::name(KEYS_ENDPOINT))?,
        };
        let attributes_tell_order = service.name()? == KEYS_ENDPOINT;
        Ok(Self { driver: AppleSmcClient::open(&service)?, attributes_tell_order })
    }

    /// How many keys there are: the value of the key `#KEY`.
    pub(crate) fn key_count(&self) -> Result<u32, SmcError> {
        let reading = self.read(KEY_COUNT)?;
        match reading.value() {
            Value::Integer(count) => count.try_into().map_err(|_| SmcError::NotACount(reading)),
            _ => Err(SmcError::NotACount(reading)),
        }
    }

    /// The key with an index, from 0.
    pub(crate) fn key_at(&self, index: u32) -> Result<FourCc, SmcError> {
        let request = SmcParam { data8: command::KEY_AT_INDEX, data32: index, ..SmcParam::default() };
        Ok(self.request(Subject::Index(index), &request)?.key)
    }

    /// Size, type and attributes of a key's value.
    pub(crate) fn key_info(&self, key: FourCc) -> Result<SmcKeyInfo, SmcError> {
        let request = SmcParam { key, data8: command::KEY_INFO, ..SmcParam::default() };
        Ok(self.request(Subject::Key(key), &request)?.key_info)
    }

    /// A key with its value.
    pub(crate) fn read(&self, key: FourCc) -> Result<Reading, SmcError> {
        let key_info = self.key_info(key)?;
        let size = key_info.size as usize;
        if size > VALUE_MAX {
            return Err(SmcError::TooLarge { key, size });
        }
        let request = SmcParam { key, key_info, data8: command::READ_KEY, ..SmcParam::default() };
        let answer = self.request(Subject::Key(key), &request)?;
        let order = self.byte_order(key, key_info);
        Ok(Reading { key, kind: key_info.kind, order, bytes: answer.bytes[..size].into() })
    }

    fn request(&self, subject: Subject, request: &SmcParam) -> Result<SmcParam, SmcError> {
        let answer =
            self.driver.handle_ypc_event(request).map_err(|error| SmcError::Call { subject, error })?;
        match answer.result {
            result::SUCCESS => Ok(answer),
            result => Err(SmcError::Refused { subject, result }),
        }
    }

    fn byte_order(&self, key: FourCc, info: SmcKeyInfo) -> ByteOrder {
        let marked = self.attributes_tell_order && info.attributes & attribute::LITTLE_ENDIAN != 0;
        // The number of keys is big-endian on every Mac.
        if marked && key != KEY_COUNT { ByteOrder::Little } else { ByteOrder::Big }
    }
}

/// A key with its value.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) key: FourCc,
    pub(crate) kind: FourCc,
    pub(crate) order: ByteOrder,
    pub(crate) bytes: Box<[u8]>,
}

impl Reading {
    pub(crate) fn value(&self) -> Value<'_> {
        Value::decode(self.kind, &self.bytes, self.order)
    }
}

impl fmt::Display for Reading {
    /// Key, type, value with unit, and the bytes that it was made from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value();
        let shown = if let Value::Bytes(_) = value { String::new() } else { value.to_string() };
        let unit = unit(self.key, &value).unwrap_or_default();
        write!(f, "{} [{}] {shown:>12} {unit:<4} {}", self.key, self.kind, Value::Bytes(&self.bytes))
    }
}

/// What a request was about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject {
    Key(FourCc),
    Index(u32),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "key {key}"),
            Self::Index(index) => write!(f, "key number {index}"),
        }
    }
}

/// Why there is no value.
#[derive(Debug)]
pub(crate) enum SmcError {
    /// The call to the driver failed.
    Call { subject: Subject, error: iokit_uc::Error },
    /// The SMC has answered, and refuses.
    Refused { subject: Subject, result: u8 },
    /// The value is said to be larger than an answer.
    TooLarge { key: FourCc, size: usize },
    /// `#KEY` is no number of keys.
    NotACount(Reading),
}

impl fmt::Display for SmcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { subject, error } => write!(f, "{subject}: {error}"),
            Self::Refused { subject, result } => {
                write!(f, "{subject}: {} (SMC result {result})", meaning(*result))
            }
            Self::TooLarge { key, size } => {
                write!(f, "key {key}: a value of {size} bytes, an answer has room for {VALUE_MAX}")
            }
            Self::NotACount(reading) => write!(f, "not a number of keys: {reading}"),
        }
    }
}

impl std::error::Error for SmcError {}

fn meaning(result: u8) -> &'static str {
    match result {
        result::ERROR => "error",
        result::BAD_COMMAND => "unknown command",
        result::KEY_NOT_FOUND => "key not found",
        result::KEY_NOT_READABLE => "key not readable",
        result::KEY_SIZE_MISMATCH => "wrong size",
        result::KEY_INDEX_RANGE => "no key with this number",
        _ => "refused",
    }
}
