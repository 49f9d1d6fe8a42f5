//! The functions that the program's imports are bound to: each notes the call, keeps account of the references that go
//! over, and passes the call on to its implementation.

use crate::declaration::{Function, Ownership, Parameter, Variable};
use crate::table::Table;
use std::fmt::Write;

const HEAD: &str = "\
// Generated from the headers by darwin-signatures.

#[allow(dead_code, non_snake_case, unused_imports, unused_unsafe, clippy::all)]
pub(crate) mod exports {
    use crate::abi::*;
    use darwin_loader::Export;
    use std::ffi::*;

    /// The variable at `address`, whose type in C is `T`.
    fn variable<T, Static>(name: &'static str, address: *const Static) -> Export {
        const { assert!(size_of::<T>() == size_of::<Static>() && align_of::<T>() == align_of::<Static>()) };
        Export { name, address: address.addr() }
    }

";

/// Null stands for no object, and 0 for no port.
const ACCOUNTS: [(&str, Ownership, &str); 4] = [
    ("consumed", Ownership::Consumed, OBJECT),
    ("returned", Ownership::Retained, OBJECT),
    ("consumed_right", Ownership::ConsumesRight, RIGHT),
    ("returned_right", Ownership::ReturnsRight, RIGHT),
];
const OBJECT: &str = "
    fn ACCOUNT(object: *const c_void) {
        if !object.is_null() {
            crate::ownership::ACCOUNT(object);
        }
    }
";
const RIGHT: &str = "
    fn ACCOUNT(name: u32) {
        if name != 0 {
            crate::ownership::ACCOUNT(name);
        }
    }
";

/// The module `exports` of a framework, as Rust.
pub fn wrappers(table: &Table) -> String {
    let mut module = HEAD.to_owned();
    for (name, (size, signed)) in table.integers() {
        let sign = if signed { "<" } else { "==" };
        let _ = writeln!(
            module,
            "    const _: () = assert!(size_of::<{name}>() == {size} && {name}::MIN {sign} 0);"
        );
    }
    for (account, ownership, text) in ACCOUNTS {
        if table
            .functions
            .iter()
            .any(|function| function.ownerships().any(|used| used.account() == ownership))
        {
            module.push_str(&text.replace("ACCOUNT", account));
        }
    }
    for function in table.functions.iter().filter(|function| !function.variadic) {
        module.push('\n');
        for line in wrapper(function).lines() {
            let _ = writeln!(module, "    {line}");
        }
    }
    module.push_str(
        "\n    /// What programs can import.\n    pub fn exports() -> Vec<Export> {\n        vec![\n",
    );
    for Function { name, variadic, .. } in &table.functions {
        // One with more arguments than its parameters is exported as it is: Rust can pass no such call on.
        let path = if *variadic { "crate::c::" } else { "" };
        let address = format!("{path}{name} as *const () as usize");
        let _ = writeln!(module, "            Export {{ name: {name:?}, address: {address} }},");
    }
    for Variable { name, c_type, .. } in &table.variables {
        let _ =
            writeln!(module, "            variable::<{c_type}, _>({name:?}, &raw const crate::c::{name}),");
    }
    module.push_str("        ]\n    }\n}\n\npub use exports::exports;\n");
    module
}

fn wrapper(function: &Function) -> String {
    let Function { name, parameters, result, .. } = function;
    let arguments: Vec<_> = parameters.iter().map(|parameter| identifier(&parameter.name)).collect();
    let mut body = vec![format!("let _call = darwin_calls::enter({name:?});")];
    for (parameter, argument) in parameters.iter().zip(&arguments) {
        if parameter.ownership == Some(Ownership::Consumed) {
            body.push(format!("consumed({argument}.cast());"));
        }
    }
    body.push(
        "// SAFETY: the program's call is by the declaration that this function is made from.".to_owned(),
    );
    let call = format!("unsafe {{ crate::c::{name}({}) }}", arguments.join(", "));
    let after = accounts(function, &arguments);
    match result {
        _ if after.is_empty() => body.push(call),
        None => body.push(format!("{call};")),
        Some(_) => body.push(format!("let result = {call};")),
    }
    if !after.is_empty() {
        body.extend(after);
        body.extend(result.as_ref().map(|_| "result".to_owned()));
    }
    format!("{} {{\n    {}\n}}", head(function, &arguments), body.join("\n    "))
}

/// The wrapper's signature.
fn head(Function { name, parameters, result, .. }: &Function, arguments: &[String]) -> String {
    let typed =
        parameters.iter().zip(arguments).map(|(Parameter { c_type, .. }, name)| format!("{name}: {c_type}"));
    let parameters: Vec<_> = typed.collect();
    let arrow = result.as_ref().map(|result| format!(" -> {result}")).unwrap_or_default();
    let line = format!("pub(crate) unsafe extern \"C-unwind\" fn {name}({}){arrow}", parameters.join(", "));
    if line.len() <= 104 {
        return line;
    }
    format!("pub(crate) unsafe extern \"C-unwind\" fn {name}(\n    {},\n){arrow}", parameters.join(",\n    "))
}

/// The lines that keep account of what went over, after the call.
fn accounts(function: &Function, arguments: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    match function.ownership {
        Some(Ownership::Retained) => lines.push("returned(result.cast());".to_owned()),
        Some(Ownership::ReturnsRight) => lines.push("returned_right(result);".to_owned()),
        _ => {}
    }
    let outcome = |succeeded| function.result.as_ref().and_then(|result| result.outcome("result", succeeded));
    for (Parameter { ownership, .. }, name) in function.parameters.iter().zip(arguments) {
        let (succeeded, account, is_out) = match ownership {
            Some(Ownership::Retained) => (true, format!("returned(unsafe {{ *{name} }}.cast());"), true),
            Some(Ownership::RetainedOnFailure) => {
                (false, format!("returned(unsafe {{ *{name} }}.cast());"), true)
            }
            Some(Ownership::ReturnsRight) => (true, format!("returned_right(unsafe {{ *{name} }});"), true),
            Some(Ownership::ConsumesRight) => (true, format!("consumed_right({name});"), false),
            _ => continue,
        };
        let written = is_out.then(|| format!("!{name}.is_null()"));
        let conditions: Vec<_> = outcome(succeeded).into_iter().chain(written).collect();
        if conditions.is_empty() {
            lines.push(account);
            continue;
        }
        lines.push(format!("if {} {{", conditions.join(" && ")));
        if is_out {
            lines.push("    // SAFETY: not null, so the function has written to it.".to_owned());
        }
        lines.push(format!("    {account}"));
        lines.push("}".to_owned());
    }
    lines
}

/// The name of a parameter in Rust.
fn identifier(name: &str) -> String {
    match name {
        "self" | "super" | "crate" | "Self" | "result" | "_call" => format!("{name}_"),
        "as" | "box" | "dyn" | "fn" | "gen" | "impl" | "in" | "let" | "loop" | "match" | "mod" | "move"
        | "mut" | "pub" | "ref" | "trait" | "type" | "unsafe" | "use" | "where" | "yield" | "abstract"
        | "async" | "await" | "become" | "final" | "macro" | "override" | "priv" | "try" | "typeof"
        | "unsized" | "virtual" => format!("r#{name}"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn generated(header: &str) -> String {
        let table =
            Table::parse([(Path::new("h"), header)]).unwrap_or_else(|problems| panic!("{problems:?}"));
        wrappers(&table)
    }

    #[track_caller]
    fn assert_generates(header: &str, expected: &str) {
        let generated = generated(header);
        assert!(generated.contains(expected), "{generated}");
    }

    #[test]
    fn a_call_is_noted_and_passed_on() {
        assert_generates(
            "CF_EXPORT void IOIteratorReset(io_iterator_t iterator);",
            r#"
    pub(crate) unsafe extern "C-unwind" fn IOIteratorReset(iterator: io_iterator_t) {
        let _call = darwin_calls::enter("IOIteratorReset");
        // SAFETY: the program's call is by the declaration that this function is made from.
        unsafe { crate::c::IOIteratorReset(iterator) }
    }
"#,
        );
    }

    #[test]
    fn a_consumed_object_goes_before_the_call_and_a_returned_right_comes_after_it() {
        assert_generates(
            "CF_EXPORT io_service_t IOServiceGetMatchingService(mach_port_t mainPort,
                                                        CFDictionaryRef matching CF_CONSUMED) IO_RETURNS_RIGHT;",
            r#"
        consumed(matching.cast());
        // SAFETY: the program's call is by the declaration that this function is made from.
        let result = unsafe { crate::c::IOServiceGetMatchingService(mainPort, matching) };
        returned_right(result);
        result
    }
"#,
        );
    }

    #[test]
    fn an_out_parameter_is_looked_at_only_if_the_function_has_written_to_it() {
        assert_generates(
            "CF_EXPORT kern_return_t IOServiceOpen(io_service_t service, task_port_t owningTask, uint32_t type,
                                           io_connect_t *connect IO_RETURNS_RIGHT);",
            r#"
    pub(crate) unsafe extern "C-unwind" fn IOServiceOpen(
        service: io_service_t,
        owningTask: task_port_t,
        r#type: u32,
        connect: *mut io_connect_t,
    ) -> kern_return_t {
        let _call = darwin_calls::enter("IOServiceOpen");
        // SAFETY: the program's call is by the declaration that this function is made from.
        let result = unsafe { crate::c::IOServiceOpen(service, owningTask, r#type, connect) };
        if result == 0 && !connect.is_null() {
            // SAFETY: not null, so the function has written to it.
            returned_right(unsafe { *connect });
        }
        result
    }
"#,
        );
    }

    #[test]
    fn an_error_comes_if_the_function_fails() {
        assert_generates(
            "CF_EXPORT CFDataRef CFPropertyListCreateData(CFPropertyListRef list,
                CFErrorRef *error CF_RETURNS_RETAINED_ON_FAILURE) CF_RETURNS_RETAINED;",
            r#"
        returned(result.cast());
        if result.is_null() && !error.is_null() {
            // SAFETY: not null, so the function has written to it.
            returned(unsafe { *error }.cast());
        }
        result
"#,
        );
    }

    #[test]
    fn an_object_comes_out_if_the_function_says_so() {
        assert_generates(
            "CF_EXPORT Boolean f(CFTypeRef *value CF_RETURNS_RETAINED);",
            "
        if result != 0 && !value.is_null() {
            // SAFETY: not null, so the function has written to it.
            returned(unsafe { *value }.cast());
        }
",
        );
        assert_generates(
            "CF_EXPORT CFIndex f(CFErrorRef *error CF_RETURNS_RETAINED_ON_FAILURE);",
            "if result == 0 && !error.is_null() {",
        );
    }

    #[test]
    fn a_right_is_consumed_if_the_function_succeeds() {
        assert_generates(
            "CF_EXPORT kern_return_t IOObjectRelease(io_object_t object IO_CONSUMES_RIGHT);",
            "
        if result == 0 {
            consumed_right(object);
        }
",
        );
    }

    #[test]
    fn one_with_more_arguments_than_parameters_has_no_wrapper() {
        let header = "CF_EXPORT CFStringRef CFStringCreateWithFormat(CFAllocatorRef a, CFDictionaryRef o,
                                                             CFStringRef format, ...) CF_RETURNS_RETAINED;";
        assert!(!generated(header).contains("enter("));
        let name = "CFStringCreateWithFormat";
        assert_generates(
            header,
            &format!("name: {name:?}, address: crate::c::{name} as *const () as usize }}"),
        );
    }

