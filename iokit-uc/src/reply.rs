//! Answers that do not fit.

use crate::error::{Call, Detail, Error, IoReturn};
use crate::spans::event;
use crate::wire::BadScalar;

/// Answers that break their declared shape are errors of the transport: the driver's code was success.
fn misfit(call: Call, detail: Detail) -> Error {
    event!("misfit", %call, %detail);
    Error::new(call, IoReturn::IPC_ERROR).with_detail(detail)
}

#[cold]
pub(crate) fn wrong_scalars(call: Call, expected: u32, actual: u32) -> Error {
    misfit(call, Detail::Reply { what: "scalars", expected: expected.into(), actual: actual.into() })
}

#[cold]
pub(crate) fn wrong_structure(call: Call, expected: usize, actual: usize) -> Error {
    misfit(
        call,
        Detail::Reply { what: "bytes of structure", expected: expected as u64, actual: actual as u64 },
    )
}

#[cold]
pub(crate) fn partial_element(call: Call, element: usize, actual: usize) -> Error {
    misfit(call, Detail::PartialElement { actual: actual as u64, element: element as u64 })
}

#[cold]
pub(crate) fn bad_scalar(call: Call, BadScalar { index, bits, type_name }: BadScalar) -> Error {
    misfit(call, Detail::ScalarOutput { index, value: bits, type_name })
}
