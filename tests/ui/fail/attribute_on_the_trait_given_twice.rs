use iokit_uc::{Result, user_client};

#[user_client]
#[user_client(service = "com_example_Driver")]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

fn main() {}
