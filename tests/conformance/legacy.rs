//! Dispatch by `IOExternalMethod`, as the oldest drivers do it (EM-24 … EM-29; what of EM-29 is
//! about completions is with them).

use crate::raw::{Opened, UNTOUCHED_SCALAR};
use crate::releasing::mach_port_mod_refs;
use crate::world::World;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, NULL, PortName, PortRight};
use iokit_uc_machines::methods::legacy_selector::*;
use iokit_uc_machines::methods::{BYTES_WRITTEN, scalar_written};

fn legacy() -> Opened {
    Opened::boot("methods", "Legacy")
}

/// What a scalar that the driver writes comes back as.
fn scalar_returned(index: usize) -> u64 {
    scalar_written(index) & 0xffff_ffff
}

/// Scalars whose upper halves are not zero.
fn wide_scalars(count: usize) -> Vec<u64> {
    (1..=count as u64).map(|scalar| scalar << 32 | scalar).collect()
}

/// The scalars that the driver saw.
fn scalars_seen(opened: &Opened) -> Vec<u64> {
    (0..opened.ask("scalar_inputs")).map(|index| opened.world.command("scalar_input", &[index])).collect()
}

/// Runs a test with the name of a receive right.
fn with_wake_port(opened: &Opened, test: impl FnOnce(PortName)) {
    let kernel = opened.world.kernel();
    let mut wake_port = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut wake_port), IoReturn::SUCCESS);
    test(wake_port);
    assert_eq!(mach_port_mod_refs(&kernel, wake_port, PortRight::Receive, -1), IoReturn::SUCCESS);
}

#[test]
fn em_24_a_selector_past_the_table_is_unsupported() {
    let legacy = legacy();
    legacy.call(NONE).send().expect_failure(IoReturn::UNSUPPORTED);
    legacy.call(u32::MAX).send().expect_failure(IoReturn::UNSUPPORTED);
}

#[test]
fn em_24_descriptors_are_refused() {
    let legacy = legacy();
    legacy.call(STRUCTS_ANY_ANY).structure(4096).structure_capacity(4096).send().expect_success();
    legacy.call(STRUCTS_ANY_ANY).structure(4097).send().expect_failure(IoReturn::IPC_ERROR);
    let answer = legacy.call(STRUCTS_ANY_ANY).structure_capacity(4097).send();
    assert_eq!(answer.code, IoReturn::IPC_ERROR);
    assert_eq!(legacy.ask("calls"), 1);
}

#[test]
fn em_24_descriptors_are_refused_before_the_lookup() {
    let legacy = legacy();
    legacy.call(NONE).structure(4097).send().expect_failure(IoReturn::IPC_ERROR);
}

#[test]
fn em_24_the_lookup_comes_before_the_counts() {
    let legacy = legacy();
    legacy.call(NONE).scalars(16).structure(1).send().expect_failure(IoReturn::UNSUPPORTED);
}

#[test]
fn em_24_a_foreground_method_is_not_for_a_task_that_is_denied_the_gpu() {
    let legacy = legacy();
    legacy.call(FOREGROUND_SCALARS_0_0).send().expect_success();
    drop(legacy);
    let denied = Opened::on(World::boot_as("methods", "background"), "Legacy");
    let call = |selector| denied.call(selector);
    call(FOREGROUND_SCALARS_0_0).send().expect_failure(IoReturn::NOT_PERMITTED);
    // Before the counts and the type, after the lookup.
    call(FOREGROUND_SCALARS_0_0).scalars(1).send().expect_failure(IoReturn::NOT_PERMITTED);
    call(FOREGROUND_UNKNOWN_TYPE).send().expect_failure(IoReturn::NOT_PERMITTED);
    call(NONE).send().expect_failure(IoReturn::UNSUPPORTED);
    call(STRUCTS_8_0).structure(8).send().expect_success();
}

#[test]
fn em_24_a_type_that_there_is_not_is_a_bad_argument() {
    let legacy = legacy();
    legacy.call(FOREGROUND_UNKNOWN_TYPE).send().expect_failure(IoReturn::BAD_ARGUMENT);
}

