//! What a dispatch table refuses: the classic one and the one of 2022 (EM-18 … EM-23).

use crate::raw::{Call, Opened, open};
use crate::releasing::mach_port_mod_refs;
use crate::steps;
use crate::world::World;
use iokit_uc::backend::{Backend, NULL, PortRight};
use iokit_uc::{IoReturn, Matching, Service};

const BOTH: [&str; 2] = ["Classic", "Dispatch2022"];

/// Selector 0, called with the counts that its record states: one scalar and 8 bytes in, two scalars and 16 bytes out.
fn exact(opened: &Opened) -> Call {
    opened.call(0).scalars(1).structure(8).scalar_capacity(2).structure_capacity(16)
}

/// Selector 1, whose record states no count.
const UNCHECKED: u32 = 1;
/// Selector 2: one scalar in, and no function.
const NO_FUNCTION: u32 = 2;
/// Selector 3: nothing stated but that asynchronous calls are allowed.
const ASYNC: u32 = 3;
/// Selector 4: one scalar in, and an entitlement.
const ENTITLED: u32 = 4;
/// Selector 5: the same without a function.
const ENTITLED_NO_FUNCTION: u32 = 5;

#[test]
fn em_18_counts_as_the_record_states_them_reach_the_function() {
    for class in BOTH {
        let opened = Opened::boot("methods", class);
        let answer = exact(&opened).send().expect_success();
        assert_eq!((answer.scalar_count, answer.structure_size), (2, 16));
        assert_eq!(opened.ask("calls"), 1);
    }
}

#[test]
fn em_18_em_23_every_count_must_be_equal() {
    for class in BOTH {
        let opened = Opened::boot("methods", class);
        for call in [
            exact(&opened).scalars(0),
            exact(&opened).scalars(2),
            exact(&opened).structure(7),
            exact(&opened).structure(9),
            exact(&opened).scalar_capacity(1),
            exact(&opened).scalar_capacity(3),
            exact(&opened).structure_capacity(15),
            exact(&opened).structure_capacity(17),
        ] {
            call.send().expect_failure(IoReturn::BAD_ARGUMENT);
        }
        assert_eq!(opened.ask("calls"), 0);
    }
}

#[test]
fn em_18_structures_by_descriptor_are_compared_by_their_length() {
    for class in BOTH {
        let opened = Opened::boot("methods", class);
        for call in [exact(&opened).structure(4097), exact(&opened).structure_capacity(4097)] {
            assert_eq!(call.send().code, IoReturn::BAD_ARGUMENT);
        }
        opened.call(UNCHECKED).structure(4097).structure_capacity(4097).send().expect_success();
    }
}

#[test]
fn em_18_a_capacity_over_16_is_compared_as_16() {
    for class in BOTH {
        let opened = Opened::boot("methods", class);
        // Variable, and so let through; the driver's answer is for 16.
        opened.call(UNCHECKED).scalar_capacity(17).send().expect_success();
        assert_eq!(opened.ask("scalar_capacity"), 16);
    }
}

#[test]
fn em_18_the_variable_count_lets_every_count_through() {
    for class in BOTH {
        let opened = Opened::boot("methods", class);
        opened.call(UNCHECKED).send().expect_success();
        let full =
            opened.call(UNCHECKED).scalars(16).structure(4096).scalar_capacity(16).structure_capacity(4096);
        full.send().expect_success();
        assert_eq!(opened.ask("calls"), 2);
    }
}

#[test]
fn em_18_variable_output_counts_as_no_structure() {
    for class in BOTH {
        let opened = Opened::boot("methods", class);
        opened.tell("answer_variable", 16);
        assert_eq!(exact(&opened).variable().send().code, IoReturn::BAD_ARGUMENT);
        let answer = opened.call(UNCHECKED).variable().send().expect_success();
        assert_eq!(answer.structure.len(), 16);
    }
}

#[test]
fn em_19_a_record_without_a_function_has_no_completion() {
    for class in BOTH {
        let opened = Opened::boot("methods", class);
        opened.call(NO_FUNCTION).scalars(1).send().expect_failure(IoReturn::NO_COMPLETION);
    }
}

#[test]
fn em_19_the_counts_are_checked_before_the_function_is_missed() {
    for class in BOTH {
        let opened = Opened::boot("methods", class);
        opened.call(NO_FUNCTION).send().expect_failure(IoReturn::BAD_ARGUMENT);
    }
}

#[test]
fn em_20_a_classic_driver_has_its_own_code_for_a_selector_past_its_table() {
    let classic = Opened::boot("methods", "Classic");
    classic.call(6).send().expect_failure(IoReturn::NO_RESOURCES);
}

#[test]
fn em_20_a_classic_driver_without_a_record_falls_through_to_the_legacy_lookup() {
    let classic = Opened::boot("methods", "Classic");
    classic.call(16).send().expect_failure(IoReturn::UNSUPPORTED);
    classic.call(u32::MAX).send().expect_failure(IoReturn::UNSUPPORTED);
    classic.call(16).structure(4097).send().expect_failure(IoReturn::IPC_ERROR);
}

