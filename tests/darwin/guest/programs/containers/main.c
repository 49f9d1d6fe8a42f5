/* CoreFoundation as command-line programs use it. */
#include "containers.h"

#include <stdlib.h>

bool check_string(CFStringRef actual, const char *expected, const char *what, const char *file, int line)
{
    if (actual == NULL)
        return check_text(NULL, expected, what, file, line);
    CFIndex size = CFStringGetMaximumSizeForEncoding(CFStringGetLength(actual), kCFStringEncodingUTF8) + 1;
    char *text = malloc((size_t)size);
    bool converted = CFStringGetCString(actual, text, size, kCFStringEncodingUTF8);
    bool equal = check_text(converted ? text : NULL, expected, what, file, line);
    free(text);
    return equal;
}

CFNumberRef number(int value)
{
    return CFNumberCreate(kCFAllocatorDefault, kCFNumberIntType, &value);
}

int value_of(CFTypeRef number)
{
    int value = -1;
    CFNumberGetValue(number, kCFNumberIntType, &value);
    return value;
}

int main(void)
{
    string_tests();
    number_tests();
    data_tests();
    array_tests();
    set_tests();
    dictionary_tests();
    ownership_tests();
    property_list_tests();
    stream_tests();
    run_loop_tests();
    return tests_passed();
}
