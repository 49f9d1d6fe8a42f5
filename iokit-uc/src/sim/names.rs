//! A task's name table: which rights its port names denote.

use super::keys::{KeyHasher, PortKey};
use crate::backend::{DEAD, NULL, PortName};
use crate::error::IoReturn;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// `MACH_PORT_UREFS_MAX`. A name that has got so far is no longer counted: it stays until all are dropped in one go.
const REFERENCES_MAX: u32 = 0xffff;

/// `MACH_RCV_BODY_ERROR | MACH_MSG_IPC_SPACE`: a message brought a right that the task has no room for (P-2a).
pub(super) const NO_ROOM_IN_BODY: IoReturn = IoReturn::from_code(0x1000_600c);

/// `MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_SPACE`: the same of the port to answer to.
pub(super) const NO_ROOM_IN_HEADER: IoReturn = IoReturn::from_code(0x1000_600b);

/// Whether a message is lost, as its rights find no room.
pub(super) fn is_no_room(code: IoReturn) -> bool {
    [NO_ROOM_IN_BODY, NO_ROOM_IN_HEADER].contains(&code)
}

/// What a name denotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// A send right, a receive right, or both, to one port.
    Port { port: PortKey, sends: u32, receive: bool },
    /// What is left of the rights to a port that is gone.
    Dead { references: u32 },
}

/// The table. A name is made of a slot's index and a generation, so that a name given back is not soon given out again.
#[derive(Debug, Default)]
pub(super) struct Names {
    slots: Vec<Slot>,
    free: Vec<usize>,
    by_port: HashMap<PortKey, PortName, BuildHasherDefault<KeyHasher>>,
    /// How many names there can be at most.
    limit: Option<usize>,
    /// Calls for which there is no room for another name.
    closed: usize,
    /// How many names have been given out.
    made: u64,
}

/// The table is full (P-2a).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

#[derive(Debug)]
struct Slot {
    generation: u8,
    right: Option<Right>,
}

/// What became of a port when a task let go of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Released {
    /// The task still has what it had.
    Reference,
    /// The task's send right is gone.
    SendRight(PortKey),
    /// The task's receive right is gone, and with it the port.
    ReceiveRight(PortKey),
}

fn name_of(index: usize, generation: u8) -> PortName {
    ((index as u32 + 1) << 8) | (u32::from(generation & 0x3f) << 2) | 3
}

impl Names {
    /// What `name` denotes, if it is a name of this task.
    #[inline]
    pub(super) fn get(&self, name: PortName) -> Option<Right> {
        let slot = self.slots.get(((name >> 8) as usize).wrapping_sub(1))?;
        if (u32::from(slot.generation & 0x3f) << 2) | 3 == name & 0xff { slot.right } else { None }
    }

    fn slot(&mut self, name: PortName) -> &mut Slot {
        &mut self.slots[(name >> 8) as usize - 1]
    }

    /// The task's own port is not counted.
    pub(super) fn limit(&mut self, names: usize) {
        self.limit = names.checked_add(1);
    }

    /// Until [`reopen`](Self::reopen) there is no room for another name.
    pub(super) fn close(&mut self) {
        self.closed += 1;
    }

    pub(super) fn reopen(&mut self) {
        self.closed = self.closed.saturating_sub(1);
    }

    /// How many names have been given out.
    pub(super) fn made(&self) -> u64 {
        self.made
    }

    pub(super) fn has_room(&self) -> bool {
        let names = self.slots.len() - self.free.len();
        self.closed == 0 && self.limit.is_none_or(|limit| names < limit)
    }

