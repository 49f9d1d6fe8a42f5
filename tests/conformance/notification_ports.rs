//! Ports that a task gives to a driver (OC-18).

use crate::raw::open;
use crate::releasing::mach_port_mod_refs;
use crate::steps::{UNKNOWN, close, references, release, service};
use crate::world::World;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, DEAD, NULL, PortName, PortRight};
use iokit_uc_machines::notification_ports::{KEPT, PANICS, REFUSED};
use std::time::Duration;

/// A connection to a driver that takes ports, and a port.
struct Giver {
    world: World,
    connect: PortName,
    port: PortName,
}

impl Giver {
    fn new() -> Self {
        let world = World::boot("notification_ports");
        let kernel = world.kernel();
        let (connect, mut port) = (open(&kernel, "Notifier"), NULL);
        assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
        Self { world, connect, port }
    }

    fn give(&self, port_type: u32, port: PortName, reference: usize) -> IoReturn {
        self.world.kernel().io_connect_set_notification_port(self.connect, port_type, port, reference)
    }

    fn ask(&self, question: &str, index: u64) -> u64 {
        self.world.command(question, &[index])
    }

    fn notify(&self, command: &str, words: &[u64]) -> IoReturn {
        IoReturn::from_code(self.world.command(command, words) as u32)
    }

    fn send_rights(&self) -> u64 {
        self.world.send_rights(self.port)
    }

    fn receive(&self) -> Option<Vec<u8>> {
        let mut message = Vec::new();
        let code = self.world.kernel().mach_msg_receive(self.port, &mut message, 8192, Some(Duration::ZERO));
        code.is_success().then_some(message)
    }

    fn close_port(&self) {
        let code = mach_port_mod_refs(&self.world.kernel(), self.port, PortRight::Receive, -1);
        assert_eq!(code, IoReturn::SUCCESS);
    }

    fn end(self) {
        self.world.command("let_go", &[]);
        close(&self.world.kernel(), self.connect);
        self.close_port();
    }
}

#[test]
fn oc_18_the_driver_gets_the_type_the_reference_and_a_right_of_its_own() {
    let giver = Giver::new();
    for (index, reference) in [(0, 7), (1, usize::MAX)] {
        assert_eq!(giver.give(KEPT + 8 * index as u32, giver.port, reference), IoReturn::SUCCESS);
        assert_eq!(giver.ask("has_port", index), 1);
        assert_eq!(giver.ask("port_type", index), 8 * index);
        assert_eq!(giver.ask("reference", index), reference as u64);
        assert_eq!(giver.send_rights(), index + 1);
    }
    assert_eq!(references(&giver.world.kernel(), giver.port), (0, 0), "the task has gained none");
    giver.world.command("let_go", &[]);
    assert_eq!(giver.send_rights(), 0);
    giver.end();
}

#[test]
fn oc_18_no_port_is_a_port_too() {
    let giver = Giver::new();
    assert_eq!(giver.give(KEPT, NULL, 7), IoReturn::SUCCESS);
    assert_eq!((giver.ask("has_port", 0), giver.ask("reference", 0)), (0, 7));
    giver.end();
}

#[test]
fn oc_18_by_default_it_is_unsupported() {
    let giver = Giver::new();
    let kernel = giver.world.kernel();
    let deaf = open(&kernel, "Deaf");
    let code = kernel.io_connect_set_notification_port(deaf, KEPT, giver.port, 0);
    assert_eq!((code, giver.send_rights()), (IoReturn::UNSUPPORTED, 0));
    close(&kernel, deaf);
    giver.end();
}

#[test]
fn oc_18_a_port_that_the_driver_refuses_is_not_its_own() {
    let panic = "a driver panicked in registerNotificationPort";
    for (port_type, code, panics) in
        [(REFUSED, IoReturn::BUSY, &[][..]), (PANICS, IoReturn::INTERNAL_ERROR, &[panic])]
    {
        let giver = Giver::new();
        assert_eq!(giver.give(port_type, giver.port, 0), code);
        assert_eq!((giver.ask("is_dead", 0), giver.send_rights()), (1, 0));
        assert_eq!(giver.notify("notify", &[1]), IoReturn::BAD_ARGUMENT);
        assert_eq!(giver.receive(), None);
        let misuses = giver.world.misuses();
        let Some((last, before)) = misuses.split_last() else { panic!("the right was not its own") };
        assert!(last.contains("send right") && before == panics, "{misuses:?}");
        let Giver { world, .. } = giver;
        drop(world.unchecked());
    }
}

#[test]
fn oc_18_the_driver_can_send_over_it() {
    let giver = Giver::new();
    assert_eq!(giver.give(KEPT, giver.port, 0), IoReturn::SUCCESS);
    // A header alone, as data queues send (DQ-10).
    assert_eq!(giver.notify("notify", &[0]), IoReturn::SUCCESS);
    assert_eq!(giver.notify("notify", &[53, 0x1122_3344_5566_7788]), IoReturn::SUCCESS);
    let words = |words: [u32; 6]| words.map(u32::to_ne_bytes).concat();
    assert_eq!(giver.receive().unwrap(), words([17 << 8, 24, NULL, giver.port, NULL, 0]));
    let message = giver.receive().unwrap();
    assert_eq!(message[..24], words([17 << 8, 32, NULL, giver.port, NULL, 53]));
    assert_eq!(message[24..], 0x1122_3344_5566_7788_u64.to_ne_bytes());
    giver.end();
}

#[test]
fn oc_18_a_message_that_can_be_dropped_minds_the_queues_limit() {
    let giver = Giver::new();
    assert_eq!(giver.give(KEPT, giver.port, 0), IoReturn::SUCCESS);
    for _ in 0..5 {
        assert_eq!(giver.notify("notify_if_there_is_room", &[0]), IoReturn::SUCCESS);
    }
    assert_eq!(giver.notify("notify_if_there_is_room", &[0]), IoReturn::MACH_SEND_TIMED_OUT);
    assert_eq!(giver.notify("notify", &[0]), IoReturn::SUCCESS);
    assert_eq!(std::iter::from_fn(|| giver.receive()).count(), 6);
    giver.close_port();
    assert_eq!(giver.notify("notify", &[0]), IoReturn::SUCCESS, "nobody is there to tell of it");
    giver.world.command("let_go", &[]);
    close(&giver.world.kernel(), giver.connect);
}

#[test]
fn oc_18_what_is_no_connection_or_no_port_of_ones_own_is_refused_before_the_driver_hears_of_it() {
    let giver = Giver::new();
    let kernel = giver.world.kernel();
    let notifier = service(&kernel, "Notifier");
    let set = |connect, port| kernel.io_connect_set_notification_port(connect, KEPT, port, 0);
    for connect in [NULL, DEAD, UNKNOWN] {
        assert_eq!(set(connect, giver.port), IoReturn::MACH_SEND_INVALID_DEST);
    }
    assert_eq!(set(notifier, giver.port), IoReturn::BAD_ARGUMENT);
    // A send right is not enough (P-5a).
    for port in [UNKNOWN, notifier, giver.connect] {
        assert_eq!(set(giver.connect, port), IoReturn::MACH_SEND_INVALID_RIGHT);
    }
    assert_eq!((giver.world.command("registrations", &[]), giver.send_rights()), (0, 0));
    release(&kernel, notifier);
    giver.end();
}
