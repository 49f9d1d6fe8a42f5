//! The library's own interfaces under every single fault: none of them panics, hangs, or leaves anything behind.

use crate::instrument::{CLASS, Instrument, InstrumentClient, Reading, plug_in};
use iokit_uc::memory::CacheMode;
use iokit_uc::sim::{FaultRun, Injection, Machine, TerminateOptions};
use iokit_uc::{
    Connection, Interest, IterateOptions, Kernel, Mapping, Matching, NotificationPort, Plane, RegistryEntry,
    Result, Service, ServiceNotification, Value,
};
use std::fmt::Display;
use std::task::Poll;
use std::time::Duration;

/// Not an end: what has come by then is looked at.
const AT_ONCE: Duration = Duration::ZERO;

/// What does not come within it, as a fault keeps it back, is given up.
const PATIENCE: Duration = Duration::from_millis(100);

#[track_caller]
fn survives<E: Display>(
    run: &FaultRun,
    test: impl Fn(&Machine) -> std::result::Result<(), E> + Send + Sync + 'static,
) {
    match run.run(test) {
        Ok(summary) => assert!(summary.runs() > 0, "{summary}"),
        Err(failure) => panic!("{failure}"),
    }
}

/// With a client of the instrument.
#[track_caller]
fn client_survives(test: impl Fn(&InstrumentClient) -> Result<()> + Send + Sync + 'static) {
    survives(&FaultRun::new(), move |machine| {
        plug_in(machine);
        test(&InstrumentClient::open_first(&machine.task("client").kernel())?)
    });
}

#[track_caller]
fn kernel_survives(test: impl Fn(&Kernel) -> Result<()> + Send + Sync + 'static) {
    survives(&FaultRun::new(), move |machine| {
        plug_in(machine);
        test(&machine.task("client").kernel())
    });
}

#[test]
fn discovery() {
    kernel_survives(|kernel| {
        let matching = Matching::class(CLASS).property("Serial", "A17");
        let service = Service::expect_first(kernel, &matching)?;
        for found in Service::all(kernel, &Matching::class("IOService"))? {
            found.name()?;
        }
        service.matches(&matching)?;
        service.state()?;
        service.wait_quiet(Some(Duration::from_secs(1)))?;
        kernel.busy_state()?;
        Ok(())
    });
}

#[test]
fn the_registry() {
    kernel_survives(|kernel| {
        let root = RegistryEntry::root(kernel)?;
        for entry in root.iterate(&Plane::SERVICE, IterateOptions::DESCENDANTS)? {
            let entry = entry?;
            entry.name()?;
            entry.class()?;
            entry.path(&Plane::SERVICE)?;
            entry.id()?;
            entry.all_properties()?;
            entry.parent(&Plane::SERVICE)?;
        }
        Ok(())
    });
}

#[test]
fn properties() {
    kernel_survives(|kernel| {
        let service = Service::expect_first(kernel, &Matching::class(CLASS))?;
        service.property("Serial")?;
        let _ = service.set_property("Serial", Value::from("B18"));
        Ok(())
    });
}

#[test]
fn synchronous_calls() {
    client_survives(|client| {
        client.measure()?;
        client.latest()?;
        client.history(3)?;
        Ok(())
    });
}

#[test]
fn asynchronous_calls() {
    client_survives(|client| {
        pollster::block_on(client.settle(3))?;
        let mut numbers = client.sweep(3)?;
        while let Poll::Ready(Some(number)) = numbers.wait_timeout(PATIENCE) {
            if number? == 3 {
                break;
            }
        }
        Ok(())
    });
}

#[test]
fn completions_that_are_waited_for_for_a_while() {
    let run = FaultRun::new().with_hangs().only(|injection| injection.to_string().contains("completion"));
    survives(&run, |machine| {
        plug_in(machine);
        let client = InstrumentClient::open_first(&machine.task("client").kernel())?;
        let mut numbers = client.sweep(2)?;
        while let Poll::Ready(Some(number)) = numbers.wait_timeout(PATIENCE) {
            number?;
        }
        Ok::<_, iokit_uc::Error>(())
    });
}

