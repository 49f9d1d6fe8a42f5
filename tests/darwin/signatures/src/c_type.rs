//! The types of parameters, results and variables, in C and in Rust.

use std::fmt;

/// A type as far as the headers need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A type by its name in Rust: C's own types are translated, others keep their names.
    Named(String),
    /// A reference to an object of CoreFoundation, by the type's name.
    Object(String),
    /// `T *`, or `const T *`.
    Pointer {
        /// What it points to.
        to: Box<Type>,
        /// Not to be written through.
        constant: bool,
    },
}

/// Port names that come with a user reference for the caller when a function gives them.
const IO_OBJECTS: [&str; 8] = [
    "io_object_t",
    "io_connect_t",
    "io_enumerator_t",
    "io_ident_t",
    "io_iterator_t",
    "io_registry_entry_t",
    "io_service_t",
    "uext_object_t",
];
/// Port names that may come with one.
const PORT_NAMES: [&str; 3] = ["mach_port_t", "mach_port_name_t", "task_port_t"];

/// Results that are 0 when the function has succeeded.
const RETURN_CODES: [&str; 4] = ["kern_return_t", "mach_msg_return_t", "IOReturn", "OSStatus"];
/// Results that are 0 when the function has failed.
const TRUTHS: [&str; 4] = ["Boolean", "boolean_t", "CFIndex", "CFTypeID"];

impl Type {
    pub(crate) fn named(name: &str) -> Self {
        Self::Named(name.to_owned())
    }

    pub(crate) fn pointer(to: Self, constant: bool) -> Self {
        Self::Pointer { to: Box::new(to), constant }
    }

    /// A reference to a CoreFoundation object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The name of an object of I/O Kit.
    pub fn is_io_object(&self) -> bool {
        self.name().is_some_and(|name| IO_OBJECTS.contains(&name))
    }

    /// The name of a port.
    pub fn is_port_name(&self) -> bool {
        self.is_io_object() || self.name().is_some_and(|name| PORT_NAMES.contains(&name))
    }

    /// What a function may write through this type.
    pub fn out(&self) -> Option<&Self> {
        match self {
            Self::Pointer { to, constant: false } => Some(to),
            _ => None,
        }
    }

    pub(crate) fn is_pointer(&self) -> bool {
        self.is_object() || matches!(self, Self::Pointer { .. })
    }

    /// The condition in Rust by which `result` of this type says that the function has succeeded or failed, if it does.
    pub(crate) fn outcome(&self, result: &str, succeeded: bool) -> Option<String> {
        match self.name() {
            _ if self.is_pointer() => Some(format!("{}{result}.is_null()", if succeeded { "!" } else { "" })),
            Some(name) if RETURN_CODES.contains(&name) => {
                Some(format!("{result} {} 0", if succeeded { "==" } else { "!=" }))
            }
            Some(name) if TRUTHS.contains(&name) => {
                Some(format!("{result} {} 0", if succeeded { "!=" } else { "==" }))
            }
            _ => None,
        }
    }

    /// The name of what the type points to in the end, or of the type itself.
    pub(crate) fn innermost(&self) -> &str {
        match self {
            Self::Named(name) | Self::Object(name) => name,
            Self::Pointer { to, .. } => to.innermost(),
        }
    }

    /// The name of a type that is no pointer, as far as its name tells.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Object(_) | Self::Pointer { .. } => None,
        }
    }
}

/// In Rust.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) | Self::Object(name) => f.write_str(name),
            Self::Pointer { to, constant: true } => write!(f, "*const {to}"),
            Self::Pointer { to, constant: false } => write!(f, "*mut {to}"),
        }
    }
}

/// The words of which C's own types consist.
pub(crate) fn is_specifier(word: &str) -> bool {
    matches!(
        word,
        "void" | "char" | "short" | "int" | "long" | "float" | "double" | "signed" | "unsigned" | "_Bool"
    )
}

