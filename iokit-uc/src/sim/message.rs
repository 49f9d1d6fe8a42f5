//! Simple messages between the ports that tasks receive from: `mach_msg`.

use super::keys::PortKey;
use super::names::Right;
use super::queue::Queued;
use super::report::Misuse;
use super::state::{PortKind, State};
use super::task::Task;
use crate::backend::{DEAD, NULL, PortName};
use crate::error::IoReturn;
use std::time::Duration;

/// How many messages a task can send to a port before somebody receives one (CN-2).
const QUEUE_LIMIT: usize = 5;

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

/// A simple message as a task sends and receives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// `msgh_id`.
    pub id: i32,
    /// The port to answer to: the sender's `msgh_local_port`, the receiver's `msgh_remote_port`. A message received
    /// brings a reference of it.
    pub reply_port: PortName,
    /// What follows the header.
    pub body: Vec<u8>,
}

impl Task {
    /// `mach_msg` with `MACH_SEND_MSG`. While the port's queue is full it waits, for `timeout` at most.
    ///
    /// A port of the kernel's takes no message here.
    #[doc(hidden)]
    pub fn mach_msg_send(
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
                match port.map(|port| (port, &kernel.ports[port].kind)) {
                    Some((port, PortKind::Queue(queue))) if queue.len() < QUEUE_LIMIT => break port,
                    Some((_, PortKind::Queue(_))) => {}
                    Some(_) => {
                        let what = "a message of a task's own making to a port of the kernel's";
                        kernel.misuses.push(Misuse::NotModelled(what.into()));
                        return Err(IoReturn::MACH_SEND_INVALID_DEST);
                    }
                    None => return Err(IoReturn::MACH_SEND_INVALID_DEST),
                }
                kernel = match left {
                    None => kernel.wait(),
                    Some(Duration::ZERO) => return Err(IoReturn::MACH_SEND_TIMED_OUT),
                    Some(time) => {
                        let (kernel, rest) = kernel.wait_timeout(time);
                        left = Some(rest);
                        kernel
                    }
                };
            };
            let Message { id, reply_port, body } = message;
            let right = kernel
                .message_right(self, reply_port, reply_disposition)
                .map_err(|_| IoReturn::MACH_SEND_INVALID_REPLY)?;
            if right.is_some_and(|right| matches!(kernel.ports[right].kind, PortKind::Connect(_))) {
                // It cannot leave its task (P-4a).
                return Err(IoReturn::MACH_SEND_INVALID_REPLY);
            }
            let moves_it_twice = to == reply_port
                && [disposition, reply_disposition] == [Disposition::MoveSend; 2]
                && matches!(kernel.task(self.key).names.get(to), Some(Right::Port { sends: 1, .. }));
            if moves_it_twice {
                return Err(IoReturn::MACH_SEND_INVALID_DEST);
            }
            if let Some(right) = right {
                kernel.ports[right].senders += 1;
            }
            let has_reply_port = reply_port != NULL;
            kernel.queue(port, Queued { id, has_reply_port, right, body, is_request: false });
            for (name, disposition) in [(to, disposition), (reply_port, reply_disposition)] {
                if disposition == Disposition::MoveSend
                    && let Ok(released) = kernel.names(self.key).deallocate(name)
                {
                    kernel.released(released);
                }
            }
            self.shared.notify();
            Ok(())
        };
        send().err().unwrap_or(IoReturn::SUCCESS)
    }

    /// `mach_msg` with `MACH_RCV_MSG`. Waits for a message, for `timeout` at most.
    ///
    /// One whose body has more than `limit` bytes is lost with `MACH_RCV_TOO_LARGE`, or stays if `keep_large`; `size` is
    /// then set to the size of its body.
    #[doc(hidden)]
    pub fn mach_msg_receive(
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
            let Some(PortKind::Queue(queue)) = kernel.ports.get_mut(port).map(|port| &mut port.kind) else {
                return Err(IoReturn::MACH_RCV_PORT_DIED);
            };
            if let Some(first) = queue.front() {
                *size = first.body.len();
                if *size > limit && keep_large {
                    return Err(IoReturn::MACH_RCV_TOO_LARGE);
                }
            }
            if let Some(message) = queue.pop_front() {
                break message;
            }
            kernel = match left {
                None => kernel.wait(),
                Some(Duration::ZERO) => return Err(IoReturn::MACH_RCV_TIMED_OUT),
                Some(time) => {
                    let (kernel, rest) = kernel.wait_timeout(time);
                    left = Some(rest);
                    kernel
                }
            };
        };
        // Who waits for room goes on.
        self.shared.notify();
        let Queued { id, has_reply_port, right, body, is_request } = message;
        if is_request {
            let what = "what is in a request that a task receives in the kernel's place";
            kernel.misuses.push(Misuse::NotModelled(what.into()));
        }
        if body.len() > limit {
            right.into_iter().for_each(|right| kernel.drop_send(right));
            return Err(IoReturn::MACH_RCV_TOO_LARGE);
        }
        let reply_port = match right {
            None if has_reply_port => DEAD,
            None => NULL,
            // The port may be gone by now.
            Some(right) if !kernel.ports.contains_key(right) => DEAD,
            Some(right) => {
                let name = kernel.give_send(self.key, right);
                // The task has the right now, or had it already.
                kernel.drop_send(right);
                name
            }
        };
        Ok(Message { id, reply_port, body })
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Backend, MAIN_PORT_DEFAULT, PortRight};
    use crate::sim::{Machine, Nub};
    use Disposition::{CopySend, MakeSend, MoveSend};

    const NOW: Option<Duration> = Some(Duration::ZERO);

    fn port(task: &Task) -> PortName {
        let mut name = NULL;
        assert_eq!(task.mach_port_allocate(PortRight::Receive, &mut name), IoReturn::SUCCESS);
        name
    }

    fn close(task: &Task, port: PortName) {
        assert_eq!(task.mach_port_mod_refs(port, PortRight::Receive, -1), IoReturn::SUCCESS);
    }

    fn sends(task: &Task, name: PortName) -> u32 {
        let mut references = 0;
        task.mach_port_get_refs(name, PortRight::Send, &mut references);
        references
    }

    fn message(id: i32) -> Message {
        Message { id, reply_port: NULL, body: vec![id as u8; 4] }
    }

    fn send(task: &Task, port: PortName, message: Message) -> IoReturn {
        task.mach_msg_send(port, MakeSend, CopySend, message, NOW)
    }

    fn receive(task: &Task, port: PortName) -> Result<Message, IoReturn> {
        task.mach_msg_receive(port, 64, false, &mut 0, NOW)
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
            let code = task.mach_msg_send(name, disposition, CopySend, message(1), NOW);
            assert_eq!(code, IoReturn::MACH_SEND_INVALID_DEST);
        }
        task.mach_port_insert_right(port);
        assert_eq!(task.mach_msg_send(port, CopySend, CopySend, message(1), NOW), IoReturn::SUCCESS);
        assert_eq!(sends(&task, port), 1);
        assert_eq!(task.mach_msg_send(port, MoveSend, CopySend, message(2), NOW), IoReturn::SUCCESS);
        assert_eq!(sends(&task, port), 0);
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
            let sender = scope.spawn(|| task.mach_msg_send(port, MakeSend, CopySend, message(9), None));
            assert!(machine.wait_until_blocked(1, Duration::from_secs(60)));
            assert_eq!(receive(&task, port), Ok(message(0)));
            assert_eq!(sender.join().ok(), Some(IoReturn::SUCCESS));
        });
        assert_eq!(task.queued_messages(port), QUEUE_LIMIT);
        close(&task, port);
        machine.assert_clean();
    }

    #[test]
    fn a_receiver_waits_for_a_message_or_the_end_of_its_port() {
        let machine = Machine::new();
        let task = machine.task("task");
        let port = port(&task);
        std::thread::scope(|scope| {
            let wait = || task.mach_msg_receive(port, 64, false, &mut 0, None);
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
            let receiver = scope.spawn(move || task.mach_msg_receive(port, 64, false, &mut 0, hour));
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
        let kept = task.mach_msg_receive(port, 3, true, &mut size, NOW);
        assert_eq!((kept, size), (Err(IoReturn::MACH_RCV_TOO_LARGE), 4));
        assert_eq!(task.queued_messages(port), 1);
        let lost = task.mach_msg_receive(port, 3, false, &mut size, NOW);
        assert_eq!((lost, size), (Err(IoReturn::MACH_RCV_TOO_LARGE), 4));
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
        let message = Message { id: 1, reply_port: service, body: Vec::new() };
        assert_eq!(task.mach_msg_send(port, MakeSend, MoveSend, message.clone(), NOW), IoReturn::SUCCESS);
        assert_eq!(sends(&task, service), 0);

        let received = receive(&task, port).unwrap();
        assert_eq!(sends(&task, received.reply_port), 1);
        let mut class = c"".to_owned();
        task.io_object_get_class(received.reply_port, &mut class);
        assert_eq!(&*class, c"First");

        // Not received, it goes with the port.
        let message = Message { reply_port: received.reply_port, ..message };
        let sent = task.mach_msg_send(port, MakeSend, MoveSend, message, NOW);
        assert_eq!(sent, IoReturn::SUCCESS);
        close(&task, port);
        machine.assert_clean();
    }

    #[test]
    fn a_reference_is_not_moved_twice() {
        let machine = Machine::new();
        let task = machine.task("task");
        let port = port(&task);
        let message = Message { id: 1, reply_port: port, body: Vec::new() };
        let send = || task.mach_msg_send(port, MoveSend, MoveSend, message.clone(), NOW);
        task.mach_port_insert_right(port);
        assert_eq!((send(), sends(&task, port)), (IoReturn::MACH_SEND_INVALID_DEST, 1));
        task.mach_port_insert_right(port);
        assert_eq!((send(), sends(&task, port)), (IoReturn::SUCCESS, 0));
        assert_eq!(receive(&task, port), Ok(message.clone()));
        assert_eq!(sends(&task, port), 1);
        close(&task, port);
        assert_eq!(task.mach_port_deallocate(port), IoReturn::SUCCESS);
        machine.assert_clean();
    }

    #[test]
    fn a_dead_name_to_reply_to_arrives_dead() {
        let machine = Machine::new();
        let task = machine.task("task");
        let (port, dead) = (port(&task), port(&task));
        task.mach_port_insert_right(dead);
        close(&task, dead);
        for (disposition, name) in [(CopySend, dead), (MoveSend, dead), (CopySend, DEAD)] {
            let message = Message { id: 1, reply_port: name, body: Vec::new() };
            let code = task.mach_msg_send(port, MakeSend, disposition, message.clone(), NOW);
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
        let message = Message { id: 1, reply_port: 0xdead03, body: Vec::new() };
        assert_eq!(send(&task, port, message), IoReturn::MACH_SEND_INVALID_REPLY);
        assert_eq!(task.queued_messages(port), 0);
        close(&task, port);
    }

    #[test]
    fn the_kernels_ports_take_no_messages_that_are_not_modelled() {
        let machine = Machine::new();
        let task = machine.task("task");
        let code = task.mach_msg_send(task.mach_task_self(), CopySend, CopySend, message(1), NOW);
        assert_eq!(code, IoReturn::MACH_SEND_INVALID_DEST);
        assert!(matches!(machine.report().misuses[..], [Misuse::NotModelled(_)]));
    }

    #[test]
    fn cn_3_the_main_port_is_a_name_for_the_default() {
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
            assert_eq!(task.io_object_release(name), IoReturn::SUCCESS);
        }
        machine.assert_clean();
    }
}
