//! Traces that were changed by chance, whether they make sense or not.

use super::*;
use iokit_uc::memory::CacheMode;
use iokit_uc::{Matching, NotificationPort, Service, ServiceNotification};
use std::sync::mpsc;
use std::thread;

/// Does a little of everything, and minds no error.
fn everything(kernel: &Kernel) {
    const SHORT: Duration = Duration::from_millis(2);
    let matching = Matching::class(CLASS);
    let port = NotificationPort::new(kernel);
    let arrivals = port.as_ref().map(|port| port.services(ServiceNotification::FirstMatch, &matching));
    let services: Vec<_> = Service::all(kernel, &matching).into_iter().flatten().take(4).collect();
    for service in &services {
        let _ = (service.name(), service.property("serial"), service.send_rights(), service.clone());
        let Ok(device) = DeviceClient::open(service) else { continue };
        let mut double = device.double(2);
        let mut numbers = device.count(3);
        let _ = (device.add(1, 2), device.store(&Sample::default()), device.samples(3), device.refuse());
        if let Ok(mut table) = device.table() {
            let last = table.slice().len() - 1;
            table.slice_mut().set(last, 7).unwrap();
            assert_eq!(table.slice().get(last), Some(7));
            if let Ok(again) =
                device.as_ref().map_memory::<[u8], iokit_uc::ReadOnlyAccess>(0, CacheMode::Default)
            {
                drop(device);
                let _ = again.slice().get(again.size() - 1);
            }
        }
        let _ = double.wait_timeout(SHORT);
        for _ in 0..3 {
            let _ = numbers.as_mut().map(|numbers| numbers.wait_timeout(SHORT));
        }
    }
    if let Ok(port) = &port {
        let _ = (port.dispatch(Some(SHORT)), port.dropped());
    }
    drop(arrivals);
}

/// A small generator of numbers that look random: xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 as usize % end.max(1)
    }
}

/// The places of the numbers in a line: what follows `0x`, `@0x` and so on, or a digit.
fn numbers(line: &str) -> Vec<std::ops::Range<usize>> {
    let is_digit = |byte: u8| byte.is_ascii_hexdigit() || byte == b'x';
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_digit() && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric()) {
            let end = (at..bytes.len()).find(|&end| !is_digit(bytes[end])).unwrap_or(bytes.len());
            found.push(at..end);
            at = end;
        }
        at += 1;
    }
    found
}

fn damage(lines: &mut Vec<String>, random: &mut Random) {
    let line = 1 + random.below(lines.len() - 1);
    match random.below(6) {
        0 => drop(lines.remove(line)),
        1 => lines.insert(line, lines[line].clone()),
        2 => {
            let other = 1 + random.below(lines.len() - 1);
            lines.swap(line, other);
        }
        _ => {
            let places = numbers(&lines[line]);
            if places.is_empty() {
                return;
            }
            let place = places[random.below(places.len())].clone();
            let other = 1 + random.below(lines.len() - 1);
            let others = numbers(&lines[other]);
            let number = match random.below(3) {
                0 if !others.is_empty() => {
                    lines[other][others[random.below(others.len())].clone()].to_owned()
                }
                _ => ["0", "1", "7", "0x1000", "0x7fffffff", "0xffffffff", "0xffffffffffffffff"]
                    [random.below(7)]
                .into(),
            };
            lines[line].replace_range(place, &number);
        }
    }
}

#[test]
fn whatever_a_trace_says_a_program_comes_to_its_end() {
    let machine = machine();
    let sink = Sink::default();
    let options = RecordingOptions::new().contents(0);
    let kernel = Kernel::recording_with(machine.task("client").kernel(), sink.clone(), options);
    everything(&kernel);
    drop(kernel);
    let whole = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    let whole: Vec<String> = whole.lines().map(str::to_owned).collect();

    let mut random = Random(0x853c_49e6_748f_ea9b);
    let rounds = if cfg!(miri) { 5 } else { 600 };
    let mut read = 0;
    for round in 0..rounds {
        let mut lines = whole.clone();
        for _ in 0..1 + random.below(3) {
            damage(&mut lines, &mut random);
        }
        let text = lines.join("\n") + "\n";
        let Ok(trace) = Trace::read(text.as_bytes()) else { continue };
        read += 1;
        let mode = MODES[round % 2];
        let (ended, end) = mpsc::channel::<()>();
        let replayed = thread::spawn(move || {
            let replay = Replay::new(trace, mode).patience(Duration::from_millis(1));
            everything(&Kernel::replay(replay.clone()));
            let _ = replay.finish().map_err(|divergence| divergence.to_string());
            drop(ended);
        });
        let end = end.recv_timeout(LOST);
        assert_ne!(end, Err(mpsc::RecvTimeoutError::Timeout), "{text}");
        assert!(replayed.join().is_ok(), "{text}");
    }
    assert!(read > rounds / 4, "{read}");
}
