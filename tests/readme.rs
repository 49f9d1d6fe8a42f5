//! The code of the README and of the other documents, compiled and run as the examples of the documentation are.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../docs/from-c.md")]
struct FromC;
