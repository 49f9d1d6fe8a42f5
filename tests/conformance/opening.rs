//! Opening: OC-1 … OC-8, OC-20, OC-21.

use crate::raw::Call;
use crate::releasing::io_connect_release;
use crate::steps::{
    UNKNOWN, children, close, is_known, only_client, open_safely, references, release, service, terminate,
    try_open,
};
use crate::world::World;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL};
use iokit_uc::{IoReturn, Kernel, Matching, Service, Value};
use iokit_uc_machines::clients::selector;

/// The machine `openings` with one of its services.
fn boot(class: &str) -> World {
    World::boot(&format!("openings/{class}"))
}

/// Opens a service of the machine `openings` that must open, and closes it. What its driver noted.
#[track_caller]
fn opens(class: &str) -> Vec<String> {
    let world = boot(class);
    let (code, connect) = try_open(&world.kernel(), class, 0);
    assert_eq!(code, IoReturn::SUCCESS, "{class}");
    close(&world.kernel(), connect);
    world.journal()
}

/// Opens a service of the machine `openings` that must not open. What its driver noted.
#[track_caller]
fn refuses(class: &str, code: IoReturn) -> Vec<String> {
    refuses_in(&boot(class), class, code)
}

#[track_caller]
fn refuses_in(world: &World, class: &str, code: IoReturn) -> Vec<String> {
    assert_eq!(try_open(&world.kernel(), class, 0), (code, NULL), "{class}");
    assert_eq!(open_safely(&world.kernel(), class).unwrap_err().code(), code, "{class}");
    let first = world.journal();
    first[..first.len() / 2].to_vec()
}

// ---- OC-1, OC-2: newUserClient ----

#[test]
fn oc_01_only_a_service_can_be_opened() {
    let world = boot("Plain");
    let kernel = world.kernel();
    let plain = service(&kernel, "Plain");
    let mut iterator = NULL;
    kernel.io_registry_entry_get_child_iterator(plain, c"IOService", &mut iterator);
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    let before = world.journal();

    for name in [root, iterator, connect, kernel.mach_task_self()] {
        let mut opened = UNKNOWN;
        let code = kernel.io_service_open(name, kernel.mach_task_self(), 0, &mut opened);
        assert_eq!((code, opened), (IoReturn::BAD_ARGUMENT, UNKNOWN), "nothing was written");
    }
    assert_eq!(world.journal(), before);

    close(&kernel, connect);
    for name in [root, iterator, plain] {
        release(&kernel, name);
    }
}

#[test]
fn oc_01_the_task_is_looked_at_before_the_policy_and_the_policy_before_the_driver() {
    let world = boot("Denied");
    let kernel = world.kernel();
    let denied = service(&kernel, "Denied");
    let open = |task, connection_type| {
        let mut opened = UNKNOWN;
        (kernel.io_service_open(denied, task, connection_type, &mut opened), opened)
    };
    assert_eq!(open(NULL, 0), (IoReturn::BAD_ARGUMENT, UNKNOWN));
    assert_eq!(open(kernel.mach_task_self(), 0), (IoReturn::NOT_PERMITTED, UNKNOWN));
    assert_eq!(world.journal(), [""; 0], "the driver was not asked");
    // The policy allows type 1, and the driver refuses.
    assert_eq!(open(kernel.mach_task_self(), 1), (IoReturn::BUSY, NULL));
    release(&kernel, denied);
}

#[test]
fn oc_01_the_drivers_code_is_passed_through() {
    refuses("Busy", IoReturn::BUSY);
    let world = boot("Panicking").unchecked();
    refuses_in(&world, "Panicking", IoReturn::INTERNAL_ERROR);
    assert_eq!(world.misuses(), ["a driver panicked in newUserClient"; 2]);
}

#[test]
fn oc_01_success_without_a_user_client_is_an_error() {
    refuses("Nothing", IoReturn::ERROR);
}

#[test]
fn oc_01_success_with_what_is_no_user_client_is_an_error() {
    refuses("NoUserClient", IoReturn::ERROR);
}

