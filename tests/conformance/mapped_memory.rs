//! Memory that drivers map into their caller's task (MEM-1 … MEM-11), and what termination leaves of it (TERM-6).

use crate::mapped::{UNTOUCHED_ADDRESS, map, map_into, map_with, region, unmap, unmap_from};
use crate::raw::{Call, open};
use crate::releasing::{io_connect_release, io_service_close};
use crate::steps::{self, UNKNOWN, close, references, release};
use crate::world::World;
use iokit_uc::backend::{Backend, MAP_ANYWHERE, NULL, PortName, VM_PROT_READ, VM_PROT_WRITE};
use iokit_uc::memory::CacheMode;
use iokit_uc::{IoReturn, Kernel};
use iokit_uc_machines::memory::memory_type::*;
use iokit_uc_machines::memory::{PART_OFFSET, PART_SIZE, SIZE};
use std::thread;

/// The machine `memory` with a connection to one of its services.
struct Board {
    world: World,
    kernel: Kernel,
    connect: PortName,
}

impl Board {
    fn open(class: &str) -> Self {
        let world = World::boot(&format!("memory/{class}"));
        let kernel = world.kernel();
        let connect = open(&kernel, class);
        Self { world, kernel, connect }
    }

    fn map(&self, memory_type: u32) -> crate::mapped::Mapped {
        map(&self.kernel, self.connect, memory_type)
    }

    fn map_with(&self, memory_type: u32, options: u32, at: usize) -> crate::mapped::Mapped {
        map_with(&self.kernel, self.connect, memory_type, options, at)
    }

    fn unmap(&self, memory_type: u32) -> IoReturn {
        unmap(&self.kernel, self.connect, memory_type)
    }

    /// How much the task has mapped.
    fn mappings(&self) -> u64 {
        self.world.command("mappings", &[])
    }

    /// How often the driver was asked for memory.
    fn asked(&self) -> u64 {
        self.world.command("asked", &[])
    }

    /// A byte of [`PLAIN`], from the driver's side.
    fn peek(&self, offset: u64) -> u64 {
        self.world.command("peek", &[offset])
    }

    fn poke(&self, offset: u64, value: u8) {
        assert_eq!(self.world.command("poke", &[offset, value.into()]), 1);
    }

    fn protection(&self, address: *mut u8) -> i32 {
        let (start, size, protection) = region(&self.kernel, address.addr()).expect("it is mapped");
        assert!((start..start + size).contains(&(address.addr() as u64)));
        protection
    }

    fn terminate(&self, class: &str) {
        let service = steps::service(&self.kernel, class);
        steps::terminate(&self.world, service);
        release(&self.kernel, service);
    }

    fn call(&self) -> IoReturn {
        Call::new(self.kernel.clone(), self.connect, 0).send().code
    }

    fn close(&self) {
        close(&self.kernel, self.connect);
    }
}

// ---- MEM-1 ----

#[test]
fn mem_01_what_is_no_connection_or_no_task_is_not_mapped() {
    let it = Board::open("Terminating");
    let task = it.kernel.mach_task_self();
    let service = steps::service(&it.kernel, "Terminating");
    for (connect, into, code) in [
        (service, task, IoReturn::BAD_ARGUMENT),
        (task, task, IoReturn::BAD_ARGUMENT),
        (NULL, task, IoReturn::MACH_SEND_INVALID_DEST),
        (UNKNOWN, task, IoReturn::MACH_SEND_INVALID_DEST),
        (it.connect, NULL, IoReturn::BAD_ARGUMENT),
        (it.connect, it.connect, IoReturn::BAD_ARGUMENT),
        (it.connect, UNKNOWN, IoReturn::MACH_SEND_INVALID_RIGHT),
    ] {
        let mapped = map_into(&it.kernel, connect, PLAIN, into, MAP_ANYWHERE, UNTOUCHED_ADDRESS);
        mapped.expect_failure(code, UNTOUCHED_ADDRESS);
        assert_eq!(unmap_from(&it.kernel, connect, PLAIN, into), code);
    }
    assert_eq!((it.asked(), it.mappings()), (0, 0));
    release(&it.kernel, service);
    it.close();
}

