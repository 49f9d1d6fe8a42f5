//! Drivers whose external methods do as they are told and remember what they saw: one for each way of dispatching.
//!
//! The services of the machine `methods` share one `Puppet`, so that a test looks for what happened in one
//! place.

use crate::{Scene, services};
use iokit_uc::interface::{Arguments, Checks, Dispatch, Legacy, OnClose, OpenRequest, UserClient};
use iokit_uc::sim::Nub;
use iokit_uc::wire::VARIABLE;
use iokit_uc::{IoReturn, Result, Value};
use std::sync::{Arc, Mutex, PoisonError};

/// What the driver writes to scalar output `index`.
pub const fn scalar_written(index: usize) -> u64 {
    0x1111_1111_2222_2200 + index as u64
}

/// What the driver writes to a structure, from its start. Never 0, and without a period that divides a page.
pub static BYTES_WRITTEN: [u8; 10_000] = {
    let mut bytes = [0; 10_000];
    let mut index = 0;
    while index < bytes.len() {
        bytes[index] = (index % 251 + 1) as u8;
        index += 1;
    }
    bytes
};

/// `methods`: `Raw` and `Stays` see every call, the others are behind a table each. Only `Stays` stays after a close.
pub(crate) fn boot() -> Scene {
    let mut scene = Scene::new();
    services::commands(&mut scene);
    let puppet = Arc::new(Puppet::default());
    let publish = |class: &str, dispatch: Way, classes, closing| {
        let puppet = Arc::clone(&puppet);
        scene.machine.publish(Nub::new(class).driver(move |_: &OpenRequest<'_>| {
            Ok(Strings { puppet: Arc::clone(&puppet), dispatch, classes, closing })
        }));
    };
    publish("Raw", |puppet, _, arguments| puppet.answer(arguments), CLASSIC, OnClose::Terminate);
    publish("Stays", |puppet, _, arguments| puppet.answer(arguments), CLASSIC, OnClose::Stay);
    publish("Classic", classic, CLASSIC, OnClose::Terminate);
    publish("Dispatch2022", dispatch_2022, IN_2022, OnClose::Terminate);
    publish("Legacy", legacy, CLASSIC, OnClose::Terminate);

    for (command, set) in TELL {
        let puppet = Arc::clone(&puppet);
        scene.on(command, move |arguments| {
            set(&mut puppet.lock().orders, arguments[0]);
            0
        });
    }
    let obedient = Arc::clone(&puppet);
    scene.on("answer_as_asked", move |_| {
        obedient.lock().orders = Orders::default();
        0
    });
    for (command, get) in ASK {
        let puppet = Arc::clone(&puppet);
        scene.on(command, move |arguments| {
            get(&puppet.lock().seen, arguments.first().map_or(0, |&index| index as usize))
        });
    }
    scene
}

/// What the driver is to answer.
#[derive(Clone, Debug, Default)]
struct Orders {
    code: u32,
    panics: bool,
    /// Scalars to claim; as many as the caller has room for unless set.
    scalars: Option<u32>,
    /// Bytes of structure to claim; as many as the caller has room for unless set.
    structure: Option<usize>,
    /// Bytes of structure to leave unwritten.
    unwritten: usize,
    /// Bytes to supply to a call for variable output.
    variable: Option<usize>,
}

type Order = fn(&mut Orders, u64);

/// What the driver can be told, from the next call on.
const TELL: [(&str, Order); 6] = [
    ("answer_code", |orders, code| orders.code = code as u32),
    ("answer_panic", |orders, panics| orders.panics = panics != 0),
    ("answer_scalars", |orders, count| orders.scalars = Some(count as u32)),
    ("answer_structure", |orders, size| orders.structure = Some(size as usize)),
    ("answer_unwritten", |orders, size| orders.unwritten = size as usize),
    ("answer_variable", |orders, size| orders.variable = Some(size as usize)),
];

/// What the driver saw in its last call.
#[derive(Clone, Debug, Default)]
struct Seen {
    calls: u64,
    selector: u32,
    scalar_input: Vec<u64>,
    structure_input: Vec<u8>,
    input_is_out_of_line: bool,
    scalar_capacity: u32,
    scalars_were_zero: bool,
    structure_capacity: usize,
    structure_room: usize,
    structure_was_zero: bool,
    output_is_out_of_line: bool,
    is_variable: bool,
    is_async: bool,
}

