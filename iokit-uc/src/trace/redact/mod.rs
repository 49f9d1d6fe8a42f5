//! What is not to be told: kept out of a trace when it is written, or taken out of one that is there.

mod known;
mod pseudonym;
mod value;

use super::call::Trace;
use super::field::{Field, FieldRef};
use crate::backend::Function;
use crate::value::Value;
use known::Known;
use pseudonym::Pseudonyms;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What is taken out of a trace: serial numbers, addresses, names of users.
///
/// Each is replaced by a pseudonym of the same type and length: a digit by a digit, a letter by a letter, what lies between them
/// stays. One secret has one pseudonym throughout a trace, wherever it is found, so that a program which reads a serial number
/// and passes it on does the same with the pseudonym: a redacted trace can be [replayed](super::Replay). Pseudonyms are made with
/// a random key that is not kept.
///
/// # What is found
///
/// - **Properties by their keys.** What is under a key of a secret, in a property or in a dictionary of any depth: strings, data,
///   and numbers above 255. [`key`](Self::key) and [`keys_with`](Self::keys_with) add to the keys, which
///   [are](Self::DEFAULT_KEYS) by default those of serial numbers, UUIDs, hardware addresses, networks and users.
/// - **Texts, wherever they are**: in strings, paths, keys, and, from six bytes, in structures and messages. These are what was
///   found by its key, the names of this machine, of the user and of the home directory, and whatever
///   [`text`](Self::text) adds, in large letters or small. One of fewer than six bytes counts if it is a word by itself; of
///   fewer than three, never. Bytes that are a text as a whole, as those of a property may be, count as a string. Of data and of
///   large numbers the digits count too.
/// - **Hardware addresses** written as `00:1b:63:84:45:e6`, in strings.
/// - **Addresses in the kernel**, in strings, and as numbers and scalars of 64 bits.
///
/// What a structure means only its author knows: [`structures`](Self::structures) and [`scalars`](Self::scalars) say what is
/// secret there.
///
/// A recording is redacted as it goes: where a serial number was in a path before it was seen by its key, it stays.
/// [`Trace::redact`] knows the whole trace beforehand.
///
/// ```
/// # #[cfg(feature = "sim")] {
/// # use iokit_uc::backend::Backend;
/// # use iokit_uc::sim::{Machine, Nub};
/// use iokit_uc::trace::{RecordingOptions, Redaction, Trace};
/// use iokit_uc::{Kernel, Matching, Service};
///
/// # let machine = Machine::new();
/// # machine.publish(Nub::new("com_example_Disk").property("Serial Number", "S5GXNX0T"));
/// # let host = machine.task("client").kernel();
/// let path = std::env::temp_dir().join("disk.trace");
/// let redaction = Redaction::new().key("Asset Tag");
/// let options = RecordingOptions::new().redaction(redaction);
/// let kernel = Kernel::recording_with(host, std::fs::File::create(&path)?, options);
/// let disk = Service::expect_first(&kernel, &Matching::class("com_example_Disk"))?;
/// // The program sees what there is.
/// assert_eq!(disk.property("Serial Number")?.unwrap().as_str(), Some("S5GXNX0T"));
///
/// drop((disk, kernel));
/// let trace = Trace::open(&path)?;
/// assert!(!trace.to_string().contains("S5GXNX0T"));
/// # std::fs::remove_file(path)?;
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Redaction {
    keys: Vec<String>,
    /// In letters and digits alone, small.
    words: Vec<String>,
    texts: Vec<Vec<u8>>,
    addresses: bool,
    structures: Vec<Custom<u8>>,
    scalars: Vec<Custom<u64>>,
}

type Custom<T> = Arc<dyn Fn(&RedactionPlace<'_>, &mut [T]) + Send + Sync>;

/// Where a field is that may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedactionPlace<'a> {
    /// What is called.
    pub function: Function,
    /// The selector, if the function has one.
    pub selector: Option<u32>,
    /// The parameter, by its name in [`Backend`](crate::backend::Backend); empty for what is returned.
    pub parameter: &'a str,
    /// Whether it comes back from the call.
    pub is_output: bool,
}

impl Default for Redaction {
    fn default() -> Self {
        Self::new()
    }
}

impl Redaction {
    /// What makes a key one of a secret, by default: that it has one of these words in it, where its letters and digits alone
    /// count, and not their case.
    pub const DEFAULT_KEYS: &[&str] = &[
        "serialnumber",
        "uuid",
        "guid",
        "worldwidename",
        "macaddress",
        "bdaddr",
        "bluetoothaddress",
        "ethernetaddress",
        "wifiaddress",
        "ssid",
        "imei",
        "iccid",
        "phonenumber",
        "ecid",
        "uniquechipid",
        "uniquedeviceid",
        "udid",
        "dieid",
        "usernamekey",
        "username",
        "hostname",
        "computername",
        "volumename",
    ];

    /// What is told [above](Self#what-is-found).
    pub fn new() -> Self {
        let names = names();
        let texts = names.into_iter().filter(|name| !known::is_common(name)).collect();
        let words = Self::DEFAULT_KEYS.iter().map(|&word| word.to_owned()).collect();
        Self { keys: vec!["Serial".into()], words, texts, addresses: true, ..Self::nothing() }
    }

