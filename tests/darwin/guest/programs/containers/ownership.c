#include "containers.h"

static void references_are_counted(void)
{
    CFStringRef string = CFStringCreateWithCString(kCFAllocatorDefault, "counted by references", kCFStringEncodingUTF8);
    CHECK_EQUAL(CFGetRetainCount(string), 1);
    CHECK(CFRetain(string) == string);
    CHECK_EQUAL(CFGetRetainCount(string), 2);
    CFRelease(string);
    CHECK_EQUAL(CFGetRetainCount(string), 1);
    CFRelease(string);
}

static void a_collection_holds_a_reference(void)
{
    CFStringRef string = CFStringCreateWithCString(kCFAllocatorDefault, "held by an array", kCFStringEncodingUTF8);
    CFMutableArrayRef array = CFArrayCreateMutable(kCFAllocatorDefault, 0, &kCFTypeArrayCallBacks);
    CFArrayAppendValue(array, string);
    CHECK_EQUAL(CFGetRetainCount(string), 2);
    CFArrayRemoveAllValues(array);
    CHECK_EQUAL(CFGetRetainCount(string), 1);
    CFRelease(string);
    CFRelease(array);
}

static void what_get_returned_can_be_retained(void)
{
    CFStringRef string = CFStringCreateWithCString(kCFAllocatorDefault, "kept after its array", kCFStringEncodingUTF8);
    CFArrayRef array = CFArrayCreate(kCFAllocatorDefault, (const void **)&string, 1, &kCFTypeArrayCallBacks);
    CFRelease(string);
    CFStringRef kept = CFRetain(CFArrayGetValueAtIndex(array, 0));
    CFRelease(array);
    CHECK_STRING(kept, "kept after its array");
    CFRelease(kept);
}

static void nested_collections_go_with_the_outermost(void)
{
    CFMutableDictionaryRef outer = CFDictionaryCreateMutable(kCFAllocatorDefault, 0, &kCFTypeDictionaryKeyCallBacks,
                                                             &kCFTypeDictionaryValueCallBacks);
    for (int i = 0; i < 10; i++) {
        CFStringRef key = CFStringCreateWithFormat(kCFAllocatorDefault, NULL, CFSTR("key %d"), i);
        CFMutableArrayRef inner = CFArrayCreateMutable(kCFAllocatorDefault, 0, &kCFTypeArrayCallBacks);
        CFArrayAppendValue(inner, key);
        CFDictionarySetValue(outer, key, inner);
        CFRelease(inner);
        CFRelease(key);
    }
    CHECK_EQUAL(CFDictionaryGetCount(outer), 10);
    CFRelease(outer);
}

static void a_class_word_comes_first(void)
{
    CFNumberRef object = number(5);
    CHECK(*(void *const *)object != NULL);
    CFRelease(object);
}

void ownership_tests(void)
{
    RUN(references_are_counted);
    RUN(a_collection_holds_a_reference);
    RUN(what_get_returned_can_be_retained);
    RUN(nested_collections_go_with_the_outermost);
    RUN(a_class_word_comes_first);
}
