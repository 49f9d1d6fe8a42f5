//! Asynchronous external methods, and the messages that complete them (AS-1 … AS-6).

use crate::raw::{Call, Outcome, open};
use crate::releasing::mach_port_mod_refs;
use crate::steps::{close, references};
use crate::world::World;
use iokit_uc::backend::{Backend, NULL, PortName, PortRight};
use iokit_uc::{IoReturn, Kernel};
use iokit_uc_machines::completions::selector::*;
use std::thread;
use std::time::Duration;

const NOW: Option<Duration> = Some(Duration::ZERO);

/// How many messages a task can send to a port before somebody receives one (CN-2).
const QUEUE_LIMIT: u64 = 5;

/// A connection to a driver that completes calls, and a port for the completions.
struct Caller {
    world: World,
    connect: PortName,
    port: PortName,
}

impl Caller {
    fn of(class: &str) -> Self {
        let world = World::boot("completions");
        let kernel = world.kernel();
        let (connect, mut port) = (open(&kernel, class), NULL);
        assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
        Self { world, connect, port }
    }

    fn new() -> Self {
        Self::of("Completer")
    }

    fn kernel(&self) -> Kernel {
        self.world.kernel()
    }

    fn call(&self, selector: u32, reference: Option<&[u64]>, completion: &[u64]) -> Outcome {
        let call = Call::new(self.kernel(), self.connect, selector).asynchronous(self.port, reference);
        call.scalar_values(completion).send()
    }

    /// A call that is to be completed by the machine.
    #[track_caller]
    fn call_for_later(&self, reference: Option<&[u64]>) {
        self.call(COMPLETE_LATER, reference, &[]).expect_success();
    }

    fn complete(&self, completion: &[u64]) -> IoReturn {
        IoReturn::from_code(self.world.command("complete", completion) as u32)
    }

    fn complete_if_there_is_room(&self, completion: &[u64]) -> IoReturn {
        IoReturn::from_code(self.world.command("complete_if_there_is_room", completion) as u32)
    }

    fn let_go(&self) -> u64 {
        self.world.command("let_go", &[])
    }

    fn queued(&self) -> u64 {
        self.world.command("queued_messages", &[self.port.into()])
    }

    fn send_rights(&self) -> u64 {
        self.world.send_rights(self.port)
    }

    fn receive(&self, limit: usize) -> Result<Vec<u8>, IoReturn> {
        let mut message = vec![0xaa; 3];
        match self.kernel().mach_msg_receive(self.port, &mut message, limit, NOW) {
            IoReturn::SUCCESS => Ok(message),
            code => {
                assert!(message.is_empty(), "a failure leaves nothing");
                Err(code)
            }
        }
    }

    #[track_caller]
    fn completion(&self) -> Completion {
        Completion(self.receive(8192).expect("a message waits"))
    }

    fn close_port(&self) {
        let code = mach_port_mod_refs(&self.kernel(), self.port, PortRight::Receive, -1);
        assert_eq!(code, IoReturn::SUCCESS);
    }

    fn end(self) {
        close(&self.kernel(), self.connect);
        self.close_port();
    }
}

/// A message as received.
struct Completion(Vec<u8>);

impl Completion {
    fn word(&self, offset: usize) -> u32 {
        u32::from_ne_bytes(self.0[offset..offset + 4].try_into().unwrap())
    }

    fn longs(&self, from: usize, to: usize) -> Vec<u64> {
        self.0[from..to].chunks(8).map(|long| u64::from_ne_bytes(long.try_into().unwrap())).collect()
    }

    fn reference(&self) -> Vec<u64> {
        self.longs(32, 96)
    }

    fn result(&self) -> IoReturn {
        IoReturn::from_code(self.word(96))
    }

    fn arguments(&self) -> Vec<u64> {
        self.longs(100, self.0.len() - 4)
    }
}

fn code(code: IoReturn) -> u64 {
    code.code().into()
}

#[test]
fn as_01_no_reference_is_one_word_and_a_reference_of_no_words_is_refused() {
    let caller = Caller::new();
    caller.call(COMPLETE_NOW, None, &[0]).expect_success();
    assert_eq!(caller.completion().reference()[0], 0);
    caller.call(COMPLETE_NOW, Some(&[]), &[0]).expect_failure(IoReturn::BAD_ARGUMENT);
    assert_eq!((caller.queued(), caller.send_rights()), (0, 0));
    caller.end();
}

#[test]
fn as_02_the_right_is_the_drivers_until_it_lets_go_of_the_reference() {
    let caller = Caller::new();
    for calls in 1..=2 {
        caller.call_for_later(None);
        assert_eq!(caller.send_rights(), calls);
    }
    assert_eq!(caller.complete(&[0]), IoReturn::SUCCESS);
    assert_eq!(caller.send_rights(), 2, "completing is not letting go");
    caller.completion();
    assert_eq!(references(&caller.kernel(), caller.port), (0, 0), "a completion brings no right");
    assert_eq!((caller.let_go(), caller.send_rights()), (2, 0));
    caller.end();
}

