//! What a task may do with a mapping.

/// What a task may do with a mapping: [`ReadWriteAccess`] or [`ReadOnlyAccess`].
///
/// The driver decides it (MEM-2), so the trait that both sides share says it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a task may do with a mapping",
    label = "neither `ReadWriteAccess` nor `ReadOnlyAccess`"
)]
pub trait Access: sealed::Sealed + 'static {
    /// Whether the task may only read.
    const IS_READ_ONLY: bool;
}

/// The task may read and write.
#[derive(Clone, Copy, Debug)]
pub enum ReadWriteAccess {}

/// The task may read: `kIOMapReadOnly`, set by the driver.
#[derive(Clone, Copy, Debug)]
#[doc(alias = "kIOMapReadOnly")]
pub enum ReadOnlyAccess {}

impl Access for ReadWriteAccess {
    const IS_READ_ONLY: bool = false;
}

impl Access for ReadOnlyAccess {
    const IS_READ_ONLY: bool = true;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::ReadWriteAccess {}
    impl Sealed for super::ReadOnlyAccess {}
}
