//! Iterations over the registry.

use super::entry::RegistryEntry;
use super::plane::Plane;
use crate::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::Kernel;
use crate::object::{ObjectIterator, check, no_object};

impl RegistryEntry {
    /// `IORegistryEntryCreateIterator`: an iteration that starts at this entry, which itself does not come.
    #[doc(alias = "IORegistryEntryCreateIterator")]
    pub fn iterate(&self, plane: &Plane, options: IterateOptions) -> Result<RegistryIterator> {
        RegistryIterator::below(self, plane, options)
    }

    /// `IORegistryEntryCreateIterator`, recursively: all that is below the entry in `plane`.
    #[doc(alias = "kIORegistryIterateRecursively")]
    pub fn descendants(&self, plane: &Plane) -> Result<RegistryIterator> {
        self.iterate(plane, IterateOptions::DESCENDANTS)
    }

    /// `IORegistryEntryCreateIterator`, recursively to parents: all that is above the entry in `plane`, up to the registry's
    /// root.
    #[doc(alias = "kIORegistryIterateParents")]
    pub fn ancestors(&self, plane: &Plane) -> Result<RegistryIterator> {
        self.iterate(plane, IterateOptions::ANCESTORS)
    }
}

/// Which way an iteration goes, and how far. By default: the children, and not theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct IterateOptions {
    /// `kIORegistryIterateRecursively`: into each entry, before the next beside it.
    #[doc(alias = "kIORegistryIterateRecursively")]
    pub recursively: bool,
    /// `kIORegistryIterateParents`: to parents instead of children.
    #[doc(alias = "kIORegistryIterateParents")]
    pub parents: bool,
}

impl IterateOptions {
    /// All below: children, recursively.
    pub const DESCENDANTS: Self = Self { recursively: true, parents: false };
    /// All above: parents, recursively.
    pub const ANCESTORS: Self = Self { recursively: true, parents: true };

    /// The bits in C (CN-8).
    pub const fn bits(self) -> u32 {
        self.recursively as u32 | (self.parents as u32) << 1
    }
}

/// An iteration over the registry as it is at each moment (REG-17).
///
/// It goes depth first, an entry before what is below it. An entry that can be reached in two ways comes twice, and what is
/// below it once (REG-18).
///
/// A registry that changes where it is being iterated ends the iteration (REG-20). That shows at the end, as an error with
/// [`Detail::RegistryChanged`]: what came before it came from the registry, but it is not all. After that, and after the end,
/// nothing comes until a [`reset`](Self::reset), which starts anew. [`snapshot`](Self::snapshot) does so by itself:
///
/// ```
/// # #[cfg(feature = "sim")] {
/// use iokit_uc::{IterateOptions, Plane, RegistryIterator};
/// # let kernel = iokit_uc::sim::Machine::new().task("client").kernel();
///
/// let services = RegistryIterator::new(&kernel, &Plane::SERVICE, IterateOptions::DESCENDANTS)?;
/// for service in services.snapshot(8)? {
///     println!("{}", service.path(&Plane::SERVICE)?);
/// }
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
///
/// Without [`recursively`](IterateOptions::recursively) the program goes from level to level itself, by
/// [`enter`](Self::enter) and [`exit`](Self::exit). `None` then is the end of a level:
///
/// ```
/// # #[cfg(feature = "sim")] {
/// # use iokit_uc::{IterateOptions, Plane, RegistryIterator};
/// # let kernel = iokit_uc::sim::Machine::new().task("client").kernel();
/// let mut services = RegistryIterator::new(&kernel, &Plane::SERVICE, IterateOptions::default())?;
/// let mut depth = 0;
/// loop {
///     match services.next().transpose()? {
///         Some(service) => {
///             println!("{:1$}{2}", "", depth, service.name()?);
///             services.enter()?;
///             depth += 1;
///         }
///         None if services.exit()? => depth -= 1,
///         None => break,
///     }
/// }
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
#[derive(Debug)]
pub struct RegistryIterator {
    iterator: ObjectIterator,
    /// Nothing comes until a reset: it has been told that the registry changed, or the outermost level has been left.
    over: bool,
    /// How many entries have come.
    returned: u64,
}

impl RegistryIterator {
    /// `IORegistryCreateIterator`: from the registry's root, which itself does not come.
    ///
    /// # Errors
    ///
    /// `kIOReturnNotFound` if the kernel has no such plane.
    #[doc(alias = "IORegistryCreateIterator")]
    pub fn new(kernel: &Kernel, plane: &Plane, options: IterateOptions) -> Result<Self> {
        let mut iterator = NULL;
        let code = kernel.io_registry_create_iterator(
            MAIN_PORT_DEFAULT,
            plane.as_c_str(),
            options.bits(),
            &mut iterator,
        );
        Self::from_answer("IORegistryCreateIterator", kernel, plane, code, iterator)
    }

