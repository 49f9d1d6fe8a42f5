use iokit_uc::{Result, Structure, user_client};

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Sample {
    pub field1: u64,
}

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn get(&self) -> Result<&Sample>;
}

fn main() {}
