//! The interface as a header in C, for the driver's author.

mod memory;
mod names;
mod registers;
mod table;
mod text;

use super::abi::AbiHash;
use super::types::{NamedType, Types};
use super::{Interface, Memory, Method, ParameterKind, Reply, Target};
use crate::wire::{Field, Layout, OutputShape, ScalarKind, ScalarType, Shape, VARIABLE, Variant};
use names::Scope;
use std::fmt::{self, Write};
use text::{comment, comment_lines};

impl Interface {
    /// The interface as a header that C11 and C++11 compile, for the driver: selectors, numbers of memory and data
    /// queues, enums, and structures with a static assertion on every size and offset, those of fields too. Blocks of
    /// registers are such structures, with `volatile` members. Documentation comes along as comments, and what
    /// `clientMemoryForType` has to return as a sketch in one.
    ///
    /// Where the macro `{NAME}_DISPATCH_TABLE` is defined before the header is included, it also brings the driver's
    /// dispatch table, of the kind that the trait names with `table`, and declares the functions in it, which the
    /// driver must write. That part needs the headers of IOKit, and is for a kernel extension. For a legacy table
    /// the macro is the name of the class whose member functions they are.
    ///
    /// Names that C or C++ keep for themselves get an underscore at the end, other letters than theirs are written
    /// as `_u00e9`. Fields without a size are left out. A structure that several interfaces use may come with the
    /// header of each.
    ///
    /// ```
    /// use iokit_uc::{Result, Structure, user_client};
    ///
    /// #[derive(Clone, Copy, Structure)]
    /// #[repr(C)]
    /// struct Sample {
    ///     /// In millivolts.
    ///     value: i64,
    ///     weights: [u32; 2],
    /// }
    ///
    /// #[user_client(service = "com_example_Driver")]
    /// trait Example {
    ///     /// Keeps a sample.
    ///     #[uc(selector = 0)]
    ///     fn store(&self, sample: &Sample) -> Result<u32>;
    /// }
    ///
    /// let header = ExampleClient::INTERFACE.c_header();
    /// for line in [
    ///     "    kExample_store = 0,",
    ///     "    /* In millivolts. */",
    ///     "    int64_t value;",
    ///     "    uint32_t weights[2];",
    ///     "IOKIT_UC_ASSERT(sizeof(Sample) == 16, \"size of Sample\");",
    ///     "    { &Example_store, 0, sizeof(Sample), 1, 0, 0, NULL }, /* 0 */",
    /// ] {
    ///     assert!(header.lines().any(|found| found == line), "{line}\n{header}");
    /// }
    /// ```
    ///
    /// A driver's repository keeps the header beside its sources; a test of the library's, or its command-line tool,
    /// prints it.
    pub fn c_header(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = Header::new(self).write(&mut text);
        text
    }
}

struct Header<'a> {
    interface: &'a Interface,
    methods: Vec<Names>,
    memory: Vec<MemoryNames>,
    types: Types,
    /// What the names of macros begin with.
    prefix: String,
    /// What the dispatch table is called.
    table: String,
    /// Every name that stands outside of a structure, but for those of variants.
    scope: Scope,
}

/// What a method is called in C.
struct Names {
    method: &'static Method,
    selector: String,
    function: String,
}

/// What memory or a data queue is called in C.
struct MemoryNames {
    memory: &'static Memory,
    number: String,
}

