//! The interface as text, and the test that a library keeps of it.

use iokit_uc::interface::{AbiError, Interface};
use iokit_uc::{
    Completions, DataQueue, Mapping, ReadOnlyAccess, RegisterBlock, RegisterValue, Result, Scalar, Scalars,
    Structure, user_client,
};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// One declaration, or that with a change in one of its three parts.
macro_rules! interface {
    ($name:ident) => {
        interface!($name, Sample { first: u64, second: u64 });
    };
    ($name:ident, Sample { $($fields:tt)* }) => {
        interface!($name, { $($fields)* }, { Off, On }, {
            #[uc(selector = 0)]
            fn store(&self, sample: &Sample, at: u64, length: u64) -> Result<()>;
            #[uc(selector = 1)]
            fn load(&self, mode: Mode) -> Result<(u32, Sample)>;
        });
    };
    ($name:ident, Mode { $($variants:tt)* }) => {
        interface!($name, { first: u64, second: u64 }, { $($variants)* }, {
            #[uc(selector = 0)]
            fn store(&self, sample: &Sample, at: u64, length: u64) -> Result<()>;
            #[uc(selector = 1)]
            fn load(&self, mode: Mode) -> Result<(u32, Sample)>;
        });
    };
    ($name:ident, Driver { $($methods:tt)* }) => {
        interface!($name, { first: u64, second: u64 }, { Off, On }, { $($methods)* });
    };
    ($name:ident, { $($fields:tt)* }, { $($variants:tt)* }, { $($methods:tt)* }) => {
        mod $name {
            #![allow(dead_code, reason = "it is looked at as data")]
            use super::*;
            #[derive(Clone, Copy, Structure)]
            #[repr(C)]
            pub(super) struct Sample { $($fields)* }
            #[derive(Clone, Copy, Scalar)]
            #[repr(u32)]
            pub(super) enum Mode { $($variants)* }
            #[user_client(type = 1)]
            pub(super) trait Driver { $($methods)* }
            pub(super) const INTERFACE: &Interface = DriverClient::INTERFACE;
        }
    };
}

const BASE: &str = "\
interface Driver
connection type 1
table Dispatch2022

0 store(sample: &Sample, at: u64, length: u64) -> ()
1 load(mode: Mode) -> (u32, Sample)

enum Mode: u32
  0 Off
  1 On

struct Sample, 16 bytes
  0 first: u64
  8 second: u64
";

interface!(base);

#[test]
fn the_text_says_what_both_sides_must_agree_on() {
    assert_eq!(base::INTERFACE.abi(), BASE);
}

// What does not matter to the wire.

interface!(
    rewritten,
    {
        /// Documented.
        first: u64,
        second: u64,
    },
    {
        /** Documented. */
        On = 1,
        Off = 0,
    },
    {
        /// Documented, and in another order.
        #[uc(selector = 1)]
        fn load(&self, mode: aliases::Same) -> Result<(Sample, u32)>;
        #[uc(selector = 0)]
        fn store(&self, sample: &Sample, at: u64, length: u64) -> Result<()>;
    }
);

mod aliases {
    pub(super) type Same = super::rewritten::Mode;
}

#[test]
fn documentation_aliases_and_the_order_of_things_do_not_count() {
    assert_eq!(rewritten::INTERFACE.abi(), BASE);
    assert_eq!(rewritten::INTERFACE.abi_hash(), base::INTERFACE.abi_hash());
}

#[test]
fn the_hash_is_the_same_in_every_version_of_the_library() {
    assert_eq!(base::INTERFACE.abi_hash().to_string(), "4abfdd1fa79a3ca6");
}

// What does.

interface!(swapped_fields, Sample { second: u64, first: u64 });
interface!(larger_structure, Sample { first: u64, second: u64, third: [u32; 2] });
interface!(swapped_variants, Mode { On, Off });
interface!(
    swapped_parameters,
    Driver {
        #[uc(selector = 0)]
        fn store(&self, sample: &Sample, length: u64, at: u64) -> Result<()>;
        #[uc(selector = 1)]
        fn load(&self, mode: Mode) -> Result<(u32, Sample)>;
    }
);
interface!(
    swapped_selectors,
    Driver {
        #[uc(selector = 1)]
        fn store(&self, sample: &Sample, at: u64, length: u64) -> Result<()>;
        #[uc(selector = 0)]
        fn load(&self, mode: Mode) -> Result<(u32, Sample)>;
    }
);
interface!(
    entitled,
    Driver {
        #[uc(selector = 0, entitlement = "com.example.store")]
        fn store(&self, sample: &Sample, at: u64, length: u64) -> Result<()>;
        #[uc(selector = 1)]
        fn load(&self, mode: Mode) -> Result<(u32, Sample)>;
    }
);
interface!(
    asynchronous,
    Driver {
        #[uc(selector = 0)]
        async fn store(&self, sample: &Sample, at: u64, length: u64) -> Result<()>;
        #[uc(selector = 1)]
        fn load(&self, mode: Mode) -> Result<(u32, Sample)>;
    }
);

