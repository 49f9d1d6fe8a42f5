#include "containers.h"

#include <string.h>

static CFMutableDictionaryRef dictionary(void)
{
    return CFDictionaryCreateMutable(kCFAllocatorDefault, 0, &kCFTypeDictionaryKeyCallBacks,
                                     &kCFTypeDictionaryValueCallBacks);
}

static void values_are_found_by_equal_keys(void)
{
    CFMutableDictionaryRef entries = dictionary();
    CFStringRef key = CFStringCreateWithCString(kCFAllocatorDefault, "key", kCFStringEncodingUTF8);
    CFDictionarySetValue(entries, CFSTR("key"), CFSTR("value"));
    CHECK(CFDictionaryGetValue(entries, key) == CFSTR("value"));
    CHECK(CFDictionaryContainsKey(entries, key));
    CHECK(CFDictionaryContainsValue(entries, CFSTR("value")));
    const void *value = NULL;
    CHECK(CFDictionaryGetValueIfPresent(entries, key, &value));
    CHECK(value == CFSTR("value"));
    CHECK(!CFDictionaryGetValueIfPresent(entries, CFSTR("none"), &value));
    CHECK(CFDictionaryGetValue(entries, CFSTR("none")) == NULL);
    CFRelease(key);
    CFRelease(entries);
}

static void entries_are_added_set_replaced_and_removed(void)
{
    CFMutableDictionaryRef entries = dictionary();
    CFDictionaryAddValue(entries, CFSTR("key"), CFSTR("first"));
    CFDictionaryAddValue(entries, CFSTR("key"), CFSTR("second"));
    CHECK(CFDictionaryGetValue(entries, CFSTR("key")) == CFSTR("first"));
    CFDictionarySetValue(entries, CFSTR("key"), CFSTR("third"));
    CHECK(CFDictionaryGetValue(entries, CFSTR("key")) == CFSTR("third"));
    CFDictionaryReplaceValue(entries, CFSTR("other"), CFSTR("fourth"));
    CHECK_EQUAL(CFDictionaryGetCount(entries), 1);
    CFDictionaryReplaceValue(entries, CFSTR("key"), CFSTR("fifth"));
    CHECK(CFDictionaryGetValue(entries, CFSTR("key")) == CFSTR("fifth"));
    CFDictionaryRemoveValue(entries, CFSTR("key"));
    CHECK_EQUAL(CFDictionaryGetCount(entries), 0);
    CFDictionarySetValue(entries, CFSTR("a"), kCFBooleanTrue);
    CFDictionaryRemoveAllValues(entries);
    CHECK_EQUAL(CFDictionaryGetCount(entries), 0);
    CFRelease(entries);
}

static void a_dictionary_holds_many_entries(void)
{
    CFMutableDictionaryRef entries = dictionary();
    for (int i = 0; i < 1000; i++) {
        CFNumberRef key = number(i), value = number(i * i);
        CFDictionarySetValue(entries, key, value);
        CFRelease(key);
        CFRelease(value);
    }
    CHECK_EQUAL(CFDictionaryGetCount(entries), 1000);
    for (int i = 0; i < 1000; i++) {
        CFNumberRef key = number(i);
        CFTypeRef value = CFDictionaryGetValue(entries, key);
        CFRelease(key);
        CHECK(value != NULL);
        CHECK_EQUAL(value_of(value), i * i);
    }
    CFRelease(entries);
}

static void add_up(const void *key, const void *value, void *sum)
{
    *(int *)sum += value_of(key) * 10 + value_of(value);
}

static void a_function_is_applied_to_all_entries(void)
{
    CFNumberRef one = number(1), two = number(2), three = number(3);
    const void *keys[] = { one, two }, *values[] = { two, three }, *keys_out[2], *values_out[2];
    CFDictionaryRef entries = CFDictionaryCreate(kCFAllocatorDefault, keys, values, 2, &kCFTypeDictionaryKeyCallBacks,
                                                 &kCFTypeDictionaryValueCallBacks);
    int sum = 0;
    CFDictionaryApplyFunction(entries, add_up, &sum);
    CHECK_EQUAL(sum, 35);
    CFDictionaryGetKeysAndValues(entries, keys_out, values_out);
    for (int i = 0; i < 2; i++)
        CHECK_EQUAL(value_of(values_out[i]), value_of(keys_out[i]) + 1);
    CFRelease(entries);
    CFRelease(one);
    CFRelease(two);
    CFRelease(three);
}

