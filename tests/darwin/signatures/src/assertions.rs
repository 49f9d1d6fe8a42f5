//! What the compiler is to check of the bindings: that they declare what the headers declare.
//!
//! A name that a binding and the check itself both declare is ambiguous to the compiler where it is used. That is how it
//! finds a name that is excepted as undeclared, and is declared after all.

use crate::c_type::Type;
use crate::constant::{Constant, Value};
use crate::declaration::{Callback, Function, Variable};
use crate::exceptions::{Difference, Exceptions};
use crate::problem::{Location, Problem};
use crate::table::Table;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The headers that one binding is for.
#[derive(Clone, Copy, Debug)]
pub struct Face<'a> {
    /// A module at the root of the crate that has everything the binding declares.
    pub module: &'a str,
    /// Where its headers are.
    pub directories: &'a [&'a str],
}

impl Face<'_> {
    fn has(&self, location: &Location) -> bool {
        self.directories.iter().any(|directory| location.header.starts_with(directory))
    }
}

/// The assertions of one face, as a module in Rust. The crate that takes it in has `crate::check` too.
pub(crate) fn assertions(
    face: &Face<'_>,
    table: &Table,
    exceptions: &mut Exceptions,
    problems: &mut Vec<Problem>,
) -> String {
    let mut assertions = Assertions {
        exceptions,
        problems,
        checks: String::new(),
        undeclared: String::new(),
        uses: String::new(),
        types: BTreeSet::new(),
    };
    for function in table.functions.iter().filter(|function| face.has(&function.location)) {
        assertions.function(function);
    }
    for variable in table.variables.iter().filter(|variable| face.has(&variable.location)) {
        assertions.variable(variable);
    }
    for callback in table.callbacks.iter().filter(|callback| face.has(&callback.location)) {
        assertions.callback(callback);
    }
    for constant in table.constants.iter().filter(|constant| face.has(&constant.location)) {
        assertions.constant(constant);
    }
    assertions.integers(table);

    let Assertions { checks, undeclared, uses, .. } = assertions;
    let module = face.module;
    format!(
        "
#[deny(ambiguous_glob_imports)]
#[allow(dead_code, non_camel_case_types, non_snake_case, non_upper_case_globals, unused_imports)]
#[allow(clippy::all, clippy::undocumented_unsafe_blocks)]
mod {module}_assertions {{
    use crate::check::*;
    use crate::{module}::*;
    use std::ffi::*;

{checks}
    mod undeclared {{
        mod ours {{
{undeclared}        }}
        use crate::{module}::*;
        use ours::*;

{uses}    }}
}}
"
    )
}

struct Assertions<'a> {
    exceptions: &'a mut Exceptions,
    problems: &'a mut Vec<Problem>,
    /// Of what the binding declares.
    checks: String,
    /// Declarations of what it does not.
    undeclared: String,
    /// Uses of those.
    uses: String,
    /// The names of types that the checks use.
    types: BTreeSet<String>,
}

