#include "check.h"

#include <stdio.h>
#include <string.h>

static bool test_failed;
static int failed_tests;

void run_test(const char *name, void (*test)(void))
{
    test_failed = false;
    test();
    if (test_failed) {
        failed_tests++;
        printf("FAILED %s\n", name);
    } else {
        printf("ok %s\n", name);
    }
    fflush(stdout);
}

static void complain(const char *file, int line)
{
    test_failed = true;
    printf("%s:%d: ", file, line);
}

bool check_true(bool holds, const char *what, const char *file, int line)
{
    if (!holds) {
        complain(file, line);
        printf("not so: %s\n", what);
    }
    return holds;
}

bool check_equal(long long actual, long long expected, const char *what, const char *file, int line)
{
    if (actual != expected) {
        complain(file, line);
        printf("%s is %lld (%#llx), not %lld (%#llx)\n", what, actual, actual, expected, expected);
    }
    return actual == expected;
}

bool check_text(const char *actual, const char *expected, const char *what, const char *file, int line)
{
    bool equal = actual != NULL && strcmp(actual, expected) == 0;
    if (!equal) {
        complain(file, line);
        printf("%s is \"%s\", not \"%s\"\n", what, actual != NULL ? actual : "(null)", expected);
    }
    return equal;
}

int tests_passed(void)
{
    if (failed_tests > 0)
        printf("%d tests failed\n", failed_tests);
    return failed_tests > 0;
}
