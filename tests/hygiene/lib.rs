//! Expansions in hostile surroundings, where the library has another name.

pub mod shadows;
pub mod strict;
