/* Services that come and go: iterators that a message tells of. */
#include "notifications.h"

#include <mach/mach.h>

#define MOST 16

/* What an iterator has brought. */
struct seen {
    int calls;
    io_iterator_t iterator;
    int count;
    uint64_t numbers[MOST];
    uint32_t states[MOST];
    void (*then)(struct seen *);
    dispatch_semaphore_t called;
};

static uint64_t number_of(io_registry_entry_t device)
{
    uint64_t number = 0;
    CFNumberRef property = IORegistryEntryCreateCFProperty(device, CFSTR("Number"), kCFAllocatorDefault, 0);
    if (property != NULL) {
        CFNumberGetValue(property, kCFNumberSInt64Type, &number);
        CFRelease(property);
    }
    return number;
}

static uint64_t id_of(io_registry_entry_t entry)
{
    uint64_t id = 0;
    IORegistryEntryGetRegistryEntryID(entry, &id);
    return id;
}

static void drain(struct seen *seen, io_iterator_t iterator)
{
    for (io_service_t device; (device = IOIteratorNext(iterator)) != IO_OBJECT_NULL; IOObjectRelease(device)) {
        uint64_t id = id_of(device);
        seen->numbers[seen->count % MOST] = number_of(device);
        seen->states[seen->count % MOST] = (uint32_t)command("is_inactive", &id, 1);
        seen->count++;
    }
}

static void tell(void *refcon, io_iterator_t iterator)
{
    struct seen *seen = refcon;
    seen->calls++;
    seen->iterator = iterator;
    if (seen->then != NULL)
        seen->then(seen);
    else
        drain(seen, iterator);
    if (seen->called != NULL)
        dispatch_semaphore_signal(seen->called);
}

static uint64_t plug(uint64_t number)
{
    return command("plug", &number, 1);
}

static void unplug(uint64_t id)
{
    command("terminate", &id, 1);
}

static IONotificationPortRef new_port(void)
{
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    CFRunLoopAddSource(CFRunLoopGetCurrent(), IONotificationPortGetRunLoopSource(port), kCFRunLoopDefaultMode);
    return port;
}

/* Watches devices; the iterator is as it comes, not drained. */
static kern_return_t watch(IONotificationPortRef port, const char *type, struct seen *seen)
{
    return IOServiceAddMatchingNotification(port, type, IOServiceMatching("Device"), tell, seen, &seen->iterator);
}

static SInt32 run(void)
{
    return CFRunLoopRunInMode(kCFRunLoopDefaultMode, PATIENCE, true);
}

static void forget(struct seen *seen)
{
    seen->calls = seen->count = 0;
}

static void what_is_there_comes_out_last_first(void)
{
    struct seen seen = { 0 };
    IONotificationPortRef port = new_port();
    CHECK_EQUAL(watch(port, kIOFirstMatchNotification, &seen), KERN_SUCCESS);
    drain(&seen, seen.iterator);
    CHECK_EQUAL(seen.count, 2);
    CHECK_EQUAL(seen.numbers[0], 2);
    CHECK_EQUAL(seen.numbers[1], 1);
    IOObjectRelease(seen.iterator);
    IONotificationPortDestroy(port);
}

