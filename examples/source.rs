//! Which registry a program looks at: this Mac's, one that was written to a file, or the notebook's.

use super::cli::{Failure, Place};
use super::demo;
use iokit_uc::Kernel;
use iokit_uc::archive::Archive;
use iokit_uc::sim::Machine;
use std::error::Error;

/// Runs `look` with the kernel that is meant. Of a simulated machine nothing may be left in use.
pub(crate) fn with_kernel(
    place: Place,
    file: Option<&str>,
    task: &str,
    look: impl FnOnce(&Kernel) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let machine = match (place, file) {
        (Place::Host, None) => return look(&Kernel::host()?),
        (Place::Host, Some(_)) => {
            return Err(Failure::Usage("a file and `--host` exclude each other".into()));
        }
        (Place::Machine, None) => demo::machine()?,
        (Place::Machine, Some(file)) => load(file).map_err(|error| format!("{file}: {error}"))?,
    };
    look(&machine.task(task).kernel())?;
    machine.assert_clean();
    Ok(())
}

fn load(file: &str) -> Result<Machine, Box<dyn Error>> {
    Ok(Machine::from_archive(&Archive::open(file)?)?)
}
