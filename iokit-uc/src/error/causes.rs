//! What usually causes a code, and what to do then: for the documentation of the constants.

use super::IoReturn;

/// Makes `causes!`, which is the section for a constant, or nothing; and sees to it that there are such constants.
macro_rules! usual_causes {
    ($dollar:tt $($const:ident $causes:literal)*) => {
        macro_rules! causes {
            $(($const) => { concat!("\n\n# Usual causes\n", $causes) };)*
            ($dollar other:ident) => { "" };
        }

        const _: &[IoReturn] = &[$(IoReturn::$const),*];
    };
}

usual_causes! { $

ERROR "
- A driver had no better code: look into the kernel's log.
- A data queue whose indices contradict each other (DQ-8).
- A user client that does not state its locking, or a driver that made none and said success (OC-1, OC-4).
"

NO_MEMORY "
- From an open: the driver names a class for its user client that is not in the kernel, because it was not compiled into the
  extension or has another name there (OC-2).
- The driver could not allocate.
"

NO_RESOURCES "
- The driver takes no more clients, requests or buffers.
- A property that was asked for as bytes is not there (PR-9).
"

IPC_ERROR "
- A large structure for a driver with a legacy table, which takes none that travels out of line (EM-24).
- A structure output of 4 GiB or more (EM-12).
- From this library: an answer or mapped memory of another size than the method declares. The detail has the figures.
"

NO_DEVICE "
- The device was unplugged: what waited for it ends with this code. Find it again, as in [`guide::wait`](crate::guide::wait).
- The service was terminated while its memory was being mapped.
"

NOT_PRIVILEGED "
- The driver wants an administrator, or a user at the console (OC-21). Run as that, or through a helper.
- The user client or the method asks for an entitlement that the program does not have (OC-5, EM-21).
- Keys of the SMC: writing them, and reading some.

It comes from the driver's side; what the system itself refuses is [`NOT_PERMITTED`](Self::NOT_PERMITTED). What to do is in
[`guide::ship`](crate::guide::ship).
"

BAD_ARGUMENT "
From a call, in the order of how often it is that:

- The number of scalars, or the bytes of structure, in or out, are not those of the driver's table (EM-18). Compare both:
  undeclared padding, and a structure that another version of the driver has, are the usual two.
- The table has no such selector (EM-21).
- The driver refuses a value.
- A method that is not asynchronous was called as one (EM-21). The reverse no kernel finds (EM-22), but a driver may mind.
- The service is gone, on a connection that has ever mapped memory (TERM-6): [`kind`](crate::Error::kind) is
  [`Terminated`](crate::ErrorKind::Terminated) then.

From an open: the driver does not know the connection type (OC-2). From mapping: anything, as the kernel passes no other code
on (MEM-1). From setting properties: one that the service does not list as settable (PR-10).

In C also a handle of the wrong kind, such as a service where a connection is meant (P-6); here these are different types.
"

EXCLUSIVE_ACCESS "
- Another program, or another part of this one, has the device open.
- A driver of the system's has it: for USB and HID devices that is the rule. Use the interface that this driver offers.
- This program has it open, by a handle that still lives: in a mapping, a data queue, a thread.
"

UNSUPPORTED "
- From an open: the service has no user client, or one that refused to start (OC-2). Look at the services above and below.
- From a call: a driver with a legacy table has no such selector (EM-24).
- The driver does not do that: setting properties, taking a notification port, a second client (PR-10, OC-17, OC-18).
- A notification about a service that is gone already (NT-12).
"

NOT_OPEN "
- The driver has a method that opens the device, and it was not called on this connection.
- The device was closed meanwhile, by this method's counterpart or because it went away.
"

NOT_WRITABLE "
- From mapping: the driver lets tasks only read this memory. Declare [`Mapping<T, ReadOnlyAccess>`](crate::Mapping).
"

NOT_ALIGNED "
- From mapping: the memory begins where the declared type cannot lie. The detail has the address.
"

STILL_OPEN "
- A driver does not let go what others still use: another connection, a mapping, a transfer.
"

BUSY "
- The driver takes one request at a time, and has one. Some devices answer so for a moment after each: try again.
"

TIMEOUT "
- The device did not answer in the driver's time.
- From waiting until a service is quiet: it was not by then (BQ-6).
"

OFFLINE "
- The device is there and cannot work: asleep, without a link, unplugged from its other side.
"

NOT_READY "
- The driver has been found before it has come up: wait for
  [`FirstMatch`](crate::ServiceNotification::FirstMatch), or until the service is quiet.
"

NOT_ATTACHED "
- The device was unplugged, and its driver answers for it until it is gone itself.
"

NO_SPACE "
- The answer is larger than the room that the caller gave: pass more, or take output of any size.
"

MESSAGE_TOO_LARGE "
- Properties to set, or what a notification is to match, of more than 4 MiB (PR-8).
- A driver completes with more than 16 arguments (AS-4).
"

NOT_PERMITTED "
- The program is sandboxed, and has no entitlement or exception for this user client.
- A driver of DriverKit: the program does not have `com.apple.developer.driverkit.userclient-access` with the driver's bundle
  identifier; or the service that was found is another driver's.
- Keyboards and the like: the user has not allowed Input Monitoring.

It comes from the system's side; what the driver refuses is [`NOT_PRIVILEGED`](Self::NOT_PRIVILEGED). What to do is in
[`guide::ship`](crate::guide::ship).
"

UNDERRUN "
- There is nothing in the queue, or less than was asked for.
"

OVERRUN "
- A data queue is full: nobody takes out, or not fast enough.
"

NO_COMPLETION "
- The driver's table has an entry for the selector, but no function in it (EM-21).
"

ABORTED "
- What was waited for cannot come any more: the connection was closed, or its [`NotificationPort`](crate::NotificationPort)
  dropped.
- The driver gave a request up: it was cancelled, or the device was reset.
"

NOT_RESPONDING "
- The device is there for the bus, and does not answer: its firmware hangs, or it sleeps.
"

NOT_FOUND "
- No service matches. The detail says what was looked for. Is the device plugged in, the driver loaded? `ioreg -c CLASS`
  shows the class; drivers of DriverKit go by their name.
- An entry has no such property, no location, no path.
"

KERN_INVALID_NAME "
- A name was used after its last reference was released, or released once more. No safe handle does that; look for
  `from_raw`, `into_raw`, and code in C.
"

KERN_INVALID_RIGHT "
- The name has become a dead name, as the object is gone, and the call wanted a send right (OC-12).
"

MACH_SEND_INVALID_DEST "
- The device was unplugged, or its driver ended: the handle's name is dead (TERM-5). The
  [`kind`](crate::ErrorKind) is `Terminated`. Find the service again.
- In C: a handle of 0, such as that of a service that was not found (P-5).
"

MACH_SEND_INVALID_RIGHT "
- A port that goes along with the call is none of this task's, or not its to receive from (P-5a).
"

MACH_SEND_TIMED_OUT "
- The port that was to be told is full: nobody receives from it. An entry of a data queue is stored all the same (DQ-9), and a
  completion that may be dropped is (AS-4).
"

MACH_RCV_TIMED_OUT "
- No message came in time.
"

MACH_RCV_PORT_DIED "
- The port was destroyed while somebody waited at it.
"

MIG_ARRAY_TOO_LARGE "
- More than 16 scalars in a call (EM-6).
- A driver returned more than the caller had room for (EM-9): its table says *variable*, and the method declares less.
"

MIG_TYPE_ERROR "
- A driver claims to have returned more than any call can (EM-9a): a bug of the driver's.
"

MIG_SERVER_DIED "
- The other side went away between the call and its answer. For a driver of DriverKit, look for a crash report of its process.
"

}
