//! The checks before an external method runs, in the kernel's order: the 2022 and the classic table.

use super::{Arguments, Checks};
use crate::error::{IoReturn, Result};
use crate::wire::VARIABLE;

/// One record of a dispatch table written by hand: `IOExternalMethodDispatch2022`, of which the classic
/// `IOExternalMethodDispatch` is the part without asynchronous use and entitlement.
pub struct Dispatch<T: ?Sized> {
    /// What is checked before the function runs.
    pub checks: Checks,
    /// The function; without one the call ends with `kIOReturnNoCompletion` (EM-19).
    pub function: Option<fn(&T, &mut Arguments<'_>) -> Result<()>>,
}

impl<T: ?Sized> Dispatch<T> {
    /// `IOUserClient2022::dispatchExternalMethod` (EM-21): `kIOReturnBadArgument` for a selector past the table, for
    /// counts that differ, and for an asynchronous call that is not allowed; `kIOReturnNotPrivileged` for a task
    /// without the entitlement; else what the function returns.
    pub fn dispatch_2022(
        table: &[Self],
        target: &T,
        selector: u32,
        arguments: &mut Arguments<'_>,
    ) -> Result<()> {
        let record = table.get(selector as usize).ok_or(IoReturn::BAD_ARGUMENT)?;
        record.checks.check_2022(arguments)?;
        record.run(target, arguments)
    }

    /// `IOUserClient::externalMethod` with this record (EM-18): `kIOReturnBadArgument` for counts that differ, else
    /// what the function returns. Which record belongs to a selector is the driver's own business (EM-20).
    pub fn dispatch_classic(&self, target: &T, arguments: &mut Arguments<'_>) -> Result<()> {
        self.checks.check_counts(arguments)?;
        self.run(target, arguments)
    }

    fn run(&self, target: &T, arguments: &mut Arguments<'_>) -> Result<()> {
        self.function.ok_or(IoReturn::NO_COMPLETION)?(target, arguments)
    }
}

impl Checks {
    /// The four comparisons, in order: scalars in, structure in, scalars out, structure out (EM-18).
    #[inline]
    pub(super) fn check_counts(&self, arguments: &Arguments<'_>) -> Result<(), IoReturn> {
        let passes = |wanted: u32, given: usize| wanted == VARIABLE || wanted as usize == given;
        let all_pass = passes(self.scalar_inputs, arguments.scalar_input.len())
            && passes(self.structure_input, arguments.structure_input_length())
            && passes(self.scalar_outputs, arguments.scalar_output_count as usize)
            && passes(self.structure_output, arguments.structure_output_size());
        if all_pass { Ok(()) } else { Err(IoReturn::BAD_ARGUMENT) }
    }

    /// The counts, then asynchronous use, then the entitlement (EM-21).
    #[inline]
    pub(super) fn check_2022(&self, arguments: &Arguments<'_>) -> Result<(), IoReturn> {
        self.check_counts(arguments)?;
        if arguments.is_async() && !self.allow_async {
            return Err(IoReturn::BAD_ARGUMENT);
        }
        match self.entitlement {
            Some(entitlement) if !arguments.caller.has_entitlement(entitlement) => {
                Err(IoReturn::NOT_PRIVILEGED)
            }
            _ => Ok(()),
        }
    }
}