static int alive;

static const void *retain_text(CFAllocatorRef allocator, const void *text)
{
    (void)allocator;
    alive++;
    return text;
}

static void release_text(CFAllocatorRef allocator, const void *text)
{
    (void)allocator;
    (void)text;
    alive--;
}

static Boolean equal_text(const void *a, const void *b)
{
    return strcmp(a, b) == 0;
}

/* As bad as hash functions get. */
static CFHashCode hash_text(const void *text)
{
    return (CFHashCode)strlen(text);
}

static void keys_may_be_no_objects(void)
{
    const CFDictionaryKeyCallBacks keys = { 0, retain_text, release_text, NULL, equal_text, hash_text };
    const CFDictionaryValueCallBacks values = { 0, retain_text, release_text, NULL, equal_text };
    CFMutableDictionaryRef entries = CFDictionaryCreateMutable(kCFAllocatorDefault, 0, &keys, &values);
    char key[] = "one";
    CFDictionarySetValue(entries, "one", "eins");
    CFDictionarySetValue(entries, "two", "zwei");
    CFDictionarySetValue(entries, "four", "vier");
    CHECK_TEXT(CFDictionaryGetValue(entries, key), "eins");
    CHECK_TEXT(CFDictionaryGetValue(entries, "two"), "zwei");
    CHECK(CFDictionaryContainsValue(entries, "vier"));
    CHECK_EQUAL(alive, 6);
    CFDictionaryRemoveValue(entries, key);
    CHECK_EQUAL(alive, 4);
    CFRelease(entries);
    CHECK_EQUAL(alive, 0);
}

static void without_callbacks_keys_are_pointers(void)
{
    char key[] = "key", same[] = "key";
    CFMutableDictionaryRef entries = CFDictionaryCreateMutable(kCFAllocatorDefault, 0, NULL, NULL);
    CFDictionarySetValue(entries, key, (const void *)42);
    CHECK(CFDictionaryGetValue(entries, key) == (const void *)42);
    CHECK(CFDictionaryGetValue(entries, same) == NULL);
    CFRelease(entries);
}

static void copied_string_keys_do_not_change(void)
{
    CFMutableDictionaryRef entries = CFDictionaryCreateMutable(
        kCFAllocatorDefault, 0, &kCFCopyStringDictionaryKeyCallBacks, &kCFTypeDictionaryValueCallBacks);
    CFMutableStringRef key = CFStringCreateMutable(kCFAllocatorDefault, 0);
    CFStringAppend(key, CFSTR("before"));
    CFDictionarySetValue(entries, key, kCFBooleanTrue);
    CFStringReplaceAll(key, CFSTR("after"));
    CHECK(CFDictionaryContainsKey(entries, CFSTR("before")));
    CHECK(!CFDictionaryContainsKey(entries, key));
    CFRelease(key);
    CFRelease(entries);
}

static void dictionaries_are_equal_by_their_entries(void)
{
    CFMutableDictionaryRef entries = dictionary();
    CFDictionarySetValue(entries, CFSTR("a"), CFSTR("1"));
    CFDictionarySetValue(entries, CFSTR("b"), kCFBooleanFalse);
    CFDictionaryRef copy = CFDictionaryCreateCopy(kCFAllocatorDefault, entries);
    CHECK(CFEqual(entries, copy));
    CFDictionarySetValue(entries, CFSTR("b"), kCFBooleanTrue);
    CHECK(!CFEqual(entries, copy));
    CFRelease(copy);
    CFRelease(entries);
}

void dictionary_tests(void)
{
    RUN(values_are_found_by_equal_keys);
    RUN(entries_are_added_set_replaced_and_removed);
    RUN(a_dictionary_holds_many_entries);
    RUN(a_function_is_applied_to_all_entries);
    RUN(keys_may_be_no_objects);
    RUN(without_callbacks_keys_are_pointers);
    RUN(copied_string_keys_do_not_change);
    RUN(dictionaries_are_equal_by_their_entries);
}
