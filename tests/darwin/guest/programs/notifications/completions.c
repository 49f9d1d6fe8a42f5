/* Completions: called back by a run loop, by a dispatch queue, and by hand. */
#include "notifications.h"

#include <dispatch/dispatch.h>
#include <mach/mach.h>
#include <pthread.h>

/* As many arguments as there are kinds of callbacks for, and as many as there can be. */
static const uint32_t counts[] = { 0, 1, 2, 3, 4, 15 };
#define COUNTS (sizeof counts / sizeof *counts)

static bool was_called_with(const struct call *call, int calls, IOReturn result, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (call->arguments[i] != i + 1)
            return false;
    return call->calls == calls && call->callback == callback_for(count) && call->result == result &&
           call->count == count;
}

/* A notification port in the default mode of this thread's run loop. */
static IONotificationPortRef port_in_run_loop(void)
{
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    CFRunLoopAddSource(CFRunLoopGetCurrent(), IONotificationPortGetRunLoopSource(port), kCFRunLoopDefaultMode);
    return port;
}

static void a_run_loop_calls_back_by_the_number_of_arguments(void)
{
    io_connect_t connect = connect_to("Completer");
    IONotificationPortRef port = port_in_run_loop();
    for (size_t i = 0; i < COUNTS; i++) {
        struct call call = { 0 };
        uint64_t completion[kMaxAsyncArgs + 1];
        make_completion(completion, kIOReturnBusy, counts[i]);
        mach_port_t wake_port = IONotificationPortGetMachPort(port);
        CHECK_EQUAL(call_completer(connect, kCompleteNow, wake_port, counts[i], &call, completion), KERN_SUCCESS);
        CHECK_EQUAL(call.calls, 0);
        CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, PATIENCE, true), kCFRunLoopRunHandledSource);
        CHECK(was_called_with(&call, 1, kIOReturnBusy, counts[i]));
    }
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0, true), kCFRunLoopRunTimedOut);
    IONotificationPortDestroy(port);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
}

static void complete(IOReturn result, uint32_t count)
{
    uint64_t completion[kMaxAsyncArgs + 1];
    make_completion(completion, result, count);
    command("complete", completion, count + 1);
}

static void *complete_once_the_loop_waits(void *loop)
{
    while (!CFRunLoopIsWaiting(loop))
        sched_yield();
    complete(kIOReturnSuccess, 2);
    return NULL;
}

static void a_completion_wakes_the_run_loop_that_waits_for_it(void)
{
    struct call call = { 0 };
    io_connect_t connect = connect_to("Completer");
    IONotificationPortRef port = port_in_run_loop();
    mach_port_t wake_port = IONotificationPortGetMachPort(port);
    CHECK_EQUAL(call_completer(connect, kCompleteLater, wake_port, 2, &call, NULL), KERN_SUCCESS);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0, true), kCFRunLoopRunTimedOut);
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, complete_once_the_loop_waits, CFRunLoopGetCurrent()), 0);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, PATIENCE, true), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK(was_called_with(&call, 1, kIOReturnSuccess, 2));

    /* As often as the driver likes, and in its order. */
    complete(kIOReturnSuccess, 2);
    complete(kIOReturnAborted, 2);
    CHECK_EQUAL(handle_what_waits(), 2);
    CHECK(was_called_with(&call, 3, kIOReturnAborted, 2));
    CHECK_EQUAL(command("let_go", NULL, 0), 1);
    IONotificationPortDestroy(port);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
}

static void a_queue_calls_back_by_the_number_of_arguments(void)
{
    io_connect_t connect = connect_to("Completer");
    dispatch_queue_t queue = dispatch_queue_create("org.example.completions", DISPATCH_QUEUE_SERIAL);
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    IONotificationPortSetDispatchQueue(port, queue);
    for (size_t i = 0; i < COUNTS; i++) {
        struct call call = { .called = dispatch_semaphore_create(0) };
        uint64_t completion[kMaxAsyncArgs + 1];
        make_completion(completion, kIOReturnSuccess, counts[i]);
        mach_port_t wake_port = IONotificationPortGetMachPort(port);
        CHECK_EQUAL(call_completer(connect, kCompleteNow, wake_port, counts[i], &call, completion), KERN_SUCCESS);
        dispatch_time_t patience = dispatch_time(DISPATCH_TIME_NOW, PATIENCE * NSEC_PER_SEC);
        CHECK_EQUAL(dispatch_semaphore_wait(call.called, patience), 0);
        CHECK(was_called_with(&call, 1, kIOReturnSuccess, counts[i]));
        dispatch_release(call.called);
    }
    IONotificationPortDestroy(port);
    dispatch_release(queue);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
}

