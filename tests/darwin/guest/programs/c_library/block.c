/* Blocks, as the compiler makes them, and the dispatch functions that take them. */
#include "c_library.h"

#include <Block.h>
#include <dispatch/dispatch.h>
#include <string.h>

typedef int (^operation)(int);

static operation adder(int amount)
{
    return Block_copy(^(int number) {
        return number + amount;
    });
}

static void a_copied_block_outlives_its_function(void)
{
    operation add_two = adder(2), add_five = adder(5);
    CHECK_EQUAL(add_two(40), 42);
    CHECK_EQUAL(add_five(37), 42);
    operation again = Block_copy(add_two);
    Block_release(add_two);
    CHECK_EQUAL(again(0), 2);
    Block_release(again);
    Block_release(add_five);
}

static void a_block_without_captures_is_never_freed(void)
{
    operation twice = ^(int number) {
        return 2 * number;
    };
    for (int i = 0; i < 3; i++)
        Block_release(twice);
    CHECK_EQUAL(twice(21), 42);
}

static void a_block_variable_is_shared_with_its_blocks(void)
{
    __block int sum = 0;
    operation add = ^(int number) {
        return sum += number;
    };
    add(1);
    operation copy = Block_copy(add);
    copy(10);
    add(100);
    sum += 1000;
    CHECK_EQUAL(copy(0), 1111);
    Block_release(copy);
    CHECK_EQUAL(sum, 1111);
}

static void a_block_keeps_the_blocks_it_captures(void)
{
    operation inner = adder(1);
    operation outer = Block_copy(^(int number) {
        return inner(inner(number));
    });
    Block_release(inner);
    CHECK_EQUAL(outer(40), 42);
    Block_release(outer);
}

static void a_serial_queue_keeps_the_order(void)
{
    dispatch_queue_t queue = dispatch_queue_create("c_library.serial", DISPATCH_QUEUE_SERIAL);
    __block int value = 0;
    for (int i = 1; i <= 5; i++)
        dispatch_async(queue, ^{
            value = value * 10 + i;
        });
    __block int seen = 0;
    dispatch_sync(queue, ^{
        seen = value;
    });
    CHECK_EQUAL(seen, 12345);
    CHECK_TEXT(dispatch_queue_get_label(queue), "c_library.serial");
    dispatch_release(queue);
}

static void a_group_is_waited_for(void)
{
    dispatch_queue_t queue = dispatch_get_global_queue(DISPATCH_QUEUE_PRIORITY_DEFAULT, 0);
    dispatch_group_t group = dispatch_group_create();
    int results[10] = { 0 }, *result = results;
    for (int i = 0; i < 10; i++)
        dispatch_group_async(group, queue, ^{
            result[i] = i * i;
        });
    CHECK_EQUAL(dispatch_group_wait(group, DISPATCH_TIME_FOREVER), 0);
    for (int i = 0; i < 10; i++)
        CHECK_EQUAL(results[i], i * i);

    dispatch_semaphore_t told = dispatch_semaphore_create(0);
    dispatch_group_notify(group, queue, ^{
        dispatch_semaphore_signal(told);
    });
    CHECK_EQUAL(dispatch_semaphore_wait(told, DISPATCH_TIME_FOREVER), 0);
    CHECK(dispatch_semaphore_wait(told, dispatch_time(DISPATCH_TIME_NOW, NSEC_PER_MSEC)) != 0);
    dispatch_release(told);
    dispatch_release(group);
}

static void a_block_runs_once_later_or_many_times(void)
{
    static dispatch_once_t once;
    __block int calls = 0;
    for (int i = 0; i < 3; i++)
        dispatch_once(&once, ^{
            calls++;
        });
    CHECK_EQUAL(calls, 1);

    dispatch_queue_t queue = dispatch_get_global_queue(DISPATCH_QUEUE_PRIORITY_DEFAULT, 0);
    int squares[20] = { 0 }, *square = squares;
    dispatch_apply(20, queue, ^(size_t i) {
        square[i] = (int)(i * i);
    });
    for (int i = 0; i < 20; i++)
        CHECK_EQUAL(squares[i], i * i);

    dispatch_semaphore_t done = dispatch_semaphore_create(0);
    dispatch_time_t start = dispatch_time(DISPATCH_TIME_NOW, 0);
    __block dispatch_time_t end = 0;
    dispatch_after(dispatch_time(start, 2 * NSEC_PER_MSEC), queue, ^{
        end = dispatch_time(DISPATCH_TIME_NOW, 0);
        dispatch_semaphore_signal(done);
    });
    CHECK_EQUAL(dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER), 0);
    CHECK(end >= start + 2 * NSEC_PER_MSEC);
    dispatch_release(done);
}

void block_tests(void)
{
    RUN(a_copied_block_outlives_its_function);
    RUN(a_block_without_captures_is_never_freed);
    RUN(a_block_variable_is_shared_with_its_blocks);
    RUN(a_block_keeps_the_blocks_it_captures);
    RUN(a_serial_queue_keeps_the_order);
    RUN(a_group_is_waited_for);
    RUN(a_block_runs_once_later_or_many_times);
}
