#include "containers.h"

#include <dispatch/dispatch.h>
#include <pthread.h>
#include <string.h>

struct log {
    char events[200];
    bool stops;
};

static void note(struct log *log, const char *event)
{
    strlcat(log->events, event, sizeof log->events);
}

static void schedule(void *info, CFRunLoopRef loop, CFStringRef mode)
{
    note(info, loop == CFRunLoopGetCurrent() && CFEqual(mode, kCFRunLoopDefaultMode) ? "schedule " : "? ");
}

static void cancel(void *info, CFRunLoopRef loop, CFStringRef mode)
{
    note(info, loop == CFRunLoopGetCurrent() && CFEqual(mode, kCFRunLoopDefaultMode) ? "cancel " : "? ");
}

static void perform(void *info)
{
    struct log *log = info;
    note(log, "perform ");
    if (log->stops)
        CFRunLoopStop(CFRunLoopGetCurrent());
}

static CFRunLoopSourceRef source_of(struct log *log)
{
    CFRunLoopSourceContext context = { 0 };
    context.info = log;
    context.schedule = schedule;
    context.cancel = cancel;
    context.perform = perform;
    return CFRunLoopSourceCreate(kCFAllocatorDefault, 0, &context);
}

static void an_empty_run_loop_finishes(void)
{
    CHECK_EQUAL(CFRunLoopRunInMode(CFSTR("a mode of our own"), 5, false), kCFRunLoopRunFinished);
}

static void a_signalled_source_performs(void)
{
    struct log log = { "", false };
    CFRunLoopRef loop = CFRunLoopGetCurrent();
    CFRunLoopSourceRef source = source_of(&log);
    CFRunLoopAddSource(loop, source, kCFRunLoopDefaultMode);
    CHECK(CFRunLoopContainsSource(loop, source, kCFRunLoopDefaultMode));
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0, true), kCFRunLoopRunTimedOut);
    CFRunLoopSourceSignal(source);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 5, true), kCFRunLoopRunHandledSource);
    log.stops = true;
    CFRunLoopSourceSignal(source);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 5, false), kCFRunLoopRunStopped);
    CFRunLoopRemoveSource(loop, source, kCFRunLoopDefaultMode);
    CHECK(!CFRunLoopContainsSource(loop, source, kCFRunLoopDefaultMode));
    CFRelease(source);
    CHECK_TEXT(log.events, "schedule perform perform cancel ");
}

static void an_invalid_source_leaves_its_run_loop(void)
{
    struct log log = { "", false };
    CFRunLoopSourceRef source = source_of(&log);
    CFRunLoopAddSource(CFRunLoopGetCurrent(), source, kCFRunLoopDefaultMode);
    CHECK(CFRunLoopSourceIsValid(source));
    CFRunLoopSourceInvalidate(source);
    CHECK(!CFRunLoopSourceIsValid(source));
    CHECK(!CFRunLoopContainsSource(CFRunLoopGetCurrent(), source, kCFRunLoopDefaultMode));
    CFRelease(source);
    CHECK_TEXT(log.events, "schedule cancel ");
}

struct waker {
    CFRunLoopRef loop;
    CFRunLoopSourceRef source;
};

static void *wake(void *info)
{
    struct waker *waker = info;
    CFRunLoopSourceSignal(waker->source);
    CFRunLoopWakeUp(waker->loop);
    return NULL;
}

static void another_thread_wakes_a_run_loop(void)
{
    struct log log = { "", true };
    CFRunLoopSourceRef source = source_of(&log);
    struct waker waker = { CFRunLoopGetCurrent(), source };
    CFRunLoopAddSource(waker.loop, source, kCFRunLoopDefaultMode);
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, wake, &waker), 0);
    CFRunLoopRun();
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CFRunLoopSourceInvalidate(source);
    CFRelease(source);
    CHECK_TEXT(log.events, "schedule perform cancel ");
}

static void fire(CFRunLoopTimerRef timer, void *info)
{
    int *fired = info;
    if (++*fired == 3) {
        CFRunLoopTimerInvalidate(timer);
        CFRunLoopStop(CFRunLoopGetCurrent());
    }
}

static void a_timer_fires_until_it_is_invalid(void)
{
    int fired = 0;
    CFRunLoopTimerContext context = { 0 };
    context.info = &fired;
    CFRunLoopTimerRef timer =
        CFRunLoopTimerCreate(kCFAllocatorDefault, CFAbsoluteTimeGetCurrent(), 0.001, 0, 0, fire, &context);
    CFRunLoopAddTimer(CFRunLoopGetCurrent(), timer, kCFRunLoopCommonModes);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 30, false), kCFRunLoopRunStopped);
    CHECK_EQUAL(fired, 3);
    CHECK(!CFRunLoopTimerIsValid(timer));
    CFRelease(timer);
}

static void *other_loop(void *unused)
{
    (void)unused;
    return (void *)CFRunLoopGetCurrent();
}

static void each_thread_has_a_run_loop_of_its_own(void)
{
    pthread_t thread;
    void *other;
    CHECK(CFRunLoopGetCurrent() == CFRunLoopGetMain());
    CHECK_EQUAL(pthread_create(&thread, NULL, other_loop, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, &other), 0);
    CHECK(other != NULL && other != (void *)CFRunLoopGetMain());
}

struct main_queue {
    int served;
    CFRunLoopRunResult nested;
};

static void serve(void *info)
{
    ((struct main_queue *)info)->served++;
}

static void serve_and_run(void *info)
{
    struct main_queue *queue = info;
    dispatch_async_f(dispatch_get_main_queue(), queue, serve);
    queue->nested = CFRunLoopRunInMode(kCFRunLoopDefaultMode, 5, false);
}

static void *serve_from_elsewhere(void *info)
{
    dispatch_async_f(dispatch_get_main_queue(), info, serve);
    return NULL;
}

static void the_main_run_loop_serves_the_main_queue(void)
{
    struct main_queue queue = { 0, 0 };
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0, true), kCFRunLoopRunTimedOut);
    dispatch_async_f(dispatch_get_main_queue(), &queue, serve);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 5, true), kCFRunLoopRunHandledSource);
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, serve_from_elsewhere, &queue), 0);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 5, true), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_EQUAL(queue.served, 2);
}

static void what_runs_in_the_main_queue_does_not_wait_for_it(void)
{
    struct main_queue queue = { 0, 0 };
    dispatch_async_f(dispatch_get_main_queue(), &queue, serve_and_run);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 5, true), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(queue.nested, kCFRunLoopRunFinished);
    CHECK_EQUAL(queue.served, 0);
    CHECK_EQUAL(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 5, true), kCFRunLoopRunHandledSource);
    CHECK_EQUAL(queue.served, 1);
}

void run_loop_tests(void)
{
    RUN(an_empty_run_loop_finishes);
    RUN(a_signalled_source_performs);
    RUN(an_invalid_source_leaves_its_run_loop);
    RUN(another_thread_wakes_a_run_loop);
    RUN(a_timer_fires_until_it_is_invalid);
    RUN(each_thread_has_a_run_loop_of_its_own);
    RUN(the_main_run_loop_serves_the_main_queue);
    RUN(what_runs_in_the_main_queue_does_not_wait_for_it);
}
