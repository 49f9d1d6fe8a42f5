/* Reads what a keyboard tells by a data queue, and tells it something by another. */
#include "../check.h"

#include <IOKit/IODataQueueClient.h>
#include <IOKit/IOKitLib.h>
#include <err.h>
#include <mach/mach.h>
#include <simulated/machine.h>
#include <stdlib.h>
#include <string.h>

/* The driver's external methods, and its types of memory, which are those of its ports too. */
enum { kKeyboardPost, kKeyboardTake, kKeyboardTypeKeys };
enum { kKeyboardEvents, kKeyboardLights };

/* Bytes of either queue's entries, and of what the kernel has behind them. */
#define QUEUE_SIZE 64u
#define KERNEL_APPENDIX_SIZE 36u

static io_connect_t connect;
static IODataQueueMemory *events, *lights;

static IODataQueueMemory *map(uint32_t type, mach_vm_size_t *size)
{
    mach_vm_address_t address = 0;
    kern_return_t code = IOConnectMapMemory64(connect, type, mach_task_self(), &address, size, kIOMapAnywhere);
    if (code != KERN_SUCCESS)
        errx(EXIT_FAILURE, "IOConnectMapMemory64: %#x", code);
    return (IODataQueueMemory *)address;
}

static void begin(void)
{
    mach_vm_size_t size;
    simulated_machine_end(false);
    if (simulated_machine_boot("keyboard") != 0)
        errx(EXIT_FAILURE, "there is no machine with a keyboard");
    io_service_t service = IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching("Keyboard"));
    if (IOServiceOpen(service, mach_task_self(), 0, &connect) != KERN_SUCCESS)
        errx(EXIT_FAILURE, "there is no keyboard to open");
    IOObjectRelease(service);
    events = map(kKeyboardEvents, &size);
    lights = map(kKeyboardLights, &size);
}

/* Closing unmaps, too. */
static size_t end(void)
{
    return IOServiceClose(connect) == KERN_SUCCESS ? simulated_machine_end(true) : 1;
}

/* Has the driver put an entry in. Whether there was room. */
static bool post(const char *entry)
{
    uint64_t had_room = 0;
    uint32_t count = 1;
    kern_return_t code = IOConnectCallMethod(connect, kKeyboardPost, NULL, 0, entry, strlen(entry), &had_room, &count,
                                             NULL, NULL);
    return code == KERN_SUCCESS && had_room;
}

/* Has the driver take an entry out, as a string. */
static kern_return_t take(char entry[QUEUE_SIZE])
{
    size_t size = QUEUE_SIZE - 1;
    kern_return_t code = IOConnectCallStructMethod(connect, kKeyboardTake, NULL, 0, entry, &size);
    entry[code == KERN_SUCCESS ? size : 0] = '\0';
    return code;
}

/* Takes an entry out, as a string. */
static IOReturn dequeue(IODataQueueMemory *queue, char entry[QUEUE_SIZE])
{
    uint32_t size = QUEUE_SIZE - 1;
    IOReturn code = IODataQueueDequeue(queue, entry, &size);
    entry[code == kIOReturnSuccess ? size : 0] = '\0';
    return code;
}

static IOReturn enqueue(IODataQueueMemory *queue, const char *entry)
{
    return IODataQueueEnqueue(queue, (void *)entry, (uint32_t)strlen(entry));
}

static kern_return_t destroy(mach_port_t port)
{
    return mach_port_destroy(mach_task_self(), port);
}

static uint64_t messages_at(mach_port_t port)
{
    uint64_t name = port, messages = 0;
    simulated_machine_command("queued_messages", &name, 1, &messages);
    return messages;
}

