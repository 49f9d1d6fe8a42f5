//! Looking for what is left.

use super::keys::TaskKey;
use super::names::Right;
use super::report::{Leak, Report};
use super::state::{Body, PortKind, State};

impl State {
    pub(super) fn report(&self) -> Report {
        let leaks = self.tasks.iter().flat_map(|task| {
            let held = task.names.iter().filter(|(name, _)| *name != task.self_name);
            held.map(|(name, right)| {
                let (what, references) = self.describe(right);
                Leak { task: task.caller.name.clone(), name, what, references }
            })
        });
        let attached = self.objects.values().filter_map(|object| match &object.body {
            Body::Entry(entry) if entry.client.is_some() && entry.is_attached() => {
                Some(self.classes.name(object.class).to_owned())
            }
            _ => None,
        });
        let living = self.tasks.iter().enumerate().filter(|(_, task)| task.alive);
        let mappings = living.flat_map(|(key, task)| {
            let name = &task.caller.name;
            self.mappings_of(TaskKey(key)).into_iter().map(|mapping| (name.clone(), mapping))
        });
        Report {
            leaks: leaks.collect(),
            mappings: mappings.collect(),
            user_clients: attached.collect(),
            misuses: self.misuses.clone(),
        }
    }

    fn describe(&self, right: Right) -> (String, u32) {
        let (port, sends) = match right {
            Right::Dead { references } => return ("dead name".into(), references),
            Right::Port { receive: true, sends, .. } => return ("receive right".into(), sends),
            Right::Port { port, sends, .. } => (port, sends),
        };
        let what = match &self.ports[port].kind {
            PortKind::Object(object) => self.classes.name(self.objects[*object].class).to_owned(),
            PortKind::Connect(client) => {
                format!("connection to {}", self.classes.name(self.objects[client.object].class))
            }
            PortKind::Mappings(_) => "connection that is gone, but for its mappings".into(),
            PortKind::Main => "main port".into(),
            PortKind::Task(_) => "task".into(),
            PortKind::Queue(_) => "send right".into(),
        };
        (what, sends)
    }
}