type Question = fn(&Seen, usize) -> u64;

/// What the driver can be asked. The number is an index where there are many, and ignored elsewhere.
const ASK: [(&str, Question); 15] = [
    ("calls", |seen, _| seen.calls),
    ("selector", |seen, _| seen.selector.into()),
    ("scalar_inputs", |seen, _| seen.scalar_input.len() as u64),
    ("scalar_input", |seen, index| seen.scalar_input[index]),
    ("structure_input", |seen, _| seen.structure_input.len() as u64),
    ("structure_input_byte", |seen, index| seen.structure_input[index].into()),
    ("input_is_out_of_line", |seen, _| seen.input_is_out_of_line.into()),
    ("scalar_capacity", |seen, _| seen.scalar_capacity.into()),
    ("scalars_were_zero", |seen, _| seen.scalars_were_zero.into()),
    ("structure_capacity", |seen, _| seen.structure_capacity as u64),
    ("structure_room", |seen, _| seen.structure_room as u64),
    ("structure_was_zero", |seen, _| seen.structure_was_zero.into()),
    ("output_is_out_of_line", |seen, _| seen.output_is_out_of_line.into()),
    ("is_variable", |seen, _| seen.is_variable.into()),
    ("is_async", |seen, _| seen.is_async.into()),
];

/// The driver behind all services.
#[derive(Default)]
struct Puppet(Mutex<State>);

#[derive(Default)]
struct State {
    orders: Orders,
    seen: Seen,
}

impl Puppet {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The external method behind every selector.
    fn answer(&self, arguments: &mut Arguments<'_>) -> Result<()> {
        let room = arguments.structure_output().len();
        let mut state = self.lock();
        state.seen = Seen {
            calls: state.seen.calls + 1,
            selector: state.seen.selector,
            scalar_input: arguments.scalar_input().to_vec(),
            structure_input: arguments.structure_input().to_vec(),
            input_is_out_of_line: arguments.structure_input_is_out_of_line(),
            scalar_capacity: arguments.scalar_output_count(),
            scalars_were_zero: arguments.scalar_output().iter().all(|&scalar| scalar == 0),
            structure_capacity: arguments.structure_output_size(),
            structure_room: room,
            structure_was_zero: *arguments.structure_output() == vec![0; room],
            output_is_out_of_line: arguments.structure_output_is_out_of_line(),
            is_variable: arguments.is_variable_output(),
            is_async: arguments.is_async(),
        };
        let orders = state.orders.clone();
        drop(state);

        assert!(!orders.panics, "told to panic");
        for (index, scalar) in arguments.scalar_output().iter_mut().enumerate() {
            *scalar = scalar_written(index);
        }
        let room = arguments.structure_output();
        let written = room.len().saturating_sub(orders.unwritten);
        room[..written].copy_from_slice(&BYTES_WRITTEN[..written]);
        if let Some(count) = orders.scalars {
            arguments.set_scalar_output_count(count);
        }
        if let Some(size) = orders.structure {
            arguments.set_structure_output_size(size);
        }
        if let Some(size) = orders.variable {
            // A call with a buffer of its own takes no data.
            drop(arguments.set_variable_output(BYTES_WRITTEN[..size].to_vec()));
        }
        Ok(IoReturn::from_code(orders.code).result()?)
    }
}

/// How a driver finds the function of a selector.
type Way = fn(&Puppet, u32, &mut Arguments<'_>) -> Result<()>;

/// The user client of one connection.
struct Strings {
    puppet: Arc<Puppet>,
    dispatch: Way,
    classes: &'static [&'static str],
    closing: OnClose,
}

const CLASSIC: &[&str] = &["IOUserClient"];
const IN_2022: &[&str] = &["IOUserClient2022", "IOUserClient"];

