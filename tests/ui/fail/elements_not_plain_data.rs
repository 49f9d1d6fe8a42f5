use iokit_uc::{Result, user_client};

pub struct Config {
    pub name: String,
}

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn fill(&self, out: &mut [Config]) -> Result<usize>;
}

fn main() {}
