/* C++: exceptions through frames of the frameworks, and what the language needs of its run-time library. */
#include "throwing.h"

int main()
{
    callback_tests();
    exception_tests();
    thread_tests();
    library_tests();
    return tests_passed();
}
