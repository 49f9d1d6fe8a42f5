//! What happens to the notebook.

use super::demo::Notebook;
use super::demo::usb::{self, Port};
use iokit_uc::interface::MessageType;
use iokit_uc::sim::{Machine, WeakMachine};
use iokit_uc::{IoReturn, Result};
use std::time::Duration;

/// How long it takes until it begins anew, by the machine's clock.
pub(crate) const SECONDS: u32 = 8;

/// Makes the machine a notebook, and leaves it to its work loop that things happen to it, from a second later on.
pub(crate) fn begin(machine: &Machine) -> Result<()> {
    let Notebook { left, right, .. } = Notebook::on(machine.clone())?;
    let weak = machine.downgrade();
    machine.spawn(async move {
        // Until the machine is gone.
        while play(&weak, &left, &right).await.is_ok() {}
    });
    Ok(())
}

async fn play(weak: &WeakMachine, left: &Port, right: &Port) -> Result<()> {
    let (hub, ports) = {
        let machine = second(weak).await?;
        let hub = usb::plug(&machine, left, &usb::USB_HUB)?;
        (hub, [1, 2].map(|number| usb::port_of_hub(&machine, hub, left, number)))
    };
    let mouse = usb::plug(&second(weak).await?, &ports[0], &usb::MOUSE)?;
    usb::plug(&second(weak).await?, &ports[1], &usb::STICK)?;
    // The mouse is not moved for a while.
    for message in [MessageType::SERVICE_IS_SUSPENDED, MessageType::SERVICE_IS_RESUMED] {
        second(weak).await?.message_clients(mouse, message, 0)?;
    }
    // It is plugged in elsewhere.
    let mouse = {
        let machine = second(weak).await?;
        usb::unplug(&machine, mouse);
        usb::plug(&machine, right, &usb::MOUSE)?
    };
    // What is in the hub goes with it.
    usb::unplug(&second(weak).await?, hub);
    usb::unplug(&second(weak).await?, mouse);
    Ok(())
}

/// A second later.
async fn second(weak: &WeakMachine) -> Result<Machine> {
    weak.sleep(Duration::from_secs(1)).await;
    weak.upgrade().ok_or_else(|| IoReturn::NOT_ATTACHED.into())
}
