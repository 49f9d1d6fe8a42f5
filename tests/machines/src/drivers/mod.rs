//! The machines, and the drivers of each.

mod callers;
mod clients;
mod commands;
mod completions;
mod data_queues;
mod devices;
mod display;
mod examples;
mod framebuffer;
mod hotplug;
mod interest;
mod journal;
mod keyboard;
mod locking;
mod matches;
mod memory;
mod methods;
mod notification_ports;
mod properties;
mod registry;
mod services;
mod traps;

use crate::Scene;
use iokit_uc::sim::Machine;
use std::time::Duration;

/// Sets a machine up.
struct Recipe {
    name: &'static str,
    /// An example makes its own.
    machine: Option<fn() -> Machine>,
    furnish: fn(&mut Scene),
}

const fn recipe(name: &'static str, furnish: fn(&mut Scene)) -> Recipe {
    Recipe { name, machine: None, furnish }
}

const fn example(name: &'static str, machine: fn() -> Machine) -> Recipe {
    Recipe { name, machine: Some(machine), furnish: |_| {} }
}

const RECIPES: &[Recipe] = &[
    recipe("empty", |_| {}),
    recipe("locking", locking::furnish),
    recipe("memory", memory::furnish),
    recipe("methods", methods::furnish),
    recipe("notification_ports", notification_ports::furnish),
    recipe("nubs", services::nubs),
    recipe("family", services::family),
    recipe("names", services::names),
    recipe("matches", matches::furnish),
    recipe("hotplug", hotplug::furnish),
    recipe("long_names", services::long_names),
    recipe("openings", clients::openings),
    recipe("closings", clients::closings),
    recipe("tree", clients::tree),
    recipe("traps", traps::furnish),
    recipe("interest", interest::furnish),
    recipe("properties", properties::furnish),
    recipe("devices", devices::furnish),
    recipe("planes", registry::planes),
    recipe("paths", registry::paths),
    recipe("completions", completions::furnish),
    recipe("data_queues", data_queues::furnish),
    recipe("display", display::furnish),
    recipe("keyboard", keyboard::furnish),
    example("busy_notebook", examples::busy_notebook),
    example("events", examples::events::machine),
    example("framebuffer", framebuffer::machine),
    example("notebook", || examples::demo::machine().expect("the notebook's classes are sound")),
    example("null_driver", || examples::null_driver::machine(Duration::from_millis(20))),
    example("registers", || examples::registers::machine().expect("memory for the drivers")),
    example("simple_user_client", examples::simple_user_client::machine),
    example("smc", examples::smc::machine),
];

/// Boots a machine by its name. `openings as root` is `openings` for the task that is called `root`, `openings/Short` the
/// machine with the service `Short` alone, which boots faster: it matters under Miri.
///
/// # Errors
///
/// In words, if there is no such machine or task.
pub fn boot(name: &str) -> Result<Scene, String> {
    furnish(name, None)
}

/// [`boot`] on a machine that there is already. None of the examples, which make their own.
///
/// # Errors
///
/// In words, if there is no such machine or task.
pub fn boot_on(machine: &Machine, name: &str) -> Result<Scene, String> {
    furnish(name, Some(machine))
}

fn furnish(name: &str, on: Option<&Machine>) -> Result<Scene, String> {
    let (name, caller) = name.split_once(" as ").unwrap_or((name, callers::USER));
    let caller = callers::named(caller)?;
    let (name, only) =
        name.split_once('/').map_or((name, None), |(name, only)| (name, Some(only.to_owned())));
    let Some(recipe) = RECIPES.iter().find(|recipe| recipe.name == name) else {
        let names: Vec<_> = RECIPES.iter().map(|recipe| recipe.name).collect();
        return Err(format!("there is no machine `{name}`; there are: {}", names.join(", ")));
    };
    let machine = match (recipe.machine, on) {
        (None, on) => on.cloned().unwrap_or_default(),
        (Some(make), None) => make(),
        (Some(_), Some(_)) => return Err(format!("the machine `{name}` makes itself")),
    };
    let mut scene = Scene::new(machine, caller);
    scene.only = only;
    commands::add(&mut scene);
    (recipe.furnish)(&mut scene);
    Ok(scene)
}
