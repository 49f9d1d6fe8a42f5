//! Faults that tests inject into a simulated machine, and what the library makes of every single one.

mod calls;
mod completions;
mod each;
mod ends;
mod entitlements;
mod instrument;
mod library;
mod names;
mod queues;
