//! How the processor caches a mapping.

/// `kIOMapCacheMask`: how the processor caches a mapping.
///
/// The task asks for it, the driver has no say (MEM-2). [`Default`](Self::Default) is what the memory itself wants: plain
/// memory is cached, a device's is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "kIOMapCacheMask")]
pub enum CacheMode {
    /// `kIOMapDefaultCache`
    #[default]
    Default,
    /// `kIOMapInhibitCache`
    Inhibit,
    /// `kIOMapWriteThruCache`
    WriteThru,
    /// `kIOMapCopybackCache`
    Copyback,
    /// `kIOMapWriteCombineCache`
    WriteCombine,
}

impl CacheMode {
    /// `kIOMapCacheShift`
    const SHIFT: u32 = 8;

    /// As options of `IOConnectMapMemory64` have it.
    pub const fn bits(self) -> u32 {
        (self as u32) << Self::SHIFT
    }

    /// Whether the memory may be a device's, where an access must be one aligned word of the width that it declares.
    pub(crate) const fn may_be_device(self) -> bool {
        matches!(self, Self::Default | Self::Inhibit)
    }
}
