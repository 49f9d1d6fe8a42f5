//! Interest notifications, and what they tell of: NT-12 … NT-19, RC-6, AS-9 … AS-12 as far as the message goes; a service
//! that one client has to itself: TERM-12, and what of TERM-9, TERM-10 and TERM-13 it takes to see.

use crate::listener::{CALLBACK, InterestMessage, Listener};
use crate::raw::Call;
use crate::releasing::mach_port_mod_refs;
use crate::steps::{
    UNKNOWN, close, dead_name, drain, id, is_known, references, release, service, terminate, try_open,
};
use crate::world::World;
use iokit_uc::backend::{Backend, DEAD, MAIN_PORT_DEFAULT, NULL, PortName, PortRight};
use iokit_uc::interface::{MessageType, SERVICE_SEIZE};
use iokit_uc::{IoReturn, Value};
use iokit_uc_machines::interest::{ECHO, ECHOED, character, selector};
use std::ffi::{CStr, CString};

const GENERAL: &CStr = c"IOGeneralInterest";
const BUSY: &CStr = c"IOBusyInterest";

const TERMINATED: u32 = MessageType::SERVICE_IS_TERMINATED.0;
const ATTEMPTING_OPEN: u32 = MessageType::SERVICE_IS_ATTEMPTING_OPEN.0;
const WAS_CLOSED: u32 = MessageType::SERVICE_WAS_CLOSED.0;
const BUSY_STATE_CHANGE: u32 = MessageType::SERVICE_BUSY_STATE_CHANGE.0;
const PROPERTY_CHANGE: u32 = MessageType::SERVICE_PROPERTY_CHANGE.0;

/// The machine `interest`, and a task that listens there.
struct Scene {
    listener: Listener,
    world: World,
}

impl std::ops::Deref for Scene {
    type Target = Listener;
    fn deref(&self) -> &Listener {
        &self.listener
    }
}

impl Scene {
    fn boot() -> Self {
        Self::on(World::boot("interest"))
    }

    fn on(world: World) -> Self {
        Self { listener: Listener::new(world.kernel()), world }
    }

    fn id(&self, class: &str) -> u64 {
        let service = service(&self.kernel, class);
        let id = id(&self.kernel, service);
        release(&self.kernel, service);
        id
    }

    #[track_caller]
    fn tell(&self, class: &str, message: u32, argument: u64) {
        let told = self.world.command("message_clients", &[self.id(class), message.into(), argument]);
        assert_eq!(told, 1, "{class} is there");
    }

    fn terminate(&self, class: &str) {
        assert_eq!(self.world.command("terminate", &[self.id(class)]), 1);
    }

    fn open_service(&self, service: u64, client: u64, options: u32) -> bool {
        self.world.command("open_service", &[service, client, options.into()]) == 1
    }

    fn close_service(&self, service: u64, client: u64, options: u32) {
        self.world.command("close_service", &[service, client, options.into()]);
    }

    fn busy(&self, id: u64) -> u64 {
        self.world.command("busy", &[id])
    }

    /// Opens a service for a user client of a character, and returns the connection and the user client's number.
    #[track_caller]
    fn connect(&self, class: &str, character: u32) -> (PortName, u64) {
        let (code, connect) = try_open(&self.kernel, class, character);
        assert_eq!(code, IoReturn::SUCCESS);
        (connect, self.call(connect, selector::OWN_ID, 0))
    }

    #[track_caller]
    fn call(&self, connect: PortName, selector: u32, scalar: u32) -> u64 {
        let call = Call::new(self.kernel.clone(), connect, selector);
        call.scalar_values(&[scalar.into()]).scalar_capacity(1).send().expect_success().scalars[0]
    }

    /// Lets go of a service that goes away, and comes back by another name.
    fn terminate_and_keep(&self, class: &str) -> PortName {
        let name = CString::new(class).unwrap();
        let matching = self.kernel.io_service_matching(Some(&name));
        let mut iterator = NULL;
        self.kernel.io_service_get_matching_services(MAIN_PORT_DEFAULT, matching.as_ref(), &mut iterator);
        self.terminate(class);
        let [service] = drain(&self.kernel, iterator)[..] else { panic!("one service was there") };
        service
    }
}

// ---- NT-12: registering ----

#[test]
fn nt_12_there_are_five_types_of_interest_pr_06_and_the_service_shows_which_it_has_had() {
    let scene = Scene::boot();
    let leaf = service(&scene.kernel, "Leaf");
    for interest in [
        GENERAL,
        BUSY,
        c"IOAppPowerStateInterest",
        c"IOPriorityPowerStateInterest",
        c"IOConsoleSecurityInterest",
    ] {
        let property = || scene.kernel.io_registry_entry_create_cf_property(leaf, interest);
        assert_eq!(property(), None);
        let notification = scene.add(leaf, interest, 0).unwrap();
        let shown = Some(Value::from("IOCommand is not serializable"));
        assert_eq!(property(), shown);
        release(&scene.kernel, notification);
        assert_eq!(property(), shown);
    }
    release(&scene.kernel, leaf);
}

