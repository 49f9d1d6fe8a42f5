//! Apple's sample of a driver for a PCI card: two methods, and two kinds of memory.

use super::cli::Failure;
use super::refused::refused;
use iokit_uc::memory::CacheMode;
use iokit_uc::{Connection, IoReturn, Kernel, Mapping, Result, Structure, user_client};
use std::fmt;
use std::io::Write;

/// The sample's driver.
#[user_client(service = "com_YourCompany_driver_SamplePCI", type = 23)]
pub(crate) trait SamplePci {
    /// `kSampleMethod1`: each number with all bits inverted; `kIOReturnNoSpace` if there is no room for as many.
    #[uc(selector = 0)]
    fn method1(&self, numbers: &[u32], out: &mut [u32]) -> Result<usize>;

    /// `kSampleMethod2`: takes memory of the caller's, by its address, for direct memory access.
    #[uc(selector = 1)]
    fn method2(&self, request: &StructForMethod2) -> Result<ResultsForMethod2>;

    /// `kSamplePCIMemoryType1`: memory that this connection shares with the driver.
    #[uc(memory = 100)]
    fn shared_memory(&self) -> Result<Mapping<[SharedMemory]>>;

    /// `kSamplePCIMemoryType2`: the card's memory, which is the same for all.
    #[uc(memory = 101, cache = Inhibit)]
    fn card_memory(&self) -> Result<Mapping<[u8]>>;
}

/// `SampleStructForMethod2`
#[derive(Clone, Copy, Debug, Structure)]
#[repr(C)]
pub(crate) struct StructForMethod2 {
    pub(crate) data_pointer: u64,
    pub(crate) data_length: u64,
    pub(crate) parameter1: u32,
    pub(crate) _pad: u32,
}

/// `SampleResultsForMethod2`
#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub(crate) struct ResultsForMethod2 {
    pub(crate) results1: u64,
}

/// `SampleSharedMemory`: plain data, which is copied in and out as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub(crate) struct SharedMemory {
    pub(crate) fields: [u32; 3],
    pub(crate) string: [u8; 100],
}

impl SharedMemory {
    /// With a text that ends with a NUL, cut off if need be.
    pub(crate) fn new(fields: [u32; 3], text: &str) -> Self {
        let mut string = [0; 100];
        let length = text.len().min(string.len() - 1);
        string[..length].copy_from_slice(&text.as_bytes()[..length]);
        Self { fields, string }
    }
}

impl fmt::Display for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.string.split(|byte| *byte == 0).next().unwrap_or_default();
        let [first, second, third] = self.fields;
        write!(f, "{{{first:#x}, {second:#x}, {third:#x}, \"{}\"}}", text.escape_ascii())
    }
}

/// Does what the sample's tool does.
pub(crate) fn run(kernel: &Kernel, out: &mut dyn Write) -> Result<(), Failure> {
    let driver = SamplePciClient::open_first(kernel)?;
    writeln!(out, "com_YourCompany_driver_SamplePCI")?;

    let mut inverted = [0; 3];
    let count = driver.method1(&[1, 2, 3], &mut inverted)?;
    writeln!(out, "  method1([1, 2, 3]) = {:x?}", &inverted[..count])?;
    let mut data = vec![0_u8; 0x4321];
    let request = StructForMethod2 {
        data_pointer: data.as_mut_ptr().expose_provenance() as u64,
        data_length: data.len() as u64,
        parameter1: 0x1234_5678,
        _pad: 0,
    };
    writeln!(out, "  method2({} bytes) = {:#x}", data.len(), driver.method2(&request)?.results1)?;

    let mut memory = driver.shared_memory()?;
    // Values are copied out of the memory and into it: the driver may change it at any time.
    let Some(mut shared) = memory.slice().get(0) else { return Err("nothing is shared".into()) };
    writeln!(out, "  shared memory: {} bytes, {shared}", memory.size())?;
    shared.string = SharedMemory::new(shared.fields, "some other data").string;
    memory.slice_mut().set(0, shared)?;
    let again = driver.shared_memory()?;
    if let Some(shared) = again.slice().get(0) {
        writeln!(out, "  mapped again, it is the same memory: {shared}")?;
    }

    let card = driver.card_memory()?;
    writeln!(out, "  card's memory: {} bytes, {:?}", card.size(), card.cache_mode())?;
    let connection: &Connection = driver.as_ref();
    let unknown: Result<Mapping<[u8]>> = connection.map_memory(102, CacheMode::Default);
    writeln!(out, "  memory of another type: {}", refused(unknown.map(drop), IoReturn::BAD_ARGUMENT)?)?;
    Ok(())
}
