/* Maps the memory of a display, draws a test card, and reads it back. */
#include <IOKit/IOKitLib.h>
#include <inttypes.h>
#include <mach/mach.h>
#include <mach/mach_vm.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISPLAY_CLASS "Display"

/* The driver's external methods, and its types of memory. */
enum { kDisplayGeometry, kDisplayChecksum, kDisplayVerticalBlank };
enum { kDisplayFrameMemory = 1, kDisplayVRAM = 110 };

typedef struct {
    uint32_t bytes_per_row;
    uint32_t bits_per_pixel;
    uint32_t width;
    uint32_t height;
} Geometry;

typedef struct {
    Geometry geometry;
    uint8_t *pixels;
} Screen;

#define ARRAY_COUNT(array) (sizeof(array) / sizeof *(array))

static uint32_t rgb(uint32_t red, uint32_t green, uint32_t blue)
{
    return red << 16 | green << 8 | blue;
}

static volatile uint32_t *row_of(const Screen *screen, uint32_t y)
{
    return (volatile uint32_t *)(screen->pixels + (size_t)y * screen->geometry.bytes_per_row);
}

static void fill_rectangle(const Screen *screen, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                           uint32_t colour)
{
    for (uint32_t row = y; row < y + height; row++)
        for (uint32_t column = x; column < x + width; column++)
            row_of(screen, row)[column] = colour;
}

/* Eight bars, a gradient below them, and a frame around all. */
static void draw_test_card(const Screen *screen)
{
    static const uint32_t bars[] = { 0xffffff, 0xffff00, 0x00ffff, 0x00ff00, 0xff00ff, 0xff0000, 0x0000ff, 0x000000 };
    uint32_t width = screen->geometry.width, height = screen->geometry.height;
    uint32_t bar = width / ARRAY_COUNT(bars), middle = height * 3 / 4;
    for (uint32_t i = 0; i < ARRAY_COUNT(bars); i++)
        fill_rectangle(screen, i * bar, 0, bar, middle, bars[i]);
    for (uint32_t y = middle; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            uint32_t level = x * 255 / (width - 1);
            row_of(screen, y)[x] = rgb(level, level, level);
        }
    fill_rectangle(screen, 0, 0, width, 1, 0x808080);
    fill_rectangle(screen, 0, height - 1, width, 1, 0x808080);
    fill_rectangle(screen, 0, 0, 1, height, 0x808080);
    fill_rectangle(screen, width - 1, 0, 1, height, 0x808080);
}

/* FNV-1a over what is seen, as the driver makes it of its own view. */
static uint64_t checksum(const Screen *screen)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (uint32_t y = 0; y < screen->geometry.height; y++)
        for (uint32_t x = 0; x < screen->geometry.width; x++) {
            uint32_t pixel = row_of(screen, y)[x];
            for (int shift = 0; shift < 32; shift += 8)
                sum = (sum ^ (pixel >> shift & 0xff)) * 0x100000001b3;
        }
    return sum;
}

static bool worked(kern_return_t code, const char *what)
{
    if (code != KERN_SUCCESS)
        fprintf(stderr, "%s failed: 0x%08x (%s)\n", what, code, mach_error_string(code));
    return code == KERN_SUCCESS;
}

static bool is_so(bool condition, const char *what)
{
    if (!condition)
        fprintf(stderr, "not so: %s\n", what);
    return condition;
}

/* The protection of the memory at an address, or -1 if nothing is there. */
static int protection(mach_vm_address_t address, mach_vm_size_t *size)
{
    vm_region_basic_info_data_64_t info;
    mach_msg_type_number_t count = VM_REGION_BASIC_INFO_COUNT_64;
    mach_port_t object;
    mach_vm_address_t start = address;
    kern_return_t code = mach_vm_region(mach_task_self(), &start, size, VM_REGION_BASIC_INFO_64,
                                        (vm_region_info_t)&info, &count, &object);
    if (code == KERN_INVALID_ADDRESS || start > address)
        return -1;
    if (code != KERN_SUCCESS || info.max_protection != info.protection || info.inheritance != VM_INHERIT_NONE)
        return VM_PROT_ALL;
    return info.protection;
}

static bool same_as_the_driver_sees(io_connect_t connect, const Screen *screen)
{
    uint64_t seen = 0;
    uint32_t count = 1;
    if (!worked(IOConnectCallScalarMethod(connect, kDisplayChecksum, NULL, 0, &seen, &count), "checksum()"))
        return false;
    printf("drawn: %016" PRIx64 ", the driver sees: %016" PRIx64 "\n", checksum(screen), seen);
    return is_so(seen == checksum(screen), "the driver sees what was drawn");
}

