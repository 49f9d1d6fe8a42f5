#include "c_library.h"

#include <mach/mach_time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* 2009-02-13 23:31:30, a Friday. */
static const time_t moment = 1234567890;

static void a_moment_is_taken_apart_and_put_together(void)
{
    struct tm parts;
    CHECK(gmtime_r(&moment, &parts) == &parts);
    CHECK_EQUAL(parts.tm_year, 109);
    CHECK_EQUAL(parts.tm_mon, 1);
    CHECK_EQUAL(parts.tm_mday, 13);
    CHECK_EQUAL(parts.tm_hour, 23);
    CHECK_EQUAL(parts.tm_sec, 30);
    CHECK_EQUAL(parts.tm_wday, 5);
    CHECK_EQUAL(parts.tm_yday, 43);
    CHECK_EQUAL(timegm(&parts), moment);
}

static void local_time_follows_tz(void)
{
    struct tm parts;
    setenv("TZ", "EST5", 1);
    tzset();
    CHECK(localtime_r(&moment, &parts) == &parts);
    CHECK_EQUAL(parts.tm_hour, 18);
    CHECK_EQUAL(parts.tm_gmtoff, -5 * 3600);
    CHECK_TEXT(parts.tm_zone, "EST");
    CHECK_EQUAL(mktime(&parts), moment);
    unsetenv("TZ");
    tzset();
}

static void strftime_formats_a_moment(void)
{
    char text[100];
    struct tm parts;
    gmtime_r(&moment, &parts);
    CHECK_EQUAL(strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a %B %j %%", &parts), 38);
    CHECK_TEXT(text, "2009-02-13 23:31:30 Fri February 044 %");
    CHECK_TEXT(asctime(&parts), "Fri Feb 13 23:31:30 2009\n");
}

static void strptime_reads_a_moment(void)
{
    struct tm parts;
    memset(&parts, 0, sizeof parts);
    CHECK_TEXT(strptime("2009-02-13 23:31:30 rest", "%Y-%m-%d %H:%M:%S", &parts), " rest");
    CHECK_EQUAL(timegm(&parts), moment);
}

static void clocks_agree_and_go_forward(void)
{
    struct timeval day;
    struct timespec real, before, after;
    CHECK_EQUAL(gettimeofday(&day, NULL), 0);
    CHECK_EQUAL(clock_gettime(CLOCK_REALTIME, &real), 0);
    CHECK(day.tv_sec <= real.tv_sec && real.tv_sec <= time(NULL));
    CHECK(time(NULL) - day.tv_sec < 60);
    CHECK_EQUAL(clock_gettime(CLOCK_MONOTONIC, &before), 0);
    uint64_t ticks = mach_absolute_time();
    const struct timespec pause = { 0, 2000000 };
    CHECK_EQUAL(nanosleep(&pause, NULL), 0);
    CHECK_EQUAL(usleep(1000), 0);
    CHECK_EQUAL(clock_gettime(CLOCK_MONOTONIC, &after), 0);
    long elapsed = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
    CHECK(elapsed >= 3000000);

    mach_timebase_info_data_t base;
    CHECK_EQUAL(mach_timebase_info(&base), 0);
    CHECK((mach_absolute_time() - ticks) * base.numer / base.denom >= 3000000);
}

static void processor_time_goes_forward(void)
{
    clock_t start = clock();
    while (clock() - start < CLOCKS_PER_SEC / 200)
        ;
    CHECK_EQUAL(CLOCKS_PER_SEC, 1000000);
}

void time_tests(void)
{
    RUN(a_moment_is_taken_apart_and_put_together);
    RUN(local_time_follows_tz);
    RUN(strftime_formats_a_moment);
    RUN(strptime_reads_a_moment);
    RUN(clocks_agree_and_go_forward);
    RUN(processor_time_goes_forward);
}
