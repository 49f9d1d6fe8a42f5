#include "c_library.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void errors_have_the_numbers_of_darwin(void)
{
    int ends[2];
    char byte;
    CHECK_EQUAL(pipe(ends), 0);
    CHECK_EQUAL(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    errno = 0;
    CHECK_EQUAL(read(ends[0], &byte, 1), -1);
    CHECK_EQUAL(errno, 35);
    close(ends[0]);
    close(ends[1]);

    char directory[] = "/tmp/c_library.XXXXXX", path[PATH_MAX], name[300];
    CHECK(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/inner", directory);
    CHECK_EQUAL(mkdir(path, 0700), 0);
    CHECK_EQUAL(rmdir(directory), -1);
    CHECK_EQUAL(errno, 66);
    CHECK_EQUAL(rmdir(path), 0);

    CHECK_EQUAL(symlink(path, path), 0);
    CHECK_EQUAL(open(path, O_RDONLY), -1);
    CHECK_EQUAL(errno, 62);
    CHECK_EQUAL(unlink(path), 0);
    CHECK_EQUAL(rmdir(directory), 0);

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    CHECK_EQUAL(open(name, O_RDONLY), -1);
    CHECK_EQUAL(errno, 63);
    CHECK_EQUAL(open("/no/such/file", O_RDONLY), -1);
    CHECK_EQUAL(errno, ENOENT);
    CHECK(fopen("/no/such/file", "r") == NULL);
    CHECK_EQUAL(errno, ENOENT);
    CHECK_EQUAL(strtol("99999999999999999999", NULL, 10), LONG_MAX);
    CHECK_EQUAL(errno, ERANGE);
}

static void errno_keeps_what_was_put_there(void)
{
    errno = EWOULDBLOCK;
    CHECK_EQUAL(errno, 35);
    CHECK_EQUAL(close(-1), -1);
    CHECK_EQUAL(errno, EBADF);
    errno = 0;
    CHECK_EQUAL(errno, 0);
}

static void strerror_knows_the_errors_of_darwin(void)
{
    CHECK_TEXT(strerror(ENOENT), "No such file or directory");
    CHECK_TEXT(strerror(EDEADLK), "Resource deadlock avoided");
    CHECK_TEXT(strerror(EAGAIN), "Resource temporarily unavailable");
    CHECK_TEXT(strerror(ENOTSUP), "Operation not supported");
    CHECK_TEXT(strerror(ETIMEDOUT), "Operation timed out");
    CHECK_TEXT(strerror(ELOOP), "Too many levels of symbolic links");
    CHECK_TEXT(strerror(ENAMETOOLONG), "File name too long");
    CHECK_TEXT(strerror(ENOTEMPTY), "Directory not empty");
    CHECK_TEXT(strerror(EBUSY), "Resource busy");
    CHECK_TEXT(strerror(EPERM), "Operation not permitted");
    CHECK_TEXT(strerror(1234), "Unknown error: 1234");

    char text[60];
    CHECK_EQUAL(strerror_r(ENOTEMPTY, text, sizeof text), 0);
    CHECK_TEXT(text, "Directory not empty");
    CHECK_EQUAL(strerror_r(1234, text, sizeof text), EINVAL);
    CHECK_TEXT(text, "Unknown error: 1234");
}

/* The runner compares what these print. */
static void perror_and_warn_print_the_error(void)
{
    errno = ENOTEMPTY;
    perror("perror");
    errno = ETIMEDOUT;
    warn("warn of %d", 1);
    warnx("warnx of %d", 2);
    CHECK_EQUAL(open("/no/such/file", O_RDONLY), -1);
    warn(NULL);
}

void error_tests(void)
{
    RUN(errors_have_the_numbers_of_darwin);
    RUN(errno_keeps_what_was_put_there);
    RUN(strerror_knows_the_errors_of_darwin);
    RUN(perror_and_warn_print_the_error);
}
