//! Properties by the safe API: read, searched, set, and as types of one's own.

use iokit_uc::interface::{Arguments, OnClose, UserClient};
use iokit_uc::sim::{Caller, Machine, Nub, OpenRequest};
use iokit_uc::{
    Connection, Detail, Dictionary, ErrorKind, IoReturn, Kernel, Matching, Plane, RegistryEntry, Result,
    Search, Service, Value,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// How deep a value is nested that no kernel takes; less under Miri, where every level is slow.
const DEEP: usize = if cfg!(miri) { 140 } else { 10_000 };

/// The number of what a test publishes first: the next after the entries that every machine has.
const BATTERY_ID: u64 = 0x1_0000_0104;

/// What drivers have been given.
#[derive(Clone, Default)]
struct Given(Arc<Mutex<Vec<Value>>>);

impl Given {
    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn add(&self, value: &Value) {
        self.0.lock().unwrap().push(value.clone());
    }
}

struct Taking(Given);

impl UserClient for Taking {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Err(IoReturn::UNSUPPORTED.into())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }

    fn set_properties(&self, _: &Caller, properties: &Value) -> Result<()> {
        self.0.add(properties);
        Ok(())
    }
}

fn battery_data(last_cell: impl Into<Value>) -> Value {
    Value::dictionary([
        ("CellVoltage", Value::array([4200.into(), 4199.into(), last_cell.into()])),
        ("Serial", "D8612".into()),
        ("Raw", Value::data([1, 2, 0xff])),
        ("State", Value::dictionary([("Charging", 40u32)])),
    ])
}

fn battery() -> Nub {
    Nub::new("AppleSmartBattery")
        .name("BAT0")
        .property("Voltage", 12_600u32)
        .property("Amperage", -1_500i64)
        .property("Temperature", 30.25f64)
        .property("IsCharging", true)
        .property("BatteryData", battery_data(4198))
        .property("Empty", Value::data([]))
        .property("Zeros", Value::data([0; 4096]))
        .property("Large", Value::data([1; 4097]))
}

/// A machine with a battery below a bus, and a driver that takes what it is given.
struct World {
    machine: Machine,
    kernel: Kernel,
    given: Given,
}

