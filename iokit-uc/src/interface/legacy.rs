//! Dispatch by `IOExternalMethod`, as drivers older than Mac OS X 10.5 do it.

use super::arguments::{StructureInput, StructureOutput};
use super::{Arguments, AsyncReference, Checks};
use crate::error::{IoReturn, Result};
use crate::wire::{SCALARS_MAX, VARIABLE};

/// `IOExternalMethod`: one record of a legacy table.
pub struct Legacy<T: ?Sized> {
    /// `flags`: the type in the low four bits, and [`FOREGROUND_ONLY`](Self::FOREGROUND_ONLY).
    pub flags: u32,
    /// `count0`: input scalars, or bytes of the input structure, by type (EM-25).
    pub count0: u32,
    /// `count1`: output scalars, or bytes of a structure, by type (EM-25).
    pub count1: u32,
    /// The method. Its arguments hold what the type names and nothing else (EM-26).
    pub function: fn(&T, &mut Arguments<'_>) -> Result<()>,
}

impl<T: ?Sized> Clone for Legacy<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Legacy<T> {}

/// A legacy method passes at most this many arguments, structures and their sizes included (EM-27).
const ARGUMENTS_MAX: usize = 6;

impl<T: ?Sized> Legacy<T> {
    /// `kIOUCScalarIScalarO`: scalars in, scalars out.
    pub const SCALAR_I_SCALAR_O: u32 = 0;
    /// `kIOUCScalarIStructO`: scalars in, a structure out.
    pub const SCALAR_I_STRUCT_O: u32 = 2;
    /// `kIOUCStructIStructO`: a structure in, a structure out.
    pub const STRUCT_I_STRUCT_O: u32 = 3;
    /// `kIOUCScalarIStructI`: scalars and a structure in.
    pub const SCALAR_I_STRUCT_I: u32 = 4;
    /// `kIOUCForegroundOnly`: `kIOReturnNotPermitted` for a task that is denied the GPU.
    pub const FOREGROUND_ONLY: u32 = 0x10;

    /// `IOUserClient::externalMethod` without a dispatch record (EM-24): `getTargetAndMethodForIndex` looks in `table`,
    /// `getAsyncTargetAndMethodForIndex` in `async_table`.
    ///
    /// `kIOReturnIPCError` for structures of more than 4096 bytes, `kIOReturnUnsupported` for a selector past the table,
    /// `kIOReturnBadArgument` for counts that differ or are more than a legacy method can take.
    pub fn dispatch(
        table: &[Self],
        async_table: &[Self],
        target: &T,
        selector: u32,
        arguments: &mut Arguments<'_>,
    ) -> Result<()> {
        if arguments.has_descriptor() {
            return Err(IoReturn::IPC_ERROR.into());
        }
        let table = if arguments.is_async() { async_table } else { table };
        table.get(selector as usize).ok_or(IoReturn::UNSUPPORTED)?.run(target, arguments)
    }

    pub(super) fn run(&self, target: &T, arguments: &mut Arguments<'_>) -> Result<()> {
        if self.flags & Self::FOREGROUND_ONLY != 0 && arguments.caller.gpu_denied {
            return Err(IoReturn::NOT_PERMITTED.into());
        }
        let shape = Shape::of(self.flags & 0xf, self.count0, self.count1).ok_or(IoReturn::BAD_ARGUMENT)?;
        shape.check(arguments)?;
        shape.call(arguments, |narrowed| (self.function)(target, narrowed))
    }
}

/// What a type names, as counts; what it does not name is not checked and not passed on (EM-26).
#[derive(Clone, Copy, Default)]
struct Shape {
    scalar_inputs: Option<u32>,
    scalar_outputs: Option<u32>,
    structure_input: Option<u32>,
    structure_output: Option<u32>,
}

impl Shape {
    fn of(method_type: u32, count0: u32, count1: u32) -> Option<Self> {
        let (scalar_outputs, structure_input, structure_output) = match method_type {
            Legacy::<()>::SCALAR_I_SCALAR_O => (Some(count1), None, None),
            Legacy::<()>::SCALAR_I_STRUCT_O => (None, None, Some(count1)),
            Legacy::<()>::SCALAR_I_STRUCT_I => (None, Some(count1), None),
            Legacy::<()>::STRUCT_I_STRUCT_O => {
                let (structure_input, structure_output) = (Some(count0), Some(count1));
                return Some(Self { structure_input, structure_output, ..Self::default() });
            }
            _ => return None,
        };
        Some(Self { scalar_inputs: Some(count0), scalar_outputs, structure_input, structure_output })
    }

