//! The simulated kernel's registry, large: what it costs to load, to search, to walk, to watch, and to take apart.
//!
//! ```sh
//! cargo bench --manifest-path benches/Cargo.toml --bench registry
//! ```
//!
//! Every figure that a goal is about is a ratio of two that are measured in the same run.

use iokit_uc::archive::{Archive, ArchivedEntry, ArchivedService};
use iokit_uc::sim::{Machine, Nub, TerminateOptions};
use iokit_uc::{Dictionary, Kernel, Matching, Plane, RegistryEntry, Result, Service, Value};
use iokit_uc::{ServiceEvent, ServiceEvents, ServiceNotification};
use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Counts the bytes that are allocated and not freed.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MILLION: usize = 1_000_000;

/// How many services of the class that is looked for.
const RARE: usize = 10;

/// A registry of `size` entries below the platform expert: buses of 30 devices, with four properties each.
fn synthetic(size: usize) -> Archive {
    let state = ArchivedService::REGISTERED | ArchivedService::MATCHED;
    let service = Some(ArchivedService { state, ..Default::default() });
    let entry = |depth, name: &str, class: &Arc<str>| ArchivedEntry {
        depth,
        name: name.into(),
        class: Arc::clone(class),
        service,
        ..Default::default()
    };
    let class = Arc::<str>::from;
    let (bus, rare) = (class("com_example_Bus"), class("com_example_Rare"));
    let others = ["com_example_Disk", "com_example_Keyboard", "com_example_Camera"].map(class);
    let mut entries = vec![
        ArchivedEntry { service: None, ..entry(0, "Root", &class("IORegistryEntry")) },
        entry(1, "Simulated1,1", &class("IOPlatformExpertDevice")),
    ];
    let every = size / RARE;
    for index in 0..size {
        let is_bus = index % 31 == 0;
        let class = match index {
            _ if index % every == every / 2 => &rare,
            _ if is_bus => &bus,
            _ => &others[index % 3],
        };
        let properties = Dictionary::from_iter([
            ("Serial", Value::from(format!("SN{index:08}"))),
            ("Index", Value::from(index as u64)),
            ("Removable", Value::from(index % 2 == 0)),
            ("Key", Value::data((index as u64).to_le_bytes())),
        ]);
        let depth = if is_bus { 2 } else { 3 };
        entries.push(ArchivedEntry { properties, ..entry(depth, &format!("device{index}"), class) });
    }
    Archive { plane: "IOService".into(), entries, gaps: Vec::new() }
}

fn timed<R>(run: impl FnOnce() -> R) -> (R, Duration) {
    let began = Instant::now();
    let result = run();
    (result, began.elapsed())
}

/// The fastest of several runs.
fn fastest(runs: usize, mut run: impl FnMut()) -> Duration {
    (0..runs).map(|_| timed(&mut run).1).min().unwrap_or_default()
}

fn per(time: Duration, count: usize) -> f64 {
    time.as_nanos() as f64 / count as f64
}

/// A line of the table: what, the figure, the goal.
fn line(what: &str, figure: impl std::fmt::Display, goal: &str) {
    println!("| {what} | {figure} | {goal} |");
}

fn load(size: usize) -> Result<Machine> {
    let before = ALLOCATED.load(Ordering::Relaxed);
    let archive = synthetic(size);
    let (machine, time) = timed(|| Machine::from_archive(&archive));
    let machine = machine?;
    // What both share is the machine's from here on.
    drop(archive);
    let bytes = (ALLOCATED.load(Ordering::Relaxed) - before) as f64 / size as f64;
    line(&format!("{size} entries: load"), format!("{:.2} s", time.as_secs_f64()), "");
    let goal = if size == MILLION { "≤ 1024" } else { "" };
    line(&format!("{size} entries: memory an entry"), format!("{bytes:.0} bytes"), goal);
    Ok(machine)
}

fn look_up(kernel: &Kernel) -> Result<Duration> {
    let matching = Matching::class("com_example_Rare");
    assert_eq!(Service::all(kernel, &matching)?.count(), RARE);
    Ok(fastest(200, || {
        for service in Service::all(kernel, &matching).expect("they are there") {
            black_box(service);
        }
    }))
}

fn walk(kernel: &Kernel, size: usize) -> Result<Duration> {
    let mut count = 0;
    let time = fastest(3, || {
        let root = RegistryEntry::root(kernel).expect("there is one");
        count = 0;
        for entry in root.descendants(&Plane::SERVICE).expect("it begins") {
            black_box(entry.expect("nothing changes"));
            count += 1;
        }
    });
    assert!(count >= size, "{count} of {size}");
    Ok(time)
}

/// A map of as many names by their numbers: walked, and walked with each name read.
fn walk_map(size: usize) -> (Duration, Duration) {
    let map: BTreeMap<u64, String> = (0..size as u64).map(|id| (id, format!("device{id}"))).collect();
    let walked = fastest(5, || {
        for entry in &map {
            black_box(entry);
        }
    });
    let read = fastest(5, || {
        for (id, name) in &map {
            black_box((id, name.as_bytes().last()));
        }
    });
    (walked, read)
}

/// Takes what is there. Returns how many services came, and whether some may have been lost.
fn drain(events: &mut ServiceEvents) -> (usize, bool) {
    let (mut came, mut lost) = (0, false);
    while let std::task::Poll::Ready(Some(event)) = events.wait_timeout(Duration::ZERO) {
        match event.expect("the port is there") {
            ServiceEvent::Service(service) => {
                black_box(service);
                came += 1;
            }
            ServiceEvent::MayHaveLost => lost = true,
            _ => {}
        }
    }
    (came, lost)
}

