//! External methods: what IOKitLib, the kernel and the user stub make of a call (EM-1 … EM-14, EM-16, EM-17).

use crate::raw::{BYTES_SENT, Call, Opened, UNTOUCHED_BYTE, UNTOUCHED_COUNT, UNTOUCHED_SCALAR};
use crate::releasing::{io_connect_release, mach_port_deallocate, mach_port_mod_refs};
use crate::steps;
use crate::world::World;
use iokit_uc::backend::{Backend, DEAD, NULL, PortName, PortRight, ScalarOutput, StructureOutput};
use iokit_uc::{IoReturn, Kernel};
use iokit_uc_machines::methods::{BYTES_WRITTEN, scalar_written};

/// A connection to the driver that sees every call.
fn raw() -> Opened {
    Opened::boot("methods", "Raw")
}

/// A connection to the same on a machine that is misused on purpose.
fn misused() -> Opened {
    Opened::on(World::boot("methods").unchecked(), "Raw")
}

/// The name of a new receive right.
fn receive_right(kernel: &Kernel) -> PortName {
    let mut name = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut name), IoReturn::SUCCESS);
    name
}

fn destroy(kernel: &Kernel, receive_right: PortName) {
    assert_eq!(mach_port_mod_refs(kernel, receive_right, PortRight::Receive, -1), IoReturn::SUCCESS);
}

/// Whether the first `count` bytes are the driver's and the rest are the caller's own.
fn is_written_to(structure: &[u8], count: usize) -> bool {
    let (written, rest) = structure.split_at(count);
    *written == BYTES_WRITTEN[..count] && *rest == vec![UNTOUCHED_BYTE; rest.len()]
}

#[test]
fn em_01_a_call_carries_16_scalars_and_4096_bytes_in_line_each_way() {
    let raw = raw();
    let call = raw.call(7).scalars(16).structure(4096).scalar_capacity(16).structure_capacity(4096);
    let answer = call.send().expect_success();
    assert_eq!((raw.ask("selector"), raw.ask("scalar_inputs"), raw.ask("structure_input")), (7, 16, 4096));
    assert_eq!((answer.scalar_count, answer.structure_size), (16, 4096));
    for (index, &scalar) in answer.scalars.iter().enumerate() {
        assert_eq!(raw.world.command("scalar_input", &[index as u64]), index as u64 + 1);
        assert_eq!(scalar, scalar_written(index));
    }
    assert!(is_written_to(&answer.structure, 4096));
}

#[test]
fn em_01_a_reference_has_at_most_8_words() {
    let raw = raw();
    raw.call(0).asynchronous(NULL, Some(&[0; 8])).send().expect_success();
    raw.call(0).asynchronous(NULL, Some(&[0; 9])).send().expect_failure(IoReturn::MIG_ARRAY_TOO_LARGE);
}

#[test]
fn em_02_a_structure_of_more_than_4096_bytes_comes_by_descriptor() {
    let raw = raw();
    for (size, is_out_of_line) in [(0, 0), (1, 0), (4095, 0), (4096, 0), (4097, 1)] {
        raw.call(0).structure(size).send().expect_success();
        assert_eq!(raw.ask("structure_input"), size as u64);
        assert_eq!(raw.ask("input_is_out_of_line"), is_out_of_line, "{size} bytes");
    }
}

#[test]
fn em_03_without_a_count_there_is_no_structure_output() {
    let raw = raw();
    raw.call(0).send().expect_success();
    assert_eq!((raw.ask("structure_capacity"), raw.ask("output_is_out_of_line")), (0, 0));
}

#[test]
fn em_03_an_answer_of_more_than_4096_bytes_goes_by_descriptor() {
    let raw = raw();
    for (size, is_out_of_line) in [(0, 0), (1, 0), (4096, 0), (4097, 1)] {
        let answer = raw.call(0).structure_capacity(size).send().expect_success();
        assert_eq!((raw.ask("structure_capacity"), raw.ask("structure_room")), (size as u64, size as u64));
        assert_eq!(raw.ask("output_is_out_of_line"), is_out_of_line, "{size} bytes");
        assert_eq!(answer.structure_size, size);
        assert!(is_written_to(&answer.structure, size));
    }
}

