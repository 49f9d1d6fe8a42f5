//! Which service is meant.

use super::cli::Failure;
use super::command::number;
use iokit_uc::{Kernel, Matching, RegistryEntry, Service};

pub(crate) enum Selection {
    Class(String),
    Name(String),
    Id(u64),
    Path(String),
}

impl Selection {
    pub(super) fn parse(word: &str) -> Result<Self, Failure> {
        Ok(if let Some(name) = word.strip_prefix("name=") {
            Self::Name(name.into())
        } else if let Some(id) = word.strip_prefix("id=") {
            Self::Id(number(id)?)
        } else if word.contains(":/") {
            Self::Path(word.into())
        } else {
            Self::Class(word.into())
        })
    }

    /// The first service that it says.
    pub(super) fn find(&self, kernel: &Kernel) -> Result<Service, Failure> {
        let entry = match self {
            Self::Class(class) => return Ok(Service::expect_first(kernel, &Matching::class(class))?),
            Self::Name(name) => return Ok(Service::expect_first(kernel, &Matching::name(name))?),
            Self::Id(id) => {
                RegistryEntry::from_id(kernel, *id)?.ok_or_else(|| format!("there is no service {id:#x}"))?
            }
            Self::Path(path) => RegistryEntry::from_path(kernel, path)?
                .ok_or_else(|| format!("there is nothing at `{path}`"))?,
        };
        Ok(Service::from_entry(entry)?)
    }
}
