//! External methods and traps: what IOKitLib does before the message, what the kernel does with it, and what the user
//! stub makes of the reply (EM-1 … EM-17, EM-31, EM-32).

use super::Task;
use crate::backend::{PortName, ScalarOutput, StructureOutput};
use crate::error::IoReturn;
use crate::interface::arguments::{self, Arguments};
use crate::interface::{AsyncReference, code_of};
use crate::sim::policy::FilteredCall;
use crate::sim::port_right::PortRight;
use crate::sim::report::Misuse;
use crate::sim::shared::settle_pending;
use crate::sim::thread;
use crate::sim::wake_right::WakeRight;
use crate::wire::{INLINE_MAX, SCALARS_MAX};
use std::mem::MaybeUninit;
use std::sync::Arc;

/// The most words of an asynchronous reference (EM-1).
const REFERENCE_MAX: usize = 8;

/// What an asynchronous call brings besides.
#[derive(Clone, Copy)]
pub(in crate::sim) struct Asynchronous<'a> {
    pub(in crate::sim) wake_port: PortName,
    pub(in crate::sim) reference: Option<&'a [u64]>,
}

/// Room for one structure in a message, aligned for any driver's structure.
#[repr(C, align(16))]
struct Inline([MaybeUninit<u8>; INLINE_MAX]);

impl Inline {
    const fn new() -> Self {
        Self([MaybeUninit::uninit(); INLINE_MAX])
    }

    /// The first `size` bytes, zeroed as the kernel zeroes its replies (EM-14).
    #[inline]
    fn zeroed(&mut self, size: usize) -> &mut [u8] {
        let room = &mut self.0[..size];
        room.fill(MaybeUninit::new(0));
        // SAFETY: every element of `room` has just been written, and `MaybeUninit<u8>` has the layout of `u8`.
        unsafe { &mut *(std::ptr::from_mut(room) as *mut [u8]) }
    }

    /// A copy of at most 4096 bytes.
    fn copy(&mut self, bytes: &[u8]) -> &[u8] {
        let room = self.zeroed(bytes.len());
        room.copy_from_slice(bytes);
        room
    }
}

