// The crate `pump` of which the guide tells, for the hidden lines of its examples. They include it by the package's directory:
// examples that are compiled together have none of their own, and one that fails there has all of them compiled singly.
pub mod protocol {
    include!("protocol.rs");
}
pub mod model {
    include!("model.rs");
}
pub use protocol::*;
