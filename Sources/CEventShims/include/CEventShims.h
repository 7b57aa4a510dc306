#ifndef SWERVE_EVENT_SHIMS_H
#define SWERVE_EVENT_SHIMS_H

#include <features.h> /* before libevent's event-config.h defines _GNU_SOURCE */
#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <event2/event.h>

/* Two pieces in one segment and one system call; the array of iovec is awkward to build in Swift. */
static inline ssize_t swerve_send_two(int fd, const void *first, size_t first_count,
                                      const void *second, size_t second_count, int flags) {
    struct iovec pieces[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    return sendmsg(fd, &message, flags);
}

/* SOCK_* are an enum and macros at once, which Swift imports differently beside libevent's headers. */
static inline int swerve_tcp_socket(int family) {
    int on = 1;
    int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0) {
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return descriptor;
}

/* IPPROTO_IPV6 is an enum and a macro at once. */
static inline int swerve_set_v6_only(int descriptor, int on) {
    return setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
}

/* eventfd is not part of Swift's Glibc module. */
static inline int swerve_eventfd(int is_blocking) {
    return eventfd(0, EFD_CLOEXEC | (is_blocking ? 0 : EFD_NONBLOCK));
}

/* The loop that runs on this thread; Swift has no thread-local variables. */
void swerve_set_current_loop(void *loop);
void *swerve_current_loop(void);

/* The number of processors the process may run on; cpu_set_t is made of macros. */
int swerve_allowed_processors(void);

#endif
