#include "c_library.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Parses a command line and writes what getopt says to `text`; the arguments end with NULL. */
static void parse(char *text, size_t size, const char *options, char **arguments)
{
    int count = 0, option;
    while (arguments[count] != NULL)
        count++;
    optreset = 1;
    optind = 1;
    *text = '\0';
    while ((option = getopt(count, arguments, options)) != -1) {
        size_t used = strlen(text);
        if (option == '?' || option == ':')
            snprintf(text + used, size - used, "%c(%c) ", option, optopt);
        else
            snprintf(text + used, size - used, "%c=%s ", option, optarg != NULL ? optarg : "");
        optarg = NULL;
    }
    size_t used = strlen(text);
    snprintf(text + used, size - used, "from %d", optind);
}

#define PARSE(options, ...) parse(text, sizeof text, options, (char *[]){ "program", __VA_ARGS__, NULL })

static char text[200];

static void options_come_alone_or_together(void)
{
    PARSE("ab:c", "-a", "-c", "-b", "value", "word");
    CHECK_TEXT(text, "a= c= b=value from 5");
    PARSE("ab:c", "-acbvalue", "word");
    CHECK_TEXT(text, "a= c= b=value from 2");
}

static void the_first_word_ends_the_options(void)
{
    PARSE("ab:c", "-a", "word", "-c");
    CHECK_TEXT(text, "a= from 2");
    PARSE("ab:c", "word", "-a");
    CHECK_TEXT(text, "from 1");
}

static void two_dashes_end_the_options(void)
{
    PARSE("a", "-a", "--", "-a");
    CHECK_TEXT(text, "a= from 3");
    PARSE("a", "-", "-a");
    CHECK_TEXT(text, "from 1");
}

static void what_is_wrong_is_told_in_optopt(void)
{
    opterr = 0;
    PARSE("ab:", "-x", "-a");
    CHECK_TEXT(text, "?(x) a= from 3");
    PARSE("ab:", "-b");
    CHECK_TEXT(text, "?(b) from 2");
    PARSE(":ab:", "-b");
    CHECK_TEXT(text, ":(b) from 2");
    opterr = 1;
}

/* The runner compares what these print. */
static void what_is_wrong_is_printed(void)
{
    PARSE("ab:", "-x");
    CHECK_TEXT(text, "?(x) from 2");
    PARSE("ab:", "-b");
    CHECK_TEXT(text, "?(b) from 2");
}

static void long_options_have_names(void)
{
    int flag = 0, chosen = 0, index = -1;
    const struct option options[] = {
        { "verbose", no_argument, NULL, 'v' },
        { "output", required_argument, NULL, 'o' },
        { "level", optional_argument, NULL, 'l' },
        { "flag", no_argument, &flag, 7 },
        { NULL, 0, NULL, 0 },
    };
    char *arguments[] = { "program", "--verbose", "--output=file", "--output", "other",
                          "--lev=3", "--flag",    "-v",            "word",     NULL };
    const char *expected = "voolv";
    optreset = 1;
    optind = 1;
    for (int option; (option = getopt_long(9, arguments, "vo:", options, &index)) != -1;) {
        if (option == 0)
            continue;
        CHECK_EQUAL(option, expected[chosen]);
        chosen++;
        if (option == 'l')
            CHECK_TEXT(optarg, "3");
    }
    CHECK_EQUAL(chosen, 5);
    CHECK_EQUAL(flag, 7);
    CHECK_TEXT(arguments[optind], "word");
}

void getopt_tests(void)
{
    RUN(options_come_alone_or_together);
    RUN(the_first_word_ends_the_options);
    RUN(two_dashes_end_the_options);
    RUN(what_is_wrong_is_told_in_optopt);
    RUN(what_is_wrong_is_printed);
    RUN(long_options_have_names);
}
