//! External methods called by hand through the safe API: what is wrong with a call comes back as the kernel's code.

use crate::steps;
use crate::world::World;
use iokit_uc::backend::Backend;
use iokit_uc::memory::CacheMode;
use iokit_uc::{
    Call, Connection, Detail, Error, IoReturn, Mapping, Matching, ReadOnlyAccess, ReadWriteAccess, Service,
};
use iokit_uc_machines::memory::SIZE;
use iokit_uc_machines::memory::memory_type::{PLAIN, READ_ONLY};
use iokit_uc_machines::methods::{BYTES_WRITTEN, legacy_selector, scalar_written};

fn open(world: &World, class: &str) -> Connection {
    Service::expect_first(&world.kernel(), &Matching::class(class)).unwrap().open(0).unwrap()
}

/// Whether an error names the call that failed.
#[track_caller]
fn expect(error: Error, selector: u32, code: IoReturn) -> Error {
    assert_eq!(error.call(), Call::Selector { function: "IOConnectCallMethod", selector });
    assert_eq!(error.code(), code);
    error
}

#[test]
fn a_call_brings_scalars_and_a_structure_and_takes_both() -> iokit_uc::Result<()> {
    let world = World::boot("methods");
    let raw = open(&world, "Raw");
    let answer =
        raw.call(3).scalars(&[7, 8]).structure(b"abc").scalar_capacity(2).structure_capacity(4).send()?;
    assert_eq!(answer.scalars(), [scalar_written(0), scalar_written(1)]);
    assert_eq!(answer.structure(), &BYTES_WRITTEN[..4]);
    assert_eq!(answer.into_structure().len(), 4);
    let seen = ["selector", "scalar_inputs", "structure_input"].map(|question| world.command(question, &[]));
    assert_eq!(seen, [3, 2, 3]);
    Ok(())
}

#[test]
fn a_call_takes_and_gives_structures_of_a_type() -> iokit_uc::Result<()> {
    let world = World::boot("methods");
    let raw = open(&world, "Raw");
    let answer = raw.call(3).structure_of(&[1u32, 2]).structure_capacity(4).send()?;
    assert_eq!(world.command("structure_input", &[]), 8);
    assert_eq!(answer.structure_as::<[u8; 4]>()?, BYTES_WRITTEN[..4]);
    let error = expect(answer.structure_as::<u64>().unwrap_err(), 3, IoReturn::IPC_ERROR);
    let sizes = Detail::Reply { what: "bytes of structure", expected: 8, actual: 4 };
    assert_eq!(error.detail(), Some(&sizes));
    Ok(())
}

#[test]
fn an_open_that_is_refused_names_the_class_of_the_service() {
    let world = World::boot("empty");
    let platform = Matching::class("IOPlatformExpertDevice");
    let error = Service::expect_first(&world.kernel(), &platform).unwrap().open(0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "IOServiceOpen: kIOReturnUnsupported (0xe00002c7, -536870201): function not implemented; \
         the service is of class `IOPlatformExpertDevice`",
    );
}

#[test]
fn a_call_with_nothing_set_brings_and_takes_nothing() -> iokit_uc::Result<()> {
    let world = World::boot("methods");
    let answer = open(&world, "Raw").call(0).send()?;
    assert!(answer.scalars().is_empty() && answer.structure().is_empty());
    let seen = ["scalar_inputs", "structure_input", "scalar_capacity", "structure_capacity"];
    assert_eq!(seen.map(|question| world.command(question, &[])), [0; 4]);
    Ok(())
}

#[test]
fn an_answer_is_as_long_as_the_driver_says() -> iokit_uc::Result<()> {
    let world = World::boot("methods");
    let raw = open(&world, "Raw");
    world.command("answer_scalars", &[1]);
    world.command("answer_structure", &[3]);
    for capacity in [8, 5000] {
        let answer = raw.call(0).scalar_capacity(2).structure_capacity(capacity).send()?;
        assert_eq!(answer.scalars(), [scalar_written(0)]);
        assert_eq!(answer.structure(), &BYTES_WRITTEN[..3]);
    }
    Ok(())
}

