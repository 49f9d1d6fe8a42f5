//! The table of those who wait at a port.

use crate::completion::Token;
use std::hash::{BuildHasher, RandomState};

/// Values that are found by the [`Token`] which each gets when it is put in.
#[derive(Debug)]
pub(super) struct Slots<V> {
    slots: Vec<Slot<V>>,
    /// The first slot of the list of those that are free.
    free: Option<usize>,
    /// The last one given. It starts anywhere, so that one port's tokens mean nothing at another.
    generation: usize,
}

#[derive(Debug)]
enum Slot<V> {
    Free { next: Option<usize> },
    Taken { generation: usize, value: V },
}

impl<V> Slots<V> {
    pub(super) fn new() -> Self {
        let generation = RandomState::new().hash_one(()) as usize;
        Self { slots: Vec::new(), free: None, generation }
    }

    pub(super) fn insert(&mut self, value: V) -> Token {
        self.generation = self.generation.wrapping_add(1);
        let generation = self.generation;
        let taken = Slot::Taken { generation, value };
        let index = match self.free {
            Some(index) => {
                if let Slot::Free { next } = std::mem::replace(&mut self.slots[index], taken) {
                    self.free = next;
                }
                index
            }
            None => {
                self.slots.push(taken);
                self.slots.len() - 1
            }
        };
        Token { generation, index }
    }

    pub(super) fn get_mut(&mut self, token: Token) -> Option<&mut V> {
        match self.slots.get_mut(token.index)? {
            Slot::Taken { generation, value } if *generation == token.generation => Some(value),
            _ => None,
        }
    }

    pub(super) fn remove(&mut self, token: Token) -> Option<V> {
        self.get_mut(token)?;
        self.free(token.index)
    }

    /// Takes out all that `condition` holds for.
    pub(super) fn extract(&mut self, condition: impl Fn(&V) -> bool) -> Vec<V> {
        let matching: Vec<usize> = (0..self.slots.len())
            .filter(|&index| matches!(&self.slots[index], Slot::Taken { value, .. } if condition(value)))
            .collect();
        matching.into_iter().filter_map(|index| self.free(index)).collect()
    }

    /// All there are.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Taken { value, .. } => Some(value),
            Slot::Free { .. } => None,
        })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.values().count()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values().next().is_none()
    }

    fn free(&mut self, index: usize) -> Option<V> {
        match std::mem::replace(&mut self.slots[index], Slot::Free { next: self.free }) {
            Slot::Taken { value, .. } => {
                self.free = Some(index);
                Some(value)
            }
            free => {
                self.slots[index] = free;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_token_until_it_is_removed() {
        let mut slots = Slots::new();
        let (a, b) = (slots.insert('a'), slots.insert('b'));
        assert_eq!((slots.get_mut(a).copied(), slots.len()), (Some('a'), 2));
        assert_eq!((slots.remove(a), slots.remove(a), slots.len()), (Some('a'), None, 1));
        assert_eq!((slots.get_mut(a).copied(), slots.get_mut(b).copied()), (None, Some('b')));
    }

    #[test]
    fn a_slot_that_is_used_again_has_another_token() {
        let mut slots = Slots::new();
        let old = slots.insert('a');
        slots.remove(old);
        let new = slots.insert('b');
        assert_eq!(old.index, new.index);
        assert_eq!((slots.remove(old), slots.get_mut(new).copied()), (None, Some('b')));
    }

    #[test]
    fn slots_that_are_free_are_used_before_new_ones() {
        let mut slots = Slots::new();
        let tokens: Vec<_> = (0..4).map(|value| slots.insert(value)).collect();
        for index in [1, 3, 0] {
            slots.remove(tokens[index]);
        }
        for value in 4..7 {
            assert!(slots.insert(value).index < 4);
        }
        assert_eq!(slots.insert(7).index, 4);
        assert_eq!(slots.len(), 5);
    }

    #[test]
    fn what_is_extracted_leaves_the_rest() {
        let mut slots = Slots::new();
        let tokens: Vec<_> = (0..6).map(|value| slots.insert(value)).collect();
        assert_eq!(slots.extract(|value| value % 2 == 0), [0, 2, 4]);
        assert_eq!(tokens.iter().filter_map(|&token| slots.remove(token)).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(slots.len(), 0);
    }

    #[test]
    fn a_token_out_of_the_table_or_of_another_port_is_none_of_its_own() {
        let (mut one, mut other) = (Slots::new(), Slots::new());
        let token = one.insert('a');
        other.insert('b');
        assert_eq!(other.get_mut(token), None);
        assert_eq!(one.get_mut(Token { index: usize::MAX, ..token }), None);
        assert_eq!(one.get_mut(Token { generation: token.generation + 1, ..token }), None);
    }
}
