//! Mappings as no task sees its own: into other tasks (MEM-10), of a task's own memory (MEM-5), at the end of a task, in
//! the host's books, and in the machine's report.

use crate::mapped::{Mapped, UNTOUCHED_ADDRESS, map, map_into, map_with, region, unmap, unmap_from};
use crate::raw::open;
use crate::releasing::{io_object_release, mach_port_mod_refs};
use crate::steps::{self, close, references, release};
use crate::world::World;
use iokit_uc::backend::{Backend, MAP_ANYWHERE, PortName, PortRight};
use iokit_uc::interface::{Arguments, OnClose, OpenRequest, UserClient};
use iokit_uc::memory::{MapOptions, MemoryDescriptor};
use iokit_uc::sim::{Machine, Misuse, Nub, Task};
use iokit_uc::{IoReturn, Kernel, Result};
use iokit_uc_machines::memory::SIZE;
use iokit_uc_machines::memory::memory_type::*;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

/// The machine `memory` with a connection to one of its services, and another task that the first has the port of.
struct Two {
    world: World,
    kernel: Kernel,
    connect: PortName,
    other: Task,
    /// The other task's port, as the first one names it.
    others_port: PortName,
}

impl Two {
    fn open(class: &str) -> Self {
        let world = World::boot(&format!("memory/{class}"));
        let kernel = world.kernel();
        let connect = open(&kernel, class);
        let other = world.machine().task("other");
        let others_port = other.send_right_to(other.kernel().mach_task_self(), world.task()).unwrap();
        Self { world, kernel, connect, other, others_port }
    }

    fn map(&self, memory_type: u32) -> Mapped {
        let mapped = map_into(
            &self.kernel,
            self.connect,
            memory_type,
            self.others_port,
            MAP_ANYWHERE,
            UNTOUCHED_ADDRESS,
        );
        mapped.expect_success()
    }

    fn unmap(&self, memory_type: u32) -> IoReturn {
        unmap_from(&self.kernel, self.connect, memory_type, self.others_port)
    }

    /// The names that the other task has been given, with their references.
    fn others_names(&self) -> Vec<(PortName, u32)> {
        let leaks = self.world.machine().report().leaks;
        let of_other = leaks.iter().filter(|leak| leak.task == "other");
        of_other.map(|leak| (leak.name, leak.references)).collect()
    }

    fn peek(&self, offset: u64) -> u64 {
        self.world.command("peek", &[offset])
    }

    fn end(&self) {
        close(&self.kernel, self.connect);
        release(&self.kernel, self.others_port);
    }
}

// ---- MEM-10 ----

#[test]
fn mem_10_memory_is_mapped_into_the_task_that_is_named() {
    let it = Two::open("Terminating");
    let mapped = it.map(PLAIN);
    assert_eq!(it.world.task().mappings(), []);
    let [there] = it.other.mappings()[..] else { panic!("one mapping") };
    assert_eq!((there.address, there.size as u64, there.is_read_only), (mapped.address.addr(), SIZE, false));
    assert!(region(&it.kernel, 1).is_none() && region(&it.other.kernel(), 1).is_some());
    mapped.write(2, 3);
    assert_eq!(it.peek(2), 3);

    let [(name, 1)] = it.others_names()[..] else { panic!("the mapping has one name, with one reference") };
    assert_eq!(it.other.kernel().io_object_copy_class(name).as_deref(), Some(c"IOMemoryMap"));
    assert!(!it.other.kernel().io_iterator_is_valid(name));
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    assert_eq!((it.other.mappings(), it.others_names()), (vec![], vec![]));
    it.end();
}

#[test]
fn mem_10a_each_map_adds_a_reference_and_each_unmap_takes_one() {
    let it = Two::open("Terminating");
    let mapped = it.map(PLAIN);
    assert_eq!(it.map(PLAIN), mapped);
    let [(name, 2)] = it.others_names()[..] else { panic!("two references") };
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    assert_eq!(references(&it.other.kernel(), name), (1, 0));
    mapped.write(0, 1);
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    assert_eq!(it.other.mappings(), []);
    assert_eq!(it.unmap(PLAIN), IoReturn::BAD_ARGUMENT);
    it.end();
}

