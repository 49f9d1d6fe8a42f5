//! No spans and no events: the feature `tracing` is off. What they would have is not even looked at.

use crate::backend::{PortName, ScalarOutput, StructureOutput};
use crate::error::{IoReturn, Result};
use crate::kernel::Kernel;
use std::ffi::CStr;

macro_rules! span {
    ($($ignored:tt)*) => {
        $crate::spans::Span
    };
}
pub(crate) use span;

macro_rules! event {
    ($($ignored:tt)*) => {};
}
pub(crate) use event;

macro_rules! warning {
    ($($ignored:tt)*) => {};
}
pub(crate) use warning;

/// None.
pub(crate) struct Came;

impl Came {
    #[inline(always)]
    pub(crate) fn wanted() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn describe(&mut self, _: &Kernel, _: impl Iterator<Item = PortName>) {}

    #[inline(always)]
    pub(crate) fn tell(self, _: &CStr) {}
}

/// None.
pub(crate) struct Span;

impl Span {
    #[inline(always)]
    pub(crate) fn time<R>(&self, call: impl FnOnce() -> R) -> R {
        call()
    }

    #[inline(always)]
    pub(crate) fn run(&self, call: impl FnOnce() -> IoReturn) -> IoReturn {
        call()
    }

    #[inline(always)]
    pub(crate) fn attempt<T>(&self, call: impl FnOnce() -> Result<T>) -> Result<T> {
        call()
    }

    #[inline(always)]
    pub(crate) fn exchange(
        &self,
        output: ScalarOutput<'_>,
        structure_output: Option<StructureOutput<'_>>,
        call: impl FnOnce(ScalarOutput<'_>, Option<StructureOutput<'_>>) -> IoReturn,
    ) -> IoReturn {
        call(output, structure_output)
    }

    #[inline(always)]
    pub(crate) fn opened(&self, _: PortName) {}

    #[inline(always)]
    pub(crate) fn mapped(&self, _: usize, _: u64) {}

    #[inline(always)]
    pub(crate) fn found(&self, _: bool) {}

    #[inline(always)]
    pub(crate) fn last(&self) -> Waiting {
        Waiting
    }
}

/// None.
#[derive(Clone, Debug)]
pub(crate) struct Waiting;

impl Waiting {
    #[inline(always)]
    pub(crate) fn completed(&self, _: IoReturn, _: usize) {}

    #[inline(always)]
    pub(crate) fn ended(&self, _: IoReturn, _: &str) {}
}
