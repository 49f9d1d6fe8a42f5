/* Looks into the I/O Kit registry, and calls user clients. */
#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/IOKitLib.h>
#include <err.h>
#include <mach/mach.h>
#include <mach/mach_vm.h>
#include <simulated/machine.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SCALARS 20

static const char usage_text[] =
    "usage: discovery services [-1p] [-c class] [-n name] [-i entry-id] [key ...]\n"
    "       discovery tree\n"
    "       discovery class name ...\n"
    "       discovery open [-t type] class\n"
    "       discovery call [-av] [-t type] [-s scalar] ... [-S count] [-d size] [-D size]\n"
    "                      [-m command=number] ... class selector\n"
    "       discovery trap [-t type] class index [parameter ...]\n"
    "       discovery errors code ...\n";

_Noreturn static void usage(void)
{
    fputs(usage_text, stderr);
    exit(64);
}

static uint64_t number(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 0);
    if (*text == '\0' || *end != '\0')
        errx(64, "%s is not a number", text);
    return value;
}

/* Prints what failed, and returns the exit status that goes with it. */
static int failure(const char *what, kern_return_t code)
{
    fprintf(stderr, "discovery: %s: 0x%08x %s\n", what, code, mach_error_string(code));
    return EXIT_FAILURE;
}

static void print_string(CFStringRef string)
{
    CFIndex size = CFStringGetMaximumSizeForEncoding(CFStringGetLength(string), kCFStringEncodingUTF8) + 1;
    char *text = malloc((size_t)size);
    if (text == NULL || !CFStringGetCString(string, text, size, kCFStringEncodingUTF8))
        errx(EXIT_FAILURE, "a string that is none");
    printf("\"%s\"", text);
    free(text);
}

static void print_value(CFTypeRef value);

static void print_element(const void *value, void *count)
{
    printf((*(int *)count)++ > 0 ? ", " : "");
    print_value(value);
}

static void print_entry(const void *key, const void *value, void *count)
{
    print_element(key, count);
    printf(" = ");
    print_value(value);
}

static void print_value(CFTypeRef value)
{
    CFTypeID type = CFGetTypeID(value);
    int count = 0;
    if (type == CFStringGetTypeID()) {
        print_string(value);
    } else if (type == CFBooleanGetTypeID()) {
        printf(CFBooleanGetValue(value) ? "true" : "false");
    } else if (type == CFNumberGetTypeID()) {
        int64_t number;
        CFNumberGetValue(value, kCFNumberSInt64Type, &number);
        printf("%lld", number);
    } else if (type == CFDataGetTypeID()) {
        printf("<");
        for (CFIndex i = 0; i < CFDataGetLength(value); i++)
            printf("%02x", CFDataGetBytePtr(value)[i]);
        printf(">");
    } else if (type == CFArrayGetTypeID()) {
        printf("(");
        CFArrayApplyFunction(value, CFRangeMake(0, CFArrayGetCount(value)), print_element, &count);
        printf(")");
    } else if (type == CFDictionaryGetTypeID()) {
        printf("{");
        CFDictionaryApplyFunction(value, print_entry, &count);
        printf("}");
    } else {
        printf("(type %lu)", type);
    }
}

static void print_property(io_registry_entry_t entry, const char *name)
{
    CFStringRef key = CFStringCreateWithCString(kCFAllocatorDefault, name, kCFStringEncodingUTF8);
    CFTypeRef value = IORegistryEntryCreateCFProperty(entry, key, kCFAllocatorDefault, 0);
    printf("    %s: ", name);
    if (value != NULL) {
        print_value(value);
        CFRelease(value);
    } else {
        printf("none");
    }
    printf("\n");
    CFRelease(key);
}

static void print_object(io_registry_entry_t entry)
{
    io_name_t name, class_name;
    uint64_t id;
    kern_return_t code = IORegistryEntryGetName(entry, name);
    if (code == KERN_SUCCESS)
        code = IOObjectGetClass(entry, class_name);
    if (code == KERN_SUCCESS)
        code = IORegistryEntryGetRegistryEntryID(entry, &id);
    if (code != KERN_SUCCESS)
        exit(failure("a registry entry", code));
    printf("%s  <class %s, id 0x%llx>\n", name, class_name, id);
}

static void print_parent(io_service_t service)
{
    io_registry_entry_t parent;
    kern_return_t code = IORegistryEntryGetParentEntry(service, kIOServicePlane, &parent);
    if (code == KERN_SUCCESS) {
        printf("    parent: ");
        print_object(parent);
        IOObjectRelease(parent);
    } else {
        printf("    parent: 0x%08x %s\n", code, mach_error_string(code));
    }
}