#[test]
fn mem_01_whatever_fails_is_a_bad_argument() {
    let it = Board::open("Terminating");
    for memory_type in [NONE, u32::MAX, BUSY, NOTHING, EMPTY] {
        it.map_with(memory_type, MAP_ANYWHERE, UNTOUCHED_ADDRESS).expect_bad_argument();
    }
    assert_eq!((it.asked(), it.mappings()), (5, 0));
    it.close();
}

#[test]
fn mem_01_a_driver_has_no_memory_by_default() {
    let without = Board::open("NoMemory");
    without.map_with(PLAIN, MAP_ANYWHERE, UNTOUCHED_ADDRESS).expect_bad_argument();
    assert_eq!(without.unmap(PLAIN), IoReturn::UNSUPPORTED);
    without.close();
}

#[test]
fn mem_01_a_driver_that_panics_is_a_bad_argument_too() {
    let it = Board::open("Terminating");
    it.map_with(PANICS, MAP_ANYWHERE, UNTOUCHED_ADDRESS).expect_bad_argument();
    assert_eq!(it.world.misuses(), ["a driver panicked in clientMemoryForType"]);
    it.map(PLAIN);
    it.close();
    drop(it.world.unchecked());
}

// ---- MEM-2 ----

#[test]
fn mem_02_the_high_bits_of_the_callers_options_do_not_count() {
    let it = Board::open("Terminating");
    let plain = it.map(PLAIN);
    let bold = it.map_with(PLAIN, MAP_ANYWHERE | 0xffff_f000, UNTOUCHED_ADDRESS).expect_success();
    assert_eq!(bold, plain, "neither unique, nor read-only, nor static");
    assert_eq!(it.protection(bold.address), VM_PROT_READ | VM_PROT_WRITE);
    it.close();
}

#[test]
fn mem_02_the_low_bits_of_the_drivers_options_do_not_count() {
    let it = Board::open("Terminating");
    it.map_with(BOLD, 0, 0).expect_failure(IoReturn::BAD_ARGUMENT, 0);
    let bold = it.map(BOLD);
    let inhibited = it.map_with(PLAIN, MAP_ANYWHERE | CacheMode::Inhibit.bits(), UNTOUCHED_ADDRESS);
    inhibited.expect_success();
    assert_eq!(it.mappings(), 2, "the first is mapped with the default cache mode");
    assert_eq!(it.map(PLAIN).address, bold.address);
    it.close();
}

#[test]
fn mem_02_read_only_is_the_drivers_to_decide() {
    let it = Board::open("Terminating");
    let read_only = it.map(READ_ONLY);
    assert_eq!(it.protection(read_only.address), VM_PROT_READ);
    it.poke(3, 9);
    assert_eq!(read_only.read(3), 9);
    it.close();
}

// ---- MEM-3 ----

/// Far from where hosts put what may be anywhere, and a page on any of them.
const FREE: usize = 0x20_4000_0000;

#[test]
#[cfg_attr(miri, ignore = "there, memory has one address")]
fn mem_03_a_place_that_is_free_is_taken() {
    let it = Board::open("Terminating");
    let mapped = it.map_with(PLAIN, 0, FREE).expect_success();
    assert_eq!(mapped.address.addr(), FREE);
    mapped.write(0, 5);
    assert_eq!(it.peek(0), 5);
    it.close();
}

#[test]
#[cfg_attr(miri, ignore = "there, memory has one address")]
fn mem_03_a_place_that_is_taken_is_a_bad_argument() {
    let it = Board::open("Terminating");
    let at = FREE + 0x100_0000;
    it.map_with(PLAIN, 0, at).expect_success();
    for (memory_type, taken) in
        [(READ_ONLY, at), (READ_ONLY, at - 0x1_0000), (FRESH, at + 0x1_0000), (FRESH, 0)]
    {
        it.map_with(memory_type, 0, taken).expect_failure(IoReturn::BAD_ARGUMENT, taken);
    }
    assert_eq!(it.mappings(), 1);
    it.close();
}

