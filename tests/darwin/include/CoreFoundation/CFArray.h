/*
 * Arrays: values by index, which are objects or what the array's functions make of them.
 */
#ifndef COREFOUNDATION_CFARRAY_H
#define COREFOUNDATION_CFARRAY_H

#include <CoreFoundation/CFBase.h>

typedef const struct __CFArray *CFArrayRef;
typedef struct __CFArray *CFMutableArrayRef;

typedef const void *(*CFArrayRetainCallBack)(CFAllocatorRef allocator, const void *value);
typedef void (*CFArrayReleaseCallBack)(CFAllocatorRef allocator, const void *value);
typedef CFStringRef (*CFArrayCopyDescriptionCallBack)(const void *value);
typedef Boolean (*CFArrayEqualCallBack)(const void *value1, const void *value2);
typedef void (*CFArrayApplierFunction)(const void *value, void *context);

typedef struct {
    CFIndex version;
    CFArrayRetainCallBack retain;
    CFArrayReleaseCallBack release;
    CFArrayCopyDescriptionCallBack copyDescription;
    CFArrayEqualCallBack equal;
} CFArrayCallBacks;

/* For values that are objects. */
CF_EXPORT const CFArrayCallBacks kCFTypeArrayCallBacks;

/* The class of arrays. */
CF_EXPORT CFTypeID CFArrayGetTypeID(void);
/* An array of values. */
CF_EXPORT CFArrayRef CFArrayCreate(CFAllocatorRef allocator, const void **values, CFIndex numValues,
                                   const CFArrayCallBacks *callBacks) CF_RETURNS_RETAINED;
/* An array of the same values. */
CF_EXPORT CFArrayRef CFArrayCreateCopy(CFAllocatorRef allocator, CFArrayRef theArray) CF_RETURNS_RETAINED;
/* An empty array that may change. */
CF_EXPORT CFMutableArrayRef CFArrayCreateMutable(CFAllocatorRef allocator, CFIndex capacity,
                                                 const CFArrayCallBacks *callBacks) CF_RETURNS_RETAINED;
/* An array of the same values that may change. */
CF_EXPORT CFMutableArrayRef CFArrayCreateMutableCopy(CFAllocatorRef allocator, CFIndex capacity,
                                                     CFArrayRef theArray) CF_RETURNS_RETAINED;
/* How many values there are. */
CF_EXPORT CFIndex CFArrayGetCount(CFArrayRef theArray);
/* How many values in a range are equal to this one. */
CF_EXPORT CFIndex CFArrayGetCountOfValue(CFArrayRef theArray, CFRange range, const void *value);
/* Whether a value in a range is equal to this one. */
CF_EXPORT Boolean CFArrayContainsValue(CFArrayRef theArray, CFRange range, const void *value);
/* The value at an index. */
CF_EXPORT const void *CFArrayGetValueAtIndex(CFArrayRef theArray, CFIndex idx);
/* The values in a range. */
CF_EXPORT void CFArrayGetValues(CFArrayRef theArray, CFRange range, const void **values);
/* Calls a function for each value in a range. */
CF_EXPORT void CFArrayApplyFunction(CFArrayRef theArray, CFRange range, CFArrayApplierFunction applier, void *context);
/* The first index in a range of a value that is equal, or kCFNotFound. */
CF_EXPORT CFIndex CFArrayGetFirstIndexOfValue(CFArrayRef theArray, CFRange range, const void *value);
/* The last index in a range of a value that is equal, or kCFNotFound. */
CF_EXPORT CFIndex CFArrayGetLastIndexOfValue(CFArrayRef theArray, CFRange range, const void *value);
/* The index of a value in a sorted range, or the one where it belongs. */
CF_EXPORT CFIndex CFArrayBSearchValues(CFArrayRef theArray, CFRange range, const void *value,
                                       CFComparatorFunction comparator, void *context);
/* Adds a value at the end. */
CF_EXPORT void CFArrayAppendValue(CFMutableArrayRef theArray, const void *value);
/* Adds a range of another array at the end. */
CF_EXPORT void CFArrayAppendArray(CFMutableArrayRef theArray, CFArrayRef otherArray, CFRange otherRange);
/* Adds a value before the one at an index. */
CF_EXPORT void CFArrayInsertValueAtIndex(CFMutableArrayRef theArray, CFIndex idx, const void *value);
/* Replaces the value at an index, or adds one at the end. */
CF_EXPORT void CFArraySetValueAtIndex(CFMutableArrayRef theArray, CFIndex idx, const void *value);
/* Removes the value at an index. */
CF_EXPORT void CFArrayRemoveValueAtIndex(CFMutableArrayRef theArray, CFIndex idx);
/* Removes all values. */
CF_EXPORT void CFArrayRemoveAllValues(CFMutableArrayRef theArray);
/* Replaces a range by new values. */
CF_EXPORT void CFArrayReplaceValues(CFMutableArrayRef theArray, CFRange range, const void **newValues,
                                    CFIndex newCount);
/* Exchanges two values. */
CF_EXPORT void CFArrayExchangeValuesAtIndices(CFMutableArrayRef theArray, CFIndex idx1, CFIndex idx2);
/* Sorts a range. */
CF_EXPORT void CFArraySortValues(CFMutableArrayRef theArray, CFRange range, CFComparatorFunction comparator,
                                 void *context);

#endif
