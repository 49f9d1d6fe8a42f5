#include "throwing.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

void a_thread_catches_its_own_exceptions()
{
    std::atomic<int> caught = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++)
        threads.emplace_back([&caught, i] {
            for (int turn = 0; turn < 100; turn++) {
                try {
                    throw i;
                } catch (int value) {
                    caught += value == i;
                }
            }
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK_EQUAL(caught, 800);
}

void a_future_carries_an_exception_to_another_thread()
{
    std::future<int> answer = std::async(std::launch::async, []() -> int { throw std::runtime_error("in a thread"); });
    std::string what;
    try {
        static_cast<void>(answer.get());
    } catch (const std::runtime_error &error) {
        what = error.what();
    }
    CHECK_TEXT(what.c_str(), "in a thread");

    std::promise<int> promise;
    std::future<int> broken = promise.get_future();
    { std::promise<int> dropped = std::move(promise); }
    bool is_broken = false;
    try {
        static_cast<void>(broken.get());
    } catch (const std::future_error &error) {
        is_broken = error.code() == std::future_errc::broken_promise;
    }
    CHECK(is_broken);
}

void a_callback_throws_on_a_thread_of_its_own()
{
    int caught = 0;
    std::thread([&caught] {
        Owned array(CFArrayCreateMutable(kCFAllocatorDefault, 0, &kCFTypeArrayCallBacks));
        CFArrayAppendValue(array.get(), CFSTR("element"));
        try {
            CFArrayApplyFunction(
                array.get(), CFRangeMake(0, 1), [](const void *, void *) { throw 42; }, nullptr);
        } catch (int value) {
            caught = value;
        }
    }).join();
    CHECK_EQUAL(caught, 42);
}

void condition_variables_wake_and_time_out()
{
    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false, answered = false;
    std::thread thread([&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return ready; });
        answered = true;
        changed.notify_all();
    });
    {
        std::unique_lock lock(mutex);
        ready = true;
        changed.notify_all();
        changed.wait(lock, [&] { return answered; });
        CHECK(changed.wait_for(lock, std::chrono::milliseconds(1), [] { return false; }) == false);
    }
    thread.join();
}

thread_local std::string local = "initial";

void thread_locals_have_constructors()
{
    std::string seen;
    local = "changed";
    std::thread([&seen] { seen = local; }).join();
    CHECK_TEXT(seen.c_str(), "initial");
    CHECK_TEXT(local.c_str(), "changed");
}

int &counter()
{
    static int value = [] { return 5; }();
    return value;
}

void once_is_once()
{
    std::once_flag flag;
    std::atomic<int> calls = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([&] {
            std::call_once(flag, [&] { calls++; });
            counter();
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK_EQUAL(calls, 1);
    CHECK_EQUAL(counter(), 5);
    CHECK(std::thread::hardware_concurrency() > 0);
}

} // namespace

void thread_tests()
{
    RUN(a_thread_catches_its_own_exceptions);
    RUN(a_future_carries_an_exception_to_another_thread);
    RUN(a_callback_throws_on_a_thread_of_its_own);
    RUN(condition_variables_wake_and_time_out);
    RUN(thread_locals_have_constructors);
    RUN(once_is_once);
}
