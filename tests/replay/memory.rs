//! What is mapped.

use super::*;
use iokit_uc::memory::CacheMode;
use iokit_uc::{Connection, ReadOnlyAccess};

#[test]
fn memory_has_what_it_had_if_that_was_recorded() {
    let program = |kernel: &Kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        let table = device.table().unwrap();
        let all: Vec<u32> = (0..table.slice().len()).map(|index| table.slice().get(index).unwrap()).collect();
        (table.size(), all)
    };
    let (outcome, trace) = recorded_with(&machine(), RecordingOptions::new().contents(0), program);
    assert_eq!((outcome.0, outcome.1[..3].to_vec()), (4096, vec![0, 3, 6]));
    for mode in MODES {
        let (again, finished) = replayed(&trace, mode, program);
        assert_eq!(finished, Ok(()));
        assert!(again == outcome, "{mode:?}: {:?} ...", &again.1[..8]);
    }
    let (_, without) = recorded(&machine(), program);
    let ((size, zeros), finished) = replayed(&without, ReplayMode::Strict, program);
    assert_eq!((size, finished), (4096, Ok(())));
    assert!(zeros.iter().all(|&word| word == 0));
}

#[test]
fn memory_can_be_written_and_outlives_its_connection() {
    same(&machine(), |kernel| {
        let device = DeviceClient::open_first(kernel).unwrap();
        let mut table = device.table().unwrap();
        drop(device);
        table.slice_mut().fill(7);
        assert_eq!(table.slice().get(1023), Some(7));
        table.unmap()
    })
    .unwrap();
}

#[test]
fn memory_that_can_only_be_read_is_not_written() {
    use iokit_uc::interface::{Arguments, UserClient};
    use iokit_uc::memory::{MapOptions, MemoryDescriptor};

    struct ReadOnly(MemoryDescriptor);

    impl UserClient for ReadOnly {
        fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
            Ok(())
        }

        fn client_memory_for_type(
            &self,
            _: u32,
            options: &mut MapOptions,
            memory: &mut Option<MemoryDescriptor>,
        ) -> Result<()> {
            *options = MapOptions::READ_ONLY;
            *memory = Some(self.0.clone());
            Ok(())
        }
    }

    let machine = Machine::new();
    machine.publish(
        Nub::new(CLASS).user_client(|_| Ok(ReadOnly(MemoryDescriptor::new(100)?.sub_range(8, 12)?))),
    );
    let outcome = same(&machine, |kernel| {
        let connection = open(kernel);
        let written = connection.map_memory::<[u32], iokit_uc::ReadWriteAccess>(0, CacheMode::Default);
        let read = connection.map_memory::<[u32], ReadOnlyAccess>(0, CacheMode::Default).unwrap();
        (written.unwrap_err().code(), read.size(), read.as_ptr().addr() % 4096)
    });
    assert_eq!(outcome, (IoReturn::NOT_WRITABLE, 12, 8));
}

#[test]
fn what_is_mapped_twice_is_in_one_place() {
    same(&machine(), |kernel| {
        let connection = open(kernel);
        let maps = [0; 2].map(|_| connection.map_memory::<[u32], ReadOnlyAccess>(0, CacheMode::Default));
        let [one, other] = maps.map(Result::unwrap);
        let same_place = one.as_ptr() == other.as_ptr();
        drop(one);
        (same_place, other.slice().len())
    });
}

fn open(kernel: &Kernel) -> Connection {
    let service = iokit_uc::Service::expect_first(kernel, &iokit_uc::Matching::class(CLASS)).unwrap();
    service.open(0).unwrap()
}
