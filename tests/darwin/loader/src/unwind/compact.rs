//! `__unwind_info`, Apple's compact unwind information: 32 bits say what the frame of a function looks like.
//!
//! A header leads to an index of pages by the functions' offsets in the image, and to the pointers to personalities;
//! a page lists functions, either with an encoding each or, compressed, with an index into tables of encodings.

use std::collections::HashMap;
use std::ops::Range;

use crate::Result;

const REGULAR_PAGE: u32 = 2;
const COMPRESSED_PAGE: u32 = 3;

pub(crate) struct UnwindInfo {
    /// The offsets in the image of pointers to personality functions.
    pub(crate) personalities: Vec<u32>,
    pub(crate) functions: Vec<Function>,
}

/// A function, or several next to each other with frames of one layout.
#[derive(Debug, PartialEq)]
pub(crate) struct Function {
    /// Its offset in the image.
    pub(crate) start: u32,
    pub(crate) length: u32,
    encoding: u32,
    pub(crate) handler: Option<Handler>,
}

/// How a function handles exceptions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Handler {
    pub(crate) personality: usize,
    /// The offset in the image of the table that the personality reads.
    pub(crate) lsda: u32,
}

/// The section, whose parts are named by their offsets in it.
#[derive(Clone, Copy)]
struct Bytes<'data>(&'data [u8]);

impl Bytes<'_> {
    fn array<const N: usize>(self, offset: usize) -> Result<[u8; N]> {
        let bytes = offset.checked_add(N).and_then(|end| self.0.get(offset..end));
        Ok(bytes.ok_or("has an __unwind_info that refers beyond its end")?.try_into()?)
    }

    fn word(self, offset: usize) -> Result<u32> {
        self.array(offset).map(u32::from_le_bytes)
    }

    fn half(self, offset: usize) -> Result<usize> {
        self.array(offset).map(|bytes| u16::from_le_bytes(bytes).into())
    }

    fn words(self, offset: usize, count: usize) -> Result<Vec<u32>> {
        (0..count).map(|index| self.word(offset + 4 * index)).collect()
    }
}

/// An entry of the index.
struct Page {
    /// Of the first function, in the image.
    start: u32,
    offset: usize,
    lsdas: usize,
}

impl UnwindInfo {
    pub(crate) fn parse(section: &[u8]) -> Result<Self> {
        let bytes = Bytes(section);
        let header = bytes.words(0, 7)?;
        let [
            _version,
            encodings_at,
            encoding_count,
            personalities_at,
            personality_count,
            pages_at,
            page_count,
        ] = header[..].try_into()?;
        let encodings = bytes.words(encodings_at as usize, encoding_count as usize)?;
        let personalities = bytes.words(personalities_at as usize, personality_count as usize)?;
        let page = |index: usize| -> Result<Page> {
            let entry = pages_at as usize + 12 * index;
            Ok(Page {
                start: bytes.word(entry)?,
                offset: bytes.word(entry + 4)? as usize,
                lsdas: bytes.word(entry + 8)? as usize,
            })
        };
        // The last entry is no page: it says where the ones before it end.
        let pages = (0..page_count as usize).map(page).collect::<Result<Vec<_>>>()?;
        let mut functions = Vec::new();
        for pair in pages.windows(2) {
            let [page, next] = pair else { unreachable!("windows of two") };
            let lsdas = lsdas(bytes, page.lsdas..next.lsdas)?;
            let mut entries = entries(bytes, page, &encodings)?;
            entries.push((next.start, 0));
            for pair in entries.windows(2) {
                let (start, encoding) = pair[0];
                let length =
                    pair[1].0.checked_sub(start).ok_or("has an __unwind_info that is not in order")?;
                // Without a personality here, the function has both in `__eh_frame`.
                let personality = ((encoding >> 28 & 3) as usize).checked_sub(1);
                let handler = personality.zip(lsdas.get(&start));
                let handler = handler.map(|(personality, lsda)| Handler { personality, lsda: *lsda });
                functions.push(Function { start, length, encoding, handler });
            }
        }
        Ok(Self { personalities, functions })
    }
}

/// The functions of a page: where each starts, and its encoding.
fn entries(bytes: Bytes, page: &Page, common: &[u32]) -> Result<Vec<(u32, u32)>> {
    let first = page.offset + bytes.half(page.offset + 4)?;
    let count = bytes.half(page.offset + 6)?;
    match bytes.word(page.offset)? {
        REGULAR_PAGE => {
            let entry = |index| Ok((bytes.word(first + 8 * index)?, bytes.word(first + 8 * index + 4)?));
            (0..count).map(entry).collect()
        }
        COMPRESSED_PAGE => {
            let local =
                bytes.words(page.offset + bytes.half(page.offset + 8)?, bytes.half(page.offset + 10)?)?;
            let entry = |index| {
                let entry = bytes.word(first + 4 * index)?;
                let start = page.start.checked_add(entry & 0xff_ffff);
                let encoding = common.iter().chain(&local).nth((entry >> 24) as usize);
                let found = start.zip(encoding.copied());
                Ok(found.ok_or("has a function with an encoding that its __unwind_info lacks")?)
            };
            (0..count).map(entry).collect()
        }
        kind => Err(format!("has a page of kind {kind} in its __unwind_info").into()),
    }
}