#[test]
fn em_21_a_selector_past_the_table_is_a_bad_argument() {
    let opened = Opened::boot("methods", "Dispatch2022");
    for selector in [6, 7, 0x8000_0000, u32::MAX] {
        opened.call(selector).send().expect_failure(IoReturn::BAD_ARGUMENT);
    }
    // The last selector of the table is not past it.
    opened.call(5).scalars(1).send().expect_failure(IoReturn::NOT_PRIVILEGED);
}

#[test]
fn em_21_asynchronous_calls_need_leave() {
    let opened = Opened::boot("methods", "Dispatch2022");
    let kernel = opened.world.kernel();
    let mut wake_port = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut wake_port), IoReturn::SUCCESS);
    opened.call(UNCHECKED).asynchronous(wake_port, None).send().expect_failure(IoReturn::BAD_ARGUMENT);
    assert_eq!(opened.ask("calls"), 0);
    opened.call(ASYNC).asynchronous(wake_port, None).send().expect_success();
    assert_eq!(opened.ask("is_async"), 1);
    // A classic record has nothing to say about it.
    let classic = open(&kernel, "Classic");
    Call::new(kernel.clone(), classic, UNCHECKED).asynchronous(wake_port, None).send().expect_success();
    steps::close(&kernel, classic);
    assert_eq!(mach_port_mod_refs(&kernel, wake_port, PortRight::Receive, -1), IoReturn::SUCCESS);
}

#[test]
fn em_21_leave_is_looked_for_before_the_entitlement() {
    let opened = Opened::boot("methods", "Dispatch2022");
    let kernel = opened.world.kernel();
    let mut wake_port = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut wake_port), IoReturn::SUCCESS);
    opened
        .call(ENTITLED)
        .scalars(1)
        .asynchronous(wake_port, None)
        .send()
        .expect_failure(IoReturn::BAD_ARGUMENT);
    assert_eq!(mach_port_mod_refs(&kernel, wake_port, PortRight::Receive, -1), IoReturn::SUCCESS);
}

#[test]
fn em_21_a_task_without_the_entitlement_is_not_privileged() {
    let opened = Opened::boot("methods", "Dispatch2022");
    opened.call(ENTITLED).scalars(1).send().expect_failure(IoReturn::NOT_PRIVILEGED);
    assert_eq!(opened.ask("calls"), 0);
}

#[test]
fn em_21_the_counts_are_checked_before_the_entitlement() {
    let opened = Opened::boot("methods", "Dispatch2022");
    opened.call(ENTITLED).send().expect_failure(IoReturn::BAD_ARGUMENT);
}

#[test]
fn em_21_the_entitlement_is_checked_before_the_function_is_missed() {
    let opened = Opened::boot("methods", "Dispatch2022");
    opened.call(ENTITLED_NO_FUNCTION).scalars(1).send().expect_failure(IoReturn::NOT_PRIVILEGED);
}

#[test]
fn em_21_the_entitlement_counts_as_boolean_true_alone() {
    for (task, code) in [("entitled", IoReturn::SUCCESS), ("unentitled", IoReturn::NOT_PRIVILEGED)] {
        let opened = Opened::on(World::boot_as("methods", task), "Dispatch2022");
        assert_eq!(opened.call(ENTITLED).scalars(1).send().code, code);
    }
}

#[test]
fn em_21_an_entitled_task_still_misses_the_function() {
    let opened = Opened::on(World::boot_as("methods", "entitled"), "Dispatch2022");
    opened.call(ENTITLED_NO_FUNCTION).scalars(1).send().expect_failure(IoReturn::NO_COMPLETION);
}

#[test]
fn em_18_a_classic_record_asks_for_no_entitlement() {
    let opened = Opened::boot("methods", "Classic");
    opened.call(ENTITLED).scalars(1).send().expect_success();
}

#[test]
fn em_21_what_the_function_returns_is_the_calls_result() {
    for class in BOTH {
        let opened = Opened::boot("methods", class);
        opened.tell("answer_code", IoReturn::NO_SPACE.code().into());
        exact(&opened).send().expect_failure(IoReturn::NO_SPACE);
    }
}

#[test]
fn em_22_an_asynchronous_call_without_a_wake_port_counts_as_synchronous() {
    for class in BOTH {
        let opened = Opened::boot("methods", class);
        opened.call(UNCHECKED).asynchronous(NULL, None).send().expect_success();
        assert_eq!(opened.ask("is_async"), 0);
    }
}

#[test]
fn em_23_through_the_safe_api_a_larger_buffer_is_an_error_too() -> iokit_uc::Result<()> {
    for class in BOTH {
        let world = World::boot("methods");
        let service = Service::expect_first(&world.kernel(), &Matching::class(class))?;
        let connection = service.open(0)?;
        let call = connection.call(0).scalars(&[1]).structure(&[0; 8]).scalar_capacity(2);
        assert_eq!(call.clone().structure_capacity(16).send()?.structure().len(), 16);
        let refused = call.structure_capacity(17).send().unwrap_err();
        assert_eq!(refused.code(), IoReturn::BAD_ARGUMENT);
        assert!(refused.to_string().starts_with("IOConnectCallMethod (selector 0): "), "{refused}");
    }
    Ok(())
}
