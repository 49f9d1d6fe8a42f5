//! Messages between the ports that tasks receive from: `mach_msg`.

use super::Task;
use crate::backend::{DEAD, NULL, PortName};
use crate::error::IoReturn;
use crate::sim::keys::PortKey;
use crate::sim::names::{NO_ROOM_IN_BODY, NO_ROOM_IN_HEADER, Right};
use crate::sim::queue::{Carried, Queued};
use crate::sim::report::Misuse;
use crate::sim::state::{PortKind, State};
use std::time::Duration;

/// `MACH_MSG_TYPE_…`: which right a name in a message stands for, and what becomes of the sender's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// One of the sender's references of a send right, or of a dead name to reply to.
    MoveSend,
    /// A copy of a send right.
    CopySend,
    /// A send right made of a receive right.
    MakeSend,
}

/// A message as a task sends and receives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// `msgh_id`.
    pub id: i32,
    /// The port to answer to: the sender's `msgh_local_port`, the receiver's `msgh_remote_port`. A message received
    /// brings a reference of it.
    pub reply_port: PortName,
    /// The port descriptors, which make a message complex: send rights, of which a copy is sent. A message received
    /// brings a reference of each.
    pub descriptors: Vec<PortName>,
    /// What follows the header and the descriptors.
    pub body: Vec<u8>,
}

impl Message {
    const HEADER_SIZE: usize = 24;
    /// `mach_msg_body_t`, the count of descriptors.
    const COUNT_SIZE: usize = 4;
    const DESCRIPTOR_SIZE: usize = 12;

    const IS_COMPLEX: u32 = 0x8000_0000;
    /// `MACH_MSG_TYPE_PORT_SEND`: what a send right is once it has been received.
    const PORT_SEND: u32 = 17;
    const LOCAL_SHIFT: u32 = 8;
    const DESCRIPTOR_SHIFT: u32 = 16;

    /// The size of a message in bytes, without its trailer.
    const fn size_of(descriptors: usize, body: usize) -> usize {
        let descriptors =
            if descriptors == 0 { 0 } else { Self::COUNT_SIZE + descriptors * Self::DESCRIPTOR_SIZE };
        Self::HEADER_SIZE + descriptors + body
    }

    /// `msgh_size`.
    #[doc(hidden)]
    pub fn size(&self) -> usize {
        Self::size_of(self.descriptors.len(), self.body.len())
    }

    /// Appends the message as it is received at `port`: header, descriptors, body, without its trailer.
    #[doc(hidden)]
    pub fn write(&self, port: PortName, bytes: &mut Vec<u8>) {
        let Self { id, reply_port, descriptors, body } = self;
        let remote = if *reply_port == NULL { 0 } else { Self::PORT_SEND };
        let complex = if descriptors.is_empty() { 0 } else { Self::IS_COMPLEX };
        let bits = complex | Self::PORT_SEND << Self::LOCAL_SHIFT | remote;
        let voucher = NULL;
        bytes.reserve(self.size());
        let header = [bits, self.size() as u32, *reply_port, port, voucher, *id as u32];
        bytes.extend_from_slice(bytemuck::cast_slice(&header));
        if !descriptors.is_empty() {
            bytes.extend_from_slice(&(descriptors.len() as u32).to_ne_bytes());
        }
        for name in descriptors {
            let descriptor = [*name, 0, Self::PORT_SEND << Self::DESCRIPTOR_SHIFT];
            bytes.extend_from_slice(bytemuck::cast_slice(&descriptor));
        }
        bytes.extend_from_slice(body);
    }
}