#[test]
fn nt_12_any_other_type_is_unsupported() {
    let scene = Scene::boot();
    let leaf = service(&scene.kernel, "Leaf");
    for interest in [c"", c"IOServiceMatched", c"IOGeneral", c"IOGeneralInterests", c"iogeneralinterest"] {
        assert_eq!(scene.add(leaf, interest, 0), Err(IoReturn::UNSUPPORTED), "{interest:?}");
    }
    // P-7b.
    assert_eq!(scene.world.send_rights(scene.port()), 0);
    release(&scene.kernel, leaf);
}

#[test]
fn nt_12_an_inactive_service_takes_none() {
    let scene = Scene::boot();
    let leaf = scene.terminate_and_keep("Leaf");
    assert_eq!(scene.add(leaf, GENERAL, 0), Err(IoReturn::UNSUPPORTED));
    assert_eq!(scene.world.send_rights(scene.port()), 0);
    release(&scene.kernel, leaf);
}

#[test]
fn nt_12_what_is_no_service_is_a_bad_argument() {
    let scene = Scene::boot();
    let kernel = &scene.kernel;
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    let notification = scene.watch("Leaf", GENERAL, 0);
    let (_, connect) = try_open(kernel, "Leaf", 0);
    let mut iterator = NULL;
    let code = kernel.io_registry_entry_get_child_iterator(root, c"IOService", &mut iterator);
    assert_eq!(code, IoReturn::SUCCESS);
    for name in [root, notification, connect, iterator, kernel.mach_task_self()] {
        assert_eq!(scene.add(name, GENERAL, 0), Err(IoReturn::BAD_ARGUMENT));
        assert_eq!(scene.add(name, c"", 0), Err(IoReturn::BAD_ARGUMENT), "before the type is looked at");
    }
    assert_eq!(scene.world.send_rights(scene.port()), 1, "the notification's alone");
    close(kernel, connect);
    for name in [root, notification, iterator] {
        release(kernel, name);
    }
}

#[test]
fn nt_12_a_dead_handle_is_no_destination() {
    let scene = Scene::boot();
    let dead = dead_name(&scene.world, "Leaf", 1);
    for name in [dead, NULL, UNKNOWN] {
        assert_eq!(scene.add(name, c"", 0), Err(IoReturn::MACH_SEND_INVALID_DEST));
    }
    release(&scene.kernel, dead);
}

#[test]
fn nt_12_a_port_that_cannot_be_received_from_is_not_sent() {
    let scene = Scene::boot();
    let kernel = scene.kernel.clone();
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert_eq!(mach_port_mod_refs(&kernel, scene.port(), PortRight::Receive, -1), IoReturn::SUCCESS);
    assert_eq!(scene.add(root, GENERAL, 0), Err(IoReturn::MACH_SEND_INVALID_RIGHT));
    assert_eq!(scene.add(NULL, GENERAL, 0), Err(IoReturn::MACH_SEND_INVALID_DEST));
    release(&kernel, root);
    scene.listener.forget_port();
}

// ---- NT-13, RC-6, RC-7: the notification ----

#[test]
fn nt_13_a_notification_gives_nothing_and_is_always_valid() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 0);
    scene.tell("Leaf", PROPERTY_CHANGE, 0);
    assert_eq!(scene.kernel.io_iterator_next(notification), NULL);
    scene.kernel.io_iterator_reset(notification);
    assert!(scene.kernel.io_iterator_is_valid(notification));
    assert_eq!(scene.messages().len(), 1, "nothing is armed, and nothing disarmed");
    release(&scene.kernel, notification);
}

#[test]
fn rc_07_the_class_of_a_notification() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 0);
    let class = scene.kernel.io_object_copy_class(notification);
    assert_eq!(class.as_deref(), Some(c"IOServiceMessageUserNotification"));
    for class in [c"IOUserNotification", c"OSIterator", c"OSObject"] {
        assert!(scene.kernel.io_object_conforms_to(notification, class), "{class:?}");
    }
    assert!(!scene.kernel.io_object_conforms_to(notification, c"IOService"));
    release(&scene.kernel, notification);
}

#[test]
fn nt_13_each_event_is_a_message_however_many_wait() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 1);
    assert_eq!(scene.messages(), [], "nothing is sent for how things are");
    for argument in 0..20 {
        scene.tell("Leaf", PROPERTY_CHANGE, argument);
    }
    assert_eq!(scene.world.command("queued_messages", &[scene.port().into()]), 20);
    assert_eq!(scene.messages(), Vec::from_iter((0..20).map(|argument| (1, PROPERTY_CHANGE, argument))));
    release(&scene.kernel, notification);
}

#[test]
fn nt_13_a_service_tells_its_own_notifications_alone() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 1);
    let busy = scene.watch("Leaf", BUSY, 2);
    scene.tell("Device", PROPERTY_CHANGE, 0);
    assert_eq!(scene.messages(), []);
    scene.tell("Leaf", PROPERTY_CHANGE, 5);
    assert_eq!(scene.messages(), [(1, PROPERTY_CHANGE, 5)]);
    release(&scene.kernel, notification);
    release(&scene.kernel, busy);
}

