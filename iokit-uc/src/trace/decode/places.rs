//! Which service is which, as far as a trace tells.

use crate::backend::Function;
use crate::error::IoReturn;
use crate::interface::{Interface, Target};
use crate::trace::call::TracedCall;
use crate::trace::field::Field;
use std::collections::HashMap;

/// What a service is, or what those are that an iterator has.
#[derive(Clone, Debug, Default, PartialEq)]
struct Facts {
    classes: Vec<String>,
    names: Vec<String>,
}

/// What ports stand for.
pub(super) struct Places<'a> {
    interfaces: &'a [Interface],
    /// Of services, and of iterators what they give.
    facts: HashMap<u32, Facts>,
    connections: HashMap<u32, &'a Interface>,
}

impl<'a> Places<'a> {
    pub(super) fn new(interfaces: &'a [Interface]) -> Self {
        Self { interfaces, facts: HashMap::new(), connections: HashMap::new() }
    }

    /// The interface of the connection that is called.
    pub(super) fn interface(&self, call: &TracedCall) -> Option<&'a Interface> {
        let Some(Field::Port(connect)) = call.input("connect") else { return None };
        self.connections.get(connect).copied()
    }

    /// Takes what a call tells.
    pub(super) fn learn(&mut self, call: &TracedCall) {
        let text = |field: Option<&Field>| match field {
            Some(Field::Text(text)) => String::from_utf8(text.clone()).ok(),
            _ => None,
        };
        let class = |class: Option<String>| Facts { classes: class.into_iter().collect(), names: Vec::new() };
        let name = |name: Option<String>| Facts { classes: Vec::new(), names: name.into_iter().collect() };
        match call.function {
            Function::IOServiceGetMatchingService => self.is(port(call.returned()), matching(call)),
            Function::IOServiceGetMatchingServices => self.is(port(call.output("existing")), matching(call)),
            Function::IOServiceAddNotification | Function::IOServiceAddMatchingNotification => {
                self.is(port(call.output("iterator")), matching(call));
            }
            Function::IOIteratorNext => {
                let facts = port(call.input("iterator")).and_then(|iterator| self.facts.get(&iterator));
                self.is(port(call.returned()), facts.cloned().unwrap_or_default());
            }
            Function::IOServiceMatchPropertyTable if call.output("matches") == Some(&Field::Bool(true)) => {
                self.is(port(call.input("service")), matching(call));
            }
            Function::IOObjectGetClass => {
                self.is(port(call.input("object")), class(text(call.output("class"))))
            }
            Function::IOObjectCopyClass => self.is(port(call.input("object")), class(text(call.returned()))),
            Function::IOObjectConformsTo if call.returned() == Some(&Field::Bool(true)) => {
                self.is(port(call.input("object")), class(text(call.input("class"))));
            }
            Function::IORegistryEntryGetName => {
                self.is(port(call.input("entry")), name(text(call.output("name"))))
            }
            Function::IOServiceOpen => self.open(call),
            _ => {}
        }
    }

    fn is(&mut self, port: Option<u32>, facts: Facts) {
        let Some(port) = port.filter(|&port| port != 0) else { return };
        let known = self.facts.entry(port).or_default();
        let new = |known: &[String], names: Vec<String>| {
            names.into_iter().filter(|name| !known.contains(name)).collect::<Vec<String>>()
        };
        let (classes, names) = (new(&known.classes, facts.classes), new(&known.names, facts.names));
        known.classes.extend(classes);
        known.names.extend(names);
    }

    fn open(&mut self, call: &TracedCall) {
        let Some(connect) = port(call.output("connect")) else { return };
        if call.returned() != Some(&Field::Code(IoReturn::SUCCESS)) {
            return;
        }
        let facts = port(call.input("service")).and_then(|service| self.facts.get(&service));
        let is_it = |interface: &&Interface| {
            let is_of_type =
                call.input("connection_type") == Some(&Field::Number(interface.connection_type.into()));
            let is_named = match interface.target {
                Some(Target::Service(class)) => {
                    facts.is_some_and(|facts| facts.classes.iter().any(|it| it == class))
                }
                Some(Target::Name(name)) => {
                    facts.is_some_and(|facts| facts.names.iter().any(|it| it == name))
                }
                None => false,
            };
            is_of_type && is_named
        };
        match self.interfaces.iter().find(is_it) {
            Some(interface) => self.connections.insert(connect, interface),
            None => self.connections.remove(&connect),
        };
    }
}

fn port(field: Option<&Field>) -> Option<u32> {
    match field {
        Some(Field::Port(port)) => Some(*port),
        _ => None,
    }
}

/// What all services are that match.
fn matching(call: &TracedCall) -> Facts {
    let Some(Field::Value(matching)) = call.input("matching") else { return Facts::default() };
    let text = |key| matching.as_dictionary()?.get(key)?.as_str().map(str::to_owned);
    Facts {
        classes: text("IOProviderClass").into_iter().collect(),
        names: text("IONameMatch").into_iter().collect(),
    }
}
