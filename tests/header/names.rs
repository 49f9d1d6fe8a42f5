//! Names and comments.

use crate::interfaces::hostile::hostile_names_of_cClient;
use crate::interfaces::{EverythingClient, MappedClient, OnlyMemoryClient, SparseClient};

#[track_caller]
fn assert_lines(header: &str, lines: &[&str]) {
    for line in lines {
        assert!(header.lines().any(|found| found.trim() == *line), "no line `{line}` in\n{header}");
    }
}

#[test]
fn names_that_c_keeps_for_itself_get_an_underscore() {
    assert_lines(
        &hostile_names_of_cClient::INTERFACE.c_header(),
        &[
            "typedef uint8_t uint8_t_;",
            "uint8_t__default = 0,",
            "uint8_t__static = 9,",
            "} int_;",
            "uint32_t class__;",
            "uint32_t class_;",
            "uint32_t type;",
            "uint32_t struct_;",
            "uint32_t int___;",
            "uint32_t NULL_;",
            "uint32_t unix_;",
            "uint32_t gr_u00f6_u00dfe;",
            "uint32_t IOKIT_UC_ASSERT_;",
            "#define wide_all UINT64_C(18446744073709551615)",
            "uint32_t wide_all_;",
            "uint32_t SIZE_MAX_;",
            "uint32_t __LINE___;",
            "int_ _0;",
            "uint8_t _1[3];",
            "khostile_names_of_c_virtual = 0,",
        ],
    );
}

#[test]
fn two_types_of_one_name_become_two() {
    let header = hostile_names_of_cClient::INTERFACE.c_header();
    assert_lines(&header, &["} int_;", "} int__;", "int_ _0;"]);
}

#[test]
fn documentation_comes_along() {
    let header = EverythingClient::INTERFACE.c_header();
    assert_lines(
        &header,
        &[
            "* Everything there is.",
            "* Ends a comment * / and begins one / *, ? ?/",
            "/* How it runs. */",
            "/* Not at all. */",
            "/* The first. */",
            "* dimensions.",
        ],
    );
    assert!(SparseClient::INTERFACE.c_header().contains(" * Far away.\n"));
}

#[test]
fn what_goes_in_and_out_is_said_of_each_method() {
    assert_lines(
        &EverythingClient::INTERFACE.c_header(),
        &[
            "* scalarInput[3]: Mode d",
            "* scalarOutput[1]: Low",
            "* structureInput: Nested nested",
            "* structureOutput: Inner[3][2]",
            "* structureOutput: Aligned out[], up to as many as the caller has room for",
            "* structureVariableOutputData: uint16_t[][3], as many as there are; in structureOutput if the caller has room there",
            "* scalarInput: as many as the caller passes, up to 16, values",
            "* sendAsyncResult64, once:",
            "* args[0]: Celsius",
            "* sendAsyncResult64, any number of times:",
            "* structureInput: uint8_t bytes[4104]",
            "* sendAsyncResult64, any number of times, without arguments",
        ],
    );
}

#[test]
fn memory_says_what_lies_there_and_what_the_driver_returns() {
    assert_lines(
        &MappedClient::INTERFACE.c_header(),
        &[
            "* All of the device. * /",
            "* Registers: Page page",
            "* The task maps it with kIOMapInhibitCache",
            "* Memory: uint8_t virtual[]",
            "* Memory: Nested tables[][2]",
            "* The task may only read: kIOMapReadOnly",
            "/* IODataQueueMemory, each of whose entries is Word */",
            "* IODataQueueMemory, with entries of any size",
            "*         case kMappedMemory_statistics:",
            "*             *memory = <statistics: sizeof(Device) bytes or more>;",
            "*             *options |= kIOMapReadOnly;",
            "*             *memory = <virtual: of any length>;",
            "*             *memory = <tables: a multiple of sizeof(Nested[2]) bytes>;",
            "*             *memory = <log: of the IODataQueue>;",
            "* Takes a byte out. * /",
            "* u8: read by the task, which has effects",
            "* u64: read and written by the task, with care for what the device does then",
            "/* Status: read by the task */",
            "struct { Channel at; uint8_t _reserved[8]; } channels[2];",
            "Channel channels_2;",
        ],
    );
    assert_lines(
        &OnlyMemoryClient::INTERFACE.c_header(),
        &["/* There are no external methods. */", "#define kOnlyMemoryMemory_channel UINT32_C(2147483648)"],
    );
    assert!(!EverythingClient::INTERFACE.c_header().contains("clientMemoryForType"));
}
