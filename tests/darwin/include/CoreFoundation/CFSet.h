/*
 * Sets: values without order, none equal to another.
 */
#ifndef COREFOUNDATION_CFSET_H
#define COREFOUNDATION_CFSET_H

#include <CoreFoundation/CFBase.h>

typedef const struct __CFSet *CFSetRef;
typedef struct __CFSet *CFMutableSetRef;

typedef const void *(*CFSetRetainCallBack)(CFAllocatorRef allocator, const void *value);
typedef void (*CFSetReleaseCallBack)(CFAllocatorRef allocator, const void *value);
typedef CFStringRef (*CFSetCopyDescriptionCallBack)(const void *value);
typedef Boolean (*CFSetEqualCallBack)(const void *value1, const void *value2);
typedef CFHashCode (*CFSetHashCallBack)(const void *value);
typedef void (*CFSetApplierFunction)(const void *value, void *context);

typedef struct {
    CFIndex version;
    CFSetRetainCallBack retain;
    CFSetReleaseCallBack release;
    CFSetCopyDescriptionCallBack copyDescription;
    CFSetEqualCallBack equal;
    CFSetHashCallBack hash;
} CFSetCallBacks;

/* For values that are objects. */
CF_EXPORT const CFSetCallBacks kCFTypeSetCallBacks;
/* For values that are strings, of which copies are kept. */
CF_EXPORT const CFSetCallBacks kCFCopyStringSetCallBacks;

/* The class of sets. */
CF_EXPORT CFTypeID CFSetGetTypeID(void);
/* A set of values. */
CF_EXPORT CFSetRef CFSetCreate(CFAllocatorRef allocator, const void **values, CFIndex numValues,
                               const CFSetCallBacks *callBacks) CF_RETURNS_RETAINED;
/* A set of the same values. */
CF_EXPORT CFSetRef CFSetCreateCopy(CFAllocatorRef allocator, CFSetRef theSet) CF_RETURNS_RETAINED;
/* An empty set that may change. */
CF_EXPORT CFMutableSetRef CFSetCreateMutable(CFAllocatorRef allocator, CFIndex capacity,
                                             const CFSetCallBacks *callBacks) CF_RETURNS_RETAINED;
/* A set of the same values that may change. */
CF_EXPORT CFMutableSetRef CFSetCreateMutableCopy(CFAllocatorRef allocator, CFIndex capacity,
                                                 CFSetRef theSet) CF_RETURNS_RETAINED;
/* How many values there are. */
CF_EXPORT CFIndex CFSetGetCount(CFSetRef theSet);
/* 1 if a value is equal to this one, otherwise 0. */
CF_EXPORT CFIndex CFSetGetCountOfValue(CFSetRef theSet, const void *value);
/* Whether a value is equal to this one. */
CF_EXPORT Boolean CFSetContainsValue(CFSetRef theSet, const void *value);
/* The value that is equal to this one, or null. */
CF_EXPORT const void *CFSetGetValue(CFSetRef theSet, const void *value);
/* Whether a value is equal to this one, and which. */
CF_EXPORT Boolean CFSetGetValueIfPresent(CFSetRef theSet, const void *candidate, const void **value);
/* All values. */
CF_EXPORT void CFSetGetValues(CFSetRef theSet, const void **values);
/* Calls a function for each value. */
CF_EXPORT void CFSetApplyFunction(CFSetRef theSet, CFSetApplierFunction applier, void *context);
/* Adds a value unless an equal one is there. */
CF_EXPORT void CFSetAddValue(CFMutableSetRef theSet, const void *value);
/* Replaces the value that is equal, if there is one. */
CF_EXPORT void CFSetReplaceValue(CFMutableSetRef theSet, const void *value);
/* Adds a value, or replaces the one that is equal. */
CF_EXPORT void CFSetSetValue(CFMutableSetRef theSet, const void *value);
/* Removes the value that is equal, if there is one. */
CF_EXPORT void CFSetRemoveValue(CFMutableSetRef theSet, const void *value);
/* Removes all values. */
CF_EXPORT void CFSetRemoveAllValues(CFMutableSetRef theSet);

#endif
