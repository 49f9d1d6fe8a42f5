/* Completions of asynchronous calls, what services tell, and services that come and go. */
#include "notifications.h"

#include <err.h>
#include <simulated/machine.h>
#include <stdlib.h>

io_service_t service_of(const char *class_name)
{
    io_service_t service = IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching(class_name));
    if (service == IO_OBJECT_NULL)
        errx(EXIT_FAILURE, "there is no %s", class_name);
    return service;
}

io_connect_t connect_to(const char *class_name)
{
    io_connect_t connect;
    io_service_t service = service_of(class_name);
    kern_return_t code = IOServiceOpen(service, mach_task_self(), 0, &connect);
    IOObjectRelease(service);
    if (code != KERN_SUCCESS)
        errx(EXIT_FAILURE, "IOServiceOpen: %#x", code);
    return connect;
}

uint64_t command(const char *name, const uint64_t *arguments, size_t count)
{
    uint64_t answer;
    if (simulated_machine_command(name, arguments, count, &answer) != 0)
        errx(EXIT_FAILURE, "the machine does not know %s", name);
    return answer;
}

int handle_what_waits(void)
{
    int handled = 0;
    while (CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0, true) == kCFRunLoopRunHandledSource)
        handled++;
    return handled;
}

static void note(struct call *call, const void *callback, IOReturn result, uint32_t count)
{
    call->calls++;
    call->callback = callback;
    call->result = result;
    call->count = count;
    if (call->called != NULL)
        dispatch_semaphore_signal(call->called);
}

static void called_with_none(void *refcon, IOReturn result)
{
    note(refcon, called_with_none, result, 0);
}

static void called_with_one(void *refcon, IOReturn result, void *arg0)
{
    struct call *call = refcon;
    call->arguments[0] = (uint64_t)arg0;
    note(call, called_with_one, result, 1);
}

static void called_with_two(void *refcon, IOReturn result, void *arg0, void *arg1)
{
    struct call *call = refcon;
    call->arguments[0] = (uint64_t)arg0;
    call->arguments[1] = (uint64_t)arg1;
    note(call, called_with_two, result, 2);
}

static void called_with_more(void *refcon, IOReturn result, void **args, uint32_t count)
{
    struct call *call = refcon;
    memcpy(call->arguments, args, count * sizeof *args);
    note(call, called_with_more, result, count);
}

const void *callback_for(uint32_t count)
{
    switch (count) {
    case 0:
        return called_with_none;
    case 1:
        return called_with_one;
    case 2:
        return called_with_two;
    default:
        return called_with_more;
    }
}

kern_return_t call_completer(io_connect_t connect, uint32_t selector, mach_port_t port, uint32_t count,
                             struct call *call, const uint64_t *completion)
{
    uint64_t reference[kOSAsyncRef64Count] = { 0 };
    reference[kIOAsyncCalloutFuncIndex] = (uint64_t)callback_for(count);
    reference[kIOAsyncCalloutRefconIndex] = (uint64_t)call;
    return IOConnectCallAsyncScalarMethod(connect, selector, port, reference, kIOAsyncCalloutCount, completion,
                                          completion != NULL ? count + 1 : 0, NULL, NULL);
}

void make_completion(uint64_t *completion, IOReturn result, uint32_t count)
{
    completion[0] = (uint32_t)result;
    for (uint32_t i = 1; i <= count; i++)
        completion[i] = i;
}

int main(int argc, char **argv)
{
    const char *part = argc == 2 ? argv[1] : "";
    if (strcmp(part, "completions") == 0)
        completion_tests();
    else if (strcmp(part, "interest") == 0)
        interest_tests();
    else if (strcmp(part, "matching") == 0)
        matching_tests();
    else if (strcmp(part, "ports") == 0)
        port_tests();
    else
        errx(64, "usage: notifications completions|interest|matching|ports");
    return tests_passed();
}