impl Task {
    /// `IOConnectCallMethod` and `IOConnectCallAsyncMethod`; `FAULTED` is said of a call that faults may come to.
    #[expect(clippy::too_many_arguments, reason = "as many as the C function has")]
    pub(in crate::sim) fn call_method<const FAULTED: bool>(
        &self,
        connect: PortName,
        selector: u32,
        asynchronous: Option<Asynchronous<'_>>,
        input: &[u64],
        input_structure: &[u8],
        mut output: Option<ScalarOutput<'_>>,
        mut output_structure: Option<StructureOutput<'_>>,
    ) -> IoReturn {
        // The library answers a request for variable output whatever comes of it (EM-4).
        if let Some(StructureOutput::Variable(data)) = &mut output_structure {
            data.clear();
        }
        let reference = asynchronous.map(|call| call.reference.unwrap_or(&[0]));
        if input.len() > SCALARS_MAX || reference.is_some_and(|reference| reference.len() > REFERENCE_MAX) {
            return IoReturn::MIG_ARRAY_TOO_LARGE;
        }

        let mut kernel = match self.send(connect) {
            Ok(kernel) => kernel,
            Err(code) => return code,
        };
        let wake_port = match asynchronous {
            Some(call) => match kernel.receive_argument(self.key, call.wake_port) {
                Ok(port) => port,
                Err(code) => return code,
            },
            None => None,
        };
        let client = match kernel.connection(self.key, connect) {
            Ok(client) => Arc::clone(client),
            Err(code) => return code,
        };
        if reference.is_some_and(<[u64]>::is_empty) {
            return IoReturn::BAD_ARGUMENT;
        }
        match &output_structure {
            // The special size means nothing to the asynchronous call: it is more than any descriptor takes (EM-4, EM-12).
            Some(StructureOutput::Variable(_)) if asynchronous.is_some() => return IoReturn::IPC_ERROR,
            Some(StructureOutput::Buffer { bytes, .. }) if bytes.len() as u64 > u64::from(u32::MAX) => {
                return IoReturn::IPC_ERROR;
            }
            _ => {}
        }
        // The message makes the right, however long the call then waits.
        let wake = wake_port.map(|port| {
            kernel.ports[port].senders += 1;
            let right = PortRight::new(Arc::clone(self.shared.core()), port);
            WakeRight::new(right, client.object, if FAULTED { self.completion_faults() } else { None })
        });
        let is_async = wake.is_some();
        if client.is_filtered() {
            drop(kernel);
            match client.judge(self.key, FilteredCall::Method { selector, is_async }) {
                IoReturn::SUCCESS => kernel = self.shared.lock(),
                refused => return refused,
            }
        }
        let scope = client.enter(kernel);
        if FAULTED {
            self.driver_is_called();
        }
        let async_reference =
            wake.map(|right| AsyncReference::new(reference.unwrap_or(&[0]), Arc::new(right)));

        // In-line data is copied into the message where the driver could not read it in place.
        let mut input_copy = Inline::new();
        let structure_input = if input_structure.len() > INLINE_MAX {
            arguments::StructureInput::OutOfLine(input_structure)
        } else if input_structure.as_ptr().cast::<u128>().is_aligned() {
            arguments::StructureInput::Inline(input_structure)
        } else {
            arguments::StructureInput::Inline(input_copy.copy(input_structure))
        };
        // The driver never sees the caller's own in-line buffers: a call that fails leaves them alone (P-7).
        let mut scalars = [0; SCALARS_MAX];
        let scalar_capacity = output.as_ref().map_or(0, |output| output.buffer.len().min(SCALARS_MAX));
        let mut inline = Inline::new();
        let mut variable = None;
        let structure_output = match &mut output_structure {
            None => arguments::StructureOutput::Inline { bytes: &mut [], size: 0 },
            Some(StructureOutput::Buffer { bytes, .. }) if bytes.len() <= INLINE_MAX => {
                arguments::StructureOutput::Inline { bytes: inline.zeroed(bytes.len()), size: bytes.len() }
            }
            Some(StructureOutput::Buffer { bytes, .. }) => {
                arguments::StructureOutput::OutOfLine { size: bytes.len(), bytes }
            }
            Some(StructureOutput::Variable(_)) => arguments::StructureOutput::Variable(&mut variable),
        };
        let mut arguments = Arguments {
            caller: &self.caller,
            async_reference,
            scalar_input: input,
            structure_input,
            scalar_output: &mut scalars[..scalar_capacity],
            scalar_output_count: scalar_capacity as u32,
            structure_output,
        };

        let user_client = &*client.user_client;
        let answer = thread::caught(|| user_client.external_method(selector, &mut arguments));
        let panicked = answer.is_err();
        let code = answer.map_or_else(|panicked| panicked, code_of);
        if FAULTED {
            self.driver_has_answered(&mut arguments);
        }
        // The answer's counts, before the borrows of the buffers end.
        let overrun = arguments.overruns_kernel();
        let scalar_count = arguments.scalar_output_count;
        let structure_size = arguments.structure_output_size();
        let reference = arguments.async_reference.take();
        client.leave(&self.shared);
        drop(scope);
        if let Some(reference) = reference
            && !code.is_success()
        {
            reference.revoke();
        }
        self.shared.let_go(client);
        settle_pending();
        if !code.is_success() {
            if panicked {
                self.shared.panicked("externalMethod");
            }
            return code;
        }

        if matches!(output_structure, Some(StructureOutput::Variable(_))) && variable.is_none() {
            return IoReturn::UNDERRUN;
        }
        if overrun {
            self.misuse(Misuse::KernelOverrun { selector, scalars: scalar_count, structure: structure_size });
            return IoReturn::MIG_TYPE_ERROR;
        }
        // The user stub takes the in-line structure first, then the scalars, and what came by descriptor last (EM-9).
        match &mut output_structure {
            None if structure_size > 0 => return IoReturn::MIG_ARRAY_TOO_LARGE,
            Some(StructureOutput::Buffer { bytes, size }) if bytes.len() <= INLINE_MAX => {
                **size = structure_size;
                let delivered = structure_size.min(bytes.len());
                // SAFETY: `zeroed` has written as many bytes of `inline` as `bytes` has, the driver only bytes.
                let written = unsafe { &*(std::ptr::from_ref(&inline.0[..delivered]) as *const [u8]) };
                bytes[..delivered].copy_from_slice(written);
                if structure_size > bytes.len() {
                    return IoReturn::MIG_ARRAY_TOO_LARGE;
                }
            }
            _ => {}
        }
        match &mut output {
            None if scalar_count > 0 => {
                self.misuse(Misuse::UncountedScalars { selector, scalars: scalar_count });
                return IoReturn::MIG_ARRAY_TOO_LARGE;
            }
            None => {}
            Some(ScalarOutput { buffer, count }) => {
                **count = scalar_count;
                let delivered = (scalar_count as usize).min(buffer.len());
                buffer[..delivered].copy_from_slice(&scalars[..delivered]);
                if scalar_count as usize > buffer.len() {
                    return IoReturn::MIG_ARRAY_TOO_LARGE;
                }
            }
        }
        match output_structure {
            Some(StructureOutput::Buffer { size, .. }) => *size = structure_size,
            Some(StructureOutput::Variable(data)) => *data = variable.unwrap_or_default(),
            None => {}
        }
        IoReturn::SUCCESS
    }

    /// `iokit_user_client_trap` (EM-31, EM-32).
    pub(in crate::sim) fn trap(&self, connect: PortName, index: u32, parameters: [usize; 6]) -> IoReturn {
        let kernel = self.shared.lock();
        let Ok(client) = kernel.connection(self.key, connect).map(Arc::clone) else {
            return IoReturn::BAD_ARGUMENT;
        };
        drop(kernel);
        let code = match client.judge(self.key, FilteredCall::Trap { index }) {
            // No trap is as good as one that does nothing.
            IoReturn::SUCCESS => {
                self.driver_is_called();
                self.shared.run_driver("externalTrap", || {
                    client.user_client.external_trap(index, parameters).unwrap_or(Ok(()))
                })
            }
            refused => refused,
        };
        self.shared.let_go(client);
        settle_pending();
        code
    }

    fn misuse(&self, misuse: Misuse) {
        self.shared.lock().misuses.push(misuse);
    }
}
