//! Which calls a fault comes to.

use crate::backend::Function;
use std::fmt;

#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::sim) struct Filter {
    /// None of them stands for all that the fault can come to.
    pub(in crate::sim) functions: Vec<Function>,
    pub(in crate::sim) selector: Option<u32>,
    pub(in crate::sim) memory_type: Option<u32>,
    pub(in crate::sim) class: Option<String>,
    pub(in crate::sim) task: Option<FilteredTask>,
    /// The first call, counted from 1; 0 if it was not said.
    pub(in crate::sim) nth: u64,
    pub(in crate::sim) times: Option<u64>,
    pub(in crate::sim) probability: Option<(f64, u64)>,
}

/// A task, without keeping its machine.
#[derive(Clone, Debug)]
pub(in crate::sim) struct FilteredTask {
    /// `Task::id`.
    pub(in crate::sim) id: (usize, usize),
    pub(in crate::sim) name: String,
}

impl PartialEq for FilteredTask {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { functions, selector, memory_type, class, task, nth, times, probability } = self;
        functions.iter().try_for_each(|function| write!(f, ".on(Function::{function:?})"))?;
        selector.iter().try_for_each(|selector| write!(f, ".selector({selector})"))?;
        memory_type.iter().try_for_each(|memory_type| write!(f, ".memory_type({memory_type})"))?;
        class.iter().try_for_each(|class| write!(f, ".class({class:?})"))?;
        task.iter().try_for_each(|FilteredTask { name, .. }| write!(f, ".task(/* {name} */)"))?;
        if *nth > 0 {
            write!(f, ".nth({nth})")?;
        }
        times.iter().try_for_each(|times| write!(f, ".times({times})"))?;
        probability.iter().try_for_each(|(chance, seed)| write!(f, ".with_probability({chance:?}, {seed})"))
    }
}

/// How many calls have passed a filter, and how many of them were chosen.
#[derive(Debug)]
pub(super) struct Count {
    passed: u64,
    pub(super) chosen: u64,
    random: u64,
}

impl Count {
    pub(super) fn new(filter: &Filter) -> Self {
        Self { passed: 0, chosen: 0, random: filter.probability.map_or(0, |(_, seed)| seed) }
    }

    /// Whether the call that has just passed is chosen.
    pub(super) fn choose(&mut self, filter: &Filter) -> bool {
        self.passed += 1;
        let times = filter.times.unwrap_or(if filter.nth > 0 { 1 } else { u64::MAX });
        let chosen = self.passed >= filter.nth
            && self.chosen < times
            && filter.probability.is_none_or(|(chance, _)| self.next() < chance);
        self.chosen += u64::from(chosen);
        chosen
    }

    /// The next of evenly spread numbers from 0 to 1 (splitmix64).
    fn next(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(filter: &Filter, calls: u64) -> Vec<u64> {
        let mut count = Count::new(filter);
        (1..=calls).filter(|_| count.choose(filter)).collect()
    }

    #[test]
    fn the_nth_call_is_one_and_times_says_how_many() {
        assert_eq!(chosen(&Filter::default(), 3), [1, 2, 3]);
        assert_eq!(chosen(&Filter { nth: 2, ..Filter::default() }, 5), [2]);
        assert_eq!(chosen(&Filter { nth: 2, times: Some(2), ..Filter::default() }, 5), [2, 3]);
        assert_eq!(chosen(&Filter { times: Some(1), ..Filter::default() }, 3), [1]);
        assert_eq!(chosen(&Filter { times: Some(0), ..Filter::default() }, 3), []);
    }

    #[test]
    fn chances_come_true_as_often_as_they_should_and_the_same_with_the_same_seed() {
        let filter = |chance, seed| Filter { probability: Some((chance, seed)), ..Filter::default() };
        assert_eq!(chosen(&filter(0.0, 1), 1000).len(), 0);
        assert_eq!(chosen(&filter(1.0, 1), 1000).len(), 1000);
        let quarter = chosen(&filter(0.25, 7), 10_000);
        assert!((2300..2700).contains(&quarter.len()), "{}", quarter.len());
        assert_eq!(quarter, chosen(&filter(0.25, 7), 10_000));
        assert_ne!(quarter, chosen(&filter(0.25, 8), 10_000));
    }
}