static void dq_02_the_mapping_holds_the_queue_and_what_the_kernel_has_behind_it(void)
{
    mach_vm_size_t size = 0;
    begin();
    CHECK_EQUAL(DATA_QUEUE_MEMORY_HEADER_SIZE, 12);
    CHECK_EQUAL(DATA_QUEUE_ENTRY_HEADER_SIZE, 4);
    CHECK_EQUAL(DATA_QUEUE_MEMORY_APPENDIX_SIZE, 28);
    CHECK(map(kKeyboardEvents, &size) == events);
    CHECK_EQUAL(size, DATA_QUEUE_MEMORY_HEADER_SIZE + QUEUE_SIZE + KERNEL_APPENDIX_SIZE);
    CHECK_EQUAL(events->queueSize, QUEUE_SIZE);
    CHECK_EQUAL(events->head, 0);
    CHECK_EQUAL(events->tail, 0);
    CHECK_EQUAL(end(), 0);
}

static void dq_05_entries_come_out_as_they_went_in_round_the_end(void)
{
    static const char text[] = "the quick brown fox";
    char entry[QUEUE_SIZE];
    bool wrapped = false;
    begin();
    for (size_t i = 0; i < 100; i++) {
        const char *first = text + i % sizeof text, *second = text + i * 7 % sizeof text;
        CHECK(post(first) && post(second));
        wrapped = wrapped || events->tail < events->head;
        CHECK_EQUAL(dequeue(events, entry), kIOReturnSuccess);
        CHECK_TEXT(entry, first);
        CHECK_EQUAL(dequeue(events, entry), kIOReturnSuccess);
        CHECK_TEXT(entry, second);
        CHECK_EQUAL(dequeue(events, entry), kIOReturnUnderrun);
    }
    CHECK(wrapped);
    CHECK_EQUAL(end(), 0);
}

static void dq_06_a_peek_finds_the_entry_and_leaves_it(void)
{
    char entry[QUEUE_SIZE];
    begin();
    CHECK(IODataQueuePeek(events) == NULL && IODataQueuePeek(NULL) == NULL);
    CHECK(post("Escape") && post("F1"));
    for (int i = 0; i < 2; i++) {
        IODataQueueEntry *peeked = IODataQueuePeek(events);
        CHECK((void *)peeked == (void *)events->queue);
        CHECK_EQUAL(peeked->size, 6);
        CHECK_EQUAL(memcmp(peeked->data, "Escape", 6), 0);
    }
    CHECK_EQUAL(dequeue(events, entry), kIOReturnSuccess);
    CHECK_TEXT(entry, "Escape");
    events->head = QUEUE_SIZE + 1;
    CHECK(IODataQueuePeek(events) == NULL);
    CHECK_EQUAL(end(), 0);
}

static void dq_07_the_driver_hears_that_there_is_no_room(void)
{
    char entry[QUEUE_SIZE];
    begin();
    CHECK(post("a long name of a key"));
    CHECK(post("another"));
    CHECK(!post("one that is too much by far"));
    CHECK_EQUAL(dequeue(events, entry), kIOReturnSuccess);
    CHECK_EQUAL(dequeue(events, entry), kIOReturnSuccess);
    CHECK_TEXT(entry, "another");
    CHECK(post("one that is too much by far"));
    CHECK_EQUAL(dequeue(events, entry), kIOReturnSuccess);
    CHECK_TEXT(entry, "one that is too much by far");
    CHECK_EQUAL(end(), 0);
}

static void dq_08_data_is_available_while_there_is_an_entry(void)
{
    begin();
    CHECK_EQUAL(IODataQueueDataAvailable(events), false);
    CHECK_EQUAL(IODataQueueDataAvailable(NULL), false);
    CHECK(post(""));
    CHECK_EQUAL(IODataQueueDataAvailable(events), true);
    uint32_t size = 0;
    CHECK_EQUAL(IODataQueueDequeue(events, &size, &size), kIOReturnSuccess);
    CHECK_EQUAL(IODataQueueDataAvailable(events), false);
    CHECK_EQUAL(end(), 0);
}

