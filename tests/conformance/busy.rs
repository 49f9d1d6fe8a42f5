//! Busy states: BQ-1 … BQ-7, and NT-18 as far as it takes a driver's own changes.

use crate::listener::Listener;
use crate::steps::{children, dead_name, id, release, service, terminate};
use crate::world::World;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, MachTimespec, NULL, PortName};
use iokit_uc::interface::MessageType;
use iokit_uc::{IoReturn, Kernel, Value};

const DEVICE: u64 = 0;

/// How often a wait of 41 seconds or more is made.
const ATTEMPTS: u64 = if cfg!(target_arch = "x86_64") { 4 } else { 1 };

/// A machine with a device on a bus, and what a task knows them by.
struct Scene {
    world: World,
    kernel: Kernel,
    device: u64,
    bus: u64,
}

impl Scene {
    fn boot() -> Self {
        let world = World::boot("hotplug");
        let kernel = world.kernel();
        let device = world.command("plug", &[DEVICE]);
        let name = service(&kernel, "Bus");
        let bus = id(&kernel, name);
        release(&kernel, name);
        Self { world, kernel, device, bus }
    }

    fn adjust(&self, service: u64, delta: i32) {
        assert_eq!(self.world.command("adjust_busy", &[service, delta as u64]), 1);
    }

    fn busy(&self, service: u64) -> u64 {
        self.world.command("busy", &[service])
    }

    /// The counts of the device, the bus, and the whole registry.
    fn counts(&self) -> [u64; 3] {
        let mut all = 9;
        assert_eq!(self.kernel.io_kit_get_busy_state(MAIN_PORT_DEFAULT, &mut all), IoReturn::SUCCESS);
        [self.busy(self.device), self.busy(self.bus), all.into()]
    }

    fn named(&self, class: &str) -> PortName {
        service(&self.kernel, class)
    }

    /// For how many nanoseconds a service has been busy.
    fn nanoseconds(&self, service: PortName) -> u64 {
        let mut accumulated = u64::MAX;
        let code = self.kernel.io_service_get_busy_state_and_time(service, &mut 0, &mut 0, &mut accumulated);
        assert_eq!(code, IoReturn::SUCCESS);
        accumulated
    }

    /// Waits on a thread of its own while time passes in steps of so many seconds, as many as are said, and says how many steps
    /// it took until the wait was over.
    fn wait_for(&self, step: u64, steps: u64, wait: impl Fn() -> IoReturn + Send) -> (IoReturn, u64) {
        std::thread::scope(|scope| {
            let waiter = scope.spawn(wait);
            for _ in 0..steps {
                // It waits, with all that it needs to know of the time.
                assert_eq!(self.world.command("wait_until_blocked", &[1]), 1);
                self.world.command("advance", &[step]);
            }
            (waiter.join().unwrap(), steps)
        })
    }
}

fn seconds(seconds: u32) -> Option<MachTimespec> {
    Some(MachTimespec { seconds, nanoseconds: 0 })
}

// ---- BQ-1, BQ-2, BQ-2a: counting ----

#[test]
fn bq_01_a_round_and_a_termination_count_one_each() {
    let scene = Scene::boot();
    scene.world.command("start_matching", &[scene.device]);
    assert_eq!(scene.busy(scene.device), 1);
    assert_eq!(scene.world.command("terminate", &[scene.device]), 1);
    assert_eq!(scene.busy(scene.device), 2);
    scene.world.command("finish_matching", &[]);
    assert_eq!(scene.counts(), [0, 0, 0], "it is quiet when it is detached");
}

#[test]
fn bq_01_a_count_ends_at_1023() {
    let scene = Scene::boot();
    scene.adjust(scene.device, 1023);
    assert_eq!(scene.busy(scene.device), 1023);
    scene.adjust(scene.device, 1);
    assert_eq!(scene.counts(), [1023, 1, 1], "one more is no crossing");
    scene.adjust(scene.device, -1023);
    assert_eq!(scene.counts(), [0, 0, 0]);
}

#[test]
fn bq_01_a_count_that_would_pass_1023_stays_there() {
    let scene = Scene::boot();
    scene.adjust(scene.device, 2000);
    assert_eq!(scene.counts(), [1023, 1, 1]);
    scene.adjust(scene.device, -1023);
    assert_eq!(scene.counts(), [0, 0, 0]);
    assert_eq!(scene.world.misuses(), ["a driver changed a busy count of 0 by 2000, past its end"]);
    drop(scene.world.unchecked());
}