#[test]
fn oc_01_the_type_reaches_the_driver_as_it_is() {
    let world = boot("Plain");
    let kernel = world.kernel();
    for connection_type in [0, 1, 0x8000_0000, u32::MAX] {
        let (_, connect) = try_open(&kernel, "Plain", connection_type);
        let seen = Call::new(kernel.clone(), connect, selector::CONNECTION_TYPE).scalar_capacity(1).send();
        assert_eq!(seen.expect_success().scalars, [connection_type.into()]);
        close(&kernel, connect);
    }
}

#[test]
fn oc_02_the_short_new_user_client_is_enough() {
    assert_eq!(opens("Short")[0], "newUserClient Short");
}

#[test]
fn oc_02_without_a_user_client_class_the_open_is_unsupported() {
    refuses("Driverless", IoReturn::UNSUPPORTED);
    refuses("NamedNumber", IoReturn::UNSUPPORTED);
    refuses("NamedForUsers", IoReturn::UNSUPPORTED);
}

#[test]
fn oc_02_any_error_of_the_short_new_user_client_is_discarded() {
    refuses("ShortBusy", IoReturn::UNSUPPORTED);
    let notes = opens("NamedShortBusy");
    assert_eq!(notes[..2], ["newUserClient NamedShortBusy", "newUserClient NamedUserClient"]);
}

#[test]
fn oc_02_an_override_of_new_user_client_has_the_last_word() {
    refuses("NamedBusy", IoReturn::BUSY);
}

#[test]
fn oc_02_the_property_names_the_class_to_make() {
    let notes = opens("Named");
    assert_eq!(
        notes[..3],
        ["newUserClient NamedUserClient", "initWithTask NamedUserClient", "start NamedUserClient"]
    );
}

#[test]
fn oc_02_the_class_must_exist_and_be_of_user_clients() {
    refuses("NamedUnknown", IoReturn::NO_MEMORY);
    refuses("NamedAbstract", IoReturn::NO_MEMORY);
    refuses("NamedService", IoReturn::UNSUPPORTED);
}

#[test]
fn oc_02_init_comes_before_start_and_its_refusal_is_a_bad_argument() {
    assert_eq!(
        refuses("RefusesInit", IoReturn::BAD_ARGUMENT),
        ["newUserClient RefusesInit", "initWithTask RefusesInit"]
    );
}

#[test]
fn oc_02_a_user_client_that_does_not_start_is_detached() {
    let world = boot("RefusesStart");
    let kernel = world.kernel();
    assert_eq!(try_open(&kernel, "RefusesStart", 0), (IoReturn::UNSUPPORTED, NULL));
    assert_eq!(
        world.journal(),
        ["newUserClient RefusesStart", "initWithTask RefusesStart", "start RefusesStart"],
        "nor is it closed"
    );
    let provider = service(&kernel, "RefusesStart");
    assert_eq!(children(&kernel, provider), []);
    release(&kernel, provider);
}

#[test]
fn oc_02_a_user_client_that_is_handed_out_again_is_not_started_again() {
    let world = World::boot("closings");
    let kernel = world.kernel();
    let [first, second] = [(); 2].map(|()| try_open(&kernel, "Reused", 0));
    assert_eq!(first, second);
    assert_eq!(first.0, IoReturn::SUCCESS);
    let functions = ["newUserClient", "initWithTask", "start", "newUserClient"];
    assert_eq!(world.journal(), functions.map(|function| format!("{function} Reused")));
    close(&kernel, first.1);
    close(&kernel, first.1);
    let service = service(&kernel, "Reused");
    terminate(&world, service);
    release(&kernel, service);
}

#[test]
fn oc_02_a_provider_that_has_gone_takes_no_user_client() {
    let world = boot("Vanishing");
    assert_eq!(try_open(&world.kernel(), "Vanishing", 1), (IoReturn::UNSUPPORTED, NULL));
    assert_eq!(world.journal(), ["newUserClient Vanishing", "initWithTask Vanishing"], "it was not started");
}

// ---- OC-3 … OC-6: what the user client's properties and the policy say ----

