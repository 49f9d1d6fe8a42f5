//! Every lint is on.

#![deny(missing_docs, unreachable_pub, unsafe_op_in_unsafe_fn, unused, warnings)]
#![deny(missing_debug_implementations, trivial_casts, trivial_numeric_casts, unused_qualifications)]
#![deny(clippy::all, clippy::pedantic, clippy::undocumented_unsafe_blocks)]
// The error type is documented once, at `Error`, not again at each method of a trait.
#![allow(clippy::missing_errors_doc)]

use renamed::memory::{ReadOnly, ReadPure, ReadPureWrite, ReadWrite, WriteOnly};
use renamed::{
    Completions, DataQueue, Mapping, ReadOnlyAccess, RegisterBlock, RegisterValue, Result, Scalar, Structure,
    user_client,
};

/// A structure.
#[derive(Clone, Copy, Debug, Structure)]
#[structure(crate = renamed)]
#[repr(C)]
pub struct Sample {
    /// A field.
    pub field: u64,
}

/// A structure without gaps.
#[derive(Clone, Copy, Debug, Structure)]
#[structure(crate = renamed)]
#[repr(C, packed)]
pub struct Packed(pub u8, pub u32);

/// Nothing.
#[derive(Clone, Copy, Debug, Structure)]
#[structure(crate = renamed)]
#[repr(C)]
pub struct Nothing {}

/// A scalar.
#[derive(Clone, Copy, Debug, Scalar)]
#[scalar(crate = renamed)]
#[repr(i32)]
pub enum Mode {
    /// A variant.
    Off = -1,
    /// Another one.
    #[deprecated]
    On = 1,
}

/// A structure that should not be used any more.
#[deprecated]
#[derive(Clone, Copy, Debug, Structure)]
#[structure(crate = renamed)]
#[repr(transparent)]
pub struct Old(u32);

/// What a register holds.
#[derive(Clone, Copy, Debug, RegisterValue)]
#[register_value(crate = renamed)]
pub struct Word {
    bits: u32,
}

/// A block of registers.
#[derive(Debug, RegisterBlock)]
#[register_block(crate = renamed)]
#[repr(C)]
pub struct Port {
    /// A register.
    #[reg(offset = 0)]
    pub data: ReadWrite<u8>,
    _reserved: [u8; 3],
    /// Another one.
    #[deprecated]
    pub status: ReadPure<Word>,
    control: ReadPureWrite<i64>,
    /// Some that are not for everybody.
    #[reg(unsafe_write)]
    pub(crate) bells: [WriteOnly<u16>; 4],
    /// A block that not everybody knows.
    inner: [inner::Block; 2],
}

/// A block that should not be used any more.
#[deprecated]
#[derive(Debug, RegisterBlock)]
#[register_block(crate = renamed)]
#[repr(C, align(16))]
pub struct OldPort {
    /// A register.
    pub data: ReadOnly<u32>,
}

/// A trait for everybody.
#[user_client(service = "com_example_Driver", crate = renamed)]
#[allow(deprecated)]
pub trait Public: Send + Sync {
    /// A method.
    #[uc(selector = 0, entitlement = "com.example.driver")]
    fn call(&self, mode: Mode, sample: &Sample, count: u8) -> Result<(Mode, Packed)>;
    /// A method that fills.
    #[uc(selector = 1)]
    fn fill(&self, sample: &Sample, out: &mut [Packed]) -> Result<usize>;
    /// A method that should not be called any more.
    #[deprecated]
    #[uc(selector = 2)]
    fn old(&self, old: &Old) -> Result<Vec<Old>>;
    /// A method that completes later.
    #[uc(selector = 3, entitlement = "com.example.driver")]
    async fn later(&self, mode: Mode, bytes: &[u8]) -> Result<(Mode, u8)>;
    /// One that takes so much that its future is large.
    #[uc(selector = 4)]
    async fn large(&self, bytes: &[u8; 100_000]) -> Result<()>;
    /// One that should not be called any more.
    #[deprecated]
    #[uc(selector = 5)]
    async fn old_and_later(&self, old: &Old) -> Result<()>;
    /// A method that completes many times.
    #[uc(selector = 6)]
    fn watch(&self) -> Result<(Packed, Completions<(u64, u64)>)>;
    /// The registers.
    #[uc(memory = 0, cache = Inhibit)]
    fn port(&self) -> Result<Mapping<Port>>;
    /// Samples that should not be looked at any more.
    #[deprecated]
    #[uc(memory = 1)]
    fn samples(&self) -> Result<Mapping<[Old], ReadOnlyAccess>>;
    /// What happens.
    #[uc(queue = 2)]
    fn events(&self) -> Result<DataQueue<Sample>>;
}

