use iokit_uc::Structure;

#[derive(Clone, Copy, Structure)]
pub struct NoRepr {
    pub a: u32,
}

fn main() {}