#[test]
fn everything_that_changes_what_a_number_means_is_another_interface() {
    let interfaces = [
        base::INTERFACE,
        swapped_fields::INTERFACE,
        swapped_parameters::INTERFACE,
        swapped_variants::INTERFACE,
        larger_structure::INTERFACE,
        swapped_selectors::INTERFACE,
        entitled::INTERFACE,
        asynchronous::INTERFACE,
    ];
    let mut hashes: Vec<_> = interfaces.iter().map(|interface| interface.abi_hash()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), interfaces.len());
}

mod same_names {
    use super::*;

    #[derive(Clone, Copy, Structure)]
    #[repr(C)]
    pub(super) struct Point {
        x: i32,
        y: i32,
    }

    mod other {
        use super::*;

        #[derive(Clone, Copy, Structure)]
        #[repr(C)]
        pub(crate) struct Point {
            pub(crate) first: super::Point,
            pub(crate) weights: [[f32; 2]; 3],
        }

        #[derive(Clone, Copy, Scalar)]
        pub(crate) struct Celsius(bool);
    }

    #[user_client(table = Classic, entitlement = "com.example.\"open\"")]
    pub(super) trait Shapes {
        #[uc(selector = 7)]
        fn many(&self, values: Scalars) -> Result<(other::Point, Completions<(u8, other::Celsius)>)>;
        #[uc(selector = 3)]
        fn fill(&self, points: &[Point], out: &mut [[Point; 2]]) -> Result<usize>;
        #[uc(selector = 4)]
        fn variable(&self) -> Result<Vec<[i16; 4]>>;
        #[uc(selector = 5)]
        async fn once(&self) -> Result<(u64, other::Celsius)>;
        #[uc(selector = 6)]
        fn unchecked(&self) -> Result<Scalars>;
    }
}