#[test]
fn nt_13_a_message_wakes_who_waits_for_it() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 1);
    let (kernel, port) = (scene.kernel.clone(), scene.port());
    std::thread::scope(|scope| {
        let receiver = scope.spawn(move || {
            let mut bytes = Vec::new();
            (kernel.mach_msg_receive(port, &mut bytes, 1024, None), InterestMessage { bytes })
        });
        assert_eq!(scene.world.command("wait_until_blocked", &[1]), 1);
        scene.tell("Leaf", PROPERTY_CHANGE, 5);
        let (code, message) = receiver.join().unwrap();
        assert_eq!((code, message.value()), (IoReturn::SUCCESS, 5));
        scene.discard(&message);
    });
    release(&scene.kernel, notification);
}

#[test]
fn rc_06_a_notification_goes_with_its_last_reference_and_its_right_to_the_port_too() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 1);
    assert_eq!(references(&scene.kernel, notification), (1, 0));
    assert_eq!(scene.world.send_rights(scene.port()), 1);
    assert_eq!(scene.kernel.io_object_retain(notification), IoReturn::SUCCESS);
    release(&scene.kernel, notification);
    scene.tell("Leaf", PROPERTY_CHANGE, 1);
    assert_eq!(scene.messages(), [(1, PROPERTY_CHANGE, 1)]);

    release(&scene.kernel, notification);
    assert!(!is_known(&scene.kernel, notification));
    assert_eq!(scene.world.send_rights(scene.port()), 0);
    scene.tell("Leaf", PROPERTY_CHANGE, 2);
    assert_eq!(scene.messages(), []);
}

#[test]
fn rc_06_a_message_that_waits_keeps_its_notification_as_09_and_says_that_nobody_wants_it() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 1);
    scene.tell("Leaf", PROPERTY_CHANGE, 1);
    scene.tell("Leaf", PROPERTY_CHANGE, 2);

    let message = scene.receive().unwrap();
    assert_eq!(message.remote_port(), notification);
    assert_eq!(references(&scene.kernel, notification), (2, 0), "the owner's and the message's");
    scene.discard(&message);

    release(&scene.kernel, notification);
    assert_eq!(scene.world.send_rights(scene.port()), 1);
    scene.tell("Leaf", PROPERTY_CHANGE, 3);
    for argument in [2, 3] {
        let message = scene.receive().unwrap();
        assert_eq!(message.value(), argument);
        assert_eq!(references(&scene.kernel, message.remote_port()), (1, 0), "the message's alone");
        scene.discard(&message);
    }
    // Nothing held it between the last two lines.
    assert_eq!(scene.world.send_rights(scene.port()), 0);
    scene.tell("Leaf", PROPERTY_CHANGE, 4);
    assert_eq!(scene.messages(), []);
}

#[test]
fn as_14_a_notification_outlives_its_port() {
    let mut scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 1);
    scene.tell("Leaf", PROPERTY_CHANGE, 1);
    scene.listener.destroy_port();
    assert_eq!(references(&scene.kernel, notification), (1, 0));
    scene.tell("Leaf", PROPERTY_CHANGE, 2);
    let class = scene.kernel.io_object_copy_class(notification);
    assert_eq!(class.as_deref(), Some(c"IOServiceMessageUserNotification"));
    release(&scene.kernel, notification);
    assert!(!is_known(&scene.kernel, notification));
}

#[test]
fn rc_06_a_notification_does_not_keep_its_service() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 1);
    let leaf = scene.id("Leaf");
    scene.terminate("Leaf");
    assert_eq!(scene.messages(), [(1, TERMINATED, 1)]);
    let tell = || scene.world.command("message_clients", &[leaf, PROPERTY_CHANGE.into(), 0]);
    assert_eq!(tell(), 0, "the service is no more");
    release(&scene.kernel, notification);
    assert_eq!(scene.world.send_rights(scene.port()), 0);
}

// ---- NT-14, NT-15, AS-11, AS-12: the message ----

#[test]
fn nt_14_every_field_of_the_message() {
    let scene = Scene::boot();
    let leaf = service(&scene.kernel, "Leaf");
    let notification = scene.add(leaf, GENERAL, 0x2222).unwrap();
    scene.tell("Leaf", PROPERTY_CHANGE, 0x1234_5678_9abc_def0);
    let message = scene.receive().unwrap();

    const COMPLEX: u32 = 0x8000_0000;
    const SEND: u32 = 17;
    assert_eq!(message.bytes.len(), 124);
    assert_eq!(message.word(0), COMPLEX | SEND << 8 | SEND);
    assert_eq!(message.word(4), 124, "msgh_size");
    assert_eq!((message.word(8), message.word(12)), (notification, scene.port()));
    assert_eq!((message.word(16), message.word(20)), (0, 53), "no voucher; the id");
    assert_eq!(message.word(24), 1, "one descriptor");
    assert_eq!(message.word(28), leaf);
    assert_eq!(message.word(36) >> 16, SEND, "a port descriptor's type is 0");
    assert_eq!((message.word(40), message.word(44)), (76, 160));
    let reference = [0, CALLBACK as u64, 0x2222, leaf.into(), 0, 0, 0, 0];
    assert_eq!(Vec::from_iter((0..8).map(|slot| message.reference(slot))), reference);
    assert_eq!(message.message_type(), PROPERTY_CHANGE);
    assert_eq!(message.argument(), 0x1234_5678_9abc_def0u64.to_ne_bytes());

    // AS-12: the service is the receiver's.
    assert_eq!(references(&scene.kernel, leaf), (2, 0));
    scene.discard(&message);
    release(&scene.kernel, notification);
    release(&scene.kernel, leaf);
}

