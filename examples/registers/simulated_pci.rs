//! The sample's driver, for the simulated kernel.

use super::sample_pci::{ResultsForMethod2, SamplePci, SamplePciServer, SharedMemory, StructForMethod2};
use iokit_uc::memory::MemoryDescriptor;
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{IoReturn, Mapping, Result};

/// Adds the driver to a machine.
pub(crate) fn publish(machine: &Machine) -> Result<()> {
    let card = MemoryDescriptor::new(4096)?;
    machine.publish(Nub::new("com_YourCompany_driver_SamplePCI").user_client(move |_| {
        let shared = MemoryDescriptor::new(size_of::<SharedMemory>())?;
        let contents = SharedMemory::new([0x1111_1111, 0x2222_2222, 0x3333_3333], "some data");
        Mapping::of(&shared)?.slice_mut().set(0, contents)?;
        Ok(SamplePciServer::new(SamplePciUserClient { shared, card: card.clone() }))
    }));
    Ok(())
}

/// The driver's end of one connection.
struct SamplePciUserClient {
    shared: MemoryDescriptor,
    card: MemoryDescriptor,
}

impl SamplePci for SamplePciUserClient {
    fn method1(&self, numbers: &[u32], out: &mut [u32]) -> Result<usize> {
        let Some(out) = out.get_mut(..numbers.len()) else { return Err(IoReturn::NO_SPACE.into()) };
        for (out, number) in out.iter_mut().zip(numbers) {
            *out = !number;
        }
        Ok(out.len())
    }

    /// Of the caller's memory it only sees that there is some.
    fn method2(&self, request: &StructForMethod2) -> Result<ResultsForMethod2> {
        if request.data_pointer == 0 || request.data_length == 0 {
            return Err(IoReturn::VM_ERROR.into());
        }
        Ok(ResultsForMethod2 { results1: 0x8765_4321 })
    }

    fn shared_memory(&self) -> Result<Mapping<[SharedMemory]>> {
        Mapping::of(&self.shared)
    }

    fn card_memory(&self) -> Result<Mapping<[u8]>> {
        Mapping::of(&self.card)
    }
}