#[test]
fn every_shape_has_its_words_and_types_of_one_name_are_told_apart() {
    let expected = r#"interface Shapes
connection type 0
table Classic
entitlement "com.example.\"open\""

3 fill(points: &[Point], out: &mut [[Point; 2]]) -> usize
4 variable() -> Vec<[i16; 4]>
5 async once() -> (u64, Celsius)
6 unchecked() -> Scalars
7 many(values: Scalars) -> (Point#2, Completions<(u8, Celsius)>)

scalar Celsius: bool

struct Point, 8 bytes
  0 x: i32
  4 y: i32

struct Point#2, 32 bytes
  0 first: Point
  8 weights: [[f32; 2]; 3]
"#;
    assert_eq!(same_names::ShapesClient::INTERFACE.abi(), expected);
}

/// Blocks of registers, memory and queues, or those with a change in one part.
macro_rules! mapped {
    ($name:ident) => {
        mapped!($name, "Registers");
    };
    ($name:ident, "Registers") => {
        mapped!($name, { first: ReadOnly<u8>, _gap: [u8; 3], second: ReadPure<Status>, });
    };
    ($name:ident, { $($fields:tt)* }) => {
        mapped!($name, { $($fields)* }, {
            #[uc(queue = 2)]
            fn log(&self) -> Result<DataQueue<[u8]>>;
            #[uc(memory = 0)]
            fn registers(&self) -> Result<Mapping<Registers>>;
        });
    };
    ($name:ident, Driver { $($methods:tt)* }) => {
        mapped!($name, { first: ReadOnly<u8>, _gap: [u8; 3], second: ReadPure<Status>, }, { $($methods)* });
    };
    ($name:ident, { $($fields:tt)* }, { $($methods:tt)* }) => {
        mod $name {
            #![allow(dead_code, unused_imports, reason = "it is looked at as data")]
            use super::*;
            use iokit_uc::memory::{ReadOnly, ReadPure, ReadPureWrite, ReadWrite, WriteOnly};
            #[derive(Clone, Copy, RegisterValue)]
            pub(super) struct Status(u32);
            #[derive(RegisterBlock)]
            #[repr(C)]
            pub(super) struct Registers { $($fields)* }
            #[user_client]
            pub(super) trait Driver { $($methods)* }
            pub(super) const INTERFACE: &Interface = DriverClient::INTERFACE;
        }
    };
}

const MAPPED: &str = "\
interface Driver
connection type 0
table Dispatch2022

memory 0 registers: Registers
queue 2 log: [u8]

registers Registers, 8 bytes
  0 first: ReadOnly<u8>, 8 bits
  4 second: ReadPure<Status>, 32 bits
";

mapped!(mapped);

mapped!(
    mapped_in_another_way,
    {
        /// Documented.
        first: ReadOnly<u8>,
        _reserved: u16,
        #[reg(offset = 4)]
        second: ReadPure<Status>,
    },
    {
        /// Documented, and cached in another way.
        #[uc(memory = 0, cache = Inhibit)]
        fn registers(&self) -> Result<Mapping<Registers>>;
        #[uc(queue = 2)]
        fn log(&self) -> Result<DataQueue<[u8]>>;
    }
);

#[test]
fn memory_and_queues_are_part_of_the_text_and_how_they_are_cached_is_not() {
    assert_eq!(mapped::INTERFACE.abi(), MAPPED);
    assert_eq!(mapped_in_another_way::INTERFACE.abi(), MAPPED);
}

mapped!(moved_register, { first: ReadOnly<u8>, _gap: [u8; 7], second: ReadPure<Status>, });
mapped!(renamed_register, { fist: ReadOnly<u8>, _gap: [u8; 3], second: ReadPure<Status>, });
mapped!(register_of_another_kind, { first: ReadPure<u8>, _gap: [u8; 3], second: ReadPure<Status>, });
mapped!(register_of_another_width, { first: ReadOnly<u16>, _gap: [u8; 2], second: ReadPure<Status>, });
mapped!(register_of_another_value, { first: ReadOnly<u8>, _gap: [u8; 3], second: ReadPure<u32>, });
mapped!(registers_in_an_array, { first: [ReadOnly<u8>; 2], _gap: [u8; 2], second: ReadPure<Status>, });
mapped!(
    registers_far_apart,
    {
        #[reg(stride = 2)]
        first: [ReadOnly<u8>; 2],
        _gap: [u8; 2],
        second: ReadPure<Status>,
    }
);
mapped!(larger_block, { first: ReadOnly<u8>, _gap: [u8; 3], second: ReadPure<Status>, _end: u32, });
mapped!(
    read_only_memory,
    Driver {
        #[uc(queue = 2)]
        fn log(&self) -> Result<DataQueue<[u8]>>;
        #[uc(memory = 0)]
        fn registers(&self) -> Result<Mapping<Registers, ReadOnlyAccess>>;
    }
);
mapped!(
    renumbered_memory,
    Driver {
        #[uc(queue = 2)]
        fn log(&self) -> Result<DataQueue<[u8]>>;
        #[uc(memory = 1)]
        fn registers(&self) -> Result<Mapping<Registers>>;
    }
);
mapped!(
    memory_for_a_queue,
    Driver {
        #[uc(memory = 2)]
        fn log(&self) -> Result<Mapping<[u8]>>;
        #[uc(memory = 0)]
        fn registers(&self) -> Result<Mapping<Registers>>;
    }
);
mapped!(
    queue_of_other_entries,
    Driver {
        #[uc(queue = 2)]
        fn log(&self) -> Result<DataQueue<u8>>;
        #[uc(memory = 0)]
        fn registers(&self) -> Result<Mapping<Registers>>;
    }
);

#[test]
fn everything_that_changes_what_lies_where_is_another_interface() {
    let interfaces = [
        mapped::INTERFACE,
        moved_register::INTERFACE,
        renamed_register::INTERFACE,
        register_of_another_kind::INTERFACE,
        register_of_another_width::INTERFACE,
        register_of_another_value::INTERFACE,
        registers_in_an_array::INTERFACE,
        registers_far_apart::INTERFACE,
        larger_block::INTERFACE,
        read_only_memory::INTERFACE,
        renumbered_memory::INTERFACE,
        memory_for_a_queue::INTERFACE,
        queue_of_other_entries::INTERFACE,
    ];
    let mut hashes: Vec<_> = interfaces.iter().map(|interface| interface.abi_hash()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), interfaces.len());
}

mod every_content {
    use super::*;
    use iokit_uc::memory::{ReadPureWrite, ReadWrite, WriteOnly};

