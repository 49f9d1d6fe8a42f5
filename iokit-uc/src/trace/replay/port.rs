//! What the ports in a call are, whatever they are named: a kernel gives other names in every run, and gives them again when they
//! have been released.

use crate::backend::{DEAD, Function, NULL, PortName};
use crate::trace::Field;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Port {
    /// Nothing that anybody has given: no port, a dead one, or any other number.
    Name(PortName),
    /// The program's own task.
    Task,
    /// An object of the kernel's, by its place in the [`Plan`](super::plan::Plan).
    Object(usize),
    /// A port of the program's own, from which it receives: of the recorded program by its place in the plan, of the one that runs
    /// by its place in the table of [`Names`](super::names::Names).
    Own(usize),
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The program's task.
    Task,
    /// A port that the program receives from.
    Own,
    Any,
}

/// Says what names stand for.
pub(super) trait Resolve {
    fn port(&mut self, name: PortName, role: Role) -> Port;
    /// Of a notification port, the right.
    fn notification_port(&mut self, address: u64) -> Port;
}

/// An argument, as it is compared.
#[derive(Clone, Debug)]
pub(super) enum Input {
    Port(Port),
    Field(Field),
    /// It is another in every run: a reference, which comes back with a message; an address; for how long to wait.
    Any,
}

impl PartialEq for Input {
    /// One port of the program's own is as good as another: whether it is the same is looked at apart.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Port(Port::Own(_)), Self::Port(Port::Own(_))) | (Self::Any, Self::Any) => true,
            (Self::Port(one), Self::Port(other)) => one == other,
            (Self::Field(one), Self::Field(other)) => one == other,
            _ => false,
        }
    }
}

/// The arguments of a call, by their parameters.
pub(super) type Inputs = Vec<(&'static str, Input)>;

/// What is compared of the arguments of a call.
pub(super) fn inputs(
    function: Function,
    fields: &[(&'static str, Field)],
    names: &mut impl Resolve,
) -> Inputs {
    fields.iter().map(|(parameter, field)| (*parameter, input(function, parameter, field, names))).collect()
}

fn input(function: Function, parameter: &str, field: &Field, names: &mut impl Resolve) -> Input {
    use Function::*;
    match (function, parameter, field) {
        (_, _, Field::Port(name)) => Input::Port(names.port(*name, role(function, parameter))),
        (IOServiceAddInterestNotification | IOServiceAddMatchingNotification, "port", Field::Address(at)) => {
            Input::Port(names.notification_port(*at))
        }
        // Its words come back with the completion; how many there are, the driver sees.
        (IOConnectCallAsyncMethod, "reference", Field::Words(words)) => {
            Input::Field(Field::Number(words.len() as i128))
        }
        (IOServiceAddInterestNotification | IOServiceAddMatchingNotification, "callback" | "refcon", _)
        | (IOServiceAddNotification | IOConnectSetNotificationPort, "reference", _)
        | (IOConnectMapMemory64, "address" | "size", _)
        | (IOConnectUnmapMemory64, "address", _)
        | (_, _, Field::Time(_) | Field::Timespec(_)) => Input::Any,
        _ => Input::Field(field.clone()),
    }
}

pub(super) fn role(function: Function, parameter: &str) -> Role {
    use Function::*;
    match (function, parameter) {
        (_, "owning_task" | "into_task" | "from_task") => Role::Task,
        (_, "wake_port") | (IOConnectSetNotificationPort | MachMsgReceive | MachMsgSendEmpty, "port") => {
            Role::Own
        }
        _ => Role::Any,
    }
}

/// Whether the name is of no port at all.
pub(super) const fn is_no_port(name: PortName) -> bool {
    name == NULL || name == DEAD
}