#[test]
#[cfg_attr(miri, ignore = "there, memory has one address")]
fn mem_03_a_place_amid_a_page_is_the_page() {
    let it = Board::open("Terminating");
    let at = FREE + 0x200_0000;
    let mapped = it.map_with(PLAIN, 0, at + 9).expect_success();
    assert_eq!((mapped.address.addr(), mapped.size), (at, SIZE));
    it.close();
}

#[test]
#[cfg_attr(miri, ignore = "there, memory has one address")]
fn mem_03_with_guards_nothing_is_placed() {
    let it = Board::open("Terminating");
    let at = FREE + 0x300_0000;
    it.map_with(GUARDED, 0, at).expect_failure(IoReturn::BAD_ARGUMENT, at);
    it.map(GUARDED);
    it.close();
}

// ---- MEM-4 ----

#[test]
fn mem_04_the_size_is_the_descriptors_to_the_byte_and_begins_with_its_first() {
    let it = Board::open("Terminating");
    it.poke(PART_OFFSET, 1);
    it.poke(PART_OFFSET + PART_SIZE - 1, 2);
    let part = it.map(PART);
    assert_eq!(part.size, PART_SIZE);
    assert_eq!((part.read(0), part.read(PART_SIZE - 1)), (1, 2));
    part.write(1, 3);
    assert_eq!(it.peek(PART_OFFSET + 1), 3);
    let (start, size, _) = region(&it.kernel, part.address.addr()).unwrap();
    assert_eq!(part.address.addr() as u64 - start, PART_OFFSET % size, "amid a page");

    let plain = it.map(PLAIN);
    assert_eq!(plain.size, SIZE);
    plain.write(SIZE - 1, 4);
    assert_eq!((plain.read(PART_OFFSET + 1), it.peek(SIZE - 1)), (3, 4));
    assert_eq!(it.map(FRESH).size, 16);
    it.close();
}

#[test]
fn mem_04_memory_is_zero_until_somebody_writes_it() {
    let it = Board::open("Terminating");
    let fresh = it.map(FRESH);
    assert!((0..16).all(|offset| fresh.read(offset) == 0));
    it.close();
}

// ---- MEM-6, MEM-7 ----

#[test]
fn mem_06_the_same_descriptor_is_mapped_once() {
    let it = Board::open("Terminating");
    let first = it.map(PLAIN);
    assert_eq!(it.map(PLAIN), first);
    assert_eq!((it.mappings(), it.asked()), (1, 2));
    it.close();
}

#[test]
fn mem_06_another_cache_mode_is_another_mapping_and_the_default_is_none() {
    let it = Board::open("Terminating");
    let with = |cache: CacheMode| {
        it.map_with(PLAIN, MAP_ANYWHERE | cache.bits(), UNTOUCHED_ADDRESS).expect_success()
    };
    let inhibited = with(CacheMode::Inhibit);
    assert_eq!((with(CacheMode::Inhibit), with(CacheMode::Default)), (inhibited, inhibited));
    assert_eq!(it.mappings(), 1);
    let combined = with(CacheMode::WriteCombine);
    assert_eq!(it.mappings(), 2);
    combined.write(7, 7);
    assert_eq!(inhibited.read(7), 7);
    it.close();
}

#[test]
fn mem_06_read_only_and_guards_are_mappings_of_their_own() {
    let it = Board::open("Terminating");
    let kinds = [PLAIN, READ_ONLY, GUARDED];
    let mapped = kinds.map(|memory_type| it.map(memory_type));
    assert_eq!(it.mappings(), 3);
    assert_eq!(kinds.map(|memory_type| it.map(memory_type)), mapped);
    assert_eq!(it.mappings(), 3);
    mapped[0].write(1, 8);
    assert!(mapped.iter().all(|mapped| mapped.read(1) == 8));
    it.close();
}

#[test]
#[cfg_attr(miri, ignore = "there, memory has one address")]
fn mem_06_at_a_place_only_what_is_there_is_shared() {
    let it = Board::open("Terminating");
    let anywhere = it.map(PLAIN);
    let at = FREE + 0x400_0000;
    let placed = it.map_with(PLAIN, 0, at).expect_success();
    assert_ne!(placed.address, anywhere.address);
    assert_eq!(it.map_with(PLAIN, 0, at).expect_success(), placed);
    assert_eq!(it.mappings(), 2);
    it.close();
}

