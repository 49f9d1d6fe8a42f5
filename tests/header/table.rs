//! The dispatch table that comes with the header: its records beside what the simulated kernel checks.

use crate::compiler::{LANGUAGES, Language, run};
use crate::interfaces::hostile::hostile_names_of_cClient;
use crate::interfaces::{
    ClassicDriverClient, EmptyClient, EverythingClient, LegacyDriverClient, SparseClient,
};
use crate::simple_user_client::SimpleDriverClient;
use iokit_uc::interface::{Interface, Table};

/// What stands before the header, and after it, to print its table.
fn program(interface: &Interface, header: &str, prefix: &str) -> String {
    let is_legacy = interface.table == Table::Legacy;
    let mut program = String::from("#include <stdio.h>\n");
    if is_legacy {
        program.push_str("#include <IOKit/IOUserClient.h>\nclass Driver : public IOService {\npublic:\n");
        for line in header.lines().filter(|line| line.contains("static_cast")) {
            let member = line.split("DISPATCH_TABLE::").nth(1).unwrap().split(')').next().unwrap();
            program.push_str(&format!(
                "    IOReturn {member}(void *, void *, void *, void *, void *, void *) {{ return 0; }}\n"
            ));
        }
        program.push_str("};\n");
    }
    let value = if is_legacy { "Driver" } else { "" };
    program.push_str(&format!("#define {prefix}_DISPATCH_TABLE {value}\n#include \"driver.h\"\n"));
    // The functions that the header declares return their places among each other.
    let declared = header.lines().filter_map(|line| line.strip_prefix("static IOReturn ")?.strip_suffix(';'));
    for (index, declaration) in declared.enumerate() {
        program.push_str(&format!(
            "static IOReturn {declaration} {{ (void)target; (void)reference; (void)arguments; return {index}; }}\n"
        ));
    }
    let table = header.lines().find(|line| line.starts_with("static const IOExternalMethod")).unwrap();
    let table = table.split_whitespace().nth(3).unwrap().trim_end_matches("[]");
    program.push_str("int main(void) {\n    size_t i;\n");
    program.push_str(&format!("    for (i = 0; i < sizeof({table}) / sizeof({table}[0]); i++)\n"));
    let counts = "{t}[i].checkScalarInputCount, {t}[i].checkStructureInputSize, {t}[i].checkScalarOutputCount, \
                  {t}[i].checkStructureOutputSize";
    let function = "{t}[i].function ? {t}[i].function(NULL, NULL, NULL) : -1";
    let print = match interface.table {
        Table::Dispatch2022 => format!(
            "printf(\"%d %u %u %u %u %d %s\\n\", {function}, {counts}, {{t}}[i].allowAsync, \
             {{t}}[i].checkEntitlement ? {{t}}[i].checkEntitlement : \"-\");"
        ),
        Table::Classic => format!("printf(\"%d %u %u %u %u\\n\", {function}, {counts});"),
        _ => "printf(\"%d %d %u %lu %lu\\n\", {t}[i].object == NULL, {t}[i].func != NULL, {t}[i].flags, \
              (unsigned long)({t}[i].count0), (unsigned long)({t}[i].count1));"
            .to_owned(),
    };
    program.push_str(&format!("        {}\n    return 0;\n}}\n", print.replace("{t}", table)));
    program
}

/// The records as a C compiler has them, one a line.
fn records(language: Language, interface: &Interface, prefix: &str) -> Vec<String> {
    let header = interface.c_header();
    let program = program(interface, &header, prefix);
    let printed = run(language, &[("driver.h", &header)], &program)
        .unwrap_or_else(|complaint| panic!("{complaint}\n{program}\n{header}"));
    printed.lines().map(str::to_owned).collect()
}

#[test]
fn a_2022_table_has_the_checks_of_every_method_and_zeros_between() {
    let interfaces = [
        (EverythingClient::INTERFACE, "EVERYTHING"),
        (hostile_names_of_cClient::INTERFACE, "HOSTILE_NAMES_OF_C"),
        (SimpleDriverClient::INTERFACE, "SIMPLE_DRIVER"),
    ];
    for (interface, prefix) in interfaces {
        let last = interface.methods.iter().map(|method| method.name.selector).max().unwrap();
        let mut functions = 0..;
        let expected: Vec<_> = (0..=last)
            .map(|selector| match interface.method(selector) {
                Some(method) => format!(
                    "{} {} {} {} {} {} {}",
                    functions.next().unwrap(),
                    method.checks.scalar_inputs,
                    method.checks.structure_input,
                    method.checks.scalar_outputs,
                    method.checks.structure_output,
                    u8::from(method.checks.allow_async),
                    method.checks.entitlement.unwrap_or("-"),
                ),
                None => "-1 0 0 0 0 0 -".to_owned(),
            })
            .collect();
        for language in LANGUAGES {
            assert_eq!(records(language, interface, prefix), expected);
        }
    }
}

#[test]
fn a_classic_table_has_counts_alone() {
    for language in LANGUAGES {
        assert_eq!(
            records(language, ClassicDriverClient::INTERFACE, "CLASSIC_DRIVER"),
            ["0 0 0 0 0", "-1 0 0 0 0", "1 1 4294967295 1 4"]
        );
    }
}

#[test]
fn a_legacy_table_has_a_type_and_two_counts() {
    let records = records(Language::Cpp, LegacyDriverClient::INTERFACE, "LEGACY_DRIVER");
    assert_eq!(records, ["1 1 0 2 1", "1 1 2 1 8", "1 0 0 0 0", "1 1 4 1 4", "1 1 3 4294967295 8"]);
    let legacy = |selector| LegacyDriverClient::INTERFACE.method(selector).unwrap().checks.legacy().unwrap();
    assert_eq!([0, 1, 3, 4].map(legacy), [(0, 2, 1), (2, 1, 8), (4, 1, 4), (3, u32::MAX, 8)]);
}

#[test]
fn a_table_with_too_many_holes_is_a_comment() {
    let header = SparseClient::INTERFACE.c_header();
    assert!(header.contains("it would have 4294967296 records for 2 methods"), "{header}");
    assert!(!header.contains("_DISPATCH_TABLE") && header.lines().count() < 200, "{header}");
}

#[test]
fn an_interface_without_methods_has_no_table() {
    assert!(!EmptyClient::INTERFACE.c_header().contains("DISPATCH_TABLE"));
}
