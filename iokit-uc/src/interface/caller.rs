//! Who calls.

use crate::error::IoReturn;
use std::collections::BTreeMap;

/// The calling task, as far as a driver may ask about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// The process's name.
    pub name: String,
    /// The process's number.
    pub pid: u32,
    /// The effective user.
    pub uid: u32,
    /// Whether its session is the one on the console.
    pub console_user: bool,
    /// Whether it has a session of its own on this machine.
    pub local_user: bool,
    /// Whether it is denied the GPU, as a task in the background may be.
    pub gpu_denied: bool,
    /// Its entitlements. The kernel asks for those that are boolean true.
    pub entitlements: BTreeMap<String, bool>,
    /// Those that a machine refuses whoever has them.
    #[cfg(feature = "sim")]
    pub(crate) refusals: std::sync::Arc<super::Refusals>,
}

/// A privilege that `clientHasPrivilege` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Privilege {
    /// `kIOClientPrivilegeAdministrator`, "root": user 0.
    Administrator,
    /// `kIOClientPrivilegeLocalUser`, "local": a session of this machine.
    LocalUser,
    /// `kIOClientPrivilegeConsoleUser`, "console": the session on the console.
    ConsoleUser,
    /// `kIOClientPrivilegeForeground`, "foreground": not denied the GPU.
    Foreground,
}

impl Caller {
    /// A task of the console's user, with no entitlements.
    pub fn new(name: impl Into<String>, pid: u32) -> Self {
        Self {
            name: name.into(),
            pid,
            uid: 501,
            console_user: true,
            local_user: true,
            gpu_denied: false,
            entitlements: BTreeMap::new(),
            #[cfg(feature = "sim")]
            refusals: std::sync::Arc::default(),
        }
    }

    /// Whether the task has `entitlement` as boolean true.
    pub fn has_entitlement(&self, entitlement: &str) -> bool {
        let has = self.entitlements.get(entitlement) == Some(&true);
        #[cfg(feature = "sim")]
        let has = has && !self.refusals.refuse(entitlement);
        has
    }

    /// `IOUserClient::clientHasPrivilege`: fails with `kIOReturnNotPrivileged` (OC-21).
    pub fn require(&self, privilege: Privilege) -> Result<(), IoReturn> {
        let granted = match privilege {
            Privilege::Administrator => self.uid == 0,
            Privilege::LocalUser => self.local_user,
            Privilege::ConsoleUser => self.console_user,
            Privilege::Foreground => !self.gpu_denied,
        };
        if granted { Ok(()) } else { Err(IoReturn::NOT_PRIVILEGED) }
    }

    /// [`require`](Self::require) by the privilege's name in C; `kIOReturnUnsupported` for one that the kernel does
    /// not know.
    pub fn require_named(&self, privilege: &str) -> Result<(), IoReturn> {
        self.require(match privilege {
            "root" => Privilege::Administrator,
            "local" => Privilege::LocalUser,
            "console" => Privilege::ConsoleUser,
            "foreground" => Privilege::Foreground,
            _ => return Err(IoReturn::UNSUPPORTED),
        })
    }
}
