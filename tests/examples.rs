//! The examples, run in this process: what they print, how they end, and what they make of a faulty driver.

#![allow(clippy::duplicate_mod, reason = "each example brings its own `cli`, as a program of its own")]

#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/events/main.rs"]
mod events;
#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/explore/main.rs"]
mod explore;
#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/framebuffer/main.rs"]
mod framebuffer;
#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/hotplug/main.rs"]
mod hotplug;
#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/ioreg/main.rs"]
mod ioreg;
#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/null_driver/main.rs"]
mod null_driver;
#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/power/main.rs"]
mod power;
#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/registers/main.rs"]
mod registers;
#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/simple_user_client/main.rs"]
mod simple_user_client;
#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/smc/main.rs"]
mod smc;
#[allow(dead_code, reason = "`main` is the program's")]
#[path = "../examples/trace/main.rs"]
mod trace;

/// What the tests of every example have in common, whose `Program` is a type of its own.
macro_rules! every_example {
    ($($argument:literal),*) => {
        /// Runs the program within this process: its exit code, what it prints, and what it complains about.
        fn run(arguments: &[&str]) -> (u8, String, String) {
            let (mut out, mut complaints) = (Vec::new(), Vec::new());
            let code = PROGRAM.execute(arguments, &mut out, &mut complaints);
            (code, String::from_utf8(out).unwrap(), String::from_utf8(complaints).unwrap())
        }

        #[test]
        #[cfg(not(target_os = "macos"))]
        fn says_so_where_there_is_no_mac() {
            let (code, out, complaints) = run(&["--host" $(, $argument)*]);
            assert_eq!((code, out.as_str()), (1, ""));
            assert!(complaints.starts_with("error: Kernel::host: kIOReturnUnsupported ("), "{complaints}");
            assert!(complaints.ends_with("this system is not macOS\n"), "{complaints}");
        }
    };
}

#[path = "programs/explore.rs"]
mod explore_example;
#[path = "programs/hotplug.rs"]
mod hotplug_example;
#[path = "programs/ioreg.rs"]
mod ioreg_example;
#[path = "programs/power.rs"]
mod power_example;
#[path = "programs/trace.rs"]
mod trace_example;

mod events_example {
    use super::events::cli::Failure;
    use super::events::driver::{self, ROOM};
    use super::events::tally::Tally;
    use super::events::{Event, EventSource, EventSourceClient, PROGRAM, Totals};
    use iokit_uc::IoReturn;
    use iokit_uc::sim::Machine;
    use std::iter;
    use std::time::{Duration, Instant};

    const PATIENCE: Duration = Duration::from_secs(60);

    every_example!();

    /// The number that is a line's word `index`.
    fn number(line: &str, index: usize) -> u64 {
        let word = line.split(' ').nth(index).unwrap_or_else(|| panic!("{line}"));
        word.trim_end_matches(':').parse().unwrap_or_else(|_| panic!("{line}"))
    }

    #[test]
    fn every_event_is_received_or_lost() {
        for (rate, burst) in [("1000", "1"), ("100000", "1"), ("10000", "2000")] {
            for stream in [&[][..], &["--stream"]] {
                let arguments = [&["--seconds", "0.1", "--rate", rate, "--burst", burst], stream].concat();
                let (code, out, complaints) = run(&arguments);
                assert_eq!((code, &*complaints), (0, ""), "{out}");
                let begin = format!("{rate} events a second, {burst} at once, for 100ms; ");
                assert!(out.starts_with(&(begin + "the queue has room for 257\n")), "{out}");
                let line = |prefix| out.lines().find(|line| line.starts_with(prefix)).expect(&out);
                let (received, lost) = (line("received "), line("lost "));
                let lost = if lost == "lost none" { 0 } else { number(lost, 1) };
                // The queue takes the first at any rate.
                assert_eq!(number(received, 1) == 0, number(received, 3) == 0, "{out}");
                assert_eq!(number(received, 1) + lost, number(received, 3), "{out}");
            }
        }
    }

    #[test]
    fn whoever_looks_for_no_time_sees_what_was_posted_at_once_or_nothing() {
        let (code, out, _) = run(&["--seconds", "0", "--rate", "1"]);
        assert_eq!(code, 0);
        assert!(out.contains("received 0 of 0: ") || out.contains("received 1 of 1: "), "{out}");
    }

    #[test]
    fn a_mistaken_command_line_says_what_is_wrong() {
        for (arguments, complaint) in [
            (&["--rate"][..], "`--rate` wants a number of events"),
            (&["--rate", "0"], "`0` is no number of events from 1 to a million"),
            (&["--burst", "1000001"], "`1000001` is no number of events from 1 to a million"),
            (&["--seconds", "3601"], "`3601` is no number of seconds up to an hour"),
            (&["--seconds", "NaN"], "`NaN` is no number of seconds up to an hour"),
            (&["--stream", "now"], "unexpected argument `now`"),
            (&["--rates", "1"], "unknown flag `--rates`"),
        ] {
            let expected = format!("error: {complaint}\n\n{}", PROGRAM.usage);
            assert_eq!(run(arguments), (2, String::new(), expected));
        }
    }

    fn boot() -> (Machine, EventSourceClient) {
        let machine = driver::machine();
        let client = EventSourceClient::open_first(&machine.task("client").kernel()).unwrap();
        (machine, client)
    }

