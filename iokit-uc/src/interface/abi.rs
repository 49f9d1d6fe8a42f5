//! What a task and a driver have agreed on, as text, and a test that notices when it changes.

use super::types::{NamedType, Types};
use super::{Interface, Memory, Method, Parameter, ParameterKind, Reply};
use crate::memory::{Content, FieldKind, FieldLayout};
use crate::wire::{Layout, OutputShape, ScalarKind, ScalarType, Shape, VARIABLE};
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// A fingerprint of what a task and a driver have agreed on: FNV-1a, 64 bits, of [`Interface::abi`].
///
/// It tells one version of an interface from another, for a driver to publish as a property or to return from a
/// method. It proves nothing about someone who wants two interfaces to have one hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AbiHash(u64);

impl AbiHash {
    pub(super) fn of(text: &str) -> Self {
        const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x100_0000_01b3;
        Self(text.bytes().fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME)))
    }

    /// The hash as a number, as [`Interface::c_header`] states it.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// The hash that was a number: what a driver has published.
    pub const fn from_u64(hash: u64) -> Self {
        Self(hash)
    }
}

impl fmt::Display for AbiHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for AbiHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AbiHash({self})")
    }
}

impl Interface {
    /// The interface as text: everything that a task and a driver must agree on, and nothing else.
    ///
    /// In it are the type of the connection, the kind of table and the entitlements; selectors, with the methods'
    /// names, parameters and results; numbers of memory and data queues, with what lies there, and whether tasks may
    /// only read it; sizes of structures, and offsets, names and types of their fields; the same of blocks of
    /// registers, with what reading and writing a register does; values and names of enums. Names do not travel, but
    /// they say what a number means: two fields or parameters of one type that change places are another interface,
    /// although every size stays as it was. So is the same thing under another name, which is the price.
    ///
    /// Not in it are documentation, the order of methods in the trait, where in a tuple the structure stands, how the
    /// service is found, what the kernel locks, and the modules that types are in; nor how memory is cached, which is
    /// the task's choice, of which the driver does not hear (MEM-2), and which writes are `unsafe`.
    ///
    /// The text does not depend on the compiler or the machine, and later versions of this library write the same
    /// for the same interface.
    ///
    /// ```
    /// use iokit_uc::{Result, Structure, user_client};
    ///
    /// #[derive(Clone, Copy, Structure)]
    /// #[repr(C)]
    /// struct Sample {
    ///     value: i64,
    ///     weights: [u32; 2],
    /// }
    ///
    /// #[user_client]
    /// trait Example {
    ///     #[uc(selector = 1)]
    ///     fn store(&self, sample: &Sample) -> Result<(u32, u64)>;
    ///     #[uc(selector = 0, entitlement = "com.example.reset")]
    ///     fn reset(&self, hard: bool) -> Result<()>;
    /// }
    ///
    /// assert_eq!(
    ///     ExampleClient::INTERFACE.abi(),
    ///     r#"interface Example
    /// connection type 0
    /// table Dispatch2022
    ///
    /// 0 reset(hard: bool) -> ()
    ///   entitlement "com.example.reset"
    /// 1 store(sample: &Sample) -> (u32, u64)
    ///
    /// struct Sample, 16 bytes
    ///   0 value: i64
    ///   8 weights: [u32; 2]
    /// "#
    /// );
    /// ```
    pub fn abi(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = Abi::new(self).write(&mut text);
        text
    }

    /// The part of [`abi`](Self::abi) that is about one type.
    pub(super) fn definition(&self, ty: NamedType) -> String {
        let mut text = String::new();
        let _ = Abi::new(self).write_type(&mut text, ty, ty.name());
        text
    }

    /// The hash of [`abi`](Self::abi).
    ///
    /// ```
    /// use iokit_uc::{Result, user_client};
    ///
    /// #[user_client]
    /// trait Example {
    ///     #[uc(selector = 0)]
    ///     fn add(&self, a: u32, b: u32) -> Result<u32>;
    /// }
    ///
    /// // What the driver was built for, as it says itself.
    /// let driver = 0x21f5_cb75_8718_c69a;
    /// assert_eq!(ExampleClient::INTERFACE.abi_hash().to_u64(), driver);
    /// ```
    pub fn abi_hash(&self) -> AbiHash {
        AbiHash::of(&self.abi())
    }

