use iokit_uc::{Result, user_client};

#[user_client(client = Both, server = Both)]
pub trait Same {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

#[user_client(client = Trait)]
pub trait Trait {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

#[user_client(client = DefaultServer)]
pub trait Default {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

#[user_client(client = Self)]
pub trait Keyword {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

fn main() {
    let _ = (TraitClient::new, DefaultClient::new, KeywordClient::new);
}
