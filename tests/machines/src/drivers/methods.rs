//! Drivers whose external methods do as they are told and remember what they saw: one for each way of dispatching.
//!
//! The services of the machine `methods` share one `Puppet`, so that a test looks for what happened in one
//! place.

use super::callers::ENTITLEMENT;
use crate::Scene;
use crate::methods::{BYTES_WRITTEN, scalar_written};
use iokit_uc::interface::{Arguments, Checks, Dispatch, Legacy, OnClose, OpenRequest, UserClient};
use iokit_uc::sim::{Caller, Filter, FilteredCall, Nub, Policy};
use iokit_uc::wire::VARIABLE;
use iokit_uc::{IoReturn, Result, Value};
use std::sync::{Arc, Mutex, PoisonError};

/// `methods`: `Raw` and `Stays` see every call, the others are behind a table each. Only `Stays` stays after a close.
///
/// Commands: those of [`TELL`] and [`ASK`]; `answer_as_asked` takes all orders back; `filter` has the connections
/// that are opened from then on refuse every call, and `filtered` tells how many there were: in all, or of a selector,
/// asynchronous or not.
pub(crate) fn furnish(scene: &mut Scene) {
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
    let judged = Arc::new(Mutex::new(Vec::new()));
    let (machine, filter) = (scene.machine.clone(), Arc::clone(&judged));
    scene.on("filter", move |_| {
        machine.set_policy(Refusing(Arc::clone(&filter)));
        0
    });
    scene.on("filtered", move |arguments| {
        let calls = judged.lock().unwrap_or_else(PoisonError::into_inner);
        let is_meant = |call: &&FilteredCall| match (**call, arguments) {
            (FilteredCall::Method { selector, is_async, .. }, [wanted, asynchronous]) => {
                (u64::from(selector), u64::from(is_async)) == (*wanted, *asynchronous)
            }
            _ => arguments.is_empty(),
        };
        calls.iter().filter(is_meant).count() as u64
    });
}

/// Refuses every call, and keeps it.
struct Refusing(Arc<Mutex<Vec<FilteredCall>>>);

impl Policy for Refusing {
    fn filter(&self, _: &Caller, _: &str, _: u32) -> Result<Option<Filter>, IoReturn> {
        let judged = Arc::clone(&self.0);
        Ok(Some(Arc::new(move |call| {
            judged.lock().unwrap_or_else(PoisonError::into_inner).push(call);
            IoReturn::NOT_PERMITTED
        })))
    }
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

const fn legacy_record(flags: u32, count0: u32, count1: u32) -> Legacy<Puppet> {
    Legacy { flags, count0, count1, function: Puppet::answer }
}

const FOREGROUND: u32 = Legacy::<Puppet>::FOREGROUND_ONLY;
const SCALAR_I_SCALAR_O: u32 = Legacy::<Puppet>::SCALAR_I_SCALAR_O;
const SCALAR_I_STRUCT_O: u32 = Legacy::<Puppet>::SCALAR_I_STRUCT_O;
const STRUCT_I_STRUCT_O: u32 = Legacy::<Puppet>::STRUCT_I_STRUCT_O;
const SCALAR_I_STRUCT_I: u32 = Legacy::<Puppet>::SCALAR_I_STRUCT_I;
const NO_TYPE: u32 = 1;

/// In the order of [`legacy_selector`](crate::methods::legacy_selector).
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

const LEGACY_ASYNC_TABLE: [Legacy<Puppet>; 2] =
    [legacy_record(SCALAR_I_STRUCT_I, 4, 8), legacy_record(STRUCT_I_STRUCT_O, 0, 16)];

fn legacy(puppet: &Puppet, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
    Legacy::dispatch(&LEGACY_TABLE, &LEGACY_ASYNC_TABLE, puppet, selector, arguments)
}
