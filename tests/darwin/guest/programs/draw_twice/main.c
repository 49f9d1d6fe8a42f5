/*
 * Draws through several mappings of one display's memory: with two cache modes, by two connections, at an address of
 * the program's own, and after the display has gone. Each test has a machine of its own.
 */
#include "../check.h"

#include <IOKit/IOKitLib.h>
#include <err.h>
#include <mach/mach.h>
#include <mach/mach_vm.h>
#include <simulated/machine.h>
#include <stdlib.h>

enum { kDisplayGeometry, kDisplayChecksum };
enum { kDisplayVRAM = 110 };

typedef volatile uint32_t *Pixels;

#define WIDTH 320u
#define HEIGHT 200u
#define PIXELS_A_ROW 336u

static uint64_t display;

static io_connect_t connect_to_display(void)
{
    io_connect_t connect = IO_OBJECT_NULL;
    io_service_t service = IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching("Display"));
    IORegistryEntryGetRegistryEntryID(service, &display);
    if (IOServiceOpen(service, mach_task_self(), 0, &connect) != KERN_SUCCESS)
        errx(EXIT_FAILURE, "there is no display to open");
    IOObjectRelease(service);
    return connect;
}

static io_connect_t begin(void)
{
    simulated_machine_end(false);
    if (simulated_machine_boot("display") != 0)
        errx(EXIT_FAILURE, "there is no machine with a display");
    return connect_to_display();
}

static size_t complaints(void)
{
    return simulated_machine_end(true);
}

static kern_return_t map(io_connect_t connect, IOOptionBits options, Pixels *pixels)
{
    mach_vm_address_t address = (mach_vm_address_t)*pixels;
    mach_vm_size_t size = 0;
    kern_return_t code = IOConnectMapMemory64(connect, kDisplayVRAM, mach_task_self(), &address, &size, options);
    *pixels = (Pixels)address;
    return code == KERN_SUCCESS && size != PIXELS_A_ROW * HEIGHT * sizeof **pixels ? KERN_FAILURE : code;
}

static kern_return_t unmap(io_connect_t connect)
{
    return IOConnectUnmapMemory64(connect, kDisplayVRAM, mach_task_self(), 0);
}

static bool is_mapped(Pixels pixels)
{
    vm_region_basic_info_data_64_t info;
    mach_msg_type_number_t count = VM_REGION_BASIC_INFO_COUNT_64;
    mach_vm_address_t start = (mach_vm_address_t)pixels;
    mach_vm_size_t size;
    mach_port_t object;
    kern_return_t code = mach_vm_region(mach_task_self(), &start, &size, VM_REGION_BASIC_INFO_64,
                                        (vm_region_info_t)&info, &count, &object);
    return code == KERN_SUCCESS && start <= (mach_vm_address_t)pixels;
}

static void fill_rectangle(Pixels pixels, uint32_t x, uint32_t y, uint32_t width, uint32_t height, uint32_t colour)
{
    for (uint32_t row = y; row < y + height; row++)
        for (uint32_t column = x; column < x + width; column++)
            pixels[row * PIXELS_A_ROW + column] = colour;
}

static uint64_t checksum(Pixels pixels)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            for (int shift = 0; shift < 32; shift += 8)
                sum = (sum ^ (pixels[y * PIXELS_A_ROW + x] >> shift & 0xff)) * 0x100000001b3;
    return sum;
}

static kern_return_t checksum_of_driver(io_connect_t connect, uint64_t *sum)
{
    uint32_t count = 1;
    return IOConnectCallScalarMethod(connect, kDisplayChecksum, NULL, 0, sum, &count);
}

