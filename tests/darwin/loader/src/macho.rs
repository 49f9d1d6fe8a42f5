//! What the loader needs to know of a Mach-O file, read from its load commands and checked: whatever the other
//! modules read or write by an address of this file is inside of it.

use std::ops::Range;

use object::LittleEndian;
use object::macho::{
    BIND_SYMBOL_FLAGS_WEAK_IMPORT, BIND_TYPE_POINTER, CPU_TYPE_X86_64, DyldInfoCommand, MH_EXECUTE,
    MachHeader64, Nlist64, S_INIT_FUNC_OFFSETS, S_MOD_INIT_FUNC_POINTERS, SectionType, SegmentCommand64,
};
use object::read::StringTable;
use object::read::macho::{Bind, LoadCommandVariant, MachHeader, Nlist, Section as _, Segment as _};

use crate::Result;

const ENDIAN: LittleEndian = LittleEndian;
const POINTER_SIZE: usize = size_of::<usize>();
pub(crate) const PAGE_SIZE: usize = 0x1000;

/// Where executables may be: from 4 GiB up, for which they are linked and where Linux puts nothing by itself, and as
/// far as 32-bit offsets between their parts reach.
const ADDRESSES: Range<usize> = 0x1_0000_0000..0x1_8000_0000;

pub(crate) struct MachO<'data> {
    pub(crate) segments: Vec<Segment<'data>>,
    pub(crate) sections: Vec<Section>,
    pub(crate) imports: Vec<Import<'data>>,
    /// Where the file's header is mapped: the start of `__TEXT`.
    pub(crate) header: usize,
    /// The address of `main`.
    pub(crate) entry: usize,
    /// The functions to call before `main`.
    pub(crate) initializers: Vec<usize>,
    pub(crate) symbols: Symbols<'data>,
}

/// A range of memory; addresses are the ones that the file was linked for, and is loaded at.
pub(crate) struct Segment<'data> {
    pub(crate) name: &'data str,
    pub(crate) address: usize,
    pub(crate) size: usize,
    /// The first bytes of the segment; the rest is zero.
    pub(crate) contents: &'data [u8],
    /// `PROT_*` flags, which are the same on macOS and Linux.
    pub(crate) protection: i32,
    /// Whether it occupies memory: `__PAGEZERO` does not.
    pub(crate) mapped: bool,
}

pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) kind: SectionType,
    pub(crate) address: usize,
    pub(crate) size: usize,
    pub(crate) align: usize,
}

/// A pointer in the image that must be set to the address of an imported symbol.
pub(crate) struct Import<'data> {
    pub(crate) location: usize,
    /// The name in C, without what tells variants of a function apart: `fstat` for `_fstat$INODE64`. Programs
    /// import the newest variant, and no other one has a stand-in.
    pub(crate) name: &'data str,
    pub(crate) addend: i64,
    /// The pointer is null if there is no such symbol.
    pub(crate) weak: bool,
    /// Called through a lazy pointer, hence a function.
    pub(crate) lazy: bool,
}

impl Segment<'_> {
    fn range(&self) -> Range<usize> {
        self.address..self.address + self.size
    }
}

impl Section {
    pub(crate) fn range(&self) -> Range<usize> {
        self.address..self.address + self.size
    }
}

