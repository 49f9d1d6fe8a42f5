/* What a service tells those who are interested in it. */
#include "notifications.h"

#include <mach/mach.h>

#define OUR_MESSAGE 0xe0000abc

struct told {
    int calls;
    io_service_t service;
    uint32_t type;
    uint64_t argument;
    bool same_service, is_inactive;
    uint8_t bytes[64];
    size_t size;
};

static uint64_t id_of(io_registry_entry_t entry)
{
    uint64_t id = 0;
    IORegistryEntryGetRegistryEntryID(entry, &id);
    return id;
}

static void tell(void *refcon, io_service_t service, uint32_t type, void *argument)
{
    struct told *told = refcon;
    uint64_t id = id_of(service);
    told->calls++;
    told->service = service;
    told->type = type;
    told->argument = (uint64_t)argument;
    told->is_inactive = command("is_inactive", &id, 1);
    if (told->size > 0)
        memcpy(told->bytes, argument, told->size);
}

static IONotificationPortRef port;
static io_service_t service;
static io_object_t notification;

/* A notification of the service `Device`, in the run loop. */
static kern_return_t begin(struct told *told)
{
    port = IONotificationPortCreate(kIOMainPortDefault);
    service = service_of("Device");
    CFRunLoopAddSource(CFRunLoopGetCurrent(), IONotificationPortGetRunLoopSource(port), kCFRunLoopDefaultMode);
    return IOServiceAddInterestNotification(port, service, kIOGeneralInterest, tell, told, &notification);
}

static void end(void)
{
    IOObjectRelease(notification);
    IOObjectRelease(service);
    IONotificationPortDestroy(port);
}

static SInt32 run(void)
{
    return CFRunLoopRunInMode(kCFRunLoopDefaultMode, PATIENCE, true);
}

static void an_argument_is_passed_as_it_is(void)
{
    struct told told = { 0 };
    CHECK_EQUAL(begin(&told), KERN_SUCCESS);
    uint64_t message[] = { id_of(service), OUR_MESSAGE, 0x123456789abcdef0 };
    command("message_clients", message, 3);
    CHECK_EQUAL(told.calls, 0);
    CHECK_EQUAL(run(), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(told.calls, 1);
    CHECK_EQUAL(told.service, service);
    CHECK_EQUAL(told.type, OUR_MESSAGE);
    CHECK_EQUAL(told.argument, 0x123456789abcdef0);
    CHECK_EQUAL(IOObjectGetUserRetainCount(service), 1);
    end();
}

static void few_bytes_are_passed_in_the_argument_and_many_where_it_points(void)
{
    for (uint64_t size = 1; size <= 64; size++) {
        struct told told = { .size = size < 16 ? 0 : size };
        CHECK_EQUAL(begin(&told), KERN_SUCCESS);
        uint64_t message[] = { id_of(service), OUR_MESSAGE, size };
        command("message_clients_bytes", message, 3);
        CHECK_EQUAL(run(), kCFRunLoopRunHandledSource);
        const uint8_t *bytes = size < 16 ? (const uint8_t *)&told.argument : told.bytes;
        for (uint64_t i = 0; i < size && (size >= 16 || i < 8); i++)
            CHECK_EQUAL(bytes[i], i + 1);
        end();
    }
}

static void a_service_tells_of_its_termination(void)
{
    struct told told = { 0 };
    CHECK_EQUAL(begin(&told), KERN_SUCCESS);
    uint64_t id = id_of(service);
    CHECK_EQUAL(command("terminate", &id, 1), 1);
    CHECK_EQUAL(run(), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(told.calls, 1);
    CHECK_EQUAL(told.type, kIOMessageServiceIsTerminated);
    CHECK_EQUAL(told.argument, 1);
    CHECK(told.is_inactive);
    /* The name of before has died with the port, and the one that the callback had has gone with the message. */
    CHECK(told.service != service);
    CHECK_EQUAL(IOObjectGetUserRetainCount(told.service), 0);

    io_object_t another;
    CHECK_EQUAL(IOServiceAddInterestNotification(port, service, kIOGeneralInterest, tell, &told, &another),
                MACH_SEND_INVALID_DEST);
    end();
}

static void a_notification_that_is_released_calls_nothing_more(void)
{
    struct told told = { 0 };
    CHECK_EQUAL(begin(&told), KERN_SUCCESS);
    uint64_t message[] = { id_of(service), OUR_MESSAGE, 1 };
    command("message_clients", message, 3);
    CHECK_EQUAL(IOObjectRelease(notification), KERN_SUCCESS);
    CHECK_EQUAL(run(), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(told.calls, 0);
    CHECK_EQUAL(IOObjectGetUserRetainCount(service), 1);
    command("message_clients", message, 3);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0, true), kCFRunLoopRunTimedOut);
    IOObjectRelease(service);
    IONotificationPortDestroy(port);
}

static void a_message_destroyed_gives_its_rights_back(void)
{
    struct told told = { 0 };
    struct {
        mach_msg_header_t header;
        char rest[512];
    } message;
    CHECK_EQUAL(begin(&told), KERN_SUCCESS);
    uint64_t arguments[] = { id_of(service), OUR_MESSAGE, 7 };
    command("message_clients", arguments, 3);
    mach_port_t name = IONotificationPortGetMachPort(port);
    CHECK_EQUAL(mach_msg(&message.header, MACH_RCV_MSG, 0, sizeof message, name, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
    CHECK(message.header.msgh_bits & MACH_MSGH_BITS_COMPLEX);
    CHECK_EQUAL(message.header.msgh_remote_port, notification);
    CHECK_EQUAL(message.header.msgh_size, 124);
    CHECK_EQUAL(IOObjectGetUserRetainCount(notification), 2);
    CHECK_EQUAL(IOObjectGetUserRetainCount(service), 2);

    struct {
        mach_msg_base_t base;
        mach_msg_port_descriptor_t service;
        OSNotificationHeader64 notification;
    } *parts = (void *)&message;
    IOServiceInterestContent64 *content = (void *)parts->notification.content;
    CHECK_EQUAL(parts->base.body.msgh_descriptor_count, 1);
    CHECK_EQUAL(parts->service.name, service);
    CHECK_EQUAL(parts->notification.type & kIOKitNoticationTypeMask, kIOServiceMessageNotificationType);
    CHECK_EQUAL(content->messageType, OUR_MESSAGE);
    CHECK_EQUAL(content->messageArgument[0], 7);

    mach_msg_destroy(&message.header);
    CHECK_EQUAL(IOObjectGetUserRetainCount(notification), 1);
    CHECK_EQUAL(IOObjectGetUserRetainCount(service), 1);
    end();
}

void interest_tests(void)
{
    RUN(an_argument_is_passed_as_it_is);
    RUN(few_bytes_are_passed_in_the_argument_and_many_where_it_points);
    RUN(a_notification_that_is_released_calls_nothing_more);
    RUN(a_message_destroyed_gives_its_rights_back);
    RUN(a_service_tells_of_its_termination);
}
