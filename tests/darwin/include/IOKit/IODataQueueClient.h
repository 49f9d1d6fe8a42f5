/*
 * Data queues from user space: entries that a driver and a program pass each other through memory that is mapped.
 */
#ifndef IOKIT_IODATAQUEUECLIENT_H
#define IOKIT_IODATAQUEUECLIENT_H

#include <stdint.h>
#include <mach/port.h>
#include <CoreFoundation/CFBase.h>
#include <IOKit/IOReturn.h>
#include <IOKit/IODataQueueShared.h>

/* Whether there is an entry. */
CF_EXPORT Boolean IODataQueueDataAvailable(IODataQueueMemory *dataQueue);
/* The next entry where it is; null if there is none, or if the queue is corrupt. */
CF_EXPORT IODataQueueEntry *IODataQueuePeek(IODataQueueMemory *dataQueue);
/* Takes the next entry out, into `*dataSize` bytes; without `data` it is dropped. */
CF_EXPORT IOReturn IODataQueueDequeue(IODataQueueMemory *dataQueue, void *data, uint32_t *dataSize);
/* Receives a message, which says that an entry has come into an empty queue. */
CF_EXPORT IOReturn IODataQueueWaitForAvailableData(IODataQueueMemory *dataQueue, mach_port_t notificationPort);
/* A port for such messages, at which at most one waits: a receive right. */
CF_EXPORT mach_port_t IODataQueueAllocateNotificationPort(void) IO_RETURNS_RIGHT;
/* Puts an entry in, and sends the queue's message if there was none. What the sending comes to is what is returned. */
CF_EXPORT IOReturn IODataQueueEnqueue(IODataQueueMemory *dataQueue, void *data, uint32_t dataSize);
/* Where IODataQueueEnqueue sends that message, by a copy of a send right. */
CF_EXPORT IOReturn IODataQueueSetNotificationPort(IODataQueueMemory *dataQueue, mach_port_t notificationPort);

#endif
