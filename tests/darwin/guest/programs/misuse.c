/* What a program must not do. Each misuse is named, and done in the function of that name. */
#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/IODataQueueClient.h>
#include <IOKit/IOKitLib.h>
#include <dispatch/dispatch.h>
#include <mach/mach.h>
#include <mach/mach_vm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The reports name functions: these stay what they are when optimised. */
#define NAMED __attribute__((noinline, disable_tail_calls)) static
#define MISUSE NAMED void

NAMED CFStringRef make_string(void)
{
    return CFStringCreateWithCString(kCFAllocatorDefault, "a string", kCFStringEncodingUTF8);
}

NAMED io_service_t find_service(void)
{
    return IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching("First"));
}

NAMED io_connect_t connect_to(const char *class_name)
{
    io_connect_t connect = IO_OBJECT_NULL;
    io_service_t service = IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching(class_name));
    IOServiceOpen(service, mach_task_self(), 0, &connect);
    IOObjectRelease(service);
    return connect;
}

MISUSE over_release(void)
{
    CFStringRef string = make_string();
    CFRelease(string);
    CFRelease(string);
}

/* The array has a reference of its own, which is not the program's to release. */
MISUSE over_release_of_a_member(void)
{
    CFStringRef string = make_string();
    CFArrayRef array = CFArrayCreate(kCFAllocatorDefault, (const void **)&string, 1, &kCFTypeArrayCallBacks);
    CFRelease(string);
    CFRelease(string);
    CFRelease(array);
}

/* Does no harm on a Mac, but is no better style. */
MISUSE over_release_of_a_constant(void)
{
    CFRelease(CFSTR("constant"));
}

/* A Get function gives no reference. */
MISUSE release_of_what_get_returned(void)
{
    CFStringRef string = make_string();
    CFArrayRef array = CFArrayCreate(kCFAllocatorDefault, (const void **)&string, 1, &kCFTypeArrayCallBacks);
    CFRelease(string);
    CFRelease(CFArrayGetValueAtIndex(array, 0));
}

MISUSE use_after_release(void)
{
    CFStringRef string = make_string();
    CFRelease(string);
    printf("%ld\n", CFStringGetLength(string));
}

MISUSE use_of_a_member_after_its_array(void)
{
    CFStringRef string = make_string();
    CFArrayRef array = CFArrayCreate(kCFAllocatorDefault, (const void **)&string, 1, &kCFTypeArrayCallBacks);
    CFRelease(string);
    CFRelease(array);
    printf("%ld\n", CFStringGetLength(string));
}

MISUSE wrong_type(void)
{
    CFStringRef string = make_string();
    printf("%ld\n", CFArrayGetCount((CFArrayRef)string));
}

MISUSE no_object(void)
{
    char text[16] = "no object";
    CFRetain(text);
}

MISUSE release_of_null(void)
{
    CFRelease(NULL);
}

MISUSE consumed_twice(void)
{
    io_iterator_t iterator;
    CFDictionaryRef matching = IOServiceMatching("First");
    IOServiceGetMatchingServices(kIOMainPortDefault, matching, &iterator);
    IOObjectRelease(iterator);
    IOServiceGetMatchingServices(kIOMainPortDefault, matching, &iterator);
}

MISUSE released_after_consumed(void)
{
    io_iterator_t iterator;
    CFDictionaryRef matching = IOServiceMatching("First");
    IOServiceGetMatchingServices(kIOMainPortDefault, matching, &iterator);
    IOObjectRelease(iterator);
    CFRelease(matching);
}

MISUSE leaked_string(void)
{
    make_string();
}

MISUSE leaked_retain(void)
{
    CFStringRef string = make_string();
    CFRetain(string);
    CFRelease(string);
}

MISUSE leaked_dictionary(void)
{
    CFDictionaryRef matching = IOServiceMatching("First");
    printf("%ld\n", CFDictionaryGetCount(matching));
}

MISUSE leaked_service(void)
{
    find_service();
}

MISUSE leaked_iterator(void)
{
    io_iterator_t iterator;
    IOServiceGetMatchingServices(kIOMainPortDefault, IOServiceMatching("IOService"), &iterator);
}

MISUSE leaked_connection(void)
{
    io_connect_t connect;
    io_service_t service = IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching("Raw"));
    IOServiceOpen(service, mach_task_self(), 0, &connect);
    IOObjectRelease(service);
}

MISUSE leaked_memory(void)
{
    mach_vm_address_t address;
    mach_vm_allocate(mach_task_self(), &address, 10000, VM_FLAGS_ANYWHERE);
}

