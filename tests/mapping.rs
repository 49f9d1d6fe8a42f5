//! Mappings: what a task sees of a driver's memory, for how long, and that nothing takes it away before.

use iokit_uc::backend::Backend;
use iokit_uc::interface::{Arguments, EntryId, OnClose, OpenRequest, UserClient};
use iokit_uc::memory::{CacheMode, MapOptions, MappedLayout, MemoryDescriptor, ReadPure, ReadWrite};
use iokit_uc::sim::{Machine, Nub, Task, TerminateOptions, WeakMachine};
use iokit_uc::{
    Connection, Detail, Error, ErrorKind, IoReturn, Mapping, Matching, ReadOnlyAccess, RegisterBlock, Result,
    Service, Value, user_client,
};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

const CLASS: &str = "com_example_Board";

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

// ---- a driver whose answers a test writes ----

type Answer = Result<(MapOptions, MemoryDescriptor)>;
type Answers = dyn Fn(u32) -> Answer + Send + Sync;

struct Board {
    answers: Box<Answers>,
    on_close: OnClose,
    is_shared_instance: bool,
    /// What the kernel has called.
    calls: Arc<Mutex<Vec<String>>>,
}

impl UserClient for Board {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn client_memory_for_type(
        &self,
        memory_type: u32,
        options: &mut MapOptions,
        memory: &mut Option<MemoryDescriptor>,
    ) -> Result<()> {
        lock(&self.calls).push(format!("memory {memory_type}"));
        let (its_options, descriptor) = (self.answers)(memory_type)?;
        (*options, *memory) = (its_options, Some(descriptor));
        Ok(())
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        if self.is_shared_instance { vec![("IOUserClientSharedInstance", true.into())] } else { vec![] }
    }

    fn client_close(&self) -> OnClose {
        lock(&self.calls).push("close".into());
        self.on_close
    }
}

/// A machine with that driver, and a task.
struct Scene {
    machine: Machine,
    task: Task,
    service: EntryId,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    fn new(answers: impl Fn(u32) -> Answer + Send + Sync + 'static) -> Self {
        Self::with(answers, OnClose::Terminate, false)
    }

    /// With one user client for all who open the service.
    fn with_a_shared_instance(answers: impl Fn(u32) -> Answer + Send + Sync + 'static) -> Self {
        Self::with(answers, OnClose::Stay, true)
    }

    fn with(
        answers: impl Fn(u32) -> Answer + Send + Sync + 'static,
        on_close: OnClose,
        is_shared_instance: bool,
    ) -> Self {
        let machine = Machine::new();
        let calls = Arc::default();
        let answers: Arc<Answers> = Arc::new(answers);
        let make = {
            let calls = Arc::clone(&calls);
            move || {
                let (answers, calls) = (Arc::clone(&answers), Arc::clone(&calls));
                let answers = Box::new(move |memory_type| answers(memory_type));
                Arc::new(Board { answers, on_close, is_shared_instance, calls })
            }
        };
        let one_for_all = is_shared_instance.then(&make);
        let driver = move |_: &OpenRequest<'_>, client: &mut Option<Arc<dyn UserClient>>| {
            *client = Some(one_for_all.clone().unwrap_or_else(&make));
            Ok(())
        };
        let service = machine.publish(Nub::new(CLASS).driver(Opens(driver)));
        let task = machine.task("client");
        Self { machine, task, service, calls }
    }

    /// With one memory for every type.
    fn of(descriptor: &MemoryDescriptor) -> Self {
        let descriptor = descriptor.clone();
        Self::new(move |_| plain(&descriptor))
    }

    fn open(&self) -> Connection {
        open(&self.task)
    }

    /// What the kernel has called since this was asked.
    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.calls))
    }

    fn unplug(&self) {
        assert!(self.machine.terminate(self.service, TerminateOptions::default()));
    }

    /// Nothing is left, once a user client that stays is gone too.
    #[track_caller]
    fn assert_clean(&self) {
        self.assert_nothing_is_mapped();
        self.machine.terminate(self.service, TerminateOptions::default());
        self.machine.assert_clean();
    }

    #[track_caller]
    fn assert_nothing_is_mapped(&self) {
        assert_eq!(self.task.mappings(), []);
    }
}

struct Opens<F>(F);

