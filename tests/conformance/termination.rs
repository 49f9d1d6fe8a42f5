//! Termination: TERM-1, 2, 5, 7, and what of TERM-3, 4, 8 … 11 there is to see without notifications.

use crate::raw::Call;
use crate::steps::{
    PLANE, children, close, drain, id, is_known, name, only_client, references, release, service, terminate,
    try_open,
};
use crate::world::World;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName};
use iokit_uc::{IoReturn, Kernel, Matching, Service};
use iokit_uc_machines::clients::{TERMINATION, selector};
use std::ffi::CStr;
use std::thread::{self, Scope, ScopedJoinHandle};

/// The machine `tree`: `Bus` > `Device` > `Leaf`, `Bus` > `Twin`, and `Bridge` below `Bus` and `Hub`.
struct Tree {
    world: World,
    kernel: Kernel,
}

impl Tree {
    fn boot() -> Self {
        let world = World::boot("tree");
        let kernel = world.kernel();
        Self { world, kernel }
    }

    fn open(&self, class: &str) -> PortName {
        let (code, connect) = try_open(&self.kernel, class, 0);
        assert_eq!(code, IoReturn::SUCCESS);
        connect
    }

    fn id(&self, class: &str) -> u64 {
        let service = service(&self.kernel, class);
        let id = id(&self.kernel, service);
        release(&self.kernel, service);
        id
    }

    fn is_found(&self, class: &str) -> bool {
        Service::first(&self.kernel, &Matching::class(class)).unwrap().is_some()
    }

    /// Takes a service away, by its class.
    fn terminate(&self, class: &str) {
        assert_eq!(self.world.command("terminate", &[self.id(class)]), 1);
    }

    fn is_inactive(&self, id: u64) -> bool {
        self.world.command("is_inactive", &[id]) == 1
    }

    fn busy(&self, id: u64) -> u64 {
        self.world.command("busy", &[id])
    }

    fn open_gate(&self, gate: u64) {
        self.world.command("open_gate", &[gate]);
    }

    /// What user clients have noted from `willTerminate` on.
    fn notes(&self) -> Vec<String> {
        const OPENING: [&str; 3] = ["newUserClient", "initWithTask", "start"];
        let is_new = |line: &String| !OPENING.iter().any(|function| line.starts_with(function));
        self.world.journal().into_iter().filter(is_new).collect()
    }

    /// Calls a method that waits at a gate, from another thread, and waits until it does.
    fn call_and_wait<'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        connect: PortName,
        gate: u64,
    ) -> Waiting<'_, 'scope, (IoReturn, Vec<u64>)> {
        self.run_and_wait(scope, gate, move |kernel| {
            let call = Call::new(kernel, connect, selector::WAIT).scalar_values(&[gate]).scalar_capacity(1);
            let answer = call.send();
            (answer.code, answer.scalars)
        })
    }

    /// Runs what waits at a gate in another thread, and waits until it does.
    fn run_and_wait<'scope, T: Send + 'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        gate: u64,
        run: impl FnOnce(Kernel) -> T + Send + 'scope,
    ) -> Waiting<'_, 'scope, T> {
        let kernel = self.kernel.clone();
        let thread = scope.spawn(move || run(kernel));
        // Gates are taken in order.
        let waiting = Waiting { tree: self, gate, thread: Some(thread) };
        let inside = if gate == TERMINATION { 1 } else { gate + 1 };
        assert_eq!(self.world.command("wait_until_inside", &[inside]), 1, "{inside} threads wait at gates");
        waiting
    }

    /// An iterator that gives a service once more after its names are dead.
    fn keep(&self, class: &CStr) -> PortName {
        let matching = self.kernel.io_service_matching(Some(class));
        let mut iterator = NULL;
        self.kernel.io_service_get_matching_services(MAIN_PORT_DEFAULT, matching.as_ref(), &mut iterator);
        iterator
    }

    /// The one service that an iterator gives.
    fn fresh(&self, iterator: PortName) -> PortName {
        let [service] = drain(&self.kernel, iterator)[..] else { panic!("one service was there") };
        service
    }
}

/// A thread that waits at a driver's gate. Dropping this opens it, so that a test that fails comes to its end.
struct Waiting<'test, 'scope, T> {
    tree: &'test Tree,
    gate: u64,
    thread: Option<ScopedJoinHandle<'scope, T>>,
}

impl<T> Waiting<'_, '_, T> {
    /// Opens the gate. What the thread came to.
    fn goes_on(mut self) -> T {
        self.tree.open_gate(self.gate);
        self.thread.take().unwrap().join().unwrap()
    }
}

