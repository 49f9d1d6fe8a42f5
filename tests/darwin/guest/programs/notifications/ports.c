/* Messages at ports of the program's own: for run loops, and for dispatch sources. */
#include "notifications.h"

#include <dispatch/dispatch.h>
#include <mach/mach.h>

struct numbered {
    mach_msg_header_t header;
    uint32_t number;
    mach_msg_trailer_t trailer;
};

static mach_port_t new_port(void)
{
    mach_port_t port = MACH_PORT_NULL;
    mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
    return port;
}

static kern_return_t send_number(mach_port_t port, uint32_t number)
{
    struct numbered message = { .number = number };
    message.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0);
    message.header.msgh_size = sizeof message.header + sizeof message.number;
    message.header.msgh_remote_port = port;
    return mach_msg_send(&message.header);
}

static kern_return_t destroy(mach_port_t port)
{
    return mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
}

static void a_port_is_for_one_of_two_identifiers(void)
{
    for (uint32_t id = 50; id < 60; id++) {
        mach_port_t port = 99;
        kern_return_t code = IOCreateReceivePort(id, &port);
        if (id == kOSNotificationMessageID || id == kOSAsyncCompleteMessageID) {
            CHECK_EQUAL(code, KERN_SUCCESS);
            CHECK_EQUAL(destroy(port), KERN_SUCCESS);
        } else {
            CHECK_EQUAL(code, kIOReturnBadArgument);
            CHECK_EQUAL(port, 99);
        }
    }
}

static void a_notification_port_has_one_source_and_one_receive_right(void)
{
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    CFRunLoopSourceRef source = IONotificationPortGetRunLoopSource(port);
    CHECK(source != NULL && source == IONotificationPortGetRunLoopSource(port));
    CHECK(CFRunLoopSourceIsValid(source));
    mach_port_type_t type;
    CHECK_EQUAL(mach_port_type(mach_task_self(), IONotificationPortGetMachPort(port), &type), KERN_SUCCESS);
    CHECK_EQUAL(type, MACH_PORT_TYPE_RECEIVE);
    CHECK_EQUAL(IONotificationPortSetImportanceReceiver(port), KERN_SUCCESS);
    CFRetain(source);
    IONotificationPortDestroy(port);
    CHECK(!CFRunLoopSourceIsValid(source));
    CFRelease(source);
}

struct loop_source {
    mach_port_t port;
    uint32_t sum, messages;
};

static mach_port_t port_of(void *info)
{
    return ((struct loop_source *)info)->port;
}

static void *perform(void *message, CFIndex size, CFAllocatorRef allocator, void *info)
{
    struct loop_source *source = info;
    (void)allocator;
    if (size == sizeof(mach_msg_header_t) + sizeof(uint32_t))
        source->sum += ((struct numbered *)message)->number;
    source->messages++;
    return NULL;
}

static void a_run_loop_receives_for_a_source_of_a_port(void)
{
    struct loop_source info = { .port = new_port() };
    CFRunLoopSourceContext1 context = { .version = 1, .info = &info, .getPort = port_of, .perform = perform };
    CFRunLoopSourceRef source = CFRunLoopSourceCreate(kCFAllocatorDefault, 0, (CFRunLoopSourceContext *)&context);
    CFRunLoopAddSource(CFRunLoopGetCurrent(), source, kCFRunLoopDefaultMode);
    for (uint32_t number = 1; number <= 3; number++)
        CHECK_EQUAL(send_number(info.port, number), KERN_SUCCESS);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, PATIENCE, true), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(info.sum, 1);
    CHECK_EQUAL(handle_what_waits(), 2);
    CHECK_EQUAL(info.sum, 6);
    CHECK_EQUAL(info.messages, 3);
    CFRunLoopSourceInvalidate(source);
    CFRelease(source);
    CHECK_EQUAL(destroy(info.port), KERN_SUCCESS);
}

struct dispatch_info {
    mach_port_t port;
    uint32_t sum;
    dispatch_semaphore_t received, canceled;
};

