//! What a call gives that fails before it has begun.

use crate::backend::{Function, ScalarOutput, StructureOutput};
use crate::error::IoReturn;
use crate::sim::fault::tells_busy_count;
use crate::value::Value;
use std::ffi::CString;

/// A result that can stand for a failure.
pub(super) trait Answer {
    fn failure(code: IoReturn) -> Self;
}

impl Answer for IoReturn {
    fn failure(code: IoReturn) -> Self {
        code
    }
}

/// No port, or no references.
impl Answer for u32 {
    fn failure(_: IoReturn) -> Self {
        0
    }
}

impl Answer for bool {
    fn failure(_: IoReturn) -> Self {
        false
    }
}

impl Answer for () {
    fn failure(_: IoReturn) -> Self {}
}

impl<T> Answer for Option<T> {
    fn failure(_: IoReturn) -> Self {
        None
    }
}

/// A place for what comes out, of which a failure leaves most alone (P-7).
pub(super) trait Out: Sized {
    fn fail(self, _: Function) {}
}

impl Out for &mut CString {}
impl Out for &mut bool {}
impl Out for &mut i32 {}
impl Out for &mut [u8] {}
impl Out for Option<ScalarOutput<'_>> {}

/// BQ-4.
impl Out for &mut u32 {
    fn fail(self, function: Function) {
        if tells_busy_count(function) {
            *self = 0;
        }
    }
}

impl Out for &mut u64 {
    fn fail(self, function: Function) {
        if tells_busy_count(function) {
            *self = 0;
        }
    }
}

impl Out for &mut Option<Value> {
    fn fail(self, _: Function) {
        *self = None;
    }
}

impl Out for &mut Vec<u8> {
    fn fail(self, _: Function) {
        self.clear();
    }
}

/// EM-4.
impl Out for Option<StructureOutput<'_>> {
    fn fail(self, _: Function) {
        if let Some(StructureOutput::Variable(data)) = self {
            data.clear();
        }
    }
}
