//! `<mach/mach_port.h>`: rights to ports.

use crate::abi::*;
use crate::machine::{self, running};
use crate::ownership::{consumed_right, expect, returned_right};
use crate::pointers::update;
use darwin_calls::misuse;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, DEAD, NULL, PortRight};
use std::sync::atomic::AtomicU32;

/// `MACH_MSG_TYPE_COPY_SEND`
pub(crate) const COPY_SEND: mach_msg_type_name_t = 19;
/// `MACH_MSG_TYPE_MAKE_SEND`
pub(crate) const MAKE_SEND: mach_msg_type_name_t = 20;

pub(crate) use machine::TASK as mach_task_self_;

/// There is no bootstrap server.
pub(crate) static bootstrap_port: AtomicU32 = AtomicU32::new(NULL);

/// Whether `task` is this process's own port. Another task's would be another process.
pub(crate) fn own(task: ipc_space_t) -> Result<(), IoReturn> {
    let running = running();
    let mut sends = 0;
    match running.task().mach_port_get_refs(task, PortRight::Send, &mut sends) {
        _ if task == running.task().mach_task_self() => Ok(()),
        IoReturn::SUCCESS if task != NULL && task != DEAD && sends > 0 => Err(IoReturn::KERN_INVALID_TASK),
        _ => Err(IoReturn::MACH_SEND_INVALID_DEST),
    }
}

/// A kind of right; none for one that the simulated kernel never gives out (send-once rights, port sets).
fn kind(right: mach_port_right_t) -> Result<Option<PortRight>, IoReturn> {
    match right {
        0 => Ok(Some(PortRight::Send)),
        1 => Ok(Some(PortRight::Receive)),
        4 => Ok(Some(PortRight::DeadName)),
        2 | 3 => Ok(None),
        _ => Err(IoReturn::KERN_INVALID_VALUE),
    }
}

pub(crate) fn mach_task_is_self(task: task_name_t) -> boolean_t {
    (running().task().mach_task_self() == task).into()
}

/// # Safety
///
/// `name` must be fit to be written.
pub(crate) unsafe fn mach_port_allocate(
    task: ipc_space_t,
    right: mach_port_right_t,
    name: *mut mach_port_name_t,
) -> kern_return_t {
    let allocate = || {
        own(task)?;
        match kind(right)? {
            Some(PortRight::DeadName) | None => {
                misuse(format_args!("not simulated: a right of kind {right}"))
            }
            // SAFETY: by the caller's promise.
            Some(right) => unsafe {
                update(name, "name", |name| running().task().mach_port_allocate(right, name)).result()
            },
        }
    };
    raw(allocate())
}

pub(crate) fn mach_port_insert_right(
    task: ipc_space_t,
    name: mach_port_name_t,
    port: mach_port_t,
    disposition: mach_msg_type_name_t,
) -> kern_return_t {
    let insert = || {
        own(task)?;
        let running = running();
        match disposition {
            MAKE_SEND if name == port => running.task().mach_port_insert_right(name).result()?,
            COPY_SEND if name == port => {
                // SAFETY: gives up no reference.
                unsafe { running.task().mach_port_mod_refs(name, PortRight::Send, 1) }.result()?;
            }
            _ => misuse(format_args!(
                "not simulated: the right {disposition} of {port:#x} under the name {name:#x}"
            )),
        }
        returned_right(name);
        Ok(())
    };
    raw(insert())
}

/// # Safety
///
/// `references` must be fit to be written.
pub(crate) unsafe fn mach_port_get_refs(
    task: ipc_space_t,
    name: mach_port_name_t,
    right: mach_port_right_t,
    references: *mut mach_port_urefs_t,
) -> kern_return_t {
    let get = || {
        own(task)?;
        let kind = kind(right)?;
        let running = running();
        // SAFETY: by the caller's promise.
        unsafe {
            update(references, "refs", |references| match kind {
                Some(right) => running.task().mach_port_get_refs(name, right, references).result(),
                None => running.task().mach_port_get_refs(name, PortRight::Send, &mut 0).result().map(|()| {
                    *references = 0;
                }),
            })
        }
    };
    raw(get())
}

