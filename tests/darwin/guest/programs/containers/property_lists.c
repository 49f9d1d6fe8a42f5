#include "containers.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static CFMutableDictionaryRef example(void)
{
    CFMutableDictionaryRef list = CFDictionaryCreateMutable(kCFAllocatorDefault, 0, &kCFTypeDictionaryKeyCallBacks,
                                                            &kCFTypeDictionaryValueCallBacks);
    double half = 0.5;
    CFNumberRef seven = number(7), fraction = CFNumberCreate(kCFAllocatorDefault, kCFNumberDoubleType, &half);
    CFDataRef data = CFDataCreate(kCFAllocatorDefault, (const UInt8 *)"some bytes", 10);
    const void *elements[] = { CFSTR("<first> & second"), kCFBooleanTrue, kCFBooleanFalse };
    CFArrayRef array = CFArrayCreate(kCFAllocatorDefault, elements, 3, &kCFTypeArrayCallBacks);
    CFDictionarySetValue(list, CFSTR("number"), seven);
    CFDictionarySetValue(list, CFSTR("fraction"), fraction);
    CFDictionarySetValue(list, CFSTR("data"), data);
    CFDictionarySetValue(list, CFSTR("array"), array);
    CFDictionarySetValue(list, CFSTR("string"), CFSTR("Größe"));
    CFRelease(array);
    CFRelease(data);
    CFRelease(fraction);
    CFRelease(seven);
    return list;
}

static void a_property_list_survives_being_written_and_read(void)
{
    CFMutableDictionaryRef list = example();
    CHECK(CFPropertyListIsValid(list, kCFPropertyListXMLFormat_v1_0));
    CFErrorRef error = NULL;
    CFDataRef data = CFPropertyListCreateData(kCFAllocatorDefault, list, kCFPropertyListXMLFormat_v1_0, 0, &error);
    CHECK(data != NULL && error == NULL);
    CFPropertyListFormat format = 0;
    CFPropertyListRef again =
        CFPropertyListCreateWithData(kCFAllocatorDefault, data, kCFPropertyListImmutable, &format, &error);
    CHECK(again != NULL && error == NULL);
    CHECK_EQUAL(format, kCFPropertyListXMLFormat_v1_0);
    CHECK(CFEqual(list, again));
    CFRelease(again);
    CFRelease(data);
    CFRelease(list);
}

/* The runner compares what this prints. */
static void a_property_list_is_printed_as_xml(void)
{
    CFMutableDictionaryRef list = example();
    CFDataRef data = CFPropertyListCreateData(kCFAllocatorDefault, list, kCFPropertyListXMLFormat_v1_0, 0, NULL);
    CHECK(data != NULL);
    fwrite(CFDataGetBytePtr(data), 1, (size_t)CFDataGetLength(data), stdout);
    CFRelease(data);
    CFRelease(list);
}

static void a_deep_copy_shares_nothing(void)
{
    CFMutableDictionaryRef list = example();
    CFMutableDictionaryRef copy = (CFMutableDictionaryRef)CFPropertyListCreateDeepCopy(
        kCFAllocatorDefault, list, kCFPropertyListMutableContainers);
    CHECK(CFEqual(list, copy));
    CFMutableArrayRef array = (CFMutableArrayRef)CFDictionaryGetValue(copy, CFSTR("array"));
    CFArrayRemoveValueAtIndex(array, 0);
    CHECK_EQUAL(CFArrayGetCount(CFDictionaryGetValue(list, CFSTR("array"))), 3);
    CFRelease(copy);
    CFRelease(list);
}

static void what_is_no_property_list_is_refused(void)
{
    CFMutableDictionaryRef list = example();
    CFDictionarySetValue(list, CFSTR("nothing"), kCFNull);
    CHECK(!CFPropertyListIsValid(list, kCFPropertyListXMLFormat_v1_0));
    CFRelease(list);

    CFDataRef data = CFDataCreate(kCFAllocatorDefault, (const UInt8 *)"<plist><dict><key>no", 20);
    CFErrorRef error = NULL;
    CHECK(CFPropertyListCreateWithData(kCFAllocatorDefault, data, 0, NULL, &error) == NULL);
    CHECK(error != NULL);
    CFRelease(error);
    CFRelease(data);
}

void property_list_tests(void)
{
    RUN(a_property_list_survives_being_written_and_read);
    RUN(a_property_list_is_printed_as_xml);
    RUN(a_deep_copy_shares_nothing);
    RUN(what_is_no_property_list_is_refused);
}
