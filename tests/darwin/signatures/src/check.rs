//! What a declaration must say of ownership.

use crate::declaration::{Function, Ownership, Parameter};
use crate::problem::Problem;

/// The function's problems.
pub(crate) fn function(function: &Function, problems: &mut Vec<Problem>) {
    let mut refuse = |message: String| problems.push(function.location.problem(message));
    if let Err(message) = result(function) {
        refuse(message);
    }
    for parameter in &function.parameters {
        if let Err(message) = self::parameter(function, parameter) {
            refuse(message);
        }
    }
    let mut names: Vec<_> = function.parameters.iter().map(|parameter| &parameter.name).collect();
    names.sort();
    for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
        refuse(format!("{} has two parameters named {}", function.name, pair[0]));
    }
    if function.variadic && function.parameters.iter().any(|parameter| parameter.ownership.is_some()) {
        refuse(format!(
            "{} is variadic, and has no wrapper that would keep account of its parameters",
            function.name
        ));
    }
}

fn result(function: &Function) -> Result<(), String> {
    let name = &function.name;
    let is_object = function.result.as_ref().is_some_and(|result| result.is_object());
    let is_port_name = function.result.as_ref().is_some_and(|result| result.is_port_name());
    let is_io_object = function.result.as_ref().is_some_and(|result| result.is_io_object());
    match function.ownership {
        Some(Ownership::Retained | Ownership::NotRetained) if !is_object => {
            Err(format!("{name} returns no object of CoreFoundation"))
        }
        Some(Ownership::ReturnsRight) if !is_port_name => Err(format!("{name} returns no name of a port")),
        Some(Ownership::Consumed | Ownership::ConsumesRight | Ownership::RetainedOnFailure) => {
            Err(format!("{name} is followed by a word for parameters"))
        }
        Some(Ownership::Retained) if has_word(name, "Get") => {
            Err(format!("{name} has Get in its name, and gives no reference away"))
        }
        Some(Ownership::NotRetained) if has_word(name, "Create") || has_word(name, "Copy") => {
            Err(format!("{name} has Create or Copy in its name, and gives a reference away"))
        }
        None if is_object => Err(format!(
            "{name} returns an object: CF_RETURNS_RETAINED or CF_RETURNS_NOT_RETAINED must follow"
        )),
        None if is_io_object => Err(format!("{name} returns an object's name: IO_RETURNS_RIGHT must follow")),
        _ => Ok(()),
    }
}

fn parameter(function: &Function, parameter: &Parameter) -> Result<(), String> {
    let Parameter { name, c_type, ownership } = parameter;
    let place = || format!("{name} of {}", function.name);
    let out = c_type.out();
    let out_object = out.is_some_and(|out| out.is_object());
    let is_error = out.is_some_and(|out| out.to_string() == "CFErrorRef");
    match ownership {
        Some(Ownership::Retained | Ownership::NotRetained | Ownership::RetainedOnFailure) if !out_object => {
            Err(format!("{} is no out parameter for an object of CoreFoundation", place()))
        }
        Some(Ownership::Retained) if is_error => {
            Err(format!("{} is written on failure only: CF_RETURNS_RETAINED_ON_FAILURE", place()))
        }
        Some(Ownership::ReturnsRight) if !out.is_some_and(|out| out.is_port_name()) => {
            Err(format!("{} is no out parameter for the name of a port", place()))
        }
        Some(Ownership::Retained | Ownership::RetainedOnFailure | Ownership::ReturnsRight)
            if function.result.as_ref().and_then(|result| result.outcome("", true)).is_none() =>
        {
            Err(format!(
                "{} gives a reference away, but what {} returns does not tell whether",
                place(),
                function.name
            ))
        }
        Some(Ownership::Consumed) if !c_type.is_object() => {
            Err(format!("{} is no object of CoreFoundation", place()))
        }
        Some(Ownership::ConsumesRight) if !c_type.is_port_name() => {
            Err(format!("{} is no name of a port", place()))
        }
        None if out_object => {
            Err(format!("{} is an object for the caller: does it come with a reference?", place()))
        }
        None if out.is_some_and(|out| out.is_io_object()) => {
            Err(format!("{} is an object's name for the caller: IO_RETURNS_RIGHT must follow", place()))
        }
        _ => Ok(()),
    }
}

/// Whether `word` is one of the words that `name` is composed of.
fn has_word(name: &str, word: &str) -> bool {
    name.match_indices(word)
        .any(|(index, _)| !name[index + word.len()..].starts_with(|next: char| next.is_ascii_lowercase()))
}