#[test]
fn mem_10a_the_last_reference_unmaps_if_there_was_an_unmap() {
    let it = Two::open("Terminating");
    it.map(PLAIN);
    it.map(PLAIN);
    let [(name, 2)] = it.others_names()[..] else { panic!("two references") };
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    assert_eq!(io_object_release(&it.other.kernel(), name), IoReturn::SUCCESS);
    assert_eq!(it.other.mappings(), []);
    it.end();
}

#[test]
fn mem_10_without_an_unmap_the_memory_stays_with_the_task() {
    let it = Two::open("Terminating");
    let mapped = it.map(PLAIN);
    let [(name, 1)] = it.others_names()[..] else { panic!("one reference") };
    release(&it.other.kernel(), name);
    mapped.write(0, 9);
    assert_eq!((it.other.mappings().len(), it.peek(0)), (1, 9));
    assert!(region(&it.other.kernel(), 1).is_some());
    // The mapping itself is gone: nothing finds it, nothing undoes it.
    assert_eq!(it.unmap(PLAIN), IoReturn::BAD_ARGUMENT);
    assert_ne!(it.map(PLAIN).address, if cfg!(miri) { std::ptr::null_mut() } else { mapped.address });
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    assert_eq!(it.other.mappings().len(), 1);
    let report = it.world.machine().report();
    assert_eq!(report.mappings.len(), 1);
    assert!(report.to_string().contains("task other has mapped"), "{report}");
    it.other.kill();
    assert_eq!((it.other.mappings(), it.world.machine().report().mappings.len()), (vec![], 0));
    close(&it.kernel, it.connect);
    release(&it.kernel, it.others_port);
}

#[test]
fn mem_10_mappings_of_one_descriptor_in_two_tasks_are_two() {
    let it = Two::open("Terminating");
    let (own, others) = (map(&it.kernel, it.connect, PLAIN), it.map(PLAIN));
    if !cfg!(miri) {
        assert_ne!(own.address, others.address);
    }
    own.write(0, 5);
    assert_eq!(others.read(0), 5);
    assert_eq!(unmap(&it.kernel, it.connect, PLAIN), IoReturn::SUCCESS);
    assert_eq!((it.world.task().mappings().len(), it.other.mappings().len()), (0, 1));
    assert_eq!(it.unmap(PLAIN), IoReturn::SUCCESS);
    it.end();
}

#[test]
fn mem_10_mappings_of_others_do_not_keep_the_connection_through_termination() {
    let it = Two::open("Terminating");
    let mapped = it.map(PLAIN);
    let service = steps::service(&it.kernel, "Terminating");
    steps::terminate(&it.world, service);
    assert_eq!(references(&it.kernel, it.connect), (0, 1));
    mapped.write(0, 1);
    assert_eq!((it.other.mappings().len(), it.peek(0)), (1, 1));
    release(&it.kernel, it.connect);
    release(&it.kernel, service);
    release(&it.kernel, it.others_port);
    assert_eq!(it.other.mappings().len(), 1);
    it.other.kill();
}

#[test]
fn mem_10_a_task_that_is_gone_is_no_task() {
    let it = Two::open("Terminating");
    it.map(PLAIN);
    it.other.kill();
    assert_eq!(references(&it.kernel, it.others_port), (0, 1));
    let into = |task| map_into(&it.kernel, it.connect, PLAIN, task, MAP_ANYWHERE, UNTOUCHED_ADDRESS);
    into(it.others_port).expect_bad_argument();
    assert_eq!(it.unmap(PLAIN), IoReturn::BAD_ARGUMENT);
    close(&it.kernel, it.connect);
    release(&it.kernel, it.others_port);
}

// ---- the end of a task ----

#[test]
fn rc_10_a_task_that_exits_has_nothing_mapped_though_a_program_may_still_look() {
    let world = World::boot("memory/Terminating");
    let task = world.machine().task("victim");
    let kernel = task.kernel();
    let connect = open(&kernel, "Terminating");
    let mapped = [PLAIN, READ_ONLY, PART, FRESH].map(|memory_type| map(&kernel, connect, memory_type));
    mapped[0].write(0, 77);
    task.kill();
    assert_eq!((task.mappings(), region(&kernel, 1)), (vec![], None));
    assert_eq!(world.command("user_clients", &[]), 0);
    // In this process the memory is there for as long as the machine is.
    assert!(mapped.iter().take(2).all(|mapped| mapped.read(0) == 77));
    mapped[3].write(0, 1);
    map_with(&kernel, connect, PLAIN, MAP_ANYWHERE, UNTOUCHED_ADDRESS)
        .expect_failure(IoReturn::MACH_SEND_INVALID_DEST, UNTOUCHED_ADDRESS);
    assert_eq!(unmap(&kernel, connect, PLAIN), IoReturn::MACH_SEND_INVALID_DEST);
}

