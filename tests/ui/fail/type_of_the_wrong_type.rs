use iokit_uc::{Result, user_client};

const TYPE: u64 = 0;

#[user_client(service = "com_example_Driver", type = TYPE)]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

fn main() {}