#[test]
fn nt_14_a_structure_is_cut_at_64_bytes_and_padded_to_4_as_11_with_its_odd_bytes_in_the_type() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 0);
    let leaf = scene.id("Leaf");
    for size in [1_u32, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 62, 63, 64, 65, 200] {
        let told = ["message_clients_bytes"]
            .map(|command| scene.world.command(command, &[leaf, PROPERTY_CHANGE.into(), size.into()]));
        assert_eq!(told, [1]);
        let message = scene.receive().unwrap();
        let kept = size.min(64);
        let padded = kept.next_multiple_of(4);
        assert_eq!((message.bytes.len() as u32, message.word(4)), (116 + padded, 116 + padded));
        assert_eq!((message.word(40), message.word(44)), (76, 160 | (kept & 3) << 30), "{size} bytes");
        let (argument, padding) = message.argument().split_at(kept as usize);
        assert_eq!(argument, Vec::from_iter(1..=kept as u8));
        assert!(padding.iter().all(|&byte| byte == 0));
        scene.discard(&message);
    }
    release(&scene.kernel, notification);
}

#[test]
fn nt_20_every_message_goes_by_its_code_and_unknown_ones_too() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 1);
    let of_a_family = 0xe3ff_8001;
    for message in [TERMINATED, PROPERTY_CHANGE, MessageType::SYSTEM_WILL_SLEEP.0, of_a_family] {
        scene.tell("Leaf", message, 7);
        assert_eq!(scene.messages(), [(1, message, 7)]);
    }
    release(&scene.kernel, notification);
}

#[test]
fn cn_02_a_header_has_72_bytes_and_the_number_of_notifications() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 1);
    scene.tell("Leaf", PROPERTY_CHANGE, 0);
    let message = scene.receive().unwrap();
    // The Mach header, the count of descriptors, one of those; and after the notification's header type and argument.
    assert_eq!(message.bytes.len(), 24 + 4 + 12 + 72 + 4 + 8);
    assert_eq!(message.word(20), 53);
    scene.discard(&message);
    release(&scene.kernel, notification);
}

#[test]
fn nt_15_what_is_no_structure_is_64_bits() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 0);
    let leaf = scene.id("Leaf");
    for value in [0, 1, u64::MAX] {
        scene.tell("Leaf", PROPERTY_CHANGE, value);
        assert_eq!(scene.messages(), [(0, PROPERTY_CHANGE, value)]);
    }
    scene.world.command("message_clients_bytes", &[leaf, PROPERTY_CHANGE.into(), 0]);
    assert_eq!(scene.messages(), [(0, PROPERTY_CHANGE, 0)]);
    release(&scene.kernel, notification);
}

#[test]
fn nt_15_the_question_for_a_clients_name_stays_in_the_kernel() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 0);
    let (connect, _) = scene.connect("Leaf", character::PLAIN);
    scene.tell("Leaf", MessageType::COPY_CLIENT_ID.0, 0);
    assert_eq!(scene.messages(), []);
    assert_eq!(scene.world.journal(), ["kIOMessageCopyClientID(0) Leaf 1"]);
    close(&scene.kernel, connect);
    release(&scene.kernel, notification);
}

// ---- NT-16: the order ----

#[test]
fn nt_16_user_clients_are_told_first_in_the_order_in_which_they_were_attached() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 0);
    let (first, _) = scene.connect("Leaf", character::PLAIN);
    let (second, _) = scene.connect("Leaf", character::PLAIN);
    scene.tell("Leaf", ECHO, 5);
    let told = |message: u32, client| format!("MessageType({message:#x})(5) Leaf {client}");
    assert_eq!(
        scene.world.journal(),
        [told(ECHO, 1), told(ECHOED, 1), told(ECHOED, 2), told(ECHO, 2), told(ECHOED, 1), told(ECHOED, 2),]
    );
    // Tasks hear of the original after all user clients have echoed it.
    assert_eq!(scene.messages(), [(0, ECHOED, 5), (0, ECHOED, 5), (0, ECHO, 5)]);
    close(&scene.kernel, first);
    close(&scene.kernel, second);
    release(&scene.kernel, notification);
}

#[test]
fn nt_16_notifications_are_sent_in_the_order_in_which_they_were_registered() {
    let scene = Scene::boot();
    let [first, second, third] = [1, 2, 3].map(|refcon| scene.watch("Leaf", GENERAL, refcon));
    release(&scene.kernel, second);
    let fourth = scene.watch("Leaf", GENERAL, 4);
    scene.tell("Leaf", PROPERTY_CHANGE, 0);
    let told = scene.messages();
    assert_eq!(Vec::from_iter(told.iter().map(|&(refcon, ..)| refcon)), [1, 3, 4]);
    for notification in [first, third, fourth] {
        release(&scene.kernel, notification);
    }
}