impl<'data> MachO<'data> {
    pub(crate) fn parse(file: &'data [u8]) -> Result<Self> {
        let not_ours = "is not a Mach-O executable for x86_64";
        let header = MachHeader64::<LittleEndian>::parse(file, 0).map_err(|_| not_ours)?;
        let is_ours = header.is_little_endian()
            && header.cputype(ENDIAN) == CPU_TYPE_X86_64
            && header.filetype(ENDIAN) == MH_EXECUTE;
        if !is_ours {
            return Err(not_ours.into());
        }
        let mut macho = MachO {
            segments: vec![],
            sections: vec![],
            imports: vec![],
            header: 0,
            entry: 0,
            initializers: vec![],
            symbols: Symbols::default(),
        };
        let mut bindings = None;
        let mut entry_offset = None;
        let mut commands = header.load_commands(ENDIAN, file, 0)?;
        while let Some(command) = commands.next()? {
            if command.dyld_chained_fixups()?.is_some() {
                return Err("has chained fixups: link it for macOS 10.12, or with -no_fixup_chains".into());
            }
            match command.variant()? {
                LoadCommandVariant::Segment64(segment, data) => macho.add_segment(file, segment, data)?,
                LoadCommandVariant::DyldInfo(info) => bindings = Some(info),
                LoadCommandVariant::EntryPoint(main) => entry_offset = Some(main.entryoff.get(ENDIAN)),
                LoadCommandVariant::Symtab(table) => {
                    let table = table.symbols::<MachHeader64<LittleEndian>, _>(ENDIAN, file)?;
                    macho.symbols = Symbols { entries: table.symbols(), strings: table.strings() };
                }
                _ => {}
            }
        }
        macho.check_overlaps()?;
        let text = macho.segments.iter().find(|segment| segment.mapped && segment.name == "__TEXT");
        macho.header = text.ok_or("has no __TEXT segment")?.address;
        macho.add_imports(bindings.ok_or("has no LC_DYLD_INFO_ONLY")?, file)?;
        let entry_offset = entry_offset.ok_or("has no LC_MAIN: link it for macOS 10.8 or later")?;
        macho.entry = macho.code_address(macho.header.wrapping_add(entry_offset as usize))?;
        macho.initializers = macho.read_initializers()?;
        Ok(macho)
    }