impl<F> iokit_uc::interface::Driver for Opens<F>
where
    F: Fn(&OpenRequest<'_>, &mut Option<Arc<dyn UserClient>>) -> Result<()> + Send + Sync + 'static,
{
    fn new_user_client(
        &self,
        request: &OpenRequest<'_>,
        client: &mut Option<Arc<dyn UserClient>>,
    ) -> Result<()> {
        (self.0)(request, client)
    }
}

fn open(task: &Task) -> Connection {
    let matching = Matching::class(CLASS);
    Service::expect_first(&task.kernel(), &matching).unwrap().open(0).unwrap()
}

fn plain(descriptor: &MemoryDescriptor) -> Answer {
    Ok((MapOptions::default(), descriptor.clone()))
}

fn memory(length: usize) -> MemoryDescriptor {
    MemoryDescriptor::new(length).unwrap()
}

fn map<T: ?Sized + MappedLayout>(connection: &Connection, memory_type: u32) -> Result<Mapping<T>> {
    connection.map_memory(memory_type, CacheMode::Default)
}

fn bytes(connection: &Connection, memory_type: u32) -> Mapping<[u8]> {
    map(connection, memory_type).unwrap()
}

/// What the driver's side writes and reads.
fn poke(descriptor: &MemoryDescriptor, index: usize, value: u8) {
    Mapping::<[u8]>::of(descriptor).unwrap().slice_mut().set(index, value).unwrap();
}

fn peek(descriptor: &MemoryDescriptor, index: usize) -> u8 {
    Mapping::<[u8]>::of(descriptor).unwrap().slice().get(index).unwrap()
}

/// Both sides see what the other one writes.
#[track_caller]
fn assert_is_there(mapping: &mut Mapping<[u8]>, descriptor: &MemoryDescriptor) {
    let last = descriptor.length() - 1;
    for value in [0x5a, 0xa5] {
        poke(descriptor, last, value);
        assert_eq!(mapping.slice().get(last), Some(value));
        mapping.slice_mut().set(last, !value).unwrap();
        assert_eq!(peek(descriptor, last), !value);
    }
}

// ---- what is mapped ----

#[test]
fn a_mapping_is_the_driver_s_memory() {
    let descriptor = memory(4096);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let mut mapping = bytes(&connection, 0);
    assert_eq!(mapping.size(), 4096);
    assert!(mapping.descriptor().is_none());
    assert_is_there(&mut mapping, &descriptor);
    drop((mapping, connection));
    scene.assert_clean();
}

#[test]
fn a_slice_is_as_long_as_the_memory() {
    let descriptor = memory(24);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    assert_eq!(map::<[u8]>(&connection, 0).unwrap().slice().len(), 24);
    assert_eq!(map::<[u64]>(&connection, 0).unwrap().slice().len(), 3);
}

#[test]
fn registers_take_memory_that_is_larger_than_they_are() {
    let descriptor = memory(4096);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let mut registers: Mapping<Registers> = map(&connection, 0).unwrap();
    assert_eq!(registers.size(), 4096);
    registers.view_mut().control().write(7);
    assert_eq!(peek(&descriptor, 4), 7);
    poke(&descriptor, 0, 9);
    assert_eq!(registers.view().status().read(), 9);
}

#[derive(RegisterBlock)]
#[repr(C)]
struct Registers {
    status: ReadPure<u32>,
    control: ReadWrite<u32>,
}

#[test]
fn a_mapping_tells_how_it_is_cached() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let inhibited: Mapping<[u8]> = connection.map_memory(0, CacheMode::Inhibit).unwrap();
    assert_eq!(inhibited.cache_mode(), CacheMode::Inhibit);
    assert_eq!(inhibited.slice().cache_mode(), CacheMode::Inhibit);
    assert_eq!(bytes(&connection, 0).cache_mode(), CacheMode::Default);
    assert_eq!(Mapping::<[u8]>::of(&descriptor).unwrap().cache_mode(), CacheMode::Copyback);
}

#[test]
fn part_of_a_memory_is_mapped_where_it_begins() {
    let descriptor = memory(4096).sub_range(100, 60).unwrap();
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let mut mapping = bytes(&connection, 0);
    assert_eq!(mapping.size(), 60);
    assert_is_there(&mut mapping, &descriptor);
}

#[test]
fn mappings_go_to_other_threads() {
    fn anywhere<T: Send + Sync + Debug>(_: &T) {}
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let mut mapping = bytes(&connection, 0);
    anywhere(&mapping);
    let text = format!("{mapping:?}");
    assert!(text.contains("size: 16") && text.contains("Connection {"), "{text}");
    thread::scope(|scope| {
        scope.spawn(|| mapping.slice_mut().set(3, 1).unwrap());
    });
    thread::scope(|scope| {
        scope.spawn(move || drop(mapping));
    });
    scene.assert_nothing_is_mapped();
}