    #[test]
    fn of_a_burst_the_queue_takes_the_first_and_the_driver_counts_the_others() {
        let (machine, client) = boot();
        let mut events = client.events().unwrap();
        // The next burst is due in a quarter of an hour.
        client.start(1, 1000).unwrap();
        assert!(machine.wait_until_idle(PATIENCE));
        let room = ROOM as u64 + 1;
        assert_eq!(client.stop(), Ok(Totals { events: 1000, overruns: 1000 - room }));
        for number in 0..room {
            let event = events.dequeue().unwrap().unwrap();
            assert_eq!((event.number, event.samples[11]), (number, number as i32 * 11));
        }
        assert_eq!(events.dequeue(), Ok(None));
        drop((events, client));
        machine.assert_clean();
    }

    #[test]
    fn no_event_comes_before_its_time() {
        let (_machine, client) = boot();
        let mut events = client.events().unwrap();
        let began = Instant::now();
        client.start(1000, 1).unwrap();
        for number in 0..50 {
            assert_eq!(events.wait().unwrap().unwrap().number, number);
            assert!(began.elapsed() >= Duration::from_millis(number));
        }
    }

    #[test]
    fn a_run_takes_the_place_of_another_and_one_that_is_stopped_is_over() {
        let (machine, client) = boot();
        let mut events = client.events().unwrap();
        for burst in [10, 20] {
            client.start(1, burst).unwrap();
            assert!(machine.wait_until_idle(PATIENCE));
        }
        assert_eq!(client.stop(), Ok(Totals { events: 20, overruns: 0 }));
        let numbers: Vec<_> = iter::from_fn(|| events.dequeue().unwrap()).map(|event| event.number).collect();
        assert_eq!(numbers, (0..10).chain(0..20).collect::<Vec<_>>());

        client.start(1_000_000, 1).unwrap();
        assert_eq!(events.wait().unwrap().unwrap().number, 0);
        let totals = client.stop().unwrap();
        let left = iter::from_fn(|| events.dequeue().unwrap()).count() as u64;
        assert_eq!(1 + left, totals.events - totals.overruns);
        assert!(machine.wait_until_idle(PATIENCE));
        assert_eq!((client.stop(), events.dequeue()), (Ok(totals), Ok(None)));
    }

    #[test]
    fn a_connection_is_closed_while_the_driver_posts() {
        let (machine, client) = boot();
        let mut events = client.events().unwrap();
        client.start(1_000_000, 1).unwrap();
        events.wait().unwrap().unwrap();
        drop((events, client));
        machine.assert_clean();
        assert!(machine.wait_until_idle(PATIENCE), "the driver has nobody to post to");
    }

    #[test]
    fn rates_and_bursts_have_limits() {
        let (_machine, client) = boot();
        for (rate, burst) in [(0, 1), (1, 0), (1_000_001, 1), (1, 1_000_001)] {
            assert_eq!(client.start(rate, burst).unwrap_err(), IoReturn::BAD_ARGUMENT);
        }
        assert_eq!(client.stop(), Ok(Totals::default()));
    }

    fn event(number: u64) -> Event {
        Event { number, time: u64::MAX, samples: [0; 12] }
    }

    fn message(result: Result<(), Failure>) -> String {
        match result {
            Err(Failure::Error(error)) => error.to_string(),
            Err(Failure::Usage(complaint)) => complaint,
            Ok(()) => panic!("that is an error"),
        }
    }

    #[test]
    fn gaps_are_counted_in_the_middle_and_at_the_end() {
        let mut tally = Tally::default();
        for number in [0, 2, 5] {
            assert!(tally.add(&event(number)).is_ok());
        }
        assert!(tally.finish(Totals { events: 8, overruns: 5 }).is_ok());
        let mut out = Vec::new();
        assert!(tally.write(Duration::from_secs(2), &mut out).is_ok());
        let expected = "\
received 3 of 8: 2 a second, 0.00 MB/s
latency 0.0ns at least, 0.0ns on average, 0.0ns at most
lost 5 in 3 gaps: the driver found the queue full as often
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn an_event_too_many_and_one_that_is_missing_without_an_overrun_are_errors() {
        let mut tally = Tally::default();
        assert!(tally.add(&event(3)).is_ok());
        assert_eq!(message(tally.add(&event(3))), "event 3 comes where 4 was to be");
        let error = message(tally.finish(Totals { events: 6, overruns: 4 }));
        assert_eq!(error, "5 events are missing, but the driver found no room for 4");
    }
}

mod framebuffer_example {
    use super::framebuffer::PROGRAM;
    use super::framebuffer::display::{Display, DisplayClient, checksum};
    use super::framebuffer::driver;
    use iokit_uc::memory::{Framebuffer, FramebufferView, Xrgb8888};
    use std::fs::File;
    use std::io::BufReader;
    use std::path::{Path, PathBuf};

    every_example!();

    /// A directory that goes with the test.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("iokit-uc-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            // What is left over there bothers nobody.
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    /// A picture's size, and its pixels of three bytes.
    fn decode(file: &Path) -> ((u32, u32), Vec<u8>) {
        let mut reader = png::Decoder::new(BufReader::new(File::open(file).unwrap())).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
        ((info.width, info.height), bytes)
    }

