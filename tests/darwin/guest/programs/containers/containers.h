#include "../check.h"

#include <CoreFoundation/CoreFoundation.h>

void string_tests(void);
void number_tests(void);
void data_tests(void);
void array_tests(void);
void set_tests(void);
void dictionary_tests(void);
void ownership_tests(void);
void property_list_tests(void);
void stream_tests(void);
void run_loop_tests(void);

/* Whether two strings are equal, as a check that says which one is wrong. */
#define CHECK_STRING(actual, expected) CHECK_THAT(check_string((actual), (expected), #actual, __FILE__, __LINE__))

bool check_string(CFStringRef actual, const char *expected, const char *what, const char *file, int line);

/* A number, and its value. */
CFNumberRef number(int value);
int value_of(CFTypeRef number);
