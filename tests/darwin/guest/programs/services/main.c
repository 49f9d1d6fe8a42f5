/* One service: what it has to do, whether it matches, and what is set on it. */
#include "../check.h"

#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/IOKitLib.h>
#include <IOKit/IOKitLibPrivate.h>
#include <IOKit/IOMessage.h>
#include <err.h>
#include <mach/mach.h>
#include <simulated/machine.h>
#include <stdlib.h>

static uint64_t command(const char *name, uint64_t argument)
{
    uint64_t answer;
    if (simulated_machine_command(name, &argument, 1, &answer) != 0)
        errx(EXIT_FAILURE, "the machine does not know %s", name);
    return answer;
}

static io_service_t service_of(const char *class_name)
{
    io_service_t service = IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching(class_name));
    if (service == IO_OBJECT_NULL)
        errx(EXIT_FAILURE, "there is no %s", class_name);
    return service;
}

static CFNumberRef number(int32_t value)
{
    return CFNumberCreate(kCFAllocatorDefault, kCFNumberSInt32Type, &value);
}

static int64_t number_at(io_registry_entry_t entry, CFStringRef key)
{
    int64_t value = -1;
    CFTypeRef property = IORegistryEntryCreateCFProperty(entry, key, kCFAllocatorDefault, 0);
    if (property != NULL && CFGetTypeID(property) == CFNumberGetTypeID())
        CFNumberGetValue(property, kCFNumberSInt64Type, &value);
    if (property != NULL)
        CFRelease(property);
    return value;
}

/* A dictionary of one number. */
static CFDictionaryRef one(CFStringRef key, int32_t value)
{
    CFNumberRef object = number(value);
    CFDictionaryRef dictionary =
        CFDictionaryCreate(kCFAllocatorDefault, (const void **)&key, (const void **)&object, 1,
                           &kCFTypeDictionaryKeyCallBacks, &kCFTypeDictionaryValueCallBacks);
    CFRelease(object);
    return dictionary;
}

static void a_service_is_busy_while_drivers_are_looked_for(void)
{
    mach_timespec_t at_once = { 0, 0 };
    uint64_t id = command("attach_device", 90), state = 0, time = 0;
    uint32_t busy = 9, all = 9;
    command("start_matching", id);

    /* It is not found by matching yet. */
    io_service_t device = IO_OBJECT_NULL;
    io_iterator_t children;
    io_registry_entry_t hub = service_of("Hub");
    CHECK_EQUAL(IORegistryEntryGetChildIterator(hub, kIOServicePlane, &children), KERN_SUCCESS);
    for (io_registry_entry_t child; (child = IOIteratorNext(children)) != IO_OBJECT_NULL;)
        if (number_at(child, CFSTR("Number")) == 90)
            device = child;
        else
            IOObjectRelease(child);
    IOObjectRelease(children);
    IOObjectRelease(hub);
    CHECK(device != IO_OBJECT_NULL);

    CHECK_EQUAL(IOServiceGetBusyState(device, &busy), KERN_SUCCESS);
    CHECK_EQUAL(busy, 1);
    CHECK_EQUAL(IOKitGetBusyState(kIOMainPortDefault, &all), KERN_SUCCESS);
    CHECK_EQUAL(all, 1);
    CHECK_EQUAL(IOServiceWaitQuiet(device, &at_once), kIOReturnTimeout);
    CHECK_EQUAL(IOKitWaitQuiet(kIOMainPortDefault, &at_once), kIOReturnTimeout);

    command("finish_matching", id);
    CHECK_EQUAL(IOServiceWaitQuiet(device, NULL), KERN_SUCCESS);
    CHECK_EQUAL(IOKitWaitQuiet(kIOMainPortDefault, &at_once), KERN_SUCCESS);
    CHECK_EQUAL(IOServiceGetBusyStateAndTime(device, &state, &busy, &time), KERN_SUCCESS);
    CHECK_EQUAL(state, kIOServiceRegisteredState | kIOServiceMatchedState | kIOServiceFirstPublishState |
                           kIOServiceFirstMatchState);
    CHECK_EQUAL(busy, 0);
    CHECK(time > 0);
    IOObjectRelease(device);
    command("terminate", id);
}