// ---- read only ----

#[test]
fn memory_that_tasks_may_only_read_is_no_mapping_to_write() {
    let descriptor = memory(16);
    let given = descriptor.clone();
    let scene = Scene::new(move |_| Ok((MapOptions::READ_ONLY, given.clone())));
    let connection = scene.open();
    let error = map::<[u8]>(&connection, 3).unwrap_err();
    assert_eq!(error, IoReturn::NOT_WRITABLE);
    assert!(error.to_string().starts_with("IOConnectMapMemory64 (memory type 3): "), "{error}");
    assert!(error.to_string().contains("ReadOnlyAccess"), "{error}");
    scene.assert_nothing_is_mapped();

    let mapping: Mapping<[u8], ReadOnlyAccess> = connection.map_memory(3, CacheMode::Default).unwrap();
    poke(&descriptor, 5, 55);
    assert_eq!(mapping.slice().get(5), Some(55));
    assert!(scene.task.mappings()[0].is_read_only);
}

#[test]
fn memory_that_tasks_may_write_can_be_mapped_to_read() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let mapping: Mapping<[u8], ReadOnlyAccess> = connection.map_memory(0, CacheMode::Default).unwrap();
    poke(&descriptor, 5, 55);
    assert_eq!(mapping.slice().get(5), Some(55));
}

// ---- what does not fit ----

/// What mapping a `T` says of memory of so many bytes that begins so many bytes into a page.
#[track_caller]
fn misfit<T: ?Sized + MappedLayout + Debug>(offset: usize, length: usize) -> Error {
    let descriptor = memory(offset + length).sub_range(offset, length).unwrap();
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let error = map::<T>(&connection, 7).unwrap_err();
    scene.assert_nothing_is_mapped();
    let own = Mapping::<T>::of(&descriptor).unwrap_err();
    assert_eq!((own.code(), own.to_string().starts_with("Mapping::of: ")), (error.code(), true));
    drop(connection);
    scene.assert_clean();
    error
}

impl Debug for Registers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Registers")
    }
}

#[test]
fn memory_that_is_too_small_is_an_error_with_both_figures() {
    let error = misfit::<Registers>(0, 7);
    assert_eq!((error.code(), error.kind()), (IoReturn::IPC_ERROR, ErrorKind::InvalidReply));
    assert_eq!(error.detail(), Some(&Detail::MemorySize { actual: 7, least: 8 }));
    assert!(error.to_string().ends_with("the memory has 7 bytes, at least 8 are needed"), "{error}");
}

#[test]
fn memory_that_ends_within_an_element_is_an_error_with_both_figures() {
    let error = misfit::<[u64]>(0, 20);
    assert_eq!(error.detail(), Some(&Detail::MemoryElements { actual: 20, element: 8 }));
}

#[test]
fn memory_that_begins_in_the_wrong_place_is_an_error_with_address_and_alignment() {
    let error = misfit::<Registers>(2, 16);
    assert_eq!(error.code(), IoReturn::NOT_ALIGNED);
    let Some(&Detail::MemoryAlignment { address, alignment }) = error.detail() else { panic!("{error}") };
    assert_eq!((address % 4, alignment), (2, 4));
}

#[test]
fn memory_of_no_bytes_cannot_be_mapped() {
    let empty = memory(0);
    let scene = Scene::of(&empty);
    assert_eq!(map::<[u8]>(&scene.open(), 0).unwrap_err(), IoReturn::BAD_ARGUMENT);
    let own = Mapping::<[u8]>::of(&empty).unwrap_err();
    assert_eq!(own.detail(), Some(&Detail::MemorySize { actual: 0, least: 1 }));
}

#[test]
fn a_type_of_memory_that_the_driver_has_not_is_an_error_that_says_so() {
    let scene = Scene::new(|_| Err(IoReturn::NO_DEVICE.into()));
    let connection = scene.open();
    let error = map::<[u8]>(&connection, 9).unwrap_err();
    assert_eq!(error, IoReturn::BAD_ARGUMENT, "the driver's own code is lost (MEM-1)");
    assert!(error.to_string().contains("(memory type 9)"), "{error}");
    assert!(error.to_string().contains("no memory of this type"), "{error}");
    assert_eq!(error.kind(), ErrorKind::BadArgument, "the driver is there");
    drop(connection);
    scene.assert_clean();
}