#[test]
fn rc_10_what_was_left_to_a_task_goes_with_it() {
    let it = Two::open("Terminating");
    let mapped = it.map(PLAIN);
    it.other.kill();
    assert_eq!(it.other.mappings(), []);
    mapped.write(0, 1);
    assert_eq!(it.peek(0), 1);
    close(&it.kernel, it.connect);
    release(&it.kernel, it.others_port);
}

#[test]
fn p_04a_what_is_left_of_a_connection_cannot_be_sent_either() {
    let it = Two::open("Terminating");
    map(&it.kernel, it.connect, PLAIN);
    let service = steps::service(&it.kernel, "Terminating");
    steps::terminate(&it.world, service);
    let refused = it.world.task().send_right_to(it.connect, &it.other).unwrap_err();
    assert_eq!(refused.code(), IoReturn::MACH_SEND_INVALID_RIGHT);
    release(&it.kernel, service);
    it.end();
}

#[test]
fn what_is_still_mapped_is_in_the_report() {
    let it = Two::open("Terminating");
    let mapped = map(&it.kernel, it.connect, READ_ONLY);
    let report = it.world.machine().report().to_string();
    let line = format!("task program has mapped {SIZE} bytes at {:p}, read only", mapped.address);
    assert!(report.lines().any(|other| other == line), "{report}");
    it.end();
}

// ---- who else has it mapped ----

/// A user client that answers what it is told to.
struct Told(Answer);