/* The connection that it was made through is leaked, too: to close it would be enough. */
MISUSE leaked_mapping(void)
{
    mach_vm_address_t address;
    mach_vm_size_t size;
    io_connect_t connect = connect_to("Display");
    IOConnectMapMemory64(connect, 110, mach_task_self(), &address, &size, kIOMapAnywhere);
}

MISUSE mapping_without_an_address(void)
{
    mach_vm_size_t size;
    io_connect_t connect = connect_to("Display");
    IOConnectMapMemory64(connect, 110, mach_task_self(), NULL, &size, kIOMapAnywhere);
}

MISUSE write_to_a_mapping_that_is_read_only(void)
{
    mach_vm_address_t address;
    mach_vm_size_t size;
    io_connect_t connect = connect_to("Display");
    IOConnectMapMemory64(connect, 1, mach_task_self(), &address, &size, kIOMapAnywhere);
    *(volatile uint32_t *)address = 1;
}

MISUSE use_of_a_mapping_after_its_connection(void)
{
    mach_vm_address_t address;
    mach_vm_size_t size;
    io_connect_t connect = connect_to("Display");
    IOConnectMapMemory64(connect, 110, mach_task_self(), &address, &size, kIOMapAnywhere);
    IOServiceClose(connect);
    *(volatile uint32_t *)address = 1;
}

MISUSE entry_for_no_queue(void)
{
    char entry[] = "an entry";
    IODataQueueEnqueue(NULL, entry, sizeof entry);
}

MISUSE leaked_port(void)
{
    mach_port_t port;
    mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
}

MISUSE double_object_release(void)
{
    io_service_t service = find_service();
    printf("%#x\n", IOObjectRelease(service));
    printf("%#x\n", IOObjectRelease(service));
}

/* IOServiceClose has released the name already. */
MISUSE release_after_close(void)
{
    io_connect_t connect = connect_to("Raw");
    IOServiceClose(connect);
    printf("%#x\n", IOObjectRelease(connect));
}

/* The name goes, and nothing is closed. */
MISUSE close_of_a_service(void)
{
    printf("%#x\n", IOServiceClose(find_service()));
}

/* There is no room for what the driver answers. */
MISUSE output_without_a_buffer(void)
{
    uint32_t count = 2;
    io_connect_t connect = connect_to("Raw");
    IOConnectCallScalarMethod(connect, 0, NULL, 0, NULL, &count);
}

MISUSE leaked_notification_port(void)
{
    IONotificationPortCreate(kIOMainPortDefault);
}

MISUSE use_of_a_destroyed_notification_port(void)
{
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    IONotificationPortDestroy(port);
    printf("%#x\n", IONotificationPortGetMachPort(port));
}

MISUSE no_notification_port(void)
{
    int number;
    IONotificationPortDestroy((IONotificationPortRef)&number);
}

/* The source is the port's. */
MISUSE release_of_a_ports_source(void)
{
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    CFRelease(IONotificationPortGetRunLoopSource(port));
}

static void tell(void *refcon, io_service_t service, uint32_t type, void *argument)
{
    (void)refcon, (void)service, (void)type, (void)argument;
}

MISUSE leaked_notification(void)
{
    io_object_t notification;
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    io_service_t service = find_service();
    IOServiceAddInterestNotification(port, service, kIOGeneralInterest, tell, NULL, &notification);
    IOObjectRelease(service);
    IONotificationPortDestroy(port);
}

NAMED io_iterator_t watch(IONotificationPortRef port)
{
    io_iterator_t iterator = IO_OBJECT_NULL;
    CFDictionaryRef matching = IOServiceMatching("First");
    IOServiceAddMatchingNotification(port, kIOFirstMatchNotification, matching, NULL, NULL, &iterator);
    return iterator;
}

MISUSE leaked_notification_iterator(void)
{
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    watch(port);
    IONotificationPortDestroy(port);
}

/* It has come out, and nobody has let go of it. */
MISUSE leaked_service_of_a_notification(void)
{
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    io_iterator_t iterator = watch(port);
    IOIteratorNext(iterator);
    IOObjectRelease(iterator);
    IONotificationPortDestroy(port);
}

MISUSE iterator_released_twice(void)
{
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    io_iterator_t iterator = watch(port);
    printf("%#x\n", IOObjectRelease(iterator));
    printf("%#x\n", IOObjectRelease(iterator));
    IONotificationPortDestroy(port);
}

/* The function has consumed it, though it has failed. */
MISUSE released_after_a_notification_that_failed(void)
{
    io_iterator_t iterator;
    CFDictionaryRef matching = IOServiceMatching("First");
    IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
    printf("%#x\n", IOServiceAddMatchingNotification(port, "nonsense", matching, NULL, NULL, &iterator));
    CFRelease(matching);
}