#[test]
fn bq_02_crossings_go_up_to_the_root() {
    let scene = Scene::boot();
    assert_eq!(scene.counts(), [0, 0, 0]);
    scene.adjust(scene.device, 1);
    assert_eq!(scene.counts(), [1, 1, 1]);
    scene.adjust(scene.device, 1);
    scene.adjust(scene.bus, 1);
    assert_eq!(scene.counts(), [2, 2, 1]);
    scene.adjust(scene.device, -1);
    assert_eq!(scene.counts(), [1, 2, 1]);
    scene.adjust(scene.device, -1);
    assert_eq!(scene.counts(), [0, 1, 1]);
    scene.adjust(scene.bus, -1);
    assert_eq!(scene.counts(), [0, 0, 0]);
}

#[test]
fn bq_02a_a_greater_change_is_one_to_the_provider() {
    let scene = Scene::boot();
    scene.adjust(scene.device, 5);
    assert_eq!(scene.counts(), [5, 1, 1]);
    scene.adjust(scene.device, -4);
    assert_eq!(scene.counts(), [1, 1, 1]);
    scene.adjust(scene.device, 0);
    scene.adjust(scene.device, -1);
    assert_eq!(scene.counts(), [0, 0, 0]);
}

#[test]
fn bq_02a_lowering_a_count_of_0_lowers_the_provider_and_says_that_it_is_busy() {
    let scene = Scene::boot();
    let listener = Listener::new(scene.world.kernel());
    let notification = listener.watch("Device", c"IOBusyInterest", 1);
    scene.adjust(scene.bus, 2);
    scene.adjust(scene.device, -1);
    assert_eq!(scene.counts(), [0, 1, 1]);
    assert_eq!(listener.messages(), [(1, MessageType::SERVICE_BUSY_STATE_CHANGE.0, 1)]);
    scene.adjust(scene.bus, -1);
    assert_eq!(scene.counts(), [0, 0, 0]);
    release(&listener.kernel, notification);
}

#[test]
fn bq_02a_a_change_past_the_end_is_recorded() {
    let scene = Scene::boot();
    scene.adjust(scene.device, 2);
    scene.adjust(scene.device, -3);
    assert_eq!(scene.counts(), [0, 0, 0]);
    assert_eq!(scene.world.misuses(), ["a driver changed a busy count of 2 by -3, past its end"]);
    drop(scene.world.unchecked());
}

#[test]
fn nt_18_a_crossing_is_told_and_nothing_between() {
    let scene = Scene::boot();
    let listener = Listener::new(scene.world.kernel());
    let notification = listener.watch("Device", c"IOBusyInterest", 1);
    for delta in [1, 1, -1, 3, -4, 2] {
        scene.adjust(scene.device, delta);
    }
    const CHANGE: u32 = MessageType::SERVICE_BUSY_STATE_CHANGE.0;
    assert_eq!(listener.messages(), [1, 0, 1].map(|busy| (1, CHANGE, busy)));
    scene.adjust(scene.device, -2);
    release(&listener.kernel, notification);
}

// ---- BQ-3: registering ----

#[test]
fn bq_03_registering_is_asynchronous_and_busy_until_it_is_done() {
    let scene = Scene::boot();
    let device = scene.world.command("attach", &[DEVICE]);
    // The work loop has nothing to do and is as good as not there until it has been asked.
    assert_eq!(scene.world.command("register", &[device, 0]), 1);
    assert_eq!(scene.world.command("wait_until_idle", &[]), 1);
    assert_eq!(scene.busy(device), 0);
    let found = Value::dictionary([("IORegistryEntryID", device)]);
    let name = scene.kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&found));
    assert_ne!(name, NULL);
    release(&scene.kernel, name);
}

#[test]
fn bq_03_a_service_that_is_gone_or_detached_is_not_registered() {
    let scene = Scene::boot();
    let bus = scene.named("Bus");
    scene.world.command("start_matching", &[scene.device]);
    scene.world.command("terminate", &[scene.device]);
    assert_eq!(scene.world.command("register", &[scene.device, 1]), 0, "it is inactive");
    scene.world.command("finish_matching", &[]);
    assert_eq!(scene.world.command("register", &[scene.device, 1]), 0, "it is no more");
    assert_eq!(children(&scene.kernel, bus), []);
    release(&scene.kernel, bus);
}

#[test]
fn bq_03_a_service_is_registered_as_its_provider_was_unless_it_says_otherwise() {
    let scene = Scene::boot();
    let found = |device: u64| {
        let matching = Value::dictionary([("IORegistryEntryID", device)]);
        let name = scene.kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&matching));
        if name != NULL {
            release(&scene.kernel, name);
        }
        name != NULL
    };
    assert_eq!(scene.world.command("register", &[scene.bus, 1]), 1);
    let device = scene.world.command("attach", &[DEVICE]);
    assert_eq!(scene.world.command("register", &[device, 0]), 1);
    assert!(found(device), "it has been matched on return");

    let other = scene.world.command("attach", &[DEVICE]);
    assert_eq!(scene.world.command("register", &[other, 3]), 1, "asynchronously after all");
    assert_eq!(scene.world.command("wait_until_idle", &[]), 1);
    assert!(found(other));
}