#[test]
fn as_02_a_method_that_fails_leaves_the_driver_a_dead_reference() {
    let caller = Caller::new();
    caller
        .call(COMPLETE_NOW_AND_FAIL, Some(&[0, 1, 2]), &[code(IoReturn::OFFLINE), 3])
        .expect_failure(IoReturn::BUSY);
    assert_eq!((caller.send_rights(), caller.world.command("dead", &[])), (0, 1));

    // What it sent before it failed is on its way (AS-5).
    let completion = caller.completion();
    assert_eq!((completion.result(), completion.arguments()), (IoReturn::OFFLINE, vec![3]));

    assert_eq!(caller.complete(&[0]), IoReturn::BAD_ARGUMENT);
    assert_eq!(caller.queued(), 0);
    let misuses = caller.world.misuses();
    assert!(matches!(&misuses[..], [misuse] if misuse.contains("send right")), "{misuses:?}");
    let Caller { world, .. } = caller;
    drop(world.unchecked());
}

#[test]
fn as_03_the_reference_comes_back_but_for_slot_0() {
    let caller = Caller::new();
    caller.call(COMPLETE_NOW, Some(&[99, 1, 2, 3, 4, 5, 6, u64::MAX]), &[0]).expect_success();
    assert_eq!(caller.completion().reference(), [0, 1, 2, 3, 4, 5, 6, u64::MAX]);
    caller.call(COMPLETE_NOW, Some(&[99, 7, 8]), &[0]).expect_success();
    // The rest is unspecified.
    assert_eq!(caller.completion().reference()[..3], [0, 7, 8]);
    caller.end();
}

#[test]
fn as_04_a_completion_has_at_most_16_arguments() {
    let caller = Caller::new();
    caller.call_for_later(None);
    let most: Vec<u64> = (0..=16).collect();
    assert_eq!(caller.complete(&most), IoReturn::SUCCESS);
    assert_eq!(caller.complete(&[0; 18]), IoReturn::MESSAGE_TOO_LARGE);
    assert_eq!(caller.completion().arguments(), most[1..]);
    assert_eq!(caller.queued(), 0, "17 are not sent");
    caller.end();
}

#[test]
fn as_04_completions_do_not_mind_the_queues_limit() {
    let caller = Caller::new();
    caller.call_for_later(None);
    for number in 0..3 * QUEUE_LIMIT {
        assert_eq!(caller.complete(&[0, number]), IoReturn::SUCCESS);
    }
    for number in 0..3 * QUEUE_LIMIT {
        assert_eq!(caller.completion().arguments(), [number]);
    }
    caller.end();
}

#[test]
fn as_04_a_completion_that_can_be_dropped_minds_it() {
    let caller = Caller::new();
    caller.call_for_later(None);
    for number in 0..QUEUE_LIMIT {
        assert_eq!(caller.complete_if_there_is_room(&[0, number]), IoReturn::SUCCESS);
    }
    assert_eq!(caller.complete_if_there_is_room(&[0, 99]), IoReturn::MACH_SEND_TIMED_OUT);
    assert_eq!(caller.complete(&[0, 5]), IoReturn::SUCCESS);
    for number in 0..=QUEUE_LIMIT {
        assert_eq!(caller.completion().arguments(), [number]);
    }
    assert_eq!(caller.complete_if_there_is_room(&[0]), IoReturn::SUCCESS);
    caller.end();
}

#[test]
#[cfg_attr(miri, ignore = "many messages")]
fn as_04_a_port_with_65534_messages_takes_no_more() {
    let caller = Caller::new();
    caller.call_for_later(None);
    for _ in 0..65534 {
        assert_eq!(caller.complete(&[0]), IoReturn::SUCCESS);
    }
    assert_eq!(caller.complete(&[0, 1]), IoReturn::MACH_SEND_NO_BUFFER);
    assert_eq!(caller.queued(), 65534);
    caller.completion();
    assert_eq!(caller.complete(&[0, 1]), IoReturn::SUCCESS);
    caller.end();
}

#[test]
fn as_04_a_receiver_that_is_gone_is_success() {
    let caller = Caller::new();
    caller.call_for_later(None);
    caller.close_port();
    assert_eq!(caller.complete(&[0]), IoReturn::SUCCESS);
    assert_eq!(caller.complete_if_there_is_room(&[0]), IoReturn::SUCCESS);
    assert_eq!(caller.let_go(), 1);
    close(&caller.kernel(), caller.connect);
}