static void nothing(void *context)
{
    (void)context;
}

static void without_its_queue_a_port_keeps_its_messages(void)
{
    struct call call = { .called = dispatch_semaphore_create(0) };
    io_connect_t connect = connect_to("Completer");
    dispatch_queue_t queue = dispatch_queue_create("org.example.completions", DISPATCH_QUEUE_SERIAL);
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    mach_port_t wake_port = IONotificationPortGetMachPort(port);
    uint64_t name = wake_port;
    CHECK_EQUAL(call_completer(connect, kCompleteLater, wake_port, 1, &call, NULL), KERN_SUCCESS);
    IONotificationPortSetDispatchQueue(port, queue);
    IONotificationPortSetDispatchQueue(port, NULL);
    complete(kIOReturnSuccess, 1);
    dispatch_sync_f(queue, NULL, nothing);
    CHECK_EQUAL(command("queued_messages", &name, 1), 1);

    /* Another queue finds what waits there. */
    IONotificationPortSetDispatchQueue(port, dispatch_get_global_queue(DISPATCH_QUEUE_PRIORITY_DEFAULT, 0));
    dispatch_time_t patience = dispatch_time(DISPATCH_TIME_NOW, PATIENCE * NSEC_PER_SEC);
    CHECK_EQUAL(dispatch_semaphore_wait(call.called, patience), 0);
    CHECK(was_called_with(&call, 1, kIOReturnSuccess, 1));
    dispatch_release(call.called);
    command("let_go", NULL, 0);
    IONotificationPortDestroy(port);
    dispatch_release(queue);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
}

union message {
    mach_msg_header_t header;
    char bytes[512];
};

static mach_msg_return_t receive(union message *message, mach_port_t port)
{
    return mach_msg(&message->header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof *message, port, 0, MACH_PORT_NULL);
}

