use iokit_uc::{Completion, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn twice(&self) -> Completion<u32>;
    #[uc(selector = 1)]
    async fn within(&self) -> Result<Completion<u32>>;
    #[uc(selector = 2)]
    fn once(&self) -> Result<Completion<u32>>;
    #[uc(selector = 3)]
    fn bare(&self) -> Completion<u32>;
    #[uc(selector = 4)]
    async fn future(&self) -> impl Future<Output = Result<()>>;
}

fn users(client: DemoClient) -> Result<u32> {
    client.future().wait()?;
    client.bare().wait()
}

fn main() {
    let _ = users;
}
