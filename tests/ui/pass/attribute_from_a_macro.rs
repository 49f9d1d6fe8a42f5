//! The attribute comes from a `macro_rules!` macro, and the methods from its caller.

use iokit_uc::{Connection, Result, user_client};

macro_rules! whole {
    ($item:item) => {
        #[user_client(service = "com_example_Driver")]
        $item
    };
}

macro_rules! body {
    ($name:ident { $($body:tt)* }) => {
        #[user_client]
        pub trait $name {
            $($body)*
        }
    };
}

macro_rules! methods {
    ($name:ident { $($selector:literal => fn $method:ident(&$this:ident, $argument:ident: $ty:ty) -> $result:ty;)* }) => {
        #[user_client]
        pub trait $name {
            $(#[uc(selector = $selector)]
            fn $method(&$this, $argument: $ty) -> $result;)*
        }
    };
}

whole! {
    pub trait Whole {
        #[uc(selector = 0)]
        fn open(&self, value: u32) -> Result<()>;
        #[uc(selector = 1)]
        fn read(&self, position: u32, room: &mut [u8]) -> Result<usize>;
        #[uc(selector = 2)]
        async fn seek(&self, position: u32, data: &[u8]) -> Result<u32>;
    }
}

body!(Body {
    #[uc(selector = 0)]
    fn open(&self, value: u32) -> Result<()>;
    #[uc(selector = 1)]
    fn read(&self, position: u32, room: &mut [u8]) -> Result<usize>;
    #[uc(selector = 2)]
    fn all(&self, data: &[u8]) -> Result<Vec<u8>>;
    #[uc(selector = 3)]
    async fn seek(&self, position: u32, data: &u64) -> Result<u32>;
});

methods!(Methods {
    3 => fn open(&self, value: u32) -> Result<()>;
    4 => fn close(&self, value: u64) -> Result<u64>;
});

#[allow(dead_code)]
fn call(whole: Connection, body: Connection, methods: Connection) -> Result<u64> {
    let (whole, body) = (WholeClient::new(whole), BodyClient::new(body));
    whole.open(1)?;
    whole.seek(1, &[]).wait()?;
    body.open(1)?;
    body.seek(1, &2).wait()?;
    MethodsClient::new(methods).close(2)
}

fn main() {
    let selectors: Vec<_> =
        MethodsClient::INTERFACE.methods.iter().map(|method| method.name.selector).collect();
    assert_eq!(selectors, [3, 4]);
}
