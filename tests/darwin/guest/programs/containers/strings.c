#include "containers.h"

#include <string.h>

static void a_constant_string_is_a_string(void)
{
    CFStringRef constant = CFSTR("constant");
    CHECK_EQUAL(CFGetTypeID(constant), CFStringGetTypeID());
    CHECK_EQUAL(CFStringGetLength(constant), 8);
    CHECK_EQUAL(CFStringGetCharacterAtIndex(constant, 3), 's');
    CHECK_STRING(constant, "constant");
    CHECK(CFSTR("constant") == constant);
}

static void a_constant_string_is_retained_and_released(void)
{
    CFStringRef constant = CFSTR("forever");
    CHECK(CFRetain(constant) == constant);
    CFRelease(constant);
    CHECK_STRING(constant, "forever");
}

static void a_constant_string_equals_a_made_one(void)
{
    CFStringRef made = CFStringCreateWithCString(kCFAllocatorDefault, "text", kCFStringEncodingASCII);
    CHECK(CFEqual(made, CFSTR("text")));
    CHECK(CFEqual(CFSTR("text"), made));
    CHECK(!CFEqual(made, CFSTR("Text")));
    CHECK_EQUAL(CFHash(made), CFHash(CFSTR("text")));
    CFRelease(made);
}

static void a_constant_string_may_be_beyond_ascii(void)
{
    CFStringRef constant = CFSTR("Größe 5 €");
    CHECK_EQUAL(CFStringGetLength(constant), 9);
    CHECK_EQUAL(CFStringGetCharacterAtIndex(constant, 2), 0xf6);
    CHECK_EQUAL(CFStringGetCharacterAtIndex(constant, 8), 0x20ac);
    CHECK_STRING(constant, "Größe 5 €");
}

static void a_string_goes_to_c_and_back(void)
{
    CFStringRef string = CFStringCreateWithCString(kCFAllocatorDefault, "naïve", kCFStringEncodingUTF8);
    char text[10];
    CHECK_EQUAL(CFStringGetLength(string), 5);
    CHECK(CFStringGetCString(string, text, sizeof text, kCFStringEncodingUTF8));
    CHECK_TEXT(text, "naïve");
    CHECK(CFStringGetCString(string, text, sizeof text, kCFStringEncodingMacRoman));
    CHECK_EQUAL((unsigned char)text[2], 0x95);
    CHECK(CFStringGetCString(string, text, 6, kCFStringEncodingISOLatin1));
    CHECK_EQUAL((unsigned char)text[2], 0xef);
    /* Neither characters nor the terminating zero are left out silently. */
    CHECK(!CFStringGetCString(string, text, sizeof text, kCFStringEncodingASCII));
    CHECK(!CFStringGetCString(string, text, 6, kCFStringEncodingUTF8));
    CFRelease(string);
    CHECK(CFStringCreateWithCString(kCFAllocatorDefault, "\xff\xfe", kCFStringEncodingUTF8) == NULL);
}

static void bytes_and_characters_make_strings(void)
{
    const UniChar characters[] = { 'a', 0x20ac, 0xd83d, 0xde00 };
    CFStringRef string = CFStringCreateWithCharacters(kCFAllocatorDefault, characters, 4);
    CHECK_STRING(string, "a€😀");
    UniChar copy[4] = { 0 };
    CFStringGetCharacters(string, CFRangeMake(1, 3), copy);
    CHECK_EQUAL(copy[0], 0x20ac);
    CHECK_EQUAL(copy[2], 0xde00);

    UInt8 bytes[20];
    CFIndex used = 0;
    CFRange all = CFRangeMake(0, 4);
    CHECK_EQUAL(CFStringGetBytes(string, all, kCFStringEncodingASCII, '?', false, bytes, sizeof bytes, &used), 4);
    CHECK_EQUAL(bytes[0], 'a');
    CHECK_EQUAL(bytes[1], '?');
    CHECK_EQUAL(CFStringGetBytes(string, CFRangeMake(0, 2), kCFStringEncodingUTF8, 0, false, NULL, 0, &used), 2);
    CHECK_EQUAL(used, 4);
    CFRelease(string);

    const UInt8 roman[] = { 0x61, 0x8a };
    string = CFStringCreateWithBytes(kCFAllocatorDefault, roman, sizeof roman, kCFStringEncodingMacRoman, false);
    CHECK_STRING(string, "aä");
    CFRelease(string);
}

static void parts_are_copied(void)
{
    CFStringRef part = CFStringCreateWithSubstring(kCFAllocatorDefault, CFSTR("whole string"), CFRangeMake(6, 3));
    CHECK_STRING(part, "str");
    CFStringRef copy = CFStringCreateCopy(kCFAllocatorDefault, part);
    CHECK(CFEqual(copy, part));
    CFRelease(copy);
    CFRelease(part);
}