#[test]
fn em_04_variable_output_is_as_long_as_the_driver_makes_it() {
    let raw = raw();
    for size in [1, 4096, 4097, 10_000] {
        raw.tell("answer_variable", size);
        let answer = raw.call(0).variable().send().expect_success();
        assert_eq!(raw.ask("is_variable"), 1);
        assert_eq!(answer.structure.len() as u64, size);
        assert!(is_written_to(&answer.structure, size as usize));
    }
}

#[test]
fn em_04_a_call_for_variable_output_offers_no_buffer() {
    let raw = raw();
    raw.tell("answer_variable", 1);
    raw.call(0).variable().send().expect_success();
    let seen =
        ["structure_capacity", "structure_room", "output_is_out_of_line"].map(|question| raw.ask(question));
    assert_eq!(seen, [0, 0, 0]);
}

#[test]
fn em_04_variable_output_is_emptied_by_a_call_that_fails() {
    let raw = raw();
    raw.tell("answer_variable", 5);
    raw.tell("answer_code", IoReturn::BUSY.code().into());
    let refused = raw.call(0).variable().send();
    assert_eq!((refused.code, refused.structure.len()), (IoReturn::BUSY, 0));
    let never_sent = raw.call(0).scalars(17).variable().send();
    assert_eq!((never_sent.code, never_sent.structure.len()), (IoReturn::MIG_ARRAY_TOO_LARGE, 0));
    let sent_nowhere = Call::new(raw.world.kernel(), NULL, 0).variable().send();
    assert_eq!((sent_nowhere.code, sent_nowhere.structure.len()), (IoReturn::MACH_SEND_INVALID_DEST, 0));
}

#[test]
fn em_04_variable_output_is_emptied_when_the_scalars_overflow() {
    let raw = raw();
    raw.tell("answer_variable", 5);
    raw.tell("answer_scalars", 3);
    let overflown = raw.call(0).scalar_capacity(2).variable().send();
    assert_eq!((overflown.code, overflown.structure.len()), (IoReturn::MIG_ARRAY_TOO_LARGE, 0));
    assert_eq!(overflown.scalar_count, 3);
}

#[test]
fn em_04_an_asynchronous_call_has_no_variable_output() {
    let raw = raw();
    raw.tell("answer_variable", 5);
    let answer = raw.call(0).asynchronous(NULL, None).variable().send();
    assert_eq!(answer.code, IoReturn::IPC_ERROR);
    assert_eq!(raw.ask("calls"), 0);
}

#[test]
fn em_05_without_a_count_there_is_room_for_no_scalar() {
    let raw = raw();
    raw.call(0).send().expect_success();
    assert_eq!(raw.ask("scalar_capacity"), 0);
}

#[test]
fn em_06_17_scalars_are_not_sent() {
    let raw = raw();
    raw.call(0).scalars(17).send().expect_failure(IoReturn::MIG_ARRAY_TOO_LARGE);
    raw.call(0).asynchronous(NULL, None).scalars(17).send().expect_failure(IoReturn::MIG_ARRAY_TOO_LARGE);
    assert_eq!(raw.ask("calls"), 0);
}

#[test]
fn em_06_the_count_is_looked_at_before_the_connection() {
    let raw = raw();
    let nowhere = || Call::new(raw.world.kernel(), DEAD, 0);
    nowhere().scalars(16).send().expect_failure(IoReturn::MACH_SEND_INVALID_DEST);
    nowhere().scalars(17).send().expect_failure(IoReturn::MIG_ARRAY_TOO_LARGE);
    nowhere().asynchronous(NULL, Some(&[0; 8])).send().expect_failure(IoReturn::MACH_SEND_INVALID_DEST);
    nowhere().asynchronous(NULL, Some(&[0; 9])).send().expect_failure(IoReturn::MIG_ARRAY_TOO_LARGE);
}

#[test]
fn em_07_a_scalar_capacity_over_16_is_taken_for_16() {
    let raw = raw();
    for (capacity, seen) in [(15, 15), (16, 16), (17, 16), (100, 16)] {
        let answer = raw.call(0).scalar_capacity(capacity).send().expect_success();
        assert_eq!(raw.ask("scalar_capacity"), seen);
        assert_eq!(answer.scalar_count as u64, seen);
        assert!(answer.scalars[seen as usize..].iter().all(|&scalar| scalar == UNTOUCHED_SCALAR));
    }
}

