#define _GNU_SOURCE
#include "FaultInjector.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The order of FaultInjector.Call. */
enum call { ACCEPT, SOCKET, CONNECT, SEND, WRITEV, EPOLL_ADD, EPOLL_WAIT, LOOK_UP, HOLD_LOOK_UP, HELD_ACCEPT, HELD_WRITE, HELD_OPEN, CALLS };

struct plan {
    _Atomic long long code;
    _Atomic long long remaining;
    _Atomic long long failed;
};

static struct plan nothing[CALLS];
static struct plan *plans = nothing;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv(FAULT_INJECTOR_VARIABLE);
    if (!path) return;
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0 || ftruncate(descriptor, sizeof nothing) != 0) abort();
    void *memory = mmap(NULL, sizeof nothing, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (memory == MAP_FAILED) abort();
    plans = memory;
}

/* The error number this call is to fail with, or 0. */
static int fault(enum call call) {
    struct plan *plan = &plans[call];
    long long left = atomic_load(&plan->remaining);
    while (left > 0) {
        if (atomic_compare_exchange_weak(&plan->remaining, &left, left - 1)) {
            atomic_fetch_add(&plan->failed, 1);
            return (int)atomic_load(&plan->code);
        }
    }
    return 0;
}

/* Keeps this call from returning until its code is zero, if it is one of those that are to be held. */
static void hold(enum call call) {
    int before = errno;
    if (fault(call)) {
        while (atomic_load(&plans[call].code)) usleep(5000);
    }
    errno = before;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL(call)                     \
    do {                               \
        int code = fault(call);        \
        if (code) {                    \
            errno = code;              \
            return -1;                 \
        }                              \
    } while (0)

int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
    FAIL(ACCEPT);
    hold(HELD_ACCEPT);
    return REAL(accept4)(listener, address, length, flags);
}

int socket(int domain, int type, int protocol) {
    if (domain == AF_INET || domain == AF_INET6) FAIL(SOCKET);
    return REAL(socket)(domain, type, protocol);
}

int connect(int descriptor, const struct sockaddr *address, socklen_t length) {
    if (address->sa_family == AF_INET || address->sa_family == AF_INET6) FAIL(CONNECT);
    return REAL(connect)(descriptor, address, length);
}

ssize_t send(int descriptor, const void *bytes, size_t count, int flags) {
    FAIL(SEND);
    return REAL(send)(descriptor, bytes, count, flags);
}

ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags) {
    FAIL(SEND);
    return REAL(sendmsg)(descriptor, message, flags);
}

/* A disk that hangs: pipes and sockets are not held. */
ssize_t write(int descriptor, const void *bytes, size_t count) {
    struct stat status;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) hold(HELD_WRITE);
    return REAL(write)(descriptor, bytes, count);
}

/* Files that would be made if they did not exist: of all that a process opens only its logs. */
static int open_file(const char *name, const char *path, int flags, mode_t mode) {
    if (flags & O_CREAT) hold(HELD_OPEN);
    return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name))(path, flags, mode);
}

#define OPEN(name)                                      \
    int name(const char *path, int flags, ...) {        \
        va_list rest;                                   \
        va_start(rest, flags);                          \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                   \
        return open_file(#name, path, flags, mode);     \
    }

OPEN(open)
OPEN(open64)

ssize_t writev(int descriptor, const struct iovec *pieces, int count) {
    FAIL(WRITEV);
    return REAL(writev)(descriptor, pieces, count);
}

int epoll_ctl(int poller, int operation, int descriptor, struct epoll_event *event) {
    if (operation == EPOLL_CTL_ADD) FAIL(EPOLL_ADD);
    return REAL(epoll_ctl)(poller, operation, descriptor, event);
}

int epoll_wait(int poller, struct epoll_event *events, int count, int timeout) {
    FAIL(EPOLL_WAIT);
    return REAL(epoll_wait)(poller, events, count, timeout);
}

/* Fails with the code itself, as getaddrinfo does. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    int code = fault(LOOK_UP);
    if (code) return code;
    /* A name of the tests' own: it is held as long as the plan says, and stands for the loopback then. */
    if (host && strncmp(host, "held-", 5) == 0) {
        if (fault(HOLD_LOOK_UP)) {
            while (atomic_load(&plans[HOLD_LOOK_UP].remaining) > 0) usleep(10000);
        }
        host = "127.0.0.1";
    }
    return REAL(getaddrinfo)(host, service, hints, result);
}
