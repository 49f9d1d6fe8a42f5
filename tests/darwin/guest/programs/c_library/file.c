#include "c_library.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/utsname.h>
#include <unistd.h>

static char directory[] = "/tmp/c_library.XXXXXX", path[PATH_MAX];

static void stat_describes_a_file(void)
{
    struct stat about, link;
    CHECK(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/file", directory);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    fputs("twelve bytes", file);
    fclose(file);
    CHECK_EQUAL(chmod(path, 0640), 0);
    CHECK_EQUAL(stat(path, &about), 0);
    CHECK_EQUAL(about.st_size, 12);
    CHECK(S_ISREG(about.st_mode));
    CHECK_EQUAL(about.st_mode & 0777, 0640);
    CHECK_EQUAL(about.st_uid, geteuid());
    CHECK(about.st_mtimespec.tv_sec > 1000000000);
    CHECK_EQUAL(lstat(path, &link), 0);
    CHECK_EQUAL(link.st_ino, about.st_ino);
    CHECK_EQUAL(access(path, R_OK), 0);
    CHECK_EQUAL(access(directory, F_OK), 0);
}

static void flags_of_open_are_those_of_darwin(void)
{
    int file = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    CHECK(file >= 0);
    CHECK_EQUAL(write(file, "!", 1), 1);
    CHECK_EQUAL(lseek(file, 0, SEEK_END), 13);
    CHECK_EQUAL(fcntl(file, F_GETFL) & (O_ACCMODE | O_APPEND), O_RDWR | O_APPEND);
    CHECK_EQUAL(fcntl(file, F_GETFD), FD_CLOEXEC);
    char name[PATH_MAX] = "";
    CHECK_EQUAL(fcntl(file, F_GETPATH, name), 0);
    CHECK(strstr(name, "/file") != NULL);
    CHECK_EQUAL(pread(file, name, 6, 0), 6);
    CHECK_EQUAL(memcmp(name, "twelve", 6), 0);
    close(file);
    CHECK_EQUAL(open(path, O_CREAT | O_EXCL | O_WRONLY, 0600), -1);
    CHECK_EQUAL(errno, EEXIST);
    file = open(path, O_WRONLY | O_TRUNC);
    CHECK_EQUAL(lseek(file, 0, SEEK_END), 0);
    close(file);
}

static void a_directory_is_listed(void)
{
    DIR *entries = opendir(directory);
    CHECK(entries != NULL);
    int files = 0, dots = 0;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] == '.') {
            dots++;
            continue;
        }
        CHECK_TEXT(entry->d_name, "file");
        CHECK_EQUAL(entry->d_namlen, 4);
        CHECK_EQUAL(entry->d_type, DT_REG);
        files++;
    }
    CHECK_EQUAL(closedir(entries), 0);
    CHECK_EQUAL(files, 1);
    CHECK_EQUAL(dots, 2);
    CHECK_EQUAL(unlink(path), 0);
    CHECK_EQUAL(rmdir(directory), 0);
}

static void dev_stdout_is_a_copy_of_the_descriptor(void)
{
    int ends[2], saved = dup(STDOUT_FILENO);
    char text[20] = "";
    CHECK_EQUAL(pipe(ends), 0);
    fflush(stdout);
    dup2(ends[1], STDOUT_FILENO);
    int copy = open("/dev/stdout", O_WRONLY);
    dup2(saved, STDOUT_FILENO);
    CHECK(copy >= 0);
    CHECK_EQUAL(write(copy, "copied", 6), 6);
    CHECK_EQUAL(read(ends[0], text, sizeof text), 6);
    CHECK_TEXT(text, "copied");
    close(copy);
    close(saved);
    close(ends[0]);
    close(ends[1]);
}

static void a_pipe_is_no_terminal(void)
{
    int ends[2];
    struct winsize size;
    CHECK_EQUAL(pipe(ends), 0);
    CHECK_EQUAL(isatty(ends[0]), 0);
    CHECK_EQUAL(ioctl(ends[0], TIOCGWINSZ, &size), -1);
    CHECK_EQUAL(errno, ENOTTY);
    close(ends[0]);
    close(ends[1]);
}

static void the_system_tells_about_itself(void)
{
    struct utsname name;
    CHECK_EQUAL(uname(&name), 0);
    CHECK_TEXT(name.sysname, "Darwin");
    CHECK_TEXT(name.machine, "x86_64");
    int processors = 0;
    size_t size = sizeof processors;
    CHECK_EQUAL(sysctlbyname("hw.ncpu", &processors, &size, NULL, 0), 0);
    CHECK_EQUAL(processors, sysconf(_SC_NPROCESSORS_CONF));
    char text[10];
    size = sizeof text;
    CHECK_EQUAL(sysctlbyname("kern.ostype", text, &size, NULL, 0), 0);
    CHECK_TEXT(text, "Darwin");
    CHECK_EQUAL(size, sizeof "Darwin");
    CHECK_EQUAL(sysctlbyname("no.such.name", NULL, &size, NULL, 0), -1);
    CHECK_EQUAL(errno, ENOENT);
}

void file_tests(void)
{
    RUN(stat_describes_a_file);
    RUN(flags_of_open_are_those_of_darwin);
    RUN(a_directory_is_listed);
    RUN(dev_stdout_is_a_copy_of_the_descriptor);
    RUN(a_pipe_is_no_terminal);
    RUN(the_system_tells_about_itself);
}