    /// Compares the interface with the one in the file at `path`, which is [`abi`](Self::abi) as it was when the
    /// file was written.
    ///
    /// With `IOKIT_UC_BLESS=1` in the environment the file is written instead.
    pub fn check_abi(&self, path: impl AsRef<Path>) -> Result<(), AbiError> {
        let path = path.as_ref();
        let found = self.abi();
        let io_error = |source| AbiError::Io { path: path.to_owned(), source };
        if is_blessing() {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(io_error)?;
            }
            return fs::write(path, found).map_err(io_error);
        }
        let expected = match fs::read_to_string(path) {
            // As git may have checked it out.
            Ok(text) => text.replace("\r\n", "\n"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(AbiError::Missing { path: path.to_owned(), interface: self.name });
            }
            Err(error) => return Err(io_error(error)),
        };
        if expected == found {
            return Ok(());
        }
        Err(AbiError::Changed { path: path.to_owned(), interface: self.name, expected, found })
    }

    /// Fails a test where the interface is not the one in the file at `path`: [`check_abi`](Self::check_abi), which
    /// panics with the difference.
    ///
    /// A path that is not absolute starts at the package's own folder, where `cargo test` runs. The file belongs into
    /// version control, so that who changes what goes over the wire sees it, and everyone who reviews the change.
    ///
    /// ```no_run
    /// # use iokit_uc::{Result, user_client};
    /// # #[user_client]
    /// # trait Example {
    /// #     #[uc(selector = 0)]
    /// #     fn add(&self, a: u32, b: u32) -> Result<u32>;
    /// # }
    /// #[test]
    /// # fn hidden() {}
    /// fn drivers_in_the_field_still_understand_us() {
    ///     ExampleClient::INTERFACE.assert_abi("tests/example.abi");
    /// }
    /// ```
    #[track_caller]
    pub fn assert_abi(&self, path: impl AsRef<Path>) {
        if let Err(error) = self.check_abi(path) {
            panic!("{error}");
        }
    }
}

const BLESS: &str = "IOKIT_UC_BLESS";

fn is_blessing() -> bool {
    std::env::var_os(BLESS).is_some_and(|value| !value.is_empty() && value != "0")
}

/// Why an interface could not be found to be the one in a file.
#[derive(Debug)]
#[non_exhaustive]
pub enum AbiError {
    /// There is no such file.
    #[non_exhaustive]
    Missing {
        /// Where it should be.
        path: PathBuf,
        /// The trait's name.
        interface: &'static str,
    },
    /// The interface is another one.
    #[non_exhaustive]
    Changed {
        /// The file.
        path: PathBuf,
        /// The trait's name.
        interface: &'static str,
        /// What the file says.
        expected: String,
        /// What the interface is.
        found: String,
    },
    /// The file could not be read or written.
    #[non_exhaustive]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
}

impl fmt::Display for AbiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path, interface } => write!(
                f,
                "{} does not exist: run this once with {BLESS}=1 to write the interface `{interface}` there, and keep the \
                 file in version control",
                path.display()
            ),
            Self::Changed { path, interface, expected, found } => {
                let (old, new) = (AbiHash::of(expected), AbiHash::of(found));
                writeln!(
                    f,
                    "the interface `{interface}` is not the one in {} ({old} there, {new} here):\n",
                    path.display()
                )?;
                write_difference(f, expected, found)?;
                write!(
                    f,
                    "\nA driver built for the one does not understand the other. If that is meant, run this with {BLESS}=1 \
                     to write the file anew."
                )
            }
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
        }
    }
}

impl std::error::Error for AbiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Missing { .. } | Self::Changed { .. } => None,
        }
    }
}

/// How many equal lines are shown around those that differ.
const CONTEXT: usize = 2;