static void receive_one(void *context)
{
    struct dispatch_info *info = context;
    struct numbered message;
    mach_msg_option_t options = MACH_RCV_MSG | MACH_RCV_TIMEOUT;
    if (mach_msg(&message.header, options, 0, sizeof message, info->port, 0, MACH_PORT_NULL) == MACH_MSG_SUCCESS) {
        info->sum += message.number;
        dispatch_semaphore_signal(info->received);
    }
}

static void cancel(void *context)
{
    struct dispatch_info *info = context;
    destroy(info->port);
    dispatch_semaphore_signal(info->canceled);
}

static long wait_for(dispatch_semaphore_t semaphore)
{
    return dispatch_semaphore_wait(semaphore, dispatch_time(DISPATCH_TIME_NOW, PATIENCE * NSEC_PER_SEC));
}

static void a_dispatch_source_runs_for_as_long_as_there_are_messages(void)
{
    struct dispatch_info info = { new_port(), 0, dispatch_semaphore_create(0), dispatch_semaphore_create(0) };
    dispatch_queue_t queue = dispatch_queue_create("org.example.ports", DISPATCH_QUEUE_SERIAL);
    dispatch_source_t source = dispatch_source_create(DISPATCH_SOURCE_TYPE_MACH_RECV, info.port, 0, queue);
    CHECK_EQUAL(dispatch_source_get_handle(source), info.port);
    dispatch_set_context(source, &info);
    dispatch_source_set_event_handler_f(source, receive_one);
    dispatch_source_set_cancel_handler_f(source, cancel);
    CHECK_EQUAL(send_number(info.port, 1), KERN_SUCCESS);
    dispatch_resume(source);
    CHECK_EQUAL(wait_for(info.received), 0);
    CHECK_EQUAL(send_number(info.port, 2), KERN_SUCCESS);
    CHECK_EQUAL(send_number(info.port, 4), KERN_SUCCESS);
    CHECK_EQUAL(wait_for(info.received), 0);
    CHECK_EQUAL(wait_for(info.received), 0);
    CHECK_EQUAL(info.sum, 7);

    dispatch_suspend(source);
    CHECK_EQUAL(send_number(info.port, 8), KERN_SUCCESS);
    dispatch_sync(queue, ^{});
    CHECK_EQUAL(info.sum, 7);
    dispatch_resume(source);
    CHECK_EQUAL(wait_for(info.received), 0);
    CHECK_EQUAL(info.sum, 15);

    CHECK_EQUAL(dispatch_source_testcancel(source), 0);
    dispatch_source_cancel(source);
    CHECK(dispatch_source_testcancel(source) != 0);
    CHECK_EQUAL(wait_for(info.canceled), 0);
    dispatch_release(source);
    dispatch_sync(queue, ^{});
    dispatch_release(queue);
    dispatch_release(info.received);
    dispatch_release(info.canceled);
}

static void a_dispatch_source_takes_blocks(void)
{
    mach_port_t port = new_port();
    __block uint32_t sum = 0;
    dispatch_semaphore_t done = dispatch_semaphore_create(0);
    dispatch_source_t source = dispatch_source_create(DISPATCH_SOURCE_TYPE_MACH_RECV, port, 0, NULL);
    dispatch_source_set_event_handler(source, ^{
        struct numbered message;
        mach_msg(&message.header, MACH_RCV_MSG, 0, sizeof message, port, 0, MACH_PORT_NULL);
        sum += message.number;
        dispatch_source_cancel(source);
    });
    dispatch_source_set_cancel_handler(source, ^{
        dispatch_semaphore_signal(done);
    });
    dispatch_activate(source);
    CHECK_EQUAL(send_number(port, 5), KERN_SUCCESS);
    CHECK_EQUAL(wait_for(done), 0);
    CHECK_EQUAL(sum, 5);
    dispatch_release(source);
    dispatch_release(done);
    CHECK_EQUAL(destroy(port), KERN_SUCCESS);
}

void port_tests(void)
{
    RUN(a_port_is_for_one_of_two_identifiers);
    RUN(a_notification_port_has_one_source_and_one_receive_right);
    RUN(a_run_loop_receives_for_a_source_of_a_port);
    RUN(a_dispatch_source_runs_for_as_long_as_there_are_messages);
    RUN(a_dispatch_source_takes_blocks);
}
