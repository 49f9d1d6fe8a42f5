/* What clang calls of its own accord on Darwin. */
#include "c_library.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

__attribute__((noinline)) static void fill(uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] = 0x01020304;
}

static void memory_is_filled_with_a_pattern(void)
{
    uint32_t words[40] = { 0 };
    fill(words, 39);
    for (int i = 0; i < 39; i++)
        CHECK_EQUAL(words[i], 0x01020304);
    CHECK_EQUAL(words[39], 0);

    char text[] = "..........";
    memset_pattern4(text, "abcd", 10);
    CHECK_TEXT(text, "abcdabcdab");
    memset_pattern8(text, "ABCDEFGH", 9);
    CHECK_TEXT(text, "ABCDEFGHAb");
    memset_pattern16(text, "0123456789abcdef", 4);
    CHECK_TEXT(text, "0123EFGHAb");
}

__attribute__((noinline)) static double sine_and_cosine(double angle)
{
    return sin(angle) + 2 * cos(angle);
}

__attribute__((noinline)) static float float_sine_and_cosine(float angle)
{
    return sinf(angle) + 2 * cosf(angle);
}

static void sine_and_cosine_come_from_one_call(void)
{
    CHECK(sine_and_cosine(0) == 2);
    CHECK(fabs(sine_and_cosine(M_PI_2) - 1) < 1e-12);
    CHECK(float_sine_and_cosine(0) == 2);
    CHECK(fabsf(float_sine_and_cosine((float)M_PI_2) - 1) < 1e-6f);
}

static void powers_of_ten_come_from_a_call_of_their_own(void)
{
    volatile double exponent = 3;
    CHECK(pow(10, exponent) == 1000);
    volatile float small = 2;
    CHECK(powf(10, small) == 100);
}

__attribute__((noinline)) static int sum_of_many(int seed)
{
    volatile int values[5000];
    for (int i = 0; i < 5000; i++)
        values[i] = seed;
    int sum = 0;
    for (int i = 0; i < 5000; i++)
        sum += values[i];
    return sum;
}

static void a_frame_may_be_larger_than_a_page(void)
{
    CHECK_EQUAL(sum_of_many(3), 15000);
}

static void wide_integers_are_divided(void)
{
    volatile unsigned __int128 wide = (unsigned __int128)1 << 100, divisor = 1000000007;
    CHECK_EQUAL((uint64_t)(wide % divisor), 976371285);
    CHECK_EQUAL((uint64_t)((wide / divisor) >> 64), 68);
}

static int constructed = 0;

__attribute__((constructor)) static void construct(void)
{
    constructed = 1;
}

static void constructors_run_before_main(void)
{
    CHECK_EQUAL(constructed, 1);
}

void compiler_tests(void)
{
    RUN(memory_is_filled_with_a_pattern);
    RUN(sine_and_cosine_come_from_one_call);
    RUN(powers_of_ten_come_from_a_call_of_their_own);
    RUN(a_frame_may_be_larger_than_a_page);
    RUN(wide_integers_are_divided);
    RUN(constructors_run_before_main);
}