impl UserClient for Told {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn client_memory_for_type(
        &self,
        _: u32,
        options: &mut MapOptions,
        memory: &mut Option<MemoryDescriptor>,
    ) -> Result<()> {
        let Some((descriptor, asked)) = self.0.lock().unwrap().clone() else {
            return Err(IoReturn::BUSY.into());
        };
        (*memory, *options) = (Some(descriptor), asked);
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

type Answer = Arc<Mutex<Option<(MemoryDescriptor, MapOptions)>>>;

/// A machine whose driver answers what it is told to.
fn telling() -> (Machine, Answer) {
    let machine = Machine::new();
    let answer = Answer::default();
    let told = Arc::clone(&answer);
    machine.publish(Nub::new("Told").driver(move |_: &OpenRequest<'_>| Ok(Told(Arc::clone(&told)))));
    (machine, answer)
}

#[test]
fn a_driver_that_lies_takes_no_memory_from_under_another_connection() {
    let (machine, answer) = telling();
    let (task, other) = (machine.task("one"), machine.task("other"));
    let kernel = task.kernel();
    let connects = [open(&kernel, "Told"), open(&kernel, "Told")];
    let others_port = other.send_right_to(other.kernel().mach_task_self(), &task).unwrap();
    let memory = [MemoryDescriptor::new(8).unwrap(), MemoryDescriptor::new(8).unwrap()];
    let tell = |index: usize| *answer.lock().unwrap() = Some((memory[index].clone(), MapOptions::default()));
    let mapped = [0, 1].map(|index: usize| {
        tell(index);
        map_into(&kernel, connects[index], 0, others_port, MAP_ANYWHERE, 0).expect_success()
    });
    // Through the first connection, the second one's is unmapped.
    tell(1);
    assert_eq!(unmap_from(&kernel, connects[0], 0, others_port), IoReturn::SUCCESS);
    assert_eq!(other.mappings().len(), 1, "by the kernel's books");
    mapped.iter().for_each(|mapped| mapped.write(0, 1));
    connects.iter().for_each(|&connect| close(&kernel, connect));
    release(&kernel, others_port);
}

#[test]
fn a_mapping_that_has_a_name_and_a_client_dies_by_the_clients_unmap_but_not_in_this_process() {
    let (machine, answer) = telling();
    let task = machine.task("one");
    let (kernel, other) = (task.kernel(), machine.task("other"));
    let memory = MemoryDescriptor::new(8).unwrap();
    *answer.lock().unwrap() = Some((memory, MapOptions::default()));
    let connect = open(&kernel, "Told");
    let others = open(&other.kernel(), "Told");
    let port = task.send_right_to(kernel.mach_task_self(), &other).unwrap();
    // The other task maps into this one, which maps the same itself, and unmaps.
    let mapped = map_into(&other.kernel(), others, 0, port, MAP_ANYWHERE, 0).expect_success();
    assert_eq!(map(&kernel, connect, 0), mapped);
    assert_eq!(unmap(&kernel, connect, 0), IoReturn::SUCCESS);
    assert_eq!(task.mappings(), []);
    mapped.write(0, 1);
    close(&kernel, connect);
    close(&other.kernel(), others);
    release(&other.kernel(), port);
    let [ref leak] = machine.report().leaks[..] else { panic!("the mapping's name") };
    assert_eq!((leak.what.as_str(), leak.references), ("dead name", 1));
}

#[test]
fn options_that_are_not_modelled_fail_and_are_reported() {
    let (machine, answer) = telling();
    let kernel = machine.task("one").kernel();
    let connect = open(&kernel, "Told");
    let memory = MemoryDescriptor::new(8).unwrap();
    for (option, name) in [(0x0100_0000, "kIOMapStatic"), (0x2000_0000, "kIOMapOverwrite")] {
        *answer.lock().unwrap() = Some((memory.clone(), MapOptions(option)));
        map_with(&kernel, connect, 0, MAP_ANYWHERE, UNTOUCHED_ADDRESS).expect_bad_argument();
        let misuse = Misuse::NotModelled(format!("a driver maps memory with {name}"));
        assert_eq!(machine.report().misuses.last(), Some(&misuse));
    }
    // kIOMapReference finds what there is.
    let answer_with = |options| *answer.lock().unwrap() = Some((memory.clone(), MapOptions(options)));
    answer_with(0x0200_0000);
    map_with(&kernel, connect, 0, MAP_ANYWHERE, UNTOUCHED_ADDRESS).expect_bad_argument();
    answer_with(0);
    let mapped = map(&kernel, connect, 0);
    answer_with(0x0200_0000);
    assert_eq!(map(&kernel, connect, 0), mapped);
    close(&kernel, connect);
}

// ---- MEM-5 ----

#[test]
fn mem_05_memory_of_the_tasks_own_is_where_it_is() {
    let (machine, answer) = telling();
    let task = machine.task("one");
    let kernel = task.kernel();
    let mut bytes = vec![0_u8; 64];
    let address = NonNull::new(bytes.as_mut_ptr()).unwrap();
    // SAFETY: the bytes outlive the machine's last use of the descriptor, and are accessed through `address` alone.
    let memory = unsafe { task.describe_memory(address, bytes.len()) };
    let tell = |memory: &MemoryDescriptor| {
        *answer.lock().unwrap() = Some((memory.clone(), MapOptions::default()));
    };
    tell(&memory);
    let connect = open(&kernel, "Told");
    let mapped = map(&kernel, connect, 0);
    assert_eq!((mapped.address, mapped.size), (address.as_ptr(), 64));
    mapped.write(5, 6);
    assert_eq!(mapped.read(5), 6);
    assert_eq!(map(&kernel, connect, 0), mapped);
    // A part of it that begins where it does is there too.
    tell(&memory.sub_range(0, 8).unwrap());
    assert_eq!(map(&kernel, connect, 0).address, mapped.address);
    tell(&memory);
    assert_eq!(unmap(&kernel, connect, 0), IoReturn::SUCCESS);
    close(&kernel, connect);
    assert_eq!(task.mappings(), []);
    *answer.lock().unwrap() = None;
    machine.assert_clean();
    drop((memory, bytes));
}

#[test]
fn mem_05_memory_of_another_task_or_at_another_place_is_not_modelled() {
    let (machine, answer) = telling();
    let (task, other) = (machine.task("one"), machine.task("other"));
    let kernel = task.kernel();
    let mut bytes = vec![0_u8; 64];
    let address = NonNull::new(bytes.as_mut_ptr()).unwrap();
    // SAFETY: nobody accesses the bytes.
    let memory = unsafe { other.describe_memory(address, bytes.len()) };
    *answer.lock().unwrap() = Some((memory, MapOptions::default()));
    let connect = open(&kernel, "Told");
    map_with(&kernel, connect, 0, MAP_ANYWHERE, UNTOUCHED_ADDRESS).expect_bad_argument();
    // SAFETY: as above.
    let memory = unsafe { task.describe_memory(address, bytes.len()) };
    *answer.lock().unwrap() = Some((memory, MapOptions::UNIQUE));
    map_with(&kernel, connect, 0, MAP_ANYWHERE, UNTOUCHED_ADDRESS).expect_bad_argument();
    assert!(machine.report().misuses.iter().all(|misuse| matches!(misuse, Misuse::NotModelled(_))));
    assert_eq!(machine.report().misuses.len(), 2);
    *answer.lock().unwrap() = None;
    close(&kernel, connect);
}

// ---- names of mappings ----

#[test]
fn p_01_a_mapping_has_one_port_however_often_it_is_mapped() {
    let it = Two::open("Terminating");
    it.map(PLAIN);
    it.map(PLAIN);
    it.map(READ_ONLY);
    let names = it.others_names();
    assert_eq!(names.iter().map(|&(_, references)| references).collect::<Vec<_>>(), [2, 1]);
    for (name, references) in names {
        assert_eq!(
            mach_port_mod_refs(&it.other.kernel(), name, PortRight::Send, -(references as i32)),
            IoReturn::SUCCESS
        );
    }
    assert_eq!(it.other.mappings().len(), 2, "nobody has unmapped them");
    it.other.kill();
    close(&it.kernel, it.connect);
    release(&it.kernel, it.others_port);
}

// ---- the host's pages ----

#[cfg(all(target_os = "linux", not(miri)))]
mod host {
    use super::*;

    /// What the host says of the pages at an address: a line of `/proc/self/smaps`, and its flags.
    fn host_says(address: usize) -> (String, String) {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut lines = maps.lines();
        let is_here = |line: &&str| {
            line.split_once(' ').and_then(|(range, _)| range.split_once('-')).is_some_and(|(start, end)| {
                let parse = |text| usize::from_str_radix(text, 16);
                parse(start).is_ok_and(|start| parse(end).is_ok_and(|end| (start..end).contains(&address)))
            })
        };
        let line = lines.find(is_here).unwrap_or_default().to_owned();
        let flags = lines.find(|line| line.starts_with("VmFlags")).unwrap_or_default().to_owned();
        (line, flags)
    }

    #[test]
    fn mem_11_the_hosts_pages_are_protected_and_not_inherited() {
        let it = Two::open("Terminating");
        let read_only = map(&it.kernel, it.connect, READ_ONLY);
        let guarded = map(&it.kernel, it.connect, GUARDED);
        for (mapped, protection) in [(read_only, " r--s "), (guarded, " rw-s ")] {
            let (line, flags) = host_says(mapped.address.addr());
            assert!(line.contains(protection), "{line}");
            assert!(flags.split(' ').any(|flag| flag == "dc"), "not copied to children: {flags}");
        }
        let pages = region(&it.kernel, guarded.address.addr()).unwrap().1 as usize;
        for guard in [guarded.address.addr() - 1, guarded.address.addr() + pages] {
            let (line, _) = host_says(guard);
            assert!(line.contains(" ---p "), "{line}");
        }
        it.end();
    }

    #[test]
    fn mem_08_the_hosts_pages_are_unmapped() {
        let it = Two::open("Terminating");
        let at = 0x20_6000_0000;
        for _ in 0..2 {
            map_with(&it.kernel, it.connect, PLAIN, 0, at).expect_success();
            assert_ne!(host_says(at).0, "");
            assert_eq!(unmap(&it.kernel, it.connect, PLAIN), IoReturn::SUCCESS);
            assert_eq!(host_says(at).0, "");
        }
        it.end();
    }

    /// Writes through a mapping that is read only, in a process of its own.
    #[test]
    #[ignore = "ends the process: run by the test below"]
    fn writes_to_what_is_read_only() {
        let it = Two::open("Terminating");
        map(&it.kernel, it.connect, READ_ONLY).write(0, 1);
    }

    #[test]
    fn mem_11_a_write_to_what_is_read_only_is_a_fault() {
        use std::os::unix::process::ExitStatusExt;
        const SIGSEGV: i32 = 11;
        let mut program = std::process::Command::new(std::env::current_exe().unwrap());
        program.args(["--exact", "--ignored", "mappings::host::writes_to_what_is_read_only"]);
        let output = program.output().unwrap();
        assert_eq!(output.status.signal(), Some(SIGSEGV), "{output:?}");
    }
}
