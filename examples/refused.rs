//! Calls that an example makes for the sake of their errors.

use super::cli::Failure;
use iokit_uc::{Error, IoReturn, Result};

/// The error of a call that has to fail with `code`.
pub(super) fn refused(result: Result<()>, code: IoReturn) -> Result<Error, Failure> {
    match result {
        Err(error) if error == code => Ok(error),
        Err(error) => Err(error.into()),
        Ok(()) => Err(format!("the driver should have refused with {code}").into()),
    }
}
