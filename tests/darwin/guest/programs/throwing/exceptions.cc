#include "throwing.h"

#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <vector>

namespace {

struct Base {
    virtual ~Base() = default;
    virtual int kind() const { return 1; }
};

struct Other {
    virtual ~Other() = default;
    int number = 7;
};

struct Derived : Base, Other {
    int kind() const override { return 2; }
};

void a_handler_of_a_base_class_catches()
{
    int kind = 0, number = 0;
    try {
        throw Derived();
    } catch (const Base &base) {
        kind = base.kind();
    }
    try {
        throw Derived();
    } catch (const Other &other) {
        number = other.number;
    }
    CHECK_EQUAL(kind, 2);
    CHECK_EQUAL(number, 7);
}

void the_first_handler_that_fits_catches()
{
    std::string caught;
    for (int i = 0; i < 3; i++) {
        try {
            if (i == 0)
                throw 1;
            if (i == 1)
                throw std::invalid_argument("argument");
            throw 2.5;
        } catch (int) {
            caught += "int ";
        } catch (const std::exception &error) {
            caught += error.what();
        } catch (...) {
            caught += " any";
        }
    }
    CHECK_TEXT(caught.c_str(), "int argument any");
}

void an_exception_can_be_rethrown()
{
    std::string steps;
    try {
        try {
            throw std::runtime_error("once");
        } catch (std::exception &) {
            steps += "inner ";
            throw;
        }
    } catch (const std::runtime_error &error) {
        steps += error.what();
    }
    CHECK_TEXT(steps.c_str(), "inner once");
}

std::string whole_story(const std::exception &error)
{
    std::string story = error.what();
    try {
        std::rethrow_if_nested(error);
    } catch (const std::exception &cause) {
        story += " because " + whole_story(cause);
    }
    return story;
}

void exceptions_nest()
{
    std::string story;
    try {
        try {
            try {
                throw std::out_of_range("no element");
            } catch (...) {
                std::throw_with_nested(std::runtime_error("no item"));
            }
        } catch (...) {
            std::throw_with_nested(std::logic_error("no answer"));
        }
    } catch (const std::exception &error) {
        story = whole_story(error);
    }
    CHECK_TEXT(story.c_str(), "no answer because no item because no element");
}

void an_exception_outlives_its_handler()
{
    std::exception_ptr kept;
    try {
        throw std::runtime_error("kept");
    } catch (...) {
        kept = std::current_exception();
    }
    std::string what;
    try {
        std::rethrow_exception(kept);
    } catch (const std::exception &error) {
        what = error.what();
    }
    CHECK_TEXT(what.c_str(), "kept");
}

struct Throwing {
    explicit Throwing(int &log) : log(log), member(std::make_unique<int>(1))
    {
        log += 1;
        throw std::runtime_error("constructor");
    }
    ~Throwing() { log += 100; }
    int &log;
    std::unique_ptr<int> member;
};

void a_constructor_may_throw()
{
    int log = 0;
    bool caught = false;
    try {
        auto object = std::make_unique<Throwing>(log);
    } catch (const std::runtime_error &) {
        caught = true;
    }
    CHECK(caught);
    CHECK_EQUAL(log, 1);
}

struct Depth {
    explicit Depth(int &depth) : depth(depth) { depth++; }
    ~Depth()
    {
        if (std::uncaught_exceptions() == 1)
            depth--;
    }
    int &depth;
};

int descend(int levels, int &depth)
{
    Depth counted(depth);
    if (levels == 0)
        throw levels;
    return descend(levels - 1, depth) + 1;
}

void deep_stacks_unwind()
{
    int depth = 0;
    bool caught = false;
    try {
        descend(1000, depth);
    } catch (int) {
        caught = true;
    }
    CHECK(caught);
    CHECK_EQUAL(depth, 0);
}

/* Values that live in registers and on the stack across a call that throws. */
__attribute__((noinline)) double work(int seed)
{
    int a = seed + 1, b = seed * 2, c = seed - 3, d = seed ^ 5, e = seed << 2;
    double x = seed / 2.0;
    try {
        if (seed > 0)
            throw seed;
    } catch (int thrown) {
        return a + b + c + d + e + x + thrown;
    }
    return 0;
}

void registers_are_restored()
{
    CHECK(work(10) == 11 + 20 + 7 + 15 + 40 + 5.0 + 10);
}

void casts_and_allocations_check()
{
    bool bad_cast = false, bad_alloc = false, out_of_range = false;
    Base base;
    Base &reference = base;
    try {
        CHECK_EQUAL(dynamic_cast<Derived &>(reference).kind(), 2);
    } catch (const std::bad_cast &) {
        bad_cast = true;
    }
    try {
        volatile size_t size = static_cast<size_t>(-1) / 2;
        char *volatile memory = new char[size];
        delete[] memory;
    } catch (const std::bad_alloc &) {
        bad_alloc = true;
    }
    try {
        static_cast<void>(std::vector<int>().at(1));
    } catch (const std::out_of_range &) {
        out_of_range = true;
    }
    CHECK(bad_cast);
    CHECK(bad_alloc);
    CHECK(out_of_range);
    Derived derived;
    Base &second = derived;
    CHECK_EQUAL(dynamic_cast<Other &>(second).number, 7);
    CHECK(typeid(second) == typeid(Derived));
}

} // namespace

void exception_tests()
{
    RUN(a_handler_of_a_base_class_catches);
    RUN(the_first_handler_that_fits_catches);
    RUN(an_exception_can_be_rethrown);
    RUN(exceptions_nest);
    RUN(an_exception_outlives_its_handler);
    RUN(a_constructor_may_throw);
    RUN(deep_stacks_unwind);
    RUN(registers_are_restored);
    RUN(casts_and_allocations_check);
}
