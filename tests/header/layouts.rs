//! Sizes, offsets, selectors and enums as a C compiler sees them, beside what Rust says.

use crate::compiler::{LANGUAGES, Language, run};
use crate::interfaces::{ClassicDriverClient, EverythingClient, MappedClient, OnlyMemoryClient};
use iokit_uc::interface::{Interface, ParameterKind, Reply};
use iokit_uc::memory::{BlockLayout, Content, FieldKind};
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
    let mut memory: Vec<_> = interface.memory.iter().collect();
    memory.sort_by_key(|memory| memory.name.memory_type);
    for memory in memory {
        if let Content::Slice(layout) | Content::Queue(Some(layout)) = memory.content {
            add(&mut found, layout);
        }
    }
    found
}

/// The blocks of registers of an interface.
fn blocks(interface: &Interface) -> Vec<&'static BlockLayout> {
    fn add(found: &mut Vec<&'static BlockLayout>, block: &'static BlockLayout) {
        for field in block.fields {
            if let FieldKind::Block(inner) = field.kind {
                add(found, inner);
            }
        }
        if !found.contains(&block) {
            found.push(block);
        }
    }
    let mut found = Vec::new();
    for memory in interface.memory {
        if let Content::Registers(block) = memory.content {
            add(&mut found, block);
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
        let (in_rust, mut in_c) = (structures(interface), structures_in(&header));
        let blocks = blocks(interface);
        in_c.retain(|(name, _)| !blocks.iter().any(|block| block.name == name));
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
fn every_block_of_registers_has_its_layout_in_c_and_in_cpp() {
    let mut of_registers = 0;
    for interface in [MappedClient::INTERFACE, OnlyMemoryClient::INTERFACE] {
        let header = interface.c_header();
        let (mut values, mut expected) = (Vec::new(), Vec::new());
        for BlockLayout { name, size, align, fields, .. } in blocks(interface) {
            values.extend([format!("sizeof({name})"), format!("alignof({name})")]);
            expected.extend([*size, *align]);
            for field in fields.iter().filter(|field| field.name != "nothing") {
                // As C++ must have it.
                let member = if field.name == "class" { "class_" } else { field.name };
                let width = match field.kind {
                    FieldKind::Register { bits, .. } => bits as usize / 8,
                    FieldKind::Block(block) => block.size,
                    _ => unreachable!("there are no others yet"),
                };
                values.push(format!("offsetof({name}, {member})"));
                expected.push(field.offset);
                let element = if field.array.is_some() { "[0]" } else { "" };
                values.push(format!("sizeof((({name} *)0)->{member}{element})"));
                expected.push(field.array.map_or(width, |(_, stride)| stride));
                of_registers += 1;
            }
        }
        let expected: Vec<_> = expected.iter().map(usize::to_string).collect();
        for language in LANGUAGES {
            assert_eq!(print(language, &header, &values), expected, "{language:?}: {header}");
        }
    }
    assert!(of_registers > 10);
}

#[test]
fn elements_that_are_far_apart_are_where_they_are_in_rust() {
    let header = MappedClient::INTERFACE.c_header();
    // Behind the last channel begins another register before a next channel would.
    let values = [
        ("offsetof(Device, channels[0].at.sample)", 66),
        ("offsetof(Device, channels[1].at.sample)", 82),
        ("sizeof(((Device *)0)->channels)", 32),
        ("offsetof(Device, channels_2.sample)", 98),
    ];
    let (values, expected): (Vec<_>, Vec<_>) =
        values.into_iter().map(|(value, is)| (value.to_owned(), is.to_string())).unzip();
    for language in LANGUAGES {
        assert_eq!(print(language, &header, &values), expected, "{language:?}: {header}");
    }
}

#[test]
fn every_memory_type_has_its_number() {
    for (interface, expected) in [
        (MappedClient::INTERFACE, &["0", "1", "2", "3", "4", "5"][..]),
        (OnlyMemoryClient::INTERFACE, &["1", "2147483648"][..]),
    ] {
        let header = interface.c_header();
        let names = constants_in(&header, &format!("k{}Memory_", interface.name));
        let values: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        for language in LANGUAGES {
            assert_eq!(print(language, &header, &values), expected, "{header}");
        }
    }
}

#[test]
fn registers_are_volatile() {
    let header = MappedClient::INTERFACE.c_header();
    let program = "#include \"driver.h\"\nvoid f(Device *device) { uint8_t *fifo = &device->fifo; (void)fifo; }\n\
                   int main(void) { return 0; }\n";
    for language in LANGUAGES {
        let complaint = run(language, &[("driver.h", &header)], program).unwrap_err();
        assert!(complaint.contains("volatile") || complaint.contains("qualifier"), "{complaint}");
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
    let headers = [EverythingClient::INTERFACE.c_header(), MappedClient::INTERFACE.c_header()];
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
        ("volatile uint16_t status;", "volatile uint32_t status;", "offset and size of Device.status"),
        (
            "    volatile uint32_t bank[5];",
            "    volatile uint32_t bank[6];",
            "offset and size of Device.bank",
        ),
    ];
    for language in LANGUAGES {
        for header in &headers {
            run(language, &[("driver.h", header)], program).unwrap();
        }
        for (old, new, message) in changes {
            let header = headers.iter().find(|header| header.contains(old));
            let header = header.unwrap_or_else(|| panic!("{old}\n{}", headers.join("\n")));
            let complaint = run(language, &[("driver.h", &header.replace(old, new))], program).unwrap_err();
            assert!(complaint.contains(message), "{complaint}");
        }
    }
}
