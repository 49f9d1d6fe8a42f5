//! What the tests and the programs that they run share: the functions of libdispatch, which no crate declares.
//!
//! ```
//! assert_eq!(std::env::consts::OS, "macos");
//! ```

pub mod dispatch;