    /// Nothing but what is added.
    pub fn nothing() -> Self {
        Self {
            keys: Vec::new(),
            words: Vec::new(),
            texts: Vec::new(),
            addresses: false,
            structures: Vec::new(),
            scalars: Vec::new(),
        }
    }

    /// Also what is under this key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.keys.push(key.into());
        self
    }

    /// Also what is under a key with this word in it, where letters and digits alone count, and not their case: `"serial"` is in
    /// `"kUSB-Serial Number"`. A word without letters or digits is in none.
    #[must_use]
    pub fn keys_with(mut self, word: impl AsRef<str>) -> Self {
        self.words.extend(Some(normal(word.as_ref())).filter(|word| !word.is_empty()));
        self
    }

    /// Also this text, wherever it is.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.texts.push(text.into().into_bytes());
        self
    }

    /// Changes structures, the bytes of properties, messages and what lies in memory, in a way of one's own. After what is
    /// found in them.
    ///
    /// ```
    /// use iokit_uc::trace::Redaction;
    ///
    /// let redaction = Redaction::new().structures(|place, bytes| {
    ///     // The answer of selector 3 begins with the owner's number.
    ///     if (place.selector, place.is_output) == (Some(3), true) && bytes.len() >= 8 {
    ///         bytes[..8].fill(0);
    ///     }
    /// });
    /// # let _ = redaction;
    /// ```
    #[must_use]
    pub fn structures(
        mut self,
        change: impl Fn(&RedactionPlace<'_>, &mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        self.structures.push(Arc::new(change));
        self
    }

    /// Changes scalars, the words of references, and parameters of traps, in a way of one's own.
    #[must_use]
    pub fn scalars(
        mut self,
        change: impl Fn(&RedactionPlace<'_>, &mut [u64]) + Send + Sync + 'static,
    ) -> Self {
        self.scalars.push(Arc::new(change));
        self
    }

    fn is_secret(&self, key: &str) -> bool {
        let normal = normal(key);
        self.keys.iter().any(|secret| secret == key) || self.words.iter().any(|word| normal.contains(word))
    }
}

impl fmt::Debug for Redaction {
    /// Without the texts, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction")
            .field("keys", &self.keys)
            .field("words", &self.words)
            .finish_non_exhaustive()
    }
}