#[test]
fn data_queues() {
    client_survives(|client| {
        let mut readings = client.readings()?;
        for _ in 0..3 {
            client.record()?;
        }
        for _ in 0..3 {
            if let Poll::Ready(Some(reading)) = readings.wait_timeout(PATIENCE) {
                let Reading { .. } = reading?;
            }
        }
        readings.dequeue()?;
        Ok(())
    });
}

#[test]
fn mapped_memory() {
    client_survives(|client| {
        let mut registers = client.registers()?;
        registers.slice_mut().set(0, 7).map(|()| registers.slice().get(0)).unwrap_or_default();
        let mapping: Mapping<[u8]> = client.as_ref().map_memory(2, CacheMode::Default)?;
        mapping.unmap()
    });
}

#[test]
fn handles_and_raw_names() {
    client_survives(|client| {
        let kernel = client.as_ref().kernel();
        let service = Service::expect_first(kernel, &Matching::class(CLASS))?;
        // Without a reference a copy has no name.
        let copies = [service.clone(), Service::expect_first(kernel, &Matching::class(CLASS))?];
        let _ = copies.each_ref().map(|copy| copy.name());
        drop(copies);
        let connection: Connection = service.open(0)?;
        let _ = connection.service();
        connection.close()
    });
}

#[test]
fn arrivals_and_departures() {
    survives(&FaultRun::new(), |machine| {
        let kernel = machine.task("client").kernel();
        let mut arrivals = Service::watch(&kernel, ServiceNotification::Matched, &Matching::class(CLASS))?;
        let port = NotificationPort::new(&kernel)?;
        let mut departures = port.services(ServiceNotification::Terminated, &Matching::class(CLASS))?;
        let id = plug_in(machine);
        if let Poll::Ready(Some(arrived)) = arrivals.wait_timeout(PATIENCE) {
            drop(arrived?);
        }
        machine.terminate(id, TerminateOptions::default());
        let _ = port.dispatch(Some(PATIENCE))?;
        while let Poll::Ready(Some(departed)) = departures.wait_timeout(AT_ONCE) {
            drop(departed?);
        }
        Ok::<_, iokit_uc::Error>(())
    });
}

#[test]
fn interest_in_a_service() {
    survives(&FaultRun::new(), |machine| {
        let id = plug_in(machine);
        let service = Service::expect_first(&machine.task("client").kernel(), &Matching::class(CLASS))?;
        let mut messages = service.interest(Interest::General)?;
        machine.terminate(id, TerminateOptions::default());
        if let Poll::Ready(Some(message)) = messages.wait_timeout(PATIENCE) {
            message?;
        }
        Ok::<_, iokit_uc::Error>(())
    });
}

/// The machines of the other tests, whose drivers know nothing of faults.
mod machines {
    use super::*;
    use iokit_uc_machines::boot_on;

    #[track_caller]
    fn machine_survives(name: &'static str, test: impl Fn(&Kernel) -> Result<()> + Send + Sync + 'static) {
        let not_by_entitlement = |injection: &Injection| matches!(injection, Injection::Fault(_));
        survives(&FaultRun::new().only(not_by_entitlement), move |machine| {
            let scene = boot_on(machine, name).unwrap_or_else(|error| panic!("{error}"));
            test(&scene.task.kernel())
        });
    }

    #[test]
    fn every_service_that_opens_is_called() {
        for name in ["completions", "data_queues", "display", "keyboard"] {
            machine_survives(name, |kernel| {
                for service in Service::all(kernel, &Matching::class("IOService"))? {
                    let Ok(connection) = service.open(0) else { continue };
                    let _ = connection.call(0).scalars(&[1]).scalar_capacity(1).send();
                    let _: Result<Mapping<[u8]>> = connection.map_memory(0, CacheMode::Default);
                    connection.close()?;
                }
                Ok(())
            });
        }
    }

    #[test]
    fn every_entry_of_a_registry_is_read() {
        for name in ["planes", "paths", "properties"] {
            machine_survives(name, |kernel| {
                for entry in
                    RegistryEntry::root(kernel)?.iterate(&Plane::SERVICE, IterateOptions::DESCENDANTS)?
                {
                    let _ = entry?.all_properties();
                }
                Ok(())
            });
        }
    }
}