impl Assertions<'_> {
    fn function(&mut self, function: &Function) {
        let Function { name, parameters, variadic, result, location, .. } = function;
        let parameters: Vec<_> = parameters.iter().map(|parameter| &parameter.c_type).collect();
        let header = format!("unsafe extern \"C\" {}", signature(&parameters, *variadic, result.as_ref()));
        match self.exceptions.take(name) {
            None => {
                self.uses_types(function.types());
                self.check(format_args!("const _: {header} = {name};"));
            }
            Some(Difference::Type(binding)) => {
                let binding = format!("unsafe extern \"C\" {binding}");
                self.check(format_args!("const _: {binding} = {name};"));
                self.differs(name, &header, &binding);
            }
            Some(Difference::Undeclared) => self.undeclared_value(name),
            Some(_) => self.wrong_kind(name, location, "a function"),
        }
    }

    fn variable(&mut self, Variable { name, c_type, location }: &Variable) {
        match self.exceptions.take(name) {
            None => {
                self.uses_types([c_type]);
                self.check(format_args!("const _: fn() -> *const {c_type} = || &raw const {name};"));
            }
            Some(Difference::Type(binding)) => {
                self.check(format_args!("const _: fn() -> *const {binding} = || &raw const {name};"));
                self.differs(name, &c_type.to_string(), &binding);
            }
            Some(Difference::Undeclared) => self.undeclared_value(name),
            Some(_) => self.wrong_kind(name, location, "a variable"),
        }
    }

    fn callback(&mut self, Callback { name, parameters, result, location }: &Callback) {
        let header = signature(&parameters.iter().collect::<Vec<_>>(), false, result.as_ref());
        let mut same = |binding: &str| {
            self.checks += &format!(
                "    const _: () = assert!(Pair::<<{name} as Callback>::Signature, {binding}>::SAME, \"{name}\");\n"
            );
        };
        match self.exceptions.take(name) {
            None => {
                same(&header);
                self.uses_types(parameters.iter().chain(result));
            }
            Some(Difference::Type(binding)) => {
                same(&binding);
                self.differs(name, &header, &binding);
            }
            Some(Difference::Undeclared) => self.undeclared_type(name),
            Some(_) => self.wrong_kind(name, location, "a callback"),
        }
    }

    fn constant(&mut self, Constant { name, value, location }: &Constant) {
        let header = match value {
            Value::Number(number) => format!("{number}"),
            Value::Text(text) => format!("c{text:?}"),
        };
        let same = |left: &str, right: &str| match value {
            Value::Number(_) => format!("same_number({left} as i128, {right})"),
            Value::Text(_) => format!("unsafe {{ same_text({left}, {right}) }}"),
        };
        match self.exceptions.take(name) {
            None => self.check(format_args!("const _: () = assert!({});", same(name, &header))),
            Some(Difference::Constant(binding)) => {
                let as_excepted = same(name, &binding);
                let text = matches!(value, Value::Text(_)).then_some(".as_ptr()").unwrap_or_default();
                let as_in_header = same(&format!("{header}{text}"), &binding);
                self.check(format_args!("const _: () = assert!({as_excepted} && !{as_in_header});"));
            }
            Some(Difference::Undeclared) => self.undeclared_value(name),
            Some(_) => self.wrong_kind(name, location, "a constant"),
        }
    }

    /// The integers behind the names that the signatures use: the same name is not yet the same type.
    fn integers(&mut self, table: &Table) {
        for name in std::mem::take(&mut self.types) {
            let integer = table.integer(&name);
            let difference = self.exceptions.take_if(&name, |difference| match difference {
                Difference::Integer(_) => integer.is_some(),
                Difference::NoName(_) => true,
                _ => false,
            });
            if let Some(Difference::NoName(binding)) = &difference {
                self.check(format_args!("type {name} = {binding};"));
                self.undeclared_type(&name);
            }
            let Some((size, signed)) = integer else { continue };
            let as_in_header = format!("is_integer!({name}, {size}, {signed})");
            match difference {
                Some(Difference::Integer(binding)) => self.check(format_args!(
                    "const _: () = assert!(Pair::<{name}, {binding}>::SAME && !{as_in_header});"
                )),
                _ => self.check(format_args!("const _: () = assert!({as_in_header});")),
            }
        }
    }

    fn check(&mut self, check: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.checks, "    {check}");
    }

    /// An exception is needed only as long as the binding is not what the header says.
    fn differs(&mut self, name: &str, header: &str, binding: &str) {
        let message = format!("the bindings have {name} as in the header");
        self.check(format_args!("const _: () = assert!(!Pair::<{header}, {binding}>::SAME, {message:?});"));
    }

    fn undeclared_value(&mut self, name: &str) {
        let _ = writeln!(self.undeclared, "            pub(super) const {name}: () = ();");
        let _ = writeln!(self.uses, "        const _: () = {name};");
    }

    fn undeclared_type(&mut self, name: &str) {
        let _ = writeln!(self.undeclared, "            pub(super) struct {name} {{}}");
        let _ = writeln!(self.uses, "        const _: fn({name}) = |_| {{}};");
    }

    fn wrong_kind(&mut self, name: &str, location: &Location, kind: &str) {
        self.problems.push(location.problem(format_args!("{name} is excepted, but not as {kind}")));
    }

    fn uses_types<'t>(&mut self, types: impl IntoIterator<Item = &'t Type>) {
        self.types.extend(types.into_iter().map(|used| used.innermost().to_owned()));
    }
}

