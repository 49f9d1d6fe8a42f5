use iokit_uc::{Result, user_client};

#[user_client(servise = "com_example_Driver", class = "Demo")]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

fn main() {}
