//! Calls a function that does not exist, if its argument says so.

unsafe extern "C" {
    fn no_such_function();
    fn ends_with_a_call();
}

// What compilers make of a function that ends with a call of one that does not return.
std::arch::global_asm!(
    ".text",
    ".globl _ends_with_a_call",
    "_ends_with_a_call:",
    "push rax",
    "call _no_such_function",
    // Where the linker leaves it.
    ".alt_entry _next_function",
    "_next_function:",
    "ret",
);

fn main() {
    print!("before ");
    match std::env::args().nth(1).as_deref() {
        // SAFETY: there is nothing to be called.
        Some("call") => unsafe { no_such_function() },
        // SAFETY: as above.
        Some("call at the end") => unsafe { ends_with_a_call() },
        _ => {}
    }
    println!("after");
}
