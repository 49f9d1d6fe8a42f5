use iokit_uc::{Result, user_client};
use std::cell::Cell;
use std::rc::Rc;

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn held(&self) -> Result<u32>;
    #[uc(selector = 1)]
    async fn finished(&self) -> Result<u32>;
}

struct Driver;

impl Demo for Driver {
    async fn held(&self) -> Result<u32> {
        let number = Rc::new(Cell::new(5));
        std::future::ready(()).await;
        Ok(number.get())
    }
    async fn finished(&self) -> Result<u32> {
        let number = Rc::new(5);
        Ok(*number)
    }
}

fn main() {
    let _ = DemoServer::new(Driver);
}