/// The lines that are in one text only, with some around them: `-` before those of `old`, `+` before those of `new`.
fn write_difference(f: &mut impl Write, old: &str, new: &str) -> fmt::Result {
    let lines = difference(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let is_near = |index: usize| {
        let near = index.saturating_sub(CONTEXT)..(index + CONTEXT + 1).min(lines.len());
        lines[near].iter().any(|&(sign, _)| sign != ' ')
    };
    let mut last = None;
    for (index, (sign, line)) in lines.iter().enumerate() {
        if !is_near(index) {
            continue;
        }
        if last.map_or(index > 0, |last| index > last + 1) {
            writeln!(f, "    …")?;
        }
        last = Some(index);
        writeln!(f, "{}", format!("  {sign} {line}").trim_end())?;
    }
    if old.lines().eq(new.lines()) {
        writeln!(f, "    (in the ends of lines alone)")?;
    }
    Ok(())
}

/// The lines of both texts: along a longest common subsequence, each in one of them marked.
fn difference<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    // `common[i][j]`: how many lines `old[i..]` and `new[j..]` have in common.
    let mut common = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = match old[i] == new[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    lines
}

struct Abi<'a> {
    interface: &'a Interface,
    types: Types,
}

impl<'a> Abi<'a> {
    fn new(interface: &'a Interface) -> Self {
        let types = Types::of(interface, |name, earlier| match earlier {
            0 => name.to_owned(),
            _ => format!("{name}#{}", earlier + 1),
        });
        Self { interface, types }
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let Interface { name, connection_type, table, entitlement, .. } = *self.interface;
        writeln!(out, "interface {name}\nconnection type {connection_type}\ntable {table:?}")?;
        if let Some(entitlement) = entitlement {
            writeln!(out, "entitlement {}", quoted(entitlement))?;
        }
        writeln!(out)?;
        for method in self.interface.methods_by_selector() {
            self.write_method(out, method)?;
        }
        if !self.interface.methods.is_empty() && !self.interface.memory.is_empty() {
            writeln!(out)?;
        }
        for memory in self.interface.memory_by_type() {
            self.write_memory(out, memory)?;
        }
        let mut types: Vec<_> = self.types.iter().collect();
        types.sort_by_key(|&(_, name)| name);
        for (ty, name) in types {
            writeln!(out)?;
            self.write_type(out, ty, name)?;
        }
        Ok(())
    }

    fn write_method(&self, out: &mut String, method: &Method) -> fmt::Result {
        let parameters: Vec<_> =
            method.parameters.iter().map(|parameter| self.parameter(parameter)).collect();
        let is_future = method.completion.is_some_and(|completion| !completion.many);
        writeln!(
            out,
            "{} {}{}({}) -> {}",
            method.name.selector,
            if is_future { "async " } else { "" },
            method.name.method,
            parameters.join(", "),
            self.result(method)
        )?;
        if let Some(entitlement) = method.checks.entitlement {
            writeln!(out, "  entitlement {}", quoted(entitlement))?;
        }
        Ok(())
    }

    fn write_memory(&self, out: &mut String, memory: &Memory) -> fmt::Result {
        let Memory { name, content, read_only, .. } = memory;
        let (kind, content) = match content {
            Content::Registers(block) => ("memory", self.types.name(NamedType::Block(block)).to_owned()),
            Content::Slice(layout) => ("memory", format!("[{}]", self.layout(layout))),
            Content::Queue(Some(layout)) => ("queue", self.layout(layout)),
            Content::Queue(None) => ("queue", "[u8]".to_owned()),
        };
        let read_only = if *read_only { ", read-only" } else { "" };
        writeln!(out, "{kind} {} {}: {content}{read_only}", name.memory_type, name.method)
    }

    fn parameter(&self, Parameter { name, kind }: &Parameter) -> String {
        match kind {
            ParameterKind::Scalar(ty) => format!("{name}: {}", self.scalar(ty)),
            ParameterKind::Scalars => format!("{name}: Scalars"),
            ParameterKind::Structure(layout) => format!("{name}: &{}", self.layout(layout)),
            ParameterKind::Slice(layout) => format!("{name}: &[{}]", self.layout(layout)),
            ParameterKind::Buffer(layout) => format!("{name}: &mut [{}]", self.layout(layout)),
        }
    }

    fn result(&self, method: &Method) -> String {
        let mut parts = match &method.reply {
            Reply::Values(shape) => self.output(shape),
            Reply::Filled => vec!["usize".to_owned()],
            Reply::Variable(layout) => vec![format!("Vec<{}>", self.layout(layout))],
        };
        if let Some(completion) = &method.completion {
            let values = tuple(&self.output(&completion.values));
            parts.push(if completion.many { format!("Completions<{values}>") } else { values });
        }
        tuple(&parts)
    }

