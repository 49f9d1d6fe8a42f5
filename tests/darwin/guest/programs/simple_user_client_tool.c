/*
 * The tool of Apple's SimpleUserClient sample, in our words: finds every driver of the sample's two classes and calls
 * all of its methods.
 */
#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/IOKitLib.h>
#include <mach/mach.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define DRIVER_CLASS "com_apple_dts_driver_SimpleDriver"
#define DRIVER_CLASS_10_4 "com_apple_dts_driver_SimpleDriver_10_4"

/* The driver's external methods. */
enum {
    kMyUserClientOpen,
    kMyUserClientClose,
    kMyScalarIStructIMethod,
    kMyScalarIStructOMethod,
    kMyScalarIScalarOMethod,
    kMyStructIStructOMethod,
};

typedef struct {
    uint64_t field1;
    uint64_t field2;
} MySampleStruct;

/* IOServiceOpen makes the connection; this has the driver open its device for it. */
static kern_return_t open_device(io_connect_t connect)
{
    return IOConnectCallScalarMethod(connect, kMyUserClientOpen, NULL, 0, NULL, NULL);
}

static kern_return_t close_device(io_connect_t connect)
{
    return IOConnectCallScalarMethod(connect, kMyUserClientClose, NULL, 0, NULL, NULL);
}

static kern_return_t scalar_in_struct_in(io_connect_t connect, uint32_t scalar, const MySampleStruct *in)
{
    uint64_t scalars[] = { scalar };
    return IOConnectCallMethod(connect, kMyScalarIStructIMethod, scalars, 1, in, sizeof *in, NULL, NULL, NULL, NULL);
}

static kern_return_t scalar_in_struct_out(io_connect_t connect, uint32_t a, uint32_t b, MySampleStruct *out)
{
    uint64_t scalars[] = { a, b };
    size_t size = sizeof *out;
    return IOConnectCallMethod(connect, kMyScalarIStructOMethod, scalars, 2, NULL, 0, NULL, NULL, out, &size);
}

static kern_return_t scalar_in_scalar_out(io_connect_t connect, uint32_t a, uint32_t b, uint32_t *out)
{
    uint64_t scalars[] = { a, b }, result = 0;
    uint32_t count = 1;
    kern_return_t code = IOConnectCallScalarMethod(connect, kMyScalarIScalarOMethod, scalars, 2, &result, &count);
    *out = (uint32_t)result;
    return code;
}

static kern_return_t struct_in_struct_out(io_connect_t connect, const MySampleStruct *in, MySampleStruct *out)
{
    size_t size = sizeof *out;
    return IOConnectCallStructMethod(connect, kMyStructIStructOMethod, in, sizeof *in, out, &size);
}

static bool worked(kern_return_t code, const char *what)
{
    if (code != KERN_SUCCESS)
        fprintf(stderr, "%s failed: 0x%08x (%s)\n", what, code, mach_error_string(code));
    return code == KERN_SUCCESS;
}

static bool refused(kern_return_t code, kern_return_t expected, const char *what)
{
    if (code != expected) {
        fprintf(stderr, "%s returned 0x%08x instead of 0x%08x\n", what, code, expected);
        return false;
    }
    printf("  %s: 0x%08x %s\n", what, code, mach_error_string(code));
    return true;
}

static bool use_device(io_connect_t connect)
{
    const MySampleStruct sample = { 586, 8756 };
    MySampleStruct result;
    uint32_t product;

    if (!worked(scalar_in_struct_in(connect, 15, &sample), "scalar in, structure in"))
        return false;
    printf("  scalar_i_struct_i(15, {%llu, %llu})\n", sample.field1, sample.field2);

    if (!worked(scalar_in_struct_out(connect, 154, 863, &result), "scalars in, structure out"))
        return false;
    printf("  scalar_i_struct_o(154, 863) = {%llu, %llu}\n", result.field1, result.field2);

    if (!worked(scalar_in_scalar_out(connect, 10, 32768, &product), "scalars in, scalar out"))
        return false;
    printf("  scalar_i_scalar_o(10, 32768) = %u\n", product);

    if (!worked(struct_in_struct_out(connect, &sample, &result), "structure in, structure out"))
        return false;
    printf("  struct_i_struct_o({%llu, %llu}) = {%llu, %llu}\n", sample.field1, sample.field2, result.field1,
           result.field2);
    return true;
}

/* Only one connection at a time may have the device open. */
static bool is_exclusive(io_service_t service)
{
    io_connect_t second;
    if (!worked(IOServiceOpen(service, mach_task_self(), 0, &second), "IOServiceOpen"))
        return false;
    bool exclusive = refused(open_device(second), kIOReturnExclusiveAccess, "open() on a second connection");
    return worked(IOServiceClose(second), "IOServiceClose") && exclusive;
}

static bool test_driver(io_service_t service)
{
    io_name_t class_name;
    io_connect_t connect;
    const MySampleStruct sample = { 586, 8756 };

    if (!worked(IOObjectGetClass(service, class_name), "IOObjectGetClass") ||
        !worked(IOServiceOpen(service, mach_task_self(), 0, &connect), "IOServiceOpen"))
        return false;
    printf("%s\n", class_name);

    bool ok = refused(scalar_in_struct_in(connect, 15, &sample), kIOReturnNotOpen, "before open") &&
              worked(open_device(connect), "open()");
    if (ok) {
        printf("  open()\n");
        ok = is_exclusive(service) && use_device(connect);
        if (worked(close_device(connect), "close()"))
            printf("  close()\n");
        else
            ok = false;
    }
    return worked(IOServiceClose(connect), "IOServiceClose") && ok;
}

/* Returns how many drivers of the class there are, or -1 if one failed. */
static int test_drivers(const char *class_name)
{
    io_iterator_t services;
    int found = 0;

    CFMutableDictionaryRef matching = IOServiceMatching(class_name);
    if (matching == NULL) {
        fprintf(stderr, "IOServiceMatching returned NULL\n");
        return -1;
    }
    /* Consumes the dictionary. */
    kern_return_t code = IOServiceGetMatchingServices(kIOMasterPortDefault, matching, &services);
    if (!worked(code, "IOServiceGetMatchingServices"))
        return -1;
    for (io_service_t service; found >= 0 && (service = IOIteratorNext(services)) != IO_OBJECT_NULL;) {
        found = test_driver(service) ? found + 1 : -1;
        IOObjectRelease(service);
    }
    IOObjectRelease(services);
    return found;
}

int main(void)
{
    int found = test_drivers(DRIVER_CLASS), found_10_4 = test_drivers(DRIVER_CLASS_10_4);
    if (found < 0 || found_10_4 < 0)
        return EXIT_FAILURE;
    if (found + found_10_4 == 0) {
        fprintf(stderr, "no driver of class %s or %s\n", DRIVER_CLASS, DRIVER_CLASS_10_4);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
