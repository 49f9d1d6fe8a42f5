#include "c_library.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

static void snprintf_formats_integers_of_every_width(void)
{
    char text[200];
    snprintf(text, sizeof text, "%d %u %ld %lld %zu %hhd %hd %x %X %#o %+d %05d %-5d| %c %%", -1, UINT_MAX, LONG_MIN,
             LLONG_MAX, sizeof text, 300, 70000, 0xbeef, 0xbeef, 8, 7, 42, 42, 'c');
    CHECK_TEXT(text, "-1 4294967295 -9223372036854775808 9223372036854775807 200 44 4464 beef BEEF 010 +7 00042 "
                     "42   | c %");
}

static void snprintf_formats_floating_point(void)
{
    char text[200];
    snprintf(text, sizeof text, "%f %.2f %e %g %G %8.3f %-8.1f| %Lf %a", 1.5, 2.345, 12345.678, 0.0001, 1e20, 3.14159,
             2.5, 0.25L, 1.0);
    CHECK_TEXT(text, "1.500000 2.35 1.234568e+04 0.0001 1E+20    3.142 2.5     | 0.250000 0x1p+0");
}

static void snprintf_takes_widths_and_precisions_as_arguments(void)
{
    char text[100];
    snprintf(text, sizeof text, "[%*d] [%-*d] [%.*s]", 5, 42, 5, 42, 3, "abcdef");
    CHECK_TEXT(text, "[   42] [42   ] [abc]");
}

static void snprintf_returns_the_length_that_did_not_fit(void)
{
    char text[5] = "????";
    CHECK_EQUAL(snprintf(text, sizeof text, "%s", "abcdefgh"), 8);
    CHECK_TEXT(text, "abcd");
    CHECK_EQUAL(snprintf(NULL, 0, "%d", 12345), 5);
}

static int format(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return length;
}

static void a_va_list_carries_more_arguments_than_registers_hold(void)
{
    char text[200];
    CHECK_EQUAL(format(text, sizeof text, "%d %g %d %g %d %g %d %g %d %g %d %g %d %g %d %g %d %g %d %g", 1, 1.5, 2, 2.5,
                       3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 10, 10.5),
                61);
    CHECK_TEXT(text, "1 1.5 2 2.5 3 3.5 4 4.5 5 5.5 6 6.5 7 7.5 8 8.5 9 9.5 10 10.5");
}

static void format_twice(char *first, char *second, size_t size, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    vsnprintf(first, size, format, arguments);
    vsnprintf(second, size, format, again);
    va_end(again);
    va_end(arguments);
}

static void a_copied_va_list_starts_again(void)
{
    char first[20], second[20];
    format_twice(first, second, sizeof first, "%s %d %.1f", "a", 2, 3.0);
    CHECK_TEXT(first, "a 2 3.0");
    CHECK_TEXT(second, first);
}

static char *allocate(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : text;
}

static void asprintf_allocates_what_it_needs(void)
{
    char *text = NULL;
    CHECK_EQUAL(asprintf(&text, "%0300d", 7), 300);
    CHECK_EQUAL(strlen(text), 300);
    CHECK_EQUAL(text[299], '7');
    free(text);
    text = allocate("%s-%s", "from", "va_list");
    CHECK_TEXT(text, "from-va_list");
    free(text);
}

static void sscanf_reads_what_snprintf_writes(void)
{
    int decimal, hexadecimal, consumed;
    long long wide;
    double fraction;
    char word[10], set[10], character;
    CHECK_EQUAL(sscanf("-12 0xff 9000000000 2.5 word x:yyyz", "%d %i %lld %lf %9s %c:%9[xy]%n", &decimal, &hexadecimal,
                       &wide, &fraction, word, &character, set, &consumed),
                7);
    CHECK_EQUAL(decimal, -12);
    CHECK_EQUAL(hexadecimal, 255);
    CHECK_EQUAL(wide, 9000000000);
    CHECK(fraction == 2.5);
    CHECK_TEXT(word, "word");
    CHECK_EQUAL(character, 'x');
    CHECK_TEXT(set, "yyy");
    CHECK_EQUAL(consumed, 34);
    CHECK_EQUAL(sscanf("no number", "%d", &decimal), 0);
    CHECK_EQUAL(sscanf("", "%d", &decimal), EOF);
}