static void dq_08_too_little_room_leaves_the_entry_and_the_size(void)
{
    char entry[QUEUE_SIZE] = "untouched";
    uint32_t size = 5;
    begin();
    CHECK(post("Return"));
    CHECK_EQUAL(IODataQueueDequeue(events, entry, &size), kIOReturnNoSpace);
    CHECK_EQUAL(size, 5);
    CHECK_TEXT(entry, "untouched");
    size = 6;
    CHECK_EQUAL(IODataQueueDequeue(events, entry, &size), kIOReturnSuccess);
    CHECK_EQUAL(size, 6);
    CHECK_TEXT(entry, "Returnhed");
    CHECK_EQUAL(IODataQueueDequeue(events, entry, &size), kIOReturnUnderrun);
    CHECK_EQUAL(size, 6);
    CHECK_EQUAL(end(), 0);
}

static void dq_08_without_data_an_entry_is_dropped(void)
{
    char entry[QUEUE_SIZE];
    uint32_t size = 77;
    begin();
    CHECK(post("Shift") && post("Control") && post("Option"));
    CHECK_EQUAL(IODataQueueDequeue(events, NULL, NULL), kIOReturnSuccess);
    CHECK_EQUAL(IODataQueueDequeue(events, NULL, &size), kIOReturnSuccess);
    CHECK_EQUAL(size, 77);
    CHECK_EQUAL(dequeue(events, entry), kIOReturnSuccess);
    CHECK_TEXT(entry, "Option");
    CHECK_EQUAL(end(), 0);
}

static void dq_08_no_queue_or_data_of_no_size_is_a_bad_argument(void)
{
    char entry[QUEUE_SIZE];
    uint32_t size = sizeof entry;
    begin();
    CHECK(post("Tab"));
    CHECK_EQUAL(IODataQueueDequeue(NULL, entry, &size), kIOReturnBadArgument);
    CHECK_EQUAL(IODataQueueDequeue(events, entry, NULL), kIOReturnBadArgument);
    CHECK_EQUAL(IODataQueueDataAvailable(events), true);
    CHECK_EQUAL(end(), 0);
}

static void dq_08_a_queue_that_lies_is_an_error_and_stays_as_it_is(void)
{
    char entry[QUEUE_SIZE];
    begin();
    CHECK(post("Delete"));
    events->head = QUEUE_SIZE + 1;
    CHECK_EQUAL(dequeue(events, entry), kIOReturnError);
    CHECK_EQUAL(events->head, QUEUE_SIZE + 1);
    /* An entry that does not fit is looked for at the start: where it does not fit either. */
    events->head = 0;
    events->queue[0].size = QUEUE_SIZE;
    CHECK_EQUAL(dequeue(events, entry), kIOReturnError);
    events->queue[0].size = UINT32_MAX;
    CHECK_EQUAL(dequeue(events, entry), kIOReturnError);
    events->queue[0].size = 6;
    CHECK_EQUAL(dequeue(events, entry), kIOReturnSuccess);
    CHECK_TEXT(entry, "Delete");
    CHECK_EQUAL(end(), 0);
}

static void dq_09_what_the_program_puts_in_the_driver_takes_out(void)
{
    static const char *const names[] = { "num lock", "caps lock", "", "scroll lock" };
    char entry[QUEUE_SIZE];
    begin();
    for (size_t i = 0; i < 40; i++) {
        CHECK_EQUAL(enqueue(lights, names[i % 4]), kIOReturnSuccess);
        CHECK_EQUAL(enqueue(lights, names[i % 3]), kIOReturnSuccess);
        CHECK_EQUAL(take(entry), KERN_SUCCESS);
        CHECK_TEXT(entry, names[i % 4]);
        CHECK_EQUAL(take(entry), KERN_SUCCESS);
        CHECK_TEXT(entry, names[i % 3]);
    }
    CHECK_EQUAL(take(entry), kIOReturnUnderrun);
    CHECK_EQUAL(end(), 0);
}