/// A property of the only user client of a service.
fn client_property(kernel: &Kernel, class: &str, key: &std::ffi::CStr) -> Option<Value> {
    let client = only_client(kernel, class);
    let property = kernel.io_registry_entry_create_cf_property(client, key);
    release(kernel, client);
    property
}

#[test]
fn oc_03_the_creator_is_written_on_the_user_client() {
    let world = World::boot_as("openings/Plain", "backupd");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let creator = client_property(&kernel, "Plain", c"IOUserClientCreator");
    assert_eq!(creator, Some("pid 4711, backupd".into()));
    close(&kernel, connect);
}

const DEFAULT: &std::ffi::CStr = c"IOUserClientDefaultLocking";
const SET_PROPERTIES: &std::ffi::CStr = c"IOUserClientDefaultLockingSetProperties";
const SINGLE_THREAD: &std::ffi::CStr = c"IOUserClientDefaultLockingSingleThreadExternalMethod";

#[test]
fn oc_04_a_classic_client_without_locking_properties_gets_the_first() {
    let world = boot("Plain");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let locking = [DEFAULT, SET_PROPERTIES, SINGLE_THREAD].map(|key| client_property(&kernel, "Plain", key));
    assert_eq!(locking, [Some(true.into()), None, None]);
    close(&kernel, connect);
}

#[test]
fn oc_04_a_classic_client_with_some_locking_properties_gets_no_other() {
    let world = boot("Partial");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Partial", 0);
    let locking =
        [DEFAULT, SET_PROPERTIES, SINGLE_THREAD].map(|key| client_property(&kernel, "Partial", key));
    assert_eq!(locking, [None, Some(true.into()), None]);
    close(&kernel, connect);
}

#[test]
fn oc_04_a_2022_client_must_have_all_locking_properties() {
    opens("Modern");
    for class in [
        "ModernWithoutDefault",
        "ModernWithoutSetProperties",
        "ModernWithoutSingleThread",
        "ModernWithoutLocking",
    ] {
        refuses(class, IoReturn::ERROR);
    }
}

#[test]
fn oc_05_a_2022_client_must_say_which_entitlement_it_asks_for() {
    for class in ["ModernWithoutEntitlement", "ModernWithTrue", "ModernWithNumber"] {
        refuses(class, IoReturn::NOT_PRIVILEGED);
    }
}

#[test]
fn oc_05_a_refusal_by_entitlement_overrides_one_by_locking() {
    refuses("ModernWithoutAnything", IoReturn::NOT_PRIVILEGED);
}

#[test]
fn oc_05_a_classic_client_need_not_ask_for_an_entitlement() {
    opens("Plain");
    opens("ClassicWithFalse");
}

#[test]
fn oc_05_the_task_needs_the_entitlement_as_true() {
    for class in ["ModernEntitled", "ClassicEntitled"] {
        refuses(class, IoReturn::NOT_PRIVILEGED);
        let world = World::boot_as(&format!("openings/{class}"), "unentitled");
        assert_eq!(try_open(&world.kernel(), class, 0), (IoReturn::NOT_PRIVILEGED, NULL));
        drop(world);
        let world = World::boot_as(&format!("openings/{class}"), "entitled");
        let (code, connect) = try_open(&world.kernel(), class, 0);
        assert_eq!(code, IoReturn::SUCCESS);
        close(&world.kernel(), connect);
    }
}

#[test]
fn oc_06_the_policy_judges_the_user_client_after_its_entitlement() {
    refuses("DeniedClient", IoReturn::NOT_PERMITTED);
    refuses("DeniedEntitledClient", IoReturn::NOT_PRIVILEGED);
    let world = World::boot_as("openings", "entitled");
    let kernel = world.kernel();
    assert_eq!(try_open(&kernel, "DeniedEntitledClient", 0), (IoReturn::NOT_PERMITTED, NULL));
    // The policy is told the type as well, and allows 1.
    let (code, connect) = try_open(&kernel, "DeniedClient", 1);
    assert_eq!(code, IoReturn::SUCCESS);
    close(&kernel, connect);
}

#[test]
fn oc_06_the_sandbox_filter_can_refuse_with_any_code_but_the_one_that_means_none() {
    refuses("FilterRefuses", IoReturn::OFFLINE);
    opens("FilterIsAbsent");
    opens("Filtered");
}