/// The type in Rust of one of C's own, by its words.
pub(crate) fn of_specifiers(words: &[&str]) -> Option<&'static str> {
    let count = |wanted| words.iter().filter(|word| **word == wanted).count();
    let [unsigned, signed, long, short, int] = ["unsigned", "signed", "long", "short", "int"].map(count);
    if unsigned + signed > 1 || int > 1 {
        return None;
    }
    let plain = words.len() == 1;
    match words.iter().find(|word| matches!(**word, "void" | "char" | "float" | "double" | "_Bool")) {
        Some(&"void") if plain => Some("c_void"),
        Some(&"float") if plain => Some("f32"),
        Some(&"double") if plain => Some("f64"),
        Some(&"_Bool") if plain => Some("bool"),
        Some(&"char") if plain => Some("c_char"),
        Some(&"char") if words.len() == 2 && signed == 1 => Some("c_schar"),
        Some(&"char") if words.len() == 2 && unsigned == 1 => Some("c_uchar"),
        Some(_) => None,
        None => match (short, long, unsigned) {
            (1, 0, 0) => Some("c_short"),
            (1, 0, 1) => Some("c_ushort"),
            (0, 0, 0) => Some("c_int"),
            (0, 0, 1) => Some("c_uint"),
            (0, 1, 0) => Some("c_long"),
            (0, 1, 1) => Some("c_ulong"),
            (0, 2, 0) => Some("c_longlong"),
            (0, 2, 1) => Some("c_ulonglong"),
            _ => None,
        },
    }
}

/// The type in Rust of one that C's standard library or the headers define.
pub(crate) fn of_name(name: &str) -> &str {
    match name {
        "bool" => "bool",
        "int8_t" => "i8",
        "int16_t" => "i16",
        "int32_t" => "i32",
        "int64_t" => "i64",
        "uint8_t" => "u8",
        "uint16_t" => "u16",
        "uint32_t" => "u32",
        "uint64_t" => "u64",
        "intptr_t" | "ssize_t" | "ptrdiff_t" => "isize",
        "uintptr_t" | "size_t" => "usize",
        name => name,
    }
}

/// The size of one of Rust's integers, and whether it is signed, on a 64-bit Mac.
pub(crate) fn integer(name: &str) -> Option<(usize, bool)> {
    Some(match name {
        "c_char" | "c_schar" | "i8" => (1, true),
        "c_uchar" | "u8" => (1, false),
        "c_short" | "i16" => (2, true),
        "c_ushort" | "u16" => (2, false),
        "c_int" | "i32" => (4, true),
        "c_uint" | "u32" => (4, false),
        "c_long" | "c_longlong" | "i64" | "isize" => (8, true),
        "c_ulong" | "c_ulonglong" | "u64" | "usize" => (8, false),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_c_are_those_of_rust() {
        for (words, rust) in [
            ("void", "c_void"),
            ("char", "c_char"),
            ("signed char", "c_schar"),
            ("char unsigned", "c_uchar"),
            ("short", "c_short"),
            ("short int", "c_short"),
            ("unsigned short", "c_ushort"),
            ("signed", "c_int"),
            ("int", "c_int"),
            ("unsigned", "c_uint"),
            ("unsigned int", "c_uint"),
            ("long", "c_long"),
            ("unsigned long", "c_ulong"),
            ("long long", "c_longlong"),
            ("long unsigned long int", "c_ulonglong"),
            ("float", "f32"),
            ("double", "f64"),
            ("_Bool", "bool"),
        ] {
            assert_eq!(of_specifiers(&words.split(' ').collect::<Vec<_>>()), Some(rust), "{words}");
        }
    }

    #[test]
    fn other_combinations_are_no_types() {
        for words in [
            "long double",
            "unsigned float",
            "void int",
            "short _Bool",
            "char int",
            "char char",
            "unsigned char int",
            "signed char int",
            "signed unsigned",
            "unsigned unsigned",
            "int int",
            "short long",
            "short short",
            "long long long",
        ] {
            assert_eq!(of_specifiers(&words.split(' ').collect::<Vec<_>>()), None, "{words}");
        }
    }

    #[test]
    fn integers_have_a_size_and_a_sign() {
        use std::ffi::*;
        macro_rules! assert_integers {
            ($($name:ident)*) => {$(
                #[allow(unused_comparisons)]
                let expected = (size_of::<$name>(), $name::MIN < 0);
                assert_eq!(integer(stringify!($name)), Some(expected), stringify!($name));
            )*};
        }
        assert_integers!(i8 u8 i16 u16 i32 u32 i64 u64 isize usize);
        assert_integers!(c_char c_schar c_uchar c_short c_ushort c_int c_uint c_long c_ulong c_longlong c_ulonglong);
        assert_eq!(integer("f64"), None);
    }

    #[test]
    fn a_pointer_names_its_constness() {
        let text = Type::pointer(Type::named("c_char"), true);
        assert_eq!(text.to_string(), "*const c_char");
        assert_eq!(Type::pointer(text, false).to_string(), "*mut *const c_char");
    }
}
