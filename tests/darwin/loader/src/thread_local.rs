//! Thread-local variables, the way Mach-O has them.
//!
//! Each variable has a descriptor in the image; code gets the variable's address by calling the function that the
//! descriptor starts with. All variables of a thread are in one block, which starts as a copy of the image's
//! template.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::arch::naked_asm;
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;
use std::sync::OnceLock;

use object::macho::{S_THREAD_LOCAL_REGULAR, S_THREAD_LOCAL_VARIABLES, S_THREAD_LOCAL_ZEROFILL};

use crate::macho::MachO;
use crate::{Export, Result, exports};

pub(crate) fn exports() -> Vec<Export> {
    exports![get_address as "_tlv_bootstrap", at_thread_exit as "_tlv_atexit"]
}

/// What the block of a thread starts as.
pub(crate) struct Template {
    address: usize,
    layout: Layout,
}

static TEMPLATE: OnceLock<Template> = OnceLock::new();

#[repr(C)]
struct Descriptor {
    get_address: usize,
    key: usize,
    offset: usize,
}

impl Template {
    pub(crate) fn of(macho: &MachO) -> Result<Self> {
        let is_template = |kind| kind == S_THREAD_LOCAL_REGULAR || kind == S_THREAD_LOCAL_ZEROFILL;
        let sections: Vec<_> = macho.sections.iter().filter(|section| is_template(section.kind)).collect();
        let start = sections.iter().map(|section| section.address).min().unwrap_or(0);
        let end = sections.iter().map(|section| section.range().end).max().unwrap_or(0);
        let align = sections.iter().map(|section| section.align).max().unwrap_or(1);
        let holds = |segment: &crate::macho::Segment| {
            segment.address <= start
                && end <= segment.address + segment.size
                && segment.protection & libc::PROT_READ != 0
        };
        if !sections.is_empty() && !macho.mapped_segments().any(holds) {
            return Err("has thread-local variables in several segments".into());
        }
        let template = Self { address: start, layout: Layout::from_size_align(end - start, align)? };
        template.check_descriptors(macho)?;
        Ok(template)
    }

    fn check_descriptors(&self, macho: &MachO) -> Result<()> {
        let tables = macho.sections.iter().filter(|section| section.kind == S_THREAD_LOCAL_VARIABLES);
        for descriptor in tables.flat_map(|section| section.range().step_by(size_of::<Descriptor>())) {
            if macho.pointer(descriptor + std::mem::offset_of!(Descriptor, offset))? >= self.layout.size() {
                return Err("has a thread-local variable outside of their template".into());
            }
        }
        Ok(())
    }

    /// Makes this the template of all threads.
    ///
    /// # Safety
    /// The image must be loaded.
    pub(crate) unsafe fn publish(self) {
        let first = TEMPLATE.set(self).is_ok();
        assert!(first, "a process runs one program");
    }

    fn get() -> &'static Self {
        TEMPLATE.get().expect("published before the program runs")
    }
}

type Destructor = unsafe extern "C" fn(*mut c_void);

struct Block {
    variables: *mut u8,
    destructors: Vec<(Destructor, *mut c_void)>,
}

thread_local! {
    /// Has no destructor itself, so that it can be used while the program's destructors run.
    static BLOCK: Cell<*mut Block> = const { Cell::new(ptr::null_mut()) };
    static END_OF_THREAD: EndOfThread = const { EndOfThread };
}

/// The function that descriptors point to. It gets the descriptor in `rdi`, returns the address in `rax`, and its
/// callers rely on it to change no other general-purpose register.
#[unsafe(naked)]
extern "C" fn get_address() {
    naked_asm!(
        "push rcx",
        "push rdx",
        "push rsi",
        "push r8",
        "push r9",
        "push r10",
        "push r11",
        "call {address}",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "ret",
        address = sym variable_address,
    )
}

/// # Safety
/// `descriptor` must be one of the program's, as its compiler passes it.
unsafe extern "C" fn variable_address(descriptor: *const Descriptor) -> *mut u8 {
    // SAFETY: the block is this thread's own, and the template has checked that the offset is inside of it.
    unsafe { (*block()).variables.add((*descriptor).offset) }
}

/// # Safety
/// `destructor` must be one that can be called with `object` when this thread ends.
unsafe extern "C" fn at_thread_exit(destructor: Destructor, object: *mut c_void) {
    // SAFETY: the block is this thread's own.
    unsafe { (*block()).destructors.push((destructor, object)) }
}

/// This thread's block, made on first use.
fn block() -> *mut Block {
    let block = BLOCK.get();
    if !block.is_null() {
        return block;
    }
    let Template { address, layout } = Template::get();
    let variables = match layout.size() {
        0 => ptr::null_mut(),
        // SAFETY: the layout is not empty; the template is loaded, readable, and of the layout's size.
        size => unsafe {
            let variables = alloc(*layout);
            if variables.is_null() {
                handle_alloc_error(*layout);
            }
            variables.copy_from_nonoverlapping(*address as *const u8, size);
            variables
        },
    };
    BLOCK.set(Box::into_raw(Box::new(Block { variables, destructors: Vec::new() })));
    // Fails in a thread that has ended but for other destructors: its block is leaked.
    let _ = END_OF_THREAD.try_with(|_| ());
    BLOCK.get()
}

struct EndOfThread;

impl Drop for EndOfThread {
    fn drop(&mut self) {
        let block = BLOCK.get();
        // SAFETY: the block is this thread's own. No reference to it is held while a destructor runs, which may
        // register more of them.
        unsafe {
            while let Some((destructor, object)) = (*block).destructors.pop() {
                destructor(object);
            }
            BLOCK.set(ptr::null_mut());
            let Block { variables, .. } = *Box::from_raw(block);
            if !variables.is_null() {
                dealloc(variables, Template::get().layout);
            }
        }
    }
}