static void who_is_no_service_is_never_busy(void)
{
    uint32_t busy = 9;
    uint64_t state = 9, time = 9;
    io_registry_entry_t root = IORegistryGetRootEntry(kIOMainPortDefault);
    CHECK_EQUAL(IOServiceGetBusyState(root, &busy), kIOReturnBadArgument);
    CHECK_EQUAL(busy, 0);
    busy = 9;
    CHECK_EQUAL(IOServiceGetBusyStateAndTime(root, &state, &busy, &time), kIOReturnBadArgument);
    CHECK_EQUAL(state + busy + time, 0);
    CHECK_EQUAL(IOServiceWaitQuiet(root, NULL), kIOReturnBadArgument);
    CHECK_EQUAL(IOServiceWaitQuiet(IO_OBJECT_NULL, NULL), MACH_SEND_INVALID_DEST);
    IOObjectRelease(root);
}

static void a_dictionary_that_is_tested_is_not_consumed(void)
{
    boolean_t matches = 9;
    io_service_t hub = service_of("Hub");
    CFMutableDictionaryRef by_class = IOServiceMatching("Bus"), by_name = IOServiceNameMatching("another");
    CHECK_EQUAL(IOServiceMatchPropertyTable(hub, by_class, &matches), KERN_SUCCESS);
    CHECK_EQUAL(matches, 1);
    CHECK_EQUAL(IOServiceMatchPropertyTable(hub, by_name, &matches), KERN_SUCCESS);
    CHECK_EQUAL(matches, 0);
    io_registry_entry_t root = IORegistryGetRootEntry(kIOMainPortDefault);
    CHECK_EQUAL(IOServiceMatchPropertyTable(root, by_class, &matches), kIOReturnBadArgument);
    CHECK_EQUAL(matches, 0);
    CFRelease(by_class);
    CFRelease(by_name);
    IOObjectRelease(root);
    IOObjectRelease(hub);
}

static void a_driver_sets_what_it_is_given_or_refuses(void)
{
    CFDictionaryRef colour = one(CFSTR("Colour"), 3);
    io_service_t settings = service_of("Settings"), hub = service_of("Hub");
    CHECK_EQUAL(IORegistryEntrySetCFProperties(settings, colour), KERN_SUCCESS);
    CHECK_EQUAL(number_at(settings, CFSTR("Colour")), 3);
    CHECK_EQUAL(IORegistryEntrySetCFProperties(hub, colour), kIOReturnUnsupported);
    CHECK_EQUAL(IORegistryEntrySetCFProperties(IO_OBJECT_NULL, colour), MACH_SEND_INVALID_DEST);
    CHECK_EQUAL(IORegistryEntrySetCFProperties(settings, kCFBooleanTrue), kIOReturnBadArgument);
    CFRelease(colour);

    CFNumberRef seven = number(7);
    CHECK_EQUAL(IORegistryEntrySetCFProperty(settings, CFSTR("Size"), seven), KERN_SUCCESS);
    CHECK_EQUAL(number_at(settings, CFSTR("Size")), 7);
    CHECK_EQUAL(IORegistryEntrySetCFProperty(settings, CFSTR("Forbidden"), seven), kIOReturnNotPermitted);
    CHECK_EQUAL(number_at(settings, CFSTR("Forbidden")), -1);
    CFRelease(seven);
    IOObjectRelease(settings);
    IOObjectRelease(hub);
}

