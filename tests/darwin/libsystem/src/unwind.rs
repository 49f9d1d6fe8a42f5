//! `unwind.h`: the unwinder is libgcc's, which agrees on the layout of exceptions and the numbers of registers.

use darwin_loader::Export;

#[link(name = "gcc_s")]
unsafe extern "C" {}

pub(crate) fn exports() -> Vec<Export> {
    same! {
        _Unwind_Backtrace, _Unwind_DeleteException, _Unwind_GetCFA, _Unwind_GetDataRelBase, _Unwind_GetIP,
        _Unwind_GetIPInfo, _Unwind_GetLanguageSpecificData, _Unwind_GetRegionStart, _Unwind_GetTextRelBase,
        _Unwind_RaiseException, _Unwind_Resume, _Unwind_Resume_or_Rethrow, _Unwind_SetGR, _Unwind_SetIP,
    }
}
