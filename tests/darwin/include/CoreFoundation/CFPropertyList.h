/*
 * Property lists: strings, numbers, booleans, dates and data, in arrays and dictionaries, as bytes and back.
 */
#ifndef COREFOUNDATION_CFPROPERTYLIST_H
#define COREFOUNDATION_CFPROPERTYLIST_H

#include <CoreFoundation/CFBase.h>
#include <CoreFoundation/CFData.h>
#include <CoreFoundation/CFError.h>
#include <CoreFoundation/CFStream.h>
#include <CoreFoundation/CFString.h>

typedef CFOptionFlags CFPropertyListMutabilityOptions;
enum {
    kCFPropertyListImmutable = 0,
    kCFPropertyListMutableContainers = 1,
    kCFPropertyListMutableContainersAndLeaves = 2
};

typedef CFIndex CFPropertyListFormat;
enum {
    kCFPropertyListOpenStepFormat = 1,
    kCFPropertyListXMLFormat_v1_0 = 100,
    kCFPropertyListBinaryFormat_v1_0 = 200
};

/* Codes of errors in the domain Cocoa. */
enum {
    kCFPropertyListReadCorruptError = 3840,
    kCFPropertyListReadUnknownVersionError = 3841,
    kCFPropertyListReadStreamError = 3842,
    kCFPropertyListWriteStreamError = 3851
};

/* A copy of all objects; null if it is no property list. */
CF_EXPORT CFPropertyListRef CFPropertyListCreateDeepCopy(CFAllocatorRef allocator, CFPropertyListRef propertyList,
                                                         CFOptionFlags mutabilityOption) CF_RETURNS_RETAINED;
/* Whether an object can be written in a format. */
CF_EXPORT Boolean CFPropertyListIsValid(CFPropertyListRef plist, CFPropertyListFormat format);
/* A property list as bytes. */
CF_EXPORT CFDataRef CFPropertyListCreateData(CFAllocatorRef allocator, CFPropertyListRef propertyList,
                                             CFPropertyListFormat format, CFOptionFlags options,
                                             CFErrorRef *error CF_RETURNS_RETAINED_ON_FAILURE) CF_RETURNS_RETAINED;
/* The property list that bytes are, and in which format. */
CF_EXPORT CFPropertyListRef CFPropertyListCreateWithData(
    CFAllocatorRef allocator, CFDataRef data, CFOptionFlags options, CFPropertyListFormat *format,
    CFErrorRef *error CF_RETURNS_RETAINED_ON_FAILURE) CF_RETURNS_RETAINED;
/* The property list that a stream has next, in so many bytes, or up to its end if that is 0. */
CF_EXPORT CFPropertyListRef CFPropertyListCreateWithStream(
    CFAllocatorRef allocator, CFReadStreamRef stream, CFIndex streamLength, CFOptionFlags options,
    CFPropertyListFormat *format, CFErrorRef *error CF_RETURNS_RETAINED_ON_FAILURE) CF_RETURNS_RETAINED;
/* Writes a property list to a stream: the number of bytes, or 0. */
CF_EXPORT CFIndex CFPropertyListWrite(CFPropertyListRef propertyList, CFWriteStreamRef stream,
                                      CFPropertyListFormat format, CFOptionFlags options,
                                      CFErrorRef *error CF_RETURNS_RETAINED_ON_FAILURE);

/* What there was before the above. */

/* A property list as XML. */
CF_EXPORT CFDataRef CFPropertyListCreateXMLData(CFAllocatorRef allocator,
                                                CFPropertyListRef propertyList) CF_RETURNS_RETAINED;
/* The property list that bytes are. */
CF_EXPORT CFPropertyListRef CFPropertyListCreateFromXMLData(
    CFAllocatorRef allocator, CFDataRef xmlData, CFOptionFlags mutabilityOption,
    CFStringRef *errorString CF_RETURNS_RETAINED_ON_FAILURE) CF_RETURNS_RETAINED;
/* Writes a property list to a stream: the number of bytes, or 0. */
CF_EXPORT CFIndex CFPropertyListWriteToStream(CFPropertyListRef propertyList, CFWriteStreamRef stream,
                                              CFPropertyListFormat format,
                                              CFStringRef *errorString CF_RETURNS_RETAINED_ON_FAILURE);

#endif
