//! Apple's SimpleUserClient sample: a driver with six external methods, and the tool that calls them.
//!
//! ```text
//! cargo run --example simple_user_client              on a simulated kernel
//! cargo run --example simple_user_client -- --host    on this Mac, with the sample's kernel extension loaded
//! ```
//!
//! One trait says what goes over the wire. The tool below calls it through `SimpleDriverClient`; `driver.rs`
//! implements it for the simulated kernel.

#[path = "../cli.rs"]
mod cli;
pub(crate) mod driver;
#[path = "../refused.rs"]
mod refused;

use cli::{Failure, Place, Program};
use iokit_uc::{Connection, IoReturn, Kernel, Matching, Result, Service, Structure, user_client};
use refused::refused;
use std::fmt;
use std::io::Write;
use std::process::ExitCode;

/// The sample's driver.
#[user_client(service = "com_apple_dts_driver_SimpleDriver")]
pub(crate) trait SimpleDriver {
    /// Opens the driver for this connection alone; `kIOReturnExclusiveAccess` if one has it open already.
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;

    /// Gives the driver up; `kIOReturnNotOpen` if this connection does not have it open.
    #[uc(selector = 1)]
    fn close(&self) -> Result<()>;

    /// Takes a scalar and a structure; `kIOReturnNotOpen` before [`open`](Self::open).
    #[uc(selector = 2)]
    fn scalar_i_struct_i(&self, value: u32, sample: &MySampleStruct) -> Result<()>;

    /// Returns two scalars as the fields of a structure; `kIOReturnNotOpen` before [`open`](Self::open).
    #[uc(selector = 3)]
    fn scalar_i_struct_o(&self, a: u32, b: u32) -> Result<MySampleStruct>;

    /// Returns the product of two scalars, open or not.
    #[uc(selector = 4)]
    fn scalar_i_scalar_o(&self, a: u32, b: u32) -> Result<u32>;

    /// Returns a structure as it came; `kIOReturnNotOpen` before [`open`](Self::open).
    #[uc(selector = 5)]
    fn struct_i_struct_o(&self, sample: &MySampleStruct) -> Result<MySampleStruct>;
}

/// The structure that the methods take and return.
#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub(crate) struct MySampleStruct {
    pub(crate) field1: u64,
    pub(crate) field2: u64,
}

impl fmt::Display for MySampleStruct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}, {}}}", self.field1, self.field2)
    }
}

/// The driver's class.
pub(crate) const CLASS: &str = "com_apple_dts_driver_SimpleDriver";

/// The driver's class in the kernel extension that the sample builds for Mac OS X 10.4.
pub(crate) const CLASS_10_4: &str = "com_apple_dts_driver_SimpleDriver_10_4";

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: simple_user_client [--machine | --host]

  --machine  call a simulated driver (default)
  --host     call the driver on this Mac
",
    flags: &[],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(word) = words.first() {
        return Err(Failure::Usage(format!("unexpected argument `{word}`")));
    }
    match place {
        Place::Host => call_every_driver(&Kernel::host()?, out),
        Place::Machine => {
            let machine = driver::machine();
            call_every_driver(&machine.task("simple_user_client").kernel(), out)?;
            machine.assert_clean();
            Ok(())
        }
    }
}

/// Calls every driver of both classes, as the sample's tool does.
fn call_every_driver(kernel: &Kernel, out: &mut dyn Write) -> Result<(), Failure> {
    let mut found = false;
    for class in [CLASS, CLASS_10_4] {
        for service in Service::all(kernel, &Matching::class(class))? {
            found = true;
            writeln!(out, "{}", service.class()?)?;
            call(&service, out)?;
        }
    }
    if found { Ok(()) } else { Err(format!("no driver of class {CLASS} or {CLASS_10_4}").into()) }
}

fn call(service: &Service, out: &mut dyn Write) -> Result<(), Failure> {
    let sample = MySampleStruct { field1: 586, field2: 8756 };

    // `IOServiceOpen` makes the connection; the sample's own `open` comes on top of it.
    let driver = SimpleDriverClient::open(service)?;
    let refusal = refused(driver.scalar_i_struct_i(15, &sample), IoReturn::NOT_OPEN)?;
    writeln!(out, "  before open: {refusal}")?;
    driver.open()?;
    writeln!(out, "  open()")?;

    let second = SimpleDriverClient::open(service)?;
    let refusal = refused(second.open(), IoReturn::EXCLUSIVE_ACCESS)?;
    writeln!(out, "  open() on a second connection: {refusal}")?;

    driver.scalar_i_struct_i(15, &sample)?;
    writeln!(out, "  scalar_i_struct_i(15, {sample})")?;
    writeln!(out, "  scalar_i_struct_o(154, 863) = {}", driver.scalar_i_struct_o(154, 863)?)?;
    writeln!(out, "  scalar_i_scalar_o(10, 32768) = {}", driver.scalar_i_scalar_o(10, 32768)?)?;
    writeln!(out, "  struct_i_struct_o({sample}) = {}", driver.struct_i_struct_o(&sample)?)?;

    driver.close()?;
    writeln!(out, "  close()")?;
    // Dropping the client closes its connection too. This way tells how that went.
    Connection::from(driver).close()?;
    Ok(())
}