    /// The segments that occupy memory.
    pub(crate) fn mapped_segments(&self) -> impl Iterator<Item = &Segment<'data>> {
        self.segments.iter().filter(|segment| segment.mapped)
    }

    /// From the first segment to the end of the last one.
    pub(crate) fn range(&self) -> Range<usize> {
        let start = self.mapped_segments().map(|segment| segment.address).min();
        let end = self.mapped_segments().map(|segment| segment.address + segment.size).max();
        start.unwrap_or(0)..end.unwrap_or(0)
    }

    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// What the file has for a range of addresses, unless part of it is outside of the file.
    pub(crate) fn bytes(&self, range: Range<usize>) -> Result<&'data [u8]> {
        let holder = self.mapped_segments().find(|segment| segment.range().contains(&range.start));
        holder
            .and_then(|segment| {
                segment.contents.get(range.start - segment.address..range.end.checked_sub(segment.address)?)
            })
            .ok_or_else(|| format!("has nothing at {range:#x?}").into())
    }

    pub(crate) fn pointer(&self, address: usize) -> Result<usize> {
        let bytes = self.bytes(address..address.wrapping_add(POINTER_SIZE))?;
        Ok(usize::from_le_bytes(bytes.try_into()?))
    }

    /// `address`, if there is code.
    fn code_address(&self, address: usize) -> Result<usize> {
        let mut code = self.mapped_segments().filter(|segment| segment.protection & libc::PROT_EXEC != 0);
        match code.any(|segment| segment.range().contains(&address)) {
            true => Ok(address),
            false => Err(format!("has no code at {address:#x}, where a function should be").into()),
        }
    }

    fn add_segment(
        &mut self,
        file: &'data [u8],
        command: &'data SegmentCommand64<LittleEndian>,
        section_data: &'data [u8],
    ) -> Result<()> {
        let segment = Segment {
            name: std::str::from_utf8(command.name())?,
            address: command.vmaddr(ENDIAN) as usize,
            size: command.vmsize(ENDIAN) as usize,
            contents: command
                .data(ENDIAN, file)
                .map_err(|()| "is truncated: a segment ends after the file")?,
            protection: command.initprot(ENDIAN).0 as i32
                & (libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC),
            mapped: command.initprot(ENDIAN).0 != 0 && command.vmsize(ENDIAN) != 0,
        };
        if segment.mapped {
            let fits = segment.address.is_multiple_of(PAGE_SIZE)
                && ADDRESSES.contains(&segment.address)
                && segment.size <= ADDRESSES.end - segment.address
                && segment.contents.len() <= segment.size;
            if !fits {
                let Segment { name, address, size, .. } = segment;
                return Err(format!(
                    "has a segment {name} of {size:#x} bytes for {address:#x}, which cannot be"
                )
                .into());
            }
        }
        for section in command.sections(ENDIAN, section_data)? {
            let address = section.addr(ENDIAN) as usize;
            let size = section.size(ENDIAN) as usize;
            let name = String::from_utf8_lossy(section.name()).into_owned();
            let offset = address.wrapping_sub(segment.address);
            if !segment.mapped || offset > segment.size || size > segment.size - offset {
                return Err(format!("has a section {name} outside of its segment").into());
            }
            let align = 1_usize.checked_shl(section.align(ENDIAN));
            let align =
                align.filter(|align| *align <= PAGE_SIZE).ok_or("has a section aligned beyond a page")?;
            self.sections.push(Section { name, kind: section.section_type(ENDIAN), address, size, align });
        }
        self.segments.push(segment);
        Ok(())
    }

    fn check_overlaps(&self) -> Result<()> {
        let mut ranges: Vec<_> = self.mapped_segments().map(Segment::range).collect();
        ranges.sort_by_key(|range| range.start);
        let overlap = |pair: &[Range<usize>]| pair[0].end.next_multiple_of(PAGE_SIZE) > pair[1].start;
        match ranges.windows(2).any(overlap) {
            true => Err("has segments that overlap".into()),
            false => Ok(()),
        }
    }

    fn add_imports(&mut self, info: &DyldInfoCommand<LittleEndian>, file: &'data [u8]) -> Result<()> {
        let mut binds = info.binds(ENDIAN, file, POINTER_SIZE as u8)?;
        while let Some(bind) = binds.next()? {
            self.add_import(&bind, false)?;
        }
        let mut lazy_binds = info.lazy_binds(ENDIAN, file, POINTER_SIZE as u8)?;
        while let Some(bind) = lazy_binds.next()? {
            self.add_import(&bind, true)?;
        }
        Ok(())
    }

    fn add_import(&mut self, bind: &Bind<'data>, lazy: bool) -> Result<()> {
        if bind.kind != BIND_TYPE_POINTER {
            return Err("has an import that is not of a pointer".into());
        }
        let segment = self.segments.get(usize::from(bind.segment_index)).filter(|segment| segment.mapped);
        let segment = segment.ok_or("has an import for no segment")?;
        let offset = bind.segment_offset as usize;
        if offset >= segment.size || segment.size - offset < POINTER_SIZE {
            return Err("has an import outside of its segment".into());
        }
        // A damaged file can repeat one forever.
        if self.imports.len() >= ADDRESSES.len() / POINTER_SIZE / 64 {
            return Err("has too many imports".into());
        }
        let name = std::str::from_utf8(bind.symbol)?;
        let name = name.strip_prefix('_').unwrap_or(name);
        self.imports.push(Import {
            location: segment.address + offset,
            name: name.split_once('$').map_or(name, |(name, _variant)| name),
            addend: bind.addend,
            weak: bind.flags.0 & BIND_SYMBOL_FLAGS_WEAK_IMPORT.0 != 0,
            lazy,
        });
        Ok(())
    }

    fn read_initializers(&self) -> Result<Vec<usize>> {
        if self.sections.iter().any(|section| section.kind == S_INIT_FUNC_OFFSETS) {
            return Err("has initializers by offset: link it for macOS 10.12".into());
        }
        let lists = self.sections.iter().filter(|section| section.kind == S_MOD_INIT_FUNC_POINTERS);
        let slots = lists.flat_map(|section| section.range().step_by(POINTER_SIZE));
        slots.map(|slot| self.code_address(self.pointer(slot)?)).collect()
    }
}

/// The functions and variables that the file names.
#[derive(Clone, Copy, Default)]
pub(crate) struct Symbols<'data> {
    entries: &'data [Nlist64<LittleEndian>],
    strings: StringTable<'data>,
}

impl<'data> Symbols<'data> {
    /// The symbol nearest to `address`, at it or before: its name in C, and its address.
    pub(crate) fn nearest(&self, address: usize) -> Option<(&'data str, usize)> {
        let defined = self.entries.iter().filter(|symbol| symbol.is_definition());
        let before = defined.filter(|symbol| symbol.n_value(ENDIAN) as usize <= address);
        let nearest = before.max_by_key(|symbol| symbol.n_value(ENDIAN))?;
        let name = std::str::from_utf8(nearest.name(ENDIAN, self.strings).ok()?).ok()?;
        Some((name.strip_prefix('_').unwrap_or(name), nearest.n_value(ENDIAN) as usize))
    }
}
