use iokit_uc::Structure;

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Pair<T> {
    pub a: T,
    pub b: T,
}

fn main() {}