static bool draw(io_connect_t connect)
{
    Screen screen;
    size_t geometry_size = sizeof screen.geometry;
    mach_vm_address_t address = 0, again = 0;
    mach_vm_size_t size = 0, region_size = 0;
    const IOOptionBits options = kIOMapAnywhere | kIOMapWriteCombineCache;
    if (!worked(IOConnectCallStructMethod(connect, kDisplayGeometry, NULL, 0, &screen.geometry, &geometry_size),
                "geometry()") ||
        !worked(IOConnectMapMemory64(connect, kDisplayVRAM, mach_task_self(), &address, &size, options),
                "IOConnectMapMemory64"))
        return false;
    screen.pixels = (uint8_t *)address;
    printf("%u x %u pixels of %u bits, %u bytes a row, %" PRIu64 " bytes mapped\n", screen.geometry.width,
           screen.geometry.height, screen.geometry.bits_per_pixel, screen.geometry.bytes_per_row, size);
    bool ok = is_so(size == (mach_vm_size_t)screen.geometry.bytes_per_row * screen.geometry.height,
                    "the memory is as large as the screen (MEM-4)") &&
              is_so(address % vm_page_size == 0, "it begins at a page") &&
              is_so(protection(address, &region_size) == VM_PROT_DEFAULT, "it can be read and written (MEM-11)") &&
              is_so(region_size >= size && region_size % vm_page_size == 0, "it takes up whole pages (MEM-4)") &&
              is_so(row_of(&screen, screen.geometry.height - 1)[0] == 0, "it is black at first");
    if (ok) {
        draw_test_card(&screen);
        ok = same_as_the_driver_sees(connect, &screen) &&
             worked(IOConnectMapMemory(connect, kDisplayVRAM, mach_task_self(), &again, &size, options),
                    "IOConnectMapMemory") &&
             is_so(again == address, "mapped again, it is where it was (MEM-6)");
    }
    if (!worked(IOConnectUnmapMemory64(connect, kDisplayVRAM, mach_task_self(), address), "IOConnectUnmapMemory64"))
        return false;
    printf("unmapped\n");
    ok = ok && is_so(protection(address, &region_size) == -1, "one unmapping undoes two mappings (MEM-8)");
    kern_return_t code = IOConnectUnmapMemory(connect, kDisplayVRAM, mach_task_self(), address);
    printf("unmapped again: 0x%08x %s\n", code, mach_error_string(code));
    return ok && code == kIOReturnBadArgument;
}

/* What the driver says cannot be written is so, whatever is asked for. */
static bool watch_frames(io_connect_t connect)
{
    mach_vm_address_t address = 0;
    mach_vm_size_t size = 0, region_size;
    if (!worked(IOConnectMapMemory64(connect, kDisplayFrameMemory, mach_task_self(), &address, &size, kIOMapAnywhere),
                "IOConnectMapMemory64"))
        return false;
    const volatile uint32_t *frame = (const volatile uint32_t *)address;
    bool ok = is_so(size == sizeof *frame, "the number of the frame is mapped") &&
              is_so(protection(address, &region_size) == VM_PROT_READ, "it can only be read (MEM-2, MEM-11)");
    uint32_t first = *frame;
    for (int i = 0; ok && i < 3; i++)
        ok = worked(IOConnectCallScalarMethod(connect, kDisplayVerticalBlank, NULL, 0, NULL, NULL), "vertical_blank()");
    printf("frames %u to %u\n", first, *frame);
    ok = ok && is_so(*frame == first + 3, "the program sees what the driver writes");
    return worked(IOConnectUnmapMemory64(connect, kDisplayFrameMemory, mach_task_self(), address),
                  "IOConnectUnmapMemory64") &&
           ok;
}

static bool refuse_the_unknown(io_connect_t connect)
{
    mach_vm_address_t address = 1;
    mach_vm_size_t size = 2;
    kern_return_t code = IOConnectMapMemory64(connect, 99, mach_task_self(), &address, &size, kIOMapAnywhere);
    printf("memory of type 99: 0x%08x %s\n", code, mach_error_string(code));
    return is_so(code == kIOReturnBadArgument, "there is none of it (MEM-1)") &&
           is_so(address == 1 && size == 2, "a failure leaves address and size alone (MEM-4)");
}

int main(void)
{
    io_connect_t connect;
    io_service_t service = IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching(DISPLAY_CLASS));
    if (service == IO_OBJECT_NULL) {
        fprintf(stderr, "no driver of class %s\n", DISPLAY_CLASS);
        return EXIT_FAILURE;
    }
    kern_return_t code = IOServiceOpen(service, mach_task_self(), 0, &connect);
    IOObjectRelease(service);
    if (!worked(code, "IOServiceOpen"))
        return EXIT_FAILURE;
    bool ok = draw(connect) && watch_frames(connect) && refuse_the_unknown(connect);
    return worked(IOServiceClose(connect), "IOServiceClose") && ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