#[test]
fn a_misfit_leaves_other_mappings_of_the_connection_alone() {
    let descriptor = memory(20);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let mut mapping = bytes(&connection, 0);
    for memory_type in [0, 1] {
        map::<[u64]>(&connection, memory_type).unwrap_err();
        assert_is_there(&mut mapping, &descriptor);
    }
    drop(mapping);
    scene.assert_nothing_is_mapped();
}

#[test]
fn a_connection_that_is_terminated_maps_nothing() {
    for has_mapped in [false, true] {
        let scene = Scene::of(&memory(16));
        let connection = scene.open();
        if has_mapped {
            drop(bytes(&connection, 0));
        }
        scene.unplug();
        let expected = if has_mapped { IoReturn::BAD_ARGUMENT } else { IoReturn::MACH_SEND_INVALID_DEST };
        assert_eq!(map::<[u8]>(&connection, 0).unwrap_err(), expected, "TERM-5, TERM-6");
    }
}

#[test]
fn a_connection_says_that_it_is_terminated_whether_it_has_mapped_memory_or_not() {
    for has_mapped in [false, true] {
        let scene = Scene::of(&memory(16));
        let connection = scene.open();
        if has_mapped {
            drop(bytes(&connection, 0));
        }
        assert!(connection.call(0).send().is_ok() && !connection.is_terminated());

        scene.unplug();
        assert!(connection.is_terminated());
        let errors = [
            connection.call(0).send().unwrap_err(),
            connection.call(0).send_async().map(drop).unwrap_err(),
            map::<[u8]>(&connection, 0).unwrap_err(),
            connection.service().unwrap_err(),
            connection.add_client(&connection).unwrap_err(),
            connection.set_property("Rate", 1).unwrap_err(),
            connection.set_properties(Value::from(1)).unwrap_err(),
        ];
        let code = if has_mapped { IoReturn::BAD_ARGUMENT } else { IoReturn::MACH_SEND_INVALID_DEST };
        assert_eq!(
            errors.each_ref().map(|error| (error.kind(), error.code())),
            [(ErrorKind::Terminated, code); 7]
        );
    }
}

#[test]
fn memory_that_is_mapped_while_the_service_ends_is_refused() {
    for has_mapped in [false, true] {
        let (descriptor, ends) = (memory(16), Arc::new(Mutex::new(None::<(WeakMachine, EntryId)>)));
        let scene = Scene::new({
            let ends = Arc::clone(&ends);
            move |_| {
                let service = lock(&ends).take();
                if let Some((machine, service)) = service
                    && let Some(machine) = machine.upgrade()
                {
                    // Not from here: the driver is busy with this very call.
                    let ended =
                        thread::spawn(move || machine.terminate(service, TerminateOptions::default()));
                    assert!(ended.join().unwrap());
                }
                plain(&descriptor)
            }
        });
        let connection = scene.open();
        if has_mapped {
            drop(bytes(&connection, 0));
        }
        *lock(&ends) = Some((scene.machine.downgrade(), scene.service));
        let error = map::<[u8]>(&connection, 0).unwrap_err();
        assert_eq!(error.code(), IoReturn::NO_DEVICE, "TERM-6a");
        drop(connection);
        scene.assert_nothing_is_mapped();
    }
}

// ---- that nothing is taken away ----

#[test]
fn one_of_two_mappings_of_a_type_stays_when_the_other_one_goes() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let (first, mut second) = (bytes(&connection, 0), bytes(&connection, 0));
    assert_eq!(first.as_ptr(), second.as_ptr(), "MEM-6");
    drop(first);
    assert_is_there(&mut second, &descriptor);
    drop(second);
    scene.assert_nothing_is_mapped();
}

#[test]
fn one_of_two_types_that_are_one_memory_stays_when_the_other_one_goes() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let (first, mut second) = (bytes(&connection, 0), bytes(&connection, 1));
    assert_eq!(first.as_ptr(), second.as_ptr(), "MEM-6");
    assert_eq!(first.unmap(), Ok(()));
    assert_is_there(&mut second, &descriptor);
    assert_eq!(second.unmap(), Ok(()), "what the first type has taken along is no error");
    scene.assert_nothing_is_mapped();
}

