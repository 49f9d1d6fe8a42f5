//! Keys, names and short strings, which a registry has over and over: each is kept once.

use crate::value::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Interner {
    names: HashSet<Arc<str>>,
    strings: HashMap<Arc<str>, Value>,
    inheritances: HashSet<Arc<[Arc<str>]>>,
}

/// Longer strings are seldom there twice.
const SHORT: usize = 64;

impl Interner {
    pub(super) fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let new: Arc<str> = name.into();
        self.names.insert(Arc::clone(&new));
        new
    }

    pub(super) fn string(&mut self, text: &str) -> Value {
        if text.len() > SHORT {
            return text.into();
        }
        if let Some(known) = self.strings.get(text) {
            return known.clone();
        }
        let name = self.name(text);
        let new = Value::from(&*name);
        self.strings.insert(name, new.clone());
        new
    }

    /// From class names, the class itself last.
    pub(super) fn inheritance<'a>(
        &mut self,
        classes: impl DoubleEndedIterator<Item = &'a str>,
    ) -> Arc<[Arc<str>]> {
        let new: Vec<Arc<str>> = classes.rev().map(|class| self.name(class)).collect();
        if let Some(known) = self.inheritances.get(&*new) {
            return Arc::clone(known);
        }
        let new: Arc<[Arc<str>]> = new.into();
        self.inheritances.insert(Arc::clone(&new));
        new
    }
}
