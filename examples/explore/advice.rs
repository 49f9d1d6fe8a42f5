//! What the codes usually mean that opening, calling and mapping fail with, and what there is to do.

use super::cli::Failure;
use super::clients;
use iokit_uc::{Error, IoReturn, Result, Service};

/// `error` is that of an attempt to open `service`.
pub(super) fn on_opening(service: &Service, error: Error) -> Failure {
    with_advice(&error, on_open(service, error.code()))
}

/// Why a service does not open, and what to do, a line each; none for a code that nothing is known of.
pub(super) fn on_open(service: &Service, code: IoReturn) -> Vec<String> {
    let lines = match code {
        IoReturn::UNSUPPORTED => no_user_client(service),
        IoReturn::NOT_PRIVILEGED => not_privileged(service),
        IoReturn::NOT_PERMITTED => not_permitted(service),
        IoReturn::EXCLUSIVE_ACCESS => taken(service),
        IoReturn::NO_MEMORY => not_made(service),
        IoReturn::BAD_ARGUMENT => Ok(vec![
            "the driver does not know this connection type: try another `--type`".into(),
            "`explore open` tries several".into(),
        ]),
        IoReturn::ERROR => Ok(vec![
            "the driver said that all is well and made no user client, or one that is not as the kernel wants it".into(),
        ]),
        IoReturn::NO_DEVICE | IoReturn::NOT_ATTACHED | IoReturn::MACH_SEND_INVALID_DEST => Ok(vec![
            "the service is gone, or about to go".into(),
            "look for it anew, or watch for it to come back".into(),
        ]),
        IoReturn::NOT_READY | IoReturn::NOT_OPEN => Ok(vec![
            "the driver has not come up, or wants its device to be opened first".into(),
            "try again when the service is not busy, which `explore show` tells".into(),
        ]),
        IoReturn::BUSY | IoReturn::NO_RESOURCES => Ok(vec![
            "the driver has no room for another client".into(),
            "try again when one has gone: `explore show` tells which there are".into(),
        ]),
        _ => Ok(Vec::new()),
    };
    // The service may be gone by now: then there is no more to tell.
    lines.unwrap_or_default()
}

fn no_user_client(service: &Service) -> Result<Vec<String>> {
    if let Some(class) = clients::class_to_make(service)? {
        return Ok(vec![
            format!("the service's user client `{class}` did not start, or is no user client"),
            "it may know other connection types: try another `--type`".into(),
        ]);
    }
    let near = clients::near(service)?;
    let what_to_do = match near.is_empty() {
        true => "look for one that it provides for, or that provides for it".into(),
        false => format!("near it, {}", near.join(", ")),
    };
    Ok(vec!["the service has no user client, or none for this connection type".into(), what_to_do])
}

fn not_privileged(service: &Service) -> Result<Vec<String>> {
    let mut lines = vec!["the driver wants an administrator's program, or one with an entitlement".into()];
    for client in clients::of(service)? {
        if let Some(entitlement) = clients::entitlement(&client)? {
            lines.push(format!("a user client that is there asks for `{entitlement}`"));
        }
    }
    lines.push(
        "run the program with `sudo`, and see which entitlements its signature has: `codesign -d --entitlements - PROGRAM`"
            .into(),
    );
    Ok(lines)
}

fn not_permitted(service: &Service) -> Result<Vec<String>> {
    let class = clients::class_to_make(service)?;
    let class = class.map_or("the class of the user client".into(), |class| format!("`{class}`"));
    Ok(vec![
        "a policy forbids it: the sandbox, or an entitlement that the program lacks".into(),
        format!(
            "in the App Sandbox, name {class} in the entitlement `com.apple.security.temporary-exception.iokit-user-client-class`"
        ),
        "which rule it was, `log stream --predicate 'sender == \"Sandbox\"'` tells while the program runs"
            .into(),
    ])
}

fn taken(service: &Service) -> Result<Vec<String>> {
    let mut lines = vec!["another program, or a driver, has the service to itself".into()];
    let (clients, drivers) = clients::attached(service)?;
    for client in clients {
        lines.push(format!("it may be the client {}", clients::line(&client)?));
    }
    for driver in drivers {
        lines.push(format!("it may be the driver {} {:#x}", driver.class()?, driver.id()?));
    }
    lines.push("who has it must close it first".into());
    Ok(lines)
}

fn not_made(service: &Service) -> Result<Vec<String>> {
    Ok(match clients::class_to_make(service)? {
        Some(class) => vec![
            format!("the kernel cannot make the service's user client `{class}`"),
            "the kernel extension that has this class is not loaded, or does not have it".into(),
        ],
        None => vec!["the driver has no room for another client".into()],
    })
}

pub(super) fn on_calling(error: Error) -> Failure {
    let advice = match error.code() {
        IoReturn::BAD_ARGUMENT => {
            "the selector takes other scalars or bytes, or returns others: mind `--scalars-out` and `--bytes-out`"
        }
        IoReturn::UNSUPPORTED | IoReturn::BAD_MESSAGE_ID => "the driver has no such selector",
        IoReturn::NOT_OPEN => "the driver has a selector that opens the device, which has to be called first",
        IoReturn::NOT_PRIVILEGED | IoReturn::NOT_PERMITTED => {
            "the driver lets others call this: it is for an administrator or for who has an entitlement"
        }
        IoReturn::MIG_ARRAY_TOO_LARGE => "a call takes 16 scalars at most",
        _ => return error.into(),
    };
    with_advice(&error, vec![advice.into()])
}

pub(super) fn on_mapping(error: Error) -> Failure {
    match error.code() {
        IoReturn::BAD_ARGUMENT => with_advice(
            &error,
            vec!["the driver may know memory by other types".into(), "`explore open` tries several".into()],
        ),
        _ => error.into(),
    }
}

fn with_advice(error: &Error, advice: Vec<String>) -> Failure {
    std::iter::once(error.to_string()).chain(advice).collect::<Vec<_>>().join("\n").into()
}