static void dq_09_there_is_no_room_for_more_than_the_queue_has(void)
{
    char entry[QUEUE_SIZE] = "";
    begin();
    CHECK_EQUAL(IODataQueueEnqueue(lights, entry, QUEUE_SIZE - 3), kIOReturnOverrun);
    CHECK_EQUAL(IODataQueueEnqueue(lights, entry, UINT32_MAX), kIOReturnOverrun);
    CHECK_EQUAL(IODataQueueEnqueue(lights, entry, QUEUE_SIZE - 4), kIOReturnSuccess);
    CHECK_EQUAL(lights->tail, QUEUE_SIZE);
    CHECK_EQUAL(IODataQueueEnqueue(lights, entry, 0), kIOReturnOverrun);
    lights->tail = QUEUE_SIZE + 1;
    CHECK_EQUAL(IODataQueueEnqueue(lights, entry, 0), kIOReturnUnderrun);
    lights->tail = QUEUE_SIZE;
    lights->head = QUEUE_SIZE + 1;
    CHECK_EQUAL(IODataQueueEnqueue(lights, entry, 0), kIOReturnUnderrun);
    CHECK_EQUAL(end(), 0);
}

static void dq_09_an_entry_is_in_though_its_message_could_not_be_sent(void)
{
    char entry[QUEUE_SIZE];
    begin();
    mach_port_t port = IODataQueueAllocateNotificationPort();
    CHECK_EQUAL(IODataQueueSetNotificationPort(lights, port), kIOReturnSuccess);
    /* The program has no send right to copy. */
    CHECK_EQUAL(enqueue(lights, "one"), MACH_SEND_INVALID_DEST);
    CHECK_EQUAL(take(entry), KERN_SUCCESS);
    CHECK_TEXT(entry, "one");
    CHECK_EQUAL(mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
    CHECK_EQUAL(enqueue(lights, "two"), kIOReturnSuccess);
    CHECK_EQUAL(messages_at(port), 1);
    /* Who waits knows already: there are entries. */
    CHECK_EQUAL(enqueue(lights, "three"), kIOReturnSuccess);
    CHECK_EQUAL(take(entry), KERN_SUCCESS);
    CHECK_EQUAL(take(entry), KERN_SUCCESS);
    CHECK_TEXT(entry, "three");
    /* The message from before is there still, and there is room for one. */
    CHECK_EQUAL(enqueue(lights, "four"), MACH_SEND_TIMED_OUT);
    CHECK_EQUAL(take(entry), KERN_SUCCESS);
    CHECK_TEXT(entry, "four");
    CHECK_EQUAL(destroy(port), KERN_SUCCESS);
    CHECK_EQUAL(end(), 0);
}

static void dq_09_a_queue_that_is_full_tells_so_once_more(void)
{
    begin();
    mach_port_t port = IODataQueueAllocateNotificationPort();
    CHECK_EQUAL(mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
    CHECK_EQUAL(enqueue(lights, "a lot of lights, and then some, as many as go in"), kIOReturnSuccess);
    CHECK_EQUAL(IODataQueueSetNotificationPort(lights, port), kIOReturnSuccess);
    CHECK_EQUAL(enqueue(lights, "one that does not"), kIOReturnOverrun);
    CHECK_EQUAL(messages_at(port), 1);
    CHECK_EQUAL(enqueue(lights, "one that does not"), kIOReturnOverrun);
    CHECK_EQUAL(messages_at(port), 1);
    CHECK_EQUAL(destroy(port), KERN_SUCCESS);
    CHECK_EQUAL(end(), 0);
}

static void dq_10_a_bare_message_comes_with_the_first_entry_alone(void)
{
    struct {
        mach_msg_header_t header;
        mach_msg_trailer_t trailer;
    } message;
    char entry[QUEUE_SIZE];
    begin();
    mach_port_t port = IODataQueueAllocateNotificationPort();
    CHECK_EQUAL(IOConnectSetNotificationPort(connect, kKeyboardEvents, port, 0), KERN_SUCCESS);
    CHECK(post("A") && post("B"));
    CHECK_EQUAL(messages_at(port), 1);
    CHECK_EQUAL(mach_msg(&message.header, MACH_RCV_MSG, 0, sizeof message, port, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
    CHECK_EQUAL(message.header.msgh_size, sizeof message.header);
    CHECK_EQUAL(message.header.msgh_id, 0);
    CHECK_EQUAL(message.header.msgh_remote_port, MACH_PORT_NULL);
    CHECK(post("C"));
    CHECK_EQUAL(messages_at(port), 0);
    /* Where one waits already, another is dropped. */
    for (int i = 0; i < 3; i++) {
        while (dequeue(events, entry) == kIOReturnSuccess)
            ;
        CHECK(post("D"));
        CHECK_EQUAL(messages_at(port), 1);
    }
    /* The driver does not hear that nobody listens. */
    CHECK_EQUAL(dequeue(events, entry), kIOReturnSuccess);
    CHECK_EQUAL(destroy(port), KERN_SUCCESS);
    CHECK(post("E"));
    CHECK_EQUAL(IOConnectSetNotificationPort(connect, kKeyboardEvents, MACH_PORT_NULL, 0), KERN_SUCCESS);
    CHECK_EQUAL(end(), 0);
}

static void dq_11_a_port_is_a_receive_right_where_one_message_waits(void)
{
    mach_port_type_t type = 0;
    begin();
    mach_port_t port = IODataQueueAllocateNotificationPort();
    CHECK_EQUAL(mach_port_type(mach_task_self(), port, &type), KERN_SUCCESS);
    CHECK_EQUAL(type, MACH_PORT_TYPE_RECEIVE);
    /* Enough for the driver, who is not given what is no receive right (P-5a). */
    CHECK_EQUAL(IOConnectSetNotificationPort(connect, kKeyboardEvents, port, 0), KERN_SUCCESS);
    CHECK_EQUAL(IOConnectSetNotificationPort(connect, kKeyboardEvents, mach_task_self(), 0), MACH_SEND_INVALID_RIGHT);
    CHECK_EQUAL(IOConnectSetNotificationPort(connect, kKeyboardEvents, MACH_PORT_NULL, 0), KERN_SUCCESS);
    CHECK_EQUAL(destroy(port), KERN_SUCCESS);
    CHECK_EQUAL(end(), 0);
}

static void dq_11_to_wait_takes_a_queue_and_a_port_to_receive_from(void)
{
    begin();
    mach_port_t port = IODataQueueAllocateNotificationPort();
    CHECK_EQUAL(IODataQueueWaitForAvailableData(NULL, port), kIOReturnBadArgument);
    CHECK_EQUAL(IODataQueueWaitForAvailableData(events, MACH_PORT_NULL), kIOReturnBadArgument);
    CHECK_EQUAL(IODataQueueWaitForAvailableData(events, mach_task_self()), MACH_RCV_INVALID_NAME);
    CHECK_EQUAL(destroy(port), KERN_SUCCESS);
    CHECK_EQUAL(IODataQueueWaitForAvailableData(events, port), MACH_RCV_INVALID_NAME);
    CHECK_EQUAL(end(), 0);
}

/* Whether an entry is the one that `type_keys` types as number `number`. */
static bool is_key(const uint8_t *entry, uint32_t size, uint32_t number)
{
    uint32_t written;
    memcpy(&written, entry, sizeof written);
    for (uint32_t i = sizeof written; i < size; i++)
        if (entry[i] != (uint8_t)number)
            return false;
    return size == sizeof written + number % 8 && written == number;
}

static void dq_11_a_reader_that_drains_the_queue_before_it_waits_misses_nothing(void)
{
    const uint64_t keys = 5000;
    uint32_t received = 0;
    begin();
    mach_port_t port = IODataQueueAllocateNotificationPort();
    CHECK_EQUAL(IOConnectSetNotificationPort(connect, kKeyboardEvents, port, 0), KERN_SUCCESS);
    CHECK_EQUAL(IOConnectCallScalarMethod(connect, kKeyboardTypeKeys, &keys, 1, NULL, NULL), KERN_SUCCESS);
    while (received < keys) {
        uint8_t entry[QUEUE_SIZE];
        uint32_t size = sizeof entry;
        IOReturn code = IODataQueueDequeue(events, entry, &size);
        if (code == kIOReturnUnderrun) {
            CHECK_EQUAL(IODataQueueWaitForAvailableData(events, port), MACH_MSG_SUCCESS);
            continue;
        }
        CHECK_EQUAL(code, kIOReturnSuccess);
        CHECK(is_key(entry, size, received));
        received++;
    }
    CHECK_EQUAL(IOConnectSetNotificationPort(connect, kKeyboardEvents, MACH_PORT_NULL, 0), KERN_SUCCESS);
    CHECK_EQUAL(destroy(port), KERN_SUCCESS);
    CHECK_EQUAL(end(), 0);
}

static void dq_12_a_port_is_not_looked_at_when_it_is_set(void)
{
    char entry[QUEUE_SIZE];
    begin();
    CHECK_EQUAL(IODataQueueSetNotificationPort(NULL, MACH_PORT_NULL), kIOReturnBadArgument);
    CHECK_EQUAL(IODataQueueSetNotificationPort(lights, 0xdead03), kIOReturnSuccess);
    CHECK_EQUAL(enqueue(lights, "one"), MACH_SEND_INVALID_DEST);
    /* Without a port nothing is sent. */
    CHECK_EQUAL(IODataQueueSetNotificationPort(lights, MACH_PORT_NULL), kIOReturnSuccess);
    CHECK_EQUAL(take(entry), KERN_SUCCESS);
    CHECK_EQUAL(enqueue(lights, "two"), kIOReturnSuccess);
    CHECK_EQUAL(take(entry), KERN_SUCCESS);
    CHECK_TEXT(entry, "two");
    CHECK_EQUAL(end(), 0);
}

int main(void)
{
    RUN(dq_02_the_mapping_holds_the_queue_and_what_the_kernel_has_behind_it);
    RUN(dq_05_entries_come_out_as_they_went_in_round_the_end);
    RUN(dq_06_a_peek_finds_the_entry_and_leaves_it);
    RUN(dq_07_the_driver_hears_that_there_is_no_room);
    RUN(dq_08_data_is_available_while_there_is_an_entry);
    RUN(dq_08_too_little_room_leaves_the_entry_and_the_size);
    RUN(dq_08_without_data_an_entry_is_dropped);
    RUN(dq_08_no_queue_or_data_of_no_size_is_a_bad_argument);
    RUN(dq_08_a_queue_that_lies_is_an_error_and_stays_as_it_is);
    RUN(dq_09_what_the_program_puts_in_the_driver_takes_out);
    RUN(dq_09_there_is_no_room_for_more_than_the_queue_has);
    RUN(dq_09_an_entry_is_in_though_its_message_could_not_be_sent);
    RUN(dq_09_a_queue_that_is_full_tells_so_once_more);
    RUN(dq_10_a_bare_message_comes_with_the_first_entry_alone);
    RUN(dq_11_a_port_is_a_receive_right_where_one_message_waits);
    RUN(dq_11_to_wait_takes_a_queue_and_a_port_to_receive_from);
    RUN(dq_11_a_reader_that_drains_the_queue_before_it_waits_misses_nothing);
    RUN(dq_12_a_port_is_not_looked_at_when_it_is_set);
    return tests_passed();
}
