//! A trait whose types, selectors and results are fragments of a `macro_rules!` macro.

use iokit_uc::{Completions, Result, Scalars, Structure, completions, user_client};

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Sample {
    pub field: u64,
}

macro_rules! interface {
    ($name:ident, $selector:expr, $scalar:ty, $structure:ty, $reference:ty, $buffer:ty, $result:ty, $scalars:ty) => {
        #[user_client(crate = $crate::library, service = "com_example_Driver")]
        pub trait $name {
            #[uc(selector = $selector)]
            fn first(&self, value: $scalar, sample: &$structure) -> $result;
            #[uc(selector = 2)]
            fn second(&self, sample: $reference, out: $buffer) -> Result<usize>;
            #[uc(selector = 3)]
            fn third(&self, samples: &[$structure], scalars: $scalars) -> Result<Vec<$structure>>;
        }
    };
}

macro_rules! asynchronous {
    ($name:ident, $scalar:ty, $structure:ty, $slice:ty, $result:ty, $answer:ty) => {
        #[user_client]
        pub trait $name {
            #[uc(selector = 1)]
            async fn first(&self, value: $scalar, sample: &$structure) -> $result;
            #[uc(selector = 2)]
            async fn second(&self, samples: $slice) -> Result<$scalar>;
            #[uc(selector = 3)]
            fn third(&self) -> Result<($answer, Completions<$scalar>)>;
        }

        impl $name for Driver {
            async fn first(&self, value: $scalar, _: &$structure) -> $result {
                Ok((value, value))
            }
            async fn second(&self, samples: $slice) -> Result<$scalar> {
                Ok(samples.len() as $scalar)
            }
            fn third(&self) -> Result<($answer, Completions<$scalar>)> {
                Ok((Default::default(), completions().1))
            }
        }
    };
}

struct Driver;

mod library {
    pub use iokit_uc::*;
}

interface!(Interface, 1, u32, Sample, &Sample, &mut [Sample], Result<(u32, Sample)>, Scalars);

asynchronous!(Asynchronous, u32, Sample, &[Sample], Result<(u32, u32)>, u64);

fn main() {
    let _ = AsynchronousServer::new(Driver);
    let methods = AsynchronousClient::INTERFACE.methods;
    assert_eq!(methods.iter().map(|method| method.checks.allow_async).collect::<Vec<_>>(), [true; 3]);
    let selectors: Vec<_> =
        InterfaceClient::INTERFACE.methods.iter().map(|method| method.name.selector).collect();
    assert_eq!(selectors, [1, 2, 3]);
    let checks = InterfaceClient::INTERFACE.methods[1].checks;
    assert_eq!((checks.scalar_inputs, checks.structure_input, checks.structure_output), (0, 8, u32::MAX));
}
