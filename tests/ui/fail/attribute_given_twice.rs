use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    #[uc(entitlement = "com.example.transfer")]
    fn open(&self) -> Result<()>;
}

fn main() {}
