use iokit_uc::{Result, user_client};

pub struct Config {
    pub name: String,
}

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn config(&self) -> Result<Config>;
    #[uc(selector = 1)]
    async fn part(&self, config: &Config) -> Result<(u32, Config)>;
    #[uc(selector = 2)]
    async fn count(&self) -> Result<usize>;
    #[uc(selector = 3)]
    async fn again(&self, count: usize) -> Result<usize>;
}

fn main() {}
