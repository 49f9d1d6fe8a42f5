#pragma once

#include "../check.h"

#include <CoreFoundation/CoreFoundation.h>
#include <utility>

void callback_tests();
void exception_tests();
void thread_tests();
void library_tests();

/* Owns one reference to an object. */
template <typename Ref> class Owned {
public:
    explicit Owned(Ref ref) : ref(ref) {}
    Owned(Owned &&other) noexcept : ref(std::exchange(other.ref, nullptr)) {}
    Owned(const Owned &) = delete;
    Owned &operator=(const Owned &) = delete;
    Owned &operator=(Owned &&) = delete;

    ~Owned()
    {
        if (ref)
            CFRelease(ref);
    }

    Ref get() const
    {
        return ref;
    }

private:
    Ref ref;
};

template <typename Ref> Owned(Ref) -> Owned<Ref>;
