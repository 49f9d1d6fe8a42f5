//! The names that a replay gives, and their references, which are counted here and nowhere else.

use super::port::{Port, Resolve, Role, is_no_port};
use crate::backend::{NULL, PortName};
use crate::error::IoReturn;
use std::collections::{HashMap, VecDeque};

/// `MACH_PORT_UREFS_MAX`: a name that has got so far is no longer counted.
const REFERENCES_MAX: u32 = 0xffff;

/// How many messages wait at most: the limit of a port's queue, which the kernel alone goes beyond.
const QUEUE_LIMIT: usize = 5;

/// What names stand for, and how often the program has them.
///
/// A name is made of its place, and stands for one thing for good: when the program has released it, it may come again for the
/// same.
pub(super) struct Names {
    entries: Vec<Entry>,
    objects: HashMap<usize, usize>,
}

struct Entry {
    port: Port,
    sends: u32,
    /// A right to receive, and what the program has sent itself.
    receive: Option<VecDeque<Vec<u8>>>,
}

/// What giving up a reference came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Released {
    Reference,
    /// The last one, of this name.
    Last,
}

impl Names {
    pub(super) fn new() -> Self {
        let task = Entry { port: Port::Task, sends: REFERENCES_MAX, receive: None };
        Self { entries: vec![task], objects: HashMap::new() }
    }

    fn place(name: PortName) -> Option<usize> {
        (!is_no_port(name) && name & 3 == 3)
            .then_some((name >> 2) as usize)
            .filter(|&place| place > 0)
            .map(|place| place - 1)
    }

    /// None if there are as many as there can be.
    fn name(place: usize) -> Option<PortName> {
        u32::try_from(place)
            .ok()
            .filter(|&place| place < u32::MAX >> 2)
            .map(|place| (place + 1) << 2 | 3)
            .filter(|&name| !is_no_port(name))
    }

    fn get(&self, name: PortName) -> Option<&Entry> {
        self.entries.get(Self::place(name)?)
    }

    fn get_mut(&mut self, name: PortName) -> Option<&mut Entry> {
        self.entries.get_mut(Self::place(name)?)
    }

    fn add(&mut self, entry: Entry) -> PortName {
        let Some(name) = Self::name(self.entries.len()) else { return NULL };
        self.entries.push(entry);
        name
    }

    pub(super) fn task(&self) -> PortName {
        Self::name(0).unwrap_or(NULL)
    }

    /// What a name stands for.
    pub(super) fn port(&self, name: PortName) -> Port {
        self.get(name).map_or(Port::Name(name), |entry| entry.port)
    }

    /// The name of an object, with one more reference; or with the receive right, if it is that which comes.
    pub(super) fn give(&mut self, port: Port, is_receive: bool) -> PortName {
        let object = match port {
            Port::Name(name) => return name,
            Port::Task => return self.task(),
            // A port of the recorded program's own has come back to it.
            Port::Own(_) => return NULL,
            Port::Object(object) => object,
        };
        let name = match self.objects.get(&object) {
            Some(&place) => Self::name(place).unwrap_or(NULL),
            None => {
                let name = self.add(Entry { port, sends: 0, receive: None });
                if let Some(place) = Self::place(name) {
                    self.objects.insert(object, place);
                }
                name
            }
        };
        if let Some(entry) = self.get_mut(name) {
            if is_receive {
                entry.receive.get_or_insert_default();
            } else {
                entry.sends = (entry.sends + 1).min(REFERENCES_MAX);
            }
        }
        name
    }

    /// Whether the program has had a name of an object.
    pub(super) fn knows(&self, object: usize) -> bool {
        self.objects.contains_key(&object)
    }

    /// A port of the program's own.
    pub(super) fn allocate(&mut self) -> Option<PortName> {
        let port = Port::Own(self.entries.len());
        let name = self.add(Entry { port, sends: 0, receive: Some(VecDeque::new()) });
        (name != NULL).then_some(name)
    }

    pub(super) fn sends(&self, name: PortName) -> Option<u32> {
        self.held(name).map(|entry| entry.sends)
    }

    pub(super) fn receives(&self, name: PortName) -> bool {
        self.get(name).is_some_and(|entry| entry.receive.is_some())
    }

    /// One that the task has, for whatever reason.
    fn held(&self, name: PortName) -> Option<&Entry> {
        self.get(name).filter(|entry| entry.sends > 0 || entry.receive.is_some())
    }

    /// `mach_port_mod_refs` of a send right (RC-1, RC-2).
    pub(super) fn change_sends(&mut self, name: PortName, delta: i32) -> Result<Released, IoReturn> {
        if is_no_port(name) {
            return Ok(Released::Reference);
        }
        self.held(name).ok_or(IoReturn::KERN_INVALID_NAME)?;
        let entry = self.get_mut(name).filter(|entry| entry.sends > 0).ok_or(IoReturn::KERN_INVALID_RIGHT)?;
        if delta.unsigned_abs() > REFERENCES_MAX {
            return Err(IoReturn::KERN_INVALID_VALUE);
        }
        match entry.sends.checked_add_signed(delta) {
            None => Err(IoReturn::KERN_INVALID_VALUE),
            Some(sends) if sends > 0 && entry.sends == REFERENCES_MAX => Ok(Released::Reference),
            Some(sends) => {
                entry.sends = sends.min(REFERENCES_MAX);
                Ok(if sends == 0 { Released::Last } else { Released::Reference })
            }
        }
    }