impl<T> Drop for Waiting<'_, '_, T> {
    fn drop(&mut self) {
        self.tree.open_gate(self.gate);
    }
}

// ---- TERM-1 ----

#[test]
fn term_01_an_asynchronous_terminate_does_not_wait() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    let leaf = tree.id("Leaf");
    thread::scope(|scope| {
        let caller = tree.call_and_wait(scope, connect, 0);
        tree.terminate("Leaf");
        assert!(tree.busy(leaf) > 0);
        caller.goes_on();
    });
    assert_eq!(tree.busy(leaf), 0);
    release(&tree.kernel, connect);
}

/// Terminates `Leaf` synchronously while a method of its runs, moves the clock on by `seconds`, and then lets the method
/// go if `before`. Returns how busy the service still was on return.
fn busy_after_synchronous_terminate(seconds: u64, opens_gate_before: bool) -> u64 {
    let tree = Tree::boot();
    tree.world.command("freeze_clock", &[]);
    let connect = tree.open("Leaf");
    let leaf = tree.id("Leaf");
    let busy = thread::scope(|scope| {
        let caller = tree.call_and_wait(scope, connect, 0);
        let terminator = scope.spawn(|| {
            assert_eq!(tree.world.command("terminate_synchronously", &[leaf]), 1);
            tree.busy(leaf)
        });
        assert_eq!(tree.world.command("wait_until_blocked", &[1]), 1);
        tree.world.command("advance", &[seconds]);
        if opens_gate_before {
            tree.open_gate(0);
        }
        let busy = terminator.join().unwrap();
        caller.goes_on();
        busy
    });
    release(&tree.kernel, connect);
    busy
}

#[test]
fn term_01_a_synchronous_terminate_waits_until_the_service_is_quiet() {
    assert_eq!(busy_after_synchronous_terminate(14, true), 0);
}

#[test]
fn term_01_a_synchronous_terminate_gives_up_after_15_seconds() {
    assert_eq!(busy_after_synchronous_terminate(15, false), 2, "its own, and its user client's");
}

#[test]
fn term_01_what_a_driver_terminates_ends_after_its_method_unless_it_waits() {
    for (synchronous, finalized_on_return) in [(0, 0), (1, 1)] {
        let tree = Tree::boot();
        let (connect, gone) = (tree.open("Hub"), tree.open("Leaf"));
        let call = Call::new(tree.kernel.clone(), connect, selector::TERMINATE);
        let answer = call.scalar_values(&[tree.id("Leaf"), synchronous]).scalar_capacity(1).send();
        assert_eq!(answer.expect_success().scalars, [finalized_on_return]);
        assert!(tree.notes().contains(&"finalize Leaf".into()));
        close(&tree.kernel, connect);
        release(&tree.kernel, gone);
    }
}

// ---- TERM-2 ----

#[test]
fn term_02_the_whole_tree_is_inactive_and_its_names_dead_when_terminate_returns() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    let names = ["Bus", "Device", "Leaf"].map(|class| service(&tree.kernel, class));
    let client = only_client(&tree.kernel, "Leaf");
    let ids = names.map(|name| id(&tree.kernel, name));
    let client_id = id(&tree.kernel, client);
    let platform = tree.id("IOPlatformExpertDevice");
    thread::scope(|scope| {
        // The call keeps what follows phase 1 from ending.
        let caller = tree.call_and_wait(scope, connect, 0);
        terminate(&tree.world, names[0]);
        assert!(ids.iter().chain([&client_id]).all(|&id| tree.is_inactive(id)));
        for name in names.into_iter().chain([client, connect]) {
            assert_eq!(references(&tree.kernel, name), (0, 1));
        }
        // Each is busy, and so is its provider because of it, once for each client that is.
        assert_eq!(ids.map(|id| tree.busy(id)), [2, 2, 2]);
        assert_eq!((tree.busy(client_id), tree.busy(platform)), (1, 1));
        caller.goes_on();
    });
    assert_eq!(ids.map(|id| tree.busy(id)), [0, 0, 0]);
    assert_eq!(tree.busy(platform), 0);
    for class in ["Bus", "Device", "Leaf"] {
        assert!(!tree.is_found(class));
    }
    for name in names.into_iter().chain([client, connect]) {
        release(&tree.kernel, name);
    }
}

#[test]
fn term_02_what_is_above_and_beside_stays() {
    let tree = Tree::boot();
    let (bus, hub, bridge) = (tree.open("Bus"), tree.open("Hub"), tree.open("Bridge"));
    tree.terminate("Device");
    assert!(!tree.is_found("Leaf"));
    for connect in [bus, hub, bridge] {
        Call::new(tree.kernel.clone(), connect, selector::CONNECTION_TYPE).send().expect_success();
    }
    assert_eq!(tree.notes(), [""; 0]);
    for connect in [bus, hub, bridge] {
        close(&tree.kernel, connect);
    }
}