impl UserClient for Strings {
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        self.puppet.lock().seen.selector = selector;
        (self.dispatch)(&self.puppet, selector, arguments)
    }

    fn class(&self) -> &'static [&'static str] {
        self.classes
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        if self.classes == CLASSIC {
            return Vec::new();
        }
        vec![
            ("IOUserClientDefaultLocking", true.into()),
            ("IOUserClientDefaultLockingSetProperties", false.into()),
            ("IOUserClientDefaultLockingSingleThreadExternalMethod", false.into()),
            ("IOUserClientEntitlements", false.into()),
        ]
    }

    fn client_close(&self) -> OnClose {
        self.closing
    }
}

/// The entitlement that selectors 4 and 5 of `Dispatch2022` ask for.
pub const ENTITLEMENT: &str = "com.example.methods";

/// One scalar and 8 bytes in, two scalars and 16 bytes out.
const EXACT: Checks = Checks {
    scalar_inputs: 1,
    structure_input: 8,
    scalar_outputs: 2,
    structure_output: 16,
    allow_async: false,
    entitlement: None,
};

/// One scalar in, and nothing else.
const ONE_SCALAR: Checks = Checks {
    scalar_inputs: 1,
    structure_input: 0,
    scalar_outputs: 0,
    structure_output: 0,
    allow_async: false,
    entitlement: None,
};

const fn record(checks: Checks) -> Dispatch<Puppet> {
    Dispatch { checks, function: Some(Puppet::answer) }
}

/// Selector 0 checks every count, 1 none; 2 and 5 have no function; 3 allows asynchronous calls; 4 and 5 ask for an
/// entitlement.
const TABLE: [Dispatch<Puppet>; 6] = [
    record(EXACT),
    record(Checks::UNCHECKED),
    Dispatch { checks: ONE_SCALAR, function: None },
    record(Checks { allow_async: true, ..Checks::UNCHECKED }),
    record(Checks { entitlement: Some(ENTITLEMENT), ..ONE_SCALAR }),
    Dispatch { checks: Checks { entitlement: Some(ENTITLEMENT), ..ONE_SCALAR }, function: None },
];

fn dispatch_2022(puppet: &Puppet, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
    Dispatch::dispatch_2022(&TABLE, puppet, selector, arguments)
}

/// The same table in the classic way. Past it, selectors up to 15 are refused with a code of the driver's own, and the
/// rest falls through to the legacy lookup, which has nothing.
fn classic(puppet: &Puppet, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
    match TABLE.get(selector as usize) {
        Some(record) => record.dispatch_classic(puppet, arguments),
        None if selector < 16 => Err(IoReturn::NO_RESOURCES.into()),
        None => Legacy::dispatch(&[], &[], puppet, selector, arguments),
    }
}

/// Selectors of the service `Legacy`, named for what their records say.
pub mod legacy_selector {
    /// `kIOUCScalarIScalarO`, 2 in and 3 out.
    pub const SCALARS_2_3: u32 = 0;
    /// `kIOUCScalarIScalarO`, 6 in and none out.
    pub const SCALARS_6_0: u32 = 1;
    /// `kIOUCScalarIScalarO`, 7 in and none out: more than a method can take.
    pub const SCALARS_7_0: u32 = 2;
    /// `kIOUCScalarIScalarO`, 4 in and 4 out: two more than a method can take.
    pub const SCALARS_4_4: u32 = 3;
    /// `kIOUCScalarIStructO`, 4 in and 16 bytes out.
    pub const SCALARS_4_STRUCT_OUT_16: u32 = 4;
    /// `kIOUCScalarIStructO`, 5 in and 16 bytes out.
    pub const SCALARS_5_STRUCT_OUT_16: u32 = 5;
    /// `kIOUCScalarIStructO`, 6 in and 16 bytes out: more than a method can take.
    pub const SCALARS_6_STRUCT_OUT_16: u32 = 6;
    /// `kIOUCScalarIStructI`, 3 in and 8 bytes in.
    pub const SCALARS_3_STRUCT_IN_8: u32 = 7;
    /// `kIOUCScalarIStructI`, 4 in and 8 bytes in.
    pub const SCALARS_4_STRUCT_IN_8: u32 = 8;
    /// `kIOUCScalarIStructI`, 5 in and 8 bytes in.
    pub const SCALARS_5_STRUCT_IN_8: u32 = 9;
    /// `kIOUCScalarIStructI`, 6 in and 8 bytes in: more than a method can take.
    pub const SCALARS_6_STRUCT_IN_8: u32 = 10;
    /// `kIOUCStructIStructO`, 8 bytes in and 16 out.
    pub const STRUCTS_8_16: u32 = 11;
    /// `kIOUCStructIStructO`, nothing in and 16 bytes out.
    pub const STRUCTS_0_16: u32 = 12;
    /// `kIOUCStructIStructO`, 8 bytes in and nothing out.
    pub const STRUCTS_8_0: u32 = 13;
    /// `kIOUCStructIStructO`, any size in and any size out.
    pub const STRUCTS_ANY_ANY: u32 = 14;
    /// A type that there is not, and `kIOUCForegroundOnly`.
    pub const FOREGROUND_UNKNOWN_TYPE: u32 = 15;
    /// `kIOUCScalarIScalarO`, none in and none out, and `kIOUCForegroundOnly`.
    pub const FOREGROUND_SCALARS_0_0: u32 = 16;
    /// `kIOUCScalarIScalarO`, any number in: no such thing, the wildcard is for structures.
    pub const SCALARS_ANY_0: u32 = 17;
    /// Past the table.
    pub const NONE: u32 = 18;

