//! What to look for.

use crate::error::{Call, Result};
use crate::object::{NAME_MAX, c_string};
use crate::value::Value;

/// A matching dictionary.
#[derive(Clone, Debug, PartialEq)]
pub struct Matching(Value);

impl Matching {
    /// `IOServiceMatching`: services of `class`, or of a class derived from it (MT-8).
    #[doc(alias = "IOServiceMatching")]
    pub fn class(class: &str) -> Result<Self> {
        Self::text("IOServiceMatching", "IOProviderClass", "class name", class)
    }

    /// `IOServiceNameMatching`: services with this name (MT-9).
    #[doc(alias = "IOServiceNameMatching")]
    pub fn name(name: &str) -> Result<Self> {
        Self::text("IOServiceNameMatching", "IONameMatch", "service name", name)
    }

    /// The dictionary.
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    fn text(function: &'static str, key: &str, what: &'static str, value: &str) -> Result<Self> {
        // Names of classes and services are `io_name_t` in the kernel: a longer one could match nothing.
        c_string(Call::Function(function), what, value, NAME_MAX)?;
        Ok(Self(Value::dictionary([(key, value)])))
    }
}

impl std::fmt::Display for Matching {
    /// ``IOProviderClass `AppleSMC` ``.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entries = self.0.as_dictionary().into_iter().flat_map(|dictionary| dictionary.iter());
        for (index, (key, value)) in entries.enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            match value.as_str() {
                Some(text) => write!(f, "{separator}{key} `{text}`")?,
                None => write!(f, "{separator}{key} {value:?}")?,
            }
        }
        Ok(())
    }
}
