//! Watching what comes and goes.

use super::cli::Failure;
use iokit_uc::interface::MessageType;
use iokit_uc::{
    Error, ErrorKind, Interest, InterestMessage, Kernel, Matching, NotificationPort, Result, Service,
    ServiceEvent, ServiceNotification, Subscription,
};
use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What has happened, in the order in which the kernel told it: all notifications come to one port.
type Events = Arc<Mutex<VecDeque<Event>>>;

enum Event {
    Arrived(Service),
    Departed(Service),
    Message(InterestMessage),
    MayHaveLost,
    Failed(Error),
}

/// The services of a class, and what is to be heard of them.
pub(crate) struct Watch {
    port: NotificationPort,
    events: Events,
    /// Those that are there, by their registry entry ID.
    present: HashMap<u64, Present>,
    /// How many events are still to be told, if not all are.
    left: Option<usize>,
    /// Whether those are being told that were there before.
    begins: bool,
    _arrivals: Subscription,
    _departures: Subscription,
}

struct Present {
    description: String,
    _messages: Option<Subscription>,
}

impl Watch {
    pub(crate) fn new(kernel: &Kernel, class: &str, events: Option<usize>) -> Result<Self> {
        let (port, matching) = (NotificationPort::new(kernel)?, Matching::class(class));
        let (left, events) = (events, Events::default());
        // First the departures: whatever arrives is then seen to depart.
        let subscribe = |what, event: fn(Service) -> Event| {
            let events = Arc::clone(&events);
            port.on_services(what, &matching, move |told| {
                push(
                    &events,
                    match told {
                        Ok(ServiceEvent::Service(service)) => event(service),
                        Ok(_) => Event::MayHaveLost,
                        Err(error) => Event::Failed(error),
                    },
                );
            })
        };
        let departures = subscribe(ServiceNotification::Terminated, Event::Departed)?;
        let arrivals = subscribe(ServiceNotification::FirstMatch, Event::Arrived)?;
        Ok(Self {
            port,
            events,
            present: HashMap::new(),
            left,
            begins: true,
            _arrivals: arrivals,
            _departures: departures,
        })
    }

    /// Whether there is more to be told.
    pub(crate) fn goes_on(&self) -> bool {
        self.left != Some(0)
    }

    /// Waits until something happens, for `timeout` at most, and tells it. The first time, tells what is there already.
    pub(crate) fn tell(&mut self, timeout: Option<Duration>, out: &mut dyn Write) -> Result<(), Failure> {
        let mut timeout = timeout;
        while self.port.dispatch(timeout)? > 0 {
            timeout = Some(Duration::ZERO);
        }
        while self.goes_on()
            && let Some(event) = pop(&self.events)
        {
            if let Some(line) = self.describe(event)? {
                writeln!(out, "{line}")?;
                let counts = !self.begins;
                self.left = self.left.map(|left| left - usize::from(counts));
            }
        }
        self.begins = false;
        Ok(())
    }

    fn describe(&mut self, event: Event) -> Result<Option<String>> {
        Ok(match event {
            Event::Arrived(service) => match self.arrived(&service) {
                // It is gone again, and cannot be asked.
                Err(error) if error.kind() == ErrorKind::Terminated => None,
                line => Some(line?),
            },
            Event::Departed(service) => {
                let id = service.id()?;
                // What went before anybody was told that it had come is not worth a line.
                self.present.remove(&id).map(|gone| format!("departed {}", gone.description))
            }
            // The departure tells that.
            Event::Message(message) if message.message == MessageType::SERVICE_IS_TERMINATED => None,
            Event::Message(message) => {
                let present = self.present.get(&message.service.id()?);
                present.map(|present| format!("message  {}: {:?}", present.description, message.message))
            }
            Event::MayHaveLost => Some("too much has happened at once: some of it may be missing".into()),
            Event::Failed(error) => return Err(error),
        })
    }

    fn arrived(&mut self, service: &Service) -> Result<String> {
        let (id, description) = (service.id()?, describe(service)?);
        let events = Arc::clone(&self.events);
        let messages = self.port.on_interest(service, Interest::General, move |told| {
            push(&events, told.map_or_else(Event::Failed, Event::Message));
        });
        let messages = match messages {
            Ok(messages) => Some(messages),
            // It is gone again, which is told next.
            Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Terminated) => None,
            Err(error) => return Err(error),
        };
        let what = if self.begins { "here" } else { "arrived" };
        let line = format!("{what:<9}{description}");
        self.present.insert(id, Present { description, _messages: messages });
        Ok(line)
    }
}

fn push(events: &Events, event: Event) {
    events.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
}

fn pop(events: &Events) -> Option<Event> {
    events.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// Its name, its class, and what tells it from others of its kind.
fn describe(service: &Service) -> Result<String> {
    let mut text = format!("{} <{}", service.name()?, service.class()?);
    if let Some(location) = service.location()? {
        text += &format!(" at {location}");
    }
    let number = |key| -> Result<Option<u64>> {
        Ok(service.property(key)?.and_then(|value| value.as_number()?.as_u64()))
    };
    if let (Some(vendor), Some(product)) = (number("idVendor")?, number("idProduct")?) {
        text += &format!(", {vendor:04x}:{product:04x}");
    }
    for (what, key) in [("serial", "USB Serial Number"), ("disk", "BSD Name")] {
        if let Some(value) = service.property(key)?.as_ref().and_then(|value| value.as_str()) {
            text += &format!(", {what} {value}");
        }
    }
    Ok(text + ">")
}