// ---- NT-17, TERM-12: open and close ----

#[test]
fn nt_17_all_but_the_opener_hear_of_an_attempt_and_of_a_close() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 0);
    let (opener, _) = scene.connect("Leaf", character::PLAIN);
    let (other, _) = scene.connect("Leaf", character::PLAIN);
    assert_eq!(scene.call(opener, selector::OPEN_PROVIDER, 6), 1);
    assert_eq!(scene.messages(), [(0, ATTEMPTING_OPEN, 6)]);
    scene.call(opener, selector::CLOSE_PROVIDER, 4);
    assert_eq!(scene.messages(), [(0, WAS_CLOSED, 4)]);
    let heard = ["kIOMessageServiceIsAttemptingOpen(6) Leaf 2", "kIOMessageServiceWasClosed(4) Leaf 2"];
    assert_eq!(scene.world.journal(), heard);
    close(&scene.kernel, opener);
    close(&scene.kernel, other);
    release(&scene.kernel, notification);
}

#[test]
fn nt_17_an_open_that_fails_is_announced_too_but_no_close_of_what_is_not_open() {
    let scene = Scene::boot();
    let (device, leaf) = (scene.id("Device"), scene.id("Leaf"));
    let notification = scene.watch("Device", GENERAL, 0);
    let (connect, client) = scene.connect("Device", character::PLAIN);
    assert!(scene.open_service(device, leaf, 0));
    assert!(!scene.open_service(device, client, 0));
    assert_eq!(scene.messages(), [(0, ATTEMPTING_OPEN, 0); 2]);
    scene.close_service(device, client, 0);
    assert_eq!(scene.messages(), [], "it is another's");
    scene.close_service(device, leaf, 0);
    assert_eq!(scene.messages(), [(0, WAS_CLOSED, 0)]);
    scene.close_service(device, leaf, 0);
    assert_eq!(scene.messages(), []);
    close(&scene.kernel, connect);
    release(&scene.kernel, notification);
}

#[test]
fn term_12_a_service_has_one_opener_and_is_not_open_to_it_twice() {
    let scene = Scene::boot();
    let (device, leaf) = (scene.id("Device"), scene.id("Leaf"));
    let (connect, client) = scene.connect("Device", character::CLOSES);
    assert!(scene.open_service(device, client, 0));
    assert!(!scene.open_service(device, client, 0));
    assert!(!scene.open_service(device, leaf, 0));
    scene.close_service(device, client, 0);
    assert!(scene.open_service(device, leaf, 0));
    scene.close_service(device, leaf, 0);
    close(&scene.kernel, connect);
}

#[test]
fn term_12_an_inactive_service_does_not_open() {
    let scene = Scene::boot();
    let (leaf, bus) = (scene.id("Leaf"), scene.id("Bus"));
    let kept = scene.terminate_and_keep("Leaf");
    assert!(!scene.open_service(leaf, bus, 0));
    assert!(!scene.open_service(leaf, bus, SERVICE_SEIZE));
    release(&scene.kernel, kept);
}

/// Opens `Device` for a user client of a character, has `Leaf` seize it, and asks whether it is `Leaf`'s now, and whether
/// it is anybody's.
fn seize(scene: &Scene, character: u32) -> (bool, bool) {
    let (device, leaf) = (scene.id("Device"), scene.id("Leaf"));
    let (connect, client) = scene.connect("Device", character);
    let (bystander, _) = scene.connect("Device", character::CLOSES);
    assert!(scene.open_service(device, client, 0));
    let notification = scene.watch("Device", GENERAL, 0);
    let seized = scene.open_service(device, leaf, SERVICE_SEIZE);

    // Nobody but the holder is asked.
    let heard = scene.world.journal();
    let asked = heard.iter().filter(|line| line.contains("RequestingClose"));
    let seize = u64::from(SERVICE_SEIZE);
    assert_eq!(asked.collect::<Vec<_>>(), [&format!("kIOMessageServiceIsRequestingClose({seize}) Device 1")]);
    let closed = matches!(character, character::CLOSES | character::CLOSES_AND_DENIES_IT);
    let told = [(0, ATTEMPTING_OPEN, seize), (0, WAS_CLOSED, 0)];
    assert_eq!(scene.messages(), told[..1 + usize::from(closed)]);

    let taken = !scene.open_service(device, scene.id("Bus"), 0);
    [client, leaf, scene.id("Bus")].into_iter().for_each(|client| scene.close_service(device, client, 0));
    scene.messages();
    release(&scene.kernel, notification);
    close(&scene.kernel, connect);
    close(&scene.kernel, bystander);
    (seized, taken)
}

#[test]
fn term_12_a_holder_that_closes_and_says_so_loses_the_service() {
    assert_eq!(seize(&Scene::boot(), character::CLOSES), (true, true));
}

#[test]
fn term_12_a_holder_that_refuses_keeps_the_service() {
    assert_eq!(seize(&Scene::boot(), character::PLAIN), (false, true));
}

#[test]
fn term_12_a_holder_that_says_so_and_does_not_close_keeps_the_service() {
    assert_eq!(seize(&Scene::boot(), character::PROMISES_TO_CLOSE), (false, true));
}