#[test]
fn em_24_an_asynchronous_call_is_looked_up_in_a_table_of_its_own() {
    let legacy = legacy();
    with_wake_port(&legacy, |wake_port| {
        let call = |selector| legacy.call(selector).asynchronous(wake_port, None);
        call(ASYNC_SCALARS_4_STRUCT_IN_8).scalars(4).structure(8).send().expect_success();
        assert_eq!(legacy.ask("is_async"), 1);
        call(ASYNC_NONE).scalars(6).send().expect_failure(IoReturn::UNSUPPORTED);
    });
    // The same selectors without one.
    legacy.call(SCALARS_2_3).scalars(2).scalar_capacity(3).send().expect_success();
    legacy.call(SCALARS_6_0).scalars(6).send().expect_success();
}

#[test]
fn em_22_a_legacy_call_without_a_wake_port_is_synchronous() {
    let legacy = legacy();
    legacy.call(SCALARS_6_0).asynchronous(NULL, None).scalars(6).send().expect_success();
    assert_eq!(legacy.ask("is_async"), 0);
}

#[test]
fn em_25_scalars_in_and_scalars_out() {
    let legacy = legacy();
    let answer = legacy.call(SCALARS_2_3).scalars(2).scalar_capacity(3).send().expect_success();
    assert_eq!(scalars_seen(&legacy), [1, 2]);
    assert_eq!(answer.scalars, [0, 1, 2].map(scalar_returned));
    assert_eq!(answer.scalar_count, 3);
}

#[test]
fn em_25_scalars_in_and_a_structure_out() {
    let legacy = legacy();
    let answer =
        legacy.call(SCALARS_4_STRUCT_OUT_16).scalars(4).structure_capacity(16).send().expect_success();
    assert_eq!(scalars_seen(&legacy), [1, 2, 3, 4]);
    assert_eq!((answer.structure_size, &answer.structure[..]), (16, &BYTES_WRITTEN[..16]));
}

#[test]
fn em_25_scalars_and_a_structure_in() {
    let legacy = legacy();
    legacy.call(SCALARS_3_STRUCT_IN_8).scalars(3).structure(8).send().expect_success();
    assert_eq!(scalars_seen(&legacy), [1, 2, 3]);
    assert_eq!(legacy.ask("structure_input"), 8);
}

#[test]
fn em_26_every_count_that_the_type_names_must_be_equal() {
    let legacy = legacy();
    let scalars = |inputs, outputs| legacy.call(SCALARS_2_3).scalars(inputs).scalar_capacity(outputs);
    let structure_out =
        |inputs, size| legacy.call(SCALARS_4_STRUCT_OUT_16).scalars(inputs).structure_capacity(size);
    let structure_in = |inputs, size| legacy.call(SCALARS_3_STRUCT_IN_8).scalars(inputs).structure(size);
    let structures = |input, output| legacy.call(STRUCTS_8_16).structure(input).structure_capacity(output);
    for wrong in [
        scalars(1, 3),
        scalars(3, 3),
        scalars(2, 2),
        scalars(2, 4),
        structure_out(3, 16),
        structure_out(5, 16),
        structure_out(4, 15),
        structure_out(4, 17),
        structure_in(2, 8),
        structure_in(4, 8),
        structure_in(3, 7),
        structure_in(3, 9),
        structures(7, 16),
        structures(9, 16),
        structures(8, 15),
        structures(8, 17),
    ] {
        wrong.send().expect_failure(IoReturn::BAD_ARGUMENT);
    }
    assert_eq!(legacy.ask("calls"), 0);
}

#[test]
fn em_26_the_size_of_a_structure_may_be_any() {
    let legacy = legacy();
    for (input, output) in [(0, 0), (1, 0), (0, 1), (4096, 4096)] {
        let call = legacy.call(STRUCTS_ANY_ANY).structure(input).structure_capacity(output);
        assert_eq!(call.send().expect_success().structure_size, output);
        assert_eq!(legacy.ask("structure_input"), input as u64);
    }
}

#[test]
fn em_26_the_number_of_scalars_may_not_be_any() {
    let legacy = legacy();
    for count in [0, 1, 6] {
        legacy.call(SCALARS_ANY_0).scalars(count).send().expect_failure(IoReturn::BAD_ARGUMENT);
    }
}