    #[derive(Clone, Copy, Structure)]
    #[repr(C)]
    pub(super) struct Event {
        at: u64,
    }

    mod other {
        use super::*;

        #[derive(RegisterBlock)]
        #[repr(C)]
        pub(crate) struct Event {
            pub(crate) mask: ReadWrite<i16>,
        }
    }

    #[derive(RegisterBlock)]
    #[repr(C)]
    pub(super) struct Device {
        #[reg(unsafe_write)]
        buffer: ReadPureWrite<u64>,
        #[reg(stride = 4)]
        events: [other::Event; 2],
        _rest: u32,
        bells: [WriteOnly<u32>; 3],
        last: other::Event,
    }

    #[user_client]
    #[allow(dead_code, reason = "it is looked at as data")]
    pub(super) trait Driver {
        #[uc(selector = 1)]
        fn reset(&self, event: &Event) -> Result<()>;
        #[uc(queue = 7)]
        fn events(&self) -> Result<DataQueue<Event>>;
        #[uc(queue = 9)]
        fn pairs(&self) -> Result<DataQueue<[u32; 2]>>;
        #[uc(memory = 0xffff_ffff)]
        fn device(&self) -> Result<Mapping<Device, ReadOnlyAccess>>;
        #[uc(memory = 8, cache = WriteCombine)]
        fn table(&self) -> Result<Mapping<[[Event; 2]]>>;
    }
}

#[test]
fn every_content_has_its_words_and_blocks_are_defined_once() {
    let expected = "\
interface Driver
connection type 0
table Dispatch2022

1 reset(event: &Event) -> ()

queue 7 events: Event
memory 8 table: [[Event; 2]]
queue 9 pairs: [u32; 2]
memory 4294967295 device: Device, read-only

registers Device, 32 bytes
  0 buffer: ReadPureWrite<u64>, 64 bits
  8 events: Event#2, 2 times every 4 bytes
  16 bells: WriteOnly<u32>, 32 bits, 3 times every 4 bytes
  28 last: Event#2

struct Event, 8 bytes
  0 at: u64

registers Event#2, 2 bytes
  0 mask: ReadWrite<i16>, 16 bits
";
    assert_eq!(every_content::DriverClient::INTERFACE.abi(), expected);
}

#[test]
fn memory_is_data() {
    use iokit_uc::memory::{CacheMode, Content};

    let interface = every_content::DriverClient::INTERFACE;
    let in_order: Vec<_> = interface.memory.iter().map(|memory| memory.name.method).collect();
    assert_eq!(in_order, ["events", "pairs", "device", "table"]);

    let table = interface.memory_type(8).unwrap();
    assert_eq!(table.name.to_string(), "Driver::table (memory type 8)");
    assert_eq!((table.cache, table.read_only, table.is_queue()), (CacheMode::WriteCombine, false, false));
    assert_eq!(table.content, Content::Slice(<[every_content::Event; 2]>::LAYOUT));

    let device = interface.memory_type(u32::MAX).unwrap();
    assert_eq!((device.cache, device.read_only), (CacheMode::Default, true));
    assert_eq!(device.content, Content::Registers(<every_content::Device as RegisterBlock>::LAYOUT));

    let events = interface.memory_type(7).unwrap();
    assert_eq!(
        (events.content, events.is_queue()),
        (Content::Queue(Some(every_content::Event::LAYOUT)), true)
    );
    assert_eq!(mapped::INTERFACE.memory_type(2).unwrap().content, Content::Queue(None));
    assert_eq!(mapped_in_another_way::INTERFACE.memory[0].docs, " Documented, and cached in another way.");

    assert!(interface.memory_type(1).is_none(), "a selector is no memory type");
    assert!(interface.method(8).is_none(), "and the other way round");
}

mod data {
    use super::*;
    use iokit_uc::interface::{Method, ParameterKind, Reply};
    use iokit_uc::wire::{ScalarKind, Shape};

    /// A sample,
    /// in two lines.
    #[derive(Clone, Copy, Structure)]
    #[repr(C)]
    struct Sample {
        /// In millivolts.
        value: i64,
        r#type: [u32; 2],
    }

    /** A mode. */
    #[derive(Clone, Copy, Scalar)]
    #[repr(i8)]
    enum Mode {
        Off = -1,
        #[doc = concat!("Running", ".")]
        On,
    }