impl<'a> Header<'a> {
    fn new(interface: &'a Interface) -> Self {
        let (name, prefix) = (interface.name, names::shouted(interface.name));
        let mut scope = Scope::default();
        scope.claim("IOKIT_UC_ASSERT");
        for part in ["H", "CONNECTION_TYPE", "ABI_HASH", "DISPATCH_TABLE"] {
            scope.claim(&format!("{prefix}_{part}"));
        }
        let types = Types::of(interface, |name, _| scope.claim(name));
        let names = |method: &'static Method| Names {
            method,
            selector: scope.claim(&format!("k{name}_{}", method.name.method)),
            function: scope.claim(&format!("{name}_{}", method.name.method)),
        };
        let methods = interface.methods_by_selector().into_iter().map(names).collect();
        let table = scope.claim(&format!("{name}_table"));
        let names = |memory: &'static Memory| MemoryNames {
            memory,
            number: scope.claim(&format!("k{name}Memory_{}", memory.name.method)),
        };
        let memory = interface.memory_by_type().into_iter().map(names).collect();
        Self { interface, methods, memory, types, prefix, table, scope }
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let Self { prefix, .. } = self;
        out.push_str(&comment(0, &self.about()));
        writeln!(out, "#ifndef {prefix}_H\n#define {prefix}_H\n")?;
        writeln!(out, "#include <stddef.h>\n#include <stdint.h>")?;
        let is_bool = |(ty, _)| match ty {
            NamedType::Scalar(ty) => {
                matches!(ty.kind(), ScalarKind::Newtype(inner) if inner.kind() == ScalarKind::Bool)
            }
            NamedType::Struct(_) | NamedType::Block(_) => false,
        };
        if self.types.iter().any(is_bool) {
            writeln!(out, "#ifndef __cplusplus\n#include <stdbool.h>\n#endif")?;
        }
        writeln!(out)?;
        out.push_str(
            "#ifndef IOKIT_UC_ASSERT\n\
             #ifdef __cplusplus\n\
             #define IOKIT_UC_ASSERT(condition, message) static_assert(condition, message)\n\
             #else\n\
             #define IOKIT_UC_ASSERT(condition, message) _Static_assert(condition, message)\n\
             #endif\n\
             #endif\n\n",
        );
        writeln!(out, "/* What IOServiceOpen is given as `type`. */")?;
        writeln!(out, "#define {prefix}_CONNECTION_TYPE UINT32_C({})\n", self.interface.connection_type)?;
        writeln!(out, "/* Tells this interface from others, and from other versions of it. */")?;
        writeln!(out, "#define {prefix}_ABI_HASH UINT64_C(0x{})\n", self.interface.abi_hash())?;
        let mut scope = self.scope.clone();
        for (ty, name) in self.types.iter() {
            self.write_type(out, &mut scope, ty, name)?;
        }
        self.write_selectors(out)?;
        self.write_memory(out)?;
        self.write_table(out)?;
        writeln!(out, "#endif /* {prefix}_H */")
    }

    fn about(&self) -> Vec<String> {
        let Interface { name, docs, target, .. } = self.interface;
        let mut lines = comment_lines(docs);
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("The interface {name}, written by iokit-uc: change the trait, not this file."));
        let found = target.map(|target| match target {
            Target::Service(class) => format!("Found by IOServiceMatching({}).", text::literal(class)),
            Target::Name(name) => format!("Found by IOServiceNameMatching({}).", text::literal(name)),
        });
        lines.extend(comment_lines(&found.unwrap_or_default()));
        lines
    }

    fn write_selectors(&self, out: &mut String) -> fmt::Result {
        if self.methods.is_empty() {
            return writeln!(out, "/* There are no external methods. */\n");
        }
        writeln!(out, "/* Selectors. */")?;
        let selectors = self.methods.iter().map(|Names { method, selector, .. }| {
            (selector.clone(), method.name.selector.into(), self.about_method(method))
        });
        write_constants(out, &Vec::from_iter(selectors), text::unsigned)?;
        writeln!(out)
    }

    /// What is written about a method, and what goes in and out.
    fn about_method(&self, method: &Method) -> Vec<String> {
        let mut lines = comment_lines(method.docs);
        let mut wire = Vec::new();
        let mut scalars = 0;
        for parameter in method.parameters {
            let name = parameter.name;
            wire.push(match parameter.kind {
                ParameterKind::Scalar(ty) => {
                    scalars += 1;
                    format!("scalarInput[{}]: {} {name}", scalars - 1, self.scalar(ty))
                }
                ParameterKind::Scalars => {
                    format!("scalarInput: as many as the caller passes, up to 16, {name}")
                }
                ParameterKind::Structure(layout) => format!("structureInput: {}", self.declare(layout, name)),
                ParameterKind::Slice(layout) => {
                    format!(
                        "structureInput: {}, as many as the caller passes",
                        self.declare_many(layout, name)
                    )
                }
                ParameterKind::Buffer(layout) => format!(
                    "structureOutput: {}, up to as many as the caller has room for",
                    self.declare_many(layout, name)
                ),
            });
        }
        match &method.reply {
            Reply::Values(shape) => wire.extend(self.about_output(shape, "scalarOutput")),
            Reply::Filled => {}
            Reply::Variable(layout) => wire.push(format!(
                "structureVariableOutputData: {}, as many as there are; in structureOutput if the caller has room there",
                self.declare_many(layout, "")
            )),
        }
        if let Some(completion) = &method.completion {
            let how_often = if completion.many { "any number of times" } else { "once" };
            let values = self.about_output(&completion.values, "args");
            let with = if values.is_empty() { ", without arguments" } else { ":" };
            wire.push(format!("sendAsyncResult64, {how_often}{with}"));
            wire.extend(values);
        }
        if !lines.is_empty() && !wire.is_empty() {
            lines.push(String::new());
        }
        lines.extend(wire);
        lines
    }

    fn about_output(&self, shape: &OutputShape, place: &str) -> Vec<String> {
        let scalars = shape.scalars().iter().enumerate();
        let mut lines: Vec<_> =
            scalars.map(|(index, ty)| format!("{place}[{index}]: {}", self.scalar(ty))).collect();
        if shape.scalar_count() == VARIABLE {
            lines.push(format!("{place}: as many as the driver likes, up to 16"));
        }
        lines.extend(shape.layout().map(|layout| format!("structureOutput: {}", self.declare(layout, ""))));
        lines
    }

    fn write_type(&self, out: &mut String, scope: &mut Scope, ty: NamedType, name: &str) -> fmt::Result {
        if matches!(ty, NamedType::Struct(layout) if layout.size() == 0) {
            return Ok(());
        }
        // Another interface's header may bring the same type.
        let guard = format!("IOKIT_UC_{name}_{}", AbiHash::of(&self.interface.definition(ty)));
        writeln!(out, "#ifndef {guard}\n#define {guard}")?;
        match ty {
            NamedType::Struct(layout) => self.write_struct(out, scope, layout, name)?,
            NamedType::Scalar(ty) => self.write_scalar(out, scope, ty, name)?,
            NamedType::Block(block) => self.write_block(out, scope, block, name)?,
        }
        writeln!(out, "#endif\n")
    }

    fn write_scalar(&self, out: &mut String, scope: &mut Scope, ty: &ScalarType, name: &str) -> fmt::Result {
        out.push_str(&comment(0, &comment_lines(ty.docs())));
        match ty.kind() {
            ScalarKind::Enum { integer, variants } => {
                writeln!(out, "typedef {} {name};", self.scalar(integer))?;
                write_variants(out, scope, name, variants)
            }
            ScalarKind::Newtype(inner) => writeln!(out, "typedef {} {name};", self.scalar(inner)),
            ScalarKind::Integer { .. } | ScalarKind::Bool => Ok(()),
        }
    }

    fn write_struct(&self, out: &mut String, scope: &Scope, layout: &Layout, name: &str) -> fmt::Result {
        let Shape::Struct(fields) = layout.shape() else { return Ok(()) };
        // In C++ a member does not have the name of a type that the structure uses, and variants may be macros.
        let names = scope.clone().claim_all(&fields.iter().map(|field| field.name).collect::<Vec<_>>());
        let fields: Vec<(&Field, String)> =
            fields.iter().zip(names).filter(|(field, _)| field.layout.size() != 0).collect();

        out.push_str(&comment(0, &comment_lines(layout.docs())));
        writeln!(out, "typedef struct {}{name} {{", attributes(layout, &fields))?;
        for (field, member) in &fields {
            out.push_str(&comment(4, &comment_lines(field.docs)));
            writeln!(out, "    {};", self.declare(field.layout, member))?;
        }
        writeln!(out, "}} {name};")?;
        writeln!(out, "IOKIT_UC_ASSERT(sizeof({name}) == {}, \"size of {name}\");", layout.size())?;
        for (field, member) in &fields {
            writeln!(out, "{}", assertion(name, member, field.offset, field.layout.size()))?;
        }
        Ok(())
    }

    fn scalar(&self, ty: &'static ScalarType) -> &str {
        match ty.kind() {
            ScalarKind::Integer { bits, signed } => integer(bits, signed),
            ScalarKind::Bool => "bool",
            _ => self.types.name(NamedType::Scalar(ty)),
        }
    }

    /// `uint32_t weights[2]`
    fn declare(&self, layout: &'static Layout, name: &str) -> String {
        let (mut element, mut lengths) = (layout, String::new());
        while let Shape::Array { element: inner, length } = element.shape() {
            lengths.push_str(&format!("[{length}]"));
            element = inner;
        }
        let space = if name.is_empty() || name.starts_with('[') { "" } else { " " };
        format!("{}{space}{name}{lengths}", self.element(element))
    }

    /// `uint32_t weights[][2]`
    fn declare_many(&self, layout: &'static Layout, name: &str) -> String {
        self.declare(layout, &format!("{name}[]"))
    }

    fn element(&self, layout: &'static Layout) -> &str {
        match layout.name() {
            _ if matches!(layout.shape(), Shape::Struct(_)) => self.types.name(NamedType::Struct(layout)),
            "f32" => "float",
            "f64" => "double",
            name => integer(layout.size() as u32 * 8, name.starts_with('i')),
        }
    }
}

