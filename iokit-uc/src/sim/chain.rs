//! Lists that keep the order in which things were added, and lose any of them in no time.
//!
//! The nodes are in a slot map, which several lists may share: a node can be in more than one.

use slotmap::{Key, SlotMap};

/// A list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain<K> {
    first: Option<K>,
    last: Option<K>,
    len: u32,
    changes: u32,
}

/// What is beside a node in one of its lists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside<K> {
    previous: Option<K>,
    next: Option<K>,
}

impl<K> Default for Chain<K> {
    fn default() -> Self {
        Self { first: None, last: None, len: 0, changes: 0 }
    }
}

impl<K> Default for Beside<K> {
    fn default() -> Self {
        Self { previous: None, next: None }
    }
}

impl<K: Copy> Beside<K> {
    pub(super) fn next(&self) -> Option<K> {
        self.next
    }
}

impl<K: Key> Chain<K> {
    pub(super) fn first(&self) -> Option<K> {
        self.first
    }

    pub(super) fn len(&self) -> usize {
        self.len as usize
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How often something was added or removed.
    pub(super) fn changes(&self) -> u32 {
        self.changes
    }

    /// Adds a node at the end. `beside` says which of the node's lists this is.
    pub(super) fn push<N>(
        &mut self,
        key: K,
        nodes: &mut SlotMap<K, N>,
        beside: fn(&mut N) -> &mut Beside<K>,
    ) {
        *beside(&mut nodes[key]) = Beside { previous: self.last, next: None };
        match self.last {
            Some(last) => beside(&mut nodes[last]).next = Some(key),
            None => self.first = Some(key),
        }
        self.last = Some(key);
        self.len += 1;
        self.changes = self.changes.wrapping_add(1);
    }

    /// Takes a node out, which is in this list.
    pub(super) fn remove<N>(
        &mut self,
        key: K,
        nodes: &mut SlotMap<K, N>,
        beside: fn(&mut N) -> &mut Beside<K>,
    ) {
        let Beside { previous, next } = std::mem::take(beside(&mut nodes[key]));
        match previous {
            Some(previous) => beside(&mut nodes[previous]).next = next,
            None => self.first = next,
        }
        match next {
            Some(next) => beside(&mut nodes[next]).previous = previous,
            None => self.last = previous,
        }
        self.len -= 1;
        self.changes = self.changes.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slotmap::DefaultKey;

    #[derive(Default)]
    struct Node {
        value: u8,
        beside: Beside<DefaultKey>,
    }

    fn values(chain: &Chain<DefaultKey>, nodes: &SlotMap<DefaultKey, Node>) -> Vec<u8> {
        std::iter::successors(chain.first(), |&key| nodes[key].beside.next())
            .map(|key| nodes[key].value)
            .collect()
    }

    #[test]
    fn removal_keeps_the_order_at_both_ends_and_between() {
        let (mut chain, mut nodes) = (Chain::default(), SlotMap::new());
        let keys: Vec<_> = (0..5)
            .map(|value| {
                let key = nodes.insert(Node { value, ..Node::default() });
                chain.push(key, &mut nodes, |node| &mut node.beside);
                key
            })
            .collect();
        assert_eq!((values(&chain, &nodes), chain.len(), chain.changes()), (vec![0, 1, 2, 3, 4], 5, 5));
        for (removed, left) in
            [(2, vec![0, 1, 3, 4]), (0, vec![1, 3, 4]), (4, vec![1, 3]), (3, vec![1]), (1, vec![])]
        {
            chain.remove(keys[removed], &mut nodes, |node| &mut node.beside);
            assert_eq!((values(&chain, &nodes), chain.len()), (left, chain.len()));
        }
        assert!(chain.is_empty() && chain.first().is_none());
        assert_eq!(chain.changes(), 10);
        chain.push(keys[3], &mut nodes, |node| &mut node.beside);
        assert_eq!(values(&chain, &nodes), [3]);
    }
}
