#include "containers.h"

static void a_set_holds_equal_values_once(void)
{
    CFMutableSetRef set = CFSetCreateMutable(kCFAllocatorDefault, 0, &kCFTypeSetCallBacks);
    CFStringRef made = CFStringCreateWithCString(kCFAllocatorDefault, "a", kCFStringEncodingUTF8);
    CFSetAddValue(set, CFSTR("a"));
    CFSetAddValue(set, made);
    CFSetAddValue(set, CFSTR("b"));
    CHECK_EQUAL(CFSetGetCount(set), 2);
    CHECK(CFSetContainsValue(set, made));
    CHECK(CFSetGetValue(set, made) == CFSTR("a"));
    CFSetSetValue(set, made);
    CHECK(CFSetGetValue(set, CFSTR("a")) == made);
    CFSetRemoveValue(set, CFSTR("a"));
    CHECK(CFSetGetValue(set, CFSTR("a")) == NULL);
    CHECK_EQUAL(CFSetGetCount(set), 1);
    CFRelease(made);
    CFRelease(set);
}

static void add_length(const void *value, void *sum)
{
    *(CFIndex *)sum += CFStringGetLength(value);
}

static void a_function_is_applied_to_all_values(void)
{
    const void *values[] = { CFSTR("a"), CFSTR("bb"), CFSTR("ccc") };
    CFSetRef set = CFSetCreate(kCFAllocatorDefault, values, 3, &kCFTypeSetCallBacks);
    CFIndex sum = 0;
    CFSetApplyFunction(set, add_length, &sum);
    CHECK_EQUAL(sum, 6);
    const void *copies[3];
    CFSetGetValues(set, copies);
    sum = 0;
    for (int i = 0; i < 3; i++)
        sum += CFStringGetLength(copies[i]);
    CHECK_EQUAL(sum, 6);
    CFRelease(set);
}

static void sets_are_equal_in_any_order(void)
{
    const void *values[] = { CFSTR("a"), CFSTR("b") }, *swapped[] = { CFSTR("b"), CFSTR("a") };
    CFSetRef set = CFSetCreate(kCFAllocatorDefault, values, 2, &kCFTypeSetCallBacks);
    CFSetRef other = CFSetCreate(kCFAllocatorDefault, swapped, 2, &kCFTypeSetCallBacks);
    CHECK(CFEqual(set, other));
    CFRelease(set);
    CFRelease(other);
}

void set_tests(void)
{
    RUN(a_set_holds_equal_values_once);
    RUN(a_function_is_applied_to_all_values);
    RUN(sets_are_equal_in_any_order);
}
