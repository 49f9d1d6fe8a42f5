//! Files that are no programs, or damaged ones: errors, whatever is wrong.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Directory, text};

fn small() -> Vec<u8> {
    fs::read(env!("CARGO_BIN_EXE_small")).unwrap()
}

/// Has the host read a file with these contents; it is the executable that Linux knows of this process.
fn read(contents: &[u8], directory: &Directory) -> Output {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let path = directory.join(&NUMBER.fetch_add(1, Ordering::Relaxed).to_string());
    fs::write(&path, contents).unwrap();
    let output = Command::new("/proc/self/exe").arg("--imports").arg(&path).output().unwrap();
    fs::remove_file(path).unwrap();
    output
}

fn run(path: &Path) -> Output {
    Command::new("/proc/self/exe").arg(path).output().unwrap()
}

#[test]
fn an_undamaged_program_runs() {
    assert_eq!(Command::new(env!("CARGO_BIN_EXE_small")).args(["1", "2"]).status().unwrap().code(), Some(3));
}

#[test]
fn other_files_are_refused() {
    let directory = Directory::new();
    for contents in [&b""[..], b"#!/bin/sh\n", &[0; 4096], &fs::read("/bin/sh").unwrap()] {
        fs::write(directory.join("file"), contents).unwrap();
        let output = run(&directory.join("file"));
        assert_eq!(output.status.code(), Some(126));
        assert!(text(&output.stderr).ends_with("file: is not a Mach-O executable for x86_64\n"));
    }
    let output = run(&directory.join("missing"));
    assert_eq!(output.status.code(), Some(126));
    assert!(text(&output.stderr).contains("No such file or directory"));
}

#[test]
fn truncated_programs_are_refused() {
    let directory = Directory::new();
    let program = small();
    for part in 0..64 {
        let output = read(&program[..program.len() * part / 64], &directory);
        assert_eq!(output.status.code(), Some(126), "{part}/64: {}", text(&output.stderr));
    }
}

/// The offset and size of each load command.
fn load_commands(program: &[u8]) -> Vec<(usize, usize)> {
    let word = |offset: usize| u32::from_le_bytes(program[offset..offset + 4].try_into().unwrap()) as usize;
    let mut offset = 32;
    (0..word(16))
        .map(|_| {
            let command = (offset, word(offset + 4));
            offset += command.1;
            command
        })
        .collect()
}

#[test]
fn programs_that_cannot_be_laid_out_are_refused() {
    const LC_SEGMENT_64: u32 = 0x19;
    const LC_MAIN: u32 = 0x8000_0028;
    let directory = Directory::new();
    let program = small();
    let kind = |offset: usize| u32::from_le_bytes(program[offset..offset + 4].try_into().unwrap());
    let of_kind = |sought| {
        load_commands(&program).into_iter().map(|(offset, _)| offset).filter(move |o| kind(*o) == sought)
    };
    // __PAGEZERO comes first.
    let [text, data] = [1, 2].map(|index| of_kind(LC_SEGMENT_64).nth(index).unwrap());
    let main = of_kind(LC_MAIN).next().unwrap();
    let text_address = 0x1_0000_0000_u64;
    let cases = [
        (4, 0x0100_000c, "is not a Mach-O executable for x86_64"),
        (text + 24, 0x1000, "has a segment __TEXT of"),
        (text + 24, text_address + 8, "has a segment __TEXT of"),
        (text + 32, 1 << 40, "has a segment __TEXT of"),
        (text + 32, 8, "has a segment __TEXT of"),
        (text + 48, 1 << 40, "is truncated: a segment ends after the file"),
        (data + 24, text_address, "has segments that overlap"),
        (main + 8, 1 << 20, "has no code at"),
    ];
    for (offset, value, message) in cases {
        let mut damaged = program.clone();
        damaged[offset..offset + 8].copy_from_slice(&u64::to_le_bytes(value));
        fs::write(directory.join("file"), damaged).unwrap();
        let output = run(&directory.join("file"));
        assert_eq!(output.status.code(), Some(126), "{offset:#x}: {output:?}");
        assert!(text_of(&output).contains(message), "{offset:#x}: {}", text_of(&output));
    }
}