#[test]
fn em_08_a_call_that_fails_leaves_the_counts_alone() {
    let raw = raw();
    raw.tell("answer_code", IoReturn::BUSY.code().into());
    raw.tell("answer_scalars", 1);
    raw.tell("answer_structure", 1);
    raw.call(0).scalar_capacity(2).structure_capacity(2).send().expect_failure(IoReturn::BUSY);
    raw.call(0).scalar_capacity(2).send().expect_failure(IoReturn::BUSY);
    let by_descriptor = raw.call(0).scalar_capacity(2).structure_capacity(4097).send();
    assert_eq!((by_descriptor.code, by_descriptor.structure_size), (IoReturn::BUSY, UNTOUCHED_COUNT));
    assert_eq!(by_descriptor.scalar_count, UNTOUCHED_COUNT);
}

#[test]
fn em_09_scalars_beyond_the_capacity_are_counted_and_not_copied() {
    let raw = raw();
    raw.tell("answer_scalars", 16);
    let answer = raw.call(0).scalar_capacity(2).send();
    assert_eq!((answer.code, answer.scalar_count), (IoReturn::MIG_ARRAY_TOO_LARGE, 16));
    assert_eq!(answer.scalars, [scalar_written(0), scalar_written(1)]);
}

#[test]
fn em_09_a_structure_beyond_the_capacity_is_counted_and_not_copied() {
    let raw = raw();
    raw.tell("answer_structure", 4096);
    let answer = raw.call(0).structure_capacity(3).send();
    assert_eq!((answer.code, answer.structure_size), (IoReturn::MIG_ARRAY_TOO_LARGE, 4096));
    assert!(is_written_to(&answer.structure, 3));
    // Also where no count asked for one.
    assert_eq!(raw.call(0).send().code, IoReturn::MIG_ARRAY_TOO_LARGE);
}

#[test]
fn em_09_one_more_than_the_capacity_is_too_many() {
    let raw = raw();
    for (scalars, structure, code) in [
        (2, 3, IoReturn::SUCCESS),
        (3, 3, IoReturn::MIG_ARRAY_TOO_LARGE),
        (2, 4, IoReturn::MIG_ARRAY_TOO_LARGE),
    ] {
        raw.tell("answer_scalars", scalars);
        raw.tell("answer_structure", structure);
        assert_eq!(raw.call(0).scalar_capacity(2).structure_capacity(3).send().code, code);
    }
}

#[test]
fn em_09_a_structure_that_overflows_keeps_the_scalars_back() {
    let raw = raw();
    raw.tell("answer_structure", 4);
    let answer = raw.call(0).scalar_capacity(2).structure_capacity(3).send();
    assert_eq!((answer.code, answer.structure_size), (IoReturn::MIG_ARRAY_TOO_LARGE, 4));
    assert_eq!(answer.scalar_count, UNTOUCHED_COUNT);
    assert_eq!(answer.scalars, [UNTOUCHED_SCALAR; 2]);
}

#[test]
fn em_09_scalars_that_overflow_come_after_the_structure() {
    let raw = raw();
    raw.tell("answer_scalars", 3);
    raw.tell("answer_structure", 2);
    let answer = raw.call(0).scalar_capacity(2).structure_capacity(3).send();
    assert_eq!(
        (answer.code, answer.scalar_count, answer.structure_size),
        (IoReturn::MIG_ARRAY_TOO_LARGE, 3, 2)
    );
    assert!(is_written_to(&answer.structure, 2));
}

#[test]
fn em_09_scalars_that_overflow_keep_the_descriptors_size_back() {
    let raw = raw();
    raw.tell("answer_scalars", 3);
    raw.tell("answer_structure", 5);
    let answer = raw.call(0).scalar_capacity(2).structure_capacity(4097).send();
    assert_eq!((answer.code, answer.scalar_count), (IoReturn::MIG_ARRAY_TOO_LARGE, 3));
    assert_eq!(answer.structure_size, UNTOUCHED_COUNT);
}

#[test]
fn em_09_nobody_compares_the_size_that_comes_by_descriptor() {
    let raw = raw();
    raw.tell("answer_structure", 5000);
    let answer = raw.call(0).structure_capacity(4097).send().expect_success();
    assert_eq!((answer.structure_size, answer.structure.len()), (5000, 4097));
}

