use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    unsafe extern "C" fn open(&self, ...) -> Result<()>;
}

fn main() {}