#[test]
fn variable_output_is_all_that_the_driver_has() -> iokit_uc::Result<()> {
    let world = World::boot("methods");
    let raw = open(&world, "Raw");
    world.command("answer_variable", &[6000]);
    assert_eq!(raw.call(0).variable_output().send()?.structure().len(), 6000);
    assert_eq!(world.command("is_variable", &[]), 1);
    Ok(())
}

#[test]
fn em_06_17_scalars_are_too_many() {
    let world = World::boot("methods");
    let raw = open(&world, "Raw");
    let error = raw.call(9).scalars(&[0; 17]).send().unwrap_err();
    let error = expect(error, 9, IoReturn::MIG_ARRAY_TOO_LARGE);
    assert!(
        error.to_string().starts_with("IOConnectCallMethod (selector 9): MIG_ARRAY_TOO_LARGE"),
        "{error}"
    );
    assert!(raw.call(9).scalars(&[0; 16]).send().is_ok());
    assert_eq!(world.command("calls", &[]), 1);
}

#[test]
fn em_07_more_room_than_16_scalars_is_room_for_16() -> iokit_uc::Result<()> {
    let world = World::boot("methods");
    let raw = open(&world, "Raw");
    for capacity in [17, usize::MAX] {
        assert_eq!(raw.call(0).scalar_capacity(capacity).send()?.scalars().len(), 16);
        assert_eq!(world.command("scalar_capacity", &[]), 16);
    }
    Ok(())
}

#[test]
fn em_09_an_answer_beyond_the_room_is_an_error() {
    let world = World::boot("methods");
    let raw = open(&world, "Raw");
    world.command("answer_scalars", &[3]);
    let error = raw.call(1).scalar_capacity(2).send().unwrap_err();
    expect(error, 1, IoReturn::MIG_ARRAY_TOO_LARGE);
    world.command("answer_as_asked", &[]);
    world.command("answer_structure", &[9]);
    let error = raw.call(1).structure_capacity(8).send().unwrap_err();
    expect(error, 1, IoReturn::MIG_ARRAY_TOO_LARGE);
}

#[test]
fn em_09_what_nobody_compares_on_the_way_is_compared_here() {
    let world = World::boot("methods");
    let raw = open(&world, "Raw");
    for claimed in [5001, u64::MAX] {
        world.command("answer_structure", &[claimed]);
        let error = raw.call(1).structure_capacity(5000).send().unwrap_err();
        let error = expect(error, 1, IoReturn::IPC_ERROR);
        let detail = Detail::Reply { what: "bytes of structure", expected: 5000, actual: claimed };
        assert_eq!(error.detail(), Some(&detail));
    }
}

#[test]
fn em_09a_an_answer_of_17_scalars_is_an_error() {
    let world = World::boot("methods").unchecked();
    let raw = open(&world, "Raw");
    world.command("answer_scalars", &[17]);
    let error = raw.call(1).scalar_capacity(16).send().unwrap_err();
    expect(error, 1, IoReturn::MIG_TYPE_ERROR);
    world.command("answer_as_asked", &[]);
    assert!(raw.call(1).scalar_capacity(16).send().is_ok());
    let [misuse] = &world.misuses()[..] else { panic!("one misuse") };
    assert!(misuse.contains("17 scalars and 0 bytes of structure from selector 1"), "{misuse}");
}

#[test]
fn em_12_room_of_4_gib_or_more_is_refused_and_never_reserved() {
    let world = World::boot("methods");
    let raw = open(&world, "Raw");
    for capacity in [1 << 32, 1 << 48, usize::MAX] {
        let error = raw.call(2).structure_capacity(capacity).send().unwrap_err();
        let error = expect(error, 2, IoReturn::IPC_ERROR);
        assert!(matches!(error.detail(), Some(Detail::Limit { .. })), "{error}");
    }
    assert_eq!(world.command("calls", &[]), 0);
}

