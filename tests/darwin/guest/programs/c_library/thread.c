#include "c_library.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>

static void *twice(void *number)
{
    return (void *)(2 * (long)number);
}

static void a_thread_returns_a_value(void)
{
    pthread_t threads[8];
    for (long i = 0; i < 8; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, twice, (void *)i), 0);
    for (long i = 0; i < 8; i++) {
        void *value;
        CHECK_EQUAL(pthread_join(threads[i], &value), 0);
        CHECK_EQUAL((long)value, 2 * i);
    }
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long counter;

static void *count(void *unused)
{
    for (int i = 0; i < 10000; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    return unused;
}

static void a_static_mutex_excludes(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, count, NULL), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    CHECK_EQUAL(counter, 40000);
    CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
    CHECK_EQUAL(pthread_mutex_trylock(&mutex), EBUSY);
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
}

static void mutexes_have_types(void)
{
    static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER;
    CHECK_EQUAL(pthread_mutex_lock(&recursive), 0);
    CHECK_EQUAL(pthread_mutex_lock(&recursive), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&recursive), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&recursive), 0);

    pthread_mutexattr_t attributes;
    pthread_mutex_t checked;
    CHECK_EQUAL(pthread_mutexattr_init(&attributes), 0);
    CHECK_EQUAL(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK), 0);
    CHECK_EQUAL(pthread_mutex_init(&checked, &attributes), 0);
    CHECK_EQUAL(pthread_mutex_lock(&checked), 0);
    CHECK_EQUAL(pthread_mutex_lock(&checked), EDEADLK);
    CHECK_EQUAL(pthread_mutex_unlock(&checked), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&checked), EPERM);
    CHECK_EQUAL(pthread_mutex_destroy(&checked), 0);
    CHECK_EQUAL(pthread_mutexattr_destroy(&attributes), 0);
}

static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int stage;

static void *answer(void *unused)
{
    pthread_mutex_lock(&mutex);
    while (stage != 1)
        pthread_cond_wait(&changed, &mutex);
    stage = 2;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void a_static_condition_wakes(void)
{
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, answer, NULL), 0);
    pthread_mutex_lock(&mutex);
    stage = 1;
    pthread_cond_broadcast(&changed);
    while (stage != 2)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

static void waiting_for_a_condition_times_out(void)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    const struct timespec past = { now.tv_sec - 1, 0 }, shortly = { 0, 1000000 };
    pthread_mutex_lock(&mutex);
    int absolute = pthread_cond_timedwait(&changed, &mutex, &past);
    int relative = pthread_cond_timedwait_relative_np(&changed, &mutex, &shortly);
    pthread_mutex_unlock(&mutex);
    CHECK_EQUAL(absolute, 60);
    CHECK_EQUAL(relative, 60);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int initializations;

static void initialize(void)
{
    initializations++;
}

static void *initialize_once(void *unused)
{
    pthread_once(&once, initialize);
    return unused;
}

static void once_is_once(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, initialize_once, NULL), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    CHECK_EQUAL(initializations, 1);
}

static pthread_key_t key;
static int destroyed;

static void destroy(void *value)
{
    destroyed += (int)(long)value;
}

static void *use_key(void *value)
{
    pthread_setspecific(key, value);
    return pthread_getspecific(key);
}

static void values_of_keys_are_destroyed_with_their_threads(void)
{
    pthread_t thread;
    void *value;
    CHECK_EQUAL(pthread_key_create(&key, destroy), 0);
    CHECK(pthread_getspecific(key) == NULL);
    CHECK_EQUAL(pthread_create(&thread, NULL, use_key, (void *)42), 0);
    CHECK_EQUAL(pthread_join(thread, &value), 0);
    CHECK_EQUAL((long)value, 42);
    CHECK_EQUAL(destroyed, 42);
    CHECK_EQUAL(pthread_key_delete(key), 0);
}

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static void *try_write(void *unused)
{
    (void)unused;
    return (void *)(long)pthread_rwlock_trywrlock(&lock);
}

static void a_static_lock_has_many_readers_or_one_writer(void)
{
    pthread_t thread;
    void *result;
    CHECK_EQUAL(pthread_rwlock_rdlock(&lock), 0);
    CHECK_EQUAL(pthread_rwlock_tryrdlock(&lock), 0);
    CHECK_EQUAL(pthread_create(&thread, NULL, try_write, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, &result), 0);
    CHECK_EQUAL((long)result, EBUSY);
    CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
    CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
    CHECK_EQUAL(pthread_rwlock_wrlock(&lock), 0);
    CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
}

static _Thread_local struct {
    int number;
    char text[20];
} local = { 7, "initial" };

static void *change_local(void *unused)
{
    (void)unused;
    bool initial = local.number == 7 && strcmp(local.text, "initial") == 0;
    local.number = 8;
    return (void *)(long)initial;
}

static void thread_locals_start_anew_in_each_thread(void)
{
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        void *initial;
        CHECK_EQUAL(pthread_create(&thread, NULL, change_local, NULL), 0);
        CHECK_EQUAL(pthread_join(thread, &initial), 0);
        CHECK((long)initial);
    }
    CHECK_EQUAL(local.number, 7);
}

static void *own_name(void *name)
{
    pthread_setname_np("worker");
    pthread_getname_np(pthread_self(), name, 20);
    return NULL;
}

static void a_thread_has_a_name_and_a_number(void)
{
    pthread_t thread;
    char name[20] = "";
    uint64_t mine = 0, again = 0;
    CHECK_EQUAL(pthread_create(&thread, NULL, own_name, name), 0);
    CHECK(!pthread_equal(thread, pthread_self()));
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_TEXT(name, "worker");
    CHECK_EQUAL(pthread_threadid_np(NULL, &mine), 0);
    CHECK_EQUAL(pthread_threadid_np(pthread_self(), &again), 0);
    CHECK(mine != 0 && mine == again);
    CHECK(pthread_main_np());
}

static int detached_stage;

static void *announce(void *unused)
{
    pthread_mutex_lock(&mutex);
    detached_stage = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    pthread_exit(unused);
}

static void a_thread_can_be_detached(void)
{
    pthread_t thread;
    pthread_attr_t attributes;
    size_t size = 0;
    CHECK_EQUAL(pthread_attr_init(&attributes), 0);
    CHECK_EQUAL(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED), 0);
    CHECK_EQUAL(pthread_attr_setstacksize(&attributes, 1 << 20), 0);
    CHECK_EQUAL(pthread_attr_getstacksize(&attributes, &size), 0);
    CHECK_EQUAL(size, 1 << 20);
    CHECK_EQUAL(pthread_create(&thread, &attributes, announce, NULL), 0);
    CHECK_EQUAL(pthread_attr_destroy(&attributes), 0);
    pthread_mutex_lock(&mutex);
    while (detached_stage != 1)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

void thread_tests(void)
{
    RUN(a_thread_returns_a_value);
    RUN(a_static_mutex_excludes);
    RUN(mutexes_have_types);
    RUN(a_static_condition_wakes);
    RUN(waiting_for_a_condition_times_out);
    RUN(once_is_once);
    RUN(values_of_keys_are_destroyed_with_their_threads);
    RUN(a_static_lock_has_many_readers_or_one_writer);
    RUN(thread_locals_start_anew_in_each_thread);
    RUN(a_thread_has_a_name_and_a_number);
    RUN(a_thread_can_be_detached);
}
