//! Blocks of registers as structures.

use super::names::Scope;
use super::text::{comment, comment_lines};
use super::{Header, aligned, assertion, integer};
use crate::interface::types::NamedType;
use crate::memory::{BlockLayout, FieldKind, FieldLayout, RegisterKind};
use std::fmt::{self, Write};

impl Header<'_> {
    pub(super) fn write_block(
        &self,
        out: &mut String,
        scope: &Scope,
        block: &BlockLayout,
        name: &str,
    ) -> fmt::Result {
        let mut members = scope.clone();
        let fields: Vec<_> = block.fields.iter().filter(|field| !is_empty(field)).collect();
        let names = members.claim_all(&fields.iter().map(|field| field.name).collect::<Vec<_>>());
        let natural = fields.iter().map(|field| align(field)).max().unwrap_or(1);

        out.push_str(&comment(0, &comment_lines(block.docs)));
        writeln!(out, "typedef struct {}{name} {{", aligned(block.align, natural))?;
        let (mut end, mut assertions) = (0, String::new());
        for (index, (field, member)) in fields.iter().zip(&names).enumerate() {
            write_gap(out, &mut members, end, field.offset)?;
            out.push_str(&comment(4, &about(field)));
            let next = fields.get(index + 1).map_or(block.size, |next| next.offset);
            for Member { name: member, declaration, offset, size } in
                self.members(&mut members, field, member, next)
            {
                writeln!(out, "    {declaration};")?;
                writeln!(assertions, "{}", assertion(name, &member, offset, size))?;
                end = offset + size;
            }
        }
        write_gap(out, &mut members, end, block.size)?;
        writeln!(out, "}} {name};")?;
        writeln!(out, "IOKIT_UC_ASSERT(sizeof({name}) == {}, \"size of {name}\");", block.size)?;
        out.push_str(&assertions);
        Ok(())
    }

    /// What a field is in C, where the next one begins at `next`.
    fn members(&self, scope: &mut Scope, field: &FieldLayout, name: &str, next: usize) -> Vec<Member> {
        let one = match field.kind {
            FieldKind::Block(block) => self.types.name(NamedType::Block(block)).to_owned(),
            FieldKind::Register { value, bits, .. } => {
                format!("volatile {}", integer(bits, ["i8", "i16", "i32", "i64"].contains(&value)))
            }
        };
        let (offset, width, name) = (field.offset, width(field), name.to_owned());
        let Some((length, stride)) = field.array else {
            return vec![Member { declaration: format!("{one} {name}"), name, offset, size: width }];
        };
        if stride == width {
            let declaration = format!("{one} {name}[{length}]");
            return vec![Member { declaration, name, offset, size: length * width }];
        }
        // With each element goes the gap behind it; but what is behind the last one may be in use.
        let whole = if offset + length * stride <= next { length } else { length - 1 };
        let mut members = Vec::new();
        if whole != 0 {
            let gap = stride - width;
            let declaration = format!("struct {{ {one} at; uint8_t _reserved[{gap}]; }} {name}[{whole}]");
            members.push(Member { declaration, name: name.clone(), offset, size: whole * stride });
        }
        if whole != length {
            let last = scope.claim(&format!("{name}_{whole}"));
            let declaration = format!("{one} {last}");
            members.push(Member { declaration, name: last, offset: offset + whole * stride, size: width });
        }
        members
    }
}

/// A member of a structure.
struct Member {
    name: String,
    declaration: String,
    offset: usize,
    size: usize,
}

/// Declares what lies between two registers.
fn write_gap(out: &mut String, members: &mut Scope, from: usize, to: usize) -> fmt::Result {
    if from >= to {
        return Ok(());
    }
    let name = members.claim(&format!("_reserved_{from:02x}"));
    writeln!(out, "    uint8_t {name}[{}];", to - from)
}

/// What is written about a register, and what the task may do with it.
fn about(field: &FieldLayout) -> Vec<String> {
    let mut lines = comment_lines(field.docs);
    let FieldKind::Register { value, kind, unsafe_write, .. } = field.kind else { return lines };
    let access = match kind {
        RegisterKind::ReadOnly => "read by the task, which has effects",
        RegisterKind::ReadPure => "read by the task",
        RegisterKind::WriteOnly => "written by the task",
        RegisterKind::ReadWrite => "read by the task, which has effects, and written",
        RegisterKind::ReadPureWrite => "read and written by the task",
    };
    let care = if unsafe_write { ", with care for what the device does then" } else { "" };
    lines.push(format!("{value}: {access}{care}"));
    lines
}

/// The size of a field in bytes, or of each of its elements.
fn width(field: &FieldLayout) -> usize {
    match field.kind {
        FieldKind::Block(block) => block.size,
        FieldKind::Register { bits, .. } => bits as usize / 8,
    }
}

fn align(field: &FieldLayout) -> usize {
    match field.kind {
        FieldKind::Block(block) => block.align,
        FieldKind::Register { .. } => width(field),
    }
}

/// `[ReadPure<u32>; 0]`, which C does not know.
fn is_empty(field: &FieldLayout) -> bool {
    field.array.is_some_and(|(length, _)| length == 0)
}