    /// `mach_port_insert_right`: a send right beside the receive right.
    pub(super) fn insert_send(&mut self, name: PortName) -> IoReturn {
        match self.get_mut(name) {
            _ if is_no_port(name) => IoReturn::KERN_INVALID_VALUE,
            Some(entry) if entry.receive.is_some() => {
                entry.sends = (entry.sends + 1).min(REFERENCES_MAX);
                IoReturn::SUCCESS
            }
            Some(Entry { sends: 1.., .. }) => IoReturn::KERN_INVALID_RIGHT,
            _ => IoReturn::KERN_INVALID_NAME,
        }
    }

    /// `mach_port_mod_refs` of a receive right.
    pub(super) fn change_receive(&mut self, name: PortName, delta: i32) -> IoReturn {
        if self.held(name).is_none() {
            return IoReturn::KERN_INVALID_NAME;
        }
        match (self.get_mut(name), delta) {
            (Some(Entry { receive: Some(_), .. }), 0) => IoReturn::SUCCESS,
            (Some(Entry { receive: receive @ Some(_), .. }), -1) => {
                *receive = None;
                IoReturn::SUCCESS
            }
            (Some(Entry { receive: Some(_), .. }), _) => IoReturn::KERN_INVALID_VALUE,
            _ => IoReturn::KERN_INVALID_RIGHT,
        }
    }

    /// `mach_msg` of a task to itself.
    pub(super) fn send(&mut self, name: PortName, message: Vec<u8>) -> IoReturn {
        match self.get_mut(name).and_then(|entry| entry.receive.as_mut()) {
            Some(queue) if queue.len() < QUEUE_LIMIT => {
                queue.push_back(message);
                IoReturn::SUCCESS
            }
            Some(_) => IoReturn::MACH_SEND_TIMED_OUT,
            None => IoReturn::MACH_SEND_INVALID_DEST,
        }
    }

    /// A message that comes whether the queue is full or not.
    pub(super) fn deliver(&mut self, name: PortName, message: Vec<u8>) {
        if let Some(queue) = self.get_mut(name).and_then(|entry| entry.receive.as_mut()) {
            queue.push_back(message);
        }
    }

    /// The first message that waits.
    pub(super) fn receive(&mut self, name: PortName) -> Option<Vec<u8>> {
        self.get_mut(name)?.receive.as_mut()?.pop_front()
    }
}

impl Resolve for &Names {
    fn port(&mut self, name: PortName, _: Role) -> Port {
        Names::port(self, name)
    }

    /// The address is the name: see [`Replay`](super::Replay).
    fn notification_port(&mut self, address: u64) -> Port {
        PortName::try_from(address).map_or(Port::Name(NULL), |name| Names::port(self, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_one_name_and_a_reference_more_each_time_that_it_is_given() {
        let mut names = Names::new();
        let name = names.give(Port::Object(7), false);
        assert_eq!((names.give(Port::Object(7), false), names.sends(name)), (name, Some(2)));
        assert_ne!(names.give(Port::Object(8), false), name);
        assert_eq!(names.change_sends(name, -1), Ok(Released::Reference));
        assert_eq!(names.change_sends(name, -1), Ok(Released::Last));
        assert_eq!(names.change_sends(name, -1), Err(IoReturn::KERN_INVALID_NAME));
        // It means what it meant.
        assert_eq!((names.port(name), names.sends(name)), (Port::Object(7), None));
        assert_eq!((names.give(Port::Object(7), false), names.sends(name)), (name, Some(1)));
    }

    #[test]
    fn no_port_takes_and_gives_references_and_an_unknown_name_none() {
        let mut names = Names::new();
        for name in [NULL, u32::MAX] {
            assert_eq!(names.change_sends(name, 1), Ok(Released::Reference));
        }
        for name in [1, 3, 4, 0xdead03] {
            assert_eq!(names.change_sends(name, -1), Err(IoReturn::KERN_INVALID_NAME), "{name}");
            assert_eq!(names.port(name), Port::Name(name));
        }
    }

    #[test]
    fn a_count_that_is_full_stays_until_all_are_given_up() {
        let mut names = Names::new();
        let name = names.give(Port::Object(0), false);
        assert_eq!(names.change_sends(name, 0xfffe), Ok(Released::Reference));
        assert_eq!(names.change_sends(name, -1), Ok(Released::Reference));
        assert_eq!(names.sends(name), Some(0xffff));
        assert_eq!(names.change_sends(name, -0x1_0000), Err(IoReturn::KERN_INVALID_VALUE));
        assert_eq!(names.change_sends(name, -0xffff), Ok(Released::Last));
    }

    #[test]
    fn a_port_of_ones_own_takes_few_messages_of_ones_own_and_goes_with_its_right() {
        let mut names = Names::new();
        let name = names.allocate().unwrap();
        assert_eq!(names.change_sends(name, -1), Err(IoReturn::KERN_INVALID_RIGHT));
        for number in 0..5 {
            assert_eq!(names.send(name, vec![number]), IoReturn::SUCCESS);
        }
        assert_eq!(names.send(name, Vec::new()), IoReturn::MACH_SEND_TIMED_OUT);
        names.deliver(name, vec![5]);
        assert!((0..6).all(|number| names.receive(name) == Some(vec![number])));
        assert_eq!(names.change_receive(name, 1), IoReturn::KERN_INVALID_VALUE);
        assert_eq!(names.change_receive(name, -1), IoReturn::SUCCESS);
        assert_eq!(names.change_receive(name, -1), IoReturn::KERN_INVALID_NAME);
        assert_eq!(names.send(name, Vec::new()), IoReturn::MACH_SEND_INVALID_DEST);
    }
}
