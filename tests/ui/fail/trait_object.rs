use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn show(&self, what: &dyn std::fmt::Debug) -> Result<()>;
}

fn main() {}
