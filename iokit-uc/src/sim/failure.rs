//! Errors of the functions of [`Machine`](super::Machine).

use crate::error::{Call, Detail, Error, IoReturn};
use crate::interface::EntryId;

pub(super) fn failed(call: &'static str, code: IoReturn, detail: String) -> Error {
    Error::new(Call::Function(call), code).with_detail(Detail::Text(detail.into()))
}

pub(super) fn no_entry(call: &'static str, entry: EntryId) -> Error {
    failed(call, IoReturn::NOT_FOUND, format!("no entry {entry} is in the registry"))
}
