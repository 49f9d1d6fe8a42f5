use iokit_uc::{Result, user_client};

use std::pin::Pin;

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn future(&self) -> Pin<Box<dyn Future<Output = Result<()>>>>;
}

fn main() {}
