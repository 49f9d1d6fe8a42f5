//! What tests and drivers have agreed on.

/// The drivers of `openings`, `closings` and `tree`.
pub mod clients {
    /// The gate that `willTerminate` opens.
    pub const TERMINATION: u64 = u64::MAX;

    /// What a selector of these user clients does.
    pub mod selector {
        /// Returns the connection's type, and notes nothing.
        pub const CONNECTION_TYPE: u32 = 0;
        /// Keeps the reference of an asynchronous call, and returns two of its words and how many there are.
        pub const KEEP_REFERENCE: u32 = 1;
        /// Keeps the reference, and fails with `kIOReturnBusy`.
        pub const KEEP_REFERENCE_AND_FAIL: u32 = 2;
        /// Keeps the reference, and panics.
        pub const KEEP_REFERENCE_AND_PANIC: u32 = 5;
        /// Lets go of all references that it has kept. Returns how many of them were dead.
        pub const DROP_REFERENCES: u32 = 3;
        /// Asks for the privileges "root", "local", "console", "foreground", and one that there is not; returns the
        /// codes.
        pub const PRIVILEGES: u32 = 4;
        /// Nothing: `kIOReturnUnsupported`.
        pub const NONE: u32 = 6;
        /// Waits at the gate that the scalar numbers, and returns 99.
        pub const WAIT: u32 = 7;
        /// Waits until `willTerminate` of the user client, and returns 99.
        pub const WAIT_FOR_TERMINATION: u32 = 8;
        /// Terminates the entry with the number in the first scalar, synchronously if the second is 1. Returns how
        /// many user clients had been finalized by then.
        pub const TERMINATE: u32 = 9;
    }
}

/// The driver of `completions`.
pub mod completions {
    /// What a selector does.
    pub mod selector {
        /// Completes the call before it returns, with the first scalar as its result and the others as arguments.
        pub const COMPLETE_NOW: u32 = 0;
        /// Keeps the reference.
        pub const COMPLETE_LATER: u32 = 1;
        /// Completes the call as [`COMPLETE_NOW`] does, keeps the reference, and fails with `kIOReturnBusy`.
        pub const COMPLETE_NOW_AND_FAIL: u32 = 2;

        /// Of the service `LegacyCompleter`, asynchronous alone: completes the call, and returns what comes of it.
        pub const LEGACY_COMPLETE: u32 = 0;
        /// Of the same: lets go of the reference, and fails with `kIOReturnBusy`.
        pub const LEGACY_FAIL: u32 = 1;
    }
}

/// The drivers of `notification_ports`.
pub mod notification_ports {
    /// The type of a port that is kept.
    pub const KEPT: u32 = 0;
    /// The type of a port that is kept though it is refused, with `kIOReturnBusy`.
    pub const REFUSED: u32 = 1;
    /// The type of a port over which the driver panics.
    pub const PANICS: u32 = 2;
}

/// The driver of `data_queues`.
pub mod data_queues {
    /// The memory type of a queue with room for 4 entries of [`ENTRY`] bytes, and one more.
    pub const OF_ONE_SIZE: u32 = 0;
    /// The memory type of a queue of 40 bytes.
    pub const OF_ANY_SIZE: u32 = 1;
    /// The bytes of an entry.
    pub const ENTRY: usize = 16;
}

/// The drivers of `interest`.
pub mod interest {
    /// A message that user clients answer by sending [`ECHOED`] to all of their provider's clients.
    pub const ECHO: u32 = 0xe000_0e01;
    /// The echo.
    pub const ECHOED: u32 = 0xe000_0e02;

    /// What a user client does when it is asked to close its provider. It is the type of the connection.
    pub mod character {
        /// Answers `kIOReturnUnsupported`, as clients do by default.
        pub const PLAIN: u32 = 0;
        /// Closes, and answers success.
        pub const CLOSES: u32 = 1;
        /// Answers success, and does not close.
        pub const PROMISES_TO_CLOSE: u32 = 2;
        /// Closes, and answers `kIOReturnUnsupported`.
        pub const CLOSES_AND_DENIES_IT: u32 = 3;
        /// Panics.
        pub const PANICS: u32 = 4;
    }

    /// What a selector of these user clients does.
    pub mod selector {
        /// Opens the provider with the scalar as options. Returns 1 if it is open now.
        pub const OPEN_PROVIDER: u32 = 0;
        /// Closes the provider with the scalar as options.
        pub const CLOSE_PROVIDER: u32 = 1;
        /// Returns the number of the user client's own entry.
        pub const OWN_ID: u32 = 2;
    }
}

/// The drivers of `locking`.
pub mod locking {
    /// The external method that waits at the gate.
    pub const WAITS: u32 = 0;

    /// The external method that does not.
    pub const PASSES: u32 = 1;

    /// The connection type of a user client whose `clientClose` waits at the gate too.
    pub const CLOSE_WAITS: u32 = 1;
}

/// The drivers of `memory`.
pub mod memory {
    /// Bytes of [`PLAIN`](memory_type::PLAIN): some pages, and then some.
    pub const SIZE: u64 = 3 * 0x1_0000 + 5;

    /// Where [`PART`](memory_type::PART) begins in that: amid a page.
    pub const PART_OFFSET: u64 = 0x1_0000 + 0x64;

    /// Bytes of it.
    pub const PART_SIZE: u64 = 50;

