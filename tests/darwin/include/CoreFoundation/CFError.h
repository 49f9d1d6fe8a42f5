/*
 * Errors: a code of a domain, and what more is known.
 */
#ifndef COREFOUNDATION_CFERROR_H
#define COREFOUNDATION_CFERROR_H

#include <CoreFoundation/CFBase.h>
#include <CoreFoundation/CFDictionary.h>
#include <CoreFoundation/CFString.h>

typedef struct __CFError *CFErrorRef;
typedef CFStringRef CFErrorDomain;

CF_EXPORT const CFStringRef kCFErrorDomainPOSIX;
CF_EXPORT const CFStringRef kCFErrorDomainOSStatus;
CF_EXPORT const CFStringRef kCFErrorDomainMach;
CF_EXPORT const CFStringRef kCFErrorDomainCocoa;

CF_EXPORT const CFStringRef kCFErrorLocalizedDescriptionKey;
CF_EXPORT const CFStringRef kCFErrorLocalizedFailureReasonKey;
CF_EXPORT const CFStringRef kCFErrorLocalizedRecoverySuggestionKey;
CF_EXPORT const CFStringRef kCFErrorDescriptionKey;
CF_EXPORT const CFStringRef kCFErrorUnderlyingErrorKey;

/* The class of errors. */
CF_EXPORT CFTypeID CFErrorGetTypeID(void);
/* An error. */
CF_EXPORT CFErrorRef CFErrorCreate(CFAllocatorRef allocator, CFErrorDomain domain, CFIndex code,
                                   CFDictionaryRef userInfo) CF_RETURNS_RETAINED;
/* The domain that the code is of. */
CF_EXPORT CFErrorDomain CFErrorGetDomain(CFErrorRef err) CF_RETURNS_NOT_RETAINED;
/* The code. */
CF_EXPORT CFIndex CFErrorGetCode(CFErrorRef err);
/* What more is known. */
CF_EXPORT CFDictionaryRef CFErrorCopyUserInfo(CFErrorRef err) CF_RETURNS_RETAINED;
/* The error in words. */
CF_EXPORT CFStringRef CFErrorCopyDescription(CFErrorRef err) CF_RETURNS_RETAINED;
/* Why it is one, if that is known. */
CF_EXPORT CFStringRef CFErrorCopyFailureReason(CFErrorRef err) CF_RETURNS_RETAINED;

#endif