#[test]
fn mem_06a_a_part_is_where_the_whole_is_mapped_already() {
    let it = Board::open("Terminating");
    let whole = it.map(PLAIN);
    let part = it.map(PART);
    assert_eq!(part.address, whole.address.wrapping_add(PART_OFFSET as usize));
    // It holds what it lies in.
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    part.write(0, 6);
    assert_eq!(it.peek(PART_OFFSET), 6);
    it.close();
    assert_eq!(it.mappings(), 0);
}

#[test]
fn mem_06a_a_part_that_came_first_is_not_where_the_whole_is() {
    let it = Board::open("Terminating");
    it.map(PART);
    it.map(PLAIN);
    assert_eq!(it.mappings(), 2);
    it.map(PART);
    assert_eq!(it.mappings(), 2, "the part is found again");
    it.close();
}

#[test]
fn mem_07_a_new_descriptor_each_time_is_never_shared_nor_unmapped() {
    let it = Board::open("Terminating");
    let (first, second) = (it.map(FRESH), it.map(FRESH));
    first.write(0, 1);
    assert_eq!((it.mappings(), second.read(0)), (2, 0));
    assert_eq!(it.unmap(FRESH), IoReturn::BAD_ARGUMENT);
    assert_eq!(it.mappings(), 2);
    it.close();
    assert_eq!(it.mappings(), 0);
}

// ---- MEM-8 ----

#[test]
fn mem_08_one_unmap_undoes_any_number_of_maps() {
    let it = Board::open("Terminating");
    let mapped = it.map(PLAIN);
    it.map(PLAIN);
    it.map(PLAIN);
    assert!(region(&it.kernel, mapped.address.addr()).is_some());
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    assert_eq!(it.mappings(), 0);
    assert_eq!(region(&it.kernel, mapped.address.addr()), None);
    assert_eq!(it.unmap(PLAIN), IoReturn::BAD_ARGUMENT);
    // And once more from the start.
    it.map(PLAIN).write(0, 1);
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    it.close();
}

#[test]
fn mem_08_the_driver_is_asked_again_and_its_error_is_told() {
    let it = Board::open("Terminating");
    assert_eq!(it.unmap(NONE), IoReturn::UNSUPPORTED);
    assert_eq!(it.unmap(BUSY), IoReturn::BUSY);
    assert_eq!(it.unmap(PANICS), IoReturn::INTERNAL_ERROR);
    assert_eq!(it.unmap(NOTHING), IoReturn::SUCCESS);
    assert_eq!(it.unmap(EMPTY), IoReturn::BAD_ARGUMENT);
    assert_eq!(it.asked(), 5);
    it.close();
}

#[test]
fn mem_08_what_the_driver_says_then_is_what_is_unmapped() {
    let it = Board::open("Terminating");
    it.map(PLAIN);
    it.map(FRESH);
    assert_eq!(it.unmap(BUSY), IoReturn::BUSY);
    it.world.command("mend", &[]);
    assert_eq!(it.unmap(BUSY), IoReturn::SUCCESS, "by another number");
    assert_eq!(it.mappings(), 1);
    it.close();
}

#[test]
fn mem_08_the_oldest_mapping_goes_first_whatever_its_cache_mode() {
    let it = Board::open("Terminating");
    let with = |cache: CacheMode| {
        it.map_with(PLAIN, MAP_ANYWHERE | cache.bits(), UNTOUCHED_ADDRESS).expect_success()
    };
    with(CacheMode::Inhibit);
    let combined = with(CacheMode::WriteCombine);
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    assert_eq!(it.mappings(), 1);
    combined.write(0, 1);
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    assert_eq!((it.mappings(), it.unmap(PLAIN)), (0, IoReturn::BAD_ARGUMENT));
    it.close();
}

#[test]
fn mem_08_read_only_is_unmapped_as_read_only() {
    let it = Board::open("Terminating");
    it.map(READ_ONLY);
    assert_eq!(it.unmap(PLAIN), IoReturn::BAD_ARGUMENT);
    assert_eq!(it.unmap(READ_ONLY), IoReturn::SUCCESS);
    it.close();
}