impl World {
    fn new() -> Self {
        let (machine, given) = (Machine::new(), Given::default());
        let bus = machine.publish(Nub::new("Bus").property("Slots", 2u32));
        machine.publish(battery().provider(bus));
        let (to_service, to_client) = (given.clone(), given.clone());
        machine.publish(
            Nub::new("Taking")
                .on_set_properties(move |_, properties| {
                    to_service.add(properties);
                    Ok(())
                })
                .user_client(move |_: &OpenRequest<'_>| Ok(Taking(to_client.clone()))),
        );
        let kernel = machine.task("user").kernel();
        Self { machine, kernel, given }
    }

    fn entry(&self, class: &str) -> Service {
        Service::expect_first(&self.kernel, &Matching::class(class)).unwrap()
    }

    fn battery(&self) -> Service {
        self.entry("AppleSmartBattery")
    }

    fn open(&self) -> Connection {
        self.entry("Taking").open(0).unwrap()
    }
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
enum State {
    Idle,
    Charging(u8),
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatteryData {
    cell_voltage: Vec<u16>,
    serial: String,
    raw: Vec<u8>,
    state: State,
    design_capacity: Option<u32>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct Battery {
    voltage: u16,
    amperage: i32,
    temperature: f32,
    is_charging: bool,
    time_remaining: Option<u32>,
    battery_data: BatteryData,
}

#[test]
fn properties_are_a_struct_of_ones_own() {
    let world = World::new();
    let battery: Battery = world.battery().properties().unwrap();
    let battery_data = BatteryData {
        cell_voltage: vec![4200, 4199, 4198],
        serial: "D8612".into(),
        raw: vec![1, 2, 0xff],
        state: State::Charging(40),
        design_capacity: None,
    };
    let expected = Battery {
        voltage: 12_600,
        amperage: -1_500,
        temperature: 30.25,
        is_charging: true,
        time_remaining: None,
        battery_data,
    };
    assert_eq!(battery, expected);
    assert_eq!(world.battery().property_as::<BatteryData>("BatteryData").unwrap(), expected.battery_data);
}

#[test]
fn an_error_names_the_key_the_entry_and_what_was_there() {
    let error = |nub: Nub| {
        let machine = Machine::new();
        machine.publish(nub);
        let kernel = machine.task("user").kernel();
        let entry = Service::expect_first(&kernel, &Matching::class("AppleSmartBattery")).unwrap();
        let error = entry.properties::<Battery>().unwrap_err();
        assert_eq!(entry.id().unwrap(), BATTERY_ID);
        let kind = error.kind();
        assert!(error.to_string().starts_with("IORegistryEntryCreateCFProperties: "));
        (kind, error.detail().unwrap().to_string())
    };
    let of = "of `BAT0` (AppleSmartBattery, ID 0x100000104)";
    let mistyped =
        |path: &str, problem: &str| (ErrorKind::InvalidReply, format!("property `{path}` {of}: {problem}"));
    assert_eq!(
        error(battery().property("BatteryData", battery_data(70_000))),
        mistyped("BatteryData.CellVoltage[2]", "expected an unsigned 16-bit integer, found the number 70000")
    );
    assert_eq!(
        error(battery().property("IsCharging", "Yes")),
        mistyped("IsCharging", "expected a boolean, found the string \"Yes\"")
    );
    assert_eq!(
        error(battery().property("Temperature", 0.1f64)),
        mistyped("Temperature", "expected a number that 32 bits of float hold exactly, found the float 0.1")
    );
    assert_eq!(
        error(battery().property("Voltage", f64::NAN)),
        mistyped("Voltage", "expected an unsigned 16-bit integer, found the float NaN")
    );
    assert_eq!(
        error(battery().property("Voltage", u64::MAX)),
        mistyped(
            "Voltage",
            "expected an unsigned 16-bit integer, found the number 18446744073709551615 (or -1, of 64 bits)"
        )
    );
    let expected = "`BAT0` (AppleSmartBattery, ID 0x100000104) has no property `BatteryData.Serial`";
    let mut data = battery_data(1).as_dictionary().unwrap().clone();
    data.remove("Serial");
    assert_eq!(error(battery().property("BatteryData", data)), (ErrorKind::NotFound, expected.into()));
    let (kind, text) = error(Nub::new("AppleSmartBattery").name("BAT0"));
    assert_eq!(kind, ErrorKind::NotFound);
    assert!(text.ends_with("has no property `Voltage`"), "{text}");
}

#[test]
fn a_property_is_there_or_not_or_an_error() {
    let world = World::new();
    let battery = world.battery();
    assert_eq!(battery.property("Voltage").unwrap(), Some(Value::from(12_600u32)));
    assert_eq!(battery.property("Colour").unwrap(), None);
    assert_eq!(battery.expect_property("Temperature").unwrap(), Value::from(30.25));
    let missing = battery.expect_property("Colour").unwrap_err();
    assert_eq!((missing.code(), missing.kind()), (IoReturn::NOT_FOUND, ErrorKind::NotFound));
    assert_eq!(
        missing.to_string(),
        "IORegistryEntryCreateCFProperty: kIOReturnNotFound (0xe00002f0, -536870160): not found; \
         `BAT0` (AppleSmartBattery, ID 0x100000105) has no property `Colour`"
    );
    assert_eq!(battery.property_as::<Option<u32>>("Colour").unwrap(), None);
    assert_eq!(battery.property_as::<Option<u32>>("Voltage").unwrap(), Some(12_600));
    assert_eq!(battery.property_as::<u32>("Colour").unwrap_err().kind(), ErrorKind::NotFound);
    let mistyped = battery.property_as::<BatteryData>("Voltage").unwrap_err();
    assert!(mistyped.to_string().ends_with(": expected a dictionary, found the number 12600"), "{mistyped}");
    let all = battery.all_properties().unwrap();
    assert_eq!(all.len(), 8);
    assert_eq!(all.get("IsCharging"), Some(&true.into()));
    let as_map: HashMap<String, Value> = battery.properties().unwrap();
    assert_eq!(Value::from(as_map), Value::from(all));
}

/// A handle on an entry that has been terminated.
fn dead(world: &World) -> Service {
    let battery = world.battery();
    world.machine.terminate(iokit_uc::sim::EntryId(battery.id().unwrap()), Default::default());
    battery
}

#[test]
fn an_entry_that_is_gone_is_no_missing_property() {
    let world = World::new();
    let dead = dead(&world);
    let errors = [
        dead.property("Voltage").unwrap_err(),
        dead.expect_property("Voltage").unwrap_err(),
        dead.all_properties().unwrap_err(),
        dead.search_property(&Plane::SERVICE, "Voltage", Search::Children).unwrap_err(),
        dead.property_bytes("Voltage").unwrap_err(),
        dead.set_property("Voltage", 1).unwrap_err(),
        dead.set_properties("x").unwrap_err(),
        dead.properties::<Battery>().unwrap_err(),
        dead.property_as::<Option<u32>>("Voltage").unwrap_err(),
    ];
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::Terminated), "{errors:?}");
    assert!(errors[0].to_string().starts_with("IORegistryEntryCreateCFProperty: MACH_SEND_INVALID_DEST"));
}

#[test]
fn a_search_goes_up_or_down() {
    let world = World::new();
    let (bus, battery) = (world.entry("Bus"), world.battery());
    let search = |entry: &RegistryEntry, key, way| entry.search_property(&Plane::SERVICE, key, way).unwrap();
    assert_eq!(search(&bus, "Voltage", Search::Children), Some(12_600.into()));
    assert_eq!(search(&bus, "Voltage", Search::Parents), None);
    assert_eq!(search(&battery, "Slots", Search::Parents), Some(2.into()));
    assert_eq!(search(&battery, "Slots", Search::Children), None);
    assert_eq!(bus.search_property(&Plane::POWER, "Voltage", Search::Children).unwrap(), None);
}

#[test]
fn bytes_are_whole_or_an_error() {
    let world = World::new();
    let battery = world.battery();
    assert_eq!(battery.property_bytes("Voltage").unwrap(), 12_600u32.to_le_bytes());
    assert_eq!(battery.property_bytes("IsCharging").unwrap(), b"Yes\0");
    assert_eq!(battery.property_bytes("Empty").unwrap(), b"", "and not as many zeros as there is room for");
    assert_eq!(battery.property_bytes("Zeros").unwrap(), [0; 4096]);
    let error = |key| battery.property_bytes(key).unwrap_err();
    let text = |key| error(key).detail().unwrap().to_string();
    assert_eq!(error("Colour").kind(), ErrorKind::NotFound);
    assert!(text("Large").ends_with("it has more than 4096 bytes"));
    assert!(text("BatteryData").ends_with("it is no data, no string, no boolean, and no number"));
}

#[test]
fn what_is_set_comes_to_the_driver() {
    let world = World::new();
    let (taking, connection) = (world.entry("Taking"), world.open());
    taking.set_property("Größe", 1u8).unwrap();
    taking.set_properties(Dictionary::from_iter([("a", true)])).unwrap();
    taking.set_properties("anything").unwrap();
    connection.set_property("b", Value::array([f64::NAN])).unwrap();
    connection.set_properties(Value::set(["c"])).unwrap();
    let data = BatteryData {
        cell_voltage: vec![1],
        serial: "x".into(),
        raw: vec![],
        state: State::Idle,
        design_capacity: None,
    };
    connection.set_properties(Value::from_serialize(&data).unwrap()).unwrap();
    let serialized = [
        ("CellVoltage", Value::array([1u16])),
        ("Serial", "x".into()),
        ("Raw", Value::array([0u8; 0])),
        ("State", "Idle".into()),
    ];
    let expected = [
        Value::dictionary([("Größe", 1u8)]),
        Value::dictionary([("a", true)]),
        "anything".into(),
        Value::dictionary([("b", Value::array([f64::NAN]))]),
        Value::set(["c"]),
        Value::dictionary(serialized),
    ];
    assert_eq!(world.given.take(), expected);
    let error = world.battery().set_property("Voltage", 1).unwrap_err();
    assert_eq!((error.code(), error.kind()), (IoReturn::UNSUPPORTED, ErrorKind::Unsupported));
    drop((taking, connection));
    world.machine.assert_clean();
}

#[test]
fn what_no_kernel_takes_as_it_is_is_refused_before_it_is_asked() {
    let world = World::new();
    let (taking, connection) = (world.entry("Taking"), world.open());
    let nested =
        |levels: usize| (0..levels).fold(Value::from(1), |value, _| Value::dictionary([("a", value)]));
    let text = |length: usize| Value::from("x".repeat(length));
    let in_list = |value: Value| Value::dictionary([("list", Value::array([Value::from(1), value]))]);
    let refused = |value: Value| {
        let errors = [
            taking.set_properties(value.clone()).unwrap_err(),
            connection.set_properties(value.clone()).unwrap_err(),
        ];
        assert_eq!(errors[0].detail(), errors[1].detail());
        assert_eq!(errors[0].code(), errors[1].code());
        (errors[0].code(), errors[0].detail().unwrap().to_string())
    };
    let bad = IoReturn::BAD_ARGUMENT;
    let deep = format!("{DEEP} collections within one another, at most 63 can be passed");
    assert_eq!(refused(nested(DEEP)), (bad, deep));
    let long = "the string at `list[1]` has 262142 bytes, at most 262141 can be passed";
    assert_eq!(refused(in_list(text(262_142))), (bad, long.into()));
    let cut = "`list[1]`: the string has a NUL at byte 1";
    assert_eq!(refused(in_list("a\0b".into())), (bad, cut.into()));
    let large = "4194308 bytes of serialized properties, at most 4194304 can be passed";
    let large = (IoReturn::MESSAGE_TOO_LARGE, large.to_owned());
    assert_eq!(refused(Value::data(vec![0; (4 << 20) - 4])), large);

    // One property is one collection around the value.
    let one = taking.set_property("a", nested(63)).unwrap_err();
    assert_eq!(
        one.detail(),
        Some(&Detail::Limit { what: "collections within one another", given: 64, limit: 63 })
    );
    let position = 1;
    for error in [taking.set_property("a\0", 1).unwrap_err(), connection.set_property("a\0", 1).unwrap_err()]
    {
        assert_eq!(error.detail(), Some(&Detail::InteriorNul { what: "key", position }));
    }
    assert_eq!(world.given.take(), [] as [Value; 0]);
    taking.set_property("a", nested(62)).unwrap();
    taking.set_property(&"k".repeat(200), 1).unwrap();
    assert_eq!(world.given.take().len(), 2);
}

#[test]
fn a_key_that_would_be_cut_is_refused() {
    let world = World::new();
    let battery = world.battery();
    let plane = Plane::SERVICE;
    for (key, detail) in [
        ("Volt\0age".to_owned(), Detail::InteriorNul { what: "key", position: 4 }),
        ("k".repeat(128), Detail::Limit { what: "bytes of key", given: 128, limit: 127 }),
    ] {
        let errors = [
            battery.property(&key).unwrap_err(),
            battery.expect_property(&key).unwrap_err(),
            battery.search_property(&plane, &key, Search::Children).unwrap_err(),
            battery.property_bytes(&key).unwrap_err(),
            battery.property_as::<u32>(&key).unwrap_err(),
        ];
        assert!(errors.iter().all(|error| error.detail() == Some(&detail)), "{errors:?}");
        assert!(errors.iter().all(|error| *error == IoReturn::BAD_ARGUMENT));
    }
    assert_eq!(battery.property(&"k".repeat(127)).unwrap(), None);
}

#[test]
fn a_deep_property_is_read_whole_and_made_nothing_deep_of() {
    let machine = Machine::new();
    let deep = (0..DEEP).fold(Value::from(1), |value, _| Value::dictionary([("a", value)]));
    machine.publish(Nub::new("Deep").property("Deep", deep.clone()));
    let entry = Service::expect_first(&machine.task("user").kernel(), &Matching::class("Deep")).unwrap();
    let read = entry.expect_property("Deep").unwrap();
    assert_eq!((read.nesting(), read == deep), (DEEP, true));
    drop(deep);
    #[derive(Debug, Deserialize)]
    struct Nest {
        #[serde(rename = "a")]
        _a: Option<Box<Nest>>,
    }
    let error = entry.property_as::<Nest>("Deep").unwrap_err();
    assert!(error.to_string().ends_with(": it is nested more than 128 deep"), "{error}");
}