MISUSE matching_without_a_port(void)
{
    watch(NULL);
}

/* To test a service consumes nothing. */
MISUSE leaked_dictionary_of_a_test(void)
{
    boolean_t matches;
    io_service_t service = find_service();
    IOServiceMatchPropertyTable(service, IOServiceMatching("First"), &matches);
    IOObjectRelease(service);
}

MISUSE leaked_properties(void)
{
    CFMutableDictionaryRef properties;
    io_service_t service = find_service();
    IORegistryEntryCreateCFProperties(service, &properties, kCFAllocatorDefault, 0);
    IOObjectRelease(service);
}

MISUSE leaked_path(void)
{
    io_service_t service = find_service();
    IORegistryEntryCopyPath(service, kIOServicePlane);
    IOObjectRelease(service);
}

MISUSE properties_without_a_place(void)
{
    IORegistryEntryCreateCFProperties(find_service(), NULL, kCFAllocatorDefault, 0);
}

MISUSE entry_at_no_path(void)
{
    IORegistryEntryFromPath(kIOMainPortDefault, NULL);
}

MISUSE release_of_a_suspended_source(void)
{
    mach_port_t port;
    mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
    dispatch_release(dispatch_source_create(DISPATCH_SOURCE_TYPE_MACH_RECV, port, 0, NULL));
}

MISUSE callback_that_is_null(void)
{
    struct {
        mach_msg_header_t header;
        char rest[512];
    } message;
    mach_port_t port;
    uint64_t result = 0;
    io_connect_t connect = connect_to("Completer");
    IOCreateReceivePort(kOSAsyncCompleteMessageID, &port);
    IOConnectCallAsyncScalarMethod(connect, 0, port, NULL, 0, &result, 1, NULL, NULL);
    mach_msg(&message.header, MACH_RCV_MSG, 0, sizeof message, port, 0, MACH_PORT_NULL);
    memset(&message.header + 1, 0, 72);
    ((uint32_t *)&message)[7] = kIOAsyncCompletionNotificationType;
    IODispatchCalloutFromMessage(NULL, &message.header, NULL);
}

int main(int argc, char **argv)
{
#define ENTRY(name) { #name, name }
    static const struct {
        const char *name;
        void (*commit)(void);
    } misuses[] = {
        ENTRY(over_release),
        ENTRY(over_release_of_a_member),
        ENTRY(over_release_of_a_constant),
        ENTRY(release_of_what_get_returned),
        ENTRY(use_after_release),
        ENTRY(use_of_a_member_after_its_array),
        ENTRY(wrong_type),
        ENTRY(no_object),
        ENTRY(release_of_null),
        ENTRY(consumed_twice),
        ENTRY(released_after_consumed),
        ENTRY(leaked_string),
        ENTRY(leaked_retain),
        ENTRY(leaked_dictionary),
        ENTRY(leaked_service),
        ENTRY(leaked_iterator),
        ENTRY(leaked_connection),
        ENTRY(leaked_memory),
        ENTRY(leaked_mapping),
        ENTRY(mapping_without_an_address),
        ENTRY(write_to_a_mapping_that_is_read_only),
        ENTRY(use_of_a_mapping_after_its_connection),
        ENTRY(entry_for_no_queue),
        ENTRY(leaked_port),
        ENTRY(double_object_release),
        ENTRY(release_after_close),
        ENTRY(close_of_a_service),
        ENTRY(output_without_a_buffer),
        ENTRY(leaked_notification_port),
        ENTRY(use_of_a_destroyed_notification_port),
        ENTRY(no_notification_port),
        ENTRY(release_of_a_ports_source),
        ENTRY(leaked_notification),
        ENTRY(leaked_notification_iterator),
        ENTRY(leaked_service_of_a_notification),
        ENTRY(iterator_released_twice),
        ENTRY(released_after_a_notification_that_failed),
        ENTRY(matching_without_a_port),
        ENTRY(leaked_dictionary_of_a_test),
        ENTRY(leaked_properties),
        ENTRY(leaked_path),
        ENTRY(properties_without_a_place),
        ENTRY(entry_at_no_path),
        ENTRY(release_of_a_suspended_source),
        ENTRY(callback_that_is_null),
    };
    for (size_t i = 0; argc == 2 && i < sizeof misuses / sizeof *misuses; i++)
        if (strcmp(argv[1], misuses[i].name) == 0) {
            misuses[i].commit();
            printf("the program goes on\n");
            return EXIT_SUCCESS;
        }
    fputs("usage: misuse name\n", stderr);
    return 64;
}
