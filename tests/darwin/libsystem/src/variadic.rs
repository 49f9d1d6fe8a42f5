//! Functions with variable arguments.

/// Defines a variadic function by `$next`, the variant with a `va_list`, which it makes as compilers do: the registers,
/// then the stack. `$shift` puts its address, `rsp + 176`, into the register of the last argument of `$next`, and moves
/// named arguments if `$next` has fewer. What `$next` throws, or what it calls, unwinds through it.
#[macro_export]
macro_rules! variadic {
    ($visibility:vis $name:ident, $named:literal named, $next:ident, $($shift:literal),*) => {
        #[unsafe(naked)]
        $visibility unsafe extern "C-unwind" fn $name() {
            std::arch::naked_asm!(
                ".cfi_startproc",
                "sub rsp, 0xd8",
                ".cfi_adjust_cfa_offset 0xd8",
                "mov [rsp + 8], rsi",
                "mov [rsp + 16], rdx",
                "mov [rsp + 24], rcx",
                "mov [rsp + 32], r8",
                "mov [rsp + 40], r9",
                "movaps [rsp + 48], xmm0",
                "movaps [rsp + 64], xmm1",
                "movaps [rsp + 80], xmm2",
                "movaps [rsp + 96], xmm3",
                "movaps [rsp + 112], xmm4",
                "movaps [rsp + 128], xmm5",
                "movaps [rsp + 144], xmm6",
                "movaps [rsp + 160], xmm7",
                concat!("mov dword ptr [rsp + 176], 8 * ", $named),
                "mov dword ptr [rsp + 180], 48",
                "lea rax, [rsp + 0xe0]",
                "mov [rsp + 184], rax",
                "mov [rsp + 192], rsp",
                $($shift,)*
                "call {next}",
                "add rsp, 0xd8",
                ".cfi_adjust_cfa_offset -0xd8",
                "ret",
                ".cfi_endproc",
                next = sym $next,
            )
        }
    };
}