static void one_message_tells_of_all_that_has_come(void)
{
    struct seen seen = { 0 };
    IONotificationPortRef port = new_port();
    CHECK_EQUAL(watch(port, kIOFirstMatchNotification, &seen), KERN_SUCCESS);
    io_iterator_t iterator = seen.iterator;
    drain(&seen, iterator);
    forget(&seen);
    uint64_t devices[3];
    for (uint64_t i = 0; i < 3; i++)
        devices[i] = plug(10 + i);
    CHECK_EQUAL(seen.calls, 0);
    CHECK_EQUAL(run(), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(handle_what_waits(), 0);
    CHECK_EQUAL(seen.calls, 1);
    CHECK_EQUAL(seen.iterator, iterator);
    CHECK_EQUAL(seen.count, 3);
    CHECK_EQUAL(seen.numbers[0], 12);
    CHECK_EQUAL(seen.numbers[2], 10);
    CHECK_EQUAL(IOObjectGetUserRetainCount(iterator), 1);

    /* Drained by the callback: it tells of the next one, too. */
    unplug(devices[0]);
    devices[0] = plug(13);
    CHECK_EQUAL(run(), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(seen.calls, 2);
    CHECK_EQUAL(seen.numbers[3], 13);
    for (int i = 0; i < 3; i++)
        unplug(devices[i]);
    IOObjectRelease(iterator);
    IONotificationPortDestroy(port);
}

static void nothing(struct seen *seen)
{
    (void)seen;
}

static void an_iterator_that_is_not_drained_tells_of_nothing(void)
{
    struct seen seen = { .then = nothing };
    IONotificationPortRef port = new_port();
    CHECK_EQUAL(watch(port, kIOFirstMatchNotification, &seen), KERN_SUCCESS);
    io_iterator_t iterator = seen.iterator;
    uint64_t first = plug(20);
    CHECK_EQUAL(handle_what_waits(), 0);
    drain(&seen, iterator);
    CHECK_EQUAL(seen.count, 3);

    /* This callback leaves what it is told of. */
    uint64_t second = plug(21);
    CHECK_EQUAL(run(), kCFRunLoopRunHandledSource);
    uint64_t third = plug(22);
    CHECK_EQUAL(handle_what_waits(), 0);
    CHECK_EQUAL(seen.calls, 1);
    drain(&seen, iterator);
    CHECK_EQUAL(seen.count, 5);
    unplug(first);
    unplug(second);
    unplug(third);
    IOObjectRelease(iterator);
    IONotificationPortDestroy(port);
}

static void a_device_that_goes_can_be_asked_who_it_was(void)
{
    struct seen come = { 0 }, gone = { 0 };
    IONotificationPortRef port = new_port();
    CHECK_EQUAL(watch(port, kIOFirstMatchNotification, &come), KERN_SUCCESS);
    CHECK_EQUAL(watch(port, kIOTerminatedNotification, &gone), KERN_SUCCESS);
    drain(&come, come.iterator);
    drain(&gone, gone.iterator);
    CHECK_EQUAL(gone.count, 0);
    forget(&come);

    uint64_t device = plug(30);
    unplug(device);
    CHECK_EQUAL(run(), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(handle_what_waits(), 1);
    CHECK_EQUAL(come.calls, 1);
    CHECK_EQUAL(come.numbers[0], 30);
    CHECK_EQUAL(gone.calls, 1);
    CHECK_EQUAL(gone.numbers[0], 30);
    CHECK_EQUAL(gone.states[0], 1);
    IOObjectRelease(come.iterator);
    IOObjectRelease(gone.iterator);
    IONotificationPortDestroy(port);
}

struct interested {
    IONotificationPortRef port;
    io_object_t notification;
    int calls;
    uint32_t type;
    int order, *clock;
};

static void hear(void *refcon, io_service_t service, uint32_t type, void *argument)
{
    struct interested *interested = refcon;
    (void)service, (void)argument;
    interested->calls++;
    interested->type = type;
    interested->order = ++*interested->clock;
}

static struct interested interested;
static int clock_of_gone;

static void note_order(struct seen *seen)
{
    clock_of_gone = ++*interested.clock;
    drain(seen, seen->iterator);
}

static void a_termination_is_told_to_those_who_match_before_those_who_are_interested(void)
{
    int clock = 0;
    struct seen gone = { .then = note_order };
    interested = (struct interested){ .port = new_port(), .clock = &clock };
    CHECK_EQUAL(watch(interested.port, kIOTerminatedNotification, &gone), KERN_SUCCESS);
    drain(&gone, gone.iterator);

    uint64_t id = plug(40);
    io_service_t device = IOServiceGetMatchingService(kIOMainPortDefault, IORegistryEntryIDMatching(id));
    CHECK_EQUAL(IOServiceAddInterestNotification(interested.port, device, kIOGeneralInterest, hear, &interested,
                                                 &interested.notification),
                KERN_SUCCESS);
    unplug(id);
    /* The notification has kept the name. */
    CHECK_EQUAL(IOObjectGetUserRetainCount(device), 1);
    CHECK_EQUAL(number_of(device), 40);
    while (interested.calls == 0)
        CHECK_EQUAL(run(), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(interested.type, kIOMessageServiceIsTerminated);
    CHECK_EQUAL(clock_of_gone, 1);
    CHECK_EQUAL(interested.order, 2);
    CHECK_EQUAL(gone.numbers[0], 40);
    IOObjectRelease(device);
    IOObjectRelease(interested.notification);
    IOObjectRelease(gone.iterator);
    IONotificationPortDestroy(interested.port);
}

static void finish(void *context)
{
    (void)context;
}

static void a_queue_calls_back(void)
{
    struct seen seen = { .called = dispatch_semaphore_create(0) };
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    dispatch_queue_t queue = dispatch_queue_create("com.example.devices", NULL);
    IONotificationPortSetDispatchQueue(port, queue);
    CHECK_EQUAL(watch(port, kIOMatchedNotification, &seen), KERN_SUCCESS);
    io_iterator_t iterator = seen.iterator;
    drain(&seen, iterator);
    forget(&seen);
    for (int i = 1; i <= 3; i++) {
        uint64_t device = plug(50 + (uint64_t)i);
        dispatch_time_t patience = dispatch_time(DISPATCH_TIME_NOW, (int64_t)PATIENCE * NSEC_PER_SEC);
        CHECK_EQUAL(dispatch_semaphore_wait(seen.called, patience), 0);
        CHECK_EQUAL(seen.calls, i);
        CHECK_EQUAL(seen.numbers[i - 1], 50 + i);
        unplug(device);
    }
    IONotificationPortSetDispatchQueue(port, NULL);
    /* The callback has told of itself, and what it was called for ends after it. */
    dispatch_sync_f(queue, NULL, finish);
    IOObjectRelease(iterator);
    IONotificationPortDestroy(port);
    dispatch_release(queue);
    dispatch_release(seen.called);
}

static void an_iterator_that_is_released_calls_nothing_more(void)
{
    struct seen seen = { 0 };
    IONotificationPortRef port = new_port();
    CHECK_EQUAL(watch(port, kIOFirstMatchNotification, &seen), KERN_SUCCESS);
    io_iterator_t iterator = seen.iterator;
    drain(&seen, iterator);
    uint64_t device = plug(60);
    CHECK_EQUAL(IOObjectRelease(iterator), KERN_SUCCESS);
    /* The message is there, and is for nobody. */
    CHECK_EQUAL(handle_what_waits(), 1);
    CHECK_EQUAL(seen.calls, 0);
    unplug(device);
    IONotificationPortDestroy(port);
}

static void release(struct seen *seen)
{
    drain(seen, seen->iterator);
    IOObjectRelease(seen->iterator);
}

static void a_callback_may_release_its_iterator(void)
{
    struct seen seen = { .then = release };
    IONotificationPortRef port = new_port();
    CHECK_EQUAL(watch(port, kIOFirstMatchNotification, &seen), KERN_SUCCESS);
    drain(&seen, seen.iterator);
    uint64_t first = plug(70);
    CHECK_EQUAL(run(), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(seen.calls, 1);
    uint64_t second = plug(71);
    CHECK_EQUAL(handle_what_waits(), 0);
    unplug(first);
    unplug(second);
    IONotificationPortDestroy(port);
}

/* Lost dictionaries are complained about at the end. */
static void a_dictionary_is_consumed_by_what_fails(void)
{
    struct seen seen = { 0 };
    IONotificationPortRef port = new_port();
    CHECK_EQUAL(watch(port, "IOServiceNonsense", &seen), kIOReturnUnsupported);
    CHECK_EQUAL(seen.iterator, IO_OBJECT_NULL);
    CHECK_EQUAL(IOServiceAddMatchingNotification(port, kIOMatchedNotification, NULL, tell, &seen, &seen.iterator),
                kIOReturnBadArgument);
    CHECK_EQUAL(IOServiceAddNotification(mach_task_self(), kIOMatchedNotification, IOServiceMatching("Device"),
                                         MACH_PORT_NULL, 0, &seen.iterator),
                kIOReturnNotPrivileged);
    IONotificationPortDestroy(port);
}

static void each_type_has_its_message(void)
{
    static const struct {
        const char *name;
        uint32_t type;
    } types[] = {
        { kIOPublishNotification, kIOServicePublishNotificationType },
        { kIOFirstPublishNotification, kIOServicePublishNotificationType },
        { kIOMatchedNotification, kIOServiceMatchedNotificationType },
        { kIOFirstMatchNotification, kIOServiceMatchedNotificationType },
        { kIOTerminatedNotification, kIOServiceTerminatedNotificationType },
        { kIOWillTerminateNotification, kIOServiceTerminatedNotificationType },
    };
    enum { TYPES = sizeof types / sizeof *types };
    io_iterator_t iterators[TYPES];
    struct seen seen = { 0 };
    mach_port_t port;
    CHECK_EQUAL(IOCreateReceivePort(kOSNotificationMessageID, &port), KERN_SUCCESS);
    for (uintptr_t i = 0; i < TYPES; i++) {
        CHECK_EQUAL(IOServiceAddNotification(kIOMainPortDefault, types[i].name, IOServiceMatching("Device"), port,
                                             1000 + i, &iterators[i]),
                    KERN_SUCCESS);
        drain(&seen, iterators[i]);
    }
    unplug(plug(80));
    unsigned told = 0;
    for (;;) {
        struct {
            mach_msg_header_t header;
            char rest[512];
        } message;
        if (mach_msg(&message.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof message, port, 0, 0) !=
            MACH_MSG_SUCCESS)
            break;
        uint32_t type;
        uintptr_t reference;
        void *content;
        vm_size_t size;
        CHECK_EQUAL(message.header.msgh_size, 96);
        CHECK_EQUAL(OSGetNotificationFromMessage(&message.header, 0, &type, &reference, &content, &size),
                    kIOReturnSuccess);
        CHECK_EQUAL(size, 0);
        CHECK(reference >= 1000 && reference < 1000 + TYPES);
        uintptr_t i = reference - 1000;
        CHECK_EQUAL(type & kIOKitNoticationTypeMask, types[i].type);
        CHECK_EQUAL(message.header.msgh_remote_port, iterators[i]);
        told |= 1u << i;
        mach_msg_destroy(&message.header);
    }
    CHECK_EQUAL(told, (1u << TYPES) - 1);
    for (int i = 0; i < TYPES; i++) {
        CHECK_EQUAL(IOObjectGetUserRetainCount(iterators[i]), 1);
        IOObjectRelease(iterators[i]);
    }
    CHECK_EQUAL(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
}

void matching_tests(void)
{
    RUN(what_is_there_comes_out_last_first);
    RUN(one_message_tells_of_all_that_has_come);
    RUN(an_iterator_that_is_not_drained_tells_of_nothing);
    RUN(a_device_that_goes_can_be_asked_who_it_was);
    RUN(a_termination_is_told_to_those_who_match_before_those_who_are_interested);
    RUN(a_queue_calls_back);
    RUN(an_iterator_that_is_released_calls_nothing_more);
    RUN(a_callback_may_release_its_iterator);
    RUN(a_dictionary_is_consumed_by_what_fails);
    RUN(each_type_has_its_message);
}
