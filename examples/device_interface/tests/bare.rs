//! First: the library on the bare driver. There is no kernel, so all that can fail is what the library itself does.

mod common;

use iokit_uc::interface::Target;
use iokit_uc::memory::{MemoryDescriptor, ReadPureWrite};
use iokit_uc::{Completions, DataQueue, IoReturn, Mapping, ReadOnlyAccess, RegisterBlock};
use lab_supply::simulated::SimulatedSupply;
use lab_supply::wire::{CLASS, IDENTIFICATION, LabSupply, LabSupplyClient, Registers, Sample};
use lab_supply::{
    Error, ErrorKind, Hotplug, Listed, Mode, Protection, Ramp, Samples, Setting, Supplies, Supply, Trips,
};
use std::error::Error as _;
use std::sync::Mutex;
use std::time::Duration;

#[test]
fn drivers_in_the_field_still_understand_us() {
    LabSupplyClient::INTERFACE.assert_abi("tests/lab_supply.abi");
    assert_eq!(LabSupplyClient::INTERFACE.target, Some(Target::Service(CLASS)));
}

#[test]
fn a_program_sees_what_the_supply_does() {
    let device = SimulatedSupply::new("LS-0017");
    let supply = device.bare().unwrap();
    let tick = Duration::from_millis(10);
    let advance = |time: Duration| (0..time.as_millis() / tick.as_millis()).for_each(|_| device.step(tick));
    common::assert_right(&common::exercise(&supply, advance).unwrap());
}

#[test]
fn what_a_supply_cannot_do_is_refused_with_figures_before_the_driver_is_asked() {
    let device = SimulatedSupply::new("LS-0017");
    let supply = device.bare().unwrap();
    let error = supply.set(Setting { millivolts: 30_001, milliamps: 0 }).unwrap_err();
    assert_eq!((error.kind(), error.supply()), (ErrorKind::OutOfRange, Some("LS-0017")));
    assert_eq!(
        error.to_string(),
        "lab supply LS-0017: cannot set its output: 30001 mV are more than its 30000"
    );
    assert!(error.source().is_none());
    assert_eq!(supply.set(Setting { millivolts: 0, milliamps: 5_001 }).unwrap_err().kind(), error.kind());
    assert_eq!(supply.ramp(30_001, 1).wait().unwrap_err().kind(), error.kind());
    assert_eq!(supply.ramp(1_000, 0).wait().unwrap_err().kind(), error.kind());
    for rate in [0, 10_001] {
        assert_eq!(supply.sample(rate).unwrap_err().kind(), error.kind());
    }
    assert_eq!(supply.setting().unwrap(), Setting::default());
}

#[test]
fn a_load_takes_no_more_than_it_may_and_trips_the_output_if_it_goes_on() {
    let device = SimulatedSupply::new("LS-0017");
    let supply = device.bare().unwrap();
    let mut trips = supply.trips().unwrap();
    supply.set(Setting { millivolts: 10_000, milliamps: 1_000 }).unwrap();
    supply.switch(true).unwrap();

    device.connect_load(20_000);
    let meter = supply.meter().unwrap();
    assert_eq!((meter.mode, meter.millivolts, meter.milliamps), (Mode::ConstantVoltage, 10_000, 500));
    device.connect_load(4_000);
    let meter = supply.meter().unwrap();
    assert_eq!((meter.mode, meter.millivolts, meter.milliamps), (Mode::ConstantCurrent, 4_000, 1_000));
    assert_eq!(trips.wait_timeout(Duration::ZERO).unwrap().unwrap_err().kind(), ErrorKind::TimedOut);

    device.step(Duration::from_millis(100));
    let trip = trips.wait().unwrap().unwrap();
    assert_eq!((trip.protection, trip.millivolts, trip.milliamps), (Protection::Overcurrent, 4_000, 1_000));
    assert_eq!(supply.meter().unwrap().mode, Mode::Tripped);
    assert_eq!(device.output(), (false, 0, 0));

    device.disconnect_load();
    supply.switch(true).unwrap();
    assert_eq!(supply.meter().unwrap().mode, Mode::ConstantVoltage);
    device.set_temperature(851);
    device.step(Duration::from_millis(10));
    assert_eq!(trips.wait().unwrap().unwrap().protection, Protection::Overtemperature);
    drop(supply);
    assert_eq!(trips.wait().map(drop), None, "the driver has gone, and nothing more comes");
}