#[test]
fn term_12_a_holder_that_closes_and_denies_it_leaves_the_service_to_nobody() {
    assert_eq!(seize(&Scene::boot(), character::CLOSES_AND_DENIES_IT), (false, false));
}

#[test]
fn term_12_a_holder_without_a_driver_keeps_the_service() {
    let scene = Scene::boot();
    let (device, leaf) = (scene.id("Device"), scene.id("Leaf"));
    let (connect, client) = scene.connect("Device", character::PLAIN);
    assert!(scene.open_service(device, leaf, 0));
    assert!(!scene.open_service(device, client, SERVICE_SEIZE));
    scene.close_service(device, leaf, 0);
    close(&scene.kernel, connect);
}

#[test]
fn term_12_a_holder_that_panics_keeps_the_service() {
    let scene = Scene::on(World::boot("interest").unchecked());
    assert_eq!(seize(&scene, character::PANICS), (false, true));
    assert_eq!(scene.world.misuses(), ["a driver panicked in message"]);
}

#[test]
fn term_10_who_ends_with_its_provider_open_closes_it() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 0);
    let (connect, _) = scene.connect("Leaf", character::PLAIN);
    let (other, _) = scene.connect("Leaf", character::PLAIN);
    assert_eq!(scene.call(connect, selector::OPEN_PROVIDER, 0), 1);
    close(&scene.kernel, connect);
    assert_eq!(scene.messages(), [(0, ATTEMPTING_OPEN, 0), (0, WAS_CLOSED, 0)]);
    let heard = scene.world.journal();
    assert_eq!(
        heard,
        [
            "kIOMessageServiceIsAttemptingOpen(0) Leaf 2",
            "finalize Leaf 1",
            "stop Leaf 1",
            "kIOMessageServiceWasClosed(0) Leaf 2",
        ],
        "the provider stays, so nobody is asked to close"
    );
    assert_eq!(scene.call(other, selector::OPEN_PROVIDER, 0), 1);
    close(&scene.kernel, other);
    release(&scene.kernel, notification);
}

// ---- NT-17, NT-19, TERM-9, TERM-13: termination ----

#[test]
fn nt_17_a_termination_tells_its_options() {
    for (command, options) in [("terminate", 1), ("terminate_synchronously", 7)] {
        let scene = Scene::boot();
        let notification = scene.watch("Leaf", GENERAL, 0);
        let (connect, _) = scene.connect("Leaf", character::PLAIN);
        assert_eq!(scene.world.command(command, &[scene.id("Leaf")]), 1);
        assert_eq!(scene.messages(), [(0, TERMINATED, options)]);
        let heard = format!("kIOMessageServiceIsTerminated({options}) Leaf 1");
        assert_eq!(scene.world.journal()[1], heard);
        release(&scene.kernel, connect);
        release(&scene.kernel, notification);
    }
}

#[test]
fn nt_19_clients_come_before_providers_term_09_and_each_hears_of_it_before_its_clients_are_told() {
    let scene = Scene::boot();
    let notifications = ["Bus", "Device", "Leaf"].map(|class| scene.watch(class, GENERAL, class.len()));
    let connections = ["Bus", "Leaf"].map(|class| scene.connect(class, character::PLAIN).0);
    scene.terminate("Bus");
    assert_eq!(scene.messages(), ["Leaf", "Device", "Bus"].map(|class| (class.len() as u64, TERMINATED, 1)));
    assert_eq!(
        scene.world.journal(),
        [
            "willTerminate Bus 1",
            "willTerminate Leaf 1",
            "kIOMessageServiceIsTerminated(1) Leaf 1",
            "didTerminate Leaf 1",
            "kIOMessageServiceIsTerminated(1) Bus 1",
            "didTerminate Bus 1",
            "finalize Leaf 1",
            "finalize Bus 1",
            "stop Leaf 1",
            "stop Bus 1",
        ]
    );
    connections.into_iter().chain(notifications).for_each(|name| release(&scene.kernel, name));
}

#[test]
fn term_13_the_message_of_its_end_brings_a_new_name_for_the_service() {
    let scene = Scene::boot();
    let dead = service(&scene.kernel, "Leaf");
    let entry = id(&scene.kernel, dead);
    let notification = scene.add(dead, GENERAL, 0).unwrap();
    scene.tell("Leaf", PROPERTY_CHANGE, 0);
    terminate(&scene.world, dead);
    assert_eq!(references(&scene.kernel, dead), (0, 1));

    // What was sent before carries a right that has died on its way.
    let before = scene.receive().unwrap();
    assert_eq!(before.service(), DEAD);
    scene.discard(&before);

    let message = scene.receive().unwrap();
    assert_eq!(message.message_type(), TERMINATED);
    let fresh = message.service();
    assert_ne!(fresh, dead);
    assert_eq!(message.reference(3), dead.into());
    assert_eq!(references(&scene.kernel, fresh), (1, 0));
    assert_eq!(id(&scene.kernel, fresh), entry);
    assert_eq!(scene.messages(), [], "and that is the last of it");

    // Registered still: what the service has to say is heard.
    assert_eq!(scene.world.command("message_clients", &[entry, PROPERTY_CHANGE.into(), 3]), 1);
    assert_eq!(scene.messages(), [(0, PROPERTY_CHANGE, 3)]);
    scene.discard(&message);
    release(&scene.kernel, dead);
    release(&scene.kernel, notification);
}

