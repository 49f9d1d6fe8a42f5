#include "containers.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char path[100];

static CFURLRef url_of(const char *file)
{
    CFIndex length = (CFIndex)strlen(file);
    return CFURLCreateFromFileSystemRepresentation(kCFAllocatorDefault, (const UInt8 *)file, length, false);
}

static void a_url_has_a_path(void)
{
    CFURLRef url =
        CFURLCreateWithFileSystemPath(kCFAllocatorDefault, CFSTR("/tmp/with space"), kCFURLPOSIXPathStyle, false);
    UInt8 text[100];
    CHECK(CFURLGetFileSystemRepresentation(url, true, text, sizeof text));
    CHECK_TEXT((char *)text, "/tmp/with space");
    CFStringRef back = CFURLCopyFileSystemPath(url, kCFURLPOSIXPathStyle);
    CHECK_STRING(back, "/tmp/with space");
    CHECK_STRING(CFURLGetString(url), "file:///tmp/with%20space");
    CFRelease(back);
    CFRelease(url);
}

static void a_stream_writes_a_file(void)
{
    snprintf(path, sizeof path, "/tmp/containers.%d", getpid());
    CFURLRef url = url_of(path);
    CFWriteStreamRef stream = CFWriteStreamCreateWithFile(kCFAllocatorDefault, url);
    CFRelease(url);
    CHECK(stream != NULL);
    CHECK(CFWriteStreamOpen(stream));
    CHECK_EQUAL(CFWriteStreamWrite(stream, (const UInt8 *)"written", 7), 7);
    CFWriteStreamClose(stream);
    CFRelease(stream);
}

static void a_stream_reads_a_file(void)
{
    CFURLRef url = url_of(path);
    CFReadStreamRef stream = CFReadStreamCreateWithFile(kCFAllocatorDefault, url);
    CFRelease(url);
    UInt8 text[20] = "";
    CHECK(stream != NULL);
    CHECK(CFReadStreamOpen(stream));
    CHECK_EQUAL(CFReadStreamRead(stream, text, sizeof text), 7);
    CHECK_TEXT((char *)text, "written");
    CHECK_EQUAL(CFReadStreamRead(stream, text, sizeof text), 0);
    CFReadStreamClose(stream);
    CFRelease(stream);
    CHECK_EQUAL(unlink(path), 0);
}

static void a_stream_without_a_file_does_not_open(void)
{
    CFURLRef url = url_of("/no/such/directory/file");
    CFReadStreamRef reading = CFReadStreamCreateWithFile(kCFAllocatorDefault, url);
    CFWriteStreamRef writing = CFWriteStreamCreateWithFile(kCFAllocatorDefault, url);
    CFRelease(url);
    CHECK(!CFReadStreamOpen(reading));
    CHECK(!CFWriteStreamOpen(writing));
    CFRelease(reading);
    CFRelease(writing);
}

/* The way in which older programs print a property list; the runner compares it. */
static void a_property_list_is_written_to_stdout(void)
{
    fflush(stdout);
    CFURLRef url = url_of("/dev/stdout");
    CFWriteStreamRef stream = CFWriteStreamCreateWithFile(kCFAllocatorDefault, url);
    CFRelease(url);
    CHECK(CFWriteStreamOpen(stream));
    CFErrorRef error = NULL;
    CHECK(CFPropertyListWrite(CFSTR("to stdout"), stream, kCFPropertyListXMLFormat_v1_0, 0, &error) > 0);
    CHECK(error == NULL);
    CFWriteStreamClose(stream);
    CFRelease(stream);
}

void stream_tests(void)
{
    RUN(a_url_has_a_path);
    RUN(a_stream_writes_a_file);
    RUN(a_stream_reads_a_file);
    RUN(a_stream_without_a_file_does_not_open);
    RUN(a_property_list_is_written_to_stdout);
}
