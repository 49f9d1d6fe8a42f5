/*
 * Streams: of files, and of memory that grows.
 */
#ifndef COREFOUNDATION_CFSTREAM_H
#define COREFOUNDATION_CFSTREAM_H

#include <CoreFoundation/CFBase.h>
#include <CoreFoundation/CFError.h>
#include <CoreFoundation/CFString.h>
#include <CoreFoundation/CFURL.h>

typedef struct __CFReadStream *CFReadStreamRef;
typedef struct __CFWriteStream *CFWriteStreamRef;
typedef CFStringRef CFStreamPropertyKey;

typedef CFIndex CFStreamStatus;
enum {
    kCFStreamStatusNotOpen = 0,
    kCFStreamStatusOpening = 1,
    kCFStreamStatusOpen = 2,
    kCFStreamStatusReading = 3,
    kCFStreamStatusWriting = 4,
    kCFStreamStatusAtEnd = 5,
    kCFStreamStatusClosed = 6,
    kCFStreamStatusError = 7
};

/* What was written to memory. */
CF_EXPORT const CFStringRef kCFStreamPropertyDataWritten;

/* The class of streams that are read. */
CF_EXPORT CFTypeID CFReadStreamGetTypeID(void);
/* A stream of a file, not open yet. */
CF_EXPORT CFReadStreamRef CFReadStreamCreateWithFile(CFAllocatorRef alloc, CFURLRef fileURL) CF_RETURNS_RETAINED;
/* Whether the stream could be opened. */
CF_EXPORT Boolean CFReadStreamOpen(CFReadStreamRef stream);
/* The number of bytes read: 0 at the end, -1 if it failed. */
CF_EXPORT CFIndex CFReadStreamRead(CFReadStreamRef stream, UInt8 *buffer, CFIndex bufferLength);
/* Ends its use. */
CF_EXPORT void CFReadStreamClose(CFReadStreamRef stream);
/* What state it is in. */
CF_EXPORT CFStreamStatus CFReadStreamGetStatus(CFReadStreamRef stream);
/* Why it failed, or null. */
CF_EXPORT CFErrorRef CFReadStreamCopyError(CFReadStreamRef stream) CF_RETURNS_RETAINED;

/* The class of streams that are written. */
CF_EXPORT CFTypeID CFWriteStreamGetTypeID(void);
/* A stream to a file, not open yet. */
CF_EXPORT CFWriteStreamRef CFWriteStreamCreateWithFile(CFAllocatorRef alloc, CFURLRef fileURL) CF_RETURNS_RETAINED;
/* A stream to memory, not open yet. */
CF_EXPORT CFWriteStreamRef CFWriteStreamCreateWithAllocatedBuffers(CFAllocatorRef alloc,
                                                                   CFAllocatorRef bufferAllocator) CF_RETURNS_RETAINED;
/* Whether the stream could be opened. A file is emptied. */
CF_EXPORT Boolean CFWriteStreamOpen(CFWriteStreamRef stream);
/* Whether it would take bytes without waiting. */
CF_EXPORT Boolean CFWriteStreamCanAcceptBytes(CFWriteStreamRef stream);
/* The number of bytes written; -1 if it failed. */
CF_EXPORT CFIndex CFWriteStreamWrite(CFWriteStreamRef stream, const UInt8 *buffer, CFIndex bufferLength);
/* Ends its use. */
CF_EXPORT void CFWriteStreamClose(CFWriteStreamRef stream);
/* A property, or null. */
CF_EXPORT CFTypeRef CFWriteStreamCopyProperty(CFWriteStreamRef stream,
                                              CFStreamPropertyKey propertyName) CF_RETURNS_RETAINED;
/* What state it is in. */
CF_EXPORT CFStreamStatus CFWriteStreamGetStatus(CFWriteStreamRef stream);
/* Why it failed, or null. */
CF_EXPORT CFErrorRef CFWriteStreamCopyError(CFWriteStreamRef stream) CF_RETURNS_RETAINED;

#endif
