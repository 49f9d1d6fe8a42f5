#include "c_library.h"

/* The tests run optimised too. */
#undef NDEBUG
#include <assert.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int by_value(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;
    return (left > right) - (left < right);
}

/* BSD's qsort_r hands its context over first. */
static int by_table(void *context, const void *a, const void *b)
{
    const int *rank = context;
    return rank[*(const int *)a] - rank[*(const int *)b];
}

static void arrays_are_sorted_and_searched(void)
{
    int numbers[] = { 5, 3, 9, 1, 7 }, key = 7, absent = 4;
    qsort(numbers, 5, sizeof *numbers, by_value);
    for (int i = 0; i < 5; i++)
        CHECK_EQUAL(numbers[i], 2 * i + 1);
    CHECK_EQUAL((int *)bsearch(&key, numbers, 5, sizeof key, by_value) - numbers, 3);
    CHECK(bsearch(&absent, numbers, 5, sizeof absent, by_value) == NULL);
}

static void qsort_r_passes_its_context_first(void)
{
    int indices[] = { 0, 1, 2, 3 }, rank[] = { 20, 10, 40, 30 };
    qsort_r(indices, 4, sizeof *indices, rank, by_table);
    CHECK_EQUAL(indices[0], 1);
    CHECK_EQUAL(indices[1], 0);
    CHECK_EQUAL(indices[2], 3);
    CHECK_EQUAL(indices[3], 2);
}

static void numbers_are_read_from_text(void)
{
    char *end;
    CHECK_EQUAL(strtol("  -42rest", &end, 10), -42);
    CHECK_TEXT(end, "rest");
    CHECK_EQUAL(strtoul("ff", NULL, 16), 255);
    CHECK_EQUAL(strtol("0x1f", NULL, 0), 31);
    CHECK_EQUAL(strtol("017", NULL, 0), 15);
    CHECK_EQUAL(strtoll("-9223372036854775808", NULL, 10), LLONG_MIN);
    CHECK_EQUAL(strtoull("18446744073709551615", NULL, 10), ULLONG_MAX);
    CHECK(strtod("2.5e3x", &end) == 2500.0);
    CHECK_TEXT(end, "x");
    CHECK_EQUAL(atoi("12"), 12);
    CHECK(atof("0.5") == 0.5);
    CHECK_EQUAL(div(17, 5).rem, 2);
    CHECK_EQUAL(labs(-3L), 3);
}

static void random_numbers_stay_below_their_bound(void)
{
    bool differ = false;
    for (int i = 0; i < 100; i++) {
        CHECK(arc4random_uniform(10) < 10);
        differ |= arc4random() != arc4random();
    }
    CHECK(differ);
    srandom(1);
    long first = random();
    srandom(1);
    CHECK_EQUAL(random(), first);
}

static void the_environment_is_set_and_cleared(void)
{
    CHECK_EQUAL(setenv("C_LIBRARY_TEST", "one", 1), 0);
    CHECK_EQUAL(setenv("C_LIBRARY_TEST", "two", 0), 0);
    CHECK_TEXT(getenv("C_LIBRARY_TEST"), "one");
    CHECK_EQUAL(putenv("C_LIBRARY_TEST=three"), 0);
    CHECK_TEXT(getenv("C_LIBRARY_TEST"), "three");
    CHECK_EQUAL(unsetenv("C_LIBRARY_TEST"), 0);
    CHECK(getenv("C_LIBRARY_TEST") == NULL);
}

static void memory_is_allocated(void)
{
    int *zeros = calloc(100, sizeof *zeros);
    for (int i = 0; i < 100; i++)
        CHECK_EQUAL(zeros[i], 0);
    zeros[99] = 9;
    zeros = reallocf(zeros, 200 * sizeof *zeros);
    CHECK_EQUAL(zeros[99], 9);
    free(zeros);
    void *aligned = NULL;
    CHECK_EQUAL(posix_memalign(&aligned, 4096, 100), 0);
    CHECK_EQUAL((unsigned long)aligned % 4096, 0);
    free(aligned);
    void *page = valloc(100);
    CHECK_EQUAL((unsigned long)page % (unsigned long)getpagesize(), 0);
    free(page);
}

static void a_program_has_a_name(void)
{
    CHECK_TEXT(getprogname(), "c_library");
    char path[] = "/usr/lib/file.c", again[] = "/usr/lib/file.c";
    CHECK_TEXT(basename(path), "file.c");
    CHECK_TEXT(dirname(again), "/usr/lib");
}

/* How a child ends that does this. */
static int status_of(void (*child)(void))
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        child();
        _exit(99);
    }
    int status = -1;
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

static int functions_run;

static void registered_first(void)
{
    _exit(functions_run == 1 ? 5 : 6);
}

static void registered_second(void)
{
    functions_run++;
}

static void leave(void)
{
    atexit(registered_first);
    atexit(registered_second);
    exit(4);
}

static void what_is_registered_last_runs_first_at_exit(void)
{
    int status = status_of(leave);
    CHECK(WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), 5);
}

static void fail_an_assertion(void)
{
    assert(getenv("C_LIBRARY_TEST") != NULL);
}

static void a_failed_assertion_aborts(void)
{
    int status = status_of(fail_an_assertion);
    CHECK(WIFSIGNALED(status));
    CHECK_EQUAL(WTERMSIG(status), 6);
}

static void mathematics_is_there(void)
{
    CHECK(sqrt(16.0) == 4.0 && pow(2.0, 10.0) == 1024.0 && floor(-1.5) == -2.0 && ceil(1.2) == 2.0);
    CHECK(lround(2.5) == 3 && fmod(7.5, 2.0) == 1.5 && fabs(-2.0) == 2.0 && hypot(3.0, 4.0) == 5.0);
    CHECK(isnan(NAN) && isinf(INFINITY) && !isfinite(INFINITY) && signbit(-0.0));
    CHECK(fabs(log(exp(1.0)) - 1.0) < 1e-12 && log2(8.0) == 3.0 && log10(1000.0) == 3.0);
}

void stdlib_tests(void)
{
    RUN(arrays_are_sorted_and_searched);
    RUN(qsort_r_passes_its_context_first);
    RUN(numbers_are_read_from_text);
    RUN(random_numbers_stay_below_their_bound);
    RUN(the_environment_is_set_and_cleared);
    RUN(memory_is_allocated);
    RUN(a_program_has_a_name);
    RUN(what_is_registered_last_runs_first_at_exit);
    RUN(a_failed_assertion_aborts);
    RUN(mathematics_is_there);
}