static void a_file_gives_back_what_was_printed_to_it(void)
{
    FILE *file = tmpfile();
    CHECK(file != NULL);
    CHECK_EQUAL(fprintf(file, "%s\n%d\n", "first line", 2), 13);
    CHECK_EQUAL(fputs("third", file) >= 0, true);
    CHECK_EQUAL(fputc('\n', file), '\n');
    CHECK_EQUAL(ftell(file), 19);

    rewind(file);
    char line[20];
    CHECK(fgets(line, sizeof line, file) == line);
    CHECK_TEXT(line, "first line\n");
    int number;
    CHECK_EQUAL(fscanf(file, "%d ", &number), 1);
    CHECK_EQUAL(number, 2);
    CHECK_EQUAL(getc(file), 't');
    CHECK_EQUAL(ungetc('T', file), 'T');
    CHECK(fgets(line, sizeof line, file) == line);
    CHECK_TEXT(line, "Third\n");
    CHECK(!feof(file));
    CHECK_EQUAL(fgetc(file), EOF);
    CHECK(feof(file) && !ferror(file));
    clearerr(file);
    CHECK(!feof(file));

    CHECK_EQUAL(fseek(file, -6, SEEK_END), 0);
    CHECK_EQUAL(fread(line, 1, sizeof line, file), 6);
    CHECK_EQUAL(memcmp(line, "third\n", 6), 0);
    CHECK_EQUAL(fclose(file), 0);
}

static void getline_grows_its_buffer(void)
{
    FILE *file = tmpfile();
    CHECK(file != NULL);
    fprintf(file, "%0500d\nlast", 1);
    rewind(file);
    char *line = NULL;
    size_t size = 0;
    CHECK_EQUAL(getline(&line, &size, file), 501);
    CHECK(size > 501);
    CHECK_EQUAL(getline(&line, &size, file), 4);
    CHECK_TEXT(line, "last");
    CHECK_EQUAL(getline(&line, &size, file), -1);
    free(line);
    fclose(file);
}

static void setvbuf_sets_how_a_file_is_buffered(void)
{
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    FILE *file = fdopen(ends[1], "w");
    CHECK(file != NULL);
    CHECK_EQUAL(fileno(file), ends[1]);
    CHECK_EQUAL(setvbuf(file, NULL, _IOLBF, 0), 0);
    fputs("half, ", file);
    fputs("whole\nrest", file);
    char text[20] = "";
    CHECK_EQUAL(read(ends[0], text, sizeof text), 12);
    CHECK_TEXT(text, "half, whole\n");
    CHECK_EQUAL(fflush(file), 0);
    CHECK_EQUAL(read(ends[0], text, sizeof text), 4);
    fclose(file);
    close(ends[0]);
}

static void memory_is_written_as_a_file(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    CHECK(file != NULL);
    fprintf(file, "%d bytes", 7);
    fclose(file);
    CHECK_EQUAL(size, 7);
    CHECK_TEXT(text, "7 bytes");
    free(text);

    char data[] = "1 2";
    int one, two;
    file = fmemopen(data, sizeof data - 1, "r");
    CHECK(file != NULL);
    CHECK_EQUAL(fscanf(file, "%d %d", &one, &two), 2);
    CHECK_EQUAL(two, 2);
    fclose(file);
}

static void printf_prints_wide_strings(void)
{
    char text[20];
    snprintf(text, sizeof text, "%ls %lc", L"wide", L'w');
    CHECK_TEXT(text, "wide w");
    wchar_t wide[20];
    CHECK_EQUAL(swprintf(wide, 20, L"%d %ls", 5, L"five"), 6);
    CHECK_EQUAL(wcscmp(wide, L"5 five"), 0);
}

void stdio_tests(void)
{
    RUN(snprintf_formats_integers_of_every_width);
    RUN(snprintf_formats_floating_point);
    RUN(snprintf_takes_widths_and_precisions_as_arguments);
    RUN(snprintf_returns_the_length_that_did_not_fit);
    RUN(a_va_list_carries_more_arguments_than_registers_hold);
    RUN(a_copied_va_list_starts_again);
    RUN(asprintf_allocates_what_it_needs);
    RUN(sscanf_reads_what_snprintf_writes);
    RUN(a_file_gives_back_what_was_printed_to_it);
    RUN(getline_grows_its_buffer);
    RUN(setvbuf_sets_how_a_file_is_buffered);
    RUN(memory_is_written_as_a_file);
    RUN(printf_prints_wide_strings);
}
