//! The catalogue of drivers: `IOCatalogue` (MT-21).

use super::personality::Personality;
use super::query::Query;
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// The personalities that there are, by the class of their provider.
#[derive(Default)]
pub(super) struct Catalogue {
    by_provider: HashMap<String, Vec<Arc<Known>>>,
    /// How often it has changed.
    generation: u64,
}

/// A personality, ready to be matched.
pub(super) struct Known {
    pub(super) personality: Personality,
    pub(super) query: Arc<Query>,
}

impl Catalogue {
    /// Returns whether there can be services that it is for: without a class of providers it is for none.
    pub(super) fn add(&mut self, known: &Arc<Known>) -> bool {
        self.generation += 1;
        let Some(class) = known.personality.provider_class_name() else { return false };
        self.by_provider.entry(class.into()).or_default().push(Arc::clone(known));
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_provider.is_empty()
    }

    /// Those for providers of a class itself, by their age.
    pub(super) fn for_class(&self, class: &str) -> &[Arc<Known>] {
        self.by_provider.get(class).map_or(&[], Vec::as_slice)
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Whatever drivers have left here, to be dropped.
    pub(super) fn dismantle(&mut self) -> Vec<Box<dyn Any + Send>> {
        self.by_provider.drain().map(|(_, known)| Box::new(known) as _).collect()
    }
}
