//! What the codes usually mean that opening, calling and mapping fail with.

use super::cli::Failure;
use iokit_uc::{Error, IoReturn};

pub(super) fn on_opening(error: Error) -> Failure {
    let advice = match error.code() {
        IoReturn::UNSUPPORTED => {
            "the service has no user client: look for one that it provides for, or that provides for it"
        }
        IoReturn::NOT_PRIVILEGED => "the driver wants an administrator's program, or one with an entitlement",
        IoReturn::NOT_PERMITTED => {
            "a policy forbids it: the sandbox, or an entitlement that the program lacks"
        }
        IoReturn::EXCLUSIVE_ACCESS => "another program, or a driver, has the service to itself",
        IoReturn::BAD_ARGUMENT => "the driver does not know this connection type: try another `--type`",
        IoReturn::NO_DEVICE | IoReturn::NOT_ATTACHED | IoReturn::MACH_SEND_INVALID_DEST => {
            "the service is gone, or about to go"
        }
        IoReturn::NOT_READY | IoReturn::NOT_OPEN => {
            "the driver has not come up, or wants its device to be opened first"
        }
        IoReturn::BUSY | IoReturn::NO_RESOURCES | IoReturn::NO_MEMORY => {
            "the driver has no room for another client"
        }
        _ => return error.into(),
    };
    with_advice(&error, advice)
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
    with_advice(&error, advice)
}

pub(super) fn on_mapping(error: Error) -> Failure {
    match error.code() {
        IoReturn::BAD_ARGUMENT => with_advice(&error, "the driver may know memory by other types"),
        _ => error.into(),
    }
}

fn with_advice(error: &Error, advice: &str) -> Failure {
    format!("{error}\n{advice}").into()
}