#[test]
fn a_driver_that_means_another_memory_when_it_is_asked_again_takes_nothing_away() {
    let memories = [memory(16), memory(32)];
    let is_swapped = Arc::new(AtomicBool::new(false));
    let scene = Scene::new({
        let (memories, is_swapped) = (memories.clone(), Arc::clone(&is_swapped));
        move |memory_type| {
            plain(&memories[usize::from((memory_type == 1) != is_swapped.load(Ordering::Relaxed))])
        }
    });
    let connection = scene.open();
    let (first, mut second) = (bytes(&connection, 0), bytes(&connection, 1));
    is_swapped.store(true, Ordering::Relaxed);
    drop(first);
    assert_is_there(&mut second, &memories[1]);
    drop(second);
    scene.assert_nothing_is_mapped();
}

#[test]
fn two_connections_that_are_one_name_take_nothing_away_from_each_other() {
    let descriptor = memory(16);
    let given = descriptor.clone();
    let scene = Scene::with_a_shared_instance(move |_| plain(&given));
    let (first, second) = (scene.open(), scene.open());
    assert_eq!(first.as_raw(), second.as_raw());
    let (of_first, mut of_second) = (bytes(&first, 0), bytes(&second, 0));
    drop(of_first);
    assert_is_there(&mut of_second, &descriptor);
    first.close().unwrap();
    assert_is_there(&mut of_second, &descriptor);
    second.close().unwrap();
    assert_is_there(&mut of_second, &descriptor);
    drop(of_second);
    scene.assert_clean();
}

#[test]
fn two_connections_of_a_task_share_a_memory_and_each_keeps_it() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let (first, second) = (scene.open(), scene.open());
    let (of_first, mut of_second) = (bytes(&first, 0), bytes(&second, 0));
    assert_eq!(of_first.as_ptr(), of_second.as_ptr(), "MEM-8b");
    drop((of_first, first));
    assert_is_there(&mut of_second, &descriptor);
    drop((of_second, second));
    scene.assert_nothing_is_mapped();
}

#[test]
fn a_connection_of_one_kernel_takes_nothing_away_from_that_of_another() {
    let descriptors = [memory(16), memory(16)];
    let scenes = descriptors.each_ref().map(Scene::of);
    let connections = scenes.each_ref().map(Scene::open);
    assert_eq!(connections[0].as_raw(), connections[1].as_raw(), "one name in two tasks");
    let [first, mut second] = connections.each_ref().map(|connection| bytes(connection, 0));
    drop(first);
    scenes[0].assert_nothing_is_mapped();
    assert_is_there(&mut second, &descriptors[1]);
}

#[test]
fn a_closed_connection_leaves_its_mappings() {
    for on_close in [OnClose::Terminate, OnClose::Stay] {
        let descriptor = memory(16);
        let given = descriptor.clone();
        let scene = Scene::with(move |_| plain(&given), on_close, false);
        let connection = scene.open();
        let (mut first, second) = (bytes(&connection, 0), bytes(&connection, 1));
        scene.calls();
        connection.close().unwrap();
        assert_eq!(scene.calls(), ["close"], "now, and not when the mappings go");
        assert_is_there(&mut first, &descriptor);
        drop(second);
        assert_is_there(&mut first, &descriptor);
        drop(first);
        scene.assert_clean();
    }
}

#[test]
fn a_name_that_is_handed_out_leaves_the_mappings() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let kernel = scene.task.kernel();
    let mut mapping = bytes(&connection, 0);
    let name = connection.into_raw();
    assert_eq!(kernel.io_object_get_user_retain_count(name), 2, "the mapping has one of its own");
    // SAFETY: the name has just been handed out, with its reference.
    let connection = unsafe { Connection::from_raw(kernel.clone(), name) };
    drop(connection);
    assert_is_there(&mut mapping, &descriptor);
    drop(mapping);
    scene.assert_clean();
}

#[test]
fn a_mapping_keeps_a_connection_open_that_is_dropped() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let (mut first, second) = (bytes(&connection, 0), bytes(&connection, 1));
    scene.calls();
    drop((connection, second));
    assert_eq!(scene.calls(), [""; 0]);
    assert_is_there(&mut first, &descriptor);
    drop(first);
    assert_eq!(scene.calls(), ["memory 0", "memory 1", "close"], "unmapped first, closed last");
    scene.assert_clean();
}

#[test]
fn mappings_outlive_the_service() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let (mut first, second) = (bytes(&connection, 0), bytes(&connection, 1));
    scene.unplug();
    assert_is_there(&mut first, &descriptor);
    drop(second);
    assert_is_there(&mut first, &descriptor);
    drop(connection);
    assert_is_there(&mut first, &descriptor);
    drop(first);
    scene.assert_clean();
}

