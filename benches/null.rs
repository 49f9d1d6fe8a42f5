//! A driver that does nothing, and the ways to call it that are compared.

use iokit_uc::backend::{Backend, ScalarOutput, StructureOutput};
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{
    Call, Connection, Detail, Error, IoReturn, Kernel, MethodName, Result, Structure, user_client,
};

/// The driver's interface.
#[user_client(service = "com_example_Null")]
pub trait Null {
    /// Two scalars in, one out.
    #[uc(selector = 0)]
    fn scalars(&self, a: u32, b: u32) -> Result<u32>;

    /// 16 bytes in and out.
    #[uc(selector = 1)]
    fn structure(&self, sample: &Sample) -> Result<Sample>;
}

/// A structure of 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Structure)]
#[repr(C)]
pub struct Sample {
    /// A time.
    pub time: u64,
    /// A value.
    pub value: u64,
}

/// Does nothing but answer.
pub struct Driver;

impl Null for Driver {
    fn scalars(&self, a: u32, _: u32) -> Result<u32> {
        Ok(a)
    }

    fn structure(&self, sample: &Sample) -> Result<Sample> {
        Ok(*sample)
    }
}

/// A machine with the driver, and a connection to it.
pub fn open() -> Result<NullClient> {
    NullClient::open_first(&kernel())
}

/// The kernel of a machine with the driver.
pub fn kernel() -> Kernel {
    let machine = Machine::new();
    machine.publish(Nub::new("com_example_Null").driver(NullServer::new(Driver)));
    machine.task("bench").kernel()
}

/// What a careful user writes without a trait: the same checks as the stub's, the same errors.
pub mod by_hand {
    use super::*;

    const SCALARS: MethodName = MethodName { interface: "Null", method: "scalars", selector: 0 };
    const STRUCTURE: MethodName = MethodName { interface: "Null", method: "structure", selector: 1 };

    /// [`Null::scalars`].
    #[inline]
    pub fn scalars(connection: &Connection, a: u32, b: u32) -> Result<u32> {
        let (mut output, mut count) = ([0], 0);
        let code = connection.kernel().io_connect_call_method(
            connection.as_raw(),
            SCALARS.selector,
            &[a.into(), b.into()],
            &[],
            Some(ScalarOutput { buffer: &mut output, count: &mut count }),
            None,
        );
        if !code.is_success() {
            return Err(failed(&SCALARS, code));
        }
        if count != 1 {
            return Err(misfit(&SCALARS, "scalars", 1, count.into()));
        }
        u32::try_from(output[0]).map_err(|_| no_u32(&SCALARS, output[0]))
    }

    /// [`Null::structure`]. Asks for a count of scalars too, or it could not tell that there were none (EM-9b).
    #[inline]
    pub fn structure(connection: &Connection, sample: &Sample) -> Result<Sample> {
        let (mut count, mut output, mut size) = (0, Sample::default(), 0);
        let code = connection.kernel().io_connect_call_method(
            connection.as_raw(),
            STRUCTURE.selector,
            &[],
            bytemuck::bytes_of(sample),
            Some(ScalarOutput { buffer: &mut [], count: &mut count }),
            Some(StructureOutput::Buffer { bytes: bytemuck::bytes_of_mut(&mut output), size: &mut size }),
        );
        if !code.is_success() {
            return Err(failed(&STRUCTURE, code));
        }
        if count != 0 {
            return Err(misfit(&STRUCTURE, "scalars", 0, count.into()));
        }
        if size != size_of::<Sample>() {
            return Err(misfit(&STRUCTURE, "bytes of structure", size_of::<Sample>() as u64, size as u64));
        }
        Ok(output)
    }

    #[cold]
    fn failed(method: &'static MethodName, code: IoReturn) -> Error {
        Error::new(Call::Method(method), code)
    }

    #[cold]
    fn misfit(method: &'static MethodName, what: &'static str, expected: u64, actual: u64) -> Error {
        let detail = Detail::Reply { what, expected, actual };
        Error::new(Call::Method(method), IoReturn::IPC_ERROR).with_detail(detail)
    }

    #[cold]
    fn no_u32(method: &'static MethodName, value: u64) -> Error {
        let detail = Detail::ScalarOutput { index: 0, value, type_name: "u32" };
        Error::new(Call::Method(method), IoReturn::IPC_ERROR).with_detail(detail)
    }
}
