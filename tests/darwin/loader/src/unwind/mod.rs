//! Lets panics and C++ exceptions unwind through the program's frames.
//!
//! The program unwinds with this process's libgcc, which knows DWARF call frame information only. Mach-O linkers
//! keep that for some functions (in Rust those with landing pads) and describe the others in `__unwind_info`, Apple's
//! compact format. This module writes one DWARF table of both, next to the image since some of its pointers are
//! relative and 32 bits wide.

mod compact;

use gimli::constants::DW_EH_PE_absptr;
use gimli::write::{
    Address, CallFrameInstruction, CommonInformationEntry, EhFrame, EndianVec, FrameDescriptionEntry,
    FrameTable,
};
use gimli::{Encoding, Format, LittleEndian, Register, X86_64};

use crate::Result;
use crate::bind::Bindings;
use crate::image::allocate_at;
use crate::macho::{MachO, PAGE_SIZE};
use compact::{Function, Layout, UnwindInfo};

/// The end of a table: an entry of length zero. Mach-O's own has none.
const TERMINATOR: [u8; 4] = [0; 4];

#[link(name = "gcc_s")]
unsafe extern "C" {
    fn __register_frame(table: *const u8);
}

/// DWARF call frame information, for memory at `address`.
pub(crate) struct Table {
    address: usize,
    bytes: Vec<u8>,
}

impl Table {
    pub(crate) fn new(macho: &MachO, bindings: &Bindings) -> Result<Self> {
        let address = macho.range().end.next_multiple_of(PAGE_SIZE);
        let mut frames = relocated_frames(macho, address)?;
        add_compact_frames(&mut frames, macho, bindings)?;
        let mut writer = EhFrame::from(EndianVec::new(LittleEndian));
        frames.write_eh_frame(&mut writer)?;
        let mut bytes = writer.0.into_vec();
        bytes.extend(TERMINATOR);
        Ok(Self { address, bytes })
    }

    /// Puts the table in its place and hands it to libgcc.
    ///
    /// # Safety
    /// The image must be loaded.
    pub(crate) unsafe fn register(self) -> Result<()> {
        let memory = allocate_at(self.address, self.bytes.len())?;
        // SAFETY: the memory is of the table's size, and never freed; the table ends in a terminator.
        unsafe {
            memory.copy_from_nonoverlapping(self.bytes.as_ptr(), self.bytes.len());
            __register_frame(memory);
        }
        Ok(())
    }
}

/// The frames of `__eh_frame`, for a table at `address`.
fn relocated_frames(macho: &MachO, address: usize) -> Result<FrameTable> {
    let Some(section) = macho.section("__eh_frame") else { return Ok(FrameTable::default()) };
    // All addresses in Mach-O's frames are relative to where they are stored, and gimli reads and writes them as if
    // the table started at zero.
    let moved_by = (section.address as u64).wrapping_sub(address as u64);
    let frames = gimli::EhFrame::new(macho.bytes(section.range())?, LittleEndian);
    Ok(FrameTable::from(&frames, &|address: u64| Some(Address::Constant(address.wrapping_add(moved_by))))?)
}

/// Adds frames for the functions that `__unwind_info` alone describes.
fn add_compact_frames(table: &mut FrameTable, macho: &MachO, bindings: &Bindings) -> Result<()> {
    let Some(section) = macho.section("__unwind_info") else { return Ok(()) };
    let info = UnwindInfo::parse(macho.bytes(section.range())?)?;
    let plain = table.add_cie(frame_at_entry());
    let mut with_personality = Vec::new();
    for offset in &info.personalities {
        // The table names pointers to the personalities, which are imported or the program's own.
        let pointer = macho.header + *offset as usize;
        let personality = bindings.get(&pointer).copied().map_or_else(|| macho.pointer(pointer), Ok)?;
        let mut cie = frame_at_entry();
        cie.personality = Some((DW_EH_PE_absptr, Address::Constant(personality as u64)));
        cie.lsda_encoding = Some(DW_EH_PE_absptr);
        with_personality.push(table.add_cie(cie));
    }
    for function in &info.functions {
        let start = macho.header + function.start as usize;
        let Some(instructions) = instructions(macho, start, function)? else { continue };
        let mut frame = FrameDescriptionEntry::new(Address::Constant(start as u64), function.length);
        for instruction in instructions {
            frame.add_instruction(0, instruction);
        }
        let cie = match function.handler {
            Some(handler) => {
                frame.lsda = Some(Address::Constant(macho.header as u64 + u64::from(handler.lsda)));
                let cie = with_personality.get(handler.personality);
                *cie.ok_or("has a function with a personality that its __unwind_info lacks")?
            }
            None => plain,
        };
        table.add_fde(cie, frame);
    }
    Ok(())
}

/// What all frames have in common: the return address is next to the canonical frame address.
fn frame_at_entry() -> CommonInformationEntry {
    let encoding = Encoding { format: Format::Dwarf32, version: 1, address_size: 8 };
    let mut cie = CommonInformationEntry::new(encoding, 1, -8, X86_64::RA);
    cie.fde_address_encoding = DW_EH_PE_absptr;
    cie.add_instruction(CallFrameInstruction::Cfa(X86_64::RSP, 8));
    cie.add_instruction(CallFrameInstruction::Offset(X86_64::RA, -8));
    cie
}

/// The frame of a function after its prologue: calls, which is what unwinding meets, come after it. None if it has no
/// frame, or one in `__eh_frame`.
fn instructions(
    macho: &MachO,
    start: usize,
    function: &Function,
) -> Result<Option<Vec<CallFrameInstruction>>> {
    let (mut frame, saved) = match function.layout()? {
        Layout::None | Layout::Dwarf => return Ok(None),
        // A frame starts with the return address and `rbp`, which then points to its own saved value.
        Layout::FramePointer { saved } => {
            let frame =
                [CallFrameInstruction::Cfa(X86_64::RBP, 16), CallFrameInstruction::Offset(X86_64::RBP, -16)];
            (Vec::from(frame), saved)
        }
        Layout::StackPointer { size, saved } => (vec![CallFrameInstruction::Cfa(X86_64::RSP, size)], saved),
        Layout::StackPointerBy { instruction, pushed, saved } => {
            let immediate = start + usize::from(instruction);
            let size = i32::from_le_bytes(macho.bytes(immediate..immediate + 4)?.try_into()?);
            let size = size.checked_add(pushed).ok_or("has a frame beyond measure")?;
            (vec![CallFrameInstruction::Cfa(X86_64::RSP, size)], saved)
        }
    };
    frame.extend(
        saved.into_iter().map(|(register, offset)| CallFrameInstruction::Offset(dwarf(register), offset)),
    );
    Ok(Some(frame))
}

fn dwarf(register: compact::Register) -> Register {
    match register {
        compact::Register::Rbx => X86_64::RBX,
        compact::Register::R12 => X86_64::R12,
        compact::Register::R13 => X86_64::R13,
        compact::Register::R14 => X86_64::R14,
        compact::Register::R15 => X86_64::R15,
        compact::Register::Rbp => X86_64::RBP,
    }
}
