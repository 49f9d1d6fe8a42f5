//! Sizes, offsets, selectors and enums as a C compiler sees them, beside what Rust says.

use crate::compiler::{LANGUAGES, Language, run};
use crate::interfaces::{ClassicDriverClient, EverythingClient};
use iokit_uc::interface::{Interface, ParameterKind, Reply};
use iokit_uc::wire::{Layout, Shape};
use std::fmt::Write;

/// The structures of an interface, each before those that it is in, in the order in which the selectors ask for them.
fn structures(interface: &Interface) -> Vec<&'static Layout> {
    fn add(found: &mut Vec<&'static Layout>, layout: &'static Layout) {
        match layout.shape() {
            Shape::Array { element, .. } => add(found, element),
            Shape::Struct(fields) => {
                fields.iter().for_each(|field| add(found, field.layout));
                if layout.size() != 0 && !found.contains(&layout) {
                    found.push(layout);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    let mut methods: Vec<_> = interface.methods.iter().collect();
    methods.sort_by_key(|method| method.name.selector);
    for method in methods {
        for parameter in method.parameters {
            match parameter.kind {
                ParameterKind::Structure(layout)
                | ParameterKind::Slice(layout)
                | ParameterKind::Buffer(layout) => add(&mut found, layout),
                _ => {}
            }
        }
        match method.reply {
            Reply::Values(shape) => shape.layout().into_iter().for_each(|layout| add(&mut found, layout)),
            Reply::Variable(layout) => add(&mut found, layout),
            _ => {}
        }
    }
    found
}

/// The structures of a header: their names, and those of their members.
fn structures_in(header: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut members = None;
    for line in header.lines() {
        if line.starts_with("typedef struct ") {
            members = Some(Vec::new());
        } else if let Some(name) = line.strip_prefix("} ").and_then(|rest| rest.strip_suffix(';')) {
            found.push((name.to_owned(), members.take().unwrap()));
        } else if let (Some(members), Some(declaration)) = (&mut members, line.strip_suffix(';')) {
            let name = declaration.split_whitespace().last().unwrap();
            members.push(name.split('[').next().unwrap().to_owned());
        }
    }
    found
}

/// The constants of a header whose names begin with `prefix`: `kName_method = 3,` or `#define kName_method
/// UINT32_C(3)`.
fn constants_in<'a>(header: &'a str, prefix: &str) -> Vec<&'a str> {
    let names = header.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        match (words.next()?, words.next()?) {
            ("#define", name) => Some(name),
            (name, "=") => Some(name),
            _ => None,
        }
    });
    names.filter(|name| name.starts_with(prefix)).collect()
}

/// A program that includes a header and prints `values`, one a line.
fn print(language: Language, header: &str, values: &[String]) -> Vec<String> {
    let mut program = String::from(
        "#include \"driver.h\"\n#include \"driver.h\"\n\
         #include <inttypes.h>\n#include <stdalign.h>\n#include <stdio.h>\nint main(void) {\n",
    );
    for value in values {
        writeln!(program, "    printf(\"%\" PRId64 \"\\n\", (int64_t)({value}));").unwrap();
    }
    program.push_str("    return 0;\n}\n");
    let printed = run(language, &[("driver.h", header)], &program)
        .unwrap_or_else(|complaint| panic!("{language:?}: {complaint}\n{header}"));
    printed.lines().map(str::to_owned).collect()
}

#[test]
fn every_structure_of_every_interface_has_its_layout_in_c_and_in_cpp() {
    for interface in crate::interfaces() {
        let header = interface.c_header();
        let (mut values, mut expected) = (Vec::new(), Vec::new());
        let (in_rust, in_c) = (structures(interface), structures_in(&header));
        assert_eq!(in_c.len(), in_rust.len(), "{header}");
        for ((name, members), layout) in in_c.iter().zip(in_rust) {
            values.push(format!("sizeof({name})"));
            expected.push(layout.size().to_string());
            values.push(format!("alignof({name})"));
            expected.push(layout.align().to_string());
            let Shape::Struct(fields) = layout.shape() else { unreachable!() };
            let fields: Vec<_> = fields.iter().filter(|field| field.layout.size() != 0).collect();
            assert_eq!(members.len(), fields.len(), "{name}: {header}");
            for (member, field) in members.iter().zip(fields) {
                values.push(format!("offsetof({name}, {member})"));
                values.push(format!("sizeof((({name} *)0)->{member})"));
                expected.extend([field.offset.to_string(), field.layout.size().to_string()]);
            }
        }
        for language in LANGUAGES {
            assert_eq!(print(language, &header, &values), expected, "{language:?}: {header}");
        }
    }
}

