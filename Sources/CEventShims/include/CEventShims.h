#ifndef SWERVE_EVENT_SHIMS_H
#define SWERVE_EVENT_SHIMS_H

#include <features.h> /* before libevent's event-config.h defines _GNU_SOURCE */
#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <event2/event.h>

/* Two pieces in one segment and one system call; the array of iovec is awkward to build in Swift. */
static inline ssize_t swerve_send_two(int fd, const void *first, size_t first_count,
                                      const void *second, size_t second_count) {
    struct iovec pieces[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* errno is a macro over a function call; Swift's importer offers it, but not beside a call's result. */
static inline int swerve_errno(void) { return errno; }

#endif