impl Task {
    /// `mach_msg` with `MACH_SEND_MSG`. While the port's queue is full it waits, for `timeout` at most.
    ///
    /// A port of the kernel's takes no message here.
    #[doc(hidden)]
    pub fn send_message(
        &self,
        to: PortName,
        disposition: Disposition,
        reply_disposition: Disposition,
        message: Message,
        timeout: Option<Duration>,
    ) -> IoReturn {
        let send = || {
            let mut kernel = self.shared.lock();
            let mut left = timeout;
            let port = loop {
                let port = kernel.message_right(self, to, disposition)?;
                let port = match port.map(|port| (port, &kernel.ports[port].kind)) {
                    Some((port, PortKind::Queue(queue))) if !queue.is_full() => break port,
                    Some((port, PortKind::Queue(_))) => port,
                    Some(_) => {
                        let what = "a message of a task's own making to a port of the kernel's";
                        kernel.misuses.push(Misuse::NotModelled(what.into()));
                        return Err(IoReturn::MACH_SEND_INVALID_DEST);
                    }
                    None => return Err(IoReturn::MACH_SEND_INVALID_DEST),
                };
                if left == Some(Duration::ZERO) {
                    return Err(IoReturn::MACH_SEND_TIMED_OUT);
                }
                (kernel, left) = kernel.wait_at(port, left);
            };
            let Message { id, reply_port, descriptors, body } = message;
            let remote = kernel
                .movable_right(self, reply_port, reply_disposition)
                .map_err(|_| IoReturn::MACH_SEND_INVALID_REPLY)?;
            let moves_it_twice = to == reply_port
                && [disposition, reply_disposition] == [Disposition::MoveSend; 2]
                && matches!(kernel.task(self.key).names.get(to), Some(Right::Port { sends: 1, .. }));
            if moves_it_twice {
                return Err(IoReturn::MACH_SEND_INVALID_DEST);
            }
            let descriptors: Vec<_> = descriptors
                .iter()
                .map(|&name| kernel.movable_right(self, name, Disposition::CopySend))
                .collect::<Result<_, _>>()
                .map_err(|_| IoReturn::MACH_SEND_INVALID_RIGHT)?;
            let message = Queued { id, remote, descriptors, body, is_request: false };
            for right in message.rights() {
                kernel.ports[right].senders += 1;
            }
            kernel.queue(port, message);
            for (name, disposition) in [(to, disposition), (reply_port, reply_disposition)] {
                if disposition == Disposition::MoveSend
                    && let Ok(released) = kernel.names(self.key).deallocate(name)
                {
                    kernel.released(released);
                }
            }
            Ok(())
        };
        send().err().unwrap_or(IoReturn::SUCCESS)
    }

    /// `mach_msg` with `MACH_RCV_MSG`. Waits for a message, for `timeout` at most.
    ///
    /// One of more than `limit` bytes, header and all, is lost with `MACH_RCV_TOO_LARGE`, or stays if `keep_large`;
    /// `size` is set to its size.
    #[doc(hidden)]
    pub fn receive_message(
        &self,
        name: PortName,
        limit: usize,
        keep_large: bool,
        size: &mut usize,
        timeout: Option<Duration>,
    ) -> Result<Message, IoReturn> {
        let mut kernel = self.shared.lock();
        let mut left = timeout;
        let Some(Right::Port { port, receive: true, .. }) = kernel.task(self.key).names.get(name) else {
            return Err(IoReturn::MACH_RCV_INVALID_NAME);
        };
        let message = loop {
            let queue = kernel.queue_at(port).ok_or(IoReturn::MACH_RCV_PORT_DIED)?;
            if let Some(Queued { descriptors, body, .. }) = queue.messages.front() {
                *size = Message::size_of(descriptors.len(), body.len());
                if *size > limit && keep_large {
                    return Err(IoReturn::MACH_RCV_TOO_LARGE);
                }
            }
            if let Some(message) = queue.messages.pop_front() {
                break message;
            }
            if left == Some(Duration::ZERO) {
                return Err(IoReturn::MACH_RCV_TIMED_OUT);
            }
            (kernel, left) = kernel.wait_at(port, left);
        };
        // There is room where there was none: who waits for it goes on.
        if kernel.queue_at(port).is_some_and(|queue| queue.messages.len() + 1 == queue.limit) {
            kernel.wake(port);
        }
        if message.is_request {
            let what = "what is in a request that a task receives in the kernel's place";
            kernel.misuses.push(Misuse::NotModelled(what.into()));
        }
        if *size > limit {
            kernel.discard(message);
            return Err(IoReturn::MACH_RCV_TOO_LARGE);
        }
        let Queued { id, remote, descriptors, body, .. } = message;
        // What finds no room is lost, and the message with it; what comes after it is received all the same.
        let reply_port = kernel.take_over(self, remote).map_err(|_| NO_ROOM_IN_HEADER);
        let received: Vec<_> =
            descriptors.into_iter().map(|carried| kernel.take_over(self, carried)).collect();
        let descriptors = received.iter().copied().collect::<Result<_, _>>().map_err(|_| NO_ROOM_IN_BODY);
        match (reply_port, descriptors) {
            (Ok(reply_port), Ok(descriptors)) => Ok(Message { id, reply_port, descriptors, body }),
            (reply_port, descriptors) => {
                for name in reply_port.into_iter().chain(received.into_iter().flatten()) {
                    if let Ok(released) = kernel.names(self.key).deallocate(name) {
                        kernel.released(released);
                    }
                }
                Err(reply_port.err().or(descriptors.err()).unwrap_or(NO_ROOM_IN_BODY))
            }
        }
    }
}

