/*
 * Data: bytes.
 */
#ifndef COREFOUNDATION_CFDATA_H
#define COREFOUNDATION_CFDATA_H

#include <CoreFoundation/CFBase.h>

typedef const struct __CFData *CFDataRef;
typedef struct __CFData *CFMutableDataRef;

typedef CFOptionFlags CFDataSearchFlags;
enum {
    kCFDataSearchBackwards = 1,
    kCFDataSearchAnchored = 2
};

/* The class of data. */
CF_EXPORT CFTypeID CFDataGetTypeID(void);
/* A copy of bytes. */
CF_EXPORT CFDataRef CFDataCreate(CFAllocatorRef allocator, const UInt8 *bytes, CFIndex length) CF_RETURNS_RETAINED;
/* The program's bytes, which an allocator frees when the data dies. */
CF_EXPORT CFDataRef CFDataCreateWithBytesNoCopy(CFAllocatorRef allocator, const UInt8 *bytes, CFIndex length,
                                                CFAllocatorRef bytesDeallocator) CF_RETURNS_RETAINED;
/* The same bytes. */
CF_EXPORT CFDataRef CFDataCreateCopy(CFAllocatorRef allocator, CFDataRef theData) CF_RETURNS_RETAINED;
/* No bytes yet, and room for so many, or for any number if that is 0. */
CF_EXPORT CFMutableDataRef CFDataCreateMutable(CFAllocatorRef allocator, CFIndex capacity) CF_RETURNS_RETAINED;
/* The same bytes, which may change, and room for so many, or for any number. */
CF_EXPORT CFMutableDataRef CFDataCreateMutableCopy(CFAllocatorRef allocator, CFIndex capacity,
                                                   CFDataRef theData) CF_RETURNS_RETAINED;
/* How many bytes there are. */
CF_EXPORT CFIndex CFDataGetLength(CFDataRef theData);
/* Where the bytes are. */
CF_EXPORT const UInt8 *CFDataGetBytePtr(CFDataRef theData);
/* Where the bytes are, for changes. */
CF_EXPORT UInt8 *CFDataGetMutableBytePtr(CFMutableDataRef theData);
/* Copies a range. */
CF_EXPORT void CFDataGetBytes(CFDataRef theData, CFRange range, UInt8 *buffer);
/* Where in a range other data is. */
CF_EXPORT CFRange CFDataFind(CFDataRef theData, CFDataRef dataToFind, CFRange searchRange,
                             CFDataSearchFlags compareOptions);
/* Makes data shorter, or longer by zeros. */
CF_EXPORT void CFDataSetLength(CFMutableDataRef theData, CFIndex length);
/* Makes data longer by zeros. */
CF_EXPORT void CFDataIncreaseLength(CFMutableDataRef theData, CFIndex extraLength);
/* Adds bytes at the end. */
CF_EXPORT void CFDataAppendBytes(CFMutableDataRef theData, const UInt8 *bytes, CFIndex length);
/* Replaces a range. */
CF_EXPORT void CFDataReplaceBytes(CFMutableDataRef theData, CFRange range, const UInt8 *newBytes, CFIndex newLength);
/* Removes a range. */
CF_EXPORT void CFDataDeleteBytes(CFMutableDataRef theData, CFRange range);

#endif