    /// `kIOUCScalarIStructI`, 4 in and 8 bytes in; in the table for asynchronous calls.
    pub const ASYNC_SCALARS_4_STRUCT_IN_8: u32 = 0;
    /// Past the table for asynchronous calls, but not past the other.
    pub const ASYNC_NONE: u32 = 1;
}

const fn legacy_record(flags: u32, count0: u32, count1: u32) -> Legacy<Puppet> {
    Legacy { flags, count0, count1, function: Puppet::answer }
}

const FOREGROUND: u32 = Legacy::<Puppet>::FOREGROUND_ONLY;
const SCALAR_I_SCALAR_O: u32 = Legacy::<Puppet>::SCALAR_I_SCALAR_O;
const SCALAR_I_STRUCT_O: u32 = Legacy::<Puppet>::SCALAR_I_STRUCT_O;
const STRUCT_I_STRUCT_O: u32 = Legacy::<Puppet>::STRUCT_I_STRUCT_O;
const SCALAR_I_STRUCT_I: u32 = Legacy::<Puppet>::SCALAR_I_STRUCT_I;
const NO_TYPE: u32 = 1;

/// In the order of [`legacy_selector`].
const LEGACY_TABLE: [Legacy<Puppet>; 18] = [
    legacy_record(SCALAR_I_SCALAR_O, 2, 3),
    legacy_record(SCALAR_I_SCALAR_O, 6, 0),
    legacy_record(SCALAR_I_SCALAR_O, 7, 0),
    legacy_record(SCALAR_I_SCALAR_O, 4, 4),
    legacy_record(SCALAR_I_STRUCT_O, 4, 16),
    legacy_record(SCALAR_I_STRUCT_O, 5, 16),
    legacy_record(SCALAR_I_STRUCT_O, 6, 16),
    legacy_record(SCALAR_I_STRUCT_I, 3, 8),
    legacy_record(SCALAR_I_STRUCT_I, 4, 8),
    legacy_record(SCALAR_I_STRUCT_I, 5, 8),
    legacy_record(SCALAR_I_STRUCT_I, 6, 8),
    legacy_record(STRUCT_I_STRUCT_O, 8, 16),
    legacy_record(STRUCT_I_STRUCT_O, 0, 16),
    legacy_record(STRUCT_I_STRUCT_O, 8, 0),
    legacy_record(STRUCT_I_STRUCT_O, VARIABLE, VARIABLE),
    legacy_record(FOREGROUND | NO_TYPE, 0, 0),
    legacy_record(FOREGROUND | SCALAR_I_SCALAR_O, 0, 0),
    legacy_record(SCALAR_I_SCALAR_O, VARIABLE, 0),
];

const LEGACY_ASYNC_TABLE: [Legacy<Puppet>; 1] = [legacy_record(SCALAR_I_STRUCT_I, 4, 8)];

fn legacy(puppet: &Puppet, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
    Legacy::dispatch(&LEGACY_TABLE, &LEGACY_ASYNC_TABLE, puppet, selector, arguments)
}
