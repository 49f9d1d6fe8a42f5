//! Data queues: memory, and a port that its driver sends to.

use super::*;
use iokit_uc::DataQueue;
use std::task::Poll;

#[user_client(service = "com_example_Events")]
trait Events {
    /// Posts a number.
    #[uc(selector = 0)]
    fn post(&self, number: u32) -> Result<()>;
    #[uc(queue = 1)]
    fn events(&self) -> Result<DataQueue<u32>>;
}

struct Poster(Mutex<DataQueue<u32>>);

impl Events for Poster {
    fn post(&self, number: u32) -> Result<()> {
        self.0.lock().unwrap().enqueue(&number).map(drop)
    }

    fn events(&self) -> Result<DataQueue<u32>> {
        self.0.lock().unwrap().share()
    }
}

#[test]
fn a_queue_is_there_if_its_memory_was_recorded_but_what_a_device_puts_in_later_is_not() {
    let machine = Machine::new();
    let poster = Poster(Mutex::new(DataQueue::with_entries(8).unwrap()));
    machine.publish(Nub::new("com_example_Events").driver(EventsServer::new(poster)));
    let program = |kernel: &Kernel| {
        let client = EventsClient::open_first(kernel).unwrap();
        let mut events = client.events().unwrap();
        let nothing = events.dequeue();
        let early = events.wait_timeout(NOW).is_pending();
        client.post(7).unwrap();
        (nothing, early, events.wait_timeout(Duration::from_millis(200)))
    };
    let ((nothing, early, event), trace) =
        recorded_with(&machine, RecordingOptions::new().contents(1), program);
    assert_eq!((nothing, early), (Ok(None), true));
    assert!(matches!(event, Poll::Ready(Some(Ok(7)))), "{event:?}");
    // What a device writes to memory is not in a trace.
    let ((nothing, early, event), finished) = replayed(&trace, ReplayMode::Strict, program);
    assert_eq!((nothing, early, event.is_pending(), finished), (Ok(None), true, true, Ok(())));
}
