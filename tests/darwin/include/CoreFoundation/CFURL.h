/*
 * URLs of files.
 */
#ifndef COREFOUNDATION_CFURL_H
#define COREFOUNDATION_CFURL_H

#include <CoreFoundation/CFBase.h>
#include <CoreFoundation/CFString.h>

typedef const struct __CFURL *CFURLRef;

typedef CFIndex CFURLPathStyle;
enum {
    kCFURLPOSIXPathStyle = 0,
    kCFURLHFSPathStyle = 1,
    kCFURLWindowsPathStyle = 2
};

/* The class of URLs. */
CF_EXPORT CFTypeID CFURLGetTypeID(void);
/* The URL of a path. */
CF_EXPORT CFURLRef CFURLCreateWithFileSystemPath(CFAllocatorRef allocator, CFStringRef filePath,
                                                 CFURLPathStyle pathStyle, Boolean isDirectory) CF_RETURNS_RETAINED;
/* The URL of a path in bytes. */
CF_EXPORT CFURLRef CFURLCreateFromFileSystemRepresentation(CFAllocatorRef allocator, const UInt8 *buffer,
                                                           CFIndex bufLen, Boolean isDirectory) CF_RETURNS_RETAINED;
/* The path in bytes, if there is room for it. */
CF_EXPORT Boolean CFURLGetFileSystemRepresentation(CFURLRef url, Boolean resolveAgainstBase, UInt8 *buffer,
                                                   CFIndex maxBufLen);
/* The path. */
CF_EXPORT CFStringRef CFURLCopyFileSystemPath(CFURLRef anURL, CFURLPathStyle pathStyle) CF_RETURNS_RETAINED;
/* The URL as it is written. */
CF_EXPORT CFStringRef CFURLGetString(CFURLRef anURL) CF_RETURNS_NOT_RETAINED;
/* Whether it is of a directory. */
CF_EXPORT Boolean CFURLHasDirectoryPath(CFURLRef anURL);

#endif
