#include "containers.h"

#include <string.h>

static void data_is_copied_in_and_out(void)
{
    UInt8 bytes[] = "bytes", copy[3] = { 0 };
    CFDataRef data = CFDataCreate(kCFAllocatorDefault, bytes, 5);
    bytes[0] = '?';
    CHECK_EQUAL(CFDataGetLength(data), 5);
    CHECK_EQUAL(memcmp(CFDataGetBytePtr(data), "bytes", 5), 0);
    CFDataGetBytes(data, CFRangeMake(1, 3), copy);
    CHECK_EQUAL(memcmp(copy, "yte", 3), 0);
    CFRelease(data);
}

static void data_is_equal_by_its_bytes(void)
{
    CFDataRef one = CFDataCreate(kCFAllocatorDefault, (const UInt8 *)"a\0b", 3);
    CFDataRef same = CFDataCreateCopy(kCFAllocatorDefault, one);
    CFDataRef other = CFDataCreate(kCFAllocatorDefault, (const UInt8 *)"a\0c", 3);
    CHECK(CFEqual(one, same));
    CHECK_EQUAL(CFHash(one), CFHash(same));
    CHECK(!CFEqual(one, other));
    CFRelease(one);
    CFRelease(same);
    CFRelease(other);
}

static void mutable_data_grows(void)
{
    CFMutableDataRef data = CFDataCreateMutable(kCFAllocatorDefault, 0);
    CFDataAppendBytes(data, (const UInt8 *)"start", 5);
    CFDataIncreaseLength(data, 3);
    CHECK_EQUAL(CFDataGetLength(data), 8);
    CHECK_EQUAL(CFDataGetBytePtr(data)[7], 0);
    memcpy(CFDataGetMutableBytePtr(data) + 5, "end", 3);
    CFDataReplaceBytes(data, CFRangeMake(0, 5), (const UInt8 *)"the ", 4);
    CHECK_EQUAL(CFDataGetLength(data), 7);
    CHECK_EQUAL(memcmp(CFDataGetBytePtr(data), "the end", 7), 0);
    CFDataSetLength(data, 3);
    CHECK_EQUAL(CFDataGetLength(data), 3);
    CFRelease(data);
}

static void memory_is_not_copied_when_asked_so(void)
{
    static const UInt8 bytes[] = "static";
    CFDataRef data = CFDataCreateWithBytesNoCopy(kCFAllocatorDefault, bytes, 6, kCFAllocatorNull);
    CHECK(CFDataGetBytePtr(data) == bytes);
    CFRelease(data);
}

static void allocators_allocate(void)
{
    char *memory = CFAllocatorAllocate(kCFAllocatorDefault, 100, 0);
    CHECK(memory != NULL);
    memory[99] = 'x';
    memory = CFAllocatorReallocate(kCFAllocatorDefault, memory, 200, 0);
    CHECK_EQUAL(memory[99], 'x');
    CFAllocatorDeallocate(kCFAllocatorDefault, memory);
    CHECK(CFAllocatorAllocate(kCFAllocatorNull, 100, 0) == NULL);
    CHECK(CFAllocatorGetDefault() != NULL);
}

void data_tests(void)
{
    RUN(data_is_copied_in_and_out);
    RUN(data_is_equal_by_its_bytes);
    RUN(mutable_data_grows);
    RUN(memory_is_not_copied_when_asked_so);
    RUN(allocators_allocate);
}
