//! Locales, of which there is "C" alone, and wide characters: `locale.h`, `xlocale.h`, `wchar.h`.
//!
//! Most of it is for programs in C++, whose streams are made of it.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    let mut exports = [
        same! {
            btowc, fputwc, fputws, fgetwc, fwide, getwc, iswalnum, iswalpha, iswblank, iswcntrl, iswdigit,
            iswgraph, iswlower, iswprint, iswpunct, iswspace, iswupper, iswxdigit, localeconv, mblen, mbrlen,
            mbrtowc, mbsnrtowcs, mbsrtowcs, mbstowcs, mbtowc, putwc, putwchar, swprintf, towlower, towupper,
            ungetwc, vswprintf, vwprintf, wcrtomb, wcscat, wcschr, wcscmp, wcscoll, wcscpy, wcslen, wcsncmp,
            wcsncpy, wcsnrtombs, wcsrchr, wcsrtombs, wcsstr, wcstod, wcstof, wcstol, wcstold, wcstoll,
            wcstombs, wcstoul, wcstoull, wcsxfrm, wctob, wctomb, wmemchr, wmemcmp, wmemcpy, wmemmove, wmemset,
            wprintf,
        },
        // Their last argument is a locale, which the functions without one do not look at.
        same![
            btowc as "btowc_l",
            localeconv as "localeconv_l",
            mbrlen as "mbrlen_l",
            mbrtowc as "mbrtowc_l",
            mbsnrtowcs as "mbsnrtowcs_l",
            mbsrtowcs as "mbsrtowcs_l",
            mbtowc as "mbtowc_l",
            strcoll as "strcoll_l",
            strftime as "strftime_l",
            strtod as "strtod_l",
            strtof as "strtof_l",
            strtold as "strtold_l",
            strxfrm as "strxfrm_l",
            wcrtomb as "wcrtomb_l",
            wcscoll as "wcscoll_l",
            wcsnrtombs as "wcsnrtombs_l",
            wcsxfrm as "wcsxfrm_l",
            wctob as "wctob_l",
        ],
        exports![
            asprintf_l,
            bytes_per_character as "___mb_cur_max",
            bytes_per_character as "___mb_cur_max_l",
            duplocale,
            freelocale,
            newlocale,
            setlocale,
            snprintf_l,
            sscanf_l,
            uselocale,
        ],
    ]
    .concat();
    exports.push(Export::variable("__mb_cur_max", &BYTES_PER_CHARACTER));
    exports
}

static BYTES_PER_CHARACTER: c_int = 1;

extern "C" fn bytes_per_character() -> c_int {
    BYTES_PER_CHARACTER
}

/// `locale_t`: the locale "C".
const C: *mut c_void = ptr::without_provenance_mut(1);

/// # Safety
/// `name` must be null or a C string.
unsafe fn is_known(name: *const c_char) -> bool {
    // SAFETY: by the caller's promise.
    name.is_null() || [c"", c"C", c"POSIX"].contains(&unsafe { CStr::from_ptr(name) })
}

unsafe extern "C" fn setlocale(_category: c_int, name: *const c_char) -> *const c_char {
    // SAFETY: by the caller's promise.
    if unsafe { is_known(name) } { c"C".as_ptr() } else { ptr::null() }
}

unsafe extern "C" fn newlocale(_mask: c_int, name: *const c_char, _base: *mut c_void) -> *mut c_void {
    // SAFETY: by the caller's promise.
    if unsafe { is_known(name) } { C } else { ptr::null_mut() }
}

extern "C" fn duplocale(_locale: *mut c_void) -> *mut c_void {
    C
}

extern "C" fn uselocale(_locale: *mut c_void) -> *mut c_void {
    C
}

extern "C" fn freelocale(_locale: *mut c_void) -> c_int {
    0
}

// The variants with a `va_list` have no locale.
unsafe extern "C" {
    fn vasprintf();
    fn vsnprintf();
    fn vsscanf();
}

variadic!(snprintf_l, 4 named, vsnprintf, "mov rdx, rcx", "lea rcx, [rsp + 176]");
variadic!(asprintf_l, 3 named, vasprintf, "mov rsi, rdx", "lea rdx, [rsp + 176]");
variadic!(sscanf_l, 3 named, vsscanf, "mov rsi, rdx", "lea rdx, [rsp + 176]");