fn write_variants(out: &mut String, scope: &mut Scope, ty: &str, variants: &[Variant]) -> fmt::Result {
    let constants = variants.iter().map(|variant| {
        (scope.claim(&format!("{ty}_{}", variant.name)), variant.value, comment_lines(variant.docs))
    });
    write_constants(out, &Vec::from_iter(constants), text::integer)
}

/// Names with their values and what is written about them: an enum, or macros with such literals.
fn write_constants(
    out: &mut String,
    constants: &[(String, i128, Vec<String>)],
    literal: fn(i128) -> String,
) -> fmt::Result {
    // An enumerator of C is an `int`.
    let is_enum =
        constants.iter().all(|(_, value, _)| i32::try_from(*value).is_ok()) && !constants.is_empty();
    if is_enum {
        writeln!(out, "enum {{")?;
    }
    for (name, value, about) in constants {
        out.push_str(&comment(if is_enum { 4 } else { 0 }, about));
        match is_enum {
            true => writeln!(out, "    {name} = {value},")?,
            false => writeln!(out, "#define {name} {}", literal(*value))?,
        }
    }
    if is_enum { writeln!(out, "}};") } else { Ok(()) }
}

/// A member of a structure is where Rust has it, and as large.
fn assertion(name: &str, member: &str, offset: usize, size: usize) -> String {
    format!(
        "IOKIT_UC_ASSERT(offsetof({name}, {member}) == {offset} && sizeof((({name} *)0)->{member}) == {size}, \
         \"offset and size of {name}.{member}\");"
    )
}

/// What makes a C compiler align a structure as Rust does. There is no padding in it, so if no member asks for more,
/// none may ask for any.
fn attributes(layout: &Layout, fields: &[(&Field, String)]) -> String {
    aligned(layout.align(), fields.iter().map(|(field, _)| field.layout.align()).max().unwrap_or(1))
}

/// The same for a structure whose members ask for `natural`.
fn aligned(align: usize, natural: usize) -> String {
    match align.cmp(&natural) {
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => format!("__attribute__((aligned({align}))) "),
        std::cmp::Ordering::Less => format!("__attribute__((packed, aligned({align}))) "),
    }
}

fn integer(bits: u32, signed: bool) -> &'static str {
    match (bits, signed) {
        (8, false) => "uint8_t",
        (16, false) => "uint16_t",
        (32, false) => "uint32_t",
        (_, false) => "uint64_t",
        (8, true) => "int8_t",
        (16, true) => "int16_t",
        (32, true) => "int32_t",
        (_, true) => "int64_t",
    }
}
