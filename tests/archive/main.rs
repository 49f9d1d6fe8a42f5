//! Registries as `ioreg` writes them, read, written, and loaded into a machine.

mod damaged;
mod machine;
mod plist;
mod round_trip;
mod text;

use iokit_uc::archive::Archive;
use iokit_uc::{Dictionary, Value};
use std::path::PathBuf;

/// A file of `tests/archives`, which `make.py` there has made.
fn sample(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "archives", name].iter().collect()
}

fn open(name: &str) -> Archive {
    Archive::open(sample(name)).unwrap()
}

/// The text of a file. `ioreg` prints data as text that need not be UTF-8; there it is replaced.
fn read(name: &str) -> String {
    String::from_utf8_lossy(&std::fs::read(sample(name)).unwrap()).into_owned()
}

fn text(text: &str) -> Archive {
    Archive::from_text(text.as_bytes()).unwrap()
}

/// What is left of a value in every form: sets are arrays, and the NULs at the end of data are not told.
fn plain(value: &Value) -> Value {
    if let Some(elements) = value.as_array().or(value.as_set()) {
        Value::array(elements.iter().map(plain))
    } else if let Some(dictionary) = value.as_dictionary() {
        plain_all(dictionary).into()
    } else if let Some(data) = value.as_data() {
        let end = data.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        Value::data(&data[..end])
    } else {
        value.clone()
    }
}

fn plain_all(dictionary: &Dictionary) -> Dictionary {
    dictionary.iter().map(|(key, value)| (key, plain(value))).collect()
}