#[test]
fn a_ramp_says_why_it_was_not_begun_and_why_it_ended() {
    let device = SimulatedSupply::new("LS-0017");
    let supply = device.bare().unwrap();
    supply.set(Setting { millivolts: 0, milliamps: 100 }).unwrap();
    assert_eq!(supply.ramp(100, 100).wait().unwrap_err().kind(), ErrorKind::OutputOff);

    supply.switch(true).unwrap();
    let first = supply.ramp(100, 100);
    assert_eq!(supply.ramp(200, 100).wait().unwrap_err().kind(), ErrorKind::Busy);
    device.step(Duration::from_millis(500));
    assert_eq!(supply.meter().unwrap().millivolts, 50);
    supply.set(Setting { millivolts: 70, milliamps: 100 }).unwrap();
    assert_eq!(first.wait().unwrap_err().kind(), ErrorKind::Interrupted);

    let down = supply.ramp(0, 7);
    let error = down.wait_timeout(Duration::ZERO).unwrap_err();
    assert_eq!(error.to_string(), "lab supply LS-0017: cannot ramp its voltage: it did not happen in time");
    device.step(Duration::from_secs(10));
    assert_eq!(device.output(), (true, 0, 0), "it has gone on, though nobody waited");
}

#[test]
fn a_ramp_can_be_awaited() {
    let device = SimulatedSupply::new("LS-0017");
    let supply = device.bare().unwrap();
    supply.switch(true).unwrap();
    let ramp = supply.ramp(1_000, 1_000);
    device.step(Duration::from_millis(1_500));
    assert_eq!(pollster::block_on(ramp).unwrap(), Duration::from_millis(1_500));
}

#[test]
fn samples_that_nobody_fetches_are_counted() {
    let device = SimulatedSupply::new("LS-0017");
    let supply = device.bare().unwrap();
    let mut samples = supply.sample(10_000).unwrap();
    device.step(Duration::from_secs(1));
    assert_eq!(samples.wait().unwrap().unwrap().number, 0);
    let in_queue =
        std::iter::from_fn(|| samples.wait_timeout(Duration::ZERO)).take_while(Result::is_ok).count();
    assert_eq!(samples.lost(), 0, "those at the end are not missed before others come");
    device.step(Duration::from_millis(1));
    assert_eq!(samples.wait().unwrap().unwrap().number, 10_000);
    assert_eq!(samples.lost(), 10_000 - 1 - in_queue as u64);
}

#[test]
fn samples_are_taken_by_one_at_a_time_and_anew() {
    let device = SimulatedSupply::new("LS-0017");
    let supply = device.bare().unwrap();
    let samples = supply.sample(1_000).unwrap();
    assert_eq!(supply.sample(1_000).unwrap_err().kind(), ErrorKind::Busy);
    device.step(Duration::from_millis(10));
    drop(samples);
    let mut samples = supply.sample(100).unwrap();
    device.step(Duration::from_millis(20));
    assert_eq!(samples.wait().unwrap().unwrap().number, 0);
    assert_eq!(samples.wait().unwrap().unwrap().microseconds, 10_000);
    assert_eq!(samples.wait_timeout(Duration::ZERO).unwrap().unwrap_err().kind(), ErrorKind::TimedOut);
}

#[test]
fn one_program_at_a_time_has_a_supply() {
    let device = SimulatedSupply::new("LS-0017");
    let supply = device.bare().unwrap();
    assert_eq!(device.bare().unwrap_err().kind(), ErrorKind::InUse);
    drop(supply);
    assert!(device.bare().is_ok());
}