#[test]
fn term_02a_a_service_with_another_provider_stays_and_loses_this_one() {
    let tree = Tree::boot();
    let connect = tree.open("Bridge");
    let (bridge, hub) = (service(&tree.kernel, "Bridge"), service(&tree.kernel, "Hub"));
    let bus = tree.open("Bus");
    thread::scope(|scope| {
        // Nor does it wait for what runs elsewhere in the tree.
        let caller = tree.call_and_wait(scope, bus, 0);
        tree.terminate("Bus");
        assert!(tree.is_found("Bridge"));
        let mut parent = NULL;
        assert_eq!(
            tree.kernel.io_registry_entry_get_parent_entry(bridge, PLANE, &mut parent),
            IoReturn::SUCCESS
        );
        assert_eq!(parent, hub);
        release(&tree.kernel, parent);
        caller.goes_on();
    });
    Call::new(tree.kernel.clone(), connect, selector::CONNECTION_TYPE).send().expect_success();
    assert!(tree.notes().iter().all(|line| !line.ends_with("Bridge")), "its user client hears of nothing");

    terminate(&tree.world, hub);
    assert!(!tree.is_found("Bridge"));
    for name in [connect, bridge, hub, bus] {
        assert_eq!(references(&tree.kernel, name), (0, 1));
        release(&tree.kernel, name);
    }
}

// ---- TERM-3, TERM-4 ----

#[test]
fn term_03_an_inactive_service_cannot_be_matched_opened_or_registered() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    let kept = tree.keep(c"Leaf");
    let leaf = tree.id("Leaf");
    thread::scope(|scope| {
        let caller = tree.call_and_wait(scope, connect, 0);
        tree.terminate("Leaf");
        tree.world.command("start_matching", &[leaf]);
        tree.world.command("finish_matching", &[]);
        assert!(!tree.is_found("Leaf"));
        assert_eq!(tree.busy(leaf), 2, "no round has begun");

        let fresh = tree.fresh(kept);
        let mut opened = NULL;
        let code = tree.kernel.io_service_open(fresh, tree.kernel.mach_task_self(), 0, &mut opened);
        assert_eq!((code, opened), (IoReturn::UNSUPPORTED, NULL));
        release(&tree.kernel, fresh);
        caller.goes_on();
    });
    release(&tree.kernel, connect);
}

#[test]
fn term_03_an_inactive_service_keeps_its_place_and_properties_until_it_is_detached() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    let kept = tree.keep(c"Leaf");
    let leaf = tree.id("Leaf");
    assert_eq!(tree.world.command("set_colour", &[leaf, 7]), 1);
    let device = service(&tree.kernel, "Device");
    let fresh = thread::scope(|scope| {
        let caller = tree.call_and_wait(scope, connect, 0);
        tree.terminate("Leaf");
        let [fresh] = children(&tree.kernel, device)[..] else { panic!("it is there still") };
        assert_eq!(tree.fresh(kept), fresh, "one new name for it");
        release(&tree.kernel, fresh);
        caller.goes_on();
        fresh
    });
    let mut parent = NULL;
    let code = tree.kernel.io_registry_entry_get_parent_entry(fresh, PLANE, &mut parent);
    assert_eq!((code, parent), (IoReturn::NO_DEVICE, NULL));
    assert_eq!(children(&tree.kernel, device), []);
    // TERM-11, REG-2: the object lasts as long as a handle.
    assert_eq!((id(&tree.kernel, fresh), name(&tree.kernel, fresh)), (leaf, "Leaf".into()));
    let colour = tree.kernel.io_registry_entry_create_cf_property(fresh, c"Colour");
    assert_eq!(colour, Some(7u32.into()));
    for name in [fresh, device, connect] {
        release(&tree.kernel, name);
    }
}

#[test]
fn term_04_a_service_is_terminated_once() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    let (device, leaf) = (tree.id("Device"), tree.id("Leaf"));
    thread::scope(|scope| {
        let caller = tree.call_and_wait(scope, connect, 0);
        tree.terminate("Leaf");
        assert_eq!(tree.world.command("terminate", &[leaf]), 0);
        // Nor is it again as a part of a tree; its provider waits for it.
        assert_eq!(tree.world.command("terminate", &[device]), 1);
        assert_eq!(tree.busy(leaf), 2);
        assert!(tree.busy(device) > 0);
        caller.goes_on();
    });
    assert_eq!(tree.busy(device), 0);
    let functions = ["willTerminate", "didTerminate", "finalize", "stop"];
    assert_eq!(tree.notes(), functions.map(|function| format!("{function} Leaf")));
    assert_eq!(tree.world.command("terminate", &[leaf]), 0);
    release(&tree.kernel, connect);
}