    /// How many input scalars the method's own parameters have room for (EM-27).
    fn scalar_inputs_max(&self) -> usize {
        if self.scalar_outputs.is_some() { ARGUMENTS_MAX } else { ARGUMENTS_MAX - 1 }
    }

    fn check(&self, arguments: &Arguments<'_>) -> Result<(), IoReturn> {
        let scalars = |named: Option<u32>, given: usize| named.is_none_or(|count| count as usize == given);
        let bytes = |named: Option<u32>, given: usize| named == Some(VARIABLE) || scalars(named, given);
        let matches = scalars(self.scalar_inputs, arguments.scalar_input.len())
            && scalars(self.scalar_outputs, arguments.scalar_output_count as usize)
            && bytes(self.structure_input, arguments.structure_input_length())
            && bytes(self.structure_output, arguments.structure_output_size())
            && self.scalar_inputs.is_none_or(|count| count as usize <= self.scalar_inputs_max());
        if matches { Ok(()) } else { Err(IoReturn::BAD_ARGUMENT) }
    }

    /// Calls the method with scalars cut to 32 bits and only what the type names, and extends its output scalars
    /// from 32 bits with zeros (EM-27).
    fn call(
        &self,
        arguments: &mut Arguments<'_>,
        function: impl FnOnce(&mut Arguments<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut inputs = [0; SCALARS_MAX];
        let named_inputs = if self.scalar_inputs.is_some() { arguments.scalar_input } else { &[] };
        // The third of four scalars beside an input structure stays whole in a synchronous call (EM-27a).
        let whole =
            (self.structure_input.is_some() && named_inputs.len() == 4 && !arguments.is_async()).then_some(2);
        for (index, (input, &given)) in inputs.iter_mut().zip(named_inputs).enumerate() {
            *input = if whole == Some(index) { given } else { u64::from(given as u32) };
        }

        let outputs = match self.scalar_outputs {
            // Inputs and outputs share the six parameters: outputs past them stay zero.
            Some(count) => (count as usize).min(ARGUMENTS_MAX - named_inputs.len()),
            None => 0,
        };
        let size_is_passed = named_inputs.len() < ARGUMENTS_MAX - 1;
        let size_given = arguments.structure_output_size();

        let mut narrowed = Arguments {
            caller: arguments.caller,
            async_reference: arguments.async_reference.as_ref().map(AsyncReference::cut),
            scalar_input: &inputs[..named_inputs.len()],
            structure_input: match self.structure_input {
                Some(_) => arguments.structure_input,
                None => StructureInput::Inline(&[]),
            },
            scalar_output: &mut arguments.scalar_output[..outputs],
            scalar_output_count: outputs as u32,
            structure_output: match (&mut arguments.structure_output, self.structure_output) {
                (StructureOutput::Inline { bytes, size }, Some(_)) => {
                    StructureOutput::Inline { bytes, size: *size }
                }
                _ => StructureOutput::Inline { bytes: &mut [], size: 0 },
            },
        };
        let result = function(&mut narrowed);
        let size_returned = narrowed.structure_output_size();

        for output in arguments.scalar_output.iter_mut() {
            *output = u64::from(*output as u32);
        }
        if self.structure_output.is_some() {
            // An asynchronous method cannot shrink its structure (EM-29).
            let is_returned = size_is_passed && !arguments.is_async();
            arguments.set_structure_output_size(if is_returned { size_returned } else { size_given });
        }
        result
    }
}

impl Checks {
    /// The legacy record that these checks come to: flags, `count0` and `count1`; `None` for a combination that no
    /// legacy type has.
    pub const fn legacy(&self) -> Option<(u32, u32, u32)> {
        let Self { scalar_inputs, structure_input, scalar_outputs, structure_output, .. } = *self;
        let scalars = scalar_inputs.saturating_add(scalar_outputs);
        match (structure_input, structure_output) {
            (0, 0) if scalars <= ARGUMENTS_MAX as u32 => {
                Some((Legacy::<()>::SCALAR_I_SCALAR_O, scalar_inputs, scalar_outputs))
            }
            (_, _) if scalar_outputs != 0 || scalar_inputs >= ARGUMENTS_MAX as u32 => None,
            (0, size) => Some((Legacy::<()>::SCALAR_I_STRUCT_O, scalar_inputs, size)),
            (input, output) if scalar_inputs == 0 => Some((Legacy::<()>::STRUCT_I_STRUCT_O, input, output)),
            (size, 0) => Some((Legacy::<()>::SCALAR_I_STRUCT_I, scalar_inputs, size)),
            _ => None,
        }
    }
}
