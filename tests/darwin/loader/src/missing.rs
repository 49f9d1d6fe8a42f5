//! Stubs for the functions that nothing stands in for.

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char};

use crate::image::{allocate, set_protection};
use crate::{Result, describe_call, flush_output};

/// Makes for each name a function that prints it and aborts.
pub(crate) fn stubs(names: Vec<String>) -> Result<HashMap<String, usize>> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let size = names.len() * size_of::<Code>();
    let memory = allocate(size)?;
    let mut stubs = HashMap::new();
    for (index, name) in names.into_iter().enumerate() {
        // Never freed, as the stub is not.
        let text = CString::new(name.as_str())?.into_raw();
        // SAFETY: the memory has room for as many stubs as there are names, and `Code` is an array of bytes.
        let stub = unsafe {
            let stub = memory.cast::<Code>().add(index);
            stub.write(code(text));
            stub
        };
        stubs.insert(name, stub as usize);
    }
    // SAFETY: the memory is the one that has just been allocated.
    unsafe { set_protection(memory as usize, size, libc::PROT_READ | libc::PROT_EXEC)? };
    Ok(stubs)
}

type Code = [u8; 32];

/// `mov rdi, NAME; mov rsi, [rsp]; mov rax, missing; jmp rax`: a call with the address that the program's call
/// returns to.
fn code(name: *const c_char) -> Code {
    let instructions = [
        &[0x48, 0xbf][..],
        &(name as usize).to_le_bytes(),
        &[0x48, 0x8b, 0x34, 0x24],
        &[0x48, 0xb8],
        &(missing as *const () as usize).to_le_bytes(),
        &[0xff, 0xe0],
    ]
    .concat();
    let mut code = Code::default();
    code[..instructions.len()].copy_from_slice(&instructions);
    code
}

extern "C" fn missing(name: *const c_char, caller: usize) -> ! {
    // SAFETY: every stub passes its own name.
    let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
    flush_output();
    match describe_call(caller) {
        Some(caller) => {
            crate::output::say(format_args!("darwin-host: {name} called from {caller}: it has no stand-in"))
        }
        None => crate::output::say(format_args!("darwin-host: {name} called: it has no stand-in")),
    }
    std::process::abort()
}