#[test]
fn mem_08a_to_unmap_what_is_unique_is_a_misuse() {
    let it = Board::open("Terminating");
    let (first, second) = (it.map(UNIQUE), it.map(UNIQUE));
    assert_eq!(it.mappings(), 2);
    assert_eq!(it.unmap(UNIQUE), IoReturn::BAD_ARGUMENT);
    first.write(0, 4);
    assert_eq!((it.mappings(), second.read(0)), (2, 4));
    assert_eq!(
        it.world.misuses(),
        ["memory type 4 was unmapped, which its driver says is mapped with kIOMapUnique"]
    );
    it.close();
    assert_eq!(it.mappings(), 0, "they go with the client");
    drop(it.world.unchecked());
}

#[test]
fn mem_08b_connections_share_a_mapping_and_each_holds_it() {
    let it = Board::open("Terminating");
    let other = open(&it.kernel, "Terminating");
    let mapped = it.map(PLAIN);
    assert_eq!(map(&it.kernel, other, PLAIN), mapped);
    assert_eq!(it.mappings(), 1);
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS, "found, though it is not this connection's");
    mapped.write(0, 2);
    assert_eq!((it.mappings(), it.peek(0)), (1, 2));
    it.close();
    assert_eq!(mapped.read(0), 2);
    assert_eq!(unmap(&it.kernel, other, PLAIN), IoReturn::SUCCESS);
    assert_eq!(it.mappings(), 0);
    close(&it.kernel, other);
}

// ---- MEM-9 ----

#[test]
fn mem_09_a_close_that_ends_the_client_ends_its_mappings() {
    let it = Board::open("Terminating");
    it.map(PLAIN);
    it.map(PART);
    it.close();
    assert_eq!(it.mappings(), 0);
}

#[test]
fn mem_09_what_a_close_has_left_ends_with_the_last_reference() {
    let it = Board::open("Terminating");
    let mapped = it.map(PLAIN);
    assert_eq!(it.kernel.io_connect_add_ref(it.connect), IoReturn::SUCCESS);
    it.close();
    mapped.write(0, 3);
    assert_eq!((it.mappings(), it.peek(0)), (1, 3));
    assert_eq!(io_connect_release(&it.kernel, it.connect), IoReturn::SUCCESS);
    assert_eq!(it.mappings(), 0);
}

#[test]
fn mem_09_a_client_that_stays_keeps_its_mappings() {
    let it = Board::open("Staying");
    let mapped = it.map(PLAIN);
    it.close();
    mapped.write(0, 3);
    assert_eq!((it.mappings(), it.peek(0)), (1, 3));
    it.terminate("Staying");
    assert_eq!(it.mappings(), 0, "the client is freed");
}

// ---- MEM-10 ----

#[test]
fn mem_10a_a_shared_instance_counts_its_mappings() {
    let it = Board::open("SharedInstance");
    let before = it.world.command("leaks", &[]);
    let mapped = it.map(PLAIN);
    assert_eq!(it.map(PLAIN), mapped);
    assert_eq!(it.world.command("leaks", &[]), before + 1, "the mapping has a name in the task");
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    mapped.write(0, 1);
    assert_eq!((it.mappings(), it.peek(0)), (1, 1));
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    assert_eq!((it.mappings(), it.world.command("leaks", &[])), (0, before));
    assert_eq!(it.unmap(PLAIN), IoReturn::BAD_ARGUMENT);
    it.close();
    it.terminate("SharedInstance");
}

#[test]
fn mem_10_the_mappings_of_a_shared_instance_do_not_go_with_the_connection() {
    let it = Board::open("SharedInstance");
    let mapped = it.map(PLAIN);
    it.terminate("SharedInstance");
    assert_eq!(references(&it.kernel, it.connect), (0, 1), "no mapping is the client's own (TERM-6)");
    mapped.write(0, 1);
    assert_eq!((it.mappings(), it.peek(0)), (1, 1));
    release(&it.kernel, it.connect);
    assert_eq!(it.mappings(), 1);
    drop(it.world.unchecked());
}

// ---- MEM-11 ----

