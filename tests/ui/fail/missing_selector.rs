use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(entitlement = "com.example.transfer")]
    fn unmarked(&self) -> Result<()>;
}

fn main() {}
