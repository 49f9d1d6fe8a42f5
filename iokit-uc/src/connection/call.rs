//! An external method called by hand.

use super::{AsyncCall, Connection};
use crate::backend::{ScalarOutput, StructureOutput};
use crate::completion::Completions;
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::notification::Completes;
use crate::reply;
use crate::wire::{SCALARS_MAX, Scalars, Structure};

/// An external method that no trait describes, on its way: see [`Connection::call`].
///
/// Nothing is checked here that the kernel checks: what is wrong with a call comes back as the code that the kernel
/// gives for it. 17 scalars, for one, end with `MIG_ARRAY_TOO_LARGE`.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `send`"]
pub struct ExternalCall<'a> {
    connection: &'a Connection,
    selector: u32,
    scalars: &'a [u64],
    structure: &'a [u8],
    scalar_capacity: usize,
    structure_capacity: Capacity,
}

#[derive(Clone, Copy, Debug)]
enum Capacity {
    None,
    Bytes(usize),
    Variable,
}

/// What an external method called by hand has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    selector: u32,
    scalars: Vec<u64>,
    structure: Vec<u8>,
}

impl<'a> ExternalCall<'a> {
    pub(super) fn new(connection: &'a Connection, selector: u32) -> Self {
        Self {
            connection,
            selector,
            scalars: &[],
            structure: &[],
            scalar_capacity: 0,
            structure_capacity: Capacity::None,
        }
    }

    /// `input`: the scalars to send, 16 at most.
    pub fn scalars(mut self, scalars: &'a [u64]) -> Self {
        self.scalars = scalars;
        self
    }

    /// `inputStruct`: the structure to send. More than 4096 bytes travel out of line.
    pub fn structure(mut self, structure: &'a [u8]) -> Self {
        self.structure = structure;
        self
    }

    /// [`structure`](Self::structure) of a type with `#[derive(Structure)]`.
    pub fn structure_of<T: Structure>(self, structure: &'a T) -> Self {
        self.structure(bytemuck::bytes_of(structure))
    }

    /// `outputCnt`: how many scalars there is room for; 0 unless set. The kernel compares it with the driver's table
    /// (EM-23), and takes more than 16 for 16 (EM-7).
    pub fn scalar_capacity(mut self, count: usize) -> Self {
        self.scalar_capacity = count;
        self
    }

    /// `outputStructCnt`: how many bytes of structure there is room for; no structure unless set. The kernel compares
    /// it with the driver's table (EM-23).
    pub fn structure_capacity(mut self, bytes: usize) -> Self {
        self.structure_capacity = Capacity::Bytes(bytes);
        self
    }

    /// `kIOConnectMethodVarOutputSize`: takes as many bytes as the driver has (EM-4).
    pub fn variable_output(mut self) -> Self {
        self.structure_capacity = Capacity::Variable;
        self
    }

    /// Calls, and waits for the answer.
    pub fn send(self) -> Result<Answer> {
        let Self { connection, selector, scalars, structure, .. } = self;
        let call = Call::Selector { function: "IOConnectCallMethod", selector };
        self.exchange(call, |output, structure_output| {
            let code = connection.call_method(call, selector, scalars, structure, output, structure_output);
            if code.is_success() { Ok(()) } else { Err(connection.shared().failed(call, code)) }
        })
        .map(|(answer, ())| answer)
    }

