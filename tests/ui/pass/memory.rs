//! Memory and data queues: types by other names, every cache mode, numbers of every kind, and the traits that they can
//! stand in.

#![deny(warnings)]
#![allow(dead_code)]

use iokit_uc::memory::CacheMode;
use iokit_uc::{
    Connection, DataQueue, IoReturn, Mapping, ReadOnlyAccess, ReadWriteAccess, Result, user_client,
};

type Pixels = Mapping<[u32]>;
type Readable<T> = Mapping<T, ReadOnlyAccess>;
type Log = DataQueue<[u8]>;

const LOG: u32 = 0x8000_0001;

/// Memory and nothing else.
#[user_client(service = "com_example_Display")]
trait Display {
    #[uc(memory = 0, cache = Default)]
    fn plain(&self) -> Result<Pixels>;
    #[uc(cache = Inhibit, memory = 1)]
    fn inhibited(&self) -> Result<Readable<[u8]>>;
    #[uc(memory = 0b10, cache = WriteThru)]
    fn written_through(&self) -> Result<Mapping<[[u16; 3]], ReadWriteAccess>>;
    #[uc(memory = LOG - 1, cache = Copyback)]
    fn copied_back(&self) -> iokit_uc::Result<iokit_uc::Mapping<[u8]>>;
    #[uc(memory = 3, cache = WriteCombine)]
    fn combined(&self) -> Result<Mapping<[u8]>>;
    #[uc(queue = LOG)]
    fn log(&self) -> Result<Log>;
    #[cfg(any())]
    #[uc(memory = 3)]
    fn absent(&self) -> Result<Unknown>;
    #[cfg(all())]
    #[uc(queue = 4)]
    fn events(&self) -> Result<DataQueue<u64>>;
}

#[user_client(table = Legacy)]
trait Old {
    #[uc(selector = 0)]
    fn reset(&self) -> Result<()>;
    #[uc(memory = 0)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
}

macro_rules! driver {
    ($name:ident, $number:expr, $memory:ty, $entry:ty) => {
        #[user_client]
        trait $name {
            #[uc(memory = $number)]
            fn memory(&self) -> Result<$memory>;
            #[uc(queue = $number + 1)]
            fn queue(&self) -> Result<DataQueue<$entry>>;
        }
    };
}

driver!(Made, 7, Mapping<[u8]>, [u8]);

struct Driver;

impl Old for Driver {
    fn reset(&self) -> Result<()> {
        Ok(())
    }
    fn framebuffer(&self) -> Result<Mapping<[u8]>> {
        Err(IoReturn::UNSUPPORTED.into())
    }
}

fn both(connection: Connection) -> Result<()> {
    let _server = OldServer::new(Driver);
    OldClient::new(connection).framebuffer().map(drop)
}

fn main() {
    let memory = DisplayClient::INTERFACE.memory;
    let cached: Vec<_> =
        memory.iter().map(|memory| (memory.name.method, memory.name.memory_type, memory.cache)).collect();
    assert_eq!(
        cached,
        [
            ("plain", 0, CacheMode::Default),
            ("inhibited", 1, CacheMode::Inhibit),
            ("written_through", 2, CacheMode::WriteThru),
            ("copied_back", 0x8000_0000, CacheMode::Copyback),
            ("combined", 3, CacheMode::WriteCombine),
            ("log", LOG, CacheMode::Default),
            ("events", 4, CacheMode::Default),
        ]
    );
    let _ = both;
    assert_eq!(MadeClient::INTERFACE.memory.len(), 2);
    assert_eq!(OldClient::INTERFACE.methods.len(), 1);
}
