#include "containers.h"

static void an_array_keeps_its_values_alive(void)
{
    CFNumberRef one = number(1), two = number(2);
    const void *values[] = { one, two };
    CFArrayRef array = CFArrayCreate(kCFAllocatorDefault, values, 2, &kCFTypeArrayCallBacks);
    CFRelease(one);
    CFRelease(two);
    CHECK_EQUAL(CFArrayGetCount(array), 2);
    CHECK_EQUAL(value_of(CFArrayGetValueAtIndex(array, 1)), 2);
    CFRelease(array);
}

static void a_mutable_array_changes(void)
{
    CFMutableArrayRef array = CFArrayCreateMutable(kCFAllocatorDefault, 0, &kCFTypeArrayCallBacks);
    CFArrayAppendValue(array, CFSTR("b"));
    CFArrayAppendValue(array, CFSTR("d"));
    CFArrayInsertValueAtIndex(array, 0, CFSTR("a"));
    CFArraySetValueAtIndex(array, 2, CFSTR("c"));
    CFArrayAppendArray(array, array, CFRangeMake(0, 2));
    CFArrayExchangeValuesAtIndices(array, 0, 4);
    CFStringRef text = CFStringCreateByCombiningStrings(kCFAllocatorDefault, array, CFSTR(""));
    CHECK_STRING(text, "bbcaa");
    CFRelease(text);
    CFArrayRemoveValueAtIndex(array, 1);
    CHECK_EQUAL(CFArrayGetCount(array), 4);
    CHECK_EQUAL(CFArrayGetFirstIndexOfValue(array, CFRangeMake(0, 4), CFSTR("a")), 2);
    CHECK_EQUAL(CFArrayGetLastIndexOfValue(array, CFRangeMake(0, 4), CFSTR("a")), 3);
    CHECK_EQUAL(CFArrayGetFirstIndexOfValue(array, CFRangeMake(0, 4), CFSTR("z")), kCFNotFound);
    CHECK_EQUAL(CFArrayGetCountOfValue(array, CFRangeMake(0, 4), CFSTR("a")), 2);
    CHECK(CFArrayContainsValue(array, CFRangeMake(0, 4), CFSTR("c")));
    CFArrayRemoveAllValues(array);
    CHECK_EQUAL(CFArrayGetCount(array), 0);
    CFRelease(array);
}

static void add(const void *value, void *sum)
{
    *(int *)sum += value_of(value);
}

static void a_function_is_applied_to_a_range(void)
{
    CFMutableArrayRef array = CFArrayCreateMutable(kCFAllocatorDefault, 0, &kCFTypeArrayCallBacks);
    for (int i = 1; i <= 5; i++) {
        CFNumberRef each = number(i);
        CFArrayAppendValue(array, each);
        CFRelease(each);
    }
    int sum = 0;
    CFArrayApplyFunction(array, CFRangeMake(1, 3), add, &sum);
    CHECK_EQUAL(sum, 9);
    const void *values[2];
    CFArrayGetValues(array, CFRangeMake(3, 2), values);
    CHECK_EQUAL(value_of(values[1]), 5);
    CFRelease(array);
}

static CFComparisonResult backwards(const void *a, const void *b, void *calls)
{
    ++*(int *)calls;
    return CFNumberCompare(b, a, NULL);
}

static void an_array_is_sorted_by_a_function(void)
{
    CFMutableArrayRef array = CFArrayCreateMutable(kCFAllocatorDefault, 0, &kCFTypeArrayCallBacks);
    const int values[] = { 3, 1, 4, 1, 5, 9, 2, 6 }, expected[] = { 9, 6, 5, 4, 3, 2, 1, 1 };
    for (int i = 0; i < 8; i++) {
        CFNumberRef each = number(values[i]);
        CFArrayAppendValue(array, each);
        CFRelease(each);
    }
    int calls = 0;
    CFArraySortValues(array, CFRangeMake(0, 8), backwards, &calls);
    CHECK(calls > 0);
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(value_of(CFArrayGetValueAtIndex(array, i)), expected[i]);
    CFRelease(array);
}

static int retained, released, compared;

static const void *retain(CFAllocatorRef allocator, const void *value)
{
    (void)allocator;
    retained++;
    return value;
}

static void release(CFAllocatorRef allocator, const void *value)
{
    (void)allocator;
    (void)value;
    released++;
}

static Boolean same_remainder(const void *a, const void *b)
{
    compared++;
    return (long)a % 10 == (long)b % 10;
}

static void an_array_calls_the_functions_it_was_given(void)
{
    const CFArrayCallBacks callbacks = { 0, retain, release, NULL, same_remainder };
    const void *numbers[] = { (const void *)11, (const void *)12 };
    CFMutableArrayRef array = CFArrayCreateMutable(kCFAllocatorDefault, 0, &callbacks);
    CFArrayAppendValue(array, numbers[0]);
    CFArrayAppendValue(array, numbers[1]);
    CHECK_EQUAL(retained, 2);
    CHECK_EQUAL(CFArrayGetFirstIndexOfValue(array, CFRangeMake(0, 2), (const void *)92), 1);
    CHECK(compared > 0);
    CFArrayRemoveValueAtIndex(array, 0);
    CHECK_EQUAL(released, 1);
    CFRelease(array);
    CHECK_EQUAL(released, 2);
}

static void without_callbacks_an_array_holds_any_pointers(void)
{
    int one = 1, two = 2;
    const void *pointers[] = { &one, &two, NULL };
    CFArrayRef array = CFArrayCreate(kCFAllocatorDefault, pointers, 3, NULL);
    CHECK(CFArrayGetValueAtIndex(array, 1) == &two);
    CHECK(CFArrayGetValueAtIndex(array, 2) == NULL);
    CFRelease(array);
}

static void arrays_are_equal_by_their_values(void)
{
    const void *values[] = { CFSTR("a"), kCFBooleanTrue };
    CFArrayRef array = CFArrayCreate(kCFAllocatorDefault, values, 2, &kCFTypeArrayCallBacks);
    CFMutableArrayRef copy = CFArrayCreateMutableCopy(kCFAllocatorDefault, 0, array);
    CHECK(CFEqual(array, copy));
    CFArrayRemoveValueAtIndex(copy, 1);
    CHECK(!CFEqual(array, copy));
    CFRelease(copy);
    CFRelease(array);
}

void array_tests(void)
{
    RUN(an_array_keeps_its_values_alive);
    RUN(a_mutable_array_changes);
    RUN(a_function_is_applied_to_a_range);
    RUN(an_array_is_sorted_by_a_function);
    RUN(an_array_calls_the_functions_it_was_given);
    RUN(without_callbacks_an_array_holds_any_pointers);
    RUN(arrays_are_equal_by_their_values);
}
