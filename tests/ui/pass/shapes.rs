//! Every shape that a method can have, on both sides.

use iokit_uc::{Connection, Result, Scalar, Scalars, Structure, user_client};

#[derive(Clone, Copy, Debug, PartialEq, Structure)]
#[repr(C)]
pub struct Sample {
    pub field1: u64,
    pub field2: [u32; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Scalar)]
#[repr(i8)]
pub enum Mode {
    Off = -1,
    On = 1 << 2,
}

#[derive(Clone, Copy, Debug, PartialEq, Scalar)]
pub struct Celsius(pub i16);

type Alias = Sample;

#[user_client(service = "com_example_Driver", type = 3, table = Classic, entitlement = "com.example.driver")]
pub trait Shapes {
    #[uc(selector = 0)]
    fn nothing(&self) -> Result<()>;
    #[uc(selector = 1, entitlement = "com.example.scalars")]
    fn scalars(&self, a: u8, b: i64, c: bool, d: Mode, e: Celsius) -> iokit_uc::Result<(Celsius, Mode, bool)>;
    #[uc(selector = 2)]
    fn mixed(&self, a: u32, sample: &Alias) -> Result<(u32, Alias, u32)>;
    #[uc(selector = 3)]
    fn slice(&self, samples: &[Sample]) -> Result<[u64; 4]>;
    #[uc(selector = 4)]
    fn fill(&self, out: &mut [Sample], from: u64) -> Result<usize>;
    #[uc(selector = 5)]
    fn variable(&self) -> Result<Vec<Sample>>;
    #[uc(selector = 6)]
    fn unchecked(&self, values: Scalars) -> Result<Scalars>;
    #[uc(selector = 7)]
    fn bytes(&self, bytes: &[u8], out: &mut [u8]) -> Result<usize>;
}

struct Driver;

impl Shapes for Driver {
    fn nothing(&self) -> Result<()> {
        Ok(())
    }
    fn scalars(&self, _: u8, _: i64, c: bool, d: Mode, e: Celsius) -> Result<(Celsius, Mode, bool)> {
        Ok((e, d, c))
    }
    fn mixed(&self, a: u32, sample: &Sample) -> Result<(u32, Sample, u32)> {
        Ok((a, *sample, a))
    }
    fn slice(&self, samples: &[Sample]) -> Result<[u64; 4]> {
        Ok([samples.len() as u64; 4])
    }
    fn fill(&self, out: &mut [Sample], from: u64) -> Result<usize> {
        out.fill(Sample { field1: from, field2: [0; 2] });
        Ok(out.len())
    }
    fn variable(&self) -> Result<Vec<Sample>> {
        Ok(Vec::new())
    }
    fn unchecked(&self, values: Scalars) -> Result<Scalars> {
        Ok(values)
    }
    fn bytes(&self, bytes: &[u8], out: &mut [u8]) -> Result<usize> {
        out[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

fn exercise(shapes: &impl Shapes) -> Result<usize> {
    shapes.nothing()?;
    shapes.bytes(&[1, 2], &mut [0; 4])
}

fn client(connection: Connection) -> Result<usize> {
    exercise(&ShapesClient::new(connection))
}

fn main() {
    assert_eq!(exercise(&Driver), Ok(2));
    let _ = client;
    let _ = ShapesServer::new(Driver);
    let method = ShapesClient::INTERFACE.method(2).unwrap();
    assert_eq!((method.checks.scalar_inputs, method.checks.structure_input), (1, 16));
    assert_eq!((method.checks.scalar_outputs, method.checks.structure_output), (2, 16));
    assert_eq!(Mode::from_scalar(Mode::Off.to_scalar()), Some(Mode::Off));
    assert_eq!(Mode::from_scalar(3), None);
}
