//! The external methods of a task, which ask on their way what comes to them. Those of [`Task`] itself do not: they are
//! called more often than anything else.

use super::Task;
use crate::backend::{PortName, ScalarOutput, StructureOutput};
use crate::error::IoReturn;
use crate::sim::task::external::Asynchronous;
use std::ops::Deref;

/// A task whose external methods are these; all else is the task's.
pub(super) struct Hooked<'a>(pub(super) &'a Task);

impl Deref for Hooked<'_> {
    type Target = Task;

    fn deref(&self) -> &Task {
        self.0
    }
}

impl Hooked<'_> {
    pub(super) fn io_connect_call_method(
        &self,
        connect: PortName,
        selector: u32,
        input: &[u64],
        input_structure: &[u8],
        output: Option<ScalarOutput<'_>>,
        output_structure: Option<StructureOutput<'_>>,
    ) -> IoReturn {
        self.call_method::<true>(connect, selector, None, input, input_structure, output, output_structure)
    }

    /// # Safety
    ///
    /// As for [`Backend::io_connect_call_async_method`](crate::backend::Backend::io_connect_call_async_method).
    #[expect(clippy::too_many_arguments, reason = "as many as the C function has")]
    pub(super) unsafe fn io_connect_call_async_method(
        &self,
        connect: PortName,
        selector: u32,
        wake_port: PortName,
        reference: Option<&[u64]>,
        input: &[u64],
        input_structure: &[u8],
        output: Option<ScalarOutput<'_>>,
        output_structure: Option<StructureOutput<'_>>,
    ) -> IoReturn {
        let call = Some(Asynchronous { wake_port, reference });
        self.call_method::<true>(connect, selector, call, input, input_structure, output, output_structure)
    }

    pub(super) fn io_connect_call_scalar_method(
        &self,
        connect: PortName,
        selector: u32,
        input: &[u64],
        output: Option<ScalarOutput<'_>>,
    ) -> IoReturn {
        self.io_connect_call_method(connect, selector, input, &[], output, None)
    }

    pub(super) fn io_connect_call_struct_method(
        &self,
        connect: PortName,
        selector: u32,
        input_structure: &[u8],
        output_structure: Option<StructureOutput<'_>>,
    ) -> IoReturn {
        self.io_connect_call_method(connect, selector, &[], input_structure, None, output_structure)
    }
}