// ---- TERM-5, TERM-7 ----

#[test]
fn term_05_a_later_handle_has_a_new_name() {
    let tree = Tree::boot();
    let kept = tree.keep(c"Leaf");
    let dead = service(&tree.kernel, "Leaf");
    let entry = id(&tree.kernel, dead);
    terminate(&tree.world, dead);
    let fresh = tree.fresh(kept);
    assert_ne!(fresh, dead);
    assert_eq!(id(&tree.kernel, fresh), entry);
    release(&tree.kernel, fresh);
    release(&tree.kernel, dead);
}

#[test]
fn term_05_a_connection_to_a_terminated_user_client_is_dead() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    let client = only_client(&tree.kernel, "Leaf");
    // The user client alone is terminated; its service stays.
    terminate(&tree.world, client);
    assert!(tree.is_found("Leaf"));
    let kernel = &tree.kernel;
    Call::new(kernel.clone(), connect, 0).send().expect_failure(IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(kernel.io_connect_get_service(connect, &mut 0), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(kernel.io_connect_add_client(connect, connect), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(kernel.io_connect_add_ref(connect), IoReturn::KERN_INVALID_RIGHT);
    // SAFETY: there is no driver to take the parameters for addresses.
    assert_eq!(unsafe { kernel.io_connect_trap(connect, 0, [0; 6]) }, IoReturn::BAD_ARGUMENT);
    for name in [connect, client] {
        assert_eq!(references(kernel, name), (0, 1));
        release(kernel, name);
    }
}

#[test]
fn term_05_the_safe_api_can_close_what_is_gone() {
    let tree = Tree::boot();
    let open = || Service::expect_first(&tree.kernel, &Matching::class("Leaf")).unwrap().open(0).unwrap();
    let (dropped, closed) = (open(), open());
    tree.terminate("Leaf");
    let error = closed.call(selector::CONNECTION_TYPE).send().unwrap_err();
    assert_eq!(error.code(), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(closed.close().unwrap_err().code(), IoReturn::MACH_SEND_INVALID_DEST);
    drop(dropped);
}

#[test]
fn term_07_unplugging_does_not_close() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    tree.terminate("Leaf");
    release(&tree.kernel, connect);
    let functions = ["willTerminate", "didTerminate", "finalize", "stop"];
    assert_eq!(tree.notes(), functions.map(|function| format!("{function} Leaf")));
}

#[test]
fn term_07_a_method_that_runs_returns_its_own_result_and_puts_the_end_off() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    let told = ["willTerminate Leaf", "didTerminate Leaf"];
    thread::scope(|scope| {
        let first = tree.call_and_wait(scope, connect, 0);
        let second = tree.call_and_wait(scope, connect, 1);
        tree.terminate("Leaf");
        assert_eq!(tree.notes(), told);
        assert_eq!(first.goes_on(), (IoReturn::SUCCESS, vec![99]));
        assert_eq!(tree.notes(), told, "one still runs");
        Call::new(tree.kernel.clone(), connect, 0).send().expect_failure(IoReturn::MACH_SEND_INVALID_DEST);
        assert_eq!(second.goes_on(), (IoReturn::SUCCESS, vec![99]));
    });
    assert_eq!(tree.notes()[2..], ["finalize Leaf", "stop Leaf"]);
    assert_eq!(references(&tree.kernel, connect), (0, 1));
    release(&tree.kernel, connect);
}

#[test]
fn term_07_a_driver_can_end_its_methods_when_it_is_told() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    let leaf = tree.id("Leaf");
    thread::scope(|scope| {
        let call = |kernel| Call::new(kernel, connect, selector::WAIT_FOR_TERMINATION).send().code;
        let caller = tree.run_and_wait(scope, TERMINATION, call);
        assert_eq!(tree.world.command("terminate_synchronously", &[leaf]), 1);
        assert_eq!(tree.notes().last().map(String::as_str), Some("stop Leaf"));
        assert_eq!(caller.goes_on(), IoReturn::SUCCESS);
    });
    release(&tree.kernel, connect);
}