static void strings_are_compared_by_options(void)
{
    CHECK_EQUAL(CFStringCompare(CFSTR("a"), CFSTR("b"), 0), kCFCompareLessThan);
    CHECK_EQUAL(CFStringCompare(CFSTR("b"), CFSTR("a"), 0), kCFCompareGreaterThan);
    CHECK_EQUAL(CFStringCompare(CFSTR("same"), CFSTR("same"), 0), kCFCompareEqualTo);
    CHECK_EQUAL(CFStringCompare(CFSTR("Case"), CFSTR("cASE"), kCFCompareCaseInsensitive), kCFCompareEqualTo);
    CHECK_EQUAL(CFStringCompare(CFSTR("file10"), CFSTR("file9"), kCFCompareNumerically), kCFCompareGreaterThan);
    CHECK(CFStringHasPrefix(CFSTR("IOService"), CFSTR("IO")));
    CHECK(!CFStringHasPrefix(CFSTR("IO"), CFSTR("IOService")));
    CHECK(CFStringHasSuffix(CFSTR("IOService"), CFSTR("Service")));
}

static void strings_are_searched(void)
{
    CFRange found = CFStringFind(CFSTR("one two one"), CFSTR("one"), 0);
    CHECK_EQUAL(found.location, 0);
    CHECK_EQUAL(found.length, 3);
    CHECK_EQUAL(CFStringFind(CFSTR("one two one"), CFSTR("one"), kCFCompareBackwards).location, 8);
    CHECK_EQUAL(CFStringFind(CFSTR("one"), CFSTR("ONE"), kCFCompareCaseInsensitive).location, 0);
    CHECK_EQUAL(CFStringFind(CFSTR("one"), CFSTR("ONE"), 0).location, kCFNotFound);
}

static void a_mutable_string_changes(void)
{
    CFMutableStringRef string = CFStringCreateMutable(kCFAllocatorDefault, 0);
    CFStringAppend(string, CFSTR("world"));
    CFStringInsert(string, 0, CFSTR("hello "));
    CFStringAppendCString(string, "!", kCFStringEncodingASCII);
    CHECK_STRING(string, "hello world!");
    CFStringReplace(string, CFRangeMake(0, 5), CFSTR("goodbye"));
    CHECK_STRING(string, "goodbye world!");
    CFStringDelete(string, CFRangeMake(7, 6));
    CHECK_STRING(string, "goodbye!");
    CFStringRef frozen = CFStringCreateCopy(kCFAllocatorDefault, string);
    CFStringReplaceAll(string, CFSTR("Short"));
    CFStringUppercase(string, NULL);
    CHECK_STRING(string, "SHORT");
    CHECK_STRING(frozen, "goodbye!");
    CFMutableStringRef copy = CFStringCreateMutableCopy(kCFAllocatorDefault, 0, frozen);
    CFStringAppendFormat(copy, NULL, CFSTR(" %d"), 7);
    CHECK_STRING(copy, "goodbye! 7");
    CFRelease(copy);
    CFRelease(frozen);
    CFRelease(string);
}

static void a_format_takes_c_and_object_arguments(void)
{
    CFNumberRef seven = number(7);
    CFStringRef string = CFStringCreateWithFormat(kCFAllocatorDefault, NULL, CFSTR("%@ %d %s %.2f %@ %5ld|%c"),
                                                  CFSTR("object"), -3, "text", 2.5, seven, 42L, 'x');
    CHECK_STRING(string, "object -3 text 2.50 7    42|x");
    CFRelease(string);
    CFRelease(seven);
}

static void strings_are_split_and_joined(void)
{
    CFArrayRef words = CFStringCreateArrayBySeparatingStrings(kCFAllocatorDefault, CFSTR("a,b,,c"), CFSTR(","));
    CHECK_EQUAL(CFArrayGetCount(words), 4);
    CHECK_STRING(CFArrayGetValueAtIndex(words, 2), "");
    CFStringRef joined = CFStringCreateByCombiningStrings(kCFAllocatorDefault, words, CFSTR("-"));
    CHECK_STRING(joined, "a-b--c");
    CFRelease(joined);
    CFRelease(words);
}

static void a_string_is_read_as_a_number(void)
{
    CHECK_EQUAL(CFStringGetIntValue(CFSTR("42 and more")), 42);
    CHECK_EQUAL(CFStringGetIntValue(CFSTR("none")), 0);
    CHECK(CFStringGetDoubleValue(CFSTR("2.5")) == 2.5);
}

static void a_string_lends_its_bytes_or_not(void)
{
    const char *bytes = CFStringGetCStringPtr(CFSTR("lent"), kCFStringEncodingUTF8);
    CHECK(bytes == NULL || strcmp(bytes, "lent") == 0);
}

void string_tests(void)
{
    RUN(a_constant_string_is_a_string);
    RUN(a_constant_string_is_retained_and_released);
    RUN(a_constant_string_equals_a_made_one);
    RUN(a_constant_string_may_be_beyond_ascii);
    RUN(a_string_goes_to_c_and_back);
    RUN(bytes_and_characters_make_strings);
    RUN(parts_are_copied);
    RUN(strings_are_compared_by_options);
    RUN(strings_are_searched);
    RUN(a_mutable_string_changes);
    RUN(a_format_takes_c_and_object_arguments);
    RUN(strings_are_split_and_joined);
    RUN(a_string_is_read_as_a_number);
    RUN(a_string_lends_its_bytes_or_not);
}