#[test]
fn mappings_outlive_the_task() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let mut mapping = bytes(&connection, 0);
    scene.task.kill();
    assert_is_there(&mut mapping, &descriptor);
    drop(connection);
    assert_is_there(&mut mapping, &descriptor);
}

#[test]
fn mappings_outlive_every_other_handle_on_the_machine() {
    let descriptor = memory(16);
    let mut mapping = bytes(&Scene::of(&descriptor).open(), 0);
    assert_is_there(&mut mapping, &descriptor);
}

#[test]
fn a_panic_leaves_nothing_mapped() {
    let scene = Scene::of(&memory(16));
    let connection = scene.open();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _mapping = bytes(&connection, 0);
        panic!("while it is mapped");
    }));
    assert!(panicked.is_err());
    scene.assert_nothing_is_mapped();
    drop(connection);
    scene.assert_clean();
}

// ---- unmapping ----

#[test]
fn unmapping_unmaps_when_nobody_else_has_the_connection_s_memory() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let (first, second) = (bytes(&connection, 0), bytes(&connection, 0));
    assert_eq!(first.unmap(), Ok(()));
    assert_eq!(scene.task.mappings().len(), 1);
    assert_eq!(second.unmap(), Ok(()));
    scene.assert_nothing_is_mapped();
    assert_eq!(Mapping::<[u8]>::of(&descriptor).unwrap().unmap(), Ok(()), "there is nothing to do");

    // It begins anew.
    let mut again = bytes(&connection, 0);
    assert_is_there(&mut again, &descriptor);
    assert_eq!(again.unmap(), Ok(()));
    scene.assert_nothing_is_mapped();
    let references = connection.kernel().io_object_get_user_retain_count(connection.as_raw());
    assert_eq!(references, 1, "the mappings' own is given up");
}

#[test]
fn unmapping_tells_of_memory_that_another_one_s_turn_has_unmapped() {
    let scene = Scene::of(&memory(16));
    let connection = scene.open();
    let twice = [bytes(&connection, 0), bytes(&connection, 0)];
    let otherwise: Mapping<[u8]> = connection.map_memory(0, CacheMode::WriteCombine).unwrap();
    drop(twice);
    assert_eq!(scene.task.mappings().len(), 2, "by their cache modes (MEM-6)");
    assert_eq!(otherwise.unmap(), Ok(()));
    scene.assert_nothing_is_mapped();
}

#[test]
fn memory_of_a_service_that_is_gone_goes_with_the_connection() {
    let scene = Scene::of(&memory(16));
    let connection = scene.open();
    let mapping = bytes(&connection, 5);
    scene.unplug();
    let error = mapping.unmap().unwrap_err();
    assert_eq!(error, IoReturn::BAD_ARGUMENT, "TERM-6");
    assert!(error.to_string().starts_with("IOConnectUnmapMemory64 (memory type 5): "), "{error}");
    assert_eq!(scene.task.mappings().len(), 1);
    drop(connection);
    scene.assert_clean();
}

#[test]
fn memory_of_an_instance_for_all_whose_service_is_gone_stays_with_the_task() {
    let descriptor = memory(16);
    let given = descriptor.clone();
    let scene = Scene::with_a_shared_instance(move |_| plain(&given));
    let connection = scene.open();
    let (mut first, second) = (bytes(&connection, 0), bytes(&connection, 0));
    scene.unplug();
    drop(second);
    assert_is_there(&mut first, &descriptor);
    let error = first.unmap().unwrap_err();
    assert_eq!(error, IoReturn::MACH_SEND_INVALID_DEST, "TERM-5");
    drop(connection);
    assert_eq!(scene.task.mappings().len(), 1, "MEM-10");
    scene.task.kill();
    scene.assert_clean();
}

#[test]
fn memory_that_is_new_each_time_goes_with_the_connection() {
    let scene = Scene::new(|_| plain(&memory(16)));
    let connection = scene.open();
    let (first, second) = (bytes(&connection, 0), bytes(&connection, 0));
    assert_eq!(first.unmap(), Ok(()), "another one is alive");
    assert_eq!(second.unmap().unwrap_err(), IoReturn::BAD_ARGUMENT, "MEM-7");
    assert_eq!(scene.task.mappings().len(), 2);
    drop(connection);
    scene.assert_clean();
}

