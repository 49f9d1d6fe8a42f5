//! Apple's NullDriver sample: a driver that is called with scalars and structures, checked and unchecked, and that calls
//! back later.
//!
//! ```text
//! cargo run --example null_driver                      on a simulated kernel
//! cargo run --example null_driver -- --delay 5000      the driver takes as long to call back as the sample does
//! cargo run --example null_driver -- --host            on this Mac, with the sample's driver extension loaded
//! cargo run --example null_driver -- --header          the interface as a C header
//! ```
//!
//! Of the asynchronous method, `register_async_callback`, the trait says that it answers at once, and that completions
//! follow. `driver.rs` has the other side.

#[path = "../cli.rs"]
mod cli;
pub(crate) mod driver;
#[path = "../refused.rs"]
mod refused;

use cli::{Failure, Place, Program};
use iokit_uc::{Completions, Connection, IoReturn, Kernel, Result, Scalars, Structure, user_client};
use refused::refused;
use std::fmt;
use std::io::Write;
use std::process::ExitCode;
use std::task::Poll;
use std::time::Duration;

/// The sample's driver.
#[user_client(name = "NullDriver")]
pub(crate) trait NullDriver {
    /// Returns each scalar with 1 added, as many as there are.
    #[uc(selector = 0)]
    fn scalars(&self, values: Scalars) -> Result<Scalars>;

    /// Returns a structure with 1 and 10 added to its first two numbers. More than 4096 bytes of room are filled up with
    /// zeros.
    #[uc(selector = 1)]
    fn structure(&self, data: &[u64], out: &mut [u64]) -> Result<usize>;

    /// Returns 16 scalars with 1 added to each; the kernel refuses any other number of them.
    #[uc(selector = 2)]
    #[allow(clippy::too_many_arguments)]
    fn checked_scalars(
        &self,
        a: u64,
        b: u64,
        c: u64,
        d: u64,
        e: u64,
        f: u64,
        g: u64,
        h: u64,
        i: u64,
        j: u64,
        k: u64,
        l: u64,
        m: u64,
        n: u64,
        o: u64,
        p: u64,
    ) -> Result<SixteenScalars>;

    /// Returns a structure with 1 and 10 added to its fields; the kernel refuses one of any other size.
    #[uc(selector = 3)]
    fn checked_structure(&self, data: &DataStruct) -> Result<DataStruct>;

    /// Registers the caller for what [`async_request`](Self::async_request) brings, in place of whoever was before, and
    /// is a request itself. Returns the structure with 1 and 10 added to its fields.
    ///
    /// A completion carries the number 2, and the fields of a request with 1 and 10 added.
    #[uc(selector = 4)]
    fn register_async_callback(&self, data: &DataStruct) -> Result<(DataStruct, Completions<Called>)>;

    /// Has a completion sent after a while, in place of one that is still to come; `kIOReturnError` if nobody has
    /// registered.
    #[uc(selector = 5)]
    fn async_request(&self, data: &DataStruct) -> Result<()>;
}

/// What a completion carries: the number 2, and the fields of a request with 1 and 10 added.
pub(crate) type Called = (u64, u64, u64);

/// What [`checked_scalars`](NullDriver::checked_scalars) returns.
pub(crate) type SixteenScalars =
    (u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64);

/// The structure that the methods take and return.
#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub(crate) struct DataStruct {
    pub(crate) foo: u64,
    pub(crate) bar: u64,
}

/// The same with so much behind it that it travels out of line: 4104 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub(crate) struct OversizedDataStruct {
    pub(crate) foo: u64,
    pub(crate) bar: u64,
    pub(crate) large_array: [u64; 511],
}

impl fmt::Display for DataStruct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}, {}}}", self.foo, self.bar)
    }
}

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: null_driver [--machine | --host] [--delay MILLISECONDS]
       null_driver --header

  --machine  call a simulated driver (default)
  --host     call the driver on this Mac
  --delay    how long the simulated driver takes to call back (default: 20)
  --header   print the interface as a C header
",
    flags: &["--delay", "--header"],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

