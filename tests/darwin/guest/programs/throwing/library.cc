#include "throwing.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <numeric>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <unistd.h>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

void streams_format()
{
    std::ostringstream text;
    text << std::hex << std::showbase << 255 << ' ' << std::dec << std::setw(6) << std::setfill('.') << 42 << ' '
         << std::fixed << std::setprecision(2) << 3.14159 << ' ' << std::boolalpha << true;
    CHECK_TEXT(text.str().c_str(), "0xff ....42 3.14 true");
    std::istringstream input("12 word 0.5");
    int number = 0;
    std::string word;
    double fraction = 0;
    input >> number >> word >> fraction;
    CHECK_EQUAL(number, 12);
    CHECK_TEXT(word.c_str(), "word");
    CHECK(fraction == 0.5);
    CHECK(!(input >> number));
}

/* The runner compares what this prints. */
void iostream_and_stdio_share_their_files()
{
    std::cout << "from cout, ";
    std::printf("from printf, ");
    std::cout << "from cout again" << std::endl;
    std::cerr << "from cerr " << 1 << '\n';
}

void containers_hold_and_sort()
{
    std::map<std::string, std::vector<int>> groups;
    for (int i = 0; i < 10; i++)
        groups[i % 2 == 0 ? "even" : "odd"].push_back(9 - i);
    CHECK_EQUAL(groups.size(), 2);
    std::sort(groups["odd"].begin(), groups["odd"].end());
    CHECK_EQUAL(groups["odd"].front(), 0);
    CHECK_EQUAL(std::accumulate(groups["even"].begin(), groups["even"].end(), 0), 25);

    std::unordered_map<std::string, int> lengths;
    for (const char *word : { "a", "bb", "ccc" })
        lengths.emplace(word, static_cast<int>(std::string(word).size()));
    CHECK_EQUAL(lengths.at("ccc"), 3);
    CHECK(lengths.find("dddd") == lengths.end());
}

void strings_convert()
{
    CHECK_EQUAL(std::stoi("42"), 42);
    CHECK(std::stod("2.5") == 2.5);
    CHECK_TEXT(std::to_string(1.5).c_str(), "1.500000");
    bool caught = false;
    try {
        static_cast<void>(std::stoi("none"));
    } catch (const std::invalid_argument &) {
        caught = true;
    }
    CHECK(caught);
    CHECK(std::regex_match("IOService", std::regex("IO[A-Z][a-z]+")));
}

void values_vary()
{
    std::variant<int, std::string> either = "text";
    std::optional<int> maybe;
    CHECK_TEXT(std::get<std::string>(either).c_str(), "text");
    CHECK_EQUAL(maybe.value_or(3), 3);
    bool caught = false;
    try {
        static_cast<void>(std::get<int>(either));
    } catch (const std::bad_variant_access &) {
        caught = true;
    }
    CHECK(caught);
    std::function<int(int)> twice = [](int number) { return 2 * number; };
    CHECK_EQUAL(twice(21), 42);
}

void files_are_written_and_read()
{
    std::string path = "/tmp/throwing." + std::to_string(getpid());
    {
        std::ofstream out(path);
        out << "one line\nand another\n";
    }
    std::ifstream in(path);
    std::string line;
    int lines = 0;
    while (std::getline(in, line))
        lines++;
    std::remove(path.c_str());
    CHECK_EQUAL(lines, 2);
    CHECK_TEXT(line.c_str(), "");
}

struct Global {
    std::string text = "made before main";
};

Global global;

void globals_are_made_before_main()
{
    CHECK_TEXT(global.text.c_str(), "made before main");
}

} // namespace

void library_tests()
{
    RUN(streams_format);
    RUN(iostream_and_stdio_share_their_files);
    RUN(containers_hold_and_sort);
    RUN(strings_convert);
    RUN(values_vary);
    RUN(files_are_written_and_read);
    RUN(globals_are_made_before_main);
}