    #[test]
    fn draws_a_test_card_that_the_driver_sees_too_and_writes_it_to_a_file() {
        let directory = Directory::new("card");
        let file = directory.0.join("card.png");
        let (code, out, complaints) = run(&[file.to_str().unwrap()]);
        assert_eq!((code, &*complaints), (0, ""), "{out}");
        let timed: Vec<_> = out.lines().filter(|line| line.contains(" ms")).collect();
        for name in ["fill", "gradients", "text", "copy_rect", "blit", "read back", "PNG"] {
            assert_eq!(timed.iter().filter(|line| line.starts_with(name)).count(), 1, "{name}: {out}");
        }
        assert!(
            out.contains("1920 × 1080 pixels, 8192 bytes a row, 8847360 bytes mapped: WriteCombine\n"),
            "{out}"
        );
        assert!(out.contains("\nthe driver sees the same picture: "), "{out}");

        let ((width, height), pixels) = decode(&file);
        assert_eq!((width, height, pixels.len()), (1920, 1080, 1920 * 1080 * 3));
        let pixel = |x: usize, y: usize| -> [u8; 3] { pixels[3 * (y * 1920 + x)..][..3].try_into().unwrap() };
        let expected = [
            (0, 0, [0xff, 0xff, 0xff], "the frame's first corner"),
            (1919, 1079, [0, 0, 0], "its last one"),
            (310, 390, [0x26, 0x2e, 0x3b], "the background"),
            (300, 390, [0x4c, 0x5a, 0x6e], "a line of the grid"),
            (210, 280, [0xd8, 0x3a, 0x34], "a circle of embedded-graphics"),
            (360, 180, [0xff, 0xff, 0xff], "the first bar"),
            (585, 300, [0xf5, 0xd9, 0x0a], "the second bar"),
            (1559, 419, [0, 0, 0], "the last bar"),
            (360, 430, [0, 0, 0], "the dark end of a gradient"),
            (1559, 430, [0xff, 0xff, 0xff], "its bright end"),
            (1559, 470, [0xff, 0, 0], "the next one's"),
            (360, 590, [0xff, 0, 0], "the first of the hues"),
        ];
        for (x, y, colour, what) in expected {
            assert_eq!(pixel(x, y), colour, "{what} at {x}, {y}");
        }
        let is_white = |&(x, y): &(usize, usize)| pixel(x, y) == [0xff; 3];
        let title = (400..720).flat_map(|x| (620..700).map(move |y| (x, y)));
        assert!((1000..10000).contains(&title.filter(is_white).count()), "large white letters");
        let balls = (900..1060).flat_map(|y| (30..1890).map(move |x| (x, y)));
        assert!(
            balls.filter(|&(x, y)| pixel(x, y)[0] > 0xa0 && pixel(x, y)[2] < 0x40).count() > 1000,
            "balls"
        );
        let plot = (360..1560).filter(|&x| pixel(x, 895) != [0; 3]).count();
        assert_eq!(plot, 60 * 16, "what came in at the right has been copied to the left");
    }

    #[test]
    fn the_driver_sees_the_pixels_that_are_seen_and_nothing_between_the_rows() {
        let machine = driver::machine().unwrap();
        let display = DisplayClient::open_first(&machine.task("test").kernel()).unwrap();
        let geometry = display.pixel_information().unwrap().geometry();
        let mut vram = display.vram().unwrap();
        let black = display.checksum().unwrap();

        vram.slice_mut().set(geometry.stride - 1, 0xff).unwrap();
        assert_eq!(display.checksum(), Ok(black));
        let mut screen = Framebuffer::<Xrgb8888>::new(vram.slice_mut(), geometry).unwrap();
        screen.put(1919, 1079, Xrgb8888::WHITE);
        assert_ne!(display.checksum(), Ok(black));
        let seen = FramebufferView::new(vram.slice(), geometry).unwrap();
        assert_eq!(display.checksum(), Ok(checksum(seen)));
        drop((vram, display));
        machine.assert_clean();
    }

    #[test]
    fn a_file_that_cannot_be_written_is_an_error_that_names_it() {
        let directory = Directory::new("nowhere");
        let file = directory.0.join("no such directory").join("card.png");
        let (code, _, complaints) = run(&[file.to_str().unwrap()]);
        assert_eq!(code, 1);
        assert!(complaints.starts_with(&format!("error: {}: ", file.display())), "{complaints}");
    }

    #[test]
    fn complains_of_a_command_line_that_makes_no_sense() {
        let expected = format!("error: unexpected argument `b.png`\n\n{}", PROGRAM.usage);
        assert_eq!(run(&["a.png", "b.png"]), (2, String::new(), expected));
    }
}

mod null_driver_example {
    use super::null_driver::{DataStruct, NullDriver, NullDriverClient, PROGRAM, driver};
    use iokit_uc::sim::Machine;
    use iokit_uc::{Completions, IoReturn};
    use std::task::Poll;
    use std::time::Duration;

    const DELAY: Duration = Duration::from_secs(5);
    const PATIENCE: Duration = Duration::from_secs(60);

    every_example!();

    #[test]
    fn calls_every_method_and_is_called_back() {
        let whole_output = "\
scalars([1, 2, 3]) = [2, 3, 4]
structure({300, 70000}) = [301, 70010]
structure of 4104 bytes ({300, 70000}, 511 sevens) = {301, 70010}, 511 zeros
checked_scalars(1 to 16) = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]
checked_structure({300, 70000}) = {301, 70010}
async_request({300, 70000}): NullDriver::async_request (selector 5): kIOReturnError (0xe00002bc, -536870212): unspecified failure
register_async_callback({300, 70000}) = {301, 70010}
  completed with (2, 301, 70010)
async_request({1, 2})
  completed with (2, 2, 12)
";
        for arguments in [&[][..], &["--delay", "0"]] {
            assert_eq!(run(arguments), (0, whole_output.into(), String::new()));
        }
    }