#[test]
fn each_memory_is_unmapped_as_often_as_a_kernel_that_counts_wants() {
    let descriptor = memory(16);
    let given = descriptor.clone();
    let scene = Scene::with_a_shared_instance(move |_| plain(&given));
    let connection = scene.open();
    let mappings = [0, 0, 1, 0].map(|memory_type| bytes(&connection, memory_type));
    drop(mappings);
    scene.assert_nothing_is_mapped();
    drop(connection);
    scene.assert_clean();
}

// ---- a driver that comes back ----

type Told = Mutex<Option<Box<dyn FnOnce() + Send>>>;

/// A scene whose driver does what it is told whenever it is asked for memory, on the thread of the task that asks.
fn scene_that_runs(descriptor: &MemoryDescriptor) -> (Scene, Arc<Told>) {
    let this = Arc::new(Told::default());
    let (descriptor, told) = (descriptor.clone(), Arc::clone(&this));
    let scene = Scene::new(move |_| {
        let told = lock(&told).take();
        told.into_iter().for_each(|told| told());
        plain(&descriptor)
    });
    (scene, this)
}

#[test]
fn a_driver_that_maps_what_it_is_asked_to_unmap_is_refused() {
    let descriptor = memory(16);
    let (scene, told) = scene_that_runs(&descriptor);
    let connection = Arc::new(scene.open());
    let mapping = bytes(&connection, 0);
    let (sender, receiver) = std::sync::mpsc::channel();
    *lock(&told) = Some(Box::new({
        let connection = Arc::clone(&connection);
        move || sender.send(map::<[u8]>(&connection, 0).map(drop)).unwrap()
    }));
    assert_eq!(mapping.unmap(), Ok(()));
    let error = receiver.recv().unwrap().unwrap_err();
    assert_eq!(error, IoReturn::BUSY);
    scene.assert_nothing_is_mapped();
    assert_is_there(&mut bytes(&connection, 0), &descriptor);
}

#[test]
fn a_driver_that_panics_when_it_is_asked_to_unmap_leaves_the_name_usable() {
    let descriptor = memory(16);
    let (scene, told) = scene_that_runs(&descriptor);
    let connection = scene.open();
    let mapping = bytes(&connection, 0);
    *lock(&told) = Some(Box::new(|| panic!("told to panic")));
    mapping.unmap().unwrap_err();
    assert_is_there(&mut bytes(&connection, 0), &descriptor);
    scene.assert_nothing_is_mapped();
}

// ---- threads ----

#[test]
fn threads_map_and_unmap_at_once_and_each_has_what_it_has_mapped() {
    let rounds: usize = if cfg!(miri) { 4 } else { 400 };
    let descriptor = memory(64);
    for is_shared_instance in [false, true] {
        let given = descriptor.clone();
        let scene = Scene::with(move |_| plain(&given), OnClose::Stay, is_shared_instance);
        let connections = [scene.open(), scene.open()];
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for index in 0..4_usize {
                let (connections, start) = (&connections, &start);
                scope.spawn(move || {
                    start.wait();
                    for round in 0..rounds {
                        let connection = &connections[(index + round) % 2];
                        let mut mapping = bytes(connection, (round % 3) as u32);
                        let value = (index * 50 + round % 50) as u8;
                        mapping.slice_mut().set(index, value).unwrap();
                        assert_eq!(mapping.slice().get(index), Some(value));
                        if round % 2 == 0 {
                            mapping.unmap().unwrap();
                        }
                    }
                });
            }
        });
        scene.assert_nothing_is_mapped();
        drop(connections);
        scene.assert_clean();
    }
}

#[test]
fn a_call_that_maps_waits_until_the_memory_is_unmapped() {
    let descriptor = memory(16);
    let (scene, told) = scene_that_runs(&descriptor);
    let connection = Arc::new(scene.open());
    let mapping = bytes(&connection, 0);
    let (entered, is_entered) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    *lock(&told) = Some(Box::new(move || {
        entered.send(()).unwrap();
        may_go_on.recv().unwrap();
    }));
    thread::scope(|scope| {
        scope.spawn(move || drop(mapping));
        is_entered.recv().unwrap();
        let other = scope.spawn(|| bytes(&connection, 0));
        go_on.send(()).unwrap();
        assert_is_there(&mut other.join().unwrap(), &descriptor);
    });
    scene.assert_nothing_is_mapped();
}

