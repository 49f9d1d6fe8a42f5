//! Where the words of a queue lie.

/// The offset of `queueSize`, the number of bytes of data.
pub const QUEUE_SIZE: usize = 0;

/// The offset of `head`, the index that the reader moves.
pub const HEAD: usize = 4;

/// The offset of `tail`, the index that the writer moves.
pub const TAIL: usize = 8;

/// `DATA_QUEUE_MEMORY_HEADER_SIZE`: the offset of the data.
pub const DATA: usize = 12;

/// `DATA_QUEUE_ENTRY_HEADER_SIZE`: an entry's bytes come after a word with their number, and the next entry comes after them.
pub const ENTRY_HEADER: u32 = 4;

/// What `IOSharedDataQueue` reserves after the data: a word and the kernel's Mach message header (DQ-2).
pub const APPENDIX: usize = 36;
