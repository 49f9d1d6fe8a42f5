use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self, seize: bool) -> Result<()> {}
}

struct Driver;

impl Demo for Driver {}

fn main() {
    let _ = Driver.open(true);
}