    #[test]
    fn variables_are_exported_by_their_address() {
        assert_generates(
            "CF_EXPORT const CFStringRef kCFRunLoopDefaultMode;",
            r#"variable::<CFStringRef, _>("kCFRunLoopDefaultMode", &raw const crate::c::kCFRunLoopDefaultMode),"#,
        );
    }

    #[test]
    fn integers_are_what_the_headers_say() {
        assert_generates(
            "typedef long CFIndex;\nCF_EXPORT CFIndex f(void);",
            "const _: () = assert!(size_of::<CFIndex>() == 8 && CFIndex::MIN < 0);",
        );
        assert_generates(
            "typedef unsigned int UInt32;\ntypedef UInt32 IOOptionBits;\nCF_EXPORT void f(IOOptionBits *a);",
            "const _: () = assert!(size_of::<IOOptionBits>() == 4 && IOOptionBits::MIN == 0);",
        );
    }

    #[test]
    fn an_integer_that_is_not_the_same_everywhere_is_not_compared() {
        let header = "#if A\ntypedef int T;\n#else\ntypedef long T;\n#endif\nCF_EXPORT T f(void);";
        assert!(!generated(header).contains("size_of::<T>() == 4") && !generated(header).contains("== 8"));
    }

    #[test]
    fn only_accounts_that_are_needed_are_asked_for() {
        let asked = |header| {
            let generated = generated(header);
            ["consumed", "returned", "consumed_right", "returned_right"]
                .map(|account| generated.contains(&format!("crate::ownership::{account}(")))
        };
        assert_eq!(asked("CF_EXPORT void f(CFTypeRef a);"), [false, false, false, false]);
        assert_eq!(asked("CF_EXPORT void f(CFTypeRef a CF_CONSUMED);"), [true, false, false, false]);
        let error = "CF_EXPORT Boolean f(CFErrorRef *a CF_RETURNS_RETAINED_ON_FAILURE);";
        assert_eq!(asked(error), [false, true, false, false]);
        assert_eq!(asked("CF_EXPORT void f(io_object_t a IO_CONSUMES_RIGHT);"), [false, false, true, false]);
        assert_eq!(asked("CF_EXPORT mach_port_t f(void) IO_RETURNS_RIGHT;"), [false, false, false, true]);
    }

    #[test]
    fn parameters_named_like_keywords_are_called_so() {
        assert_generates(
            "CF_EXPORT void f(int type, int self, int match);",
            "(r#type: c_int, self_: c_int, r#match: c_int)",
        );
    }
}
