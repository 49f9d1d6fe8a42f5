//! The SMC of an Intel notebook, for the simulated kernel.

use super::keys::{KEYS, Key};
use super::protocol::{AppleSmc, AppleSmcServer, FourCc, SmcKeyInfo, SmcParam, command, result};
use iokit_uc::Result;
use iokit_uc::sim::{Machine, Nub};

/// A machine with an SMC that has the keys of [`KEYS`].
pub(crate) fn machine() -> Machine {
    let machine = Machine::new();
    machine.publish(Nub::new("AppleSMC").driver(AppleSmcServer::new(SimulatedSmc { keys: &KEYS })));
    machine
}

/// An SMC whose keys can be read.
pub(crate) struct SimulatedSmc {
    pub(crate) keys: &'static [Key],
}

impl AppleSmc for SimulatedSmc {
    fn handle_ypc_event(&self, request: &SmcParam) -> Result<SmcParam> {
        let answer = match request.data8 {
            command::KEY_INFO => self.key_info(request.key),
            command::READ_KEY => self.read(request.key, request.key_info.size),
            command::KEY_AT_INDEX => self.key_at(request.data32),
            _ => Err(result::BAD_COMMAND),
        };
        Ok(answer.unwrap_or_else(|result| SmcParam { key: request.key, result, ..SmcParam::default() }))
    }
}

impl SimulatedSmc {
    fn find(&self, name: FourCc) -> Result<&Key, u8> {
        self.keys.iter().find(|key| key.name == name).ok_or(result::KEY_NOT_FOUND)
    }

    fn key_info(&self, name: FourCc) -> Result<SmcParam, u8> {
        let key = self.find(name)?;
        let key_info = SmcKeyInfo {
            size: key.bytes.len() as u32,
            kind: key.kind,
            attributes: key.attributes,
            ..SmcKeyInfo::default()
        };
        Ok(SmcParam { key: name, key_info, ..SmcParam::default() })
    }

    fn read(&self, name: FourCc, size: u32) -> Result<SmcParam, u8> {
        let key = self.find(name)?;
        if key.bytes.len() != size as usize {
            return Err(result::KEY_SIZE_MISMATCH);
        }
        let mut answer = SmcParam { key: name, ..SmcParam::default() };
        answer.bytes[..key.bytes.len()].copy_from_slice(key.bytes);
        Ok(answer)
    }

    fn key_at(&self, index: u32) -> Result<SmcParam, u8> {
        let key = self.keys.get(index as usize).ok_or(result::KEY_INDEX_RANGE)?;
        Ok(SmcParam { key: key.name, ..SmcParam::default() })
    }
}