mod inner {
    use renamed::memory::ReadPureWrite;
    use renamed::{Mapping, RegisterBlock, Result, user_client};

    #[derive(Debug, RegisterBlock)]
    #[register_block(crate = renamed)]
    #[repr(C)]
    pub(super) struct Block {
        register: ReadPureWrite<u64>,
    }

    const CLOSE: u32 = 1;

    #[user_client(crate = renamed, table = Legacy, default_locking = false)]
    pub(super) trait Inner {
        #[uc(selector = 0)]
        fn open(&self) -> Result<()>;
        #[cfg(any())]
        #[uc(selector = 7)]
        fn absent(&self, unknown: Unknown) -> Result<Unknown>;
        #[uc(selector = CLOSE)]
        fn close(&self) -> Result<()>;
        #[uc(memory = CLOSE)]
        fn bytes(&self) -> Result<Mapping<[u8]>>;
        #[cfg(any())]
        #[uc(memory = CLOSE)]
        fn unknown(&self) -> Result<Mapping<Unknown>>;
    }

    #[user_client(crate = renamed, client = Client, server = Server)]
    trait Private {
        #[uc(selector = 0)]
        async fn later(&self) -> Result<()>;
    }

    pub(super) fn use_them(client: &InnerClient) -> Result<()> {
        client.open()?;
        client.bytes()?;
        client.close()
    }
}

/// A driver of it.
#[derive(Debug)]
pub struct Driver {
    memory: renamed::memory::MemoryDescriptor,
    events: DataQueue<Sample>,
}

#[allow(deprecated)]
impl Public for Driver {
    fn call(&self, mode: Mode, _: &Sample, _: u8) -> Result<(Mode, Packed)> {
        Ok((mode, Packed(0, 0)))
    }
    fn fill(&self, _: &Sample, _: &mut [Packed]) -> Result<usize> {
        Ok(0)
    }
    fn old(&self, _: &Old) -> Result<Vec<Old>> {
        Ok(Vec::new())
    }
    async fn later(&self, mode: Mode, bytes: &[u8]) -> Result<(Mode, u8)> {
        self.old_and_later(&Old(0)).await?;
        Ok((mode, bytes.first().copied().unwrap_or_default()))
    }
    fn large(&self, _: &[u8; 100_000]) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }
    async fn old_and_later(&self, _: &Old) -> Result<()> {
        std::future::ready(Ok(())).await
    }
    fn watch(&self) -> Result<(Packed, Completions<(u64, u64)>)> {
        Ok((Packed(0, 0), renamed::completions().1))
    }
    fn port(&self) -> Result<Mapping<Port>> {
        Mapping::of(&self.memory)
    }
    fn samples(&self) -> Result<Mapping<[Old], ReadOnlyAccess>> {
        Mapping::of(&self.memory)
    }
    fn events(&self) -> Result<DataQueue<Sample>> {
        self.events.share()
    }
}

/// Its user client.
///
/// # Errors
///
/// There is no memory.
pub fn serve() -> Result<PublicServer<Driver>> {
    let memory = renamed::memory::MemoryDescriptor::new(size_of::<Port>())?;
    Ok(PublicServer::new(Driver { memory, events: DataQueue::with_entries(4)? }))
}

/// A trait in a function.
///
/// # Errors
///
/// None.
pub fn local(client: renamed::Connection) -> Result<()> {
    #[user_client(crate = renamed)]
    trait Local {
        #[uc(selector = 0)]
        fn call(&self) -> Result<()>;
    }
    inner::use_them(&inner::InnerClient::new(client))
}