#[test]
fn every_selector_has_its_number() {
    for interface in crate::interfaces() {
        let header = interface.c_header();
        let names = constants_in(&header, &format!("k{}_", interface.name));
        let mut selectors: Vec<_> = interface.methods.iter().map(|method| method.name.selector).collect();
        selectors.sort_unstable();
        let values: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let expected: Vec<_> = selectors.iter().map(u32::to_string).collect();
        for language in LANGUAGES {
            assert_eq!(print(language, &header, &values), expected, "{header}");
        }
    }
}

#[test]
fn an_interface_states_its_connection_type_and_its_hash() {
    let interface = EverythingClient::INTERFACE;
    let values = ["EVERYTHING_CONNECTION_TYPE", "EVERYTHING_ABI_HASH"].map(str::to_owned);
    let expected = ["23".to_owned(), (interface.abi_hash().to_u64() as i64).to_string()];
    for language in LANGUAGES {
        assert_eq!(print(language, &interface.c_header(), &values), expected);
    }
}

#[test]
fn enums_and_newtypes_are_integers_with_names() {
    let header = EverythingClient::INTERFACE.c_header();
    let values = [
        ("Mode_Off", "-1"),
        ("Mode_On", "16"),
        ("Wide_None", "0"),
        ("Wide_All == UINT64_MAX", "1"),
        ("Low_Lowest", "-9223372036854775808"),
        ("Low_Negative", "-5000000000"),
        ("Low_Highest", "9223372036854775807"),
        ("sizeof(Mode)", "2"),
        ("(Mode)-1", "-1"),
        ("sizeof(Wide)", "8"),
        ("sizeof(Low)", "8"),
        ("sizeof(Celsius)", "1"),
        ("(Temperature)-1", "-1"),
        ("sizeof(Flag)", "1"),
        ("(Flag)2", "1"),
    ];
    let (values, expected): (Vec<_>, Vec<_>) =
        values.into_iter().map(|(value, is)| (value.to_owned(), is)).unzip();
    for language in LANGUAGES {
        assert_eq!(print(language, &header, &values), expected);
    }
}

#[test]
fn two_interfaces_may_share_a_structure() {
    let shared = EverythingClient::INTERFACE.c_header();
    assert!(shared.contains("} Inner;"));
    let program =
        "#include \"one.h\"\n#include \"two.h\"\nint main(void) { return sizeof(Inner) == 8 ? 0 : 1; }\n";
    for language in LANGUAGES {
        let other = ClassicDriverClient::INTERFACE.c_header();
        assert!(other.contains("} Inner;"));
        run(language, &[("one.h", &shared), ("two.h", &other)], program).unwrap();
    }
}

#[test]
fn another_layout_than_the_header_states_does_not_compile() {
    let header = EverythingClient::INTERFACE.c_header();
    let program = "#include \"driver.h\"\nint main(void) { return 0; }\n";
    let changes = [
        ("    float b;", "    double b;", "size of Inner"),
        (
            "    uint8_t a;\n    uint8_t _pad[3];",
            "    uint8_t _pad[3];\n    uint8_t a;",
            "offset and size of Inner._pad",
        ),
        ("__attribute__((packed, aligned(1))) ", "", "size of Packed"),
        ("int64_t i;\n", "int32_t i;\n", "offset and size of Nested.i"),
    ];
    for language in LANGUAGES {
        run(language, &[("driver.h", &header)], program).unwrap();
        for (old, new, message) in changes {
            assert!(header.contains(old), "{old}\n{header}");
            let complaint = run(language, &[("driver.h", &header.replace(old, new))], program).unwrap_err();
            assert!(complaint.contains(message), "{complaint}");
        }
    }
}
