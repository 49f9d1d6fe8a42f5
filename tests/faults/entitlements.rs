//! Entitlements that are refused to tasks that have them.

use iokit_uc::interface::{Arguments, OnClose, OpenRequest, UserClient};
use iokit_uc::sim::{Caller, Machine, Nub, Task};
use iokit_uc::{ErrorKind, Matching, Result, Service, Value};

const ENTITLEMENT: &str = "com.example.locks";

struct Lock;

impl UserClient for Lock {
    fn external_method(&self, _: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        match arguments.caller().has_entitlement(ENTITLEMENT) {
            true => Ok(()),
            false => Err(iokit_uc::IoReturn::NOT_PRIVILEGED.into()),
        }
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![("IOUserClientEntitlements", ENTITLEMENT.into())]
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

fn publish(machine: &Machine) {
    machine.publish(Nub::new("Lock").driver(|_: &OpenRequest<'_>| Ok(Lock)));
}

fn entitled(machine: &Machine) -> Task {
    let mut caller = Caller::new("client", 100);
    caller.entitlements.insert(ENTITLEMENT.into(), true);
    machine.task_of(caller)
}

fn unlock(task: &Task) -> Result<()> {
    Service::expect_first(&task.kernel(), &Matching::class("Lock"))?.open(0)?.call(0).send().map(drop)
}

#[test]
fn an_entitlement_that_is_refused_is_as_good_as_none() {
    let machine = Machine::new();
    publish(&machine);
    let before = entitled(&machine);
    assert_eq!(unlock(&before), Ok(()));
    machine.refuse_entitlement(ENTITLEMENT);
    for task in [before, entitled(&machine)] {
        assert_eq!(unlock(&task).unwrap_err().kind(), ErrorKind::NotPermitted);
    }
    machine.clear_faults();
    assert_eq!(unlock(&entitled(&machine)), Ok(()));
    machine.assert_clean();
}

#[test]
fn a_connection_that_is_open_is_refused_by_its_methods() {
    let machine = Machine::new();
    publish(&machine);
    let connection = Service::expect_first(&entitled(&machine).kernel(), &Matching::class("Lock"))
        .and_then(|service| service.open(0))
        .unwrap();
    connection.call(0).send().unwrap();
    machine.refuse_entitlement(ENTITLEMENT);
    assert_eq!(connection.call(0).send().unwrap_err().kind(), ErrorKind::NotPermitted);
}

#[test]
fn every_entitlement_that_a_test_needs_is_refused_in_its_turn() {
    let runs = iokit_uc::sim::FaultRun::new()
        .only(|injection| injection.to_string().contains("refuse_entitlement"))
        .injections(|machine| {
            publish(machine);
            unlock(&entitled(machine))
        });
    let runs: Vec<_> = runs.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(runs, ["machine.refuse_entitlement(\"com.example.locks\");"]);
}