/// The tables that personalities read, by the functions' offsets.
fn lsdas(bytes: Bytes, range: Range<usize>) -> Result<HashMap<u32, u32>> {
    range.step_by(8).map(|entry| Ok((bytes.word(entry)?, bytes.word(entry + 4)?))).collect()
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Register {
    Rbx,
    R12,
    R13,
    R14,
    R15,
    Rbp,
}

const REGISTERS: [Register; 6] =
    [Register::Rbx, Register::R12, Register::R13, Register::R14, Register::R15, Register::Rbp];

/// Registers, and where their values are, from the canonical frame address.
type Saved = Vec<(Register, i32)>;

/// Where a function in its body has what it must restore.
#[derive(Debug, PartialEq)]
pub(crate) enum Layout {
    /// It has no frame.
    None,
    /// What `rbp` points to is in the place that it is on entry to most functions.
    FramePointer { saved: Saved },
    /// The caller's frame is `size` bytes above the stack pointer.
    StackPointer { size: i32, saved: Saved },
    /// As before, where the size is the operand of the instruction at this offset in the function, and what has been
    /// pushed before it.
    StackPointerBy { instruction: u8, pushed: i32, saved: Saved },
    /// The frame is described in `__eh_frame`.
    Dwarf,
}

impl Function {
    pub(crate) fn layout(&self) -> Result<Layout> {
        let encoding = self.encoding;
        let byte = (encoding >> 16) as u8;
        Ok(match encoding >> 24 & 0xf {
            0 => Layout::None,
            1 => Layout::FramePointer { saved: saved_in_frame(i32::from(byte), encoding & 0x7fff)? },
            2 => Layout::StackPointer { size: 8 * i32::from(byte.max(1)), saved: pushed(encoding)? },
            3 => Layout::StackPointerBy {
                instruction: byte,
                pushed: 8 * (encoding >> 13 & 7) as i32,
                saved: pushed(encoding)?,
            },
            4 => Layout::Dwarf,
            kind => return Err(format!("has compact frames of kind {kind}, which is unknown").into()),
        })
    }
}

/// Five registers in three bits each, from the lowest address up; the lowest is `slots` below `rbp`.
fn saved_in_frame(slots: i32, registers: u32) -> Result<Saved> {
    let mut saved = Saved::new();
    for slot in 0..5 {
        let number = registers >> (3 * slot) & 7;
        if number != 0 {
            let register =
                REGISTERS.get(number as usize - 1).ok_or("has a compact frame with an unknown register")?;
            saved.push((*register, -16 - 8 * slots + 8 * slot));
        }
    }
    Ok(saved)
}

/// Registers pushed on entry: a count, and a number that tells in which order. Its digits choose among the
/// registers that remain, so that the first has base 6, the second base 5, and so on; the first is at the lowest
/// address, and the last next to the return address.
fn pushed(encoding: u32) -> Result<Saved> {
    let count = encoding >> 10 & 7;
    let mut permutation = encoding & 0x3ff;
    let mut digits: Vec<_> = (0..count)
        .rev()
        .map(|index| {
            let base = 6_u32.saturating_sub(index).max(1);
            let digit = permutation % base;
            permutation /= base;
            digit
        })
        .collect();
    digits.reverse();
    let mut remaining = Vec::from(REGISTERS);
    let mut saved = Saved::new();
    for (index, digit) in digits.into_iter().enumerate() {
        let is_known = permutation == 0 && (digit as usize) < remaining.len();
        if !is_known {
            return Err("has a compact frame with an unknown order of registers".into());
        }
        saved.push((remaining.remove(digit as usize), -8 - 8 * (count as i32 - index as i32)));
    }
    Ok(saved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(encoding: u32) -> Result<Layout> {
        Function { start: 0, length: 1, encoding, handler: None }.layout()
    }

    #[test]
    fn registers_in_a_frame_are_listed_from_the_lowest_address() {
        // rbx (1) at rbp - 16, r14 (4) at rbp - 8.
        let saved = vec![(Register::Rbx, -32), (Register::R14, -24)];
        assert_eq!(layout(0x0102_0000 | 4 << 3 | 1).unwrap(), Layout::FramePointer { saved });
    }

    #[test]
    fn a_frame_without_pushes_is_as_large_as_it_says() {
        assert_eq!(layout(0x0203_0000).unwrap(), Layout::StackPointer { size: 24, saved: vec![] });
        assert_eq!(layout(0x0200_0000).unwrap(), Layout::StackPointer { size: 8, saved: vec![] });
    }

    #[test]
    fn two_pushed_registers_are_chosen_by_digits_of_base_six_and_five() {
        // Of rbx, r12, r13, r14, r15, rbp the fourth, and of what remains the first.
        let saved = vec![(Register::R14, -24), (Register::Rbx, -16)];
        assert_eq!(layout(0x0203_0000 | 2 << 10 | 15).unwrap(), Layout::StackPointer { size: 24, saved });
    }

    #[test]
    fn six_pushed_registers_in_the_order_zero_are_in_their_own_order() {
        let offsets = [-56, -48, -40, -32, -24, -16];
        let saved = REGISTERS.into_iter().zip(offsets).collect();
        let indirect = Layout::StackPointerBy { instruction: 13, pushed: 56, saved };
        assert_eq!(layout(0x030d_0000 | 7 << 13 | 6 << 10).unwrap(), indirect);
    }

    #[test]
    fn unknown_encodings_are_errors() {
        assert!(layout(0x0500_0000).is_err());
        assert!(layout(0x0101_0007).is_err());
        assert!(layout(0x0201_0000 | 1 << 10 | 0x3ff).is_err());
        assert!(layout(0x0201_0000 | 7 << 10).is_err());
    }
}
