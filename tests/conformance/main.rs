//! The rules of `docs/kernel-semantics.md`, one or more tests each, named by number.
//!
//! Tests see a machine as a task does: through IOKitLib, and through [`World::command`](world::World::command), which
//! carries numbers alone. So they run in two worlds: natively, where the machine is in the same process, and as a
//! program for macOS under darwin-host. What cannot be stated so is in a module of its own and runs natively alone.

#![allow(unreachable_pub, reason = "a test program exports nothing")]

mod listener;
mod mapped;
mod raw;
mod releasing;
mod steps;
mod world;

mod async_calls;
mod busy;
mod closing;
mod data_queue;
mod dispatch;
mod external_methods;
mod handles;
mod interest;
mod iterators;
mod legacy;
mod locking;
mod mapped_memory;
mod matching;
mod notification_ports;
mod notifications;
mod opening;
mod paths;
mod ports;
mod properties;
mod registry;
mod termination;
mod traps;
mod untrusted_driver;
mod untyped;

#[cfg(not(darwin_host))]
mod drivers;
#[cfg(not(darwin_host))]
mod machine;
#[cfg(not(darwin_host))]
mod mappings;
#[cfg(not(darwin_host))]
mod misbehaving_driver;
#[cfg(not(darwin_host))]
mod places;
#[cfg(not(darwin_host))]
mod raw_arguments;
#[cfg(not(darwin_host))]
mod reentry;
#[cfg(not(darwin_host))]
mod tasks;

/// The modules that run natively alone, each as a test that is ignored and says why.
#[cfg(darwin_host)]
mod native_only {
    macro_rules! modules {
        ($($module:ident: $reason:literal,)*) => {$(
            #[test]
            #[ignore = $reason]
            fn $module() {}
        )*};
    }

    modules! {
        drivers: "its drivers are made by its tests, and hold what these give them",
        machine: "about the machine as tests of one's own set it up, which is not IOKitLib",
        mappings: "about tasks that map into each other, drivers of its own, and the host's pages",
        misbehaving_driver: "its drivers are made by its tests, and hold what these give them",
        places: "about what drivers do to the registry, and drivers that its tests make",
        raw_arguments: "the macOS backend refuses these arguments by itself, or has no way to express them",
        reentry: "its drivers are made by its tests, and hold what these give them",
        tasks: "a program for macOS is one task",
    }
}