    /// What a memory type is, to all these user clients.
    pub mod memory_type {
        /// Memory of [`SIZE`](super::SIZE) bytes, one descriptor.
        pub const PLAIN: u32 = 0;
        /// The same descriptor, `kIOMapReadOnly`.
        pub const READ_ONLY: u32 = 1;
        /// Part of the same memory, from [`PART_OFFSET`](super::PART_OFFSET) on: one descriptor.
        pub const PART: u32 = 2;
        /// The same descriptor as [`PLAIN`], with all options set that are not the driver's to decide.
        pub const BOLD: u32 = 3;
        /// The same descriptor, `kIOMapUnique`.
        pub const UNIQUE: u32 = 4;
        /// The same descriptor, `kIOMapGuardedSmall`.
        pub const GUARDED: u32 = 5;
        /// A new descriptor of 16 bytes each time.
        pub const FRESH: u32 = 6;
        /// A descriptor of no bytes.
        pub const EMPTY: u32 = 7;
        /// Success, and no descriptor.
        pub const NOTHING: u32 = 8;
        /// `kIOReturnBusy`, until the command `mend`; then it is [`PLAIN`].
        pub const BUSY: u32 = 9;
        /// The driver panics.
        pub const PANICS: u32 = 10;
        /// The driver waits at the gate 0, and then it is [`PLAIN`].
        pub const WAITS: u32 = 11;
        /// A byte that the driver's work loop counts up to 255 in, from the command `start_counting` on.
        pub const COUNTER: u32 = 12;
        /// Nothing: `kIOReturnUnsupported`.
        pub const NONE: u32 = 13;
    }
}

/// The drivers of `methods`.
pub mod methods {
    /// What the driver writes to scalar output `index`.
    pub const fn scalar_written(index: usize) -> u64 {
        0x1111_1111_2222_2200 + index as u64
    }

    /// What the driver writes to a structure, from its start. Never 0, and without a period that divides a page.
    pub static BYTES_WRITTEN: [u8; 10_000] = {
        let mut bytes = [0; 10_000];
        let mut index = 0;
        while index < bytes.len() {
            bytes[index] = (index % 251 + 1) as u8;
            index += 1;
        }
        bytes
    };

    /// Selectors of the service `Legacy`, named for what their records say.
    pub mod legacy_selector {
        /// `kIOUCScalarIScalarO`, 2 in and 3 out.
        pub const SCALARS_2_3: u32 = 0;
        /// `kIOUCScalarIScalarO`, 6 in and none out.
        pub const SCALARS_6_0: u32 = 1;
        /// `kIOUCScalarIScalarO`, 7 in and none out: more than a method can take.
        pub const SCALARS_7_0: u32 = 2;
        /// `kIOUCScalarIScalarO`, 4 in and 4 out: two more than a method can take.
        pub const SCALARS_4_4: u32 = 3;
        /// `kIOUCScalarIStructO`, 4 in and 16 bytes out.
        pub const SCALARS_4_STRUCT_OUT_16: u32 = 4;
        /// `kIOUCScalarIStructO`, 5 in and 16 bytes out.
        pub const SCALARS_5_STRUCT_OUT_16: u32 = 5;
        /// `kIOUCScalarIStructO`, 6 in and 16 bytes out: more than a method can take.
        pub const SCALARS_6_STRUCT_OUT_16: u32 = 6;
        /// `kIOUCScalarIStructI`, 3 in and 8 bytes in.
        pub const SCALARS_3_STRUCT_IN_8: u32 = 7;
        /// `kIOUCScalarIStructI`, 4 in and 8 bytes in.
        pub const SCALARS_4_STRUCT_IN_8: u32 = 8;
        /// `kIOUCScalarIStructI`, 5 in and 8 bytes in.
        pub const SCALARS_5_STRUCT_IN_8: u32 = 9;
        /// `kIOUCScalarIStructI`, 6 in and 8 bytes in: more than a method can take.
        pub const SCALARS_6_STRUCT_IN_8: u32 = 10;
        /// `kIOUCStructIStructO`, 8 bytes in and 16 out.
        pub const STRUCTS_8_16: u32 = 11;
        /// `kIOUCStructIStructO`, nothing in and 16 bytes out.
        pub const STRUCTS_0_16: u32 = 12;
        /// `kIOUCStructIStructO`, 8 bytes in and nothing out.
        pub const STRUCTS_8_0: u32 = 13;
        /// `kIOUCStructIStructO`, any size in and any size out.
        pub const STRUCTS_ANY_ANY: u32 = 14;
        /// A type that there is not, and `kIOUCForegroundOnly`.
        pub const FOREGROUND_UNKNOWN_TYPE: u32 = 15;
        /// `kIOUCScalarIScalarO`, none in and none out, and `kIOUCForegroundOnly`.
        pub const FOREGROUND_SCALARS_0_0: u32 = 16;
        /// `kIOUCScalarIScalarO`, any number in: no such thing, the wildcard is for structures.
        pub const SCALARS_ANY_0: u32 = 17;
        /// Past the table.
        pub const NONE: u32 = 18;

        /// `kIOUCScalarIStructI`, 4 in and 8 bytes in; in the table for asynchronous calls.
        pub const ASYNC_SCALARS_4_STRUCT_IN_8: u32 = 0;
        /// `kIOUCStructIStructO`, nothing in and 16 bytes out; in the table for asynchronous calls.
        pub const ASYNC_STRUCTS_0_16: u32 = 1;
        /// Past the table for asynchronous calls, but not past the other.
        pub const ASYNC_NONE: u32 = 2;
    }
}

/// The machine `planes`.
pub mod registry {
    /// Planes, as its commands number them.
    pub const PLANES: [&str; 4] = ["IOService", "IOPower", "IODeviceTree", "Example"];
}

/// The driver of `traps`.
pub mod traps {
    /// The trap that succeeds.
    pub const SUCCEEDS: u32 = 0;

    /// The trap that fails with `kIOReturnBusy`.
    pub const IS_BUSY: u32 = 1;

    /// The trap that panics.
    pub const PANICS: u32 = 2;

    /// No trap.
    pub const NONE: u32 = 3;
}
