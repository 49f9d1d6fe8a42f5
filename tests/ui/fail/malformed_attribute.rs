use iokit_uc::{Result, user_client};

#[user_client(service("com_example_Driver"))]
pub trait Demo {
    #[uc]
    fn bare(&self) -> Result<()>;
    #[uc = 3]
    fn assigned(&self) -> Result<()>;
    #[uc(selector: 3)]
    fn colon(&self) -> Result<()>;
}

fn main() {}
