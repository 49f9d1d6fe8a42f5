#include "c_library.h"

#include <setjmp.h>
#include <string.h>

static jmp_buf place;

__attribute__((noinline)) static void dive(int depth, int value)
{
    if (depth == 0)
        longjmp(place, value);
    dive(depth - 1, value);
    /* After the call, so that it is none in tail position. */
    CHECK(depth < 0);
}

static void longjmp_returns_from_setjmp_again(void)
{
    volatile int turns = 0;
    int value = setjmp(place);
    turns++;
    if (value == 0)
        dive(20, 42);
    CHECK_EQUAL(value, 42);
    CHECK_EQUAL(turns, 2);
}

static void longjmp_with_0_returns_1(void)
{
    int value = setjmp(place);
    if (value == 0)
        dive(0, 0);
    CHECK_EQUAL(value, 1);
}

static void a_buffer_serves_many_jumps(void)
{
    volatile int jumps = 0;
    if (setjmp(place) < 10) {
        jumps++;
        dive(3, jumps);
    }
    CHECK_EQUAL(jumps, 10);
}

/* More values than registers that a call preserves. */
__attribute__((noinline)) static long with_many_values(long a, long b, long c, long d, long e, long f)
{
    long g = a * b, h = c * d, i = e * f, j = a + f;
    double x = a / 2.0, y = b / 4.0;
    if (setjmp(place) == 0)
        dive(5, 1);
    return a + b + c + d + e + f + g + h + i + j + (long)(x + y);
}

static void values_in_registers_survive_a_jump(void)
{
    CHECK_EQUAL(with_many_values(2, 4, 6, 8, 10, 12), 42 + 8 + 48 + 120 + 14 + 2);
}

static void underscored_and_signal_jumps_work_alike(void)
{
    jmp_buf plain;
    volatile bool jumped = false;
    if (_setjmp(plain) == 0) {
        jumped = true;
        _longjmp(plain, 5);
    }
    CHECK(jumped);

    sigjmp_buf with_mask;
    volatile int value = sigsetjmp(with_mask, 1);
    if (value == 0)
        siglongjmp(with_mask, 6);
    CHECK_EQUAL(value, 6);
}

static void a_jump_buffer_is_not_overrun(void)
{
    struct {
        jmp_buf place;
        unsigned char after[256];
    } surrounded;
    memset(&surrounded, 0xaa, sizeof surrounded);
    if (setjmp(surrounded.place) == 0)
        longjmp(surrounded.place, 1);
    for (size_t i = 0; i < sizeof surrounded.after; i++)
        CHECK_EQUAL(surrounded.after[i], 0xaa);
}

void jump_tests(void)
{
    RUN(longjmp_returns_from_setjmp_again);
    RUN(longjmp_with_0_returns_1);
    RUN(a_buffer_serves_many_jumps);
    RUN(values_in_registers_survive_a_jump);
    RUN(underscored_and_signal_jumps_work_alike);
    RUN(a_jump_buffer_is_not_overrun);
}