/// # Safety
///
/// References that are given up must be the program's own to give up.
pub(crate) unsafe fn mach_port_mod_refs(
    task: ipc_space_t,
    name: mach_port_name_t,
    right: mach_port_right_t,
    delta: mach_port_delta_t,
) -> kern_return_t {
    let modify = || {
        own(task)?;
        let kind = kind(right)?;
        expect(name);
        let running = running();
        match kind {
            // SAFETY: by the caller's promise.
            Some(right) => unsafe { running.task().mach_port_mod_refs(name, right, delta) }.result()?,
            None => {
                running.task().mach_port_get_refs(name, PortRight::Send, &mut 0).result()?;
                return Err(IoReturn::KERN_INVALID_RIGHT);
            }
        }
        match delta {
            1.. => returned_right(name),
            0 => {}
            _ => consumed_right(name),
        }
        Ok(())
    };
    raw(modify())
}

/// # Safety
///
/// The reference must be the program's own to give up.
pub(crate) unsafe fn mach_port_deallocate(task: ipc_space_t, name: mach_port_name_t) -> kern_return_t {
    raw(own(task).and_then(|()| {
        expect(name);
        // SAFETY: by the caller's promise.
        unsafe { running().task().mach_port_deallocate(name) }.result()
    }))
}

/// All references of all rights, the receive right first: with it the name dies, or goes.
///
/// # Safety
///
/// They must be the program's own to give up.
pub(crate) unsafe fn mach_port_destroy(task: ipc_space_t, name: mach_port_name_t) -> kern_return_t {
    let destroy = || {
        own(task)?;
        let running = running();
        let task = running.task();
        let references = |right| {
            let mut references = 0;
            task.mach_port_get_refs(name, right, &mut references).result().map(|()| references.cast_signed())
        };
        if name == NULL {
            return Err(IoReturn::KERN_INVALID_NAME);
        }
        expect(name);
        references(PortRight::Send)?;
        for right in [PortRight::Receive, PortRight::Send, PortRight::DeadName] {
            // The name may be gone with the right before.
            if let Ok(held @ 1..) = references(right) {
                // SAFETY: by the caller's promise.
                unsafe { task.mach_port_mod_refs(name, right, -held) }.result()?;
            }
        }
        Ok(())
    };
    raw(destroy())
}

/// # Safety
///
/// `kinds` must be fit to be written.
pub(crate) unsafe fn mach_port_type(
    task: ipc_space_t,
    name: mach_port_name_t,
    kinds: *mut mach_port_type_t,
) -> kern_return_t {
    let get = || {
        own(task)?;
        if name == NULL {
            return Err(IoReturn::KERN_INVALID_NAME);
        }
        let running = running();
        let mut found = 0;
        for (right, bit) in [(PortRight::Send, 16), (PortRight::Receive, 17), (PortRight::DeadName, 20)] {
            let mut references = 0;
            running.task().mach_port_get_refs(name, right, &mut references).result()?;
            found |= u32::from(references > 0) << bit;
        }
        // SAFETY: by the caller's promise.
        unsafe { update(kinds, "ptype", |kinds| *kinds = found) };
        Ok(())
    };
    raw(get())
}

