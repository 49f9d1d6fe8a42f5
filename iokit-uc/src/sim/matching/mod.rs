//! Finding services (MT-1 … MT-9), and asking one whether it matches (MT-19).

pub(super) mod family;
mod find;
mod keys;