#[test]
fn em_16_variable_output_without_data_is_an_underrun() {
    let world = World::boot("methods");
    let error = open(&world, "Raw").call(4).variable_output().send().unwrap_err();
    expect(error, 4, IoReturn::UNDERRUN);
}

#[test]
fn em_20_em_21_em_24_a_selector_past_the_table_is_the_drivers_code() {
    let world = World::boot("methods");
    for (class, selector, code) in [
        ("Dispatch2022", 6, IoReturn::BAD_ARGUMENT),
        ("Classic", 6, IoReturn::NO_RESOURCES),
        ("Legacy", legacy_selector::NONE, IoReturn::UNSUPPORTED),
    ] {
        let error = open(&world, class).call(selector).send().unwrap_err();
        expect(error, selector, code);
    }
}

#[test]
fn term_05_a_connection_whose_service_is_gone_is_an_invalid_destination() -> iokit_uc::Result<()> {
    let world = World::boot("methods");
    let connection = open(&world, "Raw");
    let kernel = world.kernel();
    let service = steps::service(&kernel, "Raw");
    steps::terminate(&world, service);
    steps::release(&kernel, service);
    let error = connection.call(5).send().unwrap_err();
    expect(error, 5, IoReturn::MACH_SEND_INVALID_DEST);
    let error = connection.close().unwrap_err();
    assert_eq!(error.call(), Call::Function("IOServiceClose"));
    assert_eq!(error.code(), IoReturn::MACH_SEND_INVALID_DEST);
    Ok(())
}

#[test]
fn a_connection_goes_out_as_a_name_and_comes_back() -> iokit_uc::Result<()> {
    let world = World::boot("methods");
    let name = open(&world, "Raw").into_raw();
    assert_eq!(steps::references(&world.kernel(), name), (1, 0));
    // SAFETY: the name is a connection's, and its one reference is nobody else's.
    let connection = unsafe { Connection::from_raw(world.kernel(), name) };
    connection.call(0).send()?;
    drop(connection);
    assert!(!steps::is_known(&world.kernel(), name));
    Ok(())
}

#[test]
fn a_connection_that_has_been_closed_elsewhere_is_an_invalid_destination() {
    let world = World::boot("methods");
    let connection = open(&world, "Raw");
    assert_eq!(world.kernel().io_connect_add_ref(connection.as_raw()), IoReturn::SUCCESS);
    steps::close(&world.kernel(), connection.as_raw());
    expect(connection.call(5).send().unwrap_err(), 5, IoReturn::MACH_SEND_INVALID_DEST);
}

#[test]
fn a_mapping_is_there_until_it_goes_and_of_the_access_that_the_driver_gives() -> iokit_uc::Result<()> {
    let world = World::boot("memory/Terminating");
    let connection = open(&world, "Terminating");
    let mut mapping: Mapping<[u8]> = connection.map_memory(PLAIN, CacheMode::Default)?;
    assert_eq!(mapping.size() as u64, SIZE);
    mapping.slice_mut().set(5, 77)?;
    assert_eq!(world.command("peek", &[5]), 77);
    drop(connection.map_memory::<[u8], ReadWriteAccess>(PLAIN, CacheMode::Default)?);

    // Under Miri both memories have one address, and no protection of their own.
    if !cfg!(miri) {
        let refused = connection.map_memory::<[u8], ReadWriteAccess>(READ_ONLY, CacheMode::Default);
        assert_eq!(refused.unwrap_err(), IoReturn::NOT_WRITABLE);
    }
    let read_only: Mapping<[u8], ReadOnlyAccess> = connection.map_memory(READ_ONLY, CacheMode::Default)?;
    connection.close()?;
    assert_eq!(world.command("poke", &[5, 78]), 1);
    assert_eq!((mapping.slice().get(5), read_only.slice().get(5)), (Some(78), Some(78)));
    drop((mapping, read_only));
    assert_eq!(world.command("mappings", &[]), 0);
    Ok(())
}
