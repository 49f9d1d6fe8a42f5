//! Going through a tree.

use iokit_uc::{Entries, ErrorKind, Plane, RegistryEntry, Result};
use std::iter::Peekable;

/// An entry, where it is in the tree.
pub(super) struct Step {
    pub(super) entry: RegistryEntry,
    /// How far from the tree's root.
    pub(super) depth: usize,
    /// Whether another child of its parent follows.
    pub(super) has_next: bool,
    /// Whether children of its own follow.
    pub(super) has_children: bool,
}

/// Each entry before its children. An entry with several parents comes once for each of them.
pub(super) struct Walk<'p> {
    plane: &'p Plane,
    limit: Option<usize>,
    root: Option<RegistryEntry>,
    /// On each level, those that are still to come.
    levels: Vec<Peekable<Entries>>,
}

impl<'p> Walk<'p> {
    /// From `root` down, on so many levels.
    pub(super) fn of(root: RegistryEntry, plane: &'p Plane, limit: Option<usize>) -> Self {
        Self { plane, limit, root: Some(root), levels: Vec::new() }
    }

    fn next_entry(&mut self) -> Option<RegistryEntry> {
        if let Some(root) = self.root.take() {
            return Some(root);
        }
        loop {
            match self.levels.last_mut()?.next() {
                Some(entry) => return Some(entry),
                None => drop(self.levels.pop()),
            }
        }
    }

    fn step(&mut self, entry: RegistryEntry) -> Result<Step> {
        let depth = self.levels.len();
        let has_next = self.levels.last_mut().is_some_and(|level| level.peek().is_some());
        let goes_on = self.limit.is_none_or(|limit| depth + 1 < limit);
        let mut children = if goes_on { Some(entry.children(self.plane)?.peekable()) } else { None };
        let has_children = children.as_mut().is_some_and(|children| children.peek().is_some());
        self.levels.extend(children.filter(|_| has_children));
        Ok(Step { entry, depth, has_next, has_children })
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Step>;

    fn next(&mut self) -> Option<Result<Step>> {
        loop {
            let entry = self.next_entry()?;
            match self.step(entry) {
                // It went away since its parent was asked.
                Err(error) if error.kind() == ErrorKind::Terminated => {}
                step => return Some(step),
            }
        }
    }
}