impl State {
    /// The port that a name in a message stands for. None for no port and a dead name.
    fn message_right(
        &self,
        task: &Task,
        name: PortName,
        disposition: Disposition,
    ) -> Result<Option<PortKey>, IoReturn> {
        match disposition {
            Disposition::MakeSend => self.receive_argument(task.key, name),
            Disposition::CopySend | Disposition::MoveSend => self.send_argument(task.key, name),
        }
        .map_err(|_| IoReturn::MACH_SEND_INVALID_DEST)
    }

    /// What a message carries for a name, not counted yet. A connection cannot leave its task (P-4a).
    fn movable_right(
        &self,
        task: &Task,
        name: PortName,
        disposition: Disposition,
    ) -> Result<Carried, IoReturn> {
        match self.message_right(task, name, disposition)? {
            None if name == NULL => Ok(Carried::Null),
            None => Ok(Carried::Dead),
            Some(port) if self.ports[port].kind.is_connection() => Err(IoReturn::MACH_SEND_INVALID_RIGHT),
            Some(port) => Ok(Carried::Send(port)),
        }
    }

    /// Gives the receiver of a message what it carries. The port may be gone by now.
    fn take_over(&mut self, task: &Task, carried: Carried) -> Result<PortName, IoReturn> {
        match carried {
            Carried::Null => Ok(NULL),
            Carried::Send(right) if self.ports.contains_key(right) => {
                let name = self.give_send(task.key, right);
                // The task has the right now, or had it already.
                self.drop_send(right);
                name
            }
            Carried::Send(_) | Carried::Dead => Ok(DEAD),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Backend, MAIN_PORT_DEFAULT, PortRight};
    use crate::error::Error;
    use crate::interface::{Arguments, OpenRequest, UserClient};
    use crate::sim::queue::QUEUE_LIMIT;
    use crate::sim::{Machine, Nub};
    use Disposition::{CopySend, MakeSend, MoveSend};

    const NOW: Option<Duration> = Some(Duration::ZERO);

    fn port(task: &Task) -> PortName {
        let mut name = NULL;
        assert_eq!(task.mach_port_allocate(PortRight::Receive, &mut name), IoReturn::SUCCESS);
        name
    }

    fn close(task: &Task, port: PortName) {
        // SAFETY: the test's own reference, and nothing is mapped through it.
        assert_eq!(unsafe { task.mach_port_mod_refs(port, PortRight::Receive, -1) }, IoReturn::SUCCESS);
    }

    fn sends(task: &Task, name: PortName) -> u32 {
        let mut references = 0;
        task.mach_port_get_refs(name, PortRight::Send, &mut references);
        references
    }

    fn message(id: i32) -> Message {
        Message { id, body: vec![id as u8; 4], ..Message::default() }
    }

    fn send(task: &Task, port: PortName, message: Message) -> IoReturn {
        task.send_message(port, MakeSend, CopySend, message, NOW)
    }

    fn receive(task: &Task, port: PortName) -> Result<Message, IoReturn> {
        task.receive_message(port, 64, false, &mut 0, NOW)
    }

    #[test]
    fn messages_arrive_whole_and_in_order() {
        let machine = Machine::new();
        let task = machine.task("task");
        let port = port(&task);
        for id in [7, 8] {
            assert_eq!(send(&task, port, message(id)), IoReturn::SUCCESS);
        }
        assert_eq!(task.queued_messages(port), 2);
        assert_eq!(receive(&task, port), Ok(message(7)));
        assert_eq!(receive(&task, port), Ok(message(8)));
        assert_eq!(receive(&task, port), Err(IoReturn::MACH_RCV_TIMED_OUT));
        close(&task, port);
        machine.assert_clean();
    }

    #[test]
    fn only_a_receive_right_receives() {
        let machine = Machine::new();
        let task = machine.task("task");
        for name in [NULL, DEAD, task.mach_task_self(), 0xdead03] {
            assert_eq!(receive(&task, name), Err(IoReturn::MACH_RCV_INVALID_NAME));
        }
    }

    #[test]
    fn a_message_goes_to_a_live_right_only() {
        let machine = Machine::new();
        let task = machine.task("task");
        let port = port(&task);
        for (name, disposition) in
            [(port, CopySend), (port, MoveSend), (task.mach_task_self(), MakeSend), (NULL, CopySend)]
        {
            let code = task.send_message(name, disposition, CopySend, message(1), NOW);
            assert_eq!(code, IoReturn::MACH_SEND_INVALID_DEST);
        }
        task.mach_port_insert_right(port);
        assert_eq!(task.send_message(port, CopySend, CopySend, message(1), NOW), IoReturn::SUCCESS);
        assert_eq!(sends(&task, port), 1);
        assert_eq!(task.send_message(port, MoveSend, CopySend, message(2), NOW), IoReturn::SUCCESS);
        assert_eq!(sends(&task, port), 0);
        close(&task, port);
        machine.assert_clean();
    }

    #[test]
    fn p_02a_a_message_whose_rights_find_no_room_is_lost() {
        let machine = Machine::new();
        let task = machine.task("task");
        let port = port(&task);
        let root = || task.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
        // SAFETY: the test's own references, and nothing is mapped through them.
        let release = |name| assert_eq!(unsafe { task.io_object_release(name) }, IoReturn::SUCCESS);
        for (in_header, code) in [(true, NO_ROOM_IN_HEADER), (false, NO_ROOM_IN_BODY)] {
            for backend in [false, true] {
                let carried = root();
                let message = match in_header {
                    true => Message { reply_port: carried, ..message(1) },
                    false => Message { descriptors: vec![port, carried], ..message(1) },
                };
                task.mach_port_insert_right(port);
                assert_eq!(send(&task, port, message), IoReturn::SUCCESS);
                // SAFETY: the test's own reference, and nothing is mapped through it.
                unsafe { task.mach_port_deallocate(port) };
                release(carried);
                task.limit_port_names(1);
                if backend {
                    let mut bytes = vec![7];
                    assert_eq!(
                        task.mach_msg_receive(port, &mut bytes, 64, NOW),
                        IoReturn::MACH_RCV_BODY_ERROR
                    );
                    assert_eq!(bytes, []);
                } else {
                    assert_eq!(receive(&task, port), Err(code));
                }
                assert_eq!((task.queued_messages(port), sends(&task, port)), (0, 0));
                task.limit_port_names(usize::MAX);
            }
        }
        close(&task, port);
        machine.assert_clean();
    }

    #[test]
    fn a_full_queue_takes_a_message_when_one_is_received() {
        let machine = Machine::new();
        let task = machine.task("task");
        let port = port(&task);
        for id in 0..QUEUE_LIMIT as i32 {
            assert_eq!(send(&task, port, message(id)), IoReturn::SUCCESS);
        }
        assert_eq!(send(&task, port, message(9)), IoReturn::MACH_SEND_TIMED_OUT);
        std::thread::scope(|scope| {
            let sender = scope.spawn(|| task.send_message(port, MakeSend, CopySend, message(9), None));
            assert!(machine.wait_until_blocked(1, Duration::from_secs(60)));
            assert_eq!(receive(&task, port), Ok(message(0)));
            assert_eq!(sender.join().ok(), Some(IoReturn::SUCCESS));
        });
        assert_eq!(task.queued_messages(port), QUEUE_LIMIT);
        close(&task, port);
        machine.assert_clean();
    }

    #[test]
    fn a_port_with_a_limit_of_its_own_is_full_sooner() {
        let machine = Machine::new();
        let task = machine.task("task");
        let (port, other) = (port(&task), port(&task));
        assert_eq!(task.set_queue_limit(port, 1), IoReturn::SUCCESS);
        assert_eq!(task.set_queue_limit(task.mach_task_self(), 1), IoReturn::KERN_INVALID_RIGHT);
        assert_eq!(send(&task, port, message(1)), IoReturn::SUCCESS);
        assert_eq!(send(&task, port, message(2)), IoReturn::MACH_SEND_TIMED_OUT);
        assert_eq!(send(&task, other, message(3)), IoReturn::SUCCESS);
        std::thread::scope(|scope| {
            let sender = scope.spawn(|| task.send_message(port, MakeSend, CopySend, message(4), None));
            assert!(machine.wait_until_blocked(1, Duration::from_secs(60)));
            assert_eq!(receive(&task, port), Ok(message(1)));
            assert_eq!(sender.join().ok(), Some(IoReturn::SUCCESS));
        });
        close(&task, port);
        close(&task, other);
        machine.assert_clean();
    }

    #[test]
    fn a_receiver_waits_for_a_message_or_the_end_of_its_port() {
        let machine = Machine::new();
        let task = machine.task("task");
        let port = port(&task);
        std::thread::scope(|scope| {
            let wait = || task.receive_message(port, 64, false, &mut 0, None);
            let receiver = scope.spawn(wait);
            assert!(machine.wait_until_blocked(1, Duration::from_secs(60)));
            assert_eq!(send(&task, port, message(3)), IoReturn::SUCCESS);
            assert_eq!(receiver.join().ok(), Some(Ok(message(3))));

            let receiver = scope.spawn(wait);
            assert!(machine.wait_until_blocked(1, Duration::from_secs(60)));
            close(&task, port);
            assert_eq!(receiver.join().ok(), Some(Err(IoReturn::MACH_RCV_PORT_DIED)));
        });
        machine.assert_clean();
    }

    #[test]
    fn a_timeout_passes_by_the_machines_clock() {
        let machine = Machine::new();
        machine.freeze_clock();
        let task = machine.task("task");
        let port = port(&task);
        std::thread::scope(|scope| {
            let hour = Some(Duration::from_secs(3600));
            let receiver = scope.spawn(move || task.receive_message(port, 64, false, &mut 0, hour));
            assert!(machine.wait_until_blocked(1, Duration::from_secs(60)));
            machine.advance(Duration::from_secs(3600));
            assert_eq!(receiver.join().ok(), Some(Err(IoReturn::MACH_RCV_TIMED_OUT)));
        });
    }

    #[test]
    fn a_message_too_large_is_lost_unless_it_is_to_stay() {
        let machine = Machine::new();
        let task = machine.task("task");
        let port = port(&task);
        send(&task, port, message(1));
        let mut size = 0;
        let kept = task.receive_message(port, 27, true, &mut size, NOW);
        assert_eq!((kept, size), (Err(IoReturn::MACH_RCV_TOO_LARGE), 28));
        assert_eq!(task.queued_messages(port), 1);
        let lost = task.receive_message(port, 27, false, &mut size, NOW);
        assert_eq!((lost, size), (Err(IoReturn::MACH_RCV_TOO_LARGE), 28));
        assert_eq!(task.queued_messages(port), 0);
        close(&task, port);
        machine.assert_clean();
    }

    #[test]
    fn a_message_carries_a_right_to_whoever_receives_it() {
        let machine = Machine::new();
        machine.publish(Nub::new("First"));
        let task = machine.task("task");
        let matching = task.io_service_matching(Some(c"First"));
        let service = task.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref());
        let port = port(&task);
        let message = Message { id: 1, reply_port: service, ..Message::default() };
        assert_eq!(task.send_message(port, MakeSend, MoveSend, message.clone(), NOW), IoReturn::SUCCESS);
        assert_eq!(sends(&task, service), 0);

        let received = receive(&task, port).unwrap();
        assert_eq!(sends(&task, received.reply_port), 1);
        let mut class = c"".to_owned();
        task.io_object_get_class(received.reply_port, &mut class);
        assert_eq!(&*class, c"First");

        // Not received, it goes with the port.
        let message = Message { reply_port: received.reply_port, ..message };
        let sent = task.send_message(port, MakeSend, MoveSend, message, NOW);
        assert_eq!(sent, IoReturn::SUCCESS);
        close(&task, port);
        machine.assert_clean();
    }