    /// `IOConnectCallAsyncMethod`: calls, and waits for the answer; what the driver completes the call with, once or many
    /// times, comes after that. The wake port and the reference are the library's own.
    ///
    /// ```no_run
    /// # fn main() -> iokit_uc::Result<()> {
    /// # let connection: iokit_uc::Connection = unimplemented!();
    /// let (_, mut completions) = connection.call(4).scalars(&[10, 32768]).send_async()?;
    /// if let Some(arguments) = completions.wait() {
    ///     assert_eq!(*arguments?, [327_680]);
    /// }
    /// # Ok(()) }
    /// ```
    #[doc(alias = "IOConnectCallAsyncMethod")]
    #[doc(alias = "IOConnectCallAsyncScalarMethod")]
    #[doc(alias = "IOConnectCallAsyncStructMethod")]
    pub fn send_async(self) -> Result<(Answer, Completions<Scalars>)> {
        let Self { connection, selector, scalars, structure, .. } = self;
        let call = Call::Selector { function: "IOConnectCallAsyncMethod", selector };
        let completes = Completes::Many;
        let (answer, receiver) = self.exchange(call, |output, structure_output| {
            connection.call_async(AsyncCall {
                call,
                completes,
                selector,
                scalars,
                structure,
                output,
                structure_output,
            })
        })?;
        Ok((answer, Completions::new(receiver)))
    }

    /// Calls by `send` with room for the answer. What that returns goes with the answer.
    fn exchange<R>(
        &self,
        call: Call,
        send: impl FnOnce(ScalarOutput<'_>, Option<StructureOutput<'_>>) -> Result<R>,
    ) -> Result<(Answer, R)> {
        // More than 16 scalars never come back, so there is no use in more room than that.
        let mut scalars = vec![0; self.scalar_capacity.min(SCALARS_MAX)];
        let mut structure = match self.structure_capacity {
            Capacity::Bytes(bytes) => room(call, bytes)?,
            Capacity::None | Capacity::Variable => Vec::new(),
        };
        let capacity = structure.len();
        let (mut scalar_count, mut structure_size) = (0, 0);
        let output = ScalarOutput { buffer: &mut scalars, count: &mut scalar_count };
        let structure_output = match self.structure_capacity {
            Capacity::None => None,
            Capacity::Bytes(_) => {
                Some(StructureOutput::Buffer { bytes: &mut structure, size: &mut structure_size })
            }
            Capacity::Variable => Some(StructureOutput::Variable(&mut structure)),
        };
        let sent = send(output, structure_output)?;
        if scalar_count as usize > scalars.len() {
            return Err(reply::wrong_scalars(call, scalars.len() as u32, scalar_count));
        }
        scalars.truncate(scalar_count as usize);
        if let Capacity::Bytes(_) = self.structure_capacity {
            if structure_size > capacity {
                return Err(reply::wrong_structure(call, capacity, structure_size));
            }
            structure.truncate(structure_size);
        }
        Ok((Answer { selector: self.selector, scalars, structure }, sent))
    }
}

/// Room for a structure, of less than 4 GiB as the kernel has it (EM-12).
fn room(call: Call, bytes: usize) -> Result<Vec<u8>> {
    let limit = u32::MAX;
    if bytes > limit as usize {
        let detail = Detail::Limit { what: "bytes of structure", given: bytes as u64, limit: limit.into() };
        return Err(Error::new(call, IoReturn::IPC_ERROR).with_detail(detail));
    }
    let mut room = Vec::new();
    room.try_reserve_exact(bytes).map_err(|_| Error::new(call, IoReturn::NO_MEMORY))?;
    room.resize(bytes, 0);
    Ok(room)
}

impl Answer {
    /// The scalars that came back.
    pub fn scalars(&self) -> &[u64] {
        &self.scalars
    }

    /// The bytes of structure that came back.
    pub fn structure(&self) -> &[u8] {
        &self.structure
    }

    /// The structure that came back, as a type with `#[derive(Structure)]`; an error that tells both sizes if it is of
    /// another size.
    pub fn structure_as<T: Structure>(&self) -> Result<T> {
        bytemuck::try_pod_read_unaligned(&self.structure).map_err(|_| {
            let call = Call::Selector { function: "IOConnectCallMethod", selector: self.selector };
            reply::wrong_structure(call, size_of::<T>(), self.structure.len())
        })
    }

    /// The bytes of structure, to keep.
    pub fn into_structure(self) -> Vec<u8> {
        self.structure
    }
}