#[test]
fn em_09a_counts_beyond_the_kernels_buffers_are_a_driver_bug() {
    for (scalars, structure) in [(17, 0), (0, 4097), (u32::MAX, usize::MAX)] {
        let raw = misused();
        raw.tell("answer_scalars", scalars.into());
        raw.tell("answer_structure", structure as u64);
        let call = raw.call(3).scalar_capacity(16).structure_capacity(4096);
        call.send().expect_failure(IoReturn::MIG_TYPE_ERROR);
        let claim = format!("{scalars} scalars and {structure} bytes of structure from selector 3");
        let [misuse] = &raw.world.misuses()[..] else { panic!("one misuse") };
        assert!(misuse.contains(&claim), "{misuse}");
    }
}

#[test]
fn em_09a_a_driver_that_claims_too_much_and_fails_is_no_bug() {
    let raw = raw();
    raw.tell("answer_scalars", 17);
    raw.tell("answer_code", IoReturn::BUSY.code().into());
    raw.call(0).scalar_capacity(16).send().expect_failure(IoReturn::BUSY);
}

/// A connection whose calls a filter refuses.
fn filtered() -> Opened {
    let world = World::boot("methods");
    world.command("filter", &[]);
    Opened::on(world, "Raw")
}

#[test]
fn em_11_a_filter_refuses_before_the_driver_sees_the_call() {
    let raw = filtered();
    raw.call(5).scalar_capacity(1).structure_capacity(1).send().expect_failure(IoReturn::NOT_PERMITTED);
    assert_eq!(raw.ask("calls"), 0);
    let wake_port = receive_right(&raw.world.kernel());
    raw.call(6).asynchronous(wake_port, None).send().expect_failure(IoReturn::NOT_PERMITTED);
    const SYNCHRONOUS: u64 = 0;
    const ASYNCHRONOUS: u64 = 1;
    assert_eq!(raw.world.command("filtered", &[5, SYNCHRONOUS]), 1);
    assert_eq!(raw.world.command("filtered", &[6, ASYNCHRONOUS]), 1);
    assert_eq!(raw.world.send_rights(wake_port), 0, "the right that the call made is gone again");
    destroy(&raw.world.kernel(), wake_port);
}

#[test]
fn em_11_the_reference_is_looked_at_before_the_filter() {
    let raw = filtered();
    raw.call(0).asynchronous(NULL, Some(&[])).send().expect_failure(IoReturn::BAD_ARGUMENT);
    assert_eq!(raw.ask("filtered"), 0);
}

#[test]
fn em_11_the_descriptors_are_looked_at_before_the_filter() {
    let raw = filtered();
    assert_eq!(raw.call(0).asynchronous(NULL, None).variable().send().code, IoReturn::IPC_ERROR);
    assert_eq!(raw.ask("filtered"), 0);
}

#[test]
fn em_11_the_reference_is_looked_at_before_the_descriptors() {
    let raw = raw();
    let answer = raw.call(0).asynchronous(NULL, Some(&[])).variable().send();
    assert_eq!(answer.code, IoReturn::BAD_ARGUMENT);
}

#[test]
fn em_11_the_connection_is_looked_at_before_the_descriptors() {
    let raw = raw();
    let kernel = raw.world.kernel();
    let root = kernel.io_registry_get_root_entry(NULL);
    let answer = Call::new(kernel.clone(), root, 0).asynchronous(NULL, None).variable().send();
    assert_eq!(answer.code, IoReturn::BAD_ARGUMENT);
    steps::release(&kernel, root);
}

#[test]
fn em_11_a_reference_without_words_is_refused_and_none_at_all_is_not() {
    let raw = raw();
    raw.call(0).asynchronous(NULL, Some(&[])).send().expect_failure(IoReturn::BAD_ARGUMENT);
    raw.call(0).asynchronous(NULL, Some(&[0])).send().expect_success();
    raw.call(0).asynchronous(NULL, None).send().expect_success();
    assert_eq!(raw.ask("calls"), 2);
}

#[cfg(not(miri))] // Reserves 4 GiB.
#[test]
fn em_12_an_answer_of_4_gib_or_more_is_refused() {
    // The table's own check follows, so that nobody touches the buffer.
    let opened = Opened::boot("methods", "Dispatch2022");
    for (capacity, code) in [(u32::MAX as usize, IoReturn::BAD_ARGUMENT), (1 << 32, IoReturn::IPC_ERROR)] {
        let (mut bytes, mut size) = (vec![0; capacity], UNTOUCHED_COUNT);
        let output = StructureOutput::Buffer { bytes: &mut bytes, size: &mut size };
        let kernel = opened.world.kernel();
        assert_eq!(kernel.io_connect_call_struct_method(opened.connect, 0, &[], Some(output)), code);
        assert_eq!(size, UNTOUCHED_COUNT);
    }
}

