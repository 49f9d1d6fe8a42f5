/* Walks the I/O Registry, as ioreg does. */
#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/IOKitLib.h>
#include <err.h>
#include <mach/mach.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage_text[] =
    "usage: registry tree [-p plane]\n"
    "       registry list [-u] [-p plane] [path]\n"
    "       registry show path ...\n"
    "       registry find [-ru] [-p plane] key path\n"
    "       registry raw key path ...\n";

_Noreturn static void usage(void)
{
    fputs(usage_text, stderr);
    exit(64);
}

static void check(const char *what, kern_return_t code)
{
    if (code != KERN_SUCCESS)
        errx(EXIT_FAILURE, "%s: 0x%08x %s", what, code, mach_error_string(code));
}

static void print_string(CFStringRef string)
{
    CFIndex size = CFStringGetMaximumSizeForEncoding(CFStringGetLength(string), kCFStringEncodingUTF8) + 1;
    char *text = malloc((size_t)size);
    if (text == NULL || !CFStringGetCString(string, text, size, kCFStringEncodingUTF8))
        errx(EXIT_FAILURE, "a string that is none");
    fputs(text, stdout);
    free(text);
}

/* Prints a property list as XML, or what there is instead of one, and lets go of it. */
static void print_and_release(CFPropertyListRef list)
{
    CFErrorRef error = NULL;
    CFDataRef xml = CFPropertyListCreateData(kCFAllocatorDefault, list, kCFPropertyListXMLFormat_v1_0, 0, &error);
    if (xml != NULL) {
        fwrite(CFDataGetBytePtr(xml), 1, (size_t)CFDataGetLength(xml), stdout);
        CFRelease(xml);
    } else {
        CFStringRef type = CFCopyTypeIDDescription(CFGetTypeID(list));
        printf("(no property list: a ");
        print_string(type);
        printf(")\n");
        CFRelease(type);
        CFRelease(error);
    }
    CFRelease(list);
}

static io_registry_entry_t entry_at(const char *path)
{
    io_registry_entry_t entry = IORegistryEntryFromPath(kIOMainPortDefault, path);
    if (entry == IO_OBJECT_NULL)
        errx(EXIT_FAILURE, "nothing is at %s", path);

    /* The other function finds the same. */
    CFStringRef string = CFStringCreateWithCString(kCFAllocatorDefault, path, kCFStringEncodingUTF8);
    io_registry_entry_t same = IORegistryEntryCopyFromPath(kIOMainPortDefault, string);
    CFRelease(string);
    if (!IOObjectIsEqualTo(entry, same))
        errx(EXIT_FAILURE, "two entries are at %s", path);
    IOObjectRelease(same);
    return entry;
}

static void print_entry(io_registry_entry_t entry, const char *plane)
{
    io_name_t name, location, class_name;
    check("IORegistryEntryGetNameInPlane", IORegistryEntryGetNameInPlane(entry, plane, name));
    check("IOObjectGetClass", IOObjectGetClass(entry, class_name));
    printf("%s", name);
    kern_return_t code = IORegistryEntryGetLocationInPlane(entry, plane, location);
    if (code == KERN_SUCCESS)
        printf("@%s", location);
    else if (code != kIOReturnNotFound)
        check("IORegistryEntryGetLocationInPlane", code);
    printf("  <class %s>\n", class_name);
}

/* The entries below the one that the iterator has returned last. */
static void print_level(io_iterator_t iterator, const char *plane, int depth)
{
    for (io_registry_entry_t entry; (entry = IOIteratorNext(iterator)) != IO_OBJECT_NULL;) {
        printf("%*s+-o ", 2 * depth, "");
        print_entry(entry, plane);
        IOObjectRelease(entry);
        check("IORegistryIteratorEnterEntry", IORegistryIteratorEnterEntry(iterator));
        print_level(iterator, plane, depth + 1);
        check("IORegistryIteratorExitEntry", IORegistryIteratorExitEntry(iterator));
    }
}

/* tree: a plane, level by level. */
static int tree(int argc, char **argv)
{
    const char *plane = kIOServicePlane;
    for (int option; (option = getopt(argc, argv, "p:")) != -1;) {
        if (option != 'p')
            usage();
        plane = optarg;
    }
    if (optind != argc)
        usage();
    io_iterator_t iterator;
    check("IORegistryCreateIterator", IORegistryCreateIterator(kIOMainPortDefault, plane, 0, &iterator));
    io_registry_entry_t root = IORegistryGetRootEntry(kIOMainPortDefault);
    printf("+-o ");
    print_entry(root, plane);
    IOObjectRelease(root);
    print_level(iterator, plane, 1);
    if (!IOIteratorIsValid(iterator))
        warnx("the registry has changed meanwhile");
    kern_return_t code = IORegistryIteratorExitEntry(iterator);
    if (code != kIOReturnNoDevice)
        errx(EXIT_FAILURE, "there is no level above the first, but %#x", code);
    IOObjectRelease(iterator);
    return EXIT_SUCCESS;
}