    #[derive(Clone, Copy, Scalar)]
    struct Volts(#[allow(dead_code, reason = "it is looked at as data")] u16);

    macro_rules! documented {
        ($docs:expr) => {
            #[doc = $docs]
            #[user_client]
            #[allow(dead_code, reason = "it is looked at as data")]
            trait Data {
                /// Mixes.
                ///
                /// And more.
                #[uc(selector = 2)]
                fn mixed(&self, r#in: u8, samples: &[Sample], mode: Mode) -> Result<(Volts, Sample, bool)>;
                #[uc(selector = 0)]
                fn filled(&self, out: &mut [Sample]) -> Result<usize>;
                #[uc(selector = 1)]
                fn listed(&self, values: Scalars) -> Result<Vec<Sample>>;
                #[doc = $docs]
                #[uc(selector = 5)]
                fn watched(&self, sample: &Sample) -> Result<(Scalars, Completions<(Mode, u64)>)>;
                #[uc(selector = 4)]
                async fn awaited(&self) -> Result<()>;
            }
        };
    }

    documented!("From a macro.");

    fn method(selector: u32) -> &'static Method {
        DataClient::INTERFACE.method(selector).unwrap()
    }

    #[test]
    fn documentation_is_data() {
        assert_eq!(DataClient::INTERFACE.docs.trim(), "From a macro.");
        assert_eq!(method(5).docs.trim(), "From a macro.");
        assert_eq!(method(2).docs, " Mixes.\n\n And more.");
        assert_eq!(method(0).docs, "");
        assert_eq!(Sample::LAYOUT.docs(), " A sample,\n in two lines.");
        assert_eq!(Mode::TYPE.docs(), " A mode. ");
    }

    #[test]
    fn parameters_are_told_in_order() {
        let parameters = |selector| {
            let of = |parameter: &iokit_uc::interface::Parameter| {
                let kind = match parameter.kind {
                    ParameterKind::Scalar(ty) => ty.name().to_owned(),
                    ParameterKind::Scalars => "Scalars".to_owned(),
                    ParameterKind::Structure(layout) => format!("&{}", layout.name()),
                    ParameterKind::Slice(layout) => format!("&[{}]", layout.name()),
                    ParameterKind::Buffer(layout) => format!("&mut [{}]", layout.name()),
                    _ => unreachable!("there are no others yet"),
                };
                (parameter.name, kind)
            };
            method(selector).parameters.iter().map(of).collect::<Vec<_>>()
        };
        let expected = [("in", "u8"), ("samples", "&[Sample]"), ("mode", "Mode")];
        assert_eq!(parameters(2), expected.map(|(name, kind)| (name, kind.to_owned())));
        assert_eq!(parameters(0), [("out", "&mut [Sample]".to_owned())]);
        assert_eq!(parameters(1), [("values", "Scalars".to_owned())]);
        assert_eq!(parameters(5), [("sample", "&Sample".to_owned())]);
    }

    #[test]
    fn replies_and_completions_are_told_apart() {
        let Reply::Values(shape) = method(2).reply else { panic!("{:?}", method(2)) };
        let names: Vec<_> = shape.scalars().iter().map(|ty| ty.name()).collect();
        assert_eq!((names, shape.layout()), (vec!["Volts", "bool"], Some(Sample::LAYOUT)));
        assert!(method(2).completion.is_none() && !method(2).checks.allow_async);
        assert_eq!((method(0).reply, method(1).reply), (Reply::Filled, Reply::Variable(Sample::LAYOUT)));

        let watched = method(5);
        let Reply::Values(shape) = watched.reply else { panic!("{watched:?}") };
        assert_eq!((shape.scalars().len(), shape.scalar_count()), (0, iokit_uc::wire::VARIABLE));
        let completion = watched.completion.unwrap();
        let names: Vec<_> = completion.values.scalars().iter().map(|ty| ty.name()).collect();
        assert_eq!((names, completion.scalars, completion.many), (vec!["Mode", "u64"], 2, true));
        let completion = method(4).completion.unwrap();
        assert_eq!((completion.scalars, completion.many), (0, false));
        assert!(watched.checks.allow_async && method(4).checks.allow_async);
    }

    #[test]
    fn types_are_told_to_their_parts() {
        let ScalarKind::Enum { integer, variants, .. } = Mode::TYPE.kind() else {
            panic!("{:?}", Mode::TYPE)
        };
        assert!(matches!(integer.kind(), ScalarKind::Integer { bits: 8, signed: true, .. }));
        let variants: Vec<_> =
            variants.iter().map(|variant| (variant.name, variant.value, variant.docs.trim())).collect();
        assert_eq!(variants, [("Off", -1, ""), ("On", 0, "Running.")]);
        let ScalarKind::Newtype(inner) = Volts::TYPE.kind() else { panic!("{:?}", Volts::TYPE) };
        assert!(matches!(inner.kind(), ScalarKind::Integer { bits: 16, signed: false, .. }));
        assert_eq!(bool::TYPE.kind(), ScalarKind::Bool);

        let Shape::Struct(fields) = Sample::LAYOUT.shape() else { panic!("{:?}", Sample::LAYOUT) };
        let fields: Vec<_> =
            fields.iter().map(|field| (field.name, field.offset, field.layout.size(), field.docs)).collect();
        assert_eq!(fields, [("value", 0, 8, " In millivolts."), ("type", 8, 8, "")]);
    }
}

// The file that a library keeps.

/// A file of this test's own, which goes away with it.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let file =
            Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id())));
        let _ = std::fs::remove_file(&file.0);
        file
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn an_interface_that_is_the_one_in_the_file_passes() {
    let file = File::new("same.abi");
    std::fs::write(&file.0, BASE).unwrap();
    base::INTERFACE.assert_abi(&file.0);
    // As git checks it out on Windows.
    std::fs::write(&file.0, BASE.replace('\n', "\r\n")).unwrap();
    base::INTERFACE.assert_abi(&file.0);
}

