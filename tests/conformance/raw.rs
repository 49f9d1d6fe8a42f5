//! External methods called through the raw functions, with everything that a call must leave alone marked.

use crate::releasing::io_service_close;
use crate::steps;
use crate::world::World;
use iokit_uc::backend::{Backend, PortName, ScalarOutput, StructureOutput};
use iokit_uc::{IoReturn, Kernel};

/// What a scalar holds that no call has written.
pub const UNTOUCHED_SCALAR: u64 = 0xaaaa_aaaa_aaaa_aaaa;

/// What a byte holds that no call has written.
pub const UNTOUCHED_BYTE: u8 = 0xaa;

/// What a count holds that no call has written.
pub const UNTOUCHED_COUNT: usize = 0xaaaa;

/// The bytes of a structure that is sent, from its start.
pub static BYTES_SENT: [u8; 10_000] = {
    let mut bytes = [0; 10_000];
    let mut index = 0;
    while index < bytes.len() {
        bytes[index] = (index % 249) as u8;
        index += 1;
    }
    bytes
};

/// Opens the first service of a class.
#[track_caller]
pub fn open(kernel: &Kernel, class: &str) -> PortName {
    let (code, connect) = steps::try_open(kernel, class, 0);
    assert_eq!(code, IoReturn::SUCCESS, "{class} opens");
    connect
}

/// A connection to a machine of its own, closed when dropped.
pub struct Opened {
    pub world: World,
    pub connect: PortName,
}

impl Opened {
    /// Boots a machine and opens the first service of a class there.
    pub fn boot(machine: &str, class: &str) -> Self {
        Self::on(World::boot(machine), class)
    }

    /// Opens the first service of a class on this machine.
    pub fn on(world: World, class: &str) -> Self {
        let connect = open(&world.kernel(), class);
        Self { world, connect }
    }

    /// `IOConnectCallMethod`, with nothing in it and no room for an answer yet.
    pub fn call(&self, selector: u32) -> Call {
        Call::new(self.world.kernel(), self.connect, selector)
    }

    /// Asks the machine for a number.
    pub fn ask(&self, question: &str) -> u64 {
        self.world.command(question, &[])
    }

    /// Tells the machine a number.
    pub fn tell(&self, order: &str, number: u64) {
        self.world.command(order, &[number]);
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let code = io_service_close(&self.world.kernel(), self.connect);
        if !std::thread::panicking() {
            assert_eq!(code, IoReturn::SUCCESS, "the connection is still open");
        }
    }
}

/// A call to be made.
pub struct Call {
    kernel: Kernel,
    connect: PortName,
    selector: u32,
    asynchronous: Option<(PortName, Option<Vec<u64>>)>,
    scalars: Vec<u64>,
    structure: Vec<u8>,
    scalar_capacity: Option<usize>,
    structure_capacity: Option<usize>,
    variable: bool,
}

/// What a call left behind, with [`UNTOUCHED_SCALAR`], [`UNTOUCHED_BYTE`] and [`UNTOUCHED_COUNT`] where it left
/// everything alone.
#[derive(Debug)]
pub struct Outcome {
    pub code: IoReturn,
    /// The buffer, whole.
    pub scalars: Vec<u64>,
    pub scalar_count: usize,
    /// The buffer, whole; for variable output what came.
    pub structure: Vec<u8>,
    pub structure_size: usize,
}

impl Call {
    pub fn new(kernel: Kernel, connect: PortName, selector: u32) -> Self {
        Self {
            kernel,
            connect,
            selector,
            asynchronous: None,
            scalars: Vec::new(),
            structure: Vec::new(),
            scalar_capacity: None,
            structure_capacity: None,
            variable: false,
        }
    }

    /// `IOConnectCallAsyncMethod` instead.
    pub fn asynchronous(mut self, wake_port: PortName, reference: Option<&[u64]>) -> Self {
        self.asynchronous = Some((wake_port, reference.map(<[u64]>::to_vec)));
        self
    }

    /// Any scalars: 1, 2, 3 …
    pub fn scalars(self, count: usize) -> Self {
        self.scalar_values(&(1..=count as u64).collect::<Vec<_>>())
    }

    pub fn scalar_values(mut self, scalars: &[u64]) -> Self {
        self.scalars = scalars.to_vec();
        self
    }

    /// A structure of [`BYTES_SENT`].
    pub fn structure(mut self, size: usize) -> Self {
        self.structure = BYTES_SENT[..size].to_vec();
        self
    }

    /// Room for scalars; a null pointer for the count unless given.
    pub fn scalar_capacity(mut self, count: usize) -> Self {
        self.scalar_capacity = Some(count);
        self
    }

    /// Room for a structure; a null pointer for the count unless given.
    pub fn structure_capacity(mut self, size: usize) -> Self {
        self.structure_capacity = Some(size);
        self
    }

    /// `kIOConnectMethodVarOutputSize`.
    pub fn variable(mut self) -> Self {
        self.variable = true;
        self
    }

    pub fn send(self) -> Outcome {
        let mut scalars = vec![UNTOUCHED_SCALAR; self.scalar_capacity.unwrap_or(0)];
        // A call for variable output empties what it is given (EM-4).
        let given = if self.variable { 1 } else { 0 };
        let mut structure = vec![UNTOUCHED_BYTE; self.structure_capacity.unwrap_or(given)];
        let (mut scalar_count, mut structure_size) = (UNTOUCHED_COUNT as u32, UNTOUCHED_COUNT);
        let output =
            self.scalar_capacity.map(|_| ScalarOutput { buffer: &mut scalars, count: &mut scalar_count });
        let output_structure = match self.structure_capacity {
            _ if self.variable => Some(StructureOutput::Variable(&mut structure)),
            Some(_) => Some(StructureOutput::Buffer { bytes: &mut structure, size: &mut structure_size }),
            None => None,
        };
        let Self { kernel, connect, selector, .. } = &self;
        let code = match &self.asynchronous {
            None => kernel.io_connect_call_method(
                *connect,
                *selector,
                &self.scalars,
                &self.structure,
                output,
                output_structure,
            ),
            // SAFETY: nothing reads the wake port here.
            Some((wake_port, reference)) => unsafe {
                kernel.io_connect_call_async_method(
                    *connect,
                    *selector,
                    *wake_port,
                    reference.as_deref(),
                    &self.scalars,
                    &self.structure,
                    output,
                    output_structure,
                )
            },
        };
        Outcome { code, scalars, scalar_count: scalar_count as usize, structure, structure_size }
    }
}

impl Outcome {
    /// Fails unless the call succeeded.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        assert_eq!(self.code, IoReturn::SUCCESS);
        self
    }

    /// Fails unless the call failed with this code and left all that the caller has alone (P-7).
    #[track_caller]
    pub fn expect_failure(self, code: IoReturn) {
        assert_eq!(self.code, code);
        assert!(self.scalars.iter().all(|&scalar| scalar == UNTOUCHED_SCALAR), "scalars are untouched");
        assert!(self.structure == vec![UNTOUCHED_BYTE; self.structure.len()], "the structure is untouched");
        assert_eq!(self.scalar_count, UNTOUCHED_COUNT, "the scalar count is untouched");
        assert_eq!(self.structure_size, UNTOUCHED_COUNT, "the structure size is untouched");
    }
}