static void a_connection_sets_what_it_is_given(void)
{
    io_connect_t connect;
    CFNumberRef seven = number(7);
    CFDictionaryRef colour = one(CFSTR("Colour"), 4);
    io_service_t settings = service_of("Settings");
    CHECK_EQUAL(IOServiceOpen(settings, mach_task_self(), 0, &connect), KERN_SUCCESS);
    CHECK_EQUAL(IOConnectSetCFProperties(connect, colour), KERN_SUCCESS);
    CHECK_EQUAL(number_at(settings, CFSTR("ClientColour")), 4);
    CHECK_EQUAL(IOConnectSetCFProperty(connect, CFSTR("Size"), seven), KERN_SUCCESS);
    CHECK_EQUAL(number_at(settings, CFSTR("ClientSize")), 7);
    CHECK_EQUAL(IOConnectSetCFProperty(connect, CFSTR("Forbidden"), seven), kIOReturnNotPermitted);
    CHECK_EQUAL(IOConnectSetCFProperties(settings, colour), kIOReturnBadArgument);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
    IOObjectRelease(settings);
    CFRelease(colour);
    CFRelease(seven);
}

/* A date is none of the kernel's. */
static void what_the_kernel_does_not_know_arrives_as_words(void)
{
    io_service_t settings = service_of("Settings");
    CFDateRef date = CFDateCreate(kCFAllocatorDefault, 0);
    CHECK_EQUAL(IORegistryEntrySetCFProperty(settings, CFSTR("Size"), date), KERN_SUCCESS);
    CFTypeRef words = IORegistryEntryCreateCFProperty(settings, CFSTR("Size"), kCFAllocatorDefault, 0);
    CHECK(words != NULL && CFGetTypeID(words) == CFStringGetTypeID());
    CFRange found = CFStringFind(words, CFSTR("not serializable"), 0);
    CHECK(found.location != kCFNotFound);
    CFRelease(words);
    CFRelease(date);
    IOObjectRelease(settings);
}

static CFArrayRef nested(int levels)
{
    CFArrayRef array = CFArrayCreate(kCFAllocatorDefault, NULL, 0, &kCFTypeArrayCallBacks);
    for (int i = 0; i < levels; i++) {
        CFArrayRef outer = CFArrayCreate(kCFAllocatorDefault, (const void **)&array, 1, &kCFTypeArrayCallBacks);
        CFRelease(array);
        array = outer;
    }
    return array;
}

static void the_kernel_takes_so_many_levels_and_no_more(void)
{
    io_service_t settings = service_of("Settings");
    /* The dictionary is one of them. */
    CFArrayRef deep = nested(62), deeper = nested(63);
    CHECK_EQUAL(IORegistryEntrySetCFProperty(settings, CFSTR("Size"), deep), KERN_SUCCESS);
    CHECK_EQUAL(IORegistryEntrySetCFProperty(settings, CFSTR("Size"), deeper), kIOReturnBadArgument);
    CFRelease(deep);
    CFRelease(deeper);
    IOObjectRelease(settings);
}

static void keys_that_are_not_allowed_are_refused_before_the_driver_sees_them(void)
{
    io_service_t settings = service_of("Settings");
    CFNumberRef seven = number(7);
    CHECK_EQUAL(command("only_some", 0), 1);
    CHECK_EQUAL(IORegistryEntrySetCFProperty(settings, CFSTR("Size"), seven), KERN_SUCCESS);
    CHECK_EQUAL(IORegistryEntrySetCFProperty(settings, CFSTR("Weight"), seven), kIOReturnBadArgument);
    CHECK_EQUAL(IORegistryEntrySetCFProperty(settings, CFSTR("Forbidden"), seven), kIOReturnNotPermitted);
    CHECK_EQUAL(IORegistryEntrySetCFProperties(settings, kCFBooleanTrue), kIOReturnNotPermitted);
    CFRelease(seven);
    IOObjectRelease(settings);
}

