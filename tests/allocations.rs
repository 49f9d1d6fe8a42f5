//! What a call allocates on the heap: nothing, if its data travels in line.
//!
//! Counted is the calling thread, on which the simulated kernel runs the driver too, so client, kernel and driver's side
//! are all in the sum. Every call here is the first on its thread.
//!
//! These do allocate: a result of type `Vec`; an error with figures, such as a reply of the wrong size; a slice of
//! structures out of line that does not lie aligned, which the driver's side copies; and `Connection::call`, whose
//! answer owns its data.

use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{IoReturn, Result, Scalars, Structure, user_client};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::thread;

struct Counting;

thread_local! {
    /// Needs no drop, and so no heap of its own.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    ALLOCATIONS.set(ALLOCATIONS.get() + 1);
}

// SAFETY: every function passes its arguments on to `System` as they are, whose contract is the same. Counting neither
// allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above; the block is from `System`, as all are.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// One method a shape.
#[user_client(service = "com_example_Shapes")]
trait Shapes {
    #[uc(selector = 0)]
    fn add(&self, a: u32, b: u32) -> Result<u32>;
    #[uc(selector = 1)]
    fn swap(&self, pair: &Pair) -> Result<Pair>;
    #[uc(selector = 2)]
    fn tuple(&self, a: i32, pair: &Pair) -> Result<(bool, i32, Pair)>;
    #[uc(selector = 3)]
    fn any_count(&self, scalars: Scalars) -> Result<Scalars>;
    #[uc(selector = 4)]
    fn sum(&self, pairs: &[Pair]) -> Result<u64>;
    #[uc(selector = 5)]
    fn fill(&self, pairs: &mut [Pair]) -> Result<usize>;
    #[uc(selector = 6)]
    fn fail(&self, pair: &Pair) -> Result<Pair>;
    #[uc(selector = 7)]
    fn list(&self, count: u32) -> Result<Vec<Pair>>;
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Structure)]
#[repr(C)]
struct Pair {
    first: u64,
    second: u64,
}

const PAIR: Pair = Pair { first: 1, second: 2 };
const SWAPPED: Pair = Pair { first: 2, second: 1 };

/// As many as a message holds: 4096 bytes.
const MOST_IN_LINE: usize = 4096 / size_of::<Pair>();

struct Driver;

impl Shapes for Driver {
    fn add(&self, a: u32, b: u32) -> Result<u32> {
        Ok(a + b)
    }

    fn swap(&self, pair: &Pair) -> Result<Pair> {
        Ok(Pair { first: pair.second, second: pair.first })
    }

    fn tuple(&self, a: i32, pair: &Pair) -> Result<(bool, i32, Pair)> {
        Ok((true, -a, self.swap(pair)?))
    }

    fn any_count(&self, scalars: Scalars) -> Result<Scalars> {
        Ok(scalars)
    }

    fn sum(&self, pairs: &[Pair]) -> Result<u64> {
        Ok(pairs.iter().map(|pair| pair.first + pair.second).sum())
    }

    fn fill(&self, pairs: &mut [Pair]) -> Result<usize> {
        pairs.fill(PAIR);
        Ok(pairs.len())
    }

    fn fail(&self, _: &Pair) -> Result<Pair> {
        Err(IoReturn::NOT_READY.into())
    }

    fn list(&self, count: u32) -> Result<Vec<Pair>> {
        Ok(vec![PAIR; count as usize])
    }
}

/// Makes a call, as the first on a new thread. Returns what it returned, and how often it allocated.
fn first_call<R: Send>(call: impl FnOnce(&ShapesClient) -> R + Send) -> (R, usize) {
    let machine = Machine::new();
    machine.publish(Nub::new("com_example_Shapes").driver(ShapesServer::new(Driver)));
    let client = ShapesClient::open_first(&machine.task("client").kernel()).unwrap();
    let counted = thread::scope(|scope| {
        let caller = scope.spawn(|| {
            let before = ALLOCATIONS.get();
            let result = call(&client);
            (result, ALLOCATIONS.get() - before)
        });
        caller.join().unwrap()
    });
    drop(client);
    machine.assert_clean();
    counted
}

#[test]
fn scalars_allocate_nothing() {
    assert_eq!(first_call(|client| client.add(2, 3)), (Ok(5), 0));
}

#[test]
fn structures_allocate_nothing() {
    assert_eq!(first_call(|client| client.swap(&PAIR)), (Ok(SWAPPED), 0));
}

/// The kernel copies it into the message: a driver may look at it with any alignment.
#[test]
fn a_structure_that_lies_badly_allocates_nothing() {
    #[repr(C, align(16))]
    struct Shifted {
        before: u64,
        pair: Pair,
    }
    let shifted = Shifted { before: 0, pair: PAIR };
    assert_eq!(first_call(|client| client.swap(&shifted.pair)), (Ok(SWAPPED), 0));
}

#[test]
fn a_tuple_allocates_nothing() {
    assert_eq!(first_call(|client| client.tuple(7, &PAIR)), (Ok((true, -7, SWAPPED)), 0));
}

#[test]
fn scalars_of_any_count_allocate_nothing() {
    let most = Scalars::from([9; 16]);
    assert_eq!(first_call(|client| client.any_count(most)), (Ok(most), 0));
}

#[test]
fn slices_of_up_to_4096_bytes_allocate_nothing() {
    let pairs = [PAIR; MOST_IN_LINE];
    assert_eq!(first_call(|client| client.sum(&pairs)), (Ok(3 * pairs.len() as u64), 0));

    let mut filled = [Pair::default(); MOST_IN_LINE];
    assert_eq!(first_call(|client| client.fill(&mut filled)), (Ok(MOST_IN_LINE), 0));
    assert_eq!(filled, pairs);
}

#[test]
fn a_call_that_the_driver_fails_allocates_nothing() {
    let (result, allocations) = first_call(|client| client.fail(&PAIR));
    assert_eq!(result.unwrap_err(), IoReturn::NOT_READY);
    assert_eq!(allocations, 0);
}

/// The count is of something: it sees a result that must be on the heap.
#[test]
fn a_vec_allocates() {
    let (result, allocations) = first_call(|client| client.list(3));
    assert_eq!(result, Ok(vec![PAIR; 3]));
    assert!(allocations > 0);
}
