//! Memory types: their numbers, and what the driver does with each.

use super::text::{self, comment, comment_lines};
use super::{Header, MemoryNames, write_constants};
use crate::interface::Memory;
use crate::interface::types::NamedType;
use crate::memory::{CacheMode, Content};
use std::fmt::{self, Write};

impl Header<'_> {
    pub(super) fn write_memory(&self, out: &mut String) -> fmt::Result {
        if self.memory.is_empty() {
            return Ok(());
        }
        out.push_str(&comment(0, &self.about_memory()));
        let numbers = self.memory.iter().map(|MemoryNames { memory, number }| {
            (number.clone(), memory.name.memory_type.into(), self.about_one(memory))
        });
        write_constants(out, &Vec::from_iter(numbers), text::unsigned)?;
        writeln!(out)
    }

    /// What a driver's `clientMemoryForType` comes to.
    fn about_memory(&self) -> Vec<String> {
        const BEFORE: &str = "\
Memory types. What the driver's user client does with them:

    IOReturn clientMemoryForType(UInt32 type, IOOptionBits *options, IOMemoryDescriptor **memory)
    {
        switch (type) {";
        const AFTER: &str = "        default:
            return kIOReturnUnsupported;
        }
        (*memory)->retain();
        return kIOReturnSuccess;
    }

It is asked when memory is mapped, and again when it is unmapped, and answers with the same descriptor each time: a new
one would be mapped once more, and not be found to be unmapped. How a mapping is cached is the task's choice; what the
driver's options say of that is ignored.";
        const QUEUES: &str = "
IODataQueue::getMemoryDescriptor makes a new descriptor each time, so call it once and keep what it returns. The port
on which a task waits for entries comes to registerNotificationPort, with the queue's memory type, and goes on to the
queue's setNotificationPort.";

        let mut lines: Vec<_> = BEFORE.lines().map(str::to_owned).collect();
        for MemoryNames { memory, number } in &self.memory {
            lines.push(format!("        case {number}:"));
            lines.push(format!("            *memory = {};", self.descriptor(memory)));
            if memory.read_only {
                lines.push("            *options |= kIOMapReadOnly;".to_owned());
            }
            lines.push("            break;".to_owned());
        }
        let has_queues = self.memory.iter().any(|names| names.memory.is_queue());
        let rest = [AFTER, if has_queues { QUEUES } else { "" }];
        lines.extend(rest.iter().flat_map(|text| text.lines()).map(str::to_owned));
        lines
    }

    /// What stands for a descriptor in the sketch.
    fn descriptor(&self, memory: &Memory) -> String {
        let method = memory.name.method;
        match memory.content {
            Content::Registers(block) => {
                format!("<{method}: sizeof({}) bytes or more>", self.types.name(NamedType::Block(block)))
            }
            Content::Slice(layout) if layout.size() == 1 => format!("<{method}: of any length>"),
            Content::Slice(layout) => {
                format!("<{method}: a multiple of sizeof({}) bytes>", self.declare(layout, ""))
            }
            Content::Queue(_) => format!("<{method}: of the IODataQueue>"),
        }
    }

    /// What is written about memory, what lies there, and how the task maps it.
    fn about_one(&self, memory: &Memory) -> Vec<String> {
        let mut lines = comment_lines(memory.docs);
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let method = memory.name.method;
        lines.push(match memory.content {
            Content::Registers(block) => {
                format!("Registers: {} {method}", self.types.name(NamedType::Block(block)))
            }
            Content::Slice(layout) => format!("Memory: {}", self.declare_many(layout, method)),
            Content::Queue(Some(layout)) => {
                format!("IODataQueueMemory, each of whose entries is {}", self.declare(layout, ""))
            }
            Content::Queue(None) => "IODataQueueMemory, with entries of any size".to_owned(),
        });
        if memory.read_only {
            lines.push("The task may only read: kIOMapReadOnly".to_owned());
        }
        if let Some(option) = cache_option(memory.cache) {
            lines.push(format!("The task maps it with {option}"));
        }
        lines
    }
}

/// The option of a cache mode, if it is not the memory's own.
fn cache_option(cache: CacheMode) -> Option<&'static str> {
    match cache {
        CacheMode::Default => None,
        CacheMode::Inhibit => Some("kIOMapInhibitCache"),
        CacheMode::WriteThru => Some("kIOMapWriteThruCache"),
        CacheMode::Copyback => Some("kIOMapCopybackCache"),
        CacheMode::WriteCombine => Some("kIOMapWriteCombineCache"),
    }
}