    #[test]
    fn a_reference_is_not_moved_twice() {
        let machine = Machine::new();
        let task = machine.task("task");
        let port = port(&task);
        let message = Message { id: 1, reply_port: port, ..Message::default() };
        let send = || task.send_message(port, MoveSend, MoveSend, message.clone(), NOW);
        task.mach_port_insert_right(port);
        assert_eq!((send(), sends(&task, port)), (IoReturn::MACH_SEND_INVALID_DEST, 1));
        task.mach_port_insert_right(port);
        assert_eq!((send(), sends(&task, port)), (IoReturn::SUCCESS, 0));
        assert_eq!(receive(&task, port), Ok(message.clone()));
        assert_eq!(sends(&task, port), 1);
        close(&task, port);
        // SAFETY: the test's own reference, and nothing is mapped through it.
        assert_eq!(unsafe { task.mach_port_deallocate(port) }, IoReturn::SUCCESS);
        machine.assert_clean();
    }

    #[test]
    fn the_rights_that_a_message_carries_are_the_receivers() {
        let machine = Machine::new();
        machine.publish(Nub::new("Service"));
        let task = machine.task("task");
        let matching = task.io_service_matching(Some(c"Service"));
        let service = task.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref());
        let (port, dead) = (port(&task), self::port(&task));
        let complex = Message { descriptors: vec![service, NULL, service, DEAD, dead], ..message(1) };
        assert_eq!(send(&task, port, complex.clone()), IoReturn::MACH_SEND_INVALID_RIGHT);
        task.mach_port_insert_right(dead);
        assert_eq!(send(&task, port, complex.clone()), IoReturn::SUCCESS);
        assert_eq!((sends(&task, service), task.send_rights(service)), (1, 3));
        // It dies on its way.
        close(&task, dead);