#[test]
fn a_change_is_shown_line_by_line() {
    let file = File::new("changed.abi");
    std::fs::write(&file.0, BASE).unwrap();
    let error = larger_structure::INTERFACE.check_abi(&file.0).unwrap_err();
    assert!(matches!(&error, AbiError::Changed { interface: "Driver", expected, .. } if expected == BASE));
    let path = file.0.display();
    let (old, new) = (base::INTERFACE.abi_hash(), larger_structure::INTERFACE.abi_hash());
    assert_eq!(
        error.to_string(),
        format!(
            "the interface `Driver` is not the one in {path} ({old} there, {new} here):

    …
      1 On

  - struct Sample, 16 bytes
  + struct Sample, 24 bytes
      0 first: u64
      8 second: u64
  +   16 third: [u32; 2]

A driver built for the one does not understand the other. If that is meant, run this with IOKIT_UC_BLESS=1 to write the file anew."
        )
    );
}

#[test]
#[should_panic(expected = "the interface `Driver` is not the one in")]
fn a_change_fails_a_test() {
    let file = File::new("fails.abi");
    std::fs::write(&file.0, BASE).unwrap();
    swapped_fields::INTERFACE.assert_abi(&file.0);
}

#[test]
fn a_missing_file_is_a_failure_that_says_how_to_make_it() {
    let file = File::new("missing.abi");
    let error = base::INTERFACE.check_abi(&file.0).unwrap_err();
    assert!(matches!(error, AbiError::Missing { interface: "Driver", .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("missing.abi") && text.contains("run this once with IOKIT_UC_BLESS=1"), "{text}");
    assert!(!file.0.exists());
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_of_its_own() {
    let error = base::INTERFACE.check_abi(env!("CARGO_TARGET_TMPDIR")).unwrap_err();
    assert!(matches!(error, AbiError::Io { .. }), "{error:?}");
    assert!(std::error::Error::source(&error).is_some());
}

/// Runs one of the tests below in a process of its own, whose environment nothing else reads.
fn run_alone(test: &str, bless: &str, path: &Path) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", test])
        .env("IOKIT_UC_BLESS", bless)
        .env("ABI_FILE", path)
        .output()
        .unwrap()
}

#[test]
#[ignore = "run by the test of blessing, with its environment"]
fn keeps_its_interface() {
    base::INTERFACE.assert_abi(std::env::var_os("ABI_FILE").unwrap());
}

#[test]
fn blessing_writes_the_file() {
    let folder = File::new("blessed");
    let path = folder.0.join("new").join("driver.abi");
    let blessed = run_alone("keeps_its_interface", "1", &path);
    assert!(blessed.status.success(), "{}", String::from_utf8_lossy(&blessed.stdout));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), BASE);

    std::fs::write(&path, "something else\n").unwrap();
    for not_blessing in ["", "0"] {
        assert!(!run_alone("keeps_its_interface", not_blessing, &path).status.success());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "something else\n");
    }
    assert!(run_alone("keeps_its_interface", "1", &path).status.success());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), BASE);
    std::fs::remove_dir_all(&folder.0).unwrap();
}
