//! The tasks that a test can be.

use iokit_uc::sim::Caller;

/// The entitlement that some drivers ask for.
pub(crate) const ENTITLEMENT: &str = "com.example.entitlement";

/// The task that a test is unless it says otherwise.
pub(crate) const USER: &str = "user";

/// A name, and what is special about the task.
type Special = (&'static str, fn(&mut Caller));

const CALLERS: [Special; 9] = [
    (USER, |_| {}),
    ("root", |caller| caller.uid = 0),
    ("remote", |caller| caller.local_user = false),
    ("off_console", |caller| caller.console_user = false),
    ("background", |caller| caller.gpu_denied = true),
    ("entitled", |caller| entitle(caller, true)),
    // Has it as false.
    ("unentitled", |caller| entitle(caller, false)),
    // May publish resources.
    ("publisher", |caller| {
        caller.entitlements.insert("com.apple.private.iokit.ioresources.setproperty".into(), true);
    }),
    ("backupd", |caller| (caller.name, caller.pid) = ("backupd".into(), 4711)),
];

fn entitle(caller: &mut Caller, value: bool) {
    caller.entitlements.insert(ENTITLEMENT.into(), value);
}

/// The credentials of the task of this name.
pub(crate) fn named(name: &str) -> Result<Caller, String> {
    let Some((_, change)) = CALLERS.iter().find(|(other, _)| *other == name) else {
        let names = CALLERS.map(|(name, _)| name);
        return Err(format!("there is no task `{name}`; there are: {}", names.join(", ")));
    };
    let mut caller = Caller::new("program", 100);
    change(&mut caller);
    Ok(caller)
}
