//! A machine to plug supplies into.

use super::device::SimulatedSupply;
use crate::wire::{CLASS, LabSupplyClient, LabSupplyServer};
use iokit_uc::sim::{Caller, EntryId, Machine, Nub, Task, TerminateOptions};
use iokit_uc::{Kernel, Value};
use std::time::Duration;

/// How often a supply does something.
const TICK: Duration = Duration::from_millis(10);
/// How long a machine may take for what it does at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// A simulated machine to plug supplies into, and a program that may use them.
///
/// Its clock stands still, and [`advance`](Self::advance) moves it: nothing depends on how fast a test runs.
#[derive(Debug)]
pub struct Bench {
    machine: Machine,
    program: Task,
}

/// A supply that is plugged in.
#[derive(Clone, Debug)]
pub struct Plugged {
    service: EntryId,
    supply: SimulatedSupply,
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

impl Bench {
    /// A bench with nothing on it.
    pub fn new() -> Self {
        Self::on(&Machine::new())
    }

    /// A bench that is part of a larger machine, whose clock it stops.
    pub fn on(machine: &Machine) -> Self {
        machine.freeze_clock();
        Self::in_real_time(machine)
    }

    /// A bench whose clock is the machine's: for programs that people look at.
    pub fn in_real_time(machine: &Machine) -> Self {
        Self { machine: machine.clone(), program: task(machine, "program") }
    }

    /// The machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The program that may use the supplies.
    pub fn program(&self) -> &Task {
        &self.program
    }

    /// What the program sees.
    pub fn kernel(&self) -> Kernel {
        self.program.kernel()
    }

    /// What another program sees, which may use them too.
    pub fn other_kernel(&self) -> Kernel {
        task(&self.machine, "other program").kernel()
    }

    /// Plugs a supply in.
    pub fn plug(&self, supply: &SimulatedSupply) -> Plugged {
        let plug = supply.plug();
        let information = supply.information();
        let limits =
            [("Millivolts", information.limits.millivolts), ("Milliamperes", information.limits.milliamps)];
        let mut nub = Nub::new(CLASS)
            .property("Model", &*information.model)
            .property("Serial Number", &*information.serial)
            .property("Firmware Version", &*information.firmware)
            .property("Limits", Value::dictionary(limits));
        if let Some(date) = &information.calibrated {
            nub = nub.property("Calibration Date", &**date);
        }
        let driver = supply.clone();
        let service = self.machine.publish(nub.user_client(move |_| {
            let server = LabSupplyServer::new(driver.user_client()?);
            // It may be another that pulls the plug.
            Ok(server.on_terminate(|client| client.supply_is_gone()))
        }));
        let (machine, device) = (self.machine.downgrade(), supply.downgrade());
        self.machine.spawn(async move {
            loop {
                machine.sleep(TICK).await;
                match device.upgrade().filter(|device| device.is_plugged_since(plug)) {
                    Some(device) => device.step(TICK),
                    None => break,
                }
            }
        });
        Plugged { service, supply: supply.clone() }
    }

    /// Pulls the plug.
    pub fn unplug(&self, plugged: Plugged) {
        plugged.supply.unplug();
        self.machine.terminate(plugged.service, TerminateOptions::default());
    }

    /// Lets time pass, and what happens meanwhile.
    pub fn advance(&self, time: Duration) {
        // Whoever was told to wait for a time just now has begun to.
        self.settle();
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(TICK);
            self.machine.advance(step);
            self.settle();
            left -= step;
        }
    }

    fn settle(&self) {
        assert!(self.machine.wait_until_idle(PATIENCE), "the supplies have done what they do");
    }

    /// Fails a test after which something of the supplies is still in use.
    #[track_caller]
    pub fn assert_clean(&self) {
        self.machine.assert_clean();
    }
}

fn task(machine: &Machine, name: &str) -> Task {
    let mut caller = Caller::new(name, std::process::id());
    let entitlement = LabSupplyClient::INTERFACE.entitlement;
    caller.entitlements.extend(entitlement.map(|entitlement| (entitlement.to_owned(), true)));
    machine.task_of(caller)
}