fn text_of(output: &Output) -> &str {
    text(&output.stderr)
}

/// What reading a damaged program ends in.
fn check(program: &[u8], directory: &Directory, damage: &str) {
    let output = read(program, directory);
    let is_answer = matches!(output.status.code(), Some(0 | 126));
    assert!(is_answer, "{damage}: {} {}", output.status, text(&output.stderr));
}

#[test]
fn damaged_load_commands_are_no_danger() {
    let program = small();
    let commands = load_commands(&program);
    let words: Vec<_> =
        commands.iter().flat_map(|(offset, size)| (*offset..offset + size).step_by(4)).collect();
    std::thread::scope(|scope| {
        for part in words.chunks(words.len().div_ceil(4)) {
            let program = program.clone();
            scope.spawn(move || {
                let directory = Directory::new();
                for (index, offset) in part.iter().enumerate() {
                    let value = [u32::MAX, 0x7fff_fff0][index % 2];
                    let mut damaged = program.clone();
                    damaged[*offset..offset + 4].copy_from_slice(&value.to_le_bytes());
                    check(&damaged, &directory, &format!("{value:#x} at {offset:#x}"));
                }
            });
        }
    });
}

/// The range of a section, by its name: empty if there is none.
fn section(program: &[u8], name: &[u8]) -> Range<usize> {
    let Some(header) = program.windows(name.len()).position(|window| window == name) else { return 0..0 };
    let size = u64::from_le_bytes(program[header + 40..header + 48].try_into().unwrap()) as usize;
    let offset = u32::from_le_bytes(program[header + 48..header + 52].try_into().unwrap()) as usize;
    offset..offset + size
}

/// Some of the offsets of a section where there is anything.
fn samples(program: &[u8], name: &[u8]) -> Vec<usize> {
    let is_used = |offset: &usize| program[*offset..offset + 4] != [0; 4];
    let used: Vec<_> = section(program, name).step_by(4).filter(is_used).collect();
    let step = used.len().div_ceil(50).max(1);
    used.into_iter().step_by(step).collect()
}

#[test]
fn damaged_unwind_information_is_no_danger() {
    let directory = Directory::new();
    for program in [small(), fs::read(env!("CARGO_BIN_EXE_missing_function")).unwrap()] {
        for name in [&b"__unwind_info\0"[..], b"__eh_frame\0"] {
            for offset in samples(&program, name) {
                for value in [u32::MAX, 0x00ff_fff0, 1] {
                    let mut damaged = program.clone();
                    damaged[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
                    check(&damaged, &directory, &format!("{value:#x} at {offset:#x}"));
                }
            }
        }
    }
}

#[test]
fn damaged_bindings_are_no_danger() {
    const LC_DYLD_INFO_ONLY: u32 = 0x8000_0022;
    let directory = Directory::new();
    let program = fs::read(env!("CARGO_BIN_EXE_missing_function")).unwrap();
    let word = |offset: usize| u32::from_le_bytes(program[offset..offset + 4].try_into().unwrap());
    let command =
        load_commands(&program).into_iter().find(|(offset, _)| word(*offset) == LC_DYLD_INFO_ONLY).unwrap().0;
    // Those at load, and the lazy ones.
    for info in [command + 16, command + 32] {
        let (offset, size) = (word(info) as usize, word(info + 4) as usize);
        let step = size.div_ceil(20);
        for offset in (offset..offset + size).step_by(step) {
            for value in [0xff, 0x00, 0x9f, 0xc0] {
                let mut damaged = program.clone();
                damaged[offset] = value;
                check(&damaged, &directory, &format!("{value:#x} at {offset:#x}"));
            }
        }
    }
}
