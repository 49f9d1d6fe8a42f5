/*
 * What a data queue is in memory.
 *
 * Offsets into the data are bytes after the three words at the start. An entry is a size and as many bytes; the next one
 * follows without padding.
 */
#ifndef IOKIT_IODATAQUEUESHARED_H
#define IOKIT_IODATAQUEUESHARED_H

#include <MacTypes.h>
#include <mach/message.h>
#include <mach/port.h>

/* An entry: how many bytes of data, and the data, of which there is more than this says. */
typedef struct _IODataQueueEntry {
    UInt32 size;
    UInt8  data[4];
} IODataQueueEntry;

/* The queue: how many bytes of entries there is room for, where the next entry comes out, and where the next goes in. */
typedef struct _IODataQueueMemory {
    UInt32           queueSize;
    volatile UInt32  head;
    volatile UInt32  tail;
    IODataQueueEntry queue[1];
} IODataQueueMemory;

/* What follows the entries of a shared queue: the message that IODataQueueEnqueue sends. */
typedef struct _IODataQueueAppendix {
    UInt32            version;
    mach_msg_header_t msgh;
} IODataQueueAppendix;

#define DATA_QUEUE_ENTRY_HEADER_SIZE    (sizeof(IODataQueueEntry) - 4)
#define DATA_QUEUE_MEMORY_HEADER_SIZE   (sizeof(IODataQueueMemory) - sizeof(IODataQueueEntry))
#define DATA_QUEUE_MEMORY_APPENDIX_SIZE (sizeof(IODataQueueAppendix))

#endif