#[test]
fn everything_can_go_to_other_threads() {
    fn moves<T: Send + 'static>() {}
    fn shares<T: Send + Sync + 'static>() {}
    shares::<(Supply, Listed, Supplies, Error)>();
    moves::<(Hotplug, Trips, Samples, Ramp<'static>)>();
}

/// A driver that answers nothing but registers, which hold what the test wants.
struct OnlyRegisters(MemoryDescriptor);

#[derive(RegisterBlock)]
#[repr(C)]
struct Words {
    words: [ReadPureWrite<u32>; 6],
}

impl OnlyRegisters {
    fn new(words: [u32; 6]) -> Self {
        let memory = MemoryDescriptor::new(size_of::<Words>()).unwrap();
        let mut registers: Mapping<Words> = Mapping::of(&memory).unwrap();
        let mut view = registers.view_mut();
        view.words().iter().zip(words).for_each(|(mut register, word)| register.write(word));
        Self(memory)
    }
}

#[rustfmt::skip]
impl LabSupply for OnlyRegisters {
    fn setting(&self) -> iokit_uc::Result<Setting> { Err(IoReturn::UNSUPPORTED.into()) }
    fn set(&self, _: &Setting) -> iokit_uc::Result<()> { Err(IoReturn::UNSUPPORTED.into()) }
    fn switch(&self, _: bool) -> iokit_uc::Result<()> { Err(IoReturn::UNSUPPORTED.into()) }
    async fn ramp(&self, _: u32, _: u32) -> iokit_uc::Result<u32> { Err(IoReturn::UNSUPPORTED.into()) }
    fn trips(&self) -> iokit_uc::Result<Completions<(Protection, u32, u32)>> { Err(IoReturn::UNSUPPORTED.into()) }
    fn sample(&self, _: u32) -> iokit_uc::Result<()> { Err(IoReturn::UNSUPPORTED.into()) }
    fn registers(&self) -> iokit_uc::Result<Mapping<Registers, ReadOnlyAccess>> { Mapping::of(&self.0) }
    fn samples(&self) -> iokit_uc::Result<DataQueue<Sample>> { Err(IoReturn::UNSUPPORTED.into()) }
}

#[test]
fn registers_that_make_no_sense_are_an_error_that_says_which() {
    let information = SimulatedSupply::new("LS-0017").information().clone();
    let open = |words| Supply::new(OnlyRegisters::new(words), information.clone());

    let meter = open([IDENTIFICATION, 8, 0x102, 1_000, 50, 231]).unwrap().meter().unwrap();
    assert_eq!((meter.mode, meter.is_ramping, meter.temperature), (Mode::ConstantCurrent, true, 231));

    let refused = |words| open(words).map(drop).unwrap_err();
    let foreign = refused([0x1234, 8, 0, 0, 0, 0]);
    assert_eq!(foreign.kind(), ErrorKind::Incompatible);
    assert!(foreign.to_string().contains("0x00001234"), "{foreign}");
    let unknown = refused([IDENTIFICATION, 8, 7, 0, 0, 0]);
    assert_eq!(unknown.kind(), ErrorKind::Incompatible);
    let never_at_rest = refused([IDENTIFICATION, 7, 0, 0, 0, 0]);
    assert_eq!(never_at_rest.kind(), ErrorKind::Faulty);
    assert_eq!(refused([u32::MAX; 6]).kind(), ErrorKind::Unplugged);
}

/// A driver whose samples have the numbers that the test wants.
struct OnlySamples(OnlyRegisters, Mutex<DataQueue<Sample>>, Vec<u64>);

#[rustfmt::skip]
impl LabSupply for OnlySamples {
    fn setting(&self) -> iokit_uc::Result<Setting> { self.0.setting() }
    fn set(&self, setting: &Setting) -> iokit_uc::Result<()> { self.0.set(setting) }
    fn switch(&self, on: bool) -> iokit_uc::Result<()> { self.0.switch(on) }
    async fn ramp(&self, to: u32, rate: u32) -> iokit_uc::Result<u32> { self.0.ramp(to, rate).await }
    fn trips(&self) -> iokit_uc::Result<Completions<(Protection, u32, u32)>> { self.0.trips() }
    fn registers(&self) -> iokit_uc::Result<Mapping<Registers, ReadOnlyAccess>> { self.0.registers() }
    fn samples(&self) -> iokit_uc::Result<DataQueue<Sample>> { self.1.lock().unwrap().share() }

    fn sample(&self, rate: u32) -> iokit_uc::Result<()> {
        let sample = |&number| Sample { number, microseconds: 0, millivolts: 0, milliamps: 0 };
        let numbers = if rate > 0 { &self.2[..] } else { &[] };
        numbers.iter().map(sample).try_for_each(|sample| self.1.lock().unwrap().enqueue(&sample).map(drop))
    }
}

#[test]
fn samples_may_have_any_numbers() {
    let information = SimulatedSupply::new("LS-0017").information().clone();
    let numbers = vec![u64::MAX, 5, u64::MAX, 0];
    let registers = OnlyRegisters::new([IDENTIFICATION, 0, 0, 0, 0, 0]);
    let queue = Mutex::new(DataQueue::with_entries(numbers.len()).unwrap());
    let supply = Supply::new(OnlySamples(registers, queue, numbers.clone()), information).unwrap();
    let mut samples = supply.sample(1).unwrap();
    let came: Vec<_> = numbers.iter().map(|_| samples.wait().unwrap().unwrap().number).collect();
    assert_eq!((came, samples.lost()), (numbers, u64::MAX));
}

#[test]
fn an_error_of_the_driver_s_is_the_source_of_ours() {
    let information = SimulatedSupply::new("LS-0017").information().clone();
    let supply = Supply::new(OnlyRegisters::new([IDENTIFICATION, 0, 0, 0, 0, 0]), information).unwrap();
    let error = supply.switch(true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    let source: &iokit_uc::Error = error.source().unwrap().downcast_ref().unwrap();
    assert_eq!(source.code(), IoReturn::UNSUPPORTED);
    // Nothing is begun that could not be begun again.
    assert_eq!(supply.sample(1).unwrap_err().kind(), ErrorKind::Incompatible);
    assert_eq!(supply.sample(1).unwrap_err().kind(), ErrorKind::Incompatible);
}