static void a_message_received_by_hand_is_dispatched_by_the_library(void)
{
    io_connect_t connect = connect_to("Completer");
    mach_port_t port;
    CHECK_EQUAL(IOCreateReceivePort(kOSAsyncCompleteMessageID, &port), KERN_SUCCESS);
    for (size_t i = 0; i < COUNTS; i++) {
        struct call call = { 0 };
        union message message;
        uint64_t completion[kMaxAsyncArgs + 1];
        make_completion(completion, kIOReturnSuccess, counts[i]);
        CHECK_EQUAL(call_completer(connect, kCompleteNow, port, counts[i], &call, completion), KERN_SUCCESS);
        CHECK_EQUAL(receive(&message, port), MACH_MSG_SUCCESS);
        CHECK_EQUAL(message.header.msgh_size, 104 + 8 * counts[i]);
        CHECK_EQUAL(message.header.msgh_id, kOSNotificationMessageID);
        CHECK_EQUAL(message.header.msgh_remote_port, MACH_PORT_NULL);

        OSNotificationHeader64 *notification = (OSNotificationHeader64 *)(&message.header + 1);
        CHECK_EQUAL(notification->size, 4 + 8 * counts[i]);
        CHECK_EQUAL(notification->type, kIOAsyncCompletionNotificationType);
        CHECK_EQUAL(notification->reference[kIOAsyncReservedIndex], 0);
        CHECK_EQUAL(notification->reference[kIOAsyncCalloutRefconIndex], (uint64_t)&call);

        IODispatchCalloutFromMessage(NULL, &message.header, NULL);
        CHECK(was_called_with(&call, 1, kIOReturnSuccess, counts[i]));
    }
    CHECK_EQUAL(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
}

static void a_message_is_taken_apart_by_hand(void)
{
    io_connect_t connect = connect_to("Completer");
    struct call call = { 0 };
    union message message;
    mach_port_t port;
    uint64_t completion[] = { 0, 1 };
    CHECK_EQUAL(IOCreateReceivePort(kOSNotificationMessageID, &port), KERN_SUCCESS);
    CHECK_EQUAL(call_completer(connect, kCompleteNow, port, 1, &call, completion), KERN_SUCCESS);
    CHECK_EQUAL(receive(&message, port), MACH_MSG_SUCCESS);

    uint32_t type;
    uintptr_t reference;
    void *content;
    vm_size_t size;
    CHECK_EQUAL(OSGetNotificationFromMessage(&message.header, 0, &type, &reference, &content, &size), KERN_SUCCESS);
    CHECK_EQUAL(type, kIOAsyncCompletionNotificationType);
    CHECK_EQUAL(reference, 0);
    CHECK_EQUAL(size, 12);
    CHECK_EQUAL((char *)content - message.bytes, 96);
    IOAsyncCompletionContent *answer = content;
    CHECK_EQUAL(answer->result, kIOReturnSuccess);
    CHECK_EQUAL((uint64_t)answer->args[0], 1);
    CHECK_EQUAL(OSGetNotificationFromMessage(&message.header, 0, NULL, NULL, NULL, NULL), KERN_SUCCESS);
    CHECK_EQUAL(OSGetNotificationFromMessage(&message.header, 1, &type, &reference, &content, &size),
                kIOReturnNoResources);
    message.header.msgh_size = 95;
    CHECK_EQUAL(OSGetNotificationFromMessage(&message.header, 0, &type, &reference, &content, &size),
                kIOReturnNoResources);
    message.header.msgh_id = kOSAsyncCompleteMessageID;
    CHECK_EQUAL(OSGetNotificationFromMessage(&message.header, 0, &type, &reference, &content, &size),
                kIOReturnBadMessageID);

    /* To the dispatcher it is no message of I/O Kit's now. */
    IODispatchCalloutFromMessage(NULL, &message.header, NULL);
    CHECK_EQUAL(call.calls, 0);
    CHECK_EQUAL(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
}

static void a_completion_for_a_port_that_is_gone_is_lost(void)
{
    struct call call = { 0 };
    io_connect_t connect = connect_to("Completer");
    IONotificationPortRef port = port_in_run_loop();
    mach_port_t wake_port = IONotificationPortGetMachPort(port);
    CHECK_EQUAL(call_completer(connect, kCompleteLater, wake_port, 0, &call, NULL), KERN_SUCCESS);
    IONotificationPortDestroy(port);
    uint64_t completion = 0;
    CHECK_EQUAL(command("complete", &completion, 1), kIOReturnSuccess);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0, true), kCFRunLoopRunTimedOut);
    CHECK_EQUAL(call.calls, 0);
    command("let_go", NULL, 0);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
}

static IONotificationPortRef destroyed_when_called;

static void destroy_port(void *refcon, IOReturn result)
{
    (void)result;
    IONotificationPortDestroy(destroyed_when_called);
    ++*(int *)refcon;
}

static void a_callback_may_destroy_the_port(void)
{
    int calls = 0;
    io_connect_t connect = connect_to("Completer");
    destroyed_when_called = port_in_run_loop();
    mach_port_t wake_port = IONotificationPortGetMachPort(destroyed_when_called);
    uint64_t completion = 0, reference[kIOAsyncCalloutCount] = { 0, (uint64_t)destroy_port, (uint64_t)&calls };
    for (int i = 0; i < 2; i++)
        CHECK_EQUAL(IOConnectCallAsyncScalarMethod(connect, kCompleteNow, wake_port, reference, kIOAsyncCalloutCount,
                                                   &completion, 1, NULL, NULL),
                    KERN_SUCCESS);
    CHECK_EQUAL(handle_what_waits(), 1);
    CHECK_EQUAL(calls, 1);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
}

void completion_tests(void)
{
    RUN(a_run_loop_calls_back_by_the_number_of_arguments);
    RUN(a_completion_wakes_the_run_loop_that_waits_for_it);
    RUN(a_queue_calls_back_by_the_number_of_arguments);
    RUN(without_its_queue_a_port_keeps_its_messages);
    RUN(a_message_received_by_hand_is_dispatched_by_the_library);
    RUN(a_message_is_taken_apart_by_hand);
    RUN(a_completion_for_a_port_that_is_gone_is_lost);
    RUN(a_callback_may_destroy_the_port);
}