static void print_paths(io_registry_entry_t entry, const char *plane)
{
    io_string_t path;
    kern_return_t code = IORegistryEntryGetPath(entry, plane, path);
    CFStringRef copy = IORegistryEntryCopyPath(entry, plane);
    if (code == KERN_SUCCESS) {
        puts(path);
    } else if (copy != NULL) {
        print_string(copy);
        printf("  (too long)\n");
    } else {
        printf("(no path: 0x%08x)\n", code);
    }
    if (copy != NULL)
        CFRelease(copy);
}

/* list: the paths of what a recursive iterator comes upon, downwards or upwards. */
static int list(int argc, char **argv)
{
    const char *plane = kIOServicePlane;
    IOOptionBits options = kIORegistryIterateRecursively;
    for (int option; (option = getopt(argc, argv, "up:")) != -1;)
        switch (option) {
        case 'u':
            options |= kIORegistryIterateParents;
            break;
        case 'p':
            plane = optarg;
            break;
        default:
            usage();
        }
    io_iterator_t iterator;
    if (optind == argc) {
        check("IORegistryCreateIterator", IORegistryCreateIterator(kIOMainPortDefault, plane, options, &iterator));
    } else {
        io_registry_entry_t entry = entry_at(argv[optind]);
        kern_return_t code = IORegistryEntryCreateIterator(entry, plane, options, &iterator);
        IOObjectRelease(entry);
        check("IORegistryEntryCreateIterator", code);
    }
    int count = 0;
    for (io_registry_entry_t entry; (entry = IOIteratorNext(iterator)) != IO_OBJECT_NULL; count++) {
        print_paths(entry, plane);
        IOObjectRelease(entry);
    }

    /* The same again. */
    IOIteratorReset(iterator);
    for (io_registry_entry_t entry; (entry = IOIteratorNext(iterator)) != IO_OBJECT_NULL; count--)
        IOObjectRelease(entry);
    if (count != 0 || !IOIteratorIsValid(iterator))
        warnx("the registry has changed meanwhile");
    IOObjectRelease(iterator);
    return EXIT_SUCCESS;
}

/* show: all properties of entries. */
static int show(int argc, char **argv)
{
    if (getopt(argc, argv, "") != -1 || optind == argc)
        usage();
    for (int i = optind; i < argc; i++) {
        io_registry_entry_t entry = entry_at(argv[i]);
        CFMutableDictionaryRef properties;
        kern_return_t code = IORegistryEntryCreateCFProperties(entry, &properties, kCFAllocatorDefault, 0);
        IOObjectRelease(entry);
        check("IORegistryEntryCreateCFProperties", code);
        print_and_release(properties);
    }
    return EXIT_SUCCESS;
}

/* find: a property of an entry, or of what is below or above it. */
static int find(int argc, char **argv)
{
    const char *plane = kIOServicePlane;
    IOOptionBits options = 0;
    for (int option; (option = getopt(argc, argv, "rup:")) != -1;)
        switch (option) {
        case 'r':
            options |= kIORegistryIterateRecursively;
            break;
        case 'u':
            options |= kIORegistryIterateParents;
            break;
        case 'p':
            plane = optarg;
            break;
        default:
            usage();
        }
    if (argc - optind != 2)
        usage();
    CFStringRef key = CFStringCreateWithCString(kCFAllocatorDefault, argv[optind], kCFStringEncodingUTF8);
    io_registry_entry_t entry = entry_at(argv[optind + 1]);
    CFTypeRef value = IORegistryEntrySearchCFProperty(entry, plane, key, kCFAllocatorDefault, options);
    IOObjectRelease(entry);
    CFRelease(key);
    if (value == NULL)
        printf("none\n");
    else
        print_and_release(value);
    return EXIT_SUCCESS;
}

/* raw: a property's bytes. */
static int raw(int argc, char **argv)
{
    if (getopt(argc, argv, "") != -1 || argc - optind < 2)
        usage();
    for (int i = optind + 1; i < argc; i++) {
        io_struct_inband_t bytes;
        uint32_t size = sizeof bytes;
        io_registry_entry_t entry = entry_at(argv[i]);
        kern_return_t code = IORegistryEntryGetProperty(entry, argv[optind], bytes, &size);
        IOObjectRelease(entry);
        if (code != KERN_SUCCESS) {
            printf("0x%08x %s\n", code, mach_error_string(code));
            continue;
        }
        printf("%u bytes:", size);
        for (uint32_t byte = 0; byte < size; byte++)
            printf(" %02x", (uint8_t)bytes[byte]);
        printf("\n");
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = { { "tree", tree }, { "list", list }, { "show", show }, { "find", find }, { "raw", raw } };
    if (argc < 2)
        usage();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    usage();
}