/* services: what matches the queries, which are added up. */
static int services(int argc, char **argv)
{
    CFMutableDictionaryRef matching = NULL;
    bool only_first = false, with_parents = false;
    for (int option; (option = getopt(argc, argv, "1pc:n:i:")) != -1;) {
        CFMutableDictionaryRef query = NULL;
        switch (option) {
        case '1':
            only_first = true;
            continue;
        case 'p':
            with_parents = true;
            continue;
        case 'c':
            query = IOServiceMatching(optarg);
            break;
        case 'n':
            query = IOServiceNameMatching(optarg);
            break;
        case 'i':
            query = IORegistryEntryIDMatching(number(optarg));
            break;
        default:
            usage();
        }
        if (matching == NULL) {
            matching = query;
            continue;
        }
        const void *key, *value;
        CFDictionaryGetKeysAndValues(query, &key, &value);
        CFDictionarySetValue(matching, key, value);
        CFRelease(query);
    }
    if (matching == NULL)
        matching = IOServiceMatching("IOService");

    if (only_first) {
        io_service_t service = IOServiceGetMatchingService(kIOMasterPortDefault, matching);
        if (service == IO_OBJECT_NULL) {
            printf("none\n");
            return EXIT_SUCCESS;
        }
        print_object(service);
        IOObjectRelease(service);
        return EXIT_SUCCESS;
    }

    io_iterator_t iterator;
    kern_return_t code = IOServiceGetMatchingServices(kIOMainPortDefault, matching, &iterator);
    if (code != KERN_SUCCESS)
        return failure("IOServiceGetMatchingServices", code);
    if (iterator == IO_OBJECT_NULL) {
        printf("none\n");
        return EXIT_SUCCESS;
    }
    for (io_service_t service; (service = IOIteratorNext(iterator)) != IO_OBJECT_NULL;) {
        print_object(service);
        if (with_parents)
            print_parent(service);
        for (int i = optind; i < argc; i++)
            print_property(service, argv[i]);
        IOObjectRelease(service);
    }
    if (!IOIteratorIsValid(iterator))
        warnx("the registry has changed meanwhile");
    IOObjectRelease(iterator);
    return EXIT_SUCCESS;
}

static void print_tree(io_registry_entry_t entry, int depth)
{
    io_iterator_t children;
    printf("%*s", 2 * depth, "");
    print_object(entry);
    kern_return_t code = IORegistryEntryGetChildIterator(entry, kIOServicePlane, &children);
    if (code != KERN_SUCCESS)
        exit(failure("IORegistryEntryGetChildIterator", code));
    for (io_registry_entry_t child; (child = IOIteratorNext(children)) != IO_OBJECT_NULL;) {
        print_tree(child, depth + 1);
        IOObjectRelease(child);
    }
    IOObjectRelease(children);
}

/* tree: the registry from its root. */
static int tree(int argc, char **argv)
{
    if (getopt(argc, argv, "") != -1 || optind != argc)
        usage();
    io_registry_entry_t root = IORegistryGetRootEntry(kIOMainPortDefault);
    print_tree(root, 0);
    IOObjectRelease(root);
    return EXIT_SUCCESS;
}

/* class: superclasses and extensions. */
static int class(int argc, char **argv)
{
    if (getopt(argc, argv, "") != -1 || optind == argc)
        usage();
    for (int i = optind; i < argc; i++) {
        CFStringRef name = CFStringCreateWithCString(kCFAllocatorDefault, argv[i], kCFStringEncodingUTF8);
        while (name != NULL) {
            CFStringRef bundle = IOObjectCopyBundleIdentifierForClass(name);
            print_string(name);
            if (bundle != NULL) {
                printf(" of ");
                print_string(bundle);
                CFRelease(bundle);
            }
            CFStringRef superclass = IOObjectCopySuperclassForClass(name);
            CFRelease(name);
            name = superclass;
            printf(name != NULL ? " > " : "\n");
        }
    }
    return EXIT_SUCCESS;
}

static io_connect_t connect_to(const char *class_name, uint32_t type)
{
    io_connect_t connect;
    io_service_t service = IOServiceGetMatchingService(kIOMasterPortDefault, IOServiceMatching(class_name));
    if (service == IO_OBJECT_NULL)
        errx(EXIT_FAILURE, "there is no %s", class_name);
    kern_return_t code = IOServiceOpen(service, mach_task_self(), type, &connect);
    IOObjectRelease(service);
    if (code != KERN_SUCCESS)
        exit(failure("IOServiceOpen", code));
    return connect;
}

static int disconnect(io_connect_t connect, int status)
{
    kern_return_t code = IOServiceClose(connect);
    return code == KERN_SUCCESS ? status : failure("IOServiceClose", code);
}

