use iokit_uc::{Result, user_client};

type Mine<T> = std::result::Result<T, String>;

mod other {
    pub type Result<T> = super::Mine<T>;
}

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
    #[uc(selector = 1)]
    fn add(&self, a: u32, b: u32) -> std::io::Result<u32>;
    #[uc(selector = 2)]
    fn read(&self, out: &mut [u8]) -> std::io::Result<usize>;
    #[uc(selector = 3)]
    fn all(&self) -> other::Result<Vec<u8>>;
}

fn main() {}
