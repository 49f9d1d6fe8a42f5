//! The message is cut where a character ends.

use iokit_uc::{Result, user_client};

const OPEN: u32 = 0;

#[user_client]
pub trait Demo {
    #[uc(selector = OPEN)]
    fn größegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegröße(&self) -> Result<()>;
    #[uc(selector = 0)]
    fn xgrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegrößegröße(&self) -> Result<()>;
}

fn main() {}
