#include "containers.h"

#include <stdint.h>

static void a_number_is_read_in_any_width_it_fits(void)
{
    int64_t wide = 300, wider = 5000000000;
    CFNumberRef number = CFNumberCreate(kCFAllocatorDefault, kCFNumberSInt64Type, &wide);
    int16_t narrow = 0;
    int32_t half = 0;
    double fraction = 0;
    CHECK(CFNumberGetValue(number, kCFNumberSInt16Type, &narrow));
    CHECK_EQUAL(narrow, 300);
    CHECK(CFNumberGetValue(number, kCFNumberDoubleType, &fraction));
    CHECK(fraction == 300.0);
    CHECK(!CFNumberIsFloatType(number));
    CHECK_EQUAL(CFNumberGetByteSize(number), 8);
    CFRelease(number);
    number = CFNumberCreate(kCFAllocatorDefault, kCFNumberSInt64Type, &wider);
    CHECK(!CFNumberGetValue(number, kCFNumberSInt32Type, &half));
    CFRelease(number);
}

static void a_fraction_loses_when_read_as_an_integer(void)
{
    double half = 2.5;
    CFNumberRef number = CFNumberCreate(kCFAllocatorDefault, kCFNumberDoubleType, &half);
    int integer = 0;
    float narrow = 0;
    CHECK(CFNumberIsFloatType(number));
    CHECK(!CFNumberGetValue(number, kCFNumberIntType, &integer));
    CHECK(CFNumberGetValue(number, kCFNumberFloatType, &narrow));
    CHECK(narrow == 2.5f);
    CFRelease(number);
}

static void numbers_are_equal_by_value(void)
{
    int integer = 5;
    double fraction = 5.0;
    int64_t larger = 6;
    CFNumberRef five = CFNumberCreate(kCFAllocatorDefault, kCFNumberIntType, &integer);
    CFNumberRef float_five = CFNumberCreate(kCFAllocatorDefault, kCFNumberDoubleType, &fraction);
    CFNumberRef six = CFNumberCreate(kCFAllocatorDefault, kCFNumberSInt64Type, &larger);
    CHECK(CFEqual(five, float_five));
    CHECK_EQUAL(CFHash(five), CFHash(float_five));
    CHECK_EQUAL(CFNumberCompare(five, six, NULL), kCFCompareLessThan);
    CHECK_EQUAL(CFNumberCompare(six, float_five, NULL), kCFCompareGreaterThan);
    CHECK(!CFEqual(five, six));
    CFRelease(five);
    CFRelease(float_five);
    CFRelease(six);
}

static void booleans_are_two_objects(void)
{
    CHECK(CFBooleanGetValue(kCFBooleanTrue));
    CHECK(!CFBooleanGetValue(kCFBooleanFalse));
    CHECK_EQUAL(CFGetTypeID(kCFBooleanTrue), CFBooleanGetTypeID());
    CHECK(!CFEqual(kCFBooleanTrue, kCFBooleanFalse));
    CHECK(CFRetain(kCFBooleanTrue) == kCFBooleanTrue);
    CFRelease(kCFBooleanTrue);
    CHECK_EQUAL(CFGetTypeID(kCFNull), CFNullGetTypeID());
}

static void types_have_ids_of_their_own(void)
{
    const CFTypeID types[] = { CFStringGetTypeID(), CFNumberGetTypeID(), CFBooleanGetTypeID(), CFDataGetTypeID(),
                               CFArrayGetTypeID(),  CFSetGetTypeID(),    CFDictionaryGetTypeID(), CFNullGetTypeID(),
                               CFURLGetTypeID(),    CFRunLoopGetTypeID(), CFRunLoopSourceGetTypeID() };
    const size_t count = sizeof types / sizeof *types;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            CHECK(types[i] != types[j]);
    CFStringRef description = CFCopyTypeIDDescription(CFNumberGetTypeID());
    CHECK_STRING(description, "CFNumber");
    CFRelease(description);
}

void number_tests(void)
{
    RUN(a_number_is_read_in_any_width_it_fits);
    RUN(a_fraction_loses_when_read_as_an_integer);
    RUN(numbers_are_equal_by_value);
    RUN(booleans_are_two_objects);
    RUN(types_have_ids_of_their_own);
}
