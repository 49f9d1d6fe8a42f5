/*
 * What the library has without a public header.
 */
#ifndef IOKIT_IOKITLIBPRIVATE_H
#define IOKIT_IOKITLIBPRIVATE_H

#include <stdint.h>
#include <CoreFoundation/CFBase.h>
#include <IOKit/IOKitLib.h>

/* Bits of a service's state. */
enum {
    kIOServiceInactiveState = 0x00000001,
    kIOServiceRegisteredState = 0x00000002,
    kIOServiceMatchedState = 0x00000004,
    kIOServiceFirstPublishState = 0x00000008,
    kIOServiceFirstMatchState = 0x00000010
};

/* The service's state, how much is under way at it, and for how many nanoseconds something was in all. */
CF_EXPORT kern_return_t IOServiceGetBusyStateAndTime(io_service_t service, uint64_t *state, uint32_t *busyState,
                                                     uint64_t *accumulatedBusyTime);

#endif