        let received = task.receive_message(port, 24 + 4 + 5 * 12 + 4, false, &mut 0, NOW).unwrap();
        assert_eq!(received, Message { descriptors: vec![service, NULL, service, DEAD, DEAD], ..message(1) });
        assert_eq!((sends(&task, service), task.send_rights(service)), (3, 1));

        // Lost because it is too large, or because its port goes, it gives them back.
        let complex = Message { descriptors: vec![service; 4], ..message(2) };
        send(&task, port, complex.clone());
        let lost = task.receive_message(port, 24 + 4 + 4 * 12 + 3, false, &mut 0, NOW);
        assert_eq!(lost, Err(IoReturn::MACH_RCV_TOO_LARGE));
        send(&task, port, complex);
        assert_eq!(task.send_rights(service), 5);
        close(&task, port);
        assert_eq!(task.send_rights(service), 1);
        for name in [service, service, service, dead] {
            // SAFETY: the test's own reference, and nothing is mapped through it.
            assert_eq!(unsafe { task.mach_port_deallocate(name) }, IoReturn::SUCCESS);
        }
        machine.assert_clean();
    }

    #[test]
    fn a_connection_cannot_be_carried_away() {
        let machine = Machine::new();
        machine.publish(Nub::new("Service").driver(|_: &OpenRequest<'_>| Ok(Inert)));
        let task = machine.task("task");
        let matching = task.io_service_matching(Some(c"Service"));
        let service = task.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref());
        let (port, mut connect) = (port(&task), NULL);
        assert_eq!(task.io_service_open(service, task.mach_task_self(), 0, &mut connect), IoReturn::SUCCESS);
        let complex = Message { descriptors: vec![service, connect], ..message(1) };
        assert_eq!(send(&task, port, complex), IoReturn::MACH_SEND_INVALID_RIGHT);
        assert_eq!((task.send_rights(service), task.queued_messages(port)), (1, 0));
    }

    struct Inert;

    impl UserClient for Inert {
        fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<(), Error> {
            Ok(())
        }
    }

    #[test]
    fn a_simple_message_is_a_header_and_a_body() {
        let mut bytes = Vec::new();
        Message { id: -2, body: vec![1, 2, 3, 4], ..Message::default() }.write(0x103, &mut bytes);
        let words: Vec<u32> = [0x1100, 28, 0, 0x103, 0, -2i32 as u32].to_vec();
        assert_eq!(bytes[..24], words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<_>>());
        assert_eq!(bytes[24..], [1, 2, 3, 4]);
    }

    #[test]
    fn a_complex_message_has_its_descriptors_before_the_body() {
        let mut bytes = Vec::new();
        let complex =
            Message { id: 53, reply_port: 0x203, descriptors: vec![0x303, DEAD], body: vec![5, 6, 7, 8] };
        complex.write(0x103, &mut bytes);
        let words =
            [[0x8000_1111, 56, 0x203, 0x103, 0, 53].as_slice(), &[2, 0x303, 0, 17 << 16, DEAD, 0, 17 << 16]];
        let words: Vec<u8> = words.concat().into_iter().flat_map(u32::to_ne_bytes).collect();
        assert_eq!((bytes.len(), complex.size()), (56, 56));
        assert_eq!(bytes[..52], words);
        assert_eq!(bytes[52..], [5, 6, 7, 8]);
    }

    #[test]
    fn a_dead_name_to_reply_to_arrives_dead() {
        let machine = Machine::new();
        let task = machine.task("task");
        let (port, dead) = (port(&task), port(&task));
        task.mach_port_insert_right(dead);
        close(&task, dead);
        for (disposition, name) in [(CopySend, dead), (MoveSend, dead), (CopySend, DEAD)] {
            let message = Message { id: 1, reply_port: name, ..Message::default() };
            let code = task.send_message(port, MakeSend, disposition, message.clone(), NOW);
            assert_eq!(code, IoReturn::SUCCESS);
            assert_eq!(receive(&task, port), Ok(Message { reply_port: DEAD, ..message }));
        }
        close(&task, port);
        // The reference that was moved was the only one.
        machine.assert_clean();
    }

    #[test]
    fn a_reply_port_without_its_right_is_not_sent() {
        let machine = Machine::new();
        let task = machine.task("task");
        let port = port(&task);
        let message = Message { id: 1, reply_port: 0xdead03, ..Message::default() };
        assert_eq!(send(&task, port, message), IoReturn::MACH_SEND_INVALID_REPLY);
        assert_eq!(task.queued_messages(port), 0);
        close(&task, port);
    }

    #[test]
    fn the_kernels_ports_take_no_messages_that_are_not_modelled() {
        let machine = Machine::new();
        let task = machine.task("task");
        let code = task.send_message(task.mach_task_self(), CopySend, CopySend, message(1), NOW);
        assert_eq!(code, IoReturn::MACH_SEND_INVALID_DEST);
        assert!(matches!(machine.report().misuses[..], [Misuse::NotModelled(_)]));
    }

    #[test]
    fn cn_03_the_main_port_is_a_name_for_the_default() {
        let machine = Machine::new();
        machine.publish(Nub::new("First"));
        let task = machine.task("task");
        let main = task.io_main_port();
        assert_eq!((task.io_main_port(), sends(&task, main)), (main, 2));
        let matching = task.io_service_matching(Some(c"First"));
        let service = task.io_service_get_matching_service(main, matching.as_ref());
        assert_ne!(service, NULL);
        assert_eq!(task.io_service_request_probe(main, 0), IoReturn::BAD_ARGUMENT);
        for name in [main, main, service] {
            // SAFETY: the test's own reference, and nothing is mapped through it.
            assert_eq!(unsafe { task.io_object_release(name) }, IoReturn::SUCCESS);
        }
        machine.assert_clean();
    }
}