fn normal(key: &str) -> String {
    key.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Names of the user and the machine that this runs for and on.
fn names() -> Vec<Vec<u8>> {
    let variables = ["USER", "LOGNAME", "HOSTNAME"].into_iter().filter_map(std::env::var_os);
    let home = std::env::home_dir().and_then(|home| home.file_name().map(ToOwned::to_owned));
    let names = variables.chain(home).map(|name| name.into_encoded_bytes());
    // Of `mac.example.org` the first word is the name, which stands by itself too.
    let host = host_name().into_iter().flat_map(|name| {
        let first = name.split(|&byte| byte == b'.').next().unwrap_or_default().to_vec();
        [name, first]
    });
    names.chain(host).collect()
}

/// `gethostname`, where there is one.
fn host_name() -> Option<Vec<u8>> {
    #[cfg(all(unix, not(miri)))]
    {
        unsafe extern "C" {
            fn gethostname(name: *mut std::ffi::c_char, length: usize) -> std::ffi::c_int;
        }
        let mut name = [0u8; 1025];
        // SAFETY: POSIX: it writes at most `length` bytes to `name`, which has one more: so there is a NUL in any case.
        let code = unsafe { gethostname(name.as_mut_ptr().cast(), name.len() - 1) };
        let name = std::ffi::CStr::from_bytes_until_nul(&name).ok()?;
        (code == 0).then(|| name.to_bytes().to_vec())
    }
    #[cfg(not(all(unix, not(miri))))]
    None
}

/// A redaction at work: what is secret, and what stands for it.
pub(super) struct Redactor {
    rules: Redaction,
    state: Mutex<State>,
}

struct State {
    known: Known,
    pseudonyms: Pseudonyms,
}

/// What is known of a call while it is redacted.
#[derive(Default)]
pub(super) struct Context {
    selector: Option<u32>,
    /// Whether the call is about a property that is a secret.
    is_secret: bool,
}

impl Redactor {
    pub(super) fn new(rules: Redaction) -> Self {
        let mut known = Known::default();
        rules.texts.iter().for_each(|text| known.add(text));
        Self { rules, state: Mutex::new(State { known, pseudonyms: Pseudonyms::new() }) }
    }

    /// Notes what tells about the other fields of a call.
    pub(super) fn note(&self, context: &mut Context, name: &str, field: &FieldRef<'_>) {
        match (name, field) {
            ("selector" | "index", FieldRef::Number(number)) => {
                context.selector = u32::try_from(*number).ok()
            }
            ("key", FieldRef::Text(key)) => {
                context.is_secret |= str::from_utf8(key).is_ok_and(|key| self.rules.is_secret(key));
            }
            _ => {}
        }
    }

    /// Learns the secrets of a field.
    pub(super) fn learn(&self, context: &Context, field: &FieldRef<'_>) {
        let mut state = self.lock();
        match field {
            FieldRef::Value(value) => value::learn(value, &self.rules, context.is_secret, &mut state.known),
            FieldRef::Bytes(bytes) if context.is_secret => state.known.add(bytes),
            _ => {}
        }
    }

    /// The field without its secrets, if it has any.
    pub(super) fn redact(
        &self,
        function: Function,
        context: &Context,
        parameter: &str,
        is_output: bool,
        field: &FieldRef<'_>,
    ) -> Option<Field> {
        let place = RedactionPlace { function, selector: context.selector, parameter, is_output };
        let mut state = self.lock();
        match field {
            FieldRef::Text(text) => state.text(&self.rules, text).map(Field::Text),
            FieldRef::Value(value) => {
                value::redact(value, &self.rules, context.is_secret, &mut state).map(Field::Value)
            }
            FieldRef::Number(number) => {
                let number = u64::try_from(*number).ok()?;
                state.word(&self.rules, number).map(|number| Field::Number(number.into()))
            }
            FieldRef::Words(words) => {
                let mut changed: Vec<u64> =
                    words.iter().map(|&word| state.word(&self.rules, word).unwrap_or(word)).collect();
                // What is not ours is not run under our lock.
                drop(state);
                self.rules.scalars.iter().for_each(|change| change(&place, &mut changed));
                (changed != **words).then_some(Field::Words(changed))
            }
            FieldRef::Bytes(bytes) => {
                let found = match context.is_secret {
                    true => state.secret_bytes(bytes),
                    false => state.bytes(&self.rules, bytes),
                };
                drop(state);
                let mut changed = found.map_or(Cow::Borrowed(*bytes), Cow::Owned);
                for change in &self.rules.structures {
                    change(&place, changed.to_mut());
                }
                (*changed != **bytes).then(|| Field::Bytes(changed.into_owned()))
            }
            _ => None,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // What a panic for want of memory leaves is in order.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A text without the secrets in it, if it has any.
    fn text(&mut self, rules: &Redaction, text: &[u8]) -> Option<Vec<u8>> {
        self.found(text, |known, text, at| known.in_text(text, at, rules.addresses))
    }

    /// The same for bytes that need not be text.
    fn bytes(&mut self, rules: &Redaction, bytes: &[u8]) -> Option<Vec<u8>> {
        let Some(text) = known::as_text(bytes) else { return self.found(bytes, Known::in_bytes) };
        self.text(rules, text).map(|mut other| {
            other.resize(bytes.len(), 0);
            other
        })
    }

    fn found(&mut self, bytes: &[u8], length: impl Fn(&Known, &[u8], usize) -> usize) -> Option<Vec<u8>> {
        let mut changed: Option<Vec<u8>> = None;
        let mut at = 0;
        while at < bytes.len() {
            match length(&self.known, bytes, at) {
                0 => at += 1,
                length => {
                    let pseudonym = self.pseudonyms.bytes(&bytes[at..at + length]);
                    changed.get_or_insert_with(|| bytes.to_vec())[at..at + length]
                        .copy_from_slice(&pseudonym);
                    at += length;
                }
            }
        }
        changed
    }

    /// A pseudonym for bytes that are a secret as a whole, but for the NULs at their end.
    fn secret_bytes(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let secret = known::without_end(bytes);
        let mut pseudonym = self.pseudonyms.bytes(secret);
        pseudonym.resize(bytes.len(), 0);
        (pseudonym != bytes).then_some(pseudonym)
    }

    /// A pseudonym for a number of 64 bits, if it is a secret or an address in the kernel.
    fn word(&mut self, rules: &Redaction, word: u64) -> Option<u64> {
        if self.known.is_secret(word) {
            return Some(self.pseudonyms.number(word));
        }
        (rules.addresses && known::is_kernel_address(word)).then(|| self.pseudonyms.address(word))
    }
}

impl Trace {
    /// Takes out what is not to be told, before it is [written](Self::write).
    pub fn redact(&mut self, redaction: &Redaction) {
        let redactor = Redactor::new(redaction.clone());
        let contexts: Vec<Context> = self
            .calls
            .iter()
            .map(|call| {
                let mut context = Context::default();
                for (name, field) in &call.inputs {
                    redactor.note(&mut context, name, &field.borrow());
                }
                for (_, field) in call.inputs.iter().chain(&call.outputs) {
                    redactor.learn(&context, &field.borrow());
                }
                context
            })
            .collect();
        for (call, context) in self.calls.iter_mut().zip(&contexts) {
            let function = call.function;
            let inputs = call.inputs.iter_mut().map(|field| (false, field));
            for (is_output, (name, field)) in inputs.chain(call.outputs.iter_mut().map(|field| (true, field)))
            {
                if let Some(other) = redactor.redact(function, context, name, is_output, &field.borrow()) {
                    *field = other;
                }
            }
        }
    }
}

/// Whether a leaf of a value can be a secret.
fn is_secret_leaf(value: &Value) -> bool {
    value.as_number().is_none_or(|number| number.as_u64().is_some_and(|number| number > 255))
}
