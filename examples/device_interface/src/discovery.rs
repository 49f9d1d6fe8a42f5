//! Which supplies there are.

use crate::error::{Error, ErrorKind, Result};
use crate::supply::Supply;
use crate::wire::{CLASS, LabSupplyClient};
use iokit_uc::{Kernel, Matching, Service, Services};
use serde::Deserialize;
use std::sync::Arc;

/// What a supply says of itself, whoever uses it: its properties in the I/O Registry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Information {
    /// The name of the model: "LS 3005".
    #[serde(rename = "Model")]
    pub model: String,
    /// The serial number, which no two supplies share.
    #[serde(rename = "Serial Number")]
    pub serial: String,
    /// The version of its firmware.
    #[serde(rename = "Firmware Version")]
    pub firmware: String,
    /// When it was calibrated, if ever: "2025-11-03".
    #[serde(rename = "Calibration Date")]
    pub calibrated: Option<String>,
    /// What it can do.
    #[serde(rename = "Limits")]
    pub limits: Limits,
}

impl Information {
    /// An error about this supply.
    pub(crate) fn error(&self, kind: ErrorKind, action: &'static str) -> Error {
        Error::new(kind, action).with_supply(&self.serial)
    }

    /// [`Error::of`] about this supply.
    pub(crate) fn failed(&self, action: &'static str) -> impl Fn(iokit_uc::Error) -> Error + Copy {
        move |error| Error::of(action)(error).with_supply(&self.serial)
    }
}

/// What a supply can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[non_exhaustive]
pub struct Limits {
    /// The highest voltage, in millivolts.
    #[serde(rename = "Millivolts")]
    pub millivolts: u32,
    /// The highest current, in milliamperes.
    #[serde(rename = "Milliamperes")]
    pub milliamps: u32,
}

/// The supplies that there are now, used by somebody or not.
///
/// # Errors
///
/// What the system says. A supply that describes itself in a way that this library does not understand is an item that is an
/// error of kind [`Incompatible`](ErrorKind::Incompatible), and keeps nobody from the others.
///
/// ```
/// use lab_supply::simulated::{Bench, SimulatedSupply};
///
/// let bench = Bench::new();
/// bench.plug(&SimulatedSupply::new("LS-0017"));
/// for supply in lab_supply::supplies(&bench.kernel())? {
///     let supply = supply?;
///     println!("{} {}", supply.information().model, supply.information().serial);
/// }
/// # Ok::<(), lab_supply::Error>(())
/// ```
pub fn supplies(kernel: &Kernel) -> Result<Supplies> {
    Service::all(kernel, &matching()).map(Supplies).map_err(Error::of(LIST))
}

const LIST: &str = "list what there is";
const DESCRIBE: &str = "read what it says of itself";
const OPEN: &str = "open it";

/// What services this library is for.
pub(crate) fn matching() -> Matching {
    Matching::class(CLASS)
}

/// An iterator of the supplies that there were when it was made.
#[derive(Debug)]
#[must_use]
pub struct Supplies(Services);

impl Iterator for Supplies {
    type Item = Result<Listed>;

    fn next(&mut self) -> Option<Result<Listed>> {
        loop {
            match Listed::of(self.0.next()?) {
                // It has been unplugged since.
                Err(error) if error.kind() == ErrorKind::Unplugged => {}
                listed => return Some(listed),
            }
        }
    }
}

/// A supply that is there, and not opened.
#[derive(Clone, Debug)]
pub struct Listed {
    service: Service,
    information: Arc<Information>,
}

impl Listed {
    pub(crate) fn of(service: Service) -> Result<Self> {
        let information = service.properties().map_err(Error::of(DESCRIBE))?;
        Ok(Self { service, information: Arc::new(information) })
    }

    /// What it says of itself.
    pub fn information(&self) -> &Arc<Information> {
        &self.information
    }

    /// Opens it.
    ///
    /// # Errors
    ///
    /// [`InUse`](ErrorKind::InUse) while another program has it, and [`NotPermitted`](ErrorKind::NotPermitted) without the
    /// entitlement.
    pub fn open(&self) -> Result<Supply> {
        let driver = LabSupplyClient::open(&self.service).map_err(self.information.failed(OPEN))?;
        Supply::new(driver, Arc::clone(&self.information))
    }
}

impl Supply {
    /// Opens the first supply that there is: for whoever has one.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if there is none, and those of [`Listed::open`].
    pub fn open_first(kernel: &Kernel) -> Result<Self> {
        let first = supplies(kernel)?.next();
        first.ok_or_else(|| Error::new(ErrorKind::NotFound, "find it"))??.open()
    }

    /// Opens the supply with this serial number.
    ///
    /// # Errors
    ///
    /// Those of [`open_first`](Self::open_first). If there is none with this number, but one that does not say what it is, the
    /// error is about that one: it may be the one.
    pub fn open(kernel: &Kernel, serial: &str) -> Result<Self> {
        let mut unknown = None;
        for supply in supplies(kernel)? {
            match supply {
                Ok(supply) if supply.information.serial == serial => return supply.open(),
                Ok(_) => {}
                Err(error) => unknown = Some(error),
            }
        }
        Err(unknown.unwrap_or_else(|| Error::new(ErrorKind::NotFound, "find it").with_supply(serial)))
    }
}
