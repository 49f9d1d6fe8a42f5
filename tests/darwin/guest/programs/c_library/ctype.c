#include "c_library.h"

#include <ctype.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

static bool between(int c, int first, int last)
{
    return first <= c && c <= last;
}

/* Character by character, against the definitions of the C locale. */
static void classes_are_those_of_ascii(void)
{
    for (int c = 0; c < 128; c++) {
        bool lower = between(c, 'a', 'z'), upper = between(c, 'A', 'Z'), digit = between(c, '0', '9');
        CHECK_EQUAL(!!islower(c), lower);
        CHECK_EQUAL(!!isupper(c), upper);
        CHECK_EQUAL(!!isalpha(c), lower || upper);
        CHECK_EQUAL(!!isdigit(c), digit);
        CHECK_EQUAL(!!isalnum(c), lower || upper || digit);
        CHECK_EQUAL(!!isxdigit(c), digit || between(c, 'a', 'f') || between(c, 'A', 'F'));
        CHECK_EQUAL(!!isspace(c), c == ' ' || between(c, '\t', '\r'));
        CHECK_EQUAL(!!isblank(c), c == ' ' || c == '\t');
        CHECK_EQUAL(!!iscntrl(c), c < ' ' || c == 127);
        CHECK_EQUAL(!!isprint(c), between(c, ' ', '~'));
        CHECK_EQUAL(!!isgraph(c), between(c, '!', '~'));
        CHECK_EQUAL(!!ispunct(c), between(c, '!', '~') && !(lower || upper || digit));
        CHECK(isascii(c));
    }
    CHECK(!isascii(128));
}

static void nothing_beyond_ascii_has_a_class(void)
{
    for (int c = 128; c <= UCHAR_MAX; c++)
        CHECK(!isalpha(c) && !isdigit(c) && !isspace(c) && !isprint(c) && !ispunct(c));
    CHECK(!isalpha(EOF) && !isspace(EOF) && !iscntrl(EOF));
}

static void case_is_changed_in_ascii_alone(void)
{
    for (int c = 0; c <= UCHAR_MAX; c++) {
        CHECK_EQUAL(toupper(c), between(c, 'a', 'z') ? c - 'a' + 'A' : c);
        CHECK_EQUAL(tolower(c), between(c, 'A', 'Z') ? c - 'A' + 'a' : c);
    }
    CHECK_EQUAL(toupper(EOF), EOF);
}

static void digits_have_values(void)
{
    CHECK_EQUAL(digittoint('7'), 7);
    CHECK_EQUAL(digittoint('a'), 10);
    CHECK_EQUAL(digittoint('F'), 15);
    CHECK_EQUAL(digittoint('g'), 0);
}

static void wide_characters_have_the_same_classes(void)
{
    CHECK(iswalpha(L'x') && !iswalpha(L'1'));
    CHECK(iswdigit(L'1') && iswspace(L' ') && iswupper(L'X'));
    CHECK_EQUAL(towupper(L'x'), L'X');
    CHECK_EQUAL(towlower(L'X'), L'x');
}

static void the_locale_is_c_until_set(void)
{
    CHECK_TEXT(setlocale(LC_ALL, NULL), "C");
    CHECK_TEXT(setlocale(LC_NUMERIC, "C"), "C");
    CHECK_TEXT(localeconv()->decimal_point, ".");
    CHECK_TEXT(localeconv()->thousands_sep, "");
    CHECK(setlocale(LC_CTYPE, "no such locale") == NULL);
}

void ctype_tests(void)
{
    RUN(classes_are_those_of_ascii);
    RUN(nothing_beyond_ascii_has_a_class);
    RUN(case_is_changed_in_ascii_alone);
    RUN(digits_have_values);
    RUN(wide_characters_have_the_same_classes);
    RUN(the_locale_is_c_until_set);
}
