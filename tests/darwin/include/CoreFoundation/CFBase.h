/*
 * Types that all of CoreFoundation is built of, allocators, and what is done with objects of any class.
 */
#ifndef COREFOUNDATION_CFBASE_H
#define COREFOUNDATION_CFBASE_H

#include <CoreFoundation/CFOwnership.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CF_EXTERN_C_BEGIN extern "C" {
#define CF_EXTERN_C_END }
#else
#define CF_EXTERN_C_BEGIN
#define CF_EXTERN_C_END
#endif

#ifdef __cplusplus
#define CF_EXPORT extern "C"
#else
#define CF_EXPORT extern
#endif
#define CF_INLINE static inline

#ifdef __APPLE__
#include <MacTypes.h>
#include <libkern/OSTypes.h>
#else
typedef uint8_t UInt8;
typedef int8_t SInt8;
typedef uint16_t UInt16;
typedef int16_t SInt16;
typedef unsigned int UInt32;
typedef signed int SInt32;
typedef unsigned long long UInt64;
typedef signed long long SInt64;
typedef float Float32;
typedef double Float64;
typedef unsigned char Boolean;
typedef SInt32 OSStatus;
typedef SInt16 OSErr;
typedef UInt32 FourCharCode;
typedef FourCharCode OSType;
typedef UInt16 UniChar;
typedef unsigned long UniCharCount;
typedef UInt8 *StringPtr;
typedef const UInt8 *ConstStringPtr;
typedef UInt8 Str255[256];
typedef const UInt8 *ConstStr255Param;
typedef UInt32 UTF32Char;
typedef UInt16 UTF16Char;
typedef UInt8 UTF8Char;
#endif

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

typedef unsigned long CFTypeID;
typedef unsigned long CFOptionFlags;
typedef unsigned long CFHashCode;
typedef signed long CFIndex;

typedef const void *CFTypeRef;
typedef const struct __CFString *CFStringRef;
typedef struct __CFString *CFMutableStringRef;
typedef CFTypeRef CFPropertyListRef;
typedef const struct __CFAllocator *CFAllocatorRef;
typedef const struct __CFNull *CFNullRef;
typedef const struct __CFLocale *CFLocaleRef;

typedef CFIndex CFComparisonResult;
enum {
    kCFCompareLessThan = -1,
    kCFCompareEqualTo = 0,
    kCFCompareGreaterThan = 1
};

typedef CFComparisonResult (*CFComparatorFunction)(const void *val1, const void *val2, void *context);

/* What searches return that find nothing. */
enum { kCFNotFound = -1 };

typedef struct {
    CFIndex location;
    CFIndex length;
} CFRange;

CF_INLINE CFRange CFRangeMake(CFIndex location, CFIndex length)
{
    CFRange range;
    range.location = location;
    range.length = length;
    return range;
}

typedef const void *(*CFAllocatorRetainCallBack)(const void *info);
typedef void (*CFAllocatorReleaseCallBack)(const void *info);
typedef CFStringRef (*CFAllocatorCopyDescriptionCallBack)(const void *info);
typedef void *(*CFAllocatorAllocateCallBack)(CFIndex allocSize, CFOptionFlags hint, void *info);
typedef void *(*CFAllocatorReallocateCallBack)(void *ptr, CFIndex newsize, CFOptionFlags hint, void *info);
typedef void (*CFAllocatorDeallocateCallBack)(void *ptr, void *info);
typedef CFIndex (*CFAllocatorPreferredSizeCallBack)(CFIndex size, CFOptionFlags hint, void *info);

typedef struct {
    CFIndex version;
    void *info;
    CFAllocatorRetainCallBack retain;
    CFAllocatorReleaseCallBack release;
    CFAllocatorCopyDescriptionCallBack copyDescription;
    CFAllocatorAllocateCallBack allocate;
    CFAllocatorReallocateCallBack reallocate;
    CFAllocatorDeallocateCallBack deallocate;
    CFAllocatorPreferredSizeCallBack preferredSize;
} CFAllocatorContext;

/* Null: the default allocator, which is the system's. */
CF_EXPORT const CFAllocatorRef kCFAllocatorDefault;
CF_EXPORT const CFAllocatorRef kCFAllocatorSystemDefault;
/* The C library's memory. */
CF_EXPORT const CFAllocatorRef kCFAllocatorMalloc;
CF_EXPORT const CFAllocatorRef kCFAllocatorMallocZone;
/* Allocates nothing and frees nothing. */
CF_EXPORT const CFAllocatorRef kCFAllocatorNull;
/* For CFAllocatorCreate: the new allocator is made of its own memory. */
CF_EXPORT const CFAllocatorRef kCFAllocatorUseContext;

/* An allocator of the functions in a context. */
CF_EXPORT CFAllocatorRef CFAllocatorCreate(CFAllocatorRef allocator, CFAllocatorContext *context) CF_RETURNS_RETAINED;
/* Memory; null if there is none, or none is asked for. */
CF_EXPORT void *CFAllocatorAllocate(CFAllocatorRef allocator, CFIndex size, CFOptionFlags hint);
/* Memory of another size with the same contents. */
CF_EXPORT void *CFAllocatorReallocate(CFAllocatorRef allocator, void *ptr, CFIndex newsize, CFOptionFlags hint);
/* Frees memory of this allocator. */
CF_EXPORT void CFAllocatorDeallocate(CFAllocatorRef allocator, void *ptr);
/* The allocator that null stands for. */
CF_EXPORT CFAllocatorRef CFAllocatorGetDefault(void) CF_RETURNS_NOT_RETAINED;
/* The class of allocators. */
CF_EXPORT CFTypeID CFAllocatorGetTypeID(void);

/* The one object that stands for none. */
CF_EXPORT const CFNullRef kCFNull;
/* Its class. */
CF_EXPORT CFTypeID CFNullGetTypeID(void);

/* Adds a reference, and returns the object. */
CF_EXPORT CFTypeRef CFRetain(CFTypeRef cf) CF_RETURNS_RETAINED;
/* Gives up a reference; with the last one the object dies. */
CF_EXPORT void CFRelease(CFTypeRef cf CF_CONSUMED);
/* How many references there are. */
CF_EXPORT CFIndex CFGetRetainCount(CFTypeRef cf);
/* The class of an object. */
CF_EXPORT CFTypeID CFGetTypeID(CFTypeRef cf);
/* Whether two objects are of one class and equal in its sense. */
CF_EXPORT Boolean CFEqual(CFTypeRef cf1, CFTypeRef cf2);
/* A number that equal objects have in common. */
CF_EXPORT CFHashCode CFHash(CFTypeRef cf);
/* The allocator that an object was made with. */
CF_EXPORT CFAllocatorRef CFGetAllocator(CFTypeRef cf) CF_RETURNS_NOT_RETAINED;
/* What an object is, for programmers. */
CF_EXPORT CFStringRef CFCopyDescription(CFTypeRef cf) CF_RETURNS_RETAINED;
/* The name of a class. */
CF_EXPORT CFStringRef CFCopyTypeIDDescription(CFTypeID type_id) CF_RETURNS_RETAINED;
/* Prints an object to stderr. */
CF_EXPORT void CFShow(CFTypeRef obj);

#endif
