//! Completions that fail, never come, come late, or come twice.

use crate::instrument::{Instrument, LOST, machine, selector};
use iokit_uc::IoReturn;
use iokit_uc::sim::Fault;
use std::time::Duration;

#[test]
fn a_completion_fails_instead_of_what_the_driver_says() {
    let (machine, _, client) = machine();
    let fault = machine.inject(Fault::fail_completion(IoReturn::ABORTED).selector(selector::SETTLE).nth(2));
    assert_eq!(pollster::block_on(client.settle(1)), Ok(1));
    assert_eq!(pollster::block_on(client.settle(2)).unwrap_err().code(), IoReturn::ABORTED);
    assert_eq!(pollster::block_on(client.settle(3)), Ok(3));
    assert_eq!(fault.hits(), 1);
    drop(client);
    machine.assert_clean();
}

#[test]
fn a_completion_that_is_dropped_never_comes() {
    let (machine, _, client) = machine();
    machine.inject(Fault::drop_completion().selector(selector::SETTLE).nth(1));
    let mut lost = client.as_ref().call(selector::SETTLE).scalars(&[1]).send_async().unwrap().1;
    assert!(machine.wait_until_idle(LOST));
    assert_eq!(lost.wait_timeout(Duration::ZERO), std::task::Poll::Pending);
    assert_eq!(pollster::block_on(client.settle(2)), Ok(2), "the next one does");
    drop((lost, client));
    machine.assert_clean();
}

#[test]
fn a_completion_that_is_delayed_comes_when_its_time_has_come() {
    let (machine, _, client) = machine();
    machine.freeze_clock();
    machine.inject(Fault::delay_completion(Duration::from_secs(5)).selector(selector::SETTLE));
    let mut late = client.as_ref().call(selector::SETTLE).scalars(&[7]).send_async().unwrap().1;
    assert!(machine.wait_until_idle(LOST));
    machine.advance(Duration::from_secs(4));
    assert!(machine.wait_until_idle(LOST));
    assert_eq!(late.wait_timeout(Duration::ZERO), std::task::Poll::Pending);
    machine.advance(Duration::from_secs(1));
    let completed = late.wait().unwrap().unwrap();
    assert_eq!(&completed[..], [7]);
    drop((late, client));
    machine.assert_clean();
}

#[test]
fn a_completion_that_is_delayed_past_its_connection_goes_nowhere() {
    let (machine, _, client) = machine();
    machine.freeze_clock();
    machine.inject(Fault::delay_completion(Duration::from_secs(5)));
    let late = client.as_ref().call(selector::SETTLE).scalars(&[7]).send_async().unwrap().1;
    assert!(machine.wait_until_idle(LOST));
    drop((late, client));
    machine.advance(Duration::from_secs(5));
    assert!(machine.wait_until_idle(LOST));
    machine.assert_clean();
}

#[test]
fn a_completion_that_comes_twice_is_one_to_who_waits_for_one() {
    let (machine, _, client) = machine();
    let fault = machine.inject(Fault::duplicate_completion());
    for value in 0..3 {
        assert_eq!(pollster::block_on(client.settle(value)), Ok(value));
    }
    let numbers: Vec<u32> =
        client.sweep(2).unwrap().into_iter().take(4).map(|number| number.unwrap()).collect();
    assert_eq!(numbers, [1, 1, 2, 2]);
    assert_eq!(fault.hits(), 4);
    drop(client);
    machine.assert_clean();
}