fn raw(result: Result<(), IoReturn>) -> kern_return_t {
    result.err().unwrap_or(IoReturn::SUCCESS).raw()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::c::IORegistryGetRootEntry;
    use crate::machine::{on, report};
    use crate::releasing::{mach_port_deallocate, mach_port_destroy, mach_port_mod_refs};
    use darwin_calls::catch;

    const SEND: u32 = 0;
    const RECEIVE: u32 = 1;
    const DEAD_NAME: u32 = 4;

    fn task() -> mach_port_t {
        running().task().mach_task_self()
    }

    fn receive_right() -> mach_port_t {
        let mut name = NULL;
        // SAFETY: a variable.
        assert_eq!(unsafe { mach_port_allocate(task(), RECEIVE, &mut name) }, 0);
        name
    }

    /// User references of one kind of right.
    fn references(name: mach_port_t, right: u32) -> Result<u32, IoReturn> {
        let mut references = 77;
        // SAFETY: a variable.
        let code = unsafe { mach_port_get_refs(task(), name, right, &mut references) };
        IoReturn::from_raw(code).result().map(|()| references)
    }

    fn kinds(name: mach_port_t) -> Result<u32, IoReturn> {
        let mut kinds = 0;
        // SAFETY: a variable.
        let code = unsafe { mach_port_type(task(), name, &mut kinds) };
        IoReturn::from_raw(code).result().map(|()| kinds)
    }

    #[test]
    fn only_the_tasks_own_port_is_a_task() {
        on("empty", || {
            let (root, name) = (IORegistryGetRootEntry(NULL), receive_right());
            assert_eq!(mach_port_deallocate(root, name), IoReturn::KERN_INVALID_TASK.raw());
            for unknown in [NULL, DEAD, name, 0xdead_0003] {
                assert_eq!(mach_port_deallocate(unknown, name), IoReturn::MACH_SEND_INVALID_DEST.raw());
            }
            assert_eq!((mach_task_is_self(task()), mach_task_is_self(root)), (1, 0));
        });
    }

    #[test]
    fn a_right_is_made_counted_and_dropped() {
        on("empty", || {
            let name = receive_right();
            assert_eq!((references(name, RECEIVE), references(name, SEND)), (Ok(1), Ok(0)));
            assert_eq!(mach_port_insert_right(task(), name, name, MAKE_SEND), 0);
            assert_eq!(mach_port_insert_right(task(), name, name, COPY_SEND), 0);
            assert_eq!(mach_port_mod_refs(task(), name, SEND, 3), 0);
            assert_eq!((references(name, SEND), kinds(name)), (Ok(5), Ok(1 << 16 | 1 << 17)));

            // With the port the name dies.
            assert_eq!(mach_port_mod_refs(task(), name, RECEIVE, -1), 0);
            assert_eq!((references(name, DEAD_NAME), kinds(name)), (Ok(5), Ok(1 << 20)));
            assert_eq!(mach_port_deallocate(task(), name), 0);
            assert_eq!(references(name, DEAD_NAME), Ok(4));
            assert_eq!(mach_port_destroy(task(), name), 0);
            assert_eq!(kinds(name), Err(IoReturn::KERN_INVALID_NAME));
            assert!(report().is_empty(), "{:?}", report());
        });
    }

    #[test]
    fn destroying_a_name_drops_all_its_rights() {
        on("empty", || {
            let name = receive_right();
            mach_port_insert_right(task(), name, name, MAKE_SEND);
            assert_eq!(mach_port_destroy(task(), name), 0);
            assert_eq!(mach_port_destroy(task(), name), IoReturn::KERN_INVALID_NAME.raw());
        });
    }

    #[test]
    fn rights_that_nobody_has_are_none_and_other_numbers_no_kind() {
        on("empty", || {
            let name = receive_right();
            for (right, outcome) in [(2, Ok(0)), (3, Ok(0)), (5, Err(IoReturn::KERN_INVALID_VALUE))] {
                assert_eq!(references(name, right), outcome);
            }
            assert_eq!(mach_port_mod_refs(task(), name, 2, 1), IoReturn::KERN_INVALID_RIGHT.raw());
            assert_eq!(mach_port_mod_refs(task(), name, 9, 1), IoReturn::KERN_INVALID_VALUE.raw());
        });
    }

    #[test]
    fn a_right_that_is_not_simulated_says_so() {
        on("empty", || {
            // SAFETY: a variable.
            let set = catch(|| unsafe { mach_port_allocate(task(), 3, &mut 0) });
            assert!(set.unwrap_err().contains("not simulated"));
            let other = catch(|| mach_port_insert_right(task(), 0x1003, receive_right(), MAKE_SEND));
            assert!(other.unwrap_err().contains("not simulated"));
        });
    }
}