    fn output(&self, shape: &OutputShape) -> Vec<String> {
        let mut parts: Vec<_> = shape.scalars().iter().map(|ty| self.scalar(ty).to_owned()).collect();
        if shape.scalar_count() == VARIABLE {
            parts.push("Scalars".to_owned());
        }
        parts.extend(shape.layout().map(|layout| self.layout(layout)));
        parts
    }

    fn scalar(&self, ty: &'static ScalarType) -> &str {
        self.types.name(NamedType::Scalar(ty))
    }

    fn layout(&self, layout: &'static Layout) -> String {
        match layout.shape() {
            Shape::Number => layout.name().to_owned(),
            Shape::Array { element, length } => format!("[{}; {length}]", self.layout(element)),
            Shape::Struct(_) => self.types.name(NamedType::Struct(layout)).to_owned(),
        }
    }

    fn write_type(&self, out: &mut String, ty: NamedType, name: &str) -> fmt::Result {
        match ty {
            NamedType::Struct(layout) => {
                writeln!(out, "struct {name}, {} bytes", layout.size())?;
                let Shape::Struct(fields) = layout.shape() else { return Ok(()) };
                for field in fields {
                    writeln!(out, "  {} {}: {}", field.offset, field.name, self.layout(field.layout))?;
                }
            }
            NamedType::Scalar(ty) => match ty.kind() {
                ScalarKind::Enum { integer, variants } => {
                    writeln!(out, "enum {name}: {}", integer.name())?;
                    let mut variants: Vec<_> = variants.iter().collect();
                    variants.sort_by_key(|variant| variant.value);
                    for variant in variants {
                        writeln!(out, "  {} {}", variant.value, variant.name)?;
                    }
                }
                ScalarKind::Newtype(inner) => writeln!(out, "scalar {name}: {}", self.scalar(inner))?,
                ScalarKind::Integer { .. } | ScalarKind::Bool => {}
            },
            NamedType::Block(block) => {
                writeln!(out, "registers {name}, {} bytes", block.size)?;
                for field in block.fields {
                    writeln!(out, "  {} {}: {}", field.offset, field.name, self.field(field))?;
                }
            }
        }
        Ok(())
    }

    /// `ReadPure<Status>, 32 bits, 4 times every 16 bytes`
    fn field(&self, field: &FieldLayout) -> String {
        let one = match field.kind {
            FieldKind::Block(block) => self.types.name(NamedType::Block(block)).to_owned(),
            FieldKind::Register { value, bits, kind, .. } => format!("{kind:?}<{value}>, {bits} bits"),
        };
        match field.array {
            None => one,
            Some((length, stride)) => format!("{one}, {length} times every {stride} bytes"),
        }
    }
}

fn tuple(parts: &[String]) -> String {
    match parts {
        [one] => one.clone(),
        parts => format!("({})", parts.join(", ")),
    }
}

/// A text in one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            _ => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // Of the algorithm's published test vectors.
        assert_eq!(AbiHash::of("").to_u64(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(AbiHash::of("a").to_u64(), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(AbiHash::of("foobar").to_u64(), 0x8594_4171_f739_67e8);
    }

    fn shown(old: &str, new: &str) -> String {
        let mut text = String::new();
        write_difference(&mut text, old, new).unwrap();
        text
    }

    #[test]
    fn a_difference_shows_what_changed_and_what_is_near() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let new = "a\nb\nc\nd\nE\nf\ng\nh\ni\nj\n";
        assert_eq!(shown(old, new), "    …\n    c\n    d\n  - e\n  + E\n    f\n    g\n    h\n    i\n  + j\n");
    }

    #[test]
    fn lines_that_change_places_are_a_difference() {
        assert_eq!(shown("a\nb\n", "b\na\n"), "  - a\n    b\n  + a\n");
    }

    #[test]
    fn texts_with_nothing_in_common_are_a_difference_too() {
        assert_eq!(shown("", "a\n"), "  + a\n");
        assert_eq!(shown("a\nb", "c"), "  - a\n  - b\n  + c\n");
        assert_eq!(shown("a", "a\n"), "    (in the ends of lines alone)\n");
    }

    #[test]
    fn a_quoted_text_stays_in_its_line() {
        assert_eq!(quoted("a\"b\\c\r\n"), r#""a\"b\\c\r\n""#);
    }
}
