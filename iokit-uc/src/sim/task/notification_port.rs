//! `IOConnectSetNotificationPort` (OC-18).

use super::Task;
use crate::backend::PortName;
use crate::error::IoReturn;
use crate::interface::{KernelRight, SendRight};
use crate::sim::port_right::PortRight;
use crate::sim::shared::settle_pending;
use std::sync::Arc;

impl Task {
    /// The right is made by the call, and the driver's if that succeeds (P-7b). Runs under the exclusive lock (EM-15).
    pub(in crate::sim) fn set_notification_port(
        &self,
        connect: PortName,
        port_type: u32,
        port: PortName,
        reference: u64,
    ) -> IoReturn {
        let prepare = || {
            let mut kernel = self.send(connect)?;
            let port = kernel.receive_argument(self.key, port)?;
            let client = Arc::clone(kernel.connection(self.key, connect)?);
            let right = port.map(|port| {
                kernel.ports[port].senders += 1;
                Arc::new(PortRight::new(Arc::clone(self.shared.core()), port))
            });
            Ok((client, right))
        };
        let (client, right) = match prepare() {
            Ok(prepared) => prepared,
            Err(code) => return code,
        };
        let given = right.clone().map(|right| SendRight::new(right));
        let code = client.exclusively(&self.shared, || {
            self.driver_is_called();
            self.shared.run_driver("registerNotificationPort", || {
                client.user_client.register_notification_port(given, port_type, reference)
            })
        });
        if let Some(right) = right
            && !code.is_success()
        {
            right.revoke();
        }
        self.shared.let_go(client);
        settle_pending();
        code
    }
}