/* open: opens and closes a user client, and tells what it is. */
static int open_(int argc, char **argv)
{
    uint32_t type = 0;
    for (int option; (option = getopt(argc, argv, "t:")) != -1;) {
        if (option != 't')
            usage();
        type = (uint32_t)number(optarg);
    }
    if (argc - optind != 1)
        usage();

    io_connect_t connect = connect_to(argv[optind], type);
    io_service_t service;
    kern_return_t code = IOConnectGetService(connect, &service);
    if (code == KERN_SUCCESS) {
        printf("open, on ");
        print_object(service);
        IOObjectRelease(service);
    } else {
        printf("open, on 0x%08x %s\n", code, mach_error_string(code));
    }
    IOConnectAddRef(connect);
    printf("%u user references\n", IOObjectGetUserRetainCount(connect));
    IOConnectRelease(connect);
    return disconnect(connect, EXIT_SUCCESS);
}

/* Bytes that tell their place. */
static void fill(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i % 251 + 1);
}

static void print_structure(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + bytes[i];
    printf("structure: %zu bytes", size);
    if (size > 0)
        printf(", %02x … %02x, sum %08x", bytes[0], bytes[size - 1], sum);
    printf("\n");
}

static void tell_machine(char *order)
{
    char *equals = strchr(order, '=');
    if (equals == NULL)
        usage();
    *equals = '\0';
    uint64_t argument = number(equals + 1), answer;
    if (simulated_machine_command(order, &argument, 1, &answer) != 0)
        errx(EXIT_FAILURE, "the machine does not know %s", order);
}

/* What the kernel has sent to a port by now. */
static const char *look_for_message(mach_port_t port)
{
    struct {
        mach_msg_header_t header;
        uint8_t rest[512];
    } message;
    mach_msg_return_t code =
        mach_msg(&message.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof message, port, 0, MACH_PORT_NULL);
    switch (code) {
    case MACH_MSG_SUCCESS:
        return "a message";
    case MACH_RCV_TIMED_OUT:
        return "nothing yet";
    default:
        return mach_error_string(code);
    }
}

struct call {
    bool async, variable;
    uint32_t scalars_in, scalars_out;
    uint64_t in[MAX_SCALARS], out[MAX_SCALARS];
    size_t size_in, size_out;
    uint8_t *data_in, *data_out;
    void *allocated;
};

/* Calls with the narrowest function that has room for what is passed. */
static kern_return_t perform(struct call *call, io_connect_t connect, uint32_t selector, mach_port_t port)
{
    uint64_t reference[kOSAsyncRef64Count] = { 0 };
    bool scalars = call->scalars_in > 0 || call->scalars_out > 0, structures = call->size_in > 0 || call->size_out > 0;
    size_t *size_out = call->size_out > 0 ? &call->size_out : NULL;
    uint32_t *scalars_out = call->scalars_out > 0 ? &call->scalars_out : NULL;

    reference[kIOAsyncCalloutRefconIndex] = 0x1234;
    if (call->variable) {
        call->size_out = kIOConnectMethodVarOutputSize;
        return IOConnectCallMethod(connect, selector, call->in, call->scalars_in, call->data_in, call->size_in,
                                   call->out, scalars_out, &call->allocated, &call->size_out);
    }
    if (call->async && scalars && structures)
        return IOConnectCallAsyncMethod(connect, selector, port, reference, kIOAsyncCalloutCount, call->in,
                                        call->scalars_in, call->data_in, call->size_in, call->out, scalars_out,
                                        call->data_out, size_out);
    if (call->async && structures)
        return IOConnectCallAsyncStructMethod(connect, selector, port, reference, kIOAsyncCalloutCount, call->data_in,
                                              call->size_in, call->data_out, size_out);
    if (call->async)
        return IOConnectCallAsyncScalarMethod(connect, selector, port, reference, kIOAsyncCalloutCount, call->in,
                                              call->scalars_in, call->out, scalars_out);
    if (scalars && structures)
        return IOConnectCallMethod(connect, selector, call->in, call->scalars_in, call->data_in, call->size_in,
                                   call->out, scalars_out, call->data_out, size_out);
    if (structures)
        return IOConnectCallStructMethod(connect, selector, call->data_in, call->size_in, call->data_out, size_out);
    return IOConnectCallScalarMethod(connect, selector, call->in, call->scalars_in, call->out, scalars_out);
}

static void print_answer(struct call *call)
{
    for (uint32_t i = 0; i < call->scalars_out; i++)
        printf("scalar %u: 0x%llx\n", i, call->out[i]);
    if (call->variable) {
        print_structure(call->allocated, call->size_out);
    } else if (call->size_out > 0) {
        print_structure(call->data_out, call->size_out);
    }
}