#[test]
fn em_26_what_the_type_does_not_name_is_neither_checked_nor_passed_on() {
    let legacy = legacy();
    legacy.call(SCALARS_2_3).scalars(2).scalar_capacity(3).structure(5).send().expect_success();
    assert_eq!(legacy.ask("structure_input"), 0);
    legacy.call(STRUCTS_8_16).structure(8).structure_capacity(16).scalars(9).send().expect_success();
    assert_eq!(legacy.ask("scalar_inputs"), 0);
    legacy
        .call(SCALARS_4_STRUCT_OUT_16)
        .scalars(4)
        .structure(5)
        .structure_capacity(16)
        .send()
        .expect_success();
    assert_eq!(legacy.ask("structure_input"), 0);
}

#[test]
fn em_26_outputs_that_the_type_does_not_name_come_back_zero_in_the_number_asked_for() {
    let legacy = legacy();
    let answer =
        legacy.call(SCALARS_2_3).scalars(2).scalar_capacity(3).structure_capacity(5).send().expect_success();
    assert_eq!((answer.structure_size, answer.structure), (5, vec![0; 5]));
    assert_eq!(legacy.ask("structure_capacity"), 0);

    for selector in [SCALARS_3_STRUCT_IN_8, STRUCTS_8_0] {
        let scalars = if selector == SCALARS_3_STRUCT_IN_8 { 3 } else { 0 };
        let call = legacy.call(selector).scalars(scalars).structure(8).scalar_capacity(2);
        let answer = call.send().expect_success();
        assert_eq!((answer.scalar_count, answer.scalars), (2, vec![0; 2]));
        assert_eq!(legacy.ask("scalar_capacity"), 0);
    }
}

#[test]
fn em_26_a_legacy_method_cannot_change_the_number_of_its_scalars() {
    let legacy = legacy();
    legacy.tell("answer_scalars", 1);
    let answer = legacy.call(SCALARS_2_3).scalars(2).scalar_capacity(3).send().expect_success();
    assert_eq!(answer.scalar_count, 3);
}

#[test]
fn em_27_scalars_are_cut_to_32_bits_on_their_way_in() {
    let legacy = legacy();
    legacy.call(SCALARS_6_0).scalar_values(&wide_scalars(6)).send().expect_success();
    assert_eq!(scalars_seen(&legacy), [1, 2, 3, 4, 5, 6]);
    legacy
        .call(SCALARS_4_STRUCT_OUT_16)
        .scalar_values(&wide_scalars(4))
        .structure_capacity(16)
        .send()
        .expect_success();
    assert_eq!(scalars_seen(&legacy), [1, 2, 3, 4]);
    for (selector, count) in [(SCALARS_3_STRUCT_IN_8, 3), (SCALARS_5_STRUCT_IN_8, 5)] {
        legacy.call(selector).scalar_values(&wide_scalars(count)).structure(8).send().expect_success();
        assert_eq!(scalars_seen(&legacy), (1..=count as u64).collect::<Vec<_>>());
    }
}

#[test]
fn em_27_scalars_are_extended_with_zeroes_on_their_way_out() {
    let legacy = legacy();
    let answer = legacy.call(SCALARS_2_3).scalars(2).scalar_capacity(3).send().expect_success();
    assert_ne!(scalar_written(0), scalar_returned(0));
    assert_eq!(answer.scalars, [0, 1, 2].map(scalar_returned));
}

#[test]
fn em_27_a_method_takes_six_arguments() {
    let legacy = legacy();
    legacy.call(SCALARS_6_0).scalars(6).send().expect_success();
    legacy.call(SCALARS_7_0).scalars(7).send().expect_failure(IoReturn::BAD_ARGUMENT);
    legacy.call(SCALARS_5_STRUCT_OUT_16).scalars(5).structure_capacity(16).send().expect_success();
    legacy
        .call(SCALARS_6_STRUCT_OUT_16)
        .scalars(6)
        .structure_capacity(16)
        .send()
        .expect_failure(IoReturn::BAD_ARGUMENT);
    legacy.call(SCALARS_5_STRUCT_IN_8).scalars(5).structure(8).send().expect_success();
    legacy.call(SCALARS_6_STRUCT_IN_8).scalars(6).structure(8).send().expect_failure(IoReturn::BAD_ARGUMENT);
    assert_eq!(legacy.ask("calls"), 3);
}

