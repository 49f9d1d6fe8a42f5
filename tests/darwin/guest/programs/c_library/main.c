/* The part of libSystem that C programs use, and Rust's standard library does not. */
#include "c_library.h"

int main(void)
{
    stdio_tests();
    string_tests();
    ctype_tests();
    getopt_tests();
    jump_tests();
    stdlib_tests();
    error_tests();
    time_tests();
    thread_tests();
    signal_tests();
    file_tests();
    compiler_tests();
    block_tests();
    return tests_passed();
}
