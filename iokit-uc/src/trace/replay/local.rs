//! What a replay answers itself: a program's references, ports and memory are other ones in every run.

use super::answer::Answers;
use super::plan::Plan;
use super::player::{Fields, State, number, port};
use super::port::is_no_port;
use super::words;
use crate::backend::{Function, PortName, PortRight};
use crate::error::IoReturn;
use crate::trace::Field;

impl State {
    pub(super) fn answer_itself(&mut self, plan: &Plan, function: Function, fields: &Fields) -> Answers {
        use Function::*;
        let name = |parameter| port(fields, parameter);
        let number = |parameter| number(fields, parameter);
        match function {
            IOObjectRetain => Answers::of(self.change_references(name("object"), 1)),
            IOObjectRelease => Answers::of(self.release(name("object"))),
            MachPortDeallocate => Answers::of(self.release(name("name"))),
            // Of a dead name they are none of a send right (OC-12).
            IOConnectAddRef | IOConnectRelease if self.is_dead(plan, name("connect")) => {
                Answers::of(IoReturn::KERN_INVALID_RIGHT)
            }
            IOConnectAddRef => Answers::of(self.change_references(name("connect"), 1)),
            IOConnectRelease => Answers::of(self.release(name("connect"))),
            IOObjectGetUserRetainCount => {
                let references = self.references(plan, name("object"), PortRight::Send).unwrap_or(0);
                Answers::default().with("", Field::Number(references.into()))
            }
            IOObjectIsEqualTo => Answers::default().with("", Field::Bool(name("object") == name("other"))),
            IONotificationPortCreate => {
                let port = self.names.allocate().map_or(Field::Absent, |name| Field::Address(name.into()));
                Answers::default().with("", port)
            }
            IONotificationPortDestroy => {
                self.destroy(name("port"), -1);
                Answers::default()
            }
            IONotificationPortGetMachPort => Answers::default().with("", Field::Port(name("port"))),
            MachVmRegion => match self.memory.region(u64::try_from(number("address")).unwrap_or(u64::MAX)) {
                None => Answers::of(IoReturn::KERN_INVALID_ADDRESS),
                Some(region) => Answers::of(IoReturn::SUCCESS)
                    .with("address", Field::Number(region.start.into()))
                    .with("size", Field::Number(region.size.into()))
                    .with("protection", Field::Number(region.protection.into())),
            },
            MachMsgSendEmpty => {
                let (port, id) = (name("port"), number("id") as i32);
                Answers::of(self.names.send(port, words::empty(port, id)))
            }
            MachTaskSelf => Answers::default().with("", Field::Port(self.names.task())),
            MachPortAllocate if right(fields) != PortRight::Receive => {
                Answers::of(IoReturn::KERN_INVALID_VALUE)
            }
            MachPortAllocate => match self.names.allocate() {
                None => Answers::of(IoReturn::KERN_NO_SPACE),
                Some(name) => Answers::of(IoReturn::SUCCESS).with("name", Field::Port(name)),
            },
            MachPortInsertRight => Answers::of(self.names.insert_send(name("name"))),
            MachPortGetRefs => match self.references(plan, name("name"), right(fields)) {
                Err(code) => Answers::of(code),
                Ok(references) => {
                    Answers::of(IoReturn::SUCCESS).with("references", Field::Number(references.into()))
                }
            },
            MachPortModRefs => Answers::of(self.change_right(plan, fields)),
            // Those that are answered from the trace, or wait, do not come here.
            _ => Answers::default(),
        }
    }

    /// `mach_port_get_refs` (RC-3).
    fn references(&self, plan: &Plan, name: PortName, right: PortRight) -> Result<u32, IoReturn> {
        if is_no_port(name) {
            return if right == PortRight::Send { Ok(1) } else { Err(IoReturn::KERN_INVALID_NAME) };
        }
        let sends = self.names.sends(name).ok_or(IoReturn::KERN_INVALID_NAME)?;
        let is_dead = self.is_dead(plan, name);
        Ok(match right {
            PortRight::Send if !is_dead => sends,
            PortRight::DeadName if is_dead => sends,
            PortRight::Receive => self.names.receives(name).into(),
            PortRight::Send | PortRight::DeadName => 0,
        })
    }

    /// `mach_port_mod_refs`
    fn change_right(&mut self, plan: &Plan, fields: &Fields) -> IoReturn {
        let name = port(fields, "name");
        let delta = i32::try_from(number(fields, "delta")).unwrap_or(0);
        let is_dead = self.is_dead(plan, name);
        match right(fields) {
            PortRight::Receive => self.destroy(name, delta),
            PortRight::Send if is_dead => IoReturn::KERN_INVALID_RIGHT,
            PortRight::DeadName if !is_dead => match self.names.sends(name) {
                Some(_) => IoReturn::KERN_INVALID_RIGHT,
                None => IoReturn::KERN_INVALID_NAME,
            },
            PortRight::Send | PortRight::DeadName => self.change_references(name, delta),
        }
    }
}

fn right(fields: &Fields) -> PortRight {
    match fields.iter().find(|(parameter, _)| *parameter == "right") {
        Some((_, Field::Right(right))) => *right,
        _ => PortRight::Send,
    }
}
