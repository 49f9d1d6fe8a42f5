use iokit_uc::{Result, user_client};

#[user_client(service = 3, single_thread = 1, client = "Client", table = "Legacy", crate = "iokit_uc")]
pub trait Demo {
    #[uc(selector = 0, entitlement = 1)]
    fn entitled(&self) -> Result<()>;
    #[uc(selector)]
    fn valueless(&self) -> Result<()>;
    #[uc(selector = "1")]
    fn text(&self) -> Result<()>;
    #[uc(selector = -1)]
    fn negative(&self) -> Result<()>;
    #[uc(selector = 4294967296)]
    fn too_large(&self) -> Result<()>;
}

fn main() {}