    fn below(entry: &RegistryEntry, plane: &Plane, options: IterateOptions) -> Result<Self> {
        let mut iterator = NULL;
        let code = entry.kernel().io_registry_entry_create_iterator(
            entry.as_raw(),
            plane.as_c_str(),
            options.bits(),
            &mut iterator,
        );
        Self::from_answer("IORegistryEntryCreateIterator", entry.kernel(), plane, code, iterator)
    }

    fn from_answer(
        function: &'static str,
        kernel: &Kernel,
        plane: &Plane,
        code: IoReturn,
        iterator: PortName,
    ) -> Result<Self> {
        if code == IoReturn::BAD_ARGUMENT {
            plane.check(function, kernel)?;
        }
        check(function, code)?;
        let iterator = ObjectIterator::from_answer(kernel, iterator).ok_or_else(|| no_object(function))?;
        Ok(Self { iterator, over: false, returned: 0 })
    }

    /// `IORegistryIteratorEnterEntry`: the entry that came last is iterated next; before any came, the one that the
    /// iteration starts at. A recursive iteration enters each by itself, and what is below it comes twice then (REG-22).
    ///
    /// # Errors
    ///
    /// Whatever the kernel says.
    #[doc(alias = "IORegistryIteratorEnterEntry")]
    pub fn enter(&mut self) -> Result<()> {
        let Self { iterator, .. } = self;
        let iterator = iterator.object();
        let code = iterator.kernel().io_registry_iterator_enter_entry(iterator.as_raw());
        check("IORegistryIteratorEnterEntry", code)
    }

    /// `IORegistryIteratorExitEntry`: back to the level above, to the entry after the one that was entered. In a recursive
    /// iteration it passes over what is below the entry that came last, if that came for the first time (REG-22).
    ///
    /// False at the outermost level: there is nothing above, and nothing comes until a [`reset`](Self::reset).
    ///
    /// # Errors
    ///
    /// Whatever else the kernel says.
    #[doc(alias = "IORegistryIteratorExitEntry")]
    pub fn exit(&mut self) -> Result<bool> {
        let iterator = self.iterator.object();
        let code = iterator.kernel().io_registry_iterator_exit_entry(iterator.as_raw());
        if code == IoReturn::NO_DEVICE {
            // What the kernel would iterate next is below the entry that came last (REG-22).
            self.over = true;
            return Ok(false);
        }
        check("IORegistryIteratorExitEntry", code)?;
        Ok(true)
    }

    /// `IOIteratorReset`: starts anew, with the registry as it is now.
    #[doc(alias = "IOIteratorReset")]
    pub fn reset(&mut self) {
        self.iterator.reset();
        self.over = false;
        self.returned = 0;
    }

    /// `IOIteratorIsValid`: false if the registry has changed where the iteration is now, on its innermost level, or was
    /// found to have changed before (REG-21).
    #[doc(alias = "IOIteratorIsValid")]
    pub fn is_valid(&self) -> bool {
        self.iterator.is_valid()
    }

    /// All entries, from the start, and without a change of the registry in between: as often as that spoils it, it starts
    /// anew, and gives up after `attempts`, which are one at least.
    ///
    /// # Errors
    ///
    /// `kIOReturnAborted`, with [`Detail::RegistryChanged`], if the registry changed each time.
    pub fn snapshot(mut self, attempts: u32) -> Result<Vec<RegistryEntry>> {
        let mut left = attempts.max(1);
        loop {
            left -= 1;
            self.reset();
            match self.by_ref().collect::<Result<_>>() {
                Err(error) if left > 0 && is_change(&error) => {}
                entries => return entries,
            }
        }
    }
}

impl Iterator for RegistryIterator {
    type Item = Result<RegistryEntry>;

    #[doc(alias = "IOIteratorNext")]
    fn next(&mut self) -> Option<Result<RegistryEntry>> {
        if self.over {
            return None;
        }
        if let Some(entry) = self.iterator.next() {
            self.returned += 1;
            return Some(Ok(RegistryEntry::from_object(entry)));
        }
        if self.is_valid() {
            return None;
        }
        self.over = true;
        let detail = Detail::RegistryChanged { returned: self.returned };
        Some(Err(Error::new(Call::Function("IOIteratorNext"), IoReturn::ABORTED).with_detail(detail)))
    }
}

fn is_change(error: &Error) -> bool {
    matches!(error.detail(), Some(Detail::RegistryChanged { .. }))
}