/// What the command line asks for.
enum Command {
    Call { delay: Duration },
    PrintHeader,
}

impl Command {
    fn parse(words: &[&str]) -> Result<Self, Failure> {
        match *words {
            [] => Ok(Self::Call { delay: Duration::from_millis(20) }),
            ["--header"] => Ok(Self::PrintHeader),
            ["--delay", milliseconds] => match milliseconds.parse() {
                Ok(milliseconds) => Ok(Self::Call { delay: Duration::from_millis(milliseconds) }),
                Err(_) => Err(Failure::Usage(format!("`{milliseconds}` is no number of milliseconds"))),
            },
            ["--delay"] => Err(Failure::Usage("`--delay` wants a number of milliseconds".into())),
            [_, word, ..] | [word] => Err(Failure::Usage(format!("unexpected argument `{word}`"))),
        }
    }
}

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    match (Command::parse(words)?, place) {
        (Command::PrintHeader, _) => out.write_all(NullDriverClient::INTERFACE.c_header().as_bytes())?,
        (Command::Call { .. }, Place::Host) => call(&Kernel::host()?, out)?,
        (Command::Call { delay }, Place::Machine) => {
            let machine = driver::machine(delay);
            call(&machine.task("null_driver").kernel(), out)?;
            machine.assert_clean();
        }
    }
    Ok(())
}

/// Longer than the sample takes to call back: 5 to 7 seconds.
const PATIENCE: Duration = Duration::from_secs(20);

fn call(kernel: &Kernel, out: &mut dyn Write) -> Result<(), Failure> {
    let driver = NullDriverClient::open_first(kernel)?;
    let data = DataStruct { foo: 300, bar: 70000 };

    let sums = driver.scalars(Scalars::from([1, 2, 3]))?;
    writeln!(out, "scalars([1, 2, 3]) = {:?}", &*sums)?;
    let mut room = [0; 2];
    let written = driver.structure(&[data.foo, data.bar], &mut room)?;
    writeln!(out, "structure({data}) = {:?}", &room[..written])?;
    // The same selector with a larger structure, which no method of the trait describes, by hand.
    let oversized = OversizedDataStruct { foo: data.foo, bar: data.bar, large_array: [7; 511] };
    let connection: &Connection = driver.as_ref();
    let size = size_of_val(&oversized);
    let answer = connection.call(1).structure_of(&oversized).structure_capacity(size).send()?;
    let answer: OversizedDataStruct = answer.structure_as()?;
    let sums = DataStruct { foo: answer.foo, bar: answer.bar };
    let zeros = answer.large_array.iter().filter(|&&number| number == 0).count();
    writeln!(out, "structure of {size} bytes ({data}, 511 sevens) = {sums}, {zeros} zeros")?;

    let (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) =
        driver.checked_scalars(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)?;
    let sums = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p];
    writeln!(out, "checked_scalars(1 to 16) = {sums:?}")?;
    writeln!(out, "checked_structure({data}) = {}", driver.checked_structure(&data)?)?;

    // Nobody is there to be called back.
    let refusal = refused(driver.async_request(&data), IoReturn::ERROR)?;
    writeln!(out, "async_request({data}): {refusal}")?;
    let (answer, mut completions) = driver.register_async_callback(&data)?;
    writeln!(out, "register_async_callback({data}) = {answer}")?;
    writeln!(out, "  completed with {:?}", next(&mut completions)?)?;
    let request = DataStruct { foo: 1, bar: 2 };
    driver.async_request(&request)?;
    writeln!(out, "async_request({request})")?;
    writeln!(out, "  completed with {:?}", next(&mut completions)?)?;
    Ok(())
}

fn next(completions: &mut Completions<Called>) -> Result<Called, Failure> {
    match completions.wait_timeout(PATIENCE) {
        Poll::Ready(Some(completion)) => Ok(completion?),
        Poll::Ready(None) => Err("there are no more completions".into()),
        Poll::Pending => Err(format!("no completion within {} s", PATIENCE.as_secs()).into()),
    }
}