/// `count` devices come and go, in groups, while `subscribers` watch both.
fn hot_plug(count: usize, subscribers: usize) -> Result<Duration> {
    const GROUP: usize = 500;
    let machine = Machine::new();
    let kernel = machine.task("watcher").kernel();
    let matching = Matching::class("com_example_Disk");
    let port = iokit_uc::NotificationPort::new(&kernel)?;
    let mut watched = Vec::new();
    for _ in 0..subscribers {
        watched.push(port.services(ServiceNotification::FirstMatch, &matching)?);
        watched.push(port.services(ServiceNotification::Terminated, &matching)?);
    }
    let mut seen = vec![0; watched.len()];
    let (_, time) = timed(|| {
        for _ in 0..count / GROUP {
            let disks: Vec<_> = (0..GROUP).map(|_| machine.publish(Nub::new("com_example_Disk"))).collect();
            for disk in disks {
                machine.terminate(disk, TerminateOptions::default());
            }
            while port.dispatch(Some(Duration::ZERO)).expect("it receives") > 0 {}
            for (events, seen) in watched.iter_mut().zip(&mut seen) {
                let (came, lost) = drain(events);
                assert!(!lost);
                *seen += came;
            }
        }
    });
    assert!(seen.iter().all(|&seen| seen == count), "{seen:?} of {count}");
    Ok(time)
}

/// More devices than a notification holds come at once: what is lost is told.
fn burst() -> Result<(usize, bool)> {
    let machine = Machine::new();
    let kernel = machine.task("watcher").kernel();
    let port = iokit_uc::NotificationPort::new(&kernel)?;
    let mut events = port.services(ServiceNotification::FirstMatch, &Matching::class("com_example_Disk"))?;
    // A provider takes a thousand clients (BQ-1a).
    let buses: Vec<_> = (0..3).map(|_| machine.publish(Nub::new("com_example_Bus"))).collect();
    for index in 0..3000 {
        machine.publish(Nub::new("com_example_Disk").provider(buses[index % buses.len()]));
    }
    while port.dispatch(Some(Duration::ZERO))? > 0 {}
    Ok(drain(&mut events))
}

#[derive(Clone, Copy)]
enum Shape {
    /// Each below the one before.
    Chain,
    /// Four below each.
    Tree,
}

fn terminate(nodes: usize, shape: Shape) -> Duration {
    let machine = Machine::new();
    let first = machine.publish(Nub::new("com_example_Node"));
    let mut all = vec![first];
    while all.len() < nodes {
        let provider = match shape {
            Shape::Chain => all[all.len() - 1],
            Shape::Tree => all[(all.len() - 1) / 4],
        };
        all.push(machine.publish(Nub::new("com_example_Node").provider(provider)));
    }
    let ((), time) = timed(|| {
        machine.terminate(first, TerminateOptions::default());
    });
    assert!(all.into_iter().all(|node| machine.is_inactive(node)));
    time
}

fn main() -> Result<()> {
    // `cargo test --benches` asks for nothing to be measured.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    println!("| what | measured | goal |\n|---|---|---|");
    let small = load(1000)?;
    let in_small = look_up(&small.task("client").kernel())?;
    drop(small);
    let large = load(MILLION)?;
    let kernel = large.task("client").kernel();
    let in_large = look_up(&kernel)?;
    line("10 services of a class, among 1000", format!("{} ns", in_small.as_nanos()), "");
    line("10 services of a class, among 1,000,000", format!("{} ns", in_large.as_nanos()), "");
    line("ratio", format!("{:.2}", in_large.as_secs_f64() / in_small.as_secs_f64()), "≤ 2");
    let walked = per(walk(&kernel, MILLION)?, MILLION);
    let (map, map_read) = walk_map(MILLION);
    line("recursive iteration, an entry", format!("{walked:.0} ns"), "");
    for (what, map) in [("", map), (", each name read", map_read)] {
        let map = per(map, MILLION);
        line(&format!("a `BTreeMap` of the same size{what}, an entry"), format!("{map:.1} ns"), "");
        line("ratio", format!("{:.0}", walked / map), "≤ 25");
    }
    drop(kernel);
    drop(large);

    let mut one = 0.0;
    for subscribers in [1, 2, 5, 10] {
        let count = if subscribers == 10 { MILLION } else { MILLION / 10 };
        let cost = per(hot_plug(count, subscribers)?, count);
        if subscribers == 1 {
            one = cost;
        }
        line(
            &format!("{count} arrivals and departures, {subscribers} subscribers: each"),
            format!("{cost:.0} ns, {:.1} × one subscriber", cost / one),
            "linear, none lost",
        );
    }
    let (came, told) = burst()?;
    line("of 3000 arrivals at once", format!("{came} seen, loss told: {told}"), "1024, told");

    for (shape, name) in [(Shape::Tree, "tree"), (Shape::Chain, "chain")] {
        let mut small = 0.0;
        for nodes in [1000, 10_000, 100_000] {
            let cost = per(terminate(nodes, shape), nodes);
            if nodes == 1000 {
                small = cost;
            }
            line(
                &format!("a {name} of {nodes} nodes is terminated: each"),
                format!("{cost:.0} ns, {:.1} × that of 1000", cost / small),
                "linear",
            );
        }
    }
    Ok(())
}