#[test]
fn em_27_outputs_beyond_the_sixth_argument_stay_zero() {
    let legacy = legacy();
    let answer = legacy.call(SCALARS_4_4).scalars(4).scalar_capacity(4).send().expect_success();
    assert_eq!(legacy.ask("scalar_capacity"), 2);
    assert_eq!(answer.scalars, [scalar_returned(0), scalar_returned(1), 0, 0]);
    assert_eq!(answer.scalar_count, 4);
    assert!(!answer.scalars.contains(&UNTOUCHED_SCALAR));
}

#[test]
fn em_27_a_method_of_five_scalars_has_no_room_for_the_size() {
    let legacy = legacy();
    legacy.tell("answer_structure", 3);
    let with_size = legacy.call(SCALARS_4_STRUCT_OUT_16).scalars(4).structure_capacity(16);
    assert_eq!(with_size.send().expect_success().structure_size, 3);
    let without = legacy.call(SCALARS_5_STRUCT_OUT_16).scalars(5).structure_capacity(16);
    assert_eq!(without.send().expect_success().structure_size, 16);
}

#[test]
fn em_27a_the_third_of_four_scalars_beside_a_structure_comes_whole() {
    let legacy = legacy();
    let wide = wide_scalars(4);
    legacy.call(SCALARS_4_STRUCT_IN_8).scalar_values(&wide).structure(8).send().expect_success();
    assert_eq!(scalars_seen(&legacy), [1, 2, wide[2], 4]);
}

#[test]
fn em_27a_but_not_in_an_asynchronous_call() {
    let legacy = legacy();
    with_wake_port(&legacy, |wake_port| {
        let call = legacy.call(ASYNC_SCALARS_4_STRUCT_IN_8).asynchronous(wake_port, None);
        call.scalar_values(&wide_scalars(4)).structure(8).send().expect_success();
    });
    assert_eq!(scalars_seen(&legacy), [1, 2, 3, 4]);
}

#[test]
fn em_28_a_method_of_structures_gets_those_that_its_record_has() {
    let legacy = legacy();
    let seen =
        || (legacy.ask("structure_input"), legacy.ask("structure_capacity"), legacy.ask("structure_room"));
    legacy.call(STRUCTS_8_16).structure(8).structure_capacity(16).send().expect_success();
    assert_eq!(seen(), (8, 16, 16));
    legacy.call(STRUCTS_0_16).structure_capacity(16).send().expect_success();
    assert_eq!(seen(), (0, 16, 16));
    legacy.call(STRUCTS_8_0).structure(8).send().expect_success();
    assert_eq!(seen(), (8, 0, 0));
}

#[test]
fn em_29_a_synchronous_method_can_shrink_its_structure() {
    let legacy = legacy();
    legacy.tell("answer_structure", 3);
    for call in [
        legacy.call(STRUCTS_8_16).structure(8).structure_capacity(16),
        legacy.call(STRUCTS_0_16).structure_capacity(16),
        legacy.call(SCALARS_4_STRUCT_OUT_16).scalars(4).structure_capacity(16),
    ] {
        assert_eq!(call.send().expect_success().structure_size, 3);
    }
}

#[test]
fn em_29_an_asynchronous_one_cannot() {
    let legacy = legacy();
    legacy.tell("answer_structure", 3);
    with_wake_port(&legacy, |wake_port| {
        let call = legacy.call(ASYNC_STRUCTS_0_16).asynchronous(wake_port, None);
        assert_eq!(call.structure_capacity(16).send().expect_success().structure_size, 16);
    });
    legacy.call(STRUCTS_0_16).structure_capacity(16).send().expect_success();
}

#[test]
fn em_24_what_the_method_returns_is_the_calls_result() {
    let legacy = legacy();
    legacy.tell("answer_code", IoReturn::NO_SPACE.code().into());
    legacy.call(SCALARS_2_3).scalars(2).scalar_capacity(3).send().expect_failure(IoReturn::NO_SPACE);
}
