#include "throwing.h"

#include <stdexcept>
#include <string>
#include <vector>

namespace {

Owned<CFNumberRef> number(int value)
{
    return Owned(CFNumberCreate(kCFAllocatorDefault, kCFNumberIntType, &value));
}

int value_of(const void *number)
{
    int value = 0;
    CFNumberGetValue(static_cast<CFNumberRef>(number), kCFNumberIntType, &value);
    return value;
}

Owned<CFMutableArrayRef> numbers(int count)
{
    Owned array(CFArrayCreateMutable(kCFAllocatorDefault, 0, &kCFTypeArrayCallBacks));
    for (int i = 0; i < count; i++)
        CFArrayAppendValue(array.get(), number(i).get());
    return array;
}

struct TooLarge : std::runtime_error {
    explicit TooLarge(int value) : std::runtime_error("too large: " + std::to_string(value)), value(value) {}
    int value;
};

void sum_up_to_four(const void *element, void *context)
{
    int value = value_of(element);
    if (value > 4)
        throw TooLarge(value);
    *static_cast<int *>(context) += value;
}

void an_exception_passes_through_CFArrayApplyFunction()
{
    Owned array = numbers(10);
    int sum = 0, caught = 0;
    try {
        CFArrayApplyFunction(array.get(), CFRangeMake(0, 10), sum_up_to_four, &sum);
    } catch (const TooLarge &error) {
        caught = error.value;
        CHECK_TEXT(error.what(), "too large: 5");
    }
    CHECK_EQUAL(caught, 5);
    CHECK_EQUAL(sum, 10);
    /* The array is as it was, and no lock was left held. */
    CFArrayAppendValue(array.get(), number(10).get());
    CHECK_EQUAL(CFArrayGetCount(array.get()), 11);
}

struct Counted {
    static inline int alive = 0;
    Counted() { alive++; }
    ~Counted() { alive--; }
};

void throw_with_something_on_the_stack(const void *, const void *, void *)
{
    Counted first, second;
    Owned string(CFStringCreateWithCString(kCFAllocatorDefault, "released by the unwinding", kCFStringEncodingUTF8));
    if (Counted::alive == 2)
        throw std::string("from a dictionary");
}

void destructors_run_on_the_way_through_CFDictionaryApplyFunction()
{
    Owned dictionary(CFDictionaryCreateMutable(kCFAllocatorDefault, 0, &kCFTypeDictionaryKeyCallBacks,
                                               &kCFTypeDictionaryValueCallBacks));
    CFDictionarySetValue(dictionary.get(), CFSTR("key"), CFSTR("value"));
    bool caught = false;
    try {
        CFDictionaryApplyFunction(dictionary.get(), throw_with_something_on_the_stack, nullptr);
    } catch (const std::string &text) {
        caught = text == "from a dictionary";
    }
    CHECK(caught);
    CHECK_EQUAL(Counted::alive, 0);
}

void throw_number(const void *element, void *)
{
    throw value_of(element);
}

void an_exception_passes_through_CFSetApplyFunction()
{
    Owned only = number(42);
    const void *values[] = { only.get() };
    Owned set(CFSetCreate(kCFAllocatorDefault, values, 1, &kCFTypeSetCallBacks));
    int caught = 0;
    try {
        CFSetApplyFunction(set.get(), throw_number, nullptr);
    } catch (int value) {
        caught = value;
    }
    CHECK_EQUAL(caught, 42);
}

struct Source {
    int performed = 0;
    bool throws = true;
};

void perform(void *info)
{
    Source &source = *static_cast<Source *>(info);
    source.performed++;
    if (source.throws)
        throw std::logic_error("performed");
    CFRunLoopStop(CFRunLoopGetCurrent());
}

void an_exception_leaves_a_run_loop_that_can_run_again()
{
    Source state;
    CFRunLoopSourceContext context = {};
    context.info = &state;
    context.perform = perform;
    Owned source(CFRunLoopSourceCreate(kCFAllocatorDefault, 0, &context));
    CFRunLoopAddSource(CFRunLoopGetCurrent(), source.get(), kCFRunLoopDefaultMode);
    CFRunLoopSourceSignal(source.get());
    bool caught = false;
    try {
        CFRunLoopRunInMode(kCFRunLoopDefaultMode, 5, false);
    } catch (const std::logic_error &error) {
        caught = error.what() == std::string("performed");
    }
    CHECK(caught);
    CHECK_EQUAL(state.performed, 1);

    state.throws = false;
    CFRunLoopSourceSignal(source.get());
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 5, false), kCFRunLoopRunStopped);
    CHECK_EQUAL(state.performed, 2);
    CFRunLoopRemoveSource(CFRunLoopGetCurrent(), source.get(), kCFRunLoopDefaultMode);
}

CFComparisonResult compare(const void *a, const void *b, void *comparisons)
{
    if (++*static_cast<int *>(comparisons) == 5)
        throw std::out_of_range("enough compared");
    int left = value_of(a), right = value_of(b);
    return left < right ? kCFCompareLessThan : left > right ? kCFCompareGreaterThan : kCFCompareEqualTo;
}

void an_exception_leaves_a_sort_with_all_its_elements()
{
    Owned array = numbers(8);
    int comparisons = 0;
    bool caught = false;
    try {
        CFArraySortValues(array.get(), CFRangeMake(0, 8), compare, &comparisons);
    } catch (const std::out_of_range &) {
        caught = true;
    }
    CHECK(caught);
    std::vector<bool> seen(8);
    for (CFIndex i = 0; i < 8; i++)
        seen.at(static_cast<size_t>(value_of(CFArrayGetValueAtIndex(array.get(), i)))) = true;
    for (bool each : seen)
        CHECK(each);
}

void apply_within(const void *element, void *context)
{
    Owned array = numbers(3);
    try {
        CFArrayApplyFunction(array.get(), CFRangeMake(0, 3), throw_number, nullptr);
    } catch (int inner) {
        *static_cast<int *>(context) += 1;
        throw TooLarge(value_of(element) * 100 + inner);
    }
}

void exceptions_pass_through_nested_calls()
{
    Owned array = numbers(7);
    int inner = 0, outer = -1;
    try {
        CFArrayApplyFunction(array.get(), CFRangeMake(6, 1), apply_within, &inner);
    } catch (const TooLarge &error) {
        outer = error.value;
    }
    CHECK_EQUAL(inner, 1);
    CHECK_EQUAL(outer, 600);
}

} // namespace

void callback_tests()
{
    RUN(an_exception_passes_through_CFArrayApplyFunction);
    RUN(destructors_run_on_the_way_through_CFDictionaryApplyFunction);
    RUN(an_exception_passes_through_CFSetApplyFunction);
    RUN(an_exception_leaves_a_run_loop_that_can_run_again);
    RUN(an_exception_leaves_a_sort_with_all_its_elements);
    RUN(exceptions_pass_through_nested_calls);
}