#[test]
fn bq_03_registering_in_a_round_is_no_more_busy() {
    let scene = Scene::boot();
    scene.world.command("start_matching", &[scene.device]);
    for _ in 0..3 {
        assert_eq!(scene.world.command("register", &[scene.device, 0]), 1);
        assert_eq!(scene.busy(scene.device), 1);
    }
    scene.world.command("finish_matching", &[]);
    assert_eq!(scene.counts(), [0, 0, 0]);
}

// ---- BQ-4, BQ-5: asking ----

#[test]
fn bq_04_a_service_says_how_busy_it_is_and_has_been() {
    let scene = Scene::boot();
    scene.world.command("freeze_clock", &[]);
    let device = scene.named("Device");
    // Its first round took some time.
    let before = scene.nanoseconds(device);
    let seconds = || {
        let since = scene.nanoseconds(device) - before;
        assert_eq!(since % 1_000_000_000, 0);
        since / 1_000_000_000
    };
    scene.world.command("advance", &[5]);
    assert_eq!(seconds(), 0);
    scene.adjust(scene.device, 2);
    scene.world.command("advance", &[7]);
    assert_eq!(seconds(), 7, "the period that it is in counts");
    scene.adjust(scene.device, -1);
    scene.world.command("advance", &[1]);
    scene.adjust(scene.device, -1);
    scene.world.command("advance", &[100]);
    assert_eq!(seconds(), 8);
    scene.adjust(scene.device, 1);
    scene.world.command("advance", &[2]);
    assert_eq!(seconds(), 10);
    let (mut state, mut busy) = (0, 0);
    let code = scene.kernel.io_service_get_busy_state_and_time(device, &mut state, &mut busy, &mut 0);
    assert_eq!((code, state, busy), (IoReturn::SUCCESS, 0x1e, 1));
    assert_eq!(scene.kernel.io_service_get_busy_state(device, &mut busy), IoReturn::SUCCESS);
    assert_eq!(busy, 1);
    scene.adjust(scene.device, -1);
    release(&scene.kernel, device);
}

#[test]
fn bq_04_an_error_sets_everything_to_0() {
    let scene = Scene::boot();
    let kernel = &scene.kernel;
    let dead = dead_name(&scene.world, "Device", 1);
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    for (name, code) in [
        (dead, IoReturn::MACH_SEND_INVALID_DEST),
        (NULL, IoReturn::MACH_SEND_INVALID_DEST),
        (root, IoReturn::BAD_ARGUMENT),
    ] {
        let (mut state, mut busy, mut time) = (9, 9, 9);
        let answer = kernel.io_service_get_busy_state_and_time(name, &mut state, &mut busy, &mut time);
        assert_eq!((answer, state, busy, time), (code, 0, 0, 0));
        busy = 9;
        assert_eq!((kernel.io_service_get_busy_state(name, &mut busy), busy), (code, 0));
        assert_eq!(kernel.io_service_wait_quiet(name, seconds(0)), code);
    }
    release(kernel, root);
    release(kernel, dead);
}

#[test]
fn bq_05_the_whole_registry_is_the_planes_root() {
    let scene = Scene::boot();
    let kernel = &scene.kernel;
    let platform = scene.named("IOPlatformExpertDevice");
    scene.adjust(id(kernel, platform), 3);
    let mut busy = 9;
    assert_eq!((kernel.io_kit_get_busy_state(MAIN_PORT_DEFAULT, &mut busy), busy), (IoReturn::SUCCESS, 3));
    assert_eq!(kernel.io_kit_wait_quiet(MAIN_PORT_DEFAULT, seconds(0)), IoReturn::TIMEOUT);
    scene.adjust(id(kernel, platform), -3);
    assert_eq!(kernel.io_kit_wait_quiet(MAIN_PORT_DEFAULT, seconds(0)), IoReturn::SUCCESS);
    assert_eq!(kernel.io_kit_wait_quiet(MAIN_PORT_DEFAULT, None), IoReturn::SUCCESS);
    busy = 9;
    let refused = kernel.io_kit_get_busy_state(platform, &mut busy);
    assert_eq!((refused, busy), (IoReturn::NOT_PRIVILEGED, 0));
    assert_eq!(kernel.io_kit_wait_quiet(platform, seconds(0)), IoReturn::NOT_PRIVILEGED);
    release(kernel, platform);
}

// ---- BQ-6, BQ-7: waiting ----