#[test]
fn mem_11_the_protection_is_read_and_write_unless_the_driver_says_otherwise() {
    let it = Board::open("Terminating");
    let read_write = VM_PROT_READ | VM_PROT_WRITE;
    for (memory_type, protection) in
        [(READ_ONLY, VM_PROT_READ), (GUARDED, read_write), (UNIQUE, read_write), (PLAIN, read_write)]
    {
        let mapped = it.map(memory_type);
        // There, memory has one address: what may be done there is what any of its mappings may.
        if !cfg!(miri) || memory_type != UNIQUE {
            assert_eq!(it.protection(mapped.address), protection, "memory type {memory_type}");
        }
    }
    it.close();
}

#[test]
fn what_lies_below_a_mapping_is_told_the_mapping() {
    let it = Board::open("Terminating");
    assert_eq!(region(&it.kernel, 1), None);
    let mapped = it.map(PLAIN);
    let above = region(&it.kernel, 1).unwrap();
    assert_eq!(above.0, mapped.address.addr() as u64);
    assert_eq!(region(&it.kernel, mapped.address.addr() + SIZE as usize - 1), Some(above));
    assert_eq!(region(&it.kernel, (above.0 + above.1) as usize), None);
    assert!(above.1 >= SIZE && above.1 < SIZE + 0x1_0000, "whole pages");
    it.close();
}

// ---- TERM-6 ----

#[test]
fn term_06_a_connection_that_has_mapped_memory_outlives_its_service() {
    let it = Board::open("Terminating");
    let mapped = it.map(PLAIN);
    it.terminate("Terminating");
    assert_eq!(references(&it.kernel, it.connect), (1, 0), "the name is alive");
    it.poke(0, 11);
    assert_eq!(mapped.read(0), 11);
    mapped.write(1, 12);
    assert_eq!((it.peek(1), it.mappings()), (12, 1));

    assert_eq!(it.call(), IoReturn::BAD_ARGUMENT);
    let asynchronous = Call::new(it.kernel.clone(), it.connect, 0).asynchronous(NULL, Some(&[0]));
    assert_eq!(asynchronous.send().code, IoReturn::BAD_ARGUMENT);
    // SAFETY: there is no driver to take anything for an address.
    assert_eq!(unsafe { it.kernel.io_connect_trap(it.connect, 0, [0; 6]) }, IoReturn::BAD_ARGUMENT);
    it.map_with(PLAIN, MAP_ANYWHERE, UNTOUCHED_ADDRESS).expect_bad_argument();
    assert_eq!(it.unmap(PLAIN), IoReturn::BAD_ARGUMENT);
    assert_eq!(it.kernel.io_connect_add_client(it.connect, it.connect), IoReturn::BAD_ARGUMENT);
    assert_eq!(it.kernel.io_connect_get_service(it.connect, &mut 0), IoReturn::BAD_ARGUMENT);
    assert_eq!(it.kernel.io_connect_set_notification_port(it.connect, 0, NULL, 0), IoReturn::BAD_ARGUMENT);

    it.close();
    assert_eq!(it.mappings(), 0);
}

#[test]
fn term_06_a_close_succeeds_and_the_last_reference_unmaps() {
    let it = Board::open("Terminating");
    let mapped = it.map(PLAIN);
    assert_eq!(it.kernel.io_connect_add_ref(it.connect), IoReturn::SUCCESS);
    assert_eq!(it.kernel.io_connect_add_ref(it.connect), IoReturn::SUCCESS);
    it.terminate("Terminating");
    for left in [2, 1] {
        it.close();
        assert_eq!((references(&it.kernel, it.connect), it.mappings()), ((left, 0), 1));
    }
    assert_eq!(mapped.read(0), 0);
    assert_eq!(io_connect_release(&it.kernel, it.connect), IoReturn::SUCCESS);
    assert_eq!(it.mappings(), 0);
    assert_eq!(io_service_close(&it.kernel, it.connect), IoReturn::MACH_SEND_INVALID_DEST);
    let misuses = it.world.misuses();
    assert!(misuses.len() == 1 && misuses[0].contains("IOServiceClose"), "{misuses:?}");
    drop(it.world.unchecked());
}