#[test]
fn term_09_a_client_that_has_its_provider_open_is_asked_to_close_it() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 0);
    let (connect, _) = scene.connect("Leaf", character::CLOSES);
    assert_eq!(scene.call(connect, selector::OPEN_PROVIDER, 0), 1);
    let leaf = scene.id("Leaf");
    scene.terminate("Leaf");
    assert_eq!(scene.busy(leaf), 0);
    assert_eq!(
        scene.world.journal()[2..],
        [
            "didTerminate Leaf 1",
            "kIOMessageServiceIsRequestingClose(1) Leaf 1",
            "finalize Leaf 1",
            "stop Leaf 1"
        ]
    );
    // A close that a termination waits for is not told of (NT-17).
    assert_eq!(scene.messages(), [(0, ATTEMPTING_OPEN, 0), (0, TERMINATED, 1)]);
    release(&scene.kernel, connect);
    release(&scene.kernel, notification);
}

#[test]
fn term_09_a_client_that_keeps_its_provider_open_stalls_the_termination_until_it_closes() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 0);
    let (holder, client) = scene.connect("Leaf", character::PLAIN);
    let (other, _) = scene.connect("Leaf", character::PLAIN);
    assert_eq!(scene.call(holder, selector::OPEN_PROVIDER, 0), 1);
    let leaf = scene.id("Leaf");
    scene.terminate("Leaf");
    assert!(scene.busy(leaf) > 0);
    let heard = scene.world.journal();
    assert_eq!(
        heard[heard.len() - 3..],
        ["finalize Leaf 2", "finalize Leaf 1", "stop Leaf 2"],
        "its own end has come as far as it can, and another's all the way"
    );
    assert_eq!(scene.messages().len(), 2);

    scene.close_service(leaf, client, 0);
    assert_eq!(scene.world.journal()[heard.len()..], ["stop Leaf 1"]);
    assert_eq!((scene.busy(leaf), scene.messages()), (0, vec![]));
    for name in [holder, other, notification] {
        release(&scene.kernel, name);
    }
}

#[test]
fn term_09_a_synchronous_termination_waits_for_the_close() {
    let scene = Scene::boot();
    scene.world.command("freeze_clock", &[]);
    let (connect, client) = scene.connect("Leaf", character::PLAIN);
    assert_eq!(scene.call(connect, selector::OPEN_PROVIDER, 0), 1);
    let leaf = scene.id("Leaf");
    std::thread::scope(|scope| {
        let terminator = scope.spawn(|| scene.world.command("terminate_synchronously", &[leaf]));
        assert_eq!(scene.world.command("wait_until_blocked", &[1]), 1);
        scene.close_service(leaf, client, 0);
        assert_eq!(terminator.join().unwrap(), 1);
    });
    assert_eq!(scene.world.journal().last().map(String::as_str), Some("stop Leaf 1"));
    release(&scene.kernel, connect);
}

#[test]
fn term_09_a_service_that_keeps_its_provider_open_stalls_the_termination_too() {
    let scene = Scene::boot();
    let (device, leaf) = (scene.id("Device"), scene.id("Leaf"));
    assert!(scene.open_service(device, leaf, 0));
    scene.terminate("Device");
    assert!(scene.busy(device) > 0 && scene.busy(leaf) > 0);
    scene.close_service(device, leaf, 0);
    assert_eq!((scene.busy(device), scene.busy(leaf), scene.busy(scene.id("Bus"))), (0, 0, 0));
}

#[test]
fn term_09_a_service_that_stays_keeps_a_provider_that_goes_until_it_closes() {
    let scene = Scene::boot();
    let (bus, bridge) = (scene.id("Bus"), scene.id("Bridge"));
    assert!(scene.open_service(bus, bridge, 0));
    let parent_of_bridge = || {
        let name = service(&scene.kernel, "Bridge");
        let mut parent = NULL;
        let code = scene.kernel.io_registry_entry_get_parent_entry(name, c"IOService", &mut parent);
        assert_eq!(code, IoReturn::SUCCESS);
        let id = id(&scene.kernel, parent);
        release(&scene.kernel, name);
        release(&scene.kernel, parent);
        id
    };
    scene.terminate("Bus");
    assert_eq!(parent_of_bridge(), bus);
    assert!(scene.busy(bus) > 0);
    scene.close_service(bus, bridge, 0);
    assert_eq!((parent_of_bridge(), scene.busy(bus)), (scene.id("Hub"), 0));
}

