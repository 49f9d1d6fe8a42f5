//! What the kernel's things are known by inside it.

slotmap::new_key_type! {
    /// A class.
    pub(super) struct ClassKey;
    /// An object that can have ports.
    pub(super) struct ObjectKey;
    /// A port.
    pub(super) struct PortKey;
}

/// A task, by its place in the kernel's list. Tasks are never removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TaskKey(pub(super) usize);
