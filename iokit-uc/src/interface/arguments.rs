//! What one call brings to the driver.

#![cfg_attr(
    not(feature = "sim"),
    allow(dead_code, reason = "kernels alone make calls and read their answers")
)]

use super::{AsyncReference, Caller};
use crate::wire::{INLINE_MAX, SCALARS_MAX, Writer};

/// `IOExternalMethodArguments`: what an external method gets and where it puts its answer (EM-13).
///
/// Structures of more than 4096 bytes come as descriptors in the kernel. Here [`structure_input`](Self::structure_input) and
/// [`structure_output`](Self::structure_output) give the payload either way; a driver that must tell them apart asks
/// [`structure_input_is_out_of_line`](Self::structure_input_is_out_of_line).
#[derive(Debug)]
pub struct Arguments<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) async_reference: Option<AsyncReference>,
    pub(crate) scalar_input: &'a [u64],
    pub(crate) structure_input: StructureInput<'a>,
    pub(crate) scalar_output: &'a mut [u64],
    pub(crate) scalar_output_count: u32,
    pub(crate) structure_output: StructureOutput<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum StructureInput<'a> {
    /// At most 4096 bytes, in the message.
    Inline(&'a [u8]),
    /// More than that, by descriptor.
    OutOfLine(&'a [u8]),
}

impl<'a> StructureInput<'a> {
    pub(crate) fn bytes(self) -> &'a [u8] {
        let (Self::Inline(bytes) | Self::OutOfLine(bytes)) = self;
        bytes
    }
}

#[derive(Debug)]
pub(crate) enum StructureOutput<'a> {
    /// At most 4096 bytes, in the reply; `size` is what the driver says it wrote.
    Inline { bytes: &'a mut [u8], size: usize },
    /// More than that, by descriptor of the caller's memory.
    OutOfLine { bytes: &'a mut [u8], size: usize },
    /// Variable output: the driver supplies the data (EM-16).
    Variable(&'a mut Option<Vec<u8>>),
}

impl<'a> Arguments<'a> {
    /// The calling task.
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// `asyncWakePort != 0`: whether the caller waits for a completion (EM-22).
    pub fn is_async(&self) -> bool {
        self.async_reference.is_some()
    }

    /// `asyncReference`, with the right to the wake port, for the driver to keep. None in a synchronous call.
    pub fn async_reference(&self) -> Option<AsyncReference> {
        self.async_reference.clone()
    }

    /// `scalarInput`, 0 to 16 of them.
    pub fn scalar_input(&self) -> &'a [u64] {
        self.scalar_input
    }

    /// `structureInput`, or what `structureInputDescriptor` describes.
    pub fn structure_input(&self) -> &'a [u8] {
        self.structure_input.bytes()
    }

    /// Whether the structure came by `structureInputDescriptor`.
    pub fn structure_input_is_out_of_line(&self) -> bool {
        matches!(self.structure_input, StructureInput::OutOfLine(_))
    }

    /// `scalarOutput`: as many as the caller has room for, all zero until written.
    pub fn scalar_output(&mut self) -> &mut [u64] {
        self.scalar_output
    }

    /// `scalarOutputCount`: as many as the caller has room for, until the driver lowers it (EM-14).
    pub fn scalar_output_count(&self) -> u32 {
        self.scalar_output_count
    }

    /// Sets `scalarOutputCount`. More than the caller has room for fails the call (EM-9), more than 16 would overrun
    /// a kernel's buffers (EM-9a).
    pub fn set_scalar_output_count(&mut self, count: u32) {
        self.scalar_output_count = count;
    }

    /// `structureOutput`, or what `structureOutputDescriptor` describes: as many bytes as the caller has room for,
    /// none of them in a call for [variable output](Self::is_variable_output). In the reply they are zero until written.
    pub fn structure_output(&mut self) -> &mut [u8] {
        match &mut self.structure_output {
            StructureOutput::Inline { bytes, .. } | StructureOutput::OutOfLine { bytes, .. } => bytes,
            StructureOutput::Variable(_) => &mut [],
        }
    }

    /// Whether the driver writes through `structureOutputDescriptor`.
    pub fn structure_output_is_out_of_line(&self) -> bool {
        matches!(self.structure_output, StructureOutput::OutOfLine { .. })
    }

    /// `structureOutputSize` or `structureOutputDescriptorSize` in bytes: what the caller has room for, until the
    /// driver sets it.
    pub fn structure_output_size(&self) -> usize {
        match self.structure_output {
            StructureOutput::Inline { size, .. } | StructureOutput::OutOfLine { size, .. } => size,
            StructureOutput::Variable(_) => 0,
        }
    }

    /// The driver returns so many scalars and bytes at most.
    #[cfg(feature = "sim")]
    pub(crate) fn truncate(&mut self, scalars: usize, structure: usize) {
        let scalars = u32::try_from(scalars).unwrap_or(u32::MAX);
        self.scalar_output_count = self.scalar_output_count.min(scalars);
        match &mut self.structure_output {
            StructureOutput::Inline { size, .. } | StructureOutput::OutOfLine { size, .. } => {
                *size = (*size).min(structure);
            }
            StructureOutput::Variable(data) => {
                data.iter_mut().for_each(|data| data.truncate(structure));
            }
        }
    }

    /// Sets `structureOutputSize` or `structureOutputDescriptorSize`: how many bytes were written (EM-14). More than
    /// the caller has room for fails the call (EM-9).
    pub fn set_structure_output_size(&mut self, written: usize) {
        match &mut self.structure_output {
            StructureOutput::Inline { size, .. } | StructureOutput::OutOfLine { size, .. } => *size = written,
            StructureOutput::Variable(_) => {}
        }
    }

    /// Whether the caller asked for data of any size (`kIOConnectMethodVarOutputSize`, EM-4).
    pub fn is_variable_output(&self) -> bool {
        matches!(self.structure_output, StructureOutput::Variable(_))
    }

    /// `structureVariableOutputData`: what a call for variable output gets. Returns the data if the call is not one.
    pub fn set_variable_output(&mut self, data: Vec<u8>) -> Result<(), Vec<u8>> {
        match &mut self.structure_output {
            StructureOutput::Variable(slot) => {
                **slot = Some(data);
                Ok(())
            }
            _ => Err(data),
        }
    }

    /// The length that the dispatch checks compare (EM-18).
    pub(super) fn structure_input_length(&self) -> usize {
        self.structure_input.bytes().len()
    }

    pub(super) fn has_descriptor(&self) -> bool {
        self.structure_input_is_out_of_line() || self.structure_output_is_out_of_line()
    }

    /// Lets `write` fill the answer and takes over its counts.
    pub(crate) fn write(&mut self, write: impl FnOnce(&mut Writer<'_>)) {
        let (structure, size): (&mut [u8], _) = match &mut self.structure_output {
            StructureOutput::Inline { bytes, size } | StructureOutput::OutOfLine { bytes, size } => {
                (bytes, Some(size))
            }
            StructureOutput::Variable(_) => (&mut [], None),
        };
        let mut writer = Writer::new(self.scalar_output, structure);
        write(&mut writer);
        self.scalar_output_count = writer.scalar_count;
        if let Some(size) = size {
            *size = writer.structure_size;
        }
    }

    /// Whether the driver's counts would overrun a kernel's buffers (EM-9a).
    pub(crate) fn overruns_kernel(&self) -> bool {
        self.scalar_output_count as usize > SCALARS_MAX
            || matches!(self.structure_output, StructureOutput::Inline { size, .. } if size > INLINE_MAX)
    }
}
