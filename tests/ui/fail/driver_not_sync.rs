use iokit_uc::{Result, user_client};
use std::cell::Cell;

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn count(&self) -> Result<u32>;
}

struct Borrowed(Cell<u32>);

impl Demo for Borrowed {
    async fn count(&self) -> Result<u32> {
        Ok(self.0.get())
    }
}

struct Served(Cell<u32>);

impl Demo for Served {
    fn count(&self) -> impl Future<Output = Result<u32>> + Send {
        std::future::ready(Ok(self.0.get()))
    }
}

fn main() {
    let _ = DemoServer::new(Served(Cell::new(0)));
}