    #[test]
    fn prints_the_interface_as_a_c_header() {
        let (code, header, complaints) = run(&["--header"]);
        assert_eq!((code, &*complaints), (0, ""));
        assert_eq!(header, NullDriverClient::INTERFACE.c_header());
    }

    #[test]
    fn a_mistaken_command_line_says_what_is_wrong() {
        for (arguments, complaint) in [
            (&["--delay"][..], "`--delay` wants a number of milliseconds"),
            (&["--delay", "soon"], "`soon` is no number of milliseconds"),
            (&["--header", "now"], "unexpected argument `now`"),
            (&["now"], "unexpected argument `now`"),
        ] {
            let (code, out, complaints) = run(arguments);
            assert_eq!((code, &*out), (2, ""));
            assert!(complaints.starts_with(&format!("error: {complaint}\n")), "{complaints}");
        }
    }

    /// A machine with a clock that stands still, and a client.
    fn boot() -> (Machine, NullDriverClient) {
        let machine = driver::machine(DELAY);
        machine.freeze_clock();
        let client = NullDriverClient::open_first(&machine.task("client").kernel()).unwrap();
        (machine, client)
    }

    fn next(completions: &mut Completions<(u64, u64, u64)>) -> (u64, u64, u64) {
        match completions.wait_timeout(PATIENCE) {
            Poll::Ready(Some(completion)) => completion.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_driver_calls_back_after_its_delay_with_the_latest_request() {
        let (machine, client) = boot();
        let (_, mut completions) = client.register_async_callback(&DataStruct { foo: 1, bar: 1 }).unwrap();
        machine.advance(DELAY / 2);
        client.async_request(&DataStruct { foo: 2, bar: 2 }).unwrap();
        // The first would be due now.
        machine.advance(DELAY / 2);
        assert!(machine.wait_until_idle(PATIENCE));
        assert!(completions.wait_timeout(Duration::ZERO).is_pending());
        machine.advance(DELAY / 2);
        assert_eq!(next(&mut completions), (2, 3, 12));
        drop((client, completions));
        machine.assert_clean();
    }

    #[test]
    fn a_second_registration_takes_the_place_of_the_first() {
        let (machine, client) = boot();
        let data = DataStruct { foo: 1, bar: 1 };
        let (_, mut first) = client.register_async_callback(&data).unwrap();
        let (_, mut second) = client.register_async_callback(&data).unwrap();
        machine.advance(DELAY);
        assert_eq!(next(&mut second), (2, 2, 11));
        assert!(first.wait_timeout(Duration::ZERO).is_pending());
    }

    #[test]
    fn a_connection_that_is_closed_is_not_called_back() {
        let (machine, client) = boot();
        let (_, mut completions) = client.register_async_callback(&DataStruct { foo: 1, bar: 1 }).unwrap();
        drop(client);
        machine.advance(DELAY);
        assert!(machine.wait_until_idle(PATIENCE));
        match completions.wait_timeout(Duration::ZERO) {
            Poll::Ready(Some(Err(error))) => assert_eq!(error, IoReturn::ABORTED),
            other => panic!("{other:?}"),
        }
        drop(completions);
        machine.assert_clean();
    }
}

mod registers_example {
    use super::registers::sample_pci::{SamplePci, SamplePciClient, SharedMemory, StructForMethod2};
    use super::registers::simulated_uart::{DeviceChannel, DeviceUart};
    use super::registers::uart::{Channel, Uart};
    use super::registers::{PROGRAM, machine};
    use iokit_uc::memory::{BlockLayout, FieldKind};
    use iokit_uc::{IoReturn, RegisterBlock};

    every_example!();

    const SAMPLE_PCI: &str = "\
com_YourCompany_driver_SamplePCI
  method1([1, 2, 3]) = [fffffffe, fffffffd, fffffffc]
  method2(17185 bytes) = 0x87654321
  shared memory: 112 bytes, {0x11111111, 0x22222222, 0x33333333, \"some data\"}
  mapped again, it is the same memory: {0x11111111, 0x22222222, 0x33333333, \"some other data\"}
  card's memory: 4096 bytes, Inhibit
  memory of another type: IOConnectMapMemory64 (memory type 102): kIOReturnBadArgument (0xe00002c2, -536870206): invalid argument; the driver has no memory of this type, or cannot map it now: of its own code the kernel tells nothing
";
    const UART: &str = "\
com_example_Uart
  4096 bytes of registers, Inhibit
  channel 0: what is sent comes back
  channel 1: IN CAPITAL LETTERS
  log: channel 0: 23 bytes
  log: channel 1: 18 bytes
";

    #[test]
    fn talks_to_both_drivers_or_to_one() {
        let cases = [
            (&[][..], [SAMPLE_PCI, UART].concat()),
            (&["sample_pci"], SAMPLE_PCI.into()),
            (&["--machine", "uart"], UART.into()),
        ];
        for (arguments, out) in cases {
            assert_eq!(run(arguments), (0, out, String::new()));
        }
    }

    #[test]
    fn complains_of_a_command_line_that_makes_no_sense() {
        for (arguments, word) in [(&["pci"][..], "pci"), (&["uart", "now"], "now"), (&["now", "uart"], "now")]
        {
            let expected = format!("error: unexpected argument `{word}`\n\n{}", PROGRAM.usage);
            assert_eq!(run(arguments), (2, String::new(), expected));
        }
    }

    #[test]
    fn memory_is_shared_with_one_connection_and_the_card_with_all() {
        let machine = machine().unwrap();
        let [first, second] = ["first", "second"]
            .map(|task| SamplePciClient::open_first(&machine.task(task).kernel()).unwrap());
        let mut shared = first.shared_memory().unwrap();
        shared.slice_mut().set(0, SharedMemory::new([1, 2, 3], "for one")).unwrap();
        first.card_memory().unwrap().slice_mut().set(4095, 0xa5).unwrap();

        let others = second.shared_memory().unwrap().slice().get(0).unwrap();
        assert_eq!(others, SharedMemory::new([0x1111_1111, 0x2222_2222, 0x3333_3333], "some data"));
        assert_eq!(second.card_memory().unwrap().slice().get(4095), Some(0xa5));
        drop((shared, first, second));
        machine.assert_clean();
    }

    #[test]
    fn the_samples_methods_refuse_what_they_cannot_do() {
        let machine = machine().unwrap();
        let driver = SamplePciClient::open_first(&machine.task("test").kernel()).unwrap();
        assert_eq!(driver.method1(&[1, 2, 3], &mut [0; 2]).unwrap_err(), IoReturn::NO_SPACE);
        let nothing = StructForMethod2 { data_pointer: 0, data_length: 0, parameter1: 0, _pad: 0 };
        assert_eq!(driver.method2(&nothing).unwrap_err(), IoReturn::VM_ERROR);
    }

    /// Where each register is, and how wide.
    fn registers(block: &BlockLayout, base: usize, found: &mut Vec<(usize, u32)>) {
        for field in block.fields {
            let (count, stride) = field.array.unwrap_or((1, 0));
            for offset in (0..count).map(|index| base + field.offset + index * stride) {
                match field.kind {
                    FieldKind::Register { bits, .. } => found.push((offset, bits)),
                    FieldKind::Block(layout) => registers(layout, offset, found),
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    #[test]
    fn the_port_and_the_program_agree_where_the_registers_are() {
        for [program, device] in
            [[Uart::LAYOUT, DeviceUart::LAYOUT], [Channel::LAYOUT, DeviceChannel::LAYOUT]]
        {
            let [program, device] = [program, device].map(|block| {
                let mut found = Vec::new();
                registers(block, 0, &mut found);
                found
            });
            assert_eq!(program, device);
            assert!(program.len() >= 8);
        }
    }
}

mod simple_user_client_example {
    use super::simple_user_client::{CLASS, CLASS_10_4, PROGRAM, SimpleDriver, SimpleDriverClient, driver};
    use iokit_uc::{IoReturn, Kernel, Matching, Service};

    every_example!();

    const WHOLE_OUTPUT: &str = "\
com_apple_dts_driver_SimpleDriver
  before open: SimpleDriver::scalar_i_struct_i (selector 2): kIOReturnNotOpen (0xe00002cd, -536870195): device not open
  open()
  open() on a second connection: SimpleDriver::open (selector 0): kIOReturnExclusiveAccess (0xe00002c5, -536870203): already open exclusively
  scalar_i_struct_i(15, {586, 8756})
  scalar_i_struct_o(154, 863) = {154, 863}
  scalar_i_scalar_o(10, 32768) = 327680
  struct_i_struct_o({586, 8756}) = {586, 8756}
  close()
com_apple_dts_driver_SimpleDriver_10_4
  before open: SimpleDriver::scalar_i_struct_i (selector 2): kIOReturnNotOpen (0xe00002cd, -536870195): device not open
  open()
  open() on a second connection: SimpleDriver::open (selector 0): kIOReturnExclusiveAccess (0xe00002c5, -536870203): already open exclusively
  scalar_i_struct_i(15, {586, 8756})
  scalar_i_struct_o(154, 863) = {154, 863}
  scalar_i_scalar_o(10, 32768) = 327680
  struct_i_struct_o({586, 8756}) = {586, 8756}
  close()
";

    #[test]
    fn calls_every_method_of_both_drivers() {
        for arguments in [&[][..], &["--machine"]] {
            assert_eq!(run(arguments), (0, WHOLE_OUTPUT.into(), String::new()));
        }
    }

    fn connect(kernel: &Kernel, class: &str) -> SimpleDriverClient {
        let service = Service::expect_first(kernel, &Matching::class(class)).unwrap();
        SimpleDriverClient::open(&service).unwrap()
    }

    #[test]
    fn a_connection_that_ends_gives_the_driver_up() {
        for class in [CLASS, CLASS_10_4] {
            let machine = driver::machine();
            let (careless, killed, last) =
                (machine.task("careless"), machine.task("killed"), machine.task("last"));

            connect(&careless.kernel(), class).open().unwrap();

            let client = connect(&killed.kernel(), class);
            client.open().unwrap();
            killed.kill();

            connect(&last.kernel(), class).open().unwrap();
            drop(client);
            machine.assert_clean();
        }
    }

    #[test]
    fn only_the_connection_that_opened_the_driver_can_close_it() {
        for class in [CLASS, CLASS_10_4] {
            let machine = driver::machine();
            let kernel = machine.task("test").kernel();
            let (owner, other) = (connect(&kernel, class), connect(&kernel, class));
            owner.open().unwrap();
            assert_eq!(other.close().unwrap_err(), IoReturn::NOT_OPEN);
            assert_eq!(owner.open().unwrap_err(), IoReturn::EXCLUSIVE_ACCESS);
            owner.close().unwrap();
            other.open().unwrap();
        }
    }

    #[test]
    fn the_product_has_32_bits_and_needs_no_open() {
        for class in [CLASS, CLASS_10_4] {
            let machine = driver::machine();
            let driver = connect(&machine.task("test").kernel(), class);
            assert_eq!(driver.scalar_i_scalar_o(0x10000, 0x10001), Ok(0x10000));
        }
    }

    #[test]
    fn complains_of_a_command_line_that_makes_no_sense() {
        let bad = [
            (&["--hots"][..], "unknown flag `--hots`"),
            (&["--host", "--machine"], "`--machine` and `--host` exclude each other"),
            (&["open"], "unexpected argument `open`"),
        ];
        for (arguments, complaint) in bad {
            let expected = format!("error: {complaint}\n\n{}", PROGRAM.usage);
            assert_eq!(run(arguments), (2, String::new(), expected));
        }
    }

    #[test]
    fn explains_itself() {
        assert_eq!(run(&["--help"]), (0, PROGRAM.usage.into(), String::new()));
    }

    #[test]
    fn ends_quietly_when_the_reader_has_seen_enough() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut complaints = Vec::new();
        let code = PROGRAM.execute(&[], &mut writer, &mut complaints);
        assert_eq!((code, complaints.as_slice()), (0, &b""[..]));
    }
}

mod smc_example {
    use super::smc::PROGRAM;
    use super::smc::cli::Failure;
    use super::smc::client::Smc;
    use super::smc::keys::{KEYS, Key};
    use super::smc::protocol::{
        AppleSmc, AppleSmcServer, FourCc, SmcKeyInfo, SmcPLimit, SmcParam, SmcVersion, attribute, command,
    };
    use super::smc::simulated::SimulatedSmc;
    use super::smc::value::{ByteOrder, Value, unit};
    use iokit_uc::sim::{Machine, Nub};
    use iokit_uc::{Kernel, Result};
    use std::collections::HashSet;
    use std::mem::offset_of;

    every_example!("list");

    #[test]
    fn lists_every_key() {
        let expected = include_str!("../examples/smc/list.txt");
        assert_eq!(run(&["list"]), (0, expected.into(), String::new()));
    }

    #[test]
    fn reads_keys_by_name() {
        let expected = "\
TC0P [sp78]       67.125 °C   43 20
F0Ac [flt ]     3171.555 rpm  e0 38 46 45
PSTR [flt ]       35.527 W    b4 1b 0e 42
VP0R [flt ]       11.611 V    bb c6 39 41
B0AC [si16]        -2969 mA   f4 67
FNum [ui8 ]            2      02
BATP [flag]          yes      01
AC-M [hex_]                   00 00
";
        let arguments = ["--machine", "read", "TC0P", "F0Ac", "PSTR", "VP0R", "B0AC", "FNum", "BATP", "AC-M"];
        assert_eq!(run(&arguments), (0, expected.into(), String::new()));
    }

    #[test]
    fn an_unknown_key_is_not_found_and_never_zero() {
        let expected = "error: key TC9Z: key not found (SMC result 132)\n";
        assert_eq!(run(&["read", "TC9Z"]), (1, String::new(), expected.into()));
    }

    #[test]
    fn complains_of_a_command_line_that_makes_no_sense() {
        let bad = [
            (&[][..], "no command"),
            (&["write"], "unknown command `write`"),
            (&["list", "T"], "unexpected argument `T`"),
            (&["read"], "`read` wants a key"),
            (&["read", "TC0"], "`TC0` is no key: keys have four ASCII characters"),
            (&["read", "°C0"], "`°C0` is no key: keys have four ASCII characters"),
            (&["list", "-l"], "unknown flag `-l`"),
        ];
        for (arguments, complaint) in bad {
            let expected = format!("error: {complaint}\n\n{}", PROGRAM.usage);
            assert_eq!(run(arguments), (2, String::new(), expected));
        }
    }

    #[test]
    fn the_structure_is_laid_out_as_the_driver_expects() {
        assert_eq!(size_of::<SmcParam>(), 80);
        let offsets = [
            offset_of!(SmcParam, key),
            offset_of!(SmcParam, version),
            offset_of!(SmcParam, p_limit),
            offset_of!(SmcParam, key_info),
            offset_of!(SmcParam, result),
            offset_of!(SmcParam, status),
            offset_of!(SmcParam, data8),
            offset_of!(SmcParam, data32),
            offset_of!(SmcParam, bytes),
        ];
        assert_eq!(offsets, [0, 4, 12, 28, 40, 41, 42, 44, 48]);
        assert_eq!([size_of::<SmcVersion>(), size_of::<SmcPLimit>(), size_of::<SmcKeyInfo>()], [6, 16, 12]);
        let info =
            [offset_of!(SmcKeyInfo, size), offset_of!(SmcKeyInfo, kind), offset_of!(SmcKeyInfo, attributes)];
        assert_eq!(info, [0, 4, 8]);
    }

    #[test]
    fn the_simulated_smc_has_every_key_once() {
        let names: HashSet<_> = KEYS.iter().map(|key| key.name.characters()).collect();
        assert_eq!(names.len(), KEYS.len());
    }

    /// What a `driver` published as an Intel Mac's SMC is like to `body`.
    fn with_driver(driver: impl AppleSmc + Send + Sync + 'static, body: impl FnOnce(&Smc)) {
        with_nub(Nub::new("AppleSMC").driver(AppleSmcServer::new(driver)), body);
    }

    fn with_nub(nub: Nub, body: impl FnOnce(&Smc)) {
        let machine = Machine::new();
        machine.publish(nub);
        body(&Smc::open(&machine.task("test").kernel()).unwrap());
        machine.assert_clean();
    }

    #[test]
    fn a_machine_without_an_smc_is_an_error_that_says_what_was_looked_for() {
        let machine = Machine::new();
        let kernel: Kernel = machine.task("test").kernel();
        let error = Smc::open(&kernel).map(drop).unwrap_err().to_string();
        assert!(error.contains("`AppleSMCKeysEndpoint`"), "{error}");
    }

    /// An SMC that answers every request with one result.
    struct Refusing(u8);

    impl AppleSmc for Refusing {
        fn handle_ypc_event(&self, _: &SmcParam) -> Result<SmcParam> {
            Ok(SmcParam { result: self.0, ..SmcParam::default() })
        }
    }

    #[test]
    fn every_refusal_is_an_error_that_names_the_key_and_the_byte() {
        for result in 1..=u8::MAX {
            with_driver(Refusing(result), |smc| {
                let error = smc.read(FourCc::new(b"TC0P")).unwrap_err().to_string();
                assert!(error.starts_with("key TC0P: "), "{error}");
                assert!(error.ends_with(&format!(" (SMC result {result})")), "{error}");
                let error = smc.key_at(7).unwrap_err().to_string();
                assert!(error.starts_with("key number 7: "), "{error}");
                assert!(error.ends_with(&format!(" (SMC result {result})")), "{error}");
            });
        }
    }

    /// An SMC that says that all values have one size.
    struct Sized(u32);

    impl AppleSmc for Sized {
        fn handle_ypc_event(&self, _: &SmcParam) -> Result<SmcParam> {
            let key_info = SmcKeyInfo { size: self.0, kind: FourCc::new(b"hex_"), ..SmcKeyInfo::default() };
            Ok(SmcParam { key_info, ..SmcParam::default() })
        }
    }

    #[test]
    fn a_value_that_no_answer_can_hold_is_an_error() {
        with_driver(Sized(32), |smc| assert_eq!(smc.read(FourCc::new(b"HBKP")).unwrap().bytes.len(), 32));
        for size in [33, u32::MAX] {
            with_driver(Sized(size), |smc| {
                let error = smc.read(FourCc::new(b"HBKP")).unwrap_err().to_string();
                assert_eq!(error, format!("key HBKP: a value of {size} bytes, an answer has room for 32"));
            });
        }
    }

    #[test]
    fn a_number_of_keys_that_is_none_is_an_error() {
        with_driver(Sized(4), |smc| {
            let error = smc.key_count().unwrap_err().to_string();
            assert_eq!(error, "not a number of keys: #KEY [hex_]                   00 00 00 00");
        });
    }

    #[test]
    fn a_key_past_the_last_one_is_an_error() {
        with_driver(SimulatedSmc { keys: &KEYS }, |smc| {
            assert_eq!(smc.key_at(133).unwrap(), FourCc::new(b"VP0R"));
            let error = smc.key_at(134).unwrap_err().to_string();
            assert_eq!(error, "key number 134: no key with this number (SMC result 184)");
        });
    }

    const fn apple_silicon(name: &[u8; 4], kind: &[u8; 4], bytes: &'static [u8]) -> Key {
        let attributes = attribute::READABLE | attribute::LITTLE_ENDIAN;
        Key { name: FourCc::new(name), kind: FourCc::new(kind), attributes, bytes }
    }

    /// Values of a MacBookPro17,1.
    static APPLE_SILICON: [Key; 5] = [
        apple_silicon(b"#KEY", b"ui32", &[0x00, 0x00, 0x05, 0x99]),
        apple_silicon(b"B0AV", b"ui16", &[0x7f, 0x32]),
        apple_silicon(b"F0Mn", b"flt ", &[0x00, 0xe0, 0x95, 0x44]),
        apple_silicon(b"PSTR", b"flt ", &[0x1b, 0xfe, 0x90, 0x41]),
        apple_silicon(b"TB0T", b"flt ", &[0x30, 0x33, 0x05, 0x42]),
    ];

    #[test]
    fn on_apple_silicon_the_smc_is_found_by_name_and_most_integers_are_little_endian() {
        let driver = AppleSmcServer::new(SimulatedSmc { keys: &APPLE_SILICON });
        with_nub(Nub::new("AppleSMCKeysEndpoint").driver(driver), |smc| {
            assert_eq!(smc.key_count().unwrap(), 0x599);
            let read = |name| smc.read(FourCc::new(name)).unwrap().to_string();
            assert_eq!(read(b"B0AV"), "B0AV [ui16]        12927 mV   7f 32");
            assert_eq!(read(b"F0Mn"), "F0Mn [flt ]     1199.000 rpm  00 e0 95 44");
            assert_eq!(read(b"PSTR"), "PSTR [flt ]       18.124 W    1b fe 90 41");
            assert_eq!(read(b"TB0T"), "TB0T [flt ]       33.300 °C   30 33 05 42");
        });
    }

    #[test]
    fn on_intel_the_attributes_do_not_tell_the_byte_order() {
        with_driver(SimulatedSmc { keys: &APPLE_SILICON }, |smc| {
            assert_eq!(smc.read(FourCc::new(b"B0AV")).unwrap().value(), Value::Integer(0x7f32));
        });
    }

    /// Keys of which the second cannot be read.
    struct WithSecret;

    impl AppleSmc for WithSecret {
        fn handle_ypc_event(&self, request: &SmcParam) -> Result<SmcParam> {
            let keys = &APPLE_SILICON[..2];
            if request.data8 == command::READ_KEY && request.key == keys[1].name {
                return Ok(SmcParam { result: 133, ..SmcParam::default() });
            }
            let mut answer = SimulatedSmc { keys }.handle_ypc_event(request)?;
            if request.data8 == command::READ_KEY {
                answer.bytes[..4].copy_from_slice(&[0, 0, 0, 2]);
            }
            Ok(answer)
        }
    }

    #[test]
    fn a_list_tells_which_keys_cannot_be_read_and_fails_in_the_end() {
        with_driver(WithSecret, |smc| {
            let mut out = Vec::new();
            let result = super::smc::list(smc, &mut out);
            let expected = "\
#KEY [ui32]            2      00 00 00 02
key B0AV: key not readable (SMC result 133)
";
            assert_eq!(String::from_utf8(out).unwrap(), expected);
            let Err(Failure::Error(error)) = result else { panic!("the list is not complete") };
            assert_eq!(error.to_string(), "1 of 2 keys could not be read");
        });
    }

    fn decode<'a>(kind: &[u8; 4], bytes: &'a [u8]) -> Value<'a> {
        Value::decode(FourCc::new(kind), bytes, ByteOrder::Big)
    }

    #[test]
    fn integers_are_read_in_either_byte_order() {
        let little = |kind: &[u8; 4], bytes| Value::decode(FourCc::new(kind), bytes, ByteOrder::Little);
        assert_eq!(decode(b"ui8 ", &[0xfe]), Value::Integer(254));
        assert_eq!(decode(b"si8 ", &[0xfe]), Value::Integer(-2));
        assert_eq!(decode(b"ui16", &[0xb8, 0x0b]), Value::Integer(0xb80b));
        assert_eq!(little(b"ui16", &[0xb8, 0x0b]), Value::Integer(3000));
        assert_eq!(decode(b"si16", &[0x80, 0x00]), Value::Integer(-32768));
        assert_eq!(little(b"si16", &[0x00, 0x80]), Value::Integer(-32768));
        assert_eq!(decode(b"ui32", &[0xff, 0, 0, 1]), Value::Integer(0xff00_0001));
        assert_eq!(decode(b"si32", &[0xff, 0xff, 0xff, 0x9c]), Value::Integer(-100));
        assert_eq!(decode(b"ui64", &[0xff; 8]), Value::Integer(u64::MAX.into()));
        assert_eq!(decode(b"si64", &[0xff; 8]), Value::Integer(-1));
    }

    #[test]
    fn fractions_are_read_as_their_type_says() {
        assert_eq!(
            decode(b"flt ", &[0xe0, 0x38, 0x46, 0x45]),
            Value::Number(f32::from_bits(0x4546_38e0).into())
        );
        assert_eq!(decode(b"sp78", &[0x43, 0x20]), Value::Number(67.125));
        assert_eq!(decode(b"sp78", &[0xff, 0x80]), Value::Number(-0.5));
        assert_eq!(decode(b"sp87", &[0x43, 0x20]), Value::Number(134.25));
        assert_eq!(decode(b"fpe2", &[0x1f, 0x42]), Value::Number(2000.5));
        assert_eq!(decode(b"fp88", &[0xff, 0x80]), Value::Number(255.5));
    }

    #[test]
    fn flags_and_text_are_read() {
        assert_eq!([decode(b"flag", &[0]), decode(b"flag", &[2])], [Value::Flag(false), Value::Flag(true)]);
        assert_eq!(decode(b"ch8*", b"J132\0\0"), Value::Text("J132"));
        assert_eq!(decode(b"ch8*", b"J132"), Value::Text("J132"));
    }

    #[test]
    fn what_does_not_fit_its_type_stays_bytes() {
        let odd: [(&[u8; 4], &[u8]); 12] = [
            (b"hex_", &[1, 2]),
            (b"ioft", &[0; 8]),
            (b"{clh", &[0; 8]),
            (b"ui16", &[1]),
            (b"ui24", &[1, 2, 3]),
            (b"si8 ", &[]),
            (b"flt ", &[0; 8]),
            (b"flag", &[0, 1]),
            (b"sp78", &[0, 0, 0]),
            (b"sp88", &[0, 0]),
            (b"fpxy", &[0, 0]),
            (b"ch8*", b"ab\0cd"),
        ];
        for (kind, bytes) in odd {
            assert_eq!(decode(kind, bytes), Value::Bytes(bytes), "{}", kind.escape_ascii());
        }
    }

    #[test]
    fn only_what_is_known_has_a_unit() {
        let unit = |key, value: Value<'_>| unit(FourCc::new(key), &value);
        assert_eq!(unit(b"TC0P", Value::Number(67.0)), Some("°C"));
        assert_eq!(unit(b"F1Tg", Value::Number(3000.0)), Some("rpm"));
        assert_eq!(unit(b"F1Dc", Value::Number(0.4)), None, "a duty cycle");
        assert_eq!(unit(b"FNum", Value::Integer(2)), None, "a count");
        assert_eq!(unit(b"B0FC", Value::Integer(7003)), Some("mAh"));
        assert_eq!(unit(b"B0CT", Value::Integer(68)), None, "a count");
        assert_eq!(unit(b"MSAc", Value::Number(0.5)), None);
    }
}
