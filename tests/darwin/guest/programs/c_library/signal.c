#include "c_library.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t received;

static void note(int number)
{
    received = number;
}

static void signals_have_the_numbers_of_darwin(void)
{
    const int signals[] = { SIGHUP,  SIGINT, SIGUSR1, SIGUSR2,  SIGCHLD, SIGTERM,
                            SIGALRM, SIGURG, SIGIO,   SIGWINCH, SIGTSTP };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        CHECK(signal(signals[i], note) == SIG_DFL);
        CHECK_EQUAL(raise(signals[i]), 0);
        CHECK_EQUAL(received, signals[i]);
        CHECK(signal(signals[i], SIG_DFL) == note);
    }
}

static void a_signal_reaches_its_handler(void)
{
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
    CHECK_EQUAL(received, SIGUSR1);
    action.sa_handler = SIG_IGN;
    CHECK_EQUAL(sigaction(SIGUSR1, &action, &old), 0);
    CHECK(old.sa_handler == note);
    CHECK_EQUAL(old.sa_flags & SA_RESTART, SA_RESTART);
    received = 0;
    CHECK_EQUAL(raise(SIGUSR1), 0);
    CHECK_EQUAL(received, 0);
    action.sa_handler = SIG_DFL;
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
}

static siginfo_t information;

static void note_information(int number, siginfo_t *about, void *context)
{
    (void)context;
    received = number;
    information = *about;
}

static void a_handler_is_told_who_sent_the_signal(void)
{
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = note_information;
    action.sa_flags = SA_SIGINFO;
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
    CHECK_EQUAL(received, SIGUSR1);
    CHECK_EQUAL(information.si_signo, SIGUSR1);
    CHECK_EQUAL(information.si_code, SI_USER);
    CHECK_EQUAL(information.si_pid, getpid());
    CHECK_EQUAL(information.si_uid, getuid());
    CHECK(signal(SIGUSR1, SIG_DFL) != SIG_ERR);
    CHECK_EQUAL(sigaction(SIGUSR1, NULL, &old), 0);
    CHECK(old.sa_handler == SIG_DFL);
}

static void blocked_signals_wait(void)
{
    sigset_t block, old, pending;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR2);
    CHECK(signal(SIGUSR2, note) == SIG_DFL);
    CHECK_EQUAL(sigprocmask(SIG_BLOCK, &block, &old), 0);
    CHECK(!sigismember(&old, SIGUSR2));
    received = 0;
    CHECK_EQUAL(raise(SIGUSR2), 0);
    CHECK_EQUAL(received, 0);
    CHECK_EQUAL(sigpending(&pending), 0);
    CHECK(sigismember(&pending, SIGUSR2));
    CHECK_EQUAL(sigprocmask(SIG_SETMASK, &old, NULL), 0);
    CHECK_EQUAL(received, SIGUSR2);
    CHECK(signal(SIGUSR2, SIG_DFL) == note);
}

static void an_alarm_interrupts_a_call(void)
{
    struct sigaction action;
    sigset_t block, old;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    CHECK_EQUAL(sigaction(SIGALRM, &action, NULL), 0);
    /* Blocked until the call, it cannot come before. */
    sigemptyset(&block);
    sigaddset(&block, SIGALRM);
    CHECK_EQUAL(sigprocmask(SIG_BLOCK, &block, &old), 0);
    CHECK_EQUAL(alarm(1), 0);
    CHECK_EQUAL(sigsuspend(&old), -1);
    CHECK_EQUAL(errno, EINTR);
    CHECK_EQUAL(received, SIGALRM);
    CHECK_EQUAL(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

static void a_write_without_a_reader_ends_a_process(void)
{
    int ends[2], status;
    CHECK_EQUAL(pipe(ends), 0);
    close(ends[0]);
    pid_t child = fork();
    if (child == 0) {
        _exit(write(ends[1], "x", 1) == 1);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
    CHECK_EQUAL(WTERMSIG(status), SIGPIPE);
    close(ends[1]);
}

static void a_write_without_a_reader_fails_if_it_may(void)
{
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    close(ends[0]);
    CHECK_EQUAL(write(ends[1], "x", 1), -1);
    CHECK_EQUAL(errno, EPIPE);
    close(ends[1]);
}

void signal_tests(void)
{
    RUN(signals_have_the_numbers_of_darwin);
    RUN(a_signal_reaches_its_handler);
    RUN(a_handler_is_told_who_sent_the_signal);
    RUN(blocked_signals_wait);
    RUN(an_alarm_interrupts_a_call);
    RUN(a_write_without_a_reader_ends_a_process);
    RUN(a_write_without_a_reader_fails_if_it_may);
}