#[test]
fn a_driver_s_thread_changes_what_a_client_looks_at() {
    let descriptor = memory(16);
    let scene = Scene::of(&descriptor);
    let connection = scene.open();
    let mapping: Mapping<[u32]> = map(&connection, 0).unwrap();
    let seen = AtomicU32::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut own = Mapping::<[u32]>::of(&descriptor).unwrap();
            for count in 1..=100 {
                own.slice_mut().set(0, count).unwrap();
                while seen.load(Ordering::Acquire) < count {
                    thread::yield_now();
                }
            }
        });
        let start = Instant::now();
        for count in 1..=100 {
            while mapping.slice().get(0) != Some(count) {
                assert!(start.elapsed() < Duration::from_secs(60));
                thread::yield_now();
            }
            seen.store(count, Ordering::Release);
        }
    });
}

// ---- by a trait ----

#[user_client(service = "com_example_Board")]
trait Shows {
    #[uc(memory = 4)]
    fn words(&self) -> Result<Mapping<[u32]>>;

    #[uc(memory = 5)]
    fn table(&self) -> Result<Mapping<[u16], ReadOnlyAccess>>;

    #[uc(selector = 0)]
    async fn never(&self) -> Result<()>;
}

struct Driver {
    words: MemoryDescriptor,
    table: MemoryDescriptor,
}

impl Shows for Driver {
    fn words(&self) -> Result<Mapping<[u32]>> {
        Mapping::of(&self.words)
    }

    fn table(&self) -> Result<Mapping<[u16], ReadOnlyAccess>> {
        Mapping::of(&self.table)
    }

    async fn never(&self) -> Result<()> {
        std::future::pending().await
    }
}

#[test]
fn a_trait_s_memory_is_mapped_by_its_method() {
    let (words, table) = (memory(8), memory(9));
    let machine = Machine::new();
    let driver = Driver { words: words.clone(), table: table.sub_range(0, 8).unwrap() };
    machine.publish(Nub::new(CLASS).driver(ShowsServer::new(driver)));
    let task = machine.task("client");
    let client = ShowsClient::open_first(&task.kernel()).unwrap();
    let mut mapped = client.words().unwrap();
    mapped.slice_mut().set(1, 0x0102_0304).unwrap();
    assert_eq!(Mapping::<[u32]>::of(&words).unwrap().slice().get(1), Some(0x0102_0304));
    poke(&table, 0, 6);
    assert_eq!(client.table().unwrap().slice().get(0), Some(u16::from_ne_bytes([6, 0])));
    let connection = client.as_ref();
    assert!(task.mappings().iter().any(|mapping| mapping.is_read_only));
    assert_eq!(map::<[u16]>(connection, 5).unwrap_err(), IoReturn::NOT_WRITABLE);
    assert_eq!(map::<[u16]>(connection, 6).unwrap_err(), IoReturn::BAD_ARGUMENT);
    drop((client, mapped));
    assert_eq!(task.mappings(), []);
    machine.assert_clean();
}

#[test]
fn a_closed_connection_ends_its_calls_though_a_mapping_is_alive() {
    let descriptor = memory(8);
    let machine = Machine::new();
    let driver = Driver { words: descriptor.clone(), table: descriptor.clone() };
    machine.publish(Nub::new(CLASS).driver(ShowsServer::new(driver)));
    let task = machine.task("client");
    for is_closed in [true, false] {
        let client = ShowsClient::open_first(&task.kernel()).unwrap();
        let mut mapping = bytes(client.as_ref(), 4);
        let never = client.never();
        let connection = Connection::from(client);
        if is_closed {
            connection.close().unwrap();
        } else {
            let name = connection.into_raw();
            // SAFETY: the name has just been handed out, with its reference.
            unsafe { task.kernel().io_service_close(name) };
        }
        assert_eq!(never.wait().unwrap_err(), IoReturn::ABORTED);
        assert_is_there(&mut mapping, &descriptor);
    }
    assert_eq!(task.mappings(), []);
    machine.assert_clean();
}

#[test]
fn calls_of_a_connection_that_a_mapping_keeps_open_go_on() {
    let descriptor = memory(8);
    let machine = Machine::new();
    let driver = Driver { words: descriptor.clone(), table: descriptor };
    machine.publish(Nub::new(CLASS).driver(ShowsServer::new(driver)));
    let client = ShowsClient::open_first(&machine.task("client").kernel()).unwrap();
    let mapping = client.words().unwrap();
    let mut never = client.never();
    drop(client);
    assert_eq!(never.wait_timeout(Duration::ZERO), None);
    drop(mapping);
    assert_eq!(never.wait().unwrap_err(), IoReturn::ABORTED);
    machine.assert_clean();
}
