//! Arguments that reach the simulated kernel as they are, and that the macOS backend refuses by itself, or has no way to
//! express.

use crate::raw::open;
use crate::steps;
use crate::world::World;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL};
use iokit_uc::{IoReturn, Value};

#[test]
fn mt_04_the_main_port_is_looked_at_before_what_is_no_dictionary() {
    let world = World::boot("family");
    let kernel = world.kernel();
    let (task, matching) = (kernel.mach_task_self(), Value::from("Cat"));
    let code = kernel.io_service_get_matching_services(task, Some(&matching), &mut 0);
    assert_eq!(code, IoReturn::NOT_PRIVILEGED);
}

/// A CFSet has an order of its own.
#[test]
fn mt_09_a_set_is_read_up_to_the_first_that_is_no_string() {
    let world = World::boot("names");
    let kernel = world.kernel();
    let matching = Value::dictionary([("IONameMatch", Value::set([Value::from(5u32), "Plain".into()]))]);
    assert_eq!(kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&matching)), NULL);
}

/// The macOS backend always passes a count.
#[test]
fn em_09b_scalars_for_a_caller_that_passed_no_count_are_a_misuse() {
    let world = World::boot("methods").unchecked();
    let kernel = world.kernel();
    let connect = open(&kernel, "Raw");
    world.command("answer_scalars", &[2]);
    let code = kernel.io_connect_call_method(connect, 0, &[], &[], None, None);
    assert_eq!(code, IoReturn::MIG_ARRAY_TOO_LARGE);
    let misuse = "the driver returned 2 scalars from selector 0 to a caller that passed no count";
    assert_eq!(world.misuses(), [misuse]);
    steps::close(&kernel, connect);
}
