//! `setjmp.h`. macOS's `jmp_buf` has 148 bytes, too few for glibc's. The mask of signals is neither kept nor restored.

use std::arch::naked_asm;

use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    exports![
        set as "setjmp",
        set as "_setjmp",
        set as "sigsetjmp",
        jump as "longjmp",
        jump as "_longjmp",
        jump as "siglongjmp",
    ]
}

/// Keeps the registers that calls preserve, the stack pointer after the return, and the address to return to.
#[unsafe(naked)]
unsafe extern "C" fn set() {
    naked_asm!(
        "mov [rdi], rbx",
        "mov [rdi + 8], rbp",
        "mov [rdi + 16], r12",
        "mov [rdi + 24], r13",
        "mov [rdi + 32], r14",
        "mov [rdi + 40], r15",
        "lea rax, [rsp + 8]",
        "mov [rdi + 48], rax",
        "mov rax, [rsp]",
        "mov [rdi + 56], rax",
        "xor eax, eax",
        "ret",
    )
}

/// Returns from `set` again, with the second argument, or 1 for 0.
#[unsafe(naked)]
unsafe extern "C" fn jump() {
    naked_asm!(
        "mov rbx, [rdi]",
        "mov rbp, [rdi + 8]",
        "mov r12, [rdi + 16]",
        "mov r13, [rdi + 24]",
        "mov r14, [rdi + 32]",
        "mov r15, [rdi + 40]",
        "mov eax, esi",
        "test eax, eax",
        "jnz 2f",
        "inc eax",
        "2:",
        "mov rsp, [rdi + 48]",
        "jmp qword ptr [rdi + 56]",
    )
}