#[test]
fn oc_06_a_user_client_that_is_refused_after_its_start_is_closed() {
    for class in ["ModernWithoutDefault", "ClassicEntitled", "DeniedClient", "FilterRefuses"] {
        let code = match class {
            "ModernWithoutDefault" => IoReturn::ERROR,
            "ClassicEntitled" => IoReturn::NOT_PRIVILEGED,
            "DeniedClient" => IoReturn::NOT_PERMITTED,
            _ => IoReturn::OFFLINE,
        };
        // It terminates itself when it is closed, as most do.
        let functions = ["newUserClient", "initWithTask", "start", "clientClose", "finalize", "stop"];
        assert_eq!(refuses(class, code), functions.map(|function| format!("{function} {class}")));
    }
}

#[test]
fn oc_07_a_driver_that_fails_and_leaves_a_user_client_leaks_it_to_the_caller() {
    let world = boot("BusyAndLeaking");
    let kernel = world.kernel();
    let (code, connect) = try_open(&kernel, "BusyAndLeaking", 0);
    assert_eq!(code, IoReturn::BUSY);
    assert_eq!(references(&kernel, connect), (1, 0));
    Call::new(kernel.clone(), connect, selector::CONNECTION_TYPE).send().expect_success();
    assert_eq!(io_connect_release(&kernel, connect), IoReturn::SUCCESS);
    assert!(!is_known(&kernel, connect));

    // The safe API gives such a name back by itself: the world is checked for it.
    assert_eq!(open_safely(&kernel, "BusyAndLeaking").unwrap_err().code(), IoReturn::BUSY);
}

#[test]
fn oc_08_a_connection_is_a_child_of_its_service_and_cannot_be_matched() {
    let world = boot("Plain");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let client = only_client(&kernel, "Plain");
    assert_eq!(kernel.io_object_copy_class(client).as_deref(), Some(c"IOUserClient"));
    assert!(Service::first(&kernel, &Matching::class("IOUserClient")).unwrap().is_none());
    release(&kernel, client);
    close(&kernel, connect);
}

// ---- OC-20, OC-21 ----

#[test]
fn oc_20_a_probe_is_unsupported_by_default() {
    let world = boot("Plain");
    let kernel = world.kernel();
    let plain = Service::first(&kernel, &Matching::class("Plain")).unwrap().unwrap();
    assert_eq!(kernel.io_service_request_probe(plain.as_raw(), 0), IoReturn::UNSUPPORTED);
    assert_eq!(plain.request_probe(1).unwrap_err().code(), IoReturn::UNSUPPORTED);
}

#[test]
fn oc_20_io_resources_cannot_be_opened() {
    assert_eq!(try_open(&World::boot("empty").kernel(), "IOResources", 0), (IoReturn::UNSUPPORTED, NULL));
}

/// The codes that a driver gets when it asks for the privileges "root", "local", "console", "foreground", and one that
/// there is not.
fn privileges(task: &str) -> [IoReturn; 5] {
    let world = World::boot_as("openings/Plain", task);
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let answer =
        Call::new(kernel.clone(), connect, selector::PRIVILEGES).scalar_capacity(5).send().expect_success();
    close(&kernel, connect);
    std::array::from_fn(|index| IoReturn::from_code(answer.scalars[index] as u32))
}

#[test]
fn oc_21_a_driver_can_ask_what_the_task_may_do() {
    const YES: IoReturn = IoReturn::SUCCESS;
    const NO: IoReturn = IoReturn::NOT_PRIVILEGED;
    const WHAT: IoReturn = IoReturn::UNSUPPORTED;
    assert_eq!(privileges("user"), [NO, YES, YES, YES, WHAT]);
    assert_eq!(privileges("root"), [YES, YES, YES, YES, WHAT]);
    assert_eq!(privileges("remote"), [NO, NO, YES, YES, WHAT]);
    assert_eq!(privileges("off_console"), [NO, YES, NO, YES, WHAT]);
    assert_eq!(privileges("background"), [NO, YES, YES, NO, WHAT]);
}