#[test]
fn em_13_the_driver_gets_what_the_caller_sent() {
    let raw = raw();
    for size in [5, 4096, 4097] {
        let scalars = [0, u64::MAX, 0x0123_4567_89ab_cdef];
        raw.call(9).scalar_values(&scalars).structure(size).send().expect_success();
        assert_eq!(raw.ask("selector"), 9);
        assert_eq!(raw.ask("scalar_inputs"), 3);
        for (index, &scalar) in scalars.iter().enumerate() {
            assert_eq!(raw.world.command("scalar_input", &[index as u64]), scalar);
        }
        assert_eq!(raw.ask("structure_input"), size as u64);
        for index in [0, 1, size / 2, size - 1] {
            assert_eq!(raw.world.command("structure_input_byte", &[index as u64]), BYTES_SENT[index].into());
        }
    }
}

#[test]
fn em_13_the_driver_sees_the_capacities_and_zeroes() {
    let raw = raw();
    raw.call(0).scalar_capacity(3).structure_capacity(7).send().expect_success();
    let seen = ["scalar_capacity", "structure_capacity", "structure_room"].map(|question| raw.ask(question));
    assert_eq!(seen, [3, 7, 7]);
    assert_eq!((raw.ask("scalars_were_zero"), raw.ask("structure_was_zero")), (1, 1));
}

#[test]
fn em_13_a_synchronous_call_is_no_asynchronous_one() {
    let raw = raw();
    raw.call(0).send().expect_success();
    assert_eq!(raw.ask("is_async"), 0);
    let kernel = raw.world.kernel();
    let wake_port = receive_right(&kernel);
    raw.call(0).asynchronous(wake_port, None).send().expect_success();
    assert_eq!(raw.ask("is_async"), 1);
    destroy(&kernel, wake_port);
}

#[test]
fn em_14_the_driver_may_lower_its_counts() {
    let raw = raw();
    raw.tell("answer_scalars", 1);
    raw.tell("answer_structure", 3);
    for capacity in [8, 4097] {
        let answer = raw.call(0).scalar_capacity(2).structure_capacity(capacity).send().expect_success();
        assert_eq!((answer.scalar_count, answer.structure_size), (1, 3));
        assert_eq!(answer.scalars, [scalar_written(0), UNTOUCHED_SCALAR]);
    }
}

#[test]
fn em_14_what_is_beyond_the_returned_count_stays_the_callers() {
    let raw = raw();
    raw.tell("answer_structure", 3);
    let answer = raw.call(0).structure_capacity(8).send().expect_success();
    assert!(is_written_to(&answer.structure, 3));
    raw.tell("answer_structure", 0);
    let answer = raw.call(0).structure_capacity(8).send().expect_success();
    assert!(is_written_to(&answer.structure, 0));
    assert_eq!(answer.structure_size, 0);
}

#[test]
fn em_14_in_line_bytes_that_the_driver_does_not_write_are_zero() {
    let raw = raw();
    raw.tell("answer_unwritten", 3);
    let answer = raw.call(0).structure_capacity(8).send().expect_success();
    assert!(is_written_to(&answer.structure[..5], 5));
    assert_eq!(answer.structure[5..], [0; 3]);
}

#[test]
fn em_14_a_descriptor_is_the_callers_own_memory() {
    let raw = raw();
    raw.tell("answer_unwritten", 7);
    let answer = raw.call(0).structure_capacity(5000).send().expect_success();
    assert_eq!(answer.structure_size, 5000);
    assert!(is_written_to(&answer.structure, 4993));
    // What the driver has written there stays, whatever becomes of the call.
    raw.tell("answer_code", IoReturn::BUSY.code().into());
    let answer = raw.call(0).structure_capacity(5000).send();
    assert_eq!(answer.code, IoReturn::BUSY);
    assert!(is_written_to(&answer.structure, 4993));
}

#[test]
fn em_16_variable_output_without_data_is_an_underrun() {
    let raw = raw();
    let answer = raw.call(0).variable().send();
    assert_eq!((answer.code, answer.structure.len()), (IoReturn::UNDERRUN, 0));
}

#[test]
fn em_16_variable_output_may_be_empty() {
    let raw = raw();
    raw.tell("answer_variable", 0);
    let answer = raw.call(0).variable().send().expect_success();
    assert!(answer.structure.is_empty());
}

