//! Names that C and C++ take.

use std::collections::HashSet;

/// Keywords of C, up to C23.
const C: &str = "\
    alignas alignof asm auto bool break case char const constexpr continue default do double else enum \
    extern false float for fortran goto if inline int long nullptr register restrict return short signed \
    sizeof static static_assert struct switch thread_local true typedef typeof typeof_unqual union unsigned \
    void volatile while _Alignas _Alignof _Atomic _BitInt _Bool _Complex _Decimal128 _Decimal32 _Decimal64 \
    _Generic _Imaginary _Noreturn _Static_assert _Thread_local";

/// Keywords of C++, up to C++23, that C does not have.
const CPP: &str = "\
    and and_eq bitand bitor catch char16_t char32_t char8_t class co_await co_return co_yield compl concept \
    const_cast consteval constinit decltype delete dynamic_cast explicit export friend mutable namespace new \
    noexcept not not_eq operator or or_eq private protected public reinterpret_cast requires static_cast \
    template this throw try typeid typename using virtual wchar_t xor xor_eq";

/// Macros of compilers and of every system's headers.
const MACROS: &str = "FALSE NULL TRUE errno i386 linux offsetof unix";

/// Types of `<stdint.h>` and `<stddef.h>`.
const TYPES: &str = "\
    int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intmax_t intptr_t max_align_t \
    nullptr_t ptrdiff_t size_t uintmax_t uintptr_t";

/// What the table needs of IOKit.
const IOKIT: &str = "\
    IOByteCount IOExternalMethod IOExternalMethodAction IOExternalMethodArguments IOExternalMethodDispatch \
    IOExternalMethodDispatch2022 IOMethod IOOptionBits IOReturn IOService IOUserClient IOUserClient2022 \
    OSObject";

fn is_reserved(name: &str) -> bool {
    let is_word = |words: &&str| words.split_whitespace().any(|word| word == name);
    [C, CPP, MACROS, TYPES, IOKIT].iter().any(is_word) || is_predefined(name) || is_limit(name)
}

/// `__LINE__`, `__x86_64__` and their like: whatever a compiler defines before it reads anything.
fn is_predefined(name: &str) -> bool {
    let between = || name.strip_prefix("__")?.strip_suffix("__");
    name == "__cplusplus" || between().is_some_and(|word| !word.is_empty() && !word.ends_with('_'))
}

/// `SIZE_MAX`, `INT8_C` and the other macros of `<stdint.h>`.
fn is_limit(name: &str) -> bool {
    const OTHERS: [&str; 7] = ["INTMAX", "INTPTR", "PTRDIFF", "SIG_ATOMIC", "SIZE", "WCHAR", "WINT"];
    let Some((ty, limit)) = name.rsplit_once('_') else { return false };
    let ty = ty.strip_prefix('U').unwrap_or(ty);
    let has_width = ["INT", "INT_FAST", "INT_LEAST"]
        .iter()
        .any(|integer| ty.strip_prefix(integer).is_some_and(|bits| ["8", "16", "32", "64"].contains(&bits)));
    ["C", "MAX", "MIN", "WIDTH"].contains(&limit) && (has_width || OTHERS.contains(&ty))
}

/// A scope of C, in which a name stands for one thing.
#[derive(Clone, Default)]
pub(super) struct Scope {
    taken: HashSet<String>,
}

impl Scope {
    /// `name` as an identifier, with underscores after it if it has to differ.
    pub(super) fn claim(&mut self, name: &str) -> String {
        let mut identifier = identifier(name);
        while is_reserved(&identifier) || self.taken.contains(&identifier) {
            identifier.push('_');
        }
        self.taken.insert(identifier.clone());
        identifier
    }

    /// Identifiers for names that stand side by side: those that can stay as they are come first.
    pub(super) fn claim_all(&mut self, names: &[&str]) -> Vec<String> {
        let can_stay = |name: &str| identifier(name) == name && !is_reserved(name);
        let mut identifiers = vec![String::new(); names.len()];
        for stays in [true, false] {
            for (name, identifier) in names.iter().zip(&mut identifiers) {
                if can_stay(name) == stays {
                    *identifier = self.claim(name);
                }
            }
        }
        identifiers
    }
}

/// `name` in the letters of C: `größe` is `gr_u00f6_u00dfe`, the field `0` of a tuple struct is `_0`.
pub(super) fn identifier(name: &str) -> String {
    let mut identifier = String::new();
    for char in name.chars() {
        match char {
            '0'..='9' if identifier.is_empty() => identifier.extend(['_', char]),
            '_' | '0'..='9' | 'a'..='z' | 'A'..='Z' => identifier.push(char),
            _ => identifier.push_str(&format!("_u{:04x}", u32::from(char))),
        }
    }
    identifier
}

/// `SimpleDriver` as macros are written: `SIMPLE_DRIVER`.
pub(super) fn shouted(name: &str) -> String {
    let mut shouted = String::new();
    let mut after_small = false;
    for char in identifier(name).chars() {
        if char.is_ascii_uppercase() && after_small {
            shouted.push('_');
        }
        after_small = char.is_ascii_lowercase() || char.is_ascii_digit();
        shouted.push(char.to_ascii_uppercase());
    }
    shouted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_c_or_cpp_keeps_for_itself_gets_an_underscore() {
        let mut scope = Scope::default();
        let names = ["int", "class", "value", "uint8_t", "_Bool", "größe", "0"].map(|name| scope.claim(name));
        assert_eq!(names, ["int_", "class_", "value", "uint8_t_", "_Bool_", "gr_u00f6_u00dfe", "_0"]);
    }

    #[test]
    fn a_name_of_a_macro_gets_an_underscore() {
        let mut scope = Scope::default();
        let macros = ["__LINE__", "__cplusplus", "SIZE_MAX", "INT_FAST8_MIN", "UINT64_C", "UINTPTR_MAX"];
        assert_eq!(macros.map(|name| scope.claim(name)), macros.map(|name| format!("{name}_")));
        let others = ["__pad", "____", "MAX", "BUFFER_MAX", "INTERVAL_MAX", "INT8"];
        assert_eq!(others.map(|name| scope.claim(name)), others);
    }

    #[test]
    fn names_that_c_cannot_tell_apart_are_made_different() {
        let mut scope = Scope::default();
        assert_eq!(scope.claim_all(&["class", "class_", "class__"]), ["class___", "class_", "class__"]);
        assert_eq!(scope.claim("class"), "class____");
    }

    #[test]
    fn macros_are_in_capitals() {
        let names = ["SimpleDriver", "SMC", "simple_driver", "Driver2Go", "é"].map(shouted);
        assert_eq!(names, ["SIMPLE_DRIVER", "SMC", "SIMPLE_DRIVER", "DRIVER2_GO", "_U00E9"]);
    }
}