#[test]
fn nt_08_whoever_comes_goes_and_tells_at_the_same_time_nothing_is_left() {
    const ROUNDS: u64 = if cfg!(miri) { 5 } else { 200 };
    let scene = Scene::boot();
    let leaf = scene.id("Leaf");
    let world = &scene.world;
    let (connect, client) = scene.connect("Leaf", character::CLOSES);
    std::thread::scope(|scope| {
        for command in ["open_service", "message_clients"] {
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    world.command(command, &[leaf, client, round]);
                }
            });
        }
        // Each has a port of its own, so that nobody receives another's message.
        for _ in 0..2 {
            scope.spawn(move || {
                let listener = Listener::new(world.kernel());
                for _ in 0..ROUNDS {
                    let notification = listener.watch("Leaf", GENERAL, 0);
                    if let Some(message) = listener.receive() {
                        listener.discard(&message);
                    }
                    release(&listener.kernel, notification);
                }
            });
        }
    });
    scene.terminate("Leaf");
    assert_eq!(scene.busy(leaf), 0);
    release(&scene.kernel, connect);
}

// ---- NT-18: busy ----

#[test]
fn nt_18_becoming_busy_and_quiet_is_told_up_to_the_root() {
    let scene = Scene::boot();
    let platform = service(&scene.kernel, "IOPlatformExpertDevice");
    let notifications =
        [scene.watch("Leaf", BUSY, 1), scene.watch("Device", BUSY, 2), scene.add(platform, BUSY, 3).unwrap()];
    let general = scene.watch("Leaf", GENERAL, 4);
    assert_eq!(scene.messages(), []);
    scene.world.command("start_matching", &[scene.id("Leaf")]);
    assert_eq!(scene.messages(), [1, 2, 3].map(|refcon| (refcon, BUSY_STATE_CHANGE, 1)));
    scene.world.command("finish_matching", &[]);
    assert_eq!(scene.messages(), [1, 2, 3].map(|refcon| (refcon, BUSY_STATE_CHANGE, 0)));
    notifications.into_iter().chain([general, platform]).for_each(|name| release(&scene.kernel, name));
}

#[test]
fn nt_18_only_crossings_are_told() {
    let scene = Scene::boot();
    let notification = scene.watch("Device", BUSY, 1);
    scene.world.command("start_matching", &[scene.id("Device")]);
    assert_eq!(scene.messages(), [(1, BUSY_STATE_CHANGE, 1)]);
    // It is busy with a client of its own meanwhile.
    scene.terminate("Leaf");
    assert_eq!(scene.messages(), []);
    scene.world.command("finish_matching", &[]);
    assert_eq!(scene.messages(), [(1, BUSY_STATE_CHANGE, 0)]);
    release(&scene.kernel, notification);
}

#[test]
fn nt_18_a_terminated_service_is_busy_until_it_is_detached() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", BUSY, 1);
    let kept = scene.terminate_and_keep("Leaf");
    assert_eq!(scene.messages(), [(1, BUSY_STATE_CHANGE, 1), (1, BUSY_STATE_CHANGE, 0)]);
    release(&scene.kernel, kept);
    release(&scene.kernel, notification);
}

// ---- NT-12, NT-20: power and console ----

#[test]
fn nt_12_each_kind_of_interest_hears_of_its_own_alone() {
    let scene = Scene::on(World::boot("hotplug"));
    let bus = scene.id("Bus");
    let kinds = [
        GENERAL,
        BUSY,
        c"IOAppPowerStateInterest",
        c"IOPriorityPowerStateInterest",
        c"IOConsoleSecurityInterest",
    ];
    let notifications: Vec<_> =
        kinds.iter().enumerate().map(|(refcon, kind)| scene.watch("Bus", kind, refcon)).collect();
    for kind in 0..5 {
        let message = [bus, kind, 0xe000_0280 + kind, 1000 + kind];
        assert_eq!(scene.world.command("message_interested", &message), 1);
        assert_eq!(scene.messages(), [(kind, 0xe000_0280 + kind as u32, 1000 + kind)]);
    }
    // So does whoever uses the service: what is said to its clients is of general interest.
    assert_eq!(
        scene.world.command("message_interested", &[bus + 100, 0, 0, 0]),
        0,
        "there is no such service"
    );
    notifications.into_iter().for_each(|name| release(&scene.kernel, name));
}

#[test]
fn nt_20_messages_have_the_codes_of_iokit() {
    let scene = Scene::boot();
    let notification = scene.watch("Leaf", GENERAL, 1);
    for (message, code) in [
        (MessageType::SERVICE_IS_TERMINATED, 0xe000_0010),
        (MessageType::SERVICE_IS_SUSPENDED, 0xe000_0020),
        (MessageType::SERVICE_IS_RESUMED, 0xe000_0030),
        (MessageType::SERVICE_IS_REQUESTING_CLOSE, 0xe000_0100),
        (MessageType::SERVICE_IS_ATTEMPTING_OPEN, 0xe000_0101),
        (MessageType::SERVICE_WAS_CLOSED, 0xe000_0110),
        (MessageType::SERVICE_BUSY_STATE_CHANGE, 0xe000_0120),
        (MessageType::CONSOLE_SECURITY_CHANGE, 0xe000_0128),
        (MessageType::SERVICE_PROPERTY_CHANGE, 0xe000_0130),
    ] {
        scene.tell("Leaf", message.0, 5);
        assert_eq!(scene.messages(), [(1, code, 5)]);
    }
    release(&scene.kernel, notification);
}