#[test]
fn term_07_a_user_client_beside_one_that_is_busy_does_not_wait_for_it() {
    let tree = Tree::boot();
    let (busy, idle) = (tree.open("Device"), tree.open("Leaf"));
    thread::scope(|scope| {
        let caller = tree.call_and_wait(scope, busy, 0);
        tree.terminate("Bus");
        assert_eq!(tree.notes()[4..], ["finalize Leaf", "stop Leaf"]);
        caller.goes_on();
    });
    assert_eq!(tree.notes()[6..], ["finalize Device", "stop Device"]);
    release(&tree.kernel, busy);
    release(&tree.kernel, idle);
}

#[test]
fn term_07_traps_are_not_waited_for() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    thread::scope(|scope| {
        // SAFETY: the driver does not look at the parameters.
        let trap = |kernel: Kernel| unsafe { kernel.io_connect_trap(connect, 0, [0; 6]) };
        let caller = tree.run_and_wait(scope, 0, trap);
        tree.terminate("Leaf");
        assert_eq!(tree.notes().last().map(String::as_str), Some("stop Leaf"));
        assert_eq!(caller.goes_on(), IoReturn::SUCCESS);
    });
    release(&tree.kernel, connect);
}

// ---- TERM-8 … TERM-10 ----

#[test]
fn term_08_providers_are_told_first_term_09_then_leaves_term_10_and_leaves_end_first() {
    let tree = Tree::boot();
    let connections = ["Leaf", "Twin", "Bus", "Device"].map(|class| tree.open(class));
    tree.terminate("Bus");
    assert_eq!(
        tree.notes(),
        [
            "willTerminate Bus",
            "willTerminate Device",
            "willTerminate Twin",
            "willTerminate Leaf",
            "didTerminate Leaf",
            "didTerminate Twin",
            "didTerminate Device",
            "didTerminate Bus",
            "finalize Leaf",
            "finalize Twin",
            "finalize Device",
            "finalize Bus",
            "stop Leaf",
            "stop Twin",
            "stop Device",
            "stop Bus",
        ]
    );
    for connect in connections {
        release(&tree.kernel, connect);
    }
}

#[test]
fn term_08_nobody_is_told_while_a_matching_round_runs() {
    let tree = Tree::boot();
    let connect = tree.open("Leaf");
    tree.world.command("start_matching", &[tree.id("Leaf")]);
    tree.terminate("Leaf");
    assert_eq!(references(&tree.kernel, connect), (0, 1));
    assert_eq!(tree.notes(), [""; 0]);
    assert_eq!(tree.world.command("finish_matching", &[]), 1);
    assert_eq!(tree.notes().len(), 4);
    release(&tree.kernel, connect);
}

#[test]
fn term_08_nobody_is_told_while_a_client_is_being_opened() {
    let tree = Tree::boot();
    let connect = tree.open("Vanishing");
    assert_eq!(try_open(&tree.kernel, "Vanishing", 1), (IoReturn::UNSUPPORTED, NULL));
    let journal = tree.world.journal();
    let position = |line: &str| journal.iter().rposition(|other| other == line).unwrap();
    assert!(position("willTerminate Vanishing") > position("initWithTask Vanishing"));
    assert_eq!(journal.last().map(String::as_str), Some("stop Vanishing"));
    release(&tree.kernel, connect);
}

#[test]
fn term_10_a_terminated_tree_is_out_of_the_registry() {
    let tree = Tree::boot();
    let platform = service(&tree.kernel, "IOPlatformExpertDevice");
    let count = |tree: &Tree| {
        let all = children(&tree.kernel, platform);
        all.iter().for_each(|&child| release(&tree.kernel, child));
        all.len()
    };
    let before = count(&tree);
    let (bus, device) = (tree.keep(c"Bus"), tree.keep(c"Device"));
    tree.terminate("Bus");
    assert_eq!(count(&tree), before - 1);
    let (bus, device) = (tree.fresh(bus), tree.fresh(device));
    for name in [bus, device] {
        assert_eq!(children(&tree.kernel, name), []);
        let code = tree.kernel.io_registry_entry_get_parent_entry(name, PLANE, &mut 0);
        assert_eq!(code, IoReturn::NO_DEVICE);
        release(&tree.kernel, name);
    }
    release(&tree.kernel, platform);
}

#[test]
fn term_11_nothing_keeps_an_object_but_its_handles() {
    let tree = Tree::boot();
    let kept = tree.keep(c"Leaf");
    tree.terminate("Leaf");
    let fresh = tree.fresh(kept);
    // The port's reference and the call's own.
    assert_eq!(tree.kernel.io_object_get_kernel_retain_count(fresh), 2);
    assert_eq!(tree.world.send_rights(fresh), 1);
    release(&tree.kernel, fresh);
    assert!(!is_known(&tree.kernel, fresh));
}