/* call: calls an external method, in any of the shapes there are. */
static int call(int argc, char **argv)
{
    struct call call = { 0 };
    uint32_t type = 0;
    for (int option; (option = getopt(argc, argv, "avt:s:S:d:D:m:")) != -1;) {
        switch (option) {
        case 'a':
            call.async = true;
            break;
        case 'v':
            call.variable = true;
            break;
        case 't':
            type = (uint32_t)number(optarg);
            break;
        case 's':
            if (call.scalars_in == MAX_SCALARS)
                errx(64, "too many scalars");
            call.in[call.scalars_in++] = number(optarg);
            break;
        case 'S':
            call.scalars_out = (uint32_t)number(optarg);
            if (call.scalars_out > MAX_SCALARS)
                errx(64, "too many scalars");
            break;
        case 'd':
            call.size_in = number(optarg);
            break;
        case 'D':
            call.size_out = number(optarg);
            break;
        case 'm':
            tell_machine(optarg);
            break;
        default:
            usage();
        }
    }
    if (argc - optind != 2)
        usage();

    mach_port_t port = MACH_PORT_NULL;
    if (call.async) {
        kern_return_t code = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
        if (code != KERN_SUCCESS)
            return failure("mach_port_allocate", code);
    }
    call.data_in = malloc(call.size_in + 1);
    call.data_out = calloc(call.size_out + 1, 1);
    if (call.data_in == NULL || call.data_out == NULL)
        err(EXIT_FAILURE, NULL);
    fill(call.data_in, call.size_in);

    io_connect_t connect = connect_to(argv[optind], type);
    kern_return_t code = perform(&call, connect, (uint32_t)number(argv[optind + 1]), port);
    int status = EXIT_SUCCESS;
    if (code == KERN_SUCCESS)
        print_answer(&call);
    else
        status = failure("the external method", code);
    if (call.async) {
        printf("at the port: %s\n", look_for_message(port));
        mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
    }
    if (call.allocated != NULL)
        mach_vm_deallocate(mach_task_self(), (mach_vm_address_t)call.allocated, call.size_out);
    free(call.data_in);
    free(call.data_out);
    return disconnect(connect, status);
}

/* What the driver's trap was called with, if there is one: the code does not tell. */
static void print_parameters(void)
{
    uint64_t traps, seen;
    if (simulated_machine_command("traps", NULL, 0, &traps) != 0 || traps == 0) {
        printf("no trap was called\n");
        return;
    }
    printf("the trap was called with");
    for (uint64_t i = 0; i < 6; i++) {
        simulated_machine_command("parameter", &i, 1, &seen);
        printf(" %llu", seen);
    }
    printf("\n");
}

/* trap: calls an external trap. */
static int trap(int argc, char **argv)
{
    uint32_t type = 0;
    uintptr_t p[6] = { 0 };
    for (int option; (option = getopt(argc, argv, "t:")) != -1;) {
        if (option != 't')
            usage();
        type = (uint32_t)number(optarg);
    }
    int parameters = argc - optind - 2;
    if (parameters < 0 || parameters > 6)
        usage();
    for (int i = 0; i < parameters; i++)
        p[i] = number(argv[optind + 2 + i]);

    io_connect_t connect = connect_to(argv[optind], type);
    uint32_t index = (uint32_t)number(argv[optind + 1]);
    kern_return_t code;
    switch (parameters) {
    case 0:
        code = IOConnectTrap0(connect, index);
        break;
    case 1:
        code = IOConnectTrap1(connect, index, p[0]);
        break;
    case 2:
        code = IOConnectTrap2(connect, index, p[0], p[1]);
        break;
    case 3:
        code = IOConnectTrap3(connect, index, p[0], p[1], p[2]);
        break;
    case 4:
        code = IOConnectTrap4(connect, index, p[0], p[1], p[2], p[3]);
        break;
    case 5:
        code = IOConnectTrap5(connect, index, p[0], p[1], p[2], p[3], p[4]);
        break;
    default:
        code = IOConnectTrap6(connect, index, p[0], p[1], p[2], p[3], p[4], p[5]);
        break;
    }
    print_parameters();
    return disconnect(connect, code == KERN_SUCCESS ? EXIT_SUCCESS : failure("the external trap", code));
}

/* errors: what codes mean. */
static int errors(int argc, char **argv)
{
    if (getopt(argc, argv, "") != -1 || optind == argc)
        usage();
    for (int i = optind; i < argc; i++) {
        mach_error_t code = (mach_error_t)number(argv[i]);
        printf("0x%08x system 0x%x, subsystem 0x%x, code 0x%x: %s\n", code, err_get_system(code), err_get_sub(code),
               err_get_code(code), mach_error_string(code));
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {
        { "services", services }, { "tree", tree }, { "class", class },   { "open", open_ },
        { "call", call },         { "trap", trap }, { "errors", errors },
    };
    if (argc < 2)
        usage();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    usage();
}
