/*
 * What the messages of asynchronous calls are made of.
 */
#ifndef IOKIT_OSMESSAGENOTIFICATION_H
#define IOKIT_OSMESSAGENOTIFICATION_H

#include <mach/message.h>
#include <device/device_types.h>
#include <IOKit/IOReturn.h>

/* The words of an asynchronous call's reference. The first is the kernel's. */
enum {
    kIOAsyncReservedIndex = 0,
    kIOAsyncReservedCount = 1,
    kIOAsyncCalloutFuncIndex = 1,
    kIOAsyncCalloutRefconIndex = 2,
    kIOAsyncCalloutCount = 3,
    kIOMatchingCalloutFuncIndex = 1,
    kIOMatchingCalloutRefconIndex = 2,
    kIOMatchingCalloutCount = 3,
    kIOInterestCalloutFuncIndex = 1,
    kIOInterestCalloutRefconIndex = 2,
    kIOInterestCalloutServiceIndex = 3,
    kIOInterestCalloutCount = 4
};

enum {
    kOSAsyncRef64Count = 8,
    kOSAsyncRef64Size = 64,
    kMaxAsyncArgs = 16
};

typedef io_user_reference_t OSAsyncReference64[kOSAsyncRef64Count];

enum {
    /* The low two bits of an interest message's argument's size, which is rounded up to words. */
    kIOKitNoticationMsgSizeMask = 3,
    kIOKitNoticationTypeMask = 0x00000fff,
    kIOKitNoticationTypeSizeAdjShift = 30
};

enum {
    kFirstIOKitNotificationType = 100,
    kIOServicePublishNotificationType = 100,
    kIOServiceMatchedNotificationType = 101,
    kIOServiceTerminatedNotificationType = 102,
    kIOAsyncCompletionNotificationType = 150,
    kIOServiceMessageNotificationType = 160,
    kLastIOKitNotificationType = 199
};

/* Identifiers of messages. */
enum {
    kOSNotificationMessageID = 53,
    kOSAsyncCompleteMessageID = 57
};

#pragma pack(push, 4)

/* What follows the header of a message, or its descriptors. */
typedef struct {
    mach_msg_size_t size;
    natural_t type;
    OSAsyncReference64 reference;
    unsigned char content[];
} OSNotificationHeader64;

/* The content of an interest message. The argument may be longer. */
typedef struct {
    natural_t messageType;
    io_user_reference_t messageArgument[1];
} IOServiceInterestContent64;

/* The content of a completion. */
typedef struct {
    IOReturn result;
    void *args[];
} IOAsyncCompletionContent;

#pragma pack(pop)

#endif
