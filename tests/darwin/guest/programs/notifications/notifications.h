#include "../check.h"

#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/IOKitLib.h>
#include <IOKit/IOMessage.h>
#include <dispatch/dispatch.h>
#include <string.h>

/* Longer than any test takes that passes, in seconds. */
#define PATIENCE 20

void completion_tests(void);
void interest_tests(void);
void matching_tests(void);
void port_tests(void);

/* A connection to the service of a class; ends the program if there is none. */
io_connect_t connect_to(const char *class_name);
io_service_t service_of(const char *class_name);

/* Tells the machine to do something, or asks it; ends the program if it knows no such command. */
uint64_t command(const char *name, const uint64_t *arguments, size_t count);

/* Has this thread's run loop handle what waits; returns how many messages that were. */
int handle_what_waits(void);

/* What a callback was called with. */
struct call {
    int calls;
    const void *callback;
    IOReturn result;
    uint32_t count;
    uint64_t arguments[kMaxAsyncArgs];
    dispatch_semaphore_t called;
};

/* The callback for so many arguments. */
const void *callback_for(uint32_t count);

/* Selectors of the driver that completes calls. */
enum { kCompleteNow, kCompleteLater };

/* Calls it, with a callback for so many arguments. */
kern_return_t call_completer(io_connect_t connect, uint32_t selector, mach_port_t port, uint32_t count,
                             struct call *call, const uint64_t *completion);

/* A result, and arguments 1, 2, 3, ... */
void make_completion(uint64_t *completion, IOReturn result, uint32_t count);
