//! The I/O Registry: its entries, the planes that they stand in, and the ways through them.

mod entries;
mod entry;
mod iterator;
mod path;
mod plane;

pub use entries::Entries;
pub use entry::RegistryEntry;
pub use iterator::{IterateOptions, RegistryIterator};
pub(crate) use path::plane_of_path;
pub use plane::Plane;