#[test]
fn as_05_the_call_returns_the_methods_own_result() {
    let caller = Caller::new();
    caller.call(COMPLETE_NOW, None, &[code(IoReturn::NO_MEDIA)]).expect_success();
    assert_eq!(caller.queued(), 1, "the completion came before the call returned");
    assert_eq!(caller.completion().result(), IoReturn::NO_MEDIA);

    caller.call_for_later(None);
    assert_eq!(caller.receive(8192), Err(IoReturn::MACH_RCV_TIMED_OUT), "nothing comes by itself");
    caller.end();
}

#[test]
fn as_05_one_call_can_be_completed_many_times() {
    let caller = Caller::new();
    caller.call_for_later(Some(&[0, 11, 12]));
    for number in 0..3 {
        assert_eq!(caller.complete(&[code(IoReturn::SUCCESS), number]), IoReturn::SUCCESS);
        let completion = caller.completion();
        assert_eq!((&completion.reference()[1..3], completion.arguments()), (&[11, 12][..], vec![number]));
    }
    caller.end();
}

#[test]
fn as_06_the_message_of_a_completion() {
    let caller = Caller::new();
    for count in [0, 1, 2, 3, 16] {
        let arguments: Vec<u64> = (0..count).map(|index| 0x1111_2222_3333_0000 + index).collect();
        let completion = [&[code(IoReturn::BUSY)], &arguments[..]].concat();
        caller.call_for_later(Some(&[9, 0x1111, 0x2222]));
        assert_eq!(caller.complete(&completion), IoReturn::SUCCESS);
        let message = caller.completion();
        let size = 104 + 8 * count as u32;
        assert_eq!(message.0.len(), size as usize);
        // Simple: `MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND)`, no voucher, no port to answer to.
        let header: Vec<u32> = (0..6).map(|word| message.word(4 * word)).collect();
        assert_eq!(header, [17 << 8, size, NULL, caller.port, NULL, 53]);
        assert_eq!((message.word(24), message.word(28)), (4 + 8 * count as u32, 150));
        assert_eq!(message.reference()[..3], [0, 0x1111, 0x2222]);
        assert_eq!((message.result(), message.arguments()), (IoReturn::BUSY, arguments));
        caller.let_go();
    }
    caller.end();
}

#[test]
fn a_completion_that_is_larger_than_the_limit_is_lost() {
    let caller = Caller::new();
    for limit in [103, 0] {
        caller.call(COMPLETE_NOW, None, &[0]).expect_success();
        assert_eq!(caller.receive(limit), Err(IoReturn::MACH_RCV_TOO_LARGE));
        assert_eq!(caller.queued(), 0);
    }
    caller.call(COMPLETE_NOW, None, &[0]).expect_success();
    assert_eq!(caller.receive(104).map(|message| message.len()), Ok(104));
    caller.end();
}

#[test]
fn a_receiver_waits_for_the_completion_or_the_end_of_its_port() {
    let caller = Caller::new();
    caller.call_for_later(None);
    let (kernel, port) = (caller.kernel(), caller.port);
    let receive = || {
        let mut message = Vec::new();
        (kernel.mach_msg_receive(port, &mut message, 8192, None), message.len())
    };
    thread::scope(|scope| {
        let receiver = scope.spawn(receive);
        assert_eq!(caller.world.command("wait_until_blocked", &[1]), 1);
        caller.complete(&[0]);
        assert_eq!(receiver.join().unwrap(), (IoReturn::SUCCESS, 104));

        let receiver = scope.spawn(receive);
        assert_eq!(caller.world.command("wait_until_blocked", &[1]), 1);
        caller.close_port();
        assert_eq!(receiver.join().unwrap(), (IoReturn::MACH_RCV_PORT_DIED, 0));
    });
    caller.let_go();
    close(&kernel, caller.connect);
}

#[test]
fn em_29_a_legacy_method_cannot_complete_its_call() {
    let caller = Caller::of("LegacyCompleter");
    let call = Call::new(caller.kernel(), caller.connect, LEGACY_COMPLETE).scalar_capacity(1);
    let outcome = call.asynchronous(caller.port, Some(&[0, 1, 2])).send().expect_success();
    assert_eq!(outcome.scalars, [code(IoReturn::BAD_ARGUMENT)]);
    assert_eq!(caller.queued(), 0);
    assert_eq!(caller.send_rights(), 1, "nobody can give the right back");

    caller.call(LEGACY_FAIL, None, &[]).expect_failure(IoReturn::BUSY);
    assert_eq!(caller.send_rights(), 1, "the kernel has taken this one back");

    let misuses = caller.world.misuses();
    assert!(matches!(&misuses[..], [misuse] if misuse.contains("legacy")), "{misuses:?}");
    let Caller { world, connect, .. } = caller;
    close(&world.kernel(), connect);
    drop(world.unchecked());
}
