#include "c_library.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

static void strlcpy_truncates_and_returns_the_whole_length(void)
{
    char text[6];
    memset(text, '?', sizeof text);
    CHECK_EQUAL(strlcpy(text, "abc", sizeof text), 3);
    CHECK_TEXT(text, "abc");
    CHECK_EQUAL(strlcpy(text, "abcdefgh", sizeof text), 8);
    CHECK_TEXT(text, "abcde");
    CHECK_EQUAL(strlcpy(NULL, "abc", 0), 3);
}

static void strlcat_truncates_and_returns_the_whole_length(void)
{
    char text[6] = "ab";
    CHECK_EQUAL(strlcat(text, "cd", sizeof text), 4);
    CHECK_TEXT(text, "abcd");
    CHECK_EQUAL(strlcat(text, "efgh", sizeof text), 8);
    CHECK_TEXT(text, "abcde");
    CHECK_EQUAL(strlcat(text, "x", 3), 4);
    CHECK_TEXT(text, "abcde");
}

static void words_are_split_off(void)
{
    char text[] = "one two,,three", *rest = text, *place = NULL;
    CHECK_TEXT(strsep(&rest, " ,"), "one");
    CHECK_TEXT(strsep(&rest, " ,"), "two");
    CHECK_TEXT(strsep(&rest, " ,"), "");
    CHECK_TEXT(strsep(&rest, " ,"), "three");
    CHECK(strsep(&rest, " ,") == NULL);

    char again[] = ",one,,two";
    CHECK_TEXT(strtok_r(again, ",", &place), "one");
    CHECK_TEXT(strtok_r(NULL, ",", &place), "two");
    CHECK(strtok_r(NULL, ",", &place) == NULL);
}

static void strings_are_searched(void)
{
    const char *text = "the quick brown fox";
    CHECK_TEXT(strstr(text, "quick"), "quick brown fox");
    CHECK_TEXT(strcasestr(text, "BROWN"), "brown fox");
    CHECK_TEXT(strnstr(text, "quick", 9), "quick brown fox");
    CHECK(strnstr(text, "quick", 8) == NULL);
    CHECK_TEXT(strnstr(text, "", 0), text);
    CHECK_TEXT(strchr(text, 'q'), "quick brown fox");
    CHECK_TEXT(strrchr(text, 'o'), "ox");
    CHECK_TEXT(strpbrk(text, "xyzw"), "wn fox");
    CHECK_EQUAL(strspn(text, "eht"), 3);
    CHECK_EQUAL(strcspn(text, " "), 3);
    CHECK_EQUAL((char *)memmem(text, 19, "fox", 3) - text, 16);
    CHECK(memmem(text, 18, "fox", 3) == NULL);
    CHECK_EQUAL(strnlen(text, 5), 5);
}

static void strings_are_compared(void)
{
    CHECK(strcmp("abc", "abd") < 0);
    CHECK(strncmp("abc", "abd", 2) == 0);
    CHECK(strcasecmp("ABC", "abc") == 0);
    CHECK(strncasecmp("ABCx", "abcy", 3) == 0);
    CHECK(memcmp("a\0b", "a\0c", 3) < 0);
    CHECK(bcmp("abc", "abc", 3) == 0);
    CHECK(strcoll("a", "b") < 0);
}

static void strings_are_copied(void)
{
    char text[10];
    CHECK_EQUAL(stpcpy(text, "abc") - text, 3);
    CHECK_TEXT(strcat(text, "def"), "abcdef");
    CHECK_TEXT(strncat(text, "ghijk", 2), "abcdefgh");
    bcopy(text, text + 1, 5);
    CHECK_TEXT(text, "aabcdegh");
    bzero(text, sizeof text);
    CHECK_TEXT(text, "");
    char *copy = strdup("copy"), *part = strndup("partial", 4);
    CHECK_TEXT(copy, "copy");
    CHECK_TEXT(part, "part");
    free(copy);
    free(part);
}

static void wide_strings_are_handled(void)
{
    wchar_t wide[20];
    CHECK_EQUAL(wcslen(L"four"), 4);
    CHECK_EQUAL(mbstowcs(wide, "abc", 20), 3);
    CHECK_EQUAL(wcscmp(wide, L"abc"), 0);
    CHECK(wcsstr(L"one two", L"two") != NULL);
    char text[20];
    CHECK_EQUAL(wcstombs(text, L"xyz", sizeof text), 3);
    CHECK_TEXT(text, "xyz");
}

void string_tests(void)
{
    RUN(strlcpy_truncates_and_returns_the_whole_length);
    RUN(strlcat_truncates_and_returns_the_whole_length);
    RUN(words_are_split_off);
    RUN(strings_are_searched);
    RUN(strings_are_compared);
    RUN(strings_are_copied);
    RUN(wide_strings_are_handled);
}
