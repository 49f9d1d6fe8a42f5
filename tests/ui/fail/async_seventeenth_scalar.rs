use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn many(&self) -> Result<(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8)>;
    #[uc(selector = 1)]
    async fn sixteen(&self) -> Result<(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8)>;
    #[uc(selector = 2)]
    async fn mixed(&self) -> Result<(u8, Scalars)>;
}

use iokit_uc::Scalars;

fn main() {}