#[test]
fn bq_06_what_is_quiet_is_not_waited_for() {
    let scene = Scene::boot();
    let device = scene.named("Device");
    for timeout in [None, seconds(0), seconds(100), Some(MachTimespec { seconds: 0, nanoseconds: -1 })] {
        assert_eq!(scene.kernel.io_service_wait_quiet(device, timeout), IoReturn::SUCCESS);
    }
    scene.adjust(scene.device, 1);
    assert_eq!(scene.kernel.io_service_wait_quiet(device, seconds(0)), IoReturn::TIMEOUT);
    scene.adjust(scene.device, -1);
    release(&scene.kernel, device);
}

#[test]
fn bq_06_a_wait_ends_when_the_service_is_quiet() {
    let scene = Scene::boot();
    scene.world.command("freeze_clock", &[]);
    let device = scene.named("Device");
    scene.adjust(scene.device, 2);
    for timeout in [None, seconds(30), Some(MachTimespec { seconds: 0, nanoseconds: -1 })] {
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| scene.kernel.io_service_wait_quiet(device, timeout));
            assert_eq!(scene.world.command("wait_until_blocked", &[1]), 1);
            scene.adjust(scene.device, -1);
            scene.adjust(scene.device, 1);
            assert_eq!(scene.world.command("wait_until_blocked", &[1]), 1);
            scene.adjust(scene.device, -2);
            assert_eq!(waiter.join().unwrap(), IoReturn::SUCCESS);
        });
        scene.adjust(scene.device, 2);
    }
    scene.adjust(scene.device, -2);
    release(&scene.kernel, device);
}

#[test]
fn bq_06_a_short_wait_is_made_once() {
    let scene = Scene::boot();
    scene.world.command("freeze_clock", &[]);
    let device = scene.named("Device");
    scene.adjust(scene.device, 1);
    let wait = || scene.kernel.io_service_wait_quiet(device, seconds(40));
    assert_eq!(scene.wait_for(40, 1, wait), (IoReturn::TIMEOUT, 1));
    assert_eq!(scene.wait_for(20, 2, wait), (IoReturn::TIMEOUT, 2));
    scene.adjust(scene.device, -1);
    release(&scene.kernel, device);
}

#[test]
fn bq_06_a_wait_of_41_seconds_is_made_as_often_as_the_processor_says() {
    let scene = Scene::boot();
    scene.world.command("freeze_clock", &[]);
    let device = scene.named("Device");
    scene.adjust(scene.device, 1);
    let wait = || scene.kernel.io_service_wait_quiet(device, seconds(41));
    assert_eq!(scene.wait_for(41, ATTEMPTS, wait).0, IoReturn::TIMEOUT);
    let of_all = || scene.kernel.io_kit_wait_quiet(MAIN_PORT_DEFAULT, seconds(41));
    assert_eq!(scene.wait_for(41, ATTEMPTS, of_all).0, IoReturn::TIMEOUT);
    scene.adjust(scene.device, -1);
    release(&scene.kernel, device);
}

#[test]
fn bq_06_a_busy_service_can_ask_for_more_attempts_up_to_8() {
    let scene = Scene::boot();
    scene.world.command("freeze_clock", &[]);
    let (device, bus) = (scene.named("Device"), scene.named("Bus"));
    scene.adjust(scene.device, 1);
    let wait = || scene.kernel.io_service_wait_quiet(bus, seconds(41));
    for (asked, attempts) in [(8, 8), (6, 6), (9, ATTEMPTS), (1, ATTEMPTS)] {
        scene.world.command("ask_for_attempts", &[scene.device, asked]);
        assert_eq!(scene.wait_for(41, attempts, wait).0, IoReturn::TIMEOUT, "{asked}");
    }
    scene.adjust(scene.device, -1);
    release(&scene.kernel, device);
    release(&scene.kernel, bus);
}

#[test]
fn bq_07_an_inactive_service_is_waited_for_like_any_other() {
    let scene = Scene::boot();
    scene.world.command("freeze_clock", &[]);
    let listener = Listener::new(scene.world.kernel());
    let ended =
        listener.subscribe(c"IOServiceTerminate", &Value::dictionary([("IOProviderClass", "Device")]), 0);
    let device = scene.named("Device");
    // Its name outlives it, and a round keeps it from being detached.
    scene.world.command("start_matching", &[scene.device]);
    terminate(&scene.world, device);
    let mut busy = 0;
    assert_eq!(scene.kernel.io_service_get_busy_state(device, &mut busy), IoReturn::SUCCESS);
    assert_eq!(busy, 2);
    assert_eq!(scene.kernel.io_service_wait_quiet(device, seconds(0)), IoReturn::TIMEOUT);
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| scene.kernel.io_service_wait_quiet(device, None));
        assert_eq!(scene.world.command("wait_until_blocked", &[1]), 1);
        scene.world.command("finish_matching", &[]);
        assert_eq!(waiter.join().unwrap(), IoReturn::SUCCESS);
    });
    release(&scene.kernel, device);
    release(&scene.kernel, ended.unwrap());
}