    fn insert(&mut self, right: Right) -> Result<PortName, Full> {
        if !self.has_room() {
            return Err(Full);
        }
        self.made += 1;
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, right: None });
            self.slots.len() - 1
        });
        self.slots[index].right = Some(right);
        Ok(name_of(index, self.slots[index].generation))
    }

    fn remove(&mut self, name: PortName) {
        let slot = self.slot(name);
        slot.generation = slot.generation.wrapping_add(1);
        if let Some(Right::Port { port, .. }) = slot.right.take() {
            self.by_port.remove(&port);
        }
        self.free.push((name >> 8) as usize - 1);
    }

    /// Gives the task a send right, or one more reference on the one that it has. Tells whether the right is new.
    pub(super) fn add_send(&mut self, port: PortKey) -> Result<(PortName, bool), Full> {
        if let Some(&name) = self.by_port.get(&port) {
            let Some(Right::Port { sends, .. }) = &mut self.slot(name).right else {
                unreachable!("by_port names ports")
            };
            let is_new = *sends == 0;
            *sends = (*sends + 1).min(REFERENCES_MAX);
            return Ok((name, is_new));
        }
        let name = self.insert(Right::Port { port, sends: 1, receive: false })?;
        self.by_port.insert(port, name);
        Ok((name, true))
    }

    /// Gives the task the receive right of a new port.
    pub(super) fn add_receive(&mut self, port: PortKey) -> Result<PortName, Full> {
        let name = self.insert(Right::Port { port, sends: 0, receive: true })?;
        self.by_port.insert(port, name);
        Ok(name)
    }

    /// `mach_port_mod_refs` for send rights.
    pub(super) fn change_sends(&mut self, name: PortName, delta: i32) -> Result<Released, IoReturn> {
        if name == NULL || name == DEAD {
            return Ok(Released::Reference);
        }
        match self.get(name).ok_or(IoReturn::KERN_INVALID_NAME)? {
            Right::Port { port, sends, receive } if sends > 0 => {
                let sends = changed(sends, delta)?;
                if sends == 0 && !receive {
                    self.remove(name);
                } else {
                    self.slot(name).right = Some(Right::Port { port, sends, receive });
                }
                Ok(if sends == 0 { Released::SendRight(port) } else { Released::Reference })
            }
            _ => Err(IoReturn::KERN_INVALID_RIGHT),
        }
    }

    /// `mach_port_mod_refs` for dead names.
    pub(super) fn change_dead(&mut self, name: PortName, delta: i32) -> Result<(), IoReturn> {
        match self.get(name).ok_or(IoReturn::KERN_INVALID_NAME)? {
            Right::Dead { references } => {
                match changed(references, delta)? {
                    0 => self.remove(name),
                    references => self.slot(name).right = Some(Right::Dead { references }),
                }
                Ok(())
            }
            Right::Port { .. } => Err(IoReturn::KERN_INVALID_RIGHT),
        }
    }

    /// `mach_port_mod_refs` for receive rights, of which a task has one or none.
    pub(super) fn change_receive(&mut self, name: PortName, delta: i32) -> Result<Released, IoReturn> {
        match self.get(name).ok_or(IoReturn::KERN_INVALID_NAME)? {
            Right::Port { port, receive: true, .. } => match delta {
                0 => Ok(Released::Reference),
                -1 => Ok(Released::ReceiveRight(port)),
                _ => Err(IoReturn::KERN_INVALID_VALUE),
            },
            _ => Err(IoReturn::KERN_INVALID_RIGHT),
        }
    }

    /// `mach_port_deallocate`: a reference of a send right or of a dead name.
    pub(super) fn deallocate(&mut self, name: PortName) -> Result<Released, IoReturn> {
        match self.get(name) {
            Some(Right::Dead { .. }) => self.change_dead(name, -1).map(|()| Released::Reference),
            _ => self.change_sends(name, -1),
        }
    }

    /// The port is gone: the task's name for it, if it has one, is dead from now on. A receive right alone leaves
    /// nothing.
    pub(super) fn port_died(&mut self, dead: PortKey) {
        let Some(name) = self.by_port.remove(&dead) else { return };
        match self.get(name) {
            Some(Right::Port { sends, .. }) if sends > 0 => {
                self.slot(name).right = Some(Right::Dead { references: sends });
            }
            _ => self.remove(name),
        }
    }

    /// The names that the task holds, with what they denote.
    pub(super) fn iter(&self) -> impl Iterator<Item = (PortName, Right)> + '_ {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(index, slot)| Some((name_of(index, slot.generation), slot.right?)))
    }

    /// Forgets everything, as when the task exits. What it held is the caller's to give back.
    pub(super) fn clear(&mut self) -> Vec<Right> {
        let rights = self.iter().map(|(_, right)| right).collect();
        *self = Self::default();
        rights
    }
}

fn changed(references: u32, delta: i32) -> Result<u32, IoReturn> {
    if delta.unsigned_abs() > REFERENCES_MAX {
        return Err(IoReturn::KERN_INVALID_VALUE);
    }
    match references.checked_add_signed(delta) {
        None => Err(IoReturn::KERN_INVALID_VALUE),
        Some(sum) if references == REFERENCES_MAX && sum > 0 => Ok(references),
        Some(sum) => Ok(sum.min(REFERENCES_MAX)),
    }
}