static void mem_06_two_cache_modes_are_two_mappings_of_the_same_pixels(void)
{
    io_connect_t connect = begin();
    Pixels cached = NULL, combined = NULL, again = NULL;
    uint64_t sum;
    CHECK_EQUAL(map(connect, kIOMapAnywhere, &cached), KERN_SUCCESS);
    CHECK_EQUAL(map(connect, kIOMapAnywhere | kIOMapWriteCombineCache, &combined), KERN_SUCCESS);
    CHECK(cached != combined);
    fill_rectangle(cached, 0, 0, WIDTH / 2, HEIGHT, 0xcc3300);
    fill_rectangle(combined, WIDTH / 2, 0, WIDTH / 2, HEIGHT, 0x0033cc);
    CHECK_EQUAL(cached[WIDTH - 1], 0x0033cc);
    CHECK_EQUAL(combined[0], 0xcc3300);
    CHECK_EQUAL(checksum_of_driver(connect, &sum), KERN_SUCCESS);
    CHECK(sum == checksum(cached) && sum == checksum(combined));

    CHECK_EQUAL(map(connect, kIOMapAnywhere, &again), KERN_SUCCESS);
    CHECK(again == cached);
    CHECK_EQUAL(map(connect, kIOMapAnywhere | kIOMapWriteCombineCache, &again), KERN_SUCCESS);
    CHECK(again == combined);

    CHECK_EQUAL(unmap(connect), KERN_SUCCESS);
    CHECK(is_mapped(cached) != is_mapped(combined));
    CHECK_EQUAL(unmap(connect), KERN_SUCCESS);
    CHECK(!is_mapped(cached) && !is_mapped(combined));
    CHECK_EQUAL(unmap(connect), kIOReturnBadArgument);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
    CHECK_EQUAL(complaints(), 0);
}

/* Where nothing is, in the midst of a lot of nothing. */
static mach_vm_address_t free_address(void)
{
    const mach_vm_size_t size = 64 << 20;
    mach_vm_address_t address = 0;
    mach_vm_allocate(mach_task_self(), &address, size, VM_FLAGS_ANYWHERE);
    mach_vm_deallocate(mach_task_self(), address, size);
    return address + size / 2;
}

static void mem_03_an_address_of_the_programs_is_rounded_down_to_a_page(void)
{
    io_connect_t connect = begin();
    mach_vm_address_t address = free_address();
    Pixels pixels = (Pixels)(address + 5);
    uint64_t sum;
    CHECK_EQUAL(map(connect, kIOMapWriteCombineCache, &pixels), KERN_SUCCESS);
    CHECK((mach_vm_address_t)pixels == address);
    fill_rectangle(pixels, 10, 10, 100, 50, 0x336699);
    CHECK_EQUAL(checksum_of_driver(connect, &sum), KERN_SUCCESS);
    CHECK(sum == checksum(pixels));
    CHECK_EQUAL(unmap(connect), KERN_SUCCESS);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
    CHECK_EQUAL(complaints(), 0);
}

static void mem_03_an_address_that_is_taken_is_none(void)
{
    io_connect_t connect = begin();
    mach_vm_address_t taken = 0;
    CHECK_EQUAL(mach_vm_allocate(mach_task_self(), &taken, 1, VM_FLAGS_ANYWHERE), KERN_SUCCESS);
    *(volatile char *)taken = 'T';
    Pixels pixels = (Pixels)taken;
    CHECK_EQUAL(map(connect, 0, &pixels), kIOReturnBadArgument);
    CHECK((mach_vm_address_t)pixels == taken);
    CHECK_EQUAL(*(volatile char *)taken, 'T');
    CHECK_EQUAL(mach_vm_deallocate(mach_task_self(), taken, 1), KERN_SUCCESS);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
    CHECK_EQUAL(complaints(), 0);
}

static void mem_08_memory_is_unmapped_whatever_address_is_told(void)
{
    io_connect_t connect = begin();
    Pixels pixels = NULL;
    CHECK_EQUAL(map(connect, kIOMapAnywhere, &pixels), KERN_SUCCESS);
    CHECK_EQUAL(IOConnectUnmapMemory64(connect, kDisplayVRAM, mach_task_self(), 0xdead0000), KERN_SUCCESS);
    CHECK(!is_mapped(pixels));
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
    CHECK_EQUAL(complaints(), 0);
}

