//! An interface as data.

use crate::error::MethodName;
use crate::wire::VARIABLE;

/// Everything static about an interface: `{Trait}Client::INTERFACE`.
#[derive(Clone, Copy, Debug)]
pub struct Interface {
    /// The trait's name.
    pub name: &'static str,
    /// Which services offer it, where the trait says so.
    pub target: Option<Target>,
    /// `type` of `IOServiceOpen`.
    pub connection_type: u32,
    /// Which of the kernel's ways of dispatching the driver uses.
    pub table: Table,
    /// `IOUserClientEntitlements`: what a task must be entitled to before it may open the service (OC-5).
    pub entitlement: Option<&'static str>,
    /// What the kernel locks for the driver (OC-4).
    pub locking: Locking,
    /// The external methods, in the order of the trait.
    pub methods: &'static [Method],
}

impl Interface {
    /// The method with `selector`.
    #[inline]
    pub fn method(&self, selector: u32) -> Option<&'static Method> {
        self.position(selector).map(|index| &self.methods[index])
    }

    /// Where the method with `selector` stands; at once where selectors are 0, 1, 2 … in the order of the trait.
    #[inline]
    pub(super) fn position(&self, selector: u32) -> Option<usize> {
        let is_it = |method: &Method| method.name.selector == selector;
        match self.methods.get(selector as usize) {
            Some(method) if is_it(method) => Some(selector as usize),
            _ => self.methods.iter().position(is_it),
        }
    }

    /// The length of the driver's table: one more than the highest selector.
    pub(super) fn table_length(&self) -> u64 {
        self.methods.iter().map(|method| u64::from(method.name.selector) + 1).max().unwrap_or(0)
    }
}

/// How the services of an interface are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// By class, as `IOServiceMatching` does.
    Service(&'static str),
    /// By the name of the registry entry, as `IOServiceNameMatching` does.
    Name(&'static str),
}

/// Which of the kernel's three ways of dispatching a driver uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Table {
    /// `IOUserClient2022::dispatchExternalMethod`: counts, asynchronous use and entitlements are checked (EM-21).
    #[default]
    Dispatch2022,
    /// `IOUserClient::externalMethod` with an `IOExternalMethodDispatch`: counts alone are checked (EM-18).
    Classic,
    /// `getTargetAndMethodForIndex` with an `IOExternalMethod`: scalars of 32 bits, no large structures (EM-24).
    Legacy,
}

/// The locking policy that a user client states in its properties (OC-4, EM-15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locking {
    /// `IOUserClientDefaultLocking`: closing waits for external methods that run, and keeps new ones out.
    pub default: bool,
    /// `IOUserClientDefaultLockingSetProperties`: the same for setting properties.
    pub set_properties: bool,
    /// `IOUserClientDefaultLockingSingleThreadExternalMethod`: one external method at a time.
    pub single_thread: bool,
}

impl Default for Locking {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Locking {
    /// External methods run together, closing waits for them.
    pub const DEFAULT: Self = Self { default: true, set_properties: true, single_thread: false };
}

/// One external method.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Trait, method, and selector.
    pub name: MethodName,
    /// What the kernel checks before the method runs.
    pub checks: Checks,
}

/// What a dispatch table makes the kernel check: `IOExternalMethodDispatch2022` without its function.
///
/// Every count must be equal to the caller's, or [`VARIABLE`] (EM-18, EM-23).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// `checkScalarInputCount`.
    pub scalar_inputs: u32,
    /// `checkStructureInputSize`, in bytes.
    pub structure_input: u32,
    /// `checkScalarOutputCount`.
    pub scalar_outputs: u32,
    /// `checkStructureOutputSize`, in bytes.
    pub structure_output: u32,
    /// `allowAsync`: whether a wake port may come with the call.
    pub allow_async: bool,
    /// `checkEntitlement`: what the calling task must be entitled to.
    pub entitlement: Option<&'static str>,
}

impl Checks {
    /// Checks that let everything pass but asynchronous calls.
    pub const UNCHECKED: Self = Self {
        scalar_inputs: VARIABLE,
        structure_input: VARIABLE,
        scalar_outputs: VARIABLE,
        structure_output: VARIABLE,
        allow_async: false,
        entitlement: None,
    };
}