/// `fn(T, T) -> R`
fn signature(parameters: &[&Type], variadic: bool, result: Option<&Type>) -> String {
    let mut parameters: Vec<_> = parameters.iter().map(|parameter| parameter.to_string()).collect();
    if variadic {
        parameters.push("...".to_owned());
    }
    let arrow = result.map(|result| format!(" -> {result}")).unwrap_or_default();
    format!("fn({}){arrow}", parameters.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const FACE: Face<'_> = Face { module: "io_kit", directories: &["IOKit"] };

    /// The assertions for a header in the directory of `FACE`, or what is wrong with the exceptions.
    fn generated(header: &str, exceptions: &str) -> Result<String, Vec<String>> {
        let headers = [("IOKit/IO.h", header), ("mach/m.h", "CF_EXPORT void elsewhere(void);")];
        let table = Table::parse(headers.map(|(path, text)| (Path::new(path), text)))
            .unwrap_or_else(|problems| panic!("{problems:?}"));
        let mut problems = Vec::new();
        let text = format!("## a reason\n{exceptions}");
        let mut exceptions = Exceptions::parse(Path::new("exceptions"), &text, &mut problems);
        let assertions = assertions(&FACE, &table, &mut exceptions, &mut problems);
        exceptions.finish(&mut problems);
        if problems.is_empty() {
            Ok(assertions)
        } else {
            Err(problems.iter().map(Problem::to_string).collect())
        }
    }

    #[track_caller]
    fn assert_generates(header: &str, exceptions: &str, expected: &[&str]) {
        let generated = generated(header, exceptions).expect("the exceptions are right");
        for expected in expected {
            assert!(generated.lines().any(|line| line.trim() == *expected), "{generated}");
        }
    }

    const OPEN: &str = "CF_EXPORT kern_return_t f(const char *name, uint32_t *count);";

    #[test]
    fn functions_have_the_types_of_the_header() {
        assert_generates(
            OPEN,
            "",
            &["const _: unsafe extern \"C\" fn(*const c_char, *mut u32) -> kern_return_t = f;"],
        );
    }

    #[test]
    fn only_the_headers_of_the_face_count() {
        assert!(!generated(OPEN, "").expect("there are no exceptions").contains("elsewhere"));
    }

    #[test]
    fn an_excepted_function_has_the_type_of_the_exception_which_is_another() {
        assert_generates(
            OPEN,
            "function f fn(*mut c_char, *mut u32) -> kern_return_t",
            &[
                "const _: unsafe extern \"C\" fn(*mut c_char, *mut u32) -> kern_return_t = f;",
                "const _: () = assert!(!Pair::<unsafe extern \"C\" fn(*const c_char, *mut u32) -> kern_return_t, \
                 unsafe extern \"C\" fn(*mut c_char, *mut u32) -> kern_return_t>::SAME, \
                 \"the bindings have f as in the header\");",
            ],
        );
    }

    #[test]
    fn an_undeclared_name_is_declared_beside_the_binding() {
        let expected = ["pub(super) const f: () = ();", "const _: () = f;"];
        assert_generates(OPEN, "undeclared f", &expected);
        let generated = generated(OPEN, "undeclared f").expect("the exception is right");
        assert!(!generated.contains("kern_return_t"), "{generated}");
    }

    #[test]
    fn variables_constants_and_callbacks_are_compared() {
        assert_generates(
            "CF_EXPORT const mach_port_t kPort;\n#define kMask 0xf00\n#define kKey \"key\"\n\
             typedef void (*Callback0)(void *refcon);",
            "",
            &[
                "const _: fn() -> *const mach_port_t = || &raw const kPort;",
                "const _: () = assert!(same_number(kMask as i128, 3840));",
                "const _: () = assert!(unsafe { same_text(kKey, c\"key\") });",
                "const _: () = assert!(Pair::<<Callback0 as Callback>::Signature, fn(*mut c_void)>::SAME, \"Callback0\");",
            ],
        );
    }

    #[test]
    fn an_excepted_constant_is_another_than_that_of_the_header() {
        assert_generates(
            "#define kMask 0xf00",
            "constant kMask 0x700",
            &[
                "const _: () = assert!(same_number(kMask as i128, 0x700) && !same_number(3840 as i128, 0x700));",
            ],
        );
    }

    #[test]
    fn names_stand_for_the_integers_of_the_header() {
        assert_generates(
            "typedef long CFIndex;\nCF_EXPORT CFIndex f(void);",
            "",
            &["const _: () = assert!(is_integer!(CFIndex, 8, true));"],
        );
    }

    #[test]
    fn an_excepted_integer_is_another_than_that_of_the_header() {
        assert_generates(
            "typedef long CFNumberType;\nCF_EXPORT CFNumberType f(void);",
            "integer CFNumberType u32",
            &[
                "const _: () = assert!(Pair::<CFNumberType, u32>::SAME && !is_integer!(CFNumberType, 8, true));",
            ],
        );
    }

    #[test]
    fn a_type_without_a_name_gets_one() {
        assert_generates(
            "typedef int CFStatus;\nCF_EXPORT CFStatus f(void);",
            "type CFStatus i32",
            &["type CFStatus = i32;", "pub(super) struct CFStatus {}", "const _: fn(CFStatus) = |_| {};"],
        );
    }

    #[test]
    fn exceptions_are_for_what_the_headers_have() {
        let unknown = generated(OPEN, "undeclared g h");
        assert_eq!(
            unknown.expect_err("neither is there"),
            [
                "exceptions:2: no header has g, or not as what this says it is",
                "exceptions:2: no header has h, or not as what this says it is"
            ]
        );
        let kind = generated(OPEN, "constant f 1");
        assert_eq!(
            kind.expect_err("it is a function"),
            ["IOKit/IO.h:1: f is excepted, but not as a function"]
        );
    }

    #[test]
    fn exceptions_for_types_are_for_what_is_said_of_types() {
        let header = "typedef long CFIndex;\ntypedef void *CFThing;\nCF_EXPORT CFIndex f(CFThing thing);";
        for exception in ["undeclared CFIndex", "constant CFIndex 1", "integer CFThing u32"] {
            let problems = generated(header, exception).expect_err(exception);
            assert!(problems[0].starts_with("exceptions:2: no header has CF"), "{problems:?}");
        }
    }
}