#[test]
fn term_06_it_is_enough_that_memory_was_mapped_once() {
    let it = Board::open("Terminating");
    it.map(PLAIN);
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    it.terminate("Terminating");
    assert_eq!((references(&it.kernel, it.connect), it.mappings()), ((1, 0), 0));
    assert_eq!(it.call(), IoReturn::BAD_ARGUMENT);
    it.close();
}

#[test]
fn term_06_it_is_not_enough_to_have_tried() {
    let it = Board::open("Terminating");
    it.map_with(EMPTY, MAP_ANYWHERE, UNTOUCHED_ADDRESS).expect_bad_argument();
    it.terminate("Terminating");
    assert_eq!(references(&it.kernel, it.connect), (0, 1));
    release(&it.kernel, it.connect);
}

#[test]
fn term_06_a_close_that_ends_the_client_leaves_the_same() {
    let it = Board::open("Terminating");
    let mapped = it.map(PLAIN);
    assert_eq!(it.kernel.io_connect_add_ref(it.connect), IoReturn::SUCCESS);
    it.close();
    assert_eq!((references(&it.kernel, it.connect), it.call()), ((1, 0), IoReturn::BAD_ARGUMENT));
    assert_eq!(mapped.read(0), 0);
    it.close();
    assert_eq!(it.mappings(), 0);
}

#[test]
fn term_06a_a_mapping_that_is_made_while_its_service_goes_is_the_clients_alone() {
    for class in ["Terminating", "NoLock"] {
        let it = Board::open(class);
        thread::scope(|scope| {
            let mapping = scope.spawn(|| it.map(WAITS));
            assert_eq!(it.world.command("wait_until_inside", &[1]), 1);
            it.terminate(class);
            assert_eq!(references(&it.kernel, it.connect), (0, 1), "nothing was mapped when it went");
            assert_eq!(it.world.command("user_clients", &[]), 1, "which waits for the call (TERM-7)");
            it.world.command("open_gate", &[0]);
            let mapped = mapping.join().unwrap();
            assert_eq!((it.world.command("user_clients", &[]), it.mappings()), (0, 0));
            // A Mac has unmapped it by now. Here safe code may still look.
            mapped.write(0, 1);
            assert_eq!(it.peek(0), 1);
        });
        release(&it.kernel, it.connect);
    }
}

// ---- EM-15 ----

#[test]
fn em_15_mapping_and_unmapping_keep_calls_out() {
    for unmaps in [false, true] {
        let it = Board::open("Terminating");
        if unmaps {
            it.map(PLAIN);
        }
        thread::scope(|scope| {
            let mapping = scope.spawn(|| {
                if unmaps {
                    assert_eq!(it.unmap(WAITS), IoReturn::SUCCESS);
                } else {
                    it.map(WAITS);
                }
            });
            assert_eq!(it.world.command("wait_until_inside", &[1]), 1);
            let call = scope.spawn(|| it.call());
            assert_eq!(it.world.command("wait_until_blocked", &[1]), 1);
            it.world.command("open_gate", &[0]);
            mapping.join().unwrap();
            assert_eq!(call.join().unwrap(), IoReturn::SUCCESS);
        });
        it.close();
    }
}

#[test]
fn em_15_without_default_locking_mapping_takes_no_lock() {
    let it = Board::open("NoLock");
    thread::scope(|scope| {
        let mapping = scope.spawn(|| it.map(WAITS));
        assert_eq!(it.world.command("wait_until_inside", &[1]), 1);
        assert_eq!(it.call(), IoReturn::SUCCESS);
        let mapped = it.map(PLAIN);
        assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
        assert_eq!(mapped.size, SIZE);
        it.world.command("open_gate", &[0]);
        assert_eq!(mapping.join().unwrap().size, SIZE);
    });
    it.close();
}

// ---- a device ----

#[test]
fn memory_changes_while_a_task_looks_at_it() {
    let it = Board::open("Terminating");
    let counter = it.map(COUNTER);
    assert_eq!(counter.read(0), 0);
    it.world.command("start_counting", &[]);
    let mut last = 0;
    while last < 3 {
        let count = counter.read(0);
        assert!(count >= last);
        last = count;
        thread::yield_now();
    }
    // It goes on when nobody can see it any more.
    it.close();
}
