/* A small test harness. A test is a function that is named after what it finds out. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs a test and prints how it went. */
#define RUN(test) run_test(#test, test)

/* Each of these ends the test, which has to return void, if it does not hold. */
#define CHECK(condition) CHECK_THAT(check_true((condition), #condition, __FILE__, __LINE__))
#define CHECK_EQUAL(actual, expected)                                                                                  \
    CHECK_THAT(check_equal((long long)(actual), (long long)(expected), #actual, __FILE__, __LINE__))
#define CHECK_TEXT(actual, expected) CHECK_THAT(check_text((actual), (expected), #actual, __FILE__, __LINE__))
#define CHECK_THAT(holds)                                                                                              \
    do {                                                                                                               \
        if (!(holds))                                                                                                  \
            return;                                                                                                    \
    } while (0)

void run_test(const char *name, void (*test)(void));
bool check_true(bool holds, const char *what, const char *file, int line);
bool check_equal(long long actual, long long expected, const char *what, const char *file, int line);
bool check_text(const char *actual, const char *expected, const char *what, const char *file, int line);

/* The exit status of `main`: whether all tests have passed. */
int tests_passed(void);

#ifdef __cplusplus
}
#endif

#endif