static void mem_08b_two_connections_hold_one_mapping(void)
{
    io_connect_t first = begin(), second = connect_to_display();
    Pixels pixels = NULL, same = NULL;
    CHECK_EQUAL(map(first, kIOMapAnywhere, &pixels), KERN_SUCCESS);
    CHECK_EQUAL(map(second, kIOMapAnywhere, &same), KERN_SUCCESS);
    CHECK(pixels == same);
    fill_rectangle(pixels, 0, 0, WIDTH, HEIGHT, 0xff00ff);
    CHECK_EQUAL(unmap(first), KERN_SUCCESS);
    CHECK_EQUAL(same[0], 0xff00ff);
    CHECK_EQUAL(unmap(first), KERN_SUCCESS);
    CHECK_EQUAL(IOServiceClose(first), KERN_SUCCESS);
    CHECK_EQUAL(same[0], 0xff00ff);
    CHECK_EQUAL(unmap(second), KERN_SUCCESS);
    CHECK(!is_mapped(same));
    CHECK_EQUAL(IOServiceClose(second), KERN_SUCCESS);
    CHECK_EQUAL(complaints(), 0);
}

static void mem_09_what_is_mapped_goes_with_the_connection(void)
{
    io_connect_t connect = begin();
    Pixels pixels = NULL;
    CHECK_EQUAL(map(connect, kIOMapAnywhere, &pixels), KERN_SUCCESS);
    CHECK(is_mapped(pixels));
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
    CHECK(!is_mapped(pixels));
    CHECK_EQUAL(complaints(), 0);
}

static kern_return_t terminate_display(void)
{
    uint64_t terminated;
    return simulated_machine_command("terminate_synchronously", &display, 1, &terminated);
}

static void term_06_what_is_mapped_outlives_the_display(void)
{
    io_connect_t connect = begin();
    Pixels pixels = NULL, more = NULL;
    uint64_t sum;
    CHECK_EQUAL(map(connect, kIOMapAnywhere, &pixels), KERN_SUCCESS);
    fill_rectangle(pixels, 0, 0, WIDTH, HEIGHT, 0x112233);
    CHECK_EQUAL(IOConnectAddRef(connect), KERN_SUCCESS);
    CHECK_EQUAL(terminate_display(), KERN_SUCCESS);

    CHECK_EQUAL(checksum_of_driver(connect, &sum), kIOReturnBadArgument);
    CHECK_EQUAL(map(connect, kIOMapAnywhere, &more), kIOReturnBadArgument);
    CHECK_EQUAL(unmap(connect), kIOReturnBadArgument);
    CHECK_EQUAL(pixels[0], 0x112233);
    fill_rectangle(pixels, 0, 0, 1, 1, 0x445566);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
    CHECK_EQUAL(pixels[0], 0x445566);
    CHECK_EQUAL(IOConnectRelease(connect), KERN_SUCCESS);
    CHECK(!is_mapped(pixels));
    CHECK_EQUAL(complaints(), 0);
}

static void term_06_once_mapped_a_connection_is_no_dead_name(void)
{
    io_connect_t connect = begin(), other = connect_to_display();
    Pixels pixels = NULL;
    uint64_t sum;
    CHECK_EQUAL(map(connect, kIOMapAnywhere, &pixels), KERN_SUCCESS);
    CHECK_EQUAL(unmap(connect), KERN_SUCCESS);
    CHECK_EQUAL(terminate_display(), KERN_SUCCESS);
    CHECK_EQUAL(checksum_of_driver(connect, &sum), kIOReturnBadArgument);
    CHECK_EQUAL(checksum_of_driver(other, &sum), MACH_SEND_INVALID_DEST);
    CHECK_EQUAL(IOServiceClose(connect), KERN_SUCCESS);
    CHECK_EQUAL(IOServiceClose(other), MACH_SEND_INVALID_DEST);
    CHECK_EQUAL(complaints(), 0);
}

int main(void)
{
    RUN(mem_03_an_address_of_the_programs_is_rounded_down_to_a_page);
    RUN(mem_03_an_address_that_is_taken_is_none);
    RUN(mem_06_two_cache_modes_are_two_mappings_of_the_same_pixels);
    RUN(mem_08_memory_is_unmapped_whatever_address_is_told);
    RUN(mem_08b_two_connections_hold_one_mapping);
    RUN(mem_09_what_is_mapped_goes_with_the_connection);
    RUN(term_06_what_is_mapped_outlives_the_display);
    RUN(term_06_once_mapped_a_connection_is_no_dead_name);
    return tests_passed();
}