#[test]
fn em_16_the_underrun_comes_before_the_scalars() {
    let raw = raw();
    raw.tell("answer_scalars", 3);
    let answer = raw.call(0).scalar_capacity(2).variable().send();
    assert_eq!((answer.code, answer.scalar_count), (IoReturn::UNDERRUN, UNTOUCHED_COUNT));
    assert_eq!(answer.scalars, [UNTOUCHED_SCALAR; 2]);
}

#[test]
fn em_16_scalars_come_beside_variable_output() {
    let raw = raw();
    raw.tell("answer_variable", 4);
    let answer = raw.call(0).scalar_capacity(2).variable().send().expect_success();
    assert_eq!(answer.scalars, [scalar_written(0), scalar_written(1)]);
    assert_eq!((answer.scalar_count, answer.structure.len()), (2, 4));
}

#[test]
fn em_17_a_user_client_that_stays_after_its_close_still_answers() {
    let world = World::boot("methods").unchecked();
    let kernel = world.kernel();
    let connect = crate::raw::open(&kernel, "Stays");
    assert_eq!(kernel.io_connect_add_ref(connect), IoReturn::SUCCESS);
    steps::close(&kernel, connect);
    Call::new(kernel.clone(), connect, 0).send().expect_success();
    assert_eq!(world.command("calls", &[]), 1);
    assert_eq!(io_connect_release(&kernel, connect), IoReturn::SUCCESS);
    // Nothing makes such a user client go.
    assert_eq!((world.command("user_clients", &[]), world.command("leaks", &[])), (1, 0));
    assert_eq!(world.misuses(), [""; 0]);
}

#[test]
fn em_17_a_user_client_that_terminates_at_its_close_is_out_of_reach() {
    let raw = raw();
    let kernel = raw.world.kernel();
    let second = crate::raw::open(&kernel, "Raw");
    assert_eq!(kernel.io_connect_add_ref(second), IoReturn::SUCCESS);
    steps::close(&kernel, second);
    Call::new(kernel.clone(), second, 0).send().expect_failure(IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(raw.ask("calls"), 0);
    assert_eq!(mach_port_deallocate(&kernel, second), IoReturn::SUCCESS);
}

#[test]
fn em_17_the_name_of_another_kind_of_object_is_no_connection() {
    let raw = raw();
    let kernel = raw.world.kernel();
    let root = kernel.io_registry_get_root_entry(NULL);
    Call::new(kernel.clone(), root, 0).send().expect_failure(IoReturn::BAD_ARGUMENT);
    Call::new(kernel.clone(), kernel.mach_task_self(), 0).send().expect_failure(IoReturn::BAD_ARGUMENT);
    steps::release(&kernel, root);
}

#[test]
fn the_two_short_forms_are_the_whole_call_with_less_in_it() {
    let raw = raw();
    let kernel = raw.world.kernel();
    let (mut scalars, mut count) = ([0; 2], 0);
    let output = ScalarOutput { buffer: &mut scalars, count: &mut count };
    assert_eq!(
        kernel.io_connect_call_scalar_method(raw.connect, 1, &[4, 5], Some(output)),
        IoReturn::SUCCESS
    );
    assert_eq!(
        (raw.ask("scalar_inputs"), raw.ask("structure_input"), raw.ask("structure_capacity")),
        (2, 0, 0)
    );
    assert_eq!((scalars, count), ([scalar_written(0), scalar_written(1)], 2));

    let (mut bytes, mut size) = ([0; 4], 0);
    let output = StructureOutput::Buffer { bytes: &mut bytes, size: &mut size };
    assert_eq!(
        kernel.io_connect_call_struct_method(raw.connect, 2, &[6; 3], Some(output)),
        IoReturn::SUCCESS
    );
    assert_eq!((raw.ask("scalar_inputs"), raw.ask("structure_input"), raw.ask("scalar_capacity")), (0, 3, 0));
    assert!(is_written_to(&bytes, 4));
    assert_eq!(size, 4);
}

#[test]
fn em_05_scalars_for_a_caller_without_a_count_are_too_many() {
    let world = World::boot("methods").unchecked();
    let kernel = world.kernel();
    let connect = crate::raw::open(&kernel, "Raw");
    world.command("answer_scalars", &[2]);
    assert_eq!(
        kernel.io_connect_call_method(connect, 0, &[], &[], None, None),
        IoReturn::MIG_ARRAY_TOO_LARGE
    );
    steps::close(&kernel, connect);
}
