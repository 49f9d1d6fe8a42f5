//! Properties that a connection's driver is given to set.

use super::Connection;
use crate::backend::Backend;
use crate::error::Result;
use crate::property::{all_to_set, one_to_set};
use crate::spans::span;
use crate::value::Value;

impl Connection {
    /// `IOConnectSetCFProperty`: gives the user client one property to set, whatever it makes of it; `kIOReturnUnsupported` by default
    /// (OC-19).
    #[doc(alias = "IOConnectSetCFProperty")]
    pub fn set_property(&self, key: &str, value: impl Into<Value>) -> Result<()> {
        const FUNCTION: &str = "IOConnectSetCFProperty";
        let (key, value) = one_to_set(FUNCTION, key, value.into())?;
        let span = span!(
            "set",
            FUNCTION,
            connection = ?crate::description::Port(self.as_raw()),
            class = self.shared().class(),
            key = %key.to_string_lossy(),
        );
        let code = span.run(|| self.kernel().io_connect_set_cf_property(self.as_raw(), &key, &value));
        self.shared().check(FUNCTION, code)
    }

    /// `IOConnectSetCFProperties`: gives the user client something to set, most often a dictionary (OC-19).
    #[doc(alias = "IOConnectSetCFProperties")]
    pub fn set_properties(&self, properties: impl Into<Value>) -> Result<()> {
        const FUNCTION: &str = "IOConnectSetCFProperties";
        let properties = all_to_set(FUNCTION, properties.into())?;
        let span = span!("set", FUNCTION, connection = ?crate::description::Port(self.as_raw()), class = self.shared().class());
        let code = span.run(|| self.kernel().io_connect_set_cf_properties(self.as_raw(), &properties));
        self.shared().check(FUNCTION, code)
    }
}
