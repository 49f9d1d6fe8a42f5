//! Data queues that are damaged.

use crate::instrument::{Instrument, machine, memory, selector};
use iokit_uc::memory::MemoryDescriptor;
use iokit_uc::sim::{Fault, QueueDamage};
use iokit_uc::{DataQueue, Detail, IoReturn};

#[test]
fn a_queue_whose_size_is_damaged_is_not_opened() {
    for damage in [QueueDamage::Size(0), QueueDamage::Size(u32::MAX)] {
        let (machine, _, client) = machine();
        let fault = machine.inject(Fault::corrupt_queue(damage).memory_type(memory::QUEUE));
        assert!(client.readings().is_err(), "{damage:?}");
        assert_eq!(fault.hits(), 1);
        drop(client);
        machine.assert_clean();
    }
}

#[test]
fn indices_and_entries_that_are_damaged_are_found_when_an_entry_is_taken_out() {
    for damage in [QueueDamage::Head(u32::MAX), QueueDamage::Tail(u32::MAX), QueueDamage::Entry(u32::MAX)] {
        let (machine, _, client) = machine();
        let mut readings = client.readings().unwrap();
        drop(readings.dequeue());
        drop(readings);
        // The queue is mapped first, and damaged when the driver has put an entry in.
        machine.inject(Fault::corrupt_queue(damage).selector(selector::RECORD).memory_type(memory::QUEUE));
        let mut readings = client.readings().unwrap();
        client.record().unwrap();
        let error = readings.dequeue().unwrap_err();
        assert!(matches!(error.detail(), Some(Detail::QueueCorrupt { .. })), "{damage:?}: {error}");
        drop((readings, client));
        machine.assert_clean();
    }
}

#[test]
fn memory_that_is_no_queue_is_not_touched() {
    let (machine, _, client) = machine();
    let fault = machine.inject(Fault::corrupt_queue(QueueDamage::Size(7)).memory_type(memory::QUEUE));
    let registers = client.registers().unwrap();
    assert_eq!(registers.slice().get(0), Some(0));
    assert_eq!(fault.hits(), 0);
}

#[test]
fn a_driver_s_own_queue_can_be_damaged() {
    let mut queue = DataQueue::<u64>::with_entries(2).unwrap();
    queue.enqueue(&1).unwrap();
    QueueDamage::Entry(3).apply(queue.descriptor().unwrap()).unwrap();
    assert!(queue.dequeue().is_err());
    let small = MemoryDescriptor::new(8).unwrap();
    assert_eq!(QueueDamage::Head(0).apply(&small).unwrap_err().code(), IoReturn::BAD_ARGUMENT);
}
