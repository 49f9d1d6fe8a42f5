//! What a header declares.

use crate::c_type::Type;
use crate::problem::Location;

/// What a function does with the reference that a result or parameter stands for: a word of `CFOwnership.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// `CF_RETURNS_RETAINED`
    Retained,
    /// `CF_RETURNS_RETAINED_ON_FAILURE`
    RetainedOnFailure,
    /// `CF_RETURNS_NOT_RETAINED`
    NotRetained,
    /// `CF_CONSUMED`
    Consumed,
    /// `IO_RETURNS_RIGHT`
    ReturnsRight,
    /// `IO_CONSUMES_RIGHT`
    ConsumesRight,
}

impl Ownership {
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "CF_RETURNS_RETAINED" => Self::Retained,
            "CF_RETURNS_RETAINED_ON_FAILURE" => Self::RetainedOnFailure,
            "CF_RETURNS_NOT_RETAINED" => Self::NotRetained,
            "CF_CONSUMED" => Self::Consumed,
            "IO_RETURNS_RIGHT" => Self::ReturnsRight,
            "IO_CONSUMES_RIGHT" => Self::ConsumesRight,
            _ => return None,
        })
    }

    /// What is kept account of in the same way.
    pub(crate) fn account(self) -> Self {
        if self == Self::RetainedOnFailure { Self::Retained } else { self }
    }
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name in C.
    pub name: String,
    /// The type that it is passed as.
    pub c_type: Type,
    /// What becomes of the reference.
    pub ownership: Option<Ownership>,
}

/// A declaration of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// In order.
    pub parameters: Vec<Parameter>,
    /// More arguments may follow the parameters.
    pub variadic: bool,
    /// `None` is `void`.
    pub result: Option<Type>,
    /// Whose the result is.
    pub ownership: Option<Ownership>,
    /// Where it is declared.
    pub location: Location,
}

/// A declaration of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its type.
    pub c_type: Type,
    /// Where it is declared.
    pub location: Location,
}

impl Function {
    /// Of the parameters and the result.
    pub(crate) fn types(&self) -> impl Iterator<Item = &Type> {
        self.parameters.iter().map(|parameter| &parameter.c_type).chain(&self.result)
    }

    /// The words of the result and the parameters.
    pub(crate) fn ownerships(&self) -> impl Iterator<Item = Ownership> {
        self.ownership.into_iter().chain(self.parameters.iter().filter_map(|parameter| parameter.ownership))
    }
}

/// Another name for a type that is no pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The new name.
    pub name: String,
    /// What it stands for.
    pub target: Type,
}

/// A type of functions that a program passes to the frameworks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// The type's name: a pointer to such a function.
    pub name: String,
    /// In order.
    pub parameters: Vec<Type>,
    /// `None` is `void`.
    pub result: Option<Type>,
    /// Where it is defined.
    pub location: Location,
}
