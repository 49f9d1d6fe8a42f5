//! Runs a Mach-O executable for x86_64 macOS inside this Linux process.
//!
//! The machine code of the program needs no translation: macOS and Linux share the System V calling convention on
//! x86_64, and a program reaches the kernel only through the functions that it imports. So this crate does what
//! `dyld` does on a Mac (map, bind, set up thread-local variables and unwinding, call `main`), and binds the
//! imports to the functions that its caller gives it as [`Export`]s.

mod bind;
mod caller;
mod dyld;
mod image;
mod macho;
mod missing;
mod output;
mod symbols;
mod thread_local;
mod unwind;

use std::error::Error;
use std::ffi::CString;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use bind::Bindings;
pub use caller::caller;
pub use dyld::dyld_exports;
use macho::{MachO, Symbols};
pub use output::{flush_output, say};
pub use symbols::Export;
use symbols::SymbolTable;

/// Errors say what is wrong with the program.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Runs `program` with `arguments` (the first is the program's name) and its imports bound to `exports` and [`dyld_exports`], then exits
/// the process with the program's status. Returns only on failure to load.
///
/// # Safety
/// The program's code runs in this process with all of its rights, and every export must have the signature that the
/// program expects of the symbol.
pub unsafe fn run(program: &Path, arguments: Vec<CString>, exports: Vec<Export>) -> Result<()> {
    // Never freed: its symbols are asked for as long as the process lives.
    let file = std::fs::read(program)?.leak();
    let macho = MachO::parse(file)?;
    let symbols = SymbolTable::new(exports.into_iter().chain(dyld_exports()));
    let bindings = bind::resolve(&macho, &symbols)?;
    let frames = unwind::Table::new(&macho, &bindings)?;
    let template = thread_local::Template::of(&macho)?;
    let process = dyld::Process::new(program, arguments, &macho, symbols)?;

    // SAFETY: all of it is made of this file, in the order that the calls require.
    unsafe {
        image::load(&macho, &bindings)?;
        frames.register()?;
        template.publish();
    }
    let first = IMAGE.set(Image { range: macho.range(), symbols: macho.symbols }).is_ok();
    assert!(first, "a process runs one program");
    let process = process.publish();
    for initializer in macho.initializers {
        // SAFETY: the linker lists only functions of this type as initializers.
        unsafe { process.call(initializer) };
    }
    // SAFETY: LC_MAIN names the program's `main`.
    std::process::exit(unsafe { process.call(macho.entry) })
}

struct Image {
    range: Range<usize>,
    symbols: Symbols<'static>,
}

static IMAGE: OnceLock<Image> = OnceLock::new();

/// The addresses of the program, once it is loaded.
pub fn image() -> Option<Range<usize>> {
    IMAGE.get().map(|image| image.range.clone())
}

/// Names an address in the program by the symbol before it, `main+0x1f`, or by itself if there is none.
pub fn describe(address: usize) -> Option<String> {
    describe_within(address, address)
}

/// Names a call in the program by the address that it returns to, which may be in the next function already.
pub fn describe_call(return_address: usize) -> Option<String> {
    describe_within(return_address.checked_sub(1)?, return_address)
}

/// Names `address` as part of the function that has `inside`.
fn describe_within(inside: usize, address: usize) -> Option<String> {
    let image = IMAGE.get().filter(|image| image.range.contains(&inside))?;
    Some(match image.symbols.nearest(inside) {
        Some((name, start)) => format!("{:#}+{:#x}", rustc_demangle::demangle(name), address - start),
        None => format!("{address:#x}"),
    })
}

/// A function or variable that a program imports.
#[derive(Debug)]
pub struct Import {
    /// The name in C.
    pub name: String,
    /// Whether the program calls it.
    pub is_function: bool,
    /// Whether the program can do without it.
    pub weak: bool,
}

/// What a program imports, each name once and in their order. Errors are those that [`run`] would return whatever it
/// were given as exports.
pub fn imports(program: &Path) -> Result<Vec<Import>> {
    let file = std::fs::read(program)?;
    let macho = MachO::parse(&file)?;
    unwind::Table::new(&macho, &Bindings::new())?;
    thread_local::Template::of(&macho)?;
    Ok(bind::imports(&macho))
}