static void an_entry_in_a_plane_has_a_parent_there(void)
{
    io_registry_entry_t root = IORegistryGetRootEntry(kIOMainPortDefault), child = IO_OBJECT_NULL;
    io_service_t hub = service_of("Hub");
    CHECK_EQUAL(IORegistryEntryInPlane(hub, kIOServicePlane), 1);
    CHECK_EQUAL(IORegistryEntryInPlane(hub, kIOPowerPlane), 0);
    CHECK_EQUAL(IORegistryEntryInPlane(root, kIOServicePlane), 0);
    CHECK_EQUAL(IORegistryEntryGetChildEntry(hub, kIOServicePlane, &child), KERN_SUCCESS);
    CHECK_EQUAL(number_at(child, CFSTR("Number")), 1);
    io_iterator_t parents;
    CHECK_EQUAL(IORegistryEntryGetParentIterator(child, kIOServicePlane, &parents), KERN_SUCCESS);
    io_registry_entry_t parent = IOIteratorNext(parents);
    CHECK(IOObjectIsEqualTo(parent, hub));
    CHECK_EQUAL(IOIteratorNext(parents), IO_OBJECT_NULL);
    CHECK_EQUAL(IORegistryIteratorEnterEntry(parents), kIOReturnBadArgument);
    IOObjectRelease(parent);
    IOObjectRelease(parents);
    CHECK_EQUAL(IORegistryEntryGetChildEntry(child, kIOServicePlane, &parent), kIOReturnNoDevice);
    IOObjectRelease(child);
    IOObjectRelease(hub);
    IOObjectRelease(root);
}

static void properties_of_what_is_no_entry_are_null(void)
{
    CFMutableDictionaryRef properties = (CFMutableDictionaryRef)&properties;
    CHECK_EQUAL(IORegistryEntryCreateCFProperties(IO_OBJECT_NULL, &properties, kCFAllocatorDefault, 0),
                MACH_SEND_INVALID_DEST);
    CHECK(properties == NULL);
    CHECK(IORegistryEntryCopyPath(IO_OBJECT_NULL, kIOServicePlane) == NULL);
    CHECK_EQUAL(IORegistryEntryCopyFromPath(kIOMainPortDefault, CFSTR("IOService:/nowhere")), IO_OBJECT_NULL);
}

/* No more is written than there is room for, and no more than there is. */
static void a_property_s_bytes_need_room(void)
{
    io_registry_entry_t entry = service_of("Everything");
    char bytes[128];
    memset(bytes, 0x55, sizeof bytes);
    uint32_t size = 99;
    CHECK_EQUAL(IORegistryEntryGetProperty(entry, "Data", bytes, &size), kIOReturnIPCError);
    CHECK_EQUAL(size, 99);
    size = sizeof bytes;
    CHECK_EQUAL(IORegistryEntryGetProperty(entry, "Data", bytes, &size), KERN_SUCCESS);
    CHECK_EQUAL(size, 100);
    CHECK_EQUAL(bytes[99], 99);
    CHECK_EQUAL(bytes[100], 0x55);
    CHECK_EQUAL(IORegistryEntryGetProperty(entry, "None", bytes, &size), kIOReturnNoResources);
    CHECK_EQUAL(IORegistryEntryGetProperty(entry, "Nested", bytes, &size), kIOReturnBadArgument);
    IOObjectRelease(entry);
}

int main(void)
{
    RUN(a_service_is_busy_while_drivers_are_looked_for);
    RUN(who_is_no_service_is_never_busy);
    RUN(a_dictionary_that_is_tested_is_not_consumed);
    RUN(an_entry_in_a_plane_has_a_parent_there);
    RUN(properties_of_what_is_no_entry_are_null);
    RUN(a_property_s_bytes_need_room);
    RUN(a_driver_sets_what_it_is_given_or_refuses);
    RUN(a_connection_sets_what_it_is_given);
    RUN(what_the_kernel_does_not_know_arrives_as_words);
    RUN(the_kernel_takes_so_many_levels_and_no_more);
    RUN(keys_that_are_not_allowed_are_refused_before_the_driver_sees_them);
    return tests_passed();
}
